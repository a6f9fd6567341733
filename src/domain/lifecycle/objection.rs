//! An objection to something in a public notice (domain.md 7.10).

use super::Evidence as E;
use super::Guard as G;
use super::{CaseKind, Hand, Lifecycle, Limit, Move, Target};
use crate::code_list;
use crate::domain::authority::Role;

code_list! {
    /// Where an objection stands.
    ObjectionState {
        /// Came in.
        Received = "received", "已收到";
        /// Taken on.
        Accepted = "accepted", "已受理";
        /// Not taken on.
        NotAccepted = "not_accepted", "不予受理";
        /// Looked into.
        Investigating = "investigating", "调查中";
        /// It is right.
        Upheld = "upheld", "异议成立";
        /// It is not.
        Dismissed = "dismissed", "异议不成立";
        /// Taken back.
        Withdrawn = "withdrawn", "已撤回";
        /// Looked at again by the province.
        ReviewRequested = "review_requested", "复核中";
        /// The province found that it is not; nothing more. Keeps the code of the days when a review
        /// had no outcome of its own, which counted as this.
        FinalDismissed = "final", "复核终结（异议不成立）";
        /// The province found that it is right; nothing more.
        FinalUpheld = "final_upheld", "复核终结（异议成立）";
    }
}

code_list! {
    /// What can be done with it.
    ObjectionAct {
        /// Take on.
        Accept = "accept", "受理";
        /// Do not take on.
        Refuse = "refuse", "不予受理";
        /// Begin to look into it.
        Investigate = "investigate", "开始调查";
        /// Ten more working days, once.
        Extend = "extend", "延长调查期限";
        /// It is right.
        Uphold = "uphold", "认定异议成立";
        /// It is not.
        Dismiss = "dismiss", "认定异议不成立";
        /// Take back.
        Withdraw = "withdraw", "撤回异议";
        /// Ask the province to look again.
        RequestReview = "request_review", "申请复核";
        /// The province finds that it is not right; the code is as old as that of the state.
        ConcludeDismissed = "conclude", "复核认定异议不成立";
        /// The province finds that it is right.
        ConcludeUpheld = "conclude_upheld", "复核认定异议成立";
    }
}

/// The lifecycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Objection;

use ObjectionAct as A;
use ObjectionState as S;

const OFFICES: &[Hand] =
    &[Hand::Role(Role::HrCounty), Hand::Role(Role::HrCity), Hand::Role(Role::HrProvince)];
const ABOVE: &[Hand] = &[Hand::Role(Role::HrCity), Hand::Role(Role::HrProvince)];
const APPROVERS: &[Hand] =
    &[Hand::Role(Role::HrCityApprover), Hand::Role(Role::HrProvinceApprover)];
const APPROVER: &[Hand] = &[Hand::Role(Role::HrProvinceApprover)];
const PERSON: &[Hand] = &[Hand::Person];

impl Lifecycle for Objection {
    type State = S;
    type Act = A;
    const KIND: CaseKind = CaseKind::Objection;
    const START: S = S::Received;
    const MOVES: &'static [Move<S, A>] = &[
        Move::to(&[S::Received], A::Accept, S::Accepted, OFFICES)
            .when(&[G::InNoticePeriod, G::NotReviewer]),
        Move::to(&[S::Received], A::Refuse, S::NotAccepted, OFFICES)
            .on(&[E::Ground])
            .when(&[G::NotReviewer]),
        Move::to(&[S::Accepted], A::Investigate, S::Investigating, ABOVE)
            .on(&[E::Handlers])
            .when(&[G::NotReviewer, G::LevelAbove]),
        Move::new(
            &[S::Investigating],
            A::Extend,
            Target::Longer(Limit::WorkingDays(10)),
            APPROVERS,
        )
        .on(&[E::Ground])
        .once()
        .aside(),
        Move::to(&[S::Investigating], A::Uphold, S::Upheld, ABOVE)
            .on(&[E::PartyHeard, E::InvestigationResult, E::Answer])
            .when(&[G::NotReviewer, G::LevelAbove]),
        Move::to(&[S::Investigating], A::Dismiss, S::Dismissed, ABOVE)
            .on(&[E::PartyHeard, E::InvestigationResult, E::Answer])
            .when(&[G::NotReviewer, G::LevelAbove]),
        Move::to(&[S::Received, S::Accepted, S::Investigating], A::Withdraw, S::Withdrawn, PERSON)
            .aside(),
        Move::to(
            &[S::NotAccepted, S::Upheld, S::Dismissed],
            A::RequestReview,
            S::ReviewRequested,
            PERSON,
        )
        .on(&[E::Ground])
        .when(&[G::ReviewWindow])
        .aside(),
        Move::to(&[S::ReviewRequested], A::ConcludeDismissed, S::FinalDismissed, APPROVER)
            .on(&[E::InvestigationResult, E::Answer])
            .when(&[G::NotReviewer]),
        Move::to(&[S::ReviewRequested], A::ConcludeUpheld, S::FinalUpheld, APPROVER)
            .on(&[E::InvestigationResult, E::Answer])
            .when(&[G::NotReviewer]),
    ];

    fn turns_away(act: A) -> bool {
        matches!(act, A::Refuse | A::Withdraw | A::RequestReview)
    }

    fn limit(state: S) -> Limit {
        match state {
            S::Received => Limit::WorkingDays(3),
            S::Accepted | S::Investigating => Limit::WorkingDays(15),
            S::ReviewRequested => Limit::WorkingDays(20),
            // Within which the province may be asked to look again.
            S::NotAccepted | S::Upheld | S::Dismissed => Limit::WorkingDays(10),
            S::Withdrawn | S::FinalDismissed | S::FinalUpheld => Limit::None,
        }
    }
}
