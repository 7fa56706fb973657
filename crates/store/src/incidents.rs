//! Incidents, their alerts and notes.
//!
//! An incident is seen by whoever may see one of the agencies that it concerns; of its alerts they
//! see those of their agencies.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use khien_domain::alert::{Alert, Severity};
use khien_domain::code::AgencyCode;
use khien_domain::ids::{AlertId, IncidentId, NoteId};
use khien_domain::incident::{Incident, Losses, NewIncident, Note, Outcome, State};
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::AgencyScope;
use khien_domain::text::without_diacritics;

use crate::alerts;
use crate::sql::{Columns, Sql, anywhere, int, unsigned};
use crate::{Store, StoreError, Tx};

const SELECT: &str = "SELECT id, title, severity, state, outcome, lead, agency,
        (SELECT count(*) FROM incident_alert WHERE incident_alert.incident_id = incident.id),
        opened_by, opened_at, updated_at, closed_at
    FROM incident WHERE 1 = 1";

/// Agencies and figures are added from their own tables.
fn read(row: &mut Columns<'_>) -> Result<Incident, StoreError> {
    Ok(Incident {
        id: IncidentId(row.int()?),
        title: row.string()?,
        severity: {
            let rank = row.int()?;
            Severity::of_rank(rank).ok_or_else(|| row.damaged(format!("severity {rank}")))?
        },
        state: {
            let name = row.string()?;
            let outcome = row.optional_parsed(Outcome::parse)?;
            State::parse(&name, outcome).ok_or_else(|| row.damaged(format!("state «{name}»")))?
        },
        lead: row.optional_string()?,
        agency: row.parsed(|text| AgencyCode::new(text).ok())?,
        agencies: BTreeSet::new(),
        alerts: row.unsigned()?,
        losses: Losses::default(),
        opened_by: row.string()?,
        opened_at: row.time()?,
        updated_at: row.time()?,
        closed_at: row.optional_time()?,
    })
}

fn read_agency(row: &mut Columns<'_>) -> Result<(i64, AgencyCode), StoreError> {
    Ok((row.int()?, row.parsed(|text| AgencyCode::new(text).ok())?))
}

/// Only incidents that concern an agency of the scope.
pub(crate) fn in_scope(sql: Sql, scope: &AgencyScope) -> Sql {
    let AgencyScope::Only(agencies) = scope else { return sql };
    sql.text(
        " AND EXISTS (SELECT 1 FROM incident_agency
             WHERE incident_agency.incident_id = incident.id AND incident_agency.agency IN ",
    )
    .list(agencies.iter().map(AgencyCode::as_str))
    .text(")")
}

/// A title in small letters without diacritics.
fn plain(text: &str) -> String {
    without_diacritics(text).to_lowercase()
}

/// Which incidents are wanted; everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IncidentFilter {
    /// The name of the [state](State).
    pub state: Option<String>,
    /// Not closed, whatever state that is.
    pub not_closed: bool,
    /// At least this grave.
    pub severity: Option<Severity>,
    /// Concerning this agency, as long as it is in scope.
    pub agency: Option<AgencyCode>,
    /// Led by whoever has this user name.
    pub lead: Option<String>,
    /// With this in the title, case and diacritics aside.
    pub text: Option<String>,
    /// Opened at this moment or later.
    pub opened_from: Option<Timestamp>,
    /// Opened before this moment.
    pub opened_before: Option<Timestamp>,
}

impl IncidentFilter {
    fn apply(&self, sql: Sql) -> Sql {
        let sql = if self.not_closed { sql.text(" AND state <> 'closed'") } else { sql };
        let sql = sql
            .and(" AND state = ", self.state.as_deref())
            .and(" AND severity >= ", self.severity.map(|least| i64::from(least.rank())))
            .and(" AND lead = ", self.lead.as_deref())
            .and(" AND opened_at >= ", self.opened_from)
            .and(" AND opened_at < ", self.opened_before);
        let sql = match &self.text {
            Some(text) => {
                sql.text(" AND plain_title LIKE ").bind(anywhere(&plain(text))).text(" ESCAPE '\\'")
            }
            None => sql,
        };
        match &self.agency {
            Some(agency) => in_scope(sql, &AgencyScope::one(agency.clone())),
            None => sql,
        }
    }
}

impl Store {
    /// An incident within the scope.
    pub async fn find_incident(
        &self,
        scope: &AgencyScope,
        id: IncidentId,
    ) -> Result<Option<Incident>, StoreError> {
        let sql = in_scope(Sql::new("reading an incident", SELECT), scope);
        let mut found = self.all(sql.text(" AND id = ").bind(id.0), read).await?;
        self.read_incident_parts(&mut found).await?;
        Ok(found.pop())
    }

    /// The incidents within the scope, newest first.
    pub async fn list_incidents(
        &self,
        scope: &AgencyScope,
        filter: &IncidentFilter,
        page: &PageRequest,
    ) -> Result<Page<Incident>, StoreError> {
        let sql = filter
            .apply(in_scope(Sql::new("listing incidents", SELECT), scope))
            .and(" AND id < ", page.after)
            .text(" ORDER BY id DESC");
        let mut page = self.page(sql, page, read, |incident| incident.id.0).await?;
        self.read_incident_parts(&mut page.items).await?;
        Ok(page)
    }

    async fn read_incident_parts(&self, incidents: &mut [Incident]) -> Result<(), StoreError> {
        let sql = Sql::new(
            "reading agencies of incidents",
            "SELECT incident_id, agency FROM incident_agency WHERE incident_id IN ",
        );
        let ids = incidents.iter().map(|incident| incident.id.0);
        let mut of_incident: BTreeMap<i64, BTreeSet<AgencyCode>> = BTreeMap::new();
        for (incident, agency) in self.all(sql.list(ids), read_agency).await? {
            of_incident.entry(incident).or_default().insert(agency);
        }
        let mut losses = self.read_losses(incidents).await?;
        for incident in incidents {
            incident.agencies = of_incident.remove(&incident.id.0).unwrap_or_default();
            incident.losses = losses.remove(&incident.id.0).unwrap_or_default();
        }
        Ok(())
    }

    /// The alerts of an incident that are of the agencies in scope, newest first.
    pub async fn list_incident_alerts(
        &self,
        scope: &AgencyScope,
        id: IncidentId,
    ) -> Result<Vec<Alert>, StoreError> {
        let sql = Sql::new("listing alerts of an incident", alerts::SELECT)
            .scope("agency", scope)
            .text(" AND id IN (SELECT alert_id FROM incident_alert WHERE incident_id = ")
            .bind(id.0)
            .text(") ORDER BY id DESC");
        self.all(sql, alerts::read).await
    }

    /// The notes on an incident within the scope, newest first.
    pub async fn list_incident_notes(
        &self,
        scope: &AgencyScope,
        id: IncidentId,
        page: &PageRequest,
    ) -> Result<Page<Note>, StoreError> {
        let sql = Sql::new(
            "listing notes of an incident",
            "SELECT incident_note.id, author, at, text
             FROM incident_note JOIN incident ON incident.id = incident_note.incident_id
             WHERE incident_note.incident_id = $1",
        );
        let sql = in_scope(sql.value(id.0), scope)
            .and(" AND incident_note.id < ", page.after)
            .text(" ORDER BY incident_note.id DESC");
        let read = |row: &mut Columns<'_>| {
            Ok(Note {
                id: NoteId(row.int()?),
                author: row.string()?,
                at: row.time()?,
                text: row.string()?,
            })
        };
        self.page(sql, page, read, |note| note.id.0).await
    }

    /// The incident that is not closed and has an alert within the scope.
    pub async fn open_incident_of_alert(
        &self,
        scope: &AgencyScope,
        alert: AlertId,
    ) -> Result<Option<IncidentId>, StoreError> {
        let sql = Sql::new(
            "finding the incident of an alert",
            "SELECT incident_id FROM incident_alert JOIN alert ON alert.id = alert_id
             WHERE alert_id = $1 AND is_open = 1",
        );
        let sql = sql.value(alert.0).scope("agency", scope);
        Ok(self.one(sql, int).await?.map(IncidentId))
    }

    /// The incidents within the scope that are not closed, by severity, the lowest first.
    pub async fn count_open_incidents(&self, scope: &AgencyScope) -> Result<[u64; 5], StoreError> {
        let sql = Sql::new(
            "counting incidents",
            "SELECT severity, count(*) FROM incident WHERE state <> 'closed'",
        );
        let sql = in_scope(sql, scope).text(" GROUP BY severity");
        let counted = self.all(sql, |row| Ok((row.int()?, unsigned(row)?))).await?;
        Ok(by_severity(counted))
    }
}

/// Counts of ranks as counts by severity, the lowest first.
pub(crate) fn by_severity(counted: impl IntoIterator<Item = (i64, u64)>) -> [u64; 5] {
    let mut counts = [0; 5];
    for (rank, count) in counted {
        let place = usize::try_from(rank - 1).ok();
        if let Some(place) = place.and_then(|place| counts.get_mut(place)) {
            *place += count;
        }
    }
    counts
}

impl Tx {
    /// Opens an incident of an agency; its alerts are linked one by one.
    pub async fn open_incident(
        &mut self,
        new: &NewIncident,
        agency: &AgencyCode,
        by: &str,
        now: Timestamp,
    ) -> Result<IncidentId, StoreError> {
        const DOING: &str = "opening an incident";
        let sql = Sql::new(
            DOING,
            "INSERT INTO incident
                 (title, plain_title, severity, state, lead, agency, opened_by, opened_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) RETURNING id",
        )
        .value(&new.title)
        .value(plain(&new.title))
        .value(i64::from(new.severity.rank()))
        .value(State::Open.name())
        .value(new.lead.clone())
        .value(agency.as_str())
        .value(by)
        .value(now);
        let id = self.insert(sql).await?;
        let sql =
            Sql::new(DOING, "INSERT INTO incident_agency (incident_id, agency) VALUES ($1, $2)");
        self.execute(sql.value(id).value(agency.as_str())).await?;
        Ok(IncidentId(id))
    }

    /// Links an alert within the scope to an incident within the scope. Answers whether both are
    /// there and they were not linked yet; [`StoreError::Conflict`] if another incident that is not
    /// closed has the alert.
    pub async fn link_alert(
        &mut self,
        scope: &AgencyScope,
        id: IncidentId,
        alert: AlertId,
        by: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        const DOING: &str = "linking an alert";
        let sql = Sql::new(
            DOING,
            "INSERT INTO incident_alert (incident_id, alert_id, is_open, added_by, added_at)
             SELECT incident.id, alert.id, CASE WHEN incident.state = 'closed' THEN 0 ELSE 1 END,
                 CAST($1 AS TEXT), CAST($2 AS BIGINT)
             FROM incident, alert WHERE incident.id = $3 AND alert.id = $4",
        );
        let sql = sql.value(by).value(now).value(id.0).value(alert.0).scope("alert.agency", scope);
        let sql = in_scope(sql, scope).text(" ON CONFLICT (incident_id, alert_id) DO NOTHING");
        if self.execute(sql).await? == 0 {
            return Ok(false);
        }
        let sql = Sql::new(
            DOING,
            "INSERT INTO incident_agency (incident_id, agency)
             SELECT CAST($1 AS BIGINT), agency FROM alert WHERE id = $2
             ON CONFLICT DO NOTHING",
        );
        self.execute(sql.value(id.0).value(alert.0)).await?;
        self.touch_incident(id, now).await?;
        Ok(true)
    }

    /// Takes an alert within the scope out of an incident within the scope, and with it the
    /// agencies that no other alert brings. Answers whether it was linked.
    pub async fn unlink_alert(
        &mut self,
        scope: &AgencyScope,
        id: IncidentId,
        alert: AlertId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        const DOING: &str = "taking an alert out of an incident";
        let sql = Sql::new(
            DOING,
            "DELETE FROM incident_alert WHERE incident_id = $1 AND alert_id = $2
                 AND EXISTS (SELECT 1 FROM incident WHERE incident.id = incident_id",
        );
        let sql = in_scope(sql.value(id.0).value(alert.0), scope)
            .text(") AND EXISTS (SELECT 1 FROM alert WHERE alert.id = alert_id")
            .scope("alert.agency", scope)
            .text(")");
        if self.execute(sql).await? == 0 {
            return Ok(false);
        }
        let sql = Sql::new(
            DOING,
            "DELETE FROM incident_agency WHERE incident_id = $1
                 AND agency <> (SELECT agency FROM incident WHERE id = $1)
                 AND agency NOT IN (SELECT alert.agency FROM incident_alert
                     JOIN alert ON alert.id = incident_alert.alert_id
                     WHERE incident_alert.incident_id = $1)",
        );
        self.execute(sql.value(id.0)).await?;
        self.touch_incident(id, now).await?;
        Ok(true)
    }

    /// Takes an incident within the scope from one state to another, which [`State::step`] allowed.
    /// Answers whether it was there in that state: somebody else may have been faster.
    /// [`StoreError::Conflict`] if it is to be opened again while another incident that is not
    /// closed has one of its alerts.
    pub async fn set_incident_state(
        &mut self,
        scope: &AgencyScope,
        id: IncidentId,
        from: State,
        to: State,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        const DOING: &str = "changing the state of an incident";
        let sql = Sql::new(
            DOING,
            "UPDATE incident SET state = $1, outcome = $2, updated_at = $3, closed_at = $4
             WHERE id = $5 AND state = $6 AND coalesce(outcome, '') = $7",
        )
        .value(to.name())
        .value(to.outcome().map(Outcome::name))
        .value(now)
        .value(to.is_closed().then_some(now))
        .value(id.0)
        .value(from.name())
        .value(from.outcome().map_or("", Outcome::name));
        if self.execute(in_scope(sql, scope)).await? == 0 {
            return Ok(false);
        }
        let sql = Sql::new(DOING, "UPDATE incident_alert SET is_open = $1 WHERE incident_id = $2");
        self.execute(sql.value(i64::from(!to.is_closed())).value(id.0)).await?;
        Ok(true)
    }

    /// Gives an incident within the scope a title, a severity and a lead. Answers whether it is
    /// there.
    pub async fn edit_incident(
        &mut self,
        scope: &AgencyScope,
        id: IncidentId,
        title: &str,
        severity: Severity,
        lead: Option<&str>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = Sql::new(
            "changing an incident",
            "UPDATE incident SET title = $1, plain_title = $2, severity = $3, lead = $4,
                 updated_at = $5
             WHERE id = $6",
        )
        .value(title)
        .value(plain(title))
        .value(i64::from(severity.rank()))
        .value(lead)
        .value(now)
        .value(id.0);
        Ok(self.execute(in_scope(sql, scope)).await? > 0)
    }

    /// Adds a note to an incident within the scope; `None` if there is no such incident.
    pub async fn note_incident(
        &mut self,
        scope: &AgencyScope,
        id: IncidentId,
        author: &str,
        text: &str,
        now: Timestamp,
    ) -> Result<Option<NoteId>, StoreError> {
        let sql = Sql::new(
            "adding a note to an incident",
            "INSERT INTO incident_note (incident_id, author, at, text)
             SELECT id, CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($3 AS TEXT)
             FROM incident WHERE id = $4",
        );
        let sql = in_scope(sql.value(author).value(now).value(text).value(id.0), scope);
        let added = self.one(sql.text(" RETURNING id"), int).await?;
        if added.is_some() {
            self.touch_incident(id, now).await?;
        }
        Ok(added.map(NoteId))
    }

    pub(crate) async fn touch_incident(
        &mut self,
        id: IncidentId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql =
            Sql::new("dating an incident", "UPDATE incident SET updated_at = $1 WHERE id = $2");
        self.execute(sql.value(now).value(id.0)).await.map(|_| ())
    }
}
