//! `khien completions`

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, CommandFactory as _};

use crate::centre::tell_text;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The shell
    shell: clap_complete::Shell,
    /// Print JSON: the completions as a text
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let mut text = Vec::new();
    let mut command = crate::Arguments::command();
    clap_complete::generate(arguments.shell, &mut command, "khien", &mut text);
    tell_text(arguments.json, &String::from_utf8(text)?)
}
