//! People at the command line: invited, signed in, listed, kept out.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::Value;

use crate::centre::{Centre, khien, told};

const PASSWORD: &str = "mua%20xuan%20chim%20hot";

/// Sends a request to a centre on the loopback; answers status, head and body.
fn ask(url: &str, method: &str, path: &str, body: &str) -> (u16, String, String) {
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nAccept: text/html\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, head.to_lowercase(), body.to_owned())
}

/// Whether the name and the password open the door.
fn lets_in(url: &str, name: &str) -> bool {
    let form = format!("name={name}&password={PASSWORD}");
    let (status, head, _) = ask(url, "POST", "/sign-in", &form);
    status == 303 && head.contains("set-cookie: khien=")
}

#[test]
fn whoever_is_added_beside_a_running_centre_signs_in() {
    let centre = Centre::new();
    let folder = centre.folder();
    let running = centre.serve();
    let account = |more: &[&str]| told(&[&["account"], more, &["--data", folder]].concat());
    let of_agency = ["--role", "officer", "--called", "Cán bộ Mẫu 001", "--agency", "sokhcn"];
    let made = account(&[&["add", "Canbo001"], of_agency.as_slice()].concat());
    assert_eq!((&made["name"], &made["agencies"][0]), (&"canbo001".into(), &"sokhcn".into()));
    let path = made["invitation"].as_str().unwrap();
    let (status, _, page) = ask(&running.url, "GET", path, "");
    assert!(status == 200 && page.contains("Cán bộ Mẫu 001"), "{status} {page}");
    let form = format!("password={PASSWORD}&again={PASSWORD}");
    assert_eq!(ask(&running.url, "POST", path, &form).0, 303);
    assert!(lets_in(&running.url, "canbo001"));
    assert_eq!(ask(&running.url, "GET", path, "").0, 404, "it opens once");

    let listed: Value = account(&["list"]);
    let tokens: Vec<_> = listed.as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(tokens, ["canbo001"]);
    assert_eq!((&listed[0]["has_password"], &listed[0]["role"]), (&true.into(), &"officer".into()));
    assert!(account(&["disable", "canbo001"])["disabled_at"].is_string());
    assert!(!lets_in(&running.url, "canbo001"));
    assert!(account(&["enable", "canbo001"])["disabled_at"].is_null());
    let again = account(&["invite", "canbo001", "--forget-factors"]);
    assert_ne!(again["invitation"].as_str().unwrap(), path);
    assert!(lets_in(&running.url, "canbo001"), "the password holds until it is set anew");
}

#[test]
fn what_will_not_do_is_told() {
    let centre = Centre::new();
    let refused = |more: &[&str]| {
        let output = khien(&[&["account"], more, &["--data", centre.folder()]].concat());
        assert!(!output.status.success(), "{more:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let add = |name: &str, role: &str, agency: &[&str]| {
        let call = ["add", name, "--role", role, "--called", "Cán bộ Mẫu 002"];
        refused(&[call.as_slice(), agency].concat())
    };
    let told = add("canbo002", "chief", &[]);
    assert!(told.contains("a role is one of administrator, analyst"), "{told}");
    assert!(add("Cán bộ", "analyst", &[]).contains("the name \"Cán bộ\""));
    let told = add("canbo002", "officer", &[]);
    assert!(told.contains("an officer belongs to one agency or a few"), "{told}");
    let told = add("canbo002", "officer", &["--agency", "soyt"]);
    assert!(told.contains("agency soyt is not registered"), "{told}");
    let told = add("canbo002", "appraiser", &[]);
    assert!(told.contains("an appraiser belongs to an agency of their own"), "{told}");
    let told = add("canbo002", "appraiser", &["--home", "soyt"]);
    assert!(told.contains("agency soyt is not registered"), "{told}");
    assert!(refused(&["disable", "canbo002"]).contains("no person canbo002"));
    let made = khien(&["init", "--data", centre.data.with_file_name("second").to_str().unwrap()]);
    let words = String::from_utf8(made.stdout).unwrap();
    assert!(words.contains("khien account add NAME --role administrator"), "{words}");
}

#[test]
fn a_leaver_is_found_by_the_personnel_list_and_kept_out() {
    let centre = Centre::new();
    let folder = centre.folder();
    let account = |more: &[&str]| told(&[&["account"], more, &["--data", folder]].concat());
    let add = |name: &str| {
        account(&[
            "add",
            name,
            "--role",
            "analyst",
            "--called",
            "Cán bộ Mẫu",
            "--until",
            "2126-01-31",
        ])
    };
    assert_eq!(add("canbo1")["until"], "2126-01-31");
    add("canbo2");
    assert!(account(&["last-day", "canbo2"])["until"].is_null());
    let list = centre.data.with_file_name("can-bo.csv");
    std::fs::write(&list, "account,until\ncanbo1,2026-01-31\ncanbo2,\n").unwrap();
    let compare = |more: &[&str]| {
        let call = ["account", "compare", list.to_str().unwrap(), "--data", folder, "--json"];
        let output = khien(&[&call[..], more].concat());
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), told)
    };
    let (code, told) = compare(&[]);
    assert_eq!((code, &told["left"][0]["account"]), (Some(3), &"canbo1".into()));
    assert_eq!(
        (&told["left"][0]["last_day"], &told["agreeing"]),
        (&"2026-01-31".into(), &1.into())
    );
    let (code, told) = compare(&["--disable"]);
    assert_eq!((code, &told["disabled"][0]), (Some(0), &"canbo1".into()));
    let (code, told) = compare(&[]);
    assert_eq!((code, told["left"].as_array().unwrap().len()), (Some(0), 0));
    account(&["last-day", "canbo2", "2026-01-31"]);
    let listed = khien(&["account", "list", "--data", folder]);
    let words = String::from_utf8(listed.stdout).unwrap();
    assert!(words.contains("left") && words.contains("disabled"), "{words}");
}
