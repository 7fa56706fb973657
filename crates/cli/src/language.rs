//! The language in which results are told.
//!
//! Numbers and levels are taken by value or by reference: templates have only references.

use std::borrow::Borrow;

use clap::ValueEnum;
use khien_sigma::rule::{About, Level};

/// Vietnamese or English.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// Vietnamese
    #[default]
    Vi,
    /// English
    En,
}

impl Language {
    /// Picks one of two texts.
    pub(crate) fn pick<'t>(self, vi: &'t str, en: &'t str) -> &'t str {
        match self {
            Self::Vi => vi,
            Self::En => en,
        }
    }

    /// The name of a level.
    pub(crate) fn level(self, level: impl Borrow<Level>) -> &'static str {
        match (self, *level.borrow()) {
            (Self::En, level) => level.name(),
            (Self::Vi, Level::Informational) => "thông tin",
            (Self::Vi, Level::Low) => "thấp",
            (Self::Vi, Level::Medium) => "trung bình",
            (Self::Vi, Level::High) => "cao",
            (Self::Vi, Level::Critical) => "nghiêm trọng",
        }
    }

    /// The title of a rule: the Vietnamese one where the rule has it and it is asked for.
    pub(crate) fn title(self, about: &About) -> &str {
        match (self, &about.title_vi) {
            (Self::Vi, Some(title)) => title,
            _ => &about.title,
        }
    }

    /// A whole number with marks between thousands.
    pub(crate) fn number(self, number: impl Borrow<u64>) -> String {
        let digits = number.borrow().to_string();
        let mut out = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                out.push(if self == Self::Vi { '.' } else { ',' });
            }
            out.push(digit);
        }
        out
    }

    /// A number with one decimal place.
    pub(crate) fn decimal(self, number: f64) -> String {
        let text = format!("{number:.1}");
        if self == Self::Vi { text.replace('.', ",") } else { text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_language_does() {
        assert_eq!(Language::Vi.number(1_234_567_u64), "1.234.567");
        assert_eq!(Language::En.number(999_u64), "999");
        assert_eq!(Language::En.number(1000_u64), "1,000");
        assert_eq!(Language::Vi.decimal(2.25), "2,2");
    }
}
