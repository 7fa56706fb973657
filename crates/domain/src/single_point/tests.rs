use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::asset::Asset;
use crate::dependency::Needs;
use crate::host::HostName;
use crate::ids::{AssetId, ProviderId};
use crate::provider::{Exit, Provider};
use crate::system::{Level, Stage, Zone};

const FROM: Thresholds = Thresholds { critical: 1, dependents: 3, together: 2 };

fn code(text: &str) -> SystemCode {
    SystemCode::new(text).unwrap()
}

fn system(name: &str, agency: &str, rto: Option<u32>) -> System {
    let (agency, level) = (AgencyCode::new(agency).unwrap(), Level::new(3).unwrap());
    let new = System::new(
        code(name),
        agency,
        name.into(),
        level,
        Stage::Operation,
        Timestamp::UNIX_EPOCH,
    );
    System { rto_minutes: rto, ..new }
}

fn critical(name: &str, agency: &str, rto: u32) -> System {
    System { is_critical: true, rpo_minutes: Some(60), ..system(name, agency, Some(rto)) }
}

fn needs(pairs: &[(&str, &str)]) -> Needs {
    Needs::new(pairs.iter().map(|(one, other)| (code(one), code(other))))
}

fn points(systems: &[System], needs: &Needs, planned: &[&str], scope: &AgencyScope) -> Vec<Point> {
    let planned = planned.iter().map(|name| code(name)).collect();
    let leaning = Leaning {
        reach: &Reach::new(systems, needs),
        planned: &planned,
        sites: &[],
        assets: &[],
        providers: &[],
        exit_plan_level: 3,
        today: "2026-10-15".parse().unwrap(),
    };
    leaning.points(scope, FROM)
}

fn of_agency(code: &str) -> AgencyScope {
    AgencyScope::one(AgencyCode::new(code).unwrap())
}

#[test]
fn a_system_on_which_critical_ones_lean_is_told_with_what_is_weak_about_it() {
    let all = [
        critical("dvc", "so-a", 60),
        system("mail", "so-b", Some(30)),
        system("sso", "so-b", Some(240)),
        critical("ttdl", "so-c", 60),
    ];
    let needs = needs(&[("dvc", "sso"), ("mail", "sso"), ("sso", "ttdl")]);
    let found = points(&all, &needs, &["ttdl"], &AgencyScope::All);
    let codes: Vec<_> = found.iter().map(|point| point.what.clone()).collect();
    assert_eq!(codes, [What::System(code("sso")), What::System(code("ttdl"))], "the weakest first");
    let [sso, ttdl] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((sso.dependents, sso.critical, sso.agencies, sso.demand), (2, 1, 2, Some(30)));
    let weak = [Weakness::Later, Weakness::Unmarked, Weakness::NoPlan];
    assert_eq!(sso.weak, BTreeSet::from(weak));
    // By way of the other it has the same dependents; it has a plan and is marked.
    assert_eq!((ttdl.dependents, ttdl.demand), (3, Some(30)));
    assert_eq!(ttdl.weak, BTreeSet::from([Weakness::Later]));
    assert!(ttdl.conflicts());
}

#[test]
fn in_time_is_no_conflict_and_saying_nothing_is_one_only_if_somebody_demands() {
    let weak = |own: Option<u32>, demand: Option<u32>| {
        let all = ["a", "b", "c"].map(|name| system(name, "so-a", demand));
        let mut all = all.to_vec();
        all.push(system("x", "so-a", own));
        let needs = needs(&[("a", "x"), ("b", "x"), ("c", "x")]);
        points(&all, &needs, &["x"], &AgencyScope::All).remove(0).weak
    };
    assert!(weak(Some(60), Some(60)).is_empty(), "at the last minute");
    assert_eq!(weak(Some(61), Some(60)), BTreeSet::from([Weakness::Later]));
    assert_eq!(weak(None, Some(60)), BTreeSet::from([Weakness::Unsaid]));
    assert!(weak(None, None).is_empty());
}

#[test]
fn others_learn_how_many_lean_on_a_point_and_not_what_it_is() {
    let all = [
        critical("dvc", "so-a", 120),
        critical("fast", "so-b", 10),
        system("sso", "so-c", Some(60)),
        critical("far", "so-d", 60),
    ];
    let needs = needs(&[("dvc", "sso"), ("fast", "sso")]);
    let seen = points(&all, &needs, &[], &of_agency("so-a"));
    let [sso] = seen.as_slice() else { panic!("{seen:?}") };
    assert_eq!((sso.critical, sso.agencies, &sso.system), (2, 2, &None));
    // It recovers in time for what they have; what others demand, and its plan, are not theirs to know.
    assert_eq!((sso.demand, sso.weak.len()), (Some(120), 0));
    assert!(
        points(&all, &needs, &[], &of_agency("so-d")).is_empty(),
        "nothing of theirs leans on it"
    );
    let own = points(&all, &needs, &[], &of_agency("so-c"));
    assert_eq!((own[0].demand, own[0].conflicts()), (Some(10), true));
}

#[test]
fn sites_and_providers_on_whom_several_critical_systems_lean() {
    let site = |name: &str| SiteCode::new(name).unwrap();
    let at = |system: System, place: &str| System { site: Some(site(place)), ..system };
    let by =
        |system: System, name: &str| System { operator: Operator::Provider(name.into()), ..system };
    let retired = System { stage: Stage::Retired, ..critical("old", "so-c", 60) };
    let all = [
        by(at(critical("a", "so-a", 60), "ttdl"), "công ty mẫu"),
        critical("b", "so-b", 60),
        critical("d", "so-d", 60),
        at(critical("c", "so-c", 60), "phong"),
        at(retired, "phong"),
    ];
    let kept = |system: &str, name: &str| KeptProvider {
        id: ProviderId(1),
        agency: AgencyCode::new("so-b").unwrap(),
        provider: Provider {
            system: code(system),
            name: name.into(),
            service: "vận hành".into(),
            contract: "1/HĐ".into(),
            from: "2026-01-01".parse().unwrap(),
            until: "2026-12-31".parse().unwrap(),
            staff: 1,
            window: None,
            exit: Exit::NONE,
        },
    };
    let providers = [kept("b", "Công ty Mẫu"), kept("b", "Công ty Khác")];
    let fit = Site {
        code: site("ttdl"),
        name: "TTDL".into(),
        kind: "data-centre".into(),
        standard: Some("TCVN".into()),
        until: Some("2026-10-14".parse().unwrap()),
        plan: None,
        plan_by: None,
    };
    let server = |system: &str, name: &str, place: &str| KeptAsset {
        id: AssetId(1),
        agency: AgencyCode::new("so-b").unwrap(),
        asset: Asset {
            system: code(system),
            name: HostName::new(name).unwrap(),
            kind: AssetKind::Server,
            zone: Zone::Internet,
            site: Some(site(place)),
            address: None,
        },
    };
    // The servers of one stand in two places, so that neither takes it down alone.
    let assets = [
        server("b", "b1", "ttdl"),
        server("b", "b2", "ttdl"),
        server("d", "d1", "ttdl"),
        server("d", "d2", "phong"),
        server("d", "d3", "phong"),
    ];
    let (needs, planned) = (Needs::default(), BTreeSet::new());
    let found = |scope: &AgencyScope, today: &str| {
        let leaning = Leaning {
            reach: &Reach::new(&all, &needs),
            planned: &planned,
            sites: std::slice::from_ref(&fit),
            assets: &assets,
            providers: &providers,
            exit_plan_level: 3,
            today: today.parse().unwrap(),
        };
        leaning.points(scope, FROM)
    };
    let seen = found(&AgencyScope::All, "2026-10-14");
    let [provider, place] = seen.as_slice() else { panic!("{seen:?}") };
    assert_eq!(provider.what, What::Provider("Công ty Mẫu".into()));
    assert_eq!((provider.critical, &provider.weak), (2, &BTreeSet::from([Weakness::NoExit])));
    assert_eq!((&place.what, place.agencies, place.dependents), (&What::Site(site("ttdl")), 2, 2));
    assert!(place.weak.is_empty(), "the certificate of the site holds on its last day");
    let later = found(&of_agency("so-a"), "2026-10-15");
    assert_eq!(later.iter().filter(|one| one.weak.contains(&Weakness::Unqualified)).count(), 1);
    assert!(
        later.iter().all(|one| !one.weak.contains(&Weakness::NoExit)),
        "it is another's contract"
    );
    assert!(found(&of_agency("so-c"), "2026-10-15").is_empty());
}

#[test]
fn what_a_system_needs_that_recovers_later_is_told() {
    let all = [
        critical("dvc", "so-a", 60),
        system("same", "so-a", Some(60)),
        system("late", "so-a", Some(61)),
        system("mute", "so-a", None),
    ];
    let needs = needs(&[("dvc", "same"), ("same", "late"), ("dvc", "mute")]);
    let reach = Reach::new(&all, &needs);
    let found: Vec<_> = slower(&reach, &all[0]).iter().map(|one| one.code.as_str()).collect();
    assert_eq!(found, ["late", "mute"]);
    assert!(slower(&reach, &all[3]).is_empty(), "nothing is demanded");
}

proptest! {
    /// Every system on which as many lean as the thresholds say is told, and no other; the numbers are those of
    /// the graph, and whoever sees less is told of no point that others are not.
    #[test]
    fn points_are_those_of_the_graph(
        pairs in prop::collection::vec((0..20_u8, 0..20_u8), 0..40),
        grave in prop::collection::btree_set(0..20_u8, 0..5),
    ) {
        let name = |n: u8| format!("s{n}");
        let agency = |n: u8| format!("so-{}", n % 4);
        let all: Vec<System> = (0..20).map(|n| {
            System { is_critical: grave.contains(&n), ..system(&name(n), &agency(n), Some(u32::from(n) * 10)) }
        }).collect();
        let down = pairs.iter().filter(|(a, b)| a > b);
        let needs = Needs::new(down.map(|(a, b)| (code(&name(*a)), code(&name(*b)))));
        let found = points(&all, &needs, &[], &AgencyScope::All);
        for n in 0..20 {
            let far = needs.dependents(&code(&name(n)));
            let is_grave = |one: &&(SystemCode, usize)| {
                all.iter().any(|system| system.code == one.0 && system.is_critical)
            };
            let critical = far.iter().filter(is_grave).count();
            let what = What::System(code(&name(n)));
            let point = found.iter().find(|point| point.what == what);
            let numbers = point.map(|point| (point.dependents, point.critical));
            let is_point = critical >= FROM.critical || far.len() >= FROM.dependents;
            prop_assert_eq!(numbers, is_point.then_some((far.len(), critical)));
        }
        prop_assert!(found.windows(2).all(|two| two[0].critical >= two[1].critical));
        for one in 0..4 {
            let theirs = points(&all, &needs, &[], &of_agency(&format!("so-{one}")));
            prop_assert!(theirs.iter().all(|point| found.iter().any(|all| all.what == point.what)));
        }
    }
}
