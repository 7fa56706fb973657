//! The records of a centre, beside the running program or without it.
//!
//! Whoever changes the register, alone or while a centre runs on the same data folder, works on
//! [`Records`]; a running centre sees within moments what others have changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use khien_domain::clock::Clock;
use khien_domain::evidence::kinds::Kinds;
use khien_store::{Database, Store, StoreError};

use crate::config::Config;
use crate::folder::DataFolder;
use crate::ledger::{self, LedgerError, LedgerKey};
use crate::news::News;
use crate::registry::Registry;
use crate::use_case::appeals::Effect;
use crate::use_case::audit::Used;
use crate::use_case::controls::keep_built_in;
use crate::use_case::index::Last;

/// The store, with a clock and what is at hand of it.
pub struct Records {
    /// The records.
    pub store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) news: Arc<News>,
    ledger_key: LedgerKey,
    kinds: Kinds,
    /// The index as it was last computed.
    pub(crate) live: Last,
    /// What the centre was used for, as it was last counted.
    pub(crate) used: tokio::sync::Mutex<Option<(Timestamp, Used)>>,
    /// What accepted appeals changed, by the number of their record.
    pub(crate) effects: tokio::sync::Mutex<BTreeMap<u64, Arc<Effect>>>,
}

impl Records {
    /// Opens the store of a data folder and brings its tables up to date.
    pub async fn open(
        folder: &DataFolder,
        config: &Config,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, LedgerError> {
        let store = Store::open(&database(folder, config)?).await?;
        store.migrate(clock.now()).await?;
        let ledger_key = LedgerKey::in_folder(&folder.keys());
        ledger::begin(&store, &ledger_key, clock.now()).await?;
        let kinds = Kinds::parse(Kinds::BUILT_IN)?;
        ledger::keep_packs(&store, &kinds, clock.now()).await?;
        keep_built_in(&store, &kinds, clock.now()).await?;
        let registry = Arc::new(Registry::default());
        registry.refresh(&store, clock.now()).await?;
        Ok(Self {
            store,
            clock,
            registry,
            news: Arc::default(),
            ledger_key,
            kinds,
            live: Last::default(),
            used: tokio::sync::Mutex::default(),
            effects: tokio::sync::Mutex::default(),
        })
    }

    /// Now, by the clock the centre runs by.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What kinds of evidence there are.
    pub fn kinds(&self) -> &Kinds {
        &self.kinds
    }

    /// Where the key of the ledger is.
    pub fn ledger_key(&self) -> &LedgerKey {
        &self.ledger_key
    }

    /// What changed, for those who watch.
    pub fn news(&self) -> &News {
        &self.news
    }

    /// The registered sources.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }
}

/// The database of the settings, or the one in the data folder.
fn database(folder: &DataFolder, config: &Config) -> Result<Database, StoreError> {
    match &config.database {
        Some(url) => Database::parse(url),
        None => Ok(Database::Sqlite(folder.database())),
    }
}
