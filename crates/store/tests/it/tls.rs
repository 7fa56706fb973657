//! PostgreSQL over TLS: only with a server that proves its name.

use khien_store::{Database, Store, StoreError};

use crate::support::Folder;

#[tokio::test]
async fn records_cross_a_network_only_to_a_server_that_is_known() {
    let server = std::env::var("KHIEN_TEST_POSTGRES_URL");
    let authority = std::env::var("KHIEN_TEST_POSTGRES_AUTHORITY");
    let (Ok(server), Ok(authority)) = (server, authority) else {
        eprintln!("KHIEN_TEST_POSTGRES_AUTHORITY is not set: TLS to PostgreSQL is not tested");
        return;
    };
    let with = |file: &str| {
        let url = format!("{server}?sslmode=verify-full&sslrootcert={file}");
        Database::parse(&url).unwrap()
    };
    let store = Store::open(&with(&authority)).await.unwrap();
    store.close().await;

    // A certificate of the same name that somebody else has made.
    let folder = Folder::new();
    let other = folder.0.join("other.pem");
    let made = std::process::Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout", "/dev/null", "-out"])
        .arg(&other)
        .output()
        .unwrap();
    assert!(made.status.success());
    let refused = Store::open(&with(other.to_str().unwrap())).await.err();
    assert!(matches!(refused, Some(StoreError::Open { .. })), "{refused:?}");
    let named = server.replace("127.0.0.1", "localhost");
    let url = format!("{named}?sslmode=verify-full&sslrootcert={authority}");
    let refused = Store::open(&Database::parse(&url).unwrap()).await.err();
    assert!(matches!(refused, Some(StoreError::Open { .. })), "another name: {refused:?}");
}
