//! A proxy that asks the gate: `packaging/nginx-gate.conf` in a real nginx.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use jiff::SignedDuration;
use khien_app::access::Caller;
use khien_app::use_case::gate;
use khien_app::use_case::tokens::{self, WantedToken};
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::token::TokenBytes;
use tokio::net::UnixStream;

use crate::support::{Centre, Reply, exchange};

const EXAMPLE: &str = include_str!("../../../../packaging/nginx-gate.conf");

/// An nginx of one process; it is killed when the test ends.
struct Nginx {
    child: Child,
    socket: PathBuf,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn text(reply: &Reply) -> String {
    String::from_utf8_lossy(&reply.body).into_owned()
}

fn program() -> Option<PathBuf> {
    let found = ["/usr/sbin/nginx", "/usr/bin/nginx"].map(PathBuf::from);
    let found = found.into_iter().find(|path| path.exists());
    assert!(
        found.is_some() || std::env::var_os("KHIEN_REQUIRE_NGINX").is_none(),
        "KHIEN_REQUIRE_NGINX is set and there is no nginx"
    );
    found
}

impl Nginx {
    fn start(program: &Path, place: &Path, example: &str) -> Self {
        let socket = place.join("visitors");
        let at = |name: &str| place.join(name).display().to_string();
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {};\n", at(kind)));
        let system = at("system");
        let conf = format!(
            "daemon off;\nmaster_process off;\npid {};\nerror_log stderr;\nevents {{}}\nhttp {{\n\
             access_log off;\n{}{example}\n\
             server {{ listen unix:{system}; location / {{ return 200 \"trong hệ thống\"; }} }}\n}}\n",
            at("pid"),
            temporary.concat(),
        );
        std::fs::write(place.join("nginx.conf"), conf).unwrap();
        let child = Command::new(program)
            .args(["-p", place.to_str().unwrap(), "-c", &at("nginx.conf"), "-e", "stderr"])
            .spawn()
            .unwrap();
        Self { child, socket }
    }

    async fn visit(&self, method: &str) -> Reply {
        let request = format!("{method} /");
        for _ in 0..200 {
            if let Ok(stream) = UnixStream::connect(&self.socket).await {
                return exchange(stream, &request, &[], b"").await;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("nginx does not listen");
    }

    /// Asks until the answer is this one; what is in nginx's cache is over after a second here.
    async fn until(&self, status: u16) -> Reply {
        let mut last = self.visit("GET").await;
        for _ in 0..40 {
            if last.status == status {
                return last;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            last = self.visit("GET").await;
        }
        panic!("{} instead of {status}", last.status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn visitors_pass_while_the_gate_allows_and_nobody_without_it() {
    let Some(program) = program() else {
        eprintln!("there is no nginx: packaging/nginx-gate.conf is not tested");
        return;
    };
    let centre = Centre::start().await;
    let wanted = WantedToken {
        name: "cổng vào".into(),
        permissions: BTreeSet::from([Permission::EvidenceRead]),
        agencies: AgencyScope::one(AgencyCode::new("sokhcn").unwrap()),
        expires_at: centre.app.now() + SignedDuration::from_hours(24),
    };
    let caller = Caller::program();
    let token = tokens::add_token(&centre.app, &caller, wanted, &TokenBytes([99; 21])).await;
    let token = token.unwrap().text.reveal().to_owned();
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name).display().to_string();
    let mut example = EXAMPLE.to_owned();
    for (from, to) in [
        ("/var/cache/nginx/khien-gate", at("cache")),
        ("listen 127.0.0.1:8443", format!("listen unix:{}", at("visitors"))),
        ("http://127.0.0.1:8080", format!("http://unix:{}", at("system"))),
        ("http://127.0.0.1:8057", format!("http://{}", centre.listening.http)),
        ("mh-dvc", "cong-dvc".to_owned()),
        ("PUT-THE-TOKEN-HERE", token),
        ("403 30s", "403 1s".to_owned()),
    ] {
        assert!(example.contains(from), "{from}");
        example = example.replace(from, &to);
    }
    let nginx = Nginx::start(&program, place.path(), &example);
    let refused = nginx.visit("POST").await;
    assert_eq!(refused.status, 403);
    assert!(text(&refused).contains("chưa được phép"), "{}", text(&refused));
    // Somebody breaks the glass.
    let system = SystemCode::new("cong-dvc").unwrap();
    let reason = "họp khẩn về bão, cần mở cổng";
    gate::break_glass(&centre.app, &caller, &system, reason, 1).await.unwrap();
    assert!(text(&nginx.until(200).await).contains("trong hệ thống"));
    // Without the centre nobody is let through.
    centre.stop().await;
    nginx.until(500).await;
}
