//! Products that systems use: certificates, support, where they come from, what they are made of.

mod across;

pub use across::{Certificates, Concern, Group, Marked, groups, marked};

use jiff::civil::Date;

use crate::code::{AgencyCode, SystemCode};
use crate::custody::{KeyMaterial, no_key};
use crate::ids::ProductId;
use crate::limits::NAME_BYTES;
use crate::text::{self, TextError};

closed! {
    /// Where a product comes from.
    Make {
        /// Made in the country.
        Domestic = "domestic",
        /// Made elsewhere.
        Foreign = "foreign",
    }

    /// Which state body answers for a cryptographic product (2025 law on cyber security; the
    /// regulation that draws the lines is data of the [pack](crate::register_pack)).
    Authority {
        /// Civil cryptography.
        Civil = "civil",
        /// Public security.
        Security = "security",
        /// The cipher sector.
        Cipher = "cipher",
    }
}

/// A product that a system uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Of which system.
    pub system: SystemCode,
    /// What it is called.
    pub name: String,
    /// Its version.
    pub version: Option<String>,
    /// Who makes it.
    pub maker: Option<String>,
    /// The number of its certificate or licence.
    pub certificate: Option<String>,
    /// What that was given for: models, versions, uses.
    pub scope: Option<String>,
    /// The last day on which that holds.
    pub certificate_until: Option<Date>,
    /// The last day of support.
    pub support_until: Option<Date>,
    /// Where it comes from.
    pub make: Make,
    /// Whether it is there to encrypt, sign or keep keys.
    pub is_cryptographic: bool,
    /// Which body answers for it, if it is cryptographic.
    pub authority: Option<Authority>,
    /// The post that keeps its keys, if it is cryptographic; never somebody's name. Those that were
    /// registered before this was asked have none.
    pub custodian: Option<String>,
}

/// A product as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptProduct {
    /// Its number.
    pub id: ProductId,
    /// The agency of its system.
    pub agency: AgencyCode,
    /// How many components its inventory names; none without an inventory.
    pub components: u64,
    /// The product.
    pub product: Product,
}

/// A part of a product, as its inventory (`CycloneDX`) names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Component {
    /// What it is called, with its group.
    pub name: String,
    /// Its version; empty if it tells none.
    pub version: String,
    /// What it is: `library`, `application`…
    pub kind: String,
    /// Its package address, if it has one.
    pub purl: Option<String>,
}

/// Why a product is not acceptable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProductError {
    /// A text is empty, too long or has control characters.
    #[error(transparent)]
    Text(#[from] TextError),
    /// Nobody answers for a cryptographic product.
    #[error(
        "a cryptographic product names the body that answers for it: civil, security or cipher"
    )]
    NoAuthority,
    /// Nobody keeps the keys of a cryptographic product.
    #[error("a cryptographic product names the post that keeps its keys")]
    NoCustodian,
    /// What was given looks like a key.
    #[error(transparent)]
    Key(#[from] KeyMaterial),
}

impl Product {
    /// The product with its texts in order.
    pub fn checked(mut self) -> Result<Self, ProductError> {
        for (what, text) in
            [("the custodian", &self.custodian), ("the scope of the certificate", &self.scope)]
        {
            no_key(what, text.as_deref().unwrap_or_default())?;
        }
        let line = |what, text: Option<String>| {
            text.map(|text| text::line(what, &text, NAME_BYTES)).transpose()
        };
        self.name = text::line("the name", &self.name, NAME_BYTES)?;
        self.version = line("the version", self.version)?;
        self.maker = line("the maker", self.maker)?;
        self.certificate = line("the certificate", self.certificate)?;
        self.scope = line("the scope of the certificate", self.scope)?;
        self.custodian = line("the custodian", self.custodian)?;
        if !self.is_cryptographic {
            return Ok(Self { authority: None, custodian: None, ..self });
        }
        match (self.authority, &self.custodian) {
            (None, _) => Err(ProductError::NoAuthority),
            (_, None) => Err(ProductError::NoCustodian),
            _ => Ok(self),
        }
    }

    /// Whether its maker still mends it on a day, as far as anybody has shown.
    pub fn is_supported(&self, day: Date) -> bool {
        self.support_until.is_some_and(|until| day <= until)
    }

    /// Whether its certificate had its time on a day.
    pub fn certificate_has_expired(&self, day: Date) -> bool {
        self.certificate_until.is_some_and(|until| until < day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cryptography_needs_somebody_who_answers_for_it() {
        let product = Product {
            system: SystemCode::new("mh-sso").unwrap(),
            name: "Mô-đun ký số Mẫu".into(),
            version: None,
            maker: None,
            certificate: None,
            scope: None,
            certificate_until: Some("2026-10-15".parse().unwrap()),
            support_until: None,
            make: Make::Domestic,
            is_cryptographic: true,
            authority: None,
            custodian: None,
        };
        assert_eq!(product.clone().checked(), Err(ProductError::NoAuthority));
        let answered = Product { authority: Some(Authority::Civil), ..product.clone() };
        assert_eq!(answered.clone().checked(), Err(ProductError::NoCustodian));
        let kept = Product { custodian: Some(" Văn thư ".into()), ..answered };
        assert_eq!(kept.clone().checked().unwrap().custodian.as_deref(), Some("Văn thư"));
        let pem = "-----BEGIN PRIVATE KEY-----MIIE".to_owned();
        let refused = Product { custodian: Some(pem), ..kept.clone() }.checked();
        assert_eq!(refused, Err(KeyMaterial { what: "the custodian" }.into()));
        let plain = Product { is_cryptographic: false, ..kept }.checked().unwrap();
        assert_eq!((plain.authority, plain.custodian), (None, None));
        let day = |text: &str| text.parse().unwrap();
        assert!(!product.is_supported(day("2026-01-01")), "nobody said that it is supported");
        assert!(product.certificate_has_expired(day("2026-10-16")));
        assert!(!product.certificate_has_expired(day("2026-10-15")));
    }
}
