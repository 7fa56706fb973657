//! `khien restore`

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use khien_app::backup::{self, Restored};
use serde_json::json;

use super::backup::{Closing, contents};
use crate::centre::{block_on, shown, tell};

#[derive(Args)]
pub(crate) struct Arguments {
    /// The backup
    file: PathBuf,
    /// The data folder to make; it must not exist, or be empty
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    #[command(flatten)]
    closing: Closing,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let secret = arguments.closing.secret()?;
    let restored =
        block_on(async { Ok(backup::restore(&arguments.file, &secret, &arguments.data).await?) })?;
    let mut object = contents(&restored.contents);
    object["data"] = json!(shown(&arguments.data));
    object["whole"] = json!(restored.is_whole());
    object["findings"] = json!(findings(&restored));
    let said = tell(arguments.json, &object, &words(arguments, &restored))?;
    Ok(if restored.is_whole() { said } else { ExitCode::from(3) })
}

/// What was not whole when the backup was made.
fn findings(restored: &Restored) -> Vec<String> {
    let mut found = restored.faults.clone();
    let damage = restored.damage.iter();
    found.extend(damage.map(|found| format!("{}: {}", found.path.display(), found.reason)));
    if restored.damaged_journal > 0 {
        found.push(format!("{} damaged places in the journal", restored.damaged_journal));
    }
    found
}

fn words(arguments: &Arguments, restored: &Restored) -> String {
    let made = &restored.contents;
    let mut words = format!(
        "{} holds what {} was on {}: {} events in files, {} batches of the journal, records with \
         migration {}\nevery file is what was backed up",
        shown(&arguments.data),
        shown(&arguments.file),
        made.made_at,
        made.events,
        made.waiting_batches,
        restored.schema.found,
    );
    if !restored.schema.is_current() {
        words.push_str("; older records are brought up to date at the first start");
    }
    for finding in findings(restored) {
        words.push_str(&format!("\ndamaged already when it was backed up: {finding}"));
    }
    words.push_str(&format!("\nnext: khien doctor --data {}", shown(&arguments.data)));
    words
}
