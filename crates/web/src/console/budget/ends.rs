//! What of the register ends in a year, beside the lines of plans: contracts, support, domains, certificates.

use jiff::civil::Date;
use khien_domain::budget::{End, EndKind, Line};
use khien_domain::code::AgencyCode;

use crate::console::asked::address;
use crate::console::frame::Frame;
use crate::console::posted::Fields;

/// What ends in a year.
pub(super) struct EndsOfYear {
    pub(super) ends: Vec<EndShown>,
    /// How many of these no line of that year names.
    pub(super) unplanned: usize,
}

/// Something that ends.
pub(super) struct EndShown {
    pub(super) when: String,
    /// Whether that has passed.
    pub(super) is_over: bool,
    pub(super) href: String,
    pub(super) name: String,
    pub(super) kind: String,
    /// Whose it is and of which system, as far as the page does not say so.
    pub(super) of: String,
    /// Whether a line of that year names it.
    pub(super) is_planned: bool,
    /// When it is renewed, if that is only after its end.
    pub(super) renewed: Option<String>,
}

impl EndsOfYear {
    /// What ends in a year, by day. A page of one agency names none.
    pub(super) fn of(
        f: &Frame,
        ends: &[End],
        lines: &[Line],
        year: i16,
        named: &impl Fn(&AgencyCode) -> Option<String>,
    ) -> Self {
        let today = f.today();
        let ends = ends.iter().filter(|end| end.day.year() == year).map(|end| EndShown {
            when: f.date(&end.day),
            is_over: end.day < today,
            href: href(end),
            name: end.name.clone(),
            kind: f.word("budget-end", end.kind.name()),
            of: whose(end, named),
            is_planned: end.is_planned(lines),
            renewed: renewed(f, end, lines, today),
        });
        let ends: Vec<EndShown> = ends.collect();
        let unplanned = ends.iter().filter(|end| !end.is_planned).count();
        Self { ends, unplanned }
    }
}

fn whose(end: &End, named: &impl Fn(&AgencyCode) -> Option<String>) -> String {
    let system = end.system.as_ref().map(ToString::to_string);
    let said: Vec<String> = [named(&end.agency), system].into_iter().flatten().collect();
    said.join(" · ")
}

/// Of products alone it is asked whether the renewal comes too late: contracts and names are paid for as they end.
fn renewed(f: &Frame, end: &End, lines: &[Line], today: Date) -> Option<String> {
    let gap = end.gap(lines, today).filter(|_| end.kind == EndKind::Product)?;
    Some(f.date_or(&gap.about.renewal))
}

fn href(end: &End) -> String {
    match (&end.kind, &end.system) {
        (EndKind::Contract | EndKind::Product, Some(system)) => {
            format!("/systems/{system}?tab=parts")
        }
        _ => address("/resources", &Fields::default(), &[("text", &end.name)]),
    }
}
