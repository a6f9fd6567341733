//! Recoveries at the finance office of their payer, which has no other files than these.

use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::lifecycle::{Hand, Recovery};
use crate::service::budget::visible_payer;
use crate::service::case::perform::{perform, stale};
use crate::service::case::view::{enterprise_names, line, view_seen};
use crate::service::case::{CaseView, Desk, Submitted, recusal};
use crate::service::{Actor, Error, freeze, seen};
use crate::store::case::{self as cases, CaseRow};
use crate::store::db::Tx;
use crate::store::recovery::{self as store, RecoveryRow};

/// The file of a recovery, if it is the payer's whose finance office the actor belongs to; auditors
/// of the province see all.
async fn payers_file(tx: &Tx, actor: &Actor, no: &str) -> Result<(CaseRow, RecoveryRow), Error> {
    actor.must(Act::ReadBatches)?;
    let payer = visible_payer(actor);
    let missing = || Error::NotFound("这项追回");
    let row = store::by_no(tx, no).await?.ok_or_else(missing)?;
    if payer.is_some_and(|payer| payer != row.payer_division) {
        return Err(missing());
    }
    let file = store::file(tx, no).await?.ok_or_else(missing)?;
    Ok((file, row))
}

/// A recovery as the finance office of its payer sees it, and what it is about.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadBatches`]; [`Error::NotFound`] for another payer's.
pub(in crate::service) async fn payers_view(
    app: &App,
    actor: &Actor,
    no: &str,
) -> Result<(CaseView, RecoveryRow), Error> {
    let tx = app.db.begin_read().await?;
    let (row, about) = payers_file(&tx, actor, no).await?;
    let steps = cases::steps(&tx, row.id).await?;
    let sent = Submitted::default();
    let desk = Desk { app, tx: &tx, actor: Some(actor), row: &row, steps: &steps, sent: &sent };
    let names = enterprise_names(&tx, std::slice::from_ref(&row)).await?;
    let line = line(&row, &names, app.clock.today());
    let view = view_seen::<Recovery>(&desk, line, true).await?;
    tx.rollback().await?;
    seen::note_file(app, actor, &view.person_no).await?;
    Ok((view, about))
}

/// An act of the payer's finance office on a recovery, as [`act`].
///
/// # Errors
/// As [`act`]; [`Error::Forbidden`] without the right to read batches.
pub(in crate::service) async fn payers_act(
    app: &App,
    actor: &Actor,
    no: &str,
    sent: &Submitted,
) -> Result<&'static str, Error> {
    let tx = app.db.begin().await?;
    let (row, _) = payers_file(&tx, actor, no).await?;
    let row = cases::lock(&tx, row.id).await?;
    let steps = cases::steps(&tx, row.id).await?;
    if sent.seen_steps != row.steps {
        return Err(stale(&row, &steps));
    }
    if let Some(why) = recusal::ground(&tx, app.clock.today(), actor.holder_id, &row).await? {
        return Err(Error::Refused(format!("您{why}，须回避本件")));
    }
    let hand = Hand::Role(actor.role);
    if let Some(why) = freeze::fault(app, &tx, &row.kind, hand).await? {
        return Err(Error::Refused(why));
    }
    let desk = Desk { app, tx: &tx, actor: Some(actor), row: &row, steps: &steps, sent };
    let mut outcomes = perform::<Recovery>(&[desk], hand).await?;
    let state = outcomes.pop().unwrap_or(Err(Error::NotFound("这项追回")))?;
    tx.commit().await?;
    Ok(state)
}
