//! MITRE ATT&CK as far as tags tell it: tactics by their names, techniques by their numbers.
//!
//! Version 19 split Defense Evasion into Stealth, which kept its number, and Defense Impairment.
//! Rules of both ages are in use, so all three names are known, and none is taken for another.

/// The tactics of ATT&CK Enterprise in the order of its matrix: the name in tags, the identifier,
/// the English and the Vietnamese title.
pub const TACTICS: [(&str, &str, &str, &str); 16] = [
    ("reconnaissance", "TA0043", "Reconnaissance", "Trinh sát"),
    ("resource-development", "TA0042", "Resource Development", "Chuẩn bị nguồn lực"),
    ("initial-access", "TA0001", "Initial Access", "Xâm nhập ban đầu"),
    ("execution", "TA0002", "Execution", "Thực thi"),
    ("persistence", "TA0003", "Persistence", "Duy trì hiện diện"),
    ("privilege-escalation", "TA0004", "Privilege Escalation", "Leo thang đặc quyền"),
    (DEFENSE_EVASION, "TA0005", "Defense Evasion", "Né tránh phòng thủ"),
    ("stealth", "TA0005", "Stealth", "Ẩn mình"),
    ("defense-impairment", "TA0112", "Defense Impairment", "Làm suy yếu phòng thủ"),
    ("credential-access", "TA0006", "Credential Access", "Lấy thông tin xác thực"),
    ("discovery", "TA0007", "Discovery", "Khám phá"),
    ("lateral-movement", "TA0008", "Lateral Movement", "Di chuyển ngang"),
    ("collection", "TA0009", "Collection", "Thu thập"),
    ("command-and-control", "TA0011", "Command and Control", "Điều khiển từ xa"),
    ("exfiltration", "TA0010", "Exfiltration", "Đánh cắp dữ liệu"),
    ("impact", "TA0040", "Impact", "Gây thiệt hại"),
];

/// The tactic that version 19 split.
pub const DEFENSE_EVASION: &str = "defense-evasion";
/// What it was split into.
pub const SPLIT: [&str; 2] = ["stealth", "defense-impairment"];

/// The tactics among tags, by their names; older tags write `_` for `-`.
pub fn tactics(tags: &[String]) -> impl Iterator<Item = &'static str> {
    TACTICS.iter().map(|tactic| tactic.0).filter(move |name| {
        tags.iter().any(|tag| {
            let tag = tag
                .get(..7)
                .filter(|prefix| prefix.eq_ignore_ascii_case("attack."))
                .map_or("", |_| tag.get(7..).unwrap_or_default());
            tag.len() == name.len()
                && tag
                    .bytes()
                    .zip(name.bytes())
                    .all(|(a, b)| a.eq_ignore_ascii_case(&b) || (a == b'_' && b == b'-'))
        })
    })
}

/// The techniques among tags, such as `T1059.001`.
pub fn techniques(tags: &[String]) -> impl Iterator<Item = String> {
    tags.iter().filter_map(|tag| {
        let number = tag.strip_prefix("attack.")?;
        let digits = number.strip_prefix('t').or_else(|| number.strip_prefix('T'))?;
        let (whole, part) = digits.split_once('.').unwrap_or((digits, "000"));
        let numeric = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        (whole.len() == 4 && part.len() == 3 && numeric(whole) && numeric(part))
            .then(|| format!("T{digits}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_tell_tactics_and_techniques() {
        let tags = [
            "attack.defense_evasion",
            "attack.t1059.001",
            "attack.impact",
            "cve.2021-1",
            "attack.g0007",
            "attack.t10",
        ];
        let tags = tags.map(str::to_owned);
        assert_eq!(tactics(&tags).collect::<Vec<_>>(), ["defense-evasion", "impact"]);
        assert_eq!(techniques(&tags).collect::<Vec<_>>(), ["T1059.001"]);
    }

    #[test]
    fn tactics_of_the_old_and_the_new_matrix_are_kept_apart() {
        let tags = ["attack.stealth", "attack.defense-impairment", "attack.defense-evasion"];
        let tags = tags.map(str::to_owned);
        let found: Vec<_> = tactics(&tags).collect();
        assert_eq!(found, [DEFENSE_EVASION, SPLIT[0], SPLIT[1]]);
    }
}
