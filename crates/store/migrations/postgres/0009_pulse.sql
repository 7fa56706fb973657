-- How many events of each source happened in each quarter of an hour; kept for little more than a day.
CREATE TABLE source_pulse (
    source_id BIGINT NOT NULL REFERENCES source (id),
    quarter BIGINT NOT NULL,
    events BIGINT NOT NULL,
    PRIMARY KEY (source_id, quarter)
);
CREATE INDEX source_pulse_quarter ON source_pulse (quarter);
