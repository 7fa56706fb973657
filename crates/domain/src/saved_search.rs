//! Saved searches: what somebody looks for again and again, for themselves or shared.

use jiff::Timestamp;

use crate::ids::SavedSearchId;
use crate::limits::{NAME_BYTES, QUERY_BYTES, SEARCH_COLUMNS};
use crate::permission::AgencyScope;
use crate::text::{self, TextError};

/// A search to be saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSavedSearch {
    /// How it is called; one of a kind among its owner's.
    pub name: String,
    /// The query; an empty one finds everything.
    pub query: String,
    /// The time that is searched, as the page writes it: `24h`, `2026-10-15..2026-10-16`.
    pub span: String,
    /// The columns that are shown, in their order.
    pub columns: Vec<String>,
    /// Who saved it.
    pub owner: String,
    /// Whether others see it: those who see all agencies that its owner sees, since a query may
    /// name what belongs to an agency.
    pub is_shared: bool,
    /// The agencies that its owner sees.
    pub agencies: AgencyScope,
    /// When it was saved.
    pub created_at: Timestamp,
}

/// A saved search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedSearch {
    /// Its number.
    pub id: SavedSearchId,
    /// What was saved.
    pub saved: NewSavedSearch,
}

/// Why a search cannot be saved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SavedSearchError {
    /// A text is empty, too long or has control characters.
    #[error(transparent)]
    Text(#[from] TextError),
    /// Too many columns.
    #[error("a search shows at most {SEARCH_COLUMNS} columns")]
    Columns,
}

impl NewSavedSearch {
    /// The search with texts in order.
    pub fn checked(mut self) -> Result<Self, SavedSearchError> {
        self.name = text::line("the name", &self.name, NAME_BYTES)?;
        self.query = match self.query.trim() {
            "" => String::new(),
            query => text::paragraph_as_is("the query", query, QUERY_BYTES)?,
        };
        self.span = text::line("the time span", &self.span, NAME_BYTES)?;
        if self.columns.len() > SEARCH_COLUMNS {
            return Err(SavedSearchError::Columns);
        }
        for column in &mut self.columns {
            *column = text::line("a column", column, NAME_BYTES)?;
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_will_not_do_is_told() {
        let new = NewSavedSearch {
            name: " Đăng nhập sai ".into(),
            query: " ".into(),
            span: "24h".into(),
            columns: vec![" user ".into()],
            owner: "person:canbo001".into(),
            is_shared: false,
            agencies: AgencyScope::All,
            created_at: Timestamp::UNIX_EPOCH,
        };
        let checked = new.clone().checked().unwrap();
        assert_eq!((checked.name.as_str(), checked.query.as_str()), ("Đăng nhập sai", ""));
        assert_eq!(checked.columns, ["user"]);
        let long = NewSavedSearch { query: "x".repeat(QUERY_BYTES + 1), ..new.clone() };
        assert!(long.checked().is_err());
        let wide = NewSavedSearch { columns: vec!["a".into(); SEARCH_COLUMNS + 1], ..new.clone() };
        assert_eq!(wide.checked(), Err(SavedSearchError::Columns));
        assert!(NewSavedSearch { name: String::new(), ..new }.checked().is_err());
    }
}
