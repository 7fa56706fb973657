//! What the rooms of products, dossiers, projects and findings hold in a demonstration: one row for each of its
//! records, with the steps that led there, so that a page and the ledger say the same.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use khien_domain::code::SystemCode;
use khien_domain::dossier::{
    Act, Answer, Answered, Document, Dossier, DossierAbout, DossierKind, DossierState, DossierStep,
    Duty,
};
use khien_domain::finding::{Finding, FindingState, FindingStep, NewFinding};
use khien_domain::ids::{DossierId, FindingId};
use khien_domain::product::{Component, Make, Product};
use khien_domain::project::{Invested, Project, ProjectCode};
use khien_domain::risk::Rating;
use khien_domain::system::System;
use khien_store::Tx;

use super::{Phrases, Told};
use crate::use_case::UseError;
use crate::use_case::dossiers::pack;
use crate::use_case::register::evidence::day_of;

/// What a step of a dossier takes before the next.
const STEP: SignedDuration = SignedDuration::from_hours(24 * 6);

/// Keeps the rows that go with records of the past.
pub(super) async fn keep(
    tx: &mut Tx,
    told: &mut [Told],
    systems: &[System],
    phrases: &Phrases,
) -> Result<(), UseError> {
    products(tx, told, systems).await?;
    let designs = dossiers(tx, told, systems, phrases).await?;
    projects(tx, told, systems, (phrases, designs)).await?;
    findings(tx, told, systems, phrases).await
}

fn text<'t>(told: &'t Told, field: &str) -> Option<&'t str> {
    told.handed.content.get(field).and_then(serde_json::Value::as_str)
}

fn day(told: &Told, field: &str) -> Option<Date> {
    text(told, field)?.parse().ok()
}

fn before(at: Timestamp, steps: i32) -> Timestamp {
    at.saturating_sub(STEP * steps).unwrap_or(at)
}

fn of<'t>(told: &'t [Told], kind: &'t str) -> impl Iterator<Item = &'t Told> {
    told.iter().filter(move |one| one.handed.kind == kind)
}

/// Products of systems, whose records are told apart by their numbers as those of any product are.
async fn products(tx: &mut Tx, told: &mut [Told], systems: &[System]) -> Result<(), UseError> {
    let used = told.iter_mut().filter(|one| one.handed.kind == "product.used");
    for (one, number) in used.zip(0_i32..) {
        let code = one.handed.reference.strip_prefix("system ").unwrap_or_default();
        let Some(system) = systems.iter().find(|system| system.code.as_str() == code) else {
            continue;
        };
        let is = |field: &str| one.handed.content.get(field).and_then(serde_json::Value::as_bool);
        // What is supported ends in one of many months, as what was bought over years does.
        let months = if is("supported") == Some(true) { 18 + number * 7 % 18 } else { -3 };
        let product = Product {
            system: system.code.clone(),
            name: text(one, "name").unwrap_or_default().to_owned(),
            version: None,
            maker: None,
            certificate: None,
            scope: None,
            certificate_until: None,
            support_until: Some(day_of(one.handed.at).saturating_add(months.months())),
            make: Make::Foreign,
            is_cryptographic: false,
            authority: None,
            custodian: None,
        };
        let has_inventory = is("inventory") == Some(true);
        let id = tx.add_product(&product.checked().map_err(UseError::invalid)?).await?;
        if has_inventory {
            let (name, kind) = ("thu-vien-mau".to_owned(), "library".to_owned());
            let part = Component { name, version: "1.0".to_owned(), kind, purl: None };
            tx.set_components(id, &[part]).await?;
        }
        one.handed.subject = Some(format!("product {id}"));
    }
    Ok(())
}

/// Keeps the dossiers. Answers which of them has the design of a system appraised.
async fn dossiers(
    tx: &mut Tx,
    told: &[Told],
    systems: &[System],
    phrases: &Phrases,
) -> Result<BTreeMap<SystemCode, DossierId>, UseError> {
    let mut designs = BTreeMap::new();
    for kind in DossierKind::ALL.iter().copied() {
        let mut by_system = BTreeMap::<&SystemCode, Vec<&Told>>::new();
        for one in of(told, kind.evidence()) {
            if let Some(system) = &one.handed.system {
                by_system.entry(system).or_default().push(one);
            }
        }
        for system in systems {
            let Some(all) = by_system.get_mut(&system.code) else { continue };
            all.sort_by_key(|one| one.handed.at);
            let id = one_dossier(tx, kind, system, all, phrases).await?;
            if let (Some(id), DossierKind::Design) = (id, kind) {
                designs.insert(system.code.clone(), id);
            }
        }
    }
    Ok(designs)
}

/// A dossier that went through the states of its records.
async fn one_dossier(
    tx: &mut Tx,
    kind: DossierKind,
    system: &System,
    told: &[&Told],
    phrases: &Phrases,
) -> Result<Option<DossierId>, UseError> {
    let (Some(first), Some(last)) = (told.first(), told.last()) else { return Ok(None) };
    let officer = format!("person:canbo-{}", system.agency);
    let mut steps = Vec::new();
    let mut step = |at, who: &str, act, duty, detail: &str| {
        let (who, detail) = (who.to_owned(), detail.to_owned());
        steps.push(DossierStep { at, who, act, duty: Some(duty), detail });
    };
    let begun = before(first.handed.at, 4);
    step(begun, &officer, Act::Begin, Duty::Prepare, "");
    let mut state = DossierState::Draft;
    for one in told {
        let (at, reached) = (one.handed.at, text(one, "state").and_then(DossierState::parse));
        let Some(reached) = reached.filter(|reached| *reached != DossierState::Draft) else {
            continue;
        };
        step(before(at, 2), &officer, Act::Submit, Duty::Prepare, &phrases.submitted);
        match reached {
            DossierState::Returned => {
                step(at, &phrases.appraiser, Act::Return, Duty::Appraise, &phrases.returned);
            }
            DossierState::Appraised | DossierState::Approved => {
                let (act, duty) = (Act::Appraise, Duty::Appraise);
                step(before(at, 1), &phrases.appraiser, act, duty, &phrases.appraised);
            }
            DossierState::Draft | DossierState::Submitted => {}
        }
        if reached == DossierState::Approved {
            let number = text(one, "number").unwrap_or(&one.handed.reference);
            let day = text(one, "approved").unwrap_or_default();
            let word = format!("{number} · {day}");
            step(at, &phrases.approver, Act::Approve, Duty::Approve, &word);
        }
        state = reached;
    }
    let number = text(last, "number").unwrap_or(&last.handed.reference).to_owned();
    let dossier = Dossier {
        id: DossierId(0),
        agency: system.agency.clone(),
        system: system.code.clone(),
        kind,
        state,
        about: about(kind, system, last, phrases)?,
        number: Some(number).filter(|_| state == DossierState::Approved),
        approved: day(last, "approved"),
        created_at: begun,
        updated_at: last.handed.at,
    };
    let id = tx.add_dossier(&dossier).await?;
    for step in &steps {
        tx.add_dossier_step(id, step).await?;
    }
    Ok(Some(id))
}

fn about(
    kind: DossierKind,
    system: &System,
    told: &Told,
    phrases: &Phrases,
) -> Result<DossierAbout, UseError> {
    let pack = pack()?;
    let mut about = DossierAbout::new(system.level, pack);
    about.scope = format!("{}: {}", system.name, phrases.scope);
    if kind == DossierKind::Level {
        let reasons = pack.criteria.iter();
        about.reasons = reasons.map(|one| (one.id.clone(), phrases.reason.clone())).collect();
    }
    for (place, item) in pack.items(kind, system.level).enumerate() {
        let partly = place % 7 == 6;
        let given = if partly {
            Answered { answer: Answer::Partly, note: phrases.partly.clone() }
        } else {
            Answered { answer: Answer::Yes, note: String::new() }
        };
        about.answers.insert(item.id.clone(), given);
    }
    let document = Document {
        title: phrases.document.clone(),
        number: told.handed.reference.clone(),
        day: day_of(before(told.handed.at, 4)),
        sha256: None,
    };
    about.documents.push(document);
    about.checked().map_err(UseError::invalid)
}

async fn projects(
    tx: &mut Tx,
    told: &[Told],
    systems: &[System],
    (phrases, mut designs): (&Phrases, BTreeMap<SystemCode, DossierId>),
) -> Result<(), UseError> {
    for (place, one) in of(told, "project.investment").enumerate() {
        let agency = &one.handed.agency;
        let its: Vec<&System> = systems.iter().filter(|system| system.agency == *agency).collect();
        let code = one.handed.subject.as_deref().unwrap_or_default().to_lowercase();
        let (Some(system), Some(code), Some(decided)) =
            (its.get(place % its.len().max(1)), ProjectCode::new(&code), day(one, "decided"))
        else {
            continue;
        };
        let mut invested = Invested {
            day: decided,
            appraised: day(one, "appraised"),
            appraisal: None,
            has_security: true,
            exception: None,
        };
        if invested.is_violation() {
            invested.exception = Some(phrases.exception.clone());
        }
        let planned = 450_000_000 * (1 + place as i64 % 6);
        let project = Project {
            agency: agency.clone(),
            code,
            name: text(one, "name").unwrap_or_default().to_owned(),
            system: system.code.clone(),
            planned,
            security: Some(planned / 100 * (15 + place as i64 % 4)),
            dossier: None,
            invested: Some(invested),
            created_at: before(one.handed.at, 8),
        };
        tx.add_project(&project.checked().map_err(UseError::invalid)?).await?;
    }
    for (number, waiting) in (10..).zip(&phrases.waiting) {
        let system = systems.iter().find(|system| system.code == waiting.system);
        let code = ProjectCode::new(&format!("da-{number}"));
        let (Some(system), Some(code)) = (system, code) else { continue };
        let project = Project {
            agency: system.agency.clone(),
            code,
            name: waiting.name.clone(),
            system: system.code.clone(),
            planned: waiting.planned,
            security: waiting.security,
            dossier: designs.remove(&system.code).filter(|_| waiting.is_appraised),
            invested: None,
            created_at: system.created_at,
        };
        tx.add_project(&project.checked().map_err(UseError::invalid)?).await?;
    }
    Ok(())
}

async fn findings(
    tx: &mut Tx,
    told: &[Told],
    systems: &[System],
    phrases: &Phrases,
) -> Result<(), UseError> {
    let mut seen = BTreeSet::new();
    for one in of(told, "finding.state") {
        let handed = &one.handed;
        let system = systems.iter().find(|system| Some(&system.code) == handed.system.as_ref());
        let (Some(system), Some(subject)) = (system, &handed.subject) else { continue };
        let (Some(severity), Some(found), Some(due)) =
            (text(one, "severity").and_then(Rating::parse), day(one, "found"), day(one, "due"))
        else {
            continue;
        };
        let is = |field: &str| handed.content.get(field).and_then(serde_json::Value::as_bool);
        let fixed = day(one, "fixed");
        let about = NewFinding {
            rule: subject.clone(),
            place: system.code.to_string(),
            title: text(one, "title").unwrap_or_default().to_owned(),
            severity,
            cves: BTreeSet::new(),
        };
        let at = found.at(9, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC);
        let at = at.map_or(handed.at, |at| at.timestamp());
        let finding = Finding {
            id: FindingId(0),
            agency: system.agency.clone(),
            system: system.code.clone(),
            subject: subject.clone(),
            tool: phrases.tool.clone(),
            about: about.checked().map_err(UseError::invalid)?,
            is_exploited: is("kev") == Some(true),
            is_exposed: is("internet") == Some(true),
            state: fixed.map_or(FindingState::Open, FindingState::Fixed),
            found,
            due,
            seen_at: at,
            repaired_by: None,
            updated_at: handed.at,
        };
        if !seen.insert(subject) {
            continue;
        }
        let id = tx.add_finding(&finding).await?;
        let step = |at, what: &str| {
            let (who, detail) = (one.by.clone(), phrases.tool.clone());
            (id, FindingStep { at, who, what: what.to_owned(), detail })
        };
        let mut steps = vec![step(at, "find")];
        if fixed.is_some() {
            steps.push(step(handed.at, "gone"));
        }
        tx.add_finding_steps(&steps).await?;
    }
    Ok(())
}
