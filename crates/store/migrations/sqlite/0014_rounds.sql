-- Rounds of the index: what was declared and reviewed, samples, comments and appeals.

-- Of whom somebody who decides about others is.
ALTER TABLE account ADD COLUMN home TEXT REFERENCES agency (code);

-- What was declared, and what somebody of another agency made of it.
CREATE TABLE review (
    seq INTEGER NOT NULL PRIMARY KEY,
    agency TEXT NOT NULL,
    -- waiting, confirmed, refused or replaced
    state TEXT NOT NULL,
    decided_by TEXT,
    home TEXT,
    decided_at INTEGER,
    reason TEXT,
    -- The record that confirms it, which comes right after.
    record INTEGER
) STRICT;
CREATE INDEX review_state ON review (state, agency, seq);
INSERT INTO review (seq, agency, state)
    SELECT seq, agency,
        CASE WHEN EXISTS (SELECT 1 FROM ledger AS later WHERE later.corrects = ledger.seq)
            THEN 'replaced' ELSE 'waiting' END
    FROM ledger
    -- The content comes after; what it says is not asked.
    WHERE agency IS NOT NULL
        AND instr(substr(line, 1, instr(line, '},"content":') - 1), '"how":"declared"') > 0;

CREATE TABLE index_round (
    year INTEGER NOT NULL PRIMARY KEY,
    pack TEXT NOT NULL,
    -- open, review, frozen or published
    state TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    -- How the sample was drawn.
    drawn_at INTEGER,
    checkpoint INTEGER,
    drawn_size INTEGER,
    seed TEXT,
    population INTEGER,
    -- The instant for which is counted, and when it was fixed.
    cutoff INTEGER,
    frozen_at INTEGER,
    published_at INTEGER,
    hash TEXT,
    size INTEGER
) STRICT;

-- Records that are looked at a second time.
CREATE TABLE index_sample (
    year INTEGER NOT NULL REFERENCES index_round (year),
    seq INTEGER NOT NULL,
    agency TEXT NOT NULL,
    -- waiting, holds or fails
    look TEXT NOT NULL,
    decided_by TEXT,
    home TEXT,
    decided_at INTEGER,
    reason TEXT,
    PRIMARY KEY (year, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE index_appeal (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    year INTEGER NOT NULL REFERENCES index_round (year),
    agency TEXT NOT NULL REFERENCES agency (code),
    indicator TEXT NOT NULL,
    -- comment or appeal
    form TEXT NOT NULL,
    reason TEXT NOT NULL,
    reference TEXT NOT NULL,
    lodged_by TEXT NOT NULL,
    lodged_at INTEGER NOT NULL,
    -- lodged, accepted, refused or answered
    state TEXT NOT NULL,
    decided_by TEXT,
    home TEXT,
    decided_at INTEGER,
    decision TEXT,
    -- The record that corrects what was wrong.
    record INTEGER
) STRICT;
CREATE INDEX index_appeal_year ON index_appeal (year, agency, id);
