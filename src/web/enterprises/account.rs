//! The account of an enterprise: what it is, putting one down, confirming another's.

use axum::extract::{Path, State};
use axum::response::IntoResponse;

use super::account_pages::{AccountView, EnterpriseAccountPage, FilingRow};
use super::handlers::HERE;
use crate::domain::reveal::RevealedNumber;
use crate::service::Error;
use crate::service::directory::{self, AccountFiling, MaskedAccount};
use crate::service::roster::{decide_account, file_enterprise_account};
use crate::web::engineers::rows::fact_version;
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::FormState;
use crate::web::listing::minute;
use crate::web::page::Page;
use crate::web::roster::forms::{Faults, typed_account};
use crate::web::send::{Filed, done};
use crate::web::session::SignedIn;
use crate::web::site::Site;

const FORM: &str = "account";

/// `GET /enterprises/{uscc}/account`.
pub(super) async fn show(
    State(site): State<Site>,
    who: SignedIn,
    Path(uscc): Path<String>,
) -> Answer {
    Ok(Page::ok(page(&site, &who, &uscc, None).await?).into_response())
}

/// The page; `wrong` is the form to correct, of an account or of a decision.
async fn page(
    site: &Site,
    who: &SignedIn,
    uscc: &str,
    wrong: Option<FormState>,
) -> Result<EnterpriseAccountPage, Error> {
    let found = directory::enterprise_accounts(&site.app, &who.actor, uscc).await?;
    let today = site.app.clock.today().to_string();
    let fresh = FormState::new(FORM).with("account_name", &found.name).with("from", today);
    let decision = found.open.as_ref().filter(|open| open.may_confirm || open.is_own);
    let decision = decision.map(|open| FormState::new(&open.no).or_typed(wrong.as_ref()));
    // A form that came back for something which is over by now still says why.
    let late = wrong.as_ref().filter(|wrong| {
        let shown = found.may_file && wrong.prefix == FORM;
        !shown && decision.as_ref().is_none_or(|decision| decision.prefix != wrong.prefix)
    });
    Ok(EnterpriseAccountPage {
        frame: who.frame(site, HERE).await?,
        late: late.cloned(),
        state: match &found.account {
            None => "未登记",
            Some((_, None)) => "可付款",
            Some((_, Some(_))) => "变更未满5个工作日",
        },
        may_reveal: who.actor.role.may_reveal(RevealedNumber::Account),
        account: found.account.map(|(account, _)| view(account)),
        open: found.open.map(filing_row),
        decision,
        decided: found.decided.into_iter().map(filing_row).collect(),
        versions: found.versions.into_iter().map(|line| fact_version(line, None)).collect(),
        form: found.may_file.then(|| fresh.or_typed(wrong.as_ref())),
        name: found.name,
        uscc: found.uscc,
    })
}

pub(in crate::web) fn view(account: MaskedAccount) -> AccountView {
    AccountView {
        account_name: account.account_name,
        last4: account.last_four,
        bank: account.bank_name,
        cnaps: account.cnaps,
        from: account.from.to_string(),
    }
}

pub(in crate::web) fn filing_row(filing: AccountFiling) -> FilingRow {
    let by = |(name, at)| format!("{} {name}", minute(at));
    let state = match &filing.decided {
        None => "待确认",
        Some((.., true, _)) => "已确认",
        Some(_) => "已退回",
    };
    FilingRow {
        account: view(filing.account),
        document_no: filing.document_no,
        reason: filing.reason,
        state,
        filed: by(filing.filed),
        note: filing.decided.as_ref().map(|(.., note)| note.clone()).unwrap_or_default(),
        decided: filing.decided.map(|(name, at, ..)| by((name, at))).unwrap_or_default(),
        may_confirm: filing.may_confirm,
        no: filing.no,
    }
}

/// `POST /enterprises/{uscc}/account`. Fields: account_name, account_number,
/// account_number_again, bank_name, cnaps, from, reason, document_no.
pub(super) async fn file(
    State(site): State<Site>,
    who: SignedIn,
    Path(uscc): Path<String>,
    filed: Filed,
) -> Answer {
    let mut faults = Faults::default();
    let new = typed_account(&filed, &mut faults);
    let outcome = match faults.with(new.enterprise_faults(site.app.clock.today())) {
        Ok(()) => file_enterprise_account(&site.app, &who.actor, &uscc, &new).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(filed) => {
            let text = format!("已填报（尾号{}），另一人确认后生效。", filed.last_four);
            Ok(done(&format!("{HERE}/{}/account", uscc.trim()), &text))
        }
        Err(error) => {
            let mut form = back_to_form(filed.state(FORM), error)?;
            // The number is typed again: a page that lies open must not show it.
            form.values.retain(|name, _| !name.starts_with("account_number"));
            Ok(Page::retry(page(&site, &who, &uscc, Some(form)).await?).into_response())
        }
    }
}

/// `POST /enterprises/{uscc}/account/{no}/decisions`. Fields: verdict, note.
pub(super) async fn decide(
    State(site): State<Site>,
    who: SignedIn,
    Path((uscc, no)): Path<(String, String)>,
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
            Ok(done(&format!("{HERE}/{uscc}/account"), said))
        }
        Err(error) => {
            let form = back_to_form(filed.state(&no), error)?;
            Ok(Page::retry(page(&site, &who, &uscc, Some(form)).await?).into_response())
        }
    }
}
