//! Leaks of the demonstration: put in by the use cases that people use.

use anyhow::{Context as _, Result};
use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::leaks;
use khien_demo::governance::Governance;
use khien_domain::code::AgencyCode;
use khien_domain::leak::{Leak, LeakKind, LeakMove};

/// Puts them in, once.
pub(super) async fn fill(app: &App, caller: &Caller, governance: &Governance<'_>) -> Result<()> {
    for told in governance.leaks() {
        let leak = Leak {
            agency: AgencyCode::new(told.agency)?,
            kind: LeakKind::parse(told.kind).context("a kind of leak that there is not")?,
            number: told.document.map(|(number, _)| number.to_owned()),
            dated: told.document.map(|(_, day)| day),
            found_on: told.found_on,
        };
        let id = leaks::record_leak(app, caller, leak).await?;
        for (what, day) in told.steps {
            let what = LeakMove::parse(what).context("a step of a leak that there is not")?;
            leaks::step_leak(app, caller, id, what, day).await?;
        }
    }
    Ok(())
}
