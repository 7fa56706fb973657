//! The inventory of cryptography as CycloneDX 1.6: protocols, algorithms and certificates that probes
//! and the register know, and what Khiên itself signs and seals with; each with the endpoints where it
//! stands.

use std::collections::{BTreeMap, BTreeSet};

use khien_domain::evidence::content::moment;
use khien_domain::permission::Permission;
use khien_domain::product::KeptProduct;
use serde_json::{Value, json};

use super::{EndpointState, Speech, list_endpoints};
use crate::access::{Caller, Deed};
use crate::control::export::uuid;
use crate::records::Records;
use crate::use_case::UseError;

/// What the inventory says of itself: what is secret by law is for the cipher sector alone.
const NOT_FOR_SECRETS: &str = "không dùng cho bí mật nhà nước";

/// An asset and where it stands.
struct Asset {
    name: String,
    properties: Value,
    /// Endpoint and system.
    places: BTreeSet<(String, String)>,
    uses: BTreeSet<String>,
}

#[derive(Default)]
struct Assets(BTreeMap<String, Asset>);

impl Assets {
    fn add(&mut self, id: &str, name: &str, properties: Value, place: Option<(&str, &str)>) {
        let asset = self.0.entry(id.to_owned()).or_insert_with(|| Asset {
            name: name.to_owned(),
            properties,
            places: BTreeSet::new(),
            uses: BTreeSet::new(),
        });
        asset.places.extend(place.map(|(place, system)| (place.to_owned(), system.to_owned())));
    }

    /// An algorithm; answers its id.
    fn algorithm(&mut self, name: &str, place: Option<(&str, &str)>) -> String {
        let id = format!("algorithm/{name}");
        let (primitive, quantum, parts) = about(name);
        let mut about =
            json!({"primitive": primitive, "executionEnvironment": "software-plain-ram"});
        if let Some(level) = quantum {
            about["nistQuantumSecurityLevel"] = level.into();
        }
        let properties = json!({"assetType": "algorithm", "algorithmProperties": about});
        self.add(&id, name, properties, place);
        for part in parts {
            let part = self.algorithm(part, place);
            self.uses(&id, &part);
        }
        id
    }

    fn uses(&mut self, id: &str, used: &str) {
        if let Some(asset) = self.0.get_mut(id) {
            asset.uses.insert(used.to_owned());
        }
    }

    fn component(id: &str, asset: &Asset) -> Value {
        let mut component = json!({
            "type": "cryptographic-asset",
            "bom-ref": id,
            "name": asset.name,
            "cryptoProperties": asset.properties,
        });
        if !asset.places.is_empty() {
            let occurrences = asset.places.iter().map(|(place, system)| {
                json!({"location": place, "additionalContext": format!("system {system}")})
            });
            component["evidence"] = json!({"occurrences": occurrences.collect::<Vec<_>>()});
        }
        component
    }
}

/// The primitive of an algorithm, its category of security against quantum computers (none: 0), and
/// what it joins.
fn about(name: &str) -> (&'static str, Option<u8>, &'static [&'static str]) {
    match name {
        "X25519MLKEM768" | "X-Wing" | "mlkem768x25519-sha256" => {
            ("combiner", Some(3), &["ML-KEM-768", "X25519"])
        }
        "secp256r1MLKEM768" | "mlkem768nistp256-sha256" => {
            ("combiner", Some(3), &["ML-KEM-768", "secp256r1"])
        }
        "ML-KEM-768" | "MLKEM768" => ("kem", Some(3), &[]),
        "ML-DSA-44" => ("signature", Some(2), &[]),
        "ML-DSA-65" => ("signature", Some(3), &[]),
        "ML-DSA-87" => ("signature", Some(5), &[]),
        sntrup if sntrup.starts_with("sntrup761x25519") => ("combiner", None, &["X25519"]),
        "X25519" | "secp256r1" | "secp384r1" | "secp521r1" => ("key-agree", Some(0), &[]),
        "Ed25519" => ("signature", Some(0), &[]),
        other if other.starts_with("RSA") || other.starts_with("EC") => ("signature", Some(0), &[]),
        other if other.starts_with("curve25519-") => ("key-agree", Some(0), &["X25519"]),
        other if ["ecdh-", "diffie-hellman-"].iter().any(|sign| other.starts_with(sign)) => {
            ("key-agree", Some(0), &[])
        }
        other if ["ssh-", "rsa-sha2-", "ecdsa-"].iter().any(|sign| other.starts_with(sign)) => {
            ("signature", Some(0), &[])
        }
        _ => ("unknown", None, &[]),
    }
}

/// The inventory of what the caller may see.
pub async fn cbom(records: &Records, caller: &Caller) -> Result<Value, UseError> {
    let states = list_endpoints(records, caller).await?;
    let deed = Deed::new("crypto.inventory", "", None);
    let scope = records.scope(caller, Permission::EvidenceRead, &deed).await?;
    let mut assets = Assets::default();
    for state in &states {
        endpoint(&mut assets, state);
    }
    own(&mut assets);
    let mut components: Vec<Value> =
        assets.0.iter().map(|(id, asset)| Assets::component(id, asset)).collect();
    for kept in records.store.list_products_in_use(&scope).await? {
        let product = &kept.product;
        if !product.is_cryptographic {
            continue;
        }
        let mut component = json!({
            "type": "application",
            "bom-ref": format!("product/{}", kept.id),
            "name": product.name,
            "properties": [
                {"name": "khien:system", "value": product.system.as_str()},
                {"name": "khien:authority", "value": product.authority.map_or("", |one| one.name())},
                {"name": "khien:certificate", "value": product.certificate.as_deref().unwrap_or_default()},
                {"name": "khien:certificate-until", "value": product.certificate_until.map_or_else(String::new, |day| day.to_string())},
            ],
        });
        if let Some(version) = &product.version {
            component["version"] = version.as_str().into();
        }
        if let Some(maker) = &product.maker {
            component["supplier"] = json!({"name": maker});
        }
        components.push(component);
    }
    let dependencies = assets.0.iter().filter(|(_, asset)| !asset.uses.is_empty());
    let dependencies: Vec<Value> =
        dependencies.map(|(id, asset)| json!({"ref": id, "dependsOn": asset.uses})).collect();
    let now = records.now();
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": format!("urn:uuid:{}", uuid(&format!("cbom {}", moment(now)))),
        "version": 1,
        "metadata": {
            "timestamp": moment(now),
            "properties": [{"name": "khien:scope", "value": NOT_FOR_SECRETS}],
            "component": {
                "type": "application",
                "bom-ref": "khien",
                "name": "Khiên",
                "version": env!("CARGO_PKG_VERSION"),
            },
        },
        "components": components,
        "dependencies": dependencies,
    }))
}

/// How many parts the inventory has of some endpoints and the cryptographic of some products.
pub(super) fn count(states: &[&EndpointState], products: &[KeptProduct]) -> usize {
    let mut assets = Assets::default();
    for state in states {
        endpoint(&mut assets, state);
    }
    assets.0.len() + products.iter().filter(|kept| kept.product.is_cryptographic).count()
}

fn endpoint(assets: &mut Assets, state: &EndpointState) {
    let Some(seen) = &state.observed else { return };
    let place = Some((state.resource.value.as_str(), state.system.code.as_str()));
    if seen.speech == Speech::Ssh {
        let version = seen.version.trim_start_matches("SSH-");
        let id = format!("protocol/ssh-{version}");
        let properties = json!({
            "assetType": "protocol",
            "protocolProperties": {"type": "ssh", "version": version},
        });
        assets.add(&id, &format!("SSH {version}"), properties, place);
        for name in seen.exchanges.iter().chain(&seen.host_keys) {
            let algorithm = assets.algorithm(name, place);
            assets.uses(&id, &algorithm);
        }
        return;
    }
    let version = seen.version.trim_start_matches("TLSv");
    let id = format!("protocol/tls-{version}");
    let properties = json!({
        "assetType": "protocol",
        "protocolProperties": {"type": "tls", "version": version},
    });
    assets.add(&id, &format!("TLS {version}"), properties, place);
    if !seen.group.is_empty() {
        let group = assets.algorithm(&seen.group, place);
        assets.uses(&id, &group);
    }
    if let (Some(cipher), Some(asset)) = (&seen.cipher, assets.0.get_mut(&id)) {
        add_suite(&mut asset.properties["protocolProperties"], cipher);
    }
    let (Some(subject), Some(from), Some(until)) =
        (&seen.certificate, seen.valid_from, seen.valid_to)
    else {
        return;
    };
    let mut about = json!({
        "subjectName": subject,
        "issuerName": seen.issuer.as_deref().unwrap_or_default(),
        "notValidBefore": format!("{from}T00:00:00+07:00"),
        "notValidAfter": format!("{until}T23:59:59+07:00"),
        "certificateFormat": "X.509",
    });
    let signature = seen.signature.as_deref().map(|name| assets.algorithm(name, place));
    if let Some(signature) = &signature {
        about["signatureAlgorithmRef"] = signature.as_str().into();
    }
    let key = seen.key.as_deref().map(|name| assets.algorithm(name, place));
    let properties = json!({"assetType": "certificate", "certificateProperties": about});
    let certificate = format!("certificate/{}", state.resource.value);
    assets.add(&certificate, subject, properties, place);
    for used in signature.iter().chain(&key) {
        assets.uses(&certificate, used);
    }
}

/// Adds a cipher suite to those of a protocol.
fn add_suite(protocol: &mut Value, cipher: &str) {
    let named = json!({"name": cipher});
    match protocol.get_mut("cipherSuites").and_then(Value::as_array_mut) {
        Some(suites) if suites.contains(&named) => {}
        Some(suites) => suites.push(named),
        None => protocol["cipherSuites"] = json!([named]),
    }
}

/// What Khiên itself uses: signatures of the ledger, sealed files.
fn own(assets: &mut Assets) {
    let place = Some(("khien", "Khiên"));
    for (id, name, kind, algorithms) in [
        (
            "key/ledger",
            "Key of the ledger of evidence",
            "private-key",
            ["ML-DSA-65", "Ed25519"].as_slice(),
        ),
        ("key/sealing", "Keys of sealed files", "private-key", ["X-Wing"].as_slice()),
    ] {
        let properties = json!({
            "assetType": "related-crypto-material",
            "relatedCryptoMaterialProperties": {"type": kind, "state": "active"},
        });
        assets.add(id, name, properties, place);
        for algorithm in algorithms {
            let algorithm = assets.algorithm(algorithm, place);
            assets.uses(id, &algorithm);
        }
    }
}
