//! Many people at one moment: forms sent at once, and accounts for those who send them.

use tokio::task::JoinSet;

use crate::Outcome;
use crate::database::{Db, Kind};
use crate::visitor::{Filled, Halt, Reply, Visitor};

/// Sends all forms at once; the answers in the order of the senders.
pub async fn at_once(sends: Vec<(Visitor, Filled)>) -> Vec<Result<Reply, Halt>> {
    let mut under_way = JoinSet::new();
    for (number, (mut who, form)) in sends.into_iter().enumerate() {
        under_way.spawn(async move { (number, who.send(&form).await) });
    }
    let mut answers = under_way.join_all().await;
    answers.sort_by_key(|(number, _)| *number);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

/// Gives `count` more people the same account as `login` has: the same office, role and password.
/// Their sign-in names are given back. Done by plain SQL while nobody serves the registry.
///
/// # Errors
/// When there is no such account.
pub async fn hire(db: &Db, kind: Kind, login: &str, count: usize) -> Outcome<Vec<String>> {
    let same = |table: &str, columns: &[String], changed: &[(&str, String)]| {
        let value = |column: &String| {
            let found = changed.iter().find(|(name, _)| name == column);
            found.map_or_else(|| format!("s.\"{column}\""), |(_, value)| value.clone())
        };
        let names: Vec<String> = columns.iter().map(|name| format!("\"{name}\"")).collect();
        let values: Vec<String> = columns.iter().map(value).collect();
        format!("INSERT INTO {table} ({}) SELECT {}", names.join(", "), values.join(", "))
    };
    let holder = own_columns(db, kind, "account_holder").await?;
    let account = own_columns(db, kind, "account").await?;
    let mut hired = Vec::with_capacity(count);
    for number in 1..=count {
        let name = format!("{login}-w{number}");
        let staff_no = format!("'TRUST-{name}'");
        let new = same("account_holder", &holder, &[("staff_no", staff_no.clone())]);
        db.run(&format!(
            "{new} FROM account_holder s JOIN account a ON a.holder_id = s.id WHERE a.login = '{login}'"
        ))
        .await?;
        let its_holder = format!("(SELECT id FROM account_holder WHERE staff_no = {staff_no})");
        let changed = [("login", format!("'{name}'")), ("holder_id", its_holder)];
        let new = same("account", &account, &changed);
        db.run(&format!("{new} FROM account s WHERE s.login = '{login}'")).await?;
        hired.push(name);
    }
    let there = format!("SELECT COUNT(*) FROM account WHERE login LIKE '{login}-w%'");
    if db.number(&there).await? == i64::try_from(count).unwrap_or(i64::MAX) {
        return Ok(hired);
    }
    Err(format!("there is no account {login}"))
}

/// The columns of a table without its identity.
async fn own_columns(db: &Db, kind: Kind, table: &str) -> Outcome<Vec<String>> {
    let mut columns = columns(db, kind, table).await?;
    columns.retain(|name| name != "id");
    Ok(columns)
}

/// The columns of a table, in order.
///
/// # Errors
/// When the database fails.
pub async fn columns(db: &Db, kind: Kind, table: &str) -> Outcome<Vec<String>> {
    let names = match kind {
        Kind::Sqlite => format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid"),
        Kind::Postgres => format!(
            "SELECT CAST(column_name AS TEXT) FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name = '{table}' \
             ORDER BY ordinal_position"
        ),
    };
    Ok(db.rows(&names).await?.into_iter().flatten().collect())
}
