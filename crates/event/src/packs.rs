//! What field names mean and which log source an event belongs to, read from `packs/`.
//!
//! Two packs come in: `fields.yml` (spellings, roles, OCSF names) and `logsources.yml` (channels,
//! categories, kinds). Out comes [`Packs`], immutable and shared by all threads: for a record it
//! tells the [`Route`], the time, the host, the user and the addresses. To teach Khiên a new
//! channel, category, spelling or kind, edit the pack; no code changes.

use std::fmt;

use jiff::Timestamp;
use jiff::tz::Offset;
use rustc_hash::FxHashMap;

use crate::record::{Kind, Record};
use crate::symbols::{Sym, Symbols};
use crate::time::{self, Clue, TimeSource};
use crate::value::Value;
use crate::yaml::{self, Node, YamlError};

mod columns;
mod derive;
mod shapes;
mod windows;

pub use columns::{Column, Common};
pub use derive::Derive;
pub use shapes::Shape;

use columns::Columns;
use derive::derivations;
use windows::{ByEvent, windows_route};

/// The pack of field names that is built in.
pub const FIELDS: &str = include_str!("../../../packs/fields.yml");
/// The pack of log sources that is built in.
pub const LOG_SOURCES: &str = include_str!("../../../packs/logsources.yml");
/// The text of the built-in `packs/ocsf.yml`.
pub const OCSF: &str = include_str!("../../../packs/ocsf.yml");

/// A Sigma log source; an absent part is not stated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LogSource {
    /// Such as `windows`.
    pub product: Option<String>,
    /// Such as `process_creation`.
    pub category: Option<String>,
    /// Such as `sysmon`.
    pub service: Option<String>,
}

impl LogSource {
    /// Whether an event with the label `self` is one that a rule with the log source `wanted` sees:
    /// everything that the rule states must agree.
    pub fn satisfies(&self, wanted: &Self) -> bool {
        let agree = |has: &Option<String>, wants: &Option<String>| wants.is_none() || has == wants;
        agree(&self.product, &wanted.product)
            && agree(&self.category, &wanted.category)
            && agree(&self.service, &wanted.service)
    }

    /// Whether nothing is stated.
    pub fn is_empty(&self) -> bool {
        self.product.is_none() && self.category.is_none() && self.service.is_none()
    }
}

impl fmt::Display for LogSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |part: &Option<String>| part.clone().unwrap_or_else(|| "*".into());
        write!(f, "{}/{}/{}", part(&self.product), part(&self.category), part(&self.service))
    }
}

/// Everything that follows from a record being of one log source.
#[derive(Clone, Debug, Default)]
pub struct Route {
    /// The labels; a rule that agrees with one of them sees the event.
    pub labels: Vec<LogSource>,
    /// Fields to add before rules look.
    pub derive: Vec<Derive>,
}

/// The number of a [`Route`]; below [`Packs::routes`]`.len()`.
pub type RouteId = usize;

/// The route of records of which nothing is known.
const UNKNOWN: RouteId = 0;
/// The route of Windows events of unknown channels.
const WINDOWS: RouteId = 1;

/// A pack that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// It is not YAML.
    #[error("pack {pack}: {error}")]
    Yaml {
        /// Which pack.
        pack: &'static str,
        /// What the YAML reader said.
        #[source]
        error: YamlError,
    },
    /// A part is missing or has another shape.
    #[error("pack {pack}, line {line}: {expected}")]
    Shape {
        /// Which pack.
        pack: &'static str,
        /// Where.
        line: u32,
        /// What should stand there.
        expected: &'static str,
    },
}

/// The packs, resolved.
#[derive(Clone, Debug)]
pub struct Packs {
    routes: Vec<Route>,
    channels: FxHashMap<String, ByEvent>,
    providers: FxHashMap<String, ByEvent>,
    kinds: FxHashMap<String, RouteId>,
    shapes: Vec<Shape>,
    strip: Vec<String>,
    leaf: Vec<String>,
    capital: Vec<String>,
    time: Vec<Sym>,
    host: Vec<Sym>,
    user: Vec<Sym>,
    addresses: Vec<Sym>,
    ocsf: FxHashMap<Sym, String>,
    columns: Columns,
    classes: Vec<i32>,
    event_id: Sym,
    channel: Sym,
    provider: Sym,
    source_name: Sym,
}

impl Packs {
    /// Reads the built-in packs and makes their field names known to `symbols`.
    pub fn builtin(symbols: &mut Symbols) -> Result<Self, PackError> {
        Self::load(FIELDS, LOG_SOURCES, OCSF, symbols)
    }

    /// Reads the packs and makes their field names known to `symbols`.
    pub fn load(
        fields: &str,
        sources: &str,
        ocsf: &str,
        symbols: &mut Symbols,
    ) -> Result<Self, PackError> {
        let fields = document("fields.yml", fields)?;
        let sources = document("logsources.yml", sources)?;
        let columns = document("ocsf.yml", ocsf)?;
        for (name, spellings) in entries("fields.yml", &fields, "aliases")? {
            for spelling in spellings.strings() {
                symbols.alias(spelling, name.as_str().unwrap_or_default());
            }
        }
        let roles = member("fields.yml", &fields, "roles")?;
        let mut role = |name: &str| -> Result<Vec<Sym>, PackError> {
            let names = member("fields.yml", roles, name)?.strings();
            let mut syms: Vec<Sym> = names.into_iter().map(|name| symbols.intern(name)).collect();
            let mut seen = Vec::new();
            syms.retain(|sym| {
                !seen.contains(sym) && {
                    seen.push(*sym);
                    true
                }
            });
            Ok(syms)
        };
        let (time, host, user, addresses) =
            (role("time")?, role("host")?, role("user")?, role("addresses")?);
        let columns = Columns::load(&columns, &host, &user, symbols)?;
        let ocsf = entries("fields.yml", &fields, "ocsf")?
            .iter()
            .filter_map(|(name, path)| {
                Some((symbols.intern(name.as_str()?), path.as_str()?.to_owned()))
            })
            .collect();
        let words = |key: &str| -> Result<Vec<String>, PackError> {
            Ok(member("fields.yml", &fields, key)?
                .strings()
                .into_iter()
                .map(str::to_owned)
                .collect())
        };
        let mut packs = Self {
            routes: vec![Route::default(), windows_route(None, None)],
            channels: FxHashMap::default(),
            providers: FxHashMap::default(),
            kinds: FxHashMap::default(),
            shapes: Vec::new(),
            strip: words("strip")?,
            leaf: words("leaf")?,
            capital: words("capital")?,
            time,
            host,
            user,
            addresses,
            ocsf,
            columns,
            classes: Vec::new(),
            event_id: symbols.intern("EventID"),
            channel: symbols.intern("Channel"),
            provider: symbols.intern("Provider_Name"),
            source_name: symbols.intern("SourceName"),
        };
        packs.load_windows(member("logsources.yml", &sources, "windows")?, symbols)?;
        packs.shapes = Shape::load(member("logsources.yml", &sources, "json")?, symbols)?;
        for (name, kind) in entries("logsources.yml", &sources, "kinds")? {
            let labels = kind.get("labels").unwrap_or(kind).as_list().unwrap_or_default();
            let derive = match kind.get("fields") {
                Some(fields) => derivations(fields, symbols)?,
                None => Vec::new(),
            };
            packs.routes.push(Route { labels: labels.iter().map(label).collect(), derive });
            let id = packs.routes.len() - 1;
            packs.kinds.insert(name.as_str().unwrap_or_default().to_owned(), id);
        }
        packs.load_devices(entries("fields.yml", &fields, "devices")?, symbols)?;
        let class = |route: &Route| packs.columns.class(&route.labels);
        packs.classes = packs.routes.iter().map(class).collect();
        Ok(packs)
    }

    /// Gives the kinds of a device the common names of its fields. Kinds with a part after the
    /// slash share those of the part before it.
    fn load_devices(
        &mut self,
        devices: &[(Node<'_>, Node<'_>)],
        symbols: &mut Symbols,
    ) -> Result<(), PackError> {
        for (name, common) in devices {
            let name = name.as_str().unwrap_or_default();
            let derive = derivations(common, symbols)?;
            if !self.kinds.contains_key(name) {
                self.routes.push(Route::default());
                self.kinds.insert(name.to_owned(), self.routes.len() - 1);
            }
            for (kind, route) in &self.kinds {
                let member = kind.strip_prefix(name).is_some_and(|rest| rest.starts_with('/'));
                if let Some(route) = self.routes.get_mut(*route).filter(|_| member || kind == name)
                {
                    route.derive.extend_from_slice(&derive);
                }
            }
        }
        Ok(())
    }

    /// All routes; a [`RouteId`] is a position here.
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// The symbol of `EventID`.
    pub fn event_id(&self) -> Sym {
        self.event_id
    }

    /// The symbol of `Channel`.
    pub fn channel(&self) -> Sym {
        self.channel
    }

    /// The symbol of `Provider_Name`.
    pub fn provider(&self) -> Sym {
        self.provider
    }

    /// What to do on entering an object with this path, see [`Enter`].
    pub fn enter(&self, path: &str) -> Enter {
        if self.strip.iter().any(|strip| strip == path) {
            Enter::Strip
        } else if self.leaf.iter().any(|leaf| leaf == path) {
            Enter::Leaf
        } else if self.capital.iter().any(|capital| capital == path) {
            Enter::Capital
        } else {
            Enter::Keep
        }
    }

    /// What is left of a dotted name when the wrapping that packs name is removed from its start.
    pub fn unwrap_name<'n>(&self, name: &'n str) -> &'n str {
        let mut rest = name;
        let wrapped = |name: &'n str, path: &String| {
            name.strip_prefix(path.as_str())?.strip_prefix('.').filter(|rest| !rest.is_empty())
        };
        while let Some(inner) = self.strip.iter().find_map(|path| wrapped(rest, path)) {
            rest = inner;
        }
        let leaf = self.leaf.iter().find_map(|path| wrapped(rest, path));
        leaf.map_or(rest, |inner| inner.rsplit('.').next().unwrap_or(inner))
    }

    /// The shape that fits a record read from JSON.
    pub fn shape(&self, record: &Record<'_>) -> Option<&Shape> {
        self.shapes.iter().find(|shape| shape.fits(record))
    }

    /// The route of a record. `scratch` is any text buffer, reused between calls.
    pub fn route(&self, record: &Record<'_>, scratch: &mut String) -> RouteId {
        match &record.kind {
            Kind::Named(name) => self.kind_route(name),
            Kind::Windows => self.windows_route(record, scratch),
        }
    }

    fn kind_route(&self, name: &str) -> RouteId {
        let exact = self.kinds.get(name);
        let family = || self.kinds.get(name.split_once('/')?.0);
        exact.or_else(family).copied().unwrap_or(UNKNOWN)
    }

    fn windows_route(&self, record: &Record<'_>, scratch: &mut String) -> RouteId {
        let mut place = |sym, places: &FxHashMap<String, ByEvent>| {
            scratch.clear();
            record.fields.get(sym)?.write_text(scratch);
            scratch.make_ascii_lowercase();
            let by_event = places.get(scratch.as_str())?;
            let id = record.fields.get(self.event_id).and_then(Value::as_u64);
            Some(id.and_then(|id| by_event.of.get(&id)).copied().unwrap_or(by_event.other))
        };
        place(self.channel, &self.channels)
            .or_else(|| place(self.provider, &self.providers))
            .unwrap_or(WINDOWS)
    }

    /// Adds the fields that the record's route derives from those it has. A field that the record
    /// has already stays as it is.
    pub fn derive(&self, route: RouteId, record: &mut Record<'_>) {
        let Some(route) = self.routes.get(route) else { return };
        if record.kind == Kind::Windows && record.fields.get(self.provider).is_none() {
            // NXLog calls the provider `SourceName`, which is also a field of some events.
            if let Some(source) = record.fields.get(self.source_name).cloned() {
                record.fields.push_known(self.provider, "", source);
            }
        }
        for derive in &route.derive {
            let Some(from) = record.fields.get(derive.from) else { continue };
            if record.fields.get(derive.to).is_some() {
                continue;
            }
            let value = if derive.copies() {
                Some(from.clone())
            } else {
                derive.apply(from, &record.fields).map(Value::owned)
            };
            if let Some(value) = value {
                record.fields.push_known(derive.to, "", value);
            }
        }
    }

    /// When the event happened: what the reader said, or else the best time field.
    pub fn time(&self, record: &Record<'_>, clue: &Clue) -> Option<(Timestamp, TimeSource)> {
        if record.time.is_some() {
            return record.time;
        }
        let mut assumed = None;
        for sym in &self.time {
            let found = match record.fields.get(*sym) {
                None => continue,
                Some(Value::FileTime(ticks)) => {
                    time::from_file_time(*ticks).map(|time| (time, TimeSource::Stated))
                }
                Some(value) => {
                    // Sysmon's `UtcTime` says its zone in its name.
                    let utc = record.fields.symbols().name(*sym) == "UtcTime";
                    let clue = if utc { Clue { zone: Offset::UTC, ..*clue } } else { *clue };
                    let found = time::parse(&value.to_text(), &clue);
                    found.map(|(time, from)| (time, if utc { TimeSource::Stated } else { from }))
                }
            };
            match found {
                Some((_, TimeSource::Stated)) => return found,
                Some(_) => assumed = assumed.or(found),
                None => {}
            }
        }
        assumed
    }

    /// The machine the event is about.
    pub fn host(&self, record: &Record<'_>) -> Option<String> {
        first_text(&self.host, record)
    }

    /// The account the event is about.
    pub fn user(&self, record: &Record<'_>) -> Option<String> {
        first_text(&self.user, record)
    }

    /// The addresses in the event, each once, in the order of the pack's list.
    pub fn addresses(&self, record: &Record<'_>) -> Vec<String> {
        let mut found = Vec::new();
        for value in self.addresses.iter().filter_map(|sym| record.fields.get(*sym)) {
            let text = value.to_text();
            if text.parse::<std::net::IpAddr>().is_ok() && !found.iter().any(|a| *a == *text) {
                found.push(text.into_owned());
            }
        }
        found
    }

    /// The OCSF class of events of a route; 0 is the base event.
    pub fn class(&self, route: RouteId) -> i32 {
        self.classes.get(route).copied().unwrap_or(0)
    }

    /// The OCSF severity that the event states of itself: 0 unknown, 1 informational, 2 low,
    /// 3 medium, 4 high, 5 critical, 6 fatal.
    pub fn severity(&self, record: &Record<'_>) -> i8 {
        self.columns.severity(record)
    }

    /// What the event says for the common columns.
    pub fn common<'r, 'a>(&self, record: &'r Record<'a>) -> Common<'r, 'a> {
        self.columns.common(record)
    }

    /// The OCSF attribute of a field.
    pub fn ocsf(&self, sym: Sym) -> Option<&str> {
        self.ocsf.get(&sym).map(String::as_str)
    }
}

/// What happens to names inside an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enter {
    /// They are joined to the object's path with a dot.
    Keep,
    /// The object's path is left out.
    Strip,
    /// Everything below keeps only its last name.
    Leaf,
    /// The object's path is left out, and names begin with a capital again.
    Capital,
}

fn first_text(syms: &[Sym], record: &Record<'_>) -> Option<String> {
    syms.iter().find_map(|sym| {
        let text = record.fields.get(*sym)?.to_text();
        // An object of that name is not a name.
        (!text.is_empty() && text != "-" && !text.starts_with('{')).then(|| text.into_owned())
    })
}

fn label(node: &Node<'_>) -> LogSource {
    let part = |key| node.get_str(key).map(str::to_owned);
    LogSource { product: part("product"), category: part("category"), service: part("service") }
}

fn document<'t>(pack: &'static str, text: &'t str) -> Result<Node<'t>, PackError> {
    let documents = yaml::parse(text).map_err(|error| PackError::Yaml { pack, error })?;
    let expected = "one document";
    documents.into_iter().next().ok_or(PackError::Shape { pack, line: 1, expected })
}

fn member<'n, 't>(
    pack: &'static str,
    node: &'n Node<'t>,
    key: &str,
) -> Result<&'n Node<'t>, PackError> {
    const MISSING: &str = "a section is missing here; compare with the pack that ships";
    node.get(key).ok_or(PackError::Shape { pack, line: node.line, expected: MISSING })
}

fn entries<'n, 't>(
    pack: &'static str,
    node: &'n Node<'t>,
    key: &str,
) -> Result<&'n [(Node<'t>, Node<'t>)], PackError> {
    let section = member(pack, node, key)?;
    let expected = "keys with values";
    section.as_map().ok_or(PackError::Shape { pack, line: section.line, expected })
}
