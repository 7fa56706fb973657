//! What fires on stories and on ordinary days.

use jiff::{SignedDuration, Timestamp};
use khien_demo::story::STORIES;
use khien_demo::traffic::Traffic;
use khien_demo::{Province, SEED};

use crate::engine::{Engine, Fired};

/// The fixed clock of the demonstration: a Thursday morning.
fn morning() -> Timestamp {
    "2026-10-15T01:00:00Z".parse().unwrap()
}

#[test]
fn every_story_fires_exactly_the_rules_that_it_names() {
    let (province, engine) = (Province::builtin().unwrap(), Engine::new(morning()));
    let mut wrong = Vec::new();
    for story in &STORIES {
        for run in [0, 1, 7] {
            let entries = story.entries(&province, SEED, run, morning());
            let fired: Vec<String> = engine.fired(&province, &entries).into_keys().collect();
            if fired != story.rules {
                wrong.push(format!("{} {run}: {fired:?} and not {:?}", story.id, story.rules));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_ordinary_day_fires_nothing() {
    let (province, engine) = (Province::builtin().unwrap(), Engine::new(morning()));
    let end = morning() + SignedDuration::from_hours(24);
    let entries = Traffic::daily(&province, SEED, 1.0).between(morning(), end);
    assert!(entries.len() > 20_000, "{}", entries.len());
    assert_eq!(engine.fired(&province, &entries), Fired::default());
    // What is late counts when it arrives, so a whole day may count at once.
    assert_eq!(engine.fired_at_once(&province, &entries, end), Fired::default());
}

#[test]
fn a_busy_hour_fires_nothing() {
    let (province, engine) = (Province::builtin().unwrap(), Engine::new(morning()));
    let end = morning() + SignedDuration::from_mins(4);
    let entries = Traffic::steady(&province, SEED, 400.0).between(morning(), end);
    assert!(entries.len() > 60_000, "{}", entries.len());
    assert_eq!(engine.fired(&province, &entries), Fired::default());
}

#[test]
fn rules_of_a_story_are_sorted_and_stories_have_names_of_their_own() {
    let ids: std::collections::BTreeSet<&str> = STORIES.iter().map(|story| story.id).collect();
    assert_eq!(ids.len(), STORIES.len());
    for story in &STORIES {
        assert!(story.rules.is_sorted() && !story.rules.is_empty(), "{}", story.id);
        assert!(!story.attack.is_empty(), "{}", story.id);
    }
}

#[test]
fn the_page_about_the_demonstration_tells_every_story() {
    let page = include_str!("../../../../docs/demo.md");
    for story in &STORIES {
        let rules: Vec<String> = story.rules.iter().map(|rule| format!("`{rule}`")).collect();
        let techniques = story.attack.join(" ");
        let told = format!(
            "| `{}` | {} | {techniques} | {} |",
            story.id,
            story.title_vi,
            rules.join(", ")
        );
        assert!(page.contains(&told), "{told}");
        assert!(page.contains(&format!("| `{}` | {} |", story.id, story.title_en)), "{}", story.id);
    }
}
