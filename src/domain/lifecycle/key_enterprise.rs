//! An enterprise's way onto the key-enterprise list and off it (domain.md 7.4).

use super::Evidence as E;
use super::Guard as G;
use super::{CaseKind, Hand, Lifecycle, Limit, Move, Target};
use crate::code_list;
use crate::domain::authority::Role;

code_list! {
    /// Where an enterprise stands.
    KeyEnterpriseState {
        /// Being written.
        Draft = "draft", "草稿";
        /// Handed in.
        Submitted = "submitted", "已提交";
        /// With the county.
        CountyReview = "county_review", "县区审核中";
        /// With the city.
        CityReview = "city_review", "市级审核中";
        /// With the experts.
        ExpertReview = "expert_review", "专家评审中";
        /// Proposed for the list.
        Proposed = "proposed", "拟入选";
        /// In public notice.
        Notice = "notice", "公示中";
        /// Somebody objects.
        Objected = "objected", "异议处理";
        /// On the list.
        Listed = "listed", "在清单内";
        /// Looked at this year.
        AnnualCheck = "annual_check", "年度核查";
        /// Setting things right.
        Rectifying = "rectifying", "整改中";
        /// No new filings, payments held.
        Suspended = "suspended", "暂停";
        /// Taken off.
        Removed = "removed", "已移出";
        /// Its time on the list is over.
        Expired = "expired", "已到期";
        /// Not taken.
        Rejected = "rejected", "不予列入";
        /// Taken back by the enterprise.
        Withdrawn = "withdrawn", "已撤回";
    }
}

code_list! {
    /// What can be done with it.
    KeyEnterpriseAct {
        /// Hand in.
        Submit = "submit", "提交申报";
        /// Ask once for what is missing.
        RequestSupplement = "request_supplement", "一次性告知补正";
        /// One-time list of defects by the one office of county and city.
        RequestSupplementJointly =
            "request_supplement_jointly", "一次性告知补正（合并办理）";
        /// Take on.
        Accept = "accept", "受理";
        /// Take on where county and city are one office.
        AcceptJointly = "accept_jointly", "受理并完成县区核查";
        /// County agrees.
        PassCounty = "pass_county", "县区审核通过";
        /// City agrees.
        PassCity = "pass_city", "市级审核通过";
        /// Experts agree.
        Propose = "propose", "提出拟入选名单";
        /// Publish the notice.
        Publish = "publish", "发布公示";
        /// Take the line out of the notice, which says something wrong of it.
        Unpublish = "unpublish", "撤出公示";
        /// Take an objection in.
        Object = "object", "转入异议处理";
        /// Go on after an objection.
        Dismiss = "dismiss", "异议不成立，恢复办理";
        /// Put on the list.
        List = "list", "列入清单";
        /// Refuse.
        Reject = "reject", "不予列入";
        /// Begin the check of the year.
        BeginAnnualCheck = "begin_annual_check", "开始年度核查";
        /// The check is passed.
        PassAnnualCheck = "pass_annual_check", "年度核查通过";
        /// Order to set right.
        OrderRectification = "order_rectification", "责令整改";
        /// It is set right.
        AcceptRectification = "accept_rectification", "整改合格";
        /// Suspend.
        Suspend = "suspend", "暂停资格";
        /// Thirty more days, once.
        Extend = "extend", "延长调查期限";
        /// Take back.
        Reinstate = "reinstate", "恢复资格";
        /// Tell the enterprise that it is to be taken off, and why.
        AnnounceRemoval = "announce_removal", "告知拟移出";
        /// Take off.
        Remove = "remove", "移出清单";
        /// Time over.
        Expire = "expire", "到期";
        /// On the list already by an imported list document: the file begins there.
        TakeOver = "take_over", "按清单文件接管";
        /// Take back by the enterprise.
        Withdraw = "withdraw", "撤回申报";
    }
}

/// The lifecycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyEnterprise;

use KeyEnterpriseAct as A;
use KeyEnterpriseState as S;

const SIGNATORY: &[Hand] = &[Hand::Role(Role::EnterpriseSignatory)];
const COUNTY: &[Hand] = &[Hand::Role(Role::IndustryCounty)];
const CITY: &[Hand] = &[Hand::Role(Role::IndustryCity)];
const PROVINCE: &[Hand] = &[Hand::Role(Role::IndustryProvince)];
const APPROVER: &[Hand] = &[Hand::Role(Role::IndustryProvinceApprover)];
const CHECKERS: &[Hand] = &[CITY[0], PROVINCE[0]];
const SYSTEM: &[Hand] = &[Hand::System];

impl Lifecycle for KeyEnterprise {
    type State = S;
    type Act = A;
    const KIND: CaseKind = CaseKind::KeyEnterprise;
    const START: S = S::Draft;
    const MOVES: &'static [Move<S, A>] = &[
        Move::to(&[S::Draft], A::Submit, S::Submitted, SIGNATORY)
            .on(&[E::BusinessStatement, E::CreditReport, E::ThreeYearAccounts, E::ResearchLedger])
            .when(&[G::UsccValid, G::RegisteredHere, G::CallOpen]),
        Move::to(&[S::Submitted], A::RequestSupplement, S::Draft, COUNTY)
            .on(&[E::DefectList])
            .once(),
        Move::to(&[S::Submitted], A::Accept, S::CountyReview, COUNTY),
        Move::to(&[S::CountyReview], A::PassCounty, S::CityReview, COUNTY).on(&[E::SiteCheck]),
        // Pingtan has no county between it and the province: its one office takes both steps.
        Move::to(&[S::Submitted], A::RequestSupplementJointly, S::Draft, CITY)
            .on(&[E::DefectList])
            .when(&[G::JointStep])
            .once(),
        Move::to(&[S::Submitted], A::AcceptJointly, S::CityReview, CITY)
            .on(&[E::SiteCheck])
            .when(&[G::JointStep]),
        Move::to(&[S::CityReview], A::PassCity, S::ExpertReview, CITY).on(&[E::Opinion]),
        Move::to(&[S::CountyReview], A::Reject, S::Rejected, COUNTY).on(&[E::Ground]),
        Move::to(&[S::CityReview], A::Reject, S::Rejected, CITY).on(&[E::Ground]),
        Move::to(&[S::ExpertReview], A::Reject, S::Rejected, PROVINCE).on(&[E::Ground]),
        Move::to(&[S::ExpertReview], A::Propose, S::Proposed, PROVINCE)
            .on(&[E::ScoreSheets, E::ConflictDeclarations])
            .when(&[G::ExpertsOdd]),
        Move::to(&[S::Proposed], A::Publish, S::Notice, APPROVER)
            .on(&[E::JointCheck, E::HrConsent, E::FinanceConsent])
            .apart(&[A::Propose]),
        Move::to(&[S::Notice], A::Unpublish, S::Proposed, APPROVER).on(&[E::Ground]).aside(),
        Move::to(&[S::Notice], A::Object, S::Objected, SYSTEM).when(&[G::ObjectionAccepted]),
        Move::to(&[S::Objected], A::Dismiss, S::Proposed, PROVINCE).when(&[G::ObjectionDismissed]),
        Move::to(&[S::Objected], A::Reject, S::Rejected, PROVINCE)
            .on(&[E::Ground])
            .when(&[G::ObjectionUpheld]),
        Move::to(&[S::Notice], A::List, S::Listed, PROVINCE)
            .on(&[E::ListDocument])
            .when(&[G::NoticeOver, G::NoOpenObjection]),
        Move::to(&[S::Listed], A::BeginAnnualCheck, S::AnnualCheck, CHECKERS)
            .on(&[E::YearReport])
            .aside(),
        Move::to(&[S::AnnualCheck], A::PassAnnualCheck, S::Listed, CHECKERS).on(&[E::Opinion]),
        Move::to(&[S::AnnualCheck], A::OrderRectification, S::Rectifying, PROVINCE)
            .on(&[E::RectificationOrder]),
        Move::to(&[S::Rectifying], A::AcceptRectification, S::Listed, PROVINCE)
            .on(&[E::RectificationReport]),
        Move::to(&[S::Listed], A::Suspend, S::Suspended, PROVINCE).on(&[E::Ground]).aside(),
        Move::new(&[S::Suspended], A::Extend, Target::Longer(Limit::Days(30)), PROVINCE)
            .on(&[E::Ground])
            .once()
            .aside(),
        Move::to(&[S::Suspended], A::Reinstate, S::Listed, PROVINCE).on(&[E::InvestigationResult]),
        Move::to(&[S::Rectifying, S::Suspended], A::Remove, S::Removed, PROVINCE)
            .on(&[E::DecisionDocument, E::Ground])
            .aside(),
        // Whoever is neither rectifying nor suspended is told five working days before.
        Move::new(&[S::Listed], A::AnnounceRemoval, Target::Here, PROVINCE)
            .on(&[E::FactsNotice, E::Ground])
            .aside(),
        Move::to(&[S::Listed], A::Remove, S::Removed, PROVINCE)
            .on(&[E::DecisionDocument, E::Ground])
            .when(&[G::RemovalAnnounced])
            .aside(),
        Move::to(&[S::Listed], A::Expire, S::Expired, SYSTEM).when(&[G::TermOver]).aside(),
        Move::to(&[S::Draft], A::TakeOver, S::Listed, SYSTEM)
            .on(&[E::ListDocument])
            .when(&[G::Listed])
            .aside(),
        Move::to(
            &[
                S::Draft,
                S::Submitted,
                S::CountyReview,
                S::CityReview,
                S::ExpertReview,
                S::Proposed,
                S::Notice,
                S::Objected,
            ],
            A::Withdraw,
            S::Withdrawn,
            SIGNATORY,
        )
        .aside(),
    ];

    fn turns_away(act: A) -> bool {
        matches!(
            act,
            A::RequestSupplement
                | A::RequestSupplementJointly
                | A::Reject
                | A::Unpublish
                | A::Object
                | A::OrderRectification
                | A::Suspend
                | A::AnnounceRemoval
                | A::Remove
                | A::Expire
                | A::Withdraw
        )
    }

    fn is_pause(state: S) -> bool {
        state == S::Suspended
    }

    fn limit(state: S) -> Limit {
        match state {
            S::Submitted => Limit::WorkingDays(3),
            S::CountyReview | S::CityReview | S::Proposed | S::Notice => Limit::WorkingDays(10),
            S::ExpertReview => Limit::WorkingDays(20),
            S::Objected => Limit::WorkingDays(15),
            S::AnnualCheck => Limit::Through(6, 30),
            S::Rectifying | S::Suspended => Limit::Days(60),
            S::Draft | S::Listed | S::Removed | S::Expired | S::Rejected | S::Withdrawn => {
                Limit::None
            }
        }
    }
}
