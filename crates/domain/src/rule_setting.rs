//! Settings of rules: switched off or on, another level, for all agencies or for one.
//!
//! A setting for an agency goes before one for all, each property by itself: a rule that is off for
//! all and on for one agency fires there alone. A setting never changes the rule; taken back, the
//! rule is what its file says.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::alert::Severity;
use crate::code::AgencyCode;
use crate::ids::RuleSettingId;
use crate::limits::{NAME_BYTES, TEXT_BYTES};
use crate::text::{self, TextError};

/// What a setting changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Property {
    /// Whether the rule raises alerts: `on`, `off`.
    Switch,
    /// Its level.
    Level,
}

impl Property {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Switch, Self::Level];

    /// The name that records use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Switch => "switch",
            Self::Level => "level",
        }
    }

    /// The property of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|property| property.name() == name)
    }
}

/// What a property is set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Setting {
    /// The rule raises alerts, or not.
    On(bool),
    /// The level that takes the place of the rule's own, before the system's level is asked.
    Level(Severity),
}

impl Setting {
    /// What it changes.
    pub fn property(self) -> Property {
        match self {
            Self::On(_) => Property::Switch,
            Self::Level(_) => Property::Level,
        }
    }

    /// What it says: `on`, `off`, `high`.
    pub fn name(self) -> &'static str {
        match self {
            Self::On(true) => "on",
            Self::On(false) => "off",
            Self::Level(level) => level.name(),
        }
    }

    /// The setting of a property and a name.
    pub fn parse(property: Property, name: &str) -> Option<Self> {
        match (property, name) {
            (Property::Switch, "on") => Some(Self::On(true)),
            (Property::Switch, "off") => Some(Self::On(false)),
            (Property::Switch, _) => None,
            (Property::Level, name) => Severity::parse(name).map(Self::Level),
        }
    }
}

/// A setting to be made, or taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRuleSetting {
    /// The rule's id.
    pub rule: String,
    /// For which agency; for all if none is named.
    pub agency: Option<AgencyCode>,
    /// Which property.
    pub property: Property,
    /// What it is set to; `None` takes back what was set.
    pub setting: Option<Setting>,
    /// Who does it.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// Why a setting cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleSettingError {
    /// A text is empty, too long or has control characters.
    #[error(transparent)]
    Text(#[from] TextError),
    /// A level for the switch, or the other way round.
    #[error("the switch is on or off, the level one of the five levels")]
    Property,
}

impl NewRuleSetting {
    /// The setting with texts in order.
    pub fn checked(mut self) -> Result<Self, RuleSettingError> {
        self.rule = text::line("the rule", &self.rule, NAME_BYTES)?;
        self.reason = text::paragraph("the reason", &self.reason, TEXT_BYTES)?;
        if self.setting.is_some_and(|setting| setting.property() != self.property) {
            return Err(RuleSettingError::Property);
        }
        Ok(self)
    }
}

/// A setting, or one step of its history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSetting {
    /// Its number.
    pub id: RuleSettingId,
    /// What was asked for.
    pub asked: NewRuleSetting,
}

/// The settings in force, ready to be asked for every hit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleSettings(BTreeMap<String, Vec<(Option<AgencyCode>, Setting)>>);

impl RuleSettings {
    /// Takes the settings in force.
    pub fn new(settings: impl IntoIterator<Item = RuleSetting>) -> Self {
        let mut by_rule: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for RuleSetting { asked, .. } in settings {
            if let Some(setting) = asked.setting {
                by_rule.entry(asked.rule).or_default().push((asked.agency, setting));
            }
        }
        Self(by_rule)
    }

    /// Whether a rule is switched off for an agency.
    pub fn is_off(&self, rule: &str, agency: &AgencyCode) -> bool {
        self.find(rule, agency, Property::Switch) == Some(Setting::On(false))
    }

    /// The level that takes the place of a rule's own for an agency.
    pub fn level(&self, rule: &str, agency: &AgencyCode) -> Option<Severity> {
        match self.find(rule, agency, Property::Level)? {
            Setting::Level(level) => Some(level),
            Setting::On(_) => None,
        }
    }

    fn find(&self, rule: &str, agency: &AgencyCode, property: Property) -> Option<Setting> {
        let settings = self.0.get(rule)?;
        let of = |wanted: Option<&AgencyCode>| {
            let fits = |(agency, setting): &&(Option<AgencyCode>, Setting)| {
                agency.as_ref() == wanted && setting.property() == property
            };
            settings.iter().find(fits).map(|(_, setting)| *setting)
        };
        of(Some(agency)).or_else(|| of(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(agency: Option<&str>, setting: Setting) -> RuleSetting {
        let asked = NewRuleSetting {
            rule: "rule-1".into(),
            agency: agency.map(|code| AgencyCode::new(code).unwrap()),
            property: setting.property(),
            setting: Some(setting),
            by: "person:canbo001".into(),
            reason: "nhiều cảnh báo sai".into(),
            at: Timestamp::UNIX_EPOCH,
        };
        RuleSetting { id: RuleSettingId(1), asked }
    }

    #[test]
    fn an_agencys_own_setting_goes_before_that_for_all() {
        let settings = RuleSettings::new([
            setting(None, Setting::On(false)),
            setting(Some("soyt"), Setting::On(true)),
            setting(Some("soyt"), Setting::Level(Severity::Low)),
        ]);
        let (here, there) = (AgencyCode::new("sokhcn").unwrap(), AgencyCode::new("soyt").unwrap());
        assert!(settings.is_off("rule-1", &here) && !settings.is_off("rule-1", &there));
        assert_eq!(settings.level("rule-1", &there), Some(Severity::Low));
        assert_eq!(settings.level("rule-1", &here), None, "each property by itself");
        assert!(!settings.is_off("rule-2", &here));
    }

    #[test]
    fn settings_are_read_back_and_fit_their_property() {
        let all = [Setting::On(true), Setting::On(false)].into_iter();
        for one in all.chain(Severity::ALL.map(Setting::Level)) {
            assert_eq!(Setting::parse(one.property(), one.name()), Some(one));
        }
        assert_eq!(Setting::parse(Property::Switch, "high"), None);
        let level = setting(None, Setting::Level(Severity::Low)).asked;
        let mixed = NewRuleSetting { property: Property::Switch, ..level.clone() };
        assert_eq!(mixed.checked(), Err(RuleSettingError::Property));
        assert!(NewRuleSetting { reason: " ".into(), ..level }.checked().is_err());
    }
}
