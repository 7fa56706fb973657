//! `khien probe`: how registered endpoints speak TLS.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use khien_app::use_case::crypto::{self, ProbeEnd};
use serde_json::{Value, json};

use crate::centre::{Place, block_on, caller, tell};

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// An endpoint as it is registered, such as dichvucong.minhhoa.example:443; otherwise all of them
    endpoint: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: Arguments) -> Result<ExitCode> {
    block_on(probe(arguments))
}

async fn probe(arguments: Arguments) -> Result<ExitCode> {
    let records = arguments.place.records().await?;
    let endpoint = arguments.endpoint.as_deref();
    let probed = crypto::probe(&records, &caller(), endpoint).await?;
    let objects = probed.iter().map(|row| {
        json!({
            "endpoint": row.endpoint,
            "system": row.system.as_str(),
            "outcome": row.outcome.name(),
            "detail": row.detail,
            "record": row.record,
        })
    });
    let words = probed.iter().map(|row| {
        let record = row.record.map(|seq| format!("record {seq}")).unwrap_or_default();
        format!("{:<8} {} {}{record}", row.outcome.name(), row.endpoint, row.detail)
    });
    let words: Vec<String> = words.collect();
    tell(arguments.json, &Value::Array(objects.collect()), &words.join("\n"))?;
    // Of one endpoint whoever asks wants to know.
    let is_seen = probed.iter().all(|row| row.outcome == ProbeEnd::Seen);
    Ok(if is_seen || endpoint.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
