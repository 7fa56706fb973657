//! What stands after a syslog header, or on a line of its own without one.
//!
//! A message is told by the program that wrote it ([`BY_PROGRAM`]) or by its content
//! ([`BY_CONTENT`]: CEF, LEEF, devices). A payload parser takes the message text, sets the
//! record's kind and fields where it knows the message, and says whether it does. The same
//! functions serve device logs that come without a syslog header.

use super::application::database;
use super::{
    Context, LineParser, Refusal, accounts, auditd, cef, cisco, dns, huawei, json, junos,
    key_value, leef, mail, mikrotik, netfilter, netscreen, palo_alto, pam, services, sshd, sudo,
    system, web_access, web_error, windows_text, windows_xml,
};
use crate::record::Record;

/// Reads a message it knows into the record and answers `true`, or leaves the record alone.
pub type Payload = for<'a> fn(&'a str, &mut Record<'a>, &Context) -> bool;

/// Parsers chosen by the name of the program in the syslog header, in lower case.
pub static BY_PROGRAM: &[(&str, Payload)] = &[
    ("sshd", sshd::parse),
    ("sshd-session", sshd::parse),
    ("sshd-auth", sshd::parse),
    ("sudo", sudo::sudo),
    ("su", sudo::su),
    ("doas", sudo::doas),
    ("pkexec", sudo::pkexec),
    ("kernel", netfilter::parse),
    ("ulogd", netfilter::parse),
    ("cron", system::cron),
    ("crond", system::cron),
    ("crontab", system::cron),
    ("anacron", system::cron),
    ("systemd", system::systemd),
    ("systemd-logind", system::systemd),
    ("login", system::login),
    ("klogind", system::login),
    ("gdm", system::login),
    ("gdm-password", system::login),
    ("lightdm", system::login),
    ("polkitd", system::login),
    ("cimserver", system::cimserver),
    ("vimserver", system::cimserver),
    ("xinetd", system::connections),
    ("dhcpd", system::connections),
    ("snmpd", system::connections),
    ("useradd", accounts::parse),
    ("usermod", accounts::parse),
    ("userdel", accounts::parse),
    ("adduser", accounts::parse),
    ("deluser", accounts::parse),
    ("groupadd", accounts::parse),
    ("groupmod", accounts::parse),
    ("groupdel", accounts::parse),
    ("gpasswd", accounts::parse),
    ("passwd", accounts::parse),
    ("chpasswd", accounts::parse),
    ("chage", accounts::parse),
    ("named", dns::named),
    ("unbound", dns::unbound),
    ("postfix", mail::postfix),
    ("exim", mail::exim),
    ("exim4", mail::exim),
    ("dovecot", mail::dovecot),
    ("sendmail", mail::sendmail),
    ("sm-mta", mail::sendmail),
    ("mailscanner", mail::mail_scanner),
    ("update.bad.phishing.sites", mail::mail_scanner),
    ("update.phishing.sites", mail::mail_scanner),
    ("proftpd", services::proftpd),
    ("vsftpd", services::vsftpd),
    ("ftpd", services::ftpd),
    ("in.ftpd", services::ftpd),
    ("pure-ftpd", services::ftpd),
    ("smbd", services::samba),
    ("nmbd", services::samba),
    ("winbindd", services::samba),
    ("smbd_audit", services::samba),
    ("openvpn", services::openvpn),
    ("ovpn-server", services::openvpn),
    ("clamd", services::clamav),
    ("clamscan", services::clamav),
    ("clamonacc", services::clamav),
    ("freshclam", services::clamav),
    ("guacd", services::guacamole),
    ("guacamole", services::guacamole),
    ("nginx", web_error::nginx),
    ("haproxy", web_access::haproxy),
    ("httpd", web_error::apache),
    ("apache", web_error::apache),
    ("apache2", web_error::apache),
    ("firewalld", services::firewalld),
    ("fail2ban", services::fail2ban),
    ("fail2ban.actions", services::fail2ban),
    ("fail2ban-server", services::fail2ban),
    ("postgres", database::postgresql),
    ("mswineventlog", windows_text::payload),
    ("winevtlog", windows_text::payload),
];

/// Parsers tried in this order on messages whose program is unknown.
pub static BY_CONTENT: &[Payload] = &[
    json::payload,
    windows_xml::payload,
    windows_text::payload,
    auditd::payload,
    cef::payload,
    leef::payload,
    palo_alto::payload,
    netscreen::payload,
    cisco::payload,
    huawei::payload,
    key_value::known,
    junos::payload,
    mikrotik::payload,
    web_error::mod_security_payload,
];

/// Reads the message of `program` by the parser that knows it. `false` if none does. The modules
/// of PAM write under the name of whatever program they serve, so they are told by content.
pub fn parse<'a>(
    program: &str,
    message: &'a str,
    record: &mut Record<'a>,
    context: &Context,
) -> bool {
    let by_program = BY_PROGRAM.iter().find(|(name, _)| name.eq_ignore_ascii_case(program));
    by_program.is_some_and(|(_, payload)| payload(message, record, context))
        || pam::parse(message, record, context)
        || BY_CONTENT.iter().any(|payload| payload(message, record, context))
}

/// Reads lines that hold nothing but a message.
pub struct Lines {
    /// What reads a line.
    pub payload: Payload,
    /// Why a line is refused that it does not know.
    pub otherwise: &'static str,
}

impl LineParser for Lines {
    fn parse<'a>(
        &mut self,
        line: &'a str,
        record: &mut Record<'a>,
        context: &Context,
    ) -> Result<bool, Refusal> {
        if (self.payload)(line.trim(), record, context) {
            Ok(true)
        } else {
            Err(Refusal::Borrowed(self.otherwise))
        }
    }
}
