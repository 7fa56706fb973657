//! What is known of a system: before it is used, while it is used, and what is measured of it.

use std::collections::BTreeSet;

use serde_json::json;

use super::{Evidence, Governance, Rated};
use crate::province::System;

/// Hours ago at which monitoring was measured: a state is good for a day, and an instant of
/// yesterday has one too.
const MEASURED: [i64; 4] = [66, 44, 22, 0];

/// Something that the gate asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Lack {
    Dossier,
    Appraisal,
    Scan,
    Pentest,
    Restore,
    Monitoring,
    Personal,
    TestData,
    Finding,
}

/// What a system lacks of the conditions of the gate.
type Lacks = BTreeSet<Lack>;

impl Governance<'_> {
    /// All that is known of one system.
    pub(super) fn of_system(&self, rated: &Rated, system: &System, found: &mut Vec<Evidence>) {
        let lacks = &self.lacks(rated, system);
        self.before_use(system, lacks, found);
        if matches!(system.stage.as_str(), "test" | "operation") {
            self.in_use(rated, system, lacks, found);
            self.measured(rated, system, lacks, found);
            self.at_doors(system, found);
        }
    }

    fn lacks(&self, rated: &Rated, system: &System) -> Lacks {
        let mut lot = self.lot(&system.code, "gate");
        let quality = f64::from(rated.skill) / 100.0;
        let in_order = lot.share() < (quality - 0.22) * 1.35;
        if in_order || self.data.allowed.contains(&system.code) {
            return named(system, Lacks::new());
        }
        let drawn = [
            Lack::Dossier,
            Lack::Appraisal,
            Lack::Scan,
            Lack::Pentest,
            Lack::Restore,
            Lack::Monitoring,
            Lack::Personal,
            Lack::TestData,
            Lack::Finding,
        ];
        let mut lacks: Lacks =
            drawn.into_iter().filter(|_| lot.happens(0.12 + 0.5 * (1.0 - quality))).collect();
        if !lacks.contains(&Lack::Dossier) && !lacks.contains(&Lack::Scan) {
            // Something has to be wrong with it, whatever its level asks for.
            lacks.insert(Lack::Finding);
        }
        named(system, lacks)
    }

    fn before_use(&self, system: &System, lacks: &Lacks, found: &mut Vec<Evidence>) {
        let (agency, code) = (&system.agency, &system.code);
        let mut lot = self.lot(code, "before");
        let new =
            |kind, days, content| Evidence::new(kind, agency, self.ago(days, 1), content).of(code);
        let document =
            |number: u64, sort: &str| format!("{number:02}-{sort}/{}.MH", agency.to_uppercase());
        let approved = lot.between(60, 340) as i64;
        let number = lot.between(1, 90);
        let dossier = if lacks.contains(&Lack::Dossier) {
            let state = if code == "mh-hopkg" { "submitted" } else { "draft" };
            new("system.dossier", 30, json!({"level": system.level, "state": state}))
        } else if system.stage == "planning" {
            new("system.dossier", 45, json!({"level": system.level, "state": "draft"}))
        } else {
            let content = json!({"level": system.level, "state": "approved",
                "approved": self.day(approved).to_string(), "number": document(number, "QĐ")});
            new("system.dossier", approved - 1, content)
        };
        found.push(dossier.documented(document(number, "QĐ")));
        if code == "mh-dulich" {
            // A new project, whose design came back once.
            let returned = json!({"level": system.level, "state": "returned"});
            let returned = new("design.appraisal", 40, returned);
            found.push(returned.documented(document(number, "CV")));
            let content = json!({"level": system.level, "state": "approved",
                "approved": self.day(12).to_string()});
            found.push(new("design.appraisal", 11, content).documented(document(number + 1, "CV")));
        } else if system.level >= 2 && !lacks.contains(&Lack::Appraisal) {
            let days = approved + 30;
            let content = json!({"level": system.level, "state": "approved",
                "approved": self.day(days).to_string()});
            found.push(
                new("design.appraisal", days - 1, content).documented(document(number, "CV")),
            );
        }
        if system.level >= 2 && system.stage != "planning" {
            let clean = json!({"clean": !lacks.contains(&Lack::TestData)});
            found.push(new("test.data", 45, clean).documented(document(number, "BB")));
        }
        if system.holds_personal_data()
            && !lacks.contains(&Lack::Personal)
            && system.stage != "planning"
        {
            let content = json!({"processing": true, "impact": true});
            found.push(new("pdp.file", 130, content).documented(document(number, "HS")));
        }
    }

    fn in_use(&self, rated: &Rated, system: &System, lacks: &Lacks, found: &mut Vec<Evidence>) {
        let (agency, code, level) = (&system.agency, &system.code, system.level);
        let quality = |about| self.quality(rated, code, about);
        let new =
            |kind, days, content| Evidence::new(kind, agency, self.ago(days, 2), content).of(code);
        let fresh = match level {
            1 => 110,
            2 => 52,
            3 => 17,
            _ => 7,
        };
        let scanned = if lacks.contains(&Lack::Scan) { fresh * 3 } else { fresh };
        let content =
            json!({"tool": "Máy quét Mẫu", "findings": 2 + (6.0 * (1.0 - quality("scan"))) as u32});
        found.push(new("scan.done", scanned, content).from("probe", format!("quét {code}")));
        if level >= 2 {
            let days = if lacks.contains(&Lack::Restore) { 232 } else { 74 };
            let content = json!({"success": true, "rto_met": true, "rpo_met": true});
            found.push(
                new("restore.tested", days, content).from("probe", format!("khôi phục {code}")),
            );
            if quality("risk") > 0.36 {
                let assessed = new("risk.assessed", 140, json!({"risks": 3}));
                found.push(assessed.documented(format!("rủi ro {code}")));
            }
            if quality("crypto") > 0.42 {
                let inventory = new("crypto.inventory", 105, json!({"components": 18}));
                found.push(inventory.from("probe", format!("mật mã {code}")));
            }
        }
        if level >= 3 {
            let days = if lacks.contains(&Lack::Pentest) { 420 } else { 160 };
            let tested = new("pentest.done", days, json!({"independent": true}));
            found.push(tested.documented(format!("kiểm thử {code}")));
            if quality("assessment") > 0.4 {
                let days = if level == 3 { 400 } else { 190 };
                let assessed = new("assessment.done", days, json!({"independent": true}));
                found.push(assessed.documented(format!("đánh giá {code}")));
            }
            self.risk(rated, system, found);
        }
        self.findings(rated, system, lacks, found);
    }

    /// A high risk of a system, and what came of it.
    fn risk(&self, rated: &Rated, system: &System, found: &mut Vec<Evidence>) {
        let quality = self.quality(rated, &system.code, "treatment");
        let due = self.lot(&system.code, "risk due").between(30, 200) as i64;
        let mut content =
            json!({"rating": "high", "state": "open", "due": self.day(due).to_string()});
        let ended = if quality > 0.45 { due + 9 } else { due - 20 };
        let is_ended = quality > 0.3;
        if is_ended {
            content["state"] = "closed".into();
            content["ended"] = self.day(ended).to_string().into();
        }
        let at = self.ago(if is_ended { ended - 1 } else { due - 1 }, 0);
        let new = Evidence::new("risk.state", &system.agency, at, content);
        found.push(new.about(format!("RR {}", system.code)).documented("sổ rủi ro"));
    }

    fn findings(&self, rated: &Rated, system: &System, lacks: &Lacks, found: &mut Vec<Evidence>) {
        let (agency, code) = (&system.agency, &system.code);
        let day = |days| self.day(days).to_string();
        let mut tell = |subject: String, days, content| {
            let new = Evidence::new("finding.state", agency, self.ago(days, 2), content).of(code);
            found.push(new.about(subject.clone()).from("probe", subject));
        };
        if lacks.contains(&Lack::Finding) {
            let title = match code.as_str() {
                "mh-datdai" => "Kiểm thử xâm nhập: nâng quyền qua dịch vụ nội bộ",
                "mh-cam" => "Telnet mở với mật khẩu mặc định",
                _ => "Thành phần lỗi thời có lỗ hổng mức cao",
            };
            let content = json!({"severity": "high", "kev": false, "internet": false, "state": "open",
                "found": day(100), "due": day(40), "title": title});
            tell(format!("PH-{code}-1"), 100, content);
        }
        let is_known = code == "mh-paht" || self.lot(code, "kev").happens(0.4);
        if is_known && system.service.is_some() {
            let quality = self.quality(rated, code, "kev fixed");
            let days = match code.as_str() {
                "mh-paht" => 9,
                _ if quality > 0.4 => 5 + ((1.0 - quality) * 14.0) as i64,
                _ => 31,
            };
            let content = json!({"severity": "critical", "kev": true, "internet": true, "state": "fixed",
                "found": day(60), "due": day(46), "fixed": day(60 - days),
                "title": "Lỗ hổng đang bị khai thác trên phần mềm web"});
            tell(format!("PH-{code}-2"), 60 - days - 1, content);
        }
    }

    fn measured(&self, rated: &Rated, system: &System, lacks: &Lacks, found: &mut Vec<Evidence>) {
        let (agency, code) = (&system.agency, &system.code);
        let required = i64::from(system.level).clamp(1, 3);
        let alive = if lacks.contains(&Lack::Monitoring) { required - 1 } else { required };
        let minutes = 30 * 24 * 60 * required;
        let steady = 0.90 + 0.1 * self.quality(rated, code, "steady");
        let heard = if lacks.contains(&Lack::Monitoring) { 0.62 } else { steady };
        for hours in MEASURED {
            let at = self.ago(0, hours);
            let content = json!({"required": required, "alive": alive});
            found.push(Evidence::new("monitoring.state", agency, at, content).of(code));
            if let Some(operator) = system.operator.as_ref().filter(|_| system.stage == "operation")
            {
                let content = json!({"owner": agency, "level": system.level, "operating": true,
                    "required": required, "alive": alive});
                found.push(Evidence::new("system.operated", operator, at, content).of(code));
            }
            let heard = (minutes as f64 * heard) as i64;
            let content = json!({"minutes": minutes, "heard": heard});
            found.push(Evidence::new("monitoring.continuity", agency, at, content).of(code));
        }
        let Some(service) = &system.service else { return };
        let number = code.strip_prefix("mh-webxa-").and_then(|number| number.parse::<usize>().ok());
        let score =
            number.and_then(|number| self.data.web_scores.get(number.checked_sub(1)?).copied());
        let drawn = 42 + (54.0 * self.quality(rated, code, "trust")) as u32;
        let score = score.unwrap_or(drawn);
        let content = json!({"score": score});
        let trust = Evidence::new("service.trust", agency, self.ago(9, 3), content).of(code);
        found.push(trust.about(service.clone()));
        // The first that speaks both the old and the new way of agreeing on keys.
        let hybrid = code == "mh-vbdh" || self.quality(rated, code, "hybrid") > 0.72;
        let group = if hybrid { "X25519MLKEM768" } else { "X25519" };
        let version = if hybrid || score > 50 { "TLSv1.3" } else { "TLSv1.2" };
        let cipher = match version {
            "TLSv1.3" => "TLS13_AES_256_GCM_SHA384",
            _ => "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        };
        let host = service.split(':').next().unwrap_or(service);
        // A certificate of a year; those of agencies that look after little are near their end.
        let age = 30 + (450.0 * (1.0 - self.quality(rated, code, "certificate"))) as i64;
        let content = json!({
            "hybrid": hybrid, "version": version, "group": group, "cipher": cipher,
            "certificate": format!("CN={host}"), "issuer": "CN=Tỉnh Minh Họa CA",
            "key": "EC-256", "signature": "ECDSA-SHA256",
            "valid_from": self.day(age).to_string(), "valid_to": self.day(age - 365).to_string(),
        });
        let probe = Evidence::new("tls.probe", agency, self.ago(9, 2), content).of(code);
        found.push(probe.about(service.clone()));
    }
}

/// The systems with a story lack what it tells, and nothing else.
fn named(system: &System, drawn: Lacks) -> Lacks {
    match system.code.as_str() {
        "mh-lgsp" => Lacks::from([Lack::Restore]),
        "mh-datdai" => Lacks::from([Lack::Finding]),
        "mh-qlhs" => Lacks::from([Lack::TestData]),
        "mh-hopkg" => Lacks::from([Lack::Dossier]),
        "mh-paht" | "mh-dulich" => Lacks::new(),
        _ => drawn,
    }
}
