//! An advisory of a maker of the province that does not exist, held against a system that uses its firewall.

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::findings::{self, Upload};
use khien_domain::code::SystemCode;
use serde_json::{Value, json};

/// Which system uses what the advisory is about.
const SYSTEM: &str = "mh-mail";
/// How long ago it was released.
const AGO: SignedDuration = SignedDuration::from_hours(3 * 24);

/// Imports it as somebody at the command line would.
pub(super) async fn import(app: &App, caller: &Caller) -> Result<()> {
    let released = app.now().saturating_sub(AGO).unwrap_or(app.now());
    let bytes = document(released).to_string().into_bytes();
    let upload = Upload { name: "ham-07.json".into(), bytes, ..Upload::default() };
    findings::import_findings(app, caller, &SystemCode::new(SYSTEM)?, upload, false).await?;
    Ok(())
}

/// A part of the firewall has a fault, in the version that its inventory names; so may the firewall itself, whose
/// version nobody has registered; of another product the system has nothing.
fn document(released: Timestamp) -> Value {
    let at = released.to_string();
    json!({
        "document": {
            "category": "csaf_security_advisory",
            "csaf_version": "2.0",
            "title": "Khung Mẫu nạp mẫu trang không tin cậy",
            "publisher": {
                "category": "vendor",
                "name": "Hãng An ninh Mẫu",
                "namespace": "https://an-ninh-mau.example",
            },
            "distribution": {"tlp": {"label": "WHITE"}},
            "tracking": {
                "id": "HAM-07",
                "version": "1",
                "status": "final",
                "initial_release_date": at,
                "current_release_date": at,
                "revision_history": [{"date": at, "number": "1", "summary": "Bản đầu"}],
            },
        },
        "product_tree": {
            "branches": [{"category": "vendor", "name": "Hãng An ninh Mẫu", "branches": [
                {"category": "product_name", "name": "khung-mau", "branches": [
                    {"category": "product_version", "name": "8.4", "product":
                        {"name": "khung-mau 8.4", "product_id": "KHUNG-8.4"}},
                    {"category": "product_version", "name": "8.5", "product":
                        {"name": "khung-mau 8.5", "product_id": "KHUNG-8.5"}},
                ]},
                {"category": "product_name", "name": "Tường lửa thư điện tử Mẫu", "branches": [
                    {"category": "product_version_range", "name": "vers:generic/<7.3", "product":
                        {"name": "Tường lửa thư điện tử Mẫu trước 7.3", "product_id": "TLTD"}},
                ]},
                {"category": "product_name", "name": "Trạm lọc web Mẫu", "branches": [
                    {"category": "product_version", "name": "2.0", "product":
                        {"name": "Trạm lọc web Mẫu 2.0", "product_id": "LOC-2.0"}},
                ]},
            ]}],
        },
        "vulnerabilities": [{
            "ids": [{"system_name": "Hãng An ninh Mẫu", "text": "HAM-07-A"}],
            "title": "Mẫu trang do người gửi chèn được thực thi khi xem trước thư",
            "product_status": {
                "known_affected": ["KHUNG-8.4", "TLTD", "LOC-2.0"],
                "fixed": ["KHUNG-8.5"],
            },
            "scores": [{
                "products": ["KHUNG-8.4", "TLTD", "LOC-2.0"],
                "cvss_v3": {"version": "3.1", "baseScore": 6.1, "baseSeverity": "MEDIUM"},
            }],
            "remediations": [{
                "category": "vendor_fix",
                "details": "Nâng tường lửa lên 7.3, trong đó có khung-mau 8.5",
                "product_ids": ["KHUNG-8.4", "TLTD"],
            }],
        }],
    })
}
