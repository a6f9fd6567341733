//! Plans and attendance: typed or read from a table.

use serde_json::json;

use super::{Faults, days, division, enterprise, number, persons};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::period::Period;
use crate::domain::training::{TrainingAttendance, TrainingPlan};
use crate::service::decree::Decree;
use crate::service::payment::text_or_fault;
use crate::service::sheet::{SheetRow, read_sheet, whole};
use crate::service::{Actor, Error, invalid, log};
use crate::store::db::Tx;
use crate::store::fact::{self, Versions, facts_of};
use crate::store::training as store;

/// Columns of a table of attendance.
pub(super) const COLUMNS: [&str; 6] =
    ["培训编号", "统一社会信用代码", "工程师编号", "人数", "合格人数", "文号"];
const TITLE: (&str, &str) = ("decision", "职业技能培训记录");

/// A plan as it is typed.
#[derive(Debug, Clone, Copy, Default)]
pub struct NewPlan<'a> {
    /// Who trains.
    pub organiser: &'a str,
    /// Occupation.
    pub occupation: &'a str,
    /// Code of the division.
    pub division: &'a str,
    /// First day.
    pub from: &'a str,
    /// Last day.
    pub through: &'a str,
    /// Planned seats.
    pub seats: &'a str,
    /// Number of the document.
    pub document_no: &'a str,
}

/// A plan with its days and its document.
type Plan = (TrainingPlan, Period, String);

fn plan(new: &NewPlan<'_>) -> Result<Plan, Error> {
    let mut faults = Faults::new();
    let organiser = text_or_fault(&mut faults, ("organiser", "举办单位"), new.organiser, 60);
    let occupation = text_or_fault(&mut faults, ("occupation", "职业（工种）"), new.occupation, 60);
    let division = division(new.division, &mut faults);
    let period = days(new.from, new.through, &mut faults);
    let seats = number(("seats", "计划人数", new.seats), 1..=100_000, &mut faults);
    let document_no = text_or_fault(&mut faults, ("document_no", "文号"), new.document_no, 60);
    let (Some(period), true) = (period, faults.is_empty()) else {
        return Err(Error::Invalid(faults));
    };
    Ok((TrainingPlan { organiser, occupation, division, seats }, period, document_no))
}

/// Keeps a training; returns its number.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Invalid`] with the fields (as in [`NewPlan`]).
pub async fn add(app: &App, actor: &Actor, new: &NewPlan<'_>) -> Result<String, Error> {
    actor.must(Act::ImportRegistry)?;
    let (plan, period, document_no) = plan(new)?;
    let tx = app.db.begin().await?;
    let by = (actor.account_id, app.clock.now());
    let (id, no) = store::add_training(&tx, by).await?;
    let decree = Decree::record(app, &tx, actor, TITLE, &document_no, "").await?;
    let detail = json!({ "organiser": plan.organiser, "seats": plan.seats });
    fact::state(&tx, vec![decree.states(id, period, plan, None)]).await?;
    log(app, &tx, actor, "training.planned", ("training", &no), &detail).await?;
    tx.commit().await?;
    Ok(no)
}

/// Corrects what was planned; the former plan stays on record.
///
/// # Errors
/// As [`add`]; [`Error::NotFound`]; [`Error::Refused`] when nothing differs.
pub async fn correct(app: &App, actor: &Actor, no: &str, new: &NewPlan<'_>) -> Result<(), Error> {
    actor.must(Act::ImportRegistry)?;
    let (plan, period, document_no) = plan(new)?;
    let tx = app.db.begin().await?;
    let (id, old) = held(&tx, no).await?;
    if old.fact == plan && old.period == period {
        return Err(Error::Refused("与现有计划相同，没有更改".to_owned()));
    }
    let decree = Decree::record(app, &tx, actor, TITLE, &document_no, "").await?;
    let detail = json!({ "organiser": plan.organiser, "seats": plan.seats });
    fact::correct(&tx, old.id, decree.states(id, period, plan, None)).await?;
    log(app, &tx, actor, "training.corrected", ("training", no), &detail).await?;
    tx.commit().await?;
    Ok(())
}

type Held = crate::domain::registry::Stated<TrainingPlan>;

/// A training and its live plan.
async fn held(tx: &Tx, no: &str) -> Result<(i64, Held), Error> {
    let training = store::training(tx, no).await?.ok_or(Error::NotFound("这个培训"))?;
    let plan = facts_of::<TrainingPlan>(tx, training.id, Versions::Live).await?;
    let plan = plan.into_iter().next().ok_or(Error::NotFound("这个培训"))?;
    Ok((training.id, plan))
}

/// Attendance as it is typed.
#[derive(Debug, Clone, Copy, Default)]
pub struct NewAttendance<'a> {
    /// Code of the enterprise; may be empty.
    pub uscc: &'a str,
    /// Official number of a named person; may be empty.
    pub person: &'a str,
    /// How many; 1 or empty for a named one.
    pub persons: &'a str,
    /// How many of them passed.
    pub passed: &'a str,
    /// Number of the document.
    pub document_no: &'a str,
}

async fn attendance(
    tx: &Tx,
    actor: &Actor,
    new: &NewAttendance<'_>,
    faults: &mut Faults,
) -> Result<TrainingAttendance, Error> {
    let mut fact =
        TrainingAttendance { enterprise_id: None, person_id: None, persons: 1, passed: 0 };
    if !new.uscc.trim().is_empty() {
        match enterprise(tx, new.uscc).await? {
            Ok(id) => fact.enterprise_id = Some(id),
            Err(text) => faults.push(invalid("uscc", text)),
        }
    }
    (fact.person_id, fact.persons) = persons(tx, actor, (new.person, new.persons), faults).await?;
    fact.passed = number(("passed", "合格人数", new.passed), 0..=fact.persons.max(0), faults);
    Ok(fact)
}

/// Records who attended, or corrects it: one figure for an enterprise, or a named person.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Invalid`] with the fields (as in
/// [`NewAttendance`]); [`Error::Refused`] when nothing differs.
pub async fn attend(
    app: &App,
    actor: &Actor,
    no: &str,
    new: &NewAttendance<'_>,
) -> Result<(), Error> {
    actor.must(Act::ImportRegistry)?;
    let mut faults = Faults::new();
    let document_no = text_or_fault(&mut faults, ("document_no", "文号"), new.document_no, 60);
    let tx = app.db.begin().await?;
    let (id, plan) = held(&tx, no).await?;
    let fact = attendance(&tx, actor, new, &mut faults).await?;
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let decree = Decree::record(app, &tx, actor, TITLE, &document_no, "").await?;
    let detail = json!({ "persons": fact.persons, "passed": fact.passed });
    if !state(&tx, &decree, (id, plan.period), fact).await? {
        return Err(Error::Refused("与已登记的相同，没有更改".to_owned()));
    }
    log(app, &tx, actor, "training.attended", ("training", no), &detail).await?;
    tx.commit().await?;
    Ok(())
}

/// States attendance or corrects that of the same enterprise or person; `false` when it is known.
async fn state(
    tx: &Tx,
    decree: &Decree<'_>,
    (training, period): (i64, Period),
    fact: TrainingAttendance,
) -> Result<bool, Error> {
    let known = facts_of::<TrainingAttendance>(tx, training, Versions::Live).await?;
    let key = |fact: &TrainingAttendance| (fact.enterprise_id, fact.person_id);
    match known.into_iter().find(|stated| key(&stated.fact) == key(&fact)) {
        Some(old) if old.fact == fact => return Ok(false),
        Some(old) => fact::correct(tx, old.id, decree.states(training, period, fact, None)).await?,
        None => fact::state(tx, vec![decree.states(training, period, fact, None)]).await?,
    }
    Ok(true)
}

/// Records the attendance that a table holds, all or nothing; returns how many rows changed
/// something.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Invalid`] (`file`) with every wrong cell by row and column.
pub async fn import(
    app: &App,
    actor: &Actor,
    (name, bytes): (&str, &[u8]),
) -> Result<usize, Error> {
    actor.must(Act::ImportRegistry)?;
    let rows = read_sheet((name, bytes), &COLUMNS)?;
    let tx = app.db.begin().await?;
    let decree = Decree::record(app, &tx, actor, TITLE, "", "").await?;
    let (mut faults, mut changed) = (Faults::new(), 0);
    for row in &rows {
        match taken(&tx, actor, row).await? {
            Err(wrong) => faults.extend(wrong),
            Ok((id, period, fact)) => {
                changed += usize::from(state(&tx, &decree, (id, period), fact).await?);
            }
        }
    }
    whole(faults)?;
    let detail = json!({ "rows": rows.len(), "changed": changed });
    log(app, &tx, actor, "training.imported", ("training", ""), &detail).await?;
    tx.commit().await?;
    Ok(changed)
}

/// What a row says, or what is wrong with it.
async fn taken(
    tx: &Tx,
    actor: &Actor,
    row: &SheetRow<6>,
) -> Result<Result<(i64, Period, TrainingAttendance), Faults>, Error> {
    let [no, uscc, person, persons, passed, document_no] = row.cells();
    let (id, plan) = match held(tx, no).await {
        Ok(held) => held,
        Err(Error::NotFound(_)) => {
            return Ok(Err(vec![row.fault("培训编号", "没有这个培训，请核对编号")]));
        }
        Err(error) => return Err(error),
    };
    let new = NewAttendance { uscc, person, persons, passed, document_no };
    let mut faults = Faults::new();
    let fact = attendance(tx, actor, &new, &mut faults).await?;
    if faults.is_empty() {
        return Ok(Ok((id, plan.period, fact)));
    }
    let column = |field: &str| match field {
        "uscc" => COLUMNS[1],
        "person" => COLUMNS[2],
        "persons" => COLUMNS[3],
        _ => COLUMNS[4],
    };
    Ok(Err(row.faults(faults, column)))
}
