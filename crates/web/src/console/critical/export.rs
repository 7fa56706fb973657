//! The lists of `/critical` as files.

use khien_domain::single_point::What;

use super::{Row, Shown};
use crate::console::frame::Frame;
use crate::console::table::Table;

fn number(minutes: Option<u32>) -> String {
    minutes.map_or_else(String::new, |minutes| minutes.to_string())
}

fn titled(f: &Frame, columns: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    columns.iter().map(|(name, title)| (*name, f.t(title))).collect()
}

/// The critical systems.
pub(super) fn systems(f: &Frame, rows: &[Row]) -> Table {
    let cells = rows.iter().map(|row| {
        let system = &row.of.system;
        let restore = row.of.restore;
        vec![
            system.code.to_string(),
            system.agency.to_string(),
            system.name.clone(),
            system.level.number().to_string(),
            number(system.rto_minutes),
            number(system.rpo_minutes),
            f.cell(row.restore(), f.word("critical-restore", row.restore())),
            restore.map_or_else(String::new, |one| f.iso(&one.at)),
            restore.map_or_else(String::new, |one| one.seq.to_string()),
            f.yes(row.of.is_planned),
            f.cell(row.exercise(), f.word("critical-exercise", row.exercise())),
            row.of.exercised.map_or_else(String::new, |day| day.to_string()),
            row.of.needs.to_string(),
            row.of.slower.to_string(),
            f.cell(row.gate, f.word("gate-state", row.gate)),
            row.findings.to_string(),
        ]
    });
    let columns = [
        ("code", "register-code"),
        ("agency", "alerts-agency"),
        ("name", "register-name"),
        ("level", "register-level"),
        ("rto_minutes", "register-rto"),
        ("rpo_minutes", "register-rpo"),
        ("restore", "critical-restore"),
        ("restore_at", "critical-restore-at"),
        ("restore_record", "critical-restore-record"),
        ("continuity", "critical-continuity"),
        ("exercise", "critical-exercise"),
        ("exercised_on", "critical-exercised-on"),
        ("needs", "critical-needs"),
        ("slower", "critical-slower"),
        ("gate", "frame-room-gate"),
        ("findings", "critical-findings"),
    ];
    Table { name: "critical", columns: titled(f, &columns), rows: cells.collect() }
}

/// The single points of failure.
pub(super) fn points(f: &Frame, points: &[Shown]) -> Table {
    let cells = points.iter().map(|shown| {
        let point = &shown.point;
        let code = match &point.what {
            What::System(code) => code.to_string(),
            What::Site(code) => code.to_string(),
            What::Provider(_) => String::new(),
        };
        let weak: Vec<&str> = point.weak.iter().map(|one| one.name()).collect();
        let words: Vec<String> =
            point.weak.iter().map(|one| f.word("critical-weak", one.name())).collect();
        vec![
            f.cell(point.what.kind(), f.word("critical-kind", point.what.kind())),
            code,
            shown.name.clone(),
            shown.agency.as_ref().map_or_else(String::new, ToString::to_string),
            point.dependents.to_string(),
            point.critical.to_string(),
            point.agencies.to_string(),
            number(shown.own()),
            number(point.demand),
            f.cell(&weak.join(" "), words.join("; ")),
        ]
    });
    let columns = [
        ("kind", "register-kind"),
        ("code", "register-code"),
        ("name", "register-name"),
        ("agency", "alerts-agency"),
        ("dependents", "register-dependents"),
        ("critical", "register-critical"),
        ("agencies", "critical-agencies"),
        ("rto_minutes", "register-rto"),
        ("demand_minutes", "critical-demand"),
        ("weak", "critical-weak"),
    ];
    Table { name: "single-points", columns: titled(f, &columns), rows: cells.collect() }
}
