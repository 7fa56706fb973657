//! A centre that this process runs: opened, listening, known to the command line of the machine,
//! and closed in the same order backwards.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use anyhow::Result;
use khien_app::App;
use khien_app::config::Config;
use khien_app::folder::DataFolder;
use khien_app::use_case::begin;
use khien_domain::ids::TokenId;
use khien_web::listen::Listening;
use khien_web::listen::tls::Certificates;
use serde_json::json;

use crate::centre::{Machine, load_rules, token_bytes};

/// A running centre.
pub(crate) struct Running {
    /// The centre.
    pub(crate) app: Arc<App>,
    /// Where it listens.
    pub(crate) listening: Listening,
    /// The address of HTTP, as it listens.
    pub(crate) url: String,
    token: TokenId,
}

impl Running {
    /// Starts a centre on a data folder that is held. Must be called within a runtime of tokio.
    pub(crate) async fn start(
        folder: DataFolder,
        config: Config,
        certificates: Option<&Arc<Certificates>>,
    ) -> Result<Self> {
        // A centre that was killed leaves behind where it listened.
        let _ = std::fs::remove_file(folder.running());
        let rules = load_rules(&config);
        let app = App::start(folder, config, rules, Arc::new(Machine)).await?;
        let router = khien_web::router(Arc::clone(&app), token_bytes);
        let listening = Listening::start(&app, router, certificates).await?;
        let made = begin::command_line_token(&app, &token_bytes()?).await?;
        let secure = if app.config.server.plain_http { "http" } else { "https" };
        let url = format!("{secure}://{}", listening.http);
        // A centre that listens everywhere is reached here by the loopback, which its certificate
        // names.
        let mut here = listening.http;
        if here.ip().is_unspecified() {
            here.set_ip(if here.is_ipv4() {
                Ipv4Addr::LOCALHOST.into()
            } else {
                Ipv6Addr::LOCALHOST.into()
            });
        }
        let local = format!("{secure}://{here}");
        let told = json!({"url": local, "token": made.token.reveal(), "pid": std::process::id()});
        app.folder.write_secret(&app.folder.running(), &told.to_string())?;
        Ok(Self { app, listening, url, token: made.id })
    }

    /// Stops it: what was taken in is on disk, and nobody is let in with its token any more.
    pub(crate) async fn stop(self) -> Result<()> {
        // A leftover only names a centre that does not answer.
        let _ = std::fs::remove_file(self.app.folder.running());
        self.listening.stop().await;
        begin::end_token(&self.app, self.token).await?;
        self.app.stop().await;
        Ok(())
    }
}
