//! Suricata: EVE JSON.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::local;
use crate::random::Random;

/// An event of a kind between two ends.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    kind: &'static str,
    from: String,
    to: (String, u16),
    about: Value,
}

impl Event {
    /// An event of a kind, with what stands under the kind's name.
    pub(crate) fn new(kind: &'static str, from: &str, to: (&str, u16), about: Value) -> Self {
        Self { kind, from: from.to_owned(), to: (to.0.to_owned(), to.1), about }
    }

    /// A signature was seen. `severity` is 1 for the gravest.
    pub(crate) fn alert(
        from: &str,
        to: (&str, u16),
        id: u32,
        signature: &str,
        category: &str,
        severity: u8,
    ) -> Self {
        let about = json!({
            "action": "allowed", "gid": 1, "signature_id": id, "rev": 1,
            "signature": signature, "category": category, "severity": severity,
        });
        Self::new("alert", from, to, about)
    }

    /// A name was asked for.
    pub(crate) fn query(from: &str, resolver: &str, name: &str, kind: &str) -> Self {
        let about =
            json!({"type": "query", "id": 4711, "rrname": name, "rrtype": kind, "tx_id": 0});
        Self::new("dns", from, (resolver, 53), about)
    }

    pub(super) fn written(&self, host: &str, at: Timestamp, random: &mut Random) -> String {
        let mut event = Map::new();
        let mut add = |name: &str, value: Value| {
            event.insert(name.to_owned(), value);
        };
        let time = local(at).strftime("%Y-%m-%dT%H:%M:%S%.6f%z").to_string();
        add("timestamp", time.into());
        add("flow_id", random.between(1 << 40, 1 << 50).into());
        add("in_iface", "ens19".into());
        add("event_type", self.kind.into());
        add("src_ip", self.from.clone().into());
        add("src_port", random.between(32_768, 60_999).into());
        add("dest_ip", self.to.0.clone().into());
        add("dest_port", self.to.1.into());
        add("proto", if self.kind == "dns" { "UDP" } else { "TCP" }.into());
        add("host", host.into());
        add(self.kind, self.about.clone());
        Value::Object(event).to_string()
    }
}
