//! Events of Windows: Security, System, Defender and Sysmon, flat or as Winlogbeat nests them.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::world_text;
use crate::random::Random;

/// An event.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    channel: &'static str,
    provider: &'static str,
    id: u32,
    computer: String,
    data: Vec<(&'static str, String)>,
}

const SYSMON: (&str, &str) = ("Microsoft-Windows-Sysmon/Operational", "Microsoft-Windows-Sysmon");

/// A machine and who works at it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seat {
    /// The full name of the machine.
    pub(crate) computer: String,
    /// Its address.
    pub(crate) address: String,
    /// The account.
    pub(crate) user: String,
}

impl Event {
    /// An event of a channel; texts are copied.
    pub(crate) fn new(
        (channel, provider): (&'static str, &'static str),
        id: u32,
        computer: &str,
        data: &[(&'static str, &str)],
    ) -> Self {
        let data = data.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Self { channel, provider, id, computer: computer.to_owned(), data }
    }

    /// An event of the Security log.
    pub(crate) fn security(id: u32, computer: &str, data: &[(&'static str, &str)]) -> Self {
        Self::new(("Security", "Microsoft-Windows-Security-Auditing"), id, computer, data)
    }

    /// A service was installed.
    pub(crate) fn service(computer: &str, name: &str, path: &str) -> Self {
        let data = [
            ("ServiceName", name),
            ("ImagePath", path),
            ("ServiceType", "user mode service"),
            ("StartType", "auto start"),
            ("AccountName", "LocalSystem"),
        ];
        Self::new(("System", "Service Control Manager"), 7045, computer, &data)
    }

    /// Defender found something.
    pub(crate) fn threat(seat: &Seat, name: &str, path: &str) -> Self {
        let data = [
            ("ProductName", "Microsoft Defender Antivirus"),
            ("ThreatName", name),
            ("SeverityName", "Severe"),
            ("Path", path),
            ("DetectionUser", seat.user.as_str()),
            ("ActionName", "Quarantine"),
        ];
        let place = (
            "Microsoft-Windows-Windows Defender/Operational",
            "Microsoft-Windows-Windows Defender",
        );
        Self::new(place, 1116, &seat.computer, &data)
    }

    /// An event of Sysmon by an account of the domain.
    pub(crate) fn sysmon(id: u32, seat: &Seat, data: &[(&'static str, &str)]) -> Self {
        let mut event = Self::new(SYSMON, id, &seat.computer, data);
        event.data.push(("User", format!("MINHHOA\\{}", seat.user)));
        event
    }

    /// Sysmon: a program was started.
    pub(crate) fn process(seat: &Seat, parent: &str, image: &str, command: &str) -> Self {
        let data = [
            ("RuleName", "-"),
            ("Image", image),
            ("CommandLine", command),
            ("CurrentDirectory", "C:\\Windows\\system32\\"),
            ("IntegrityLevel", "Medium"),
            ("ParentImage", parent),
            ("ParentCommandLine", parent),
        ];
        Self::sysmon(1, seat, &data)
    }

    /// Sysmon: a program reached out.
    pub(crate) fn connection(seat: &Seat, image: &str, to: &str, name: &str, port: &str) -> Self {
        let data = [
            ("Image", image),
            ("Protocol", "tcp"),
            ("Initiated", "true"),
            ("SourceIp", seat.address.as_str()),
            ("SourceHostname", seat.computer.as_str()),
            ("DestinationIp", to),
            ("DestinationHostname", name),
            ("DestinationPort", port),
        ];
        Self::sysmon(3, seat, &data)
    }

    /// Sysmon: a program asked for a name.
    pub(crate) fn query(seat: &Seat, image: &str, name: &str, answer: &str) -> Self {
        let data =
            [("Image", image), ("QueryName", name), ("QueryStatus", "0"), ("QueryResults", answer)];
        Self::sysmon(22, seat, &data)
    }

    /// Sysmon: a file was written.
    pub(crate) fn file(seat: &Seat, image: &str, path: &str) -> Self {
        Self::sysmon(11, seat, &[("Image", image), ("TargetFilename", path)])
    }

    /// Sysmon: a value of the registry was set.
    pub(crate) fn registry(seat: &Seat, image: &str, key: &str, value: &str) -> Self {
        let data = [
            ("EventType", "SetValue"),
            ("Image", image),
            ("TargetObject", key),
            ("Details", value),
        ];
        Self::sysmon(13, seat, &data)
    }

    /// Sysmon: a program loaded a library.
    pub(crate) fn library(seat: &Seat, image: &str, library: &str, signed: bool) -> Self {
        let (signed, status) = if signed { ("true", "Valid") } else { ("false", "Unavailable") };
        let data = [
            ("Image", image),
            ("ImageLoaded", library),
            ("Signed", signed),
            ("SignatureStatus", status),
        ];
        Self::sysmon(7, seat, &data)
    }

    /// Sysmon: a program opened another.
    pub(crate) fn access(seat: &Seat, image: &str, target: &str, access: &str) -> Self {
        let data = [
            ("SourceImage", image),
            ("TargetImage", target),
            ("GrantedAccess", access),
            (
                "CallTrace",
                "C:\\Windows\\SYSTEM32\\ntdll.dll+9d1f4|C:\\Windows\\System32\\KERNELBASE.dll+2bcee",
            ),
        ];
        Self::sysmon(10, seat, &data)
    }

    /// As agents write it that hand on one flat object.
    pub(super) fn flat(&self, at: Timestamp, random: &mut Random) -> String {
        let mut event = Map::new();
        let mut add = |name: &str, value: Value| {
            event.insert(name.to_owned(), value);
        };
        add("EventTime", world_text(at).into());
        add("Computer", self.computer.clone().into());
        add("Channel", self.channel.into());
        add("Provider_Name", self.provider.into());
        add("EventID", self.id.into());
        add("EventRecordID", random.between(10_000, 9_999_999).into());
        for (name, value) in self.all_data(at, random) {
            add(&name, value.into());
        }
        Value::Object(event).to_string()
    }

    pub(super) fn by_winlogbeat(&self, at: Timestamp, random: &mut Random) -> String {
        let data: Map<String, Value> = self
            .all_data(at, random)
            .into_iter()
            .map(|(name, value)| (name, Value::String(value)))
            .collect();
        json!({
            "@timestamp": world_text(at),
            "agent": {"type": "winlogbeat", "version": "8.19.0"},
            "host": {"name": self.computer},
            "event": {"code": self.id.to_string(), "provider": self.provider},
            "winlog": {
                "channel": self.channel,
                "provider_name": self.provider,
                "computer_name": self.computer,
                "event_id": self.id.to_string(),
                "record_id": random.between(10_000, 9_999_999),
                "event_data": data,
            },
        })
        .to_string()
    }

    /// The data of the event with what Sysmon adds to each.
    fn all_data(&self, at: Timestamp, random: &mut Random) -> Vec<(String, String)> {
        let mut all = Vec::new();
        if self.channel == SYSMON.0 {
            all.push(("UtcTime".to_owned(), at.strftime("%Y-%m-%d %H:%M:%S%.3f").to_string()));
            all.push(("ProcessId".to_owned(), random.between(900, 19_999).to_string()));
            let guid = format!(
                "{{{}-{}-{}-{}-{}a{}b}}",
                random.hex(8),
                random.hex(4),
                random.hex(4),
                random.hex(4),
                // No run of twelve digits, which would look like a person's number.
                random.hex(5),
                random.hex(5),
            );
            all.push(("ProcessGuid".to_owned(), guid));
        }
        all.extend(self.data.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        all
    }
}
