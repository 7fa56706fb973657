-- The files by which agencies show what they say of themselves. The ledger holds their SHA-256 alone.

-- The same bytes of an agency are the same document. What is kept never changes.
CREATE TABLE document (
    agency TEXT NOT NULL REFERENCES agency (code),
    sha256 TEXT NOT NULL,
    -- What the file was called when it came first.
    name TEXT NOT NULL,
    size BIGINT NOT NULL,
    content BYTEA NOT NULL,
    added_by TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    PRIMARY KEY (agency, sha256)
);
CREATE FUNCTION refuse_document_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'documents never change'; END $$;
CREATE TRIGGER document_no_change BEFORE UPDATE ON document
FOR EACH ROW EXECUTE FUNCTION refuse_document_change();
