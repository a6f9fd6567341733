//! A fresh, empty installation for one test: on SQLite in a temporary folder, or on PostgreSQL
//! in a database of its own.

use std::sync::atomic::{AtomicU32, Ordering};

use argon2::password_hash::PasswordHasher;
use argon2::{Algorithm, Argon2, Params, Version};
use chrono::{DateTime, Utc};
use juncai::app::App;
use juncai::clock::Clock;
use juncai::depot::Depot;
use juncai::service::Actor;
use juncai::store::account;
use juncai::store::db::Tx;
use juncai::vault::Vault;
use sea_orm::{ConnectionTrait, Database};
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// The database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// Writes one test for each database: `on_both!(name => |world| async { … })`.
#[macro_export]
macro_rules! on_both {
    ($($name:ident => $body:ident;)+) => { $(
        mod $name {
            use $crate::world::{Backend, World};

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                super::$body(World::new(Backend::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                let world = World::new(Backend::Postgres).await;
                let url = world.url.clone();
                super::$body(world).await;
                $crate::world::drop_postgres(&url).await;
            }
        }
    )+ };
}

/// An installation and the folder it lives in.
pub struct World {
    pub app: App,
    pub folder: TempDir,
    pub url: String,
}

static NEXT: AtomicU32 = AtomicU32::new(0);
static TEMPLATE: OnceCell<String> = OnceCell::const_new();

impl World {
    /// An empty installation whose clock stands at 2026-01-05 09:00 in China.
    pub async fn new(backend: Backend) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = match backend {
            Backend::Sqlite => format!("sqlite://{}", folder.path().join("test.db").display()),
            Backend::Postgres => fresh_postgres().await,
        };
        let clock = Clock::Fixed(at("2026-01-05T09:00:00+08:00"));
        let mut app = App::open(&url, Vault::new(&[42; 32]), clock).await.expect("an open app");
        app.files = Depot::folder(&folder.path().join("files")).expect("a place for files");
        Self { app, folder, url }
    }

    /// The installation that another process has made, at the same standing time.
    pub async fn reopen(url: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let clock = Clock::Fixed(at("2026-01-05T09:00:00+08:00"));
        let app = App::open(url, Vault::new(&[42; 32]), clock).await.expect("an open app");
        Self { app, folder, url: url.to_owned() }
    }

    /// The database it lives on, for another world beside it.
    pub fn backend(&self) -> Backend {
        if self.url.starts_with("sqlite") { Backend::Sqlite } else { Backend::Postgres }
    }

    /// Removes a world beside the one of the test.
    pub async fn leave(self) {
        if self.backend() == Backend::Postgres {
            drop_postgres(&self.url).await;
        }
    }

    /// Moves the clock.
    pub fn set_time(&mut self, text: &str) {
        self.app.clock = Clock::Fixed(at(text));
    }
}

/// The password of everybody whom a test employs.
pub const PASSWORD: &str = "武夷山的茶比去年更香";

/// Its hash, with parameters that cost nothing.
fn password_hash() -> &'static str {
    static HASH: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    HASH.get_or_init(|| {
        let cheap = Params::new(8, 1, 1, None).expect("allowed parameters");
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, cheap);
        argon.hash_password(PASSWORD.as_bytes()).expect("a hash").to_string()
    })
}

/// Gives somebody (staff number, name) an account (sign-in name, role) in an office. Office and
/// person are made when missing; the password is [`PASSWORD`].
pub async fn employ(
    tx: &Tx,
    office: &account::NewOrganisation<'_>,
    (staff_no, name): (&str, &str),
    (login, role): (&str, &str),
    now: DateTime<Utc>,
) -> Actor {
    let organisation_id = account::ensure_organisation(tx, office, now).await.unwrap();
    let holder_id = account::ensure_holder(tx, staff_no, name, now).await.unwrap();
    let new = account::NewAccount {
        login,
        holder_id,
        organisation_id,
        role,
        password_hash: password_hash(),
        must_change_password: false,
    };
    let id = account::create(tx, &new, now).await.unwrap();
    Actor::new(&account::by_id(tx, id).await.unwrap().unwrap(), "127.0.0.1").unwrap()
}

/// An instant from RFC 3339 text.
pub fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).expect("an RFC 3339 instant").to_utc()
}

/// A database of its own, copied from a migrated template.
pub async fn fresh_postgres() -> String {
    let server = std::env::var("JUNCAI_TEST_POSTGRES")
        .expect("JUNCAI_TEST_POSTGRES names no server: run scripts/test");
    let process = std::process::id();
    let template = TEMPLATE
        .get_or_init(|| async {
            let name = format!("juncai_template_{process}");
            let admin = Database::connect(format!("{server}/postgres")).await.expect("a server");
            run(&admin, &format!("CREATE DATABASE {name}")).await;
            let url = format!("{server}/{name}");
            let app = App::open(&url, Vault::new(&[42; 32]), Clock::system()).await;
            app.expect("a migrated template").db.read().clone().close().await.expect("closed");
            admin.close().await.expect("closed");
            name
        })
        .await;
    let name = format!("juncai_test_{process}_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let admin = Database::connect(format!("{server}/postgres")).await.expect("a server");
    run(&admin, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
    admin.close().await.expect("closed");
    format!("{server}/{name}")
}

/// Removes the database of a test that has passed, so that hundreds of them do not fill the disk.
/// That of a failed test stays for a look.
pub async fn drop_postgres(url: &str) {
    let (server, name) = url.rsplit_once('/').expect("an address with a database");
    let admin = Database::connect(format!("{server}/postgres")).await.expect("a server");
    run(&admin, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
    admin.close().await.expect("closed");
}

async fn run(connection: &impl ConnectionTrait, sql: &str) {
    connection.execute_unprepared(sql).await.expect("an executed statement");
}
