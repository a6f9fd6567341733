//! Reading and filing visits.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde::Deserialize;

use super::pages::{CostFields, VisitClaimPage, VisitNew, VisitPage, Visits};
use super::shown::{claim_form, filled, plan_form, row};
use crate::domain::draft::DraftForm;
use crate::domain::lifecycle::VisitState;
use crate::domain::travel::Expense;
use crate::domain::visit::{CostBearer, OverseasBasis};
use crate::service::Error;
use crate::service::roster::NewAccount;
use crate::service::visit::{
    self, MOST_COSTS, TypedClaim, TypedCost, TypedCut, TypedPlan, TypedVisitor, VISITS_A_PAGE,
    may_invite,
};
use crate::web::drafts::{self, DraftNote};
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::listing::{offset, pager};
use crate::web::once::once;
use crate::web::page::Page;
use crate::web::send::{Filed, done};
use crate::web::session::SignedIn;
use crate::web::site::Site;

const HERE: &str = "/visits";

/// The addresses of this area.
pub fn routes() -> Router<Site> {
    Router::new()
        .route(HERE, get(list).post(begin))
        .route("/visits/new", get(new))
        .route("/visits/{no}", get(read))
        .route("/visits/{no}/plan", get(ask_plan).post(change_plan))
        .route("/visits/{no}/claim", get(ask_claim).post(save_claim))
        .route("/visits/{no}/cuts", post(cut))
        .route("/visits/{no}/account", post(account))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    state: String,
    page: Option<u64>,
}

async fn list(State(site): State<Site>, who: SignedIn, Query(wanted): Query<Wanted>) -> Answer {
    let offset = offset(wanted.page, VISITS_A_PAGE);
    let (lines, count) = visit::visits(&site.app, &who.actor, &wanted.state, offset).await?;
    let shown = (offset, VISITS_A_PAGE, lines.len());
    let page = Visits {
        frame: who.frame(&site, HERE).await?,
        filter: FormState::new("filter").with("state", &wanted.state),
        states: Choice::of::<VisitState>(),
        rows: lines.into_iter().map(row).collect(),
        pager: pager((HERE, &[("state", wanted.state.as_str())]), count, shown),
        may_invite: may_invite(&who.actor),
    };
    Ok(Page::ok(page).into_response())
}

fn must_invite(who: &SignedIn) -> Result<(), Error> {
    match may_invite(&who.actor) {
        true => Ok(()),
        false => Err(Error::Forbidden(crate::domain::authority::Act::FileEngineers)),
    }
}

fn plan_page(frame: Frame, no: &str, (form, draft): (FormState, DraftNote)) -> VisitNew {
    VisitNew { frame, no: no.to_owned(), form, draft, bases: Choice::of::<OverseasBasis>() }
}

async fn new(State(site): State<Site>, who: SignedIn) -> Answer {
    must_invite(&who)?;
    let of = (DraftForm::VisitPlan, "");
    let opened = drafts::opened(&site, &who.actor, FormState::new("visit"), of).await?;
    Ok(Page::ok(plan_page(who.frame(&site, HERE).await?, "", opened)).into_response())
}

fn typed_plan(filed: &Filed) -> TypedPlan {
    let text = |field: &str| filed.text(field).to_owned();
    TypedPlan {
        origin: text("origin"),
        arrival: text("arrival"),
        exit: text("exit"),
        purpose: text("purpose"),
        basis: text("basis"),
        detail: text("detail"),
        budget: text("budget"),
    }
}

/// `POST /visits`. Fields: name, country, passport, birth, origin, arrival, exit, purpose, basis,
/// detail, budget.
async fn begin(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let visitor = TypedVisitor {
        name: filed.text("name").to_owned(),
        country: filed.text("country").to_owned(),
        passport: filed.text("passport").to_owned(),
        birth: filed.text("birth").to_owned(),
    };
    let plan = typed_plan(&filed);
    let effect = async {
        let no = visit::begin(&site.app, &who.actor, &visitor, &plan).await?;
        Ok((format!("{HERE}/{no}"), format!("已保存 {no}，请上传材料后在办件页面提交邀请。")))
    };
    match once(&site, &who, &filed, effect).await {
        Ok(answer) => Ok(answer),
        Err(error) => {
            let note = drafts::note_of(&filed, DraftForm::VisitPlan);
            let form = (back_to_form(filed.state("visit"), error)?, note);
            Ok(Page::retry(plan_page(who.frame(&site, HERE).await?, "", form)).into_response())
        }
    }
}

async fn read(State(site): State<Site>, who: SignedIn, Path(no): Path<String>) -> Answer {
    Ok(Page::ok(page(&site, &who, &no, None).await?).into_response())
}

/// The page; `wrong` is the form that has to be corrected.
async fn page(
    site: &Site,
    who: &SignedIn,
    no: &str,
    wrong: Option<FormState>,
) -> Result<VisitPage, Error> {
    let view = visit::visit(&site.app, &who.actor, no).await?;
    let frame = who.frame(site, HERE).await?;
    let today = site.app.clock.today();
    Ok(filled(frame, view, wrong, today))
}

async fn ask_plan(State(site): State<Site>, who: SignedIn, Path(no): Path<String>) -> Answer {
    must_invite(&who)?;
    let view = visit::visit(&site.app, &who.actor, &no).await?;
    let of = (DraftForm::VisitPlan, no.as_str());
    let opened = drafts::opened(&site, &who.actor, plan_form(&view), of).await?;
    Ok(Page::ok(plan_page(who.frame(&site, HERE).await?, &no, opened)).into_response())
}

/// `POST /visits/{no}/plan`. Fields: origin, arrival, exit, purpose, basis, detail, budget.
async fn change_plan(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    match visit::change_plan(&site.app, &who.actor, &no, &typed_plan(&filed)).await {
        Ok(()) => {
            drafts::sent(&site, &who.actor, &filed).await;
            Ok(done(&format!("{HERE}/{no}"), "已更改计划，原来的计划留存。"))
        }
        Err(error) => {
            let note = drafts::note_of(&filed, DraftForm::VisitPlan);
            let form = (back_to_form(filed.state("visit"), error)?, note);
            Ok(Page::retry(plan_page(who.frame(&site, HERE).await?, &no, form)).into_response())
        }
    }
}

fn claim_page(frame: Frame, no: &str, (form, draft): (FormState, DraftNote)) -> VisitClaimPage {
    let expenses: Vec<_> = Expense::ALL.iter().map(|one| (one.word(), one.label())).collect();
    VisitClaimPage {
        frame,
        no: no.to_owned(),
        form,
        draft,
        bearers: Choice::of::<CostBearer>(),
        expenses: Choice::list(&expenses),
        classes: Choice::list(crate::domain::travel::FARE_CLASSES),
        costs: (1..=MOST_COSTS).map(CostFields::of).collect(),
    }
}

async fn ask_claim(State(site): State<Site>, who: SignedIn, Path(no): Path<String>) -> Answer {
    must_invite(&who)?;
    let view = visit::visit(&site.app, &who.actor, &no).await?;
    let of = (DraftForm::VisitClaim, no.as_str());
    let opened = drafts::opened(&site, &who.actor, claim_form(&view), of).await?;
    Ok(Page::ok(claim_page(who.frame(&site, HERE).await?, &no, opened)).into_response())
}

/// `POST /visits/{no}/claim`. Fields: origin, exit, work_days, other_payer, costs_by, and for each
/// cost expense-N, class-N, route-N, passenger-N, amount-N, currency-N, paid-N, rate-N, economy-N,
/// document-N, original-N, refund-N, refund_no-N.
async fn save_claim(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let text = |field: &str| filed.text(field).to_owned();
    let cost = |number: usize| {
        let names = CostFields::of(number);
        TypedCost {
            expense: text(&names.expense),
            class: text(&names.class),
            route: text(&names.route),
            amount: text(&names.amount),
            currency: text(&names.currency),
            paid_on: text(&names.paid),
            bank_rate: text(&names.rate),
            economy: text(&names.economy),
            document_no: text(&names.document),
            passenger: text(&names.passenger),
            original_no: text(&names.original),
            refund: text(&names.refund),
            refund_no: text(&names.refund_no),
        }
    };
    let typed = TypedClaim {
        origin: text("origin"),
        exit: text("exit"),
        work_days: text("work_days"),
        other_payer: text("other_payer"),
        costs_by: text("costs_by"),
        costs: (1..=MOST_COSTS).map(cost).collect(),
    };
    match visit::save_claim(&site.app, &who.actor, &no, &typed).await {
        Ok(()) => {
            drafts::sent(&site, &who.actor, &filed).await;
            let said = "已保存申报，核算结果见下；请上传凭证后在办件页面提交。";
            Ok(done(&format!("{HERE}/{no}"), said))
        }
        Err(error) => {
            let note = drafts::note_of(&filed, DraftForm::VisitClaim);
            let form = (back_to_form(filed.state("claim"), error)?, note);
            Ok(Page::retry(claim_page(who.frame(&site, HERE).await?, &no, form)).into_response())
        }
    }
}

/// `POST /visits/{no}/cuts`. Fields: line, accepted, reason.
async fn cut(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let typed = TypedCut {
        line: filed.text("line"),
        accepted: filed.text("accepted"),
        reason: filed.text("reason"),
    };
    match visit::cut(&site.app, &who.actor, &no, &typed).await {
        Ok(()) => Ok(done(&format!("{HERE}/{no}"), "已登记，核算结果见下。")),
        Err(error) => {
            let form = back_to_form(filed.state("cut"), error)?;
            Ok(Page::retry(page(&site, &who, &no, Some(form)).await?).into_response())
        }
    }
}

/// `POST /visits/{no}/account`. Fields: account_name, account_number, bank_name, cnaps, from, reason.
async fn account(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let today = site.app.clock.today();
    let new = NewAccount {
        account_name: filed.text("account_name").to_owned(),
        account_number: filed.text("account_number").to_owned(),
        bank_name: filed.text("bank_name").to_owned(),
        cnaps: filed.text("cnaps").to_owned(),
        from: today,
        reason: filed.text("reason").to_owned(),
        document_no: String::new(),
    };
    match visit::change_account(&site.app, &who.actor, &no, &new).await {
        Ok(changed) => {
            let warning = changed.warning.map(|text| format!("提醒：{text}")).unwrap_or_default();
            let what = match &changed.filing {
                Some(no) => format!("已填报 {no}，由省级人社部门确认后改用"),
                None => "已保存来访人收款账户".to_owned(),
            };
            let text = format!("{what}（尾号{}）。{warning}", changed.last_four);
            Ok(done(&format!("{HERE}/{no}"), &text))
        }
        Err(error) => {
            let mut form = back_to_form(filed.state("account"), error)?;
            form.values.remove("account_number");
            Ok(Page::retry(page(&site, &who, &no, Some(form)).await?).into_response())
        }
    }
}
