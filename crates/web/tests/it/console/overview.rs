//! How governance stands on the overview: each figure is what the page says to which it leads.

use khien_app::access::Caller;
use khien_app::use_case::register;
use khien_domain::account::Role;
use khien_domain::agency::{Agency, AgencyKind};
use khien_domain::code::AgencyCode;
use khien_domain::permission::AgencyScope;

use super::support::{Browser, invite, only, register_another, text};
use crate::support::{Centre, Reply};

fn done(reply: &Reply) {
    assert_eq!(reply.status, 303, "{}", text(reply));
}

/// What stands between two texts, the first of which is there.
fn between<'p>(page: &'p str, from: &str, to: &str) -> &'p str {
    let after = page.split_once(from).unwrap_or_else(|| panic!("{from}: {page}")).1;
    after.split(to).next().unwrap()
}

/// A figure that leads somewhere: its number and what stands under it.
fn figure(page: &str, href: &str) -> (String, String) {
    let figure = between(page, &format!("<a class=\"fig\" href=\"{href}\">"), "</a>");
    let number = between(figure, "<b", "</b>").split_once('>').unwrap().1;
    (number.to_owned(), between(figure, "<em>", "</em>").to_owned())
}

/// The codes of agencies to whose sheets a part of a page leads, in their order.
fn agencies(part: &str) -> Vec<String> {
    let links = part.split("href=\"/index/agencies/").skip(1);
    links.map(|link| link.split('"').next().unwrap().to_owned()).collect()
}

fn rows(csv: &str) -> usize {
    csv.trim_end().lines().count() - 1
}

/// Lines, risks and findings of `sokhcn`; answers the year.
async fn fill(centre: &Centre, officer: &mut Browser<'_>) -> String {
    let today = centre.app.now() + jiff::SignedDuration::from_hours(7);
    let year = today.to_string()[..4].to_owned();
    for (code, class, share, planned) in
        [("an", "monitoring", "100", "299.980.000"), ("khac", "other", "0", "1.700.020.000")]
    {
        let typed = [
            ("code", code),
            ("name", "Dòng mẫu"),
            ("class", class),
            ("share", share),
            ("planned", planned),
            ("domestic", "yes"),
        ];
        done(&officer.post(&format!("/budget/sokhcn/{year}/new"), &typed).await);
    }
    for (code, due) in [("rr-01", "2031-01-01"), ("rr-02", "2020-01-01"), ("rr-03", "2020-01-01")] {
        let typed = [
            ("agency", "sokhcn"),
            ("code", code),
            ("system", "cong-dvc"),
            ("scenario", "kẻ tấn công mã hóa dữ liệu"),
            ("threat", "mã độc"),
            ("likelihood", "5"),
            ("impact", "5"),
            ("owner", "Trưởng phòng"),
            ("treatment", "reduce"),
            ("due", due),
        ];
        done(&officer.post("/risks/new", &typed).await);
    }
    let long_ago = (centre.app.now() - jiff::SignedDuration::from_hours(24 * 300)).to_string();
    let scan = [("system", "cong-dvc"), ("tool", "Máy quét Mẫu"), ("at", long_ago.as_str())];
    let file =
        b"rule,title,severity,place\na,Loi A,cao,m1\nb,Loi B,nghiem trong,m1\nc,Loi C,thap,m1\n";
    let page = text(&officer.post_file_and("/findings/import", &scan, "mau.csv", file).await);
    let digest = between(&page, "name=\"digest\" value=\"", "\"").to_owned();
    let confirm = [&[("digest", digest.as_str())], &scan[..]].concat();
    done(&officer.post("/findings/import/confirm", &confirm).await);
    year
}

#[tokio::test(flavor = "multi_thread")]
async fn each_figure_of_governance_is_what_the_page_says_to_which_it_leads() {
    let centre = Centre::start_with_rules().await;
    register_another(&centre).await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    invite(&centre, "lanhdao", Role::Leader, AgencyScope::All).await;
    let mut officer = Browser::of(&centre, "canbo").await;
    let year = fill(&centre, &mut officer).await;
    let mut leader = Browser::of(&centre, "lanhdao").await;
    let page = text(&leader.get("/overview").await);

    let budget = format!("/budget?year={year}");
    let (share, under) = figure(&page, &budget);
    assert_eq!(share, "14,999 %");
    assert!(under.starts_with("Thiếu 20.000 đ"), "{under}");
    let linked = text(&leader.get(&budget).await);
    let planned = between(&linked, "<a class=\"fig\" href=\"#agencies\">", "</a>");
    for said in [&share, "20.000 đ", under.split_once(" · ").unwrap().1] {
        assert!(planned.contains(said), "{said}: {planned}");
    }

    let gate = "/gate?state=without";
    assert_eq!(figure(&page, gate), ("2".into(), "trên 2 hệ thống đang dùng".into()));
    assert_eq!(rows(&text(&leader.get("/gate?state=without&form=csv").await)), 2);
    let linked = text(&leader.get(gate).await);
    assert!(linked.contains("2 hệ thống đang vận hành chưa được cổng cho phép"), "{linked}");

    let findings = "/findings?severity=grave&overdue=1";
    let (overdue, under) = figure(&page, findings.replace('&', "&#38;").as_str());
    assert_eq!((overdue.as_str(), under.as_str()), ("2", "trên 2 đang mở"));
    let linked = text(&leader.get("/findings?severity=grave&overdue=1&form=csv").await);
    assert_eq!(rows(&linked), 2, "{linked}");

    assert_eq!(figure(&page, "/risks?overdue=1"), ("2".into(), "trên 3 đang mở".into()));
    let linked = text(&leader.get("/risks?overdue=1").await);
    assert!(linked.contains("sokhcn-rr-02") && !linked.contains("sokhcn-rr-01"), "{linked}");
    assert_eq!(linked.matches("<tr data-row=\"sokhcn-rr-").count(), 2, "{linked}");
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_sees_the_ends_of_each_cohort_as_the_board_has_them() {
    let centre = Centre::start_with_rules().await;
    register_another(&centre).await;
    for number in 1..=6 {
        let code = AgencyCode::new(&format!("co-quan-{number}")).unwrap();
        let (name, kind) = (format!("Cơ quan mẫu {number}"), AgencyKind::Government);
        let new = Agency::new(code, name, kind, centre.app.now());
        register::add_agency(&centre.app, &Caller::program(), khien_testkit::headed(new))
            .await
            .unwrap();
    }
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    invite(&centre, "lanhdao", Role::Leader, AgencyScope::All).await;
    let mut officer = Browser::of(&centre, "canbo").await;
    fill(&centre, &mut officer).await;
    let mut leader = Browser::of(&centre, "lanhdao").await;
    let board = text(&leader.get("/index?form=csv").await);
    let board: Vec<Vec<&str>> =
        board.lines().skip(1).map(|line| line.trim_end().split(',').collect()).collect();
    let codes: Vec<&str> = board.iter().map(|row| row[2]).collect();
    assert_eq!(codes.len(), 8, "{board:?}");
    let page = text(&leader.get("/overview").await);
    let standing = between(&page, "id=\"standing\"", "</section>");
    assert_eq!(agencies(standing), [&codes[..3], &codes[5..]].concat());
    assert!(standing.contains("href=\"/index?cohort=K1\">… 2 cơ quan nữa<"), "{standing}");
    // Rank, score and grade are those of the board, whose cells the file quotes where they hold a comma.
    let whole = text(&leader.get("/index").await);
    for code in agencies(standing) {
        let row = between(standing, &format!("href=\"/index/agencies/{code}\""), "</tr>");
        let of_board = between(&whole, &format!("href=\"/index/agencies/{code}\""), "</tr>");
        let told = |row: &str| {
            (
                between(row, "<b>", "</b>").to_owned(),
                between(row, "class=\"grade ", "\"").to_owned(),
            )
        };
        assert_eq!(told(row), told(of_board), "{code}");
    }
    assert!(standing.contains("Tính lúc ") && standing.contains("href=\"/index\">Toàn bộ"));
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_sees_how_their_own_agency_stands_and_what_to_do() {
    let centre = Centre::start_with_rules().await;
    register_another(&centre).await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    invite(&centre, "canboyt", Role::Officer, only("soyt")).await;
    let mut officer = Browser::of(&centre, "canbo").await;
    let year = fill(&centre, &mut officer).await;
    let page = text(&officer.get("/overview").await);
    assert!(!page.contains("soyt") && !page.contains("Sở Y tế"), "{page}");
    assert_eq!(figure(&page, &format!("/budget/sokhcn/{year}")).0, "14,999 %");
    let linked = text(&officer.get(&format!("/budget/sokhcn/{year}")).await);
    assert!(linked.contains("14,999 %"), "{linked}");
    let standing = between(&page, "id=\"standing\"", "</section>");
    let sheet = text(&officer.get("/index/agencies/sokhcn").await);
    // The first three things to do are those of the sheet, in its order.
    let todo = |part: &str| -> Vec<String> {
        let links = part.split("href=\"/index/agencies/sokhcn/N").skip(1);
        links.map(|link| link.split("</a>").next().unwrap().to_owned()).collect()
    };
    let gains = between(&sheet, "Làm gì để tăng điểm</h2>", "</section>");
    assert_eq!(todo(standing), todo(gains)[..3]);
    let figures = between(&sheet, "class=\"figs flush\"", "<table");
    assert_eq!(
        between(standing, "<span>Điểm</span><b>", "</b>"),
        between(figures, "<span>Điểm</span><b>", "</b>")
    );
    assert!(standing.contains("<b>–/2</b>"), "a cohort of two is not ranked: {standing}");
    // Nothing of another agency counts for somebody else.
    let mut other = Browser::of(&centre, "canboyt").await;
    let page = text(&other.get("/overview").await);
    assert!(!page.contains("sokhcn"), "{page}");
    let none = figure(&page, &format!("/budget/soyt/{year}"));
    assert_eq!(none, ("—".into(), "Chưa có dữ liệu".into()));
    assert_eq!(figure(&page, "/risks?overdue=1").0, "—");
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_looks_after_governance_sees_it_first_and_who_watches_sees_alerts_first() {
    let centre = Centre::start_with_rules().await;
    for (role, is_first) in [
        (Role::Leader, true),
        (Role::Auditor, true),
        (Role::Appraiser, true),
        (Role::Officer, true),
        (Role::Analyst, false),
        (Role::Lead, false),
    ] {
        let scope = if role.needs_agencies() { only("sokhcn") } else { AgencyScope::All };
        invite(&centre, role.name(), role, scope).await;
        if role == Role::Lead {
            Browser::new(&centre).code(role.name()).await;
        }
        let page = text(&Browser::of(&centre, role.name()).await.get("/overview").await);
        let place = |id: &str| page.find(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("{id}"));
        assert_eq!(place("governance") < place("figures"), is_first, "{role:?}");
        assert_eq!(place("standing") < place("worst"), is_first, "{role:?}");
    }
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_centre_shows_no_figure_of_governance_that_looks_like_success() {
    let centre = Centre::start_empty().await;
    invite(&centre, "lanhdao", Role::Leader, AgencyScope::All).await;
    let mut leader = Browser::of(&centre, "lanhdao").await;
    let page = text(&leader.get("/overview").await);
    let governance = between(&page, "id=\"governance\"", "id=\"figures\"");
    for wanted in [
        "Chưa có dữ liệu",
        "Chưa đăng ký hệ thống nào đang dùng",
        "Chưa nhập kết quả quét nào",
        "Chưa ghi nhận rủi ro nào",
        "Chưa có cơ quan nào được đánh giá",
    ] {
        assert!(governance.contains(wanted), "{wanted}: {governance}");
    }
    assert_eq!(governance.matches(">—</b>").count(), 4, "{governance}");
    assert!(!governance.contains("good") && !governance.contains(">0<"), "{governance}");
    centre.stop().await;
}
