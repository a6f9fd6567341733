//! The employment that a row files. Pure.
//!
//! An employment at one enterprise may be stated in several facts, one for each change of post;
//! together they are a spell. A row names a spell by its first day.

use chrono::NaiveDate;

use crate::domain::period::Period;
use crate::domain::registry::{Employment, Stated};

use super::super::issue::Notes;
use super::super::timeline::{Change, day_before, live};
use super::decide::{About, was_replaced};

type Spell<'a> = Vec<&'a Stated<Employment>>;

impl About<'_> {
    /// What the row does to employments, and the last day of the one it names if that is known.
    pub(super) fn employment(
        &self,
        history: &[Stated<Employment>],
        enterprise: i64,
        notes: &mut Notes,
    ) -> (Change<Employment>, Option<NaiveDate>) {
        let hired = self.row.hired;
        let spells = spells(history, enterprise);
        let named = spells
            .iter()
            .find(|spell| start(spell) == Some(hired))
            .or_else(|| spells.iter().find(|spell| end(spell).is_none_or(|last| last >= hired)));
        let Some(spell) = named else {
            let period = Period { from: hired, through: None };
            self.check_elsewhere(history, enterprise, &period, notes);
            return (Change::adding(period), None);
        };
        let change = self.existing(history, enterprise, spell, notes);
        (change, end(spell))
    }

    /// The row is about an employment that is registered.
    fn existing(
        &self,
        history: &[Stated<Employment>],
        enterprise: i64,
        spell: &Spell<'_>,
        notes: &mut Notes,
    ) -> Change<Employment> {
        let (Some(first), Some(last)) = (spell.first(), spell.last()) else {
            return Change::default();
        };
        let row = self.row;
        let shown = row.hired.to_string();
        let here = |old: &Stated<Employment>| old.fact.enterprise_id == enterprise;
        let mut change = Change::default();
        if row.hired != first.period.from {
            if was_replaced(history, |old| here(old) && old.period.from == row.hired) {
                notes.warning("入职日期", shown, "登记的入职日期已在其后更正，本行不再更改");
                return change;
            }
            if row.hired > first.period.from {
                notes.error(
                    "入职日期",
                    shown,
                    format!("与登记的入职日期{}不一致", first.period.from),
                    "请按登记的日期填写；确需更正的，请联系人社部门办理",
                );
                return change;
            }
            let before = Period { from: row.hired, through: day_before(first.period.from) };
            self.check_elsewhere(history, enterprise, &before, notes);
            notes.warning(
                "入职日期",
                shown.clone(),
                format!("登记的入职日期将由{}更正为本行的日期", first.period.from),
            );
        }
        let filed = self.filed(enterprise);
        let changes_work = last.fact != filed
            && !spell.iter().any(|old| old.fact == filed)
            && !was_replaced(history, |old| here(old) && old.fact == filed);
        if changes_work && last.period.through.is_some_and(|day| day < self.today) {
            notes.error(
                "入职日期",
                shown,
                "该段任职已经结束，岗位等信息不能再更改",
                "再次入职的，请填写新的入职日期；其他情况请联系人社部门办理",
            );
            return change;
        }
        if last.fact != filed && !changes_work {
            notes.warning("工作岗位", &row.post, "岗位等信息已在其后更改，本行不再更改");
        }
        if changes_work && filed.full_time {
            let period = Period { from: self.today.max(row.hired), ..last.period };
            self.check_elsewhere(history, enterprise, &period, notes);
        }
        let start = row.hired.min(first.period.from);
        self.restate(&mut change, start, (first, last), changes_work);
        change
    }

    /// A changed post holds from today on; an earlier first day belongs to the first post.
    fn restate(
        &self,
        change: &mut Change<Employment>,
        start: NaiveDate,
        (first, last): (&Stated<Employment>, &Stated<Employment>),
        changes_work: bool,
    ) {
        let earlier = start < first.period.from;
        if earlier && (first.id != last.id || !changes_work) {
            change.shift(first, Period { from: start, ..first.period });
        }
        if !changes_work {
            return;
        }
        let from = if first.id == last.id { start } else { last.period.from };
        match day_before(self.today).filter(|yesterday| from <= *yesterday) {
            Some(yesterday) => {
                change.shift(last, Period { from, through: Some(yesterday) });
                let rest = Period { from: self.today, ..last.period };
                change.new = Some((rest, Some(last.id)));
            }
            None => {
                change.ends.push(last.id);
                change.new = Some((Period { from, ..last.period }, Some(last.id)));
            }
        }
    }

    fn filed(&self, enterprise_id: i64) -> Employment {
        let row = self.row;
        Employment {
            enterprise_id,
            full_time: row.full_time,
            post: row.post.clone(),
            professional_title: row.professional_title.clone(),
            education: row.education.clone(),
        }
    }

    /// Nobody works full-time for two enterprises at once.
    fn check_elsewhere(
        &self,
        history: &[Stated<Employment>],
        enterprise: i64,
        period: &Period,
        notes: &mut Notes,
    ) {
        if !self.row.full_time {
            return;
        }
        let clash = live(history).into_iter().find(|old| {
            old.fact.enterprise_id != enterprise
                && old.fact.full_time
                && old.period.overlaps(period)
        });
        if let Some(old) = clash {
            let until = match old.period.through {
                Some(last) => format!("至{last}"),
                None => "起".to_owned(),
            };
            notes.error(
                "入职日期",
                self.row.hired.to_string(),
                format!("该人员{}{until}已在另一家企业全职任职", old.period.from),
                "请核对入职日期；已离开原企业的，请原企业先登记离职",
            );
        }
    }
}

/// The spells at one enterprise, by first day.
fn spells(history: &[Stated<Employment>], enterprise: i64) -> Vec<Spell<'_>> {
    let mut spells: Vec<Spell<'_>> = Vec::new();
    for stated in live(history).into_iter().filter(|s| s.fact.enterprise_id == enterprise) {
        match spells.last_mut() {
            Some(spell) if follows(spell, stated) => spell.push(stated),
            _ => spells.push(vec![stated]),
        }
    }
    spells
}

fn follows(spell: &Spell<'_>, next: &Stated<Employment>) -> bool {
    spell.last().is_some_and(|last| last.period.stored_to() == Some(next.period.from))
}

fn start(spell: &Spell<'_>) -> Option<NaiveDate> {
    spell.first().map(|stated| stated.period.from)
}

fn end(spell: &Spell<'_>) -> Option<NaiveDate> {
    spell.last().and_then(|stated| stated.period.through)
}
