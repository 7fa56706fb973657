//! Known answers of FIPS 203 (ML-KEM-768) and FIPS 204 (ML-DSA-65): the libraries that this crate
//! builds on compute what the standards say. Long outputs are compared by their SHA-256.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use aws_lc_rs::digest;
use aws_lc_rs::signature::{
    KeyPair as _, ML_DSA_65, ML_DSA_65_SIGNING, PqdsaKeyPair, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ml_kem::kem::Decapsulate as _;
use ml_kem::{B32, EncapsulateDeterministic as _, EncodedSizeUser as _, KemCore, MlKem768};
use sha3::digest::{ExtendableOutput as _, Update as _, XofReader as _};
use sha3::{Digest as _, Sha3_256, Shake256};

fn bytes<const N: usize>(hex: &str) -> [u8; N] {
    assert_eq!(hex.len(), 2 * N);
    std::array::from_fn(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn sha256(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn seed(hex: &str) -> B32 {
    B32::from(bytes(hex))
}

/// d, z, m, SHA-256 of encapsulation key, decapsulation key and ciphertext, and the shared secret:
/// counts 0 to 2 of `MLKEM/kat_MLKEM_768.rsp` of github.com/post-quantum-cryptography/KAT, as
/// `cryptography_vectors` 50.0.2 carries them.
const ENCAPSULATED: [[&str; 7]; 3] = [
    [
        "6dbbc4375136df3b07f7c70e639e223e177e7fd53b161b3f4d57791794f12624",
        "f696484048ec21f96cf50a56d0759c448f3779752f0383d37449690694cf7a68",
        "20a7b7e10f70496cc38220b944def699bf14d14e55cf4c90a12c1b33fc80ffff",
        "4bec4730f26273c6319ef7387dd4758315240a9394cd89264b148b9113060b61",
        "036ad374419bf5cae9ab69e5640238d4e11b066d227a445afdf958d341cba5c0",
        "4191f5596ebe7ff14461854e6c2885763c439b881166e4337ca5084ee6cf2c6e",
        "b408d5d115713f0a93047dbbea832e4340787686d59a9a2d106bd662ba0aa035",
    ],
    [
        "d69cfc64f84d4f33e4c54e166b7ff9283a394986a539b23987a10f39d2d9689b",
        "6de62e3465a55c9c78a07d265be8540b3e58b0801a124d07ff12b438d5202ea0",
        "0121cb32acd1871135cb34e29c1a0e26ccc001b939eafaacc28f13f1938dbf91",
        "9c8ac777dde8448cb0e9ccc82dcc286401aa50007731c1e96bcb0c40564d9079",
        "cf4ff41d19d195881901168425480001837edbced3c1d0abcf1554ff5977d7e3",
        "e130db01fe7e7bf996324b271776155293830e7387f7fc4a545807ad8e5330e1",
        "8c970242406111e26368ad8760c4d02a8b28d17d138210adc127197b50968140",
    ],
    [
        "63470357110828f25b23edc80ed280ecd398a9f53251c3332754de2af0b15e90",
        "1eaae6bb91b27cd748c402c4111140d5a942cf3c95ff7977f88d2ef515bb26d0",
        "34b961af5d6254af72c0d50e70dd9b4991150ccc09192aa46f1953d5c29a33ec",
        "cb8c4312673c7356398dd204a991a18bc5de8835febcb48ff2c736a184305d3d",
        "139e60f982f3ed7ffd0a3b17e72ff3543b7309e80eaf58fbadfd1838b547b965",
        "5e66c6a19f5a07955942fdf7ef52bebafa6ef053d4a1c57bcb5e17e02009caac",
        "c0d45764e3dbf0948b914d6f65c92bd0ebd21556e5076753af48df8fffd6badc",
    ],
];

#[test]
fn ml_kem_makes_keys_and_encapsulates_as_fips_203_says() {
    for [d, z, m, public, secret, ciphertext, shared] in ENCAPSULATED {
        let (opens, seals) = MlKem768::generate_deterministic(&seed(d), &seed(z));
        assert_eq!(sha256(&seals.as_bytes()), public);
        assert_eq!(sha256(&opens.as_bytes()), secret);
        let (sent, told) = seals.encapsulate_deterministic(&seed(m)).unwrap();
        assert_eq!((sha256(&sent), hex(&told)), (ciphertext.to_owned(), shared.to_owned()));
        assert_eq!(hex(&opens.decapsulate(&sent).unwrap()), shared);
    }
}

#[test]
fn ml_kem_makes_the_keys_of_nist() {
    // Case 26 of NIST's ACVP (ML-KEM-keyGen-FIPS203); SHA3-256 of its long outputs by
    // `gtests/freebl_gtest/kat/mlkem768_keygen.h` of NSS.
    let d = seed("e34a701c4c87582f42264ee422d3c684d97611f2523efe0c998af05056d693dc");
    let z = "a85768f3486bd32a01bf9a8f21ea938e648eae4e5448c34c3eb88820b159eedd";
    let (opens, seals) = MlKem768::generate_deterministic(&d, &seed(z));
    let hash = hex(&Sha3_256::digest(seals.as_bytes()));
    assert_eq!(hash, "e29020839d052fa372585627f8b59ee312ae414c979d825f06a6929a79625718");
    let secret = opens.as_bytes();
    let secret_hash = hex(&Sha3_256::digest(secret));
    assert_eq!(secret_hash, "a4e8ba80bb7a745e936d47784c07ffa6a314caf5a8deb4648c5c2d6ae930ebcd");
    // FIPS 203, algorithm 16: the decapsulation key ends in the hash of the other key and in z.
    assert_eq!(hex(&secret[2336..]), hash + z);
}

#[test]
fn ml_kem_rejects_without_saying_so() {
    // Count 0 of the same file, `ct_n` and `ss_n`: no encapsulation made this ciphertext.
    let [d, z, ..] = ENCAPSULATED[0];
    let (opens, seals) = MlKem768::generate_deterministic(&seed(d), &seed(z));
    let text = include_str!("known_answers/rejected.b64").replace('\n', "");
    let sent = STANDARD.decode(text).unwrap();
    let told = opens.decapsulate(sent.as_slice().try_into().unwrap()).unwrap();
    assert_eq!(hex(&told), "e7bcf899feb5db69d11741a8838ecfee253e80b76d6a35af46e220e81dc41daf");
    // FIPS 203, algorithm 18: what a changed ciphertext gives is SHAKE256 of z and of it.
    let (mut sent, _) = seals.encapsulate_deterministic(&seed(d)).unwrap();
    sent[1087] ^= 0x80;
    let mut rejected = [0; 32];
    let input = Shake256::default().chain(bytes::<32>(z)).chain(sent);
    input.finalize_xof().read(&mut rejected);
    assert_eq!(opens.decapsulate(&sent).unwrap().as_slice(), rejected);
}

/// ξ and SHA-256 of the public key: counts 0 to 2 of `MLDSA/kat_MLDSA_65_det_pure.rsp` of the same
/// collection; and the key of `mldsa_65_sign_seed_test.json` of github.com/C2SP/wycheproof at 022eeaf.
const SIGNERS: [[&str; 2]; 4] = [
    [
        "f696484048ec21f96cf50a56d0759c448f3779752f0383d37449690694cf7a68",
        "ab0f27cfe4f84d2a9fa74d48467439df9e5dd8401f8715f82ed70e43a371400a",
    ],
    [
        "6de62e3465a55c9c78a07d265be8540b3e58b0801a124d07ff12b438d5202ea0",
        "7492efc0fe061dd862f3d2df3f9df030b143766ef056ff14bba44a4f0089ff1d",
    ],
    [
        "1eaae6bb91b27cd748c402c4111140d5a942cf3c95ff7977f88d2ef515bb26d0",
        "1a07e19eb0a9bf16faa9171421d7619b2d1d10bfd0325b35c2da12ddb70bf546",
    ],
    [
        "2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a",
        "b7acce2ddb11f8cc1aa46e2bafac6eacfa2b732ef192bd636ad8d3a56d649c66",
    ],
];

#[test]
fn ml_dsa_makes_keys_as_fips_204_says() {
    for [seed, public] in SIGNERS {
        let key = PqdsaKeyPair::from_seed(&ML_DSA_65_SIGNING, &bytes::<32>(seed)).unwrap();
        assert_eq!(sha256(key.public_key().as_ref()), public);
    }
}

#[test]
fn ml_dsa_verifies_as_fips_204_says() {
    // Case 1 of Wycheproof's file: the deterministic signature of «Hello world» with no context.
    let key = PqdsaKeyPair::from_seed(&ML_DSA_65_SIGNING, &bytes::<32>(SIGNERS[3][0])).unwrap();
    let public = UnparsedPublicKey::new(&ML_DSA_65, key.public_key().as_ref());
    let text = include_str!("known_answers/signature.b64").replace('\n', "");
    let mut signature = STANDARD.decode(text).unwrap();
    assert_eq!(signature.len(), 3309);
    public.verify(b"Hello world", &signature).unwrap();
    assert!(public.verify(b"Hello World", &signature).is_err());
    for at in [0, 47, 48, 2000, 3247, 3248, 3308] {
        signature[at] ^= 1;
        assert!(public.verify(b"Hello world", &signature).is_err(), "{at}");
        signature[at] ^= 1;
    }
    // Ours are drawn anew each time, and verified by the same rules.
    let ours = || {
        let mut signature = vec![0; 3309];
        assert_eq!(key.sign(b"Hello world", &mut signature).unwrap(), 3309);
        signature
    };
    let (first, second) = (ours(), ours());
    assert_ne!(first, second);
    public.verify(b"Hello world", &first).unwrap();
    public.verify(b"Hello world", &second).unwrap();
}
