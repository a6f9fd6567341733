//! Claiming a visit: the days, the costs, and the account of the visitor.

use serde_json::json;

use super::typed;
use super::view::is_open;
use super::{TypedClaim, employer, lock};
use crate::app::App;
use crate::domain::lifecycle::VisitState;
use crate::domain::registry::Code;
use crate::domain::visit::VisitClaim;
use crate::service::decree::Decree;
use crate::service::roster::{AccountChanged, NewAccount, change_visitor_account};
use crate::service::{Actor, Error, invalid, log};
use crate::store::fact::{self, Versions, facts_of};
use crate::store::visit as store;

/// Keeps what is claimed, while the visitor is here or was and nothing is handed in; a claim that was
/// kept before stays readable, its tickets are free for this one.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Stale`] when it was handed in;
/// [`Error::Invalid`] with the fields of [`TypedClaim`], those of costs with their number, for
/// instance when a ticket is claimed elsewhere.
pub async fn save_claim(
    app: &App,
    actor: &Actor,
    no: &str,
    typed: &TypedClaim,
) -> Result<(), Error> {
    employer(actor)?;
    let tx = app.db.begin().await?;
    let (_, visit) = lock(app, &tx, actor, no, &[VisitState::Travelled.code()]).await?;
    let unknown = || Error::Internal(format!("visit {no} has no day of arrival"));
    let arrived = visit.arrived_on.ok_or_else(unknown)?;
    let (period, claim, lines) = typed::claim(typed, arrived, app.clock.today())?;
    let decree =
        Decree::record(app, &tx, actor, ("declaration", "海外人才来访申报"), "", "").await?;
    let held = facts_of::<VisitClaim>(&tx, visit.id, Versions::Live).await?;
    let stated = decree.states(visit.id, period, claim, None);
    match held.first() {
        Some(old) => {
            store::release_lines(&tx, old.id, decree.at).await?;
            fact::correct(&tx, old.id, stated).await?;
        }
        None => fact::state(&tx, vec![stated]).await?,
    }
    let keys: Vec<&str> = lines.iter().filter_map(|line| line.ticket_key.as_deref()).collect();
    let taken = store::tickets_taken(&tx, &keys).await?;
    if !taken.is_empty() {
        // The number of the field as the form counts them: empty rows are left out of the claim.
        let is_taken = |document: &str| taken.contains(&crate::domain::visit::ticket_key(document));
        let fault = |(number, cost): (usize, &super::TypedCost)| {
            (cost.expense.trim() == "fare" && is_taken(&cost.document_no)).then(|| {
                let text = "这张客票已在另一件来访申报中使用，同一客票只能申报一次";
                invalid(&format!("document-{number}"), text)
            })
        };
        return Err(Error::Invalid((1..).zip(&typed.costs).filter_map(fault).collect()));
    }
    let live = facts_of::<VisitClaim>(&tx, visit.id, Versions::Live).await?;
    let claim = live.first().ok_or_else(|| Error::Internal(format!("claim of {no} is lost")))?;
    let detail = json!({ "exit": period.through, "costs": lines.len() });
    store::add_lines(&tx, claim.id, lines).await?;
    log(app, &tx, actor, "visit.claim_kept", ("case", no), &detail).await?;
    Ok(tx.commit().await?)
}

/// Pays the visitor to another account.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Stale`] before the visitor came or once the
/// file has ended;
/// [`Error::Invalid`] with the fields of [`NewAccount`]; [`Error::Refused`] when somebody employs the
/// visitor.
pub async fn change_account(
    app: &App,
    actor: &Actor,
    no: &str,
    new: &NewAccount,
) -> Result<AccountChanged, Error> {
    employer(actor)?;
    let open = VisitState::ALL.iter().filter(|state| is_open(**state));
    let open: Vec<&str> = open.map(|state| state.code()).collect();
    let tx = app.db.begin().await?;
    let (_, visit) = lock(app, &tx, actor, no, &open).await?;
    let changed = change_visitor_account(app, &tx, actor, visit.person_id, new).await?;
    tx.commit().await?;
    Ok(changed)
}
