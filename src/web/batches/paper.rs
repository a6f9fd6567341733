//! What is printed and signed: the approval form, and the table of payments that belongs to it.

use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;

use super::fill::{self, minute, row};
use super::handlers::{BatchQuery, page_number};
use super::pages::{BatchDetails, BatchSummary, SignedBy, SummaryRow};
use crate::service::batch_pages::{self, RegionSum, SHEET, Signature, Summary};
use crate::web::failure::Answer;
use crate::web::frame::Frame;
use crate::web::page::Page;
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::Yuan;

pub(super) async fn summary(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
) -> Answer {
    let summary = batch_pages::summary(&site.app, &who.actor, &no).await?;
    let frame = who.frame(&site, "/batches").await?;
    Ok(Page::ok(form(frame, &summary)).into_response())
}

pub(super) async fn details(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    Query(query): Query<BatchQuery>,
) -> Answer {
    let sheet = page_number(&query.page);
    let found = batch_pages::details(&site.app, &who.actor, &no, sheet).await?;
    let summary = &found.summary;
    let total = summary.item.lines;
    let path = format!("/batches/{no}/details");
    let page = BatchDetails {
        lines: found.lines.iter().map(fill::payment).collect(),
        sheet: sheet + 1,
        sheets: (total + SHEET - 1) / SHEET,
        amount: Yuan(found.amount),
        tax: Yuan(found.tax),
        net: Yuan(found.net),
        pager: fill::pager(total, (sheet, SHEET), found.lines.len(), &path, ""),
        frame: who.frame(&site, "/batches").await?,
        facts: row(&summary.item),
        sum_capital: summary.total_capital.clone(),
        taxed: summary.taxed.map(fill::tax),
        purpose: summary.purpose.clone(),
        hash: summary.hash.clone(),
        signed: signed_by(summary),
    };
    Ok(Page::ok(page).into_response())
}

fn form(frame: Frame, summary: &Summary) -> BatchSummary {
    BatchSummary {
        frame,
        facts: row(&summary.item),
        sum_capital: summary.total_capital.clone(),
        taxed: summary.taxed.map(fill::tax),
        purpose: summary.purpose.clone(),
        policy: summary.basis.join("；"),
        payer_account: summary.payer_account.clone(),
        budget_year: summary.item.budget_year,
        voucher_no: summary.voucher_no.clone(),
        hash: summary.hash.clone(),
        rows: summary.regions.iter().map(region).collect(),
        signed: signed_by(summary),
    }
}

fn signed_by(summary: &Summary) -> SignedBy {
    let [maker, checker, approver] = &summary.signatures;
    SignedBy {
        made_by: signed(maker),
        checked_by: signed(checker),
        approved_by: signed(approver),
        is_good: summary.is_signed,
    }
}

pub(super) fn region(sum: &RegionSum) -> SummaryRow {
    SummaryRow { name: sum.name.clone(), lines: sum.lines, amount: Yuan(sum.amount) }
}

fn signed(signature: &Signature) -> String {
    match signature.at {
        Some(at) => format!("{} {}", signature.name, minute(at)),
        None => signature.name.clone(),
    }
}
