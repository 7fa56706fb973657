//! `khien demo`
//!
//! A real centre on the loopback with the fictitious province in its register. One thread is the
//! province: it hands in the day before and then sends on, over the listeners, as devices do. Between
//! the two the province gets its year of evidence.

use std::io::{ErrorKind, IsTerminal as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use khien_app::App;
use khien_app::access::Caller;
use khien_app::config::{Config, Public, Server};
use khien_app::folder::DataFolder;
use khien_app::use_case::operate;
use khien_demo::{Governance, Province, SEED};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;

use crate::centre::{block_on, caller, shown};
use crate::language::Language;
use crate::running::Running;
use crate::{Usage, clock, talk};

mod accounts;
mod advisory;
mod catalogues;
mod leaks;
mod papers;
mod past;
mod place;
mod plans;
mod register;
mod send;
mod show;
mod supply;
mod words;

use accounts::Account;
use place::Place;
use send::{Link, Listeners};
use show::Show;

#[derive(Args)]
pub(crate) struct Arguments {
    /// Where the centre listens, on the loopback; port 0 takes any that is free, and so does --once
    #[arg(
        long,
        value_name = "ADDRESS",
        default_value = "127.0.0.1:8057",
        default_value_if("once", "true", "127.0.0.1:0")
    )]
    addr: SocketAddr,
    /// Keep the data in this folder; otherwise they go at the end
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// How many times as busy as usual the province is
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100))]
    speed: u32,
    /// Fill the folder with the last day and all attacks, and end
    #[arg(long, requires = "data")]
    once: bool,
    /// Language of what is said
    #[arg(long, value_enum, default_value_t = Language::Vi)]
    lang: Language,
    /// Begin with one line of JSON: address, accounts, folder, listeners
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    if !arguments.addr.ip().is_loopback() {
        let message = format!(
            "a demonstration has passwords that everybody knows, so it runs on the loopback only, not on {}; try --addr 127.0.0.1:8057",
            arguments.addr
        );
        return Err(Usage(message).into());
    }
    is_free(arguments.addr)?;
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_max_level(tracing::Level::WARN)
        .with_target(false)
        .init();
    let province = Province::builtin()?;
    let (place, folder) = Place::open(arguments.data.as_deref())?;
    let shown = block_on(demonstrate(arguments, &place, folder, province));
    place.close()?;
    shown
}

/// Says what to do about an address that somebody else has, before anything is made.
fn is_free(address: SocketAddr) -> Result<()> {
    match TcpListener::bind(address) {
        Err(error) if error.kind() == ErrorKind::AddrInUse => bail!(
            "{address} is in use, perhaps by a demonstration that runs already; end it, or take another port with --addr {}:0",
            address.ip()
        ),
        Err(error) => Err(error).context(format!("nobody can listen on {address}")),
        Ok(_) => Ok(()),
    }
}

async fn demonstrate(
    arguments: &Arguments,
    place: &Place,
    folder: DataFolder,
    province: Province,
) -> Result<ExitCode> {
    // Before anything listens, so that no signal is missed.
    let mut terminate = signal(SignalKind::terminate()).context("signals cannot be heard")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("signals cannot be heard")?;
    let running = Running::start(folder, settings(arguments.addr), None).await?;
    let begun = begin(arguments, place, &running, province).await;
    let outcome = match begun {
        Ok((stop, shown)) => {
            let mut shown = shown;
            let ended = tokio::select! {
                _ = terminate.recv() => None,
                _ = interrupt.recv() => None,
                ended = &mut shown => Some(ended),
            };
            if ended.is_none() && !arguments.json {
                talk(words::stopping(arguments.lang));
            }
            drop(stop);
            let ended = match ended {
                Some(ended) => ended,
                None => shown.await,
            };
            ended.context("the demonstration ended early")?
        }
        Err(error) => Err(error),
    };
    running.stop().await?;
    outcome.map(|()| ExitCode::SUCCESS)
}

/// A centre as it is without settings, with syslog on ports that the system chooses.
fn settings(http: SocketAddr) -> Config {
    let any = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let server =
        Server { http, plain_http: true, syslog_udp: any, syslog_tcp: any, ..Server::default() };
    // Nothing of it is anybody's: the list for everybody is shown too.
    let public = Public { verified: true };
    Config { server, public, ..Config::default() }
}

/// Fills the register, says where the centre is, and lets the province live.
async fn begin(
    arguments: &Arguments,
    place: &Place,
    running: &Running,
    province: Province,
) -> Result<(SyncSender<()>, JoinHandle<Result<()>>)> {
    let (app, listening) = (&running.app, &running.listening);
    let governance = Governance::builtin(&province, SEED, app.now())?;
    let registered = register::province(app, &caller(), &province, &governance).await?;
    let accounts = accounts::accounts(app).await?;
    accounts::heads(app, &province, &governance).await?;
    let listeners = Listeners {
        url: running.url.clone(),
        tcp: listening.syslog_tcp.context("syslog over TCP does not listen")?,
        udp: listening.syslog_udp.context("syslog over UDP does not listen")?,
    };
    say(arguments, place, listening.http, &listeners, &accounts)?;
    let links: Result<Vec<Link>> = province
        .sources
        .iter()
        .zip(&registered.passes)
        .map(|(source, pass)| Link::new(source, pass, &listeners))
        .collect();
    let (links, last_heard) = (links?, registered.last_heard);
    let (stop, stopped) = sync_channel(1);
    let (speed, once, json, lang) =
        (arguments.speed, arguments.once, arguments.json, arguments.lang);
    // Whoever goes on tells other runs of the stories than those before.
    let told = last_heard.map_or(0, |last| last.as_second().unsigned_abs() / 60);
    let app = Arc::clone(app);
    let shown = tokio::spawn(async move {
        let province = Arc::new(province);
        let show = Show { province: Arc::clone(&province), links, speed, stop: stopped, told };
        let past = tokio::task::spawn_blocking(move || {
            let mut show = show;
            let is_over = !show.past(last_heard, clock::now())?;
            anyhow::Ok((show, is_over))
        });
        let (show, is_over) = past.await.context("the day before ended early")??;
        if is_over {
            return Ok(());
        }
        settle(&app).await?;
        past::fill(&app, &caller(), &Governance::builtin(&province, SEED, app.now())?).await?;
        if once {
            if !json {
                talk(words::filled(lang));
            }
            return Ok(());
        }
        if !json {
            talk(words::past_is_there(lang));
        }
        let live = tokio::task::spawn_blocking(move || show.live(clock::now()));
        live.await.context("the demonstration ended early")
    });
    Ok((stop, shown))
}

/// Tells where the centre is.
fn say(
    arguments: &Arguments,
    place: &Place,
    http: SocketAddr,
    listeners: &Listeners,
    accounts: &[Account],
) -> Result<()> {
    // The name is what a browser asks of a page that uses passkeys.
    let url = match http.ip().to_canonical() {
        ip if ip == Ipv4Addr::LOCALHOST => format!("http://localhost:{}", http.port()),
        _ => format!("http://{http}"),
    };
    let data = shown(place.path());
    let mut out = std::io::stdout().lock();
    if arguments.json {
        let object = json!({
            "url": url,
            "accounts": accounts.iter().map(Account::told).collect::<Vec<_>>(),
            "data": data,
            "is_kept": place.is_kept(),
            "syslog_tcp": listeners.tcp.to_string(),
            "syslog_udp": listeners.udp.to_string(),
        });
        writeln!(out, "{object}")?;
    } else if arguments.once {
        writeln!(out, "{}", words::filling(arguments.lang, &data, accounts))?;
    } else {
        writeln!(out, "{}", words::welcome(arguments.lang, &url, &data, accounts))?;
    }
    Ok(out.flush()?)
}

/// Waits until all that was taken in is judged and kept.
async fn settle(app: &App) -> Result<()> {
    let mut is_still = 0;
    while is_still < 2 {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let journal = operate::status(app, &Caller::program()).await?.journal;
        let waits = journal.waiting_bytes > 0 || journal.working > 0;
        is_still = if waits { 0 } else { is_still + 1 };
    }
    Ok(())
}
