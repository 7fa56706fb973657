//! Tables that leave the console: CSV and XLSX for spreadsheets and JSON for programs.
//!
//! In the demonstration the first line says so.

use axum::body::Body;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, Response};
use axum::response::IntoResponse;
use khien_domain::text::cut;
use khien_lake::csv::cell;
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use serde_json::{Map, Value, json};

use super::asked::address;
use super::error::PageError;
use super::frame::Frame;
use super::posted::Fields;

/// What every page of the demonstration says.
pub(super) const BANNER: &str = "DỮ LIỆU MINH HỌA – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ";

/// What a worksheet is among files.
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// The longest text of a cell of a worksheet; the format takes 32,767 characters.
const CELL_BYTES: usize = 32_000;

/// A table: names for programs, titles for people, rows.
pub(super) struct Table {
    /// What the file is called, without its ending.
    pub(super) name: &'static str,
    /// Names and titles of the columns.
    pub(super) columns: Vec<(&'static str, String)>,
    /// The rows.
    pub(super) rows: Vec<Vec<String>>,
}

impl Table {
    /// The table as the address asks for it: `form=json`, `form=xlsx`, otherwise CSV.
    pub(super) fn answer(&self, f: &Frame, asked: &Fields) -> Response<Body> {
        self.answer_and(f, asked, None)
    }

    /// The same with a second sheet, where a file has sheets.
    pub(super) fn answer_and(
        &self,
        f: &Frame,
        asked: &Fields,
        second: Option<&Self>,
    ) -> Response<Body> {
        let (body, kind, ending) = match asked.text("form") {
            "json" => (self.json(f.is_demo).into_bytes(), "application/json", "json"),
            "xlsx" => match self.xlsx(f.is_demo, second) {
                Ok(bytes) => (bytes, XLSX, "xlsx"),
                Err(error) => {
                    tracing::error!(%error, "a worksheet cannot be written");
                    return PageError::fault().into_response();
                }
            },
            _ => (self.csv(f.is_demo).into_bytes(), "text/csv; charset=utf-8", "csv"),
        };
        let mut response = Response::new(Body::from(body));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        let file = format!("attachment; filename=\"khien-{}.{ending}\"", self.name);
        if let Ok(file) = HeaderValue::from_str(&file) {
            headers.insert(CONTENT_DISPOSITION, file);
        }
        response
    }

    /// Worksheets of texts: nothing in them is a formula.
    fn xlsx(&self, is_demo: bool, second: Option<&Self>) -> Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        self.write(book.add_worksheet(), is_demo)?;
        if let Some(second) = second {
            second.write(book.add_worksheet(), false)?;
        }
        book.save_to_buffer()
    }

    fn write(&self, sheet: &mut Worksheet, is_demo: bool) -> Result<(), XlsxError> {
        let mut at = 0;
        if is_demo {
            sheet.write_string(at, 0, BANNER)?;
            at += 1;
        }
        let bold = Format::new().set_bold();
        for (column, (_, title)) in (0..).zip(&self.columns) {
            sheet.write_string_with_format(at, column, cut(title, CELL_BYTES), &bold)?;
            sheet.set_column_width(column, if column == 0 { 28 } else { 20 })?;
        }
        sheet.set_freeze_panes(at + 1, 0)?;
        for (row, cells) in (at + 1..).zip(&self.rows) {
            for (column, value) in (0..).zip(cells) {
                if !value.is_empty() {
                    sheet.write_string(row, column, cut(value, CELL_BYTES))?;
                }
            }
        }
        Ok(())
    }

    fn csv(&self, is_demo: bool) -> String {
        // The mark by which spreadsheets know UTF-8.
        let mut text = "\u{feff}".to_owned();
        if is_demo {
            text.push_str(&cell(BANNER));
            text.push_str("\r\n");
        }
        let titles = self.columns.iter().map(|(_, title)| cell(title)).collect::<Vec<_>>();
        text.push_str(&titles.join(","));
        text.push_str("\r\n");
        for row in &self.rows {
            let cells: Vec<String> = row.iter().map(|value| cell(value)).collect();
            text.push_str(&cells.join(","));
            text.push_str("\r\n");
        }
        text
    }

    fn json(&self, is_demo: bool) -> String {
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|row| {
                let pairs = self.columns.iter().zip(row);
                let object: Map<String, Value> =
                    pairs.map(|((name, _), value)| ((*name).to_owned(), json!(value))).collect();
                Value::Object(object)
            })
            .collect();
        let whole =
            if is_demo { json!({"banner": BANNER, "rows": rows}) } else { json!({"rows": rows}) };
        format!("{whole}\n")
    }
}

/// Rows of a page of a long list.
const ROWS: usize = 200;

/// Which part of a long list a page shows.
pub(super) struct Part {
    /// How many rows there are.
    pub(super) all: usize,
    /// The first and the last that the page shows, from 1.
    pub(super) shown: (usize, usize),
    /// Where the part before is, if there is one.
    pub(super) before: Option<String>,
    /// Where the part after is, if there is one.
    pub(super) after: Option<String>,
}

impl Part {
    /// The part that the address asks for by `page`, from 1, with its rows.
    pub(super) fn of<T>(rows: Vec<T>, path: &str, asked: &Fields) -> (Self, Vec<T>) {
        let all = rows.len();
        let last = all.saturating_sub(1) / ROWS;
        let page = asked.text("page").parse().unwrap_or(1_usize).saturating_sub(1).min(last);
        let href = |page: usize| {
            let number = if page == 0 { String::new() } else { (page + 1).to_string() };
            address(path, asked, &[("page", &number)])
        };
        let before = page.checked_sub(1).map(href);
        let after = (page < last).then(|| href(page + 1));
        let shown = (page * ROWS + 1, all.min(page * ROWS + ROWS));
        let rows = rows.into_iter().skip(page * ROWS).take(ROWS).collect();
        (Self { all, shown, before, after }, rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        Table {
            name: "alerts",
            columns: vec![("title", "Tiêu đề".to_owned()), ("count", "Lần".to_owned())],
            rows: vec![vec!["=cmd|' /C calc'!A1".to_owned(), "2".to_owned()]],
        }
    }

    #[test]
    fn a_long_list_is_shown_in_parts() {
        let part =
            |query: &str| Part::of((0..450).collect(), "/a", &Fields::parse(query.as_bytes()));
        let (first, rows) = part("x=1");
        assert_eq!(
            (rows.len(), first.before, first.after.as_deref()),
            (200, None, Some("/a?x=1&page=2"))
        );
        let (last, rows) = part("page=99");
        assert_eq!((rows, last.all), ((400..450).collect::<Vec<_>>(), 450));
        assert_eq!((first.shown, last.shown), ((1, 200), (401, 450)));
        assert_eq!((last.before.as_deref(), last.after), (Some("/a?page=2"), None));
        assert_eq!(part("page=2").0.before.as_deref(), Some("/a"));
    }

    #[test]
    fn a_table_says_whose_data_it_is() {
        assert_eq!(
            table().csv(true),
            format!("\u{feff}{BANNER}\r\nTiêu đề,Lần\r\n\"'=cmd|' /C calc'!A1\",2\r\n")
        );
        assert!(!table().csv(false).contains(BANNER));
        let whole: Value = serde_json::from_str(&table().json(true)).unwrap();
        assert_eq!(whole["banner"], BANNER);
        assert_eq!(whole["rows"][0]["title"], "=cmd|' /C calc'!A1");
    }
}
