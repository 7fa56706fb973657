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

use crate::keys::{Fingerprint, KeyError, PublicKey, SecretKey};
use crate::x_wing::{self, Sent, XWing};

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
const WRAP_INFO: &[u8] = b"khien sealed file v1";
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
    #[error("this is no sealed file: it does not begin with «KHIENSL1»")]
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
            WRAP_INFO,
            &*file_key,
            &fingerprint.0,
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

/// Opens a sealed file. What is written before an error must not be used. Answers the bytes of the
/// contents.
pub fn open(
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
        WRAP_INFO,
        wrapped,
        &own.0,
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

    fn key(seed: u8) -> SecretKey {
        SecretKey::new([seed; 96])
    }

    fn sealed(contents: &[u8], to: &[&SecretKey], cipher: Cipher) -> Vec<u8> {
        let recipients: Vec<PublicKey> = to.iter().map(|key| key.public().unwrap()).collect();
        let mut out = Vec::new();
        let length = seal(&mut &*contents, &mut out, &recipients, cipher, &[9; 32]).unwrap();
        assert_eq!(length, contents.len() as u64);
        out
    }

    fn opened(sealed: &[u8], by: &SecretKey) -> Result<Vec<u8>, OpenError> {
        let mut out = Vec::new();
        open(&mut &*sealed, &mut out, by).map(|_| out)
    }

    #[test]
    fn every_recipient_opens_and_nobody_else() {
        for cipher in [Cipher::Aes256Gcm, Cipher::ChaCha20Poly1305] {
            for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
                let contents: Vec<u8> = (0..length).map(|at| at as u8).collect();
                let file = sealed(&contents, &[&key(1), &key(2)], cipher);
                assert_eq!(opened(&file, &key(1)).unwrap(), contents);
                assert_eq!(opened(&file, &key(2)).unwrap(), contents);
                assert!(matches!(opened(&file, &key(3)), Err(OpenError::NotForYou(_))));
            }
        }
    }

    #[test]
    fn cut_or_reordered_files_yield_nothing() {
        let contents = vec![5; 3 * CHUNK];
        let file = sealed(&contents, &[&key(1)], Cipher::default());
        let head = HEAD + RECIPIENT + 32;
        for cut in [1, TAG, CHUNK, CHUNK + TAG, 2 * (CHUNK + TAG), 3 * (CHUNK + TAG)] {
            let cut = &file[..file.len() - cut];
            assert!(matches!(opened(cut, &key(1)), Err(OpenError::Contents(_))), "{}", cut.len());
        }
        let mut reordered = file.clone();
        let (first, rest) = reordered[head..].split_at_mut(CHUNK + TAG);
        first.swap_with_slice(&mut rest[..CHUNK + TAG]);
        assert!(matches!(opened(&reordered, &key(1)), Err(OpenError::Contents(0))));
        let more = [file.as_slice(), b"x"].concat();
        assert!(matches!(opened(&more, &key(1)), Err(OpenError::Contents(_))));
        assert!(matches!(opened(&file[..100], &key(1)), Err(OpenError::Header)));
        assert!(matches!(opened(b"KHIEN", &key(1)), Err(OpenError::NotSealed)));
    }

    #[test]
    fn recipients_are_counted() {
        let mut out = Vec::new();
        let none = seal(&mut &b""[..], &mut out, &[], Cipher::default(), &[1; 32]);
        assert!(matches!(none, Err(SealError::Recipients(0))));
        assert!(out.is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_changed_byte_goes_unseen(at in 0..usize::MAX, bit in 0..8_u32) {
            let mut file = sealed(b"noi dung", &[&key(1), &key(2)], Cipher::default());
            let at = at % file.len();
            file[at] ^= 1 << bit;
            prop_assert!(opened(&file, &key(1)).is_err(), "{at}");
        }
    }
}
