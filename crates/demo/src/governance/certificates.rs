//! What a certificate log has of the province, as crt.sh answers it: official hosts, a wildcard, a host
//! that nobody registered, and a look-alike outside of the province's domains.

use serde_json::{Value, json};

use super::Governance;

/// Who issues certificates in the province.
const ISSUER: &str = "C=XX, O=Chứng thư Minh Họa, CN=CA Minh Họa R1";

/// Names of a certificate, and how many days ago it was issued.
const CERTIFICATES: [(&[&str], i64); 7] = [
    (&["minhhoa.example", "*.minhhoa.example"], 61),
    (&["dichvucong.minhhoa.example"], 48),
    (&["mail.minhhoa.example", "quantri@minhhoa.example"], 40),
    (&["saban.minhhoa.example"], 33),
    (&["lichtiep.saban.minhhoa.example"], 15),
    (&["bvdk-minhhoa.test", "www.bvdk-minhhoa.test"], 9),
    (&["paht.minhhoa.example"], 6),
];

impl Governance<'_> {
    /// A file of the log, as of now.
    pub fn certificate_log(&self) -> String {
        let one = |(number, (names, days)): (usize, &(&[&str], i64))| {
            json!({
                "id": 57_000_000 + number,
                "issuer_name": ISSUER,
                "common_name": names.first(),
                "name_value": names.join("\n"),
                "not_before": format!("{}T00:00:00", self.day(*days)),
                "not_after": format!("{}T23:59:59", self.day(days - 90)),
                "serial_number": format!("{:016x}", 0x57_0000_0000_u64 + number as u64),
            })
        };
        Value::Array(CERTIFICATES.iter().enumerate().map(one).collect()).to_string()
    }
}
