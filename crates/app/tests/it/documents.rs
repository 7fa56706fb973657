//! The files that agencies bring with what they say of themselves: who keeps them, who reads them.

use khien_app::access::Caller;
use khien_app::folder::DataFolder;
use khien_app::use_case::appeals::{self, Verdict};
use khien_app::use_case::attest::{self, AttestError, Typed};
use khien_app::use_case::{UseError, documents, ledger, reviews, rounds};
use khien_domain::audit::Outcome;
use khien_domain::document::{Brought, Digest};
use khien_domain::evidence::Origin;
use khien_domain::permission::AgencyScope;
use khien_domain::round::AppealForm;

use crate::rounds::{PACK, appeal, centre, training};
use crate::support::{agency, appraiser, lead, officer, start};

const PAPER: &[u8] = "Báo cáo bồi dưỡng năm 2026 của Tỉnh Minh Họa".as_bytes();

fn brought(name: &str, bytes: &[u8]) -> Brought {
    Brought { name: name.into(), bytes: bytes.to_vec() }
}

fn with(name: &str, bytes: &[u8]) -> Typed {
    Typed { file: Some(brought(name, bytes)), ..training("10", "9") }
}

fn wrong(error: AttestError) -> (String, String) {
    let found = match error {
        AttestError::Fields(wrong) => Ok(wrong),
        AttestError::Use(other) => Err(other),
    };
    let first = found.unwrap().remove(0);
    (first.field, first.what)
}

async fn audited(app: &khien_app::App, action: &str) -> Vec<(Outcome, String)> {
    let page = khien_domain::page::PageRequest::new(None, 100);
    let filter = khien_store::AuditFilter::default();
    let all = app.store.list_audit(&AgencyScope::All, &filter, &page).await.unwrap().items;
    let of = all.into_iter().filter(|entry| entry.said.action == action);
    of.map(|entry| (entry.said.outcome, entry.said.detail)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_kept_with_its_record_and_opened_by_whoever_may_see_it() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre(&place.path().join("data")).await;
    let (own, digest) = (agency("sokhcn"), Digest::of(PAPER));
    let typed = Typed { sha256: digest.as_str().to_uppercase(), ..with("Báo cáo.pdf", PAPER) };
    let about = attest::attest(&app, &officer("sokhcn"), &own, &typed).await.unwrap();
    assert_eq!(about.origin, Origin::Document);
    assert_eq!(Digest::of_reference(&about.reference), Some(digest.clone()));

    // The same file again is the same document.
    let again = Typed { subject: "2025".into(), ..with("khác.pdf", PAPER) };
    attest::attest(&app, &officer("sokhcn"), &own, &again).await.unwrap();
    let judge = appraiser("thamdinh", "soct");
    for caller in [&officer("sokhcn"), &judge, &lead()] {
        let (document, bytes) = documents::open(&app, caller, &own, &digest).await.unwrap();
        assert_eq!((document.name.as_str(), bytes.as_slice()), ("Báo cáo.pdf", PAPER));
    }
    let stranger = documents::open(&app, &officer("soyt"), &own, &digest).await;
    assert!(matches!(stranger, Err(UseError::NotFound { .. })), "{stranger:?}");
    let of_stranger =
        documents::of_references(&app, &officer("soyt"), [about.reference.as_str()]).await.unwrap();
    assert!(of_stranger.is_empty(), "not even its name");
    let none = documents::open(&app, &judge, &agency("soyt"), &digest).await;
    assert!(matches!(none, Err(UseError::NotFound { .. })), "another agency has no such document");
    let reads = audited(&app, "document.read").await;
    let done = reads.iter().filter(|(outcome, _)| *outcome == Outcome::Done).count();
    assert_eq!(done, 3, "{reads:?}");

    // Whoever confirms makes a record that names the same document.
    let seq = reviews::decide(&app, &judge, about.seq, true, "").await.unwrap().unwrap();
    let confirmed = ledger::get(&app, &judge, seq).await.unwrap().0.about;
    assert_eq!(Digest::of_reference(&confirmed.reference), Some(digest));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_will_not_do_is_told_at_its_field_and_nothing_of_it_is_kept() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre(&place.path().join("data")).await;
    let own = agency("sokhcn");
    let limit = app.kinds().document_bytes as usize;
    let large = vec![b'x'; limit + 1];
    let utf16: Vec<u8> = "\u{feff}TỐI MẬT\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (name, bytes, said) in [
        ("a.pdf", &b""[..], "the file is empty"),
        ("a.pdf", &large, "larger than 10 MB"),
        ("../a.pdf", PAPER, "has folders"),
        ("a\u{7}.pdf", PAPER, "characters that are not shown"),
        ("KE_HOACH_TOI_MAT.pdf", PAPER, "a mark of secrecy"),
        ("a.txt", "TỐI MẬT\nKế hoạch".as_bytes(), "a mark of secrecy"),
        ("a.7z", b"7z\xbc\xaf\x27\x1c...", "nobody can look into"),
        ("a.txt", &utf16, "a mark of secrecy"),
    ] {
        let typed = with(name, bytes);
        let refused = attest::attest(&app, &officer("sokhcn"), &own, &typed).await.unwrap_err();
        let (field, what) = wrong(refused);
        assert!(field == "file" && what.contains(said), "{name}: {field}: {what}");
        let kept = app.store.read_document(&own, &Digest::of(bytes)).await.unwrap();
        assert_eq!(kept, None, "{name}");
    }
    let marks = audited(&app, "document.keep").await;
    assert_eq!(marks.len(), 3);
    assert!(marks.iter().all(|(outcome, what)| {
        *outcome == Outcome::Refused && what.contains("mark") && !what.contains("KE_HOACH")
    }));

    let other = Typed { sha256: Digest::of(b"khac").to_string(), ..with("a.pdf", PAPER) };
    let refused = attest::attest(&app, &officer("sokhcn"), &own, &other).await.unwrap_err();
    let (field, what) = wrong(refused);
    assert!(field == "sha256" && what.contains("not the SHA-256 of the file"), "{field}: {what}");
    let stranger = attest::attest(&app, &officer("soyt"), &own, &with("a.pdf", PAPER)).await;
    assert!(matches!(stranger, Err(AttestError::Use(UseError::Denied(_)))));
    let kept = app.store.read_document(&own, &Digest::of(PAPER)).await.unwrap();
    assert_eq!(kept, None, "a record that was refused brings no document along");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_were_changed_are_not_handed_out() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let (app, _) = centre(&data).await;
    let (own, digest) = (agency("sokhcn"), Digest::of(PAPER));
    let typed = with("a.pdf", PAPER);
    attest::attest(&app, &officer("sokhcn"), &own, &typed).await.unwrap();
    // As a document of another digest would stand there after damage.
    let mut document = documents::open(&app, &lead(), &own, &digest).await.unwrap().0;
    document.digest = Digest::of(b"khac");
    let mut tx = app.store.begin().await.unwrap();
    tx.keep_document(&document, PAPER).await.unwrap();
    tx.commit().await.unwrap();
    let refused = documents::open(&app, &lead(), &own, &document.digest).await.unwrap_err();
    assert!(matches!(&refused, UseError::Conflict(what) if what.contains("SHA-256 differs")));
    let failed = audited(&app, "document.read").await;
    assert!(failed.iter().any(|(outcome, _)| *outcome == Outcome::Failed));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appeal_brings_a_document_and_so_does_the_record_that_corrects() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    let own = agency("soyt");
    attest::attest(&app, &officer("soyt"), &own, &training("10", "1")).await.unwrap();
    rounds::open(&app, &lead(), 2026, PACK).await.unwrap();
    rounds::review(&app, &lead(), 2026).await.unwrap();
    let list = Some(brought("Danh sách.txt", b"danh sach"));
    let new = appeal("soyt", AppealForm::Appeal);
    let id = appeals::lodge(&app, &officer("soyt"), new, list.as_ref()).await.unwrap();
    clock.forward(60);
    let judge = appraiser("thamdinh", "soct");
    let shown = appeals::get(&app, &judge, id).await.unwrap().appeal.about;
    let digest = Digest::of_reference(&shown.reference).unwrap();
    let (document, bytes) = documents::open(&app, &judge, &own, &digest).await.unwrap();
    assert_eq!((document.name.as_str(), bytes.as_slice()), ("Danh sách.txt", &b"danh sach"[..]));
    let marked = Some(brought("a.txt", "TỐI MẬT".as_bytes()));
    let new = appeal("soyt", AppealForm::Appeal);
    let marked = appeals::lodge(&app, &officer("soyt"), new, marked.as_ref()).await;
    assert!(matches!(marked, Err(UseError::Invalid(what)) if what.contains("secrecy")));

    let long = Typed { title: "Báo cáo ".repeat(8), ..with("Biên bản.txt", PAPER) };
    let verdict = Verdict::Accept(Box::new(long), None);
    appeals::decide(&app, &judge, id, verdict, "Đúng").await.unwrap();
    let seq = appeals::get(&app, &judge, id).await.unwrap().appeal.record.unwrap();
    let record = ledger::get(&app, &Caller::program(), seq).await.unwrap().0.about;
    assert!(record.reference.len() <= 200 && record.reference.starts_with("appeal "));
    let named = Digest::of_reference(&record.reference).unwrap();
    assert_eq!(documents::open(&app, &officer("soyt"), &own, &named).await.unwrap().1, PAPER);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_folder_opens_the_document_and_the_export_of_the_ledger_holds_its_digest_alone()
{
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    let (own, digest) = (agency("sokhcn"), Digest::of(PAPER));
    attest::attest(&app, &officer("sokhcn"), &own, &with("a.pdf", PAPER)).await.unwrap();
    let export = place.path().join("export");
    khien_app::ledger::export(&app.store, app.ledger_key(), &export, app.now()).await.unwrap();
    let text = std::fs::read(&export).unwrap();
    let has = |part: &[u8]| text.windows(part.len()).any(|window| window == part);
    assert!(has(digest.as_str().as_bytes()) && !has(b"a.pdf") && !has(PAPER));
    let restored = place.path().join("restored");
    DataFolder::create(&restored).unwrap();
    app.store.backup(&restored.join("khien.db")).await.unwrap();
    app.stop().await;

    let app = start(&restored, &clock).await;
    let (document, bytes) = documents::open(&app, &lead(), &own, &digest).await.unwrap();
    assert_eq!((document.name.as_str(), bytes.as_slice()), ("a.pdf", PAPER));
    app.stop().await;
}
