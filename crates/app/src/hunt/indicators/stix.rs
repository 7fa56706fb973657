//! STIX 2.1 bundles: the `indicator` objects, with patterns of comparisons that `OR` joins.
//!
//! `AND`, qualifiers of time and other operators ask more than one indicator can say: such a pattern
//! is told, not used in part.

use serde_json::Value;

use super::List;

pub(super) fn read(text: &str, list: &mut List) -> Result<(), String> {
    let bundle: Value =
        serde_json::from_str(text).map_err(|error| format!("the list is broken JSON: {error}"))?;
    let objects = bundle.get("objects").and_then(Value::as_array);
    let is_bundle = bundle.get("type").and_then(Value::as_str) == Some("bundle");
    let Some(objects) = objects.filter(|_| is_bundle) else {
        return Err("the list is JSON but no STIX bundle with objects".to_owned());
    };
    for object in objects {
        if object.get("type").and_then(Value::as_str) == Some("indicator") {
            indicator(object, list);
        }
    }
    Ok(())
}

fn indicator(object: &Value, list: &mut List) {
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let id = text("id").unwrap_or("an indicator without id");
    if object.get("revoked").and_then(Value::as_bool) == Some(true) {
        list.refuse(id, "it is revoked");
        return;
    }
    if let Some(kind) = text("pattern_type").filter(|kind| *kind != "stix") {
        list.refuse(id, format!("its pattern is of the type {kind}, not stix"));
        return;
    }
    let Some(pattern) = text("pattern") else {
        list.refuse(id, "it has no pattern");
        return;
    };
    let note = text("name").unwrap_or(id);
    match comparisons(pattern) {
        Ok(found) => {
            for (path, value) in found {
                match kind_of(&path) {
                    Some(kind) => list.add_named(id, kind, &value, note),
                    None => list.refuse(id, format!("nothing is hunted by {path}")),
                }
            }
        }
        Err(reason) => list.refuse(id, reason),
    }
}

/// The kind of indicator that the path of an object means.
fn kind_of(path: &str) -> Option<&'static str> {
    let plain = path.to_ascii_lowercase().replace(['\'', '"'], "");
    Some(match plain.as_str() {
        "ipv4-addr:value"
        | "ipv6-addr:value"
        | "network-traffic:dst_ref.value"
        | "network-traffic:src_ref.value" => "address",
        "domain-name:value" => "domain",
        "url:value" => "url",
        "email-addr:value" | "email-message:from_ref.value" | "email-message:sender_ref.value" => {
            "email"
        }
        "file:hashes.md5"
        | "file:hashes.sha-1"
        | "file:hashes.sha1"
        | "file:hashes.sha-256"
        | "file:hashes.sha256" => "hash",
        "file:name" => "file",
        "user-account:user_id" | "user-account:account_login" | "user-account:display_name" => {
            "user"
        }
        "process:command_line" => "text",
        _ => return None,
    })
}

/// Paths and values of a pattern, any of which makes it hold.
fn comparisons(pattern: &str) -> Result<Vec<(String, String)>, String> {
    let mut words = words(pattern)?.into_iter().peekable();
    let mut found = Vec::new();
    loop {
        expect(words.next(), "[")?;
        loop {
            let Some(Word::Plain(path)) = words.next() else {
                return Err("its pattern is not a comparison of a field".to_owned());
            };
            let Some(Word::Plain(operator)) = words.next() else {
                return Err("its pattern has no operator".to_owned());
            };
            match operator.to_ascii_uppercase().as_str() {
                "=" | "ISSUBSET" => match words.next() {
                    Some(Word::Quoted(value)) => found.push((path, value)),
                    _ => return Err(format!("{path} is compared with no text")),
                },
                "IN" => {
                    expect(words.next(), "(")?;
                    loop {
                        match words.next() {
                            Some(Word::Quoted(value)) => found.push((path.clone(), value)),
                            _ => return Err(format!("{path} is compared with no text")),
                        }
                        match words.next() {
                            Some(Word::Plain(sign)) if sign == "," => {}
                            sign => {
                                expect(sign, ")")?;
                                break;
                            }
                        }
                    }
                }
                other => return Err(format!("the operator {other} is not understood")),
            }
            match words.next() {
                Some(Word::Plain(word)) if word.eq_ignore_ascii_case("OR") => {}
                Some(Word::Plain(word)) if word == "]" => break,
                Some(Word::Plain(word)) => {
                    return Err(format!("comparisons are joined by {word}, only OR is understood"));
                }
                _ => return Err("its pattern ends early".to_owned()),
            }
        }
        match words.next() {
            None => return Ok(found),
            Some(Word::Plain(word)) if word.eq_ignore_ascii_case("OR") => {}
            Some(Word::Plain(word)) => {
                return Err(format!("observations are joined by {word}, only OR is understood"));
            }
            Some(Word::Quoted(_)) => return Err("its pattern has a text in no place".to_owned()),
        }
    }
}

enum Word {
    Plain(String),
    Quoted(String),
}

fn expect(word: Option<Word>, sign: &str) -> Result<(), String> {
    match word {
        Some(Word::Plain(word)) if word == sign => Ok(()),
        _ => Err(format!("its pattern lacks «{sign}»")),
    }
}

/// The words of a pattern. A quoted part of a path belongs to the path.
fn words(pattern: &str) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut letters = pattern.chars().peekable();
    while let Some(&letter) = letters.peek() {
        match letter {
            letter if letter.is_whitespace() => drop(letters.next()),
            '[' | ']' | '(' | ')' | ',' => {
                letters.next();
                words.push(Word::Plain(letter.to_string()));
            }
            '\'' => {
                letters.next();
                words.push(Word::Quoted(quoted(&mut letters)?));
            }
            '=' | '!' | '<' | '>' => {
                let mut sign = String::new();
                while let Some(letter) = letters.next_if(|c| matches!(c, '=' | '!' | '<' | '>')) {
                    sign.push(letter);
                }
                words.push(Word::Plain(sign));
            }
            _ => {
                let mut word = String::new();
                while let Some(letter) = letters.next_if(|c| {
                    !c.is_whitespace()
                        && !matches!(c, '[' | ']' | '(' | ')' | ',' | '=' | '!' | '<' | '>')
                }) {
                    word.push(letter);
                    if letter == '\'' {
                        word.push_str(&quoted(&mut letters)?);
                        word.push('\'');
                    }
                }
                words.push(Word::Plain(word));
            }
        }
    }
    Ok(words)
}

/// What stands before the next quote; a backslash takes the meaning from the sign behind it.
fn quoted(letters: &mut impl Iterator<Item = char>) -> Result<String, String> {
    let mut text = String::new();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' => return Ok(text),
            '\\' => text.extend(letters.next()),
            letter => text.push(letter),
        }
    }
    Err("a quotation in its pattern does not end".to_owned())
}
