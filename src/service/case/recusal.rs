//! Withdrawing from files of those to whom an official is close (domain.md 7.2, 5). The official
//! declares the relation; the program then refuses the official's acts on such files.

use chrono::{Months, NaiveDate};
use serde_json::json;

use crate::app::App;
use crate::domain::authority::{Act, Role};
use crate::domain::period::Period;
use crate::domain::registry::{
    Code, DeclaredRelation, FORMER_EMPLOYER_YEARS, RelationKind, Stated,
};
use crate::service::decree::Decree;
use crate::service::{Actor, Error, invalid, log};
use crate::store::case::CaseRow;
use crate::store::db::{Connection, Tx};
use crate::store::fact::{self, Versions, facts_of};
use crate::store::{account_list, directory, stipend};

/// The relations of a natural person that hold on a day.
pub(super) async fn relations(
    conn: &impl Connection,
    day: NaiveDate,
    holder_id: i64,
) -> Result<Vec<Stated<DeclaredRelation>>, Error> {
    let mut all = facts_of::<DeclaredRelation>(conn, holder_id, Versions::Live).await?;
    all.retain(|stated| stated.period.covers(day));
    Ok(all)
}

/// Whether a relation concerns a file.
pub(super) fn concerns(relation: &DeclaredRelation, row: &CaseRow) -> bool {
    let same = |own: Option<i64>, its: Option<i64>| own.is_some() && own == its;
    same(relation.enterprise_id, row.enterprise_id) || same(relation.person_id, row.person_id)
}

/// Why a natural person must not act on a file, in words; `None` when nothing keeps them.
pub(super) async fn ground(
    conn: &impl Connection,
    day: NaiveDate,
    holder_id: i64,
    row: &CaseRow,
) -> Result<Option<String>, Error> {
    Ok(words(&relations(conn, day, holder_id).await?, row))
}

/// Whether a natural person must not act on a file.
pub(crate) async fn must_withdraw(
    conn: &impl Connection,
    day: NaiveDate,
    holder_id: i64,
    row: &CaseRow,
) -> Result<bool, Error> {
    Ok(ground(conn, day, holder_id, row).await?.is_some())
}

/// The relations that keep somebody from acting: their own, and those of whom they stand in for
/// unless that person handed over the very file.
pub(super) struct Kept(Vec<Stated<DeclaredRelation>>);

impl Kept {
    pub(super) async fn load(tx: &Tx, day: NaiveDate, actor: &Actor) -> Result<Self, Error> {
        let whose = actor.behalf.as_ref().filter(|behalf| behalf.case_id.is_none());
        let mut all = relations(tx, day, actor.holder_id).await?;
        if let Some(behalf) = whose {
            all.extend(relations(tx, day, behalf.holder_id).await?);
        }
        Ok(Self(all))
    }

    /// Why the act on a file is refused.
    pub(super) fn fault(&self, row: &CaseRow) -> Option<String> {
        words(&self.0, row).map(|why| format!("{why}，须回避，由其他人办理"))
    }
}

fn words(relations: &[Stated<DeclaredRelation>], row: &CaseRow) -> Option<String> {
    let stated = relations.iter().find(|stated| concerns(&stated.fact, row))?;
    let whom = if stated.fact.person_id.is_some() { "本件人员" } else { "本件企业" };
    Some(format!("已申报与{whom}的关系：{}", stated.fact.relation.label()))
}

/// Names of those in the same office and role who may act on a file instead.
pub(super) async fn colleagues(
    conn: &impl Connection,
    day: NaiveDate,
    actor: &Actor,
    row: &CaseRow,
) -> Result<Vec<String>, Error> {
    let same = (actor.organisation_id, actor.role.code());
    let mut names = Vec::new();
    for full in account_list::active_of_office(conn, same).await? {
        let other = full.holder.id;
        if other != actor.holder_id && ground(conn, day, other, row).await?.is_none() {
            names.push(full.holder.name);
        }
    }
    Ok(names)
}

/// A relation as an official declares it.
#[derive(Debug, Clone, Default)]
pub struct NewRelation {
    /// Code of its kind.
    pub kind: String,
    /// Credit code of the enterprise, or number of the person.
    pub about: String,
    /// Since when; for a former employer the last day there. As typed.
    pub from: String,
    /// In the official's words.
    pub note: String,
}

/// Declares a relation: from today on the official does not act on the files concerned. One to a
/// former employer ends by itself three years after the last day there.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Invalid`] for each wrong field; [`Error::Refused`] for one that
/// is declared already.
pub async fn declare(app: &App, actor: &Actor, new: &NewRelation) -> Result<(), Error> {
    actor.must(Act::WorkCases)?;
    let today = app.clock.today();
    let tx = app.db.begin().await?;
    let mut wrong = Vec::new();
    let kind = RelationKind::from_code(&new.kind);
    if kind.is_none() {
        wrong.push(invalid("kind", "请选择关系"));
    }
    let about = subject(&tx, actor, new.about.trim()).await?;
    if about.is_none() {
        let text = "请填写您管理范围内企业的统一社会信用代码，或工程师编号（如 E000001）";
        wrong.push(invalid("about", text));
    }
    let from: Option<NaiveDate> = new.from.trim().parse().ok();
    if from.is_none_or(|from| from > today) {
        wrong.push(invalid("from", "请填写不晚于今天的日期，如2026-06-30"));
    }
    let (Some(kind), Some(about), Some(from)) = (kind, about, from) else {
        return Err(Error::Invalid(wrong));
    };
    let period = term(kind, from).filter(|_| wrong.is_empty());
    let period = period.ok_or(Error::Invalid(wrong))?;
    if period.through.is_some_and(|last| last < today) {
        let text = "离开该单位已满三年，不需要回避".to_owned();
        return Err(Error::Invalid(vec![invalid("from", text)]));
    }
    let (enterprise_id, person_id) = about;
    let known = relations(&tx, today, actor.holder_id).await?;
    let same = |stated: &Stated<DeclaredRelation>| {
        let fact = &stated.fact;
        (fact.relation, fact.enterprise_id, fact.person_id) == (kind, enterprise_id, person_id)
    };
    if known.iter().any(same) {
        return Err(Error::Refused("这项关系已经申报，不需要重复申报".to_owned()));
    }
    let note: String = new.note.trim().chars().take(200).collect();
    let decree = Decree::record(app, &tx, actor, ("decision", "回避申报"), "", &note).await?;
    let fact = DeclaredRelation { relation: kind, enterprise_id, person_id, note: note.clone() };
    fact::state(&tx, vec![decree.states(actor.holder_id, period, fact, None)]).await?;
    let detail = json!({ "relation": kind.code(), "about": new.about.trim() });
    log(app, &tx, actor, "relation.declared", ("account", &actor.login), &detail).await?;
    Ok(tx.commit().await?)
}

/// The days of a relation.
fn term(kind: RelationKind, from: NaiveDate) -> Option<Period> {
    match kind {
        RelationKind::FormerEmployer => {
            let last = from.checked_add_months(Months::new(12 * FORMER_EMPLOYER_YEARS))?;
            Period::new(from, Some(last.pred_opt()?))
        }
        RelationKind::Kin | RelationKind::Interest => Period::new(from, None),
    }
}

/// The enterprise or the person that a text names, within the scope.
async fn subject(
    tx: &Tx,
    actor: &Actor,
    text: &str,
) -> Result<Option<(Option<i64>, Option<i64>)>, Error> {
    if text.is_empty() {
        return Ok(None);
    }
    if let Some(found) = directory::engineer(tx, &actor.scope, text).await? {
        return Ok(Some((None, Some(found.id))));
    }
    let found = directory::enterprise(tx, &actor.scope, text).await?;
    Ok(found.map(|found| (Some(found.id), None)))
}

/// Ends a relation of the actor on a last day.
///
/// # Errors
/// [`Error::NotFound`] for one of others; [`Error::Invalid`] for the day.
pub async fn end(app: &App, actor: &Actor, id: i64, last_day: &str) -> Result<(), Error> {
    actor.must(Act::WorkCases)?;
    let tx = app.db.begin().await?;
    let known = facts_of::<DeclaredRelation>(&tx, actor.holder_id, Versions::Live).await?;
    let old = known.into_iter().find(|stated| stated.id == id);
    let old = old.ok_or(Error::NotFound("这项申报"))?;
    let last: Option<NaiveDate> = last_day.trim().parse().ok();
    let within = |last: &NaiveDate| old.period.through.is_none_or(|through| *last <= through);
    let period = last.filter(within).and_then(|last| Period::new(old.period.from, Some(last)));
    let Some(period) = period else {
        let text = "请填写关系存续的最后一日，不早于申报的起始日";
        return Err(Error::Invalid(vec![invalid("last_day", text)]));
    };
    let decree = Decree::record(app, &tx, actor, ("decision", "回避申报终止"), "", "").await?;
    let ended = decree.states(old.about, period, old.fact, Some(old.id));
    fact::correct(&tx, old.id, ended).await?;
    let detail = json!({ "through": period.through.map(|day| day.to_string()) });
    log(app, &tx, actor, "relation.ended", ("account", &actor.login), &detail).await?;
    Ok(tx.commit().await?)
}

/// A declared relation as pages show it.
#[derive(Debug, Clone)]
pub struct RelationLine {
    /// Identity of the fact.
    pub id: i64,
    /// Kind.
    pub kind: &'static str,
    /// Name of the enterprise or number of the person.
    pub about: String,
    /// Days.
    pub period: Period,
    /// In the official's words.
    pub note: String,
    /// Whether it holds today.
    pub holds: bool,
}

/// What the actor declared.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn declared(app: &App, actor: &Actor) -> Result<Vec<RelationLine>, Error> {
    actor.must(Act::WorkCases)?;
    let (read, today) = (app.db.read(), app.clock.today());
    let all = facts_of::<DeclaredRelation>(read, actor.holder_id, Versions::Live).await?;
    let ids: Vec<i64> = all.iter().filter_map(|stated| stated.fact.enterprise_id).collect();
    let names = stipend::explain::enterprise_names(read, &ids).await?;
    let mut lines = Vec::new();
    for stated in all {
        let DeclaredRelation { enterprise_id, person_id, .. } = stated.fact;
        let about = match (enterprise_id, person_id) {
            (Some(id), _) => names.get(&id).cloned(),
            (None, Some(id)) => directory::person_no(read, id).await?,
            (None, None) => None,
        };
        lines.push(RelationLine {
            id: stated.id,
            kind: stated.fact.relation.label(),
            about: about.unwrap_or_default(),
            holds: stated.period.covers(today),
            period: stated.period,
            note: stated.fact.note,
        });
    }
    Ok(lines)
}

/// Whether somebody in this role is asked to declare: an enterprise is no official.
pub const fn is_asked(role: Role) -> bool {
    !role.is_of_enterprise()
}
