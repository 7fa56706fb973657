//! The rooms of controls and cryptography: what people import, state and take away.

use khien_app::access::Caller;
use khien_app::use_case::{crypto, register};
use khien_domain::account::Role;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::permission::AgencyScope;
use khien_domain::resource::{Resource, ResourceKind};
use khien_testkit::{like_csf, ssh_greeting};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::support::{Browser, invite, only, register_another, text};
use crate::support::Centre;

#[tokio::test(flavor = "multi_thread")]
async fn a_catalogue_comes_in_and_a_faulty_one_says_why() {
    let centre = Centre::start_with_rules().await;
    invite(&centre, "truongca", Role::Lead, AgencyScope::All).await;
    Browser::new(&centre).code("truongca").await;
    let mut lead = Browser::of(&centre, "truongca").await;
    let bad = lead.post_file("/controls", "khung.xml", b"<catalog><metadata>").await;
    assert_eq!(bad.status, 400);
    assert!(text(&bad).contains("khung.xml: "), "{}", text(&bad));
    let hostile = r#"{"catalog": {"metadata": {"title": "Khung <script>alert(1)</script>", "version": "1"},
        "groups": [{"id": "g", "title": "<b>Nhóm</b>", "controls": [
            {"id": "a-1", "title": "<script>alert(2)</script>"}]}]}}"#;
    let taken = lead.post_file("/controls", "khung.json", hostile.as_bytes()).await;
    assert_eq!(taken.status, 303);
    let place = taken.headers["location"].clone();
    assert!(place.starts_with("/controls/khung-script-alert-1-script@1?done="), "{place}");
    let page = text(&lead.get(&place).await);
    assert!(page.contains("a-1") && !page.contains("<script>alert"), "{page}");
    let page = text(&lead.get("/controls").await);
    assert!(page.contains("2026.1") && !page.contains("<script>alert"));
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mapping_comes_in_and_stands_beside_the_controls() {
    let centre = Centre::start_with_rules().await;
    invite(&centre, "truongca", Role::Lead, AgencyScope::All).await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    Browser::new(&centre).code("truongca").await;
    let mut lead = Browser::of(&centre, "truongca").await;
    assert_eq!(lead.post_file("/controls", "csf.json", like_csf().as_bytes()).await.status, 303);
    let table = "id,title\n1.1,Sao lưu <b>dữ liệu</b>\n1.2,Khác\n".as_bytes();
    let bad = lead.post_file_and("/controls", &[("name", "cis")], "cis.csv", table).await;
    assert_eq!(bad.status, 400);
    assert!(text(&bad).contains("«cis» không phải tên danh mục"), "{}", text(&bad));
    let called = [("name", "mau-b@8.1"), ("title", "Danh mục Mẫu B")];
    let taken = lead.post_file_and("/controls", &called, "cis.csv", table).await;
    assert_eq!(taken.headers["location"], "/controls/mau-b@8.1?done=catalogue-imported");
    let between = [("source", "mau-b@8.1"), ("target", "csf-2.0@1.0.0")];
    let wrong = b"source,relationship,target\n1.9,equal-to,PR.DS-11\n1.1,like,PR.DS-11\n";
    let bad = lead.post_file_and("/controls/mappings", &between, "a.csv", wrong).await;
    assert_eq!(bad.status, 400);
    let page = text(&bad);
    assert!(page.contains("2 chỗ sai, chưa nhận gì"), "{page}");
    assert!(page.contains("dòng 2: mau-b@8.1 không có mã 1.9"), "{page}");
    assert!(page.contains("dòng 3: «like» không thuộc equal-to"), "{page}");
    assert!(page.contains("<option value=\"mau-b@8.1\" selected>"), "what was chosen stays");
    let right = b"source,relationship,target\n1.1,superset-of,PR.DS-11\n";
    let taken = lead.post_file_and("/controls/mappings", &between, "a.csv", right).await;
    assert_eq!(taken.status, 303, "{}", text(&taken));
    let place = taken.headers["location"].clone();
    assert_eq!(place, "/controls/mau-b@8.1?with=csf-2.0@1.0.0&done=mapping-imported");
    let page = text(&lead.get(&place).await);
    assert!(
        page.contains("bao trùm</span> <a class=\"mono\" href=\"/controls/csf-2.0@1.0.0/controls/")
    );
    assert!(!page.contains("<b>dữ liệu"), "{page}");

    let mut officer = Browser::of(&centre, "canbo").await;
    let page = text(&officer.get("/controls/csf-2.0@1.0.0/controls/PR.DS-11").await);
    assert!(
        page.contains("nằm trong</span> <a class=\"mono\" href=\"/controls/mau-b@8.1/controls/1.1")
    );
    let page = text(&officer.get("/controls/mh-levels@2026.1/controls/UP-01").await);
    assert!(page.contains("suy ra qua PR.DS-11") && page.contains("suy ra qua CSF 2.0"), "{page}");
    assert!(page.contains("không được coi là đã có"), "a mapping answers nothing");
    let page = text(&officer.get("/controls/mau-b@8.1?with=csf-2.0@1.0.0&show=unmapped").await);
    assert!(page.contains("/controls/mau-b@8.1/controls/1.2\""), "{page}");
    assert!(!page.contains("/controls/mau-b@8.1/controls/1.1\""), "only what corresponds to none");
    let oscal = officer.get("/controls/mh-levels@2026.1/mapping").await;
    let name = "mapping-mh-levels-2026.1-csf-2.0-1.0.0.json";
    assert!(oscal.headers["content-disposition"].contains(name));
    assert_eq!(officer.get("/controls/mh-levels@2026.1/controls/XX-1").await.status, 404);
    let refused = officer.post_file_and("/controls/mappings", &between, "a.csv", right).await;
    assert_eq!(refused.status, 403);
    assert!(!text(&officer.get("/controls").await).contains("id=\"map\""), "no form for others");
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_states_a_control_and_others_only_read() {
    let centre = Centre::start_with_rules().await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    invite(&centre, "lanhdao", Role::Leader, AgencyScope::All).await;
    let mut officer = Browser::of(&centre, "canbo").await;
    let place = "/systems/cong-dvc/controls";
    // What is due by each stage, with the conditions of the gate before it; the open ones are linked.
    let stages = async |officer: &mut Browser<'_>| {
        let page = text(&officer.get(place).await);
        let found = page.split("id=\"stages\"").nth(1).unwrap().split("</section>").next();
        found.unwrap().to_owned()
    };
    let before = stages(&mut officer).await;
    let rows: Vec<&str> = before.split("<tr>").skip(2).collect();
    assert_eq!(rows.len(), 4, "{before}");
    for (row, (stage, control)) in
        rows.iter().zip([("design", "QT-03"), ("build", "TS-03"), ("test", "TC-01")])
    {
        assert!(row.contains(&format!("/gate/cong-dvc?before={stage}\"")), "{row}");
        assert!(row.contains(&format!("#{control}\"")), "{stage}: {row}");
    }
    assert!(rows[3].contains("đang ở đây") && !before.contains("tiếp theo"), "{before}");
    let mut fields = vec![
        ("catalogue", "mh-levels@2026.1"),
        ("control", "QT-03"),
        ("state", "planned"),
        ("note", "xong"),
    ];
    let short = officer.post(place, &fields).await;
    assert_eq!(short.status, 400);
    let page = text(&short);
    assert!(page.contains("ít nhất 10 ký tự") && page.contains("<details open>"), "{page}");
    assert!(page.contains(">xong</textarea>"), "what was typed stays");
    fields[3] = ("note", "Ban hành quy chế trong quý I");
    assert_eq!(officer.post(place, &fields).await.status, 303);
    let page = text(&officer.get(place).await);
    assert!(page.contains("Ban hành quy chế trong quý I"));
    let planned = text(&officer.get(&format!("{place}?status=planned")).await);
    assert!(planned.contains("id=\"QT-03\"") && !planned.contains("id=\"QT-01\""));
    let mut leader = Browser::of(&centre, "lanhdao").await;
    let read = text(&leader.get(place).await);
    assert!(read.contains("Ban hành quy chế trong quý I") && !read.contains("<textarea"));
    let plan = leader.get(&format!("{place}/oscal?what=ssp")).await;
    assert!(plan.headers["content-disposition"].contains("ssp-cong-dvc-mh-levels-2026.1.json"));
    let csf = text(&leader.get(&format!("{place}?view=csf")).await);
    assert!(csf.contains("GV.PO-01") && csf.contains("Chưa nhập danh mục NIST CSF 2.0"));
    let empty = text(&officer.get("/crypto").await);
    assert!(empty.contains("Chưa có điểm kết nối nào ở đây"), "{empty}");
    let wrong = officer.post("/crypto/probe", &[("endpoint", "a.example:443")]).await;
    assert!(text(&wrong).contains("a.example:443 không phải điểm kết nối đã đăng ký"));
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_used_any_more_is_told_with_its_day_and_planned_by_system() {
    let centre = Centre::start_with_rules().await;
    register_another(&centre).await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    invite(&centre, "khac", Role::Officer, only("soyt")).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let said = ssh_greeting("curve25519-sha256,diffie-hellman-group1-sha1", "ssh-ed25519");
    let server = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(&said).await;
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
    });
    let (agency, system) =
        (AgencyCode::new("sokhcn").unwrap(), SystemCode::new("cong-dvc").unwrap());
    for (kind, value, system) in [
        (ResourceKind::AddressRange, "127.0.0.1", None),
        (ResourceKind::Service, address.as_str(), Some(system)),
    ] {
        let agency = agency.clone();
        let resource = Resource { agency, system, kind, value: value.into(), until: None };
        register::put_resource(&centre.app, &Caller::program(), resource).await.unwrap();
    }
    crypto::probe(&centre.app, &Caller::program(), None).await.unwrap();

    let mut officer = Browser::of(&centre, "canbo").await;
    let over =
        "diffie-hellman-group1-sha1 không được dùng từ sau 31/01/2022 → mlkem768x25519-sha256";
    let classical = "curve25519-sha256 chỉ dùng đến 31/12/2028 → mlkem768x25519-sha256";
    for path in ["/crypto", "/crypto?show=grave", "/crypto?rule=kex-sha1", "/crypto/plans"] {
        let page = text(&officer.get(path).await);
        assert!(page.contains(over) && page.contains(classical), "{path}: {page}");
    }
    let none = text(&officer.get("/crypto?rule=kem-hybrid").await);
    assert!(!none.contains(&address), "{none}");
    let policy = text(&officer.get("/crypto/policy").await);
    assert!(policy.contains("<a href=\"/crypto?rule=kex-sha1\">1</a>"), "{policy}");
    assert!(policy.contains("Không dùng cho bí mật nhà nước") && policy.contains("cần đối chiếu"));

    // A plan is a paper of the system; it does not make good what is over.
    let plan = [
        ("kind", "crypto-plan"),
        ("change", "Nâng OpenSSH lên bản có ML-KEM"),
        ("by", "2027-06-30"),
        ("post", "Phòng Hạ tầng số"),
    ];
    assert_eq!(officer.post("/systems/cong-dvc/papers", &plan).await.status, 303);
    let page = text(&officer.get("/crypto/plans?state=over").await);
    for part in ["Nâng OpenSSH lên bản có ML-KEM", "30/06/2027", "Phòng Hạ tầng số"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let file = text(&officer.get("/crypto/plans?form=csv").await);
    assert!(file.contains("2022-01-31") && file.contains("2027-06-30"), "{file}");
    let file = text(&officer.get("/crypto/policy?form=csv").await);
    assert!(file.contains("kex-classical-ssh") && file.contains("2028-12-31"), "{file}");
    let bill = text(&officer.get("/crypto/cbom").await);
    assert!(bill.contains("không dùng cho bí mật nhà nước"), "{bill}");

    let mut other = Browser::of(&centre, "khac").await;
    for path in ["/crypto", "/crypto/plans", "/crypto/policy", "/crypto/plans?form=csv"] {
        let page = text(&other.get(path).await);
        assert!(!page.contains("cong-dvc") && !page.contains(&address), "{path}: {page}");
        assert!(!page.contains("/crypto?rule=kex-sha1"), "{path}: counts are of what one may see");
    }
    server.abort();
    centre.stop().await;
}
