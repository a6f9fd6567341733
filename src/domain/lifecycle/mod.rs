//! Files that move through offices: which act leads from which state to which, by whose hand, on
//! what evidence, within what time (domain.md 7.4 to 7.7, 7.10, 7.11).
//!
//! A lifecycle is a table of [`Move`]s. A [`Case`] is where one file stands; [`Case::apply`]
//! consumes it and gives the next one, or everything that stands against the act. Whether a guard
//! holds is asked of the caller, who knows the registry.

mod adjacent;
mod case;
mod entitlement;
mod expert_funding;
mod key_enterprise;
mod letter;
mod limit;
mod objection;
mod recognition;
mod recovery;
mod roster_entry;
mod terms;
mod tranche;
mod visit;

pub use adjacent::adjacent;
pub use case::{Case, Deed, Done, Refusal, Returned, Step};
pub use entitlement::{EntitlementAct, EntitlementState, LATE_DAYS, YearlyEntitlement};
pub use expert_funding::{ExpertFunding, FundingAct, FundingState};
pub use key_enterprise::{KeyEnterprise, KeyEnterpriseAct, KeyEnterpriseState};
pub use letter::{LETTER_BASIS, Letter, Remedy};
pub use limit::{Due, Limit};
pub use objection::{Objection, ObjectionAct, ObjectionState};
pub use recognition::{AutonomousRecognition, RecognitionAct, RecognitionState};
pub use recovery::{Recovery, RecoveryAct, RecoveryState};
pub use roster_entry::{CoreEngineerEntry, RosterAct, RosterState};
pub use terms::{Evidence, Guard};
pub use tranche::{AgreementTranche, TrancheAct, TrancheState};
pub use visit::{OverseasVisit, VisitAct, VisitState};

use std::fmt::Debug;

use super::authority::Role;
use super::registry::Code;
use crate::code_list;

code_list! {
    /// What a file is about.
    CaseKind {
        /// An enterprise's way onto the key-enterprise list and off it.
        KeyEnterprise = "key_enterprise", "骨干企业";
        /// A recognition of high-level talent by an enterprise.
        Recognition = "recognition", "自主认定";
        /// An entry on the core-engineer roster.
        RosterEntry = "roster_entry", "名册登记";
        /// A person's stipend of a year.
        Entitlement = "entitlement", "年度奖补";
        /// An objection to something in a public notice.
        Objection = "objection", "异议";
        /// Money that is to come back.
        Recovery = "recovery", "追回";
        /// A tranche of a case-by-case agreement.
        AgreementTranche = "agreement_tranche", "一事一议款项";
        /// A visit of a young talent from overseas.
        OverseasVisit = "overseas_visit", "海外来访";
        /// The funding of an expert's term.
        ExpertFunding = "expert_funding", "专家聘期经费";
    }
}

/// By whose hand an act is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hand {
    /// An account in this role.
    Role(Role),
    /// The person whom the file is about, or who raised it.
    Person,
    /// The program itself: a term that ran out, a result that came in.
    System,
}

impl Hand {
    /// Whether it is that of a county's office.
    pub const fn is_of_county(self) -> bool {
        matches!(self, Self::Role(Role::HrCounty | Role::IndustryCounty))
    }

    /// What users read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Role(role) => role.label(),
            Self::Person => "本人",
            Self::System => "系统",
        }
    }
}

/// Where a move leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target<S> {
    /// To this state.
    State(S),
    /// Back to the state from which the file was returned.
    Back,
    /// Nowhere: the act is recorded and the state stays.
    Here,
    /// Nowhere, but there is so much more time.
    Longer(Limit),
}

/// One line of a lifecycle's table.
#[derive(Debug)]
pub struct Move<S: 'static, A: 'static> {
    /// From any of these states.
    pub from: &'static [S],
    /// By this act.
    pub act: A,
    /// To this.
    pub to: Target<S>,
    /// By any of these hands.
    pub by: &'static [Hand],
    /// What must be handed in with the act.
    pub evidence: &'static [Evidence],
    /// What must hold.
    pub guards: &'static [Guard],
    /// Acts that must have been done, last by another natural person (domain.md 7.2, 1).
    pub apart_from: &'static [A],
    /// Whether it may be done only once from a state (one-time list of defects).
    pub once: bool,
    /// Whether it is possible without being waited for: a withdrawal, a suspension.
    pub aside: bool,
}

impl<S: Copy, A: Copy> Move<S, A> {
    /// A move without conditions.
    pub const fn new(from: &'static [S], act: A, to: Target<S>, by: &'static [Hand]) -> Self {
        let (evidence, guards, apart_from) = (&[], &[], &[]);
        Self { from, act, to, by, evidence, guards, apart_from, once: false, aside: false }
    }

    /// A move to a state, without conditions.
    pub const fn to(from: &'static [S], act: A, state: S, by: &'static [Hand]) -> Self {
        Self::new(from, act, Target::State(state), by)
    }

    /// With evidence.
    #[must_use]
    pub const fn on(self, evidence: &'static [Evidence]) -> Self {
        Self { evidence, ..self }
    }

    /// Under guards.
    #[must_use]
    pub const fn when(self, guards: &'static [Guard]) -> Self {
        Self { guards, ..self }
    }

    /// After these, by somebody else than whoever last did them.
    #[must_use]
    pub const fn apart(self, apart_from: &'static [A]) -> Self {
        Self { apart_from, ..self }
    }

    /// Possible, but not waited for.
    #[must_use]
    pub const fn aside(self) -> Self {
        Self { aside: true, ..self }
    }

    /// Once from each state.
    #[must_use]
    pub const fn once(self) -> Self {
        Self { once: true, ..self }
    }
}

/// A table of moves.
pub trait Lifecycle: Debug + Clone + Copy + PartialEq + Eq + 'static {
    /// Where a file can stand.
    type State: Code + Eq + Debug + Send + Sync;
    /// What can be done with it.
    type Act: Code + Eq + Debug + Send + Sync;
    /// What the file is about.
    const KIND: CaseKind;
    /// Where a new file stands.
    const START: Self::State;
    /// The table. At most one line for a state and an act.
    const MOVES: &'static [Move<Self::State, Self::Act>];

    /// The time allowed in a state.
    fn limit(state: Self::State) -> Limit;

    /// Whether an act carries a file away from what it asks for: it sends back, refuses, takes back,
    /// suspends or ends. Such an act is open while a signature that was asked for is missing, so
    /// that no file is ever stuck.
    fn turns_away(act: Self::Act) -> bool;

    /// An end that nobody is told of: no person ever had a hand in files that come there.
    fn is_silent(_state: Self::State) -> bool {
        false
    }

    /// Where what a file gave rests: whoever had a hand in it and the enterprise are told.
    fn is_pause(_state: Self::State) -> bool {
        false
    }

    /// The line for an act in a state.
    fn line(state: Self::State, act: Self::Act) -> Option<&'static Move<Self::State, Self::Act>> {
        Self::MOVES.iter().find(|line| line.act == act && line.from.contains(&state))
    }

    /// What a hand can do in a state, in the order of the table.
    fn acts_of(state: Self::State, hand: Hand) -> Vec<Self::Act> {
        let open = |line: &&Move<_, _>| line.from.contains(&state) && line.by.contains(&hand);
        Self::MOVES.iter().filter(open).map(|line| line.act).collect()
    }

    /// What the program does by itself in a state as soon as time has run: the lines of its own hand
    /// under a guard that the clock makes true.
    fn acts_of_time(state: Self::State) -> Vec<Self::Act> {
        let of_time = |line: &&Move<_, _>| {
            line.from.contains(&state)
                && line.by.contains(&Hand::System)
                && line.guards.iter().any(|guard| guard.ripens())
        };
        Self::MOVES.iter().filter(of_time).map(|line| line.act).collect()
    }

    /// The hands that a file in a state waits for; none while nothing has to happen.
    fn hands_of(state: Self::State) -> Vec<Hand> {
        Self::hands_where(state, false)
    }

    /// The same for a place: `joint` where one office takes the steps of county and city, so that
    /// nothing waits for a county. Elsewhere nothing waits for a city that might take both, nor for one
    /// that may take a county's step in its place.
    fn hands_where(state: Self::State, joint: bool) -> Vec<Hand> {
        let lines = Self::MOVES.iter().filter(|line| line.from.contains(&state) && !line.aside);
        let lines = lines.filter(|line| joint || !line.guards.contains(&Guard::JointStep));
        let waited = |line: &'static Move<Self::State, Self::Act>| match line.by {
            [county, _] if county.is_of_county() && !joint => &line.by[..1],
            by => by,
        };
        let mut hands: Vec<Hand> = Vec::new();
        for hand in lines.flat_map(waited) {
            let is_missing = joint && hand.is_of_county();
            if !is_missing && !hands.contains(hand) {
                hands.push(*hand);
            }
        }
        hands
    }
}
