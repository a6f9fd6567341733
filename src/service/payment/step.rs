//! What all steps of a batch have in common: open, verify, finish.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::ledger::Event;
use crate::domain::money::Fen;
use crate::domain::payment::{
    Action, Content, ContentLine, Hands, Outcome, PaymentState, Refusal, State, permit,
};
use crate::domain::registry::Code;
use crate::domain::yearly::Cause;
use crate::file::hash::sha256_hex;
use crate::service::case::yearly;
use crate::service::ledger::{self, Movement};
use crate::service::stipend::CORE_ENGINEER;
use crate::service::{Actor, Error, benefit, log, tax, webhook};
use crate::store::db::Tx;
use crate::store::own_page::disputed_accounts;
use crate::store::payment::{self as store, Batch, FrozenLine, NewStep, Scope};
use crate::store::{account_filing, yearly_file};

use super::{Criteria, Standing, first, signature};

/// How many lines a refusal names.
const NAMED: usize = 5;

/// An open step: the batch is locked and the actor may do this.
pub(super) struct Step<'a> {
    pub app: &'a App,
    pub actor: &'a Actor,
    pub tx: Tx,
    pub batch: Batch,
    pub state: State,
    pub action: Action,
    pub at: DateTime<Utc>,
    /// What the step moves in the books.
    movements: Vec<Movement>,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Role(action) => Self::Forbidden(first(action.acts())),
            other => Self::Refused(other.to_string()),
        }
    }
}

/// Refuses roles that may never do `action`, before anything is looked up.
pub(super) fn role_may(actor: &Actor, action: Action) -> Result<(), Error> {
    if actor.role.may_move_batch(action) { Ok(()) } else { Err(Refusal::Role(action).into()) }
}

impl<'a> Step<'a> {
    /// Begins a step on the batch of the page whose `version` the user saw. `loader` is who loaded
    /// the return file in question.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`] also for batches of other payers, [`Error::Stale`]
    /// for another version, and [`Error::Refused`] by state or separation of duties.
    pub async fn begin(
        app: &'a App,
        actor: &'a Actor,
        batch_no: &str,
        version: i64,
        action: Action,
    ) -> Result<Self, Error> {
        role_may(actor, action)?;
        let step = Self::open(app, actor, batch_no, action).await?;
        step.permitted(None).await?;
        if step.batch.version != version {
            return Err(Error::Stale(format!(
                "批次 {batch_no} 已被他人办理，请刷新页面核对后再办"
            )));
        }
        Ok(step)
    }

    /// Begins without comparing versions, for acts that do not depend on what a page showed.
    pub async fn open(
        app: &'a App,
        actor: &'a Actor,
        batch_no: &str,
        action: Action,
    ) -> Result<Self, Error> {
        let tx = app.db.begin().await?;
        let batch = store::lock(&tx, batch_no)
            .await?
            .filter(|batch| batch.payer_division == actor.division)
            .ok_or(Error::NotFound("该批次"))?;
        let state = state_of(&batch)?;
        let at = app.clock.now();
        Ok(Self { app, actor, tx, batch, state, action, at, movements: Vec::new() })
    }

    /// Whether state and separation of duties allow the action.
    pub async fn permitted(&self, loader: Option<i64>) -> Result<(), Error> {
        let hands = Hands {
            makers: store::makers(&self.tx, &self.batch).await?,
            checker: self.batch.checked_by,
            loader,
        };
        let actor = self.actor;
        Ok(permit(self.state, self.action, actor.role, actor.holder_id, &hands)?)
    }

    /// The lines of the batch, once it is certain that they are what was frozen.
    ///
    /// # Errors
    /// [`Error::Refused`] naming what differs.
    pub async fn verified(&self) -> Result<Vec<FrozenLine>, Error> {
        let batch = &self.batch;
        let lines = store::frozen_lines(&self.tx, batch).await?;
        let content = content(batch, &lines);
        let hash = sha256_hex(content.canonical().as_bytes());
        let total = Fen::new(batch.total_fen);
        let stop = |what: &str| {
            Error::Refused(format!(
                "批次 {} 的内容与冻结时不一致，已停止办理：{what}。请勿付款，并通知审计人员核查",
                batch.batch_no
            ))
        };
        if let Some(found) = content.difference(batch.line_count, total, &batch.content_hash, &hash)
        {
            return Err(stop(&found.to_string()));
        }
        let torn = lines.iter().find(|line| !is_consistent(line));
        match torn {
            Some(line) => Err(stop(&format!(
                "第 {} 笔 {} 的待付资金状态为“{}”，与批次不符",
                line.seq,
                line.payee_name,
                PaymentState::from_code(&line.payment_state).map_or("未知", Code::label)
            ))),
            None => Ok(lines),
        }
    }

    /// [`Step::verified`], and nothing has happened since that makes paying these lines wrong: no
    /// account was corrected, no entitlement lowered, and the actor recorded none of the accounts
    /// (domain.md 7.2 rule 2).
    pub async fn verified_for_release(&self) -> Result<Vec<FrozenLine>, Error> {
        let lines = self.verified().await?;
        let lowered = store::lowered_persons(&self.tx, &Scope::of(&self.batch)).await?;
        let again = "请退回编制，处理后重新冻结";
        let lowered =
            named(lines.iter().filter(|line| lowered.binary_search(&line.person_id).is_ok()));
        if let Some(names) = lowered {
            return Err(Error::Refused(format!("冻结后核定结果已变化：{names}。{again}")));
        }
        let kept_back = store::kept_back(&self.tx, &Scope::of(&self.batch)).await?;
        let held =
            named(lines.iter().filter(|line| kept_back.binary_search(&line.person_id).is_ok()));
        if let Some(names) = held {
            return Err(Error::Refused(format!("冻结后有资金被暂缓发放：{names}。{again}")));
        }
        let moved = named(lines.iter().filter(|line| line.account_superseded_at.is_some()));
        if let Some(names) = moved {
            return Err(Error::Refused(format!("冻结后收款账户已变更：{names}。{again}")));
        }
        let disputed = disputed_accounts(&self.tx).await?;
        let disputed =
            named(lines.iter().filter(|l| disputed.binary_search(&l.bank_account_id).is_ok()));
        if let Some(names) = disputed {
            return Err(Error::Refused(format!(
                "本人对收款账户有异议，尚未答复：{names}。{again}"
            )));
        }
        self.taxed_as_settled(&lines).await?;
        if self.action == Action::IssueFile {
            signature::must_hold(self.app, &self.tx, &self.batch).await?;
        }
        self.recorded_no_account(&lines).await?;
        Ok(lines)
    }

    /// How tax is handled has not been settled otherwise since.
    async fn taxed_as_settled(&self, lines: &[FrozenLine]) -> Result<(), Error> {
        let batch = &self.batch;
        let now = tax::settled(&self.tx, (&batch.programme, batch.award_year)).await?;
        let as_now =
            |line: &FrozenLine| now.withheld(Fen::new(line.amount_fen)) == Fen::new(line.tax_fen);
        if batch.tax_treatment == now.code() && lines.iter().all(as_now) {
            return Ok(());
        }
        Err(Error::Refused(format!(
            "冻结后个人所得税处理已变更为“{}”。请退回编制，重新冻结",
            now.label()
        )))
    }

    /// Whoever recorded an account, put it down or confirmed it may not make, check or approve a batch that pays to it.
    async fn recorded_no_account(&self, lines: &[FrozenLine]) -> Result<(), Error> {
        let mut accounts: Vec<i64> = lines.iter().map(|line| line.account_recorded_by).collect();
        accounts.sort_unstable();
        accounts.dedup();
        let holders = store::holders_of(&self.tx, accounts).await?;
        let holder = self.actor.holder_id;
        let touched = account_filing::touched_by(&self.tx, holder).await?;
        let own = |line: &&FrozenLine| {
            holders.contains(&(line.account_recorded_by, holder))
                || touched.contains(&line.bank_account_id)
        };
        match named(lines.iter().filter(own)) {
            Some(names) => Err(Error::Refused(own_account_text(&names))),
            None => Ok(()),
        }
    }

    /// Lets the files whose money is in the batch follow it: those of the years for what runs
    /// computed, those that granted it for every other stream.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn files_follow(&self, cause: Cause) -> Result<(), Error> {
        let persons = yearly_file::persons_of_batch(&self.tx, &self.batch).await?;
        let year = i32::try_from(self.batch.award_year)
            .map_err(|_| Error::Internal(format!("year of batch {}", self.batch.id)))?;
        webhook::money_moved(self.app, &self.tx, (&persons, year)).await?;
        if self.batch.programme != CORE_ENGINEER {
            return benefit::follow_money(self.app, &self.tx, &self.batch).await;
        }
        let of = (self.batch.programme.as_str(), year);
        yearly::follow_money(self.app, &self.tx, self.actor, of, (&persons, cause)).await
    }

    /// Books what the step moves. A step that changes nothing has nothing to compare either.
    async fn book(&self, to: State) -> Result<(), Error> {
        if to == self.state && self.movements.is_empty() {
            return Ok(());
        }
        let key = Criteria::from(&self.batch).budget_key();
        let about = ("batch", self.batch.batch_no.as_str());
        let by = self.actor.account_id;
        ledger::book(self.app, &self.tx, by, (&key, about), &self.movements).await
    }

    /// Notes that money moves with this step.
    pub fn moves(&mut self, event: Event, amount: Fen, paid_on: Option<NaiveDate>) {
        let award_year = Some(self.batch.award_year);
        self.movements.push(Movement { event, amount, award_year, paid_on });
    }

    /// Saves the batch in its new state, records the step and the audit event, and commits.
    ///
    /// # Errors
    /// When anything fails; then nothing has happened.
    pub async fn finish(
        mut self,
        to: State,
        reason: &str,
        detail: Value,
    ) -> Result<Standing, Error> {
        let before = self.state;
        to.code().clone_into(&mut self.batch.state);
        let version = store::save(&self.tx, self.batch.clone()).await?;
        self.book(to).await?;
        let batch = &self.batch;
        let step = NewStep {
            batch_id: batch.id,
            revision: batch.revision,
            action: Some(self.action),
            from: before,
            to,
            account_id: self.actor.account_id,
            holder_id: self.actor.holder_id,
            at: self.at,
            reason,
            content_hash: &batch.content_hash,
        };
        store::add_step(&self.tx, &step).await?;
        let mut event = json!({
            "from": before.code(),
            "to": to.code(),
            "revision": batch.revision,
            "lines": batch.line_count,
            "total": Fen::new(batch.total_fen),
            "content_hash": batch.content_hash,
        });
        if !reason.is_empty() {
            event["reason"] = reason.into();
        }
        if let (Some(event), Value::Object(more)) = (event.as_object_mut(), detail) {
            event.extend(more);
        }
        let verb = format!("batch.{}", self.action.code());
        let object = ("batch", batch.batch_no.as_str());
        log(self.app, &self.tx, self.actor, &verb, object, &event).await?;
        let standing = standing(batch, to, version);
        self.tx.commit().await?;
        Ok(standing)
    }
}

/// The refusal of domain.md 7.2 rule 2.
pub(super) fn own_account_text(names: &str) -> String {
    format!("您登记或变更过其中的收款账户，按规定不能办理含有这些账户的批次：{names}。请由他人办理")
}

/// `第 3 笔 张三、…` of the first few lines; `None` when there is no line.
fn named<'l>(lines: impl Iterator<Item = &'l FrozenLine>) -> Option<String> {
    let lines: Vec<_> = lines.collect();
    let first: Vec<String> = lines
        .iter()
        .take(NAMED)
        .map(|line| format!("第 {} 笔 {}", line.seq, line.payee_name))
        .collect();
    let more = if lines.len() > NAMED { format!("等 {} 笔", lines.len()) } else { String::new() };
    (!lines.is_empty()).then(|| format!("{}{more}", first.join("、")))
}

/// A pending line holds its money, a settled one has paid it. The money of a failed line goes its
/// own way.
fn is_consistent(line: &FrozenLine) -> bool {
    let expected = match Outcome::from_code(&line.outcome) {
        Some(Outcome::Pending) => PaymentState::InBatch,
        Some(Outcome::Settled) => PaymentState::Paid,
        Some(Outcome::Failed) => return true,
        Some(Outcome::Released) | None => return false,
    };
    line.payment_state == expected.code()
}

pub(super) fn state_of(batch: &Batch) -> Result<State, Error> {
    State::from_code(&batch.state)
        .ok_or_else(|| Error::Internal(format!("unknown state of batch {}", batch.id)))
}

pub(super) fn standing(batch: &Batch, state: State, version: i64) -> Standing {
    Standing {
        batch_no: batch.batch_no.clone(),
        state,
        version,
        revision: batch.revision,
        line_count: batch.line_count,
        total: Fen::new(batch.total_fen),
        content_hash: batch.content_hash.clone(),
    }
}

/// The content of a batch as it is stored now.
pub(super) fn content<'b>(batch: &'b Batch, lines: &[FrozenLine]) -> Content<'b> {
    let line = |line: &FrozenLine| ContentLine {
        seq: line.seq,
        line_ref: line.line_ref.clone(),
        line_no: line.line_no.clone(),
        payee_name: line.payee_name.clone(),
        account_index: line.account_index.clone(),
        bank_name: line.bank_name.clone(),
        cnaps: line.cnaps.clone(),
        amount: Fen::new(line.amount_fen),
        payable: Fen::new(line.payable_fen),
        tax: Fen::new(line.tax_fen),
    };
    Content {
        batch_no: &batch.batch_no,
        revision: batch.revision,
        programme: &batch.programme,
        award_year: batch.award_year,
        budget_year: batch.budget_year,
        source: &batch.source,
        payer_division: &batch.payer_division,
        payer_account: &batch.payer_account,
        purpose: &batch.purpose,
        tax_treatment: &batch.tax_treatment,
        lines: lines.iter().map(line).collect(),
    }
}
