//! Where one file stands, and what an act makes of it.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Due, Evidence, Guard, Hand, Lifecycle, Limit, Target};
use crate::domain::calendar::WorkCalendar;
use crate::domain::registry::Code;

/// A file in its state. An act consumes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case<L: Lifecycle> {
    /// Where it stands.
    pub state: L::State,
    /// Since this day.
    pub since: NaiveDate,
    /// Until when it may stand there.
    pub due: Due,
    /// While it is returned: where it goes back to, and the working days left there. The clock of
    /// that state stands still.
    pub returned: Option<Returned<L::State>>,
    /// Who did what so far, oldest first.
    pub done: Vec<Done<L>>,
}

/// Where a returned file goes back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Returned<S> {
    /// The state from which it was returned.
    pub from: S,
    /// Working days that were left there; `None` without a limit or with one that is not known.
    pub days_left: Option<u32>,
}

/// An act of the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done<L: Lifecycle> {
    /// In this state.
    pub from: L::State,
    /// This.
    pub act: L::Act,
    /// By this natural person; `None` by the program.
    pub holder_id: Option<i64>,
    /// In the name of this one.
    pub behalf: Option<i64>,
}

/// An act that somebody wants to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed<L: Lifecycle> {
    /// Which.
    pub act: L::Act,
    /// In which role.
    pub hand: Hand,
    /// The natural person; `None` for the program.
    pub holder_id: Option<i64>,
    /// The natural person in whose name; `None` in one's own.
    pub behalf: Option<i64>,
    /// On which day.
    pub on: NaiveDate,
    /// What is handed in: document numbers or words.
    pub evidence: BTreeMap<Evidence, String>,
}

/// What an act did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step<L: Lifecycle> {
    /// From.
    pub from: L::State,
    /// The file afterwards.
    pub case: Case<L>,
}

/// What stands against an act.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The table has no such line.
    #[error("当前状态为“{state}”，不能办理“{act}”")]
    NotNow {
        /// Where it stands.
        state: &'static str,
        /// What was wanted.
        act: &'static str,
    },
    /// Another role does this.
    #[error("“{act}”由{}办理", .hands.join("或"))]
    NotYours {
        /// What was wanted.
        act: &'static str,
        /// Who does it.
        hands: Vec<&'static str>,
    },
    /// The same natural person did the step that this one checks.
    #[error("您已办理“{act}”，这一步须由另一人办理")]
    SamePerson {
        /// The step before.
        act: &'static str,
    },
    /// A step that this one checks was not done.
    #[error("尚未办理“{act}”")]
    NotYet {
        /// The step before.
        act: &'static str,
    },
    /// It was done once in this state already.
    #[error("“{act}”只能办理一次")]
    AlreadyDone {
        /// What was wanted.
        act: &'static str,
    },
    /// Something is not handed in.
    #[error("缺少{}", .0.label())]
    Missing(Evidence),
    /// A guard does not hold; the text says why.
    #[error("{1}")]
    Guard(Guard, String),
}

impl<L: Lifecycle> Case<L> {
    /// A new file.
    pub fn open(on: NaiveDate, calendar: &WorkCalendar) -> Self {
        Self {
            state: L::START,
            since: on,
            due: L::limit(L::START).due(on, calendar),
            returned: None,
            done: Vec::new(),
        }
    }

    /// Does an act. `broken` says why a guard does not hold, or `None` when it does.
    ///
    /// # Errors
    /// Everything that stands against it, never only the first. Of an act that the state or the
    /// hand forbids nothing else is said.
    pub fn apply(
        self,
        deed: &Deed<L>,
        calendar: &WorkCalendar,
        broken: impl Fn(Guard) -> Option<String>,
    ) -> Result<Step<L>, Vec<Refusal>> {
        let act = deed.act.label();
        let Some(line) = L::line(self.state, deed.act) else {
            return Err(vec![Refusal::NotNow { state: self.state.label(), act }]);
        };
        if !line.by.contains(&deed.hand) {
            let hands = line.by.iter().map(|hand| hand.label()).collect();
            return Err(vec![Refusal::NotYours { act, hands }]);
        }
        let mut refusals = Vec::new();
        refusals
            .extend(line.apart_from.iter().filter_map(|earlier| self.not_apart(*earlier, deed)));
        let again = |done: &Done<L>| done.act == deed.act && done.from == self.state;
        if line.once && self.done.iter().any(again) {
            refusals.push(Refusal::AlreadyDone { act });
        }
        let given = |evidence: &Evidence| {
            deed.evidence.get(evidence).is_some_and(|text| !text.trim().is_empty())
        };
        let missing = line.evidence.iter().filter(|evidence| !given(evidence));
        refusals.extend(missing.map(|evidence| Refusal::Missing(*evidence)));
        let failed = line.guards.iter().filter_map(|guard| Some((*guard, broken(*guard)?)));
        refusals.extend(failed.map(|(guard, why)| Refusal::Guard(guard, why)));
        if refusals.is_empty() { Ok(self.moved(line.to, deed, calendar)) } else { Err(refusals) }
    }

    /// Why an earlier act does not stand apart from this one: nobody did it yet, or the same
    /// natural person had a hand in both: doing it, or letting it be done in their name.
    fn not_apart(&self, earlier: L::Act, deed: &Deed<L>) -> Option<Refusal> {
        let act = earlier.label();
        match self.done.iter().rev().find(|done| done.act == earlier) {
            None => Some(Refusal::NotYet { act }),
            Some(done)
                if [deed.holder_id, deed.behalf]
                    .iter()
                    .any(|who| who.is_some() && [done.holder_id, done.behalf].contains(who)) =>
            {
                Some(Refusal::SamePerson { act })
            }
            Some(_) => None,
        }
    }

    /// Replays an act that was allowed when it was done.
    #[must_use]
    pub fn replay(self, deed: &Deed<L>, calendar: &WorkCalendar) -> Option<Self> {
        let line = L::line(self.state, deed.act)?;
        Some(self.moved(line.to, deed, calendar).case)
    }

    fn moved(self, to: Target<L::State>, deed: &Deed<L>, calendar: &WorkCalendar) -> Step<L> {
        let from = self.state;
        let mut case = Self { ..self };
        case.done.push(Done {
            from,
            act: deed.act,
            holder_id: deed.holder_id,
            behalf: deed.behalf,
        });
        match to {
            Target::Here => {}
            Target::Longer(more) => {
                case.due = case.due.day().map_or(case.due, |last| more.due(last, calendar));
            }
            Target::Back => {
                let back = case.returned.take();
                case.state = back.map_or(L::START, |returned| returned.from);
                case.since = deed.on;
                let left = back.and_then(|returned| returned.days_left);
                let limit = left.map_or_else(|| L::limit(case.state), Limit::WorkingDays);
                case.due = limit.due(deed.on, calendar);
            }
            Target::State(state) => {
                let returns = L::MOVES
                    .iter()
                    .any(|line| line.to == Target::Back && line.from.contains(&state));
                case.returned = returns.then(|| Returned {
                    from,
                    days_left: case.due.day().and_then(|last| days_left(deed.on, last, calendar)),
                });
                case.state = state;
                case.since = deed.on;
                case.due = L::limit(state).due(deed.on, calendar);
            }
        }
        Step { from, case }
    }
}

/// Working days after `today` through `last`; at least one, so that a late office still has a day.
fn days_left(today: NaiveDate, last: NaiveDate, calendar: &WorkCalendar) -> Option<u32> {
    let tomorrow = today.succ_opt()?;
    Some(calendar.working_days_between(tomorrow, last).ok()?.max(1))
}
