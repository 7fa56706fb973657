//! `POST /api/v1/hunts`: starts a hunt. It waits for its turn; its number is answered at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use khien_app::use_case::hunts::{self, MAX_INPUT_BYTES, NewHunt, Prey, RuleFile};
use khien_domain::code::AgencyCode;
use serde::Deserialize;

use super::HuntJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::Body;

/// The largest body: rules and lists stand in it with the escapes of JSON.
pub(in crate::api) const MAX_BYTES: usize = MAX_INPUT_BYTES + (16 << 20);

/// What is hunted: either `rules` or `indicators`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewHuntJson {
    rules: Option<Vec<RuleFile>>,
    /// Values of the placeholders of the rules.
    placeholders: Option<BTreeMap<String, Vec<String>>>,
    indicators: Option<List>,
    from: Option<String>,
    to: Option<String>,
    /// Codes; nothing for all that the caller may see.
    agencies: Option<Vec<String>>,
}

/// A list of indicators.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    name: Option<String>,
    text: String,
}

impl NewHuntJson {
    /// The hunt that is asked for, or why it cannot be.
    pub fn hunt(self) -> Result<NewHunt, String> {
        let placeholders = self.placeholders.unwrap_or_default();
        let prey = match (self.rules, self.indicators) {
            (Some(files), None) => Prey::Rules { files, placeholders },
            (None, Some(List { name, text })) => {
                Prey::Indicators { name: name.unwrap_or_default(), text }
            }
            _ => return Err("a hunt has either rules or indicators".to_owned()),
        };
        let codes = self.agencies.unwrap_or_default();
        let moment = |name: &str, text: Option<&String>| {
            let wrong = || format!("{name} is no time such as 2026-11-22T08:30:00+07:00");
            text.map(|text| khien_lake::query::moment(text).ok_or_else(wrong)).transpose()
        };
        let agency = |code: &String| AgencyCode::new(code).map_err(|error| error.to_string());
        Ok(NewHunt {
            prey,
            from: moment("from", self.from.as_ref())?,
            to: moment("to", self.to.as_ref())?,
            agencies: codes.iter().map(agency).collect::<Result<_, _>>()?,
        })
    }
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Body(new): Body<NewHuntJson, MAX_BYTES>,
) -> Result<(StatusCode, Json<HuntJson>), ApiError> {
    let new = new.hunt().map_err(ApiError::invalid)?;
    let hunt = hunts::start_hunt(&api.app, &caller, new).await?;
    Ok((StatusCode::CREATED, Json(hunt.into())))
}
