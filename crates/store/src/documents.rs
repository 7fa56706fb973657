//! Documents: the files that show what agencies say of themselves.

use std::collections::{BTreeMap, BTreeSet};

use khien_domain::code::AgencyCode;
use khien_domain::document::{Digest, Document};
use khien_domain::permission::AgencyScope;

use crate::sql::{Columns, Sql, signed};
use crate::{Store, StoreError, Tx};

const DOCUMENT: &str =
    "SELECT agency, sha256, name, size, added_by, added_at FROM document WHERE 1 = 1";

fn read(row: &mut Columns<'_>) -> Result<Document, StoreError> {
    Ok(Document {
        agency: row.parsed(|text| AgencyCode::new(text).ok())?,
        digest: row.parsed(Digest::parse)?,
        name: row.string()?,
        size: row.unsigned()?,
        by: row.string()?,
        at: row.time()?,
    })
}

impl Store {
    /// Documents of the agencies in scope by agency and digest, without their bytes.
    pub async fn find_documents(
        &self,
        scope: &AgencyScope,
        digests: &BTreeSet<&Digest>,
    ) -> Result<BTreeMap<(AgencyCode, Digest), Document>, StoreError> {
        let mut found = BTreeMap::new();
        let digests: Vec<&str> = digests.iter().map(|digest| digest.as_str()).collect();
        for some in digests.chunks(500) {
            let sql = Sql::new("listing documents", DOCUMENT).scope("agency", scope);
            let sql = sql.text(" AND sha256 IN ").list(some.iter().copied());
            for document in self.all(sql, read).await? {
                found.insert((document.agency.clone(), document.digest.clone()), document);
            }
        }
        Ok(found)
    }

    /// A document of an agency with its bytes, as they are kept.
    pub async fn read_document(
        &self,
        agency: &AgencyCode,
        digest: &Digest,
    ) -> Result<Option<(Document, Vec<u8>)>, StoreError> {
        let sql = Sql::new(
            "reading a document",
            "SELECT agency, sha256, name, size, added_by, added_at, content FROM document
             WHERE agency = $1 AND sha256 = $2",
        );
        let sql = sql.value(agency.as_str()).value(digest.as_str());
        self.one(sql, |row| Ok((read(row)?, row.bytes()?))).await
    }
}

impl Tx {
    /// Keeps a document of an agency, unless it is there. Answers whether it was not.
    pub async fn keep_document(
        &mut self,
        document: &Document,
        bytes: &[u8],
    ) -> Result<bool, StoreError> {
        const DOING: &str = "keeping a document";
        let sql = Sql::new(
            DOING,
            "INSERT INTO document (agency, sha256, name, size, content, added_by, added_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (agency, sha256) DO NOTHING",
        )
        .value(document.agency.as_str())
        .value(document.digest.as_str())
        .value(&document.name)
        .value(signed(DOING, "the size", document.size)?)
        .value(bytes)
        .value(&document.by)
        .value(document.at);
        Ok(self.execute(sql).await? > 0)
    }
}
