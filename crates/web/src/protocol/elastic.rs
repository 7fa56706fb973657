//! The part of Elasticsearch's HTTP API that shippers speak.
//!
//! [`bulk`] reads `_bulk` bodies and answers them item by item; [`cluster`] answers what clients ask
//! before they send anything. Nothing here is an index: templates, policies and pipelines that
//! shippers bring along are acknowledged and left, because fields are named by this centre's packs.

pub mod bulk;
pub mod cluster;

use serde_json::{Value, json};

/// The media type of an answer: clients that ask in a vendor type are answered in it.
pub fn media_type(accept: &str) -> &'static str {
    let wants = |version: &str| {
        accept.contains("application/vnd.elasticsearch+")
            && accept.replace(' ', "").contains(version)
    };
    if wants("compatible-with=9") {
        "application/vnd.elasticsearch+json;compatible-with=9"
    } else if wants("compatible-with=8") {
        "application/vnd.elasticsearch+json;compatible-with=8"
    } else {
        "application/json"
    }
}

/// An error as Elasticsearch words it.
pub fn error(status: u16, kind: &str, reason: &str) -> Value {
    let cause = json!({"type": kind, "reason": reason});
    json!({"error": {"root_cause": [cause], "type": kind, "reason": reason}, "status": status})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_in_the_type_that_was_asked_for() {
        let vendor = "application/vnd.elasticsearch+json; compatible-with=9";
        assert_eq!(media_type(vendor), "application/vnd.elasticsearch+json;compatible-with=9");
        let vendor = "application/vnd.elasticsearch+x-ndjson;compatible-with=8";
        assert_eq!(media_type(vendor), "application/vnd.elasticsearch+json;compatible-with=8");
        assert_eq!(media_type("*/*"), "application/json");
        assert_eq!(media_type("application/json; compatible-with=9"), "application/json");
    }
}
