//! The settings of a centre: a TOML file as somebody wrote it, checked into what the program runs
//! by.
//!
//! Every setting has a default, so that an empty file, or none, is a working centre on one
//! machine. `KHIEN_SECTION__KEY` in the environment wins over the file. Unknown keys are refused:
//! a misspelt limit must not be a limit that is not there. Secrets are named by file only.
//!
//! To add a setting: a field in the section below with its default, its check in [`Config::read`]
//! if not every value will do, and a line in [`EXAMPLE`].

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use jiff::tz::Offset;
use khien_domain::account::Role;
use khien_domain::code::AgencyCode;
use khien_lake::Policy;
use serde::Deserialize;

/// A file with every setting, its default and what it is for.
pub const EXAMPLE: &str = include_str!("config/example.toml");

/// Settings that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the settings {path} cannot be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// It is not TOML of the expected shape.
    #[error("{place}: {reason}")]
    Shape {
        /// The file, or the variable of the environment.
        place: String,
        /// What is wrong, with the line.
        reason: String,
    },
    /// A value that will not do.
    #[error("{key}: {reason}")]
    Value {
        /// Section and key.
        key: &'static str,
        /// What would do.
        reason: String,
    },
}

/// The settings, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where the centre listens.
    pub server: Server,
    /// Where records are kept: a URL of PostgreSQL, or nothing for the file in the data folder.
    pub database: Option<String>,
    /// Folders of rules; none means the rules that ship with the program.
    pub rules: Vec<PathBuf>,
    /// How long events are kept.
    pub keep: Keep,
    /// The zone of times in logs that do not say theirs.
    pub zone: Offset,
    /// What may be used of the machine.
    pub limits: Limits,
    /// Whether endpoints are probed without being asked to.
    pub probe: Probe,
    /// What anybody may read without signing in.
    pub public: Public,
    /// Who gets into the console how.
    pub console: ConsoleSection,
}

/// Who gets into the console how, beyond what `packs/access.yml` asks of everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConsoleSection {
    /// Roles that sign in with a passkey alone: an authenticator's code is nothing that a false page could
    /// not ask for too.
    pub passkey_roles: BTreeSet<Role>,
}

/// What anybody may read without signing in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Public {
    /// The official addresses of the agencies, at `/verified`.
    pub verified: bool,
}

/// Whether endpoints are probed without being asked to. By itself the program opens no connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Probe {
    /// Once a day, each registered endpoint.
    pub daily: bool,
}

/// Where the centre listens. A listener that is not named does not run, but for HTTP.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// HTTP: the API, and sources that send over it.
    pub http: SocketAddr,
    /// Whether HTTP runs without TLS; only on the loopback.
    pub plain_http: bool,
    /// Syslog over UDP.
    pub syslog_udp: Option<SocketAddr>,
    /// Syslog over TCP.
    pub syslog_tcp: Option<SocketAddr>,
    /// Syslog over TLS.
    pub syslog_tls: Option<SocketAddr>,
    /// How keys are exchanged where TLS is spoken.
    pub key_exchange: KeyExchange,
}

/// How listeners exchange keys over TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyExchange {
    /// By a hybrid group with whoever offers one, else by a classical one.
    #[default]
    HybridPreferred,
    /// By a hybrid group over TLS 1.3; whoever offers none is refused.
    HybridOnly,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            http: SocketAddr::from(([127, 0, 0, 1], 8057)),
            plain_http: false,
            syslog_udp: None,
            syslog_tcp: None,
            syslog_tls: None,
            key_exchange: KeyExchange::default(),
        }
    }
}

/// How long events are kept.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keep {
    /// Days, where no rule says otherwise. Twelve months is what the documents of the mission ask
    /// for.
    pub days: u32,
    /// Exceptions, of agencies and classes of events.
    pub rules: Vec<KeepRule>,
}

/// How long events of an agency, of a class, or of a class of an agency are kept.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeepRule {
    /// The code of the agency.
    pub agency: Option<String>,
    /// The class by its number in OCSF, `class_uid` of a search.
    pub class: Option<i32>,
    /// Days.
    pub days: u32,
}

impl Default for Keep {
    fn default() -> Self {
        Self { days: 365, rules: Vec::new() }
    }
}

impl Keep {
    /// The same as the lake takes it.
    pub(crate) fn policy(&self) -> Policy {
        let rules = self.rules.iter().map(|rule| khien_lake::KeepRule {
            agency: rule.agency.clone(),
            class_uid: rule.class,
            days: rule.days,
        });
        Policy { default_days: self.days, rules: rules.collect() }
    }

    /// What will not do of it.
    fn fault(&self) -> Option<(&'static str, &'static str)> {
        let days = 1..=36_500;
        if !days.contains(&self.days) {
            return Some(("keep.days", "between 1 and 36500 days"));
        }
        self.rules.iter().find_map(|rule| {
            if !days.contains(&rule.days) {
                Some(("keep.rules.days", "between 1 and 36500 days"))
            } else if rule.agency.is_none() && rule.class.is_none() {
                Some((
                    "keep.rules",
                    "a rule names an agency, a class or both; keep.days is for all",
                ))
            } else if rule.agency.as_deref().is_some_and(|code| AgencyCode::new(code).is_err()) {
                Some((
                    "keep.rules.agency",
                    "the code of an agency: lower-case letters, digits and hyphens",
                ))
            } else {
                None
            }
        })
    }
}

/// What may be used of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Threads that read and judge events; 0 means one for each processor.
    pub workers: usize,
    /// Memory of events that are not in files yet, in mebibytes.
    pub memory_mib: u32,
    /// Disk for batches that wait to be worked off, in mebibytes.
    pub journal_mib: u32,
    /// Below so much free disk, in mebibytes, nothing more is taken in.
    pub reserve_mib: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { workers: 0, memory_mib: 192, journal_mib: 4096, reserve_mib: 512 }
    }
}

/// The file as somebody wrote it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ConfigFile {
    version: Option<u32>,
    server: Server,
    store: StoreSection,
    rules: RulesSection,
    keep: Keep,
    time: TimeSection,
    limits: Limits,
    probe: Probe,
    public: Public,
    console: ConsoleFile,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ConsoleFile {
    passkey_roles: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct StoreSection {
    postgres_url_file: Option<PathBuf>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RulesSection {
    folders: Vec<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct TimeSection {
    zone: String,
}

impl Default for TimeSection {
    fn default() -> Self {
        Self { zone: "+07:00".into() }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            server: Server::default(),
            database: None,
            rules: Vec::new(),
            keep: Keep::default(),
            zone: Offset::constant(7),
            limits: Limits::default(),
            probe: Probe::default(),
            public: Public::default(),
            console: ConsoleSection::default(),
        }
    }
}

impl Config {
    /// Reads a file, if there is one, and what the environment changes of it.
    pub fn load(
        path: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let text = match path {
            None => String::new(),
            Some(path) => std::fs::read_to_string(path)
                .map_err(|source| ConfigError::Read { path: path.to_owned(), source })?,
        };
        let place =
            path.map_or_else(|| "the settings".to_owned(), |path| path.display().to_string());
        Self::read(&text, &place, environment)
    }

    /// Reads the text of a file; `place` names it in errors.
    pub fn read(
        text: &str,
        place: &str,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let shape = |error: toml::de::Error| ConfigError::Shape {
            place: place.to_owned(),
            reason: error.to_string(),
        };
        // The file alone first: its errors name lines.
        let _: ConfigFile = toml::from_str(text).map_err(shape)?;
        let mut table: toml::Table = toml::from_str(text).map_err(shape)?;
        let changes: BTreeMap<String, String> = environment.into_iter().collect();
        for (name, value) in &changes {
            let Some((section, key)) =
                name.strip_prefix("KHIEN_").and_then(|rest| rest.split_once("__"))
            else {
                continue;
            };
            let section = table
                .entry(section.to_lowercase())
                .or_insert_with(|| toml::Value::Table(toml::Table::new()));
            if let toml::Value::Table(section) = section {
                section.insert(key.to_lowercase(), literal(value));
            }
        }
        let file: ConfigFile = table.try_into().map_err(|error: toml::de::Error| {
            let place = "the settings with KHIEN_… of the environment".to_owned();
            ConfigError::Shape { place, reason: error.to_string() }
        })?;
        file.checked()
    }
}

/// A value of the environment: whatever TOML takes it for, else text.
fn literal(value: &str) -> toml::Value {
    let parsed: Result<toml::Table, _> = toml::from_str(&format!("value = {value}"));
    let value = || toml::Value::String(value.to_owned());
    parsed.ok().and_then(|mut table| table.remove("value")).unwrap_or_else(value)
}

impl ConfigFile {
    fn checked(self) -> Result<Config, ConfigError> {
        let refuse = |key, reason: &str| Err(ConfigError::Value { key, reason: reason.to_owned() });
        if self.version.is_some_and(|version| version != 1) {
            return refuse("version", "this program reads settings of version 1");
        }
        if self.server.plain_http && !self.server.http.ip().is_loopback() {
            return refuse(
                "server.plain_http",
                "only on the loopback; elsewhere HTTP runs over TLS",
            );
        }
        if let Some((key, reason)) = self.keep.fault() {
            return refuse(key, reason);
        }
        if self.limits.workers > 256 {
            return refuse("limits.workers", "at most 256");
        }
        if self.limits.memory_mib < 16 {
            return refuse("limits.memory_mib", "at least 16");
        }
        if self.limits.journal_mib < 64 {
            return refuse("limits.journal_mib", "at least 64");
        }
        let Some(zone) = khien_event::time::offset(&self.time.zone) else {
            return refuse("time.zone", "an offset such as +07:00");
        };
        let database = match self.store.postgres_url_file {
            None => None,
            Some(path) => {
                let text = std::fs::read_to_string(&path);
                Some(text.map_err(|source| ConfigError::Read { path, source })?.trim().to_owned())
            }
        };
        let mut passkey_roles = BTreeSet::new();
        for name in &self.console.passkey_roles {
            let Some(role) = Role::parse(name) else {
                let known = Role::ALL.map(Role::name).join(", ");
                let reason = format!("«{}» is no role: {known}", khien_domain::text::cut(name, 40));
                return refuse("console.passkey_roles", &reason);
            };
            passkey_roles.insert(role);
        }
        let Self { server, rules, keep, limits, probe, public, .. } = self;
        let (rules, console) = (rules.folders, ConsoleSection { passkey_roles });
        Ok(Config { server, database, rules, keep, zone, limits, probe, public, console })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let pairs =
            environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::read(text, "khien.toml", pairs)
    }

    #[test]
    fn the_example_says_the_defaults() {
        assert_eq!(read(EXAMPLE, &[]).unwrap(), Config::default());
        assert_eq!(read("", &[]).unwrap(), Config::default());
    }

    #[test]
    fn the_environment_wins() {
        let text = "[server]\nhttp = \"127.0.0.1:1\"\n";
        let changed = [("KHIEN_SERVER__HTTP", "127.0.0.1:2"), ("KHIEN_KEEP__DAYS", "90")];
        let config = read(text, &changed).unwrap();
        assert_eq!((config.server.http.port(), config.keep.days), (2, 90));
    }

    #[test]
    fn keys_are_exchanged_as_the_file_says() {
        let exchange = |text| read(text, &[]).map(|config| config.server.key_exchange);
        assert_eq!(exchange("").unwrap(), KeyExchange::HybridPreferred);
        let only = "[server]\nkey_exchange = \"hybrid-only\"\n";
        assert_eq!(exchange(only).unwrap(), KeyExchange::HybridOnly);
        let error = exchange("[server]\nkey_exchange = \"none\"\n").unwrap_err().to_string();
        assert!(error.contains("hybrid-preferred") && error.contains("line 2"), "{error}");
    }

    #[test]
    fn roles_that_need_a_passkey_are_named() {
        let roles = |text| read(text, &[]).map(|config| config.console.passkey_roles);
        assert!(roles("").unwrap().is_empty());
        let named = roles("[console]\npasskey_roles = [\"administrator\", \"lead\"]\n").unwrap();
        assert_eq!(named, BTreeSet::from([Role::Administrator, Role::Lead]));
        let error = roles("[console]\npasskey_roles = [\"chief\"]\n").unwrap_err().to_string();
        assert!(error.contains("«chief»") && error.contains("analyst"), "{error}");
    }

    #[test]
    fn events_are_kept_by_agency_and_class() {
        let text = "[keep]\ndays = 400\n[[keep.rules]]\nclass = 4001\ndays = 90\n\
                    [[keep.rules]]\nagency = \"sokhcn\"\ndays = 730\n";
        let policy = read(text, &[]).unwrap().keep.policy();
        assert_eq!((policy.days("soyt", 1001), policy.days("soyt", 4001)), (400, 90));
        assert_eq!(policy.days("sokhcn", 4001), 730);
    }

    #[test]
    fn what_will_not_do_is_told_with_its_place() {
        for (text, says) in [
            ("[server]\nhtttp = \"127.0.0.1:1\"\n", "line 2"),
            ("[server]\nhtttp = \"127.0.0.1:1\"\n", "`http`"),
            ("[keep]\ndays = \"x\"\n", "line 2"),
            ("version = 2\n", "version"),
            ("[server]\nhttp = \"192.0.2.1:80\"\nplain_http = true\n", "loopback"),
            ("[keep]\ndays = 0\n", "keep.days"),
            ("[[keep.rules]]\nclass = 4001\ndays = 0\n", "keep.rules.days"),
            ("[[keep.rules]]\ndays = 90\n", "names an agency"),
            ("[[keep.rules]]\nagency = \"Sở\"\ndays = 90\n", "keep.rules.agency"),
            ("[[keep.rules]]\nclas = 4001\ndays = 90\n", "line 2"),
            ("[time]\nzone = \"Hanoi\"\n", "+07:00"),
            ("[store]\npostgres_url_file = \"/nowhere/url\"\n", "/nowhere/url"),
        ] {
            let error = read(text, &[]).unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
        let error = read("", &[("KHIEN_KEEP__DAY", "1")]).unwrap_err().to_string();
        assert!(error.contains("environment") && error.contains("days"), "{error}");
    }
}
