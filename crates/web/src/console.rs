//! The console: pages for people, in Vietnamese and English, that work without script.
//!
//! [`router`] is the table of contents: one line a page, one file each under the room's folder. A
//! handler takes who visits (`visit::Visiting`), asks use cases of `app`, fills a page's struct and
//! renders its template (`templates/console/ROOM/PAGE.html`, which extends `frame.html`). What
//! changes something is a `POST` with `posted::Posted`, which checks that the form is ours, and
//! answers with a redirection back to a page. Nothing is decided here: permissions, agencies and
//! the audit log are for the use case; a page only leaves out what would be refused.
//!
//! Every page shows text that attackers wrote. Templates escape all of it; the policy in `around`
//! forbids inline script and style, so even what would slip through does nothing.
//!
//! To add a page: a file with a `Page` struct and `handle`, its template, its texts in `i18n/` (see
//! `words`), a line in [`router`], its row in the table of routes and roles
//! (`tests/it/console/guard.rs`), which fails until it is there.

#![expect(
    clippy::trivially_copy_pass_by_ref,
    clippy::ref_option,
    clippy::unused_self,
    reason = "templates call methods of what they have, and they have references"
)]

mod account;
mod admin;
mod agencies;
mod alerts;
mod around;
mod asked;
mod assets;
mod audit;
mod chart;
mod cookie;
mod error;
mod format;
mod frame;
mod help;
mod incidents;
mod live;
mod look;
mod overview;
mod posted;
mod quarantine;
mod register;
mod rules;
mod search;
mod shift;
mod shown;
mod sign_in;
mod sources;
mod suppressions;
mod systems;
mod table;
mod told;
mod visit;
mod words;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use khien_app::App;
use khien_app::identity::Random;
use khien_domain::account::Language;

use words::Words;

/// The largest form.
const MAX_FORM_BYTES: usize = 256 * 1024;

/// What the pages share.
pub(crate) struct Console {
    app: Arc<App>,
    random: Random,
    words: [Words; 2],
    /// Requests so far.
    requests: AtomicU64,
    /// Whether browsers come over TLS.
    is_secure: bool,
    counts: frame::Counts,
    titles: frame::Titles,
    uploads: rules::import::Uploads,
}

/// Bytes as hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Console {
    fn words(&self, language: Language) -> &Words {
        &self.words[usize::from(language == Language::English)]
    }
}

/// The routes of the console. Connections are expected to tell their [`Peer`](crate::intake::Peer).
pub fn router(app: Arc<App>, random: Random) -> Router {
    let is_secure = !app.config.server.plain_http;
    let console = Arc::new(Console {
        app,
        random,
        words: Language::ALL.map(Words::new),
        requests: AtomicU64::new(0),
        is_secure,
        counts: frame::Counts::default(),
        titles: frame::Titles::default(),
        uploads: rules::import::Uploads::default(),
    });
    Router::new()
        // Doors.
        .route("/sign-in", get(sign_in::page::handle).post(sign_in::password::handle))
        .route("/sign-in/code", get(sign_in::code::page).post(sign_in::code::handle))
        .route("/sign-in/passkey", post(sign_in::passkey::begin))
        .route("/sign-in/passkey/answer", post(sign_in::passkey::end))
        .route("/sign-out", post(sign_in::out::handle))
        .route(
            "/invitation/{text}",
            get(sign_in::invitation::page).post(sign_in::invitation::handle),
        )
        .route("/look", post(look::handle))
        // One's own account.
        .route("/account", get(account::page::handle))
        .route("/account/password", post(account::password::handle))
        .route(
            "/account/authenticator",
            get(account::authenticator::page).post(account::authenticator::set),
        )
        .route("/account/authenticator/remove", post(account::authenticator::remove))
        .route("/account/recovery", post(account::authenticator::renew))
        .route("/account/passkey", post(account::passkey::begin))
        .route("/account/passkey/answer", post(account::passkey::end))
        .route("/account/passkey/{id}/remove", post(account::passkey::remove))
        .route("/account/sessions/end", post(account::sessions::handle))
        // On watch.
        .route("/alerts", get(alerts::list::handle))
        .route("/alerts/export", get(alerts::export::handle))
        .route("/alerts/change", post(alerts::change::many))
        .route("/alerts/{id}", get(alerts::detail::handle))
        .route("/alerts/{id}/change", post(alerts::change::one))
        .route("/alerts/{id}/comment", post(alerts::change::comment))
        .route("/alerts/{id}/suppress", get(alerts::suppress::page).post(alerts::suppress::handle))
        .route("/alerts/{id}/tune", get(alerts::tune::page).post(alerts::tune::handle))
        .route("/overview", get(overview::handle))
        .route("/incidents", get(incidents::list::handle).post(incidents::open::handle))
        .route("/incidents/export", get(incidents::export::handle))
        .route("/incidents/{number}", get(incidents::detail::handle))
        .route("/incidents/{number}/state", post(incidents::change::state))
        .route("/incidents/{number}/edit", post(incidents::change::edit))
        .route("/incidents/{number}/note", post(incidents::change::note))
        .route("/incidents/{number}/alerts/{alert}/remove", post(incidents::change::remove_alert))
        .route("/shift", get(shift::page).post(shift::write))
        .route("/shift/{id}/acknowledge", post(shift::acknowledge))
        // Events.
        .route("/search", get(search::page::handle))
        .route("/search/export", get(search::export::handle))
        .route("/search/live", get(search::live::page))
        .route("/search/tail", get(search::live::tail))
        .route("/search/save", post(search::saved::save))
        .route("/search/saved/{id}/delete", post(search::saved::delete))
        // Sources.
        .route("/sources", get(sources::list::handle))
        .route("/sources/new", get(sources::new::page).post(sources::new::handle))
        .route("/sources/{id}", get(sources::detail::handle))
        .route("/sources/{id}/status", post(sources::change::status))
        .route("/sources/{id}/formats", post(sources::change::formats))
        .route("/sources/{id}/rotate", post(sources::change::rotate))
        .route("/quarantine", get(quarantine::list))
        .route("/quarantine/again", post(quarantine::again))
        .route("/quarantine/{id}", get(quarantine::detail))
        // The register.
        .route("/agencies", get(agencies::list))
        .route("/agencies/new", get(agencies::new).post(agencies::add))
        .route("/agencies/{code}", get(agencies::detail))
        .route("/systems", get(systems::list))
        .route("/systems/new", get(systems::new).post(systems::add))
        .route("/systems/{code}", get(systems::detail))
        .route("/systems/{code}/hosts", post(systems::hosts))
        // The centre.
        .route("/suppressions", get(suppressions::list))
        .route("/suppressions/{id}/end", post(suppressions::end))
        .route("/audit", get(audit::handle))
        .route("/admin", get(admin::status::page))
        .route("/admin/rules/reload", post(admin::status::reload))
        .route("/admin/people", get(admin::people::list).post(admin::people::invite))
        .route("/admin/people/{name}", get(admin::people::detail).post(admin::people::change))
        .route("/admin/tokens", get(admin::tokens::list).post(admin::tokens::add))
        .route("/admin/tokens/{id}/revoke", post(admin::tokens::revoke))
        .route("/admin/keeping", get(admin::keeping::page))
        .route("/admin/keeping/holds", post(admin::keeping::add))
        .route("/admin/keeping/holds/{id}/lift", post(admin::keeping::lift))
        .route("/help", get(help::help))
        .route("/limits", get(help::limits))
        // Rules.
        .route("/rules", get(rules::list::handle))
        .route("/rules/export", get(rules::export::handle))
        .route("/rules/coverage", get(rules::coverage::handle))
        .route(
            "/rules/import",
            get(rules::import::page)
                .post(rules::import::look)
                .layer(DefaultBodyLimit::max(rules::import::MAX_BYTES)),
        )
        .route("/rules/import/confirm", post(rules::import::confirm))
        .route("/rules/import/{set}/remove", post(rules::import::remove))
        .route("/rules/filters", get(rules::filters::page))
        .route("/rules/filters/{id}/end", post(rules::filters::end))
        .route("/rules/{id}", get(rules::detail::handle))
        .route("/rules/{id}/set", post(rules::set::handle))
        .route("/live", get(live::handle))
        .route("/static/{mark}/{name}", get(assets::handle))
        .fallback(error::no_page)
        .method_not_allowed_fallback(error::no_method)
        .layer(DefaultBodyLimit::max(MAX_FORM_BYTES))
        .layer(from_fn_with_state(Arc::clone(&console), around::handle))
        .with_state(console)
}
