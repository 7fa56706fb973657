//! Names out of files of certificate logs, in three forms: the JSON that crt.sh answers (an array of
//! objects), a JSON object a line (the same objects, or messages of certstream), and CSV with a column of
//! names.
//!
//! Mail addresses and addresses of machines, which certificates name too, are left out. Whatever else
//! cannot be read is told with its place; the rest counts.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use khien_domain::discovered::{Certificate, host_name};
use khien_domain::host::HostName;
use khien_domain::text;
use serde::Deserializer as _;
use serde::de::{SeqAccess, Visitor};
use serde_json::Value;

/// The largest file.
pub const MAX_LOG_BYTES: usize = 16 << 20;
/// Names of one file.
pub const MAX_LOG_NAMES: usize = 200_000;
/// Problems that are told of one file.
const PROBLEMS: usize = 100;
/// What is kept of the name of an issuer.
const ISSUER_BYTES: usize = 200;

/// What a file of names calls its columns.
const NAMES: [&str; 9] = [
    "name_value",
    "common_name",
    "name",
    "names",
    "dns_names",
    "dns_name",
    "domain",
    "domains",
    "host",
];
const ISSUED: [&str; 3] = ["not_before", "valid_from", "issued_at"];
const UNTIL: [&str; 3] = ["not_after", "valid_to", "expires_at"];
const ISSUER: [&str; 2] = ["issuer_name", "issuer"];

/// A place of a file that will not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where: `[3].name_value`, `line 5`, `row 7`.
    pub place: String,
    /// What is wrong.
    pub what: String,
}

/// What a file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    /// Certificates that were read.
    pub certificates: usize,
    /// Each name with the newest certificate for it.
    pub names: BTreeMap<HostName, Certificate>,
    /// Mail addresses, addresses of machines and texts of subjects that are no names of hosts.
    pub other: usize,
    /// The first places that will not do.
    pub problems: Vec<Problem>,
    /// How many there are.
    pub wrong: usize,
}

/// Reads a file, or says why it is not taken.
pub fn read(bytes: &[u8]) -> Result<Log, String> {
    if bytes.len() > MAX_LOG_BYTES {
        return Err(format!("a certificate log is at most {} MiB", MAX_LOG_BYTES >> 20));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err("the file is no text in UTF-8".into());
    };
    let mut log = Log::default();
    match text.trim_start().chars().next() {
        None => return Err("the file is empty".into()),
        Some('[') => log.array(text)?,
        Some('{') => log.lines(text)?,
        Some(_) => log.table(text)?,
    }
    Ok(log)
}

/// Takes the elements of an array one by one, so that only one is held.
struct Elements<'l>(&'l mut Log);

impl<'de> Visitor<'de> for Elements<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of certificates")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        let mut number = 0;
        while let Some(element) = elements.next_element::<Value>()? {
            self.0.object(&format!("[{number}]"), &element).map_err(serde::de::Error::custom)?;
            number += 1;
        }
        Ok(())
    }
}

impl Log {
    fn array(&mut self, text: &str) -> Result<(), String> {
        let mut reader = serde_json::Deserializer::from_str(text);
        reader
            .deserialize_seq(Elements(self))
            .and_then(|()| reader.end())
            .map_err(|error| format!("the file cannot be read as JSON: {error}"))
    }

    fn lines(&mut self, text: &str) -> Result<(), String> {
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            let place = format!("line {number}");
            match serde_json::from_str::<Value>(line) {
                Ok(object) => self.object(&place, &object)?,
                Err(error) => self.wrong(place, format!("no JSON: {error}")),
            }
        }
        Ok(())
    }

    /// An object of crt.sh, or a message of certstream. Its heartbeats say nothing.
    fn object(&mut self, place: &str, object: &Value) -> Result<(), String> {
        if object.get("message_type").is_some_and(|kind| kind == "heartbeat") {
            return Ok(());
        }
        let leaf = object.get("data").and_then(|data| data.get("leaf_cert"));
        if let Some(leaf) = leaf {
            return self.leaf(place, leaf);
        }
        let said = |names: &[&str]| names.iter().find_map(|name| object.get(*name)?.as_str());
        let mut names = Vec::new();
        for field in NAMES {
            match object.get(field) {
                Some(Value::String(text)) => names.push((field, text.as_str())),
                Some(Value::Array(list)) => {
                    names.extend(list.iter().filter_map(Value::as_str).map(|name| (field, name)));
                }
                _ => {}
            }
        }
        if names.is_empty() {
            let what = format!("no field of names: {}", NAMES.join(", "));
            self.wrong(place.to_owned(), what);
            return Ok(());
        }
        let certificate = Certificate {
            issued_at: self.moment(place, said(&ISSUED)),
            until: self.moment(place, said(&UNTIL)),
            issuer: issuer(said(&ISSUER).unwrap_or_default()),
        };
        self.certificates += 1;
        for (field, text) in names {
            self.names_of(&format!("{place}.{field}"), field, text, &certificate)?;
        }
        Ok(())
    }

    fn leaf(&mut self, place: &str, leaf: &Value) -> Result<(), String> {
        let Some(names) = leaf.get("all_domains").and_then(Value::as_array) else {
            self.wrong(format!("{place}.data.leaf_cert"), "no field of names: all_domains".into());
            return Ok(());
        };
        let moment = |field: &str| {
            let seconds = leaf.get(field).and_then(Value::as_f64)?;
            Timestamp::from_second(seconds as i64).ok()
        };
        let of_issuer = |field: &str| leaf.get("issuer")?.get(field)?.as_str();
        let named = of_issuer("O").or_else(|| of_issuer("CN")).or_else(|| of_issuer("aggregated"));
        let certificate = Certificate {
            issued_at: moment("not_before"),
            until: moment("not_after"),
            issuer: issuer(named.unwrap_or_default()),
        };
        self.certificates += 1;
        let place = format!("{place}.data.leaf_cert.all_domains");
        for name in names.iter().filter_map(Value::as_str) {
            self.names_of(&place, "all_domains", name, &certificate)?;
        }
        Ok(())
    }

    fn table(&mut self, text: &str) -> Result<(), String> {
        let head = text.lines().next().unwrap_or_default();
        let count = |mark: char| head.matches(mark).count();
        let delimiter =
            [',', ';', '\t'].into_iter().max_by_key(|mark| (count(*mark), *mark == ','));
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .delimiter(delimiter.map_or(b',', |mark| mark as u8))
            .from_reader(text.as_bytes());
        let broken = |_| "the file cannot be read as CSV".to_owned();
        let titles: Vec<String> = reader
            .headers()
            .map_err(broken)?
            .iter()
            .map(|title| title.trim().to_lowercase().replace(' ', "_"))
            .collect();
        let column =
            |names: &[&str]| titles.iter().position(|title| names.contains(&title.as_str()));
        let named: Vec<usize> =
            (0..titles.len()).filter(|at| NAMES.contains(&titles[*at].as_str())).collect();
        if named.is_empty() {
            return Err(format!("row 1: no column of names: {}", NAMES.join(", ")));
        }
        let (issued, until, by) = (column(&ISSUED), column(&UNTIL), column(&ISSUER));
        let mut row = csv::StringRecord::new();
        while reader.read_record(&mut row).map_err(broken)? {
            let place = format!("row {}", row.position().map_or(0, csv::Position::line));
            let cell =
                |at: Option<usize>| row.get(at?).map(str::trim).filter(|text| !text.is_empty());
            let certificate = Certificate {
                issued_at: self.moment(&place, cell(issued)),
                until: self.moment(&place, cell(until)),
                issuer: issuer(cell(by).unwrap_or_default()),
            };
            self.certificates += 1;
            if named.iter().all(|at| cell(Some(*at)).is_none()) {
                self.wrong(place.clone(), "no name".into());
            }
            for at in &named {
                let Some(text) = cell(Some(*at)) else { continue };
                self.names_of(&place, &titles[*at], text, &certificate)?;
            }
        }
        Ok(())
    }

    /// The names of a field, parted by new lines, blanks, commas or semicolons.
    fn names_of(
        &mut self,
        place: &str,
        field: &str,
        text: &str,
        certificate: &Certificate,
    ) -> Result<(), String> {
        // The name of a subject may be anything; where it is a host, it is one text.
        let is_subject = field == "common_name";
        if is_subject && host_name(text).is_none() {
            self.other += 1;
            return Ok(());
        }
        let parts = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';'));
        for part in parts.filter(|part| !part.is_empty()) {
            if let Some(name) = host_name(part) {
                let kept = self.names.entry(name).or_insert_with(|| certificate.clone());
                if certificate.is_newer(kept) {
                    *kept = certificate.clone();
                }
            } else if part.contains('@') || part.parse::<std::net::IpAddr>().is_ok() {
                self.other += 1;
            } else {
                let shown = text::cut(part, 80);
                self.wrong(place.to_owned(), format!("«{shown}» is no name of a host"));
            }
        }
        if self.names.len() > MAX_LOG_NAMES {
            return Err(format!("a certificate log has at most {MAX_LOG_NAMES} names"));
        }
        Ok(())
    }

    /// A moment as logs write it, in UTC; one that cannot be read is told.
    fn moment(&mut self, place: &str, text: Option<&str>) -> Option<Timestamp> {
        let text = text?;
        let found = text.parse::<Timestamp>().ok().or_else(|| {
            let plain = text.parse::<DateTime>().ok()?;
            Offset::UTC.to_timestamp(plain).ok()
        });
        if found.is_none() {
            let shown = text::cut(text, 80);
            self.wrong(place.to_owned(), format!("«{shown}» is no moment"));
        }
        found
    }

    fn wrong(&mut self, place: String, what: String) {
        self.wrong += 1;
        if self.problems.len() < PROBLEMS {
            self.problems.push(Problem { place, what });
        }
    }
}

/// The name of an issuer as it is kept.
fn issuer(text: &str) -> String {
    let plain: String = text.chars().filter(|c| !c.is_control()).collect();
    text::cut(plain.trim(), ISSUER_BYTES)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names(log: &Log) -> Vec<&str> {
        log.names.keys().map(HostName::as_str).collect()
    }

    #[test]
    fn what_crt_sh_answers_is_read() {
        let text = r#"[
            {"issuer_ca_id": 1, "issuer_name": "C=XX, O=CA Mau, CN=CA Mau R1", "common_name": "a.minhhoa.example",
             "name_value": "a.minhhoa.example\n*.b.minhhoa.example\ncanbo@minhhoa.example", "id": 7,
             "not_before": "2026-09-01T00:00:00", "not_after": "2026-11-30T23:59:59", "serial_number": "0a"},
            {"common_name": "Cơ quan Mẫu", "name_value": "A.MinhHoa.Example", "issuer_name": "O=CA 2",
             "not_before": "2026-10-01T00:00:00", "not_after": "2026-12-30T23:59:59"},
            {"name_value": "a b!.minhhoa.example", "not_before": "hôm qua"},
            {"id": 9},
            7
        ]"#;
        let log = read(text.as_bytes()).unwrap();
        assert_eq!(names(&log), ["a.minhhoa.example", "b.minhhoa.example"]);
        assert_eq!((log.certificates, log.other), (3, 2));
        let newest = log.names.values().next().unwrap();
        assert_eq!(newest.issuer, "O=CA 2");
        assert_eq!(newest.issued_at.unwrap().to_string(), "2026-10-01T00:00:00Z");
        let told: Vec<(&str, &str)> =
            log.problems.iter().map(|one| (one.place.as_str(), one.what.as_str())).collect();
        assert_eq!(told[0], ("[2]", "«hôm qua» is no moment"));
        assert_eq!(told[1].0, "[2].name_value");
        assert!(told[1].1.starts_with("«a»") || told[2].1.starts_with("«b!"), "{told:?}");
        assert!(told.iter().any(|(place, what)| *place == "[3]" && what.contains("name_value")));
        assert!(told.iter().any(|(place, _)| *place == "[4]"));
        assert_eq!(log.wrong, log.problems.len());
    }

    #[test]
    fn lines_of_certstream_and_of_crt_sh_are_read() {
        let text = concat!(
            r#"{"message_type": "heartbeat", "timestamp": 1}"#,
            "\n\n",
            r#"{"message_type": "certificate_update", "data": {"update_type": "X509LogEntry", "leaf_cert": {"all_domains": ["*.a.example.test", "b.example.test"], "not_before": 1788220800, "not_after": 1796083199.0, "issuer": {"O": "CA Mau", "CN": "R1"}}}}"#,
            "\n{\n",
            r#"{"name_value": "c.example.test", "not_before": "2026-09-01T00:00:00Z"}"#,
            "\n",
            r#"{"message_type": "certificate_update", "data": {"leaf_cert": {}}}"#,
        );
        let log = read(text.as_bytes()).unwrap();
        assert_eq!(names(&log), ["a.example.test", "b.example.test", "c.example.test"]);
        let first = log.names.values().next().unwrap();
        assert_eq!((first.issuer.as_str(), log.certificates), ("CA Mau", 2));
        assert_eq!(first.issued_at.unwrap().to_string(), "2026-09-01T00:00:00Z");
        let places: Vec<&str> = log.problems.iter().map(|one| one.place.as_str()).collect();
        assert_eq!(places, ["line 4", "line 6.data.leaf_cert"]);
    }

    #[test]
    fn a_table_of_names_is_read() {
        let text = "Common Name;DNS names;Not before;Issuer\n\
                    a.example.test;a.example.test b.example.test;2026-09-01;CA\n\
                    ;;;\nMột người;192.0.2.7, c.example.test;x;\n";
        let log = read(text.as_bytes()).unwrap();
        assert_eq!(names(&log), ["a.example.test", "b.example.test", "c.example.test"]);
        assert_eq!(log.other, 2);
        let told: Vec<String> =
            log.problems.iter().map(|one| format!("{}: {}", one.place, one.what)).collect();
        assert_eq!(told, ["row 3: no name", "row 4: «x» is no moment"]);
        let error = read(b"when,what\n1,2\n").unwrap_err();
        assert!(error.starts_with("row 1: no column of names: name_value"), "{error}");
    }

    #[test]
    fn what_is_too_much_or_no_log_is_refused() {
        let refused = |bytes: &[u8]| read(bytes).unwrap_err();
        assert_eq!(refused(b"  \n"), "the file is empty");
        assert!(refused(b"\xff\xfe").contains("UTF-8"));
        assert!(refused(b"[{\"name_value\": \"a.b\"},").contains("line 1 column"));
        assert!(refused(b"[] []").contains("JSON"));
        assert!(refused(&vec![b' '; MAX_LOG_BYTES + 1]).contains("16 MiB"));
        let mut many = "name\n".to_owned();
        for number in 0..=MAX_LOG_NAMES {
            many += &format!("h{number}.example.test\n");
        }
        let told = refused(many.as_bytes());
        assert!(told.contains("200000 names"), "{told}");
    }

    proptest! {
        /// No file makes it panic, and of problems no more are told than may be.
        #[test]
        fn no_file_panics(
            bytes in prop::collection::vec(any::<u8>(), 0..300),
            text in "[\\[{]?[\\[\\]{}\":,a-z_.*\n]{0,120}",
        ) {
            for file in [bytes.as_slice(), text.as_bytes()] {
                if let Ok(log) = read(file) {
                    prop_assert!(log.problems.len() <= PROBLEMS && log.problems.len() <= log.wrong);
                }
            }
        }
    }
}
