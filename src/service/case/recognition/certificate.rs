//! The certificate that a recognition brings about: given, ended, resumed.

use chrono::NaiveDate;

use super::super::Desk;
use super::{live_recognitions, transfer};
use crate::domain::lifecycle::RecognitionAct as A;
use crate::domain::period::Period;
use crate::domain::recognition::{TERM_YEARS, certificate_no};
use crate::domain::registry::{Code, LegalForm, Recognition, Stated};
use crate::service::decree::Decree;
use crate::service::{Error, webhook};
use crate::store::fact::{self, Versions, facts_of};
use crate::store::number;
use crate::store::recognition as store;

/// The live fact that this case brought about: of the enterprise and the class.
async fn own_certificate(desk: &Desk<'_>) -> Result<Option<Stated<Recognition>>, Error> {
    last_certificate(desk, Versions::Live).await
}

async fn last_certificate(
    desk: &Desk<'_>,
    versions: Versions,
) -> Result<Option<Stated<Recognition>>, Error> {
    let (class, enterprise) = (store::file(desk.tx, desk.row.id).await?.class, desk.enterprise()?);
    let mut held = facts_of::<Recognition>(desk.tx, desk.person()?, versions).await?;
    held.retain(|s| s.fact.class == class && s.fact.enterprise_id == Some(enterprise));
    Ok(held.pop())
}

/// The days for which the recognition was given, whatever suspended it in between.
pub(super) fn term(desk: &Desk<'_>) -> Option<Period> {
    let given = [A::Recognise, A::RecogniseOnMerits].map(Code::code);
    let given = desk.steps.iter().find(|step| given.contains(&step.act.as_str()))?;
    Period::new(given.on_day, last_day_of_term(given.on_day))
}

/// Number of the certificate that the file brought about, while the registry holds one.
pub(in crate::service::case) async fn certificate_of(
    desk: &Desk<'_>,
) -> Result<Option<String>, Error> {
    if term(desk).is_none() {
        return Ok(None);
    }
    Ok(own_certificate(desk).await?.map(|stated| stated.fact.certificate_no))
}

/// The decision that a certificate is given, ended or resumed by; the case is its reason.
async fn decree<'a>(desk: &Desk<'a>, title: &str) -> Result<Decree<'a>, Error> {
    let nobody = || Error::Internal(format!("nobody decides on {}", desk.row.case_no));
    let actor = desk.actor.ok_or_else(nobody)?;
    let number = desk.sent.text("decision_document");
    Decree::record(desk.app, desk.tx, actor, ("decision", title), number, &desk.row.case_no).await
}

fn last_day_of_term(from: NaiveDate) -> Option<NaiveDate> {
    from.checked_add_months(chrono::Months::new(12 * TERM_YEARS))?.pred_opt()
}

/// The recognition becomes a fact with a certificate, from the day of the decision.
pub(super) async fn certify(desk: &Desk<'_>) -> Result<(), Error> {
    use chrono::Datelike;
    let today = desk.app.clock.today();
    let file = store::file(desk.tx, desk.row.id).await?;
    let serial = number::allocate(desk.tx, &format!("certificate-{}", today.year()), 1).await?;
    let through = last_day_of_term(today);
    let certificate_no = certificate_no(today.year(), serial);
    webhook::certificate_changed(desk.app, desk.tx, desk.row, (&certificate_no, "issued")).await?;
    let fact =
        Recognition { enterprise_id: Some(desk.enterprise()?), class: file.class, certificate_no };
    let title = match file.form {
        LegalForm::Filing => "高层次人才自主认定",
        LegalForm::Recommendation => "高层次人才举荐审定",
    };
    let decree = decree(desk, title).await?;
    let period = Period { from: today, through };
    Ok(fact::state(desk.tx, vec![decree.states(desk.person()?, period, fact, None)]).await?)
}

/// What programs are told became of a certificate.
const fn ended_as(act: A) -> &'static str {
    match act {
        A::Suspend => "suspended",
        A::Upgrade => "upgraded",
        _ => "revoked",
    }
}

/// The first day on which a certificate that is ended has no force any more.
async fn first_invalid(desk: &Desk<'_>, act: A) -> Result<NaiveDate, Error> {
    let today = desk.app.clock.today();
    match act {
        A::Revoke => desk.sent.text("effective_on").parse().map_err(|_| {
            let text = "请填写日期，如2026-06-30".to_owned();
            Error::Invalid(vec![("effective_on".to_owned(), text)])
        }),
        // Not the day of the act, which comes later: the two classes would hold at once.
        A::Upgrade => {
            let class = store::file(desk.tx, desk.row.id).await?.class;
            let higher = live_recognitions(desk).await?.into_iter();
            let higher = higher.filter(|stated| stated.fact.class < class);
            Ok(higher.map(|stated| stated.period.from).min().unwrap_or(today))
        }
        _ => Ok(today),
    }
}

/// The certificate ends before a day, or is void when it began no earlier.
pub(super) async fn end_certificate(desk: &Desk<'_>, act: A) -> Result<(), Error> {
    let Some(held) = own_certificate(desk).await? else { return Ok(()) };
    let term = held.period.through;
    let last = first_invalid(desk, act).await?.pred_opt();
    let last = last.map(|last| term.map_or(last, |term| term.min(last)));
    let decree = decree(desk, act.label()).await?;
    let told = (held.fact.certificate_no.as_str(), ended_as(act));
    webhook::certificate_changed(desk.app, desk.tx, desk.row, told).await?;
    match last.and_then(|last| Period::new(held.period.from, Some(last))) {
        Some(period) => {
            let left = decree.states(held.about, period, held.fact, Some(held.id));
            fact::correct(desk.tx, held.id, left).await?;
        }
        None => {
            let (at, source_id) = (decree.at, decree.source_id);
            fact::supersede::<Recognition>(desk.tx, held.id, at, source_id).await?;
        }
    }
    Ok(())
}

/// The certificate holds again, from today to the end of its term, and with it the file goes to the
/// enterprise where the person works now. A certificate that was suspended on its first day has no
/// live fact left: the last one it had tells what it was.
pub(super) async fn resume_certificate(desk: &Desk<'_>) -> Result<(), Error> {
    let Some(held) = last_certificate(desk, Versions::All).await? else { return Ok(()) };
    let today = desk.app.clock.today();
    let period = term(desk).and_then(|term| Period::new(today, term.through));
    let over = || Error::Refused("认定的有效期已经届满，不能恢复".to_owned());
    let period = period.ok_or_else(over)?;
    let employer = transfer::listed_employer(desk).await?.map_err(Error::Refused)?;
    let decree = decree(desk, A::Reinstate.label()).await?;
    if employer != desk.enterprise()? {
        store::move_file(desk.tx, desk.row.id, employer).await?;
    }
    let told = (held.fact.certificate_no.as_str(), "resumed");
    webhook::certificate_changed(desk.app, desk.tx, desk.row, told).await?;
    let fact = Recognition { enterprise_id: Some(employer), ..held.fact };
    Ok(fact::state(desk.tx, vec![decree.states(held.about, period, fact, None)]).await?)
}
