//! The checker's sample: which payments, and what was found.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use crate::domain::money::Fen;
use crate::domain::payment::{
    NEW_ACCOUNT_DAYS, SampleFinding, SampleLine, SampleReason, sample as drawn,
};
use crate::domain::registry::Code;
use crate::service::Error;
use crate::store::db::Connection;
use crate::store::payment::{self as store, Batch, FrozenLine, SampleRow};

use super::step::Step;

/// Longest note on a payment.
const MAX_NOTE: usize = 200;
/// Payments that a reason names.
const NAMED: usize = 5;

/// What the checker found about one payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// Position of the payment.
    pub seq: i64,
    /// Finding; `None` while it is open.
    pub finding: Option<SampleFinding>,
    /// What differs.
    pub note: String,
}

/// What a checker sends.
#[derive(Debug, Clone, Copy)]
pub struct Check<'a> {
    /// Hash of the content that was on the page.
    pub hash: &'a str,
    /// The payments that were looked at: all of the sample, and any others.
    pub looked: &'a [Looked],
}

/// The payments of a frozen batch that have to be looked at, by position.
///
/// # Errors
/// When the database fails.
pub(in crate::service) async fn plan(
    conn: &impl Connection,
    batch: &Batch,
    lines: &[FrozenLine],
) -> Result<BTreeMap<i64, SampleReason>, Error> {
    let frozen_at = batch.frozen_at.unwrap_or(batch.created_at);
    let since = frozen_at - TimeDelta::days(NEW_ACCOUNT_DAYS);
    let changed = store::changed_accounts(conn, batch, since).await?;
    let mut candidates = Vec::with_capacity(lines.len());
    for line in lines {
        candidates.push(SampleLine {
            seq: line.seq,
            person_id: line.person_id,
            account: &line.account_index,
            amount: Fen::new(line.amount_fen),
            is_changed: changed.binary_search(&line.seq).is_ok(),
        });
    }
    Ok(drawn(&batch.content_hash, &candidates))
}

/// What a checker found, as it is kept: every payment of the sample, and those chosen beside it.
pub(super) struct Findings {
    pub(super) rows: Vec<SampleRow>,
    /// Names what differs; empty when nothing does.
    pub(super) differing: String,
}

/// Reads what the checker of a step found about its `lines`.
///
/// # Errors
/// [`Error::Invalid`] (`finding-3`, `note-3`) for a payment of the sample without a finding, and
/// for a difference that is not described.
pub(super) async fn findings(
    step: &Step<'_>,
    lines: &[FrozenLine],
    looked: &[Looked],
) -> Result<Findings, Error> {
    let plan = plan(&step.tx, &step.batch, lines).await?;
    let looked: BTreeMap<i64, &Looked> = looked.iter().map(|found| (found.seq, found)).collect();
    let mut faults = Vec::new();
    let mut rows = Vec::new();
    let mut differing = Vec::new();
    for line in lines {
        let (found, why) = (looked.get(&line.seq), plan.get(&line.seq));
        let finding = found.and_then(|found| found.finding);
        let note = found.map_or("", |found| found.note.trim());
        let Some(finding) = finding else {
            if why.is_some() || found.is_some() {
                let text = format!("请核对第 {} 笔，选择相符或不符", line.seq);
                faults.push((format!("finding-{}", line.seq), text));
            }
            continue;
        };
        let wrong = match note.chars().count() {
            0 if finding == SampleFinding::Differs => {
                Some(format!("请写明第 {} 笔哪里不符", line.seq))
            }
            length if length > MAX_NOTE => Some(format!("说明不能超过 {MAX_NOTE} 个字")),
            _ => None,
        };
        faults.extend(wrong.map(|text| (format!("note-{}", line.seq), text)));
        if finding == SampleFinding::Differs {
            differing.push(format!("第 {} 笔 {}（{note}）", line.seq, line.payee_name));
        }
        let reason = why.copied().unwrap_or(SampleReason::Chosen);
        rows.push(row(step, line.seq, (reason, finding, note)));
    }
    if faults.is_empty() {
        Ok(Findings { rows, differing: named(&differing) })
    } else {
        Err(Error::Invalid(faults))
    }
}

fn row(
    step: &Step<'_>,
    seq: i64,
    (reason, finding, note): (SampleReason, SampleFinding, &str),
) -> SampleRow {
    SampleRow {
        id: 0,
        batch_id: step.batch.id,
        revision: step.batch.revision,
        seq,
        reason: reason.code().to_owned(),
        finding: finding.code().to_owned(),
        note: note.to_owned(),
        holder_id: step.actor.holder_id,
        at: step.at,
    }
}

fn named(differing: &[String]) -> String {
    let first = differing.iter().take(NAMED).cloned().collect::<Vec<_>>().join("、");
    match differing.len() {
        0 => String::new(),
        count if count > NAMED => format!("抽查 {count} 笔不符：{first}等"),
        _ => format!("抽查不符：{first}"),
    }
}
