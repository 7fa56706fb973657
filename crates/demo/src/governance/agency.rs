//! What an agency has to show of itself: people, money, plans.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::hosting::{CENTRE, ROOM};
use super::{Evidence, Governance, Rated, moment, part};

/// How a thing of an agency is known at best.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Best {
    /// The centre, or a program, can measure it.
    Measured,
    /// A document is all there is.
    Document,
}

impl Governance<'_> {
    /// All that one agency has.
    pub(super) fn of_agency(&self, rated: &Rated, found: &mut Vec<Evidence>) {
        self.people(rated, found);
        self.plans(rated, found);
        self.money(rated, found);
        self.sharing(rated, found);
        self.follow_up(rated, found);
    }

    /// Something that an agency has of itself, if it has; the weaker it is, the more often it only
    /// says so.
    fn own(
        &self,
        rated: &Rated,
        best: Best,
        kind: &'static str,
        days: i64,
        content: Value,
    ) -> Option<Evidence> {
        if !self.has(rated, kind) {
            return None;
        }
        let new = Evidence::new(kind, &rated.code, self.ago(days, 4), content);
        let mut lot = self.lot(&rated.code, &format!("{kind} how"));
        let weak = 1.0 - f64::from(rated.skill) / 100.0;
        let reference = format!("{:02}-BC/{}.MH", lot.between(1, 99), rated.code.to_uppercase());
        Some(if lot.happens(0.03 + 0.4 * weak) {
            new.declared()
        } else if best == Best::Document || lot.happens(0.2) {
            new.documented(reference)
        } else {
            new.from("probe", reference)
        })
    }

    /// Whether anything is known of where the servers of an agency stand.
    pub(super) fn shows_hosting(&self, rated: &Rated) -> bool {
        self.own(rated, Best::Document, "hosting.site", 96, Value::Null).is_some()
    }

    fn people(&self, rated: &Rated, found: &mut Vec<Evidence>) {
        let (staff, year) = (rated.staff, self.year().to_string());
        let quality = |about| self.quality(rated, &rated.code, about);
        let posts = (staff / 12).max(2);
        let filled = part(posts, 0.4 + 0.6 * quality("posts"));
        let due = filled.max(1) * 40;
        let yearly = [
            self.own(rated, Best::Measured, "training.year", 34, {
                json!({"staff": staff, "completed": part(staff, 0.5 + 0.47 * quality("training"))})
            }),
            self.own(rated, Best::Measured, "training.hours", 41, {
                json!({"due_hours": due, "counted_hours": part(due, 0.1 + 0.9 * quality("hours"))})
            }),
            self.own(rated, Best::Document, "staff.posts", 120, {
                json!({"approved": posts, "filled": filled})
            }),
            self.own(rated, Best::Document, "staff.certified", 118, {
                let certified = part(filled, 0.2 + 0.7 * quality("certified"));
                json!({"holders": filled, "certified": certified})
            }),
            self.own(rated, Best::Document, "awareness.plan", 46, {
                json!({"planned": 12, "carried_out": part(12, 0.5 + 0.5 * quality("awareness"))})
            }),
        ];
        found.extend(yearly.into_iter().flatten().map(|one| one.about(year.clone())));
        for (drill, days) in [("LD-1", 205), ("LD-2", 68)] {
            let reported = part(staff, 0.05 + 0.36 * quality(drill));
            let content = json!({"delivered": staff, "reported": reported});
            if self.has(rated, drill) {
                let new = Evidence::new("drill.phishing", &rated.code, self.ago(days, 7), content);
                found.push(new.about(format!("{drill}-{year}")).from("drill", drill));
            }
        }
        // The officials' sign-on knows the passkeys of its own agency: 82 in 100.
        let strong = if rated.code == "ttcds" { 0.82 } else { 0.6 + 0.4 * quality("accounts") };
        let privileged = (staff / 8).max(2);
        found.extend(self.own(rated, Best::Measured, "accounts.state", 17, {
            let content = json!({"privileged": privileged, "active": staff, "mfa": part(staff, strong),
                "privileged_strong": part(privileged, strong)});
            content
        }));
        let endpoints = staff + staff / 5;
        found.extend(self.own(rated, Best::Measured, "endpoints.state", 8, {
            json!({"endpoints": endpoints, "protected": part(endpoints, 0.6 + 0.39 * quality("endpoints"))})
        }));
        if self.agency(&rated.code).is_some_and(|agency| agency.centre) {
            let content = json!({"called": 24, "answered": 17});
            let new = Evidence::new("expert.callout", &rated.code, self.ago(75, 0), content);
            found.push(new.about("HD-1").from("drill", "HD-1"));
        }
    }

    fn plans(&self, rated: &Rated, found: &mut Vec<Evidence>) {
        let quality = |about: &str| self.quality(rated, &rated.code, about);
        for scenario in
            ["ma-doc-tong-tien", "lua-dao", "lo-du-lieu", "tu-choi-dich-vu", "sua-doi-trang"]
        {
            if !self.has(rated, scenario) {
                continue;
            }
            let mut content = json!({"applicable": true});
            if let (true, Value::Object(fields)) = (quality(scenario) > 0.45, &mut content) {
                let tested = self.day(self.lot(&rated.code, scenario).between(20, 300) as i64);
                fields.insert("tested".into(), tested.to_string().into());
            }
            let new = Evidence::new("scenario.state", &rated.code, self.ago(15, 6), content);
            let new = new.about(scenario);
            found.push(if quality("scenario") < 0.3 {
                new.declared()
            } else {
                new.documented("kịch bản")
            });
        }
        // What an agency has servers for stands in the province's centre, or in a room of its own.
        let (servers, inside) = self.hosting(rated);
        for (site, servers, qualified) in [(CENTRE, inside, inside), (ROOM, servers - inside, 0)] {
            let content = json!({"servers": servers, "qualified": qualified});
            let own = self.own(rated, Best::Document, "hosting.site", 96, content);
            found.extend(own.map(|one| one.about(site)));
        }
        if self.systems_of(&rated.code).next().is_none() {
            found.push(self.nothing(rated, "product"));
        }
        for system in self.systems_of(&rated.code) {
            for product in ["he-dieu-hanh", "co-so-du-lieu"] {
                let name = format!("{product} {}", system.code);
                if !self.has(rated, &name) {
                    continue;
                }
                let kept = quality(&name) > 0.44;
                let words = if product == "he-dieu-hanh" {
                    "Hệ điều hành Mẫu"
                } else {
                    "Cơ sở dữ liệu Mẫu"
                };
                let content = json!({"name": words, "supported": kept || quality("old") > 0.5, "inventory": kept});
                let new = Evidence::new("product.used", &rated.code, self.ago(60, 2), content);
                found.push(new.about(name).from("register", format!("system {}", system.code)));
            }
        }
    }

    fn money(&self, rated: &Rated, found: &mut Vec<Evidence>) {
        let is_large = rated.budget.is_some_and(|[total, _]| total >= 800_000_000);
        if !is_large {
            if self.has(rated, "nothing") {
                found.push(self.nothing(rated, "project"));
                found.push(self.nothing(rated, "procurement"));
            }
            return;
        }
        let mut lot = self.lot(&rated.code, "money");
        for number in 1..=lot.between(1, 3) {
            let code = format!("DA-{number:02}");
            let decided = lot.between(40, 300) as i64;
            let early = self.quality(rated, &rated.code, &code) > 0.4;
            let appraised = if early { decided + 21 } else { decided - 14 };
            let content = json!({"name": format!("Dự án mẫu {number:02}"),
                "decided": self.day(decided).to_string(), "appraised": self.day(appraised).to_string()});
            let new = Evidence::new(
                "project.investment",
                &rated.code,
                self.ago(decided.min(appraised) - 1, 0),
                content,
            );
            found.push(
                new.about(code)
                    .documented(format!("{number:02}-QĐ/{}.MH", rated.code.to_uppercase())),
            );
        }
        for number in 1..=lot.between(2, 5) {
            let code = format!("MS-{number:02}");
            let quality = self.quality(rated, &rated.code, &code);
            let made = lot.between(20, 320) as i64;
            let content = json!({"domestic": quality > 0.6, "reason_accepted": quality > 0.45,
                "made": self.day(made).to_string()});
            let new =
                Evidence::new("procurement.made", &rated.code, self.ago(made - 1, 0), content);
            found.push(
                new.about(code)
                    .documented(format!("{number:02}-TTr/{}.MH", rated.code.to_uppercase())),
            );
        }
    }

    fn sharing(&self, rated: &Rated, found: &mut Vec<Evidence>) {
        let quality = |about: &str| self.quality(rated, &rated.code, about);
        for number in 1..=part(12, quality("contributions")) {
            let content =
                json!({"accepted": self.lot(&rated.code, &format!("CS-{number}")).happens(0.92)});
            let at = self.ago(i64::from(number) * 26, 3);
            let new = Evidence::new("sharing.contribution", &rated.code, at, content);
            found.push(new.about(format!("CS-{number:02}")));
        }
        for number in 1..=6_i64 {
            let code = format!("CB-{number:02}");
            let published = self.ago(12 + number * 44, 6);
            let mut content = json!({"published": moment(published)});
            let quality = quality(&code);
            let hours = 12 + ((1.0 - quality) * 170.0) as i64;
            let span = SignedDuration::from_hours(hours);
            let answered = published.checked_add(span).unwrap_or(published);
            let is_answered = quality > 0.25;
            if let (true, Value::Object(fields)) = (is_answered, &mut content) {
                fields.insert("answered".into(), moment(answered).into());
            }
            let at = if is_answered { answered } else { published };
            let new = Evidence::new("bulletin.addressed", &rated.code, at, content);
            found.push(new.about(code.clone()).from("document", code));
        }
        let is_offered = self.agency(&rated.code).is_some_and(|one| one.kind == "government");
        if is_offered {
            let joined = quality("international") > 0.4;
            let content = json!({"joined": joined, "note": joined && quality("note") > 0.35});
            let new = Evidence::new("exercise.offered", &rated.code, self.ago(85, 0), content);
            found.push(new.about("DT-LT-01").documented("DT-LT-01"));
        } else if self.has(rated, "nothing") {
            found.push(self.nothing(rated, "exercise"));
        }
    }

    /// What citizens and inspectors have brought to an agency, and what came of it.
    fn follow_up(&self, rated: &Rated, found: &mut Vec<Evidence>) {
        if rated.citizen_reports > 0 {
            let answered = 0.5 + 0.48 * self.quality(rated, &rated.code, "citizens");
            let at = self.ago(20, 0);
            for (number, share) in [(0, 2), (1, 1)] {
                let received = match number {
                    0 => rated.citizen_reports - rated.citizen_reports / 3,
                    _ => rated.citizen_reports / 3,
                };
                let content = json!({"received": received, "answered": part(received, answered)});
                let day = self.day(28 * (share + 1));
                let new = Evidence::new("citizen.reports", &rated.code, at, content);
                found.push(new.about(day.strftime("%Y-%m").to_string()));
            }
        } else if self.has(rated, "nothing") {
            found.push(self.nothing(rated, "citizen-report"));
        }
        let mut lot = self.lot(&rated.code, "inspection");
        if !lot.happens(0.45) {
            if self.has(rated, "nothing") {
                found.push(self.nothing(rated, "inspection"));
            }
            return;
        }
        for number in 1..=lot.between(1, 4) {
            let code = format!("KN-{number:02}");
            let due = lot.between(30, 200) as i64;
            let quality = self.quality(rated, &rated.code, &code);
            let mut content = json!({"due": self.day(due).to_string()});
            let closed = if quality > 0.4 { due + 6 } else { due - 25 };
            if let (true, Value::Object(fields)) = (quality > 0.28, &mut content) {
                fields.insert("closed".into(), self.day(closed).to_string().into());
            }
            let at = self.ago(closed.min(due) - 1, 0);
            let new = Evidence::new("inspection.finding", &rated.code, at, content);
            found.push(new.about(code).documented(format!("{number:02}-KL/TTT.MH")));
        }
    }

    /// That nothing of a sort has happened, which somebody of another agency has looked at.
    pub(super) fn nothing(&self, rated: &Rated, topic: &'static str) -> Evidence {
        let content = json!({"topic": topic});
        let new = Evidence::new("nothing.due", &rated.code, self.ago(32, 0), content);
        new.about(topic).documented("biên bản xác nhận")
    }
}
