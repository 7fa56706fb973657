//! A mapping collection of OSCAL 1.2.1: what our own catalogue says of another.

use jiff::Timestamp;
use khien_domain::control::mapping::{Mapping, Relation};
use khien_domain::control::{Catalogue, CatalogueKey};
use serde_json::{Value, json};

use super::{What, metadata, token, uuid};

/// The name of the file of a mapping.
pub(crate) fn mapping_file(mapping: &Mapping) -> String {
    let (source, target) = (&mapping.source, &mapping.target);
    let (from, to) = (format!("{}-{}", source.name, source.version), &target.name);
    format!("mapping-{from}-{to}-{}.json", target.version)
}

/// What a catalogue of ours says of another, which somebody has set down control by control.
pub(crate) fn mapping(
    mapping: &Mapping,
    source: &Catalogue,
    target: &Catalogue,
    at: Timestamp,
) -> Value {
    let (from, to) = (&mapping.source, &mapping.target);
    let name = format!("mapping {from} {to}");
    let resource =
        |key: &CatalogueKey| json!({"type": "catalog", "href": What::Catalog.file(key, None)});
    let item = |id: &str| json!([{"type": "control", "id-ref": token(id)}]);
    let map = |relation: &Relation| {
        let Relation { source, target, relationship } = relation;
        json!({
            "uuid": uuid(&format!("{name} {source} {target}")),
            "relationship": relationship.name(),
            "sources": item(source),
            "targets": item(target),
        })
    };
    let maps: Vec<Value> = mapping.relations.iter().map(map).collect();
    let title = format!("{} → {}", source.en, target.en);
    let description =
        format!("Which controls of {to} each control of {from} has something in common with");
    json!({"mapping-collection": {
        "uuid": uuid(&name),
        "metadata": metadata(&title, &from.version, at, &source.note),
        "provenance": {
            "method": "human",
            "matching-rationale": "semantic",
            "status": "draft",
            "mapping-description": description,
        },
        "mappings": [{
            "uuid": uuid(&format!("{name} of both")),
            "source-resource": resource(from),
            "target-resource": resource(to),
            "maps": maps,
        }],
    }})
}
