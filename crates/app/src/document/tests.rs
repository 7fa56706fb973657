use std::io::Write as _;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use khien_domain::secrecy::Mark;
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization as _;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn of(bytes: &[u8]) -> Option<Mark> {
    assert!(is_one(bytes));
    mark(bytes).map(|found| found.mark)
}

/// A word document with a property and two paragraphs, the first cut into runs as Word does.
fn docx(property: &str, paragraph: &str) -> Vec<u8> {
    let half = paragraph.chars().count() / 2;
    let (one, two): (String, String) =
        (paragraph.chars().take(half).collect(), paragraph.chars().skip(half).collect());
    let core = format!(
        "<?xml version=\"1.0\"?><cp:coreProperties><dc:title>{property}</dc:title><dc:creator>An\
         </dc:creator></cp:coreProperties>"
    );
    let text = format!(
        "<w:document><w:body><w:p><w:r><w:t>{one}</w:t></w:r><w:r><w:t>{two}</w:t></w:r></w:p>\
         <w:p><w:r><w:t>Kính gửi: các đơn vị</w:t></w:r></w:p></w:body></w:document>"
    );
    archive(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("docProps/core.xml", core.as_bytes()),
        ("word/document.xml", text.as_bytes()),
    ])
}

fn marks() -> Vec<(String, Mark)> {
    let marks = [Mark::Secret, Mark::TopSecret, Mark::UtmostSecret];
    let written = marks.into_iter().flat_map(|mark| {
        let (composed, plain) =
            (mark.name().to_owned(), khien_domain::text::without_diacritics(mark.name()));
        let decomposed: String = composed.nfd().collect();
        [(composed, mark), (decomposed, mark), (plain, mark)]
    });
    written.collect()
}

#[test]
fn marks_are_found_in_documents_however_they_are_written() {
    for (text, mark) in marks() {
        assert_eq!(of(&docx(&text, "Báo cáo")), Some(mark), "property {text:?}");
        assert_eq!(of(&docx("Báo cáo", &text)), Some(mark), "paragraph {text:?}");
        let opened =
            format!("<office:document-meta><dc:subject>{text}</dc:subject></office:document-meta>");
        assert_eq!(of(&archive(&[("meta.xml", opened.as_bytes())])), Some(mark), "odt {text:?}");
        let content = format!("<text:p>{text}</text:p><text:p>x</text:p>");
        assert_eq!(of(&archive(&[("content.xml", content.as_bytes())])), Some(mark));
        let named = format!("kế hoạch/({text}) bản thảo.docx");
        assert_eq!(of(&archive(&[(&named, b"")])), Some(mark), "name {named:?}");
        let inner = archive(&[("a.docx", &docx("x", &text))]);
        assert_eq!(of(&inner), Some(mark), "inside {text:?}");
        let lines = format!("{text}\nnội dung\n");
        assert_eq!(of(&archive(&[("a.txt", lines.as_bytes())])), Some(mark), "text {text:?}");
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(&docx(&text, "x")).unwrap();
        assert_eq!(of(&packed.finish().unwrap()), Some(mark), "gzip {text:?}");
    }
    let own = "<Properties><property name=\"Độ mật\"><vt:lpwstr>T&#x1ED1;i m&#7853;t</vt:lpwstr>\
               </property></Properties>";
    let own = archive(&[("docProps/custom.xml", own.as_bytes())]);
    assert_eq!(of(&own), Some(Mark::TopSecret));
}

#[test]
fn marks_are_found_in_the_properties_of_a_pdf() {
    for (text, mark) in marks() {
        let units: Vec<u8> =
            std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
        let digits = units.iter().fold(String::new(), |all, byte| all + &format!("{byte:02X}"));
        let escaped = units.iter().fold(String::new(), |all, byte| all + &format!("\\{byte:03o}"));
        let info = [
            format!("1 0 obj <</Title <{digits}> /Producer (x)>> endobj"),
            format!("1 0 obj <</Keywords({escaped})>> endobj"),
            format!("<x:xmpmeta><rdf:li xml:lang=\"x-default\">{text}</rdf:li></x:xmpmeta>"),
        ];
        for info in info {
            let file = format!("%PDF-1.7\n{info}\ntrailer\n%%EOF\n");
            assert_eq!(of(file.as_bytes()), Some(mark), "{file}");
            let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
            packed.write_all(info.as_bytes()).unwrap();
            let packed = packed.finish().unwrap();
            let head =
                format!("%PDF-1.7\n5 0 obj <</Type /ObjStm /Length {}>>\nstream\r\n", packed.len());
            let file = [head.as_bytes(), &packed, b"\nendstream\n%%EOF\n"].concat();
            assert_eq!(of(&file), Some(mark), "packed {info}");
        }
    }
}

#[test]
fn marks_are_found_in_documents_of_the_older_word() {
    for (text, mark) in marks() {
        let mut file = OLE.to_vec();
        file.resize(512, 0);
        let body = format!("CỘNG HÒA XÃ HỘI\r{text}\rBáo cáo\r");
        file.extend(body.encode_utf16().flat_map(u16::to_le_bytes));
        file.extend([0xff; 64]);
        assert_eq!(of(&file), Some(mark), "{text:?}");
    }
}

#[test]
fn documents_without_a_mark_have_none() {
    for text in
        ["Quy định về bảo vệ bí mật nhà nước", "Đổi mật khẩu", "mat khau", "MẬT KHẨU", "Bảo mật"]
    {
        assert_eq!(of(&docx(text, text)), None, "{text}");
        let file = format!("%PDF-1.7\n1 0 obj <</Title ({text})>> endobj\n");
        assert_eq!(of(file.as_bytes()), None, "{text}");
    }
    assert_eq!(of(&archive(&[("doi_mat_khau.log", b"mat khau sai\n")])), None);
    assert!(is_one(b"\n%PDF-1.4\n") && !is_one(b"GET /a?b=%PDF-1.4 BZh9\n"));
    assert!(!is_one(b"<38>Nov 20 08:00:00 srv-01 sshd[7]: x\n") && !is_one(b"{\"a\":1}\n"));
}

#[test]
fn an_archive_that_swells_is_looked_at_within_the_budget() {
    let zeros = vec![b'0'; 4 << 20];
    let members: Vec<(String, &[u8])> =
        (0..40).map(|at| (format!("{at}.txt"), zeros.as_slice())).collect();
    let members: Vec<(&str, &[u8])> =
        members.iter().map(|(name, content)| (name.as_str(), *content)).collect();
    let mut look = Look { left: BUDGET, members: MEMBERS, found: None };
    look.content(&archive(&members), 0);
    assert_eq!(look.left, 0);
}

proptest! {
    #[test]
    fn no_bytes_are_a_fault(bytes in proptest::collection::vec(any::<u8>(), 0..2000), kind in 0..4_usize) {
        let head = [ZIP, PDF, OLE, GZIP][kind];
        let _ = mark(&[head, &bytes].concat());
    }
}
