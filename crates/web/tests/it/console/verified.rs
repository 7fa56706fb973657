//! The official addresses of the agencies, as anybody reads them.

use std::sync::Arc;

use khien_app::access::Caller;
use khien_app::use_case::register::put_resource;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::resource::{Resource, ResourceKind};
use khien_testkit::Machine;
use serde_json::Value;

use super::support::{Browser, text};
use crate::support::Centre;

async fn put(centre: &Centre, kind: ResourceKind, value: &str) {
    let system = (kind == ResourceKind::Service).then(|| SystemCode::new("cong-dvc").unwrap());
    let agency = AgencyCode::new("sokhcn").unwrap();
    let resource = Resource { agency, system, kind, value: value.into(), until: None };
    put_resource(&centre.app, &Caller::program(), resource).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_off_unless_the_settings_say_so() {
    let centre = Centre::start().await;
    put(&centre, ResourceKind::Domain, "sokhcn.example").await;
    let mut nobody = Browser::new(&centre);
    for path in ["/verified", "/verified?q=so", "/verified.json"] {
        let reply = nobody.get(path).await;
        assert_eq!(reply.status, 404, "{path}");
        assert!(text(&reply).contains("Không tìm thấy"), "{path}: as any page that is not there");
        assert!(!text(&reply).contains("sokhcn.example"));
    }
    assert!(!text(&nobody.get("/sign-in").await).contains("/verified"));
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn anybody_reads_searches_and_verifies_public_addresses() {
    let centre = Centre::start_public(Arc::new(Machine)).await;
    let hostile = "https://sokhcn.example/?a=\"><script>alert(1)</script>";
    put(&centre, ResourceKind::Domain, "sokhcn.example").await;
    put(&centre, ResourceKind::Page, "https://mxh.example.test/sokhcn").await;
    put(&centre, ResourceKind::Page, hostile).await;
    put(&centre, ResourceKind::AddressRange, "192.0.2.0/24").await;
    put(&centre, ResourceKind::Service, "quantri.sokhcn.example:8443").await;
    let mut nobody = Browser::new(&centre);
    assert!(text(&nobody.get("/sign-in").await).contains("href=\"/verified\""));
    let reply = nobody.get("/verified").await;
    let page = text(&reply);
    assert_eq!(reply.status, 200);
    assert!(page.contains("Địa chỉ chính thức của các cơ quan") && page.contains("3 địa chỉ"));
    assert!(page.contains("href=\"https://mxh.example.test/sokhcn\""), "{page}");
    assert!(!page.contains("<script>alert") && page.contains("&#60;script&#62;"), "{page}");
    for hidden in ["192.0.2", "8443"] {
        assert!(!page.contains(hidden), "{hidden}");
    }
    let found = text(&nobody.get("/verified?q=MXH+so+khoa").await);
    assert!(found.contains("mxh.example.test") && found.contains("1 địa chỉ"), "{found}");
    let none = text(&nobody.get("/verified?q=%3Cscript%3Ekhong-co").await);
    assert!(none.contains("chưa được xác nhận") && !none.contains("<script>k"), "{none}");

    let reply = nobody.get("/verified.json").await;
    assert_eq!(reply.headers["content-type"], "application/json");
    assert_eq!(reply.headers["cache-control"], "public, max-age=60");
    let said: Value = serde_json::from_slice(&reply.body).unwrap();
    let statement = said["statement"].as_str().unwrap();
    let signature = khien_seal::Signature::parse(said["signature"].as_str().unwrap()).unwrap();
    let key = centre.app.ledger_key().of(&centre.app.store).await.unwrap().public().unwrap();
    let digest = |text: &str| khien_seal::Digest::of(text.as_bytes());
    assert_eq!(signature.verify(&key, &digest(statement)), Ok(()));
    assert!(signature.verify(&key, &digest(&statement.replace("mxh.", "mxb."))).is_err());
    let list: Value = serde_json::from_str(statement).unwrap();
    assert_eq!(list["addresses"].as_array().unwrap().len(), 3);
    assert_eq!((&list["list"], &list["format"]), (&"khien.verified-addresses".into(), &1.into()));
    // Made once for all who ask: what was registered since comes with the next one.
    put(&centre, ResourceKind::Domain, "moi.sokhcn.example").await;
    assert_eq!(nobody.get("/verified.json").await.body, reply.body);
    centre.stop().await;
}
