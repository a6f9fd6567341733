//! The place on the roster that a row declares. Pure.

use chrono::NaiveDate;

use crate::domain::period::Period;
use crate::domain::registry::{RosterEntry, RosterStatus, Stated};

use super::super::ground::Enterprise;
use super::super::issue::Notes;
use super::super::timeline::{Change, live};
use super::decide::{About, was_replaced};

const COLUMN: &str = "入册日期";

impl About<'_> {
    /// What the row does to the roster. `last_day` is the end of the employment, if it ended.
    ///
    /// An entry that is not confirmed yet may be filed with another date; a confirmed one changes
    /// by decision only. An entry is never filed for two enterprises at once, nor for a day on
    /// which the enterprise is not on the list (domain.md 7.6).
    pub(super) fn entry(
        &self,
        history: &[Stated<RosterEntry>],
        enterprise: &Enterprise,
        last_day: Option<NaiveDate>,
        notes: &mut Notes,
    ) -> Change<RosterEntry> {
        let from = self.row.rostered;
        let shown = from.to_string();
        let here = |old: &Stated<RosterEntry>| old.fact.enterprise_id == enterprise.id;
        let live = live(history);
        if live.iter().any(|old| here(old) && old.period.from == from) {
            return Change::default();
        }
        let Some(period) = Period::new(from, last_day) else {
            let last = last_day.unwrap_or(from);
            let reason = format!("晚于该段任职的最后一天{last}");
            notes.error(COLUMN, shown, reason, "再次入职的，请填写新的入职日期");
            return Change::default();
        };
        let mut clashes = live.into_iter().filter(|old| old.period.overlaps(&period));
        let change = match clashes.next() {
            None => Change::adding(period),
            Some(old) if !here(old) => {
                notes.error(
                    COLUMN,
                    shown,
                    format!("该人员自{}起已由另一家企业列入名册", old.period.from),
                    "请核对入册日期；已离开原企业的，请原企业先登记离职",
                );
                return Change::default();
            }
            Some(_) if was_replaced(history, |old| here(old) && old.period.from == from) => {
                notes.warning(COLUMN, shown, "登记的入册日期已在其后更正，本行不再更改");
                return Change::default();
            }
            Some(old) if old.fact.status == RosterStatus::Confirmed => {
                confirmed(old, shown, notes);
                return Change::default();
            }
            Some(old) if self.under_review => {
                reviewed(old, shown, notes);
                return Change::default();
            }
            Some(old) => {
                notes.warning(COLUMN, shown.clone(), moved(old));
                let through = old.period.through.or(period.through);
                Change::correcting(old.id, Period { from, through })
            }
        };
        if clashes.next().is_some() {
            notes.error(
                COLUMN,
                shown,
                "与该人员已有的多段名册记录重叠",
                "请核对入册日期；需要更正的，请联系人社部门办理",
            );
            return Change::default();
        }
        if enterprise.listing_on(from).is_none() {
            notes.error(
                COLUMN,
                shown,
                "企业在该日不在骨干企业清单内",
                "入册日期应在企业列入清单的期间内，请核对后更正",
            );
        }
        change
    }
}

/// What an office looks at stays as it was handed in.
fn reviewed(old: &Stated<RosterEntry>, shown: String, notes: &mut Notes) {
    let reason = format!("自{}起入册的申报正在审核", old.period.from);
    notes.error(COLUMN, shown, reason, "请按已提交的日期填写；要更改的，请审核机关先退回");
}

/// A confirmed entry changes by decision only.
fn confirmed(old: &Stated<RosterEntry>, shown: String, notes: &mut Notes) {
    let reason = format!("名册已确认自{}起入册", old.period.from);
    let remedy = "请按已确认的日期填写；确需更正的，请联系人社部门办理";
    notes.error(COLUMN, shown, reason, remedy);
}

fn moved(old: &Stated<RosterEntry>) -> String {
    format!("申报的入册日期将由{}改为本行的日期", old.period.from)
}
