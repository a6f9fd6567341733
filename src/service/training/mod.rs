//! Vocational training in artificial intelligence (S6): plans, who attended, statistics by year and
//! city. No money.

mod view;
mod write;

pub(super) use view::city_of;
pub use view::{
    AttendanceLine, CityYear, Detail, Filter, TrainingLine, Trainings, detail, list, sheet,
};
pub use write::{NewAttendance, NewPlan, add, attend, correct, import};

use chrono::NaiveDate;

use super::{Actor, Error, invalid};
use crate::domain::authority::Act;
use crate::domain::identity::Uscc;
use crate::domain::period::Period;
use crate::domain::region;
use crate::store::db::Connection;
use crate::store::{directory, registry};

/// Whether the actor keeps trainings and institutions.
pub fn may_keep(actor: &Actor) -> bool {
    actor.role.may(Act::ImportRegistry)
}

pub(super) type Faults = Vec<(String, String)>;

/// First and last day as they are typed (fields `from`, `through`).
pub(super) fn days(from: &str, through: &str, faults: &mut Faults) -> Option<Period> {
    let day = |text: &str| text.trim().parse::<NaiveDate>().ok();
    let period = day(from).zip(day(through));
    let period = period.and_then(|(from, through)| Period::new(from, Some(through)));
    if period.is_none() {
        faults.push(invalid("from", "请填写首日和末日，例如 2026-06-30，末日不能早于首日"));
    }
    period
}

/// A division that is in use now (field `division`).
pub(super) fn division(typed: &str, faults: &mut Faults) -> String {
    let code = typed.trim();
    if !region::is_current(code) {
        faults.push(invalid("division", "请选择所在地区"));
    }
    code.to_owned()
}

/// A whole number in a range as it is typed.
pub(super) fn number(
    (field, label, typed): (&str, &str, &str),
    range: std::ops::RangeInclusive<i64>,
    faults: &mut Faults,
) -> i64 {
    let number = typed.trim().parse().ok().filter(|number| range.contains(number));
    number.unwrap_or_else(|| {
        let text = format!("{label}应为 {} 至 {} 的整数", range.start(), range.end());
        faults.push(invalid(field, text));
        0
    })
}

/// The enterprise with this code; `None` with what is wrong when there is none.
pub(super) async fn enterprise(
    conn: &impl registry::Readable,
    typed: &str,
) -> Result<Result<i64, &'static str>, Error> {
    let Ok(code) = Uscc::parse(typed) else {
        return Ok(Err("统一社会信用代码有误，请核对 18 位代码"));
    };
    let code = code.value;
    let found = registry::enterprises_by_uscc(conn, &[code.as_str()]).await?;
    Ok(found.get(code.as_str()).copied().ok_or("没有登记这家企业，请核对代码"))
}

/// The person with this number within the actor's scope.
async fn person(
    conn: &impl Connection,
    actor: &Actor,
    typed: &str,
) -> Result<Result<i64, &'static str>, Error> {
    let number = typed.trim().to_uppercase();
    let found = directory::engineer(conn, &actor.scope, &number).await?;
    Ok(found.map(|person| person.id).ok_or("没有这个工程师编号"))
}

/// One named person (field `person`), or how many there are (field `persons`): the person, and the
/// number.
pub(super) async fn persons(
    conn: &impl Connection,
    actor: &Actor,
    (named, count): (&str, &str),
    faults: &mut Faults,
) -> Result<(Option<i64>, i64), Error> {
    if named.trim().is_empty() {
        return Ok((None, number(("persons", "人数", count), 1..=100_000, faults)));
    }
    let found = person(conn, actor, named).await?;
    let found = found.map_err(|text| faults.push(invalid("person", text)));
    if !["", "1"].contains(&count.trim()) {
        faults.push(invalid("persons", "写明人员的只能是 1 人"));
    }
    Ok((found.ok(), 1))
}
