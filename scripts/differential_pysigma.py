"""Compares khien's detections with what pySigma makes of the same rules; see differential-pysigma.

pySigma parses the rules, its SQLite backend turns each into a query, and SQLite answers it. That is
preferred to walking pySigma's parsed rules with an evaluator of our own: here no line of ours decides
what a rule means, so one error of thought cannot stand on both sides. Two forms that the backend
refuses or answers as text are added in `Backend`, since the specification leaves no doubt about
them: searches without a field, and comparison as numbers.

Both sides see the same fields of the same events: those that khien writes into its detections. To
get them for events without a hit, khien is given, beside the rules, one rule for each log source
that holds for every event. So formats, log sources and the names of fields are not compared here,
only what rules mean.

`reason` knows why a difference is none of khien's; such differences are counted apart.
"""

import argparse
import collections
import json
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile
import uuid
import zlib

import yaml
from sigma.backends.sqlite import sqliteBackend
from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule

SOURCE = ("product", "category", "service")
# A field that no event has, so that `exists: false` on it always holds.
ABSENT = "no such field in any event"
# The column with all values of an event, for searches without a field.
WHOLE = "every value of the event"
# How much of an event is printed with a difference.
SHOWN = 400


class Backend(sqliteBackend):
    """The peer, and the two forms it leaves out."""

    compare_op_expression = "CAST({field} AS REAL) {operator} {value}"

    def __init__(self, same):
        super().__init__()
        self.same = same

    def convert_condition_val_str(self, cond, state):
        text = self.convert_value_str(cond.value, state, no_quote=True)
        return f"`{WHOLE}` LIKE '%{text}%' ESCAPE '\\'"

    def convert_condition_val_num(self, cond, state):
        return f"`{WHOLE}` LIKE '%{cond.value}%'"

    def escape_and_quote_field(self, field):
        return f"`{column_name(self.same.get(field, field))}`"

    def finalize_query_default(self, rule, query, index, state):
        return query


def column_name(field):
    """SQLite takes names that differ only in case for one; a checksum tells them apart."""
    return f"{field.replace('`', '')} {zlib.crc32(field.encode()):08x}"


class Rule:
    """One rule as pySigma understands it."""

    def __init__(self, rule, backend):
        self.id = str(rule.id)
        self.title = rule.title
        self.source = tuple(getattr(rule.logsource, name) for name in SOURCE)
        self.query = " OR ".join(f"({query})" for query in backend.convert_rule(rule))
        self.fields = {backend.same.get(field, field) for field in backend.required_fields(rule)}
        self.whole = WHOLE in self.query


class Table:
    """The events of one log source; those that its rules cannot tell apart share a row."""

    def __init__(self, name, rules):
        self.name = name
        self.fields = sorted(set().union(*(rule.fields for rule in rules)))
        self.whole = any(rule.whole for rule in rules)
        self.rows = {}
        self.row_of = {}
        self.events_of = collections.Counter()
        self.example_of = {}

    def add(self, key, event):
        values = [column(event.get(field)) for field in self.fields]
        if self.whole:
            values.append("\n".join(text for value in event.values() for text in texts(value)))
        row = self.rows.setdefault(tuple(values), len(self.rows))
        self.row_of[key] = row
        self.events_of[row] += 1
        self.example_of.setdefault(row, event)

    def load(self, database):
        names = [column_name(field) for field in self.fields] + [WHOLE] * self.whole
        columns = ["number INTEGER PRIMARY KEY"]
        columns += [f"`{name}` TEXT COLLATE NOCASE" for name in names]
        database.execute(f"CREATE TABLE {self.name} ({', '.join(columns)})")
        database.executemany(
            f"INSERT INTO {self.name} VALUES ({', '.join('?' * len(columns))})",
            ((number, *values) for values, number in self.rows.items()),
        )


def texts(value):
    """The values of a field as texts, each once."""
    if isinstance(value, list):
        return list(dict.fromkeys(text for entry in value for text in texts(entry)))
    if isinstance(value, bool):
        return ["true" if value else "false"]
    return [] if value is None else [str(value)]


def column(value):
    return "\n".join(texts(value)) if texts(value) else None


def regexp(pattern, value):
    return value is not None and re.search(pattern, value) is not None


def read_rules(places, same):
    """Detection rules that pySigma converts, why it refuses others, and those only counted."""
    backend, rules, refused, counted = Backend(same), {}, {}, set()
    files = [file for place in places for file in sorted(pathlib.Path(place).rglob("*.yml"))]
    for file in files:
        documents = list(yaml.safe_load_all(file.read_text(encoding="utf-8")))
        for document in documents:
            if not isinstance(document, dict):
                continue
            correlation = document.get("correlation")
            if correlation and not (correlation.get("generate") or document.get("generate")):
                counted.update(correlation.get("rules", []))
            if "detection" not in document:
                continue
            try:
                rule = SigmaRule.from_dict(document)
                rules[str(rule.id)] = Rule(rule, backend)
            except (SigmaError, NotImplementedError, ValueError, TypeError) as error:
                refused[str(document.get("id"))] = f"{type(error).__name__}: {error}"
        counted.update(d["id"] for d in documents if isinstance(d, dict) and d.get("name") in counted)
    return rules, refused, counted


def openers(sources, folder):
    """Writes one rule for each log source that holds for all its events; answers their ids."""
    ids = {}
    for number, source in enumerate(sources):
        id_ = str(uuid.UUID(int=number + 1))
        rule = {
            "title": "Every event of a log source",
            "id": id_,
            "logsource": {name: value for name, value in zip(SOURCE, source) if value},
            "detection": {"selection": {f"{ABSENT}|exists": False}, "condition": "selection"},
        }
        (folder / f"{number}.yml").write_text(yaml.safe_dump(rule), encoding="utf-8")
        ids[id_] = source
    return ids


def scan(khien, rules, logs):
    """Khien's detections, one after another."""
    command = [khien, "scan", *logs, "--rules", *rules, "--format", "jsonl", "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        for line in process.stdout:
            yield json.loads(line)
    if process.returncode not in (0, 10):
        raise SystemExit(f"khien scan ended with {process.returncode}")


def main():
    parser = argparse.ArgumentParser()
    for name in ("khien", "fields"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("rules", "logs"):
        parser.add_argument(f"--{name}", nargs="+", required=True)
    options = parser.parse_args()

    # Spellings that khien takes for one field are written under one name in its detections.
    aliases = yaml.safe_load(pathlib.Path(options.fields).read_text(encoding="utf-8"))["aliases"]
    same = {alias: name for name, others in aliases.items() for alias in others}
    rules, refused, counted = read_rules(options.rules, same)
    listed = subprocess.run(
        [options.khien, "rules", "list", "--json", *options.rules], capture_output=True, check=True)
    known = {entry["id"] for entry in json.loads(listed.stdout)}
    by_source = collections.defaultdict(list)
    for rule in rules.values():
        by_source[rule.source].append(rule)
    tables = {source: Table(f"t{number}", of) for number, (source, of) in enumerate(by_source.items())}

    ours, events = collections.defaultdict(collections.Counter), set()
    with tempfile.TemporaryDirectory() as folder:
        opened = openers(by_source, pathlib.Path(folder))
        # What a hit means for a row is known only when its event has come, which may be later.
        hits = []
        for detection in scan(options.khien, [*options.rules, folder], options.logs):
            place, id_ = detection["source"], detection["rule"]["id"]
            key = (sys.intern(place["file"]), place["record"], place["offset"])
            if id_ in opened:
                tables[opened[id_]].add(key, detection["event"])
                events.add(key)
            elif id_ in rules:
                hits.append((id_, key))
    for id_, key in hits:
        ours[id_][tables[rules[id_].source].row_of.get(key)] += 1

    unlike = [f"only khien reads {id_}: {why}" for id_, why in refused.items() if id_ in known]
    for line in unlike:
        print(f"not compared: {line}")
    alone = sorted(rules.keys() - known)
    for id_ in alone:
        print(f"only pySigma reads {id_} {rules[id_].title}")
    compared = [rules[id_] for id_ in sorted((rules.keys() & known) - counted)]
    both, explained, unexplained, firing = compare(compared, tables, ours)
    print(
        f"{len(events):,} events, {len(compared):,} rules compared ({len(counted & known)} that are "
        f"only counted by correlations and {len(unlike)} that pySigma refuses left out), "
        f"{firing:,} of them hit; distinct hits of both {both:,}, "
        f"differences with a known reason {explained}, without {unexplained + len(alone)}"
    )
    sys.exit(1 if unexplained or alone else 0)


def compare(rules, tables, ours):
    """Prints every difference; answers the counts of hits of both and of differences."""
    database = sqlite3.connect(":memory:")
    database.create_function("regexp", 2, regexp, deterministic=True)
    for table in tables.values():
        table.load(database)
    both = explained = unexplained = firing = 0
    for rule in rules:
        table, hits = tables[rule.source], ours[rule.id]
        query = f"SELECT number FROM {table.name} WHERE {rule.query}"
        try:
            theirs = {row for row, in database.execute(query)}
        except (sqlite3.Error, re.error) as error:
            print(f"pySigma's query of {rule.id} {rule.title} fails: {error}")
            unexplained += 1
            continue
        both += len(hits.keys() & theirs)
        firing += bool(hits.keys() | theirs)
        for row in hits.keys() | theirs:
            found, event = hits[row], table.example_of.get(row, {})
            if row in theirs and found == table.events_of[row]:
                continue
            side = "pySigma" if row in theirs else "khien"
            known = reason(rule, event)
            explained, unexplained = explained + bool(known), unexplained + (not known)
            asked = {name: event[name] for name in rule.fields if name in event}
            shown = json.dumps(event if rule.whole else asked, ensure_ascii=False)[:SHOWN]
            print(f"only {side}{f' ({known})' if known else ''}: {rule.id} {rule.title}: {shown}")
    return both, explained, unexplained, firing


def reason(rule, event):
    """Why the two may differ although khien is right, or nothing."""
    asked = event.keys() if rule.whole else rule.fields & event.keys()
    # The specification lets one matching value of a list suffice; a column of SQLite holds one
    # text, in which the values stand one below the other.
    if any(len(texts(event[name])) > 1 for name in asked):
        return "several values of one field"
    # khien reads 0x1f4 as the number it is, as Windows writes process ids; SQLite reads 0.
    if "CAST(" in rule.query and any(
        text.startswith("0x") for name in asked for text in texts(event[name])
    ):
        return "a number in hexadecimal"
    return None


if __name__ == "__main__":
    main()
