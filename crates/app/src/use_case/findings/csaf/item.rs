//! A product or a part of one that a system has, and whether a product of a document is it: by the address of the
//! package, else by names with the version, and how sure that is.

use std::collections::BTreeSet;

use khien_domain::product::{Component, KeptProduct};
use khien_domain::text;

use super::tree::Alone;
use super::version::{Compared, Purl, Version, compare, is_about_versions, letters, name, version};

/// Why something is only possible.
const WHY_BYTES: usize = 100;

/// A product or a part of one that a system has.
#[derive(Clone, Debug)]
pub(in crate::use_case::findings) struct Item {
    /// As the register names it.
    pub(super) place: String,
    /// What it may be called, in comparable form.
    pub(super) names: BTreeSet<String>,
    /// The letters and digits of these.
    pub(super) letters: BTreeSet<String>,
    pub(super) maker: Option<String>,
    /// Its version in comparable form, and as it stands in the register.
    pub(super) version: Option<(String, String)>,
    pub(super) purl: Option<Purl>,
    /// Whether it is a product of which no part is known.
    pub(super) is_closed: bool,
}

/// How surely a product of a document is what a system has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// It may be, and why that is not sure.
    Possible(String),
    /// It is, in whichever version.
    Whole,
    /// It is, in this version.
    Exact,
}

impl Item {
    /// A product.
    pub(in crate::use_case::findings) fn product(kept: &KeptProduct) -> Self {
        let product = &kept.product;
        let maker = product.maker.as_deref().map(name);
        let mut names = BTreeSet::from([name(&product.name)]);
        names.extend(maker.as_ref().map(|maker| format!("{maker} {}", name(&product.name))));
        Self {
            place: called(&product.name, product.version.as_deref()),
            letters: names.iter().filter_map(|name| letters(name)).collect(),
            names,
            maker,
            version: product.version.as_deref().and_then(told),
            purl: None,
            is_closed: kept.components == 0,
        }
    }

    /// A part of one.
    pub(in crate::use_case::findings) fn part(kept: &KeptProduct, part: &Component) -> Self {
        let product = &kept.product;
        let whole = called(&product.name, product.version.as_deref());
        let purl = part.purl.as_deref().and_then(Purl::parse);
        let of_purl = purl.as_ref().and_then(|purl| purl.version.clone());
        let version = match (told(&part.version), of_purl) {
            // It is said to be two: neither is sure.
            (Some((bare, _)), Some(other)) if bare != other => None,
            (Some(told), _) => Some(told),
            (None, other) => other.map(|one| (one.clone(), one)),
        };
        let last = part.name.rsplit('/').next().unwrap_or_default();
        let names: BTreeSet<String> = [part.name.as_str(), last].into_iter().map(name).collect();
        Self {
            place: format!("{} ({whole})", called(&part.name, Some(&part.version))),
            letters: names.iter().filter_map(|name| letters(name)).collect(),
            names,
            maker: None,
            version,
            purl,
            is_closed: false,
        }
    }
}

fn told(text: &str) -> Option<(String, String)> {
    version(text).map(|bare| (bare, text.trim().to_owned()))
}

/// A product as the register names it.
fn called(name: &str, version: Option<&str>) -> String {
    match version.map(str::trim).filter(|version| !version.is_empty()) {
        Some(version) => format!("{name} {version}"),
        None => name.to_owned(),
    }
}

/// Whether a product of a document is what a system has.
pub(super) fn fit(alone: &Alone, item: &Item, is_end: bool) -> Option<Fit> {
    if let Some(own) = &item.purl {
        let mut same = alone.purls.iter().filter(|purl| purl.kind == own.kind).peekable();
        if same.peek().is_some() {
            let fits = same.filter(|purl| purl.last() == own.last()).filter_map(|purl| {
                let exact = purl.version.clone().map(Version::Exact);
                let is_range = matches!(alone.version, Version::Range(_));
                let told = exact.filter(|_| !is_range);
                let fit = versions(told.as_ref().unwrap_or(&alone.version), item, is_end)?;
                let other = || Fit::Possible("khuyến cáo nêu gói cùng tên ở nhóm khác".into());
                Some(if purl.path == own.path { fit } else { fit.min(other()) })
            });
            return fits.max();
        }
    }
    if item.names.iter().any(|name| alone.names.contains(name)) {
        let fit = versions(&alone.version, item, is_end)?;
        return Some(match (&alone.vendor, &item.maker) {
            (Some(vendor), Some(maker)) if !is_one(vendor, maker) => {
                fit.min(Fit::Possible("khuyến cáo nêu nhà sản xuất khác".into()))
            }
            _ => fit,
        });
    }
    let names = item.names.iter().filter(|name| !name.is_empty());
    names.filter_map(|name| by_full(alone, item, name, is_end)).max().or_else(|| {
        if item.letters.is_disjoint(&alone.letters) || item.names.contains(&alone.full) {
            return None;
        }
        let fit = versions(&alone.version, item, is_end)?;
        Some(fit.min(Fit::Possible("khuyến cáo viết tên hơi khác".into())))
    })
}

/// The same by the full name alone, behind which versions may stand.
fn by_full(alone: &Alone, item: &Item, called: &str, is_end: bool) -> Option<Fit> {
    let rest = alone.full.strip_prefix(called)?;
    if rest.is_empty() {
        return versions(&alone.version, item, is_end);
    }
    let rest = rest.strip_prefix(' ').filter(|rest| is_about_versions(rest))?;
    let is_one = !rest.contains(|c: char| "<>=≤≥*([,".contains(c) || c.is_whitespace());
    match version(rest).filter(|_| is_one) {
        Some(one) => versions(&Version::Exact(one), item, is_end),
        // With its own version behind it the name is spelled as the register does.
        None if item.version.as_ref().is_some_and(|(bare, _)| name(bare) == *rest) => {
            Some(Fit::Exact)
        }
        None => versions(&Version::Range(rest.to_owned()), item, is_end),
    }
}

/// Whether two names of makers may be one.
fn is_one(vendor: &str, maker: &str) -> bool {
    vendor.contains(maker) || maker.contains(vendor)
}

/// Whether versions of a document are what a system has. Where one only begins or ends what is affected, others
/// may lie between.
fn versions(told: &Version, item: &Item, is_end: bool) -> Option<Fit> {
    let possible = |why: String| Some(Fit::Possible(text::cut(&why, WHY_BYTES)));
    match (told, &item.version) {
        (Version::Whole, _) => Some(Fit::Whole),
        (Version::Range(told), None) => {
            possible(format!("khuyến cáo nêu «{told}», sổ không ghi rõ phiên bản"))
        }
        (Version::Exact(told), None) => {
            possible(format!("khuyến cáo nêu {told}, sổ không ghi rõ phiên bản"))
        }
        (Version::Range(told), Some((_, shown))) => {
            possible(format!("khuyến cáo nêu «{told}», sổ ghi {shown}"))
        }
        (Version::Exact(told), Some((bare, shown))) => match compare(told, bare) {
            Compared::Same => Some(Fit::Exact),
            Compared::Rough => possible(format!("khuyến cáo nêu {told}, sổ ghi {shown}")),
            Compared::Other if is_end => {
                possible(format!("khuyến cáo nêu phiên bản đầu hoặc cuối {told}, sổ ghi {shown}"))
            }
            Compared::Other => None,
        },
    }
}
