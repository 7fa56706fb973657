//! What keeps a Linux system running: cron, systemd and logind, login, the audit of small daemons.
//!
//! `user`, `command`, `unit`, `action` and the addresses come out; other text stays `message`.

use super::Context;
use super::pam;
use super::pattern::{self, Pattern, t};
use crate::record::{Kind, Record};

const RUN: &[(&str, &str)] = &[("action", "command")];
const FAILED: &[(&str, &str)] = &[("action", "login"), ("status", "failure")];
const LOGIN: &[(&str, &str)] = &[("action", "login"), ("status", "success")];
const CONNECT: &[(&str, &str)] = &[("action", "connect")];

static CRON: &[Pattern] = &[
    t("({user}) CMD ({command>})", RUN),
    t("({user}) CMDEND ({command>})", &[("action", "command_end")]),
    t("({user}) CMDOUT ({output>})", &[("action", "command_output")]),
    t("({user}) LIST ({target_user>})", &[("action", "crontab_list")]),
    t("({user}) BEGIN EDIT ({target_user>})", &[("action", "crontab_edit")]),
    t("({user}) END EDIT ({target_user>})", &[("action", "crontab_edit_end")]),
    t("({user}) REPLACE ({target_user>})", &[("action", "crontab_replace")]),
    t("({user}) DELETE ({target_user>})", &[("action", "crontab_delete")]),
    t("({user}) RELOAD ({file>})", &[("action", "crontab_reload")]),
    t("({user}) MAIL ({reason>})", &[("action", "mail")]),
    t("({user}) AUTH ({reason>})", FAILED),
    t("({user}) {reason} ({file>})", &[]),
];

static SYSTEMD: &[Pattern] = &[
    t("New session {session} of user {user}.", &[("action", "session_opened")]),
    t("Started Session {session} of User {user}.", &[("action", "session_opened")]),
    t("New session '{session}' of user '{user}' with class '{}", &[("action", "session_opened")]),
    t("Started Session {session} of user {user}.", &[("action", "session_opened")]),
    t(
        "Started session-{session}.scope - Session {} of User {user}.",
        &[("action", "session_opened")],
    ),
    t("Removed session {session}.", &[("action", "session_closed")]),
    t("Session {session} logged out. {}", &[("action", "session_closed")]),
    t("User {user} logged in.", LOGIN),
    t("Starting {unit}...", &[("action", "service_starting")]),
    t("Started {unit}.", &[("action", "service_started")]),
    t("Stopping {unit}...", &[("action", "service_stopping")]),
    t("Stopped {unit}.", &[("action", "service_stopped")]),
    t("Reloading{}", &[("action", "service_reload")]),
    t("Reloaded {unit}.", &[("action", "service_reload")]),
    t("Failed to start {unit}.", &[("action", "service_started"), ("status", "failure")]),
    t("{unit}: Failed with result '{reason}'.", &[("status", "failure")]),
    t("{unit}: Main process exited, code={reason}", &[("action", "service_stopped")]),
];

static LOGIN_MESSAGES: &[Pattern] = &[
    t(
        "ROOT LOGIN ON {tty} FROM {src_ip}",
        &[("user", "root"), ("action", "login"), ("status", "success")],
    ),
    t("ROOT LOGIN ON {tty}", &[("user", "root"), ("action", "login"), ("status", "success")]),
    t("ROOT LOGIN  on '{tty}'{}", &[("user", "root"), ("action", "login"), ("status", "success")]),
    t("LOGIN ON {tty} BY {user} FROM {src_ip}", LOGIN),
    t("LOGIN ON {tty} BY {user}", LOGIN),
    t("FAILED LOGIN {count} FROM {src_ip} FOR {user}, {reason}", FAILED),
    t("FAILED LOGIN ({count}) on '{tty}' FOR '{user}', {reason}", FAILED),
    t("FAILED LOGIN {count} FROM (null) FOR {user}, {reason}", FAILED),
    t("Authentication failed from {src_ip} ({src_host}): {reason}", FAILED),
    t("Kerberos authentication failed", FAILED),
    t("Couldn't authenticate user", FAILED),
    t("connect from {src_ip} ({src_host})", CONNECT),
    t("connect from {src_ip}", CONNECT),
    t(
        "refused connect from {src_ip} ({src_host})",
        &[("action", "connect"), ("status", "failure")],
    ),
    t("START: {service} pid={} from={src_ip}", CONNECT),
    t("FAIL: {service} {reason} from={src_ip}", &[("action", "connect"), ("status", "failure")]),
    t("EXIT: {service} {}", &[("action", "disconnect")]),
    t("DHCPACK on {src_ip} to {mac} ({src_host}) via {}", &[("action", "lease")]),
    t("DHCPACK on {src_ip} to {mac} via {}", &[("action", "lease")]),
    t("Received SNMP packet(s) from UDP: [{src_ip}]:{src_port}", CONNECT),
    t("Received SNMP packet(s) from {src_ip}", CONNECT),
    t("Connection from UDP: [{src_ip}]:{src_port}{}", CONNECT),
    t("PGS17200: Authentication failed for user {user>}.", FAILED),
    t("Authentication failed for user {user>}.", FAILED),
    t("Login failure: user {user}{}", FAILED),
];

/// Reads a message of `cron` or `crontab`.
pub fn cron<'a>(message: &'a str, record: &mut Record<'a>, _: &Context) -> bool {
    record.kind = Kind::named("cron");
    if !pam::fields(message, record) {
        pattern::apply(CRON, message, record);
    }
    true
}

/// Reads a message of `systemd` or `systemd-logind`.
pub fn systemd<'a>(message: &'a str, record: &mut Record<'a>, _: &Context) -> bool {
    record.kind = Kind::named("systemd");
    if !pam::fields(message, record) {
        pattern::apply(SYSTEMD, message, record);
    }
    true
}

/// Reads a message of `login` and other programs that let people in.
pub fn login<'a>(message: &'a str, record: &mut Record<'a>, _: &Context) -> bool {
    record.kind = Kind::named("auth");
    daemon(message, record);
    true
}

/// Reads a message of the CIM server, whose logins are the system's.
pub fn cimserver<'a>(message: &'a str, record: &mut Record<'a>, _: &Context) -> bool {
    record.kind = Kind::named("cimserver");
    daemon(message, record);
    true
}

/// Reads a message of a daemon that only tells who connects.
pub fn connections<'a>(message: &'a str, record: &mut Record<'a>, _: &Context) -> bool {
    record.kind = Kind::named("syslog");
    daemon(message, record);
    true
}

fn daemon<'a>(message: &'a str, record: &mut Record<'a>) {
    if !pam::fields(message, record) && !pattern::apply(LOGIN_MESSAGES, message, record) {
        pattern::sweep_addresses(message, record);
    }
}
