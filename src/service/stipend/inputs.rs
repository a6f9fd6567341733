//! The facts behind a version, with the document each came from.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};

use crate::app::App;
use crate::domain::period::Period;
use crate::domain::registry::{
    Code, Employment, EvidenceMonth, Exclusion, OtherAward, Recognition, RosterEntry, RosterStatus,
    Stated, Suspension,
};
use crate::service::Error;
use crate::store::fact::{Versions, facts_of};
use crate::store::source;
use crate::store::stipend::facts;
use crate::store::stipend::result::Entitlement;

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
                period: period(&stated.period),
                source_id: stated.source_id,
                recorded_at: stated.recorded_at,
            });
        }
    }
}

/// A period in words, both days inclusive.
fn period(period: &Period) -> String {
    match period.through {
        Some(last) => format!("{} 至 {last}", period.from),
        None => format!("{} 至今", period.from),
    }
}

/// The facts about a person and the enterprises that touch the year, as known when the version was
/// computed.
pub(super) async fn inputs(
    app: &App,
    enterprises: &[i64],
    names: &HashMap<i64, String>,
    version: &Entitlement,
    year: i32,
) -> Result<Vec<Input>, Error> {
    let bounds = NaiveDate::from_ymd_opt(year, 1, 1).zip(NaiveDate::from_ymd_opt(year, 12, 31));
    let (first, last) = bounds.ok_or_else(|| Error::Internal(format!("no year {year}")))?;
    let year_period = Period { from: first, through: Some(last) };
    let mut all = Collected { year: year_period, rows: Vec::new() };
    let read = app.db.read();
    let (person, known) = (version.person_id, Versions::KnownAt(version.facts_known_at));
    let name = |id: i64| names.get(&id).cloned().unwrap_or_default();
    all.add("任职", &facts_of::<Employment>(read, person, known).await?, |fact| {
        let time = if fact.full_time { "全职" } else { "非全职" };
        format!("{}（{time}）", name(fact.enterprise_id))
    });
    all.add("名册", &facts_of::<RosterEntry>(read, person, known).await?, |fact| {
        match fact.status {
            RosterStatus::Confirmed => name(fact.enterprise_id),
            RosterStatus::Declared => format!("{}（待确认，不计）", name(fact.enterprise_id)),
        }
    });
    all.add("人才认定", &facts_of::<Recognition>(read, person, known).await?, |fact| {
        format!("{} {}", fact.class.label(), fact.certificate_no)
    });
    let known_at = version.facts_known_at;
    for record in facts::enterprises(app.db.read(), known_at, Some(enterprises)).await? {
        let name = name(record.id);
        all.add("骨干企业清单", &record.listings, |fact| {
            format!("{name}，{}", fact.list_batch)
        });
        if let Some(division) = record.division_in(last) {
            let of_year: Vec<_> =
                record.divisions.iter().filter(|d| d.fact == *division).cloned().collect();
            all.add("企业所在地", &of_year, |fact| {
                format!("{name}，{}", division_name(&fact.division))
            });
        }
    }
    evidence(&mut all, &facts_of(read, person, known).await?, year);
    all.add("暂停", &facts_of::<Suspension>(read, person, known).await?, |_| {
        "暂停期间不计".to_owned()
    });
    all.add("排除", &facts_of::<Exclusion>(read, person, known).await?, |fact| {
        fact.ground.clone()
    });
    let mut awards = facts_of::<OtherAward>(read, person, known).await?;
    awards.retain(|stated| stated.fact.award_year == i64::from(year));
    all.add("其他奖补", &awards, |fact| {
        format!("{} {} 元（{}）", fact.programme, fact.amount_fen.grouped(), fact.granted_by)
    });
    with_sources(app, all.rows).await
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
