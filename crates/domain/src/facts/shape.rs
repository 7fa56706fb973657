//! Reading typed things out of a [`Content`]: what is missing, wrong or unknown is said with its place.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::evidence::content::Content;

/// What does not fit, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {what}", .path.join(" › "))]
pub struct ShapeError {
    /// The names and places that lead to it.
    pub path: Vec<String>,
    /// What is wrong.
    pub what: String,
}

/// An object that is being read. Every name must be asked for: [`Shape::done`] refuses the rest.
#[derive(Debug)]
pub struct Shape<'c> {
    values: &'c BTreeMap<String, Content>,
    path: Vec<String>,
    asked: RefCell<BTreeSet<&'static str>>,
}

impl<'c> Shape<'c> {
    /// The object at a place.
    pub fn new(content: &'c Content, path: &[String]) -> Result<Self, ShapeError> {
        let Content::Map(values) = content else {
            return Err(ShapeError {
                path: path.to_vec(),
                what: "names with values are expected".into(),
            });
        };
        Ok(Self { values, path: path.to_vec(), asked: RefCell::default() })
    }

    /// Where it stands.
    pub fn path(&self) -> &[String] {
        &self.path
    }

    /// Where the value of a name stands.
    pub fn path_to(&self, name: &str) -> Vec<String> {
        let mut path = self.path.clone();
        path.push(name.to_owned());
        path
    }

    /// What is wrong with the value of a name.
    pub fn wrong(&self, name: &str, what: impl Into<String>) -> ShapeError {
        let path =
            if self.values.contains_key(name) { self.path_to(name) } else { self.path.clone() };
        ShapeError { path, what: what.into() }
    }

    /// The value of a name, if it is there.
    pub fn get(&self, name: &'static str) -> Option<&'c Content> {
        self.asked.borrow_mut().insert(name);
        self.values.get(name)
    }

    fn typed<T>(
        &self,
        name: &'static str,
        expected: &str,
        read: impl FnOnce(&'c Content) -> Option<T>,
    ) -> Result<Option<T>, ShapeError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let wrong = || self.wrong(name, format!("«{name}» must be {expected}"));
        read(value).map(Some).ok_or_else(wrong)
    }

    fn needed<T>(&self, name: &str, value: Option<T>) -> Result<T, ShapeError> {
        value.ok_or_else(|| self.wrong(name, format!("«{name}» is missing")))
    }

    /// A text that may be missing.
    pub fn optional_text(&self, name: &'static str) -> Result<Option<&'c str>, ShapeError> {
        self.typed(name, "a text", |value| value.as_text().filter(|text| !text.is_empty()))
    }

    /// A text.
    pub fn text(&self, name: &'static str) -> Result<&'c str, ShapeError> {
        let value = self.optional_text(name)?;
        self.needed(name, value)
    }

    /// A whole number from 0 that may be missing.
    pub fn optional_count(&self, name: &'static str) -> Result<Option<i64>, ShapeError> {
        self.typed(name, "a whole number from 0", |value| {
            value.as_int().filter(|value| *value >= 0)
        })
    }

    /// A whole number from 0.
    pub fn count(&self, name: &'static str) -> Result<i64, ShapeError> {
        let value = self.optional_count(name)?;
        self.needed(name, value)
    }

    /// Yes or no; no if it is missing.
    pub fn flag(&self, name: &'static str) -> Result<bool, ShapeError> {
        Ok(self.typed(name, "true or false", Content::as_bool)?.unwrap_or(false))
    }

    /// A list of texts; empty if it is missing.
    pub fn texts(&self, name: &'static str) -> Result<Vec<&'c str>, ShapeError> {
        let texts = self.typed(name, "a list of texts", |value| match value {
            Content::List(values) => values.iter().map(Content::as_text).collect(),
            _ => None,
        })?;
        Ok(texts.unwrap_or_default())
    }

    /// A list of anything.
    pub fn list(&self, name: &'static str) -> Result<&'c [Content], ShapeError> {
        let list = self.typed(name, "a list", |value| match value {
            Content::List(values) => Some(values.as_slice()),
            _ => None,
        })?;
        self.needed(name, list)
    }

    /// Names with values; none if it is missing.
    pub fn entries(&self, name: &'static str) -> Result<Vec<(&'c str, &'c Content)>, ShapeError> {
        let entries = self.typed(name, "names with values", |value| match value {
            Content::Map(values) => {
                Some(values.iter().map(|(name, value)| (name.as_str(), value)).collect())
            }
            _ => None,
        })?;
        Ok(entries.unwrap_or_default())
    }

    /// Nothing is left that nobody asked for.
    pub fn done(&self) -> Result<(), ShapeError> {
        let asked = self.asked.borrow();
        match self.values.keys().find(|name| !asked.contains(name.as_str())) {
            None => Ok(()),
            Some(name) => Err(self.wrong(name, format!("«{name}» is not known here"))),
        }
    }
}
