//! What keeping and searching cost; `scripts/bench-lake` runs it and sets its figures beside `DuckDB`'s.
//!
//! `make FOLDER EVENTS [JSON_LINES]` fills a lake: every second event is taken from the file of JSON
//! lines, if there is one, as often as need be; the others are made up. `only FOLDER JSON_LINES` keeps
//! the lines of the file once. `ask FOLDER` searches. Figures are printed as JSON lines.

#![expect(clippy::unwrap_used, reason = "a bench stops at the first surprise")]
#![expect(clippy::print_stdout, reason = "its figures are its output")]

mod ask;
mod clock;
mod make;

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["make", folder, events] => make::make(folder.as_ref(), events.parse().unwrap(), None),
        ["make", folder, events, lines] => {
            make::make(folder.as_ref(), events.parse().unwrap(), Some(lines.as_ref()));
        }
        ["only", folder, lines] => make::only(folder.as_ref(), lines.as_ref()),
        ["ask", folder] => ask::ask(folder.as_ref()),
        _ => println!("nothing to do: scripts/bench-lake says what"),
    }
}

/// Prints a figure.
fn figure(what: &str, value: f64, unit: &str) {
    println!("{}", serde_json::json!({ "what": what, "value": value, "unit": unit }));
}
