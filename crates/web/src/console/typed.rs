//! What was typed into a form, and what of it will not do: one way for all rooms.
//!
//! A handler reads fields through [`Mistakes`], which keeps a sentence for each field that cannot be
//! read, so that all are told at once. What a use case refuses is put beside the field that it names.
//! The page is drawn again from [`Typed`]: what was typed stays, each sentence stands beside its field
//! (`templates/console/_typed.html`), and above the form it says how many there are, or what a use case said.
//!
//! On a page with several forms each has a name; the others are empty.

use std::fmt::Display;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::http::{Response, StatusCode};
use jiff::civil::Date;
use khien_app::access::Deed;
use khien_app::use_case::UseError;
use khien_domain::permission::Permission;

use super::Console;
use super::error::PageError;
use super::frame::{self, Frame};
use super::posted::Fields;
use super::register;
use super::visit::Visiting;

/// What will not do: fields, each with a sentence in the program's own words. No field is the whole form.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Mistakes(Vec<(String, String)>);

impl Mistakes {
    /// One alone.
    pub(super) fn one(field: &str, sentence: impl Display) -> Self {
        Self(vec![(field.to_owned(), sentence.to_string())])
    }

    /// One more.
    pub(super) fn add(&mut self, field: &str, sentence: impl Display) {
        self.0.push((field.to_owned(), sentence.to_string()));
    }

    /// What was read of a field, or its mistake.
    pub(super) fn keep<T, E: Display>(&mut self, field: &str, read: Result<T, E>) -> Option<T> {
        read.map_err(|sentence| self.add(field, sentence)).ok()
    }

    /// The text of a field that has to be filled in.
    pub(super) fn must<'f>(&mut self, fields: &'f Fields, name: &str) -> Option<&'f str> {
        let found = fields.some(name).map(str::trim);
        self.keep(name, found.ok_or(EMPTY))
    }

    /// A value of a list that has to be chosen.
    pub(super) fn chosen<T>(
        &mut self,
        fields: &Fields,
        name: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.must(fields, name)?;
        self.keep(name, parse(text).ok_or("this must be one of the list"))
    }

    /// A day that has to be filled in.
    pub(super) fn day(&mut self, fields: &Fields, name: &str) -> Option<Date> {
        let text = self.must(fields, name)?;
        self.keep(name, register::typed_day(text).map_err(|_| "this must be a day"))
    }

    /// A day that may be left out.
    pub(super) fn day_or(&mut self, fields: &Fields, name: &str) -> Option<Date> {
        fields.some(name).and_then(|_| self.day(fields, name))
    }

    /// A value of a list, if one was chosen.
    pub(super) fn chosen_or<T>(
        &mut self,
        fields: &Fields,
        name: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        fields.some(name).and_then(|_| self.chosen(fields, name, parse))
    }

    /// A whole number that may be left out.
    pub(super) fn number<N: std::str::FromStr>(
        &mut self,
        fields: &Fields,
        name: &str,
    ) -> Option<N> {
        let text = fields.some(name)?.trim();
        let read = text.parse().map_err(|_| "this must be a whole number from 0, in digits alone");
        self.keep(name, read)
    }

    /// What was read, unless something of it will not do.
    pub(super) fn end<T>(self, read: Option<T>) -> Result<T, Self> {
        match read {
            Some(read) if self.0.is_empty() => Ok(read),
            None if self.0.is_empty() => Err(Self::one("", EMPTY)),
            _ => Err(self),
        }
    }
}

/// What is said of a field that is empty and may not be.
const EMPTY: &str = "this must be filled in";

/// Why a form did nothing.
pub(super) enum Refused {
    /// What was typed cannot be read.
    Mistakes(Mistakes),
    /// The use case refused it.
    Use(UseError),
}

impl From<Mistakes> for Refused {
    fn from(mistakes: Mistakes) -> Self {
        Self::Mistakes(mistakes)
    }
}

impl From<UseError> for Refused {
    fn from(error: UseError) -> Self {
        Self::Use(error)
    }
}

impl Refused {
    /// The same for whoever may do it at all; whoever may not is told that instead.
    pub(super) async fn for_whoever_may(
        self,
        console: &Arc<Console>,
        visiting: &Visiting,
        (permission, deed): (Permission, Deed),
    ) -> Result<Self, PageError> {
        if matches!(self, Self::Mistakes(_)) {
            console.app.require(&visiting.caller, permission, &deed).await?;
        }
        Ok(self)
    }
}

/// A form as it is drawn.
pub(super) struct Typed {
    /// The name of the form, if its page has several.
    form: String,
    fields: Fields,
    /// Sentences in the language of the page, each with its field.
    wrong: Vec<(String, String)>,
    /// What stands above the form: how many there are, or the only one.
    count: String,
    /// The status of a page that shows it.
    status: StatusCode,
}

/// The form that nothing was typed into.
static EMPTY_FORM: Typed = Typed {
    form: String::new(),
    fields: Fields::none(),
    wrong: Vec::new(),
    count: String::new(),
    status: StatusCode::OK,
};

impl Default for Typed {
    fn default() -> Self {
        Self::new(Fields::none())
    }
}

impl Typed {
    /// A form that nothing is wrong with.
    pub(super) fn new(fields: Fields) -> Self {
        let (form, wrong, count) = (String::new(), Vec::new(), String::new());
        Self { form, fields, wrong, count, status: StatusCode::OK }
    }

    /// A form that was refused. `places` are words of sentences of the use case, with the field that
    /// each is about.
    pub(super) fn refused(
        f: &Frame,
        form: &str,
        fields: Fields,
        refused: Refused,
        places: &[(&str, &str)],
    ) -> Result<Self, PageError> {
        let status = match refused {
            Refused::Use(UseError::Conflict(_)) => StatusCode::CONFLICT,
            _ => StatusCode::BAD_REQUEST,
        };
        let (wrong, count) = match refused {
            Refused::Mistakes(Mistakes(all)) => {
                let told = |(field, sentence): (String, String)| (field, f.told(&sentence));
                let wrong: Vec<_> = all.into_iter().map(told).collect();
                let count = f.n("attest-wrong", wrong.len());
                (wrong, count)
            }
            Refused::Use(error) => {
                let english = error.to_string();
                let place = places.iter().find(|(words, _)| english.contains(words));
                let field = place.map_or_else(String::new, |(_, field)| (*field).to_owned());
                // It stands above too: the form may have no such field.
                let said = register::wrong_of(f, error)?;
                (vec![(field, said.clone())], said)
            }
        };
        Ok(Self { form: form.to_owned(), fields, wrong, count, status })
    }

    /// The form of a name: this one, or an empty one.
    pub(super) fn form(&self, name: &str) -> &Self {
        if self.form == name { self } else { &EMPTY_FORM }
    }

    /// The same of one of many, such as a row.
    pub(super) fn form_of(&self, name: &str, id: impl Display) -> &Self {
        self.form(&format!("{name}-{id}"))
    }

    /// Whether it was refused.
    pub(super) fn is_wrong(&self) -> bool {
        !self.wrong.is_empty()
    }

    /// What stands above the form: sentences about the whole of it, or how many fields have one.
    pub(super) fn above(&self) -> Vec<&str> {
        let whole: Vec<&str> = self
            .wrong
            .iter()
            .filter(|(field, _)| field.is_empty())
            .map(|(_, said)| said.as_str())
            .collect();
        if whole.is_empty() && self.is_wrong() { vec![&self.count] } else { whole }
    }

    /// What is wrong with a field.
    pub(super) fn wrong(&self, field: &str) -> Option<&str> {
        let found = self.wrong.iter().find(|(of, _)| of == field);
        found.map(|(_, said)| said.as_str())
    }

    /// What was typed into a field.
    pub(super) fn text(&self, name: &str) -> &str {
        self.fields.text(name)
    }

    /// What was typed into a field, or what is known as long as nothing was refused.
    pub(super) fn text_or(&self, name: &str, known: impl Display) -> String {
        if self.is_wrong() { self.text(name).to_owned() } else { known.to_string() }
    }

    /// The same for what may not be known.
    pub(super) fn text_or_some(&self, name: &str, known: &Option<impl Display>) -> String {
        known.as_ref().map_or_else(|| self.text(name).to_owned(), |known| self.text_or(name, known))
    }

    /// Whether something was typed or ticked.
    pub(super) fn has(&self, name: &str) -> bool {
        self.fields.some(name).is_some()
    }

    /// Whether a value is chosen of a field.
    pub(super) fn is(&self, name: &str, value: &str) -> bool {
        self.fields.all(name).any(|chosen| chosen == value)
    }

    /// The same; `usual` is chosen as long as nothing was.
    pub(super) fn is_or(&self, name: &str, value: &str, usual: &str) -> bool {
        if self.has(name) { self.is(name, value) } else { !self.is_wrong() && value == usual }
    }

    /// The status of a page that shows it: wrong usage, a collision with what is there, or neither.
    pub(super) fn status(&self) -> StatusCode {
        self.status
    }
}

/// A page with a status.
pub(super) fn page(status: StatusCode, page: &impl Template) -> Result<Response<Body>, PageError> {
    let mut response = frame::page(page)?;
    *response.status_mut() = status;
    Ok(response)
}
