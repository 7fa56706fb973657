//! What all pages have in common: the rooms, the bar, the language, and how texts get into them.

mod rail;

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::{Arc, Mutex, PoisonError};

use askama::Template;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use jiff::{SignedDuration, Timestamp};
use khien_app::use_case::shifts;
use khien_app::use_case::{alerts, incidents};
use khien_domain::account::{Language, Person};
use khien_domain::alert::{Alert, AlertKind, Severity, State};
use khien_domain::attack;
use khien_domain::index::ratio::{self, Ratio};
use khien_domain::permission::{AgencyScope, Permission};

use super::Console;
use super::error::{Detail, PageError};
use super::format::{self, Format};
use super::visit::{self, Visiting};
use super::words::Value;
use super::{assets, cookie, shown};

/// How long counts beside the rooms are held.
const COUNTS_FOR: SignedDuration = SignedDuration::from_secs(3);
/// Bytes of a text in a row.
const ROW_BYTES: usize = 240;
/// Scopes whose counts are held.
const SCOPES: usize = 256;

/// What a request says of how it wants its page, whoever asks.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    /// The language.
    pub(super) language: Language,
    /// Dark or light, if chosen.
    theme: Option<&'static str>,
    /// The address, to come back to.
    path: String,
    /// What was just done: the id of a text without `done-`.
    done: Option<String>,
    /// Whoever asks, as far as their session tells; filled in only to draw errors.
    headers: HeaderMap,
}

impl Wish {
    /// The wish of a request.
    pub(super) fn of(console: &Console, request: &Request) -> Self {
        Self::new(console, request.headers(), request.uri())
    }

    /// The wish of a request's head.
    pub(super) fn of_parts(console: &Console, parts: &Parts) -> Self {
        Self::new(console, &parts.headers, &parts.uri)
    }

    fn new(_: &Console, headers: &HeaderMap, uri: &axum::http::Uri) -> Self {
        let theme = match cookie::get(headers, "theme") {
            Some("dark") => Some("dark"),
            Some("light") => Some("light"),
            _ => None,
        };
        let query = uri.query().unwrap_or_default();
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        let done = pairs.find(|(name, _)| name == "done").map(|(_, value)| value.into_owned());
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Self { language: language(headers), theme, path, done, headers: headers.clone() }
    }
}

/// The language: the one chosen, else the browser's if it puts English first, else Vietnamese.
fn language(headers: &HeaderMap) -> Language {
    if let Some(chosen) = cookie::get(headers, "lang").and_then(Language::parse) {
        return chosen;
    }
    let wanted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let mut wanted = wanted.unwrap_or_default().split(',').map(|tag| tag.trim().to_lowercase());
    match wanted.find(|tag| tag.starts_with("vi") || tag.starts_with("en")) {
        Some(tag) if tag.starts_with("en") => Language::English,
        _ => Language::Vietnamese,
    }
}

/// The rooms of the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// How things stand.
    Overview,
    /// The queue of alerts.
    Alerts,
    /// Searching events.
    Search,
    /// What is hidden for a time.
    Suppressions,
    /// The sources of logs.
    Sources,
    /// What could not be read.
    Quarantine,
    /// The agencies.
    Agencies,
    /// Their systems.
    Systems,
    /// The audit log.
    Audit,
    /// The centre itself.
    Admin,
    /// How to work here.
    Help,
    /// What the centre does and does not do.
    Limits,
    /// Incidents.
    Incidents,
    /// Leaks.
    Leaks,
    /// The rules.
    Rules,
    /// The index.
    Index,
    /// The gate.
    Gate,
    /// The ledger of evidence.
    Evidence,
    /// The hand-over of shifts.
    Shift,
    /// Dossiers and projects.
    Dossiers,
    /// Findings and the calendar of assessments.
    Findings,
    /// Risks.
    Risks,
    /// Budgets.
    Budget,
    /// Controls of systems.
    Controls,
    /// Cryptography in use.
    Crypto,
    /// What others have declared.
    Reviews,
    /// Products and providers of all systems.
    Products,
    /// The handover of devices that keep keys.
    Custody,
    /// Tasks of agencies.
    Tasks,
    /// One's own account.
    Account,
    /// None of them.
    None,
}

/// A room as the rail shows it.
pub(super) struct Door {
    /// Its name.
    pub(super) name: String,
    /// Where it is.
    pub(super) href: &'static str,
    /// Whether this is it.
    pub(super) here: bool,
    /// The one count that matters, if it is not 0.
    pub(super) count: Option<String>,
    /// Which live news change the count.
    pub(super) live: &'static str,
}

/// Rooms that belong together.
pub(super) struct Wing {
    /// Its name.
    pub(super) name: String,
    /// Its rooms.
    pub(super) doors: Vec<Door>,
}

/// How many wait in each room.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Waiting {
    /// Alerts that nobody has looked at.
    pub(super) alerts: u64,
    /// Incidents that are not closed.
    pub(super) incidents: u64,
}

/// Counts beside the rooms, held for moments.
#[derive(Default)]
pub(super) struct Counts(Mutex<HashMap<String, (Waiting, Timestamp)>>);

/// Vietnamese titles of the rules in force, by id, of one generation of rules.
#[derive(Default)]
pub(super) struct Titles(Mutex<Option<(u64, ById)>>);

/// Titles by the id of their rule.
type ById = Arc<HashMap<String, String>>;

/// The frame of a page.
pub(super) struct Frame {
    console: Arc<Console>,
    wish: Wish,
    format: Format,
    /// Now.
    pub(super) now: Timestamp,
    /// Who visits, if anybody.
    pub(super) person: Option<Person>,
    /// The mark of forms.
    pub(super) mark: String,
    /// The rooms that are open to whoever visits.
    pub(super) wings: Vec<Wing>,
    /// Whether this is the demonstration.
    pub(super) is_demo: bool,
    /// Who is on shift, in words, for those who hand over.
    pub(super) shift: Option<String>,
    titles: Arc<HashMap<String, String>>,
}

impl Frame {
    /// The frame of a page in a room.
    pub(super) async fn of(
        console: &Arc<Console>,
        visiting: &Visiting,
        room: Room,
    ) -> Result<Self, PageError> {
        let mut frame = Self::bare(console, &visiting.wish);
        frame.person = Some(visiting.visit.person.clone());
        frame.mark.clone_from(&visiting.mark);
        let waiting = waiting(console, visiting, frame.now).await?;
        frame.wings = rail::wings(&frame, &visiting.visit.person, room, waiting);
        frame.titles = titles(console);
        if frame.may(Permission::Shifts) {
            let note = shifts::current_note(&console.app, &visiting.caller).await?;
            frame.shift = Some(match note.map(|note| note.acknowledged) {
                None => frame.t("frame-shift-none"),
                Some(None) => frame.t("frame-shift-waits"),
                Some(Some((who, _))) => frame.v("frame-shift-of", "who", frame.person(&who)),
            });
        }
        Ok(frame)
    }

    /// The frame of a page for nobody.
    pub(super) fn bare(console: &Arc<Console>, wish: &Wish) -> Self {
        Self {
            console: Arc::clone(console),
            wish: wish.clone(),
            format: Format(wish.language),
            now: console.app.now(),
            person: None,
            mark: String::new(),
            wings: Vec::new(),
            is_demo: console.app.folder.is_demo(),
            titles: Arc::default(),
            shift: None,
        }
    }

    /// Whether anybody may read the official addresses of the agencies.
    pub(super) fn shows_verified(&self) -> bool {
        self.console.app.config.public.verified
    }

    /// The tag of the language.
    pub(super) fn lang(&self) -> &'static str {
        self.wish.language.tag()
    }

    /// Whether it is English.
    pub(super) fn is_english(&self) -> bool {
        self.wish.language == Language::English
    }

    /// Dark or light, if chosen.
    pub(super) fn theme(&self) -> Option<&'static str> {
        self.wish.theme
    }

    /// The address of this page.
    pub(super) fn path(&self) -> &str {
        &self.wish.path
    }

    /// The address of this page without what was just done, to come back to.
    pub(super) fn back(&self) -> String {
        self.back_to(&None)
    }

    /// The same with another row open.
    pub(super) fn back_to(&self, open: &Option<i64>) -> String {
        let (path, query) = self.wish.path.split_once('?').unwrap_or((&self.wish.path, ""));
        let fields = super::posted::Fields::parse(query.as_bytes());
        let number = open.map(|open| open.to_string());
        let changes: Vec<(&str, &str)> =
            number.iter().map(|number| ("open", number.as_str())).collect();
        super::asked::address(path, &fields, &changes)
    }

    /// The address of this page's table as a file of a form.
    pub(super) fn export(&self, form: &str) -> String {
        let (path, query) = self.wish.path.split_once('?').unwrap_or((&self.wish.path, ""));
        let fields = super::posted::Fields::parse(query.as_bytes());
        super::asked::address(path, &fields, &[("form", form), ("open", ""), ("page", "")])
    }

    /// Whether the table of this page is asked for by a program, which needs names and not words.
    fn is_for_programs(&self) -> bool {
        let query = self.wish.path.split_once('?').map_or("", |(_, query)| query);
        super::posted::Fields::parse(query.as_bytes()).text("form") == "json"
    }

    /// A value of a closed list in a table: its name for programs, its word for people.
    pub(super) fn cell(&self, name: &str, word: impl Into<String>) -> String {
        if self.is_for_programs() { name.to_owned() } else { word.into() }
    }

    /// Yes or no, in a table and on a page.
    pub(super) fn yes(&self, yes: bool) -> String {
        self.t(if yes { "register-yes" } else { "register-no" })
    }

    /// A moment in a table: ISO 8601, in the time of the province.
    pub(super) fn iso(&self, at: &Timestamp) -> String {
        super::format::iso(*at)
    }

    /// Text of events as it can be looked at, cut where a row ends anyway.
    pub(super) fn s(&self, text: impl AsRef<str>) -> String {
        shown::beginning(text.as_ref(), ROW_BYTES)
    }

    /// The same, as long as it is.
    pub(super) fn whole(&self, text: impl AsRef<str>) -> String {
        shown::shown(text.as_ref()).into_owned()
    }

    /// What was just done, in words.
    pub(super) fn done(&self) -> Option<String> {
        let id = format!("done-{}", self.wish.done.as_deref()?);
        self.words().has(&id).then(|| self.words().text(&id, &[]))
    }

    fn words(&self) -> &super::words::Words {
        self.console.words(self.wish.language)
    }

    /// A text.
    pub(super) fn t(&self, id: &str) -> String {
        self.words().text(id, &[])
    }

    /// A text with a number, which chooses its form: `n` and, as it is written, `count`.
    pub(super) fn n(&self, id: &str, number: impl Number) -> String {
        let number = number.number();
        let written = Value::Text(self.format.count(number).into());
        self.words().text(id, &[("n", Value::Number(number as i64)), ("count", written)])
    }

    /// A text with one value.
    pub(super) fn v(&self, id: &str, name: &str, value: impl Display) -> String {
        self.words().text(id, &[(name, Value::Text(value.to_string().into()))])
    }

    /// A text with two values.
    pub(super) fn v2(
        &self,
        id: &str,
        first: &str,
        value: impl Display,
        second: &str,
        other: impl Display,
    ) -> String {
        let value = Value::Text(value.to_string().into());
        let other = Value::Text(other.to_string().into());
        self.words().text(id, &[(first, value), (second, other)])
    }

    /// A word of a closed list: the text whose id is a beginning and the name, `-` for `_`.
    pub(super) fn word(&self, beginning: &str, name: &str) -> String {
        self.words().text(&format!("{beginning}-{}", name.replace('_', "-")), &[])
    }

    /// The same, or the name itself where there is no text.
    pub(super) fn word_or_name(&self, beginning: &str, name: &str) -> String {
        let id = format!("{beginning}-{}", name.replace(['_', '.'], "-"));
        if self.words().has(&id) { self.words().text(&id, &[]) } else { name.to_owned() }
    }

    /// Whether there is a text for a name.
    pub(super) fn has_word(&self, beginning: &str, name: &str) -> bool {
        self.words().has(&format!("{beginning}-{}", name.replace(['_', '.'], "-")))
    }

    /// A whole number.
    pub(super) fn count(&self, number: impl Number) -> String {
        self.format.count(number.number())
    }

    /// An exact fraction, half up to two decimals.
    pub(super) fn ratio(&self, value: &Ratio) -> String {
        self.decimal(ratio::shown(value))
    }

    /// A decimal number that is written with a point.
    pub(super) fn decimal(&self, text: String) -> String {
        if self.is_english() { text } else { text.replace('.', ",") }
    }

    /// A size.
    pub(super) fn size(&self, bytes: u64) -> String {
        self.format.size(bytes)
    }

    /// A moment to the second.
    pub(super) fn moment(&self, at: &Timestamp) -> String {
        self.format.moment(*at)
    }

    /// A moment to the minute.
    pub(super) fn minute(&self, at: &Timestamp) -> String {
        self.format.minute(*at)
    }

    /// A day.
    pub(super) fn day(&self, at: &Timestamp) -> String {
        self.format.day(*at)
    }

    /// Hours and minutes.
    pub(super) fn clock(&self, at: &Timestamp) -> String {
        self.format.clock(*at)
    }

    /// Hours, minutes and seconds.
    pub(super) fn second(&self, at: &Timestamp) -> String {
        self.format.second(*at)
    }

    /// Day, month and time to the second.
    pub(super) fn stamp(&self, at: &Timestamp) -> String {
        self.format.stamp(*at)
    }

    /// A moment as short as it is clear.
    pub(super) fn short(&self, at: &Timestamp) -> String {
        self.format.short(*at, self.now)
    }

    /// A moment for a field of a form, to the second.
    pub(super) fn input_second(&self, at: &Timestamp) -> String {
        self.format.input_second(*at)
    }

    /// A moment for machines.
    pub(super) fn machine(&self, at: &Timestamp) -> String {
        format::machine(*at)
    }

    /// How long ago, in the largest unit: «5 phút».
    pub(super) fn ago(&self, at: &Timestamp) -> String {
        self.span(&self.now.duration_since(*at))
    }

    /// A span in its largest unit.
    pub(super) fn span(&self, span: &SignedDuration) -> String {
        let seconds = span.as_secs().max(0).unsigned_abs();
        match seconds {
            0..60 => self.n("frame-seconds", seconds),
            60..3600 => self.n("frame-minutes", seconds / 60),
            3600..172_800 => self.n("frame-hours", seconds / 3600),
            _ => self.n("frame-days", seconds / 86_400),
        }
    }

    /// The address of an asset.
    pub(super) fn asset(&self, name: &str) -> String {
        assets::address(name)
    }

    /// A severity in words.
    pub(super) fn severity(&self, severity: &Severity) -> String {
        self.word("severity", severity.name())
    }

    /// The class of a severity's pips.
    pub(super) fn pips(&self, severity: &Severity) -> &'static str {
        match severity {
            Severity::Critical => "c",
            Severity::High => "h",
            Severity::Medium => "m",
            Severity::Low => "l",
            Severity::Informational => "i",
        }
    }

    /// A state of an alert in words.
    pub(super) fn state(&self, state: &State) -> String {
        self.word("state", state.name())
    }

    /// The title of an alert: in Vietnamese where its rule has one.
    pub(super) fn title<'a>(&'a self, alert: &'a Alert) -> std::borrow::Cow<'a, str> {
        match alert.kind {
            AlertKind::SourceSilent => self.t("alerts-kind-source-silent").into(),
            AlertKind::UnregisteredHost => self.t("alerts-kind-unregistered-host").into(),
            AlertKind::SystemNotAllowed => self.t("alerts-kind-system-not-allowed").into(),
            AlertKind::TwoZones => self.t("alerts-kind-two-zones").into(),
            AlertKind::Rule | AlertKind::Correlation if self.is_english() => {
                alert.title.as_str().into()
            }
            AlertKind::Rule | AlertKind::Correlation => self
                .titles
                .get(&alert.rule)
                .map_or_else(|| alert.title.as_str().into(), |title| title.as_str().into()),
        }
    }

    /// The title of a rule by its id, or of a kind of alert by its name.
    pub(super) fn title_of(&self, rule: &str, title: &str) -> String {
        match AlertKind::parse(rule) {
            Some(kind) if kind != AlertKind::Rule && kind != AlertKind::Correlation => {
                self.word("alerts-kind", kind.name())
            }
            _ if self.is_english() => title.to_owned(),
            _ => self.titles.get(rule).cloned().unwrap_or_else(|| title.to_owned()),
        }
    }

    /// The page of a rule.
    pub(super) fn rule_href(&self, id: &str) -> String {
        rule_href(id)
    }

    /// What something happened to, without the names of its parts.
    pub(super) fn entity(&self, entity: &str) -> String {
        let parts = entity.split(' ').map(|part| {
            let rest =
                ["host=", "user=", "address="].iter().find_map(|name| part.strip_prefix(name));
            rest.map_or_else(|| part.to_owned(), |rest| format!("· {rest}"))
        });
        parts.collect::<Vec<_>>().join(" ").trim_start_matches("· ").to_owned()
    }

    /// A tag of ATT&CK: the number of a technique, or a tactic in words.
    pub(super) fn attack(&self, tag: &str) -> String {
        let name = tag.strip_prefix("attack.").unwrap_or(tag);
        let tactic = attack::TACTICS.iter().find(|tactic| tactic.0 == name);
        match tactic {
            Some((_, _, en, _)) if self.is_english() => (*en).to_owned(),
            Some((_, _, _, vi)) => (*vi).to_owned(),
            None => name.to_uppercase(),
        }
    }

    /// Who did something, as the records tell it: `person:an` is «an».
    pub(super) fn person(&self, who: &str) -> String {
        match who.split_once([':', ' ']) {
            Some(("machine", "unknown")) => self.t("frame-machine-alone"),
            Some(("person", name)) => name.to_owned(),
            Some(("machine", name)) => self.v("frame-machine", "name", name),
            Some(("token", rest)) => {
                let name = rest.split_once(':').map_or(rest, |(_, name)| name);
                self.v("frame-token", "name", name)
            }
            _ if who == "program" || who == "khien" => self.t("frame-program"),
            _ => who.to_owned(),
        }
    }

    /// A column of events as people call it; a field of the query by its own name.
    pub(super) fn column(&self, name: &str) -> String {
        let id = format!("column-{}", name.replace('_', "-"));
        if self.words().has(&id) { self.words().text(&id, &[]) } else { self.s(name) }
    }

    /// What went wrong, in words of the language where they are known.
    pub(super) fn told(&self, detail: &str) -> String {
        super::told::in_language(self.wish.language, detail)
    }

    /// Whether whoever visits may do something somewhere.
    pub(super) fn may(&self, permission: Permission) -> bool {
        let actor = self.person.as_ref().map(Person::actor);
        actor.is_some_and(|actor| actor.agencies(permission).is_ok())
    }

    /// Whether whoever visits may work on alerts.
    pub(super) fn may_work(&self) -> bool {
        self.may(Permission::AlertsWrite)
    }

    /// Whether whoever visits may look at rules.
    pub(super) fn may_read_rules(&self) -> bool {
        self.may(Permission::RulesRead)
    }

    /// Whether whoever visits may tune rules: for all agencies.
    pub(super) fn may_tune(&self) -> bool {
        let actor = self.person.as_ref().map(Person::actor);
        actor.is_some_and(|actor| actor.require_global(Permission::RulesWrite).is_ok())
    }

    /// A text with three numbers.
    pub(super) fn numbers(&self, id: &str, numbers: [(&'static str, usize); 3]) -> String {
        let written = numbers.map(|(name, number)| (name, Value::Text(self.count(number).into())));
        self.words().text(id, &written)
    }

    /// How whoever visits is called.
    pub(super) fn called(&self) -> &str {
        self.person.as_ref().map_or("", |person| &person.about.called)
    }

    /// The role of whoever visits, in words.
    pub(super) fn role(&self) -> String {
        self.person
            .as_ref()
            .map_or_else(String::new, |person| self.word("role", person.about.role.name()))
    }
}

/// A number that is not negative, however a template holds it.
pub(super) trait Number {
    /// The number.
    fn number(self) -> u64;
}

macro_rules! numbers {
    ($($kind:ty)*) => {$(
        impl Number for $kind {
            fn number(self) -> u64 {
                self.try_into().unwrap_or(u64::MAX)
            }
        }

        impl Number for &$kind {
            fn number(self) -> u64 {
                (*self).number()
            }
        }
    )*};
}

numbers![u16 u32 usize];

impl Number for u64 {
    fn number(self) -> u64 {
        self
    }
}

impl Number for &u64 {
    fn number(self) -> u64 {
        *self
    }
}

/// The page of a rule. Rules without an id are known by their file and line.
pub(super) fn rule_href(id: &str) -> String {
    let id: String = form_urlencoded::byte_serialize(id.as_bytes()).collect();
    format!("/rules/{}", id.replace('+', "%20"))
}

/// The page of a template.
pub(super) fn page(template: &impl Template) -> Result<Response<Body>, PageError> {
    let mut response = Response::new(Body::from(template.render()?));
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, html);
    Ok(response)
}

async fn waiting(
    console: &Arc<Console>,
    visiting: &Visiting,
    now: Timestamp,
) -> Result<Waiting, PageError> {
    let person = &visiting.visit.person;
    let scope = match &person.about.agencies {
        AgencyScope::All => "*".to_owned(),
        AgencyScope::Only(agencies) => agencies
            .iter()
            .map(khien_domain::code::AgencyCode::as_str)
            .collect::<Vec<_>>()
            .join(" "),
    };
    let key = format!("{} {scope}", person.about.role.name());
    {
        let held = console.counts.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((waiting, at)) = held.get(&key) {
            let age = now.duration_since(*at);
            if age >= SignedDuration::ZERO && age < COUNTS_FOR {
                return Ok(*waiting);
            }
        }
    }
    let actor = person.actor();
    let mut waiting = Waiting::default();
    if actor.agencies(Permission::AlertsRead).is_ok() {
        waiting.alerts = alerts::count_new(&console.app, &visiting.caller).await?;
    }
    if actor.agencies(Permission::IncidentsRead).is_ok() {
        let open = incidents::count_open(&console.app, &visiting.caller).await?;
        waiting.incidents = open.iter().sum();
    }
    let mut held = console.counts.0.lock().unwrap_or_else(PoisonError::into_inner);
    if held.len() >= SCOPES {
        held.clear();
    }
    held.insert(key, (waiting, now));
    Ok(waiting)
}

fn titles(console: &Console) -> Arc<HashMap<String, String>> {
    let rules = console.app.rules().current();
    let mut held = console.titles.0.lock().unwrap_or_else(PoisonError::into_inner);
    match &*held {
        Some((generation, titles)) if *generation == rules.generation => Arc::clone(titles),
        _ => {
            let rules_of = rules.set.rules().iter().map(|rule| &rule.about);
            let correlations = rules.set.correlations().iter().map(|found| &found.about);
            let abouts = rules_of.chain(correlations);
            let titles =
                abouts.filter_map(|about| Some((about.id.clone(), about.title_vi.clone()?)));
            let titles = Arc::new(titles.collect::<HashMap<_, _>>());
            *held = Some((rules.generation, Arc::clone(&titles)));
            titles
        }
    }
}

/// A page that tells what went wrong.
#[derive(Template)]
#[template(path = "console/error.html")]
struct ErrorPage<'a> {
    f: Frame,
    status: u16,
    title: String,
    advice: String,
    detail: String,
    id: &'a str,
}

/// Draws what went wrong, with the rooms of whoever asked if they have signed in.
pub(super) async fn draw_error(
    console: &Arc<Console>,
    wish: &Wish,
    error: &PageError,
    id: &str,
) -> Response<Body> {
    let PageError::Told { status, id: text, detail } = error else {
        return super::around::bare(StatusCode::INTERNAL_SERVER_ERROR);
    };
    let mut request = Request::new(Body::empty());
    *request.headers_mut() = wish.headers.clone();
    let (parts, _) = request.into_parts();
    // Whoever floods is told without anything being looked up.
    let visiting = match *status {
        StatusCode::TOO_MANY_REQUESTS => None,
        _ => visit::found(&parts, console).await.ok().flatten(),
    };
    let frame = match &visiting {
        Some(visiting) => Frame::of(console, visiting, Room::None).await.ok(),
        None => None,
    };
    let frame = frame.unwrap_or_else(|| Frame::bare(console, wish));
    let page_of = ErrorPage {
        status: status.as_u16(),
        title: frame.t(text),
        advice: frame.t(&format!("{text}-advice")),
        detail: match detail {
            Detail::Words(words) => frame.told(words),
            Detail::Both { en, .. } if frame.is_english() => en.clone(),
            Detail::Both { vi, .. } => vi.clone(),
        },
        id,
        f: frame,
    };
    let mut response = page(&page_of).unwrap_or_else(|_| super::around::bare(*status));
    *response.status_mut() = *status;
    response
}
