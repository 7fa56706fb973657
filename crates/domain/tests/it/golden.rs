//! A whole table as it is written, reviewed by eye; `KHIEN_UPDATE_GOLDEN=1` writes it anew.

use std::path::Path;

use khien_domain::evidence::content::Content;

use super::boundaries::full;
use super::world::{AT, World, agency, confirmed, pack, say, system};

#[test]
fn a_table_is_written_as_ever() {
    let mut said = full("so-a");
    said.extend(full("so-b").into_iter().filter(|say| say.kind != "gate.decision"));
    said.extend(
        full("so-c")
            .into_iter()
            .enumerate()
            .filter(|(at, say)| at % 3 > 0 || say.kind.ends_with("profile"))
            .map(|(_, say)| say),
    );
    said.extend([
        agency("so-d", "government"),
        system("so-d", "so-d-web", 2),
        confirmed("so-d", 1),
    ]);
    said.extend([
        agency("so-e", "government"),
        say("so-e", "staff.posts", "{\"approved\":3,\"filled\":2}").subject("2026"),
    ]);
    said.extend([agency("xa-a", "commune"), confirmed("xa-a", 0)]);
    let table = World::of(said).table(pack(), AT);
    let mut text = String::new();
    // An agency a line, so that a change can be read.
    for part in table.to_text().replace("{\"agency\":", "\n{\"agency\":").lines() {
        text += part;
        text.push('\n');
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden.json");
    if std::env::var_os("KHIEN_UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, golden);
    // Codes of agencies, names of the pack and numbers: nothing else is there to name anybody.
    let known = "agencies agency at caps cohort confidence confident earned firm grade grade_by_points \
                 groups hash indicators of pack points points_shown rank score score_shown size state value \
                 value_shown weight";
    let names = text
        .split(['{', ',', '\n'])
        .filter_map(|part| part.split_once("\":"))
        .map(|(name, _)| &name[1..]);
    let mut other = names
        .filter(|name| !known.split_whitespace().any(|its| its == *name) && !name.starts_with('N'));
    assert_eq!(other.next(), None);
    // What is written is canonical, and its hash is that of the rest.
    let read = Content::parse(&table.to_text()).unwrap();
    assert_eq!(read.get("hash").and_then(Content::as_text), Some(table.hash()));
    let Content::Map(mut values) = read else { panic!("no object") };
    values.remove("hash");
    let rest = Content::Map(values).to_text();
    let digest = <sha2::Sha256 as sha2::Digest>::digest(&rest);
    let hex: Vec<String> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex.concat(), table.hash());
}
