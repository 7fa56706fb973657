//! What dossiers have to answer: `packs/dossier.yml`.

use std::sync::LazyLock;

use khien_event::yaml::{self, Node};

use super::DossierKind;
use crate::system::Level;

/// Something for which a level dossier gives a reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criterion {
    /// Its name in records.
    pub id: String,
    /// What it is in Vietnamese.
    pub vi: String,
    /// What it is in English.
    pub en: String,
}

/// An item of the checklist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its name in records.
    pub id: String,
    /// In which dossiers it is asked.
    pub of: Vec<DossierKind>,
    /// From which level on.
    pub from: Level,
    /// What it says in Vietnamese.
    pub vi: String,
    /// What it says in English.
    pub en: String,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DossierPack {
    /// Its name.
    pub version: String,
    /// Where it comes from.
    pub source: String,
    /// What is to be known about it.
    pub note: String,
    /// The criteria of a level.
    pub criteria: Vec<Criterion>,
    items: Vec<Item>,
}

/// A pack that does not say what is needed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("dossier pack: {0}")]
pub struct DossierPackError(String);

impl DossierPack {
    /// The pack that comes with the program.
    pub const BUILT_IN: &str = include_str!("../../../../packs/dossier.yml");

    /// The pack that comes with the program.
    pub fn built_in() -> Result<&'static Self, DossierPackError> {
        static PACK: LazyLock<Result<DossierPack, DossierPackError>> =
            LazyLock::new(|| DossierPack::parse(DossierPack::BUILT_IN));
        PACK.as_ref().map_err(Clone::clone)
    }

    /// Reads a pack.
    pub fn parse(text: &str) -> Result<Self, DossierPackError> {
        let wrong = |what: String| DossierPackError(what);
        let documents = yaml::parse(text).map_err(|error| wrong(error.to_string()))?;
        let [pack] = documents.as_slice() else {
            return Err(wrong("one document is expected".into()));
        };
        let list = |key: &str| {
            let list = pack.get(key).and_then(Node::as_list).filter(|list| !list.is_empty());
            list.ok_or_else(|| wrong(format!("«{key}» is a list of at least one")))
        };
        let criteria = list("criteria")?.iter().map(criterion).collect::<Result<Vec<_>, _>>()?;
        let items = list("items")?.iter().map(item).collect::<Result<Vec<_>, _>>()?;
        unique(criteria.iter().map(|criterion| &criterion.id))?;
        unique(items.iter().map(|item| &item.id))?;
        Ok(Self {
            version: said(pack, "version")?,
            source: said(pack, "source")?,
            note: said(pack, "note")?,
            criteria,
            items,
        })
    }

    /// The items that a dossier of a kind and a level answers.
    pub fn items(&self, kind: DossierKind, level: Level) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(move |item| item.of.contains(&kind) && item.from <= level)
    }
}

fn unique<'i>(ids: impl Iterator<Item = &'i String>) -> Result<(), DossierPackError> {
    let mut seen = std::collections::BTreeSet::new();
    for id in ids {
        if !seen.insert(id) {
            return Err(DossierPackError(format!("«{id}» is there twice")));
        }
    }
    Ok(())
}

fn said(node: &Node<'_>, key: &str) -> Result<String, DossierPackError> {
    let value = node.get_str(key).map(str::to_owned);
    value.ok_or_else(|| DossierPackError(format!("«{key}» is missing")))
}

fn criterion(node: &Node<'_>) -> Result<Criterion, DossierPackError> {
    Ok(Criterion { id: said(node, "id")?, vi: said(node, "vi")?, en: said(node, "en")? })
}

fn item(node: &Node<'_>) -> Result<Item, DossierPackError> {
    let Criterion { id, vi, en } = criterion(node)?;
    let of = node.get("of").map(Node::strings).unwrap_or_default();
    let of: Option<Vec<_>> = of.into_iter().map(DossierKind::parse).collect();
    let of = of.filter(|of| !of.is_empty());
    let of = of.ok_or_else(|| DossierPackError(format!("{id}: «of» is level, design or both")))?;
    let from = node.get_str("from").and_then(|text| Level::new(text.parse().ok()?));
    let from = from.ok_or_else(|| DossierPackError(format!("{id}: «from» is 1 to 5")))?;
    Ok(Item { id, of, from, vi, en })
}
