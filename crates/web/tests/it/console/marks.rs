//! Nothing that bears a mark of secrecy is kept, whatever form or upload it comes by.
//!
//! The forms are read from the pages themselves, as everybody sees them, so that a new one is held to it
//! too: every field for words gets a marked text, every upload a marked name and a marked file, and at the
//! end nothing of that is found in the data folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use khien_domain::account::Role;
use khien_domain::clock::Clock;

use super::guard::{self, Ahead, Things};
use super::support::{Browser, everybody, invite, only, register_another, text};
use crate::support::Centre;

/// What is looked for at the end.
const TRACE: &str = "dau-an-57";
/// A text that bears a mark.
const MARKED: &str = "Kế hoạch dau-an-57 (TỐI MẬT)";

/// A table that uploads can be.
const TABLE: &[u8] = b"rule,title,severity,place\na,T,low,x\n";

/// Beginnings of fields of text that is looked for in what devices write and may be the word of a mark, and of secrets,
/// which are kept as a hash.
const FREE: [(&str, &str); 5] = [
    ("/alerts/{id}/tune", "value-"),
    ("/search/save", "q"),
    ("/account/password", "old"),
    ("/account/password", "new"),
    ("/account/password", "again"),
];

/// Pages that show more than their address alone does.
const MORE: [&str; 5] = [
    "/systems/cong-dvc?tab=links",
    "/systems/cong-dvc?tab=parts",
    "/systems/cong-dvc?tab=assets",
    "/systems/cong-dvc?tab=papers",
    "/evidence/new?agency=sokhcn&kind=training.year",
];

/// Forms that no page of this test shows and that take no words to be kept: doors, which take names and
/// secrets; buttons; and files that were looked at before.
const WORDLESS: [&str; 17] = [
    "/sign-in",
    "/sign-in/code",
    "/sign-in/passkey",
    "/sign-in/passkey/answer",
    "/invitation/{text}",
    "/account/passkey",
    "/account/passkey/{id}/remove",
    "/account/sessions/end",
    "/risks/assessed",
    "/shift/{id}/acknowledge",
    "/search/saved/{id}/delete",
    "/resources/certificates/confirm",
    "/register/import/confirm",
    "/equipment/{code}/remove",
    "/suppressions/{id}/end",
    "/admin/keeping/holds/{id}/lift",
    "/rules/import/{set}/remove",
];

/// Forms that need more than a page to be sent: of a browser's passkey, of a product's inventory. Their
/// use cases have tests of their own (`crates/app/tests/it/marks.rs`).
const ELSEWHERE: [&str; 2] = ["/account/passkey/answer", "/systems/{code}/inventory"];

/// What forms take besides words, by names of fields: codes, numbers, amounts, names of machines. What is no
/// such thing is refused as that.
const CLOSED: [&str; 42] = [
    "address",
    "addresses",
    "agency",
    "allocated",
    "amount",
    "asset",
    "at",
    "code",
    "controls",
    "digest",
    "doc-sha256",
    "endpoint",
    "f-completed",
    "f-staff",
    "form",
    "host",
    "hours",
    "incident",
    "indicator",
    "line",
    "loss_high",
    "loss_low",
    "lost_minutes",
    "minutes",
    "needs",
    "networks",
    "planned",
    "records",
    "residual_loss_high",
    "residual_loss_low",
    "residual_times_high",
    "residual_times_low",
    "security",
    "set",
    "sha256",
    "share",
    "spent",
    "system",
    "times_high",
    "times_low",
    "window",
    "year",
];

/// The same on one form alone: the name of a machine, of an account, of a catalogue with its version, a year.
const CLOSED_HERE: [(&str, &str); 5] = [
    ("/systems/{code}/assets", "name"),
    ("/controls", "name"),
    ("/evidence/new", "subject"),
    ("/account/password", "name"),
    ("/admin/people", "name"),
];

/// What a field for words needs beside it, where the table of routes has something else.
const BESIDES: [(&str, &str, &str); 3] = [
    ("/controls", "name", "thu@1"),
    ("/calendar", "check", "scan"),
    ("/calendar", "findings", "1"),
];

/// A field of a form.
#[derive(Clone, Debug)]
struct Field {
    name: String,
    value: String,
    kind: String,
}

impl Field {
    fn takes_words(&self) -> bool {
        matches!(self.kind.as_str(), "text" | "search" | "url" | "textarea")
    }

    /// Something that may stand there.
    fn usual(&self) -> &str {
        match self.kind.as_str() {
            "date" => "2026-01-05",
            "number" => "1",
            "email" => "mau@minhhoa.example",
            "hidden" | "select" => "",
            _ if CLOSED.contains(&self.name.as_str()) => "",
            _ => "thử",
        }
    }
}

/// A form of a page.
#[derive(Clone, Debug)]
struct Form {
    action: String,
    who: String,
    fields: Vec<Field>,
    buttons: Vec<(String, String)>,
    has_file: bool,
}

impl Form {
    /// The ways to send it with one field marked: as the table of routes sends it or as the page does, empty
    /// fields filled or not, by each of its buttons.
    fn ways(&self, example: &[(&'static str, String)], marked: &str) -> Vec<Vec<(String, String)>> {
        let mut ways = Vec::new();
        for (by_example, is_filled) in [(true, false), (true, true), (false, true)] {
            for button in [None].into_iter().chain(self.buttons.iter().map(Some)) {
                let mut way: Vec<(String, String)> = Vec::new();
                for field in self.fields.iter().filter(|field| field.name != "mark") {
                    let known = example.iter().find(|(known, _)| *known == field.name);
                    let is_set = field.kind == "hidden" && !field.value.is_empty();
                    let value = match known {
                        _ if field.name == marked => MARKED,
                        Some((_, value)) if by_example && !is_set => value,
                        _ if field.value.is_empty() && is_filled => field.usual(),
                        _ => &field.value,
                    };
                    way.push((field.name.clone(), value.to_owned()));
                }
                way.extend(button.cloned());
                for (name, value) in example {
                    if way.iter().all(|(known, _)| known != name) {
                        way.push(((*name).to_owned(), value.clone()));
                    }
                }
                ways.push(way);
            }
        }
        ways
    }
}

fn decoded(text: &str) -> String {
    let pairs = [("&quot;", "\""), ("&#34;", "\""), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">")];
    let text = pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    text.replace("&amp;", "&").replace("&#38;", "&")
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(decoded(rest.split('"').next()?))
}

/// The forms of a page that change something.
fn forms(page: &str, who: &str) -> Vec<Form> {
    let mut found = Vec::new();
    for part in page.split("<form").skip(1) {
        let whole = part.split("</form>").next().unwrap_or_default();
        let head = whole.split('>').next().unwrap_or_default();
        let Some(action) = attribute(head, "action") else { continue };
        if attribute(head, "method").as_deref() != Some("post") {
            continue;
        }
        let mut form = Form {
            action,
            who: who.to_owned(),
            fields: Vec::new(),
            buttons: Vec::new(),
            has_file: false,
        };
        for piece in whole.split('<').skip(1) {
            let tag = piece.split('>').next().unwrap_or_default();
            let Some(name) = attribute(tag, "name") else { continue };
            let kind = attribute(tag, "type").unwrap_or_else(|| "text".into());
            let value = attribute(tag, "value").unwrap_or_default();
            if tag.starts_with("textarea") {
                form.fields.push(Field { name, value: String::new(), kind: "textarea".into() });
            } else if tag.starts_with("input") && kind == "file" {
                form.has_file = true;
            } else if tag.starts_with("input") && !matches!(kind.as_str(), "checkbox" | "radio") {
                form.fields.push(Field { name, value, kind });
            } else if tag.starts_with("button") {
                form.buttons.push((name, value));
            } else if tag.starts_with("select") {
                let list = whole.split(&format!("name=\"{name}\"")).nth(1).unwrap_or_default();
                let list = list.split("</select>").next().unwrap_or_default();
                let options =
                    list.split("<option").skip(1).filter_map(|option| attribute(option, "value"));
                let options: Vec<String> = options.filter(|value| !value.is_empty()).collect();
                // Nobody is named twice where several are chosen from one list.
                let taken = |value: &&String| form.fields.iter().any(|one| one.value == **value);
                let free =
                    options.iter().find(|value| !(name.ends_with("-account") && taken(value)));
                let value = free.cloned().unwrap_or_default();
                form.fields.push(Field { name, value, kind: "select".into() });
            }
        }
        found.push(form);
    }
    found
}

/// The route of the router to which an address belongs.
fn route_of(address: &str, routes: &[&'static str]) -> Option<&'static str> {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let fits = |route: &&&'static str| {
        let (a, b): (Vec<&str>, Vec<&str>) =
            (route.split('/').collect(), path.split('/').collect());
        a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| a == b || a.starts_with('{'))
    };
    // One that is named in full comes before one with places.
    routes.iter().filter(fits).min_by_key(|route| route.matches('{').count()).copied()
}

/// Whether a reply says that it is the mark for which it is refused.
fn tells(page: &str) -> bool {
    let of_text = page.contains("độ mật «TỐI MẬT»") || page.contains("có dấu độ mật: trung tâm");
    of_text || page.contains("mang dấu mật «TỐI MẬT»")
}

/// Files of a folder in which some bytes stand.
fn holding(folder: &Path, bytes: &[u8], found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            holding(&path, bytes, found);
        } else {
            let text = std::fs::read(&path).unwrap();
            if text.windows(bytes.len()).any(|window| window == bytes) {
                found.push(path.display().to_string());
            }
        }
    }
}

/// All forms of all pages that people see, by their routes and fields.
async fn gathered(
    browsers: &mut BTreeMap<String, Browser<'_>>,
    clock: &Ahead,
    things: &Things,
) -> BTreeMap<(&'static str, Vec<String>), Form> {
    let routes = guard::routes();
    let posts: Vec<&'static str> =
        routes.iter().filter(|(method, _)| *method == "POST").map(|(_, route)| *route).collect();
    let mut all = BTreeMap::new();
    for (who, browser) in browsers {
        let pages = routes.iter().filter(|(method, _)| *method == "GET");
        let pages = pages.map(|(_, route)| guard::filled(route, things));
        for address in pages.chain(MORE.map(str::to_owned)) {
            clock.0.fetch_add(1, Ordering::Relaxed);
            let page = browser.get(&address).await;
            if page.status != 200 {
                continue;
            }
            for form in forms(&text(&page), who) {
                if form.action == "/sign-out" {
                    continue;
                }
                let Some(route) = route_of(&form.action, &posts) else {
                    panic!("{} of {address} leads to no route", form.action)
                };
                let names = form.fields.iter().map(|field| field.name.clone()).collect();
                all.entry((route, names)).or_insert(form);
            }
        }
    }
    let seen: BTreeSet<&str> = all.keys().map(|(route, _)| *route).collect();
    let mut unseen = Vec::new();
    for route in posts.iter().filter(|route| !seen.contains(**route)) {
        let fields = guard::form(route, things);
        if fields.is_empty() && !WORDLESS.iter().chain(&ELSEWHERE).any(|of| of == route) {
            unseen.push(*route);
        }
        if !fields.is_empty() {
            // What is only shown at another time is sent as the table of routes sends it.
            let names = fields.iter().map(|(name, _)| (*name).to_owned()).collect();
            let fields = fields.into_iter().map(|(name, value)| Field {
                name: name.to_owned(),
                value,
                kind: "text".into(),
            });
            let (who, action) = ("lead".to_owned(), guard::filled(route, things));
            let (fields, buttons) = (fields.collect(), Vec::new());
            all.insert((*route, names), Form { action, who, fields, buttons, has_file: false });
        }
    }
    assert!(unseen.is_empty(), "no page shows {unseen:?}");
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn no_form_and_no_upload_keeps_what_bears_a_mark() {
    let clock = Arc::new(Ahead::default());
    let centre = Centre::start_public(Arc::clone(&clock) as Arc<dyn Clock>).await;
    register_another(&centre).await;
    let mut own = guard::things(&centre, "cong-dvc", "sokhcn").await;
    let mut other = guard::things(&centre, "benh-an", "soyt").await;
    guard::round(&centre, [&mut own, &mut other]).await;
    guard::filter(&centre).await;
    let people = everybody(&centre).await;
    invite(&centre, "muctieu", Role::Analyst, only("sokhcn")).await;
    let mut browsers = BTreeMap::new();
    for (name, ..) in &people {
        clock.0.fetch_add(31, Ordering::Relaxed);
        browsers.insert(name.clone(), Browser::of(&centre, name).await);
    }
    let all = gathered(&mut browsers, &clock, &own).await;
    let mut wrong = Vec::new();
    for ((route, _), form) in &all {
        let mut example = guard::form(route, &own);
        for (_, name, value) in BESIDES.iter().filter(|(of, ..)| of == route) {
            example.retain(|(known, _)| known != name);
            example.push((name, (*value).to_owned()));
        }
        if form.has_file {
            let browser = browsers.get_mut(&form.who).unwrap();
            let way = form.ways(&example, "").remove(0);
            let way = borrowed(&way);
            for (name, file) in [("KE_HOACH_TOI_MAT.csv", TRACE), ("thu.csv", MARKED)] {
                clock.0.fetch_add(1, Ordering::Relaxed);
                let reply = browser.post_file_and(&form.action, &way, name, file.as_bytes()).await;
                // Rules are told file by file.
                let is_refused = (400..500).contains(&reply.status) || *route == "/rules/import";
                if !is_refused || !(name == "thu.csv" || tells(&text(&reply))) {
                    wrong.push(format!("{route}: the file {name}: {}", reply.status));
                }
            }
        }
        for field in form.fields.iter().filter(|field| field.takes_words()) {
            let name = field.name.as_str();
            let is_free = FREE.iter().any(|(of, start)| of == route && name.starts_with(start));
            let is_closed = CLOSED.contains(&name) || CLOSED_HERE.contains(&(*route, name));
            if is_free || is_closed {
                continue;
            }
            let (mut is_told, mut said) = (false, String::new());
            let others: Vec<String> = browsers.keys().cloned().collect();
            'told: for who in std::iter::once(&form.who).chain(&others) {
                let browser = browsers.get_mut(who).unwrap();
                for way in form.ways(&example, name) {
                    clock.0.fetch_add(1, Ordering::Relaxed);
                    let way = borrowed(&way);
                    let reply = if form.has_file {
                        browser.post_file_and(&form.action, &way, "thu.csv", TABLE).await
                    } else {
                        browser.post(&form.action, &way).await
                    };
                    let page = text(&reply);
                    if tells(&page) {
                        is_told = true;
                        break 'told;
                    }
                    let wrong = page.split("role=\"alert\">").nth(1).unwrap_or_default();
                    let wrong: String = wrong.chars().take(90).collect();
                    said += &format!("\n    {who} {}: {wrong:?}", reply.status);
                }
            }
            if !is_told {
                let said: String = said.chars().take(600).collect();
                wrong.push(format!("{route} {name}: {said}"));
            }
        }
    }
    assert!(all.len() > 60, "{} forms", all.len());
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
    let place = centre.stop().await;
    let mut kept = Vec::new();
    holding(place.path(), TRACE.as_bytes(), &mut kept);
    assert!(kept.is_empty(), "{kept:?}");
}

fn borrowed(way: &[(String, String)]) -> Vec<(&str, &str)> {
    way.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}
