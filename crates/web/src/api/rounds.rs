//! `/api/v1/rounds`: the yearly rounds of the index.

pub(super) mod get;
pub(super) mod list;

use khien_domain::round::Round;
use serde::Serialize;

/// A round.
#[derive(Serialize)]
pub(super) struct RoundJson {
    year: i16,
    pack: String,
    state: &'static str,
    opened_at: String,
    /// How the sample was drawn.
    draw: Option<DrawJson>,
    cutoff: Option<String>,
    published_at: Option<String>,
    hash: Option<String>,
    size: Option<u64>,
}

/// How a sample was drawn.
#[derive(Serialize)]
pub(super) struct DrawJson {
    at: String,
    checkpoint: u64,
    size: u64,
    seed: String,
    population: u64,
}

impl From<Round> for RoundJson {
    fn from(round: Round) -> Self {
        let draw = round.draw.map(|draw| DrawJson {
            at: draw.at.to_string(),
            checkpoint: draw.checkpoint,
            size: draw.size,
            seed: draw.seed,
            population: draw.population,
        });
        let published = round.published;
        Self {
            year: round.year,
            pack: round.pack,
            state: round.state.name(),
            opened_at: round.opened_at.to_string(),
            draw,
            cutoff: round.cutoff.map(|(cutoff, _)| cutoff.to_string()),
            published_at: published.as_ref().map(|published| published.at.to_string()),
            size: published.as_ref().map(|published| published.size),
            hash: published.map(|published| published.hash),
        }
    }
}
