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
    let folder = language.pick("Thư mục dữ liệu", "Data folder");
    text.push_str(&format!("\n{folder}: {data}\n\n"));
    for Account { role, user, password, totp_secret } in accounts {
        text.push_str(&format!("  {role:<12} {user:<16} {password}"));
        if let Some(secret) = totp_secret {
            text.push_str(&format!("  TOTP {secret}"));
        }
        text.push('\n');
    }
    let first = match language {
        Language::Vi => VI,
        Language::En => EN,
    };
    text.push_str(&first.replace("{data}", data));
    text
}

const VI: &str = "
Thử trước tiên, ở cửa sổ lệnh khác:
  khien alert list --data {data}
      cảnh báo, mới nhất trước
  khien search --data {data} 'src_ip:203.0.113.0/24'
      việc làm của những kẻ tấn công
  khien source list --data {data}
      nguồn nào đang gửi, nguồn nào im lặng

Nhật ký của 24 giờ trước đang được nạp; sau đó cứ khoảng một phút lại có một vụ tấn công.
Nhấn Ctrl-C để dừng.";

const EN: &str = "
Try first, in another window:
  khien alert list --data {data}
      alerts, newest first
  khien search --data {data} 'src_ip:203.0.113.0/24'
      what the attackers did
  khien source list --data {data}
      which source sends, and which is silent

The last 24 hours are being handed in; then another attack begins every minute or so.
Press Ctrl-C to stop.";

/// The past is there.
pub(super) fn past_is_there(language: Language) -> &'static str {
    language.pick("Đã nạp xong 24 giờ trước.", "The last 24 hours are there.")
}

/// It goes on now.
pub(super) fn stopping(language: Language) -> &'static str {
    language.pick("Đang dừng…", "Stopping…")
}
