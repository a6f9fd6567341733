//! The report of the year, handed in by the enterprise.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;

use super::{name_of, own};
use crate::app::App;
use crate::clock::china_time;
use crate::domain::key_enterprise::{ReportStanding, YearReport, report_due, reported_year};
use crate::domain::money::Fen;
use crate::domain::registry::{Code, Listing};
use crate::domain::roster::current;
use crate::service::{Actor, Error, invalid, log};
use crate::store::fact::{Versions, facts_of};
use crate::store::key_enterprise::{self as store, Filing, ReportRow};
use crate::store::{number, registry, roster};

/// A report as it is typed.
#[derive(Debug, Clone, Default)]
pub struct NewReport {
    /// People employed.
    pub staff: String,
    /// Of them in research.
    pub research_staff: String,
    /// People insured.
    pub insured: String,
    /// Spent on research, in yuan.
    pub research: String,
    /// `yes` or `no`.
    pub still_ai: String,
    /// What happened.
    pub statement: String,
}

/// A report that was handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportLine {
    /// Official number.
    pub no: String,
    /// When.
    pub filed_at: DateTime<Utc>,
    /// What it says.
    pub report: YearReport,
}

impl ReportLine {
    pub(super) fn of(row: ReportRow) -> Self {
        Self {
            no: row.report_no,
            filed_at: row.filed_at,
            report: YearReport {
                year: i32::try_from(row.report_year).unwrap_or_default(),
                staff: row.staff,
                research_staff: row.research_staff,
                insured: row.insured,
                research: Fen::new(row.research_fen),
                still_ai: row.still_ai,
                statement: row.statement,
            },
        }
    }

    /// The day on which it was handed in.
    pub fn filed_on(&self) -> NaiveDate {
        china_time(self.filed_at).date_naive()
    }
}

/// What an enterprise sees of its reports.
#[derive(Debug, Clone)]
pub struct OwnReports {
    /// Name.
    pub name: String,
    /// The year that is due.
    pub year: i32,
    /// Until when.
    pub due_on: NaiveDate,
    /// How it stands.
    pub standing: ReportStanding,
    /// Those of that year, the last one last.
    pub reports: Vec<ReportLine>,
    /// Why it hands none in.
    pub fault: Option<String>,
}

/// The reports of the year of the actor's enterprise.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn own_reports(app: &App, actor: &Actor) -> Result<OwnReports, Error> {
    let enterprise = own(actor)?;
    let (read, today) = (app.db.read(), app.clock.today());
    let year = reported_year(today);
    let reports = store::reports(read, year, &[enterprise]).await?.remove(&enterprise);
    let reports: Vec<_> = reports.unwrap_or_default().into_iter().map(ReportLine::of).collect();
    let listings = facts_of::<Listing>(read, enterprise, Versions::Live).await?;
    Ok(OwnReports {
        name: name_of(app, read, enterprise).await?,
        year,
        due_on: report_due(year),
        standing: ReportStanding::of(year, reports.first().map(ReportLine::filed_on), today),
        reports,
        fault: unlisted(current(&listings, today).is_some()),
    })
}

fn unlisted(listed: bool) -> Option<String> {
    (!listed).then(|| "企业今天不在骨干企业清单内，不需要提交年度报告".to_owned())
}

/// Hands in the report of the last year; gives its number. A later one of the same year stands
/// beside the first, which tells whether it was in time.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Invalid`] with the fields; [`Error::Refused`] off the list.
pub async fn file_report(app: &App, actor: &Actor, new: &NewReport) -> Result<String, Error> {
    let enterprise = own(actor)?;
    let today = app.clock.today();
    let report = read(new, reported_year(today))?;
    let tx = app.db.begin().await?;
    roster::lock_enterprise_id(&tx, enterprise).await?.ok_or(Error::NotFound("企业"))?;
    let listings = facts_of::<Listing>(&tx, enterprise, Versions::Live).await?;
    if let Some(why) = unlisted(current(&listings, today).is_some()) {
        return Err(Error::Refused(why));
    }
    let before = store::reports(&tx, report.year, &[enterprise]).await?;
    let before = before.get(&enterprise).map_or(0, Vec::len);
    let serial = number::allocate(&tx, "year-report", 1).await?;
    let report_no = format!("NB{}-{serial:05}", report.year);
    let filing = Filing {
        report_no: &report_no,
        enterprise_id: enterprise,
        revision: i64::try_from(before).unwrap_or(i64::MAX).saturating_add(1),
        by: actor.account_id,
        at: app.clock.now(),
    };
    store::report(&tx, filing, &report).await?;
    let uscc = registry::uscc_of(&tx, enterprise).await?.unwrap_or_default();
    let standing = ReportStanding::of(report.year, Some(today), today);
    let detail = json!({ "year": report.year, "report": report_no, "standing": standing.label() });
    log(app, &tx, actor, "year_report.filed", ("enterprise", &uscc), &detail).await?;
    tx.commit().await?;
    Ok(report_no)
}

fn read(new: &NewReport, year: i32) -> Result<YearReport, Error> {
    let number = |text: &str| text.trim().parse().unwrap_or(-1);
    let research = new.research.trim().parse::<Fen>();
    let still_ai = match new.still_ai.as_str() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    let report = YearReport {
        year,
        staff: number(&new.staff),
        research_staff: number(&new.research_staff),
        insured: number(&new.insured),
        research: research.unwrap_or(Fen::ZERO),
        still_ai: still_ai.unwrap_or(false),
        statement: new.statement.trim().to_owned(),
    };
    let mut faults: Vec<_> =
        report.faults().into_iter().map(|(field, text)| invalid(field, text)).collect();
    if research.is_err() {
        faults.push(invalid("research", "请填写研发投入（元），如 1200000 或 1200000.50"));
    }
    if still_ai.is_none() {
        faults.push(invalid("still_ai", "请选择主营业务是否仍为人工智能"));
    }
    if faults.is_empty() { Ok(report) } else { Err(Error::Invalid(faults)) }
}
