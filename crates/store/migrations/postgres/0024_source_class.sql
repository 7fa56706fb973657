-- Which OCSF classes of events each source sent, and when one of each last arrived.
CREATE TABLE source_class (
    source_id BIGINT NOT NULL REFERENCES source (id),
    class_uid BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    PRIMARY KEY (source_id, class_uid)
);
