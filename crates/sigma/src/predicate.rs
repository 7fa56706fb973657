//! One question about one field, asked once an event however many rules ask it.
//!
//! The values of an item that are tested alike become one [`Predicate`]: a set of texts, of
//! regular expressions, of networks. Equal predicates of different rules are one.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use aho_corasick::AhoCorasick;
use jiff::civil::DateTime;
use khien_event::{Sym, time};
use regex::Regex;

use crate::fold::Fold;
use crate::pattern::{Pattern, Shape};
use crate::rule::{Cidr, Comparison, Matcher, Number, Position, TimePart};

/// A question about a field.
#[derive(Debug)]
pub(crate) struct Predicate {
    /// The field; [`Sym::NONE`] is the whole message.
    pub(crate) field: Sym,
    /// What is asked.
    pub(crate) question: Question,
    /// The modifiers, as a rule wrote them.
    pub(crate) modifiers: Box<str>,
    /// For each alternative of the question, in order, the value as a rule wrote it.
    pub(crate) sources: Box<[Arc<str>]>,
}

/// What is asked.
#[derive(Debug)]
pub(crate) enum Question {
    /// Is it one of these texts?
    Texts(Texts),
    /// Does one of these regular expressions match?
    Regexes(Vec<LazyRegex>),
    /// Is it an address in one of these networks?
    Networks(Vec<Cidr>),
    /// Is it one of these numbers?
    Numbers(Vec<Number>),
    /// Does it compare so?
    Compare(Comparison, Number),
    /// Is it missing or null?
    Null,
    /// Is it there?
    Exists(bool),
    /// Is it, or does it hold, the text of another field?
    FieldRef(Sym, Position, Fold),
    /// Does a part of the date compare so?
    TimePart(TimePart, Comparison, Number),
}

/// A regular expression that is compiled when it is first needed. It has been tried at loading.
#[derive(Debug)]
pub(crate) struct LazyRegex {
    pub(crate) source: Box<str>,
    regex: OnceLock<Option<Regex>>,
}

impl LazyRegex {
    fn is_match(&self, text: &str) -> bool {
        let regex = self.regex.get_or_init(|| Regex::new(&self.source).ok());
        regex.as_ref().is_some_and(|regex| regex.is_match(text))
    }
}

/// A set of texts with wildcards, all folded alike.
#[derive(Debug)]
pub(crate) struct Texts {
    pub(crate) fold: Fold,
    pub(crate) patterns: Vec<Arc<Pattern>>,
    /// How many patterns are texts that may stand anywhere.
    substrings: usize,
    /// Most questions of most rules are never asked of any event.
    ways: OnceLock<Ways>,
    automaton: OnceLock<Option<AhoCorasick>>,
    asked: AtomicU32,
}

/// The patterns of [`Texts`], each in the way it is tested.
#[derive(Debug)]
struct Ways {
    contains: Vec<memchr::memmem::Finder<'static>>,
    others: Vec<Way>,
}

/// A pattern that is not a substring.
#[derive(Debug)]
enum Way {
    Exact(Box<str>),
    Prefix(Box<str>),
    Suffix(Box<str>),
    Anything,
    Wild(Arc<Pattern>),
}

impl Way {
    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Exact(literal) => *text == **literal,
            Self::Prefix(literal) => text.starts_with(&**literal),
            Self::Suffix(literal) => text.ends_with(&**literal),
            Self::Anything => true,
            Self::Wild(pattern) => pattern.matches(text),
        }
    }
}

/// From this many substrings on an automaton pays…
const AUTOMATON_FROM: usize = 4;
/// …if the question is asked often enough to earn its building.
const ASKED_FROM: u32 = 200;

impl Texts {
    pub(crate) fn new(fold: Fold, patterns: Vec<Arc<Pattern>>) -> Self {
        let substrings = |pattern: &&Arc<Pattern>| matches!(pattern.shape(), Shape::Contains(_));
        Self {
            fold,
            substrings: patterns.iter().filter(substrings).count(),
            patterns,
            ways: OnceLock::new(),
            automaton: OnceLock::new(),
            asked: AtomicU32::new(0),
        }
    }

    fn ways(&self) -> &Ways {
        self.ways.get_or_init(|| {
            let mut ways = Ways { contains: Vec::new(), others: Vec::new() };
            for pattern in &self.patterns {
                ways.others.push(match pattern.shape() {
                    Shape::Contains(text) => {
                        ways.contains.push(memchr::memmem::Finder::new(text).into_owned());
                        continue;
                    }
                    Shape::Exact(text) => Way::Exact(text.into()),
                    Shape::Prefix(text) => Way::Prefix(text.into()),
                    Shape::Suffix(text) => Way::Suffix(text.into()),
                    Shape::Anything => Way::Anything,
                    Shape::Wild => Way::Wild(Arc::clone(pattern)),
                });
            }
            ways
        })
    }

    /// Whether a folded text is one of the set.
    pub(crate) fn is_match(&self, text: &str) -> bool {
        let Ways { contains, others } = self.ways();
        others.iter().any(|way| way.matches(text)) || self.contains_match(contains, text)
    }

    fn contains_match(&self, contains: &[memchr::memmem::Finder<'_>], text: &str) -> bool {
        let find = || contains.iter().any(|part| part.find(text.as_bytes()).is_some());
        if contains.len() < AUTOMATON_FROM {
            return find();
        }
        let asked = self.asked.load(Ordering::Relaxed);
        if asked < ASKED_FROM {
            self.asked.store(asked + 1, Ordering::Relaxed);
            return find();
        }
        let build = || AhoCorasick::new(contains.iter().map(memchr::memmem::Finder::needle)).ok();
        match self.automaton.get_or_init(build) {
            Some(automaton) => automaton.is_match(text),
            None => find(),
        }
    }
}

impl Question {
    /// Puts matchers of one kind into one question. `None` for none.
    pub(crate) fn of(matchers: &[&Matcher], sym: impl Fn(&str) -> Sym) -> Option<Self> {
        Some(match *matchers.first()? {
            Matcher::Text { fold, .. } => {
                let patterns = matchers.iter().filter_map(|matcher| match matcher {
                    Matcher::Text { pattern, .. } => Some(Arc::clone(pattern)),
                    _ => None,
                });
                Self::Texts(Texts::new(*fold, patterns.collect()))
            }
            Matcher::Regex(_) => {
                let sources = matchers.iter().filter_map(|matcher| match matcher {
                    Matcher::Regex(source) => Some(source.as_str().into()),
                    _ => None,
                });
                let lazy = |source| LazyRegex { source, regex: OnceLock::new() };
                Self::Regexes(sources.map(lazy).collect())
            }
            Matcher::Cidr(_) => {
                let networks = matchers.iter().filter_map(|matcher| match matcher {
                    Matcher::Cidr(cidr) => Some(*cidr),
                    _ => None,
                });
                Self::Networks(networks.collect())
            }
            Matcher::Number(_) => {
                let numbers = matchers.iter().filter_map(|matcher| match matcher {
                    Matcher::Number(number) => Some(*number),
                    _ => None,
                });
                Self::Numbers(numbers.collect())
            }
            Matcher::Compare(comparison, number) => Self::Compare(*comparison, *number),
            Matcher::Null => Self::Null,
            Matcher::Exists(wanted) => Self::Exists(*wanted),
            Matcher::FieldRef { field, position, fold } => {
                Self::FieldRef(sym(field), *position, *fold)
            }
            Matcher::TimePart(part, comparison, number) => {
                Self::TimePart(*part, *comparison, *number)
            }
        })
    }

    /// How texts are folded before the question.
    pub(crate) fn fold(&self) -> Fold {
        match self {
            Self::Texts(texts) => texts.fold,
            Self::FieldRef(_, _, fold) => *fold,
            _ => Fold::None,
        }
    }

    /// The answer for one value of the field, folded. Questions about presence and about other
    /// fields are answered where the whole event is known.
    pub(crate) fn is_match(&self, text: &str) -> bool {
        match self {
            Self::Texts(texts) => texts.is_match(text),
            Self::Regexes(list) => list.iter().any(|regex| regex.is_match(text)),
            Self::Networks(list) => list.iter().any(|network| network.contains(text)),
            Self::Numbers(list) => {
                let number = decimal(text);
                number.is_some_and(|n| list.iter().any(|want| Comparison::Equal.holds(n, *want)))
            }
            Self::Compare(comparison, number) => {
                Number::parse(text).is_some_and(|n| comparison.holds(n, *number))
            }
            Self::TimePart(part, comparison, number) => {
                time_part(text, *part).is_some_and(|n| comparison.holds(n, *number))
            }
            Self::Null | Self::Exists(_) | Self::FieldRef(..) => false,
        }
    }

    /// Which alternative of the question matches the text first.
    pub(crate) fn which(&self, text: &str) -> Option<usize> {
        match self {
            Self::Texts(texts) => texts.patterns.iter().position(|pattern| pattern.matches(text)),
            Self::Regexes(list) => list.iter().position(|regex| regex.is_match(text)),
            Self::Networks(list) => list.iter().position(|network| network.contains(text)),
            Self::Numbers(list) => {
                let number = decimal(text)?;
                list.iter().position(|want| Comparison::Equal.holds(number, *want))
            }
            _ => self.is_match(text).then_some(0),
        }
    }

    /// Whether a cheaper question should be asked first; larger is dearer.
    pub(crate) fn cost(&self) -> u32 {
        match self {
            Self::Null | Self::Exists(_) => 1,
            Self::Texts(texts) if texts.substrings == 0 => 2 + texts.patterns.len() as u32 / 8,
            Self::Numbers(_) => 4,
            Self::Texts(_) => 20,
            Self::Compare(..) | Self::Networks(_) | Self::FieldRef(..) => 10,
            Self::TimePart(..) => 50,
            Self::Regexes(_) => 200,
        }
    }
}

/// A number that is not written in hexadecimal: a rule that says 16 does not mean «0x10».
pub(crate) fn decimal(text: &str) -> Option<Number> {
    if text.len() > 40 || text.starts_with("0x") || text.starts_with("0X") {
        return None;
    }
    Number::parse(text)
}

/// A part of the date that the text states, in the zone it states.
pub(crate) fn time_part(text: &str, part: TimePart) -> Option<Number> {
    let civil: DateTime = time::civil(text)?;
    let value = match part {
        TimePart::Minute => i128::from(civil.minute()),
        TimePart::Hour => i128::from(civil.hour()),
        TimePart::Day => i128::from(civil.day()),
        TimePart::Week => i128::from(civil.date().iso_week_date().week()),
        TimePart::Month => i128::from(civil.month()),
        TimePart::Year => i128::from(civil.year()),
    };
    Some(Number::Whole(value))
}

/// Whether two texts of one event stand to each other as a `fieldref` asks.
pub(crate) fn refers(position: Position, text: &str, other: &str) -> bool {
    match position {
        Position::Equal => text == other,
        Position::Start => text.starts_with(other),
        Position::End => text.ends_with(other),
        Position::Anywhere => text.contains(other),
    }
}
