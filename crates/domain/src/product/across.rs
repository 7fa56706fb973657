//! Products of many systems side by side: which systems use the same one, and what is wrong with it.
//!
//! In come products and a day; out come marks and groups. A certificate is one thing wherever it is
//! named: what one system says of it concerns all that use it.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::KeptProduct;

closed! {
    /// What is to be said of a product in use, the gravest first.
    Concern {
        /// Its certificate or licence had its time.
        Expired = "expired",
        /// Another system names another last day of the same certificate.
        Differs = "differs",
        /// Its certificate ends within the days of the pack.
        Ends = "ends",
        /// Nobody has shown that its maker still mends it.
        Unsupported = "unsupported",
        /// It is cryptographic, and nobody has said which post keeps its keys.
        NoCustodian = "no-custodian",
        /// What it is made of is not known.
        NoInventory = "no-inventory",
    }
}

/// A product with what is to be said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked {
    /// The product of a system.
    pub kept: KeptProduct,
    /// What is to be said, the gravest first.
    pub concerns: Vec<Concern>,
}

/// A product with the systems that use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The same product, of each system that uses it, by system.
    pub uses: Vec<Marked>,
}

impl Marked {
    /// Whether something is to be said.
    pub fn has(&self, concern: Concern) -> bool {
        self.concerns.contains(&concern)
    }
}

impl Group {
    /// Whether something is to be said of any use.
    pub fn has(&self, concern: Concern) -> bool {
        self.uses.iter().any(|one| one.has(concern))
    }

    /// The gravest that is to be said.
    pub fn gravest(&self) -> Option<Concern> {
        self.uses.iter().filter_map(|one| one.concerns.first()).min().copied()
    }

    /// The first day on which a certificate of it ends, or has.
    pub fn first_end(&self) -> Option<Date> {
        self.uses.iter().filter_map(|one| one.kept.product.certificate_until).min()
    }
}

/// The last days that the register has of each certificate, whosever the systems are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificates(BTreeMap<String, Vec<Date>>);

impl Certificates {
    /// Those of numbers and last days.
    pub fn of(pairs: impl IntoIterator<Item = (String, Date)>) -> Self {
        let mut days = BTreeMap::<String, Vec<Date>>::new();
        for (number, until) in pairs {
            days.entry(number.to_lowercase()).or_default().push(until);
        }
        Self(days)
    }

    /// The last days of the certificate of a product.
    fn days(&self, kept: &KeptProduct) -> &[Date] {
        let known = number(kept).and_then(|number| self.0.get(&number));
        known.map(Vec::as_slice).unwrap_or_default()
    }
}

/// The number of a certificate as it is compared.
fn number(kept: &KeptProduct) -> Option<String> {
    kept.product.certificate.as_deref().map(str::to_lowercase)
}

/// Products with what is to be said of them on a day; `soon` is the last day on which what ends is
/// told before.
pub fn marked(
    products: Vec<KeptProduct>,
    certificates: &Certificates,
    today: Date,
    soon: Date,
) -> Vec<Marked> {
    let mark = |kept: KeptProduct| {
        let known = certificates.days(&kept);
        // Whoever names a later day than others is told that the days differ.
        let until = kept.product.certificate_until.or_else(|| known.iter().min().copied());
        let concerns = Concern::ALL.iter().copied().filter(|concern| match concern {
            Concern::Expired => until.is_some_and(|until| until < today),
            Concern::Differs => known.iter().any(|day| Some(*day) != until),
            Concern::Ends => until.is_some_and(|until| (today..=soon).contains(&until)),
            Concern::Unsupported => !kept.product.is_supported(today),
            Concern::NoCustodian => {
                kept.product.is_cryptographic && kept.product.custodian.is_none()
            }
            Concern::NoInventory => kept.components == 0,
        });
        let concerns = concerns.collect();
        Marked { kept, concerns }
    };
    products.into_iter().map(mark).collect()
}

/// Products grouped by name, maker and certificate, those with the gravest to be said first, then by
/// the first day on which they end and by name.
pub fn groups(marked: Vec<Marked>) -> Vec<Group> {
    let mut by_product = BTreeMap::<_, Vec<Marked>>::new();
    for one in marked {
        let product = &one.kept.product;
        let maker = product.maker.as_deref().unwrap_or_default().to_lowercase();
        let key = (product.name.to_lowercase(), maker, number(&one.kept));
        by_product.entry(key).or_default().push(one);
    }
    let mut groups: Vec<Group> = by_product.into_values().map(|uses| Group { uses }).collect();
    for group in &mut groups {
        group.uses.sort_by(|one, other| one.kept.product.system.cmp(&other.kept.product.system));
    }
    let rank = |group: &Group| {
        let gravest = group.gravest().filter(|concern| *concern <= Concern::Ends);
        (gravest.is_none(), gravest, group.first_end().is_none(), group.first_end())
    };
    groups.sort_by_key(rank);
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::{AgencyCode, SystemCode};
    use crate::ids::ProductId;
    use crate::product::{Make, Product};

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn kept(system: &str, certificate: Option<&str>, until: Option<&str>) -> KeptProduct {
        KeptProduct {
            id: ProductId(1),
            agency: AgencyCode::new("sokhcn").unwrap(),
            components: 1,
            product: Product {
                system: SystemCode::new(system).unwrap(),
                name: "Mô-đun ký số Mẫu".into(),
                version: None,
                maker: Some("Công ty Mẫu".into()),
                certificate: certificate.map(str::to_owned),
                scope: None,
                certificate_until: until.map(day),
                support_until: Some(day("2030-01-01")),
                make: Make::Domestic,
                is_cryptographic: false,
                authority: None,
                custodian: None,
            },
        }
    }

    /// What is said of some products of a register that has all of others.
    fn told(some: &[KeptProduct], all: &[KeptProduct]) -> Vec<Marked> {
        let pairs = all.iter().filter_map(|kept| {
            let product = &kept.product;
            product.certificate.clone().zip(product.certificate_until)
        });
        let certificates = Certificates::of(pairs);
        marked(some.to_vec(), &certificates, day("2026-10-15"), day("2026-11-14"))
    }

    fn said(all: &[KeptProduct]) -> Vec<Vec<Concern>> {
        let found = told(all, all);
        found.into_iter().map(|one| one.concerns).collect()
    }

    #[test]
    fn what_one_system_says_of_a_certificate_concerns_all_that_use_it() {
        use Concern::{Differs, Ends, Expired};
        let all = [
            kept("a", Some("GP-1"), Some("2026-10-14")),
            kept("b", Some("gp-1"), None),
            kept("c", Some("GP-1"), Some("2027-01-01")),
            kept("d", None, Some("2026-10-14")),
            kept("e", None, None),
            kept("f", Some("GP-2"), Some("2026-10-15")),
            kept("g", Some("GP-3"), Some("2026-11-15")),
        ];
        let found = said(&all);
        assert_eq!(found[0], [Expired, Differs]);
        assert_eq!(found[1], [Expired, Differs], "it does not know the day, the register does");
        assert_eq!(found[2], [Differs]);
        assert_eq!(found[3], [Expired]);
        assert_eq!([&found[4], &found[6]], [&[], &[]] as [&[Concern]; 2]);
        assert_eq!(found[5], [Ends], "its last day is today");
        // What is shown alone is told by all others too.
        let one = told(&all[1..2], &all);
        assert!(one[0].has(Expired) && one[0].has(Differs));
    }

    #[test]
    fn support_custody_and_inventory_are_asked_for() {
        use Concern::{NoCustodian, NoInventory, Unsupported};
        let mut bare = kept("a", None, None);
        bare.components = 0;
        bare.product.support_until = Some(day("2026-10-14"));
        bare.product.is_cryptographic = true;
        assert_eq!(said(std::slice::from_ref(&bare)), [[Unsupported, NoCustodian, NoInventory]]);
        bare.product.custodian = Some("Văn thư".into());
        assert_eq!(said(&[bare]), [[Unsupported, NoInventory]]);
    }

    #[test]
    fn groups_begin_with_what_has_expired() {
        let mut other = kept("z", Some("GP-2"), Some("2028-01-01"));
        other.product.name = "Tường lửa Mẫu".into();
        let mut ends = kept("y", Some("GP-3"), Some("2026-10-20"));
        ends.product.name = "Cân bằng tải Mẫu".into();
        let all = [
            other,
            ends,
            kept("b", Some("GP-1"), Some("2026-10-14")),
            kept("a", Some("GP-1"), Some("2026-10-14")),
        ];
        let found = groups(told(&all, &all));
        let systems: Vec<Vec<&str>> = found
            .iter()
            .map(|group| group.uses.iter().map(|one| one.kept.product.system.as_str()).collect())
            .collect();
        assert_eq!(systems, [vec!["a", "b"], vec!["y"], vec!["z"]]);
        assert_eq!(found[0].gravest(), Some(Concern::Expired));
        assert_eq!(found[1].first_end(), Some(day("2026-10-20")));
    }
}
