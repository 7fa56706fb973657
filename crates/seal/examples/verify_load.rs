//! A ledger to measure its verification with: `verify_load write FILE` writes a million records, a
//! checkpoint after each ten thousand; `verify_load verify FILE` reads and verifies them on one thread.
//! Who calls measures: `scripts/bench-ledger`.

use std::error::Error;
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};

use aws_lc_rs::digest::{Context, SHA256};
use khien_seal::SecretKey;
use khien_seal::ledger::{Checkpoint, End, Tree, Verifier, hex, key_text};

const RECORDS: u64 = 1_000_000;
const CHECKPOINT: u64 = 10_000;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [_, "write", path] => write(path),
        [_, "verify", path] => verify(path),
        _ => Err("verify_load write FILE | verify FILE".into()),
    }
}

fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    parts.iter().for_each(|part| context.update(part));
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

fn write(path: &str) -> Result<(), Box<dyn Error>> {
    let secret = SecretKey::new([7; 96]);
    let key = key_text(&secret.public()?);
    let mut out = BufWriter::new(File::create(path)?);
    let (mut tree, mut prev, mut previous) = (Tree::default(), [0; 32], [0; 32]);
    let at = "2026-10-15T01:00:00Z";
    let mut checkpoints = 0;
    for seq in 0..RECORDS {
        let content = if seq == 0 {
            format!("{{\"centre\":\"Tỉnh Minh Họa\",\"format\":1,\"key\":\"{key}\"}}")
        } else {
            format!("{{\"findings\":{},\"tool\":\"máy quét mẫu {}\"}}", seq % 7, seq % 31)
        };
        let (agency, content_hash) = (seq % 5_000, hex(&sha256(&[content.as_bytes()])));
        let about = format!(
            "{{\"agency\":\"xa-{agency}\",\"at\":\"{at}\",\"by\":\"token:12\",\"content_hash\":\
             \"{content_hash}\",\"from\":\"probe\",\"how\":\"measured\",\"prev\":\"{}\",\"recorded\":\"{at}\",\
             \"ref\":\"báo cáo {seq}\",\"schema\":1,\"seq\":{seq},\"subject\":\"ht-{agency}\",\"system\":\
             \"ht-{agency}\",\"type\":\"{}\"}}",
            hex(&prev),
            if seq == 0 { "ledger.began" } else { "scan.done" },
        );
        prev = sha256(&[&[0], about.as_bytes()]);
        tree.push(prev);
        writeln!(out, "{{\"about\":{about},\"content\":{content}}}")?;
        if (seq + 1) % CHECKPOINT == 0 {
            let checkpoint = Checkpoint {
                number: checkpoints,
                at: at.into(),
                reason: "hour".into(),
                size: tree.size(),
                root: tree.root(),
                previous,
            };
            let line = checkpoint.sign(&secret)?;
            previous = Checkpoint::hash_of_line(&line).ok_or("no checkpoint")?;
            checkpoints += 1;
            writeln!(out, "{line}")?;
        }
    }
    let end = End { at: at.into(), checkpoints, records: tree.size(), tip: prev };
    writeln!(out, "{}", end.sign(&secret)?)?;
    Ok(out.flush()?)
}

fn verify(path: &str) -> Result<(), Box<dyn Error>> {
    let mut reader = BufReader::with_capacity(1 << 16, File::open(path)?);
    let (mut verifier, mut line) = (Verifier::new(None), Vec::new());
    while reader.read_until(b'\n', &mut line)? > 0 {
        verifier.line_as_read(&line)?;
        line.clear();
    }
    let verified = verifier.finish()?;
    if verified.records == RECORDS { Ok(()) } else { Err("records are missing".into()) }
}
