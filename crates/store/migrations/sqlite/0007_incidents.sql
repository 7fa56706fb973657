-- Incidents, what shifts tell each other, searches that are saved.

CREATE TABLE incident (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL,
    -- The title in small letters without diacritics, to be looked through.
    plain_title TEXT NOT NULL,
    severity INTEGER NOT NULL,
    state TEXT NOT NULL,
    outcome TEXT,
    lead TEXT,
    agency TEXT NOT NULL REFERENCES agency (code),
    opened_by TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    closed_at INTEGER
) STRICT;
CREATE INDEX incident_state ON incident (state, id);

-- The agencies that an incident concerns: the one of its first alert and those of its alerts.
CREATE TABLE incident_agency (
    incident_id INTEGER NOT NULL REFERENCES incident (id),
    agency TEXT NOT NULL REFERENCES agency (code),
    PRIMARY KEY (incident_id, agency)
) STRICT, WITHOUT ROWID;
CREATE INDEX incident_agency_agency ON incident_agency (agency, incident_id);

CREATE TABLE incident_alert (
    incident_id INTEGER NOT NULL REFERENCES incident (id),
    alert_id INTEGER NOT NULL REFERENCES alert (id),
    -- 1 while the incident is not closed.
    is_open INTEGER NOT NULL,
    added_by TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    PRIMARY KEY (incident_id, alert_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX incident_alert_open ON incident_alert (alert_id) WHERE is_open = 1;
CREATE INDEX incident_alert_alert ON incident_alert (alert_id);

CREATE TABLE incident_note (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    incident_id INTEGER NOT NULL REFERENCES incident (id),
    author TEXT NOT NULL,
    at INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX incident_note_incident ON incident_note (incident_id, id);

-- When an alert was first not new any more.
ALTER TABLE alert ADD COLUMN acknowledged_at INTEGER;
CREATE INDEX alert_created ON alert (created_at);

CREATE TABLE shift_note (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    author TEXT NOT NULL,
    at INTEGER NOT NULL,
    text TEXT NOT NULL,
    open_informational INTEGER NOT NULL,
    open_low INTEGER NOT NULL,
    open_medium INTEGER NOT NULL,
    open_high INTEGER NOT NULL,
    open_critical INTEGER NOT NULL,
    open_incidents INTEGER NOT NULL,
    silent_sources INTEGER NOT NULL,
    acknowledged_by TEXT,
    acknowledged_at INTEGER
) STRICT;

CREATE TABLE saved_search (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    span TEXT NOT NULL,
    columns TEXT NOT NULL,
    owner TEXT NOT NULL,
    is_shared INTEGER NOT NULL,
    -- 1 if its owner sees all agencies; otherwise they are listed.
    everywhere INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (owner, name)
) STRICT;

CREATE TABLE saved_search_agency (
    saved_search_id INTEGER NOT NULL REFERENCES saved_search (id),
    agency TEXT NOT NULL REFERENCES agency (code),
    PRIMARY KEY (saved_search_id, agency)
) STRICT, WITHOUT ROWID;
