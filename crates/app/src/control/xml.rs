//! A catalogue in OSCAL's XML.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

use super::tree::{MAX_DEPTH, MAX_NODES, Node, Tree, add_words};

/// An element that is not a group or control, as far as anything of it is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inside {
    Metadata,
    /// A title of the catalogue or of a node.
    Title,
    Version,
    /// A part that belongs to the statement.
    Statement,
    /// A label of a parameter.
    Label,
    Param,
    /// A group or control.
    Node,
    Catalogue,
    /// Anything else: what is in it is not read.
    Other,
}

struct Reading {
    tree: Tree,
    /// The groups and controls that are open, the innermost last.
    open: Vec<Node>,
    /// Every element that is open.
    path: Vec<Inside>,
    /// The parameter that is open.
    param: String,
    nodes: usize,
}

/// Reads the XML; what is wrong with it is told with its place.
pub(super) fn read(text: &str) -> Result<Tree, String> {
    let mut reader = quick_xml::Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    let mut reading = Reading {
        tree: Tree::default(),
        open: Vec::new(),
        path: Vec::new(),
        param: String::new(),
        nodes: 0,
    };
    loop {
        let place = |what: String, at: u64| format!("byte {at}: {what}");
        let event = reader.read_event();
        let at = reader.buffer_position();
        let done = match event.map_err(|error| place(error.to_string(), at))? {
            Event::Start(start) => reading.start(&start),
            Event::Empty(start) => reading.start(&start).map(|()| reading.end()),
            Event::End(_) => {
                reading.end();
                Ok(())
            }
            Event::Text(text) => {
                reading.words(&text.xml_content(XmlVersion::Implicit1_0));
                Ok(())
            }
            Event::CData(text) => {
                reading.words(&text.xml_content(XmlVersion::Implicit1_0));
                Ok(())
            }
            Event::GeneralRef(name) => match name.resolve_char_ref() {
                Ok(Some(c)) => {
                    reading.character(c);
                    Ok(())
                }
                Ok(None) => reading.entity(&name),
                Err(error) => Err(error.to_string()),
            },
            Event::DocType(_) => Err("a catalogue declares no document type".to_owned()),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => Ok(()),
            Event::Eof => break,
        };
        done.map_err(|what| place(what, at))?;
    }
    if !reading.path.is_empty() {
        return Err("the file ends within an element".into());
    }
    reading.tree.title = in_order(&reading.tree.title);
    reading.tree.version = in_order(&reading.tree.version);
    if reading.tree.title.is_empty() {
        return Err("this is no OSCAL catalogue: <catalog> with <metadata> is expected".into());
    }
    Ok(reading.tree)
}

fn in_order(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    add_words(&mut words, text);
    words
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Result<String, String> {
    let found = start.try_get_attribute(name).map_err(|error| error.to_string())?;
    let Some(found) = found else { return Ok(String::new()) };
    let value = found.normalized_value(XmlVersion::Implicit1_0);
    Ok(value.map_err(|error| error.to_string())?.into_owned())
}

impl Reading {
    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), String> {
        if self.path.len() >= MAX_DEPTH {
            return Err(format!("nested deeper than {MAX_DEPTH}"));
        }
        let name = start.local_name();
        let name = name.as_ref();
        let parent = self.path.last().copied();
        let inside = match (parent, name) {
            (None, "catalog") => Inside::Catalogue,
            (None, _) => return Err(format!("<{name}> is no OSCAL catalogue")),
            (Some(Inside::Catalogue), "metadata") => Inside::Metadata,
            (Some(Inside::Metadata | Inside::Node), "title") | (Some(Inside::Title), _) => {
                Inside::Title
            }
            (Some(Inside::Metadata), "version") => Inside::Version,
            (Some(Inside::Metadata), "prop") => {
                self.tree.props.insert(attribute(start, "name")?, attribute(start, "value")?);
                Inside::Other
            }
            (Some(Inside::Catalogue | Inside::Node), "group" | "control") => {
                self.nodes += 1;
                if self.nodes > MAX_NODES {
                    return Err(format!("more than {MAX_NODES} groups and controls"));
                }
                self.open.push(Node {
                    is_control: name == "control",
                    id: attribute(start, "id")?,
                    class: attribute(start, "class")?,
                    ..Node::default()
                });
                Inside::Node
            }
            (Some(Inside::Node), "prop") => {
                if attribute(start, "name")? == "status" {
                    let value = attribute(start, "value")?;
                    if let Some(node) = self.open.last_mut() {
                        node.status = value;
                    }
                }
                Inside::Other
            }
            (Some(Inside::Node), "param") => {
                self.param = attribute(start, "id")?;
                Inside::Param
            }
            (Some(Inside::Param), "label") | (Some(Inside::Label), _) => Inside::Label,
            (Some(Inside::Node), "part") => self.part(start)?,
            // Everything in a statement is its words, but for properties of its parts.
            (Some(Inside::Statement), "prop" | "link" | "title") => Inside::Other,
            (Some(Inside::Statement), "insert") => {
                let id = attribute(start, "id-ref")?;
                self.insert(&id);
                Inside::Other
            }
            (Some(Inside::Statement), _) => {
                self.apart(name);
                Inside::Statement
            }
            _ => Inside::Other,
        };
        self.path.push(inside);
        Ok(())
    }

    fn part(&mut self, start: &BytesStart<'_>) -> Result<Inside, String> {
        let Some(node) = self.open.last_mut() else { return Ok(Inside::Other) };
        Ok(match attribute(start, "name")?.as_str() {
            "statement" => Inside::Statement,
            "example" => {
                node.examples += 1;
                Inside::Other
            }
            _ => Inside::Other,
        })
    }

    /// What begins a block does not go on with the word before it.
    fn apart(&mut self, name: &str) {
        let is_block = matches!(name, "p" | "part" | "li" | "ul" | "ol" | "table" | "tr" | "td");
        if let Some(node) = self.open.last_mut().filter(|_| is_block) {
            node.statement.push(' ');
        }
    }

    fn insert(&mut self, id: &str) {
        if let Some(node) = self.open.last_mut() {
            let label = node.params.get(id).map_or(id, String::as_str);
            let label = format!("[{label}]");
            node.statement.push_str(&label);
        }
    }

    fn target(&mut self) -> Option<&mut String> {
        match self.path.last()? {
            Inside::Title => match self.open.last_mut() {
                Some(node) => Some(&mut node.title),
                None => Some(&mut self.tree.title),
            },
            Inside::Version => Some(&mut self.tree.version),
            Inside::Statement => self.open.last_mut().map(|node| &mut node.statement),
            Inside::Label => {
                let param = self.param.clone();
                self.open.last_mut().map(|node| node.params.entry(param).or_default())
            }
            _ => None,
        }
    }

    /// Blanks are put in order at the end: a reference may stand in the middle of a word.
    fn words(&mut self, words: &str) {
        if let Some(text) = self.target() {
            text.push_str(words);
        }
    }

    fn character(&mut self, c: char) {
        if let Some(text) = self.target() {
            text.push(c);
        }
    }

    fn entity(&mut self, name: &str) -> Result<(), String> {
        let c = match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => return Err(format!("the entity &{name}; is not known")),
        };
        self.character(c);
        Ok(())
    }

    fn end(&mut self) {
        if self.path.pop() != Some(Inside::Node) {
            return;
        }
        let Some(mut node) = self.open.pop() else { return };
        node.title = in_order(&node.title);
        node.statement = in_order(&node.statement);
        match self.open.last_mut() {
            Some(parent) => parent.nodes.push(node),
            None => self.tree.nodes.push(node),
        }
    }
}
