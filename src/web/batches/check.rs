//! Checking a batch: its totals and a sample of its payments on one page.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::Deserialize;

use super::acts::{answer, version};
use super::fill::{self, minute, row};

use super::pages::{BatchCheck, CheckRow};
use super::paper::region;
use crate::domain::payment::{Action, SampleFinding, State as BatchState};
use crate::domain::registry::Code;
use crate::service::Error;
use crate::service::batch_pages::{SampleView, sample};
use crate::service::payment::{self, Check, Looked};
use crate::web::failure::Answer;
use crate::web::form::{Choice, FormState};
use crate::web::page::Page;
use crate::web::send::Filed;
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::Yuan;

/// Which payments to show beside the sample.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CheckQuery {
    also: String,
}

/// The positions in a text: numbers between whatever else there is.
fn positions(text: &str) -> Vec<i64> {
    text.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect()
}

pub(super) async fn page(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    Query(query): Query<CheckQuery>,
) -> Answer {
    let form = FormState::new("check").with("also", &query.also);
    Ok(Page::ok(filled(&site, &who, &no, form).await?).into_response())
}

async fn filled(
    site: &Site,
    who: &SignedIn,
    no: &str,
    form: FormState,
) -> Result<BatchCheck, Error> {
    let page = sample(&site.app, &who.actor, no, &positions(form.value("also"))).await?;
    let summary = &page.summary;
    Ok(BatchCheck {
        frame: who.frame(site, "/batches").await?,
        facts: row(&summary.item),
        sum_capital: summary.total_capital.clone(),
        taxed: summary.taxed.map(fill::tax),
        purpose: summary.purpose.clone(),
        payer_account: summary.payer_account.clone(),
        hash: summary.hash.clone(),
        version: page.version,
        regions: summary.regions.iter().map(region).collect(),
        rows: page.rows.iter().map(shown).collect(),
        findings: SampleFinding::ALL
            .iter()
            .map(|finding| Choice { value: finding.code().into(), label: finding.label().into() })
            .collect(),
        form,
    })
}

fn shown(view: &SampleView) -> CheckRow {
    let (line, origin) = (&view.line, &view.origin);
    let digits: Vec<char> = view.account_no.chars().collect();
    let account = digits.chunks(4).map(|part| part.iter().collect::<String>());
    CheckRow {
        number: line.seq,
        name: line.payee_name.clone(),
        no: line.person_no.clone(),
        enterprise: line.enterprise.clone(),
        bank: line.bank_name.clone(),
        cnaps: origin.cnaps.clone(),
        account: account.collect::<Vec<_>>().join(" "),
        amount: Yuan::of(line.amount_fen),
        source: match origin.document_no.as_str() {
            "" => origin.source.clone(),
            no => format!("{}（{no}）", origin.source),
        },
        recorded: format!("{} {}", origin.recorder, minute(origin.recorded_at)),
        reason: view.reason.label(),
        finding: format!("finding-{}", line.seq),
        note: format!("note-{}", line.seq),
    }
}

/// What was found, by the positions that the form names.
fn looked(filed: &Filed) -> Vec<Looked> {
    let found = |seq: i64| Looked {
        seq,
        finding: SampleFinding::from_code(filed.text(&format!("finding-{seq}"))),
        note: filed.text(&format!("note-{seq}")).to_owned(),
    };
    filed.all("seq").iter().filter_map(|seq| seq.parse().ok()).map(found).collect()
}

pub(super) async fn check(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let looked = looked(&filed);
    let sent = Check { hash: filed.text("hash"), looked: &looked };
    let checked = payment::check(&site.app, &who.actor, &no, version(&filed), &sent).await;
    if let Err(Error::Invalid(faults)) = checked {
        let typed = filed.state("check");
        let typed = faults.into_iter().fold(typed, |form, (field, text)| form.wrong(&field, text));
        let page = filled(&site, &who, &no, typed).await?;
        return Ok(Page(StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let text = checked.map(|standing| match standing.state {
        BatchState::Checked => "已复核，请交审批人审批。".to_owned(),
        _ => "抽查有不符，批次已连同说明退回编制，金额已解冻。".to_owned(),
    });
    answer(&site, &who, &no, Action::Check, &filed, text).await
}
