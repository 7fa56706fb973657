-- What was found, and what is needed to find each thing exactly once.

CREATE TABLE alert (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    group_key BLOB NOT NULL,
    kind TEXT NOT NULL,
    rule TEXT NOT NULL,
    title TEXT NOT NULL,
    severity INTEGER NOT NULL,
    agency TEXT NOT NULL REFERENCES agency (code),
    system TEXT NOT NULL REFERENCES system (code),
    source_id INTEGER REFERENCES source (id),
    entity TEXT NOT NULL,
    window_start INTEGER NOT NULL,
    attack TEXT NOT NULL,
    count INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    assignee TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
-- What repeats joins the alert that is not closed; after closing, it is news again.
CREATE UNIQUE INDEX alert_open ON alert (group_key) WHERE state <> 'closed';
CREATE INDEX alert_group ON alert (group_key);
CREATE INDEX alert_agency ON alert (agency, id);
CREATE INDEX alert_state ON alert (state, id);
CREATE INDEX alert_last ON alert (last_at);

CREATE TABLE alert_event (
    alert_id INTEGER NOT NULL REFERENCES alert (id),
    batch INTEGER NOT NULL,
    item INTEGER NOT NULL,
    at INTEGER NOT NULL,
    matched TEXT NOT NULL,
    PRIMARY KEY (alert_id, batch, item)
) STRICT, WITHOUT ROWID;

CREATE TABLE alert_comment (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    alert_id INTEGER NOT NULL REFERENCES alert (id),
    author TEXT NOT NULL,
    at INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX alert_comment_alert ON alert_comment (alert_id, id);

CREATE TABLE suppression (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    agency TEXT REFERENCES agency (code),
    rule TEXT,
    entity TEXT,
    conditions TEXT NOT NULL,
    owner TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER,
    hidden INTEGER NOT NULL,
    last_hidden_at INTEGER
) STRICT;

CREATE TABLE correlation_input (
    batch INTEGER NOT NULL,
    item INTEGER NOT NULL,
    rule TEXT NOT NULL,
    at INTEGER NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (batch, item, rule)
) STRICT, WITHOUT ROWID;
CREATE INDEX correlation_input_at ON correlation_input (at);

-- Numbers of batches whose detections are committed, as intervals that neither meet nor overlap.
CREATE TABLE detected (
    first INTEGER NOT NULL PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT;
