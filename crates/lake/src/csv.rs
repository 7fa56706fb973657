//! Cells of CSV (RFC 4180) for spreadsheets.
//!
//! Cells hold text that attackers wrote, and a spreadsheet takes one that begins with `=`, `+`, `-`,
//! `@`, a tab or a line break for a formula. Such a cell gets an apostrophe before it (OWASP, «CSV
//! Injection»). What is around cells (titles, ends of lines, the mark of UTF-8) is the caller's.

/// A cell that no spreadsheet takes for a formula, in quotes where it needs them. A number below zero
/// stays a number.
pub fn cell(value: &str) -> String {
    let risky = value.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let is_number = value.starts_with('-') && value.parse::<f64>().is_ok_and(f64::is_finite);
    let guard = if risky && !is_number { "'" } else { "" };
    if guard.is_empty() && !value.contains(['"', ',', ';', '\n', '\r', '\t']) {
        return value.to_owned();
    }
    format!("\"{guard}{}\"", value.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn no_cell_is_a_formula() {
        for bad in ["=1+1", "+84", "-2+3", "-inf", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"] {
            assert_eq!(cell(bad), format!("\"'{bad}\""));
        }
        assert_eq!(cell("=cmd|' /C \"calc\"'!A1"), "\"'=cmd|' /C \"\"calc\"\"'!A1\"");
    }

    #[test]
    fn other_cells_are_quoted_where_they_must_be() {
        for good in ["", "abc", "-2", "-2.5", "a=b", "0"] {
            assert_eq!(cell(good), good);
        }
        assert_eq!(cell("a\"b,c"), "\"a\"\"b,c\"");
        assert_eq!(cell("a;b"), "\"a;b\"");
    }
}
