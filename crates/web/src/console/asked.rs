//! What the address asks for behind its `?`.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::error::PageError;
use super::posted::Fields;

/// The parameters of an address.
pub(super) struct Asked(pub(super) Fields);

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageError> {
        Ok(Self(Fields::parse(parts.uri.query().unwrap_or_default().as_bytes())))
    }
}

/// An address with other parameters: those of `fields` with some replaced, in their order; an empty
/// value takes one away.
pub(super) fn address(path: &str, fields: &Fields, changes: &[(&str, &str)]) -> String {
    let kept = fields
        .pairs()
        .filter(|(name, _)| *name != "done" && !changes.iter().any(|(changed, _)| changed == name));
    let all = kept.chain(changes.iter().copied()).filter(|(_, value)| !value.is_empty());
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(all);
    let query = query.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_what_is_not_changed() {
        let fields = Fields::parse(b"q=a+b&page=2&state=new&done=x");
        assert_eq!(address("/a", &fields, &[("page", "")]), "/a?q=a+b&state=new");
        assert_eq!(
            address("/a", &fields, &[("state", "closed"), ("page", "")]),
            "/a?q=a+b&state=closed"
        );
        assert_eq!(address("/a", &Fields::default(), &[]), "/a");
    }
}
