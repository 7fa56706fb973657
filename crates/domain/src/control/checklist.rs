//! The checklist of a system: every control that is due, and how it stands.

use std::collections::BTreeMap;

use super::{Catalogue, Control, Layer, STAGES, Stated, Statement};
use crate::code::{AgencyCode, SystemCode};
use crate::facts::{Item, Scope, SetId, Trust, View};
use crate::system::Stage;

/// The newest records first come into an answer: as many as anybody looks at.
const MOST: usize = 20;

/// How a control stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Evidence answers it.
    Met,
    /// Somebody states that it is done.
    Implemented,
    /// Somebody states that some of it is done.
    Partly,
    /// Somebody states that it is planned.
    Planned,
    /// Somebody states that it does not concern the system, and why.
    NotApplicable,
    /// Nobody and nothing says anything.
    Open,
}

impl Status {
    /// All, best first.
    pub const ALL: [Self; 6] = [
        Self::Met,
        Self::Implemented,
        Self::Partly,
        Self::Planned,
        Self::NotApplicable,
        Self::Open,
    ];

    /// The name that pages and programs use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Implemented => "implemented",
            Self::Partly => "partly",
            Self::Planned => "planned",
            Self::NotApplicable => "not-applicable",
            Self::Open => "open",
        }
    }

    /// The one of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// Whether the control is in place, shown or stated.
    pub fn is_done(self) -> bool {
        matches!(self, Self::Met | Self::Implemented)
    }
}

impl From<Stated> for Status {
    fn from(stated: Stated) -> Self {
        match stated {
            Stated::Implemented => Self::Implemented,
            Stated::Partly => Self::Partly,
            Stated::Planned => Self::Planned,
            Stated::NotApplicable => Self::NotApplicable,
        }
    }
}

/// A control that is due.
#[derive(Clone, Debug)]
pub struct Due<'c> {
    /// The control.
    pub control: &'c Control,
    /// How it stands.
    pub status: Status,
    /// The records that answer it; of what must not be, the records that are.
    pub evidence: Vec<u64>,
    /// Whether a record speaks against it, whatever is stated.
    pub is_against: bool,
    /// What was last stated about it.
    pub stated: Option<Statement>,
}

/// How many controls stand how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([usize; 6]);

impl Counts {
    /// How many stand so.
    pub fn of(&self, status: Status) -> usize {
        self.0[status as usize]
    }

    /// How many there are.
    pub fn all(&self) -> usize {
        self.0.iter().sum()
    }

    /// How many are in place, shown or stated.
    pub fn done(&self) -> usize {
        Status::ALL.into_iter().filter(|status| status.is_done()).map(|one| self.of(one)).sum()
    }

    fn count(&mut self, status: Status) {
        self.0[status as usize] += 1;
    }
}

impl FromIterator<Status> for Counts {
    fn from_iter<T: IntoIterator<Item = Status>>(all: T) -> Self {
        let mut counts = Self::default();
        all.into_iter().for_each(|status| counts.count(status));
        counts
    }
}

/// Every control of a catalogue that is due for a system.
#[derive(Clone, Debug)]
pub struct Checklist<'c> {
    /// The catalogue.
    pub catalogue: &'c Catalogue,
    /// The controls, in their order.
    pub due: Vec<Due<'c>>,
}

impl<'c> Checklist<'c> {
    /// The checklist of a system of a level. The view is one of the measures of the catalogue; without
    /// it, nothing is answered by evidence. Of the statements, the latest of each control counts.
    pub fn new(
        catalogue: &'c Catalogue,
        level: u8,
        (agency, system): (&AgencyCode, &SystemCode),
        view: Option<&View>,
        statements: &[Statement],
    ) -> Self {
        let mut latest: BTreeMap<&str, &Statement> = BTreeMap::new();
        for one in statements.iter().filter(|one| one.catalogue == catalogue.key) {
            let known = latest.entry(one.control.as_str()).or_insert(one);
            if one.at >= known.at {
                *known = one;
            }
        }
        let evidence = view.and_then(|view| Evidence::new(catalogue, agency, system, view));
        let due = catalogue.controls.iter().filter(|control| control.level <= level);
        let due = due.map(|control| {
            let stated = latest.get(control.id.as_str()).map(|one| (*one).clone());
            let answer = evidence.as_ref().and_then(|evidence| evidence.answer(control));
            let (is_met, is_against, evidence) = answer.unwrap_or_default();
            let said = stated.as_ref().map_or(Status::Open, |one| one.state.into());
            // A word does not stand against a record.
            let said = if is_against && said.is_done() { Status::Partly } else { said };
            let status = if is_met { Status::Met } else { said };
            Due { control, status, evidence, is_against, stated }
        });
        Self { catalogue, due: due.collect() }
    }

    /// How many stand how.
    pub fn counts(&self) -> Counts {
        self.due.iter().map(|due| due.status).collect()
    }

    /// The same of what protects each layer.
    pub fn layers(&self) -> Vec<(Layer, Counts)> {
        let of = |layer: &Layer| {
            let due = self.due.iter().filter(move |due| due.control.layer == Some(*layer));
            (*layer, due.map(|due| due.status).collect())
        };
        Layer::ALL.iter().map(of).collect()
    }

    /// The controls that are first due by the entry of each stage.
    pub fn stages(&self) -> Vec<(Stage, Vec<&Due<'c>>)> {
        let of = |stage| self.due.iter().filter(move |due| due.control.stage == stage);
        STAGES.into_iter().map(|stage| (stage, of(stage).collect())).collect()
    }

    /// The controls that serve each outcome of CSF 2.0, by its name.
    pub fn by_csf(&self) -> BTreeMap<&str, Vec<&Due<'c>>> {
        let mut found: BTreeMap<&str, Vec<&Due<'c>>> = BTreeMap::new();
        for due in &self.due {
            for outcome in &due.control.csf {
                found.entry(outcome.as_str()).or_default().push(due);
            }
        }
        found
    }
}

/// What the ledger says about one system.
struct Evidence<'v> {
    scope: Scope<'v>,
    profile: Item,
}

impl<'v> Evidence<'v> {
    fn new(
        catalogue: &'v Catalogue,
        agency: &AgencyCode,
        system: &SystemCode,
        view: &'v View,
    ) -> Option<Self> {
        let measures = catalogue.measures.as_ref()?;
        let scope = Scope::new(view, &measures.sets, view.agency(agency.as_str())?);
        let profile = scope.about_system(measures.systems, system.as_str(), Trust::Any).next()?;
        Some(Self { scope, profile })
    }

    /// Whether records answer a control, whether any speaks against it, and which; nothing if it does
    /// not ask for records.
    fn answer(&self, control: &Control) -> Option<(bool, bool, Vec<u64>)> {
        if control.needs.is_empty() {
            return None;
        }
        let met: Vec<_> = control.needs.iter().map(|set| self.seqs(*set, Trust::Firm)).collect();
        // A declared word does not hide what was measured, nor the other way round.
        let either = [Trust::Any, Trust::Firm];
        let against: Vec<u64> = (control.lacks.iter())
            .flat_map(|set| either.into_iter().flat_map(|trust| self.seqs(*set, trust)))
            .collect();
        let is_met = against.is_empty() && met.iter().all(|seqs| !seqs.is_empty());
        let is_against = !against.is_empty();
        let mut seqs: Vec<u64> =
            if is_against { against } else { met.into_iter().flatten().collect() };
        seqs.sort_unstable_by(|a, b| b.cmp(a));
        seqs.dedup();
        seqs.truncate(MOST);
        Some((is_met, is_against, seqs))
    }

    fn seqs(&self, set: SetId, trust: Trust) -> Vec<u64> {
        let facts = self.scope.related(set, self.profile, trust);
        facts.filter_map(|item| self.scope.fact(item, trust)).map(|fact| fact.seq).collect()
    }
}
