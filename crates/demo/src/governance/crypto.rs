//! Doors for those who look after machines, and plans to replace cryptography: some in time, some too late, one that
//! is over.

use serde_json::json;

use super::papers::Paper;
use super::{Evidence, Governance};
use crate::province::System;

/// A system, where one signs in to its machines by SSH, and what its server takes; nothing where nobody has looked.
const DOORS: [(&str, &str, Option<[&str; 2]>); 3] = [
    (
        "mh-lgsp",
        "quantri.lgsp.minhhoa.example:22",
        Some(["mlkem768x25519-sha256,curve25519-sha256", "ssh-ed25519,rsa-sha2-512"]),
    ),
    (
        "mh-ttdl",
        "quantri.ttdl.minhhoa.example:22",
        Some([
            "curve25519-sha256,diffie-hellman-group14-sha256,diffie-hellman-group14-sha1",
            "rsa-sha2-512,ssh-rsa",
        ]),
    ),
    ("mh-datdai", "quantri.datdai.minhhoa.example:22", None),
];

/// A system, how many days from now its plan is done, what it replaces and who looks after it.
const PLANS: [(&str, i64, &str, &str); 5] = [
    ("mh-bao", 250, "Đặt sau cổng vào chung của tỉnh", "Phòng Kỹ thuật"),
    ("mh-daotao", 500, "Trao khóa X25519 bằng X25519MLKEM768", "Tổ Công nghệ thông tin"),
    ("mh-hoichan", 900, "Nâng máy chủ web, trao khóa X25519MLKEM768", "Phòng Công nghệ thông tin"),
    ("mh-capphepxd", -20, "Đặt sau cổng vào chung của tỉnh", "Văn phòng Sở"),
    ("mh-ttdl", 45, "Bỏ SHA-1, thay bằng mlkem768x25519-sha256", "Phòng Vận hành"),
];

/// Where one signs in to the machines of a system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Door {
    /// The system, by its code.
    pub system: &'static str,
    /// Host and port.
    pub address: &'static str,
}

impl Governance<'_> {
    /// Doors for those who look after machines.
    pub fn doors(&self) -> impl Iterator<Item = Door> {
        DOORS.iter().map(|(system, address, _)| Door { system, address })
    }

    /// What was seen at the door of a system.
    pub(super) fn at_doors(&self, system: &System, found: &mut Vec<Evidence>) {
        for (code, address, seen) in DOORS {
            let Some([exchanges, keys]) = seen.filter(|_| code == system.code) else { continue };
            let best = exchanges.split(',').next().unwrap_or_default();
            let content = json!({
                "hybrid": best.starts_with("mlkem"), "version": "SSH-2.0", "exchange": best,
                "exchanges": exchanges, "host_keys": keys,
            });
            let probe = Evidence::new("ssh.probe", &system.agency, self.ago(9, 2), content);
            found.push(probe.of(code).about(address.to_owned()));
        }
    }

    /// The plan of a system to replace its cryptography.
    pub(super) fn crypto_plan(&self, system: &System) -> Option<Paper> {
        let (_, days, change, post) = PLANS.iter().find(|(code, ..)| *code == system.code)?;
        Some(Paper {
            system: system.code.clone(),
            kind: "crypto-plan",
            to: None,
            said: vec![
                ("change", (*change).to_owned()),
                ("by", self.day(-days).to_string()),
                ("post", (*post).to_owned()),
            ],
        })
    }
}
