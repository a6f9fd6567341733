//! The calculation: one pass over a claim; determination and trace are made of its figures.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate};

use super::facts::{Claim, Fault};
use super::outcome::{Determination, Reason};
use super::parse::Rule;
use super::trace::*;
use super::{Band, Policy, Version};
use crate::domain::determine::{Status, Text};
use crate::domain::edition::Dated;
use crate::domain::money::Fen;

/// Everything known about one claim.
pub(super) struct Calculation<'a> {
    policy: &'a Policy,
    claim: &'a Claim,
    /// The version that decides, with its number, the oldest 1.
    decides: Option<(u16, &'a Version)>,
    reasons: Vec<Reason>,
    /// The figures of an eligible claim.
    sums: Option<Sums<'a>>,
}

struct Sums<'a> {
    /// Yuan of each line.
    yuan: Vec<Fen>,
    accepted: Fen,
    band: &'a Band,
    subsidy: Fen,
    work_days: Vec<WorkDay>,
    days: u32,
    allowance: Fen,
    total: Fen,
}

impl<'a> Calculation<'a> {
    pub(super) fn of(policy: &'a Policy, claim: &'a Claim) -> Result<Self, Vec<Fault>> {
        let mut faults = claim.faults();
        let decides =
            (1..).zip(policy.versions()).find(|(_, version)| version.covers(claim.arrival));
        let band = decides.and_then(|(_, version)| version.band_of(&claim.origin));
        if decides.is_some() && band.is_none() {
            let message = format!("来源地 {} 没有对应的补贴上限", claim.origin);
            faults.push(Fault::new("origin", message));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let reasons = decides
            .map_or_else(|| vec![Reason::OutsidePolicy], |(_, version)| reasons(version, claim));
        let sums = match (decides, band) {
            (Some((_, version)), Some(band)) if reasons.is_empty() => {
                Some(Sums::of(version, band, claim).map_err(|fault| vec![fault])?)
            }
            _ => None,
        };
        Ok(Self { policy, claim, decides, reasons, sums })
    }

    pub(super) fn determination(&self) -> Determination {
        let amount = |of: fn(&Sums<'_>) -> Fen| self.sums.as_ref().map_or(Fen::ZERO, of);
        let eligible = self.reasons.is_empty();
        Determination {
            claim: self.claim.claim.clone(),
            policy: self.policy.id().clone(),
            status: if eligible { Status::Eligible } else { Status::Ineligible },
            accepted: amount(|sums| sums.accepted),
            cap: amount(|sums| sums.band.cap),
            subsidy: amount(|sums| sums.subsidy),
            allowance_days: self.sums.as_ref().map_or(0, |sums| sums.days),
            allowance: amount(|sums| sums.allowance),
            total: amount(|sums| sums.total),
            reasons: self.reasons.clone(),
        }
    }

    pub(super) fn trace(&self) -> Trace {
        let mut steps = vec![self.in_force()];
        if let Some((_, version)) = self.decides {
            steps.push(self.eligibility(version));
            if let Some(sums) = &self.sums {
                steps.extend([
                    self.lines(sums),
                    self.subsidy(sums),
                    self.allowance_days(version, sums),
                    self.allowance(version, sums),
                    self.total(sums),
                ]);
            }
        }
        Trace { steps }
    }

    /// The basis of a rule in the version that decides, else in the last one.
    fn basis(&self, rule: Rule) -> Text {
        let version = self.decides.map(|(_, version)| version).or(self.policy.versions().last());
        version.map(|version| version.basis.rule(rule as usize).clone()).unwrap_or_default()
    }

    fn in_force(&self) -> Step {
        Step::InForce {
            inputs: InForceInputs { arrival: self.claim.arrival },
            result: InForceResult {
                version: self.decides.map(|(number, _)| number),
                from: self.decides.map(|(_, version)| version.in_force.period.from),
                through: self.decides.map(|(_, version)| version.in_force.through),
            },
            basis: self.basis(Rule::InForce),
        }
    }

    fn eligibility(&self, version: &Version) -> Step {
        let claim = self.claim;
        Step::Eligibility {
            inputs: EligibilityInputs {
                birth: claim.birth,
                arrival: claim.arrival,
                age: completed_years(claim.birth, claim.arrival),
                max_age: version.max_age,
                on_roster: claim.on_roster,
                exit: claim.exit,
                claim_within_days: version.claim_within_days,
                last_day: last_day(version, claim),
                submitted: claim.submitted,
            },
            result: EligibilityResult { reasons: self.reasons.clone() },
            basis: self.basis(Rule::Eligibility),
        }
    }

    fn lines(&self, sums: &Sums<'_>) -> Step {
        let line = |(line, yuan): (&super::ClaimLine, &Fen)| LineStep {
            kind: line.kind,
            class: line.class.clone(),
            currency: line.currency.clone(),
            amount: line.amount,
            documented_economy: line.documented_economy,
            counted: line.counted(),
            rate_per_100: line.rate().ok().flatten().map(|rate| Text::from(rate.to_string())),
            yuan: *yuan,
        };
        let lines = self.claim.lines.iter().zip(&sums.yuan).map(line).collect();
        Step::Lines {
            inputs: LinesInputs { lines },
            result: LinesResult { accepted: sums.accepted },
            basis: self.basis(Rule::Lines),
        }
    }

    fn subsidy(&self, sums: &Sums<'_>) -> Step {
        Step::Subsidy {
            inputs: SubsidyInputs {
                accepted: sums.accepted,
                other_payer: self.claim.other_payer,
                origin: self.claim.origin.clone(),
                band: sums.band.name.clone(),
                cap: sums.band.cap,
            },
            result: SubsidyResult { subsidy: sums.subsidy },
            basis: self.basis(Rule::Subsidy),
        }
    }

    fn allowance_days(&self, version: &Version, sums: &Sums<'_>) -> Step {
        let used = self.claim.allowance_days_used.iter();
        Step::AllowanceDays {
            inputs: AllowanceDaysInputs {
                arrival: self.claim.arrival,
                exit: self.claim.exit,
                allowance_days_per_trip: version.allowance_days_per_trip,
                allowance_days_per_year: version.allowance_days_per_year,
                used: used.map(|(year, days)| UsedDays { year: *year, days: *days }).collect(),
                work_days: sums.work_days.clone(),
            },
            result: AllowanceDaysResult { days: sums.days },
            basis: self.basis(Rule::AllowanceDays),
        }
    }

    fn allowance(&self, version: &Version, sums: &Sums<'_>) -> Step {
        Step::Allowance {
            inputs: AllowanceInputs {
                days: sums.days,
                allowance_per_day: version.allowance_per_day,
            },
            result: AllowanceResult { allowance: sums.allowance },
            basis: self.basis(Rule::Allowance),
        }
    }

    fn total(&self, sums: &Sums<'_>) -> Step {
        Step::Total {
            inputs: TotalInputs { subsidy: sums.subsidy, allowance: sums.allowance },
            result: TotalResult { total: sums.total },
            basis: self.basis(Rule::Total),
        }
    }
}

/// Every reason that applies, in the order of the contract.
fn reasons(version: &Version, claim: &Claim) -> Vec<Reason> {
    let too_old = completed_years(claim.birth, claim.arrival) > i32::from(version.max_age);
    let late = last_day(version, claim).is_some_and(|last| last < claim.submitted);
    let applies = [
        (Reason::OverAge, too_old),
        (Reason::OnRoster, claim.on_roster),
        (Reason::LateClaim, late),
    ];
    applies.into_iter().filter(|(_, applies)| *applies).map(|(reason, _)| reason).collect()
}

/// Years completed on a day. A year of someone born on 29 February is complete on 1 March where
/// the year has no such day.
fn completed_years(birth: NaiveDate, day: NaiveDate) -> i32 {
    let before_birthday = (day.month(), day.day()) < (birth.month(), birth.day());
    day.year() - birth.year() - i32::from(before_birthday)
}

/// The last day to claim; none beyond the calendar.
fn last_day(version: &Version, claim: &Claim) -> Option<NaiveDate> {
    claim.exit.checked_add_days(Days::new(version.claim_within_days.into()))
}

impl<'a> Sums<'a> {
    fn of(version: &'a Version, band: &'a Band, claim: &Claim) -> Result<Self, Fault> {
        let beyond = |field: &str| Fault::new(field, "金额超出可处理的范围");
        let mut yuan = Vec::with_capacity(claim.lines.len());
        for (at, line) in claim.lines.iter().enumerate() {
            let counted = line.counted();
            let converted = match line.rate() {
                Ok(Some(rate)) => rate.yuan(counted),
                _ => Some(counted),
            };
            yuan.push(converted.ok_or_else(|| beyond(&format!("lines[{at}].amount")))?);
        }
        let accepted = Fen::checked_sum(yuan.iter().copied()).ok_or_else(|| beyond("lines"))?;
        let own = accepted.checked_sub(claim.other_payer).ok_or_else(|| beyond("other_payer"))?;
        let subsidy = own.max(Fen::ZERO).min(band.cap);
        let (work_days, days) = allowance_days(version, claim);
        let allowance = version.allowance_per_day.get().checked_mul(days.into()).map(Fen::new);
        let allowance = allowance.ok_or_else(|| beyond("work_days"))?;
        let total = subsidy.checked_add(allowance).ok_or_else(|| beyond("work_days"))?;
        Ok(Self { yuan, accepted, band, subsidy, work_days, days, allowance, total })
    }
}

/// Each distinct work day with what became of it, oldest first, and how many were taken.
fn allowance_days(version: &Version, claim: &Claim) -> (Vec<WorkDay>, u32) {
    let mut used: BTreeMap<i32, u32> = claim.allowance_days_used.clone();
    let mut taken = 0;
    let distinct: BTreeSet<NaiveDate> = claim.work_days.iter().copied().collect();
    let mut list = Vec::with_capacity(distinct.len());
    for day in distinct {
        let of_year = used.entry(day.year()).or_insert(0);
        let outcome = if day < claim.arrival || claim.exit < day {
            DayOutcome::OutsideStay
        } else if !version.covers(day) {
            DayOutcome::NotInForce
        } else if taken >= version.allowance_days_per_trip {
            DayOutcome::TripFull
        } else if *of_year >= version.allowance_days_per_year {
            DayOutcome::YearFull
        } else {
            *of_year += 1;
            taken += 1;
            DayOutcome::Taken
        };
        list.push(WorkDay { day, outcome });
    }
    (list, taken)
}
