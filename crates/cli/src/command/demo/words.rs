//! What the demonstration says to the person at the screen.

use khien_demo::province::BANNER;

use super::accounts::Account;
use crate::language::Language;

/// The centre is there: where, who may sign in, and what to try first.
pub(super) fn welcome(language: Language, url: &str, data: &str, accounts: &[Account]) -> String {
    let mut text = format!("{BANNER}\n\n");
    text.push_str(match language {
        Language::Vi => "Trung tâm minh họa «Tỉnh Minh Họa» đang chạy tại  ",
        Language::En => "The demonstration «Tỉnh Minh Họa» runs at  ",
    });
    text.push_str(url);
    text.push_str(&folder_and_accounts(language, data, accounts));
    let first = match language {
        Language::Vi => VI,
        Language::En => EN,
    };
    text.push_str(&first.replace("{data}", data));
    text
}

/// The folder is being filled: with what, who may sign in, and how to go on.
pub(super) fn filling(language: Language, data: &str, accounts: &[Account]) -> String {
    let what = language.pick(
        "Đang nạp «Tỉnh Minh Họa»: nhật ký của 24 giờ trước và bằng chứng của một năm.",
        "«Tỉnh Minh Họa» is being filled in: the logs of the last 24 hours and a year of evidence.",
    );
    let next = language
        .pick("Xem trung tâm này:  khien demo --data ", "To look at it:  khien demo --data ");
    let folder = folder_and_accounts(language, data, accounts);
    format!("{BANNER}\n\n{what}{folder}\n{next}{data}")
}

fn folder_and_accounts(language: Language, data: &str, accounts: &[Account]) -> String {
    let folder = language.pick("Thư mục dữ liệu", "Data folder");
    let mut text = format!("\n{folder}: {data}\n\n");
    for Account { role, user, password, totp_secret } in accounts {
        text.push_str(&format!("  {role:<12} {user:<16} {password}"));
        if let Some(secret) = totp_secret {
            text.push_str(&format!("  TOTP {secret}"));
        }
        text.push('\n');
    }
    text
}

const VI: &str = "
Mở địa chỉ trên trong trình duyệt. Thử trước tiên:
  truc1          Cảnh báo: phím j và k để đi, a nhận, c đóng, s tạm ẩn, t tinh chỉnh, ? xem mọi phím
  canbo-sokhcn   chỉ thấy cơ quan mình: nguồn nào im lặng, sửa thế nào, nối máy mới ra sao
  lanhdao        Tổng quan: một trang để in
  truongca, quantri cần thêm mã 6 số: nhập chuỗi TOTP ở trên vào ứng dụng xác thực

Nhật ký của 24 giờ trước đang được nạp; sau đó cứ khoảng một phút lại có một vụ tấn công.
Thư mục dữ liệu dùng được với mọi lệnh: khien search --data {data} 'src_ip:203.0.113.0/24'
Nhấn Ctrl-C để dừng.";

const EN: &str = "
Open the address above in a browser. Try first:
  truc1          Alerts: j and k to walk, a takes, c closes, s suppresses, t tunes, ? tells all keys
  canbo-sokhcn   sees one agency: which source is silent, how to mend it, how to connect a machine
  lanhdao        Overview: one page to print
  truongca, quantri need a six-digit code too: type the TOTP text above into an authenticator

The last 24 hours are being handed in; then another attack begins every minute or so.
All commands work on the data folder: khien search --data {data} 'src_ip:203.0.113.0/24'
Press Ctrl-C to stop.";

/// The past is there.
pub(super) fn past_is_there(language: Language) -> &'static str {
    language.pick("Đã nạp xong 24 giờ trước.", "The last 24 hours are there.")
}

/// All of it is there.
pub(super) fn filled(language: Language) -> &'static str {
    language.pick("Đã nạp xong.", "All of it is there.")
}

/// It ends now.
pub(super) fn stopping(language: Language) -> &'static str {
    language.pick("Đang dừng…", "Stopping…")
}
