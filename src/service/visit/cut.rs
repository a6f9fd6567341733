//! Cutting costs: less of one counts, with the reason.

use serde_json::json;

use super::{lock, may_cut};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::lifecycle::VisitState;
use crate::domain::money::Fen;
use crate::domain::registry::Code;
use crate::domain::visit::{VisitClaim, spent};
use crate::service::payment::text_or_fault;
use crate::service::{Actor, Error, invalid, log};
use crate::store::fact::{Versions, facts_of};
use crate::store::visit as store;

const REASON_MAX: usize = 200;

/// A cut as it is typed.
#[derive(Debug, Clone, Copy, Default)]
pub struct TypedCut<'a> {
    /// Number of the cost.
    pub line: &'a str,
    /// What counts of it, in its currency.
    pub accepted: &'a str,
    /// Why.
    pub reason: &'a str,
}

/// Says what counts of a cost while the claim is checked; the last word holds, the earlier ones stay
/// on record.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Stale`] when the claim is not being checked;
/// [`Error::Invalid`] with the fields of [`TypedCut`].
pub async fn cut(app: &App, actor: &Actor, no: &str, typed: &TypedCut<'_>) -> Result<(), Error> {
    if !may_cut(actor) {
        return Err(Error::Forbidden(Act::WorkCases));
    }
    let mut faults = Vec::new();
    let reason = text_or_fault(&mut faults, ("reason", "核减原因"), typed.reason, REASON_MAX);
    let accepted = Fen::typed(typed.accepted).ok().filter(|amount| *amount >= Fen::ZERO);
    if accepted.is_none() {
        faults.push(invalid("accepted", "请填写认可金额，不认可的填 0"));
    }
    let tx = app.db.begin().await?;
    let (_, visit) = lock(app, &tx, actor, no, &[VisitState::Claimed.code()]).await?;
    let claim = facts_of::<VisitClaim>(&tx, visit.id, Versions::Live).await?.into_iter().next();
    let claim = claim.ok_or_else(|| Error::Internal(format!("visit {no} has no claim")))?;
    let lines = store::lines(&tx, claim.id).await?;
    let line = lines.iter().find(|line| line.seq.to_string() == typed.line.trim());
    if line.is_none() {
        faults.push(invalid("line", "请选择一项费用"));
    }
    let most = |line: &store::Line| spent(Fen::new(line.amount_fen), Fen::new(line.refund_fen));
    if line.zip(accepted).is_some_and(|(line, accepted)| accepted > most(line)) {
        faults.push(invalid("accepted", "认可金额不能大于申报金额减去退款"));
    }
    let (Some(line), Some(accepted), true) = (line, accepted, faults.is_empty()) else {
        return Err(Error::Invalid(faults));
    };
    let by = (actor.account_id, app.clock.now());
    store::cut(&tx, line.id, (accepted.get(), &reason), by).await?;
    let detail = json!({ "line": line.seq, "accepted": accepted.to_string(), "reason": reason });
    log(app, &tx, actor, "visit.cut", ("case", no), &detail).await?;
    Ok(tx.commit().await?)
}
