//! A small XML reader: one token after the other, nothing kept, nothing expanded.
//!
//! It knows elements, attributes, text, CDATA, comments, processing instructions and the five
//! named entities. A document type is refused, so no entity can be defined.

use std::borrow::Cow;

/// A piece of XML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// `<name …>`, or `<name …/>` if `empty`.
    Start {
        /// The name without its namespace prefix.
        name: &'a str,
        /// What stands between the name and the end of the tag.
        attributes: &'a str,
        /// Whether the element ends here.
        empty: bool,
    },
    /// `</name>`.
    End(&'a str),
    /// Text that still carries its entities.
    Text(&'a str),
    /// The inside of a CDATA section.
    Plain(&'a str),
}

/// Walks over a text.
#[derive(Clone, Debug)]
pub struct Pull<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Pull<'a> {
    /// Begins at the start of `text`.
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// How many bytes have been read.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The next token, or `None` at the end.
    pub fn token(&mut self) -> Result<Option<Token<'a>>, &'static str> {
        loop {
            let rest = self.text.get(self.at..).unwrap_or("");
            if rest.is_empty() {
                return Ok(None);
            }
            if !rest.starts_with('<') {
                let end = rest.find('<').unwrap_or(rest.len());
                self.at += end;
                return Ok(Some(Token::Text(rest.get(..end).unwrap_or(""))));
            }
            if let Some(inside) = rest.strip_prefix("<![CDATA[") {
                let end = inside.find("]]>").ok_or("a CDATA section is not closed")?;
                self.at += "<![CDATA[".len() + end + "]]>".len();
                return Ok(Some(Token::Plain(inside.get(..end).unwrap_or(""))));
            }
            if rest.starts_with("<!--") {
                self.at += rest.find("-->").ok_or("a comment is not closed")? + 3;
            } else if rest.starts_with("<?") {
                self.at += rest.find("?>").ok_or("an instruction is not closed")? + 2;
            } else if rest.starts_with("<!") {
                return Err("a document type is not read");
            } else {
                return self.tag(rest).map(Some);
            }
        }
    }

    fn tag(&mut self, rest: &'a str) -> Result<Token<'a>, &'static str> {
        let end = tag_end(rest).ok_or("a tag is not closed")?;
        self.at += end + 1;
        let inside = rest.get(1..end).unwrap_or("");
        if let Some(name) = inside.strip_prefix('/') {
            return Ok(Token::End(local(name.trim())));
        }
        let (inside, empty) = match inside.strip_suffix('/') {
            Some(inside) => (inside, true),
            None => (inside, false),
        };
        let split = inside.find(|c: char| c.is_ascii_whitespace()).unwrap_or(inside.len());
        let (name, attributes) = inside.split_at(split);
        if name.is_empty() {
            return Err("a tag has no name");
        }
        Ok(Token::Start { name: local(name), attributes, empty })
    }
}

/// Where the `>` of the tag at the start of `text` stands, quotes respected.
fn tag_end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    loop {
        at += memchr::memchr3(b'>', b'"', b'\'', bytes.get(at..)?)?;
        match bytes.get(at)? {
            b'>' => return Some(at),
            quote => at += 2 + memchr::memchr(*quote, bytes.get(at + 1..)?)?,
        }
    }
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// The attributes of a tag with their values, entities still in them.
pub fn attributes(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (name, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, next) = after.get(1..)?.split_once(quote)?;
        rest = next;
        Some((local(name.trim()), value))
    })
}

/// Resolves the named and numbered entities; others stay as they are.
pub fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let end = after.bytes().take(12).position(|byte| byte == b';');
        let found = end.and_then(|end| Some((character(after.get(..end)?)?, end)));
        if let Some((decoded, end)) = found {
            out.push(decoded);
            rest = after.get(end + 1..).unwrap_or("");
        } else {
            out.push('&');
            rest = after;
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn character(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_come_in_order_and_quotes_hide_brackets() {
        let text = "<?xml x?><!-- a > b --><e:A n='>' m = \"1\">x &amp; y<![CDATA[<z>]]><B/></e:A>";
        let mut pull = Pull::new(text);
        let mut tokens = Vec::new();
        while let Some(token) = pull.token().unwrap() {
            tokens.push(token);
        }
        let attributes_text = " n='>' m = \"1\"";
        assert_eq!(
            tokens,
            [
                Token::Start { name: "A", attributes: attributes_text, empty: false },
                Token::Text("x &amp; y"),
                Token::Plain("<z>"),
                Token::Start { name: "B", attributes: "", empty: true },
                Token::End("A"),
            ]
        );
        let found: Vec<_> = attributes(attributes_text).collect();
        assert_eq!(found, [("n", ">"), ("m", "1")]);
    }

    #[test]
    fn entities_are_resolved_and_none_can_be_defined() {
        assert_eq!(decode("&lt;&#65;&#x1EC7;&apos;&unknown;&"), "<Aệ'&unknown;&");
        assert_eq!(decode("&#xD800;&#99999999999;"), "&#xD800;&#99999999999;");
        let bomb = "<!DOCTYPE x [<!ENTITY a \"b\">]>";
        assert_eq!(Pull::new(bomb).token(), Err("a document type is not read"));
        for broken in ["<", "<a", "<a b='", "<!--", "<![CDATA[", "<?", "< >"] {
            assert!(Pull::new(broken).token().is_err(), "{broken}");
        }
    }
}
