//! A visit of a young talent from overseas (domain.md 7.8): the employer files the invitation, the
//! county's office looks at it; after the trip the employer claims, the county checks and cuts, the
//! employer agrees to what was cut, the city's approver approves, and the money goes out in batches.
//! Where a place has no county of its own, its city takes the county's steps (ADR 0041).

use super::Evidence as E;
use super::Guard as G;
use super::{CaseKind, Hand, Lifecycle, Limit, Move};
use crate::code_list;
use crate::domain::authority::Role;

code_list! {
    /// Where a visit stands.
    VisitState {
        /// The employer prepares the invitation.
        Draft = "draft", "拟邀请";
        /// The office of the county looks at it.
        Filed = "filed", "邀请待审";
        /// The visitor may come.
        Invited = "invited", "同意邀请";
        /// The visitor is here, or was.
        Travelled = "travelled", "已入境";
        /// The employer claimed.
        Claimed = "claimed", "申报待核";
        /// Checked, nothing cut.
        Checked = "checked", "已核验";
        /// Something was cut: the employer has to agree.
        Adjusting = "adjusting", "核减待确认";
        /// The employer agreed.
        Adjusted = "adjusted", "核减已确认";
        /// It can be put into a batch.
        Payable = "payable", "待发放";
        /// The bank paid.
        Paid = "paid", "已发放";
        /// The bank sent it back.
        Returned = "returned", "退汇待重发";
        /// Not supported.
        Rejected = "rejected", "不予支持";
        /// Nobody claimed in time.
        Expired = "expired", "逾期未申报";
        /// The employer took it back.
        Withdrawn = "withdrawn", "已撤回";
    }
}

code_list! {
    /// What can be done with it.
    VisitAct {
        /// File the invitation.
        File = "file", "提交邀请";
        /// Agree to it.
        Agree = "agree", "同意邀请";
        /// Ask for more.
        SendBack = "send_back", "退回补充";
        /// Refuse the invitation.
        Refuse = "refuse", "不予同意";
        /// Take it back.
        Withdraw = "withdraw", "撤回";
        /// Say that the visitor came.
        Arrive = "arrive", "报告入境";
        /// Claim costs and allowance.
        Claim = "claim", "提交申报";
        /// Send the claim back.
        ReturnClaim = "return_claim", "退回申报";
        /// Check it: nothing is cut.
        Check = "check", "核验通过";
        /// Check it: something is cut.
        Cut = "cut", "核减";
        /// Agree to what was cut.
        Accept = "accept", "确认核减";
        /// Do not.
        Contest = "contest", "对核减提出异议";
        /// Set the money free.
        Approve = "approve", "批准发放";
        /// Have it checked again.
        Doubt = "doubt", "退回重核";
        /// Do not support it.
        Reject = "reject", "不予支持";
        /// Nobody claimed in time.
        Expire = "expire", "逾期";
        /// The bank paid.
        Pay = "pay", "发放到账";
        /// The bank sent it back.
        ComeBack = "come_back", "银行退回";
        /// Take it back before it is paid.
        Revoke = "revoke", "撤销批准";
    }
}

/// The lifecycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverseasVisit;

use VisitAct as A;
use VisitState as S;

const EMPLOYER: &[Hand] = &[Hand::Role(Role::EnterpriseClerk)];
const OFFICE: &[Hand] = &[Hand::Role(Role::HrCounty), Hand::Role(Role::HrCity)];
const APPROVER: &[Hand] = &[Hand::Role(Role::HrCityApprover)];
const SYSTEM: &[Hand] = &[Hand::System];

impl Lifecycle for OverseasVisit {
    type State = S;
    type Act = A;
    const KIND: CaseKind = CaseKind::OverseasVisit;
    const START: S = S::Draft;
    const MOVES: &'static [Move<S, A>] = &[
        Move::to(&[S::Draft], A::File, S::Filed, EMPLOYER)
            .on(&[E::Invitation, E::CurriculumVitae, E::ExportCheck])
            .when(&[G::LeadTime, G::NotHereAlready]),
        Move::to(&[S::Filed], A::Agree, S::Invited, OFFICE)
            .on(&[E::Opinion, E::ForeignAffairsNotice])
            .when(&[G::YoungFromOverseas, G::NotHereAlready, G::DaysLeft]),
        Move::to(&[S::Filed], A::SendBack, S::Draft, OFFICE).on(&[E::Ground]),
        Move::to(&[S::Filed], A::Refuse, S::Rejected, OFFICE).on(&[E::Ground]),
        Move::to(&[S::Draft, S::Filed, S::Invited], A::Withdraw, S::Withdrawn, EMPLOYER).aside(),
        Move::to(&[S::Invited], A::Arrive, S::Travelled, EMPLOYER).when(&[G::ArrivalFits]),
        Move::to(&[S::Travelled], A::Claim, S::Claimed, EMPLOYER)
            .on(&[E::ResultsReport])
            .when(&[G::ClaimComplete, G::ClaimInTime]),
        Move::to(&[S::Claimed], A::ReturnClaim, S::Travelled, OFFICE).on(&[E::Ground]),
        Move::to(&[S::Claimed], A::Check, S::Checked, OFFICE)
            .on(&[E::Opinion])
            .when(&[G::ClaimEligible, G::NothingCut]),
        Move::to(&[S::Claimed], A::Cut, S::Adjusting, OFFICE)
            .on(&[E::Opinion])
            .when(&[G::ClaimEligible, G::SomethingCut]),
        Move::to(&[S::Adjusting], A::Accept, S::Adjusted, EMPLOYER),
        Move::to(&[S::Adjusting], A::Contest, S::Claimed, EMPLOYER).on(&[E::Ground]),
        Move::to(&[S::Checked], A::Approve, S::Payable, APPROVER)
            .on(&[E::DecisionDocument])
            .when(&[G::ClaimEligible])
            .apart(&[A::Check]),
        Move::to(&[S::Adjusted], A::Approve, S::Payable, APPROVER)
            .on(&[E::DecisionDocument])
            .when(&[G::ClaimEligible])
            .apart(&[A::Cut]),
        Move::to(&[S::Checked, S::Adjusted], A::Doubt, S::Claimed, APPROVER).on(&[E::Ground]),
        Move::to(&[S::Claimed], A::Reject, S::Rejected, OFFICE).on(&[E::Ground]),
        Move::to(&[S::Invited, S::Travelled], A::Expire, S::Expired, SYSTEM)
            .when(&[G::ClaimOver])
            .aside(),
        Move::to(&[S::Payable, S::Returned], A::Pay, S::Paid, SYSTEM).aside(),
        Move::to(&[S::Paid], A::ComeBack, S::Returned, SYSTEM).aside(),
        Move::to(&[S::Payable, S::Returned], A::Revoke, S::Rejected, APPROVER)
            .on(&[E::Ground, E::DecisionDocument])
            .aside(),
    ];

    fn turns_away(act: A) -> bool {
        matches!(
            act,
            A::SendBack
                | A::Refuse
                | A::Withdraw
                | A::ReturnClaim
                | A::Contest
                | A::Doubt
                | A::Reject
                | A::Revoke
        )
    }

    fn limit(state: S) -> Limit {
        match state {
            S::Filed | S::Adjusting => Limit::WorkingDays(5),
            S::Claimed | S::Checked | S::Adjusted => Limit::WorkingDays(10),
            S::Payable | S::Returned => Limit::WorkingDays(20),
            // What ends these is counted from days of the trip and looked at by the guards.
            S::Draft | S::Invited | S::Travelled => Limit::None,
            S::Paid | S::Rejected | S::Expired | S::Withdrawn => Limit::None,
        }
    }
}
