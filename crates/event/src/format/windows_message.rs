//! The text that Windows renders for an event, taken apart again.
//!
//! Snare and old agents hand on only this text: `Creator Subject: Account Name: an  New Process
//! Name: C:\…`. Labels are followed by a colon; values end at a tab, a line break or two blanks.
//! A label without a value opens a section, which says whose account the next labels mean.

use crate::record::Record;
use crate::value::Value;

/// Labels whose field has another name than the label without its blanks.
const NAMES: &[(&str, &str)] = &[
    ("New Process ID", "NewProcessId"),
    ("Creator Process ID", "ProcessId"),
    ("Creator Process Name", "ParentProcessName"),
    ("Process Command Line", "CommandLine"),
    ("Caller Process ID", "ProcessId"),
    ("Caller Process Name", "ProcessName"),
    ("Source Network Address", "IpAddress"),
    ("Client Address", "IpAddress"),
    ("Client Port", "IpPort"),
    ("Authentication Package", "AuthenticationPackageName"),
    ("Logon Process", "LogonProcessName"),
    ("Source Workstation", "Workstation"),
    ("Destination Address", "DestAddress"),
    ("Destination Port", "DestPort"),
    ("Application Name", "Application"),
    ("Group Name", "TargetUserName"),
    ("Group Domain", "TargetDomainName"),
    ("Process ID", "ProcessId"),
    ("Error Code", "Status"),
];

/// Labels that mean something else in events of one id.
const NAMES_OF_EVENTS: &[(&[u32], &str, &str)] = &[
    (&[4624, 4625, 4648], "Source Port", "IpPort"),
    (&[7045], "Service File Name", "ImagePath"),
    (&[7045], "Service Start Type", "StartType"),
    (&[7045], "Service Account", "AccountName"),
    (&[1006, 1007, 1015, 1116, 1117, 1118, 1119], "Name", "ThreatName"),
    (&[1006, 1007, 1015, 1116, 1117, 1118, 1119], "ID", "ThreatID"),
    (&[1006, 1007, 1015, 1116, 1117, 1118, 1119], "Severity", "SeverityName"),
    (&[1006, 1007, 1015, 1116, 1117, 1118, 1119], "Category", "CategoryName"),
    (&[1006, 1007, 1015, 1116, 1117, 1118, 1119], "Action", "ActionName"),
    (&[1006, 1007, 1015, 1116, 1117, 1118, 1119], "User", "DetectionUser"),
];

/// Sections about the account that acted.
const SUBJECTS: &[&str] = &["Subject", "Creator Subject"];
/// Sections about the account that was acted upon.
const TARGETS: &[&str] = &[
    "New Logon",
    "Target Subject",
    "Target Account",
    "New Account",
    "Account For Which Logon Failed",
    "Account That Was Locked Out",
    "Account Whose Credentials Were Used",
    "Account Information",
    "Group",
];
/// What follows the section's prefix in the names of account fields.
const ACCOUNT: &[(&str, &str)] = &[
    ("Security ID", "UserSid"),
    ("Account Name", "UserName"),
    ("Account Domain", "DomainName"),
    ("Logon ID", "LogonId"),
    ("User ID", "Sid"),
    ("Supplied Realm Name", "DomainName"),
];

/// Longer labels are text.
const MAX_LABEL_BYTES: usize = 48;

/// Adds the fields of a rendered text of an event with this id.
pub fn fields<'a>(message: &'a str, id: u32, record: &mut Record<'a>) {
    let mut section = "";
    let mut waiting: Option<&str> = None;
    for piece in pieces(message) {
        match label(piece) {
            Some((name, "")) => {
                if let Some(open) = waiting.replace(name) {
                    section = open;
                }
            }
            Some((name, value)) => {
                if let Some(open) = waiting.take() {
                    section = open;
                }
                push(section, name, value, id, record);
            }
            None => {
                if let Some(name) = waiting.take() {
                    push(section, name, piece, id, record);
                }
            }
        }
    }
}

/// The parts between tabs, line breaks and runs of blanks.
fn pieces(message: &str) -> impl Iterator<Item = &str> {
    message
        .split(['\t', '\r', '\n'])
        .flat_map(|part| part.split("#011"))
        .flat_map(|part| part.split("  "))
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

/// The label that a part begins with, and what follows it.
fn label(piece: &str) -> Option<(&str, &str)> {
    let (name, rest) = piece.split_once(':')?;
    let plain =
        name.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '/' | '(' | ')'));
    let apart = rest.is_empty() || rest.starts_with(' ');
    (plain && apart && !name.is_empty() && name.len() <= MAX_LABEL_BYTES)
        .then_some((name, rest.trim()))
}

fn push<'a>(section: &str, label: &str, value: &'a str, id: u32, record: &mut Record<'a>) {
    let prefix = if SUBJECTS.contains(&section) {
        Some("Subject")
    } else if TARGETS.contains(&section) {
        Some("Target")
    } else {
        None
    };
    let account = ACCOUNT.iter().find(|(name, _)| *name == label);
    if let Some((prefix, (_, suffix))) = prefix.zip(account) {
        record.fields.push(&format!("{prefix}{suffix}"), Value::text(value));
        return;
    }
    if section == "Member" {
        match label {
            "Security ID" => record.fields.push("MemberSid", Value::text(value)),
            "Account Name" => record.fields.push("MemberName", Value::text(value)),
            _ => {}
        }
        return;
    }
    let own = NAMES_OF_EVENTS.iter().find(|(ids, name, _)| *name == label && ids.contains(&id));
    let name = own.map(|(_, _, to)| *to);
    let name = name.or_else(|| NAMES.iter().find(|(name, _)| *name == label).map(|(_, to)| *to));
    match name {
        Some(name) => record.fields.push(name, Value::text(value)),
        None => record.fields.push(&super::windows::name(label), Value::text(value)),
    }
}
