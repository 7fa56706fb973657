//! Text of blocks that are not quite UTF-8, with the places of the source.
//!
//! [`text`] replaces what is no UTF-8 by U+FFFD, which is longer than what it replaces;
//! [`Places`] finds back from a place in that text to the byte of the source. It walks along
//! instead of keeping a table, so that a block of nothing but damage costs no memory.

use std::borrow::Cow;
use std::str::Utf8Chunks;

use crate::stream::Block;

/// The block as text.
pub fn text<'a>(block: &Block<'a>) -> Cow<'a, str> {
    String::from_utf8_lossy(block.bytes)
}

/// From places in the text of a block to offsets in the source.
pub struct Places<'a> {
    chunks: Utf8Chunks<'a>,
    /// Where the piece begins that the last question lay in: in the text and in the source.
    piece: (usize, u64),
    /// Where the next one begins.
    next: (usize, u64),
}

impl<'a> Places<'a> {
    /// Ready for the start of the block.
    pub fn new(block: &Block<'a>) -> Self {
        let start = (0, block.offset);
        Self { chunks: block.bytes.utf8_chunks(), piece: start, next: start }
    }

    /// The offset of a place of the text. Places are asked for in their order; one that lies
    /// before the last gives the start of the piece that the last lay in.
    pub fn offset(&mut self, at: usize) -> u64 {
        while at >= self.next.0 {
            let Some(chunk) = self.chunks.next() else { break };
            self.piece = self.next;
            let replaced =
                if chunk.invalid().is_empty() { 0 } else { char::REPLACEMENT_CHARACTER.len_utf8() };
            self.next.0 += chunk.valid().len() + replaced;
            self.next.1 += (chunk.valid().len() + chunk.invalid().len()) as u64;
        }
        let offset = self.piece.1 + at.saturating_sub(self.piece.0) as u64;
        offset.min(self.next.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_lie_where_the_source_has_them() {
        let bytes = b"a\xff\xffb\xe1\xbac\xff";
        let block = Block { bytes, offset: 100, first_line: 1, last: true };
        let text = text(&block);
        let mut places = Places::new(&block);
        let found: Vec<(char, u64)> =
            text.char_indices().map(|(at, c)| (c, places.offset(at))).collect();
        let r = char::REPLACEMENT_CHARACTER;
        let expected = [('a', 100), (r, 101), (r, 102), ('b', 103), (r, 104), ('c', 106), (r, 107)];
        assert_eq!(found, expected);
        assert_eq!(places.offset(text.len()), 108);
    }
}
