//! `khien ledger`: the ledger of evidence, verified and handed out.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use khien_app::ledger::{LedgerError, digits, verify_export};
use khien_app::use_case::audit::{self, Seals};
use khien_app::use_case::{UseError, ledger};
use khien_seal::ledger::{Broken, Verified, hex};
use khien_seal::{Fingerprint, PublicKey};
use serde_json::json;

use crate::Usage;
use crate::centre::{Place, block_on, caller, shown, tell};

/// The exit code of a ledger that does not hold.
const BROKEN: u8 = 3;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Verify an export, or the ledger of a data folder: every record, every signature
    Verify(Verify),
    /// Write the whole ledger into a file that anybody can verify without this centre
    Export(Export),
}

#[derive(Args)]
pub(crate) struct Verify {
    /// An export; without one, the ledger of the data folder
    #[arg(value_name = "EXPORT", required_unless_present = "data", conflicts_with_all = ["data", "config"])]
    export: Option<PathBuf>,
    /// The data folder of the centre
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The file of settings; otherwise khien.toml in the data folder, if there is one
    #[arg(long, value_name = "FILE", requires = "data")]
    config: Option<PathBuf>,
    /// The public key that the ledger must be signed by; otherwise the one that it names itself
    #[arg(long, value_name = "FILE")]
    by: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct Export {
    #[command(flatten)]
    place: Place,
    /// The file to write; an older export there is replaced
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Verify(arguments) => verify(arguments),
        Command::Export(arguments) => block_on(export(arguments)),
    }
}

fn verify(arguments: Verify) -> Result<ExitCode> {
    let expected = arguments.by.as_deref().map(fingerprint).transpose()?;
    let verified = match (arguments.export, arguments.data) {
        (Some(export), _) => verify_export(&export, expected, |_| {}),
        (None, Some(data)) => {
            let place = Place { data, config: arguments.config };
            let verified = block_on(async {
                let records = place.records().await?;
                let verified = ledger::verify(&records, &caller(), expected).await;
                Ok((verified, audit::verify_seals(&records, &caller()).await?))
            })?;
            match verified {
                (Err(UseError::Ledger(error)), _) => Err(error),
                (Err(other), _) => return Err(other.into()),
                (Ok(_), Seals { broken: Some((first, last)), .. }) => {
                    return changed(arguments.json, first, last);
                }
                (Ok(verified), _) => Ok(verified),
            }
        }
        (None, None) => bail!(Usage("name an export or --data".to_owned())),
    };
    match verified {
        Ok(verified) => holds(arguments.json, &verified),
        Err(LedgerError::Broken(broken)) => does_not_hold(arguments.json, &broken),
        Err(
            error @ (LedgerError::Beside { .. }
            | LedgerError::BesideCheckpoint { .. }
            | LedgerError::Gone { .. }
            | LedgerError::Cut { .. }),
        ) => is_not_as_signed(arguments.json, &error),
        Err(other) => Err(other.into()),
    }
}

fn fingerprint(path: &Path) -> Result<Fingerprint> {
    let text = std::fs::read_to_string(path);
    let text = text.with_context(|| format!("cannot read {}", path.display()))?;
    let key = PublicKey::parse(&text).with_context(|| format!("{}", path.display()))?;
    Ok(key.fingerprint())
}

fn holds(json: bool, verified: &Verified) -> Result<ExitCode> {
    let Verified { records, checkpoints, covered, key, root } = verified;
    let object = json!({
        "holds": true,
        "records": records,
        "checkpoints": checkpoints,
        "covered": covered,
        "key": digits(*key),
        "root": hex(root),
    });
    let mut words = format!(
        "the ledger holds: {records} records, {checkpoints} checkpoints\n\
         signed by the key {key}\nroot {}",
        hex(root)
    );
    if covered < records {
        words.push_str(&format!(
            "\n{} records at the end are chained and not signed yet",
            records - covered
        ));
    }
    tell(json, &object, &words)
}

fn does_not_hold(json: bool, broken: &Broken) -> Result<ExitCode> {
    let object = json!({
        "holds": false,
        "line": broken.line,
        "record": broken.record,
        "reason": broken.fault.to_string(),
    });
    tell(json, &object, &format!("the ledger is broken, first at {broken}"))?;
    Ok(ExitCode::from(BROKEN))
}

/// Every line holds, and the database does not keep them as they were signed.
fn is_not_as_signed(json: bool, error: &LedgerError) -> Result<ExitCode> {
    let reason = error.to_string();
    let object = json!({"holds": false, "reason": reason});
    tell(json, &object, &format!("the ledger is broken: {reason}"))?;
    Ok(ExitCode::from(BROKEN))
}

/// The ledger holds, and shows that entries of the audit trail were changed.
fn changed(json: bool, first: i64, last: i64) -> Result<ExitCode> {
    let reason =
        format!("the entries {first} to {last} of the audit trail are not those that were sealed");
    let object = json!({"holds": false, "first": first, "last": last, "reason": reason});
    tell(json, &object, &reason)?;
    Ok(ExitCode::from(BROKEN))
}

async fn export(arguments: Export) -> Result<ExitCode> {
    let records = arguments.place.records().await?;
    let exported = ledger::export(&records, &caller(), &arguments.out).await?;
    let out = shown(&arguments.out);
    let object = json!({
        "out": out,
        "records": exported.records,
        "checkpoints": exported.checkpoints,
        "bytes": exported.bytes,
        "key": digits(exported.key),
    });
    let words = format!(
        "{out} holds {} records and {} checkpoints, signed by the key {}\n\
         anybody verifies it: khien ledger verify, or docs/verify.py",
        exported.records, exported.checkpoints, exported.key
    );
    tell(arguments.json, &object, &words)
}
