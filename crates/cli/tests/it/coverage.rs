//! `khien rules coverage`

use serde_json::{Value, json};

use crate::support::khien;

#[test]
fn the_layer_tells_the_rules_of_each_technique() {
    let output = khien(&["rules", "coverage", "rules", "--lang", "en", "--output", "-"]);
    assert!(output.status.success());
    let layer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(layer["versions"], json!({"attack": "19", "navigator": "5.1.0", "layer": "4.5"}));
    let techniques: Vec<(&str, u64, &str)> = layer["techniques"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let text = |name: &str| one[name].as_str().unwrap();
            (text("techniqueID"), one["score"].as_u64().unwrap(), text("comment"))
        })
        .collect();
    assert_eq!(
        techniques,
        [("T1490", 1, "Shadow copies are deleted"), ("T1685.005", 1, "Event log was cleared")]
    );
}

#[test]
fn the_layer_can_be_written_into_a_file() {
    let path = std::env::temp_dir().join(format!("khien-layer-{}.json", std::process::id()));
    let output = khien(&["rules", "coverage", "--output", path.to_str().unwrap()]);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(output.status.success() && output.stdout.is_empty());
    let layer: Value = serde_json::from_str(&text).unwrap();
    assert!(layer["techniques"].as_array().unwrap().len() > 50);
}
