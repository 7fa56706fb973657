"""Finds attacks with the parts that Zircolite is made of; bench_detect.py measures it.

Zircolite itself is not on PyPI, its parts are: pySigma with the pipelines for Sysmon and Windows and
the backend for SQLite, and evtx (pyevtx-rs). They are put together here in its way: events are
flattened into one table `logs` of a database in memory, with an index on what the pipelines ask
first, and each rule is one query.

    bench_pysigma.py convert RULES QUERIES.json
    bench_pysigma.py find QUERIES.json LOG HITS.json      LOG: lines of JSON, or a folder of .evtx

HITS.json tells which lines each rule found, so that hits can be compared and not only times.
"""

import collections
import json
import pathlib
import re
import sqlite3
import sys

# So many events go into the database at a time.
BATCH = 5_000


def convert(rules, target):
    # Only here: finding must not pay for loading pySigma.
    from sigma.backends.sqlite import sqliteBackend
    from sigma.collection import SigmaCollection
    from sigma.exceptions import SigmaError
    from sigma.pipelines.sysmon import sysmon_pipeline
    from sigma.pipelines.windows import windows_logsource_pipeline

    backend = sqliteBackend(sysmon_pipeline() + windows_logsource_pipeline())
    queries, windows, skipped = {}, [], collections.Counter()
    for file in sorted(pathlib.Path(rules).rglob("*.yml")):
        collection = SigmaCollection.from_yaml(file.read_text(encoding="utf-8"), collect_errors=True)
        for rule in collection.rules:
            try:
                product = rule.logsource.product
                queries[str(rule.id)] = backend.convert_rule(rule)
                windows += [str(rule.id)] if product == "windows" else []
            except (SigmaError, NotImplementedError) as error:
                skipped[f"{type(error).__name__}: {str(error).split('(')[0].strip()}"] += 1
    answer = {"queries": queries, "windows": windows, "skipped": skipped}
    pathlib.Path(target).write_text(json.dumps(answer), encoding="utf-8")


def flat(value, name, into):
    """Leaves of nested objects under their own names, as Sigma rules for Windows call them."""
    if isinstance(value, dict):
        for key, inner in value.items():
            flat(inner, name if key in ("#text", "#attributes") else key, into)
    elif isinstance(value, list):
        into[name] = json.dumps(value)
    elif isinstance(value, bool):
        into[name] = "true" if value else "false"
    elif value is not None:
        # Columns are of text, and SQLite's own integers are narrower than those of EVTX.
        into[name] = str(value)


def events_of(log):
    """All events as flat objects, each with the number it has in its file."""
    path = pathlib.Path(log)
    if path.is_dir():
        from evtx import PyEvtxParser

        for file in sorted(path.rglob("*.evtx")):
            try:
                for number, record in enumerate(PyEvtxParser(str(file)).records_json()):
                    event = {}
                    flat(json.loads(record["data"]), "", event)
                    yield number, event
            except (OSError, RuntimeError) as error:
                print(f"{file}: {error}", file=sys.stderr)
        return
    with path.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            if line.isspace():
                continue
            event = {}
            flat(json.loads(line), "", event)
            yield number, event


def quoted(name):
    return "`" + name.replace("`", "") + "`"


class Database:
    """The table of all events; columns are added as events and queries bring them up."""

    def __init__(self):
        self.connection = sqlite3.connect(":memory:")
        self.connection.create_function("regexp", 2, regexp, deterministic=True)
        self.connection.execute("CREATE TABLE logs (number INTEGER)")
        self.columns = {"number"}

    def column(self, name):
        if name.lower() not in self.columns:
            self.columns.add(name.lower())
            self.connection.execute(f"ALTER TABLE logs ADD COLUMN {quoted(name)} TEXT COLLATE NOCASE")

    def insert(self, events):
        """Events with the same fields go in by one statement."""
        kinds = collections.defaultdict(list)
        for number, event in events:
            # SQLite takes names that differ only in case for one.
            row = {name.lower(): value for name, value in event.items()}
            for name in event:
                self.column(name)
            kinds[tuple(row)].append((number, *row.values()))
        for names, rows in kinds.items():
            columns = ", ".join(["number", *map(quoted, names)])
            marks = ", ".join("?" * (len(names) + 1))
            self.connection.executemany(f"INSERT INTO logs ({columns}) VALUES ({marks})", rows)

    def ask(self, query):
        while True:
            try:
                return [row[0] for row in self.connection.execute(query)]
            except sqlite3.OperationalError as error:
                absent = re.fullmatch("no such column: (.*)", str(error))
                if not absent or absent[1].lower() in self.columns:
                    raise
                self.column(absent[1])


def regexp(pattern, value):
    return value is not None and re.search(pattern, str(value)) is not None


def find(queries, log, target):
    wanted = json.loads(pathlib.Path(queries).read_text(encoding="utf-8"))["queries"]
    database, batch, hits, failed = Database(), [], {}, collections.Counter()
    for event in events_of(log):
        batch.append(event)
        if len(batch) == BATCH:
            database.insert(batch)
            batch.clear()
    database.insert(batch)
    for name in ("Channel", "EventID"):
        database.column(name)
    database.connection.execute("CREATE INDEX first_asked ON logs (Channel, EventID)")
    for rule, parts in wanted.items():
        try:
            found = sorted(set().union(*map(database.ask, parts)))
        except (sqlite3.Error, re.error) as error:
            failed[str(error)] += 1
            continue
        if found:
            hits[rule] = found
    pathlib.Path(target).write_text(json.dumps({"hits": hits, "failed": failed}), encoding="utf-8")


if __name__ == "__main__":
    {"convert": convert, "find": find}[sys.argv[1]](*sys.argv[2:])
