//! What the centre's own words of refusal say in Vietnamese.
//!
//! Domain and use cases tell in English what will not do. Each sentence that a form can meet has its
//! Vietnamese here, with the places where a value stands; what is not here is shown as it is.
//!
//! To add one: a pair, with `{}` where a value stands.

use khien_domain::account::Language;

/// English and Vietnamese.
const SENTENCES: &[(&str, &str)] = &[
    (
        "choose a zip or a rule file (.yml or .yaml)",
        "chọn một zip hoặc một tệp luật (.yml hoặc .yaml)",
    ),
    (
        "the upload is not held any more: upload it again",
        "tệp đã tải lên không còn được giữ: xin tải lên lại",
    ),
    ("no file of it can be taken", "không có tệp nào trong đó nhận được"),
    ("an upload of rules is at most {} MiB", "tệp luật tải lên dài nhất {} MiB"),
    ("it is neither a zip nor a text in UTF-8", "tệp không phải zip cũng không phải văn bản UTF-8"),
    ("the zip cannot be read: {}", "không đọc được zip: {}"),
    ("a zip of rules has at most {} entries", "zip luật có nhiều nhất {} mục"),
    ("a set has at most {} files", "một bộ luật có nhiều nhất {} tệp"),
    (
        "the files of a set are together at most {} MiB",
        "các tệp của một bộ luật cộng lại nhiều nhất {} MiB",
    ),
    (
        "there is no rule file (.yml or .yaml) in it",
        "trong đó không có tệp luật nào (.yml hoặc .yaml)",
    ),
    (
        "there is a set {} already; remove it first or choose a name",
        "đã có bộ luật {}: gỡ nó trước hoặc chọn tên khác",
    ),
    (
        "the name of a set is 1 to 40 of a–z, 0–9 and hyphen, beginning and ending with a letter or digit",
        "tên bộ luật gồm 1 đến 40 ký tự a–z, 0–9 và dấu gạch nối, bắt đầu và kết thúc bằng chữ hoặc số",
    ),
    (
        "not the path of a rule file: at most {} parts of 200 bytes, none of them hidden or «..», ending in .yml or .yaml",
        "không phải đường dẫn của tệp luật: nhiều nhất {} phần, mỗi phần 200 byte, không phần nào ẩn hoặc là «..», kết thúc bằng .yml hoặc .yaml",
    ),
    ("a file of this name stands before it", "đã có tệp cùng tên đứng trước"),
    ("a rule file is at most {} MiB", "tệp luật dài nhất {} MiB"),
    (
        "a filter changes rules that are there: it is made where rules are tuned",
        "đây là bộ lọc cho luật đã có: bộ lọc được tạo ở chỗ tinh chỉnh luật",
    ),
    ("there is no rule in it", "trong tệp không có luật nào"),
    ("the id {} is that of {}", "mã {} là của {}"),
    ("nothing is set for {} of the rule for {}", "chưa có thiết lập {} của luật này cho {}"),
    ("all agencies", "mọi cơ quan"),
    (
        "the switch is on or off, the level one of the five levels",
        "bật/tắt là bật hoặc tắt, mức là một trong năm mức",
    ),
    (
        "a filter that expires does so between now and {} days from now",
        "bộ lọc có hạn thì hết hạn trong vòng {} ngày tới",
    ),
    ("a filter is made of 1 to {} fields", "bộ lọc gồm 1 đến {} trường"),
    (
        "«{}» cannot be asked for: Sigma takes «|» for a modifier",
        "không hỏi được «{}»: Sigma coi «|» là dấu của phép so",
    ),
    ("the value of {} is empty", "giá trị của {} còn trống"),
    ("the value of {} is longer than {} bytes", "giá trị của {} dài quá {} byte"),
    (
        "{} is there twice; values of one field go into a list",
        "{} có hai lần; nhiều giá trị của một trường đặt vào một danh sách",
    ),
    (
        "the text is one Sigma filter: title, logsource and filter",
        "nội dung phải là một bộ lọc Sigma: title, logsource và filter",
    ),
    (
        "the filter is not on the rule {}: it does not name it",
        "bộ lọc không tác động đến luật {}: nó không nêu luật này",
    ),
    (
        "the filter is on {} rules; it may be on at most {}",
        "bộ lọc tác động đến {} luật; nhiều nhất được {}",
    ),
    ("the filter is longer than {} bytes", "bộ lọc dài quá {} byte"),
    (
        "a correlation is tuned by filters on the rules that it counts",
        "tương quan được tinh chỉnh bằng bộ lọc trên các luật mà nó đếm",
    ),
    ("there is no rule {}", "không có luật {}"),
    ("filter {} was ended before", "bộ lọc {} đã kết thúc từ trước"),
    ("line {}: {}", "dòng {}: {}"),
    ("the filter", "bộ lọc"),
    ("{} is empty", "{} chưa được điền"),
    ("{} is longer than {} bytes", "{} dài quá {} byte"),
    ("{} holds a control character", "{} có ký tự điều khiển"),
    ("the password is wrong", "mật khẩu không đúng"),
    ("a password has at least {} characters", "mật khẩu có ít nhất {} ký tự"),
    ("a password has at most {} characters", "mật khẩu có nhiều nhất {} ký tự"),
    (
        "this password is easily guessed: it is the user's name or a common word",
        "mật khẩu này dễ đoán: là tên đăng nhập hoặc từ quá quen",
    ),
    (
        "this password is easily guessed: it repeats few characters",
        "mật khẩu này dễ đoán: chỉ lặp vài ký tự",
    ),
    (
        "the code is not right: check the clock of the phone and type the newest",
        "mã không đúng: kiểm tra đồng hồ của điện thoại và gõ mã mới nhất",
    ),
    ("the passkey was not accepted", "khóa truy cập không được chấp nhận"),
    ("this passkey is registered already", "khóa truy cập này đã đăng ký"),
    ("the registration took too long: begin again", "đăng ký quá lâu: xin làm lại từ đầu"),
    ("setting up took too long: begin again", "thiết lập quá lâu: xin làm lại từ đầu"),
    (
        "this role needs a second factor: add a passkey first",
        "vai trò này cần yếu tố thứ hai: thêm khóa truy cập trước",
    ),
    (
        "this role needs a second factor: set up an authenticator first",
        "vai trò này cần yếu tố thứ hai: thiết lập ứng dụng xác thực trước",
    ),
    ("recovery codes go with an authenticator", "mã khôi phục đi cùng ứng dụng xác thực"),
    ("alert {} was changed meanwhile", "cảnh báo {} vừa được người khác thay đổi"),
    ("an alert cannot go from {} to {}", "cảnh báo không thể chuyển từ {} sang {}"),
    ("the permission {} is needed", "cần quyền {}"),
    ("agency {} is outside the scope", "cơ quan {} ngoài phạm vi được giao"),
    ("{} needs a scope over all agencies", "{} cần phạm vi mọi cơ quan"),
    ("the comment", "ghi chú"),
    ("the reason", "lý do"),
    ("the owner", "người chịu trách nhiệm"),
    ("the name", "tên"),
    ("the person's name", "tên người"),
    ("the passkey's name", "tên khóa truy cập"),
];

/// A sentence in a language.
pub(super) fn in_language(language: Language, sentence: &str) -> String {
    if language == Language::English {
        return sentence.to_owned();
    }
    for (english, vietnamese) in SENTENCES {
        if let Some(values) = values(english, sentence) {
            let mut values = values.into_iter();
            let mut parts = vietnamese.split("{}");
            let mut text = parts.next().unwrap_or_default().to_owned();
            for part in parts {
                let value = values.next().unwrap_or_default();
                // A value may be a sentence's part of its own, such as the name of a field.
                text.push_str(&word(value));
                text.push_str(part);
            }
            return text;
        }
    }
    sentence.to_owned()
}

fn word(value: &str) -> String {
    let known = SENTENCES.iter().find(|(english, _)| *english == value);
    known.map_or_else(|| value.to_owned(), |(_, vietnamese)| (*vietnamese).to_owned())
}

/// The values at the places of a pattern, if a sentence is of it.
fn values<'s>(pattern: &str, sentence: &'s str) -> Option<Vec<&'s str>> {
    let mut parts = pattern.split("{}");
    let mut rest = sentence.strip_prefix(parts.next()?)?;
    let mut values = Vec::new();
    let parts: Vec<&str> = parts.collect();
    for (at, part) in parts.iter().enumerate() {
        let is_last = at + 1 == parts.len();
        let end = if is_last {
            rest.len().checked_sub(part.len()).filter(|end| rest.get(*end..) == Some(*part))?
        } else {
            rest.find(part)?
        };
        values.push(&rest[..end]);
        rest = &rest[end + part.len()..];
    }
    (rest.is_empty()).then_some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_told_in_vietnamese_with_their_values() {
        let vi = |text| in_language(Language::Vietnamese, text);
        assert_eq!(vi("a password has at least 12 characters"), "mật khẩu có ít nhất 12 ký tự");
        assert_eq!(vi("the comment is longer than 4000 bytes"), "ghi chú dài quá 4000 byte");
        assert_eq!(vi("the reason is empty"), "lý do chưa được điền");
        assert_eq!(vi("something unheard of"), "something unheard of");
        assert_eq!(
            in_language(Language::English, "the password is wrong"),
            "the password is wrong"
        );
    }

    #[test]
    fn both_sides_have_the_same_places() {
        for (english, vietnamese) in SENTENCES {
            assert_eq!(
                english.matches("{}").count(),
                vietnamese.matches("{}").count(),
                "{english}"
            );
        }
    }
}
