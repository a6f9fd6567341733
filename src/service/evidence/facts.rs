//! Facts as an auditor takes them along: every version, with its two times and its document, in
//! words that hold no full number.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::identity::disclosure;
use crate::domain::registry::{EvidenceKind, Stated};
use crate::service::directory::InWords;
use crate::store::directory::{EnterpriseFile, PersonFile};

/// What stands in the place of a text that somebody wrote a full number into.
const HIDDEN: &str = "（原文含完整号码，未列出）";

/// A text that somebody typed, unless it holds a full number.
pub(super) fn shown(text: &str) -> String {
    if disclosure(text).is_some() { HIDDEN.to_owned() } else { text.to_owned() }
}

/// A version of a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FactRecord {
    /// Kind, in Chinese.
    pub kind: &'static str,
    /// Identity among its kind.
    pub id: i64,
    /// Official number of the person, code of the enterprise.
    pub whose: String,
    /// What held.
    pub content: String,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub through: Option<NaiveDate>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Account that recorded it.
    pub recorded_by: i64,
    /// When it no longer was held.
    pub superseded_at: Option<DateTime<Utc>>,
    /// Version that it replaces, of the same kind.
    pub replaces: Option<i64>,
    /// Document it came from.
    pub source_id: i64,
    /// Why it was recorded.
    pub reason: String,
}

pub(super) const LISTING: &str = "骨干企业清单";
pub(super) const EMPLOYMENT: &str = "任职";
pub(super) const ROSTER: &str = "名册";
pub(super) const RECOGNITION: &str = "自主认定";
/// Kinds of proven months.
pub(super) const MONTHS: [&str; 3] = ["社保月份", "个税月份", "工作许可月份"];

impl FactRecord {
    fn of<T: InWords>(kind: &'static str, whose: &str, stated: &Stated<T>, by: &str) -> Self {
        plain(kind, whose, stated, stated.fact.in_words(by))
    }

    /// Whether it holds on a day of a year; every fact does of none.
    pub(super) fn touches(&self, year: Option<i64>) -> bool {
        use chrono::Datelike;
        year.is_none_or(|year| {
            i64::from(self.from.year()) <= year
                && self.through.is_none_or(|last| i64::from(last.year()) >= year)
        })
    }
}

/// Names of enterprises today, by identity.
pub(super) type Names = HashMap<i64, String>;

/// Every version of every fact about a person, in the order in which they were recorded.
pub(super) fn of_person(file: &PersonFile, names: &Names) -> Vec<FactRecord> {
    let numbers: HashMap<i64, &str> = std::iter::once(&file.person)
        .chain(&file.merged)
        .map(|person| (person.id, person.no.as_str()))
        .collect();
    let whose = |about: i64| numbers.get(&about).copied().unwrap_or_default();
    let named = |id: i64| names.get(&id).map_or("", String::as_str);
    let mut all = Vec::new();
    macro_rules! every {
        ($list:expr, $kind:expr, |$fact:ident| $by:expr) => {
            for stated in &$list {
                let $fact = &stated.fact;
                all.push(FactRecord::of($kind, whose(stated.about), stated, $by));
            }
        };
    }
    every!(file.employments, EMPLOYMENT, |fact| named(fact.enterprise_id));
    every!(file.roster, ROSTER, |fact| named(fact.enterprise_id));
    every!(file.recognitions, RECOGNITION, |fact| fact.enterprise_id.map_or("", named));
    every!(file.suspensions, "暂停", |_fact| "");
    every!(file.exclusions, "排除", |_fact| "");
    every!(file.awards, "其他奖补", |_fact| "");
    every!(file.documents, "证件", |_fact| "");
    every!(file.contacts, "联系方式", |_fact| "");
    every!(file.accounts, "收款账户", |_fact| "");
    for stated in &file.names {
        let name = stated.fact.name.clone();
        all.push(plain("姓名", whose(stated.about), stated, name));
    }
    for stated in &file.evidence {
        let fact = &stated.fact;
        let kind = match fact.evidence_kind {
            EvidenceKind::SocialInsurance => MONTHS[0],
            EvidenceKind::IncomeTax => MONTHS[1],
            EvidenceKind::WorkPermit => MONTHS[2],
        };
        let late = if fact.paid_late { "，补缴" } else { "" };
        let content = format!("缴纳单位 {}{late}", fact.payer_uscc);
        all.push(plain(kind, whose(stated.about), stated, content));
    }
    all.sort_by_key(|record| (record.recorded_at, record.from, record.id));
    all
}

/// Every version of what the registry says of an enterprise's place on the list and of where it is.
pub(super) fn of_enterprise(file: &EnterpriseFile) -> Vec<FactRecord> {
    let uscc = file.key.uscc.as_str();
    let listings = file.listings.iter().map(|s| FactRecord::of(LISTING, uscc, s, ""));
    let divisions = file.divisions.iter().map(|s| FactRecord::of("行政区划", uscc, s, ""));
    let names = file.names.iter().map(|s| plain("企业名称", uscc, s, s.fact.name.clone()));
    let mut all: Vec<FactRecord> = listings.chain(divisions).chain(names).collect();
    all.sort_by_key(|record| (record.recorded_at, record.from, record.id));
    all
}

fn plain<T>(kind: &'static str, whose: &str, stated: &Stated<T>, content: String) -> FactRecord {
    FactRecord {
        kind,
        id: stated.id,
        whose: whose.to_owned(),
        content: shown(&content),
        from: stated.period.from,
        through: stated.period.through,
        recorded_at: stated.recorded_at,
        recorded_by: stated.recorded_by,
        superseded_at: stated.superseded_at,
        replaces: stated.supersedes,
        source_id: stated.source_id,
        reason: shown(&stated.reason),
    }
}
