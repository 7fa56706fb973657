//! Closed lists: enumerations whose members have the names that records, commands and files use.

/// Declares one, with `ALL` in the order of the list, `name` and `parse`.
macro_rules! closed {
    ($(
        $(#[$doc:meta])*
        $list:ident { $($(#[$about:meta])* $member:ident = $name:literal,)* }
    )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $list {
            $($(#[$about])* $member),*
        }

        impl $list {
            /// All of them, in their order.
            pub const ALL: &'static [Self] = &[$(Self::$member),*];

            /// The name that records and commands use.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$member => $name),*
                }
            }

            /// The one of a name.
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.name() == name)
            }
        }
    )*};
}
