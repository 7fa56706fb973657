//! The ATT&CK matrix of a result: tactics side by side, below each the techniques that were seen.
//!
//! Tags do not say which technique served which tactic; a technique stands under every tactic
//! that its rule names.

use std::collections::BTreeMap;

use crate::attack;
use crate::language::Language;

pub(super) struct Column {
    /// The tactic's name in tags; empty for techniques of rules that name no tactic.
    pub(super) name: &'static str,
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) count: u64,
    pub(super) cells: Vec<Cell>,
}

pub(super) struct Cell {
    pub(super) technique: String,
    pub(super) count: u64,
    /// From 1, the least, to 5.
    pub(super) heat: u8,
}

/// Builds the matrix from the tags of rules and how often each was detected.
pub(super) fn build<'t>(
    rules: impl Iterator<Item = (&'t [String], u64)>,
    l: Language,
) -> Vec<Column> {
    let mut totals: BTreeMap<&str, u64> = BTreeMap::new();
    let mut cells: BTreeMap<(&str, String), u64> = BTreeMap::new();
    for (tags, count) in rules {
        let mut tactics: Vec<&'static str> = attack::tactics(tags).collect();
        let techniques: Vec<String> = attack::techniques(tags).collect();
        if tactics.is_empty() && !techniques.is_empty() {
            tactics.push("");
        }
        for tactic in tactics {
            *totals.entry(tactic).or_default() += count;
            for technique in &techniques {
                *cells.entry((tactic, technique.clone())).or_default() += count;
            }
        }
    }
    let most = cells.values().copied().max().unwrap_or(0);
    let seen = |name: &str| totals.contains_key(name);
    let new_names = attack::SPLIT.iter().any(|name| seen(name));
    let unnamed = ("", "", "No tactic named", "Không ghi chiến thuật");
    attack::TACTICS
        .into_iter()
        .chain([unnamed])
        .filter(|(name, ..)| match *name {
            "" => seen(name),
            attack::DEFENSE_EVASION => seen(name) || !new_names,
            name if attack::SPLIT.contains(&name) => new_names,
            _ => true,
        })
        .map(|(name, id, en, vi)| Column {
            name,
            id,
            title: l.pick(vi, en),
            count: totals.get(name).copied().unwrap_or(0),
            cells: cells
                .iter()
                .filter(|((tactic, _), _)| *tactic == name)
                .map(|((_, technique), count)| Cell {
                    technique: technique.clone(),
                    count: *count,
                    heat: heat(*count, most),
                })
                .collect(),
        })
        .collect()
}

/// How strong a cell is drawn: by the logarithm, because counts differ a thousandfold.
fn heat(count: u64, most: u64) -> u8 {
    if most <= 1 {
        return 3;
    }
    1 + ((count as f64).ln() / (most as f64).ln() * 4.0).floor().clamp(0.0, 4.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(text: &str) -> Vec<String> {
        text.split(' ').map(|tag| format!("attack.{tag}")).collect()
    }

    #[test]
    fn techniques_stand_under_the_tactics_of_their_rules() {
        let rules = [
            (tags("execution t1059.001"), 100),
            (tags("execution impact t1059.001 t1490"), 1),
            (tags("t1046"), 5),
        ];
        let rules = rules.iter().map(|(tags, count)| (tags.as_slice(), *count));
        let matrix = build(rules, Language::Vi);
        assert_eq!(matrix.len(), 15);
        assert!(matrix.iter().any(|c| c.name == attack::DEFENSE_EVASION && c.cells.is_empty()));
        let execution = matrix.iter().find(|column| column.name == "execution").unwrap();
        assert_eq!(execution.count, 101);
        let cells: Vec<_> =
            execution.cells.iter().map(|c| (c.technique.as_str(), c.count, c.heat)).collect();
        assert_eq!(cells, [("T1059.001", 101, 5), ("T1490", 1, 1)]);
        assert_eq!(matrix.last().map(|c| (c.title, c.count)), Some(("Không ghi chiến thuật", 5)));
    }

    #[test]
    fn the_split_of_defense_evasion_shows_only_what_was_seen() {
        let names = |rules: &[(Vec<String>, u64)]| -> Vec<&'static str> {
            let rules = rules.iter().map(|(tags, count)| (tags.as_slice(), *count));
            let columns = build(rules, Language::En).into_iter();
            columns.map(|c| c.name).filter(|n| n.contains("defense") || *n == "stealth").collect()
        };
        assert_eq!(names(&[]), ["defense-evasion"]);
        assert_eq!(names(&[(tags("stealth"), 1)]), ["stealth", "defense-impairment"]);
        let both = [(tags("stealth"), 1), (tags("defense_evasion"), 1)];
        assert_eq!(names(&both), ["defense-evasion", "stealth", "defense-impairment"]);
    }
}
