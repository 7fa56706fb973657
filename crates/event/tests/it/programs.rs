//! Messages of programs, each on samples with the fields expected of them.

use khien_event::LogSource;

use crate::support::{Kept, context};
use crate::syslog::{has, one};

/// The fields of a message of a program.
#[track_caller]
fn message(tag: &str, text: &str, kind: &str, expected: &str) -> Kept {
    let record = one(&format!("Nov 20 08:00:00 srv-01 {tag}: {text}"));
    assert_eq!(record.kind, kind, "{text}");
    has(&record, expected);
    record
}

#[test]
fn logins_over_ssh() {
    let m = |text, expected| message("sshd[7]", text, "sshd", expected);
    let record = m(
        "Failed password for invalid user bình from 203.0.113.4 port 5022 ssh2",
        "user=bình; src_ip=203.0.113.4; src_port=5022; action=login; status=failure; reason=invalid user",
    );
    assert_eq!(record.labels, ["linux/*/sshd", "linux/*/auth", "linux/*/syslog"]);
    assert_eq!(record.addresses, ["203.0.113.4"]);
    m("Accepted password for root from 192.0.2.1 port 22 ssh2", "user=root; status=success");
    m("Invalid user  from 192.0.2.1 port 22", "user=; src_ip=192.0.2.1");
    m(
        "error: maximum authentication attempts exceeded for root from 192.0.2.1 port 9 ssh2 [preauth]",
        "user=root; src_port=9",
    );
    m(
        "Received disconnect from 192.0.2.1 port 9:11: Bye Bye [preauth]",
        "src_ip=192.0.2.1; reason_code=11; action=disconnect",
    );
    m(
        "Received disconnect from 192.0.2.1: 11: Bye Bye [preauth]",
        "src_ip=192.0.2.1; reason_code=11",
    );
    m(
        "Disconnected from authenticating user an.nguyen 192.0.2.1 port 9 [preauth]",
        "user=an.nguyen; src_ip=192.0.2.1",
    );
    m("Connection closed by 192.0.2.1 [preauth]", "src_ip=192.0.2.1; action=disconnect");
    m(
        "reverse mapping checking getaddrinfo for x.example [192.0.2.1] failed - POSSIBLE BREAK-IN ATTEMPT!",
        "src_host=x.example; src_ip=192.0.2.1",
    );
    m(
        "message repeated 5 times: [ Failed password for root from 192.0.2.1 port 2 ssh2]",
        "count=5; user=root; src_ip=192.0.2.1",
    );
    m("some new message about 192.0.2.1", "ip=192.0.2.1");
    m(
        "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.1  user=an.nguyen",
        "pam_module=pam_unix; pam_service=sshd; src_ip=192.0.2.1; user=an.nguyen; tty=ssh; status=failure",
    );
    message(
        "sshd(pam_unix)[7]",
        "session opened for user an.nguyen by (uid=0)",
        "sshd",
        "pam_module=pam_unix; user=an.nguyen; action=session_opened",
    );
}

#[test]
fn commands_as_somebody_else() {
    let text = "an.nguyen : TTY=pts/0 ; PWD=/home/an ; USER=root ; COMMAND=/bin/sh -c id ; id";
    message(
        "sudo",
        text,
        "sudo",
        "user=an.nguyen; target_user=root; tty=pts/0; pwd=/home/an; status=success",
    );
    assert_eq!(
        message("sudo", text, "sudo", "status=success").get("command"),
        "/bin/sh -c id ; id"
    );
    message(
        "sudo",
        "  an : user NOT in sudoers ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls",
        "sudo",
        "status=failure; reason=user NOT in sudoers",
    );
    message(
        "sudo",
        "pam_unix(sudo:session): session opened for user root(uid=0) by an(uid=1000)",
        "sudo",
        "user=root; uid=0; by=an; by_uid=1000",
    );
    message(
        "su[3]",
        "(to root) an.nguyen on pts/1",
        "su",
        "target_user=root; user=an.nguyen; status=success",
    );
    message(
        "su[3]",
        "FAILED SU (to root) an.nguyen on pts/1",
        "su",
        "user=an.nguyen; status=failure",
    );
    message(
        "pkexec[5]",
        "an: Executing command [USER=root] [TTY=unknown] [CWD=/home/an] [COMMAND=/usr/bin/id]",
        "pkexec",
        "user=an; target_user=root; command=/usr/bin/id; pwd=/home/an",
    );
    message("gdm-password][5]", "gkr-pam: unlocked", "auth", "process=gdm-password; pid=5");
    message("doas", "an ran command as root: ls", "doas", "user=an; target_user=root; command=ls");
}

#[test]
fn accounts_cron_and_systemd() {
    message(
        "useradd[5]",
        "new user: name=an, UID=0, GID=0, home=/root, shell=/bin/bash, from=/dev/pts/1",
        "accounts",
        "user=an; uid=0; gid=0; home=/root; shell=/bin/bash; action=user_created",
    );
    message(
        "usermod[5]",
        "add 'an' to group 'sudo'",
        "accounts",
        "user=an; group=sudo; action=group_member_added",
    );
    message("userdel[5]", "delete user 'an'", "accounts", "user=an; action=user_deleted");
    message("groupadd[5]", "new group: name=ops, GID=1010", "accounts", "group=ops; gid=1010");
    message(
        "passwd[5]",
        "pam_unix(passwd:chauthtok): password changed for an",
        "accounts",
        "user=an; action=password_changed",
    );
    message(
        "CRON[5]",
        "(root) CMD (  /usr/bin/run (x))",
        "cron",
        "user=root; command=/usr/bin/run (x); action=command",
    );
    let record =
        message("crontab[5]", "(an) REPLACE (an)", "cron", "user=an; action=crontab_replace");
    assert_eq!(record.labels, ["linux/*/cron", "linux/*/syslog"]);
    message("systemd-logind[5]", "New session 12 of user an.", "systemd", "user=an; session=12");
    message(
        "systemd[1]",
        "Stopped firewalld - dynamic firewall daemon.",
        "systemd",
        "unit=firewalld - dynamic firewall daemon; action=service_stopped",
    );
    message(
        "app[1]",
        "pam_unix(app:auth): check pass; user unknown",
        "auth",
        "status=failure; pam_service=app",
    );
}

#[test]
fn packets_of_the_kernel() {
    let record = message(
        "kernel",
        "[ 8665.951930] [UFW BLOCK] IN=eth0 OUT= MAC=00:00:5e:00:53:01 SRC=203.0.113.9 DST=192.0.2.1 LEN=40 TTL=52 PROTO=TCP SPT=41000 DPT=22 WINDOW=1024 SYN URGP=0",
        "netfilter",
        "src_ip=203.0.113.9; dst_ip=192.0.2.1; src_port=41000; dst_port=22; protocol=TCP; src_interface=eth0; action=drop; blocked=true; rule=UFW BLOCK",
    );
    assert_eq!(record.labels, ["linux/firewall/syslog"]);
    message(
        "kernel",
        "fw-ACCEPTED IN=eth0 OUT=eth1 SRC=2001:db8::1 DST=2001:db8::2 PROTO=UDP SPT=1 DPT=53",
        "netfilter",
        "action=accept; blocked=false; dst_interface=eth1; src_ip=2001:db8::1",
    );
    message(
        "kernel",
        "audit: type=1400 audit(1.2:3): apparmor=\"DENIED\" operation=\"open\" profile=\"/usr/bin/x y\" name=\"/etc/z\" pid=5 comm=\"x\"",
        "apparmor",
        "action=DENIED; profile=/usr/bin/x y; name=/etc/z; target_pid=5; comm=x",
    );
    message("kernel", "usb 1-1: new device", "kernel", "message=usb 1-1: new device");
}

#[test]
fn name_servers() {
    let record = message(
        "named[5]",
        "client @0x7f00 192.0.2.7#4711 (evil.example): query: evil.example IN TXT +E(0)K (192.0.2.53)",
        "named",
        "query=evil.example; record_type=TXT; src_ip=192.0.2.7; src_port=4711; dst_ip=192.0.2.53",
    );
    assert_eq!(record.labels, ["linux/dns/named", "linux/*/syslog"]);
    message(
        "named[5]",
        "queries: info: client 192.0.2.7#4711: query: a.example IN A + (192.0.2.53)",
        "named",
        "query=a.example; record_type=A; src_ip=192.0.2.7",
    );
    message(
        "unbound",
        "[9:0] info: 192.0.2.7 a.example. AAAA IN",
        "unbound",
        "query=a.example.; record_type=AAAA; src_ip=192.0.2.7; level=info",
    );
}

#[test]
fn mail_servers() {
    message(
        "postfix/smtpd[5]",
        "warning: unknown[192.0.2.7]: SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username=an@x.example",
        "postfix",
        "src_ip=192.0.2.7; user=an@x.example; status=failure",
    );
    message(
        "postfix/smtpd[5]",
        "NOQUEUE: reject: RCPT from h.example[192.0.2.7]: 554 5.7.1 no; from=<a@b.example> to=<c@d.example> proto=ESMTP helo=<x>",
        "postfix",
        "sender=a@b.example; recipient=c@d.example; src_ip=192.0.2.7",
    );
    message(
        "dovecot",
        "imap-login: Login: user=<an>, method=PLAIN, rip=192.0.2.7, lip=192.0.2.1, mpid=5, TLS",
        "dovecot",
        "user=an; src_ip=192.0.2.7; dst_ip=192.0.2.1; status=success",
    );
    message(
        "dovecot",
        "imap-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<an>, method=PLAIN, rip=192.0.2.7, lip=192.0.2.1",
        "dovecot",
        "user=an; status=failure",
    );
}

#[test]
fn files_vpn_and_scanners() {
    message(
        "proftpd[5]",
        "srv (c.example[192.0.2.7]) - USER an: Login successful.",
        "proftpd",
        "user=an; src_ip=192.0.2.7; status=success",
    );
    message(
        "vsftpd[5]",
        "[an] FAIL LOGIN: Client \"::ffff:192.0.2.7\"",
        "vsftpd",
        "user=an; src_ip=::ffff:192.0.2.7; status=failure",
    );
    message(
        "smbd[5]",
        "  pc-7 (192.0.2.7) connect to service share initially as user an (uid=5, gid=5) (pid 9)",
        "samba",
        "user=an; src_ip=192.0.2.7; share=share",
    );
    message(
        "openvpn[5]",
        "192.0.2.7:1194 [an.nguyen] Peer Connection Initiated with [AF_INET]192.0.2.7:1194",
        "openvpn",
        "user=an.nguyen; src_ip=192.0.2.7; src_port=1194",
    );
    message(
        "clamd[5]",
        "/home/an/x.exe: Win.Trojan.Test-1 FOUND",
        "clamav",
        "file=/home/an/x.exe; signature=Win.Trojan.Test-1",
    );
    message(
        "fail2ban.actions[5]",
        "NOTICE [sshd] Ban 192.0.2.7",
        "fail2ban",
        "jail=sshd; src_ip=192.0.2.7; action=ban",
    );
    message(
        "nginx",
        "192.0.2.7 - - [20/Nov/2026:08:00:00 +0700] \"GET / HTTP/1.1\" 200 5 \"-\" \"x\"",
        "web-access/nginx",
        "c-ip=192.0.2.7; cs-method=GET",
    );
}

#[test]
fn variants_that_differ_in_a_word() {
    message(
        "haproxy[5]",
        "192.0.2.7:5000 [20/Nov/2026:08:00:00.123] fe~ be/s1 0/0/1/2/3 200 500 - - ---- 1/1/0/0/0 0/0 \"GET /x?y HTTP/1.1\"",
        "web-access/haproxy",
        "c-ip=192.0.2.7; cs-method=GET; c-uri=/x?y; sc-status=200",
    );
    message(
        "openvpn[5]",
        "an/192.0.2.7:1194 MULTI_sva: pool returned IPv4=192.0.2.9",
        "openvpn",
        "user=an; src_ip=192.0.2.7",
    );
    message(
        "openvpn[5]",
        "192.0.2.7:1194 VERIFY OK: depth=0, /C=VN/CN=an",
        "openvpn",
        "src_ip=192.0.2.7; user=",
    );
    message(
        "smbd_audit",
        "an|192.0.2.7|pc-7|share|unlink|ok|a/b.doc",
        "samba",
        "user=an; src_ip=192.0.2.7; operation=unlink; file=a/b.doc",
    );
    message(
        "exim[5]",
        "2026-11-20 08:00:00 login authenticator failed for (u) [192.0.2.7]: 535 no (set_id=an)",
        "exim",
        "auth_method=login; user=an",
    );
    message(
        "dovecot",
        "imap-login: Aborted login (auth failed, 1 attempts in 2 secs): user=<an>, method=PLAIN, rip=192.0.2.7, lip=192.0.2.1, TLS",
        "dovecot",
        "dst_ip=192.0.2.1; user=an",
    );
    message(
        "vsftpd[5]",
        "pam_unix(vsftpd:auth): authentication failure; logname= uid=0 euid=0 tty=ftp ruser=an rhost=192.0.2.7",
        "vsftpd",
        "user=an; src_ip=192.0.2.7",
    );
}

#[test]
fn every_log_source_of_public_rules_has_a_kind() {
    let context = context();
    for [product, category, service] in [
        ["linux", "", ""],
        ["linux", "", "auth"],
        ["linux", "", "clamav"],
        ["linux", "", "cron"],
        ["linux", "", "guacamole"],
        ["linux", "", "sshd"],
        ["linux", "", "sudo"],
        ["linux", "", "syslog"],
        ["linux", "", "vsftpd"],
        ["", "dns", ""],
        ["", "firewall", ""],
        ["", "proxy", ""],
        ["", "webserver", ""],
        ["", "", "apache"],
        ["", "", "nginx"],
        ["modsecurity", "", ""],
    ] {
        let part = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let wanted =
            LogSource { product: part(product), category: part(category), service: part(service) };
        let mut labels = context.packs.routes().iter().flat_map(|route| &route.labels);
        assert!(labels.any(|label| label.satisfies(&wanted)), "{wanted}");
    }
}
