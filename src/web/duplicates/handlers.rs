//! The list, and two persons side by side.

use axum::extract::{Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;

use super::pages::{DismissedRow, DuplicateList, DuplicatePair, DuplicateRow, FactRow, PersonCell};
use crate::domain::duplicate::{PairState, Reason};
use crate::domain::registry::Code;
use crate::service::duplicate::{
    self, DuplicateLine, DuplicateQuery, NewMerge, PAGE_SIZE, PairView, Side,
};
use crate::service::roster::Grounds;
use crate::web::failure::{Answer, Failure, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::listing::{minute, offset, pager, query_of};
use crate::web::once::once;
use crate::web::page::Page;
use crate::web::send::{Filed, XLSX, done, download};
use crate::web::session::SignedIn;
use crate::web::site::Site;

pub(super) const HERE: &str = "/duplicates";
/// Stands for every state; nothing stands for those that wait.
const ALL: &str = "all";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    reason: String,
    state: String,
    page: Option<u64>,
}

impl Wanted {
    fn query(&self) -> DuplicateQuery {
        let state = match self.state.as_str() {
            ALL => None,
            code => Some(PairState::from_code(code).unwrap_or(PairState::Open)),
        };
        DuplicateQuery { reason: Reason::from_code(&self.reason), state }
    }

    fn conditions(&self) -> [(&'static str, &str); 2] {
        [("reason", &self.reason), ("state", &self.state)]
    }

    fn export(&self) -> String {
        format!("{HERE}.xlsx?{}", query_of(self.conditions()))
    }
}

pub(super) async fn list(
    State(site): State<Site>,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let from = offset(wanted.page, PAGE_SIZE);
    let found = duplicate::duplicates(&site.app, &who.actor, wanted.query(), from).await?;
    let conditions = wanted.conditions();
    let mut filter = FormState::new("filter");
    for (field, value) in conditions {
        filter = filter.with(field, value);
    }
    let waiting = |state: &&PairState| **state != PairState::Open;
    let mut states: Vec<_> =
        PairState::ALL.iter().filter(waiting).map(|s| (s.code(), s.label())).collect();
    states.push((ALL, "全部"));
    let page = DuplicateList {
        frame: who.frame(&site, HERE).await?,
        filter,
        compare: FormState::new("compare"),
        reasons: Choice::of::<Reason>(),
        states: Choice::list(&states),
        open: i64::try_from(found.open).unwrap_or(i64::MAX),
        pager: pager((HERE, &conditions), found.total, (from, PAGE_SIZE, found.rows.len())),
        export_href: (found.total > 0).then(|| wanted.export()),
        rows: found.rows.into_iter().map(row).collect(),
    };
    Ok(Page::ok(page).into_response())
}

fn row(line: DuplicateLine) -> DuplicateRow {
    let pair_href = pair_href(&line.one.no, &line.other.no);
    DuplicateRow {
        one: cell(line.one),
        other: cell(line.other),
        reasons: labels(&line.reasons),
        strength: line.strength.label(),
        state: line.state.label(),
        pair_href,
        merge_no: line.merge_no,
    }
}

fn labels(reasons: &[Reason]) -> Vec<&'static str> {
    reasons.iter().map(|reason| reason.label()).collect()
}

pub(super) fn cell(side: Side) -> PersonCell {
    PersonCell {
        no: side.no,
        name: side.name,
        document: side.document,
        enterprise: side.enterprise,
    }
}

/// The address of two persons side by side.
pub(super) fn pair_href(one: &str, other: &str) -> String {
    let query = serde_urlencoded::to_string([("a", one), ("b", other)]).unwrap_or_default();
    format!("{HERE}/pair?{query}")
}

pub(super) async fn xlsx(
    State(site): State<Site>,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let bytes = duplicate::export(&site.app, &who.actor, wanted.query()).await?;
    let name = format!("疑似重复-{}.xlsx", site.app.clock.today());
    Ok(download(&name, XLSX, bytes))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Two {
    a: String,
    b: String,
}

/// `GET /duplicates/pair`: any two numbers.
pub(super) async fn pair(
    State(site): State<Site>,
    who: SignedIn,
    Query(two): Query<Two>,
) -> Answer {
    let forms = (FormState::new("dismissal"), FormState::new("proposal"));
    let page = page(&site, &who, (&two.a, &two.b), forms).await?;
    Ok(Page::ok(page).into_response())
}

async fn page(
    site: &Site,
    who: &SignedIn,
    (a, b): (&str, &str),
    (dismissal, proposal): (FormState, FormState),
) -> Result<DuplicatePair, Failure> {
    let view: PairView = duplicate::pair(&site.app, &who.actor, a, b).await?;
    let frame = who.frame(site, HERE).await?;
    let choice = |side: &Side| {
        let label = format!("{}（{}，{}）", side.no, side.name, side.document);
        Choice { value: side.no.clone(), label }
    };
    Ok(DuplicatePair {
        frame,
        numbers: vec![choice(&view.one), choice(&view.other)],
        reasons: labels(&view.reasons),
        strength: view.strength.label(),
        state: view.state.label(),
        merge_no: view.merge_no,
        facts: view
            .facts
            .into_iter()
            .map(|fact| FactRow { label: fact.label, one: fact.one, other: fact.other })
            .collect(),
        dismissals: view
            .dismissals
            .into_iter()
            .map(|dismissed| DismissedRow {
                at: minute(dismissed.at),
                who: dismissed.who,
                explanation: dismissed.explanation,
                reasons: labels(&dismissed.reasons).join("、"),
            })
            .collect(),
        obstacles: view.obstacles,
        one: cell(view.one),
        other: cell(view.other),
        dismissal: view.may_dismiss.then_some(dismissal),
        proposal: view.may_propose.then_some(proposal),
    })
}

/// `POST /duplicates/dismissals`. Fields: a, b, explanation.
pub(super) async fn dismiss(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let (a, b) = (filed.text("a"), filed.text("b"));
    match duplicate::dismiss(&site.app, &who.actor, a, b, filed.text("explanation")).await {
        Ok(()) => {
            Ok(done(HERE, &format!("已排除：{a} 与 {b} 是两个人；出现新的相同之处时会再提示")))
        }
        Err(error) => {
            let form = back_to_form(filed.state("dismissal"), error)?;
            let forms = (form, FormState::new("proposal"));
            Ok(Page::retry(page(&site, &who, (a, b), forms).await?).into_response())
        }
    }
}

/// `POST /duplicates/proposals`. Fields: a, b, leading, reason, document_no.
pub(super) async fn propose(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let (a, b) = (filed.text("a"), filed.text("b"));
    let new = NewMerge {
        one: a.to_owned(),
        other: b.to_owned(),
        leading: filed.text("leading").to_owned(),
        grounds: Grounds::new(filed.text("reason"), filed.text("document_no")),
    };
    let made = once(&site, &who, &filed, async {
        let no = duplicate::propose(&site.app, &who.actor, &new).await?;
        let text = format!("已提出合并申请 {no}，请另一位省级人社人员确认");
        Ok((format!("{HERE}/merges/{no}"), text))
    });
    match made.await {
        Ok(response) => Ok(response),
        Err(error) => {
            let form = back_to_form(filed.state("proposal"), error)?;
            let forms = (FormState::new("dismissal"), form);
            Ok(Page::retry(page(&site, &who, (a, b), forms).await?).into_response())
        }
    }
}
