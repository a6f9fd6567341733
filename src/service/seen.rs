//! Who looks at people's records; each person reads it on their own page.

use chrono::NaiveDate;

use super::{Actor, Error};
use crate::app::App;
use crate::code_list;
use crate::domain::authority::Role;
use crate::domain::registry::Code;
use crate::domain::reveal::{RevealPurpose, RevealedNumber};
use crate::store::db::Tx;
use crate::store::record_view::{self as store, Look};
use crate::store::reveal as reveals;

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
    pub kind: String,
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

/// That a full number was shown, as the person reads it.
fn in_words(number: &str, purpose: &str, note: &str) -> String {
    let number = RevealedNumber::from_code(number).map_or("", Code::label);
    let purpose = RevealPurpose::from_code(purpose);
    let what_for = match purpose {
        Some(RevealPurpose::Other) => format!("其他（{note}）"),
        Some(purpose) => purpose.label().to_owned(),
        None => String::new(),
    };
    format!("查看完整{number}，用途：{what_for}")
}

/// Who looked at a person, the last first.
pub(super) async fn of_person(app: &App, person_id: i64) -> Result<Vec<SeenLine>, Error> {
    let read = app.db.read();
    let found = store::of_person(read, person_id, MOST).await?;
    let shown = reveals::of_person(read, person_id, MOST).await?;
    let role = |code: &str| Role::from_code(code).map_or("", Role::label);
    let look = |(day, kind, by, organisation): store::Seen| SeenLine {
        day,
        kind: SeenKind::from_code(&kind).map_or("", Code::label).to_owned(),
        role: role(&by),
        organisation,
    };
    let reveal = |(day, number, purpose, note, by, organisation): reveals::Shown| SeenLine {
        day,
        kind: in_words(&number, &purpose, &note),
        role: role(&by),
        organisation,
    };
    let mut lines: Vec<SeenLine> = shown.into_iter().map(reveal).collect();
    lines.extend(found.into_iter().map(look));
    // Within a day, numbers shown come first.
    lines.sort_by_key(|line| std::cmp::Reverse(line.day));
    lines.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));
    Ok(lines)
}
