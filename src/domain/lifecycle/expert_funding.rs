//! The funding of an expert's term (notice, section 九, third sentence): it is paid once the province
//! has handed in the report on the service of the term and another person has approved it. The amount
//! is what the appointment says.

use super::Evidence as E;
use super::{CaseKind, Hand, Lifecycle, Limit, Move};
use crate::code_list;
use crate::domain::authority::Role;

code_list! {
    /// Where the funding stands.
    FundingState {
        /// Agreed; the report is ahead.
        Granted = "granted", "待报告";
        /// The report is handed in.
        Reported = "reported", "已报告";
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
    FundingAct {
        /// Hand in the report on the service of the term.
        Report = "report", "提交服务报告";
        /// The report does not do.
        SendBack = "send_back", "退回补充";
        /// Set the money free.
        Approve = "approve", "批准发放";
        /// The bank paid.
        Pay = "pay", "发放到账";
        /// The bank sent it back.
        ComeBack = "come_back", "银行退回";
        /// The funding is ended.
        End = "end", "终止经费";
    }
}

/// The lifecycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExpertFunding;

use FundingAct as A;
use FundingState as S;

const OFFICE: &[Hand] = &[Hand::Role(Role::HrProvince)];
const APPROVER: &[Hand] = &[Hand::Role(Role::HrProvinceApprover)];
const SYSTEM: &[Hand] = &[Hand::System];

impl Lifecycle for ExpertFunding {
    type State = S;
    type Act = A;
    const KIND: CaseKind = CaseKind::ExpertFunding;
    const START: S = S::Granted;
    const MOVES: &'static [Move<S, A>] = &[
        Move::to(&[S::Granted], A::Report, S::Reported, OFFICE).on(&[E::ServiceReport]),
        Move::to(&[S::Reported], A::SendBack, S::Granted, APPROVER).on(&[E::Ground]),
        Move::to(&[S::Reported], A::Approve, S::Payable, APPROVER)
            .on(&[E::DecisionDocument])
            .apart(&[A::Report]),
        Move::to(&[S::Payable], A::Pay, S::Paid, SYSTEM).aside(),
        Move::to(&[S::Paid], A::ComeBack, S::Payable, SYSTEM).aside(),
        Move::to(&[S::Granted, S::Reported, S::Payable], A::End, S::Ended, APPROVER)
            .on(&[E::Ground, E::DecisionDocument])
            .aside(),
    ];

    fn turns_away(act: A) -> bool {
        matches!(act, A::SendBack | A::End)
    }

    fn limit(state: S) -> Limit {
        match state {
            S::Reported => Limit::WorkingDays(10),
            S::Payable => Limit::WorkingDays(20),
            S::Granted | S::Paid | S::Ended => Limit::None,
        }
    }
}
