//! An entry on the core-engineer roster (domain.md 7.6).

use super::Evidence as E;
use super::Guard as G;
use super::{CaseKind, Hand, Lifecycle, Limit, Move};
use crate::code_list;
use crate::domain::authority::Role;

code_list! {
    /// Where an entry stands.
    RosterState {
        /// Filed by the clerk.
        Draft = "draft", "待企业审核";
        /// The enterprise answers for it.
        EnterpriseConfirmed = "ent_confirmed", "已提交";
        /// With the county.
        CountyCheck = "county_check", "县区审核中";
        /// With the city.
        CityCheck = "city_check", "市级审核中";
        /// With the province.
        ProvinceConfirm = "prov_confirm", "省级审核中";
        /// In public notice.
        Notice = "notice", "公示中";
        /// Somebody objects.
        Objected = "objected", "异议处理";
        /// On the roster.
        Active = "active", "在册";
        /// Does not count for the time being.
        Suspended = "suspended", "暂停";
        /// Left.
        Ended = "ended", "出册";
        /// False from the start.
        Void = "void", "作废";
        /// Refused.
        Rejected = "rejected", "不予入册";
        /// Taken back by the enterprise with the spreadsheet that filed it.
        Withdrawn = "withdrawn", "已撤回";
    }
}

code_list! {
    /// What can be done with it.
    RosterAct {
        /// The enterprise answers for it.
        Confirm = "confirm", "企业审核并提交";
        /// Take on.
        Accept = "accept", "受理";
        /// County agrees.
        PassCounty = "pass_county", "县区审核通过";
        /// The one office of county and city takes on and agrees for the county.
        AcceptJointly = "accept_jointly", "受理并完成县区审核";
        /// City agrees.
        PassCity = "pass_city", "市级审核通过";
        /// Back to the enterprise.
        SendBack = "send_back", "退回修改";
        /// Refuse.
        Reject = "reject", "不予入册";
        /// Publish the notice.
        Publish = "publish", "发布公示";
        /// Take the line out of the notice, which says something wrong of it.
        Unpublish = "unpublish", "撤出公示";
        /// Take an objection in.
        Object = "object", "转入异议处理";
        /// Enter on the roster.
        Activate = "activate", "确认入册";
        /// Enter on the roster without another notice, since another key enterprise's entry
        /// ended a short while ago.
        TransferIn = "transfer_in", "转接入册";
        /// Take back.
        Withdraw = "withdraw", "撤回申报";
        /// Suspend.
        Suspend = "suspend", "暂停";
        /// Nothing proved two months in a row, and nobody had to find it out.
        SuspendUnproven = "suspend_unproven", "证据断档暂停";
        /// Take up again.
        Reinstate = "reinstate", "恢复";
        /// Report the departure.
        End = "end", "登记离册";
        /// Declare void.
        Void = "void", "宣告作废";
    }
}

/// The lifecycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CoreEngineerEntry;

use RosterAct as A;
use RosterState as S;

const ENTERPRISE: &[Hand] =
    &[Hand::Role(Role::EnterpriseHead), Hand::Role(Role::EnterpriseSignatory)];
const COUNTY: &[Hand] = &[Hand::Role(Role::HrCounty)];
const CITY: &[Hand] = &[Hand::Role(Role::HrCity)];
const PROVINCE: &[Hand] = &[Hand::Role(Role::HrProvince)];
const APPROVER: &[Hand] = &[Hand::Role(Role::HrProvinceApprover)];
const SUSPENDING: &[Hand] = &[CITY[0], PROVINCE[0]];
const LEAVING: &[Hand] = &[Hand::Role(Role::EnterpriseClerk), Hand::System];
const SYSTEM: &[Hand] = &[Hand::System];

impl Lifecycle for CoreEngineerEntry {
    type State = S;
    type Act = A;
    const KIND: CaseKind = CaseKind::RosterEntry;
    const START: S = S::Draft;
    const MOVES: &'static [Move<S, A>] = &[
        Move::to(&[S::Draft], A::Confirm, S::EnterpriseConfirmed, ENTERPRISE)
            .on(&[E::Contract, E::PersonConsent])
            .when(&[G::PersonIdentified, G::Listed, G::ContractLongEnough, G::MonthlyWindow]),
        Move::to(&[S::EnterpriseConfirmed], A::Accept, S::CountyCheck, COUNTY),
        Move::to(&[S::CountyCheck], A::PassCounty, S::CityCheck, COUNTY)
            .on(&[E::EvidenceCheck])
            .when(&[G::NoOverlap]),
        // Pingtan has no county between it and the province: its one office takes both steps.
        Move::to(&[S::EnterpriseConfirmed], A::AcceptJointly, S::CityCheck, CITY)
            .on(&[E::EvidenceCheck])
            .when(&[G::JointStep, G::NoOverlap]),
        Move::to(&[S::CityCheck], A::PassCity, S::ProvinceConfirm, CITY).on(&[E::EvidenceCheck]),
        Move::to(&[S::CountyCheck], A::SendBack, S::Draft, COUNTY).on(&[E::DefectList]),
        Move::to(&[S::CityCheck], A::SendBack, S::Draft, CITY).on(&[E::DefectList]),
        Move::to(&[S::ProvinceConfirm], A::SendBack, S::Draft, PROVINCE).on(&[E::DefectList]),
        Move::to(&[S::CountyCheck], A::Reject, S::Rejected, COUNTY).on(&[E::Ground]),
        Move::to(&[S::CityCheck], A::Reject, S::Rejected, CITY).on(&[E::Ground]),
        Move::to(&[S::ProvinceConfirm], A::Reject, S::Rejected, PROVINCE).on(&[E::Ground]),
        Move::to(&[S::ProvinceConfirm], A::Publish, S::Notice, PROVINCE).on(&[E::CrossCheck]),
        // Both enterprises were on the list, and the person was announced before.
        Move::to(&[S::ProvinceConfirm], A::TransferIn, S::Active, APPROVER)
            .on(&[E::CrossCheck, E::DecisionDocument])
            .when(&[G::TransferGap, G::EffectiveDate])
            .apart(&[A::PassCity])
            .aside(),
        Move::to(&[S::Notice], A::Unpublish, S::ProvinceConfirm, PROVINCE).on(&[E::Ground]).aside(),
        Move::to(&[S::Notice], A::Object, S::Objected, SYSTEM).when(&[G::ObjectionAccepted]),
        Move::to(&[S::Notice], A::Activate, S::Active, APPROVER)
            .on(&[E::DecisionDocument])
            .when(&[G::NoticeOver, G::NoOpenObjection, G::EffectiveDate])
            .apart(&[A::Publish]),
        Move::to(&[S::Objected], A::Activate, S::Active, APPROVER)
            .on(&[E::DecisionDocument])
            .when(&[G::NoticeOver, G::ObjectionDismissed, G::EffectiveDate])
            .apart(&[A::Publish]),
        Move::to(&[S::Objected], A::Reject, S::Rejected, PROVINCE)
            .on(&[E::Ground])
            .when(&[G::ObjectionUpheld]),
        Move::to(&[S::Draft], A::Withdraw, S::Withdrawn, SYSTEM).aside(),
        Move::to(&[S::Active], A::Suspend, S::Suspended, SUSPENDING).on(&[E::Ground]).aside(),
        Move::to(&[S::Active], A::SuspendUnproven, S::Suspended, SYSTEM)
            .when(&[G::EvidenceMissing])
            .aside(),
        Move::to(&[S::Suspended], A::Reinstate, S::Active, CITY).on(&[E::MonthProof]),
        Move::to(&[S::Active, S::Suspended], A::End, S::Ended, LEAVING).on(&[E::Ground]).aside(),
        Move::to(&[S::Active, S::Suspended], A::Void, S::Void, PROVINCE)
            .on(&[E::Hearing, E::DecisionDocument, E::Ground])
            .aside(),
    ];

    fn turns_away(act: A) -> bool {
        matches!(
            act,
            A::SendBack
                | A::Reject
                | A::Unpublish
                | A::Object
                | A::Withdraw
                | A::Suspend
                | A::SuspendUnproven
                | A::End
                | A::Void
        )
    }

    fn is_pause(state: S) -> bool {
        state == S::Suspended
    }

    fn limit(state: S) -> Limit {
        match state {
            S::EnterpriseConfirmed | S::CountyCheck | S::CityCheck | S::Notice => {
                Limit::WorkingDays(10)
            }
            S::ProvinceConfirm | S::Objected => Limit::WorkingDays(15),
            S::Suspended => Limit::Months(6),
            S::Draft | S::Active | S::Ended | S::Void | S::Rejected | S::Withdrawn => Limit::None,
        }
    }
}
