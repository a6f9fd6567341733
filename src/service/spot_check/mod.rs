//! Checks where the risk is: an HR office draws a sample of registered and self-recognised
//! persons, officers check each by hand, and what they find weighs the next sample. An enterprise
//! with too many errors is proposed for suspension of its pilot; a second person decides.

mod draw;
mod named;
mod view;
mod work;

pub use draw::{Asked, draw, replay};
pub(super) use named::named_fault;
pub use view::{
    ITEMS_A_PAGE, ItemLine, Overview, RiskLine, SampleLine, SamplePage, SuspensionLine, export,
    overview, sample_page,
};
pub use work::{Decided, decide_suspension, record};

use std::collections::BTreeMap;

use super::{Actor, Error};
use crate::domain::authority::{Act, Scope};
use crate::domain::registry::Code;
use crate::domain::spot_check::{Record, Risk, points};

/// Looking at samples takes drawing them, deciding what follows, or auditing.
fn may_look(actor: &Actor) -> Result<(), Error> {
    let able = [Act::CheckSamples, Act::DecidePilots, Act::ReadAudit];
    let may = able.iter().any(|act| actor.role.may(*act));
    if may { Ok(()) } else { Err(Error::Forbidden(Act::CheckSamples)) }
}

/// Whose samples the actor sees: those of the own office, or all.
fn office(actor: &Actor) -> Option<i64> {
    (actor.scope != Scope::Province).then_some(actor.organisation_id)
}

/// The risks in a stored text, parted by spaces.
fn risks_of(text: &str) -> impl Iterator<Item = Risk> + '_ {
    text.split(' ').filter_map(Risk::from_code)
}

/// What checks of each risk came to, and what it weighs for the next sample.
fn weights(found: &[(String, Record)]) -> BTreeMap<Risk, (Record, i64)> {
    let mut records: BTreeMap<Risk, Record> = BTreeMap::new();
    for (risks, record) in found {
        for risk in risks_of(risks) {
            let sum = records.entry(risk).or_default();
            sum.checked += record.checked;
            sum.hits += record.hits;
        }
    }
    let weight = |risk: &Risk| {
        let record = records.get(risk).copied().unwrap_or_default();
        (*risk, (record, points(*risk, record)))
    };
    Risk::ALL.iter().map(weight).collect()
}
