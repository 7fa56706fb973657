-- What risks and incidents cost, and what of a project is for security. Amounts are in đồng.

-- What one occurrence costs and how often it comes in ten years, before treatment and after it.
ALTER TABLE risk ADD COLUMN loss_low INTEGER;
ALTER TABLE risk ADD COLUMN loss_high INTEGER;
ALTER TABLE risk ADD COLUMN times_low INTEGER;
ALTER TABLE risk ADD COLUMN times_high INTEGER;
ALTER TABLE risk ADD COLUMN residual_loss_low INTEGER;
ALTER TABLE risk ADD COLUMN residual_loss_high INTEGER;
ALTER TABLE risk ADD COLUMN residual_times_low INTEGER;
ALTER TABLE risk ADD COLUMN residual_times_high INTEGER;

-- The figures of incidents as they were given; the last of a kind counts.
CREATE TABLE incident_loss (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    incident_id INTEGER NOT NULL REFERENCES incident (id),
    kind TEXT NOT NULL,
    amount INTEGER NOT NULL,
    -- What was counted.
    reason TEXT NOT NULL,
    said_by TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX incident_loss_incident ON incident_loss (incident_id, id);
CREATE INDEX incident_opened ON incident (opened_at);

ALTER TABLE project ADD COLUMN security INTEGER;
-- 0 if it was decided without a part for security. Nobody asked before this was there.
ALTER TABLE project ADD COLUMN has_security INTEGER NOT NULL DEFAULT 1;

-- Tasks that are open because support ends before the renewal. The line may be gone by now.
CREATE TABLE support_task (
    agency TEXT NOT NULL REFERENCES agency (code),
    year INTEGER NOT NULL,
    code TEXT NOT NULL,
    due TEXT NOT NULL,
    PRIMARY KEY (agency, year, code)
) STRICT, WITHOUT ROWID;
