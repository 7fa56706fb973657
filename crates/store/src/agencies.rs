//! Agencies, who answers for them, and whom to reach.

use std::collections::BTreeMap;

use jiff::Timestamp;
use khien_domain::account::UserName;
use khien_domain::agency::{Agency, AgencyKind, Appointment, Contact, Duty};
use khien_domain::code::AgencyCode;
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::AgencyScope;

use crate::sql::{Columns, Sql};
use crate::{Store, StoreError, Tx};

const SELECT: &str = "SELECT code, name_vi, name_en, parent, kind, in_scope, is_centre,
     confirmed_at, created_at FROM agency WHERE 1 = 1";

fn read(row: &mut Columns<'_>) -> Result<Agency, StoreError> {
    Ok(Agency {
        code: row.parsed(|text| AgencyCode::new(text).ok())?,
        name_vi: row.string()?,
        name_en: row.optional_string()?,
        parent: row.optional_parsed(|text| AgencyCode::new(text).ok())?,
        kind: row.parsed(AgencyKind::parse)?,
        in_scope: row.bool()?,
        is_centre: row.bool()?,
        confirmed_at: row.optional_time()?,
        created_at: row.time()?,
    })
}

fn appointment(row: &mut Columns<'_>) -> Result<(AgencyCode, Appointment), StoreError> {
    let agency = row.parsed(|text| AgencyCode::new(text).ok())?;
    let appointment = Appointment {
        duty: row.parsed(Duty::parse)?,
        holder: row.string()?,
        post: row.string()?,
        document: row.string()?,
        signed: row.day()?,
        until: row.day()?,
        account: row.optional_parsed(|text| UserName::new(text).ok())?,
    };
    Ok((agency, appointment))
}

fn contact(row: &mut Columns<'_>) -> Result<Contact, StoreError> {
    Ok(Contact {
        role: row.string()?,
        post: row.string()?,
        mail: row.string()?,
        line: row.optional_string()?,
    })
}

impl Store {
    /// An agency within the scope.
    pub async fn find_agency(
        &self,
        scope: &AgencyScope,
        code: &AgencyCode,
    ) -> Result<Option<Agency>, StoreError> {
        let sql = Sql::new("reading an agency", SELECT);
        self.one(sql.scope("code", scope).text(" AND code = ").bind(code.as_str()), read).await
    }

    /// The agencies within the scope, by code.
    pub async fn list_agencies(
        &self,
        scope: &AgencyScope,
        page: &PageRequest<AgencyCode>,
    ) -> Result<Page<Agency, AgencyCode>, StoreError> {
        let sql = Sql::new("listing agencies", SELECT)
            .scope("code", scope)
            .and(" AND code > ", page.after.as_ref().map(AgencyCode::as_str))
            .text(" ORDER BY code");
        self.page(sql, page, read, |agency| agency.code.clone()).await
    }
}

impl Store {
    /// Who answers for the agencies within the scope, by agency.
    pub async fn list_appointments(
        &self,
        scope: &AgencyScope,
    ) -> Result<Vec<(AgencyCode, Appointment)>, StoreError> {
        let sql = Sql::new(
            "listing appointments",
            "SELECT agency, duty, holder, post, document, signed, until, account FROM appointment
             WHERE 1 = 1",
        );
        self.all(sql.scope("agency", scope).text(" ORDER BY agency, duty"), appointment).await
    }

    /// Whom to reach in an agency within the scope.
    pub async fn list_contacts(
        &self,
        scope: &AgencyScope,
        agency: &AgencyCode,
    ) -> Result<Vec<Contact>, StoreError> {
        let sql = Sql::new(
            "listing contacts",
            "SELECT role, post, mail, line FROM agency_contact WHERE agency = $1",
        );
        let sql = sql.value(agency.as_str()).scope("agency", scope).text(" ORDER BY id");
        self.all(sql, contact).await
    }
}

impl Tx {
    /// Which agency stands under which; no other transaction changes that until this one ends.
    pub async fn parents(&mut self) -> Result<BTreeMap<AgencyCode, AgencyCode>, StoreError> {
        self.lock("LOCK TABLE agency IN SHARE ROW EXCLUSIVE MODE").await?;
        let sql = Sql::new(
            "reading the tree of agencies",
            "SELECT code, parent FROM agency WHERE parent IS NOT NULL",
        );
        let pairs = self
            .all(sql, |row| {
                let mut code = || row.parsed(|text| AgencyCode::new(text).ok());
                Ok((code()?, code()?))
            })
            .await?;
        Ok(pairs.into_iter().collect())
    }

    /// An agency, whosever.
    pub async fn find_agency(&mut self, code: &AgencyCode) -> Result<Option<Agency>, StoreError> {
        let sql = Sql::new("reading an agency", SELECT).text(" AND code = ").bind(code.as_str());
        self.one(sql, read).await
    }

    /// Who answers for an agency.
    pub async fn list_appointments(
        &mut self,
        agency: &AgencyCode,
    ) -> Result<Vec<Appointment>, StoreError> {
        let sql = Sql::new(
            "listing appointments",
            "SELECT agency, duty, holder, post, document, signed, until, account FROM appointment
             WHERE agency = $1 ORDER BY duty",
        );
        let found = self.all(sql.value(agency.as_str()), appointment).await?;
        Ok(found.into_iter().map(|(_, one)| one).collect())
    }

    /// The agencies for which somebody with an account answers.
    pub async fn agencies_of_account(
        &mut self,
        account: &UserName,
    ) -> Result<Vec<AgencyCode>, StoreError> {
        let sql = Sql::new(
            "finding who answers with an account",
            "SELECT DISTINCT agency FROM appointment WHERE account = $1 ORDER BY agency",
        );
        let read = |row: &mut Columns<'_>| row.parsed(|text| AgencyCode::new(text).ok());
        self.all(sql.value(account.as_str()), read).await
    }

    /// Whom to reach in an agency.
    pub async fn list_contacts(&mut self, agency: &AgencyCode) -> Result<Vec<Contact>, StoreError> {
        let sql = Sql::new(
            "listing contacts",
            "SELECT role, post, mail, line FROM agency_contact WHERE agency = $1 ORDER BY id",
        );
        self.all(sql.value(agency.as_str()), contact).await
    }

    /// Changes an agency within the scope, but for its code and confirmation. Answers whether there
    /// is such an agency.
    pub async fn update_agency(
        &mut self,
        scope: &AgencyScope,
        agency: &Agency,
    ) -> Result<bool, StoreError> {
        let sql = Sql::new(
            "changing an agency",
            "UPDATE agency SET name_vi = $1, name_en = $2, parent = $3, kind = $4, in_scope = $5,
                 is_centre = $6 WHERE code = $7",
        );
        let sql = sql
            .value(&agency.name_vi)
            .value(agency.name_en.clone())
            .value(agency.parent.as_ref().map(AgencyCode::as_str))
            .value(agency.kind.name())
            .value(agency.in_scope)
            .value(agency.is_centre)
            .value(agency.code.as_str())
            .scope("code", scope);
        Ok(self.execute(sql).await? > 0)
    }

    /// Notes when an agency confirmed its part of the register, or that it has to anew.
    pub async fn set_agency_confirmed(
        &mut self,
        agency: &AgencyCode,
        at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let sql = Sql::new(
            "noting a confirmation",
            "UPDATE agency SET confirmed_at = $1 WHERE code = $2",
        );
        self.execute(sql.value(at).value(agency.as_str())).await.map(|_| ())
    }

    /// Who answers for an agency, from now on these alone.
    pub async fn set_appointments(
        &mut self,
        agency: &AgencyCode,
        appointments: &[Appointment],
    ) -> Result<(), StoreError> {
        const DOING: &str = "naming who answers for an agency";
        let sql = Sql::new(DOING, "DELETE FROM appointment WHERE agency = $1");
        self.execute(sql.value(agency.as_str())).await?;
        for one in appointments {
            let sql = Sql::new(
                DOING,
                "INSERT INTO appointment (agency, duty, holder, post, document, signed, until, account)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            );
            let sql = sql
                .value(agency.as_str())
                .value(one.duty.name())
                .value(&one.holder)
                .value(&one.post)
                .value(&one.document)
                .value(one.signed)
                .value(one.until)
                .value(one.account.as_ref().map(UserName::as_str));
            self.execute(sql).await?;
        }
        Ok(())
    }

    /// Whom to reach in an agency, from now on these alone.
    pub async fn set_contacts(
        &mut self,
        agency: &AgencyCode,
        contacts: &[Contact],
    ) -> Result<(), StoreError> {
        const DOING: &str = "naming whom to reach";
        let sql = Sql::new(DOING, "DELETE FROM agency_contact WHERE agency = $1");
        self.execute(sql.value(agency.as_str())).await?;
        for one in contacts {
            let sql = Sql::new(
                DOING,
                "INSERT INTO agency_contact (agency, role, post, mail, line)
                 VALUES ($1, $2, $3, $4, $5)",
            );
            let sql = sql
                .value(agency.as_str())
                .value(&one.role)
                .value(&one.post)
                .value(&one.mail)
                .value(one.line.clone());
            self.execute(sql).await?;
        }
        Ok(())
    }

    /// Adds an agency. A parent must be there already.
    pub async fn add_agency(&mut self, agency: &Agency) -> Result<(), StoreError> {
        let sql = Sql::new(
            "adding an agency",
            "INSERT INTO agency (code, name_vi, name_en, parent, kind, in_scope, is_centre, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        );
        self.execute(
            sql.value(agency.code.as_str())
                .value(&agency.name_vi)
                .value(agency.name_en.clone())
                .value(agency.parent.as_ref().map(AgencyCode::as_str))
                .value(agency.kind.name())
                .value(agency.in_scope)
                .value(agency.is_centre)
                .value(agency.created_at),
        )
        .await
        .map(|_| ())
    }
}
