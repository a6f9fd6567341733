//! The reports and checks of the year.

use axum::extract::{Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;

use super::pages::{Annual, AnnualRow, OwnReport};
use crate::domain::authority::Act;
use crate::domain::draft::DraftForm;
use crate::domain::key_enterprise::ReportStanding;
use crate::domain::registry::Code;
use crate::service::Error;
use crate::service::key_enterprise::{
    self, CampaignLine, CampaignQuery, NewReport, OwnReports, ReportLine,
};
use crate::web::drafts::{self, DraftNote};
use crate::web::enterprises::handlers::city_choices;
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::page::Page;
use crate::web::send::{Filed, XLSX, done, download};
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::Yuan;

const HERE: &str = "/annual-reports";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    city: String,
    standing: String,
}

impl Wanted {
    fn query(&self) -> CampaignQuery {
        CampaignQuery { city: self.city.clone(), standing: self.standing.clone() }
    }
}

/// `GET /annual-reports`.
pub(super) async fn list(
    State(site): State<Site>,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    Ok(Page::ok(page(&site, &who, &wanted).await?).into_response())
}

async fn page(site: &Site, who: &SignedIn, wanted: &Wanted) -> Result<Annual, Error> {
    let found = key_enterprise::campaign(&site.app, &who.actor, &wanted.query()).await?;
    let role = who.actor.role;
    let own = match role.may(Act::FileKeyEnterprise) {
        true => {
            let of = (DraftForm::YearReport, "");
            let opened = drafts::opened(site, &who.actor, FormState::new("report"), of).await?;
            Some(own(key_enterprise::own_reports(&site.app, &who.actor).await?, opened))
        }
        false => None,
    };
    let conditions = [("city", wanted.city.as_str()), ("standing", wanted.standing.as_str())];
    let filter = FormState::filter(&conditions);
    let asked = serde_urlencoded::to_string(conditions).unwrap_or_default();
    Ok(Annual {
        frame: who.frame(site, HERE).await?,
        year: found.year,
        report_due: found.report_due.to_string(),
        check_due: found.check_due.to_string(),
        total: found.total,
        reported: found.reported,
        checked: found.checked,
        may_begin: found.rows.iter().any(|row| row.may_begin),
        rows: found.rows.into_iter().map(row).collect(),
        filter,
        cities: city_choices(),
        standings: standings(),
        export_href: format!("{HERE}.xlsx?{asked}"),
        begin: FormState::new("begin"),
        outcomes: Vec::new(),
        own,
    })
}

fn standings() -> Vec<Choice> {
    let known = ReportStanding::ALL.iter().map(|standing| (standing.code(), standing.label()));
    let all: Vec<_> = known.chain([("unchecked", "未核查")]).collect();
    Choice::list(&all)
}

fn says(line: &ReportLine) -> String {
    let report = &line.report;
    format!(
        "职工 {} 人，研发 {} 人，参保 {} 人，研发投入 {} 元",
        report.staff,
        report.research_staff,
        report.insured,
        Yuan::from(report.research)
    )
}

fn row(line: CampaignLine) -> AnnualRow {
    AnnualRow {
        uscc: line.uscc,
        name: line.name,
        place: line.place,
        standing: line.standing.label(),
        report: line.report.as_ref().map(|report| {
            let hints = report.report.hints();
            let hints = hints.into_iter().map(str::to_owned).collect();
            (report.no.clone(), report.filed_on().to_string(), says(report), hints)
        }),
        file: line.file.map(|file| (file.no, file.state)),
        check: match (line.checked, line.overdue) {
            (true, _) => "已核查",
            (false, true) => "逾期未核查",
            (false, false) => "未核查",
        },
        may_begin: line.may_begin,
    }
}

fn own(found: OwnReports, (form, draft): (FormState, DraftNote)) -> OwnReport {
    let told =
        |line: &ReportLine| format!("{}（{} 提交）：{}", line.no, line.filed_on(), says(line));
    OwnReport {
        name: found.name,
        due_on: found.due_on.to_string(),
        standing: found.standing.label(),
        reports: found.reports.iter().map(told).collect(),
        fault: found.fault.unwrap_or_default(),
        form,
        draft,
    }
}

/// `POST /annual-reports`: an enterprise hands in its report.
pub(super) async fn file(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let text = |field: &str| filed.text(field).to_owned();
    let new = NewReport {
        staff: text("staff"),
        research_staff: text("research_staff"),
        insured: text("insured"),
        research: text("research"),
        still_ai: text("still_ai"),
        statement: text("statement"),
    };
    match key_enterprise::file_report(&site.app, &who.actor, &new).await {
        Ok(no) => {
            drafts::sent(&site, &who.actor, &filed).await;
            Ok(done(HERE, &format!("年度报告 {no} 已提交")))
        }
        Err(error) => {
            let form = back_to_form(filed.state("report"), error)?;
            let mut page = page(&site, &who, &Wanted::default()).await?;
            if let Some(own) = &mut page.own {
                own.form = form;
                own.draft = drafts::note_of(&filed, DraftForm::YearReport);
            }
            Ok(Page::retry(page).into_response())
        }
    }
}

/// `POST /annual-reports/checks`. Field: uscc, as often as enterprises are chosen.
pub(super) async fn begin(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let chosen: Vec<String> = filed.all("uscc").into_iter().map(str::to_owned).collect();
    match key_enterprise::begin_checks(&site.app, &who.actor, &chosen).await {
        Ok(begun) => {
            let mut page = page(&site, &who, &Wanted::default()).await?;
            page.outcomes = begun
                .into_iter()
                .map(|row| match row.outcome {
                    Ok(no) => (row.name, "已开始", no, String::new()),
                    Err(why) => (row.name, "未办理", String::new(), why),
                })
                .collect();
            Ok(Page::ok(page).into_response())
        }
        Err(error) => {
            let begin = back_to_form(filed.state("begin"), error)?;
            let page = Annual { begin, ..page(&site, &who, &Wanted::default()).await? };
            Ok(Page::retry(page).into_response())
        }
    }
}

/// `GET /annual-reports.xlsx`.
pub(super) async fn table(
    State(site): State<Site>,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let bytes = key_enterprise::export_campaign(&site.app, &who.actor, &wanted.query()).await?;
    Ok(download("骨干企业年度核查.xlsx", XLSX, bytes))
}
