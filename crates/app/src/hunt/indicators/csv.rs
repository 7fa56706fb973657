//! Tables whose first line names the columns, among them one for the type and one for the value.

use super::List;

/// Where the columns stand, and what parts them.
pub(super) struct Header {
    separator: char,
    kind: usize,
    value: usize,
    note: Option<usize>,
}

const KINDS: [&str; 5] = ["type", "kind", "indicator_type", "ioc_type", "attribute_type"];
const VALUES: [&str; 6] =
    ["value", "indicator", "ioc", "indicator_value", "ioc_value", "observable"];
const NOTES: [&str; 5] = ["comment", "note", "description", "title", "name"];

/// The header, if the text begins with one.
pub(super) fn header(text: &str) -> Option<Header> {
    let line =
        text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'))?;
    [',', ';', '\t'].into_iter().find_map(|separator| {
        let names: Vec<String> = cells(line, separator)
            .iter()
            .map(|name| name.trim().to_ascii_lowercase().replace([' ', '-'], "_"))
            .collect();
        let place = |wanted: &[&str]| {
            wanted.iter().find_map(|wanted| names.iter().position(|name| name == wanted))
        };
        let (kind, value) = (place(&KINDS)?, place(&VALUES)?);
        Some(Header { separator, kind, value, note: place(&NOTES) })
    })
}

pub(super) fn read(text: &str, header: &Header, list: &mut List) {
    let mut is_header = true;
    for (number, line) in (1_u64..).zip(text.lines()) {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        if std::mem::take(&mut is_header) {
            continue;
        }
        let cells = cells(line, header.separator);
        let cell = |place: usize| cells.get(place).map(String::as_str);
        let at = format!("line {number}");
        match (cell(header.kind), cell(header.value)) {
            (Some(kind), Some(value)) => {
                let note = header.note.and_then(cell).unwrap_or_default();
                list.add_named(&at, kind, value, note);
            }
            _ => list.refuse(&at, "it has fewer columns than the first line names"),
        }
    }
}

/// The cells of a line; quotes follow RFC 4180, but no value has line breaks.
fn cells(line: &str, separator: char) -> Vec<String> {
    let mut cells = Vec::new();
    let mut cell = String::new();
    let mut quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if cell.trim().is_empty() => {
                cell.clear();
                quoted = true;
            }
            letter if letter == separator && !quoted => cells.push(std::mem::take(&mut cell)),
            letter => cell.push(letter),
        }
    }
    cells.push(cell);
    cells
}
