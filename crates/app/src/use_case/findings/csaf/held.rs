//! Which products of an advisory a system has, as far as the register tells: its products, and the parts that
//! their inventories name.
//!
//! By the address of the package, else by the names of the CPE and of the product with the version. What is sure
//! opens and clears; what is only possible opens, with the reason in its title, and clears nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound::{Included, Unbounded};

use khien_domain::finding::NewFinding;
use khien_domain::limits::NAME_BYTES;
use khien_domain::risk::Rating;
use khien_domain::text;

use super::super::MAX_FINDINGS;
use super::Advisory;
use super::flaws::Flaw;
use super::item::{Fit, Item, fit};
use super::tree::{Alone, Product};

/// Products of a document that stand for something that a system has, counted one by one.
const FITS: usize = 500_000;
/// Products of a document that are held against what a system has.
const LOOKS: usize = 5_000_000;
/// What is said of all of them.
const WORDS: usize = 2_000_000;
/// What is told not to be affected.
const CLEAR: usize = 50_000;
/// What is told beyond that.
const TOO_MUCH: &str = "the advisory touches more of the system than is looked at in one file";
/// What a document says of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::use_case::findings) enum Word {
    /// It has no such vulnerability, or no more.
    Clear,
    /// It is not known yet.
    Asked,
    /// It has it.
    Affected,
}

/// What an advisory says of a system.
#[derive(Debug, Default)]
pub(in crate::use_case::findings) struct Matched {
    /// What it has.
    pub(in crate::use_case::findings) found: Vec<Found>,
    /// What it has not, or no more.
    pub(in crate::use_case::findings) clear: Vec<Found>,
    /// Products that the document calls affected and the system does not have.
    pub(in crate::use_case::findings) left_out: usize,
}

/// What an advisory says of a vulnerability of something that a system has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::use_case::findings) struct Found {
    /// Where in the document.
    pub(in crate::use_case::findings) at: String,
    /// As a finding.
    pub(in crate::use_case::findings) new: NewFinding,
    /// Whether that is not sure.
    pub(in crate::use_case::findings) is_possible: bool,
    /// What the document says to do about it, or why nothing is to be done.
    pub(in crate::use_case::findings) remedy: String,
}

/// Looks up what a system has, one after the other, in an advisory.
pub(in crate::use_case::findings) struct Matching<'a> {
    advisory: &'a Advisory,
    by_name: HashMap<&'a str, Vec<(&'a str, &'a Alone)>>,
    by_purl: HashMap<(&'a str, &'a str), Vec<(&'a str, &'a Alone)>>,
    by_full: BTreeMap<&'a str, Vec<(&'a str, &'a Alone)>>,
    by_letters: HashMap<&'a str, Vec<(&'a str, &'a Alone)>>,
    /// Products whose version is only the first or the last of those that are affected.
    ends: BTreeSet<&'a str>,
    /// What the system has of the products of the document.
    items: Vec<Item>,
    /// By the number of a product in the document.
    fits: BTreeMap<&'a str, Vec<(usize, Fit)>>,
    /// The same by the number of one that only begins or ends what is affected, for other versions.
    around: BTreeMap<&'a str, Vec<(usize, Fit)>>,
    count: usize,
    looks: usize,
}

impl<'a> Matching<'a> {
    /// Begins with an advisory and nothing of a system.
    pub(in crate::use_case::findings) fn of(advisory: &'a Advisory) -> Self {
        let mut matching = Self {
            advisory,
            by_name: HashMap::new(),
            by_purl: HashMap::new(),
            by_full: BTreeMap::new(),
            by_letters: HashMap::new(),
            ends: advisory.flaws.iter().flat_map(|flaw| &flaw.ends).map(String::as_str).collect(),
            items: Vec::new(),
            fits: BTreeMap::new(),
            around: BTreeMap::new(),
            count: 0,
            looks: 0,
        };
        for (id, product) in &advisory.tree.products {
            let Product::Alone(alone) = product else { continue };
            for name in alone.names.iter().filter(|name| !name.is_empty()) {
                matching.by_name.entry(name).or_default().push((id, alone));
            }
            for purl in &alone.purls {
                let key = (purl.kind.as_str(), purl.last());
                matching.by_purl.entry(key).or_default().push((id, alone));
            }
            matching.by_full.entry(&alone.full).or_default().push((id, alone));
            for letters in &alone.letters {
                matching.by_letters.entry(letters).or_default().push((id, alone));
            }
        }
        matching
    }

    /// Looks up something that the system has.
    pub(in crate::use_case::findings) fn take(&mut self, item: Item) -> Result<(), String> {
        let mut candidates = BTreeMap::<&'a str, &'a Alone>::new();
        if let Some(purl) = &item.purl {
            let key = (purl.kind.as_str(), purl.last());
            candidates.extend(self.by_purl.get(&key).into_iter().flatten().copied());
        }
        for one in item.names.iter().filter(|name| !name.is_empty()) {
            candidates.extend(self.by_name.get(one.as_str()).into_iter().flatten().copied());
            candidates.extend(self.by_full.get(one.as_str()).into_iter().flatten().copied());
            let longer = format!("{one} ");
            let from = self.by_full.range::<str, _>((Included(longer.as_str()), Unbounded));
            let begin = from.take_while(|(full, _)| full.starts_with(&longer));
            candidates.extend(begin.flat_map(|(_, all)| all.iter().copied()));
        }
        for one in &item.letters {
            candidates.extend(self.by_letters.get(one.as_str()).into_iter().flatten().copied());
        }
        self.looks += candidates.len();
        if self.looks > LOOKS {
            return Err(TOO_MUCH.into());
        }
        let at = self.items.len();
        let mut is_had = false;
        for (id, alone) in candidates {
            let found = match fit(alone, &item, false) {
                Some(fit) => Some((&mut self.fits, fit)),
                None if self.ends.contains(id) => {
                    fit(alone, &item, true).map(|fit| (&mut self.around, fit))
                }
                None => None,
            };
            if let Some((fits, fit)) = found {
                fits.entry(id).or_default().push((at, fit));
                self.counted()?;
                is_had = true;
            }
        }
        if is_had {
            self.items.push(item);
        }
        Ok(())
    }

    fn counted(&mut self) -> Result<(), String> {
        self.count += 1;
        if self.count > FITS { Err(TOO_MUCH.into()) } else { Ok(()) }
    }

    /// What the advisory says of the system.
    pub(in crate::use_case::findings) fn done(mut self) -> Result<Matched, String> {
        for id in &self.advisory.tree.order {
            let Some(Product::Together { is_part, of, with }) = self.advisory.tree.products.get(id)
            else {
                continue;
            };
            let size = |id: &str| self.fits.get(id).map_or(0, Vec::len);
            self.looks += size(of) + size(with);
            if self.looks > LOOKS {
                return Err(TOO_MUCH.into());
            }
            let fits = self.together(*is_part, of, with);
            for _ in &fits {
                self.counted()?;
            }
            if !fits.is_empty() {
                self.fits.insert(id, fits);
            }
        }
        let (mut matched, mut left_out, mut words) = (Matched::default(), BTreeSet::new(), 0);
        for flaw in &self.advisory.flaws {
            let mut by_item = BTreeMap::<usize, Vec<(&str, Word, &Fit)>>::new();
            for (product, word) in &flaw.words {
                let of = |all: &BTreeMap<&str, Vec<(usize, Fit)>>| -> usize {
                    all.get(product.as_str()).map_or(0, Vec::len)
                };
                let is_end = flaw.ends.contains(product);
                let size = of(&self.fits) + if is_end { of(&self.around) } else { 0 };
                if size == 0 && *word != Word::Clear {
                    left_out.insert(product);
                }
                words += size;
                if words > WORDS {
                    return Err(TOO_MUCH.into());
                }
                let around = self.around.get(product.as_str()).filter(|_| is_end);
                let fits = self.fits.get(product.as_str()).into_iter().chain(around).flatten();
                for (item, fit) in fits {
                    by_item.entry(*item).or_default().push((product, *word, fit));
                }
            }
            for (item, said) in by_item {
                if let Some(item) = self.items.get(item) {
                    matched.add(flaw, item, &said);
                }
                if matched.found.len() > MAX_FINDINGS || matched.clear.len() > CLEAR {
                    return Err(TOO_MUCH.into());
                }
            }
        }
        matched.left_out = left_out.len();
        Ok(matched)
    }

    /// What a system has of a product that is together with another.
    fn together(&self, is_part: bool, of: &str, with: &str) -> Vec<(usize, Fit)> {
        let fits = |id: &str| self.fits.get(id).map(Vec::as_slice).unwrap_or_default();
        let (parts, wholes) = (fits(of), fits(with));
        let unsure = || Fit::Possible("chưa rõ có dùng trên nền mà khuyến cáo nêu".into());
        let best = wholes.iter().map(|(_, fit)| fit).max().cloned().unwrap_or_else(unsure);
        if !parts.is_empty() || !is_part {
            return parts.iter().map(|(at, fit)| (*at, fit.clone().min(best.clone()))).collect();
        }
        let closed = |at: usize| self.items.get(at).is_some_and(|item| item.is_closed);
        let why = || Fit::Possible("sổ chưa có danh mục thành phần của sản phẩm".into());
        let wholes = wholes.iter().filter(|(at, _)| closed(*at));
        wholes.map(|(at, _)| (*at, why())).collect()
    }
}

impl Matched {
    /// Adds what is said of a vulnerability of something that a system has. What is said of its very version
    /// goes before what is said of all or of some; of the rest the worst stands.
    fn add(&mut self, flaw: &Flaw, item: &Item, said: &[(&str, Word, &Fit)]) {
        let exact = said.iter().filter(|(_, _, fit)| **fit == Fit::Exact);
        let worst = exact.map(|(_, word, _)| *word).max();
        let stands = |(_, word, fit): &&(&str, Word, &Fit)| match worst {
            Some(worst) => **fit == Fit::Exact && *word == worst,
            None => *word != Word::Clear || **fit == Fit::Whole,
        };
        let said: Vec<_> = said.iter().filter(stands).collect();
        let Some(word) = said.iter().map(|(_, word, _)| *word).max() else { return };
        let said: Vec<_> = said.into_iter().filter(|(_, one, _)| *one == word).collect();
        let surest = said.iter().map(|(_, _, fit)| *fit).max();
        let why = match (word, surest) {
            (_, Some(Fit::Possible(why))) => Some(why.as_str()),
            (Word::Asked, _) => Some("nơi ban hành đang xác minh"),
            _ => None,
        };
        let severity = said.iter().filter_map(|(product, ..)| flaw.severity(product)).max();
        let remedy = said.iter().find_map(|(product, ..)| flaw.remedy(product));
        let new = NewFinding {
            rule: flaw.rule.clone(),
            place: item.place.clone(),
            title: title(&flaw.title, why, severity.is_none()),
            severity: severity.unwrap_or(Rating::Medium),
            cves: flaw.cves.clone(),
        };
        let found = Found {
            at: flaw.place.clone(),
            new,
            is_possible: why.is_some(),
            remedy: remedy.unwrap_or_default().to_owned(),
        };
        if word == Word::Clear { self.clear.push(found) } else { self.found.push(found) }
    }
}

/// What a finding is called: that it is not sure stands before what it is, why behind it, and neither is cut off.
fn title(about: &str, why: Option<&str>, is_unweighed: bool) -> String {
    let before = if why.is_some() { "Có thể bị ảnh hưởng: " } else { "" };
    let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
    let behind = if is_unweighed { " (khuyến cáo không nêu mức)" } else { "" };
    let room = NAME_BYTES.saturating_sub(before.len() + why.len() + behind.len());
    format!("{before}{}{why}{behind}", text::cut(about, room))
}
