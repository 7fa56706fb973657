//! Commands run as somebody else: `sudo`, `su`, `doas`, `pkexec`.
//!
//! `user` is who asked, `target_user` who they wanted to be, `command` what they ran.

use super::Context;
use super::pam;
use super::pattern::{self, Pattern, t};
use crate::record::{Kind, Record};
use crate::value::Value;

const DONE: &[(&str, &str)] = &[("action", "run_as"), ("status", "success")];
const DENIED: &[(&str, &str)] = &[("action", "run_as"), ("status", "failure")];

static SU: &[Pattern] = &[
    t("(to {target_user}) {user} on {tty}", DONE),
    t("Successful su for {target_user} by {user}", DONE),
    t("FAILED su for {target_user} by {user}", DENIED),
    t("FAILED SU (to {target_user}) {user} on {tty}", DENIED),
    t("BAD SU {user} to {target_user} on {tty}", DENIED),
    t("{user} to {target_user} on {tty}", DONE),
    t("'su {target_user}' succeeded for {user} on {tty}", DONE),
    t("'su {target_user}' failed for {user} on {tty}", DENIED),
    t("+ {tty} {user}:{target_user}", DONE),
    t("- {tty} {user}:{target_user}", DENIED),
];

static DOAS: &[Pattern] = &[
    t("failed command for {user}: {command}", DENIED),
    t("failed auth for {user}", DENIED),
    t("{user} ran command as {target_user}: {command}", DONE),
    t("{user} ran command {command} as {target_user} from {pwd}", DONE),
    t("command not permitted for {user}: {command}", DENIED),
];

static PKEXEC: &[Pattern] = &[
    t(
        "{user}: Executing command [USER={target_user}] [TTY={tty}] [CWD={pwd}] [COMMAND={command>}]",
        DONE,
    ),
    t("{user}: {reason} [USER={target_user}] [TTY={tty}] [CWD={pwd}] [COMMAND={command>}]", DENIED),
];

/// Reads a message of `sudo`.
pub fn sudo<'a>(message: &'a str, record: &mut Record<'a>, _: &Context) -> bool {
    record.kind = Kind::named("sudo");
    if !command(message.trim_start(), record) && !pam::fields(message, record) {
        pattern::sweep_addresses(message, record);
    }
    true
}

/// Reads a message of `su`.
pub fn su<'a>(message: &'a str, record: &mut Record<'a>, _: &Context) -> bool {
    record.kind = Kind::named("su");
    if !pam::fields(message, record) {
        pattern::apply(SU, message, record);
    }
    true
}

/// Reads a message of `pkexec`.
pub fn pkexec<'a>(message: &'a str, record: &mut Record<'a>, _: &Context) -> bool {
    record.kind = Kind::named("pkexec");
    if !pam::fields(message, record) {
        pattern::apply(PKEXEC, message, record);
    }
    true
}

/// Reads a message of `doas`.
pub fn doas<'a>(message: &'a str, record: &mut Record<'a>, _: &Context) -> bool {
    record.kind = Kind::named("doas");
    pattern::apply(DOAS, message, record);
    true
}

/// `an.nguyen : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls`.
/// The command is last and may hold anything.
fn command<'a>(message: &'a str, record: &mut Record<'a>) -> bool {
    let Some((user, list)) = message.split_once(" : ") else { return false };
    if !list.contains("TTY=") && !list.contains("COMMAND=") && !list.contains("PWD=") {
        return false;
    }
    let (list, command) = match list.split_once("COMMAND=") {
        Some((list, command)) => (list, command),
        None => (list, ""),
    };
    record.fields.push_text("user", user.trim());
    let mut reason = "";
    for part in list.split(" ; ") {
        let part = part.trim().trim_end_matches(';').trim_end();
        match part.split_once('=') {
            Some(("TTY", value)) => record.fields.push_text("tty", value),
            Some(("PWD", value)) => record.fields.push_text("pwd", value),
            Some(("USER", value)) => record.fields.push_text("target_user", value),
            Some(("GROUP", value)) => record.fields.push_text("target_group", value),
            Some(("TSID", value)) => record.fields.push_text("session", value),
            Some(("ENV", value)) => record.fields.push_text("env", value),
            Some(("HOST", value)) => record.fields.push_text("dst_host", value),
            _ if reason.is_empty() && !part.contains('=') => reason = part,
            _ => {}
        }
    }
    record.fields.push_text("command", command);
    record.fields.push_text("reason", reason);
    record.fields.push("action", Value::text("run_as"));
    let status = if reason.is_empty() { "success" } else { "failure" };
    record.fields.push("status", Value::text(status));
    true
}
