//! Text to query: a reader that goes down the grammar, one function a level.

use super::error::{QueryError, Reason};
use super::moment::moment;
use super::word::{LooksLike, Word, is_special, is_text_with_colon, network};
use super::{Bound, MAX_DEPTH, MAX_QUERY_BYTES, MAX_TERMS, Phrase, Piece, Query, Test};
use crate::schema::{Column, Kind};

/// Reads a query.
pub(super) fn parse(text: &str) -> Result<Query, QueryError> {
    if text.len() > MAX_QUERY_BYTES {
        return Err(QueryError { at: 0, reason: Reason::TooLong });
    }
    let letters: Vec<char> = text.chars().collect();
    let mut parser = Parser { letters: &letters, at: 0, depth: 0, terms: 0, field: None };
    parser.skip_space();
    if parser.peek().is_none() {
        return Ok(Query::All);
    }
    let query = parser.or()?;
    match parser.peek() {
        None => Ok(query),
        Some(_) => Err(parser.error(Reason::StrayParenthesis)),
    }
}

struct Parser<'a> {
    letters: &'a [char],
    at: usize,
    depth: usize,
    terms: usize,
    /// The field of `field:( … )`.
    field: Option<String>,
}

impl Parser<'_> {
    fn or(&mut self) -> Result<Query, QueryError> {
        let mut parts = vec![self.and()?];
        while self.take_keyword("OR") {
            parts.push(self.and()?);
        }
        Ok(Query::or(parts))
    }

    fn and(&mut self) -> Result<Query, QueryError> {
        let mut parts = vec![self.not()?];
        loop {
            if self.take_keyword("AND") {
                parts.push(self.not()?);
            } else if matches!(self.peek(), None | Some(')')) || self.is_keyword("OR") {
                return Ok(Query::and(parts));
            } else {
                parts.push(self.not()?);
            }
        }
    }

    fn not(&mut self) -> Result<Query, QueryError> {
        self.skip_space();
        let minus = self.peek() == Some('-');
        if !minus && !self.take_keyword("NOT") {
            return self.primary();
        }
        self.at += usize::from(minus);
        if minus && self.peek().is_none_or(char::is_whitespace) {
            return Err(self.error(Reason::NothingHere));
        }
        self.deeper()?;
        let inner = self.not()?;
        self.depth -= 1;
        Ok(Query::Not(Box::new(inner)))
    }

    fn primary(&mut self) -> Result<Query, QueryError> {
        self.skip_space();
        let query = match self.peek() {
            None | Some(')') => Err(self.error(Reason::NothingHere)),
            Some('(') => self.group(),
            Some(_) if self.is_keyword("AND") || self.is_keyword("OR") => {
                Err(self.error(Reason::NothingHere))
            }
            Some(_) => self.term(),
        }?;
        self.skip_space();
        Ok(query)
    }

    fn group(&mut self) -> Result<Query, QueryError> {
        let begin = self.at;
        self.deeper()?;
        self.at += 1;
        let inner = self.or()?;
        if self.peek() != Some(')') {
            return Err(QueryError { at: begin, reason: Reason::OpenParenthesis });
        }
        self.at += 1;
        self.depth -= 1;
        Ok(inner)
    }

    fn term(&mut self) -> Result<Query, QueryError> {
        self.terms += 1;
        if self.terms > MAX_TERMS {
            return Err(self.error(Reason::TooManyTerms));
        }
        if let Some(name) = self.field.clone() {
            let test = self.test(&name)?;
            return Ok(Query::Field { name, test });
        }
        if matches!(self.peek(), Some('[' | '{' | '<' | '>')) {
            return Err(self.error(Reason::RangeWithoutField));
        }
        let begin = self.at;
        if let Some(name) = self.name()? {
            if matches!(self.peek(), None | Some(')'))
                || self.peek().is_some_and(char::is_whitespace)
            {
                return Err(self.error(Reason::NoValue));
            }
            return self.field(name);
        }
        self.at = begin;
        let phrase = self.phrase(true)?;
        Ok(match phrase.pieces.as_slice() {
            [Piece::Any] if !phrase.bare => Query::All,
            _ => Query::Text(phrase),
        })
    }

    /// A name with its colon, if one stands here.
    fn name(&mut self) -> Result<Option<String>, QueryError> {
        let rest = self.letters.get(self.at..).unwrap_or_default();
        if self.peek() == Some('~') || is_text_with_colon(rest.iter().copied()) {
            return Ok(None);
        }
        let word = self.word(true)?;
        let plain = word.quoted
            || !word
                .letters
                .iter()
                .any(|&(letter, literal)| !literal && matches!(letter, '*' | '?'));
        if self.peek() != Some(':') || word.letters.is_empty() || !plain {
            return Ok(None);
        }
        self.at += 1;
        Ok(Some(word.text()))
    }

    fn field(&mut self, name: String) -> Result<Query, QueryError> {
        if self.peek() != Some('(') {
            let test = self.test(&name)?;
            return Ok(Query::Field { name, test });
        }
        self.field = Some(name);
        let inner = self.group();
        self.field = None;
        inner
    }

    fn test(&mut self, name: &str) -> Result<Test, QueryError> {
        let begin = self.at;
        let test = match self.peek() {
            Some('[' | '{') => self.range()?,
            Some('<' | '>') => self.comparison()?,
            _ => return self.value(),
        };
        let is_moment =
            Column::named(name).is_some_and(|column| column.spec().kind == Kind::Moment);
        if let (true, Test::Range { low, high }) = (is_moment, &test) {
            for bound in [low, high].into_iter().flatten() {
                if moment(&bound.value).is_none() {
                    let reason = Reason::BadMoment(bound.value.clone());
                    return Err(QueryError { at: begin, reason });
                }
            }
        }
        Ok(test)
    }

    fn value(&mut self) -> Result<Test, QueryError> {
        let begin = self.at;
        let quoted = self.peek() == Some('"');
        let phrase = self.phrase(false)?;
        if phrase.bare || quoted {
            return Ok(Test::Is(phrase));
        }
        if phrase.pieces == [Piece::Any] {
            return Ok(Test::Exists);
        }
        match phrase.literal().map_or(LooksLike::Text, network) {
            LooksLike::Network(network) => Ok(Test::Within(network)),
            LooksLike::BadNetwork => Err(QueryError { at: begin, reason: Reason::BadNetwork }),
            LooksLike::Text => Ok(Test::Is(phrase)),
        }
    }

    fn phrase(&mut self, free: bool) -> Result<Phrase, QueryError> {
        let bare = self.peek() == Some('~');
        self.at += usize::from(bare);
        let begin = self.at;
        let word = self.word(false)?;
        if word.letters.is_empty() && (free || !word.quoted) {
            return Err(QueryError { at: begin, reason: Reason::NothingHere });
        }
        let pieces = match word.quoted {
            true if word.letters.is_empty() => Vec::new(),
            true => vec![Piece::Text(word.text())],
            false => word.pieces(),
        };
        Ok(Phrase { pieces, bare })
    }

    fn comparison(&mut self) -> Result<Test, QueryError> {
        let greater = self.peek() == Some('>');
        self.at += 1;
        let inclusive = self.peek() == Some('=');
        self.at += usize::from(inclusive);
        let word = self.word(false)?;
        if word.letters.is_empty() {
            return Err(self.error(Reason::NoValue));
        }
        let bound = Some(Bound { value: word.text(), inclusive });
        let (low, high) = if greater { (bound, None) } else { (None, bound) };
        Ok(Test::Range { low, high })
    }

    fn range(&mut self) -> Result<Test, QueryError> {
        let begin = self.at;
        let bad = || QueryError { at: begin, reason: Reason::BadRange };
        let low_inclusive = self.peek() == Some('[');
        self.at += 1;
        let low = self.bound()?;
        self.skip_space();
        if !self.word(true)?.is_bare("TO") {
            return Err(bad());
        }
        let high = self.bound()?;
        self.skip_space();
        let high_inclusive = match self.peek() {
            Some(']') => true,
            Some('}') => false,
            _ => return Err(bad()),
        };
        self.at += 1;
        let bound = |word: Word, inclusive: bool| {
            let open = word.is_bare("*");
            (!open).then(|| Bound { value: word.text(), inclusive })
        };
        match (bound(low, low_inclusive), bound(high, high_inclusive)) {
            (None, None) => Ok(Test::Exists),
            (low, high) => Ok(Test::Range { low, high }),
        }
    }

    fn bound(&mut self) -> Result<Word, QueryError> {
        self.skip_space();
        let word = self.word(false)?;
        if word.letters.is_empty() && !word.quoted {
            return Err(QueryError { at: word.begin, reason: Reason::BadRange });
        }
        Ok(word)
    }

    /// The word or quotation here; a name ends at a colon.
    fn word(&mut self, name: bool) -> Result<Word, QueryError> {
        let begin = self.at;
        if self.peek() == Some('"') {
            return self.quotation();
        }
        let mut letters = Vec::new();
        while let Some(letter) = self.peek() {
            let next = self.letters.get(self.at + 1).copied();
            let beginning = letters.is_empty() && matches!(next, Some('-' | '~' | '<' | '>'));
            if letter == '\\' && (next.is_some_and(is_special) || beginning) {
                letters.extend(next.map(|next| (next, true)));
                self.at += 2;
                continue;
            }
            let ends = matches!(letter, '"' | '(' | ')' | '[' | ']' | '{' | '}')
                || letter.is_whitespace()
                || name && letter == ':';
            if ends {
                break;
            }
            letters.push((letter, false));
            self.at += 1;
        }
        Ok(Word { begin, letters, quoted: false })
    }

    fn quotation(&mut self) -> Result<Word, QueryError> {
        let begin = self.at;
        self.at += 1;
        let mut letters = Vec::new();
        loop {
            let next = self.letters.get(self.at + 1).copied();
            match self.peek() {
                None => return Err(QueryError { at: begin, reason: Reason::OpenQuote }),
                Some('"') => break,
                Some('\\') if matches!(next, Some('"' | '\\')) => {
                    letters.extend(next.map(|next| (next, true)));
                    self.at += 1;
                }
                Some(letter) => letters.push((letter, true)),
            }
            self.at += 1;
        }
        self.at += 1;
        Ok(Word { begin, letters, quoted: true })
    }

    fn is_keyword(&self, word: &str) -> bool {
        let rest = self.letters.get(self.at..).unwrap_or_default();
        let found = rest.iter().take(word.len()).copied().eq(word.chars());
        let end = rest.get(word.len());
        found
            && end.is_none_or(|letter| letter.is_whitespace() || matches!(letter, '(' | ')' | '"'))
    }

    fn take_keyword(&mut self, word: &str) -> bool {
        let found = self.is_keyword(word);
        if found {
            self.at += word.len();
            self.skip_space();
        }
        found
    }

    fn deeper(&mut self) -> Result<(), QueryError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(self.error(Reason::TooDeep)) } else { Ok(()) }
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    fn error(&self, reason: Reason) -> QueryError {
        QueryError { at: self.at, reason }
    }
}
