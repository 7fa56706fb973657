//! From the bytes of a file to a catalogue.
//!
//! NIST CSF 2.0 comes as an OSCAL file that still carries what version 2.0 withdrew, without a mark on
//! it. What tells it apart is that NIST gives examples of how to implement each outcome that stands,
//! and none of those withdrawn; a category of which none stands is withdrawn too. The file must end at
//! exactly what the framework has, or it is refused.

use std::collections::BTreeSet;

use khien_domain::control::mapping::HUB;
use khien_domain::control::{Catalogue, CatalogueKey, Control, Family, NAME_BYTES, is_name};
use khien_domain::evidence::kinds::Kinds;
use khien_domain::system::Stage;
use khien_domain::text;

use super::tree::{Node, Tree};
use super::{Called, json, table, xml};

/// The functions, categories and subcategories of NIST CSF 2.0.
const CSF_2: (usize, usize, usize) = (6, 22, 106);
/// The longest text that is kept of a title.
const TITLE_BYTES: usize = 500;
/// The longest that is kept of a statement.
const TEXT_BYTES: usize = 8_000;

/// A catalogue that was read.
#[derive(Debug)]
pub(crate) struct Imported {
    pub(crate) catalogue: Catalogue,
    /// Whether it is a pack of ours.
    pub(crate) is_pack: bool,
    /// How many of its controls are withdrawn and left out.
    pub(crate) withdrawn: usize,
}

/// Reads a catalogue: a pack of ours, OSCAL as XML or JSON, or a table that is called something.
pub(crate) fn read(
    bytes: &[u8],
    kinds: &Kinds,
    called: Option<&Called>,
) -> Result<Imported, String> {
    let (text, first) = super::text_of(bytes)?;
    let tree = match (first, called) {
        (b'<' | b'{', Some(_)) => {
            return Err("the file says itself what it is called: leave name and title empty".into());
        }
        (b'<', None) => xml::read(text)?,
        (b'{', None) => json::read(text)?,
        (_, Some(called)) => {
            let mut read = of_tree(&table::read(text, called)?)?;
            if HUB == called.key.name || read.catalogue.key.name == HUB {
                return Err(format!("{HUB} is NIST's own file: import it as OSCAL"));
            }
            read.catalogue.key = called.key.clone();
            return Ok(read);
        }
        (_, None) => {
            let catalogue = Catalogue::parse(text, kinds).map_err(|error| error.to_string())?;
            return Ok(Imported { catalogue, is_pack: true, withdrawn: 0 });
        }
    };
    of_tree(&tree)
}

/// What is gathered of a tree.
#[derive(Default)]
struct Gathered {
    families: Vec<Family>,
    controls: Vec<Control>,
    withdrawn: usize,
    /// Groups of class function, categories that stand.
    functions: usize,
    categories: usize,
}

fn of_tree(tree: &Tree) -> Result<Imported, String> {
    let is_csf = tree.props.get("framework-identifier").is_some_and(|name| name == "CSF")
        || tree.title.contains("Cybersecurity Framework");
    let mut gathered = Gathered::default();
    for node in &tree.nodes {
        gathered.node(node, None, is_csf)?;
    }
    if is_csf {
        let found = (gathered.functions, gathered.categories, gathered.controls.len());
        if found != CSF_2 {
            let told = |(functions, categories, subcategories)| {
                format!(
                    "{functions} functions, {categories} categories and {subcategories} \
                     subcategories"
                )
            };
            return Err(format!(
                "the file ends at {}; NIST CSF 2.0 has {}. It is another edition, or damaged: \
                 download the catalogue of CSF 2.0 again",
                told(found),
                told(CSF_2)
            ));
        }
    }
    if gathered.controls.is_empty() {
        return Err("the catalogue has no control that stands".into());
    }
    let mut ids = BTreeSet::new();
    let twice = gathered.controls.iter().find(|control| !ids.insert(control.id.as_str()));
    if let Some(control) = twice {
        return Err(format!("the control {} is there twice", control.id));
    }
    let mut ids = BTreeSet::new();
    let twice = gathered.families.iter().find(|family| !ids.insert(family.id.as_str()));
    if let Some(family) = twice {
        return Err(format!("the group {} is there twice", family.id));
    }
    let name = if is_csf { HUB.to_owned() } else { slug(&tree.title) };
    let version = version(&tree.version);
    let key = CatalogueKey::new(&name, &version)
        .ok_or("metadata: title and version name a catalogue, and one of them is missing")?;
    let title = text::cut(&tree.title, TITLE_BYTES);
    let catalogue = Catalogue {
        key,
        vi: title.clone(),
        en: title.clone(),
        note: String::new(),
        source: title,
        valid_from: None,
        valid_to: None,
        families: gathered.families,
        controls: gathered.controls,
        measures: None,
    };
    Ok(Imported { catalogue, is_pack: false, withdrawn: gathered.withdrawn })
}

/// A name of small letters, digits and hyphens.
fn slug(title: &str) -> String {
    let title = text::without_diacritics(title).to_lowercase();
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut slug = String::new();
    for word in words {
        if slug.len() + word.len() >= NAME_BYTES {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(word);
    }
    slug
}

fn version(text: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let version: String =
        text.chars().map(|c| if allowed(c) { c } else { '-' }).take(NAME_BYTES).collect();
    version.trim_matches('-').to_owned()
}

impl Gathered {
    fn node(&mut self, node: &Node, within: Option<&str>, is_csf: bool) -> Result<(), String> {
        if !is_name(&node.id) {
            let (id, title) = (text::cut(&node.id, 80), text::cut(&node.title, 80));
            return Err(format!(
                "«{id}» («{title}»): an id is up to {NAME_BYTES} letters, digits, dots and hyphens"
            ));
        }
        if !stands(node, is_csf) {
            self.withdrawn += count_controls(node, is_csf);
            return Ok(());
        }
        let is_category = is_csf && node.class == "category";
        if !node.is_control || is_category {
            self.functions += usize::from(!node.is_control);
            self.categories += usize::from(is_category);
            let title = if node.title.is_empty() { &node.id } else { &node.title };
            let title = text::cut(title, TITLE_BYTES);
            self.families.push(Family {
                id: node.id.clone(),
                vi: title.clone(),
                en: title,
                within: within.map(str::to_owned),
            });
            return node
                .nodes
                .iter()
                .try_for_each(|inner| self.node(inner, Some(&node.id), is_csf));
        }
        let Some(family) = within else {
            // Controls that stand in no group belong together.
            self.without_group();
            return self.node(node, Some(UNGROUPED.0), is_csf);
        };
        let statement = text::cut(&node.statement, TEXT_BYTES);
        let says_no_more = node.title.is_empty() || node.title == node.id;
        let (title, statement) = match says_no_more {
            true if statement.is_empty() => (node.id.clone(), String::new()),
            true => (statement, String::new()),
            false => (text::cut(&node.title, TITLE_BYTES), statement),
        };
        self.controls.push(Control {
            id: node.id.clone(),
            family: family.to_owned(),
            vi: title.clone(),
            en: title,
            text: statement,
            level: 1,
            stage: Stage::Operation,
            source: String::new(),
            csf: if is_csf { vec![node.id.clone()] } else { Vec::new() },
            layer: None,
            needs: Vec::new(),
            lacks: Vec::new(),
        });
        node.nodes.iter().try_for_each(|inner| self.node(inner, within, is_csf))
    }

    fn without_group(&mut self) {
        if self.families.iter().all(|family| family.id != UNGROUPED.0) {
            self.families.push(Family {
                id: UNGROUPED.0.into(),
                vi: UNGROUPED.1.into(),
                en: UNGROUPED.2.into(),
                within: None,
            });
        }
    }
}

/// The family of controls that stand in no group: its id, and what it is called in Vietnamese and English.
pub(super) const UNGROUPED: (&str, &str, &str) = ("controls", "Khác", "Other");

fn stands(node: &Node, is_csf: bool) -> bool {
    if node.is_control && node.status.eq_ignore_ascii_case("withdrawn") {
        return false;
    }
    match (is_csf, node.class.as_str()) {
        (true, "subcategory") => node.examples > 0,
        (true, "category") => node.nodes.iter().any(|inner| stands(inner, is_csf)),
        _ => true,
    }
}

/// How many controls a node is and holds, categories left out.
fn count_controls(node: &Node, is_csf: bool) -> usize {
    let is_one = node.is_control && !(is_csf && node.class == "category");
    let inner: usize = node.nodes.iter().map(|inner| count_controls(inner, is_csf)).sum();
    usize::from(is_one) + inner
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<Imported, String> {
        let kinds = Kinds::parse(Kinds::BUILT_IN).unwrap();
        read(text.as_bytes(), &kinds, None)
    }

    /// A catalogue of the shape of CSF with so many standing subcategories, and withdrawn things among
    /// them without a mark.
    fn framework(standing: usize) -> String {
        let mut left = standing;
        let mut functions = String::new();
        for function in 0..6 {
            let mut categories = String::new();
            for category in 0..4 {
                let number = function * 4 + category;
                if number == 22 {
                    break;
                }
                let id = format!("F{function}.C{category}");
                let mut subcategories = format!(
                    "<control id=\"{id}-99\" class=\"subcategory\"><title>{id}-99</title>\
                     <part name=\"statement\"><p>was there once</p></part></control>"
                );
                let share = if number == 21 { left } else { 4 };
                left -= share;
                for place in 0..share {
                    subcategories.push_str(&format!(
                        "<control id=\"{id}-{place:02}\" class=\"subcategory\"><title>{id}-{place:02}</title>\
                         <prop name=\"label\" value=\"x\"/>\
                         <part name=\"statement\"><p>Outcome &amp; effect\n   is   known</p></part>\
                         <part name=\"example\"><p>do so</p></part></control>"
                    ));
                }
                categories.push_str(&format!(
                    "<control id=\"{id}\" class=\"category\"><title>Category {id}</title>{subcategories}</control>"
                ));
            }
            let gone = format!(
                "<control id=\"F{function}.GONE\" class=\"category\"><title>Gone</title>\
                 <control id=\"F{function}.GONE-01\" class=\"subcategory\"><title>x</title></control></control>"
            );
            functions.push_str(&format!(
                "<group id=\"F{function}\" class=\"function\"><title>Function</title>{categories}{gone}</group>"
            ));
        }
        format!(
            "<?xml version=\"1.0\"?><catalog xmlns=\"http://csrc.nist.gov/ns/oscal/1.0\"><metadata>\
             <title>A Cybersecurity Framework</title><version>1.0.0</version></metadata>{functions}</catalog>"
        )
    }

    #[test]
    fn a_framework_ends_at_what_it_has_or_is_refused() {
        let found = read_text(&framework(106)).unwrap();
        assert_eq!(found.catalogue.key.to_string(), "csf-2.0@1.0.0");
        assert_eq!((found.catalogue.controls.len(), found.withdrawn), (106, 28));
        assert_eq!(found.catalogue.families.len(), 6 + 22);
        let first = &found.catalogue.controls[0];
        assert_eq!(
            (first.id.as_str(), first.en.as_str()),
            ("F0.C0-00", "Outcome & effect is known")
        );
        for wrong in [105, 107] {
            let told = read_text(&framework(wrong)).unwrap_err();
            assert!(told.contains(&format!("22 categories and {wrong} subcategories")), "{told}");
            assert!(told.contains("NIST CSF 2.0 has 6 functions, 22 categories and 106"), "{told}");
        }
    }

    #[test]
    fn the_file_of_nist_ends_at_106_subcategories() {
        let named = std::env::var_os("KHIEN_CSF_CATALOG").map(std::path::PathBuf::from);
        let public = || khien_testkit::public_data("reference/csf-2.0-catalog.xml");
        let Some(path) = named.or_else(public) else {
            eprintln!("skipped: no catalogue of CSF 2.0 (KHIEN_CSF_CATALOG names one)");
            return;
        };
        let text = std::fs::read_to_string(path).unwrap();
        let found = read_text(&text).unwrap();
        assert_eq!((found.catalogue.controls.len(), found.withdrawn), (106, 79));
        assert_eq!(found.catalogue.families.len(), 28);
        let kinds = Kinds::parse(Kinds::BUILT_IN).unwrap();
        let own = Catalogue::parse(Catalogue::BUILT_IN, &kinds).unwrap();
        for control in &own.controls {
            for outcome in &control.csf {
                assert!(found.catalogue.control(outcome).is_some(), "{}: {outcome}", control.id);
            }
        }
        // One outcome taken away, and it is another file.
        let less = text.replacen("name=\"example\"", "name=\"other\"", 1);
        assert!(read_text(&less).unwrap_err().contains("105 subcategories"));
    }

    #[test]
    fn oscal_json_gives_groups_controls_and_their_statements() {
        let text = r#"{"catalog": {"uuid": "x", "metadata": {"title": "Bộ biện pháp Mẫu 7", "version": "v 1"},
            "groups": [{"id": "ac", "title": "Access", "controls": [
                {"id": "ac-1", "title": "Policy", "params": [{"id": "p1", "label": "how often"}],
                 "parts": [{"name": "statement", "prose": "Do it {{ insert: param, p1 }}:",
                    "parts": [{"name": "item", "prose": "in writing."}]}, {"name": "guidance", "prose": "no"}],
                 "controls": [{"id": "ac-1.1", "title": "More"}]},
                {"id": "ac-2", "title": "Gone", "props": [{"name": "status", "value": "withdrawn"}]}]}],
            "controls": [{"id": "x-1", "title": "Alone"}]}}"#;
        let found = read_text(text).unwrap();
        assert_eq!(found.catalogue.key.to_string(), "bo-bien-phap-mau-7@v-1");
        assert_eq!(found.withdrawn, 1);
        let ids: Vec<_> = found.catalogue.controls.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(ids, ["ac-1", "ac-1.1", "x-1"]);
        assert_eq!(found.catalogue.controls[0].text, "Do it [how often]: in writing.");
        assert_eq!(found.catalogue.families.last().unwrap().id, "controls");
    }

    #[test]
    fn a_table_gives_controls_in_groups_once_it_is_called_something() {
        let kinds = Kinds::parse(Kinds::BUILT_IN).unwrap();
        let called = Called {
            key: CatalogueKey::parse("bang-mau@8").unwrap(),
            title: "Bảng Mẫu phiên bản 8".into(),
        };
        let read = |text: &str| read(text.as_bytes(), &kinds, Some(&called));
        let text = "Title;ID;Group\nKiểm kê; 1.1 ;Tài sản\n;1.2;Tài sản\nKhác;x;\n;;\n";
        let found = read(text).unwrap().catalogue;
        assert_eq!(found.key, called.key);
        let rows: Vec<_> = (found.controls.iter())
            .map(|one| (one.id.as_str(), one.vi.as_str(), one.family.as_str()))
            .collect();
        assert_eq!(
            rows,
            [("1.1", "Kiểm kê", "g1"), ("1.2", "1.2", "g1"), ("x", "Khác", "controls")]
        );
        for (text, says) in [
            ("a,b\n1,2\n", "the first row has the titles id and title"),
            ("id,title\n", "no control that stands"),
            ("id,title\na,A\na,B\n", "a is there twice"),
            ("id,title\na b,A\n", "«a b»"),
            ("{\"catalog\": {}}", "says itself what it is called"),
        ] {
            let told = read(text).unwrap_err();
            assert!(told.contains(says), "{text}: {told}");
        }
    }

    #[test]
    fn what_is_no_catalogue_is_told_with_its_place() {
        let deep = format!("<catalog>{}", "<a>".repeat(100));
        for (text, says) in [
            ("", "empty"),
            ("<feed/>", "<feed> is no OSCAL catalogue"),
            ("<catalog><metadata><title>x</catalog>", "byte"),
            ("<catalog><metadata><title>x</title>", "ends within"),
            ("<!DOCTYPE catalog [<!ENTITY a \"b\">]><catalog/>", "document type"),
            ("<catalog><metadata><title>&a;</title></metadata></catalog>", "&a; is not known"),
            (&deep, "nested deeper"),
            ("{\"profile\": {}}", "«catalog» is expected"),
            ("{\"catalog\": ", "EOF"),
            ("{\"catalog\": {\"metadata\": {\"title\": \"x\", \"version\": \"1\"}}}", "no control"),
            (
                "{\"catalog\": {\"metadata\": {\"title\": \"x\", \"version\": \"1\"}, \"controls\": \
              [{\"id\": \"a\"}, {\"id\": \"a\"}]}}",
                "a is there twice",
            ),
            (
                "{\"catalog\": {\"metadata\": {\"title\": \"x\", \"version\": \"1\"}, \"controls\": \
              [{\"id\": \"a b\"}]}}",
                "«a b»",
            ),
            (
                "{\"catalog\": {\"metadata\": {\"title\": \"x\"}, \"controls\": [{\"id\": \"a\"}]}}",
                "version",
            ),
            ("language: 1\ncatalogue: x\n", "pack: line 1"),
        ] {
            let told = read_text(text).unwrap_err();
            assert!(told.contains(says), "{text}: {told}");
        }
        let kinds = Kinds::parse(Kinds::BUILT_IN).unwrap();
        assert!(read(&[b'<', 0xff], &kinds, None).unwrap_err().contains("byte 1"));
    }
}
