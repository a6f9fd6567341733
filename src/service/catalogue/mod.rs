//! The conflict catalogue (就高不重复, A9): which awards of a year the stipend excludes, tops up or
//! stands beside. One person of the province proposes an entry with its document, another decides
//! it; runs go by what was in force at their instant of knowledge.

mod clash;

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Utc};
use serde_json::json;

use super::payment::text_or_fault;
use super::policy::hold_policies;
use super::proposal::judged;
use super::stipend::{current_policy, ensure_policy, parse_policy};
use super::{Actor, Error, invalid, log};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::catalogue::{CatalogueWord, STIPEND, is_award, is_group_code, ordered};
use crate::domain::determine::Text;
use crate::domain::edition::{GroupRelation, Overlay, Policy, Stacking};
use crate::domain::registry::Code;
use crate::file::form::AwardGroup;
use crate::store::batch_view;
use crate::store::catalogue::{self as store, Entry, NewEntry};
use crate::store::db::Connection;
pub(super) use clash::excluded;

const MAX_BASIS: usize = 500;
const MAX_DOCUMENT: usize = 60;
const MAX_NAME: usize = 30;
/// What stands in the field of the group for one that the catalogue does not know yet.
pub const NEW_GROUP: &str = "new";

/// A group that awards are filed under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Code, as policy texts name it.
    pub code: String,
    /// What people call it; the import of other awards takes this word.
    pub name: String,
}

/// All groups of awards: those that awards can be filed under, and each stream whose files grant money,
/// which is a group of its own.
///
/// # Errors
/// When the database fails.
pub async fn groups(conn: &impl Connection) -> Result<Vec<Group>, Error> {
    listed(conn, false).await
}

/// The groups that awards can be filed under: those that come with the program, and those that
/// accepted entries named, in this order. What files of a stream grant is read by itself, and would
/// count twice if it were filed.
///
/// # Errors
/// When the database fails.
pub async fn filed_groups(conn: &impl Connection) -> Result<Vec<Group>, Error> {
    let (mut groups, streams) = (groups(conn).await?, streams(conn).await?);
    groups.retain(|group| !streams.contains_key(&group.code));
    Ok(groups)
}

/// Code and title of every stream whose files grant awards.
async fn streams(conn: &impl Connection) -> Result<BTreeMap<String, String>, Error> {
    let mut streams = super::policy::shipped_titles()?;
    streams.extend(batch_view::programmes(conn).await?);
    streams.retain(|code, _| is_award(code));
    Ok(streams)
}

async fn listed(conn: &impl Connection, waiting: bool) -> Result<Vec<Group>, Error> {
    let group = |code: &str, name: &str| Group { code: code.to_owned(), name: name.to_owned() };
    let mut groups: Vec<Group> =
        AwardGroup::ALL.iter().map(|known| group(known.code(), known.label())).collect();
    groups.extend(streams(conn).await?.iter().map(|(code, title)| group(code, title)));
    for (code, name) in store::named(conn, waiting).await? {
        if !groups.iter().any(|known| known.code == code) {
            groups.push(group(&code, &name));
        }
    }
    Ok(groups)
}

/// What the catalogue of a year said at an instant of groups beside the stipend, for a run.
///
/// # Errors
/// When the database fails or a stored code is unknown.
pub(super) async fn relations(
    conn: &impl Connection,
    year: i32,
    known_at: DateTime<Utc>,
) -> Result<Vec<GroupRelation>, Error> {
    let mut found = Vec::new();
    for entry in store::known(conn, year.into(), known_at).await? {
        let stacking = store::word(&entry)?.stacking();
        if let Some(stacking) = stacking.filter(|_| entry.counterpart == STIPEND) {
            found.push(GroupRelation {
                group: Text::from(entry.group_code.as_str()),
                stacking,
                basis: Text::from(cited(&entry)),
            });
        }
    }
    Ok(found)
}

/// The entries of a year about a group, as known at an instant: number, word, what stands opposite.
async fn entries_between(
    conn: &impl Connection,
    (year, known_at): (i64, DateTime<Utc>),
    group: &str,
) -> Result<Vec<(String, CatalogueWord, String)>, Error> {
    let mut found = Vec::new();
    for entry in store::known(conn, year, known_at).await? {
        let other = match (entry.counterpart.as_str(), entry.group_code.as_str()) {
            (one, other) if one == group => other,
            (other, one) if one == group => other,
            _ => continue,
        };
        found.push((entry.entry_no.clone(), store::word(&entry)?, other.to_owned()));
    }
    Ok(found)
}

fn cited(entry: &Entry) -> String {
    format!("{}（{}，冲突目录 {}）", entry.basis, entry.document_no, entry.entry_no)
}

/// A policy text with what the catalogue of a year says; the very text when it says nothing.
///
/// # Errors
/// When the result is no policy.
pub(super) fn over(text: &str, relations: &[GroupRelation]) -> Result<String, Error> {
    let overlay = Overlay { relations: relations.to_vec(), ..Overlay::default() };
    overlay.over(text).map_err(|error| Error::Internal(error.to_string()))
}

/// An entry with who had a hand in it.
#[derive(Debug, Clone)]
pub struct EntryLine {
    /// The entry.
    pub row: Entry,
    /// What it says.
    pub word: CatalogueWord,
    /// What stands opposite the group: the stipend, or another group's name.
    pub counterpart: String,
    /// Who proposed it.
    pub proposer: String,
    /// Who decided; `None` while it waits.
    pub decider: Option<String>,
    /// Whether runs go by it now.
    pub in_force: bool,
    /// From when another one took its place.
    pub superseded_at: Option<DateTime<Utc>>,
    /// Whether the actor may decide it.
    pub may_decide: bool,
}

/// How a group stands to the stipend in a year.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The group.
    pub group: Group,
    /// What its awards take away.
    pub stacking: Stacking,
    /// The number of the entry that says so; empty where the policy text decides.
    pub entry_no: String,
    /// Document and clause of the entry; empty where the policy text decides.
    pub basis: String,
}

/// The catalogue of a year.
#[derive(Debug, Clone)]
pub struct Catalogue {
    /// Award year.
    pub year: i32,
    /// Years that there is a policy for.
    pub years: Vec<i32>,
    /// How each group stands to the stipend now.
    pub standings: Vec<Standing>,
    /// All entries of the year, the latest first.
    pub entries: Vec<EntryLine>,
    /// The groups that can be chosen.
    pub groups: Vec<Group>,
    /// Whether the actor may propose.
    pub may_propose: bool,
}

fn must_see(actor: &Actor) -> Result<(), Error> {
    if actor.role.may(Act::ReadBatches) {
        return Ok(());
    }
    actor.must(Act::DraftPolicies)
}

/// The policy text in force, and what it says; `None` before any is loaded.
async fn in_force(conn: &impl Connection) -> Result<Option<(String, Policy)>, Error> {
    match current_policy(conn).await {
        Ok((document, policy)) => Ok(Some((document.content, policy))),
        Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn years_of(policy: &Policy) -> Vec<i32> {
    let versions = policy.versions();
    let first = versions.first().map_or(0, |version| version.from().year());
    let last = versions.last().map_or(-1, |version| version.through().year());
    (first..=last).collect()
}

/// The text of a version of the year, as a run would apply it on its last day.
fn of_year(policy: &Policy, year: i32) -> Option<&crate::domain::edition::Version> {
    let mut versions = policy.versions().iter().rev();
    versions.find(|v| (v.from().year()..=v.through().year()).contains(&year))
}

/// The catalogue of a year (this year's when the text is none that there is a policy for).
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadBatches`] or [`Act::DraftPolicies`].
pub async fn catalogue(app: &App, actor: &Actor, year: &str) -> Result<Catalogue, Error> {
    must_see(actor)?;
    let read = app.db.read();
    let this_year = app.clock.today().year();
    let found = in_force(read).await?;
    let years = found.as_ref().map_or_else(|| vec![this_year], |(_, policy)| years_of(policy));
    let asked = year.trim().parse().ok().filter(|year| years.contains(year));
    let year = asked.unwrap_or(this_year);
    let relations = relations(read, year, app.clock.now()).await?;
    let applied = match &found {
        Some((text, _)) => Some(parse_policy(&over(text, &relations)?)?),
        None => None,
    };
    let groups = groups(read).await?;
    let entries = entries(app, actor, year, &groups).await?;
    let standing = |group: &Group| {
        let code = Text::from(group.code.as_str());
        let in_force = entries.iter().find(|line| {
            line.in_force && line.row.counterpart == STIPEND && line.row.group_code == group.code
        });
        let said = in_force.filter(|line| line.word.stacking().is_some());
        let version = applied.as_ref().and_then(|policy| of_year(policy, year));
        let stacking = version.and_then(|version| version.stacking_of(&code));
        Standing {
            group: group.clone(),
            stacking: stacking.unwrap_or(Stacking::Stack),
            entry_no: said.map_or_else(String::new, |line| line.row.entry_no.clone()),
            basis: said.map_or_else(String::new, |line| {
                format!("{}（{}）", line.row.basis, line.row.document_no)
            }),
        }
    };
    Ok(Catalogue {
        year,
        years,
        standings: groups.iter().map(standing).collect(),
        entries,
        groups,
        may_propose: actor.role.may(Act::DraftPolicies),
    })
}

async fn entries(
    app: &App,
    actor: &Actor,
    year: i32,
    groups: &[Group],
) -> Result<Vec<EntryLine>, Error> {
    let rows = store::of_year(app.db.read(), year.into()).await?;
    let people = rows.iter().flat_map(|row| [Some(row.proposed_by), row.decided_by]).flatten();
    let names = batch_view::holder_names(app.db.read(), people.collect::<Vec<_>>()).await?;
    let name = |id: i64| names.get(&id).cloned().unwrap_or_default();
    // From the latest decision back: what follows an accepted entry took its place.
    let mut order: Vec<&Entry> = rows.iter().filter(|row| row.accepted == Some(true)).collect();
    order.sort_by_key(|row| std::cmp::Reverse((row.decided_at, row.id)));
    let mut later: BTreeMap<(&str, &str), DateTime<Utc>> = BTreeMap::new();
    let mut ends: BTreeMap<i64, Option<DateTime<Utc>>> = BTreeMap::new();
    for row in order {
        let pair = (row.counterpart.as_str(), row.group_code.as_str());
        ends.insert(row.id, later.get(&pair).copied());
        later.extend(row.decided_at.map(|at| (pair, at)));
    }
    let counterpart = |code: &str| match groups.iter().find(|group| group.code == code) {
        Some(group) => group.name.clone(),
        None if code == STIPEND => "核心工程师年度奖补".to_owned(),
        None => code.to_owned(),
    };
    let line = |row: &Entry| {
        Ok(EntryLine {
            word: store::word(row)?,
            counterpart: counterpart(&row.counterpart),
            proposer: name(row.proposed_by),
            decider: row.decided_by.map(name),
            in_force: ends.get(&row.id).is_some_and(Option::is_none),
            superseded_at: ends.get(&row.id).copied().flatten(),
            may_decide: row.decided_at.is_none()
                && actor.role.may(Act::DraftPolicies)
                && row.proposed_by != actor.holder_id,
            row: row.clone(),
        })
    };
    rows.iter().map(line).collect()
}

/// An entry as it is typed.
#[derive(Debug, Clone, Copy)]
pub struct EntryForm<'a> {
    /// Award year.
    pub year: &'a str,
    /// Code of the group, or [`NEW_GROUP`].
    pub group: &'a str,
    /// What a new group is called.
    pub new_name: &'a str,
    /// Code of a new group.
    pub new_code: &'a str,
    /// What stands opposite: [`STIPEND`] or the code of another group.
    pub counterpart: &'a str,
    /// Code of the word.
    pub relation: &'a str,
    /// Why.
    pub basis: &'a str,
    /// Number of the document.
    pub document_no: &'a str,
}

/// The group that a form is about, with what is wrong with it.
fn group_of(form: &EntryForm<'_>, known: &[Group], faults: &mut Vec<(String, String)>) -> Group {
    if form.group != NEW_GROUP {
        let chosen = known.iter().find(|group| group.code == form.group).cloned();
        return chosen.unwrap_or_else(|| {
            faults.push(invalid("group", "请选择类别"));
            Group { code: String::new(), name: String::new() }
        });
    }
    let name = text_or_fault(faults, ("new_name", "新类别名称"), form.new_name, MAX_NAME);
    let code = form.new_code.trim().to_owned();
    if !is_group_code(&code) {
        let text =
            "新类别代码应为 2 至 40 个小写字母、数字或连字符，以字母开头，例如 national-talent";
        faults.push(invalid("new_code", text));
    }
    if let Some(same) = known.iter().find(|group| group.code == code) {
        faults.push(invalid("new_code", format!("该代码已用于“{}”，请直接选择", same.name)));
    }
    if known.iter().any(|group| group.name == name) {
        faults.push(invalid("new_name", "已有同名类别（或正待确认），请直接选择或另取名称"));
    }
    Group { code, name }
}

/// Proposes an entry; runs go by it once another person has accepted it. Returns its number.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::DraftPolicies`]; [`Error::Invalid`] (fields as in
/// [`EntryForm`]), also while another one about the same waits.
pub async fn propose(app: &App, actor: &Actor, form: &EntryForm<'_>) -> Result<String, Error> {
    actor.must(Act::DraftPolicies)?;
    let tx = app.db.begin().await?;
    ensure_policy(app, &tx, actor).await?;
    let years = years_of(&current_policy(&tx).await?.1);
    let mut faults = Vec::new();
    let award_year: i32 = form.year.trim().parse().unwrap_or(0);
    if !years.contains(&award_year) {
        let (first, last) = (years.first().unwrap_or(&0), years.last().unwrap_or(&0));
        faults.push(invalid("year", format!("政策适用于 {first} 至 {last} 年度，请填写其中一年")));
    }
    let known = listed(&tx, true).await?;
    let group = group_of(form, &known, &mut faults);
    let is_known = |code: &str| known.iter().any(|group| group.code == code);
    if form.counterpart != STIPEND && !is_known(form.counterpart) {
        faults.push(invalid("counterpart", "请选择与哪一项比较"));
    } else if form.counterpart == group.code {
        faults.push(invalid("counterpart", "请选择另一类别，或核心工程师年度奖补"));
    }
    let relation = CatalogueWord::from_code(form.relation);
    if relation.is_none() {
        faults.push(invalid("relation", "请选择关系"));
    }
    let basis = text_or_fault(&mut faults, ("basis", "依据"), form.basis, MAX_BASIS);
    let document_no =
        text_or_fault(&mut faults, ("document_no", "文号"), form.document_no, MAX_DOCUMENT);
    let pair = ordered(form.counterpart, &group.code);
    if faults.is_empty() && store::is_waiting(&tx, award_year.into(), pair).await? {
        faults.push(invalid("group", "该年度同一关系已有待确认的条目，请先确认或退回"));
    }
    let (Some(relation), true) = (relation, faults.is_empty()) else {
        return Err(Error::Invalid(faults));
    };
    let named = known.iter().chain([&group]).find(|group| group.code == pair.1);
    let new = NewEntry {
        award_year: award_year.into(),
        pair,
        group_name: named.map_or("", |group| &group.name),
        relation,
        basis: &basis,
        document_no: &document_no,
        proposed_by: actor.holder_id,
        proposed_at: app.clock.now(),
    };
    let no = store::propose(&tx, &new).await?;
    let detail = json!({
        "year": award_year, "group": pair.1, "with": pair.0, "relation": relation.code(),
        "basis": basis, "document_no": document_no,
    });
    log(app, &tx, actor, "catalogue.proposed", ("catalogue", &no), &detail).await?;
    tx.commit().await?;
    Ok(no)
}

/// Accepts an entry that another person proposed, or sends it back. An accepted one takes the place
/// of the one before; what was computed keeps its basis until the year is computed again.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::DraftPolicies`]; [`Error::NotFound`]; [`Error::Refused`]
/// for whoever proposed it; [`Error::Stale`] when it was decided before; [`Error::Invalid`]
/// (`note`) when it is sent back without a reason.
pub async fn decide(
    app: &App,
    actor: &Actor,
    no: &str,
    (accept, note): (bool, &str),
) -> Result<(), Error> {
    actor.must(Act::DraftPolicies)?;
    let tx = app.db.begin().await?;
    // From here on nobody starts a run: none of the same instant can miss what is decided now.
    hold_policies(&tx).await?;
    let row = store::lock(&tx, no).await?.ok_or(Error::NotFound("这条目录"))?;
    let proposal = (row.decided_at.is_some(), row.proposed_by);
    let note = judged(actor, proposal, (accept, note), ("这条目录", "目录"))?;
    store::decide(&tx, row.id, (accept, &note), (actor.holder_id, app.clock.now())).await?;
    let verb = if accept { "catalogue.accepted" } else { "catalogue.sent_back" };
    let detail = json!({
        "year": row.award_year, "group": row.group_code, "with": row.counterpart,
        "relation": row.relation, "note": note,
    });
    log(app, &tx, actor, verb, ("catalogue", no), &detail).await?;
    tx.commit().await?;
    Ok(())
}

/// The policy text in force with what the catalogue of a year says now, with a file name: what
/// `juncai evaluate` needs to give the results of a run of that year.
///
/// # Errors
/// As [`catalogue`]; [`Error::NotFound`] for a year without a policy.
pub async fn applied_text(app: &App, actor: &Actor, year: &str) -> Result<(String, String), Error> {
    must_see(actor)?;
    let read = app.db.read();
    let (document, policy) = current_policy(read).await?;
    let year = year.trim().parse().ok().filter(|year| years_of(&policy).contains(year));
    let year: i32 = year.ok_or(Error::NotFound("该年度的政策文本"))?;
    let relations = relations(read, year, app.clock.now()).await?;
    Ok((format!("{}-{year}.toml", policy.id()), over(&document.content, &relations)?))
}

/// How each of these groups stands to the stipend of a year by what is known now, with the
/// document of the entry that says so; empty where the policy text decides.
///
/// # Errors
/// When the database fails.
pub(super) async fn words_of_year(
    app: &App,
    year: i32,
    awards: &[&str],
) -> Result<Vec<(Stacking, String)>, Error> {
    if awards.is_empty() {
        return Ok(Vec::new());
    }
    let read = app.db.read();
    let relations = relations(read, year, app.clock.now()).await?;
    let policy = match in_force(read).await? {
        Some((text, _)) => Some(parse_policy(&over(&text, &relations)?)?),
        None => None,
    };
    let version = policy.as_ref().and_then(|policy| of_year(policy, year));
    let word = |group: &&str| {
        let group = Text::from(*group);
        let stacking = version.and_then(|version| version.stacking_of(&group));
        let said = relations.iter().find(|relation| relation.group == group);
        let basis = said.map_or_else(String::new, |relation| relation.basis.to_string());
        (stacking.unwrap_or(Stacking::Stack), basis)
    };
    Ok(awards.iter().map(word).collect())
}
