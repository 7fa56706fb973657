//! Tables that leave the console: CSV for spreadsheets and JSON for programs.
//!
//! In the demonstration the first line says so.

use axum::body::Body;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, Response};
use khien_lake::csv::cell;
use serde_json::{Map, Value, json};

use super::frame::Frame;
use super::posted::Fields;

/// What every page of the demonstration says.
pub(super) const BANNER: &str = "DỮ LIỆU MINH HỌA – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ";

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
    /// The table as the address asks for it: `form=json`, otherwise CSV.
    pub(super) fn answer(&self, f: &Frame, asked: &Fields) -> Response<Body> {
        let (body, kind, ending) = match asked.text("form") {
            "json" => (self.json(f.is_demo), "application/json", "json"),
            _ => (self.csv(f.is_demo), "text/csv; charset=utf-8", "csv"),
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
