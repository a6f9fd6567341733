//! What the catalogue says of two streams to each other: one that excludes another is not granted
//! beside it.

use super::{entries_between, listed};
use crate::app::App;
use crate::domain::catalogue::{CatalogueWord, STIPEND, is_award};
use crate::domain::money::Fen;
use crate::domain::registry::OtherAward;
use crate::service::Error;
use crate::service::benefit::Award;
use crate::store::benefit::{self, OfYear};
use crate::store::db::Tx;
use crate::store::fact::{Versions, facts_among};
use crate::store::{merge, roster};

/// Why nothing may be granted: the catalogue of the year has it that somebody with an award of another
/// group has none of this one, and the person has that other one. The person is locked from here on,
/// so that of two files that exclude each other one comes first.
///
/// How two streams top each other up is for those who agree on the amounts: no file says what it
/// would be without the other.
///
/// # Errors
/// When the database fails.
pub(in crate::service) async fn excluded(
    app: &App,
    tx: &Tx,
    award: &Award<'_>,
) -> Result<Option<String>, Error> {
    if !is_award(award.programme) {
        return Ok(None);
    }
    let numbers = merge::merges_about(tx, &[award.person_id], None).await?.group(award.person_id);
    roster::lock_persons(tx, &numbers).await?;
    let now = app.clock.now();
    let entries = entries_between(tx, (award.award_year, now), award.programme).await?;
    let excludes = |(_, word, other): &(String, CatalogueWord, String)| {
        *word == CatalogueWord::Exclude && other != STIPEND
    };
    let held = held(tx, &numbers, OfYear { award_year: award.award_year, known_at: now }).await?;
    for (entry_no, _, other) in entries.into_iter().filter(excludes) {
        let of_group = held.iter().filter(|(group, _)| *group == other).map(|(_, fen)| *fen);
        let sum = Fen::checked_sum(of_group)
            .ok_or_else(|| Error::Internal("awards beyond any amount".to_owned()))?;
        if sum > Fen::ZERO {
            let groups = listed(tx, false).await?;
            let name = |code: &str| {
                let known = groups.iter().find(|group| group.code == code);
                known.map_or(code, |group| &group.name).to_owned()
            };
            return Ok(Some(format!(
                "冲突目录 {entry_no} 规定“{}”与“{}”不重复享受，本人 {} 年度已有“{}”{} 元，不能再批准发放",
                name(award.programme),
                name(&other),
                award.award_year,
                name(&other),
                sum.grouped()
            )));
        }
    }
    Ok(None)
}

/// What somebody with these numbers has for a year: group and amount.
async fn held(tx: &Tx, numbers: &[i64], of: OfYear) -> Result<Vec<(String, Fen)>, Error> {
    let filed = facts_among::<OtherAward>(tx, numbers, Versions::Live).await?;
    let of_year = filed.into_values().flatten().map(|stated| stated.fact);
    let of_year = of_year.filter(|fact| fact.award_year == of.award_year);
    let mut all: Vec<_> = of_year.map(|fact| (fact.exclusive_group, fact.amount_fen)).collect();
    let granted = benefit::awards_of(tx, numbers, of).await?;
    all.extend(granted.into_iter().map(|award| (award.programme, Fen::new(award.net_fen))));
    Ok(all)
}
