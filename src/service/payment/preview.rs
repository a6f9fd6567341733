//! What a batch would hold: who is paid, who is left out and why, and whether the budget suffices.

use crate::vault::{kind, place};
use std::collections::{BTreeMap, BTreeSet};

use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::calendar::WorkCalendar;
use crate::domain::money::Fen;
use crate::domain::payment::{Ineligible, payee};
use crate::domain::registry::{BankAccount, Stated};
use crate::domain::tax::TaxTreatment;
use crate::file::bank::{BankLine, Charset, NeutralFile};
use crate::service::budget::{self, Figures};
use crate::service::{Actor, Error, calendar};
use crate::store::db::Tx;
use crate::store::own_page::disputed_accounts;
use crate::store::payment::{self as store, PaymentLine};
use crate::store::tax;

use super::{Criteria, create};

/// Payable money that is left out for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excluded {
    /// Why.
    pub reason: Ineligible,
    /// Number of persons.
    pub persons: i64,
    /// What they would have been paid.
    pub amount: Fen,
    /// What is wrong, for the first persons, each with the name of the account; may be empty.
    pub examples: Vec<String>,
}

/// What a new batch would hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Lines it would take, at most the criteria's `max_lines`.
    pub lines: i64,
    /// Their sum.
    pub total: Fen,
    /// Lines that could be paid but are beyond `max_lines`.
    pub waiting: i64,
    /// Who is left out, by reason.
    pub excluded: Vec<Excluded>,
    /// Allotted to the budget line.
    pub allotted: Fen,
    /// Allotted and not held or spent by any batch; negative when an allocation was taken back.
    pub available: Fen,
    /// How much the budget lacks for these lines, exactly; zero when it suffices.
    pub shortfall: Fen,
    /// How income tax is handled; while that is undetermined nothing can be frozen.
    pub treatment: Option<TaxTreatment>,
    /// What would be withheld of the sum.
    pub tax: Fen,
}

/// What a batch with these criteria would hold if it were frozen now.
///
/// # Errors
/// As [`create()`](super::create()).
pub async fn preview(app: &App, actor: &Actor, criteria: &Criteria) -> Result<Preview, Error> {
    actor.must(Act::MakeBatch)?;
    let criteria = create::checked(app, actor, criteria.clone())?;
    // Rolled back: reading in one transaction gives one picture.
    let tx = app.db.begin().await?;
    let selection = select(app, &tx, &criteria, false).await?;
    let total = selection.total()?;
    let money = (criteria.programme.as_str(), criteria.award_year);
    let treatment = tax::in_force(&tx, money).await?;
    Ok(Preview {
        lines: count(selection.chosen.len()),
        total,
        waiting: selection.waiting,
        tax: selection.withheld(treatment)?,
        treatment,
        shortfall: shortfall(total, selection.figures.available)?,
        allotted: selection.figures.allocated,
        available: selection.figures.available,
        excluded: selection.excluded,
    })
}

/// The lines that a batch takes, each with its account.
pub(super) struct Selection {
    pub chosen: Vec<(PaymentLine, Stated<BankAccount>)>,
    pub waiting: i64,
    pub excluded: Vec<Excluded>,
    pub figures: Figures,
}

impl Selection {
    /// Sum of the chosen lines.
    pub fn total(&self) -> Result<Fen, Error> {
        Fen::checked_sum(self.chosen.iter().map(|(line, _)| Fen::new(line.amount_fen)))
            .ok_or_else(overflow)
    }

    /// What a treatment withholds of the chosen lines.
    fn withheld(&self, treatment: Option<TaxTreatment>) -> Result<Fen, Error> {
        let Some(treatment) = treatment else { return Ok(Fen::ZERO) };
        let of = |(line, _): &(PaymentLine, _)| treatment.withheld(Fen::new(line.amount_fen));
        Fen::checked_sum(self.chosen.iter().map(of)).ok_or_else(overflow)
    }
}

fn overflow() -> Error {
    Error::Refused("合计金额超出可处理的范围，请减少每批笔数".to_owned())
}

/// What is missing when `total` is taken from `available`; zero when nothing is.
pub(super) fn shortfall(total: Fen, available: Fen) -> Result<Fen, Error> {
    Ok(total.checked_sub(available).ok_or_else(overflow)?.max(Fen::ZERO))
}

pub(super) fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Picks payable lines in the order in which they became payable. `lock` keeps them from changing
/// until the transaction ends.
pub(super) async fn select(
    app: &App,
    tx: &Tx,
    criteria: &Criteria,
    lock: bool,
) -> Result<Selection, Error> {
    let scope = criteria.scope();
    let lines = store::payable(tx, &scope, lock).await?;
    let accounts = store::accounts_of(tx, &scope).await?;
    let of_enterprises = store::enterprise_accounts_of(tx, &scope).await?;
    let lowered = store::lowered_persons(tx, &scope).await?;
    let figures = budget::figures(tx, &criteria.budget_key()).await?;
    let held = store::held_persons(tx, &scope, app.clock.today()).await?;
    let kept_back = store::kept_back(tx, &scope).await?;
    let disputed = disputed_accounts(tx).await?;
    let judge = Judge {
        app,
        purpose: &criteria.purpose,
        accounts: &accounts,
        of_enterprises: &of_enterprises,
        lowered: &lowered,
        held: &held,
        kept_back: &kept_back,
        disputed: &disputed,
        calendar: calendar::within(tx).await?,
    };
    let mut excluded: BTreeMap<Ineligible, Left> = BTreeMap::new();
    let (mut chosen, mut waiting) = (Vec::new(), 0);
    for line in lines {
        match judge.account(&line)? {
            Err((reason, example)) => excluded.entry(reason).or_default().add(&line, example)?,
            Ok(_) if count(chosen.len()) >= criteria.max_lines => waiting += 1,
            Ok(account) => chosen.push((line, account.clone())),
        }
    }
    let excluded = excluded.into_iter().map(|(reason, left)| left.excluded(reason)).collect();
    Ok(Selection { chosen, waiting, excluded, figures })
}

/// How many examples a reason shows.
const EXAMPLES: usize = 5;

#[derive(Default)]
struct Left {
    persons: BTreeSet<i64>,
    amount: Fen,
    examples: Vec<String>,
}

impl Left {
    fn add(&mut self, line: &PaymentLine, example: Option<String>) -> Result<(), Error> {
        self.persons.insert(line.person_id);
        self.amount = self.amount.checked_add(Fen::new(line.amount_fen)).ok_or_else(overflow)?;
        if self.examples.len() < EXAMPLES {
            self.examples.extend(example);
        }
        Ok(())
    }

    fn excluded(self, reason: Ineligible) -> Excluded {
        let persons = count(self.persons.len());
        Excluded { reason, persons, amount: self.amount, examples: self.examples }
    }
}

type Judged<'a> = Result<&'a Stated<BankAccount>, (Ineligible, Option<String>)>;

struct Judge<'a> {
    app: &'a App,
    purpose: &'a str,
    /// In order of the persons.
    accounts: &'a [Stated<BankAccount>],
    /// In order of the enterprises.
    of_enterprises: &'a [Stated<BankAccount>],
    /// Ascending.
    lowered: &'a [i64],
    calendar: WorkCalendar,
    /// Whose enterprise is suspended; ascending.
    held: &'a [i64],
    /// Whose money a finance office keeps back; ascending.
    kept_back: &'a [i64],
    /// Accounts that the person says are wrong; ascending.
    disputed: &'a [i64],
}

impl<'a> Judge<'a> {
    /// Where the line is paid to today, or why it is not.
    fn account(&self, line: &PaymentLine) -> Result<Judged<'a>, Error> {
        if self.lowered.binary_search(&line.person_id).is_ok() {
            return Ok(Err((Ineligible::Lowered, None)));
        }
        if self.kept_back.binary_search(&line.person_id).is_ok() {
            return Ok(Err((Ineligible::Held, None)));
        }
        if self.held.binary_search(&line.person_id).is_ok() {
            return Ok(Err((Ineligible::EmployerHeld, None)));
        }
        let (accounts, payee_id) = match line.payee_enterprise_id {
            Some(enterprise) => (self.of_enterprises, enterprise),
            None => (self.accounts, line.person_id),
        };
        let from = accounts.partition_point(|account| account.about < payee_id);
        let through = accounts.partition_point(|account| account.about <= payee_id);
        let versions = &accounts[from..through];
        match payee(versions, self.app.clock.today(), &self.calendar) {
            Err(reason) => Ok(Err((reason, None))),
            Ok(account) if self.disputed.binary_search(&account.id).is_ok() => {
                Ok(Err((Ineligible::Disputed, None)))
            }
            Ok(account) => Ok(match self.unfit(line, account)? {
                Some(why) => Err((Ineligible::Unfit, Some(why))),
                None => Ok(account),
            }),
        }
    }

    /// What a bank would refuse about the account; found now, it does not stop a finished batch.
    fn unfit(
        &self,
        line: &PaymentLine,
        account: &Stated<BankAccount>,
    ) -> Result<Option<String>, Error> {
        let order = BankLine {
            seq: 1,
            payee_name: account.fact.account_name.clone(),
            account_no: account_no(
                self.app,
                &account.fact.account_cipher,
                &account.fact.account_index,
            )?,
            bank_name: account.fact.bank_name.clone(),
            cnaps: account.fact.cnaps.clone(),
            amount: Fen::new(line.amount_fen),
            purpose: self.purpose.to_owned(),
            line_id: "1".to_owned(),
        };
        let name = order.payee_name.clone();
        let probe = NeutralFile {
            batch_no: "1".to_owned(),
            created_at: "1".to_owned(),
            lines: vec![order],
        };
        match probe.check(Charset::Gb18030) {
            Ok(_) => Ok(None),
            Err(crate::file::bank::BankError::Problems(problems)) => {
                let faults: Vec<String> =
                    problems.iter().map(|problem| problem.fault.to_string()).collect();
                Ok(Some(format!("{name}：{}", faults.join("，"))))
            }
            Err(other) => Err(Error::Refused(other.to_string())),
        }
    }
}

/// Opens a sealed account number and makes sure that it is the one that was indexed.
///
/// # Errors
/// When the key is another one or the row was changed.
pub(in crate::service) fn account_no(
    app: &App,
    cipher: &[u8],
    index: &str,
) -> Result<String, Error> {
    let number = app.vault.open_text(place::ACCOUNT, cipher)?;
    if app.vault.index(kind::ACCOUNT, &number) != index {
        return Err(Error::Refused(
            "有收款账户的密文与登记的索引不符，已停止办理，请通知审计人员核查".to_owned(),
        ));
    }
    Ok(number.to_string())
}
