-- Budgets and risks.

CREATE TABLE budget_line (
    agency TEXT NOT NULL REFERENCES agency (code),
    year INTEGER NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    class TEXT NOT NULL,
    -- How much of it is security, in millionths.
    share INTEGER NOT NULL,
    reason TEXT NOT NULL,
    -- Amounts in đồng.
    planned INTEGER NOT NULL,
    allocated INTEGER NOT NULL,
    spent INTEGER NOT NULL,
    is_domestic INTEGER NOT NULL,
    domestic_reason TEXT NOT NULL,
    -- Codes of risks of the agency, with blanks between.
    risks TEXT NOT NULL,
    purchase TEXT,
    bought TEXT,
    support_end TEXT,
    renewal TEXT,
    PRIMARY KEY (agency, year, code)
) STRICT, WITHOUT ROWID;
CREATE INDEX budget_line_year ON budget_line (year, agency);

-- The decision that approved a year's plan.
CREATE TABLE budget_plan (
    agency TEXT NOT NULL REFERENCES agency (code),
    year INTEGER NOT NULL,
    decision TEXT NOT NULL,
    decided TEXT NOT NULL,
    approved_by TEXT NOT NULL,
    approved_at INTEGER NOT NULL,
    -- 1 once planned figures were changed after that.
    is_amended INTEGER NOT NULL,
    PRIMARY KEY (agency, year)
) STRICT, WITHOUT ROWID;

CREATE TABLE risk (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    agency TEXT NOT NULL REFERENCES agency (code),
    code TEXT NOT NULL,
    system TEXT REFERENCES system (code),
    scenario TEXT NOT NULL,
    threat TEXT NOT NULL,
    likelihood INTEGER NOT NULL,
    impact INTEGER NOT NULL,
    residual_likelihood INTEGER,
    residual_impact INTEGER,
    owner TEXT NOT NULL,
    treatment TEXT NOT NULL,
    due TEXT NOT NULL,
    -- Numbers of records of the ledger, with blanks between.
    records TEXT NOT NULL,
    state TEXT NOT NULL,
    accepted_by TEXT,
    accept_reason TEXT,
    accepted_until TEXT,
    ended TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (agency, code)
) STRICT;

-- What was done with a risk.
CREATE TABLE risk_step (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    risk_id INTEGER NOT NULL REFERENCES risk (id),
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX risk_step_risk ON risk_step (risk_id, id);
