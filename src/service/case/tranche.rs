//! What the acts of a tranche mean: an approval grants the agreed amount, an end takes it back.

use serde_json::json;

use super::about::CaseFact;
use super::granted::{self, Agreed};
use super::{Broken, CaseWork, Desk, ExtraField};
use crate::domain::lifecycle::{
    AgreementTranche, Evidence, Move, TrancheAct as A, TrancheState as S,
};
use crate::domain::money::Fen;
use crate::domain::registry::Code;
use crate::service::{Error, agreement};
use crate::store::agreement::{self as store, Agreement, Tranche};

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
            A::End if desk.row.state == S::Payable.code() => granted::take_back(desk).await,
            _ => Ok(()),
        }
    }
}

async fn approve(desk: &Desk<'_>) -> Result<(), Error> {
    let (tranche, of) = subject(desk).await?;
    let amount = Fen::new(tranche.amount_fen);
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
    let agreed = Agreed {
        person_id: of.leader_id,
        enterprise: (of.enterprise_id, &of.division),
        amount,
        policy: (of.policy_document_id, of.decided_on),
        determination: &determination,
        trace: &trace,
    };
    granted::grant(desk, agreement::PROGRAMME, &agreed).await
}
