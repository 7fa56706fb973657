//! A query as tests of columns.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use super::{RECORD, Request, Scope, original_name};
use crate::fold::fold;
use crate::needle::Needle;
use crate::pattern::Pattern;
use crate::query::{Among, Bound, Network, Phrase, Query, Test, moment};
use crate::rows::address;
use crate::schema::{Column, Kind};

/// A query made ready.
#[derive(Debug)]
pub(crate) enum Node {
    Const(bool),
    Not(Box<Self>),
    And(Vec<Self>),
    Or(Vec<Self>),
    Leaf(Box<Leaf>),
}

/// One test.
#[derive(Debug)]
pub(crate) struct Leaf {
    /// Unique within the query, counted from 0.
    pub(crate) id: usize,
    pub(crate) ask: Ask,
}

/// What a test asks.
#[derive(Debug)]
pub(crate) enum Ask {
    /// Whether the column has a value.
    Exists(Column),
    /// Whether the number lies between these, both included.
    Numbers(Column, i64, i64),
    /// Whether the number, written out, passes.
    NumberText(Column, TextTest),
    /// Whether the text passes.
    Text(Column, TextTest),
    /// Whether an original field passes; the needle rules records out.
    Original(String, TextTest, Option<Needle>),
    /// Whether the record contains the phrase.
    Free(Needle),
}

/// A test of a text.
#[derive(Debug)]
pub(crate) enum TextTest {
    Exists,
    /// Equal to this, in the form that the column is stored in.
    Stored(String),
    OneOf(BTreeSet<String>),
    Pattern(Pattern),
    Within(Network),
    Among(Arc<Among>),
    Range(Option<Bound>, Option<Bound>),
}

/// A request made ready.
#[derive(Debug)]
pub(crate) struct Filter {
    pub(crate) node: Node,
    /// Times from here, microseconds since 1970.
    pub(crate) from: i64,
    /// Times before this.
    pub(crate) to: i64,
    pub(crate) leaves: usize,
}

impl Filter {
    pub(crate) fn new(request: &Request) -> Self {
        let mut builder = Builder { leaves: 0 };
        let query = builder.query(&request.query);
        let scope = match &request.scope {
            Scope::All => Node::Const(true),
            Scope::Agencies(codes) => {
                builder.leaf(Ask::Text(Column::Agency, TextTest::OneOf(codes.clone())))
            }
        };
        let node = and(vec![scope, query]);
        let micros = |moment: jiff::Timestamp| moment.as_microsecond();
        let mut filter = Self {
            from: request.from.map_or(i64::MIN, micros),
            to: request.to.map_or(i64::MAX, micros),
            leaves: builder.leaves,
            node,
        };
        filter.narrow();
        filter
    }

    /// Takes ranges of time that every match must lie in as ranges of the request.
    fn narrow(&mut self) {
        let parts = match &self.node {
            Node::And(parts) => parts.iter().collect(),
            one => vec![one],
        };
        for part in parts {
            if let Node::Leaf(leaf) = part
                && let Ask::Numbers(Column::Time, low, high) = &leaf.ask
            {
                self.from = self.from.max(*low);
                self.to = self.to.min(high.saturating_add(1));
            }
        }
    }
}

struct Builder {
    leaves: usize,
}

impl Builder {
    fn query(&mut self, query: &Query) -> Node {
        match query {
            Query::All => Node::Const(true),
            Query::Not(inner) => match self.query(inner) {
                Node::Const(value) => Node::Const(!value),
                inner => Node::Not(Box::new(inner)),
            },
            Query::And(parts) => and(parts.iter().map(|part| self.query(part)).collect()),
            Query::Or(parts) => or(parts.iter().map(|part| self.query(part)).collect()),
            Query::Text(phrase) => self.leaf(Ask::Free(Needle::new(phrase))),
            Query::Field { name, test } => self.field(name, test),
        }
    }

    fn field(&mut self, name: &str, test: &Test) -> Node {
        let columns = columns_of(name);
        if columns.is_empty() {
            return self.original(original_name(name), test);
        }
        let mut nodes: Vec<Node> =
            columns.iter().map(|&column| self.column(column, test)).collect();
        if columns == [Column::Message] {
            // A record that contains its message has it among its fields.
            let absent = Node::Not(Box::new(self.leaf(Ask::Exists(Column::Message))));
            nodes.push(and(vec![absent, self.original("message", test)]));
        }
        or(nodes)
    }

    fn original(&mut self, name: &str, test: &Test) -> Node {
        let needle = match test {
            Test::Is(phrase) if !phrase.pieces.is_empty() => Some(Needle::new(phrase)),
            _ => None,
        };
        self.leaf(Ask::Original(name.to_owned(), text_test(test), needle))
    }

    fn column(&mut self, column: Column, test: &Test) -> Node {
        let kind = column.spec().kind;
        let ask = match kind {
            _ if *test == Test::Exists => Ask::Exists(column),
            Kind::Moment | Kind::U64 | Kind::U32 | Kind::I32 | Kind::I8 | Kind::U16 => {
                number(column, test)
            }
            Kind::Lower | Kind::Address => match test {
                Test::Is(phrase) => Ask::Text(column, stored(kind, phrase)),
                test => Ask::Text(column, text_test(test)),
            },
            Kind::Text | Kind::Long | Kind::Bytes => Ask::Text(column, text_test(test)),
        };
        self.leaf(ask)
    }

    fn leaf(&mut self, ask: Ask) -> Node {
        self.leaves += 1;
        Node::Leaf(Box::new(Leaf { id: self.leaves - 1, ask }))
    }
}

fn and(nodes: Vec<Node>) -> Node {
    let mut flat = Vec::new();
    for node in nodes {
        match node {
            Node::Const(true) => {}
            Node::Const(false) => return Node::Const(false),
            Node::And(inner) => flat.extend(inner),
            other => flat.push(other),
        }
    }
    // What is cheap to ask goes first.
    flat.sort_by_key(Node::cost);
    match flat.len() {
        0 => Node::Const(true),
        1 => flat.remove(0),
        _ => Node::And(flat),
    }
}

fn or(nodes: Vec<Node>) -> Node {
    let mut flat = Vec::new();
    for node in nodes {
        match node {
            Node::Const(false) => {}
            Node::Const(true) => return Node::Const(true),
            Node::Or(inner) => flat.extend(inner),
            other => flat.push(other),
        }
    }
    flat.sort_by_key(Node::cost);
    match flat.len() {
        0 => Node::Const(false),
        1 => flat.remove(0),
        _ => Node::Or(flat),
    }
}

/// The columns that a name means: one, the members of a group, or none.
fn columns_of(name: &str) -> Vec<Column> {
    let is = |known: &str| known.eq_ignore_ascii_case(name);
    match Column::named(name) {
        Some(column) => vec![column],
        None if is("ip") => vec![Column::SrcIp, Column::DstIp],
        None if is("port") => vec![Column::SrcPort, Column::DstPort],
        None if is("hash") || is("file.hashes.value") => {
            vec![Column::Md5, Column::Sha1, Column::Sha256]
        }
        None => Vec::new(),
    }
}

fn text_test(test: &Test) -> TextTest {
    match test {
        Test::Exists => TextTest::Exists,
        Test::Is(phrase) => TextTest::Pattern(Pattern::new(phrase)),
        Test::Within(network) => TextTest::Within(*network),
        Test::Among(among) => TextTest::Among(Arc::clone(among)),
        Test::Range { low, high } => TextTest::Range(low.clone(), high.clone()),
    }
}

fn stored(kind: Kind, phrase: &Phrase) -> TextTest {
    let pattern = Pattern::new(phrase);
    match pattern.exact() {
        Some(exact) if kind == Kind::Address => {
            TextTest::Stored(address(exact, &mut String::new()).to_owned())
        }
        Some(exact) => TextTest::Stored(exact.to_owned()),
        None => TextTest::Pattern(pattern),
    }
}

fn number(column: Column, test: &Test) -> Ask {
    let is_moment = column.spec().kind == Kind::Moment;
    let whole = |text: &str| {
        if is_moment {
            moment(text).map(jiff::Timestamp::as_microsecond)
        } else {
            text.parse::<i64>().ok()
        }
    };
    match test {
        Test::Is(phrase) => match phrase.literal().and_then(whole) {
            Some(number) if !is_moment => Ask::Numbers(column, number, number),
            _ => Ask::NumberText(column, text_test(test)),
        },
        Test::Range { low, high } => {
            let first = low.as_ref().map_or(Some(i64::MIN), |bound| {
                whole(&bound.value)?.checked_add(i64::from(!bound.inclusive))
            });
            let last = high.as_ref().map_or(Some(i64::MAX), |bound| {
                whole(&bound.value)?.checked_sub(i64::from(!bound.inclusive))
            });
            match (first, last) {
                (Some(first), Some(last)) => Ask::Numbers(column, first, last),
                _ => Ask::NumberText(column, text_test(test)),
            }
        }
        _ => Ask::NumberText(column, text_test(test)),
    }
}

impl Node {
    /// What asking costs: 0 for numbers, 1 for short texts, 2 for records.
    pub(crate) fn cost(&self) -> u8 {
        match self {
            Self::Const(_) => 0,
            Self::Not(inner) => inner.cost(),
            Self::And(parts) | Self::Or(parts) => parts.iter().map(Self::cost).max().unwrap_or(0),
            Self::Leaf(leaf) => match &leaf.ask {
                Ask::Numbers(..) | Ask::NumberText(..) => 0,
                Ask::Exists(column) | Ask::Text(column, _) => match column.spec().kind {
                    Kind::Long | Kind::Bytes => 2,
                    _ => 1,
                },
                Ask::Original(..) | Ask::Free(_) => 2,
            },
        }
    }

    /// Adds the columns that the answer depends on, if the leaves that `dead` names answer no.
    pub(crate) fn columns(&self, dead: &[usize], columns: &mut BTreeSet<Column>) {
        match self {
            Self::Const(_) => {}
            Self::Not(inner) => inner.columns(dead, columns),
            Self::And(parts) | Self::Or(parts) => {
                parts.iter().for_each(|part| part.columns(dead, columns));
            }
            Self::Leaf(leaf) if dead.contains(&leaf.id) => {}
            Self::Leaf(leaf) => match &leaf.ask {
                Ask::Exists(column)
                | Ask::Numbers(column, ..)
                | Ask::NumberText(column, _)
                | Ask::Text(column, _) => {
                    columns.insert(*column);
                }
                Ask::Original(..) => columns.extend([Column::Fields, Column::Raw]),
                Ask::Free(_) => columns.extend(RECORD),
            },
        }
    }
}

impl TextTest {
    /// Whether the text passes.
    pub(crate) fn passes(&self, text: &str) -> bool {
        match self {
            Self::Exists => true,
            Self::Stored(stored) => stored == text,
            Self::OneOf(codes) => codes.contains(text),
            Self::Pattern(pattern) => pattern.matches(text),
            Self::Within(network) => {
                text.parse::<IpAddr>().is_ok_and(|address| network.contains(address))
            }
            Self::Among(among) => among.find(text).next().is_some(),
            Self::Range(low, high) => {
                let on = |bound: &Option<Bound>, side| {
                    bound.as_ref().is_none_or(|bound| is_on(text, bound, side))
                };
                on(low, Ordering::Greater) && on(high, Ordering::Less)
            }
        }
    }
}

/// Whether a text is on this side of a bound: as a number if the bound is one, else as a text.
fn is_on(text: &str, bound: &Bound, side: Ordering) -> bool {
    let order = match (decimal(&bound.value), decimal(text)) {
        (Some(bound), Some(number)) => number.partial_cmp(&bound),
        (Some(_), None) => None,
        (None, _) => Some(fold(text).cmp(&fold(&bound.value))),
    };
    order == Some(side) || (bound.inclusive && order == Some(Ordering::Equal))
}

/// A number as people write it; words such as `inf` are none.
fn decimal(text: &str) -> Option<f64> {
    let digits =
        |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E');
    if text.bytes().all(digits) { text.parse().ok() } else { None }
}
