//! Whatever comes in, nothing panics and nothing is lost in silence.

use std::sync::LazyLock;

use khien_event::format::{self, Context, Sink};
use khien_event::stream::Block;
use khien_event::{Problem, Record};
use proptest::prelude::*;

use crate::support::context;

static CONTEXT: LazyLock<Context> = LazyLock::new(context);

/// Asks of each record what the product asks.
struct Look;

impl Sink for Look {
    fn record(&mut self, record: &mut Record<'_>) {
        let packs = &CONTEXT.packs;
        let route = packs.route(record, &mut String::new());
        packs.derive(route, record);
        packs.time(record, &CONTEXT.clue);
        packs.addresses(record);
        for field in &record.fields {
            field.value.to_text();
        }
    }

    fn problem(&mut self, problem: Problem) {
        assert!(!problem.reason.is_empty());
    }
}

fn read_by_all(bytes: &[u8]) {
    format::detect(bytes);
    for id in FORMATS {
        let Some(format) = format::find(id) else { continue };
        let mut reader = (format.reader)(&CONTEXT);
        // Whole, and cut where no entry ends.
        let (head, tail) = bytes.split_at(bytes.len() / 2);
        for bytes in [bytes, head, tail] {
            reader.read(&Block { bytes, offset: 0, first_line: 1, last: false }, &mut Look);
        }
        reader.finish(&mut Look);
    }
}

const FORMATS: &[&str] = &[
    "auditd",
    "cef",
    "leef",
    "palo-alto",
    "cisco",
    "huawei",
    "junos",
    "netscreen",
    "mikrotik",
    "key-value",
    "zeek",
    "csv",
];

/// A line of each family, to be damaged.
const SAMPLES: &[&str] = &[
    "type=EXECVE msg=audit(1709259330.123:456): argc=2 a0=\"mkdir\" a1=2F746D70 a2[0]=41 a2[1]=42\u{1d}UID=\"root\"",
    "type=SOCKADDR msg=audit(1709259330.124:457): saddr=0A0000500000000020010DB8000000000000000000000001",
    "CEF:0|Hãng|Máy|1|7|Tên|5|src=192.0.2.7 msg=a\\=b c=d cs1Label=x cs1=ệ rt=1709259330000",
    "LEEF:2.0|Hãng|Máy|1|7|x5E|src=192.0.2.7^usrName=ệ^devTime=Mar 01 2024 09:15:30",
    "1,2024/03/01 09:15:31,1,CONFIG,0,0,2024/03/01 09:15:30,192.0.2.10,,set,\"a\"\"b\",Web,ok, x,8,0x0,0,0",
    "000123: *Mar  1 09:15:30.123: %ASA-6-302013: Built outbound TCP connection 12 for ngoài:198.51.100.9/443 (198.51.100.9/443) to inside:192.0.2.7/5 (a)",
    "%%01BGP/3/BGP_AUTH_FAILED(l)[5]:lỗi (PeerSession=192.0.2.1:179)",
    "RT_FLOW - RT_FLOW_SESSION_DENY [junos@2636.1 source-address=\"192.0.2.7\" source-port=\"50000\"]",
    "NetScreen device_id=fw1  [Root]system-notification-00257(traffic): src zone=Untrust src=192.0.2.7 (2024-03-01 09:15:30)",
    "firewall,info chặn: in:ether1 out:b, proto TCP (SYN), 192.0.2.7:50000->198.51.100.9:8291, len 60",
    "date=2024-03-01 time=09:15:30 tz=\"+0700\" devid=\"FG\" logid=\"0\" type=\"sự kiện\" msg=\"a \\\" b\" x:\"y\"; z",
    "id=f sn=1 time=\"2024-03-01 02:15:30 UTC\" fw=203.0.113.1 pri=5 m=36 src=:4507:X0 srcV6=fe80::1 dst=1.2.3.4:5:é:ü",
    "#separator \\x09\n#path\tdns\n#fields\tts\tệ\n#types\ttime\tset[string]\n1709259330.1\ta\\xe1,b",
    "tên,b;c\n1,\"hai\n\"\"dòng\";3\n4,5",
];

fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let edits = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 0..12);
    (prop::sample::select(SAMPLES), edits).prop_map(|(sample, edits)| {
        let mut bytes = sample.as_bytes().to_vec();
        for (place, byte, what) in edits {
            if bytes.is_empty() {
                break;
            }
            let at = place.index(bytes.len());
            match what {
                0 => bytes[at] = byte,
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, byte),
                _ => bytes.truncate(at),
            }
        }
        bytes
    })
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in "\\PC{0,200}") {
        read_by_all(text.as_bytes());
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        read_by_all(&bytes);
    }

    #[test]
    fn damaged_samples_never_panic(bytes in damaged()) {
        read_by_all(&bytes);
    }
}

#[test]
fn every_format_is_known_by_its_id() {
    assert_eq!(FORMATS.iter().filter(|id| format::find(id).is_none()).count(), 0);
}

#[test]
fn long_lines_end_in_good_time() {
    let long = [
        "a=\"\\\"".repeat(50_000),
        "CEF:0|a|b|c|d|e|f|".to_owned() + &"aaaa=".repeat(50_000),
        "CEF:0|a|b|c|d|e|f|".to_owned() + &"?=".repeat(100_000),
        "%ASA-6-302013: ".to_owned() + &"Built {} ( for : / ".repeat(20_000),
        "type=EXECVE msg=audit(1709259330.1:1): ".to_owned() + &"a1[0]=4 '=".repeat(50_000),
        "a,b\n".to_owned() + &"\"\"\",\"".repeat(50_000),
        "1:1.1.1.1:".repeat(50_000),
    ];
    for text in long {
        read_by_all(text.as_bytes());
    }
}
