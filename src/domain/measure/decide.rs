//! The calculation: one pass over an application; determination and trace are made of its figures.

use chrono::Datelike;

use super::facts::{Application, EarlierAward, Fault};
use super::outcome::{Determination, Reason};
use super::parse::{Payments, Rule, Span};
use super::trace::*;
use super::{Form, Policy, Version};
use crate::domain::determine::{Status, Text};
use crate::domain::edition::{Dated, Percent};
use crate::domain::money::Fen;

/// Everything known about one application.
pub(super) struct Calculation<'a> {
    policy: &'a Policy,
    application: &'a Application,
    /// The version that decides, with its number, the oldest 1.
    decides: Option<(u16, &'a Version)>,
    reasons: Vec<Reason>,
    /// The figures of an application that meets the conditions.
    sums: Option<Sums>,
}

#[derive(Clone, Copy)]
struct Sums {
    calculated: Fen,
    earlier: Fen,
    room: Fen,
}

impl<'a> Calculation<'a> {
    pub(super) fn of(policy: &'a Policy, application: &'a Application) -> Result<Self, Vec<Fault>> {
        let decides =
            (1..).zip(policy.versions()).find(|(_, version)| version.covers(application.day));
        let Some((_, version)) = decides else {
            let reasons = vec![Reason::OutsidePolicy];
            return Ok(Self { policy, application, decides, reasons, sums: None });
        };
        let faults = faults(version, application);
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut reasons = reasons(version, application);
        let mut sums = None;
        if reasons.is_empty() {
            let found = Sums::of(version, application).map_err(|fault| vec![fault])?;
            if found.room == Fen::ZERO {
                reasons.push(Reason::CapUsedUp);
            } else if found.calculated == Fen::ZERO {
                reasons.push(Reason::NothingDue);
            }
            sums = Some(found);
        }
        Ok(Self { policy, application, decides, reasons, sums })
    }

    pub(super) fn determination(&self) -> Determination {
        let due = self.sums.filter(|_| self.reasons.is_empty());
        let amount = |of: fn(Sums) -> Fen| due.map_or(Fen::ZERO, of);
        let status = if due.is_some() { Status::Eligible } else { Status::Ineligible };
        Determination {
            application: self.application.application.clone(),
            subject: self.application.subject.clone(),
            policy: self.policy.id().clone(),
            status,
            calculated: amount(|sums| sums.calculated),
            room: amount(|sums| sums.room),
            amount: amount(Sums::due),
            reasons: self.reasons.clone(),
        }
    }

    pub(super) fn trace(&self) -> Trace {
        let mut steps = vec![self.in_force()];
        if let Some((_, version)) = self.decides {
            steps.push(self.eligibility(version));
            if let Some(sums) = self.sums {
                steps.push(self.calculation(version, sums));
                steps.push(self.cap(version, sums));
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
            inputs: InForceInputs { day: self.application.day },
            result: InForceResult {
                version: self.decides.map(|(number, _)| number),
                from: self.decides.map(|(_, version)| version.in_force.period.from),
                through: self.decides.map(|(_, version)| version.in_force.through),
            },
            basis: self.basis(Rule::InForce),
        }
    }

    fn eligibility(&self, version: &Version) -> Step {
        let application = self.application;
        let earlier = in_span(version, application).map(|award| EarlierLine {
            day: award.day,
            amount: award.amount,
            stage: award.stage.clone(),
        });
        let conditions = self.reasons.iter().copied();
        let conditions =
            conditions.filter(|r| !matches!(r, Reason::CapUsedUp | Reason::NothingDue));
        Step::Eligibility {
            inputs: EligibilityInputs {
                subject: application.subject.clone(),
                division: application.division.clone(),
                excluded_divisions: version.excluded_divisions.clone(),
                per: version.span,
                payments: version.payments,
                stage: application.stage.clone(),
                earlier: earlier.collect(),
                figure: application.figure,
                threshold: version.threshold,
            },
            result: EligibilityResult { reasons: conditions.collect() },
            basis: self.basis(Rule::Eligibility),
        }
    }

    fn calculation(&self, version: &Version, sums: Sums) -> Step {
        let ratio = match version.form {
            Form::Ratio(percent) => Some(Text::from(percent.to_string())),
            Form::Fixed(_) | Form::Stated => None,
        };
        Step::Calculation {
            inputs: CalculationInputs {
                means: Text::from(version.figure.as_str()),
                figure: self.application.figure,
                ratio,
            },
            result: CalculationResult { calculated: sums.calculated },
            basis: self.basis(Rule::Calculation),
        }
    }

    fn cap(&self, version: &Version, sums: Sums) -> Step {
        Step::Cap {
            inputs: CapInputs {
                calculated: sums.calculated,
                cap: version.cap,
                per: version.span,
                earlier: sums.earlier,
                room: sums.room,
            },
            result: CapResult { amount: sums.due() },
            basis: self.basis(Rule::Cap),
        }
    }
}

fn faults(version: &Version, application: &Application) -> Vec<Fault> {
    let mut faults = Vec::new();
    match (version.figure(), application.figure) {
        (Some(figure), None) => faults.push(Fault::new("figure", format!("请填写{figure}"))),
        (None, Some(_)) => faults.push(Fault::new("figure", "本项为定额，不需要填报金额")),
        _ => {}
    }
    if version.payments == Payments::Once && application.stage.is_some() {
        faults.push(Fault::new("stage", "本项一次发放，不分阶段"));
    }
    faults
}

/// Earlier awards that count together with this application.
fn in_span<'a>(
    version: &'a Version,
    application: &'a Application,
) -> impl Iterator<Item = &'a EarlierAward> {
    let counts = |award: &&EarlierAward| match version.span {
        Span::Life => true,
        Span::Year => award.day.year() == application.day.year(),
    };
    application.awarded_before.iter().filter(counts)
}

/// Every condition that is not met, in the order of the contract.
fn reasons(version: &Version, application: &Application) -> Vec<Reason> {
    let prefixes = &version.excluded_divisions;
    let outside = prefixes.iter().any(|prefix| application.division.starts_with(prefix.as_str()));
    let once = version.payments == Payments::Once;
    let again = once && in_span(version, application).next().is_some();
    let same_stage =
        |award: &EarlierAward| application.stage.is_some() && award.stage == application.stage;
    let stage_again = !once && in_span(version, application).any(same_stage);
    let below = version.threshold.zip(application.figure).is_some_and(|(least, f)| f < least);
    let applies = [
        (Reason::DivisionNotParticipating, outside),
        (Reason::AlreadyAwarded, again),
        (Reason::StageAlreadyAwarded, stage_again),
        (Reason::BelowThreshold, below),
    ];
    applies.into_iter().filter(|(_, applies)| *applies).map(|(reason, _)| reason).collect()
}

impl Sums {
    fn of(version: &Version, application: &Application) -> Result<Self, Fault> {
        let figure = application.figure.unwrap_or(Fen::ZERO);
        let calculated = match version.form {
            Form::Fixed(amount) => amount,
            Form::Stated => figure,
            Form::Ratio(percent) => part(figure, percent),
        };
        let earlier = in_span(version, application).map(|award| award.amount);
        let earlier = Fen::checked_sum(earlier)
            .ok_or_else(|| Fault::new("awarded_before", "金额合计超出可处理的范围"))?;
        let room = version.cap.checked_sub(earlier).unwrap_or(Fen::ZERO).max(Fen::ZERO);
        Ok(Self { calculated, earlier, room })
    }

    /// What is due: never more than the cap leaves.
    fn due(self) -> Fen {
        self.calculated.min(self.room)
    }
}

/// A part of an amount, rounded down to the fen: "not more than" leaves no room to round up.
fn part(figure: Fen, percent: Percent) -> Fen {
    let whole = i128::from(Percent::HUNDRED.units());
    // Below 10^19 × 10^14; at most the figure.
    let fen = i128::from(figure.get()) * i128::from(percent.units()) / whole;
    Fen::new(i64::try_from(fen).unwrap_or(figure.get()))
}
