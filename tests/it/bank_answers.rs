//! What a checker finds in a batch and what banks answer to it, for tests.

use juncai::app::App;
use juncai::domain::payment::SampleFinding;
use juncai::service::payment::{self, Check, Looked, ReturnFile, Standing};
use juncai::service::{Actor, Error};

pub const RETURN_HEADER: &str =
    "line_id,status,paid_amount,bank_serial,paid_at,reason_code,reason_text\n";

/// A table from a bank, without a number of its own.
pub fn csv_file(csv: &str) -> ReturnFile<'_> {
    ReturnFile { name: "回单.csv", bytes: csv.as_bytes(), bank_no: "" }
}

/// A paid row of a return file.
pub fn paid(line_ref: &str, yuan: &str, serial: &str) -> String {
    format!("{line_ref},S,{yuan},{serial},2027-03-02 10:20:30,,\n")
}

/// A failed row of a return file.
pub fn failed(line_ref: &str, why: &str) -> String {
    format!("{line_ref},F,0.00,,,E01,{why}\n")
}

/// A row of money sent back.
pub fn sent_back(line_ref: &str, yuan: &str, serial: &str) -> String {
    format!("{line_ref},R,{yuan},{serial},2027-03-20 09:00:00,E09,收款人销户\n")
}

/// A check in which every payment matched.
pub async fn checked_through(
    app: &App,
    actor: &Actor,
    batch_no: &str,
    version: i64,
    hash: &str,
) -> Result<Standing, Error> {
    let conn = app.db.read();
    let batch = juncai::store::payment::find(conn, batch_no).await?;
    let lines = batch.map_or(0, |batch| batch.line_count);
    let finding = Some(SampleFinding::Matches);
    let looked: Vec<Looked> =
        (1..=lines).map(|seq| Looked { seq, finding, note: String::new() }).collect();
    payment::check(app, actor, batch_no, version, &Check { hash, looked: &looked }).await
}
