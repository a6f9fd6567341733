//! What a database holds, table by table, whatever order its rows lie in.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::Outcome;
use crate::database::{Db, Kind};

/// A table's rows in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// How many.
    pub rows: usize,
    /// Of all columns of all rows; compared within one run of the harness.
    hash: u64,
}

/// All tables of a database.
///
/// # Errors
/// When the database fails.
pub async fn content(url: &str, kind: Kind) -> Outcome<BTreeMap<String, Table>> {
    let db = Db::open(url).await?;
    let names = match kind {
        Kind::Sqlite => {
            "SELECT name FROM sqlite_schema WHERE type = 'table' \
             AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        }
        Kind::Postgres => {
            "SELECT CAST(table_name AS TEXT) FROM information_schema.tables \
             WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
        }
    };
    let mut tables = BTreeMap::new();
    for name in db.rows(names).await?.into_iter().flatten() {
        let found = table(&db, kind, &name).await?;
        tables.insert(name, found);
    }
    db.close().await?;
    Ok(tables)
}

/// One table of a database.
///
/// # Errors
/// When the database fails.
pub async fn table(db: &Db, kind: Kind, name: &str) -> Outcome<Table> {
    let all = match kind {
        Kind::Sqlite => {
            let columns = format!("SELECT name FROM pragma_table_info('{name}')");
            let columns = db.rows(&columns).await?.into_iter().flatten();
            let quoted = columns.map(|column| format!("quote(\"{column}\")"));
            format!("SELECT {} FROM \"{name}\"", quoted.collect::<Vec<_>>().join(" || ',' || "))
        }
        Kind::Postgres => format!("SELECT CAST(t AS TEXT) FROM \"{name}\" t"),
    };
    let mut rows = db.rows(&all).await?;
    rows.sort_unstable();
    let mut hash = DefaultHasher::new();
    rows.hash(&mut hash);
    Ok(Table { rows: rows.len(), hash: hash.finish() })
}
