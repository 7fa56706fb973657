//! How large anything may be that people or machines hand in.
//!
//! Every text has a length and every list a count; what is beyond is refused with the limit named,
//! never cut silently. Texts are counted in bytes of UTF-8.

/// A code of an agency or a system.
pub const CODE_BYTES: usize = 40;
/// A name of anything.
pub const NAME_BYTES: usize = 200;
/// A reason, a comment, a description.
pub const TEXT_BYTES: usize = 4_000;
/// The name of a host as it stands in events: a DNS name's length.
pub const HOST_BYTES: usize = 253;
/// Addresses and networks of one source.
pub const SOURCE_NETWORKS: usize = 256;
/// Formats that one source may send.
pub const SOURCE_FORMATS: usize = 16;
/// Agencies that a token may be limited to.
pub const SCOPE_AGENCIES: usize = 64;
/// Events of which an alert keeps the matched fields; further ones are counted.
pub const ALERT_EVENTS: i64 = 20;
/// Matched fields kept of one event.
pub const MATCHED_FIELDS: usize = 32;
/// The value of a matched field; longer ones are cut and say so.
pub const MATCHED_BYTES: usize = 500;
/// Conditions of one suppression.
pub const SUPPRESSION_CONDITIONS: usize = 8;
/// The longest time a suppression may hold, in days; then somebody looks again.
pub const SUPPRESSION_DAYS: i64 = 365;
/// The longest life of a token, in days.
pub const TOKEN_DAYS: i64 = 730;
/// The longest time that a rotated token is still taken, in hours.
pub const ROTATION_HOURS: i64 = 24 * 14;
/// Records on one page.
pub const PAGE: u32 = 500;
/// Parameters of a job.
pub const JOB_BYTES: usize = 256 * 1024;
/// Alerts of one incident.
pub const INCIDENT_ALERTS: usize = 500;
/// A query that is saved.
pub const QUERY_BYTES: usize = 8_000;
/// Columns that a saved search shows.
pub const SEARCH_COLUMNS: usize = 64;
/// Searches that one person saves.
pub const SAVED_SEARCHES: u64 = 200;
/// What one shift tells the next.
pub const SHIFT_BYTES: usize = 16_000;
/// The text of a filter of rules.
pub const FILTER_BYTES: usize = 32 * 1024;
/// Contacts of one agency.
pub const AGENCY_CONTACTS: usize = 20;
/// Systems that one system needs.
pub const SYSTEM_NEEDS: usize = 100;
/// Components of one product.
pub const PRODUCT_COMPONENTS: usize = 20_000;
/// An address of a page, a mail address, the subject of a certificate.
pub const ADDRESS_BYTES: usize = 500;
/// The longest recovery objective, in minutes: a year.
pub const RECOVERY_MINUTES: u32 = 60 * 24 * 366;
/// The serial number of a device that keeps keys, or of a certificate.
pub const SERIAL_BYTES: usize = 64;
/// The number of a document.
pub const DOCUMENT_NUMBER_BYTES: usize = 60;
/// A post, as a handover names it.
pub const POST_BYTES: usize = 120;
