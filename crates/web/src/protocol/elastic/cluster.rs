//! What clients of Elasticsearch ask before they send: who answers, under which licence, and whether
//! the templates, policies and pipelines that they bring along are in place.
//!
//! Everything asked for is said to be there, so that shippers begin to send; everything put is
//! acknowledged and left. To answer another question, add an arm to [`resource`].

use serde_json::{Value, json};

/// The version whose clients are served. Clients of 8 and 9 both accept it.
pub const VERSION: &str = "9.0.0";

/// `GET /`: who answers.
pub fn info(cluster: &str) -> Value {
    json!({
        "name": "khien",
        "cluster_name": "khien",
        "cluster_uuid": cluster,
        "version": {
            "number": VERSION,
            "build_flavor": "default",
            "build_type": "docker",
            "build_hash": "unknown",
            "build_date": "2026-01-01T00:00:00Z",
            "build_snapshot": false,
            "lucene_version": "10.1.0",
            "minimum_wire_compatibility_version": "8.18.0",
            "minimum_index_compatibility_version": "8.0.0"
        },
        "tagline": "You Know, for Search"
    })
}

/// `GET /_license`.
pub fn license(cluster: &str) -> Value {
    json!({"license": {
        "status": "active",
        "uid": cluster,
        "type": "basic",
        "issue_date": "2026-01-01T00:00:00.000Z",
        "issue_date_in_millis": 1_767_225_600_000_u64,
        "max_nodes": 1000,
        "issued_to": "khien",
        "issuer": "khien",
        "start_date_in_millis": -1
    }})
}

/// `GET /_xpack`.
pub fn xpack(cluster: &str) -> Value {
    let off = json!({"available": false, "enabled": false});
    json!({
        "build": {"hash": "unknown", "date": "2026-01-01T00:00:00.000Z"},
        "license": {"uid": cluster, "type": "basic", "mode": "basic", "status": "active"},
        "features": {
            "ilm": {"available": true, "enabled": true},
            "data_streams": {"available": true, "enabled": true},
            "security": {"available": true, "enabled": true},
            "ml": off, "watcher": off, "graph": off
        },
        "tagline": "You know, for X"
    })
}

/// `GET /_cluster/health`.
pub fn health() -> Value {
    json!({
        "cluster_name": "khien", "status": "green", "timed_out": false, "number_of_nodes": 1,
        "number_of_data_nodes": 1, "active_primary_shards": 1, "active_shards": 1,
        "relocating_shards": 0, "initializing_shards": 0, "unassigned_shards": 0,
        "delayed_unassigned_shards": 0, "number_of_pending_tasks": 0,
        "number_of_in_flight_fetch": 0, "task_max_waiting_in_queue_millis": 0,
        "active_shards_percent_as_number": 100.0
    })
}

/// The answer to a question for something that a shipper brings along, by the kind in the address
/// (`_index_template`, `_ilm/policy`…) and its name.
pub fn resource(kind: &str, name: &str) -> Value {
    match kind {
        "_index_template" => json!({"index_templates": [{
            "name": name,
            "index_template": {"index_patterns": [format!("{name}*")], "data_stream": {}}
        }]}),
        "_component_template" => json!({"component_templates": [{
            "name": name, "component_template": {"template": {}}
        }]}),
        "_data_stream" => json!({"data_streams": [{
            "name": name, "timestamp_field": {"name": "@timestamp"}, "indices": [],
            "generation": 1, "status": "GREEN", "template": name
        }]}),
        _ => json!({name: {}}),
    }
}

/// The answer to whatever is put.
pub fn acknowledged() -> Value {
    json!({"acknowledged": true})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_find_what_they_check() {
        let info = info("u");
        assert_eq!(info["tagline"], "You Know, for Search");
        assert_eq!(info["version"]["number"], VERSION);
        assert_eq!(license("u")["license"]["status"], "active");
        assert_eq!(xpack("u")["features"]["ilm"]["enabled"], true);
        assert_eq!(resource("_data_stream", "filebeat")["data_streams"][0]["name"], "filebeat");
        assert_eq!(resource("_template", "x"), json!({"x": {}}));
    }
}
