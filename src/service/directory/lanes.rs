//! A person's history as stretches of time, lane by lane.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};

use super::engineers::enterprise_name;
use super::facts::{FactLine, InWords, known, month_runs};
use crate::clock::china_time;
use crate::domain::period::Period;
use crate::domain::registry::{Code, EvidenceMonth, RosterStatus, Stated};
use crate::store::directory::{BankLine, EnterpriseFile, PersonFile};

/// Years drawn before the last one; older stretches stay in the table.
const YEARS_DRAWN: i32 = 6;

/// What a stretch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LaneKind {
    /// Employment.
    Work,
    /// On the confirmed roster.
    Roster,
    /// Waiting for confirmation.
    Declared,
    /// The employer is on the list.
    Listed,
    /// Recognised talent.
    Recognised,
    /// Months with evidence.
    Evidence,
    /// Suspended or excluded.
    Hold,
    /// Paid.
    Paid,
    /// Something is missing here.
    Gap,
}

/// A stretch of days, both ends inclusive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// When.
    pub period: Period,
    /// Short name.
    pub label: String,
    /// What it is.
    pub kind: LaneKind,
    /// Document or remark.
    pub note: String,
}

/// Stretches of one sort, by first day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// Name of at most four characters.
    pub label: &'static str,
    /// Stretches.
    pub stretches: Vec<Stretch>,
}

/// The lanes and the years to draw, both inclusive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// First year.
    pub first_year: i32,
    /// Last year.
    pub last_year: i32,
    /// Lanes that have something.
    pub lanes: Vec<Lane>,
}

/// What a history is drawn from.
pub(super) struct Known<'a> {
    /// The facts, all versions.
    pub file: &'a PersonFile,
    /// The enterprises named in them, all versions.
    pub enterprises: &'a HashMap<i64, EnterpriseFile>,
    /// Payments.
    pub payments: &'a [BankLine],
    /// Up to when knowledge is used.
    pub at: DateTime<Utc>,
    /// Day on which it is looked at.
    pub on: NaiveDate,
}

impl Known<'_> {
    /// The history as it was known, drawn up to the year of the day.
    pub(super) fn history(&self) -> History {
        let lanes = vec![
            Lane { label: "任职", stretches: self.work() },
            Lane { label: "名册", stretches: self.roster() },
            Lane { label: "清单", stretches: self.listed() },
            Lane { label: "认定", stretches: self.recognised() },
            Lane { label: "社保个税", stretches: self.evidence() },
            Lane { label: "停发排除", stretches: self.held() },
            Lane { label: "发放", stretches: self.paid() },
        ];
        let lanes: Vec<Lane> = lanes.into_iter().filter(|l| !l.stretches.is_empty()).collect();
        let begun = lanes.iter().flat_map(|lane| &lane.stretches).map(|s| s.period.from.year());
        let last_year = self.on.year();
        let first_year = begun.min().unwrap_or(last_year).max(last_year - YEARS_DRAWN);
        History { first_year: first_year.min(last_year), last_year, lanes }
    }

    fn name(&self, id: i64) -> String {
        enterprise_name(self.enterprises, id, self.on)
    }

    fn work(&self) -> Vec<Stretch> {
        let mut jobs = known(&self.file.employments, self.at);
        jobs.sort_by_key(|job| job.period.from);
        let stretches = jobs.iter().map(|job| Stretch {
            period: job.period,
            label: self.name(job.fact.enterprise_id),
            kind: LaneKind::Work,
            note: job.fact.in_words(""),
        });
        with_gaps(stretches.collect(), "未任职")
    }

    fn roster(&self) -> Vec<Stretch> {
        let mut entries = known(&self.file.roster, self.at);
        entries.sort_by_key(|entry| entry.period.from);
        let stretches = entries.iter().map(|entry| Stretch {
            period: entry.period,
            label: entry.fact.status.label().to_owned(),
            kind: match entry.fact.status {
                RosterStatus::Confirmed => LaneKind::Roster,
                RosterStatus::Declared => LaneKind::Declared,
            },
            note: self.name(entry.fact.enterprise_id),
        });
        with_gaps(stretches.collect(), "不在册")
    }

    /// The employers' time on the list, as far as the person was with them.
    fn listed(&self) -> Vec<Stretch> {
        let mut out = Vec::new();
        for job in known(&self.file.employments, self.at) {
            let Some(enterprise) = self.enterprises.get(&job.fact.enterprise_id) else { continue };
            for listing in known(&enterprise.listings, self.at) {
                if let Some(period) = common(&listing.period, &job.period) {
                    out.push(Stretch {
                        period,
                        label: listing.fact.list_batch.clone(),
                        kind: LaneKind::Listed,
                        note: self.name(job.fact.enterprise_id),
                    });
                }
            }
        }
        out.sort_by_key(|stretch| stretch.period.from);
        out.dedup();
        out
    }

    fn recognised(&self) -> Vec<Stretch> {
        let stretch = |s: Stated<_>| {
            let fact: &crate::domain::registry::Recognition = &s.fact;
            Stretch {
                period: s.period,
                label: format!("{}人才", fact.class.label()),
                kind: LaneKind::Recognised,
                note: fact.certificate_no.clone(),
            }
        };
        known(&self.file.recognitions, self.at).into_iter().map(stretch).collect()
    }

    /// Proven months, and the months on the confirmed roster that nothing proves.
    fn evidence(&self) -> Vec<Stretch> {
        let months = known(&self.file.evidence, self.at);
        let mut out: Vec<Stretch> = month_runs(&months)
            .iter()
            .map(|run| {
                let line: FactLine = run.line();
                Stretch {
                    period: line.period,
                    label: format!("{} {} 个月", line.subject, run.months),
                    kind: LaneKind::Evidence,
                    note: line.content,
                }
            })
            .collect();
        out.extend(self.unproven(&months));
        out.sort_by_key(|stretch| stretch.period.from);
        out
    }

    fn unproven(&self, proven: &[Stated<EvidenceMonth>]) -> Vec<Stretch> {
        let entries = known(&self.file.roster, self.at);
        let confirmed = entries.iter().filter(|e| e.fact.status == RosterStatus::Confirmed);
        let periods: Vec<Period> = confirmed.map(|entry| entry.period).collect();
        let Some(first) = periods.iter().map(|period| period.from).min() else { return vec![] };
        let end = self.on.min(china_time(self.at).date_naive()).with_day(1);
        let (Some(mut month), Some(end)) = (first.with_day(1), end) else { return vec![] };
        let mut gaps: Vec<(Period, u32)> = Vec::new();
        while month < end {
            let Some(next) = month.checked_add_months(chrono::Months::new(1)) else { break };
            let whole = Period { from: month, through: next.pred_opt() };
            let on_roster = periods.iter().any(|period| period.overlaps(&whole));
            let is_proven = proven.iter().any(|s| s.period.overlaps(&whole));
            if on_roster && !is_proven {
                match gaps.last_mut() {
                    Some((gap, count)) if gap.stored_to() == Some(month) => {
                        gap.through = whole.through;
                        *count += 1;
                    }
                    _ => gaps.push((whole, 1)),
                }
            }
            month = next;
        }
        let gap = |(period, count)| Stretch {
            period,
            label: format!("缺 {count} 个月"),
            kind: LaneKind::Gap,
            note: "在册，没有社保、个税或工作许可记录".to_owned(),
        };
        gaps.into_iter().map(gap).collect()
    }

    fn held(&self) -> Vec<Stretch> {
        let hold = |period, label: String, note: String| Stretch {
            period,
            label,
            kind: LaneKind::Hold,
            note,
        };
        let suspended = known(&self.file.suspensions, self.at);
        let excluded = known(&self.file.exclusions, self.at);
        let mut out: Vec<Stretch> = suspended
            .into_iter()
            .map(|s| hold(s.period, "暂停".to_owned(), s.reason))
            .chain(excluded.into_iter().map(|s| hold(s.period, "已排除".to_owned(), s.fact.ground)))
            .collect();
        out.sort_by_key(|stretch| stretch.period.from);
        out
    }

    fn paid(&self) -> Vec<Stretch> {
        let told =
            |line: &&BankLine| line.answered_at.or(line.paid_at).is_some_and(|t| t <= self.at);
        let stretch = |line: &BankLine| {
            let day = china_time(line.paid_at.or(line.answered_at)?).date_naive();
            let is_paid = line.outcome == "settled";
            // A day would be too narrow to see.
            let through = day.checked_add_days(Days::new(if is_paid { 20 } else { 10 }));
            let what = if is_paid { "已付" } else { "退票" };
            Some(Stretch {
                period: Period { from: day, through },
                label: format!("{} 年度{what}", line.award_year),
                kind: if is_paid { LaneKind::Paid } else { LaneKind::Gap },
                note: format!(
                    "{day}，批次 {}，{} 元，账户尾号 {} {}",
                    line.batch_no,
                    line.amount.grouped(),
                    line.last_four,
                    line.reason_text
                ),
            })
        };
        self.payments.iter().filter(told).filter_map(stretch).collect()
    }
}

/// The days in both periods.
fn common(a: &Period, b: &Period) -> Option<Period> {
    let through = match (a.through, b.through) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    Period::new(a.from.max(b.from), through)
}

/// Stretches by first day, with the days between them that none covers.
fn with_gaps(stretches: Vec<Stretch>, label: &str) -> Vec<Stretch> {
    let mut out: Vec<Stretch> = Vec::with_capacity(stretches.len());
    let mut covered: Option<NaiveDate> = None;
    for stretch in stretches {
        let free = covered.and_then(|day| day.succ_opt()).zip(stretch.period.from.pred_opt());
        if let Some(period) = free.and_then(|(from, last)| Period::new(from, Some(last))) {
            let days = period.stored_to().map_or(0, |to| (to - period.from).num_days());
            out.push(Stretch {
                period,
                label: format!("{label} {days} 天"),
                kind: LaneKind::Gap,
                note: "两段之间没有登记".to_owned(),
            });
        }
        let end = stretch.period.through.unwrap_or(NaiveDate::MAX);
        covered = Some(covered.map_or(end, |day| day.max(end)));
        out.push(stretch);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretch(from: &str, through: Option<&str>) -> Stretch {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        Stretch {
            period: Period::new(day(from), through.map(day)).unwrap(),
            label: "甲".to_owned(),
            kind: LaneKind::Work,
            note: String::new(),
        }
    }

    #[test]
    fn days_that_no_stretch_covers_are_shown_as_a_gap() {
        let moved = with_gaps(
            vec![stretch("2026-01-01", Some("2026-05-10")), stretch("2026-05-25", None)],
            "未任职",
        );
        let gap = &moved[1];
        assert_eq!((gap.kind, gap.label.as_str()), (LaneKind::Gap, "未任职 14 天"));
        assert_eq!(gap.period.through.unwrap().to_string(), "2026-05-24");
    }

    #[test]
    fn stretches_that_touch_or_overlap_leave_no_gap() {
        for second in ["2026-05-11", "2026-03-01"] {
            let both = vec![
                stretch("2026-01-01", Some("2026-05-10")),
                stretch(second, Some("2026-05-12")),
            ];
            assert_eq!(with_gaps(both, "未任职").len(), 2);
        }
        let within = vec![
            stretch("2026-01-01", None),
            stretch("2026-02-01", Some("2026-02-03")),
            stretch("2026-08-01", None),
        ];
        assert_eq!(with_gaps(within, "未任职").len(), 3);
    }
}
