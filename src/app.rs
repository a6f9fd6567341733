//! Wiring: what every use case and every page is given.

use crate::clock::Clock;
use crate::courier::Courier;
use crate::depot::Depot;
use crate::post::Post;
use crate::store::db::{Db, StoreError};
use crate::store::installation;
use crate::vault::Vault;

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
}

impl App {
    /// Opens a database and brings its schema up to date. A demonstration database moves the
    /// clock to the time of its story. It has no place for files until it is given one.
    ///
    /// # Errors
    /// When the database cannot be reached or a migration fails; then nothing has changed.
    pub async fn open(database_url: &str, vault: Vault, clock: Clock) -> Result<Self, StoreError> {
        let db = Db::connect(database_url).await?;
        db.migrate().await?;
        Self::over(db, vault, clock).as_installed().await
    }

    /// An open database whose schema is up to date, with nothing configured beside it.
    pub fn over(db: Db, vault: Vault, clock: Clock) -> Self {
        Self {
            db,
            vault,
            clock,
            files: Depot::default(),
            post: Post::default(),
            courier: Courier::default(),
            demo: false,
            public_address: String::new(),
            search_first: false,
            secure_cookies: false,
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
