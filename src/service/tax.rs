//! How income tax is handled for a programme's money of a year: the provincial finance office
//! proposes it with the tax office's document, another of its people decides (domain.md 2.6).
//! Until then the year is computed as ever, but no batch of it is frozen.

use chrono::{Datelike, NaiveDate};
use serde_json::json;

use super::budget::{month_of, programmes, visible_payer};
use super::payment::text_or_fault;
use super::proposal::judged;
use super::seen::{self, SeenKind};
use super::{Actor, Error, invalid, log, sheet};
use crate::app::App;
use crate::clock::{china_day_start, china_time};
use crate::domain::authority::Act;
use crate::domain::money::Fen;
use crate::domain::region;
use crate::domain::registry::Code;
use crate::domain::tax::TaxTreatment;
use crate::file::workbook::{CellOut, ColumnKind};
use crate::store::batch_view;
use crate::store::db::Tx;
use crate::store::tax::{self as store, NewRuling, Ruling, Span};

pub use crate::store::tax::TaxLine;

/// Rows of one page of the tax list.
pub const LINES_A_PAGE: u64 = 100;
/// Lines of one workbook.
const MOST_LINES: i64 = 100_000;
/// The first year that any stipend is for.
const FIRST_AWARD_YEAR: i64 = 2025;
const MAX_BASIS: usize = 500;
const MAX_DOCUMENT: usize = 60;

/// A ruling as it is typed.
#[derive(Debug, Clone, Copy)]
pub struct RulingForm<'a> {
    /// Programme.
    pub programme: &'a str,
    /// Award year.
    pub year: &'a str,
    /// Code of the treatment.
    pub treatment: &'a str,
    /// Why.
    pub basis: &'a str,
    /// Number of the document.
    pub document_no: &'a str,
}

/// A ruling with who had a hand in it.
#[derive(Debug, Clone)]
pub struct RulingLine {
    /// The ruling.
    pub row: Ruling,
    /// What it says.
    pub treatment: TaxTreatment,
    /// Title of the programme.
    pub programme: String,
    /// Who proposed it.
    pub proposer: String,
    /// Who decided; `None` while it waits.
    pub decider: Option<String>,
    /// Whether it is the one that batches go by.
    pub in_force: bool,
    /// Whether the actor may decide it.
    pub may_decide: bool,
}

fn is_provincial(actor: &Actor) -> bool {
    actor.division == region::PROVINCE
}

/// Whether the actor may propose rulings.
pub fn may_propose(actor: &Actor) -> bool {
    actor.role.may(Act::MakeBatch) && is_provincial(actor)
}

fn may_decide(actor: &Actor, row: &Ruling) -> bool {
    actor.role.may(Act::ApproveBatch)
        && is_provincial(actor)
        && row.decided_at.is_none()
        && row.proposed_by != actor.holder_id
}

fn must_be_provincial(actor: &Actor) -> Result<(), Error> {
    if is_provincial(actor) {
        Ok(())
    } else {
        Err(Error::Refused("个人所得税处理由省级财政部门统一确定".to_owned()))
    }
}

/// All rulings, the latest first.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadBatches`].
pub async fn rulings(app: &App, actor: &Actor) -> Result<Vec<RulingLine>, Error> {
    actor.must(Act::ReadBatches)?;
    let read = app.db.read();
    let rows = store::all(read).await?;
    let people: Vec<i64> =
        rows.iter().flat_map(|row| [Some(row.proposed_by), row.decided_by]).flatten().collect();
    let names = batch_view::holder_names(read, people).await?;
    let name = |id: i64| names.get(&id).cloned().unwrap_or_default();
    let titles = programmes(app).await?;
    let mut seen = Vec::new();
    let line = |row: Ruling| {
        let money = (row.programme.clone(), row.award_year);
        let in_force = row.accepted == Some(true) && !seen.contains(&money);
        if in_force {
            seen.push(money);
        }
        Ok(RulingLine {
            treatment: store::treatment(&row)?,
            programme: titles.get(&row.programme).unwrap_or(&row.programme).clone(),
            proposer: name(row.proposed_by),
            decider: row.decided_by.map(name),
            in_force,
            may_decide: may_decide(actor, &row),
            row,
        })
    };
    rows.into_iter().map(line).collect()
}

/// Proposes how the tax is handled; it holds once another person has accepted it. Returns the
/// official number.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::MakeBatch`]; [`Error::Refused`] outside the province's own
/// office; [`Error::Invalid`] (fields as in [`RulingForm`]), also while another one waits.
pub async fn propose(app: &App, actor: &Actor, form: &RulingForm<'_>) -> Result<String, Error> {
    actor.must(Act::MakeBatch)?;
    must_be_provincial(actor)?;
    let mut faults = Vec::new();
    if !programmes(app).await?.contains_key(form.programme) {
        faults.push(invalid("programme", "请选择项目"));
    }
    let years = FIRST_AWARD_YEAR..=i64::from(app.clock.today().year());
    let award_year = form.year.trim().parse().unwrap_or(0);
    if !years.contains(&award_year) {
        let text = format!("奖补年度应为 {} 至 {} 年", years.start(), years.end());
        faults.push(invalid("year", text));
    }
    let treatment = TaxTreatment::from_code(form.treatment);
    if treatment.is_none() {
        faults.push(invalid("treatment", "请选择处理方式"));
    }
    let basis = text_or_fault(&mut faults, ("basis", "依据"), form.basis, MAX_BASIS);
    let document_no =
        text_or_fault(&mut faults, ("document_no", "文号"), form.document_no, MAX_DOCUMENT);
    let (Some(treatment), true) = (treatment, faults.is_empty()) else {
        return Err(Error::Invalid(faults));
    };
    let tx = app.db.begin().await?;
    if store::is_waiting(&tx, (form.programme, award_year)).await? {
        let text = "该项目该年度已有待确认的处理意见，请先确认或退回";
        return Err(Error::Invalid(vec![invalid("year", text)]));
    }
    let new = NewRuling {
        programme: form.programme,
        award_year,
        treatment,
        basis: &basis,
        document_no: &document_no,
        proposed_by: actor.holder_id,
        proposed_at: app.clock.now(),
    };
    let no = store::propose(&tx, &new).await?;
    let detail = json!({
        "programme": form.programme, "year": award_year, "treatment": treatment.code(),
        "basis": basis, "document_no": document_no,
    });
    log(app, &tx, actor, "tax.proposed", ("tax", &no), &detail).await?;
    tx.commit().await?;
    Ok(no)
}

/// Accepts a ruling that another person proposed, or sends it back. An accepted one takes the
/// place of the one before; batches that are frozen already have to be frozen again.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ApproveBatch`]; [`Error::NotFound`]; [`Error::Refused`]
/// outside the province's own office and for whoever proposed it; [`Error::Stale`] when it was
/// decided before; [`Error::Invalid`] (`note`) when it is sent back without a reason.
pub async fn decide(
    app: &App,
    actor: &Actor,
    no: &str,
    (accept, note): (bool, &str),
) -> Result<(), Error> {
    actor.must(Act::ApproveBatch)?;
    must_be_provincial(actor)?;
    let tx = app.db.begin().await?;
    let row = store::lock(&tx, no).await?.ok_or(Error::NotFound("这项处理意见"))?;
    let proposal = (row.decided_at.is_some(), row.proposed_by);
    let note = judged(actor, proposal, (accept, note), ("这项处理意见", "处理意见"))?;
    store::decide(&tx, row.id, (accept, &note), (actor.holder_id, app.clock.now())).await?;
    let verb = if accept { "tax.accepted" } else { "tax.sent_back" };
    let detail = json!({
        "programme": row.programme, "year": row.award_year, "treatment": row.treatment,
        "note": note,
    });
    log(app, &tx, actor, verb, ("tax", no), &detail).await?;
    tx.commit().await?;
    Ok(())
}

/// The treatment that batches of this money go by.
///
/// # Errors
/// [`Error::Refused`] while it is undetermined.
pub(super) async fn settled(tx: &Tx, of: (&str, i64)) -> Result<TaxTreatment, Error> {
    store::in_force(tx, of).await?.ok_or_else(|| {
        Error::Refused(format!(
            "{} 年度的个人所得税处理尚未确定，不能冻结和拨付；请省级财政部门在“个税处理”中确定",
            of.1
        ))
    })
}

/// A month's list of what was paid and withheld.
#[derive(Debug, Clone)]
pub struct TaxList {
    /// First day of the month.
    pub month: NaiveDate,
    /// A page of its lines, in the order of payment.
    pub lines: Vec<TaxLine>,
    /// How many lines the month has.
    pub count: u64,
    /// Gross of the whole month.
    pub gross: Fen,
    /// Withheld in the whole month.
    pub tax: Fen,
}

/// What the actor's payer paid and withheld in a month by China's calendar (`2027-04`; this month
/// when the text is none), [`LINES_A_PAGE`] lines from `offset`.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadBatches`].
pub async fn list(app: &App, actor: &Actor, month: &str, offset: u64) -> Result<TaxList, Error> {
    actor.must(Act::ReadBatches)?;
    let month = month_of(month, app.clock.today());
    let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let piece = (signed(offset), signed(LINES_A_PAGE));
    let (lines, sums) = store::paid(app.db.read(), span(actor, month), piece).await?;
    Ok(TaxList {
        month,
        lines,
        count: u64::try_from(sums.lines).unwrap_or(0),
        gross: Fen::new(sums.gross_fen),
        tax: Fen::new(sums.tax_fen),
    })
}

fn span(actor: &Actor, month: NaiveDate) -> Span<'_> {
    let next = month.checked_add_months(chrono::Months::new(1)).unwrap_or(month);
    Span {
        payer_division: visible_payer(actor).unwrap_or_default(),
        from: china_day_start(month),
        to: china_day_start(next),
    }
}

/// The whole list of a month as a workbook, with its name. That it was taken away is logged, with
/// each person on it.
///
/// # Errors
/// As [`list`]; [`Error::Refused`] above 100,000 lines.
pub async fn workbook(app: &App, actor: &Actor, month: &str) -> Result<(String, Vec<u8>), Error> {
    actor.must(Act::ReadBatches)?;
    let month = month_of(month, app.clock.today());
    let tx = app.db.begin().await?;
    let (lines, sums) = store::paid(&tx, span(actor, month), (0, MOST_LINES)).await?;
    if sums.lines > MOST_LINES {
        return Err(Error::Refused(format!("这个月有 {} 笔，超过一次导出的上限", sums.lines)));
    }
    let persons: Vec<&str> = lines.iter().map(|line| line.person_no.as_str()).collect();
    seen::note_many(app, &tx, actor, (SeenKind::Exported, &persons)).await?;
    let title = format!("{} 代扣个税清单", month.format("%Y-%m"));
    let bytes = sheet::workbook(app, actor, &title, COLUMNS, lines.iter().map(cells))?;
    let detail = json!({ "month": month, "lines": sums.lines });
    let object = month.format("%Y-%m").to_string();
    log(app, &tx, actor, "tax.list_exported", ("tax", &object), &detail).await?;
    tx.commit().await?;
    Ok((format!("{title}.xlsx"), bytes))
}

const COLUMNS: &[sheet::Column] = &[
    ("姓名", ColumnKind::Text, 14.0),
    ("编号", ColumnKind::Text, 14.0),
    ("奖补年度", ColumnKind::Text, 10.0),
    ("处理方式", ColumnKind::Text, 34.0),
    ("支付日期", ColumnKind::Date, 12.0),
    ("批次", ColumnKind::Text, 14.0),
    ("应发（元）", ColumnKind::Amount, 16.0),
    ("代扣个税（元）", ColumnKind::Amount, 16.0),
    ("实发（元）", ColumnKind::Amount, 16.0),
];

fn cells(line: &TaxLine) -> Vec<CellOut> {
    let treatment = TaxTreatment::from_code(&line.tax_treatment).map_or("未区分", Code::label);
    vec![
        CellOut::Text(line.payee_name.clone()),
        CellOut::Text(line.person_no.clone()),
        CellOut::Text(line.award_year.to_string()),
        CellOut::Text(treatment.to_owned()),
        CellOut::Date(china_time(line.paid_at).date_naive()),
        CellOut::Text(line.batch_no.clone()),
        CellOut::Amount(Fen::new(line.amount_fen)),
        CellOut::Amount(Fen::new(line.tax_fen)),
        CellOut::Amount(Fen::new(line.amount_fen - line.tax_fen)),
    ]
}
