//! The most frequent values of what was found: each narrows the search by one click.

use khien_lake::{Column, Shown, Top};

use super::asked::{narrowed, term};
use crate::console::asked::address;
use crate::console::posted::Fields;
use crate::console::shown::beginning;

/// The fields, in the order in which they are shown.
pub(super) const FIELDS: [Column; 8] = [
    Column::Host,
    Column::User,
    Column::SrcIp,
    Column::DstIp,
    Column::Process,
    Column::EventCode,
    Column::System,
    Column::Agency,
];
/// Values of each.
pub(super) const VALUES: usize = 5;
/// Bytes of a value.
const VALUE_BYTES: usize = 60;

/// A field with its most frequent values.
pub(super) struct Facet {
    /// The field.
    pub(super) name: &'static str,
    /// Its values.
    pub(super) values: Vec<FacetValue>,
    /// How many events have others.
    pub(super) others: u64,
}

/// A value.
pub(super) struct FacetValue {
    /// The value as it is looked at.
    pub(super) text: String,
    /// How many events.
    pub(super) count: u64,
    /// Only these, and all but these.
    pub(super) hrefs: Option<(String, String)>,
}

/// What is asked of the lake.
pub(super) fn fields() -> Vec<Shown> {
    FIELDS.into_iter().map(Shown::Column).collect()
}

/// The facets of top values; fields that no event has are left out.
pub(super) fn facets(asked: &Fields, query: &str, tops: Vec<Top>) -> Vec<Facet> {
    let with = FIELDS.into_iter().zip(tops).filter(|(_, top)| !top.values.is_empty());
    let facet = |(column, top): (Column, Top)| {
        let values = top.values.into_iter().map(|(value, count)| {
            let hrefs = term(column.name(), &value).map(|term| {
                let to = |query: String| {
                    let changes = [("q", query.as_str()), ("after", ""), ("open", "")];
                    address("/search", asked, &changes)
                };
                (to(narrowed(query, &term)), to(narrowed(query, &format!("-{term}"))))
            });
            FacetValue { text: beginning(&value, VALUE_BYTES), count, hrefs }
        });
        Facet { name: column.name(), values: values.collect(), others: top.others }
    };
    with.map(facet).collect()
}
