use std::collections::BTreeSet;

use khien_domain::account::{NewPerson, Role, UserName};
use khien_domain::agency::{Agency, Appointment, Contact, Duty};
use khien_domain::asset::{Asset, AssetKind};
use khien_domain::code::{EquipmentCode, SiteCode, SystemCode};
use khien_domain::equipment::Equipment;
use khien_domain::host::HostName;
use khien_domain::ids::AssetId;
use khien_domain::page::PageRequest;
use khien_domain::paper::Paper;
use khien_domain::permission::AgencyScope;
use khien_domain::product::{Authority, Component, Make, Product};
use khien_domain::provider::{Escrow, Exit, Provider, Window};
use khien_domain::resource::{Resource, ResourceKind};
use khien_domain::site::Site;
use khien_domain::system::{DataCategory, Operator, Stage, System, SystemKind, Zone};
use khien_store::{Database, Store, StoreError};

use crate::support::{
    agency, each, each_database, new_agency, new_system, now, only, register, system,
};

const ALL: AgencyScope = AgencyScope::All;

fn site() -> Site {
    Site {
        code: SiteCode::new("ttdl").unwrap(),
        name: "Trung tâm dữ liệu tỉnh".into(),
        kind: "data-centre".into(),
        standard: Some("MAU-01".into()),
        until: Some("2027-01-31".parse().unwrap()),
        plan: Some("Chuyển về ttdl trong quý II".into()),
        plan_by: Some("2027-06-30".parse().unwrap()),
    }
}

fn full(code: &str) -> System {
    System {
        kind: SystemKind::SharedSystem,
        operator: Operator::Agency(agency("soyt")),
        data: BTreeSet::from([DataCategory::Internal, DataCategory::PersonalSensitive]),
        zone: Zone::Dedicated,
        is_exposed: false,
        site: Some(SiteCode::new("ttdl").unwrap()),
        rto_minutes: Some(240),
        rpo_minutes: Some(0),
        is_critical: true,
        owner: Some("Chánh Văn phòng".into()),
        head: Some("Cán bộ Mẫu 002".into()),
        ..new_system(code, "sokhcn", 4)
    }
}

#[tokio::test]
async fn everything_that_is_known_of_a_system_is_read_back() {
    each(async |store| {
        register(&store).await;
        let mut tx = store.begin().await.unwrap();
        tx.put_site(&site()).await.unwrap();
        tx.add_system(&full("mh-lgsp")).await.unwrap();
        let other =
            System { operator: Operator::Provider("Công ty Mẫu".into()), ..full("mh-sso") };
        tx.add_system(&System { operator: Operator::Owner, ..full("mh-sso") }).await.unwrap();
        assert!(tx.update_system(&only("sokhcn"), &other).await.unwrap());
        tx.set_system_confirmed(&system("mh-sso"), now()).await.unwrap();
        assert_eq!(tx.count_systems(&agency("sokhcn")).await.unwrap(), 3);
        tx.commit().await.unwrap();
        let found = store.find_system(&ALL, &system("mh-lgsp")).await.unwrap();
        assert_eq!(found, Some(full("mh-lgsp")));
        let found = store.find_system(&ALL, &system("mh-sso")).await.unwrap();
        assert_eq!(found, Some(System { confirmed_at: Some(now()), ..other }));
        let renamed = Site { name: "Trung tâm".into(), standard: None, ..site() };
        let mut tx = store.begin().await.unwrap();
        tx.put_site(&renamed).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.list_sites().await.unwrap(), [renamed]);
    })
    .await;
}

#[tokio::test]
async fn an_agency_keeps_who_answers_for_it_and_whom_to_reach() {
    each(async |store| {
        register(&store).await;
        let appointment = |duty, holder: &str| Appointment {
            duty,
            holder: holder.into(),
            post: "Giám đốc".into(),
            document: "12/QĐ.MH".into(),
            signed: "2026-01-10".parse().unwrap(),
            until: "2027-01-10".parse().unwrap(),
            account: None,
        };
        let account = UserName::new("thutruong.sokhcn").unwrap();
        let head =
            Appointment { account: Some(account.clone()), ..appointment(Duty::Head, "Mẫu 001") };
        let both = [appointment(Duty::Deputy, "Mẫu 002"), head];
        let contact = Contact {
            role: "Trực ban".into(),
            post: "Phòng".into(),
            mail: "truc@sokhcn.minhhoa.example".into(),
            line: Some("0000 000 001".into()),
        };
        let sokhcn = agency("sokhcn");
        let changed = Agency {
            in_scope: true,
            is_centre: true,
            parent: Some(agency("soyt")),
            ..new_agency("sokhcn")
        };
        let nobody = store.begin().await.unwrap().set_appointments(&sokhcn, &both).await;
        assert!(nobody.is_err(), "there is no such account");
        let mut tx = store.begin().await.unwrap();
        let new = NewPerson {
            name: account.clone(),
            called: "Cán bộ Mẫu 001".into(),
            role: Role::Leader,
            agencies: only("sokhcn"),
            home: None,
            created_at: now(),
            until: None,
        };
        tx.add_person(&new).await.unwrap();
        let found = tx.find_person_by_name(&account).await.unwrap().unwrap();
        assert_eq!(found.about.name, account);
        tx.set_appointments(&sokhcn, &[appointment(Duty::Officer, "Mẫu 009")]).await.unwrap();
        tx.set_appointments(&sokhcn, &both).await.unwrap();
        tx.set_contacts(&sokhcn, std::slice::from_ref(&contact)).await.unwrap();
        tx.set_agency_confirmed(&sokhcn, Some(now())).await.unwrap();
        assert!(!tx.update_agency(&only("soyt"), &changed).await.unwrap());
        assert!(tx.update_agency(&only("sokhcn"), &changed).await.unwrap());
        assert_eq!(tx.parents().await.unwrap().get(&sokhcn), Some(&agency("soyt")));
        let found = tx.find_agency(&sokhcn).await.unwrap();
        assert_eq!(found, Some(Agency { confirmed_at: Some(now()), ..changed }));
        assert_eq!(tx.list_appointments(&sokhcn).await.unwrap(), both);
        assert_eq!(tx.list_contacts(&sokhcn).await.unwrap(), std::slice::from_ref(&contact));
        assert!(tx.list_appointments(&agency("soyt")).await.unwrap().is_empty());
        let found = tx.agencies_of_account(&account).await.unwrap();
        assert_eq!(found, std::slice::from_ref(&sokhcn));
        let other = UserName::new("capphu.sokhcn").unwrap();
        assert!(tx.agencies_of_account(&other).await.unwrap().is_empty());
        assert!(tx.list_contacts(&agency("soyt")).await.unwrap().is_empty());
        tx.commit().await.unwrap();
        let list = store.list_appointments(&only("sokhcn")).await.unwrap();
        let list: Vec<Appointment> = list.into_iter().map(|(_, one)| one).collect();
        assert_eq!(list, both);
        assert!(store.list_appointments(&only("soyt")).await.unwrap().is_empty());
        assert_eq!(store.list_contacts(&ALL, &sokhcn).await.unwrap(), [contact]);
        assert!(store.list_contacts(&only("soyt"), &sokhcn).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn needs_are_kept_and_must_be_there() {
    each(async |store| {
        register(&store).await;
        let mut tx = store.begin().await.unwrap();
        let needed = BTreeSet::from([system("benh-an")]);
        tx.set_needs(&system("cong-dvc"), &needed).await.unwrap();
        tx.commit().await.unwrap();
        let needs = store.needs().await.unwrap();
        assert_eq!(needs.of(&system("cong-dvc")), needed);
        assert_eq!(needs.dependents(&system("benh-an")), [(system("cong-dvc"), 1)]);
        let mut tx = store.begin().await.unwrap();
        let missing = BTreeSet::from([system("khong-co")]);
        let refused = tx.set_needs(&system("cong-dvc"), &missing).await;
        assert!(matches!(refused, Err(StoreError::Missing { .. })));
    })
    .await;
}

#[tokio::test]
async fn what_belongs_to_a_system_is_seen_within_the_scope_alone() {
    each(async |store| {
        register(&store).await;
        let dvc = system("cong-dvc");
        let provider = Provider {
            system: dvc.clone(),
            name: "Công ty Mẫu".into(),
            service: "Bảo trì".into(),
            contract: "HĐ-01.MH".into(),
            from: "2026-01-01".parse().unwrap(),
            until: "2026-12-31".parse().unwrap(),
            staff: 3,
            window: Window::parse("1-5 08:00-17:00"),
            exit: Exit {
                plan: Some("Giao lại dữ liệu dạng CSV\ntrong 30 ngày".into()),
                tested: Some("2026-09-01".parse().unwrap()),
                escrow: Escrow::Both,
            },
        };
        let product = Product {
            system: dvc.clone(),
            name: "Mô-đun ký số Mẫu".into(),
            version: Some("2.1".into()),
            maker: None,
            certificate: Some("MAU-7".into()),
            scope: Some("bản 2.x".into()),
            certificate_until: Some("2027-01-01".parse().unwrap()),
            support_until: None,
            make: Make::Domestic,
            is_cryptographic: true,
            authority: Some(Authority::Civil),
            custodian: Some("Văn thư".into()),
        };
        let component = |at: usize| Component {
            name: format!("thư viện {at:03}"),
            version: "1.0".into(),
            kind: "library".into(),
            purl: (at == 1).then(|| "pkg:cargo/mau@1.0".into()),
        };
        let components: Vec<Component> = (0..150).map(component).collect();
        let mut tx = store.begin().await.unwrap();
        let hired = tx.add_provider(&provider).await.unwrap();
        let used = tx.add_product(&product).await.unwrap();
        tx.set_components(used, &components[..3]).await.unwrap();
        tx.set_components(used, &components).await.unwrap();
        assert!(tx.find_product(&system("benh-an"), used).await.unwrap().is_none());
        assert_eq!(tx.find_product(&dvc, used).await.unwrap().unwrap().components, 150);
        tx.commit().await.unwrap();
        let own = only("sokhcn");
        let kept = store.list_providers(&own, Some(&dvc)).await.unwrap();
        assert_eq!((kept[0].id, &kept[0].provider), (hired, &provider));
        let kept = store.list_products(&own, None).await.unwrap();
        assert_eq!((kept[0].agency.as_str(), &kept[0].product), ("sokhcn", &product));
        assert!(store.list_providers(&only("soyt"), None).await.unwrap().is_empty());
        let certificates = store.certificate_days().await.unwrap();
        assert_eq!(certificates, [("MAU-7".to_owned(), "2027-01-01".parse().unwrap())]);
        let mut tx = store.begin().await.unwrap();
        assert!(!tx.set_exit(&system("benh-an"), hired, &Exit::NONE).await.unwrap());
        assert!(tx.set_exit(&dvc, hired, &Exit::NONE).await.unwrap());
        let moved =
            Product { custodian: Some("Lưu trữ".into()), scope: None, ..product.clone() };
        assert!(!tx.set_custodian(&system("benh-an"), used, &moved).await.unwrap());
        assert!(tx.set_custodian(&dvc, used, &moved).await.unwrap());
        tx.commit().await.unwrap();
        let kept = store.list_providers(&own, Some(&dvc)).await.unwrap();
        assert_eq!(kept[0].provider, Provider { exit: Exit::NONE, ..provider });
        assert_eq!(store.list_products(&own, None).await.unwrap()[0].product, moved);
        assert!(store.list_products(&only("soyt"), Some(&dvc)).await.unwrap().is_empty());
        assert_eq!(store.list_products_in_use(&own).await.unwrap().len(), 1);
        assert!(store.list_products_in_use(&only("soyt")).await.unwrap().is_empty());
        retire(&store, "cong-dvc").await;
        assert!(store.list_products_in_use(&own).await.unwrap().is_empty());
        let page = PageRequest::new(None, 100);
        let first = store.list_components(&own, used, &page).await.unwrap();
        let rest = PageRequest::new(first.next, 100);
        let rest = store.list_components(&own, used, &rest).await.unwrap();
        assert_eq!([first.items, rest.items].concat(), components);
        let none = store.list_components(&only("soyt"), used, &page).await.unwrap();
        assert!(none.items.is_empty());

        let mut tx = store.begin().await.unwrap();
        assert!(tx.products_of(&system("benh-an")).await.unwrap().is_empty());
        assert_eq!(tx.products_of(&dvc).await.unwrap()[0].id, used);
        assert!(!tx.remove_product(&system("benh-an"), used).await.unwrap());
        assert_eq!(tx.find_product(&dvc, used).await.unwrap().unwrap().components, 150);
        assert!(tx.remove_product(&dvc, used).await.unwrap());
        assert!(tx.remove_provider(&dvc, hired).await.unwrap());
        assert!(!tx.remove_provider(&dvc, hired).await.unwrap());
        tx.commit().await.unwrap();
    })
    .await;
}

/// Retires a system.
async fn retire(store: &Store, code: &str) {
    let known = store.find_system(&ALL, &system(code)).await.unwrap().unwrap();
    let mut tx = store.begin().await.unwrap();
    let retired = System { stage: Stage::Retired, ..known };
    assert!(tx.update_system(&ALL, &retired).await.unwrap());
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn servers_are_counted_by_site() {
    each(async |store| {
        register(&store).await;
        let asset = |name: &str, kind, at: Option<&str>| Asset {
            system: system("cong-dvc"),
            name: HostName::new(name).unwrap(),
            kind,
            zone: Zone::Internet,
            site: at.map(|code| SiteCode::new(code).unwrap()),
            address: Some("192.0.2.7".parse().unwrap()),
        };
        let mut tx = store.begin().await.unwrap();
        tx.put_site(&site()).await.unwrap();
        assert!(tx.put_asset(&asset("web01", AssetKind::Server, Some("ttdl"))).await.unwrap());
        assert!(tx.put_asset(&asset("web02", AssetKind::Server, None)).await.unwrap());
        assert!(tx.put_asset(&asset("pc01", AssetKind::Endpoint, Some("ttdl"))).await.unwrap());
        assert!(!tx.put_asset(&asset("web02", AssetKind::Server, None)).await.unwrap());
        let mut counted = tx.servers_by_site(&agency("sokhcn")).await.unwrap();
        counted.sort();
        assert_eq!(counted, [(None, 1), (Some(SiteCode::new("ttdl").unwrap()), 1)]);
        assert!(tx.servers_by_site(&agency("soyt")).await.unwrap().is_empty());
        tx.commit().await.unwrap();
        let kept = store.list_assets(&only("sokhcn"), None).await.unwrap();
        assert_eq!(kept.len(), 3);
        assert_eq!(kept[1].asset, asset("web01", AssetKind::Server, Some("ttdl")));
        assert!(store.list_assets(&only("soyt"), None).await.unwrap().is_empty());
        let mut tx = store.begin().await.unwrap();
        assert!(!tx.remove_asset(&system("benh-an"), kept[0].id).await.unwrap());
        assert!(tx.remove_asset(&system("cong-dvc"), kept[0].id).await.unwrap());
        assert!(!tx.remove_asset(&system("cong-dvc"), AssetId(99)).await.unwrap());
        tx.commit().await.unwrap();
        // What a retired system has is kept, and in use no more.
        assert_eq!(store.list_assets_in_use(&only("sokhcn")).await.unwrap().len(), 2);
        retire(&store, "cong-dvc").await;
        assert!(store.list_assets_in_use(&only("sokhcn")).await.unwrap().is_empty());
        assert_eq!(store.list_assets(&only("sokhcn"), None).await.unwrap().len(), 2);
        let mut tx = store.begin().await.unwrap();
        assert!(tx.servers_by_site(&agency("sokhcn")).await.unwrap().is_empty());
        tx.rollback().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_resource_is_one_agencys() {
    each(async |store| {
        register(&store).await;
        let resource = Resource {
            agency: agency("sokhcn"),
            system: Some(system("cong-dvc")),
            kind: ResourceKind::Domain,
            value: "dvc.minhhoa.example".into(),
            until: Some("2026-11-01".parse().unwrap()),
        };
        let mut tx = store.begin().await.unwrap();
        tx.add_resource(&resource).await.unwrap();
        let kept = tx.find_resource(ResourceKind::Domain, "dvc.minhhoa.example").await.unwrap();
        let kept = kept.unwrap();
        let of_it = tx.resources_of(&system("cong-dvc")).await.unwrap();
        assert_eq!(of_it, std::slice::from_ref(&kept));
        assert!(tx.resources_of(&system("benh-an")).await.unwrap().is_empty());
        let later = Resource { until: None, system: None, ..resource.clone() };
        tx.update_resource(kept.id, &later).await.unwrap();
        assert_eq!(tx.resource(&only("soyt"), kept.id).await.unwrap(), None);
        assert_eq!(tx.resource(&only("sokhcn"), kept.id).await.unwrap().unwrap().resource, later);
        tx.commit().await.unwrap();
        assert_eq!(store.list_resources(&ALL).await.unwrap().len(), 1);
        assert!(store.list_resources(&only("soyt")).await.unwrap().is_empty());
        let mut tx = store.begin().await.unwrap();
        let again =
            tx.add_resource(&Resource { agency: agency("soyt"), system: None, ..resource }).await;
        assert!(matches!(again, Err(StoreError::Conflict { .. })));
        tx.rollback().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        tx.remove_resource(kept.id).await.unwrap();
        tx.commit().await.unwrap();
        assert!(store.list_resources(&ALL).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn stages_of_before_get_their_new_names() {
    each_database(async |database: Database| {
        let store = Store::open(&database).await.unwrap();
        store.migrate(now()).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        tx.add_agency(&new_agency("sokhcn")).await.unwrap();
        for code in ["a", "b", "c", "d"] {
            tx.add_system(&new_system(code, "sokhcn", 2)).await.unwrap();
        }
        tx.commit().await.unwrap();
        store.close().await;
        let old = [("a", "planned"), ("b", "trial"), ("c", "operating"), ("d", "retired")];
        let text = include_str!("../../../migrations/sqlite/0011_profile.sql");
        let renaming = text.split(';').find(|one| one.trim().starts_with("UPDATE system")).unwrap();
        crate::support::run(
            &database,
            &old.map(|(code, stage)| {
                format!("UPDATE system SET stage = '{stage}' WHERE code = '{code}'")
            }),
        )
        .await;
        crate::support::run(&database, &[renaming.to_owned()]).await;
        let store = Store::open(&database).await.unwrap();
        let found = store.list_systems(&ALL, &PageRequest::first()).await.unwrap().items;
        let stages: Vec<&str> = found.iter().map(|system| system.stage.name()).collect();
        assert_eq!(stages, ["planning", "test", "operation", "retired"]);
        store.close().await;
    })
    .await;
}

#[tokio::test]
async fn minimum_equipment_is_read_back_and_changed() {
    each(async |store| {
        register(&store).await;
        let name = |name: &str| HostName::new(name).unwrap();
        let row = Equipment {
            code: EquipmentCode::new("soc-01").unwrap(),
            name: "Máy chủ phân tích".into(),
            needed: 2,
            owned: 1,
            assets: vec![name("a"), name("b")],
            note: Some("MAU-01".into()),
        };
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.find_equipment(&row.code).await.unwrap(), None);
        tx.put_equipment(&row).await.unwrap();
        let less = Equipment { assets: Vec::new(), note: None, ..row.clone() };
        tx.put_equipment(&less).await.unwrap();
        assert_eq!(tx.find_equipment(&row.code).await.unwrap(), Some(less));
        tx.put_equipment(&row).await.unwrap();
        assert!(!tx.has_asset(&name("a")).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(store.list_equipment().await.unwrap(), std::slice::from_ref(&row));
        let mut tx = store.begin().await.unwrap();
        assert!(tx.remove_equipment(&row.code).await.unwrap());
        assert!(!tx.remove_equipment(&row.code).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn papers_are_read_back_within_the_scope() {
    each(async |store| {
        register(&store).await;
        let systems = store.list_systems(&ALL, &PageRequest::first()).await.unwrap().items;
        let system = &systems[0];
        let said = [("document", "12/QĐ.MH"), ("note", "một «dòng»\nhai \"dòng\"")];
        let paper = Paper {
            system: system.code.clone(),
            kind: "zone-link".into(),
            to: systems.get(1).map(|other| other.code.clone()),
            values: said.map(|(name, text)| (name.to_owned(), text.to_owned())).into(),
        };
        let mut tx = store.begin().await.unwrap();
        let id = tx.add_paper(&paper).await.unwrap();
        tx.commit().await.unwrap();
        let found = store.list_papers(&ALL, Some(&system.code)).await.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].id, &found[0].agency, &found[0].paper), (id, &system.agency, &paper));
        let nobody = AgencyScope::Only(BTreeSet::new());
        assert!(store.list_papers(&nobody, None).await.unwrap().is_empty());
        let mut tx = store.begin().await.unwrap();
        let other = SystemCode::new("khac").unwrap();
        assert!(!tx.remove_paper(&other, id).await.unwrap(), "of another system");
        assert!(tx.remove_paper(&system.code, id).await.unwrap());
        assert!(!tx.remove_paper(&system.code, id).await.unwrap());
    })
    .await;
}
