//! The rules that matter to one kind of event, and how to find those that can hold.
//!
//! A program is built for a route and an event id. What the event id answers is answered here,
//! once; rules that can no longer hold are gone. The rest are filed under their witnesses
//! ([`crate::witness`]): by field, exact texts in a hash, beginnings and ends in tries, substrings
//! in one automaton. A text of an event is walked through its field's files once and names the
//! candidates; only they are asked in full.

use aho_corasick::{AhoCorasick, AhoCorasickKind, packed};
use khien_event::Sym;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

use crate::compile::{EventId, Node, RuleSet, asked, specialise};
use crate::fold::Fold;
use crate::predicate::Question;
use crate::trie::Trie;
use crate::witness::{Place, Term, witness};

/// The position of a field among those a program looks at.
pub(crate) type Slot = u16;
/// No slot: the program does not look at the field.
pub(crate) const NO_SLOT: Slot = Slot::MAX;

/// Rules for one kind of event.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) rules: Vec<Candidate>,
    slot_of: Vec<Slot>,
    pub(crate) slots: usize,
    pub(crate) files: Vec<FieldFiles>,
    pub(crate) message: Option<Files>,
    /// Literals of the message file as they stand in JSON text.
    pub(crate) message_json: Option<Literals>,
    /// Literals of the message file, if only texts can hold them: no number, identifier or time.
    pub(crate) message_words: Option<Literals>,
    /// Candidates whatever the event holds.
    pub(crate) always: Vec<u32>,
}

/// A rule with what is left of its tree.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) rule: usize,
    pub(crate) node: Node,
}

/// The files of one field.
#[derive(Debug, Default)]
pub(crate) struct FieldFiles {
    pub(crate) present: Vec<u32>,
    pub(crate) folds: Vec<(Fold, Files)>,
}

/// Candidates by texts folded one way.
#[derive(Debug, Default)]
pub(crate) struct Files {
    exact: FxHashMap<Box<str>, u32>,
    prefix: Trie,
    suffix: Trie,
    contains: Option<(AhoCorasick, Vec<u32>)>,
    lists: Vec<Vec<u32>>,
}

/// ASCII literals looked for in lower-cased text; the packed form reads many bytes at once.
#[derive(Debug)]
pub(crate) enum Literals {
    Packed(Box<packed::Searcher>),
    Automaton(AhoCorasick),
}

impl Literals {
    fn new(texts: &[String]) -> Option<Self> {
        let packed = packed::Config::new().builder().extend(texts).build();
        match packed {
            Some(searcher) => Some(Self::Packed(Box::new(searcher))),
            None => AhoCorasick::new(texts).ok().map(Self::Automaton),
        }
    }

    pub(crate) fn is_match(&self, text: &[u8]) -> bool {
        match self {
            Self::Packed(searcher) => searcher.find(text).is_some(),
            Self::Automaton(automaton) => automaton.is_match(text),
        }
    }
}

fn escape_json(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ => out.push(c),
        }
    }
    out
}

impl Program {
    pub(crate) fn build(set: &RuleSet, seen: &[usize], event_id: EventId) -> Self {
        let answer = |id: u32| answer_of_event_id(set, id, event_id);
        let mut rules = Vec::new();
        let mut questions = BTreeSet::new();
        for rule in seen {
            let Some(node) = set.nodes.get(*rule) else { continue };
            let node = specialise(node, &answer);
            if node != Node::False {
                asked(&node, &mut questions);
                rules.push(Candidate { rule: *rule, node });
            }
        }
        let mut program = Self {
            rules,
            slot_of: vec![NO_SLOT; set.symbols.len()],
            slots: 0,
            files: Vec::new(),
            message: None,
            message_json: None,
            message_words: None,
            always: Vec::new(),
        };
        // What a hit tells of always includes the event id, though it is answered here.
        program.add_slot(set.event_id);
        for predicate in questions.iter().filter_map(|id| set.predicates.get(*id as usize)) {
            program.add_slot(predicate.field);
            if let Question::FieldRef(other, ..) = predicate.question {
                program.add_slot(other);
            }
        }
        program.file(set);
        program
    }

    fn add_slot(&mut self, field: Sym) {
        if let Some(slot) = self.slot_of.get_mut(field.index())
            && *slot == NO_SLOT
        {
            *slot = self.slots as Slot;
            self.slots += 1;
        }
    }

    /// The slot of a field, or [`NO_SLOT`].
    pub(crate) fn slot(&self, field: Sym) -> Slot {
        self.slot_of.get(field.index()).copied().unwrap_or(NO_SLOT)
    }

    fn file(&mut self, set: &RuleSet) {
        let mut building: Vec<Building> = Vec::new();
        building.resize_with(self.slots, Building::default);
        let mut message = FilesBuilder::default();
        for at in 0..self.rules.len() {
            let Some(candidate) = self.rules.get(at) else { continue };
            let number = at as u32;
            let Some(witness) = witness(&candidate.node, &set.predicates) else {
                self.always.push(number);
                continue;
            };
            for term in witness.terms {
                match term {
                    Term::Present(field) if !field.is_some() => self.always.push(number),
                    Term::Text(field, fold, ..) if !field.is_some() && fold != Fold::Case => {
                        self.always.push(number);
                    }
                    Term::Text(field, _, _, text) if !field.is_some() => {
                        message.add(Place::Contains, text, number);
                    }
                    Term::Present(field) => {
                        if let Some(files) = building.get_mut(usize::from(self.slot(field))) {
                            files.present.push(number);
                        }
                    }
                    Term::Text(field, fold, place, text) => {
                        if let Some(files) = building.get_mut(usize::from(self.slot(field))) {
                            files.of(fold).add(place, text, number);
                        }
                    }
                }
            }
        }
        self.always.dedup();
        self.files = building.into_iter().map(Building::finish).collect();
        self.message_json = message.json_literals();
        self.message_words = message.words();
        self.message = (!message.is_empty()).then(|| message.finish());
    }
}

/// What the event id alone says about a predicate.
fn answer_of_event_id(set: &RuleSet, id: u32, event_id: EventId) -> Option<bool> {
    let predicate = set.predicates.get(id as usize).filter(|p| p.field == set.event_id)?;
    match (event_id, &predicate.question) {
        (EventId::Known(id), Question::Texts(_) | Question::Numbers(_) | Question::Compare(..)) => {
            Some(predicate.question.is_match(&id.to_string()))
        }
        (EventId::Known(_) | EventId::Other, Question::Exists(wanted)) => Some(*wanted),
        (EventId::Other, Question::Numbers(_))
        | (EventId::Known(_) | EventId::Other, Question::Null) => Some(false),
        _ => None,
    }
}

#[derive(Default)]
struct Building {
    present: Vec<u32>,
    folds: Vec<(Fold, FilesBuilder)>,
}

impl Building {
    fn of(&mut self, fold: Fold) -> &mut FilesBuilder {
        let known = self.folds.iter().position(|(other, _)| *other == fold);
        let at = known.unwrap_or_else(|| {
            self.folds.push((fold, FilesBuilder::default()));
            self.folds.len() - 1
        });
        // The entry wanted goes to the end, where it can be lent.
        let entry = self.folds.swap_remove(at);
        &mut self.folds.push_mut(entry).1
    }

    fn finish(self) -> FieldFiles {
        let folds = self.folds.into_iter().map(|(fold, files)| (fold, files.finish())).collect();
        FieldFiles { present: self.present, folds }
    }
}

#[derive(Default)]
struct FilesBuilder {
    texts: FxHashMap<(u8, Box<str>), Vec<u32>>,
}

impl FilesBuilder {
    fn add(&mut self, place: Place, text: Box<str>, number: u32) {
        let list = self.texts.entry((place as u8, text)).or_default();
        if list.last() != Some(&number) {
            list.push(number);
        }
    }

    fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Finds the texts inside JSON strings, where a backslash and a quote are escaped.
    fn json_literals(&self) -> Option<Literals> {
        if self.texts.is_empty() || !self.texts.keys().all(|(_, text)| text.is_ascii()) {
            return None;
        }
        let texts: Vec<String> = self.texts.keys().map(|(_, text)| escape_json(text)).collect();
        Literals::new(&texts)
    }

    /// Finds the texts in values that are text, where no other value can hold them.
    fn words(&self) -> Option<Literals> {
        let word = |text: &str| {
            text.is_ascii()
                && text.bytes().any(|byte| !b"0123456789abcdefstxz{}-.:".contains(&byte))
        };
        if self.texts.is_empty() || !self.texts.keys().all(|(_, text)| word(text)) {
            return None;
        }
        let texts: Vec<String> = self.texts.keys().map(|(_, text)| text.to_string()).collect();
        Literals::new(&texts)
    }

    fn finish(self) -> Files {
        let mut files = Files::default();
        let (mut prefix, mut suffix, mut contains) = (Vec::new(), Vec::new(), Vec::new());
        for ((place, text), list) in self.texts {
            let number = files.lists.len() as u32;
            files.lists.push(list);
            if place == Place::Exact as u8 {
                files.exact.insert(text, number);
            } else if place == Place::Prefix as u8 {
                prefix.push((text.bytes().collect(), number));
            } else if place == Place::Suffix as u8 {
                suffix.push((text.bytes().rev().collect(), number));
            } else {
                contains.push((text, number));
            }
        }
        files.prefix = Trie::build(prefix);
        files.suffix = Trie::build(suffix);
        if !contains.is_empty() {
            let kind =
                if contains.len() <= 64 { None } else { Some(AhoCorasickKind::ContiguousNFA) };
            let automaton = AhoCorasick::builder()
                .kind(kind)
                .prefilter(false)
                .build(contains.iter().map(|(text, _)| text.as_bytes()));
            let numbers = contains.iter().map(|(_, number)| *number).collect();
            files.contains = automaton.ok().map(|automaton| (automaton, numbers));
        }
        files
    }
}

impl Files {
    /// Names the candidates that a text speaks for.
    pub(crate) fn search(&self, text: &str, mut found: impl FnMut(u32)) {
        let mut list = |number: u32| {
            self.lists.get(number as usize).into_iter().flatten().for_each(|rule| found(*rule));
        };
        if !self.exact.is_empty()
            && let Some(number) = self.exact.get(text)
        {
            list(*number);
        }
        if !self.prefix.is_empty() {
            self.prefix.walk(text.bytes(), &mut list);
        }
        if !self.suffix.is_empty() {
            self.suffix.walk(text.bytes().rev(), &mut list);
        }
        if let Some((automaton, numbers)) = &self.contains {
            for hit in automaton.find_overlapping_iter(text) {
                if let Some(number) = numbers.get(hit.pattern().as_usize()) {
                    list(*number);
                }
            }
        }
    }
}
