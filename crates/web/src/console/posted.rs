//! Forms: what was typed, from a page of ours, by somebody who visits.

use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, FromRequestParts, Multipart, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use khien_app::use_case::documents::unmarked_name;

use super::error::PageError;
use super::visit::{self, Beginning, HalfWay, Visiting};
use super::{Console, MAX_FORM_BYTES};

/// The fields of a form, several of one name in their order.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// No fields.
    pub(super) const fn none() -> Self {
        Self(Vec::new())
    }

    /// The fields of an encoded text.
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let pairs = form_urlencoded::parse(bytes);
        Self(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    /// Fields that a page fills in itself.
    pub(super) fn of(pairs: &[(&str, &str)]) -> Self {
        Self(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    /// What was typed into a field; empty if it is not there.
    pub(super) fn text(&self, name: &str) -> &str {
        self.some(name).unwrap_or_default()
    }

    /// What was typed into a field, if anything was.
    pub(super) fn some(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.trim().is_empty())
    }

    /// All that was chosen of one name.
    pub(super) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// All fields in their order.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A value of a closed list or a number, named in the error.
    pub(super) fn parsed<T>(
        &self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, PageError> {
        parse(self.text(name)).ok_or_else(|| PageError::invalid(name))
    }
}

/// A form that somebody sent who is all the way in.
pub(super) struct Posted {
    /// Who.
    pub(super) visiting: Visiting,
    /// What.
    pub(super) fields: Fields,
}

/// The same with a file in it, its mark before the file; or without one.
pub(super) struct PostedFile {
    /// Who.
    pub(super) visiting: Visiting,
    /// What was typed.
    pub(super) fields: Fields,
    /// The name and the bytes of the file, if one was chosen.
    pub(super) file: Option<(String, Vec<u8>)>,
}

/// The same of somebody whose account is not complete.
pub(super) struct PostedBeginning(pub(super) Posted);

/// The same of somebody who is half in.
pub(super) struct PostedHalfWay(pub(super) Posted);

/// A form of somebody who is nobody yet.
pub(super) struct PostedByNobody {
    /// From where.
    pub(super) place: khien_app::use_case::sign_in::Place,
    /// The site by which the console was reached, if the browser told.
    pub(super) origin: String,
    /// What.
    pub(super) fields: Fields,
}

async fn fields(request: Request) -> Result<Fields, PageError> {
    let body = to_bytes(request.into_body(), MAX_FORM_BYTES).await;
    Ok(Fields::parse(&body.map_err(|_| PageError::too_large())?))
}

/// Whether the session's mark is in a header, as our modules send it.
fn is_marked(visiting: &Visiting, request: &Request) -> bool {
    let header = request.headers().get("x-form-mark").and_then(|value| value.to_str().ok());
    header == Some(visiting.mark.as_str())
}

/// Takes the form if it bears the session's mark, in a field or, from our modules, in a header.
async fn ours(visiting: Visiting, request: Request) -> Result<Posted, PageError> {
    let by_header = is_marked(&visiting, &request);
    let fields = fields(request).await?;
    if by_header || fields.text("mark") == visiting.mark {
        Ok(Posted { visiting, fields })
    } else {
        Err(PageError::stale_form())
    }
}

impl FromRequest<Arc<Console>> for Posted {
    type Rejection = PageError;

    async fn from_request(request: Request, console: &Arc<Console>) -> Result<Self, PageError> {
        let (mut parts, body) = request.into_parts();
        let visiting = Visiting::from_request_parts(&mut parts, console).await?;
        ours(visiting, Request::from_parts(parts, body)).await
    }
}

impl FromRequest<Arc<Console>> for PostedFile {
    type Rejection = PageError;

    async fn from_request(request: Request, console: &Arc<Console>) -> Result<Self, PageError> {
        let (mut parts, body) = request.into_parts();
        let visiting = Visiting::from_request_parts(&mut parts, console).await?;
        let request = Request::from_parts(parts, body);
        if is_without_file(&request) {
            let Posted { visiting, fields } = ours(visiting, request).await?;
            return Ok(Self { visiting, fields, file: None });
        }
        let mut is_ours = is_marked(&visiting, &request);
        let parts = Multipart::from_request(request, console).await;
        let mut parts = parts.map_err(|_| PageError::invalid("multipart/form-data"))?;
        let (mut fields, mut file) = (Fields::default(), None);
        while let Some(part) = parts.next_field().await.map_err(|error| broken(&error))? {
            let name = part.name().unwrap_or_default().to_owned();
            if let Some(file_name) = part.file_name().map(ToOwned::to_owned) {
                // No file is read for a form that is not ours, and none whose name bears a mark of secrecy.
                if !is_ours {
                    return Err(PageError::stale_form());
                }
                unmarked_name(&console.app, &visiting.caller, &file_name).await?;
                file =
                    Some((file_name, part.bytes().await.map_err(|error| broken(&error))?.to_vec()));
            } else {
                let value = part.text().await.map_err(|error| broken(&error))?;
                is_ours |= name == "mark" && value == visiting.mark;
                fields.0.push((name, value));
            }
        }
        if is_ours { Ok(Self { visiting, fields, file }) } else { Err(PageError::stale_form()) }
    }
}

/// Whether a form comes as those do that have no place for a file.
fn is_without_file(request: &Request) -> bool {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
}

/// Why a form with a file was not read.
fn broken(error: &MultipartError) -> PageError {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => PageError::too_large(),
        _ => PageError::invalid("multipart/form-data"),
    }
}

impl FromRequest<Arc<Console>> for PostedBeginning {
    type Rejection = PageError;

    async fn from_request(request: Request, console: &Arc<Console>) -> Result<Self, PageError> {
        let (mut parts, body) = request.into_parts();
        let Beginning(visiting) = Beginning::from_request_parts(&mut parts, console).await?;
        ours(visiting, Request::from_parts(parts, body)).await.map(Self)
    }
}

impl FromRequest<Arc<Console>> for PostedHalfWay {
    type Rejection = PageError;

    async fn from_request(request: Request, console: &Arc<Console>) -> Result<Self, PageError> {
        let (mut parts, body) = request.into_parts();
        let HalfWay(visiting) = HalfWay::from_request_parts(&mut parts, console).await?;
        ours(visiting, Request::from_parts(parts, body)).await.map(Self)
    }
}

impl FromRequest<Arc<Console>> for PostedByNobody {
    type Rejection = PageError;

    async fn from_request(request: Request, _: &Arc<Console>) -> Result<Self, PageError> {
        let (parts, body) = request.into_parts();
        let place = visit::place(&parts);
        let origin = parts.headers.get(axum::http::header::ORIGIN);
        let origin = origin.and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let fields = fields(Request::from_parts(parts, body)).await?;
        Ok(Self { place, origin, fields })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_one_or_many() {
        let fields = Fields::parse("a=1&b=&a=2&t=c%C3%B4ng+an&x".as_bytes());
        assert_eq!(fields.text("a"), "1");
        assert_eq!(fields.all("a").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(fields.some("b"), None);
        assert_eq!(fields.text("t"), "công an");
        assert_eq!(fields.text("none"), "");
        assert!(fields.parsed("a", |text| text.parse::<u8>().ok()).is_ok());
        assert!(fields.parsed("t", |text| text.parse::<u8>().ok()).is_err());
    }
}
