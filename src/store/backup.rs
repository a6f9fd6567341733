//! What a backup needs from the database itself: a consistent copy and figures to check it by.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseTransaction, DbErr, Statement};

use super::db::Db;

async fn query(
    conn: &impl ConnectionTrait,
    sql: String,
) -> Result<Vec<sea_orm::QueryResult>, DbErr> {
    conn.query_all_raw(Statement::from_string(conn.get_database_backend(), sql)).await
}

/// Rows in every table, by table; empty for a database without any.
///
/// # Errors
/// When the database fails.
pub async fn row_counts(conn: &impl ConnectionTrait) -> Result<BTreeMap<String, i64>, DbErr> {
    let catalogue = match conn.get_database_backend() {
        DatabaseBackend::Postgres => {
            "SELECT table_name AS name FROM information_schema.tables \
             WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
        }
        _ => {
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        }
    };
    let mut counts = BTreeMap::new();
    for row in query(conn, catalogue.to_owned()).await? {
        let table: String = row.try_get("", "name")?;
        let counted = query(conn, format!("SELECT COUNT(*) AS n FROM \"{table}\"")).await?;
        let rows = counted.first().map_or(Ok(0), |row| row.try_get("", "n"))?;
        counts.insert(table, rows);
    }
    Ok(counts)
}

/// Writes a consistent copy of an SQLite database to a new file while others go on working.
///
/// # Errors
/// When the file exists or cannot be written.
pub async fn copy_sqlite(db: &Db, to: &str) -> Result<(), DbErr> {
    let statement = Statement::from_sql_and_values(
        DatabaseBackend::Sqlite,
        "VACUUM INTO ?",
        [to.to_owned().into()],
    );
    db.read().execute_raw(statement).await.map(|_| ())
}

/// Whether an SQLite file is sound, page by page.
///
/// # Errors
/// When it is not, or cannot be read.
pub async fn check_sqlite(db: &Db) -> Result<(), DbErr> {
    let rows = query(db.read(), "PRAGMA integrity_check".to_owned()).await?;
    let verdict: String = rows.first().map_or(Ok(String::new()), |row| row.try_get_by_index(0))?;
    if verdict == "ok" { Ok(()) } else { Err(DbErr::Custom(format!("integrity check: {verdict}"))) }
}

/// Opens a PostgreSQL snapshot that another connection can read from: the transaction that holds
/// it, and its name.
///
/// # Errors
/// When the database fails.
pub async fn export_snapshot(db: &Db) -> Result<(DatabaseTransaction, String), DbErr> {
    let tx = db.begin_snapshot().await?;
    let rows = query(&tx, "SELECT pg_export_snapshot() AS name".to_owned()).await?;
    let name = rows
        .first()
        .ok_or_else(|| DbErr::Custom("no snapshot was exported".to_owned()))?
        .try_get("", "name")?;
    Ok((tx, name))
}
