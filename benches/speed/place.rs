//! Where a step works: a database, a folder, how many persons.

use std::path::{Path, PathBuf};

use juncai::app::App;
use juncai::clock::Clock;
use juncai::domain::authority::Role;
use juncai::domain::registry::Code;
use juncai::service::Actor;
use juncai::store::account::{self, NewAccount, NewOrganisation};
use juncai::store::db::Tx;
use juncai::store::source::{NewSource, record};
use juncai::vault::Vault;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};

/// A kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Database {
    /// None.
    None,
    /// A file.
    Sqlite,
    /// The server that `JUNCAI_TEST_POSTGRES` names.
    Postgres,
}

impl Database {
    /// Those that are to be had.
    pub fn all() -> Vec<Self> {
        let mut all = vec![Self::Sqlite];
        if server().is_some() {
            all.push(Self::Postgres);
        } else {
            eprintln!("PostgreSQL is left out: JUNCAI_TEST_POSTGRES names no server");
        }
        all
    }

    /// As the table shows it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

fn server() -> Option<String> {
    std::env::var("JUNCAI_TEST_POSTGRES").ok()
}

/// Where a step works. Steps of one job follow each other at one place.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Place {
    /// The kind of its database.
    pub database: Database,
    /// The address of it; empty without one.
    pub url: String,
    /// Persons, rows or lines.
    pub size: u64,
    /// For files.
    pub folder: PathBuf,
}

impl Place {
    /// An empty place.
    pub fn made(database: Database, size: u64, folder: &Path) -> Self {
        let url = match database {
            Database::None => String::new(),
            Database::Sqlite => format!("sqlite://{}", folder.join("juncai.db").display()),
            Database::Postgres => {
                let name = format!("juncai_speed_{}", std::process::id());
                let server = server().expect("a server");
                on_server(&[
                    format!("DROP DATABASE IF EXISTS {name}"),
                    format!("CREATE DATABASE {name}"),
                ]);
                format!("{server}/{name}")
            }
        };
        Self { database, url, size, folder: folder.to_owned() }
    }

    /// As an argument.
    pub fn written(&self) -> String {
        serde_json::to_string(self).expect("texts")
    }

    /// From an argument.
    pub fn read(text: &str) -> Self {
        serde_json::from_str(text).expect("as written")
    }

    /// Removes the database; the folder goes by itself.
    pub fn removed(&self) {
        if let (Database::Postgres, Some((_, name))) = (self.database, self.url.rsplit_once('/')) {
            on_server(&[format!("DROP DATABASE {name}")]);
        }
    }

    /// Keeps a number for a later step.
    pub fn note(&self, name: &str, number: f64) {
        std::fs::write(self.folder.join(name), number.to_string()).expect("the folder takes it");
    }

    /// What an earlier step kept.
    pub fn noted(&self, name: &str) -> f64 {
        let text =
            std::fs::read_to_string(self.folder.join(name)).expect("an earlier step wrote it");
        text.parse().expect("a number")
    }

    /// The installation here, at a moment of its own.
    pub async fn app(&self, moment: &str) -> App {
        let now = chrono::DateTime::parse_from_rfc3339(moment).expect("an instant");
        let clock = Clock::Fixed(now.to_utc());
        App::open(&self.url, Vault::new(&[42; 32]), clock).await.expect("an app")
    }
}

/// Runs one future on all cores.
pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.expect("a runtime").block_on(work)
}

fn on_server(statements: &[String]) {
    let address = format!("{}/postgres", server().expect("a server"));
    block_on(async {
        let admin = sea_orm::Database::connect(address).await.expect("a server");
        for statement in statements {
            admin.execute_unprepared(statement).await.expect("carried out");
        }
    });
}

/// Somebody of a role, in an office of their own or in an enterprise.
pub async fn actor(app: &App, login: &str, role: Role, division: &str, own: Option<i64>) -> Actor {
    let at = app.clock.now();
    let tx = app.db.begin().await.expect("a transaction");
    let kind = if own.is_some() { "enterprise" } else { "hr_office" };
    let office = NewOrganisation { code: login, kind, name: login, division, enterprise_id: own };
    let organisation_id = account::ensure_organisation(&tx, &office, at).await.expect("an office");
    let holder_id = account::ensure_holder(&tx, login, login, at).await.expect("a holder");
    let new = NewAccount {
        login,
        holder_id,
        organisation_id,
        role: role.code(),
        password_hash: "none",
        must_change_password: false,
    };
    account::create(&tx, &new, at).await.expect("an account");
    tx.commit().await.expect("committed");
    known(app, login).await
}

/// Somebody whom an earlier step gave an account.
pub async fn known(app: &App, login: &str) -> Actor {
    let found = account::by_login(app.db.read(), login).await.expect("a database");
    Actor::new(&found.expect("an account"), "127.0.0.1").expect("a known role")
}

/// The document that everything comes from which a measurement is made over.
pub async fn source(app: &App, tx: &Tx, who: &Actor) -> i64 {
    let document = NewSource {
        kind: "decision",
        title: "登记",
        document_no: "",
        import_id: None,
        recorded_by: who.account_id,
        recorded_at: app.clock.now(),
    };
    record(tx, &document).await.expect("a document")
}

/// User and system time of this process so far, in seconds, as Linux counts it.
pub fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(") ").map_or("", |(_, rest)| rest).split(' ');
    let ticks: f64 = fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    ticks / 100.0
}

/// The most memory that this process had so far, in megabytes; no number where the system does not tell.
pub fn peak_megabytes() -> f64 {
    megabytes("self", "VmHWM:")
}

/// A line of `/proc/PID/status` that counts memory, in megabytes.
pub fn megabytes(process: &str, line: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let found = status.lines().find_map(|text| text.strip_prefix(line));
    let kibibytes = found.and_then(|text| text.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kibibytes.map_or(f64::NAN, |kibibytes| kibibytes * 1_024.0 / 1e6)
}
