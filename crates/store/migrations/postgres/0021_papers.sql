-- What is written down about a system; `content` is an object of texts by field.
CREATE TABLE paper (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    system TEXT NOT NULL REFERENCES system (code),
    kind TEXT NOT NULL,
    other TEXT REFERENCES system (code),
    content TEXT NOT NULL
);
CREATE INDEX paper_system ON paper (system);
