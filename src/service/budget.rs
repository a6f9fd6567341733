//! Budget lines: money a payer has for a source and a calendar year, and what became of it
//! (domain.md 5.5, item 5).
//!
//! A line is never stored: it is the sum of its allocations and of the batch lines that use it.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Actor, Error, log};
use crate::app::App;
use crate::domain::authority::{Act, Role, Scope};
use crate::domain::edition::source_label;
use crate::domain::money::Fen;
use crate::domain::region;
use crate::store::budget::{self as rows, BudgetFilter};
use crate::store::db::Tx;

pub use crate::store::budget::{Allocation, BudgetKey};

/// Characters of a document number.
const MAX_DOCUMENT_NO: usize = 60;
/// The first year that any stipend is paid in.
const FIRST_BUDGET_YEAR: i32 = 2025;

/// What became of the money of one budget line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Set aside by documents, those that take back included.
    pub allocated: Fen,
    /// In batches that have not gone to the bank.
    pub frozen: Fen,
    /// At the bank, without an answer.
    pub sent: Fen,
    /// Paid.
    pub paid: Fen,
    /// Failed or returned: available again, named for information only.
    pub failed: Fen,
    /// `allocated - frozen - sent - paid`; negative when a line was overdrawn.
    pub available: Fen,
}

impl Figures {
    /// What batches hold or have paid out.
    ///
    /// # Errors
    /// [`Error::Internal`] on overflow.
    pub fn committed(&self) -> Result<Fen, Error> {
        Fen::checked_sum([self.frozen, self.sent, self.paid]).ok_or_else(overflow)
    }

    fn add_use(&mut self, state: &str, outcome: &str, amount: Fen) -> Result<(), Error> {
        let bucket = match (outcome, state) {
            ("settled", _) => &mut self.paid,
            ("failed", _) => &mut self.failed,
            ("released", _) => return Ok(()),
            (_, "sent" | "part_returned" | "settled" | "closed") => &mut self.sent,
            _ => &mut self.frozen,
        };
        *bucket = bucket.checked_add(amount).ok_or_else(overflow)?;
        Ok(())
    }

    fn balanced(mut self) -> Result<Self, Error> {
        self.available = self.allocated.checked_sub(self.committed()?).ok_or_else(overflow)?;
        Ok(self)
    }
}

fn overflow() -> Error {
    Error::Internal("a budget sum overflows".to_owned())
}

/// One budget line with its documents.
#[derive(Debug, Clone)]
pub struct BudgetLine {
    /// Which one.
    pub key: BudgetKey,
    /// Its sums.
    pub figures: Figures,
    /// Its allocations, oldest first.
    pub allocations: Vec<Allocation>,
}

/// What users read for a source of money: 省级财政.
pub fn source_name(source: &str) -> String {
    format!("{}财政", source_label(source))
}

/// What users read for a payer: 福建省财政, 厦门市财政.
pub fn payer_name(division: &str) -> String {
    format!("{}财政", region::full_name(division).unwrap_or(division))
}

/// The payer whose money an actor sees; `None` sees all payers. Offices see their own division's
/// money only, the provincial auditor everyone's.
pub fn visible_payer(actor: &Actor) -> Option<&str> {
    let sees_all = actor.role == Role::Auditor && actor.scope == Scope::Province;
    (!sees_all).then_some(actor.division.as_str())
}

/// The sources an office may record money of and batch from, ascending: the one of its own level
/// and those its payment lines name.
///
/// # Errors
/// When the database fails.
pub async fn sources(app: &App, actor: &Actor) -> Result<Vec<String>, Error> {
    let own = if actor.division == region::PROVINCE {
        "province"
    } else if region::city_unit(&actor.division) == actor.division {
        "city"
    } else {
        "county"
    };
    let mut found = rows::sources_of_payer(app.db.read(), &actor.division).await?;
    found.push(own.to_owned());
    found.sort();
    found.dedup();
    Ok(found)
}

/// The budget lines that the actor sees, by year descending, payer and source.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadBatches`].
pub async fn lines(
    app: &App,
    actor: &Actor,
    budget_year: Option<i32>,
) -> Result<Vec<BudgetLine>, Error> {
    actor.must(Act::ReadBatches)?;
    let filter = BudgetFilter {
        source: None,
        payer_division: visible_payer(actor).map(str::to_owned),
        budget_year: budget_year.map(i64::from),
    };
    let conn = app.db.read();
    let mut lines =
        collect(rows::allocated(conn, &filter).await?, rows::used(conn, &filter).await?)?;
    for allocation in rows::allocations(conn, &filter).await? {
        let key = BudgetKey {
            source: allocation.source.clone(),
            payer_division: allocation.payer_division.clone(),
            budget_year: allocation.budget_year,
        };
        if let Some(line) = lines.get_mut(&key) {
            line.allocations.push(allocation);
        }
    }
    let mut lines: Vec<BudgetLine> = lines.into_values().collect();
    lines.sort_by(|a, b| {
        let order = |key: &BudgetKey| (-key.budget_year, key.payer_division.clone());
        order(&a.key).cmp(&order(&b.key)).then_with(|| a.key.source.cmp(&b.key.source))
    });
    Ok(lines)
}

/// The sums of one budget line, read in a transaction that first called
/// [`crate::store::budget::lock`] when it is going to spend.
///
/// # Errors
/// When the database fails or a sum overflows.
pub async fn figures(tx: &Tx, key: &BudgetKey) -> Result<Figures, Error> {
    let filter = BudgetFilter::from(key);
    let mut lines = collect(rows::allocated(tx, &filter).await?, rows::used(tx, &filter).await?)?;
    Ok(lines.remove(key).map(|line| line.figures).unwrap_or_default())
}

/// [`figures`] outside a transaction, for pages.
///
/// # Errors
/// As [`figures`].
pub async fn shown_figures(app: &App, key: &BudgetKey) -> Result<Figures, Error> {
    let filter = BudgetFilter::from(key);
    let conn = app.db.read();
    let mut lines =
        collect(rows::allocated(conn, &filter).await?, rows::used(conn, &filter).await?)?;
    Ok(lines.remove(key).map(|line| line.figures).unwrap_or_default())
}

fn collect(
    allocated: Vec<rows::AllocationSum>,
    used: Vec<rows::UseSum>,
) -> Result<BTreeMap<BudgetKey, BudgetLine>, Error> {
    let mut sums: BTreeMap<BudgetKey, Figures> = BTreeMap::new();
    for row in allocated {
        let key = BudgetKey {
            source: row.source,
            payer_division: row.payer_division,
            budget_year: row.budget_year,
        };
        sums.entry(key).or_default().allocated = Fen::new(row.amount_fen);
    }
    for row in used {
        let key = BudgetKey {
            source: row.source,
            payer_division: row.payer_division,
            budget_year: row.budget_year,
        };
        let figures = sums.entry(key).or_default();
        figures.add_use(&row.state, &row.outcome, Fen::new(row.amount_fen))?;
    }
    let line = |(key, figures): (BudgetKey, Figures)| {
        let figures = figures.balanced()?;
        Ok((key.clone(), BudgetLine { key, figures, allocations: Vec::new() }))
    };
    sums.into_iter().map(line).collect()
}

/// Money set aside by a document, as typed.
#[derive(Debug, Clone)]
pub struct AllocationForm<'a> {
    /// Source of the money.
    pub source: &'a str,
    /// Division that pays.
    pub payer_division: &'a str,
    /// Calendar year, as typed.
    pub budget_year: &'a str,
    /// Yuan as typed, thousands separators allowed; negative takes money back.
    pub amount: &'a str,
    /// Number of the document.
    pub document_no: &'a str,
}

/// Records money set aside, or taken back, by a document. An allocation is never changed; a wrong
/// one is taken back by another. What batches already hold cannot be taken back.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::MakeBatch`], [`Error::Invalid`] for a wrong field (names as
/// in [`AllocationForm`], the year `year`, the payer `payer`).
pub async fn record_allocation(
    app: &App,
    actor: &Actor,
    form: &AllocationForm<'_>,
) -> Result<(), Error> {
    actor.must(Act::MakeBatch)?;
    let (key, amount) = read_form(app, actor, form).await?;
    let tx = app.db.begin().await?;
    rows::lock(&tx, &key).await?;
    let document_no = form.document_no.trim();
    let earlier = rows::allocations(&tx, &BudgetFilter::from(&key)).await?;
    let twice = earlier.iter().any(|allocation| {
        allocation.document_no == document_no && allocation.amount_fen == amount.get()
    });
    if twice {
        return Err(wrong("document_no", "该文号的这笔金额已经登记过，不能重复登记"));
    }
    let figures = figures(&tx, &key).await?;
    let left = figures.available.checked_add(amount).ok_or_else(too_large)?;
    figures.allocated.checked_add(amount).ok_or_else(too_large)?;
    if amount < Fen::ZERO && left < Fen::ZERO {
        let text = format!(
            "冲减后指标将小于已占用和已付的金额：可冲减的余额为 {} 元",
            figures.available.max(Fen::ZERO).grouped()
        );
        return Err(wrong("amount", text));
    }
    let new = rows::NewAllocation {
        key: &key,
        amount_fen: amount.get(),
        document_no,
        recorded_by: actor.account_id,
        recorded_at: app.clock.now(),
    };
    rows::add(&tx, &new).await?;
    let detail = json!({
        "source": key.source,
        "payer_division": key.payer_division,
        "budget_year": key.budget_year,
        "amount": amount,
        "available": left,
    });
    log(app, &tx, actor, "budget.allocated", ("budget", document_no), &detail).await?;
    tx.commit().await?;
    Ok(())
}

fn wrong(field: &str, text: impl Into<String>) -> Error {
    Error::Invalid(vec![(field.to_owned(), text.into())])
}

fn too_large() -> Error {
    wrong("amount", "金额超出可处理的范围")
}

/// Checks the typed fields; all faults are reported at once.
async fn read_form(
    app: &App,
    actor: &Actor,
    form: &AllocationForm<'_>,
) -> Result<(BudgetKey, Fen), Error> {
    use chrono::Datelike;
    let mut faults: Vec<(String, String)> = Vec::new();
    let mut fault = |field: &str, text: String| faults.push((field.to_owned(), text));
    let years = FIRST_BUDGET_YEAR..=app.clock.today().year() + 1;
    let budget_year = form.budget_year.trim().parse().unwrap_or(0);
    if !years.contains(&budget_year) {
        fault("year", format!("预算年度应为 {} 至 {} 年", years.start(), years.end()));
    }
    if !sources(app, actor).await?.iter().any(|source| source == form.source) {
        fault("source", "请选择资金来源".to_owned());
    }
    if form.payer_division != actor.division {
        fault("payer", "只能登记本级财政的指标，请选择付款单位".to_owned());
    }
    let typed: String =
        form.amount.trim().chars().filter(|c| !matches!(c, ',' | '，' | ' ')).collect();
    let amount = match typed.parse::<Fen>() {
        Ok(amount) if amount == Fen::ZERO => {
            fault("amount", "金额不能为 0".to_owned());
            Fen::ZERO
        }
        Ok(amount) => amount,
        Err(error) => {
            fault("amount", error.to_string());
            Fen::ZERO
        }
    };
    let document_no = form.document_no.trim();
    if document_no.is_empty() {
        fault("document_no", "请填写指标文号".to_owned());
    } else if document_no.chars().count() > MAX_DOCUMENT_NO
        || document_no.chars().any(char::is_control)
    {
        fault("document_no", format!("指标文号应为不超过 {MAX_DOCUMENT_NO} 个字的一行文字"));
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let key = BudgetKey {
        source: form.source.to_owned(),
        payer_division: form.payer_division.to_owned(),
        budget_year: i64::from(budget_year),
    };
    Ok((key, amount))
}
