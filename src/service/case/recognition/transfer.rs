//! A suspended recognition goes with its person to the next listed enterprise (domain.md 7.5): that
//! enterprise confirms within six months, and the province takes the recognition up again in its name.

use super::super::perform::act_by_program;
use super::super::{Desk, Submitted, recusal};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::lifecycle::{
    AutonomousRecognition, Evidence, Guard, Hand, Lifecycle, RecognitionAct as A,
    RecognitionState as S,
};
use crate::domain::registry::{Code, Employment, Listing, Recognition};
use crate::domain::roster::current;
use crate::service::{Actor, Error, freeze, invalid};
use crate::store::case::{self as cases, CaseRow};
use crate::store::db::Tx;
use crate::store::directory;
use crate::store::fact::{Versions, facts_of};
use crate::store::recognition::{self as store, TransferRow};
use crate::store::stipend::explain::enterprise_names;

/// What the next employer confirms.
#[derive(Debug, Clone, Default)]
pub struct NewTransfer {
    /// Number of the person, who works there.
    pub person_no: String,
    /// Number of the certificate that is suspended.
    pub certificate_no: String,
    /// Its letter: number or words.
    pub confirmation: String,
}

/// The next employer's signatory confirms that it takes a suspended recognition over. The file stays
/// with the enterprise that it belongs to until the province takes the recognition up again.
///
/// # Errors
/// [`Error::Forbidden`] for other roles; [`Error::Invalid`] with the field; [`Error::Refused`] when
/// the person does not work there, it is not on the list, or six months are over.
pub async fn confirm_transfer(app: &App, actor: &Actor, new: &NewTransfer) -> Result<(), Error> {
    let hand = Hand::Role(actor.role);
    let line = AutonomousRecognition::line(S::Suspended, A::ConfirmTransfer);
    if !line.is_some_and(|line| line.by.contains(&hand)) {
        return Err(Error::Forbidden(Act::WorkCases));
    }
    let tx = app.db.begin().await?;
    let row = suspended_file(&tx, actor, new).await?;
    let kind = AutonomousRecognition::KIND.code();
    if let Some(why) = freeze::fault(app, &tx, kind, hand).await? {
        return Err(Error::Refused(why));
    }
    if let Some(why) = recusal::Kept::load(&tx, app.clock.today(), actor).await?.fault(&row) {
        return Err(Error::Refused(why));
    }
    let letter = Evidence::EmployerConfirmation.code().to_owned();
    let sent = Submitted {
        act: A::ConfirmTransfer.code().to_owned(),
        fields: [(letter, new.confirmation.trim().to_owned())].into(),
        ..Submitted::default()
    };
    act_by_program::<AutonomousRecognition>(app, &tx, Some(actor), &[row.id], &sent).await?;
    Ok(tx.commit().await?)
}

/// The suspended file of a certificate of somebody whom the actor sees.
async fn suspended_file(tx: &Tx, actor: &Actor, new: &NewTransfer) -> Result<CaseRow, Error> {
    let wrong = |field: &str, text: &str| Error::Invalid(vec![invalid(field, text)]);
    let no = new.person_no.trim().to_uppercase();
    let unknown = "没有找到这位工程师，请填写本企业工程师的编号";
    let person = directory::engineer(tx, &actor.scope, &no).await?;
    let person = person.ok_or_else(|| wrong("person_no", unknown))?;
    let certificate_no = new.certificate_no.trim().to_uppercase();
    let held = facts_of::<Recognition>(tx, person.id, Versions::All).await?;
    let under = held.iter().rfind(|stated| stated.fact.certificate_no == certificate_no);
    let kind = AutonomousRecognition::KIND.code();
    let files = cases::about_persons(tx, kind, &[S::Suspended.code()], &[person.id]).await?;
    let ids: Vec<i64> = files.iter().map(|file| file.id).collect();
    let asked = store::files(tx, &ids).await?;
    let is_it = |file: &CaseRow| {
        under.is_some_and(|held| {
            held.fact.enterprise_id == file.enterprise_id
                && asked.iter().any(|(id, asked)| *id == file.id && asked.class == held.fact.class)
        })
    };
    let none =
        "该人员没有这个编号的已暂停认定。请核对证书编号；认定仍然有效的，先请省级人社部门暂停";
    files.into_iter().rfind(is_it).ok_or_else(|| wrong("certificate_no", none))
}

/// Where the person of a file works full-time today, if that enterprise is on the list; else why not.
pub(super) async fn listed_employer(desk: &Desk<'_>) -> Result<Result<i64, String>, Error> {
    let today = desk.app.clock.today();
    let jobs = facts_of::<Employment>(desk.tx, desk.person()?, Versions::Live).await?;
    let full_time: Vec<_> = jobs.into_iter().filter(|job| job.fact.full_time).collect();
    let Some(job) = current(&full_time, today) else {
        return Ok(Err("没有登记今天有效的全职任职".to_owned()));
    };
    let employer = job.fact.enterprise_id;
    let listings = facts_of::<Listing>(desk.tx, employer, Versions::Live).await?;
    let listed = current(&listings, today).is_some();
    Ok(if listed {
        Ok(employer)
    } else {
        Err("现任职企业今天不在骨干企业清单内".to_owned())
    })
}

/// Why a guard about the employer does not hold.
pub(super) async fn fault(desk: &Desk<'_>, guard: Guard) -> Result<Option<String>, Error> {
    let today = desk.app.clock.today();
    if guard == Guard::TransferInTime {
        let late = desk.row.due_on.filter(|last| *last < today);
        return Ok(late.map(|last| format!("暂停已满六个月（至 {last}），不能再转入")));
    }
    let employer = listed_employer(desk).await?;
    let own = desk.actor.and_then(|actor| directory::own_enterprise(&actor.scope));
    let fault = match (guard, employer) {
        (Guard::NewEmployer, _) if own == Some(desk.enterprise()?) => {
            Some("本企业就是原单位".to_owned())
        }
        (_, Err(why)) => Some(why),
        (Guard::NewEmployer, Ok(employer)) => {
            (own != Some(employer)).then(|| "本人登记的全职任职企业不是本企业".to_owned())
        }
        (_, Ok(employer)) if employer == desk.enterprise()? => None,
        (_, Ok(employer)) => {
            let last = store::transfers(desk.tx, desk.row.id).await?.pop();
            let wants =
                |row: &TransferRow| row.enterprise_id == employer && is_of_this_pause(desk, row);
            let why = "现任职企业还没有确认转入，请其授权签字人在办件页面“认定转入”中确认";
            (!last.is_some_and(|row| wants(&row))).then(|| why.to_owned())
        }
    };
    Ok(fault)
}

/// Whether a confirmation came after the last suspension: an older one was for another move.
fn is_of_this_pause(desk: &Desk<'_>, row: &TransferRow) -> bool {
    let paused = desk.steps.iter().rfind(|step| step.act == A::Suspend.code());
    paused.is_some_and(|step| step.seq < row.step_seq)
}

/// Keeps which enterprise confirmed.
pub(super) async fn confirmed(desk: &Desk<'_>) -> Result<(), Error> {
    let own = desk.actor.and_then(|actor| directory::own_enterprise(&actor.scope));
    let own = own.ok_or(Error::Forbidden(Act::WorkCases))?;
    let (from, step) = (desk.enterprise()?, desk.row.steps + 1);
    Ok(store::transfer(desk.tx, desk.row.id, step, (from, own)).await?)
}

/// Every confirmation, for the page of the file.
pub(super) async fn facts(desk: &Desk<'_>) -> Result<Vec<(&'static str, String)>, Error> {
    let rows = store::transfers(desk.tx, desk.row.id).await?;
    let ids: Vec<i64> = rows.iter().flat_map(|r| [r.from_enterprise_id, r.enterprise_id]).collect();
    let names = enterprise_names(desk.tx, &ids).await?;
    let name = |id: i64| names.get(&id).map_or("", String::as_str);
    let line = |row: &TransferRow| {
        let on = desk.steps.iter().find(|step| step.seq == row.step_seq).map(|step| step.on_day);
        let on = on.map(|day| day.to_string()).unwrap_or_default();
        let (from, to) = (name(row.from_enterprise_id), name(row.enterprise_id));
        ("确认转入", format!("{on} {to} 确认转入，原单位 {from}"))
    };
    Ok(rows.iter().map(line).collect())
}
