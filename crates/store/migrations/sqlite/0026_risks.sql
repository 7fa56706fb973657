-- What a risk is about, and what treats it.

-- An asset by its system and name: the register may take it off, the risk still names it.
ALTER TABLE risk ADD COLUMN asset_system TEXT;
ALTER TABLE risk ADD COLUMN asset_name TEXT;
-- Controls as `catalogue/control`, parted by blanks.
ALTER TABLE risk ADD COLUMN controls TEXT NOT NULL DEFAULT '';
