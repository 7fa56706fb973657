-- How many events of each source happened in each quarter of an hour; kept for little more than a day.
CREATE TABLE source_pulse (
    source_id INTEGER NOT NULL REFERENCES source (id),
    quarter INTEGER NOT NULL,
    events INTEGER NOT NULL,
    PRIMARY KEY (source_id, quarter)
) STRICT, WITHOUT ROWID;
CREATE INDEX source_pulse_quarter ON source_pulse (quarter);
