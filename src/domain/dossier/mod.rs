//! What the registry holds about persons and enterprises, as the rule engine wants it, and the
//! canonical text of exactly those facts that a person's year can depend on.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;

use chrono::NaiveDate;

use super::determine::{
    self, EnterpriseFacts, Enterprises, EnterprisesError, PersonFacts, Stamps, Text,
};
use super::edition::GroupRelation;
use super::money::Fen;
use super::period::Period;
use super::registry::{Code, EnterpriseDivision, Listing, RosterStatus, Stated, TalentClass};

/// Changes whenever the canonical text or a rule of the engine does: then every result is new.
const FORMAT: &str = "juncai-stipend-1";

/// An enterprise as the registry holds it at an instant.
#[derive(Debug, Clone)]
pub struct EnterpriseRecord {
    /// Identity.
    pub id: i64,
    /// Unified social credit code.
    pub uscc: String,
    /// Its divisions over time.
    pub divisions: Vec<Stated<EnterpriseDivision>>,
    /// Its listings.
    pub listings: Vec<Stated<Listing>>,
}

impl EnterpriseRecord {
    /// The division that decides for a year: the last one that begins by its last day, or else
    /// the first one of all. `None` while none is recorded.
    pub fn division_in(&self, last_day: NaiveDate) -> Option<&EnterpriseDivision> {
        let begun = self.divisions.iter().filter(|stated| stated.period.from <= last_day);
        let last = begun.max_by_key(|stated| (stated.period.from, stated.id));
        let first = || self.divisions.iter().min_by_key(|stated| (stated.period.from, stated.id));
        last.or_else(first).map(|stated| &stated.fact)
    }
}

/// Why a person cannot be determined from what the registry holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DossierError {
    /// Without a division nobody knows who pays.
    #[error("企业 {0} 没有登记行政区划，请先更正企业档案")]
    NoDivision(Text),
    /// A fact names an enterprise that the registry does not hold.
    #[error("事实指向不存在的企业")]
    UnknownEnterprise,
}

/// An enterprise's code, and what a year's results depend on as canonical lines.
#[derive(Debug, Clone)]
struct Known {
    uscc: Text,
    canonical: Option<String>,
}

/// The enterprises of the registry, prepared for one year.
#[derive(Debug, Clone)]
pub struct KnownEnterprises {
    facts: Enterprises,
    by_id: HashMap<i64, Known>,
    ids: HashMap<Text, i64>,
    first_day: NaiveDate,
    last_day: NaiveDate,
    year: i32,
}

impl KnownEnterprises {
    /// Prepares the enterprises for a year. Enterprises without a division are kept aside: a
    /// person who worked there is refused rather than paid by nobody.
    ///
    /// # Errors
    /// A repeated USCC or a malformed division. `None` for a year that the calendar has not.
    pub fn new(records: &[EnterpriseRecord], year: i32) -> Option<Result<Self, EnterprisesError>> {
        let first_day = NaiveDate::from_ymd_opt(year, 1, 1)?;
        let last_day = NaiveDate::from_ymd_opt(year, 12, 31)?;
        let mut facts = Vec::with_capacity(records.len());
        let mut by_id = HashMap::with_capacity(records.len());
        let mut ids = HashMap::with_capacity(records.len());
        for record in records {
            let uscc = Text::from(record.uscc.as_str());
            let division = record.division_in(last_day);
            let canonical = division.map(|fact| {
                let mut text = format!("enterprise {uscc} {}\n", fact.division);
                let periods = record.listings.iter().map(|stated| stated.period);
                lines(&mut text, "listing", clipped(periods, first_day, last_day));
                text
            });
            if let Some(fact) = division {
                let listings = record.listings.iter().map(|stated| determine::Listing {
                    period: stated.period,
                    stamps: Stamps::default(),
                });
                facts.push(EnterpriseFacts {
                    uscc: uscc.clone(),
                    division: Text::from(fact.division.as_str()),
                    listings: listings.collect(),
                });
            }
            ids.insert(uscc.clone(), record.id);
            by_id.insert(record.id, Known { uscc, canonical });
        }
        let build = |facts| Self { facts, by_id, ids, first_day, last_day, year };
        Some(Enterprises::new(facts).map(build))
    }

    /// The enterprises as the engine wants them.
    pub fn facts(&self) -> &Enterprises {
        &self.facts
    }

    /// The award year they are prepared for.
    pub fn year(&self) -> i32 {
        self.year
    }

    /// The identity of the enterprise with this USCC.
    pub fn id_of(&self, uscc: &Text) -> Option<i64> {
        self.ids.get(uscc).copied()
    }

    fn known(&self, id: i64) -> Result<&Known, DossierError> {
        let known = self.by_id.get(&id).ok_or(DossierError::UnknownEnterprise)?;
        if known.canonical.is_none() {
            return Err(DossierError::NoDivision(known.uscc.clone()));
        }
        Ok(known)
    }
}

/// An employment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Employer.
    pub enterprise_id: i64,
    /// Days of employment.
    pub period: Period,
    /// Full-time.
    pub full_time: bool,
}

/// A roster entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Employer that filed it.
    pub enterprise_id: i64,
    /// Days on the roster.
    pub period: Period,
    /// Declared or confirmed.
    pub status: RosterStatus,
}

/// An award of another programme for the year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Award {
    /// Group of the conflict catalogue.
    pub group: String,
    /// Amount.
    pub amount: Fen,
}

/// Everything about one person that the money of one year can depend on, as known at one instant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dossier {
    /// Employments of any time.
    pub jobs: Vec<Job>,
    /// Roster entries of any time, declared ones too; only confirmed ones count.
    pub entries: Vec<Entry>,
    /// Recognitions.
    pub recognitions: Vec<(TalentClass, Period)>,
    /// Months of the year with social insurance, income tax or a work permit, 1 to 12; from
    /// whichever employer.
    pub months: BTreeSet<u8>,
    /// Days that do not count.
    pub suspensions: Vec<Period>,
    /// Days on which the person is excluded.
    pub exclusions: Vec<Period>,
    /// Awards of other programmes for the year.
    pub awards: Vec<Award>,
    /// What files of other streams granted for the year and what stands; the group is the stream.
    pub grants: Vec<Award>,
}

impl Dossier {
    /// Whether the registry holds nothing that makes somebody an engineer: grants of other streams
    /// alone do not, or every visitor had a year to be decided.
    pub fn is_empty(&self) -> bool {
        let Self {
            jobs,
            entries,
            recognitions,
            months,
            suspensions,
            exclusions,
            awards,
            grants: _,
        } = self;
        (jobs.is_empty() && entries.is_empty() && recognitions.is_empty() && months.is_empty())
            && (suspensions.is_empty() && exclusions.is_empty() && awards.is_empty())
    }

    /// The same without what files of other streams granted: what computations read before they
    /// read grants.
    #[must_use]
    pub fn without_grants(&self) -> Self {
        Self { grants: Vec::new(), ..self.clone() }
    }

    /// Takes in what is known of the same person under another number.
    pub fn absorb(&mut self, other: Self) {
        self.jobs.extend(other.jobs);
        self.entries.extend(other.entries);
        self.recognitions.extend(other.recognitions);
        self.months.extend(other.months);
        self.suspensions.extend(other.suspensions);
        self.exclusions.extend(other.exclusions);
        self.awards.extend(other.awards);
        self.grants.extend(other.grants);
    }

    /// The enterprises that employments and roster entries name, ascending.
    pub fn enterprises(&self) -> BTreeSet<i64> {
        let jobs = self.jobs.iter().map(|job| job.enterprise_id);
        jobs.chain(self.entries.iter().map(|entry| entry.enterprise_id)).collect()
    }

    /// The facts for the engine. Equal facts give equal lists, in whatever order they were stored.
    ///
    /// # Errors
    /// An enterprise without a division, or one that does not exist.
    pub fn facts(
        &self,
        person_no: &str,
        enterprises: &KnownEnterprises,
    ) -> Result<PersonFacts, DossierError> {
        let stamps = Stamps::default();
        let year = enterprises.year;
        let uscc = |id: i64| enterprises.known(id).map(|known| known.uscc.clone());
        let mut facts = PersonFacts { person: Text::from(person_no), ..PersonFacts::default() };
        for job in &self.jobs {
            facts.employments.push(determine::Employment {
                enterprise: uscc(job.enterprise_id)?,
                period: job.period,
                full_time: job.full_time,
                stamps,
            });
        }
        for entry in self.entries.iter().filter(|entry| counts(entry)) {
            facts.roster.push(determine::RosterSpan {
                enterprise: uscc(entry.enterprise_id)?,
                period: entry.period,
                stamps,
            });
        }
        let recognised = |(class, period): &(TalentClass, Period)| determine::RecognitionSpan {
            class: Text::from(class.code()),
            period: *period,
            stamps,
        };
        facts.recognitions = self.recognitions.iter().map(recognised).collect();
        // Whose payment it was changes nothing.
        let evidence = |month: &u8| determine::EvidenceMonth {
            year,
            month: *month,
            enterprise: Text::default(),
            stamps,
        };
        facts.evidence = self.months.iter().map(evidence).collect();
        let suspended = |period: &Period| determine::SuspensionSpan { period: *period, stamps };
        facts.suspensions = self.suspensions.iter().map(suspended).collect();
        let excluded = |period: &Period| determine::ExclusionSpan {
            period: *period,
            reason: Text::default(),
            stamps,
        };
        facts.exclusions = self.exclusions.iter().map(excluded).collect();
        let award = |award: &Award| determine::OtherAward {
            group: Text::from(award.group.as_str()),
            year,
            amount: award.amount,
            stamps,
        };
        facts.other_awards = self.awards.iter().chain(&self.grants).map(award).collect();
        sort(&mut facts);
        Ok(facts)
    }

    /// The canonical text of what the result of the year can depend on: the policy's hash, the
    /// facts, what the conflict catalogue says of their awards, and the enterprises that they name. Two dossiers with the same text have the same
    /// result; what happens after the year, who recorded a fact and when are left out.
    ///
    /// # Errors
    /// As [`Dossier::facts`].
    pub fn canonical(
        &self,
        facts: &PersonFacts,
        enterprises: &KnownEnterprises,
        (policy_sha256, relations): (&str, &[GroupRelation]),
    ) -> Result<String, DossierError> {
        let year = enterprises.year;
        let (first, last) = (enterprises.first_day, enterprises.last_day);
        let mut text = String::with_capacity(1_024);
        let person = &facts.person;
        push(&mut text, format_args!("{FORMAT}\npolicy {policy_sha256}\nyear {year} {person}\n"));
        for job in &facts.employments {
            let time = if job.full_time { "full" } else { "part" };
            let until = until(&job.period, last);
            let from = job.period.from;
            push(&mut text, format_args!("job {} {from} {until} {time}\n", job.enterprise));
        }
        for entry in &facts.roster {
            let until = until(&entry.period, last);
            let from = entry.period.from;
            push(&mut text, format_args!("entry {} {from} {until}\n", entry.enterprise));
        }
        let mut classes: BTreeMap<&str, Vec<Period>> = BTreeMap::new();
        for span in &facts.recognitions {
            classes.entry(span.class.as_str()).or_default().push(span.period);
        }
        for (class, periods) in classes {
            lines(&mut text, &format!("class {class}"), clipped(periods, first, last));
        }
        push(&mut text, format_args!("evidence {:?}\n", self.months));
        let suspended = facts.suspensions.iter().map(|span| span.period);
        lines(&mut text, "suspended", clipped(suspended, first, last));
        let excluded = facts.exclusions.iter().map(|span| span.period);
        lines(&mut text, "excluded", clipped(excluded, first, last));
        for (word, list) in [("award", &self.awards), ("grant", &self.grants)] {
            let mut list: Vec<_> = list.iter().map(|one| (one.amount, &one.group)).collect();
            list.sort_unstable();
            for (amount, group) in list {
                push(&mut text, format_args!("{word} {amount} {group}\n"));
            }
        }
        let of_an_award =
            |r: &&GroupRelation| facts.other_awards.iter().any(|award| award.group == r.group);
        for relation in relations.iter().filter(of_an_award) {
            let (group, word) = (&relation.group, relation.stacking.word());
            push(&mut text, format_args!("relation {group} {word} {}\n", relation.basis));
        }
        let jobs = self.jobs.iter().map(|job| job.enterprise_id);
        let entries = self.entries.iter().filter(|entry| counts(entry));
        let named: BTreeSet<i64> = jobs.chain(entries.map(|entry| entry.enterprise_id)).collect();
        for id in named {
            text.push_str(enterprises.known(id)?.canonical.as_deref().unwrap_or_default());
        }
        Ok(text)
    }
}

/// Only what the HR office confirmed counts for money (domain.md 7.6).
fn counts(entry: &Entry) -> bool {
    entry.status == RosterStatus::Confirmed
}

fn sort(facts: &mut PersonFacts) {
    facts.employments.sort_by(|a, b| {
        let key =
            |job: &determine::Employment| (job.period.from, job.period.through, job.full_time);
        key(a).cmp(&key(b)).then_with(|| a.enterprise.cmp(&b.enterprise))
    });
    facts.roster.sort_by(|a, b| {
        let key = |entry: &determine::RosterSpan| (entry.period.from, entry.period.through);
        key(a).cmp(&key(b)).then_with(|| a.enterprise.cmp(&b.enterprise))
    });
    facts.other_awards.sort_by(|a, b| {
        (a.year, a.amount).cmp(&(b.year, b.amount)).then_with(|| a.group.cmp(&b.group))
    });
}

/// The last day, when it lies before the end of the year; what comes later changes nothing.
fn until(period: &Period, last_day: NaiveDate) -> String {
    match period.through {
        Some(day) if day < last_day => day.to_string(),
        _ => "-".to_owned(),
    }
}

/// The parts of periods inside the year, in order.
fn clipped(
    periods: impl IntoIterator<Item = Period>,
    first: NaiveDate,
    last: NaiveDate,
) -> BTreeSet<(NaiveDate, NaiveDate)> {
    periods
        .into_iter()
        .map(|period| (period.from.max(first), period.through.map_or(last, |day| day.min(last))))
        .filter(|(from, through)| from <= through)
        .collect()
}

fn lines(text: &mut String, word: &str, spans: BTreeSet<(NaiveDate, NaiveDate)>) {
    for (from, through) in spans {
        push(text, format_args!("{word} {from} {through}\n"));
    }
}

fn push(text: &mut String, line: std::fmt::Arguments<'_>) {
    text.write_fmt(line).expect("a String takes everything");
}

#[cfg(test)]
mod tests;
