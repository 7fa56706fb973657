//! The second implementation, in Python, gives the same bytes.

use std::path::{Path, PathBuf};
use std::process::Command;

use khien_domain::evidence::content::Content;
use khien_domain::index::{Basis, IndexPack, Table, Wish};

use super::boundaries::full;
use super::world::{AT, Say, World, at, days_ago, kinds, pack, random, say, view};

/// Python, if it runs here; `KHIEN_REQUIRE_PYTHON` makes its absence a failure.
fn python() -> Option<&'static str> {
    let found = Command::new("python3").arg("--version").output();
    let found = found.is_ok_and(|output| output.status.success());
    assert!(found || std::env::var_os("KHIEN_REQUIRE_PYTHON").is_none(), "python3 does not run");
    if !found {
        eprintln!("skipped: python3 does not run here");
    }
    found.then_some("python3")
}

fn export(name: &str, world: &World) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let mut text = String::new();
    for (place, line) in world.lines.iter().enumerate() {
        text += &format!("{line}\n");
        if place % 100 == 99 {
            text += "{\"checkpoint\":{\"size\":100}}\n";
        }
    }
    std::fs::write(&path, text).unwrap();
    path
}

fn recompute(python: &str, arguments: &[&str]) -> Result<String, String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/recompute.py");
    let output = Command::new(python).arg("-B").arg(script).args(arguments).output().unwrap();
    let told = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().trim_end().to_owned();
    if output.status.success() { Ok(told(output.stdout)) } else { Err(told(output.stderr)) }
}

fn with_pack(mut world: World, pack: &IndexPack) -> World {
    let record = Content::map([("pack", pack.to_content().clone())]).to_text();
    world.say(Say { agency: None, ..say("x", "index.pack", &record).subject(&pack.id) });
    world
}

#[test]
fn python_computes_the_same_table_of_random_ledgers() {
    let Some(python) = python() else { return };
    let pack = pack();
    for seed in 0..12 {
        // Some with many agencies and few records, some the other way round.
        let (agencies, records) = if seed % 2 == 0 { (14, 900) } else { (3, 700) };
        let mut said = random(seed, agencies, records);
        said.extend(full("so-day-du"));
        let world = with_pack(World::of(said), pack);
        let path = export(&format!("export-{seed}"), &world);
        for instant in [AT, "2026-10-13T17:00:00Z", "2026-08-31T10:00:00Z"] {
            let ours = world.table(pack, instant).to_text();
            let theirs = recompute(python, &[path.to_str().unwrap(), instant]).unwrap();
            assert!(ours == theirs, "seed {seed} at {instant}\n{}", difference(&ours, &theirs));
        }
    }
}

/// Where two texts part.
fn difference(ours: &str, theirs: &str) -> String {
    let same = ours.bytes().zip(theirs.bytes()).take_while(|(a, b)| a == b).count();
    let around = |text: &str| {
        let bytes = text.as_bytes();
        let part = &bytes[same.saturating_sub(300)..bytes.len().min(same + 200)];
        String::from_utf8_lossy(part).into_owned()
    };
    format!("{}\n{}", around(ours), around(theirs))
}

#[test]
fn the_last_table_is_computed_from_the_records_it_had() {
    let pack = pack();
    let mut world = with_pack(World::of(random(7, 7, 500)), pack);
    let table = world.table(pack, AT);
    let size = world.lines.len();
    let computed = format!(
        "{{\"at\":\"{AT}\",\"hash\":\"{}\",\"pack\":\"{}\",\"size\":{size}}}",
        table.hash(),
        pack.id
    );
    world.say(Say { agency: None, ..say("x", "index.computed", &computed).subject("table") });
    // Found out later, of a time before: it changes tables from now on, not that one.
    for late in full("cq-0") {
        world.say(late.at(days_ago(3)));
    }
    assert_ne!(world.table(pack, AT).hash(), table.hash());
    let mut basis = Basis::default();
    world.lines.iter().for_each(|line| basis.read(line).unwrap());
    let chosen = basis.choose(&Wish::Last, kinds()).unwrap();
    assert_eq!(
        (chosen.at, chosen.size, chosen.hash.as_deref()),
        (at(AT), Some(size as u64), Some(table.hash()))
    );
    let view = view(world.lines.iter().map(String::as_str), &chosen.pack, AT, chosen.size);
    let again =
        Table::new(&chosen.pack, chosen.at, view.read(), chosen.pack.scores(&view).collect());
    assert_eq!(again.to_text(), table.to_text());
    if let Some(python) = python() {
        let path = export("export-computed", &world);
        assert_eq!(recompute(python, &[path.to_str().unwrap()]), Ok(table.to_text()));
    }
}

#[test]
fn without_a_pack_or_a_table_it_says_so() {
    let world = World::of(random(7, 2, 20));
    let choose = |world: &World, wish: Wish| {
        let mut basis = Basis::default();
        world.lines.iter().for_each(|line| basis.read(line).unwrap());
        basis.choose(&wish, kinds()).unwrap_err().to_string()
    };
    assert!(choose(&world, Wish::Last).contains("say for which instant"));
    let round = choose(&world, Wish::Round(2026));
    assert!(round.contains("no round of 2026 that was published"), "{round}");
    assert!(choose(&world, Wish::At(at(AT), None)).contains("no pack of the ledger is valid"));
    // A pack that is over by then does not count.
    let world = with_pack(world, pack());
    assert!(
        choose(&world, Wish::At(at("2029-01-01T00:00:00Z"), None))
            .contains("no pack of the ledger is valid")
    );
    if let Some(python) = python() {
        let path = export("export-bare", &world);
        let told =
            recompute(python, &[path.to_str().unwrap(), "2029-01-01T00:00:00Z"]).unwrap_err();
        assert!(told.contains("no pack in the export is valid"), "{told}");
    }
}

#[test]
fn the_second_implementation_is_short() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/recompute.py");
    let text = std::fs::read_to_string(script).unwrap();
    assert!(text.lines().count() < 300);
    let imports =
        text.lines().filter(|line| line.starts_with("import ") || line.starts_with("from "));
    let known = ["calendar", "datetime", "functools", "hashlib", "json", "sys", "fractions"];
    assert!(imports.map(|line| line.split(' ').nth(1).unwrap()).all(|name| known.contains(&name)));
}
