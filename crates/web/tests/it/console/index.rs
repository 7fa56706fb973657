//! The index and the evidence behind it, as people read them; forms of tabs that are drawn again.

use khien_domain::account::Role;
use khien_domain::permission::AgencyScope;

use super::support::{Browser, invite, only, register_another, text};
use crate::support::{Centre, Reply};

fn goes_to(reply: &Reply) -> String {
    assert_eq!(reply.status, 303, "{}", text(reply));
    reply.headers["location"].clone()
}

async fn line(officer: &mut Browser<'_>, code: &str, class: &str, share: &str, planned: &str) {
    let typed = [
        ("code", code),
        ("name", "Dòng mẫu"),
        ("class", class),
        ("share", share),
        ("planned", planned),
        ("domestic", "yes"),
    ];
    goes_to(&officer.post("/budget/sokhcn/2026/new", &typed).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_of_14_999_percent_never_reads_as_if_it_reached_15() {
    let centre = Centre::start_with_rules().await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    invite(&centre, "truongca", Role::Lead, AgencyScope::All).await;
    let mut officer = Browser::of(&centre, "canbo").await;
    line(&mut officer, "an", "monitoring", "100", "299.980.000").await;
    line(&mut officer, "khac", "other", "0", "1.700.020.000").await;
    Browser::new(&centre).code("truongca").await;
    let mut lead = Browser::of(&centre, "truongca").await;
    let decision = [("number", "12/QĐ-SKHCN"), ("day", "2026-01-05")];
    goes_to(&lead.post("/budget/sokhcn/2026/approve", &decision).await);
    let page = text(&officer.get("/index/agencies/sokhcn/N3.13").await);
    for wanted in ["14,999%", "15%", "5%", "299.980.000 / 2.000.000.000 đồng"] {
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
    assert!(!page.contains("0,15"), "{page}");
    let page = text(&officer.get("/index/agencies/sokhcn").await);
    for wanted in ["14,999%", "Kinh phí 2026", "Thiếu so với 15%", "20.000&nbsp;đ"] {
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
    let page = text(&lead.get("/index/indicators/N3.13").await);
    let row = page.split("data-row=\"sokhcn\"").nth(1).unwrap();
    let row = row.split("</tr>").next().unwrap();
    assert!(row.contains("14,999%") && row.contains("width=\"99\""), "{row}");
    assert!(!row.contains("f-g"), "the bar is green only when all points are had: {row}");
    let points = row.split("<td class=\"num\">").nth(2).unwrap().split('<').next().unwrap();
    let (had, of) = points.split_once(" / ").unwrap();
    assert_ne!(had, of, "{points}");
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_sources_and_gains_are_told_in_words() {
    let centre = Centre::start_with_rules().await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    let mut officer = Browser::of(&centre, "canbo").await;
    let typed = [
        ("agency", "sokhcn"),
        ("kind", "pdp.file"),
        ("system", "cong-dvc"),
        ("f-processing", "yes"),
        ("f-impact", "no"),
        ("title", "Hồ sơ mẫu"),
    ];
    let to = goes_to(&officer.post("/evidence/new", &typed).await);
    let page = text(&officer.get(to.split('?').next().unwrap()).await);
    let shown = page.split("<main").nth(1).unwrap().split("<summary>Tên trường").next().unwrap();
    for wanted in ["Có hồ sơ xử lý dữ liệu cá nhân</dt><dd class=\"wrap\">Có<", ">Không<"]
    {
        assert!(shown.contains(wanted), "{wanted}: {page}");
    }
    assert!(page.contains("<a href=\"/systems/cong-dvc\">") && !page.contains(">cong-dvc</a>"));
    assert!(!shown.contains("processing"), "{page}");
    assert!(page.contains("<dt class=\"mono\">processing</dt>"), "programs' names are there too");
    let list = text(&officer.get("/evidence?type=pdp.file").await);
    assert!(list.contains("Có hồ sơ xử lý dữ liệu cá nhân: Có"), "{list}");
    assert!(!list.contains("processing: true"), "{list}");
    // Who asks about what is not there is told so, and does not get everything instead.
    for (asked, told) in [
        ("agency=S%E1%BB%9F", "Không có cơ quan «"),
        ("agency=khong-co", "Không có cơ quan «"),
        ("system=khac", "không có hệ thống nào mã «khac»"),
    ] {
        let page = text(&officer.get(&format!("/evidence?{asked}")).await);
        assert!(page.contains(told) && !page.contains("/evidence/1"), "{asked}: {page}");
        let file = text(&officer.get(&format!("/evidence?{asked}&form=csv")).await);
        assert_eq!(file.trim_end().lines().count(), 1, "{asked}: {file}");
    }
    let capitals = text(&officer.get("/evidence?type=pdp.file&agency=SOKHCN").await);
    assert!(capitals.contains("Có hồ sơ xử lý dữ liệu cá nhân: Có"), "{capitals}");

    let gate = text(&officer.get("/gate/cong-dvc").await);
    assert!(gate.contains("Chương trình hành động thực hiện Chỉ thị 57-CT/TW, mục II.3"), "{gate}");
    assert!(!gate.contains("S3 II"), "{gate}");
    let why = text(&officer.get("/index/agencies/sokhcn/N2.2").await);
    for wanted in ["mục II.1–II.2", "máy đo, kèm văn bản", "trụ cột pháp lý"] {
        assert!(why.contains(wanted), "{wanted}: {why}");
    }
    let sheet = text(&officer.get("/index/agencies/sokhcn").await);
    for wanted in ["0 / 1 hệ thống có hồ sơ cấp độ được phê duyệt", "Sở, ban, ngành"]
    {
        assert!(sheet.contains(wanted), "{wanted}: {sheet}");
    }
    let letter = text(&officer.get("/index/agencies/sokhcn/letter").await);
    assert!(letter.contains("Nối đủ nguồn nhật ký của 1 hệ thống về trung tâm"), "{letter}");
    assert!(letter.contains("Hạ tầng, công nghệ, giải pháp kỹ thuật"), "{letter}");
    centre.stop().await;
}

/// What follows the first place of `from` in a page, until `to`.
fn between<'p>(page: &'p str, from: &str, to: &str) -> &'p str {
    let after = page.split_once(from).unwrap_or_else(|| panic!("{from}: {page}")).1;
    after.split(to).next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn indicators_stand_by_pillars_for_information_and_change_no_score() {
    let centre = Centre::start_with_rules().await;
    register_another(&centre).await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    invite(&centre, "lanhdao", Role::Leader, AgencyScope::All).await;
    let mut leader = Browser::of(&centre, "lanhdao").await;
    let page = text(&leader.get("/index/pillars").await);
    for wanted in [
        "Chỉ để tham khảo, không tính vào điểm.",
        "không phải đánh giá của ITU",
        "2 cơ quan",
        "5 chỉ số · trọng số 15/100",
        "<h2>Không thuộc trụ cột nào</h2></header><p class=\"empty\">Không có chỉ số nào</p>",
    ] {
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
    assert_eq!(page.matches("href=\"/index/indicators/N").count(), 42);
    // The share of an indicator is the mean of what its own page shows, of whom it applies to.
    let all = text(&leader.get("/index/indicators/N1.1?form=csv").await);
    let points = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let (had, of) = (cells[cells.len() - 3], cells[cells.len() - 2]);
        (!line.contains("không áp dụng")).then(|| (had.to_owned(), of.to_owned()))
    };
    let counted = all.lines().skip(1).filter_map(points).count();
    let row = between(&page, "data-row=\"N1.1\"", "</tr>");
    assert!(row.ends_with(&format!("<td class=\"num wide\">{counted}</td>")), "{row}");
    // Somebody of one agency sees that agency alone.
    let mut officer = Browser::of(&centre, "canbo").await;
    let own = text(&officer.get("/index/pillars").await);
    assert!(own.contains("Sở Khoa học và Công nghệ") && !own.contains("2 cơ quan"), "{own}");
    assert!(!own.contains("trung bình của"), "{own}");
    // Ways to it and out of it.
    assert!(text(&leader.get("/index").await).contains("href=\"/index/pillars\">Theo trụ cột GCI"));
    let indicator = text(&leader.get("/index/indicators/N2.2").await);
    assert!(
        indicator.contains("href=\"/index/pillars#legal\">GCI: trụ cột pháp lý"),
        "{indicator}"
    );
    let csv = text(&leader.get("/index/pillars?form=csv").await);
    assert_eq!(csv.trim_end().lines().count(), 43, "{csv}");
    assert!(csv.contains("legal,N2.2,"), "{csv}");
    let json = text(&leader.get("/index/pillars?form=json").await);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(json.to_string().contains("\"pillar\":\"co-operation\""), "{json}");
    assert_eq!(leader.get("/index/pillars?form=xlsx").await.status, 200);
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_packs_of_the_ledger_stand_with_the_records_that_hold_them() {
    use khien_app::access::Caller;
    use khien_app::use_case::index;
    use khien_domain::index::IndexPack;

    let centre = Centre::start_with_rules().await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    invite(&centre, "kiemtoan", Role::Auditor, AgencyScope::All).await;
    let another = IndexPack::BUILT_IN.replacen("pack: mh-57-2026.1", "pack: tinh-2026.1", 1);
    let (program, another) = (Caller::program(), another.as_bytes());
    index::import_pack(&centre.app, &program, "a.yml", another).await.unwrap();
    let mut auditor = Browser::of(&centre, "kiemtoan").await;
    let page = text(&auditor.get("/index/rounds").await);
    let rows: Vec<&str> = page.split("id=\"packs\"").nth(1).unwrap().split("<tr").skip(2).collect();
    assert_eq!(rows.len(), 2, "{page}");
    assert!(rows[0].contains("tinh-2026.1") && rows[0].contains("đang dùng"), "{}", rows[0]);
    assert!(rows[1].contains("mh-57-2026.1") && !rows[1].contains("đang dùng"), "{}", rows[1]);
    for row in rows {
        let record = row.split("href=\"").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!(auditor.get(record).await.status, 200, "{record}");
    }
    // The ledger's own records are open to whoever reads all of it.
    let mut officer = Browser::of(&centre, "canbo").await;
    let page = text(&officer.get("/index/rounds").await);
    let packs = page.split("id=\"packs\"").nth(1).unwrap();
    assert!(packs.contains("tinh-2026.1") && !packs.contains("href=\"/evidence/"), "{packs}");
    centre.stop().await;
}
