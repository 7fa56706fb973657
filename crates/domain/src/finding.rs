//! Findings: what a scan or a test has found wrong with a system, until somebody has seen that it is gone.
//!
//! A finding is known again by its system, its rule and its place. It is fixed only by a retest: a later
//! scan of the same tool in which it no longer occurs, or somebody else than whoever repaired it who has
//! looked ([`Finding::retested`]). What came from an advisory, which nobody has seen, that advisory may also take
//! back ([`Finding::taken_back`]). It is borne only for a time. What is known to be exploited is due sooner
//! where the Internet reaches (`packs/assessment.yml`).

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use sha2::{Digest as _, Sha256};

use crate::assessment::AssessmentPack;
use crate::code::{AgencyCode, SystemCode};
use crate::evidence::hex;
use crate::ids::FindingId;
use crate::limits::{NAME_BYTES, TEXT_BYTES};
use crate::risk::{Acceptance, Rating};
use crate::text::{self, TextError};

/// What the centre itself finds bears this name; no file does.
pub const OWN_TOOL: &str = "Khiên";
/// What an advisory says of a system begins with this, as the name of its tool; no file of a scanner does.
pub const ADVISORY: &str = "CSAF: ";
/// What more than one advisory names: no file bears this name, so that none of them takes it back.
pub const ADVISORIES: &str = "CSAF: nhiều khuyến cáo";
/// The place of a finding: a file, an address, a port.
pub const PLACE_BYTES: usize = 500;
/// CVEs of one finding.
const CVES: usize = 20;

/// What a scan says of something that it found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFinding {
    /// The rule or check of the tool.
    pub rule: String,
    /// Where.
    pub place: String,
    /// What it is.
    pub title: String,
    /// How grave.
    pub severity: Rating,
    /// Which vulnerabilities: `CVE-2026-0001`.
    pub cves: BTreeSet<String>,
}

/// How a finding stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FindingState {
    /// It is there.
    Open,
    /// Somebody has seen on a day that it is gone.
    Fixed(Date),
    /// It is borne for a time.
    Accepted(Acceptance),
}

impl FindingState {
    /// The names of all states.
    pub const NAMES: [&str; 3] = ["open", "fixed", "accepted"];

    /// The name that records use.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Fixed(_) => "fixed",
            Self::Accepted(_) => "accepted",
        }
    }
}

/// A finding about a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which one.
    pub id: FindingId,
    /// Whose system.
    pub agency: AgencyCode,
    /// Which system.
    pub system: SystemCode,
    /// By which name the ledger knows it.
    pub subject: String,
    /// What found it.
    pub tool: String,
    /// What it is.
    pub about: NewFinding,
    /// Whether one of its vulnerabilities is known to be exploited.
    pub is_exploited: bool,
    /// Whether the Internet has reached the system since it was found.
    pub is_exposed: bool,
    /// How it stands.
    pub state: FindingState,
    /// The day on which it was found.
    pub found: Date,
    /// By when it is to be fixed.
    pub due: Date,
    /// When a scan last saw it.
    pub seen_at: Timestamp,
    /// Who says to have repaired it, since it was last seen.
    pub repaired_by: Option<String>,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A step in the history of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingStep {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: String,
    /// What was done: `find`, `again`, `gone`, `repair`, `retest`, `accept`, `reopen`, `exploited`; by an
    /// advisory `advise`, `advise-again`, `take-back`.
    pub what: String,
    /// More about it.
    pub detail: String,
}

/// Why something is not done with a finding.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FindingError {
    /// A text is empty, too long or has control characters.
    #[error(transparent)]
    Text(#[from] TextError),
    /// Too many vulnerabilities.
    #[error("a finding names at most {CVES} CVEs")]
    Cves,
    /// It is not open.
    #[error("the finding is not open")]
    NotOpen,
    /// Nobody has repaired it.
    #[error("nobody has said yet that it is repaired")]
    NotRepaired,
    /// Whoever repaired it looks themselves.
    #[error("whoever repaired it does not retest it: somebody else has to look")]
    Own,
    /// An acceptance ends.
    #[error("a {severity} finding is borne until a day between tomorrow and {days} days from now")]
    Until {
        /// How grave it is.
        severity: &'static str,
        /// How long it may be borne.
        days: i64,
    },
}

/// A text on one line out of one that may have several, cut where it is too long.
fn flat(text: &str, limit: usize) -> String {
    let line: Vec<&str> = text.split(|c: char| c.is_control() || c == ' ').collect();
    let line: Vec<&str> = line.into_iter().filter(|word| !word.is_empty()).collect();
    text::cut(&line.join(" "), limit)
}

/// The CVEs that a text names, in capitals.
pub fn cves(text: &str) -> BTreeSet<String> {
    let upper = text.to_ascii_uppercase();
    let mut found = BTreeSet::new();
    for (at, _) in upper.match_indices("CVE-") {
        let rest = &upper[at + 4..];
        let year = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number = rest.get(year + 1..).unwrap_or_default();
        let digits = number.bytes().take_while(u8::is_ascii_digit).count();
        if year == 4 && rest.as_bytes().get(4) == Some(&b'-') && (4..=9).contains(&digits) {
            found.insert(upper[at..at + 4 + 5 + digits].to_owned());
        }
    }
    found
}

impl NewFinding {
    /// What was found, with its texts in order, if it is valid.
    pub fn checked(self) -> Result<Self, FindingError> {
        let line = |what, text: &str, limit| text::line(what, &flat(text, limit), limit);
        if self.cves.len() > CVES {
            return Err(FindingError::Cves);
        }
        Ok(Self {
            rule: line("the rule", &self.rule, NAME_BYTES)?,
            // Tests of a whole system have no place but it.
            place: if self.place.trim().is_empty() {
                String::new()
            } else {
                line("the place", &self.place, PLACE_BYTES)?
            },
            title: line("the title", &self.title, NAME_BYTES)?,
            severity: self.severity,
            cves: self.cves,
        })
    }

    /// By which name the ledger knows it in a system: the same for the same rule and place.
    pub fn subject(&self, system: &SystemCode) -> String {
        let mut hash = Sha256::new();
        for part in [system.as_str(), &self.rule, &self.place] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let digest = hex(&hash.finalize());
        format!("ph-{}", &digest[..24])
    }
}

impl Finding {
    /// By when it is to be fixed.
    fn due_by(&self, pack: &AssessmentPack) -> Date {
        pack.due(self.about.severity, self.is_exploited && self.is_exposed, self.found)
    }

    /// The finding as it stands by its own words, with its day.
    #[must_use]
    pub fn dated(self, pack: &AssessmentPack) -> Self {
        Self { due: self.due_by(pack), ..self }
    }

    /// The same, not due later than it was before it came back, unless it is found anew.
    #[must_use]
    pub fn due_as(self, before: &Self) -> Self {
        let is_back = matches!(before.state, FindingState::Fixed(_)) && self.found == before.found;
        let due = if is_back { self.due.min(before.due) } else { self.due };
        Self { due, ..self }
    }

    /// Whether it is open past its day.
    pub fn is_overdue(&self, today: Date) -> bool {
        self.state == FindingState::Open && self.due < today
    }

    /// The finding seen again by a scan: what somebody says to have repaired is not. What was fixed is open
    /// again, and found anew only after the days that its severity gives. Another tool than the one that found
    /// it makes it graver at most, until it is found anew; what the centre looks for itself is the centre's,
    /// and what an advisory named is from then on the scan's.
    #[must_use]
    pub fn seen(
        self,
        new: NewFinding,
        tool: &str,
        moments: (Timestamp, Date),
        pack: &AssessmentPack,
    ) -> Self {
        self.seen_by(new, tool, moments, pack, true)
    }

    /// The same by a scan of which there is only somebody's word: what an advisory named stays the advisory's.
    #[must_use]
    pub fn said_seen(
        self,
        new: NewFinding,
        tool: &str,
        moments: (Timestamp, Date),
        pack: &AssessmentPack,
    ) -> Self {
        self.seen_by(new, tool, moments, pack, false)
    }

    fn seen_by(
        mut self,
        new: NewFinding,
        tool: &str,
        (at, day): (Timestamp, Date),
        pack: &AssessmentPack,
        is_measured: bool,
    ) -> Self {
        let mut is_anew = false;
        if let FindingState::Fixed(fixed) = self.state {
            is_anew = pack.due(self.about.severity, false, fixed) < day;
            self.state = FindingState::Open;
        }
        if is_anew {
            self.found = day;
        }
        // What an advisory only named was seen now.
        let is_scan_of_advised = self.is_advised() && !tool.starts_with(ADVISORY);
        let is_seen_first = is_scan_of_advised && is_measured;
        let is_kept = is_scan_of_advised && !is_measured;
        if (is_anew && !is_kept) || self.tool == tool || tool == OWN_TOOL || is_seen_first {
            let named = std::mem::replace(&mut self.about, new);
            if is_seen_first && !is_anew {
                self.about.severity = self.about.severity.max(named.severity);
                let free = CVES.saturating_sub(self.about.cves.len());
                self.about.cves.extend(named.cves.into_iter().take(free));
            }
            tool.clone_into(&mut self.tool);
        } else {
            self.about.severity = self.about.severity.max(new.severity);
            let free = CVES.saturating_sub(self.about.cves.len());
            self.about.cves.extend(new.cves.into_iter().take(free));
        }
        Self { seen_at: self.seen_at.max(at), repaired_by: None, ..self }
    }

    /// The finding named again by an advisory that was released on a day. Nobody has looked: what somebody says
    /// to have repaired stays said, and what was retested is open again only by what was released since. While it is
    /// not fixed it is made no less grave and loses no CVE; what two advisories name is no single one's.
    #[must_use]
    pub fn advised(
        self,
        new: NewFinding,
        tool: &str,
        released: Date,
        (at, day): (Timestamp, Date),
        pack: &AssessmentPack,
    ) -> Self {
        let is_anothers = self.is_advised() && self.tool != tool;
        let mut advised = match (&self.state, &self.repaired_by) {
            (FindingState::Fixed(fixed), Some(_)) if released < *fixed => return self,
            (FindingState::Fixed(_), _) => self.seen(new, tool, (at, day), pack),
            (FindingState::Open | FindingState::Accepted(_), _) => {
                let (before, repaired_by) = (self.about.clone(), self.repaired_by.clone());
                let mut seen = Self { repaired_by, ..self.seen(new, tool, (at, day), pack) };
                seen.about.severity = seen.about.severity.max(before.severity);
                let named = std::mem::replace(&mut seen.about.cves, before.cves);
                let free = CVES.saturating_sub(seen.about.cves.len());
                let new = named.difference(&seen.about.cves).take(free).cloned();
                let new: Vec<String> = new.collect();
                seen.about.cves.extend(new);
                seen
            }
        };
        if is_anothers {
            ADVISORIES.clone_into(&mut advised.tool);
        }
        advised
    }

    /// The finding that the advisory it came from takes back; nothing if it was fixed before.
    pub fn taken_back(self, day: Date) -> Option<Self> {
        Some(Self { repaired_by: None, ..self.gone(day)? })
    }

    /// Whether it came from an advisory: nobody has seen it.
    pub fn is_advised(&self) -> bool {
        self.tool.starts_with(ADVISORY)
    }

    /// The finding open again, if it was borne for less than it is by now: a lower severity, or one that
    /// nobody was known to exploit.
    #[must_use]
    pub fn worse_than(self, severity: Rating, is_exploited: bool) -> Self {
        let is_worse = self.about.severity > severity || (self.is_exploited && !is_exploited);
        match self.state {
            FindingState::Accepted(_) if is_worse => Self { state: FindingState::Open, ..self },
            _ => self,
        }
    }

    /// The finding after a later scan of its tool did not see it; nothing if it was fixed before.
    pub fn gone(self, day: Date) -> Option<Self> {
        match self.state {
            FindingState::Fixed(_) => None,
            FindingState::Open | FindingState::Accepted(_) => {
                Some(Self { state: FindingState::Fixed(day), ..self })
            }
        }
    }

    /// The finding that somebody says to have repaired.
    pub fn repaired(self, who: &str) -> Result<Self, FindingError> {
        if self.state != FindingState::Open {
            return Err(FindingError::NotOpen);
        }
        Ok(Self { repaired_by: Some(who.to_owned()), ..self })
    }

    /// The finding that somebody has looked for and not found any more. Whoever repaired it does not.
    pub fn retested(self, who: &str, day: Date) -> Result<Self, FindingError> {
        if self.state != FindingState::Open {
            return Err(FindingError::NotOpen);
        }
        match &self.repaired_by {
            None => Err(FindingError::NotRepaired),
            Some(fixer) if fixer == who => Err(FindingError::Own),
            Some(_) => Ok(Self { state: FindingState::Fixed(day), ..self }),
        }
    }

    /// The finding that is fixed by another's word, after somebody else than whoever repaired it has looked.
    pub fn confirmed(self, who: &str) -> Result<Self, FindingError> {
        if self.repaired_by.as_deref() == Some(who) { Err(FindingError::Own) } else { Ok(self) }
    }

    /// The finding borne until a day.
    pub fn accepted(
        self,
        pack: &AssessmentPack,
        acceptance: Acceptance,
        today: Date,
    ) -> Result<Self, FindingError> {
        if self.state != FindingState::Open {
            return Err(FindingError::NotOpen);
        }
        let reason = text::paragraph("the reason", &acceptance.reason, TEXT_BYTES)?;
        let severity = self.about.severity;
        let days = pack.accept_days(severity);
        if !(1..=days).contains(&i64::from((acceptance.until - today).get_days())) {
            return Err(FindingError::Until { severity: severity.name(), days });
        }
        Ok(Self { state: FindingState::Accepted(Acceptance { reason, ..acceptance }), ..self })
    }

    /// The finding open again, if its acceptance has ended.
    pub fn lapsed(self, today: Date) -> Option<Self> {
        match &self.state {
            FindingState::Accepted(accepted) if accepted.until < today => {
                Some(Self { state: FindingState::Open, ..self })
            }
            _ => None,
        }
    }
}
