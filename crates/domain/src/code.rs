//! Codes of agencies, systems and sites: short names that stand in addresses, files and events.

use std::fmt;

use crate::limits::CODE_BYTES;

/// A text that is not a code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "«{0}» is no code: 1 to {CODE_BYTES} of a–z, 0–9 and hyphen, beginning and ending with a letter or digit"
)]
pub struct CodeError(String);

/// Whether a text has the form of a code.
pub(crate) fn is_code(text: &str) -> bool {
    let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    bytes.len() <= CODE_BYTES
        && edge(bytes.first())
        && edge(bytes.last())
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-')
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The code, if the text is one.
            pub fn new(text: &str) -> Result<Self, CodeError> {
                if is_code(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(CodeError(crate::text::cut(text, 2 * CODE_BYTES)))
                }
            }

            /// The code as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    )*};
}

codes! {
    /// The code of an [agency](crate::agency::Agency), one in the province: `sokhcn`.
    AgencyCode
    /// The code of a [system](crate::system::System), one in the province: `cong-dvc`.
    SystemCode
    /// The code of a [site](crate::site::Site) where servers stand, one in the province: `ttdl`.
    SiteCode
    /// The code of a row of the [minimum equipment](crate::equipment::Equipment): `soc-01`.
    EquipmentCode
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_lower_case_letters_digits_and_hyphens() {
        for good in ["a", "7", "sokhcn", "cong-dvc", "web-xa-01", &"a".repeat(CODE_BYTES)] {
            assert_eq!(AgencyCode::new(good).unwrap().as_str(), good);
        }
        let long = "a".repeat(CODE_BYTES + 1);
        for bad in ["", "-", "-a", "a-", "SoKHCN", "sở", "a b", "a_b", "a.b", "a/..", &long] {
            assert!(SystemCode::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_refusal_shows_a_bounded_part_of_what_came() {
        let error = AgencyCode::new(&"x".repeat(100_000)).unwrap_err();
        assert!(error.to_string().len() < 400);
    }
}
