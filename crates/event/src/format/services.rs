//! Messages of file servers, VPNs and scanners: `ProFTPD`, vsftpd and other FTP servers, Samba,
//! `OpenVPN`, `ClamAV`, Guacamole, firewalld, and Fail2ban.

use super::Context;
use super::pam;
use super::pattern::{self, Pattern, t};
use crate::record::{Kind, Record};

const FAILED: &[(&str, &str)] = &[("action", "login"), ("status", "failure")];
const LOGIN: &[(&str, &str)] = &[("action", "login"), ("status", "success")];
const CONNECT: &[(&str, &str)] = &[("action", "connect")];
const DISCONNECT: &[(&str, &str)] = &[("action", "disconnect")];
const REFUSED: &[(&str, &str)] = &[("action", "connect"), ("status", "failure")];
const DENIED: &[(&str, &str)] = &[("action", "access"), ("status", "failure")];

static FTP: &[Pattern] = &[
    t("{auth_method} {user>}: Login successful.", LOGIN),
    t("{auth_method} {user>}: Login successful", LOGIN),
    t("USER {user>}: no such user found from {src_host} [{src_ip}] to {dst_ip}:{dst_port}", FAILED),
    t("USER {user>} (Login failed): {reason}", FAILED),
    t("USER {user>}: {reason}", &[]),
    t("SECURITY VIOLATION: {user>} login attempted{}", FAILED),
    t("Connection from {src_host} [{src_ip}] denied.", REFUSED),
    t("refused connect from {src_host} ({src_ip})", REFUSED),
    t("refused connect from {src_ip}", REFUSED),
    t("FTP session opened.", CONNECT),
    t("FTP session closed.", DISCONNECT),
    t("connection from {src_ip} ({src_host}) at {}", CONNECT),
    t("ANONYMOUS FTP LOGIN FROM {src_ip},  ({user})", LOGIN),
    t("ANONYMOUS FTP LOGIN FROM {src_ip}, {user}", LOGIN),
    t("FTP LOGIN FROM {src_ip} [{}], {user}", LOGIN),
    t("User {user>} timed out after {}", DISCONNECT),
    t("[{user}] OK LOGIN: Client \"{src_ip}\"{}", LOGIN),
    t("[{user}] FAIL LOGIN: Client \"{src_ip}\"{}", FAILED),
    t(
        "[{user}] OK UPLOAD: Client \"{src_ip}\", \"{file>}\", {}",
        &[("action", "upload"), ("status", "success")],
    ),
    t(
        "[{user}] FAIL UPLOAD: Client \"{src_ip}\", \"{file>}\", {}",
        &[("action", "upload"), ("status", "failure")],
    ),
    t(
        "[{user}] OK DOWNLOAD: Client \"{src_ip}\", \"{file>}\", {}",
        &[("action", "download"), ("status", "success")],
    ),
    t(
        "[{user}] FAIL DOWNLOAD: Client \"{src_ip}\", \"{file>}\", {}",
        &[("action", "download"), ("status", "failure")],
    ),
    t(
        "[{user}] OK DELETE: Client \"{src_ip}\", \"{file>}\"",
        &[("action", "delete"), ("status", "success")],
    ),
    t("[{user}] {command}: Client \"{src_ip}\"{}", &[]),
    t("CONNECT: Client \"{src_ip}\"{}", CONNECT),
    t("{command}: Client \"{src_ip}\"{}", &[]),
];

static SAMBA: &[Pattern] = &[
    t(
        "{user}|{src_ip!}|{src_machine}|{share}|{operation}|{status}|{file}",
        &[("action", "access")],
    ),
    t("{user}|{src_ip!}|{share}|{operation}|{status}|{file}", &[("action", "access")]),
    t("Denied connection from {src_host} ({src_ip})", REFUSED),
    t("Denied connection from ({src_ip})", REFUSED),
    t("Denied connection from {src_ip}", REFUSED),
    t("Connection denied from {src_ip}{}", REFUSED),
    t("Permission denied{}User name: {user}. Printer name: {printer}.", DENIED),
    t(
        "{src_machine} ({src_ip}) connect to service {share} initially as user {user} (uid={uid}, gid={gid}) (pid {})",
        CONNECT,
    ),
    t(
        "{src_machine} ({src_ip}) connect to service {share} as user {user} (uid={uid}, gid={gid}) (pid {})",
        CONNECT,
    ),
    t("{src_machine} ({src_ip}) closed connection to service {share}", DISCONNECT),
    t("getpeername failed. {reason}", &[]),
    t(
        "{}check_ntlm_password:  Authentication for user [{user}] -> [{target_user}] FAILED with error {reason}",
        FAILED,
    ),
    t(
        "{}check_ntlm_password:  authentication for user [{user}] -> [{}] -> [{target_user}] succeeded",
        LOGIN,
    ),
];

static OPENVPN: &[Pattern] = &[
    t("{user}/{src_ip!}:{src_port} MULTI: Learn: {dst_ip} -> {}", LOGIN),
    t("{src_ip!}:{src_port} [{user}] Peer Connection Initiated with {}", LOGIN),
    t("[{user}] Peer Connection Initiated with [AF_INET]{src_ip}:{src_port}", LOGIN),
    t("{src_ip!}:{src_port} VERIFY OK: depth={}, {subject}", &[]),
    t(
        "{src_ip!}:{src_port} TLS Auth Error: Auth Username/Password verification failed for peer",
        FAILED,
    ),
    t(
        "{src_ip!}:{src_port} TLS: Username/Password authentication succeeded for username '{user>}'{}",
        LOGIN,
    ),
    t("{src_ip!}:{src_port} {reason}", &[]),
    t("{user}/{src_ip!}:{src_port} {reason}", &[]),
    t("TCP connection established with [AF_INET]{src_ip}:{src_port}", CONNECT),
    t("LDAP bind failed: {reason}", FAILED),
    t("Incorrect password supplied for LDAP DN \"CN={user},{}", FAILED),
    t("Incorrect password supplied for LDAP DN \"{user>}\".", FAILED),
    t("LDAP user \"{user>}\" was not found.", FAILED),
];

static CLAMAV: &[Pattern] = &[
    t("{file>}: {signature} FOUND", &[("action", "found")]),
    t("{file>}: moved to '{destination}'{}", &[("action", "quarantine")]),
    t("{file>}: Removed.", &[("action", "delete")]),
];

static GUACAMOLE: &[Pattern] = &[
    t(
        "User \"{user>}\" joined connection \"{connection}\" ({count} users now present)",
        &[("action", "session_joined")],
    ),
    t("User \"{user>}\" disconnected ({count} users remain)", DISCONNECT),
    t("User \"{user>}\" successfully authenticated from {src_ip}.", LOGIN),
    t("User \"{user>}\" successfully authenticated from [{src_ip}].", LOGIN),
    t("Authentication attempt from {src_ip} for user \"{user>}\" failed.", FAILED),
    t("Authentication attempt from [{src_ip}] for user \"{user>}\" failed.", FAILED),
];

/// Reads a message of `ProFTPD`: `server.example (client.example[192.0.2.1]): USER …` or bare.
pub fn proftpd<'a>(message: &'a str, record: &mut Record<'a>, _: &Context) -> bool {
    let mut text = message;
    if let Some((address, after)) = session(message) {
        pattern::push(record, "src_ip", address);
        text = after;
    }
    pam::or_known("proftpd", FTP, text, record)
}

/// The client's address and the text after it, with `: ` or ` - ` between.
fn session(message: &str) -> Option<(&str, &str)> {
    let (head, rest) = message.split_once('[')?;
    if !head.contains('(') || head.len() > 512 {
        return None;
    }
    let (address, rest) = rest.split_once("])")?;
    let rest = rest.strip_prefix(':').or_else(|| rest.strip_prefix(" -"))?;
    Some((address, rest.trim_start()))
}

/// Reads a message of vsftpd.
pub fn vsftpd<'a>(message: &'a str, record: &mut Record<'a>, _: &Context) -> bool {
    let text = match message.strip_prefix("[pid ").and_then(|rest| rest.split_once("] ")) {
        Some((_, rest)) => rest,
        None => message,
    };
    pam::or_known("vsftpd", FTP, text, record)
}

/// Reads a message of another FTP server.
pub fn ftpd<'a>(message: &'a str, record: &mut Record<'a>, _: &Context) -> bool {
    pam::or_known("ftpd", FTP, message, record)
}

/// Reads a message of Samba.
pub fn samba<'a>(message: &'a str, record: &mut Record<'a>, _: &Context) -> bool {
    pam::or_known("samba", SAMBA, message.trim_start(), record)
}

/// Reads a message of `OpenVPN` or its LDAP plug-in.
pub fn openvpn<'a>(message: &'a str, record: &mut Record<'a>, _: &Context) -> bool {
    pam::or_known("openvpn", OPENVPN, message, record)
}

/// Reads a message of `ClamAV`.
pub fn clamav<'a>(message: &'a str, record: &mut Record<'a>, _: &Context) -> bool {
    pam::or_known("clamav", CLAMAV, message, record)
}

/// Reads a message of Guacamole.
pub fn guacamole<'a>(message: &'a str, record: &mut Record<'a>, _: &Context) -> bool {
    pam::or_known("guacamole", GUACAMOLE, message, record)
}

/// Reads a message of firewalld: `ERROR: COMMAND_FAILED: …`, or, where it is told to say what it
/// does, `DEBUG1: zone.addService('public', 'ssh')`. Packets it logs come from the kernel.
pub fn firewalld<'a>(message: &'a str, record: &mut Record<'a>, _: &Context) -> bool {
    const LEVELS: [&str; 5] = ["FATAL", "ERROR", "WARNING", "INFO", "DEBUG"];
    record.kind = Kind::named("firewalld");
    let Some((level, text)) = message.split_once(": ") else { return true };
    if !LEVELS.iter().any(|known| level.starts_with(known)) {
        return true;
    }
    record.fields.push_text("level", level);
    let is_code = |word: &str| word.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    let (code, reason) = text.split_once(": ").unwrap_or((text, ""));
    if is_code(code) {
        record.fields.push_text("error_code", code);
        record.fields.push_text("reason", reason);
        return true;
    }
    let called =
        |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    if let Some((operation, arguments)) = text.split_once('(').filter(|(name, _)| called(name)) {
        record.fields.push_text("operation", operation);
        let arguments = arguments.trim_end().trim_end_matches(')');
        if let Some((zone, rest)) =
            arguments.split_once(',').filter(|_| operation.starts_with("zone"))
        {
            record.fields.push_text("zone", zone.trim_matches(['\'', '"', ' ']));
            record.fields.push_text("change", rest.trim());
        } else {
            record.fields.push_text("change", arguments);
        }
    }
    true
}

/// Reads a message of Fail2ban: `INFO [sshd] Ban 192.0.2.1`.
pub fn fail2ban<'a>(message: &'a str, record: &mut Record<'a>, _: &Context) -> bool {
    static FAIL2BAN: &[Pattern] = &[
        t("[{jail}] Ban {src_ip}", &[("action", "ban")]),
        t("[{jail}] Restore Ban {src_ip}", &[("action", "ban")]),
        t("[{jail}] Unban {src_ip}", &[("action", "unban")]),
        t("[{jail}] Found {src_ip} - {}", &[("action", "found")]),
        t("[{jail}] {src_ip} already banned", &[("action", "ban")]),
    ];
    let text = message.find('[').and_then(|at| message.get(at..)).unwrap_or(message);
    let text = match text.split_once("]: ") {
        Some((_, rest)) => rest.find('[').and_then(|at| rest.get(at..)).unwrap_or(rest),
        None => text,
    };
    pam::or_known("fail2ban", FAIL2BAN, text, record)
}
