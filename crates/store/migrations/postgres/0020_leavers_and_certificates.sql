-- The last day of an account, and hosts of agencies that certificates name and nobody registered.
ALTER TABLE account ADD COLUMN until TEXT;

-- `state` is open, registered, not-ours or off; `issued_at` is of the newest certificate for the name.
CREATE TABLE discovered_host (
    name TEXT NOT NULL PRIMARY KEY,
    agency TEXT NOT NULL REFERENCES agency (code),
    found_at BIGINT NOT NULL,
    issued_at BIGINT,
    until BIGINT,
    issuer TEXT NOT NULL,
    state TEXT NOT NULL,
    settled_at BIGINT,
    settled_by TEXT,
    note TEXT
);
CREATE INDEX discovered_host_agency ON discovered_host (agency, state);
