//! The sheet that goes with a bank file.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse;

use super::fill::{minute, row};
use super::pages::{BatchRow, SummaryRow};
use super::{paper, samples};
use crate::domain::capital::in_capitals;
use crate::service::batch_pages;
use crate::web::failure::Answer;
use crate::web::frame::Frame;
use crate::web::page::Page;
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::Yuan;

/// `/batches/{no}/control`.
#[derive(Debug, Clone, Template)]
#[template(path = "batches/control.html")]
pub struct BatchControl {
    pub frame: Frame,
    pub facts: BatchRow,
    pub payer_account: String,
    /// Name, form, hash and maker of the file.
    pub file: String,
    pub form: String,
    pub sha256: String,
    pub made: String,
    /// Sum of the orders.
    pub ordered: Yuan,
    pub first: String,
    pub last: String,
    pub hash: String,
    pub rows: Vec<SummaryRow>,
}

impl BatchControl {
    /// The sum of the orders in capitals; nothing for a sum that no capitals are defined for.
    pub fn capital(&self) -> String {
        in_capitals(self.ordered.0).unwrap_or_default()
    }

    /// One sheet.
    pub fn samples() -> Vec<Self> {
        vec![Self {
            frame: Frame::sample_finance("/batches"),
            facts: samples::facts("已出文件"),
            payer_account: "财政零余额账户 3501".into(),
            file: "B2027-0001.csv".into(),
            form: "通用格式（UTF-8 CSV）第 1 版".into(),
            sha256: samples::HASH.into(),
            made: "黄颖 2027-03-02 10:15".into(),
            ordered: Yuan::whole(60_000_000),
            first: "B2027-0001-1-00001".into(),
            last: "B2027-0001-1-00300".into(),
            hash: samples::HASH.into(),
            rows: vec![SummaryRow {
                name: "福州市".into(),
                lines: 300,
                amount: Yuan::whole(60_000_000),
            }],
        }]
    }
}

pub(super) async fn page(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
) -> Answer {
    let found = batch_pages::control(&site.app, &who.actor, &no).await?;
    let (summary, file) = (&found.summary, &found.file);
    let page = BatchControl {
        frame: who.frame(&site, "/batches").await?,
        facts: row(&summary.item),
        payer_account: summary.payer_account.clone(),
        file: format!("{no}.{}", file.ending),
        form: file.form.clone(),
        sha256: file.sha256.clone(),
        made: format!("{} {}", file.who, minute(file.at)),
        ordered: Yuan(found.ordered),
        first: found.ends.0.clone(),
        last: found.ends.1.clone(),
        hash: summary.hash.clone(),
        rows: summary.regions.iter().map(paper::region).collect(),
    };
    Ok(Page::ok(page).into_response())
}
