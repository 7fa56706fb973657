//! Logs of databases: the statements and complaints of `MySQL` and `MariaDB`, `PostgreSQL` and
//! Microsoft SQL Server.
//!
//! The general log of `MySQL` (`time<TAB>id Query<TAB>statement`) and what `PostgreSQL` writes
//! with `log_statement` give `query`, `user`, `database`, `pid` and `command`; `PostgreSQL`'s
//! prefix is the site's own choice, of which the usual parts are taken.

use super::super::{Context, pattern};
use crate::record::{Kind, Record};
use crate::time;

/// What `PostgreSQL` puts after its prefix.
const POSTGRESQL: [&str; 8] = [
    "LOG:  ",
    "ERROR:  ",
    "FATAL:  ",
    "PANIC:  ",
    "WARNING:  ",
    "STATEMENT:  ",
    "DETAIL:  ",
    "HINT:  ",
];

/// Commands of `MySQL`'s general log.
const MYSQL: [&str; 8] =
    ["Query", "Connect", "Quit", "Execute", "Prepare", "Init DB", "Close stmt", "Field List"];

/// Whether a line opens an entry of a database.
pub(super) fn is_head(line: &str) -> bool {
    mysql(line).is_some() || postgresql_parts(line).is_some() || mssql(line).is_some()
}

/// Fills a record from an entry and says what it is of; leaves it alone if it is of no database.
pub(super) fn fill<'a>(
    text: &'a str,
    record: &mut Record<'a>,
    context: &Context,
) -> Option<&'static str> {
    if let Some(entry) = mysql(text) {
        record.time = time::parse(entry.time, &context.clue);
        record.fields.push_text("pid", entry.id);
        record.fields.push_text("command", entry.command);
        statement(entry.command, entry.argument, record);
        record.fields.push_text("message", text);
        return Some("database/mysql");
    }
    if let Some((prefix, level, rest)) = postgresql_parts(text) {
        let clock = prefix.split_ascii_whitespace().take(2).map(str::len).sum::<usize>() + 1;
        let clock = prefix.get(..clock).unwrap_or("");
        record.time = time::parse(clock, &context.clue);
        postgresql_fields(prefix, level, rest, record);
        record.fields.push_text("message", text);
        return Some("database/postgresql");
    }
    let (moment, source, rest) = mssql(text)?;
    record.time = time::parse(moment, &context.clue);
    record.fields.push_text("process", source);
    record.fields.push_text("message", rest);
    if let Some((_, user)) = rest.split_once("Login failed for user '") {
        record.fields.push_text("user", user.split('\'').next().unwrap_or(""));
    }
    if let Some((_, client)) = rest.split_once("[CLIENT: ") {
        pattern::push(record, "src_ip", client.split(']').next().unwrap_or("").trim());
    }
    Some("database/mssql")
}

struct Entry<'a> {
    time: &'a str,
    id: &'a str,
    command: &'static str,
    argument: &'a str,
}

/// `2026-11-20T01:00:00.123456Z<TAB>   12 Query<TAB>SELECT 1`.
fn mysql(line: &str) -> Option<Entry<'_>> {
    let (time, rest) = line.split_once('\t').or_else(|| line.split_once("  "))?;
    let iso = time.len() >= 19 && time.as_bytes().get(10) == Some(&b'T');
    let (id, rest) = rest.trim_start().split_once(' ')?;
    if !iso || !pattern::digits(id) {
        return None;
    }
    let command = MYSQL.into_iter().find(|command| rest.starts_with(command))?;
    let argument = rest.get(command.len()..)?;
    argument.is_empty().then_some(argument).or_else(|| argument.strip_prefix(['\t', ' ']))?;
    Some(Entry { time, id, command, argument: argument.trim() })
}

fn statement<'a>(command: &str, argument: &'a str, record: &mut Record<'a>) {
    match command {
        "Query" | "Execute" | "Prepare" => record.fields.push_text("query", argument),
        "Init DB" => record.fields.push_text("database", argument),
        "Connect" => {
            // `an@pc.example on shop using TCP/IP`.
            let (user, rest) = argument.split_once('@').unwrap_or((argument, ""));
            record.fields.push_text("user", user);
            let mut words = rest.split_ascii_whitespace();
            pattern::push(record, "src_ip", words.next().unwrap_or(""));
            if words.next() == Some("on") {
                let database = words.next().filter(|word| *word != "using");
                record.fields.push_text("database", database.unwrap_or(""));
            }
        }
        _ => {}
    }
}

/// The prefix, the level and the text of `2026-11-20 08:00:00.123 +07 [7] an@shop LOG:  …`.
fn postgresql_parts(line: &str) -> Option<(&str, &'static str, &str)> {
    let first = line.split('\n').next().unwrap_or(line);
    line.as_bytes().first().filter(|byte| byte.is_ascii_digit())?;
    let found = POSTGRESQL.into_iter().filter_map(|mark| Some((first.find(mark)?, mark)));
    let (at, mark) = found.min().filter(|(at, _)| (20..256).contains(at))?;
    let prefix = line.get(..at)?;
    let civil = prefix.get(..19)?;
    time::civil(civil)?;
    Some((prefix, mark.trim_end().trim_end_matches(':'), line.get(at + mark.len()..)?))
}

fn postgresql_fields<'a>(
    prefix: &'a str,
    level: &'static str,
    rest: &'a str,
    record: &mut Record<'a>,
) {
    record.fields.push_text("level", level);
    let pid = prefix.split_once('[').and_then(|(_, after)| after.split_once(']'));
    record.fields.push_text("pid", pid.map_or("", |(pid, _)| pid));
    for word in prefix.split_ascii_whitespace() {
        let pair = word.trim_end_matches(',').split_once('@');
        if let Some((user, database)) = pair {
            record.fields.push_text("user", user);
            record.fields.push_text("database", database);
        }
    }
    if let Some((_, query)) = rest.split_once("statement: ") {
        record.fields.push_text("query", query);
    } else if level == "STATEMENT" {
        record.fields.push_text("query", rest);
    } else if let Some((_, query)) =
        rest.split_once("execute ").and_then(|(_, r)| r.split_once(": "))
    {
        record.fields.push_text("query", query);
    }
    if let Some((_, user)) = rest.split_once("authentication failed for user \"") {
        record.fields.push_text("user", user.split('"').next().unwrap_or(""));
    }
}

/// Reads a message that `PostgreSQL` sends to syslog: `[5-1] an@shop LOG:  statement: …`.
pub fn postgresql<'a>(message: &'a str, record: &mut Record<'a>, _: &Context) -> bool {
    let found = POSTGRESQL.into_iter().filter_map(|mark| Some((message.find(mark)?, mark)));
    let Some((at, mark)) = found.min() else { return false };
    let (prefix, rest) = message.split_at_checked(at).unwrap_or(("", message));
    // The number in brackets counts messages here.
    let prefix = prefix.split_once("] ").map_or(prefix, |(_, after)| after);
    let level = mark.trim_end().trim_end_matches(':');
    record.kind = Kind::named(super::with_sql("database/postgresql", message));
    postgresql_fields(prefix, level, rest.get(mark.len()..).unwrap_or(""), record);
    true
}

/// `2026-11-20 08:00:00.12 Logon       Login failed for user 'sa'. …`.
fn mssql(line: &str) -> Option<(&str, &str, &str)> {
    let (moment, rest) = (line.get(..22)?, line.get(22..)?.strip_prefix(' ')?);
    let hundredths = moment.as_bytes().get(19) == Some(&b'.');
    let (source, rest) = rest.split_once("  ")?;
    let known =
        source == "Logon" || source == "Server" || source == "Backup" || source.starts_with("spid");
    if !hundredths || !known || source.len() > 12 {
        return None;
    }
    time::civil(moment)?;
    Some((moment, source, rest.trim_start()))
}
