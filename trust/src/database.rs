//! Questions to a registry, past the program: plain SQL on either database.

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement};

use crate::Outcome;

/// Which database a registry is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The embedded one.
    Sqlite,
    /// A private server.
    Postgres,
}

impl Kind {
    /// As it is written in results.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// An open connection.
#[derive(Debug)]
pub struct Db(DatabaseConnection);

impl Db {
    /// Connects, once.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn open(url: &str) -> Outcome<Self> {
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(1)
            .acquire_timeout(std::time::Duration::from_secs(5))
            .sqlx_logging(false);
        let opened = Database::connect(options).await;
        Ok(Self(opened.map_err(|error| format!("connecting to {url}: {error}"))?))
    }

    /// Rows of a query whose columns are all text.
    ///
    /// # Errors
    /// When the database fails, or a column is no text.
    pub async fn rows(&self, sql: &str) -> Outcome<Vec<Vec<String>>> {
        let statement = Statement::from_string(self.0.get_database_backend(), sql);
        let rows = self.0.query_all_raw(statement).await;
        let rows = rows.map_err(|error| format!("{sql}: {error}"))?;
        let mut texts = Vec::with_capacity(rows.len());
        for row in rows {
            let columns = 0..row.column_names().len();
            let text = |index| row.try_get_by_index::<String>(index);
            let row: Result<Vec<String>, _> = columns.map(text).collect();
            texts.push(row.map_err(|error| format!("{sql}: {error}"))?);
        }
        Ok(texts)
    }

    /// The one number that a query gives.
    ///
    /// # Errors
    /// When the database fails or gives something else.
    pub async fn number(&self, sql: &str) -> Outcome<i64> {
        let statement = Statement::from_string(self.0.get_database_backend(), sql);
        let row = self.0.query_one_raw(statement).await;
        let row = row.map_err(|error| format!("{sql}: {error}"))?;
        let row = row.ok_or_else(|| format!("{sql}: no row"))?;
        row.try_get_by_index(0).map_err(|error| format!("{sql}: {error}"))
    }

    /// Carries out a statement that gives nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn run(&self, sql: &str) -> Outcome<()> {
        let done = self.0.execute_unprepared(sql).await;
        done.map(drop).map_err(|error| format!("{sql}: {error}"))
    }

    /// Brings an empty database to the schema after `steps` migrations.
    ///
    /// # Errors
    /// When a migration fails.
    pub async fn migrate_to(&self, steps: u32) -> Outcome<()> {
        Migrator::up(&self.0, Some(steps)).await.map_err(|error| error.to_string())
    }

    /// How many migrations there are.
    pub fn migrations() -> u32 {
        u32::try_from(Migrator::migrations().len()).unwrap_or(u32::MAX)
    }

    /// Closes the connection.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn close(self) -> Outcome<()> {
        self.0.close().await.map_err(|error| error.to_string())
    }
}
