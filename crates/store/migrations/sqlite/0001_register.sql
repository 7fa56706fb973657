-- Who the centre serves and what it listens to. Times are microseconds since 1970, UTC.

CREATE TABLE agency (
    code TEXT NOT NULL PRIMARY KEY,
    name_vi TEXT NOT NULL,
    name_en TEXT,
    parent TEXT REFERENCES agency (code),
    kind TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE system (
    code TEXT NOT NULL PRIMARY KEY,
    agency TEXT NOT NULL REFERENCES agency (code),
    name TEXT NOT NULL,
    level INTEGER NOT NULL CHECK (level BETWEEN 1 AND 5),
    stage TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX system_agency ON system (agency);

CREATE TABLE source (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    system TEXT NOT NULL REFERENCES system (code),
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    formats TEXT NOT NULL,
    events_per_second INTEGER NOT NULL,
    bytes_per_second INTEGER NOT NULL,
    heartbeat_seconds INTEGER,
    certificate TEXT UNIQUE,
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (system, name)
) STRICT;

CREATE TABLE source_address (
    network TEXT NOT NULL PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES source (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX source_address_source ON source_address (source_id);

CREATE TABLE source_activity (
    source_id INTEGER NOT NULL PRIMARY KEY REFERENCES source (id),
    last_received_at INTEGER,
    events INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    silent_since INTEGER
) STRICT;

CREATE TABLE token (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    hash BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    source_id INTEGER REFERENCES source (id),
    permissions TEXT NOT NULL,
    agencies TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
CREATE INDEX token_source ON token (source_id);

CREATE TABLE host (
    system TEXT NOT NULL REFERENCES system (code),
    name TEXT NOT NULL,
    registered_at INTEGER,
    first_seen_at INTEGER,
    last_seen_at INTEGER,
    last_source INTEGER REFERENCES source (id),
    PRIMARY KEY (system, name)
) STRICT, WITHOUT ROWID;
