//! X-Wing (draft-connolly-cfrg-xwing-kem, HPKE's KEM 0x647a): ML-KEM-768 and X25519 in one, so that
//! a shared secret stays secret while either of them holds.
//!
//! What computes is in libraries; here is only how the draft joins their results. As
//! [`hpke::Kem`] it serves HPKE's base mode, which is the only one that this crate uses.

use aws_lc_rs::constant_time;
use hpke::generic_array::GenericArray;
use hpke::generic_array::typenum::{Sum, U32, U96, U192, U1024};
use hpke::kem::SharedSecret;
use hpke::rand_core::{CryptoRng, RngCore};
use hpke::{Deserializable, HpkeError, Serializable};
use ml_kem::kem::Decapsulate as _;
use ml_kem::{B32, EncapsulateDeterministic as _, EncodedSizeUser as _, KemCore, MlKem768};
use sha3::digest::{ExtendableOutput as _, FixedOutput as _, Update as _, XofReader};
use sha3::{Sha3_256, Shake256};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::{Zeroize as _, Zeroizing};

/// Bytes of a secret key: the seed of both parts.
pub(crate) const SECRET: usize = 32;
/// Bytes of a public key: ML-KEM-768's and X25519's.
pub(crate) const PUBLIC: usize = 1184 + 32;
/// Bytes of what is sent: a ciphertext of ML-KEM-768 and a public key of X25519.
pub(crate) const SENT: usize = 1088 + 32;
/// Random bytes of an encapsulation.
const RANDOM: usize = 64;
/// Where the part of X25519 begins in a public key and in what is sent.
const CLASSIC: usize = 32;
const LABEL: &[u8; 6] = br"\.//^\";

type Lattice = <MlKem768 as KemCore>::EncapsulationKey;
type LatticeSecret = <MlKem768 as KemCore>::DecapsulationKey;

/// The mechanism.
pub(crate) struct XWing;

/// What opens. It is wiped from memory when it is dropped.
#[derive(Clone)]
pub(crate) struct Secret {
    seed: Zeroizing<[u8; SECRET]>,
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        constant_time::verify_slices_are_equal(&*self.seed, &*other.seed).is_ok()
    }
}

impl Eq for Secret {}

impl Serializable for Secret {
    type OutputSize = U32;

    fn write_exact(&self, buf: &mut [u8]) {
        buf.copy_from_slice(&*self.seed);
    }
}

impl Deserializable for Secret {
    fn from_bytes(encoded: &[u8]) -> Result<Self, HpkeError> {
        let seed = array(encoded)?;
        Ok(Self { seed: Zeroizing::new(seed) })
    }
}

impl Secret {
    fn expand(&self) -> (LatticeSecret, Lattice, StaticSecret) {
        let mut expanded = Zeroizing::new([0; 3 * 32]);
        let mut reader = Shake256::default().chain(*self.seed).finalize_xof();
        XofReader::read(&mut reader, &mut *expanded);
        let [mut d, mut z, mut classic] = [0, 1, 2].map(|at| {
            let part = expanded.get(32 * at..32 * (at + 1));
            part.and_then(|part| <[u8; 32]>::try_from(part).ok()).unwrap_or_default()
        });
        let (mut d_seed, mut z_seed) = (B32::from(d), B32::from(z));
        let (secret, public) = MlKem768::generate_deterministic(&d_seed, &z_seed);
        let own = StaticSecret::from(classic);
        d_seed.as_mut_slice().zeroize();
        z_seed.as_mut_slice().zeroize();
        [&mut d, &mut z, &mut classic].into_iter().for_each(zeroize::Zeroize::zeroize);
        (secret, public, own)
    }
}

/// What others seal to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Public {
    lattice: Lattice,
    classic: PublicKey,
}

impl Eq for Public {}

impl Serializable for Public {
    type OutputSize = Sum<U1024, U192>;

    fn write_exact(&self, buf: &mut [u8]) {
        let (lattice, classic) = buf.split_at_mut(PUBLIC - CLASSIC);
        lattice.copy_from_slice(&self.lattice.as_bytes());
        classic.copy_from_slice(self.classic.as_bytes());
    }
}

impl Deserializable for Public {
    fn from_bytes(encoded: &[u8]) -> Result<Self, HpkeError> {
        let [lattice, classic] = split::<PUBLIC>(encoded)?;
        let bytes = lattice.try_into().map_err(|_| HpkeError::ValidationError)?;
        let key = Lattice::from_bytes(bytes);
        // The check of FIPS 203, 7.2: no coefficient is the modulus or more.
        if key.as_bytes().as_slice() != lattice {
            return Err(HpkeError::ValidationError);
        }
        Ok(Self { lattice: key, classic: PublicKey::from(array(classic)?) })
    }
}

/// What is sent to whoever holds the secret key.
#[derive(Clone)]
pub(crate) struct Sent([u8; SENT]);

impl Serializable for Sent {
    type OutputSize = Sum<U1024, U96>;

    fn write_exact(&self, buf: &mut [u8]) {
        buf.copy_from_slice(&self.0);
    }
}

impl Deserializable for Sent {
    fn from_bytes(encoded: &[u8]) -> Result<Self, HpkeError> {
        Ok(Self(array(encoded)?))
    }
}

impl XWing {
    /// A fresh shared secret and what tells it to the holder of the key, of 64 random bytes.
    fn encapsulate(to: &Public, random: &[u8; RANDOM]) -> Option<(SharedSecret<Self>, Sent)> {
        let (lattice, classic) = random.split_at(32);
        let mut message = B32::try_from(lattice).ok()?;
        let (ciphertext, mut secret) = to.lattice.encapsulate_deterministic(&message).ok()?;
        message.as_mut_slice().zeroize();
        let own = StaticSecret::from(<[u8; 32]>::try_from(classic).ok()?);
        let shown = PublicKey::from(&own);
        let shared = own.diffie_hellman(&to.classic);
        if !shared.was_contributory() {
            return None;
        }
        let combined = combine(&secret, shared.as_bytes(), &shown, &to.classic);
        secret.as_mut_slice().zeroize();
        let mut sent = Sent([0; SENT]);
        let (first, second) = sent.0.split_at_mut(SENT - CLASSIC);
        first.copy_from_slice(&ciphertext);
        second.copy_from_slice(shown.as_bytes());
        Some((combined, sent))
    }

    /// The shared secret that was sent. A changed ciphertext of ML-KEM gives another secret and no
    /// error (FIPS 203, 6.3), so that nobody learns by asking; whoever uses the secret notices.
    fn decapsulate(secret: &Secret, sent: &Sent) -> Option<SharedSecret<Self>> {
        let (lattice, _, classic) = secret.expand();
        let [ciphertext, shown] = split::<SENT>(&sent.0).ok()?;
        let shown = PublicKey::from(<[u8; 32]>::try_from(shown).ok()?);
        let mut told = lattice.decapsulate(ciphertext.try_into().ok()?).ok()?;
        let shared = classic.diffie_hellman(&shown);
        if !shared.was_contributory() {
            return None;
        }
        let combined = combine(&told, shared.as_bytes(), &shown, &PublicKey::from(&classic));
        told.as_mut_slice().zeroize();
        Some(combined)
    }
}

impl hpke::Kem for XWing {
    type PublicKey = Public;
    type PrivateKey = Secret;
    type EncappedKey = Sent;
    type NSecret = U32;
    const KEM_ID: u16 = 0x647a;

    fn sk_to_pk(sk: &Secret) -> Public {
        let (_, lattice, classic) = sk.expand();
        Public { lattice, classic: PublicKey::from(&classic) }
    }

    fn derive_keypair(ikm: &[u8]) -> (Secret, Public) {
        let mut seed = Zeroizing::new([0; SECRET]);
        XofReader::read(&mut Shake256::default().chain(ikm).finalize_xof(), &mut *seed);
        let secret = Secret { seed };
        let public = Self::sk_to_pk(&secret);
        (secret, public)
    }

    fn decap(
        sk_recip: &Secret,
        pk_sender_id: Option<&Public>,
        encapped_key: &Sent,
    ) -> Result<SharedSecret<Self>, HpkeError> {
        if pk_sender_id.is_some() {
            return Err(HpkeError::DecapError);
        }
        Self::decapsulate(sk_recip, encapped_key).ok_or(HpkeError::DecapError)
    }

    fn encap<R: CryptoRng + RngCore>(
        pk_recip: &Public,
        sender_id_keypair: Option<(&Secret, &Public)>,
        csprng: &mut R,
    ) -> Result<(SharedSecret<Self>, Sent), HpkeError> {
        if sender_id_keypair.is_some() {
            return Err(HpkeError::EncapError);
        }
        let mut random = Zeroizing::new([0; RANDOM]);
        csprng.fill_bytes(&mut *random);
        Self::encapsulate(pk_recip, &random).ok_or(HpkeError::EncapError)
    }
}

/// The shared secret of both parts.
fn combine(
    lattice: &[u8],
    classic: &[u8],
    shown: &PublicKey,
    to: &PublicKey,
) -> SharedSecret<XWing> {
    let mut hash = Sha3_256::default();
    for part in [lattice, classic, shown.as_bytes(), to.as_bytes(), LABEL] {
        hash.update(part);
    }
    let mut secret: GenericArray<u8, U32> = GenericArray::default();
    hash.finalize_into(&mut secret);
    SharedSecret(secret)
}

fn array<const N: usize>(bytes: &[u8]) -> Result<[u8; N], HpkeError> {
    bytes.try_into().map_err(|_| HpkeError::IncorrectInputLength(N, bytes.len()))
}

/// The parts of ML-KEM-768 and of X25519.
fn split<const N: usize>(bytes: &[u8]) -> Result<[&[u8]; 2], HpkeError> {
    match bytes.split_at_checked(N - CLASSIC) {
        Some((lattice, classic)) if bytes.len() == N => Ok([lattice, classic]),
        _ => Err(HpkeError::IncorrectInputLength(N, bytes.len())),
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::digest;
    use hpke::aead::ChaCha20Poly1305;
    use hpke::kdf::HkdfSha256;
    use hpke::{Kem as _, OpModeR, OpModeS, rand_core, setup_receiver, setup_sender};
    use sha3::Shake128;

    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let digit = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        (0..hex.len()).step_by(2).map(digit).collect()
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }

    fn sha256(bytes: &[u8]) -> String {
        hex(digest::digest(&digest::SHA256, bytes).as_ref())
    }

    /// Hands out the bytes that it was given.
    struct Given(Vec<u8>);

    impl RngCore for Given {
        fn next_u32(&mut self) -> u32 {
            rand_core::impls::next_u32_via_fill(self)
        }

        fn next_u64(&mut self) -> u64 {
            rand_core::impls::next_u64_via_fill(self)
        }

        fn fill_bytes(&mut self, dest: &mut [u8]) {
            let rest = self.0.split_off(dest.len());
            dest.copy_from_slice(&self.0);
            self.0 = rest;
        }

        fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), rand_core::Error> {
            self.fill_bytes(dest);
            Ok(())
        }
    }

    impl CryptoRng for Given {}

    /// The vectors of draft-connolly-cfrg-xwing-kem, appendix C (`spec/test-vectors.json` of its
    /// repository): seed, randomness, shared secret, and SHA-256 of public key and ciphertext.
    const DRAFT: [[&str; 5]; 3] = [
        [
            "7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26",
            "3cb1eea988004b93103cfb0aeefd2a686e01fa4a58e8a3639ca8a1e3f9ae57e2\
             35b8cc873c23dc62b8d260169afa2f75ab916a58d974918835d25e6a435085b2",
            "d2df0522128f09dd8e2c92b1e905c793d8f57a54c3da25861f10bf4ca613e384",
            "2e816deebcd76c5c80d0cd2d174478871658e8e2ff42bc9d4a6e486372e856bb",
            "17cd532d657e44c897ca6583e548a5424fc70bf54f99515a4d2bcf99e3469f33",
        ],
        [
            "badfd6dfaac359a5efbb7bcc4b59d538df9a04302e10c8bc1cbf1a0b3a5120ea",
            "17cda7cfad765f5623474d368ccca8af0007cd9f5e4c849f167a580b14aabdef\
             aee7eef47cb0fca9767be1fda69419dfb927e9df07348b196691abaeb580b32d",
            "f2e86241c64d60f6649fbc6c5b7d17180b780a3f34355e64a85749949c45f150",
            "c42ba5f8430d7d2c83739338203819f090e8303ce9c8b02107c272bfa5376916",
            "1661ea86d608a1924ba30840cb0a65f13ae051e3aec9cf0f064efc0bc92f2154",
        ],
        [
            "ef58538b8d23f87732ea63b02b4fa0f4873360e2841928cd60dd4cee8cc0d4c9",
            "22a96188d032675c8ac850933c7aff1533b94c834adbb69c6115bad4692d8619\
             f90b0cdf8a7b9c264029ac185b70b83f2801f2f4b3f70c593ea3aeeb613a7f1b",
            "953f7f4e8c5b5049bdc771d1dffada0dd961477d1a2ae0988baa7ea6898d893f",
            "6b080d6b84f095342092fa7a22423e58bd681397ad0ef00eac92bd254db4fa95",
            "d3ca5578500344b5896cffc4fd740c9311946b82951df155e6fd86a7966b43c6",
        ],
    ];

    #[test]
    fn the_vectors_of_the_draft() {
        for [seed, random, shared, public, sent] in DRAFT {
            let secret = Secret::from_bytes(&bytes(seed)).unwrap();
            let own = XWing::sk_to_pk(&secret);
            assert_eq!(sha256(&own.to_bytes()), public);
            let random = bytes(random).try_into().unwrap();
            let (told, cipher) = XWing::encapsulate(&own, &random).unwrap();
            assert_eq!((hex(&told.0), sha256(&cipher.to_bytes())), (shared.into(), sent.into()));
            let opened = XWing::decapsulate(&secret, &cipher).unwrap();
            assert_eq!(hex(&opened.0), shared);
        }
    }

    /// A vector of HPKE with X-Wing, HKDF-SHA256 and ChaCha20-Poly1305 in base mode, from
    /// `testdata/hpke-pq.json` of FiloSottile/hpke at 0146519: a thousand messages and a thousand
    /// exported secrets, their inputs drawn from SHAKE128 and their outputs hashed by it.
    #[test]
    fn a_vector_of_hpke() {
        let info = bytes(
            "34663634363532303666366532303631323034373732363536333639363136653230353537323665",
        );
        let secret = Secret::from_bytes(&bytes(
            "447cfc23de31102101a1b5aec0897a31f24670946f8e67345df7099b7c26e626",
        ))
        .unwrap();
        let mut random = Given(bytes(
            "66dcfb2cda326274668adca8cb96b89f67fbfae8816f9f8032ff03c949c132a3\
             323670b13f897ba7ed7ec6bda73f38f15200adb8dcb46384c327815672883d95",
        ));
        let ends =
            |bytes: &[u8]| format!("{}…{}", hex(&bytes[..16]), hex(&bytes[bytes.len() - 16..]));
        let public = XWing::sk_to_pk(&secret);
        assert_eq!(
            ends(&public.to_bytes()),
            "d9ac25bc9b3516188ead3a40cfe439f4…d89e91788afe88208fb423c3ef8cda69"
        );
        let (sent, mut sender) = setup_sender::<ChaCha20Poly1305, HkdfSha256, XWing, _>(
            &OpModeS::Base,
            &public,
            &info,
            &mut random,
        )
        .unwrap();
        assert_eq!(
            ends(&sent.to_bytes()),
            "048b83f06ad011da5a5c908b9355d0a4…799a129b547c32a5537e7f569f89d82f"
        );
        let mut receiver = setup_receiver::<ChaCha20Poly1305, HkdfSha256, XWing>(
            &OpModeR::Base,
            &secret,
            &sent,
            &info,
        )
        .unwrap();
        let draw = |source: &mut dyn XofReader| {
            let mut length = [0];
            source.read(&mut length);
            let mut drawn = vec![0; usize::from(length[0])];
            source.read(&mut drawn);
            drawn
        };
        let sum = |written: &[u8]| {
            let mut sum = [0; 16];
            XofReader::read(&mut Shake128::default().chain(written).finalize_xof(), &mut sum);
            hex(&sum)
        };
        let (mut source, mut written) = (Shake128::default().finalize_xof(), Vec::new());
        for _ in 0..1000 {
            let (aad, text) = (draw(&mut source), draw(&mut source));
            let sealed = sender.seal(&text, &aad).unwrap();
            assert_eq!(receiver.open(&sealed, &aad).unwrap(), text);
            written.extend(sealed);
        }
        assert_eq!(sum(&written), "e4543c1f32ece74e014597608c4cfb50");
        let (mut source, mut written) = (Shake128::default().finalize_xof(), Vec::new());
        for length in 0..1000 {
            let mut exported = vec![0; length];
            sender.export(&draw(&mut source), &mut exported).unwrap();
            written.extend(exported);
        }
        assert_eq!(sum(&written), "64461402f389ef288ce89299232a4a64");
    }

    #[test]
    fn a_changed_ciphertext_gives_another_secret() {
        let secret = Secret::from_bytes(&[1; 32]).unwrap();
        let (told, sent) = XWing::encapsulate(&XWing::sk_to_pk(&secret), &[2; 64]).unwrap();
        for at in [0, 1000, 1087, 1088, 1119] {
            let mut other = sent.clone();
            other.0[at] ^= 1;
            let opened = XWing::decapsulate(&secret, &other).unwrap();
            assert_ne!(opened.0, told.0, "{at}");
            // Implicit rejection answers the same for the same ciphertext.
            assert_eq!(opened.0, XWing::decapsulate(&secret, &other).unwrap().0);
        }
    }

    #[test]
    fn keys_that_are_none_are_refused() {
        let public = XWing::sk_to_pk(&Secret::from_bytes(&[1; 32]).unwrap());
        let good = public.to_bytes();
        assert_eq!(Public::from_bytes(&good).unwrap(), public);
        // A coefficient of 4095, where the modulus is 3329.
        let mut beyond = good;
        beyond[..2].copy_from_slice(&[0xff, 0xff]);
        assert_eq!(Public::from_bytes(&beyond), Err(HpkeError::ValidationError));
        let short = Public::from_bytes(&good[1..]);
        assert_eq!(short, Err(HpkeError::IncorrectInputLength(PUBLIC, PUBLIC - 1)));
        assert!(Secret::from_bytes(&[1; 31]).is_err());
        assert!(Sent::from_bytes(&[1; SENT + 1]).is_err());
        // Points of small order share nothing.
        let small = [&good[..PUBLIC - CLASSIC], &[0; 32]].concat();
        assert!(XWing::encapsulate(&Public::from_bytes(&small).unwrap(), &[2; 64]).is_none());
        let (_, mut sent) = XWing::encapsulate(&public, &[2; 64]).unwrap();
        sent.0[SENT - CLASSIC..].fill(0);
        assert!(XWing::decapsulate(&Secret::from_bytes(&[1; 32]).unwrap(), &sent).is_none());
    }

    #[test]
    fn pairs_are_derived_as_the_draft_says() {
        let (secret, public) = XWing::derive_keypair(b"ikm");
        let mut seed = [0; 32];
        XofReader::read(&mut Shake256::default().chain(b"ikm").finalize_xof(), &mut seed);
        assert!(secret == Secret::from_bytes(&seed).unwrap());
        assert!(secret != Secret::from_bytes(&[0; 32]).unwrap());
        assert_eq!(public, XWing::sk_to_pk(&secret));
        let mut random = Given(vec![3; 64]);
        let pair = (&secret, &public);
        assert!(XWing::encap(&public, Some(pair), &mut random).is_err());
        let (_, sent) = XWing::encap(&public, None, &mut random).unwrap();
        assert!(XWing::decap(&secret, Some(&public), &sent).is_err());
    }
}
