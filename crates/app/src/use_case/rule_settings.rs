//! Settings of rules: switched off and on, given another level, for all agencies or for one.
//!
//! They act within moments on what is found from then on (`crate::pipeline`). What is switched off
//! is counted by rule and day.

use jiff::{SignedDuration, Timestamp};
use khien_domain::audit::Outcome;
use khien_domain::code::AgencyCode;
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::Permission;
use khien_domain::rule_setting::{NewRuleSetting, Property, RuleSetting, Setting};

use super::UseError;
use crate::access::{Caller, Deed};
use crate::records::Records;

/// What rules found is counted over this time.
pub const LOOK_BACK: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Where counting begins.
pub(crate) fn since(records: &Records) -> Timestamp {
    records.now().checked_sub(LOOK_BACK).unwrap_or(Timestamp::MIN)
}

/// What somebody sets, or takes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The rule's id.
    pub rule: String,
    /// For which agency; for all if none is named.
    pub agency: Option<AgencyCode>,
    /// Which property.
    pub property: Property,
    /// What it is set to; `None` takes back what was set.
    pub setting: Option<Setting>,
    /// Why.
    pub reason: String,
}

/// Sets a rule, or takes a setting back. For all agencies, it needs a caller for all. Whether there
/// is such a rule is for whoever knows the rules: [`super::rules::set_rule`].
pub(crate) async fn set_rule(
    records: &Records,
    caller: &Caller,
    wanted: Wanted,
) -> Result<(), UseError> {
    let Wanted { rule, agency, property, setting, reason } = wanted;
    let (by, at) = (caller.actor.identity.to_string(), records.now());
    let new = NewRuleSetting { rule, agency, property, setting, by, reason, at };
    let new = new.checked().map_err(UseError::invalid)?;
    let deed = Deed::new("rule.set", format!("rule {}", new.rule), new.agency.clone());
    let said = new.setting.map_or("as the rule says", Setting::name);
    let deed = deed.with(format!("{}: {said}; {}", new.property.name(), new.reason));
    records.require(caller, Permission::RulesWrite, &deed).await?;
    let mut tx = records.store.begin().await?;
    if !tx.set_rule(&new).await? {
        let whose = new.agency.as_ref().map_or("all agencies", AgencyCode::as_str);
        let message = format!("nothing is set for {} of the rule for {whose}", new.property.name());
        return Err(UseError::Conflict(message));
    }
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    Ok(tx.commit().await?)
}

/// The settings in force for all and for the caller's agencies; of one rule if asked.
pub async fn list_settings(
    records: &Records,
    caller: &Caller,
    rule: Option<&str>,
    page: &PageRequest,
) -> Result<Page<RuleSetting>, UseError> {
    let deed = Deed::new("rule.settings", rule.unwrap_or_default(), None);
    let scope = records.scope(caller, Permission::RulesRead, &deed).await?;
    Ok(records.store.list_rule_settings(&scope, rule, page).await?)
}

/// What was set and taken back for all and for the caller's agencies, newest first; of one rule if
/// asked.
pub async fn list_changes(
    records: &Records,
    caller: &Caller,
    rule: Option<&str>,
    page: &PageRequest,
) -> Result<Page<RuleSetting>, UseError> {
    let deed = Deed::new("rule.settings", rule.unwrap_or_default(), None);
    let scope = records.scope(caller, Permission::RulesRead, &deed).await?;
    Ok(records.store.list_rule_setting_changes(&scope, rule, page).await?)
}

/// Hits of a rule in the last 30 days that raised nothing because it is off, by day in UTC+7.
pub async fn switched_off_hits(
    records: &Records,
    caller: &Caller,
    rule: &str,
) -> Result<Vec<(String, u64)>, UseError> {
    let deed = Deed::new("rule.get", format!("rule {rule}"), None);
    let scope = records.scope(caller, Permission::RulesRead, &deed).await?;
    Ok(records.store.rule_off_hits(&scope, rule, since(records)).await?)
}
