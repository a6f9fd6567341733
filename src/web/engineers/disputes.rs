//! What engineers object to, and the answers.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse;

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
            note: "入册日期应为 2026-05-01".into(),
            at: "2026-11-20 09:12".into(),
            form,
        };
        let new = || FormState::new("answer-7");
        vec![page(vec![row(new())]), page(vec![]), page(vec![row(new().wrong("note", "请写明"))])]
    }
}

pub(super) async fn list(State(site): State<Site>, who: SignedIn) -> Answer {
    page(&site, &who, None).await
}

async fn page(site: &Site, who: &SignedIn, wrong: Option<(i64, FormState)>) -> Answer {
    let found = own_page::open_disputes(&site.app, &who.actor).await?;
    let row = |row: OpenDispute| DisputeRow {
        form: match &wrong {
            Some((id, form)) if *id == row.id => form.clone(),
            _ => FormState::new(&format!("answer-{}", row.id)),
        },
        id: row.id,
        name: row.name,
        no: row.person_no,
        about: row.about.to_owned(),
        note: row.note,
        at: minute(row.at),
    };
    let rows = found.into_iter().map(row).collect();
    let page = Disputes { frame: who.frame(site, "/").await?, rows };
    Ok(if page.has_errors() { Page::retry(page) } else { Page::ok(page) }.into_response())
}

pub(super) async fn answer(
    State(site): State<Site>,
    who: SignedIn,
    Path(id): Path<i64>,
    filed: Filed,
) -> Answer {
    match own_page::answer_dispute(&site.app, &who.actor, id, filed.text("note")).await {
        Ok(()) => Ok(done("/disputes", "答复已保存，本人登录后可以看到。")),
        Err(error) => {
            let form = back_to_form(filed.state(&format!("answer-{id}")), error)?;
            page(&site, &who, Some((id, form))).await
        }
    }
}
