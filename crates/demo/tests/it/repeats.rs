//! The same questions have the same answers.

use jiff::{SignedDuration, Timestamp};
use khien_demo::story::STORIES;
use khien_demo::traffic::Traffic;
use khien_demo::{Entry, Province, SEED};

fn start() -> Timestamp {
    "2026-10-15T01:00:00Z".parse().unwrap()
}

#[test]
fn a_span_is_the_same_in_pieces_and_as_a_whole() {
    let province = Province::builtin().unwrap();
    let traffic = Traffic::steady(&province, SEED, 30.0);
    let minute = |number: i64| start() + SignedDuration::from_mins(number);
    let whole = traffic.between(minute(0), minute(10));
    let mut pieces: Vec<Entry> =
        (0..10).flat_map(|at| traffic.between(minute(at), minute(at + 1))).collect();
    pieces.sort_by_key(|entry| entry.at);
    assert_eq!(whole, pieces);
    let other = Traffic::steady(&province, SEED + 1, 30.0).between(minute(0), minute(10));
    assert_ne!(whole, other, "another seed is another day");
}

#[test]
fn a_story_is_the_same_every_time_and_another_every_run() {
    let province = Province::builtin().unwrap();
    for story in &STORIES {
        let told = |run| story.entries(&province, SEED, run, start());
        assert_eq!(told(0), told(0), "{}", story.id);
        let texts = |run| told(run).into_iter().map(|entry| entry.text).collect::<Vec<_>>();
        assert_ne!(texts(0), texts(1), "{}", story.id);
        assert!(told(0).is_sorted_by_key(|entry| entry.at));
    }
}

#[test]
fn nights_are_quiet() {
    let province = Province::builtin().unwrap();
    let traffic = Traffic::daily(&province, SEED, 20.0);
    let count = |from: &str| {
        let from: Timestamp = from.parse().unwrap();
        traffic.between(from, from + SignedDuration::from_mins(10)).len()
    };
    let (day, night) = (count("2026-10-15T09:00:00+07:00"), count("2026-10-15T02:00:00+07:00"));
    let sunday = count("2026-10-18T09:00:00+07:00");
    assert!(day > 5 * night && day * 2 > sunday * 3 && night > 0, "{day} {night} {sunday}");
}
