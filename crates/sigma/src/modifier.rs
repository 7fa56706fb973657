//! What the words after a field name do to its values.
//!
//! `field|mod1|mod2: value` comes in as the list of words and one value; [`Matcher`]s come out.
//! The words are read into a [`Chain`] first, so that what cannot stand together is refused with
//! a reason. To add a modifier: a name in [`Chain::read`], its effect in `Chain::apply` (text)
//! or `Chain::typed` (other types), a test at the end of this file and one in
//! `tests/it/modifiers.rs`.

use khien_event::yaml::Node;
use regex_syntax::hir::{Class, Hir, HirKind};
use regex_syntax::utf8::Utf8Sequences;

use crate::encoding::{self, Utf16};
use crate::fold::{Fold, fold_owned};
use crate::pattern::Pattern;
use crate::rule::{Cidr, Comparison, Matcher, Number, Position, TimePart};

/// Looks up the values of a placeholder (`%name%`).
pub type Placeholders<'p> = &'p dyn Fn(&str) -> Vec<String>;

/// The modifiers of one field, put in order.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each stands for one word that is there or not")]
pub struct Chain {
    /// All values must match.
    pub all: bool,
    /// The outcome is turned round.
    pub negate: bool,
    position: Option<Position>,
    cased: bool,
    windash: bool,
    expand: bool,
    encodings: Vec<Encoding>,
    kind: Option<Type>,
    comparison: Option<Comparison>,
    flags: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Wide(Utf16),
    Base64,
    Base64Offset,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Regex,
    Cidr,
    Exists,
    FieldRef,
    Time(TimePart),
}

/// All modifiers of the specification.
pub const NAMES: [&str; 31] = [
    "all",
    "startswith",
    "endswith",
    "contains",
    "exists",
    "cased",
    "neq",
    "windash",
    "re",
    "i",
    "m",
    "s",
    "base64",
    "base64offset",
    "utf16le",
    "utf16be",
    "utf16",
    "wide",
    "lt",
    "lte",
    "gt",
    "gte",
    "minute",
    "hour",
    "day",
    "week",
    "month",
    "year",
    "cidr",
    "expand",
    "fieldref",
];

impl Chain {
    /// Reads the words after the field name.
    pub fn read<'w>(words: impl Iterator<Item = &'w str>) -> Result<Self, String> {
        let mut chain = Self::default();
        for word in words {
            match word {
                "all" => chain.all = true,
                "neq" => chain.negate = true,
                "cased" => chain.cased = true,
                "windash" => chain.windash = true,
                "expand" => chain.expand = true,
                "startswith" => chain.place(Position::Start)?,
                "endswith" => chain.place(Position::End)?,
                "contains" => chain.place(Position::Anywhere)?,
                "wide" | "utf16le" => chain.encode(Encoding::Wide(Utf16::Le))?,
                "utf16be" => chain.encode(Encoding::Wide(Utf16::Be))?,
                "utf16" => chain.encode(Encoding::Wide(Utf16::Bom))?,
                "base64" => chain.encode(Encoding::Base64)?,
                "base64offset" => chain.encode(Encoding::Base64Offset)?,
                "re" => chain.kind(Type::Regex)?,
                "i" | "m" | "s" if chain.kind == Some(Type::Regex) => chain.flags.push_str(word),
                "i" | "m" | "s" => return Err(format!("«{word}» stands only after «re»")),
                "cidr" => chain.kind(Type::Cidr)?,
                "exists" => chain.kind(Type::Exists)?,
                "fieldref" => chain.kind(Type::FieldRef)?,
                "minute" => chain.kind(Type::Time(TimePart::Minute))?,
                "hour" => chain.kind(Type::Time(TimePart::Hour))?,
                "day" => chain.kind(Type::Time(TimePart::Day))?,
                "week" => chain.kind(Type::Time(TimePart::Week))?,
                "month" => chain.kind(Type::Time(TimePart::Month))?,
                "year" => chain.kind(Type::Time(TimePart::Year))?,
                "lt" => chain.compare(Comparison::Less)?,
                "lte" => chain.compare(Comparison::LessOrEqual)?,
                "gt" => chain.compare(Comparison::Greater)?,
                "gte" => chain.compare(Comparison::GreaterOrEqual)?,
                unknown => return Err(unknown_modifier(unknown)),
            }
        }
        chain.check()?;
        Ok(chain)
    }

    fn place(&mut self, position: Position) -> Result<(), String> {
        if self.position.replace(position).is_some() {
            return Err("only one of «contains», «startswith», «endswith» can stand here".into());
        }
        Ok(())
    }

    fn encode(&mut self, encoding: Encoding) -> Result<(), String> {
        let base64 = |e: &Encoding| matches!(e, Encoding::Base64 | Encoding::Base64Offset);
        if self.encodings.iter().any(base64) {
            return Err("nothing can be encoded after base64".into());
        }
        self.encodings.push(encoding);
        Ok(())
    }

    fn kind(&mut self, kind: Type) -> Result<(), String> {
        if self.kind.replace(kind).is_some() {
            return Err("two modifiers that each give the value another type".into());
        }
        Ok(())
    }

    fn compare(&mut self, comparison: Comparison) -> Result<(), String> {
        if self.comparison.replace(comparison).is_some() {
            return Err("only one of «lt», «lte», «gt», «gte» can stand here".into());
        }
        Ok(())
    }

    fn check(&self) -> Result<(), String> {
        let text_only = self.windash || !self.encodings.is_empty();
        let typed = self.kind.is_some() || self.comparison.is_some();
        if typed && text_only {
            return Err("encodings and «windash» need a text value".into());
        }
        match self.kind {
            Some(Type::FieldRef | Type::Regex) | None => {}
            Some(_) if self.position.is_some() => {
                return Err("«contains», «startswith» and «endswith» need a text value".into());
            }
            Some(_) => {}
        }
        match self.kind {
            None | Some(Type::Time(_)) => {}
            Some(_) if self.comparison.is_some() => {
                return Err("«lt», «lte», «gt», «gte» need a number".into());
            }
            Some(_) => {}
        }
        if self.encodings.contains(&Encoding::Wide(Utf16::Bom)) && self.encodings.len() == 1 {
            return Err(
                "«utf16» has a byte order mark that no text holds: base64 must follow".into()
            );
        }
        Ok(())
    }

    /// Turns one value into what is tested.
    pub fn matchers(
        &self,
        value: &Node<'_>,
        placeholders: Placeholders<'_>,
    ) -> Result<Vec<Matcher>, String> {
        let Some(text) = value.as_str() else {
            return Err("a value is a text, a number, true, false or null".into());
        };
        if self.kind.is_none() && self.comparison.is_none() && value.is_null() {
            return Ok(vec![Matcher::Null]);
        }
        if self.expand {
            let expanded = encoding::expand(text, placeholders)?;
            let mut matchers = Vec::new();
            for text in expanded {
                matchers.extend(self.of_text(&text, false)?);
            }
            return Ok(matchers);
        }
        self.of_text(text, value.is_plain())
    }

    fn of_text(&self, text: &str, plain: bool) -> Result<Vec<Matcher>, String> {
        if let Some(matcher) = self.typed(text)? {
            return Ok(vec![matcher]);
        }
        let untouched = self.position.is_none() && self.encodings.is_empty() && !self.windash;
        if plain
            && untouched
            && !self.cased
            && let Some(number) = Number::parse(text).filter(|_| is_yaml_number(text))
        {
            return Ok(vec![Matcher::Number(number)]);
        }
        self.apply(text)
    }

    fn typed(&self, text: &str) -> Result<Option<Matcher>, String> {
        let number = || Number::parse(text).ok_or_else(|| format!("«{text}» is not a number"));
        let comparison = self.comparison;
        Ok(Some(match self.kind {
            Some(Type::Regex) => {
                let flags = &self.flags;
                let source =
                    if flags.is_empty() { text.to_owned() } else { format!("(?{flags}){text}") };
                check_regex(&source)?;
                Matcher::Regex(source)
            }
            Some(Type::Cidr) => Matcher::Cidr(
                Cidr::parse(text)
                    .ok_or_else(|| format!("«{text}» is not a network such as 192.0.2.0/24"))?,
            ),
            Some(Type::Exists) => match text.to_ascii_lowercase().as_str() {
                "true" | "yes" => Matcher::Exists(true),
                "false" | "no" => Matcher::Exists(false),
                _ => return Err("«exists» takes true or false".into()),
            },
            Some(Type::FieldRef) => Matcher::FieldRef {
                field: text.to_owned(),
                position: self.position.unwrap_or(Position::Equal),
                fold: if self.cased { Fold::None } else { Fold::Case },
            },
            Some(Type::Time(part)) => {
                Matcher::TimePart(part, comparison.unwrap_or(Comparison::Equal), number()?)
            }
            None => match comparison {
                Some(comparison) => Matcher::Compare(comparison, number()?),
                None => return Ok(None),
            },
        }))
    }

    /// Text: encodings first, then the place, then folding.
    fn apply(&self, text: &str) -> Result<Vec<Matcher>, String> {
        let patterns = if self.encodings.is_empty() {
            vec![Pattern::parse(text)]
        } else {
            let pattern = Pattern::parse(text);
            let Some(literal) = pattern.as_literal() else {
                return Err(
                    "a text with wildcards cannot be encoded; escape `*` and `?` with a backslash"
                        .into(),
                );
            };
            self.encoded(literal)?
        };
        let fold = match (self.cased, self.windash) {
            (true, true) => return Err("«cased» and «windash» cannot stand together".into()),
            (true, false) => Fold::None,
            (false, true) => Fold::Dash,
            (false, false) => Fold::Case,
        };
        let offset = self.encodings.contains(&Encoding::Base64Offset);
        let position = self.position.or(offset.then_some(Position::Anywhere));
        Ok(patterns
            .into_iter()
            .map(|pattern| match position {
                None | Some(Position::Equal) => pattern,
                Some(Position::Start) => pattern.starts_with(),
                Some(Position::End) => pattern.ends_with(),
                Some(Position::Anywhere) => pattern.contains(),
            })
            .map(|pattern| Matcher::Text {
                pattern: pattern.map(|literal| fold_owned(fold, literal)).into(),
                fold,
            })
            .collect())
    }

    fn encoded(&self, literal: &str) -> Result<Vec<Pattern>, String> {
        let mut bytes = literal.as_bytes().to_vec();
        for encoding in &self.encodings {
            match encoding {
                Encoding::Wide(form) => {
                    let text =
                        String::from_utf8(bytes).map_err(|_| "only text can become UTF-16")?;
                    bytes = encoding::utf16(&text, *form);
                }
                Encoding::Base64 => return Ok(vec![Pattern::literal(&encoding::base64(&bytes))]),
                Encoding::Base64Offset => {
                    let shifts = (0..3).map(|shift| encoding::base64_at(&bytes, shift));
                    return Ok(shifts.map(|text| Pattern::literal(&text)).collect());
                }
            }
        }
        String::from_utf8(bytes).map(|text| vec![Pattern::literal(&text)]).map_err(|_| {
            "this text has no UTF-16 form that a log can hold; base64 must follow".into()
        })
    }
}

/// Whether YAML 1.2 reads a plain scalar as a number.
fn is_yaml_number(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E'))
        && text.bytes().any(|b| b.is_ascii_digit())
}

/// Compiling takes a hundred times longer than parsing, and what is small enough cannot fail at it;
/// it is compiled when an event asks for it.
fn check_regex(source: &str) -> Result<(), String> {
    let hir = regex_syntax::Parser::new()
        .parse(source)
        .map_err(|error| regex_fault(&error.to_string()))?;
    if automaton_bytes(&hir) > REGEX_SIZE {
        regex::Regex::new(source).map_err(|error| regex_fault(&error.to_string()))?;
    }
    Ok(())
}

/// Compiling refuses automata of more than 10 MiB; below this it is certain to succeed.
const REGEX_SIZE: usize = 9 << 20;

/// At least what the automaton of a regular expression takes in bytes, read forward or backward.
fn automaton_bytes(hir: &Hir) -> usize {
    // A state takes 32 bytes, and states that only join others come with each part.
    const STATE: usize = 64;
    let sum = |parts: &[Hir]| parts.iter().map(automaton_bytes).fold(STATE, usize::saturating_add);
    let bytes = match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => literal.0.len() * STATE,
        HirKind::Class(Class::Bytes(class)) => class.ranges().len() * STATE,
        HirKind::Class(Class::Unicode(class)) => class
            .ranges()
            .iter()
            .flat_map(|range| Utf8Sequences::new(range.start(), range.end()))
            // For each byte a state with one way out, and a way to the first of them.
            .map(|sequence| sequence.len() * 40 + 4)
            .sum(),
        HirKind::Capture(capture) => {
            let name = capture.name.as_deref().map_or(0, str::len);
            automaton_bytes(&capture.sub).saturating_add(2 * STATE + 2 * name)
        }
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min.saturating_add(1));
            automaton_bytes(&repetition.sub)
                .saturating_add(2 * STATE)
                .saturating_mul(times as usize)
        }
        HirKind::Concat(parts) | HirKind::Alternation(parts) => sum(parts),
    };
    bytes.saturating_add(2 * STATE)
}

fn regex_fault(text: &str) -> String {
    let reason = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    format!(
        "this regular expression cannot be used ({}); look-around and back-references are not \
         part of Sigma",
        reason.trim().trim_start_matches("error: ")
    )
}

fn unknown_modifier(word: &str) -> String {
    let near = NAMES.iter().find(|name| {
        let shared =
            name.bytes().zip(word.bytes()).take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count();
        shared >= 3 || name.eq_ignore_ascii_case(word)
    });
    match near {
        Some(near) => format!("unknown modifier «{word}»; «{near}» was meant?"),
        None => format!("unknown modifier «{word}»"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(words: &str) -> Result<Chain, String> {
        Chain::read(words.split('|').filter(|word| !word.is_empty()))
    }

    #[test]
    fn every_name_is_read() {
        for name in NAMES {
            let words =
                if matches!(name, "i" | "m" | "s") { format!("re|{name}") } else { name.into() };
            let words = if name == "utf16" { "utf16|base64".into() } else { words };
            assert!(chain(&words).is_ok(), "{name}");
        }
    }

    /// What is not tried at loading compiles when it is needed.
    fn holds_what_it_promises(source: &str) {
        let Ok(hir) = regex_syntax::Parser::new().parse(source) else { return };
        if automaton_bytes(&hir) <= REGEX_SIZE {
            assert!(regex::Regex::new(source).is_ok(), "{source}");
        }
    }

    #[test]
    fn regexes_that_may_be_too_large_are_tried_at_loading() {
        for atom in
            [r"\w", r"\d", r"(?:\pL|x)", r"(?i)[a-z]", ".", r"(?:ab|[^é])", r"(x\b)", "(?-u:[a-f])"]
        {
            // The largest count that is not tried.
            let below = (1..1000)
                .rev()
                .map(|count| format!("{atom}{{1,{count}}}"))
                .find(|source| automaton_bytes(&regex_syntax::parse(source).unwrap()) <= REGEX_SIZE)
                .unwrap();
            holds_what_it_promises(&below);
        }
        assert!(check_regex(r"\w{1,64}").is_ok());
        for huge in [r"\w{2000}", "a{1000}{1000}", &r"\pL{5}".repeat(90)] {
            assert!(check_regex(huge).is_err(), "{huge}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_regex_is_tried_or_small(
            source in r"(([\\]w|[\\]pL|[(][?]i:k[)]|[.]|a|é|[\[][\^]b[\]]|[\\]b)([*]|[{]1,9[0-9]?[}]|[{]2,[}]|[|])?){1,6}",
        ) {
            holds_what_it_promises(&source);
        }
    }

    #[test]
    fn what_cannot_stand_together_is_refused() {
        for (words, reason) in [
            ("contains|startswith", "only one of"),
            ("i", "only after"),
            ("base64|wide", "after base64"),
            ("re|cidr", "another type"),
            ("lt|gt", "only one of"),
            ("cidr|contains", "need a text"),
            ("re|gt", "need a number"),
            ("utf16", "byte order mark"),
            ("windash|re", "need a text"),
            ("contain", "«contains» was meant"),
            ("zzz", "unknown modifier"),
        ] {
            let fault = chain(words).unwrap_err();
            assert!(fault.contains(reason), "{words}: {fault}");
        }
    }
}
