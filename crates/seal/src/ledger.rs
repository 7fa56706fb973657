//! The ledger's chain: hashes of records, a tree over them, and signed checkpoints.
//!
//! Lines of an export come in, one after the other; the first that does not fit goes out. What records
//! say is not looked at, only that each is a line of two canonical texts with the fields of
//! `docs/ledger-format.md`, of which the first binds the second by its hash. The chain goes from record to record, the tree (RFC 6962, 2.1)
//! over all of them from the first, a checkpoint signs the tree's root, and the key stands in the first
//! record, so that a changed, missing, added or moved record, checkpoint or key is found.
//!
//! What is not found: that the whole ledger was made anew with another key, unless the verifier is told
//! the fingerprint ([`Verifier::new`]), and that an export is an older one.

use aws_lc_rs::digest::{self, SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::keys::{Fingerprint, KeyError, PublicKey, SecretKey};
use crate::line::{LINE_BYTES as LONGEST, Record, Statement};
use crate::sign::{Digest, Signature, SignatureError};

/// A SHA-256.
pub type Hash = [u8; 32];

/// The hash before the first record, and the checkpoint before the first.
pub const NOTHING: Hash = [0; 32];

/// The longest line of an export with the line feed that ends it, in bytes.
pub const LINE_BYTES: usize = LONGEST;

/// Parts that together are not longer are put side by side to be hashed.
const JOINED: usize = 768;

fn hash(parts: &[&[u8]]) -> Hash {
    let digest = match parts {
        [part] => digest::digest(&SHA256, part),
        parts => digest_of(parts),
    };
    let mut hash = NOTHING;
    hash.copy_from_slice(digest.as_ref());
    hash
}

/// The same of several parts. What is short is put side by side: a hash of one piece takes no preparation.
fn digest_of(parts: &[&[u8]]) -> digest::Digest {
    let mut joined = [0; JOINED];
    let length: usize = parts.iter().map(|part| part.len()).sum();
    if let Some(joined) = joined.get_mut(..length) {
        let mut rest = &mut *joined;
        for part in parts {
            let (place, after) = rest.split_at_mut(part.len());
            place.copy_from_slice(part);
            rest = after;
        }
        return digest::digest(&SHA256, joined);
    }
    let mut context = digest::Context::new(&SHA256);
    parts.iter().for_each(|part| context.update(part));
    context.finish()
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

/// Whether a text is the lower-case hexadecimal digits of a hash.
fn is_hex_of(text: &[u8], hash: &Hash) -> bool {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let (pairs, rest) = text.as_chunks::<2>();
    rest.is_empty()
        && pairs.len() == hash.len()
        && pairs.iter().zip(hash).all(|(pair, byte)| {
            *pair == [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]
        })
}

/// The tree over the records, as much of it as is needed to go on: the roots of its full subtrees, the
/// largest first, as many as the size has binary ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    frontier: Vec<Hash>,
}

impl Tree {
    /// The tree of a size, of what [`to_bytes`](Self::to_bytes) gave.
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Option<Self> {
        let (hashes, rest) = bytes.as_chunks::<32>();
        let fits = rest.is_empty() && hashes.len() == size.count_ones() as usize;
        fits.then(|| Self { size, frontier: hashes.to_vec() })
    }

    /// The bytes to go on from.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.frontier.concat()
    }

    /// How many records it covers.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds the hash of the next record.
    pub fn push(&mut self, mut leaf: Hash) {
        let mut full = self.size;
        while full & 1 == 1 {
            let Some(left) = self.frontier.pop() else { break };
            leaf = hash(&[&[1], &left, &leaf]);
            full >>= 1;
        }
        self.frontier.push(leaf);
        self.size += 1;
    }

    /// The root; of nothing, the hash of nothing.
    pub fn root(&self) -> Hash {
        let mut from_right = self.frontier.iter().rev();
        let Some(last) = from_right.next() else { return hash(&[]) };
        from_right.fold(*last, |right, left| hash(&[&[1], left, &right]))
    }
}

/// A statement about the ledger at a size, to be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Its number, from 0.
    pub number: u64,
    /// When it was made: UTC, to the second.
    pub at: String,
    /// Why: a code such as `hour` or `export`.
    pub reason: String,
    /// How many records it covers.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Hash,
    /// The hash of the checkpoint before, [`NOTHING`] for the first.
    pub previous: Hash,
}

impl Checkpoint {
    /// The canonical text that is signed.
    pub fn to_text(&self, key: Fingerprint) -> String {
        format!(
            "{{\"at\":\"{}\",\"key\":\"{}\",\"number\":{},\"previous\":\"{}\",\"reason\":\"{}\",\"root\":\"{}\",\"size\":{}}}",
            self.at,
            hex(&key.0),
            self.number,
            hex(&self.previous),
            self.reason,
            hex(&self.root),
            self.size,
        )
    }

    /// The line, signed.
    pub fn sign(&self, secret: &SecretKey) -> Result<String, SignatureError> {
        sign("checkpoint", &self.to_text(secret.public()?.fingerprint()), secret)
    }

    /// What the next checkpoint names as the one before it: the hash of the signed text of a line.
    pub fn hash_of_line(line: &str) -> Option<Hash> {
        Statement::read("checkpoint", line).map(|read| hash(&[read.text.as_bytes()]))
    }
}

/// The last line of an export: how many records and checkpoints stand before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// When the export was made: UTC, to the second.
    pub at: String,
    /// How many checkpoints it has.
    pub checkpoints: u64,
    /// How many records it has.
    pub records: u64,
    /// The hash of the last record.
    pub tip: Hash,
}

impl End {
    fn to_text(&self, key: Fingerprint) -> String {
        format!(
            "{{\"at\":\"{}\",\"checkpoints\":{},\"key\":\"{}\",\"records\":{},\"tip\":\"{}\"}}",
            self.at,
            self.checkpoints,
            hex(&key.0),
            self.records,
            hex(&self.tip),
        )
    }

    /// The line, signed.
    pub fn sign(&self, secret: &SecretKey) -> Result<String, SignatureError> {
        sign("end", &self.to_text(secret.public()?.fingerprint()), secret)
    }
}

fn sign(what: &str, text: &str, secret: &SecretKey) -> Result<String, SignatureError> {
    let signature = Signature::new(secret, &Digest::of(text.as_bytes()))?;
    let signature = STANDARD.encode(signature.to_bytes());
    Ok(format!("{{\"{what}\":{text},\"signature\":\"{signature}\"}}"))
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is neither record nor checkpoint nor end, or has another form or other fields.
    #[error("it is no line of a ledger, or is not written as the format of ledgers tells")]
    Shape,
    /// It is not text.
    #[error("it is not UTF-8")]
    Encoding,
    /// No line feed ends it.
    #[error("it is cut off, or longer than {LINE_BYTES} bytes")]
    Cut,
    /// The number is another than the next.
    #[error("its number is not {0}: a record is missing, added or moved")]
    Number(u64),
    /// It does not hold the hash of the record before.
    #[error("it does not follow from the record before: one of the two was changed")]
    Chain,
    /// Its content is another than its hash says.
    #[error("its content was changed")]
    Content,
    /// The first record does not name the key.
    #[error("the first record does not name the key of the ledger")]
    NoKey,
    /// The key is not the one that was asked for.
    #[error("the ledger's key is {found}, not {expected}")]
    OtherKey {
        /// The key of the first record.
        found: Fingerprint,
        /// The key that was asked for.
        expected: Fingerprint,
    },
    /// A statement says something else than the records before it.
    #[error("it says something else than the lines before it: one of them was changed, or it was")]
    Statement,
    /// The signature is not good.
    #[error("its signature is not good: {0}")]
    Signature(SignatureError),
    /// Records were left without a checkpoint.
    #[error("the records before it are not all covered by a checkpoint")]
    Uncovered,
    /// Something follows the end.
    #[error("it stands after the end")]
    AfterEnd,
    /// There is no end.
    #[error("the end is missing: the export was cut off")]
    NoEnd,
    /// There is no record.
    #[error("there is no record")]
    Empty,
}

/// The first thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The line, from 1.
    pub line: u64,
    /// The number of the record that was expected there.
    pub record: u64,
    /// What is wrong.
    pub fault: Fault,
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {} (record {}): {}", self.line, self.record, self.fault)
    }
}

impl std::error::Error for Broken {}

/// A ledger that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many records there are.
    pub records: u64,
    /// How many checkpoints.
    pub checkpoints: u64,
    /// How many of the records a checkpoint covers.
    pub covered: u64,
    /// Whose signatures they are.
    pub key: Fingerprint,
    /// The root of the tree over all records.
    pub root: Hash,
}

/// Verifies a ledger line by line.
#[derive(Debug)]
pub struct Verifier {
    expected: Option<Fingerprint>,
    key: Option<(PublicKey, Fingerprint)>,
    tree: Tree,
    prev: Hash,
    checkpoints: u64,
    last: Hash,
    covered: u64,
    lines: u64,
    ended: bool,
}

impl Verifier {
    /// A verifier; if a fingerprint is given, only of a ledger whose key it is.
    pub fn new(expected: Option<Fingerprint>) -> Self {
        Self {
            expected,
            key: None,
            tree: Tree::default(),
            prev: NOTHING,
            checkpoints: 0,
            last: NOTHING,
            covered: 0,
            lines: 0,
            ended: false,
        }
    }

    /// The tree over the records so far.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Takes the next line, without the end of the line.
    pub fn line(&mut self, line: &str) -> Result<(), Broken> {
        self.next(|verifier| verifier.take(line))
    }

    /// Takes the next line of an export as it was read: up to a line feed, or up to [`LINE_BYTES`].
    /// Its text goes out without the line feed.
    pub fn line_as_read<'l>(&mut self, line: &'l [u8]) -> Result<&'l str, Broken> {
        self.next(|verifier| {
            let line = line.strip_suffix(b"\n").ok_or(Fault::Cut)?;
            let line = std::str::from_utf8(line).map_err(|_| Fault::Encoding)?;
            verifier.take(line).map(|()| line)
        })
    }

    fn next<T>(&mut self, take: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Broken> {
        self.lines += 1;
        let record = self.tree.size;
        let taken = if self.ended { Err(Fault::AfterEnd) } else { take(self) };
        taken.map_err(|fault| Broken { line: self.lines, record, fault })
    }

    fn take(&mut self, line: &str) -> Result<(), Fault> {
        match line.as_bytes().get(2) {
            Some(b'a') => self.record(line),
            Some(b'c') => self.checkpoint(line),
            Some(b'e') => self.end(line),
            _ => Err(Fault::Shape),
        }
    }

    fn record(&mut self, line: &str) -> Result<(), Fault> {
        let record = Record::read(line).ok_or(Fault::Shape)?;
        let seq = self.tree.size;
        if record.seq != seq {
            return Err(Fault::Number(seq));
        }
        if !is_hex_of(record.prev, &self.prev) {
            return Err(Fault::Chain);
        }
        if !is_hex_of(record.content_hash, &hash(&[record.content])) {
            return Err(Fault::Content);
        }
        if seq == 0 {
            self.begin(&record)?;
        }
        self.prev = hash(&[&[0], record.about]);
        self.tree.push(self.prev);
        Ok(())
    }

    /// The first record names the key.
    fn begin(&mut self, record: &Record<'_>) -> Result<(), Fault> {
        let bytes = record.key().and_then(|key| STANDARD.decode(key).ok()).ok_or(Fault::NoKey)?;
        let key = PublicKey::from_bytes(&bytes).map_err(|_: KeyError| Fault::NoKey)?;
        let found = key.fingerprint();
        if let Some(expected) = self.expected.filter(|expected| *expected != found) {
            return Err(Fault::OtherKey { found, expected });
        }
        self.key = Some((key, found));
        Ok(())
    }

    /// Whether a line is this statement, signed by the ledger's key.
    fn holds(
        &self,
        what: &str,
        line: &str,
        statement: impl FnOnce(&Statement<'_>, Fingerprint) -> Option<String>,
    ) -> Result<Hash, Fault> {
        let said = Statement::read(what, line).ok_or(Fault::Shape)?;
        let (key, fingerprint) = self.key.as_ref().ok_or(Fault::NoKey)?;
        if statement(&said, *fingerprint).is_none_or(|expected| expected != said.text) {
            return Err(Fault::Statement);
        }
        let bytes = STANDARD.decode(said.signature).map_err(|_| Fault::Shape)?;
        let signature = Signature::from_bytes(&bytes).map_err(Fault::Signature)?;
        signature.verify(key, &Digest::of(said.text.as_bytes())).map_err(Fault::Signature)?;
        Ok(hash(&[said.text.as_bytes()]))
    }

    fn checkpoint(&mut self, line: &str) -> Result<(), Fault> {
        let hash = self.holds("checkpoint", line, |said, key| {
            let checkpoint = Checkpoint {
                number: self.checkpoints,
                at: said.at()?.to_owned(),
                reason: said.reason()?.to_owned(),
                size: self.tree.size,
                root: self.tree.root(),
                previous: self.last,
            };
            Some(checkpoint.to_text(key))
        })?;
        self.last = hash;
        self.checkpoints += 1;
        self.covered = self.tree.size;
        Ok(())
    }

    fn end(&mut self, line: &str) -> Result<(), Fault> {
        self.holds("end", line, |said, key| {
            let end = End {
                at: said.at()?.to_owned(),
                checkpoints: self.checkpoints,
                records: self.tree.size,
                tip: self.prev,
            };
            Some(end.to_text(key))
        })?;
        if self.covered != self.tree.size {
            return Err(Fault::Uncovered);
        }
        self.ended = true;
        Ok(())
    }

    /// What was verified of a ledger that goes on; records that no checkpoint covers yet are chained,
    /// but not signed.
    pub fn so_far(&self) -> Result<Verified, Broken> {
        let broken = |fault| Broken { line: self.lines + 1, record: self.tree.size, fault };
        let (_, key) = self.key.as_ref().ok_or_else(|| broken(Fault::Empty))?;
        Ok(Verified {
            records: self.tree.size,
            checkpoints: self.checkpoints,
            covered: self.covered,
            key: *key,
            root: self.tree.root(),
        })
    }

    /// What was verified of an export, which must have its end.
    pub fn finish(self) -> Result<Verified, Broken> {
        let verified = self.so_far()?;
        if self.ended {
            return Ok(verified);
        }
        Err(Broken { line: self.lines + 1, record: self.tree.size, fault: Fault::NoEnd })
    }
}

/// A public key as the first record holds it.
pub fn key_text(key: &PublicKey) -> String {
    STANDARD.encode(key.to_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parts_are_hashed_as_the_whole_of_them() {
        for length in [0, 1, 100, JOINED - 1, JOINED, JOINED + 1, 3 * JOINED] {
            let bytes = vec![7; length];
            let whole = [&[1], bytes.as_slice(), &[2]].concat();
            assert_eq!(hash(&[&[1], &bytes, &[2]]), hash(&[&whole]), "{length}");
        }
    }

    fn secret() -> SecretKey {
        SecretKey::new([7; 96])
    }

    /// A ledger of records with these contents; a checkpoint stands after each number of records.
    fn ledger(secret: &SecretKey, contents: &[&str], checkpoints: &[u64]) -> Vec<String> {
        let key = key_text(&secret.public().unwrap());
        let first = format!("{{\"centre\":\"Tỉnh Minh Họa\",\"format\":1,\"key\":\"{key}\"}}");
        let (mut prev, mut tree, mut last, mut number) = (NOTHING, Tree::default(), NOTHING, 0);
        let mut lines = Vec::new();
        let at = "2026-10-15T01:00:00Z".to_owned();
        for (seq, content) in [first.as_str()].iter().chain(contents).enumerate() {
            let about = format!(
                "{{\"at\":\"{at}\",\"by\":\"khien\",\"content_hash\":\"{}\",\"from\":\"decision\",\"how\":\"measured\",\"prev\":\"{}\",\"recorded\":\"{at}\",\"ref\":\"\",\"schema\":1,\"seq\":{seq},\"subject\":\"\",\"type\":\"{}\"}}",
                hex(&hash(&[content.as_bytes()])),
                hex(&prev),
                if seq == 0 { "ledger.began" } else { "audit.sealed" },
            );
            prev = hash(&[&[0], about.as_bytes()]);
            tree.push(prev);
            lines.push(format!("{{\"about\":{about},\"content\":{content}}}"));
            if checkpoints.contains(&tree.size()) {
                let checkpoint = Checkpoint {
                    number,
                    at: at.clone(),
                    reason: "hour".into(),
                    size: tree.size(),
                    root: tree.root(),
                    previous: last,
                };
                let line = checkpoint.sign(secret).unwrap();
                last = Checkpoint::hash_of_line(&line).unwrap();
                number += 1;
                lines.push(line);
            }
        }
        let end = End { at, checkpoints: number, records: tree.size(), tip: prev };
        lines.push(end.sign(secret).unwrap());
        lines
    }

    fn small() -> Vec<String> {
        ledger(&secret(), &["{\"n\":1}", "{\"n\":2}", "{\"n\":3}"], &[2, 4])
    }

    fn verify(lines: &[String]) -> Result<Verified, Broken> {
        let mut verifier = Verifier::new(None);
        lines.iter().try_for_each(|line| verifier.line(line))?;
        verifier.finish()
    }

    #[test]
    fn a_ledger_that_was_not_touched_holds() {
        let verified = verify(&small()).unwrap();
        assert_eq!((verified.records, verified.checkpoints, verified.covered), (4, 2, 4));
        assert_eq!(verified.key, secret().public().unwrap().fingerprint());
    }

    #[test]
    fn what_is_missing_added_or_moved_is_found() {
        let good = small();
        for place in 0..good.len() {
            let mut less = good.clone();
            less.remove(place);
            assert!(verify(&less).is_err(), "without line {place}");
            let mut twice = good.clone();
            twice.insert(place, good[place].clone());
            assert!(verify(&twice).is_err(), "line {place} twice");
            let tail = good[..place].to_vec();
            assert!(verify(&tail).is_err(), "cut after {place} lines");
            for other in 0..place {
                let mut moved = good.clone();
                moved.swap(place, other);
                assert!(verify(&moved).is_err(), "lines {place} and {other}");
            }
        }
        assert_eq!(verify(&good[..6]).unwrap_err().fault, Fault::NoEnd);
        assert_eq!(verify(&[]).unwrap_err().fault, Fault::Empty);
        let mut missing = good.clone();
        missing.remove(1);
        let broken = verify(&missing).unwrap_err();
        // The checkpoint of two records comes after one.
        assert_eq!((broken.line, broken.record, broken.fault), (2, 1, Fault::Statement));
    }

    #[test]
    fn another_key_is_found() {
        let good = small();
        let other =
            ledger(&SecretKey::new([8; 96]), &["{\"n\":1}", "{\"n\":2}", "{\"n\":3}"], &[2, 4]);
        let mut swapped = good.clone();
        swapped[0] = other[0].clone();
        assert!(verify(&swapped).is_err());
        let mut signed = good.clone();
        for place in [2, 5, 6] {
            signed[place] = other[place].clone();
        }
        assert!(verify(&signed).is_err());
        // A ledger that was made anew as a whole is told by the fingerprint alone.
        let expected = secret().public().unwrap().fingerprint();
        let found = Verifier::new(Some(expected)).line(&other[0]).unwrap_err();
        assert!(matches!(found.fault, Fault::OtherKey { .. }));
    }

    #[test]
    fn records_without_a_checkpoint_do_not_end_an_export() {
        let lines = ledger(&secret(), &["{\"n\":1}", "{\"n\":2}"], &[2]);
        assert_eq!(verify(&lines).unwrap_err().fault, Fault::Uncovered);
    }

    #[test]
    fn a_changed_byte_of_a_record_is_found_wherever_it_is() {
        let good = small();
        let bare = |line: &String| line.contains("\"n\":");
        for (place, line) in good.iter().enumerate().filter(|(_, line)| bare(line)) {
            for at in 0..line.len() {
                let mut bytes = line.clone().into_bytes();
                bytes[at] ^= 1;
                let Ok(changed) = String::from_utf8(bytes) else { continue };
                let mut lines = good.clone();
                lines[place] = changed;
                assert!(verify(&lines).is_err(), "line {place}, byte {at}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_changed_byte_is_found_wherever_it_is(place in any::<prop::sample::Index>(), bit in 0..7_u8) {
            let mut bytes = small().join("\n").into_bytes();
            let place = place.index(bytes.len());
            bytes[place] ^= 1 << bit;
            if let Ok(text) = String::from_utf8(bytes) {
                let lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
                prop_assert!(verify(&lines).is_err());
            }
        }

        #[test]
        fn a_tree_goes_on_from_its_bytes(size in 0_u64..200, more in 0_u64..20) {
            let leaf = |number: u64| hash(&[&number.to_be_bytes()]);
            let mut whole = Tree::default();
            (0..size).for_each(|number| whole.push(leaf(number)));
            let mut again = Tree::from_bytes(size, &whole.to_bytes()).unwrap();
            for number in size..size + more {
                whole.push(leaf(number));
                again.push(leaf(number));
            }
            prop_assert_eq!(again, whole);
        }
    }

    /// Roots of the reference implementation of Certificate Transparency (RFC 6962) over its eight
    /// inputs, after each of them.
    #[test]
    fn roots_are_those_of_certificate_transparency() {
        let inputs: [&[u8]; 8] = [
            b"",
            b"\x00",
            b"\x10",
            b"\x20\x21",
            b"\x30\x31",
            b"\x40\x41\x42\x43",
            b"\x50\x51\x52\x53\x54\x55\x56\x57",
            b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
        ];
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let mut tree = Tree::default();
        for (input, root) in inputs.into_iter().zip(roots) {
            tree.push(hash(&[&[0], input]));
            assert_eq!(hex(&tree.root()), root);
        }
    }
}
