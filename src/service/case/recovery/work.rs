//! Acts on a recovery that move money.

use chrono::Datelike;

use super::{Look, account, entry, left, liability, note};
use crate::domain::ledger::{Account as Books, Event};
use crate::domain::lifecycle::RecoveryAct as A;
use crate::domain::money::Fen;
use crate::domain::registry::Code;
use crate::service::case::{Desk, yearly};
use crate::service::ledger::{Movement, book};
use crate::service::{Actor, Error};
use crate::store::recovery::{self as store, EntryKind, NewEntry, RecoveryRow};
use crate::store::{budget, ledger};

/// An act that moves money.
pub(super) struct Work<'a> {
    pub(super) desk: &'a Desk<'a>,
    pub(super) actor: &'a Actor,
    pub(super) row: RecoveryRow,
}

impl Work<'_> {
    async fn note(&self, event: Event, amount: Fen) -> Result<(), Error> {
        let Desk { app, tx, .. } = *self.desk;
        note(app, tx, self.actor.account_id, &self.row, (event, amount)).await
    }

    /// Who last did an act on the file.
    fn last(&self, act: A) -> Option<i64> {
        let done = self.desk.steps.iter().rev().find(|step| step.act == act.code());
        done.and_then(|step| step.holder_id)
    }

    pub(super) async fn decide(mut self) -> Result<(), Error> {
        let year = i64::from(self.desk.app.clock.today().year());
        let liable = liability::read(self.desk, &self.row).await?;
        store::claim(self.desk.tx, self.row.id, year, liable).await?;
        self.row.claim_year = Some(year);
        self.note(Event::Claimed, Fen::new(self.row.amount_fen)).await
    }

    pub(super) async fn agree_plan(self) -> Result<(), Error> {
        let desk = self.desk;
        let look = Look::of(desk.tx, self.row).await?;
        let plan = look.plan(desk)?;
        Ok(store::agree(desk.tx, look.row.id, &plan).await?)
    }

    pub(super) async fn receive(self) -> Result<(), Error> {
        let Desk { app, tx, sent, .. } = *self.desk;
        let (desk, holder) = (self.desk, self.actor.holder_id);
        let look = Look::of(tx, self.row).await?;
        let (amount, on_day) = look.receipt(desk)?;
        let new = NewEntry {
            kind: EntryKind::Repaid,
            amount,
            on_day,
            document_no: sent.text("treasury_receipt"),
            recorded_by: Some(holder),
            takes_effect: false,
            ..entry(app, &look.row)?
        };
        Ok(store::enter(tx, &new).await?)
    }

    pub(super) async fn answer_receipt(self, accepted: bool) -> Result<(), Error> {
        let Desk { app, tx, .. } = *self.desk;
        let gone = || Error::Stale("该归还登记已由他人处理，请刷新页面".to_owned());
        let waiting = account(tx, &self.row).await?.waiting.ok_or_else(gone)?;
        let by = (self.actor.holder_id, app.clock.now());
        store::decide_entry(tx, waiting.id, accepted, by).await?;
        if !accepted {
            return Ok(());
        }
        self.note(Event::Repaid, Fen::new(waiting.amount_fen)).await?;
        self.end_if_nothing_is_left().await
    }

    /// Sets off as much as is payable: the oldest line first. The money never leaves the budget
    /// line's bank: the line is paid, and what is owed is less by as much.
    pub(super) async fn set_off(self) -> Result<(), Error> {
        let Desk { app, tx, .. } = *self.desk;
        let (now, today) = (app.clock.now(), app.clock.today());
        let mut rest = left(tx, &self.row).await?;
        let year = i64::from(today.year());
        let key = store::budget_key(&self.row, year);
        budget::lock(tx, &key).await?;
        let lines = store::lock_payable(tx, &self.row).await?;
        let (mut movements, mut owners) = (Vec::new(), Vec::new());
        for line in lines {
            let amount = Fen::new(line.amount_fen).min(rest);
            if amount == Fen::ZERO {
                break;
            }
            let line_id = store::split_off(tx, &line, amount, now).await?;
            let new = NewEntry {
                kind: EntryKind::SetOff,
                amount,
                document_no: &self.row.recovery_no,
                budget_year: year,
                payment_line_id: Some(line_id),
                recorded_by: self.last(A::AgreeOffset),
                decided_by: Some(self.actor.holder_id),
                ..entry(app, &self.row)?
            };
            store::enter(tx, &new).await?;
            movements.push((line.award_year, amount));
            owners.push(line.person_id);
            rest = rest.checked_sub(amount).unwrap_or_default();
        }
        self.book_set_off(&key, &movements).await?;
        for ((award_year, _), owner) in movements.iter().zip(owners) {
            self.year_follows(*award_year, owner).await?;
        }
        self.end_if_nothing_is_left().await
    }

    async fn book_set_off(
        &self,
        key: &budget::BudgetKey,
        movements: &[(i64, Fen)],
    ) -> Result<(), Error> {
        let Desk { app, tx, .. } = *self.desk;
        let sum = Fen::checked_sum(movements.iter().map(|(_, amount)| *amount));
        let sum = sum.ok_or_else(|| Error::Internal("a set-off overflows".to_owned()))?;
        let free = ledger::books_of(tx, key).await?.balance(Books::Budget);
        if free < sum {
            return Err(Error::Refused(format!(
                "可用指标不足：抵扣需要列支 {} 元，可用 {} 元，请先登记新的指标",
                sum.grouped(),
                free.grouped()
            )));
        }
        let paid: Vec<Movement> = movements
            .iter()
            .map(|(year, amount)| Movement {
                award_year: Some(*year),
                ..Movement::of(Event::SetOff, *amount)
            })
            .collect();
        let about = ("recovery", self.row.recovery_no.as_str());
        book(app, tx, self.actor.account_id, (key, about), &paid).await?;
        self.note(Event::Repaid, sum).await
    }

    /// Gives up what is left, on the word of two people.
    pub(super) async fn give_up(self, event: Event, first: A) -> Result<(), Error> {
        let Desk { app, tx, sent, .. } = *self.desk;
        let rest = left(tx, &self.row).await?;
        let other = self.last(first).filter(|holder| *holder != self.actor.holder_id);
        let new = NewEntry {
            kind: EntryKind::WrittenOff,
            amount: rest,
            document_no: sent.text("decision_document"),
            recorded_by: other,
            decided_by: Some(self.actor.holder_id),
            ..entry(app, &self.row)?
        };
        store::enter(tx, &new).await?;
        self.note(event, rest).await?;
        self.end_if_nothing_is_left().await
    }

    async fn end_if_nothing_is_left(&self) -> Result<(), Error> {
        if left(self.desk.tx, &self.row).await? > Fen::ZERO {
            return Ok(());
        }
        store::close(self.desk.tx, self.row.id).await?;
        self.year_follows(self.row.award_year, self.row.person_id).await
    }

    /// Lets the file of a year follow its money.
    async fn year_follows(&self, award_year: i64, person: i64) -> Result<(), Error> {
        let Desk { app, tx, .. } = *self.desk;
        let year =
            i32::try_from(award_year).map_err(|_| Error::Internal(format!("year {award_year}")))?;
        let of = (self.row.programme.as_str(), year);
        yearly::follow_recovered(app, tx, self.actor, of, &[person]).await
    }
}
