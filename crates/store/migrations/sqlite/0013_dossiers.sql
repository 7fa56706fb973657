-- Dossiers, projects, findings, and what is known to be exploited.

CREATE TABLE dossier (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    agency TEXT NOT NULL REFERENCES agency (code),
    system TEXT NOT NULL REFERENCES system (code),
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    -- What it says, as canonical JSON.
    contents TEXT NOT NULL,
    number TEXT,
    approved TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX dossier_system ON dossier (system, kind, id);
-- One dossier of a kind is under way for a system.
CREATE UNIQUE INDEX dossier_open ON dossier (system, kind) WHERE state <> 'approved';

-- What was done with a dossier; who took which part in it.
CREATE TABLE dossier_step (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    dossier_id INTEGER NOT NULL REFERENCES dossier (id),
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    act TEXT NOT NULL,
    duty TEXT,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX dossier_step_dossier ON dossier_step (dossier_id, id);

CREATE TABLE project (
    agency TEXT NOT NULL REFERENCES agency (code),
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    system TEXT NOT NULL REFERENCES system (code),
    -- In đồng.
    planned INTEGER NOT NULL,
    decided TEXT,
    appraised TEXT,
    appraisal INTEGER REFERENCES dossier (id),
    -- Why it was decided without an approved appraisal.
    exception TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (agency, code)
) STRICT, WITHOUT ROWID;

CREATE TABLE finding (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    agency TEXT NOT NULL REFERENCES agency (code),
    system TEXT NOT NULL REFERENCES system (code),
    -- By which name the ledger knows it.
    subject TEXT NOT NULL,
    tool TEXT NOT NULL,
    rule TEXT NOT NULL,
    place TEXT NOT NULL,
    title TEXT NOT NULL,
    severity TEXT NOT NULL,
    -- With blanks between.
    cves TEXT NOT NULL,
    is_exploited INTEGER NOT NULL,
    is_exposed INTEGER NOT NULL,
    state TEXT NOT NULL,
    fixed TEXT,
    accepted_by TEXT,
    accept_reason TEXT,
    accepted_until TEXT,
    found TEXT NOT NULL,
    due TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    repaired_by TEXT,
    updated_at INTEGER NOT NULL,
    UNIQUE (system, subject)
) STRICT;

-- What was done with a finding.
CREATE TABLE finding_step (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    finding_id INTEGER NOT NULL REFERENCES finding (id),
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX finding_step_finding ON finding_step (finding_id, id);

-- Files of findings that were imported; a file comes in once for a system.
CREATE TABLE finding_import (
    system TEXT NOT NULL REFERENCES system (code),
    digest TEXT NOT NULL,
    tool TEXT NOT NULL,
    -- When the tool was run.
    at INTEGER NOT NULL,
    imported_at INTEGER NOT NULL,
    findings INTEGER NOT NULL,
    PRIMARY KEY (system, digest)
) STRICT, WITHOUT ROWID;

-- The catalogue of vulnerabilities that are known to be exploited, as it was last imported.
CREATE TABLE exploited (
    cve TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    added TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE exploited_catalogue (
    version TEXT NOT NULL PRIMARY KEY,
    released TEXT NOT NULL,
    imported_at INTEGER NOT NULL,
    size INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
