use proptest::prelude::*;

use super::*;

const SECRET: Option<Mark> = Some(Mark::Secret);
const TOP: Option<Mark> = Some(Mark::TopSecret);
const UTMOST: Option<Mark> = Some(Mark::UtmostSecret);

fn nfd(text: &str) -> String {
    text.nfd().collect()
}

fn of_name(name: &str) -> Option<Mark> {
    find(name, [], "").map(|found| found.mark)
}

fn of_text(text: &str) -> Option<Mark> {
    find("tep.txt", [], text).map(|found| found.mark)
}

fn of_metadata(text: &str) -> Option<Mark> {
    find("tep.docx", [text], "").map(|found| found.mark)
}

#[test]
fn marks_in_names_of_files() {
    for (name, mark) in [
        ("Kế hoạch (MẬT).docx", SECRET),
        ("MẬT - Kế hoạch diễn tập.docx", SECRET),
        ("MAT_ke_hoach.pdf", SECRET),
        ("ke-hoach-MAT.pdf", SECRET),
        ("[MAT] bao cao.docx", SECRET),
        ("Bao cao TOI MAT.docx", TOP),
        ("BAO_CAO_TUYET_MAT_2026.PDF", UTMOST),
        ("báo cáo tối mật.docx", TOP),
        ("bao-cao-tuyet-mat.docx", UTMOST),
        ("MẬT.pdf", SECRET),
        ("mat_khau.txt", None),
        ("MAT_KHAU_WIFI.txt", None),
        ("MẬT KHẨU.docx", None),
        ("BAO_MAT_HE_THONG.log", None),
        ("CHINH_SACH_BAO_MAT.pdf", None),
        ("BÍ MẬT KINH DOANH.docx", None),
        ("Quy định bảo mật.docx", None),
        ("mat-ong.jpg", None),
        ("toi_mat_khau.txt", None),
        ("TỐI MẬT khẩu hiệu.docx", TOP),
        ("MẶT TRƯỚC.jpg", None),
        ("format.csv", None),
        ("MATLAB.zip", None),
        ("Mat-xich.evtx", None),
        ("Security.evtx", None),
    ] {
        assert_eq!(of_name(name), mark, "{name}");
        assert_eq!(of_name(&nfd(name)), mark, "{name} in NFD");
    }
}

#[test]
fn marks_in_text() {
    for (text, mark) in [
        ("MẬT", SECRET),
        ("  TỐI MẬT  \nKế hoạch", TOP),
        ("UBND TỈNH MINH HỌA\nSố: 01/KH\nTUYỆT MẬT\n", UTMOST),
        ("*** MẬT ***", SECRET),
        ("[ TOI MAT ]", TOP),
        ("(MAT)", SECRET),
        ("M Ậ T", SECRET),
        ("T U Y Ệ T  M Ậ T", UTMOST),
        ("MAT", SECRET),
        ("TUYET MAT", UTMOST),
        ("TOI_MAT", TOP),
        ("TUYỆT-MẬT", UTMOST),
        ("Tối mật", TOP),
        ("TÀI LIỆU MẬT", SECRET),
        ("VĂN BẢN TỐI MẬT", TOP),
        ("Độ mật: Tối mật", TOP),
        ("độ mật : mật", SECRET),
        ("Do mat: MAT", SECRET),
        ("Do mat: tuyet mat", UTMOST),
        ("Mức độ mật = TUYỆT MẬT", UTMOST),
        ("KẾ HOẠCH DIỄN TẬP (TỐI MẬT)", TOP),
        ("Kế hoạch diễn tập (MẬT)", SECRET),
        ("KE HOACH DIEN TAP (MAT)", SECRET),
        ("Ke hoach dien tap (TOI MAT)", TOP),
    ] {
        assert_eq!(of_text(text), mark, "{text}");
        assert_eq!(of_text(&nfd(text)), mark, "{text} in NFD");
    }
}

#[test]
fn words_that_are_no_mark() {
    for text in [
        "mật khẩu",
        "MẬT KHẨU",
        "Mật",
        "mat",
        "Mat",
        "BẢO MẬT",
        "BÍ MẬT",
        "MẶT",
        "MẮT",
        "MÁT",
        "TỐI MẮT",
        "Độ mật: Không",
        "Độ mật: thường",
        "Mật khẩu: MAT",
        "Nov 22 05:46:41 web01 sshd[812]: Failed password for MAT from 203.0.113.9 port 22",
        "user=MAT action=login",
        "[MAT] worker started in 12 ms",
        "2026-10-15 08:00:00 [MAT] heap dump written",
        r#"{"user":"MAT","message":"bảo mật"}"#,
        "Văn bản có đóng dấu \"MẬT\" thì không được tải lên hệ thống này theo quy định.",
        "Cán bộ giữ tuyệt mật thông tin khách hàng",
        "CHẾ ĐỘ BẢO MẬT TỐI ĐA",
        "GIẢI MẬT",
        "MẬT MÃ",
        "ĐỘ MẬT",
        "FORMAT",
        "MAT-01",
    ] {
        assert_eq!(of_text(text), None, "{text}");
        assert_eq!(of_text(&nfd(text)), None, "{text} in NFD");
    }
}

#[test]
fn marks_in_metadata() {
    for (text, mark) in [
        ("MẬT", SECRET),
        ("Mật", SECRET),
        ("kế hoạch; tối mật", TOP),
        ("Keywords: TUYET MAT", UTMOST),
        ("Category: Mật", SECRET),
        ("Độ mật: mat", SECRET),
        ("Kế hoạch (MẬT)", SECRET),
        ("bảo mật, mật khẩu", None),
        ("mat", None),
        ("Title: Chính sách bảo mật", None),
    ] {
        assert_eq!(of_metadata(text), mark, "{text}");
        assert_eq!(of_metadata(&nfd(text)), mark, "{text} in NFD");
    }
}

#[test]
fn the_gravest_mark_is_told_with_its_place() {
    let found = find("MẬT.docx", ["tối mật"], "Kế hoạch\n\nTUYỆT MẬT").unwrap();
    assert_eq!(found, Found { mark: Mark::UtmostSecret, place: Place::Line(3) });
    let found = find("MẬT.docx", ["tối mật"], "").unwrap();
    assert_eq!(found, Found { mark: Mark::TopSecret, place: Place::Metadata });
    assert_eq!(find("x.docx", [], &("\n".repeat(LINES) + "MẬT")), None, "far below the head");
}

proptest! {
    #[test]
    fn any_text_is_answered(name in "\\PC{0,60}", text in "[\\PC\n]{0,300}") {
        let _ = find(&name, [text.as_str()], &text);
    }

    #[test]
    fn letters_around_make_another_word(before in "[a-zA-Zậ]{1,4}", after in "[a-zA-Zậ]{1,4}") {
        prop_assert_eq!(of_text(&format!("{before}MẬT{after}")), None);
        prop_assert_eq!(of_name(&format!("{before}MAT{after}.txt")), None);
    }
}
