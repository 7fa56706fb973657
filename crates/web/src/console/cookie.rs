//! Cookies of the console: the session, the language, dark or light.
//!
//! The session's cookie is for this host alone, not for scripts and not for requests that other
//! sites make. Over TLS it bears the prefix `__Host-`, which browsers enforce.

use axum::http::HeaderMap;
use axum::http::header::COOKIE;

/// The session over TLS, and over the loopback without.
const SESSION: [&str; 2] = ["__Host-khien", "khien"];

/// A cookie of a request.
pub(super) fn get<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';'));
    pairs
        .find_map(|pair| pair.trim().split_once('=').filter(|(key, _)| *key == name))
        .map(|pair| pair.1)
}

/// The text of the session.
pub(super) fn session(headers: &HeaderMap, is_secure: bool) -> Option<&str> {
    get(headers, SESSION[usize::from(!is_secure)])
}

/// Sets the session's cookie, until the browser closes.
pub(super) fn set_session(text: &str, is_secure: bool) -> String {
    let (name, secure) = if is_secure { (SESSION[0], "; Secure") } else { (SESSION[1], "") };
    format!("{name}={text}; Path=/; HttpOnly; SameSite=Lax{secure}")
}

/// Takes the session's cookie away.
pub(super) fn end_session(is_secure: bool) -> String {
    format!("{}; Max-Age=0", set_session("", is_secure))
}

/// Sets a wish that is nobody's secret, for a year.
pub(super) fn set_wish(name: &str, value: &str, is_secure: bool) -> String {
    let secure = if is_secure { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age=31536000; SameSite=Lax{secure}")
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; khien=xyz;lang=en"));
        headers.append(COOKIE, HeaderValue::from_static("theme=dark"));
        assert_eq!(session(&headers, false), Some("xyz"));
        assert_eq!(session(&headers, true), None);
        assert_eq!(get(&headers, "theme"), Some("dark"));
        assert_eq!(get(&headers, "the"), None);
    }

    #[test]
    fn the_session_is_for_this_host_and_no_script() {
        let cookie = set_session("x", true);
        for part in ["__Host-khien=x", "HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        assert!(!set_session("x", false).contains("Secure"));
        assert!(end_session(false).contains("Max-Age=0"));
    }
}
