//! A browser, driven over the `WebDriver` protocol (W3C): a page is opened, typed into, looked at.

use std::io::Read as _;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Nothing is waited for longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// How wide and high an office screen and a phone are.
pub(crate) const OFFICE: (u32, u32) = (1366, 768);
pub(crate) const PHONE: (u32, u32) = (390, 844);

/// A browser with a window; it goes away with the value.
pub(crate) struct Browser {
    driver: Child,
    address: String,
    base: String,
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = agent().delete(&self.address).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().timeout_global(Some(Duration::from_mins(2)));
    config.http_status_as_error(false).build().into()
}

fn program(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())
}

impl Browser {
    /// A browser of an office screen at a site; nothing where there is none.
    pub(crate) fn start(base: &str) -> Option<Self> {
        let Some(driver) = program("chromedriver") else {
            assert!(
                std::env::var_os("KHIEN_REQUIRE_BROWSER").is_none_or(|value| value != "1"),
                "KHIEN_REQUIRE_BROWSER=1, but there is no chromedriver"
            );
            eprintln!("skipped: chromium-driver is not installed");
            return None;
        };
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let driver = Command::new(driver)
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let root = format!("http://127.0.0.1:{port}");
        let begun = Instant::now();
        while agent().get(format!("{root}/status")).call().is_err() {
            assert!(begun.elapsed() < PATIENCE, "the driver does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        let mut browser = Self { driver, address: root, base: base.to_owned() };
        let options = json!({"args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--force-device-scale-factor=1", "--hide-scrollbars", "--window-size=1366,768",
        ]});
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL"},
        }}});
        let session = browser.call("/session", &wanted);
        let id = session["sessionId"].as_str().unwrap();
        browser.address = format!("{}/session/{id}", browser.address);
        browser.resize(OFFICE);
        Some(browser)
    }

    fn try_call(&self, path: &str, body: &Value) -> Result<Value, String> {
        let address = format!("{}{path}", self.address);
        let mut answer = agent()
            .post(address)
            .content_type("application/json")
            .send(body.to_string())
            .map_err(|error| error.to_string())?;
        let mut text = String::new();
        answer.body_mut().as_reader().read_to_string(&mut text).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        if answer.status().is_success() {
            Ok(value["value"].clone())
        } else {
            Err(value["value"]["message"].to_string())
        }
    }

    fn call(&self, path: &str, body: &Value) -> Value {
        self.try_call(path, body).unwrap_or_else(|error| panic!("{path} {body}: {error}"))
    }

    /// A window of another size.
    pub(crate) fn resize(&self, (width, height): (u32, u32)) {
        let metrics = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 700,
        });
        let command = json!({"cmd": "Emulation.setDeviceMetricsOverride", "params": metrics});
        self.call("/goog/cdp/execute", &command);
    }

    /// Opens a page of the site.
    pub(crate) fn open(&self, path: &str) {
        self.call("/url", &json!({"url": format!("{}{path}", self.base)}));
    }

    /// Runs a script and answers its value.
    pub(crate) fn run(&self, script: &str, arguments: Value) -> Value {
        self.call("/execute/sync", &json!({"script": script, "args": arguments}))
    }

    /// The value of a cookie, also of one that scripts do not see.
    pub(crate) fn cookie(&self, name: &str) -> String {
        let mut answer = agent().get(format!("{}/cookie/{name}", self.address)).call().unwrap();
        let mut text = String::new();
        answer.body_mut().as_reader().read_to_string(&mut text).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        value["value"]["value"].as_str().unwrap_or_else(|| panic!("{name}: {text}")).to_owned()
    }

    /// Sets a cookie of the site.
    pub(crate) fn set_cookie(&self, name: &str, value: &str) {
        self.call("/cookie", &json!({"cookie": {"name": name, "value": value, "path": "/"}}));
    }

    /// Where the browser is, without the site.
    pub(crate) fn path(&self) -> String {
        let path = self.run("return location.pathname + location.search", json!([]));
        path.as_str().unwrap().to_owned()
    }

    /// The text of the page that people see.
    pub(crate) fn text(&self) -> String {
        let text = self.run("return document.body.innerText", json!([]));
        text.as_str().unwrap().to_owned()
    }

    /// How many elements there are of a selector.
    pub(crate) fn count(&self, selector: &str) -> u64 {
        let script = "return document.querySelectorAll(arguments[0]).length";
        self.run(script, json!([selector])).as_u64().unwrap()
    }

    fn find(&self, selector: &str) -> Option<String> {
        let asked = json!({"using": "css selector", "value": selector});
        let found = self.try_call("/element", &asked).ok()?;
        Some(found.as_object()?.values().next()?.as_str()?.to_owned())
    }

    /// Waits until there is an element.
    pub(crate) fn wait(&self, selector: &str) -> String {
        self.until(&format!("«{selector}»"), || self.find(selector))
    }

    /// Waits until something holds.
    pub(crate) fn until<T>(&self, what: &str, holds: impl Fn() -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            if let Some(found) = holds() {
                return found;
            }
            assert!(
                begun.elapsed() <= PATIENCE,
                "{what} did not come at {}:\n{}",
                self.path(),
                self.text()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until the page says something.
    pub(crate) fn says(&self, text: &str) {
        self.until(&format!("«{text}»"), || self.text().contains(text).then_some(()));
    }

    /// Clicks an element that people can see.
    pub(crate) fn click(&self, selector: &str) {
        let element = self.wait(selector);
        self.call(&format!("/element/{element}/click"), &json!({}));
    }

    /// Types into an element in place of what stands there. What goes with a page that is
    /// just leaving is typed again, on the page that comes.
    pub(crate) fn fill(&self, selector: &str, text: &str) {
        self.until(&format!("«{selector}» to type into"), || {
            let element = self.find(selector)?;
            let emptied = self.try_call(&format!("/element/{element}/clear"), &json!({}));
            let typed =
                || self.try_call(&format!("/element/{element}/value"), &json!({"text": text}));
            match emptied.and_then(|_| typed()) {
                Ok(_) => Some(()),
                Err(error) if error.contains("stale element") => None,
                Err(error) => panic!("{selector}: {error}"),
            }
        });
    }

    /// Presses keys, one after another, wherever the focus is.
    pub(crate) fn press(&self, keys: &str) {
        let presses: Vec<Value> = keys
            .chars()
            .flat_map(|key| {
                ["keyDown", "keyUp"].map(|kind| json!({"type": kind, "value": key.to_string()}))
            })
            .collect();
        let actions = json!({"actions": [{"type": "key", "id": "keys", "actions": presses}]});
        self.call("/actions", &actions);
    }

    /// A thing that holds passkeys and says yes.
    pub(crate) fn add_authenticator(&self) {
        let wanted = json!({
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
            "hasUserVerification": true, "isUserVerified": true, "isUserConsenting": true,
        });
        self.call("/webauthn/authenticator", &wanted);
    }

    /// A picture of the window, as PNG.
    pub(crate) fn picture(&self) -> Vec<u8> {
        use base64::Engine as _;
        let address = format!("{}/screenshot", self.address);
        let mut answer = agent().get(address).call().unwrap();
        let value: Value =
            serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
        let text = value["value"].as_str().unwrap();
        base64::engine::general_purpose::STANDARD.decode(text).unwrap()
    }

    /// On how many sheets of A4 the page is printed.
    pub(crate) fn sheets(&self) -> usize {
        use base64::Engine as _;
        let wanted = json!({"page": {"width": 21.0, "height": 29.7}});
        let printed = self.call("/print", &wanted);
        let pdf = base64::engine::general_purpose::STANDARD.decode(printed.as_str().unwrap());
        let pdf = pdf.unwrap();
        let text = String::from_utf8_lossy(&pdf);
        let ends = text.split("/Type /Page").skip(1).map(|rest| rest.starts_with('s'));
        ends.filter(|is_list| !is_list).count()
    }

    /// A cookie of the site.
    pub(crate) fn wish(&self, name: &str, value: &str) {
        self.run(
            "document.cookie = `${arguments[0]}=${arguments[1]}; path=/`",
            json!([name, value]),
        );
    }

    /// What the browser complained about since it was asked last.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let log = self.call("/se/log", &json!({"type": "browser"}));
        let entries = log.as_array().unwrap().iter();
        let grave = entries.filter(|entry| entry["level"] == "SEVERE");
        grave.map(|entry| entry["message"].as_str().unwrap_or_default().to_owned()).collect()
    }
}
