//! Where the servers of the province stand, and what the centre has of its minimum equipment.
//!
//! The register is told by this what the evidence of a year says in numbers, so that both agree: of an agency
//! of which anything is known, as many servers stand in the province's data centre as its evidence says.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Governance, Rated, part};

/// The data centre of the province.
pub(super) const CENTRE: &str = "ttdl-tinh";
/// Rooms of the agencies themselves.
pub(super) const ROOM: &str = "phong-may";
/// Hosts of the centre itself: the system whose first servers they are.
const OF_CENTRE: &str = "mh-ansoc";

/// How the servers of agencies' rooms come to the data centre.
const PLAN: &str = "Chuyển dần máy chủ về trung tâm dữ liệu tỉnh theo kế hoạch 18/KH-UBND.MH";

/// A place where servers stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Its code.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it is, by the name that the register uses.
    pub kind: &'static str,
    /// The standard it meets, with the last day of the certificate.
    pub standard: Option<(&'static str, Date)>,
    /// How its servers come to a place that does, and by when.
    pub plan: Option<(&'static str, Date)>,
}

/// A row of the minimum equipment of the centre.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Equipment {
    /// Its code.
    pub code: &'static str,
    /// What it is.
    pub name: &'static str,
    /// How many are needed.
    pub needed: u32,
    /// How many are there that are no assets of the register.
    pub owned: u32,
    /// Assets of the register that are such things.
    pub assets: Vec<String>,
}

/// What is needed: code, name, how many, how many are there, whether servers of the centre are such things.
const EQUIPMENT: [(&str, &str, u32, u32, bool); 7] = [
    ("tb-01", "Máy chủ thu thập, phân tích nhật ký", 2, 0, true),
    ("tb-02", "Thiết bị giám sát lưu lượng mạng", 4, 3, false),
    ("tb-03", "Máy trạm phân tích cho ca trực", 6, 6, false),
    ("tb-04", "Bộ công cụ điều tra số, sao chép ổ đĩa", 2, 1, false),
    ("tb-05", "Bản quyền phần mềm rà quét lỗ hổng", 1, 1, false),
    ("tb-06", "Tủ lưu trữ chứng cứ có niêm phong", 1, 0, false),
    ("tb-07", "Đường truyền dự phòng của trung tâm", 2, 2, false),
];

impl Governance<'_> {
    /// How many servers an agency has, and how many of them stand in the province's data centre.
    pub(super) fn hosting(&self, rated: &Rated) -> (u32, u32) {
        let servers = 2 + 3 * self.systems_of(&rated.code).count() as u32;
        let quality = self.quality(rated, &rated.code, "hosting");
        (servers, part(servers, 0.4 + 0.6 * quality))
    }

    /// The places where servers stand.
    pub fn sites(&self) -> [Site; 2] {
        let standard = Some(("TCVN 9250:2021, giấy chứng nhận MAU-01", self.day(-300)));
        let name = "Trung tâm dữ liệu tỉnh Minh Họa";
        [
            Site { code: CENTRE, name, kind: "data-centre", standard, plan: None },
            Site {
                code: ROOM,
                name: "Phòng máy của cơ quan",
                kind: "server-room",
                standard: None,
                plan: Some((PLAN, self.day(-210))),
            },
        ]
    }

    /// Where the servers of systems stand, by the system's code, one entry a server.
    pub fn servers(&self) -> BTreeMap<&str, Vec<&'static str>> {
        let mut found: BTreeMap<&str, Vec<&'static str>> = BTreeMap::new();
        for rated in &self.data.agencies {
            let systems = self.systems_of(&rated.code).filter(|one| one.stage != "retired");
            let systems: Vec<_> = systems.collect();
            if systems.is_empty() || !self.shows_hosting(rated) {
                continue;
            }
            let (servers, inside) = self.hosting(rated);
            for number in 0..servers {
                let system = systems[number as usize % systems.len()];
                let site = if number < inside { CENTRE } else { ROOM };
                found.entry(system.code.as_str()).or_default().push(site);
            }
        }
        found
    }

    /// What the centre needs at least, and what it has.
    pub fn equipment(&self) -> Vec<Equipment> {
        let servers = self.devices().into_iter();
        let servers = servers.filter(|one| one.system == OF_CENTRE && one.site.is_some());
        let servers: Vec<String> = servers.map(|one| one.name).collect();
        let row = |(code, name, needed, owned, are_servers)| {
            let assets = if are_servers { servers.clone() } else { Vec::new() };
            Equipment { code, name, needed, owned, assets }
        };
        EQUIPMENT.into_iter().map(row).collect()
    }
}
