//! What ends in the register though the budget has to go on with it: contracts of providers, support of products,
//! domains and certificates; and whether a line of a plan names it.
//!
//! Lines and the register are joined by words alone: a line is about what its name or its reason names, letters
//! without diacritics alike, whole words only. Who plans says so by writing the name.

use jiff::civil::Date;

use super::Line;
use crate::code::{AgencyCode, SystemCode};
use crate::product::KeptProduct;
use crate::provider::KeptProvider;
use crate::resource::Resource;
use crate::text::folded;

/// A shorter name is in too many lines to tell anything.
const LEAST: usize = 3;

closed! {
    /// What ends.
    EndKind {
        /// The contract of a provider.
        Contract = "contract",
        /// The support of a product.
        Product = "product",
        /// What is paid for, or holds, until a day: a domain, a certificate.
        Resource = "resource",
    }
}

/// Something of the register that ends on a day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct End {
    /// The last day.
    pub day: Date,
    /// Whose.
    pub agency: AgencyCode,
    /// Of which system, if of one.
    pub system: Option<SystemCode>,
    /// What ends.
    pub kind: EndKind,
    /// What it is called.
    pub name: String,
    /// What lines may call it as well, such as the number of a contract.
    pub also: Vec<String>,
}

impl End {
    /// The end of the contract of a provider.
    pub fn of_contract(kept: &KeptProvider) -> Self {
        let one = &kept.provider;
        Self {
            day: one.until,
            agency: kept.agency.clone(),
            system: Some(one.system.clone()),
            kind: EndKind::Contract,
            name: one.name.clone(),
            also: vec![one.contract.clone()],
        }
    }

    /// The end of the support of a product, if that is known.
    pub fn of_product(kept: &KeptProduct) -> Option<Self> {
        let one = &kept.product;
        Some(Self {
            day: one.support_until?,
            agency: kept.agency.clone(),
            system: Some(one.system.clone()),
            kind: EndKind::Product,
            name: one.name.clone(),
            also: Vec::new(),
        })
    }

    /// The end of a resource, if it has one.
    pub fn of_resource(one: &Resource) -> Option<Self> {
        Some(Self {
            day: one.until?,
            agency: one.agency.clone(),
            system: one.system.clone(),
            kind: EndKind::Resource,
            name: one.value.clone(),
            also: Vec::new(),
        })
    }

    /// The lines of its agency that name it, of any year.
    pub fn lines<'l>(&self, lines: &'l [Line]) -> impl Iterator<Item = &'l Line> {
        let names = [&self.name].into_iter().chain(&self.also);
        let names: Vec<String> = names.map(|name| words(name)).collect();
        let own = lines.iter().filter(move |line| line.agency == self.agency);
        own.filter(move |line| {
            let said = words(&format!("{} {}", line.about.name, line.about.reason));
            names.iter().any(|name| name.trim().len() >= LEAST && said.contains(name.as_str()))
        })
    }

    /// Whether the plan of the year in which it ends has a line that names it.
    pub fn is_planned(&self, lines: &[Line]) -> bool {
        self.lines(lines).any(|line| line.year == self.day.year())
    }

    /// The line by which it is renewed only after it has ended: none if another renews it in time, from a day on.
    pub fn gap<'l>(&self, lines: &'l [Line], today: Date) -> Option<&'l Line> {
        let renewals = self.lines(lines).filter_map(|line| Some((line.about.renewal?, line)));
        let (late, timely): (Vec<_>, Vec<_>) = renewals.partition(|(day, _)| *day > self.day);
        if timely.iter().any(|(day, _)| *day > today) {
            return None;
        }
        late.into_iter().min_by_key(|(day, _)| *day).map(|(_, line)| line)
    }

    /// The same, if it ends within so many days and the renewal is still to come: then somebody has to act.
    pub fn gap_due<'l>(&self, lines: &'l [Line], today: Date, days: i64) -> Option<&'l Line> {
        let is_near = i64::from((self.day - today).get_days()) <= days;
        self.gap(lines, today).filter(|line| is_near && line.about.renewal > Some(today))
    }
}

/// The words of a text between single blanks, in small letters and without diacritics.
fn words(text: &str) -> String {
    let folded = folded(text);
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<&str> = words.collect();
    format!(" {} ", words.join(" "))
}
