//! Rows of cells in a file: CSV or XLSX.
//!
//! Everything is bounded before it is taken: bytes, what an archive unpacks to, rows, columns, the
//! length of a cell. Formulas are never computed; of a worksheet the values count that stand in it.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use calamine::{DataRef, Reader as _, Xlsx};
use khien_domain::secrecy;
use khien_domain::text;

use crate::document;
use crate::use_case::marked;

/// The largest file.
pub const MAX_SHEET_BYTES: usize = 4 << 20;
/// Rows below the titles.
pub const MAX_ROWS: usize = 5_000;
/// What an archive may unpack to.
const UNPACKED: u64 = 48 << 20;
/// Entries of an archive.
const MEMBERS: usize = 500;
/// Columns.
const COLUMNS: u32 = 64;
/// Rows that may be before and between those that hold something.
const LAST_ROW: u32 = 20_000;
/// A cell.
const CELL_BYTES: usize = 2_000;

/// What is told of a file that should be a worksheet.
const BROKEN: &str = "the file cannot be opened as XLSX: it is damaged, locked by a password or of another \
    kind; save it as XLSX or CSV again";

/// Rows that hold something, by their number as spreadsheets count, with the cells by column.
pub(in crate::use_case) type Rows = BTreeMap<u32, Cells>;

/// The cells of a row by column.
pub(in crate::use_case) type Cells = BTreeMap<u32, String>;

/// The name of a cell: `B7`.
pub(in crate::use_case) fn cell_name(column: u32, row: u32) -> String {
    let mut letters = String::new();
    let mut rest = column + 1;
    while rest > 0 {
        rest -= 1;
        letters.insert(0, char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    format!("{letters}{row}")
}

/// The rows of a file, or why it is not taken.
pub(in crate::use_case) fn read(name: &str, bytes: &[u8]) -> Result<Rows, String> {
    if bytes.len() > MAX_SHEET_BYTES {
        return Err(format!("a file to import is at most {} MiB", MAX_SHEET_BYTES >> 20));
    }
    if document::is_one(bytes) {
        if let Some(found) = document::mark_of_name(name).or_else(|| document::mark(bytes)) {
            return Err(marked(found));
        }
        if bytes.trim_ascii_start().starts_with(b"%PDF") {
            return Err("a PDF holds no table: save the table as XLSX or CSV".into());
        }
        return worksheet(bytes);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err("the file is neither CSV in UTF-8 nor XLSX".into());
    };
    if let Some(found) = secrecy::find(name, [], text) {
        return Err(marked(found));
    }
    values(text)
}

/// A value as it is kept, or why not.
fn value(column: u32, row: u32, value: &str) -> Result<Option<String>, String> {
    let value = value.trim();
    if value.len() > CELL_BYTES {
        let cell = cell_name(column, row);
        return Err(format!("{cell}: a cell is at most {CELL_BYTES} bytes long"));
    }
    // Our own files put it before what a spreadsheet would take for a formula.
    let bare = value.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@']));
    let value = bare.unwrap_or(value);
    Ok((!value.is_empty()).then(|| value.to_owned()))
}

fn values(text: &str) -> Result<Rows, String> {
    let head = text.lines().next().unwrap_or_default();
    let count = |mark: char| head.matches(mark).count();
    let delimiter = [',', ';', '\t'].into_iter().max_by_key(|mark| (count(*mark), *mark == ','));
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter.map_or(b',', |mark| mark as u8))
        .from_reader(text.as_bytes());
    let mut rows = Rows::new();
    let mut record = csv::StringRecord::new();
    let mut number = 0;
    while reader.read_record(&mut record).map_err(|_| "the file cannot be read as CSV")? {
        let begins = record.position().map_or(0, csv::Position::byte);
        number += 1 + blank_rows(text.as_bytes(), usize::try_from(begins).unwrap_or(usize::MAX));
        let mut cells = BTreeMap::new();
        for (column, cell) in (0_u32..).zip(&record) {
            if let Some(cell) = value(column, number, cell)? {
                cells.insert(column, cell);
            }
        }
        keep(&mut rows, number, cells)?;
    }
    Ok(rows)
}

/// How many empty lines stand before a record, of where its reader says that it begins, which passes over them:
/// between the two bytes that end the line before, if there are two.
fn blank_rows(text: &[u8], begins: usize) -> u32 {
    let (before, rest) = text.split_at(begins.min(text.len()));
    let is_between = before.last() == Some(&b'\r') && rest.first() == Some(&b'\n');
    let blank = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    let ends = blank.filter(|byte| **byte == b'\n').count() - usize::from(is_between);
    u32::try_from(ends).unwrap_or(u32::MAX)
}

fn keep(rows: &mut Rows, number: u32, cells: Cells) -> Result<(), String> {
    if cells.is_empty() {
        return Ok(());
    }
    if cells.last_key_value().is_some_and(|(column, _)| *column >= COLUMNS) {
        return Err(format!("row {number}: a file has at most {COLUMNS} columns"));
    }
    // One more for the titles, one for the words above them.
    if rows.len() >= MAX_ROWS + 2 {
        return Err(format!("a file has at most {MAX_ROWS} rows"));
    }
    rows.insert(number, cells);
    Ok(())
}

/// Refuses an archive that unpacks to more than may be, whatever it says of itself.
fn measure(bytes: &[u8]) -> Result<(), String> {
    let broken = || BROKEN.to_owned();
    if memchr::memmem::find_iter(bytes, b"PK\x01\x02").nth(MEMBERS).is_some() {
        return Err(broken());
    }
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| broken())?;
    let mut left = UNPACKED;
    for at in 0..archive.len() {
        let member = archive.by_index(at).map_err(|_| broken())?;
        let unpacked = std::io::copy(&mut member.take(left + 1), &mut std::io::sink());
        let unpacked = unpacked.map_err(|_| broken())?;
        left = left
            .checked_sub(unpacked)
            .ok_or_else(|| format!("the file unpacks to more than {} MiB", UNPACKED >> 20))?;
    }
    Ok(())
}

fn worksheet(bytes: &[u8]) -> Result<Rows, String> {
    measure(bytes)?;
    let broken = |_| BROKEN.to_owned();
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let Some(name) = book.sheet_names().first().cloned() else {
        return Err("the file has no worksheet".into());
    };
    let mut cells = book.worksheet_cells_reader(&name).map_err(broken)?;
    let mut rows = Rows::new();
    let mut at: Option<(u32, Cells)> = None;
    while let Some(cell) = cells.next_cell().map_err(broken)? {
        let (row, column) = cell.get_position();
        let number = row.saturating_add(1);
        if number > LAST_ROW {
            return Err(format!("row {number}: rows are read to number {LAST_ROW}"));
        }
        if column >= COLUMNS {
            return Err(format!("row {number}: a file has at most {COLUMNS} columns"));
        }
        let Some(value) = value(column, number, &shown(cell.get_value()))? else { continue };
        match &mut at {
            Some((open, cells)) if *open == number => {
                cells.insert(column, value);
            }
            _ => {
                if let Some((number, cells)) = at.take() {
                    keep(&mut rows, number, cells)?;
                }
                at = Some((number, BTreeMap::from([(column, value)])));
            }
        }
    }
    if let Some((number, cells)) = at {
        keep(&mut rows, number, cells)?;
    }
    Ok(rows)
}

/// A value of a worksheet as text; days as 2026-10-15.
fn shown(value: &DataRef<'_>) -> String {
    match value {
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text::cut(text, 2 * CELL_BYTES)
        }
        DataRef::SharedString(text) => text::cut(text, 2 * CELL_BYTES),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(yes) => (if *yes { "1" } else { "0" }).to_owned(),
        DataRef::DateTime(at) => {
            let (year, month, day, ..) = at.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cells_are_named_as_spreadsheets_do() {
        let name = |column, row| cell_name(column, row);
        assert_eq!([name(0, 1), name(1, 7), name(25, 2), name(26, 3)], ["A1", "B7", "Z2", "AA3"]);
    }

    #[test]
    fn both_delimiters_and_quotes_are_read() {
        let rows = read("a.csv", "\u{feff}mã;tên\r\na;\"x;\ny\"\r\n;\r\nb;'=1".as_bytes()).unwrap();
        assert_eq!(rows[&2][&1], "x;\ny");
        assert_eq!(rows[&4][&1], "=1", "what our own files guard");
        assert!(!rows.contains_key(&3), "nothing stands there");
        assert_eq!(read("a.csv", b"a,b\n1,2").unwrap()[&2][&1], "2");
    }

    #[test]
    fn rows_are_counted_as_a_spreadsheet_counts_them() {
        for end in ["\n", "\r\n"] {
            let text = ["", "a,b", "", "", "1,\"x", "", "y\"", "2,z", "", "3,w"].join(end);
            let rows = read("a.csv", text.as_bytes()).unwrap();
            let first: Vec<_> =
                rows.iter().map(|(row, cells)| (*row, cells[&0].as_str())).collect();
            assert_eq!(first, [(2, "a"), (5, "1"), (6, "2"), (8, "3")], "{end:?}");
        }
    }

    #[test]
    fn what_is_too_much_or_no_sheet_is_refused() {
        let told = |name: &str, bytes: &[u8]| read(name, bytes).unwrap_err();
        assert!(told("a.csv", &vec![b'a'; MAX_SHEET_BYTES + 1]).contains("4 MiB"));
        assert!(told("a.csv", "a\n".repeat(MAX_ROWS + 3).as_bytes()).contains("5000 rows"));
        assert!(told("a.csv", ",".repeat(70).replace(',', "a,").as_bytes()).contains("columns"));
        assert!(told("a.csv", "a".repeat(CELL_BYTES + 1).as_bytes()).starts_with("A1:"));
        assert!(told("a.csv", b"\xff\xfe\x00a").contains("neither"));
        assert!(told("a.csv", "TUYỆT MẬT\na,b".as_bytes()).contains("TUYỆT MẬT"));
        assert!(told("a.xlsx", b"PK\x03\x04xyz").contains("XLSX"));
    }

    #[test]
    fn an_archive_that_unpacks_to_too_much_is_refused() {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        archive.start_file("xl/big.xml", zip::write::SimpleFileOptions::default()).unwrap();
        let zeros = vec![0; 1 << 20];
        (0..49).for_each(|_| archive.write_all(&zeros).unwrap());
        let bytes = archive.finish().unwrap().into_inner();
        assert!(bytes.len() < MAX_SHEET_BYTES);
        assert!(read("a.xlsx", &bytes).unwrap_err().contains("48 MiB"));
    }

    proptest! {
        #[test]
        fn no_file_panics(bytes in prop::collection::vec(any::<u8>(), 0..400), zip in any::<bool>()) {
            let head: &[u8] = if zip { b"PK\x03\x04" } else { b"" };
            let _ = read("a", &[head, &bytes].concat());
        }
    }
}
