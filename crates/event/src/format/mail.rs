//! Messages of mail servers: Postfix, Exim, Dovecot, Sendmail, `MailScanner`.
//!
//! `user` is who logs in, `sender` and `recipient` are mail addresses, `src_ip` is the client.

use super::Context;
use super::pam;
use super::pattern::{Pattern, t};
use crate::record::Record;

const FAILED: &[(&str, &str)] = &[("action", "login"), ("status", "failure")];
const LOGIN: &[(&str, &str)] = &[("action", "login"), ("status", "success")];
const CONNECT: &[(&str, &str)] = &[("action", "connect")];
const DISCONNECT: &[(&str, &str)] = &[("action", "disconnect")];
const DROPPED: &[(&str, &str)] = &[("action", "disconnect"), ("status", "failure")];
const REJECT: &[(&str, &str)] = &[("action", "reject"), ("status", "failure")];

static POSTFIX: &[Pattern] = &[
    t("connect from {src_host}[{src_ip}]", CONNECT),
    t("disconnect from {src_host}[{src_ip}]{}", DISCONNECT),
    t("lost connection after {stage} from {src_host}[{src_ip}]", DROPPED),
    t("timeout after {stage} from {src_host}[{src_ip}]", DROPPED),
    t("too many errors after {stage} from {src_host}[{src_ip}]", DROPPED),
    t(
        "warning: {src_host}[{src_ip}]: SASL {auth_method} authentication failed: {reason}, sasl_username={user}",
        FAILED,
    ),
    t("warning: {src_host}[{src_ip}]: SASL {auth_method} authentication failed: {reason}", FAILED),
    t("warning: hostname {src_host} does not resolve to address {src_ip}{}", &[]),
    t("warning: {src_ip}: hostname {src_host} verification failed{}", &[]),
    t(
        "{queue_id}: client={src_host}[{src_ip}], sasl_method={auth_method}, sasl_username={user}",
        LOGIN,
    ),
    t("{queue_id}: client={src_host}[{src_ip}]{}", CONNECT),
    t(
        "NOQUEUE: reject: {stage} from {src_host}[{src_ip}]: {reason}; from=<{sender}> to=<{recipient}> proto={protocol} helo=<{helo}>",
        REJECT,
    ),
    t("NOQUEUE: reject: {stage} from {src_host}[{src_ip}]: {reason}", REJECT),
    t("{queue_id}: reject: {stage} from {src_host}[{src_ip}]: {reason}", REJECT),
    t("{queue_id}: from=<{sender}>, size={size}, nrcpt={count} {}", &[("action", "queued")]),
    t(
        "{queue_id}: to=<{recipient}>, relay={dst_host}[{dst_ip}]:{dst_port}, {}",
        &[("action", "delivery")],
    ),
    t("{queue_id}: to=<{recipient}>, {}", &[("action", "delivery")]),
    t("{queue_id}: message-id=<{message_id}>", &[]),
    t("{queue_id}: uid={uid} from=<{sender}>", &[]),
    t("{queue_id}: removed", &[]),
];

static EXIM: &[Pattern] = &[
    t(
        "{auth_method} authenticator failed for {src_host} ({helo}) [{src_ip}]:{src_port}: {reason} (set_id={user>})",
        FAILED,
    ),
    t(
        "{auth_method} authenticator failed for ({helo}) [{src_ip}]:{src_port}: {reason} (set_id={user>})",
        FAILED,
    ),
    t(
        "{auth_method} authenticator failed for ({helo}) [{src_ip}]: {reason} (set_id={user>})",
        FAILED,
    ),
    t(
        "{auth_method} authenticator failed for {src_host} [{src_ip}]:{src_port}: {reason} (set_id={user>})",
        FAILED,
    ),
    t("{auth_method} authenticator failed for ({helo}) [{src_ip}]:{src_port}: {reason}", FAILED),
    t("SMTP connection from [{src_ip}]:{src_port} (TCP/IP connection count = {count})", CONNECT),
    t("SMTP connection from [{src_ip}] (TCP/IP connection count = {count})", CONNECT),
    t("SMTP connection from ({helo}) [{src_ip}]:{src_port} {reason}", DISCONNECT),
    t("SMTP connection from {src_host} [{src_ip}]:{src_port} {reason}", DISCONNECT),
    t("SMTP connection from [{src_ip}]:{src_port} {reason}", DISCONNECT),
    t("SMTP call from ({helo}) [{src_ip}]:{src_port} dropped: {reason}", DROPPED),
    t("SMTP call from {src_host} [{src_ip}]:{src_port} dropped: {reason}", DROPPED),
    t("no host name found for IP address {src_ip}", &[]),
    t(
        "no IP address found for host {src_host} (during SMTP connection from [{src_ip}]:{src_port})",
        &[],
    ),
    t("rejected {stage} from {} [{src_ip}]:{src_port}: {reason}", REJECT),
    t("{queue_id} <= {sender} H={} [{src_ip}]:{src_port} {}", &[("action", "received")]),
    t("{queue_id} <= {sender} H={} [{src_ip}] {}", &[("action", "received")]),
    t("{queue_id} <= {sender} U={user} {}", &[("action", "received")]),
    t("{queue_id} => {recipient} R={} H={dst_host} [{dst_ip}]{}", &[("action", "delivery")]),
    t("{queue_id} => {recipient} {}", &[("action", "delivery")]),
    t("{queue_id} ** {recipient} {}", &[("action", "delivery"), ("status", "failure")]),
    t("H={} [{src_ip}]:{src_port} {reason}", REJECT),
];

static DOVECOT: &[Pattern] = &[
    t(
        "{service}-login: Login: user=<{user>}>, method={auth_method}, rip={src_ip}, lip={dst_ip}, {}",
        LOGIN,
    ),
    t(
        "{service}-login: Info: Login: user=<{user>}>, method={auth_method}, rip={src_ip}, lip={dst_ip}, {}",
        LOGIN,
    ),
    t(
        "{service}-login: {reason} (auth failed, {}): user=<{user>}>, method={auth_method}, rip={src_ip}, lip={dst_ip}{}",
        FAILED,
    ),
    t(
        "{service}-login: {reason}: user=<{user>}>, method={auth_method}, rip={src_ip}, lip={dst_ip}{}",
        DISCONNECT,
    ),
    t("{service}-login: {reason}: user=<{user>}>, rip={src_ip}, lip={dst_ip}{}", DISCONNECT),
    t("{service}-login: {reason}: rip={src_ip}, lip={dst_ip}{}", DISCONNECT),
    t("{service}({user}): Disconnected: {reason}", DISCONNECT),
    t("{service}({user})<{}>: Disconnected: {reason}", DISCONNECT),
    t("auth-worker({}): pam({user},{src_ip}): {reason}", FAILED),
    t("auth: pam({user},{src_ip}): {reason}", FAILED),
    t("auth: passwd-file({user},{src_ip}): {reason}", FAILED),
    t("auth: {}: sql({user},{src_ip}): {reason}", FAILED),
    t("lda({user}): {}", &[("action", "delivery")]),
];

static SENDMAIL: &[Pattern] = &[
    t("{queue_id}: from=<{sender}>, {}relay={src_host} [{src_ip}]", &[("action", "received")]),
    t("{queue_id}: from={sender}, {}", &[("action", "received")]),
    t("{queue_id}: to=<{recipient}>, {}relay={dst_host} [{dst_ip}], {}", &[("action", "delivery")]),
    t("{queue_id}: to={recipient}, {}", &[("action", "delivery")]),
    t("{queue_id}: AUTH failure ({auth_method}): {reason}, relay={src_host} [{src_ip}]", FAILED),
    t(
        "{queue_id}: ruleset={}, arg1=<{recipient}>, relay={src_host} [{src_ip}], reject={reason}",
        REJECT,
    ),
    t("AUTH=server, relay={src_host} [{src_ip}], authid={user}, mech={auth_method}, {}", LOGIN),
];

static MAIL_SCANNER: &[Pattern] = &[
    t(
        "Message {queue_id} from {src_ip} ({sender}) to {recipient} is spam{}",
        &[("action", "spam")],
    ),
    t(
        "Message {queue_id} from {src_ip} ({sender}) to {recipient} is not spam{}",
        &[("action", "not_spam")],
    ),
    t("Infected message {queue_id} came from {src_ip}", &[("action", "infected")]),
    t("Phishing bad sites list updated", &[("action", "update")]),
    t("Phishing safe sites list updated", &[("action", "update")]),
];

/// Reads a message of a Postfix process.
pub fn postfix<'a>(message: &'a str, record: &mut Record<'a>, _: &Context) -> bool {
    pam::or_known("postfix", POSTFIX, message, record)
}

/// Reads a message of Exim, from its main log or syslog.
pub fn exim<'a>(message: &'a str, record: &mut Record<'a>, _: &Context) -> bool {
    // In syslog the time may stand here again.
    let timed = message.get(..20).is_some_and(|time| {
        time.ends_with(' ')
            && time.starts_with("20")
            && time.bytes().filter(|b| *b == b':').count() == 2
    });
    let text = if timed { message.get(20..).unwrap_or(message) } else { message };
    pam::or_known("exim", EXIM, text, record)
}

/// Reads a message of Dovecot.
pub fn dovecot<'a>(message: &'a str, record: &mut Record<'a>, _: &Context) -> bool {
    pam::or_known("dovecot", DOVECOT, message, record)
}

/// Reads a message of Sendmail.
pub fn sendmail<'a>(message: &'a str, record: &mut Record<'a>, _: &Context) -> bool {
    pam::or_known("sendmail", SENDMAIL, message, record)
}

/// Reads a message of `MailScanner` or its updater.
pub fn mail_scanner<'a>(message: &'a str, record: &mut Record<'a>, _: &Context) -> bool {
    pam::or_known("mailscanner", MAIL_SCANNER, message, record)
}

/// Whether a message without a program in front is one that Exim writes to its main log.
pub fn is_exim(text: &str) -> bool {
    const SMTP: [&str; 6] = [
        "SMTP connection from ",
        "SMTP call from ",
        "no host name found for IP address ",
        "no IP address found for host ",
        "Start queue run: ",
        "End queue run: ",
    ];
    let id = |text: &str| {
        let (id, rest) = text.split_once(' ').unwrap_or((text, ""));
        matches!(id.len(), 16 | 23)
            && id.bytes().filter(|byte| *byte == b'-').count() == 2
            && ["<= ", "=> ", "-> ", ">> ", "** ", "== ", "Completed"]
                .iter()
                .any(|sign| rest.starts_with(sign))
    };
    SMTP.iter().any(|start| text.starts_with(start))
        || text.contains(" authenticator failed for ")
        || text.starts_with("H=")
        || text.starts_with("exim ")
        || id(text)
}
