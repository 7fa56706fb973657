//! `khien serve`

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use clap::Args;
use khien_app::App;
use khien_app::config::Config;
use khien_app::folder::DataFolder;
use khien_web::listen::tls::Certificates;
use tokio::signal::unix::{SignalKind, signal};

use crate::centre::{Place, block_on};
use crate::running::Running;
use crate::talk;

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Where HTTP listens
    #[arg(long, value_name = "ADDRESS")]
    http: Option<SocketAddr>,
    /// Where syslog over TCP listens
    #[arg(long, value_name = "ADDRESS")]
    syslog_tcp: Option<SocketAddr>,
    /// Where syslog over UDP listens
    #[arg(long, value_name = "ADDRESS")]
    syslog_udp: Option<SocketAddr>,
    /// Where syslog over TLS listens
    #[arg(long, value_name = "ADDRESS")]
    syslog_tls: Option<SocketAddr>,
    /// HTTP without TLS, on the loopback only
    #[arg(long)]
    plain_http: bool,
}

pub(crate) fn run(arguments: Arguments) -> Result<ExitCode> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .init();
    block_on(serve(arguments))
}

/// The settings with what the command line changes of them.
fn settings(arguments: &Arguments) -> Result<Config> {
    let mut config = arguments.place.settings()?;
    let server = &mut config.server;
    server.http = arguments.http.unwrap_or(server.http);
    server.syslog_tcp = arguments.syslog_tcp.or(server.syslog_tcp);
    server.syslog_udp = arguments.syslog_udp.or(server.syslog_udp);
    server.syslog_tls = arguments.syslog_tls.or(server.syslog_tls);
    server.plain_http |= arguments.plain_http;
    Ok(config)
}

async fn serve(arguments: Arguments) -> Result<ExitCode> {
    let config = settings(&arguments)?;
    // Before anything listens, so that no signal is missed.
    let mut terminate = signal(SignalKind::terminate()).context("signals cannot be heard")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("signals cannot be heard")?;
    let mut hangup = signal(SignalKind::hangup()).context("signals cannot be heard")?;
    let folder = DataFolder::hold(&arguments.place.data)?;
    let certificates = match (folder.certificate().exists(), config.server.plain_http) {
        (false, true) => None,
        _ => Some(Certificates::load(&folder.certificate(), &folder.certificate_key())?),
    };
    let running = Running::start(folder, config, certificates.as_ref()).await?;
    let (app, url) = (&running.app, &running.url);
    talk(&format!("khien {} listens on {url}", env!("CARGO_PKG_VERSION")));
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hangup.recv() => reload(app, certificates.as_deref()).await,
        }
    }
    talk("stopping");
    running.stop().await?;
    Ok(ExitCode::SUCCESS)
}

/// Reads rules and certificate again.
async fn reload(app: &Arc<App>, certificates: Option<&Certificates>) {
    let caller = khien_app::access::Caller::program();
    match khien_app::use_case::operate::reload_rules(app, &caller).await {
        Ok(count) => tracing::info!(rules = count, "rules were loaded anew"),
        Err(error) => tracing::error!(%error, "the rules stay as they were"),
    }
    if let Some(Err(error)) = certificates.map(Certificates::reload) {
        tracing::error!(%error, "the certificate stays as it was");
    }
}
