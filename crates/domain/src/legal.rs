//! What packs stand on, as people read it: `packs/sources.yml`.
//!
//! In goes what a pack says of its source, `S3 II.1 (định danh); S4 2.3` or a sentence in one language, out
//! comes the name of the document with its part, or the sentence in the language that is asked for. What is
//! not known stays as it is; nothing here says whether a document is in force.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use khien_event::yaml::{self, Node};

use crate::account::Language;

/// A document.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Document {
    vi: String,
    en: String,
    short_vi: String,
    short_en: String,
}

/// The documents and sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegalSources {
    documents: BTreeMap<String, Document>,
    /// Vietnamese and English of each.
    sentences: Vec<(String, String)>,
}

/// A pack that does not say what is needed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("sources pack: {0}")]
pub struct LegalSourcesError(String);

impl LegalSources {
    /// The text of the pack that comes with the program.
    pub const BUILT_IN: &str = include_str!("../../../packs/sources.yml");

    /// The pack that comes with the program.
    pub fn built_in() -> Result<&'static Self, LegalSourcesError> {
        static PACK: LazyLock<Result<LegalSources, LegalSourcesError>> =
            LazyLock::new(|| LegalSources::parse(LegalSources::BUILT_IN));
        PACK.as_ref().map_err(Clone::clone)
    }

    /// Reads a pack.
    pub fn parse(text: &str) -> Result<Self, LegalSourcesError> {
        let documents = yaml::parse(text).map_err(|error| LegalSourcesError(error.to_string()))?;
        let [pack] = documents.as_slice() else {
            return Err(LegalSourcesError("one document is expected".into()));
        };
        let mut documents = BTreeMap::new();
        for (name, node) in pack.get("documents").and_then(Node::as_map).unwrap_or_default() {
            let document = Document {
                vi: said(node, "vi")?,
                en: said(node, "en")?,
                short_vi: said(node, "short_vi")?,
                short_en: said(node, "short_en")?,
            };
            documents.insert(name.as_str().unwrap_or_default().to_owned(), document);
        }
        let sentences = pack.get("sentences").and_then(Node::as_list).unwrap_or_default();
        let sentences = sentences.iter().map(|node| Ok((said(node, "vi")?, said(node, "en")?)));
        let sentences = sentences.collect::<Result<_, LegalSourcesError>>()?;
        Ok(Self { documents, sentences })
    }

    /// What a pack says of its source or of itself, in a language, with documents by their full names.
    pub fn in_language(&self, language: Language, text: &str) -> String {
        let name = |document: &Document| match language {
            Language::Vietnamese => document.vi.clone(),
            Language::English => document.en.clone(),
        };
        self.told(language, text, name)
    }

    /// The same with documents by their short names.
    pub fn short(&self, language: Language, text: &str) -> String {
        let name = |document: &Document| match language {
            Language::Vietnamese => document.short_vi.clone(),
            Language::English => document.short_en.clone(),
        };
        self.told(language, text, name)
    }

    fn told(&self, language: Language, text: &str, name: impl Fn(&Document) -> String) -> String {
        let known = self.sentences.iter().find(|(vi, en)| vi == text || en == text);
        if let Some((vi, en)) = known {
            return if language == Language::English { en.clone() } else { vi.clone() };
        }
        let parts = text.split("; ").map(|part| {
            let (sign, rest) = part.split_once(' ').unwrap_or((part, ""));
            match self.documents.get(sign) {
                Some(document) if rest.is_empty() => name(document),
                Some(document) => format!("{}, {}", name(document), place(language, rest)),
                None => part.to_owned(),
            }
        });
        parts.collect::<Vec<_>>().join("; ")
    }
}

/// A part of a document: `II.1–II.2`, `§2`, `2.3 (15%)`. What stands in brackets is a word of the document and
/// is left out of English.
fn place(language: Language, text: &str) -> String {
    let text = text.replace('§', "");
    match language {
        Language::Vietnamese => format!("mục {text}"),
        Language::English => {
            let end = text.find(" (").unwrap_or(text.len());
            format!("part {}", &text[..end])
        }
    }
}

fn said(node: &Node<'_>, key: &str) -> Result<String, LegalSourcesError> {
    let text = node.get_str(key).filter(|text| !text.is_empty());
    text.map(str::to_owned).ok_or_else(|| LegalSourcesError(format!("«{key}» is missing")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_packs_are_read_as_documents_with_their_parts() {
        let sources = LegalSources::built_in().unwrap();
        let vi = |text: &str| sources.short(Language::Vietnamese, text);
        let action = "Chương trình hành động thực hiện Chỉ thị 57-CT/TW";
        assert_eq!(vi("S3 II.3"), format!("{action}, mục II.3"));
        assert_eq!(vi("S3 II.2, III.4"), format!("{action}, mục II.2, III.4"));
        assert_eq!(
            vi("S0 §2; S3 II.1 (định danh, xác thực)"),
            format!("Công văn số 603-CV/BTGDV, mục 2; {action}, mục II.1 (định danh, xác thực)")
        );
        let en = |text: &str| sources.short(Language::English, text);
        assert_eq!(en("S4 2.3 (15%)"), "Annex 2, content of Directive 57-CT/TW, part 2.3");
        assert_eq!(vi("law of the sea"), "law of the sea");
        let full = sources.in_language(Language::Vietnamese, "S2 I.2");
        assert!(full.contains("ngày 04/02/2026") && full.ends_with("mục I.2"), "{full}");
    }

    #[test]
    fn what_packs_say_of_themselves_is_there_in_both_languages() {
        let sources = LegalSources::built_in().unwrap();
        let packs = [
            include_str!("../../../packs/index/mh-57-2026.1.yml"),
            include_str!("../../../packs/gate/gate-2026.1.yml"),
            include_str!("../../../packs/controls/mh-levels-2026.1.yml"),
            include_str!("../../../packs/dossier.yml"),
            include_str!("../../../packs/assessment.yml"),
            include_str!("../../../packs/budget.yml"),
            include_str!("../../../packs/risk.yml"),
        ];
        for pack in packs {
            let pack = yaml::parse(pack).unwrap().remove(0);
            for key in ["source", "note"] {
                let text = pack.get_str(key).unwrap();
                let [vi, en] = [Language::Vietnamese, Language::English]
                    .map(|language| sources.in_language(language, text));
                assert_ne!(vi, en, "{text}");
            }
        }
        // No sign is left: each pack names documents that are there.
        let all: String = packs.concat() + include_str!("../../../packs/register.yml");
        for line in all.lines() {
            let Some((_, rest)) = line.split_once("source: S").or(line.split_once("seed: S"))
            else {
                continue;
            };
            let sign = format!("S{}", &rest[..1]);
            assert!(sources.documents.contains_key(&sign), "{line}");
        }
    }
}
