//! Events to matches.
//!
//! A [`Matcher`] belongs to one thread. [`Matcher::matches`] takes a record, finds its route,
//! lets the route's program name candidates, asks each candidate in full and answers with the
//! rules that hold. Every question is asked at most once an event; every text is folded at most
//! once. After a match, [`Matcher::matched`] tells which values matched which patterns.

use std::borrow::Cow;
use std::sync::Arc;

use khien_event::packs::RouteId;
use khien_event::{Fields, LogSource, Record, Sym, Value};
use rustc_hash::FxHashMap;

use crate::compile::{EventId, Node, RuleSet};
use crate::fold::{Fold, fold_into, fold_value};
use crate::predicate::{Predicate, Question, refers};
use crate::program::{NO_SLOT, Program, Slot};

/// A value of an event that a rule asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matched {
    /// The field; empty for a search of the whole message.
    pub field: String,
    /// The text that was found.
    pub value: String,
    /// The pattern as the rule writes it.
    pub pattern: String,
    /// The modifiers as the rule writes them, such as `contains|all`.
    pub modifiers: String,
}

/// Matches events of one thread.
pub struct Matcher<'r> {
    set: &'r RuleSet,
    programs: FxHashMap<(RouteId, EventId), Arc<Program>>,
    route_text: String,
    scratch: Scratch,
    hits: Vec<usize>,
    current: Option<Arc<Program>>,
    route: RouteId,
}

#[derive(Default)]
struct Scratch {
    epoch: u32,
    /// For each predicate: the epoch it was answered in, doubled, plus the answer.
    answers: Vec<u64>,
    slots: Vec<SlotState>,
    candidates: Vec<u32>,
    marks: Vec<u32>,
    messages: [Cached; 3],
    decode: String,
    raw: Vec<u8>,
    words: String,
}

#[derive(Default)]
struct SlotState {
    epoch: u32,
    values: Vec<u32>,
    texts: Vec<[Cached; 3]>,
}

#[derive(Default)]
struct Cached {
    epoch: u32,
    text: String,
}

impl<'r> Matcher<'r> {
    /// A matcher for these rules.
    pub fn new(set: &'r RuleSet) -> Self {
        let scratch = Scratch { answers: vec![0; set.predicates.len()], ..Scratch::default() };
        Self {
            set,
            programs: FxHashMap::default(),
            route_text: String::new(),
            scratch,
            hits: Vec::new(),
            current: None,
            route: 0,
        }
    }

    /// The rules that hold for a record, by position, in ascending order. Fields that follow from
    /// the record's log source are added to it.
    pub fn matches(&mut self, record: &mut Record<'_>) -> &[usize] {
        let packs = self.set.packs();
        self.route = packs.route(record, &mut self.route_text);
        packs.derive(self.route, record);
        let program = self.program(record);
        self.run(program, record)
    }

    /// The same for a record that is taken for an event of the log source `label`, whatever it is:
    /// for samples that state their fields and log source. Slow, and nothing is added to the record.
    pub fn matches_as(&mut self, label: &LogSource, record: &Record<'_>) -> &[usize] {
        let seen = self.set.seen_by(std::slice::from_ref(label));
        let program = Program::build(self.set, &seen, self.event_id(record));
        self.run(Arc::new(program), record)
    }

    fn run(&mut self, program: Arc<Program>, record: &Record<'_>) -> &[usize] {
        self.hits.clear();
        if !program.rules.is_empty() {
            self.scratch.begin(&program, record);
            self.scratch.find_candidates(&program, record);
            let candidates = std::mem::take(&mut self.scratch.candidates);
            for &at in &candidates {
                let Some(candidate) = program.rules.get(at as usize) else { continue };
                let mut asking =
                    Asking { set: self.set, program: &program, record, scratch: &mut self.scratch };
                if asking.holds(&candidate.node) {
                    self.hits.push(candidate.rule);
                }
            }
            self.scratch.candidates = candidates;
            self.hits.sort_unstable();
        }
        self.current = Some(program);
        &self.hits
    }

    /// The rules that held for the last record.
    pub fn hits(&self) -> &[usize] {
        &self.hits
    }

    /// The route of the last record.
    pub fn route(&self) -> RouteId {
        self.route
    }

    fn event_id(&self, record: &Record<'_>) -> EventId {
        match record.fields.get(self.set.event_id).and_then(Value::as_u64) {
            None => EventId::None,
            Some(id) if self.set.event_ids.contains(&id) => EventId::Known(id),
            Some(_) => EventId::Other,
        }
    }

    fn program(&mut self, record: &Record<'_>) -> Arc<Program> {
        let key = (self.route, self.event_id(record));
        if let Some(program) = self.programs.get(&key) {
            return Arc::clone(program);
        }
        let program = self.set.program(key.0, key.1);
        self.programs.insert(key, Arc::clone(&program));
        program
    }

    /// What made a rule hold for the record that was last passed to [`Matcher::matches`].
    pub fn matched(&mut self, rule: usize, record: &Record<'_>) -> Vec<Matched> {
        let Some(program) = self.current.clone() else { return Vec::new() };
        let mut found = Vec::new();
        if let Some(node) = self.set.nodes.get(rule) {
            let mut asking =
                Asking { set: self.set, program: &program, record, scratch: &mut self.scratch };
            asking.explain(node, &mut found);
        }
        found
    }

    /// Whether a rule holds for the record that was last passed to [`Matcher::matches`], found by
    /// asking the rule itself. Slower than [`Matcher::matches`], and by design the same answer.
    pub fn holds(&mut self, rule: usize, record: &Record<'_>) -> bool {
        let Some(node) = self.set.nodes.get(rule) else { return false };
        let program = Arc::new(Program::build(self.set, &[rule], EventId::None));
        self.scratch.begin(&program, record);
        let mut asking =
            Asking { set: self.set, program: &program, record, scratch: &mut self.scratch };
        let holds = asking.holds(node);
        self.current = Some(program);
        holds
    }
}

impl Scratch {
    /// Forgets the last event and finds the fields of this one.
    fn begin(&mut self, program: &Program, record: &Record<'_>) {
        self.epoch = self.epoch.wrapping_add(1);
        if self.epoch == 0 {
            // Four thousand million events on, old marks could be taken for new ones.
            let answers = self.answers.len();
            *self = Self { epoch: 1, answers: vec![0; answers], ..Self::default() };
        }
        if self.slots.len() < program.slots {
            self.slots.resize_with(program.slots, SlotState::default);
        }
        if self.marks.len() < program.rules.len() {
            self.marks.resize(program.rules.len(), 0);
        }
        for (at, field) in record.fields.iter().enumerate() {
            if !field.sym.is_some() {
                continue;
            }
            let slot = program.slot(field.sym);
            if slot == NO_SLOT {
                continue;
            }
            if let Some(state) = self.slots.get_mut(usize::from(slot)) {
                if state.epoch != self.epoch {
                    state.epoch = self.epoch;
                    state.values.clear();
                }
                state.values.push(at as u32);
            }
        }
    }

    fn find_candidates(&mut self, program: &Program, record: &Record<'_>) {
        self.candidates.clear();
        let mut candidates = std::mem::take(&mut self.candidates);
        let mut marks = std::mem::take(&mut self.marks);
        let epoch = self.epoch;
        let mut add = |rule: u32| {
            if let Some(mark) = marks.get_mut(rule as usize)
                && *mark != epoch
            {
                *mark = epoch;
                candidates.push(rule);
            }
        };
        program.always.iter().for_each(|rule| add(*rule));
        for (slot, files) in program.files.iter().enumerate() {
            let values = match self.slots.get(slot) {
                Some(state) if state.epoch == epoch => state.values.len(),
                _ => continue,
            };
            files.present.iter().for_each(|rule| add(*rule));
            for (fold, files) in &files.folds {
                for value in 0..values {
                    if let Some(text) = self.text(slot as Slot, value, *fold, &record.fields) {
                        files.search(text, &mut add);
                    }
                }
            }
        }
        if let Some(files) = &program.message
            && self.message_may_hold(program, record)
        {
            files.search(self.message(Fold::Case, record), &mut add);
        }
        self.candidates = candidates;
        self.marks = marks;
    }

    /// A quick look at an event before all of its values are decoded: `false` if no literal of
    /// the message file can be in them.
    fn message_may_hold(&mut self, program: &Program, record: &Record<'_>) -> bool {
        if !record.structured {
            return true;
        }
        if record.raw.first() != Some(&b'{') {
            return self.words_may_hold(program, record);
        }
        // Texts that were derived, or decoded from JSON inside a string, do not stand there so.
        let made = |value: &Value<'_>| matches!(value, Value::Text(Cow::Owned(_)));
        if record.fields.iter().any(|field| made(&field.value)) {
            return true;
        }
        let Some(literals) = &program.message_json else { return true };
        self.raw.clear();
        self.raw.extend_from_slice(record.raw);
        self.raw.make_ascii_lowercase();
        let raw = self.raw.as_slice();
        // Escapes could hide a letter or a slash, and two letters outside ASCII fold into it.
        literals.is_match(raw)
            || memchr::memmem::find(raw, b"\\u").is_some()
            || memchr::memmem::find(raw, b"\\/").is_some()
            || (!raw.is_ascii()
                && ["\u{212a}", "\u{130}"]
                    .iter()
                    .any(|letter| memchr::memmem::find(raw, letter.as_bytes()).is_some()))
    }

    /// The same for values that lie apart, as in a binary log: only its texts are decoded.
    fn words_may_hold(&mut self, program: &Program, record: &Record<'_>) -> bool {
        let Some(literals) = &program.message_words else { return true };
        self.words.clear();
        for field in &record.fields {
            if matches!(field.value, Value::Text(_) | Value::JsonText(_) | Value::Utf16(_)) {
                fold_value(Fold::Case, &field.value, &mut self.decode, &mut self.words);
                self.words.push('\n');
            }
        }
        literals.is_match(self.words.as_bytes())
    }

    /// The text of a value of a field; `None` for null.
    fn text(&mut self, slot: Slot, value: usize, fold: Fold, fields: &Fields<'_>) -> Option<&str> {
        let epoch = self.epoch;
        let state = self.slots.get_mut(usize::from(slot))?;
        let at = *state.values.get(value)?;
        if state.texts.len() <= value {
            state.texts.resize_with(value + 1, Default::default);
        }
        let cached = state.texts.get_mut(value)?.get_mut(fold as usize)?;
        // A value that was found null keeps its place in the texts unwritten.
        let found = &fields.at(at as usize)?.value;
        if matches!(found, Value::Null) {
            return None;
        }
        if cached.epoch != epoch {
            cached.epoch = epoch;
            cached.text.clear();
            fold_value(fold, found, &mut self.decode, &mut cached.text);
        }
        Some(&cached.text)
    }

    /// The whole message: the text of the entry, or of all its values.
    fn message(&mut self, fold: Fold, record: &Record<'_>) -> &str {
        let epoch = self.epoch;
        let Some(cached) = self.messages.get_mut(fold as usize) else { return "" };
        if cached.epoch != epoch {
            cached.epoch = epoch;
            cached.text.clear();
            if record.structured {
                for field in &record.fields {
                    fold_value(fold, &field.value, &mut self.decode, &mut cached.text);
                    cached.text.push('\n');
                }
            } else {
                fold_into(fold, &String::from_utf8_lossy(record.raw), &mut cached.text);
            }
        }
        &cached.text
    }
}

/// One event being asked.
struct Asking<'a, 'e> {
    set: &'a RuleSet,
    program: &'a Program,
    record: &'a Record<'e>,
    scratch: &'a mut Scratch,
}

impl Asking<'_, '_> {
    fn holds(&mut self, node: &Node) -> bool {
        match node {
            Node::True => true,
            Node::False => false,
            Node::Ask(id) => self.answer(*id),
            Node::Not(inner) => !self.holds(inner),
            Node::And(parts) => parts.iter().all(|part| self.holds(part)),
            Node::Or(parts) => parts.iter().any(|part| self.holds(part)),
            Node::AtLeast(need, parts) => {
                let mut missing = *need;
                parts.iter().any(|part| {
                    missing -= u32::from(missing > 0 && self.holds(part));
                    missing == 0
                })
            }
        }
    }

    fn answer(&mut self, id: u32) -> bool {
        let asked = u64::from(self.scratch.epoch) << 1;
        if let Some(known) = self.scratch.answers.get(id as usize)
            && known & !1 == asked
        {
            return known & 1 == 1;
        }
        let set = self.set;
        let Some(predicate) = set.predicates.get(id as usize) else { return false };
        let answer = self.ask(predicate);
        if let Some(slot) = self.scratch.answers.get_mut(id as usize) {
            *slot = asked | u64::from(answer);
        }
        answer
    }

    fn values(&self, field: Sym) -> (Slot, usize) {
        let slot = self.program.slot(field);
        let state = self.scratch.slots.get(usize::from(slot));
        let state = state.filter(|state| slot != NO_SLOT && state.epoch == self.scratch.epoch);
        (slot, state.map_or(0, |state| state.values.len()))
    }

    fn ask(&mut self, predicate: &Predicate) -> bool {
        let question = &predicate.question;
        if !predicate.field.is_some() {
            return question.is_match(self.scratch.message(question.fold(), self.record));
        }
        let (slot, count) = self.values(predicate.field);
        match question {
            Question::Exists(wanted) => return (count > 0) == *wanted,
            Question::Null if count == 0 => return true,
            _ => {}
        }
        (0..count).any(|value| {
            let text = self.scratch.text(slot, value, question.fold(), &self.record.fields);
            match (question, text) {
                (Question::Null, text) => text.is_none(),
                (_, None) => false,
                (Question::FieldRef(other, position, fold), Some(text)) => {
                    let text = text.to_owned();
                    let (slot, count) = self.values(*other);
                    (0..count).any(|value| {
                        let other = self.scratch.text(slot, value, *fold, &self.record.fields);
                        other.is_some_and(|other| refers(*position, &text, other))
                    })
                }
                (_, Some(text)) => question.is_match(text),
            }
        })
    }

    /// Gathers the values that make a tree hold. What a rule takes away is no reason for a hit.
    fn explain(&mut self, node: &Node, found: &mut Vec<Matched>) {
        match node {
            Node::True | Node::False | Node::Not(_) => {}
            Node::Ask(id) => {
                if self.answer(*id)
                    && let Some(predicate) = self.set.predicates.get(*id as usize)
                {
                    self.reason(predicate, found);
                }
            }
            Node::And(parts) | Node::Or(parts) | Node::AtLeast(_, parts) => {
                for part in parts {
                    if self.holds(part) {
                        self.explain(part, found);
                    }
                }
            }
        }
    }

    fn reason(&mut self, predicate: &Predicate, found: &mut Vec<Matched>) {
        let question = &predicate.question;
        let source =
            |at: usize| predicate.sources.get(at).map(ToString::to_string).unwrap_or_default();
        if !predicate.field.is_some() {
            let text = self.scratch.message(question.fold(), self.record);
            if let Some(at) = question.which(text) {
                // The line that holds the keyword says more than the whole message.
                let line = text.lines().find(|line| question.which(line).is_some()).unwrap_or(text);
                found.push(Matched {
                    field: String::new(),
                    value: line.chars().take(400).collect(),
                    pattern: source(at),
                    modifiers: predicate.modifiers.to_string(),
                });
            }
            return;
        }
        let field = self.set.symbols.name(predicate.field).to_owned();
        let (slot, count) = self.values(predicate.field);
        for value in 0..count {
            let text = self.scratch.text(slot, value, question.fold(), &self.record.fields);
            let which = match question {
                Question::Exists(_) | Question::FieldRef(..) => Some(0),
                Question::Null => text.is_none().then_some(0),
                _ => text.and_then(|text| question.which(text)),
            };
            if let Some(at) = which {
                let value = self.scratch.text(slot, value, Fold::None, &self.record.fields);
                found.push(Matched {
                    field,
                    value: value.unwrap_or_default().to_owned(),
                    pattern: source(at),
                    modifiers: predicate.modifiers.to_string(),
                });
                return;
            }
        }
        // Nothing is there, and that is what was asked for.
        found.push(Matched {
            field,
            value: String::new(),
            pattern: source(0),
            modifiers: predicate.modifiers.to_string(),
        });
    }
}
