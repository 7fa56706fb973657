-- Which OCSF classes of events each source sent, and when one of each last arrived.
CREATE TABLE source_class (
    source_id INTEGER NOT NULL REFERENCES source (id),
    class_uid INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    PRIMARY KEY (source_id, class_uid)
) STRICT, WITHOUT ROWID;
