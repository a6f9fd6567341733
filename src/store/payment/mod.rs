//! Batches, their lines and steps, and bank returns.

mod batch;
mod held;
mod line;
mod returned;
mod sample;
mod signature;

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement, Value};

use super::db::query;

pub use batch::{NewBatch, NewStep, add_step, create, find, find_by_id, lock, makers, save, steps};
pub use entity::bank_return::Model as BankReturn;
pub use entity::bank_return_row::Model as BankReturnRow;
pub use entity::batch::Model as Batch;
pub use entity::batch_line::Model as BatchLine;
pub use entity::batch_step::Model as BatchStep;
pub use entity::payment_line::Model as PaymentLine;
pub use held::{
    Held, HoldRow, can_be_held, hold_by_id, holds, keep_back, kept_back, let_go, open_hold, payee,
};
pub use line::{
    FrozenLine, NewBatchLine, Scope, accounts_of, enterprise_accounts_of, frozen_lines,
    held_persons, hold, holders_of, lowered_persons, payable, release,
};
pub use returned::{
    Answer, NewReturn, Sums, account_indexes, answers, apply_to_lines, by_bank_no, by_sha, confirm,
    find_return, insert_return, known_lines, line_owner, lock_return, open_questions, resolve,
    return_row, rows_of, set_disposition, sums, unconfirmed,
};
pub use sample::{
    AccountOrigin, SampleRow, SampledLine, account_origins, add_samples, changed_accounts, samples,
};
pub use signature::{SignatureRow, sign, signature};

/// Runs a statement with `$1`-style parameters; returns the number of rows it met.
async fn execute(
    conn: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<u64, DbErr> {
    let statement = Statement::from_sql_and_values(conn.get_database_backend(), sql, values);
    Ok(conn.execute_raw(statement).await?.rows_affected())
}

/// A single number.
#[derive(Debug, FromQueryResult)]
struct Number {
    number: i64,
}

async fn number(
    conn: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<i64, DbErr> {
    Ok(query::<Number>(conn, sql, values).await?.first().map_or(0, |row| row.number))
}
