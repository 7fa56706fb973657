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

/// The most decimals that tell two numbers apart.
const FINEST: u32 = 9;

/// Cut after so many decimals, with a point: never more than it is, so that what falls short of something
/// does not look as if it reached it.
pub fn cut(value: &Ratio, decimals: u32) -> String {
    let scale = BigInt::from(10).pow(decimals);
    let parts = (value * Ratio::from_integer(scale.clone())).trunc().to_integer();
    let sign = if parts.is_negative() { "-" } else { "" };
    let (units, rest) = (parts.abs() / &scale, parts.abs() % &scale);
    match decimals as usize {
        0 => format!("{sign}{units}"),
        places => format!("{sign}{units}.{rest:0>places$}", rest = rest.to_string()),
    }
}

/// A number beside a limit: as `shown`, but with as many decimals as it takes for one that is not the limit
/// to be written on its own side of it.
pub fn shown_beside(value: &Ratio, limit: &Ratio) -> String {
    let text = shown(value);
    let reads = |text: &str| stated(&Content::from(text)).map(|read| read.cmp(limit));
    if value.is_negative() || reads(&text) == Some(value.cmp(limit)) {
        return text;
    }
    let up = value > limit;
    let finer = (3..=FINEST).map(|decimals| {
        let text = cut(value, decimals);
        // What is over the limit by less than that is written with the next step up.
        if up && reads(&text) == Some(std::cmp::Ordering::Equal) {
            let step = fraction(1, BigInt::from(10).pow(decimals));
            return cut(&(value + step), decimals);
        }
        text
    });
    finer.into_iter().find(|text| reads(text) == Some(value.cmp(limit))).unwrap_or(text)
}

/// Two numbers, the first of which is at most the second, with as many decimals as it takes to tell that they
/// differ; both cut where two are not enough.
pub fn shown_of(part: &Ratio, all: &Ratio) -> (String, String) {
    let (short, of) = (shown(part), shown(all));
    if part == all || short != of {
        return (short, of);
    }
    let finer = (3..=FINEST).map(|decimals| (cut(part, decimals), cut(all, decimals)));
    finer.into_iter().find(|(part, all)| part != all).unwrap_or((short, of))
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
    fn what_falls_short_never_looks_as_if_it_reached() {
        let near = fraction(14_999, 100_000);
        assert_eq!(cut(&(&near * whole(100)), 3), "14.999");
        assert_eq!(cut(&fraction(149_999_999, 10_000_000), 3), "14.999");
        assert_eq!((cut(&whole(15), 3), cut(&whole(15), 0)), ("15.000".into(), "15".into()));
        assert_eq!(shown_beside(&near, &fraction(3, 20)), "0.149");
        assert_eq!(shown_beside(&fraction(94_999, 1_000), &whole(95)), "94.999");
        assert_eq!(shown_beside(&fraction(15_001, 1_000), &whole(15)), "15.001");
        assert_eq!(shown_beside(&fraction(150_001, 10_000), &whole(15)), "15.001");
        assert_eq!(shown_beside(&fraction(84_996, 1_000), &whole(85)), "84.996");
        assert_eq!(shown_beside(&whole(85), &whole(85)), "85.00");
        assert_eq!(shown_beside(&fraction(200, 3), &whole(85)), "66.67");
        let weight = fraction(300, 94);
        let (had, all) = shown_of(&(&weight * fraction(9_999, 10_000)), &weight);
        assert_eq!((had.as_str(), all.as_str()), ("3.1911", "3.1914"));
        assert_eq!(shown_of(&weight, &weight), ("3.19".into(), "3.19".into()));
        assert_eq!(shown_of(&whole(1), &weight), ("1.00".into(), "3.19".into()));
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
