//! What all shapes of a Windows event have in common.

use std::borrow::Cow;

use super::Context;
use crate::record::{Kind, Record};

/// The provider of Sysmon for Linux, which writes the same events as that of Windows.
const LINUX_SYSMON: &str = "Linux-Sysmon";

/// The kind of a record that is a Windows event: it has an id, and a channel or a provider.
pub fn kind(record: &Record<'_>, context: &Context) -> Option<Kind<'static>> {
    let packs = &context.packs;
    let id = record.fields.get(packs.event_id())?;
    match record.fields.get(packs.provider()) {
        Some(provider) if provider.to_text() == LINUX_SYSMON => {
            Some(Kind::Named(format!("linux-sysmon/{}", id.to_text()).into()))
        }
        Some(_) => Some(Kind::Windows),
        None => record.fields.get(packs.channel()).map(|_| Kind::Windows),
    }
}

/// A field name as Sigma writes it: without blanks.
pub fn name(name: &str) -> Cow<'_, str> {
    if name.contains(' ') { name.split(' ').collect::<String>().into() } else { name.into() }
}
