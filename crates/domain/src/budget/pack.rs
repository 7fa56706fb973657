//! What the budget rule is and what lines can be: `packs/budget.yml`.

use std::sync::LazyLock;

use khien_event::yaml::{self, Node};

use super::Share;

/// The columns of a file with lines, in their order.
pub const COLUMNS: [&str; 15] = [
    "code",
    "name",
    "class",
    "share",
    "reason",
    "planned",
    "allocated",
    "spent",
    "domestic",
    "domestic_reason",
    "risks",
    "purchase",
    "bought",
    "support_end",
    "renewal",
];

/// The least share of security from a year on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The first year in which it holds.
    pub from: i16,
    /// The least share.
    pub least: Share,
    /// What it says, in Vietnamese.
    pub vi: String,
    /// What it says, in English.
    pub en: String,
}

/// What a line can pay for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// Its name in files and records.
    pub name: String,
    /// What it is called in Vietnamese.
    pub vi: String,
    /// What it is called in English.
    pub en: String,
    /// Whether it is security.
    pub security: bool,
    /// Why it is or is not, in Vietnamese.
    pub why_vi: String,
    /// The same in English.
    pub why_en: String,
}

/// The rules and the classes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetPack {
    /// Where it comes from.
    pub source: String,
    /// What is to be known about it.
    pub note: String,
    /// The rules, by the year in which they begin.
    rules: Vec<Rule>,
    /// The same of the estimate of one project.
    estimates: Vec<Rule>,
    /// The classes, in their order.
    pub classes: Vec<Class>,
    /// How many days before support ends its agency is told, where the renewal is later.
    pub support_days: i64,
    /// The titles of [`COLUMNS`] in Vietnamese and English.
    columns: Vec<[String; 2]>,
}

/// A pack that does not say what is needed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("budget pack: {0}")]
pub struct BudgetPackError(String);

impl BudgetPack {
    /// The pack that comes with the program.
    pub const BUILT_IN: &str = include_str!("../../../../packs/budget.yml");

    /// The pack that comes with the program.
    pub fn built_in() -> Result<&'static Self, BudgetPackError> {
        static PACK: LazyLock<Result<BudgetPack, BudgetPackError>> =
            LazyLock::new(|| BudgetPack::parse(BudgetPack::BUILT_IN));
        PACK.as_ref().map_err(Clone::clone)
    }

    /// Reads a pack.
    pub fn parse(text: &str) -> Result<Self, BudgetPackError> {
        let documents = yaml::parse(text).map_err(|error| BudgetPackError(error.to_string()))?;
        let [pack] = documents.as_slice() else {
            return Err(BudgetPackError("one document is expected".into()));
        };
        let (rules, estimates) = (rules(pack, "rules")?, rules(pack, "estimates")?);
        let classes = pack.get("classes").and_then(Node::as_map).unwrap_or_default();
        let classes = classes.iter().map(|(name, node)| class(name, node));
        let classes = classes.collect::<Result<Vec<_>, _>>()?;
        if !classes.iter().any(|class| class.security) || classes.iter().all(|class| class.security)
        {
            return Err(BudgetPackError(
                "«classes» needs one that is security and one that is not".into(),
            ));
        }
        let days = pack.get_str("support_days").and_then(|days| days.parse().ok());
        let support_days = days.filter(|days| (1..=1095).contains(days));
        let support_days = support_days
            .ok_or_else(|| BudgetPackError("«support_days» is a number from 1 to 1095".into()))?;
        let titles = pack.get("columns");
        let columns = COLUMNS.iter().map(|name| {
            let node = titles.and_then(|titles| titles.get(name));
            let node =
                node.ok_or_else(|| BudgetPackError(format!("columns: «{name}» is missing")))?;
            Ok([said(node, "vi")?, said(node, "en")?])
        });
        let columns = columns.collect::<Result<_, _>>()?;
        Ok(Self {
            source: said(pack, "source")?,
            note: said(pack, "note")?,
            rules,
            estimates,
            classes,
            support_days,
            columns,
        })
    }

    /// The rule that holds in a year, if one does.
    pub fn rule(&self, year: i16) -> Option<&Rule> {
        self.rules.iter().rev().find(|rule| rule.from <= year)
    }

    /// What is asked of the estimate of a project that is decided in a year, if something is.
    pub fn estimate(&self, year: i16) -> Option<&Rule> {
        self.estimates.iter().rev().find(|rule| rule.from <= year)
    }

    /// The class of a name.
    pub fn class(&self, name: &str) -> Option<&Class> {
        self.classes.iter().find(|class| class.name == name)
    }

    /// The title of a column in Vietnamese and English.
    pub fn title(&self, column: &str) -> Option<&[String; 2]> {
        let place = COLUMNS.iter().position(|name| *name == column)?;
        self.columns.get(place)
    }
}

fn said(node: &Node<'_>, key: &str) -> Result<String, BudgetPackError> {
    let value = node.get_str(key).filter(|value| !value.is_empty()).map(str::to_owned);
    value.ok_or_else(|| BudgetPackError(format!("line {}: «{key}» is missing", node.line)))
}

/// The rules of a list, by the year in which they begin.
fn rules(pack: &Node<'_>, list: &str) -> Result<Vec<Rule>, BudgetPackError> {
    let rules = pack.get(list).and_then(Node::as_list).unwrap_or_default();
    let mut rules = rules.iter().map(rule).collect::<Result<Vec<_>, _>>()?;
    rules.sort_by_key(|rule| rule.from);
    Ok(rules)
}

fn rule(node: &Node<'_>) -> Result<Rule, BudgetPackError> {
    let from = said(node, "from")?.parse().ok();
    let least = Share::parse(&said(node, "percent")?);
    let (Some(from), Some(least)) = (from, least) else {
        let what = "«from» is a year and «percent» a share with up to four decimals";
        return Err(BudgetPackError(format!("line {}: {what}", node.line)));
    };
    Ok(Rule { from, least, vi: said(node, "vi")?, en: said(node, "en")? })
}

fn class(name: &Node<'_>, node: &Node<'_>) -> Result<Class, BudgetPackError> {
    let security = node.get("security").and_then(Node::as_bool);
    Ok(Class {
        name: name.as_str().unwrap_or_default().to_owned(),
        vi: said(node, "vi")?,
        en: said(node, "en")?,
        security: security.ok_or_else(|| {
            BudgetPackError(format!("line {}: «security» is true or false", node.line))
        })?,
        why_vi: said(node, "why_vi")?,
        why_en: said(node, "why_en")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pack_of_the_program_says_when_the_rule_holds() {
        let pack = BudgetPack::parse(BudgetPack::BUILT_IN).unwrap();
        assert_eq!(pack.rule(2025), None);
        assert_eq!(pack.rule(2026).unwrap().least, Share::parse("15").unwrap());
        assert_eq!(pack.rule(2031), pack.rule(2026));
        assert_eq!(pack.estimate(2026).unwrap().least, Share::parse("10").unwrap());
        assert_eq!(pack.estimate(2025), None);
        assert!(pack.class("monitoring").unwrap().security);
        assert!(!pack.class("other").unwrap().security);
        assert_eq!(pack.title("planned").unwrap()[0], "Kế hoạch (đồng)");
        assert_eq!(pack.support_days, 180);
    }

    #[test]
    fn a_later_rule_takes_the_place_of_an_earlier_one() {
        let more = "  - {from: 2028, percent: 17.5, vi: x, en: x}\n\nestimates:";
        let text = BudgetPack::BUILT_IN.replacen("\nestimates:", more, 1);
        let pack = BudgetPack::parse(&text).unwrap();
        assert_eq!(pack.rule(2027).unwrap().least.to_string(), "15");
        assert_eq!(pack.rule(2028).unwrap().least.to_string(), "17.5");
    }

    #[test]
    fn a_damaged_pack_is_refused_with_what_is_wrong() {
        let broken = BudgetPack::BUILT_IN.replacen("percent: 15", "percent: 150", 1);
        assert!(BudgetPack::parse(&broken).unwrap_err().to_string().contains("percent"));
        let broken = BudgetPack::BUILT_IN.replace("security: true, ", "");
        assert!(BudgetPack::parse(&broken).unwrap_err().to_string().contains("security"));
        let broken = BudgetPack::BUILT_IN.replace("support_days: 180", "support_days: 0");
        assert!(BudgetPack::parse(&broken).unwrap_err().to_string().contains("support_days"));
    }
}
