//! A mapping of two catalogues as a file says it: a mapping collection in OSCAL's JSON, or CSV.
//!
//! OSCAL relates sets of controls; a [`Relation`] is of two controls. Where a set has several, less is known
//! of each two: what they are together says of one alone that it is a part, or only that it has something
//! in common ([`alone`]).

use khien_domain::control::mapping::{
    MOST_RELATIONS, MappingError, PROBLEMS, Placed, Problem, Relation, Relationship,
};
use serde_json::Value;

use crate::lines::{Lines, column, rows};

/// The columns of a file in CSV.
const COLUMNS: [&str; 3] = ["source", "relationship", "target"];
/// The longest id that is told.
const TOLD: usize = 80;

/// What a file says.
#[derive(Debug, Default)]
pub(crate) struct ReadMapping {
    /// What it calls its two catalogues, if it says.
    pub(crate) resources: Option<[String; 2]>,
    pub(crate) placed: Vec<Placed>,
    /// What of it cannot be read.
    pub(crate) problems: Vec<Problem>,
    /// How many are said to have nothing to do with each other; they are left out.
    pub(crate) unrelated: usize,
}

/// Reads a mapping.
pub(crate) fn read(bytes: &[u8]) -> Result<ReadMapping, String> {
    let (text, first) = super::text_of(bytes)?;
    let read = if first == b'{' { oscal(text)? } else { table(text)? };
    if read.placed.len() > MOST_RELATIONS {
        return Err(MappingError::Most.to_string());
    }
    Ok(read)
}

/// A word for how controls stand to each other: as OSCAL has it, or as NIST's tables write it.
enum Word {
    Related(Relationship),
    Unrelated,
}

fn word(text: &str) -> Option<Word> {
    let text = text.trim().to_ascii_lowercase().replace([' ', '_'], "-");
    Some(match text.as_str() {
        "no-relationship" | "not-related-to" => Word::Unrelated,
        "equal" => Word::Related(Relationship::EqualTo),
        "equivalent" => Word::Related(Relationship::EquivalentTo),
        other => Word::Related(Relationship::parse(other)?),
    })
}

impl ReadMapping {
    fn wrong(&mut self, place: &str, what: String) {
        if self.problems.len() >= PROBLEMS {
            return;
        }
        self.problems.push(Problem { place: place.to_owned(), what: MappingError::Unread(what) });
    }

    fn unknown_word(&mut self, place: &str, text: &str) {
        let known: Vec<&str> = Relationship::ALL.iter().map(|one| one.name()).collect();
        let text = khien_domain::text::cut(text, TOLD);
        self.wrong(place, format!("«{text}» is none of {}", known.join(", ")));
    }
}

fn table(text: &str) -> Result<ReadMapping, String> {
    let mut read = ReadMapping::default();
    let mut places: Option<[usize; 3]> = None;
    let mut lines = Lines::of(text);
    for record in rows(text).into_records() {
        let record = record.map_err(|error| format!("the file cannot be read: {error}"))?;
        let cell = |place: usize| record.get(place).unwrap_or_default().trim();
        let Some(places) = places else {
            let found = COLUMNS.map(|title| column(&record, title));
            let [Some(source), Some(relationship), Some(target)] = found else {
                return Err("the first row has the titles source, relationship and target".into());
            };
            places = Some([source, relationship, target]);
            continue;
        };
        let [source, said, target] = places.map(cell);
        if [source, said, target].iter().all(|cell| cell.is_empty()) {
            continue;
        }
        let row = lines.at(record.position().map_or(0, csv::Position::byte));
        let place = format!("row {row}");
        if read.placed.len() > MOST_RELATIONS {
            return Err(MappingError::Most.to_string());
        }
        match word(said) {
            None => read.unknown_word(&place, said),
            Some(Word::Unrelated) => read.unrelated += 1,
            Some(Word::Related(relationship)) => {
                let (source, target) = (source.to_owned(), target.to_owned());
                read.placed
                    .push(Placed { place, relation: Relation { source, relationship, target } });
            }
        }
    }
    Ok(read)
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    match value.get(name) {
        Some(Value::Array(values)) => values,
        Some(one @ Value::Object(_)) => std::slice::from_ref(one),
        _ => &[],
    }
}

fn text_of<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default().trim()
}

fn oscal(text: &str) -> Result<ReadMapping, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let collection = value.get("mapping-collection").filter(|found| found.is_object());
    let collection =
        collection.ok_or("this is no OSCAL mapping: an object «mapping-collection» is expected")?;
    let mut read = ReadMapping::default();
    for (at, mapping) in list(collection, "mappings").iter().enumerate() {
        let href =
            |name: &str| text_of(mapping.get(name).unwrap_or(&Value::Null), "href").to_owned();
        let resources = [href("source-resource"), href("target-resource")];
        if *read.resources.get_or_insert_with(|| resources.clone()) != resources {
            return Err(
                "the file maps several pairs of catalogues: bring one pair at a time".into()
            );
        }
        for (number, map) in list(mapping, "maps").iter().enumerate() {
            read.map(map, &format!("mappings {} › maps {}", at + 1, number + 1));
            // A set times a set may be far more than the file.
            if read.placed.len() > MOST_RELATIONS {
                return Err(MappingError::Most.to_string());
            }
        }
    }
    Ok(read)
}

impl ReadMapping {
    fn map(&mut self, map: &Value, place: &str) {
        let said = match map.get("relationship") {
            Some(Value::String(said)) => said.as_str(),
            Some(said) => text_of(said, "type"),
            None => "",
        };
        let relationship = match word(said) {
            None => return self.unknown_word(place, said),
            Some(Word::Unrelated) => {
                self.unrelated += 1;
                return;
            }
            Some(Word::Related(relationship)) => relationship,
        };
        let sides = ["sources", "targets"].map(|name| self.controls(map, name, place));
        let [Some(sources), Some(targets)] = sides else { return };
        let relationship = alone(relationship, sources.len() > 1, targets.len() > 1);
        for source in &sources {
            for target in &targets {
                if self.placed.len() > MOST_RELATIONS {
                    return;
                }
                let (source, target) = (source.clone(), target.clone());
                self.placed.push(Placed {
                    place: place.to_owned(),
                    relation: Relation { source, relationship, target },
                });
            }
        }
    }

    fn controls(&mut self, map: &Value, name: &str, place: &str) -> Option<Vec<String>> {
        let mut ids = Vec::new();
        for item in list(map, name) {
            let (kind, id) = (text_of(item, "type"), text_of(item, "id-ref"));
            if kind != "control" {
                let kind = khien_domain::text::cut(kind, TOLD);
                self.wrong(place, format!("only controls are mapped here, and this is «{kind}»"));
                return None;
            }
            ids.push(id.to_owned());
        }
        if ids.is_empty() {
            self.wrong(place, format!("{name} names no control"));
            return None;
        }
        Some(ids)
    }
}

/// What a relation of sets says of each two controls of them.
fn alone(said: Relationship, are_sources: bool, are_targets: bool) -> Relationship {
    use Relationship::{EqualTo, EquivalentTo, IntersectsWith, SubsetOf, SupersetOf};
    match (said, are_sources, are_targets) {
        (_, false, false) => said,
        // Each of what together is equal to one is a part of it.
        (EqualTo | EquivalentTo, true, false) | (SubsetOf, _, false) => SubsetOf,
        (EqualTo | EquivalentTo, false, true) | (SupersetOf, false, _) => SupersetOf,
        _ => IntersectsWith,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(read: &ReadMapping) -> Vec<String> {
        let relations = read.placed.iter().map(|Placed { place, relation }| {
            let Relation { source, relationship, target } = relation;
            format!("{place}: {source} {} {target}", relationship.name())
        });
        let problems = read.problems.iter().map(|one| format!("{}: {}", one.place, one.what));
        relations.chain(problems).collect()
    }

    fn collection(maps: &str) -> String {
        format!(
            r#"{{"mapping-collection": {{"mappings": [{{"source-resource": {{"type": "catalog",
            "href": "a.json"}}, "target-resource": {{"type": "catalog", "href": "b.json"}},
            "maps": [{maps}]}}]}}}}"#
        )
    }

    #[test]
    fn a_table_is_read_with_its_titles_in_any_order_and_words_as_nist_writes_them() {
        let text = "\u{feff}Target;note;Relationship;Source\r\nb-1;x;subset of;a-1\r\n;;;\r\n\
                    b-2;;Equal;a-1\r\nb-3;;not related to;a-1\r\nb-4;;like;a-1\r\n";
        let read = read(text.as_bytes()).unwrap();
        assert_eq!(
            told(&read),
            [
                "row 2: a-1 subset-of b-1",
                "row 4: a-1 equal-to b-2",
                "row 6: «like» is none of equal-to, equivalent-to, subset-of, superset-of, \
                 intersects-with",
            ]
        );
        assert_eq!((read.unrelated, read.resources), (1, None));
    }

    #[test]
    fn sets_say_less_of_each_two() {
        let map = |said: &str, sources: &[&str], targets: &[&str]| {
            let items = |ids: &[&str]| {
                let items = ids.iter().map(|id| format!(r#"{{"type":"control","id-ref":"{id}"}}"#));
                items.collect::<Vec<_>>().join(",")
            };
            let (sources, targets) = (items(sources), items(targets));
            format!(r#"{{"relationship":"{said}","sources":[{sources}],"targets":[{targets}]}}"#)
        };
        for (said, sources, targets, found) in [
            ("equal-to", &["a"][..], &["x"][..], "equal-to"),
            ("equal-to", &["a", "b"], &["x"], "subset-of"),
            ("equivalent-to", &["a"], &["x", "y"], "superset-of"),
            ("equal-to", &["a", "b"], &["x", "y"], "intersects-with"),
            ("subset-of", &["a", "b"], &["x"], "subset-of"),
            ("subset-of", &["a"], &["x", "y"], "intersects-with"),
            ("superset-of", &["a"], &["x", "y"], "superset-of"),
            ("superset-of", &["a", "b"], &["x"], "intersects-with"),
            ("intersects-with", &["a", "b"], &["x"], "intersects-with"),
        ] {
            let read = read(collection(&map(said, sources, targets)).as_bytes()).unwrap();
            assert_eq!(read.placed.len(), sources.len() * targets.len());
            for one in &read.placed {
                assert_eq!(one.relation.relationship.name(), found, "{said}");
            }
        }
        let unrelated = map("no-relationship", &["a"], &["x"]);
        assert_eq!(read(collection(&unrelated).as_bytes()).unwrap().unrelated, 1);
    }

    #[test]
    fn what_is_no_mapping_is_told_with_its_place() {
        for (text, says) in [
            ("", "empty"),
            ("{\"catalog\": {}}", "an object «mapping-collection» is expected"),
            ("{\"mapping-collection\": ", "EOF"),
            ("a,b,c\n1,2,3\n", "the first row has the titles"),
        ] {
            let told = read(text.as_bytes()).unwrap_err();
            assert!(told.contains(says), "{text}: {told}");
        }
        assert!(read(&[b'a', 0xff]).unwrap_err().contains("byte 1"));
        let maps = r#"{"relationship":"like"}, {"relationship":"equal-to","sources":[],"targets":[]},
            {"relationship":{"type":"equal-to"},"sources":[{"type":"statement","id-ref":"a_smt"}],
             "targets":[{"type":"control","id-ref":"x"}]}"#;
        let found = told(&read(collection(maps).as_bytes()).unwrap());
        assert!(found[0].starts_with("mappings 1 › maps 1: «like» is none of"), "{found:?}");
        assert!(found[1].starts_with("mappings 1 › maps 2: sources names no control"), "{found:?}");
        assert!(found.iter().any(|one| one.contains("and this is «statement»")), "{found:?}");
        let two = r#"{"mapping-collection": {"mappings": [
            {"source-resource": {"href": "a"}, "target-resource": {"href": "b"}, "maps": []},
            {"source-resource": {"href": "a"}, "target-resource": {"href": "c"}, "maps": []}]}}"#;
        assert!(read(two.as_bytes()).unwrap_err().contains("several pairs"));
        let ids: Vec<String> =
            (0..300).map(|id| format!(r#"{{"type":"control","id-ref":"c{id}"}}"#)).collect();
        let ids = ids.join(",");
        let most = format!(r#"{{"relationship":"equal-to","sources":[{ids}],"targets":[{ids}]}}"#);
        let told = read(collection(&most).as_bytes()).unwrap_err();
        assert!(told.contains("at most 50000"), "{told}");
    }
}
