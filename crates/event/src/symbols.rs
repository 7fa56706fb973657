//! Field names as small numbers.
//!
//! Rules mention a few hundred field names; logs carry thousands. Every name a rule or a pack
//! mentions becomes a [`Sym`] once, before the first log is read, so that matching compares
//! integers and a reader learns with one lookup whether anybody cares about a field. Several
//! spellings may share one symbol: `winlog.event_data.Image` of one shipper and `Image` of
//! another are the same field.
//!
//! The table is immutable while logs are read and shared by all threads.

use rustc_hash::FxHashMap;

/// A field name that some rule or pack mentions; [`Sym::NONE`] is every other name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sym(u32);

impl Sym {
    /// The name that nobody mentioned.
    pub const NONE: Self = Self(u32::MAX);

    /// The position of the symbol in tables of [`Symbols::len`] entries.
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// Whether the symbol stands for a known name.
    pub fn is_some(self) -> bool {
        self != Self::NONE
    }
}

/// The table of known field names.
#[derive(Clone, Debug, Default)]
pub struct Symbols {
    names: Vec<Box<str>>,
    index: FxHashMap<Box<str>, Sym>,
}

impl Symbols {
    /// The symbol of `name`, which is added if it is new.
    pub fn intern(&mut self, name: &str) -> Sym {
        if let Some(&sym) = self.index.get(name) {
            return sym;
        }
        let sym = Sym(self.names.len() as u32);
        self.names.push(name.into());
        self.index.insert(name.into(), sym);
        sym
    }

    /// Makes `spelling` another spelling of the field `name`. A spelling that already has a
    /// symbol of its own keeps it.
    pub fn alias(&mut self, spelling: &str, name: &str) {
        let sym = self.intern(name);
        self.index.entry(spelling.into()).or_insert(sym);
    }

    /// The symbol of `name`, or [`Sym::NONE`].
    pub fn find(&self, name: &str) -> Sym {
        self.index.get(name).copied().unwrap_or(Sym::NONE)
    }

    /// The name of a symbol; empty for [`Sym::NONE`].
    pub fn name(&self, sym: Sym) -> &str {
        self.names.get(sym.index()).map_or("", |name| name)
    }

    /// How many names are known.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether no name is known.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_share_a_symbol_and_own_names_win() {
        let mut symbols = Symbols::default();
        let image = symbols.intern("Image");
        symbols.alias("winlog.event_data.Image", "Image");
        assert_eq!(symbols.find("winlog.event_data.Image"), image);
        assert_eq!(symbols.name(image), "Image");
        let own = symbols.intern("process.name");
        symbols.alias("process.name", "Image");
        assert_eq!(symbols.find("process.name"), own);
        assert!(!symbols.find("nobody").is_some());
        assert_eq!(symbols.name(Sym::NONE), "");
    }
}
