//! A person's stipend of a year on its way to the money (domain.md 7.7).

use super::Evidence as E;
use super::Guard as G;
use super::{CaseKind, Hand, Lifecycle, Limit, Move, Target};
use crate::code_list;
use crate::domain::authority::Role;

code_list! {
    /// Where a year stands.
    EntitlementState {
        /// The year runs.
        Open = "open", "年度进行中";
        /// Computed; the enterprise and the person declare.
        Computed = "computed", "已核定待申报";
        /// The enterprise declared it.
        EnterpriseDeclared = "ent_declared", "企业已申报";
        /// The county verified it.
        CountyVerified = "county_verified", "县区已核验";
        /// The city verified it.
        CityVerified = "city_verified", "市级已核验";
        /// The province approved it.
        ProvinceApproved = "prov_approved", "省级已批准";
        /// In public notice.
        Notice = "notice", "公示中";
        /// Somebody objects.
        Objected = "objected", "异议处理";
        /// To be paid.
        Payable = "payable", "待付";
        /// In a batch.
        InBatch = "in_batch", "在途";
        /// Paid.
        Paid = "paid", "已付";
        /// Paid by some of those who owe it.
        PartPaid = "part_paid", "部分已付";
        /// Held back.
        Held = "held", "冻结";
        /// Nothing is due.
        Zero = "zero", "核定为零";
        /// Another result after the money moved.
        Corrected = "corrected", "已更正";
        /// To come back.
        Clawback = "clawback", "待追回";
        /// Not declared in time.
        Forfeited = "forfeited", "逾期未申报";
    }
}

code_list! {
    /// What can be done with it.
    EntitlementAct {
        /// The engine decides.
        Compute = "compute", "核定";
        /// The engine finds nothing due.
        FindNothing = "find_nothing", "核定为零";
        /// The enterprise declares.
        Declare = "declare", "企业申报";
        /// The person declares account and other awards.
        DeclareSelf = "declare_self", "本人确认";
        /// Back to the enterprise.
        SendBack = "send_back", "退回修改";
        /// County agrees.
        VerifyCounty = "verify_county", "县区核验通过";
        /// The one office of county and city verifies for the county.
        VerifyCountyJointly = "verify_county_jointly", "县区核验通过（合并办理）";
        /// City agrees.
        VerifyCity = "verify_city", "市级核验通过";
        /// Province agrees.
        Approve = "approve", "省级批准";
        /// Publish the notice.
        Publish = "publish", "发布公示";
        /// Take the line out of the notice, which says something wrong of it.
        Unpublish = "unpublish", "撤出公示";
        /// Take an objection in.
        Object = "object", "转入异议处理";
        /// Let it be paid.
        Release = "release", "转为待付";
        /// Nothing after an objection.
        Refuse = "refuse", "异议成立，重新核定";
        /// Another result before any money moved.
        Revise = "revise", "重新核定";
        /// Into a batch.
        Batch = "batch", "编入批次";
        /// Out of a batch that was given up or sent back.
        Unbatch = "unbatch", "退出批次";
        /// The bank paid.
        Pay = "pay", "发放成功";
        /// The bank paid a part.
        PayPart = "pay_part", "部分发放成功";
        /// The bank sent it back.
        Fail = "fail", "退票";
        /// Hold back.
        Hold = "hold", "冻结";
        /// Let go.
        Unhold = "unhold", "解除冻结";
        /// Not declared in time.
        Forfeit = "forfeit", "逾期未申报";
        /// Another result after the money moved.
        Correct = "correct", "更正核定";
        /// More is due.
        Supplement = "supplement", "列补发";
        /// Less is due.
        Reclaim = "reclaim", "列追回";
        /// What was paid is right after all.
        Keep = "keep", "维持已付";
        /// What was to come back is back, or given up.
        Recover = "recover", "追回办结";
    }
}

/// Days to declare a result that comes too late for the regular time: our choice.
pub const LATE_DAYS: u64 = 60;

/// The lifecycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct YearlyEntitlement;

use EntitlementAct as A;
use EntitlementState as S;

const SYSTEM: &[Hand] = &[Hand::System];
const PERSON: &[Hand] = &[Hand::Person];
const SIGNATORY: &[Hand] = &[Hand::Role(Role::EnterpriseSignatory)];
const COUNTY: &[Hand] = &[Hand::Role(Role::HrCounty)];
const CITY: &[Hand] = &[Hand::Role(Role::HrCity)];
const PROVINCE: &[Hand] = &[Hand::Role(Role::HrProvince)];
const APPROVER: &[Hand] = &[Hand::Role(Role::HrProvinceApprover)];
const MAKER: &[Hand] = &[Hand::Role(Role::FinanceMaker)];
const OFFICE: &[Hand] =
    &[MAKER[0], Hand::Role(Role::FinanceChecker), Hand::Role(Role::FinanceApprover)];
/// Where a new result sends a file back: nothing was frozen in a batch yet.
const UNPAID: &[EntitlementState] = &[
    S::EnterpriseDeclared,
    S::CountyVerified,
    S::CityVerified,
    S::ProvinceApproved,
    S::Notice,
    S::Objected,
    S::Payable,
    S::Held,
];
const HOLDERS: &[Hand] = &[PROVINCE[0], MAKER[0], Hand::Role(Role::FinanceChecker)];

impl Lifecycle for YearlyEntitlement {
    type State = S;
    type Act = A;
    const KIND: CaseKind = CaseKind::Entitlement;
    const START: S = S::Open;
    const MOVES: &'static [Move<S, A>] = &[
        Move::to(&[S::Open], A::Compute, S::Computed, SYSTEM).when(&[G::Computed]),
        Move::to(&[S::Computed], A::FindNothing, S::Zero, SYSTEM).when(&[G::NothingDue]).aside(),
        Move::new(&[S::Computed], A::DeclareSelf, Target::Here, PERSON)
            .on(&[E::AwardDeclaration, E::Undertaking])
            .when(&[G::AccountVerified]),
        Move::to(&[S::Computed], A::Declare, S::EnterpriseDeclared, SIGNATORY)
            .on(&[E::AwardDeclaration, E::Undertaking])
            .when(&[G::DeclarationOpen]),
        Move::to(&[S::Computed], A::Forfeit, S::Forfeited, SYSTEM)
            .when(&[G::DeclarationOver])
            .aside(),
        Move::to(&[S::EnterpriseDeclared], A::VerifyCounty, S::CountyVerified, COUNTY)
            .on(&[E::EvidenceCheck, E::IndustryConsent]),
        // Pingtan has no county between it and the province: its one office takes both steps.
        Move::to(&[S::EnterpriseDeclared], A::VerifyCountyJointly, S::CountyVerified, CITY)
            .on(&[E::EvidenceCheck, E::IndustryConsent])
            .when(&[G::JointStep]),
        Move::to(&[S::CountyVerified], A::VerifyCity, S::CityVerified, CITY)
            .on(&[E::EvidenceCheck, E::IndustryConsent]),
        Move::to(&[S::CityVerified], A::Approve, S::ProvinceApproved, PROVINCE).on(&[
            E::CrossCheck,
            E::IndustryConsent,
            E::FinanceConsent,
            E::TaxTreatment,
        ]),
        Move::to(&[S::EnterpriseDeclared], A::SendBack, S::Computed, COUNTY).on(&[E::DefectList]),
        Move::to(&[S::CountyVerified], A::SendBack, S::Computed, CITY).on(&[E::DefectList]),
        Move::to(&[S::CityVerified], A::SendBack, S::Computed, PROVINCE).on(&[E::DefectList]),
        Move::to(&[S::ProvinceApproved], A::Publish, S::Notice, PROVINCE),
        Move::to(&[S::Notice], A::Unpublish, S::ProvinceApproved, PROVINCE)
            .on(&[E::Ground])
            .aside(),
        Move::to(&[S::Notice], A::Object, S::Objected, SYSTEM).when(&[G::ObjectionAccepted]),
        Move::to(&[S::Notice], A::Release, S::Payable, APPROVER)
            .when(&[G::NoticeOver, G::NoOpenObjection])
            .apart(&[A::Publish]),
        Move::to(&[S::Objected], A::Release, S::Payable, APPROVER)
            .when(&[G::NoticeOver, G::ObjectionDismissed])
            .apart(&[A::Publish]),
        Move::to(&[S::Objected], A::Refuse, S::Computed, PROVINCE)
            .on(&[E::Ground])
            .when(&[G::ObjectionUpheld]),
        Move::to(UNPAID, A::Revise, S::Computed, SYSTEM).when(&[G::Computed]).aside(),
        Move::to(&[S::Payable, S::PartPaid], A::Batch, S::InBatch, MAKER)
            .when(&[G::AccountVerified]),
        Move::to(&[S::InBatch], A::Unbatch, S::Payable, OFFICE).aside(),
        Move::to(&[S::InBatch, S::PartPaid], A::Pay, S::Paid, SYSTEM).when(&[G::BankAnswer]),
        Move::to(&[S::InBatch], A::PayPart, S::PartPaid, SYSTEM).when(&[G::BankAnswer]),
        Move::to(&[S::InBatch], A::Fail, S::Payable, SYSTEM).when(&[G::BankAnswer]),
        // A supplement that is released beside what was paid, money that comes back late.
        Move::to(&[S::Payable], A::Pay, S::Paid, SYSTEM).when(&[G::BankAnswer]).aside(),
        Move::to(&[S::Payable, S::Paid], A::PayPart, S::PartPaid, SYSTEM)
            .when(&[G::BankAnswer])
            .aside(),
        Move::to(&[S::PartPaid, S::Paid, S::Clawback], A::Fail, S::Payable, SYSTEM)
            .when(&[G::BankAnswer])
            .aside(),
        Move::to(&[S::Payable], A::Hold, S::Held, HOLDERS).on(&[E::Ground]).aside(),
        Move::to(&[S::Held], A::Unhold, S::Payable, HOLDERS).on(&[E::Ground]),
        Move::to(&[S::Paid, S::PartPaid, S::Clawback], A::Correct, S::Corrected, SYSTEM)
            .when(&[G::Computed])
            .aside(),
        Move::to(&[S::Corrected], A::Supplement, S::Payable, APPROVER)
            .on(&[E::DecisionDocument])
            .when(&[G::SupplementDue]),
        Move::to(&[S::Corrected], A::Reclaim, S::Clawback, APPROVER)
            .on(&[E::DecisionDocument])
            .when(&[G::RecoveryDue]),
        Move::to(&[S::Clawback], A::Recover, S::Paid, SYSTEM).when(&[G::RecoveryOver]).aside(),
        Move::to(&[S::Corrected], A::Keep, S::Paid, SYSTEM).when(&[G::Computed]).aside(),
        Move::to(&[S::Zero, S::Forfeited], A::Compute, S::Computed, SYSTEM)
            .when(&[G::Computed])
            .aside(),
    ];

    fn turns_away(act: A) -> bool {
        matches!(
            act,
            A::SendBack
                | A::Refuse
                | A::Unpublish
                | A::Object
                | A::Revise
                | A::FindNothing
                | A::Forfeit
                | A::Hold
                | A::Unbatch
                | A::Fail
        )
    }

    fn is_silent(state: S) -> bool {
        state == S::Zero
    }

    fn limit(state: S) -> Limit {
        match state {
            S::Open => Limit::Through(1, 31),
            S::Computed => Limit::ThroughElse(4, 30, LATE_DAYS),
            S::EnterpriseDeclared | S::CountyVerified => Limit::WorkingDays(10),
            S::CityVerified => Limit::WorkingDays(20),
            S::Notice => Limit::WorkingDays(10),
            S::Objected => Limit::WorkingDays(15),
            S::Payable => Limit::WorkingDays(30),
            S::ProvinceApproved
            | S::InBatch
            | S::Paid
            | S::PartPaid
            | S::Held
            | S::Zero
            | S::Corrected
            | S::Clawback
            | S::Forfeited => Limit::None,
        }
    }
}
