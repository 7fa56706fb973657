-- The running of the centre itself.

CREATE TABLE audit (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    agency TEXT,
    origin TEXT NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX audit_agency ON audit (agency, id);
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
-- REPLACE deletes without asking the trigger above.
CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;

CREATE TABLE job (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    everywhere INTEGER NOT NULL,
    parameters TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    worker TEXT,
    done INTEGER NOT NULL,
    total INTEGER NOT NULL,
    checkpoint TEXT,
    result TEXT,
    started_at INTEGER,
    ended_at INTEGER
) STRICT;
CREATE INDEX job_state ON job (state, id);

CREATE TABLE job_agency (
    job_id INTEGER NOT NULL REFERENCES job (id),
    agency TEXT NOT NULL REFERENCES agency (code),
    PRIMARY KEY (job_id, agency)
) STRICT, WITHOUT ROWID;

CREATE TABLE read_again (
    batch INTEGER NOT NULL,
    item INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (batch, item)
) STRICT, WITHOUT ROWID;

CREATE TABLE batch_key (
    source_id INTEGER NOT NULL,
    batch_key BLOB NOT NULL,
    batch INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (source_id, batch_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX batch_key_at ON batch_key (at);

CREATE TABLE refused_sender (
    address TEXT NOT NULL,
    listener TEXT NOT NULL,
    reason TEXT NOT NULL,
    count INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (address, listener, reason)
) STRICT, WITHOUT ROWID;
CREATE INDEX refused_sender_last ON refused_sender (last_at);
