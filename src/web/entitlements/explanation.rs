//! Why an amount is what it is, as a page.

use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;

use crate::domain::money::Fen;
use crate::domain::registry::Code;
use crate::service::Error;
use crate::service::payment;
use crate::service::policy::PolicyParameter;
use crate::service::stipend::{self, DEFAULT_RULES};
use crate::web::engineers::explanation::{
    EntitlementVersion, Explanation, InputFact, Month, ParameterUsed, PaymentRow, Share, Step,
};
use crate::web::failure::{Answer, Failure};
use crate::web::frame::Frame;
use crate::web::listing::{day, minute};
use crate::web::page::Page;
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::{Deed, Yuan};

#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    version: Option<i64>,
}

pub(super) async fn explain(
    State(site): State<Site>,
    who: SignedIn,
    Path((no, year)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let year = year.parse::<i32>().map_err(|_| Failure::from(Error::NotFound("该年度")))?;
    let actor = &who.actor;
    let found = stipend::explanation(&site.app, actor, &no, year, wanted.version).await?;
    let frame = who.frame(&site, "/entitlements").await?;
    let may_hold = payment::may_hold(actor) && found.net > Fen::ZERO;
    let hold_href = may_hold.then(|| format!("/holds?person_no={}&year={year}", found.person_no));
    let page = Explanation { hold_href, ..told(frame, found, false) };
    Ok(Page::ok(page).into_response())
}

/// The page's content; `is_own` when the person it is about reads it.
pub(crate) fn told(frame: Frame, found: stipend::Explanation, is_own: bool) -> Explanation {
    let standing = found.versions.iter().any(|version| version.is_shown && version.is_standing);
    Explanation {
        frame,
        name: found.name,
        is_own,
        is_part: found.is_part,
        hold_href: None,
        no: found.person_no,
        year: found.year,
        net: Yuan(found.net),
        status: if standing { found.state.label() } else { "历史" }.to_owned(),
        sentence: found.sentence,
        default_rules: found.uses_defaults.then(|| DEFAULT_RULES.to_owned()),
        edition: found.edition,
        parameters: found.parameters.into_iter().map(parameter).collect(),
        inputs: found.inputs.into_iter().map(input).collect(),
        months: found.months.into_iter().map(month).collect(),
        steps: found.steps.into_iter().map(step).collect(),
        offset: found.offset,
        shares: found.shares.into_iter().map(share).collect(),
        versions: found.versions.into_iter().map(version).collect(),
        adjustment: found.adjustment,
        payments: found.payments.into_iter().map(payment).collect(),
        deeds: found
            .deeds
            .into_iter()
            .map(|deed| Deed::new(&minute(deed.at), &deed.who, &deed.what, None))
            .collect(),
        hash: found.hash,
        is_reproduced: found.is_reproduced,
    }
}

fn parameter(parameter: PolicyParameter) -> ParameterUsed {
    ParameterUsed {
        name: parameter.name,
        value: parameter.value,
        clause: parameter.basis,
        is_default: parameter.is_default,
    }
}

fn input(input: stipend::Input) -> InputFact {
    InputFact {
        subject: input.subject.to_owned(),
        content: input.content,
        period: input.period,
        source: input.source,
        recorded_at: minute(input.recorded_at),
    }
}

pub(crate) fn month(month: stipend::ExplainedMonth) -> Month {
    Month {
        number: month.number.into(),
        counted: month.counted,
        days: month.days.into(),
        enterprise: month.enterprise,
        reason: month.reason,
    }
}

fn step(step: stipend::ExplainedStep) -> Step {
    Step { text: step.rule, lines: step.lines, result: step.result, basis: step.basis }
}

fn share(share: stipend::ExplainedShare) -> Share {
    Share {
        enterprise: share.enterprise,
        source: share.source,
        months: share.months,
        amount: Yuan(share.amount),
    }
}

pub(crate) fn version(version: stipend::ExplainedVersion) -> EntitlementVersion {
    EntitlementVersion {
        version: version.version_no,
        computed_at: minute(version.computed_at),
        known_at: minute(version.known_at),
        net: Yuan(version.net),
        change: Yuan(version.change),
        reason: version.reason,
        is_current: version.is_standing,
        is_shown: version.is_shown,
    }
}

pub(crate) fn payment(payment: stipend::ExplainedPayment) -> PaymentRow {
    PaymentRow {
        batch_no: payment.batch_no,
        area: if payment.is_recovery { "/recoveries" } else { "/batches" },
        amount: Yuan(payment.amount),
        account_last4: payment.last_four,
        state: payment.state.to_owned(),
        bank_reply: payment.bank_reply,
        replied_on: payment.paid_at.map_or_else(String::new, day),
    }
}
