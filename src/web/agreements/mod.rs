//! Case-by-case agreements: the list, putting one down, looking at it, accepting another's.

pub mod pages;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde::Deserialize;

use self::pages::{
    AgreementNew, AgreementPage, AgreementRow, Agreements, TrancheFields, TrancheRow,
};
use crate::domain::authority::Act;
use crate::domain::draft::DraftForm;
use crate::domain::registry::Code;
use crate::service::Error;
use crate::service::agreement::{
    self, AGREEMENTS_A_PAGE, AgreementLine, AgreementState, AgreementSubject, AgreementView,
    MOST_TRANCHES, TrancheLine, TypedAgreement, TypedTranche,
};
use crate::web::drafts::{self, DraftNote};
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::listing::{minute, offset, pager};
use crate::web::once::once;
use crate::web::page::Page;
use crate::web::send::{Filed, done};
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::Yuan;

const HERE: &str = "/agreements";

/// The addresses of this area.
pub fn routes() -> Router<Site> {
    Router::new()
        .route(HERE, get(list).post(propose))
        .route("/agreements/new", get(new))
        .route("/agreements/{no}", get(view))
        .route("/agreements/{no}/decision", post(decide))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    page: Option<u64>,
}

fn row(line: AgreementLine) -> AgreementRow {
    AgreementRow {
        no: line.no,
        title: line.title,
        subject: line.subject.label(),
        leader: line.leader,
        leader_no: line.leader_no,
        enterprise: line.enterprise,
        total: Yuan(line.total),
        state: line.state.label(),
        decided_on: line.decided_on.to_string(),
    }
}

async fn list(State(site): State<Site>, who: SignedIn, Query(query): Query<ListQuery>) -> Answer {
    let offset = offset(query.page, AGREEMENTS_A_PAGE);
    let (lines, count) = agreement::agreements(&site.app, &who.actor, offset).await?;
    let shown = lines.len();
    let page = Agreements {
        frame: who.frame(&site, HERE).await?,
        rows: lines.into_iter().map(row).collect(),
        pager: pager((HERE, &[]), count, (offset, AGREEMENTS_A_PAGE, shown)),
        may_agree: who.actor.role.may(Act::AgreeCases),
    };
    Ok(Page::ok(page).into_response())
}

async fn new(State(site): State<Site>, who: SignedIn) -> Answer {
    who.actor.must(Act::AgreeCases)?;
    let of = (DraftForm::Agreement, "");
    let opened = drafts::opened(&site, &who.actor, FormState::new("agreement"), of).await?;
    Ok(Page::ok(form(who.frame(&site, HERE).await?, opened)).into_response())
}

fn form(frame: crate::web::frame::Frame, (form, draft): (FormState, DraftNote)) -> AgreementNew {
    AgreementNew {
        frame,
        form,
        draft,
        subjects: Choice::of::<AgreementSubject>(),
        tranches: (1..=MOST_TRANCHES).map(TrancheFields::of).collect(),
    }
}

/// `POST /agreements`. Fields: title, subject, leader, members, enterprise, document_no, body,
/// decided_on, terms, total, and for each tranche milestone-N, expected-N, amount-N.
async fn propose(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let text = |field: &str| filed.text(field).to_owned();
    let tranche = |number: usize| {
        let TrancheFields { milestone, expected, amount } = TrancheFields::of(number);
        TypedTranche {
            milestone: text(&milestone),
            expected_on: text(&expected),
            amount: text(&amount),
        }
    };
    let typed = TypedAgreement {
        title: text("title"),
        subject: text("subject"),
        leader: text("leader"),
        members: text("members"),
        enterprise: text("enterprise"),
        document_no: text("document_no"),
        body: text("body"),
        decided_on: text("decided_on"),
        terms: text("terms"),
        total: text("total"),
        tranches: (1..=MOST_TRANCHES).map(tranche).collect(),
    };
    let effect = async {
        let no = agreement::propose(&site.app, &who.actor, &typed).await?;
        Ok((format!("{HERE}/{no}"), format!("已录入 {no}，由另一人对照决定文件确认后执行。")))
    };
    match once(&site, &who, &filed, effect).await {
        Ok(answer) => Ok(answer),
        Err(error) => {
            let state = back_to_form(filed.state("agreement"), error)?;
            let note = drafts::note_of(&filed, DraftForm::Agreement);
            let frame = who.frame(&site, HERE).await?;
            Ok(Page::retry(form(frame, (state, note))).into_response())
        }
    }
}

async fn view(State(site): State<Site>, who: SignedIn, Path(no): Path<String>) -> Answer {
    Ok(Page::ok(page(&site, &who, &no, FormState::new("decision")).await?).into_response())
}

async fn page(
    site: &Site,
    who: &SignedIn,
    no: &str,
    form: FormState,
) -> Result<AgreementPage, Error> {
    let view = agreement::agreement(&site.app, &who.actor, no).await?;
    let frame = who.frame(site, HERE).await?;
    Ok(filled(frame, view, form))
}

fn filled(frame: crate::web::frame::Frame, view: AgreementView, form: FormState) -> AgreementPage {
    let person = |(name, no): &(String, String)| format!("{name}（{no}）");
    let members: Vec<String> = view.members.iter().map(person).collect();
    let tranche = |line: TrancheLine| {
        let (file, state) = line.file.unwrap_or_default();
        TrancheRow {
            seq: line.seq,
            milestone: line.milestone,
            expected_on: line.expected_on.to_string(),
            amount: Yuan(line.amount),
            file,
            state,
        }
    };
    AgreementPage {
        frame,
        members: members.join("、"),
        document: format!("{} {}", view.document.0, view.document.1),
        body: view.body,
        terms: view.terms,
        tranches: view.tranches.into_iter().map(tranche).collect(),
        paid: Yuan(view.paid),
        proposed: format!("{} {}", minute(view.proposed.1), view.proposed.0),
        note: view.decided.as_ref().map(|(.., note)| note.clone()).unwrap_or_default(),
        decided: view
            .decided
            .map(|(name, at, _)| format!("{} {name}", minute(at)))
            .unwrap_or_default(),
        waits_for_another: view.is_own && view.line.state == AgreementState::Proposed,
        decision: view.may_decide.then_some(form),
        facts: row(view.line),
    }
}

/// `POST /agreements/{no}/decision`. Fields: verdict, note.
async fn decide(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let accept = filed.text("verdict") == "accept";
    match agreement::decide(&site.app, &who.actor, &no, accept, filed.text("note")).await {
        Ok(()) => {
            let said = if accept {
                "已确认，各笔款项已立件，达到条件后由单位报告。"
            } else {
                "已退回。"
            };
            Ok(done(&format!("{HERE}/{no}"), said))
        }
        Err(error) => {
            let form = back_to_form(filed.state("decision"), error)?;
            Ok(Page::retry(page(&site, &who, &no, form).await?).into_response())
        }
    }
}
