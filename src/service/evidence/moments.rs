//! One person's way from the list document to the bank's serial number, moment by moment.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::facts::{EMPLOYMENT, FactRecord, LISTING, MONTHS, RECOGNITION, ROSTER, shown};
use super::load::Loaded;
use super::paid;
use crate::domain::lifecycle::CaseKind;
use crate::domain::money::Fen;
use crate::domain::period::Period;
use crate::domain::registry::Code;
use crate::domain::roster::span;
use crate::service::case::told_step;
use crate::store::evidence::{CaseRow, Entitlement};

/// A part of the way, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The document that put the employer on the list.
    Listing,
    /// Work for the employer.
    Employment,
    /// Entry on the roster, how it was certified.
    Roster,
    /// Proven months.
    Months,
    /// Recognition of talent.
    Recognition,
    /// What was determined.
    Result,
    /// Declaration and verifications of the year.
    Year,
    /// Public notice.
    Notice,
    /// What is to be paid.
    Line,
    /// The batch and its three people.
    Batch,
    /// The bank's answer.
    Bank,
    /// Facts that were replaced.
    Correction,
    /// Money that is to come back.
    Recovery,
}

impl Stage {
    /// Every part, in order.
    pub const ALL: [Self; 13] = [
        Self::Listing,
        Self::Employment,
        Self::Roster,
        Self::Months,
        Self::Recognition,
        Self::Result,
        Self::Year,
        Self::Notice,
        Self::Line,
        Self::Batch,
        Self::Bank,
        Self::Correction,
        Self::Recovery,
    ];

    /// What it is called.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Listing => "清单文件",
            Self::Employment => "任职",
            Self::Roster => "名册和确认",
            Self::Months => "社保个税月份",
            Self::Recognition => "自主认定",
            Self::Result => "核定结果",
            Self::Year => "年度申报和核验",
            Self::Notice => "公示",
            Self::Line => "待付资金",
            Self::Batch => "发放批次",
            Self::Bank => "银行回单",
            Self::Correction => "更正",
            Self::Recovery => "追回",
        }
    }
}

/// Where something can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// An enterprise, by code.
    Enterprise(String),
    /// A person.
    Person(String),
    /// A file.
    Case(String),
    /// A public notice.
    Notice(String),
    /// Why a year came to what it did.
    Year(String, i64),
    /// A batch.
    Batch(String),
    /// A recovery.
    Recovery(String),
    /// The budget lines.
    Budget,
}

/// Something that happened.
#[derive(Debug, Clone)]
pub struct Moment {
    /// Part of the way.
    pub stage: Stage,
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// What, in a few words.
    pub what: String,
    /// What it said.
    pub detail: String,
    /// Who did it.
    pub who: String,
    /// Where it came from: document, number, file.
    pub document: String,
    /// SHA-256 of that file or of what was fixed then; may be empty.
    pub hash: String,
    /// Where it can be read.
    pub place: Option<Place>,
}

/// Everything, by part and time.
pub(super) fn moments(loaded: &Loaded, year: Option<i64>) -> Vec<Moment> {
    let mut all = held(loaded, year);
    all.extend(filed(loaded));
    all.extend(announced(loaded));
    all.extend(loaded.results.versions.iter().map(|version| determined(loaded, version)));
    all.extend(paid::moments(loaded));
    all.extend(corrected(loaded, year));
    all.sort_by_key(|moment| (moment.stage, moment.at));
    all
}

/// Document, import number and hash of where a fact came from.
pub(super) fn source(loaded: &Loaded, id: i64) -> (String, String) {
    let Some(source) = loaded.sources.get(&id) else { return (String::new(), String::new()) };
    let title = shown(&source.title);
    let mut parts = vec![title];
    let import = loaded.import_of(source);
    match import {
        Some(import) => parts.push(format!("导入编号 {}", import.import_no)),
        None if source.document_no.is_empty() => {}
        None => parts.push(shown(&source.document_no)),
    }
    (parts.join("，"), import.map_or_else(String::new, |import| import.sha256.clone()))
}

fn stage_of(fact: &FactRecord) -> Option<Stage> {
    match fact.kind {
        LISTING => Some(Stage::Listing),
        EMPLOYMENT => Some(Stage::Employment),
        ROSTER => Some(Stage::Roster),
        RECOGNITION => Some(Stage::Recognition),
        _ => None,
    }
}

/// The facts of the year that are held now; proven months joined where they differ in nothing else.
fn held(loaded: &Loaded, year: Option<i64>) -> Vec<Moment> {
    let live = |fact: &&FactRecord| fact.superseded_at.is_none() && fact.touches(year);
    let mut all = Vec::new();
    let mut months: BTreeMap<(&str, &str, i64, DateTime<Utc>), Vec<&FactRecord>> = BTreeMap::new();
    for fact in loaded.facts.iter().filter(live) {
        if MONTHS.contains(&fact.kind) {
            let alike = (fact.kind, fact.content.as_str(), fact.source_id, fact.recorded_at);
            months.entry(alike).or_default().push(fact);
        } else if let Some(stage) = stage_of(fact) {
            all.push(stated(loaded, fact, stage, fact.kind.to_owned(), period(fact)));
        }
    }
    for alike in months.into_values() {
        let first = alike.iter().min_by_key(|fact| fact.from);
        let last = alike.iter().filter_map(|fact| fact.through).max();
        let Some(first) = first else { continue };
        let days = span(&Period { from: first.from, through: last });
        let what = format!("{} {} 个月", first.kind, alike.len());
        all.push(stated(loaded, first, Stage::Months, what, days));
    }
    all
}

fn period(fact: &FactRecord) -> String {
    span(&Period { from: fact.from, through: fact.through })
}

fn stated(loaded: &Loaded, fact: &FactRecord, stage: Stage, what: String, days: String) -> Moment {
    let (document, hash) = source(loaded, fact.source_id);
    let named = loaded.enterprises.values().find(|(uscc, _)| *uscc == fact.whose);
    let detail = match named {
        Some((_, name)) => format!("{name}，{}，有效 {days}", fact.content),
        None => format!("{}，有效 {days}", fact.content),
    };
    let whose = fact.whose.clone();
    Moment {
        stage,
        at: fact.recorded_at,
        what,
        detail,
        who: loaded.account(fact.recorded_by),
        document,
        hash,
        place: Some(if named.is_some() { Place::Enterprise(whose) } else { Place::Person(whose) }),
    }
}

/// Steps of files, each in the part that its kind belongs to.
fn filed(loaded: &Loaded) -> Vec<Moment> {
    let mut all = Vec::new();
    for step in &loaded.cases.steps {
        let Some(file) = loaded.cases.files.iter().find(|file| file.id == step.case_id) else {
            continue;
        };
        let (stage, place) = case_stage(file);
        let told = told_step(&file.kind, step, loaded.account_names());
        let handed = told.evidence.iter().map(|(name, text)| format!("{name}：{}", shown(text)));
        let remark = (!told.remark.is_empty()).then(|| shown(&told.remark));
        let said: Vec<String> = remark.into_iter().chain(handed).collect();
        let office = step.account_id.map(|id| loaded.account(id)).unwrap_or_default();
        all.push(Moment {
            stage,
            at: step.at,
            what: told.act,
            detail: format!("办件 {}，办后状态：{}", file.case_no, told.state),
            who: if office.is_empty() {
                told.who
            } else {
                format!("{office} · {}", role(&told.who))
            },
            document: said.join("；"),
            hash: String::new(),
            place: Some(place),
        });
    }
    all
}

/// The role at the end of "name · role".
fn role(who: &str) -> &str {
    who.rsplit(" · ").next().unwrap_or(who)
}

fn case_stage(file: &CaseRow) -> (Stage, Place) {
    let case = Place::Case(file.case_no.clone());
    match CaseKind::from_code(&file.kind) {
        Some(CaseKind::KeyEnterprise) => (Stage::Listing, case),
        Some(CaseKind::RosterEntry) => (Stage::Roster, case),
        Some(CaseKind::Recognition) => (Stage::Recognition, case),
        Some(CaseKind::Recovery) => (Stage::Recovery, Place::Recovery(file.case_no.clone())),
        Some(CaseKind::Objection) => (Stage::Notice, case),
        Some(
            CaseKind::Entitlement
            | CaseKind::AgreementTranche
            | CaseKind::OverseasVisit
            | CaseKind::ExpertFunding,
        )
        | None => (Stage::Year, case),
    }
}

fn announced(loaded: &Loaded) -> Vec<Moment> {
    let mut all = Vec::new();
    for notice in &loaded.cases.notices {
        let of = |id: i64| id == notice.id;
        let periods = loaded.cases.periods.iter().filter(|period| of(period.notice_id));
        let days: Vec<String> =
            periods.map(|p| format!("{} 至 {}", p.starts_on, p.ends_on)).collect();
        let entries = loaded.cases.entries.iter().filter(|entry| of(entry.notice_id));
        for entry in entries {
            let file = loaded.cases.files.iter().find(|file| file.id == entry.case_id);
            let case_no = file.map_or("", |file| file.case_no.as_str());
            all.push(Moment {
                stage: Stage::Notice,
                at: notice.published_at,
                what: "发布公示".to_owned(),
                detail: format!("公示 {}，{}，办件 {case_no}", notice.notice_no, days.join("；")),
                who: loaded.account(notice.published_by),
                document: format!("{}（依据 {}）", shown(&notice.title), shown(&notice.basis)),
                hash: String::new(),
                place: Some(Place::Notice(notice.notice_no.clone())),
            });
        }
    }
    all
}

fn determined(loaded: &Loaded, version: &Entitlement) -> Moment {
    let policy = loaded.results.policies.iter().find(|p| p.id == version.policy_document_id);
    let run = loaded.results.runs.iter().find(|run| Some(run.id) == version.run_id);
    let stands = if version.superseded_at.is_none() { "现行" } else { "已被取代" };
    Moment {
        stage: Stage::Result,
        at: version.recorded_at,
        what: format!("{} 年度第 {} 版（{stands}）", version.award_year, version.version_no),
        detail: format!(
            "计入 {} 个月，应计 {} 元，抵扣 {} 元，净额 {} 元",
            version.counted_months,
            Fen::new(version.gross_fen).grouped(),
            Fen::new(version.offset_fen).grouped(),
            Fen::new(version.net_fen).grouped()
        ),
        who: run.map_or_else(String::new, |run| {
            format!("{} · 核定 {}", loaded.account(run.started_by), run.run_no)
        }),
        document: policy.map_or_else(String::new, |policy| policy.title.clone()),
        hash: policy.map_or_else(String::new, |policy| policy.sha256.clone()),
        place: Some(Place::Year(
            loaded.person_no(version.person_id).to_owned(),
            version.award_year,
        )),
    }
}

/// Versions of facts that are no longer held, with what came in their place.
fn corrected(loaded: &Loaded, year: Option<i64>) -> Vec<Moment> {
    let ended = |fact: &&FactRecord| fact.superseded_at.is_some() && fact.touches(year);
    let mut withdrawn: BTreeMap<(&str, DateTime<Utc>), usize> = BTreeMap::new();
    let mut all = Vec::new();
    for old in loaded.facts.iter().filter(ended) {
        let Some(at) = old.superseded_at else { continue };
        let new = loaded.facts.iter().find(|f| f.kind == old.kind && f.replaces == Some(old.id));
        if MONTHS.contains(&old.kind) && new.is_none() {
            *withdrawn.entry((old.kind, at)).or_default() += 1;
            continue;
        }
        let was = format!("{}（{}）", old.content, period(old));
        let (document, hash) = source(loaded, new.map_or(old.source_id, |new| new.source_id));
        all.push(Moment {
            stage: Stage::Correction,
            at,
            what: format!("{}：{}", if new.is_some() { "更正" } else { "撤回" }, old.kind),
            detail: match new {
                Some(new) => format!("原：{was}；现：{}（{}）", new.content, period(new)),
                None => format!("原：{was}；现：不再记录"),
            },
            who: new.map_or_else(String::new, |new| loaded.account(new.recorded_by)),
            document: match new {
                Some(new) if !new.reason.is_empty() => format!("{document}；{}", new.reason),
                Some(_) => document,
                None => String::new(),
            },
            hash: if new.is_some() { hash } else { String::new() },
            place: Some(Place::Person(old.whose.clone())),
        });
    }
    for ((kind, at), count) in withdrawn {
        all.push(Moment {
            stage: Stage::Correction,
            at,
            what: format!("撤回：{kind}"),
            detail: format!("{count} 个月不再记录"),
            who: String::new(),
            document: String::new(),
            hash: String::new(),
            place: None,
        });
    }
    all
}
