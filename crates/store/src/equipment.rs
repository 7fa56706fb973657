//! The minimum equipment of a centre.

use khien_domain::code::EquipmentCode;
use khien_domain::equipment::Equipment;
use khien_domain::host::HostName;

use crate::sql::{Columns, Sql};
use crate::{Store, StoreError, Tx};

const SELECT: &str = "SELECT code, name, needed, owned, assets, note FROM equipment";

fn read(row: &mut Columns<'_>) -> Result<Equipment, StoreError> {
    Ok(Equipment {
        code: row.parsed(|text| EquipmentCode::new(text).ok())?,
        name: row.string()?,
        needed: row.number()?,
        owned: row.number()?,
        assets: row.parsed(|text| text.split_whitespace().map(HostName::new).collect())?,
        note: row.optional_string()?,
    })
}

impl Store {
    /// All rows, by code.
    pub async fn list_equipment(&self) -> Result<Vec<Equipment>, StoreError> {
        let sql = Sql::new("listing the minimum equipment", SELECT);
        self.all(sql.text(" ORDER BY code"), read).await
    }
}

impl Tx {
    /// The row of a code.
    pub async fn find_equipment(
        &mut self,
        code: &EquipmentCode,
    ) -> Result<Option<Equipment>, StoreError> {
        let sql = Sql::new("reading a row of the minimum equipment", SELECT);
        self.one(sql.text(" WHERE code = ").bind(code.as_str()), read).await
    }

    /// Whether there is an asset of a name in any system.
    pub async fn has_asset(&mut self, name: &HostName) -> Result<bool, StoreError> {
        let sql = Sql::new("looking for an asset", "SELECT count(*) FROM asset WHERE name = $1");
        let count = self.one(sql.value(name.as_str()), crate::sql::int).await?;
        Ok(count.is_some_and(|count| count > 0))
    }

    /// Adds a row, or changes the one of its code.
    pub async fn put_equipment(&mut self, row: &Equipment) -> Result<(), StoreError> {
        let assets: Vec<&str> = row.assets.iter().map(HostName::as_str).collect();
        let sql = Sql::new(
            "keeping a row of the minimum equipment",
            "INSERT INTO equipment (code, name, needed, owned, assets, note)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (code) DO UPDATE SET name = excluded.name, needed = excluded.needed,
                 owned = excluded.owned, assets = excluded.assets, note = excluded.note",
        );
        let sql = sql
            .value(row.code.as_str())
            .value(&row.name)
            .value(row.needed)
            .value(row.owned)
            .value(assets.join(" "))
            .value(row.note.clone());
        self.execute(sql).await.map(|_| ())
    }

    /// Takes a row out. Answers whether there was one.
    pub async fn remove_equipment(&mut self, code: &EquipmentCode) -> Result<bool, StoreError> {
        let sql = Sql::new(
            "removing a row of the minimum equipment",
            "DELETE FROM equipment WHERE code = $1",
        );
        Ok(self.execute(sql.value(code.as_str())).await? > 0)
    }
}
