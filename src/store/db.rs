//! The connection, and the one way to write.

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};
use migration::{Migrator, MigratorTrait};
use sea_orm::sea_query::{Expr, ExprTrait, Func, SimpleExpr};
use sea_orm::sqlx::{Connection as _, SqliteConnection};
use sea_orm::{
    AccessMode, ColumnTrait, ConnectOptions, ConnectionTrait, Database, DatabaseBackend,
    DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait, FromQueryResult, IsolationLevel,
    QueryFilter, SqliteTransactionMode, SqlxError, Statement, TransactionOptions, TransactionTrait,
    UpdateMany, Value,
};

pub use super::bulk::insert_all;
/// Any connection or open transaction: what a reader needs.
pub use sea_orm::ConnectionTrait as Connection;
/// An open transaction: what every writer needs.
pub use sea_orm::DatabaseTransaction as Tx;
/// What the database says when it cannot.
pub use sea_orm::DbErr as StoreError;

/// SQLite refuses more variables in one statement; inserts and id lists are cut below it.
const MAX_BINDS: usize = 30_000;

/// Any number that no other program on the server locks by.
const MIGRATION_LOCK: i64 = 0x6A75_6E63_6169;

/// A request waits so long for a connection to a server: then it is told that there is none, while
/// somebody still looks at the page. The embedded database is always there, and its only writer may
/// be busy for longer.
const SERVER_ACQUIRE_TIME: Duration = Duration::from_secs(5);

/// An open database, SQLite or PostgreSQL.
#[derive(Debug, Clone)]
pub struct Db {
    connection: DatabaseConnection,
}

/// Pages of an SQLite connection stay in memory up to so much (KiB when negative): with its usual
/// two megabytes each list of a province reads the file anew.
const SQLITE_CACHE: &str = "-32768";
/// How a session with a server works: no list is worth compiling its plan, which takes longer than
/// most of them, and lists of everybody in scope are sorted and joined in memory.
///
/// A statement that runs longer than a request may take has nobody who waits for it, and a transaction
/// that stands still that long was left by a program that is gone: both end, and with them their locks.
const SERVER_MANNERS: [(&str, &str); 4] = [
    ("jit", "off"),
    ("work_mem", "16MB"),
    ("statement_timeout", "120s"),
    ("idle_in_transaction_session_timeout", "120s"),
];

impl Db {
    /// Connects by URL (`sqlite://path` or `postgres://…`). An SQLite file is created when
    /// missing and runs in WAL with full synchronisation, since it holds money.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn connect(url: &str) -> Result<Self, DbErr> {
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(8)
            .acquire_timeout(Duration::from_secs(30))
            .sqlx_logging(false)
            .map_sqlx_sqlite_opts(|sqlite| {
                sqlite
                    .create_if_missing(true)
                    .foreign_keys(true)
                    .busy_timeout(Duration::from_secs(30))
                    .pragma("journal_mode", "WAL")
                    .pragma("synchronous", "FULL")
                    .pragma("trusted_schema", "OFF")
                    .pragma("secure_delete", "FAST")
                    .pragma("cache_size", SQLITE_CACHE)
                    .pragma("temp_store", "MEMORY")
            })
            .map_sqlx_postgres_opts(|postgres| postgres.options(SERVER_MANNERS))
            .map_sqlx_sqlite_pool_opts(|pool| {
                pool.after_release(|connection, _| Box::pin(is_reusable(connection)))
            });
        if url.starts_with("postgres") {
            options.max_connections(16).acquire_timeout(SERVER_ACQUIRE_TIME);
        }
        Ok(Self { connection: Database::connect(options).await? })
    }

    /// Opens a database to look at, and writes nothing into it or beside it. An SQLite file that is
    /// `still`, that is a copy that nobody writes, may lie on a medium that cannot be written.
    ///
    /// # Errors
    /// When there is none, or it cannot be reached.
    pub async fn connect_to_read(url: &str, still: Option<PathBuf>) -> Result<Self, DbErr> {
        let mut options = ConnectOptions::new(url);
        options.acquire_timeout(Duration::from_secs(30)).sqlx_logging(false).max_connections(1);
        options.map_sqlx_sqlite_opts(move |sqlite| match &still {
            Some(file) => sqlite.filename(file).read_only(true).immutable(true),
            None => sqlite.read_only(true),
        });
        options.map_sqlx_postgres_opts(|postgres| {
            postgres.options([("default_transaction_read_only", "on")])
        });
        Ok(Self { connection: Database::connect(options).await? })
    }

    /// Brings the schema up to date. A migration that fails leaves nothing behind. Processes that
    /// start together on one PostgreSQL wait for each other; SQLite has one writer anyway.
    ///
    /// # Errors
    /// When a migration fails.
    pub async fn migrate(&self) -> Result<(), DbErr> {
        if !self.is_postgres() || self.pending_migrations().await? == 0 {
            return Migrator::up(&self.connection, None).await;
        }
        let lock = self.connection.begin().await?;
        // However long the migrations take, the lock outlives them.
        lock.execute_unprepared("SET LOCAL idle_in_transaction_session_timeout = 0").await?;
        lock.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
        let take = format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})");
        lock.execute_unprepared(&take).await?;
        Migrator::up(&self.connection, None).await?;
        lock.commit().await
    }

    /// How many migrations this program has that the database has not.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pending_migrations(&self) -> Result<usize, DbErr> {
        Ok(Migrator::get_pending_migrations(&self.connection).await?.len())
    }

    /// The same database, telling `told` of every statement that goes through it: for tests and benches that
    /// count them or repeat them.
    #[must_use]
    pub fn observed(mut self, told: impl Fn(&Statement) + Send + Sync + 'static) -> Self {
        self.connection.set_metric_callback(move |seen| told(seen.statement));
        self
    }

    /// For reading outside a transaction.
    pub const fn read(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// Begins a write. On SQLite the write lock is taken at once: a read that later turns into a
    /// write could otherwise fail at any moment. Dropping the transaction rolls it back.
    ///
    /// # Errors
    /// When no connection or lock is to be had.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        self.connection
            .begin_with_options(TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..Default::default()
            })
            .await
    }

    /// Begins a read of several statements. On SQLite no write lock is taken, so that nobody waits
    /// for a page. Dropping the transaction ends it; it is not for writing.
    ///
    /// # Errors
    /// When no connection is to be had.
    pub async fn begin_read(&self) -> Result<DatabaseTransaction, DbErr> {
        self.connection
            .begin_with_options(TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
                ..Default::default()
            })
            .await
    }

    /// Begins a read of several statements that all see the same moment. Dropping the transaction ends
    /// it; it cannot write.
    ///
    /// # Errors
    /// When no connection is to be had.
    pub async fn begin_snapshot(&self) -> Result<DatabaseTransaction, DbErr> {
        if !self.is_postgres() {
            return self.begin_read().await;
        }
        self.connection
            .begin_with_options(TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                ..Default::default()
            })
            .await
    }

    /// Connections that are open, and those of them that nobody uses.
    pub fn connections(&self) -> (u32, usize) {
        if self.is_postgres() {
            let pool = self.connection.get_postgres_connection_pool();
            (pool.size(), pool.num_idle())
        } else {
            let pool = self.connection.get_sqlite_connection_pool();
            (pool.size(), pool.num_idle())
        }
    }

    /// Closes every connection.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn close(self) -> Result<(), DbErr> {
        self.connection.close().await
    }

    /// Whether this is PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        self.connection.get_database_backend() == DatabaseBackend::Postgres
    }
}

/// Whether a connection may serve somebody else. When a disk is full or fails, a rollback can fail
/// too: the connection then holds the write lock for ever, or takes its next transaction for a
/// nested one, without any lock. Closing it ends both.
async fn is_reusable(connection: &mut SqliteConnection) -> Result<bool, SqlxError> {
    // A rollback that was only asked for is carried out before this is answered.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

/// Rows of a query with `$1`-style parameters, which both databases read.
///
/// # Errors
/// When the database fails.
pub async fn query<T: FromQueryResult>(
    conn: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<T>, DbErr> {
    let statement = Statement::from_sql_and_values(conn.get_database_backend(), sql, values);
    T::find_by_statement(statement).all(conn).await
}

/// How many rows of `columns` columns fit one statement.
pub fn rows_per_statement(columns: usize) -> usize {
    (MAX_BINDS / columns.max(1)).min(500)
}

/// A sum of fen that has one type on both databases; no rows give 0.
pub fn sum_fen(column: impl Into<SimpleExpr>) -> SimpleExpr {
    let sum = SimpleExpr::from(Func::sum(column.into()));
    SimpleExpr::from(Func::coalesce([sum.cast_as("bigint"), SimpleExpr::from(0_i64)]))
}

/// The statement must have met exactly one row: otherwise somebody else changed it first.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`].
pub fn expect_one_row(affected: u64) -> Result<(), DbErr> {
    expect_rows(affected, 1)
}

/// The same for a known number of rows.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`].
pub fn expect_rows(affected: u64, expected: usize) -> Result<(), DbErr> {
    if usize::try_from(affected) == Ok(expected) { Ok(()) } else { Err(DbErr::RecordNotUpdated) }
}

/// Carries out one update on exactly the rows with these identities. The update's own filter says
/// what each must still be.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when one of them is not that any more.
pub async fn update_all<E: EntityTrait + Clone>(
    tx: &DatabaseTransaction,
    update: &UpdateMany<E>,
    id: E::Column,
    ids: &[i64],
) -> Result<(), DbErr> {
    for ids in ids.chunks(rows_per_statement(1)) {
        let done = update.clone().filter(id.is_in(ids.iter().copied())).exec(tx).await?;
        expect_rows(done.rows_affected, ids.len())?;
    }
    Ok(())
}

/// What somebody decides about a row that another person proposed.
#[derive(Debug, Clone, Copy)]
pub struct Verdict<'a> {
    /// Whether it holds from now on.
    pub accepted: bool,
    /// In their words.
    pub note: &'a str,
    /// When.
    pub at: DateTime<Utc>,
}

/// Writes down what was decided about a proposal, in the columns that all tables of proposals have.
/// `with` are the columns for who decides, and what a table notes besides.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it was decided before.
pub async fn decide<E: EntityTrait>(
    tx: &DatabaseTransaction,
    id: i64,
    with: impl IntoIterator<Item = (E::Column, Value)>,
    verdict: Verdict<'_>,
) -> Result<(), DbErr> {
    let update = E::update_many()
        .col_expr("decided_at", Expr::value(verdict.at))
        .col_expr("accepted", Expr::value(verdict.accepted))
        .col_expr("note", Expr::value(verdict.note))
        .filter(Expr::col("id").eq(id))
        .filter(Expr::col("decided_at").is_null());
    let update = with
        .into_iter()
        .fold(update, |update, (column, value)| update.col_expr(column, Expr::value(value)));
    expect_one_row(update.exec(tx).await?.rows_affected)
}

/// Whether the database refused a second row under a unique constraint.
pub fn is_unique_violation(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_)))
}

#[cfg(test)]
mod tests {
    use sea_orm::ConnectionTrait;

    use super::Db;

    #[tokio::test]
    async fn a_connection_whose_rollback_failed_serves_nobody_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("a.db").display());
        let db = Db::connect(&url).await.expect("a database");
        db.read().execute_unprepared("CREATE TABLE t (a)").await.expect("a table");

        // What SQLite does by itself when the disk fails, so that the pool's rollback finds nothing.
        let tx = db.begin().await.expect("a transaction");
        tx.execute_unprepared("ROLLBACK").await.expect("rolled back");
        drop(tx);
        let next = db.begin().await.expect("another transaction");

        let other = Db::connect(&url).await.expect("another program");
        let hurried = "PRAGMA busy_timeout = 0; BEGIN IMMEDIATE";
        let second = other.read().execute_unprepared(hurried).await;
        assert!(second.is_err(), "the next transaction holds the write lock from its beginning");
        next.commit().await.expect("committed");
    }
}
