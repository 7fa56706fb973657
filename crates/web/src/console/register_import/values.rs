//! What values of closed lists are called in files: for those who fill one in and for reading it.

use khien_app::use_case::register::import::{ListKind, Word};
use khien_domain::account::Language;
use khien_domain::agency::AgencyKind;
use khien_domain::asset::AssetKind;
use khien_domain::custody::{DeviceKind, DeviceState};
use khien_domain::register_pack::{CIVIL, RegisterPack};
use khien_domain::resource::ResourceKind;
use khien_domain::system::{DataCategory, Stage, SystemKind, Zone};

use super::super::Console;
use super::super::frame::Frame;
use super::super::table::Table;
use super::title;

/// Names of the values of a column and what they are called; empty where anything may stand.
pub(super) fn of(
    console: &Console,
    language: Language,
    kind: ListKind,
    column: &str,
) -> Vec<(&'static str, String)> {
    let text = |id: String| console.words(language).text(&id, &[]);
    let worded = |beginning: &str, names: Vec<&'static str>| {
        let word = |name: &'static str| (name, text(format!("{beginning}-{name}")));
        names.into_iter().map(word).collect::<Vec<_>>()
    };
    let Ok(pack) = RegisterPack::built_in() else { return Vec::new() };
    match (kind, column) {
        (ListKind::Agencies, "kind") => {
            worded("register-kind", AgencyKind::ALL.iter().map(|one| one.name()).collect())
        }
        (ListKind::Systems, "kind") => {
            let word = |one: &SystemKind| (one.name(), pack.system_kind(*one, language).to_owned());
            SystemKind::ALL.iter().map(word).collect()
        }
        (ListKind::Systems, "stage") => {
            worded("register-stage", Stage::ALL.iter().map(|one| one.name()).collect())
        }
        (ListKind::Systems, "data") => {
            let word =
                |one: &DataCategory| (one.name(), pack.data_category(*one, language).to_owned());
            DataCategory::ALL.iter().map(word).collect()
        }
        (ListKind::Systems, "scope") => {
            let civil = (CIVIL, text("register-scope-civil".to_owned()));
            let refused = pack.refused_scopes.iter().map(|one| &one.named);
            let word = |one: &'static khien_domain::register_pack::Named| {
                (one.name.as_str(), one.in_language(language).to_owned())
            };
            std::iter::once(civil).chain(refused.map(word)).collect()
        }
        (ListKind::Systems | ListKind::Assets, "zone") => {
            let word = |one: &Zone| (one.name(), pack.zone(*one, language).to_owned());
            Zone::ALL.iter().map(word).collect()
        }
        (ListKind::Assets, "kind") => {
            worded("register-asset", AssetKind::ALL.iter().map(|one| one.name()).collect())
        }
        (ListKind::Resources, "kind") => {
            worded("register-resource", ResourceKind::ALL.iter().map(|one| one.name()).collect())
        }
        (ListKind::Custody, "kind") => {
            let word =
                |one: &DeviceKind| (one.name(), pack.custody_kind(*one, language).to_owned());
            DeviceKind::ALL.iter().map(word).collect()
        }
        (ListKind::Custody, "state") => {
            worded("custody-state", DeviceState::ALL.iter().map(|one| one.name()).collect())
        }
        (_, "in_scope" | "exposed" | "critical") => worded("register", vec!["yes", "no"]),
        _ => Vec::new(),
    }
}

/// The same of all columns of a list, in both languages.
pub(super) fn words(console: &Console, kind: ListKind) -> Vec<Word> {
    let columns = kind.columns().iter().map(|(column, _)| *column);
    let of_column = |column: &'static str| {
        Language::ALL
            .into_iter()
            .flat_map(move |language| of(console, language, kind, column))
            .map(move |(name, word)| Word { column, name, word })
    };
    columns.flat_map(of_column).collect()
}

/// A sentence that lists names of a column's values, with what they are called.
pub(super) fn in_words(
    console: &Console,
    language: Language,
    kind: ListKind,
    column: &str,
    message: &str,
) -> String {
    let values = of(console, language, kind, column);
    for list in ["must be one of ", "must be some of "] {
        let Some(names) = message.strip_prefix(list).filter(|_| !values.is_empty()) else {
            continue;
        };
        let word = |name: &str| {
            let found = values.iter().find(|(known, _)| *known == name);
            found.map_or_else(|| name.to_owned(), |(_, word)| format!("«{word}»"))
        };
        let words: Vec<String> = names.split(", ").map(word).collect();
        return format!("{list}{}", words.join(", "));
    }
    message.to_owned()
}

/// What may stand in which column, for the second sheet of a file to fill in.
pub(super) fn table(console: &Console, f: &Frame, kind: ListKind) -> Table {
    let columns = kind.columns().iter().map(|(column, _)| *column);
    let rows = columns.flat_map(|column| {
        let values = of(console, f.language(), kind, column);
        values.into_iter().map(move |(name, word)| vec![f.t(&title(column)), word, name.to_owned()])
    });
    Table {
        name: "values",
        columns: vec![
            ("column", f.t("register-column")),
            ("value", f.t("register-value-word")),
            ("name", f.t("register-column-name")),
        ],
        rows: rows.collect(),
    }
}
