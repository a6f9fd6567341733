//! Results of nominations: typed or read from a table, and stated once another person confirmed them. The
//! money that comes with a selection is stated with the result as an award of another programme; a
//! corrected result corrects it.

use std::collections::BTreeMap;

use serde_json::json;

use super::must_keep;
use super::ruling::put_down;
use crate::app::App;
use crate::domain::money::Fen;
use crate::domain::period::Period;
use crate::domain::registry::{Code, OtherAward, Stated};
use crate::domain::talent_programme::{NominationResult, Outcome};
use crate::service::decree::Decree;
use crate::service::payment::text_or_fault;
use crate::service::sheet::{SheetRow, read_sheet, whole};
use crate::service::{Actor, Error, invalid};
use crate::store::db::Tx;
use crate::store::fact::{self, Versions, facts_of};
use crate::store::talent_programme::{self as store, Member, Nomination, Programme};

/// Columns of a table of results; the page offers a table with them.
pub(super) const COLUMNS: [&str; 5] = ["申报编号", "工程师编号", "结果", "个人资金（元）", "文号"];

/// A result as it is typed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Entered<'a> {
    /// Code of the outcome.
    pub outcome: &'a str,
    /// Number of the document.
    pub document_no: &'a str,
    /// Official number of a member, and the yuan that the member has of the selection; empty for
    /// nothing.
    pub money: &'a [(&'a str, &'a str)],
}

/// A result that is ready to be stated.
pub(super) struct Ruling {
    pub(super) outcome: Outcome,
    pub(super) document_no: String,
    /// Person and amount, above zero.
    pub(super) money: Vec<(i64, Fen)>,
}

/// Puts the result of a nomination down, or its correction; returns the number under which it waits for
/// another person.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Refused`] when it says what is on record, or
/// the nomination was taken back; [`Error::Invalid`] with the fields (outcome, document_no, and
/// `money-` with the member's number).
pub async fn record(
    app: &App,
    actor: &Actor,
    nomination_no: &str,
    entered: &Entered<'_>,
) -> Result<String, Error> {
    must_keep(actor)?;
    let mut faults = Vec::new();
    let outcome = Outcome::from_code(entered.outcome);
    if outcome.is_none() {
        faults.push(invalid("outcome", "请选择入选或未入选"));
    }
    let document_no = text_or_fault(&mut faults, ("document_no", "文号"), entered.document_no, 60);
    let tx = app.db.begin().await?;
    let nomination = store::lock(&tx, &actor.scope, nomination_no).await?;
    let nomination = nomination.ok_or(Error::NotFound("这件申报"))?;
    let members = members_of(&tx, nomination.id).await?;
    let mut money = Vec::new();
    for (number, typed) in entered.money.iter().filter(|(_, typed)| !typed.trim().is_empty()) {
        let field = format!("money-{number}");
        let Some(member) = members.iter().find(|member| member.person_no == *number) else {
            faults.push(invalid(&field, format!("{number} 不在这件申报中")));
            continue;
        };
        match amount(typed, outcome) {
            Ok(amount) => money.push((member.person_id, amount)),
            Err(text) => faults.push(invalid(&field, text)),
        }
    }
    let (Some(outcome), true) = (outcome, faults.is_empty()) else {
        return Err(Error::Invalid(faults));
    };
    let programme = programme_of(&tx, &nomination).await?;
    tx.rollback().await?;
    let ruling = Ruling { outcome, document_no, money };
    put_down(app, actor, &programme, vec![(nomination.nomination_no, ruling)]).await
}

pub(super) fn told(programme: &Programme, ruling: &Ruling) -> serde_json::Value {
    let sum = Fen::checked_sum(ruling.money.iter().map(|(_, amount)| *amount));
    json!({
        "programme": programme.name, "outcome": ruling.outcome.code(),
        "document_no": ruling.document_no, "persons": ruling.money.len(),
        "amount": sum.map(|sum| sum.to_string()),
    })
}

fn amount(typed: &str, outcome: Option<Outcome>) -> Result<Fen, String> {
    let amount = Fen::typed(typed).ok().filter(|amount| *amount > Fen::ZERO);
    let amount = amount.ok_or("请填写大于零的金额（元），最多两位小数；没有的留空")?;
    match outcome {
        Some(Outcome::NotSelected) => Err("未入选的不填个人资金".to_owned()),
        _ => Ok(amount),
    }
}

pub(super) async fn members_of(tx: &Tx, nomination: i64) -> Result<Vec<Member>, Error> {
    Ok(store::members(tx, &[nomination]).await?.remove(&nomination).unwrap_or_default())
}

async fn programme_of(tx: &Tx, nomination: &Nomination) -> Result<Programme, Error> {
    let all = store::all(tx).await?;
    let found = all.into_iter().find(|programme| programme.id == nomination.programme_id);
    found.ok_or_else(|| Error::Internal(format!("programme of {}", nomination.nomination_no)))
}

/// States a result with its money, or corrects both; `false` when nothing differs.
pub(super) async fn state(
    tx: &Tx,
    decree: &Decree<'_>,
    (programme, nomination, members): (&Programme, &Nomination, &[Member]),
    ruling: &Ruling,
) -> Result<bool, Error> {
    if nomination.withdrawn_at.is_some() {
        return Err(Error::Refused(format!("申报 {} 已经撤回", nomination.nomination_no)));
    }
    let year = i32::try_from(nomination.award_year).ok().and_then(Period::year);
    let period = year.ok_or_else(|| Error::Internal("year of a nomination".to_owned()))?;
    let fact =
        NominationResult { outcome: ruling.outcome, document_no: ruling.document_no.clone() };
    let held = facts_of::<NominationResult>(tx, nomination.id, Versions::Live).await?;
    let old = held.first();
    let mut changed = old.is_none_or(|old| old.fact != fact);
    let document = old.map_or(&ruling.document_no, |old| &old.fact.document_no).clone();
    if changed {
        let stated = decree.states(nomination.id, period, fact, None);
        match old {
            Some(old) => fact::correct(tx, old.id, stated).await?,
            None => fact::state(tx, vec![stated]).await?,
        }
    }
    for member in members {
        let granted = ruling.money.iter().find(|(person, _)| *person == member.person_id);
        let award = granted.map(|(_, amount)| OtherAward {
            programme: programme.name.clone(),
            exclusive_group: programme.group_code.clone(),
            award_year: nomination.award_year,
            amount_fen: *amount,
            granted_by: programme.owner.clone(),
            document_no: ruling.document_no.clone(),
        });
        let of = (member.person_id, period, document.as_str());
        changed |= settle(tx, decree, of, award, programme).await?;
    }
    Ok(changed)
}

/// Brings a member's award into line with a result; `false` when it is.
async fn settle(
    tx: &Tx,
    decree: &Decree<'_>,
    (person, period, document): (i64, Period, &str),
    award: Option<OtherAward>,
    programme: &Programme,
) -> Result<bool, Error> {
    let held = facts_of::<OtherAward>(tx, person, Versions::Live).await?;
    let new_document = award.as_ref().map_or(document, |award| &award.document_no);
    let same = |stated: &&Stated<OtherAward>| {
        stated.fact.programme == programme.name
            && stated.period == period
            && [document, new_document].contains(&stated.fact.document_no.as_str())
    };
    match (held.iter().find(same), award) {
        (None, None) => Ok(false),
        (Some(old), Some(award)) if old.fact == award => Ok(false),
        (Some(old), Some(award)) => {
            fact::correct(tx, old.id, decree.states(person, period, award, None)).await?;
            Ok(true)
        }
        (Some(old), None) => {
            fact::supersede::<OtherAward>(tx, old.id, decree.at, decree.source_id).await?;
            Ok(true)
        }
        (None, Some(award)) => {
            fact::state(tx, vec![decree.states(person, period, award, None)]).await?;
            Ok(true)
        }
    }
}

/// Puts down the results that a table holds, all or none; returns the number under which they wait for
/// another person, and how many nominations they are about.
/// A team has a row for each member with money, or one without a member.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Invalid`] (`file`) with every wrong cell by
/// row and column.
pub async fn import(
    app: &App,
    actor: &Actor,
    programme_no: &str,
    (name, bytes): (&str, &[u8]),
) -> Result<(String, usize), Error> {
    must_keep(actor)?;
    let rows = read_sheet((name, bytes), &COLUMNS)?;
    let tx = app.db.begin().await?;
    let programme = store::by_no(&tx, programme_no).await?.ok_or(Error::NotFound("这个项目"))?;
    let mut faults = Vec::new();
    let mut found: BTreeMap<&str, (Nomination, Vec<Member>, Ruling)> = BTreeMap::new();
    for row in &rows {
        let [no, _, _, _, _] = row.cells();
        if !found.contains_key(no) {
            let nomination = store::lock(&tx, &actor.scope, no).await?;
            let ours = nomination.filter(|found| found.programme_id == programme.id);
            let Some(nomination) = ours.filter(|found| found.withdrawn_at.is_none()) else {
                faults.push(row.fault("申报编号", "本项目没有这件申报，或已撤回；请核对编号"));
                continue;
            };
            let members = members_of(&tx, nomination.id).await?;
            match first(row) {
                Ok(ruling) => {
                    found.insert(no, (nomination, members, ruling));
                }
                Err(wrong) => {
                    faults.extend(wrong);
                    continue;
                }
            }
        }
        if let Some((_, members, ruling)) = found.get_mut(no) {
            faults.extend(take(row, members, ruling).err());
        }
    }
    whole(faults)?;
    tx.rollback().await?;
    let rulings: Vec<(String, Ruling)> =
        found.into_iter().map(|(no, (_, _, ruling))| (no.to_owned(), ruling)).collect();
    let count = rulings.len();
    Ok((put_down(app, actor, &programme, rulings).await?, count))
}

/// What the first row of a nomination says of all of it.
fn first(row: &SheetRow<5>) -> Result<Ruling, Vec<(String, String)>> {
    let [_, _, outcome, _, document_no] = row.cells();
    let mut faults = Vec::new();
    let known = Outcome::ALL.iter().copied().find(|known| known.label() == outcome);
    if known.is_none() {
        faults.push(row.fault("结果", "应填“入选”或“未入选”"));
    }
    if document_no.is_empty() || document_no.chars().count() > 60 {
        faults.push(row.fault("文号", "请填写文号，不超过 60 个字"));
    }
    match known {
        Some(outcome) if faults.is_empty() => {
            Ok(Ruling { outcome, document_no: document_no.to_owned(), money: Vec::new() })
        }
        _ => Err(faults),
    }
}

/// Takes a row into the ruling of its nomination.
fn take(
    row: &SheetRow<5>,
    members: &[Member],
    ruling: &mut Ruling,
) -> Result<(), (String, String)> {
    let [_, person, outcome, money, document_no] = row.cells();
    if outcome != ruling.outcome.label() || document_no != ruling.document_no {
        return Err(row.fault("结果", "同一件申报各行的结果和文号应当一致"));
    }
    if money.is_empty() {
        return Ok(());
    }
    let member = match (person, members) {
        ("", [only]) => Some(only),
        _ => members.iter().find(|member| member.person_no.eq_ignore_ascii_case(person)),
    };
    let Some(member) = member else {
        return Err(row.fault("工程师编号", "有资金的须写明是申报中的哪一人"));
    };
    if ruling.money.iter().any(|(known, _)| *known == member.person_id) {
        return Err(row.fault("工程师编号", "同一件申报中重复；请合并金额"));
    }
    let amount = amount(money, Some(ruling.outcome));
    let amount = amount.map_err(|text| row.fault("个人资金（元）", &text))?;
    ruling.money.push((member.person_id, amount));
    Ok(())
}
