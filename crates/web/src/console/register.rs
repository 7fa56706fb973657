//! The register as several rooms show it: all that whoever visits may see, with names.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use khien_app::use_case::register::{self, Activity};
use khien_domain::agency::Agency;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::page::PageRequest;
use khien_domain::source::{Source, SourceStatus};
use khien_domain::system::System;

use super::Console;
use super::error::PageError;
use super::frame::Frame;
use super::visit::Visiting;

/// Records of a kind that pages go through.
const MOST: usize = 5000;

/// All agencies.
pub(super) async fn agencies(
    console: &Arc<Console>,
    visiting: &Visiting,
) -> Result<Vec<Agency>, PageError> {
    let (mut all, mut page) = (Vec::new(), PageRequest::first());
    loop {
        let found = register::list_agencies(&console.app, &visiting.caller, &page).await?;
        all.extend(found.items);
        match found.next {
            Some(next) if all.len() < MOST => page.after = Some(next),
            _ => return Ok(all),
        }
    }
}

/// The names of all agencies.
pub(super) async fn agency_names(
    console: &Arc<Console>,
    visiting: &Visiting,
    f: &Frame,
) -> Result<BTreeMap<AgencyCode, String>, PageError> {
    let all = agencies(console, visiting).await?;
    Ok(all.into_iter().map(|agency| (agency.code.clone(), name(f, &agency))).collect())
}

/// An agency's name in the language of the page.
pub(super) fn name(f: &Frame, agency: &Agency) -> String {
    match &agency.name_en {
        Some(name) if f.is_english() => name.clone(),
        _ => agency.name_vi.clone(),
    }
}

/// All systems.
pub(super) async fn systems(
    console: &Arc<Console>,
    visiting: &Visiting,
) -> Result<Vec<System>, PageError> {
    let (mut all, mut page) = (Vec::new(), PageRequest::first());
    loop {
        let found = register::list_systems(&console.app, &visiting.caller, &page).await?;
        all.extend(found.items);
        match found.next {
            Some(next) if all.len() < MOST => page.after = Some(next),
            _ => return Ok(all),
        }
    }
}

/// The system of a code, if whoever visits may see it.
pub(super) async fn system(
    console: &Arc<Console>,
    visiting: &Visiting,
    code: &SystemCode,
) -> Result<System, PageError> {
    let all = systems(console, visiting).await?;
    all.into_iter().find(|system| system.code == *code).ok_or_else(PageError::not_found)
}

/// How a source is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Health {
    /// Silent beyond its heartbeat since then.
    Silent(Timestamp),
    /// Nothing was ever heard of it.
    Never,
    /// Heard.
    Alive,
    /// Switched off.
    Off,
}

impl Health {
    /// The name that addresses use.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Silent(_) => "silent",
            Self::Never => "never",
            Self::Alive => "alive",
            Self::Off => "off",
        }
    }
}

/// A source with what was heard of it.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    /// The source.
    pub(super) source: Source,
    /// When its last event arrived.
    pub(super) last: Option<Timestamp>,
    /// Events so far.
    pub(super) events: u64,
    /// How it is doing.
    pub(super) health: Health,
}

impl Heard {
    /// A source and what is known of it.
    pub(super) fn of(source: Source, activity: Option<&Activity>) -> Self {
        let last = activity.and_then(|activity| activity.last_received_at);
        let silent = activity.and_then(|activity| activity.silent_since);
        let health = match (source.status, last, silent) {
            (SourceStatus::Disabled, ..) => Health::Off,
            (_, None, _) => Health::Never,
            (_, _, Some(since)) => Health::Silent(since),
            _ => Health::Alive,
        };
        Self { source, last, events: activity.map_or(0, |activity| activity.events), health }
    }
}

/// All sources with what was heard of them, newest first.
pub(super) async fn sources(
    console: &Arc<Console>,
    visiting: &Visiting,
) -> Result<Vec<Heard>, PageError> {
    let (mut all, mut page) = (Vec::new(), PageRequest::first());
    loop {
        let (found, activity) =
            register::list_sources(&console.app, &visiting.caller, &page).await?;
        let activity: BTreeMap<i64, Activity> =
            activity.into_iter().map(|heard| (heard.source.0, heard)).collect();
        let heard = found.items.into_iter().map(|source| {
            let activity = activity.get(&source.id.0);
            Heard::of(source, activity)
        });
        all.extend(heard);
        match found.next {
            Some(next) if all.len() < MOST => page.after = Some(next),
            _ => return Ok(all),
        }
    }
}
