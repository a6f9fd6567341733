//! What stands against a declared entry, and what only deserves a look.

use chrono::{Datelike, NaiveDate};

use super::super::registry::{
    Employment, Exclusion, Listing, RosterEntry, RosterStatus, Stated, Suspension,
};
use super::{Refusal, span};

/// Completed years from which people have usually retired; only a remark (default assumption).
const USUAL_RETIREMENT: i32 = 60;
/// Completed years below which nobody may be employed full-time without a look (Labour Law 58).
const FULL_AGE: i32 = 18;

/// Who recorded or decides: the account and the natural person behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Author {
    /// Account.
    pub account_id: i64,
    /// Natural person; one may hold several accounts.
    pub holder_id: i64,
}

impl Author {
    /// Whether both are one person or one account.
    pub const fn is_same_as(&self, other: &Self) -> bool {
        self.account_id == other.account_id || self.holder_id == other.holder_id
    }
}

/// A declared entry with the live facts that it is checked against.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// The declaration.
    pub entry: &'a Stated<RosterEntry>,
    /// Who declared it, and whoever corrected the declaration since.
    pub declared_by: &'a [Author],
    /// Listings of its enterprise.
    pub listings: &'a [Stated<Listing>],
    /// Employments of the person.
    pub employments: &'a [Stated<Employment>],
    /// All roster entries of the person, this one included.
    pub entries: &'a [Stated<RosterEntry>],
    /// Grounds that exclude the person.
    pub exclusions: &'a [Stated<Exclusion>],
    /// Days of the person that do not count.
    pub suspensions: &'a [Stated<Suspension>],
    /// Birth date, where the identity document tells it.
    pub born_on: Option<NaiveDate>,
    /// Whether an account to pay to is known.
    pub has_account: bool,
}

/// Something noticed about a declaration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// It is not waiting any more.
    #[error("该申报已处理，请刷新页面")]
    NotWaiting,
    /// Two natural persons are needed (domain.md 7.2).
    #[error("该申报由您本人录入或更正，须由其他人员确认")]
    OwnDeclaration,
    /// A guard that confirmed entries keep.
    #[error("{0}")]
    Against(Refusal),
    /// On the list of excluded persons on the first day.
    #[error("该人员自{0}起在排除名单内（{1}），不能入册")]
    Excluded(NaiveDate, String),
    /// Suspended on the first day.
    #[error("入册首日处于暂停期间（{0}），暂停期间不计入")]
    Suspended(String),
    /// The employment ends within the entry.
    #[error("任职于{0}结束，名册未注明末日")]
    EmploymentEnds(NaiveDate),
    /// The listing ends within the entry.
    #[error("企业清单有效期至{0}，其后不计入")]
    ListingEnds(NaiveDate),
    /// Past the usual age of retirement.
    #[error("入册时已满{0}周岁，请核对是否仍为全职")]
    Old(i32),
    /// Not of age.
    #[error("入册时未满18周岁，请核对出生日期")]
    Minor,
    /// Nowhere to pay to.
    #[error("未登记收款账户，登记后才能发放")]
    NoAccount,
    /// More people than the enterprise was granted.
    #[error("企业核心工程师名额为{quota}人，确认后达到{with_this}人")]
    OverQuota {
        /// Granted.
        quota: i64,
        /// Confirmed entries on that day, with this one.
        with_this: i64,
    },
}

impl Finding {
    /// Whether the entry cannot be confirmed while this holds; anything else is a remark.
    pub const fn blocks(&self) -> bool {
        matches!(
            self,
            Self::NotWaiting | Self::OwnDeclaration | Self::Against(_) | Self::Excluded(..)
        )
    }
}

/// Everything noticed about a declaration that `decider` is to confirm, the blocking things first.
pub fn review(candidate: &Candidate<'_>, decider: Author) -> Vec<Finding> {
    let mut found = obstacles(candidate, decider);
    found.extend(remarks(candidate));
    found
}

fn obstacles(candidate: &Candidate<'_>, decider: Author) -> Vec<Finding> {
    let entry = candidate.entry;
    let first = entry.period.from;
    let mut found = Vec::new();
    if !entry.is_live() || entry.fact.status != RosterStatus::Declared {
        found.push(Finding::NotWaiting);
    }
    if candidate.declared_by.iter().any(|author| decider.is_same_as(author)) {
        found.push(Finding::OwnDeclaration);
    }
    let neighbours = super::RosterNeighbours {
        entries: candidate.entries,
        employments: candidate.employments,
        listings: candidate.listings,
    };
    let fits = super::roster_entry_fits(entry.id, &entry.fact, entry.period, neighbours, true);
    found.extend(fits.into_iter().map(Finding::Against));
    if let Some(ground) = live(candidate.exclusions).find(|e| e.period.covers(first)) {
        found.push(Finding::Excluded(ground.period.from, ground.fact.ground.clone()));
    }
    found
}

fn remarks(candidate: &Candidate<'_>) -> Vec<Finding> {
    let entry = candidate.entry;
    let first = entry.period.from;
    let mut found = Vec::new();
    if let Some(pause) = live(candidate.suspensions).find(|s| s.period.covers(first)) {
        found.push(Finding::Suspended(span(&pause.period)));
    }
    let ends_within = |last: Option<NaiveDate>| {
        last.filter(|last| entry.period.through.is_none_or(|through| *last < through))
    };
    let employment = live(candidate.employments).find(|e| {
        e.fact.enterprise_id == entry.fact.enterprise_id
            && e.fact.full_time
            && e.period.covers(first)
    });
    if let Some(last) = employment.and_then(|e| ends_within(e.period.through)) {
        found.push(Finding::EmploymentEnds(last));
    }
    let listing = live(candidate.listings).find(|l| l.period.covers(first));
    if let Some(last) = listing.and_then(|l| ends_within(l.period.through)) {
        found.push(Finding::ListingEnds(last));
    }
    match candidate.born_on.map(|born| completed_years(born, first)) {
        Some(age) if age >= USUAL_RETIREMENT => found.push(Finding::Old(age)),
        Some(age) if age < FULL_AGE => found.push(Finding::Minor),
        _ => {}
    }
    if !candidate.has_account {
        found.push(Finding::NoAccount);
    }
    found
}

fn live<T>(facts: &[Stated<T>]) -> impl Iterator<Item = &Stated<T>> {
    facts.iter().filter(|fact| fact.is_live())
}

/// Completed years on `day`; whoever is born on 29 February completes one on 1 March otherwise.
fn completed_years(born: NaiveDate, day: NaiveDate) -> i32 {
    let before_birthday = (day.month(), day.day()) < (born.month(), born.day());
    day.year() - born.year() - i32::from(before_birthday)
}
