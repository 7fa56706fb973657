//! A page, a histogram and top values of the same matches, found once for all three.
//!
//! Top values help to look closer and are not worth waiting for: they have a bell of their own, after
//! which they are given up while the rest goes on.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::aggregate::{Buckets, Histogram, Tally, Top, tally};
use super::filter::Filter;
use super::page::{Best, Cursor, Page};
use super::value::sources;
use super::{Answer, Cancel, Request, Shown};
use crate::error::LakeError;
use crate::lake::{Lake, lock};
use crate::schema::Column;

/// What is wanted of the matches.
#[derive(Debug, Clone)]
pub struct Wish {
    /// What is shown of the events of the page.
    pub shown: Vec<Shown>,
    /// Events of the page, at most `MAX_PAGE`.
    pub limit: usize,
    /// The event that the page comes after; the histogram and the top values are of all matches.
    pub after: Option<Cursor>,
    /// Where the histogram begins.
    pub from: Timestamp,
    /// How wide its buckets are, at least a microsecond.
    pub width: Duration,
    /// How many they are, at most `MAX_BUCKETS`.
    pub buckets: usize,
    /// Of what top values are wanted.
    pub fields: Vec<Shown>,
    /// How many of each.
    pub values: usize,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explored {
    /// The newest events.
    pub page: Page,
    /// When they all happened.
    pub histogram: Histogram,
    /// The top values of each field; nothing if they were given up.
    pub tops: Option<Vec<Top>>,
}

impl Lake {
    /// A page, a histogram and top values of what matches. When `bell` is cancelled, the top values are
    /// given up.
    pub fn explore(
        &self,
        request: &Request,
        wish: &Wish,
        cancel: &Cancel,
        bell: &Cancel,
    ) -> Result<Answer<Explored>, LakeError> {
        let filter = Filter::new(request);
        let fields: Vec<Column> = sources(&wish.fields).into_iter().collect();
        let mut columns = fields.clone();
        columns.extend(Best::columns(&wish.shown));
        let tallies = || wish.fields.iter().map(|_| Tally::default()).collect::<Vec<_>>();
        let best = Mutex::new(Best::new(wish.limit, wish.after));
        let empty = Buckets::new(wish.from, wish.width, wish.buckets);
        let counted = Mutex::new((empty.clone(), tallies()));
        let damage = self.each_match(&filter, &columns, cancel, &|unit, rows| {
            Best::see(&best, unit, rows)?;
            let (mut buckets, mut own) = (empty.clone(), tallies());
            buckets.add_unit(unit, rows)?;
            if !bell.is_cancelled() {
                tally(&mut own, &wish.fields, &fields, unit, rows)?;
            }
            let mut counted = lock(&counted);
            counted.0.merge(&buckets);
            counted.1.iter_mut().zip(own).for_each(|(sum, own)| sum.merge(own));
            Ok(())
        })?;
        let page = best.into_inner().unwrap_or_else(PoisonError::into_inner).page(&wish.shown)?;
        let (buckets, own) = counted.into_inner().unwrap_or_else(PoisonError::into_inner);
        let tops = own.into_iter().map(|tally| tally.top(wish.values)).collect();
        let tops = (!bell.is_cancelled()).then_some(tops);
        Ok(Answer { found: Explored { page, histogram: buckets.histogram(), tops }, damage })
    }
}
