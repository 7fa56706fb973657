-- The ledger of evidence: records in the order in which they were written, each line as it was hashed.
CREATE TABLE ledger (
    seq BIGINT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    agency TEXT,
    system TEXT,
    subject TEXT NOT NULL,
    corrects BIGINT,
    hash BYTEA NOT NULL,
    line TEXT NOT NULL
);
CREATE INDEX ledger_agency ON ledger (agency, kind, subject, seq);
CREATE INDEX ledger_system ON ledger (system, seq) WHERE system IS NOT NULL;
CREATE INDEX ledger_corrects ON ledger (corrects) WHERE corrects IS NOT NULL;
CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$;
CREATE TRIGGER ledger_no_change BEFORE UPDATE OR DELETE ON ledger
FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON ledger
FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();

-- Signed roots of the tree over the first `size` records; `frontier` is what the next one needs of it.
CREATE TABLE ledger_checkpoint (
    number BIGINT NOT NULL PRIMARY KEY,
    size BIGINT NOT NULL,
    at BIGINT NOT NULL,
    line TEXT NOT NULL,
    frontier BYTEA NOT NULL
);
CREATE TRIGGER ledger_checkpoint_no_change BEFORE UPDATE OR DELETE ON ledger_checkpoint
FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER ledger_checkpoint_no_truncate BEFORE TRUNCATE ON ledger_checkpoint
FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
