//! Sites: where servers stand, and whether that place is fit for them.

use jiff::civil::Date;

use crate::code::SiteCode;
use crate::limits::NAME_BYTES;
use crate::text::{self, TextError};

/// The longest migration plan, in bytes.
const PLAN_BYTES: usize = 400;

/// A place where servers stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Its code.
    pub code: SiteCode,
    /// Its name.
    pub name: String,
    /// What it is, by a name of the [pack](crate::register_pack).
    pub kind: String,
    /// The standard that it meets, with the number of the certificate.
    pub standard: Option<String>,
    /// The last day on which the certificate holds.
    pub until: Option<Date>,
    /// How its servers come to a place that is fit for them, if this is none.
    pub plan: Option<String>,
    /// The day by which they are there.
    pub plan_by: Option<Date>,
}

impl Site {
    /// The site with its texts in order.
    pub fn checked(mut self) -> Result<Self, TextError> {
        self.name = text::line("the name", &self.name, NAME_BYTES)?;
        self.standard =
            self.standard.map(|text| text::line("the standard", &text, NAME_BYTES)).transpose()?;
        self.plan = self
            .plan
            .map(|text| text::line("the migration plan", &text, PLAN_BYTES))
            .transpose()?;
        // A day alone plans nothing.
        self.plan_by = self.plan_by.filter(|_| self.plan.is_some());
        Ok(self)
    }

    /// Whether servers stand here without a plan to bring them to a place that is fit for them.
    pub fn lacks_plan(&self, day: Date) -> bool {
        !self.is_qualified(day) && self.plan.is_none()
    }

    /// Whether it meets a standard on a day, as far as anybody has shown.
    pub fn is_qualified(&self, day: Date) -> bool {
        self.standard.is_some() && self.until.is_some_and(|until| day <= until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_fit_only_while_its_certificate_holds() {
        let site = Site {
            code: SiteCode::new("ttdl").unwrap(),
            name: "Trung tâm dữ liệu tỉnh".into(),
            kind: "data-centre".into(),
            standard: Some("TCVN 9250:2021, MAU-01".into()),
            until: Some("2026-12-31".parse().unwrap()),
            plan: None,
            plan_by: Some("2027-06-30".parse().unwrap()),
        };
        let day = |text: &str| text.parse().unwrap();
        assert!(site.is_qualified(day("2026-12-31")));
        assert!(!site.is_qualified(day("2027-01-01")));
        assert!(!Site { standard: None, ..site.clone() }.is_qualified(day("2026-01-01")));
        assert!(!Site { until: None, ..site.clone() }.is_qualified(day("2026-01-01")));
        assert!(!site.lacks_plan(day("2026-12-31")) && site.lacks_plan(day("2027-01-01")));
        let planned = Site { plan: Some(" Chuyển về ttdl ".into()), ..site.clone() };
        let planned = planned.checked().unwrap();
        assert_eq!(planned.plan.as_deref(), Some("Chuyển về ttdl"));
        assert!(planned.plan_by.is_some() && !planned.lacks_plan(day("2027-01-01")));
        assert_eq!(site.checked().unwrap().plan_by, None, "a day alone plans nothing");
    }
}
