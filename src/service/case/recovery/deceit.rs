//! Money that was got by deceit (domain.md 7.11; order 427, article 14): besides the money coming
//! back, whoever deceived files nothing for three years, and an enterprise's pilot rests as long.
//! An enterprise's deceit does not touch an innocent person, nor a person's the enterprise.

use chrono::{Months, NaiveDate};

use super::{Desk, ExtraField, FieldKind};
use crate::domain::lifecycle::Evidence;
use crate::domain::period::Period;
use crate::domain::registry::{ApplicationBan, Code, Exclusion};
use crate::service::decree::Decree;
use crate::service::{Actor, Error, invalid, pilot};
use crate::store::db::Tx;
use crate::store::fact;
use crate::store::recovery::{self as store, Bans, RecoveryRow};
use crate::store::registry::Readable;

/// Months in which nothing is filed.
const BAN: Months = Months::new(36);

/// What is written where nobody deceived.
const NOBODY: &str = "无";

/// Asked with the decision.
pub(super) const FIELDS: &[ExtraField] = &[
    ExtraField { name: "person_fraud", label: "本人是否弄虚作假", kind: FieldKind::YesNo },
    ExtraField {
        name: "fraud_enterprise",
        label: "弄虚作假企业的统一社会信用代码（没有填“无”）",
        kind: FieldKind::Line,
    },
];

/// The words of the exclusion of a person who deceived.
fn ground(row: &RecoveryRow) -> String {
    format!("弄虚作假（追回 {}）", row.recovery_no)
}

/// Who deceived, as the decision says.
struct Deceit {
    person: bool,
    enterprise: Option<i64>,
}

impl Deceit {
    async fn read(desk: &Desk<'_>, row: &RecoveryRow) -> Result<Self, Error> {
        let mut faults = Vec::new();
        let answer = desk.sent.text("person_fraud");
        if !matches!(answer, "yes" | "no") {
            faults.push(invalid("person_fraud", "请选择本人是否弄虚作假"));
        }
        let named = desk.sent.text("fraud_enterprise");
        let earners = store::earners(desk.tx, row).await?;
        let enterprise = earners.iter().find(|earner| earner.uscc == named);
        if enterprise.is_none() && named != NOBODY {
            let known: Vec<&str> = earners.iter().map(|earner| earner.uscc.as_str()).collect();
            let text = format!("请填“无”，或涉及企业的代码：{}", known.join("、"));
            faults.push(invalid("fraud_enterprise", text));
        }
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        Ok(Self { person: answer == "yes", enterprise: enterprise.map(|earner| earner.id) })
    }
}

/// The days that a decision of `today` forbids.
fn banned(today: NaiveDate) -> Period {
    let through = today.checked_add_months(BAN).and_then(|day| day.pred_opt());
    Period { from: today, through }
}

/// States what follows from deceit, under the decision's number.
pub(super) async fn follow(desk: &Desk<'_>, actor: &Actor, row: &RecoveryRow) -> Result<(), Error> {
    let deceit = Deceit::read(desk, row).await?;
    if !deceit.person && deceit.enterprise.is_none() {
        return Ok(());
    }
    let (tx, period) = (desk.tx, banned(desk.app.clock.today()));
    let decree = decree(desk, actor).await?;
    if deceit.person {
        let fact = Exclusion { ground: ground(row) };
        fact::state(tx, vec![decree.states(row.person_id, period, fact, None)]).await?;
    }
    if let Some(enterprise) = deceit.enterprise {
        let fact = ApplicationBan { case_no: row.recovery_no.clone() };
        fact::state(tx, vec![decree.states(enterprise, period, fact, None)]).await?;
        let resumes = period.through.and_then(|last| last.succ_opt()).unwrap_or(NaiveDate::MAX);
        pilot::interrupt(tx, &decree, enterprise, (period.from, resumes)).await?;
    }
    Ok(())
}

/// A decision that is taken back forbids nothing; the pilot has to be granted anew.
pub(super) async fn lift(desk: &Desk<'_>, actor: &Actor, row: &RecoveryRow) -> Result<(), Error> {
    let (tx, bans) = (desk.tx, bans(desk.tx, row).await?);
    if bans.enterprises.is_empty() && bans.persons.is_empty() {
        return Ok(());
    }
    let decree = decree(desk, actor).await?;
    for ban in bans.enterprises {
        fact::supersede::<ApplicationBan>(tx, ban.id, decree.at, decree.source_id).await?;
    }
    for ban in bans.persons {
        fact::supersede::<Exclusion>(tx, ban.id, decree.at, decree.source_id).await?;
    }
    Ok(())
}

async fn decree<'a>(desk: &Desk<'a>, actor: &Actor) -> Result<Decree<'a>, Error> {
    let number = desk.sent.text(Evidence::DecisionDocument.code());
    let why = match desk.sent.text(Evidence::InvestigationResult.code()) {
        "" => desk.sent.text(Evidence::Ground.code()),
        found => found,
    };
    Decree::record(desk.app, desk.tx, actor, ("decision", "追回决定"), number, why).await
}

async fn bans(tx: &Tx, row: &RecoveryRow) -> Result<Bans, Error> {
    Ok(store::bans(tx, row, &ground(row)).await?)
}

/// What the decision forbids, in sentences for files and letters.
pub(in crate::service) async fn sentences(
    conn: &impl Readable,
    row: &RecoveryRow,
) -> Result<Vec<String>, Error> {
    let bans = store::bans(conn, row, &ground(row)).await?;
    let span = |period: Period| match period.through {
        Some(last) => format!("{} 至 {last}", period.from),
        None => format!("自 {} 起", period.from),
    };
    let persons = bans.persons.iter().map(|ban| format!("本人{}不得申报", span(ban.period)));
    let enterprise = |period| format!("涉及企业{}不得申报，自主认定试点同期暂停", span(period));
    let enterprises = bans.enterprises.iter().map(|ban| enterprise(ban.period));
    Ok(persons.chain(enterprises).collect())
}
