//! The vulnerabilities of a document: what it says of which products, how grave, and what to do.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use khien_domain::assessment::AssessmentPack;
use khien_domain::limits::NAME_BYTES;
use khien_domain::risk::Rating;
use khien_domain::{secrecy, text};
use serde_json::Value;

use super::tree::Tree;
use super::{Word, line, list, said};
use crate::use_case::findings::{cves_of, marked, table};

/// Vulnerabilities of a document.
const FLAWS: usize = 5_000;
/// Members of groups that remedies, flags, threats and scores of a document name together.
const EXPANDED: usize = 2_000_000;
/// What a remedy says.
const REMEDY_BYTES: usize = 600;

/// The lists of products, and what stands in each.
const LISTS: [(&str, Word); 9] = [
    ("known_affected", Word::Affected),
    ("first_affected", Word::Affected),
    ("last_affected", Word::Affected),
    ("under_investigation", Word::Asked),
    ("unknown", Word::Asked),
    ("known_not_affected", Word::Clear),
    ("fixed", Word::Clear),
    ("first_fixed", Word::Clear),
    ("recommended", Word::Clear),
];

/// What documents call remedies and reasons, and how people here do.
const KINDS: [(&str, &str); 12] = [
    ("vendor_fix", "Bản vá"),
    ("optional_patch", "Bản vá không bắt buộc"),
    ("fix_planned", "Sẽ có bản vá"),
    ("no_fix_planned", "Sẽ không có bản vá"),
    ("none_available", "Chưa có bản vá"),
    ("mitigation", "Giảm thiểu"),
    ("workaround", "Cách tạm thời"),
    ("component_not_present", "Không có thành phần bị lỗi"),
    ("vulnerable_code_not_present", "Không có đoạn mã bị lỗi"),
    ("vulnerable_code_not_in_execute_path", "Đoạn mã bị lỗi không được chạy"),
    (
        "vulnerable_code_cannot_be_controlled_by_adversary",
        "Kẻ tấn công không điều khiển được đoạn mã bị lỗi",
    ),
    ("inline_mitigations_already_exist", "Đã có sẵn biện pháp ngăn chặn"),
];

/// A vulnerability.
#[derive(Debug)]
pub(super) struct Flaw {
    /// Where it stands.
    pub(super) place: String,
    /// Its CVE, or its number.
    pub(super) rule: String,
    /// What it is.
    pub(super) title: String,
    /// Its CVEs.
    pub(super) cves: BTreeSet<String>,
    /// What is said of which product.
    pub(super) words: BTreeMap<String, Word>,
    /// The products whose version is only the first or the last of those that have it.
    pub(super) ends: BTreeSet<String>,
    /// How grave it is by its scores.
    scores: Named<Rating>,
    /// How grave it is by what is said of its impact.
    impact: Named<Rating>,
    /// How grave the whole is said to be.
    general: Option<Rating>,
    /// What is to be done, or why nothing is.
    texts: Vec<String>,
    /// Which of these to do; a fix of the maker goes first.
    remedy: Named<Reverse<(bool, usize)>>,
    /// Which of these tells why nothing is to be done.
    reason: Named<Reverse<(bool, usize)>>,
}

/// What is said of products by name, and of all of them; the greatest stands.
#[derive(Debug)]
struct Named<T> {
    one: BTreeMap<String, T>,
    all: Option<T>,
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self { one: BTreeMap::new(), all: None }
    }
}

impl<T: Copy + Ord> Named<T> {
    fn of(&self, product: &str) -> Option<T> {
        self.one.get(product).copied().max(self.all)
    }

    /// Something is said of some of the products, of all if none is named.
    fn say<'p>(
        &mut self,
        about: Option<impl Iterator<Item = &'p str>>,
        words: &BTreeMap<String, Word>,
        said: T,
    ) {
        let Some(about) = about else {
            self.all = self.all.max(Some(said));
            return;
        };
        for id in about.filter(|id| words.contains_key(*id)) {
            match self.one.get_mut(id) {
                Some(known) => *known = (*known).max(said),
                None => drop(self.one.insert(id.to_owned(), said)),
            }
        }
    }
}

impl Flaw {
    /// How grave it is for a product, if the document says so.
    pub(super) fn severity(&self, product: &str) -> Option<Rating> {
        self.scores.of(product).or_else(|| self.impact.of(product)).or(self.general)
    }

    /// What the document says to do about a product.
    pub(super) fn remedy(&self, product: &str) -> Option<&str> {
        let (remedy, reason) = (self.remedy.of(product), self.reason.of(product));
        let is_clear = self.words.get(product) == Some(&Word::Clear);
        let first = if is_clear { reason.or(remedy) } else { remedy.or(reason) };
        let Reverse((_, at)) = first?;
        self.texts.get(at).map(String::as_str)
    }
}

/// Reads the vulnerabilities, or tells what will not do, with its place.
pub(super) fn read(pack: &AssessmentPack, whole: &Value, tree: &Tree) -> Result<Vec<Flaw>, String> {
    let all = list(whole, "vulnerabilities", "")?;
    if all.len() > FLAWS {
        return Err(format!("vulnerabilities: a document has at most {FLAWS}"));
    }
    let general = said(whole, "/document/aggregate_severity/text").and_then(rating);
    let about = said(whole, "/document/title").unwrap_or_default();
    let mut left = EXPANDED;
    let read = |(number, one): (usize, &Value)| {
        let place = format!("vulnerabilities[{number}]");
        flaw(pack, one, tree, place, (general, about), &mut left)
    };
    all.iter().enumerate().map(read).collect()
}

fn flaw(
    pack: &AssessmentPack,
    value: &Value,
    tree: &Tree,
    place: String,
    (general, about): (Option<Rating>, &str),
    left: &mut usize,
) -> Result<Flaw, String> {
    let cve = said(value, "/cve");
    let ids = list(value, "ids", &place)?.iter().filter_map(|id| said(id, "/text"));
    let ids: Vec<&str> = ids.collect();
    let title = said(value, "/title");
    let rule = cve.or_else(|| ids.first().copied()).or(title);
    let rule =
        rule.ok_or_else(|| format!("{place}.cve: it is missing, and so are ids and title"))?;
    let notes = list(value, "notes", &place)?;
    let note = ["description", "summary", "general"].iter().find_map(|category| {
        let is_it = |note: &&Value| said(note, "/category") == Some(category);
        notes.iter().find(is_it).and_then(|note| said(note, "/text"))
    });
    let title = title.or(note).unwrap_or(if about.is_empty() { rule } else { about });
    let (mut words, mut ends) = (BTreeMap::new(), BTreeSet::new());
    let status = value.get("product_status");
    for (field, word) in LISTS {
        let place = format!("{place}.product_status");
        for id in tree.ids(status.unwrap_or(&Value::Null), field, &place)? {
            if ["first_affected", "last_affected"].contains(&field) {
                ends.insert(id.clone());
            }
            let known = words.entry(id).or_insert(word);
            // What is said to be both is rather taken to be affected.
            *known = (*known).max(word);
        }
    }
    let mut flaw = Flaw {
        rule: text::cut(&line(rule), NAME_BYTES),
        title: line(&text::cut(title, 4 * NAME_BYTES)),
        cves: cves_of(cve.into_iter().chain(ids).chain([rule])),
        words,
        ends,
        scores: Named::default(),
        impact: Named::default(),
        general,
        texts: Vec::new(),
        remedy: Named::default(),
        reason: Named::default(),
        place,
    };
    flaw.weigh(pack, value, tree, left)?;
    flaw.tell(value, tree, left)?;
    Ok(flaw)
}

impl Flaw {
    /// Reads how grave it is: scores, else what the document says of its impact on products.
    fn weigh(
        &mut self,
        pack: &AssessmentPack,
        value: &Value,
        tree: &Tree,
        left: &mut usize,
    ) -> Result<(), String> {
        let place = &self.place;
        for (number, threat) in list(value, "threats", place)?.iter().enumerate() {
            let grave = said(threat, "/details").and_then(rating);
            if let (Some("impact"), Some(grave)) = (said(threat, "/category"), grave) {
                let place = format!("{place}.threats[{number}]");
                let about = tree.about(threat, "product_ids", &place, left)?;
                self.impact.say(about, &self.words, grave);
            }
        }
        for (field, content) in [("scores", ""), ("metrics", "/content")] {
            for (number, score) in list(value, field, place)?.iter().enumerate() {
                let place = format!("{place}.{field}[{number}]");
                let path = format!("{place}{}", content.replace('/', "."));
                let content = score.pointer(content).unwrap_or(&Value::Null);
                for system in ["cvss_v4", "cvss_v3", "cvss_v2"] {
                    let Some(stated) = content.get(system) else { continue };
                    if let Some(grave) =
                        base(pack, stated).map_err(|what| format!("{path}.{system}.{what}"))?
                    {
                        let about = tree.about(score, "products", &place, left)?;
                        self.scores.say(about, &self.words, grave);
                    }
                }
            }
        }
        Ok(())
    }

    /// Reads what is to be done, and why nothing is.
    fn tell(&mut self, value: &Value, tree: &Tree, left: &mut usize) -> Result<(), String> {
        for (field, kind, more) in
            [("flags", "/label", ""), ("remediations", "/category", "/details")]
        {
            for (number, one) in list(value, field, &self.place)?.iter().enumerate() {
                let kind = said(one, kind);
                let is_fix = kind == Some("vendor_fix");
                let kind = kind.map(|kind| {
                    let known = KINDS.iter().find(|(word, _)| *word == kind);
                    known.map_or_else(|| line(kind), |(_, called)| (*called).to_owned())
                });
                let more = (!more.is_empty()).then(|| said(one, more)).flatten().map(line);
                let text = kind.into_iter().chain(more).collect::<Vec<_>>().join(": ");
                if text.is_empty() {
                    continue;
                }
                let place = format!("{}.{field}[{number}]", self.place);
                let about = tree.about(one, "product_ids", &place, left)?;
                if let Some(found) = secrecy::find("", [], &text) {
                    return Err(marked(found));
                }
                let told = if field == "flags" { &mut self.reason } else { &mut self.remedy };
                told.say(about, &self.words, Reverse((!is_fix, self.texts.len())));
                self.texts.push(text::cut(&text, REMEDY_BYTES));
            }
        }
        Ok(())
    }
}

/// How grave a score is by its word, else by its number.
fn base(pack: &AssessmentPack, score: &Value) -> Result<Option<Rating>, &'static str> {
    if let Some(word) = said(score, "/baseSeverity") {
        // What has no impact is told as the least.
        let none = word.eq_ignore_ascii_case("none").then_some(Rating::Low);
        let known = none.or_else(|| rating(word));
        return known.map(Some).ok_or("baseSeverity: it is no severity of CVSS");
    }
    match score.get("baseScore").map(Value::as_f64) {
        None => Ok(None),
        Some(Some(number)) if (0.0..=10.0).contains(&number) => {
            Ok(Some(pack.severity((number * 10.0).round() as i64)))
        }
        Some(_) => Err("baseScore: a number from 0 to 10 is expected"),
    }
}

/// How grave something is by a word that makers use.
fn rating(word: &str) -> Option<Rating> {
    let is_important = word.trim().eq_ignore_ascii_case("important");
    table::severity(word).or(is_important.then_some(Rating::High))
}
