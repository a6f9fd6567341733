//! What one employer is told of a year: all of it, or its own part when others share the year.

use std::collections::HashMap;

use super::explain::{ExplainedMonth, ExplainedVersion, Explanation};
use crate::app::App;
use crate::domain::authority::Scope;
use crate::domain::determine::{MonthLine, Trace};
use crate::domain::dossier::Dossier;
use crate::domain::money::Fen;
use crate::domain::period::Period;
use crate::service::Error;
use crate::service::directory::OWN_PART;
use crate::store::directory::own_enterprise;
use crate::store::stipend::explain as store;
use crate::store::stipend::result::Entitlement;

/// How far a reader sees into a person's year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// Everything.
    Whole,
    /// What belongs to this enterprise.
    Part(i64),
}

impl Extent {
    /// An office sees everything. An enterprise sees the whole of a year that the person spent
    /// with nobody else, its part of a shared one, and nothing of other years.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the person was not with the enterprise in that year.
    pub(super) fn of(scope: &Scope, dossier: &Dossier, year: i32) -> Result<Self, Error> {
        let Some(own) = own_enterprise(scope) else { return Ok(Self::Whole) };
        let mut there = employers(dossier, Period::year(year));
        there.sort_unstable();
        there.dedup();
        match there.as_slice() {
            [only] if *only == own => Ok(Self::Whole),
            all if all.contains(&own) => Ok(Self::Part(own)),
            _ => Err(Error::NotFound("该年度的核定结果")),
        }
    }
}

/// The enterprises where the person worked or stood on the roster in a period.
fn employers(dossier: &Dossier, period: Option<Period>) -> Vec<i64> {
    let Some(period) = period else { return Vec::new() };
    let jobs = dossier.jobs.iter().map(|job| (job.enterprise_id, job.period));
    let entries = dossier.entries.iter().map(|entry| (entry.enterprise_id, entry.period));
    let there = jobs.chain(entries).filter(|(_, time)| time.overlaps(&period));
    there.map(|(enterprise, _)| enterprise).collect()
}

/// Takes out of an explanation what is not about the enterprise `own`. Steps and payments concern
/// the year as a whole, so they go.
pub(super) async fn narrow(
    app: &App,
    whole: Explanation,
    (own, own_name): (i64, &str),
    (dossier, trace, versions): (&Dossier, &Trace, &[Entitlement]),
) -> Result<Explanation, Error> {
    let parts = parts(app, versions, own).await?;
    let months = months(&whole, (own, own_name), dossier, trace);
    let shares: Vec<_> =
        whole.shares.into_iter().filter(|share| share.enterprise_id == own).collect();
    let net = Fen::checked_sum(shares.iter().map(|share| share.amount))
        .ok_or_else(|| Error::Internal("shares beyond any amount".to_owned()))?;
    let counted = months.iter().filter(|month| month.counted).count();
    let sentence = format!(
        "{} 年度由本企业计入 {counted} 个月，对应 {} 元。本年度还有其他任职单位，只显示与本企业有关的部分。",
        whole.year,
        net.grouped()
    );
    let part_of = |number: i64| parts.get(&number).copied().unwrap_or_default();
    let version = |version: ExplainedVersion| {
        let before = part_of(version.version_no - 1);
        let first = version.version_no == 1;
        let net = part_of(version.version_no);
        let change = net.checked_sub(before).filter(|_| !first).unwrap_or_default();
        let reason = if first { version.reason } else { OWN_PART.to_owned() };
        ExplainedVersion { net, change, reason, ..version }
    };
    Ok(Explanation {
        is_part: true,
        net,
        sentence,
        months,
        shares,
        versions: whole.versions.into_iter().map(version).collect(),
        name: whole.name,
        person_no: whole.person_no,
        year: whole.year,
        state: whole.state,
        uses_defaults: whole.uses_defaults,
        edition: whole.edition,
        parameters: whole.parameters,
        inputs: whole.inputs,
        steps: Vec::new(),
        offset: None,
        adjustment: None,
        payments: Vec::new(),
        deeds: Vec::new(),
        hash: String::new(),
        is_reproduced: whole.is_reproduced,
    })
}

/// The enterprise's part of every version, by number.
async fn parts(app: &App, versions: &[Entitlement], own: i64) -> Result<HashMap<i64, Fen>, Error> {
    let mut parts = HashMap::new();
    for version in versions {
        let shares = store::shares(app.db.read(), version.id).await?;
        let mine = shares.iter().filter(|share| share.enterprise_id == own);
        let part = Fen::checked_sum(mine.map(|share| Fen::new(share.amount_fen)));
        parts.insert(version.version_no, part.unwrap_or_default());
    }
    Ok(parts)
}

/// Months that count for the enterprise, or count for nobody while the person was there.
fn months(
    whole: &Explanation,
    (own, own_name): (i64, &str),
    dossier: &Dossier,
    trace: &Trace,
) -> Vec<ExplainedMonth> {
    let was_there = |number: u8| {
        let month = Period::month(whole.year, number.into());
        employers(dossier, month).contains(&own)
    };
    let month = |(month, line): (&ExplainedMonth, &MonthLine)| {
        let mine = line.enterprise.is_none() && was_there(month.number)
            || line.enterprise.is_some() && month.enterprise == own_name;
        if mine {
            return month.clone();
        }
        ExplainedMonth {
            counted: false,
            days: 0,
            enterprise: String::new(),
            reason: "不属于本企业".to_owned(),
            ..month.clone()
        }
    };
    whole.months.iter().zip(trace.months()).map(month).collect()
}
