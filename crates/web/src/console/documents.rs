//! `/documents/{agency}/{sha256}`: a document as a file, and how pages name the documents of records.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, Response};
use khien_app::use_case::documents::{self, Documents};
use khien_domain::code::AgencyCode;
use khien_domain::document::{Brought, Digest, in_words};
use khien_domain::evidence::{About, Origin};

use super::Console;
use super::error::PageError;
use super::frame::Frame;
use super::visit::Visiting;

/// What a page says of a document.
pub(super) struct Paper {
    /// Where it is, if it is kept.
    pub(super) href: Option<String>,
    /// What it is called and how large it is, or that it is not kept.
    pub(super) words: String,
}

/// The documents that records of a page name.
pub(super) struct Papers(Documents);

impl Papers {
    /// Those of references.
    pub(super) async fn of(
        console: &Arc<Console>,
        visiting: &Visiting,
        references: impl IntoIterator<Item = &str>,
    ) -> Result<Self, PageError> {
        let found = documents::of_references(&console.app, &visiting.caller, references).await?;
        Ok(Self(found))
    }

    /// What is said of the document of a record, if it is known from one.
    pub(super) fn of_record(&self, f: &Frame, about: &About) -> Option<Paper> {
        let agency = about.agency.as_ref()?;
        let is_named = about.origin == Origin::Document;
        (is_named || Digest::of_reference(&about.reference).is_some())
            .then(|| self.paper(f, agency, &about.reference))
    }

    /// What is said of the document of a reference, if there is one.
    pub(super) fn of_reference(
        &self,
        f: &Frame,
        agency: &AgencyCode,
        reference: &str,
    ) -> Option<Paper> {
        (!reference.is_empty()).then(|| self.paper(f, agency, reference))
    }

    fn paper(&self, f: &Frame, agency: &AgencyCode, reference: &str) -> Paper {
        let Some(digest) = Digest::of_reference(reference) else {
            return Paper { href: None, words: f.t("attest-paper-number") };
        };
        let found = self.0.get(&(agency.clone(), digest));
        let Some(document) = found else {
            return Paper { href: None, words: f.t("attest-paper-digest") };
        };
        let size = in_words(document.size);
        Paper {
            href: Some(format!("/documents/{agency}/{}", document.digest)),
            words: f.v2("attest-paper", "name", f.s(&document.name), "size", size),
        }
    }
}

/// The file of a form, unless none was chosen: browsers send one without a name and content then.
pub(super) fn chosen(file: Option<(String, Vec<u8>)>) -> Option<Brought> {
    let file = file.filter(|(name, bytes)| !(name.is_empty() && bytes.is_empty()));
    file.map(|(name, bytes)| Brought { name, bytes })
}

/// `GET /documents/{agency}/{sha256}`
pub(super) async fn open(
    State(console): State<Arc<Console>>,
    Path((agency, digest)): Path<(String, String)>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    let agency = AgencyCode::new(&agency).map_err(|_| PageError::not_found())?;
    let digest = Digest::parse(&digest).ok_or_else(PageError::not_found)?;
    let (document, bytes) =
        documents::open(&console.app, &visiting.caller, &agency, &digest).await?;
    let mut response = Response::new(Body::from(bytes));
    let name = HeaderValue::from_str(&disposition(&document.name));
    let name = name.unwrap_or(HeaderValue::from_static("attachment"));
    // That nobody guesses what it is, and nobody keeps it on the way, holds for every answer (`around`).
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(CONTENT_DISPOSITION, name);
    Ok(response)
}

/// A file to be saved under a name: in letters that every browser takes, and as it is (RFC 6266, RFC 8187).
fn disposition(name: &str) -> String {
    use std::fmt::Write as _;
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || "-_. ".contains(*c);
    let plain: String = name.chars().map(|c| if is_plain(&c) { c } else { '_' }).collect();
    let mut header = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''");
    for byte in name.bytes() {
        let is_own = byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let _ = if is_own {
            write!(header, "{}", char::from(byte))
        } else {
            write!(header, "%{byte:02X}")
        };
    }
    header
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_told_in_both_ways() {
        let header = disposition("Báo cáo \"1\".pdf");
        let encoded = "B%C3%A1o%20c%C3%A1o%20%221%22.pdf";
        let whole = format!("attachment; filename=\"B_o c_o _1_.pdf\"; filename*=UTF-8''{encoded}");
        assert_eq!(header, whole);
    }

    proptest! {
        #[test]
        fn no_name_breaks_out_of_its_header(name in ".*") {
            let header = disposition(&name);
            prop_assert!(HeaderValue::from_str(&header).is_ok());
            prop_assert_eq!(header.matches('"').count(), 2);
            prop_assert_eq!(header.matches(';').count(), 2);
        }
    }
}
