//! `GET /zones`: in which networks systems stand, and the links that lead from one into another.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use jiff::civil::Date;
use khien_app::use_case::register::crossings::{End, ZoneLink, zone_links};
use khien_app::use_case::register::list_assets;
use khien_app::use_case::register::zones::list_placed;
use khien_domain::asset::{Placed, in_two_zones};
use khien_domain::code::AgencyCode;
use khien_domain::crossing::Standing;
use khien_domain::evidence::kinds::day;
use khien_domain::paper::UNTIL;
use khien_domain::system::{Stage, Zone};

use super::Console;
use super::asked::{Asked, address};
use super::error::PageError;
use super::frame::{self, Frame, Room};
use super::narrow::{Bar, Narrow};
use super::posted::Fields;
use super::register::{self, Choice};
use super::table::{Part, Table};
use super::visit::Visiting;

/// The page.
#[derive(Template)]
#[template(path = "console/systems/zones.html")]
struct Page {
    f: Frame,
    places: Vec<Place>,
    /// The ways between each two networks, both directions.
    between: Vec<[Way; 2]>,
    /// Names and addresses of assets that stand in two networks, with where.
    twice: Vec<(String, Vec<String>)>,
    rows: Vec<ZoneLink>,
    part: Part,
    names: BTreeMap<AgencyCode, String>,
    chips: Vec<(String, String, bool)>,
    bar: Bar,
}

/// A network on the map.
struct Place {
    zone: Zone,
    systems: usize,
    assets: usize,
}

/// The way from one network into another.
struct Way {
    from: Zone,
    to: Zone,
    /// How many links there are of each standing, the gravest first.
    counts: Vec<(Standing, usize)>,
}

impl Way {
    fn all(&self) -> usize {
        self.counts.iter().map(|(_, count)| count).sum()
    }

    fn href(&self, standing: &str) -> String {
        let ends = [("from", self.from.name()), ("to", self.to.name()), ("state", standing)];
        address("/zones", &Fields::default(), &ends) + "#links"
    }
}

impl Page {
    fn agency(&self, end: &End) -> &str {
        let agency = end.system.as_ref().and_then(|system| self.names.get(&system.agency));
        agency.map_or("", String::as_str)
    }

    fn ends<'l>(&self, link: &'l ZoneLink) -> [&'l End; 2] {
        [&link.from, &link.to]
    }

    fn class(&self, standing: &Standing) -> &'static str {
        class(*standing)
    }

    fn said(&self, link: &ZoneLink, field: &str) -> String {
        said(link, field).to_owned()
    }

    fn until(&self, link: &ZoneLink) -> Option<Date> {
        day(said(link, UNTIL))
    }
}

/// Answers.
pub(super) async fn handle(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(&console, &visiting, Room::Systems).await?;
    let names = register::agency_names(&console, &visiting, &f).await?;
    let systems = register::systems(&console, &visiting).await?;
    let assets = list_assets(&console.app, &visiting.caller, None).await?;
    let mut rows = zone_links(&console.app, &visiting.caller).await?;
    let place = |zone: &Zone| Place {
        zone: *zone,
        systems: systems
            .iter()
            .filter(|system| system.zone == *zone && system.stage != Stage::Retired)
            .count(),
        assets: assets.iter().filter(|kept| kept.asset.zone == *zone).count(),
    };
    let places = Zone::ALL.iter().map(place).collect();
    let between = between(&rows);
    let twice = in_two_networks(&console, &visiting, &f).await?;

    let narrow = Narrow::of(&asked);
    let [from, to, state] = ["from", "to", "state"].map(|name| asked.text(name));
    rows.retain(|link| {
        (from.is_empty() || link.from.zone.name() == from)
            && (to.is_empty() || link.to.zone.name() == to)
            && takes(&narrow, link)
    });
    let chips = [None].into_iter().chain(Standing::ALL.iter().rev().map(Some)).map(|standing| {
        let name = standing.map_or("", |standing| standing.name());
        let is_of = |link: &&ZoneLink| standing.is_none_or(|standing| link.standing == *standing);
        let word = f.word("zones-state", if name.is_empty() { "all" } else { name });
        let href = address("/zones", &asked, &[("state", name), ("page", "")]);
        (format!("{word} {}", f.count(rows.iter().filter(is_of).count())), href, name == state)
    });
    let chips = chips.collect();
    rows.retain(|link| state.is_empty() || link.standing.name() == state);
    if asked.some("form").is_some() {
        return Ok(table(&f, &rows).answer(&f, &asked));
    }
    let zones = || Zone::ALL.iter().map(|one| (one.name().to_owned(), f.zone(one).to_owned()));
    let choice = |name, title: &str, any: &str, chosen| {
        let any = [(String::new(), f.t(any))];
        Choice::new(name, f.t(title), chosen, any.into_iter().chain(zones()))
    };
    let choices = vec![
        choice("from", "zones-from-zone", "zones-any-from", from),
        choice("to", "zones-to-zone", "zones-any-to", to),
    ];
    let bar = narrow.bar(&f, &asked, &names, choices);
    let (part, rows) = Part::of(rows, "/zones", &asked);
    frame::page(&Page { f, places, between, twice, rows, part, names, chips, bar })
}

/// What stands in two networks: its name or address, and each place in words.
pub(super) async fn in_two_networks(
    console: &Arc<Console>,
    visiting: &Visiting,
    f: &Frame,
) -> Result<Vec<(String, Vec<String>)>, PageError> {
    let all = list_placed(&console.app, &visiting.caller).await?;
    let place = |one: &&Placed| {
        let seen = if one.is_seen { format!(" ({})", f.t("zones-seen")) } else { String::new() };
        format!("{} · {}{seen}", one.system, f.zone(&one.zone))
    };
    let twice = in_two_zones(&all).into_iter();
    Ok(twice.map(|((_, mark), found)| (mark, found.iter().map(place).collect())).collect())
}

/// Whether a link is shown: one of its ends that may be seen is of the agency, and it says the text.
fn takes(narrow: &Narrow, link: &ZoneLink) -> bool {
    let ends = [&link.from, &link.to];
    let names = ends.iter().filter_map(|end| Some(end.system.as_ref()?.name.as_str()));
    let said = ["document", "guard"].map(|field| said(link, field));
    let texts = ends.iter().map(|end| end.code.as_str()).chain(names).chain(said);
    let texts: Vec<&str> = texts.collect();
    let seen = ends.iter().filter_map(|end| end.system.as_ref());
    seen.map(|system| &system.agency).any(|agency| narrow.takes(agency, &texts))
}

/// The ways between each two networks.
fn between(links: &[ZoneLink]) -> Vec<[Way; 2]> {
    let way = |from: Zone, to: Zone| {
        let counts = Standing::ALL.iter().map(|standing| {
            let is_of = |link: &&ZoneLink| {
                (link.from.zone, link.to.zone, link.standing) == (from, to, *standing)
            };
            (*standing, links.iter().filter(is_of).count())
        });
        Way { from, to, counts: counts.filter(|(_, count)| *count > 0).collect() }
    };
    let pairs = Zone::ALL
        .iter()
        .enumerate()
        .flat_map(|(place, one)| Zone::ALL[place + 1..].iter().map(move |other| (*one, *other)));
    pairs.map(|(one, other)| [way(one, other), way(other, one)]).collect()
}

/// How a standing looks.
fn class(standing: Standing) -> &'static str {
    match standing {
        Standing::None => "bad-word",
        Standing::Ended => "mid-word",
        Standing::InForce => "good",
    }
}

/// What the decision of a link says.
fn said<'l>(link: &'l ZoneLink, field: &str) -> &'l str {
    let paper = link.paper.as_ref();
    paper.and_then(|kept| kept.paper.values.get(field)).map_or("", String::as_str)
}

fn table(f: &Frame, rows: &[ZoneLink]) -> Table {
    let agency = |end: &End| {
        end.system.as_ref().map_or_else(String::new, |system| system.agency.to_string())
    };
    let zone = |end: &End| f.cell(end.zone.name(), f.zone(&end.zone));
    let cells = rows.iter().map(|link| {
        let standing = link.standing.name();
        vec![
            link.from.code.to_string(),
            agency(&link.from),
            zone(&link.from),
            link.to.code.to_string(),
            agency(&link.to),
            zone(&link.to),
            f.cell(standing, f.word("zones-state", standing)),
            said(link, "document").to_owned(),
            said(link, "guard").to_owned(),
            said(link, UNTIL).to_owned(),
            f.yes(link.is_needed),
        ]
    });
    let columns = [
        ("from", "zones-from"),
        ("from_agency", "alerts-agency"),
        ("from_zone", "zones-from-zone"),
        ("to", "zones-to"),
        ("to_agency", "alerts-agency"),
        ("to_zone", "zones-to-zone"),
        ("state", "zones-standing"),
        ("document", "zones-document"),
        ("guard", "zones-guard"),
        ("until", "register-until"),
        ("needed", "zones-needed"),
    ];
    Table {
        name: "zone-links",
        columns: columns.map(|(name, title)| (name, f.t(title))).into(),
        rows: cells.collect(),
    }
}
