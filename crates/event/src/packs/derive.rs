//! Fields that follow from other fields, as the packs' `fields` say.

use super::PackError;
use crate::record::Fields;
use crate::symbols::{Sym, Symbols};
use crate::value::Value;
use crate::yaml::Node;

/// How one field follows from others.
#[derive(Clone, Debug)]
pub struct Derive {
    pub(super) to: Sym,
    pub(super) from: Sym,
    join: Option<Sym>,
    by: Box<str>,
    words: bool,
    replace: Vec<(String, String)>,
    map: Vec<(String, String)>,
    only_listed: bool,
}

impl Derive {
    /// Whether the value goes over unchanged.
    pub(super) fn copies(&self) -> bool {
        self.map.is_empty() && self.replace.is_empty() && self.join.is_none() && !self.words
    }

    pub(super) fn apply(&self, from: &Value<'_>, fields: &Fields<'_>) -> Option<String> {
        if self.words {
            let values = fields.iter().filter(|field| field.sym == self.from);
            let words: Vec<_> = values.map(|field| field.value.to_text()).collect();
            return Some(words.join(" "));
        }
        let text = from.to_text();
        let listed = self.map.iter().find(|(value, _)| value.eq_ignore_ascii_case(&text));
        let mut out = match listed {
            Some((_, to)) => to.clone(),
            None if self.only_listed => return None,
            None => text.clone().into_owned(),
        };
        for (prefix, to) in &self.replace {
            if let Some(rest) = text
                .get(..prefix.len())
                .filter(|start| start.eq_ignore_ascii_case(prefix))
                .and_then(|_| text.get(prefix.len()..))
            {
                out = format!("{to}{rest}");
            }
        }
        if let Some(join) = self.join.and_then(|sym| fields.get(sym)) {
            out.push_str(&self.by);
            join.write_text(&mut out);
        }
        Some(out)
    }
}

/// Reads a `fields` section.
pub(super) fn derivations(
    fields: &Node<'_>,
    symbols: &mut Symbols,
) -> Result<Vec<Derive>, PackError> {
    let pairs = |node: Option<&Node<'_>>| -> Vec<(String, String)> {
        let entries = node.and_then(Node::as_map).unwrap_or_default();
        let text = |node: &Node<'_>| node.as_str().unwrap_or_default().to_owned();
        entries.iter().map(|(from, to)| (text(from), text(to))).collect()
    };
    let mut derive = Vec::new();
    for (to, spec) in fields.as_map().unwrap_or_default() {
        let from = match spec.as_list() {
            Some(_) => spec.strings(),
            None => spec.get("from").unwrap_or(spec).strings(),
        };
        if from.is_empty() {
            let expected = "a field name, a list of them, or `from`";
            return Err(PackError::Shape { pack: "packs", line: spec.line, expected });
        }
        for from in from {
            derive.push(Derive {
                to: symbols.intern(to.as_str().unwrap_or_default()),
                from: symbols.intern(from),
                join: spec.get_str("join").map(|name| symbols.intern(name)),
                by: spec.get_str("by").unwrap_or("\\").into(),
                words: spec.get_str("words").is_some(),
                replace: pairs(spec.get("replace")),
                map: pairs(spec.get("map").or_else(|| spec.get("only"))),
                only_listed: spec.get("only").is_some(),
            });
        }
    }
    Ok(derive)
}
