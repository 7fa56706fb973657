//! `POST /rules/{id}/set`: switched on or off, another level, for all or for one agency.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::UseError;
use khien_app::use_case::rules::{self, WantedSetting};
use khien_domain::alert::Severity;
use khien_domain::code::AgencyCode;
use khien_domain::rule_setting::{Property, Setting};

use crate::console::Console;
use crate::console::error::PageError;
use crate::console::frame;
use crate::console::posted::Posted;

/// Which property, and what it is set to; nothing takes back what was set.
fn step(name: &str) -> Option<(Property, Option<Setting>)> {
    Some(match name {
        "on" => (Property::Switch, Some(Setting::On(true))),
        "off" => (Property::Switch, Some(Setting::On(false))),
        "own-switch" => (Property::Switch, None),
        "own-level" => (Property::Level, None),
        level => (Property::Level, Some(Setting::Level(Severity::parse(level)?))),
    })
}

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    Path(rule): Path<String>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let (property, setting) = fields.parsed("to", step)?;
    let agency = match fields.some("agency") {
        Some(code) => Some(AgencyCode::new(code).map_err(|_| PageError::invalid("agency"))?),
        None => None,
    };
    let reason = fields.text("reason").to_owned();
    let wanted = WantedSetting { rule: rule.clone(), agency, property, setting, reason };
    match rules::set_rule(&console.app, &visiting.caller, wanted).await {
        Ok(()) => {
            let href = frame::rule_href(&rule);
            Ok(Redirect::to(&format!("{href}?done=rule-set")).into_response())
        }
        Err(UseError::Invalid(wrong) | UseError::Conflict(wrong)) => {
            super::detail::draw(&console, &visiting, &rule, &fields, Some(&wrong)).await
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_settings_or_take_them_back() {
        assert_eq!(step("off"), Some((Property::Switch, Some(Setting::On(false)))));
        assert_eq!(step("own-switch"), Some((Property::Switch, None)));
        assert_eq!(step("own-level"), Some((Property::Level, None)));
        for level in Severity::ALL {
            assert_eq!(step(level.name()), Some((Property::Level, Some(Setting::Level(level)))));
        }
        assert_eq!(step(""), None);
    }
}
