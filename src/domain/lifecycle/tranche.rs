//! A tranche of a case-by-case agreement (notice, section 九, second sentence): it is paid once its
//! milestone is reached, reported by the host enterprise, looked at by one person and approved by
//! another. The amount is what was agreed; nothing computes it.

use super::Evidence as E;
use super::{CaseKind, Hand, Lifecycle, Limit, Move};
use crate::code_list;
use crate::domain::authority::Role;

code_list! {
    /// Where a tranche stands.
    TrancheState {
        /// Its milestone is ahead.
        Agreed = "agreed", "待达成";
        /// The enterprise says that it is reached.
        Reported = "reported", "已报达成";
        /// Somebody looked at it.
        Confirmed = "confirmed", "已核实";
        /// It can be put into a batch.
        Payable = "payable", "待发放";
        /// The bank paid it.
        Paid = "paid", "已发放";
        /// It is paid no more.
        Ended = "ended", "已终止";
    }
}

code_list! {
    /// What can be done with it.
    TrancheAct {
        /// Say that the milestone is reached.
        Report = "report", "报告达成";
        /// It is not, or not shown.
        SendBack = "send_back", "退回补充";
        /// Look at it.
        Confirm = "confirm", "核实达成";
        /// Set the money free.
        Approve = "approve", "批准发放";
        /// Do not.
        Refuse = "refuse", "不予批准";
        /// The bank paid.
        Pay = "pay", "发放到账";
        /// The bank sent it back.
        ComeBack = "come_back", "银行退回";
        /// The agreement is ended for it.
        End = "end", "终止支持";
    }
}

/// The lifecycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgreementTranche;

use TrancheAct as A;
use TrancheState as S;

const HOST: &[Hand] = &[Hand::Role(Role::EnterpriseClerk)];
const OFFICE: &[Hand] = &[Hand::Role(Role::HrProvince)];
const APPROVER: &[Hand] = &[Hand::Role(Role::HrProvinceApprover)];
const SYSTEM: &[Hand] = &[Hand::System];

impl Lifecycle for AgreementTranche {
    type State = S;
    type Act = A;
    const KIND: CaseKind = CaseKind::AgreementTranche;
    const START: S = S::Agreed;
    const MOVES: &'static [Move<S, A>] = &[
        Move::to(&[S::Agreed], A::Report, S::Reported, HOST).on(&[E::Achievements]),
        Move::to(&[S::Reported], A::SendBack, S::Agreed, OFFICE).on(&[E::Ground]),
        Move::to(&[S::Reported], A::Confirm, S::Confirmed, OFFICE).on(&[E::SiteCheck, E::Opinion]),
        Move::to(&[S::Confirmed], A::Approve, S::Payable, APPROVER)
            .on(&[E::DecisionDocument])
            .apart(&[A::Confirm]),
        Move::to(&[S::Confirmed], A::Refuse, S::Agreed, APPROVER).on(&[E::Ground]),
        Move::to(&[S::Payable], A::Pay, S::Paid, SYSTEM).aside(),
        Move::to(&[S::Paid], A::ComeBack, S::Payable, SYSTEM).aside(),
        Move::to(&[S::Agreed, S::Reported, S::Confirmed, S::Payable], A::End, S::Ended, APPROVER)
            .on(&[E::Ground, E::DecisionDocument])
            .aside(),
    ];

    fn turns_away(act: A) -> bool {
        matches!(act, A::SendBack | A::Refuse | A::End)
    }

    fn limit(state: S) -> Limit {
        match state {
            S::Reported | S::Confirmed => Limit::WorkingDays(10),
            S::Payable => Limit::WorkingDays(20),
            S::Agreed | S::Paid | S::Ended => Limit::None,
        }
    }
}
