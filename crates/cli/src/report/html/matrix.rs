//! The ATT&CK matrix of a result: tactics side by side, below each the techniques that were seen.
//!
//! The tags of one rule do not say which of its techniques serves which of its tactics. Several
//! rules together do: a technique stands under the tactics that most of its rules name.

use std::collections::BTreeMap;

use crate::attack;
use crate::language::Language;

/// So many techniques of a tactic are shown at once; the others can be unfolded.
const SHOWN: usize = 12;

pub(super) struct Column {
    /// The tactic's name in tags; empty for techniques of rules that name no tactic.
    pub(super) name: &'static str,
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) count: u64,
    /// Most first.
    pub(super) cells: Vec<Cell>,
}

impl Column {
    pub(super) fn first(&self) -> &[Cell] {
        self.cells.get(..SHOWN).unwrap_or(&self.cells)
    }

    pub(super) fn others(&self) -> &[Cell] {
        self.cells.get(SHOWN..).unwrap_or_default()
    }
}

pub(super) struct Cell {
    pub(super) technique: String,
    pub(super) count: u64,
    /// From 1, the least, to 5.
    pub(super) heat: u8,
}

/// What the rules of a technique say together.
#[derive(Default)]
struct Technique {
    count: u64,
    /// How many rules name a tactic at all, and each.
    rules: usize,
    tactics: BTreeMap<&'static str, usize>,
}

impl Technique {
    /// The tactics that more than half of the rules name, or else those that most name.
    fn places(&self) -> Vec<&'static str> {
        let most = self.tactics.values().copied().max().unwrap_or(0);
        let enough = most.min(self.rules / 2 + 1);
        if most == 0 {
            return vec![""];
        }
        self.tactics.iter().filter(|(_, rules)| **rules >= enough).map(|(name, _)| *name).collect()
    }
}

/// Builds the matrix from the tags of rules and how often each was detected.
pub(super) fn build<'t>(
    rules: impl Iterator<Item = (&'t [String], u64)>,
    l: Language,
) -> Vec<Column> {
    let mut totals: BTreeMap<&str, u64> = BTreeMap::new();
    let mut techniques: BTreeMap<String, Technique> = BTreeMap::new();
    for (tags, count) in rules {
        let tactics: Vec<&'static str> = attack::tactics(tags).collect();
        for tactic in &tactics {
            *totals.entry(tactic).or_default() += count;
        }
        for name in attack::techniques(tags) {
            let technique = techniques.entry(name).or_default();
            technique.count += count;
            for tactic in &tactics {
                *technique.tactics.entry(tactic).or_default() += 1;
            }
            technique.rules += usize::from(!tactics.is_empty());
        }
    }
    let mut cells: BTreeMap<(&str, String), u64> = BTreeMap::new();
    for (name, technique) in techniques {
        for tactic in technique.places() {
            cells.insert((tactic, name.clone()), technique.count);
        }
    }
    let most = cells.values().copied().max().unwrap_or(0);
    let unplaced: u64 = cells.iter().filter(|(key, _)| key.0.is_empty()).map(|(_, n)| n).sum();
    let seen = |name: &str| totals.contains_key(name);
    let new_names = attack::SPLIT.iter().any(|name| seen(name));
    let unnamed = ("", "", "No tactic named", "Không ghi chiến thuật");
    attack::TACTICS
        .into_iter()
        .chain([unnamed])
        .filter(|(name, ..)| match *name {
            "" => unplaced > 0,
            attack::DEFENSE_EVASION => seen(name) || !new_names,
            name if attack::SPLIT.contains(&name) => new_names,
            _ => true,
        })
        .map(|(name, id, en, vi)| {
            let mut column: Vec<Cell> = cells
                .iter()
                .filter(|((tactic, _), _)| *tactic == name)
                .map(|((_, technique), count)| Cell {
                    technique: technique.clone(),
                    count: *count,
                    heat: heat(*count, most),
                })
                .collect();
            column.sort_by_key(|cell| std::cmp::Reverse(cell.count));
            let total = if name.is_empty() { Some(&unplaced) } else { totals.get(name) };
            let count = total.copied().unwrap_or(0);
            Column { name, id, title: l.pick(vi, en), count, cells: column }
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
    fn techniques_stand_under_the_tactics_that_their_rules_agree_on() {
        let rules = [
            (tags("execution t1059.001"), 100),
            (tags("execution impact t1059.001 t1490"), 1),
            (tags("t1046"), 5),
        ];
        let rules = rules.iter().map(|(tags, count)| (tags.as_slice(), *count));
        let matrix = build(rules, Language::Vi);
        assert_eq!(matrix.len(), 15);
        assert!(matrix.iter().any(|c| c.name == attack::DEFENSE_EVASION && c.cells.is_empty()));
        let cells = |name: &str| -> Vec<(String, u64, u8)> {
            let column = matrix.iter().find(|column| column.name == name).unwrap();
            column.cells.iter().map(|c| (c.technique.clone(), c.count, c.heat)).collect()
        };
        let cell = |name: &str, count, heat| (name.to_owned(), count, heat);
        assert_eq!(cells("execution"), [cell("T1059.001", 101, 5), cell("T1490", 1, 1)]);
        assert_eq!(cells("impact"), [cell("T1490", 1, 1)]);
        assert_eq!(matrix.iter().find(|c| c.name == "execution").unwrap().count, 101);
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
