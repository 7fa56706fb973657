//! `khien doctor`
//!
//! Looks, changes nothing, and says what is wrong and what to do. Works beside a running centre and
//! without one. To add a check: a function in the file it belongs to, called in [`examine`].

mod events;
mod ledger;
mod machine;
mod records;
mod running;

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use jiff::Timestamp;
use khien_app::config::Config;
use khien_app::folder::{DataFolder, FolderError};
use serde_json::json;

use crate::centre::{Place, block_on, tell};
use crate::language::Language;

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Compare lengths only: do not read all events and all records
    #[arg(long)]
    quick: bool,
    /// Language of the result
    #[arg(long, value_enum, default_value_t)]
    lang: Language,
    /// Print JSON, in both languages
    #[arg(long)]
    json: bool,
}

/// What a check has found.
struct Found {
    check: &'static str,
    is_good: bool,
    vi: String,
    en: String,
}

impl Found {
    /// All is well.
    fn good(check: &'static str, vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self { check, is_good: true, vi: vi.into(), en: en.into() }
    }

    /// Something is wrong; the texts say what, and what to do.
    fn bad(check: &'static str, vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self { check, is_good: false, vi: vi.into(), en: en.into() }
    }
}

/// What the checks look at.
struct Look<'a> {
    folder: &'a DataFolder,
    config: &'a Config,
    quick: bool,
    now: Timestamp,
    /// Whether a centre runs on the folder.
    is_running: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let folder = DataFolder::find(&arguments.place.data)?;
    let found = block_on(examine(arguments, &folder))?;
    let is_good = found.iter().all(|found| found.is_good);
    let object = json!({
        "ok": is_good,
        "checks": found.iter().map(|found| json!({
            "check": found.check,
            "ok": found.is_good,
            "message_vi": found.vi,
            "message": found.en,
        })).collect::<Vec<_>>(),
    });
    let said = tell(arguments.json, &object, &words(&found, arguments.lang))?;
    Ok(if is_good { said } else { ExitCode::from(3) })
}

async fn examine(arguments: &Arguments, folder: &DataFolder) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    let config = match arguments.place.settings() {
        Ok(config) => {
            found.push(Found::good("settings", "cấu hình hợp lệ", "the settings are in order"));
            config
        }
        Err(error) => {
            found.push(Found::bad(
                "settings",
                format!("cấu hình sai: {error:#}; sửa rồi chạy khien config check"),
                format!("the settings are wrong: {error:#}; mend them, then khien config check"),
            ));
            Config::default()
        }
    };
    // Held while we look, so that no centre starts in the middle.
    let held = match DataFolder::hold(folder.path()) {
        Ok(held) => Some(held),
        Err(FolderError::Locked(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let look = Look {
        folder,
        config: &config,
        quick: arguments.quick,
        now: crate::clock::now(),
        is_running: held.is_none(),
    };
    found.extend(machine::rights(&look));
    found.extend(machine::certificate(&look));
    found.extend(running::centre(&look));
    let (stats, events) = events::lake(&look);
    found.extend(events);
    found.extend(machine::disk(&look, &stats));
    let (newest, journal) = events::journal(&look);
    found.extend(journal);
    let (noted, records) = records::store(&look).await;
    found.extend(records);
    found.push(machine::clock(&look, newest.max(noted)));
    Ok(found)
}

fn words(found: &[Found], language: Language) -> String {
    let bad = found.iter().filter(|found| !found.is_good).count();
    let mut lines: Vec<String> = found
        .iter()
        .map(|found| {
            let mark = match (found.is_good, language) {
                (true, Language::Vi) => "tốt ",
                (true, Language::En) => "good",
                (false, Language::Vi) => "SAI ",
                (false, Language::En) => "BAD ",
            };
            format!("{mark}  {:<12} {}", found.check, language.pick(&found.vi, &found.en))
        })
        .collect();
    let all = language.pick("không thấy gì sai", "nothing is wrong");
    lines.push(match (bad, language) {
        (0, _) => all.to_owned(),
        (bad, Language::Vi) => format!("{bad} việc cần xử lý"),
        (bad, Language::En) => format!("{bad} findings"),
    });
    lines.join("\n")
}
