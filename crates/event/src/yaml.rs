//! YAML with line numbers, for rules and packs.
//!
//! Text goes in, a tree of [`Node`]s comes out, one per document; every node knows its line, so
//! an error in a rule can say where. Plain scalars keep their text: what looks like a number is
//! told apart from a quoted string by [`Node::is_plain`], not by losing the spelling. Anchors are
//! refused beyond a size, so that a small file cannot unfold into a large tree. Texts are views of the
//! file wherever it holds them as they are meant.
//!
//! Thousands of rules are read before the first event is, so the shape that nearly all of them have
//! is read by `block.rs`; whatever else there is goes through `saphyr-parser`.

use std::borrow::Cow;

use saphyr_parser::{Event, Parser, ScalarStyle, StrInput};

mod block;

/// No document may hold more nodes than this, aliases unfolded.
const MAX_NODES: usize = 200_000;
/// No document may nest deeper than this.
const MAX_DEPTH: usize = 64;

/// A value in a YAML document.
#[derive(Clone, Debug, PartialEq)]
pub struct Node<'t> {
    /// The line it starts on, counted from 1.
    pub line: u32,
    /// What it holds.
    pub content: Content<'t>,
}

/// What a [`Node`] holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Content<'t> {
    /// A single value; `plain` if it is written without quotes.
    Scalar {
        /// The text, escapes resolved.
        text: Cow<'t, str>,
        /// Whether it is written without quotes and not as a block.
        plain: bool,
    },
    /// A list.
    List(Vec<Node<'t>>),
    /// Keys with values, in their order.
    Map(Vec<(Node<'t>, Node<'t>)>),
}

/// Text that is not YAML, or too large to be a rule or a pack.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct YamlError {
    /// The line, counted from 1.
    pub line: u32,
    /// What is wrong.
    pub message: String,
}

impl<'t> Node<'t> {
    /// The text of a scalar.
    pub fn as_str(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The items of a list.
    pub fn as_list(&self) -> Option<&[Node<'t>]> {
        match &self.content {
            Content::List(items) => Some(items),
            _ => None,
        }
    }

    /// The entries of a map.
    pub fn as_map(&self) -> Option<&[(Node<'t>, Node<'t>)]> {
        match &self.content {
            Content::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// Whether it is a scalar without quotes.
    pub fn is_plain(&self) -> bool {
        matches!(self.content, Content::Scalar { plain: true, .. })
    }

    /// Whether it is `null`, `~` or nothing.
    pub fn is_null(&self) -> bool {
        self.is_plain() && matches!(self.as_str(), Some("" | "~" | "null" | "Null" | "NULL"))
    }

    /// Whether it is a plain `true` or `false`, and which.
    pub fn as_bool(&self) -> Option<bool> {
        match self.as_str().filter(|_| self.is_plain())? {
            "true" | "True" | "TRUE" => Some(true),
            "false" | "False" | "FALSE" => Some(false),
            _ => None,
        }
    }

    /// The value of a key of a map.
    pub fn get(&self, key: &str) -> Option<&Node<'t>> {
        self.as_map()?.iter().find(|(name, _)| name.as_str() == Some(key)).map(|(_, value)| value)
    }

    /// The text of a key of a map.
    pub fn get_str(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str()
    }

    /// The texts of a list, or of a single scalar.
    pub fn strings(&self) -> Vec<&str> {
        match &self.content {
            Content::List(items) => items.iter().filter_map(Node::as_str).collect(),
            Content::Scalar { text, .. } => vec![text],
            Content::Map(_) => Vec::new(),
        }
    }

    /// The same, without the text it was read from.
    pub fn into_owned(self) -> Node<'static> {
        let content = match self.content {
            Content::Scalar { text, plain } => {
                Content::Scalar { text: Cow::Owned(text.into_owned()), plain }
            }
            Content::List(items) => {
                Content::List(items.into_iter().map(Node::into_owned).collect())
            }
            Content::Map(entries) => {
                let owned =
                    |(key, value): (Node<'_>, Node<'_>)| (key.into_owned(), value.into_owned());
                Content::Map(entries.into_iter().map(owned).collect())
            }
        };
        Node { line: self.line, content }
    }

    fn size(&self) -> usize {
        match &self.content {
            Content::Scalar { .. } => 1,
            Content::List(items) => 1 + items.iter().map(Node::size).sum::<usize>(),
            Content::Map(entries) => {
                1 + entries.iter().map(|(key, value)| key.size() + value.size()).sum::<usize>()
            }
        }
    }
}

/// Reads all documents of a text; empty documents are left out.
pub fn parse(text: &str) -> Result<Vec<Node<'_>>, YamlError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match block::parse(text) {
        Some(documents) => Ok(documents),
        None => parse_any(text),
    }
}

/// Reads texts of any shape.
fn parse_any(text: &str) -> Result<Vec<Node<'_>>, YamlError> {
    let mut builder = Builder { parser: Parser::new_from_str(text), anchors: Vec::new(), nodes: 0 };
    let mut documents = Vec::new();
    while let Some((event, _)) = builder.next()? {
        match event {
            Event::DocumentStart(_) => {
                builder.anchors.clear();
                builder.nodes = 0;
                let Some((event, line)) = builder.next()? else { break };
                let node = builder.node(event, line, 0)?;
                if !node.is_null() {
                    documents.push(node);
                }
            }
            Event::StreamEnd => break,
            _ => {}
        }
    }
    Ok(documents)
}

struct Builder<'t> {
    parser: Parser<'t, StrInput<'t>>,
    anchors: Vec<(usize, Node<'t>)>,
    nodes: usize,
}

impl<'t> Builder<'t> {
    fn next(&mut self) -> Result<Option<(Event<'t>, u32)>, YamlError> {
        match self.parser.next() {
            None => Ok(None),
            Some(Ok((event, span))) => Ok(Some((event, span.start.line() as u32))),
            Some(Err(error)) => Err(YamlError {
                line: error.marker().line() as u32,
                message: error.info().to_owned(),
            }),
        }
    }

    fn required(&mut self, line: u32) -> Result<(Event<'t>, u32), YamlError> {
        self.next()?.ok_or_else(|| YamlError { line, message: "the document ends early".into() })
    }

    fn node(&mut self, event: Event<'t>, line: u32, depth: usize) -> Result<Node<'t>, YamlError> {
        let refuse = |message: &str| Err(YamlError { line, message: message.into() });
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return refuse("too many values in one document");
        }
        if depth > MAX_DEPTH {
            return refuse("nested too deeply");
        }
        let (content, anchor) = match event {
            Event::Scalar(text, style, anchor, _) => {
                let plain = matches!(style, ScalarStyle::Plain);
                (Content::Scalar { text, plain }, anchor)
            }
            Event::SequenceStart(anchor, _) => {
                let mut items = Vec::new();
                loop {
                    let (event, line) = self.required(line)?;
                    if matches!(event, Event::SequenceEnd) {
                        break;
                    }
                    items.push(self.node(event, line, depth + 1)?);
                }
                (Content::List(items), anchor)
            }
            Event::MappingStart(anchor, _) => (self.map(line, depth)?, anchor),
            Event::Alias(anchor) => {
                let Some((_, node)) = self.anchors.iter().find(|(id, _)| *id == anchor) else {
                    return refuse("an alias without its anchor");
                };
                let node = node.clone();
                self.nodes += node.size();
                if self.nodes > MAX_NODES {
                    return refuse("too many values in one document");
                }
                return Ok(node);
            }
            _ => return refuse("unexpected structure"),
        };
        let node = Node { line, content };
        if anchor != 0 {
            self.anchors.push((anchor, node.clone()));
        }
        Ok(node)
    }

    fn map(&mut self, line: u32, depth: usize) -> Result<Content<'t>, YamlError> {
        let mut entries: Vec<(Node<'t>, Node<'t>)> = Vec::new();
        loop {
            let (event, at) = self.required(line)?;
            if matches!(event, Event::MappingEnd) {
                return Ok(Content::Map(entries));
            }
            let key = self.node(event, at, depth + 1)?;
            if let Some(name) = key.as_str()
                && entries.iter().any(|(other, _)| other.as_str() == Some(name))
            {
                return Err(YamlError {
                    line: at,
                    message: format!("the key «{name}» stands twice"),
                });
            }
            let (event, at) = self.required(at)?;
            let value = self.node(event, at, depth + 1)?;
            entries.push((key, value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_keep_lines_order_and_quoting() {
        let text = "a: 1\nb:\n  - 'x'\n  - null\n---\nc: |\n  two\n  lines\n---\n";
        let documents = parse(text).unwrap();
        assert_eq!(documents.len(), 2);
        let list = documents[0].get("b").unwrap();
        assert_eq!(list.as_list().unwrap()[0].line, 3);
        assert!(!list.as_list().unwrap()[0].is_plain());
        assert!(list.as_list().unwrap()[1].is_null());
        assert_eq!(documents[1].get_str("c"), Some("two\nlines\n"));
    }

    #[test]
    fn faults_say_their_line() {
        assert_eq!(parse("a: 1\na: 2\n").unwrap_err().line, 2);
        assert_eq!(parse("a: [1\nb: 2\n").unwrap_err().line, 2);
        assert!(parse("a: *nowhere\n").is_err());
    }

    #[test]
    fn a_bomb_of_aliases_is_refused() {
        let mut lines = vec!["a0: &a0 [x,x,x,x,x,x,x,x,x,x]".to_owned()];
        for level in 1..10 {
            let previous = format!("*a{},", level - 1).repeat(10);
            lines.push(format!("a{level}: &a{level} [{previous}]"));
        }
        let text = lines.join("\n");
        assert!(parse(&text).unwrap_err().message.contains("too many values"));
        assert!(parse(&"[".repeat(1000)).is_err());
    }

    /// The common shape is read as the general parser reads it, or not at all.
    fn both_agree(text: &str) -> bool {
        let Some(documents) = block::parse(text) else { return false };
        assert_eq!(Ok(documents), parse_any(text), "{text}");
        true
    }

    #[test]
    fn the_common_shape_is_known() {
        for text in [
            "",
            "# nothing\n\n",
            "a: b\nc: 'd''e'  # why\n\"f\\\\\": \"g\\\"h\"\r\ni: -j\n",
            "a:\n  - b\n  # c\n  - d: 'e: f'\n    g:\n    - h\n    - i\n\n  -\n    j: k\n",
            "a: b c\n  d#e\n\n  - f\ng:\n- h:i # j\n",
            "a: |\n\n  b\n\n   c \n\nd: |-\n    e\n    # f\n\ng:\n  - |\n   h\n  - i\n",
            "a: |-\n  b",
        ] {
            assert!(both_agree(text), "{text}");
        }
    }

    #[test]
    fn what_is_uncertain_is_left_to_the_general_parser() {
        for text in [
            "a",
            "- a: *b\n",
            "a: [b]\n",
            "a: >\n  b\n",
            "a:\nb: c\n",
            "a: b\na: c\n",
            "a: b: c\n",
            "a: 'b\n  c'\n",
            "a: b # c\n  d\n",
            "a: b\n # c\n  d\n",
            "---\na: b\n",
            "a: |\n  b",
            "a: |\n  b\n c: d\n",
            "a: |+\n  b\n\n",
            "a: 'b'\n  c: d\n",
            "a:\tb\n",
            "- - a\n",
            "a : b\n",
            "a: b\n c: d\n",
            "a: \"\\x41\"\n",
            "a: b\rc: d\n",
            "\u{feff}a: b\n",
            "a: 'b'c\n",
            "? a\n",
        ] {
            assert_eq!(block::parse(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_alike(text in "[ab:#'\"\\-|>&*!\\[{,%?\\\\ \r\n\t\u{85}\u{a0}\u{feff}đ]{0,40}") {
            both_agree(&text);
        }

        #[test]
        fn any_lines_are_read_alike(
            lines in proptest::collection::vec(
                " {0,4}(- {1,2}){0,2}(a:|b: |'c':  |\"d\": ){0,2}(e f|e: f|g #h|i#j|-k|: l|'m n'|'o''p'|\"q\\\\\\\\r\"|\\||\\|-|\\||#s|''|\\[\\]|null|t:u|---|'|\"|)( # v)?[ \r]{0,2}",
                0..9,
            ),
            end in "\n?",
        ) {
            both_agree(&(lines.join("\n") + &end));
        }
    }
}
