//! `PUT /api/v1/agencies/{code}/assignment`: who answers for an agency and whom to reach.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::register;
use khien_domain::account::UserName;
use khien_domain::agency::{Appointment, Contact, Duty};
use serde::Deserialize;

use super::AgencySheetJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Body, Part, agency, day, one_of};

/// All appointments and contacts of the agency, from now on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Assigned {
    appointments: Vec<NewAppointment>,
    #[serde(default)]
    contacts: Vec<NewContact>,
}

impl Assigned {
    /// Who is meant.
    pub(in crate::api) fn read(self) -> Result<(Vec<Appointment>, Vec<Contact>), ApiError> {
        let appointments = self.appointments.into_iter().map(|one| {
            Ok(Appointment {
                duty: one_of("duty", &one.duty, Duty::parse)?,
                holder: one.holder,
                post: one.post,
                document: one.document,
                signed: day("signed", &one.signed)?,
                until: day("until", &one.until)?,
                account: one
                    .account
                    .map(|name| UserName::new(&name))
                    .transpose()
                    .map_err(|error| ApiError::invalid(error.to_string()))?,
            })
        });
        let contact = |one: NewContact| Contact {
            role: one.role,
            post: one.post,
            mail: one.mail,
            line: one.line,
        };
        let contacts = self.contacts.into_iter().map(contact).collect();
        Ok((appointments.collect::<Result<_, ApiError>>()?, contacts))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewAppointment {
    duty: String,
    holder: String,
    post: String,
    document: String,
    signed: String,
    until: String,
    account: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewContact {
    role: String,
    post: String,
    mail: String,
    line: Option<String>,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(code): Part<String>,
    Body(new): Body<Assigned>,
) -> Result<Json<AgencySheetJson>, ApiError> {
    let (appointments, contacts) = new.read()?;
    let code = agency(&code)?;
    let sheet = register::assign(&api.app, &caller, &code, appointments, contacts).await?;
    Ok(Json(sheet.into()))
}
