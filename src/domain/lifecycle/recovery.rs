//! Money that is to come back (domain.md 7.11): facts told, the party heard, decided by somebody
//! who had no hand in the payment, served, and then repaid, set off, pursued or written off.

use super::Evidence as E;
use super::Guard as G;
use super::{CaseKind, Hand, Lifecycle, Limit, Move, Target};
use crate::code_list;
use crate::domain::authority::Role;

code_list! {
    /// Where a recovery stands.
    RecoveryState {
        /// A correction was decided: more was paid than is due.
        Opened = "opened", "已立案";
        /// The party was told what was found.
        NoticeOfFacts = "notice_of_facts", "已告知事实";
        /// The party has spoken, or let the time pass.
        Heard = "heard", "已听取陈述";
        /// The amount is decided.
        Decided = "decided", "已决定追回";
        /// The party has the decision.
        Served = "served", "决定已送达";
        /// Something is back.
        PartRepaid = "part_repaid", "部分归还";
        /// It is repaid by a plan.
        Instalments = "instalments", "分期归还";
        /// It is set off against the next money of the same source.
        OffsetAgreed = "offset_agreed", "约定抵扣";
        /// The time to repay is over.
        Overdue = "overdue", "逾期未还";
        /// Left to the court.
        Referred = "referred", "移送追缴";
        /// All is back.
        Repaid = "repaid", "已还清";
        /// The rest is given up.
        WrittenOff = "written_off", "已核销";
        /// Nothing is to come back after all.
        Cancelled = "cancelled", "已撤销";
    }
}

code_list! {
    /// What can be done with it.
    RecoveryAct {
        /// Tell the party what was found.
        Notify = "notify", "告知事实";
        /// Note what the party says.
        Hear = "hear", "记录陈述申辩";
        /// The party says it on the own page.
        Plead = "plead", "本人陈述申辩";
        /// Decide the amount.
        Decide = "decide", "决定追回";
        /// Deliver the decision.
        Serve = "serve", "送达决定";
        /// Note money that the treasury has.
        Receive = "receive", "登记归还";
        /// It is not there.
        RefuseReceipt = "refuse_receipt", "退回归还登记";
        /// It is there, and something is left.
        ConfirmPart = "confirm_part", "确认部分归还";
        /// It is there, and nothing is left.
        ConfirmRest = "confirm_rest", "确认全部还清";
        /// The person repays by instalments.
        AgreePlan = "agree_plan", "登记分期协议";
        /// The person agrees to a set-off.
        AgreeOffset = "agree_offset", "登记抵扣同意书";
        /// Set off, and something is left.
        SetOffPart = "set_off_part", "抵扣一部分";
        /// Set off, and nothing is left.
        SetOffRest = "set_off_rest", "抵扣余额";
        /// The time to repay is over.
        FallDue = "fall_due", "转为逾期";
        /// Ask once more.
        Remind = "remind", "催告";
        /// Leave it to the court.
        Refer = "refer", "移送追缴";
        /// Propose to give the rest up.
        ProposeWriteOff = "propose_write_off", "申请核销";
        /// Give the rest up.
        WriteOff = "write_off", "批准核销";
        /// Take the decision back.
        Revoke = "revoke", "撤销追回决定";
        /// A correction leaves nothing to come back.
        Drop = "drop", "更正后无需追回";
    }
}

/// The lifecycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recovery;

use RecoveryAct as A;
use RecoveryState as S;

const SYSTEM: &[Hand] = &[Hand::System];
const PERSON: &[Hand] = &[Hand::Person];
const OFFICE: &[Hand] = &[Hand::Role(Role::HrProvince)];
const APPROVER: &[Hand] = &[Hand::Role(Role::HrProvinceApprover)];
const MAKER: &[Hand] = &[Hand::Role(Role::FinanceMaker)];
const CHECKER: &[Hand] = &[Hand::Role(Role::FinanceChecker)];
const FINANCE: &[Hand] = &[Hand::Role(Role::FinanceApprover)];
/// While the party owes it.
const OWED: &[S] =
    &[S::Served, S::PartRepaid, S::Instalments, S::OffsetAgreed, S::Overdue, S::Referred];

/// Where the party may still agree to something.
const AGREEABLE: &[S] = &[S::Served, S::PartRepaid, S::Instalments, S::Overdue];
const BEFORE_ITS_END: &[S] = &[
    S::Opened,
    S::NoticeOfFacts,
    S::Heard,
    S::Decided,
    S::Served,
    S::PartRepaid,
    S::Instalments,
    S::OffsetAgreed,
    S::Overdue,
    S::Referred,
];

impl Lifecycle for Recovery {
    type State = S;
    type Act = A;
    const KIND: CaseKind = CaseKind::Recovery;
    const START: S = S::Opened;
    const MOVES: &'static [Move<S, A>] = &[
        Move::to(&[S::Opened], A::Notify, S::NoticeOfFacts, OFFICE)
            .on(&[E::Ground, E::FactsNotice]),
        Move::to(&[S::NoticeOfFacts], A::Hear, S::Heard, OFFICE).on(&[E::PartyHeard]),
        Move::to(&[S::NoticeOfFacts], A::Plead, S::Heard, PERSON).on(&[E::PartyHeard]),
        Move::to(&[S::Heard], A::Decide, S::Decided, APPROVER)
            .on(&[E::InvestigationResult, E::DecisionDocument])
            .when(&[G::NotInPaymentChain])
            .apart(&[A::Notify]),
        Move::to(&[S::Decided], A::Serve, S::Served, OFFICE).on(&[E::DeliveryReceipt]),
        Move::new(OWED, A::Receive, Target::Here, MAKER)
            .on(&[E::TreasuryReceipt])
            .when(&[G::WithinClaim]),
        Move::new(OWED, A::RefuseReceipt, Target::Here, CHECKER)
            .on(&[E::Ground])
            .when(&[G::ReceiptWaits])
            .apart(&[A::Receive])
            .aside(),
        Move::to(&[S::Served, S::PartRepaid], A::ConfirmPart, S::PartRepaid, CHECKER)
            .when(&[G::ReceiptWaits, G::SomethingLeft])
            .apart(&[A::Receive]),
        // A part changes nothing about what else is under way.
        Move::new(
            &[S::Instalments, S::OffsetAgreed, S::Overdue, S::Referred],
            A::ConfirmPart,
            Target::Here,
            CHECKER,
        )
        .when(&[G::ReceiptWaits, G::SomethingLeft])
        .apart(&[A::Receive]),
        Move::to(OWED, A::ConfirmRest, S::Repaid, CHECKER)
            .when(&[G::ReceiptWaits, G::NothingLeft])
            .apart(&[A::Receive]),
        Move::to(AGREEABLE, A::AgreePlan, S::Instalments, MAKER)
            .on(&[E::RepaymentPlan])
            .when(&[G::PlanFits])
            .aside(),
        Move::to(AGREEABLE, A::AgreeOffset, S::OffsetAgreed, MAKER).on(&[E::OffsetConsent]).aside(),
        Move::new(&[S::OffsetAgreed], A::SetOffPart, Target::Here, FINANCE)
            .when(&[G::PayableOfSource, G::SomethingLeft])
            .apart(&[A::AgreeOffset]),
        Move::to(&[S::OffsetAgreed], A::SetOffRest, S::Repaid, FINANCE)
            .when(&[G::PayableOfSource, G::NothingLeft])
            .apart(&[A::AgreeOffset]),
        Move::to(&[S::Served, S::PartRepaid], A::FallDue, S::Overdue, SYSTEM)
            .when(&[G::RepaymentOver])
            .aside(),
        Move::to(&[S::Instalments], A::FallDue, S::Overdue, SYSTEM)
            .when(&[G::InstalmentMissed])
            .aside(),
        Move::new(&[S::Overdue], A::Remind, Target::Here, MAKER).on(&[E::Reminder]).once(),
        Move::to(&[S::Overdue], A::Refer, S::Referred, APPROVER)
            .on(&[E::ReferralDocument])
            .when(&[G::RemindedInVain])
            .apart(&[A::Remind]),
        Move::new(&[S::Referred], A::ProposeWriteOff, Target::Here, MAKER).on(&[E::LegalProof]),
        Move::to(&[S::Referred], A::WriteOff, S::WrittenOff, FINANCE)
            .on(&[E::DecisionDocument])
            .when(&[G::NoReceiptWaits])
            .apart(&[A::ProposeWriteOff]),
        Move::to(&[S::Decided], A::Revoke, S::Cancelled, APPROVER)
            .on(&[E::Ground, E::DecisionDocument])
            .aside(),
        Move::to(OWED, A::Revoke, S::Cancelled, APPROVER)
            .on(&[E::Ground, E::DecisionDocument])
            .when(&[G::NoReceiptWaits])
            .aside(),
        Move::to(BEFORE_ITS_END, A::Drop, S::Cancelled, SYSTEM).when(&[G::NothingLeft]).aside(),
    ];

    fn turns_away(act: A) -> bool {
        matches!(act, A::Revoke | A::Drop | A::RefuseReceipt)
    }

    fn limit(state: S) -> Limit {
        match state {
            S::Opened => Limit::WorkingDays(5),
            S::NoticeOfFacts | S::Decided => Limit::WorkingDays(10),
            S::Heard => Limit::WorkingDays(20),
            S::Served | S::PartRepaid | S::Overdue => Limit::Days(30),
            S::Instalments
            | S::OffsetAgreed
            | S::Referred
            | S::Repaid
            | S::WrittenOff
            | S::Cancelled => Limit::None,
        }
    }
}
