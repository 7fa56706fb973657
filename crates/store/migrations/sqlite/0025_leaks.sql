-- Leaks: of a document that is out, its number and its day and no more, and what was done about it.
CREATE TABLE leak (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    agency TEXT NOT NULL REFERENCES agency (code),
    kind TEXT NOT NULL,
    number TEXT,
    dated TEXT,
    found_on TEXT NOT NULL,
    who TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX leak_agency ON leak (agency);
CREATE TABLE leak_step (
    leak_id INTEGER NOT NULL REFERENCES leak (id),
    what TEXT NOT NULL,
    day TEXT NOT NULL,
    who TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (leak_id, what)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER leak_no_update BEFORE UPDATE ON leak
BEGIN
    SELECT RAISE(ABORT, 'what is known of leaks is append-only');
END;
CREATE TRIGGER leak_no_delete BEFORE DELETE ON leak
BEGIN
    SELECT RAISE(ABORT, 'what is known of leaks is append-only');
END;
-- REPLACE deletes without asking the trigger above.
CREATE TRIGGER leak_no_replace BEFORE INSERT ON leak
WHEN EXISTS (SELECT 1 FROM leak WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'what is known of leaks is append-only');
END;
CREATE TRIGGER leak_step_no_update BEFORE UPDATE ON leak_step
BEGIN
    SELECT RAISE(ABORT, 'what is known of leaks is append-only');
END;
CREATE TRIGGER leak_step_no_delete BEFORE DELETE ON leak_step
BEGIN
    SELECT RAISE(ABORT, 'what is known of leaks is append-only');
END;
-- REPLACE deletes without asking the trigger above.
CREATE TRIGGER leak_step_no_replace BEFORE INSERT ON leak_step
WHEN EXISTS (SELECT 1 FROM leak_step WHERE leak_id = NEW.leak_id AND what = NEW.what)
BEGIN
    SELECT RAISE(ABORT, 'what is known of leaks is append-only');
END;
