//! What incidents cost: figures are added, the last of a kind counts.

use std::collections::BTreeMap;

use khien_domain::ids::IncidentId;
use khien_domain::incident::{Incident, LossFigure, LossKind, Losses, NewLossFigure};
use khien_domain::permission::AgencyScope;

use crate::incidents::in_scope;
use crate::sql::{Columns, Sql, signed};
use crate::{Store, StoreError, Tx};

fn read_figure(row: &mut Columns<'_>) -> Result<LossFigure, StoreError> {
    Ok(LossFigure {
        about: NewLossFigure {
            kind: row.parsed(LossKind::parse)?,
            amount: row.unsigned()?,
            reason: row.string()?,
        },
        by: row.string()?,
        at: row.time()?,
    })
}

impl Store {
    /// The figures of incidents that count, by the number of the incident.
    pub(crate) async fn read_losses(
        &self,
        incidents: &[Incident],
    ) -> Result<BTreeMap<i64, Losses>, StoreError> {
        let sql = Sql::new(
            "reading figures of incidents",
            "SELECT incident_id, kind, amount, reason, said_by, at FROM incident_loss
             WHERE incident_id IN ",
        );
        let ids = incidents.iter().map(|incident| incident.id.0);
        let read = |row: &mut Columns<'_>| Ok((row.int()?, read_figure(row)?));
        let mut losses: BTreeMap<i64, Losses> = BTreeMap::new();
        for (incident, figure) in self.all(sql.list(ids).text(" ORDER BY id"), read).await? {
            losses.entry(incident).or_default().put(figure);
        }
        Ok(losses)
    }

    /// The figures that were given of an incident within the scope, newest first.
    pub async fn list_incident_losses(
        &self,
        scope: &AgencyScope,
        id: IncidentId,
    ) -> Result<Vec<LossFigure>, StoreError> {
        let sql = Sql::new(
            "listing figures of an incident",
            "SELECT kind, amount, reason, said_by, at
             FROM incident_loss JOIN incident ON incident.id = incident_loss.incident_id
             WHERE incident_loss.incident_id = $1",
        );
        let sql =
            in_scope(sql.value(id.0), scope).text(" ORDER BY incident_loss.id DESC LIMIT 500");
        self.all(sql, read_figure).await
    }
}

impl Tx {
    /// Adds a figure of what an incident within the scope costs. Answers whether it is there.
    pub async fn add_incident_loss(
        &mut self,
        scope: &AgencyScope,
        id: IncidentId,
        figure: &LossFigure,
    ) -> Result<bool, StoreError> {
        const DOING: &str = "adding a figure of an incident";
        let amount = signed(DOING, "an amount", figure.about.amount)?;
        let sql = Sql::new(
            DOING,
            "INSERT INTO incident_loss (incident_id, kind, amount, reason, said_by, at)
             SELECT id, CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($3 AS TEXT), CAST($4 AS TEXT),
                 CAST($5 AS BIGINT)
             FROM incident WHERE id = $6",
        )
        .value(figure.about.kind.name())
        .value(amount)
        .value(&figure.about.reason)
        .value(&figure.by)
        .value(figure.at)
        .value(id.0);
        let added = self.execute(in_scope(sql, scope)).await? > 0;
        if added {
            self.touch_incident(id, figure.at).await?;
        }
        Ok(added)
    }
}
