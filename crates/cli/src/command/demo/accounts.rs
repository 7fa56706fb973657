//! The accounts with which people look at the demonstration.

use khien_app::records::Records;
use serde_json::{Value, json};

/// Somebody who can sign in, with all that it takes.
pub(super) struct Account {
    /// The role, by the name that the centre uses.
    pub(super) role: String,
    /// The name to sign in with.
    pub(super) user: String,
    /// The password.
    pub(super) password: String,
    /// The secret of one-time passwords, where one is set.
    pub(super) totp_secret: Option<String>,
}

impl Account {
    /// As scripts read it.
    pub(super) fn told(&self) -> Value {
        let Self { role, user, password, totp_secret } = self;
        json!({"role": role, "user": user, "password": password, "totp_secret": totp_secret})
    }
}

/// The accounts of the demonstration, one for each role.
pub(super) fn accounts(_records: &Records) -> Vec<Account> {
    Vec::new()
}
