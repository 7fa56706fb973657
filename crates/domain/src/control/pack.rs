//! Reading a catalogue that says how evidence answers its controls: `packs/controls/`.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Catalogue, CatalogueKey, Control, Family, Layer, Measures, STAGES, is_name};
use crate::evidence::content::Content;
use crate::evidence::kinds::{Kinds, day};
use crate::facts::{Sets, Shape, ShapeError, Wanted};
use crate::index::PackError;
use crate::index::source::Source;
use crate::system::{Level, Stage};

impl Catalogue {
    /// Reads the YAML of a catalogue.
    pub fn parse(text: &str, kinds: &Kinds) -> Result<Self, PackError> {
        let source = Source::parse(text)?;
        let content = source.content()?;
        content.check()?;
        read(&content, kinds).map_err(|error| source.at_its_line(error))
    }
}

fn read(content: &Content, kinds: &Kinds) -> Result<Catalogue, ShapeError> {
    let top = Shape::new(content, &[])?;
    if top.count("language")? != 1 {
        return Err(top.wrong("language", "only language 1 is known"));
    }
    let (name, version) = (top.text("catalogue")?, top.text("version")?);
    let key = CatalogueKey::new(name, version).ok_or_else(|| {
        top.wrong("catalogue", "name and version are letters, digits, dots and hyphens")
    })?;
    let mut wanted = Wanted::default();
    let sets = Sets::read(&top.entries("sets")?, &top.path_to("sets"), kinds, &mut wanted)?;
    let systems = top.text("systems")?;
    let systems = sets
        .find(systems)
        .ok_or_else(|| top.wrong("systems", format!("there is no set «{systems}»")))?;
    let families = items(&top, "families", family)?;
    let ids: BTreeSet<&str> = families.iter().map(|family| family.id.as_str()).collect();
    if ids.len() < families.len() {
        return Err(top.wrong("families", "a family is there twice"));
    }
    let controls = items(&top, "controls", |shape| control(shape, &sets, &ids))?;
    let ids: BTreeSet<&str> = controls.iter().map(|control| control.id.as_str()).collect();
    if ids.len() < controls.len() || controls.is_empty() {
        return Err(top.wrong("controls", "there is none, or one is there twice"));
    }
    let date = |name: &'static str| {
        let read = day(top.text(name)?);
        read.map(Some).ok_or_else(|| top.wrong(name, "must be a day like 2026-01-01"))
    };
    let catalogue = Catalogue {
        key,
        vi: top.text("vi")?.to_owned(),
        en: top.text("en")?.to_owned(),
        note: top.text("note")?.to_owned(),
        source: top.text("source")?.to_owned(),
        valid_from: date("valid_from")?,
        valid_to: date("valid_to")?,
        families,
        controls,
        measures: Some(Measures {
            sets,
            systems,
            wanted: Arc::new(wanted),
            offset: top.count("offset_minutes")?,
        }),
    };
    top.done()?;
    Ok(catalogue)
}

/// The items of a list, each called by its id in what is wrong.
fn items<T>(
    top: &Shape<'_>,
    list: &'static str,
    read: impl Fn(&Shape<'_>) -> Result<T, ShapeError>,
) -> Result<Vec<T>, ShapeError> {
    let items = top.list(list)?.iter().enumerate().map(|(place, content)| {
        let id = content.get("id").and_then(Content::as_text);
        let mut path = top.path_to(list);
        path.push(id.map_or_else(|| (place + 1).to_string(), str::to_owned));
        let shape = Shape::new(content, &path)?;
        let item = read(&shape)?;
        shape.done()?;
        Ok(item)
    });
    items.collect()
}

fn id(shape: &Shape<'_>) -> Result<String, ShapeError> {
    let id = shape.text("id")?;
    if is_name(id) {
        Ok(id.to_owned())
    } else {
        Err(shape.wrong("id", "an id is letters, digits, dots and hyphens"))
    }
}

fn family(shape: &Shape<'_>) -> Result<Family, ShapeError> {
    Ok(Family {
        id: id(shape)?,
        vi: shape.text("vi")?.to_owned(),
        en: shape.text("en")?.to_owned(),
        within: None,
    })
}

fn control(
    shape: &Shape<'_>,
    sets: &Sets,
    families: &BTreeSet<&str>,
) -> Result<Control, ShapeError> {
    let family = shape.text("family")?;
    if !families.contains(family) {
        return Err(shape.wrong("family", format!("there is no family «{family}»")));
    }
    let level = Level::new(shape.count("level")?);
    let level = level.ok_or_else(|| shape.wrong("level", "a level is 1 to 5"))?;
    let layer = shape.optional_text("layer")?.map(|name| {
        Layer::parse(name).ok_or_else(|| shape.wrong("layer", format!("«{name}» is no layer")))
    });
    let stage = shape.optional_text("stage")?.map(|name| {
        let found = STAGES.into_iter().find(|stage| stage.name() == name);
        let wrong = || format!("«{name}» is none of design, build, test, operation");
        found.ok_or_else(|| shape.wrong("stage", wrong()))
    });
    let control = Control {
        id: id(shape)?,
        family: family.to_owned(),
        vi: shape.text("vi")?.to_owned(),
        en: shape.text("en")?.to_owned(),
        text: String::new(),
        level: level.number(),
        stage: stage.transpose()?.unwrap_or(Stage::Operation),
        source: shape.text("source")?.to_owned(),
        csf: shape.texts("csf")?.into_iter().map(str::to_owned).collect(),
        layer: layer.transpose()?,
        needs: sets.joined(shape, "needs")?,
        lacks: sets.joined(shape, "lacks")?,
    };
    if control.needs.is_empty() && !control.lacks.is_empty() {
        return Err(shape.wrong("lacks", "that nothing was said shows nothing: name «needs» too"));
    }
    Ok(control)
}
