//! Lists from files: each problem stands at its cell, and rows come in any order.

use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::people;
use khien_app::use_case::register::import::{Import, ListKind, Report, import};
use khien_app::use_case::register::{assign, get_agency};
use khien_domain::account::{NewPerson, Role, UserName};
use khien_domain::permission::AgencyScope;
use khien_domain::token::TokenBytes;

use crate::support::{agency, centre_of_two};

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

/// The columns of who answers for an agency, and what a row says there.
const HEADS: &str = "head_name,head_post,deputy_name,deputy_post,document,signed,until";
const NAMED: &str = "Mẫu 1,Giám đốc,Mẫu 2,Phó Giám đốc,01/QĐ,05/01/2026,2028-12-31";

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_agencies_names_who_answers_for_them() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre_of_two(&place.path().join("data")).await;
    let heads = async |code: &str| {
        let found = get_agency(&app, &Caller::program(), &agency(code)).await.unwrap();
        found.appointments.iter().map(|one| one.holder.clone()).collect::<Vec<_>>()
    };
    // Without the columns, with an empty cell, with a day that is none, with an end before its beginning.
    let report = brought(&app, ListKind::Agencies, "code,name,kind\nxa-ba,Xã Ba,commune\n").await;
    let [problem] = report.problems.as_slice() else { panic!("{report:?}") };
    assert_eq!((problem.cell.as_str(), problem.column), ("A2", "code"));
    assert!(problem.message.contains("add the columns head_name"), "{problem:?}");
    let head = format!("code,name,kind,{HEADS}\n");
    for (named, cell) in [
        (NAMED.replace("Mẫu 2", ""), "F2"),
        (NAMED.replace("Giám đốc,Mẫu 2", ",Mẫu 2"), "E2"),
        (NAMED.replace("05/01/2026", "hôm qua"), "I2"),
        (NAMED.replace("2028-12-31", "2025-12-31"), "J2"),
        (NAMED.replace("2028-12-31", "2058-12-31"), "J2"),
    ] {
        let text = format!("{head}xa-ba,Xã Ba,commune,{named}\n");
        let report = brought(&app, ListKind::Agencies, &text).await;
        let cells: Vec<&str> = report.problems.iter().map(|one| one.cell.as_str()).collect();
        assert_eq!(cells, [cell], "{named}: {report:?}");
    }
    let text = format!("{head}xa-ba,Xã Ba,commune,{NAMED}\nsoyt,Sở Y tế,government,,,,,,,\n");
    let report = brought(&app, ListKind::Agencies, &text).await;
    assert_eq!((report.added, report.changed, report.problems), (1, 1, Vec::new()));
    assert_eq!(heads("xa-ba").await, ["Mẫu 1", "Mẫu 2"]);
    assert_eq!(heads("soyt").await.len(), 2, "an empty row changes nobody");
    let other = NAMED.replace("Mẫu 1", "Mẫu 3");
    let text = format!("{head}soyt,Y tế,government,{other}\n");
    assert_eq!(brought(&app, ListKind::Agencies, &text).await.changed, 1);
    assert_eq!(heads("soyt").await, ["Mẫu 3", "Mẫu 2"]);

    // Whoever stays keeps the account; whoever comes has none yet.
    let pack = &app.doors().pack;
    for (number, account) in [(1, "thutruong"), (2, "capphu")] {
        let new = NewPerson {
            name: UserName::new(account).unwrap(),
            called: "Cán bộ Mẫu".into(),
            role: Role::Leader,
            agencies: AgencyScope::one(agency("soyt")),
            home: None,
            created_at: app.now(),
            until: None,
        };
        let random = TokenBytes([number; 21]);
        people::add_person(&app, pack, &Caller::program(), new, &random).await.unwrap();
    }
    let soyt = agency("soyt");
    let mut named = get_agency(&app, &Caller::program(), &soyt).await.unwrap().appointments;
    named[0].account = Some(UserName::new("thutruong").unwrap());
    named[1].account = Some(UserName::new("capphu").unwrap());
    assign(&app, &Caller::program(), &soyt, named, Vec::new()).await.unwrap();
    let accounts = async || {
        let found = get_agency(&app, &Caller::program(), &soyt).await.unwrap();
        let names = found.appointments.into_iter().map(|one| one.account);
        names.map(|name| name.map(|name| name.to_string())).collect::<Vec<_>>()
    };
    assert_eq!(brought(&app, ListKind::Agencies, &text).await.changed, 1);
    assert_eq!(accounts().await, [Some("thutruong".to_owned()), Some("capphu".to_owned())]);
    let text = text.replace("Mẫu 3", "Mẫu 4").replace("2028-12-31", "2028-11-30");
    assert_eq!(brought(&app, ListKind::Agencies, &text).await.changed, 1);
    assert_eq!(accounts().await, [None, Some("capphu".to_owned())]);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn agencies_come_in_any_order_and_a_circle_of_them_does_not() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre_of_two(&place.path().join("data")).await;
    let head = format!("code,name,kind,parent,{HEADS}\n");
    let text = format!(
        "{head}xa-ba,Xã Ba,commune,huyen-hai,{NAMED}\nhuyen-hai,Hai,commune,tinh-mot,{NAMED}\nxa-bon,Bốn,commune,huyen-hai,{NAMED}\ntinh-mot,Một,government,,{NAMED}\n"
    );
    let report = brought(&app, ListKind::Agencies, &text).await;
    assert_eq!((report.added, report.problems), (4, Vec::new()));
    let circle =
        format!("{head}vong-a,A,commune,vong-b,{NAMED}\nvong-b,B,commune,vong-a,{NAMED}\n");
    let report = brought(&app, ListKind::Agencies, &circle).await;
    assert!(report.wrong > 0 && report.problems[0].message.contains("no agency"), "{report:?}");
    assert_eq!(report.problems[0].cell, "D3", "each is behind the other's parent");
    app.stop().await;
}
