//! Lists from files: each problem stands at its cell, and rows come in any order.

use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::register::import::{Import, ListKind, Report, import};

use crate::support::centre_of_two;

async fn brought(app: &App, kind: ListKind, text: &str) -> Report {
    let file = Import {
        kind,
        name: "danh-sach.csv".into(),
        bytes: text.into(),
        titles: Vec::new(),
        words: Vec::new(),
        dry_run: false,
    };
    import(app, &Caller::program(), file).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_stands_at_the_cell_that_it_is_about() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre_of_two(&place.path().join("data")).await;
    let systems = "code,agency,name,level,stage,zone,exposed,site,rto_minutes,rpo_minutes,critical,operator_agency,operator_name\n";
    for (row, cell, says) in [
        ("a,khong-co,Một,2,test,,,,,,,,", "B2", "no agency khong-co"),
        ("a,sokhcn,Một,2,test,,,xa-lac,,,,,", "H2", "no site xa-lac"),
        ("a,sokhcn,Một,2,test,,,,,,,khong-co,", "L2", "no agency khong-co"),
        ("a,sokhcn,Một,2,test,isolated,yes,,,,,,", "G2", "isolated"),
        ("a,sokhcn,Một,2,test,,,,,,yes,,", "K2", "recovery objectives"),
        ("a,sokhcn,\"Một\nhai\",2,test,,,,,,,,", "C2", "the name"),
        ("a,sokhcn,Một,2,operation,,,,,,,,", "", ""),
        ("cong-dvc,sokhcn,Cổng,3,retired,,,,,,,,", "E2", ""),
    ] {
        let report = brought(&app, ListKind::Systems, &format!("{systems}{row}\n")).await;
        let found: Vec<_> = report.problems.iter().map(|one| one.cell.as_str()).collect();
        let wanted: Vec<_> = [cell].into_iter().filter(|cell| !cell.is_empty()).collect();
        assert_eq!(found, wanted, "{row}: {:?}", report.problems);
        assert!(report.problems.iter().all(|one| one.message.contains(says)), "{report:?}");
    }
    let resources = "agency,system,kind,value\n";
    for (row, cell) in [
        ("sokhcn,khong-co,domain,a.minhhoa.example", "B3"),
        ("sokhcn,,domain,không phải tên miền", "D3"),
    ] {
        let text = format!("{resources}\n{row}\n");
        let report = brought(&app, ListKind::Resources, &text).await;
        assert_eq!(report.problems[0].cell, cell, "{:?}", report.problems);
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn agencies_come_in_any_order_and_a_circle_of_them_does_not() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre_of_two(&place.path().join("data")).await;
    let head = "code,name,kind,parent\n";
    let text = format!(
        "{head}xa-ba,Xã Ba,commune,huyen-hai\nhuyen-hai,Hai,commune,tinh-mot\nxa-bon,Bốn,commune,huyen-hai\ntinh-mot,Một,government,\n"
    );
    let report = brought(&app, ListKind::Agencies, &text).await;
    assert_eq!((report.added, report.problems), (4, Vec::new()));
    let circle = format!("{head}vong-a,A,commune,vong-b\nvong-b,B,commune,vong-a\n");
    let report = brought(&app, ListKind::Agencies, &circle).await;
    assert!(report.wrong > 0 && report.problems[0].message.contains("no agency"), "{report:?}");
    assert_eq!(report.problems[0].cell, "D3", "each is behind the other's parent");
    app.stop().await;
}
