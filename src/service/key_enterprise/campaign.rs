//! The reports and checks of a year over all listed enterprises.

use chrono::NaiveDate;
use serde_json::json;

use super::application::file_of;
use super::{PlaceFile, ReportLine};
use crate::app::App;
use crate::clock::china_time;
use crate::domain::authority::Act;
use crate::domain::key_enterprise::{ReportStanding, check_due, report_due, reported_year};
use crate::domain::lifecycle::{Evidence, KeyEnterpriseAct};
use crate::domain::registry::Code;
use crate::domain::roster::current;
use crate::file::workbook::{CellOut, ColumnKind, ColumnSpec, Table, write_xlsx};
use crate::service::case::{Submitted, act_within};
use crate::service::directory::ListingFilter;
use crate::service::{Actor, Error, log};
use crate::store::case as cases;
use crate::store::directory::{self, EnterpriseFilter};
use crate::store::fact::Versions;
use crate::store::key_enterprise as store;

/// Most enterprises that a list can hold; the pages show all of them.
const MOST: u64 = 20_000;

/// Which enterprises to show.
#[derive(Debug, Clone, Default)]
pub struct CampaignQuery {
    /// City-level unit; empty for all.
    pub city: String,
    /// Code of a [`ReportStanding`], or `unchecked`; empty for all.
    pub standing: String,
}

/// An enterprise in the year's check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignLine {
    /// Code.
    pub uscc: String,
    /// Name.
    pub name: String,
    /// Where it lies.
    pub place: String,
    /// How it stands with the report.
    pub standing: ReportStanding,
    /// The last report of the year.
    pub report: Option<ReportLine>,
    /// Its file.
    pub file: Option<PlaceFile>,
    /// Whether this year's check was passed or led on.
    pub checked: bool,
    /// Whether the check can begin now.
    pub may_begin: bool,
    /// Whether the check is not done and its time over.
    pub overdue: bool,
}

/// The year's check.
#[derive(Debug, Clone)]
pub struct Campaign {
    /// The year that the reports are about.
    pub year: i32,
    /// Last day of the reports.
    pub report_due: NaiveDate,
    /// Last day of the checks.
    pub check_due: NaiveDate,
    /// Listed enterprises in scope.
    pub total: usize,
    /// With a report.
    pub reported: usize,
    /// Checked.
    pub checked: usize,
    /// The lines asked for.
    pub rows: Vec<CampaignLine>,
}

/// The year's check over the listed enterprises in the actor's scope.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn campaign(app: &App, actor: &Actor, query: &CampaignQuery) -> Result<Campaign, Error> {
    actor.must(Act::ReadCases)?;
    let (read, today) = (app.db.read(), app.clock.today());
    let year = reported_year(today);
    let filter = EnterpriseFilter {
        today,
        text: None,
        city: (!query.city.is_empty()).then(|| query.city.clone()),
        listing: Some(ListingFilter::Listed),
        account_waits: false,
    };
    let keys = directory::enterprises(read, &actor.scope, &filter, 0, MOST).await?;
    let ids: Vec<i64> = keys.iter().map(|key| key.id).collect();
    let facts = directory::enterprise_files(read, &ids, Versions::Live).await?;
    let mut reports = store::reports(read, year, &ids).await?;
    let files = cases::places(read, &ids).await?;
    let open: Vec<i64> = files.values().map(|file| file.id).collect();
    let passed = cases::done_since(read, &open, CHECKED, first_of(year)).await?;
    let mut rows = Vec::with_capacity(keys.len());
    for key in &keys {
        let Some(known) = facts.get(&key.id) else { continue };
        let name = current(&known.names, today).map(|stated| stated.fact.name.clone());
        let place = current(&known.divisions, today);
        let handed: Vec<_> = reports.remove(&key.id).unwrap_or_default();
        let handed: Vec<_> = handed.into_iter().map(ReportLine::of).collect();
        let file = files.get(&key.id);
        let checked = file.is_some_and(|file| passed.contains(&file.id));
        let on_list = file.is_none_or(|file| file.state == "listed");
        rows.push(CampaignLine {
            uscc: key.uscc.clone(),
            name: name.unwrap_or_else(|| key.uscc.clone()),
            place: place.map(|at| directory_place(&at.fact.division)).unwrap_or_default(),
            standing: ReportStanding::of(year, handed.first().map(ReportLine::filed_on), today),
            report: handed.into_iter().next_back(),
            file: file.map(PlaceFile::of),
            checked,
            may_begin: actor.role.may(Act::KeepEnterpriseFiles) && on_list && !checked,
            overdue: !checked && check_due(year) < today,
        });
    }
    Ok(Campaign {
        year,
        report_due: report_due(year),
        check_due: check_due(year),
        total: rows.len(),
        reported: rows.iter().filter(|row| row.report.is_some()).count(),
        checked: rows.iter().filter(|row| row.checked).count(),
        rows: rows.into_iter().filter(|row| wanted(row, &query.standing)).collect(),
    })
}

/// Acts that end a check.
const CHECKED: &[&str] = &["pass_annual_check", "order_rectification"];

/// First day of the year in which the reports of `year` are checked.
fn first_of(year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year.saturating_add(1), 1, 1).unwrap_or(NaiveDate::MAX)
}

fn directory_place(division: &str) -> String {
    crate::domain::region::full_name(division).unwrap_or(division).to_owned()
}

fn wanted(row: &CampaignLine, standing: &str) -> bool {
    match standing {
        "" => true,
        "unchecked" => !row.checked,
        code => row.standing.code() == code,
    }
}

/// What became of one enterprise when checks were begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// Name.
    pub name: String,
    /// Number of the file, or why the check did not begin.
    pub outcome: Result<String, String>,
}

/// Begins the checks of the year of some enterprises, each by itself: what stands against one does
/// not hold up the others. Those without a file are taken over first.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Invalid`] when none is chosen.
pub async fn begin_checks(app: &App, actor: &Actor, usccs: &[String]) -> Result<Vec<Begun>, Error> {
    actor.must(Act::KeepEnterpriseFiles)?;
    if usccs.is_empty() {
        let text = "请选择要开始年度核查的企业".to_owned();
        return Err(Error::Invalid(vec![("uscc".to_owned(), text)]));
    }
    let mut begun = Vec::with_capacity(usccs.len());
    for line in campaign(app, actor, &CampaignQuery::default()).await?.rows {
        if !usccs.contains(&line.uscc) {
            continue;
        }
        let outcome = match begin(app, actor, &line).await {
            Ok(no) => Ok(no),
            Err(error @ (Error::Internal(_) | Error::Outage(..) | Error::Forbidden(_))) => {
                return Err(error);
            }
            Err(told) => Err(told.to_string()),
        };
        begun.push(Begun { name: line.name, outcome });
    }
    Ok(begun)
}

async fn begin(app: &App, actor: &Actor, line: &CampaignLine) -> Result<String, Error> {
    if line.checked {
        return Err(Error::Refused("今年已核查".to_owned()));
    }
    let report = line.report.as_ref().map_or_else(
        || line.standing.label().to_owned(),
        |report| format!("{}（{} 提交）", report.no, report.filed_on()),
    );
    let tx = app.db.begin().await?;
    let file = file_of(app, &tx, actor, &line.uscc).await?;
    let sent = Submitted {
        act: KeyEnterpriseAct::BeginAnnualCheck.code().to_owned(),
        remark: String::new(),
        seen_steps: file.steps,
        fields: [(Evidence::YearReport.code().to_owned(), report)].into(),
    };
    act_within(app, &tx, actor, &file.case_no, &sent).await?;
    tx.commit().await?;
    Ok(file.case_no)
}

/// The year's check as a workbook. The export is logged.
///
/// # Errors
/// As [`campaign`].
pub async fn export_campaign(
    app: &App,
    actor: &Actor,
    query: &CampaignQuery,
) -> Result<Vec<u8>, Error> {
    let found = campaign(app, actor, query).await?;
    let rows = found.rows.len();
    let bytes = write_xlsx(&table(app, actor, &found), found.rows.iter().map(cells))
        .map_err(|error| Error::Refused(error.to_string()))?;
    let detail = json!({ "year": found.year, "rows": rows });
    let tx = app.db.begin().await?;
    log(app, &tx, actor, "annual_check.exported", ("annual_check", ""), &detail).await?;
    tx.commit().await?;
    Ok(bytes)
}

fn cells(row: &CampaignLine) -> Vec<CellOut> {
    let said = row.report.as_ref().map(|line| &line.report);
    let number = |of: fn(&crate::domain::key_enterprise::YearReport) -> i64| {
        said.map_or(String::new(), |report| of(report).to_string())
    };
    [
        row.name.clone(),
        row.uscc.clone(),
        row.place.clone(),
        row.standing.label().to_owned(),
        row.report.as_ref().map_or(String::new(), |line| line.no.clone()),
        row.report.as_ref().map_or(String::new(), |line| line.filed_on().to_string()),
        number(|report| report.staff),
        number(|report| report.research_staff),
        number(|report| report.insured),
        said.map_or(String::new(), |report| report.research.to_string()),
        said.map_or("", |report| if report.still_ai { "是" } else { "否" }).to_owned(),
        row.file.as_ref().map_or("未建档", |file| file.state).to_owned(),
        if row.checked { "已核查" } else { "未核查" }.to_owned(),
    ]
    .map(CellOut::Text)
    .to_vec()
}

fn table(app: &App, actor: &Actor, found: &Campaign) -> Table {
    let columns = [
        ("企业", 32.0),
        ("统一社会信用代码", 22.0),
        ("地区", 20.0),
        ("年度报告", 12.0),
        ("报告编号", 16.0),
        ("提交日期", 12.0),
        ("职工人数", 10.0),
        ("研发人员", 10.0),
        ("参保人数", 10.0),
        ("研发投入（元）", 18.0),
        ("仍为人工智能", 14.0),
        ("档案状态", 12.0),
        ("年度核查", 12.0),
    ];
    let column = |(name, width): (&str, f64)| ColumnSpec {
        name: name.to_owned(),
        width,
        kind: ColumnKind::Text,
    };
    Table {
        title: format!("骨干企业 {} 年度核查", found.year),
        columns: columns.into_iter().map(column).collect(),
        total_row: false,
        comment: format!("导出人：{}（{}）", actor.name, actor.organisation),
        created_at: china_time(app.clock.now()).naive_local(),
    }
}
