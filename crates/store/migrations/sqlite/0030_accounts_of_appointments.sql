-- With which account those who answer for an agency sign in, where they have one.
ALTER TABLE appointment ADD COLUMN account TEXT REFERENCES account (name);
CREATE INDEX appointment_account ON appointment (account);
