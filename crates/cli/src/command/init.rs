//! `khien init`

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use clap::Args;
use khien_app::config::Config;
use khien_app::folder::DataFolder;
use khien_app::records::Records;
use khien_app::use_case::begin;
use khien_web::certificate;
use serde_json::json;

use crate::centre::{Machine, block_on, caller, shown, tell, token_bytes};

#[derive(Args)]
pub(crate) struct Arguments {
    /// The folder to make
    #[arg(long, value_name = "DIR")]
    data: std::path::PathBuf,
    /// Names and addresses under which the centre is reached, for its certificate
    #[arg(long = "name", value_name = "NAME", default_values_t = ["localhost".to_owned(), "127.0.0.1".to_owned()])]
    names: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: Arguments) -> Result<ExitCode> {
    block_on(init(arguments))
}

async fn init(arguments: Arguments) -> Result<ExitCode> {
    let folder = DataFolder::create(&arguments.data)?;
    let made = make(&arguments, &folder).await;
    // Whoever could not finish begins anew.
    if made.is_err() {
        folder.give_up()?;
    }
    made
}

async fn make(arguments: &Arguments, folder: &DataFolder) -> Result<ExitCode> {
    let made = certificate::self_signed(&arguments.names, crate::clock::now())
        .context("the certificate cannot be made")?;
    for (path, text) in [(folder.certificate(), &made.chain), (folder.certificate_key(), &made.key)]
    {
        folder.write_secret(&path, text)?;
    }
    let records = Records::open(folder, &Config::default(), Arc::new(Machine)).await?;
    let made_token = begin::first_token(&records, &caller(), &token_bytes()?).await?;
    let token = made_token.token.reveal();
    let fingerprint = made.fingerprint.to_hex();
    let object = json!({
        "data": shown(folder.path()),
        "token": token,
        "token_expires_at": made_token.expires_at.to_string(),
        "certificate_sha256": fingerprint,
    });
    let words = format!(
        "{} is ready\ncertificate SHA-256 {fingerprint}\nadministrator's token {token}\n\
         keep it: it is not shown again\n\
         next: khien account add NAME --role administrator --called \"…\" --data {0}\n      \
         khien serve --data {0}",
        shown(folder.path()),
    );
    tell(arguments.json, &object, &words)
}
