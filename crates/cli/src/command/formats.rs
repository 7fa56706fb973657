//! `khien formats`

use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use khien_event::format::FORMATS;
use serde_json::json;

use crate::language::Language;

#[derive(Args)]
pub(crate) struct Arguments {
    /// Print a JSON list
    #[arg(long)]
    json: bool,
    /// Language of the titles
    #[arg(long, value_enum, default_value_t)]
    lang: Language,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let mut out = io::stdout().lock();
    if arguments.json {
        let list: Vec<_> = FORMATS
            .iter()
            .map(|format| json!({"id": format.id, "title": format.title[0], "title_vi": format.title[1]}))
            .collect();
        writeln!(out, "{}", serde_json::to_string_pretty(&list)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    for format in FORMATS {
        let title = arguments.lang.pick(format.title[1], format.title[0]);
        writeln!(out, "{:<18} {title}", format.id)?;
    }
    Ok(ExitCode::SUCCESS)
}
