//! Programmes as pages show them: places, nominations, what was selected, and the list behind each
//! figure.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Datelike, Utc};

use super::results::COLUMNS;
use super::ruling::{RulingLine, rulings, waiting};
use super::{may_keep, may_nominate, must_keep};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::money::Fen;
use crate::domain::registry::{Code, OtherAward, Stated};
use crate::domain::talent_programme::{
    NominationResult, Nominee, Outcome, ProgrammePlaces, selected_permille,
};
use crate::file::workbook::{CellOut, ColumnKind};
use crate::service::catalogue::{self, Group};
use crate::service::seen::{self, SeenKind};
use crate::service::{Actor, Error, log, sheet};
use crate::store::fact::{Versions, facts_among};
use crate::store::source;
use crate::store::stipend::explain::{enterprise_names, person_names};
use crate::store::talent_programme::{self as store, Count, Member, Nomination, Programme, Wanted};

/// Nominations a page.
pub const ROWS_A_PAGE: u64 = 50;
/// Nominations of one workbook.
const MOST_ROWS: u64 = 2_000;

/// The places of a programme in a year for persons or for teams, with what became of them within
/// the reader's scope.
#[derive(Debug, Clone)]
pub struct PlacesLine {
    /// Year.
    pub year: i64,
    /// Persons or teams.
    pub nominee: Nominee,
    /// Separate places; `None` where none were set.
    pub places: Option<i64>,
    /// Whether candidates are judged in a group of their own.
    pub ai_group: bool,
    /// Target share, in thousandths.
    pub target_permille: Option<i64>,
    /// Nominations.
    pub nominated: i64,
    /// Of them selected.
    pub selected: i64,
    /// The share that was selected, in thousandths; `None` without nominations.
    pub actual_permille: Option<i64>,
}

/// A programme with its years, the last first.
#[derive(Debug, Clone)]
pub struct ProgrammeLine {
    /// Official number.
    pub no: String,
    /// Name.
    pub name: String,
    /// Who runs it.
    pub owner: String,
    /// Group of its money.
    pub group: String,
    /// Nominations whose results wait for a second person; none for those who do not keep programmes.
    pub waiting: usize,
    /// The places.
    pub places: Vec<PlacesLine>,
}

/// All programmes.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadRegistry`].
pub async fn overview(app: &App, actor: &Actor) -> Result<(Vec<ProgrammeLine>, Vec<Group>), Error> {
    actor.must(Act::ReadRegistry)?;
    let read = app.db.read();
    let programmes = store::all(read).await?;
    let groups = catalogue::filed_groups(read).await?;
    let lines = lines(app, actor, &programmes, &groups).await?;
    Ok((lines, groups))
}

async fn lines(
    app: &App,
    actor: &Actor,
    programmes: &[Programme],
    groups: &[Group],
) -> Result<Vec<ProgrammeLine>, Error> {
    let read = app.db.read();
    let ids: Vec<i64> = programmes.iter().map(|programme| programme.id).collect();
    let places = facts_among::<ProgrammePlaces>(read, &ids, Versions::Live).await?;
    let nominated = store::counts(read, &actor.scope, None).await?;
    let selected = store::counts(read, &actor.scope, Some(Outcome::Selected)).await?;
    let mut waits: HashMap<i64, usize> = HashMap::new();
    for programme in programmes.iter().filter(|_| may_keep(actor)) {
        waits.insert(programme.id, waiting(app, programme.id).await?.len());
    }
    let line = |programme: &Programme| {
        let group = groups.iter().find(|group| group.code == programme.group_code);
        let held = places.get(&programme.id).map_or(&[][..], Vec::as_slice);
        ProgrammeLine {
            no: programme.programme_no.clone(),
            name: programme.name.clone(),
            owner: programme.owner.clone(),
            group: group.map_or(&programme.group_code, |group| &group.name).clone(),
            waiting: waits.get(&programme.id).copied().unwrap_or(0),
            places: figures(programme.id, held, (&nominated, &selected)),
        }
    };
    Ok(programmes.iter().map(line).collect())
}

fn figures(
    programme: i64,
    held: &[Stated<ProgrammePlaces>],
    (nominated, selected): (&[Count], &[Count]),
) -> Vec<PlacesLine> {
    let count = |counts: &[Count], year: i64, nominee: Nominee| {
        let same = |count: &&Count| {
            count.programme_id == programme
                && count.award_year == year
                && count.nominee == nominee.code()
        };
        counts.iter().find(same).map_or(0, |count| count.number)
    };
    let named = held.iter().map(|stated| (stated.fact.award_year, stated.fact.nominee));
    let filed = nominated.iter().filter(|count| count.programme_id == programme);
    let filed =
        filed.filter_map(|count| Some((count.award_year, Nominee::from_code(&count.nominee)?)));
    let keys: BTreeSet<(i64, Nominee)> = named.chain(filed).collect();
    let mut lines: Vec<PlacesLine> = keys
        .into_iter()
        .map(|(year, nominee)| {
            let fact = held.iter().map(|stated| &stated.fact);
            let fact = fact.clone().find(|f| f.award_year == year && f.nominee == nominee);
            let (all, chosen) = (count(nominated, year, nominee), count(selected, year, nominee));
            PlacesLine {
                year,
                nominee,
                places: fact.map(|fact| fact.places),
                ai_group: fact.is_some_and(|fact| fact.ai_group),
                target_permille: fact.and_then(|fact| fact.target_permille),
                nominated: all,
                selected: chosen,
                actual_permille: selected_permille(chosen, all),
            }
        })
        .collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.year));
    lines
}

/// Which nominations.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Year; this year's when it is none.
    pub year: String,
    /// Code of the nominee; all when it is none.
    pub nominee: String,
    /// Code of the outcome, or `open`; all when it is none.
    pub outcome: String,
}

/// Somebody nominated.
#[derive(Debug, Clone)]
pub struct MemberLine {
    /// Official number.
    pub no: String,
    /// Name.
    pub name: String,
    /// Whether the person leads.
    pub is_leader: bool,
    /// Money that came with the selection.
    pub money: Option<Fen>,
}

/// A nomination.
#[derive(Debug, Clone)]
pub struct NominationLine {
    /// Official number.
    pub no: String,
    /// Persons or a team.
    pub nominee: Nominee,
    /// Name of the team, or the field.
    pub title: String,
    /// Who nominates.
    pub enterprise: String,
    /// The persons, the leader first.
    pub members: Vec<MemberLine>,
    /// When it was filed.
    pub at: DateTime<Utc>,
    /// What came of it, and by which document.
    pub result: Option<(Outcome, String)>,
    /// Earlier results that were corrected, in words.
    pub former: Vec<String>,
}

/// A page of a programme.
#[derive(Debug, Clone)]
pub struct Detail {
    /// The programme with its years.
    pub line: ProgrammeLine,
    /// Year of the list.
    pub year: i64,
    /// Every figure that the places ever had: year, nominee, figure in words, document, since,
    /// until.
    pub history: Vec<PlacesVersion>,
    /// A page of nominations.
    pub nominations: Vec<NominationLine>,
    /// How many there are.
    pub total: u64,
    /// The last results that were put down, for those who keep programmes.
    pub rulings: Vec<RulingLine>,
}

/// A figure that places had.
#[derive(Debug, Clone)]
pub struct PlacesVersion {
    /// What it said.
    pub fact: ProgrammePlaces,
    /// Document.
    pub document: String,
    /// From when it was on record.
    pub recorded_at: DateTime<Utc>,
    /// Until when.
    pub superseded_at: Option<DateTime<Utc>>,
}

/// A programme, its years, and a page of the nominations that the reader sees.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`].
pub async fn detail(
    app: &App,
    actor: &Actor,
    no: &str,
    filter: &Filter,
    page: (u64, u64),
) -> Result<Detail, Error> {
    actor.must(Act::ReadRegistry)?;
    let read = app.db.read();
    let programme = store::by_no(read, no).await?.ok_or(Error::NotFound("这个项目"))?;
    let groups = catalogue::groups(read).await?;
    let one = std::slice::from_ref(&programme);
    let line = lines(app, actor, one, &groups).await?.pop();
    let year = filter.year.trim().parse();
    let year = year.unwrap_or_else(|_| i64::from(app.clock.today().year()));
    let wanted = Wanted {
        programme_id: programme.id,
        award_year: year,
        nominee: Nominee::from_code(&filter.nominee),
        outcome: match filter.outcome.as_str() {
            "open" => Some(None),
            code => Outcome::from_code(code).map(Some),
        },
        scope: &actor.scope,
    };
    let (found, total) = store::nominations(read, wanted, page).await?;
    Ok(Detail {
        line: line.ok_or(Error::NotFound("这个项目"))?,
        year,
        history: history(app, programme.id).await?,
        nominations: told(app, &programme, found).await?,
        total,
        rulings: rulings(app, actor, programme.id).await?,
    })
}

/// One nomination with its programme, and what the reader may do with it.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`] outside the reader's scope.
pub async fn nomination(app: &App, actor: &Actor, no: &str) -> Result<OneNomination, Error> {
    actor.must(Act::ReadRegistry)?;
    let read = app.db.read();
    let row = store::nomination(read, &actor.scope, no).await?;
    let row = row.ok_or(Error::NotFound("这件申报"))?;
    let (year, is_withdrawn) = (row.award_year, row.withdrawn_at.is_some());
    let row_programme = row.programme_id;
    let programmes = store::all(read).await?;
    let programme = programmes.into_iter().find(|programme| programme.id == row.programme_id);
    let programme = programme.ok_or(Error::NotFound("这个项目"))?;
    let line = told(app, &programme, vec![row]).await?.pop();
    let line = line.ok_or(Error::NotFound("这件申报"))?;
    let can_withdraw = line.result.is_none() && !is_withdrawn && may_nominate(actor);
    let waits = match may_keep(actor) {
        true => waiting(app, row_programme).await?.remove(&line.no),
        false => None,
    };
    Ok(OneNomination {
        programme: (programme.programme_no, programme.name),
        year,
        is_withdrawn,
        can_withdraw,
        can_judge: may_keep(actor) && !is_withdrawn,
        waits,
        line,
    })
}

/// A nomination on a page of its own.
#[derive(Debug, Clone)]
pub struct OneNomination {
    /// Number and name of the programme.
    pub programme: (String, String),
    /// Year.
    pub year: i64,
    /// What is known of it.
    pub line: NominationLine,
    /// Whether it was taken back.
    pub is_withdrawn: bool,
    /// Whether the reader may take it back.
    pub can_withdraw: bool,
    /// Whether the reader may record its result.
    pub can_judge: bool,
    /// The number under which its result waits for a second person, for those who keep programmes.
    pub waits: Option<String>,
}

async fn history(app: &App, programme: i64) -> Result<Vec<PlacesVersion>, Error> {
    let read = app.db.read();
    let mut all = facts_among::<ProgrammePlaces>(read, &[programme], Versions::All).await?;
    let mut all = all.remove(&programme).unwrap_or_default();
    all.sort_by_key(|stated| std::cmp::Reverse((stated.fact.award_year, stated.id)));
    let sources: Vec<i64> = all.iter().map(|stated| stated.source_id).collect();
    let documents: HashMap<i64, String> = source::by_ids(read, &sources)
        .await?
        .into_iter()
        .map(|document| (document.id, document.document_no))
        .collect();
    let version = |stated: Stated<ProgrammePlaces>| PlacesVersion {
        document: documents.get(&stated.source_id).cloned().unwrap_or_default(),
        recorded_at: stated.recorded_at,
        superseded_at: stated.superseded_at,
        fact: stated.fact,
    };
    Ok(all.into_iter().map(version).collect())
}

async fn told(
    app: &App,
    programme: &Programme,
    rows: Vec<Nomination>,
) -> Result<Vec<NominationLine>, Error> {
    let read = app.db.read();
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let mut members = store::members(read, &ids).await?;
    let mut results = facts_among::<NominationResult>(read, &ids, Versions::All).await?;
    let people: Vec<i64> = members.values().flatten().map(|member| member.person_id).collect();
    let names = person_names(read, &people).await?;
    let awards = facts_among::<OtherAward>(read, &people, Versions::Live).await?;
    let places: Vec<i64> = rows.iter().map(|row| row.enterprise_id).collect();
    let enterprises = enterprise_names(read, &places).await?;
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        let results = results.remove(&row.id).unwrap_or_default();
        let (live, former): (Vec<_>, Vec<_>) =
            results.into_iter().partition(|stated| stated.is_live());
        let result = live.into_iter().next().map(|stated| stated.fact);
        let money = |member: &Member| {
            let result = result.as_ref()?;
            let same = |stated: &&Stated<OtherAward>| {
                stated.fact.programme == programme.name
                    && stated.fact.award_year == row.award_year
                    && stated.fact.document_no == result.document_no
            };
            let held = awards.get(&member.person_id)?;
            held.iter().find(same).map(|stated| stated.fact.amount_fen)
        };
        let member = |member: Member| MemberLine {
            money: money(&member),
            name: names.get(&member.person_id).cloned().unwrap_or_default(),
            no: member.person_no,
            is_leader: member.is_leader,
        };
        let nominee = Nominee::from_code(&row.nominee)
            .ok_or_else(|| Error::Internal(format!("nominee of {}", row.nomination_no)))?;
        lines.push(NominationLine {
            nominee,
            enterprise: enterprises.get(&row.enterprise_id).cloned().unwrap_or_default(),
            members: members.remove(&row.id).unwrap_or_default().into_iter().map(member).collect(),
            at: row.nominated_at,
            former: former.into_iter().map(|stated| in_words(&stated.fact)).collect(),
            result: result.clone().map(|fact| (fact.outcome, fact.document_no)),
            no: row.nomination_no,
            title: row.title,
        });
    }
    Ok(lines)
}

fn in_words(fact: &NominationResult) -> String {
    format!("{}（{}）", fact.outcome.label(), fact.document_no)
}

const SHEET: &[sheet::Column] = &[
    (COLUMNS[0], ColumnKind::Text, 16.0),
    (COLUMNS[1], ColumnKind::Text, 14.0),
    ("姓名", ColumnKind::Text, 14.0),
    ("企业", ColumnKind::Text, 30.0),
    ("团队或方向", ColumnKind::Text, 24.0),
    (COLUMNS[2], ColumnKind::Text, 10.0),
    (COLUMNS[3], ColumnKind::Text, 16.0),
    (COLUMNS[4], ColumnKind::Text, 24.0),
];

/// The nominations of a year as a workbook, with its name: for reading, and with the columns that
/// the import of results takes, one row a person.
///
/// # Errors
/// As [`detail`]; [`Error::Refused`] above 2,000 nominations.
pub async fn sheet(
    app: &App,
    actor: &Actor,
    no: &str,
    filter: &Filter,
) -> Result<(String, Vec<u8>), Error> {
    must_keep(actor)?;
    let found = detail(app, actor, no, filter, (0, MOST_ROWS)).await?;
    if found.total > MOST_ROWS {
        return Err(Error::Refused(format!("共 {} 件，请缩小范围后再导出", found.total)));
    }
    let members = found.nominations.iter().flat_map(|line| &line.members);
    let persons: Vec<&str> = members.map(|member| member.no.as_str()).collect();
    let mut rows: BTreeMap<(String, usize), Vec<CellOut>> = BTreeMap::new();
    for line in &found.nominations {
        for (place, member) in line.members.iter().enumerate() {
            let (outcome, document) = line
                .result
                .as_ref()
                .map_or(("", ""), |(outcome, document)| (outcome.label(), document.as_str()));
            let money = member.money.map_or_else(String::new, |amount| amount.to_string());
            let texts = [
                line.no.as_str(),
                &member.no,
                &member.name,
                &line.enterprise,
                &line.title,
                outcome,
                &money,
                document,
            ];
            let cells = texts.map(|text| CellOut::Text(text.to_owned())).to_vec();
            rows.insert((line.no.clone(), place), cells);
        }
    }
    let title = format!("{} {} 年度申报和结果", found.line.name, found.year);
    let count = rows.len();
    let bytes = sheet::workbook(app, actor, &title, SHEET, rows.into_values())?;
    let tx = app.db.begin().await?;
    let detail = serde_json::json!({ "year": found.year, "rows": count });
    seen::note_many(app, &tx, actor, (SeenKind::Exported, &persons)).await?;
    log(app, &tx, actor, "programme.exported", ("programme", no), &detail).await?;
    tx.commit().await?;
    Ok((format!("{title}.xlsx"), bytes))
}
