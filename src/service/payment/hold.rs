//! Keeping a person's money back, and letting it go (domain.md 7.2 rule 3): finance does not change
//! what somebody is entitled to, it stops the money and says why.

use serde_json::json;

use super::required_text;
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::money::Fen;
use crate::domain::payment::Action;
use crate::service::budget::visible_payer;
use crate::service::{Actor, Error, invalid, log};
use crate::store::directory;
use crate::store::payment::{self as store, Held, HoldRow};
use crate::store::stipend::explain::person_names;

/// Rows of one page.
pub const HOLDS_A_PAGE: u64 = 50;
const MAX_REASON: usize = 500;

/// Whether the actor is one of those who move a payer's money.
pub fn may_hold(actor: &Actor) -> bool {
    [Action::Freeze, Action::Check, Action::Approve]
        .iter()
        .any(|action| actor.role.may_move_batch(*action))
}

fn must_hold(actor: &Actor) -> Result<(), Error> {
    if may_hold(actor) { Ok(()) } else { Err(Error::Forbidden(Act::CheckBatch)) }
}

/// What is to be kept back, as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldOf<'a> {
    /// Number of the person.
    pub person_no: &'a str,
    /// Code of the programme that the money is of.
    pub programme: &'a str,
    /// Year the money is for.
    pub year: &'a str,
}

/// Keeps the money of a person's year back that the actor's office pays. No batch takes it, and a
/// batch that has it already is not checked, approved or sent, until another person lets it go;
/// computing the year again changes nothing about it.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Invalid`] (`person_no`, `year`, `reason`);
/// [`Error::Refused`] when there is nothing to keep back.
pub async fn hold(app: &App, actor: &Actor, of: HoldOf<'_>, reason: &str) -> Result<(), Error> {
    must_hold(actor)?;
    let wrong = |field: &str, text: &str| Error::Invalid(vec![invalid(field, text)]);
    let reason = required_text("reason", "暂缓原因", reason, MAX_REASON)?;
    let award_year = of.year.trim().parse().map_err(|_| wrong("year", "请填写四位数的年度"))?;
    let tx = app.db.begin().await?;
    let person_no = of.person_no.trim().to_uppercase();
    let found = store::payee(&tx, &person_no, &actor.division).await?;
    let unknown = || wrong("person_no", "没有这个编号，或本单位没有应付此人的资金");
    let held = Held {
        person_id: found.ok_or_else(unknown)?,
        programme: of.programme,
        award_year,
        payer_division: &actor.division,
    };
    if store::open_hold(&tx, held).await?.is_some() {
        return Err(wrong("person_no", "该人员该年度的资金已经暂缓"));
    }
    if store::can_be_held(&tx, held).await? == 0 {
        let text = "该人员该年度没有本单位可以暂缓的资金：没有应付，或已送银行";
        return Err(wrong("person_no", text));
    }
    store::keep_back(&tx, held, (&reason, actor.holder_id, app.clock.now())).await?;
    let detail = json!({ "programme": of.programme, "year": award_year, "reason": reason });
    log(app, &tx, actor, "payment.held", ("person", &person_no), &detail).await?;
    Ok(tx.commit().await?)
}

/// Lets held money go: batches may take it again.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`] also for holds of other offices; [`Error::Refused`] for
/// whoever keeps it back; [`Error::Stale`] when it is let go already; [`Error::Invalid`] (`reason`).
pub async fn release_hold(app: &App, actor: &Actor, id: i64, reason: &str) -> Result<(), Error> {
    must_hold(actor)?;
    let tx = app.db.begin().await?;
    let found = store::hold_by_id(&tx, id).await?;
    let found = found
        .filter(|hold| hold.payer_division == actor.division)
        .ok_or(Error::NotFound("该暂缓记录"))?;
    if found.released_at.is_some() {
        return Err(Error::Stale("该笔资金已经解除暂缓，请刷新页面".to_owned()));
    }
    if found.held_by == actor.holder_id {
        return Err(Error::Refused("您办理了暂缓，按规定须由另一人解除".to_owned()));
    }
    let reason = required_text("reason", "解除原因", reason, MAX_REASON)?;
    store::let_go(&tx, id, (&reason, actor.holder_id, app.clock.now())).await?;
    let no = directory::person_no(&tx, found.person_id).await?.unwrap_or_default();
    let detail = json!({
        "programme": found.programme,
        "year": found.award_year,
        "reason": reason,
    });
    log(app, &tx, actor, "payment.hold_released", ("person", &no), &detail).await?;
    Ok(tx.commit().await?)
}

/// A hold with what the actor can do about it.
#[derive(Debug, Clone)]
pub struct HoldLine {
    /// The hold.
    pub row: HoldRow,
    /// Name of the person.
    pub name: String,
    /// What is held now.
    pub amount: Fen,
    /// Whether the actor may let it go.
    pub may_release: bool,
}

/// The holds that the actor sees, open ones first, [`HOLDS_A_PAGE`] from `offset`, and how many
/// there are.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadBatches`].
pub async fn holds(app: &App, actor: &Actor, offset: u64) -> Result<(Vec<HoldLine>, u64), Error> {
    actor.must(Act::ReadBatches)?;
    let read = app.db.read();
    let signed = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let piece = (signed(offset), signed(HOLDS_A_PAGE));
    let (rows, total) = store::holds(read, visible_payer(actor), piece).await?;
    let persons: Vec<i64> = rows.iter().map(|row| row.person_id).collect();
    let names = person_names(read, &persons).await?;
    let line = |row: HoldRow| HoldLine {
        name: names.get(&row.person_id).cloned().unwrap_or_default(),
        amount: Fen::new(row.amount_fen),
        may_release: row.released_at.is_none()
            && may_hold(actor)
            && row.payer_division == actor.division
            && row.held_by != actor.holder_id,
        row,
    };
    Ok((rows.into_iter().map(line).collect(), u64::try_from(total).unwrap_or(0)))
}
