//! YAML of a pack as a [`Content`], and back to its lines for what is wrong.

use khien_event::yaml::{self, Content as Yaml, Node};

use super::PackError;
use crate::evidence::content::Content;
use crate::facts::ShapeError;

/// A pack as it is written by hand.
pub(crate) struct Source<'t> {
    document: Node<'t>,
}

impl<'t> Source<'t> {
    /// Reads the YAML.
    pub(crate) fn parse(text: &'t str) -> Result<Self, PackError> {
        let told = |line, what| PackError { line, path: Vec::new(), what };
        let documents =
            yaml::parse(text).map_err(|error| told(Some(error.line), error.message.clone()))?;
        let mut documents = documents.into_iter();
        match (documents.next(), documents.next()) {
            (Some(document), None) => Ok(Self { document }),
            _ => Err(told(None, "one document is expected".into())),
        }
    }

    /// The same as records carry it.
    pub(crate) fn content(&self) -> Result<Content, PackError> {
        content(&self.document)
    }

    /// What is wrong, with the line that is nearest to it.
    pub(crate) fn at_its_line(&self, error: ShapeError) -> PackError {
        let mut node = &self.document;
        for name in &error.path {
            let next = match &node.content {
                Yaml::Map(_) => node.get(name),
                // Items of lists are called by their id, or by their place from 1.
                Yaml::List(items) => items
                    .iter()
                    .find(|item| item.get_str("id") == Some(name))
                    .or_else(|| items.get(name.parse::<usize>().ok()?.checked_sub(1)?)),
                Yaml::Scalar { .. } => None,
            };
            let Some(next) = next else { break };
            node = next;
        }
        PackError { line: Some(node.line), path: error.path, what: error.what }
    }
}

fn content(node: &Node<'_>) -> Result<Content, PackError> {
    let wrong = |what: String| PackError { line: Some(node.line), path: Vec::new(), what };
    Ok(match &node.content {
        Yaml::List(items) => Content::List(items.iter().map(content).collect::<Result<_, _>>()?),
        Yaml::Map(entries) => {
            let mut values = std::collections::BTreeMap::new();
            for (name, value) in entries {
                let name = name.as_str().ok_or_else(|| wrong("a name must be a text".into()))?;
                if values.insert(name.to_owned(), content(value)?).is_some() {
                    return Err(wrong(format!("«{name}» is there twice")));
                }
            }
            Content::Map(values)
        }
        Yaml::Scalar { text, plain: true } if text == "true" || text == "false" => {
            Content::Bool(text == "true")
        }
        Yaml::Scalar { text, plain: true } => match text.parse::<i64>() {
            Ok(value) if value.to_string() == text.as_ref() => Content::Int(value),
            _ => Content::Text(text.as_ref().to_owned()),
        },
        Yaml::Scalar { text, .. } => Content::Text(text.as_ref().to_owned()),
    })
}
