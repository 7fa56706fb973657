//! What happened in the province in a year: alerts, incidents, exercises, tasks, reports, and a system
//! that nobody had registered.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{Evidence, Governance, Rated, moment};

/// Tasks of a year; the review after the glass was broken comes to them.
const TASKS: usize = 139;

impl Governance<'_> {
    /// All of it.
    pub(super) fn activity(&self, found: &mut Vec<Evidence>) {
        self.alerts(found);
        self.incidents(found);
        self.exercises(found);
        self.tasks(found);
        self.reports(found);
        let content = json!({"host": "lichtiep.saban.minhhoa.example", "resolved": false});
        let discovered = Evidence::new("system.discovered", "saban", self.ago(15, 0), content);
        let discovered = discovered.about("lichtiep.saban.minhhoa.example");
        found.push(discovered.from("event", "nhật ký chứng thư công khai"));
    }

    /// Grave alerts of a year, and how soon each was taken up. Where there were few, a drill shows it.
    fn alerts(&self, found: &mut Vec<Evidence>) {
        for rated in &self.data.agencies {
            let systems: Vec<&str> =
                self.systems_of(&rated.code).map(|system| system.code.as_str()).collect();
            if systems.is_empty() {
                continue;
            }
            let count = self.data.alert_weights.get(&rated.code).copied().unwrap_or_default();
            let drills = if count < 5 { 5 } else { 0 };
            for number in 0..count + drills {
                let drill = number >= count;
                let code = format!("{}-{number:02}", if drill { "DT" } else { "CB" });
                let mut lot = self.lot(&rated.code, &code);
                let raised = self.ago(lot.between(3, 330) as i64, lot.between(0, 23) as i64);
                let slow = 1.0 - self.quality(rated, &rated.code, &code);
                let minutes = 4 + (slow * 105.0) as i64 + lot.between(0, 6) as i64;
                let taken =
                    raised.checked_add(SignedDuration::from_mins(minutes)).unwrap_or(raised);
                let severity = if lot.happens(0.25) { "critical" } else { "high" };
                let content = json!({"severity": severity, "raised": moment(raised),
                    "acknowledged": moment(taken), "drill": drill});
                let system = lot.pick(&systems);
                let new = Evidence::new("alert.handled", &rated.code, taken, content).of(system);
                let origin = if drill { "drill" } else { "alert" };
                let subject = format!("{code} {}", rated.code);
                found.push(new.about(subject.clone()).from(origin, subject));
            }
        }
    }

    fn incidents(&self, found: &mut Vec<Evidence>) {
        for (number, incident) in self.data.incidents.iter().enumerate() {
            let Some(rated) = self.rated(&incident.agency) else { continue };
            let code = format!("SC-{:02}", number + 1);
            let quality = self.quality(rated, &incident.agency, &code);
            let opened = self.ago(incident.days, 5);
            let after = |hours| {
                let at = opened.checked_add(SignedDuration::from_hours(hours)).unwrap_or(opened);
                moment(at)
            };
            let contained = if quality > 0.4 { 6 + (14.0 * (1.0 - quality)) as i64 } else { 60 };
            let mut content = json!({"serious": incident.serious, "reportable": incident.reportable,
                "drill": false, "opened": moment(opened), "contain_by": after(24),
                "contained": after(contained), "closed": after(contained + 40)});
            if let (true, Value::Object(fields)) = (incident.reportable, &mut content) {
                fields.insert("report_by".into(), after(72).into());
                let reported = if incident.late { 95 } else { 50 };
                fields.insert("reported".into(), after(reported).into());
            }
            if let (true, Value::Object(fields)) = (incident.serious, &mut content) {
                let reviewed = if quality > 0.35 { 19 } else { -12 };
                fields.insert("review_by".into(), self.day(incident.days - 30).to_string().into());
                if incident.days > 30 {
                    let day = self.day(incident.days - 30 + reviewed.min(incident.days - 31));
                    fields.insert("reviewed".into(), day.to_string().into());
                    fields.insert("actions_on_time".into(), (quality > 0.5).into());
                }
            }
            let at = self.ago((incident.days - 45).max(2), 0);
            let new = Evidence::new("incident.state", &incident.agency, at, content);
            let told = format!("{code} {}", incident.system);
            found.push(new.about(code).from("incident", told));
        }
        for rated in &self.data.agencies {
            let is_hit = self.data.incidents.iter().any(|one| one.agency == rated.code);
            if !is_hit && self.has(rated, "nothing") {
                found.push(self.nothing(rated, "incident"));
            }
        }
    }

    fn exercises(&self, found: &mut Vec<Evidence>) {
        for exercise in &self.data.exercises {
            for rated in &self.data.agencies {
                let kind = self.agency(&rated.code).map(|agency| agency.kind.as_str());
                let is_asked =
                    kind.is_some_and(|kind| exercise.kinds.iter().any(|one| one == kind));
                let quality = self.quality(rated, &rated.code, &exercise.code);
                if !is_asked || quality < 0.38 {
                    continue;
                }
                let content = json!({"form": exercise.form});
                let at = self.ago(exercise.days, 0);
                let new = Evidence::new("exercise.held", &rated.code, at, content);
                found.push(new.about(exercise.code.clone()).from("drill", exercise.code.clone()));
                let due = exercise.days - 20;
                let closed = if quality > 0.55 { due + 5 } else { due - 16 };
                if closed < 1 {
                    continue;
                }
                let content = json!({"due": self.day(due).to_string(), "closed": self.day(closed).to_string()});
                let at = self.ago(closed - 1, 0);
                let new = Evidence::new("exercise.action", &rated.code, at, content);
                let subject = format!("{} 1", exercise.code);
                found.push(new.about(subject.clone()).from("drill", subject));
            }
        }
    }

    fn tasks(&self, found: &mut Vec<Evidence>) {
        let count = self.data.agencies.len().max(1);
        let mut overdue = self.data.overdue_tasks.clone();
        for number in 0..TASKS {
            let Some(rated) = self.data.agencies.get(number % count) else { continue };
            let code = format!("NV-{:03}", number + 1);
            let mut lot = self.lot(&rated.code, &code);
            let due = lot.between(12, 320) as i64;
            let late = overdue.iter().position(|one| *one == rated.code);
            let (mut content, mut at) =
                (json!({"due": self.day(due).to_string(), "accepted": false}), due + 60);
            if let Some(place) = late {
                overdue.remove(place);
            } else {
                let quality = self.quality(rated, &rated.code, &code);
                let done = if quality > 0.34 { due + lot.between(1, 9) as i64 } else { due - 8 };
                content = json!({"due": self.day(due).to_string(), "done": self.day(done).to_string(),
                    "accepted": quality > 0.25});
                at = done - 1;
            }
            let new = Evidence::new("task.state", &rated.code, self.ago(at, 0), content);
            found.push(new.about(code.clone()).from("decision", code));
        }
    }

    /// A report a year of each agency, and the two that are put together of them.
    fn reports(&self, found: &mut Vec<Evidence>) {
        let own = self.data.agencies.iter().map(|rated| (rated.code.as_str(), "BC-NAM"));
        let collated = [("cat", "BC-TONG-HOP"), ("vpubnd", "BC-TONG-HOP")];
        for (agency, code) in own.chain(collated) {
            let Some(rated) = self.rated(agency) else { continue };
            let quality = self.quality(rated, agency, code);
            let mut content = json!({"due": self.day(58).to_string(), "matches": quality > 0.3});
            let is_missing = self.data.missing_reports.iter().any(|one| one == agency);
            let submitted = if quality > 0.33 { 61 } else { 49 };
            if is_missing {
                content["matches"] = false.into();
            } else {
                content["submitted"] = self.day(submitted).to_string().into();
            }
            let at = self.ago(if is_missing { 57 } else { submitted - 1 }, 0);
            let reference = format!("{:02}-BC/{}.MH", 1 + rated.skill % 30, agency.to_uppercase());
            let new = Evidence::new("report.state", agency, at, content);
            found.push(new.about(format!("{code}-{}", self.year())).documented(reference));
        }
    }

    fn rated(&self, agency: &str) -> Option<&Rated> {
        self.data.agencies.iter().find(|rated| rated.code == agency)
    }
}
