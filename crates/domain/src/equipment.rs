//! The minimum equipment of a cyber security centre: what is needed, what is there, what is missing.
//!
//! The list itself is issued elsewhere and imported as a table; none comes with the program.

use crate::code::EquipmentCode;
use crate::host::HostName;
use crate::limits::NAME_BYTES;
use crate::text::{self, TextError};

/// Assets that one row names.
pub const ASSETS: usize = 32;

/// A row of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Equipment {
    /// Its code.
    pub code: EquipmentCode,
    /// What it is.
    pub name: String,
    /// How many are needed.
    pub needed: u32,
    /// How many are there that are no registered assets: licences, kits.
    pub owned: u32,
    /// Which registered assets are such things.
    pub assets: Vec<HostName>,
    /// The document that asks for it, or the inventory number.
    pub note: Option<String>,
}

impl Equipment {
    /// The row with its texts in order.
    pub fn checked(mut self) -> Result<Self, TextError> {
        self.name = text::line("the name", &self.name, NAME_BYTES)?;
        let note = self.note.map(|note| text::line("the note", &note, NAME_BYTES));
        self.note = note.transpose()?;
        self.assets.sort_unstable();
        self.assets.dedup();
        Ok(self)
    }

    /// How many are there, of which `registered` stand in the register now.
    pub fn has(&self, registered: u32) -> u32 {
        self.owned.saturating_add(registered)
    }

    /// How many are missing.
    pub fn gap(&self, registered: u32) -> u32 {
        self.needed.saturating_sub(self.has(registered))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_what_is_needed_and_not_there() {
        let row = Equipment {
            code: EquipmentCode::new("soc-01").unwrap(),
            name: " Máy chủ phân tích ".into(),
            needed: 3,
            owned: 1,
            assets: ["b", "a", "a"].map(|name| HostName::new(name).unwrap()).into(),
            note: None,
        };
        let row = row.checked().unwrap();
        assert_eq!((row.name.as_str(), row.assets.len()), ("Máy chủ phân tích", 2));
        assert_eq!([row.gap(0), row.gap(1), row.gap(9)], [2, 1, 0]);
        assert!(Equipment { name: String::new(), ..row }.checked().is_err());
    }
}
