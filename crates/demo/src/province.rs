//! Who belongs to the province: agencies, systems and sources, from the files in `demo/`.

use std::collections::BTreeSet;

use serde::Deserialize;

/// What every page, export and document of the demonstration bears.
pub const BANNER: &str = "DỮ LIỆU MINH HỌA – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ";

/// An agency.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agency {
    /// Its code.
    pub code: String,
    /// Its kind, by the name that the register uses.
    pub kind: String,
    /// Its name in Vietnamese.
    pub name_vi: String,
    /// Its name in English.
    pub name_en: String,
    /// The agency above it.
    pub parent: Option<String>,
    /// Whether its systems belong into the register; those of military bodies do not.
    #[serde(default = "yes")]
    pub in_scope: bool,
    /// Whether it runs the centre.
    #[serde(default)]
    pub centre: bool,
}

/// An information system.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct System {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The agency that owns it.
    pub agency: String,
    /// Its level, 1 to 5.
    pub level: u8,
    /// Its stage, by the name that the register uses.
    pub stage: String,
    /// What sort of system it is, by the name that the register uses; of its own if nothing is said.
    pub kind: Option<String>,
    /// What it holds, by the names that the register uses.
    #[serde(default)]
    pub data: Vec<String>,
    /// The network in which it stands, by the name that the register uses.
    #[serde(default = "internet")]
    pub zone: String,
    /// Host and port of its public service.
    pub service: Option<String>,
    /// Whether the province cannot do without it.
    #[serde(default)]
    pub critical: bool,
    /// In how many minutes it has to work again, if that is not what most say.
    pub rto: Option<u32>,
    /// The agency that runs it for its owner.
    pub operator: Option<String>,
    /// The systems that it needs.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Whether its owner has registered it; one has not.
    #[serde(default = "yes")]
    pub registered: bool,
}

impl System {
    /// Whether it holds data about persons.
    pub fn holds_personal_data(&self) -> bool {
        self.data.iter().any(|one| one.starts_with("personal"))
    }
}

fn internet() -> String {
    "internet".to_owned()
}

fn yes() -> bool {
    true
}

/// What a source writes, and in which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Device {
    /// A `FortiGate` firewall: traffic and events as key and value.
    Fortigate,
    /// The same product as the gateway of officials who work elsewhere.
    Vpn,
    /// BIND, its queries.
    Dns,
    /// Suricata, EVE JSON.
    Suricata,
    /// nginx, access log as it lies in the file.
    Nginx,
    /// nginx, access log that it sends by syslog.
    NginxSyslog,
    /// nginx, access log that Filebeat ships.
    NginxFilebeat,
    /// A Linux server's programs by syslog.
    Linux,
    /// The same from the journal, with Sysmon for Linux.
    Journald,
    /// The Linux audit log.
    Auditd,
    /// Postfix and Dovecot by syslog.
    Mail,
    /// The Security log of Windows that Winlogbeat ships.
    Windows,
    /// Security and System log of Windows, flat JSON.
    WindowsFlat,
    /// Sysmon of workstations, flat JSON.
    Sysmon,
    /// Sysmon of workstations that Winlogbeat ships.
    SysmonWinlogbeat,
    /// Small devices that tell how they are.
    Device,
}

impl Device {
    /// The format of a file with what it writes, by the name of the reader.
    pub fn format(self) -> &'static str {
        match self {
            Self::Fortigate
            | Self::Vpn
            | Self::Dns
            | Self::NginxSyslog
            | Self::Linux
            | Self::Mail => "syslog",
            Self::Nginx => "web-access",
            Self::Auditd => "auditd",
            Self::Suricata
            | Self::NginxFilebeat
            | Self::Journald
            | Self::Windows
            | Self::WindowsFlat
            | Self::Sysmon
            | Self::SysmonWinlogbeat
            | Self::Device => "json",
        }
    }
}

/// By which way a source sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// Objects over HTTP.
    Json,
    /// Lines over HTTP.
    Lines,
    /// Splunk's HTTP Event Collector.
    Hec,
    /// Elasticsearch's `_bulk`.
    Elastic,
    /// OpenTelemetry over HTTP.
    Otlp,
    /// Syslog over TCP.
    SyslogTcp,
    /// Syslog over UDP.
    SyslogUdp,
}

/// A source.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// What stories call it.
    pub key: String,
    /// The system whose events it sends.
    pub system: String,
    /// What it is called.
    pub name: String,
    /// What it writes.
    pub device: Device,
    /// By which way it sends.
    pub way: Way,
    /// The hosts that are registered with it.
    pub hosts: Vec<String>,
    /// Hosts that send through it and that nobody has registered.
    #[serde(default)]
    pub shadow: Vec<String>,
    /// How busy it is beside others; one of 0 has never sent anything.
    pub weight: u32,
    /// After how many seconds without an event it counts as silent.
    #[serde(default = "five_minutes")]
    pub heartbeat: u32,
    /// It falls silent so many seconds after the demonstration began.
    pub silent_after: Option<u32>,
}

fn five_minutes() -> u32 {
    300
}

/// The province.
#[derive(Clone, Debug)]
pub struct Province {
    /// Agencies; whoever stands above another comes first.
    pub agencies: Vec<Agency>,
    /// Systems.
    pub systems: Vec<System>,
    /// Sources.
    pub sources: Vec<Source>,
}

/// The data of the province do not fit together.
#[derive(Debug)]
pub struct ProvinceError(String);

impl ProvinceError {
    pub(crate) fn new(what: String) -> Self {
        Self(what)
    }
}

impl std::fmt::Display for ProvinceError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for ProvinceError {}

impl Province {
    /// The province that ships with the program.
    pub fn builtin() -> Result<Self, ProvinceError> {
        Self::read(
            include_str!("../../../demo/agencies.json"),
            include_str!("../../../demo/systems.json"),
            include_str!("../../../demo/sources.json"),
        )
    }

    /// Reads the texts of the three files.
    pub fn read(agencies: &str, systems: &str, sources: &str) -> Result<Self, ProvinceError> {
        let wrong = |file: &str| {
            let file = file.to_owned();
            move |error| ProvinceError(format!("demo/{file}: {error}"))
        };
        let agencies: Vec<Agency> =
            serde_json::from_str(agencies).map_err(wrong("agencies.json"))?;
        let systems: Vec<System> = serde_json::from_str(systems).map_err(wrong("systems.json"))?;
        let sources: Vec<Source> = serde_json::from_str(sources).map_err(wrong("sources.json"))?;
        let mut known = BTreeSet::new();
        for agency in &agencies {
            if agency.parent.as_ref().is_some_and(|parent| !known.contains(parent)) {
                let code = &agency.code;
                return Err(ProvinceError(format!("{code} stands before the agency above it")));
            }
            known.insert(agency.code.clone());
        }
        for system in &systems {
            if !known.contains(&system.agency) {
                return Err(ProvinceError(format!("nobody owns the system {}", system.code)));
            }
            let is_there = |code: &String| systems.iter().any(|one| one.code == *code);
            if !system.needs.iter().all(is_there) {
                let code = &system.code;
                return Err(ProvinceError(format!("{code} needs a system that there is not")));
            }
        }
        for source in &sources {
            let is_there = |system: &System| system.code == source.system && system.registered;
            if !systems.iter().any(is_there) || source.hosts.is_empty() {
                return Err(ProvinceError(format!("{} has no system or no host", source.key)));
            }
        }
        Ok(Self { agencies, systems, sources })
    }

    /// The place of a source that a story names.
    pub(crate) fn place(&self, key: &str) -> Option<usize> {
        self.sources.iter().position(|source| source.key == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_together_is_refused_by_its_name() {
        let agency = r#"[{"code":"a","kind":"unit","name_vi":"A","name_en":"A","parent":null}]"#;
        let system = |owner: &str| {
            format!(r#"[{{"code":"s","name":"S","agency":"{owner}","level":1,"stage":"test"}}]"#)
        };
        let source = r#"[{"key":"k","system":"s","name":"K","device":"dns","way":"json","hosts":[],"weight":1}]"#;
        let told = |read: Result<Province, ProvinceError>| read.unwrap_err().to_string();
        assert!(told(Province::read("[", "[]", "[]")).contains("agencies.json"));
        let child = agency.replace("null", "\"b\"");
        assert!(told(Province::read(&child, "[]", "[]")).contains("before the agency above"));
        assert!(told(Province::read(agency, &system("b"), "[]")).contains("nobody owns"));
        assert!(told(Province::read(agency, &system("a"), source)).contains("no host"));
    }
}
