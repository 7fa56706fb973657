use std::net::IpAddr;

use khien_event::Record;
use khien_event::format::payload::BY_CONTENT;

use crate::support::{Kept, Reading, read, read_as, shared};

fn one(line: &str) -> Kept {
    let Reading { format, mut records, problems } = read(line.as_bytes());
    assert_eq!(problems, [], "{format}: {line}");
    assert_eq!(records.len(), 1, "{format}: {line}");
    records.remove(0)
}

#[track_caller]
fn expect(line: &str, kind: &str, label: &str, fields: &[(&str, &str)]) -> Kept {
    let record = one(line);
    assert_eq!(record.kind, kind, "{line}");
    assert!(record.labels.iter().any(|has| has == label), "{label} is not in {:?}", record.labels);
    for (name, value) in fields {
        assert_eq!(record.get(name), *value, "{name} of {:#?}", record.fields);
    }
    record
}

#[test]
fn fortigate() {
    let record = expect(
        r#"date=2024-03-01 time=09:15:30 devname="FG-HUYEN-01" devid="FGT60F0000000001" eventtime=1709259330123456789 tz="+0700" logid="0100044547" type="event" subtype="system" level="information" vd="root" logdesc="Object attribute configured" user="quantri" ui="GUI(192.0.2.10)" action="Add" cfgtid=1 cfgpath="system.admin" cfgobj="hotro" cfgattr="say \"xin chào\"" msg="Add system.admin hotro""#,
        "fortigate/event",
        "fortigate/*/event",
        &[
            ("action", "Add"),
            ("cfgpath", "system.admin"),
            ("username", "quantri"),
            ("user", "quantri"),
            ("cfgattr", "say \"xin chào\""),
        ],
    );
    assert_eq!(record.time.as_deref(), Some("2024-03-01T02:15:30.123456789Z"));
    assert_eq!(record.host.as_deref(), Some("FG-HUYEN-01"));
    assert_eq!(record.user.as_deref(), Some("quantri"));
    let record = expect(
        r#"date=2024-03-01 time=09:15:30 devname="FG" devid="FGT60F0000000001" tz="+0700" logid="0000000013" type="traffic" subtype="forward" vd="root" srcip=192.0.2.7 srcport=51000 dstip=198.51.100.9 dstport=23 proto=6 action="accept" service="TELNET" policyid=4"#,
        "fortigate/traffic",
        "fortigate/firewall/traffic",
        &[
            ("src_ip", "192.0.2.7"),
            ("srcip", "192.0.2.7"),
            ("dst_port", "23"),
            ("action", "accept"),
            ("blocked", "false"),
        ],
    );
    assert_eq!(record.time.as_deref(), Some("2024-03-01T02:15:30Z"));
    assert_eq!(record.addresses, ["192.0.2.7", "198.51.100.9"]);
}

#[test]
fn other_key_value_devices() {
    let record = expect(
        r#"id=firewall sn=0017C5000001 time="2024-03-01 02:15:30 UTC" fw=203.0.113.1 pri=5 c=64 m=36 msg="TCP connection dropped" n=2686 src=192.0.2.7:4507:X0:may-1.example dst=198.51.100.9:445:X1 proto=tcp/445 note="gateway 203.0.113.9""#,
        "sonicwall",
        "sonicwall/firewall/*",
        &[
            ("src_ip", "192.0.2.7"),
            ("src_port", "4507"),
            ("src_interface", "X0"),
            ("src_host", "may-1.example"),
            ("dst_port", "445"),
            ("ip", "203.0.113.9"),
        ],
    );
    assert_eq!(record.time.as_deref(), Some("2024-03-01T02:15:30Z"));
    expect(
        r#"device="SFW" date=2024-03-01 time=09:15:30 timezone="+07" device_name="XG" device_id=S1 log_id=010102600002 log_type="Firewall" log_component="Firewall Rule" log_subtype="Denied" status="Deny" user_name="an" src_ip=192.0.2.7 dst_ip=198.51.100.9 protocol="TCP" src_port=50000 dst_port=3389"#,
        "sophos/firewall",
        "sophos/firewall/firewall",
        &[("src_ip", "192.0.2.7"), ("username", "an"), ("action", "Deny"), ("blocked", "true")],
    );
    expect(
        r#"id="2001" severity="info" sys="SecureNet" sub="packetfilter" name="Packet dropped" action="drop" srcip="192.0.2.7" dstip="198.51.100.9" proto="6" srcport="1024" dstport="445""#,
        "sophos-utm/packetfilter",
        "sophos/firewall/packetfilter",
        &[("src_ip", "192.0.2.7"), ("dst_port", "445"), ("blocked", "true")],
    );
    let record = read_as(
        br#"2024:03:01-09:15:30 utm-1 ulogd[4711]: id="2001" severity="info" sys="SecureNet" sub="packetfilter" srcip="192.0.2.7""#,
        Some("key-value"),
    );
    assert_eq!(record.records[0].time.as_deref(), Some("2024-03-01T02:15:30Z"));
    assert_eq!(record.records[0].get("src_ip"), "192.0.2.7");
    expect(
        r#"[action:"Drop"; ifdir:"inbound"; origin:"203.0.113.1"; time:"1709259330"; product:"VPN-1 & FireWall-1"; dst:"198.51.100.9"; proto:"6"; s_port:"50000"; service:"445"; src:"192.0.2.7"]"#,
        "checkpoint",
        "checkpoint/firewall/*",
        &[("src_ip", "192.0.2.7"), ("dst_port", "445"), ("blocked", "true")],
    );
    let reading = read(b"level=info user=\"L\xc3\xaa An\" ip=192.0.2.1 msg=\"cut sho");
    assert_eq!(reading.format, "key-value");
    assert_eq!(reading.records[0].get("user"), "Lê An");
    assert_eq!(reading.records[0].get("msg"), "cut sho");
    let reading = read(b"time=1709259330|src=192.0.2.1|rule=Clean up rule|n=1");
    assert_eq!(reading.records[0].get("rule"), "Clean up rule");
}

#[test]
fn palo_alto() {
    let record = expect(
        r#"1,2024/03/01 09:15:31,000000000001,TRAFFIC,end,2560,2024/03/01 09:15:30,192.0.2.7,198.51.100.9,203.0.113.1,198.51.100.9,"Ra, Internet",minhhoa\an,,web-browsing,vsys1,trust,untrust,ae1,ae2,default,2024/03/01 09:15:30,4321,1,50000,80,40000,80,0x400000,tcp,allow,1200,600,600,10,2024/03/01 09:15:00,30,any,,1,0x0,192.0.2.0-192.0.2.255,United States,,5,5,tcp-fin,0,0,0,0,,PA-01,from-policy"#,
        "paloalto/traffic",
        "paloalto/firewall/traffic",
        &[
            ("src_ip", "192.0.2.7"),
            ("dst_port", "80"),
            ("rule", "Ra, Internet"),
            ("username", r"minhhoa\an"),
            ("action", "allow"),
            ("blocked", "false"),
            ("device_name", "PA-01"),
            ("session_end_reason", "tcp-fin"),
        ],
    );
    assert_eq!(record.time.as_deref(), Some("2024-03-01T02:15:30Z"));
    expect(
        r#"1,2024/03/01 09:15:31,1,THREAT,url,2560,2024/03/01 09:15:30,192.0.2.7,198.51.100.9,,,r,,,ssl,vsys1,a,b,i,o,l,2024/03/01 09:15:30,1,1,50000,443,0,0,0x0,tcp,block-url,"xau.example/a?b=""c""",(9999),malware,informational,client-to-server,7,0x0"#,
        "paloalto/threat",
        "paloalto/firewall/threat",
        &[("misc", "xau.example/a?b=\"c\""), ("severity", "informational"), ("blocked", "true")],
    );
    expect(
        "1,2024/03/01 09:15:31,1,CONFIG,0,0,2024/03/01 09:15:30,192.0.2.10,,set,quantri,Web,Succeeded, mgt-config users x,8,0x0,0,0,0,0,,PA-01",
        "paloalto/config",
        "paloalto/*/config",
        &[
            ("src_ip", "192.0.2.10"),
            ("username", "quantri"),
            ("cmd", "set"),
            ("device_name", "PA-01"),
        ],
    );
    expect(
        "1,2024/03/01 09:15:31,1,CONFIG,0,0,2024/03/01 09:15:30,192.0.2.10,,set,quantri,Web,Succeeded, mgt-config users x,old,new,8,0x0,0,0,0,0,,PA-01",
        "paloalto/config",
        "paloalto/*/config",
        &[("before_change_detail", "old"), ("after_change_detail", "new"), ("seqno", "8")],
    );
    expect(
        "1,2024/03/01 09:15:31,1,GLOBALPROTECT,0,2561,2024/03/01 09:15:30,vsys1,gateway-auth,login,LDAP,,an,VN,may-1,192.0.2.7,0.0.0.0,,,,,6.0,Windows,,1,,Authentication failed,,failure",
        "paloalto/globalprotect",
        "paloalto/appliance/globalprotect",
        &[("src_ip", "192.0.2.7"), ("username", "an"), ("status", "failure")],
    );
    expect(
        "1,2024/03/01 09:15:31,1,SYSTEM,auth,0,2024/03/01 09:15:30,,auth-fail,x,0,0,general,medium,\"failed authentication for user 'an'\",1,0x0,0,0,0,0,,PA-01",
        "paloalto/system",
        "paloalto/*/system",
        &[("eventid", "auth-fail"), ("severity", "medium"), ("device_name", "PA-01")],
    );
}

#[test]
fn cisco() {
    let record = expect(
        "Mar 01 2024 02:15:30 UTC: %ASA-6-302013: Built outbound TCP connection 12 for outside:198.51.100.9/443 (198.51.100.9/443) to inside:192.0.2.7/50000 (203.0.113.1/50000)",
        "cisco/asa",
        "cisco/firewall/asa",
        &[
            ("src_ip", "192.0.2.7"),
            ("dst_ip", "198.51.100.9"),
            ("dst_port", "443"),
            ("ip", "203.0.113.1"),
            ("blocked", "false"),
        ],
    );
    assert_eq!(record.time.as_deref(), Some("2024-03-01T02:15:30Z"));
    expect(
        "%ASA-4-106023: Deny tcp src outside:192.0.2.7/50000 dst inside:198.51.100.9/23 by access-group \"NGOAI\" [0x0, 0x0]",
        "cisco/asa",
        "cisco/firewall/asa",
        &[("src_zone", "outside"), ("dst_port", "23"), ("rule", "NGOAI"), ("blocked", "true")],
    );
    expect(
        "%ASA-6-113005: AAA user authentication Rejected : reason = AAA failure : server = 203.0.113.5 : user = an : user IP = 192.0.2.7",
        "cisco/asa",
        "cisco/*/syslog",
        &[("username", "an"), ("src_ip", "192.0.2.7"), ("action", "Rejected")],
    );
    expect(
        "%FTD-1-430003: EventPriority: Low, SrcIP: 192.0.2.7, DstIP: 198.51.100.9, SrcPort: 50000, DstPort: 80, Protocol: tcp, AccessControlRuleAction: Block, User: an",
        "cisco/ftd",
        "cisco/firewall/ftd",
        &[("src_ip", "192.0.2.7"), ("username", "an"), ("action", "Block")],
    );
    expect(
        "000123: *Mar  1 09:15:30.123: %SEC_LOGIN-4-LOGIN_FAILED: Login failed [user: an] [Source: 192.0.2.7] [localport: 22] [Reason: Login Authentication Failed] at 09:15:30 ICT Fri Mar 1 2024",
        "cisco/ios",
        "cisco/*/syslog",
        &[("username", "an"), ("src_ip", "192.0.2.7"), ("mnemonic", "SEC_LOGIN-4-LOGIN_FAILED")],
    );
    expect(
        "%PARSER-5-CFGLOG_LOGGEDCMD: User:an  logged command:no logging host 192.0.2.9",
        "cisco/aaa",
        "cisco/*/aaa",
        &[("username", "an"), ("command", "no logging host 192.0.2.9")],
    );
    expect(
        "%IP-TCP-3-BADAUTH : Invalid MD5 digest from 192.0.2.1:179 to 192.0.2.2:1179",
        "cisco/bgp",
        "cisco/*/bgp",
        &[("src_port", "179"), ("dst_ip", "192.0.2.2")],
    );
}

#[test]
fn juniper_huawei_mikrotik() {
    expect(
        r#"RT_FLOW - RT_FLOW_SESSION_DENY [junos@2636.1.1.1.2.39 source-address="192.0.2.7" source-port="50000" destination-address="198.51.100.9" destination-port="23" service-name="junos-telnet" protocol-id="6" policy-name="chan" source-zone-name="trust"]"#,
        "junos/flow",
        "juniper/firewall/flow",
        &[("src_ip", "192.0.2.7"), ("dst_port", "23"), ("rule", "chan"), ("blocked", "true")],
    );
    expect(
        "RT_FLOW_SESSION_CREATE: session created 192.0.2.7/50000->198.51.100.9/80 junos-http 203.0.113.1/40000->198.51.100.9/80 source rule 6 cho-ra trust untrust 4321 an(N/A) ge-0/0/0.0",
        "junos/flow",
        "juniper/firewall/flow",
        &[("src_ip", "192.0.2.7"), ("nat_src_ip", "203.0.113.1"), ("action", "created")],
    );
    expect(
        "UI_LOGIN_EVENT: User 'an' login, class 'j-super-user' [1234], ssh-connection '192.0.2.7 50000 198.51.100.9 22', client-mode 'cli'",
        "junos",
        "juniper/*/*",
        &[("username", "an"), ("src_ip", "192.0.2.7"), ("dst_port", "22")],
    );
    let record = read_as(
        br#"Mar  1 09:15:30 192.0.2.1 junos-flow: 2017-03-01T02:15:30.5Z srx-1 RT_FLOW - RT_FLOW_SESSION_CLOSE [junos@2636.1 source-address="192.0.2.7" username="N/A"]"#,
        Some("junos"),
    );
    assert_eq!(record.records[0].time.as_deref(), Some("2017-03-01T02:15:30.5Z"));
    assert_eq!(record.records[0].user, None);
    let record = expect(
        "tcp_auth_ok: Packet from 192.0.2.1:179 missing MD5 digest",
        "junos/bgp",
        "juniper/*/bgp",
        &[("src_ip", "192.0.2.1")],
    );
    assert!(record.get("message").contains(":179"));
    expect(
        "NetScreen device_id=fw1  [Root]system-notification-00257(traffic): start_time=\"2024-03-01 09:15:30\" duration=0 policy_id=1 service=telnet proto=6 src zone=Untrust dst zone=Trust action=Deny sent=0 rcvd=0 src=192.0.2.7 dst=198.51.100.9 src_port=50000 dst_port=23",
        "netscreen/traffic",
        "netscreen/firewall/traffic",
        &[("src_ip", "192.0.2.7"), ("src_zone", "Untrust"), ("blocked", "true")],
    );
    expect(
        "%%01BGP/3/BGP_AUTH_FAILED(l)[5]:BGP session authentication failed. (PeerSession=192.0.2.1:179)",
        "huawei/bgp",
        "huawei/*/bgp",
        &[("mnemonic", "BGP_AUTH_FAILED"), ("ip", "192.0.2.1")],
    );
    expect(
        "firewall,info chan: in:ether1 out:(unknown 0), connection-state:new src-mac 00:00:5e:00:53:01, proto TCP (SYN), 192.0.2.7:50000->198.51.100.9:8291, len 60",
        "mikrotik/firewall",
        "mikrotik/firewall/*",
        &[("src_ip", "192.0.2.7"), ("dst_port", "8291"), ("log_prefix", "chan")],
    );
    expect(
        "system,error,critical login failure for user admin from 192.0.2.7 via winbox",
        "mikrotik",
        "mikrotik/*/*",
        &[("username", "admin"), ("action", "failure"), ("src_ip", "192.0.2.7")],
    );
}

/// The addresses of a text, found without the crate's help.
fn addresses(text: &str) -> Vec<String> {
    let part = |c: char| c.is_ascii_hexdigit() || c == '.' || c == ':';
    let found = |token: &str| token.parse::<IpAddr>().ok().map(|_| token.to_owned());
    let narrow = |token: &str| token.split(':').find_map(found);
    text.split(|c| !part(c))
        .map(|token| token.trim_end_matches(['.', ':']))
        .filter(|token| token.len() > 2)
        .filter_map(|token| found(token).or_else(|| narrow(token)))
        .collect()
}

#[test]
fn the_shared_device_logs_read_as_their_products() {
    let files = [
        ("paloalto.ini", "paloalto", 4),
        ("junos.ini", "junos", 3),
        ("cisco_ios.ini", "cisco", 5),
        ("netscreen.ini", "netscreen", 4),
        ("SonicWall.ini", "sonicwall", 8),
    ];
    for (file, product, count) in files {
        let Some(path) = shared(&format!("logs/wazuh/{file}")) else { return };
        let text = std::fs::read_to_string(path).unwrap();
        let mut lines = 0;
        for line in text.lines().filter(|line| line.starts_with("log ")) {
            let line = line.split_once(" = ").unwrap().1;
            let starts = ["id=", "%", "NetScreen ", "RT_FLOW - ", "RT_IDS - ", "1,2020/"];
            let body = starts.iter().filter_map(|start| line.find(start)).min().unwrap();
            let body = &line[body..];
            let record = one(body);
            assert_eq!(record.kind.split('/').next(), Some(product), "{line}");
            let fields = record.fields.iter().filter(|(name, _)| *name != "message");
            let values: Vec<&String> = fields.flat_map(|(_, values)| values).collect();
            for address in addresses(body) {
                assert!(
                    values.iter().any(|v| v.split('/').next() == Some(&address)),
                    "{address} of {body}"
                );
            }
            if body.contains("by netscreen") || body.contains("admin netscreen") {
                assert_eq!(record.get("username"), "netscreen", "{body}");
            }
            lines += 1;
        }
        assert_eq!(lines, count, "{file}");
    }
}

#[test]
fn cef_and_leef() {
    let record = one(
        r"CEF:0|Bo\|Loc|Tuong lua|1.0|100|Chặn truy cập|5|rt=1709259330000 src=192.0.2.7 spt=50000 dst=198.51.100.9 dpt=443 suser=Lê An act=blocked request=https://xau.example/?a=1&b\=2 x=y=z msg=hai dòng\ncâu hai D:\\Tam cs1Label=Tên luật cs1=Cấm ra ngoài",
    );
    assert_eq!(record.kind, r"cef/bo\|loc/tuong_lua");
    assert_eq!(record.time.as_deref(), Some("2024-03-01T02:15:30Z"));
    assert_eq!(record.user.as_deref(), Some("Lê An"));
    for (name, value) in [
        ("DeviceVendor", "Bo|Loc"),
        ("Name", "Chặn truy cập"),
        ("src_ip", "192.0.2.7"),
        ("src", "192.0.2.7"),
        ("dst_port", "443"),
        ("username", "Lê An"),
        ("c-uri", "https://xau.example/?a=1&b=2"),
        ("x", "y=z"),
        ("msg", "hai dòng\ncâu hai D:\\Tam"),
        ("Tên luật", "Cấm ra ngoài"),
        ("blocked", "true"),
    ] {
        assert_eq!(record.get(name), value, "{name} of {:#?}", record.fields);
    }
    expect(
        "CEF:0|Fortinet|Fortigate|v7.4|44547|event:system|2|FTNTFGTcfgpath=system.admin act=Add duser=an",
        "cef/fortinet/fortigate",
        "fortigate/*/event",
        &[("cfgpath", "system.admin"), ("action", "Add")],
    );
    let fields = &[("src_ip", "192.0.2.7"), ("username", "Lê An"), ("dst_port", "443")];
    let lines = [
        "LEEF:1.0|Hang|May|1|7|devTime=Mar 01 2024 09:15:30\tsrc=192.0.2.7\tdstPort=443\tusrName=Lê An",
        "LEEF:2.0|Hang|May|1|7|^|devTime=1709259330000^src=192.0.2.7^dstPort=443^usrName=Lê An",
        "LEEF:2.0|Hang|May|1|7|x7C|devTime=1709259330|src=192.0.2.7|dstPort=443|usrName=Lê An",
    ];
    for line in lines {
        let record = one(line);
        assert_eq!(record.kind, "leef/hang/may");
        assert_eq!(record.time.as_deref(), Some("2024-03-01T02:15:30Z"), "{line}");
        for (name, value) in fields {
            assert_eq!(record.get(name), *value, "{line}");
        }
    }
}

#[test]
fn messages_of_daemons_are_left_alone() {
    let context = crate::support::context();
    for file in ["Linux/Linux_2k.log", "OpenSSH/OpenSSH_2k.log", "Apache/Apache_2k.log"] {
        let Some(path) = shared(&format!("logs/loghub/{file}")) else { return };
        let text = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
        for line in text.lines() {
            let mut record = Record::new(context.symbols.clone());
            for payload in BY_CONTENT {
                assert!(!payload(line, &mut record, &context), "{:?}: {line}", record.kind);
                assert!(record.fields.is_empty(), "{line}");
            }
        }
    }
}
