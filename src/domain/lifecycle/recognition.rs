//! A recognition of high-level talent by an enterprise (domain.md 7.5).

use super::Evidence as E;
use super::Guard as G;
use super::{CaseKind, Hand, Lifecycle, Limit, Move, Target};
use crate::code_list;
use crate::domain::authority::Role;

code_list! {
    /// Where a recognition stands.
    RecognitionState {
        /// Being written.
        Draft = "draft", "草稿";
        /// With the enterprise's committee.
        EnterpriseReview = "ent_review", "企业评审中";
        /// In notice inside the enterprise.
        EnterpriseNotice = "ent_notice", "企业公示中";
        /// Filed with the county.
        Filed = "filed", "已提交";
        /// With the county.
        CountyCheck = "county_check", "县区审核中";
        /// With the city.
        CityCheck = "city_check", "市级审核中";
        /// With the province.
        ProvinceCheck = "prov_check", "省级审核中";
        /// Back with the enterprise for what is missing.
        Returned = "returned", "退回修改";
        /// In public notice.
        PublicNotice = "public_notice", "公示中";
        /// Somebody objects.
        Objected = "objected", "异议处理";
        /// Recognised.
        Recognised = "recognised", "已认定";
        /// Looked at this year.
        AnnualCheck = "annual_check", "年度核查";
        /// Without force for the time being.
        Suspended = "suspended", "暂停";
        /// Taken away.
        Revoked = "revoked", "已撤销";
        /// Term or time over.
        Lapsed = "lapsed", "已失效";
        /// Replaced by a higher class.
        Upgraded = "upgraded", "已升级";
        /// Refused.
        Rejected = "rejected", "不予认定";
        /// Taken back by the enterprise.
        Withdrawn = "withdrawn", "已撤回";
    }
}

code_list! {
    /// What can be done with it.
    RecognitionAct {
        /// To the committee.
        Submit = "submit", "提交企业评审";
        /// The committee decides.
        Decide = "decide", "登记评审决定";
        /// The committee decides whom the enterprise recommends.
        DecideToRecommend = "decide_to_recommend", "登记举荐评审意见";
        /// The committee refuses.
        Decline = "decline", "评审未通过";
        /// File with the offices, for the record.
        File = "file", "提交备案";
        /// Recommend to the offices, which decide.
        Recommend = "recommend", "提交举荐";
        /// Take on.
        Accept = "accept", "受理";
        /// County agrees.
        PassCounty = "pass_county", "县区审核通过";
        /// The one office of county and city takes on and agrees for the county.
        AcceptJointly = "accept_jointly", "受理并完成县区审核";
        /// City's maker gives an opinion.
        GiveOpinion = "give_opinion", "出具市级审核意见";
        /// City's approver passes it on.
        PassCity = "pass_city", "市级审核通过";
        /// One-time list of defects.
        SendBack = "send_back", "一次性告知补正";
        /// Supplied.
        Resubmit = "resubmit", "补正后重新提交";
        /// Not supplied in time.
        Forfeit = "forfeit", "逾期未补正";
        /// Refuse.
        Reject = "reject", "不予认定";
        /// Publish the notice.
        Publish = "publish", "发布公示";
        /// Take the line out of the notice, which says something wrong of it.
        Unpublish = "unpublish", "撤出公示";
        /// Take an objection in.
        Object = "object", "转入异议处理";
        /// Recognise, as the enterprise decided.
        Recognise = "recognise", "认定并发证";
        /// Recognise on the merits, as the enterprise recommended.
        RecogniseOnMerits = "recognise_on_merits", "审定认定并发证";
        /// Refuse on the merits what the enterprise recommended.
        RejectOnMerits = "reject_on_merits", "审定不予认定";
        /// Report for the year.
        ReportYear = "report_year", "提交年度报告";
        /// The check is passed.
        PassAnnualCheck = "pass_annual_check", "年度核查通过";
        /// The check is passed by the one office of county and city.
        PassAnnualCheckJointly = "pass_annual_check_jointly", "年度核查通过（合并办理）";
        /// Suspend.
        Suspend = "suspend", "暂停";
        /// The next listed employer wants it.
        ConfirmTransfer = "confirm_transfer", "接收企业确认转入";
        /// Take up again, with today's listed employer.
        Reinstate = "reinstate", "恢复";
        /// Take away.
        Revoke = "revoke", "撤销认定";
        /// Replace by a higher class.
        Upgrade = "upgrade", "升级";
        /// Term over.
        Lapse = "lapse", "到期失效";
        /// Take back by the enterprise.
        Withdraw = "withdraw", "撤回";
    }
}

/// The lifecycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AutonomousRecognition;

use RecognitionAct as A;
use RecognitionState as S;

const CLERK: &[Hand] = &[Hand::Role(Role::EnterpriseClerk)];
const HEAD: &[Hand] = &[Hand::Role(Role::EnterpriseHead)];
const SIGNATORY: &[Hand] = &[Hand::Role(Role::EnterpriseSignatory)];
const COUNTY: &[Hand] = &[Hand::Role(Role::HrCounty)];
const CITY: &[Hand] = &[Hand::Role(Role::HrCity)];
const CITY_APPROVER: &[Hand] = &[Hand::Role(Role::HrCityApprover)];
const PROVINCE: &[Hand] = &[Hand::Role(Role::HrProvince)];
const APPROVER: &[Hand] = &[Hand::Role(Role::HrProvinceApprover)];
const ENTERPRISE: &[Hand] = &[CLERK[0], SIGNATORY[0]];
const SYSTEM: &[Hand] = &[Hand::System];

impl Lifecycle for AutonomousRecognition {
    type State = S;
    type Act = A;
    const KIND: CaseKind = CaseKind::Recognition;
    const START: S = S::Draft;
    const MOVES: &'static [Move<S, A>] = &[
        Move::to(&[S::Draft], A::Submit, S::EnterpriseReview, CLERK).when(&[
            G::PersonIdentified,
            G::PilotAuthorised,
            G::ClassInScope,
            G::StandardFiled,
        ]),
        Move::to(&[S::EnterpriseReview], A::Decide, S::EnterpriseNotice, HEAD)
            .on(&[E::Minutes, E::Contract, E::Post, E::Achievements])
            .when(&[G::ByFiling, G::CommitteeQuorum, G::RecusalsObserved, G::NotMajorShareholder])
            .apart(&[A::Submit]),
        Move::to(&[S::EnterpriseReview], A::DecideToRecommend, S::EnterpriseNotice, HEAD)
            .on(&[E::Minutes, E::Contract, E::Post, E::Achievements])
            .when(&[
                G::ByRecommendation,
                G::CommitteeQuorum,
                G::RecusalsObserved,
                G::NotMajorShareholder,
            ])
            .apart(&[A::Submit]),
        Move::to(&[S::EnterpriseReview], A::Decline, S::Rejected, HEAD).on(&[E::Minutes]),
        Move::to(&[S::EnterpriseNotice], A::File, S::Filed, SIGNATORY)
            .on(&[E::InternalNotice])
            .when(&[
                G::ByFiling,
                G::PersonIdentified,
                G::InternalNoticeOver,
                G::NoOpenObjection,
                G::PilotAuthorised,
                G::QuotaLeft,
            ]),
        Move::to(&[S::EnterpriseNotice], A::Recommend, S::Filed, SIGNATORY)
            .on(&[E::InternalNotice])
            .when(&[
                G::ByRecommendation,
                G::PersonIdentified,
                G::InternalNoticeOver,
                G::NoOpenObjection,
                G::PilotAuthorised,
                G::QuotaLeft,
            ]),
        Move::to(&[S::Filed], A::Accept, S::CountyCheck, COUNTY),
        Move::to(&[S::CountyCheck], A::PassCounty, S::CityCheck, COUNTY).on(&[E::EvidenceCheck]),
        // Pingtan has no county between it and the province: its one office takes both steps.
        Move::to(&[S::Filed], A::AcceptJointly, S::CityCheck, CITY)
            .on(&[E::EvidenceCheck])
            .when(&[G::JointStep]),
        Move::new(&[S::CityCheck], A::GiveOpinion, Target::Here, CITY).on(&[E::Opinion]),
        Move::to(&[S::CityCheck], A::PassCity, S::ProvinceCheck, CITY_APPROVER)
            .apart(&[A::GiveOpinion]),
        Move::to(&[S::CountyCheck], A::SendBack, S::Returned, COUNTY).on(&[E::DefectList]).once(),
        Move::to(&[S::CityCheck], A::SendBack, S::Returned, CITY).on(&[E::DefectList]).once(),
        Move::to(&[S::ProvinceCheck], A::SendBack, S::Returned, PROVINCE)
            .on(&[E::DefectList])
            .once(),
        Move::new(&[S::Returned], A::Resubmit, Target::Back, CLERK).on(&[E::Supplement]),
        Move::to(&[S::Returned], A::Forfeit, S::Lapsed, SYSTEM).when(&[G::SupplementOverdue]),
        Move::to(&[S::ProvinceCheck], A::Reject, S::Rejected, PROVINCE).on(&[E::Ground]),
        Move::to(&[S::ProvinceCheck], A::Publish, S::PublicNotice, PROVINCE)
            .on(&[E::CrossCheck, E::SampleAudit])
            .when(&[G::SampleChecked]),
        Move::to(&[S::PublicNotice], A::Unpublish, S::ProvinceCheck, PROVINCE)
            .on(&[E::Ground])
            .aside(),
        Move::to(&[S::PublicNotice], A::Object, S::Objected, SYSTEM).when(&[G::ObjectionAccepted]),
        Move::to(&[S::PublicNotice], A::Recognise, S::Recognised, APPROVER)
            .on(&[E::DecisionDocument])
            .when(&[G::ByFiling, G::NoticeOver, G::NoOpenObjection])
            .apart(&[A::Publish]),
        Move::to(&[S::Objected], A::Recognise, S::Recognised, APPROVER)
            .on(&[E::DecisionDocument])
            .when(&[G::ByFiling, G::NoticeOver, G::ObjectionDismissed])
            .apart(&[A::Publish]),
        // What was recommended is decided by the office: it says why, either way.
        Move::to(&[S::PublicNotice], A::RecogniseOnMerits, S::Recognised, APPROVER)
            .on(&[E::DecisionDocument, E::Opinion])
            .when(&[G::ByRecommendation, G::NoticeOver, G::NoOpenObjection])
            .apart(&[A::Publish]),
        Move::to(&[S::Objected], A::RecogniseOnMerits, S::Recognised, APPROVER)
            .on(&[E::DecisionDocument, E::Opinion])
            .when(&[G::ByRecommendation, G::NoticeOver, G::ObjectionDismissed])
            .apart(&[A::Publish]),
        Move::to(&[S::ProvinceCheck], A::RejectOnMerits, S::Rejected, APPROVER)
            .on(&[E::Opinion, E::Ground])
            .when(&[G::ByRecommendation])
            .aside(),
        Move::to(&[S::PublicNotice], A::RejectOnMerits, S::Rejected, APPROVER)
            .on(&[E::Opinion, E::Ground])
            .when(&[G::ByRecommendation, G::NoticeOver, G::NoOpenObjection])
            .apart(&[A::Publish])
            .aside(),
        Move::to(&[S::Objected], A::Reject, S::Rejected, PROVINCE)
            .on(&[E::Ground])
            .when(&[G::ObjectionUpheld]),
        Move::to(&[S::Recognised], A::ReportYear, S::AnnualCheck, ENTERPRISE)
            .on(&[E::YearReport])
            .aside(),
        Move::to(&[S::AnnualCheck], A::PassAnnualCheck, S::Recognised, COUNTY).on(&[E::Opinion]),
        Move::to(&[S::AnnualCheck], A::PassAnnualCheckJointly, S::Recognised, CITY)
            .on(&[E::Opinion])
            .when(&[G::JointStep]),
        Move::to(&[S::Recognised, S::AnnualCheck], A::Suspend, S::Suspended, PROVINCE)
            .on(&[E::Ground])
            .aside(),
        // Of another enterprise than that of the file: the file goes there when it is taken up again.
        Move::new(&[S::Suspended], A::ConfirmTransfer, Target::Here, SIGNATORY)
            .on(&[E::EmployerConfirmation])
            .when(&[G::NewEmployer, G::TransferInTime])
            .aside(),
        Move::to(&[S::Suspended], A::Reinstate, S::Recognised, PROVINCE)
            .on(&[E::Opinion])
            .when(&[G::ListedEmployer]),
        Move::to(&[S::Recognised, S::AnnualCheck, S::Suspended], A::Revoke, S::Revoked, PROVINCE)
            .on(&[E::Hearing, E::DecisionDocument, E::Ground])
            .aside(),
        Move::to(&[S::Recognised], A::Upgrade, S::Upgraded, PROVINCE)
            .when(&[G::HigherClass])
            .aside(),
        Move::to(&[S::Recognised, S::AnnualCheck, S::Suspended], A::Lapse, S::Lapsed, SYSTEM)
            .when(&[G::TermOver])
            .aside(),
        Move::to(&[S::Draft, S::EnterpriseReview], A::Withdraw, S::Withdrawn, CLERK).aside(),
        Move::to(
            &[
                S::EnterpriseNotice,
                S::Filed,
                S::CountyCheck,
                S::CityCheck,
                S::ProvinceCheck,
                S::Returned,
                S::PublicNotice,
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
            A::Decline
                | A::SendBack
                | A::Forfeit
                | A::Reject
                | A::RejectOnMerits
                | A::Unpublish
                | A::Object
                | A::Suspend
                | A::Revoke
                | A::Lapse
                | A::Withdraw
        )
    }

    fn is_pause(state: S) -> bool {
        state == S::Suspended
    }

    fn limit(state: S) -> Limit {
        match state {
            S::EnterpriseNotice => Limit::WorkingDays(15),
            S::Filed | S::CountyCheck | S::CityCheck | S::Returned | S::PublicNotice => {
                Limit::WorkingDays(10)
            }
            S::ProvinceCheck | S::Objected => Limit::WorkingDays(15),
            S::AnnualCheck => Limit::Through(5, 31),
            S::Suspended => Limit::Months(6),
            S::Recognised => Limit::NextYear(3, 31),
            S::Draft
            | S::EnterpriseReview
            | S::Revoked
            | S::Lapsed
            | S::Upgraded
            | S::Rejected
            | S::Withdrawn => Limit::None,
        }
    }
}
