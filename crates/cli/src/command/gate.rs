//! `khien gate`: whether a system may be put into use, and why.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use khien_app::use_case::gate::{self, Answer};
use khien_app::use_case::register::zones;
use khien_app::use_case::{findings, measure};
use khien_domain::account::Language;
use khien_domain::code::SystemCode;
use khien_domain::evidence::content::moment;
use khien_domain::legal::LegalSources;
use khien_domain::system::Stage;
use serde_json::{Value, json};

use crate::centre::{Place, block_on, caller, tell};

/// The exit code of DENY, of a sweep that found such a system, and of a decision that is not decided again as it was.
const DENY: u8 = 3;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Ask the gate about a system: ends with 0 for ALLOW and with 3 for DENY
    Check(Check),
    /// Measure what the centre measures by itself, and ask the gate about every system in use
    Sweep(Sweep),
    /// Decide again, from the same records, what a record of the ledger says was decided
    Replay(Replay),
}

#[derive(Args)]
pub(crate) struct Check {
    #[command(flatten)]
    place: Place,
    /// The code of the system
    system: String,
    /// Before which stage: design, build, test or operation
    #[arg(long, value_name = "STAGE", default_value = "operation", value_parser = stage)]
    stage: Stage,
    /// Print JSON, with the signed statement
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct Sweep {
    #[command(flatten)]
    place: Place,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct Replay {
    #[command(flatten)]
    place: Place,
    /// The number of the record
    record: u64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn stage(name: &str) -> Result<Stage, String> {
    let known = || Stage::ALL.iter().map(|stage| stage.name()).collect::<Vec<_>>().join(", ");
    Stage::parse(name).ok_or_else(|| format!("{name:?} is none of {}", known()))
}

pub(crate) fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Check(arguments) => block_on(check(arguments)),
        Command::Sweep(arguments) => block_on(sweep(arguments)),
        Command::Replay(arguments) => block_on(replay(arguments)),
    }
}

async fn check(arguments: Check) -> Result<ExitCode> {
    let code = SystemCode::new(&arguments.system.to_lowercase())
        .with_context(|| format!("the system {:?}", arguments.system))?;
    let records = arguments.place.records().await?;
    let answer = match arguments.stage {
        Stage::Operation => gate::decide(&records, &caller(), &code).await?,
        stage => gate::check(&records, &caller(), &code, stage).await?,
    };
    let (statement, signature) = gate::signed(&records, &answer.statement).await?;
    let object = object(&answer, &statement, &signature);
    tell(arguments.json, &object, &words(&answer))?;
    Ok(if answer.allows() { ExitCode::SUCCESS } else { ExitCode::from(DENY) })
}

fn decision(answer: &Answer) -> &'static str {
    if answer.allows() { "ALLOW" } else { "DENY" }
}

fn object(answer: &Answer, statement: &str, signature: &str) -> Value {
    let said = &answer.statement;
    let reasons: Vec<Value> = (said.reasons.iter())
        .map(|reason| {
            let condition = answer.policy.condition(&reason.condition);
            json!({
                "condition": reason.condition,
                "holds": reason.holds,
                "vi": condition.map(|condition| &condition.vi),
                "en": condition.map(|condition| &condition.en),
                "source": condition.map(|condition| &condition.source),
                "evidence": reason.evidence,
            })
        })
        .collect();
    let break_glass = answer.break_glass.as_ref().map(|glass| {
        json!({
            "record": glass.seq,
            "by": glass.by,
            "reason": glass.reason,
            "at": moment(glass.at),
            "until": moment(glass.until),
        })
    });
    json!({
        "system": said.system.as_str(),
        "agency": said.agency.as_str(),
        "stage": said.stage.name(),
        "decision": decision(answer),
        "at": moment(said.at),
        "until": moment(said.until),
        "policy": said.policy,
        "reasons": reasons,
        "break_glass": break_glass,
        "statement": statement,
        "signature": signature,
    })
}

fn words(answer: &Answer) -> String {
    let said = &answer.statement;
    let mut words = format!(
        "{} {} ({}), {}\n{} · {}",
        decision(answer),
        said.system,
        said.stage.name(),
        said.agency,
        answer.policy.id,
        answer.policy.note,
    );
    if let Some(glass) = &answer.break_glass {
        words.push_str(&format!(
            "\nheld open until {} by {}: {}",
            moment(glass.until),
            glass.by,
            glass.reason
        ));
    }
    for reason in &said.reasons {
        let Some(condition) = answer.policy.condition(&reason.condition) else { continue };
        let mark = if reason.holds { "✓" } else { "✗" };
        let evidence: Vec<String> = reason.evidence.iter().map(u64::to_string).collect();
        words.push_str(&format!(
            "\n{mark} {} / {} [{}] {}",
            condition.vi,
            condition.en,
            sources(&condition.source),
            evidence.join(" "),
        ));
    }
    words
}

/// What a condition stands on, by the name of its document.
fn sources(text: &str) -> String {
    let all = LegalSources::built_in();
    all.map_or_else(|_| text.to_owned(), |all| all.short(Language::Vietnamese, text))
}

/// Ends with 0 if all may be used, otherwise with 3.
async fn sweep(arguments: Sweep) -> Result<ExitCode> {
    let records = arguments.place.records().await?;
    let measured = measure::measure(&records, &caller()).await?;
    let swept = gate::sweep(&records, &caller()).await?;
    let looked = findings::look(&records, &caller()).await?;
    let twice = zones::look(&records, &caller()).await?;
    let codes = |of: &[SystemCode]| of.iter().map(ToString::to_string).collect::<Vec<_>>();
    let object = json!({
        "measured": measured,
        "asked": swept.asked,
        "denied": codes(&swept.denied),
        "early": codes(&swept.early),
        "broken": codes(&swept.broken),
        "unknown": codes(&swept.unknown),
        "findings": looked.findings,
        "two_zones": twice,
    });
    let mut words = format!(
        "{} systems in use, {measured} records measured, {} findings of the centre, {twice} names or addresses in two zones",
        swept.asked, looked.findings,
    );
    for (what, of) in [
        ("without leave of the gate", &swept.denied),
        ("built or tried without what is asked before", &swept.early),
        ("held open by a broken glass", &swept.broken),
        ("not confirmed in the register", &swept.unknown),
    ] {
        if !of.is_empty() {
            words.push_str(&format!("\n{what}: {}", codes(of).join(" ")));
        }
    }
    tell(arguments.json, &object, &words)?;
    let is_good = swept.denied.is_empty() && swept.unknown.is_empty();
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::from(DENY) })
}

async fn replay(arguments: Replay) -> Result<ExitCode> {
    let records = arguments.place.records().await?;
    let replay = gate::replay(&records, &caller(), arguments.record).await?;
    let is_same = replay.is_same();
    let object = json!({"same": is_same, "then": replay.then, "again": replay.again});
    let words = if is_same {
        format!("decided again, byte for byte\n{}", replay.again)
    } else {
        format!("decided otherwise\nthen:  {}\nagain: {}", replay.then, replay.again)
    };
    tell(arguments.json, &object, &words)?;
    Ok(if is_same { ExitCode::SUCCESS } else { ExitCode::from(DENY) })
}
