-- In which dossier the design of a project is appraised. A dossier serves one project.
ALTER TABLE project ADD COLUMN dossier BIGINT REFERENCES dossier (id);

-- Of the projects that were decided by one appraisal, the first keeps it. What was decided stays as it was.
UPDATE project SET dossier = appraisal
WHERE decided IS NOT NULL AND appraisal IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM project AS earlier
    WHERE earlier.appraisal = project.appraisal
        AND (earlier.decided, earlier.agency, earlier.code)
            < (project.decided, project.agency, project.code)
);

CREATE UNIQUE INDEX project_dossier ON project (dossier);
