//! The running centre: whether it answers, and what it says of itself.

use serde_json::Value;

use super::{Found, Look};
use crate::client::Client;

const CHECK: &str = "centre";
/// Fewer open files than this are too few for a province's connections.
const OPEN_FILES: u64 = 4096;
/// Records of the quarantine that are counted.
const MOST_UNREAD: usize = 200;

/// What the centre says, if one runs.
pub(super) fn centre(look: &Look<'_>) -> Vec<Found> {
    if !look.is_running {
        let vi = "trung tâm không chạy trên thư mục này";
        return vec![Found::good(CHECK, vi, "no centre runs on this folder")];
    }
    let mut found = match asked(look) {
        Ok(found) => found,
        Err(error) => vec![Found::bad(
            CHECK,
            format!("trung tâm đang chạy nhưng không trả lời: {error:#}; xem nhật ký của nó"),
            format!("a centre runs and does not answer: {error:#}; see its log"),
        )],
    };
    found.extend(open_files(look));
    found
}

fn asked(look: &Look<'_>) -> anyhow::Result<Vec<Found>> {
    let client = Client::of_running(look.folder.path())?;
    let ready = client.get("/readyz", &[])?;
    let mut found = Vec::new();
    if ready.status == 200 {
        let vi = "trung tâm đang chạy và nhận sự kiện";
        found.push(Found::good(CHECK, vi, "the centre runs and takes events in"));
    } else {
        let said = ready.said();
        found.push(Found::bad(
            CHECK,
            format!("trung tâm không nhận thêm: {said}; xem nhật ký của nó"),
            format!("the centre takes nothing in: {said}; see its log"),
        ));
    }
    let status = client.get("/api/v1/status", &[])?.done()?;
    let number = |path: &str| status.pointer(path).and_then(Value::as_u64).unwrap_or_default();
    let damaged = number("/lake/damaged_files");
    if damaged > 0 {
        found.push(Found::bad(
            CHECK,
            format!("khi khởi động, {damaged} tệp sự kiện bị thiếu hoặc cụt; xem mục events"),
            format!("{damaged} files of events were missing or cut at its start; see events"),
        ));
    }
    if number("/rules/count") == 0 {
        let vi = "không có luật phát hiện nào đang dùng; kiểm tra rules.folders";
        found.push(Found::bad(CHECK, vi, "no detection rule is in force; look at rules.folders"));
    }
    let unread = client.get("/api/v1/quarantine", &[("limit", MOST_UNREAD.to_string())])?.done()?;
    let unread = unread.get("items").and_then(Value::as_array).map_or(0, Vec::len);
    found.push(if unread > 0 {
        let more = if unread < MOST_UNREAD { "" } else { "+" };
        Found::bad(
            "quarantine",
            format!("{unread}{more} bản ghi không đọc được; xem lý do tại /api/v1/quarantine"),
            format!("{unread}{more} records cannot be read; /api/v1/quarantine tells why"),
        )
    } else {
        Found::good("quarantine", "mọi bản ghi đều đọc được", "every record was read")
    });
    Ok(found)
}

/// How many files and connections the centre may have open.
fn open_files(look: &Look<'_>) -> Option<Found> {
    const CHECK: &str = "limits";
    let text = std::fs::read_to_string(look.folder.running()).ok()?;
    let pid = serde_json::from_str::<Value>(&text).ok()?.get("pid")?.as_u64()?;
    let limits = std::fs::read_to_string(format!("/proc/{pid}/limits")).ok()?;
    let line = limits.lines().find(|line| line.starts_with("Max open files"))?;
    let most: u64 = line.split_whitespace().nth(3)?.parse().ok()?;
    Some(if most < OPEN_FILES {
        Found::bad(
            CHECK,
            format!("trung tâm chỉ được mở {most} tệp; đặt LimitNOFILE=65536 (docs/operate.md)"),
            format!("the centre may open {most} files; set LimitNOFILE=65536 (docs/operate.md)"),
        )
    } else {
        Found::good(
            CHECK,
            format!("trung tâm được mở {most} tệp"),
            format!("the centre may open {most} files"),
        )
    })
}
