//! The campaign of a year, and the acts on many files at once.

use axum::extract::{Query, State};
use axum::response::IntoResponse;
use chrono::Datelike;
use serde::Deserialize;

use super::pages::{BulkForm, CampaignPage, CheckRow, ResultRow, TallyRow};
use crate::domain::annual_check::{CheckStanding, Tally};
use crate::domain::registry::Code;
use crate::service::Error;
use crate::service::annual_check::{self, Campaign, CheckLine, RowResult};
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::listing::{offset, pager};
use crate::web::page::Page;
use crate::web::send::{Filed, XLSX, download};
use crate::web::session::SignedIn;
use crate::web::site::Site;

const HERE: &str = "/campaigns";
const ROWS_A_PAGE: u64 = 100;
const LATE: &str = "late";
const ALL: &str = "all";

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    year: String,
    show: String,
    page: Option<u64>,
}

impl Wanted {
    fn year(&self, site: &Site) -> Result<i32, Error> {
        match self.year.as_str() {
            "" => Ok(site.app.clock.today().year()),
            text => {
                let year = text.parse().ok();
                let known = annual_check::years(&site.app);
                year.filter(|year| known.contains(year)).ok_or(Error::NotFound("该年度的核查"))
            }
        }
    }
}

pub(super) async fn show(
    State(site): State<Site>,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let page = page(&site, &who, &wanted, Vec::new(), FormState::new("bulk")).await?;
    Ok(Page::ok(page).into_response())
}

async fn page(
    site: &Site,
    who: &SignedIn,
    wanted: &Wanted,
    results: Vec<RowResult>,
    form: FormState,
) -> Result<CampaignPage, Error> {
    let year = wanted.year(site)?;
    let campaign = annual_check::campaign(&site.app, &who.actor, year).await?;
    let today = site.app.clock.today();
    let shows = |line: &&CheckLine| match wanted.show.as_str() {
        "" => line.actionable || line.late,
        ALL => true,
        LATE => line.late,
        standing => line.standing.code() == standing,
    };
    let chosen: Vec<&CheckLine> = campaign.lines.iter().filter(shows).collect();
    let from = offset(wanted.page, ROWS_A_PAGE);
    let start = usize::try_from(from).unwrap_or(usize::MAX);
    let rows: Vec<CheckRow> =
        chosen.iter().skip(start).take(ROWS_A_PAGE as usize).map(|line| row(line)).collect();
    let text = year.to_string();
    let conditions = [("year", text.as_str()), ("show", wanted.show.as_str())];
    let filter = FormState::filter(&conditions);
    let years: Vec<String> = annual_check::years(&site.app).iter().map(i32::to_string).collect();
    let total = u64::try_from(chosen.len()).unwrap_or(u64::MAX);
    Ok(CampaignPage {
        frame: who.frame(site, HERE).await?,
        year,
        is_this_year: year == today.year(),
        all: tally("合计", &campaign.all),
        cities: campaign.cities.iter().map(|(city, sums)| tally(city, sums)).collect(),
        years: years
            .iter()
            .map(|y| Choice { value: y.clone(), label: format!("{y} 年") })
            .collect(),
        shows: shown_choices(),
        pager: pager((HERE, &conditions), total, (from, ROWS_A_PAGE, rows.len())),
        rows,
        bulk: bulk(&campaign, form),
        results: results.into_iter().map(result).collect(),
        export_href: format!("{HERE}.xlsx?year={year}"),
        filter,
    })
}

fn shown_choices() -> Vec<Choice> {
    let mut shows = vec![(LATE, "逾期")];
    shows.extend(CheckStanding::ALL.iter().map(|s| (s.code(), s.label())));
    shows.push((ALL, "全部"));
    Choice::list(&shows)
}

fn bulk(campaign: &Campaign, form: FormState) -> Option<BulkForm> {
    let deed = campaign.deed.filter(|_| campaign.lines.iter().any(|line| line.actionable))?;
    let (label, field, hint) = (deed.label, deed.evidence.label(), deed.hint);
    Some(BulkForm { label, field, hint, form })
}

fn tally(name: &str, sums: &Tally) -> TallyRow {
    let coverage = sums
        .coverage_permille()
        .map_or_else(|| "—".to_owned(), |p| format!("{}.{}%", p / 10, p % 10));
    TallyRow {
        name: name.to_owned(),
        total: sums.total(),
        passed: sums.passed,
        reported: sums.reported,
        missing: sums.missing,
        suspended: sums.suspended,
        late: sums.late,
        coverage,
        permille: sums.coverage_permille().unwrap_or(0),
    }
}

fn row(line: &CheckLine) -> CheckRow {
    let day =
        |day: Option<chrono::NaiveDate>| day.map_or_else(|| "—".to_owned(), |d| d.to_string());
    CheckRow {
        no: line.no.clone(),
        about: line.about.clone(),
        enterprise: line.enterprise.clone(),
        city: line.city.clone(),
        standing: line.standing.label().to_owned(),
        reported_on: day(line.reported_on),
        passed_on: day(line.passed_on),
        due_on: day(line.due_on),
        late: line.late,
        actionable: line.actionable,
    }
}

fn result(row: RowResult) -> ResultRow {
    let (done, text) = match row.outcome {
        Ok(state) => (true, format!("已办理，现为“{state}”")),
        Err(why) => (false, why),
    };
    ResultRow { no: row.no, done, text }
}

/// `POST /campaigns/acts`. Fields: case (many), text. Answers with what became of each.
pub(super) async fn act(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let numbers: Vec<String> = filed.all("case").into_iter().map(str::to_owned).collect();
    let wanted = Wanted { show: filed.text("show").to_owned(), ..Wanted::default() };
    let outcome =
        annual_check::act_on_many(&site.app, &who.actor, &numbers, filed.text("text")).await;
    match outcome {
        Ok(results) => {
            let page = page(&site, &who, &wanted, results, FormState::new("bulk")).await?;
            Ok(Page::ok(page).into_response())
        }
        Err(error) => {
            let form = back_to_form(filed.state("bulk"), error)?;
            let page = page(&site, &who, &wanted, Vec::new(), form).await?;
            Ok(Page::retry(page).into_response())
        }
    }
}

pub(super) async fn xlsx(
    State(site): State<Site>,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let year = wanted.year(&site)?;
    let bytes = annual_check::export(&site.app, &who.actor, year).await?;
    Ok(download(&format!("年度核查-{year}.xlsx"), XLSX, bytes))
}
