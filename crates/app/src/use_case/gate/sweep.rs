//! Every system in use is asked about; one without leave is an alert and a task of its agency. So is one that is
//! built or tried without what is asked before that: systems are registered as they are found.

use jiff::Timestamp;
use khien_domain::alert::severity::SeverityPack;
use khien_domain::alert::{AlertKind, Detection, MatchedField};
use khien_domain::audit::Outcome;
use khien_domain::code::SystemCode;
use khien_domain::evidence::{NewEvidence, Origin};
use khien_domain::gate::{Decision, GatePolicy, Statement};
use khien_domain::measure::MeasurePack;
use khien_domain::page::PageRequest;
use khien_domain::permission::Permission;
use khien_domain::system::{Stage, System};
use khien_store::Detections;

use super::super::notice::Notice;
use super::super::{UseError, tasks};
use super::glass::broken;
use super::{decided, decision, is_news, policy};
use crate::access::{Caller, Deed};
use crate::news::Topic;
use crate::records::Records;

/// So many systems are read at a time.
const PAGE: u32 = 200;

/// The stages before its use in which a system is asked about.
const SOONER: [Stage; 2] = [Stage::Build, Stage::Test];

/// What came of asking about everything in use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// How many systems were asked about.
    pub asked: usize,
    /// Those that may not be used, by code.
    pub denied: Vec<SystemCode>,
    /// Those that are built or tried and may not be, by code.
    pub early: Vec<SystemCode>,
    /// Those that a broken glass holds open.
    pub broken: Vec<SystemCode>,
    /// Those of which the ledger knows nothing; they are confirmed in the register first.
    pub unknown: Vec<SystemCode>,
}

/// Asks about every system in use, built or tried that the caller may see. What is news of a use is kept in the
/// ledger. For each that may not be where it is and whose glass nobody broke there is one open task of its
/// agency and, when the task begins, an alert. The task is done when the gate opens or the system is switched
/// off. One that is taken back to an earlier stage instead has brought nothing in order: its task is over once
/// that stage is in order, and counts for nothing.
pub async fn sweep(records: &Records, caller: &Caller) -> Result<Swept, UseError> {
    let deed = Deed::new("gate.sweep", "systems in use", None);
    let scope = records.scope(caller, Permission::EvidenceWrite, &deed).await?;
    let policy = policy(records, records.now()).await?;
    let severity = SeverityPack::parse(SeverityPack::BUILT_IN).map_err(UseError::invalid)?;
    let days = MeasurePack::built_in().map_err(UseError::invalid)?.task_days;
    let sweep = Sweep { records, caller, policy, severity, days };
    let mut swept = Swept::default();
    let mut page = PageRequest::new(None, PAGE);
    loop {
        let found = records.store.list_systems(&scope, &page).await?;
        for system in &found.items {
            match system.stage {
                Stage::Operation => {
                    swept.asked += 1;
                    sweep.ask(system, &mut swept).await?;
                }
                stage if SOONER.contains(&stage) && sweep.policy.asks(stage) => {
                    sweep.ask_sooner(system, &mut swept).await?;
                }
                _ => sweep.end_task(system).await?,
            }
        }
        match found.next {
            Some(next) => page.after = Some(next),
            None => break,
        }
    }
    Ok(swept)
}

struct Sweep<'r> {
    records: &'r Records,
    caller: &'r Caller,
    policy: GatePolicy,
    severity: SeverityPack,
    days: i64,
}

impl Sweep<'_> {
    async fn ask(&self, system: &System, swept: &mut Swept) -> Result<(), UseError> {
        let records = self.records;
        let Some(statement) = self.stated(system).await? else {
            swept.unknown.push(system.code.clone());
            return Ok(());
        };
        let denies = statement.decision == Decision::Deny;
        if broken(records, system, statement.at).await?.is_some() {
            swept.broken.push(system.code.clone());
            return Ok(());
        }
        if denies {
            swept.denied.push(system.code.clone());
        }
        if !is_news(records, &statement).await? && denies == self.open_task(system).await?.is_some()
        {
            return Ok(());
        }
        self.keep(system, &statement).await
    }

    /// Asks about a system that is not used yet. No decision is kept of it: those are of its use.
    async fn ask_sooner(&self, system: &System, swept: &mut Swept) -> Result<(), UseError> {
        let Some(statement) = self.stated(system).await? else { return Ok(()) };
        let denies = statement.decision == Decision::Deny;
        if denies {
            swept.early.push(system.code.clone());
        }
        if denies == self.open_task(system).await?.is_some() {
            return Ok(());
        }
        self.keep(system, &statement).await
    }

    /// What the gate says of a system where it is; nothing if the ledger does not know it.
    async fn stated(&self, system: &System) -> Result<Option<Statement>, UseError> {
        let records = self.records;
        let size = records.store.ledger_size().await?;
        let about = (&system.agency, &system.code);
        let now = records.now();
        match decided(records, &self.policy, about, system.stage, now, size).await {
            Ok(statement) => Ok(Some(statement)),
            Err(UseError::Invalid(why)) => {
                tracing::warn!(system = %system.code, why, "the gate cannot be asked");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Keeps what is news of a system, looked at once more while nobody else adds to the ledger.
    async fn keep(&self, system: &System, statement: &Statement) -> Result<(), UseError> {
        let (records, at) = (self.records, statement.at);
        let denies = statement.decision == Decision::Deny;
        let mut tx = records.store.begin().await?;
        tx.lock_ledger().await?;
        let mut new = Vec::new();
        if statement.stage == Stage::Operation && is_news(records, statement).await? {
            new.push(decision(statement, false).with("statement", statement.to_content()));
        }
        let open = self.open_task(system).await?;
        let begins = denies && open.is_none();
        if begins {
            new.push(self.task(statement));
        }
        if let Some(task) = open.filter(|_| !denies) {
            new.push(self.ended(system, task, at).await?);
        }
        if new.is_empty() {
            return Ok(());
        }
        records.keep_evidence(&mut tx, new).await?;
        if begins {
            let found = vec![self.alert(system, statement)];
            tx.record_detections(&Detections { found, ..Detections::default() }, at).await?;
            let deed = Deed::new("gate.deny", system.code.as_str(), Some(system.agency.clone()));
            tx.add_audit(&[records.entry(self.caller, &deed, Outcome::Done)]).await?;
        }
        tx.commit().await?;
        if begins {
            records.news.tell(Topic::Alerts);
        }
        Ok(())
    }

    /// What is not even built needs no leave.
    async fn end_task(&self, system: &System) -> Result<(), UseError> {
        if self.open_task(system).await?.is_none() {
            return Ok(());
        }
        let records = self.records;
        let mut tx = records.store.begin().await?;
        tx.lock_ledger().await?;
        if let Some(task) = self.open_task(system).await? {
            let ended = self.ended(system, task, records.now()).await?;
            records.keep_evidence(&mut tx, vec![ended]).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// The end of a task: done, unless the system was taken back behind the stage that the task was about.
    async fn ended(
        &self,
        system: &System,
        task: NewEvidence,
        at: Timestamp,
    ) -> Result<NewEvidence, UseError> {
        let store = &self.records.store;
        let begun = tasks::find(store, &system.agency, &subject(&system.code)).await?;
        let begun = begun.map_or(0, |task| task.seq);
        let known = store.evidence_of_system(&system.agency, &system.code, begun).await?;
        let profile = known.iter().rfind(|record| record.about.kind == "system.profile");
        let stage = profile.and_then(|record| record.content.get("stage")?.as_text());
        let is_taken_back = stage.and_then(Stage::parse).is_some_and(|was| system.stage < was);
        Ok(if is_taken_back { tasks::dropped(task, at) } else { tasks::done(task, at) })
    }

    fn task(&self, statement: &Statement) -> NewEvidence {
        let (agency, code) = (&statement.agency, &statement.system);
        let from = (Origin::Decision, code.as_str());
        tasks::begun(agency, subject(code), statement.at, self.days, from)
    }

    /// The task to bring the system in order, as long as it is not done.
    async fn open_task(&self, system: &System) -> Result<Option<NewEvidence>, UseError> {
        tasks::open(&self.records.store, &system.agency, &subject(&system.code)).await
    }

    fn alert(&self, system: &System, statement: &Statement) -> Detection {
        let against = statement.reasons.iter().filter(|reason| !reason.holds);
        let matched = against.map(|reason| {
            let condition = self.policy.condition(&reason.condition);
            let words = condition.map_or(reason.condition.as_str(), |one| one.vi.as_str());
            let source = condition.map_or("", |one| one.source.as_str());
            MatchedField::new(&reason.condition, words, source)
        });
        let title = match statement.stage {
            Stage::Operation => "Hệ thống đang dùng mà cổng an toàn chưa cho phép",
            Stage::Test => "Hệ thống đang thử nghiệm mà cổng an toàn chưa cho phép",
            _ => "Hệ thống đang xây dựng mà cổng an toàn chưa cho phép",
        };
        let notice = Notice {
            kind: AlertKind::SystemNotAllowed,
            title,
            severity: self.severity.of_not_allowed(system.level),
            agency: &system.agency,
            system: &system.code,
            entity: system.code.to_string(),
            matched: matched.collect(),
        };
        notice.at(statement.at, &self.severity)
    }
}

fn subject(system: &SystemCode) -> String {
    format!("gate {system}")
}
