//! The list of accounts that wait or were decided, one of them, and decisions.

use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;

use super::pages::{FilingList, FilingView, OwnedRow};
use crate::domain::reveal::RevealedNumber;
use crate::service::Error;
use crate::service::directory::{self, FILINGS_A_PAGE, OwnedFiling};
use crate::service::roster::decide_account;
use crate::web::enterprises::account::{filing_row, view};
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::listing::{offset, pager};
use crate::web::page::Page;
use crate::web::send::{Filed, done};
use crate::web::session::SignedIn;
use crate::web::site::Site;

const HERE: &str = "/account-filings";
/// Accounts that one act confirms at most: a page of the list.
const MOST_AT_ONCE: usize = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    state: String,
    page: Option<u64>,
}

/// `GET /account-filings`.
pub(super) async fn list(
    State(site): State<Site>,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let is_decided = wanted.state == "decided";
    let from = offset(wanted.page, FILINGS_A_PAGE);
    let (total, found) =
        directory::account_filings(&site.app, &who.actor, !is_decided, from).await?;
    let state = if is_decided { "decided" } else { "" };
    let rows: Vec<OwnedRow> = found.into_iter().map(row).collect();
    Ok(Page::ok(FilingList {
        frame: who.frame(&site, HERE).await?,
        filter: FormState::new("filter").with("state", state),
        states: Choice::list(&[("decided", "已办结")]),
        is_decided,
        may_confirm: rows.iter().any(|row| row.filing.may_confirm),
        pager: pager((HERE, &[("state", state)]), total, (from, FILINGS_A_PAGE, rows.len())),
        rows,
    })
    .into_response())
}

fn row(found: OwnedFiling) -> OwnedRow {
    let area = if found.owner.is_person { "/engineers" } else { "/enterprises" };
    OwnedRow {
        kind: if found.owner.is_person { "个人" } else { "单位" },
        name: found.owner.name,
        owner_href: format!("{area}/{}", found.owner.no),
        owner_no: found.owner.no,
        now: found.now.map(view),
        imported: found.filing.imported,
        is_own: found.filing.is_own,
        filing: filing_row(found.filing),
    }
}

/// `GET /account-filings/{no}`.
pub(super) async fn show(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
) -> Answer {
    Ok(Page::ok(page(&site, &who, &no, None).await?).into_response())
}

async fn page(
    site: &Site,
    who: &SignedIn,
    no: &str,
    wrong: Option<FormState>,
) -> Result<FilingView, Error> {
    let found = directory::account_filing(&site.app, &who.actor, no).await?;
    let waits = found.filing.decided.is_none();
    let may_decide = waits && (found.filing.may_confirm || found.filing.is_own);
    let form = wrong.unwrap_or_else(|| FormState::new(no));
    Ok(FilingView {
        frame: who.frame(site, HERE).await?,
        row: row(found),
        may_reveal: who.actor.role.may_reveal(RevealedNumber::FiledAccount),
        form: may_decide.then_some(form),
    })
}

/// `POST /account-filings/{no}/decisions`. Fields: verdict, note.
pub(super) async fn decide(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let accept = filed.text("verdict") == "accept";
    match decide_account(&site.app, &who.actor, &no, (accept, filed.text("note"))).await {
        Ok(()) => {
            let said = if accept {
                "已确认，从生效日起向该账户付款。"
            } else {
                "已退回。"
            };
            Ok(done(HERE, said))
        }
        // The form is gone by then.
        Err(error @ Error::Stale(_)) => Err(error.into()),
        Err(error) => {
            let form = back_to_form(filed.state(&no), error)?;
            Ok(Page::retry(page(&site, &who, &no, Some(form)).await?).into_response())
        }
    }
}

/// `POST /account-filings/confirmations`. Field: filing, once for each. Each is decided by itself;
/// what stands against one does not hold up the others.
pub(super) async fn confirm_many(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let mut chosen = filed.all("filing");
    chosen.truncate(MOST_AT_ONCE);
    if chosen.is_empty() {
        return Ok(done(HERE, "没有选择账户，未办理。"));
    }
    let (mut confirmed, mut refused) = (0, Vec::new());
    for no in chosen {
        match decide_account(&site.app, &who.actor, no, (true, "")).await {
            Ok(()) => confirmed += 1,
            Err(Error::Refused(text) | Error::Stale(text)) => refused.push(format!("{no}：{text}")),
            Err(error) => return Err(error.into()),
        }
    }
    let mut said = format!("已确认 {confirmed} 项");
    if !refused.is_empty() {
        said = format!("{said}；{} 项未确认：{}", refused.len(), refused.join("；"));
    }
    Ok(done(HERE, &format!("{said}。")))
}
