//! What leaks of each kind want: `packs/leak.yml`.

use std::sync::LazyLock;

use khien_event::yaml::{self, Node};

use super::LeakKind;
use crate::account::Language;
use crate::register_pack::Named;

/// What a leak of a kind wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// What the kind is called.
    pub named: Named,
    /// Whether number and day of the document have to be given.
    pub number: bool,
    /// Whether it is closed only after it was reported.
    pub report: bool,
    /// To whom it is reported, in Vietnamese.
    report_vi: String,
    /// To whom it is reported, in English.
    report_en: String,
}

impl Wanted {
    /// To whom it is reported.
    pub fn report_to(&self, language: Language) -> &str {
        match language {
            Language::Vietnamese => &self.report_vi,
            Language::English => &self.report_en,
        }
    }
}

/// The pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeakPack {
    /// Where the values come from.
    pub source: String,
    /// What is to be known about them.
    pub note: String,
    /// In the order of [`LeakKind::ALL`].
    kinds: [Wanted; 3],
}

/// A pack that does not say what is needed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("leak pack: {0}")]
pub struct LeakPackError(String);

impl LeakPack {
    /// The pack that comes with the program.
    pub const BUILT_IN: &str = include_str!("../../../../packs/leak.yml");

    /// The pack that comes with the program.
    pub fn built_in() -> Result<&'static Self, LeakPackError> {
        static PACK: LazyLock<Result<LeakPack, LeakPackError>> =
            LazyLock::new(|| LeakPack::parse(LeakPack::BUILT_IN));
        PACK.as_ref().map_err(Clone::clone)
    }

    /// Reads a pack.
    pub fn parse(text: &str) -> Result<Self, LeakPackError> {
        let documents = yaml::parse(text).map_err(|error| LeakPackError(error.to_string()))?;
        let [pack] = documents.as_slice() else {
            return Err(LeakPackError("one document is expected".into()));
        };
        let said = |key: &str| {
            let value = pack.get_str(key).map(str::to_owned);
            value.ok_or_else(|| LeakPackError(format!("«{key}» is missing")))
        };
        said("valid_from")?;
        let listed = pack.get("kinds").and_then(Node::as_list).unwrap_or_default();
        let read = listed.iter().map(wanted).collect::<Result<Vec<Wanted>, LeakPackError>>()?;
        let names: Vec<&str> = read.iter().map(|one| one.named.name.as_str()).collect();
        let expected: Vec<&str> = LeakKind::ALL.iter().map(|kind| kind.name()).collect();
        if names != expected {
            let expected = expected.join(", ");
            return Err(LeakPackError(format!("«kinds» are these in this order: {expected}")));
        }
        let kinds = read.try_into().map_err(|_| LeakPackError("«kinds» are three".into()))?;
        Ok(Self { source: said("source")?, note: said("note")?, kinds })
    }

    /// What a leak of a kind wants.
    pub fn of(&self, kind: LeakKind) -> &Wanted {
        let [state, work, personal] = &self.kinds;
        match kind {
            LeakKind::StateSecret => state,
            LeakKind::WorkSecret => work,
            LeakKind::PersonalData => personal,
        }
    }
}

fn wanted(node: &Node<'_>) -> Result<Wanted, LeakPackError> {
    let wrong = |key: &str| LeakPackError(format!("line {}: «{key}» of a kind", node.line));
    let text = |key: &str| node.get_str(key).map(str::to_owned).ok_or_else(|| wrong(key));
    let flag = |key: &str| node.get(key).and_then(Node::as_bool).ok_or_else(|| wrong(key));
    Ok(Wanted {
        named: Named { name: text("name")?, vi: text("vi")?, en: text("en")? },
        number: flag("number")?,
        report: flag("report")?,
        report_vi: text("report_vi")?,
        report_en: text("report_en")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_pack_is_read_and_a_wrong_one_refused() {
        let pack = LeakPack::built_in().unwrap();
        assert_eq!(pack.of(LeakKind::StateSecret).named.vi, "Bí mật nhà nước");
        assert!(pack.of(LeakKind::WorkSecret).number && !pack.of(LeakKind::PersonalData).number);
        for (from, to) in [
            ("name: state-secret", "name: secret"),
            ("number: true", "number: perhaps"),
            ("report: true", "reported: true"),
            ("report_vi: ", "bao: "),
            ("source: ", "sauce: "),
            ("valid_from: ", "since: "),
            ("kinds:", "sorts:"),
        ] {
            let text = LeakPack::BUILT_IN.replacen(from, to, 1);
            assert_ne!(text, LeakPack::BUILT_IN, "{from}");
            assert!(LeakPack::parse(&text).is_err(), "{to}");
        }
        assert!(LeakPack::parse("").is_err());
    }
}
