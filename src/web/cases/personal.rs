//! Standing in for each other, and relations that keep an official from acting.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse;

use crate::domain::registry::RelationKind;
use crate::service::Error;
use crate::service::case::mandate::{self, MandateLine, NewMandate};
use crate::service::case::recusal::{self, NewRelation, RelationLine};
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::page::Page;
use crate::web::send::{Filed, done};
use crate::web::session::SignedIn;
use crate::web::site::Site;

const HERE: &str = "/delegations";

/// A delegation.
#[derive(Debug, Clone, Default)]
pub struct MandateRow {
    pub id: i64,
    pub given: bool,
    pub other: String,
    pub from: String,
    pub through: String,
    pub document_no: String,
    pub reason: String,
    pub state: String,
    pub may_end: bool,
}

/// A declared relation.
#[derive(Debug, Clone, Default)]
pub struct RelationRow {
    pub id: i64,
    pub kind: String,
    pub about: String,
    pub from: String,
    pub through: String,
    pub note: String,
    pub holds: bool,
    /// Fields: last_day.
    pub ending: FormState,
}

/// `/delegations`.
#[derive(Debug, Clone, Template)]
#[template(path = "cases/personal.html")]
pub struct Personal {
    pub frame: Frame,
    pub mandates: Vec<MandateRow>,
    /// Fields: taker, from, through, document_no, reason.
    pub form: FormState,
    pub relations: Vec<RelationRow>,
    /// Fields: kind, about, from, note.
    pub relation: FormState,
    pub kinds: Vec<Choice>,
    /// Whether relations are asked for: of officials.
    pub asked: bool,
}

impl Personal {
    /// Whether something has to be corrected.
    pub fn has_errors(&self) -> bool {
        let endings = self.relations.iter().map(|row| &row.ending);
        [&self.form, &self.relation].into_iter().chain(endings).any(FormState::has_errors)
    }

    /// Empty, filled, with mistakes.
    pub fn samples() -> Vec<Self> {
        let page = || Self {
            frame: Frame::sample_hr(HERE),
            mandates: Vec::new(),
            form: FormState::new("delegation"),
            relations: Vec::new(),
            relation: FormState::new("relation"),
            kinds: kinds(),
            asked: true,
        };
        let mut filled = page();
        filled.mandates = vec![MandateRow {
            id: 1,
            given: true,
            other: "陈某 · 福州市鼓楼区人社局 · 县区人社审核".into(),
            from: "2026-11-24".into(),
            through: "2026-12-04".into(),
            document_no: "鼓人社〔2026〕31号".into(),
            reason: "公务外出".into(),
            state: "有效".into(),
            may_end: true,
        }];
        filled.relations = vec![RelationRow {
            id: 2,
            kind: "近亲属".into(),
            about: "福州某某智能科技有限公司".into(),
            from: "2024-03-01".into(),
            through: "—".into(),
            note: String::new(),
            holds: true,
            ending: FormState::new("ending-2"),
        }];
        let mut wrong = page();
        wrong.form = FormState::new("delegation")
            .with("taker", "wang")
            .wrong("taker", "对方承担相邻环节（市级人社审批），不能受托，请另选一人");
        wrong.asked = false;
        vec![page(), filled, wrong]
    }
}

fn kinds() -> Vec<Choice> {
    Choice::of::<RelationKind>()
}

fn mandate_row(line: MandateLine) -> MandateRow {
    MandateRow {
        id: line.id,
        given: line.given,
        other: line.other,
        from: line.days.0.to_string(),
        through: line.days.1.to_string(),
        document_no: line.document_no,
        reason: line.reason,
        state: line.state.to_owned(),
        may_end: line.may_end,
    }
}

fn relation_row(line: RelationLine) -> RelationRow {
    RelationRow {
        ending: FormState::new(&format!("ending-{}", line.id)),
        id: line.id,
        kind: line.kind.to_owned(),
        about: line.about,
        from: line.period.from.to_string(),
        through: line.period.through.map_or_else(|| "—".to_owned(), |day| day.to_string()),
        note: line.note,
        holds: line.holds,
    }
}

async fn filled(site: &Site, who: &SignedIn) -> Result<Personal, Error> {
    let mandates = mandate::mandates(&site.app, &who.actor).await?;
    let relations = recusal::declared(&site.app, &who.actor).await?;
    Ok(Personal {
        frame: who.frame(site, HERE).await?,
        mandates: mandates.into_iter().map(mandate_row).collect(),
        form: FormState::new("delegation"),
        relations: relations.into_iter().map(relation_row).collect(),
        relation: FormState::new("relation"),
        kinds: kinds(),
        asked: recusal::is_asked(who.actor.role),
    })
}

pub(super) async fn page(State(site): State<Site>, who: SignedIn) -> Answer {
    Ok(Page::ok(filled(&site, &who).await?).into_response())
}

/// `POST /delegations`. Fields: taker, from, through, document_no, reason.
pub(super) async fn delegate(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let text = |field| filed.text(field).to_owned();
    let new = NewMandate {
        taker: text("taker"),
        from: text("from"),
        through: text("through"),
        document_no: text("document_no"),
        reason: text("reason"),
    };
    match mandate::delegate(&site.app, &who.actor, &new).await {
        Ok(()) => Ok(done(HERE, "委托已登记，对方在委托期内可以代您办理办件。")),
        Err(error) => {
            let form = back_to_form(filed.state("delegation"), error)?;
            let page = Personal { form, ..filled(&site, &who).await? };
            Ok(Page::retry(page).into_response())
        }
    }
}

pub(super) async fn end_delegation(
    State(site): State<Site>,
    who: SignedIn,
    Path(id): Path<i64>,
    _filed: Filed,
) -> Answer {
    mandate::end(&site.app, &who.actor, id).await?;
    Ok(done(HERE, "委托已结束。"))
}

/// `POST /relations`. Fields: kind, about, from, note.
pub(super) async fn declare(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let text = |field| filed.text(field).to_owned();
    let new = NewRelation {
        kind: text("kind"),
        about: text("about"),
        from: text("from"),
        note: text("note"),
    };
    match recusal::declare(&site.app, &who.actor, &new).await {
        Ok(()) => Ok(done(HERE, "回避关系已申报，相关办件须由其他人办理。")),
        Err(error) => {
            let relation = back_to_form(filed.state("relation"), error)?;
            let page = Personal { relation, ..filled(&site, &who).await? };
            Ok(Page::retry(page).into_response())
        }
    }
}

/// `POST /relations/{id}/end`. Fields: last_day.
pub(super) async fn end_relation(
    State(site): State<Site>,
    who: SignedIn,
    Path(id): Path<i64>,
    filed: Filed,
) -> Answer {
    match recusal::end(&site.app, &who.actor, id, filed.text("last_day")).await {
        Ok(()) => Ok(done(HERE, "关系已登记终止，原申报保留可查。")),
        Err(error) => {
            let form = back_to_form(filed.state(&format!("ending-{id}")), error)?;
            let mut page = filled(&site, &who).await?;
            if let Some(row) = page.relations.iter_mut().find(|row| row.id == id) {
                row.ending = form;
            }
            Ok(Page::retry(page).into_response())
        }
    }
}
