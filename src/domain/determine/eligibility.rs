//! Which days count where (engine.md, semantics 1 to 3).

use super::days::Days;
use super::facts::{EnterpriseFacts, PersonFacts, Stamps};
use super::outcome::Reason;
use super::run::{Active, Run};
use super::text::Text;
use crate::domain::edition::Condition;
use crate::domain::period::Period;

/// An enterprise that the person's employments or roster entries name.
pub(super) struct Candidate<'f> {
    pub(super) uscc: &'f Text,
    pub(super) facts: Option<&'f EnterpriseFacts>,
    pub(super) listed: Days,
    pub(super) participating: Days,
    pub(super) employed: Days,
    pub(super) rostered: Days,
    /// Days on which all conditions hold here.
    pub(super) eligible: Days,
    /// The eligible days that belong here and nowhere else.
    pub(super) own: Days,
    /// Counted months that belong here.
    pub(super) months: u8,
}

impl Candidate<'_> {
    /// Its division; unknown enterprises have none.
    pub(super) fn division(&self) -> Option<Text> {
        self.facts.map(|facts| facts.division.clone())
    }
}

/// One month of the year.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Month {
    /// Eligible days, all enterprises together.
    pub(super) days: u8,
    /// Place among the active versions of the one that prices it; only when `days > 0`.
    pub(super) active: usize,
    pub(super) counted: bool,
    /// Place among the candidates of the one it belongs to; only when counted.
    pub(super) owner: usize,
}

/// Everything about days and months of one person.
pub(super) struct Evaluated<'f> {
    pub(super) candidates: Vec<Candidate<'f>>,
    pub(super) recognised: Days,
    pub(super) evidenced: Days,
    pub(super) suspended: Days,
    pub(super) excluded: Days,
    pub(super) eligible: Days,
    pub(super) months: [Month; 12],
    pub(super) counted: u8,
}

impl<'f> Evaluated<'f> {
    pub(super) fn new<'a: 'f>(run: &Run<'a>, person: &'f PersonFacts) -> Self {
        let mut this = Self {
            candidates: candidates(run, person),
            recognised: recognised(run, person),
            evidenced: evidenced(run, person),
            suspended: spans(run, person.suspensions.iter().map(|s| (&s.period, &s.stamps))),
            excluded: spans(run, person.exclusions.iter().map(|e| (&e.period, &e.stamps))),
            eligible: Days::EMPTY,
            months: [Month::default(); 12],
            counted: 0,
        };
        if this.candidates.is_empty() {
            return this;
        }
        let personal = run
            .in_force
            .minus(run.asked(Condition::Recognised).minus(this.recognised))
            .minus(run.asked(Condition::Evidenced).minus(this.evidenced))
            .minus(run.asked(Condition::NotSuspended).and(this.suspended))
            .minus(run.asked(Condition::NotExcluded).and(this.excluded));
        let mut added = 0;
        for place in &mut this.candidates {
            place.eligible = personal
                .and(place.participating)
                .minus(run.asked(Condition::Listed).minus(place.listed))
                .minus(run.asked(Condition::Employed).minus(place.employed))
                .minus(run.asked(Condition::Rostered).minus(place.rostered));
            place.own = place.eligible;
            added += place.eligible.count();
            this.eligible = this.eligible.or(place.eligible);
        }
        if added != this.eligible.count() {
            this.assign(run, person);
        }
        this.count_months(run);
        this
    }

    /// Gives each day that is eligible at several enterprises to the one whose covering entry
    /// began first, then to the smaller USCC: in that order each entry takes what is left.
    fn assign(&mut self, run: &Run<'_>, person: &'f PersonFacts) {
        for place in &mut self.candidates {
            place.own = Days::EMPTY;
        }
        let by_roster = run.asked(Condition::Rostered);
        let entries = person.roster.iter().filter(|entry| entry.stamps.exists(run.known_at));
        self.take(
            run,
            self.eligible.and(by_roster),
            entries.map(|entry| (&entry.period, &entry.enterprise)).collect(),
        );
        let jobs = person.employments.iter();
        let jobs = jobs.filter(|job| job.full_time && job.stamps.exists(run.known_at));
        self.take(
            run,
            self.eligible.minus(by_roster),
            jobs.map(|job| (&job.period, &job.enterprise)).collect(),
        );
    }

    fn take(&mut self, run: &Run<'_>, mut free: Days, mut entries: Vec<(&Period, &Text)>) {
        entries.sort_unstable_by_key(|(period, uscc)| (period.from, *uscc));
        for (period, uscc) in entries {
            if free.is_empty() {
                break;
            }
            if let Some(place) = self.candidates.iter_mut().find(|place| place.uscc == uscc) {
                let taken = run.year.set(period).and(place.eligible).and(free);
                place.own = place.own.or(taken);
                free = free.minus(taken);
            }
        }
    }

    fn count_months(&mut self, run: &Run<'_>) {
        for (number, month) in self.months.iter_mut().enumerate() {
            let span = run.year.month(number);
            let days = self.eligible.slice(span);
            if days == 0 {
                continue;
            }
            // One word of at most 31 bits.
            month.days = days.count_ones() as u8;
            let first = span.0 + days.trailing_zeros() as u16;
            let Some(active) = run.active_on(first) else { continue };
            month.active = active;
            month.counted = month.days >= run.active[active].version.month_min_days();
            if !month.counted {
                continue;
            }
            self.counted += 1;
            let mut best = (0, 0);
            for (at, place) in self.candidates.iter().enumerate() {
                let own = place.own.slice(span);
                // Most days, then the later last day: a larger word has a later highest bit.
                let rank = (own.count_ones(), own);
                if rank > best {
                    best = rank;
                    month.owner = at;
                }
            }
            self.candidates[month.owner].months += 1;
        }
    }

    /// First eligible day of an enterprise in a counted month that belongs to it.
    pub(super) fn first_counted_day(&self, run: &Run<'_>, candidate: usize) -> Option<u16> {
        let owned = |month: &Month| month.counted && month.owner == candidate;
        let number = self.months.iter().position(owned)?;
        let span = run.year.month(number);
        let days = self.candidates[candidate].own.slice(span);
        (days != 0).then(|| span.0 + days.trailing_zeros() as u16)
    }

    /// For each reason of the second group, in its order: the days on which its condition is
    /// asked for, and the days in force on which it holds (engine.md "Determination").
    pub(super) fn failing(&self, run: &Run<'_>) -> [(Reason, Days, Days); 8] {
        let mut listed = Days::EMPTY;
        let mut participating = Days::EMPTY;
        let mut employed = Days::EMPTY;
        let mut rostered = Days::EMPTY;
        for place in &self.candidates {
            listed = listed.or(place.listed);
            participating = participating.or(place.participating);
            employed = employed.or(place.employed);
            rostered = rostered.or(place.rostered);
        }
        let all = run.in_force;
        let row = |reason, condition, held: Days| (reason, run.asked(condition), held.and(all));
        [
            row(Reason::EnterpriseNotListed, Condition::Listed, listed),
            (Reason::DivisionNotParticipating, all, participating),
            row(Reason::NotEmployedFullTime, Condition::Employed, employed),
            row(Reason::NotOnRoster, Condition::Rostered, rostered),
            row(Reason::NotRecognised, Condition::Recognised, self.recognised),
            row(Reason::NoEvidence, Condition::Evidenced, self.evidenced),
            row(Reason::Suspended, Condition::NotSuspended, all.minus(self.suspended)),
            row(Reason::Excluded, Condition::NotExcluded, all.minus(self.excluded)),
        ]
    }
}

fn candidates<'f, 'a: 'f>(run: &Run<'a>, person: &'f PersonFacts) -> Vec<Candidate<'f>> {
    let mut found = Vec::with_capacity(person.employments.len().max(person.roster.len()));
    for job in &person.employments {
        if job.stamps.exists(run.known_at) {
            let place = candidate(run, &mut found, &job.enterprise);
            if job.full_time {
                place.employed = place.employed.or(run.year.set(&job.period));
            }
        }
    }
    for entry in &person.roster {
        if entry.stamps.exists(run.known_at) {
            let place = candidate(run, &mut found, &entry.enterprise);
            place.rostered = place.rostered.or(run.year.set(&entry.period));
        }
    }
    found
}

fn candidate<'l, 'f, 'a: 'f>(
    run: &Run<'a>,
    found: &'l mut Vec<Candidate<'f>>,
    uscc: &'f Text,
) -> &'l mut Candidate<'f> {
    let at = found.iter().position(|place| place.uscc == uscc).unwrap_or(found.len());
    if at == found.len() {
        let facts = run.enterprises.get(uscc);
        let mut place = Candidate {
            uscc,
            facts,
            listed: Days::EMPTY,
            participating: Days::EMPTY,
            employed: Days::EMPTY,
            rostered: Days::EMPTY,
            eligible: Days::EMPTY,
            own: Days::EMPTY,
            months: 0,
        };
        if let Some(facts) = facts {
            place.listed = spans(run, facts.listings.iter().map(|l| (&l.period, &l.stamps)));
            for Active { version, days, .. } in &run.active {
                if version.participates(&facts.division) {
                    place.participating = place.participating.or(*days);
                }
            }
        }
        found.push(place);
    }
    &mut found[at]
}

/// The days of the year covered by the existing ones of some periods.
fn spans<'p>(run: &Run<'_>, facts: impl Iterator<Item = (&'p Period, &'p Stamps)>) -> Days {
    facts
        .filter(|(_, stamps)| stamps.exists(run.known_at))
        .fold(Days::EMPTY, |days, (period, _)| days.or(run.year.set(period)))
}

/// Days covered by a recognition of a class that the version of the day accepts.
fn recognised(run: &Run<'_>, person: &PersonFacts) -> Days {
    if run.asked(Condition::Recognised).is_empty() {
        return Days::EMPTY;
    }
    let mut days = Days::EMPTY;
    for fact in person.recognitions.iter().filter(|fact| fact.stamps.exists(run.known_at)) {
        let covered = run.year.set(&fact.period);
        for active in &run.active {
            if active.version.recognition_classes().contains(&fact.class) {
                days = days.or(covered.and(active.days));
            }
        }
    }
    days
}

/// All days of the months with evidence.
fn evidenced(run: &Run<'_>, person: &PersonFacts) -> Days {
    if run.asked(Condition::Evidenced).is_empty() {
        return Days::EMPTY;
    }
    let mut bits = 0_u16;
    for fact in &person.evidence {
        if fact.year == run.year.number
            && (1..=12).contains(&fact.month)
            && fact.stamps.exists(run.known_at)
        {
            bits |= 1 << (fact.month - 1);
        }
    }
    run.year.months(bits)
}
