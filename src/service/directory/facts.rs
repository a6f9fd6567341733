//! Facts put into words, with their two times, their document and who recorded them.

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::identity::DocumentType;
use crate::domain::period::Period;
use crate::domain::region;
use crate::domain::registry::{
    BankAccount, Code, Employment, EnterpriseDivision, EvidenceKind, EvidenceMonth, Exclusion,
    Listing, OtherAward, PersonContact, PersonDocument, Recognition, RosterEntry, RosterStatus,
    Stated, Suspension,
};
use crate::service::Error;
use crate::service::roster::{FactKind, FactRef};
use crate::store::db::Db;
use crate::store::directory::{self as store, SourceRow};

/// A version of a fact, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactLine {
    /// Identity of the version among those of its kind; 0 where a line stands for several.
    pub id: i64,
    /// Kind of fact.
    pub subject: &'static str,
    /// What held.
    pub content: String,
    /// When it held.
    pub period: Period,
    /// First instant at which the registry knew it.
    pub recorded_at: DateTime<Utc>,
    /// First instant at which it no longer held it, as far as was known.
    pub superseded_at: Option<DateTime<Utc>>,
    /// Document it came from.
    pub document: String,
    /// Why it was recorded; may be empty.
    pub reason: String,
    /// Who recorded it.
    pub who: String,
    /// Names the version in a correction (`table:id`), when its kind can be corrected.
    pub fact: Option<String>,
    about: i64,
    source_id: i64,
    recorded_by: i64,
}

impl FactLine {
    /// A line about a version, still without document and name.
    pub(super) fn of<T>(subject: &'static str, content: String, stated: &Stated<T>) -> Self {
        Self {
            id: stated.id,
            subject,
            content,
            period: stated.period,
            recorded_at: stated.recorded_at,
            superseded_at: stated.superseded_at,
            document: String::new(),
            reason: stated.reason.clone(),
            who: String::new(),
            fact: None,
            about: stated.about,
            source_id: stated.source_id,
            recorded_by: stated.recorded_by,
        }
    }

    /// Says under which other number the fact was recorded, if under another.
    pub(super) fn under(&mut self, others: &[crate::store::directory::Person]) {
        if let Some(other) = others.iter().find(|other| other.id == self.about) {
            self.content.push_str(&format!("（登记在编号 {}）", other.no));
        }
    }

    /// The same line for a fact that can be corrected.
    pub(super) fn correctable(mut self, kind: FactKind, id: i64) -> Self {
        self.fact = Some(FactRef { kind, id }.to_string());
        self
    }
}

/// Whose name stands under a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SignedBy {
    /// The officer's or clerk's.
    Name,
    /// That of the office or enterprise: what the person concerned is told.
    Office,
}

/// Fills in documents and names of `lines`. Two statements.
pub(super) async fn sign(db: &Db, lines: &mut [FactLine]) -> Result<(), Error> {
    sign_as(db, lines, SignedBy::Name).await
}

/// Fills in documents, and names as wanted. Two statements.
pub(super) async fn sign_as(db: &Db, lines: &mut [FactLine], by: SignedBy) -> Result<(), Error> {
    let sources: Vec<i64> = lines.iter().map(|line| line.source_id).collect();
    let accounts: Vec<i64> = lines.iter().map(|line| line.recorded_by).collect();
    let sources = store::sources(db.read(), &sources).await?;
    let names = match by {
        SignedBy::Name => store::account_names(db.read(), &accounts).await?,
        SignedBy::Office => store::account_offices(db.read(), &accounts).await?,
    };
    for line in lines {
        line.document = sources.get(&line.source_id).map(document).unwrap_or_default();
        line.who = names.get(&line.recorded_by).cloned().unwrap_or_default();
    }
    Ok(())
}

fn document(source: &SourceRow) -> String {
    if source.document_no.is_empty() {
        source.title.clone()
    } else {
        format!("{}（{}）", source.title, source.document_no)
    }
}

/// The facts as they were known at an instant: the versions held then, as if still held.
pub(super) fn known<T: Clone>(facts: &[Stated<T>], at: DateTime<Utc>) -> Vec<Stated<T>> {
    let held = facts.iter().filter(|stated| stated.known_at(at));
    held.map(|stated| Stated { superseded_at: None, ..stated.clone() }).collect()
}

/// What happened to versions after an instant was not known at it.
pub(super) fn forget_later(lines: &mut Vec<FactLine>, at: DateTime<Utc>) {
    lines.retain(|line| line.recorded_at <= at);
    for line in lines {
        line.superseded_at = line.superseded_at.filter(|end| *end <= at);
    }
}

/// A fact in a few words. Facts that name an enterprise are given its name.
pub(in crate::service) trait InWords {
    fn in_words(&self, enterprise: &str) -> String;
}

fn joined(parts: &[&str]) -> String {
    let parts: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    parts.join(" · ")
}

impl InWords for PersonDocument {
    fn in_words(&self, _: &str) -> String {
        joined(&[document_kind(&self.document_type), &self.number_masked])
    }
}

/// A kind of document in Chinese; an unknown one by its code.
pub(in crate::service) fn document_kind(code: &str) -> &str {
    DocumentType::from_code(code).map_or(code, |kind| kind.label())
}

impl InWords for PersonContact {
    fn in_words(&self, _: &str) -> String {
        format!("手机 {}", self.mobile_masked)
    }
}

impl InWords for BankAccount {
    fn in_words(&self, _: &str) -> String {
        joined(&[&self.bank_name, &format!("尾号 {}", self.last_four)])
    }
}

impl InWords for Employment {
    fn in_words(&self, enterprise: &str) -> String {
        let kind = if self.full_time { "全职" } else { "非全职" };
        let title = self.professional_title.as_str();
        let title = if title == "无" { "" } else { title };
        joined(&[enterprise, &self.post, kind, title, &self.education])
    }
}

impl InWords for RosterEntry {
    fn in_words(&self, enterprise: &str) -> String {
        let status = match self.status {
            RosterStatus::Declared => "已申报，待确认",
            RosterStatus::Confirmed => "已确认",
        };
        joined(&[enterprise, status])
    }
}

impl InWords for Recognition {
    fn in_words(&self, enterprise: &str) -> String {
        let class = format!("{}高层次人才", self.class.label());
        joined(&[&class, &self.certificate_no, enterprise])
    }
}

impl InWords for Suspension {
    fn in_words(&self, _: &str) -> String {
        "名册资格暂停".to_owned()
    }
}

impl InWords for Exclusion {
    fn in_words(&self, _: &str) -> String {
        self.ground.clone()
    }
}

impl InWords for OtherAward {
    fn in_words(&self, _: &str) -> String {
        let amount = format!("{} 元", self.amount_fen.grouped());
        joined(&[&self.programme, &format!("{} 年度", self.award_year), &amount, &self.granted_by])
    }
}

impl InWords for Listing {
    fn in_words(&self, _: &str) -> String {
        let quota = format!("核心工程师名额 {} 人", self.engineer_quota);
        joined(&[&self.list_batch, &quota])
    }
}

impl InWords for EnterpriseDivision {
    fn in_words(&self, _: &str) -> String {
        place(&self.division)
    }
}

/// A division by its full name; an unknown one by its code.
pub(super) fn place(code: &str) -> String {
    region::full_name(code).unwrap_or(code).to_owned()
}

/// A run of months of one kind, from one document.
#[derive(Debug, Clone)]
pub(super) struct MonthRun<'a> {
    /// The first of them.
    pub first: &'a Stated<EvidenceMonth>,
    /// Last day of the last of them.
    pub through: Option<NaiveDate>,
    /// How many.
    pub months: usize,
}

/// Joins months that follow each other and differ in nothing else.
pub(super) fn month_runs<'a>(
    months: impl IntoIterator<Item = &'a Stated<EvidenceMonth>>,
) -> Vec<MonthRun<'a>> {
    let same = |a: &Stated<EvidenceMonth>, b: &Stated<EvidenceMonth>| {
        let fact = |s: &Stated<EvidenceMonth>| {
            (s.fact.payer_uscc.clone(), s.fact.evidence_kind, s.fact.paid_late)
        };
        fact(a) == fact(b)
            && (a.recorded_at, a.superseded_at, a.source_id)
                == (b.recorded_at, b.superseded_at, b.source_id)
    };
    let mut runs: Vec<MonthRun<'a>> = Vec::new();
    for month in months {
        let follows = |run: &&mut MonthRun<'a>| {
            run.through.and_then(|day| day.succ_opt()) == Some(month.period.from)
                && same(run.first, month)
        };
        match runs.iter_mut().rev().find(follows) {
            Some(run) => {
                run.through = month.period.through;
                run.months += 1;
            }
            None => {
                runs.push(MonthRun { first: month, through: month.period.through, months: 1 });
            }
        }
    }
    runs
}

impl MonthRun<'_> {
    /// One line for all its months.
    pub(super) fn line(&self) -> FactLine {
        let fact = &self.first.fact;
        let late = if fact.paid_late { "补缴" } else { "" };
        let count = format!("{} 个月", self.months);
        let subject = match fact.evidence_kind {
            EvidenceKind::SocialInsurance => "社保",
            EvidenceKind::IncomeTax => "个税",
            EvidenceKind::WorkPermit => "工作许可",
        };
        let content = joined(&[&count, late, &format!("缴纳单位 {}", fact.payer_uscc)]);
        let mut line = FactLine::of(subject, content, self.first);
        line.period.through = self.through;
        line
    }
}
