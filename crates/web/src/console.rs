//! The console: pages for people, in Vietnamese and English, that work without script.
//!
//! [`router`] is the table of contents: one line a page, one file each under the room's folder. A
//! handler takes who visits (`visit::Visiting`), asks use cases of `app`, fills a page's struct and
//! renders its template (`templates/console/ROOM/PAGE.html`, which extends `frame.html`). What
//! changes something is a `POST` with `posted::Posted`, which checks that the form is ours, and
//! answers with a redirection back to a page, or with the page again and what will not do beside its
//! field (`typed`). Nothing is decided here: permissions, agencies and
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
mod attest;
mod audit;
mod budget;
mod calendar;
mod certificates;
mod chart;
mod controls;
mod cookie;
mod critical;
mod crypto;
mod custody;
mod documents;
mod dossiers;
mod error;
mod evidence;
mod findings;
mod format;
mod frame;
mod gate;
mod help;
mod hidden;
mod incidents;
mod index;
mod leaks;
mod live;
mod look;
mod narrow;
mod overview;
mod pace;
mod papers;
mod posted;
mod projects;
mod quarantine;
mod register;
mod register_import;
mod reviews;
mod risks;
mod rules;
mod search;
mod shift;
mod shown;
mod sign_in;
mod sites;
mod sources;
mod supply;
mod suppressions;
mod systems;
mod table;
mod tasks;
mod told;
mod typed;
mod verified;
mod visit;
mod words;
mod zones;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use khien_app::App;
use khien_app::identity::Random;

use crate::handler::of;
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
    /// How many systems are in use without leave.
    in_use: gate::in_use::Latest,
    titles: frame::Titles,
    uploads: rules::import::Uploads,
    /// Lists for the register that wait to be confirmed.
    lists: rules::import::Uploads,
    /// How fast addresses ask.
    pace: pace::Pace,
    /// The official addresses of the agencies, for anybody.
    verified: verified::Latest,
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
    let with_document = MAX_FORM_BYTES + app.kinds().document_bytes as usize;
    let console = Arc::new(Console {
        app,
        random,
        words: Language::ALL.map(Words::new),
        requests: AtomicU64::new(0),
        is_secure,
        counts: frame::Counts::default(),
        in_use: gate::in_use::Latest::default(),
        titles: frame::Titles::default(),
        uploads: rules::import::Uploads::default(),
        lists: rules::import::Uploads::default(),
        pace: pace::Pace::default(),
        verified: verified::Latest::default(),
    });
    Router::new()
        // Doors.
        .route("/sign-in", get(of(sign_in::page::handle)).post(of(sign_in::password::handle)))
        .route("/sign-in/code", get(of(sign_in::code::page)).post(of(sign_in::code::handle)))
        .route("/sign-in/passkey", post(of(sign_in::passkey::begin)))
        .route("/sign-in/passkey/answer", post(of(sign_in::passkey::end)))
        .route("/sign-out", post(of(sign_in::out::handle)))
        .route(
            "/invitation/{text}",
            get(of(sign_in::invitation::page)).post(of(sign_in::invitation::handle)),
        )
        .route("/look", post(of(look::handle)))
        // One's own account.
        .route("/account", get(of(account::page::handle)))
        .route("/account/password", post(of(account::password::handle)))
        .route(
            "/account/authenticator",
            get(of(account::authenticator::page)).post(of(account::authenticator::set)),
        )
        .route("/account/authenticator/remove", post(of(account::authenticator::remove)))
        .route("/account/recovery", post(of(account::authenticator::renew)))
        .route("/account/passkey", post(of(account::passkey::begin)))
        .route("/account/passkey/answer", post(of(account::passkey::end)))
        .route("/account/passkey/{id}/remove", post(of(account::passkey::remove)))
        .route("/account/sessions/end", post(of(account::sessions::handle)))
        // On watch.
        .route("/alerts", get(of(alerts::list::handle)))
        .route("/alerts/export", get(of(alerts::export::handle)))
        .route("/alerts/change", post(of(alerts::change::many)))
        .route("/alerts/{id}", get(of(alerts::detail::handle)))
        .route("/alerts/{id}/change", post(of(alerts::change::one)))
        .route("/alerts/{id}/comment", post(of(alerts::change::comment)))
        .route(
            "/alerts/{id}/suppress",
            get(of(alerts::suppress::page)).post(of(alerts::suppress::handle)),
        )
        .route("/alerts/{id}/tune", get(of(alerts::tune::page)).post(of(alerts::tune::handle)))
        .route("/overview", get(of(overview::handle)))
        // Money and risks.
        .route("/budget", get(of(budget::province::handle)))
        .route("/budget/export", get(of(budget::export::province)))
        .route("/budget/{agency}/{year}", get(of(budget::agency::handle)))
        .route("/budget/{agency}/{year}/export", get(of(budget::export::lines)))
        .route("/budget/{agency}/{year}/approve", post(of(budget::change::approve)))
        .route(
            "/budget/{agency}/{year}/import",
            post(of(budget::change::import))
                .layer(DefaultBodyLimit::max(budget::change::MAX_BYTES)),
        )
        .route(
            "/budget/{agency}/{year}/new",
            get(of(budget::line::new)).post(of(budget::line::add)),
        )
        .route(
            "/budget/{agency}/{year}/lines/{line}",
            get(of(budget::line::edit)).post(of(budget::line::change)),
        )
        .route("/risks", get(of(risks::list::handle)))
        .route("/risks/export", get(of(risks::export::handle)))
        .route("/risks/spend", get(of(risks::spend::handle)))
        .route("/risks/new", get(of(risks::detail::new)).post(of(risks::change::add)))
        .route("/risks/assessed", post(of(risks::change::assessed)))
        .route(
            "/risks/{agency}/{risk}",
            get(of(risks::detail::handle)).post(of(risks::change::change)),
        )
        .route("/risks/{agency}/{risk}/state", post(of(risks::change::state)))
        // Controls and cryptography.
        .route(
            "/controls",
            get(of(controls::list))
                .post(of(controls::import))
                .layer(DefaultBodyLimit::max(controls::MAX_BYTES)),
        )
        .route(
            "/controls/mappings",
            post(of(controls::mapping::import)).layer(DefaultBodyLimit::max(controls::MAX_BYTES)),
        )
        .route("/controls/{catalogue}", get(of(controls::detail)))
        .route("/controls/{catalogue}/mapping", get(of(controls::mapping::oscal)))
        .route("/controls/{catalogue}/controls/{control}", get(of(controls::mapping::control)))
        .route("/controls/{catalogue}/oscal", get(of(controls::oscal)))
        .route(
            "/systems/{code}/controls",
            get(of(controls::checklist::page)).post(of(controls::checklist::state)),
        )
        .route("/systems/{code}/controls/oscal", get(of(controls::checklist::oscal)))
        .route("/crypto", get(of(crypto::page)))
        .route("/crypto/probe", post(of(crypto::probe)))
        .route("/crypto/cbom", get(of(crypto::cbom)))
        .route("/crypto/plans", get(of(crypto::plans::page)))
        .route("/crypto/policy", get(of(crypto::policy::page)))
        .route("/evidence", get(of(evidence::list)))
        .route(
            "/evidence/new",
            get(of(attest::new)).post(of(attest::add)).layer(DefaultBodyLimit::max(with_document)),
        )
        .route("/documents/{agency}/{sha256}", get(of(documents::open)))
        .route("/evidence/{seq}", get(of(evidence::detail)))
        .route("/gate", get(of(gate::list)))
        .route("/gate/{system}", get(of(gate::detail)))
        .route("/gate/{system}/decide", post(of(gate::decide)))
        .route("/gate/{system}/break", post(of(gate::break_glass)))
        .route("/gate/{system}/review/{seq}", post(of(gate::review)))
        // Dossiers, projects, assessments, findings.
        .route("/dossiers", get(of(dossiers::list::handle)).post(of(dossiers::change::begin)))
        .route(
            "/dossiers/{dossier}",
            get(of(dossiers::detail::handle)).post(of(dossiers::change::change)),
        )
        .route("/dossiers/{dossier}/act", post(of(dossiers::change::act)))
        .route("/projects", get(of(projects::list)).post(of(projects::add)))
        .route("/projects/{agency}/{project}/estimate", post(of(projects::estimate)))
        .route("/projects/{agency}/{project}/dossier", post(of(projects::appraise)))
        .route("/projects/{agency}/{project}/decide", post(of(projects::decide)))
        .route("/calendar", get(of(calendar::page)).post(of(calendar::record)))
        .route("/findings", get(of(findings::list::handle)))
        .route(
            "/findings/import",
            get(of(findings::import::page))
                .post(of(findings::import::look))
                .layer(DefaultBodyLimit::max(findings::import::MAX_BYTES)),
        )
        .route("/findings/import/confirm", post(of(findings::import::confirm)))
        .route("/findings/new", get(of(findings::new::page)).post(of(findings::new::record)))
        .route("/findings/{finding}", get(of(findings::detail::handle)))
        .route("/findings/{finding}/act", post(of(findings::detail::act)))
        // The index.
        .route("/index", get(of(index::board::handle)))
        .route("/index/agencies/{agency}", get(of(index::sheet::handle)))
        .route("/index/agencies/{agency}/attest", get(of(attest::list)))
        .route("/index/agencies/{agency}/hidden", post(of(hidden::record)))
        .route("/index/agencies/{agency}/hidden/{seq}/withdraw", post(of(hidden::withdraw)))
        .route("/index/agencies/{agency}/letter", get(of(index::letter::handle)))
        .route("/index/agencies/{agency}/{indicator}", get(of(index::why::handle)))
        .route("/index/indicators/{indicator}", get(of(index::indicator::handle)))
        .route("/index/pillars", get(of(index::pillars::handle)))
        .route("/index/sensitivity", get(of(index::sensitivity::handle)))
        .route("/index/rounds", get(of(index::rounds::list)).post(of(index::rounds::open)))
        .route("/index/rounds/{year}", get(of(index::rounds::detail)))
        .route("/index/rounds/{year}/state", post(of(index::rounds::state)))
        .route("/index/rounds/{year}/samples/{seq}", post(of(index::rounds::look)))
        .route(
            "/index/appeals/new",
            get(of(index::appeals::new))
                .post(of(index::appeals::lodge))
                .layer(DefaultBodyLimit::max(with_document)),
        )
        .route("/index/appeals/{id}", get(of(index::appeals::detail)))
        .route(
            "/index/appeals/{id}/decide",
            post(of(index::appeals::decide)).layer(DefaultBodyLimit::max(with_document)),
        )
        .route("/reviews", get(of(reviews::list)))
        .route("/reviews/{seq}", post(of(reviews::decide)))
        .route("/incidents", get(of(incidents::list::handle)).post(of(incidents::open::handle)))
        .route("/incidents/export", get(of(incidents::export::handle)))
        .route("/incidents/losses", get(of(incidents::losses::handle)))
        .route("/incidents/{number}/loss", post(of(incidents::change::loss)))
        .route("/incidents/{number}", get(of(incidents::detail::handle)))
        .route("/incidents/{number}/state", post(of(incidents::change::state)))
        .route("/incidents/{number}/edit", post(of(incidents::change::edit)))
        .route("/incidents/{number}/note", post(of(incidents::change::note)))
        .route(
            "/incidents/{number}/alerts/{alert}/remove",
            post(of(incidents::change::remove_alert)),
        )
        .route("/shift", get(of(shift::page)).post(of(shift::write)))
        .route("/shift/{id}/acknowledge", post(of(shift::acknowledge)))
        // Events.
        .route("/search", get(of(search::page::handle)))
        .route("/search/export", get(of(search::export::handle)))
        .route("/search/live", get(of(search::live::page)))
        .route("/search/tail", get(of(search::live::tail)))
        .route("/search/save", post(of(search::saved::save)))
        .route("/search/saved/{id}/delete", post(of(search::saved::delete)))
        // Sources.
        .route("/sources", get(of(sources::list::handle)))
        .route("/sources/new", get(of(sources::new::page)).post(of(sources::new::handle)))
        .route("/sources/{id}", get(of(sources::detail::handle)))
        .route("/sources/{id}/status", post(of(sources::change::status)))
        .route("/sources/{id}/formats", post(of(sources::change::formats)))
        .route("/sources/{id}/rotate", post(of(sources::change::rotate)))
        .route("/quarantine", get(of(quarantine::list)))
        .route("/quarantine/again", post(of(quarantine::again)))
        .route("/quarantine/{id}", get(of(quarantine::detail)))
        // The register.
        .route("/agencies", get(of(agencies::list)))
        .route("/agencies/new", get(of(agencies::form::new)).post(of(agencies::form::add)))
        .route("/agencies/{code}", get(of(agencies::detail)))
        .route(
            "/agencies/{code}/edit",
            get(of(agencies::form::edit)).post(of(agencies::form::change)),
        )
        .route(
            "/agencies/{code}/assignment",
            get(of(agencies::change::assignment)).post(of(agencies::change::assign)),
        )
        .route("/agencies/{code}/confirm", post(of(agencies::change::confirm)))
        .route("/agencies/{code}/resources", post(of(agencies::change::resources)))
        .route("/resources", get(of(sites::resources)))
        .route(
            "/resources/certificates",
            get(of(certificates::page))
                .post(of(certificates::look))
                .layer(DefaultBodyLimit::max(certificates::MAX_BYTES)),
        )
        .route("/resources/certificates/confirm", post(of(certificates::confirm)))
        .route("/resources/settle", post(of(certificates::settle)))
        .route("/systems", get(of(systems::list)))
        .route("/systems/new", get(of(systems::form::new)).post(of(systems::form::add)))
        .route("/systems/{code}", get(of(systems::detail::handle)))
        .route("/systems/{code}/edit", get(of(systems::form::edit)).post(of(systems::form::change)))
        .route("/systems/{code}/confirm", post(of(systems::change::confirm)))
        .route("/systems/{code}/needs", post(of(systems::change::needs)))
        .route("/systems/{code}/hosts", post(of(systems::change::hosts)))
        .route("/critical", get(of(critical::handle)))
        .route("/zones", get(of(zones::handle)))
        .route("/papers", get(of(papers::list)))
        .route("/systems/{code}/papers", post(of(papers::change)))
        .route("/systems/{code}/providers", post(of(systems::change::providers)))
        .route("/systems/{code}/products", post(of(systems::change::products)))
        .route(
            "/systems/{code}/inventory",
            post(of(systems::change::inventory))
                .layer(DefaultBodyLimit::max(systems::change::MAX_BYTES)),
        )
        .route("/systems/{code}/assets", post(of(systems::change::assets)))
        .route(
            "/register/import",
            get(of(register_import::page))
                .post(of(register_import::look))
                .layer(DefaultBodyLimit::max(register_import::MAX_BYTES)),
        )
        .route("/register/import/confirm", post(of(register_import::confirm)))
        .route("/register/template", get(of(register_import::template)))
        .route("/sites", get(of(sites::list)).post(of(sites::put)))
        .route("/assets", get(of(sites::assets)))
        .route("/equipment", get(of(sites::equipment)))
        .route("/equipment/{code}/remove", post(of(sites::remove_equipment)))
        // Products, providers and devices of all agencies.
        .route("/products", get(of(supply::products::handle)))
        .route("/providers", get(of(supply::providers::handle)))
        .route("/leaks", get(of(leaks::handle)).post(of(leaks::record)))
        .route("/leaks/{leak}/step", post(of(leaks::step)))
        .route("/tasks", get(of(tasks::handle)))
        .route("/custody", get(of(custody::list::handle)))
        .route("/custody/new", get(of(custody::change::new)).post(of(custody::change::add)))
        .route("/custody/{device}", get(of(custody::detail::handle)))
        .route("/custody/{device}/act", post(of(custody::change::act)))
        // The centre.
        .route("/suppressions", get(of(suppressions::list)))
        .route("/suppressions/{id}/end", post(of(suppressions::end)))
        .route("/audit", get(of(audit::handle)))
        .route("/admin", get(of(admin::status::page)))
        .route("/admin/rules/reload", post(of(admin::status::reload)))
        .route("/admin/people", get(of(admin::people::list)).post(of(admin::people::invite)))
        .route(
            "/admin/people/{name}",
            get(of(admin::people::detail)).post(of(admin::people::change)),
        )
        .route("/admin/tokens", get(of(admin::tokens::list)).post(of(admin::tokens::add)))
        .route("/admin/tokens/{id}/revoke", post(of(admin::tokens::revoke)))
        .route("/admin/keeping", get(of(admin::keeping::page)))
        .route("/admin/keeping/holds", post(of(admin::keeping::add)))
        .route("/admin/keeping/holds/{id}/lift", post(of(admin::keeping::lift)))
        .route("/help", get(of(help::help)))
        .route("/limits", get(of(help::limits)))
        // For anybody, if the settings say so.
        .route("/verified", get(of(verified::page)))
        .route("/verified.json", get(of(verified::json)))
        // Rules.
        .route("/rules", get(of(rules::list::handle)))
        .route("/rules/export", get(of(rules::export::handle)))
        .route("/rules/coverage", get(of(rules::coverage::handle)))
        .route(
            "/rules/import",
            get(of(rules::import::page))
                .post(of(rules::import::look))
                .layer(DefaultBodyLimit::max(rules::import::MAX_BYTES)),
        )
        .route("/rules/import/confirm", post(of(rules::import::confirm)))
        .route("/rules/import/{set}/remove", post(of(rules::import::remove)))
        .route("/rules/filters", get(of(rules::filters::page)))
        .route("/rules/filters/{id}/end", post(of(rules::filters::end)))
        .route("/rules/{id}", get(of(rules::detail::handle)))
        .route("/rules/{id}/set", post(of(rules::set::handle)))
        .route("/live", get(of(live::handle)))
        .route("/static/{mark}/{name}", get(of(assets::handle)))
        .fallback(error::no_page)
        .method_not_allowed_fallback(error::no_method)
        .layer(DefaultBodyLimit::max(MAX_FORM_BYTES))
        .layer(from_fn_with_state(Arc::clone(&console), around::handle))
        .with_state(console)
}
