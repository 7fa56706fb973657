//! MITRE ATT&CK in the languages of reports; what tags tell is [`khien_domain::attack`]'s.

pub(crate) use khien_domain::attack::*;

use crate::language::Language;

/// The title of a tactic; an unknown one is its own title.
pub(crate) fn title(name: &str, language: Language) -> &str {
    let known = TACTICS.iter().find(|tactic| tactic.0 == name);
    known.map_or(name, |tactic| language.pick(tactic.3, tactic.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tactics_have_titles_in_both_languages() {
        assert_eq!(title("stealth", Language::En), "Stealth");
        assert_eq!(title("stealth", Language::Vi), "Ẩn mình");
        assert_eq!(title("unheard-of", Language::Vi), "unheard-of");
    }
}
