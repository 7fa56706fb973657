//! Which certified products systems use, on whom they depend, and where devices that keep keys are.

mod told;

use jiff::civil::Date;

use super::Governance;
use told::{PAID, Paid, USED, Used};

/// A product that a system uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Which system, by its code.
    pub system: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// Who makes it.
    pub maker: &'static str,
    /// The number of its certificate or licence.
    pub certificate: &'static str,
    /// What that was given for.
    pub scope: &'static str,
    /// The last day on which that holds.
    pub certificate_until: Date,
    /// The last day of support.
    pub support_until: Date,
    /// Whether it is made in the country.
    pub domestic: bool,
    /// The body that answers for it and the post that keeps its keys, if it is cryptographic.
    pub cryptographic: Option<(&'static str, &'static str)>,
    /// Whether its inventory is known.
    pub inventory: bool,
}

/// Somebody who is paid to work on a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// On which system, by its code.
    pub system: &'static str,
    /// What they are called.
    pub name: &'static str,
    /// What they do.
    pub service: &'static str,
    /// The number of the contract.
    pub contract: String,
    /// Its first day.
    pub from: Date,
    /// Its last day.
    pub until: Date,
    /// How many of their people have access.
    pub staff: u32,
    /// When they may get in.
    pub window: Option<&'static str>,
    /// How the agency goes on without them.
    pub exit_plan: Option<&'static str>,
    /// When that was tried.
    pub exit_tested: Option<Date>,
    /// What somebody else keeps: `none`, `data`, `source`, `both`.
    pub escrow: &'static str,
}

/// What was done with a device, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handled {
    /// It was handed to a post.
    HandedOver(&'static str),
    /// It came back.
    Returned,
    /// It was lost.
    Lost,
    /// It was revoked, by this number.
    Revoked(&'static str),
}

/// A device that keeps keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handover {
    /// Whose, by its code.
    pub agency: &'static str,
    /// Its serial number.
    pub serial: String,
    /// What it is, by the name that the register uses.
    pub kind: &'static str,
    /// The last day of its certificate.
    pub until: Date,
    /// When it came into the store.
    pub came: Date,
    /// What was done with it, and when.
    pub steps: Vec<(Date, Handled)>,
}

/// Agencies with devices.
const HOLDERS: [&str; 8] = ["vpubnd", "sokhcn", "sotc", "soyt", "sonv", "ttcds", "vptu", "bvdk"];
/// Posts that have some.
const POSTS: [&str; 4] = ["Thủ trưởng đơn vị", "Chánh Văn phòng", "Văn thư", "Kế toán trưởng"];

impl Governance<'_> {
    /// Certified products of systems: three systems use one whose licence has expired.
    pub fn products(&self) -> Vec<Product> {
        let of = |used: &Used| {
            let (systems, [name, maker, certificate, scope], [ends, supported], ..) = *used;
            let (domestic, cryptographic, inventory) = (used.3, used.4, used.5);
            let certificate_until = self.day(-ends);
            let support_until = self.day(-supported);
            let product = move |system: &&'static str| Product {
                system,
                name,
                maker,
                certificate,
                scope,
                certificate_until,
                support_until,
                domestic,
                cryptographic,
                inventory,
            };
            systems.iter().map(product)
        };
        USED.iter().flat_map(of).collect()
    }

    /// Who is paid to work on systems; some have no exit plan.
    pub fn providers(&self) -> Vec<Provider> {
        let of = |(number, paid): (usize, &Paid)| {
            let ([system, name, service], ends, staff, window, exit_plan, tested, escrow) = *paid;
            Provider {
                system,
                name,
                service,
                contract: format!("{:02}-HĐ.MH", number + 11),
                from: self.day(if ends < 0 { 400 } else { 365 - ends.min(350) }),
                until: self.day(-ends),
                staff,
                window,
                exit_plan,
                exit_tested: tested.map(|days| self.day(days)),
                escrow,
            }
        };
        PAID.iter().enumerate().map(of).collect()
    }

    /// Thirty-two devices that keep keys: one is lost and not revoked, one lost and revoked, some end
    /// soon, some are in store.
    pub fn handovers(&self) -> Vec<Handover> {
        let mut found = Vec::new();
        for (place, agency) in HOLDERS.into_iter().enumerate() {
            for number in 0..4 {
                found.push(self.handover(agency, place, number));
            }
        }
        found
    }

    fn handover(&self, agency: &'static str, place: usize, number: usize) -> Handover {
        let kinds = ["token", "smart-card", "token", "certificate"];
        let kind = if agency == "ttcds" && number > 1 { "hsm-partition" } else { kinds[number] };
        let mut lot = self.lot(agency, &format!("device {number}"));
        let ends_soon = (place + number).is_multiple_of(7);
        let ends = if ends_soon { lot.between(4, 28) } else { lot.between(60, 700) };
        let post = POSTS[(place + number) % POSTS.len()];
        let (came, given) = (self.day(320), lot.between(100, 310) as i64);
        let handed = (self.day(given), Handled::HandedOver(post));
        let today = self.day(0);
        let steps = match (agency, number) {
            ("sotc", 0) => vec![handed, (today, Handled::Lost)],
            ("soyt", 2) => {
                let number = "08/TB-CTS.MH";
                vec![handed, (self.day(1), Handled::Lost), (today, Handled::Revoked(number))]
            }
            ("sonv", 1) => vec![handed, (self.day(30), Handled::Returned)],
            (_, 3) if place % 2 == 1 => Vec::new(),
            _ => vec![handed],
        };
        Handover {
            agency,
            serial: format!("MH-{}-{:03}", agency.to_uppercase(), number + 1),
            kind,
            until: self.day(-(ends as i64)),
            came,
            steps,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Province;

    #[test]
    fn the_stories_of_supply_are_told() {
        let province = Province::builtin().unwrap();
        let now = "2026-10-15T01:00:00Z".parse().unwrap();
        let governance = Governance::builtin(&province, 57, now).unwrap();
        let today = governance.day(0);
        let products = governance.products();
        let expired = products
            .iter()
            .filter(|one| one.cryptographic.is_some() && one.certificate_until < today);
        assert_eq!(expired.count(), 3, "three systems use one whose licence has expired");
        let is_registered =
            |code: &str| province.systems.iter().any(|one| one.registered && one.code == code);
        let providers = governance.providers();
        let systems = products.iter().map(|one| one.system);
        for system in systems.chain(providers.iter().map(|one| one.system)) {
            assert!(is_registered(system), "{system}");
        }
        assert!(providers.iter().all(|one| one.from <= one.until));
        assert!(providers.iter().any(|one| one.exit_plan.is_none()));
        let devices = governance.handovers();
        assert_eq!(devices.len(), 32);
        let ends_with = |one: &Handover, what: fn(&Handled) -> bool| {
            one.steps.last().is_some_and(|(_, last)| what(last))
        };
        let lost = devices.iter().filter(|one| ends_with(one, |last| *last == Handled::Lost));
        assert_eq!(lost.count(), 1);
        let revoked =
            devices.iter().filter(|one| ends_with(one, |last| matches!(last, Handled::Revoked(_))));
        assert_eq!(revoked.count(), 1);
        for device in &devices {
            let days = device.steps.iter().map(|(day, _)| *day);
            let days: Vec<Date> = std::iter::once(device.came).chain(days).collect();
            assert!(days.is_sorted() && days.iter().all(|day| *day <= today), "{device:?}");
        }
    }
}
