-- What corresponds between two versions of catalogues of controls.

-- Each import stands for good; the one of the highest number counts for its two catalogues.
CREATE TABLE control_mapping (
    source TEXT NOT NULL,
    source_version TEXT NOT NULL,
    target TEXT NOT NULL,
    target_version TEXT NOT NULL,
    number BIGINT NOT NULL,
    -- The file that it came from.
    file TEXT NOT NULL,
    -- A relation on each line: control, relationship, control.
    text TEXT NOT NULL,
    added_by TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    PRIMARY KEY (source, source_version, target, target_version, number),
    FOREIGN KEY (source, source_version) REFERENCES control_catalogue (name, version),
    FOREIGN KEY (target, target_version) REFERENCES control_catalogue (name, version)
);
CREATE FUNCTION refuse_control_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'catalogues, mappings and statements are append-only'; END $$;
CREATE TRIGGER control_mapping_no_change BEFORE UPDATE OR DELETE ON control_mapping
FOR EACH ROW EXECUTE FUNCTION refuse_control_change();
CREATE TRIGGER control_catalogue_no_change BEFORE UPDATE OR DELETE ON control_catalogue
FOR EACH ROW EXECUTE FUNCTION refuse_control_change();
CREATE TRIGGER control_statement_no_change BEFORE UPDATE OR DELETE ON control_statement
FOR EACH ROW EXECUTE FUNCTION refuse_control_change();
