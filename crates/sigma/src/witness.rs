//! What must be in an event for a rule to hold.
//!
//! From a rule's tree follows a list of [`Term`]s of which at least one is true in every event
//! that fulfils the rule: its witness. Where a tree offers several lists, the one that the
//! fewest events are likely to fulfil is taken. The choice decides speed only, never the result.

use khien_event::Sym;
use regex_syntax::hir::{Hir, HirKind};

use crate::compile::Node;
use crate::fold::{Fold, fold};
use crate::pattern::{Part, Pattern, Shape};
use crate::predicate::{Predicate, Question};

/// Something that an event has or has not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Term {
    /// A folded text of a field is, begins with, ends with or holds this.
    Text(Sym, Fold, Place, Box<str>),
    /// The field is there.
    Present(Sym),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Exact,
    Prefix,
    Suffix,
    Contains,
}

#[derive(Debug)]
pub(crate) struct Witness {
    pub(crate) terms: Vec<Term>,
    cost: u32,
}

/// The witness of a tree; `None` if it can hold in an event of which nothing is known.
pub(crate) fn witness(node: &Node, predicates: &[Predicate]) -> Option<Witness> {
    match node {
        Node::True | Node::Not(_) => None,
        Node::False => Some(Witness { terms: Vec::new(), cost: 0 }),
        Node::Ask(id) => of_predicate(predicates.get(*id as usize)?),
        Node::And(parts) => {
            let offers = parts.iter().filter_map(|part| witness(part, predicates));
            offers.min_by_key(|witness| witness.cost)
        }
        Node::Or(parts) | Node::AtLeast(_, parts) => {
            let mut all = Witness { terms: Vec::new(), cost: 0 };
            for part in parts {
                let one = witness(part, predicates)?;
                all.terms.extend(one.terms);
                all.cost = all.cost.saturating_add(one.cost);
            }
            Some(all)
        }
    }
}

fn of_predicate(predicate: &Predicate) -> Option<Witness> {
    let field = predicate.field;
    let terms: Vec<Term> = match &predicate.question {
        Question::Texts(texts) => {
            texts.patterns.iter().map(|pattern| of_pattern(field, texts.fold, pattern)).collect()
        }
        Question::Regexes(list) => {
            list.iter().flat_map(|regex| of_regex(field, &regex.source)).collect()
        }
        Question::Null | Question::Exists(false) => return None,
        _ => vec![Term::Present(field)],
    };
    let cost = terms.iter().map(cost).fold(0, u32::saturating_add);
    Some(Witness { terms, cost })
}

fn of_pattern(field: Sym, fold: Fold, pattern: &Pattern) -> Term {
    let (place, text) = match pattern.shape() {
        Shape::Exact(text) => (Place::Exact, text),
        Shape::Prefix(text) => (Place::Prefix, text),
        Shape::Suffix(text) => (Place::Suffix, text),
        Shape::Contains(text) => (Place::Contains, text),
        Shape::Anything => return Term::Present(field),
        // `*\name.exe` with a wildcard inside still ends or begins with a literal.
        Shape::Wild => match (pattern.parts().first(), pattern.parts().last()) {
            (_, Some(Part::Literal(text))) if text.len() > 3 => (Place::Suffix, text.as_str()),
            (Some(Part::Literal(text)), _) if text.len() > 3 => (Place::Prefix, text.as_str()),
            _ => (Place::Contains, pattern.longest_literal().unwrap_or_default()),
        },
    };
    if text.is_empty() && place != Place::Exact {
        return Term::Present(field);
    }
    Term::Text(field, fold, place, text.into())
}

/// Literals of which every match of the regular expression holds one.
fn of_regex(field: Sym, source: &str) -> Vec<Term> {
    let hir = regex_syntax::Parser::new().parse(source).ok();
    match hir.as_ref().and_then(required) {
        Some(literals) => literals
            .into_iter()
            .map(|text| {
                Term::Text(field, Fold::Case, Place::Contains, fold(Fold::Case, &text).into())
            })
            .collect(),
        None => vec![Term::Present(field)],
    }
}

fn required(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).ok()?;
            (text.len() >= 3).then(|| vec![text.to_owned()])
        }
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub),
        HirKind::Concat(parts) => {
            let offers = parts.iter().filter_map(required);
            offers.max_by_key(|offer| offer.iter().map(String::len).min().unwrap_or(0))
        }
        HirKind::Alternation(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(required(part)?);
            }
            (all.len() <= 32).then_some(all)
        }
        _ => None,
    }
}

/// How often a term is likely to be true, and how dear it is to find out.
fn cost(term: &Term) -> u32 {
    match term {
        Term::Present(_) => 2000,
        Term::Text(field, _, place, text) => {
            let whole_message = if field.is_some() { 0 } else { 300 };
            let base = match place {
                Place::Exact => 2,
                Place::Suffix => 8,
                Place::Prefix => 10,
                Place::Contains => 20,
            };
            let rarity = match text.len() {
                0..=2 => 20,
                3..=4 => 5,
                5..=7 => 2,
                _ => 1,
            };
            base * rarity + whole_message
        }
    }
}
