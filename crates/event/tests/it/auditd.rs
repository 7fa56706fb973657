use std::fmt::Write as _;

use crate::support::{Kept, read};

/// Two events whose records interleave, an enriched login, and a service.
const LOG: &str = "\
type=SYSCALL msg=audit(1709259330.123:456): arch=c000003e syscall=59 success=yes exit=0 a0=55d0c0 a1=55d0d0 a2=55d0e0 a3=8 items=2 ppid=1000 pid=1001 auid=1000 uid=33 gid=33 euid=33 tty=pts0 ses=3 comm=\"mkdir\" exe=\"/usr/bin/mkdir\" key=7375737001616374\x1dARCH=x86_64 SYSCALL=execve AUID=\"an\" UID=\"www-data\"
type=SYSCALL msg=audit(1709259330.124:457): arch=c00000b7 syscall=203 success=yes exit=0 a0=3 a1=7f a2=10 a3=0 items=0 ppid=1 pid=7 uid=0 comm=\"nc\" exe=\"/usr/bin/nc\" key=(null)
type=EXECVE msg=audit(1709259330.123:456): argc=4 a0=\"mkdir\" a1=2F746D702F2E7468C6B0206DE1BBA563 a2_len=6 a2[0]=\"-m 0\" a2[1]=\"77\" a3=\"x\"
type=CWD msg=audit(1709259330.123:456): cwd=\"/var/www\"
type=SOCKADDR msg=audit(1709259330.124:457): saddr=02000050C63364090000000000000000
type=PATH msg=audit(1709259330.123:456): item=0 name=\"/usr/bin/mkdir\" inode=1 nametype=NORMAL
type=PATH msg=audit(1709259330.123:456): item=1 name=\"/lib64/ld.so\" inode=2 nametype=NORMAL
type=PROCTITLE msg=audit(1709259330.124:457): proctitle=6E63003139382E35312E3130302E39003830
type=PROCTITLE msg=audit(1709259330.123:456): proctitle=\"mkdir\"
type=EOE msg=audit(1709259330.123:456):
type=USER_LOGIN msg=audit(1709259331.000:458): pid=9 uid=0 auid=4294967295 ses=4294967295 msg='op=login acct=\"an binh\" exe=\"/usr/sbin/sshd\" hostname=may-1.example addr=192.0.2.7 terminal=ssh res=failed'\x1dUID=\"root\" AUID=\"unset\"
node=may-2.example type=SERVICE_STOP msg=audit(1709259331.001:459): pid=1 uid=0 msg='unit=firewalld comm=\"systemd\" exe=\"/usr/lib/systemd/systemd\" hostname=? addr=? terminal=? res=success'
type=AVC msg=audit(1709259332.000:460): avc:  denied  { read } for  pid=5 comm=\"httpd\" name=\"shadow\" scontext=u:r:httpd_t:s0 tclass=file permissive=0
rác không phải audit
";

fn values<'a>(record: &'a Kept, name: &str) -> Vec<&'a str> {
    record.fields.get(name).map(|v| v.iter().map(String::as_str).collect()).unwrap_or_default()
}

#[test]
fn the_records_of_an_event_become_one() {
    let reading = read(LOG.as_bytes());
    assert_eq!(reading.format, "auditd");
    assert_eq!(reading.problems.len(), 1);
    let [connect, execve, login, service, avc] = reading.records.as_slice() else {
        panic!("{reading:#?}")
    };

    assert_eq!(values(execve, "type"), ["SYSCALL", "EXECVE", "CWD", "PATH", "PROCTITLE"]);
    assert_eq!(execve.labels, ["linux/process_creation/auditd"]);
    assert_eq!(values(execve, "a0"), ["55d0c0", "mkdir"]);
    assert_eq!(values(execve, "a1"), ["55d0d0", "/tmp/.thư mục"]);
    assert_eq!(values(execve, "a2"), ["55d0e0", "-m 077"]);
    assert_eq!(values(execve, "name"), ["/usr/bin/mkdir", "/lib64/ld.so"]);
    assert_eq!(values(execve, "key"), ["susp", "act"]);
    for (name, value) in [
        ("SYSCALL", "execve"),
        ("euid", "33"),
        ("argc", "4"),
        ("nametype", "NORMAL"),
        ("CommandLine", "mkdir /tmp/.thư mục -m 077 x"),
        ("Image", "/usr/bin/mkdir"),
        ("User", "www-data"),
        ("CurrentDirectory", "/var/www"),
        ("ProcessId", "1001"),
        ("ParentProcessId", "1000"),
    ] {
        assert_eq!(execve.get(name), value, "{name}");
    }
    assert_eq!(execve.time.as_deref(), Some("2024-03-01T02:15:30.123Z"));
    assert_eq!((execve.number, execve.time_source), (1, "stated"));
    assert_eq!(execve.raw.split(|b| *b == b'\n').count(), 6);

    assert_eq!(connect.labels, ["linux/network_connection/auditd"]);
    assert_eq!(connect.get("SYSCALL"), "connect");
    assert_eq!(connect.get("DestinationIp"), "198.51.100.9");
    assert_eq!(connect.get("DestinationPort"), "80");
    assert_eq!(connect.get("proctitle"), "nc 198.51.100.9 80");
    assert_eq!(connect.get("User"), "root");

    assert_eq!(values(login, "type"), ["USER_LOGIN"]);
    assert_eq!(login.labels, ["linux/*/auditd"]);
    assert_eq!(login.get("acct"), "an binh");
    assert_eq!(login.get("src_ip"), "192.0.2.7");
    assert_eq!(login.get("res"), "failed");
    assert_eq!(login.get("UID"), "root");
    assert_eq!((login.host.as_deref(), login.get("rhost")), (None, "may-1.example"));

    assert_eq!(service.get("unit"), "firewalld");
    assert_eq!(service.host.as_deref(), Some("may-2.example"));
    assert_eq!(
        (avc.get("seresult"), avc.get("seperms"), avc.get("name")),
        ("denied", "read", "shadow")
    );
}

#[test]
fn events_that_never_end_are_handed_on_in_a_bounded_window() {
    let mut log = String::new();
    for serial in 0..500 {
        let _ =
            writeln!(log, "type=SYSCALL msg=audit(1709259330.000:{serial}): arch=1 pid={serial}");
    }
    let reading = read(log.as_bytes());
    assert_eq!(reading.records.len(), 500);
    assert!(reading.records.iter().enumerate().all(|(at, r)| r.get("pid") == at.to_string()));
}

#[test]
fn audit_behind_syslog_headers_is_joined_too() {
    let log = "\
Mar  1 09:15:30 may-3 audispd: type=SYSCALL msg=audit(1709259330.123:456): arch=c000003e syscall=101 exe=\"/tmp/x\"#035ARCH=x86_64
Mar  1 09:15:30 may-3 audispd: type=CWD msg=audit(1709259330.123:456): cwd=\"/tmp\"
Mar  1 09:15:31 may-3 kernel: audit: type=1300 audit(1709259331.123:457): arch=c000003e syscall=99
";
    let reading = read(log.as_bytes());
    let [first, second] = reading.records.as_slice() else { panic!("{reading:#?}") };
    assert_eq!(first.host.as_deref(), Some("may-3"));
    assert_eq!(
        (first.get("SYSCALL"), first.get("exe"), first.get("cwd")),
        ("ptrace", "/tmp/x", "/tmp")
    );
    assert_eq!((second.get("type"), second.get("SYSCALL")), ("SYSCALL", "sysinfo"));
    assert_eq!(second.host.as_deref(), Some("may-3"));
}
