//! Programs of Unix: by syslog as a relay forwards it, or from the journal.

use jiff::Timestamp;
use serde_json::json;

use super::{local_text, world_text};

/// A message.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    host: String,
    program: &'static str,
    pid: Option<u64>,
    text: String,
}

impl Message {
    /// What a program says.
    pub(crate) fn new(
        host: &str,
        program: &'static str,
        pid: Option<u64>,
        text: impl Into<String>,
    ) -> Self {
        Self { host: host.to_owned(), program, pid, text: text.into() }
    }

    /// Sysmon for Linux tells that a program was started.
    pub(crate) fn sysmon(
        host: &str,
        at: Timestamp,
        parent: &str,
        image: &str,
        command: &str,
        user: &str,
    ) -> Self {
        let time = world_text(at);
        let command = command.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let text = format!(
            "<Event><System><Provider Name=\"Linux-Sysmon\" Guid=\"{{ff032593-a8d3-4f13-b0d6-01fc615a0f97}}\"/><EventID>1</EventID><Version>5</Version><Level>4</Level><TimeCreated SystemTime=\"{time}\"/><Channel>Linux-Sysmon/Operational</Channel><Computer>{host}</Computer></System><EventData><Data Name=\"UtcTime\">{time}</Data><Data Name=\"Image\">{image}</Data><Data Name=\"CommandLine\">{command}</Data><Data Name=\"CurrentDirectory\">/var/www</Data><Data Name=\"User\">{user}</Data><Data Name=\"ParentImage\">{parent}</Data><Data Name=\"ParentUser\">{user}</Data></EventData></Event>"
        );
        Self::new(host, "sysmon", Some(611), text)
    }

    /// The priority by RFC 5424, from the facility that the program writes to.
    fn priority(&self) -> u8 {
        match self.program {
            "sshd" | "sudo" => 86,
            "CRON" => 78,
            "nginx" => 190,
            program if program.starts_with("postfix") || program == "dovecot" => 22,
            _ => 30,
        }
    }

    pub(super) fn by_syslog(&self, at: Timestamp) -> String {
        let Self { host, program, pid, text } = self;
        let pid = pid.map(|pid| format!("[{pid}]")).unwrap_or_default();
        format!("<{}>{} {host} {program}{pid}: {text}", self.priority(), local_text(at))
    }

    pub(super) fn by_journal(&self, at: Timestamp) -> String {
        let Self { host, program, pid, text } = self;
        json!({
            "__REALTIME_TIMESTAMP": at.as_microsecond().to_string(),
            "_HOSTNAME": host,
            "SYSLOG_IDENTIFIER": program,
            "SYSLOG_PID": pid.unwrap_or(1).to_string(),
            "PRIORITY": "6",
            "MESSAGE": text,
        })
        .to_string()
    }
}
