//! The demonstration at which the journeys are made: one for all of them.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;

use crate::browser::Browser;

/// A demonstration that runs until the program of the tests ends.
pub(crate) struct Demo {
    told: Value,
}

/// Ends the demonstration with the program of the tests, which leaves without dropping what is
/// static: a shell waits for it and then sends the signal.
fn end_with_us(child: &Child) {
    let (ours, theirs) = (std::process::id(), child.id());
    let script = format!(
        "while kill -0 {ours} 2>/dev/null; do sleep 0.3; done; kill -TERM {theirs} 2>/dev/null"
    );
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    shell.spawn().unwrap();
}

/// The demonstration; it is alive.
pub(crate) fn demo() -> &'static Demo {
    static DEMO: OnceLock<Demo> = OnceLock::new();
    DEMO.get_or_init(|| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_khien"))
            .args(["demo", "--json", "--addr", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        end_with_us(&child);
        Demo { told: serde_json::from_str(&line).unwrap() }
    })
}

impl Demo {
    /// The site.
    pub(crate) fn url(&self) -> &str {
        self.told["url"].as_str().unwrap()
    }

    fn account(&self, user: &str) -> &Value {
        let accounts = self.told["accounts"].as_array().unwrap();
        accounts.iter().find(|account| account["user"] == user).unwrap()
    }

    /// A browser in which nobody has signed in.
    pub(crate) fn browser(&self) -> Option<Browser> {
        Browser::start(self.url())
    }

    /// A browser in which somebody has signed in; the board is alive. The administrator signs in once
    /// for all journeys: a code is good for one use, and wrong ones lock the account.
    pub(crate) fn browser_of(&self, user: &str) -> Option<Browser> {
        static ADMINISTRATOR: Mutex<Option<String>> = Mutex::new(None);
        let browser = self.browser()?;
        if user != "quantri" {
            self.sign_in(&browser, user);
            return Some(browser);
        }
        let mut session = ADMINISTRATOR.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = &*session {
            browser.open("/sign-in");
            browser.wish("lang", "vi");
            browser.set_cookie("khien", session);
            browser.open("/overview");
            browser.wait("#rail");
        } else {
            self.sign_in(&browser, user);
            *session = Some(browser.cookie("khien"));
        }
        Some(browser)
    }

    /// Signs somebody in as a person does.
    pub(crate) fn sign_in(&self, browser: &Browser, user: &str) {
        let account = self.account(user);
        browser.open("/sign-in");
        browser.wish("lang", "vi");
        browser.open("/sign-in");
        browser.fill("input[name=name]", user);
        browser.fill("input[name=password]", account["password"].as_str().unwrap());
        browser.click("#sign-in button.first");
        if let Some(secret) = account["totp_secret"].as_str() {
            // A code is good for one use: whoever comes second waits for the next.
            static USED: Mutex<BTreeMap<String, u64>> = Mutex::new(BTreeMap::new());
            let mut used = USED.lock().unwrap_or_else(PoisonError::into_inner);
            browser.wait("input[name=code]");
            while used.get(user).is_some_and(|used| *used >= step()) {
                std::thread::sleep(Duration::from_millis(200));
            }
            browser.fill("input[name=code]", &totp(secret));
            browser.click("#sign-in button.first");
            used.insert(user.to_owned(), step());
        }
        browser.wait("#rail");
        let begun = Instant::now();
        while browser.count("#count-alerts:not(:empty)") == 0 && begun.elapsed().as_secs() < 25 {
            if browser.count("#count-alerts") == 0 {
                break;
            }
            std::thread::sleep(Duration::from_millis(300));
            browser.open("/overview");
        }
    }
}

/// The half minute of now, of which a code is (RFC 6238).
fn step() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() / 30
}

/// The code of now of a secret in base32 (RFC 6238).
fn totp(secret: &str) -> String {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut key = Vec::new();
    let (mut bits, mut held) = (0_u32, 0);
    for letter in secret.chars() {
        bits = bits << 5 | u32::try_from(alphabet.find(letter).unwrap()).unwrap();
        held += 5;
        if held >= 8 {
            held -= 8;
            key.push(u8::try_from(bits >> held & 255).unwrap());
        }
    }
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &key);
    let mac = aws_lc_rs::hmac::sign(&key, &step().to_be_bytes());
    let mac = mac.as_ref();
    let at = usize::from(mac[19] & 15);
    let four = [mac[at] & 127, mac[at + 1], mac[at + 2], mac[at + 3]];
    format!("{:06}", u32::from_be_bytes(four) % 1_000_000)
}
