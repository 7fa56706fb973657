//! `khien completions`

use std::io;
use std::process::ExitCode;

use clap::{Args, CommandFactory as _};

#[derive(Args)]
pub(crate) struct Arguments {
    /// The shell
    shell: clap_complete::Shell,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    clap_complete::generate(
        arguments.shell,
        &mut crate::Arguments::command(),
        "khien",
        &mut io::stdout(),
    );
    ExitCode::SUCCESS
}
