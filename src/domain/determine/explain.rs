//! Collects the steps of a determination. Nothing is decided here: the figures come from the run.

use chrono::NaiveDate;

use super::amount;
use super::days::Days;
use super::eligibility::Evaluated;
use super::facts::PersonFacts;
use super::outcome::{Determination, Portion, Reason};
use super::run::{Part, Run, Sums};
use super::text::Text;
use super::trace::*;
use crate::domain::edition::{Condition, Proration, Rule, Version};

/// The run with everything known about one person.
struct View<'v, 'a> {
    run: &'v Run<'a>,
    person: &'v PersonFacts,
    evaluated: &'v Evaluated<'v>,
    sums: &'v Sums<'v, 'a>,
    parts: &'v [Part],
    determination: &'v Determination,
}

pub(super) fn trace<'v, 'a>(
    run: &'v Run<'a>,
    person: &'v PersonFacts,
    evaluated: &'v Evaluated<'v>,
    sums: &'v Sums<'v, 'a>,
    parts: &'v [Part],
    determination: &'v Determination,
) -> Trace {
    let view = View { run, person, evaluated, sums, parts, determination };
    let mut steps = Vec::with_capacity(8 + evaluated.candidates.len() + parts.len());
    view.in_force(&mut steps);
    if !run.in_force.is_empty() {
        view.eligible_days(&mut steps);
        view.months(&mut steps);
    }
    if let Some(last) = sums.last {
        view.gross(last.version, &mut steps);
        view.offset(last.version, &mut steps);
        view.portions(last.version, &mut steps);
        for (part, portion) in parts.iter().zip(&determination.portions) {
            view.funding(last.version, part, portion, &mut steps);
        }
    }
    view.adjustment(&mut steps);
    if !determination.reasons.is_empty() {
        view.reasons(&mut steps);
    }
    Trace { steps }
}

impl View<'_, '_> {
    /// The basis of a rule: that of the last version, else of the last one in force in the year.
    fn basis(&self, rule: Rule) -> Text {
        let version = self.sums.last.or(self.run.active.last()).map(|active| active.version);
        let version = version.or_else(|| self.run.policy.versions().last());
        version.map(|version| version.rule_basis(rule).clone()).unwrap_or_default()
    }

    fn date(&self, day: Option<u16>) -> Option<NaiveDate> {
        day.and_then(|day| self.run.date(day))
    }

    fn in_force(&self, steps: &mut Vec<Step>) {
        let versions = self.run.active.iter().map(|active| VersionInForce {
            version: active.number,
            from: active.version.from(),
            through: active.version.through(),
            days: active.days.count(),
            amount: active.version.amount(),
            month_min_days: active.version.month_min_days(),
            conditions: active.version.conditions().iter().collect(),
        });
        steps.push(Step::InForce {
            inputs: InForceInputs {
                year: self.run.year.number,
                known_at: self.run.known_at,
                first_award_year: self.run.policy.first_award_year(),
                versions: versions.collect(),
            },
            result: InForceResult {
                days: self.run.in_force.count(),
                last_version: self.sums.last.map(|last| last.number),
            },
            basis: self.basis(Rule::InForce),
        });
    }

    fn eligible_days(&self, steps: &mut Vec<Step>) {
        let asked = |condition, days: Days| {
            let in_force = self.run.in_force;
            (!self.run.asked(condition).is_empty()).then(|| days.and(in_force).count())
        };
        for place in &self.evaluated.candidates {
            steps.push(Step::EligibleDays {
                inputs: EligibleDaysInputs {
                    enterprise: place.uscc.clone(),
                    division: place.division(),
                    listed: asked(Condition::Listed, place.listed),
                    participating: place.participating.count(),
                    employed: asked(Condition::Employed, place.employed),
                    rostered: asked(Condition::Rostered, place.rostered),
                    recognised: asked(Condition::Recognised, self.evaluated.recognised),
                    evidenced: asked(Condition::Evidenced, self.evaluated.evidenced),
                    suspended: asked(Condition::NotSuspended, self.evaluated.suspended),
                    excluded: asked(Condition::NotExcluded, self.evaluated.excluded),
                },
                result: EligibleDaysResult {
                    eligible: place.eligible.count(),
                    own: place.own.count(),
                    first: self.date(place.own.first()),
                    last: self.date(place.own.last()),
                },
                basis: self.basis(Rule::EligibleDays),
            });
        }
    }

    /// The days on which each reason stands in the way, those of an empty set left out.
    fn obstacles(&self) -> Vec<(Reason, Days)> {
        let run = self.run;
        let mut list = Vec::with_capacity(10);
        let mut push = |reason, days: Days| {
            if !days.is_empty() {
                list.push((reason, days));
            }
        };
        let year = Days::range(0, run.year.days());
        push(Reason::PolicyNotInForce, year.minus(run.in_force));
        let mut apart = run.in_force.minus(self.evaluated.eligible);
        if !apart.is_empty() {
            for (reason, asked, held) in self.evaluated.failing(run) {
                let failed = asked.minus(held);
                push(reason, failed);
                apart = apart.minus(failed);
            }
            push(Reason::ConditionsNeverMetTogether, apart);
        }
        list
    }

    fn months(&self, steps: &mut Vec<Step>) {
        let obstacles = self.obstacles();
        let lines = (0..12).map(|number| self.month(number, &obstacles));
        steps.push(Step::CountedMonths {
            inputs: MonthsInputs { months: lines.collect() },
            result: MonthsResult {
                counted_months: self.evaluated.counted,
                eligible_days: self.determination.eligible_days,
            },
            basis: self.basis(Rule::CountedMonths),
        });
    }

    fn month(&self, number: usize, obstacles: &[(Reason, Days)]) -> MonthLine {
        let span = self.run.year.month(number);
        let month = &self.evaluated.months[number];
        let active = (month.days > 0).then(|| &self.run.active[month.active]);
        let mut missing = Missing::default();
        for (reason, days) in obstacles {
            missing.set(*reason, days.slice(span).count_ones() as u8);
        }
        let mut split = Vec::new();
        if self.evaluated.candidates.len() > 1 && month.days > 0 {
            for place in &self.evaluated.candidates {
                let own = place.own.slice(span);
                let days = own.count_ones() as u8;
                if days > 0 && days < month.days {
                    let last = span.0 + 63 - own.leading_zeros() as u16;
                    let enterprise = place.uscc.clone();
                    split.push(MonthDays { enterprise, days, last: self.run.date(last) });
                }
            }
        }
        MonthLine {
            month: number as u8 + 1,
            version: active.map(|active| active.number),
            eligible_days: month.days,
            needed_days: active.map(|active| active.version.month_min_days()),
            counted: month.counted,
            enterprise: month.counted.then(|| self.evaluated.candidates[month.owner].uscc.clone()),
            split,
            missing,
        }
    }

    fn gross(&self, version: &Version, steps: &mut Vec<Step>) {
        let proration = version.proration();
        let (terms, divisor) = self.run.terms(self.evaluated, proration);
        let terms = terms.filter(|(_, units)| *units > 0).map(|(active, units)| Term {
            version: active.number,
            amount: active.version.amount(),
            units,
        });
        let daily = proration == Proration::Daily;
        steps.push(Step::Gross {
            inputs: GrossInputs {
                proration,
                terms: terms.collect(),
                divisor,
                reached: if daily {
                    self.determination.eligible_days
                } else {
                    self.evaluated.counted.into()
                },
                minimum: if daily { version.min_days() } else { version.min_months().into() },
                before_first_award_year: self.run.is_history(),
                rounding: version.rounding(),
            },
            result: GrossResult { gross: self.sums.gross },
            basis: self.basis(Rule::Gross),
        });
    }

    fn offset(&self, version: &Version, steps: &mut Vec<Step>) {
        let awards = self.person.other_awards.iter().filter(|award| {
            award.year == self.run.year.number && award.stamps.exists(self.run.known_at)
        });
        let awards = awards.map(|award| AwardLine {
            group: award.group.clone(),
            amount: award.amount,
            exclusive: version.stacking_of(&award.group).is_some(),
            relation: version.relation(&award.group).map(|relation| relation.stacking),
        });
        let awards: Vec<AwardLine> = awards.collect();
        let basis = self.offset_basis(version, &awards);
        steps.push(Step::Offset {
            inputs: OffsetInputs {
                stacking: version.stacking(),
                awards,
                sum: self.sums.awards,
                gross: self.sums.gross,
            },
            result: OffsetResult { offset: self.sums.offset, net: self.sums.net },
            basis,
        });
    }

    /// With the entries of the conflict catalogue that decide about awards of the year.
    fn offset_basis(&self, version: &Version, awards: &[AwardLine]) -> Text {
        let rule = self.basis(Rule::Offset);
        let cited = version.relations().iter();
        let mut cited =
            cited.filter(|r| awards.iter().any(|award| award.group == r.group)).peekable();
        if cited.peek().is_none() {
            return rule;
        }
        let cited: Vec<String> =
            cited.map(|relation| format!("{}：{}", relation.group, relation.basis)).collect();
        Text::from(format!("{rule}；{}", cited.join("；")))
    }

    fn portions(&self, version: &Version, steps: &mut Vec<Step>) {
        if self.parts.is_empty() {
            return;
        }
        let parts = self.parts.iter().map(|part| PartLine {
            enterprise: self.evaluated.candidates[part.candidate].uscc.clone(),
            first_day: self.run.date(part.first_day),
            weight: part.weight,
            // Below the total weight, at most 366.
            remainder: part.piece.remainder as u64,
            extra_fen: part.piece.extra,
        });
        steps.push(Step::Portions {
            inputs: PortionsInputs {
                net: self.sums.net,
                proration: version.proration(),
                total_weight: self.parts.iter().map(|part| part.weight).sum(),
                parts: parts.collect(),
            },
            result: PortionsResult {
                amounts: self.parts.iter().map(|part| part.piece.amount).collect(),
            },
            basis: self.basis(Rule::Portions),
        });
    }

    fn funding(&self, version: &Version, part: &Part, portion: &Portion, steps: &mut Vec<Step>) {
        let Some(rule) = version.funding_for(&portion.division) else { return };
        let units = rule.shares.iter().map(|share| share.percent.units());
        let pieces = amount::pieces(part.piece.amount, units);
        let shares = rule.shares.iter().zip(pieces).map(|(share, piece)| ShareLine {
            source: share.source.clone(),
            percent: share.percent_text().clone(),
            // Below 10^14.
            remainder: piece.remainder as u64,
            extra_fen: piece.extra,
        });
        steps.push(Step::Funding {
            inputs: FundingInputs {
                enterprise: portion.enterprise.clone(),
                division: portion.division.clone(),
                rule_division: rule.division.clone(),
                amount: portion.amount,
                shares: shares.collect(),
            },
            result: FundingResult { funding: portion.funding.clone() },
            basis: self.basis(Rule::Funding),
        });
    }

    fn adjustment(&self, steps: &mut Vec<Step>) {
        let before = self.person.entitled_before.iter().filter(|fact| {
            fact.year == self.run.year.number && fact.stamps.exists(self.run.known_at)
        });
        steps.push(Step::Adjustment {
            inputs: AdjustmentInputs {
                net: self.sums.net,
                before: before.map(|fact| fact.amount).collect(),
                entitled_before: self.sums.entitled_before,
            },
            result: AdjustmentResult { adjustment: self.sums.adjustment },
            basis: self.basis(Rule::Adjustment),
        });
    }

    fn reasons(&self, steps: &mut Vec<Step>) {
        steps.push(Step::Reasons {
            inputs: ReasonsInputs {
                in_force_days: self.run.in_force.count(),
                eligible_days: self.determination.eligible_days,
                counted_months: self.determination.counted_months,
            },
            result: ReasonsResult { reasons: self.determination.reasons.clone() },
            basis: self.basis(Rule::Reasons),
        });
    }
}
