//! One indicator a line; its form tells what it is.

use super::{Kind, List, MAX_BYTES, address, domain, email, hash, network, refanged, url};

/// Endings of names that are files' rather than domains'.
const FILES: [&str; 48] = [
    "exe", "dll", "sys", "drv", "scr", "cpl", "ocx", "ps1", "psm1", "bat", "cmd", "vbs", "vbe",
    "js", "jse", "wsf", "hta", "msi", "msp", "lnk", "jar", "war", "doc", "docx", "docm", "xls",
    "xlsx", "xlsm", "ppt", "pptx", "pdf", "rtf", "iso", "img", "vhd", "zip", "rar", "7z", "tmp",
    "dat", "bin", "php", "asp", "aspx", "ashx", "jsp", "elf", "so",
];

pub(super) fn read(text: &str, list: &mut List) {
    for (number, line) in (1_u64..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        // What stands behind a blank and `#` is said about it.
        let (value, note) = line.split_once(" #").unwrap_or((line, ""));
        if let Some((kind, value)) = known(value.trim()) {
            list.add(kind, value, note);
        } else {
            let shown = khien_domain::text::cut(value, 100);
            let reason = format!(
                "«{shown}» is no address, network, domain, hash, URL, e-mail address or file name; \
                 a list in CSV can say its type"
            );
            list.refuse(&format!("line {number}"), reason);
        }
    }
}

fn known(value: &str) -> Option<(Kind, String)> {
    if value.len() > MAX_BYTES {
        return None;
    }
    let plain = refanged(value);
    if let Some(address) = address(&plain) {
        return Some((Kind::Address, address));
    }
    if let Some((host, port)) = plain.rsplit_once(':')
        && port.parse::<u16>().is_ok()
        && let Some(address) = address(host.trim_matches(['[', ']']))
    {
        return Some((Kind::Address, address));
    }
    let of = |kind: Kind, value: Option<String>| value.map(|value| (kind, value));
    network(&plain)
        .or_else(|| hash(&plain))
        .or_else(|| of(Kind::Url, url(&plain)))
        .or_else(|| of(Kind::Email, email(&plain)))
        .or_else(|| of(Kind::File, file(value)))
        .or_else(|| of(Kind::Domain, domain(&plain)))
}

fn file(value: &str) -> Option<String> {
    let (name, ending) = value.rsplit_once('.')?;
    let drive = value.get(1..3) == Some(":\\");
    let is_path =
        drive || value.starts_with("\\\\") || value.starts_with('/') || value.starts_with('%');
    let is_file = !name.is_empty() && FILES.contains(&ending.to_ascii_lowercase().as_str());
    (is_path || is_file).then(|| value.to_lowercase())
}
