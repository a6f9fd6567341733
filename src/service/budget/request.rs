//! What two people do with the money of a budget line: one proposes it by a document, another
//! accepts it, and only then it is booked (ADR 0025).

use serde_json::{Value, json};

use super::forecast::reserved_of;
use super::{BudgetFilter, BudgetKey, figures, overflow, rows, too_large, visible_payer, wrong};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::ledger::{BudgetAct, BudgetCodes};
use crate::domain::money::Fen;
use crate::domain::registry::Code;
use crate::service::ledger::{self, Movement};
use crate::service::proposal::judged;
use crate::service::{Actor, Error, log};
use crate::store::batch_view;
use crate::store::budget_request::{self as store, NewRequest, Request};
use crate::store::db::Tx;

/// Kind of object under which the books and the log name a request.
const OBJECT: &str = "budget_request";

/// Something proposed by a document, as typed and checked.
pub(super) struct Proposal<'a> {
    pub(super) act: BudgetAct,
    pub(super) key: BudgetKey,
    pub(super) amount: Fen,
    pub(super) document_no: &'a str,
    pub(super) codes: BudgetCodes,
}

/// A request with who had a hand in it.
#[derive(Debug, Clone)]
pub struct RequestLine {
    /// The request.
    pub row: Request,
    /// What it asks for.
    pub act: BudgetAct,
    /// Who proposed it.
    pub proposer: String,
    /// Who decided; `None` while it waits.
    pub decider: Option<String>,
    /// Whether the reader may accept it or send it back.
    pub may_decide: bool,
}

/// What was proposed for the budget lines that the actor sees, the latest first.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadBatches`].
pub async fn requests(app: &App, actor: &Actor) -> Result<Vec<RequestLine>, Error> {
    actor.must(Act::ReadBatches)?;
    let read = app.db.read();
    let payer_division = visible_payer(actor).map(str::to_owned);
    let found = store::all(read, &BudgetFilter { payer_division, ..Default::default() }).await?;
    let people: Vec<i64> =
        found.iter().flat_map(|row| [Some(row.proposed_by), row.decided_by]).flatten().collect();
    let names = batch_view::holder_names(read, people).await?;
    let name = |id: i64| names.get(&id).cloned().unwrap_or_default();
    let line = |row: Request| {
        Ok(RequestLine {
            act: store::act(&row)?,
            proposer: name(row.proposed_by),
            decider: row.decided_by.map(name),
            may_decide: may_decide(actor, &row),
            row,
        })
    };
    found.into_iter().map(line).collect()
}

fn may_decide(actor: &Actor, row: &Request) -> bool {
    actor.role.may(Act::ApproveBatch)
        && row.payer_division == actor.division
        && row.decided_at.is_none()
        && row.proposed_by != actor.holder_id
}

/// How many wait that the actor may decide.
///
/// # Errors
/// When the database fails.
pub async fn requests_waiting(app: &App, actor: &Actor) -> Result<i64, Error> {
    if !actor.role.may(Act::ApproveBatch) {
        return Ok(0);
    }
    Ok(store::count_open(app.db.read(), &actor.division, actor.holder_id).await?)
}

/// Puts a proposal down; the official number.
pub(super) async fn propose(
    app: &App,
    actor: &Actor,
    proposal: &Proposal<'_>,
) -> Result<String, Error> {
    let Proposal { act, key, amount, document_no, codes } = proposal;
    let tx = app.db.begin().await?;
    rows::lock(&tx, key).await?;
    must_be_new(&tx, proposal).await?;
    fits(app, &tx, (*act, key, *amount)).await?.map_err(|text| wrong("amount", text))?;
    let new = NewRequest {
        act: *act,
        key,
        amount: *amount,
        document_no,
        codes,
        proposed_by: actor.holder_id,
        proposed_at: app.clock.now(),
    };
    let no = store::propose(&tx, &new).await?;
    let detail = detail((*act, key, *amount), document_no, "");
    log(app, &tx, actor, "budget.proposed", (OBJECT, &no), &detail).await?;
    tx.commit().await?;
    Ok(no)
}

/// The same document with the same amount is on record once, unless it was sent back.
async fn must_be_new(tx: &Tx, proposal: &Proposal<'_>) -> Result<(), Error> {
    let Proposal { act, key, amount, document_no, .. } = proposal;
    let mut twice = false;
    for row in store::all(tx, &BudgetFilter::from(key)).await? {
        let stands = row.accepted != Some(false) && store::act(&row)? == *act;
        let same = row.document_no == *document_no && row.amount_fen == amount.get();
        twice |= stands && same;
    }
    if *act == BudgetAct::Allot {
        twice |= rows::is_booked(tx, key, (document_no, amount.get())).await?;
    }
    if twice {
        return Err(wrong("document_no", "该文号的这笔金额已经登记过，不能重复登记"));
    }
    Ok(())
}

/// What is free once it is booked, or why it cannot be. What batches hold or what is certified
/// cannot be taken back; of a year that is over, only free money moves.
async fn fits(
    app: &App,
    tx: &Tx,
    (act, key, amount): (BudgetAct, &BudgetKey, Fen),
) -> Result<Result<Fen, String>, Error> {
    let figures = figures(tx, key).await?;
    let free = figures.available;
    if act != BudgetAct::Allot {
        let left = free.checked_sub(amount).ok_or_else(too_large)?;
        let text = || format!("{} 年度可处理的余额为 {} 元", key.budget_year, free.grouped());
        return Ok(if left < Fen::ZERO { Err(text()) } else { Ok(left) });
    }
    let left = free.checked_add(amount).ok_or_else(too_large)?;
    figures.allocated.checked_add(amount).ok_or_else(too_large)?;
    if amount > Fen::ZERO {
        return Ok(Ok(left));
    }
    if left < Fen::ZERO {
        let free = free.max(Fen::ZERO).grouped();
        return Ok(Err(format!("冲减后指标将小于已占用和已付的金额：可冲减的余额为 {free} 元")));
    }
    let reserved = reserved_of(app, tx, key).await?;
    if left < reserved {
        let free = free.checked_sub(reserved).ok_or_else(too_large)?.max(Fen::ZERO);
        let (reserved, free) = (reserved.grouped(), free.grouped());
        return Ok(Err(format!("余额中有 {reserved} 元已核定待付，不能冲减；可冲减 {free} 元")));
    }
    Ok(Ok(left))
}

/// Accepts what another person proposed, and books it; or sends it back.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ApproveBatch`]; [`Error::NotFound`] for another payer's;
/// [`Error::Refused`] for whoever proposed it, and when the money is not free any more;
/// [`Error::Stale`] when it was decided before; [`Error::Invalid`] (`note`) when it is sent back
/// without a reason.
pub async fn decide_request(
    app: &App,
    actor: &Actor,
    no: &str,
    (accept, note): (bool, &str),
) -> Result<(), Error> {
    actor.must(Act::ApproveBatch)?;
    let tx = app.db.begin().await?;
    let row = store::lock(&tx, no).await?;
    let row = row
        .filter(|row| row.payer_division == actor.division)
        .ok_or(Error::NotFound("这项指标申请"))?;
    let proposal = (row.decided_at.is_some(), row.proposed_by);
    let note = judged(actor, proposal, (accept, note), ("这项指标申请", "指标申请"))?;
    store::decide(&tx, row.id, (accept, &note), (actor.holder_id, app.clock.now())).await?;
    let (act, key, amount) = (store::act(&row)?, store::key(&row), Fen::new(row.amount_fen));
    if accept {
        rows::lock(&tx, &key).await?;
        fits(app, &tx, (act, &key, amount)).await?.map_err(Error::Refused)?;
        book(app, &tx, actor, (act, &key, amount), &row).await?;
    }
    let verb = if accept { "budget.accepted" } else { "budget.sent_back" };
    let detail = detail((act, &key, amount), &row.document_no, &note);
    log(app, &tx, actor, verb, (OBJECT, no), &detail).await?;
    Ok(tx.commit().await?)
}

async fn book(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    (act, key, amount): (BudgetAct, &BudgetKey, Fen),
    row: &Request,
) -> Result<(), Error> {
    let about = (OBJECT, row.request_no.as_str());
    if act == BudgetAct::Allot {
        let new = rows::NewAllocation {
            key,
            amount_fen: row.amount_fen,
            document_no: &row.document_no,
            request_no: &row.request_no,
            recorded_by: actor.account_id,
            recorded_at: app.clock.now(),
        };
        rows::add(tx, &new).await?;
    }
    let moved = [Movement::of(act.event(), amount)];
    ledger::book(app, tx, actor.account_id, (key, about), &moved).await?;
    if act == BudgetAct::CarryOver {
        let next = BudgetKey { budget_year: key.budget_year + 1, ..key.clone() };
        rows::lock(tx, &next).await?;
        let into = [Movement::of(act.event(), Fen::ZERO.checked_sub(amount).ok_or_else(overflow)?)];
        ledger::book(app, tx, actor.account_id, (&next, about), &into).await?;
    }
    Ok(())
}

fn detail(
    (act, key, amount): (BudgetAct, &BudgetKey, Fen),
    document_no: &str,
    note: &str,
) -> Value {
    json!({
        "act": act.code(),
        "programme": key.programme,
        "source": key.source,
        "payer_division": key.payer_division,
        "budget_year": key.budget_year,
        "amount": amount,
        "document_no": document_no,
        "note": note,
    })
}
