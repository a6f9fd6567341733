//! A decision of a file, as a page to print.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use chrono::Datelike;

use super::HERE;
use crate::service::Error;
use crate::service::case::{CaseLetter, case_letter};
use crate::web::failure::Answer;
use crate::web::frame::Frame;
use crate::web::page::Page;
use crate::web::session::SignedIn;
use crate::web::site::Site;

/// `/cases/{no}/letters/{step}`.
#[derive(Debug, Clone, Template)]
#[template(path = "cases/letter.html")]
pub struct DecisionPage {
    pub frame: Frame,
    pub letter: CaseLetter,
}

/// `GET /cases/{no}/letters/{step}`.
pub(super) async fn view(
    State(site): State<Site>,
    who: SignedIn,
    Path((no, step)): Path<(String, String)>,
) -> Answer {
    let step = step.parse().map_err(|_| Error::NotFound("这份文书"))?;
    let letter = case_letter(&site.app, &who.actor, &no, step).await?;
    Ok(Page::ok(DecisionPage { frame: who.frame(&site, HERE).await?, letter }).into_response())
}

impl DecisionPage {
    /// The day as letters write it.
    pub fn day(&self) -> String {
        let on = self.letter.on;
        format!("{} 年 {} 月 {} 日", on.year(), on.month(), on.day())
    }

    /// One that stands, and one after which the file went on.
    pub fn samples() -> Vec<Self> {
        let refused = CaseLetter {
            case_no: "RD2026-00012".into(),
            title: "不予认定决定书",
            to: "福州某某智能科技有限公司".into(),
            about: "张小北（E000011），B类".into(),
            decides: "决定不予认定",
            number: String::new(),
            basis: crate::domain::lifecycle::LETTER_BASIS,
            reasons: vec![("事由", "业绩材料不符合认定标准第三条".into())],
            facts: vec![("认定类别", "B类".into())],
            since: "",
            remedy: crate::domain::lifecycle::Remedy::Suit.words(),
            office: "福建省人力资源和社会保障厅".into(),
            on: chrono::NaiveDate::default(),
        };
        let recognised = CaseLetter {
            title: "认定通知书",
            decides: "予以认定并颁发证书",
            number: "闽人社才〔2026〕12号".into(),
            reasons: vec![],
            facts: vec![],
            since: "暂停",
            office: String::new(),
            ..refused.clone()
        };
        let page = |letter| Self { frame: Frame::sample_hr("/cases"), letter };
        vec![page(refused), page(recognised)]
    }
}
