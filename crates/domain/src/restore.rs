//! What a measured restore says of the objectives of its system.
//!
//! In come minutes and what the register says (RTO, RPO); out comes whether they were met. Whoever also says so
//! in words is held to the minutes. It keeps nothing.

use crate::code::SystemCode;
use crate::system::System;

/// How long a restore took and how much was lost, as far as it was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Minutes until it ran again.
    pub minutes: Option<i64>,
    /// Minutes of data that were lost.
    pub lost_minutes: Option<i64>,
}

/// Whether the objectives were met, of those that were measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Met {
    /// The time.
    pub rto: Option<bool>,
    /// The loss.
    pub rpo: Option<bool>,
}

/// Why a measured restore will not do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// There is nothing to measure the time by.
    #[error("{0} has no RTO registered: register it before the minutes of a restore")]
    NoRto(SystemCode),
    /// There is nothing to measure the loss by.
    #[error("{0} has no RPO registered: register it before the minutes of lost data")]
    NoRpo(SystemCode),
    /// Something else is said of the time.
    #[error(
        "the restore took {minutes} minutes and the RTO of {system} is {most}: what is said of the RTO contradicts that"
    )]
    Rto {
        /// Of which system.
        system: SystemCode,
        /// How long it took.
        minutes: i64,
        /// How long it may take.
        most: u32,
    },
    /// Something else is said of the loss.
    #[error(
        "the restore lost {minutes} minutes of data and the RPO of {system} is {most}: what is said of the RPO contradicts that"
    )]
    Rpo {
        /// Of which system.
        system: SystemCode,
        /// How much was lost.
        minutes: i64,
        /// How much may be lost.
        most: u32,
    },
}

impl Measured {
    /// Whether the objectives of a system were met.
    pub fn met(self, system: &System) -> Result<Met, RestoreError> {
        let judge = |minutes: Option<i64>, most: Option<u32>, none: fn(SystemCode) -> _| {
            let Some(minutes) = minutes else { return Ok(None) };
            let most = most.ok_or_else(|| none(system.code.clone()))?;
            Ok(Some(minutes <= i64::from(most)))
        };
        Ok(Met {
            rto: judge(self.minutes, system.rto_minutes, RestoreError::NoRto)?,
            rpo: judge(self.lost_minutes, system.rpo_minutes, RestoreError::NoRpo)?,
        })
    }

    /// The same, if what somebody said of the objectives is no other; what they did not say is no contradiction.
    pub fn agrees(self, system: &System, said: Met) -> Result<Met, RestoreError> {
        let met = self.met(system)?;
        let differs = |met: Option<bool>, said: Option<bool>| said.is_some() && said != met;
        let code = || system.code.clone();
        if let (Some(minutes), Some(most)) = (self.minutes, system.rto_minutes)
            && differs(met.rto, said.rto)
        {
            return Err(RestoreError::Rto { system: code(), minutes, most });
        }
        if let (Some(minutes), Some(most)) = (self.lost_minutes, system.rpo_minutes)
            && differs(met.rpo, said.rpo)
        {
            return Err(RestoreError::Rpo { system: code(), minutes, most });
        }
        Ok(met)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::code::AgencyCode;
    use crate::system::{Level, Stage};

    fn system() -> System {
        let (code, of) = (SystemCode::new("mh-dvc").unwrap(), AgencyCode::new("so-ct").unwrap());
        let level = Level::new(3).unwrap();
        let at = Timestamp::UNIX_EPOCH;
        let new = System::new(code, of, "Cổng".into(), level, Stage::Operation, at);
        System { rto_minutes: Some(60), rpo_minutes: Some(15), ..new }
    }

    #[test]
    fn the_objective_itself_is_met_and_a_minute_more_is_not() {
        let met = |minutes, lost_minutes| Measured { minutes, lost_minutes }.met(&system());
        let both = |rto, rpo| Ok(Met { rto: Some(rto), rpo: Some(rpo) });
        assert_eq!(met(Some(60), Some(15)), both(true, true));
        assert_eq!(met(Some(61), Some(15)), both(false, true));
        assert_eq!(met(Some(0), Some(16)), both(true, false));
        assert_eq!(met(None, None), Ok(Met::default()));
    }

    #[test]
    fn minutes_need_an_objective_and_bear_no_contradiction() {
        let measured = Measured { minutes: Some(60), lost_minutes: Some(16) };
        let bare = System { rto_minutes: None, ..system() };
        assert_eq!(measured.met(&bare), Err(RestoreError::NoRto(bare.code.clone())));
        let bare = System { rpo_minutes: None, ..system() };
        assert_eq!(measured.met(&bare), Err(RestoreError::NoRpo(bare.code.clone())));
        let said = |rto, rpo| measured.agrees(&system(), Met { rto: Some(rto), rpo: Some(rpo) });
        assert!(said(true, false).is_ok());
        assert!(matches!(said(false, false), Err(RestoreError::Rto { minutes: 60, most: 60, .. })));
        assert!(matches!(said(true, true), Err(RestoreError::Rpo { minutes: 16, most: 15, .. })));
        let said = Met { rto: Some(false), rpo: None };
        assert_eq!(Measured::default().agrees(&system(), said), Ok(Met::default()));
    }
}
