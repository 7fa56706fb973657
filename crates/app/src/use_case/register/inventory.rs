//! Inventories of products: `CycloneDX` in JSON (ECMA-424), as tools of makers write it.

use khien_domain::limits::{NAME_BYTES, PRODUCT_COMPONENTS};
use khien_domain::product::Component;
use khien_domain::text;
use serde_json::Value;

use crate::use_case::unmarked_json;

/// The largest file.
pub const MAX_INVENTORY_BYTES: usize = 16 << 20;
/// Components within components, and no deeper.
const DEPTH: usize = 16;
/// The longest package address.
const PURL_BYTES: usize = 500;

/// The components of a file, those within others after them. What is wrong is told with its place.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Component>, String> {
    if bytes.len() > MAX_INVENTORY_BYTES {
        return Err(format!("an inventory is at most {} MiB", MAX_INVENTORY_BYTES >> 20));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let whole: Value = serde_json::from_slice(bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        format!("the inventory is no JSON: line {line}, column {column}")
    })?;
    unmarked_json(&whole)?;
    if whole.get("bomFormat").and_then(Value::as_str) != Some("CycloneDX") {
        return Err("bomFormat: the inventory is to be CycloneDX in JSON".into());
    }
    let version = whole.get("specVersion").and_then(Value::as_str).unwrap_or_default();
    let known = version.strip_prefix("1.").and_then(|minor| minor.parse::<u8>().ok());
    if known.is_none_or(|minor| minor < 2) {
        let version = text::cut(version, 20);
        return Err(format!("specVersion: «{version}» is not read, only 1.2 and later"));
    }
    let mut found = Vec::new();
    let list = whole.get("components").unwrap_or(&Value::Null);
    components(list, "components", 0, &mut found)?;
    if found.is_empty() {
        return Err("components: the inventory names none".into());
    }
    Ok(found)
}

fn components(
    list: &Value,
    place: &str,
    depth: usize,
    found: &mut Vec<Component>,
) -> Result<(), String> {
    let list = match list {
        Value::Null => return Ok(()),
        Value::Array(list) => list,
        _ => return Err(format!("{place}: a list is expected")),
    };
    if depth > DEPTH {
        return Err(format!("{place}: components within components are read {DEPTH} deep"));
    }
    for (at, one) in list.iter().enumerate() {
        let place = format!("{place}[{at}]");
        if found.len() >= PRODUCT_COMPONENTS {
            return Err(format!("{place}: an inventory names at most {PRODUCT_COMPONENTS}"));
        }
        let said = |key: &str, limit: usize| -> Result<Option<String>, String> {
            match one.get(key) {
                None | Some(Value::Null) => Ok(None),
                Some(Value::String(value)) if value.trim().is_empty() => Ok(None),
                Some(Value::String(value)) => {
                    let line = text::line_as_is("the text", value, limit);
                    line.map(Some).map_err(|error| format!("{place}.{key}: {error}"))
                }
                Some(_) => Err(format!("{place}.{key}: a text is expected")),
            }
        };
        let name =
            said("name", NAME_BYTES)?.ok_or_else(|| format!("{place}.name: it is missing"))?;
        let name = match said("group", NAME_BYTES)? {
            Some(group) => format!("{group}/{name}"),
            None => name,
        };
        found.push(Component {
            name,
            version: said("version", NAME_BYTES)?.unwrap_or_default(),
            kind: said("type", 40)?.ok_or_else(|| format!("{place}.type: it is missing"))?,
            purl: said("purl", PURL_BYTES)?,
        });
        let inner = one.get("components").unwrap_or(&Value::Null);
        components(inner, &format!("{place}.components"), depth + 1, found)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bom(components: &str) -> String {
        format!(r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","components":{components}}}"#)
    }

    #[test]
    fn components_are_read_with_those_within_them() {
        let text = bom(
            r#"[{"type":"library","group":"org.mau","name":"ky-so","version":"1.2","purl":"pkg:maven/org.mau/ky-so@1.2",
                "components":[{"type":"library","name":"trong"}]},{"type":"application","name":"máy chủ"}]"#,
        );
        let found = read(text.as_bytes()).unwrap();
        let names: Vec<&str> = found.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["org.mau/ky-so", "trong", "máy chủ"]);
        assert_eq!(found[0].purl.as_deref(), Some("pkg:maven/org.mau/ky-so@1.2"));
        assert_eq!(found[1].version, "");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let told = |text: &str| read(text.as_bytes()).unwrap_err();
        assert_eq!(told("{\n  x"), "the inventory is no JSON: line 2, column 3");
        assert!(told(r#"{"bomFormat":"SPDX"}"#).starts_with("bomFormat:"));
        assert!(told(&bom("[]").replace("1.6", "2.0")).starts_with("specVersion: «2.0»"));
        assert_eq!(told(&bom("[]")), "components: the inventory names none");
        assert_eq!(told(&bom("7")), "components: a list is expected");
        let nested = r#"[{"type":"library","name":"a"},{"type":"library","name":"b","components":[{"type":"library"}]}]"#;
        assert_eq!(told(&bom(nested)), "components[1].components[0].name: it is missing");
        let odd = r#"[{"type":"library","name":"a","version":7}]"#;
        assert_eq!(told(&bom(odd)), "components[0].version: a text is expected");
        let long = format!(r#"[{{"type":"library","name":"{}"}}]"#, "a".repeat(201));
        assert!(told(&bom(&long)).starts_with("components[0].name:"));
    }

    #[test]
    fn depth_and_count_are_bounded() {
        let mut deep = r#"{"type":"library","name":"a"}"#.to_owned();
        for _ in 0..40 {
            deep = format!(r#"{{"type":"library","name":"a","components":[{deep}]}}"#);
        }
        assert!(read(bom(&format!("[{deep}]")).as_bytes()).unwrap_err().contains("deep"));
        let many = vec![r#"{"type":"library","name":"a"}"#; PRODUCT_COMPONENTS + 1].join(",");
        let told = read(bom(&format!("[{many}]")).as_bytes()).unwrap_err();
        assert!(told.starts_with("components[20000]:"), "{told}");
    }
}
