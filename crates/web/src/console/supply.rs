//! `/products` and `/providers`: what the systems of all agencies use and on whom they depend, side by
//! side.

pub(super) mod products;
pub(super) mod providers;

use khien_domain::product::Concern;
use khien_domain::provider::Escrow;

use super::frame::Frame;

impl Frame {
    /// What is to be said of a product, in words.
    pub(super) fn concern(&self, concern: &Concern) -> String {
        self.word("supply-concern", concern.name())
    }

    /// How grave that is, as a class of texts.
    pub(super) fn concern_class(&self, concern: &Concern) -> &'static str {
        match *concern {
            Concern::Expired | Concern::Differs => "bad-word",
            Concern::Ends | Concern::NoCustodian => "mid-word",
            Concern::Unsupported | Concern::NoInventory => "dim",
        }
    }

    /// What somebody else keeps, in words.
    pub(super) fn escrow(&self, escrow: &Escrow) -> String {
        self.word("supply-escrow", escrow.name())
    }
}
