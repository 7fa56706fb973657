//! Exact fractions, and how they are written.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One as _, Signed as _, Zero as _};

use crate::evidence::content::Content;

/// An exact fraction.
pub type Ratio = BigRational;

/// A whole number.
pub fn whole(value: i64) -> Ratio {
    Ratio::from_integer(value.into())
}

/// A fraction of two whole numbers; 0 if the lower one is 0.
pub fn fraction(top: impl Into<BigInt>, bottom: impl Into<BigInt>) -> Ratio {
    let bottom = bottom.into();
    if bottom.is_zero() { Ratio::zero() } else { Ratio::new(top.into(), bottom) }
}

/// Within 0 and 1.
pub fn clamped(value: Ratio) -> Ratio {
    value.clamp(Ratio::zero(), Ratio::one())
}

/// The text `n/d` in lowest terms; `n/1` for whole numbers.
pub fn text(value: &Ratio) -> String {
    format!("{}/{}", value.numer(), value.denom())
}

/// Half up to two decimals, with a point: for showing only.
pub fn shown(value: &Ratio) -> String {
    let hundredths = (value * whole(100) + Ratio::new(1.into(), 2.into())).floor().to_integer();
    let sign = if hundredths.is_negative() { "-" } else { "" };
    let (units, rest) = (hundredths.abs() / 100, hundredths.abs() % BigInt::from(100));
    format!("{sign}{units}.{rest:0>2}", rest = rest.to_string())
}

/// The number that a pack states: a whole number, `3/5` or `0.15`.
pub fn stated(content: &Content) -> Option<Ratio> {
    let text = match content {
        Content::Int(value) => return Some(whole(*value)),
        Content::Text(text) => text,
        _ => return None,
    };
    let digits = |text: &str| {
        let fits = text.len() <= 15 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<i64>().ok().filter(|_| fits)
    };
    if let Some((top, bottom)) = text.split_once('/') {
        let (top, bottom) = (digits(top)?, digits(bottom)?);
        return (bottom > 0).then(|| fraction(top, bottom));
    }
    let (units, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let scale = 10_i64.checked_pow(decimals.len() as u32)?;
    Some(whole(digits(units)?) + fraction(digits(decimals)?, scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_up_when_shown() {
        for (top, bottom, expected) in [
            (1, 8, "0.13"),
            (1, 3, "0.33"),
            (200, 3, "66.67"),
            (0, 1, "0.00"),
            (85, 1, "85.00"),
            (-1, 8, "-0.12"),
            (14_999, 1_000, "15.00"),
        ] {
            assert_eq!(shown(&fraction(top, bottom)), expected);
        }
    }

    #[test]
    fn packs_state_numbers_in_three_forms() {
        let read = |text: &str| stated(&Content::from(text)).map(|value| super::text(&value));
        assert_eq!(read("0.15").as_deref(), Some("3/20"));
        assert_eq!(read("3/5").as_deref(), Some("3/5"));
        assert_eq!(read("12").as_deref(), Some("12/1"));
        assert_eq!(stated(&Content::Int(7)), Some(whole(7)));
        for bad in ["", "1/0", "-1", "1.", ".5", "1e3", "1/2/3", "99999999999999999999"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
