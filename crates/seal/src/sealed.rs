//! Sealed files: a header for every recipient, then the contents in chunks.
//!
//! A chunk is only handed on when its tag is right, and nothing after a wrong one; whoever writes a
//! file keeps it aside until [`open`] has answered, so that a cut or changed file yields nothing.
//! Memory is a chunk, however long the contents. `docs/sealed-format.md` tells the bytes.

use std::io::{self, Read, Write};

use aws_lc_rs::aead::{
    AES_256_GCM, Aad, Algorithm, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey,
};
use aws_lc_rs::{digest, hkdf, hmac};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::rand_core::{self, CryptoRng, RngCore};
use hpke::{
    Deserializable as _, OpModeR, OpModeS, Serializable as _, single_shot_open, single_shot_seal,
};
use sha3::Shake256;
use sha3::digest::core_api::XofReaderCoreWrapper;
use sha3::digest::{ExtendableOutput as _, Update as _, XofReader};
use zeroize::Zeroizing;

use crate::armour;
use crate::keys::{Fingerprint, KeyError, PublicKey, SecretKey};
use crate::x_wing::{self, Sent, XWing};

/// What a sealed file is called as a text.
const KIND: &str = "KHIEN SEALED FILE";
/// The first bytes of a sealed file.
const MAGIC: [u8; 8] = *b"KHIENSL1";
/// Bytes of contents in a chunk.
const CHUNK: usize = 64 << 10;
/// Bytes of a tag.
const TAG: usize = 16;
/// Bytes of the wrapped file key.
const WRAPPED: usize = 32 + TAG;
/// Bytes of a recipient.
const RECIPIENT: usize = 32 + x_wing::SENT + WRAPPED;
/// Bytes before the recipients.
const HEAD: usize = MAGIC.len() + 1 + 2;
const WRAP_INFO: &[u8] = b"khien sealed file v1\0";
/// The most recipients of a file.
pub const MAX_RECIPIENTS: usize = 1000;

/// What contents are sealed with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cipher {
    /// AES-256-GCM (NIST SP 800-38D): the faster one where the processor helps.
    #[default]
    Aes256Gcm,
    /// ChaCha20-Poly1305 (RFC 8439).
    ChaCha20Poly1305,
}

impl Cipher {
    const fn number(self) -> u8 {
        match self {
            Self::Aes256Gcm => 1,
            Self::ChaCha20Poly1305 => 2,
        }
    }

    const fn of(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Aes256Gcm),
            2 => Some(Self::ChaCha20Poly1305),
            _ => None,
        }
    }

    fn algorithm(self) -> &'static Algorithm {
        match self {
            Self::Aes256Gcm => &AES_256_GCM,
            Self::ChaCha20Poly1305 => &CHACHA20_POLY1305,
        }
    }
}

/// What a sealed file looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// Bytes.
    #[default]
    Binary,
    /// A text that survives mail, a third longer.
    Armoured,
}

/// Why nothing was sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// Nobody could open it, or too many.
    #[error("a file is sealed to 1 to {MAX_RECIPIENTS} recipients, not {0}")]
    Recipients(usize),
    /// A recipient's key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// An algorithm failed.
    #[error("sealing failed ({0})")]
    Failed(&'static str),
}

/// Why nothing was opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It is something else.
    #[error(
        "this is no sealed file: it begins neither with «KHIENSL1» nor with «-----BEGIN KHIEN SEALED FILE-----»"
    )]
    NotSealed,
    /// A later program made it.
    #[error("the file was sealed with a cipher that this version does not know ({0})")]
    Cipher(u8),
    /// The key is none of the recipients'.
    #[error(
        "the file is not sealed to the key {0}; ask whoever sealed it to seal it to this key too"
    )]
    NotForYou(Fingerprint),
    /// The header was changed.
    #[error("the head of the file was changed or is damaged")]
    Header,
    /// The contents were changed, reordered or cut.
    #[error("the file was changed, reordered or cut at chunk {0}; nothing of it can be trusted")]
    Contents(u64),
    /// The key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Seals contents to recipients. `random` is drawn for this file alone and kept nowhere: all that is
/// random in the file follows from it. Answers the bytes of the contents.
pub fn seal(
    contents: &mut dyn Read,
    out: &mut dyn Write,
    recipients: &[PublicKey],
    cipher: Cipher,
    form: Form,
    random: &[u8; 32],
) -> Result<u64, SealError> {
    if form == Form::Binary {
        return seal_bytes(contents, out, recipients, cipher, random);
    }
    let mut text = armour::Writer::new(KIND, out)?;
    let length = seal_bytes(contents, &mut text, recipients, cipher, random)?;
    text.finish()?;
    Ok(length)
}

fn seal_bytes(
    contents: &mut dyn Read,
    out: &mut dyn Write,
    recipients: &[PublicKey],
    cipher: Cipher,
    random: &[u8; 32],
) -> Result<u64, SealError> {
    if recipients.is_empty() || recipients.len() > MAX_RECIPIENTS {
        return Err(SealError::Recipients(recipients.len()));
    }
    let mut drawn = Drawn::of(random);
    let mut file_key = Zeroizing::new([0; 32]);
    drawn.fill_bytes(&mut *file_key);
    let mut header = MAGIC.to_vec();
    header.push(cipher.number());
    header.extend_from_slice(&(recipients.len() as u16).to_be_bytes());
    for recipient in recipients {
        let fingerprint = recipient.fingerprint();
        let (sent, wrapped) = single_shot_seal::<ChaCha20Poly1305, HkdfSha256, XWing, _>(
            &OpModeS::Base,
            &recipient.x_wing()?,
            &[WRAP_INFO, &fingerprint.0].concat(),
            &*file_key,
            b"",
            &mut drawn,
        )
        .map_err(|_| SealError::Failed("HPKE"))?;
        header.extend_from_slice(&fingerprint.0);
        header.extend_from_slice(&sent.to_bytes());
        header.extend_from_slice(&wrapped);
    }
    let tag = hmac::sign(&header_key(&*file_key), &header);
    out.write_all(&header)?;
    out.write_all(tag.as_ref())?;
    let key = payload_key(&*file_key, &header, cipher).ok_or(SealError::Failed("payload key"))?;
    let (mut total, mut number) = (0, 0);
    let mut chunk = read_chunk(contents)?;
    loop {
        // A full chunk is the last one if nothing comes after it.
        let next = if chunk.len() == CHUNK { read_chunk(contents)? } else { Vec::new() };
        let is_last = next.is_empty();
        total += chunk.len() as u64;
        key.seal_in_place_append_tag(nonce(number, is_last), Aad::empty(), &mut chunk)
            .map_err(|_| SealError::Failed("AEAD"))?;
        out.write_all(&chunk)?;
        if is_last {
            return Ok(total);
        }
        (chunk, number) = (next, number + 1);
    }
}

/// Opens a sealed file of either form. What is written before an error must not be used. Answers the
/// bytes of the contents.
pub fn open(
    sealed: &mut dyn Read,
    out: &mut dyn Write,
    secret: &SecretKey,
) -> Result<u64, OpenError> {
    let first = read_up_to(sealed, armour::first_line(KIND).len())?;
    let is_text = first == armour::first_line(KIND).as_bytes();
    let mut whole = first.as_slice().chain(sealed);
    if is_text {
        open_bytes(&mut armour::Reader::new(KIND, whole), out, secret)
    } else {
        open_bytes(&mut whole, out, secret)
    }
}

fn open_bytes(
    sealed: &mut dyn Read,
    out: &mut dyn Write,
    secret: &SecretKey,
) -> Result<u64, OpenError> {
    let mut header = vec![0; HEAD];
    read_header(sealed, &mut header, OpenError::NotSealed)?;
    if !header.starts_with(&MAGIC) {
        return Err(OpenError::NotSealed);
    }
    let number = header.get(MAGIC.len()).copied().unwrap_or_default();
    let cipher = Cipher::of(number).ok_or(OpenError::Cipher(number))?;
    let count = header.get(HEAD - 2..).and_then(|two| two.try_into().ok()).map(u16::from_be_bytes);
    let count = usize::from(count.unwrap_or_default());
    if count == 0 || count > MAX_RECIPIENTS {
        return Err(OpenError::Header);
    }
    let mut recipients = vec![0; count * RECIPIENT];
    read_header(sealed, &mut recipients, OpenError::Header)?;
    header.extend_from_slice(&recipients);
    let mut tag = [0; 32];
    read_header(sealed, &mut tag, OpenError::Header)?;
    let own = secret.public()?.fingerprint();
    let mine = recipients.chunks(RECIPIENT).find(|recipient| recipient.starts_with(&own.0));
    let mine = mine.ok_or(OpenError::NotForYou(own))?;
    let file_key = unwrap(mine, secret, own)?;
    hmac::verify(&header_key(file_key.as_slice()), &header, &tag).map_err(|_| OpenError::Header)?;
    let key = payload_key(file_key.as_slice(), &header, cipher).ok_or(OpenError::Header)?;
    let (mut total, mut number) = (0, 0);
    let mut chunk = read_up_to(sealed, CHUNK + TAG)?;
    loop {
        let next =
            if chunk.len() == CHUNK + TAG { read_up_to(sealed, CHUNK + TAG)? } else { Vec::new() };
        let is_last = next.is_empty();
        let opened = key
            .open_in_place(nonce(number, is_last), Aad::empty(), &mut chunk)
            .map_err(|_| OpenError::Contents(number))?;
        // Only an empty file has an empty chunk.
        if opened.is_empty() && number > 0 {
            return Err(OpenError::Contents(number));
        }
        out.write_all(opened)?;
        total += opened.len() as u64;
        if is_last {
            return Ok(total);
        }
        (chunk, number) = (next, number + 1);
    }
}

/// The file key, as it was wrapped for a recipient.
fn unwrap(
    recipient: &[u8],
    secret: &SecretKey,
    own: Fingerprint,
) -> Result<Zeroizing<[u8; 32]>, OpenError> {
    let sent = recipient.get(32..32 + x_wing::SENT).unwrap_or_default();
    let wrapped = recipient.get(32 + x_wing::SENT..).unwrap_or_default();
    let sent = Sent::from_bytes(sent).map_err(|_| OpenError::Header)?;
    let opened = single_shot_open::<ChaCha20Poly1305, HkdfSha256, XWing>(
        &OpModeR::Base,
        &secret.x_wing()?,
        &sent,
        &[WRAP_INFO, &own.0].concat(),
        wrapped,
        b"",
    );
    let opened = Zeroizing::new(opened.map_err(|_| OpenError::Header)?);
    let mut file_key = Zeroizing::new([0; 32]);
    if opened.len() != file_key.len() {
        return Err(OpenError::Header);
    }
    file_key.copy_from_slice(&opened);
    Ok(file_key)
}

/// Random bytes without end, all from one drawing: SHAKE256 of it.
struct Drawn(XofReaderCoreWrapper<sha3::Shake256ReaderCore>);

impl Drawn {
    fn of(random: &[u8; 32]) -> Self {
        Self(Shake256::default().chain(b"khien seal v1\0").chain(random).finalize_xof())
    }
}

impl RngCore for Drawn {
    fn next_u32(&mut self) -> u32 {
        rand_core::impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        rand_core::impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, dest: &mut [u8]) {
        XofReader::read(&mut self.0, dest);
    }

    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), rand_core::Error> {
        XofReader::read(&mut self.0, dest);
        Ok(())
    }
}

impl CryptoRng for Drawn {}

struct Bytes(usize);

impl hkdf::KeyType for Bytes {
    fn len(&self) -> usize {
        self.0
    }
}

fn derive(salt: &[u8], file_key: &[u8], info: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(file_key);
    let info = [info];
    // 32 bytes are within what HKDF gives, so that neither step fails; a key of zeros opens nothing.
    if let Ok(okm) = extracted.expand(&info, Bytes(32)) {
        let _ = okm.fill(key.as_mut_slice());
    }
    key
}

fn header_key(file_key: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, derive(b"", file_key, b"khien header v1").as_slice())
}

fn payload_key(file_key: &[u8], header: &[u8], cipher: Cipher) -> Option<LessSafeKey> {
    let salt = digest::digest(&digest::SHA256, header);
    let key = derive(salt.as_ref(), file_key, b"khien contents v1");
    UnboundKey::new(cipher.algorithm(), key.as_slice()).ok().map(LessSafeKey::new)
}

/// The nonce of a chunk: its number, and whether it is the last.
fn nonce(number: u64, is_last: bool) -> Nonce {
    let mut nonce = [0; 12];
    nonce[3..11].copy_from_slice(&number.to_be_bytes());
    nonce[11] = u8::from(is_last);
    Nonce::assume_unique_for_key(nonce)
}

fn read_chunk(contents: &mut dyn Read) -> io::Result<Vec<u8>> {
    read_up_to(contents, CHUNK)
}

fn read_up_to(from: &mut dyn Read, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(most + TAG);
    from.take(most as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn read_header(from: &mut dyn Read, bytes: &mut [u8], short: OpenError) -> Result<(), OpenError> {
    match from.read_exact(bytes) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(short),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SEALED_CHUNK: usize = CHUNK + TAG;

    fn key(seed: u8) -> SecretKey {
        SecretKey::new([seed; 96])
    }

    fn sealed_as(contents: &[u8], to: &[&SecretKey], cipher: Cipher, form: Form) -> Vec<u8> {
        let recipients: Vec<PublicKey> = to.iter().map(|key| key.public().unwrap()).collect();
        let mut out = Vec::new();
        let length = seal(&mut &*contents, &mut out, &recipients, cipher, form, &[9; 32]).unwrap();
        assert_eq!(length, contents.len() as u64);
        out
    }

    fn sealed(contents: &[u8], to: &[&SecretKey]) -> Vec<u8> {
        sealed_as(contents, to, Cipher::default(), Form::Binary)
    }

    fn opened(sealed: &[u8], by: &SecretKey) -> Result<Vec<u8>, OpenError> {
        let mut out = Vec::new();
        let length = open(&mut &*sealed, &mut out, by)?;
        assert_eq!(length, out.len() as u64);
        Ok(out)
    }

    #[test]
    fn every_recipient_opens_and_nobody_else() {
        for cipher in [Cipher::Aes256Gcm, Cipher::ChaCha20Poly1305] {
            for form in [Form::Binary, Form::Armoured] {
                for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
                    let contents: Vec<u8> = (0..length).map(|at| at as u8).collect();
                    let file = sealed_as(&contents, &[&key(1), &key(2)], cipher, form);
                    assert_eq!(opened(&file, &key(1)).unwrap(), contents);
                    assert_eq!(opened(&file, &key(2)).unwrap(), contents);
                    assert!(matches!(opened(&file, &key(3)), Err(OpenError::NotForYou(_))));
                }
            }
        }
    }

    #[test]
    fn every_flipped_bit_is_seen() {
        let (one, two) = (key(1), key(2));
        let whole = sealed(b"noi dung", &[&one, &two]);
        let mut file = whole.clone();
        for at in 0..file.len() {
            let bit = 1 << (at % 8);
            file[at] ^= bit;
            assert!(opened(&file, &one).is_err(), "{at}");
            file[at] ^= bit;
        }
        assert_eq!(file, whole);
        assert!(opened(&file, &two).is_ok());
    }

    #[test]
    fn every_cut_is_seen() {
        let one = key(1);
        let small = sealed(b"noi dung", &[&one]);
        for length in 0..small.len() {
            assert!(opened(&small[..length], &one).is_err(), "{length}");
        }
        // At every border of chunks, and a byte before and behind it.
        for last in [CHUNK, 100] {
            let large = sealed(&vec![5; 3 * CHUNK + last], &[&one]);
            let head = large.len() - 3 * SEALED_CHUNK - last - TAG;
            for chunk in 0..4 {
                let border = head + chunk * SEALED_CHUNK;
                for length in [border - 1, border, border + 1, border + TAG] {
                    let error = opened(&large[..length], &one).unwrap_err();
                    let header = matches!(error, OpenError::Header) && length < head;
                    assert!(header || matches!(error, OpenError::Contents(_)), "{length} {error}");
                }
            }
            let error = opened(&large[..large.len() - 1], &one).unwrap_err();
            assert!(matches!(error, OpenError::Contents(3)), "{error}");
        }
        let text = sealed_as(b"noi dung", &[&one], Cipher::default(), Form::Armoured);
        for length in 0..text.len() - 1 {
            assert!(opened(&text[..length], &one).is_err(), "{length}");
        }
    }

    #[test]
    fn chunks_have_their_places() {
        let one = key(1);
        let contents: Vec<u8> = (0..4 * CHUNK).map(|at| (at / CHUNK) as u8).collect();
        let file = sealed(&contents, &[&one]);
        let (head, chunks) = file.split_at(file.len() - 4 * SEALED_CHUNK);
        let chunks: Vec<&[u8]> = chunks.chunks(SEALED_CHUNK).collect();
        let with = |order: &[usize]| {
            let chosen: Vec<&[u8]> = order.iter().map(|at| chunks[*at]).collect();
            opened(&[head, &chosen.concat()].concat(), &one)
        };
        assert_eq!(with(&[0, 1, 2, 3]).unwrap(), contents);
        for (order, wrong) in [
            (vec![1, 0, 2, 3], 0),
            (vec![0, 2, 1, 3], 1),
            (vec![0, 1, 3, 2], 2),
            (vec![0, 0, 1, 2, 3], 1),
            (vec![0, 1, 2, 2, 3], 3),
            (vec![0, 1, 2, 3, 3], 3),
            (vec![0, 2, 3], 1),
            (vec![3], 0),
            (vec![0, 1, 2, 3, 0, 1, 2, 3], 3),
        ] {
            let error = with(&order).unwrap_err();
            assert!(matches!(error, OpenError::Contents(at) if at == wrong), "{order:?} {error}");
        }
        // A chunk of another file to the same key, at its own place.
        let other = sealed_as(&contents, &[&one], Cipher::ChaCha20Poly1305, Form::Binary);
        let mut mixed = file.clone();
        mixed[head.len()..head.len() + SEALED_CHUNK]
            .copy_from_slice(&other[head.len()..head.len() + SEALED_CHUNK]);
        assert!(matches!(opened(&mixed, &one), Err(OpenError::Contents(0))));
    }

    #[test]
    fn nothing_may_follow() {
        let one = key(1);
        for length in [0, 8, CHUNK] {
            let file = sealed(&vec![5; length], &[&one]);
            for more in [&b"x"[..], &[0; TAG], &file] {
                let error = opened(&[&file, more].concat(), &one).unwrap_err();
                assert!(matches!(error, OpenError::Contents(0)), "{error}");
            }
        }
        let text = sealed_as(b"noi dung", &[&one], Cipher::default(), Form::Armoured);
        assert!(opened(&[&text[..], b"x"].concat(), &one).is_err());
    }

    #[test]
    fn contents_are_cut_in_one_way_alone() {
        // Whoever has the file key could end a file with an empty chunk; no program does.
        let one = key(1);
        let file = sealed(&vec![5; CHUNK], &[&one]);
        let (head, _) = file.split_at(file.len() - SEALED_CHUNK);
        let mut file_key = [0; 32];
        super::RngCore::fill_bytes(&mut Drawn::of(&[9; 32]), &mut file_key);
        let header = &head[..head.len() - 32];
        let key = payload_key(&file_key, header, Cipher::default()).unwrap();
        let chunk = |number, is_last, mut contents: Vec<u8>| {
            let nonce = nonce(number, is_last);
            key.seal_in_place_append_tag(nonce, Aad::empty(), &mut contents).unwrap();
            contents
        };
        let full = vec![5; CHUNK];
        assert_eq!([head, &chunk(0, true, full.clone())].concat(), file);
        let other = [head, &chunk(0, false, full), &chunk(1, true, vec![])].concat();
        assert!(matches!(opened(&other, &one), Err(OpenError::Contents(1))));
    }

    #[test]
    fn what_is_no_sealed_file_is_told() {
        for other in [&b""[..], b"KHIEN", b"-----BEGIN PGP MESSAGE-----\n", &[0; 5000]] {
            let error = opened(other, &key(1)).unwrap_err();
            assert!(matches!(error, OpenError::NotSealed), "{error}");
        }
        let file = sealed(b"noi dung", &[&key(1)]);
        let changed = |at: usize, bytes: &[u8]| {
            let mut file = file.clone();
            file[at..at + bytes.len()].copy_from_slice(bytes);
            opened(&file, &key(1)).unwrap_err()
        };
        assert!(matches!(changed(8, &[3]), OpenError::Cipher(3)));
        assert!(matches!(changed(9, &[0, 0]), OpenError::Header));
        assert!(matches!(changed(9, &[0xff, 0xff]), OpenError::Header));
        assert!(matches!(changed(file.len() - 9, &[0]), OpenError::Contents(0)));
    }

    #[test]
    fn recipients_are_counted() {
        let public = key(1).public().unwrap();
        for count in [0, MAX_RECIPIENTS + 1] {
            let (mut out, to) = (Vec::new(), vec![public.clone(); count]);
            let form = Form::Armoured;
            let none = seal(&mut &b""[..], &mut out, &to, Cipher::default(), form, &[1; 32]);
            assert!(matches!(none, Err(SealError::Recipients(found)) if found == count));
        }
    }

    #[test]
    fn what_is_random_follows_from_what_was_drawn_alone() {
        let public = [key(1).public().unwrap()];
        let with = |random: u8| {
            let mut out = Vec::new();
            let cipher = Cipher::default();
            seal(&mut &b"x"[..], &mut out, &public, cipher, Form::Binary, &[random; 32]).unwrap();
            out
        };
        assert_eq!(with(1), with(1));
        let (one, other) = (with(1), with(2));
        // Nothing but the names of things is the same in both.
        let same = one[HEAD + 32..].iter().zip(&other[HEAD + 32..]).filter(|(a, b)| a == b);
        assert!(same.count() < 30);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn lengths_around_chunks_come_back(chunks in 0..3_usize, off in -40..40_i64, text: bool) {
            let length = usize::try_from((chunks * CHUNK) as i64 + off).unwrap_or_default();
            let contents: Vec<u8> = (0..length).map(|at| (at / 7) as u8).collect();
            let form = if text { Form::Armoured } else { Form::Binary };
            let file = sealed_as(&contents, &[&key(1)], Cipher::default(), form);
            prop_assert_eq!(opened(&file, &key(1)).unwrap(), contents);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>, at in 0..1300_usize) {
            let _ = opened(&bytes, &key(1));
            let mut file = sealed(b"noi dung", &[&key(1)]);
            let end = (at + bytes.len()).min(file.len());
            let start = at.min(end);
            file[start..end].copy_from_slice(&bytes[..end - start]);
            let _ = opened(&file, &key(1));
        }
    }
}
