//! Where a command finds its data, and how it opens it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::app::{App, Unopened};
use crate::clock::Clock;
use crate::config::{Config, Overrides};
use crate::courier::Courier;
use crate::depot::{Depot, DepotError};
use crate::domain::access::AccessRules;
use crate::head_file::HeadFile;
use crate::own_forms::{self, OwnFormsError};
use crate::post::{Post, PostError};
use crate::store::db::{Db, StoreError};
use crate::store::key_check;
use crate::vault::{Vault, VaultError};

/// Options that every command with a database has.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Place {
    /// Folder of the embedded database and the master key [env: JUNCAI_DATA] [default: data]
    #[arg(long, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
    /// Configuration file (TOML: data, database_url, listen, secure_cookies)
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
}

impl Place {
    /// The configuration from file, environment and these options.
    pub(super) fn config(&self) -> Result<Config, String> {
        self.config_listening(None)
    }

    /// The same, with the address of `--listen`.
    pub(super) fn config_listening(&self, listen: Option<SocketAddr>) -> Result<Config, String> {
        let overrides = Overrides { data: self.data.clone(), listen, file: self.config.clone() };
        Config::load(&overrides, |name| std::env::var(name).ok()).map_err(|e| e.to_string())
    }
}

/// Why the installation does not open.
#[derive(Debug, thiserror::Error)]
pub(super) enum OpenError {
    /// The data folder cannot be made.
    #[error("数据文件夹 {0} 无法使用：{1}")]
    Folder(PathBuf, std::io::Error),
    /// The master key.
    #[error("主密钥无法使用：{0}")]
    Key(#[from] VaultError),
    /// There is no master key where one must be.
    #[error(
        "没有找到主密钥 {0}。请放回原来的 master.key（权限 600），或用环境变量 JUNCAI_MASTER_KEY \
         提供原来的密钥，然后重试；没有生成新密钥，数据未作改动"
    )]
    NoKey(PathBuf),
    /// The store of attachments.
    #[error("附件存储无法打开：{0}")]
    Files(#[from] DepotError),
    /// The mail server.
    #[error("邮件服务器设置有误：{0}")]
    Mail(#[from] PostError),
    /// The installation's own bank forms.
    #[error(transparent)]
    Forms(#[from] OwnFormsError),
    /// The database, or a key that is not its own.
    #[error(transparent)]
    App(#[from] Unopened),
}

impl From<StoreError> for OpenError {
    fn from(error: StoreError) -> Self {
        Self::App(error.into())
    }
}

/// The keys: from the environment, or from the key file, which is made when `may_make` and there
/// is none.
pub(super) fn open_vault(config: &Config, may_make: bool) -> Result<Vault, OpenError> {
    if let Some(key) = &config.master_key {
        return Ok(Vault::from_base64(key)?.preferring(config.suite));
    }
    let path = config.data.join("master.key");
    if !may_make && !path.exists() {
        return Err(OpenError::NoKey(path));
    }
    config.make_data_folder().map_err(|e| OpenError::Folder(config.data.clone(), e))?;
    Ok(Vault::open_or_create(&path)?.preferring(config.suite))
}

/// The store of attachments that is configured.
pub(super) fn open_files(config: &Config) -> Result<Depot, DepotError> {
    let mut files = Depot::at(&config.files)?;
    if let Some(megabytes) = config.attachment_quota_mb {
        files.organisation_quota = megabytes.saturating_mul(1 << 20);
    }
    Ok(files)
}

/// Whether there is no database where one is configured: only an embedded one can be missing.
pub(super) fn no_database(config: &Config) -> bool {
    let file = config.database_url.strip_prefix("sqlite://");
    file.is_some_and(|path| !Path::new(path.split('?').next().unwrap_or(path)).exists())
}

/// Opens the installation: the data folder and the key are made on the first run, the schema is
/// brought up to date. A key is made for a database without one only.
pub(super) async fn open_app(config: &Config) -> Result<App, OpenError> {
    config.make_data_folder().map_err(|e| OpenError::Folder(config.data.clone(), e))?;
    if let Some(folder) = &config.profiles {
        own_forms::put_into_use(folder)?;
    }
    let db = Db::connect(&config.database_url).await?;
    db.migrate().await?;
    let vault = open_vault(config, !key_check::is_bound(db.read()).await?)?;
    let mut app = App::bound(db, vault, Clock::system()).await?;
    app.heads = config.heads.as_deref().map(HeadFile::in_folder);
    app.secure_cookies = config.secure_cookies;
    // The passwords of a demonstration are printed: there is nothing to guard.
    app.access = if app.demo { AccessRules::EASY } else { config.access };
    app.search_first = config.search_first;
    app.public_address.clone_from(&config.public_address);
    app.files = open_files(config)?;
    app.courier = Courier::new(config.webhook_private);
    if let Some(mail) = &config.mail {
        app.post = Post::to(&mail.server, &mail.from, &mail.site)?;
    }
    Ok(app)
}
