//! Bodies of requests: how they are compressed, and what media they say they are.
//!
//! In come the bytes of a body and its headers; out comes the content, never larger than it may
//! be, however small a bomb was sent.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::{MultiGzDecoder, ZlibDecoder};

/// Why a body cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// It is compressed in a way that is not understood.
    #[error("the content encoding {0:?} is not understood; send gzip, deflate or none")]
    Encoding(String),
    /// It is larger than a batch may be once it is unpacked.
    #[error("the body unpacks to more than {limit} bytes; send smaller batches")]
    TooLarge {
        /// The most that is taken.
        limit: usize,
    },
    /// It is no gzip or deflate, or cut off.
    #[error("the body does not unpack: {0}")]
    Damaged(#[source] std::io::Error),
}

/// The content of a body, by its `Content-Encoding`.
pub fn unpack<'a>(
    body: &'a [u8],
    encoding: Option<&str>,
    limit: usize,
) -> Result<Cow<'a, [u8]>, BodyError> {
    let encoding = encoding.unwrap_or("").trim();
    match encoding.to_ascii_lowercase().as_str() {
        "" | "identity" if body.len() > limit => Err(BodyError::TooLarge { limit }),
        "" | "identity" => Ok(Cow::Borrowed(body)),
        "gzip" | "x-gzip" => read(MultiGzDecoder::new(body), limit).map(Cow::Owned),
        "deflate" => read(ZlibDecoder::new(body), limit).map(Cow::Owned),
        _ => Err(BodyError::Encoding(encoding.chars().take(40).collect())),
    }
}

fn read(decoder: impl Read, limit: usize) -> Result<Vec<u8>, BodyError> {
    let mut content = Vec::new();
    let mut bounded = decoder.take(limit as u64 + 1);
    bounded.read_to_end(&mut content).map_err(BodyError::Damaged)?;
    if content.len() > limit { Err(BodyError::TooLarge { limit }) } else { Ok(content) }
}

/// The media type of a `Content-Type` without its parameters, in lower case.
pub fn media_type(header: &str) -> String {
    header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};
    use proptest::prelude::*;

    use super::*;

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn bodies_are_unpacked_by_what_they_say() {
        assert_eq!(unpack(b"x", None, 9).unwrap(), b"x".as_slice());
        assert_eq!(unpack(b"x", Some("identity"), 9).unwrap(), b"x".as_slice());
        assert_eq!(unpack(&gzip(b"xin"), Some("GZIP"), 9).unwrap(), b"xin".as_slice());
        let two = [gzip(b"a"), gzip(b"b")].concat();
        assert_eq!(unpack(&two, Some("gzip"), 9).unwrap(), b"ab".as_slice());
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(b"xin").unwrap();
        let deflated = encoder.finish().unwrap();
        assert_eq!(unpack(&deflated, Some("deflate"), 9).unwrap(), b"xin".as_slice());
        assert!(matches!(unpack(b"x", Some("br"), 9), Err(BodyError::Encoding(_))));
    }

    #[test]
    fn bombs_and_torn_bodies_are_refused() {
        let bomb = gzip(&vec![0; 1 << 20]);
        assert!(bomb.len() < 64 << 10);
        assert!(matches!(unpack(&bomb, Some("gzip"), 1000), Err(BodyError::TooLarge { .. })));
        assert!(matches!(unpack(b"12345", None, 4), Err(BodyError::TooLarge { .. })));
        let torn = &gzip(b"xin")[..12];
        assert!(matches!(unpack(torn, Some("gzip"), 9), Err(BodyError::Damaged(_))));
        assert!(matches!(unpack(b"plain", Some("gzip"), 9), Err(BodyError::Damaged(_))));
    }

    #[test]
    fn parameters_of_media_types_are_passed_over() {
        assert_eq!(media_type("Application/JSON; charset=utf-8"), "application/json");
    }

    proptest! {
        #[test]
        fn any_body_is_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            for encoding in ["gzip", "deflate", "identity"] {
                if let Ok(content) = unpack(&body, Some(encoding), 4096) {
                    prop_assert!(content.len() <= 4096);
                }
            }
        }
    }
}
