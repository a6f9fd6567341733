//! One file and its acts.

use std::collections::BTreeMap;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::HERE;
use super::beside::{self, Wrong};
use super::pages::{ActField, ActForm, CasePage, CheckRow, FactRow, RecognitionNew, StepRow};
use super::row;
use crate::domain::authority::Act;
use crate::domain::draft::DraftForm;
use crate::domain::lifecycle::Evidence;
use crate::domain::registry::{Code, TalentClass};
use crate::service::attachment::Subject;
use crate::service::case::mandate::IN_NAME_OF;
use crate::service::case::{self, CaseView, FieldKind, NewRecognition, Submitted, defect};
use crate::service::{Error, draft};
use crate::web::attachments::{self, Holder};
use crate::web::drafts::{self, DraftNote, restored};
use crate::web::failure::{Answer, Failure, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::listing::minute;
use crate::web::page::Page;
use crate::web::send::{Filed, done};
use crate::web::session::SignedIn;
use crate::web::site::Site;

pub(super) async fn view(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
) -> Answer {
    let found = case::case_view(&site.app, &who.actor, &no).await?;
    Ok(Page::ok(page(&site, &who, found, None, Wrong::default()).await?).into_response())
}

/// The page of a file; `wrong` is the form that came back, by its act.
async fn page(
    site: &Site,
    who: &SignedIn,
    found: CaseView,
    wrong: Option<(&str, FormState)>,
    beside: Wrong,
) -> Result<CasePage, Error> {
    let kept = draft::drafts(&site.app, &who.actor, DraftForm::CaseAct).await?;
    let form = |act: &case::ActForm| {
        let prefix = prefix(act);
        let subject = format!("{}/{prefix}", found.line.no);
        let of = (DraftForm::CaseAct, subject.as_str());
        match &wrong {
            Some((sent, form)) if *sent == prefix => {
                (true, form.clone(), DraftNote::fresh(of.0, of.1))
            }
            _ => {
                let draft = kept.iter().find(|draft| draft.subject == subject);
                let (form, note) = restored(FormState::new(&prefix), of, draft);
                (draft.is_some(), form, note)
            }
        }
    };
    let fact = |fact: case::CaseFact| FactRow {
        name: fact.name.to_owned(),
        text: fact.text,
        href: fact.href,
    };
    let acts = found.acts.iter().map(|a| act_form(a, form(a))).collect();
    let beside = beside::fill(site, &who.actor, &found, beside).await?;
    Ok(CasePage {
        beside,
        frame: who.frame(site, HERE).await?,
        person_no: found.person_no,
        facts: found.facts.into_iter().map(fact).collect(),
        steps_seen: found.steps_seen,
        steps: found.steps.into_iter().map(step).collect(),
        acts,
        waits_for: found.waits_for.join("、"),
        late: None,
        limit: found.limit,
        certificate_no: found.certificate_no,
        award_year: found.award_year,
        may_open_objector: found.may_open_objector,
        row: row(found.line, site.app.clock.today()),
    })
}

pub(in crate::web) fn step(step: case::StepLine) -> StepRow {
    StepRow {
        at: minute(step.at),
        act: step.act,
        who: step.who,
        state: step.state.to_owned(),
        letter: step.letter.map_or("", |letter| letter.title),
        remark: step.remark,
        evidence: step.evidence.into_iter().map(|(name, text)| (name.to_owned(), text)).collect(),
    }
}

pub(in crate::web) fn act_form(
    act: &case::ActForm,
    (open, form, draft): (bool, FormState, DraftNote),
) -> ActForm {
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
        elsewhere: act.elsewhere.clone(),
        in_name_of: act.in_name_of.clone(),
        tells_defects: act.tells_defects,
        fields: evidence.chain(extra).collect(),
        checks: act.checks.iter().map(check).collect(),
        draft,
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
        Ok(state) => {
            drafts::sent(&site, &who.actor, &filed).await;
            Ok(done(&format!("/cases/{no}"), &format!("已办理，现为“{state}”")))
        }
        Err(error) => {
            let form = back_to_form(filed.state(&prefix_of(&sent)), error)?;
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
    let prefix = prefix_of(sent);
    let still = found.acts.iter().any(|open| self::prefix(open) == prefix);
    let text = form.form_errors.join("；");
    let wrong = Some((prefix.as_str(), form));
    let mut page = page(site, who, found, wrong, Wrong::default()).await?;
    if !still {
        // The act is no longer open: what came too late is told above the file.
        page.late = Some((text, typed(sent)));
    }
    Ok(Page::retry(page).into_response())
}

/// Cases, which have files.
pub(super) struct Cases;

impl Holder for Cases {
    const AREA: &'static str = HERE;

    async fn subject(site: &Site, who: &SignedIn, no: &str) -> Result<Subject, Failure> {
        Ok(Subject::case(case::seen(&site.app, &who.actor, no).await?, no))
    }

    async fn again(
        site: &Site,
        who: &SignedIn,
        no: &str,
        attachment: attachments::Wrong,
    ) -> Answer {
        let found = case::case_view(&site.app, &who.actor, no).await?;
        let wrong = Wrong { attachment: Some(attachment), ..Wrong::default() };
        retry(site, who, found, wrong).await
    }
}

/// The page with a form beside the case to correct.
pub(super) async fn retry(site: &Site, who: &SignedIn, found: CaseView, wrong: Wrong) -> Answer {
    Ok(Page::retry(page(site, who, found, None, wrong).await?).into_response())
}

/// What the form of an act is told apart by: the act, and in whose name.
fn prefix(act: &case::ActForm) -> String {
    match &act.in_name_of {
        Some((id, _)) => format!("{}-{id}", act.act),
        None => act.act.to_owned(),
    }
}

fn prefix_of(sent: &Submitted) -> String {
    match sent.fields.get(IN_NAME_OF).filter(|id| !id.is_empty()) {
        Some(id) => format!("{}-{id}", sent.act),
        None => sent.act.clone(),
    }
}

fn typed(sent: &Submitted) -> Vec<(String, String)> {
    let label = |name: &str| {
        Evidence::from_code(name).map_or_else(|| name.to_owned(), |known| known.label().to_owned())
    };
    let shown = |name: &str| name != IN_NAME_OF && !name.starts_with("defect_field");
    let fields = sent.fields.iter().filter(|(name, text)| !text.is_empty() && shown(name));
    let mut typed: Vec<_> = fields.map(|(name, text)| (label(name), text.clone())).collect();
    if !sent.remark.is_empty() {
        typed.push(("办理意见".to_owned(), sent.remark.clone()));
    }
    typed
}

pub(in crate::web) fn submitted(filed: &Filed) -> Submitted {
    let mut fields = BTreeMap::new();
    let names = Evidence::ALL.iter().map(|evidence| evidence.code()).chain(EXTRA);
    for name in names {
        fields.insert(name.to_owned(), filed.text(name).to_owned());
    }
    for number in 1..=defect::POINTS {
        for name in [defect::field_of(number), defect::text_of(number)] {
            let text = filed.text(&name).to_owned();
            fields.insert(name, text);
        }
    }
    Submitted {
        act: filed.text("act").to_owned(),
        remark: filed.text("remark").to_owned(),
        seen_steps: filed.text("seen_steps").parse().unwrap_or(-1),
        fields,
    }
}

/// What acts ask for besides evidence.
const EXTRA: [&str; 28] = [
    IN_NAME_OF,
    "arrived_on",
    "members",
    "present",
    "in_favour",
    "recused",
    "major_shareholder",
    "notice_from",
    "notice_through",
    "objection_open",
    "effective_on",
    "suspended_from",
    "resumes_on",
    "experts",
    "sheets",
    "list_batch",
    "listed_from",
    "listed_through",
    "recognition_quota",
    "engineer_quota",
    "last_day",
    "amount",
    "on_day",
    "count",
    "first_on",
    "liable",
    "person_fraud",
    "fraud_enterprise",
];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct About {
    person: String,
}

fn classes() -> Vec<Choice> {
    Choice::of::<TalentClass>()
}

/// `GET /recognitions/new?person=E000001`.
pub(super) async fn ask(
    State(site): State<Site>,
    who: SignedIn,
    Query(about): Query<About>,
) -> Answer {
    who.actor.must(Act::FileRecognitions)?;
    let form = FormState::new("recognition").with("person_no", about.person.clone());
    let of = (DraftForm::Recognition, about.person.as_str());
    let (form, draft) = drafts::opened(&site, &who.actor, form, of).await?;
    let frame = who.frame(&site, HERE).await?;
    Ok(Page::ok(RecognitionNew { frame, form, draft, classes: classes() }).into_response())
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
        Ok(no) => {
            drafts::sent(&site, &who.actor, &filed).await;
            Ok(done(&format!("/cases/{no}"), &format!("已建立办件 {no}，请提交企业评审")))
        }
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
            let draft = drafts::note_of(&filed, DraftForm::Recognition);
            Ok(Page::retry(RecognitionNew { frame, form, draft, classes: classes() })
                .into_response())
        }
    }
}
