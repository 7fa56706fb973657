-- The files by which agencies show what they say of themselves. The ledger holds their SHA-256 alone.

-- The same bytes of an agency are the same document. What is kept never changes.
CREATE TABLE document (
    agency TEXT NOT NULL REFERENCES agency (code),
    sha256 TEXT NOT NULL,
    -- What the file was called when it came first.
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    content BLOB NOT NULL,
    added_by TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    PRIMARY KEY (agency, sha256)
) STRICT;
CREATE TRIGGER document_no_update BEFORE UPDATE ON document
BEGIN
    SELECT RAISE(ABORT, 'documents never change');
END;
