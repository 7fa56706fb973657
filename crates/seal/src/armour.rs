//! Bytes as text that survives mail and clipboards: base64 between two lines that name the kind.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Letters of a line.
const WIDTH: usize = 64;

/// Why a text is not what was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArmourError {
    /// The first or the last line is not there.
    #[error("this is no {0}: the lines «-----BEGIN {0}-----» and «-----END {0}-----» are missing")]
    Missing(&'static str),
    /// Between them is something else than base64.
    #[error("the {0} is damaged: what stands between its first and last line is not base64")]
    Damaged(&'static str),
}

/// The text of bytes of a kind.
pub(crate) fn write(kind: &str, bytes: &[u8]) -> String {
    let mut text = format!("-----BEGIN {kind}-----\n");
    let encoded = STANDARD.encode(bytes);
    for line in encoded.as_bytes().chunks(WIDTH) {
        text.push_str(&String::from_utf8_lossy(line));
        text.push('\n');
    }
    text.push_str(&format!("-----END {kind}-----\n"));
    text
}

/// The bytes of a text of a kind. Lines before and after it do not matter.
pub(crate) fn read(kind: &'static str, text: &str) -> Result<Vec<u8>, ArmourError> {
    let missing = || ArmourError::Missing(kind);
    let (_, rest) = text.split_once(&format!("-----BEGIN {kind}-----")).ok_or_else(missing)?;
    let (inner, _) = rest.split_once(&format!("-----END {kind}-----")).ok_or_else(missing)?;
    let letters: String = inner.chars().filter(|letter| !letter.is_ascii_whitespace()).collect();
    STANDARD.decode(letters).map_err(|_| ArmourError::Damaged(kind))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(bytes: Vec<u8>) {
            let text = write("KHIEN TEST", &bytes);
            prop_assert!(text.lines().all(|line| line.len() <= WIDTH));
            let with_mail = format!("> hello\r\n{}\r\n--\r\n", text.replace('\n', "\r\n"));
            prop_assert_eq!(read("KHIEN TEST", &with_mail), Ok(bytes));
        }
    }

    #[test]
    fn what_is_wrong_is_told() {
        assert_eq!(read("KHIEN TEST", "x"), Err(ArmourError::Missing("KHIEN TEST")));
        let cut = write("KHIEN TEST", b"abc").replace("END", "ENDE");
        assert_eq!(read("KHIEN TEST", &cut), Err(ArmourError::Missing("KHIEN TEST")));
        let damaged = write("KHIEN TEST", b"abc").replace('Y', "?");
        assert_eq!(read("KHIEN TEST", &damaged), Err(ArmourError::Damaged("KHIEN TEST")));
    }
}
