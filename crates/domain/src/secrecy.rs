//! Marks of state secrets: MẬT, TỐI MẬT, TUYỆT MẬT as a document's mark.
//!
//! The centre is for work that is not secret: whatever bears a mark of secrecy is refused at every
//! upload and not stored (Law 117/2025/QH15 on the protection of state secrets; requirements A030,
//! A086). Names and the beginning of the text come in, the mark goes out; what is done about it is
//! the caller's.
//!
//! A mark is told from the word. «Mật khẩu», «bảo mật», «bí mật» are everywhere in what a security
//! centre reads; a mark stands alone: on a line of its own, in brackets, after a label such as
//! «Độ mật:», or as a word of its own in capitals in a file's name. It counts in NFC, in NFD and
//! without diacritics. With other diacritics («MẶT», «MẮT») it is another word. Where in doubt at a
//! file's name the answer is yes: a person can rename a file, and cannot take back a leak. In text
//! it is no: logs are full of words.

use unicode_normalization::UnicodeNormalization;

use crate::text::without_diacritics;

/// A mark of secrecy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// Mật.
    Secret,
    /// Tối mật.
    TopSecret,
    /// Tuyệt mật.
    UtmostSecret,
}

impl Mark {
    /// The mark as it stands on a document.
    pub fn name(self) -> &'static str {
        match self {
            Self::Secret => "MẬT",
            Self::TopSecret => "TỐI MẬT",
            Self::UtmostSecret => "TUYỆT MẬT",
        }
    }
}

/// Where a mark stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the file's name.
    Name,
    /// In the file's metadata.
    Metadata,
    /// In the text, on this line, counted from 1.
    Line(usize),
}

/// A mark and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The mark.
    pub mark: Mark,
    /// Where.
    pub place: Place,
}

/// How many lines of a text are looked at: marks stand at the head of a document.
const LINES: usize = 200;
/// Longer lines bear no mark in brackets: they are sentences or records of a log.
const LINE_CHARS: usize = 120;

/// The gravest mark of a document.
///
/// `file_name` is its name without folders, `metadata` the texts of its properties (title, subject,
/// keywords, category, custom properties; for a property with a name, `name: value`), `head` the
/// beginning of its text.
pub fn find<'a>(
    file_name: &str,
    metadata: impl IntoIterator<Item = &'a str>,
    head: &str,
) -> Option<Found> {
    let at = |place| move |mark| Found { mark, place };
    let name = in_name(file_name).map(at(Place::Name));
    let metadata = metadata.into_iter().filter_map(in_metadata).max().map(at(Place::Metadata));
    let lines = head.lines().take(LINES).enumerate();
    let text = lines.filter_map(|(number, line)| in_line(line).map(at(Place::Line(number + 1))));
    name.into_iter().chain(metadata).chain(text).max_by_key(|found| found.mark)
}

/// The gravest mark on a detection rule or a filter: in what it says about itself and in its comments.
///
/// What it looks for is left out: a rule that finds documents by their stamp names the stamp.
pub fn find_in_rule(text: &str) -> Option<Found> {
    let mut looks = false;
    let said = text.lines().enumerate().filter_map(|(at, line)| {
        let bare = line.trim_start();
        if !bare.starts_with('#') {
            // A key at the beginning of a line opens a part.
            if let Some(key) = top_key(line) {
                looks = LOOKING.contains(&key);
            }
            if looks {
                return None;
            }
        }
        let value = bare.split_once(": ").map_or(bare, |(_, value)| value);
        let mark = in_line(value).or_else(|| in_line(bare))?;
        Some(Found { mark, place: Place::Line(at + 1) })
    });
    said.max_by_key(|found| found.mark)
}

/// Parts of a rule that say what is looked for.
const LOOKING: [&str; 3] = ["detection", "filter", "correlation"];

fn top_key(line: &str) -> Option<&str> {
    let (key, _) = line.split_once(':')?;
    (!key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some(key)
}

/// The gravest mark in comments of a list, such as one of indicators. Its values are looked for.
pub fn find_in_comments(text: &str) -> Option<Found> {
    let comments = text.lines().enumerate().filter(|(_, line)| line.trim_start().starts_with('#'));
    let marked = comments.filter_map(|(at, line)| {
        in_line(line).map(|mark| Found { mark, place: Place::Line(at + 1) })
    });
    marked.max_by_key(|found| found.mark)
}

/// How a mark is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    /// In capitals only.
    Capitals,
    /// In any case.
    Any,
}

/// The mark that a text is, as a whole. Words without diacritics count in capitals only, unless
/// something else already says that this is a mark (`labelled`).
fn exact(text: &str, case: Case, labelled: bool) -> Option<Mark> {
    let text: String = text.nfc().collect();
    // «TOI_MAT», as names of files go.
    let parted = |c: char| c.is_whitespace() || matches!(c, '_' | '-');
    let mut words: Vec<&str> = text.split(parted).filter(|word| !word.is_empty()).collect();
    // «M Ậ T», as stamps are sometimes typed.
    let joined: String = words.concat();
    if words.len() >= 3 && words.iter().all(|word| word.chars().count() == 1) {
        words = match joined.to_uppercase().as_str() {
            "MẬT" | "MAT" => vec![&joined],
            "TỐIMẬT" | "TOIMAT" | "TUYỆTMẬT" | "TUYETMAT" => {
                let end = joined.char_indices().rev().nth(2).map_or(0, |(at, _)| at);
                vec![&joined[..end], &joined[end..]]
            }
            _ => return None,
        };
    }
    let capitals = !text.chars().any(char::is_lowercase);
    let plain = words.iter().all(|word| word.is_ascii());
    let allowed = capitals || (case == Case::Any && (!plain || labelled));
    if !allowed {
        return None;
    }
    let upper: Vec<String> = words.iter().map(|word| word.to_uppercase()).collect();
    let upper: Vec<&str> = upper.iter().map(String::as_str).collect();
    match upper.as_slice() {
        ["MẬT" | "MAT"] => Some(Mark::Secret),
        ["TỐI", "MẬT"] | ["TOI", "MAT"] => Some(Mark::TopSecret),
        ["TUYỆT", "MẬT"] | ["TUYET", "MAT"] => Some(Mark::UtmostSecret),
        _ => None,
    }
}

/// Labels before a mark, without diacritics, in lower case.
const LABELS: [&str; 9] = [
    "do mat",
    "muc do mat",
    "muc mat",
    "cap do mat",
    "dau mat",
    "dau do mat",
    "do bao mat",
    "phan loai do mat",
    "phan loai mat",
];

/// The mark after a label: «Độ mật: Tối mật».
fn labelled(text: &str) -> Option<Mark> {
    let (label, value) = text.split_once([':', '='])?;
    let label = without_diacritics(bare(label)).to_lowercase();
    let label = label.split_whitespace().collect::<Vec<_>>().join(" ");
    LABELS.contains(&label.as_str()).then(|| exact(bare(value), Case::Any, true)).flatten()
}

/// A text without the brackets, quotes, rules and stars around it.
fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| !c.is_alphanumeric() && !is_mark_char(c))
}

/// A combining mark belongs to the letter before it.
fn is_mark_char(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

fn in_metadata(text: &str) -> Option<Mark> {
    let values = text.split([';', ',', '|', '\n']);
    let value = |value: &str| {
        let named = value.split_once(':').map_or(value, |(_, value)| value);
        labelled(value)
            .or_else(|| exact(bare(named), Case::Any, false))
            .or_else(|| bracketed(value))
    };
    values.filter_map(value).max()
}

fn in_line(line: &str) -> Option<Mark> {
    // Long lines are not folded or searched: a mark is short.
    if line.len() > 8 * LINE_CHARS || line.chars().count() > LINE_CHARS {
        return None;
    }
    let words = bare(line);
    let titled = || {
        ["VĂN BẢN", "TÀI LIỆU", "HỒ SƠ", "BÍ MẬT NHÀ NƯỚC ĐỘ"].into_iter().find_map(|title| {
            let words: String = words.nfc().collect();
            exact(words.strip_prefix(title)?, Case::Capitals, false)
        })
    };
    exact(words, Case::Capitals, false)
        .or_else(|| two_words_in_any_case(words))
        .or_else(titled)
        .or_else(|| labelled(line))
        .or_else(|| bracketed(line))
}

/// «Tối mật» on a line of its own is a mark in any case; «Mật» may be the beginning of a list.
fn two_words_in_any_case(words: &str) -> Option<Mark> {
    exact(words, Case::Any, false).filter(|mark| *mark != Mark::Secret)
}

/// A mark in capitals alone in brackets: «Kế hoạch (TỐI MẬT)». Without diacritics only where the
/// brackets open or close the line, since short words in brackets are names of programs in logs.
fn bracketed(line: &str) -> Option<Mark> {
    let mut found = None;
    let opens = line.match_indices(['(', '[', '{', '«', '【']);
    for (at, bracket) in opens {
        let rest = &line[at + bracket.len()..];
        let Some(end) = rest.find([')', ']', '}', '»', '】']) else { continue };
        let Some(mark) = exact(&rest[..end], Case::Capitals, false) else { continue };
        let before = line[..at].trim();
        let after = rest[end..].chars().skip(1).collect::<String>();
        let edge = before.is_empty() || after.trim().is_empty();
        // «[MAT] worker started» is a log; «[MAT] KẾ HOẠCH» is a title.
        let title = !(before.to_owned() + &after).chars().any(|c| c.is_ascii_lowercase());
        if !rest[..end].is_ascii() || (edge && (title || mark != Mark::Secret)) {
            found = found.max(Some(mark));
        }
    }
    found
}

/// Words that make another word of «mật» when they stand before or after it.
const BEFORE: [&str; 14] = [
    "bao", "bi", "co", "can", "than", "tham", "giai", "giam", "ong", "duong", "ngot", "be", "ra",
    "chong",
];
const AFTER: [&str; 16] = [
    "khau", "ma", "vu", "do", "the", "thu", "danh", "lenh", "nghi", "thiet", "ong", "bao", "dao",
    "hieu", "uoc", "ngot",
];

/// A mark as a word of its own in capitals in a file's name: `KE_HOACH_TOI_MAT.docx`,
/// «Báo cáo (MẬT).pdf», «MẬT - kế hoạch.docx»; the two-word marks in any case.
fn in_name(name: &str) -> Option<Mark> {
    let name: String = name.nfc().collect();
    // Words, and what stands between them: one blank, hyphen or underscore joins words.
    let mut words: Vec<&str> = Vec::new();
    let mut joined: Vec<bool> = Vec::new();
    let mut gap = 0;
    for piece in name.split_inclusive(|c: char| !c.is_alphanumeric()) {
        let word = piece.trim_end_matches(|c: char| !c.is_alphanumeric());
        let separator = &piece[word.len()..];
        if !word.is_empty() {
            joined.push(gap == 1);
            words.push(word);
            gap = 0;
        }
        gap += if matches!(separator, " " | "_" | "-") { 1 } else { 2 };
    }
    let is = |list: &[&str], word: Option<&&str>| {
        word.is_some_and(|word| list.contains(&without_diacritics(word).to_lowercase().as_str()))
    };
    let mark_at = |at: usize| {
        let before = at.checked_sub(1).and_then(|before| words.get(before));
        let goes_on = joined.get(at + 1) == Some(&true) && is(&AFTER, words.get(at + 1));
        let pair = before.map(|before| format!("{before} {}", words[at]));
        // «toi_mat_khau»: without diacritics, what goes on as another word is one.
        let pair = pair
            .filter(|pair| !goes_on || !pair.is_ascii())
            .and_then(|pair| exact(&pair, Case::Any, true));
        pair.or_else(|| {
            let other_word = goes_on || (joined[at] && is(&BEFORE, before));
            exact(words[at], Case::Capitals, false).filter(|_| !other_word)
        })
    };
    (0..words.len()).filter_map(mark_at).max()
}

#[cfg(test)]
#[path = "secrecy/tests.rs"]
mod tests;
