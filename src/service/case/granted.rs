//! Files whose approval grants an agreed amount: the grant, and how it is taken back.

use chrono::{Datelike, NaiveDate};
use serde_json::Value;

use super::Desk;
use crate::domain::money::Fen;
use crate::service::Error;
use crate::service::agreed::agreed_policy;
use crate::service::benefit::{self, Award, Part};
use crate::store::benefit as granted;
use crate::store::db::StoreError;

/// What a file grants.
pub(super) struct Agreed<'a> {
    /// Who is paid.
    pub(super) person_id: i64,
    /// Enterprise, and the division that decides who pays.
    pub(super) enterprise: (i64, &'a str),
    /// As agreed.
    pub(super) amount: Fen,
    /// Policy text, and the day whose version of it applies.
    pub(super) policy: (i64, NaiveDate),
    /// How it came about.
    pub(super) determination: &'a Value,
    /// Step by step.
    pub(super) trace: &'a Value,
}

/// Grants it for the year of today.
pub(super) async fn grant(
    desk: &Desk<'_>,
    programme: &str,
    agreed: &Agreed<'_>,
) -> Result<(), Error> {
    let (policy_id, day) = agreed.policy;
    let policy = agreed_policy(desk.tx, policy_id).await?;
    let basis = policy.version_on(day);
    let funding = basis.map(|version| version.funding.as_slice()).unwrap_or_default();
    let part = Part {
        enterprise_id: agreed.enterprise.0,
        division: agreed.enterprise.1.to_owned(),
        to_enterprise: false,
        amount: agreed.amount,
    };
    let award = Award {
        programme,
        person_id: agreed.person_id,
        award_year: desk.app.clock.today().year().into(),
        subject_no: &desk.row.case_no,
        policy: (policy_id, funding),
        parts: &[part],
        determination: agreed.determination,
        trace: agreed.trace,
    };
    benefit::grant(desk.app, desk.tx, &award).await?;
    Ok(())
}

/// Takes back what a file granted, while no batch holds it.
pub(super) async fn take_back(desk: &Desk<'_>) -> Result<(), Error> {
    let taken = granted::withdraw(desk.tx, &desk.row.case_no, desk.app.clock.now()).await;
    taken.map_err(|error| match error {
        StoreError::RecordNotUpdated => {
            Error::Refused("这笔资金已编入发放批次，请先退回批次，再办理".to_owned())
        }
        other => Error::from(other),
    })
}
