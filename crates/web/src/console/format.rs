//! Numbers and moments as people here write them: UTC+7, dd/mm/yyyy, decimal comma.

use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};
use khien_domain::account::Language;

/// How one language writes numbers and moments.
#[derive(Clone, Copy)]
pub(super) struct Format(pub(super) Language);

fn zone() -> TimeZone {
    TimeZone::fixed(offset(7))
}

impl Format {
    fn marks(self) -> (char, char) {
        match self.0 {
            Language::Vietnamese => ('.', ','),
            Language::English => (',', '.'),
        }
    }

    /// A whole number with its thousands parted: `1.234`.
    pub(super) fn count(self, number: u64) -> String {
        let digits = number.to_string();
        let mut text = String::with_capacity(digits.len() + digits.len() / 3);
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push(self.marks().0);
            }
            text.push(digit);
        }
        text
    }

    /// A number with one decimal: `93,4`.
    pub(super) fn decimal(self, number: f64) -> String {
        let whole = number.abs().trunc();
        let text = format!("{:.1}", number.abs() - whole);
        // What rounds up to one carries.
        let (whole, rest) =
            if text.starts_with('1') { (whole + 1.0, "0") } else { (whole, &text[2..]) };
        let sign = if number < 0.0 { "−" } else { "" };
        format!("{sign}{}{}{rest}", self.count(whole as u64), self.marks().1)
    }

    /// A size in binary units: `1,5 GiB`.
    pub(super) fn size(self, bytes: u64) -> String {
        if bytes < 1024 {
            return format!("{bytes} B");
        }
        let mut size = bytes as f64 / 1024.0;
        let units = ["KiB", "MiB", "GiB", "TiB"];
        let mut unit = 0;
        while size >= 1024.0 && unit + 1 < units.len() {
            size /= 1024.0;
            unit += 1;
        }
        format!("{} {}", self.decimal(size), units.get(unit).copied().unwrap_or_default())
    }

    /// A moment to the second: `15/10/2026 08:42:07`.
    pub(super) fn moment(self, at: Timestamp) -> String {
        at.to_zoned(zone()).strftime("%d/%m/%Y %H:%M:%S").to_string()
    }

    /// A moment to the minute: `15/10/2026 08:42`.
    pub(super) fn minute(self, at: Timestamp) -> String {
        at.to_zoned(zone()).strftime("%d/%m/%Y %H:%M").to_string()
    }

    /// A day: `15/10/2026`.
    pub(super) fn day(self, at: Timestamp) -> String {
        at.to_zoned(zone()).strftime("%d/%m/%Y").to_string()
    }

    /// Hours and minutes: `08:42`.
    pub(super) fn clock(self, at: Timestamp) -> String {
        at.to_zoned(zone()).strftime("%H:%M").to_string()
    }

    /// Hours, minutes and seconds: `08:42:07`.
    pub(super) fn second(self, at: Timestamp) -> String {
        at.to_zoned(zone()).strftime("%H:%M:%S").to_string()
    }

    /// Day, month and time to the second: `15/10 08:42:07`.
    pub(super) fn stamp(self, at: Timestamp) -> String {
        at.to_zoned(zone()).strftime("%d/%m %H:%M:%S").to_string()
    }

    /// As short as it is clear now: `08:42` today, `14/10 08:42` this year, else with the year.
    pub(super) fn short(self, at: Timestamp, now: Timestamp) -> String {
        let (at, now) = (at.to_zoned(zone()), now.to_zoned(zone()));
        let form = if at.date() == now.date() {
            "%H:%M"
        } else if at.year() == now.year() {
            "%d/%m %H:%M"
        } else {
            "%d/%m/%Y %H:%M"
        };
        at.strftime(form).to_string()
    }

    /// The same to the second: `2026-10-15T08:42:07`.
    pub(super) fn input_second(self, at: Timestamp) -> String {
        at.to_zoned(zone()).strftime("%Y-%m-%dT%H:%M:%S").to_string()
    }
}

/// A moment in a file: `2026-10-15T00:30:05+07:00`.
pub(super) fn iso(at: Timestamp) -> String {
    at.to_zoned(zone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// A moment for machines, in `datetime` of `<time>`.
pub(super) fn machine(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const VI: Format = Format(Language::Vietnamese);
    const EN: Format = Format(Language::English);

    #[test]
    fn numbers_have_the_marks_of_the_language() {
        assert_eq!(VI.count(1_234_567), "1.234.567");
        assert_eq!(EN.count(1000), "1,000");
        assert_eq!(VI.decimal(93.44), "93,4");
        assert_eq!(VI.decimal(1999.96), "2.000,0");
        assert_eq!(EN.decimal(-2.5), "−2.5");
        assert_eq!(VI.size(1023), "1023 B");
        assert_eq!(VI.size(1536), "1,5 KiB");
        assert_eq!(EN.size(3 << 40), "3.0 TiB");
    }

    #[test]
    fn moments_are_of_viet_nam_and_as_short_as_clear() {
        let at: Timestamp = "2026-10-14T17:30:05Z".parse().unwrap();
        assert_eq!(VI.moment(at), "15/10/2026 00:30:05");
        assert_eq!(VI.short(at, "2026-10-15T16:59:59Z".parse().unwrap()), "00:30");
        assert_eq!(VI.short(at, "2026-10-15T17:00:00Z".parse().unwrap()), "15/10 00:30");
        assert_eq!(VI.short(at, "2027-10-15T17:00:00Z".parse().unwrap()), "15/10/2026 00:30");
        assert_eq!(machine(at), "2026-10-14T17:30:05Z");
        assert_eq!(iso(at), "2026-10-15T00:30:05+07:00");
    }
}
