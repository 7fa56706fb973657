//! What reading facts and counting the index cost: `cargo bench -p khien-domain`. The whole of it, with
//! ten million records: `scripts/bench-index`.

#![expect(clippy::expect_used, reason = "a bench stops at the first surprise")]

use std::sync::Arc;

use divan::{Bencher, black_box, counter::ItemsCount};
use khien_domain::evidence::glance::Glance;
use khien_domain::evidence::kinds::Kinds;
use khien_domain::facts::{Facts, View, Voided};
use khien_domain::index::IndexPack;

fn main() {
    divan::main();
}

const LINE: &str = r#"{"about":{"agency":"so-ct","at":"2026-10-14T01:00:00Z","by":"khien","content_hash":"0000000000000000000000000000000000000000000000000000000000000000","from":"probe","how":"measured","prev":"0000000000000000000000000000000000000000000000000000000000000000","recorded":"2026-10-14T01:00:00Z","ref":"batch 7","schema":1,"seq":12,"subject":"mh-dvc","system":"mh-dvc","type":"monitoring.state"},"content":{"alive":3,"required":3}}"#;
const PROFILE: &str = r#"{"about":{"agency":"so-ct","at":"2026-10-14T01:00:00Z","by":"khien","content_hash":"00","from":"register","how":"measured","prev":"00","recorded":"2026-10-14T01:00:00Z","ref":"","schema":1,"seq":1,"subject":"so-ct","type":"agency.profile"},"content":{"centre":false,"in_scope":true,"kind":"government"}}"#;

fn pack() -> IndexPack {
    let kinds = Kinds::parse(Kinds::BUILT_IN).expect("the pack of kinds reads");
    IndexPack::parse(IndexPack::BUILT_IN, &kinds).expect("the pack of indicators reads")
}

fn facts(pack: &IndexPack) -> Facts {
    let at = "2026-10-15T01:00:00Z".parse().expect("it is a moment");
    Facts::new(pack.wanted(), pack.cutoff(at), None, Arc::new(Voided::default()))
}

#[divan::bench]
fn glance(bencher: Bencher<'_, '_>) {
    bencher.counter(ItemsCount::new(1_u32)).bench(|| Glance::read(black_box(LINE)));
}

#[divan::bench]
fn read(bencher: Bencher<'_, '_>) {
    let pack = pack();
    bencher
        .counter(ItemsCount::new(1_u32))
        .with_inputs(|| facts(&pack))
        .bench_refs(|facts| facts.read(black_box(LINE)));
}

#[divan::bench]
fn score(bencher: Bencher<'_, '_>) {
    let pack = pack();
    let mut facts = facts(&pack);
    for line in [PROFILE, LINE] {
        facts.read(line).expect("the line reads");
    }
    let view: View = facts.finish();
    bencher.counter(ItemsCount::new(1_u32)).bench(|| pack.scores(&view).count());
}
