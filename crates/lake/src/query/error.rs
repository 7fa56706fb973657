//! What is wrong with a query, and where.

use std::fmt;

use super::{MAX_DEPTH, MAX_QUERY_BYTES, MAX_TERMS};

/// A query that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryError {
    /// Where, in letters from the beginning, the first being 0.
    pub at: usize,
    /// Why.
    pub reason: Reason,
}

/// Why a query cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// A quotation does not end.
    OpenQuote,
    /// A parenthesis is not closed.
    OpenParenthesis,
    /// A parenthesis closes what was not opened.
    StrayParenthesis,
    /// `AND`, `OR`, `NOT`, `-` or a parenthesis has nothing to work on.
    NothingHere,
    /// `field:` without a value.
    NoValue,
    /// A range is not `[a TO b]` or `{a TO b}`.
    BadRange,
    /// A range or comparison without a field.
    RangeWithoutField,
    /// A network with more fixed bits than its address has.
    BadNetwork,
    /// A bound of `time` or `received` that is not a moment.
    BadMoment(String),
    /// Too long.
    TooLong,
    /// Too many terms.
    TooManyTerms,
    /// Too deep.
    TooDeep,
}

impl QueryError {
    /// The error in English.
    pub fn english(&self) -> String {
        let why = match &self.reason {
            Reason::OpenQuote => "the quotation that begins here does not end".to_owned(),
            Reason::OpenParenthesis => "the parenthesis that opens here is not closed".to_owned(),
            Reason::StrayParenthesis => "this parenthesis closes nothing".to_owned(),
            Reason::NothingHere => "a term is missing here".to_owned(),
            Reason::NoValue => "a value is missing after the colon".to_owned(),
            Reason::BadRange => "a range is written [a TO b] or {a TO b}".to_owned(),
            Reason::RangeWithoutField => {
                "a range needs a field before it, as field:[a TO b]".into()
            }
            Reason::BadNetwork => "the network has more fixed bits than its address".to_owned(),
            Reason::BadMoment(text) => format!("«{text}» is not a time such as 2026-11-22T08:30"),
            Reason::TooLong => format!("a query has at most {MAX_QUERY_BYTES} bytes"),
            Reason::TooManyTerms => format!("a query has at most {MAX_TERMS} terms"),
            Reason::TooDeep => format!("a query is at most {MAX_DEPTH} levels deep"),
        };
        format!("at letter {}: {why}", self.at + 1)
    }

    /// The error in Vietnamese.
    pub fn vietnamese(&self) -> String {
        let why = match &self.reason {
            Reason::OpenQuote => "dấu nháy mở ở đây chưa được đóng".to_owned(),
            Reason::OpenParenthesis => "dấu ngoặc mở ở đây chưa được đóng".to_owned(),
            Reason::StrayParenthesis => "dấu ngoặc đóng này không có dấu ngoặc mở".to_owned(),
            Reason::NothingHere => "thiếu điều kiện ở đây".to_owned(),
            Reason::NoValue => "thiếu giá trị sau dấu hai chấm".to_owned(),
            Reason::BadRange => "khoảng giá trị viết là [a TO b] hoặc {a TO b}".to_owned(),
            Reason::RangeWithoutField => {
                "khoảng giá trị cần tên trường phía trước, ví dụ trường:[a TO b]".to_owned()
            }
            Reason::BadNetwork => "tiền tố mạng dài hơn địa chỉ".to_owned(),
            Reason::BadMoment(text) => {
                format!("«{text}» không phải thời điểm, ví dụ đúng: 2026-11-22T08:30")
            }
            Reason::TooLong => format!("câu truy vấn dài quá {MAX_QUERY_BYTES} byte"),
            Reason::TooManyTerms => format!("câu truy vấn có quá {MAX_TERMS} điều kiện"),
            Reason::TooDeep => format!("câu truy vấn lồng nhau quá {MAX_DEPTH} tầng"),
        };
        format!("tại ký tự {}: {why}", self.at + 1)
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.english())
    }
}

impl std::error::Error for QueryError {}
