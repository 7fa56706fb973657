//! Input that is hostile, damaged or huge: every loss is told, memory stays bounded.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use khien_testkit::public_data;

use crate::runs::{Folder, Run, event, figures, khien_fed, scan};

fn gzip_zeros(mebibytes: usize) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::best());
    // Something that is recognised stands before what is to fill the memory.
    out.write_all(event(1, "evil").as_bytes()).unwrap();
    let zeros = vec![0; 1 << 20];
    for _ in 0..mebibytes {
        out.write_all(&zeros).unwrap();
    }
    out.finish().unwrap()
}

fn reasons(figures: &Value) -> String {
    figures["unreadable"].to_string()
}

#[test]
fn bombs_are_ended_and_what_stood_before_is_read() {
    let folder = Folder::new();
    folder.rules(&[]);
    let gz = folder.write("bomb.gz", gzip_zeros(512));
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    out.start_file("bomb.json", options).unwrap();
    out.write_all(event(2, "evil").as_bytes()).unwrap();
    for _ in 0..256 {
        out.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    let zip = folder.write("bomb.zip", out.finish().unwrap().into_inner());
    for path in [gz, zip] {
        let (run, figures) = scan(&folder, &[&path], &[]);
        assert_eq!((run.code, run.lines().len()), (10, 1), "{path}");
        assert!(reasons(&figures).contains("decompression bomb"), "{}", reasons(&figures));
    }
}

#[test]
fn damaged_archives_give_what_they_still_hold_and_say_so() {
    let folder = Folder::new();
    folder.rules(&[]);
    let text: String =
        (0..2000).map(|at| event(at, &format!("evil {}", at * 7919 % 104_729))).collect();
    let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
    gz.write_all(text.as_bytes()).unwrap();
    let gz = gz.finish().unwrap();
    let level = ruzstd::encoding::CompressionLevel::Fastest;
    let zst = ruzstd::encoding::compress_to_vec(text.repeat(4).as_bytes(), level);
    for (name, bytes) in [("a.gz", &gz), ("a.zst", &zst)] {
        let cut = folder.write(name, &bytes[..bytes.len() * 2 / 3]);
        let (run, figures) = scan(&folder, &[&cut], &[]);
        assert!(run.lines().len() > 100, "{name}: {}", run.lines().len());
        assert!(figures["unreadable"][0]["offset"].as_u64() > Some(0), "{}", reasons(&figures));
    }
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for name in ["a.json", "inner.zip"] {
        out.start_file(name, options).unwrap();
        out.write_all(event(1, "evil").as_bytes()).unwrap();
    }
    let whole = out.finish().unwrap().into_inner();
    let list = whole.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    let with = |at: usize, byte: u8| {
        let mut changed = whole.clone();
        changed[at] = byte;
        changed
    };
    for (name, bytes, said, found) in [
        ("nested.zip", whole.clone(), "inside an archive", 1),
        ("flipped.zip", with(45, b'!'), "checksum", 1),
        ("short.zip", with(list + 20, 9), "should hold", 0),
        ("locked.zip", with(list + 8, 1), "encrypted", 0),
        ("method.zip", with(list + 10, 99), "method 99", 0),
        ("astray.zip", with(list + 43, 99), "outside", 0),
        ("cut.zip", whole[..whole.len() - 30].to_vec(), "has no end", 0),
    ] {
        let path = folder.write(name, bytes);
        let other = folder.write("other.json", event(1, "dir"));
        let (run, figures) = scan(&folder, &[&path, &other], &[]);
        assert!(reasons(&figures).contains(said), "{name}: {}", reasons(&figures));
        assert!(name == "flipped.zip" || run.lines().len() == found, "{name}");
    }
}

#[test]
fn an_archive_of_too_many_entries_is_read_up_to_the_limit() {
    let folder = Folder::new();
    folder.rules(&[]);
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for at in 0..100_010 {
        out.start_file(format!("{at}.json"), options).unwrap();
        if at == 99_999 {
            out.write_all(event(1, "evil").as_bytes()).unwrap();
        }
    }
    let path = folder.write("many.zip", out.finish().unwrap().into_inner());
    let (run, figures) = scan(&folder, &[&path], &[]);
    assert_eq!(run.lines().len(), 1);
    assert!(reasons(&figures).contains("only the first 100000 of 100010"));
}

#[test]
fn odd_bytes_and_shapes_are_read_or_told() {
    let folder = Folder::new();
    folder.rules(&[]);
    let one = event(1, "evil");
    let wide = |to: fn(u16) -> [u8; 2]| -> Vec<u8> {
        std::iter::once(0xfeff).chain(one.encode_utf16()).flat_map(to).collect()
    };
    let deep = format!("{}{}\n", "{\"a\":".repeat(10_000), "}".repeat(10_000));
    let keys: String =
        (0..1_000_000).map(|at| format!(",\"k{at}\":1")).collect::<Vec<_>>().concat();
    let wide_object = one.replace("\"}\n", &format!("\"{keys}}}\n"));
    let mut long = one.clone().into_bytes();
    long.resize(100 << 20, b'x');
    long.push(b'\n');
    let with_nul = one.replace("evil", "evil\0");
    let not_utf8 = [one.as_bytes(), b"\xff\xfe\x80\n"].concat();
    for (name, bytes, found, told) in [
        ("little", wide(u16::to_le_bytes), 1, false),
        ("big", wide(u16::to_be_bytes), 1, false),
        ("deep", format!("{one}{deep}").into_bytes(), 1, true),
        ("keys", wide_object.into_bytes(), 1, false),
        ("long", [&long[..], one.as_bytes()].concat(), 2, true),
        ("nul", format!("{one}{with_nul}").into_bytes(), 2, false),
        ("bytes", not_utf8, 1, true),
        ("empty", Vec::new(), 0, false),
    ] {
        let path = folder.write(name, bytes);
        let (run, figures) = scan(&folder, &[&path], &[]);
        let found_at_least = if name == "nul" || name == "long" { 1 } else { found };
        assert!(run.lines().len() >= found_at_least, "{name}: {}", reasons(&figures));
        assert!(!told || figures["unreadable_count"].as_u64() > Some(0), "{name}");
        assert_eq!(name == "keys", figures["fields_dropped"].as_u64() > Some(0), "{name}");
    }
}

#[cfg(unix)]
#[test]
fn pipes_devices_and_links_to_folders_are_told_and_not_opened() {
    let folder = Folder::new();
    folder.rules(&[]);
    folder.write("in/a.json", event(1, "evil"));
    std::os::unix::fs::symlink(folder.path("in"), folder.path("in/again")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", folder.path("in/zero")).unwrap();
    std::os::unix::fs::symlink("/no/such/file", folder.path("in/gone")).unwrap();
    let pipe = folder.path("in/pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let input = folder.path("in").display().to_string();
    let (run, figures) = scan(&folder, &[&input], &[]);
    assert_eq!(run.lines().len(), 1);
    assert_eq!(figures["unreadable_count"], 4, "{}", reasons(&figures));
}

fn fed(folder: &Folder, rules: &str, lines: u64, command: &'static str) -> (Run, Value) {
    let summary = folder.path("summary.json").display().to_string();
    let arguments = ["scan", "-", "--rules", rules, "--format", "jsonl", "--summary", &summary];
    let run = khien_fed(&arguments, move |out| {
        // Late events first.
        (0..lines).rev().try_for_each(|at| out.write_all(event(at, command).as_bytes()))
    });
    let figures = figures(summary.as_ref(), &run);
    (run, figures)
}

#[test]
fn three_hundred_thousand_detections_come_in_the_order_of_time() {
    let folder = Folder::new();
    let rules = folder.rules(&[]);
    let (run, figures) = fed(&folder, &rules, 300_000, "evil");
    assert_eq!(figures["detections"], 300_000);
    let times: Vec<&str> = run.out.lines().filter_map(|line| line.get(..40)).collect();
    assert_eq!(times.len(), 300_000);
    assert!(times.is_sorted());
}

#[test]
fn a_stream_of_600_megabytes_and_all_public_rules_stay_within_memory() {
    let Some(rules) = public_data("sigma/rules") else { return };
    let folder = Folder::new();
    let filler: &'static str = String::leak("/x ".repeat(2000));
    let (_, figures) = fed(&folder, &rules.display().to_string(), 100_000, filler);
    assert!(figures["bytes"].as_u64() > Some(600_000_000));
    assert_eq!(figures["events"], 100_000);
}

#[test]
fn damaged_binary_logs_are_told_and_never_end_the_scan() {
    let Some(logs) = public_data("evtx-damaged") else { return };
    let folder = Folder::new();
    folder.rules(&[]);
    let (run, figures) = scan(&folder, &[&logs.display().to_string()], &[]);
    assert!(run.code == 0 || run.code == 10, "{}", run.talk);
    assert!(figures["unreadable_count"].as_u64() > Some(0));
    assert!(!reasons(&figures).contains("a fault in the program"), "{}", reasons(&figures));
}
