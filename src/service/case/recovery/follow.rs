//! Files of recoveries follow what is decided about years and what results do to their money.

use std::collections::BTreeMap;

use super::{entry, left, note};
use crate::app::App;
use crate::domain::authority::Scope;
use crate::domain::ledger::Event;
use crate::domain::lifecycle::{Case, Lifecycle, Recovery, RecoveryAct as A};
use crate::domain::money::Fen;
use crate::domain::period::Period;
use crate::domain::region;
use crate::domain::registry::Code;
use crate::service::case::Submitted;
use crate::service::case::perform::act_by_program;
use crate::service::{Error, calendar};
use crate::store::case::{self as cases, CaseRow, NewCase};
use crate::store::db::Tx;
use crate::store::recovery::{self as store, NewEntry, RecoveryRow};
use crate::store::stipend::explain::person_names;
use crate::store::yearly_file;

/// Opens a file for each proposed recovery of these persons' years: a correction was decided.
pub(in crate::service::case) async fn open(
    app: &App,
    tx: &Tx,
    opener: i64,
    (programme, year): (&str, i64),
    persons: &[i64],
) -> Result<(), Error> {
    let rows = store::proposed(tx, (programme, year), persons).await?;
    let numbers: Vec<&str> = rows.iter().map(|row| row.recovery_no.as_str()).collect();
    let known = files(tx, &numbers).await?;
    let rows: Vec<&RecoveryRow> =
        rows.iter().filter(|row| !known.contains_key(&row.recovery_no)).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let of_year = i32::try_from(year).ok().and_then(Period::year);
    let period = of_year.ok_or_else(|| Error::Internal(format!("no year {year}")))?;
    let employers = yearly_file::last_employers(tx, &period, persons).await?;
    let names = person_names(tx, persons).await?;
    let fresh = Case::<Recovery>::open(app.clock.today(), &calendar::within(tx).await?);
    let about = |row: &RecoveryRow| {
        let name = names.get(&row.person_id).map_or("", String::as_str);
        let payer = region::full_name(&row.payer_division).unwrap_or_default();
        format!("{name}，{year} 年度奖补追回（{payer}）{} 元", Fen::new(row.amount_fen).grouped())
    };
    let words: Vec<String> = rows.iter().map(|row| about(row)).collect();
    let new: Vec<NewCase<'_>> = rows
        .iter()
        .zip(&words)
        .map(|(row, about)| NewCase {
            case_no: &row.recovery_no,
            kind: Recovery::KIND.code(),
            enterprise_id: employers.get(&row.person_id).copied(),
            person_id: Some(row.person_id),
            about,
            state: fresh.state.code(),
            since: fresh.since,
            due_on: fresh.due.day(),
            opened_by: opener,
            opened_at: app.clock.now(),
        })
        .collect();
    cases::open_all(tx, &new).await?;
    Ok(())
}

/// The files of recoveries, by number.
pub(super) async fn files(tx: &Tx, numbers: &[&str]) -> Result<BTreeMap<String, CaseRow>, Error> {
    Ok(cases::lock_by_no(tx, &Scope::Province, numbers).await?)
}

/// Lets files and books follow what new results did to recoveries: proposals that fell, and decided
/// ones that are lowered. `by` is the account that had the year computed.
pub(in crate::service) async fn follow(
    app: &App,
    tx: &Tx,
    by: i64,
    (fallen, lowered): (&[i64], &[(i64, Fen)]),
) -> Result<(), Error> {
    if fallen.is_empty() && lowered.is_empty() {
        return Ok(());
    }
    let less: BTreeMap<i64, Fen> = lowered.iter().copied().collect();
    let ids: Vec<i64> = less.keys().copied().collect();
    let mut ended = store::by_ids(tx, fallen).await?;
    for row in store::by_ids(tx, &ids).await? {
        let amount = less.get(&row.id).copied().unwrap_or_default();
        let entry = NewEntry { amount, ..entry(app, &row)? };
        store::enter(tx, &entry).await?;
        note(app, tx, by, &row, (Event::ClaimDropped, amount)).await?;
        if left(tx, &row).await? == Fen::ZERO {
            store::close(tx, row.id).await?;
            ended.push(row);
        }
    }
    let numbers: Vec<&str> = ended.iter().map(|row| row.recovery_no.as_str()).collect();
    let ids: Vec<i64> = files(tx, &numbers).await?.values().map(|file| file.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let sent = Submitted { act: A::Drop.code().to_owned(), ..Submitted::default() };
    act_by_program::<Recovery>(app, tx, None, &ids, &sent).await
}
