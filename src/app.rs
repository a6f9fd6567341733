//! Wiring: what every use case and every page is given.

use crate::clock::Clock;
use crate::courier::Courier;
use crate::depot::Depot;
use crate::domain::access::AccessRules;
use crate::head_file::HeadFile;
use crate::post::Post;
use crate::store::data_key::{self, DataKey};
use crate::store::db::{Db, StoreError};
use crate::store::{installation, key_check};
use crate::vault::{Vault, VaultError, WrappedKey, kind};

/// Why an installation does not open.
#[derive(Debug, thiserror::Error)]
pub enum Unopened {
    /// The database cannot be reached, or is not what it must be.
    #[error("数据库无法打开：{0}")]
    Database(#[from] StoreError),
    /// No key can be made.
    #[error("无法生成数据密钥：{0}")]
    Vault(#[from] VaultError),
    /// What is sealed in it would not open, and nobody would be recognised: keyed hashes differ.
    #[error(
        "当前主密钥不是这个数据库使用的主密钥，已停止打开，未改动任何数据。请放回原来的 master.key，\
         或把环境变量 JUNCAI_MASTER_KEY 设为原来的值；密钥丢失时请从另行保管的密钥副本取回"
    )]
    OtherKey,
}

/// The open installation: its database, its keys, its clock. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    /// The tables.
    pub db: Db,
    /// The keys.
    pub vault: Vault,
    /// The time.
    pub clock: Clock,
    /// The contents of attachments.
    pub files: Depot,
    /// Where signed heads of the log go; nowhere unless configured.
    pub heads: Option<HeadFile>,
    /// The way out for mail; off unless configured.
    pub post: Post,
    /// The way out for events; not into one's own network unless configured.
    pub courier: Courier,
    /// Whether this is a demonstration: pages say so.
    pub demo: bool,
    /// Address of the public site, without a slash at its end; empty while none is set: then
    /// certificates carry no QR code.
    pub public_address: String,
    /// Whether the offices' list of engineers shows nobody before a search.
    pub search_first: bool,
    /// Whether cookies may travel over HTTPS only.
    pub secure_cookies: bool,
    /// What is asked of those who sign in.
    pub access: AccessRules,
}

impl App {
    /// Opens a database and brings its schema up to date. A demonstration database moves the
    /// clock to the time of its story. It has no place for files until it is given one.
    ///
    /// # Errors
    /// When the database cannot be reached or a migration fails; then nothing has changed.
    /// [`Unopened::OtherKey`] when it is sealed by another key.
    pub async fn open(database_url: &str, vault: Vault, clock: Clock) -> Result<Self, Unopened> {
        let db = Db::connect(database_url).await?;
        db.migrate().await?;
        Self::bound(db, vault, clock).await
    }

    /// An open database whose schema is up to date, for good with the key that it is opened with the
    /// first time. Its own keys are taken up.
    ///
    /// # Errors
    /// As [`App::open`].
    pub async fn bound(db: Db, vault: Vault, clock: Clock) -> Result<Self, Unopened> {
        let app = Self::over(db, vault, clock);
        if !app.key_fits().await? {
            return Err(Unopened::OtherKey);
        }
        if data_key::all(app.db.read()).await?.is_empty() {
            app.begin_keys().await?;
            // Another process may have come first, with another key.
            if !app.take_up_keys().await? {
                return Err(Unopened::OtherKey);
            }
        }
        Ok(app.as_installed().await?)
    }

    /// Keeps the first keys of a database.
    async fn begin_keys(&self) -> Result<(), Unopened> {
        let now = self.clock.machine_now();
        let tx = self.db.begin().await?;
        let is_new = !key_check::is_bound(&tx).await?;
        key_check::record_first(&tx, &self.key_value(), now).await?;
        let keys = self.vault.first_keys(is_new, now)?;
        let keys = keys.into_iter().map(|key| data_key::row(key, now)).collect();
        data_key::keep(&tx, keys).await?;
        Ok(tx.commit().await?)
    }

    /// Takes up the keys that the database has by now; `false`, with nothing changed, when the master
    /// key does not open them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_up_keys(&self) -> Result<bool, StoreError> {
        Ok(self.took_up(&data_key::all(self.db.read()).await?))
    }

    fn took_up(&self, kept: &[DataKey]) -> bool {
        let keys: Option<Vec<WrappedKey>> = kept.iter().map(data_key::wrapped).collect();
        let now = self.clock.machine_now();
        keys.is_some_and(|keys| self.vault.take_up(&keys, now).is_ok())
    }

    /// Whether the master key is that of the database: it opens the keys that stand there, which are
    /// taken up by that; before there are any, it is the one on record, else one that opens something
    /// that is sealed, else any.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn key_fits(&self) -> Result<bool, StoreError> {
        let kept = data_key::all(self.db.read()).await?;
        if !kept.is_empty() {
            return Ok(self.took_up(&kept));
        }
        if let Some(known) = key_check::known(self.db.read()).await? {
            return Ok(self.vault.are_equal(&known, &self.key_value()));
        }
        let sealed = key_check::sealed(self.db.read()).await?;
        let opens = |(place, value): &(&str, Vec<u8>)| self.vault.open(place, value).is_ok();
        Ok(sealed.is_empty() || sealed.iter().any(opens))
    }

    fn key_value(&self) -> String {
        self.vault.index(kind::KEY_CHECK, "")
    }

    /// An open database whose schema is up to date, with nothing configured beside it.
    pub fn over(db: Db, vault: Vault, clock: Clock) -> Self {
        Self {
            db,
            vault,
            clock,
            files: Depot::default(),
            heads: None,
            post: Post::default(),
            courier: Courier::default(),
            demo: false,
            public_address: String::new(),
            search_first: false,
            secure_cookies: false,
            access: AccessRules::EASY,
        }
    }

    /// The same application, told what kind of installation its database holds.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn as_installed(mut self) -> Result<Self, StoreError> {
        if let Some(installed) = installation::get(self.db.read()).await? {
            self.demo = installed.is_demo();
            if let Clock::System { offset } = &mut self.clock {
                *offset = chrono::Duration::seconds(installed.clock_offset_s);
            }
        }
        Ok(self)
    }
}
