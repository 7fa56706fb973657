//! `khien man`

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, CommandFactory as _};
use serde_json::json;

use crate::centre::{shown, tell, tell_text};

#[derive(Args)]
pub(crate) struct Arguments {
    /// Write a page for every command into this folder instead
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Print JSON: the page as a text, or the folder that was written
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let command = crate::Arguments::command();
    if let Some(folder) = &arguments.output {
        std::fs::create_dir_all(folder)
            .and_then(|()| clap_mangen::generate_to(command, folder))
            .with_context(|| format!("cannot write manual pages into {}", folder.display()))?;
        let words = format!("the manual pages are in {}", folder.display());
        return tell(arguments.json, &json!({"folder": shown(folder)}), &words);
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page)?;
    tell_text(arguments.json, &String::from_utf8(page)?)
}
