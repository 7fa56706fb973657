-- Events that must not go, whatever their age.

CREATE TABLE hold (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    agency TEXT REFERENCES agency (code),
    events_from INTEGER,
    events_to INTEGER,
    owner TEXT NOT NULL,
    reason TEXT NOT NULL,
    placed_at INTEGER NOT NULL,
    expires_at INTEGER,
    lifted_at INTEGER
) STRICT;
