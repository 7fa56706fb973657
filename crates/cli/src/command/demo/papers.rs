//! What is written down about the systems of the province, put in by the use case that people use.

use anyhow::{Context as _, Result};
use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::register::papers;
use khien_demo::governance::Governance;
use khien_domain::code::SystemCode;
use khien_domain::paper::Paper;

/// Puts all of it in, once.
pub(super) async fn fill(app: &App, caller: &Caller, governance: &Governance<'_>) -> Result<()> {
    for told in governance.papers() {
        let paper = Paper {
            system: SystemCode::new(&told.system)?,
            kind: told.kind.to_owned(),
            to: told.to.as_deref().map(SystemCode::new).transpose()?,
            values: told.said.into_iter().map(|(name, said)| (name.to_owned(), said)).collect(),
        };
        papers::add_paper(app, caller, paper)
            .await
            .with_context(|| format!("{} of {}", told.kind, told.system))?;
    }
    Ok(())
}
