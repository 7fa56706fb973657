//! How rules are set, what was switched off, and what rules found.
//!
//! A setting for all agencies concerns everyone and is seen by everyone; one for an agency by whoever
//! may see that agency.

use std::collections::BTreeMap;

use jiff::Timestamp;
use khien_domain::code::AgencyCode;
use khien_domain::ids::RuleSettingId;
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::AgencyScope;
use khien_domain::rule_setting::{NewRuleSetting, Property, RuleSetting, Setting};

use crate::sql::{Columns, Sql};
use crate::{Store, StoreError, Tx};

const SELECT: &str = "SELECT id, rule, agency, property, setting, set_by, reason, at
    FROM rule_setting WHERE 1 = 1";
const SELECT_CHANGES: &str = "SELECT id, rule, agency, property, setting, set_by, reason, at
    FROM rule_setting_change WHERE 1 = 1";

fn read(row: &mut Columns<'_>) -> Result<RuleSetting, StoreError> {
    let id = RuleSettingId(row.int()?);
    let rule = row.string()?;
    let agency = row.optional_parsed(|text| AgencyCode::new(text).ok())?;
    let property = row.parsed(Property::parse)?;
    let setting = row.optional_parsed(|text| Setting::parse(property, text))?;
    let (by, reason, at) = (row.string()?, row.string()?, row.time()?);
    Ok(RuleSetting {
        id,
        asked: NewRuleSetting { rule, agency, property, setting, by, reason, at },
    })
}

/// Settings for all, and those of the agencies in scope.
fn in_scope(sql: Sql, scope: &AgencyScope) -> Sql {
    let AgencyScope::Only(agencies) = scope else { return sql };
    let codes = agencies.iter().map(AgencyCode::as_str);
    sql.text(" AND (agency IS NULL OR agency IN ").list(codes).text(")")
}

/// What a rule did within a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuleFigures {
    /// Alerts of it.
    pub alerts: u64,
    /// Hits in these alerts.
    pub hits: u64,
    /// Hits that raised nothing because the rule is off.
    pub off: u64,
}

impl Store {
    /// The settings in force that concern the scope, in their order; of one rule if asked.
    pub async fn list_rule_settings(
        &self,
        scope: &AgencyScope,
        rule: Option<&str>,
        page: &PageRequest,
    ) -> Result<Page<RuleSetting>, StoreError> {
        let sql = in_scope(Sql::new("listing settings of rules", SELECT), scope)
            .and(" AND rule = ", rule)
            .and(" AND id > ", page.after)
            .text(" ORDER BY id");
        self.page(sql, page, read, |setting| setting.id.0).await
    }

    /// What was set and taken back that concerns the scope, newest first; of one rule if asked.
    pub async fn list_rule_setting_changes(
        &self,
        scope: &AgencyScope,
        rule: Option<&str>,
        page: &PageRequest,
    ) -> Result<Page<RuleSetting>, StoreError> {
        let sql = in_scope(Sql::new("listing changes of settings", SELECT_CHANGES), scope)
            .and(" AND rule = ", rule)
            .and(" AND id < ", page.after)
            .text(" ORDER BY id DESC");
        self.page(sql, page, read, |setting| setting.id.0).await
    }

    /// What rules found within the scope in alerts with an event since a moment, and what was
    /// switched off since its day, by their ids.
    pub async fn rule_figures(
        &self,
        scope: &AgencyScope,
        since: Timestamp,
    ) -> Result<BTreeMap<String, RuleFigures>, StoreError> {
        const DOING: &str = "counting what rules found";
        let sql = Sql::new(
            DOING,
            "SELECT rule, count(*), CAST(sum(count) AS BIGINT) FROM alert WHERE last_at >= $1",
        );
        let sql = sql.value(since).scope("agency", scope).text(" GROUP BY rule");
        let read = |row: &mut Columns<'_>| Ok((row.string()?, row.unsigned()?, row.unsigned()?));
        let found = self.all(sql, read).await?.into_iter();
        let mut figures: BTreeMap<String, RuleFigures> = found
            .map(|(rule, alerts, hits)| (rule, RuleFigures { alerts, hits, off: 0 }))
            .collect();
        let sql = Sql::new(
            DOING,
            "SELECT rule, CAST(sum(hits) AS BIGINT) FROM rule_off_hit WHERE day >= $1",
        );
        let sql = sql.value(day(since)).scope("agency", scope).text(" GROUP BY rule");
        for (rule, off) in self.all(sql, |row| Ok((row.string()?, row.unsigned()?))).await? {
            figures.entry(rule).or_default().off = off;
        }
        Ok(figures)
    }

    /// Hits of a rule within the scope that raised nothing because it is off, by day since the day
    /// of a moment.
    pub async fn rule_off_hits(
        &self,
        scope: &AgencyScope,
        rule: &str,
        since: Timestamp,
    ) -> Result<Vec<(String, u64)>, StoreError> {
        let sql = Sql::new(
            "listing what was switched off",
            "SELECT day, CAST(sum(hits) AS BIGINT) FROM rule_off_hit WHERE rule = $1 AND day >= $2",
        );
        let sql = sql.value(rule).value(day(since)).scope("agency", scope);
        let sql = sql.text(" GROUP BY day ORDER BY day");
        self.all(sql, |row| Ok((row.string()?, row.unsigned()?))).await
    }
}

/// The day of a moment in UTC+7.
pub(crate) fn day(at: Timestamp) -> String {
    jiff::tz::Offset::constant(7).to_datetime(at).date().to_string()
}

impl Tx {
    /// Makes a setting, in the place of one of the same rule, agency and property, or takes that
    /// back. Answers whether anything was changed by it.
    pub async fn set_rule(&mut self, new: &NewRuleSetting) -> Result<bool, StoreError> {
        const DOING: &str = "setting a rule";
        let agency = new.agency.as_ref().map(AgencyCode::as_str);
        let sql = Sql::new(
            DOING,
            "DELETE FROM rule_setting
             WHERE rule = $1 AND coalesce(agency, '') = $2 AND property = $3",
        );
        let sql = sql.value(&new.rule).value(agency.unwrap_or("")).value(new.property.name());
        let gone = self.execute(sql).await? > 0;
        if new.setting.is_none() && !gone {
            return Ok(false);
        }
        let setting = new.setting.map(Setting::name);
        let values = |sql: Sql| {
            sql.value(&new.rule)
                .value(agency)
                .value(new.property.name())
                .value(setting)
                .value(&new.by)
                .value(&new.reason)
                .value(new.at)
        };
        if setting.is_some() {
            let sql = Sql::new(
                DOING,
                "INSERT INTO rule_setting (rule, agency, property, setting, set_by, reason, at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
            );
            self.execute(values(sql)).await?;
        }
        let sql = Sql::new(
            DOING,
            "INSERT INTO rule_setting_change (rule, agency, property, setting, set_by, reason, at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        );
        self.execute(values(sql)).await?;
        Ok(true)
    }
}
