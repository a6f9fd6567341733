//! Visits of young talents from overseas (notice, section 九, fourth sentence; domain.md 3, 7.8): the
//! employer plans one and claims it afterwards; what it is due is reckoned by the engine from what is
//! known, for whoever looks at it and for whoever approves it alike.

mod claim;
mod costs;
mod cut;
mod invite;
pub(super) mod limit;
mod policy;
mod reckon;
mod typed;
mod view;

pub use claim::{change_account, save_claim};
pub use cut::{TypedCut, cut};
pub use invite::{begin, change_plan};
pub(super) use policy::{TEXT, Texts, keep_twin, not_followed, texts};
pub(super) use reckon::{Reckoned, persons_of, planned, reckon, works_here};
pub use typed::{MOST_COSTS, TypedClaim, TypedCost, TypedPlan, TypedVisitor};
pub use view::{CostLine, GrantLine, PlanLine, VISITS_A_PAGE, VisitLine, VisitView, visit, visits};

use super::case::must_withdraw;
use super::{Actor, Error};
use crate::app::App;
use crate::domain::authority::{Act, Role, Scope};
use crate::store::case::{self as cases, CaseRow};
use crate::store::db::Tx;
use crate::store::visit::{self as store, Visit};

/// Name of the set of default assumptions in the shipped text (domain.md 3.5).
pub const DEFAULT_RULES: &str = "TR-1";
/// The stream of work allowances.
pub const ALLOWANCE: &str = "overseas-visit";
/// The stream of travel costs that are paid back: no income, so its tax is ruled apart.
pub const TRAVEL: &str = crate::domain::catalogue::PAID_BACK;

/// Whether the actor invites and claims for an employer.
pub fn may_invite(actor: &Actor) -> bool {
    actor.role == Role::EnterpriseClerk
}

/// Whether the actor cuts costs.
pub fn may_cut(actor: &Actor) -> bool {
    matches!(actor.role, Role::HrCounty | Role::HrCity)
}

/// The employer that the actor invites for.
fn employer(actor: &Actor) -> Result<i64, Error> {
    match actor.scope {
        Scope::Enterprise(id) if may_invite(actor) => Ok(id),
        _ => Err(Error::Forbidden(Act::FileEngineers)),
    }
}

/// The file and the visit with this number within the actor's scope, locked.
async fn lock(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    no: &str,
    states: &[&str],
) -> Result<(CaseRow, Visit), Error> {
    let missing = || Error::NotFound("这件来访");
    let found = cases::by_no(tx, &actor.scope, no).await?.ok_or_else(missing)?;
    let file = cases::lock(tx, found.id).await?;
    let visit = store::of_case(tx, file.id).await?.ok_or_else(missing)?;
    if must_withdraw(tx, app.clock.today(), actor.holder_id, &file).await? {
        return Err(Error::Refused("您应当回避此件，请由其他人办理".to_owned()));
    }
    if states.contains(&file.state.as_str()) {
        return Ok((file, visit));
    }
    Err(Error::Stale("这件来访已经进入下一环节，请刷新后再看".to_owned()))
}
