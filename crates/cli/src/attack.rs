//! MITRE ATT&CK as far as tags tell it: tactics by their names, techniques by their numbers.

/// The tactics of ATT&CK Enterprise in the order of its matrix: the name in tags, the identifier,
/// the English and the Vietnamese title.
pub(crate) const TACTICS: [(&str, &str, &str, &str); 14] = [
    ("reconnaissance", "TA0043", "Reconnaissance", "Trinh sát"),
    ("resource-development", "TA0042", "Resource Development", "Chuẩn bị nguồn lực"),
    ("initial-access", "TA0001", "Initial Access", "Xâm nhập ban đầu"),
    ("execution", "TA0002", "Execution", "Thực thi"),
    ("persistence", "TA0003", "Persistence", "Duy trì hiện diện"),
    ("privilege-escalation", "TA0004", "Privilege Escalation", "Leo thang đặc quyền"),
    ("defense-evasion", "TA0005", "Defense Evasion", "Né tránh phòng thủ"),
    ("credential-access", "TA0006", "Credential Access", "Lấy thông tin xác thực"),
    ("discovery", "TA0007", "Discovery", "Khám phá"),
    ("lateral-movement", "TA0008", "Lateral Movement", "Di chuyển ngang"),
    ("collection", "TA0009", "Collection", "Thu thập"),
    ("command-and-control", "TA0011", "Command and Control", "Điều khiển từ xa"),
    ("exfiltration", "TA0010", "Exfiltration", "Đánh cắp dữ liệu"),
    ("impact", "TA0040", "Impact", "Gây thiệt hại"),
];

/// The tactics among tags, by their names; older tags write `_` for `-`.
pub(crate) fn tactics(tags: &[String]) -> impl Iterator<Item = &'static str> {
    TACTICS.iter().map(|tactic| tactic.0).filter(move |name| {
        tags.iter().any(|tag| {
            let tag = tag.strip_prefix("attack.").unwrap_or_default();
            tag.len() == name.len()
                && tag.bytes().zip(name.bytes()).all(|(a, b)| a == b || (a == b'_' && b == b'-'))
        })
    })
}

/// The techniques among tags, such as `T1059.001`.
pub(crate) fn techniques(tags: &[String]) -> impl Iterator<Item = String> {
    tags.iter().filter_map(|tag| {
        let number = tag.strip_prefix("attack.")?;
        let digits = number.strip_prefix('t').or_else(|| number.strip_prefix('T'))?;
        digits.starts_with(|c: char| c.is_ascii_digit()).then(|| format!("T{digits}"))
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
        ];
        let tags = tags.map(str::to_owned);
        assert_eq!(tactics(&tags).collect::<Vec<_>>(), ["defense-evasion", "impact"]);
        assert_eq!(techniques(&tags).collect::<Vec<_>>(), ["T1059.001"]);
    }
}
