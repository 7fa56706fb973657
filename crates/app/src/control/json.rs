//! A catalogue in OSCAL's JSON.

use serde_json::Value;

use super::tree::{MAX_DEPTH, MAX_NODES, Node, Tree, add_words};

/// Reads the JSON; what is wrong with it is told with its place.
pub(super) fn read(text: &str) -> Result<Tree, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let catalogue = value.get("catalog").filter(|catalogue| catalogue.is_object());
    let catalogue =
        catalogue.ok_or("this is no OSCAL catalogue: an object «catalog» is expected")?;
    let metadata = catalogue.get("metadata").unwrap_or(&Value::Null);
    let mut tree = Tree {
        title: text_of(metadata, "title"),
        version: text_of(metadata, "version"),
        ..Tree::default()
    };
    if tree.title.is_empty() {
        return Err("catalog › metadata › title is missing".into());
    }
    for prop in list(metadata, "props") {
        tree.props.insert(text_of(prop, "name"), text_of(prop, "value"));
    }
    let mut count = 0;
    tree.nodes = nodes(catalogue, 0, &mut count)?;
    Ok(tree)
}

fn text_of(value: &Value, name: &str) -> String {
    let mut text = String::new();
    add_words(&mut text, value.get(name).and_then(Value::as_str).unwrap_or_default());
    text
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn nodes(value: &Value, depth: usize, count: &mut usize) -> Result<Vec<Node>, String> {
    if depth > MAX_DEPTH {
        return Err(format!("nested deeper than {MAX_DEPTH}"));
    }
    let mut found = Vec::new();
    for (name, is_control) in [("groups", false), ("controls", true)] {
        for value in list(value, name) {
            *count += 1;
            if *count > MAX_NODES {
                return Err(format!("more than {MAX_NODES} groups and controls"));
            }
            found.push(node(value, is_control, depth, count)?);
        }
    }
    Ok(found)
}

fn node(value: &Value, is_control: bool, depth: usize, count: &mut usize) -> Result<Node, String> {
    let mut node = Node {
        is_control,
        id: text_of(value, "id"),
        class: text_of(value, "class"),
        title: text_of(value, "title"),
        ..Node::default()
    };
    for prop in list(value, "props") {
        if text_of(prop, "name") == "status" {
            node.status = text_of(prop, "value");
        }
    }
    for param in list(value, "params") {
        node.params.insert(text_of(param, "id"), text_of(param, "label"));
    }
    for part in list(value, "parts") {
        match text_of(part, "name").as_str() {
            "statement" => prose(part, &mut node, 0)?,
            "example" => node.examples += 1,
            _ => {}
        }
    }
    node.nodes = nodes(value, depth + 1, count)?;
    Ok(node)
}

fn prose(part: &Value, node: &mut Node, depth: usize) -> Result<(), String> {
    if depth > MAX_DEPTH {
        return Err(format!("parts nested deeper than {MAX_DEPTH}"));
    }
    let words = text_of(part, "prose");
    let mut rest = words.as_str();
    let mut text = String::new();
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((insert, behind)) = after.split_once("}}") else { break };
        let id = insert.rsplit(',').next().unwrap_or_default().trim();
        let label = node.params.get(id).map_or(id, String::as_str);
        text.push_str(before);
        text.push_str(&format!("[{label}]"));
        rest = behind;
    }
    text.push_str(rest);
    add_words(&mut node.statement, &text);
    list(part, "parts").iter().try_for_each(|part| prose(part, node, depth + 1))
}
