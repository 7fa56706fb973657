//! A `FortiGate` firewall: key and value, one line a datagram of syslog.

use jiff::Timestamp;

use super::local;
use crate::random::Random;

/// A line, without what every line has.
#[derive(Clone, Debug)]
pub(crate) struct Line(String);

/// One end of a connection, with the network that it is in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End<'a> {
    /// A machine of the province.
    Inside(&'a str),
    /// A machine elsewhere, and the country that its address is said to be in.
    Outside(&'a str, &'a str),
}

impl End<'_> {
    fn told(self, which: &str, port: u64) -> String {
        let (address, network, role) = match self {
            Self::Inside(address) => (address, "lan", "lan"),
            Self::Outside(address, _) => (address, "wan1", "wan"),
        };
        format!(
            "{which}ip={address} {which}port={port} {which}intf=\"{network}\" {which}intfrole=\"{role}\""
        )
    }

    fn country(self) -> String {
        match self {
            Self::Inside(_) => "Reserved".to_owned(),
            Self::Outside(_, country) => country.to_owned(),
        }
    }
}

impl Line {
    /// A connection that was let through or refused.
    pub(crate) fn connection(
        from: End<'_>,
        to: End<'_>,
        port: u64,
        allowed: bool,
        random: &mut Random,
    ) -> Self {
        let (action, policy, level) = if allowed {
            ("accept", random.between(1, 40), "notice")
        } else {
            ("deny", 0, "warning")
        };
        let service = match port {
            53 => "DNS",
            80 => "HTTP",
            443 => "HTTPS",
            445 => "SMB",
            3306 => "MYSQL",
            5432 => "POSTGRES",
            _ => "tcp",
        };
        let protocol = if matches!(port, 53 | 123 | 137 | 1900 | 5353) { 17 } else { 6 };
        let (sent, received) = if allowed {
            (random.between(300, 90_000), random.between(300, 900_000))
        } else {
            (0, 0)
        };
        Self(format!(
            "logid=\"0000000013\" type=\"traffic\" subtype=\"forward\" level=\"{level}\" vd=\"root\" {} {} srccountry=\"{}\" dstcountry=\"{}\" sessionid={} proto={protocol} action=\"{action}\" policyid={policy} policytype=\"policy\" service=\"{service}\" trandisp=\"snat\" duration={} sentbyte={sent} rcvdbyte={received}",
            from.told("src", random.between(32_768, 60_999)),
            to.told("dst", port),
            from.country(),
            to.country(),
            random.between(100_000, 99_999_999),
            random.between(1, 180),
        ))
    }

    /// Somebody came in through the VPN, or did not.
    pub(crate) fn vpn(action: &str, user: &str, address: &str, country: &str) -> Self {
        let (logid, level, reason) = match action {
            "tunnel-up" => ("0101039947", "information", "tunnel established"),
            "tunnel-down" => ("0101039948", "information", "N/A"),
            _ => ("0101039426", "alert", "sslvpn_login_permission_denied"),
        };
        Self(format!(
            "logid=\"{logid}\" type=\"event\" subtype=\"vpn\" level=\"{level}\" vd=\"root\" logdesc=\"SSL VPN {action}\" action=\"{action}\" tunneltype=\"ssl-tunnel\" remip={address} srccountry=\"{country}\" user=\"{user}\" group=\"can-bo\" reason=\"{reason}\""
        ))
    }

    /// The firewall's own guard against floods says that one is under way.
    pub(crate) fn flood(kind: &str, from: &str, to: &str, port: u64, count: u64) -> Self {
        Self(format!(
            "logid=\"0720018432\" type=\"utm\" subtype=\"anomaly\" eventtype=\"anomaly\" level=\"alert\" vd=\"root\" severity=\"critical\" srcip={from} srccountry=\"Reserved\" dstip={to} srcintf=\"wan1\" srcintfrole=\"wan\" sessionid=0 action=\"clear_session\" proto=6 service=\"HTTPS\" count={count} attack=\"{kind}\" srcport=0 dstport={port} attackid=100663396 policyid=1 policytype=\"DoS-policy\" ref=\"-\" msg=\"anomaly: {kind}, {count} > threshold 2000, repeats {count} times\" crscore=50 crlevel=\"critical\""
        ))
    }

    pub(super) fn written(&self, host: &str, at: Timestamp, random: &mut Random) -> String {
        let local = local(at);
        let (date, time) = (local.strftime("%Y-%m-%d"), local.strftime("%H:%M:%S"));
        format!(
            "<189>date={date} time={time} devname=\"{host}\" devid=\"FG100E0000{:06}\" eventtime={} tz=\"+0700\" {}",
            random.between(1, 4),
            at.as_nanosecond(),
            self.0
        )
    }
}
