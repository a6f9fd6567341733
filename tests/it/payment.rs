//! Batches from draft to close, on both databases: three people, exact money, nothing twice.

mod crash;
mod forms;
mod life;
mod people;
mod random;
mod returns;
mod sample;
mod seal;
mod selection;
mod signature;
mod tax;

use juncai::service::Error;
use sea_orm::{ConnectionTrait, Statement};

use crate::fixture_payment::Office;

/// The text with which a step was refused.
fn refusal<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::Refused(text) | Error::Stale(text)) => text,
        other => panic!("not refused: {other:?}"),
    }
}

/// The one wrong field of a form and its text.
fn invalid<T: std::fmt::Debug>(result: Result<T, Error>, field: &str) -> String {
    match result {
        Err(Error::Invalid(fields)) if fields.len() == 1 && fields[0].0 == field => {
            fields[0].1.clone()
        }
        other => panic!("not one invalid field {field}: {other:?}"),
    }
}

/// A text from the database.
async fn text(office: &Office, sql: &str) -> String {
    let conn = office.world.app.db.read();
    let statement = Statement::from_string(conn.get_database_backend(), sql);
    let row = conn.query_one_raw(statement).await.expect("a query").expect("a row");
    row.try_get_by_index(0).expect("a text")
}

/// A number from the database.
async fn number(office: &Office, sql: &str) -> i64 {
    let conn = office.world.app.db.read();
    let statement = Statement::from_string(conn.get_database_backend(), sql);
    let row = conn.query_one_raw(statement).await.expect("a query").expect("a row");
    row.try_get_by_index(0).expect("a number")
}

/// Queries that count what must never be, by what each would mean.
fn unsound() -> impl Iterator<Item = (&'static str, &'static str)> {
    let blocks = include_str!("../invariants.sql").split("\n\n");
    let named = blocks.filter_map(|block| block.strip_prefix("-- "));
    named.map(|block| block.split_once('\n').expect("a name and its query"))
}

/// What must hold whatever happened: every payment line is live in at most one batch, a line is
/// held or paid exactly when a batch says so, frozen sums are sums, nobody is paid more than
/// granted, no budget line is overspent, and the log is whole.
async fn assert_sound(office: &Office) {
    for (what, sql) in unsound() {
        assert_eq!(number(office, sql).await, 0, "{what}");
    }
    let wrong = juncai::service::ledger::disagreements(&office.world.app).await.unwrap();
    assert_eq!(wrong, [], "the books and the payments");
    let log = juncai::store::audit::verify(office.world.app.db.read()).await.unwrap();
    assert_eq!(log.breaks, vec![], "the log is broken");
}
