//! Rounds of the index: what was declared and reviewed, samples, comments and appeals.

use jiff::Timestamp;
use khien_domain::code::AgencyCode;
use khien_domain::permission::AgencyScope;
use khien_domain::round::{
    Appeal, AppealForm, AppealState, Decided, Drawn, Look, NewAppeal, Published, Review,
    ReviewState, Round, RoundState, Sample,
};

use crate::sql::{Columns, Sql, Value, chunks, signed, unsigned};
use crate::{Store, StoreError, Tx};

const ROUND: &str = "SELECT year, pack, state, opened_at, drawn_at, checkpoint, drawn_size, seed,
        population, cutoff, frozen_at, published_at, hash, size
    FROM index_round WHERE 1 = 1";
const REVIEW: &str = "SELECT seq, agency, state, decided_by, home, decided_at, reason, record
    FROM review WHERE 1 = 1";
const SAMPLE: &str = "SELECT seq, agency, look, decided_by, home, decided_at, reason
    FROM index_sample WHERE 1 = 1";
const APPEAL: &str = "SELECT id, year, agency, indicator, form, reason, reference, lodged_by,
        lodged_at, state, decided_by, home, decided_at, decision, record
    FROM index_appeal WHERE 1 = 1";

fn code(text: &str) -> Option<AgencyCode> {
    AgencyCode::new(text).ok()
}

fn decided(row: &mut Columns<'_>) -> Result<Option<Decided>, StoreError> {
    let (by, home) = (row.optional_string()?, row.optional_parsed(code)?);
    let (at, reason) = (row.optional_time()?, row.optional_string()?);
    Ok(by.zip(home).zip(at.zip(reason)).map(|((by, home), (at, reason))| Decided {
        by,
        home,
        at,
        reason,
    }))
}

fn round(row: &mut Columns<'_>) -> Result<Round, StoreError> {
    let (year, pack) = (row.number()?, row.string()?);
    let (state, opened_at) = (row.parsed(RoundState::parse)?, row.time()?);
    let (drawn_at, checkpoint) = (row.optional_time()?, row.optional_number()?);
    let (drawn_size, seed) = (row.optional_number()?, row.optional_string()?);
    let population = row.optional_number()?;
    let (cutoff, frozen_at) = (row.optional_time()?, row.optional_time()?);
    let (published_at, hash, size) =
        (row.optional_time()?, row.optional_string()?, row.optional_number()?);
    let draw = drawn_at.zip(checkpoint).zip(drawn_size.zip(seed)).zip(population);
    Ok(Round {
        year,
        pack,
        state,
        opened_at,
        draw: draw.map(|(((at, checkpoint), (size, seed)), population)| Drawn {
            at,
            checkpoint,
            size,
            seed,
            population,
        }),
        cutoff: cutoff.zip(frozen_at),
        published: published_at.zip(hash.zip(size)).map(|(at, (hash, size))| Published {
            at,
            hash,
            size,
        }),
    })
}

fn review(row: &mut Columns<'_>) -> Result<Review, StoreError> {
    Ok(Review {
        seq: row.unsigned()?,
        agency: row.parsed(code)?,
        state: row.parsed(ReviewState::parse)?,
        decided: decided(row)?,
        record: row.optional_number()?,
    })
}

fn sample(row: &mut Columns<'_>) -> Result<Sample, StoreError> {
    Ok(Sample {
        seq: row.unsigned()?,
        agency: row.parsed(code)?,
        look: row.parsed(Look::parse)?,
        decided: decided(row)?,
    })
}

fn appeal(row: &mut Columns<'_>) -> Result<Appeal, StoreError> {
    let id = row.int()?;
    let about = NewAppeal {
        year: row.number()?,
        agency: row.parsed(code)?,
        indicator: row.string()?,
        form: row.parsed(AppealForm::parse)?,
        reason: row.string()?,
        reference: row.string()?,
        by: row.string()?,
        at: row.time()?,
    };
    let state = row.parsed(AppealState::parse)?;
    Ok(Appeal { id, about, state, decided: decided(row)?, record: row.optional_number()? })
}

/// Only reviews of records of some kinds.
fn of_kinds(sql: Sql, kinds: &[&str]) -> Sql {
    sql.text(" AND EXISTS (SELECT 1 FROM ledger WHERE ledger.seq = review.seq AND kind IN ")
        .list(kinds.iter().copied())
        .text(")")
}

impl Store {
    /// What of some kinds was declared by the agencies in scope and waits for somebody of another, oldest
    /// first.
    pub async fn list_reviews(
        &self,
        scope: &AgencyScope,
        kinds: &[&str],
        state: ReviewState,
        after: Option<u64>,
    ) -> Result<Vec<Review>, StoreError> {
        const DOING: &str = "listing what was declared";
        let after = after.map(|seq| signed(DOING, "the number", seq)).transpose()?;
        let sql = of_kinds(Sql::new(DOING, REVIEW).scope("agency", scope), kinds)
            .text(" AND state = ")
            .bind(state.name())
            .and(" AND seq > ", after);
        self.all(sql.text(" ORDER BY seq LIMIT 100"), review).await
    }

    /// How much of some kinds of the agencies in scope waits, but of one agency.
    pub async fn count_reviews(
        &self,
        scope: &AgencyScope,
        kinds: &[&str],
        but: Option<&AgencyCode>,
    ) -> Result<u64, StoreError> {
        let sql = Sql::new(
            "counting what was declared",
            "SELECT count(*) FROM review WHERE state = 'waiting'",
        );
        let sql = of_kinds(sql.scope("agency", scope), kinds);
        let sql = sql.and(" AND agency <> ", but.map(AgencyCode::as_str));
        Ok(self.one(sql, unsigned).await?.unwrap_or_default())
    }

    /// What was made of something declared.
    pub async fn find_review(&self, seq: u64) -> Result<Option<Review>, StoreError> {
        const DOING: &str = "reading a review";
        let sql = Sql::new(DOING, REVIEW).text(" AND seq = ");
        self.one(sql.bind(signed(DOING, "the number", seq)?), review).await
    }

    /// All rounds, the last year first.
    pub async fn list_rounds(&self) -> Result<Vec<Round>, StoreError> {
        let sql = Sql::new("listing rounds", ROUND);
        self.all(sql.text(" ORDER BY year DESC LIMIT 100"), round).await
    }

    /// The round of a year.
    pub async fn find_round(&self, year: i16) -> Result<Option<Round>, StoreError> {
        let sql = Sql::new("reading a round", ROUND).text(" AND year = ");
        self.one(sql.bind(i64::from(year)), round).await
    }

    /// The sample of a round, of the agencies in scope, by number.
    pub async fn list_samples(
        &self,
        scope: &AgencyScope,
        year: i16,
    ) -> Result<Vec<Sample>, StoreError> {
        let sql = Sql::new("reading a sample", SAMPLE).scope("agency", scope);
        let sql = sql.text(" AND year = ").bind(i64::from(year));
        self.all(sql.text(" ORDER BY seq"), sample).await
    }

    /// How many of a round's sample nobody has looked at.
    pub async fn count_samples_waiting(&self, year: i16) -> Result<u64, StoreError> {
        let sql = Sql::new(
            "counting a sample",
            "SELECT count(*) FROM index_sample WHERE look = 'waiting' AND year = ",
        );
        let found = self.one(sql.bind(i64::from(year)), unsigned).await?;
        Ok(found.unwrap_or_default())
    }

    /// Comments and appeals of the agencies in scope, of one round or of all, newest first.
    pub async fn list_appeals(
        &self,
        scope: &AgencyScope,
        year: Option<i16>,
    ) -> Result<Vec<Appeal>, StoreError> {
        let sql = Sql::new("listing appeals", APPEAL).scope("agency", scope);
        let sql = sql.and(" AND year = ", year.map(i64::from));
        self.all(sql.text(" ORDER BY id DESC LIMIT 1000"), appeal).await
    }

    /// A comment or an appeal of an agency in scope.
    pub async fn find_appeal(
        &self,
        scope: &AgencyScope,
        id: i64,
    ) -> Result<Option<Appeal>, StoreError> {
        let sql = Sql::new("reading an appeal", APPEAL).scope("agency", scope);
        self.one(sql.text(" AND id = ").bind(id), appeal).await
    }
}

impl Tx {
    /// The year and the cut-off of the round that is frozen.
    pub async fn frozen_round(&mut self) -> Result<Option<(i16, Timestamp)>, StoreError> {
        let sql = Sql::new(
            "looking for a frozen round",
            "SELECT year, cutoff FROM index_round
             WHERE state = 'frozen' AND cutoff IS NOT NULL ORDER BY cutoff DESC LIMIT 1",
        );
        self.one(sql, |row| Ok((row.number()?, row.time()?))).await
    }

    /// Notes what was declared, so that somebody of another agency looks at it.
    pub(crate) async fn add_reviews(
        &mut self,
        declared: &[(i64, &AgencyCode)],
    ) -> Result<(), StoreError> {
        for some in chunks(declared) {
            let rows = some.iter().map(|(seq, agency)| {
                vec![Value::from(*seq), agency.as_str().into(), "waiting".into()]
            });
            let sql = Sql::new(
                "noting what was declared",
                "INSERT INTO review (seq, agency, state) VALUES ",
            );
            self.execute(sql.rows(rows)).await?;
        }
        Ok(())
    }

    /// Notes that records were replaced by others before anybody has looked at them.
    pub(crate) async fn replace_reviews(&mut self, seqs: &[i64]) -> Result<(), StoreError> {
        for some in seqs.chunks(500) {
            let sql = Sql::new(
                "noting what was replaced",
                "UPDATE review SET state = 'replaced' WHERE state = 'waiting' AND seq IN ",
            );
            self.execute(sql.list(some.iter().copied())).await?;
        }
        Ok(())
    }

    /// Keeps what was made of something declared that still waits. Answers whether it did.
    pub async fn decide_review(
        &mut self,
        seq: u64,
        state: ReviewState,
        decided: &Decided,
        record: Option<u64>,
    ) -> Result<bool, StoreError> {
        const DOING: &str = "keeping a review";
        let sql = Sql::new(
            DOING,
            "UPDATE review SET state = $1, decided_by = $2, home = $3, decided_at = $4,
                 reason = $5, record = $6
             WHERE seq = $7 AND state = 'waiting'",
        )
        .value(state.name())
        .value(&decided.by)
        .value(decided.home.as_str())
        .value(decided.at)
        .value(&decided.reason)
        .value(record.map(|seq| signed(DOING, "the record", seq)).transpose()?)
        .value(signed(DOING, "the number", seq)?);
        Ok(self.execute(sql).await? > 0)
    }

    /// Opens a round.
    pub async fn add_round(
        &mut self,
        year: i16,
        pack: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = Sql::new(
            "opening a round",
            "INSERT INTO index_round (year, pack, state, opened_at) VALUES ($1, $2, 'open', $3)",
        );
        self.execute(sql.value(i64::from(year)).value(pack).value(at)).await.map(|_| ())
    }

    /// Moves an open round on to its review, with its sample. Answers whether it was open.
    pub async fn review_round(
        &mut self,
        year: i16,
        drawn: &Drawn,
        samples: &[(u64, AgencyCode)],
    ) -> Result<bool, StoreError> {
        const DOING: &str = "drawing a sample";
        let sql = Sql::new(
            DOING,
            "UPDATE index_round SET state = 'review', drawn_at = $1, checkpoint = $2,
                 drawn_size = $3, seed = $4, population = $5
             WHERE year = $6 AND state = 'open'",
        )
        .value(drawn.at)
        .value(signed(DOING, "the checkpoint", drawn.checkpoint)?)
        .value(signed(DOING, "the size", drawn.size)?)
        .value(&drawn.seed)
        .value(signed(DOING, "the population", drawn.population)?)
        .value(i64::from(year));
        if self.execute(sql).await? == 0 {
            return Ok(false);
        }
        for some in chunks(samples) {
            let mut rows = Vec::with_capacity(some.len());
            for (seq, agency) in some {
                let seq = signed(DOING, "the number", *seq)?;
                rows.push(vec![
                    Value::from(i64::from(year)),
                    seq.into(),
                    agency.as_str().into(),
                    "waiting".into(),
                ]);
            }
            let sql = Sql::new(DOING, "INSERT INTO index_sample (year, seq, agency, look) VALUES ");
            self.execute(sql.rows(rows)).await?;
        }
        Ok(true)
    }

    /// Freezes a round that is in its review. Answers whether it was.
    pub async fn freeze_round(
        &mut self,
        year: i16,
        cutoff: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = Sql::new(
            "freezing a round",
            "UPDATE index_round SET state = 'frozen', cutoff = $1, frozen_at = $2
             WHERE year = $3 AND state = 'review'",
        );
        Ok(self.execute(sql.value(cutoff).value(now).value(i64::from(year))).await? > 0)
    }

    /// Publishes a frozen round, unless something was decided about it that is not counted. Answers
    /// whether it is published.
    pub async fn publish_round(
        &mut self,
        year: i16,
        published: &Published,
    ) -> Result<bool, StoreError> {
        const DOING: &str = "publishing a round";
        let sql = Sql::new(
            DOING,
            "UPDATE index_round SET state = 'published', published_at = $1, hash = $2, size = $3
             WHERE year = $4 AND state = 'frozen' AND NOT EXISTS
                 (SELECT 1 FROM index_appeal
                  WHERE year = $4 AND (state = 'lodged' OR record >= $3))",
        )
        .value(published.at)
        .value(&published.hash)
        .value(signed(DOING, "the size", published.size)?)
        .value(i64::from(year));
        Ok(self.execute(sql).await? > 0)
    }

    /// Keeps what a second look found, if nobody has looked. Answers whether it was so.
    pub async fn decide_sample(
        &mut self,
        year: i16,
        seq: u64,
        look: Look,
        decided: &Decided,
    ) -> Result<bool, StoreError> {
        const DOING: &str = "keeping a second look";
        let sql = Sql::new(
            DOING,
            "UPDATE index_sample SET look = $1, decided_by = $2, home = $3, decided_at = $4,
                 reason = $5
             WHERE year = $6 AND seq = $7 AND look = 'waiting'",
        )
        .value(look.name())
        .value(&decided.by)
        .value(decided.home.as_str())
        .value(decided.at)
        .value(&decided.reason)
        .value(i64::from(year))
        .value(signed(DOING, "the number", seq)?);
        Ok(self.execute(sql).await? > 0)
    }

    /// Lodges a comment or an appeal in a round that takes them. Answers its number, or nothing if the
    /// round does not.
    pub async fn add_appeal(&mut self, new: &NewAppeal) -> Result<Option<i64>, StoreError> {
        let sql = Sql::new(
            "lodging an appeal",
            "INSERT INTO index_appeal
                 (year, agency, indicator, form, reason, reference, lodged_by, lodged_at, state)
             SELECT year, $1, $2, $3, $4, $5, $6, $7, 'lodged' FROM index_round
             WHERE year = $8 AND state IN ('review', 'frozen') RETURNING id",
        )
        .value(new.agency.as_str())
        .value(&new.indicator)
        .value(new.form.name())
        .value(&new.reason)
        .value(&new.reference)
        .value(&new.by)
        .value(new.at)
        .value(i64::from(new.year));
        self.one(sql, crate::sql::int).await
    }

    /// Decides a comment or an appeal that is lodged, in a round that is not published. Answers whether
    /// it was.
    pub async fn decide_appeal(
        &mut self,
        id: i64,
        state: AppealState,
        decided: &Decided,
        record: Option<u64>,
    ) -> Result<bool, StoreError> {
        const DOING: &str = "deciding an appeal";
        let sql = Sql::new(
            DOING,
            "UPDATE index_appeal SET state = $1, decided_by = $2, home = $3, decided_at = $4,
                 decision = $5, record = $6
             WHERE id = $7 AND state = 'lodged' AND year IN
                 (SELECT year FROM index_round WHERE state IN ('review', 'frozen'))",
        )
        .value(state.name())
        .value(&decided.by)
        .value(decided.home.as_str())
        .value(decided.at)
        .value(&decided.reason)
        .value(record.map(|seq| signed(DOING, "the record", seq)).transpose()?)
        .value(id);
        Ok(self.execute(sql).await? > 0)
    }
}
