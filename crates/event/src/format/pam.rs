//! Messages of PAM modules, which the program that logs somebody in writes under its own name.
//!
//! `pam_unix(sshd:auth): authentication failure; … rhost=192.0.2.1 user=an.nguyen` gives
//! `pam_module`, `pam_service`, `user`, `src_ip` (or `src_host`), `action` and `status`; older
//! systems put the module into the syslog tag instead. What the log source is, the program says.

use super::Context;
use super::pattern::{self, Pattern, t};
use crate::record::{Kind, Record};

const FAILED: &[(&str, &str)] = &[("action", "login"), ("status", "failure")];
const OPENED: &[(&str, &str)] = &[("action", "session_opened"), ("status", "success")];
const CLOSED: &[(&str, &str)] = &[("action", "session_closed")];
const UNKNOWN: &[(&str, &str)] =
    &[("action", "login"), ("status", "failure"), ("reason", "user unknown")];

static PATTERNS: &[Pattern] = &[
    t("session opened for user {user}(uid={uid}) by {by}(uid={by_uid})", OPENED),
    t("session opened for user {user} by {by}(uid={by_uid})", OPENED),
    t("session opened for user {user} by {by}", OPENED),
    t("session opened for user {user}", OPENED),
    t("session closed for user {user}", CLOSED),
    t("check pass; user unknown", UNKNOWN),
    t("check pass; user ({user}) unknown", UNKNOWN),
    t("password changed for {user}", &[("action", "password_changed"), ("status", "success")]),
    t("account {user} has expired{}", FAILED),
    t("unknown user {user}", UNKNOWN),
    t("could not identify user (from getpwnam({user}))", UNKNOWN),
    t("user {user} granted access{}", &[("action", "login"), ("status", "success")]),
    t("received for user {user}: {reason}", FAILED),
    t(
        "Consecutive login failures for user {user} account temporarily locked",
        &[("action", "account_locked")],
    ),
    t("user {user} ({uid}) tally {}", FAILED),
    t("conversation failed", FAILED),
    t("auth could not identify password for [{user}]", FAILED),
    t("Failed to create session: {reason}", &[("action", "session_opened"), ("status", "failure")]),
];

/// The fields of a message that a PAM module wrote; `false` if none did.
pub fn fields<'a>(message: &'a str, record: &mut Record<'a>) -> bool {
    let Some(text) = origin(message, record) else { return bare(message, record) };
    if !bare(text, record) {
        pattern::sweep_addresses(text, record);
    }
    true
}

/// A message of a program that is known for nothing but its PAM messages.
pub fn parse<'a>(message: &'a str, record: &mut Record<'a>, _: &Context) -> bool {
    if message.starts_with("pam_") && fields(message, record) {
        record.kind = Kind::named("auth");
        return true;
    }
    false
}

/// Takes `pam_unix(sshd:auth): ` from the front.
fn origin<'a>(message: &'a str, record: &mut Record<'a>) -> Option<&'a str> {
    if !message.starts_with("pam_") {
        return None;
    }
    let (head, text) = message.split_once(": ")?;
    let (module, place) = head.split_once('(').unwrap_or((head, ""));
    record.fields.push_text("pam_module", module);
    let place = place.trim_end_matches([')', '[', ']']);
    let (service, kind) = place.split_once(':').unwrap_or((place, ""));
    record.fields.push_text("pam_service", service);
    record.fields.push_text("pam_type", kind);
    Some(text)
}

fn bare<'a>(text: &'a str, record: &mut Record<'a>) -> bool {
    failure(text, record) || pattern::apply(PATTERNS, text, record)
}

/// `authentication failure; logname= uid=0 … ruser= rhost=192.0.2.1  user=an.nguyen`, also with
/// `PAM 2 more authentication failures` in front. A name given at the login may hold blanks, but
/// it is last.
fn failure<'a>(text: &'a str, record: &mut Record<'a>) -> bool {
    let Some((head, list)) = text.split_once("; ") else { return false };
    if !head.contains("authentication failure") || !list.contains("rhost=") {
        return false;
    }
    let (list, user) = match list.split_once(" user=") {
        Some((list, user)) => (list, user.trim()),
        None => (list, ""),
    };
    let mut remote = "";
    for pair in list.split_ascii_whitespace() {
        let Some((name, value)) = pair.split_once('=') else { continue };
        match name {
            "rhost" => pattern::push(record, "src_ip", value),
            "ruser" => {
                remote = value;
                record.fields.push_text(name, value);
            }
            "logname" | "uid" | "euid" | "tty" => record.fields.push_text(name, value),
            _ => {}
        }
    }
    // Services without accounts of their own state the name that was tried as the remote user.
    record.fields.push_text("user", if user.is_empty() { remote } else { user });
    let count = head.strip_prefix("PAM ").and_then(|rest| rest.split_once(' '));
    if let Some((count, _)) = count {
        record.fields.push_text("count", count);
    }
    for (name, value) in FAILED {
        record.fields.push_text(name, value);
    }
    true
}

/// Reads a daemon's message: PAM speaks under the daemon's name, else the daemon's own table is
/// asked, and of a message that neither knows at least the addresses are kept.
pub(super) fn or_known<'a>(
    kind: &'static str,
    table: &[Pattern],
    message: &'a str,
    record: &mut Record<'a>,
) -> bool {
    record.kind = Kind::named(kind);
    if !fields(message, record) && !pattern::apply(table, message, record) {
        pattern::sweep_addresses(message, record);
    }
    true
}
