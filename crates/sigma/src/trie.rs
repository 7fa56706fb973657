//! Many beginnings or ends of text, looked for in one walk.
//!
//! A [`Trie`] holds texts with a number each; walking a text through it names every number whose
//! text it begins with. Fed backwards it finds ends.

/// Texts with numbers, as a tree of bytes.
#[derive(Debug, Default)]
pub(crate) struct Trie {
    nodes: Vec<TrieNode>,
    edges: Vec<(u8, u32)>,
}

#[derive(Debug, Default)]
struct TrieNode {
    first_edge: u32,
    edges: u32,
    payload: Option<u32>,
}

impl Trie {
    /// Builds from texts (reversed by the caller for ends) with their numbers; equal texts must
    /// have been put together before.
    pub(crate) fn build(mut texts: Vec<(Vec<u8>, u32)>) -> Self {
        texts.sort();
        let mut trie = Self { nodes: vec![TrieNode::default()], edges: Vec::new() };
        trie.fill(0, &texts, 0);
        trie
    }

    fn fill(&mut self, node: usize, texts: &[(Vec<u8>, u32)], depth: usize) {
        let mut rest = texts;
        while let Some((text, number)) = rest.first()
            && text.len() == depth
        {
            if let Some(node) = self.nodes.get_mut(node) {
                node.payload = Some(*number);
            }
            rest = rest.get(1..).unwrap_or_default();
        }
        let groups: Vec<&[(Vec<u8>, u32)]> =
            rest.chunk_by(|a, b| a.0.get(depth) == b.0.get(depth)).collect();
        let first_edge = self.edges.len() as u32;
        if let Some(node) = self.nodes.get_mut(node) {
            node.first_edge = first_edge;
            node.edges = groups.len() as u32;
        }
        for group in &groups {
            let byte = group.first().and_then(|(text, _)| text.get(depth)).copied().unwrap_or(0);
            self.edges.push((byte, self.nodes.len() as u32));
            self.nodes.push(TrieNode::default());
        }
        for (at, group) in groups.into_iter().enumerate() {
            let child = self.edges.get(first_edge as usize + at).map_or(0, |edge| edge.1 as usize);
            self.fill(child, group, depth + 1);
        }
    }

    /// Names the numbers of all texts that the bytes begin with.
    pub(crate) fn walk(&self, bytes: impl Iterator<Item = u8>, mut found: impl FnMut(u32)) {
        let mut at = self.nodes.first();
        let mut bytes = bytes;
        while let Some(node) = at {
            if let Some(number) = node.payload {
                found(number);
            }
            if node.edges == 0 {
                return;
            }
            let Some(byte) = bytes.next() else { return };
            let start = node.first_edge as usize;
            let edges = self.edges.get(start..start + node.edges as usize).unwrap_or_default();
            let next = if edges.len() <= 8 {
                edges.iter().find(|edge| edge.0 == byte)
            } else {
                edges.binary_search_by_key(&byte, |edge| edge.0).ok().and_then(|at| edges.get(at))
            };
            at = next.and_then(|edge| self.nodes.get(edge.1 as usize));
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.nodes.len() <= 1 && self.nodes.first().is_none_or(|root| root.payload.is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn a_walk_finds_exactly_the_beginnings(
            texts in proptest::collection::btree_set("[ab]{0,5}", 0..20),
            text in "[abc]{0,8}",
        ) {
            let texts: Vec<String> = texts.into_iter().collect();
            let numbered = texts.iter().enumerate().map(|(at, t)| (t.clone().into_bytes(), at as u32));
            let trie = Trie::build(numbered.collect());
            let mut found = Vec::new();
            trie.walk(text.bytes(), |number| found.push(number as usize));
            found.sort_unstable();
            let expected: Vec<usize> =
                (0..texts.len()).filter(|at| text.starts_with(texts[*at].as_str())).collect();
            proptest::prop_assert_eq!(found, expected);
        }
    }
}
