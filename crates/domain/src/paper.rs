//! Papers of systems: what has to be written down about a system beside its profile.
//!
//! Which kinds there are and what each says is data ([`PaperKind`], `packs/register.yml`). A [`Paper`] is
//! checked against its kind; whether one is in force on a day is [`Paper::holds`]. It keeps words, no files.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::code::{AgencyCode, SystemCode};
use crate::evidence::kinds::day;
use crate::ids::PaperId;
use crate::limits::TEXT_BYTES;
use crate::register_pack::Named;
use crate::system::{DataCategory, Stage};
use crate::text::{self, TextError};

/// The field that tells until when a paper is in force.
pub const UNTIL: &str = "until";
/// The field that tells on which day what a paper says was last exercised.
pub const TESTED: &str = "tested";

closed! {
    /// What stands in a field.
    Form {
        /// A text of some lines.
        Text = "text",
        /// A day, `2026-10-15`.
        Day = "day",
        /// A data category.
        Category = "category",
    }
}

/// A field of a kind of papers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperField {
    /// Its name, and what it is called.
    pub named: Named,
    /// What stands in it.
    pub form: Form,
    /// Whether it has to be said.
    pub must: bool,
}

/// A kind of papers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperKind {
    /// Its name, and what it is called.
    pub named: Named,
    /// What it is for, in Vietnamese.
    pub about_vi: String,
    /// The same in English.
    pub about_en: String,
    /// Where that stands.
    pub source: String,
    /// Whether it is about the way to another system.
    pub to: bool,
    /// A system that was tried or used comes into that stage only with one in force.
    pub before: Option<Stage>,
    /// What it says, in order.
    pub fields: Vec<PaperField>,
}

/// A paper of a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// Of which system.
    pub system: SystemCode,
    /// Of which kind, by name.
    pub kind: String,
    /// The way to which system, for a kind that is about one.
    pub to: Option<SystemCode>,
    /// What it says, by field.
    pub values: BTreeMap<String, String>,
}

/// A paper as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptPaper {
    /// Its number.
    pub id: PaperId,
    /// The agency of its system.
    pub agency: AgencyCode,
    /// The paper.
    pub paper: Paper,
}

/// Why a paper will not do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PaperError {
    /// A text is empty, too long or has control characters.
    #[error(transparent)]
    Text(#[from] TextError),
    /// Something has to be said.
    #[error("«{0}» is to be filled in")]
    Missing(String),
    /// A field is not of its form.
    #[error("«{0}»: {1}")]
    Form(String, &'static str),
    /// The kind has no such field.
    #[error("this kind of papers has no «{0}»")]
    Unknown(String),
    /// It is about the way to another system.
    #[error("name the other system, and not the same one")]
    To,
}

impl Paper {
    /// The paper with its texts in order, if it says what its kind has to.
    pub fn checked(self, kind: &PaperKind) -> Result<Self, PaperError> {
        if kind.to != self.to.is_some() || self.to.as_ref() == Some(&self.system) {
            return Err(PaperError::To);
        }
        let mut typed = self.values;
        let mut values = BTreeMap::new();
        for field in &kind.fields {
            let name = &field.named.name;
            let said = typed.remove(name).filter(|text| !text.trim().is_empty());
            let Some(said) = said else {
                if field.must {
                    return Err(PaperError::Missing(field.named.vi.clone()));
                }
                continue;
            };
            values.insert(name.clone(), field.read(&said)?);
        }
        match typed.into_keys().next() {
            Some(name) => Err(PaperError::Unknown(name)),
            None => Ok(Self { values, ..self }),
        }
    }

    /// Whether it is in force on a day.
    pub fn holds(&self, today: Date) -> bool {
        let until = self.values.get(UNTIL).and_then(|text| day(text));
        until.is_none_or(|until| today <= until)
    }

    /// The day on which what it says was last exercised, if that has come.
    pub fn tested(&self, today: Date) -> Option<Date> {
        let tested = self.values.get(TESTED).and_then(|text| day(text));
        tested.filter(|tested| *tested <= today)
    }
}

impl PaperField {
    fn read(&self, said: &str) -> Result<String, PaperError> {
        let wrong = |what| PaperError::Form(self.named.vi.clone(), what);
        match self.form {
            Form::Day => {
                let found = day(said.trim()).ok_or_else(|| wrong("a day such as 2026-10-15"))?;
                Ok(found.to_string())
            }
            Form::Category => {
                let found = DataCategory::parse(said.trim());
                Ok(found.ok_or_else(|| wrong("a category of data"))?.name().to_owned())
            }
            Form::Text => Ok(text::paragraph("the paper", said, TEXT_BYTES)?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register_pack::RegisterPack;

    fn paper(kind: &str, to: Option<&str>, values: &[(&str, &str)]) -> Result<Paper, PaperError> {
        let code = |text: &str| SystemCode::new(text).unwrap();
        let paper = Paper {
            system: code("mh-dvc"),
            kind: kind.to_owned(),
            to: to.map(code),
            values: values.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        };
        paper.checked(RegisterPack::built_in().unwrap().paper(kind).unwrap())
    }

    #[test]
    fn a_paper_says_what_its_kind_has_to() {
        let said = [("document", " 12/QĐ.MH "), ("guard", "Tường lửa"), ("until", "2026-12-31")];
        let link = paper("zone-link", Some("mh-lgsp"), &said).unwrap();
        assert_eq!(link.values["document"], "12/QĐ.MH");
        let day = |text: &str| text.parse().unwrap();
        assert!(link.holds(day("2026-12-31")) && !link.holds(day("2027-01-01")));
        assert_eq!(paper("zone-link", None, &said), Err(PaperError::To));
        assert_eq!(paper("zone-link", Some("mh-dvc"), &said), Err(PaperError::To));
        let missing = paper("zone-link", Some("mh-lgsp"), &said[..1]);
        assert_eq!(missing.unwrap_err().to_string(), "«Kiểm soát ở giữa» is to be filled in");
        let bad = [said[0], said[1], ("until", "31/12/2026")];
        let bad = paper("zone-link", Some("mh-lgsp"), &bad).unwrap_err();
        assert_eq!(bad.to_string(), "«Hiệu lực đến»: a day such as 2026-10-15");
        let more = [said[0], said[1], ("other", "x")];
        let more = paper("zone-link", Some("mh-lgsp"), &more);
        assert_eq!(more, Err(PaperError::Unknown("other".into())));
    }

    #[test]
    fn what_is_secret_is_not_taken() {
        let said =
            [("document", "TỐI MẬT"), ("situations", "mất điện"), ("redundancy", "hai đường")];
        assert!(matches!(
            paper("continuity", None, &said),
            Err(PaperError::Text(TextError::Marked { .. }))
        ));
    }

    #[test]
    fn a_data_set_has_a_category_that_there_is() {
        let said = |category| {
            [
                ("name", "Hồ sơ"),
                ("category", category),
                ("retention", "5 năm"),
                ("protection", "mã hóa"),
            ]
        };
        let one = paper("data-set", None, &said("personal-basic")).unwrap();
        assert!(one.holds("2099-01-01".parse().unwrap()), "it has no end");
        assert!(paper("data-set", None, &said("khác")).is_err());
    }
}
