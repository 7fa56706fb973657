-- The minimum equipment of a centre; `assets` are names of registered assets, parted by blanks.
CREATE TABLE equipment (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    needed INTEGER NOT NULL,
    owned INTEGER NOT NULL,
    assets TEXT NOT NULL,
    note TEXT
) STRICT, WITHOUT ROWID;
