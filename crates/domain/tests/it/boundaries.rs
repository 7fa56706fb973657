//! Cases at the edges: nothing and everything, the last second of a period, two packs, an appeal.

use std::collections::BTreeSet;

use khien_domain::evidence::How;
use khien_domain::evidence::content::Content;
use khien_domain::index::{Basis, IndexPack, State, Wish, movement, ratio, sensitivity};

use super::world::{
    AT, Say, World, agency, at, confirmed, days_ago, kinds, outcome, pack, random, say, system,
};

/// Everything that can be had: measured evidence that meets each indicator's target.
pub(crate) fn full(code: &str) -> Vec<Say> {
    let own = |kind: &str, content: &str| say(code, kind, content);
    let web = format!("{code}-web");
    let of = |kind: &str, content: &str| say(code, kind, content).system(&web);
    let now = at(AT).checked_sub(jiff::ToSpan::minutes(30)).unwrap();
    let incident = "{\"actions_on_time\":true,\"contain_by\":\"2026-09-02T01:00:00Z\",\"contained\":\"2026-09-01T03:00:00Z\",\"drill\":false,\"opened\":\"2026-09-01T01:00:00Z\",\"report_by\":\"2026-09-02T01:00:00Z\",\"reportable\":true,\"reported\":\"2026-09-01T02:00:00Z\",\"review_by\":\"2026-10-01\",\"reviewed\":\"2026-09-20\",\"serious\":true}";
    let mut said = vec![
        agency(code, "government"),
        system(code, &web, 3),
        confirmed(code, 1),
        own("agency.assignment", "{\"accounts\":true,\"all_active\":true,\"contacts\":2,\"deputy\":true,\"head\":true,\"signed\":\"2026-03-01\"}"),
        own("training.year", "{\"completed\":95,\"staff\":100}").subject("2026"),
        own("drill.phishing", "{\"delivered\":100,\"reported\":40}").subject("a"),
        own("drill.phishing", "{\"delivered\":100,\"reported\":40}").subject("b"),
        own("accounts.state", "{\"active\":100,\"mfa\":100,\"privileged\":5,\"privileged_strong\":5}"),
        own("awareness.plan", "{\"carried_out\":4,\"planned\":4}").subject("2026"),
        of("service.registered", "{\"address\":\"mau.example\",\"public\":true,\"retired\":false,\"tls\":true}").subject("mau"),
        of("service.trust", "{\"score\":90}").subject("mau"),
        of("tls.probe", "{\"group\":\"X25519MLKEM768\",\"hybrid\":true,\"version\":\"1.3\"}").subject("mau"),
        own("citizen.reports", "{\"answered\":20,\"received\":20}").subject("2026-09"),
        of("system.confirmed", "{}"),
        of("system.dossier", "{\"level\":3,\"number\":\"01\",\"state\":\"approved\"}"),
        of("gate.decision", "{\"break_glass\":false,\"decision\":\"allow\",\"policy\":\"p\",\"statement\":{}}"),
        own("project.investment", "{\"appraised\":\"2026-05-01\",\"decided\":\"2026-06-01\",\"name\":\"mẫu\"}").subject("p"),
        of("risk.assessed", "{\"risks\":1}"),
        own("risk.state", "{\"due\":\"2026-09-01\",\"ended\":\"2026-08-01\",\"rating\":\"high\",\"state\":\"closed\"}").subject("r"),
        of("pdp.file", "{\"impact\":true,\"processing\":true}"),
        of("monitoring.state", "{\"alive\":2,\"required\":2}").at(now),
        of("monitoring.continuity", "{\"heard\":43200,\"minutes\":43200}").at(now),
        own("incident.state", incident).subject("i"),
        of("finding.state", "{\"due\":\"2026-08-15\",\"fixed\":\"2026-08-10\",\"found\":\"2026-08-01\",\"internet\":true,\"kev\":true,\"severity\":\"critical\",\"state\":\"fixed\",\"title\":\"mẫu\"}").subject("f"),
        of("scan.done", "{\"findings\":0,\"tool\":\"mẫu\"}"),
        of("restore.tested", "{\"rpo_met\":true,\"rto_met\":true,\"success\":true}"),
        own("endpoints.state", "{\"endpoints\":100,\"protected\":98}"),
        of("assessment.done", "{\"independent\":true}"),
        own("hosting.site", "{\"qualified\":4,\"servers\":4}").subject("dc"),
        of("crypto.inventory", "{\"components\":3}"),
        own("budget.year", "{\"security\":15000,\"total\":100000}").subject("2026"),
        own("staff.posts", "{\"approved\":3,\"filled\":3}").subject("2026"),
        own("staff.certified", "{\"certified\":8,\"holders\":10}").subject("2026"),
        own("training.hours", "{\"counted_hours\":120,\"due_hours\":120}").subject("2026"),
        own("procurement.made", "{\"domestic\":true,\"made\":\"2026-06-01\",\"reason_accepted\":false}").subject("m"),
        own("product.used", "{\"inventory\":true,\"name\":\"mẫu\",\"supported\":true}").subject("sp"),
        own("exercise.offered", "{\"joined\":true,\"note\":true}").subject("x"),
        own("exercise.held", "{\"form\":\"tabletop\"}").subject("t"),
        own("exercise.held", "{\"form\":\"live\"}").subject("l"),
        own("exercise.action", "{\"closed\":\"2026-09-01\",\"due\":\"2026-09-02\"}").subject("v"),
        own("task.state", "{\"accepted\":true,\"done\":\"2026-09-01\",\"due\":\"2026-09-02\"}").subject("n"),
        own("report.state", "{\"due\":\"2026-09-02\",\"matches\":true,\"submitted\":\"2026-09-01\"}").subject("b"),
        own("scenario.state", "{\"applicable\":true,\"tested\":\"2026-06-01\"}").subject("k"),
        own("inspection.finding", "{\"closed\":\"2026-09-01\",\"due\":\"2026-09-02\"}").subject("kt"),
    ];
    for number in 0..12 {
        let subject = format!("c{number}");
        said.push(own("sharing.contribution", "{\"accepted\":true}").subject(&subject));
        let bulletin =
            "{\"answered\":\"2026-09-01T20:00:00Z\",\"published\":\"2026-09-01T01:00:00Z\"}";
        said.push(own("bulletin.addressed", bulletin).subject(&subject));
        let alert = "{\"acknowledged\":\"2026-09-01T01:15:00Z\",\"drill\":false,\"raised\":\"2026-09-01T01:00:00Z\",\"severity\":\"high\"}";
        said.push(of("alert.handled", alert).subject(&subject));
    }
    said
}

fn grade(pack: &IndexPack, score: &khien_domain::index::Score) -> Option<String> {
    score.grade.map(|place| pack.grades[place].grade.clone())
}

#[test]
fn nothing_is_zero_and_everything_is_a_hundred() {
    let pack = pack();
    let mut said = full("so-a");
    said.push(agency("so-b", "government"));
    let table = World::of(said).table(pack, AT);
    let (all, _) = table.get("so-a").unwrap();
    assert_eq!(all.total.as_ref().map(ratio::text).as_deref(), Some("100/1"));
    assert_eq!((ratio::text(&all.confidence), grade(pack, all)), ("1/1".into(), Some("A".into())));
    let (none, _) = table.get("so-b").unwrap();
    assert_eq!(none.total.as_ref().map(ratio::text).as_deref(), Some("0/1"));
    assert_eq!(grade(pack, none).as_deref(), Some("E"));
    assert_eq!(ratio::text(&none.confidence), "0/1");
    // Only what the agency cannot have is not applicable; silence is not.
    let states: Vec<&str> = pack
        .indicators
        .iter()
        .zip(&none.outcomes)
        .filter(|(_, outcome)| outcome.state == State::NotApplicable)
        .map(|(indicator, _)| indicator.id.as_str())
        .collect();
    assert_eq!(states, ["N4.4"]);
    assert_eq!(none.gains().len(), 41);
}

#[test]
fn one_missing_costs_its_weight() {
    let missing = full("so-a").into_iter().filter(|say| say.kind != "restore.tested");
    let score = World::of(missing).score("so-a");
    // N3.8 weighs 3 of the 34 points of its group, none of which goes elsewhere.
    assert_eq!(score.total.as_ref().map(ratio::text).as_deref(), Some("97/1"));
    let gain = &score.gains()[0];
    assert_eq!(
        (pack().indicators[gain.indicator].id.as_str(), ratio::text(&gain.points)),
        ("N3.8", "3/1".into())
    );
}

#[test]
fn the_budget_is_compared_exactly() {
    for (security, value, earned) in [
        (14_999, "14999/100000", "9999/10000"),
        (15_000, "3/20", "1/1"),
        (15_001, "15001/100000", "1/1"),
        (5_000, "1/20", "0/1"),
    ] {
        let budget = format!("{{\"security\":{security},\"total\":100000}}");
        let said =
            [agency("so-a", "government"), say("so-a", "budget.year", &budget).subject("2026")];
        let outcome = outcome(&World::of(said).score("so-a"), "N3.13");
        assert_eq!(
            (ratio::text(&outcome.value), ratio::text(&outcome.earned)),
            (value.into(), earned.into())
        );
    }
}

#[test]
fn evidence_expires_at_its_second_at_midnight_in_the_province() {
    // Midnight between 14 and 15 October in UTC+7 is 17:00 UTC.
    let decision =
        "{\"break_glass\":false,\"decision\":\"allow\",\"policy\":\"p\",\"statement\":{}}";
    let world = World::of([
        agency("so-a", "government").at(days_ago(300)),
        system("so-a", "web", 3).at(days_ago(300)),
        say("so-a", "gate.decision", decision).system("web").at(days_ago(30)).until(at("2026-10-14T17:00:00Z")),
        say("so-a", "agency.assignment", "{\"accounts\":true,\"all_active\":true,\"contacts\":2,\"deputy\":true,\"head\":true,\"signed\":\"2025-10-15\"}").at(days_ago(360)),
    ]);
    let pack = pack();
    let earned = |instant: &str, id: &str| {
        let table = world.table(pack, instant);
        ratio::text(&outcome(table.get("so-a").unwrap().0, id).earned)
    };
    assert_eq!(earned("2026-10-14T16:59:59Z", "N2.3"), "1/1");
    assert_eq!(earned("2026-10-14T17:00:00Z", "N2.3"), "0/1");
    // Signed on 15 October 2025: twelve months are over when 15 October 2026 begins.
    assert_eq!(earned("2026-10-14T16:59:59Z", "N1.1"), "1/1");
    assert_eq!(earned("2026-10-14T17:00:00Z", "N1.1"), "0/1");
}

#[test]
fn a_due_day_is_over_at_its_midnight() {
    let task =
        say("so-a", "task.state", "{\"accepted\":false,\"due\":\"2026-10-14\"}").subject("n");
    let world = World::of([agency("so-a", "government").at(days_ago(9)), task.at(days_ago(9))]);
    let pack = pack();
    let state = |instant: &str| {
        let table = world.table(pack, instant);
        outcome(table.get("so-a").unwrap().0, "N6.1").state
    };
    assert_eq!(state("2026-10-14T16:59:59Z"), State::NoEvidence);
    assert_eq!(state("2026-10-14T17:00:00Z"), State::Scored);
}

#[test]
fn a_leap_day_has_its_place() {
    let assessed = |day: &str| {
        let said = [
            agency("so-a", "government").at(at("2027-01-01T00:00:00Z")),
            system("so-a", "web", 2).at(at("2027-01-01T00:00:00Z")),
            say("so-a", "risk.assessed", "{\"risks\":1}").system("web").at(at(day)),
        ];
        World::of(said)
    };
    let pack = IndexPack::parse(
        &IndexPack::BUILT_IN.replacen("valid_to: 2027-12-31", "valid_to: 2030-12-31", 1),
        kinds(),
    )
    .unwrap();
    let earned = |world: &World, instant: &str| {
        let table = world.table(&pack, instant);
        ratio::text(&outcome(table.get("so-a").unwrap().0, "N2.5").earned)
    };
    // On 29 February 2028, 12 months ago is 28 February 2027, for want of a 29th.
    let world = assessed("2027-02-28T03:00:00Z");
    assert_eq!(earned(&world, "2028-02-29T02:59:59Z"), "1/1");
    assert_eq!(earned(&world, "2028-02-29T03:00:00Z"), "0/1");
    // What was so on 29 February 2028 holds until 28 February 2029 is over.
    let world = assessed("2028-02-29T03:00:00Z");
    assert_eq!(earned(&world, "2029-02-28T16:59:59Z"), "1/1");
    assert_eq!(earned(&world, "2029-03-01T03:00:00Z"), "0/1");
}

#[test]
fn two_packs_stand_side_by_side_and_old_tables_stay() {
    let old = pack();
    let text = IndexPack::BUILT_IN
        .replacen("pack: mh-57-2026.1", "pack: mh-57-2027.1", 1)
        .replacen("declared_share: 1/2", "declared_share: 1/4", 1)
        .replacen(
            "    target: 95\n    floor: 50\n    weight: 4\n",
            "    target: 100\n    floor: 80\n    weight: 4\n",
            1,
        );
    let new = IndexPack::parse(&text, kinds()).unwrap();
    let mut world = World::of(random(1, 6, 400));
    let before = world.table(old, AT);
    for pack in [old, &new] {
        let record = Content::map([("pack", pack.to_content().clone())]).to_text();
        world.say(Say { agency: None, ..say("x", "index.pack", &record).subject(&pack.id) });
    }
    let by_old = world.table(old, AT);
    let by_new = world.table(&new, AT);
    assert_eq!(by_old.scores, before.scores);
    assert_ne!(by_old.hash(), by_new.hash());
    assert_eq!(by_new.pack, "mh-57-2027.1");
    // From the ledger alone: the last pack by default, the old one by its name.
    let chosen = |pack: Option<&str>| {
        let mut basis = Basis::default();
        world.lines.iter().for_each(|line| basis.read(line).unwrap());
        let wish = Wish::At(at(AT), pack.map(str::to_owned));
        basis.choose(&wish, kinds()).unwrap().pack.id
    };
    assert_eq!(chosen(None), "mh-57-2027.1");
    assert_eq!(chosen(Some("mh-57-2026.1")), "mh-57-2026.1");
}

#[test]
fn an_appeal_changes_exactly_one_agency() {
    let mut said = Vec::new();
    for code in ["so-a", "so-b", "so-c", "so-d", "so-e"] {
        said.extend(full(code));
    }
    let mut world = World::of(said);
    let low = say("so-c", "training.year", "{\"completed\":30,\"staff\":100}")
        .subject("2026")
        .at(days_ago(0));
    let wrong = world.say(low.clone());
    let pack = pack();
    let before = world.table(pack, AT);
    let right = say("so-c", "training.year", "{\"completed\":80,\"staff\":100}")
        .subject("2026")
        .at(days_ago(0));
    world.say(right.how(How::Documented).corrects(wrong));
    let after = world.table(pack, AT);
    let changed: Vec<&str> = before
        .scores
        .iter()
        .zip(&after.scores)
        .filter(|(old, new)| old != new)
        .map(|(old, _)| old.agency.as_str())
        .collect();
    assert_eq!(changed, ["so-c"]);
    let moved = movement((pack, &before), (pack, &after));
    let its = moved.iter().find(|its| its.agency == "so-c").unwrap();
    // From nothing to (80 - 50) ÷ 45 of four points.
    assert_eq!(its.points.as_ref().map(ratio::text).as_deref(), Some("8/3"));
    assert_eq!(its.changes.len(), 1);
    assert_eq!(its.changes[0].indicator, "N1.2");
    assert!(moved.iter().filter(|its| its.agency != "so-c").all(|its| its.changes.is_empty()));
    // A correction of another agency changes nothing.
    world.say(say("so-a", "evidence.withdrawn", "{\"reason\":\"thử\"}").corrects(wrong));
    assert_eq!(world.table(pack, AT).scores, after.scores);
    // Withdrawn for good: the record before it, of yesterday, holds again.
    let last = world.lines.len() as u64 - 2;
    world.say(say("so-c", "evidence.withdrawn", "{\"reason\":\"thử\"}").corrects(last));
    let table = world.table(pack, AT);
    let total = table.get("so-c").unwrap().0.total.clone();
    assert_eq!(total.as_ref().map(ratio::text).as_deref(), Some("100/1"));
}

#[test]
fn small_cohorts_are_not_ranked_and_equal_scores_share_a_rank() {
    let mut said = Vec::new();
    for code in ["so-a", "so-b"] {
        said.extend(full(code));
    }
    for code in ["so-c", "so-d"] {
        said.extend(full(code).into_iter().filter(|say| say.kind != "budget.year"));
    }
    said.extend(["xa-a", "xa-b", "xa-c", "xa-d"].map(|code| agency(code, "commune")));
    let pack = pack();
    let four = World::of(said.clone()).table(pack, AT);
    assert!(four.places.iter().all(|place| place.rank.is_none() && place.of == 4));
    said.push(agency("so-e", "government"));
    let five = World::of(said.clone()).table(pack, AT);
    let rank = |code: &str| five.get(code).unwrap().1.rank;
    assert_eq!(["so-a", "so-b", "so-c", "so-d", "so-e"].map(rank), [1, 1, 3, 3, 5].map(Some));
    assert_eq!(rank("xa-a"), None);
    // Who is out of scope is not there at all.
    let Content::Map(mut values) = agency("so-f", "government").content else { panic!() };
    values.insert("in_scope".into(), false.into());
    said.push(Say { content: Content::Map(values), ..agency("so-f", "government") });
    assert!(World::of(said).table(pack, AT).get("so-f").is_none());
    // The order does not hang on a weight here, so that all pairs stay as they are.
    let firm = sensitivity(pack, &five);
    assert_eq!(firm.shifts.len(), 84);
    assert_eq!(firm.least("K1").map(ratio::text).as_deref(), Some("1/1"));
    assert!(firm.shifts.iter().all(|shift| shift.moved.is_empty()));
}

#[test]
fn an_order_that_hangs_on_a_weight_shows() {
    let mut said = Vec::new();
    for (code, lacks) in [
        ("so-a", "budget.year"),
        ("so-b", "restore.tested"),
        ("so-c", ""),
        ("so-d", ""),
        ("so-e", ""),
    ] {
        said.extend(full(code).into_iter().filter(|say| say.kind != lacks));
    }
    let pack = pack();
    let table = World::of(said).table(pack, AT);
    // Both lack three points; with another weight of one of them they part.
    let firm = sensitivity(pack, &table);
    let shift = firm.shifts.iter().find(|shift| shift.indicator == "N3.8").unwrap();
    assert_eq!(ratio::text(&shift.tau["K1"]), "9/10");
    assert_eq!(shift.moved, [("so-b".to_owned(), 4, 5)]);
}

#[test]
fn another_weight_is_what_a_pack_with_that_weight_says() {
    let mut said = Vec::new();
    // To some agencies not everything applies, and each lacks something else.
    for (code, lacks) in [
        ("so-a", &["budget.year", "hosting.site"][..]),
        ("so-b", &["restore.tested", "system.profile"]),
        ("so-c", &["system.profile"]),
        ("so-d", &["scan.done", "alert.handled"]),
        ("so-e", &["training.year", "register.confirmed"]),
        ("so-f", &[]),
    ] {
        said.extend(full(code).into_iter().filter(|say| !lacks.contains(&say.kind.as_str())));
    }
    let pack = pack();
    let table = World::of(said.clone()).table(pack, AT);
    let masks: BTreeSet<Vec<bool>> = (table.scores.iter())
        .map(|score| score.outcomes.iter().map(|one| one.state == State::NotApplicable).collect())
        .collect();
    assert!(masks.len() > 1, "not the same applies to all");
    let firm = sensitivity(pack, &table);
    for shift in &firm.shifts {
        let mut changed = pack.clone();
        for indicator in &mut changed.indicators {
            let own = indicator.id == shift.indicator;
            let by = if shift.by > ratio::whole(0) { 1 } else { -1 };
            // Fifths: weights count by their proportion.
            indicator.weight *= if own { 5 + by } else { 5 };
        }
        let other = World::of(said.clone()).table(&changed, AT);
        let moved: Vec<_> = (table.scores.iter().zip(&table.places))
            .filter_map(|(score, place)| {
                let (old, new) = (place.rank?, other.get(&score.agency)?.1.rank?);
                (old != new).then(|| (score.agency.clone(), old, new))
            })
            .collect();
        assert_eq!(shift.moved, moved, "{} {}", shift.indicator, shift.by);
    }
    assert!(firm.shifts.iter().any(|shift| !shift.moved.is_empty()));
}

#[test]
fn caps_hold_the_grade_and_say_why() {
    let pack = pack();
    let cap = |extra: Say| {
        let mut said = full("so-a");
        said.push(extra);
        let score = World::of(said).score("so-a");
        let ids: Vec<String> = score.caps.iter().map(|cap| pack.caps[*cap].id.clone()).collect();
        let by_points = score.grade_by_points.map(|place| pack.grades[place].grade.clone());
        (grade(pack, &score), by_points, ids, score.total.as_ref().map(ratio::text))
    };
    let letter = |text: &str| Some(text.to_owned());
    let glass = "{\"break_glass\":true,\"decision\":\"allow\",\"policy\":\"p\",\"statement\":{}}";
    let glass = say("so-a", "gate.decision", glass).system("so-a-web").at(days_ago(0));
    // N2.3 earns nothing: four points.
    assert_eq!(cap(glass), (letter("C"), letter("A"), vec!["gate".into()], Some("96/1".into())));
    let hidden = say("so-a", "incident.hidden", "{\"found\":\"2026-09-01\"}").subject("x");
    assert_eq!(cap(hidden), (letter("C"), letter("A"), vec!["hidden".into()], Some("97/1".into())));
    let seal =
        Say { agency: None, ..say("x", "audit.checked", "{\"intact\":false}").subject("seal") };
    assert_eq!(cap(seal), (None, letter("A"), vec!["seal".into()], Some("100/1".into())));
}

#[test]
fn what_is_not_applicable_gives_its_weight_to_its_group() {
    // Without N2.4 (3 of 20 points of N2), the other six carry all 20.
    let mut said: Vec<Say> = full("so-a")
        .into_iter()
        .filter(|say| !matches!(say.kind.as_str(), "project.investment" | "risk.state"))
        .collect();
    said.push(say("so-a", "nothing.due", "{\"topic\":\"project\"}").subject("project"));
    let score = World::of(said).score("so-a");
    assert_eq!(score.total.as_ref().map(ratio::text).as_deref(), Some("100/1"));
    let n21 = outcome(&score, "N2.1");
    // N2.6 is not applicable too: a risk assessment is there and no high risk was due.
    assert_eq!(ratio::text(&n21.weight), "16/3");
    assert_eq!(outcome(&score, "N2.6").state, State::NotApplicable);
}

#[test]
fn a_group_that_is_not_applicable_gives_its_weight_to_the_others() {
    // Whoever confirms that there is no system has nothing in N2: its twenty points go to the other groups.
    let without = || {
        let mut said = full("so-a");
        let of_systems = ["project.investment", "risk.state", "register.confirmed"];
        said.retain(|say| say.system.is_none() && !of_systems.contains(&say.kind.as_str()));
        said.push(confirmed("so-a", 0));
        said.push(say("so-a", "nothing.due", "{\"topic\":\"project\"}").subject("project"));
        said
    };
    let score = World::of(without()).score("so-a");
    for number in 1..=7 {
        let id = format!("N2.{number}");
        assert_eq!(outcome(&score, &id).state, State::NotApplicable, "{id}");
    }
    assert!(!score.groups.contains_key("N2") && score.groups.len() == 5);
    let sum = score.groups.values().map(|(_, most)| most.clone()).reduce(|a, b| a + b).unwrap();
    assert_eq!(ratio::text(&sum), "100/1", "it is still out of a hundred");
    // N6 weighs 11 of the 80 points that are left, and N6.5 one of its eleven.
    assert_eq!(ratio::text(&score.groups["N6"].1), "55/4");
    assert_eq!(ratio::text(&outcome(&score, "N6.5").weight), "5/4");
    // What is missing costs its share of what is left: 2 × 100 ÷ 80.
    let total = |said: Vec<Say>| World::of(said).score("so-a").total.unwrap();
    let mut less = without();
    less.retain(|say| say.kind != "report.state");
    assert_eq!(ratio::text(&(total(without()) - total(less))), "5/2");
}

#[test]
fn a_budget_of_nothing_has_no_share() {
    let mut said = full("so-a");
    said.retain(|say| say.kind != "budget.year");
    said.push(say("so-a", "budget.year", "{\"security\":0,\"total\":0}").subject("2026"));
    let score = World::of(said).score("so-a");
    let budget = outcome(&score, "N3.13");
    assert_eq!(budget.state, State::NoEvidence);
    assert_eq!(
        (ratio::text(&budget.points), ratio::text(&budget.weight)),
        ("0/1".into(), "3/1".into())
    );
    assert_eq!(score.total.as_ref().map(ratio::text).as_deref(), Some("97/1"));
}

#[test]
fn an_explanation_opens_the_records() {
    let mut world = World::of([
        agency("so-a", "government"),
        system("so-a", "web", 3),
        system("so-a", "mail", 2),
    ]);
    let test = "{\"rpo_met\":true,\"rto_met\":true,\"success\":true}";
    let good = world.say(say("so-a", "restore.tested", test).system("web"));
    let word = world.say(say("so-a", "restore.tested", test).system("mail").how(How::Declared));
    world.say(say("so-a", "staff.posts", "{\"approved\":3,\"filled\":2}").subject("2026"));
    let pack = pack();
    let view = world.view(pack, AT);
    let agency = view.agency("so-a").unwrap();
    let explained = pack.explain(&view, agency, pack.indicator("N3.8").unwrap());
    assert_eq!(explained.denominators(), [1, 2]);
    assert_eq!(explained.numerators(), [1, 2, good, word]);
    let missing: Vec<&str> =
        explained.missing().filter_map(|element| element.system.as_deref()).collect();
    assert_eq!(missing, ["mail"]);
    let explained = pack.explain(&view, agency, pack.indicator("N3.1").unwrap());
    assert!(explained.missing().all(|element| element.lacks == ["own-alive"]));
    assert_eq!(explained.missing().count(), 2);
    let explained = pack.explain(&view, agency, pack.indicator("N4.1").unwrap());
    assert_eq!(explained.parts[0].elements[0].numbers, Some((2, 3)));
    let explained = pack.explain(&view, agency, pack.indicator("N6.3").unwrap());
    assert_eq!(explained.parts[0].lacks, ["tabletop", "live"]);
    // How many of how many, and how many are missing for the target.
    let tally = |id: &str| {
        let explained = pack.explain(&view, agency, pack.indicator(id).unwrap());
        explained.parts.iter().map(|part| (part.tally, part.missing)).collect::<Vec<_>>()
    };
    assert_eq!(tally("N3.8"), [(Some((2, 2)), Some(0))], "a word counts, though not firmly");
    assert_eq!(tally("N3.1"), [(Some((0, 2)), Some(2))]);
    assert_eq!(tally("N4.1"), [(Some((2, 3)), Some(1))]);
    assert_eq!(tally("N1.2"), [(None, None)], "nothing is known");
    assert_eq!(tally("N6.3"), [(Some((0, 2)), None), (None, None)]);
    assert_eq!(tally("N5.1")[0], (Some((0, 12)), Some(12)));
}

#[test]
fn money_that_is_missing_for_the_target_is_exact_to_the_dong() {
    let budget = "{\"security\":299980000,\"total\":2000000000}";
    let mut world = World::of([agency("so-a", "government")]);
    world.say(say("so-a", "budget.year", budget).subject("2026"));
    let (pack, at) = (pack(), AT);
    let view = world.view(pack, at);
    let agency = view.agency("so-a").unwrap();
    let explained = pack.explain(&view, agency, pack.indicator("N3.13").unwrap());
    assert_eq!(explained.parts[0].tally, Some((299_980_000, 2_000_000_000)));
    assert_eq!(explained.parts[0].missing, Some(20_000));
}

#[test]
fn the_largest_numbers_add_up_exactly() {
    let most = (1_i64 << 53) - 1;
    let site = format!("{{\"qualified\":{most},\"servers\":{most}}}");
    let mut said = vec![agency("so-a", "government")];
    // Their sum has 65 bits.
    said.extend((0..2_100).map(|at| say("so-a", "hosting.site", &site).subject(&format!("s{at}"))));
    let half = format!("{{\"qualified\":0,\"servers\":{most}}}");
    said.extend((0..2_100).map(|at| say("so-a", "hosting.site", &half).subject(&format!("h{at}"))));
    let its = outcome(&World::of(said).score("so-a"), "N3.11");
    assert_eq!(ratio::text(&its.value), "50/1");
}
