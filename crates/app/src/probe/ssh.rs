//! How an endpoint that speaks SSH would agree on keys, from what it says before any key is agreed on.
//!
//! In goes a connection, out comes the version, the key exchanges and host keys that the server takes (RFC 4253,
//! 4.2 and 7.1). The own version is sent, nothing else: no key is exchanged and nobody signs in.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// What is sent.
const GREETING: &[u8] = b"SSH-2.0-Khien\r\n";
/// The longest line before the lists, and how many lines there may be (RFC 4253 sets 255 bytes for the version).
const LINE_BYTES: usize = 1_024;
const LINES: usize = 32;
/// The longest packet (RFC 4253, 6.1).
const PACKET_BYTES: usize = 35_000;
/// The message that brings the lists.
const KEXINIT: u8 = 20;
/// Random bytes before the lists.
const COOKIE_BYTES: usize = 16;
/// So many names of a list are kept.
const NAMES: usize = 60;
/// Signs of what is no key exchange: extensions are told in the same list.
const NO_EXCHANGE: [&str; 2] = ["ext-info-", "kex-strict-"];

/// What a server says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ssh {
    /// The version of the protocol: `SSH-2.0`.
    pub(crate) version: String,
    /// The key exchanges that it takes, as it orders them.
    pub(crate) exchanges: Vec<String>,
    /// The kinds of its host keys.
    pub(crate) host_keys: Vec<String>,
}

impl Ssh {
    /// The key exchange that a client of today gets: a hybrid one if there is any, else the first.
    pub(crate) fn exchange(&self) -> &str {
        let hybrid = self.exchanges.iter().find(|name| is_hybrid(name));
        hybrid.or_else(|| self.exchanges.first()).map_or("", String::as_str)
    }

    /// Whether that one resists quantum computers too.
    pub(crate) fn is_hybrid(&self) -> bool {
        is_hybrid(self.exchange())
    }
}

fn is_hybrid(name: &str) -> bool {
    name.starts_with("mlkem") || name.starts_with("sntrup761x")
}

/// Whether what came first is how a server of SSH greets.
pub(super) fn greets(bytes: &[u8]) -> bool {
    bytes.starts_with(b"SSH-")
}

/// Asks a server.
pub(super) async fn ask<S>(stream: &mut S) -> io::Result<Ssh>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    stream.write_all(GREETING).await?;
    let version = version(stream).await?;
    let length = stream.read_u32().await? as usize;
    if length > PACKET_BYTES {
        return Err(wrong("its first packet is too long"));
    }
    let mut packet = vec![0; length];
    stream.read_exact(&mut packet).await?;
    let (exchanges, host_keys) =
        lists(&packet).ok_or_else(|| wrong("its first packet has no lists"))?;
    Ok(Ssh { version, exchanges, host_keys })
}

/// The version of the protocol, of the line that begins with it; others may stand before.
async fn version<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<String> {
    for _ in 0..LINES {
        let mut line = Vec::new();
        loop {
            match stream.read_u8().await? {
                b'\n' => break,
                _ if line.len() == LINE_BYTES => return Err(wrong("its greeting is too long")),
                byte => line.push(byte),
            }
        }
        if greets(&line) {
            let text = String::from_utf8_lossy(&line);
            let version = text.split('-').nth(1).unwrap_or_default();
            let is_number =
                |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            if version.len() > 8 || !version.split('.').all(is_number) {
                return Err(wrong("its greeting names no version"));
            }
            return Ok(format!("SSH-{version}"));
        }
    }
    Err(wrong("it does not greet as SSH"))
}

/// The key exchanges and the kinds of host keys of a packet.
fn lists(packet: &[u8]) -> Option<(Vec<String>, Vec<String>)> {
    let (padding, rest) = packet.split_first()?;
    let payload = rest.get(..rest.len().checked_sub(usize::from(*padding))?)?;
    let (message, rest) = payload.split_first()?;
    if *message != KEXINIT {
        return None;
    }
    let (exchanges, rest) = names(rest.get(COOKIE_BYTES..)?)?;
    let (host_keys, _) = names(rest)?;
    let is_exchange = |name: &String| !NO_EXCHANGE.iter().any(|sign| name.starts_with(sign));
    let exchanges: Vec<String> = exchanges.into_iter().filter(is_exchange).collect();
    (!exchanges.is_empty()).then_some((exchanges, host_keys))
}

/// A list of names with its length before it, and what comes after. Names are of ASCII that can be seen.
fn names(bytes: &[u8]) -> Option<(Vec<String>, &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (list, rest) = rest.split_at_checked(length)?;
    let list = std::str::from_utf8(list).ok()?;
    let is_name = |name: &&str| {
        (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let names = list.split(',').filter(is_name).take(NAMES).map(str::to_owned);
    Some((names.collect(), rest))
}

fn wrong(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn list(names: &str) -> Vec<u8> {
        let length = u32::try_from(names.len()).unwrap().to_be_bytes();
        [&length[..], names.as_bytes()].concat()
    }

    /// The packet of lists, without its length.
    fn packet(exchanges: &str, keys: &str) -> Vec<u8> {
        let mut packet = vec![4, KEXINIT];
        packet.extend([7; COOKIE_BYTES]);
        packet.extend(list(exchanges));
        packet.extend(list(keys));
        for _ in 0..8 {
            packet.extend(list("none"));
        }
        packet.extend([0; 5]);
        packet.extend([0; 4]);
        packet
    }

    async fn asked(says: &[u8]) -> Result<Ssh, String> {
        let (mut ours, mut theirs) = tokio::io::duplex(100_000);
        theirs.write_all(says).await.unwrap();
        let told = ask(&mut ours).await.map_err(|error| error.to_string());
        drop(ours);
        let mut sent = Vec::new();
        theirs.read_to_end(&mut sent).await.unwrap();
        assert_eq!(sent, GREETING, "nothing but the own version is sent");
        told
    }

    fn greeting(exchanges: &str, keys: &str) -> Vec<u8> {
        let packet = packet(exchanges, keys);
        let length = u32::try_from(packet.len()).unwrap().to_be_bytes();
        [b"Welcome\r\nSSH-2.0-OpenSSH_9.9p1 Debian-3\r\n", &length[..], &packet].concat()
    }

    #[tokio::test]
    async fn lists_are_read_in_the_order_of_the_server() {
        let exchanges = "curve25519-sha256,mlkem768x25519-sha256,kex-strict-s-v00@openssh.com";
        let told = asked(&greeting(exchanges, "ssh-ed25519,rsa-sha2-512")).await.unwrap();
        assert_eq!(told.version, "SSH-2.0");
        assert_eq!(told.exchanges, ["curve25519-sha256", "mlkem768x25519-sha256"]);
        assert_eq!(told.host_keys, ["ssh-ed25519", "rsa-sha2-512"]);
        assert_eq!(told.exchange(), "mlkem768x25519-sha256");
        assert!(told.is_hybrid());
        let plain = asked(&greeting("ecdh-sha2-nistp256,curve25519-sha256", "")).await.unwrap();
        assert_eq!((plain.exchange(), plain.is_hybrid()), ("ecdh-sha2-nistp256", false));
        let sntrup = asked(&greeting("sntrup761x25519-sha512@openssh.com", "")).await.unwrap();
        assert!(sntrup.is_hybrid());
    }

    #[tokio::test]
    async fn what_is_no_ssh_is_told() {
        for (says, told) in [
            (b"220 mail.minhhoa.example ESMTP\r\n".repeat(40), "does not greet as SSH"),
            (b"SSH-two-x\r\n".to_vec(), "names no version"),
            (vec![b'a'; 5_000], "greeting is too long"),
            ([b"SSH-2.0-x\r\n", &[0xff; 8][..]].concat(), "packet is too long"),
            ([b"SSH-2.0-x\r\n", &[0, 0, 0, 2, 0, 21][..]].concat(), "no lists"),
            (greeting("kex-strict-s-v00@openssh.com", "ssh-ed25519"), "no lists"),
        ] {
            let error = asked(&says).await.unwrap_err();
            assert!(error.contains(told), "{error}");
        }
    }

    proptest! {
        #[test]
        fn any_packet_is_read_or_refused(packet in prop::collection::vec(any::<u8>(), 0..400)) {
            if let Some((exchanges, keys)) = lists(&packet) {
                prop_assert!(!exchanges.is_empty() && exchanges.len() + keys.len() <= 2 * NAMES);
            }
        }

        #[test]
        fn names_come_back(exchanges in prop::collection::vec("[a-z0-9@.-]{1,20}", 1..10), cut in 0..200_usize) {
            prop_assume!(exchanges.iter().all(|name| !NO_EXCHANGE.iter().any(|no| name.starts_with(no))));
            let whole = packet(&exchanges.join(","), "ssh-ed25519");
            prop_assert_eq!(lists(&whole).map(|(found, _)| found), Some(exchanges));
            // Less than all of it never says more.
            let _ = lists(&whole[..cut.min(whole.len())]);
        }
    }
}
