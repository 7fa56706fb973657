//! The Linux audit log: records of one event, joined by their time and serial number.
//!
//! Lines come as `type=SYSCALL msg=audit(time:serial): …`, with or without `node=`, behind a
//! syslog header, or as the kernel prints them with numbers for types. One event goes out with
//! the fields of all its records: `type` names each of them, so that a rule for `EXECVE` with
//! `a0` and a rule for `SYSCALL` with `exe` both see it. Hexadecimal texts and socket addresses
//! are decoded, what an enriched log adds behind GS is kept, and missing names of system calls
//! are added. An event with an `execve` that worked also has the fields of `process_creation`.
//!
//! Events may interleave; one that has not ended waits until [`WINDOW`] others have begun or two
//! seconds have passed in the log. As a message within syslog ([`payload`]) each line stands for
//! itself. `hostname`, with which audit means the far end of a login, is called `rhost`, so that
//! it is not taken for the machine that logged.

use std::collections::VecDeque;
use std::sync::Arc;

use super::{Context, Format, Reader, Sample, Sink, lines};
use crate::record::{Problem, Record};
use crate::stream::{Block, Framing};

mod event;
mod syscalls;

/// Linux audit logs.
pub const FORMAT: Format = Format {
    id: "auditd",
    title: ["Linux audit log", "Nhật ký audit của Linux"],
    framing: Framing::Lines,
    in_order: true,
    // AppArmor's messages look alike and come among others of the kernel, by syslog.
    sniff: |sample: &Sample<'_>| {
        let audit = |line: &str| !line.contains("apparmor=") && Line::parse(line).is_some();
        sample.share(audit) / 20 * 19
    },
    reader: |context| Box::new(Joiner { context: context.clone(), open: VecDeque::new() }),
};

/// So many events may be open at a time.
pub const WINDOW: usize = 64;
/// An event is taken for complete when the log is so many seconds past it.
const SECONDS_OPEN: i64 = 2;
/// The lines of an event together are no longer than this.
const MAX_EVENT_BYTES: usize = 1 << 20;
/// The audit mark of a line stands no further behind.
const HEADER_BYTES: usize = 512;

/// Types as the kernel numbers them where no daemon has named them.
static NUMBERS: &[(&str, &str)] = &[
    ("1006", "LOGIN"),
    ("1100", "USER_AUTH"),
    ("1101", "USER_ACCT"),
    ("1103", "CRED_ACQ"),
    ("1104", "CRED_DISP"),
    ("1105", "USER_START"),
    ("1106", "USER_END"),
    ("1107", "USER_AVC"),
    ("1112", "USER_LOGIN"),
    ("1114", "ADD_USER"),
    ("1115", "DEL_USER"),
    ("1116", "ADD_GROUP"),
    ("1123", "USER_CMD"),
    ("1124", "USER_TTY"),
    ("1130", "SERVICE_START"),
    ("1131", "SERVICE_STOP"),
    ("1300", "SYSCALL"),
    ("1302", "PATH"),
    ("1305", "CONFIG_CHANGE"),
    ("1306", "SOCKADDR"),
    ("1307", "CWD"),
    ("1309", "EXECVE"),
    ("1319", "TTY"),
    ("1320", "EOE"),
    ("1321", "BPRM_FCAPS"),
    ("1325", "NETFILTER_CFG"),
    ("1326", "SECCOMP"),
    ("1327", "PROCTITLE"),
    ("1330", "KERN_MODULE"),
    ("1334", "BPF"),
    ("1400", "AVC"),
    ("1700", "ANOM_PROMISCUOUS"),
    ("1701", "ANOM_ABEND"),
];

/// How the types begin whose events have one record only.
static SINGLE: &[&str] = &[
    "USER_",
    "CRED_",
    "SERVICE_",
    "SYSTEM_",
    "DAEMON_",
    "ADD_",
    "DEL_",
    "GRP_",
    "ACCT_",
    "CRYPTO_",
    "VIRT_",
    "SOFTWARE_",
    "CHGRP_",
    "CHUSER_",
    "ROLE_",
    "LABEL_",
    "USYS_",
];

/// One line, taken apart as far as joining needs.
struct Line<'a> {
    /// The machine, by `node=` or by the syslog header.
    host: &'a str,
    kind: &'a str,
    /// `seconds.milliseconds:serial`.
    stamp: &'a str,
    body: &'a str,
}

impl<'a> Line<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let head = text.as_bytes().get(..HEADER_BYTES).unwrap_or(text.as_bytes());
        let at = memchr::memmem::find(head, b"audit(")?;
        let before = text.get(..at)?;
        let (stamp, rest) = text.get(at + "audit(".len()..)?.split_once(')')?;
        let body = rest.strip_prefix(':')?;
        stamp.as_bytes().first().filter(|b| b.is_ascii_digit())?;
        stamp.find(':')?;
        let start = before.rfind("type=")?;
        let kind = before.get(start + "type=".len()..)?.split(' ').next()?;
        let kind = kind.strip_prefix("UNKNOWN[").map_or(kind, |kind| kind.trim_end_matches(']'));
        let named = NUMBERS.iter().find(|(number, _)| *number == kind).map(|(_, name)| *name);
        let header = before.get(..start)?.trim_end();
        Some(Self { host: host(header), kind: named.unwrap_or(kind), stamp, body })
    }

    fn seconds(&self) -> i64 {
        self.stamp.split(['.', ':']).next().and_then(|text| text.parse().ok()).unwrap_or(0)
    }

    fn is_single(&self) -> bool {
        SINGLE.iter().any(|start| self.kind.starts_with(start))
    }
}

/// The machine in what stands before `type=`: `node=…`, or the word before a program's.
fn host(header: &str) -> &str {
    let mut words = header.rsplit(' ');
    let last = words.next().unwrap_or("");
    if let Some(node) = last.strip_prefix("node=") {
        return node;
    }
    if last == "audit:" && header.contains("kernel:") {
        words.find(|word| *word == "kernel:");
    }
    if last.ends_with(':') { words.next().unwrap_or("") } else { "" }
}

/// An event whose records are still coming.
struct Open {
    host: String,
    stamp: String,
    seconds: i64,
    text: String,
    offset: u64,
    number: u64,
}

struct Joiner {
    context: Context,
    open: VecDeque<Open>,
}

impl Joiner {
    fn take(&mut self, text: &str, offset: u64, number: u64, sink: &mut dyn Sink) {
        let Some(line) = Line::parse(text) else {
            sink.problem(Problem::new(offset, "no audit record"));
            return;
        };
        let same = |open: &Open| open.stamp == line.stamp && open.host == line.host;
        let mut place = self.open.iter().rposition(same);
        if line.kind == "EOE" {
            // Without an open event this one has ended with its PROCTITLE.
            if let Some(open) = place.and_then(|at| self.open.remove(at)) {
                emit(&open, &self.context, sink);
            }
            return;
        }
        let full = |open: &Open| open.text.len() + text.len() > MAX_EVENT_BYTES;
        if let Some(at) = place.filter(|at| self.open.get(*at).is_some_and(full)) {
            if let Some(open) = self.open.remove(at) {
                emit(&open, &self.context, sink);
            }
            place = None;
        }
        let now = line.seconds();
        let at = place.unwrap_or_else(|| {
            self.open.push_back(Open {
                host: line.host.to_owned(),
                stamp: line.stamp.to_owned(),
                seconds: now,
                text: String::new(),
                offset,
                number,
            });
            self.open.len() - 1
        });
        if let Some(open) = self.open.get_mut(at) {
            if !open.text.is_empty() {
                open.text.push('\n');
            }
            open.text.push_str(text);
        }
        if (line.kind == "PROCTITLE" || line.is_single())
            && let Some(open) = self.open.remove(at)
        {
            emit(&open, &self.context, sink);
        }
        let stale = |open: &Open| now.saturating_sub(open.seconds) > SECONDS_OPEN;
        while self.open.len() > WINDOW || self.open.front().is_some_and(stale) {
            let Some(open) = self.open.pop_front() else { break };
            emit(&open, &self.context, sink);
        }
    }
}

impl Reader for Joiner {
    fn read(&mut self, block: &Block<'_>, sink: &mut dyn Sink) {
        for line in lines(block) {
            let text = String::from_utf8_lossy(line.bytes);
            self.take(&text, line.offset, line.number, sink);
        }
    }

    fn finish(&mut self, sink: &mut dyn Sink) {
        for open in std::mem::take(&mut self.open) {
            emit(&open, &self.context, sink);
        }
    }
}

fn emit(open: &Open, context: &Context, sink: &mut dyn Sink) {
    let mut record = Record::new(Arc::clone(&context.symbols));
    record.raw = open.text.as_bytes();
    record.offset = open.offset;
    record.number = open.number;
    if event::fill(&open.text, &mut record) {
        sink.record(&mut record);
    }
}

/// Reads a single record, as it stands in a syslog message.
pub fn payload<'a>(text: &'a str, record: &mut Record<'a>, _: &Context) -> bool {
    event::fill(text, record)
}
