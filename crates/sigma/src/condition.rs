//! The condition language.
//!
//! `selection and not 1 of filter_*` goes in with the names of the rule's search identifiers; an
//! [`Expr`] over their positions comes out. Binding, weakest first: `or`, `and`, `not`, `… of …`,
//! parentheses. `them` and patterns leave out names that begin with `_`, unless the pattern does
//! so too. An aggregation after `|`, the form before correlations, is split off by
//! [`split_aggregation`].

/// A condition over search identifiers, by their position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// The search identifier holds.
    Selection(usize),
    /// All hold.
    And(Vec<Expr>),
    /// At least one holds.
    Or(Vec<Expr>),
    /// It does not hold.
    Not(Box<Expr>),
    /// At least `need` of these search identifiers hold.
    Of {
        /// How many.
        need: usize,
        /// Which.
        among: Vec<usize>,
    },
}

/// A condition that cannot be understood: what, and where in it (in characters, from 1).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("condition, character {at}: {message}")]
pub struct ConditionError {
    /// Which character.
    pub at: usize,
    /// What is wrong and what would be right.
    pub message: String,
}

/// Deeper nesting is refused.
const MAX_DEPTH: usize = 64;

/// Reads a condition.
pub fn parse(text: &str, names: &[String]) -> Result<Expr, ConditionError> {
    let tokens = tokens(text);
    let mut parser = Parser { tokens: &tokens, at: 0, names, end: text.chars().count() + 1 };
    let expr = parser.or(0)?;
    match parser.peek() {
        None => Ok(expr),
        Some(token) => Err(parser.error(format!("«{token}» was not expected here"))),
    }
}

/// Splits `condition | aggregation`; the second part is trimmed.
pub fn split_aggregation(text: &str) -> (&str, Option<&str>) {
    match text.split_once('|') {
        Some((condition, aggregation)) => (condition, Some(aggregation.trim())),
        None => (text, None),
    }
}

struct Token<'t> {
    text: &'t str,
    at: usize,
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut start: Option<(usize, usize)> = None;
    for (at, (byte, c)) in text.char_indices().enumerate() {
        let single = matches!(c, '(' | ')');
        if (single || c.is_whitespace())
            && let Some((from, from_at)) = start.take()
        {
            tokens.extend(text.get(from..byte).map(|text| Token { text, at: from_at }));
        }
        if single {
            tokens.extend(text.get(byte..=byte).map(|text| Token { text, at: at + 1 }));
        } else if !c.is_whitespace() && start.is_none() {
            start = Some((byte, at + 1));
        }
    }
    if let Some((from, at)) = start {
        tokens.extend(text.get(from..).map(|text| Token { text, at }));
    }
    tokens
}

struct Parser<'t> {
    tokens: &'t [Token<'t>],
    at: usize,
    names: &'t [String],
    end: usize,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<&'t str> {
        self.tokens.get(self.at).map(|token| token.text)
    }

    fn peek_second(&self) -> Option<&'t str> {
        self.tokens.get(self.at + 1).map(|token| token.text)
    }

    fn error(&self, message: impl Into<String>) -> ConditionError {
        let at = self.tokens.get(self.at).map_or(self.end, |token| token.at);
        ConditionError { at, message: message.into() }
    }

    fn eat(&mut self, word: &str) -> bool {
        let hit = self.peek().is_some_and(|token| token.eq_ignore_ascii_case(word));
        self.at += usize::from(hit);
        hit
    }

    fn or(&mut self, depth: usize) -> Result<Expr, ConditionError> {
        let mut items = vec![self.and(depth)?];
        while self.eat("or") {
            items.push(self.and(depth)?);
        }
        Ok(single(items, Expr::Or))
    }

    fn and(&mut self, depth: usize) -> Result<Expr, ConditionError> {
        let mut items = vec![self.not(depth)?];
        while self.eat("and") {
            items.push(self.not(depth)?);
        }
        Ok(single(items, Expr::And))
    }

    fn not(&mut self, depth: usize) -> Result<Expr, ConditionError> {
        if depth > MAX_DEPTH {
            return Err(self.error("nested too deeply"));
        }
        if self.eat("not") {
            return Ok(Expr::Not(Box::new(self.not(depth + 1)?)));
        }
        self.atom(depth)
    }

    fn atom(&mut self, depth: usize) -> Result<Expr, ConditionError> {
        let Some(token) = self.peek() else {
            return Err(self.error("a search identifier is missing at the end"));
        };
        if token == "(" {
            self.at += 1;
            let inner = self.or(depth + 1)?;
            if !self.eat(")") {
                return Err(self.error("a closing parenthesis is missing"));
            }
            return Ok(inner);
        }
        if self.peek_second().is_some_and(|second| second.eq_ignore_ascii_case("of")) {
            return self.of(token);
        }
        match self.names.iter().position(|name| name == token) {
            Some(position) => {
                self.at += 1;
                Ok(Expr::Selection(position))
            }
            None if ["and", "or", "of", ")"].contains(&token.to_lowercase().as_str()) => {
                Err(self.error(format!("a search identifier is missing before «{token}»")))
            }
            None => Err(self.error(format!(
                "there is no search identifier «{token}»; there are: {}",
                self.names.join(", ")
            ))),
        }
    }

    fn of(&mut self, count: &str) -> Result<Expr, ConditionError> {
        let need = match count.to_ascii_lowercase().as_str() {
            "all" => None,
            "any" => Some(1),
            number => match number.parse::<usize>() {
                Ok(number) if number > 0 => Some(number),
                _ => return Err(self.error("before «of» stands a number above 0, `any` or `all`")),
            },
        };
        self.at += 2;
        let Some(pattern) = self.peek() else {
            return Err(self.error("after «of» stands `them` or a pattern of names"));
        };
        let them = pattern.eq_ignore_ascii_case("them");
        let among: Vec<usize> = self
            .names
            .iter()
            .enumerate()
            .filter(|(_, name)| !name.starts_with('_') || (!them && pattern.starts_with('_')))
            .filter(|(_, name)| them || glob(pattern, name))
            .map(|(position, _)| position)
            .collect();
        if among.is_empty() {
            return Err(self.error(format!("no search identifier fits «{pattern}»")));
        }
        let need = need.unwrap_or(among.len());
        if need > among.len() {
            return Err(
                self.error(format!("only {} search identifiers fit «{pattern}»", among.len()))
            );
        }
        self.at += 1;
        Ok(Expr::Of { need, among })
    }
}

fn single(mut items: Vec<Expr>, many: fn(Vec<Expr>) -> Expr) -> Expr {
    match items.len() {
        1 => items.pop().unwrap_or(Expr::And(Vec::new())),
        _ => many(items),
    }
}

/// Whether a name fits a pattern in which `*` stands for any text.
pub(crate) fn glob(pattern: &str, name: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(rest) = pieces.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let mut rest = rest;
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        match rest.find(piece) {
            Some(at) => rest = rest.get(at + piece.len()..).unwrap_or(""),
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Expr, ConditionError> {
        let names = ["a", "b", "sel_1", "sel_2", "sel_3", "_sel", "filter"];
        parse(text, &names.map(str::to_owned))
    }

    #[test]
    fn binding_is_or_and_not_of() {
        let s = Expr::Selection;
        let not_b = Expr::Not(Box::new(s(1)));
        assert_eq!(
            read("a or b and not b").unwrap(),
            Expr::Or(vec![s(0), Expr::And(vec![s(1), not_b.clone()])])
        );
        assert_eq!(
            read("(a OR b) AND NOT b").unwrap(),
            Expr::And(vec![Expr::Or(vec![s(0), s(1)]), not_b])
        );
        let of = Expr::Of { need: 1, among: vec![2, 3, 4] };
        assert_eq!(read("not 1 of sel_*").unwrap(), Expr::Not(Box::new(of.clone())));
        assert_eq!(read("any of sel*").unwrap(), of);
        assert_eq!(read("not not a").unwrap(), Expr::Not(Box::new(Expr::Not(Box::new(s(0))))));
    }

    #[test]
    fn of_counts_and_leaves_out_underscores() {
        assert_eq!(read("2 of sel_*").unwrap(), Expr::Of { need: 2, among: vec![2, 3, 4] });
        assert_eq!(
            read("all of them").unwrap(),
            Expr::Of { need: 6, among: vec![0, 1, 2, 3, 4, 6] }
        );
        assert_eq!(read("all of *el*").unwrap(), Expr::Of { need: 3, among: vec![2, 3, 4] });
        assert_eq!(read("1 of _s*").unwrap(), Expr::Of { need: 1, among: vec![5] });
        assert_eq!(read("1 of a").unwrap(), Expr::Of { need: 1, among: vec![0] });
    }

    #[test]
    fn faults_say_where() {
        let fault = |text: &str| read(text).unwrap_err();
        assert_eq!(fault("a and").at, 6);
        assert_eq!(fault("a and nothing").at, 7);
        assert!(fault("a and nothing").message.contains("there are: a, b"));
        assert_eq!(fault("a b").at, 3);
        assert_eq!(fault("(a").at, 3);
        assert!(fault("").message.contains("missing"));
        assert!(fault("0 of them").message.contains("above 0"));
        assert!(fault("9 of sel*").message.contains("only 3"));
        assert!(fault("1 of zzz*").message.contains("no search identifier fits"));
        assert!(fault("a or or b").message.contains("before «or»"));
        assert!(fault(&"(".repeat(5000)).message.contains("deeply"));
    }

    #[test]
    fn aggregations_are_split_off() {
        assert_eq!(split_aggregation("a | count() by b > 5"), ("a ", Some("count() by b > 5")));
        assert_eq!(split_aggregation("a"), ("a", None));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_answered(text in "\\PC{0,60}") {
            let _ = read(&text);
        }

        #[test]
        fn any_words_are_answered(words in proptest::collection::vec("a|b|and|or|not|1|all|of|them|sel_\\*|\\(|\\)", 0..30)) {
            let _ = read(&words.join(" "));
        }
    }
}
