//! The books: what moves is booked with the act that moves it, and agrees with the payments
//! (domain.md 5.5).

use chrono::{Datelike, NaiveDate};

use super::Error;
use crate::app::App;
use crate::domain::ledger::{Books, Event, Lines, Mismatch};
use crate::domain::money::Fen;
use crate::store::budget::{self, BudgetFilter, BudgetKey, UseSum};
use crate::store::db::Tx;
use crate::store::ledger::{self as store, NewEntry};

/// Something to book in one budget line.
#[derive(Debug, Clone, Copy)]
pub struct Movement {
    /// Why; says between which accounts.
    pub event: Event,
    /// How much. Below zero, it moves the other way; zero moves nothing.
    pub amount: Fen,
    /// Year that the money is for; `None` while that is open.
    pub award_year: Option<i64>,
    /// Day on which the bank paid.
    pub paid_on: Option<NaiveDate>,
}

impl Movement {
    /// Money whose year is open, and that no bank paid.
    pub const fn of(event: Event, amount: Fen) -> Self {
        Self { event, amount, award_year: None, paid_on: None }
    }
}

/// Books movements of a budget line with what they are about, in the name of an account, and makes sure that its books then
/// agree with the lines of its batches. Called when those are what they will be.
///
/// # Errors
/// When an account would give more than it has, or the books do not agree ([`Error::Internal`]);
/// then nothing of the act may stay.
pub async fn book(
    app: &App,
    tx: &Tx,
    by: i64,
    (key, about): (&BudgetKey, (&str, &str)),
    movements: &[Movement],
) -> Result<(), Error> {
    let now = app.clock.now();
    let in_year = i64::from(app.clock.today().year()) == key.budget_year;
    let mut entries = Vec::with_capacity(movements.len());
    for movement in movements.iter().filter(|movement| movement.amount != Fen::ZERO) {
        let (from, to) = movement.event.path(in_year);
        let backwards = Fen::ZERO.checked_sub(movement.amount);
        let (path, amount) = match backwards {
            Some(amount) if amount > Fen::ZERO => ((to, from), amount),
            _ => ((from, to), movement.amount),
        };
        entries.push(NewEntry {
            key,
            event: movement.event,
            path,
            amount,
            award_year: movement.award_year,
            paid_on: movement.paid_on,
            about,
            recorded_by: by,
            recorded_at: now,
        });
    }
    store::post(tx, &entries).await?;
    must_agree(tx, key).await
}

async fn must_agree(tx: &Tx, key: &BudgetKey) -> Result<(), Error> {
    let books = store::books_of(tx, key).await?;
    let used = budget::used(tx, &BudgetFilter::from(key)).await?;
    compare(&books, &lines(&used)?).map_err(|what| {
        let wrong = Disagreement { key: key.clone(), what };
        Error::Internal(format!("the books do not agree: {wrong}"))
    })
}

fn compare(books: &Books, lines: &Lines) -> Result<(), String> {
    if books.sum() != Some(Fen::ZERO) {
        return Err("各科目合计不为零".to_owned());
    }
    books.agree_with(lines).map_err(|mismatch: Mismatch| mismatch.to_string())
}

fn lines(used: &[UseSum]) -> Result<Lines, Error> {
    let mut lines = Lines::default();
    for sum in used {
        let account = match (sum.outcome.as_str(), sum.state.as_str()) {
            ("settled", _) => &mut lines.paid,
            (_, "sent" | "part_returned" | "settled" | "closed") => &mut lines.in_transit,
            _ => &mut lines.committed,
        };
        *account = account
            .checked_add(Fen::new(sum.amount_fen))
            .ok_or_else(|| Error::Internal("a sum of batch lines overflows".to_owned()))?;
    }
    Ok(lines)
}

/// A budget line whose books are wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// Which one.
    pub key: BudgetKey,
    /// What differs, for people.
    pub what: String,
}

impl std::fmt::Display for Disagreement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let BudgetKey { programme, source, payer_division, budget_year } = &self.key;
        write!(f, "{budget_year}/{programme}/{source}/{payer_division} {}", self.what)
    }
}

/// Compares the books of every budget line with the payments: what the nightly round does.
///
/// # Errors
/// When the database fails.
pub async fn disagreements(app: &App) -> Result<Vec<Disagreement>, Error> {
    let all = BudgetFilter::default();
    let read = app.db.read();
    let mut used = budget::used(read, &all).await?;
    let mut books = store::books(read, &all).await?;
    for sum in &used {
        books.entry(sum.key()).or_default();
    }
    let mut wrong = Vec::new();
    for (key, books) in books {
        let mine: Vec<UseSum> = used.extract_if(.., |sum| sum.key() == key).collect();
        if let Err(what) = compare(&books, &lines(&mine)?) {
            wrong.push(Disagreement { key, what });
        }
    }
    Ok(wrong)
}
