//! Documents: the files by which agencies show what they say of themselves, kept beside the ledger.
//!
//! A file comes with the record or the appeal that names it, in the same transaction, and only its SHA-256
//! stands in the ledger. Whoever may read the evidence of an agency may read its documents. What bears a mark
//! of secrecy is kept nowhere. Nothing is made of what a document says.

use std::collections::{BTreeMap, BTreeSet};

use khien_domain::audit::Outcome;
use khien_domain::code::AgencyCode;
use khien_domain::document::{Brought, Digest, Document};
use khien_domain::evidence::typed::Wrong;
use khien_domain::permission::Permission;
use khien_domain::secrecy;
use khien_store::{StoreError, Tx};

use super::attest::MARKED;
use super::{UseError, mark_of_file};
use crate::access::{Caller, Deed};
use crate::document;
use crate::records::Records;

/// The field of forms by which a file comes.
pub const FIELD: &str = "file";

/// Documents by agency and digest, without their bytes.
pub type Documents = BTreeMap<(AgencyCode, Digest), Document>;

/// A file that may be kept.
pub(super) struct Ready {
    /// As what.
    pub(super) document: Document,
    bytes: Vec<u8>,
}

impl Ready {
    /// Keeps it, unless the agency has it already.
    pub(super) async fn keep(&self, tx: &mut Tx) -> Result<(), StoreError> {
        tx.keep_document(&self.document, &self.bytes).await.map(|_| ())
    }
}

/// A file as it may be kept of an agency, or what is wrong with it.
pub(super) async fn examined(
    records: &Records,
    caller: &Caller,
    agency: &AgencyCode,
    file: Option<&Brought>,
) -> Result<Result<Option<Ready>, Wrong>, UseError> {
    let Some(file) = file.cloned() else { return Ok(Ok(None)) };
    let (of, limit) = (agency.clone(), records.kinds().document_bytes);
    let (by, at) = (caller.actor.identity.to_string(), records.now());
    // Archives are unpacked to be looked into, which takes a while.
    let looking = tokio::task::spawn_blocking(move || {
        let found = mark_of_file(&file.name, &file.bytes);
        let is_closed = document::is_closed(&file.bytes);
        (found, is_closed, file.checked(&of, limit, (&by, at)), file.bytes)
    });
    let looked = looking.await.map_err(|_| UseError::Fault("a look into a file ended early"));
    let (found, is_closed, document, bytes) = looked?;
    if let Some(found) = found {
        refused(records, caller, Some(agency.clone()), found).await?;
        return Ok(Err(Wrong::new(FIELD, MARKED)));
    }
    if is_closed {
        return Ok(Err(Wrong::new(FIELD, CLOSED)));
    }
    let ready = document.map(|document| Some(Ready { document, bytes }));
    Ok(ready.map_err(|error| Wrong::new(FIELD, error.to_string())))
}

/// What is told of an archive that is not looked into.
const CLOSED: &str = "nobody can look into this kind of file for marks of secrecy: send the document itself, such as its PDF";

/// Refuses the name of a file that bears a mark of secrecy, before anything of the file is read.
pub async fn unmarked_name(records: &Records, caller: &Caller, name: &str) -> Result<(), UseError> {
    let Some(found) = document::mark_of_name(name) else { return Ok(()) };
    refused(records, caller, None, found).await?;
    Err(UseError::Invalid(super::marked(found)))
}

async fn refused(
    records: &Records,
    caller: &Caller,
    agency: Option<AgencyCode>,
    found: secrecy::Found,
) -> Result<(), UseError> {
    let deed = Deed::new("document.keep", "file", agency);
    let deed = deed.with(format!("a file with the mark {} was refused", found.mark.name()));
    records.audit(&records.entry(caller, &deed, Outcome::Refused)).await?;
    Ok(())
}

/// Which documents of references are kept, as far as the caller may see their agencies.
pub async fn of_references(
    records: &Records,
    caller: &Caller,
    references: impl IntoIterator<Item = &str>,
) -> Result<Documents, UseError> {
    let deed = Deed::new("document.list", "", None);
    let scope = records.scope(caller, Permission::EvidenceRead, &deed).await?;
    let digests: BTreeSet<Digest> =
        references.into_iter().filter_map(Digest::of_reference).collect();
    Ok(records.store.find_documents(&scope, &digests.iter().collect()).await?)
}

/// A document with its bytes, if they still are what its digest says.
pub async fn open(
    records: &Records,
    caller: &Caller,
    agency: &AgencyCode,
    digest: &Digest,
) -> Result<(Document, Vec<u8>), UseError> {
    let deed = Deed::new("document.read", format!("document {digest}"), Some(agency.clone()));
    let scope = records.scope(caller, Permission::EvidenceRead, &deed).await?;
    let found = if scope.contains(agency) {
        records.store.read_document(agency, digest).await?
    } else {
        None
    };
    let (document, bytes) = found.ok_or_else(|| UseError::not_found("document", digest))?;
    if !document.is(&bytes) {
        let deed = deed.with("what is kept is not what was brought");
        records.audit(&records.entry(caller, &deed, Outcome::Failed)).await?;
        return Err(UseError::Conflict(CHANGED.into()));
    }
    let deed = deed.with(format!("{} bytes", document.size));
    records.audit(&records.entry(caller, &deed, Outcome::Done)).await?;
    Ok((document, bytes))
}

/// What is told instead of bytes that are others than were brought.
const CHANGED: &str = "the kept file is not the one that was brought: its SHA-256 differs, so it is not handed \
                       out; ask the agency for the document and tell whoever keeps the database";
