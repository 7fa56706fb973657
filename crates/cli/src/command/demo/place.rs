//! Where the demonstration keeps its data: a folder that somebody names, or one that goes again.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use khien_app::folder::DataFolder;
use khien_web::certificate;
use tempfile::TempDir;

use crate::{Usage, clock};

/// The place of the data.
pub(super) enum Place {
    /// Removed at the end.
    ThrowAway(TempDir),
    /// Stays.
    Kept(PathBuf),
}

impl Place {
    /// The place for a demonstration. A folder is made, or gone on with if it holds a demonstration
    /// already; data of anything else is not touched.
    pub(super) fn open(data: Option<&Path>) -> Result<(Self, DataFolder)> {
        let Some(data) = data else {
            let made = tempfile::Builder::new().prefix("khien-demo-").tempdir();
            let made = made.context("no folder for the time of the demonstration can be made")?;
            let folder = Self::made(made.path())?;
            return Ok((Self::ThrowAway(made), folder));
        };
        let place = Self::Kept(data.to_owned());
        if let Ok(folder) = DataFolder::find(data) {
            if !folder.is_demo() {
                return refuse(data, "is the data of a centre");
            }
            return Ok((place, DataFolder::hold(data)?));
        }
        match std::fs::read_dir(data).map(Iterator::count) {
            Ok(0) => Ok((place, Self::made(data)?)),
            Ok(_) => refuse(data, "is not empty"),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok((place, Self::made(data)?)),
            Err(error) if error.kind() == ErrorKind::NotADirectory => refuse(data, "is no folder"),
            Err(error) => Err(error).context(format!("{} cannot be used", data.display())),
        }
    }

    fn made(path: &Path) -> Result<DataFolder> {
        // The mark comes before anything that could be taken for real.
        let folder = DataFolder::create(path)?;
        folder.mark_as_demo()?;
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let made = certificate::self_signed(&names, clock::now())
            .context("the certificate cannot be made")?;
        folder.write_secret(&folder.certificate(), &made.chain)?;
        folder.write_secret(&folder.certificate_key(), &made.key)?;
        Ok(DataFolder::hold(path)?)
    }

    /// The folder.
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::ThrowAway(made) => made.path(),
            Self::Kept(path) => path,
        }
    }

    /// Whether the folder stays.
    pub(super) fn is_kept(&self) -> bool {
        matches!(self, Self::Kept(_))
    }

    /// Removes what does not stay.
    pub(super) fn close(self) -> Result<()> {
        match self {
            Self::ThrowAway(made) => {
                let path = made.path().to_owned();
                made.close().with_context(|| format!("{} cannot be removed", path.display()))
            }
            Self::Kept(_) => Ok(()),
        }
    }
}

fn refuse<T>(data: &Path, what: &str) -> Result<T> {
    let data = data.display();
    let message = format!(
        "{data} {what} and no demonstration; nothing was changed. Name a folder that is empty or not there yet, or leave --data out"
    );
    Err(Usage(message).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demonstration_is_gone_on_with_and_nothing_else_is_touched() {
        let place = tempfile::tempdir().unwrap();
        let data = place.path().join("demo");
        let (opened, folder) = Place::open(Some(&data)).unwrap();
        assert!(folder.is_demo() && opened.is_kept());
        drop(folder);
        opened.close().unwrap();
        assert!(Place::open(Some(&data)).is_ok(), "it stayed and is gone on with");

        let centre = place.path().join("centre");
        DataFolder::create(&centre).unwrap();
        let told = |path: &Path| Place::open(Some(path)).err().unwrap().to_string();
        assert!(told(&centre).contains("data of a centre"), "{}", told(&centre));
        let full = place.path().join("full");
        std::fs::create_dir(&full).unwrap();
        std::fs::write(full.join("a"), "a").unwrap();
        assert!(told(&full).contains("is not empty"));
        assert!(told(&full.join("a")).contains("is no folder"));
        assert!(!centre.join("DEMO").exists() && !full.join("DEMO").exists());
    }

    #[test]
    fn without_a_name_the_folder_goes_again() {
        let (place, folder) = Place::open(None).unwrap();
        let path = place.path().to_owned();
        assert!(folder.is_demo() && path.exists());
        drop(folder);
        place.close().unwrap();
        assert!(!path.exists());
    }
}
