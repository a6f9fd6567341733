//! What the acts of the file of an expert's funding mean: an approval grants the agreed amount, an
//! end takes it back.

use serde_json::json;

use super::about::CaseFact;
use super::granted::{self, Agreed};
use super::{Broken, CaseWork, Desk, ExtraField};
use crate::domain::authority::Scope;
use crate::domain::expert::{ExpertKind, hours};
use crate::domain::lifecycle::{Evidence, ExpertFunding, FundingAct as A, FundingState as S, Move};
use crate::domain::money::Fen;
use crate::domain::registry::Code;
use crate::service::{Error, expert};
use crate::store::expert::{self as store, Appointment};
use crate::store::stipend::explain::enterprise_names;

/// The appointment that a file is about.
async fn subject(desk: &Desk<'_>) -> Result<Appointment, Error> {
    let missing = || Error::Internal(format!("case {} has no appointment", desk.row.case_no));
    store::of_case(desk.tx, desk.row.id).await?.ok_or_else(missing)
}

/// How many confirmed services there are, and tenths of hours.
async fn served(desk: &Desk<'_>, of: &Appointment) -> Result<(usize, i64), Error> {
    let all = store::services(desk.tx, &Scope::Province, &[of.id]).await?;
    let standing = expert::standing(&all);
    let counts = |id: i64| standing.get(&id) == Some(&expert::ServiceState::Confirmed);
    let confirmed: Vec<i64> =
        all.iter().filter(|one| counts(one.id)).map(|one| one.hours_tenths).collect();
    Ok((confirmed.len(), confirmed.iter().sum()))
}

/// What a file is about, line by line.
pub(super) async fn facts(desk: &Desk<'_>) -> Result<Vec<CaseFact>, Error> {
    let of = subject(desk).await?;
    let kind = ExpertKind::from_code(&of.kind).map_or("", Code::label);
    let hosts = enterprise_names(desk.tx, &[of.enterprise_id]).await?;
    let (services, tenths) = served(desk, &of).await?;
    let about = CaseFact {
        name: "聘任",
        text: format!("{} {kind}", of.appointment_no),
        href: Some(format!("/experts/{}", of.appointment_no)),
    };
    let mut facts = vec![
        about,
        ("专业领域", of.field.clone()).into(),
        ("聘期", format!("{} 至 {}", of.starts_on, of.ends_on)).into(),
        ("依托单位", hosts.into_values().next().unwrap_or_default()).into(),
        ("约定经费", format!("{} 元", Fen::new(of.funding_fen).grouped())).into(),
        ("已确认服务", format!("{services} 次，{} 小时", hours(tenths))).into(),
    ];
    if let Some(end) = store::ends(desk.tx, &[of.id]).await?.get(&of.id) {
        facts.push(("提前结束", format!("{}，{}", end.last_day, end.reason)).into());
    }
    Ok(facts)
}

impl CaseWork for ExpertFunding {
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
    let of = subject(desk).await?;
    let amount = Fen::new(of.funding_fen);
    let (services, tenths) = served(desk, &of).await?;
    let (person_id, _) = expert::leading(desk.tx, of.person_id).await?;
    let document = desk.sent.text(Evidence::DecisionDocument.code());
    let determination = json!({
        "appointment": of.appointment_no, "amount": amount.to_string(),
        "case": desk.row.case_no, "services": services, "hours": hours(tenths),
    });
    let trace = json!([
        { "rule": "agreed_amount", "result": amount.to_string(),
          "basis": format!("{} 聘任，{} 至 {}", of.body, of.starts_on, of.ends_on) },
        { "rule": "service_reported", "result": format!("{services} / {}", hours(tenths)),
          "basis": document },
    ]);
    let agreed = Agreed {
        person_id,
        enterprise: (of.enterprise_id, &of.division),
        amount,
        policy: (of.policy_document_id, of.starts_on),
        determination: &determination,
        trace: &trace,
    };
    granted::grant(desk, expert::PROGRAMME, &agreed).await
}
