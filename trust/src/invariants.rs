//! What must never be, by the queries that the tests share.

use crate::Outcome;
use crate::database::Db;

const QUERIES: &str = include_str!("../../tests/invariants.sql");

/// The invariants that do not hold, in words.
///
/// # Errors
/// When the database fails.
pub async fn broken(db: &Db) -> Outcome<Vec<String>> {
    let mut broken = Vec::new();
    for block in QUERIES.split("\n\n").filter_map(|block| block.strip_prefix("-- ")) {
        let (what, sql) = block.split_once('\n').ok_or("a query without its name")?;
        let count = db.number(sql).await?;
        if count != 0 {
            broken.push(format!("{what}: {count}"));
        }
    }
    Ok(broken)
}
