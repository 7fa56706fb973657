//! The product tree of a document: products by their number, and which of them are parts of others.
//!
//! Branches are walked to a bound and no deeper, whatever a file nests. In which order relationships stand is
//! of no consequence.

use std::collections::{BTreeMap, BTreeSet};

use khien_domain::limits::NAME_BYTES;
use serde_json::Value;

use super::version::{Purl, Version, cpe, letters, name};
use super::{at, list, said};

/// Branches within branches, and no deeper.
const DEPTH: usize = 30;
/// Products of a document.
const PRODUCTS: usize = 50_000;
/// The longest number or address of a product.
const NUMBER_BYTES: usize = 1_000;

/// The products of a document.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// By their number.
    pub(super) products: BTreeMap<String, Product>,
    /// Those that are together with others, each after those that it names.
    pub(super) order: Vec<String>,
    /// Groups of products, by their number.
    groups: BTreeMap<String, BTreeSet<String>>,
}

/// A product.
#[derive(Debug)]
pub(super) enum Product {
    /// One by itself.
    Alone(Alone),
    /// One that is together with another.
    Together {
        /// Whether it is a part of the other, as that is delivered or may be.
        is_part: bool,
        /// Which one.
        of: String,
        /// With which other.
        with: String,
    },
}

/// A product by itself; names and versions are in comparable form.
#[derive(Debug)]
pub(super) struct Alone {
    /// Who makes it.
    pub(super) vendor: Option<String>,
    /// What it is called, without its version.
    pub(super) names: BTreeSet<String>,
    /// What it is called with all that belongs to it.
    pub(super) full: String,
    /// The letters and digits of all of these.
    pub(super) letters: BTreeSet<String>,
    /// Which versions.
    pub(super) version: Version,
    /// Its addresses as a package.
    pub(super) purls: Vec<Purl>,
}

/// What the branches above say.
#[derive(Clone, Default)]
struct Path<'v> {
    vendor: Option<&'v str>,
    product: Option<&'v str>,
    version: Option<Version>,
    /// What is told beside the version: a service pack, a patch level.
    more: Vec<&'v str>,
}

impl Tree {
    /// Reads a product tree, or tells what will not do, with its place.
    pub(super) fn read(value: &Value) -> Result<Self, String> {
        const PLACE: &str = "product_tree";
        let mut tree = Self::default();
        tree.branches(value, PLACE, &Path::default(), 0)?;
        for (number, product) in list(value, "full_product_names", PLACE)?.iter().enumerate() {
            let place = format!("{PLACE}.full_product_names[{number}]");
            tree.alone(product, &place, &Path::default())?;
        }
        for (number, one) in list(value, "relationships", PLACE)?.iter().enumerate() {
            tree.together(one, &format!("{PLACE}.relationships[{number}]"))?;
        }
        for (number, group) in list(value, "product_groups", PLACE)?.iter().enumerate() {
            let place = format!("{PLACE}.product_groups[{number}]");
            let id = said(group, "/group_id");
            let id = id.ok_or_else(|| format!("{place}.group_id: it is missing"))?;
            let ids = tree.ids(group, "product_ids", &place)?;
            tree.groups.entry(id.to_owned()).or_default().extend(ids);
        }
        tree.order = tree.ordered()?;
        Ok(tree)
    }

    fn branches<'v>(
        &mut self,
        value: &'v Value,
        place: &str,
        path: &Path<'v>,
        depth: usize,
    ) -> Result<(), String> {
        let branches = list(value, "branches", place)?;
        if depth >= DEPTH && !branches.is_empty() {
            return Err(format!(
                "{place}.branches: branches within branches are read {DEPTH} deep"
            ));
        }
        for (number, branch) in branches.iter().enumerate() {
            let place = format!("{place}.branches[{number}]");
            let path = path.with(branch, &place)?;
            if let Some(product) = branch.get("product") {
                self.alone(product, &format!("{place}.product"), &path)?;
            }
            self.branches(branch, &place, &path, depth + 1)?;
        }
        Ok(())
    }

    fn alone(&mut self, value: &Value, place: &str, path: &Path<'_>) -> Result<(), String> {
        let full = said(value, "/name").ok_or_else(|| format!("{place}.name: it is missing"))?;
        let helper = value.get("product_identification_helper").unwrap_or(&Value::Null);
        let inside = at(place, "product_identification_helper");
        let purls = list(helper, "purls", &inside)?.iter().filter_map(Value::as_str);
        let purls: Vec<&str> = said(helper, "/purl").into_iter().chain(purls).collect();
        for purl in &purls {
            short(purl, &at(&inside, "purl"), NUMBER_BYTES)?;
        }
        let purls: Vec<Purl> = purls.into_iter().filter_map(Purl::parse).collect();
        let told = said(helper, "/cpe");
        short(told.unwrap_or_default(), &at(&inside, "cpe"), NUMBER_BYTES)?;
        let cpe = told.and_then(cpe);
        let mut names: BTreeSet<String> = path.product.map(name).into_iter().collect();
        let vendor = path.vendor.map(name);
        if let (Some(vendor), Some(product)) = (&vendor, path.product) {
            names.insert(format!("{vendor} {}", name(product)));
        }
        let (named, cpe_version, update) = cpe.unwrap_or_default();
        names.extend(named);
        let in_purl = || purls.iter().find_map(|purl| purl.version.clone());
        // A name that says more than the product's own, or a number, may say of which versions.
        let is_bare = !full.contains(|c: char| c.is_ascii_digit());
        let is_named = is_bare && (names.is_empty() || names.contains(&name(full)));
        let whole = if is_named { Version::Whole } else { Version::some(full) };
        let told = cpe_version.or_else(in_purl).and_then(|text| Version::told(&text));
        let told = path.version.clone().or(told).unwrap_or(whole);
        let more: Vec<&str> = path.more.iter().copied().chain(update.as_deref()).collect();
        let version = match (told, more.is_empty()) {
            (told, true) => told,
            (Version::Whole, false) => Version::some(&more.join(" ")),
            (Version::Exact(one) | Version::Range(one), false) => {
                Version::some(&format!("{one} {}", more.join(" ")))
            }
        };
        let full = name(full);
        let letters = names.iter().chain([&full]).filter_map(|name| letters(name)).collect();
        let alone = Alone { vendor, names, full, letters, version, purls };
        self.add(value, place, Product::Alone(alone))
    }

    fn together(&mut self, value: &Value, place: &str) -> Result<(), String> {
        let must = |field: &str| {
            let found = said(value, &format!("/{field}")).map(str::to_owned);
            found.ok_or_else(|| format!("{place}.{field}: it is missing"))
        };
        let is_part = match must("category")?.as_str() {
            "default_component_of" | "optional_component_of" | "external_component_of" => true,
            "installed_on" | "installed_with" => false,
            other => {
                let other = khien_domain::text::cut(other, 40);
                return Err(format!("{place}.category: «{other}» is no kind of relationship"));
            }
        };
        let (of, with) = (must("product_reference")?, must("relates_to_product_reference")?);
        let product = value.get("full_product_name").unwrap_or(&Value::Null);
        let place = at(place, "full_product_name");
        self.add(product, &place, Product::Together { is_part, of, with })
    }

    fn add(&mut self, value: &Value, place: &str, product: Product) -> Result<(), String> {
        let id = said(value, "/product_id");
        let id = id.ok_or_else(|| format!("{place}.product_id: it is missing"))?;
        short(id, &at(place, "product_id"), NUMBER_BYTES)?;
        if self.products.len() >= PRODUCTS {
            return Err(format!("{place}: a document has at most {PRODUCTS} products"));
        }
        if self.products.insert(id.to_owned(), product).is_some() {
            let id = khien_domain::text::cut(id, 80);
            return Err(format!("{place}.product_id: «{id}» stands there twice"));
        }
        Ok(())
    }

    /// The products that a list names, each of which has to be in the tree.
    pub(super) fn ids(
        &self,
        value: &Value,
        field: &str,
        place: &str,
    ) -> Result<BTreeSet<String>, String> {
        let mut found = BTreeSet::new();
        for (number, one) in list(value, field, place)?.iter().enumerate() {
            let id = one.as_str().map(str::trim).unwrap_or_default();
            if !self.products.contains_key(id) {
                let id = khien_domain::text::cut(id, 80);
                let place = format!("{place}.{field}[{number}]");
                return Err(format!("{place}: «{id}» is no product of the product tree"));
            }
            found.insert(id.to_owned());
        }
        Ok(found)
    }

    /// The products that something is about: named one by one or by group; of nothing named, all. What groups
    /// stand for is taken from what is left of it for the document.
    pub(super) fn about<'t>(
        &'t self,
        value: &'t Value,
        products: &str,
        place: &str,
        left: &mut usize,
    ) -> Result<Option<impl Iterator<Item = &'t str>>, String> {
        let texts = |field: &str| -> Vec<&'t str> {
            let list = value.get(field).and_then(Value::as_array);
            list.into_iter().flatten().filter_map(Value::as_str).collect()
        };
        if [products, "group_ids"].iter().all(|field| value.get(field).is_none()) {
            return Ok(None);
        }
        let groups = texts("group_ids").into_iter().filter_map(|id| self.groups.get(id));
        let groups: Vec<&BTreeSet<String>> = groups.collect();
        let size = groups.iter().map(|group| group.len()).sum();
        *left = left.checked_sub(size).ok_or_else(|| {
            format!("{place}.group_ids: groups of products are named too often in the document")
        })?;
        let groups = groups.into_iter().flatten().map(String::as_str);
        Ok(Some(texts(products).into_iter().chain(groups)))
    }

    /// The products that are together with others, each after those that it names. In a circle is none.
    fn ordered(&self) -> Result<Vec<String>, String> {
        let (mut done, mut order) = (BTreeSet::<&str>::new(), Vec::new());
        for id in self.products.keys() {
            // The way down, each with whether all below it were looked at.
            let (mut edge, mut way) = (vec![(id.as_str(), false)], BTreeSet::new());
            while let Some((id, is_over)) = edge.pop() {
                if is_over {
                    way.remove(id);
                    done.insert(id);
                    order.push(id.to_owned());
                    continue;
                }
                if done.contains(id) {
                    continue;
                }
                match self.products.get(id) {
                    None => {
                        let id = khien_domain::text::cut(id, 80);
                        return Err(format!(
                            "product_tree.relationships: «{id}» is no product of the product tree"
                        ));
                    }
                    Some(Product::Alone(_)) => {}
                    Some(Product::Together { .. }) if !way.insert(id) => {
                        let id = khien_domain::text::cut(id, 80);
                        return Err(format!(
                            "product_tree.relationships: «{id}» is a part of itself"
                        ));
                    }
                    Some(Product::Together { of, with, .. }) => {
                        edge.extend([(id, true), (of.as_str(), false), (with.as_str(), false)]);
                    }
                }
            }
        }
        Ok(order)
    }
}

/// Refuses a text that is too long to be copied.
fn short(text: &str, place: &str, most: usize) -> Result<(), String> {
    let told = || format!("{place}: it is longer than {most} bytes");
    if text.len() > most { Err(told()) } else { Ok(()) }
}

impl<'v> Path<'v> {
    /// What the branches above and this one say.
    fn with(&self, branch: &'v Value, place: &str) -> Result<Self, String> {
        let mut path = self.clone();
        let Some(called) = said(branch, "/name") else { return Ok(path) };
        let category = said(branch, "/category");
        // Of a range, which is never worked out, the beginning does.
        if category != Some("product_version_range") {
            short(called, &at(place, "name"), NAME_BYTES)?;
        }
        match category {
            Some("vendor") => path.vendor = Some(called),
            Some("product_name") => path.product = Some(called),
            Some("product_version") => path.version = Version::told(called),
            Some("product_version_range") => path.version = Some(Version::range(called)),
            Some("service_pack" | "patch_level") => path.more.push(called),
            _ => {}
        }
        Ok(path)
    }
}
