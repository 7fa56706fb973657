-- Catalogues of controls, what is stated about controls of systems, and probes of endpoints.

-- A version is kept for good: what was stated by it stays readable.
CREATE TABLE control_catalogue (
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    -- Which form the text has: a pack of ours, or a catalogue from elsewhere.
    form TEXT NOT NULL,
    text TEXT NOT NULL,
    added_by TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    PRIMARY KEY (name, version)
) STRICT, WITHOUT ROWID;

-- Every statement; the latest about a control counts.
CREATE TABLE control_statement (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    agency TEXT NOT NULL REFERENCES agency (code),
    system TEXT NOT NULL REFERENCES system (code),
    catalogue TEXT NOT NULL,
    version TEXT NOT NULL,
    control TEXT NOT NULL,
    state TEXT NOT NULL,
    note TEXT NOT NULL,
    stated_by TEXT NOT NULL,
    stated_at INTEGER NOT NULL,
    FOREIGN KEY (catalogue, version) REFERENCES control_catalogue (name, version)
) STRICT;
CREATE INDEX control_statement_system ON control_statement (system, catalogue, version);

-- How the last probe of an endpoint ended.
CREATE TABLE endpoint_probe (
    endpoint TEXT NOT NULL PRIMARY KEY,
    agency TEXT NOT NULL REFERENCES agency (code),
    system TEXT NOT NULL REFERENCES system (code),
    probed_at INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL,
    -- The record of what was seen.
    record INTEGER
) STRICT, WITHOUT ROWID;
