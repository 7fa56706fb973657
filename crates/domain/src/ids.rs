//! Numbers of records, one type each, so that one cannot be taken for another.
//!
//! The store gives them out, ever increasing within an installation; they say nothing about the
//! record, and knowing one gives no access to it.

use std::fmt;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }
    )*};
}

ids! {
    /// A [source](crate::source::Source).
    SourceId
    /// A [token](crate::token::Token).
    TokenId
    /// An [alert](crate::alert::Alert).
    AlertId
    /// A [comment](crate::alert::Comment) on an alert.
    CommentId
    /// A [suppression](crate::alert::suppression::Suppression).
    SuppressionId
    /// A [hold](crate::hold::Hold).
    HoldId
    /// A [job](crate::job::Job).
    JobId
    /// Somebody who may [sign in](crate::account::Person).
    PersonId
    /// A [session](crate::account::Session) of somebody.
    SessionId
    /// A [passkey](crate::account::PasskeyRecord) of somebody.
    PasskeyId
    /// An [entry](crate::audit::Entry) of the audit log.
    AuditId
    /// An [incident](crate::incident::Incident).
    IncidentId
    /// A [leak](crate::leak::Leak).
    LeakId
    /// A [note](crate::incident::Note) on an incident.
    NoteId
    /// A [saved search](crate::saved_search::SavedSearch).
    SavedSearchId
    /// A [note](crate::shift::ShiftNote) from one shift to the next.
    ShiftNoteId
    /// A [setting](crate::rule_setting::RuleSetting) of a rule.
    RuleSettingId
    /// A [filter](crate::rule_filter::RuleFilter) of rules.
    RuleFilterId
    /// A [contact](crate::agency::Contact) of an agency.
    ContactId
    /// A [provider](crate::provider::Provider) of a system.
    ProviderId
    /// A [product](crate::product::Product) that a system uses.
    ProductId
    /// A [paper](crate::paper::Paper) of a system.
    PaperId
    /// An [asset](crate::asset::Asset) of a system.
    AssetId
    /// An [Internet resource](crate::resource::Resource) of an agency.
    ResourceId
    /// A [dossier](crate::dossier::Dossier) of a system.
    DossierId
    /// A [finding](crate::finding::Finding) about a system.
    FindingId
    /// A [device](crate::custody::Device) that keeps keys.
    DeviceId
}

/// Which event: its batch in the journal and its place there. Unique for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId {
    /// The number of the batch.
    pub batch: u64,
    /// The place within the batch, from 0.
    pub item: u32,
}
