//! `khien rules import`, `khien rules remove`: sets of rules in the data folder of a centre, whether it
//! runs or not.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use khien_app::rules::imported::{MAX_FILE_BYTES, MAX_FILES, MAX_SET_BYTES, is_set};
use khien_app::use_case::rule_imports::{self, MAX_ARCHIVE_BYTES, RuleFile};
use khien_web::api::{ImportJson, ImportReportJson};
use serde_json::{Value, json};

use crate::centre::{AtHand, Place, at_hand, block_on, caller, load_rules, tell};
use crate::{Usage, rule_files};

/// A check failed: no file is taken.
const NOTHING_TAKEN: u8 = 3;

#[derive(Args)]
pub(crate) struct Arguments {
    /// A folder of rules, a zip of one, or a single file
    #[arg(value_name = "PATH")]
    path: PathBuf,
    #[command(flatten)]
    place: Place,
    /// What the set is called; otherwise as the folder or file
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Only look at the files and tell what is wrong with them
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct Remove {
    /// What the set is called
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    place: Place,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let set = match &arguments.name {
        Some(name) => name.clone(),
        None => name_of(&arguments.path)?,
    };
    let files = files(&arguments.path)?;
    let import = ImportJson { set, files, dry_run: arguments.dry_run };
    let report = block_on(async {
        match at_hand(&arguments.place.data)? {
            AtHand::Running(client) => {
                let body = serde_json::to_value(&import)?;
                client.post_json("/api/v1/rules/import", &body)?.done()
            }
            AtHand::Folder(folder) => {
                let records = arguments.place.records().await?;
                let rules = load_rules(&arguments.place.settings()?);
                let caller = caller();
                let (rules, import) = (rules.as_ref(), import.into());
                let done =
                    rule_imports::import_stopped(&records, &folder, rules, &caller, import).await;
                records.store.close().await;
                Ok(serde_json::to_value(ImportReportJson::from(done?))?)
            }
        }
    })?;
    tell(arguments.json, &report, &words(&report, arguments.dry_run))?;
    let taken = report["accepted"].as_u64().unwrap_or_default();
    Ok(if taken == 0 { ExitCode::from(NOTHING_TAKEN) } else { ExitCode::SUCCESS })
}

pub(crate) fn remove(arguments: &Remove) -> Result<ExitCode> {
    let name = &arguments.name;
    block_on(async {
        match at_hand(&arguments.place.data)? {
            AtHand::Running(client) => {
                if !is_set(name) {
                    bail!(Usage(format!("{name:?} is no name of a set")));
                }
                client.delete(&format!("/api/v1/rules/imported/{name}"))?.done().map(|_| ())
            }
            AtHand::Folder(folder) => {
                let records = arguments.place.records().await?;
                let done = rule_imports::remove_stopped(&records, &folder, &caller(), name).await;
                records.store.close().await;
                Ok(done?)
            }
        }
    })?;
    tell(arguments.json, &json!({"removed": name}), &format!("{name} is removed"))
}

/// What a set is called after a folder or a file.
fn name_of(path: &Path) -> Result<String> {
    let full = path.canonicalize().with_context(|| format!("cannot read {}", path.display()))?;
    let stem = if full.is_dir() { full.file_name() } else { full.file_stem() };
    let stem = stem.unwrap_or_default().to_string_lossy().to_lowercase();
    let mut name = String::new();
    for c in stem.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }) {
        if c != '-' || !(name.is_empty() || name.ends_with('-')) {
            name.push(c);
        }
    }
    name.truncate(40);
    let name = name.trim_end_matches('-').to_owned();
    if is_set(&name) {
        return Ok(name);
    }
    bail!(Usage(format!("name the set with --name: {} gives none", path.display())))
}

/// The files of a folder, by their paths within it, or of an upload.
fn files(path: &Path) -> Result<Vec<RuleFile>> {
    let metadata = fs::metadata(path);
    let metadata = metadata.with_context(|| format!("cannot read {}", path.display()))?;
    if !metadata.is_dir() {
        let bytes = read(path, MAX_ARCHIVE_BYTES)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let unpacked = rule_imports::unpack(&name, &bytes);
        return unpacked.map_err(|reason| anyhow::anyhow!("{}: {reason}", path.display()));
    }
    let found = rule_files::gather(path)?;
    if found.len() > MAX_FILES {
        bail!("a set has at most {MAX_FILES} files; {} has {}", path.display(), found.len());
    }
    let (mut files, mut total) = (Vec::with_capacity(found.len()), 0);
    for file in found {
        if !fs::metadata(&file.path).is_ok_and(|found| found.is_file()) {
            bail!("{} is no file", file.path.display());
        }
        let bytes = read(&file.path, MAX_FILE_BYTES)?;
        total += bytes.len();
        if total > MAX_SET_BYTES {
            bail!("the files of a set are together at most {} MiB", MAX_SET_BYTES >> 20);
        }
        let name = file.path.strip_prefix(path).unwrap_or(&file.path);
        let name = name.to_string_lossy().into_owned();
        files.push(RuleFile { name, text: String::from_utf8_lossy(&bytes).into_owned() });
    }
    Ok(files)
}

/// The bytes of a file, and one more than so many if there are more: what is too long is told of the
/// one file.
fn read(path: &Path, most: usize) -> Result<Vec<u8>> {
    let cannot = || format!("cannot read {}", path.display());
    let mut bytes = Vec::new();
    let opened = File::open(path).with_context(cannot)?;
    opened.take(most as u64 + 1).read_to_end(&mut bytes).with_context(cannot)?;
    Ok(bytes)
}

/// What a person reads of a report: what is said of files, then what came of it.
fn words(report: &Value, dry_run: bool) -> String {
    let mut lines = Vec::new();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let files = report["files"].as_array().map(Vec::as_slice).unwrap_or_default();
    for file in files {
        for said in file["said"].as_array().map(Vec::as_slice).unwrap_or_default() {
            let (name, kind, message) =
                (text(&file["file"]), text(&said["kind"]), text(&said["message"]));
            lines.push(format!("{name}:{}: {kind}: {message}", said["line"]));
        }
    }
    let (set, accepted, rules) = (text(&report["set"]), &report["accepted"], &report["rules"]);
    let taken = format!("{accepted} of {} files with {rules} rules", files.len());
    lines.push(match (report["written"].as_bool(), dry_run) {
        (Some(true), _) => format!("set {set}: {taken} imported"),
        (_, true) => format!("set {set}: {taken} would be imported; nothing was changed"),
        _ => format!("set {set}: {taken} can be imported; nothing was changed"),
    });
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_called_after_its_folder() {
        let place = tempfile::tempdir().unwrap();
        for (folder, name) in [("Sigma HQ (2026)", "sigma-hq-2026"), ("__a__", "a")] {
            let path = place.path().join(folder);
            fs::create_dir(&path).unwrap();
            assert_eq!(name_of(&path).unwrap(), name);
        }
        let file = place.path().join("Rules.v1.zip");
        fs::write(&file, "").unwrap();
        assert_eq!(name_of(&file).unwrap(), "rules-v1");
        let none = place.path().join("---");
        fs::create_dir(&none).unwrap();
        assert!(name_of(&none).unwrap_err().to_string().contains("--name"));
    }
}
