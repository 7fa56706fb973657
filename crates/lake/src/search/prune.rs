//! Which row groups cannot hold a match, by their statistics and bloom filters.

use std::collections::HashMap;

use parquet::bloom_filter::Sbbf;
use parquet::data_type::AsBytes;
use parquet::file::statistics::Statistics;

use super::filter::{Ask, Filter, Node, TextTest};
use super::open_file::OpenFile;
use crate::query::Network;
use crate::schema::Column;

/// What is known of a row group without reading its rows.
pub(crate) struct Known<'a> {
    open: &'a OpenFile,
    group: usize,
    blooms: HashMap<Column, Option<Sbbf>>,
    /// Leaves that no row passes.
    dead: Vec<usize>,
}

impl<'a> Known<'a> {
    pub(crate) fn new(open: &'a OpenFile, group: usize) -> Self {
        Self { open, group, blooms: HashMap::new(), dead: Vec::new() }
    }

    /// The first and last time in the row group.
    pub(crate) fn times(&self) -> (i64, i64) {
        self.numbers(Column::Time).unwrap_or((i64::MIN, i64::MAX))
    }

    /// Whether a row may match.
    pub(crate) fn may_match(&mut self, filter: &Filter) -> bool {
        let (first, last) = self.times();
        last >= filter.from && first < filter.to && self.may(&filter.node)
    }

    /// The leaves that were found to pass no row when `may_match` was asked; they need not be read.
    pub(crate) fn dead(self) -> Vec<usize> {
        self.dead
    }

    fn may(&mut self, node: &Node) -> bool {
        match node {
            Node::Const(value) => *value,
            // What rules matches out does not rule their opposite out.
            Node::Not(_) => true,
            Node::And(parts) => parts.iter().all(|part| self.may(part)),
            // Every part is asked, so that the dead ones are known.
            Node::Or(parts) => {
                let answers: Vec<bool> = parts.iter().map(|part| self.may(part)).collect();
                answers.contains(&true)
            }
            Node::Leaf(leaf) => {
                let may = self.may_pass(&leaf.ask);
                if !may {
                    self.dead.push(leaf.id);
                }
                may
            }
        }
    }

    fn may_pass(&mut self, ask: &Ask) -> bool {
        match ask {
            Ask::Exists(column) | Ask::NumberText(column, _) => {
                !self.open.is_empty(self.group, *column)
            }
            Ask::Numbers(column, low, high) => {
                let range = self.numbers(*column);
                !self.open.is_empty(self.group, *column)
                    && range.is_none_or(|(first, last)| first <= *high && last >= *low)
            }
            Ask::Text(column, test) => {
                !self.open.is_empty(self.group, *column) && self.may_hold(*column, test)
            }
            Ask::Original(..) | Ask::Free(_) => true,
        }
    }

    fn may_hold(&mut self, column: Column, test: &TextTest) -> bool {
        match test {
            TextTest::Stored(text) => {
                self.spans(column, text.as_bytes()) && self.bloom_allows(column, text)
            }
            TextTest::OneOf(texts) => texts.iter().any(|text| self.spans(column, text.as_bytes())),
            TextTest::Within(network) => match network.single() {
                Some(address) => self.bloom_allows(column, &address),
                None => true,
            },
            TextTest::Among(among) => among.only_values().is_none_or(|mut values| {
                values.any(|value| {
                    self.spans(column, value.as_bytes()) && self.bloom_allows(column, value)
                })
            }),
            TextTest::Exists | TextTest::Pattern(_) | TextTest::Range(..) => true,
        }
    }

    fn bloom_allows(&mut self, column: Column, text: &str) -> bool {
        if !column.spec().bloom {
            return true;
        }
        let (open, group) = (self.open, self.group);
        let bloom = self.blooms.entry(column).or_insert_with(|| open.bloom(group, column));
        bloom.as_ref().is_none_or(|bloom| bloom.check(&text))
    }

    fn statistics(&self, column: Column) -> Option<&Statistics> {
        self.open.groups().get(self.group)?.column(column.index()).statistics()
    }

    /// Whether the text lies between the least and the greatest.
    fn spans(&self, column: Column, text: &[u8]) -> bool {
        let Some(Statistics::ByteArray(statistics)) = self.statistics(column) else { return true };
        let low = statistics.min_opt().is_none_or(|least| least.as_bytes() <= text);
        let high = statistics.max_opt().is_none_or(|greatest| greatest.as_bytes() >= text);
        low && high
    }

    fn numbers(&self, column: Column) -> Option<(i64, i64)> {
        match self.statistics(column)? {
            // Unsigned columns of these widths are not compared as the statistics' signed numbers.
            _ if matches!(column, Column::Batch | Column::Item) => None,
            Statistics::Int64(numbers) => Some((*numbers.min_opt()?, *numbers.max_opt()?)),
            Statistics::Int32(numbers) => {
                Some((i64::from(*numbers.min_opt()?), i64::from(*numbers.max_opt()?)))
            }
            _ => None,
        }
    }
}

impl Network {
    /// The one address of a network of one.
    fn single(&self) -> Option<String> {
        let text = self.to_string();
        let (address, prefix) = text.split_once('/')?;
        matches!((address.contains(':'), prefix), (false, "32") | (true, "128"))
            .then(|| address.to_owned())
    }
}
