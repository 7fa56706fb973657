//! What the console says, in Vietnamese and English: Fluent files in `i18n/`.
//!
//! A text has an id such as `alerts-open`; its file is named after the room. Vietnamese is
//! complete; tests hold both languages to the same ids and arguments, and every id that a template
//! or a page asks for to being there.
//!
//! To add a text: a line in `i18n/vi/ROOM.ftl` and in `i18n/en/ROOM.ftl`; a room's file is named
//! in `areas!`.

use std::borrow::Cow;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use khien_domain::account::Language;

macro_rules! areas {
    ($($area:literal)*) => {
        /// The texts of each room in Vietnamese and English.
        pub(super) const AREAS: &[(&str, &str, &str)] = &[$((
            $area,
            include_str!(concat!("../../i18n/vi/", $area, ".ftl")),
            include_str!(concat!("../../i18n/en/", $area, ".ftl")),
        )),*];
    };
}

areas![
    "frame" "errors" "account" "overview" "alerts" "incidents" "assurance" "rules" "shift" "search" "sources"
    "register" "controls" "dossiers" "risks" "rounds" "budget" "quarantine" "audit" "admin"
    "suppressions" "help" "supply" "custody" "leaks" "evidence" "points" "tasks"
];

/// The texts of one language.
pub(super) struct Words {
    bundle: FluentBundle<FluentResource>,
}

impl Words {
    /// The texts of a language. A file with a fault loses the faulty text alone; a test finds it.
    pub(super) fn new(language: Language) -> Self {
        let tag = language.tag().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        bundle.set_use_isolating(false);
        for (_, vi, en) in AREAS {
            let text = if language == Language::Vietnamese { vi } else { en };
            let resource = FluentResource::try_new((*text).to_owned());
            bundle.add_resource_overriding(resource.unwrap_or_else(|(good, _)| good));
        }
        Self { bundle }
    }

    /// What ids that begin alike end with, in their order.
    pub(super) fn ends(beginning: &str) -> impl Iterator<Item = &'static str> {
        let lines = AREAS.iter().flat_map(|(_, vi, _)| vi.lines());
        lines.filter_map(move |line| line.split_once(" = ")?.0.strip_prefix(beginning))
    }

    /// Whether there is a text.
    pub(super) fn has(&self, id: &str) -> bool {
        self.bundle.has_message(id)
    }

    /// A text. An id without one shows itself, so that nothing is hidden; a test keeps it from
    /// happening.
    pub(super) fn text(&self, id: &str, args: &[(&str, Value<'_>)]) -> String {
        let pattern = self.bundle.get_message(id).and_then(|message| message.value());
        let Some(pattern) = pattern else { return format!("[{id}]") };
        let mut given = FluentArgs::with_capacity(args.len());
        for (name, value) in args {
            given.set(*name, FluentValue::from(value.clone()));
        }
        let mut errors = Vec::new();
        self.bundle.format_pattern(pattern, Some(&given), &mut errors).into_owned()
    }
}

/// What a text is given.
#[derive(Clone)]
pub(super) enum Value<'v> {
    /// A number that chooses between forms; it is written by another argument.
    Number(i64),
    /// A text.
    Text(Cow<'v, str>),
}

impl<'v> From<Value<'v>> for FluentValue<'v> {
    fn from(value: Value<'v>) -> Self {
        match value {
            Value::Number(number) => number.into(),
            Value::Text(text) => text.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use super::*;

    /// The ids of a file with the arguments that each takes.
    fn ids(text: &str, name: &str) -> BTreeMap<String, BTreeSet<String>> {
        let resource = FluentResource::try_new(text.to_owned());
        let resource = resource.unwrap_or_else(|(_, errors)| panic!("{name}: {errors:?}"));
        drop(resource);
        let mut ids = BTreeMap::<String, BTreeSet<String>>::new();
        let mut last = String::new();
        for line in text.lines() {
            if let Some((id, _)) = line.split_once('=')
                && line.starts_with(|c: char| c.is_ascii_lowercase())
            {
                last = id.trim().to_owned();
                assert!(ids.insert(last.clone(), BTreeSet::new()).is_none(), "{last} twice");
            }
            for part in line.split('$').skip(1) {
                let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                let name = &part[..end.unwrap_or(part.len())];
                ids.get_mut(&last).unwrap().insert(name.to_owned());
            }
        }
        ids
    }

    #[test]
    fn both_languages_say_the_same_with_the_same_arguments() {
        let mut all = BTreeSet::new();
        for (area, vi, en) in AREAS {
            let (vi, en) = (ids(vi, area), ids(en, area));
            assert_eq!(vi.keys().collect::<Vec<_>>(), en.keys().collect::<Vec<_>>(), "{area}");
            for (id, arguments) in &vi {
                // Vietnamese has no plural forms, so `n` may stand in English alone.
                let without_n = |set: &BTreeSet<String>| {
                    set.iter().filter(|name| *name != "n").cloned().collect::<Vec<_>>()
                };
                assert_eq!(without_n(arguments), without_n(&en[id]), "{area}: {id}");
                assert!(all.insert(id.clone()), "{id} stands in two files");
            }
        }
    }

    /// What is written of a number is a text, which has no plural; the number itself has.
    #[test]
    fn plurals_are_chosen_by_the_number_and_not_by_how_it_is_written() {
        for (area, vi, en) in AREAS {
            for line in vi.lines().chain(en.lines()) {
                assert!(!line.contains("$count ->"), "{area}: {line}");
            }
        }
    }

    /// Every text between quotes after `t(`, `n(`, `v(`… of templates and pages, and every other
    /// quoted word that begins like an id of a room, is there.
    #[test]
    fn every_text_that_is_asked_for_is_there() {
        let words = Words::new(Language::Vietnamese);
        let mut asked = BTreeSet::new();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for folder in ["templates/console", "src/console"] {
            collect(&root.join(folder), &mut asked);
        }
        assert!(asked.len() > 50, "the scan finds what is asked for: {}", asked.len());
        let missing: Vec<_> = asked.iter().filter(|id| !words.has(id)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    fn collect(folder: &Path, asked: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, asked);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for call in ["t(\"", "n(\"", "v(\"", "v2(\"", "v3(\""] {
                for (at, _) in text.match_indices(call) {
                    let before = text[..at].chars().next_back();
                    if before != Some('.') {
                        continue;
                    }
                    let rest = &text[at + call.len()..];
                    let id = rest.split('"').next().unwrap();
                    if id.contains('-') {
                        asked.insert(id.to_owned());
                    }
                }
            }
        }
    }

    /// Whatever people may record has a name for each field, each word and what it is told apart by.
    #[test]
    fn what_people_type_has_names() {
        use khien_domain::evidence::kinds::{Field, Kinds, Recorder};
        let words = Words::new(Language::English);
        let kinds = Kinds::parse(Kinds::BUILT_IN).unwrap();
        let id =
            |beginning: &str, name: &str| format!("{beginning}-{}", name.replace(['_', '.'], "-"));
        let mut missing = BTreeSet::new();
        for kind in kinds.all().filter(|kind| kind.by.contains(&Recorder::People)) {
            let subject = id("attest-subject", &kind.subject);
            let is_given = matches!(kind.subject.as_str(), "agency" | "system");
            if !is_given && !kind.fields.contains_key(&kind.subject) && !words.has(&subject) {
                missing.insert(subject);
            }
            for (name, (field, _)) in &kind.fields {
                let own = id("attest-field", &format!("{}-{name}", kind.name));
                if !words.has(&own) && !words.has(&id("attest-field", name)) {
                    missing.insert(own);
                }
                if let Field::Word(all) = field {
                    let ids = all.iter().map(|word| id("attest-word", word));
                    missing.extend(ids.filter(|id| !words.has(id)));
                }
            }
        }
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn texts_take_arguments_and_plurals() {
        let vi = Words::new(Language::Vietnamese);
        let en = Words::new(Language::English);
        let args = |n: i64| [("n", Value::Number(n)), ("count", Value::Text(n.to_string().into()))];
        assert_eq!(vi.text("frame-seconds", &args(1)), "1 giây");
        assert_eq!(en.text("frame-seconds", &args(1)), "1 second");
        assert_eq!(en.text("frame-seconds", &args(2)), "2 seconds");
        assert_eq!(vi.text("no-such-text", &[]), "[no-such-text]");
    }
}
