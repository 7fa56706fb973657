-- How rules are set and tuned, and what was not raised because of it.

-- Settings in force.
CREATE TABLE rule_setting (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    rule TEXT NOT NULL,
    agency TEXT REFERENCES agency (code),
    property TEXT NOT NULL,
    setting TEXT NOT NULL,
    set_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX rule_setting_one ON rule_setting (rule, coalesce(agency, ''), property);

-- Every setting that was made or taken back.
CREATE TABLE rule_setting_change (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    rule TEXT NOT NULL,
    agency TEXT REFERENCES agency (code),
    property TEXT NOT NULL,
    setting TEXT,
    set_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX rule_setting_change_rule ON rule_setting_change (rule, id);

-- Hits that raised nothing because their rule is off, by day in UTC+7.
CREATE TABLE rule_off_hit (
    rule TEXT NOT NULL,
    agency TEXT NOT NULL REFERENCES agency (code),
    day TEXT NOT NULL,
    hits INTEGER NOT NULL,
    PRIMARY KEY (rule, agency, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE rule_filter (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    rule TEXT NOT NULL,
    text TEXT NOT NULL,
    owner TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    ended_at INTEGER
) STRICT;

CREATE INDEX alert_rule ON alert (rule, last_at);
