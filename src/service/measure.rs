//! Trying a measure out: figures in, amount and steps out. Nothing is stored and nothing of the
//! register is read, so it takes no scope.

use chrono::NaiveDate;

use super::{Actor, Error, invalid};
use crate::domain::authority::Act;
use crate::domain::determine::Text;
use crate::domain::measure::{Application, Determination, EarlierAward, Policy, Trace, shipped};
use crate::domain::money::Fen;
use crate::domain::region;

/// Most earlier awards of one trial.
const MOST_AWARDS: usize = 100;

/// What somebody types to try a measure out.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    /// Day that the figures belong to.
    pub day: String,
    /// Code of a city-level unit.
    pub division: String,
    /// The figure that the measure asks for.
    pub figure: String,
    /// The stage, where paid in stages.
    pub stage: String,
    /// A line for each earlier award: day, amount, perhaps a stage.
    pub before: String,
}

/// All measures, in the order of the notice.
///
/// # Errors
/// [`Error::Forbidden`].
pub fn measures(actor: &Actor) -> Result<&'static [Policy], Error> {
    actor.must(Act::ReadRegistry)?;
    Ok(shipped())
}

/// One measure.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`].
pub fn measure(actor: &Actor, id: &str) -> Result<&'static Policy, Error> {
    let found = measures(actor)?.iter().find(|policy| policy.id().as_str() == id);
    found.ok_or(Error::NotFound("这项政策"))
}

/// What the measure gives for the figures, with the steps.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Invalid`] with everything that is wrong.
pub fn try_out(actor: &Actor, id: &str, typed: &Typed) -> Result<(Determination, Trace), Error> {
    let policy = measure(actor, id)?;
    let mut faults = Vec::new();
    let day: Option<NaiveDate> = typed.day.trim().parse().ok();
    if day.is_none() {
        faults.push(invalid("day", "请填写日期，例如 2026-12-31"));
    }
    let division = typed.division.trim();
    if !region::city_units().iter().any(|(code, _)| code == division) {
        faults.push(invalid("division", "请选择所在地区"));
    }
    let figure = optional(&typed.figure, |text| {
        amount(text).map_err(|message| faults.push(invalid("figure", message))).ok()
    });
    let before = awards(&typed.before, &mut faults);
    let (Some(day), true) = (day, faults.is_empty()) else {
        return Err(Error::Invalid(faults));
    };
    let application = Application {
        application: Text::from("试算"),
        subject: Text::from("试算"),
        division: Text::from(division),
        day,
        figure,
        stage: optional(&typed.stage, |text| Some(Text::from(text))),
        awarded_before: before,
    };
    policy.explain(&application).map_err(|faults| {
        let field = |name: &'static str| if name == "awarded_before" { "before" } else { name };
        let faults = faults.into_iter();
        Error::Invalid(faults.map(|fault| invalid(field(fault.field), fault.message)).collect())
    })
}

fn optional<T>(text: &str, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
    let text = text.trim();
    if text.is_empty() { None } else { read(text) }
}

fn amount(text: &str) -> Result<Fen, String> {
    match Fen::typed(text) {
        Ok(amount) if amount < Fen::ZERO => Err("金额不能为负".to_owned()),
        Ok(amount) => Ok(amount),
        Err(error) => Err(error.to_string()),
    }
}

/// `2025-12-31 50000.00 中期`, a line each.
fn awards(text: &str, faults: &mut Vec<(String, String)>) -> Vec<EarlierAward> {
    let mut found = Vec::new();
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    for (number, line) in lines {
        let mut words = line.split_whitespace();
        let day = words.next().and_then(|word| word.parse().ok());
        let paid = words.next().and_then(|word| amount(word).ok());
        let stage = words.next().map(Text::from);
        match (day, paid, words.next()) {
            (Some(day), Some(amount), None) => found.push(EarlierAward { day, amount, stage }),
            _ => {
                let message =
                    format!("第 {number} 行应为：日期 金额 阶段，例如 2025-12-31 50000.00");
                faults.push(invalid("before", message));
            }
        }
    }
    if found.len() > MOST_AWARDS {
        faults.push(invalid("before", format!("最多填写 {MOST_AWARDS} 笔")));
    }
    found
}
