//! An agency brings a document with what it says of itself; a reviewer of another agency opens it.

use khien_domain::account::Role;
use khien_domain::document::Digest;
use khien_domain::permission::AgencyScope;

use super::support::{Browser, invite, only, register_another, text};
use crate::support::{Centre, Reply};

const PAPER: &[u8] = "Báo cáo bồi dưỡng năm 2026\r\n\0 <b>không phải trang</b>".as_bytes();

fn fields(sha256: &str) -> [(&str, &str); 7] {
    [
        ("agency", "sokhcn"),
        ("kind", "training.year"),
        ("subject", "2026"),
        ("f-staff", "10"),
        ("f-completed", "9"),
        ("title", "Báo cáo bồi dưỡng"),
        ("sha256", sha256),
    ]
}

fn goes_to(reply: &Reply) -> String {
    assert_eq!(reply.status, 303, "{}", text(reply));
    reply.headers["location"].split('?').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reviewer_of_another_agency_opens_the_document_and_an_officer_of_another_does_not() {
    let centre = Centre::start_with_rules().await;
    register_another(&centre).await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    invite(&centre, "canbokhac", Role::Officer, only("soyt")).await;
    invite(&centre, "thamdinh", Role::Appraiser, AgencyScope::All).await;
    let mut officer = Browser::of(&centre, "canbo").await;
    let form = text(&officer.get("/evidence/new?agency=sokhcn&kind=training.year").await);
    for wanted in ["enctype=\"multipart/form-data\"", "type=\"file\" name=\"file\"", "Tối đa 10 MB"]
    {
        assert!(form.contains(wanted), "{wanted}: {form}");
    }
    let name = "Báo cáo.pdf";
    let sent = officer.post_file_and("/evidence/new", &fields(""), name, PAPER).await;
    let record = goes_to(&sent);
    let digest = Digest::of(PAPER);
    let href = format!("/documents/sokhcn/{digest}");
    let page = text(&officer.get(&record).await);
    assert!(page.contains(&format!("href=\"{href}\"")), "{page}");
    assert!(page.contains("Tài liệu (Báo cáo.pdf, 64 B)"), "{page}");
    assert!(page.contains(&format!("sha256:{digest}")), "{page}");

    let mut judge = Browser::of(&centre, "thamdinh").await;
    let list = text(&judge.get("/reviews").await);
    assert!(list.contains(&format!("href=\"{href}\"")), "{list}");
    let file = judge.get(&href).await;
    assert_eq!((file.status, file.body.as_slice()), (200, PAPER));
    for (header, value) in [
        ("content-type", "application/octet-stream"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(file.headers[header], value);
    }
    let disposition = &file.headers["content-disposition"];
    let whole = "attachment; filename=\"B_o c_o.pdf\"; filename*=UTF-8''B%C3%A1o%20c%C3%A1o.pdf";
    assert_eq!(disposition, whole);

    let mut stranger = Browser::of(&centre, "canbokhac").await;
    assert_eq!(stranger.get(&href).await.status, 404);
    let other = format!("/documents/soyt/{digest}");
    assert_eq!(judge.get(&other).await.status, 404, "another agency has no such document");
    assert_eq!(judge.get("/documents/sokhcn/abc").await.status, 404);
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_without_a_file_goes_on_as_before_and_says_that_none_is_kept() {
    let centre = Centre::start_with_rules().await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    let mut officer = Browser::of(&centre, "canbo").await;
    // As a browser sends a form in which no file was chosen.
    let sent = officer.post_file_and("/evidence/new", &fields(""), "", b"").await;
    let page = text(&officer.get(&goes_to(&sent)).await);
    assert!(page.contains("Chỉ ghi số hiệu văn bản; trung tâm không giữ tệp."), "{page}");
    let digest = Digest::of(b"giu o co quan").to_string();
    let sent = officer.post("/evidence/new", &fields(&digest)).await;
    let page = text(&officer.get(&goes_to(&sent)).await);
    assert!(page.contains("Chỉ ghi SHA-256 của văn bản; trung tâm không giữ tệp."), "{page}");
    assert!(!page.contains("/documents/"), "{page}");
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_told_beside_its_field() {
    let centre = Centre::start_with_rules().await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    let mut officer = Browser::of(&centre, "canbo").await;
    let other = Digest::of(b"khac").to_string();
    let large = vec![b'x'; (10 << 20) + 1];
    for (sha256, name, file, field, told) in [
        (other.as_str(), "a.pdf", PAPER, "sha256", "đây không phải SHA-256 của tệp"),
        ("", "a.pdf", b"", "file", "tệp trống"),
        ("", "a.pdf", &large, "file", "tệp lớn hơn 10 MB"),
        ("", "a\u{202e}fdp.exe", PAPER, "file", "tên tệp có thư mục"),
        ("", "a.txt", "TỐI MẬT\nKế hoạch".as_bytes(), "file", "có dấu độ mật"),
    ] {
        let reply = officer.post_file_and("/evidence/new", &fields(sha256), name, file).await;
        let page = text(&reply);
        assert_eq!(reply.status, 400, "{told}");
        let beside = format!("id=\"wrong-{field}\" role=\"alert\">{told}");
        assert!(page.contains(&beside), "{beside}: {page}");
        assert!(page.contains("Xin chọn lại tệp"), "{page}");
    }
    let whole = vec![b'x'; 11 << 20];
    let reply = officer.post_file_and("/evidence/new", &fields(""), "a.pdf", &whole).await;
    assert_eq!(reply.status, 413);
    let list = text(&officer.get("/evidence?type=training.year").await);
    assert!(!list.contains("data-row="), "nothing was kept: {list}");
    centre.stop().await;
}
