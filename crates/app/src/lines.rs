//! Files of lines: the rows of a table in CSV, and where something stands.

/// The rows of a table with comma or semicolon, whichever its first line has more of.
pub(crate) fn rows(text: &str) -> csv::Reader<&[u8]> {
    let head = text.lines().next().unwrap_or_default();
    let count = |mark: char| head.matches(mark).count();
    let delimiter = if count(';') > count(',') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new();
    reader.has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes())
}

/// Where the column of a title stands.
pub(crate) fn column(titles: &csv::StringRecord, title: &str) -> Option<usize> {
    titles.iter().position(|one| one.trim().eq_ignore_ascii_case(title))
}

/// Tells lines of a text one after another, each byte looked at once.
pub(crate) struct Lines<'t> {
    text: &'t [u8],
    /// Up to where ends of lines are counted, and how many there are.
    to: usize,
    ends: u64,
}

impl<'t> Lines<'t> {
    /// From the beginning of a text.
    pub(crate) fn of(text: &'t str) -> Self {
        Self { text: text.as_bytes(), to: 0, ends: 0 }
    }

    /// The number of the line of a record, of where its reader says that it begins: between the two bytes
    /// that end the line before, if there are two. Records come in their order.
    pub(crate) fn at(&mut self, byte: u64) -> u64 {
        let begins = usize::try_from(byte).unwrap_or(usize::MAX).min(self.text.len());
        let passed = self.text.get(self.to..begins).unwrap_or_default();
        self.ends += ends(passed.iter());
        self.to = self.to.max(begins);
        let rest = self.text.get(begins..).unwrap_or_default();
        let between = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
        self.ends + ends(between) + 1
    }
}

fn ends<'b>(bytes: impl Iterator<Item = &'b u8>) -> u64 {
    bytes.filter(|byte| **byte == b'\n').count() as u64
}
