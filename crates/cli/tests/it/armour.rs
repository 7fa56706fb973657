//! Keys, signatures and sealed files in other forms than they are written in, and damaged ones: Khiên and
//! `docs/open.py` take the same and refuse the same.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use khien_seal::{Cipher, Digest, Form, PublicKey, SecretKey, Signature};

use crate::sealing::cryptography;

const CONTENTS: &[u8] = "nội dung mẫu\n".as_bytes();

/// What a file is given for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Sealed,
    Secret,
    Public,
    Signature,
}

struct Case {
    what: What,
    name: String,
    bytes: Vec<u8>,
    is_good: bool,
}

fn case(what: What, name: impl Into<String>, bytes: impl Into<Vec<u8>>, is_good: bool) -> Case {
    Case { what, name: name.into(), bytes: bytes.into(), is_good }
}

fn secret() -> SecretKey {
    SecretKey::new([7; 96])
}

fn sealed(form: Form) -> Vec<u8> {
    // Long enough for many lines.
    let (mut out, to) = (Vec::new(), [secret().public().unwrap()]);
    khien_seal::seal(&mut &*CONTENTS, &mut out, &to, Cipher::default(), form, &[9; 32]).unwrap();
    out
}

fn text_of(what: What) -> String {
    match what {
        What::Sealed => String::from_utf8(sealed(Form::Armoured)).unwrap(),
        What::Secret => secret().to_text().to_string(),
        What::Public => secret().public().unwrap().to_text(),
        What::Signature => Signature::new(&secret(), &Digest::of(CONTENTS)).unwrap().to_text(),
    }
}

fn khien_takes(what: What, bytes: &[u8]) -> bool {
    if what == What::Sealed {
        let mut out = Vec::new();
        let opened = khien_seal::open(&mut &*bytes, &mut out, &secret());
        return opened.is_ok() && out == CONTENTS;
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let own = secret().public().unwrap();
    match what {
        What::Secret => SecretKey::parse(text).is_ok_and(|key| {
            key.public().is_ok_and(|public| public.fingerprint() == own.fingerprint())
        }),
        What::Public => PublicKey::parse(text).is_ok_and(|key| key == own),
        _ => Signature::parse(text)
            .is_ok_and(|signature| signature.verify(&own, &Digest::of(CONTENTS)).is_ok()),
    }
}

/// Says of each case whether it was taken: 1, 0, or what was raised.
const DRIVER: &str = "
import importlib.util, os, sys
spec = importlib.util.spec_from_file_location('opener', sys.argv[1])
opener = importlib.util.module_from_spec(spec)
spec.loader.exec_module(opener)
for line in sys.stdin:
    what, path = line.split()
    try:
        if what in ('Sealed', 'Secret'):
            sealed, key = (path, 'a.key') if what == 'Sealed' else ('s', path)
            opener.main('open', sealed, key, 'o')
            print(int(open('o', 'rb').read() == open('f', 'rb').read()))
            os.unlink('o')
        else:
            public, signature = (path, 'f.sig') if what == 'Public' else ('a.pub', path)
            opener.main('verify', 'f', signature, public)
            print(1)
    except SystemExit:
        print(0)
    except BaseException as error:
        print(repr(error))
    assert not {'o', 'o.part'} & set(os.listdir())
";

/// Runs the driver over the cases in a folder.
fn by_script(python: &str, folder: &Path, cases: &[Case]) -> Vec<String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/open.py");
    let mut command = Command::new(python);
    command.current_dir(folder).args(["-B", "-c", DRIVER]).arg(script.canonicalize().unwrap());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut into = child.stdin.take().unwrap();
    for (number, case) in cases.iter().enumerate() {
        let name = format!("case-{number}");
        std::fs::write(folder.join(&name), &case.bytes).unwrap();
        writeln!(into, "{:?} {name}", case.what).unwrap();
    }
    drop(into);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// A folder with good files that a case takes the place of one of.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [
        ("f", CONTENTS.to_vec()),
        ("s", sealed(Form::Binary)),
        ("a.key", text_of(What::Secret).into_bytes()),
        ("a.pub", text_of(What::Public).into_bytes()),
        ("f.sig", text_of(What::Signature).into_bytes()),
    ] {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

fn judge(cases: &[Case]) {
    for Case { what, name, bytes, is_good } in cases {
        assert_eq!(khien_takes(*what, bytes), *is_good, "khien: {what:?}, {name}");
    }
    let Some(python) = cryptography() else { return };
    let folder = folder();
    let said = by_script(&python, folder.path(), cases);
    assert_eq!(said.len(), cases.len());
    for (Case { what, name, is_good, .. }, said) in cases.iter().zip(said) {
        assert_eq!(said, if *is_good { "1" } else { "0" }, "open.py: {what:?}, {name}");
    }
}

#[test]
fn keys_and_signatures_stand_among_other_lines_for_both() {
    let mut cases = Vec::new();
    for what in [What::Secret, What::Public, What::Signature] {
        let text = text_of(what);
        let first = text.lines().next().unwrap();
        let last = text.lines().last().unwrap();
        let inner: String = text.lines().filter(|line| !line.starts_with('-')).collect();
        let with = |inner: &str| format!("{first}\n{inner}\n{last}\n");
        let mut good = |name: &str, text: String| cases.push(case(what, name, text, true));
        good("as it is", text.clone());
        good("lines before and after", format!("> Kính gửi\n\n{text}--\ncuối\n"));
        good("a mark of order", format!("\u{feff}{text}"));
        good("a mark of order and a line", format!("\u{feff}x\n{text}"));
        good("other line ends", text.replace('\n', "\r\n"));
        good("blanks around lines", text.replace('\n', " \t\x0c\n \t"));
        good("no last line end", text.trim_end().to_owned());
        good("one line of letters", with(&inner));
        good("short lines", with(&inner.replace('A', "A\n")));
        good("blanks and empty lines within", with(&inner.replace('A', " A\t\n\n ")));
        good("a text of another kind before", format!("{}{text}", text.replace("KHIEN", "OTHER")));
        good("an end before it", format!("{last}\n{text}"));
        let mut bad = |name: &str, text: String| cases.push(case(what, name, text, false));
        bad("two", text.repeat(2));
        bad("two, of which one is cut", format!("{text}{first}\n"));
        bad("one within the other", with(&format!("{first}\n{inner}")));
        bad("nothing", String::new());
        bad("no letters", with(""));
        bad("no first line", text.replace(first, ""));
        bad("no last line", text.replace(last, ""));
        bad("a quoted first line", format!("> {text}"));
        bad("a mark of order in the middle", format!("x\n\u{feff}{text}"));
        bad("two marks of order", format!("\u{feff}\u{feff}{text}"));
        bad("another last line", text.replace("END", "ENDE"));
        bad("a vertical tab within", with(&format!("{}\x0b{}", &inner[..4], &inner[4..])));
        bad("a broad blank within", with(&format!("{}\u{a0}{}", &inner[..4], &inner[4..])));
        bad("a letter less", with(&inner[1..]));
        bad("four letters less", with(&inner[4..]));
        bad("four letters more", with(&format!("AAAA{inner}")));
        bad("an equals sign within", with(&format!("{}={}", &inner[..4], &inner[5..])));
        bad("more padding", with(&format!("{inner}=")));
        bad("no letter of base64", with(&format!("?{}", &inner[1..])));
        bad("letters of another base64", with(&inner.replacen('A', "_", 1)));
        bad("another version", with(&format!("Ag{}", &inner[2..])));
        if let Some(open) = inner.strip_suffix("==") {
            bad("no padding", with(open));
            bad("half the padding", with(&format!("{open}=")));
            let at = open.len() - 1;
            let other = char::from(open.as_bytes()[at] + 1);
            bad("bits that say nothing", with(&format!("{}{other}==", &open[..at])));
        }
        let no_text = [&b"\xff\n"[..], text.as_bytes()].concat();
        cases.push(case(what, "a line that is no UTF-8", no_text, false));
    }
    let mut bytes = secret().public().unwrap().to_bytes();
    bytes[1985..1988].fill(0xff);
    let text = text_of(What::Public);
    let first = text.lines().next().unwrap();
    let last = text.lines().last().unwrap();
    let beyond = format!("{first}\n{}\n{last}\n", STANDARD.encode(bytes));
    cases.push(case(What::Public, "a number beyond the modulus", beyond, false));
    judge(&cases);
}

#[test]
fn sealed_files_have_one_form_for_both() {
    let text = text_of(What::Sealed);
    let lines: Vec<&str> = text.lines().collect();
    let (first, full, short) = (lines[0], lines[1], lines[lines.len() - 2]);
    assert!(full.len() == 64 && short.len() < 64);
    let mut cases = Vec::new();
    let mut good = |name: &str, bytes: Vec<u8>| cases.push(case(What::Sealed, name, bytes, true));
    good("bytes", sealed(Form::Binary));
    good("as it is", text.clone().into());
    good("other line ends", text.replace('\n', "\r\n").into());
    good("blanks around lines", text.replace('\n', " \t\x0c\n\t ").into());
    good("no last line end", text.trim_end().into());
    good("blanks after it", format!("{text}\n\r\n \t\n{}\n", " ".repeat(300)).into());
    let after = |line: &str, more: &str| text.replacen(line, &format!("{line}{more}"), 1);
    let mut bad = |name: &str, text: String| cases.push(case(What::Sealed, name, text, false));
    bad("a mark of order", format!("\u{feff}{text}"));
    bad("a line before", format!("x\n{text}"));
    bad("a blank before", format!(" {text}"));
    bad("a line after", format!("{text}x\n"));
    bad("a vertical tab after", format!("{text}\x0b\n"));
    bad("a broad blank after", format!("{text}\u{a0}\n"));
    bad("twice", text.repeat(2));
    bad("an empty line in the middle", after(full, "\n"));
    bad("an empty line first", after(first, "\n"));
    bad("blanks after the first line", after(first, &" ".repeat(300)));
    bad("a broken line", text.replacen(full, &format!("{}\n{}", &full[..32], &full[32..]), 1));
    bad("a joined line", text.replacen(&format!("{full}\n"), full, 1));
    bad(
        "a blank within a line",
        text.replacen(full, &format!("{} {}", &full[..32], &full[32..]), 1),
    );
    bad("a line less", text.replacen(&format!("{full}\n"), "", 1));
    bad("padding in the middle", text.replacen(full, &format!("{}==", &full[..62]), 1));
    bad("no padding", text.replacen(short, short.trim_end_matches('='), 1));
    bad("no last line", text.replace(lines[lines.len() - 1], ""));
    bad("another first line", text.replacen("BEGIN", "BEGINS", 1));
    bad("another kind", text.replace("SEALED FILE", "SIGNATURE"));
    let whole = sealed(Form::Binary);
    for at in (0..whole.len()).step_by(17).chain([8, 9, 10]) {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        cases.push(case(What::Sealed, format!("byte {at}"), changed, false));
        cases.push(case(What::Sealed, format!("the first {at} bytes"), &whole[..at], false));
    }
    cases.push(case(What::Sealed, "a byte more", [&whole[..], b"x"].concat(), false));
    judge(&cases);
}

/// Seals by hand, and so with a head that Khiên never writes: name, then the bytes in base64.
const FORGE: &str = "
import base64, hashlib, hmac, importlib.util, os, sys
spec = importlib.util.spec_from_file_location('opener', sys.argv[1])
its = importlib.util.module_from_spec(spec)
spec.loader.exec_module(its)
public, key = its.public_of(its.block('a.key', 'KHIEN SECRET KEY'))
own, file_key = its.fingerprint(public), os.urandom(32)
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PublicKey
mine = MLKEM768X25519PublicKey(
    its.mlkem.MLKEM768PublicKey.from_public_bytes(public[1984:3168]),
    its.x25519.X25519PublicKey.from_public_bytes(public[3168:]))
suite = its.Suite(its.KEM.MLKEM768_X25519, its.KDF.HKDF_SHA256, its.AEAD.CHACHA20_POLY1305)
me = own + suite.encrypt(file_key, mine, b'khien sealed file v1\\0' + own)
other = os.urandom(1200)

def sealed(count, recipients, cipher=1, chunks=(open('f', 'rb').read(),)):
    head = b'KHIENSL1' + bytes([cipher]) + count.to_bytes(2, 'big') + recipients
    tag = hmac.digest(its.derive(file_key, b'', b'khien header v1'), head, 'sha256')
    payload = its.AESGCM(its.derive(file_key, hashlib.sha256(head).digest(), b'khien contents v1'))
    nonce = lambda at: bytes(3) + at.to_bytes(8, 'big') + bytes([at == len(chunks) - 1])
    return head + tag + b''.join(payload.encrypt(nonce(at), chunk, b'') for at, chunk in enumerate(chunks))

for name, made in {
    'good one': sealed(1, me), 'good 1000': sealed(1000, other * 999 + me), 'bad 1001': sealed(1001, me + other * 1000),
    'bad 65535': sealed(65535, me + other * 65534), 'bad none': sealed(0, b''), 'bad none but one': sealed(0, me),
    'bad cipher 0': sealed(1, me, 0), 'bad cipher 3': sealed(1, me, 3), 'bad cipher 255': sealed(1, me, 255),
    'bad empty chunk at the end': sealed(1, me, 1, (bytes(65536), b'')),
    'bad short chunk': sealed(1, me, 1, (b'a', b'b')), 'bad first of two': sealed(2, own + bytes(1168) + me),
}.items():
    print(name, base64.b64encode(made).decode(), sep='\\t')
";

#[test]
fn heads_have_one_form_for_both() {
    let Some(python) = cryptography() else { return };
    let folder = folder();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/open.py");
    let mut command = Command::new(&python);
    command.current_dir(folder.path()).args(["-B", "-c", FORGE]).arg(script);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let made = String::from_utf8(output.stdout).unwrap();
    let cases: Vec<Case> = made
        .lines()
        .map(|line| {
            let (name, bytes) = line.split_once('\t').unwrap();
            case(What::Sealed, name, STANDARD.decode(bytes).unwrap(), name.starts_with("good"))
        })
        .collect();
    assert_eq!(cases.len(), 12);
    judge(&cases);
}
