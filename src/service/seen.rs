//! Who looks at people's records; each person reads it on their own page.

use chrono::NaiveDate;

use super::{Actor, Error};
use crate::app::App;
use crate::code_list;
use crate::domain::authority::Role;
use crate::domain::registry::Code;
use crate::store::db::Tx;
use crate::store::record_view::{self as store, Look};

/// Looks that a person is shown.
const MOST: u64 = 100;

code_list! {
    /// What somebody looked at.
    SeenKind {
        /// The record.
        Record = "record", "查看人员档案";
        /// What a year came to, and why.
        Year = "year", "查看年度核定说明";
        /// A file that is about the person.
        File = "file", "查看办件";
        /// By number of document.
        LookedUp = "looked_up", "名单核查";
        /// In a table that was taken away.
        Exported = "exported", "随名单导出";
    }
}

/// A day on which somebody looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenLine {
    /// Day.
    pub day: NaiveDate,
    /// What at.
    pub kind: &'static str,
    /// Role of whoever looked; who it was stays with the auditor.
    pub role: &'static str,
    /// Organisation.
    pub organisation: String,
}

fn look<'a>(app: &App, actor: &Actor, kind: SeenKind) -> Look<'a> {
    let account_id = actor.account_id;
    Look { account_id, kind: kind.code(), day: app.clock.today(), at: app.clock.now() }
}

/// Notes that an account looks at one person; the second look of a day writes nothing.
pub(super) async fn note_one(
    app: &App,
    actor: &Actor,
    kind: SeenKind,
    person_no: &str,
) -> Result<(), Error> {
    let look = look(app, actor, kind);
    if store::is_noted(app.db.read(), look, person_no).await? {
        return Ok(());
    }
    let tx = app.db.begin().await?;
    store::note(&tx, look, &[person_no]).await?;
    Ok(tx.commit().await?)
}

/// The same of the person that a file is about, if it is about one.
pub(super) async fn note_file(app: &App, actor: &Actor, person_no: &str) -> Result<(), Error> {
    if person_no.is_empty() {
        Ok(())
    } else {
        note_one(app, actor, SeenKind::File, person_no).await
    }
}

/// The same of many persons, within what the account does with them.
pub(super) async fn note_many(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    (kind, person_nos): (SeenKind, &[&str]),
) -> Result<(), Error> {
    Ok(store::note(tx, look(app, actor, kind), person_nos).await?)
}

/// Notes that an account takes the persons of these files along in a table.
pub(super) async fn note_files_exported(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    case_nos: &[&str],
) -> Result<(), Error> {
    Ok(store::note_files(tx, look(app, actor, SeenKind::Exported), case_nos).await?)
}

/// The same of persons whose numbers the table does not hold.
pub(super) async fn note_ids_exported(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    persons: Vec<i64>,
) -> Result<(), Error> {
    Ok(store::note_ids(tx, look(app, actor, SeenKind::Exported), persons).await?)
}

/// Notes that an account takes these persons along in a table.
pub(super) async fn note_exported(
    app: &App,
    actor: &Actor,
    person_nos: &[&str],
) -> Result<(), Error> {
    let tx = app.db.begin().await?;
    note_many(app, &tx, actor, (SeenKind::Exported, person_nos)).await?;
    Ok(tx.commit().await?)
}

/// Who looked at a person, the last first.
pub(super) async fn of_person(app: &App, person_id: i64) -> Result<Vec<SeenLine>, Error> {
    let found = store::of_person(app.db.read(), person_id, MOST).await?;
    let line = |(day, kind, role, organisation): store::Seen| SeenLine {
        day,
        kind: SeenKind::from_code(&kind).map_or("", Code::label),
        role: Role::from_code(&role).map_or("", Role::label),
        organisation,
    };
    Ok(found.into_iter().map(line).collect())
}
