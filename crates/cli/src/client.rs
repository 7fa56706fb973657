//! The command line as a client of a running centre.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use khien_app::config::KeyExchange;
use khien_app::folder::DataFolder;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::{AlertDescription, ProtocolVersion};
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
    /// Exchange keys by the hybrid group X25519MLKEM768 alone, and send nothing to a centre without it
    #[arg(long)]
    pub(crate) hybrid_only: bool,
}

/// Speaks with a centre.
pub(crate) struct Client {
    agent: Agent,
    url: String,
    token: String,
    exchange: KeyExchange,
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
        let exchange =
            if self.hybrid_only { KeyExchange::HybridOnly } else { KeyExchange::HybridPreferred };
        Client::new(&url, token, self.ca.as_deref(), exchange)
    }
}

/// The cryptography that is linked. For hybrid groups alone only TLS 1.3 is offered, since older versions
/// have none.
fn provider(exchange: KeyExchange) -> CryptoProvider {
    let linked = aws_lc_rs::default_provider();
    match exchange {
        KeyExchange::HybridPreferred => linked,
        KeyExchange::HybridOnly => CryptoProvider {
            kx_groups: vec![aws_lc_rs::kx_group::X25519MLKEM768],
            cipher_suites: linked
                .cipher_suites
                .into_iter()
                .filter(|suite| suite.version().version == ProtocolVersion::TLSv1_3)
                .collect(),
            ..linked
        },
    }
}

/// Why a centre was not reached. Whoever asks for a hybrid exchange alone is told that the other side has none.
fn unreached(error: ureq::Error, exchange: KeyExchange) -> anyhow::Error {
    let is_refused = exchange == KeyExchange::HybridOnly && is_of_handshake(&error);
    let error = anyhow::Error::new(error);
    if is_refused {
        return error.context(
            "the centre, or a proxy before it, does not exchange keys by X25519MLKEM768, which --hybrid-only \
             asks for: nothing was sent",
        );
    }
    error.context("the centre cannot be reached")
}

/// Whether two sides found nothing that both speak.
fn is_of_handshake(error: &ureq::Error) -> bool {
    let of_rustls = |error: &rustls::Error| {
        matches!(
            error,
            rustls::Error::AlertReceived(
                AlertDescription::HandshakeFailure
                    | AlertDescription::ProtocolVersion
                    | AlertDescription::InsufficientSecurity
                    | AlertDescription::IllegalParameter
            ) | rustls::Error::PeerIncompatible(_)
                | rustls::Error::PeerMisbehaved(_)
        )
    };
    match error {
        ureq::Error::Rustls(error) => of_rustls(error),
        ureq::Error::Io(error) => {
            error.get_ref().and_then(|inner| inner.downcast_ref()).is_some_and(of_rustls)
        }
        _ => false,
    }
}

impl Client {
    /// A client of the centre at a URL.
    pub(crate) fn new(
        url: &str,
        token: String,
        ca: Option<&Path>,
        exchange: KeyExchange,
    ) -> Result<Self> {
        if exchange == KeyExchange::HybridOnly && !url.starts_with("https:") {
            bail!("--hybrid-only is for a centre that is reached by https://…");
        }
        let mut tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .unversioned_rustls_crypto_provider(Arc::new(provider(exchange)));
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
        Ok(Self { agent, url: url.trim_end_matches('/').to_owned(), token, exchange })
    }

    /// Asks for something.
    pub(crate) fn get(&self, path: &str, query: &[(&str, String)]) -> Result<Answer> {
        self.answer(self.asking(path, query).call())
    }

    /// Has something removed.
    pub(crate) fn delete(&self, path: &str) -> Result<Answer> {
        let request = self.agent.delete(format!("{}{path}", self.url));
        self.answer(request.header("authorization", format!("Bearer {}", self.token)).call())
    }

    /// Asks for something long and writes it out as it comes.
    pub(crate) fn copy(
        &self,
        path: &str,
        query: &[(&str, String)],
        out: &mut dyn Write,
    ) -> Result<()> {
        let response = self.asking(path, query).call();
        let response = response.map_err(|error| unreached(error, self.exchange))?;
        if !response.status().is_success() {
            return self.answer(Ok(response))?.done().map(|_| ());
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
        Self::new(&url, token, ca.as_deref(), KeyExchange::HybridPreferred)
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
        self.answer(request.send(body))
    }

    /// Asks for something to be done, told as JSON.
    pub(crate) fn post_json(&self, path: &str, body: &Value) -> Result<Answer> {
        let request = self
            .agent
            .post(format!("{}{path}", self.url))
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json");
        self.answer(request.send(body.to_string()))
    }

    fn answer(&self, response: Result<Response<ureq::Body>, ureq::Error>) -> Result<Answer> {
        let mut response = response.map_err(|error| unreached(error, self.exchange))?;
        let header = response.headers().get("retry-after");
        let retry_after = header.and_then(|value| value.to_str().ok()?.parse().ok());
        let text = response.body_mut().read_to_string().context("the answer ends early")?;
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Answer { status: response.status().as_u16(), retry_after, body })
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

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::net::TcpListener;

    use rustls::pki_types::pem::PemObject as _;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    use rustls::{ServerConfig, ServerConnection, Stream};

    use super::*;

    /// A server that exchanges keys by some groups alone and answers one request; its URL.
    fn server(place: &Path, groups: Vec<&'static dyn rustls::crypto::SupportedKxGroup>) -> String {
        let names = ["127.0.0.1".to_owned()];
        let made = khien_web::certificate::self_signed(&names, crate::clock::now()).unwrap();
        std::fs::write(place.join("ca.pem"), &made.chain).unwrap();
        let chain = vec![CertificateDer::from_pem_slice(made.chain.as_bytes()).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(made.key.as_bytes()).unwrap();
        let provider = CryptoProvider { kx_groups: groups, ..aws_lc_rs::default_provider() };
        let config = ServerConfig::builder_with_provider(Arc::new(provider))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let (mut socket, _) = listener.accept().unwrap();
            let mut connection = ServerConnection::new(Arc::new(config)).unwrap();
            let mut tls = Stream::new(&mut connection, &mut socket);
            if tls.read(&mut [0; 4096]).is_ok() {
                let _ = tls.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
                let _ = tls.flush();
            }
        });
        url
    }

    fn asked(url: &str, place: &Path, exchange: KeyExchange) -> Result<Answer> {
        let ca = place.join("ca.pem");
        Client::new(url, "khien_api_x".to_owned(), Some(&ca), exchange)?.get("/", &[])
    }

    #[test]
    fn who_asks_for_a_hybrid_exchange_alone_sends_nothing_by_a_classical_one() {
        let place = tempfile::tempdir().unwrap();
        let place = place.path();
        let classical = || vec![aws_lc_rs::kx_group::X25519, aws_lc_rs::kx_group::SECP256R1];
        let refused = asked(&server(place, classical()), place, KeyExchange::HybridOnly);
        let told = format!("{:#}", refused.err().unwrap());
        assert!(told.contains("X25519MLKEM768") && told.contains("nothing was sent"), "{told}");
        // The same server is spoken with by whoever only prefers it.
        let taken = asked(&server(place, classical()), place, KeyExchange::HybridPreferred);
        assert_eq!(taken.unwrap().status, 200);
        let hybrid = vec![aws_lc_rs::kx_group::X25519MLKEM768];
        let taken = asked(&server(place, hybrid), place, KeyExchange::HybridOnly);
        assert_eq!(taken.unwrap().status, 200);
        let plain = asked("http://127.0.0.1:1", place, KeyExchange::HybridOnly);
        assert!(plain.err().unwrap().to_string().contains("https://"));
    }
}
