//! Lines of a budget from a CSV file of a spreadsheet.
//!
//! Columns are known by the names and titles of the pack, in any order; values may be written as
//! people write them in Vietnamese or English. All that is wrong is told, by line of the file.

use jiff::civil::Date;
use jiff::fmt::strtime;
use khien_domain::budget::{
    BudgetPack, COLUMNS, LineCode, LineError, NewLine, PLAN_LINES, Share, amount,
};
use khien_domain::risk::{RiskCode, RiskError};
use khien_domain::secrecy;
use khien_domain::text::without_diacritics;

use crate::lines::Lines;
use crate::use_case::marked;

/// The largest file.
pub const MAX_IMPORT_BYTES: usize = 1 << 20;
/// Lines before the titles.
const BEFORE: usize = 5;

/// What is wrong in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line of the file, from 1.
    pub line: u64,
    /// What is wrong there.
    pub what: String,
}

/// What stands in a file.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// The lines, each with the line of the file on which it stands.
    pub lines: Vec<(u64, NewLine)>,
    /// What is wrong with others.
    pub problems: Vec<Problem>,
}

/// What stands in a file, or why it is not read at all. Of a line that is known, by its code, what the
/// file has no column for stays as it is.
pub fn read(pack: &BudgetPack, bytes: &[u8], known: &[NewLine]) -> Result<Sheet, String> {
    if bytes.len() > MAX_IMPORT_BYTES {
        return Err(format!("a file of lines is at most {} KiB", MAX_IMPORT_BYTES >> 10));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err("the file is not CSV in UTF-8".into());
    };
    let is_secret = |text: &str| match secrecy::find("", [], text) {
        Some(found) => Err(marked(found)),
        None => Ok(()),
    };
    is_secret(text)?;
    let mut places: Option<Vec<Option<usize>>> = None;
    let (mut lines, mut problems) = (Vec::new(), Vec::new());
    let mut rows = Lines::of(text);
    let mut reader = csv::ReaderBuilder::new();
    let reader = reader.has_headers(false).flexible(true).delimiter(delimiter(text));
    for (at, record) in reader.from_reader(text.as_bytes()).records().enumerate() {
        let record = record.map_err(|error| format!("the file cannot be read: {error}"))?;
        let number = rows.at(record.position().map_or(0, csv::Position::byte));
        let cells: Vec<&str> = record.iter().map(bare).collect();
        cells.iter().try_for_each(|cell| is_secret(cell))?;
        let Some(places) = &places else {
            places = titles(pack, &cells);
            if places.is_none() && at >= BEFORE {
                break;
            }
            continue;
        };
        if cells.iter().all(|cell| cell.is_empty()) {
            continue;
        }
        if lines.len() + problems.len() >= PLAN_LINES {
            return Err(format!("a plan has at most {PLAN_LINES} lines"));
        }
        let code = places[0].and_then(|place| cells.get(place).copied()).unwrap_or_default();
        let kept = known.iter().find(|line| line.code.as_str() == code).map(self::cells);
        let cell = |column: &str| {
            let Some(at) = COLUMNS.iter().position(|name| *name == column) else { return "" };
            match places[at] {
                Some(place) => cells.get(place).copied().unwrap_or_default(),
                None => kept.as_ref().map_or("", |kept| kept[at].as_str()),
            }
        };
        match line(pack, cell) {
            Ok(line) => lines.push((number, line)),
            Err(wrong) => {
                problems.extend(wrong.into_iter().map(|what| Problem { line: number, what }));
            }
        }
    }
    if places.is_none() {
        return Err("there is no line of titles with code, name, class and planned".into());
    }
    if lines.is_empty() && problems.is_empty() {
        return Err("there is no line in the file".into());
    }
    Ok(Sheet { lines, problems })
}

/// Spreadsheets of a place with a decimal comma part cells by semicolons.
fn delimiter(text: &str) -> u8 {
    let count = |mark| text.lines().take(BEFORE + 1).map(|line| line.matches(mark).count()).max();
    if count(';') > count(',') { b';' } else { b',' }
}

/// A cell without blanks around it and without the mark that keeps spreadsheets from computing.
fn bare(cell: &str) -> &str {
    let cell = cell.trim();
    let rest = cell.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@']));
    rest.unwrap_or(cell)
}

fn folded(text: &str) -> String {
    without_diacritics(text.trim()).to_lowercase()
}

/// Where each of the columns stands, if these cells are their titles.
fn titles(pack: &BudgetPack, cells: &[&str]) -> Option<Vec<Option<usize>>> {
    let cells: Vec<String> = cells.iter().map(|cell| folded(cell)).collect();
    let place = |name: &&str| {
        let of_pack = pack.title(name).into_iter().flatten().map(|title| folded(title));
        let names: Vec<String> = of_pack.chain([(*name).to_owned()]).collect();
        cells.iter().position(|cell| names.contains(cell))
    };
    let places: Vec<Option<usize>> = COLUMNS.iter().map(place).collect();
    let needed = ["code", "name", "class", "planned"];
    let found = COLUMNS
        .iter()
        .zip(&places)
        .filter(|(name, place)| needed.contains(name) && place.is_some());
    (found.count() == needed.len()).then_some(places)
}

/// What a line says, or all that is wrong with it.
fn line<'c>(pack: &BudgetPack, cell: impl Fn(&str) -> &'c str) -> Result<NewLine, Vec<String>> {
    let mut wrong = Vec::new();
    let class = class(pack, cell("class"));
    let is_security = pack.class(&class).is_some_and(|class| class.security);
    let share = match cell("share") {
        "" if is_security => Ok(Share::ALL),
        "" => Ok(Share::NONE),
        text => Share::parse(text).ok_or_else(|| {
            format!("share: «{text}» is not percent from 0 to 100 with up to four decimals")
        }),
    };
    let share = noted(share, &mut wrong).unwrap_or(Share::NONE);
    let [planned, allocated, spent] = ["planned", "allocated", "spent"].map(|column| {
        let found = match cell(column) {
            "" if column != "planned" => Ok(0),
            text => amount(text).ok_or_else(|| format!("{column}: «{text}» is not whole đồng")),
        };
        noted(found, &mut wrong).unwrap_or_default()
    });
    let [bought, support_end, renewal] = ["bought", "support_end", "renewal"].map(|column| {
        let text = cell(column);
        let found = day(text).map(Some).or((text.is_empty()).then_some(None));
        let why = || format!("{column}: «{text}» is no day like 2026-10-15 or 15/10/2026");
        noted(found.ok_or_else(why), &mut wrong).flatten()
    });
    let domestic = match folded(cell("domestic")).as_str() {
        "co" | "yes" | "true" | "x" | "1" => Ok(true),
        "khong" | "no" | "false" | "0" => Ok(false),
        _ => Err(format!("domestic: «{}» is neither yes nor no", cell("domestic"))),
    };
    let domestic = noted(domestic, &mut wrong).unwrap_or_default();
    let risks = cell("risks").split([' ', ',', ';']).filter(|code| !code.is_empty());
    let risks = risks.filter_map(|code| {
        let found = RiskCode::new(code);
        noted(found.ok_or_else(|| RiskError::Code(code.to_owned()).to_string()), &mut wrong)
    });
    let risks = risks.collect();
    let code = cell("code");
    let code = LineCode::new(code).ok_or_else(|| LineError::Code(code.into()).to_string());
    let Some(code) = noted(code, &mut wrong).filter(|_| wrong.is_empty()) else {
        return Err(wrong);
    };
    let line = NewLine {
        code,
        name: cell("name").to_owned(),
        class,
        share,
        reason: cell("reason").to_owned(),
        planned,
        allocated,
        spent,
        domestic,
        domestic_reason: cell("domestic_reason").to_owned(),
        risks,
        purchase: Some(cell("purchase")).filter(|name| !name.is_empty()).map(str::to_owned),
        bought,
        support_end,
        renewal,
    };
    line.checked(pack).map_err(|error| vec![error.to_string()])
}

/// What was read, or a note of what is wrong.
fn noted<T>(found: Result<T, String>, wrong: &mut Vec<String>) -> Option<T> {
    found.map_err(|what| wrong.push(what)).ok()
}

/// The cells of a line as a file has them, in the order of [`COLUMNS`].
pub fn cells(line: &NewLine) -> [String; COLUMNS.len()] {
    let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
    let risks: Vec<&str> = line.risks.iter().map(RiskCode::as_str).collect();
    [
        line.code.to_string(),
        line.name.clone(),
        line.class.clone(),
        line.share.to_string(),
        line.reason.clone(),
        line.planned.to_string(),
        line.allocated.to_string(),
        line.spent.to_string(),
        if line.domestic { "yes" } else { "no" }.to_owned(),
        line.domestic_reason.clone(),
        risks.join(" "),
        line.purchase.clone().unwrap_or_default(),
        day(line.bought),
        day(line.support_end),
        day(line.renewal),
    ]
}

/// The name of a class that is written by name or title.
fn class(pack: &BudgetPack, text: &str) -> String {
    let wanted = folded(text);
    let is_it = |title: &str| folded(title) == wanted;
    let found = pack
        .classes
        .iter()
        .find(|class| is_it(&class.name) || is_it(&class.vi) || is_it(&class.en));
    found.map_or_else(|| text.to_owned(), |class| class.name.clone())
}

fn day(text: &str) -> Option<Date> {
    text.parse().ok().or_else(|| strtime::parse("%d/%m/%Y", text).ok()?.to_date().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pack() -> &'static BudgetPack {
        BudgetPack::built_in().unwrap()
    }

    fn of(text: &str) -> (Vec<(u64, NewLine)>, Vec<Problem>) {
        let Sheet { lines, problems } = read(pack(), text.as_bytes(), &[]).unwrap();
        (lines, problems)
    }

    #[test]
    fn lines_are_read_by_title_in_either_language() {
        let vi = "\u{feff}DỮ LIỆU MINH HỌA\r\nMã dòng;Nội dung;Loại chi;Kế hoạch (đồng);Trong nước;Ngày mua\r\n\
                  gs-01;Giám sát tập trung;Giám sát;450.000.000;có;15/10/2026\r\n;;;;;\r\nk;Khác;other;1;Không;\r\n";
        let (lines, problems) = of(vi);
        assert_eq!(lines.len(), 1);
        assert_eq!(
            problems,
            [Problem { line: 5, what: "what is not domestic needs a written reason".into() }]
        );
        let (number, line) = &lines[0];
        assert_eq!(
            (*number, line.planned, line.share, line.domestic),
            (3, 450_000_000, Share::ALL, true)
        );
        assert_eq!(
            (line.class.as_str(), line.bought),
            ("monitoring", Some(jiff::civil::date(2026, 10, 15)))
        );
        let en = "planned,class,name,code,domestic,share,reason\n100,Backup,Copies,b,yes,\"33,3333\",part of it\n";
        let (lines, problems) = of(en);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(lines[0].1.share.to_string(), "33.3333");
    }

    #[test]
    fn each_line_that_is_wrong_is_told() {
        let text = "code,name,class,planned,domestic,share\nA,x,other,1,yes,\na,x,other,1.5,yes,\n\
                    a,x,other,1,maybe,\na,x,gym,1,yes,\na,x,backup,1,yes,\"50,00001\"\na,x,other,1,yes,1\n";
        let (lines, problems) = of(text);
        assert!(lines.is_empty());
        let told: Vec<u64> = problems.iter().map(|problem| problem.line).collect();
        assert_eq!(told, [2, 3, 4, 5, 6, 7]);
        assert!(problems[1].what.contains("1.5"), "{problems:?}");
    }

    #[test]
    fn all_that_is_wrong_in_a_line_is_told_with_what_was_typed() {
        let (lines, problems) =
            of("code,name,class,planned,domestic,bought\na,x,other,1.5,có lẽ,hôm qua\n");
        assert!(lines.is_empty());
        let told: Vec<&str> = problems.iter().map(|problem| problem.what.as_str()).collect();
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told.iter().any(|what| what.contains("«có lẽ»")), "{told:?}");
    }

    #[test]
    fn what_a_file_has_no_column_for_stays_as_it_is() {
        let (lines, _) =
            of("code,name,class,planned,spent,domestic,bought\na,x,other,10,4,yes,2026-03-01\n");
        let known = [lines[0].1.clone()];
        let file = "code,name,class,planned\na,x,other,12\n";
        let Sheet { lines, problems } = read(pack(), file.as_bytes(), &known).unwrap();
        assert!(problems.is_empty(), "{problems:?}");
        let wanted = NewLine { planned: 12, ..known[0].clone() };
        assert_eq!(lines[0].1, wanted);
        // A column that is there says what it says, also if it is empty.
        let file = "code,name,class,planned,spent,domestic\na,x,other,12,,yes\n";
        let Sheet { lines, .. } = read(pack(), file.as_bytes(), &known).unwrap();
        assert_eq!(lines[0].1.spent, 0);
    }

    #[test]
    fn a_file_that_is_no_list_is_refused_whole() {
        let refused = |bytes: &[u8]| read(pack(), bytes, &[]).unwrap_err();
        assert!(refused(b"a,b\n1,2\n").contains("titles"));
        assert!(refused(b"\xff\xfe").contains("UTF-8"));
        assert!(refused(b"code,name,class,planned\n").contains("no line"));
        assert!(
            refused("code,name,class,planned\na,TUYỆT MẬT,other,1\n".as_bytes()).contains("mark")
        );
        assert!(refused(&vec![b'a'; MAX_IMPORT_BYTES + 1]).contains("KiB"));
    }
}
