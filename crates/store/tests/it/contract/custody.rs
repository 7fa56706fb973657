use jiff::ToSpan;
use khien_domain::custody::{Device, DeviceKind, DeviceState, Move, Step};
use khien_domain::permission::AgencyScope;
use khien_domain::product::{Make, Product};
use khien_store::{Database, Store, StoreError};

use crate::support::{agency, each, each_database, each_is_refused, now, only, register, system};

fn device(of: &str, serial: &str) -> Device {
    let since = "2026-10-01".parse().unwrap();
    Device::new(agency(of), serial, DeviceKind::Token, since).unwrap()
}

fn step(what: Move) -> Step {
    Step {
        at: now(),
        day: "2026-10-01".parse().unwrap(),
        who: "person:canbo".into(),
        what,
        detail: "Văn thư".into(),
    }
}

#[tokio::test]
async fn a_device_is_one_of_its_agency_and_is_changed_once() {
    each(async |store| {
        register(&store).await;
        let product = Product {
            system: system("cong-dvc"),
            name: "Phần mềm ký Mẫu".into(),
            version: None,
            maker: None,
            certificate: None,
            scope: None,
            certificate_until: None,
            support_until: None,
            make: Make::Domestic,
            is_cryptographic: false,
            authority: None,
            custodian: None,
        };
        let mut tx = store.begin().await.unwrap();
        let used = tx.add_product(&product).await.unwrap();
        let new = Device { product: Some(used), ..device("sokhcn", "TK-01") };
        let id = tx.add_device(&new, now()).await.unwrap();
        tx.add_device(&device("soyt", "TK-01"), now()).await.unwrap();
        tx.add_device_step(id, &step(Move::Register)).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let twice = tx.add_device(&new, now()).await;
        assert!(matches!(twice, Err(StoreError::Conflict { .. })), "{twice:?}");
        drop(tx);

        let held = Device {
            state: DeviceState::HandedOver,
            post: Some("Văn thư".into()),
            until: Some("2027-01-01".parse().unwrap()),
            revocation: Some("1/TB".into()),
            ..new.clone()
        };
        let later = now() + 1.hour();
        let mut tx = store.begin().await.unwrap();
        let found = tx.find_device(&agency("sokhcn"), "TK-01").await.unwrap().unwrap();
        assert_eq!((found.id, found.device, found.updated_at), (id, new, now()));
        assert!(tx.update_device(id, &held, now(), later).await.unwrap());
        assert!(!tx.update_device(id, &held, now(), later).await.unwrap(), "changed meanwhile");
        tx.add_device_step(id, &step(Move::HandOver)).await.unwrap();
        // The device outlives the product that it belonged to.
        assert!(tx.remove_product(&system("cong-dvc"), used).await.unwrap());
        tx.commit().await.unwrap();
        let own = only("sokhcn");
        let found = store.find_device(&own, id).await.unwrap().unwrap();
        assert_eq!(found.device, Device { product: None, ..held });
        assert_eq!(store.find_device(&only("soyt"), id).await.unwrap(), None);
        assert_eq!(store.list_devices(&own).await.unwrap(), [found]);
        assert_eq!(store.list_devices(&AgencyScope::All).await.unwrap().len(), 2);
        let steps = store.list_device_steps(&own, id).await.unwrap();
        assert_eq!(steps, [step(Move::HandOver), step(Move::Register)]);
        assert!(store.list_device_steps(&only("soyt"), id).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_databases_refuse_to_change_the_log_of_handovers() {
    each_database(async |database| {
        let store = Store::open(&database).await.unwrap();
        store.migrate(now()).await.unwrap();
        register(&store).await;
        let mut tx = store.begin().await.unwrap();
        let id = tx.add_device(&device("sokhcn", "TK-01"), now()).await.unwrap();
        tx.add_device_step(id, &step(Move::Register)).await.unwrap();
        tx.commit().await.unwrap();
        let mut statements =
            vec!["UPDATE custody_step SET detail = 'x'", "DELETE FROM custody_step"];
        statements.push(match &database {
            Database::Sqlite(_) => {
                "REPLACE INTO custody_step (id, device_id, at, day, who, what, detail)
                 VALUES (1, 1, 0, '', '', '', '')"
            }
            Database::Postgres(_) => "TRUNCATE custody_step",
        });
        each_is_refused(&database, &statements, "append-only").await;
        let kept = store.list_device_steps(&AgencyScope::All, id).await.unwrap();
        assert_eq!(kept, [step(Move::Register)]);
    })
    .await;
}
