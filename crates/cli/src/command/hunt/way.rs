//! The way to the hunts of a centre: its records at hand, or its API.

use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use khien_app::App;
use khien_app::access::Caller;
use khien_app::records::Records;
use khien_app::use_case::hunts::{self, Change};
use khien_domain::ids::JobId;
use khien_domain::page::PageRequest;
use khien_web::api::{HuntJson, NewHuntJson};
use serde_json::{Value, json};

use super::Where;
use crate::Usage;
use crate::centre::{AtHand, Machine, Place, at_hand, caller, load_rules};
use crate::client::{Client, Remote};

/// Hunts that a list shows.
const LISTED: u32 = 100;

/// How the hunts of a centre are reached.
pub(super) enum Way {
    /// The centre is at work in this program.
    Here(Arc<App>, Caller),
    /// Only its records are open.
    Beside(Box<Records>, Caller),
    /// It runs, here or elsewhere.
    There(Client),
}

impl Way {
    /// Opens the way that was named; with `work` a centre that does not run is set to work. Answers
    /// also the moment that `--to` names, if it does.
    pub(super) async fn open(place: &Where, work: bool) -> Result<(Self, Option<String>)> {
        let (urls, times): (Vec<&String>, Vec<&String>) =
            place.to.iter().partition(|value| value.contains("://"));
        if urls.len() > 1 || times.len() > 1 {
            bail!(Usage("--to is given twice for the same".to_owned()));
        }
        let time = times.first().map(|time| (*time).clone());
        let way = match (urls.first(), &place.data) {
            (Some(url), None) => {
                let remote = Remote {
                    to: Some((*url).clone()),
                    token: place.token.clone(),
                    ca: place.ca.clone(),
                    hybrid_only: place.hybrid_only,
                };
                Self::There(remote.client()?)
            }
            (None, Some(data)) => {
                let at = Place { data: data.clone(), config: place.config.clone() };
                match at_hand(data)? {
                    AtHand::Folder(folder) if work => {
                        let config = at.settings()?;
                        let rules = load_rules(&config);
                        let app = App::start(folder, config, rules, Arc::new(Machine)).await?;
                        // What was taken in before the last stop is hunted as well.
                        app.settled().await;
                        Self::Here(app, caller())
                    }
                    AtHand::Folder(folder) => {
                        drop(folder);
                        Self::Beside(Box::new(at.records().await?), caller())
                    }
                    AtHand::Running(client) => Self::There(client),
                }
            }
            _ => bail!(Usage("name either --data DIR or --to URL".to_owned())),
        };
        Ok((way, time))
    }

    /// Whether hunts only run as long as this program.
    pub(super) fn is_here(&self) -> bool {
        !matches!(self, Self::There(_))
    }

    /// Stops what was set to work.
    pub(super) async fn close(&self) {
        if let Self::Here(app, _) = self {
            app.stop().await;
        }
    }

    fn records(&self) -> Result<(&Records, &Caller), &Client> {
        match self {
            Self::Here(app, caller) => Ok((app, caller)),
            Self::Beside(records, caller) => Ok((records, caller)),
            Self::There(client) => Err(client),
        }
    }

    /// Starts a hunt, told as the API takes it.
    pub(super) async fn start(&self, body: &Value) -> Result<Value> {
        match self.records() {
            Ok((records, caller)) => {
                let new: NewHuntJson = serde_json::from_value(body.clone())?;
                let new = new.hunt().map_err(Usage)?;
                told(hunts::start_hunt(records, caller, new).await?)
            }
            Err(client) => client.post_json("/api/v1/hunts", body)?.done(),
        }
    }

    pub(super) async fn get(&self, id: i64) -> Result<Value> {
        match self.records() {
            Ok((records, caller)) => told(hunts::get_hunt(records, caller, JobId(id)).await?),
            Err(client) => client.get(&format!("/api/v1/hunts/{id}"), &[])?.done(),
        }
    }

    pub(super) async fn list(&self) -> Result<Vec<Value>> {
        match self.records() {
            Ok((records, caller)) => {
                let page = PageRequest::new(None, LISTED);
                let found = hunts::list_hunts(records, caller, &page).await?;
                found.items.into_iter().map(told).collect()
            }
            Err(client) => {
                let answer = client.get("/api/v1/hunts", &[("limit", LISTED.to_string())])?;
                Ok(answer.done()?["items"].as_array().cloned().unwrap_or_default())
            }
        }
    }

    /// Pauses, resumes or cancels a hunt.
    pub(super) async fn change(&self, id: i64, change: &str) -> Result<Value> {
        match self.records() {
            Ok((records, caller)) => {
                let change = match change {
                    "pause" => Change::Pause,
                    "resume" => Change::Resume,
                    _ => Change::Cancel,
                };
                told(hunts::change_hunt(records, caller, JobId(id), change).await?)
            }
            Err(client) => {
                client.post_json(&format!("/api/v1/hunts/{id}/{change}"), &json!({}))?.done()
            }
        }
    }

    /// Some hits, and where more begin.
    pub(super) async fn hits(
        &self,
        id: i64,
        after: Option<i64>,
    ) -> Result<(Vec<Value>, Option<i64>)> {
        let most = khien_domain::limits::PAGE;
        match self.records() {
            Ok((records, caller)) => {
                let page = PageRequest::new(after, most);
                let found = hunts::list_hits(records, caller, JobId(id), &page).await?;
                let hits = found.items.iter().map(|row| serde_json::from_str(&row.payload));
                Ok((hits.collect::<Result<_, _>>()?, found.next))
            }
            Err(client) => {
                let mut query = vec![("limit", most.to_string())];
                query.extend(after.map(|after| ("after", after.to_string())));
                let answer = client.get(&format!("/api/v1/hunts/{id}/hits"), &query)?.done()?;
                let hits = answer["items"].as_array().cloned().unwrap_or_default();
                let next = answer["next"].as_str().map(str::parse).transpose();
                Ok((hits, next.context("the centre answers without a number")?))
            }
        }
    }
}

fn told(hunt: hunts::Hunt) -> Result<Value> {
    Ok(serde_json::to_value(HuntJson::from(hunt))?)
}
