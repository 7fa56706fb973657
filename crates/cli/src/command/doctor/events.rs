//! Events: the lake's files and the journal.

use jiff::{SignedDuration, Timestamp};
use khien_app::journal;
use khien_lake::{Cancel, Stats, inspect};

use super::{Found, Look};

/// A running centre has worked off what came longer ago than this.
const BACKLOG: SignedDuration = SignedDuration::from_mins(15);
/// Damaged files that are named.
const NAMED: usize = 20;

/// Whether the files of events are what was written.
pub(super) fn lake(look: &Look<'_>) -> (Stats, Vec<Found>) {
    const CHECK: &str = "events";
    let (mut quiet, cancel) = (|_, _| (), Cancel::new());
    let found = match inspect(&look.folder.lake(), !look.quick, &mut quiet, &cancel) {
        Ok(found) => found,
        // A new centre has none until it starts.
        Err(_) if !look.folder.lake().join("events").exists() => {
            let found = Found::good(CHECK, "chưa có sự kiện nào", "there are no events yet");
            return (Stats::default(), vec![found]);
        }
        Err(error) => {
            let found = Found::bad(
                CHECK,
                format!("không đọc được kho sự kiện: {error}; khôi phục từ bản sao lưu"),
                format!("the events cannot be opened: {error}; restore a backup"),
            );
            return (Stats::default(), vec![found]);
        }
    };
    let damaged = found.damage.iter().take(NAMED).map(|damage| {
        let (path, reason, rows) = (damage.path.display(), &damage.reason, damage.rows);
        Found::bad(
            CHECK,
            format!("{path} hỏng ({reason}), {rows} sự kiện; chép lại tệp này từ bản sao lưu"),
            format!("{path} is damaged ({reason}), {rows} events; copy it back from a backup"),
        )
    });
    let mut told: Vec<Found> = damaged.collect();
    if told.is_empty() {
        let (files, rows) = (found.stats.files, found.stats.rows);
        told.push(if look.quick {
            Found::good(
                CHECK,
                format!("{rows} sự kiện trong {files} tệp, đủ độ dài (chưa đọc nội dung)"),
                format!("{rows} events in {files} files of the right length (not read)"),
            )
        } else {
            Found::good(
                CHECK,
                format!("{rows} sự kiện trong {files} tệp, đúng mã SHA-256"),
                format!("{rows} events in {files} files, each with its SHA-256"),
            )
        });
    }
    (found.stats, told)
}

/// Whether the journal is whole and worked off. Answers when its newest batch came.
pub(super) fn journal(look: &Look<'_>) -> (Option<Timestamp>, Vec<Found>) {
    const CHECK: &str = "journal";
    let inspected = match journal::inspect(&look.folder.journal()) {
        Ok(inspected) => inspected,
        Err(error) => {
            let vi = format!("không đọc được sổ nhận: {error}; kiểm tra quyền và đĩa");
            let en = format!("{error}; look at rights and disk");
            return (None, vec![Found::bad(CHECK, vi, en)]);
        }
    };
    let moment = |micros: i64| Timestamp::from_microsecond(micros).ok();
    let (oldest, newest) = inspected.arrivals.unzip();
    let mut told = Vec::new();
    for (path, from, to) in &inspected.damaged {
        let path = path.display();
        told.push(Found::bad(
            CHECK,
            format!("{path} hỏng từ byte {from} đến {to}: có lô đã nhận bị mất; kiểm tra đĩa"),
            format!("{path} is damaged from byte {from} to {to}: something acknowledged is lost; look at the disk"),
        ));
    }
    for path in &inspected.set_aside {
        let path = path.display();
        told.push(Found::bad(
            CHECK,
            format!("{path} đã bị gác lại vì hỏng; xem xong thì chuyển đi nơi khác"),
            format!("{path} was set aside as damaged; move it away when it was looked at"),
        ));
    }
    let late = oldest.and_then(moment).map(|oldest| look.now.duration_since(oldest));
    if let Some(late) = late.filter(|late| look.is_running && *late > BACKLOG) {
        let (batches, minutes) = (inspected.batches, late.as_mins());
        told.push(Found::bad(
            CHECK,
            format!("{batches} lô còn chờ, cũ nhất {minutes} phút; máy quá tải hoặc đĩa từ chối, xem nhật ký"),
            format!("{batches} batches are kept, the oldest for {minutes} minutes; the machine is overloaded or the disk refuses: see the log"),
        ));
    }
    if told.is_empty() {
        let batches = inspected.batches;
        told.push(Found::good(
            CHECK,
            format!("sổ nhận toàn vẹn, {batches} lô"),
            format!("the journal is whole, {batches} batches"),
        ));
    }
    (newest.and_then(moment), told)
}
