//! `POST /api/v1/systems`: registers a system of an agency.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use khien_app::use_case::register;
use khien_domain::code::SiteCode;
use khien_domain::register_pack::CIVIL;
use khien_domain::system::{DataCategory, Level, Operator, Stage, System, SystemKind, Zone};
use serde::Deserialize;

use super::SystemJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Body, agency, one_of, system};

/// A system to be registered, or all that is to be registered of one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewSystem {
    code: String,
    agency: String,
    name: String,
    kind: Option<String>,
    operator_agency: Option<String>,
    operator_name: Option<String>,
    level: u8,
    stage: Option<String>,
    #[serde(default)]
    data: Vec<String>,
    zone: Option<String>,
    exposed: Option<bool>,
    site: Option<String>,
    rto_minutes: Option<u32>,
    rpo_minutes: Option<u32>,
    critical: Option<bool>,
    owner: Option<String>,
    head: Option<String>,
    /// `civil`; anything else is refused with the reason.
    scope: Option<String>,
}

impl NewSystem {
    /// The system that is meant, and its scope.
    pub(in crate::api) fn read(self, api: &Api) -> Result<(System, String), ApiError> {
        fn some<T>(
            what: &str,
            text: Option<&str>,
            parse: fn(&str) -> Option<T>,
        ) -> Result<Option<T>, ApiError> {
            text.map(|text| one_of(what, text, parse)).transpose()
        }
        let level = Level::new(self.level.into());
        let level = level.ok_or_else(|| ApiError::invalid("level is a number from 1 to 5"))?;
        let stage = some("stage", self.stage.as_deref(), Stage::parse)?;
        let operator = match (self.operator_agency, self.operator_name) {
            (None, None) => Operator::Owner,
            (Some(code), None) => Operator::Agency(agency(&code)?),
            (None, Some(name)) => Operator::Provider(name),
            (Some(_), Some(_)) => {
                return Err(ApiError::invalid("a system is run by an agency or by somebody paid"));
            }
        };
        let new = System::new(
            system(&self.code)?,
            agency(&self.agency)?,
            self.name,
            level,
            stage.unwrap_or(Stage::Operation),
            api.app.now(),
        );
        let data = self.data.iter().map(|name| one_of("data", name, DataCategory::parse));
        let new = System {
            kind: some("kind", self.kind.as_deref(), SystemKind::parse)?.unwrap_or(new.kind),
            operator,
            data: data.collect::<Result<_, ApiError>>()?,
            zone: some("zone", self.zone.as_deref(), Zone::parse)?.unwrap_or(new.zone),
            is_exposed: self.exposed.unwrap_or(new.is_exposed),
            site: some("site", self.site.as_deref(), |text| SiteCode::new(text).ok())?,
            rto_minutes: self.rto_minutes,
            rpo_minutes: self.rpo_minutes,
            is_critical: self.critical.unwrap_or(false),
            owner: self.owner,
            head: self.head,
            ..new
        };
        Ok((new, self.scope.unwrap_or_else(|| CIVIL.to_owned())))
    }
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Body(new): Body<NewSystem>,
) -> Result<(StatusCode, Json<SystemJson>), ApiError> {
    let (new, scope) = new.read(&api)?;
    let added = register::add_system_of(&api.app, &caller, new, &scope).await?;
    Ok((StatusCode::CREATED, Json(added.into())))
}
