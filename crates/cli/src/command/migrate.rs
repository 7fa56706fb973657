//! `khien migrate`

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde_json::json;

use crate::centre::{Place, block_on, shown, tell};

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    block_on(async {
        // Opening brings the tables up to date, under a lock.
        let records = arguments.place.records().await?;
        records.store.close().await;
        let words = format!("the records of {} are up to date", shown(&arguments.place.data));
        tell(arguments.json, &json!({"ok": true}), &words)
    })
}
