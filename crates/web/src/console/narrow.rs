//! How rooms narrow a long list: a text to look for, an agency, and what else a room lets one choose.
//!
//! What comes in is the address; what goes out is whether a row is shown ([`Narrow::takes`]) and the form
//! that says so ([`Bar`], drawn by `_narrow.html`). Parts of a list ([`super::table::Part`]) and its files
//! are made of the same address, so that they stay narrowed. It looks at rows that were read: texts are
//! compared without diacritics, for which the databases have no common way.
//!
//! The recipe for a room: `Narrow::of` the address, `takes` in its filter, `bar` for its page, and
//! `_narrow.html` within its form of chips.

use std::collections::BTreeMap;

use khien_domain::code::AgencyCode;
use khien_domain::text::folded;

use super::frame::Frame;
use super::posted::Fields;
use super::register::{Choice, agency_choice};

/// What a list is narrowed to.
pub(super) struct Narrow {
    text: String,
    folded: String,
    agency: String,
}

/// The form that narrows a list, in which everything else of the address is kept.
pub(super) struct Bar {
    /// What is looked for.
    pub(super) text: String,
    /// What to choose from.
    pub(super) choices: Vec<Choice>,
    /// What else the address says.
    pub(super) kept: Vec<(String, String)>,
    /// Whether anything narrows the list.
    pub(super) is_on: bool,
}

impl Narrow {
    /// What the address asks for.
    pub(super) fn of(asked: &Fields) -> Self {
        let text = asked.text("text").trim();
        let agency = asked.text("agency").trim().to_lowercase();
        Self { text: text.to_owned(), folded: folded(text), agency }
    }

    /// Whether a row of an agency is shown that says these texts. An agency that is not there has none.
    pub(super) fn takes<T: AsRef<str>>(
        &self,
        agency: &AgencyCode,
        texts: impl IntoIterator<Item = T>,
    ) -> bool {
        self.is_of(agency) && self.says(texts)
    }

    /// Whether a row is shown that is of no agency in particular, or of one that is not told.
    pub(super) fn takes_of_nobody<T: AsRef<str>>(
        &self,
        texts: impl IntoIterator<Item = T>,
    ) -> bool {
        self.agency.is_empty() && self.says(texts)
    }

    fn says<T: AsRef<str>>(&self, texts: impl IntoIterator<Item = T>) -> bool {
        self.folded.is_empty()
            || texts.into_iter().any(|text| folded(text.as_ref()).contains(&self.folded))
    }

    /// Whether rows of an agency are shown, whatever they say.
    pub(super) fn is_of(&self, agency: &AgencyCode) -> bool {
        self.agency.is_empty() || self.agency == agency.as_str()
    }

    /// The form that says so: an agency to choose where there are several, then what the room adds.
    pub(super) fn bar(
        &self,
        f: &Frame,
        asked: &Fields,
        names: &BTreeMap<AgencyCode, String>,
        more: Vec<Choice>,
    ) -> Bar {
        let mut choices = Vec::new();
        if names.len() > 1 || !self.agency.is_empty() {
            choices.push(agency_choice(f, names, &self.agency));
        }
        choices.extend(more);
        let own = |name: &str| {
            ["text", "agency", "page", "form", "open", "done"].contains(&name)
                || choices.iter().any(|choice| choice.name == name)
        };
        let kept = asked.pairs().filter(|(name, value)| !own(name) && !value.trim().is_empty());
        Bar {
            kept: kept.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            is_on: is_filtered(asked),
            text: self.text.clone(),
            choices,
        }
    }
}

/// Whether an address asks for less than the whole list.
pub(super) fn is_filtered(asked: &Fields) -> bool {
    let narrows = |name: &str| !["page", "form", "open", "done"].contains(&name);
    asked.pairs().any(|(name, value)| narrows(name) && !value.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_however_it_was_typed_and_an_unknown_agency_has_nothing() {
        let sokhcn = AgencyCode::new("sokhcn").unwrap();
        let takes = |query: &str| {
            Narrow::of(&Fields::parse(query.as_bytes()))
                .takes(&sokhcn, ["Cổng Dịch vụ công", "dvc"])
        };
        // The third is «dịch vụ» in NFD.
        for query in
            ["", "text=", "text=di%CC%A3ch+vu%CC%A3", "text=dich+VU", "text=+DVC+&agency=SoKHCN"]
        {
            assert!(takes(query), "{query}");
        }
        for query in ["text=khac", "agency=soyt", "agency=S%E1%BB%9F", "text=dvc&agency=soyt"] {
            assert!(!takes(query), "{query}");
        }
        let filtered = |query: &str| is_filtered(&Fields::parse(query.as_bytes()));
        assert!(!filtered("text=&agency=&page=2&done=x") && filtered("text=&state=open"));
    }
}
