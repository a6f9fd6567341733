//! All money of one person from all streams, by year: the stipend, and beside it what other
//! programmes gave, how each stands to the stipend and what was offset.

use std::collections::BTreeMap;

use super::EngineerRecord;
use super::engineer::{AsOf, engineer, own_record};
use super::grants::{GrantLine, grants_of};
use super::years::YearLine;
use crate::app::App;
use crate::domain::authority::{Act, Scope};
use crate::domain::catalogue::is_award;
use crate::domain::determine::{Step, Trace};
use crate::domain::edition::Stacking;
use crate::domain::money::Fen;
use crate::domain::registry::{OtherAward, Stated};
use crate::service::catalogue::{self, Group};
use crate::service::stipend::CORE_ENGINEER;
use crate::service::{Actor, Error};
use crate::store::directory as store;
use crate::store::fact::Versions;
use crate::store::stipend::explain as results;
use crate::store::stipend::result::Year;

/// An award of another programme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwardLine {
    /// The programme.
    pub programme: String,
    /// What its group is called.
    pub group: String,
    /// How the group stands to the stipend of the year, by what is known now.
    pub stacking: Stacking,
    /// The entry of the conflict catalogue that says so; empty where the policy text does.
    pub basis: String,
    /// Amount.
    pub amount: Fen,
    /// Who granted it.
    pub granted_by: String,
    /// Number of the document; may be empty.
    pub document_no: String,
}

/// A year of money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoneyYear {
    /// Award year.
    pub year: i32,
    /// The stipend, if the year was computed.
    pub stipend: Option<YearLine>,
    /// How the standing result came to its offset, and on what basis; `None` where no result looked
    /// at an award, or the reader sees only a part of the year.
    pub offset: Option<(String, String)>,
    /// Other awards, in the order of their recording.
    pub awards: Vec<AwardLine>,
    /// What the awards come to.
    pub awarded: Fen,
    /// What files of other streams granted, in the order of their granting.
    pub grants: Vec<GrantLine>,
    /// What that comes to.
    pub granted: Fen,
    /// The stipend that is due, the awards and the grants together.
    pub total: Fen,
}

/// All money of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonMoney {
    /// Official number.
    pub no: String,
    /// Name.
    pub name: String,
    /// Whether the reader sees other awards: an enterprise does not.
    pub sees_awards: bool,
    /// The last year first.
    pub years: Vec<MoneyYear>,
}

/// All money of the person with this number, as far as the actor sees it; the look is noted.
///
/// # Errors
/// As [`engineer`].
pub async fn person_money(app: &App, actor: &Actor, no: &str) -> Result<PersonMoney, Error> {
    let record = engineer(app, actor, no, AsOf::default()).await?;
    money(app, (&actor.scope, actor.role.may(Act::ReadCases)), record).await
}

/// The same for the person.
///
/// # Errors
/// When the database fails.
pub(in crate::service) async fn own_money(
    app: &App,
    person_id: i64,
    no: &str,
) -> Result<PersonMoney, Error> {
    let record = own_record(app, person_id, no).await?;
    money(app, (&Scope::Person(person_id), false), record).await
}

/// `opens_files`: whether the reader's role opens files at all.
async fn money(
    app: &App,
    (scope, opens_files): (&Scope, bool),
    record: EngineerRecord,
) -> Result<PersonMoney, Error> {
    let read = app.db.read();
    let person = store::Person { id: record.person_id, no: record.no.clone() };
    let file = store::file_as_one(read, scope, person, Versions::Live, None).await?;
    let mut awards: BTreeMap<i32, Vec<Stated<OtherAward>>> = BTreeMap::new();
    for stated in file.map(|file| file.awards).unwrap_or_default() {
        let year = i32::try_from(stated.fact.award_year);
        awards.entry(year.map_err(|_| beyond())?).or_default().push(stated);
    }
    let groups = catalogue::groups(read).await?;
    let sees_awards = store::own_enterprise(scope).is_none();
    let mut years: BTreeMap<i32, Option<YearLine>> = awards.keys().map(|y| (*y, None)).collect();
    let mut granted: BTreeMap<i32, Vec<GrantLine>> = BTreeMap::new();
    for line in grants_of(app, (scope, opens_files), record.person_id).await? {
        years.entry(line.year).or_default();
        granted.entry(line.year).or_default().push(line);
    }
    years.extend(record.years.into_iter().map(|line| (line.year, Some(line))));
    let mut told = Vec::with_capacity(years.len());
    for (year, stipend) in years.into_iter().rev() {
        let of_year = awards.remove(&year).unwrap_or_default();
        let mut grants = granted.remove(&year).unwrap_or_default();
        let files = of_year.iter().map(|stated| stated.fact.exclusive_group.as_str());
        let streams = grants.iter().map(|grant| grant.programme.as_str());
        let named: Vec<&str> = files.chain(streams).collect();
        let mut words = catalogue::words_of_year(app, year, &named).await?;
        let of_grants = words.split_off(of_year.len());
        for (grant, word) in grants.iter_mut().zip(of_grants) {
            // What an enterprise has back, or a visitor, is no award.
            grant.relation = (sees_awards && is_award(&grant.programme)).then_some(word);
        }
        let line =
            |(stated, (stacking, basis)): (Stated<OtherAward>, (Stacking, String))| AwardLine {
                group: name_of(&groups, &stated.fact.exclusive_group),
                programme: stated.fact.programme,
                stacking,
                basis,
                amount: stated.fact.amount_fen,
                granted_by: stated.fact.granted_by,
                document_no: stated.fact.document_no,
            };
        let awards: Vec<AwardLine> = of_year.into_iter().zip(words).map(line).collect();
        let awarded =
            Fen::checked_sum(awards.iter().map(|award| award.amount)).ok_or_else(beyond)?;
        let granted =
            Fen::checked_sum(grants.iter().map(|grant| grant.amount)).ok_or_else(beyond)?;
        let due = stipend.as_ref().map_or(Fen::ZERO, |line| line.net);
        // Who sees a part of the year is not told how the whole came about.
        let sees_whole = stipend.as_ref().is_some_and(|line| line.months.is_some());
        let sees_whole = sees_whole && sees_awards;
        let offset =
            if sees_whole { offset(app, record.person_id, year, &groups).await? } else { None };
        let total = Fen::checked_sum([due, awarded, granted]).ok_or_else(beyond)?;
        told.push(MoneyYear { year, stipend, offset, awards, awarded, grants, granted, total });
    }
    Ok(PersonMoney { no: record.no, name: record.head.name, sees_awards, years: told })
}

pub(super) fn beyond() -> Error {
    Error::Internal("money beyond any amount".to_owned())
}

fn name_of(groups: &[Group], code: &str) -> String {
    let known = groups.iter().find(|group| group.code == code);
    known.map_or(code, |group| &group.name).to_owned()
}

/// The step of the standing result about other awards, in words, and its basis.
async fn offset(
    app: &App,
    person: i64,
    year: i32,
    groups: &[Group],
) -> Result<Option<(String, String)>, Error> {
    let of = Year { programme: CORE_ENGINEER, award_year: year };
    let versions = results::versions(app.db.read(), of, person).await?;
    let Some(standing) = versions.iter().find(|version| version.superseded_at.is_none()) else {
        return Ok(None);
    };
    let trace: Trace = serde_json::from_str(&standing.trace)
        .map_err(|_| Error::Internal(format!("entitlement {} does not read back", standing.id)))?;
    let found = trace
        .steps
        .iter()
        .find(|step| matches!(step, Step::Offset { inputs, .. } if !inputs.awards.is_empty()));
    let named = |text: String, around: [&str; 2]| {
        let [before, after] = around;
        groups.iter().fold(text, |text, Group { code, name }| {
            text.replace(&format!("{before}{code}{after}"), &format!("{before}{name}{after}"))
        })
    };
    Ok(found
        .map(|step| (named(step.describe(), ["；", " "]), named(step.describe_basis(), ["", ""]))))
}
