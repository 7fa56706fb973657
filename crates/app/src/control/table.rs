//! A catalogue as a plain table: CSV with the columns `id` and `title`, and `group` and `text` if there are.

use super::tree::{MAX_NODES, Node, Tree};
use crate::lines::{column, rows};

/// What a table does not say of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    /// The name and version of the catalogue.
    pub key: khien_domain::control::CatalogueKey,
    /// What it is called.
    pub title: String,
}

/// Reads the table; what is wrong with it is told with its row.
pub(super) fn read(text: &str, called: &Called) -> Result<Tree, String> {
    let mut tree = Tree {
        title: called.title.trim().to_owned(),
        version: called.key.version.clone(),
        ..Tree::default()
    };
    if tree.title.is_empty() {
        return Err("a table says nothing of itself: give the catalogue a title".into());
    }
    let mut places: Option<[Option<usize>; 4]> = None;
    let mut nodes = 0;
    for record in rows(text).into_records() {
        let record = record.map_err(|error| format!("the file cannot be read: {error}"))?;
        let cell = |place: usize| record.get(place).unwrap_or_default().trim();
        let Some(places) = places else {
            let found = ["id", "title", "group", "text"].map(|title| column(&record, title));
            if found[0].is_none() || found[1].is_none() {
                return Err("the first row has the titles id and title".into());
            }
            places = Some(found);
            continue;
        };
        let [id, title, group, words] = places.map(|place| place.map_or("", cell));
        if [id, title, group, words].iter().all(|cell| cell.is_empty()) {
            continue;
        }
        nodes += 1;
        if nodes > MAX_NODES {
            return Err(format!("more than {MAX_NODES} groups and controls"));
        }
        let control = Node {
            is_control: true,
            id: id.to_owned(),
            title: title.to_owned(),
            statement: words.to_owned(),
            ..Node::default()
        };
        add(&mut tree, group, control);
    }
    Ok(tree)
}

/// Puts a control into its group, in the order in which groups come.
fn add(tree: &mut Tree, group: &str, control: Node) {
    if group.is_empty() {
        tree.nodes.push(control);
        return;
    }
    let known = tree.nodes.iter().position(|node| !node.is_control && node.title == group);
    let at = known.unwrap_or_else(|| {
        let groups = tree.nodes.iter().filter(|node| !node.is_control).count();
        let id = format!("g{}", groups + 1);
        tree.nodes.push(Node { id, title: group.to_owned(), ..Node::default() });
        tree.nodes.len() - 1
    });
    tree.nodes[at].nodes.push(control);
}
