//! Messages of the OpenSSH server.
//!
//! Out come who (`user`), from where (`src_ip`, `src_port`), by what (`auth_method`), and for
//! logins `action` and `status`. Of debugging output only the addresses are taken.

use super::Context;
use super::pam;
use super::pattern::{self, Pattern, t};
use crate::record::{Kind, Record};

const ACCEPTED: &[(&str, &str)] = &[("action", "login"), ("status", "success")];
const FAILED: &[(&str, &str)] = &[("action", "login"), ("status", "failure")];
const INVALID: &[(&str, &str)] =
    &[("action", "login"), ("status", "failure"), ("reason", "invalid user")];
const CONNECT: &[(&str, &str)] = &[("action", "connect")];
const DISCONNECT: &[(&str, &str)] = &[("action", "disconnect")];
const REFUSED: &[(&str, &str)] = &[("action", "connect"), ("status", "failure")];
const SUSPICIOUS: &[(&str, &str)] = &[("action", "connect"), ("reason", "reverse mapping")];

static PATTERNS: &[Pattern] = &[
    t("Accepted {auth_method} for {user>} from {src_ip} port {src_port} ssh2: {key}", ACCEPTED),
    t("Accepted {auth_method} for {user>} from {src_ip} port {src_port} {}", ACCEPTED),
    t("Accepted {auth_method} for {user>} from {src_ip} port {src_port}", ACCEPTED),
    t("Failed {auth_method} for invalid user {user>} from {src_ip} port {src_port} {}", INVALID),
    t("Failed {auth_method} for invalid user {user>} from {src_ip} port {src_port}", INVALID),
    t("Failed {auth_method} for illegal user {user>} from {src_ip} port {src_port} {}", INVALID),
    t("Failed {auth_method} for {user>} from {src_ip} port {src_port} {}", FAILED),
    t("Failed {auth_method} for {user>} from {src_ip} port {src_port}", FAILED),
    t("Postponed {auth_method} for invalid user {user>} from {src_ip} port {src_port} {}", INVALID),
    t("Postponed {auth_method} for {user>} from {src_ip} port {src_port} {}", &[]),
    t("Partial {auth_method} for {user>} from {src_ip} port {src_port} {}", &[]),
    t("Invalid user {user>} from {src_ip} port {src_port}", INVALID),
    t("Invalid user {user>} from {src_ip}", INVALID),
    t("Illegal user {user>} from {src_ip}", INVALID),
    t("input_userauth_request: invalid user {user>} [preauth]", INVALID),
    t("input_userauth_request: invalid user {user}", INVALID),
    t("User {user>} from {src_ip} not allowed because {reason}", FAILED),
    t("User {user>} not allowed because {reason}", FAILED),
    t(
        "ROOT LOGIN REFUSED FROM {src_ip} port {src_port}{}",
        &[("user", "root"), ("action", "login"), ("status", "failure")],
    ),
    t(
        "ROOT LOGIN REFUSED FROM {src_ip}",
        &[("user", "root"), ("action", "login"), ("status", "failure")],
    ),
    t(
        "maximum authentication attempts exceeded for invalid user {user>} from {src_ip} port {src_port} {}",
        INVALID,
    ),
    t(
        "maximum authentication attempts exceeded for {user>} from {src_ip} port {src_port} {}",
        FAILED,
    ),
    t("PAM: {reason} for illegal user {user>} from {src_ip}", INVALID),
    t("PAM: {reason} for invalid user {user>} from {src_ip}", INVALID),
    t("PAM: {reason} for {user>} from {src_ip}", FAILED),
    t("Disconnecting invalid user {user>} {src_ip} port {src_port}: {reason}", INVALID),
    t("Disconnecting authenticating user {user>} {src_ip} port {src_port}: {reason}", FAILED),
    t("Disconnecting: Too many authentication failures for {user>} [preauth]", FAILED),
    t("Disconnecting: Too many authentication failures for {user}", FAILED),
    t("Disconnecting: {reason}", DISCONNECT),
    t("Received disconnect from {src_ip} port {src_port}:{reason_code}: {reason}", DISCONNECT),
    t("Received disconnect from {src_ip}: {reason_code}: {reason}", DISCONNECT),
    t("Disconnected from invalid user {user>} {src_ip} port {src_port} [preauth]", DISCONNECT),
    t(
        "Disconnected from authenticating user {user>} {src_ip} port {src_port} [preauth]",
        DISCONNECT,
    ),
    t("Disconnected from user {user>} {src_ip} port {src_port}", DISCONNECT),
    t("Disconnected from {src_ip} port {src_port} [preauth]", DISCONNECT),
    t("Disconnected from {src_ip} port {src_port}", DISCONNECT),
    t("Disconnected from {src_ip}", DISCONNECT),
    t("Connection closed by invalid user {user>} {src_ip} port {src_port} [preauth]", DISCONNECT),
    t(
        "Connection closed by authenticating user {user>} {src_ip} port {src_port} [preauth]",
        DISCONNECT,
    ),
    t("Connection closed by {src_ip} port {src_port} [preauth]", DISCONNECT),
    t("Connection closed by {src_ip} port {src_port}", DISCONNECT),
    t("Connection closed by {src_ip} [preauth]", DISCONNECT),
    t("Connection closed by {src_ip}", DISCONNECT),
    t("Connection reset by invalid user {user>} {src_ip} port {src_port} [preauth]", DISCONNECT),
    t(
        "Connection reset by authenticating user {user>} {src_ip} port {src_port} [preauth]",
        DISCONNECT,
    ),
    t("Connection reset by {src_ip} port {src_port} [preauth]", DISCONNECT),
    t("Connection reset by {src_ip} port {src_port}", DISCONNECT),
    t("Connection from {src_ip} port {src_port} on {dst_ip} port {dst_port}{}", CONNECT),
    t("Connection from {src_ip} port {src_port}", CONNECT),
    t("Read error from remote host {src_ip} port {src_port}: {reason}", DISCONNECT),
    t("Read error from remote host {src_ip}: {reason}", DISCONNECT),
    t("Timeout before authentication for {src_ip} port {src_port}", REFUSED),
    t("Timeout before authentication for {src_ip}", REFUSED),
    t("Did not receive identification string from {src_ip} port {src_port}", REFUSED),
    t("Did not receive identification string from {src_ip}", REFUSED),
    t(
        "Bad protocol version identification '{client_banner>}' from {src_ip} port {src_port}",
        REFUSED,
    ),
    t("Bad protocol version identification '{client_banner>}' from {src_ip}", REFUSED),
    t("banner exchange: Connection from {src_ip} port {src_port}: {reason}", REFUSED),
    t("Unable to negotiate with {src_ip} port {src_port}: {reason}", REFUSED),
    t("Unable to negotiate with {src_ip}: {reason}", REFUSED),
    t("refused connect from {src_host} ({src_ip})", REFUSED),
    t("reverse mapping checking getaddrinfo for {src_host} [{src_ip}] failed{}", SUSPICIOUS),
    t("reverse mapping checking getaddrinfo for {src_host} failed{}", SUSPICIOUS),
    t(
        "Address {src_ip} maps to {src_host}, but this does not map back to the address{}",
        SUSPICIOUS,
    ),
    t("Nasty PTR record \"{src_host>}\" is set up for {src_ip}, ignoring", SUSPICIOUS),
    t(
        "subsystem request for {subsystem} by user {user} failed, {reason}",
        &[("action", "subsystem"), ("status", "failure")],
    ),
    t("subsystem request for {subsystem} by user {user}", &[("action", "subsystem")]),
    t(
        "Starting session: {session_type} for {user} from {src_ip} port {src_port} id {}",
        &[("action", "session_opened")],
    ),
    t(
        "Starting session: {session_type} on {tty} for {user} from {src_ip} port {src_port} id {}",
        &[("action", "session_opened")],
    ),
    t("Server listening on {dst_ip} port {dst_port}.", &[("action", "listen")]),
    t("Authentication refused: bad ownership or modes for {}/home/{user}/{}", FAILED),
    t("Could not chdir to home directory {home}: {reason}", &[]),
];

/// Reads a message of `sshd` or one of its helpers.
pub fn parse<'a>(message: &'a str, record: &mut Record<'a>, _: &Context) -> bool {
    record.kind = Kind::named("sshd");
    // The level that sshd puts before some messages says nothing of their shape.
    let plain = message.strip_prefix("error: ").or_else(|| message.strip_prefix("fatal: "));
    let plain = plain.unwrap_or(message);
    if !pattern::apply(PATTERNS, plain, record) && !pam::fields(plain, record) {
        pattern::sweep_addresses(plain, record);
    }
    true
}
