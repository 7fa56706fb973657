//! Devices that keep keys, and the log of their handovers.

use jiff::Timestamp;
use khien_domain::code::AgencyCode;
use khien_domain::custody::{Device, DeviceKind, DeviceState, KeptDevice, Move, Step};
use khien_domain::ids::{DeviceId, ProductId};
use khien_domain::permission::AgencyScope;

use crate::sql::{Columns, Sql, Value};
use crate::{Store, StoreError, Tx};

const SELECT: &str = "SELECT id, agency, serial, kind, product_id, until, state, since, post,
        revocation, updated_at
    FROM custody_device WHERE 1 = 1";

fn read(row: &mut Columns<'_>) -> Result<KeptDevice, StoreError> {
    Ok(KeptDevice {
        id: DeviceId(row.int()?),
        device: Device {
            agency: row.parsed(|text| AgencyCode::new(text).ok())?,
            serial: row.string()?,
            kind: row.parsed(DeviceKind::parse)?,
            product: row.optional_int()?.map(ProductId),
            until: row.optional_day()?,
            state: row.parsed(DeviceState::parse)?,
            since: row.day()?,
            post: row.optional_string()?,
            revocation: row.optional_string()?,
        },
        updated_at: row.time()?,
    })
}

fn read_step(row: &mut Columns<'_>) -> Result<Step, StoreError> {
    Ok(Step {
        at: row.time()?,
        day: row.day()?,
        who: row.string()?,
        what: row.parsed(Move::parse)?,
        detail: row.string()?,
    })
}

/// What changes of a device.
fn values(device: &Device, updated_at: Timestamp) -> Vec<Value> {
    vec![
        device.until.into(),
        device.state.name().into(),
        device.since.into(),
        device.post.clone().into(),
        device.revocation.clone().into(),
        updated_at.into(),
    ]
}

impl Store {
    /// The devices of the agencies within the scope, by agency and serial number.
    pub async fn list_devices(&self, scope: &AgencyScope) -> Result<Vec<KeptDevice>, StoreError> {
        let sql = Sql::new("listing devices", SELECT).scope("agency", scope);
        self.all(sql.text(" ORDER BY agency, serial"), read).await
    }

    /// A device of the agencies within the scope.
    pub async fn find_device(
        &self,
        scope: &AgencyScope,
        id: DeviceId,
    ) -> Result<Option<KeptDevice>, StoreError> {
        let sql = Sql::new("reading a device", SELECT).scope("agency", scope);
        self.one(sql.text(" AND id = ").bind(id.0), read).await
    }

    /// The log of a device of the agencies within the scope, newest first.
    pub async fn list_device_steps(
        &self,
        scope: &AgencyScope,
        id: DeviceId,
    ) -> Result<Vec<Step>, StoreError> {
        let sql = Sql::new(
            "reading the log of a device",
            "SELECT at, day, who, what, detail
             FROM custody_step JOIN custody_device ON custody_device.id = device_id
             WHERE device_id = $1",
        );
        let sql = sql.value(id.0).scope("agency", scope);
        self.all(sql.text(" ORDER BY custody_step.id DESC LIMIT 500"), read_step).await
    }
}

impl Tx {
    /// The device of a serial number of an agency.
    pub async fn find_device(
        &mut self,
        agency: &AgencyCode,
        serial: &str,
    ) -> Result<Option<KeptDevice>, StoreError> {
        let sql = Sql::new("reading a device", SELECT).text(" AND agency = ").bind(agency.as_str());
        self.one(sql.text(" AND serial = ").bind(serial), read).await
    }

    /// Registers a device; answers its number.
    pub async fn add_device(
        &mut self,
        device: &Device,
        now: Timestamp,
    ) -> Result<DeviceId, StoreError> {
        let sql = Sql::new(
            "registering a device",
            "INSERT INTO custody_device (agency, serial, kind, product_id, created_at, until, state,
                 since, post, revocation, updated_at) VALUES ",
        );
        let mut row: Vec<Value> = vec![
            device.agency.as_str().into(),
            (&device.serial).into(),
            device.kind.name().into(),
            device.product.map(|product| product.0).into(),
            now.into(),
        ];
        row.extend(values(device, now));
        self.insert(sql.list(row).text(" RETURNING id")).await.map(DeviceId)
    }

    /// Changes where a device is, unless somebody has changed it since. Answers whether it was so.
    pub async fn update_device(
        &mut self,
        id: DeviceId,
        device: &Device,
        was: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = Sql::new(
            "changing a device",
            "UPDATE custody_device SET (until, state, since, post, revocation, updated_at) = ",
        );
        let sql = sql.list(values(device, now)).text(" WHERE id = ").bind(id.0);
        Ok(self.execute(sql.text(" AND updated_at = ").bind(was)).await? > 0)
    }

    /// Adds to the log of a device.
    pub async fn add_device_step(&mut self, id: DeviceId, step: &Step) -> Result<(), StoreError> {
        let sql = Sql::new(
            "adding to the log of a device",
            "INSERT INTO custody_step (device_id, at, day, who, what, detail) VALUES ",
        );
        let row: Vec<Value> = vec![
            id.0.into(),
            step.at.into(),
            step.day.into(),
            (&step.who).into(),
            step.what.name().into(),
            (&step.detail).into(),
        ];
        self.execute(sql.list(row)).await.map(|_| ())
    }
}
