//! The yearly check of recognitions as a campaign: how far it has come, who is late, and the acts
//! of enterprise, county and province on many at once.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use serde_json::json;

use super::case::{Submitted, act};
use super::seen::note_files_exported;
use super::{Actor, Error, invalid, log};
use crate::app::App;
use crate::clock::china_time;
use crate::domain::annual_check::{CheckStanding, Known, Tally, is_late, last_day};
use crate::domain::authority::{Act, Role};
use crate::domain::lifecycle::{CaseKind, Evidence, RecognitionAct as A, RecognitionState as S};
use crate::domain::region;
use crate::domain::registry::Code;
use crate::file::workbook::{CellOut, ColumnKind, ColumnSpec, Table, write_xlsx};
use crate::store::case::CaseRow;
use crate::store::{annual as store, stipend};

/// Most files of one bulk act.
pub const MOST_AT_ONCE: usize = 200;

/// A recognition in the check of a year.
#[derive(Debug, Clone)]
pub struct CheckLine {
    /// Number of the file.
    pub no: String,
    /// What it is about.
    pub about: String,
    /// Enterprise.
    pub enterprise: String,
    /// City-level unit.
    pub city: String,
    /// How it stands.
    pub standing: CheckStanding,
    /// Day of the report in the year.
    pub reported_on: Option<NaiveDate>,
    /// Day on which it passed in the year.
    pub passed_on: Option<NaiveDate>,
    /// Last day for what is still to come.
    pub due_on: Option<NaiveDate>,
    /// Whether that is over.
    pub late: bool,
    /// Whether the reader can act on it from the campaign.
    pub actionable: bool,
    seen_steps: i64,
}

/// A campaign.
#[derive(Debug, Clone)]
pub struct Campaign {
    /// Its year.
    pub year: i32,
    /// Over everything in scope.
    pub all: Tally,
    /// By city-level unit, in the official order.
    pub cities: Vec<(String, Tally)>,
    /// Every recognition of which the year asks something, late ones first.
    pub lines: Vec<CheckLine>,
    /// What the reader can do with many at once.
    pub deed: Option<BulkDeed>,
}

/// What a role can do with many files of a campaign at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BulkDeed {
    act: A,
    /// Label of the act.
    pub label: &'static str,
    /// What goes into every file.
    pub evidence: Evidence,
    /// What files it is for, in words.
    pub hint: &'static str,
}

fn deed_of(actor: &Actor) -> Option<BulkDeed> {
    let deed = |act: A, evidence, hint| BulkDeed { act, label: act.label(), evidence, hint };
    match actor.role {
        Role::EnterpriseClerk | Role::EnterpriseSignatory => Some(deed(
            A::ReportYear,
            Evidence::YearReport,
            "对未报告的认定，写明仍在岗、无失信等情况",
        )),
        Role::HrCounty => {
            Some(deed(A::PassAnnualCheck, Evidence::Opinion, "对已报告的认定，写明核查意见"))
        }
        Role::HrCity if actor.scope.takes_both_steps() => {
            let hint = "对已报告的认定，写明核查意见";
            Some(deed(A::PassAnnualCheckJointly, Evidence::Opinion, hint))
        }
        Role::HrProvince => {
            Some(deed(A::Suspend, Evidence::Ground, "对逾期未报告或逾期未通过的认定，写明事由"))
        }
        _ => None,
    }
}

fn fits(deed: &BulkDeed, standing: CheckStanding, late: bool) -> bool {
    match deed.act {
        A::ReportYear => standing == CheckStanding::Missing,
        A::PassAnnualCheck | A::PassAnnualCheckJointly => standing == CheckStanding::Reported,
        _ => late,
    }
}

/// The years that can be looked at, the latest first.
pub fn years(app: &App) -> Vec<i32> {
    let this = app.clock.today().year();
    (2026..=this).rev().collect()
}

/// The campaign of a year within the reader's scope.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn campaign(app: &App, actor: &Actor, year: i32) -> Result<Campaign, Error> {
    actor.must(Act::ReadCases)?;
    let (read, today) = (app.db.read(), app.clock.today());
    let states = [S::Recognised, S::AnnualCheck, S::Suspended].map(S::code);
    let files = store::files(read, &actor.scope, CaseKind::Recognition.code(), &states).await?;
    let ids: Vec<i64> = files.iter().map(|row| row.id).collect();
    let codes = [
        A::Recognise,
        A::RecogniseOnMerits,
        A::ReportYear,
        A::PassAnnualCheck,
        A::PassAnnualCheckJointly,
    ]
    .map(A::code);
    let acts = store::acts(read, &ids, &codes).await?;
    let mut enterprises: Vec<i64> = files.iter().filter_map(|row| row.enterprise_id).collect();
    enterprises.sort_unstable();
    enterprises.dedup();
    let names = stipend::explain::enterprise_names(read, &enterprises).await?;
    let units = store::city_units(read, &enterprises, today).await?;
    let deed = deed_of(actor).filter(|_| year == today.year());
    let mut campaign =
        Campaign { year, all: Tally::default(), cities: Vec::new(), lines: Vec::new(), deed };
    let mut cities: BTreeMap<String, Tally> = BTreeMap::new();
    for row in &files {
        let days = |act: A| acts.get(&(row.id, act.code().to_owned()));
        let in_year = |act: A| {
            days(act).and_then(|days| days.iter().rev().find(|on| on.year() == year).copied())
        };
        let given = days(A::Recognise).or_else(|| days(A::RecogniseOnMerits));
        let Some(given) = given.and_then(|days| days.first()) else { continue };
        let passed_on = in_year(A::PassAnnualCheck).max(in_year(A::PassAnnualCheckJointly));
        let state = S::from_code(&row.state).unwrap_or(S::Recognised);
        let known = Known { state, recognised_on: *given, passed_on };
        let Some(standing) = known.standing(year) else { continue };
        let late = is_late(standing, year, today);
        let unit = row.enterprise_id.and_then(|id| units.get(&id)).cloned().unwrap_or_default();
        campaign.all.add(standing, late);
        cities.entry(unit.clone()).or_default().add(standing, late);
        campaign.lines.push(CheckLine {
            no: row.case_no.clone(),
            about: row.about.clone(),
            enterprise: name_of(row, &names),
            city: city_name(&unit),
            reported_on: in_year(A::ReportYear),
            due_on: last_day(standing, year),
            actionable: deed.is_some_and(|deed| fits(&deed, standing, late)),
            seen_steps: row.steps,
            passed_on,
            standing,
            late,
        });
    }
    campaign.lines.sort_by_key(|line| (!line.late, line.due_on.is_none(), line.due_on));
    campaign.cities = cities.into_iter().map(|(unit, tally)| (city_name(&unit), tally)).collect();
    Ok(campaign)
}

fn name_of(row: &CaseRow, names: &std::collections::HashMap<i64, String>) -> String {
    row.enterprise_id.and_then(|id| names.get(&id).cloned()).unwrap_or_default()
}

fn city_name(unit: &str) -> String {
    region::full_name(unit).map_or_else(|| "未登记地区".to_owned(), str::to_owned)
}

/// What became of one file of a bulk act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowResult {
    /// Number of the file.
    pub no: String,
    /// State that it came to, or why not.
    pub outcome: Result<&'static str, String>,
}

/// Does the reader's act on many files, each by itself: one that is refused stops no other.
///
/// # Errors
/// [`Error::Forbidden`] for a role without such an act; [`Error::Invalid`] without files or text.
pub async fn act_on_many(
    app: &App,
    actor: &Actor,
    numbers: &[String],
    text: &str,
) -> Result<Vec<RowResult>, Error> {
    let deed = deed_of(actor).ok_or(Error::Forbidden(Act::ReadCases))?;
    let mut faults = Vec::new();
    if numbers.is_empty() || numbers.len() > MOST_AT_ONCE {
        faults.push(invalid("case", format!("请勾选 1 至 {MOST_AT_ONCE} 件")));
    }
    if text.trim().is_empty() {
        faults.push(invalid("text", format!("请填写{}", deed.evidence.label())));
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let campaign = campaign(app, actor, app.clock.today().year()).await?;
    let mut results = Vec::with_capacity(numbers.len());
    for no in numbers {
        let line = campaign.lines.iter().find(|line| line.no == *no);
        let outcome = match line {
            None => Err("没有找到这个办件，或不在您的管理范围内".to_owned()),
            Some(line) if !line.actionable => {
                Err(format!("当前为“{}”，不需要{}", line.standing.label(), deed.label))
            }
            Some(line) => {
                let fields = [(deed.evidence.code().to_owned(), text.trim().to_owned())].into();
                let sent = Submitted {
                    act: deed.act.code().to_owned(),
                    remark: String::new(),
                    seen_steps: line.seen_steps,
                    fields,
                };
                act(app, actor, no, &sent).await.map_err(|error| error.to_string())
            }
        };
        results.push(RowResult { no: no.clone(), outcome });
    }
    Ok(results)
}

/// The campaign as a spreadsheet.
///
/// # Errors
/// As [`campaign`]; [`Error::Refused`] when a text does not fit a cell.
pub async fn export(app: &App, actor: &Actor, year: i32) -> Result<Vec<u8>, Error> {
    let campaign = campaign(app, actor, year).await?;
    let columns = [
        ("办件编号", 16.0),
        ("对象", 36.0),
        ("企业", 36.0),
        ("地区", 16.0),
        ("状态", 12.0),
        ("报告日", 14.0),
        ("通过日", 14.0),
        ("期限", 14.0),
        ("是否逾期", 12.0),
    ];
    let column = |(name, width): (&str, f64)| ColumnSpec {
        name: name.to_owned(),
        width,
        kind: ColumnKind::Text,
    };
    let table = Table {
        title: format!("{year}年度核查"),
        columns: columns.into_iter().map(column).collect(),
        total_row: false,
        comment: format!("导出人：{}（{}）", actor.name, actor.organisation),
        created_at: china_time(app.clock.now()).naive_local(),
    };
    let day =
        |day: Option<NaiveDate>| day.map_or(CellOut::Empty, |day| CellOut::Text(day.to_string()));
    let text = |text: &str| CellOut::Text(text.to_owned());
    let rows: Vec<Vec<CellOut>> = campaign
        .lines
        .iter()
        .map(|line| {
            vec![
                text(&line.no),
                text(&line.about),
                text(&line.enterprise),
                text(&line.city),
                text(line.standing.label()),
                day(line.reported_on),
                day(line.passed_on),
                day(line.due_on),
                text(if line.late { "是" } else { "否" }),
            ]
        })
        .collect();
    let count = rows.len();
    let bytes = write_xlsx(&table, rows).map_err(|error| Error::Refused(error.to_string()))?;
    let tx = app.db.begin().await?;
    let files: Vec<&str> = campaign.lines.iter().map(|line| line.no.as_str()).collect();
    note_files_exported(app, &tx, actor, &files).await?;
    let (number, detail) = (year.to_string(), json!({ "rows": count }));
    log(app, &tx, actor, "campaign.exported", ("campaign", &number), &detail).await?;
    tx.commit().await?;
    Ok(bytes)
}
