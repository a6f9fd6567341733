//! What the acts of a recovery mean for the money (domain.md 7.11): a decision makes a claim of the
//! proposal, receipts and set-offs lower it, and the books and the file of the year follow.

mod deceit;
mod follow;
mod liability;
mod payer;
mod work;

pub(in crate::service) use deceit::sentences;
pub(in crate::service) use follow::follow;
pub(super) use follow::open;
pub(in crate::service) use liability::liable_name;
pub(in crate::service) use payer::{payers_act, payers_view};

use chrono::{Days, NaiveDate};

use super::{Broken, CaseWork, Desk, ExtraField, FieldKind};
use crate::app::App;
use crate::domain::instalment::{FEWEST, Instalment, MOST, is_missed, plan};
use crate::domain::ledger::Event;
use crate::domain::lifecycle::{Guard, Move, Recovery, RecoveryAct as A, RecoveryState as S};
use crate::domain::money::Fen;
use crate::domain::region;
use crate::domain::registry::Code;
use crate::service::ledger::{Movement, book};
use crate::service::{Error, invalid};
use crate::store::db::Tx;
use crate::store::recovery::{self as store, Account, EntryKind, NewEntry, RecoveryRow};
use work::Work;

/// Days of an overdue recovery before it goes to the court.
const REMINDED_DAYS: u64 = 30;

const RECEIPT: &[ExtraField] = &[
    ExtraField { name: "amount", label: "归还金额（元）", kind: FieldKind::Line },
    ExtraField { name: "on_day", label: "国库到账日期", kind: FieldKind::Day },
];

/// An entry of the program that takes effect at once: a correction leaves less. To be filled in.
fn entry<'a>(app: &App, row: &RecoveryRow) -> Result<NewEntry<'a>, Error> {
    Ok(NewEntry {
        recovery_id: row.id,
        kind: EntryKind::Dropped,
        amount: Fen::ZERO,
        on_day: app.clock.today(),
        document_no: "",
        budget_year: claim_year(row)?,
        payment_line_id: None,
        recorded_by: None,
        recorded_at: app.clock.now(),
        decided_by: None,
        takes_effect: true,
    })
}

fn claim_year(row: &RecoveryRow) -> Result<i64, Error> {
    let missing = || Error::Internal(format!("recovery {} is not decided", row.recovery_no));
    row.claim_year.ok_or_else(missing)
}

/// Books something in the budget line of a decided recovery.
async fn note(
    app: &App,
    tx: &Tx,
    by: i64,
    row: &RecoveryRow,
    (event, amount): (Event, Fen),
) -> Result<(), Error> {
    let key = store::budget_key(row, claim_year(row)?);
    let movement = Movement { award_year: Some(row.award_year), ..Movement::of(event, amount) };
    book(app, tx, by, (&key, ("recovery", &row.recovery_no)), &[movement]).await
}

async fn account(tx: &Tx, row: &RecoveryRow) -> Result<Account, Error> {
    Ok(store::accounts(tx, &[row.id]).await?.remove(&row.id).unwrap_or_default())
}

/// What is left of a recovery.
async fn left(tx: &Tx, row: &RecoveryRow) -> Result<Fen, Error> {
    Ok(account(tx, row).await?.outstanding(Fen::new(row.amount_fen)))
}

/// The recovery that a file is about.
async fn subject(desk: &Desk<'_>) -> Result<RecoveryRow, Error> {
    let missing = || Error::Internal(format!("case {} has no recovery", desk.row.case_no));
    store::by_no(desk.tx, &desk.row.case_no).await?.ok_or_else(missing)
}

/// What a file is about, line by line.
pub(super) async fn facts(desk: &Desk<'_>) -> Result<Vec<(&'static str, String)>, Error> {
    let row = subject(desk).await?;
    let (amount, account) = (Fen::new(row.amount_fen), account(desk.tx, &row).await?);
    let payer = region::full_name(&row.payer_division).unwrap_or_default();
    let yuan = |fen: Fen| format!("{} 元", fen.grouped());
    let mut facts = vec![
        ("奖补年度", format!("{} 年", row.award_year)),
        ("归还给", payer.to_owned()),
        ("追回金额", yuan(amount)),
    ];
    if row.claim_year.is_some() {
        let liable = liable_name(desk.tx, &row).await?;
        facts.push(("归还责任人", liable.unwrap_or_else(|| "本人".to_owned())));
        facts.push(("已归还和抵扣", yuan(account.back)));
        facts.push(("尚欠", yuan(account.outstanding(amount))));
    }
    facts.extend(sentences(desk.tx, &row).await?.into_iter().map(|text| ("申报限制", text)));
    Ok(facts)
}

const DECISION: &[ExtraField] = &[liability::FIELD, deceit::FIELDS[0], deceit::FIELDS[1]];

const PLAN: &[ExtraField] = &[
    ExtraField { name: "count", label: "期数（2 至 24）", kind: FieldKind::Number },
    ExtraField { name: "first_on", label: "首期归还日", kind: FieldKind::Day },
];

/// What the money of a recovery would be after an act.
struct Look {
    row: RecoveryRow,
    account: Account,
    left: Fen,
    /// What can be set off now.
    payable: Fen,
}

impl Look {
    async fn load(desk: &Desk<'_>, line: &Move<S, A>) -> Result<Self, Error> {
        let mut look = Self::of(desk.tx, subject(desk).await?).await?;
        // What an enterprise owes is not taken from what is due to the person.
        let is_own = look.row.liable_enterprise_id.is_none();
        if is_own && line.guards.contains(&Guard::PayableOfSource) {
            let lines = store::payable(desk.tx, &look.row).await?;
            let sum = Fen::checked_sum(lines.iter().map(|line| Fen::new(line.amount_fen)));
            look.payable = sum.unwrap_or_default();
        }
        Ok(look)
    }

    /// Without what can be set off.
    async fn of(tx: &Tx, row: RecoveryRow) -> Result<Self, Error> {
        let account = account(tx, &row).await?;
        let left = account.outstanding(Fen::new(row.amount_fen));
        Ok(Self { row, account, left, payable: Fen::ZERO })
    }

    /// What is left once the act is done.
    fn left_after(&self, act: A) -> Fen {
        let gone = match act {
            A::ConfirmPart | A::ConfirmRest => self.account.waiting(),
            A::SetOffPart | A::SetOffRest => self.payable.min(self.left),
            _ => Fen::ZERO,
        };
        // A proposal that fell was never owed.
        let is_owed = self.row.state != "cancelled";
        if is_owed { self.left.checked_sub(gone).unwrap_or_default() } else { Fen::ZERO }
    }

    async fn fault(&self, desk: &Desk<'_>, act: A, guard: Guard) -> Result<Option<String>, Error> {
        let unless = |holds: bool, why: &str| (!holds).then(|| why.to_owned());
        let today = desk.app.clock.today();
        Ok(match guard {
            Guard::WithinClaim => self.receipt(desk).err().map(|error| error.to_string()),
            Guard::PlanFits => self.plan(desk).err().map(|error| error.to_string()),
            Guard::InstalmentMissed => {
                let plan = store::plan(desk.tx, self.row.id).await?;
                unless(is_missed(&plan, self.left, today), "分期款项没有逾期")
            }
            Guard::ReceiptWaits => {
                unless(self.account.waiting() > Fen::ZERO, "没有待确认的归还登记")
            }
            Guard::NoReceiptWaits => {
                unless(self.account.waiting() == Fen::ZERO, "有待确认的归还登记，请先确认或退回")
            }
            Guard::SomethingLeft => unless(self.left_after(act) > Fen::ZERO, "办理后没有余额"),
            Guard::NothingLeft => unless(self.left_after(act) == Fen::ZERO, "办理后仍有余额"),
            Guard::PayableOfSource => {
                let why = match self.row.liable_enterprise_id {
                    Some(_) => "由企业归还的款项，不从应付给本人的奖补中抵扣",
                    None => "本人没有同一资金来源的待付金额",
                };
                unless(self.payable > Fen::ZERO, why)
            }
            Guard::RepaymentOver => {
                unless(desk.row.due_on.is_some_and(|last| last < today), "归还期限未过")
            }
            Guard::RemindedInVain => {
                let last = desk.row.since.checked_add_days(Days::new(REMINDED_DAYS));
                unless(last.is_some_and(|last| last < today), "逾期未满 30 日")
            }
            Guard::NotInPaymentChain => {
                let chain = store::payment_chain(desk.tx, &self.row).await?;
                let me = desk.actor.map(|actor| actor.holder_id);
                unless(
                    me.is_none_or(|me| !chain.contains(&me)),
                    "您参与过原核定审批或发放，须由未参与的审批人决定",
                )
            }
            other => Some(format!("{}尚未核实", other.label())),
        })
    }

    /// The plan as typed, over what is left.
    fn plan(&self, desk: &Desk<'_>) -> Result<Vec<Instalment>, Error> {
        let today = desk.app.clock.today();
        let last = today.checked_add_days(Days::new(REMINDED_DAYS)).unwrap_or(today);
        let first: Option<NaiveDate> = desk.sent.text("first_on").parse().ok();
        let Some(first) = first.filter(|day| (today..=last).contains(day)) else {
            let text = format!("首期归还日应在 {today} 至 {last} 之间");
            return Err(Error::Invalid(vec![invalid("first_on", text)]));
        };
        let count = desk.sent.text("count").parse().unwrap_or(0);
        plan(self.left, count, first).ok_or_else(|| {
            let text = format!("期数应为 {FEWEST} 至 {MOST} 期，每期一个月");
            Error::Invalid(vec![invalid("count", text)])
        })
    }

    /// The receipt as typed: amount and day.
    fn receipt(&self, desk: &Desk<'_>) -> Result<(Fen, NaiveDate), Error> {
        let (mut faults, sent) = (Vec::new(), desk.sent);
        let amount = Fen::typed(sent.text("amount")).ok().filter(|amount| *amount > Fen::ZERO);
        match amount {
            None => faults.push(invalid("amount", "请填写归还金额，如 33333.33")),
            Some(amount) if amount > self.left => faults.push(invalid(
                "amount",
                format!("归还金额超过尚欠的 {} 元，请核对", self.left.grouped()),
            )),
            Some(_) if self.account.waiting() > Fen::ZERO => {
                faults.push(invalid("amount", "已有待确认的归还登记，请先确认或退回"));
            }
            Some(_) => {}
        }
        let day: Option<NaiveDate> = sent.text("on_day").parse().ok();
        let day = day.filter(|day| *day <= desk.app.clock.today());
        if day.is_none() {
            faults.push(invalid("on_day", "请填写到账日期，不能晚于今天"));
        }
        match (amount, day, faults.is_empty()) {
            (Some(amount), Some(day), true) => Ok((amount, day)),
            _ => Err(Error::Invalid(faults)),
        }
    }
}

impl CaseWork for Recovery {
    fn fields(act: A) -> &'static [ExtraField] {
        match act {
            A::Decide => DECISION,
            A::Receive => RECEIPT,
            A::AgreePlan => PLAN,
            _ => &[],
        }
    }

    fn elsewhere(_: A) -> Option<&'static str> {
        None
    }

    async fn broken(desk: &Desk<'_>, line: &'static Move<S, A>) -> Result<Broken, Error> {
        let look = Look::load(desk, line).await?;
        let mut broken = Broken::new();
        for guard in line.guards {
            if let Some(why) = look.fault(desk, line.act, *guard).await? {
                broken.insert(*guard, why);
            }
        }
        Ok(broken)
    }

    async fn effect(desk: &Desk<'_>, act: A) -> Result<(), Error> {
        let row = subject(desk).await?;
        let Some(actor) = desk.actor else { return Ok(()) };
        match act {
            A::Decide => deceit::follow(desk, actor, &row).await?,
            A::Revoke => deceit::lift(desk, actor, &row).await?,
            _ => {}
        }
        let work = Work { desk, actor, row };
        match act {
            A::Decide => work.decide().await,
            A::Receive => work.receive().await,
            A::AgreePlan => work.agree_plan().await,
            A::RefuseReceipt => work.answer_receipt(false).await,
            A::ConfirmPart | A::ConfirmRest => work.answer_receipt(true).await,
            A::SetOffPart | A::SetOffRest => work.set_off().await,
            A::WriteOff => work.give_up(Event::WrittenOff, A::ProposeWriteOff).await,
            A::Revoke => work.give_up(Event::ClaimDropped, A::Decide).await,
            _ => Ok(()),
        }
    }
}
