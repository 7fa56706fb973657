-- For how many minutes of a day each source was watched, and for how many of these it was heard.
CREATE TABLE source_heard (
    source_id INTEGER NOT NULL REFERENCES source (id),
    day INTEGER NOT NULL,
    minutes INTEGER NOT NULL,
    heard INTEGER NOT NULL,
    PRIMARY KEY (source_id, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX source_heard_day ON source_heard (day);
