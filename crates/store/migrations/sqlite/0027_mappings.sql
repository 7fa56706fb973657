-- What corresponds between two versions of catalogues of controls.

-- Each import stands for good; the one of the highest number counts for its two catalogues.
CREATE TABLE control_mapping (
    source TEXT NOT NULL,
    source_version TEXT NOT NULL,
    target TEXT NOT NULL,
    target_version TEXT NOT NULL,
    number INTEGER NOT NULL,
    -- The file that it came from.
    file TEXT NOT NULL,
    -- A relation on each line: control, relationship, control.
    text TEXT NOT NULL,
    added_by TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    PRIMARY KEY (source, source_version, target, target_version, number),
    FOREIGN KEY (source, source_version) REFERENCES control_catalogue (name, version),
    FOREIGN KEY (target, target_version) REFERENCES control_catalogue (name, version)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER control_mapping_no_update BEFORE UPDATE ON control_mapping
BEGIN
    SELECT RAISE(ABORT, 'catalogues, mappings and statements are append-only');
END;
CREATE TRIGGER control_mapping_no_delete BEFORE DELETE ON control_mapping
BEGIN
    SELECT RAISE(ABORT, 'catalogues, mappings and statements are append-only');
END;
CREATE TRIGGER control_catalogue_no_update BEFORE UPDATE ON control_catalogue
BEGIN
    SELECT RAISE(ABORT, 'catalogues, mappings and statements are append-only');
END;
CREATE TRIGGER control_catalogue_no_delete BEFORE DELETE ON control_catalogue
BEGIN
    SELECT RAISE(ABORT, 'catalogues, mappings and statements are append-only');
END;
CREATE TRIGGER control_statement_no_update BEFORE UPDATE ON control_statement
BEGIN
    SELECT RAISE(ABORT, 'catalogues, mappings and statements are append-only');
END;
CREATE TRIGGER control_statement_no_delete BEFORE DELETE ON control_statement
BEGIN
    SELECT RAISE(ABORT, 'catalogues, mappings and statements are append-only');
END;
