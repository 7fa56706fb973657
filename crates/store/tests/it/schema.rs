//! The whole schema of each database in one file, kept true; and what may never be in it.

use std::path::Path;

use khien_store::{Database, Store};
use sqlx::Row as _;

use crate::support::{each_database, now};

const SQLITE: &str = "SELECT sql || ';' FROM sqlite_master
    WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY tbl_name, type DESC, name";

const POSTGRES: &str = "
    SELECT text FROM (
        SELECT relname AS name, 1 AS rank, attnum::bigint AS place,
            relname || '.' || attname || ' ' || format_type(atttypid, atttypmod)
                || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END
                || CASE WHEN attidentity <> '' THEN ' IDENTITY' ELSE '' END AS text
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0
        UNION ALL
        SELECT relname, 2, row_number() OVER (ORDER BY conname),
            relname || ' ' || conname || ' ' || pg_get_constraintdef(pg_constraint.oid)
        FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
        WHERE relnamespace = 'public'::regnamespace
        UNION ALL
        SELECT tablename, 3, row_number() OVER (ORDER BY indexname), indexdef
        FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL
        SELECT relname, 4, row_number() OVER (ORDER BY tgname), pg_get_triggerdef(pg_trigger.oid)
        FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE relnamespace = 'public'::regnamespace AND NOT tgisinternal
    ) AS parts ORDER BY name COLLATE \"C\", rank, place";

async fn schema(database: &Database) -> String {
    let rows: Vec<String> = match database {
        Database::Sqlite(path) => {
            let pool = sqlx::SqlitePool::connect(path.to_str().unwrap()).await.unwrap();
            let rows = sqlx::query(SQLITE).fetch_all(&pool).await.unwrap();
            rows.iter().map(|row| row.get(0)).collect()
        }
        Database::Postgres(url) => {
            let pool = sqlx::PgPool::connect(url).await.unwrap();
            let rows = sqlx::query(POSTGRES).fetch_all(&pool).await.unwrap();
            rows.iter().map(|row| row.get(0)).collect()
        }
    };
    rows.join("\n") + "\n"
}

#[tokio::test]
async fn the_schema_files_are_what_the_migrations_make() {
    each_database(async |database| {
        let store = Store::open(&database).await.unwrap();
        store.migrate(now()).await.unwrap();
        let is = schema(&database).await;
        let name = if store.is_sqlite() { "schema.sqlite.sql" } else { "schema.postgres.txt" };
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        if std::env::var_os("KHIEN_UPDATE_SCHEMA").is_some() {
            std::fs::write(&path, &is).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(written == is, "{name} is old: run the tests with KHIEN_UPDATE_SCHEMA=1");
    })
    .await;
}

/// The centre keeps no table and no column about these; see «Limits that are features».
const NEVER: [&str; 22] = [
    "opinion",
    "ideolog",
    "political",
    "religi",
    "ethnic",
    "gender",
    "birth",
    "citizen",
    "cccd",
    "cmnd",
    "passport",
    "identity_number",
    "social",
    "facebook",
    "zalo",
    "tiktok",
    "phone",
    "tu_tuong",
    "ton_giao",
    "dan_toc",
    "du_luan",
    "person",
];

#[tokio::test]
async fn no_table_or_column_is_about_peoples_opinions_or_identity() {
    each_database(async |database| {
        let store = Store::open(&database).await.unwrap();
        store.migrate(now()).await.unwrap();
        let schema = schema(&database).await.to_lowercase();
        for word in NEVER {
            assert!(!schema.contains(word), "«{word}» is in the schema");
        }
    })
    .await;
}
