//! Windows events as XML: what the event viewer, `wevtutil` and Windows Event Forwarding write,
//! and Sysmon for Linux.
//!
//! One `<Event>` element is an entry; they stand one after the other or inside `<Events>`. Fields
//! get the names they have in every other shape of a Windows event: elements of `System` by their
//! name, attributes as `Element_Attribute`, `Data` elements by their `Name` without blanks, unnamed
//! ones as `Data`, everything in `UserData` by its last name.

use std::borrow::Cow;
use std::sync::Arc;

use super::lossy::{self, Places};
use super::{Context, Format, Reader, Refusal, Sample, Sink, windows};
use crate::record::{Kind, Problem, Record};
use crate::stream::{Block, Framing};
use crate::value::Value;

pub mod pull;

use pull::{Pull, Token};

/// Elements nest no deeper than this.
pub const MAX_DEPTH: usize = 64;

/// The format.
pub const FORMAT: Format = Format {
    id: "windows-xml",
    title: ["Windows events as XML", "Sự kiện Windows dạng XML"],
    framing: Framing::XmlEvents,
    in_order: false,
    sniff,
    reader: |context| Box::new(XmlReader { context: context.clone() }),
};

fn sniff(sample: &Sample<'_>) -> u8 {
    let first = sample.first();
    let markup =
        first.starts_with("<Event") || first.starts_with("<?xml") || first.starts_with("<!--");
    let event = memchr::memmem::find(sample.bytes, b"<Event").is_some();
    if markup && event { 90 } else { 0 }
}

struct XmlReader {
    context: Context,
}

const OPEN: &str = "<Event";
const CLOSE: &str = "</Event>";

impl Reader for XmlReader {
    fn read(&mut self, block: &Block<'_>, sink: &mut dyn Sink) {
        let (text, mut places) = (lossy::text(block), Places::new(block));
        let mut record = Record::new(Arc::clone(&self.context.symbols));
        let (mut at, mut line) = (0, block.first_line);
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let start = opening(rest).unwrap_or(rest.len());
            let between = rest.get(..start).unwrap_or_default();
            if !is_wrapping(between) {
                sink.problem(Problem::new(places.offset(at), "text between the events"));
            }
            line += breaks(between);
            let Some(from_start) = rest.get(start..).filter(|rest| !rest.is_empty()) else { break };
            let offset = places.offset(at + start);
            let Some(close) = from_start.find(CLOSE) else {
                sink.problem(Problem::new(offset, "the event ends early"));
                break;
            };
            let element = from_start.get(..close + CLOSE.len()).unwrap_or_default();
            // An event that was cut off runs into the next one.
            let last = element.rmatch_indices(OPEN).find(|(found, _)| is_opening(element, *found));
            let cut = last.map_or(0, |(found, _)| found);
            if cut > 0 {
                sink.problem(Problem::new(offset, "the event ends early"));
            }
            let element = element.get(cut..).unwrap_or_default();
            let before = line + breaks(from_start.get(..cut).unwrap_or_default());
            record.fields.clear();
            record.raw = element.as_bytes();
            record.offset = places.offset(at + start + cut);
            record.number = before;
            record.time = None;
            match event(element, &mut record) {
                Ok(_) => {
                    record.kind = kind(&record, &self.context);
                    record.structured = true;
                    sink.record(&mut record);
                }
                Err(reason) => sink.problem(Problem::new(record.offset, reason)),
            }
            at += start + close + CLOSE.len();
            line = before + breaks(element);
        }
    }
}

fn breaks(text: &str) -> u64 {
    memchr::memchr_iter(b'\n', text.as_bytes()).count() as u64
}

/// Whether `<Event` at `at` begins an event and not `<Events>` or `<EventData>`.
fn is_opening(text: &str, at: usize) -> bool {
    let after = text.as_bytes().get(at + OPEN.len());
    after.is_some_and(|byte| byte.is_ascii_whitespace() || *byte == b'>')
}

fn opening(text: &str) -> Option<usize> {
    text.match_indices(OPEN).map(|(at, _)| at).find(|at| is_opening(text, *at))
}

/// Whether a text between events is only what files wrap around them.
fn is_wrapping(text: &str) -> bool {
    let mut pull = Pull::new(text);
    loop {
        match pull.token() {
            Ok(None) => return true,
            Ok(Some(Token::Text(text))) if text.trim().is_empty() => {}
            Ok(Some(Token::Start { .. } | Token::End(_))) => {}
            Ok(Some(_)) | Err(_) => return false,
        }
    }
}

fn kind(record: &Record<'_>, context: &Context) -> Kind<'static> {
    windows::kind(record, context).unwrap_or(Kind::Windows)
}

/// Reads an event that is the message of another format.
pub fn payload<'a>(message: &'a str, record: &mut Record<'a>, context: &Context) -> bool {
    let text = message.trim_start();
    if !(text.starts_with(OPEN) || text.starts_with("<?xml")) {
        return false;
    }
    let Some(text) = opening(text).and_then(|start| text.get(start..)) else { return false };
    let before = record.fields.len();
    if event(text, record).is_err() {
        record.fields.truncate(before);
        return false;
    }
    record.kind = kind(record, context);
    true
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    System,
    Data,
    Rendering,
}

/// An element that is not closed yet.
struct Open<'a> {
    name: &'a str,
    /// The name of its `Name` attribute, if it has one.
    label: Option<Cow<'a, str>>,
    text: Cow<'a, str>,
    /// Whether elements stand in it.
    parent: bool,
}

/// Reads the `<Event>` that `text` begins with into the record and says where it ends.
fn event<'a>(text: &'a str, record: &mut Record<'a>) -> Result<usize, Refusal> {
    let mut pull = Pull::new(text);
    let mut open: Vec<Open<'a>> = Vec::new();
    let mut section = Section::Data;
    while let Some(token) = pull.token().map_err(|fault| broken(fault, pull.at()))? {
        match token {
            Token::Start { name, attributes, empty } => {
                if open.len() >= MAX_DEPTH {
                    return Err(broken("nested too deeply", pull.at()));
                }
                if open.len() == 1 {
                    section = match name {
                        "System" => Section::System,
                        "RenderingInfo" => Section::Rendering,
                        _ => Section::Data,
                    };
                }
                if let Some(parent) = open.last_mut() {
                    parent.parent = true;
                }
                let mut element =
                    Open { name, label: None, text: Cow::Borrowed(""), parent: false };
                for (attribute, value) in pull::attributes(attributes) {
                    let value = pull::decode(value);
                    match section {
                        Section::System if open.len() == 2 => {
                            push_attribute(name, attribute, value, record);
                        }
                        Section::Data if attribute == "Name" && open.len() == 1 => {
                            push_attribute(name, attribute, value, record);
                        }
                        Section::Data if attribute == "Name" => element.label = Some(value),
                        _ => {}
                    }
                }
                if empty {
                    close(&element, open.len(), section, record);
                } else {
                    open.push(element);
                }
            }
            Token::End(name) => {
                let Some(element) = open.pop() else {
                    return Err(broken("an element is closed that was not open", pull.at()));
                };
                if element.name != name {
                    return Err(broken("elements overlap", pull.at()));
                }
                close(&element, open.len(), section, record);
                if open.is_empty() {
                    return Ok(pull.at());
                }
            }
            Token::Text(piece) => add(open.last_mut(), pull::decode(piece)),
            Token::Plain(piece) => add(open.last_mut(), Cow::Borrowed(piece)),
        }
    }
    Err(broken("the event ends early", pull.at()))
}

fn broken(fault: &str, at: usize) -> Refusal {
    Refusal::Owned(format!("broken XML: {fault} at byte {at}"))
}

fn add<'a>(element: Option<&mut Open<'a>>, piece: Cow<'a, str>) {
    let Some(element) = element else { return };
    if element.text.is_empty() {
        element.text = piece;
    } else {
        element.text.to_mut().push_str(&piece);
    }
}

fn push_attribute<'a>(
    element: &str,
    attribute: &str,
    value: Cow<'a, str>,
    record: &mut Record<'a>,
) {
    if value.is_empty() {
        return;
    }
    match (element, attribute) {
        ("TimeCreated", "SystemTime") => record.fields.push("TimeCreated", Value::Text(value)),
        _ => record.fields.push(&format!("{element}_{attribute}"), Value::Text(value)),
    }
}

/// Makes a field of an element that ends; `depth` elements are open around it.
fn close<'a>(element: &Open<'a>, depth: usize, section: Section, record: &mut Record<'a>) {
    if element.parent || depth < 2 {
        return;
    }
    let value = Value::Text(element.text.clone());
    match section {
        Section::System => {
            if depth == 2 && !element.text.trim().is_empty() {
                record.fields.push(element.name, value);
            }
        }
        Section::Rendering => {
            if element.name == "Message" {
                record.fields.push("Message", value);
            }
        }
        Section::Data => match &element.label {
            Some(label) => record.fields.push(&windows::name(label), value),
            None => record.fields.push(element.name, value),
        },
    }
}
