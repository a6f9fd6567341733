//! The list of what waits, one file, and its acts.

use std::collections::BTreeMap;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::pages::{
    ActField, ActForm, CaseList, CasePage, CaseRow, CheckRow, RecognitionNew, StepRow,
};
use crate::domain::authority::Act;
use crate::domain::lifecycle::Evidence;
use crate::domain::registry::{Code, TalentClass};
use crate::service::Error;
use crate::service::case::{
    self, CASES_A_PAGE, CaseLine, CaseQuery, CaseView, FieldKind, NewRecognition, Submitted,
};
use crate::web::failure::{Answer, Failure, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::listing::{minute, offset, pager};
use crate::web::page::Page;
use crate::web::send::{Filed, done};
use crate::web::session::SignedIn;
use crate::web::site::Site;

const HERE: &str = "/cases";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    show: String,
    state: String,
    overdue: String,
    page: Option<u64>,
}

pub(super) async fn list(
    State(site): State<Site>,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let all = wanted.show == "all";
    let query = CaseQuery {
        all,
        kind: None,
        state: (all && !wanted.state.is_empty()).then(|| wanted.state.clone()),
        overdue: wanted.overdue == "yes",
    };
    let found = case::cases(&site.app, &who.actor, &query, wanted.page.unwrap_or(1)).await?;
    let conditions =
        [("show", wanted.show.as_str()), ("state", &wanted.state), ("overdue", &wanted.overdue)];
    let mut filter = FormState::new("filter");
    for (field, value) in conditions {
        filter = filter.with(field, value);
    }
    let from = offset(wanted.page, CASES_A_PAGE);
    let state = |(kind, code, label): &(crate::domain::lifecycle::CaseKind, &str, &str)| Choice {
        value: (*code).to_owned(),
        label: format!("{} · {label}", kind.label()),
    };
    let page = CaseList {
        frame: who.frame(&site, HERE).await?,
        filter,
        states: found.states.iter().map(state).collect(),
        pager: pager((HERE, &conditions), found.total, (from, CASES_A_PAGE, found.rows.len())),
        rows: found.rows.into_iter().map(row).collect(),
        waiting: !all,
        may_open: who.actor.role.may(Act::FileRecognitions),
    };
    Ok(Page::ok(page).into_response())
}

fn row(line: CaseLine) -> CaseRow {
    CaseRow {
        no: line.no,
        kind: line.kind.to_owned(),
        about: line.about,
        enterprise: line.enterprise,
        state: line.state.to_owned(),
        since: line.since.to_string(),
        due: line.due_on.map_or_else(|| "—".to_owned(), |day| day.to_string()),
        overdue: line.overdue,
    }
}

pub(super) async fn view(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
) -> Answer {
    let found = case::case_view(&site.app, &who.actor, &no).await?;
    Ok(Page::ok(page(&site, &who, found, None).await?).into_response())
}

/// The page of a file; `wrong` is the form that came back, by its act.
async fn page(
    site: &Site,
    who: &SignedIn,
    found: CaseView,
    wrong: Option<(&str, FormState)>,
) -> Result<CasePage, Error> {
    let form = |act: &'static str| match &wrong {
        Some((sent, form)) if *sent == act => (true, form.clone()),
        _ => (false, FormState::new(act)),
    };
    let own = |(name, text): (&str, String)| (name.to_owned(), text);
    let acts = found.acts.iter().map(|a| act_form(a, form(a.act))).collect();
    Ok(CasePage {
        frame: who.frame(site, HERE).await?,
        person_no: found.person_no,
        facts: found.facts.into_iter().map(own).collect(),
        steps_seen: found.steps_seen,
        steps: found.steps.into_iter().map(step).collect(),
        acts,
        waits_for: found.waits_for.join("、"),
        late: None,
        limit: found.limit,
        row: row(found.line),
    })
}

fn step(step: case::StepLine) -> StepRow {
    StepRow {
        at: minute(step.at),
        act: step.act,
        who: step.who,
        state: step.state.to_owned(),
        remark: step.remark,
        evidence: step.evidence.into_iter().map(|(name, text)| (name.to_owned(), text)).collect(),
    }
}

fn act_form(act: &case::ActForm, (open, form): (bool, FormState)) -> ActForm {
    let evidence = act.evidence.iter().map(|(name, label)| ActField::Line { name, label });
    let extra = act.fields.iter().map(|field| {
        let (name, label) = (field.name, field.label);
        match field.kind {
            FieldKind::Line => ActField::Line { name, label },
            FieldKind::Number => ActField::Number { name, label },
            FieldKind::Day => ActField::Day { name, label },
            FieldKind::YesNo => ActField::YesNo { name, label },
        }
    });
    let check = |check: &case::Check| CheckRow {
        label: check.label.to_owned(),
        fault: check.fault.clone().unwrap_or_default(),
    };
    ActForm {
        act: act.act,
        label: act.label,
        elsewhere: act.elsewhere,
        fields: evidence.chain(extra).collect(),
        checks: act.checks.iter().map(check).collect(),
        open,
        form,
    }
}

/// Does an act. What came back mistyped, or came too late, is shown again on the file as it
/// stands now, with everything that was typed.
pub(super) async fn act(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let sent = submitted(&filed);
    match case::act(&site.app, &who.actor, &no, &sent).await {
        Ok(state) => Ok(done(&format!("/cases/{no}"), &format!("已办理，现为“{state}”"))),
        Err(error) => {
            let form = back_to_form(filed.state(&sent.act), error)?;
            again(&site, &who, &no, &sent, form).await
        }
    }
}

async fn again(
    site: &Site,
    who: &SignedIn,
    no: &str,
    sent: &Submitted,
    form: FormState,
) -> Result<Response, Failure> {
    let found = case::case_view(&site.app, &who.actor, no).await?;
    let still = found.acts.iter().any(|open| open.act == sent.act);
    let text = form.form_errors.join("；");
    let mut page = page(site, who, found, Some((&sent.act, form))).await?;
    if !still {
        // The act is no longer open: what came too late is told above the file.
        page.late = Some((text, typed(sent)));
    }
    Ok(Page::retry(page).into_response())
}

fn typed(sent: &Submitted) -> Vec<(String, String)> {
    let label = |name: &str| {
        Evidence::from_code(name).map_or_else(|| name.to_owned(), |known| known.label().to_owned())
    };
    let fields = sent.fields.iter().filter(|(_, text)| !text.is_empty());
    let mut typed: Vec<_> = fields.map(|(name, text)| (label(name), text.clone())).collect();
    if !sent.remark.is_empty() {
        typed.push(("办理意见".to_owned(), sent.remark.clone()));
    }
    typed
}

fn submitted(filed: &Filed) -> Submitted {
    let mut fields = BTreeMap::new();
    let names = Evidence::ALL.iter().map(|evidence| evidence.code()).chain(EXTRA);
    for name in names {
        fields.insert(name.to_owned(), filed.text(name).to_owned());
    }
    Submitted {
        act: filed.text("act").to_owned(),
        remark: filed.text("remark").to_owned(),
        seen_steps: filed.text("seen_steps").parse().unwrap_or(-1),
        fields,
    }
}

/// What acts ask for besides evidence.
const EXTRA: [&str; 17] = [
    "members",
    "present",
    "in_favour",
    "recused",
    "major_shareholder",
    "notice_from",
    "notice_through",
    "objection_open",
    "effective_on",
    "experts",
    "sheets",
    "list_batch",
    "listed_from",
    "listed_through",
    "recognition_quota",
    "engineer_quota",
    "last_day",
];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct About {
    person: String,
}

fn classes() -> Vec<Choice> {
    let pairs: Vec<_> = TalentClass::ALL.iter().map(|c| (c.code(), c.label())).collect();
    Choice::list(&pairs)
}

/// `GET /recognitions/new?person=E000001`.
pub(super) async fn ask(
    State(site): State<Site>,
    who: SignedIn,
    Query(about): Query<About>,
) -> Answer {
    who.actor.must(Act::FileRecognitions)?;
    let form = FormState::new("recognition").with("person_no", about.person);
    let frame = who.frame(&site, HERE).await?;
    Ok(Page::ok(RecognitionNew { frame, form, classes: classes() }).into_response())
}

/// `POST /recognitions`. Fields: person_no, class, grounds.
pub(super) async fn open(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let outcome = match TalentClass::from_code(filed.text("class")) {
        None => Err(Error::Invalid(vec![("class".to_owned(), "请选择认定类别".to_owned())])),
        Some(class) => {
            let new = NewRecognition {
                person_no: filed.text("person_no").to_owned(),
                class,
                grounds: filed.text("grounds").to_owned(),
            };
            case::open_recognition(&site.app, &who.actor, &new).await
        }
    };
    match outcome {
        Ok(no) => Ok(done(&format!("/cases/{no}"), &format!("已建立办件 {no}，请提交企业评审"))),
        Err(error) => {
            let error = match error {
                Error::NotFound(_) => Error::Invalid(vec![(
                    "person_no".to_owned(),
                    "没有找到这位工程师，请填写本企业工程师的编号".to_owned(),
                )]),
                other => other,
            };
            let form = back_to_form(filed.state("recognition"), error)?;
            let frame = who.frame(&site, HERE).await?;
            Ok(Page::retry(RecognitionNew { frame, form, classes: classes() }).into_response())
        }
    }
}
