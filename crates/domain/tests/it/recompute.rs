//! The second implementation, in Python, gives the same bytes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use khien_domain::evidence::Record;
use khien_domain::evidence::content::Content;
use khien_domain::evidence::kinds::{Field, Subject};
use khien_domain::index::{Basis, IndexPack, Table, Wish};

use super::boundaries::full;
use super::world::{AT, Say, World, at, days_ago, kinds, pack, random, say, view};

/// Python, if it runs here; `KHIEN_REQUIRE_PYTHON` makes its absence a failure.
pub(crate) fn python() -> Option<&'static str> {
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
        let told = recompute(python, &[path.to_str().unwrap(), AT, "nope"]).unwrap_err();
        assert!(told.contains("the export has no such pack"), "{told}");
        for wish in [&[][..], &["2026"]] {
            let told = recompute(python, &[&[path.to_str().unwrap()], wish].concat()).unwrap_err();
            assert!(told.contains("tells of no such table"), "{told}");
        }
    }
    let nope = choose(&world, Wish::At(at(AT), Some("nope".into())));
    assert_eq!(nope, "the ledger has no pack «nope» among those that count");
}

#[test]
fn the_second_implementation_is_short() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/recompute.py");
    let text = std::fs::read_to_string(script).unwrap();
    assert!(text.lines().count() < 300);
    assert!(text.lines().all(|line| line.chars().count() <= 120));
    let imports: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("import ") || line.starts_with("from "))
        .collect();
    let modules = "import calendar, datetime, functools, hashlib, json, sys";
    assert_eq!(imports, [modules, "from fractions import Fraction"]);
}

#[test]
fn python_knows_what_fields_hold_days_and_moments() {
    let Some(python) = python() else { return };
    let listed = |wanted: &Field| {
        let fields = kinds().all().flat_map(|kind| {
            let of_it = kind.fields.iter().filter(|(_, (field, _))| field == wanted);
            of_it.map(|(name, _)| format!("{} {name}", kind.name)).collect::<Vec<_>>()
        });
        fields.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(",")
    };
    let of_ledger = kinds().all().filter(|kind| kind.about == Subject::Ledger);
    let of_ledger: BTreeSet<&str> = of_ledger.map(|kind| kind.name.as_str()).collect();
    let of_ledger = of_ledger.into_iter().collect::<Vec<_>>().join(",");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let asked = "import sys; sys.path.insert(0, sys.argv[1]); import recompute\n\
                 for its in (recompute.DAYS, recompute.MOMENTS): print(*sorted(map(' '.join, its)), sep=',')\n\
                 print(*sorted(recompute.LEDGER), sep=',')";
    let output = Command::new(python).args(["-B", "-c", asked]).arg(folder).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let told: Vec<&str> = told.lines().collect();
    assert_eq!(told, [listed(&Field::Day), listed(&Field::Moment), of_ledger]);
}

/// Values that some fields may have, and others may not.
const VALUES: [&str; 27] = [
    "0",
    "1",
    "-5",
    "9007199254740991",
    "true",
    "false",
    "\"\"",
    "\"true\"",
    "\"3\"",
    "[1]",
    "{\"a\":1}",
    "\"2026-09-01\"",
    "\"20260901\"",
    "\"2026-W36-2\"",
    "\"2026-02-30\"",
    "\"2026-9-1\"",
    "\"2026-09-01Z\"",
    "\"٢٠٢٦-٠٩-٠١\"",
    "\"0001-01-01\"",
    "\"-000001-01-01\"",
    "\"9998-12-31\"",
    "\"9999-12-31\"",
    "\"2026-09-01T01:00:00Z\"",
    "\"2026-09-01T01:00:00+07:00\"",
    "\"2026-09-01T01:00:60Z\"",
    "\"0001-01-01T00:00:00Z\"",
    "\"9999-01-01T00:00:00Z\"",
];

/// A line whose content has another value in a field, or none there.
fn with_value(line: &str, field: &str, value: Option<&str>) -> String {
    let record = Record::parse(line).unwrap();
    let Content::Map(mut values) = record.content else { panic!("{line}") };
    match value {
        Some(value) => values.insert(field.to_owned(), Content::parse(value).unwrap()),
        None => values.remove(field),
    };
    Record::line_of(&record.about.to_text(), &Content::Map(values).to_text())
}

/// An agency that has all there is, each once or twice.
fn small(code: &str) -> impl Iterator<Item = Say> {
    let is_more = |subject: &str| subject.strip_prefix('c').is_some_and(|rest| rest.len() < 3);
    full(code).into_iter().filter(move |say| !is_more(&say.subject) || say.subject.as_str() < "c10")
}

/// The fields that the pack mentions, each with its kind and whether it holds a time.
fn fields() -> Vec<(String, String, bool)> {
    let mentioned = pack().to_content().to_text();
    let mut fields = BTreeSet::new();
    for line in &World::of(small("cq-0")).lines {
        let about = Record::parse(line).unwrap().about;
        for (name, (field, _)) in &kinds().get(&about.kind).unwrap().fields {
            let is_time = matches!(field, Field::Day | Field::Moment);
            if mentioned.contains(&format!("\"{name}\"")) {
                fields.insert((about.kind.clone(), name.clone(), is_time));
            }
        }
    }
    fields.into_iter().collect()
}

#[test]
fn values_of_other_types_count_alike() {
    let (pack, fields) = (pack(), fields());
    assert!(fields.len() > 60, "{}", fields.len());
    let values = || VALUES.iter().copied().map(Some).chain([None]).enumerate();
    let judge = |(number, value): (usize, Option<&str>)| {
        let mut world = World::default();
        let is_asked = |is_time: bool| is_time || value.is_none_or(|value| !value.contains("-0"));
        let asked = fields.iter().filter(|(.., is_time)| is_asked(*is_time));
        // An agency for each field, in whose records that field alone has the value.
        for (place, (kind, field, _)) in asked.enumerate() {
            let begin = world.lines.len();
            for say in small(&format!("cq-{place}")) {
                world.say(say);
            }
            for line in &mut world.lines[begin..] {
                if line.contains(&format!(",\"type\":\"{kind}\"")) {
                    *line = with_value(line, field, value);
                }
            }
        }
        let world = with_pack(world, pack);
        let ours = world.table(pack, AT).to_text();
        let Some(python) = python() else { return };
        let path = export(&format!("export-value-{number}"), &world);
        let theirs = recompute(python, &[path.to_str().unwrap(), AT]);
        let theirs = theirs.unwrap_or_else(|error| panic!("{value:?}: {error}"));
        assert!(ours == theirs, "{value:?}\n{}", difference(&ours, &theirs));
        std::fs::remove_file(path).unwrap();
    };
    std::thread::scope(|scope| {
        for half in 0..2 {
            scope.spawn(move || values().filter(|(at, _)| at % 2 == half).for_each(judge));
        }
    });
}

#[test]
fn what_is_about_no_agency_counts_alike() {
    let pack = pack();
    let mut said = full("cq-0");
    let lost = Say { agency: None, ..say("x", "audit.checked", "{\"intact\":false}") };
    said.push(lost.subject("seal"));
    let mut world = World::of(said);
    // A record of the register that names no agency, and one of the ledger that names one.
    for line in &mut world.lines {
        if line.contains("\"type\":\"task.state\"") {
            *line = line.replacen("\"agency\":\"cq-0\",", "", 1);
        }
        if line.contains("\"type\":\"audit.checked\"") {
            *line = line.replacen("{\"about\":{", "{\"about\":{\"agency\":\"cq-0\",", 1);
        }
    }
    let world = with_pack(world, pack);
    if let Some(python) = python() {
        let path = export("export-nobody", &world);
        let theirs = recompute(python, &[path.to_str().unwrap(), AT]);
        assert_eq!(theirs, Ok(world.table(pack, AT).to_text()));
    }
}

#[test]
fn what_tells_of_no_table_is_refused_by_both() {
    let good = format!("{{\"at\":\"{AT}\",\"hash\":\"x\",\"pack\":\"{}\",\"size\":40}}", pack().id);
    for (field, value, why) in [
        ("at", "\"2026-10-15\"", "this is no table of the index"),
        ("at", "1", "this is no table of the index"),
        ("size", "true", "this is no table of the index"),
        ("size", "\"40\"", "this is no table of the index"),
        ("pack", "[]", "this is no table of the index"),
        ("pack", "\"nope\"", "no"),
    ] {
        let mut world = with_pack(World::of(full("cq-0")), pack());
        let told = Say { agency: None, ..say("x", "index.computed", &good).subject("table") };
        let seq = world.say(told) as usize;
        world.lines[seq] = with_value(&world.lines[seq], field, Some(value));
        let mut basis = Basis::default();
        world.lines.iter().for_each(|line| basis.read(line).unwrap());
        let ours = basis.choose(&Wish::Last, kinds()).unwrap_err().to_string();
        assert!(ours.contains(why), "{field} {value}: {ours}");
        if let Some(python) = python() {
            let path = export(&format!("export-no-table-{field}-{}", value.len()), &world);
            let theirs = recompute(python, &[path.to_str().unwrap()]).unwrap_err();
            assert!(theirs.contains(why) && !theirs.contains("Traceback"), "{theirs}");
        }
    }
}
