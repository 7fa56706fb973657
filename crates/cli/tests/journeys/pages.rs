//! Every page, as it looks: in both languages, dark and light, on an office screen and on a phone.

use serde_json::{Value, json};

use crate::assurance::filled;
use crate::browser::{Browser, OFFICE, PHONE};
use crate::demo::demo;

/// Pages by who may open them.
const OF_ANALYST: [&str; 62] = [
    "/overview",
    "/alerts",
    "/alerts?group=rule",
    "/search",
    "/incidents",
    "/shift",
    "/sources",
    "/rules",
    "/rules/coverage",
    "/rules/filters",
    "/quarantine",
    "/agencies",
    "/systems",
    "/products",
    "/providers",
    "/systems/mh-vbdh?tab=parts",
    "/custody",
    "/tasks",
    "/tasks?state=done",
    "/custody/1",
    "/critical",
    "/zones",
    "/papers?kind=zone-link",
    "/systems/mh-ttdl?tab=papers",
    "/sites",
    "/assets",
    "/equipment",
    "/resources",
    "/suppressions",
    "/index",
    "/index/agencies/soct",
    "/index/agencies/soct/N3.1",
    "/index/agencies/soct/letter",
    "/index/indicators/N3.3",
    "/index/agencies/sokhcn/attest",
    "/index/rounds",
    "/index/pillars",
    "/index/sensitivity",
    "/gate",
    "/gate/mh-hopkg",
    "/controls",
    "/controls/mh-levels@2026.1",
    "/controls/viec-mau@1?with=mh-levels@2026.1",
    "/controls/mh-levels@2026.1/controls/UP-02",
    "/systems/mh-vbdh/controls",
    "/systems/mh-vbdh/controls?view=csf",
    "/crypto",
    "/crypto/plans",
    "/crypto/policy",
    "/dossiers",
    "/dossiers/1",
    "/projects",
    "/risks/spend",
    "/incidents/losses",
    "/budget",
    "/calendar",
    "/findings",
    "/findings/1",
    "/evidence",
    "/evidence/5",
    "/help",
    "/account",
];
const OF_ADMINISTRATOR: [&str; 17] = [
    "/audit",
    "/admin",
    "/admin/people",
    "/admin/tokens",
    "/admin/keeping",
    "/sources/new",
    "/systems/new",
    "/custody/new",
    "/agencies/new",
    "/agencies/sokhcn/assignment",
    "/systems/mh-paht/edit",
    "/systems/mh-paht/controls",
    "/register/import?kind=systems",
    "/rules/import",
    "/resources/certificates",
    "/verified",
    "/limits",
];
/// What neither an analyst nor an administrator sees.
const OF_OFFICER: [&str; 1] = ["/leaks"];
/// Who looks at them.
const USERS: [&str; 3] = ["truc1", "quantri", "canbo-sokhcn"];
/// The largest page, in bytes.
const MAX_BYTES: u64 = 300 * 1024;

/// Pages with something in them: the first of each list, and some alerts, which are of many kinds.
fn details(browser: &Browser) -> Vec<String> {
    let mut found = Vec::new();
    for (list, selector, most) in [
        ("/alerts", "a[data-open]", 4),
        ("/search", "a[data-open]", 1),
        ("/sources", "main a[href^='/sources/']:not([href*=new])", 1),
        ("/rules", "main tbody a[href^='/rules/']", 1),
        ("/agencies", "main tbody a[href^='/agencies/']", 1),
        ("/systems", "main tbody a[href^='/systems/']", 1),
    ] {
        browser.open(list);
        let script = "return [...document.querySelectorAll(arguments[0])].slice(0, arguments[1])
            .map((link) => link.getAttribute('href'))";
        let hrefs = browser.run(script, json!([selector, most]));
        let hrefs = hrefs.as_array().unwrap();
        assert!(!hrefs.is_empty(), "{list} has nothing to open");
        found.extend(hrefs.iter().map(|href| href.as_str().unwrap().to_owned()));
    }
    let alert = found[0].split("open=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    for page in ["", "/suppress", "/tune"] {
        found.push(format!("/alerts/{alert}{page}"));
    }
    found
}

/// What every page has to be, whatever it shows.
fn look_at(browser: &Browser, path: &str, size: (u32, u32)) {
    browser.open(path);
    let wide = browser.run("return [document.documentElement.scrollWidth, innerWidth]", json!([]));
    assert!(
        wide[0].as_u64() <= wide[1].as_u64(),
        "{path} is wider than a window of {}: {wide}",
        size.0
    );
    let bytes = browser
        .run("return performance.getEntriesByType('navigation')[0].decodedBodySize", json!([]));
    assert!(bytes.as_u64().unwrap() <= MAX_BYTES, "{path} has {bytes} bytes");
    // What is cut without a way to read it: everything but cells, which tell the whole in a title or
    // on their own page.
    let cut = browser.run(
        "return [...document.querySelectorAll('button, .btn, .chip, h1, h2, label, th, .fig span, .fig b, #rail a')]
            .filter((e) => e.offsetParent && e.clientWidth > 0 && getComputedStyle(e).overflow !== 'visible'
                && e.scrollWidth > e.clientWidth + 1 && !e.closest('.hide, #rail') && !e.classList.contains('hide') && !e.title)
            .map((e) => e.textContent.trim().slice(0, 60)).filter((text) => text)",
        json!([]),
    );
    assert_eq!(cut, json!([]), "{path} cuts at {}", size.0);
    let text = browser.text();
    let id = text.split('[').skip(1).find(|rest| {
        let word = rest.split(']').next().unwrap_or_default();
        word.contains('-') && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
    });
    assert_eq!(id, None, "{path} shows the id of a text");
    let complaints = browser.complaints();
    assert!(complaints.is_empty(), "{path}: {complaints:?}");
}

/// What axe finds that is serious.
fn check_access(browser: &Browser, axe: &str, path: &str) {
    browser.run(axe, json!([]));
    let found = browser.run(
        "const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
         const told = (r) => r.violations.filter((v) => ['serious', 'critical'].includes(v.impact))
             .map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160) + ' ' + (n.any[0]?.message ?? '')).join(' | ')}`);
         // Rows are close together on purpose where there is a mouse (docs/console.md): the size of
         // targets is asked of everything but tables.
         return axe.run(document, { runOnly: tags, rules: { 'target-size': { enabled: false } } })
             .then((first) => axe.run({ exclude: [['table']] }, { runOnly: { type: 'rule', values: ['target-size'] } })
                 .then((second) => told(first).concat(told(second))))",
        json!([]),
    );
    assert_eq!(found, json!([]), "{path}");
}

/// Keeps pictures of a page, light and dark, in the folder `KHIEN_PICTURES` if it is named: that is
/// how those of the documentation are made.
fn keep_pictures(browser: &Browser, path: &str) {
    let Some(folder) = std::env::var_os("KHIEN_PICTURES") else { return };
    let name: String = path.trim_start_matches('/').split('?').next().unwrap().replace('/', "-");
    let name = if path.contains("open=") { format!("{name}-open") } else { name };
    let name = if path.contains("group=") { format!("{name}-grouped") } else { name };
    for theme in ["dark", "light"] {
        browser.wish("theme", theme);
        browser.open(path);
        let mark = if theme == "dark" { "-dark" } else { "" };
        let file = std::path::Path::new(&folder).join(format!("{name}{mark}.png"));
        std::fs::write(file, browser.picture()).unwrap();
    }
}

/// The text of axe-core, if it is there.
fn axe() -> Option<String> {
    let Some(path) = std::env::var_os("KHIEN_AXE") else {
        assert!(
            std::env::var_os("KHIEN_REQUIRE_AXE").is_none_or(|value| value != "1"),
            "KHIEN_REQUIRE_AXE=1, but KHIEN_AXE names no file"
        );
        eprintln!("skipped: KHIEN_AXE does not name axe-core");
        return None;
    };
    Some(std::fs::read_to_string(path).unwrap())
}

fn all(user: &str, look: impl Fn(&Browser, &str)) {
    let Some(browser) = demo().browser_of(user) else { return };
    let pages: Vec<String> = match user {
        "quantri" => OF_ADMINISTRATOR.map(str::to_owned).into(),
        "canbo-sokhcn" => OF_OFFICER.map(str::to_owned).into(),
        _ => {
            filled(&browser, "/findings", "main tbody a[data-open]");
            filled(&browser, "/custody", "main tbody a[data-open]");
            let mut pages: Vec<String> = OF_ANALYST.map(str::to_owned).into();
            pages.extend(details(&browser));
            pages
        }
    };
    browser.complaints();
    for path in &pages {
        look(&browser, path);
    }
}

#[test]
fn every_page_fits_an_office_screen_and_a_phone() {
    for user in USERS {
        all(user, |browser, path| {
            for size in [PHONE, OFFICE] {
                browser.resize(size);
                look_at(browser, path, size);
            }
            keep_pictures(browser, path);
        });
    }
}

#[test]
fn the_letter_to_the_head_of_an_agency_is_one_sheet() {
    let Some(browser) = demo().browser_of("truc1") else { return };
    browser.open("/index");
    let script = "return [...new Set([...document.querySelectorAll('main a')]
        .map((link) => link.getAttribute('href').split('?')[0])
        .filter((href) => /^\\/index\\/agencies\\/[^/]+$/.test(href)))]";
    let sheets = browser.run(script, json!([]));
    let sheets = sheets.as_array().unwrap();
    assert!(sheets.len() > 45, "{}", sheets.len());
    for sheet in sheets.iter().step_by(6) {
        let letter = format!("{}/letter", sheet.as_str().unwrap());
        browser.open(&letter);
        assert_eq!(browser.sheets(), 1, "{letter}");
    }
    browser.open("/systems");
    assert!(browser.sheets() > 1, "a long list is on several");
}

#[test]
fn every_page_is_there_in_english() {
    for user in USERS {
        all(user, |browser, path| {
            browser.wish("lang", "en");
            look_at(browser, path, OFFICE);
            let lang = browser.run("return document.documentElement.lang", json!([]));
            assert_eq!(lang, json!("en"));
            // The frame, headings, buttons and labels hold no Vietnamese; data may.
            let script = "return [...document.querySelectorAll('h1, h2, th, button, .btn, label, legend, .chip, .empty p, .note, #rail a, summary')]
                .filter((e) => !e.closest('.demo') && !e.matches('[lang=vi]') && !e.closest('.me, select, .steps') && !e.querySelector('select, input, textarea, span, b, code'))
                .map((e) => e.textContent.trim().replaceAll('Khiên', ''))
                .filter((t) => /[ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]/i.test(t))";
            let left = browser.run(script, json!([]));
            let left: Vec<&Value> = left.as_array().unwrap().iter().collect();
            // Titles of a page about a thing are that thing's name.
            let is_detail = path.split('/').filter(|part| !part.is_empty()).count() > 1;
            assert!(is_detail || left.is_empty(), "{path}: {left:?}");
        });
    }
}

#[test]
fn axe_finds_nothing_serious_on_any_page() {
    let Some(axe) = axe() else { return };
    for user in USERS {
        all(user, |browser, path| {
            for theme in ["light", "dark"] {
                browser.wish("theme", theme);
                browser.open(path);
                check_access(browser, &axe, path);
            }
        });
    }
    let Some(nobody) = demo().browser() else { return };
    nobody.open("/sign-in");
    check_access(&nobody, &axe, "/sign-in");
}

#[test]
fn pages_are_whole_without_script() {
    let Some(browser) = demo().browser_of("truc1") else { return };
    // What a browser without script gets is what the server writes: forms, links and tables.
    for path in ["/alerts", "/search?q=sshd", "/sources", "/rules"] {
        browser.open(path);
        let script = "return fetch(location.href).then((a) => a.text()).then((t) => {
            const page = new DOMParser().parseFromString(t, 'text/html');
            return [page.querySelectorAll('tbody tr').length, page.querySelectorAll('main form').length]; })";
        let counts = browser.run(script, json!([]));
        assert!(counts[0].as_u64() > Some(2) && counts[1].as_u64() > Some(0), "{path}: {counts}");
    }
}
