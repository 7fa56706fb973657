-- What the register says of agencies and systems beyond their names. Days are texts such as 2026-10-15.

ALTER TABLE agency ADD COLUMN in_scope INTEGER NOT NULL DEFAULT 1;
ALTER TABLE agency ADD COLUMN is_centre INTEGER NOT NULL DEFAULT 0;
ALTER TABLE agency ADD COLUMN confirmed_at INTEGER;

-- Who answers for an agency: officials in their posts, as the document names them.
CREATE TABLE appointment (
    agency TEXT NOT NULL REFERENCES agency (code),
    duty TEXT NOT NULL,
    holder TEXT NOT NULL,
    post TEXT NOT NULL,
    document TEXT NOT NULL,
    signed TEXT NOT NULL,
    until TEXT NOT NULL,
    PRIMARY KEY (agency, duty)
) STRICT, WITHOUT ROWID;

-- Whom to reach on duty.
CREATE TABLE agency_contact (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    agency TEXT NOT NULL REFERENCES agency (code),
    role TEXT NOT NULL,
    post TEXT NOT NULL,
    mail TEXT NOT NULL,
    line TEXT
) STRICT;
CREATE INDEX agency_contact_agency ON agency_contact (agency);

CREATE TABLE site (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    standard TEXT,
    until TEXT
) STRICT, WITHOUT ROWID;

ALTER TABLE system ADD COLUMN kind TEXT NOT NULL DEFAULT 'information-system';
ALTER TABLE system ADD COLUMN operator_agency TEXT REFERENCES agency (code);
ALTER TABLE system ADD COLUMN operator_name TEXT;
ALTER TABLE system ADD COLUMN data TEXT NOT NULL DEFAULT '';
ALTER TABLE system ADD COLUMN zone TEXT NOT NULL DEFAULT 'internet';
ALTER TABLE system ADD COLUMN is_exposed INTEGER NOT NULL DEFAULT 1;
ALTER TABLE system ADD COLUMN site TEXT REFERENCES site (code);
ALTER TABLE system ADD COLUMN rto_minutes INTEGER;
ALTER TABLE system ADD COLUMN rpo_minutes INTEGER;
ALTER TABLE system ADD COLUMN is_critical INTEGER NOT NULL DEFAULT 0;
ALTER TABLE system ADD COLUMN owner TEXT;
ALTER TABLE system ADD COLUMN head TEXT;
ALTER TABLE system ADD COLUMN confirmed_at INTEGER;

UPDATE system SET stage = CASE stage
    WHEN 'planned' THEN 'planning' WHEN 'trial' THEN 'test' WHEN 'operating' THEN 'operation' ELSE stage END;

-- Which system needs which; there is no way back to where one began.
CREATE TABLE system_need (
    system TEXT NOT NULL REFERENCES system (code),
    needed TEXT NOT NULL REFERENCES system (code),
    PRIMARY KEY (system, needed)
) STRICT, WITHOUT ROWID;
CREATE INDEX system_need_needed ON system_need (needed);

CREATE TABLE provider (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    system TEXT NOT NULL REFERENCES system (code),
    name TEXT NOT NULL,
    service TEXT NOT NULL,
    contract TEXT NOT NULL,
    starts TEXT NOT NULL,
    until TEXT NOT NULL,
    staff INTEGER NOT NULL,
    access_window TEXT
) STRICT;
CREATE INDEX provider_system ON provider (system);

CREATE TABLE product (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    system TEXT NOT NULL REFERENCES system (code),
    name TEXT NOT NULL,
    version TEXT,
    maker TEXT,
    certificate TEXT,
    certificate_until TEXT,
    support_until TEXT,
    make TEXT NOT NULL,
    is_cryptographic INTEGER NOT NULL,
    authority TEXT
) STRICT;
CREATE INDEX product_system ON product (system);

-- What a product is made of, as its inventory says.
CREATE TABLE product_component (
    product_id INTEGER NOT NULL REFERENCES product (id),
    place INTEGER NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    kind TEXT NOT NULL,
    purl TEXT,
    PRIMARY KEY (product_id, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE asset (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    system TEXT NOT NULL REFERENCES system (code),
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    zone TEXT NOT NULL,
    site TEXT REFERENCES site (code),
    address TEXT,
    UNIQUE (system, name)
) STRICT;
CREATE INDEX asset_name ON asset (name);
CREATE INDEX asset_address ON asset (address);

CREATE TABLE internet_resource (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    agency TEXT NOT NULL REFERENCES agency (code),
    system TEXT REFERENCES system (code),
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    until TEXT,
    UNIQUE (kind, value)
) STRICT;
CREATE INDEX internet_resource_agency ON internet_resource (agency);
