-- For how many minutes of a day each source was watched, and for how many of these it was heard.
CREATE TABLE source_heard (
    source_id BIGINT NOT NULL REFERENCES source (id),
    day BIGINT NOT NULL,
    minutes BIGINT NOT NULL,
    heard BIGINT NOT NULL,
    PRIMARY KEY (source_id, day)
);
CREATE INDEX source_heard_day ON source_heard (day);
