//! What correlations remember, so that their state survives a restart.

use jiff::Timestamp;
use khien_domain::ids::EventId;
use khien_domain::page::{Page, PageRequest};

use crate::sql::{Columns, Sql, Value, chunks, signed};
use crate::{Store, StoreError, Tx};

const DOING: &str = "keeping inputs of correlations";

/// What one correlation needs of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorrelationInput {
    /// The event.
    pub event: EventId,
    /// The rule that matched.
    pub rule: String,
    /// When the event arrived: what it is kept and forgotten by.
    pub at: Timestamp,
    /// The fields, in the application's own form.
    pub payload: Vec<u8>,
}

/// The place of an input in their order.
pub type InputCursor = (EventId, String);

impl Store {
    /// Inputs of events that arrived since a moment, in the order in which the events came.
    pub async fn list_inputs(
        &self,
        since: Timestamp,
        page: &PageRequest<InputCursor>,
    ) -> Result<Page<CorrelationInput, InputCursor>, StoreError> {
        let mut sql = Sql::new(
            "reading inputs of correlations",
            "SELECT batch, item, rule, at, payload FROM correlation_input WHERE at >= $1",
        )
        .value(since);
        if let Some((event, rule)) = &page.after {
            sql = sql
                .text(" AND (batch, item, rule) > (")
                .bind(signed(DOING, "a batch", event.batch)?)
                .text(", ")
                .bind(event.item)
                .text(", ")
                .bind(rule)
                .text(")");
        }
        let read = |row: &mut Columns<'_>| {
            Ok(CorrelationInput {
                event: EventId { batch: row.unsigned()?, item: row.number()? },
                rule: row.string()?,
                at: row.time()?,
                payload: row.bytes()?,
            })
        };
        let sql = sql.text(" ORDER BY batch, item, rule");
        self.page(sql, page, read, |input| (input.event, input.rule.clone())).await
    }
}

impl Tx {
    pub(crate) async fn add_inputs(
        &mut self,
        inputs: &[&CorrelationInput],
    ) -> Result<(), StoreError> {
        for chunk in chunks(inputs) {
            let mut rows: Vec<Vec<Value>> = Vec::new();
            for input in chunk {
                rows.push(vec![
                    signed(DOING, "a batch", input.event.batch)?.into(),
                    input.event.item.into(),
                    (&input.rule).into(),
                    input.at.into(),
                    input.payload.as_slice().into(),
                ]);
            }
            let sql = Sql::new(
                DOING,
                "INSERT INTO correlation_input (batch, item, rule, at, payload) VALUES ",
            );
            self.execute(sql.rows(rows).text(" ON CONFLICT DO NOTHING")).await?;
        }
        Ok(())
    }

    /// Forgets inputs of events that arrived before a moment, which no window reaches any more. Answers how many.
    pub async fn prune_inputs(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        let sql = Sql::new(DOING, "DELETE FROM correlation_input WHERE at < $1");
        self.execute(sql.value(before)).await
    }
}
