//! The token in an `Authorization` header, in each form that clients of intake send.
//!
//! In comes the header's value; out comes the text of the token. Whether the token is any good is
//! for `app`. To add a form, add an arm to [`token`].

use std::borrow::Cow;

use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

/// Standard base64 that accepts texts without padding, as some clients send them.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The longest header that is looked at.
const MAX_BYTES: usize = 1024;

/// The token that a header bears: `Bearer T`, `Splunk T`, `ApiKey T`, `ApiKey` with base64 of
/// `id:T`, or `Basic` with base64 of `user:T`. `None` if it bears nothing of the kind.
pub fn token(header: &str) -> Option<Cow<'_, str>> {
    if header.len() > MAX_BYTES {
        return None;
    }
    let (scheme, value) = header.trim().split_once(' ')?;
    let value = value.trim();
    let found = match scheme.to_ascii_lowercase().as_str() {
        "bearer" | "splunk" => Cow::Borrowed(value),
        "apikey" => match pair(value) {
            Some(key) => Cow::Owned(key),
            None => Cow::Borrowed(value.rsplit(':').next().unwrap_or(value)),
        },
        "basic" => Cow::Owned(pair(value)?),
        _ => return None,
    };
    (!found.is_empty()).then_some(found)
}

/// What stands behind the colon of a pair in base64.
fn pair(value: &str) -> Option<String> {
    let text = String::from_utf8(BASE64.decode(value).ok()?).ok()?;
    let (_, secret) = text.split_once(':')?;
    Some(secret.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_client_says_it_its_own_way() {
        for (header, expected) in [
            ("Bearer khien_src_abc", Some("khien_src_abc")),
            ("bearer  khien_src_abc ", Some("khien_src_abc")),
            ("Splunk khien_src_abc", Some("khien_src_abc")),
            ("ApiKey khien_src_abc", Some("khien_src_abc")),
            ("ApiKey agent:khien_src_abc", Some("khien_src_abc")),
            // agent:khien_src_abc
            ("ApiKey YWdlbnQ6a2hpZW5fc3JjX2FiYw==", Some("khien_src_abc")),
            ("ApiKey YWdlbnQ6a2hpZW5fc3JjX2FiYw", Some("khien_src_abc")),
            ("Basic YWdlbnQ6a2hpZW5fc3JjX2FiYw==", Some("khien_src_abc")),
            ("Basic khien_src_abc", None),
            ("Digest x", None),
            ("Bearer ", None),
            ("", None),
        ] {
            assert_eq!(token(header).as_deref(), expected, "{header}");
        }
        assert_eq!(token(&format!("Bearer {}", "x".repeat(MAX_BYTES))), None);
    }

    proptest! {
        #[test]
        fn any_header_is_read_or_refused(header in ".{0,80}") {
            let _ = token(&header);
        }
    }
}
