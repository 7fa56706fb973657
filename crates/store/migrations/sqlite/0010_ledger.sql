-- The ledger of evidence: records in the order in which they were written, each line as it was hashed.
CREATE TABLE ledger (
    seq INTEGER NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    agency TEXT,
    system TEXT,
    subject TEXT NOT NULL,
    corrects INTEGER,
    hash BLOB NOT NULL,
    line TEXT NOT NULL
) STRICT;
CREATE INDEX ledger_agency ON ledger (agency, kind, subject, seq);
CREATE INDEX ledger_system ON ledger (system, seq) WHERE system IS NOT NULL;
CREATE INDEX ledger_corrects ON ledger (corrects) WHERE corrects IS NOT NULL;
CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;
CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;
-- REPLACE deletes without asking the trigger above.
CREATE TRIGGER ledger_no_replace BEFORE INSERT ON ledger
WHEN EXISTS (SELECT 1 FROM ledger WHERE seq = NEW.seq)
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;

-- Signed roots of the tree over the first `size` records; `frontier` is what the next one needs of it.
CREATE TABLE ledger_checkpoint (
    number INTEGER NOT NULL PRIMARY KEY,
    size INTEGER NOT NULL,
    at INTEGER NOT NULL,
    line TEXT NOT NULL,
    frontier BLOB NOT NULL
) STRICT;
CREATE TRIGGER ledger_checkpoint_no_update BEFORE UPDATE ON ledger_checkpoint
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;
CREATE TRIGGER ledger_checkpoint_no_delete BEFORE DELETE ON ledger_checkpoint
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;
CREATE TRIGGER ledger_checkpoint_no_replace BEFORE INSERT ON ledger_checkpoint
WHEN EXISTS (SELECT 1 FROM ledger_checkpoint WHERE number = NEW.number)
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;
