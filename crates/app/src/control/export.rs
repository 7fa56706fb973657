//! OSCAL 1.2.1 (NIST): catalogue, mapping, profile, system security plan, assessment plan and results, as JSON.
//!
//! The documents of a system name each other by the names of their files, so that they lie in one
//! folder: the results import the plan of the assessment, that the security plan, that the profile of
//! what is due at the system's level, and that the catalogue. The same thing has the same UUID in every
//! export: version 5 (RFC 9562) of its name.

mod mapping;

use std::collections::BTreeSet;

use jiff::Timestamp;
use khien_domain::control::{Catalogue, CatalogueKey, Checklist, Control, Due, Status};
use khien_domain::evidence::content::moment;
use khien_domain::evidence::{How, Record};
use khien_domain::system::{Stage, System};
use serde_json::{Value, json};
use sha1::{Digest as _, Sha1};

pub(crate) use mapping::{mapping, mapping_file};

/// The version of OSCAL.
const OSCAL: &str = "1.2.1";
/// Whose properties those are that OSCAL does not know.
const NS: &str = "https://khien.example/ns/oscal";

/// A document of OSCAL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The catalogue.
    Catalog,
    /// The controls that are due for a system.
    Profile,
    /// The system security plan.
    Plan,
    /// What is assessed.
    AssessmentPlan,
    /// What was found.
    AssessmentResults,
}

impl What {
    /// All of them, each after those that it imports.
    pub const ALL: [Self; 5] =
        [Self::Catalog, Self::Profile, Self::Plan, Self::AssessmentPlan, Self::AssessmentResults];

    /// The name that commands and addresses use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Catalog => "catalog",
            Self::Profile => "profile",
            Self::Plan => "ssp",
            Self::AssessmentPlan => "assessment-plan",
            Self::AssessmentResults => "assessment-results",
        }
    }

    /// The one of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.name() == name)
    }

    /// The name of its file.
    pub fn file(self, key: &CatalogueKey, system: Option<&System>) -> String {
        let (name, version) = (&key.name, &key.version);
        match (self, system) {
            (Self::Catalog, _) | (_, None) => format!("{}-{name}-{version}.json", self.name()),
            (_, Some(system)) => {
                format!("{}-{}-{name}-{version}.json", self.name(), system.code)
            }
        }
    }
}

/// A system with what is said of its controls.
pub(crate) struct Subject<'s> {
    pub(crate) system: &'s System,
    /// What the agency is called.
    pub(crate) agency: &'s str,
    pub(crate) checklist: &'s Checklist<'s>,
    /// The records that its controls name.
    pub(crate) records: &'s [Record],
    pub(crate) at: Timestamp,
}

/// A UUID of version 5 of a name, in a namespace of ours.
pub(crate) fn uuid(name: &str) -> String {
    const NAMESPACE: [u8; 16] = *b"khien.oscal.v5ns";
    let mut hash = Sha1::new();
    hash.update(NAMESPACE);
    hash.update(name.as_bytes());
    let hash = hash.finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_sha1_bytes(bytes).into_uuid().to_string()
}

/// An id of OSCAL begins with a letter.
fn token(id: &str) -> String {
    if id.starts_with(|c: char| c.is_ascii_alphabetic()) {
        id.to_owned()
    } else {
        format!("c-{id}")
    }
}

fn prop(name: &str, value: &str) -> Value {
    json!({"name": name, "ns": NS, "value": value})
}

/// Lists of OSCAL are never empty: a member without anything is left out.
fn put(object: &mut Value, name: &str, values: Vec<Value>) {
    if !values.is_empty() {
        object[name] = Value::Array(values);
    }
}

fn metadata(title: &str, version: &str, at: Timestamp, remarks: &str) -> Value {
    let mut metadata = json!({
        "title": title,
        "last-modified": moment(at),
        "version": version,
        "oscal-version": OSCAL,
    });
    if !remarks.is_empty() {
        metadata["remarks"] = remarks.into();
    }
    metadata
}

/// The catalogue.
pub(crate) fn catalog(catalogue: &Catalogue, at: Timestamp) -> Value {
    let key = &catalogue.key;
    let mut remarks = catalogue.source.clone();
    if !catalogue.note.is_empty() {
        remarks = format!("{remarks}. {}", catalogue.note);
    }
    let title = title(&catalogue.vi, &catalogue.en);
    let mut content = json!({
        "uuid": uuid(&format!("catalog {key}")),
        "metadata": metadata(&title, &key.version, at, &remarks),
    });
    put(&mut content, "groups", groups(catalogue, None));
    json!({"catalog": content})
}

fn title(vi: &str, en: &str) -> String {
    if vi == en { en.to_owned() } else { format!("{vi} / {en}") }
}

fn groups(catalogue: &Catalogue, within: Option<&str>) -> Vec<Value> {
    let families = catalogue.families.iter().filter(|family| family.within.as_deref() == within);
    let of = |family: &khien_domain::control::Family| {
        let mut group = json!({
            "id": token(&format!("{}_group", family.id)),
            "class": "family",
            "title": title(&family.vi, &family.en),
        });
        put(&mut group, "groups", groups(catalogue, Some(&family.id)));
        put(&mut group, "controls", catalogue.of_family(&family.id).map(control).collect());
        group
    };
    families.map(of).collect()
}

fn control(control: &Control) -> Value {
    let id = token(&control.id);
    let mut props = vec![json!({"name": "label", "value": control.id})];
    props.push(prop("level", &control.level.to_string()));
    props.push(prop("stage", control.stage.name()));
    if let Some(layer) = control.layer {
        props.push(prop("layer", layer.name()));
    }
    if !control.source.is_empty() {
        props.push(prop("source", &control.source));
    }
    props.extend(control.csf.iter().map(|outcome| prop("csf-2.0", outcome)));
    let prose = if control.text.is_empty() {
        title(&control.vi, &control.en)
    } else {
        control.text.clone()
    };
    json!({
        "id": id,
        "title": control.en,
        "props": props,
        "parts": [{"id": format!("{id}_smt"), "name": "statement", "prose": prose}],
    })
}

/// The profile of what is due for a system.
pub(crate) fn profile(of: &Subject<'_>) -> Value {
    let key = &of.checklist.catalogue.key;
    let ids: Vec<String> = of.checklist.due.iter().map(|due| token(&due.control.id)).collect();
    let title =
        format!("{} · {} {}", of.system.name, of.checklist.catalogue.en, of.system.level.number());
    json!({"profile": {
        "uuid": uuid(&format!("profile {} {key}", of.system.code)),
        "metadata": metadata(&title, &key.version, of.at, ""),
        "imports": [{
            "href": What::Catalog.file(key, None),
            "include-controls": [{"with-ids": ids}],
        }],
        "merge": {"as-is": true},
    }})
}

/// The system security plan.
pub(crate) fn plan(of: &Subject<'_>) -> Value {
    let (system, key) = (of.system, &of.checklist.catalogue.key);
    let code = system.code.as_str();
    let component = uuid(&format!("component {code}"));
    let requirements: Vec<Value> =
        of.checklist.due.iter().map(|due| requirement(of, due, &component)).collect();
    let data: Vec<Value> = (system.data.iter())
        .map(|category| {
            json!({
                "uuid": uuid(&format!("information {code} {}", category.name())),
                "title": category.name(),
                "description": format!("Data of the category «{}»", category.name()),
            })
        })
        .collect();
    let data = if data.is_empty() {
        let nothing = "Nobody has registered what data the system holds";
        vec![json!({
            "uuid": uuid(&format!("information {code}")),
            "title": "not registered",
            "description": nothing,
        })]
    } else {
        data
    };
    let boundary = format!(
        "The system {code} of {}, in the zone «{}», with its registered hosts and services",
        of.agency,
        system.zone.name()
    );
    json!({"system-security-plan": {
        "uuid": uuid(&format!("ssp {code} {key}")),
        "metadata": metadata(&format!("{} ({code})", system.name), &key.version, of.at, ""),
        "import-profile": {"href": What::Profile.file(key, Some(system))},
        "system-characteristics": {
            "system-ids": [{"identifier-type": "https://ietf.org/rfc/rfc4122", "id": uuid(&format!("system {code}"))}],
            "system-name": system.name,
            "system-name-short": code,
            "description": format!("{} · {}", system.name, of.agency),
            "props": [prop("level", &system.level.number().to_string())],
            "security-sensitivity-level": format!("level-{}", system.level.number()),
            "system-information": {"information-types": data},
            "status": {"state": state(system.stage)},
            "authorization-boundary": {"description": boundary},
        },
        "system-implementation": {
            "users": [{
                "uuid": uuid(&format!("user {code}")),
                "title": "Administrators of the system",
                "description": "Those whom the owner has named to run the system",
            }],
            "components": [{
                "uuid": component,
                "type": "this-system",
                "title": system.name,
                "description": format!("{} as a whole", system.name),
                "status": {"state": state(system.stage)},
            }],
        },
        "control-implementation": {
            "description": format!("How {code} answers each control of {key} that is due at its level"),
            "implemented-requirements": requirements,
        },
    }})
}

/// The state of a system, in OSCAL's words.
fn state(stage: Stage) -> &'static str {
    match stage {
        Stage::Operation => "operational",
        Stage::Retired => "disposition",
        _ => "under-development",
    }
}

fn requirement(of: &Subject<'_>, due: &Due<'_>, component: &str) -> Value {
    let (code, key) = (&of.system.code, &of.checklist.catalogue.key);
    let id = &due.control.id;
    let said = due.stated.as_ref();
    let description = match (due.status, said) {
        (Status::Met, Some(said)) => format!("Answered by evidence. Stated: {}", said.note),
        (Status::Met, None) => "Answered by evidence".to_owned(),
        (_, Some(said)) => said.note.clone(),
        (_, None) => "Nothing is known of it yet".to_owned(),
    };
    let mut by = json!({
        "component-uuid": component,
        "uuid": uuid(&format!("by-component {code} {key} {id}")),
        "description": description,
    });
    let state = match due.status {
        Status::Met | Status::Implemented => Some("implemented"),
        Status::Partly => Some("partial"),
        Status::Planned => Some("planned"),
        Status::NotApplicable => Some("not-applicable"),
        Status::Open => None,
    };
    if let Some(state) = state {
        by["implementation-status"] = json!({"state": state});
    }
    let mut props = vec![prop("status", due.status.name())];
    props.extend(due.evidence.iter().map(|seq| prop("evidence", &seq.to_string())));
    json!({
        "uuid": uuid(&format!("requirement {code} {key} {id}")),
        "control-id": token(id),
        "props": props,
        "by-components": [by],
    })
}

fn reviewed(of: &Subject<'_>) -> Value {
    let ids = of.checklist.due.iter().map(|due| json!({"control-id": token(&due.control.id)}));
    json!({"control-selections": [{"include-controls": ids.collect::<Vec<_>>()}]})
}

/// The plan of the assessment: every control that is due, by the records of the ledger.
pub(crate) fn assessment_plan(of: &Subject<'_>) -> Value {
    let (code, key) = (&of.system.code, &of.checklist.catalogue.key);
    let title = format!("Assessment of {code} by {key}");
    json!({"assessment-plan": {
        "uuid": uuid(&format!("assessment-plan {code} {key}")),
        "metadata": metadata(&title, &key.version, of.at, ""),
        "import-ssp": {"href": What::Plan.file(key, Some(of.system))},
        "reviewed-controls": reviewed(of),
    }})
}

/// The results: a finding for each control that concerns the system, with the records behind it. What
/// is only stated satisfies nothing.
pub(crate) fn assessment_results(of: &Subject<'_>) -> Value {
    let (code, key) = (&of.system.code, &of.checklist.catalogue.key);
    let named: BTreeSet<u64> =
        of.checklist.due.iter().flat_map(|due| due.evidence.clone()).collect();
    let observations =
        of.records.iter().filter(|record| named.contains(&record.about.seq)).map(observation);
    let concerns = |due: &&Due<'_>| due.status != Status::NotApplicable;
    let findings = of.checklist.due.iter().filter(concerns).map(|due| finding(of, due));
    let mut result = json!({
        "uuid": uuid(&format!("result {code} {key}")),
        "title": format!("What the ledger says of {code}"),
        "description": "Each control by the records of the centre's ledger of evidence; what somebody \
                        merely states is told and satisfies nothing",
        "start": moment(of.at),
        "reviewed-controls": reviewed(of),
    });
    put(&mut result, "observations", observations.collect());
    put(&mut result, "findings", findings.collect());
    let title = format!("Assessment of {code} by {key}");
    json!({"assessment-results": {
        "uuid": uuid(&format!("assessment-results {code} {key}")),
        "metadata": metadata(&title, &key.version, of.at, ""),
        "import-ap": {"href": What::AssessmentPlan.file(key, Some(of.system))},
        "results": [result],
    }})
}

fn observation_uuid(seq: u64) -> String {
    uuid(&format!("observation {seq}"))
}

fn observation(record: &Record) -> Value {
    let about = &record.about;
    let method = match about.how {
        How::Measured => "TEST",
        How::Documented => "EXAMINE",
        How::Declared => "INTERVIEW",
    };
    let mut observation = json!({
        "uuid": observation_uuid(about.seq),
        "description": format!("{} · {}", about.kind, about.subject),
        "methods": [method],
        "collected": moment(about.at),
        "relevant-evidence": [{
            "description": format!("Record {} of the ledger", about.seq),
            "props": [prop("record", &about.seq.to_string()), prop("content-hash", &about.content_hash)],
        }],
    });
    if let Some(until) = about.until {
        observation["expires"] = moment(until).into();
    }
    observation
}

fn finding(of: &Subject<'_>, due: &Due<'_>) -> Value {
    let (code, key) = (&of.system.code, &of.checklist.catalogue.key);
    let id = token(&due.control.id);
    let (state, reason, description) = match (due.status, due.is_against) {
        (Status::Met, _) => ("satisfied", "pass", "Records answer the control".to_owned()),
        (_, true) => ("not-satisfied", "fail", "Records speak against the control".to_owned()),
        (status, false) => {
            let said = due.stated.as_ref().map(|said| format!(": {}", said.note));
            let said = said.unwrap_or_default();
            ("not-satisfied", "other", format!("{}, without a record{said}", status.name()))
        }
    };
    let known: BTreeSet<u64> = of.records.iter().map(|record| record.about.seq).collect();
    let related = due.evidence.iter().filter(|seq| known.contains(seq));
    let mut finding = json!({
        "uuid": uuid(&format!("finding {code} {key} {id}")),
        "title": due.control.en,
        "description": description,
        "target": {
            "type": "statement-id",
            "target-id": format!("{id}_smt"),
            "status": {"state": state, "reason": reason},
        },
    });
    let related = related.map(|seq| json!({"observation-uuid": observation_uuid(*seq)}));
    put(&mut finding, "related-observations", related.collect());
    finding
}
