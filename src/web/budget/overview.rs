//! Where the money of a year stands, and what it will cost to the policy's end.

use axum::extract::{Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;

use super::monthly::sums;
use super::views::{
    AgeRow, CostRow, ForecastPage, MoneyPage, MonthView, ReasonRow, ReservedRow, StandingRow,
    WaitingRow,
};
use crate::domain::money::Fen;
use crate::domain::overview::length;
use crate::domain::region;
use crate::service::budget::{
    self, Ageing, MonthEnd, Standing, Waiting, YearCost, payer_name, source_name, visible_payer,
};
use crate::web::failure::Answer;
use crate::web::form::{Choice, FormState};
use crate::web::overview::chart::burn_up;
use crate::web::page::Page;
use crate::web::policies::notes::notes;
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::Yuan;

/// Which award year.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    year: String,
    source: String,
}

/// `GET /budget/overview`.
pub(super) async fn overview(
    State(site): State<Site>,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let found =
        budget::money_overview(&site.app, &who.actor, (&wanted.year, &wanted.source)).await?;
    let year = found.award_year.to_string();
    let by_source: Vec<StandingRow> = found
        .by_source
        .iter()
        .map(|((source, payer), standing)| row(source_name(source), payer_name(payer), standing))
        .collect();
    let by_city = found.by_city.iter().map(|((city, source), standing)| {
        let city = region::full_name(city).unwrap_or("未注明地区");
        row(city.to_owned(), source_name(source), standing)
    });
    let mut sources: Vec<&String> = found.by_source.keys().map(|(source, _)| source).collect();
    sources.dedup();
    let choice = |code: &str| Choice { value: code.to_owned(), label: source_name(code) };
    let budget_year = found.award_year + 1;
    Ok(Page::ok(MoneyPage {
        frame: who.frame(&site, "/budget").await?,
        filter: FormState::new("filter").with("year", &year).with("source", &wanted.source),
        sources: sources.iter().map(|code| choice(code)).collect(),
        years: found
            .years
            .iter()
            .map(|year| Choice { value: year.to_string(), label: format!("{year} 年度") })
            .collect(),
        year: found.award_year,
        payer: visible_payer(&who.actor).map_or_else(|| "全部付款单位".to_owned(), payer_name),
        sums: sums(found.by_source.values().map(Standing::all)),
        by_city: by_city.collect(),
        by_source,
        budget_year,
        picture: picture(budget_year, &found.months),
        months: found.months.iter().map(month).collect(),
        ages: vec![aged("退票待重发", &found.failed), aged("暂缓发放", &found.held)],
        reasons: found
            .reasons
            .into_iter()
            .map(|(reason, (lines, sum))| ReasonRow { reason, lines, sum: Yuan(sum) })
            .collect(),
        oldest: found.oldest.into_iter().map(waiting).collect(),
    })
    .into_response())
}

fn row(name: String, of: String, standing: &Standing) -> StandingRow {
    StandingRow { name, of, figures: standing.all().map(Yuan) }
}

fn picture(year: i64, months: &[MonthEnd]) -> crate::web::overview::chart::Drawing {
    let highest = months.iter().map(|month| month.allotted.max(month.paid).get()).max();
    let highest = highest.unwrap_or(0).max(1);
    let points: Vec<(String, u32, u32)> = months
        .iter()
        .map(|month| {
            let part = |fen: Fen| length(fen.get(), highest);
            (format!("{}", month.month), part(month.paid), part(month.allotted))
        })
        .collect();
    let title = format!("{year} 年指标与支付");
    burn_up("burn-up", &title, "柱为截至月末的已付，横线为截至月末的指标", &points)
}

fn month(end: &MonthEnd) -> MonthView {
    let left = end.allotted.checked_sub(end.paid).unwrap_or(Fen::ZERO);
    MonthView {
        month: end.month,
        allotted: Yuan(end.allotted),
        paid: Yuan(end.paid),
        left: Yuan(left),
    }
}

fn aged(name: &'static str, ageing: &Ageing) -> AgeRow {
    let cell = |at: usize| (ageing.lines[at], Yuan(ageing.sums[at]));
    AgeRow { name, ages: [cell(0), cell(1), cell(2), cell(3)] }
}

fn waiting(waiting: Waiting) -> WaitingRow {
    let line = waiting.line;
    let kind = if line.batch_no.is_empty() { "暂缓" } else { "退票" };
    WaitingRow {
        kind,
        no: line.person_no,
        name: line.name,
        year: line.award_year,
        payer: payer_name(&line.payer_division),
        batch_no: line.batch_no,
        reason: line.reason,
        days: waiting.days,
        amount: Yuan::of(line.amount_fen),
    }
}

/// `GET /budget/forecast`.
pub(super) async fn forecast(State(site): State<Site>, who: SignedIn) -> Answer {
    let found = budget::forecast(&site.app, &who.actor).await?;
    let mut years: Vec<CostRow> = Vec::new();
    let mut total = Fen::ZERO;
    for ((year, source, payer), cost) in &found.years {
        let row = cost_row(i64::from(*year), (source, payer), cost);
        total = total.checked_add(row.total.0).unwrap_or(total);
        years.push(row);
    }
    let reserved = found.reserved.into_iter().map(|line| ReservedRow {
        source: source_name(&line.source),
        payer: payer_name(&line.payer),
        available: Yuan(line.available),
        reserved: Yuan(line.reserved),
        free: Yuan(line.free),
    });
    Ok(Page::ok(ForecastPage {
        frame: who.frame(&site, "/budget").await?,
        notes: notes(&site).await?,
        policy: found.policy,
        day: site.app.clock.today().to_string(),
        budget_year: found.budget_year,
        reserved: reserved.collect(),
        years,
        total: Yuan(total),
    })
    .into_response())
}

fn cost_row(year: i64, (source, payer): (&str, &str), cost: &YearCost) -> CostRow {
    CostRow {
        year,
        source: source_name(source),
        payer: payer_name(payer),
        paid: Yuan(cost.paid),
        reserved: Yuan(cost.reserved),
        pending: Yuan(cost.pending),
        projected: Yuan(cost.projected),
        persons: cost.persons,
        total: Yuan(cost.total().unwrap_or(Fen::ZERO)),
    }
}
