//! Databases for tests, and a small register to start from.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::Timestamp;
use khien_domain::agency::{Agency, AgencyKind};
use khien_domain::alert::{AlertKind, Detection, MatchedField, Severity};
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::ids::{EventId, SourceId};
use khien_domain::permission::AgencyScope;
use khien_domain::rate::Rate;
use khien_domain::source::{NewSource, SourceKind, SourceSettings};
use khien_domain::system::{Level, Stage, System};
use khien_store::{Database, Store};
use sqlx::{Connection as _, Executor as _, PgConnection};

static NEXT: AtomicU32 = AtomicU32::new(0);

fn unique() -> String {
    format!("khien_test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A folder that goes away with the value.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        let path = std::env::temp_dir().join(unique());
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn database(&self) -> Database {
        Database::Sqlite(self.0.join("khien.db"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs a contract on an empty database of each kind.
pub(crate) async fn each_database(contract: impl AsyncFn(Database)) {
    let folder = Folder::new();
    contract(folder.database()).await;
    let Ok(server) = std::env::var("KHIEN_TEST_POSTGRES_URL") else {
        eprintln!("KHIEN_TEST_POSTGRES_URL is not set: PostgreSQL is not tested");
        return;
    };
    let name = unique();
    let mut connection = PgConnection::connect(&server).await.unwrap();
    let statement = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
    connection.execute(statement).await.unwrap();
    let (place, _) = server.rsplit_once('/').unwrap();
    contract(Database::Postgres(format!("{place}/{name}"))).await;
    let statement = sqlx::AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"));
    connection.execute(statement).await.unwrap();
}

/// Runs a contract on a migrated store of each kind.
pub(crate) async fn each(contract: impl AsyncFn(Store)) {
    each_database(async |database| {
        let store = Store::open(&database).await.unwrap();
        store.migrate(now()).await.unwrap();
        contract(store.clone()).await;
        store.close().await;
    })
    .await;
}

/// Runs statements beside the store.
pub(crate) async fn run(database: &Database, statements: &[String]) {
    for statement in statements {
        let statement = sqlx::AssertSqlSafe(statement.clone());
        match database {
            Database::Sqlite(path) => {
                let pool = sqlx::SqlitePool::connect(path.to_str().unwrap()).await.unwrap();
                pool.execute(statement).await.unwrap();
                pool.close().await;
            }
            Database::Postgres(url) => {
                let mut connection = PgConnection::connect(url).await.unwrap();
                connection.execute(statement).await.unwrap();
            }
        }
    }
}

pub(crate) fn now() -> Timestamp {
    "2026-10-15T01:00:00Z".parse().unwrap()
}

pub(crate) fn agency(code: &str) -> AgencyCode {
    AgencyCode::new(code).unwrap()
}

pub(crate) fn system(code: &str) -> SystemCode {
    SystemCode::new(code).unwrap()
}

pub(crate) fn only(code: &str) -> AgencyScope {
    AgencyScope::one(agency(code))
}

pub(crate) fn settings(name: &str) -> SourceSettings {
    SourceSettings {
        name: name.into(),
        formats: BTreeSet::from(["json".to_owned(), "syslog".to_owned()]),
        rate: Rate { events_per_second: 5_000, bytes_per_second: 10 << 20 },
        heartbeat_seconds: Some(300),
        networks: BTreeSet::new(),
        certificate: None,
    }
}

pub(crate) fn new_agency(code: &str) -> Agency {
    let name = format!("Cơ quan {code} tỉnh Minh Họa");
    Agency::new(agency(code), name, AgencyKind::Government, now())
}

pub(crate) fn new_system(code: &str, of: &str, level: i64) -> System {
    let (name, level) = (format!("Hệ thống {code}"), Level::new(level).unwrap());
    System::new(system(code), agency(of), name, level, Stage::Operation, now())
}

pub(crate) fn new_source(system_code: &str, name: &str) -> NewSource {
    NewSource {
        system: system(system_code),
        kind: SourceKind::Syslog,
        settings: settings(name),
        created_at: now(),
    }
}

/// Two agencies, each with a system and a source: `sokhcn` with `cong-dvc`, `soyt` with `benh-an`.
pub(crate) async fn register(store: &Store) -> [SourceId; 2] {
    let mut tx = store.begin().await.unwrap();
    for code in ["sokhcn", "soyt"] {
        tx.add_agency(&new_agency(code)).await.unwrap();
    }
    tx.add_system(&new_system("cong-dvc", "sokhcn", 3)).await.unwrap();
    tx.add_system(&new_system("benh-an", "soyt", 2)).await.unwrap();
    let first = tx.add_source(&new_source("cong-dvc", "rsyslog")).await.unwrap();
    let second = tx.add_source(&new_source("benh-an", "winlogbeat")).await.unwrap();
    tx.commit().await.unwrap();
    [first, second]
}

/// A find in `cong-dvc` of `sokhcn` at a place of a batch.
pub(crate) fn detection(batch: u64, item: u32, entity: &str) -> Detection {
    Detection {
        event: EventId { batch, item },
        at: now(),
        kind: AlertKind::Rule,
        rule: "rule-1".into(),
        title: "PowerShell tải tệp".into(),
        severity: Severity::High,
        agency: agency("sokhcn"),
        system: system("cong-dvc"),
        source: None,
        entity: entity.into(),
        window_start: now(),
        attack: vec!["attack.execution".into(), "attack.t1059.001".into()],
        matched: vec![MatchedField::new("CommandLine", "powershell -enc «mã»", "contains -enc")],
    }
}

/// A find in `benh-an` of `soyt`.
pub(crate) fn elsewhere(batch: u64, item: u32, entity: &str) -> Detection {
    Detection {
        agency: agency("soyt"),
        system: system("benh-an"),
        ..detection(batch, item, entity)
    }
}

/// Records finds of some batches in a transaction of its own.
pub(crate) async fn record(
    store: &Store,
    batches: std::ops::RangeInclusive<u64>,
    found: &[Detection],
) -> khien_store::Recorded {
    let detections = khien_store::Detections {
        batches: vec![batches],
        found: found.to_vec(),
        ..khien_store::Detections::default()
    };
    let mut tx = store.begin().await.unwrap();
    let recorded = tx.record_detections(&detections, now()).await.unwrap();
    tx.commit().await.unwrap();
    recorded
}

/// Runs statements beside the store; the database itself must refuse each with these words.
pub(crate) async fn each_is_refused(database: &Database, statements: &[&'static str], words: &str) {
    for &statement in statements {
        let refused = match database {
            Database::Sqlite(path) => {
                let pool = sqlx::SqlitePool::connect(path.to_str().unwrap()).await.unwrap();
                sqlx::query(statement).execute(&pool).await.unwrap_err()
            }
            Database::Postgres(url) => {
                let pool = sqlx::PgPool::connect(url).await.unwrap();
                sqlx::query(statement).execute(&pool).await.unwrap_err()
            }
        };
        assert!(refused.to_string().contains(words), "{statement}: {refused}");
    }
}
