//! The confirmation: all facts of all good rows in one transaction, or none.

use serde_json::json;
use std::sync::Arc;

use crate::app::App;
use crate::domain::registry::Code;
use crate::file::form::ImportKind;
use crate::service::case::roster_entry;
use crate::service::{Actor, Error, log, webhook};
use crate::store::db::Tx;
use crate::store::import::{self, Decision, NewIssue, StoredImport};
use crate::store::registry::Readable;
use crate::store::source::NewSource;
use crate::vault::place;

use super::ground::{Enterprise, Ground};
use super::issue::Issue;
use super::read::Upload;
use super::run::{Tally, Writing, walk};
use super::{ImportState, kind_of, may_import, state_of};

/// From this many rows on the database is told to expect many.
const BULK_ROWS: i64 = 5_000;

/// What a confirmation did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confirmed {
    /// Rows taken, those included that added nothing.
    pub rows_good: i64,
    /// Rows left out because of errors.
    pub rows_bad: i64,
    /// Rows that added nothing, since the registry held it all.
    pub rows_known: i64,
    /// Facts stated.
    pub facts_added: i64,
}

/// States what the good rows of a previewed import say. The file is checked again first: when the
/// registry has moved on so that other rows are good than the actor saw, the preview is renewed
/// and nothing is stated.
///
/// # Errors
/// [`Error::NotFound`] outside the actor's scope, [`Error::Refused`] when it was decided already
/// or has no good row, [`Error::Stale`] when the preview had to be renewed.
pub async fn confirm(app: &App, actor: &Actor, import_no: &str) -> Result<Confirmed, Error> {
    let tx = app.db.begin().await?;
    let (import, kind) = lock_previewed(&tx, actor, import_no).await?;
    if import.rows_good == 0 {
        return Err(Error::Refused("没有可以导入的行；请按提示更正后重新上传".to_owned()));
    }
    let ground = ground_of(app, &tx, &import).await?;
    let upload = open_upload(app, &tx, &import).await?;
    let title = format!("{} {}", kind.title(), import.file_name);
    let now = app.clock.now();
    let source = NewSource {
        kind: "import",
        title: &title,
        document_no: &import.import_no,
        import_id: Some(import.id),
        recorded_by: actor.account_id,
        recorded_at: now,
    };
    let mut writing = Writing { tx: &tx, source, source_id: None };
    let is_bulk = import.rows_good > BULK_ROWS;
    if is_bulk {
        import::set_bulk(&tx, true).await?;
    }
    let walked = walk(kind, &ground, upload, &tx, Some(&mut writing)).await;
    if is_bulk {
        import::set_bulk(&tx, false).await?;
    }
    let tally = walked?;
    if !same_rows(&tx, &import, &tally).await? {
        tx.rollback().await?;
        return Err(renew(app, actor, &import, &tally).await?);
    }
    if let Some(source_id) = writing.source_id.filter(|_| kind == ImportKind::Engineers) {
        roster_entry::open_declared(app, &tx, actor, source_id).await?;
    }
    let facts_added = i64::try_from(tally.facts).unwrap_or(i64::MAX);
    let decision = Decision {
        state: ImportState::Confirmed.code(),
        facts_added: Some(facts_added),
        rows_known: Some(tally.rows.known),
        forget_content: false,
        by: actor.account_id,
        at: now,
    };
    import::decide(&tx, &import, &decision).await?;
    webhook::filing_decided(app, &tx, (import_no, decision.state)).await?;
    let rows = tally.rows;
    let detail = json!({
        "kind": kind.code(), "sha256": import.sha256, "rows": rows.good, "left_out": rows.bad,
        "known": rows.known, "facts": facts_added,
    });
    log(app, &tx, actor, "import.confirmed", ("import", import_no), &detail).await?;
    tx.commit().await?;
    Ok(Confirmed { rows_good: rows.good, rows_bad: rows.bad, rows_known: rows.known, facts_added })
}

/// Gives up a previewed import and forgets its file.
///
/// # Errors
/// As [`confirm`].
pub async fn discard(app: &App, actor: &Actor, import_no: &str) -> Result<(), Error> {
    let tx = app.db.begin().await?;
    let (import, kind) = lock_previewed(&tx, actor, import_no).await?;
    let decision = Decision {
        state: ImportState::Discarded.code(),
        forget_content: true,
        by: actor.account_id,
        at: app.clock.now(),
        ..Decision::default()
    };
    import::decide(&tx, &import, &decision).await?;
    webhook::filing_decided(app, &tx, (import_no, decision.state)).await?;
    let detail = json!({ "kind": kind.code(), "sha256": import.sha256 });
    log(app, &tx, actor, "import.discarded", ("import", import_no), &detail).await?;
    Ok(tx.commit().await?)
}

async fn lock_previewed(
    tx: &Tx,
    actor: &Actor,
    import_no: &str,
) -> Result<(StoredImport, ImportKind), Error> {
    let import = import::lock(tx, import_no, &actor.scope).await?.ok_or(Error::NotFound("导入"))?;
    let kind = kind_of(&import.kind)?;
    may_import(actor, kind)?;
    match state_of(&import.state)? {
        ImportState::Previewed => Ok((import, kind)),
        ImportState::Confirmed => {
            Err(Error::Refused("这次导入已经确认过了，不会重复写入".to_owned()))
        }
        ImportState::Discarded => Err(Error::Refused("这次上传已作废，请重新上传文件".to_owned())),
        ImportState::Withdrawn => Err(Error::Refused("这次导入已撤销，请重新上传文件".to_owned())),
    }
}

async fn ground_of(
    app: &App,
    conn: &impl Readable,
    import: &StoredImport,
) -> Result<Ground, Error> {
    let today = app.clock.today();
    let enterprise = match import.enterprise_id {
        Some(id) => Enterprise::load(conn, id, today).await?,
        None => None,
    };
    Ok(Ground::new(app, enterprise))
}

/// The file of an import as it was uploaded.
pub(super) async fn open_upload(
    app: &App,
    conn: &impl Readable,
    import: &StoredImport,
) -> Result<Upload, Error> {
    let sealed = import::content(conn, import.id).await?;
    if sealed.is_empty() {
        return Err(Error::Refused("这次上传已作废，文件没有保留；请重新上传".to_owned()));
    }
    let mut plain = app.vault.open(place::UPLOAD, &sealed)?;
    Ok(Upload { name: import.file_name.clone(), bytes: Arc::new(std::mem::take(&mut *plain)) })
}

/// Whether the same rows are good as when the actor looked.
async fn same_rows(tx: &Tx, import: &StoredImport, tally: &Tally) -> Result<bool, Error> {
    if (tally.rows.good, tally.rows.bad) != (import.rows_good, import.rows_bad) {
        return Ok(false);
    }
    if import.rows_bad == 0 {
        return Ok(true);
    }
    let seen = import::issues(tx, import.id, None).await?;
    let seen = seen.iter().filter(|issue| issue.severity == "error").map(|issue| issue.row_no);
    let errors = tally.issues.iter().filter(|issue| issue.is_error);
    Ok(errors.map(|issue| i64::from(issue.row)).eq(seen))
}

/// Keeps what the file comes to now; answers the refusal that asks the actor to look again.
async fn renew(
    app: &App,
    actor: &Actor,
    import: &StoredImport,
    tally: &Tally,
) -> Result<Error, Error> {
    let tx = app.db.begin().await?;
    let issues: Vec<NewIssue> = tally.issues.iter().map(NewIssue::from).collect();
    import::preview_again(&tx, import, tally.rows, &issues).await?;
    let rows = tally.rows;
    let detail = json!({ "again": true, "good": rows.good, "bad": rows.bad, "known": rows.known });
    log(app, &tx, actor, "import.previewed", ("import", &import.import_no), &detail).await?;
    tx.commit().await?;
    let example = tally
        .issues
        .iter()
        .find(|issue| issue.is_error)
        .map_or_else(String::new, |Issue { row, column, reason, .. }| {
            format!("（如第{row}行{column}：{reason}）")
        });
    Ok(Error::Stale(format!(
        "上传之后登记内容有变化，可导入的行与预览时不同{example}；预览已更新，请核对后再确认"
    )))
}
