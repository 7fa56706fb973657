//! The rail: which rooms somebody may enter, in their order. A room is added here and in [`Room`].

use khien_domain::account::Person;
use khien_domain::permission::Permission;

use super::{Door, Frame, Room, Waiting, Wing};

/// The rooms that a person may enter, with what waits in them.
pub(super) fn wings(frame: &Frame, person: &Person, room: Room, waiting: Waiting) -> Vec<Wing> {
    use Permission as P;
    let actor = person.actor();
    let may = |permission: Option<Permission>| {
        permission.is_none_or(|permission| actor.agencies(permission).is_ok())
    };
    let some = |count: u64| (count > 0).then(|| frame.count(count));
    let door = |which, name, href, permission| (which, name, href, permission, None, "");
    let table = [
        (
            "frame-wing-watch",
            vec![
                door(Room::Overview, "frame-room-overview", "/overview", Some(P::AlertsRead)),
                (
                    Room::Alerts,
                    "frame-room-alerts",
                    "/alerts",
                    Some(P::AlertsRead),
                    some(waiting.alerts),
                    "alerts",
                ),
                (
                    Room::Incidents,
                    "frame-room-incidents",
                    "/incidents",
                    Some(P::IncidentsRead),
                    some(waiting.incidents),
                    "incidents",
                ),
                door(Room::Leaks, "frame-room-leaks", "/leaks", Some(P::Leaks)),
                door(Room::Shift, "frame-room-shift", "/shift", Some(P::Shifts)),
                door(Room::Search, "frame-room-search", "/search", Some(P::EventsRead)),
                door(
                    Room::Suppressions,
                    "frame-room-suppressions",
                    "/suppressions",
                    Some(P::AlertsRead),
                ),
            ],
        ),
        (
            "frame-wing-sources",
            vec![
                door(Room::Sources, "frame-room-sources", "/sources", Some(P::RegisterRead)),
                door(Room::Rules, "frame-room-rules", "/rules", Some(P::RulesRead)),
                door(Room::Quarantine, "frame-room-quarantine", "/quarantine", Some(P::Quarantine)),
            ],
        ),
        (
            "frame-wing-register",
            vec![
                door(Room::Agencies, "frame-room-agencies", "/agencies", Some(P::RegisterRead)),
                door(Room::Systems, "frame-room-systems", "/systems", Some(P::RegisterRead)),
                door(Room::Products, "frame-room-products", "/products", Some(P::RegisterRead)),
                door(Room::Custody, "frame-room-custody", "/custody", Some(P::RegisterRead)),
                door(Room::Tasks, "frame-room-tasks", "/tasks", Some(P::EvidenceRead)),
                door(Room::Gate, "frame-room-gate", "/gate", Some(P::EvidenceRead)),
                door(Room::Dossiers, "frame-room-dossiers", "/dossiers", Some(P::EvidenceRead)),
                door(Room::Findings, "frame-room-findings", "/findings", Some(P::EvidenceRead)),
                door(Room::Index, "frame-room-index", "/index", Some(P::EvidenceRead)),
                door(Room::Risks, "frame-room-risks", "/risks", Some(P::EvidenceRead)),
                door(Room::Budget, "frame-room-budget", "/budget", Some(P::EvidenceRead)),
                door(Room::Controls, "frame-room-controls", "/controls", Some(P::EvidenceRead)),
                door(Room::Crypto, "frame-room-crypto", "/crypto", Some(P::EvidenceRead)),
                door(Room::Evidence, "frame-room-evidence", "/evidence", Some(P::EvidenceRead)),
                door(Room::Reviews, "frame-room-reviews", "/reviews", Some(P::AssuranceDecide)),
            ],
        ),
        (
            "frame-wing-centre",
            vec![
                door(Room::Audit, "frame-room-audit", "/audit", Some(P::AuditRead)),
                door(Room::Admin, "frame-room-admin", "/admin", Some(P::Metrics)),
                door(Room::Help, "frame-room-help", "/help", None),
                door(Room::Limits, "frame-room-limits", "/limits", None),
            ],
        ),
    ];
    let mut wings = Vec::new();
    for (name, rooms) in &table {
        let open = rooms.iter().filter(|(_, _, _, permission, _, _)| may(*permission));
        let doors: Vec<Door> = open
            .map(|(which, name, href, _, count, live)| Door {
                name: frame.t(name),
                href,
                here: *which == room,
                count: count.clone(),
                live,
            })
            .collect();
        if !doors.is_empty() {
            wings.push(Wing { name: frame.t(name), doors });
        }
    }
    wings
}
