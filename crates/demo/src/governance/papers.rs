//! What agencies have written down about their systems: data sets, links across networks, continuity plans, plans to replace
//! cryptography.

use super::Governance;
use crate::province::System;

/// Systems that lean on another network without a decision.
const UNLICENSED: [&str; 2] = ["mh-capphepxd", "mh-ocop"];
/// A system whose decision about a link has ended.
const RUN_OUT: &str = "mh-hocba";
/// A decision that was made before there is anything to join: from which system to which.
const AHEAD: (&str, &str) = ("mh-loa", "mh-lgsp");
/// A critical system whose continuity plan has ended.
const ENDED: &str = "mh-ttdl";

/// A paper of a system, with what stands in its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// Of which system, by its code.
    pub system: String,
    /// Of which kind, by the name in `packs/register.yml`.
    pub kind: &'static str,
    /// The way to which system.
    pub to: Option<String>,
    /// Fields and what stands in them.
    pub said: Vec<(&'static str, String)>,
}

/// Data sets by category: what they are called, how long they are kept, who gets them, what protects them.
const DATA: [(&str, [&str; 4]); 4] = [
    ("public", ["Nội dung công khai", "Không thời hạn", "Mọi người", "Kiểm soát sửa đổi, sao lưu"]),
    (
        "internal",
        [
            "Hồ sơ nghiệp vụ",
            "10 năm",
            "Cơ quan trong tỉnh theo phân quyền",
            "Phân quyền, ghi nhật ký truy cập",
        ],
    ),
    (
        "personal-basic",
        [
            "Thông tin người nộp hồ sơ",
            "5 năm sau khi giải quyết xong",
            "Cơ quan giải quyết hồ sơ",
            "Mã hóa khi truyền và khi lưu, che dữ liệu khi tra cứu",
        ],
    ),
    (
        "personal-sensitive",
        [
            "Hồ sơ sức khỏe, hoàn cảnh",
            "10 năm",
            "Không chuyển ra ngoài cơ quan",
            "Mã hóa, khóa do bộ phận riêng giữ, duyệt từng lần truy cập",
        ],
    ),
];

impl Governance<'_> {
    /// The papers of the systems that are registered.
    pub fn papers(&self) -> Vec<Paper> {
        let systems = self.province.systems.iter();
        let systems = systems.filter(|one| one.registered && one.stage != "retired");
        let mut papers = Vec::new();
        for (number, system) in systems.enumerate() {
            papers.extend(data_sets(system));
            papers.extend(self.links(system, number));
            papers.extend(self.continuity(system, number));
            papers.extend(self.crypto_plan(system));
        }
        papers
    }

    fn links(&self, system: &System, number: usize) -> Vec<Paper> {
        let there = |code: &String| self.province.systems.iter().find(|one| one.code == *code);
        let across = |to: &&System| to.zone != system.zone;
        let ahead = self.province.systems.iter();
        let ahead = ahead.filter(|to| (system.code.as_str(), to.code.as_str()) == AHEAD);
        let links = system.needs.iter().filter_map(there).chain(ahead).filter(across);
        let ends = if system.code == RUN_OUT { 12 } else { -(300 + number as i64) };
        let links = links.filter(|_| !UNLICENSED.contains(&system.code.as_str()));
        let link = links.map(|to| Paper {
            system: system.code.clone(),
            kind: "zone-link",
            to: Some(to.code.clone()),
            said: vec![
                ("document", format!("{}/QĐ-MH", 101 + number)),
                ("guard", "Tường lửa và cổng API có kiểm soát ở trung tâm dữ liệu tỉnh".to_owned()),
                ("until", self.day(ends).to_string()),
            ],
        });
        link.collect()
    }

    fn continuity(&self, system: &System, number: usize) -> Option<Paper> {
        let ends = if system.code == ENDED { 20 } else { -200 };
        system.critical.then(|| Paper {
            system: system.code.clone(),
            kind: "continuity",
            to: None,
            said: vec![
                ("document", format!("{}/PA-MH", 11 + number)),
                (
                    "situations",
                    "Mất điện, đứt cáp, hỏng trung tâm dữ liệu, bị mã hóa dữ liệu".to_owned(),
                ),
                (
                    "redundancy",
                    "Hai đường truyền của hai nhà mạng, máy phát, nơi dự phòng".to_owned(),
                ),
                ("tested", self.day(60 + number as i64).to_string()),
                ("until", self.day(ends).to_string()),
            ],
        })
    }
}

fn data_sets(system: &System) -> impl Iterator<Item = Paper> {
    let held = DATA.iter().filter(|(category, _)| system.data.iter().any(|one| one == category));
    held.map(|(category, [name, retention, transfer, protection])| Paper {
        system: system.code.clone(),
        kind: "data-set",
        to: None,
        said: vec![
            ("name", (*name).to_owned()),
            ("category", (*category).to_owned()),
            ("retention", (*retention).to_owned()),
            ("transfer", (*transfer).to_owned()),
            ("protection", (*protection).to_owned()),
        ],
    })
}
