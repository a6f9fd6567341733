//! What anybody reads and does without signing in.

use axum::extract::{Path, State};
use axum::response::IntoResponse;

use super::handlers::row;
use super::pages::{EntryRow, PublicNotice, PublicNoticeList};
use crate::service::notice::{self, NewObjectionText, Notice};
use crate::service::objection;
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::frame::PublicFrame;
use crate::web::page::Page;
use crate::web::send::Filed;
use crate::web::session::Guest;
use crate::web::site::Site;

pub(super) async fn list(State(site): State<Site>, guest: Guest) -> Answer {
    let rows: Vec<_> = notice::notices(&site.app, 1).await?.iter().map(row).collect();
    Ok(guest.answer(&site, |frame| Page::ok(PublicNoticeList { frame, rows }))?)
}

/// What whoever sent the form is told: one of the two, or nothing.
#[derive(Default)]
struct Told {
    receipt: String,
    tip_no: String,
}

fn page(frame: PublicFrame, found: Notice, form: FormState, told: Told) -> PublicNotice {
    let choice = |entry: &notice::NoticeEntry| Choice {
        value: entry.seq.to_string(),
        label: format!("第 {} 项 {} {}", entry.seq, entry.name, entry.enterprise),
    };
    let entry = |entry: &notice::NoticeEntry| EntryRow {
        seq: entry.seq,
        name: entry.name.clone(),
        enterprise: entry.enterprise.clone(),
        detail: entry.detail.clone(),
    };
    let running = found.entries.iter().filter(|entry| entry.withdrawn_on.is_none());
    PublicNotice {
        frame,
        row: row(&found.line),
        basis: found.basis,
        contact: found.contact,
        restarts: found
            .restarts
            .iter()
            .map(|(from, through, why)| format!("{from} 至 {through}：{why}"))
            .collect(),
        earlier: found
            .earlier
            .into_iter()
            .map(|text| [text.until.to_string(), text.title, text.basis, text.contact])
            .collect(),
        entries: found.entries.iter().map(entry).collect(),
        is_over: !found.line.running,
        form,
        choices: running.map(choice).collect(),
        receipt: told.receipt,
        tip_no: told.tip_no,
    }
}

pub(super) async fn view(State(site): State<Site>, guest: Guest, Path(no): Path<String>) -> Answer {
    let found = notice::notice(&site.app, &no).await?;
    let form = FormState::new("objection");
    Ok(guest.answer(&site, |frame| Page::ok(page(frame, found, form, Told::default())))?)
}

/// `POST /public/notices/{no}/objections`. Fields: seq, name, contact, content.
pub(super) async fn object(
    State(site): State<Site>,
    guest: Guest,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let text = NewObjectionText {
        seq: filed.text("seq").to_owned(),
        name: filed.text("name").to_owned(),
        contact: filed.text("contact").to_owned(),
        content: filed.text("content").to_owned(),
    };
    let outcome = notice::object(&site.app, &no, &text).await;
    let found = notice::notice(&site.app, &no).await?;
    match outcome {
        Ok(received) => {
            let told = if received.in_time {
                let receipt = objection::receipt(&site.app, &received.no);
                Told { receipt, ..Told::default() }
            } else {
                Told { tip_no: received.no, ..Told::default() }
            };
            let form = FormState::new("objection");
            Ok(guest.answer(&site, |frame| Page::ok(page(frame, found, form, told)))?)
        }
        Err(error) => {
            let form = back_to_form(filed.state("objection"), error)?;
            let answer = guest
                .answer(&site, |frame| Page::retry(page(frame, found, form, Told::default())))?;
            Ok(answer.into_response())
        }
    }
}
