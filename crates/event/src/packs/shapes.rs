//! What a JSON object is, told by the fields it has.
//!
//! The `json` section of `logsources.yml` lists shapes in the order in which they are tried. A
//! shape fits an object that has all fields of `has` and, for every field of `is`, one of the
//! values listed there. A fitting shape gives the record its kind; some also say in which field
//! a log line of another program travels.

use super::PackError;
use crate::record::{Kind, Record};
use crate::symbols::{Sym, Symbols};
use crate::value::Value;
use crate::yaml::Node;

/// One entry of the `json` section.
#[derive(Clone, Debug)]
pub struct Shape {
    kind: String,
    suffix: Option<Sym>,
    has: Vec<Sym>,
    is: Vec<(Sym, Vec<String>)>,
    message: Option<Sym>,
    program: Vec<Sym>,
}

impl Shape {
    /// Reads the section and makes its field names known to `symbols`.
    pub(super) fn load(section: &Node<'_>, symbols: &mut Symbols) -> Result<Vec<Self>, PackError> {
        let mut shapes = Vec::new();
        for entry in section.as_list().unwrap_or_default() {
            let fault =
                |expected| PackError::Shape { pack: "logsources.yml", line: entry.line, expected };
            let kind = entry.get_str("kind").ok_or_else(|| fault("a kind"))?.to_owned();
            let mut syms = |key: &str| -> Vec<Sym> {
                let names = entry.get(key).map(Node::strings).unwrap_or_default();
                names.into_iter().map(|name| symbols.intern(name)).collect()
            };
            let (has, program) = (syms("has"), syms("program"));
            let (suffix, message) = (syms("suffix").pop(), syms("message").pop());
            let is: Vec<(Sym, Vec<String>)> = entry
                .get("is")
                .and_then(Node::as_map)
                .unwrap_or_default()
                .iter()
                .map(|(name, values)| {
                    let values = values.strings().into_iter().map(str::to_owned).collect();
                    (symbols.intern(name.as_str().unwrap_or_default()), values)
                })
                .collect();
            if has.is_empty() && is.is_empty() {
                return Err(fault("fields that tell the shape, under `has` or `is`"));
            }
            shapes.push(Self { kind, suffix, has, is, message, program });
        }
        Ok(shapes)
    }

    /// Whether the record has what the shape asks for.
    pub fn fits(&self, record: &Record<'_>) -> bool {
        self.has.iter().all(|sym| record.fields.get(*sym).is_some())
            && self.is.iter().all(|(sym, values)| {
                record.fields.get(*sym).is_some_and(|value| {
                    let text = value.to_text();
                    values.iter().any(|wanted| wanted.eq_ignore_ascii_case(&text))
                })
            })
    }

    /// The kind of a record that fits.
    pub fn kind(&self, record: &Record<'_>) -> Kind<'static> {
        let name = match self.suffix.and_then(|sym| record.fields.get(sym)) {
            Some(suffix) => {
                let mut name = format!("{}/", self.kind);
                suffix.write_text(&mut name);
                name
            }
            None => self.kind.clone(),
        };
        Kind::Named(name.into())
    }

    /// The log line of another program that the record carries.
    pub fn message<'r, 'a>(&self, record: &'r Record<'a>) -> Option<&'r Value<'a>> {
        record.fields.get(self.message?)
    }

    /// The program that wrote the carried line, if the record names it.
    pub fn program(&self, record: &Record<'_>) -> String {
        let named = self.program.iter().find_map(|sym| record.fields.get(*sym));
        named.map(|value| value.to_text().into_owned()).unwrap_or_default()
    }
}
