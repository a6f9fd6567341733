//! Entries of people of whom nothing proves two months in a row: the program suspends them
//! (domain.md 7.6), as soon as time and the evidence read in for their city say so.

use super::{Broken, Desk};
use crate::domain::lifecycle::{Guard, RosterAct};
use crate::domain::period::Period;
use crate::domain::registry::{Code, EnterpriseDivision, EvidenceMonth, Suspension};
use crate::domain::roster::{current, filing};
use crate::service::Error;
use crate::service::decree::Decree;
use crate::store::case::{self as cases, Unproven};
use crate::store::fact::{self, Versions, facts_of};
use crate::store::{merge, roster_file};

/// Why nothing is suspended, for each of some files.
pub(super) async fn broken_on_all(desks: &[Desk<'_>]) -> Result<Vec<Broken>, Error> {
    let mut all = Vec::with_capacity(desks.len());
    for desk in desks {
        let why = fault(desk).await?;
        all.push(why.map(|why| (Guard::EvidenceMissing, why)).into_iter().collect());
    }
    Ok(all)
}

/// The months that nothing may have proved: the last ones whose evidence must be there by now.
fn months(desk: &Desk<'_>) -> Result<Period, Error> {
    let bounds = filing::months_to_prove(desk.app.clock.today());
    let period = bounds.and_then(|(from, to)| Period::new(from, to.pred_opt()));
    period.ok_or_else(|| Error::Internal("no months before today".to_owned()))
}

async fn fault(desk: &Desk<'_>) -> Result<Option<String>, Error> {
    let (tx, months, person) = (desk.tx, months(desk)?, desk.person()?);
    let because = |why: &str| Ok(Some(why.to_owned()));
    let entry = roster_file::entries_of(tx, &[desk.row.id]).await?.remove(&desk.row.id);
    let covers = |period: &Period| {
        period.covers(months.from) && months.through.is_some_and(|last| period.covers(last))
    };
    if !entry.is_some_and(|entry| entry.is_live() && covers(&entry.period)) {
        return because("名册记录没有覆盖这两个月");
    }
    // What was proved on paper when the entry was taken up again is not asked for a second time.
    let resumed = desk.steps.iter().rev().find(|step| step.act == RosterAct::Reinstate.code());
    if resumed.is_some_and(|step| months.from <= step.on_day) {
        return because("恢复在册后还没有满两个月");
    }
    for person in merge::merges_about(tx, &[person], None).await?.group(person) {
        let held = facts_of::<Suspension>(tx, person, Versions::Live).await?;
        if held.iter().any(|held| held.period.through.is_none_or(|last| months.from <= last)) {
            return because("已经暂停");
        }
        let proved = facts_of::<EvidenceMonth>(tx, person, Versions::Live).await?;
        if proved.iter().any(|proof| proof.period.overlaps(&months)) {
            return because("两个月内有社保、个税或工作许可记录");
        }
    }
    let today = desk.app.clock.today();
    let lies = facts_of::<EnterpriseDivision>(tx, desk.enterprise()?, Versions::Live).await?;
    let read_in = match current(&lies, today).zip(months.stored_to()) {
        Some((place, to)) => {
            let wanted = Unproven { city_unit: &place.fact.city_unit, from: months.from, to };
            cases::are_read_in(tx, &wanted).await?
        }
        None => false,
    };
    // Before that, a missing row says nothing.
    Ok((!read_in).then(|| "这两个月的证据还没有导入".to_owned()))
}

/// The entries rest from the first day that nothing proves, until somebody proves it.
pub(super) async fn suspend(desks: &[Desk<'_>]) -> Result<(), Error> {
    for desk in desks {
        let (months, person) = (months(desk)?, desk.person()?);
        let reason = format!("{} 没有社保、个税或工作许可记录", months.words());
        let title = RosterAct::SuspendUnproven.label();
        let decree = Decree::of_program(desk.app, desk.tx, title, &reason).await?;
        let period = Period { from: months.from, through: None };
        let stated = decree.states(person, period, Suspension {}, None);
        fact::state(desk.tx, vec![stated]).await?;
    }
    Ok(())
}
