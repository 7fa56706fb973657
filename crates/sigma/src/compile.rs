//! All rules together, as one structure to ask.
//!
//! Every rule becomes a `Node` tree over shared `Predicate`s. Rules are not asked one by one:
//! for each kind of event a `Program` is built when the first such event arrives (see
//! `program.rs`), which finds from the event's texts the few rules that can hold.

use std::collections::BTreeSet;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

use khien_event::packs::RouteId;
use khien_event::{LogSource, Packs, Sym, Symbols};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::condition::Expr;
use crate::correlation::{Correlation, Reference};
use crate::load::Loaded;
use crate::predicate::{Predicate, Question};
use crate::program::Program;
use crate::rule::{Item, Matcher, Rule, Search, Test};

/// A rule's condition over predicates, by their position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    True,
    False,
    Ask(u32),
    And(Box<[Node]>),
    Or(Box<[Node]>),
    Not(Box<Node>),
    AtLeast(u32, Box<[Node]>),
}

/// Rules, compiled together; immutable and shared by all threads.
#[derive(Debug)]
pub struct RuleSet {
    rules: Vec<Rule>,
    correlations: Vec<Correlation>,
    silent: Vec<bool>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) predicates: Vec<Predicate>,
    pub(crate) event_id: Sym,
    pub(crate) event_ids: FxHashSet<u64>,
    pub(crate) symbols: Arc<Symbols>,
    packs: Arc<Packs>,
    programs: Mutex<FxHashMap<(RouteId, EventId), Arc<Program>>>,
}

/// The event id as far as rules tell ids apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum EventId {
    /// The event has none.
    None,
    /// No rule mentions it.
    Other,
    /// A rule mentions it.
    Known(u64),
}

impl RuleSet {
    /// Compiles rules. Their field names become known to `symbols`, which is then shared with the
    /// readers of logs.
    pub fn new(loaded: Loaded, packs: Arc<Packs>, mut symbols: Symbols) -> Self {
        let mut compiler =
            Compiler { symbols: &mut symbols, predicates: Vec::new(), known: FxHashMap::default() };
        compiler.known.reserve(4 * loaded.rules.len());
        let nodes: Vec<Node> = loaded.rules.iter().map(|rule| compiler.rule(rule)).collect();
        for correlation in &loaded.correlations {
            for name in correlation.group_by.iter().chain(&correlation.fields) {
                compiler.symbols.intern(name);
            }
            for (_, _, field) in &correlation.aliases {
                compiler.symbols.intern(field);
            }
        }
        let predicates = compiler.predicates;
        let event_id = symbols.intern("EventID");
        let mut event_ids = FxHashSet::default();
        for predicate in predicates.iter().filter(|predicate| predicate.field == event_id) {
            match &predicate.question {
                // `4688.0` is the event id 4688, too.
                Question::Numbers(numbers) => {
                    event_ids.extend(numbers.iter().filter_map(|number| number.as_u64()));
                }
                _ => event_ids.extend(
                    predicate.sources.iter().filter_map(|id| id.trim().parse::<u64>().ok()),
                ),
            }
        }
        let mut silent = vec![false; loaded.rules.len()];
        for correlation in loaded.correlations.iter().filter(|correlation| !correlation.generate) {
            for reference in &correlation.references {
                if let Reference::Rule(rule) = *reference
                    && let Some(silent) = silent.get_mut(rule)
                {
                    *silent = true;
                }
            }
        }
        for correlation in loaded.correlations.iter().filter(|correlation| correlation.generate) {
            for reference in &correlation.references {
                if let Reference::Rule(rule) = *reference
                    && let Some(silent) = silent.get_mut(rule)
                {
                    *silent = false;
                }
            }
        }
        Self {
            rules: loaded.rules,
            correlations: loaded.correlations,
            silent,
            nodes,
            predicates,
            event_id,
            event_ids,
            symbols: Arc::new(symbols),
            packs,
            programs: Mutex::default(),
        }
    }

    /// The rules; the engine names them by position.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The correlations.
    pub fn correlations(&self) -> &[Correlation] {
        &self.correlations
    }

    /// Whether a rule only feeds correlations and is not told on its own.
    pub fn is_silent(&self, rule: usize) -> bool {
        self.silent.get(rule).copied().unwrap_or(false)
    }

    /// The field names that rules and packs mention.
    pub fn symbols(&self) -> &Arc<Symbols> {
        &self.symbols
    }

    /// The packs the rules were compiled with.
    pub fn packs(&self) -> &Arc<Packs> {
        &self.packs
    }

    /// The program for one kind of event, built on first use.
    pub(crate) fn program(&self, route: RouteId, event_id: EventId) -> Arc<Program> {
        let find = || self.programs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(program) = find().get(&(route, event_id)) {
            return Arc::clone(program);
        }
        let labels = self.packs.routes().get(route).map(|route| route.labels.as_slice());
        let seen = self.seen_by(labels.unwrap_or_default());
        let program = Arc::new(Program::build(self, &seen, event_id));
        Arc::clone(find().entry((route, event_id)).or_insert(program))
    }

    /// The rules that see events with these labels. Rules whose log source says nothing see all.
    pub fn seen_by(&self, labels: &[LogSource]) -> Vec<usize> {
        let nothing = LogSource::default();
        let sees = |rule: &Rule| {
            let wanted = &rule.log_source;
            nothing.satisfies(wanted) || labels.iter().any(|label| label.satisfies(wanted))
        };
        let rules = self.rules.iter().enumerate();
        rules.filter(|(_, rule)| sees(rule)).map(|(position, _)| position).collect()
    }
}

struct Compiler<'r, 's> {
    symbols: &'s mut Symbols,
    predicates: Vec<Predicate>,
    known: FxHashMap<Key<'r>, u32>,
}

/// What is asked, as the rule says it. The values' sources are told with a match, so questions
/// that mean the same and are written differently stay apart.
#[derive(PartialEq, Eq, Hash)]
struct Key<'r> {
    field: Sym,
    modifiers: &'r str,
    group: Box<[Alternative<'r>]>,
}

/// One alternative of a question, with the value as the rule writes it.
type Alternative<'r> = (&'r Matcher, &'r Arc<str>);

impl<'r> Compiler<'r, '_> {
    fn rule(&mut self, rule: &'r Rule) -> Node {
        if !rule.waits_for.is_empty() {
            return Node::False;
        }
        let mut parts = vec![self.joined(&rule.selections, &rule.condition)];
        for exclusion in &rule.exclusions {
            parts.push(not(self.joined(&exclusion.selections, &exclusion.condition)));
        }
        self.and(parts)
    }

    fn joined(&mut self, selections: &'r [(String, Search)], condition: &Expr) -> Node {
        let nodes: Vec<Node> = selections.iter().map(|(_, search)| self.search(search)).collect();
        self.expr(condition, &nodes)
    }

    fn expr(&self, expr: &Expr, selections: &[Node]) -> Node {
        let selection = |at: &usize| selections.get(*at).cloned().unwrap_or(Node::False);
        match expr {
            Expr::Selection(at) => selection(at),
            Expr::And(items) => {
                self.and(items.iter().map(|item| self.expr(item, selections)).collect())
            }
            Expr::Or(items) => {
                self.or(items.iter().map(|item| self.expr(item, selections)).collect())
            }
            Expr::Not(inner) => not(self.expr(inner, selections)),
            Expr::Of { need, among } if *need == among.len() => {
                self.and(among.iter().map(selection).collect())
            }
            Expr::Of { need: 1, among } => self.or(among.iter().map(selection).collect()),
            Expr::Of { need, among } => {
                Node::AtLeast(*need as u32, among.iter().map(selection).collect())
            }
        }
    }

    fn search(&mut self, search: &'r Search) -> Node {
        match search {
            Search::All(parts) => {
                let parts = parts.iter().map(|part| self.search(part)).collect();
                self.and(parts)
            }
            Search::Any(parts) => {
                let parts = parts.iter().map(|part| self.search(part)).collect();
                self.or(parts)
            }
            Search::Item(item) => self.item(item),
        }
    }

    fn item(&mut self, item: &'r Item) -> Node {
        let alternatives =
            |test: &'r Test| test.matchers.iter().map(move |matcher| (matcher, &test.source));
        let node = if item.all {
            let each =
                item.tests.iter().map(|test| self.any_of(item, alternatives(test).collect()));
            let each = each.collect();
            self.and(each)
        } else {
            self.any_of(item, item.tests.iter().flat_map(alternatives).collect())
        };
        if item.negate { not(node) } else { node }
    }

    /// At least one of these matchers, grouped into as few predicates as there are kinds.
    fn any_of(&mut self, item: &'r Item, mut rest: Vec<Alternative<'r>>) -> Node {
        let field = match &item.field {
            Some(name) => self.symbols.intern(name),
            None => Sym::NONE,
        };
        let mut nodes = Vec::new();
        while let Some(&(first, _)) = rest.first() {
            // Nearly always all values are tested alike.
            let others: Vec<_> =
                rest.extract_if(.., |(matcher, _)| !same_question(first, matcher)).collect();
            let group = std::mem::replace(&mut rest, others);
            nodes.push(Node::Ask(self.predicate(field, &item.modifiers, group)));
        }
        self.or(nodes)
    }

    fn predicate(&mut self, field: Sym, modifiers: &'r str, group: Vec<Alternative<'r>>) -> u32 {
        let key = Key { field, modifiers, group: group.into() };
        let known = match self.known.entry(key) {
            Entry::Occupied(known) => return *known.get(),
            Entry::Vacant(known) => known,
        };
        let group = &known.key().group;
        let matchers: Vec<&Matcher> = group.iter().map(|(matcher, _)| *matcher).collect();
        let symbols = std::cell::RefCell::new(&mut *self.symbols);
        let question = Question::of(&matchers, |name| symbols.borrow_mut().intern(name));
        self.predicates.push(Predicate {
            field,
            question: question.unwrap_or(Question::Exists(false)),
            modifiers: modifiers.into(),
            sources: group.iter().map(|(_, source)| Arc::clone(source)).collect(),
        });
        *known.insert(self.predicates.len() as u32 - 1)
    }

    /// Conjunction, cheapest questions first.
    fn and(&self, parts: Vec<Node>) -> Node {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                Node::True => {}
                Node::False => return Node::False,
                Node::And(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        flat.sort_by_cached_key(|node| self.cost(node));
        match flat.len() {
            0 => Node::True,
            1 => flat.remove(0),
            _ => Node::And(flat.into()),
        }
    }

    fn or(&self, parts: Vec<Node>) -> Node {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                Node::False => {}
                Node::True => return Node::True,
                Node::Or(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        flat.sort_by_cached_key(|node| self.cost(node));
        match flat.len() {
            0 => Node::False,
            1 => flat.remove(0),
            _ => Node::Or(flat.into()),
        }
    }

    fn cost(&self, node: &Node) -> u32 {
        match node {
            Node::True | Node::False => 0,
            Node::Ask(id) => self.predicates.get(*id as usize).map_or(0, |p| p.question.cost()),
            Node::And(parts) => parts.iter().map(|part| self.cost(part)).min().unwrap_or(0) + 1,
            Node::Or(parts) | Node::AtLeast(_, parts) => {
                parts.iter().map(|part| self.cost(part)).sum::<u32>() + 1
            }
            // What takes hits away is seldom true: it comes last.
            Node::Not(inner) => self.cost(inner) + 1000,
        }
    }
}

fn not(node: Node) -> Node {
    match node {
        Node::True => Node::False,
        Node::False => Node::True,
        Node::Not(inner) => *inner,
        other => Node::Not(Box::new(other)),
    }
}

/// Whether two matchers can be asked in one question.
fn same_question(first: &Matcher, other: &Matcher) -> bool {
    match (first, other) {
        (Matcher::Text { fold, .. }, Matcher::Text { fold: other, .. }) => fold == other,
        (Matcher::Regex(_), Matcher::Regex(_))
        | (Matcher::Cidr(_), Matcher::Cidr(_))
        | (Matcher::Number(_), Matcher::Number(_)) => true,
        _ => std::ptr::eq(first, other),
    }
}

/// Puts known answers into a tree and shortens it.
pub(crate) fn specialise(node: &Node, answer: &impl Fn(u32) -> Option<bool>) -> Node {
    match node {
        Node::True | Node::False => node.clone(),
        Node::Ask(id) => match answer(*id) {
            Some(true) => Node::True,
            Some(false) => Node::False,
            None => node.clone(),
        },
        Node::Not(inner) => not(specialise(inner, answer)),
        Node::And(parts) => {
            let mut kept = Vec::with_capacity(parts.len());
            for part in parts {
                match specialise(part, answer) {
                    Node::False => return Node::False,
                    Node::True => {}
                    other => kept.push(other),
                }
            }
            if kept.is_empty() { Node::True } else { Node::And(kept.into()) }
        }
        Node::Or(parts) => {
            let mut kept = Vec::with_capacity(parts.len());
            for part in parts {
                match specialise(part, answer) {
                    Node::True => return Node::True,
                    Node::False => {}
                    other => kept.push(other),
                }
            }
            if kept.is_empty() { Node::False } else { Node::Or(kept.into()) }
        }
        Node::AtLeast(need, parts) => {
            Node::AtLeast(*need, parts.iter().map(|part| specialise(part, answer)).collect())
        }
    }
}

/// The predicates that a tree asks.
pub(crate) fn asked(node: &Node, found: &mut BTreeSet<u32>) {
    match node {
        Node::True | Node::False => {}
        Node::Ask(id) => {
            found.insert(*id);
        }
        Node::Not(inner) => asked(inner, found),
        Node::And(parts) | Node::Or(parts) | Node::AtLeast(_, parts) => {
            parts.iter().for_each(|part| asked(part, found));
        }
    }
}
