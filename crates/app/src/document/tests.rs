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

/// A block of TIFF with one field.
fn tiff(is_little: bool, tag: u16, data: &[u8]) -> Vec<u8> {
    let short = |number: u16| if is_little { number.to_le_bytes() } else { number.to_be_bytes() };
    let long = |number: usize| {
        let number = u32::try_from(number).unwrap();
        if is_little { number.to_le_bytes() } else { number.to_be_bytes() }
    };
    let head: &[u8] = if is_little { b"II*\0" } else { b"MM\0*" };
    // The field's text stands after the directory.
    [
        head,
        &long(8),
        &short(1),
        &short(tag),
        &short(2),
        &long(data.len()),
        &long(26),
        &long(0),
        data,
    ]
    .concat()
}

#[test]
fn marks_are_found_in_what_scans_say_of_themselves() {
    let segment = |kind: u8, data: &[u8]| {
        let length = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
        [&[0xff, kind], &length[..], data].concat()
    };
    let chunk = |kind: &[u8; 4], data: &[u8]| {
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        [&length[..], kind, data, &[0; 4]].concat()
    };
    let packed = |text: &str| {
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(text.as_bytes()).unwrap();
        packed.finish().unwrap()
    };
    for (text, mark) in marks() {
        // Short texts would stand in the field itself.
        let described = format!("{text}    ");
        let wide: Vec<u8> = described.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let exif = |is_little| {
            [b"Exif\0\0".as_slice(), &tiff(is_little, 0x010e, described.as_bytes())].concat()
        };
        let jpeg = |segments: Vec<u8>| {
            [b"\xff\xd8".as_slice(), &segment(0xe0, b"JFIF\0"), &segments, b"\xff\xda\0\x02ab"]
                .concat()
        };
        let png = |chunks: Vec<u8>| {
            [
                b"\x89PNG\r\n\x1a\n".as_slice(),
                &chunk(b"IHDR", &[0; 13]),
                &chunks,
                &chunk(b"IEND", b""),
            ]
            .concat()
        };
        let xmp =
            format!("<x:xmpmeta><rdf:Description photoshop:Headline=\"{text}\"/></x:xmpmeta>");
        for file in [
            jpeg(segment(0xfe, text.as_bytes())),
            jpeg(segment(0xe1, &exif(true))),
            jpeg(segment(0xe1, &exif(false))),
            jpeg(segment(0xe1, xmp.as_bytes())),
            png(chunk(b"tEXt", format!("Title\0{text}").as_bytes())),
            png(chunk(b"zTXt", &[b"Title\0\0", packed(&text).as_slice()].concat())),
            png(chunk(b"iTXt", format!("Title\0\0\0vi\0Tựa đề\0{text}").as_bytes())),
            png(chunk(
                b"iTXt",
                &["Title\0\u{1}\0vi\0Tựa đề\0".as_bytes(), &packed(&text)].concat(),
            )),
            png(chunk(b"eXIf", &tiff(true, 0x9c9b, &wide))),
            tiff(true, 0x010e, described.as_bytes()),
            tiff(false, 0x9c9c, &wide),
        ] {
            assert_eq!(of(&file), Some(mark), "{text:?}: {file:?}");
            // What it is packed in changes nothing, and damage is no fault.
            assert_eq!(of(&archive(&[("quet.dat", &file)])), Some(mark));
            for end in 0..file.len() {
                let _ = super::mark(&file[..end]);
            }
        }
        // The picture itself says nothing.
        let painted = [b"\xff\xd8".as_slice(), b"\xff\xda\0\x02", text.as_bytes()].concat();
        assert_eq!(of(&painted), None);
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
    fn no_bytes_are_a_fault(bytes in proptest::collection::vec(any::<u8>(), 0..2000), kind in 0..7_usize) {
        let images: [&[u8]; 3] = [b"\xff\xd8\xff\xe1\0\x40Exif\0\0II*\0", b"\x89PNG\r\n\x1a\n", b"MM\0*"];
        let head = [ZIP, PDF, OLE, GZIP, images[0], images[1], images[2]][kind];
        let _ = mark(&[head, &bytes].concat());
    }
}
