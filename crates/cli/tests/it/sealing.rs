//! Keys, signatures and sealed files as people use them, as the document tells them, and as an
//! independent program reads them.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use khien_seal::{Cipher, Digest, Form, PublicKey, SecretKey, Signature};
use serde_json::Value;
use tempfile::TempDir;

/// A folder with the keys `a` and `b`.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a", "b"] {
        assert_eq!(told(&folder, &["key", "new", "--out", name, "--json"]).0, 0);
    }
    folder
}

fn command(folder: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_khien"));
    command.current_dir(folder.path()).args(arguments);
    command
}

/// Exit code, standard output and standard error.
fn told(folder: &TempDir, arguments: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command(folder, arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

/// Runs what must do well, and what it prints with `--json`.
fn done(folder: &TempDir, arguments: &[&str]) -> Value {
    let (code, out, talk) = told(folder, &[arguments, &["--json"]].concat());
    assert_eq!(code, 0, "{arguments:?} {talk}");
    serde_json::from_str(&out).unwrap()
}

fn names(folder: &TempDir) -> Vec<String> {
    let entries = std::fs::read_dir(folder.path()).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

#[test]
fn keys_are_made_once_and_known_by_one_fingerprint() {
    let folder = folder();
    assert_eq!(names(&folder), ["a.key", "a.pub", "b.key", "b.pub"]);
    assert_eq!(mode(&folder.path().join("a.key")), 0o600);
    assert_eq!(mode(&folder.path().join("a.pub")) & 0o400, 0o400);
    let shown = |file| done(&folder, &["key", "show", file])["fingerprint"].clone();
    assert_eq!(shown("a.key"), shown("a.pub"));
    assert_ne!(shown("a.pub"), shown("b.pub"));
    let before = std::fs::read(folder.path().join("a.key")).unwrap();
    let (code, _, talk) = told(&folder, &["key", "new", "--out", "a"]);
    assert_eq!((code, talk.contains("a.key is there already")), (2, true), "{talk}");
    assert_eq!(std::fs::read(folder.path().join("a.key")).unwrap(), before);
    // Neither file alone is written over.
    std::fs::remove_file(folder.path().join("a.key")).unwrap();
    let (code, _, talk) = told(&folder, &["key", "new", "--out", "a"]);
    assert_eq!((code, talk.contains("a.pub is there already")), (2, true), "{talk}");
    assert_eq!(names(&folder), ["a.pub", "b.key", "b.pub"]);
}

#[test]
fn what_is_sealed_is_opened_by_each_recipient_alone() {
    let folder = folder();
    done(&folder, &["key", "new", "--out", "c"]);
    let contents: Vec<u8> = (0..200_000_u32).map(|at| (at % 251) as u8).collect();
    std::fs::write(folder.path().join("f"), &contents).unwrap();
    let forms: [&[&str]; 3] = [&[], &["--armour"], &["--with", "chacha20-poly1305"]];
    for (at, form) in forms.iter().enumerate() {
        let sealed = format!("{at}.sealed");
        let to = ["--to", "a.pub", "--to", "b.pub", "--to", "a.pub"];
        let seal = [&["seal", "f"][..], &to, &["--out", &sealed]].concat();
        let told_so = done(&folder, &[&seal[..], form].concat());
        assert_eq!((&told_so["bytes"], &told_so["recipients"]), (&200_000.into(), &2.into()));
        let bytes = std::fs::read(folder.path().join(&sealed)).unwrap();
        let text = bytes.starts_with(b"-----BEGIN KHIEN SEALED FILE-----\n");
        assert_eq!((text, text && bytes.is_ascii()), (at == 1, at == 1));
        for key in ["a", "b"] {
            let (key, out) = (format!("{key}.key"), format!("{at}.{key}"));
            done(&folder, &["open", &sealed, "--key", &key, "--out", &out]);
            assert_eq!(std::fs::read(folder.path().join(&out)).unwrap(), contents);
            assert_eq!(mode(&folder.path().join(&out)), 0o600);
        }
        let before = names(&folder);
        let (code, _, talk) = told(&folder, &["open", &sealed, "--key", "c.key", "--out", "o"]);
        assert_eq!((code, talk.contains("not sealed to the key")), (1, true), "{talk}");
        assert_eq!(names(&folder), before);
    }
}

#[test]
fn what_was_changed_or_cut_leaves_nothing() {
    let folder = folder();
    std::fs::write(folder.path().join("f"), vec![7; 200_000]).unwrap();
    done(&folder, &["seal", "f", "--to", "a.pub", "--out", "s"]);
    let whole = std::fs::read(folder.path().join("s")).unwrap();
    let mut changed = whole.clone();
    // In the last chunk, when three are written already.
    let at = whole.len() - 100;
    changed[at] ^= 1;
    let twice = [whole.clone(), whole.clone()].concat();
    let cut = whole[..whole.len() - 3500].to_vec();
    let before = names(&folder);
    for (bad, why) in [
        (changed, "chunk 3"),
        (cut, "changed, reordered or cut"),
        (twice, "changed, reordered or cut"),
        (whole[..500].to_vec(), "the head of the file"),
        (b"something else".to_vec(), "this is no sealed file"),
    ] {
        std::fs::write(folder.path().join("s"), bad).unwrap();
        let (code, _, talk) = told(&folder, &["open", "s", "--key", "a.key", "--out", "o"]);
        assert_eq!((code, talk.contains(why) && talk.contains("s: ")), (1, true), "{talk}");
        assert_eq!(names(&folder), before);
    }
}

#[test]
fn nothing_is_written_over_and_wrong_files_are_named() {
    let folder = folder();
    std::fs::write(folder.path().join("f"), "x").unwrap();
    done(&folder, &["seal", "f", "--to", "a.pub", "--out", "s"]);
    std::fs::write(folder.path().join("there"), "kept").unwrap();
    let before = names(&folder);
    for (arguments, why) in [
        (&["seal", "f", "--to", "a.pub", "--out", "there"][..], "there is there already"),
        (&["open", "s", "--key", "a.key", "--out", "there"], "there is there already"),
        (&["sign", "f", "--key", "a.key", "--out", "there"], "there is there already"),
        (&["seal", "nowhere", "--to", "a.pub", "--out", "o"], "cannot read nowhere"),
        (&["seal", "f", "--to", "nobody.pub", "--out", "o"], "cannot read nobody.pub"),
        (&["seal", "f", "--to", "a.key", "--out", "o"], "a.key: this is no KHIEN PUBLIC KEY"),
        (&["seal", "f", "--out", "o"], "--to"),
        (&["open", "s", "--key", "a.pub", "--out", "o"], "a.pub: this is no KHIEN SECRET KEY"),
        (&["key", "show", "f"], "f: this is no KHIEN PUBLIC KEY"),
    ] {
        let (code, _, talk) = told(&folder, arguments);
        assert_eq!((code, talk.contains(why)), (2, true), "{arguments:?} {talk}");
    }
    let (code, _, talk) = told(&folder, &["seal", "f", "--to", "a.pub", "--out", "no/where"]);
    assert_eq!((code, talk.contains("cannot write no/where")), (1, true), "{talk}");
    assert_eq!(names(&folder), before);
    assert_eq!(std::fs::read(folder.path().join("there")).unwrap(), b"kept");
}

/// The same on a system that lets no file grow beyond a kibibyte.
fn told_in_want(folder: &TempDir, arguments: &str) -> (i32, String) {
    let program = env!("CARGO_BIN_EXE_khien");
    let script = format!("trap '' XFSZ; ulimit -f 2; exec '{program}' {arguments}");
    let output = Command::new("dash").current_dir(folder.path()).args(["-c", &script]).output();
    let Output { status, stderr, .. } = output.unwrap();
    (status.code().unwrap(), String::from_utf8(stderr).unwrap())
}

#[test]
fn what_there_is_no_room_for_is_named_and_nothing_of_it_stays() {
    let folder = folder();
    std::fs::write(folder.path().join("plain"), vec![b'x'; 9_000]).unwrap();
    let sealed = ["seal", "plain", "--to", "a.pub", "--out", "sealed"];
    done(&folder, &sealed);
    let before = names(&folder);
    for (arguments, what) in [
        // Half a pair of keys would be of no use, and in the way.
        ("key new --out c", "cannot write c.pub"),
        ("seal plain --to a.pub --out more", "cannot write more"),
        ("open sealed --key a.key --out more", "cannot write more"),
        ("sign plain --key a.key --out more", "cannot write more"),
    ] {
        let (code, words) = told_in_want(&folder, arguments);
        assert_eq!(code, 1, "{arguments}: {words}");
        assert!(words.contains(what) && !words.contains("sealed:"), "{arguments}: {words}");
        assert_eq!(names(&folder), before, "{arguments}");
    }
}

#[test]
fn folders_and_long_files_are_no_input() {
    let folder = folder();
    std::fs::create_dir(folder.path().join("dir")).unwrap();
    std::fs::write(folder.path().join("long"), vec![b'x'; 70_000]).unwrap();
    for (arguments, says) in [
        (["seal", "dir", "--to", "a.pub", "--out", "s"], "cannot read dir"),
        (["open", "dir", "--key", "a.key", "--out", "s"], "cannot read dir"),
        (["sign", "dir", "--key", "a.key", "--out", "s"], "cannot read dir"),
        (["seal", "a.pub", "--to", "long", "--out", "s"], "longer than 64 KiB"),
        (["open", "a.pub", "--key", "/dev/zero", "--out", "s"], "longer than 64 KiB"),
    ] {
        let (code, _, words) = told(&folder, &arguments);
        assert_eq!(code, 2, "{arguments:?}: {words}");
        assert!(words.contains(says), "{arguments:?}: {words}");
        assert!(!folder.path().join("s").exists());
    }
}

#[test]
fn damaged_keys_are_no_keys() {
    let folder = folder();
    std::fs::write(folder.path().join("f"), "x").unwrap();
    for (name, arguments) in [
        ("a.pub", ["seal", "f", "--to", "a.pub", "--out", "o"]),
        ("a.key", ["sign", "f", "--key", "a.key", "--out", "o"]),
    ] {
        let whole = std::fs::read_to_string(folder.path().join(name)).unwrap();
        let line = whole.lines().nth(1).unwrap();
        for bad in [
            String::new(),
            whole.replace(line, ""),
            whole.replace(line, &format!("?{}", &line[1..])),
            // Of a version that is not known.
            whole.replace(line, &format!("Ag{}", &line[2..])),
            whole[..whole.len() / 2].to_owned(),
        ] {
            std::fs::write(folder.path().join(name), &bad).unwrap();
            let (code, _, talk) = told(&folder, &arguments);
            assert_eq!((code, talk.contains(name)), (2, true), "{talk} {bad}");
        }
    }
    assert_eq!(names(&folder), ["a.key", "a.pub", "b.key", "b.pub", "f"]);
}

#[test]
fn signatures_hold_for_one_file_and_one_key() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("f"), "nội dung").unwrap();
    done(&folder, &["sign", "f", "--key", "a.key", "--out", "f.sig"]);
    let verify = |file: &str, by: &str| {
        let (code, _, talk) = told(&folder, &["verify", file, "--signature", "f.sig", "--by", by]);
        (code, talk)
    };
    let good = done(&folder, &["verify", "f", "--signature", "f.sig", "--by", "a.pub"]);
    assert_eq!(good["good"], true);
    assert_eq!(good["by"], done(&folder, &["key", "show", "a.pub"])["fingerprint"]);
    std::fs::write(path("g"), "nội dunh").unwrap();
    let (code, talk) = verify("g", "a.pub");
    assert_eq!((code, talk.contains("g: the signature is wrong")), (1, true), "{talk}");
    let (code, talk) = verify("f", "b.pub");
    assert_eq!((code, talk.contains("not by")), (1, true), "{talk}");
    assert_eq!(verify("nowhere", "a.pub").0, 2);
    assert_eq!(verify("f", "nowhere").0, 2);
    assert_eq!(verify("f", "a.key").0, 2);
    // One changed byte of either half, of the name of the signer or of the version.
    let text = std::fs::read_to_string(path("f.sig")).unwrap();
    let bytes = unarmoured(&text);
    for (at, why) in
        [(0, "later version"), (1, "not by"), (40, "Ed25519"), (97, "ML-DSA-65"), (3405, "ML-DSA")]
    {
        let mut bad = bytes.clone();
        bad[at] ^= 1;
        let body = STANDARD.encode(bad);
        let bad = format!("-----BEGIN KHIEN SIGNATURE-----\n{body}\n-----END KHIEN SIGNATURE-----");
        std::fs::write(path("f.sig"), bad).unwrap();
        let (code, talk) = verify("f", "a.pub");
        assert_eq!((code, talk.contains(why)), (1, true), "{at} {talk}");
    }
    std::fs::write(path("f.sig"), &text[..text.len() / 2]).unwrap();
    assert_eq!(verify("f", "a.pub").0, 1);
    std::fs::remove_file(path("f.sig")).unwrap();
    assert_eq!(verify("f", "a.pub").0, 2);
}

/// The bytes between the lines of a text.
fn unarmoured(text: &str) -> Vec<u8> {
    let lines = text.lines().filter(|line| !line.starts_with('-'));
    STANDARD.decode(lines.collect::<String>()).unwrap()
}

/// Feeds a command through a pipe that it opens as a file, and answers the most memory that it held
/// while all but the end was behind it, in MiB.
fn peak(folder: &TempDir, arguments: &[&str], feed: impl FnOnce(&mut std::fs::File)) -> u64 {
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut child: Child =
        command(folder, arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut into = std::fs::File::options().write(true).open(&pipe).unwrap();
    feed(&mut into);
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    drop(into);
    std::fs::remove_file(pipe).unwrap();
    let code = child.wait().unwrap().code();
    let talk = std::io::read_to_string(child.stderr.take().unwrap()).unwrap();
    assert_eq!(code, Some(0), "{talk}");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

#[test]
fn memory_does_not_grow_with_the_file() {
    const MIB: u64 = 300;
    let folder = folder();
    let zeros = vec![0; 1 << 20];
    let seal = ["seal", "pipe", "--to", "a.pub", "--out", "s"];
    let sealing = peak(&folder, &seal, |into| {
        (0..MIB).for_each(|_| into.write_all(&zeros).unwrap());
    });
    let open = ["open", "pipe", "--key", "a.key", "--out", "o"];
    let opening = peak(&folder, &open, |into| {
        let mut sealed = std::fs::File::open(folder.path().join("s")).unwrap();
        assert!(std::io::copy(&mut sealed, into).unwrap() > MIB << 20);
    });
    assert_eq!(folder.path().join("o").metadata().unwrap().len(), MIB << 20);
    let text = [&seal[..4], &["--armour", "--out", "t"]].concat();
    let writing = peak(&folder, &text, |into| {
        (0..MIB / 4).for_each(|_| into.write_all(&zeros).unwrap());
    });
    let reading = peak(&folder, &["open", "pipe", "--key", "a.key", "--out", "p"], |into| {
        let mut sealed = std::fs::File::open(folder.path().join("t")).unwrap();
        std::io::copy(&mut sealed, into).unwrap();
    });
    for (what, mebibytes) in
        [("seal", sealing), ("open", opening), ("to text", writing), ("from text", reading)]
    {
        assert!(mebibytes < 64, "{what}: {mebibytes} MiB");
    }
}

#[test]
fn a_killed_run_leaves_nothing() {
    let folder = folder();
    std::fs::write(folder.path().join("f"), vec![7; 8 << 20]).unwrap();
    done(&folder, &["seal", "f", "--to", "a.pub", "--out", "s"]);
    let sealed = std::fs::read(folder.path().join("s")).unwrap();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let before = names(&folder);
    let mut child =
        command(&folder, &["open", "pipe", "--key", "a.key", "--out", "o"]).spawn().unwrap();
    let mut into = std::fs::File::options().write(true).open(&pipe).unwrap();
    // A pipe holds less than this: most of it is written already.
    into.write_all(&sealed[..sealed.len() - 1]).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(names(&folder), before);
}

fn docs(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name)
}

fn document() -> String {
    std::fs::read_to_string(docs("sealed-format.md")).unwrap()
}

/// A text of the document by its kind.
fn block(document: &str, kind: &str) -> String {
    let last = format!("-----END {kind}-----\n");
    let start = document.find(&format!("-----BEGIN {kind}-----\n")).unwrap();
    let end = document[start..].find(&last).unwrap() + start + last.len();
    document[start..end].to_owned()
}

const CONTENTS: &str = "Tỉnh Minh Họa\n";

fn documented_key() -> SecretKey {
    SecretKey::new(std::array::from_fn(|at| at as u8))
}

#[test]
fn the_document_tells_what_the_program_writes() {
    let document = document();
    let stands = |text: &str| assert!(document.contains(text), "not in the document:\n{text}");
    let secret = documented_key();
    let public = secret.public().unwrap();
    stands(&secret.to_text());
    stands(&public.fingerprint().to_string());
    let bytes = unarmoured(&public.to_text());
    let hash = digest::digest(&digest::SHA256, &bytes[1..]);
    stands(&hash.as_ref().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}")));
    for length in [bytes.len(), unarmoured(&secret.to_text()).len()] {
        stands(&length.to_string());
    }
    let mut sealed = Vec::new();
    let random = std::array::from_fn(|at| at as u8 + 96);
    let cipher = Cipher::Aes256Gcm;
    let to = [public.clone()];
    let form = Form::Armoured;
    khien_seal::seal(&mut CONTENTS.as_bytes(), &mut sealed, &to, cipher, form, &random).unwrap();
    stands(std::str::from_utf8(&sealed).unwrap());
    // ML-DSA-65 signs anew each time; Ed25519 does not.
    let text = block(&document, "KHIEN SIGNATURE");
    let signature = Signature::parse(&text).unwrap();
    let digest = Digest::of(CONTENTS.as_bytes());
    signature.verify(&public, &digest).unwrap();
    let again = unarmoured(&Signature::new(&secret, &digest).unwrap().to_text());
    assert_eq!(unarmoured(&text)[..97], again[..97]);
    assert_eq!(unarmoured(&text).len(), again.len());
    stands(&again.len().to_string());
    assert!(PublicKey::parse(&public.to_text()).is_ok_and(|parsed| parsed == public));
}

/// A Python that has `cryptography` with the algorithms: the one named by `KHIEN_CRYPTO_PYTHON`, or
/// `python3`; there must be one where `KHIEN_REQUIRE_CRYPTO` is set.
pub(crate) fn cryptography() -> Option<String> {
    let python = std::env::var("KHIEN_CRYPTO_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has = "from cryptography.hazmat.primitives.asymmetric import mldsa, mlkem\n\
               from cryptography.hazmat.primitives.hpke import KEM\n\
               KEM.MLKEM768_X25519";
    let found = Command::new(&python).args(["-c", has]).output();
    if found.is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    let required = std::env::var_os("KHIEN_REQUIRE_CRYPTO").is_some();
    assert!(!required, "KHIEN_REQUIRE_CRYPTO is set and no Python with cryptography was found");
    eprintln!("skipped: no Python with cryptography 50 (KHIEN_CRYPTO_PYTHON names one)");
    None
}

#[test]
fn an_independent_program_opens_and_verifies() {
    let Some(python) = cryptography() else { return };
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    let script = |arguments: &[&str]| {
        let mut command = Command::new(&python);
        command.current_dir(folder.path()).arg("-B").arg(docs("open.py")).args(arguments);
        let output = command.output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let good = |arguments: &[&str]| {
        let (code, talk) = script(arguments);
        assert_eq!(code, 0, "{arguments:?} {talk}");
    };
    // What this program wrote.
    for length in [0_usize, 1, 65_535, 65_536, 65_537, 200_000] {
        let contents: Vec<u8> = (0..length).map(|at| (at % 253) as u8).collect();
        std::fs::write(path("f"), &contents).unwrap();
        for (with, more) in [("aes256-gcm", None), ("chacha20-poly1305", Some("--armour"))] {
            let seal =
                ["seal", "f", "--to", "b.pub", "--to", "a.pub", "--out", "s", "--with", with];
            done(&folder, &seal.into_iter().chain(more).collect::<Vec<_>>());
            good(&["open", "s", "a.key", "o"]);
            assert_eq!(std::fs::read(path("o")).unwrap(), contents);
            ["s", "o"].iter().for_each(|name| std::fs::remove_file(path(name)).unwrap());
        }
    }
    done(&folder, &["sign", "f", "--key", "a.key", "--out", "f.sig"]);
    good(&["verify", "f", "f.sig", "a.pub"]);
    assert_eq!(script(&["verify", "f", "f.sig", "b.pub"]).0, 1);
    assert_eq!(script(&["verify", "a.pub", "f.sig", "a.pub"]).0, 1);
    // What stands in the document.
    let document = document();
    for (name, kind) in [
        ("d.key", "KHIEN SECRET KEY"),
        ("d.sealed", "KHIEN SEALED FILE"),
        ("d.sig", "KHIEN SIGNATURE"),
    ] {
        std::fs::write(path(name), block(&document, kind)).unwrap();
    }
    std::fs::write(path("d.pub"), documented_key().public().unwrap().to_text()).unwrap();
    good(&["open", "d.sealed", "d.key", "d"]);
    assert_eq!(std::fs::read_to_string(path("d")).unwrap(), CONTENTS);
    good(&["verify", "d", "d.sig", "d.pub"]);
    // What was changed or cut.
    done(&folder, &["seal", "f", "--to", "a.pub", "--out", "s"]);
    let whole = std::fs::read(path("s")).unwrap();
    let before = names(&folder);
    let at_chunk = whole.len() - 200_000;
    for bad in [
        &whole[..whole.len() - 1],
        &whole[..300],
        &[&whole[..], b"x"].concat(),
        &[&whole[..at_chunk], &[whole[at_chunk] ^ 1], &whole[at_chunk + 1..]].concat(),
    ] {
        std::fs::write(path("s"), bad).unwrap();
        let (code, talk) = script(&["open", "s", "a.key", "o"]);
        assert_eq!(code, 1, "{talk}");
        assert_eq!(names(&folder), before);
    }
}
