-- What jobs take and give: too much for a column of the job.

CREATE TABLE job_input (
    job_id BIGINT NOT NULL PRIMARY KEY REFERENCES job (id),
    body BYTEA NOT NULL
);

CREATE TABLE job_row (
    job_id BIGINT NOT NULL REFERENCES job (id),
    kind TEXT NOT NULL,
    number BIGINT NOT NULL,
    payload TEXT NOT NULL,
    PRIMARY KEY (job_id, kind, number)
);

CREATE INDEX job_ended ON job (ended_at);
