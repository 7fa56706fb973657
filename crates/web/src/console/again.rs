//! A page with several forms that is drawn again: what was typed stays, and what will not do stands beside its
//! field.
//!
//! In goes the form that was posted with what was wrong, out come the texts that templates put into fields. It
//! decides nothing about what is typed; whoever may not do the deed gets the error's own page.

use axum::http::StatusCode;
use khien_app::use_case::UseError;
use khien_domain::provider::{Escrow, Exit};

use super::error::PageError;
use super::frame::Frame;
use super::posted::Fields;
use super::register::{self, typed, typed_day_or};

/// What was typed into one of the forms of a page, and why it will not do; nothing on a page that is only
/// looked at.
#[derive(Default)]
pub(super) struct Again {
    form: String,
    fields: Fields,
    field: String,
    wrong: String,
}

/// What will not do.
pub(super) enum Slip {
    /// A field, and the id of the text that says what belongs there.
    Field(String, &'static str),
    /// What the use case refused.
    Use(UseError),
    /// Nothing that the form could tell.
    Page(PageError),
}

impl From<UseError> for Slip {
    fn from(error: UseError) -> Self {
        Self::Use(error)
    }
}

impl From<PageError> for Slip {
    fn from(error: PageError) -> Self {
        Self::Page(error)
    }
}

impl Slip {
    /// A field with the id of the text that says what belongs there.
    pub(super) fn at(field: &str, text: &'static str) -> Self {
        Self::Field(field.to_owned(), text)
    }
}

/// How refusals begin, and the field of a form that they are about; the longer ones first.
const ABOUT: &[(&str, &str)] = &[
    ("the name", "name"),
    ("the service", "service"),
    ("the contract ends", "until"),
    ("the contract", "contract"),
    ("the exit plan cannot", "exit_tested"),
    ("the exit plan", "exit_plan"),
    ("the custodian", "custodian"),
    ("a cryptographic product names", "custodian"),
    ("the scope of the certificate", "scope"),
    ("the version", "version"),
    ("the maker", "maker"),
    ("the certificate", "certificate"),
    ("the value", "value"),
    ("a service names", "system"),
    ("name the other system", "to"),
];

impl Again {
    /// A form with what was typed into it and what was wrong, and the status of the page; other errors have a
    /// page of their own.
    pub(super) fn of(
        f: &Frame,
        form: String,
        fields: Fields,
        slip: Slip,
    ) -> Result<(Self, StatusCode), PageError> {
        let again = |field: String, wrong: String| Self { form, fields, field, wrong };
        match slip {
            Slip::Field(field, text) => Ok((again(field, f.t(text)), StatusCode::BAD_REQUEST)),
            Slip::Page(error) => Err(error),
            Slip::Use(error) => {
                let status = match &error {
                    UseError::Conflict(_) => StatusCode::CONFLICT,
                    _ => StatusCode::BAD_REQUEST,
                };
                let field = match &error {
                    UseError::Invalid(told) | UseError::Conflict(told) => about(told),
                    _ => "",
                };
                Ok((again(field.to_owned(), register::wrong_of(f, error)?), status))
            }
        }
    }

    /// Whether this form was posted.
    pub(super) fn is_form(&self, form: &str) -> bool {
        !self.form.is_empty() && self.form == form
    }

    /// Whether a form of a kind and a number was posted.
    pub(super) fn is_numbered(&self, kind: &str, number: impl std::fmt::Display) -> bool {
        self.form == format!("{kind}-{number}")
    }

    /// What was typed into a field of a form.
    pub(super) fn text(&self, form: &str, name: &str) -> &str {
        if self.is_form(form) { self.fields.text(name) } else { "" }
    }

    /// The same, or what stands there otherwise.
    pub(super) fn text_or<'t>(&'t self, form: &str, name: &str, otherwise: &'t str) -> &'t str {
        if self.is_form(form) { self.fields.text(name) } else { otherwise }
    }

    /// Whether a value of a list was chosen.
    pub(super) fn is(&self, form: &str, name: &str, value: impl std::fmt::Display) -> bool {
        self.is_form(form) && self.fields.text(name) == value.to_string()
    }

    /// Whether a value was chosen, or stands there otherwise.
    pub(super) fn is_or(&self, form: &str, name: &str, value: &str, otherwise: bool) -> bool {
        if self.is_form(form) { self.fields.text(name) == value } else { otherwise }
    }

    /// What is wrong with a field of a form.
    pub(super) fn at(&self, form: &str, name: &str) -> Option<&str> {
        (self.is_form(form) && self.field == name).then_some(self.wrong.as_str())
    }

    /// The attribute of a field that will not do.
    pub(super) fn mark(&self, form: &str, name: &str) -> &'static str {
        if self.at(form, name).is_some() { "aria-invalid=true" } else { "" }
    }

    /// What is wrong with the page's form as a whole.
    pub(super) fn wrong(&self) -> Option<&str> {
        (!self.wrong.is_empty()).then_some(self.wrong.as_str())
    }

    /// What a form says of going on without a provider that is new.
    pub(super) fn new_exit(&self, form: &str) -> Exit {
        self.exit(form, &Exit::NONE)
    }

    /// What a form says of going on without a provider, or what is kept.
    pub(super) fn exit(&self, form: &str, kept: &Exit) -> Exit {
        if !self.is_form(form) {
            return kept.clone();
        }
        Exit {
            plan: typed(&self.fields, "exit_plan"),
            tested: typed_day_or(&self.fields, "exit_tested").ok().flatten(),
            escrow: self.fields.some("escrow").and_then(Escrow::parse).unwrap_or(Escrow::None),
        }
    }
}

/// The field that a refusal is about, if it begins with one.
fn about(told: &str) -> &'static str {
    let found = ABOUT.iter().find(|(begins, _)| told.starts_with(begins));
    found.map_or("", |(_, field)| *field)
}

/// A value of a closed list that somebody chose.
pub(super) fn chosen<T>(
    fields: &Fields,
    name: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, Slip> {
    parse(fields.text(name)).ok_or_else(|| Slip::at(name, "errors-choose"))
}

/// A day that somebody typed.
pub(super) fn day(fields: &Fields, name: &'static str) -> Result<jiff::civil::Date, Slip> {
    register::typed_day(fields.text(name)).map_err(|_| Slip::at(name, "errors-day"))
}

/// The same where it may be left out.
pub(super) fn day_or(
    fields: &Fields,
    name: &'static str,
) -> Result<Option<jiff::civil::Date>, Slip> {
    typed_day_or(fields, name).map_err(|_| Slip::at(name, "errors-day"))
}
