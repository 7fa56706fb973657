CREATE TABLE account (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    called TEXT NOT NULL,
    role TEXT NOT NULL,
    agencies TEXT,
    language TEXT,
    password TEXT,
    totp BLOB,
    totp_step INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    locked_until INTEGER,
    created_at INTEGER NOT NULL,
    disabled_at INTEGER
, home TEXT REFERENCES agency (code), until TEXT) STRICT;
CREATE TABLE agency (
    code TEXT NOT NULL PRIMARY KEY,
    name_vi TEXT NOT NULL,
    name_en TEXT,
    parent TEXT REFERENCES agency (code),
    kind TEXT NOT NULL,
    created_at INTEGER NOT NULL
, in_scope INTEGER NOT NULL DEFAULT 1, is_centre INTEGER NOT NULL DEFAULT 0, confirmed_at INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE agency_contact (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    agency TEXT NOT NULL REFERENCES agency (code),
    role TEXT NOT NULL,
    post TEXT NOT NULL,
    mail TEXT NOT NULL,
    line TEXT
) STRICT;
CREATE INDEX agency_contact_agency ON agency_contact (agency);
CREATE TABLE alert (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    group_key BLOB NOT NULL,
    kind TEXT NOT NULL,
    rule TEXT NOT NULL,
    title TEXT NOT NULL,
    severity INTEGER NOT NULL,
    agency TEXT NOT NULL REFERENCES agency (code),
    system TEXT NOT NULL REFERENCES system (code),
    source_id INTEGER REFERENCES source (id),
    entity TEXT NOT NULL,
    window_start INTEGER NOT NULL,
    attack TEXT NOT NULL,
    count INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    assignee TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
, acknowledged_at INTEGER) STRICT;
CREATE INDEX alert_agency ON alert (agency, id);
CREATE INDEX alert_created ON alert (created_at);
CREATE INDEX alert_group ON alert (group_key);
CREATE INDEX alert_last ON alert (last_at);
CREATE UNIQUE INDEX alert_open ON alert (group_key) WHERE state <> 'closed';
CREATE INDEX alert_rule ON alert (rule, last_at);
CREATE INDEX alert_state ON alert (state, id);
CREATE TABLE alert_comment (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    alert_id INTEGER NOT NULL REFERENCES alert (id),
    author TEXT NOT NULL,
    at INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX alert_comment_alert ON alert_comment (alert_id, id);
CREATE TABLE alert_event (
    alert_id INTEGER NOT NULL REFERENCES alert (id),
    batch INTEGER NOT NULL,
    item INTEGER NOT NULL,
    at INTEGER NOT NULL,
    matched TEXT NOT NULL,
    PRIMARY KEY (alert_id, batch, item)
) STRICT, WITHOUT ROWID;
CREATE TABLE appointment (
    agency TEXT NOT NULL REFERENCES agency (code),
    duty TEXT NOT NULL,
    holder TEXT NOT NULL,
    post TEXT NOT NULL,
    document TEXT NOT NULL,
    signed TEXT NOT NULL,
    until TEXT NOT NULL, account TEXT REFERENCES account (name),
    PRIMARY KEY (agency, duty)
) STRICT, WITHOUT ROWID;
CREATE INDEX appointment_account ON appointment (account);
CREATE TABLE asset (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    system TEXT NOT NULL REFERENCES system (code),
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    zone TEXT NOT NULL,
    site TEXT REFERENCES site (code),
    address TEXT,
    UNIQUE (system, name)
) STRICT;
CREATE INDEX asset_address ON asset (address);
CREATE INDEX asset_name ON asset (name);
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
CREATE TABLE audit (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    agency TEXT,
    origin TEXT NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX audit_agency ON audit (agency, id);
CREATE TABLE batch_key (
    source_id INTEGER NOT NULL,
    batch_key BLOB NOT NULL,
    batch INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (source_id, batch_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX batch_key_at ON batch_key (at);
CREATE TABLE budget_line (
    agency TEXT NOT NULL REFERENCES agency (code),
    year INTEGER NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    class TEXT NOT NULL,
    -- How much of it is security, in millionths.
    share INTEGER NOT NULL,
    reason TEXT NOT NULL,
    -- Amounts in đồng.
    planned INTEGER NOT NULL,
    allocated INTEGER NOT NULL,
    spent INTEGER NOT NULL,
    is_domestic INTEGER NOT NULL,
    domestic_reason TEXT NOT NULL,
    -- Codes of risks of the agency, with blanks between.
    risks TEXT NOT NULL,
    purchase TEXT,
    bought TEXT,
    support_end TEXT,
    renewal TEXT,
    PRIMARY KEY (agency, year, code)
) STRICT, WITHOUT ROWID;
CREATE INDEX budget_line_year ON budget_line (year, agency);
CREATE TABLE budget_plan (
    agency TEXT NOT NULL REFERENCES agency (code),
    year INTEGER NOT NULL,
    decision TEXT NOT NULL,
    decided TEXT NOT NULL,
    approved_by TEXT NOT NULL,
    approved_at INTEGER NOT NULL,
    -- 1 once planned figures were changed after that.
    is_amended INTEGER NOT NULL,
    PRIMARY KEY (agency, year)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER control_catalogue_no_delete BEFORE DELETE ON control_catalogue
BEGIN
    SELECT RAISE(ABORT, 'catalogues, mappings and statements are append-only');
END;
CREATE TRIGGER control_catalogue_no_update BEFORE UPDATE ON control_catalogue
BEGIN
    SELECT RAISE(ABORT, 'catalogues, mappings and statements are append-only');
END;
CREATE TABLE control_catalogue (
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    -- Which form the text has: a pack of ours, or a catalogue from elsewhere.
    form TEXT NOT NULL,
    text TEXT NOT NULL,
    added_by TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    PRIMARY KEY (name, version)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER control_mapping_no_delete BEFORE DELETE ON control_mapping
BEGIN
    SELECT RAISE(ABORT, 'catalogues, mappings and statements are append-only');
END;
CREATE TRIGGER control_mapping_no_update BEFORE UPDATE ON control_mapping
BEGIN
    SELECT RAISE(ABORT, 'catalogues, mappings and statements are append-only');
END;
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
CREATE TRIGGER control_statement_no_delete BEFORE DELETE ON control_statement
BEGIN
    SELECT RAISE(ABORT, 'catalogues, mappings and statements are append-only');
END;
CREATE TRIGGER control_statement_no_update BEFORE UPDATE ON control_statement
BEGIN
    SELECT RAISE(ABORT, 'catalogues, mappings and statements are append-only');
END;
CREATE TABLE control_statement (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    agency TEXT NOT NULL REFERENCES agency (code),
    system TEXT NOT NULL REFERENCES system (code),
    catalogue TEXT NOT NULL,
    version TEXT NOT NULL,
    control TEXT NOT NULL,
    state TEXT NOT NULL,
    note TEXT NOT NULL,
    stated_by TEXT NOT NULL,
    stated_at INTEGER NOT NULL,
    FOREIGN KEY (catalogue, version) REFERENCES control_catalogue (name, version)
) STRICT;
CREATE INDEX control_statement_system ON control_statement (system, catalogue, version);
CREATE TABLE correlation_input (
    batch INTEGER NOT NULL,
    item INTEGER NOT NULL,
    rule TEXT NOT NULL,
    at INTEGER NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (batch, item, rule)
) STRICT, WITHOUT ROWID;
CREATE INDEX correlation_input_at ON correlation_input (at);
CREATE TABLE custody_device (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    agency TEXT NOT NULL REFERENCES agency (code),
    serial TEXT NOT NULL,
    kind TEXT NOT NULL,
    product_id INTEGER REFERENCES product (id) ON DELETE SET NULL,
    until TEXT,
    state TEXT NOT NULL,
    -- The day since which it is so.
    since TEXT NOT NULL,
    -- The post that has it, or had it when it was lost.
    post TEXT,
    revocation TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (agency, serial)
) STRICT;
CREATE TRIGGER custody_step_no_delete BEFORE DELETE ON custody_step
BEGIN
    SELECT RAISE(ABORT, 'the log of handovers is append-only');
END;
CREATE TRIGGER custody_step_no_replace BEFORE INSERT ON custody_step
WHEN EXISTS (SELECT 1 FROM custody_step WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'the log of handovers is append-only');
END;
CREATE TRIGGER custody_step_no_update BEFORE UPDATE ON custody_step
BEGIN
    SELECT RAISE(ABORT, 'the log of handovers is append-only');
END;
CREATE TABLE custody_step (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    device_id INTEGER NOT NULL REFERENCES custody_device (id),
    at INTEGER NOT NULL,
    day TEXT NOT NULL,
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX custody_step_device ON custody_step (device_id, id);
CREATE TABLE detected (
    first INTEGER NOT NULL PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT;
CREATE TABLE discovered_host (
    name TEXT NOT NULL PRIMARY KEY,
    agency TEXT NOT NULL REFERENCES agency (code),
    found_at INTEGER NOT NULL,
    issued_at INTEGER,
    until INTEGER,
    issuer TEXT NOT NULL,
    state TEXT NOT NULL,
    settled_at INTEGER,
    settled_by TEXT,
    note TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX discovered_host_agency ON discovered_host (agency, state);
CREATE TRIGGER document_no_update BEFORE UPDATE ON document
BEGIN
    SELECT RAISE(ABORT, 'documents never change');
END;
CREATE TABLE document (
    agency TEXT NOT NULL REFERENCES agency (code),
    sha256 TEXT NOT NULL,
    -- What the file was called when it came first.
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    content BLOB NOT NULL,
    added_by TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    PRIMARY KEY (agency, sha256)
) STRICT;
CREATE TABLE dossier (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    agency TEXT NOT NULL REFERENCES agency (code),
    system TEXT NOT NULL REFERENCES system (code),
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    -- What it says, as canonical JSON.
    contents TEXT NOT NULL,
    number TEXT,
    approved TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX dossier_open ON dossier (system, kind) WHERE state <> 'approved';
CREATE INDEX dossier_system ON dossier (system, kind, id);
CREATE TABLE dossier_step (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    dossier_id INTEGER NOT NULL REFERENCES dossier (id),
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    act TEXT NOT NULL,
    duty TEXT,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX dossier_step_dossier ON dossier_step (dossier_id, id);
CREATE TABLE endpoint_probe (
    endpoint TEXT NOT NULL PRIMARY KEY,
    agency TEXT NOT NULL REFERENCES agency (code),
    system TEXT NOT NULL REFERENCES system (code),
    probed_at INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL,
    -- The record of what was seen.
    record INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE equipment (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    needed INTEGER NOT NULL,
    owned INTEGER NOT NULL,
    assets TEXT NOT NULL,
    note TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE exploited (
    cve TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    added TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE exploited_catalogue (
    version TEXT NOT NULL PRIMARY KEY,
    released TEXT NOT NULL,
    imported_at INTEGER NOT NULL,
    size INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE finding (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    agency TEXT NOT NULL REFERENCES agency (code),
    system TEXT NOT NULL REFERENCES system (code),
    -- By which name the ledger knows it.
    subject TEXT NOT NULL,
    tool TEXT NOT NULL,
    rule TEXT NOT NULL,
    place TEXT NOT NULL,
    title TEXT NOT NULL,
    severity TEXT NOT NULL,
    -- With blanks between.
    cves TEXT NOT NULL,
    is_exploited INTEGER NOT NULL,
    is_exposed INTEGER NOT NULL,
    state TEXT NOT NULL,
    fixed TEXT,
    accepted_by TEXT,
    accept_reason TEXT,
    accepted_until TEXT,
    found TEXT NOT NULL,
    due TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    repaired_by TEXT,
    updated_at INTEGER NOT NULL,
    UNIQUE (system, subject)
) STRICT;
CREATE TABLE finding_import (
    system TEXT NOT NULL REFERENCES system (code),
    digest TEXT NOT NULL,
    tool TEXT NOT NULL,
    -- When the tool was run.
    at INTEGER NOT NULL,
    imported_at INTEGER NOT NULL,
    findings INTEGER NOT NULL,
    PRIMARY KEY (system, digest)
) STRICT, WITHOUT ROWID;
CREATE TABLE finding_step (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    finding_id INTEGER NOT NULL REFERENCES finding (id),
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX finding_step_finding ON finding_step (finding_id, id);
CREATE TABLE hold (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    agency TEXT REFERENCES agency (code),
    events_from INTEGER,
    events_to INTEGER,
    owner TEXT NOT NULL,
    reason TEXT NOT NULL,
    placed_at INTEGER NOT NULL,
    expires_at INTEGER,
    lifted_at INTEGER
) STRICT;
CREATE TABLE host (
    system TEXT NOT NULL REFERENCES system (code),
    name TEXT NOT NULL,
    registered_at INTEGER,
    first_seen_at INTEGER,
    last_seen_at INTEGER,
    last_source INTEGER REFERENCES source (id),
    PRIMARY KEY (system, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE incident (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL,
    -- The title in small letters without diacritics, to be looked through.
    plain_title TEXT NOT NULL,
    severity INTEGER NOT NULL,
    state TEXT NOT NULL,
    outcome TEXT,
    lead TEXT,
    agency TEXT NOT NULL REFERENCES agency (code),
    opened_by TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    closed_at INTEGER
) STRICT;
CREATE INDEX incident_opened ON incident (opened_at);
CREATE INDEX incident_state ON incident (state, id);
CREATE TABLE incident_agency (
    incident_id INTEGER NOT NULL REFERENCES incident (id),
    agency TEXT NOT NULL REFERENCES agency (code),
    PRIMARY KEY (incident_id, agency)
) STRICT, WITHOUT ROWID;
CREATE INDEX incident_agency_agency ON incident_agency (agency, incident_id);
CREATE TABLE incident_alert (
    incident_id INTEGER NOT NULL REFERENCES incident (id),
    alert_id INTEGER NOT NULL REFERENCES alert (id),
    -- 1 while the incident is not closed.
    is_open INTEGER NOT NULL,
    added_by TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    PRIMARY KEY (incident_id, alert_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX incident_alert_alert ON incident_alert (alert_id);
CREATE UNIQUE INDEX incident_alert_open ON incident_alert (alert_id) WHERE is_open = 1;
CREATE TABLE incident_loss (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    incident_id INTEGER NOT NULL REFERENCES incident (id),
    kind TEXT NOT NULL,
    amount INTEGER NOT NULL,
    -- What was counted.
    reason TEXT NOT NULL,
    said_by TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX incident_loss_incident ON incident_loss (incident_id, id);
CREATE TABLE incident_note (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    incident_id INTEGER NOT NULL REFERENCES incident (id),
    author TEXT NOT NULL,
    at INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX incident_note_incident ON incident_note (incident_id, id);
CREATE TABLE index_appeal (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    year INTEGER NOT NULL REFERENCES index_round (year),
    agency TEXT NOT NULL REFERENCES agency (code),
    indicator TEXT NOT NULL,
    -- comment or appeal
    form TEXT NOT NULL,
    reason TEXT NOT NULL,
    reference TEXT NOT NULL,
    lodged_by TEXT NOT NULL,
    lodged_at INTEGER NOT NULL,
    -- lodged, accepted, refused or answered
    state TEXT NOT NULL,
    decided_by TEXT,
    home TEXT,
    decided_at INTEGER,
    decision TEXT,
    -- The record that corrects what was wrong.
    record INTEGER
) STRICT;
CREATE INDEX index_appeal_year ON index_appeal (year, agency, id);
CREATE TABLE index_round (
    year INTEGER NOT NULL PRIMARY KEY,
    pack TEXT NOT NULL,
    -- open, review, frozen or published
    state TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    -- How the sample was drawn.
    drawn_at INTEGER,
    checkpoint INTEGER,
    drawn_size INTEGER,
    seed TEXT,
    population INTEGER,
    -- The instant for which is counted, and when it was fixed.
    cutoff INTEGER,
    frozen_at INTEGER,
    published_at INTEGER,
    hash TEXT,
    size INTEGER
) STRICT;
CREATE TABLE index_sample (
    year INTEGER NOT NULL REFERENCES index_round (year),
    seq INTEGER NOT NULL,
    agency TEXT NOT NULL,
    -- waiting, holds or fails
    look TEXT NOT NULL,
    decided_by TEXT,
    home TEXT,
    decided_at INTEGER,
    reason TEXT,
    PRIMARY KEY (year, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE internet_resource (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    agency TEXT NOT NULL REFERENCES agency (code),
    system TEXT REFERENCES system (code),
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    until TEXT,
    UNIQUE (kind, value)
) STRICT;
CREATE INDEX internet_resource_agency ON internet_resource (agency);
CREATE TABLE invitation (
    hash BLOB NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX invitation_account ON invitation (account_id);
CREATE TABLE job (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    everywhere INTEGER NOT NULL,
    parameters TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    worker TEXT,
    done INTEGER NOT NULL,
    total INTEGER NOT NULL,
    checkpoint TEXT,
    result TEXT,
    started_at INTEGER,
    ended_at INTEGER
) STRICT;
CREATE INDEX job_ended ON job (ended_at);
CREATE INDEX job_state ON job (state, id);
CREATE TABLE job_agency (
    job_id INTEGER NOT NULL REFERENCES job (id),
    agency TEXT NOT NULL REFERENCES agency (code),
    PRIMARY KEY (job_id, agency)
) STRICT, WITHOUT ROWID;
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
CREATE TRIGGER leak_no_delete BEFORE DELETE ON leak
BEGIN
    SELECT RAISE(ABORT, 'what is known of leaks is append-only');
END;
CREATE TRIGGER leak_no_replace BEFORE INSERT ON leak
WHEN EXISTS (SELECT 1 FROM leak WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'what is known of leaks is append-only');
END;
CREATE TRIGGER leak_no_update BEFORE UPDATE ON leak
BEGIN
    SELECT RAISE(ABORT, 'what is known of leaks is append-only');
END;
CREATE TABLE leak (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    agency TEXT NOT NULL REFERENCES agency (code),
    kind TEXT NOT NULL,
    number TEXT,
    dated TEXT,
    found_on TEXT NOT NULL,
    who TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX leak_agency ON leak (agency);
CREATE TRIGGER leak_step_no_delete BEFORE DELETE ON leak_step
BEGIN
    SELECT RAISE(ABORT, 'what is known of leaks is append-only');
END;
CREATE TRIGGER leak_step_no_replace BEFORE INSERT ON leak_step
WHEN EXISTS (SELECT 1 FROM leak_step WHERE leak_id = NEW.leak_id AND what = NEW.what)
BEGIN
    SELECT RAISE(ABORT, 'what is known of leaks is append-only');
END;
CREATE TRIGGER leak_step_no_update BEFORE UPDATE ON leak_step
BEGIN
    SELECT RAISE(ABORT, 'what is known of leaks is append-only');
END;
CREATE TABLE leak_step (
    leak_id INTEGER NOT NULL REFERENCES leak (id),
    what TEXT NOT NULL,
    day TEXT NOT NULL,
    who TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (leak_id, what)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;
CREATE TRIGGER ledger_no_replace BEFORE INSERT ON ledger
WHEN EXISTS (SELECT 1 FROM ledger WHERE seq = NEW.seq)
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;
CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;
CREATE TABLE ledger (
    seq INTEGER NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    agency TEXT,
    system TEXT,
    subject TEXT NOT NULL,
    corrects INTEGER,
    hash BLOB NOT NULL,
    line TEXT NOT NULL
) STRICT;
CREATE INDEX ledger_agency ON ledger (agency, kind, subject, seq);
CREATE INDEX ledger_corrects ON ledger (corrects) WHERE corrects IS NOT NULL;
CREATE INDEX ledger_kind ON ledger (kind, system, seq);
CREATE INDEX ledger_system ON ledger (system, seq) WHERE system IS NOT NULL;
CREATE TRIGGER ledger_checkpoint_no_delete BEFORE DELETE ON ledger_checkpoint
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;
CREATE TRIGGER ledger_checkpoint_no_replace BEFORE INSERT ON ledger_checkpoint
WHEN EXISTS (SELECT 1 FROM ledger_checkpoint WHERE number = NEW.number)
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;
CREATE TRIGGER ledger_checkpoint_no_update BEFORE UPDATE ON ledger_checkpoint
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;
CREATE TABLE ledger_checkpoint (
    number INTEGER NOT NULL PRIMARY KEY,
    size INTEGER NOT NULL,
    at INTEGER NOT NULL,
    line TEXT NOT NULL,
    frontier BLOB NOT NULL
) STRICT;
CREATE TABLE migration
                 (number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL);
CREATE TABLE paper (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    system TEXT NOT NULL REFERENCES system (code),
    kind TEXT NOT NULL,
    other TEXT REFERENCES system (code),
    content TEXT NOT NULL
) STRICT;
CREATE INDEX paper_system ON paper (system);
CREATE TABLE passkey (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account (id),
    credential BLOB NOT NULL UNIQUE,
    called TEXT NOT NULL,
    content TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;
CREATE INDEX passkey_account ON passkey (account_id);
CREATE TABLE product (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    system TEXT NOT NULL REFERENCES system (code),
    name TEXT NOT NULL,
    version TEXT,
    maker TEXT,
    certificate TEXT,
    certificate_until TEXT,
    support_until TEXT,
    make TEXT NOT NULL,
    is_cryptographic INTEGER NOT NULL,
    authority TEXT
, certificate_scope TEXT, custodian TEXT) STRICT;
CREATE INDEX product_system ON product (system);
CREATE TABLE product_component (
    product_id INTEGER NOT NULL REFERENCES product (id),
    place INTEGER NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    kind TEXT NOT NULL,
    purl TEXT,
    PRIMARY KEY (product_id, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE project (
    agency TEXT NOT NULL REFERENCES agency (code),
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    system TEXT NOT NULL REFERENCES system (code),
    -- In đồng.
    planned INTEGER NOT NULL,
    decided TEXT,
    appraised TEXT,
    appraisal INTEGER REFERENCES dossier (id),
    -- Why it was decided without an approved appraisal.
    exception TEXT,
    created_at INTEGER NOT NULL, security INTEGER, has_security INTEGER NOT NULL DEFAULT 1, dossier INTEGER REFERENCES dossier (id),
    PRIMARY KEY (agency, code)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX project_dossier ON project (dossier);
CREATE TABLE provider (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    system TEXT NOT NULL REFERENCES system (code),
    name TEXT NOT NULL,
    service TEXT NOT NULL,
    contract TEXT NOT NULL,
    starts TEXT NOT NULL,
    until TEXT NOT NULL,
    staff INTEGER NOT NULL,
    access_window TEXT
, exit_plan TEXT, exit_tested TEXT, escrow TEXT NOT NULL DEFAULT 'none') STRICT;
CREATE INDEX provider_system ON provider (system);
CREATE TABLE read_again (
    batch INTEGER NOT NULL,
    item INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (batch, item)
) STRICT, WITHOUT ROWID;
CREATE TABLE recovery_code (
    account_id INTEGER NOT NULL REFERENCES account (id),
    hash BLOB NOT NULL,
    used_at INTEGER,
    PRIMARY KEY (account_id, hash)
) STRICT, WITHOUT ROWID;
CREATE TABLE refused_sender (
    address TEXT NOT NULL,
    listener TEXT NOT NULL,
    reason TEXT NOT NULL,
    count INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (address, listener, reason)
) STRICT, WITHOUT ROWID;
CREATE INDEX refused_sender_last ON refused_sender (last_at);
CREATE TABLE review (
    seq INTEGER NOT NULL PRIMARY KEY,
    agency TEXT NOT NULL,
    -- waiting, confirmed, refused or replaced
    state TEXT NOT NULL,
    decided_by TEXT,
    home TEXT,
    decided_at INTEGER,
    reason TEXT,
    -- The record that confirms it, which comes right after.
    record INTEGER
) STRICT;
CREATE INDEX review_state ON review (state, agency, seq);
CREATE TABLE risk (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    agency TEXT NOT NULL REFERENCES agency (code),
    code TEXT NOT NULL,
    system TEXT REFERENCES system (code),
    scenario TEXT NOT NULL,
    threat TEXT NOT NULL,
    likelihood INTEGER NOT NULL,
    impact INTEGER NOT NULL,
    residual_likelihood INTEGER,
    residual_impact INTEGER,
    owner TEXT NOT NULL,
    treatment TEXT NOT NULL,
    due TEXT NOT NULL,
    -- Numbers of records of the ledger, with blanks between.
    records TEXT NOT NULL,
    state TEXT NOT NULL,
    accepted_by TEXT,
    accept_reason TEXT,
    accepted_until TEXT,
    ended TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL, loss_low INTEGER, loss_high INTEGER, times_low INTEGER, times_high INTEGER, residual_loss_low INTEGER, residual_loss_high INTEGER, residual_times_low INTEGER, residual_times_high INTEGER, asset_system TEXT, asset_name TEXT, controls TEXT NOT NULL DEFAULT '',
    UNIQUE (agency, code)
) STRICT;
CREATE TABLE risk_step (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    risk_id INTEGER NOT NULL REFERENCES risk (id),
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX risk_step_risk ON risk_step (risk_id, id);
CREATE TABLE rule_filter (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    rule TEXT NOT NULL,
    text TEXT NOT NULL,
    owner TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    ended_at INTEGER
) STRICT;
CREATE TABLE rule_off_hit (
    rule TEXT NOT NULL,
    agency TEXT NOT NULL REFERENCES agency (code),
    day TEXT NOT NULL,
    hits INTEGER NOT NULL,
    PRIMARY KEY (rule, agency, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE rule_setting (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    rule TEXT NOT NULL,
    agency TEXT REFERENCES agency (code),
    property TEXT NOT NULL,
    setting TEXT NOT NULL,
    set_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX rule_setting_one ON rule_setting (rule, coalesce(agency, ''), property);
CREATE TABLE rule_setting_change (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    rule TEXT NOT NULL,
    agency TEXT REFERENCES agency (code),
    property TEXT NOT NULL,
    setting TEXT,
    set_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX rule_setting_change_rule ON rule_setting_change (rule, id);
CREATE TABLE saved_search (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    span TEXT NOT NULL,
    columns TEXT NOT NULL,
    owner TEXT NOT NULL,
    is_shared INTEGER NOT NULL,
    -- 1 if its owner sees all agencies; otherwise they are listed.
    everywhere INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (owner, name)
) STRICT;
CREATE TABLE saved_search_agency (
    saved_search_id INTEGER NOT NULL REFERENCES saved_search (id),
    agency TEXT NOT NULL REFERENCES agency (code),
    PRIMARY KEY (saved_search_id, agency)
) STRICT, WITHOUT ROWID;
CREATE TABLE session (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    hash BLOB NOT NULL UNIQUE,
    account_id INTEGER NOT NULL REFERENCES account (id),
    step TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    origin TEXT NOT NULL,
    browser TEXT NOT NULL
) STRICT;
CREATE INDEX session_account ON session (account_id);
CREATE INDEX session_expires ON session (expires_at);
CREATE TABLE shift_note (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    author TEXT NOT NULL,
    at INTEGER NOT NULL,
    text TEXT NOT NULL,
    open_informational INTEGER NOT NULL,
    open_low INTEGER NOT NULL,
    open_medium INTEGER NOT NULL,
    open_high INTEGER NOT NULL,
    open_critical INTEGER NOT NULL,
    open_incidents INTEGER NOT NULL,
    silent_sources INTEGER NOT NULL,
    acknowledged_by TEXT,
    acknowledged_at INTEGER
) STRICT;
CREATE TABLE site (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    standard TEXT,
    until TEXT
, plan TEXT, plan_by TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE source (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    system TEXT NOT NULL REFERENCES system (code),
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    formats TEXT NOT NULL,
    events_per_second INTEGER NOT NULL,
    bytes_per_second INTEGER NOT NULL,
    heartbeat_seconds INTEGER,
    certificate TEXT UNIQUE,
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (system, name)
) STRICT;
CREATE TABLE source_activity (
    source_id INTEGER NOT NULL PRIMARY KEY REFERENCES source (id),
    last_received_at INTEGER,
    events INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    silent_since INTEGER
) STRICT;
CREATE TABLE source_address (
    network TEXT NOT NULL PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES source (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX source_address_source ON source_address (source_id);
CREATE TABLE source_class (
    source_id INTEGER NOT NULL REFERENCES source (id),
    class_uid INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    PRIMARY KEY (source_id, class_uid)
) STRICT, WITHOUT ROWID;
CREATE TABLE source_heard (
    source_id INTEGER NOT NULL REFERENCES source (id),
    day INTEGER NOT NULL,
    minutes INTEGER NOT NULL,
    heard INTEGER NOT NULL,
    PRIMARY KEY (source_id, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX source_heard_day ON source_heard (day);
CREATE TABLE source_pulse (
    source_id INTEGER NOT NULL REFERENCES source (id),
    quarter INTEGER NOT NULL,
    events INTEGER NOT NULL,
    PRIMARY KEY (source_id, quarter)
) STRICT, WITHOUT ROWID;
CREATE INDEX source_pulse_quarter ON source_pulse (quarter);
CREATE TABLE support_task (
    agency TEXT NOT NULL REFERENCES agency (code),
    year INTEGER NOT NULL,
    code TEXT NOT NULL,
    due TEXT NOT NULL,
    PRIMARY KEY (agency, year, code)
) STRICT, WITHOUT ROWID;
CREATE TABLE suppression (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    agency TEXT REFERENCES agency (code),
    rule TEXT,
    entity TEXT,
    conditions TEXT NOT NULL,
    owner TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER,
    hidden INTEGER NOT NULL,
    last_hidden_at INTEGER
) STRICT;
CREATE TABLE system (
    code TEXT NOT NULL PRIMARY KEY,
    agency TEXT NOT NULL REFERENCES agency (code),
    name TEXT NOT NULL,
    level INTEGER NOT NULL CHECK (level BETWEEN 1 AND 5),
    stage TEXT NOT NULL,
    created_at INTEGER NOT NULL
, kind TEXT NOT NULL DEFAULT 'information-system', operator_agency TEXT REFERENCES agency (code), operator_name TEXT, data TEXT NOT NULL DEFAULT '', zone TEXT NOT NULL DEFAULT 'internet', is_exposed INTEGER NOT NULL DEFAULT 1, site TEXT REFERENCES site (code), rto_minutes INTEGER, rpo_minutes INTEGER, is_critical INTEGER NOT NULL DEFAULT 0, owner TEXT, head TEXT, confirmed_at INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX system_agency ON system (agency);
CREATE TABLE system_need (
    system TEXT NOT NULL REFERENCES system (code),
    needed TEXT NOT NULL REFERENCES system (code),
    PRIMARY KEY (system, needed)
) STRICT, WITHOUT ROWID;
CREATE INDEX system_need_needed ON system_need (needed);
CREATE TABLE token (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    hash BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    source_id INTEGER REFERENCES source (id),
    permissions TEXT NOT NULL,
    agencies TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
CREATE INDEX token_source ON token (source_id);
