//! The facts behind a version, with the document each came from.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};

use crate::app::App;
use crate::domain::authority::Scope;
use crate::domain::dossier::EnterpriseRecord;
use crate::domain::money::Fen;
use crate::domain::period::Period;
use crate::domain::registry::{Code, EvidenceMonth, RosterStatus, Stated};
use crate::service::{Error, budget};
use crate::store::benefit::{self, OfYear};
use crate::store::directory::{self, PersonFile};
use crate::store::fact::Versions;
use crate::store::merge;
use crate::store::source;
use crate::store::stipend::facts;
use crate::store::stipend::result::Entitlement;

use super::replay::year_of;
use super::words::division_name;

/// A fact that went in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Kind of fact.
    pub subject: &'static str,
    /// What it says.
    pub content: String,
    /// When it held.
    pub period: String,
    /// Document it came from.
    pub source: String,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

struct Raw {
    subject: &'static str,
    content: String,
    period: String,
    source_id: i64,
    recorded_at: DateTime<Utc>,
}

struct Collected {
    year: Period,
    rows: Vec<Raw>,
}

impl Collected {
    /// Adds the facts that touch the year.
    fn add<T>(
        &mut self,
        subject: &'static str,
        facts: &[Stated<T>],
        content: impl Fn(&T) -> String,
    ) {
        for stated in facts.iter().filter(|stated| stated.period.overlaps(&self.year)) {
            self.rows.push(Raw {
                subject,
                content: content(&stated.fact),
                period: stated.period.words(),
                source_id: stated.source_id,
                recorded_at: stated.recorded_at,
            });
        }
    }
}

/// The facts about a person and the enterprises that touch the year of a version, as known when it
/// was computed and as far as the reader may see them.
pub(super) async fn inputs(
    app: &App,
    scope: &Scope,
    person_no: &str,
    names: &HashMap<i64, String>,
    version: &Entitlement,
) -> Result<Vec<Input>, Error> {
    let (read, known_at) = (app.db.read(), version.facts_known_at);
    let year = year_of(version)?;
    let of_year = Period::year(year).ok_or_else(|| Error::Internal(format!("no year {year}")))?;
    let person = directory::Person { id: version.person_id, no: person_no.to_owned() };
    let known = Versions::KnownAt(known_at);
    let file = directory::file_as_one(read, scope, person, known, Some(known_at)).await?;
    let mut file = file.ok_or(Error::NotFound("这位工程师"))?;
    file.awards.retain(|stated| stated.fact.award_year == version.award_year);
    let employers: Vec<i64> = (file.employments.iter().map(|job| job.fact.enterprise_id))
        .chain(file.roster.iter().map(|entry| entry.fact.enterprise_id))
        .collect();
    let mut all = Collected { year: of_year, rows: Vec::new() };
    work(&mut all, &file, names);
    let records = facts::enterprises(read, known_at, Some(&employers)).await?;
    enterprises(&mut all, &records, names);
    evidence(&mut all, &file.evidence, year);
    all.add("暂停", &file.suspensions, |_| "暂停期间不计".to_owned());
    all.add("排除", &file.exclusions, |fact| fact.ground.clone());
    all.add("其他奖补", &file.awards, |fact| {
        format!("{} {} 元（{}）", fact.programme, fact.amount_fen.grouped(), fact.granted_by)
    });
    let mut told = with_sources(app, all.rows).await?;
    if directory::own_enterprise(scope).is_none() {
        told.extend(granted(app, version).await?);
    }
    Ok(told)
}

/// What files of other streams granted for the year and what stood when the version was computed.
async fn granted(app: &App, version: &Entitlement) -> Result<Vec<Input>, Error> {
    let (read, known_at) = (app.db.read(), version.facts_known_at);
    let numbers = merge::merges_about(read, &[version.person_id], Some(known_at)).await?;
    let numbers = numbers.group(version.person_id);
    let of = OfYear { award_year: version.award_year, known_at };
    let found = benefit::awards_of(read, &numbers, of).await?;
    let streams = budget::programmes(app).await?;
    let input = |award: benefit::GrantedAward| {
        let stream = streams.get(&award.programme).unwrap_or(&award.programme);
        Input {
            subject: "其他项目资金",
            content: format!("{stream} {} 元", Fen::new(award.net_fen).grouped()),
            period: format!("{} 年度", version.award_year),
            source: format!("办件 {}", award.subject_no),
            recorded_at: award.recorded_at,
        }
    };
    Ok(found.into_iter().map(input).collect())
}

fn work(all: &mut Collected, file: &PersonFile, names: &HashMap<i64, String>) {
    let name = |id: i64| names.get(&id).cloned().unwrap_or_default();
    all.add("任职", &file.employments, |fact| {
        let time = if fact.full_time { "全职" } else { "非全职" };
        format!("{}（{time}）", name(fact.enterprise_id))
    });
    all.add("名册", &file.roster, |fact| match fact.status {
        RosterStatus::Confirmed => name(fact.enterprise_id),
        RosterStatus::Declared => format!("{}（待确认，不计）", name(fact.enterprise_id)),
    });
    all.add("人才认定", &file.recognitions, |fact| {
        format!("{} {}", fact.class.label(), fact.certificate_no)
    });
}

fn enterprises(all: &mut Collected, records: &[EnterpriseRecord], names: &HashMap<i64, String>) {
    let last = all.year.through.unwrap_or(all.year.from);
    for record in records {
        let name = names.get(&record.id).cloned().unwrap_or_default();
        all.add("骨干企业清单", &record.listings, |fact| {
            format!("{name}，{}", fact.list_batch)
        });
        let Some(decides) = record.division_in(last) else { continue };
        let of_year: Vec<_> =
            record.divisions.iter().filter(|d| d.fact == *decides).cloned().collect();
        all.add("企业所在地", &of_year, |fact| {
            format!("{name}，{}", division_name(&fact.division))
        });
    }
}

/// Kind of evidence and document.
type Origin = (&'static str, i64);

/// Evidence months, one row for each kind and document.
fn evidence(all: &mut Collected, facts: &[Stated<EvidenceMonth>], year: i32) {
    let mut months: BTreeMap<Origin, (Vec<u32>, DateTime<Utc>)> = BTreeMap::new();
    let prefix = format!("{year:04}-");
    for stated in facts {
        let month = stated.fact.month.strip_prefix(&prefix).and_then(|m| m.parse::<u32>().ok());
        let Some(month) = month else { continue };
        let key = (stated.fact.evidence_kind.label(), stated.source_id);
        let entry = months.entry(key).or_insert_with(|| (Vec::new(), stated.recorded_at));
        entry.0.push(month);
        entry.1 = entry.1.max(stated.recorded_at);
    }
    for ((kind, source_id), (mut list, recorded_at)) in months {
        list.sort_unstable();
        list.dedup();
        let text = list.iter().map(u32::to_string).collect::<Vec<_>>().join("、");
        let (first, last) = (list.first().copied(), list.last().copied());
        all.rows.push(Raw {
            subject: kind,
            content: format!("{} 个月：{text} 月", list.len()),
            period: format!(
                "{prefix}{:02} 至 {prefix}{:02}",
                first.unwrap_or_default(),
                last.unwrap_or_default()
            ),
            source_id,
            recorded_at,
        });
    }
}

async fn with_sources(app: &App, rows: Vec<Raw>) -> Result<Vec<Input>, Error> {
    let mut ids: Vec<i64> = rows.iter().map(|row| row.source_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut titles = HashMap::new();
    for document in source::by_ids(app.db.read(), &ids).await? {
        let title = match document.document_no.as_str() {
            "" => document.title,
            no => format!("{} {no}", document.title),
        };
        titles.insert(document.id, title);
    }
    let input = |row: Raw| Input {
        subject: row.subject,
        content: row.content,
        period: row.period,
        source: titles.get(&row.source_id).cloned().unwrap_or_default(),
        recorded_at: row.recorded_at,
    };
    Ok(rows.into_iter().map(input).collect())
}
