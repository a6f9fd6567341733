//! What the acts of a tranche mean: an approval grants the agreed amount, an end takes it back.

use chrono::Datelike;
use serde_json::json;

use super::about::CaseFact;
use super::{Broken, CaseWork, Desk, ExtraField};
use crate::domain::lifecycle::{
    AgreementTranche, Evidence, Move, TrancheAct as A, TrancheState as S,
};
use crate::domain::money::Fen;
use crate::domain::registry::Code;
use crate::service::benefit::{self, Award, Part};
use crate::service::{Error, agreement};
use crate::store::agreement::{self as store, Agreement, Tranche};
use crate::store::benefit as granted;
use crate::store::db::StoreError;

/// The tranche that a file is about.
async fn subject(desk: &Desk<'_>) -> Result<(Tranche, Agreement), Error> {
    let missing = || Error::Internal(format!("case {} has no tranche", desk.row.case_no));
    store::of_case(desk.tx, desk.row.id).await?.ok_or_else(missing)
}

/// What a file is about, line by line.
pub(super) async fn facts(desk: &Desk<'_>) -> Result<Vec<CaseFact>, Error> {
    let (tranche, agreement) = subject(desk).await?;
    let about = CaseFact {
        name: "一事一议事项",
        text: format!("{} {}", agreement.agreement_no, agreement.title),
        href: Some(format!("/agreements/{}", agreement.agreement_no)),
    };
    Ok(vec![
        about,
        ("第几笔", tranche.seq.to_string()).into(),
        ("达成条件", tranche.milestone).into(),
        ("预计达成", tranche.expected_on.to_string()).into(),
        ("约定金额", format!("{} 元", Fen::new(tranche.amount_fen).grouped())).into(),
    ])
}

impl CaseWork for AgreementTranche {
    fn fields(_: A) -> &'static [ExtraField] {
        &[]
    }

    fn elsewhere(_: A) -> Option<&'static str> {
        None
    }

    async fn broken(_: &Desk<'_>, _: &'static Move<S, A>) -> Result<Broken, Error> {
        Ok(Broken::new())
    }

    async fn effect(desk: &Desk<'_>, act: A) -> Result<(), Error> {
        match act {
            A::Approve => approve(desk).await,
            A::End if desk.row.state == S::Payable.code() => take_back(desk).await,
            _ => Ok(()),
        }
    }
}

async fn approve(desk: &Desk<'_>) -> Result<(), Error> {
    let (tranche, of) = subject(desk).await?;
    let amount = Fen::new(tranche.amount_fen);
    let (policy_id, policy) = agreement::policy_text(desk.tx, of.policy_document_id).await?;
    let basis = policy.version_on(of.decided_on);
    let funding = basis.map(|version| version.funding.as_slice()).unwrap_or_default();
    let determination = json!({
        "agreement": of.agreement_no, "tranche": tranche.seq, "amount": amount.to_string(),
        "case": desk.row.case_no,
    });
    let document = desk.sent.text(Evidence::DecisionDocument.code());
    let trace = json!([
        { "rule": "agreed_amount", "result": amount.to_string(),
          "basis": format!("{}，{} 决定", of.title, of.decided_by_body) },
        { "rule": "milestone_confirmed", "result": tranche.milestone, "basis": document },
    ]);
    let part = Part {
        enterprise_id: of.enterprise_id,
        division: of.division.clone(),
        to_enterprise: false,
        amount,
    };
    let award = Award {
        programme: agreement::PROGRAMME,
        person_id: of.leader_id,
        award_year: desk.app.clock.today().year().into(),
        subject_no: &desk.row.case_no,
        policy: (policy_id, funding),
        parts: &[part],
        determination: &determination,
        trace: &trace,
    };
    benefit::grant(desk.app, desk.tx, &award).await?;
    Ok(())
}

async fn take_back(desk: &Desk<'_>) -> Result<(), Error> {
    let taken = granted::withdraw(desk.tx, &desk.row.case_no, desk.app.clock.now()).await;
    taken.map_err(|error| match error {
        StoreError::RecordNotUpdated => {
            Error::Refused("这笔资金已编入发放批次，请先退回批次，再终止".to_owned())
        }
        other => Error::from(other),
    })
}
