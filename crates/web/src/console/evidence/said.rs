//! What a record says, in words: fields by the labels that the form of attestation has, values as people
//! write them, agencies and systems by name.
//!
//! In goes a record's content or the head of it, out come texts; what no text is known for is shown as it
//! stands, and the page of a record shows the names that programs use as well.

use std::collections::BTreeMap;
use std::sync::Arc;

use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::evidence::About;
use khien_domain::evidence::content::{Content, parse_moment};
use khien_domain::evidence::kinds::{Field, Kind, day};

use crate::console::Console;
use crate::console::attest;
use crate::console::error::PageError;
use crate::console::frame::Frame;
use crate::console::register::{self, Choice};
use crate::console::visit::Visiting;

/// What the agencies and systems that whoever visits may see are called.
#[derive(Default)]
pub(in crate::console) struct Names {
    agencies: BTreeMap<AgencyCode, String>,
    systems: BTreeMap<SystemCode, String>,
}

impl Names {
    /// The names of all that may be seen.
    pub(in crate::console) async fn of(
        console: &Arc<Console>,
        visiting: &Visiting,
        f: &Frame,
    ) -> Result<Self, PageError> {
        let systems = register::systems(console, visiting).await?;
        Ok(Self {
            agencies: register::agency_names(console, visiting, f).await?,
            systems: systems.into_iter().map(|system| (system.code, system.name)).collect(),
        })
    }

    /// The agencies to choose from.
    pub(in crate::console) fn agency_choice(&self, f: &Frame, chosen: &str) -> Choice {
        register::agency_choice(f, &self.agencies, chosen)
    }

    /// The agency of a code that somebody typed, if it is to be seen.
    pub(in crate::console) fn known_agency(&self, text: &str) -> Option<AgencyCode> {
        AgencyCode::new(text).ok().filter(|code| self.agencies.contains_key(code))
    }

    /// The system of a code that somebody typed, if it is to be seen.
    pub(in crate::console) fn known_system(&self, text: &str) -> Option<SystemCode> {
        SystemCode::new(text).ok().filter(|code| self.systems.contains_key(code))
    }

    /// What an agency is called; its code if it is not to be seen.
    pub(in crate::console) fn agency(&self, code: &AgencyCode) -> String {
        self.agencies.get(code).cloned().unwrap_or_else(|| code.to_string())
    }

    /// What a system is called; its code if it is not to be seen.
    pub(in crate::console) fn system(&self, code: &SystemCode) -> String {
        self.systems.get(code).cloned().unwrap_or_else(|| code.to_string())
    }

    /// What something is called that may be the code of an agency or a system.
    pub(in crate::console) fn any(&self, code: &str) -> Option<String> {
        let agency = AgencyCode::new(code).ok().and_then(|code| self.agencies.get(&code));
        let system = || SystemCode::new(code).ok().and_then(|code| self.systems.get(&code));
        agency.or_else(system).cloned()
    }

    /// What a record is about within its kind, or what it was known from, in words.
    pub(in crate::console) fn thing(&self, f: &Frame, text: &str) -> String {
        if let Some(name) = self.any(text) {
            return name;
        }
        let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
        match (first, rest) {
            (_, "") if f.has_word("evidence-thing", first) => f.word("evidence-thing", first),
            (_, "") => f.word_or_name("attest-word", first),
            ("agency" | "system", code) => self.any(code).unwrap_or_else(|| f.s(code)),
            (kind, number) if f.has_word("evidence-numbered", kind) => {
                let name = f.word("evidence-numbered", kind);
                format!("{name} {}", f.s(number))
            }
            (code, rest) => match self.any(code) {
                Some(name) => format!("{name} · {}", f.s(rest)),
                None => f.s(text),
            },
        }
    }

    /// The same for the head of a record; nothing where it is about its agency or system alone.
    pub(in crate::console) fn subject(&self, f: &Frame, about: &About) -> String {
        self.thing(f, &about.subject)
    }
}

/// A field of a record.
pub(in crate::console) struct Said {
    /// What it is called.
    pub(in crate::console) label: String,
    /// What it says.
    pub(in crate::console) value: String,
}

/// The fields of a record in words, in the order of their labels' names; objects are left out.
pub(in crate::console) fn fields(f: &Frame, kind: Option<&Kind>, content: &Content) -> Vec<Said> {
    let Content::Map(values) = content else { return Vec::new() };
    let said = values.iter().filter_map(|(name, value)| {
        let field = kind.and_then(|kind| kind.fields.get(name)).map(|(field, _)| field);
        let label = kind.map_or_else(|| name.clone(), |kind| attest::label(f, &kind.name, name));
        Some(Said { label, value: in_words(f, name, field, value)? })
    });
    said.collect()
}

/// What a content says, in a line.
pub(in crate::console) fn line(f: &Frame, kind: Option<&Kind>, content: &Content) -> String {
    let said = fields(f, kind, content).into_iter();
    said.map(|Said { label, value }| format!("{label}: {value}")).collect::<Vec<_>>().join(" · ")
}

fn in_words(f: &Frame, name: &str, field: Option<&Field>, value: &Content) -> Option<String> {
    Some(match (field, value) {
        (_, Content::Bool(yes)) => f.t(if *yes { "evidence-yes" } else { "evidence-no" }),
        // A year is no amount.
        (_, Content::Int(year)) if name == "year" => year.to_string(),
        (_, Content::Int(value)) => match usize::try_from(*value) {
            Ok(value) => f.count(value),
            Err(_) => value.to_string(),
        },
        (Some(Field::Day), Content::Text(text)) => match day(text) {
            Some(day) => f.date(&day),
            None => text.clone(),
        },
        (Some(Field::Moment), Content::Text(text)) => match parse_moment(text) {
            Some(at) => f.moment(&at),
            None => text.clone(),
        },
        (Some(Field::Word(_)), Content::Text(word)) => f.word_or_name("attest-word", word),
        (_, Content::Text(text)) => text.clone(),
        (_, Content::List(_) | Content::Map(_)) => return None,
    })
}

#[cfg(test)]
mod tests {
    use khien_domain::account::Language;
    use khien_domain::evidence::kinds::Kinds;

    use super::*;
    use crate::console::words::Words;

    #[test]
    fn every_field_and_every_word_of_evidence_has_a_text_in_both_languages() {
        let kinds = Kinds::parse(Kinds::BUILT_IN).unwrap();
        for language in [Language::Vietnamese, Language::English] {
            let words = Words::new(language);
            let dashed = |text: &str| text.replace(['_', '.'], "-");
            for kind in kinds.all() {
                for (name, (field, _)) in &kind.fields {
                    let own = format!("attest-field-{}-{}", dashed(&kind.name), dashed(name));
                    let shared = format!("attest-field-{}", dashed(name));
                    assert!(words.has(&own) || words.has(&shared), "{}: {name}", kind.name);
                    let Field::Word(said) = field else { continue };
                    for word in said {
                        assert!(words.has(&format!("attest-word-{}", dashed(word))), "{word}");
                    }
                }
            }
        }
    }
}
