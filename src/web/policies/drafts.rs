//! Proposed texts: proposing one, looking at it, deciding it.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};

use super::case_pages::case_row;
use super::draft_pages::{ChangeRow, DraftNew, DraftRow, DraftView, StretchRow};
use super::handlers::valid;
use crate::domain::authority::Act;
use crate::domain::policy_text::{Change, ShownParameter, Stretch};
use crate::domain::registry::Code;
use crate::file::reader::plain_text;
use crate::service::Error;
use crate::service::attachment::Subject;
use crate::service::policy::{self, DraftLine, DraftState, NewText, Verdict};
use crate::web::attachments::{self, Holder, Wrong};
use crate::web::failure::{Answer, Failure, back_to_form};
use crate::web::form::FormState;
use crate::web::listing::minute;
use crate::web::once::once;
use crate::web::page::Page;
use crate::web::send::{Filed, FiledWithFile, done};
use crate::web::session::SignedIn;
use crate::web::site::Site;

const HERE: &str = "/policies";
/// Where a draft is found by its number alone.
pub(super) const DRAFTS: &str = "/policies/drafts";

/// A line of the list of proposed texts.
pub(super) fn row(line: &DraftLine) -> DraftRow {
    let (title, no) = &line.document;
    let decided = line.decided.as_ref();
    DraftRow {
        no: line.no.clone(),
        title: line.title.clone(),
        state: line.state.label().to_owned(),
        document: format!("{title} {no}"),
        reason: line.reason.clone(),
        proposed: format!("{} {}", minute(line.proposed.1), line.proposed.0),
        decided: decided.map_or_else(String::new, |(by, at, _)| format!("{} {by}", minute(*at))),
        note: decided.map_or_else(String::new, |(_, _, note)| note.clone()),
        sha256: line.sha256.clone(),
        is_own: line.is_own,
    }
}

fn may_draft(who: &SignedIn) -> bool {
    who.actor.role.may(Act::DraftPolicies)
}

/// Whoever may only look is told so.
pub(super) fn must_draft(who: &SignedIn) -> Result<(), Failure> {
    Ok(who.actor.must(Act::DraftPolicies)?)
}

/// `GET /policies/{id}/drafts/new`: the text in force, to be changed.
pub(super) async fn new(State(site): State<Site>, who: SignedIn, Path(id): Path<String>) -> Answer {
    must_draft(&who)?;
    let text = policy::text_in_force(&site.app, &who.actor, &id).await?;
    let form = FormState::new("draft").with("text", text);
    let frame = who.frame(&site, HERE).await?;
    Ok(Page::ok(DraftNew { frame, id, form }).into_response())
}

/// `POST /policies/{id}/drafts`. Fields: text, title, document_no, reason; or a file for the text.
pub(super) async fn propose(
    State(site): State<Site>,
    who: SignedIn,
    Path(id): Path<String>,
    filed: FiledWithFile,
) -> Answer {
    let mut form = filed.state("draft");
    let text = |field: &str| filed.text(field).to_owned();
    let mut new = NewText {
        text: text("text"),
        document_title: text("title"),
        document_no: text("document_no"),
        reason: text("reason"),
    };
    let mut unread = None;
    if let Some(file) = filed.file() {
        match plain_text(&file.bytes) {
            Ok(read) => new.text = read,
            Err(error) => unread = Some(format!("文件读不出文字：{error}")),
        }
        form = form.with("text", new.text.clone());
    }
    let effect = async {
        if let Some(why) = unread {
            return Err(Error::Invalid(vec![("file".to_owned(), why)]));
        }
        let no = policy::propose(&site.app, &who.actor, &id, &new).await?;
        let to = format!("{HERE}/{id}/drafts/{no}");
        Ok((to, format!("已提出草稿 {no}，须由另一人发布后才适用")))
    };
    match once(&site, &who, &filed, effect).await {
        Ok(answer) => Ok(answer),
        Err(error) => {
            let form = back_to_form(form, error)?;
            let frame = who.frame(&site, HERE).await?;
            Ok(Page::retry(DraftNew { frame, id, form }).into_response())
        }
    }
}

pub(super) async fn draft(
    State(site): State<Site>,
    who: SignedIn,
    Path((id, no)): Path<(String, String)>,
) -> Answer {
    let form = FormState::new("decision");
    Ok(Page::ok(page(&site, &who, (&id, &no), (form, None)).await?).into_response())
}

/// Proposed texts, whose documents have files.
pub(super) struct Drafts;

impl Holder for Drafts {
    const AREA: &'static str = DRAFTS;

    async fn subject(site: &Site, who: &SignedIn, no: &str) -> Result<Subject, Failure> {
        let id = policy::policy_of(&site.app, &who.actor, no).await?;
        Ok(policy::draft_page(&site.app, &who.actor, (&id, no)).await?.subject)
    }

    async fn again(site: &Site, who: &SignedIn, no: &str, wrong: Wrong) -> Answer {
        let id = policy::policy_of(&site.app, &who.actor, no).await?;
        let forms = (FormState::new("decision"), Some(wrong));
        Ok(Page::retry(page(site, who, (&id, no), forms).await?).into_response())
    }
}

/// `GET /policies/drafts/{no}`: to the page of the policy's draft, where its files are.
pub(super) async fn by_number(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
) -> Answer {
    let id = policy::policy_of(&site.app, &who.actor, &no).await?;
    Ok(Redirect::to(&format!("{HERE}/{id}/drafts/{no}")).into_response())
}

async fn page(
    site: &Site,
    who: &SignedIn,
    (id, no): (&str, &str),
    (form, wrong): (FormState, Option<Wrong>),
) -> Result<DraftView, Error> {
    let found = policy::draft_page(&site.app, &who.actor, (id, no)).await?;
    let attachments = match who.actor.role.may(Act::ReadRegistry) {
        true => Some(attachments::panel(site, &who.actor, &found.subject, wrong).await?),
        false => None,
    };
    let is_open = found.line.state == DraftState::Open;
    let may = may_draft(who) && is_open;
    Ok(DraftView {
        frame: who.frame(site, HERE).await?,
        id: id.to_owned(),
        base_is_current: found.base_is_current || !is_open,
        failing: found.cases.iter().filter(|case| !case.differences.is_empty()).count(),
        has_cases: found.has_cases,
        cases: found.cases.into_iter().map(case_row).collect(),
        stretches: found.stretches.iter().map(stretch).collect(),
        text: found.content,
        facts: row(&found.line),
        attachments,
        may_change: may,
        decision: may.then_some(form),
    })
}

fn stretch(stretch: &Stretch) -> StretchRow {
    let rows = |changed: bool| {
        let kept = stretch.changes.iter().filter(move |change| change.is_changed() == changed);
        kept.map(change).collect()
    };
    let none_in_force = |side: fn(&Change) -> bool| stretch.changes.iter().all(side);
    StretchRow {
        period: valid(&stretch.period),
        is_new: none_in_force(|change| change.before.is_none()),
        is_gone: none_in_force(|change| change.after.is_none()),
        changed: rows(true),
        same: rows(false),
    }
}

fn change(change: &Change) -> ChangeRow {
    let value = |shown: &Option<ShownParameter>| {
        shown.as_ref().map_or_else(|| "未生效".to_owned(), |shown| shown.value.clone())
    };
    let basis = |shown: &Option<ShownParameter>| {
        let basis = |shown: &ShownParameter| match shown.is_default {
            true => "默认假设，待主管部门确定".to_owned(),
            false => shown.basis.clone(),
        };
        shown.as_ref().map_or_else(String::new, basis)
    };
    ChangeRow {
        name: change.name.to_owned(),
        before: value(&change.before),
        after: value(&change.after),
        basis_before: basis(&change.before),
        basis: basis(&change.after),
    }
}

/// `POST /policies/{id}/drafts/{no}/decision`. Fields: verdict, note.
pub(super) async fn decide(
    State(site): State<Site>,
    who: SignedIn,
    Path((id, no)): Path<(String, String)>,
    filed: Filed,
) -> Answer {
    let outcome = match Verdict::from_code(filed.text("verdict")) {
        Some(verdict) => {
            let with = (verdict, filed.text("note"));
            policy::decide(&site.app, &who.actor, (&id, &no), with).await.map(|()| verdict)
        }
        None => Err(Error::Invalid(vec![("verdict".to_owned(), "请选择如何办理".to_owned())])),
    };
    match outcome {
        Ok(verdict) => {
            let text = match verdict {
                Verdict::Publish => "已发布，此后开始的核定和申报按新正文；已核定的结果不变",
                Verdict::Refuse => "已退回",
                Verdict::Withdraw => "已撤回",
            };
            Ok(done(&format!("{HERE}/{id}/drafts/{no}"), text))
        }
        Err(error) => {
            let form = back_to_form(filed.state("decision"), error)?;
            Ok(Page::retry(page(&site, &who, (&id, &no), (form, None)).await?).into_response())
        }
    }
}
