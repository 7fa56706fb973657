//! A second catalogue of controls beside our own, fictitious, and what it corresponds to: put in by the use
//! cases that people use.

use anyhow::{Context as _, Result, bail};
use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::controls::{self, Called, Mapped};
use khien_domain::control::CatalogueKey;

const DUTIES: &str = include_str!("../../../../../demo/duties.csv");
const TO_LEVELS: &str = include_str!("../../../../../demo/duties-to-levels.csv");

/// Puts both in, once.
pub(super) async fn fill(app: &App, caller: &Caller, own: &CatalogueKey) -> Result<()> {
    let key = CatalogueKey::parse("viec-mau@1").context("a name that is none")?;
    let title = "Mười hai việc mẫu (hư cấu)".to_owned();
    let called = Called { key: key.clone(), title };
    controls::import(app, caller, "duties.csv", DUTIES.as_bytes(), Some(&called)).await?;
    let (file, between) = ("duties-to-levels.csv", [Some(&key), Some(own)]);
    let mapped = controls::import_mapping(app, caller, file, TO_LEVELS.as_bytes(), between).await?;
    match mapped {
        Mapped::Kept { .. } => Ok(()),
        Mapped::Refused(problems) => {
            let Some(first) = problems.first() else { bail!("{file} is refused") };
            bail!("{file}, {}: {}", first.place, first.what)
        }
    }
}
