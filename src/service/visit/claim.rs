//! Claiming a visit: the days, the costs, and the account of the visitor.

use std::collections::BTreeSet;

use serde_json::json;

use super::view::is_open;
use super::{TypedClaim, TypedCost, employer, limit, lock, persons_of, typed};
use crate::app::App;
use crate::domain::lifecycle::VisitState;
use crate::domain::registry::{Code, PersonName};
use crate::domain::ticket::number_key;
use crate::domain::visit::VisitClaim;
use crate::service::decree::Decree;
use crate::service::roster::{AccountChanged, NewAccount, change_visitor_account};
use crate::service::{Actor, Error, invalid, log};
use crate::store::db::Tx;
use crate::store::fact::{self, Versions, facts_among, facts_of};
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
    let (file, visit) = lock(app, &tx, actor, no, &[VisitState::Travelled.code()]).await?;
    let unknown = || Error::Internal(format!("visit {no} has no day of arrival"));
    let arrived = visit.arrived_on.ok_or_else(unknown)?;
    let names = names_of(&tx, &visit).await?;
    let (period, claim, lines) = typed::claim(typed, (arrived, app.clock.today()), &names)?;
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
    let keys: Vec<&str> = lines.iter().flat_map(|line| &line.numbers).map(String::as_str).collect();
    let taken = store::numbers_taken(&tx, &keys).await?;
    if !taken.is_empty() {
        return Err(Error::Invalid(used_elsewhere(&typed.costs, &taken)));
    }
    let live = facts_of::<VisitClaim>(&tx, visit.id, Versions::Live).await?;
    let claim = live.first().ok_or_else(|| Error::Internal(format!("claim of {no} is lost")))?;
    let detail = json!({ "exit": period.through, "costs": lines.len() });
    store::add_lines(&tx, claim.id, lines).await?;
    log(app, &tx, actor, "visit.claim_kept", ("case", no), &detail).await?;
    limit::of_claim(&tx, &visit, (file.id, file.steps)).await?;
    Ok(tx.commit().await?)
}

/// The names that a ticket of the visitor may show, under whichever number and of whichever time.
async fn names_of(tx: &Tx, visit: &store::Visit) -> Result<Vec<String>, Error> {
    let persons = persons_of(tx, visit).await?;
    let known = facts_among::<PersonName>(tx, &persons, Versions::Live).await?;
    let mut names: Vec<String> =
        known.into_values().flatten().map(|stated| stated.fact.name).collect();
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

/// The fields of the papers that another living claim uses. The number of a field is that of the form:
/// empty rows are left out of the claim.
fn used_elsewhere(costs: &[TypedCost], taken: &BTreeSet<String>) -> Vec<(String, String)> {
    let mut faults = Vec::new();
    for (number, cost) in (1..).zip(costs) {
        for (field, paper) in [("document", &cost.document_no), ("original", &cost.original_no)] {
            if taken.contains(&number_key(paper)) {
                let text = match cost.expense.trim() {
                    "fare" => "这张客票已在另一件来访申报中使用，同一客票只能申报一次",
                    _ => {
                        "这张票据已在另一件来访申报中使用，同一张票据只能申报一次；不同单位开具的同号票据请连同票据代码填写"
                    }
                };
                faults.push(invalid(&format!("{field}-{number}"), text));
            }
        }
    }
    faults
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
