//! The machine: rights of files, the certificate, the disk, the clock.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use khien_lake::Stats;
use khien_web::listen::tls::Certificates;
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, Error};

use super::{Found, Look};

/// A certificate that ends within this is told.
const RENEW: SignedDuration = SignedDuration::from_hours(24 * 30);
/// A disk that is full within this many days is told.
const FULL_DAYS: u64 = 14;
/// Days of which the growth is the mean.
const GROWTH_DAYS: usize = 7;
/// A clock may be behind what was recorded by so much.
const BEHIND: SignedDuration = SignedDuration::from_mins(5);

/// Whether others may read the data or the keys.
pub(super) fn rights(look: &Look<'_>) -> Vec<Found> {
    const CHECK: &str = "rights";
    let folder = look.folder;
    let secret =
        [folder.path().to_owned(), folder.keys(), folder.certificate_key(), folder.running()];
    // What is not there is told by other checks.
    let is_open = |path: &&PathBuf| {
        std::fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o077 != 0)
    };
    let found: Vec<Found> = secret
        .iter()
        .filter(is_open)
        .map(|path| {
            let path = path.display();
            Found::bad(
                CHECK,
                format!("người khác đọc được {path}; chạy: chmod go-rwx {path}"),
                format!("others may read {path}; run: chmod go-rwx {path}"),
            )
        })
        .collect();
    if found.is_empty() {
        let vi = "chỉ chủ sở hữu đọc được dữ liệu và khóa";
        return vec![Found::good(CHECK, vi, "only the owner reads data and keys")];
    }
    found
}

/// Whether the certificate is there, fits its key and is valid now and for a while.
pub(super) fn certificate(look: &Look<'_>) -> Vec<Found> {
    const CHECK: &str = "certificate";
    let path = look.folder.certificate();
    if look.config.server.plain_http && !path.exists() {
        let vi = "không dùng TLS, chỉ nghe trên máy này";
        return vec![Found::good(CHECK, vi, "no TLS, on the loopback only")];
    }
    if let Err(error) = Certificates::load(&path, &look.folder.certificate_key()) {
        return vec![Found::bad(
            CHECK,
            format!("chứng thư không dùng được: {error}; khôi phục thư mục keys từ bản sao lưu"),
            format!("the certificate cannot be used: {error}; restore keys from a backup"),
        )];
    }
    let shown = path.display();
    let fault = |at: Timestamp| fault_at(&path, at);
    let found = match (fault(look.now), fault(look.now + RENEW)) {
        (Some(Time::NotYet), _) => Found::bad(
            CHECK,
            format!("chứng thư {shown} chưa có hiệu lực; kiểm tra đồng hồ của máy"),
            format!("the certificate {shown} is not valid yet; look at the machine's clock"),
        ),
        (Some(Time::Over), _) => Found::bad(
            CHECK,
            format!("chứng thư {shown} đã hết hạn; thay bằng chứng thư mới"),
            format!("the certificate {shown} has expired; put a new one in its place"),
        ),
        (None, Some(Time::Over)) => Found::bad(
            CHECK,
            format!("chứng thư {shown} hết hạn trong 30 ngày tới; chuẩn bị chứng thư mới"),
            format!("the certificate {shown} expires within 30 days; prepare a new one"),
        ),
        _ => Found::good(CHECK, "chứng thư còn hiệu lực", "the certificate is valid"),
    };
    vec![found]
}

/// What the time says of a certificate.
enum Time {
    NotYet,
    Over,
}

/// Asks the verifier that clients use, with the last certificate of the chain as the authority; who
/// signed it is not our question.
fn fault_at(path: &Path, at: Timestamp) -> Option<Time> {
    let chain: Vec<_> = CertificateDer::pem_file_iter(path).ok()?.filter_map(Result::ok).collect();
    let (first, rest) = chain.split_first()?;
    let mut roots = RootCertStore::empty();
    roots.add(chain.last()?.clone()).ok()?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
    let verifier = verifier.build().ok()?;
    let name = ServerName::try_from("localhost").ok()?;
    let since = Duration::from_secs(u64::try_from(at.as_second()).ok()?);
    let time = UnixTime::since_unix_epoch(since);
    match verifier.verify_server_cert(first, rest, &name, &[], time) {
        Err(Error::InvalidCertificate(
            CertificateError::Expired | CertificateError::ExpiredContext { .. },
        )) => Some(Time::Over),
        Err(Error::InvalidCertificate(
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. },
        )) => Some(Time::NotYet),
        _ => None,
    }
}

/// Whether there is room, and for how long.
pub(super) fn disk(look: &Look<'_>, stats: &Stats) -> Vec<Found> {
    const CHECK: &str = "disk";
    let Some(free) = look.folder.free_bytes() else {
        let vi = "hệ thống không cho biết còn bao nhiêu chỗ";
        return vec![Found::bad(CHECK, vi, "the system does not tell how much disk is free")];
    };
    let reserve = u64::from(look.config.limits.reserve_mib) << 20;
    let mib = |bytes: u64| bytes >> 20;
    if free < reserve {
        let (free, reserve) = (mib(free), mib(reserve));
        return vec![Found::bad(
            CHECK,
            format!(
                "đĩa chỉ còn {free} MiB, ít hơn mức dự trữ {reserve} MiB: trung tâm không nhận \
                 thêm; giải phóng chỗ, hoặc giảm keep.days"
            ),
            format!(
                "{free} MiB of disk are free, less than the reserve of {reserve} MiB: nothing more \
                 is taken in; make room, or lower keep.days"
            ),
        )];
    }
    let days = stats.days.iter().rev().take(GROWTH_DAYS);
    let (count, bytes) =
        days.fold((0_u64, 0), |(count, bytes), day| (count + 1, bytes + day.bytes));
    let growth = bytes / count.max(1);
    let lasts = (free - reserve) / growth.max(1);
    let (free, growth_mib) = (mib(free), mib(growth));
    if growth > 0 && lasts < FULL_DAYS {
        return vec![Found::bad(
            CHECK,
            format!(
                "đĩa còn {free} MiB, mỗi ngày thêm {growth_mib} MiB: đầy sau {lasts} ngày; thêm \
                 đĩa, hoặc giảm keep.days"
            ),
            format!(
                "{free} MiB of disk are free and {growth_mib} MiB are added a day: full in {lasts} \
                 days; add disk, or lower keep.days"
            ),
        )];
    }
    vec![Found::good(
        CHECK,
        format!("đĩa còn {free} MiB, mỗi ngày thêm {growth_mib} MiB"),
        format!("{free} MiB of disk are free, {growth_mib} MiB are added a day"),
    )]
}

/// Whether the clock is behind what was recorded by it.
pub(super) fn clock(look: &Look<'_>, newest: Option<Timestamp>) -> Found {
    const CHECK: &str = "clock";
    match newest.filter(|newest| *newest > look.now + BEHIND) {
        Some(newest) => Found::bad(
            CHECK,
            format!("đồng hồ chỉ {}, trước lần ghi gần nhất {newest}; chỉnh giờ (NTP)", look.now),
            format!(
                "the clock says {}, before the last record of {newest}; set it right (NTP)",
                look.now
            ),
        ),
        None => Found::good(
            CHECK,
            "đồng hồ không đi lùi so với dữ liệu",
            "the clock is not behind what was recorded",
        ),
    }
}
