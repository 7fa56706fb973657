//! Every system in use is asked about; one without leave is an alert and a task of its agency.

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

/// What came of asking about everything in use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// How many systems were asked about.
    pub asked: usize,
    /// Those that may not be used, by code.
    pub denied: Vec<SystemCode>,
    /// Those that a broken glass holds open.
    pub broken: Vec<SystemCode>,
    /// Those of which the ledger knows nothing; they are confirmed in the register first.
    pub unknown: Vec<SystemCode>,
}

/// Asks about every system in use that the caller may see. What is news is kept in the ledger. For
/// each that may not be used and whose glass nobody broke there is one open task of its agency and,
/// when the task begins, an alert; the task is done when the gate opens or the system is used no more.
pub async fn sweep(records: &Records, caller: &Caller) -> Result<Swept, UseError> {
    let deed = Deed::new("gate.sweep", "systems in use", None);
    let scope = records.scope(caller, Permission::EvidenceWrite, &deed).await?;
    let policy = policy(records, None).await?;
    let severity = SeverityPack::parse(SeverityPack::BUILT_IN).map_err(UseError::invalid)?;
    let days = MeasurePack::built_in().map_err(UseError::invalid)?.task_days;
    let sweep = Sweep { records, caller, policy, severity, days };
    let mut swept = Swept::default();
    let mut page = PageRequest::new(None, PAGE);
    loop {
        let found = records.store.list_systems(&scope, &page).await?;
        for system in found.items.iter().filter(|one| one.stage == Stage::Operation) {
            swept.asked += 1;
            sweep.ask(system, &mut swept).await?;
        }
        for system in found.items.iter().filter(|one| one.stage != Stage::Operation) {
            sweep.end_task(system).await?;
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
        let now = records.now();
        let size = records.store.ledger_size().await?;
        let about = (&system.agency, &system.code);
        let stated = decided(records, &self.policy, about, Stage::Operation, now, size).await;
        let statement = match stated {
            Ok(statement) => statement,
            Err(UseError::Invalid(why)) => {
                tracing::warn!(system = %system.code, why, "the gate cannot be asked");
                swept.unknown.push(system.code.clone());
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let denies = statement.decision == Decision::Deny;
        if broken(records, system, now).await?.is_some() {
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

    /// Keeps what is news of a system, looked at once more while nobody else adds to the ledger.
    async fn keep(&self, system: &System, statement: &Statement) -> Result<(), UseError> {
        let (records, at) = (self.records, statement.at);
        let denies = statement.decision == Decision::Deny;
        let mut tx = records.store.begin().await?;
        tx.lock_ledger().await?;
        let mut new = Vec::new();
        if is_news(records, statement).await? {
            new.push(decision(statement, false).with("statement", statement.to_content()));
        }
        let open = self.open_task(system).await?;
        let begins = denies && open.is_none();
        if begins {
            new.push(self.task(statement));
        }
        if let Some(task) = open.filter(|_| !denies) {
            new.push(tasks::done(task, at));
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

    /// What is used no more needs no leave: its task is done.
    async fn end_task(&self, system: &System) -> Result<(), UseError> {
        if self.open_task(system).await?.is_none() {
            return Ok(());
        }
        let records = self.records;
        let mut tx = records.store.begin().await?;
        tx.lock_ledger().await?;
        if let Some(task) = self.open_task(system).await? {
            records.keep_evidence(&mut tx, vec![tasks::done(task, records.now())]).await?;
            tx.commit().await?;
        }
        Ok(())
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
        let notice = Notice {
            kind: AlertKind::SystemNotAllowed,
            title: "Hệ thống đang dùng mà cổng an toàn chưa cho phép",
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
