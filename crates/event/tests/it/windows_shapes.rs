//! One event in every shape it is shipped in.

use crate::support::{Kept, read, read_as, shared};

const SYSMON: &[(&str, &str)] = &[
    ("UtcTime", "2026-11-20 01:02:03.456"),
    ("ProcessGuid", "{5770d3ff-c22a-43e0-bf4c-06f5698ffbd9}"),
    ("ProcessId", "4711"),
    ("Image", r"C:\Windows\System32\cmd.exe"),
    ("CommandLine", r#"cmd.exe /c "whoami & echo <xong>""#),
    ("CurrentDirectory", r"C:\Users\an\"),
    ("User", r"MINHHOA\an"),
    ("Hashes", "MD5=00112233445566778899AABBCCDDEEFF"),
    ("ParentImage", r"C:\Windows\explorer.exe"),
    ("ParentCommandLine", r"C:\Windows\explorer.exe"),
];
const LOGON: &[(&str, &str)] = &[
    ("SubjectUserSid", "S-1-5-21-1-2-3-1001"),
    ("SubjectUserName", "an"),
    ("SubjectDomainName", "MINHHOA"),
    ("SubjectLogonId", "0x3e7"),
    ("NewProcessId", "0x1267"),
    ("NewProcessName", r"C:\Windows\System32\whoami.exe"),
    ("ProcessId", "0x10"),
    ("CommandLine", "whoami /all"),
    ("MandatoryLabel", "S-1-16-12288"),
    ("ParentProcessName", r"C:\Windows\System32\cmd.exe"),
];
const DEFENDER: &[(&str, &str)] = &[
    ("Product Name", "Microsoft Defender Antivirus"),
    ("Threat ID", "2147519003"),
    ("Threat Name", "Virus:DOS/EICAR_Test_File"),
    ("Severity Name", "Severe"),
    ("Process Name", r"C:\Windows\explorer.exe"),
    ("Detection User", r"MINHHOA\an"),
    ("Path", r"file:_C:\Users\an\Tải về\eicar.com"),
    ("Action Name", "Quarantine"),
];

struct Event {
    provider: &'static str,
    channel: &'static str,
    id: u32,
    data: &'static [(&'static str, &'static str)],
    /// Fields that every shape must give, with their values.
    expected: &'static [(&'static str, &'static str)],
    labels: &'static [&'static str],
    user: Option<&'static str>,
}

const EVENTS: [Event; 3] = [
    Event {
        provider: "Microsoft-Windows-Sysmon",
        channel: "Microsoft-Windows-Sysmon/Operational",
        id: 1,
        data: SYSMON,
        expected: SYSMON,
        labels: &["windows/process_creation/sysmon"],
        user: Some(r"MINHHOA\an"),
    },
    Event {
        provider: "Microsoft-Windows-Security-Auditing",
        channel: "Security",
        id: 4688,
        data: LOGON,
        expected: &[
            ("Image", r"C:\Windows\System32\whoami.exe"),
            ("CommandLine", "whoami /all"),
            ("ParentImage", r"C:\Windows\System32\cmd.exe"),
            ("User", r"MINHHOA\an"),
            ("IntegrityLevel", "High"),
            ("SubjectLogonId", "0x3e7"),
        ],
        labels: &["windows/process_creation/security"],
        user: Some(r"MINHHOA\an"),
    },
    Event {
        provider: "Microsoft-Windows-Windows Defender",
        channel: "Microsoft-Windows-Windows Defender/Operational",
        id: 1116,
        data: DEFENDER,
        expected: &[
            ("ThreatName", "Virus:DOS/EICAR_Test_File"),
            ("Signature", "Virus:DOS/EICAR_Test_File"),
            ("Filename", r"file:_C:\Users\an\Tải về\eicar.com"),
        ],
        labels: &["windows/antivirus/windefend"],
        user: None,
    },
];

const TIME: &str = "2026-11-20T01:02:03.456Z";
const HOST: &str = "pc-01.minhhoa.example";

fn json(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

fn members(event: &Event, prefix: &str) -> String {
    let members: Vec<String> = event
        .data
        .iter()
        .map(|(name, value)| format!("{}:{}", json(&format!("{prefix}{name}")), json(value)))
        .collect();
    members.join(",")
}

fn shapes(event: &Event) -> Vec<(&'static str, String)> {
    let Event { provider, channel, id, .. } = event;
    let data = members(event, "");
    let items = |before: &str, after: &str| -> String {
        let items: Vec<String> = event
            .data
            .iter()
            .map(|(name, value)| {
                format!("{{{before}{}{after},\"#text\":{}}}", json(name), json(value))
            })
            .collect();
        items.join(",")
    };
    let dumped = |data: String| {
        format!(
            r##"{{"Event":{{"#attributes":{{"xmlns":"x"}},"System":{{"Provider":{{"#attributes":{{"Name":"{provider}"}}}},"EventID":{{"#attributes":{{"Qualifiers":0}},"#text":{id}}},"TimeCreated":{{"#attributes":{{"SystemTime":"{TIME}"}}}},"Channel":"{channel}","Computer":"{HOST}"}},"EventData":{{{data}}}}}}}"##
        )
    };
    let elements: Vec<String> = event
        .data
        .iter()
        .map(|(name, value)| format!("<Data Name='{name}'>{}</Data>", xml(value)))
        .collect();
    let elements = elements.concat();
    let element = format!(
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='{provider}' Guid='{{x}}'/><EventID>{id}</EventID><TimeCreated SystemTime='{TIME}'/><Execution ProcessID='7' ThreadID='8'/><Channel>{channel}</Channel><Computer>{HOST}</Computer></System><EventData>{elements}</EventData></Event>"
    );
    let dotted = members(event, "winlog.event_data.");
    let wazuh: Vec<String> = event
        .data
        .iter()
        .map(|(name, value)| {
            let (first, rest) = name.split_at(1);
            format!("{}:{}", json(&format!("{}{rest}", first.to_lowercase())), json(value))
        })
        .collect();
    let wazuh = wazuh.join(",");
    vec![
        ("evtx_dump", dumped(data.clone())),
        (
            "evtx_dump, items with attributes",
            dumped(format!("\"Data\":[{}]", items("\"#attributes\":{\"Name\":", "}"))),
        ),
        ("converted XML", dumped(format!("\"Data\":[{}]", items("\"@Name\":", "")))),
        (
            "evtx_dump with separate attributes",
            format!(
                r#"{{"Event":{{"System":{{"Provider_attributes":{{"Name":"{provider}"}},"EventID":{id},"TimeCreated_attributes":{{"SystemTime":"{TIME}"}},"Channel":"{channel}","Computer":"{HOST}"}},"EventData":{{{data}}},"Event_attributes":{{"xmlns":"x"}}}}}}"#
            ),
        ),
        (
            "NXLog",
            format!(
                r#"{{"EventTime":"{TIME}","Hostname":"{HOST}","EventID":{id},"SourceName":"{provider}","Channel":"{channel}",{data}}}"#
            ),
        ),
        (
            "Winlogbeat",
            format!(
                r#"{{"@timestamp":"{TIME}","event":{{"code":"{id}","provider":"{provider}"}},"winlog":{{"channel":"{channel}","computer_name":"{HOST}","event_id":"{id}","provider_name":"{provider}","event_data":{{{data}}}}}}}"#
            ),
        ),
        (
            "Elasticsearch",
            format!(
                r#"{{"_index":"x","_source":{{"@timestamp":"{TIME}","winlog":{{"channel":"{channel}","computer_name":"{HOST}","event_id":{id},"provider_name":"{provider}","event_data":{{{data}}}}}}}}}"#
            ),
        ),
        (
            "dotted names",
            format!(
                r#"{{"@timestamp":"{TIME}","winlog.channel":"{channel}","winlog.computer_name":"{HOST}","winlog.event_id":{id},"winlog.provider_name":"{provider}",{dotted}}}"#
            ),
        ),
        (
            "dotted names in _source",
            format!(
                r#"{{"_source":{{"@timestamp":"{TIME}","winlog.channel":"{channel}","winlog.computer_name":"{HOST}","winlog.event_id":{id},"winlog.provider_name":"{provider}",{dotted}}}}}"#
            ),
        ),
        (
            "Wazuh",
            format!(
                r#"{{"timestamp":"{TIME}","rule":{{"level":3}},"agent":{{"id":"001","name":"pc"}},"data":{{"win":{{"system":{{"providerName":"{provider}","eventID":"{id}","systemTime":"{TIME}","channel":"{channel}","computer":"{HOST}"}},"eventdata":{{{wazuh}}}}}}},"decoder":{{"name":"windows_eventchannel"}}}}"#
            ),
        ),
        ("XML", element.clone()),
        ("XML in a list", format!("<?xml version=\"1.0\"?>\n<Events>\n{element}\n</Events>\n")),
    ]
}

fn check(event: &Event, shape: &str, record: &Kept) {
    let place = format!("{} as {shape}: {record:?}", event.id);
    for (name, value) in event.expected {
        assert_eq!(record.get(&name.replace(' ', "")), *value, "{name} of {place}");
    }
    assert_eq!(record.get("EventID"), event.id.to_string(), "{place}");
    assert_eq!(record.get("Channel"), event.channel, "{place}");
    assert_eq!(record.get("Provider_Name"), event.provider, "{place}");
    assert_eq!(record.kind, "windows", "{place}");
    assert_eq!(record.labels, event.labels, "{place}");
    assert_eq!(record.time.as_deref(), Some(TIME), "{place}");
    assert_eq!(record.time_source, "stated", "{place}");
    assert_eq!(record.host.as_deref(), Some(HOST), "{place}");
    if event.user.is_some() {
        assert_eq!(record.user.as_deref(), event.user, "{place}");
    }
}

#[test]
fn every_shape_of_an_event_gives_the_same_fields() {
    for event in &EVENTS {
        for (shape, text) in shapes(event) {
            let reading = read(text.as_bytes());
            assert_eq!(reading.problems, [], "{shape}: {text}");
            let [record] = reading.records.as_slice() else { panic!("{shape}: {reading:?}") };
            check(event, shape, record);
        }
    }
}

#[test]
fn events_in_one_source_are_separate_and_numbered() {
    let shapes = shapes(&EVENTS[0]);
    let element = &shapes[shapes.len() - 2].1;
    let text =
        format!("{element}\n{element}{element}\nnoise\n<Event ><System>\n{element}\n<Event ");
    let reading = read(text.as_bytes());
    assert_eq!(reading.format, "windows-xml");
    let numbers: Vec<u64> = reading.records.iter().map(|record| record.number).collect();
    assert_eq!(numbers, [1, 2, 2, 5]);
    for record in &reading.records {
        check(&EVENTS[0], "a list", record);
        assert_eq!(record.raw, element.as_bytes());
        assert_eq!(&text.as_bytes()[record.offset as usize..][..8], b"<Event x");
    }
    let reasons: Vec<&str> = reading.problems.iter().map(|p| p.reason.as_str()).collect();
    assert_eq!(
        reasons,
        ["text between the events", "the event ends early", "the event ends early"]
    );
}

#[test]
fn unnamed_data_and_user_data_keep_their_place() {
    let text = "<Event><System><Provider Name='Eventlog'/><EventID Qualifiers='0'>1102</EventID>\
        <Channel>Security</Channel></System><UserData><LogFileCleared xmlns='x'>\
        <SubjectUserName>an</SubjectUserName><Empty/></LogFileCleared></UserData></Event>\
        <Event><System><Provider Name='MSSQLSERVER'/><EventID>18456</EventID><Channel>Application\
        </Channel></System><EventData><Data>sa</Data><Data><![CDATA[<192.0.2.7>]]></Data>\
        <Binary>00</Binary></EventData><RenderingInfo Culture='vi-VN'><Message>Đăng nhập hỏng\
        </Message><Level>Lỗi</Level></RenderingInfo></Event>";
    let reading = read(text.as_bytes());
    assert_eq!(reading.problems, []);
    let [cleared, failed] = reading.records.as_slice() else { panic!("{reading:?}") };
    assert_eq!(cleared.get("SubjectUserName"), "an");
    assert_eq!(cleared.get("EventID_Qualifiers"), "0");
    assert_eq!(cleared.labels, ["windows/*/security"]);
    assert_eq!(failed.fields["Data"], ["sa", "<192.0.2.7>"]);
    assert_eq!(failed.get("Message"), "Đăng nhập hỏng");
    assert_eq!(failed.get("Level"), "");
}

#[test]
fn sysmon_for_linux_is_not_windows() {
    let text = "<Event><System><Provider Name=\"Linux-Sysmon\" Guid=\"{x}\"/><EventID>1</EventID>\
        <TimeCreated SystemTime=\"2026-11-20T01:02:03.456000000Z\"/>\
        <Channel>Linux-Sysmon/Operational</Channel><Computer>web-01</Computer></System><EventData>\
        <Data Name=\"Image\">/usr/bin/curl</Data></EventData></Event>";
    let journal = format!(
        "{{\"__REALTIME_TIMESTAMP\":\"1795136523456000\",\"_HOSTNAME\":\"web-01\",\
         \"SYSLOG_IDENTIFIER\":\"sysmon\",\"MESSAGE\":{}}}",
        json(text)
    );
    for text in [text.to_owned(), journal] {
        let reading = read(text.as_bytes());
        let [record] = reading.records.as_slice() else { panic!("{reading:?}") };
        assert_eq!(record.kind, "linux-sysmon/1");
        assert_eq!(record.labels, ["linux/process_creation/sysmon"]);
        assert_eq!(record.get("Image"), "/usr/bin/curl");
        assert_eq!(record.time.as_deref(), Some(TIME));
        assert_eq!(record.host.as_deref(), Some("web-01"));
    }
}

#[test]
fn snare_text_gives_sigma_names() {
    let text = "A new process has been created.    Creator Subject:   Security ID:  S-1-5-21-1-2-3-1001   \
        Account Name:  an   Account Domain:  MINHHOA   Logon ID:  0x3e7    Target Subject:   \
        Security ID:  S-1-0-0   Account Name:  -   Account Domain:  -   Logon ID:  0x0    \
        Process Information:   New Process ID:  0x1267   \
        New Process Name: C:\\Windows\\System32\\whoami.exe   Token Elevation Type: %%1936   \
        Mandatory Label:  S-1-16-12288   Creator Process ID: 0x10   \
        Creator Process Name: C:\\Windows\\System32\\cmd.exe   Process Command Line: whoami /all";
    let line = format!(
        "MSWinEventLog\t1\tSecurity\t42\tFri Nov 20 08:02:03 2026\t4688\t\
         Microsoft-Windows-Security-Auditing\tan\tN/A\tSuccess Audit\t{HOST}\tProcess Creation\t\t{text}\t9"
    );
    for line in [line.clone(), line.replace('\t', "#011")] {
        let reading = read(line.as_bytes());
        assert_eq!((reading.format, reading.problems.len()), ("windows-text", 0));
        let [record] = reading.records.as_slice() else { panic!("{reading:?}") };
        for (name, value) in EVENTS[1].expected {
            assert_eq!(record.get(name), *value, "{name} of {record:?}");
        }
        assert_eq!(record.labels, EVENTS[1].labels);
        assert_eq!(record.time.as_deref(), Some("2026-11-20T01:02:03Z"));
        assert_eq!(record.host.as_deref(), Some(HOST));
        assert_eq!(record.user.as_deref(), Some(r"MINHHOA\an"));
    }
}

#[test]
fn the_samples_of_old_sysmon_agents_are_read() {
    let Some(path) = shared("logs/wazuh/sysmon.ini") else { return };
    let text = std::fs::read_to_string(path).unwrap();
    let lines: Vec<&str> =
        text.lines().filter_map(|line| Some(line.split_once("pass = ")?.1)).collect();
    let reading = read_as(lines.join("\n").as_bytes(), Some("windows-text"));
    assert_eq!(reading.problems, []);
    assert_eq!(reading.records.len(), lines.len());
    let sysmon: Vec<&Kept> = reading
        .records
        .iter()
        .filter(|record| record.labels == ["windows/process_creation/sysmon"])
        .collect();
    assert!(sysmon.len() * 2 > lines.len(), "{} of {}", sysmon.len(), lines.len());
    for record in sysmon {
        assert!(record.get("Image").starts_with("C:\\"), "{record:?}");
        assert!(record.get("ParentImage").to_lowercase().starts_with("c:\\"), "{record:?}");
        assert!(!record.get("CommandLine").is_empty(), "{record:?}");
        assert!(record.time.is_some());
    }
}
