//! Which system needs which.

use std::collections::BTreeSet;

use khien_domain::code::SystemCode;
use khien_domain::dependency::Needs;

use crate::sql::{Columns, Sql};
use crate::{Store, StoreError, Tx};

const SELECT: &str = "SELECT system, needed FROM system_need";

fn read(row: &mut Columns<'_>) -> Result<(SystemCode, SystemCode), StoreError> {
    let mut code = || row.parsed(|text| SystemCode::new(text).ok());
    Ok((code()?, code()?))
}

impl Store {
    /// What every system needs. Needs cross agencies, so this knows no scope: whoever shows it shows
    /// names of systems that they may see.
    pub async fn needs(&self) -> Result<Needs, StoreError> {
        self.all(Sql::new("reading what systems need", SELECT), read).await.map(Needs::new)
    }
}

impl Tx {
    /// What every system needs; no other transaction changes that until this one ends.
    pub async fn needs(&mut self) -> Result<Needs, StoreError> {
        self.lock("LOCK TABLE system_need IN EXCLUSIVE MODE").await?;
        self.all(Sql::new("reading what systems need", SELECT), read).await.map(Needs::new)
    }

    /// What a system needs, from now on these alone. Each must be there.
    pub async fn set_needs(
        &mut self,
        system: &SystemCode,
        needed: &BTreeSet<SystemCode>,
    ) -> Result<(), StoreError> {
        const DOING: &str = "noting what a system needs";
        let sql = Sql::new(DOING, "DELETE FROM system_need WHERE system = $1");
        self.execute(sql.value(system.as_str())).await?;
        for one in needed {
            let sql = Sql::new(DOING, "INSERT INTO system_need (system, needed) VALUES ($1, $2)");
            self.execute(sql.value(system.as_str()).value(one.as_str())).await?;
        }
        Ok(())
    }
}
