//! What agencies plan to spend, which risks they know, and which devices they have.

use jiff::civil::Date;

use super::{Governance, Rated};
use crate::province::System;

/// Devices of the whole province.
const DEVICES: usize = 2_400;
/// What agencies buy to protect their machines: some of them the same as others.
const PROTECTION: [&str; 5] = [
    "Bảo vệ máy trạm và cổng ra Internet",
    "Phần mềm bảo vệ máy trạm Lá Chắn Mẫu",
    "Phần mềm bảo vệ máy trạm Hàng Rào Mẫu",
    "Thuê dịch vụ tường lửa Cổng Mẫu",
    "Thiết bị tường lửa biên Cửa Ngõ Mẫu",
];
/// A device of an isolated network that somebody has plugged into another, and the system there.
const CROSSING: (&str, &str) = ("mh-knns-tb001", "mh-dkkd");

/// A line of the plan of a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its code.
    pub code: &'static str,
    /// What is paid for.
    pub name: &'static str,
    /// Its class, by the name in `packs/budget.yml`.
    pub class: &'static str,
    /// How much of it is security, in percent.
    pub share: u32,
    /// Why so much, if it is a part.
    pub reason: &'static str,
    /// What is planned, in đồng.
    pub planned: u64,
    /// What was allocated, in đồng.
    pub allocated: u64,
    /// What was spent, in đồng.
    pub spent: u64,
    /// Whether it is domestic.
    pub domestic: bool,
    /// Why not, if it is not.
    pub domestic_reason: &'static str,
    /// The codes of risks that it reduces.
    pub risks: Vec<String>,
    /// When the support of what was bought ends.
    pub support_end: Option<Date>,
    /// When it has to be renewed.
    pub renewal: Option<Date>,
}

/// The plan of an agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Whose, by its code.
    pub agency: String,
    /// Of which year.
    pub year: i16,
    /// Its lines.
    pub lines: Vec<Line>,
    /// The number of the decision that approved it.
    pub decision: String,
    /// The day of the decision.
    pub decided: Date,
}

/// What became of a risk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// It stands.
    Open,
    /// It was accepted for so many days from now on.
    Accepted(i64),
}

/// A risk of a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Risk {
    /// Whose, by its code.
    pub agency: String,
    /// Of which system, by its code.
    pub system: String,
    /// The device of the system that it is about, if it is about one.
    pub asset: Option<String>,
    /// Its code.
    pub code: String,
    /// What would happen.
    pub scenario: &'static str,
    /// What brings it.
    pub threat: &'static str,
    /// How likely and how grave if nothing is done.
    pub inherent: [i64; 2],
    /// The same after treatment, if a record of the system shows it.
    pub residual: Option<[i64; 2]>,
    /// What one occurrence costs in đồng, from and to, and how often it comes in ten years, if that was
    /// estimated.
    pub loss: Option<[[u64; 2]; 2]>,
    /// The same after treatment.
    pub residual_loss: Option<[[u64; 2]; 2]>,
    /// The kind of the record that shows the treatment.
    pub shown_by: &'static str,
    /// The post that answers for it.
    pub owner: &'static str,
    /// What is done: `reduce`, `share`, `avoid`, `accept`.
    pub treatment: &'static str,
    /// The controls that treat it, by catalogue and id.
    pub controls: &'static [&'static str],
    /// By when.
    pub due: Date,
    /// What became of it.
    pub came: Came,
}

/// A device of a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Of which system, by its code.
    pub system: String,
    /// Its name.
    pub name: String,
    /// What it is, by the name that the register uses.
    pub kind: &'static str,
    /// The network in which it stands.
    pub zone: String,
    /// Where it stands, for servers.
    pub site: Option<&'static str>,
}

/// What happens, by what, how likely and grave it is, the same after treatment, which record shows the
/// treatment, and the controls that treat it.
type Scenario =
    (&'static str, &'static str, [i64; 2], [i64; 2], &'static str, &'static [&'static str]);

const SCENARIOS: [Scenario; 8] = [
    (
        "Mã hóa tống tiền làm dừng hệ thống nhiều ngày",
        "Tệp độc trong thư, máy trạm không được vá",
        [4, 5],
        [2, 3],
        "restore.tested",
        &["mh-levels/UP-02", "mh-levels/MC-01"],
    ),
    (
        "Lộ dữ liệu qua lỗ hổng ứng dụng web",
        "Lỗ hổng đang bị khai thác trên dịch vụ Internet",
        [4, 4],
        [2, 4],
        "pentest.done",
        &["mh-levels/LH-01", "mh-levels/LH-05"],
    ),
    (
        "Chiếm tài khoản quản trị",
        "Lừa đảo lấy mật khẩu, chưa có yếu tố thứ hai",
        [3, 5],
        [2, 4],
        "scan.done",
        &["mh-levels/TC-02"],
    ),
    (
        "Nhà cung cấp bị tấn công, bản cập nhật mang mã độc",
        "Chuỗi cung ứng phần mềm",
        [2, 5],
        [2, 3],
        "scan.done",
        &[],
    ),
    (
        "Mất điện, đứt đường truyền tại nơi đặt máy chủ",
        "Thiên tai, sự cố hạ tầng",
        [3, 4],
        [2, 2],
        "restore.tested",
        &["mh-levels/UP-02"],
    ),
    (
        "Cán bộ vô ý gửi dữ liệu cá nhân ra ngoài",
        "Thao tác nhầm, dùng kênh cá nhân",
        [3, 3],
        [2, 2],
        "scan.done",
        &["mh-levels/CN-01", "mh-levels/DL-01"],
    ),
    (
        "Dữ liệu bị thu từ nay và giải mã về sau bằng máy tính lượng tử",
        "Trao đổi khóa cổ điển trên đường truyền",
        [2, 4],
        [1, 4],
        "crypto.inventory",
        &["mh-levels/DL-04", "mh-levels/DL-05"],
    ),
    (
        "Từ chối dịch vụ làm người dân không nộp được hồ sơ",
        "Tấn công DDoS vào cổng công khai",
        [4, 3],
        [3, 2],
        "scan.done",
        &[],
    ),
];

impl Governance<'_> {
    /// The plans of this year: 310 lines, 84 billion đồng, 14.5 % of it for security.
    pub fn budgets(&self) -> Vec<Plan> {
        let risks = self.risks();
        let plans = self.data.agencies.iter().filter_map(|rated| {
            let [total, security] = rated.budget?;
            let decided = self.day(150);
            Some(Plan {
                agency: rated.code.clone(),
                year: self.year(),
                lines: self.lines(rated, total, security, &risks),
                decision: format!(
                    "{:02}-KH/{}.MH",
                    10 + rated.skill % 80,
                    rated.code.to_uppercase()
                ),
                decided,
            })
        });
        plans.collect()
    }

    fn lines(&self, rated: &Rated, total: u64, security: u64, risks: &[Risk]) -> Vec<Line> {
        let rest = total - security;
        // Those who spend most share a data centre, half of which is for coming back after an attack.
        let half = if total >= 5_000_000_000 { part_of(security, 10) } else { 0 };
        let (monitoring, protection) = (part_of(security, 40), part_of(security, 25));
        let training = part_of(security, 10);
        let assessment = security - half - monitoring - protection - training;
        let network = part_of(rest, 45);
        let own = |shown_by: &[&str]| {
            let of = risks.iter().filter(|risk| risk.agency == rated.code);
            let of = of.filter(|risk| shown_by.contains(&risk.shown_by));
            of.take(3).map(|risk| risk.code.clone()).collect::<Vec<_>>()
        };
        let mut lot = self.lot(&rated.code, "lines");
        let mut line = |code, name, class, planned: u64, risks| {
            let allocated = planned / 100 * lot.between(55, 100);
            Line {
                code,
                name,
                class,
                share: if class == "other" { 0 } else { 100 },
                reason: "",
                planned,
                allocated,
                spent: allocated / 100 * lot.between(30, 95),
                domestic: true,
                domestic_reason: "",
                risks,
                support_end: None,
                renewal: None,
            }
        };
        let mut lines = vec![
            line(
                "giam-sat",
                "Giám sát nhật ký, kết nối trung tâm",
                "monitoring",
                monitoring,
                own(&["scan.done"]),
            ),
            line(
                "bao-ve",
                PROTECTION[rated.skill as usize % PROTECTION.len()],
                "protection",
                protection,
                own(&["crypto.inventory"]),
            ),
            line(
                "danh-gia",
                "Rà quét, kiểm thử, đánh giá theo cấp độ",
                "assessment",
                assessment,
                own(&["pentest.done"]),
            ),
            line("dao-tao", "Bồi dưỡng, diễn tập, tuyên truyền", "training", training, Vec::new()),
            line("duong-truyen", "Thuê đường truyền, hạ tầng mạng", "other", network, Vec::new()),
            line(
                "phan-mem",
                "Phần mềm nghiệp vụ và bảo trì",
                "other",
                rest - half - network,
                Vec::new(),
            ),
        ];
        if let Some(foreign) = lines.last_mut().filter(|_| rated.skill.is_multiple_of(4)) {
            foreign.domestic = false;
            foreign.domestic_reason =
                "Chưa có sản phẩm trong nước đáp ứng chuẩn dữ liệu chuyên ngành";
        }
        if half > 0 {
            let shared = line(
                "du-phong",
                "Thiết bị lưu trữ dùng chung và dự phòng",
                "backup",
                2 * half,
                own(&["restore.tested"]),
            );
            lines.push(Line {
                share: 50,
                reason: "Một nửa dung lượng để sao lưu và khôi phục sau tấn công",
                ..shared
            });
        }
        for line in &mut lines {
            self.dates(rated, line);
        }
        lines
    }

    /// When what was bought is supported to and renewed: protection each year, the shared storage of some
    /// after its support has ended.
    fn dates(&self, rated: &Rated, line: &mut Line) {
        let mut lot = self.lot(&rated.code, &format!("dates {}", line.code));
        let (end, renewal) = match line.class {
            "protection" | "monitoring" => {
                let renewal = lot.between(60, 900) as i64;
                let gap = if rated.skill.is_multiple_of(9) { -45 } else { 30 };
                (renewal + gap, renewal)
            }
            "backup" => {
                let end = lot.between(40, 700) as i64;
                (end, if rated.skill.is_multiple_of(3) { end + 90 } else { end - 20 })
            }
            _ => return,
        };
        line.support_end = Some(self.day(-end));
        line.renewal = Some(self.day(-renewal));
    }

    /// Two risks of each system of level 3 and higher that is in use.
    pub fn risks(&self) -> Vec<Risk> {
        let mut risks = Vec::new();
        let systems = self.province.systems.iter();
        let grave =
            systems.filter(|one| one.registered && one.level >= 3 && one.stage == "operation");
        for (place, system) in grave.enumerate() {
            for number in 0..2 {
                let own = risks.iter().filter(|risk: &&Risk| risk.agency == system.agency).count();
                let code = format!("rr-{:02}", own + 1);
                risks.push(self.risk_of(system, place, number, code));
            }
        }
        risks
    }

    fn risk_of(&self, system: &System, place: usize, number: usize, code: String) -> Risk {
        let at = (place * 2 + number * 5) % SCENARIOS.len();
        let (scenario, threat, inherent, residual, shown_by, controls) = SCENARIOS[at];
        let mut lot = self.lot(&system.code, &format!("risk {number}"));
        let is_treated = lot.happens(0.6);
        // Of every seventh nobody has an idea yet.
        let loss = (place * 2 + number) % 7 != 6;
        let loss = loss.then(|| loss_of(inherent, u64::from(system.level)));
        let is_mild = residual[0] * residual[1] <= 6;
        Risk {
            agency: system.agency.clone(),
            system: system.code.clone(),
            // What comes through one machine names it; the first device joins a system to its network.
            asset: (number == 0).then(|| format!("{}-tb{:03}", system.code, 1 + place % 3)),
            code,
            scenario,
            threat,
            inherent,
            residual: is_treated.then_some(residual),
            loss,
            residual_loss: loss.filter(|_| is_treated).map(|[once, times]| {
                // Treatment makes it rarer and half as dear.
                [once.map(|amount| amount / 2), [times[0] / 2, times[1].div_ceil(2)]]
            }),
            shown_by,
            owner: if number == 0 {
                "Trưởng phòng vận hành"
            } else {
                "Phó Thủ trưởng phụ trách"
            },
            treatment: "reduce",
            controls,
            due: self.day(-(lot.between(20, 160) as i64)),
            came: if is_treated && is_mild && lot.happens(0.5) {
                Came::Accepted(lot.between(60, 170) as i64)
            } else {
                Came::Open
            },
        }
    }

    /// The devices that agencies have registered beside those that send logs.
    pub fn devices(&self) -> Vec<Device> {
        let systems: Vec<&System> = self
            .province
            .systems
            .iter()
            .filter(|one| one.registered && one.stage != "retired")
            .collect();
        let sites = self.servers();
        let mut devices = Vec::with_capacity(DEVICES);
        for number in 0..DEVICES {
            let Some(system) = systems.get(number % systems.len().max(1)) else { break };
            // The first of a system joins it to its network, then come its servers.
            let place = number / systems.len();
            let own = sites.get(system.code.as_str()).map(Vec::as_slice).unwrap_or_default();
            let site = place.checked_sub(1).and_then(|server| own.get(server)).copied();
            let kind = match (place, site) {
                (0, _) => "network-device",
                (_, Some(_)) => "server",
                (_, None) => "endpoint",
            };
            devices.push(Device {
                site,
                system: system.code.clone(),
                name: format!("{}-tb{:03}", system.code, place + 1),
                kind,
                zone: system.zone.clone(),
            });
        }
        let (name, there) = CROSSING;
        if let Some(system) = systems.iter().find(|one| one.code == there)
            && let Some(last) = devices.last_mut()
        {
            *last = Device {
                system: system.code.clone(),
                name: name.to_owned(),
                kind: "network-device",
                zone: system.zone.clone(),
                site: None,
            };
        }
        devices
    }
}

/// What one occurrence of a risk costs, by its impact and the level of its system, and how often it comes in
/// ten years, by its likelihood.
fn loss_of([likelihood, impact]: [i64; 2], level: u64) -> [[u64; 2]; 2] {
    let (likelihood, impact) = (likelihood.unsigned_abs(), impact.unsigned_abs());
    let low = impact * impact * level * 4_000_000;
    [[low, low * 4], [likelihood / 2, likelihood * 2]]
}

/// So many percent of an amount, in thousands of đồng.
fn part_of(amount: u64, percent: u64) -> u64 {
    amount * percent / 100 / 1_000 * 1_000
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::Province;

    #[test]
    fn the_plans_are_those_of_the_story() {
        let province = Province::builtin().unwrap();
        let now = "2026-10-15T01:00:00Z".parse().unwrap();
        let governance = Governance::builtin(&province, 57, now).unwrap();
        let plans = governance.budgets();
        assert_eq!(plans.iter().map(|plan| plan.lines.len()).sum::<usize>(), 310);
        let sums = |plans: &[&Plan]| {
            let lines = plans.iter().flat_map(|plan| &plan.lines);
            lines.fold((0, 0), |(all, security), line| {
                assert!(line.planned * u64::from(line.share) % 100 == 0, "{line:?}");
                assert!(line.spent <= line.allocated && line.allocated <= line.planned);
                (all + line.planned, security + line.planned * u64::from(line.share) / 100)
            })
        };
        assert_eq!(sums(&plans.iter().collect::<Vec<_>>()), (84_000_000_000, 12_180_000_000));
        let of = |code: &str| {
            let found: Vec<&Plan> = plans.iter().filter(|plan| plan.agency == code).collect();
            sums(&found)
        };
        assert_eq!(of("sotc"), (3_000_000_000, 450_000_000));
        assert_eq!(of("soct"), (2_000_000_000, 299_980_000));
        assert_eq!(of("saban"), (400_000_000, 88_000_000));
        assert_eq!(of("hucau"), (0, 0), "it has no plan");
        let risks = governance.risks();
        let codes: BTreeSet<_> = risks.iter().map(|risk| (&risk.agency, &risk.code)).collect();
        assert_eq!(codes.len(), risks.len());
        for (plan, code) in plans.iter().flat_map(|plan| {
            plan.lines.iter().flat_map(move |line| line.risks.iter().map(move |code| (plan, code)))
        }) {
            assert!(codes.contains(&(&plan.agency, code)), "{} {code}", plan.agency);
        }
        assert_eq!(governance.devices().len(), DEVICES);
    }
}
