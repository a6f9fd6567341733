//! Files whose approval grants an agreed amount: the grant, how it is taken back, and how a file
//! follows its money.

use chrono::{Datelike, NaiveDate};
use serde_json::Value;

use super::perform::act_by_program;
use super::{CaseWork, Desk, Submitted};
use crate::app::App;
use crate::domain::money::Fen;
use crate::domain::registry::Code;
use crate::service::Error;
use crate::service::agreed::AgreedText;
use crate::service::benefit::{self, Award, Part};
use crate::store::benefit as granted;
use crate::store::case::CaseRow;
use crate::store::db::{StoreError, Tx};

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
    text: &AgreedText,
    agreed: &Agreed<'_>,
) -> Result<(), Error> {
    let (policy_id, day) = agreed.policy;
    let policy = text.policy(desk.tx, policy_id).await?;
    let basis = policy.version_on(day);
    let funding = basis.map(|version| version.funding.as_slice()).unwrap_or_default();
    let part = Part {
        enterprise_id: agreed.enterprise.0,
        division: agreed.enterprise.1.to_owned(),
        to_enterprise: false,
        amount: agreed.amount,
    };
    let award = Award {
        programme: text.programme,
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
            Error::Refused("这笔资金已编入发放批次，请先退回批次，再终止".to_owned())
        }
        other => Error::from(other),
    })
}

/// A lifecycle whose files follow their money.
pub(super) trait FollowsMoney: CaseWork {
    /// Where its money waits, and what happens when the bank paid it.
    const PAY: (Self::State, Self::Act);
    /// Where it is paid, and what happens when money waits again.
    const COME_BACK: (Self::State, Self::Act);
}

/// Moves the files of a stream after their money: those paid, and those that wait again.
pub(super) async fn money_moved<L: FollowsMoney>(
    app: &App,
    tx: &Tx,
    files: &[CaseRow],
    paid: &[&str],
) -> Result<(), Error> {
    for ((state, act), is_paid) in [(L::PAY, true), (L::COME_BACK, false)] {
        let moved = files.iter().filter(|file| {
            file.state == state.code() && paid.contains(&file.case_no.as_str()) == is_paid
        });
        let ids: Vec<i64> = moved.map(|file| file.id).collect();
        if !ids.is_empty() {
            let sent = Submitted { act: act.code().to_owned(), ..Submitted::default() };
            act_by_program::<L>(app, tx, None, &ids, &sent).await?;
        }
    }
    Ok(())
}
