//! The rules on one year: which version is in force when, and what follows for one person.

use chrono::{DateTime, FixedOffset, NaiveDate};

use super::DetermineError;
use super::amount;
use super::days::{Days, Year};
use super::eligibility::Evaluated;
use super::explain;
use super::facts::{Enterprises, PersonFacts};
use super::outcome::{Determination, FundingAmount, Portion, Reason, Status};
use super::trace::Trace;
use crate::domain::edition::{Condition, FundingRule, Policy, Proration, Stacking, Version};
use crate::domain::money::Fen;

/// A version with its days inside the year.
pub(super) struct Active<'a> {
    /// Position among the versions of the policy, from 1.
    pub(super) number: u16,
    pub(super) version: &'a Version,
    pub(super) days: Days,
}

/// One policy, the enterprises, a year and a moment of knowledge, prepared once for many persons.
pub struct Run<'a> {
    pub(super) policy: &'a Policy,
    pub(super) enterprises: &'a Enterprises,
    pub(super) known_at: Option<DateTime<FixedOffset>>,
    pub(super) year: Year,
    pub(super) active: Vec<Active<'a>>,
    /// Days of the year on which some version is in force.
    pub(super) in_force: Days,
    asked: [Days; Condition::ALL.len()],
}

/// What is known after the months have been counted and before money is split.
pub(super) struct Sums<'r, 'a> {
    /// The version in force on the last eligible day.
    pub(super) last: Option<&'r Active<'a>>,
    pub(super) gross: Fen,
    pub(super) awards: Fen,
    pub(super) offset: Fen,
    pub(super) net: Fen,
    pub(super) entitled_before: Fen,
    pub(super) adjustment: Fen,
}

/// Awards of the year that count beside the stipend.
struct Awards {
    /// All of them.
    sum: Fen,
    /// Those that the stipend tops up.
    top_up: Fen,
    /// Whether one of them leaves nothing.
    excludes: bool,
}

/// An enterprise's part of the net amount.
pub(super) struct Part {
    pub(super) candidate: usize,
    pub(super) first_day: u16,
    pub(super) weight: u64,
    pub(super) piece: amount::Piece,
}

impl<'a> Run<'a> {
    /// Prepares a run. `known_at` limits the facts to those that existed for someone looking at
    /// that moment; without it, exactly the facts exist that nothing supersedes. Error: a year
    /// that the calendar does not have.
    pub fn new(
        policy: &'a Policy,
        enterprises: &'a Enterprises,
        year: i32,
        known_at: Option<DateTime<FixedOffset>>,
    ) -> Result<Self, DetermineError> {
        let year = Year::new(year).ok_or(DetermineError::Year(year))?;
        let mut in_force = Days::EMPTY;
        let mut asked = [Days::EMPTY; Condition::ALL.len()];
        let mut active = Vec::new();
        for (version, number) in policy.versions().iter().zip(1_u16..) {
            let days = year.set(version.period());
            if days.is_empty() {
                continue;
            }
            in_force = in_force.or(days);
            for condition in version.conditions().iter() {
                let asked = &mut asked[condition as usize];
                *asked = asked.or(days);
            }
            active.push(Active { number, version, days });
        }
        Ok(Self { policy, enterprises, known_at, year, active, in_force, asked })
    }

    /// The days on which the version in force lists a condition.
    pub(super) fn asked(&self, condition: Condition) -> Days {
        self.asked[condition as usize]
    }

    /// The version in force on a day, by its place among the active ones.
    pub(super) fn active_on(&self, day: u16) -> Option<usize> {
        let day = Days::range(day, day + 1);
        self.active.iter().position(|active| !active.days.and(day).is_empty())
    }

    /// The date of a day of the year.
    pub(super) fn date(&self, day: u16) -> Option<NaiveDate> {
        NaiveDate::from_yo_opt(self.year.number, u32::from(day) + 1)
    }

    /// The result for one person.
    pub fn determine(&self, person: &PersonFacts) -> Result<Determination, DetermineError> {
        let evaluated = Evaluated::new(self, person);
        let sums = self.sums(person, &evaluated)?;
        let parts = self.parts(&evaluated, &sums);
        self.conclude(person, &evaluated, &sums, &parts)
    }

    /// The same result with the steps that lead to it.
    pub fn explain(&self, person: &PersonFacts) -> Result<(Determination, Trace), DetermineError> {
        let evaluated = Evaluated::new(self, person);
        let sums = self.sums(person, &evaluated)?;
        let parts = self.parts(&evaluated, &sums);
        let determination = self.conclude(person, &evaluated, &sums, &parts)?;
        let trace = explain::trace(self, person, &evaluated, &sums, &parts, &determination);
        Ok((determination, trace))
    }

    fn sums<'r>(
        &'r self,
        person: &PersonFacts,
        evaluated: &Evaluated<'_>,
    ) -> Result<Sums<'r, 'a>, DetermineError> {
        let last = evaluated.eligible.last().and_then(|day| self.active_on(day));
        let last = last.map(|at| &self.active[at]);
        let gross = last.map_or(Ok(Fen::ZERO), |last| self.gross(evaluated, last))?;
        let mut awards = Fen::ZERO;
        let mut offset = Fen::ZERO;
        if let Some(last) = last.filter(|_| gross > Fen::ZERO) {
            let counted = self.awards(person, last.version)?;
            awards = counted.sum;
            offset = if counted.excludes { gross } else { counted.top_up.min(gross) };
        }
        let overflow = || DetermineError::Overflow("entitled_before");
        let net = gross.checked_sub(offset).ok_or_else(overflow)?;
        let entitled_before = Fen::checked_sum(
            person
                .entitled_before
                .iter()
                .filter(|fact| fact.year == self.year.number && fact.stamps.exists(self.known_at))
                .map(|fact| fact.amount),
        )
        .ok_or_else(overflow)?;
        let adjustment = net.checked_sub(entitled_before).ok_or_else(overflow)?;
        Ok(Sums { last, gross, awards, offset, net, entitled_before, adjustment })
    }

    /// Whether the year lies before the first award year.
    pub(super) fn is_history(&self) -> bool {
        self.policy.first_award_year().is_some_and(|first| self.year.number < first)
    }

    /// How often each active version's amount enters the gross amount, and the divisor.
    pub(super) fn terms(
        &self,
        evaluated: &Evaluated<'_>,
        proration: Proration,
    ) -> (impl Iterator<Item = (&Active<'a>, u16)>, u16) {
        let last = evaluated.months.iter().rev().find(|month| month.counted);
        let last = last.map(|month| month.active);
        let divisor = match proration {
            Proration::None => 1,
            Proration::Monthly => 12,
            Proration::Daily => self.year.days(),
        };
        let terms = self.active.iter().enumerate().map(move |(at, active)| {
            let units = match proration {
                Proration::None => u16::from(last == Some(at)),
                Proration::Monthly => {
                    let priced =
                        |month: &&super::eligibility::Month| month.counted && month.active == at;
                    evaluated.months.iter().filter(priced).count() as u16
                }
                Proration::Daily => evaluated.eligible.and(active.days).count(),
            };
            (active, units)
        });
        (terms, divisor)
    }

    fn gross(&self, evaluated: &Evaluated<'_>, last: &Active<'_>) -> Result<Fen, DetermineError> {
        let version = last.version;
        let enough = match version.proration() {
            Proration::Daily => evaluated.eligible.count() >= version.min_days(),
            Proration::None | Proration::Monthly => evaluated.counted >= version.min_months(),
        };
        if self.is_history() || !enough {
            return Ok(Fen::ZERO);
        }
        let (terms, divisor) = self.terms(evaluated, version.proration());
        let sum = terms
            .map(|(active, units)| i128::from(active.version.amount().get()) * i128::from(units))
            .sum();
        amount::round_half_up(sum, i128::from(divisor), version.rounding())
            .ok_or(DetermineError::Overflow("amount"))
    }

    fn awards(&self, person: &PersonFacts, version: &Version) -> Result<Awards, DetermineError> {
        let overflow = || DetermineError::Overflow("other_awards");
        let mut found = Awards { sum: Fen::ZERO, top_up: Fen::ZERO, excludes: false };
        for award in &person.other_awards {
            if award.year != self.year.number || !award.stamps.exists(self.known_at) {
                continue;
            }
            let Some(stacking) = version.stacking_of(&award.group) else { continue };
            found.sum = found.sum.checked_add(award.amount).ok_or_else(overflow)?;
            match stacking {
                Stacking::Stack => {}
                Stacking::TopUp => {
                    found.top_up = found.top_up.checked_add(award.amount).ok_or_else(overflow)?;
                }
                Stacking::Exclude => found.excludes |= award.amount > Fen::ZERO,
            }
        }
        Ok(found)
    }

    /// The split of the net amount over enterprises, earliest first.
    fn parts(&self, evaluated: &Evaluated<'_>, sums: &Sums<'_, '_>) -> Vec<Part> {
        let Some(last) = sums.last.filter(|_| sums.net > Fen::ZERO) else { return Vec::new() };
        let daily = last.version.proration() == Proration::Daily;
        let mut parts = Vec::new();
        for (candidate, place) in evaluated.candidates.iter().enumerate() {
            let weighed = if daily {
                place.own.first().map(|day| (day, place.own.count()))
            } else {
                evaluated.first_counted_day(self, candidate).map(|day| (day, place.months.into()))
            };
            if let Some((first_day, weight)) = weighed {
                let piece = amount::Piece::default();
                parts.push(Part { candidate, first_day, weight: u64::from(weight), piece });
            }
        }
        parts.sort_unstable_by_key(|part| part.first_day);
        let pieces = amount::pieces(sums.net, parts.iter().map(|part| part.weight));
        for (part, piece) in parts.iter_mut().zip(pieces) {
            part.piece = piece;
        }
        parts
    }

    fn conclude(
        &self,
        person: &PersonFacts,
        evaluated: &Evaluated<'_>,
        sums: &Sums<'_, '_>,
        parts: &[Part],
    ) -> Result<Determination, DetermineError> {
        let mut portions = Vec::with_capacity(parts.len());
        for part in parts {
            let place = &evaluated.candidates[part.candidate];
            let division = place.division().unwrap_or_default();
            let rule = sums.last.and_then(|last| last.version.funding_for(&division));
            let rule = rule.ok_or_else(|| DetermineError::NoFunding {
                enterprise: place.uscc.clone(),
                division: division.clone(),
            })?;
            portions.push(Portion {
                enterprise: place.uscc.clone(),
                months: place.months,
                days: place.own.count(),
                amount: part.piece.amount,
                funding: funding(part.piece.amount, rule),
                division,
            });
        }
        let eligible = sums.gross > Fen::ZERO;
        Ok(Determination {
            person: person.person.clone(),
            year: self.year.number,
            policy: self.policy.id().clone(),
            status: if eligible { Status::Eligible } else { Status::Ineligible },
            eligible_days: evaluated.eligible.count(),
            counted_months: evaluated.counted,
            gross: sums.gross,
            offset: sums.offset,
            net: sums.net,
            entitled_before: sums.entitled_before,
            adjustment: sums.adjustment,
            portions,
            reasons: if eligible { Vec::new() } else { self.reasons(evaluated, sums) },
        })
    }

    fn reasons(&self, evaluated: &Evaluated<'_>, sums: &Sums<'_, '_>) -> Vec<Reason> {
        if self.in_force.is_empty() {
            return vec![Reason::PolicyNotInForce];
        }
        if let Some(last) = sums.last {
            return vec![match last.version.proration() {
                _ if self.is_history() => Reason::BeforeFirstAwardYear,
                Proration::Daily => Reason::BelowMinDays,
                Proration::None | Proration::Monthly => Reason::BelowMinMonths,
            }];
        }
        let failing = evaluated.failing(self);
        let never = failing.iter().filter(|(_, asked, held)| !asked.is_empty() && held.is_empty());
        let reasons: Vec<Reason> = never.map(|(reason, ..)| *reason).collect();
        if reasons.is_empty() { vec![Reason::ConditionsNeverMetTogether] } else { reasons }
    }
}

/// Splits an amount over the shares of a rule.
fn funding(amount: Fen, rule: &FundingRule) -> Vec<FundingAmount> {
    let pieces = amount::pieces(amount, rule.shares.iter().map(|share| share.percent.units()));
    let funded = |(share, piece): (&crate::domain::edition::Share, amount::Piece)| FundingAmount {
        source: share.source.clone(),
        amount: piece.amount,
    };
    rule.shares.iter().zip(pieces).map(funded).collect()
}
