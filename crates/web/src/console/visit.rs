//! Who visits: somebody who signed in, with a session that has not ended.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::{HOST, USER_AGENT};
use axum::http::request::Parts;
use khien_app::access::Caller;
use khien_app::use_case::own_account;
use khien_app::use_case::sign_in::{self, Place, Visit};
use khien_domain::account::Step;
use sha2::{Digest, Sha256};

use super::Console;
use super::cookie;
use super::error::PageError;
use super::frame::Wish;
use crate::api::sources::name_of;
use crate::intake::Peer;
use crate::snippets::SOME_HOST;

/// Somebody who got all the way in.
pub(super) struct Visiting {
    /// Who, in which session.
    pub(super) visit: Visit,
    /// The same for the use cases.
    pub(super) caller: Caller,
    /// The mark that forms of this session bear.
    pub(super) mark: String,
    /// What the frame needs to know of the request.
    pub(super) wish: Wish,
    site: String,
    host: String,
}

/// The same, with an account that is not complete yet: what sets it up is reached by it.
pub(super) struct Beginning(pub(super) Visiting);

/// Somebody whose password was right and who has yet to show the second factor.
pub(super) struct HalfWay(pub(super) Visiting);

impl Visiting {
    /// From where.
    pub(super) fn origin(&self) -> &str {
        &self.caller.origin
    }

    /// The name or address by which the centre was reached, without its port.
    pub(super) fn site(&self) -> &str {
        &self.site
    }

    /// The port by which the centre was reached, if the address names one.
    pub(super) fn port(&self) -> Option<u16> {
        self.host.strip_prefix(&self.site)?.strip_prefix(':')?.parse().ok()
    }

    /// The address of the console as it was reached.
    pub(super) fn address(&self, is_secure: bool) -> String {
        format!("{}://{}", if is_secure { "https" } else { "http" }, self.host)
    }
}

/// From where somebody comes who is nobody yet.
pub(super) fn place(parts: &Parts) -> Place {
    let peer = parts.extensions.get::<Peer>();
    let browser = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
    Place {
        origin: peer.map_or_else(String::new, |peer| canonical(peer.address)),
        browser: browser.unwrap_or_default().to_owned(),
    }
}

fn canonical(address: IpAddr) -> String {
    address.to_canonical().to_string()
}

/// The mark of a session's forms: whoever cannot read the cookie cannot guess it.
fn mark(text: &str) -> String {
    let digest = Sha256::new().chain_update("khien form ").chain_update(text).finalize();
    super::hex(&digest[..16])
}

/// Whoever comes with a session, however far they got.
pub(super) async fn found(
    parts: &Parts,
    console: &Arc<Console>,
) -> Result<Option<Visiting>, PageError> {
    let Some(text) = cookie::session(&parts.headers, console.is_secure) else { return Ok(None) };
    let Some(visit) = sign_in::visit(&console.app, text).await? else { return Ok(None) };
    let caller = visit.caller(place(parts).origin);
    let mut wish = Wish::of_parts(console, parts);
    if cookie::get(&parts.headers, "lang").is_none()
        && let Some(language) = visit.person.language
    {
        wish.language = language;
    }
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    // What does not look like a name or an address is nobody's.
    let site = name_of(host).unwrap_or(SOME_HOST).to_owned();
    let host = name_of(host).map_or_else(|| site.clone(), |_| host.to_owned());
    Ok(Some(Visiting { mark: mark(text), visit, caller, wish, site, host }))
}

/// The address that was wanted, to come back to: of this site and of a page that is read.
fn wanted(parts: &Parts) -> String {
    let path = parts.uri.path_and_query().map_or("/overview", |path| path.as_str());
    if parts.method == axum::http::Method::GET { path.to_owned() } else { "/overview".to_owned() }
}

async fn somebody(parts: &Parts, console: &Arc<Console>) -> Result<Visiting, PageError> {
    found(parts, console).await?.ok_or_else(|| PageError::SignIn(wanted(parts)))
}

impl FromRequestParts<Arc<Console>> for Visiting {
    type Rejection = PageError;

    async fn from_request_parts(
        parts: &mut Parts,
        console: &Arc<Console>,
    ) -> Result<Self, PageError> {
        let Beginning(visiting) = Beginning::from_request_parts(parts, console).await?;
        if own_account::needs_second_factor(&console.app, &visiting.visit) {
            let of_passkeys = own_account::needs_passkey(&console.app, &visiting.visit.person);
            let place = if of_passkeys { "/account" } else { "/account/authenticator" };
            return Err(PageError::Elsewhere(place));
        }
        Ok(visiting)
    }
}

impl FromRequestParts<Arc<Console>> for Beginning {
    type Rejection = PageError;

    async fn from_request_parts(
        parts: &mut Parts,
        console: &Arc<Console>,
    ) -> Result<Self, PageError> {
        let visiting = somebody(parts, console).await?;
        match visiting.visit.session.step {
            Step::Full => Ok(Self(visiting)),
            Step::Password => Err(PageError::Elsewhere("/sign-in/code")),
        }
    }
}

impl FromRequestParts<Arc<Console>> for HalfWay {
    type Rejection = PageError;

    async fn from_request_parts(
        parts: &mut Parts,
        console: &Arc<Console>,
    ) -> Result<Self, PageError> {
        let visiting = somebody(parts, console).await?;
        match visiting.visit.session.step {
            Step::Password => Ok(Self(visiting)),
            Step::Full => Err(PageError::Elsewhere("/overview")),
        }
    }
}
