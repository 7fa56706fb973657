//! Files and words that bear a mark of secrecy, on the ways that no form of the console goes.

use std::sync::Arc;

use khien_app::access::Caller;
use khien_app::app::App;
use khien_app::use_case::findings::import_exploited;
use khien_app::use_case::hunts::{NewHunt, Prey, RuleFile, start_hunt};
use khien_app::use_case::rule_imports::{Import, import_rules, unpack};
use khien_app::use_case::saved_searches::{Wanted, add_saved_search};
use khien_app::use_case::{register, suppressions};
use khien_domain::alert::suppression::Scope;
use khien_domain::code::SystemCode;
use khien_domain::product::{Make, Product};
use khien_domain::resource::{Resource, ResourceKind};

use super::support::{agency, centre_of_two, lead};

fn marked<T: std::fmt::Debug, E: std::fmt::Display>(refused: Result<T, E>) {
    let told = refused.map_err(|error| error.to_string()).unwrap_err();
    assert!(told.contains("bears the mark"), "{told}");
}

const RULE: &str = "title: Tệp có dấu mật trong tên\nid: 57575757-1111-4111-8111-111111111111\n\
                    logsource: {product: windows}\ndetection:\n  s:\n    TargetFilename|contains:\n      - \
                    TỐI MẬT\n      - TOI_MAT\n  condition: s\nlevel: high\n";

async fn imported(app: &Arc<App>, name: &str, text: &str) -> (usize, String) {
    let files = vec![RuleFile { name: name.into(), text: text.into() }];
    let import = Import { set: "thu".into(), files, dry_run: true };
    let report = import_rules(app, &Caller::program(), import).await.unwrap();
    let said = report.files[0].said.first().map_or_else(String::new, |one| one.message.clone());
    (report.accepted(), said)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_looks_for_the_stamp_but_bears_none() {
    let place = tempfile::tempdir().unwrap();
    let (app, _clock) = centre_of_two(&place.path().join("data")).await;
    assert_eq!(imported(&app, "a.yml", RULE).await, (1, String::new()));
    for (name, text) in [
        ("KE_HOACH_TOI_MAT.yml", RULE.to_owned()),
        ("mật/TUYỆT MẬT/a.yml", RULE.to_owned()),
        ("a.yml", RULE.replace("Tệp có dấu mật trong tên", "Kế hoạch (TỐI MẬT)")),
        ("a.yml", format!("# Độ mật: Tối mật\n{RULE}")),
    ] {
        let (accepted, said) = imported(&app, name, &text).await;
        assert!(accepted == 0 && said.contains("bears the mark"), "{name}: {said}");
    }
    marked(unpack("Luật (MẬT).zip", b"PK"));
    let hunt = |name: &str, text: &str| {
        let files = vec![RuleFile { name: name.into(), text: text.into() }];
        let prey = Prey::Rules { files, placeholders: std::collections::BTreeMap::new() };
        NewHunt { prey, from: None, to: None, agencies: std::collections::BTreeSet::new() }
    };
    marked(start_hunt(&app, &lead(), hunt("TOI_MAT.yml", RULE)).await);
    marked(start_hunt(&app, &lead(), hunt("a.yml", &format!("# TỐI MẬT\n{RULE}"))).await);
    start_hunt(&app, &lead(), hunt("a.yml", RULE)).await.unwrap();
    let list = |name: &str, text: &str| {
        let prey = Prey::Indicators { name: name.into(), text: text.into() };
        NewHunt { prey, from: None, to: None, agencies: std::collections::BTreeSet::new() }
    };
    marked(start_hunt(&app, &lead(), list("MẬT.csv", "203.0.113.9\n")).await);
    marked(start_hunt(&app, &lead(), list("a.txt", "# TUYỆT MẬT\n203.0.113.9\n")).await);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_all_kinds_are_refused_for_a_mark_in_them() {
    let place = tempfile::tempdir().unwrap();
    let (app, _clock) = centre_of_two(&place.path().join("data")).await;
    let caller = Caller::program();
    let kev = |title: &str| {
        format!(
            r#"{{"title":"{title}","catalogVersion":"2026.1","dateReleased":"2026-10-01","vulnerabilities":[
            {{"cveID":"CVE-2026-1000","vulnerabilityName":"Lỗi mẫu","dateAdded":"2026-10-01"}}]}}"#
        )
    };
    marked(import_exploited(&app, &caller, kev("TỐI MẬT").into_bytes()).await);
    marked(import_exploited(&app, &caller, kev("Danh mục (MẬT)").into_bytes()).await);
    import_exploited(&app, &caller, kev("Danh mục bảo mật").into_bytes()).await.unwrap();

    let domain = Resource {
        agency: agency("sokhcn"),
        system: None,
        kind: ResourceKind::Domain,
        value: "minhhoa.example".into(),
        until: None,
    };
    register::put_resource(&app, &caller, domain).await.unwrap();
    let log = |head: &str| format!("{head}name\nlo.minhhoa.example\n");
    marked(register::import_certificates(&app, &caller, log("TỐI MẬT\n").as_bytes(), false).await);
    let kept = register::import_certificates(&app, &caller, log("").as_bytes(), true).await;
    assert_eq!(kept.unwrap().found.len(), 1);

    let product = Product {
        system: SystemCode::new("cong-dvc").unwrap(),
        name: "Cổng".into(),
        version: None,
        maker: None,
        make: Make::Domestic,
        certificate: None,
        scope: None,
        certificate_until: None,
        support_until: None,
        is_cryptographic: false,
        authority: None,
        custodian: None,
    };
    let system = product.system.clone();
    let id = register::add_product(&app, &caller, product).await.unwrap();
    let bom = |title: &str, name: &str| {
        format!(
            r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{{"component":{{"type":"application",
            "name":"{title}"}}}},"components":[{{"type":"library","name":"{name}"}}]}}"#
        )
    };
    for (title, name) in [("TỐI MẬT", "ky-so"), ("Cổng", "Mô-đun (TUYỆT MẬT)")] {
        marked(
            register::import_inventory(&app, &caller, &system, id, bom(title, name).as_bytes())
                .await,
        );
    }
    // Three capitals are a program as well.
    let kept =
        register::import_inventory(&app, &caller, &system, id, bom("Cổng", "MAT").as_bytes()).await;
    kept.unwrap();
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_looked_for_may_be_the_word() {
    let place = tempfile::tempdir().unwrap();
    let (app, _clock) = centre_of_two(&place.path().join("data")).await;
    let wanted = |name: &str| Wanted {
        name: name.into(),
        query: "\"TỐI MẬT\"".into(),
        span: "7d".into(),
        ..Wanted::default()
    };
    add_saved_search(&app, &lead(), wanted("Tệp có dấu mật")).await.unwrap();
    marked(add_saved_search(&app, &lead(), wanted("Kế hoạch (TỐI MẬT)")).await);
    let scope = Scope { entity: Some("TỐI MẬT".into()), ..Scope::default() };
    suppressions::preview_suppression(&app, &lead(), scope).await.unwrap();
    app.stop().await;
}
