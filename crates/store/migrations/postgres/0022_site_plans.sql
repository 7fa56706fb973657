-- How the servers of a place that is not fit for them come to one that is, and by which day.
ALTER TABLE site ADD COLUMN plan TEXT;
ALTER TABLE site ADD COLUMN plan_by TEXT;
