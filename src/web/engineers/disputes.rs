//! What engineers object to, and the answers.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse;

use crate::service::Error;
use crate::service::own_page::{self, OpenDispute};
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::FormState;
use crate::web::frame::Frame;
use crate::web::listing::minute;
use crate::web::page::Page;
use crate::web::send::{Filed, done};
use crate::web::session::SignedIn;
use crate::web::site::Site;

/// An objection that waits.
#[derive(Debug, Clone, Default)]
pub struct DisputeRow {
    pub id: i64,
    pub name: String,
    pub no: String,
    pub about: String,
    /// Where the answer goes.
    pub action: String,
    /// Why the amount is what it is; empty for anything else.
    pub explained: String,
    pub note: String,
    pub at: String,
    /// Fields: note.
    pub form: FormState,
}

/// `/disputes`.
#[derive(Debug, Clone, Template)]
#[template(path = "engineers/disputes.html")]
pub struct Disputes {
    pub frame: Frame,
    pub rows: Vec<DisputeRow>,
}

impl Disputes {
    /// Whether a form has to be corrected.
    pub fn has_errors(&self) -> bool {
        self.rows.iter().any(|row| row.form.has_errors())
    }

    /// One that waits, none, an empty answer.
    pub fn samples() -> Vec<Self> {
        let page = |rows| Self { frame: Frame::sample_hr("/"), rows };
        let row = |form| DisputeRow {
            id: 7,
            name: "张三".into(),
            no: "E000127".into(),
            about: "名册".into(),
            action: "/disputes/7/answer".into(),
            explained: String::new(),
            note: "入册日期应为 2026-05-01".into(),
            at: "2026-11-20 09:12".into(),
            form,
        };
        let new = || FormState::new("answer-7");
        let amount = DisputeRow {
            about: "2026 年度金额（第 1 版）".into(),
            action: "/disputes/years/7/answer".into(),
            explained: "/engineers/E000127/years/2026".into(),
            ..row(new())
        };
        vec![
            page(vec![row(new())]),
            page(vec![amount]),
            page(vec![]),
            page(vec![row(new().wrong("note", "请写明"))]),
        ]
    }
}

pub(super) async fn list(State(site): State<Site>, who: SignedIn) -> Answer {
    page(&site, &who, None).await
}

async fn page(site: &Site, who: &SignedIn, wrong: Option<FormState>) -> Answer {
    let found = own_page::open_disputes(&site.app, &who.actor).await?;
    let row = |row: OpenDispute| DisputeRow {
        form: match &wrong {
            Some(form) if form.prefix == prefix(row.year.is_some(), row.id) => form.clone(),
            _ => FormState::new(&prefix(row.year.is_some(), row.id)),
        },
        action: match row.year {
            Some(_) => format!("/disputes/years/{}/answer", row.id),
            None => format!("/disputes/{}/answer", row.id),
        },
        explained: row
            .year
            .map(|year| format!("/engineers/{}/years/{year}", row.person_no))
            .unwrap_or_default(),
        id: row.id,
        name: row.name,
        no: row.person_no,
        about: row.about,
        note: row.note,
        at: minute(row.at),
    };
    let rows = found.into_iter().map(row).collect();
    let page = Disputes { frame: who.frame(site, "/").await?, rows };
    if wrong.is_some() && !page.has_errors() {
        return Err(Error::NotFound("待答复的异议").into());
    }
    Ok(if page.has_errors() { Page::retry(page) } else { Page::ok(page) }.into_response())
}

pub(super) async fn answer(
    State(site): State<Site>,
    who: SignedIn,
    Path(id): Path<i64>,
    filed: Filed,
) -> Answer {
    let outcome = own_page::answer_dispute(&site.app, &who.actor, id, filed.text("note")).await;
    answered(&site, &who, (false, id), &filed, outcome).await
}

pub(super) async fn answer_year(
    State(site): State<Site>,
    who: SignedIn,
    Path(id): Path<i64>,
    filed: Filed,
) -> Answer {
    let text = filed.text("note");
    let outcome = own_page::answer_year_dispute(&site.app, &who.actor, id, text).await;
    answered(&site, &who, (true, id), &filed, outcome).await
}

async fn answered(
    site: &Site,
    who: &SignedIn,
    (is_year, id): (bool, i64),
    filed: &Filed,
    outcome: Result<(), Error>,
) -> Answer {
    match outcome {
        Ok(()) => Ok(done("/disputes", "答复已保存，本人登录后可以看到。")),
        Err(error) => {
            let form = back_to_form(filed.state(&prefix(is_year, id)), error)?;
            page(site, who, Some(form)).await
        }
    }
}

/// What the form of an answer is called.
fn prefix(is_year: bool, id: i64) -> String {
    format!("{}-{id}", if is_year { "answer-year" } else { "answer" })
}
