//! What must hold of any ledger.

use std::sync::Arc;

use jiff::ToSpan as _;
use khien_domain::evidence::How;
use khien_domain::facts::{Facts, Voided};
use khien_domain::index::{Score, Table, ratio};
use proptest::prelude::*;

use super::boundaries::full;
use super::world::{AT, Dice, Say, World, at, days_ago, outcome, pack, random, say};

/// A few agencies with some records each; small, so that single records matter.
fn small(seed: u64) -> Vec<Say> {
    random(seed, 3, 60 + (seed % 200) as usize)
}

fn total(score: &Score) -> ratio::Ratio {
    score.total.clone().unwrap_or_else(|| ratio::whole(0))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn good_evidence_never_lowers(seed in any::<u64>(), which in any::<prop::sample::Index>()) {
        let before = World::of(small(seed));
        // Something that meets its target, of the last minute, for a system that is there.
        let good = full("cq-0");
        let good: Vec<&Say> = good.iter().filter(|say| {
            !matches!(say.kind.as_str(), "agency.profile" | "system.profile" | "service.registered" | "register.confirmed")
        }).collect();
        let mut good = (*which.get(&good)).clone();
        good.at = at(AT).checked_sub(1.minute()).unwrap();
        if good.system.is_some() {
            let is_own = good.subject == "cq-0-web";
            good.system = Some("cq-0-ht-1".into());
            good.subject = if is_own { "cq-0-ht-1".into() } else { good.subject };
        }
        let mut after = before.clone();
        let (kind, content) = (good.kind.clone(), good.content.to_text());
        after.say(good);
        let (before, after) = (before.score("cq-0"), after.score("cq-0"));
        prop_assert!(total(&after) >= total(&before), "{kind} {content}");
    }

    #[test]
    fn logs_that_stop_never_raise(seed in any::<u64>(), system in 1..5) {
        let said = small(seed);
        let code = format!("cq-0-ht-{system}");
        let stopped = said.clone().into_iter().filter(|say| {
            !(say.kind.starts_with("monitoring.") && say.system.as_deref() == Some(&code))
        });
        // Corrections point at numbers: without them what is left is the same.
        let plain = |said: Vec<Say>| World::of(said.into_iter().map(|say| Say { corrects: None, ..say }));
        let (with, without) = (plain(said), plain(stopped.collect()));
        prop_assert!(total(&without.score("cq-0")) <= total(&with.score("cq-0")));
    }

    #[test]
    fn reported_incidents_never_lower(seed in any::<u64>()) {
        let before = World::of(small(seed));
        let pack = pack();
        let score = before.score("cq-0");
        let with = |content: &str| {
            let mut world = before.clone();
            world.say(say("cq-0", "incident.state", content).subject("mới"));
            world.score("cq-0")
        };
        // Handled in time, or just reported and not due yet.
        for good in [
            "{\"actions_on_time\":true,\"contain_by\":\"2026-09-02T01:00:00Z\",\"contained\":\"2026-09-01T03:00:00Z\",\"drill\":false,\"opened\":\"2026-09-01T01:00:00Z\",\"report_by\":\"2026-09-02T01:00:00Z\",\"reportable\":true,\"reported\":\"2026-09-01T02:00:00Z\",\"review_by\":\"2026-10-01\",\"reviewed\":\"2026-09-20\",\"serious\":true}",
            "{\"contain_by\":\"2026-10-16T01:00:00Z\",\"drill\":false,\"opened\":\"2026-10-14T01:00:00Z\",\"report_by\":\"2026-10-16T01:00:00Z\",\"reportable\":true,\"reported\":\"2026-10-14T02:00:00Z\",\"review_by\":\"2026-11-14\",\"serious\":true}",
        ] {
            prop_assert!(total(&with(good)) >= total(&score), "{good}");
        }
        // However badly one was handled, no other indicator knows of it.
        let bad = with("{\"contain_by\":\"2026-09-02T01:00:00Z\",\"drill\":false,\"opened\":\"2026-09-01T01:00:00Z\",\"report_by\":\"2026-09-02T01:00:00Z\",\"reportable\":true,\"review_by\":\"2026-10-01\",\"serious\":true}");
        for (place, indicator) in pack.indicators.iter().enumerate() {
            if !["N3.4", "N3.5", "N6.4"].contains(&indicator.id.as_str()) {
                prop_assert_eq!(&bad.outcomes[place].earned, &score.outcomes[place].earned, "{}", &indicator.id);
            }
        }
    }

    #[test]
    fn the_order_of_reading_and_the_parts_do_not_matter(seed in any::<u64>(), parts in 1_usize..4) {
        let world = World::of(random(seed, 6, 400));
        let pack = pack();
        let whole = world.table(pack, AT).to_text();
        let mut lines = world.lines.clone();
        let mut dice = Dice(seed);
        for at in (1..lines.len()).rev() {
            lines.swap(at, dice.below(at as u64 + 1) as usize);
        }
        let cutoff = pack.cutoff(at(AT));
        let mut voided: Vec<Voided> = vec![Voided::default(); parts];
        for (at, line) in lines.iter().enumerate() {
            voided[at % parts].read(line, &cutoff, None).unwrap();
        }
        let voided = Arc::new(voided.into_iter().reduce(|mut all, part| { all.merge(part); all }).unwrap());
        let mut facts = vec![Facts::new(pack.wanted(), cutoff, None, voided); parts];
        for (at, line) in lines.iter().enumerate() {
            facts[(at * 7 + 3) % parts].read(line).unwrap();
        }
        let merged = facts.into_iter().reduce(|mut all, part| { all.merge(part).unwrap(); all }).unwrap();
        let view = merged.finish();
        let table = Table::new(pack, at(AT), view.read(), pack.scores(&view).collect());
        prop_assert_eq!(table.to_text(), whole);
    }

    #[test]
    fn what_is_declared_earns_at_most_its_share(seed in any::<u64>()) {
        let own_word = small(seed).into_iter().map(|say| match say.kind.as_str() {
            "agency.profile" | "system.profile" => say,
            _ => say.how(How::Declared),
        });
        let score = World::of(own_word).score("cq-0");
        for (outcome, indicator) in score.outcomes.iter().zip(&pack().indicators) {
            prop_assert!(outcome.earned <= ratio::fraction(1, 2), "{}: {outcome:?}", indicator.id);
        }
        prop_assert_eq!(ratio::text(&score.confidence), "0/1");
    }

    #[test]
    fn stale_is_none(seed in any::<u64>()) {
        let stale = small(seed).into_iter().map(|say| match say.kind.as_str() {
            "agency.profile" => say,
            _ => Say { at: days_ago(4), ..say }.until(days_ago(0)),
        });
        let score = World::of(stale).score("cq-0");
        prop_assert_eq!(ratio::text(&total(&score)), "0/1");
    }

    #[test]
    fn what_comes_after_the_cut_off_changes_nothing(seed in any::<u64>()) {
        let mut world = World::of(small(seed));
        let pack = pack();
        let before = world.table(pack, AT);
        for late in full("cq-0") {
            world.say(late.at(at("2026-10-15T01:00:01Z")).corrects(seed % 50));
        }
        prop_assert_eq!(world.table(pack, AT).scores, before.scores);
    }
}

#[test]
fn a_declared_word_adds_its_share_to_what_is_firm() {
    let said = full("so-a").into_iter().filter(|say| say.kind != "training.year");
    let mut world = World::of(said);
    world.say(
        say("so-a", "training.year", "{\"completed\":65,\"staff\":100}")
            .subject("2026")
            .at(days_ago(2)),
    );
    world.say(
        say("so-a", "training.year", "{\"completed\":95,\"staff\":100}")
            .subject("2026")
            .how(How::Declared),
    );
    // Firm 65 earns 1/3, declared 95 would earn 1: 1/3 + 1/2 × 2/3.
    let its = outcome(&world.score("so-a"), "N1.2");
    let firm = its.firm.as_ref().map(ratio::text);
    assert_eq!((ratio::text(&its.earned), firm.as_deref()), ("2/3".into(), Some("65/1")));
    assert!(!its.confident);
}
