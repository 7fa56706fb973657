//! People who sign in, with their passwords, second factors, recovery codes and invitations.

use jiff::Timestamp;
use khien_domain::account::{Language, NewPerson, Person, Role, UserName};
use khien_domain::code::AgencyCode;
use khien_domain::ids::PersonId;
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::AgencyScope;

use crate::sql::{Columns, Sql, int};
use crate::tokens::{scope_of, scope_text};
use crate::{Store, StoreError, Tx};

const SELECT: &str = "SELECT id, name, called, role, agencies, created_at, language,
        CAST(CASE WHEN password IS NULL THEN 0 ELSE 1 END AS BIGINT), CAST(CASE WHEN totp IS NULL THEN 0 ELSE 1 END AS BIGINT),
        (SELECT count(*) FROM passkey WHERE passkey.account_id = account.id),
        disabled_at, failed, locked_until, home, until
    FROM account WHERE 1 = 1";

fn read(row: &mut Columns<'_>) -> Result<Person, StoreError> {
    let flag = |number: i64| number != 0;
    let mut person = Person {
        id: PersonId(row.int()?),
        about: NewPerson {
            name: row.parsed(|text| UserName::new(text).ok())?,
            called: row.string()?,
            role: row.parsed(Role::parse)?,
            agencies: row.optional_parsed(scope_of)?.unwrap_or(AgencyScope::All),
            home: None,
            created_at: row.time()?,
            until: None,
        },
        language: row.optional_parsed(Language::parse)?,
        has_password: flag(row.number()?),
        has_totp: flag(row.number()?),
        passkeys: row.number()?,
        disabled_at: row.optional_time()?,
        failed: row.number()?,
        locked_until: row.optional_time()?,
    };
    person.about.home = row.optional_parsed(|text| AgencyCode::new(text).ok())?;
    person.about.until = row.optional_day()?;
    Ok(person)
}

/// What proves who somebody is. It never leaves the application.
pub struct Secrets {
    /// The hash of the password with salt and costs, in the PHC string format.
    pub password: Option<String>,
    /// The secret of an authenticator.
    pub totp: Option<Totp>,
}

/// The secret of an authenticator, and the last step of time whose code was taken.
pub struct Totp {
    /// The shared secret.
    pub secret: Vec<u8>,
    /// A code of this step or an earlier one is not taken again.
    pub step: i64,
}

fn read_password(row: &mut Columns<'_>) -> Result<Option<String>, StoreError> {
    row.optional_string()
}

fn read_count(row: &mut Columns<'_>) -> Result<u32, StoreError> {
    row.number()
}

impl Store {
    /// Somebody by number.
    pub async fn find_person(&self, id: PersonId) -> Result<Option<Person>, StoreError> {
        let sql = Sql::new("reading a person", SELECT).text(" AND id = ").bind(id.0);
        self.one(sql, read).await
    }

    /// Somebody by the name under which they sign in.
    pub async fn find_person_by_name(&self, name: &UserName) -> Result<Option<Person>, StoreError> {
        let sql = Sql::new("reading a person", SELECT).text(" AND name = ").bind(name.as_str());
        self.one(sql, read).await
    }

    /// All people, by name. They belong to the installation, so that there is no scope: the caller
    /// needs [`Permission::People`](khien_domain::permission::Permission::People), which is global.
    pub async fn list_people(
        &self,
        page: &PageRequest<String>,
    ) -> Result<Page<Person, String>, StoreError> {
        let sql = Sql::new("listing people", SELECT)
            .and(" AND name > ", page.after.as_deref())
            .text(" ORDER BY name");
        self.page(sql, page, read, |person| person.about.name.to_string()).await
    }

    /// All people, by name, in one list; the caller answers for what it shows of them.
    pub async fn all_people(&self) -> Result<Vec<Person>, StoreError> {
        self.all(Sql::new("listing people", SELECT).text(" ORDER BY name"), read).await
    }

    /// The people who belong to an agency, by name.
    pub async fn people_of(&self, agency: &AgencyCode) -> Result<Vec<Person>, StoreError> {
        // A scope is a text with its codes between blanks.
        let sql = Sql::new("listing people of an agency", SELECT)
            .text(" AND (home = ")
            .bind(agency.as_str())
            .text(" OR ' ' || agencies || ' ' LIKE ")
            .bind(format!("% {agency} %"))
            .text(") ORDER BY name");
        self.all(sql, read).await
    }

    /// What proves who somebody is.
    pub async fn secrets_of(&self, id: PersonId) -> Result<Option<Secrets>, StoreError> {
        let sql = Sql::new("reading a password", "SELECT password FROM account WHERE id = ");
        let password = self.one(sql.bind(id.0), read_password).await?;
        let Some(password) = password else { return Ok(None) };
        let sql = Sql::new(
            "reading an authenticator",
            "SELECT totp, totp_step FROM account WHERE totp IS NOT NULL AND id = ",
        );
        let totp =
            self.one(sql.bind(id.0), |row| Ok(Totp { secret: row.bytes()?, step: row.int()? }));
        Ok(Some(Secrets { password, totp: totp.await? }))
    }

    /// How many recovery codes somebody has left.
    pub async fn count_recovery_codes(&self, id: PersonId) -> Result<u32, StoreError> {
        let sql = Sql::new(
            "counting recovery codes",
            "SELECT count(*) FROM recovery_code WHERE used_at IS NULL AND account_id = ",
        );
        let count = self.one(sql.bind(id.0), read_count).await?;
        Ok(count.unwrap_or_default())
    }

    /// Whom an invitation is for that was neither used nor has expired.
    pub async fn find_invitation(
        &self,
        hash: &[u8],
        now: Timestamp,
    ) -> Result<Option<PersonId>, StoreError> {
        let sql = Sql::new(
            "reading an invitation",
            "SELECT account_id FROM invitation WHERE used_at IS NULL AND expires_at > ",
        );
        let sql = sql.bind(now).text(" AND hash = ").bind(hash);
        Ok(self.one(sql, int).await?.map(PersonId))
    }
}

impl Tx {
    /// Somebody by the name under which they sign in, as this transaction sees them.
    pub async fn find_person_by_name(
        &mut self,
        name: &UserName,
    ) -> Result<Option<Person>, StoreError> {
        let sql = Sql::new("reading a person", SELECT).text(" AND name = ").bind(name.as_str());
        self.one(sql, read).await
    }

    /// Lets somebody in, without a password yet.
    pub async fn add_person(&mut self, person: &NewPerson) -> Result<PersonId, StoreError> {
        let sql = Sql::new(
            "adding a person",
            "INSERT INTO account
                 (name, called, role, agencies, totp_step, failed, created_at, home, until)
             VALUES ($1, $2, $3, $4, 0, 0, $5, $6, $7) RETURNING id",
        )
        .value(person.name.as_str())
        .value(&person.called)
        .value(person.role.name())
        .value(scope_text(&person.agencies))
        .value(person.created_at)
        .value(person.home.as_ref().map(AgencyCode::as_str))
        .value(person.until);
        Ok(PersonId(self.insert(sql).await?))
    }

    /// Changes how somebody is called, what they do, where, of whom they are, and until when. Answers
    /// whether they are there.
    pub async fn change_person(
        &mut self,
        id: PersonId,
        about: &NewPerson,
    ) -> Result<bool, StoreError> {
        let sql = Sql::new(
            "changing a person",
            "UPDATE account SET called = $1, role = $2, agencies = $3, home = $4, until = $5
             WHERE id = $6",
        );
        let sql = sql.value(&about.called).value(about.role.name());
        let sql = sql.value(scope_text(&about.agencies));
        let sql = sql.value(about.home.as_ref().map(AgencyCode::as_str));
        let sql = sql.value(about.until).value(id.0);
        Ok(self.execute(sql).await? > 0)
    }

    /// Lets somebody in no more, or again.
    pub async fn disable_person(
        &mut self,
        id: PersonId,
        at: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let sql =
            Sql::new("disabling a person", "UPDATE account SET disabled_at = $1 WHERE id = $2");
        Ok(self.execute(sql.value(at).value(id.0)).await? > 0)
    }

    /// Sets the language of somebody's console.
    pub async fn set_language(
        &mut self,
        id: PersonId,
        language: Language,
    ) -> Result<(), StoreError> {
        let sql = Sql::new("setting a language", "UPDATE account SET language = $1 WHERE id = $2");
        self.execute(sql.value(language.tag()).value(id.0)).await.map(|_| ())
    }

    /// Sets somebody's password, as its hash.
    pub async fn set_password(&mut self, id: PersonId, hash: &str) -> Result<(), StoreError> {
        let sql = Sql::new(
            "setting a password",
            "UPDATE account SET password = $1, failed = 0, locked_until = NULL WHERE id = $2",
        );
        self.execute(sql.value(hash).value(id.0)).await.map(|_| ())
    }

    /// Sets or takes away the secret of somebody's authenticator.
    pub async fn set_totp(
        &mut self,
        id: PersonId,
        secret: Option<&[u8]>,
        step: i64,
    ) -> Result<(), StoreError> {
        let sql = match secret {
            Some(secret) => Sql::new(
                "setting an authenticator",
                "UPDATE account SET totp = $1, totp_step = $2 WHERE id = $3",
            )
            .value(secret),
            None => Sql::new(
                "removing an authenticator",
                "UPDATE account SET totp = NULL, totp_step = $1 WHERE id = $2",
            ),
        };
        self.execute(sql.value(step).value(id.0)).await.map(|_| ())
    }

    /// Notes that a code of this step was taken. Answers false if one of it or a later was before,
    /// in which case this one must not be taken.
    pub async fn take_totp_step(&mut self, id: PersonId, step: i64) -> Result<bool, StoreError> {
        let sql = Sql::new(
            "taking a code",
            "UPDATE account SET totp_step = $1 WHERE id = $2 AND totp_step < $1",
        );
        Ok(self.execute(sql.value(step).value(id.0)).await? > 0)
    }

    /// Counts a failed attempt. Answers how many in a row there are now.
    pub async fn count_failure(&mut self, id: PersonId) -> Result<u32, StoreError> {
        let sql = Sql::new(
            "counting a failure",
            "UPDATE account SET failed = failed + 1 WHERE id = $1 RETURNING failed",
        );
        let failed = self.one(sql.value(id.0), read_count).await?;
        Ok(failed.unwrap_or_default())
    }

    /// Sets until when nothing is tried.
    pub async fn lock_person(
        &mut self,
        id: PersonId,
        until: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let sql =
            Sql::new("locking a person", "UPDATE account SET locked_until = $1 WHERE id = $2");
        self.execute(sql.value(until).value(id.0)).await.map(|_| ())
    }

    /// Forgets failed attempts.
    pub async fn forget_failures(&mut self, id: PersonId) -> Result<(), StoreError> {
        let sql = Sql::new(
            "forgetting failures",
            "UPDATE account SET failed = 0, locked_until = NULL WHERE id = $1 AND failed > 0",
        );
        self.execute(sql.value(id.0)).await.map(|_| ())
    }

    /// Gives somebody recovery codes, by their hashes; older ones are no longer taken.
    pub async fn set_recovery_codes(
        &mut self,
        id: PersonId,
        hashes: &[[u8; 32]],
    ) -> Result<(), StoreError> {
        let sql =
            Sql::new("removing recovery codes", "DELETE FROM recovery_code WHERE account_id = $1");
        self.execute(sql.value(id.0)).await?;
        for hash in hashes {
            let sql = Sql::new(
                "adding a recovery code",
                "INSERT INTO recovery_code (account_id, hash) VALUES ($1, $2)",
            );
            self.execute(sql.value(id.0).value(hash.as_slice())).await?;
        }
        Ok(())
    }

    /// Uses up a recovery code. Answers whether it was there and unused.
    pub async fn use_recovery_code(
        &mut self,
        id: PersonId,
        hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = Sql::new(
            "using a recovery code",
            "UPDATE recovery_code SET used_at = $1
             WHERE account_id = $2 AND hash = $3 AND used_at IS NULL",
        );
        Ok(self.execute(sql.value(now).value(id.0).value(hash.as_slice())).await? > 0)
    }

    /// Keeps an invitation for somebody; earlier ones are no longer taken.
    pub async fn add_invitation(
        &mut self,
        hash: &[u8; 32],
        id: PersonId,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = Sql::new(
            "ending invitations",
            "UPDATE invitation SET used_at = $1 WHERE account_id = $2 AND used_at IS NULL",
        );
        self.execute(sql.value(now).value(id.0)).await?;
        let sql = Sql::new(
            "adding an invitation",
            "INSERT INTO invitation (hash, account_id, created_at, expires_at)
             VALUES ($1, $2, $3, $4)",
        );
        let sql = sql.value(hash.as_slice()).value(id.0).value(now).value(expires_at);
        self.execute(sql).await.map(|_| ())
    }

    /// Uses up an invitation. Answers whose it was, if it was still good.
    pub async fn use_invitation(
        &mut self,
        hash: &[u8],
        now: Timestamp,
    ) -> Result<Option<PersonId>, StoreError> {
        let sql = Sql::new(
            "using an invitation",
            "UPDATE invitation SET used_at = $1
             WHERE hash = $2 AND used_at IS NULL AND expires_at > $1 RETURNING account_id",
        );
        Ok(self.one(sql.value(now).value(hash), int).await?.map(PersonId))
    }
}
