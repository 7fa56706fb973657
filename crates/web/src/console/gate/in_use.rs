//! How many systems are in use, and how many of them without leave of the gate: what `/gate?state=without` lists.
//!
//! The overview asks often. Whatever changes the answer is a record of the ledger or the end of a decision, so that
//! it is counted again when the ledger has grown or a minute is over.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use khien_app::use_case::gate;
use khien_domain::permission::Permission;
use khien_domain::system::Stage;

use crate::console::Console;
use crate::console::error::PageError;
use crate::console::register;
use crate::console::visit::Visiting;

/// Scopes whose counts are held.
const SCOPES: usize = 256;

/// What was counted last for each scope.
#[derive(Default)]
pub(in crate::console) struct Latest(Mutex<HashMap<String, Counted>>);

/// What was counted, from how many records and in which minute.
struct Counted {
    of: (u64, i64),
    found: InUse,
}

/// Systems in use.
#[derive(Clone, Copy)]
pub(in crate::console) struct InUse {
    /// All of them.
    pub(in crate::console) all: usize,
    /// Those that the gate does not allow.
    pub(in crate::console) without: usize,
}

/// The systems in use that whoever visits may see.
pub(in crate::console) async fn in_use(
    console: &Arc<Console>,
    visiting: &Visiting,
) -> Result<InUse, PageError> {
    let (app, caller) = (&console.app, &visiting.caller);
    let size = gate::ledger_size(app, caller).await?;
    let mark = (size, app.now().as_second().div_euclid(60));
    let scope = format!("{:?}", caller.actor.agencies(Permission::EvidenceRead));
    let held = || console.in_use.0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(counted) = held().get(&scope).filter(|counted| counted.of == mark) {
        return Ok(counted.found);
    }
    let decisions = super::decisions(console, visiting).await?;
    let systems = register::systems(console, visiting).await?;
    let in_use = systems.iter().filter(|system| system.stage == Stage::Operation);
    let is_without = |system: &&_| super::is_without(system, decisions.get(&system.code));
    let found = InUse { all: in_use.clone().count(), without: in_use.filter(is_without).count() };
    let mut held = held();
    if held.len() >= SCOPES {
        held.clear();
    }
    held.insert(scope, Counted { of: mark, found });
    Ok(found)
}
