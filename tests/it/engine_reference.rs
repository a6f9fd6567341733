//! The rules once more, written down as slowly and plainly as the contract reads: day by day,
//! set by set. It shares no arithmetic with the engine; random facts must give equal answers.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate};
use juncai::domain::determine::*;
use juncai::domain::edition::{Condition, Policy, Proration, Rounding, Stacking, Version};
use juncai::domain::money::Fen;
use juncai::domain::period::Period;
use proptest::prelude::*;

use crate::engine_random::*;

type Known = Option<DateTime<FixedOffset>>;
/// The enterprise that each qualifying day belongs to.
type Owners = BTreeMap<NaiveDate, Text>;

fn exists(stamps: &Stamps, known: Known) -> bool {
    match (known, stamps.recorded_at, stamps.superseded_at) {
        (None, _, superseded) => superseded.is_none(),
        (Some(t), recorded, superseded) => {
            !matches!(recorded, Some(at) if at > t) && !matches!(superseded, Some(at) if t >= at)
        }
    }
}

fn on(period: &Period, day: NaiveDate) -> bool {
    day >= period.from && !matches!(period.through, Some(last) if day > last)
}

struct Reference<'a> {
    policy: &'a Policy,
    enterprises: &'a [EnterpriseFacts],
    person: &'a PersonFacts,
    year: i32,
    known: Known,
}

impl Reference<'_> {
    fn version(&self, day: NaiveDate) -> Option<&Version> {
        self.policy.versions().iter().find(|v| v.from() <= day && day <= v.through())
    }

    fn days(&self) -> Vec<NaiveDate> {
        let first = NaiveDate::from_ymd_opt(self.year, 1, 1).unwrap();
        first.iter_days().take_while(|day| day.year() == self.year).collect()
    }

    fn listed(&self, uscc: &Text, day: NaiveDate) -> bool {
        self.enterprises
            .iter()
            .filter(|e| e.uscc == *uscc)
            .any(|e| e.listings.iter().any(|l| exists(&l.stamps, self.known) && on(&l.period, day)))
    }

    fn participates(&self, uscc: &Text, version: &Version) -> bool {
        self.enterprises.iter().filter(|e| e.uscc == *uscc).any(|e| {
            version.excluded_divisions().iter().all(|p| !e.division.starts_with(p.as_str()))
        })
    }

    /// Starts of the covering full-time employments, at one enterprise or anywhere.
    fn employed(&self, uscc: Option<&Text>, day: NaiveDate) -> Vec<NaiveDate> {
        let jobs = self.person.employments.iter().filter(|job| {
            exists(&job.stamps, self.known)
                && job.full_time
                && uscc.is_none_or(|uscc| job.enterprise == *uscc)
                && on(&job.period, day)
        });
        jobs.map(|job| job.period.from).collect()
    }

    fn rostered(&self, uscc: Option<&Text>, day: NaiveDate) -> Vec<NaiveDate> {
        let entries = self.person.roster.iter().filter(|entry| {
            exists(&entry.stamps, self.known)
                && uscc.is_none_or(|uscc| entry.enterprise == *uscc)
                && on(&entry.period, day)
        });
        entries.map(|entry| entry.period.from).collect()
    }

    fn personal(&self, condition: Condition, version: &Version, day: NaiveDate) -> bool {
        let p = self.person;
        match condition {
            Condition::Recognised => p.recognitions.iter().any(|r| {
                exists(&r.stamps, self.known)
                    && version.recognition_classes().contains(&r.class)
                    && on(&r.period, day)
            }),
            Condition::Evidenced => p.evidence.iter().any(|e| {
                exists(&e.stamps, self.known)
                    && (e.year, u32::from(e.month)) == (day.year(), day.month())
            }),
            Condition::NotSuspended => {
                !p.suspensions.iter().any(|s| exists(&s.stamps, self.known) && on(&s.period, day))
            }
            Condition::NotExcluded => {
                !p.exclusions.iter().any(|e| exists(&e.stamps, self.known) && on(&e.period, day))
            }
            Condition::Listed | Condition::Employed | Condition::Rostered => unreachable!(),
        }
    }

    fn eligible_at(&self, uscc: &Text, day: NaiveDate) -> bool {
        let Some(version) = self.version(day) else { return false };
        self.participates(uscc, version)
            && version.conditions().iter().all(|condition| match condition {
                Condition::Listed => self.listed(uscc, day),
                Condition::Employed => !self.employed(Some(uscc), day).is_empty(),
                Condition::Rostered => !self.rostered(Some(uscc), day).is_empty(),
                personal => self.personal(personal, version, day),
            })
    }

    /// The enterprise that each eligible day belongs to.
    fn owners(&self) -> BTreeMap<NaiveDate, Text> {
        let mut owners = BTreeMap::new();
        for day in self.days() {
            let Some(version) = self.version(day) else { continue };
            let places = self.enterprises.iter().map(|e| &e.uscc);
            let owner = places.filter(|uscc| self.eligible_at(uscc, day)).min_by_key(|uscc| {
                let starts = if version.conditions().has(Condition::Rostered) {
                    self.rostered(Some(uscc), day)
                } else {
                    self.employed(Some(uscc), day)
                };
                (starts.into_iter().min(), (*uscc).clone())
            });
            if let Some(owner) = owner {
                owners.insert(day, owner.clone());
            }
        }
        owners
    }

    fn reasons_without_days(&self) -> Vec<Reason> {
        let days: Vec<(NaiveDate, &Version)> =
            self.days().into_iter().filter_map(|day| Some((day, self.version(day)?))).collect();
        if days.is_empty() {
            return vec![Reason::PolicyNotInForce];
        }
        let p = self.person;
        let mut named = BTreeSet::new();
        named.extend(
            p.employments.iter().filter(|j| exists(&j.stamps, self.known)).map(|j| &j.enterprise),
        );
        named.extend(
            p.roster.iter().filter(|r| exists(&r.stamps, self.known)).map(|r| &r.enterprise),
        );
        let asked = |c: Condition| days.iter().any(|(_, version)| version.conditions().has(c));
        let never = |holds: &dyn Fn(NaiveDate, &Version) -> bool| {
            !days.iter().any(|(day, version)| holds(*day, version))
        };
        let mut reasons = Vec::new();
        let mut check = |asked: bool, never: bool, reason: Reason| {
            if asked && never {
                reasons.push(reason);
            }
        };
        check(
            asked(Condition::Listed),
            never(&|day, _| named.iter().any(|uscc| self.listed(uscc, day))),
            Reason::EnterpriseNotListed,
        );
        check(
            true,
            never(&|_, version| named.iter().any(|uscc| self.participates(uscc, version))),
            Reason::DivisionNotParticipating,
        );
        check(
            asked(Condition::Employed),
            never(&|day, _| !self.employed(None, day).is_empty()),
            Reason::NotEmployedFullTime,
        );
        check(
            asked(Condition::Rostered),
            never(&|day, _| !self.rostered(None, day).is_empty()),
            Reason::NotOnRoster,
        );
        for (condition, reason) in [
            (Condition::Recognised, Reason::NotRecognised),
            (Condition::Evidenced, Reason::NoEvidence),
            (Condition::NotSuspended, Reason::Suspended),
            (Condition::NotExcluded, Reason::Excluded),
        ] {
            let never = never(&|day, version| self.personal(condition, version, day));
            check(asked(condition), never, reason);
        }
        if reasons.is_empty() {
            reasons.push(Reason::ConditionsNeverMetTogether);
        }
        reasons
    }

    /// Months that count: (month, its version, the enterprise that it belongs to).
    fn counted(&self, owners: &Owners) -> Vec<(u32, &Version, Text)> {
        let mut counted: Vec<(u32, &Version, Text)> = Vec::new();
        for month in 1..=12 {
            let days: Vec<_> = owners.iter().filter(|(day, _)| day.month() == month).collect();
            let Some((first, _)) = days.first() else { continue };
            let version = self.version(**first).unwrap();
            if days.len() < usize::from(version.month_min_days()) {
                continue;
            }
            let mut tally: BTreeMap<&Text, (usize, NaiveDate)> = BTreeMap::new();
            for (day, uscc) in &days {
                let entry = tally.entry(uscc).or_insert((0, **day));
                *entry = (entry.0 + 1, **day);
            }
            let owner = tally.iter().max_by_key(|(_, rank)| **rank).unwrap().0;
            counted.push((month, version, (*owner).clone()));
        }
        counted
    }

    fn gross(&self, last: &Version, owners: &Owners, counted: &[(u32, &Version, Text)]) -> i64 {
        let months = counted.len() >= usize::from(last.min_months());
        let fen = |v: &Version| i128::from(v.amount().get());
        let (numerator, denominator) = match last.proration() {
            Proration::Monthly if months => (counted.iter().map(|c| fen(c.1)).sum(), 12),
            Proration::None if months => (counted.last().map_or(0, |c| fen(c.1)), 1),
            Proration::Daily if owners.len() >= usize::from(last.min_days()) => {
                let days = owners.keys().map(|day| fen(self.version(*day).unwrap()));
                (days.sum(), self.days().len() as i128)
            }
            _ => (0, 1),
        };
        let unit = if last.rounding() == Rounding::Yuan { 100 } else { 1 };
        // floor(x + 1/2) in units.
        let units = (2 * numerator + denominator * unit).div_euclid(2 * denominator * unit);
        i64::try_from(units * unit).unwrap()
    }

    fn offset(&self, last: &Version, gross: i64) -> i64 {
        let awards = self.person.other_awards.iter().filter(|award| {
            exists(&award.stamps, self.known)
                && award.year == self.year
                && last.exclusive_groups().contains(&award.group)
        });
        let awards: i64 = awards.map(|award| award.amount.get()).sum();
        match last.stacking() {
            Stacking::Stack => 0,
            Stacking::TopUp => awards.min(gross),
            Stacking::Exclude if awards > 0 => gross,
            Stacking::Exclude => 0,
        }
    }

    fn determine(&self) -> Option<Determination> {
        let owners = self.owners();
        let before = self.person.entitled_before.iter();
        let before: i64 = before
            .filter(|b| exists(&b.stamps, self.known) && b.year == self.year)
            .map(|b| b.amount.get())
            .sum();

        let counted = self.counted(&owners);
        let last = owners.keys().last().map(|day| self.version(*day).unwrap());
        let history = self.policy.first_award_year().is_some_and(|first| self.year < first);
        let gross = match last.filter(|_| !history) {
            Some(last) => self.gross(last, &owners, &counted),
            None => 0,
        };
        let offset = last.map_or(0, |last| self.offset(last, gross));
        let net = gross - offset;
        let portions = match last {
            Some(last) if net > 0 => self.portions(net, last, &owners, &counted)?,
            _ => Vec::new(),
        };
        let reasons = match last {
            _ if gross > 0 => Vec::new(),
            None => self.reasons_without_days(),
            Some(_) if history => vec![Reason::BeforeFirstAwardYear],
            Some(last) if last.proration() == Proration::Daily => vec![Reason::BelowMinDays],
            Some(_) => vec![Reason::BelowMinMonths],
        };
        Some(Determination {
            person: self.person.person.clone(),
            year: self.year,
            policy: self.policy.id().clone(),
            status: if gross > 0 { Status::Eligible } else { Status::Ineligible },
            eligible_days: owners.len() as u16,
            counted_months: counted.len() as u8,
            gross: Fen::new(gross),
            offset: Fen::new(offset),
            net: Fen::new(net),
            entitled_before: Fen::new(before),
            adjustment: Fen::new(net - before),
            portions,
            reasons,
        })
    }

    fn portions(
        &self,
        net: i64,
        last: &Version,
        owners: &BTreeMap<NaiveDate, Text>,
        counted: &[(u32, &Version, Text)],
    ) -> Option<Vec<Portion>> {
        let daily = last.proration() == Proration::Daily;
        let mut list: Vec<(NaiveDate, &EnterpriseFacts, usize, usize)> = Vec::new();
        for enterprise in self.enterprises {
            let own = |day: &NaiveDate| owners[day] == enterprise.uscc;
            let months: Vec<u32> =
                counted.iter().filter(|c| c.2 == enterprise.uscc).map(|c| c.0).collect();
            let days: Vec<NaiveDate> = owners.keys().copied().filter(own).collect();
            let first = days.iter().copied().find(|day| daily || months.contains(&day.month()));
            let weight = if daily { days.len() } else { months.len() };
            if weight > 0 {
                list.push((first.unwrap(), enterprise, months.len(), days.len()));
            }
        }
        list.sort_by_key(|entry| entry.0);
        let weights = list.iter().map(|e| if daily { e.3 } else { e.2 } as i128).collect();
        let amounts = largest_remainder(net, weights);
        let mut portions = Vec::new();
        for ((_, enterprise, months, days), amount) in list.into_iter().zip(amounts) {
            let rule = last
                .funding()
                .iter()
                .filter(|rule| enterprise.division.starts_with(rule.division.as_str()))
                .max_by_key(|rule| rule.division.len())?;
            let percents = rule.shares.iter().map(|share| {
                let text = share.percent.to_string();
                let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
                format!("{whole}{part:0<12}").parse().unwrap()
            });
            let parts = largest_remainder(amount, percents.collect());
            let funding = rule.shares.iter().zip(parts).map(|(share, amount)| FundingAmount {
                source: share.source.clone(),
                amount: Fen::new(amount),
            });
            portions.push(Portion {
                enterprise: enterprise.uscc.clone(),
                division: enterprise.division.clone(),
                months: months as u8,
                days: days as u16,
                amount: Fen::new(amount),
                funding: funding.collect(),
            });
        }
        Some(portions)
    }
}

fn largest_remainder(total: i64, weights: Vec<i128>) -> Vec<i64> {
    let sum: i128 = weights.iter().sum();
    let exact: Vec<i128> = weights.iter().map(|w| i128::from(total) * w).collect();
    let mut parts: Vec<i128> = exact.iter().map(|e| e / sum).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|i| -(exact[*i] % sum));
    let missing = i128::from(total) - parts.iter().sum::<i128>();
    for i in order.into_iter().take(usize::try_from(missing).unwrap()) {
        parts[i] += 1;
    }
    parts.into_iter().map(|part| part as i64).collect()
}

fn check_properties(policy: &Policy, found: &Determination) {
    assert!(found.net >= Fen::ZERO && found.net <= found.gross);
    // "yuan" rounds up to the next yuan at most.
    let most = policy.versions().iter().map(|version| version.amount().get()).max().unwrap();
    assert!(found.gross.get() <= most + 50, "{} of at most {most}", found.gross);
    let portions = Fen::checked_sum(found.portions.iter().map(|portion| portion.amount));
    assert_eq!(portions, Some(found.net));
    for portion in &found.portions {
        let sources = Fen::checked_sum(portion.funding.iter().map(|part| part.amount));
        assert_eq!(sources, Some(portion.amount));
    }
    assert_eq!(found.status == Status::Eligible, found.reasons.is_empty());
}

fn check_trace(trace: &Trace, found: &Determination) {
    let json = serde_json::to_string(trace).unwrap();
    assert_eq!(serde_json::from_str::<Trace>(&json).unwrap(), *trace);
    assert!(trace.steps.iter().all(|step| !step.describe().is_empty()));
    if found.reasons == [Reason::PolicyNotInForce] {
        return;
    }
    let months = trace.months();
    assert_eq!(months.len(), 12);
    let days: u16 = months.iter().map(|month| u16::from(month.eligible_days)).sum();
    assert_eq!(days, found.eligible_days);
    assert_eq!(months.iter().filter(|m| m.counted).count(), usize::from(found.counted_months));
    for (month, number) in months.iter().zip(1..) {
        let first = NaiveDate::from_ymd_opt(found.year, number, 1).unwrap();
        let length = (first + chrono::Months::new(1) - first).num_days();
        let whole = i64::from(month.eligible_days) == length;
        assert_eq!(whole, month.missing.iter().next().is_none(), "{month:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_facts_give_what_the_plain_reading_of_the_rules_gives(seed in any::<u64>()) {
        let mut dice = Dice(seed);
        let policy = random_policy(&mut dice);
        let list = random_enterprises(&mut dice);
        let enterprises = Enterprises::new(list.clone()).unwrap();
        for _ in 0..3 {
            let person = random_person(&mut dice);
            let known = dice.one_in(2).then(|| {
                DateTime::parse_from_rfc3339(&format!("{}T01:00:00+08:00", dice.day())).unwrap()
            });
            for year in 2025..=2029 {
                let plain =
                    Reference { policy: &policy, enterprises: &list, person: &person, year, known };
                let plain = plain.determine();
                let found = determine(&policy, &enterprises, &person, year, known);
                prop_assert_eq!(found.as_ref().ok(), plain.as_ref(), "seed {}", seed);
                let explained = explain(&policy, &enterprises, &person, year, known);
                prop_assert_eq!(explained.as_ref().map(|e| &e.0), found.as_ref());
                let Ok((found, trace)) = explained else { continue };
                check_properties(&policy, &found);
                check_trace(&trace, &found);
                if known.is_none() {
                    let noisy = with_superseded_noise(person.clone(), &mut dice);
                    let same = determine(&policy, &enterprises, &noisy, year, known);
                    prop_assert_eq!(same, Ok(found));
                }
            }
        }
    }
}
