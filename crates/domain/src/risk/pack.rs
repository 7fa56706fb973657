//! How risks are rated: `packs/risk.yml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use khien_event::yaml::{self, Node};

use super::Estimate;
use crate::evidence::content::Content;

/// How grave a risk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rating {
    /// To know.
    Low,
    /// To treat in time.
    Medium,
    /// To treat soon.
    High,
    /// To treat at once.
    Critical,
}

impl Rating {
    /// All, lowest first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The name that records use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The rating of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rating| rating.name() == name)
    }
}

/// The table, and what may be accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RiskPack {
    /// Where it comes from.
    pub source: String,
    /// What is to be known about it.
    pub note: String,
    /// The gravest rating that an agency accepts itself.
    pub appetite: Rating,
    /// Rows are likelihoods, columns impacts, both lowest first.
    matrix: [[Rating; 5]; 5],
    /// How long an acceptance holds at most, by rating.
    accept_days: [i64; 4],
    /// Kinds of evidence that can show a treatment, with what they have to say.
    shown_by: BTreeMap<String, BTreeMap<String, String>>,
}

/// A pack that does not say what is needed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("risk pack: {0}")]
pub struct RiskPackError(String);

impl RiskPack {
    /// The pack that comes with the program.
    pub const BUILT_IN: &str = include_str!("../../../../packs/risk.yml");

    /// The pack that comes with the program.
    pub fn built_in() -> Result<&'static Self, RiskPackError> {
        static PACK: LazyLock<Result<RiskPack, RiskPackError>> =
            LazyLock::new(|| RiskPack::parse(RiskPack::BUILT_IN));
        PACK.as_ref().map_err(Clone::clone)
    }

    /// Reads a pack.
    pub fn parse(text: &str) -> Result<Self, RiskPackError> {
        let documents = yaml::parse(text).map_err(|error| RiskPackError(error.to_string()))?;
        let [pack] = documents.as_slice() else {
            return Err(RiskPackError("one document is expected".into()));
        };
        let said = |key: &str| {
            let value = pack.get_str(key).map(str::to_owned);
            value.ok_or_else(|| RiskPackError(format!("«{key}» is missing")))
        };
        let mut matrix = [[Rating::Low; 5]; 5];
        for (number, row) in matrix.iter_mut().enumerate() {
            *row = cells(pack.get("matrix"), number + 1)?;
        }
        let rises = |row: &[Rating; 5]| row.is_sorted();
        let falls = matrix.windows(2).any(|rows| rows[0].iter().zip(&rows[1]).any(|(a, b)| a > b));
        if falls || !matrix.iter().all(rises) {
            let what = "more likely or graver is never rated lower";
            return Err(RiskPackError(format!("matrix: {what}")));
        }
        let mut accept_days = [0; 4];
        for (rating, days) in Rating::ALL.into_iter().zip(&mut accept_days) {
            let found = pack.get("accept_days").and_then(|days| days.get_str(rating.name()));
            let found =
                found.and_then(|text| text.parse().ok()).filter(|days| (1..=1095).contains(days));
            *days = found.ok_or_else(|| {
                RiskPackError(format!("accept_days: {} is 1 to 1095", rating.name()))
            })?;
        }
        let appetite = Rating::parse(&said("appetite")?);
        let appetite = appetite.ok_or_else(|| RiskPackError("«appetite» is a rating".into()))?;
        let shown_by = shown_by(pack)?;
        let (source, note) = (said("source")?, said("note")?);
        Ok(Self { source, note, appetite, matrix, accept_days, shown_by })
    }

    /// Whether a record of a kind with a content can show that a risk is treated.
    pub fn shows_treatment(&self, kind: &str, content: &Content) -> bool {
        let Some(wanted) = self.shown_by.get(kind) else { return false };
        wanted.iter().all(|(field, wanted)| match content.get(field) {
            Some(Content::Bool(is)) => is.to_string() == *wanted,
            Some(Content::Text(said)) => said == wanted,
            _ => false,
        })
    }

    /// How an estimate is rated.
    pub fn rating(&self, estimate: Estimate) -> Rating {
        let place = |degree: super::Degree| usize::from(degree.number()) - 1;
        self.matrix[place(estimate.likelihood)][place(estimate.impact)]
    }

    /// How many days an acceptance holds at most.
    pub fn accept_days(&self, rating: Rating) -> i64 {
        self.accept_days[rating as usize]
    }
}

fn shown_by(pack: &Node<'_>) -> Result<BTreeMap<String, BTreeMap<String, String>>, RiskPackError> {
    let wrong = || RiskPackError("«shown_by» names kinds of evidence with what they say".into());
    let kinds = pack.get("shown_by").and_then(Node::as_map).filter(|map| !map.is_empty());
    let kinds = kinds.ok_or_else(wrong)?.iter().map(|(kind, node)| {
        let fields =
            node.as_map().ok_or_else(wrong)?.iter().map(|(field, value)| {
                Some((field.as_str()?.to_owned(), value.as_str()?.to_owned()))
            });
        let fields = fields.collect::<Option<_>>().ok_or_else(wrong)?;
        Ok((kind.as_str().ok_or_else(wrong)?.to_owned(), fields))
    });
    kinds.collect()
}

fn cells(matrix: Option<&Node<'_>>, number: usize) -> Result<[Rating; 5], RiskPackError> {
    let row = matrix.and_then(|matrix| matrix.get(&number.to_string()));
    let row = row.map(Node::strings).unwrap_or_default();
    let cells: Option<Vec<Rating>> = row.into_iter().map(Rating::parse).collect();
    cells.and_then(|cells| cells.try_into().ok()).ok_or_else(|| {
        RiskPackError(format!("matrix: row {number} has five of low, medium, high, critical"))
    })
}
