//! The command line as a client of a running centre.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use khien_app::folder::DataFolder;
use serde_json::Value;
use ureq::Agent;
use ureq::RequestBuilder;
use ureq::http::Response;
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider, parse_pem};
use ureq::typestate::WithoutBody;

/// A centre that runs, here or elsewhere.
#[derive(Args, Clone)]
pub(crate) struct Remote {
    /// The address of the running centre
    #[arg(long, value_name = "URL")]
    pub(crate) to: Option<String>,
    /// The token; `KHIEN_TOKEN` in the environment keeps it out of the list of processes
    #[arg(long, value_name = "TOKEN")]
    pub(crate) token: Option<String>,
    /// A file with the centre's certificate, where no authority that the program knows has signed it
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
}

/// Speaks with a centre.
pub(crate) struct Client {
    agent: Agent,
    url: String,
    token: String,
}

/// An answer: its status, and its body as JSON (null if it is none).
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<u64>,
    pub(crate) body: Value,
}

impl Remote {
    /// The client for what was named; the token may come from the environment.
    pub(crate) fn client(&self) -> Result<Client> {
        let url = self.to.clone().context("name the centre with --to URL")?;
        let token = self.token.clone().or_else(|| std::env::var("KHIEN_TOKEN").ok());
        let token = token.context("name a token with --token or KHIEN_TOKEN")?;
        Client::new(&url, token, self.ca.as_deref())
    }
}

impl Client {
    /// A client of the centre at a URL.
    pub(crate) fn new(url: &str, token: String, ca: Option<&Path>) -> Result<Self> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .unversioned_rustls_crypto_provider(provider);
        if let Some(ca) = ca {
            tls = tls.root_certs(RootCerts::from(certificates(ca)?));
        } else if url.starts_with("https:") {
            bail!("name the certificate of the centre with --ca FILE (keys/certificate.pem)");
        }
        let agent = Agent::config_builder()
            .tls_config(tls.build())
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(10)))
            .timeout_global(Some(Duration::from_mins(10)))
            .build()
            .new_agent();
        Ok(Self { agent, url: url.trim_end_matches('/').to_owned(), token })
    }

    /// Asks for something.
    pub(crate) fn get(&self, path: &str, query: &[(&str, String)]) -> Result<Answer> {
        answer(self.asking(path, query).call())
    }

    /// Has something removed.
    pub(crate) fn delete(&self, path: &str) -> Result<Answer> {
        let request = self.agent.delete(format!("{}{path}", self.url));
        answer(request.header("authorization", format!("Bearer {}", self.token)).call())
    }

    /// Asks for something long and writes it out as it comes.
    pub(crate) fn copy(
        &self,
        path: &str,
        query: &[(&str, String)],
        out: &mut dyn Write,
    ) -> Result<()> {
        let response = self.asking(path, query).call().context("the centre cannot be reached")?;
        if !response.status().is_success() {
            return answer(Ok(response))?.done().map(|_| ());
        }
        let mut body = response.into_body().into_reader();
        std::io::copy(&mut body, out).context("the answer ends early")?;
        Ok(out.flush()?)
    }

    fn asking(&self, path: &str, query: &[(&str, String)]) -> RequestBuilder<WithoutBody> {
        let mut request = self.agent.get(format!("{}{path}", self.url));
        for (name, value) in query {
            request = request.query(*name, value);
        }
        request.header("authorization", format!("Bearer {}", self.token))
    }

    /// A client of the centre that runs on a data folder of this machine.
    pub(crate) fn of_running(data: &Path) -> Result<Self> {
        let folder = DataFolder::find(data)?;
        let path = folder.running();
        let text = std::fs::read_to_string(&path);
        let text = text.with_context(|| format!("cannot read {}", path.display()))?;
        let running: Value = serde_json::from_str(&text)
            .with_context(|| format!("{} is damaged", path.display()))?;
        let part = |name: &str| running.get(name).and_then(Value::as_str).map(str::to_owned);
        let (url, token) = part("url").zip(part("token")).context("running.json lacks a part")?;
        let ca = Some(folder.certificate()).filter(|path| path.exists());
        Self::new(&url, token, ca.as_deref())
    }

    /// Hands bytes over. `name` is what the batch is called if it is sent again.
    pub(crate) fn post(
        &self,
        path: &str,
        query: &[(&str, &str)],
        name: Option<&str>,
        body: &[u8],
    ) -> Result<Answer> {
        let mut request = self.agent.post(format!("{}{path}", self.url));
        for (key, value) in query {
            request = request.query(*key, *value);
        }
        if let Some(name) = name {
            request = request.header("idempotency-key", name);
        }
        let request = request
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/octet-stream");
        answer(request.send(body))
    }

    /// Asks for something to be done, told as JSON.
    pub(crate) fn post_json(&self, path: &str, body: &Value) -> Result<Answer> {
        let request = self
            .agent
            .post(format!("{}{path}", self.url))
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json");
        answer(request.send(body.to_string()))
    }
}

impl Answer {
    /// The body, if the centre did what was asked; otherwise what it says of it.
    pub(crate) fn done(self) -> Result<Value> {
        if (200..300).contains(&self.status) {
            return Ok(self.body);
        }
        bail!("the centre answers {}: {}", self.status, self.said())
    }

    /// What the centre says of what it did not do.
    pub(crate) fn said(&self) -> String {
        let error = self.body.get("error").unwrap_or(&self.body);
        let said = error.get("message").unwrap_or(error);
        said.as_str().map_or_else(|| said.to_string(), str::to_owned)
    }
}

fn answer(response: Result<Response<ureq::Body>, ureq::Error>) -> Result<Answer> {
    let mut response = response.context("the centre cannot be reached")?;
    let header = response.headers().get("retry-after");
    let retry_after = header.and_then(|value| value.to_str().ok()?.parse().ok());
    let text = response.body_mut().read_to_string().context("the answer ends early")?;
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Ok(Answer { status: response.status().as_u16(), retry_after, body })
}

fn certificates(path: &Path) -> Result<Vec<Certificate<'static>>> {
    let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let found = parse_pem(&text).filter_map(|item| match item {
        Ok(ureq::tls::PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    });
    let found: Vec<_> = found.collect();
    if found.is_empty() {
        bail!("{} holds no certificate in PEM", path.display());
    }
    Ok(found)
}
