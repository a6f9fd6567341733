//! The benefits core: what a file of any stream grants becomes results, shares and payable lines.
//! From here on there is one money for all streams: batches, books, returns and reconciliation ask
//! no stream anything.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Error, case, catalogue};
use crate::app::App;
use crate::domain::determine::split;
use crate::domain::edition::FundingRule;
use crate::domain::funding::payer_division;
use crate::domain::money::Fen;
use crate::domain::region::city_unit;
use crate::file::hash::sha256_hex;
use crate::store::benefit::{self as store, GrantShare, NewGrant};
use crate::store::db::Tx;
use crate::store::payment::Batch;

/// A part of what is granted.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// The enterprise that it is about.
    pub(super) enterprise_id: i64,
    /// Its division, which decides who pays.
    pub(super) division: String,
    /// Whether the enterprise advanced it and is paid back.
    pub(super) to_enterprise: bool,
    /// Amount.
    pub(super) amount: Fen,
}

/// What a file grants.
#[derive(Debug)]
pub(super) struct Award<'a> {
    /// Stream.
    pub(super) programme: &'a str,
    /// Whom it is about.
    pub(super) person_id: i64,
    /// Year the money is for.
    pub(super) award_year: i64,
    /// Number of the file.
    pub(super) subject_no: &'a str,
    /// Policy text, and who pays by it.
    pub(super) policy: (i64, &'a [FundingRule]),
    /// What is granted.
    pub(super) parts: &'a [Part],
    /// How it came about.
    pub(super) determination: &'a Value,
    /// Step by step, to be redone by hand.
    pub(super) trace: &'a Value,
}

/// Grants it: from here on it can be put into a batch. Each part is split over the sources of the
/// longest division prefix, by largest remainder, so that nothing is lost.
pub(super) async fn grant(app: &App, tx: &Tx, award: &Award<'_>) -> Result<Fen, Error> {
    let (policy_document_id, funding) = award.policy;
    let mut shares = Vec::new();
    for part in award.parts.iter().filter(|part| part.amount > Fen::ZERO) {
        shares.extend(shares_of(part, funding)?);
    }
    let amount = Fen::checked_sum(shares.iter().map(|share| share.amount))
        .ok_or_else(|| Error::Internal("a grant overflows".to_owned()))?;
    if amount == Fen::ZERO {
        return Ok(amount);
    }
    if let Some(why) = catalogue::excluded(app, tx, award).await? {
        return Err(Error::Refused(why));
    }
    let (determination, trace) = (award.determination.to_string(), award.trace.to_string());
    let new = NewGrant {
        person_id: award.person_id,
        programme: award.programme,
        award_year: award.award_year,
        subject_no: award.subject_no,
        amount,
        fingerprint: &sha256_hex(format!("{determination}\n{trace}").as_bytes()),
        determination: &determination,
        trace: &trace,
        policy_document_id,
        at: app.clock.now(),
    };
    store::insert(tx, &new, &shares).await?;
    Ok(amount)
}

/// Lets the files whose money a batch moved follow it: paid when the bank paid all of a file's
/// lines, back to waiting when it sent one back.
pub(super) async fn follow_money(app: &App, tx: &Tx, batch: &Batch) -> Result<(), Error> {
    let subjects = store::subjects_of(tx, batch).await?;
    let numbers: Vec<&str> = subjects.iter().map(String::as_str).collect();
    if numbers.is_empty() {
        return Ok(());
    }
    let mut open: BTreeSet<String> = BTreeSet::new();
    for (subject, state) in store::line_states(tx, &numbers).await? {
        if state != "paid" {
            open.insert(subject);
        }
    }
    let (waiting, paid): (Vec<&str>, Vec<&str>) =
        numbers.into_iter().partition(|number| open.contains(*number));
    case::money_moved(app, tx, (&paid, &waiting)).await
}

fn shares_of(part: &Part, funding: &[FundingRule]) -> Result<Vec<GrantShare>, Error> {
    let rules = funding.iter().filter(|rule| part.division.starts_with(rule.division.as_str()));
    let Some(rule) = rules.max_by_key(|rule| rule.division.len()) else {
        let text = format!("政策没有写明 {} 的资金来源，请先修订政策正文", part.division);
        return Err(Error::Refused(text));
    };
    let weights: Vec<u64> = rule.shares.iter().map(|share| share.percent.units()).collect();
    let amounts = split(part.amount, &weights);
    let share = |(share, amount): (&crate::domain::edition::Share, Fen)| {
        let payer = payer_division(&share.source, &part.division);
        let none = || Error::Internal(format!("nobody pays for source {}", share.source));
        Ok(GrantShare {
            enterprise_id: part.enterprise_id,
            division: part.division.clone(),
            city_unit: city_unit(&part.division),
            source: share.source.to_string(),
            payer_division: payer.ok_or_else(none)?,
            to_enterprise: part.to_enterprise,
            amount,
        })
    };
    rule.shares.iter().zip(amounts).map(share).collect()
}
