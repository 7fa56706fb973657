//! A catalogue as the store keeps it, and back.

use khien_domain::control::{Catalogue, CatalogueKey, Control, Family};
use khien_domain::evidence::kinds::Kinds;
use khien_domain::system::Stage;
use khien_store::{CatalogueForm, CatalogueRow};
use serde::{Deserialize, Serialize};

use super::read::UNGROUPED;

/// What is kept of a catalogue from elsewhere. A name is only ever added: old rows stay readable.
#[derive(Deserialize, Serialize)]
struct Kept {
    title: String,
    families: Vec<KeptFamily>,
    controls: Vec<KeptControl>,
}

#[derive(Deserialize, Serialize)]
struct KeptFamily {
    id: String,
    title: String,
    within: Option<String>,
}

#[derive(Deserialize, Serialize)]
struct KeptControl {
    id: String,
    family: String,
    title: String,
    text: String,
    csf: Vec<String>,
}

/// The text of a catalogue from elsewhere.
pub(crate) fn text(catalogue: &Catalogue) -> Result<String, serde_json::Error> {
    let families = catalogue.families.iter().map(|family| KeptFamily {
        id: family.id.clone(),
        title: family.en.clone(),
        within: family.within.clone(),
    });
    let controls = catalogue.controls.iter().map(|control| KeptControl {
        id: control.id.clone(),
        family: control.family.clone(),
        title: control.en.clone(),
        text: control.text.clone(),
        csf: control.csf.clone(),
    });
    serde_json::to_string(&Kept {
        title: catalogue.en.clone(),
        families: families.collect(),
        controls: controls.collect(),
    })
}

/// The catalogue of a row.
pub(crate) fn catalogue(row: &CatalogueRow, kinds: &Kinds) -> Result<Catalogue, String> {
    match row.form {
        CatalogueForm::Pack => {
            Catalogue::parse(&row.text, kinds).map_err(|error| error.to_string())
        }
        CatalogueForm::Read => {
            let kept: Kept = serde_json::from_str(&row.text).map_err(|error| error.to_string())?;
            Ok(of_kept(kept, &row.key))
        }
    }
}

fn of_kept(kept: Kept, key: &CatalogueKey) -> Catalogue {
    let families = kept.families.into_iter().map(|family| {
        let is_none = family.id == UNGROUPED.0 && family.title == UNGROUPED.2;
        Family {
            vi: if is_none { UNGROUPED.1.to_owned() } else { family.title.clone() },
            id: family.id,
            en: family.title,
            within: family.within,
        }
    });
    let controls = kept.controls.into_iter().map(|control| Control {
        id: control.id,
        family: control.family,
        vi: control.title.clone(),
        en: control.title,
        text: control.text,
        level: 1,
        stage: Stage::Operation,
        source: String::new(),
        csf: control.csf,
        layer: None,
        needs: Vec::new(),
        lacks: Vec::new(),
    });
    Catalogue {
        key: key.clone(),
        vi: kept.title.clone(),
        en: kept.title.clone(),
        note: String::new(),
        source: kept.title,
        valid_from: None,
        valid_to: None,
        families: families.collect(),
        controls: controls.collect(),
        measures: None,
    }
}
