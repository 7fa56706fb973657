-- What products and providers of systems are asked beyond their names, and the handover of devices that
-- keep keys: where each is, and each step that led there. No key material is kept. Days are texts such as
-- 2026-10-15.

ALTER TABLE product ADD COLUMN certificate_scope TEXT;
ALTER TABLE product ADD COLUMN custodian TEXT;

ALTER TABLE provider ADD COLUMN exit_plan TEXT;
ALTER TABLE provider ADD COLUMN exit_tested TEXT;
ALTER TABLE provider ADD COLUMN escrow TEXT NOT NULL DEFAULT 'none';

CREATE TABLE custody_device (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    agency TEXT NOT NULL REFERENCES agency (code),
    serial TEXT NOT NULL,
    kind TEXT NOT NULL,
    product_id INTEGER REFERENCES product (id) ON DELETE SET NULL,
    until TEXT,
    state TEXT NOT NULL,
    -- The day since which it is so.
    since TEXT NOT NULL,
    -- The post that has it, or had it when it was lost.
    post TEXT,
    revocation TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (agency, serial)
) STRICT;

CREATE TABLE custody_step (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    device_id INTEGER NOT NULL REFERENCES custody_device (id),
    at INTEGER NOT NULL,
    day TEXT NOT NULL,
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX custody_step_device ON custody_step (device_id, id);
CREATE TRIGGER custody_step_no_update BEFORE UPDATE ON custody_step
BEGIN
    SELECT RAISE(ABORT, 'the log of handovers is append-only');
END;
CREATE TRIGGER custody_step_no_delete BEFORE DELETE ON custody_step
BEGIN
    SELECT RAISE(ABORT, 'the log of handovers is append-only');
END;
-- REPLACE deletes without asking the trigger above.
CREATE TRIGGER custody_step_no_replace BEFORE INSERT ON custody_step
WHEN EXISTS (SELECT 1 FROM custody_step WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'the log of handovers is append-only');
END;
