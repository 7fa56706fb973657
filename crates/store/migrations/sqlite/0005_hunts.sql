-- What jobs take and give: too much for a column of the job.

CREATE TABLE job_input (
    job_id INTEGER NOT NULL PRIMARY KEY REFERENCES job (id),
    body BLOB NOT NULL
) STRICT;

CREATE TABLE job_row (
    job_id INTEGER NOT NULL REFERENCES job (id),
    kind TEXT NOT NULL,
    number INTEGER NOT NULL,
    payload TEXT NOT NULL,
    PRIMARY KEY (job_id, kind, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX job_ended ON job (ended_at);
