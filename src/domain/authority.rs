//! Who may do what: role, region or enterprise, and whose work it was (domain.md 7.1, 7.2).

use crate::code_list;

use super::registry::Code;
use super::reveal::RevealedNumber;

code_list! {
    /// What an account may be. One account has one role.
    Role {
        /// Files the enterprise's people and spreadsheets.
        EnterpriseClerk = "enterprise_clerk", "企业经办";
        /// Answers for what the enterprise files.
        EnterpriseHead = "enterprise_head", "企业审核";
        /// Signs for the enterprise (盖章).
        EnterpriseSignatory = "enterprise_signatory", "企业授权签字人";
        /// HR office of a county.
        HrCounty = "hr_county", "县区人社审核";
        /// HR office of a city or of Pingtan.
        HrCity = "hr_city", "市级人社审核";
        /// Approves what the HR office of a city prepared.
        HrCityApprover = "hr_city_approver", "市级人社审批";
        /// HR office of the province.
        HrProvince = "hr_province", "省级人社审核";
        /// Approves what the HR office of the province prepared.
        HrProvinceApprover = "hr_province_approver", "省级人社审批";
        /// Industry office of a county, for the key-enterprise list.
        IndustryCounty = "industry_county", "县区工信审核";
        /// Industry office of a city or of Pingtan.
        IndustryCity = "industry_city", "市级工信审核";
        /// Industry office of the province.
        IndustryProvince = "industry_province", "省级工信审核";
        /// Approves what the industry office of the province prepared.
        IndustryProvinceApprover = "industry_province_approver", "省级工信审批";
        /// Makes payment batches.
        FinanceMaker = "finance_maker", "财务经办";
        /// Checks payment batches.
        FinanceChecker = "finance_checker", "财务复核";
        /// Approves payment batches.
        FinanceApprover = "finance_approver", "财务审批";
        /// Reads everything, changes nothing.
        Auditor = "auditor", "审计";
        /// System administrator: makes accounts and proposes what they may; sees no business data.
        Administrator = "administrator", "系统管理员";
        /// Authorises what the system administrator proposes; sees no business data.
        SecurityAdministrator = "security_administrator", "安全管理员";
        /// Reads what the two other administrators did, and nothing else.
        SecurityAuditor = "security_auditor", "安全审计员";
        /// A program of an enterprise, over the JSON interface only; nobody signs in with it.
        EnterpriseSystem = "enterprise_system", "企业系统账号";
        /// A program of an office that reads, over the JSON interface only.
        OfficeSystem = "office_system", "机关系统账号";
    }
}

/// An act that not every role may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    /// Read the registry of persons and enterprises within one's scope.
    ReadRegistry,
    /// Import the key-enterprise list, evidence and other awards.
    ImportRegistry,
    /// Import and change the enterprise's own engineers.
    FileEngineers,
    /// Confirm declared roster entries.
    ConfirmRoster,
    /// Correct a stated fact by decision.
    CorrectFacts,
    /// Confirm the account of an enterprise that another person put down.
    ConfirmAccounts,
    /// Look at likely duplicates and call a pair different persons.
    ReviewDuplicates,
    /// Propose, confirm and undo merges of persons.
    MergePersons,
    /// Start a computation.
    Compute,
    /// Propose and publish policy texts, keep golden cases, try out scenarios.
    DraftPolicies,
    /// Read entitlements within one's scope.
    ReadEntitlements,
    /// Read batches and budget lines.
    ReadBatches,
    /// Make, freeze, issue and send a batch; load return files; record budget lines.
    MakeBatch,
    /// Check a frozen batch; confirm a return file.
    CheckBatch,
    /// Approve a checked batch; close a settled one.
    ApproveBatch,
    /// Read files that move through offices.
    ReadCases,
    /// Move files on, hand in documents for them, let somebody stand in.
    WorkCases,
    /// Begin a recognition.
    FileRecognitions,
    /// File the enterprise's standard of recognition.
    FileStandards,
    /// Authorise an enterprise to recognise.
    GrantPilots,
    /// Draw samples of registered persons and record what checks find.
    CheckSamples,
    /// Decide whether a pilot is suspended.
    DecidePilots,
    /// Publish notices.
    PublishNotices,
    /// Look into what the public says of lines whose notice is over.
    HandleTips,
    /// Read in and confirm the working days of a year.
    LoadCalendars,
    /// Let files of some kinds rest for a time.
    FreezeFiles,
    /// Put down what was agreed case by case, and accept what another put down.
    AgreeCases,
    /// Put down appointments of experts and accept another's, end them, keep the log of their services.
    AppointExperts,
    /// Put down what an expert did for one's own enterprise.
    RecordServices,
    /// Confirm what the province put down about services for one's own enterprise.
    ConfirmServices,
    /// Apply for the key-enterprise list and hand in the report of the year.
    FileKeyEnterprise,
    /// Call for applications to the key-enterprise list.
    CallApplications,
    /// Take over enterprises from list documents and begin the checks of the year.
    KeepEnterpriseFiles,
    /// Be shown a full number of somebody, with a purpose.
    RevealNumbers,
    /// Follow a person or a batch through everything on record.
    ReadAudit,
    /// Manage the accounts of one's own enterprise.
    ManageColleagues,
    /// Manage accounts and organisations.
    ManageAccounts,
    /// Authorise accounts, duties and passwords; end sessions and locks.
    AuthoriseAccounts,
    /// Read the log, within what the role may read of it.
    ReadLog,
    /// Verify the log.
    VerifyLog,
}

impl Act {
    /// All acts, for the matrix test and the permissions page.
    pub const ALL: &'static [Self] = &[
        Self::ReadRegistry,
        Self::ImportRegistry,
        Self::FileEngineers,
        Self::ConfirmRoster,
        Self::CorrectFacts,
        Self::ConfirmAccounts,
        Self::ReviewDuplicates,
        Self::MergePersons,
        Self::Compute,
        Self::DraftPolicies,
        Self::ReadEntitlements,
        Self::ReadBatches,
        Self::MakeBatch,
        Self::CheckBatch,
        Self::ApproveBatch,
        Self::ReadCases,
        Self::WorkCases,
        Self::FileRecognitions,
        Self::FileStandards,
        Self::GrantPilots,
        Self::CheckSamples,
        Self::DecidePilots,
        Self::PublishNotices,
        Self::HandleTips,
        Self::LoadCalendars,
        Self::FreezeFiles,
        Self::AgreeCases,
        Self::AppointExperts,
        Self::RecordServices,
        Self::ConfirmServices,
        Self::FileKeyEnterprise,
        Self::CallApplications,
        Self::KeepEnterpriseFiles,
        Self::RevealNumbers,
        Self::ReadAudit,
        Self::ManageColleagues,
        Self::ManageAccounts,
        Self::AuthoriseAccounts,
        Self::ReadLog,
        Self::VerifyLog,
    ];
}

impl Role {
    /// The next level of the same line, which is told of what this one leaves undone: within an office
    /// whoever approves, then the office above. `None` at the top.
    pub const fn overseer(self) -> Option<Self> {
        Some(match self {
            Self::EnterpriseClerk | Self::EnterpriseHead => Self::EnterpriseSignatory,
            Self::HrCounty => Self::HrCity,
            Self::HrCity => Self::HrCityApprover,
            Self::HrCityApprover => Self::HrProvince,
            Self::HrProvince => Self::HrProvinceApprover,
            Self::IndustryCounty => Self::IndustryCity,
            Self::IndustryCity => Self::IndustryProvince,
            Self::IndustryProvince => Self::IndustryProvinceApprover,
            Self::FinanceMaker => Self::FinanceChecker,
            Self::FinanceChecker => Self::FinanceApprover,
            _ => return None,
        })
    }

    /// Whether this role may do `act` at all; scope and separation of duties come on top.
    pub const fn may(self, act: Act) -> bool {
        use Act::*;
        if matches!(act, WorkCases) {
            // Whoever reads files has a hand in them, but for those who only look.
            return self.may(ReadCases) && !matches!(self, Self::Auditor);
        }
        if matches!(act, RevealNumbers) {
            // Whoever compares accounts or documents with papers, pays to accounts, or audits.
            return self.may(ConfirmAccounts) || self.may(ReadBatches);
        }
        match self {
            Self::EnterpriseClerk => matches!(
                act,
                ReadRegistry
                    | FileEngineers
                    | ReadEntitlements
                    | ReadCases
                    | FileRecognitions
                    | FileKeyEnterprise
                    | RecordServices
                    | ConfirmServices
            ),
            Self::EnterpriseHead => matches!(
                act,
                ReadRegistry
                    | FileEngineers
                    | ConfirmAccounts
                    | ReadEntitlements
                    | ReadCases
                    | FileStandards
                    | ManageColleagues
                    | ConfirmServices
            ),
            Self::EnterpriseSignatory => {
                matches!(act, ReadRegistry | ReadEntitlements | ReadCases | FileKeyEnterprise)
            }
            Self::HrCounty | Self::HrCity => {
                matches!(
                    act,
                    ReadRegistry
                        | ReadEntitlements
                        | CorrectFacts
                        | ConfirmAccounts
                        | ReviewDuplicates
                        | ReadCases
                        | CheckSamples
                        | HandleTips
                )
            }
            Self::HrCityApprover => {
                matches!(act, ReadRegistry | ReadEntitlements | ReadCases | HandleTips)
            }
            Self::HrProvinceApprover => {
                matches!(
                    act,
                    ReadRegistry
                        | ReadEntitlements
                        | ReadCases
                        | DraftPolicies
                        | LoadCalendars
                        | FreezeFiles
                        | AgreeCases
                        | AppointExperts
                        | DecidePilots
                        | HandleTips
                )
            }
            Self::IndustryCounty => matches!(act, ReadRegistry | ReadCases),
            Self::IndustryCity => matches!(act, ReadRegistry | ReadCases | KeepEnterpriseFiles),
            Self::IndustryProvince => {
                matches!(act, ReadRegistry | ReadCases | CallApplications | KeepEnterpriseFiles)
            }
            Self::IndustryProvinceApprover => {
                matches!(act, ReadRegistry | ReadCases | PublishNotices | HandleTips)
            }
            Self::HrProvince => matches!(
                act,
                ReadRegistry
                    | ReadEntitlements
                    | ImportRegistry
                    | ConfirmRoster
                    | CorrectFacts
                    | ConfirmAccounts
                    | ReviewDuplicates
                    | MergePersons
                    | Compute
                    | DraftPolicies
                    | ReadCases
                    | GrantPilots
                    | CheckSamples
                    | PublishNotices
                    | HandleTips
                    | LoadCalendars
                    | FreezeFiles
                    | AgreeCases
                    | AppointExperts
            ),
            Self::FinanceMaker => {
                matches!(act, ReadRegistry | ReadEntitlements | ReadBatches | MakeBatch)
            }
            Self::FinanceChecker => {
                matches!(act, ReadRegistry | ReadEntitlements | ReadBatches | CheckBatch)
            }
            Self::FinanceApprover => {
                matches!(act, ReadRegistry | ReadEntitlements | ReadBatches | ApproveBatch)
            }
            Self::Auditor => {
                matches!(
                    act,
                    ReadRegistry
                        | ReadEntitlements
                        | ReadBatches
                        | ReadAudit
                        | ReadCases
                        | ReadLog
                        | VerifyLog
                )
            }
            Self::Administrator => matches!(act, ManageAccounts),
            Self::SecurityAdministrator => matches!(act, AuthoriseAccounts | ReadLog),
            Self::SecurityAuditor => matches!(act, ReadLog | VerifyLog),
            Self::EnterpriseSystem => {
                matches!(act, ReadRegistry | FileEngineers | ReadEntitlements | ReadCases)
            }
            Self::OfficeSystem => matches!(act, ReadRegistry | ReadEntitlements | ReadCases),
        }
    }

    /// Whether the role is held in an enterprise.
    pub const fn is_of_enterprise(self) -> bool {
        matches!(
            self,
            Self::EnterpriseClerk
                | Self::EnterpriseHead
                | Self::EnterpriseSignatory
                | Self::EnterpriseSystem
        )
    }

    /// Whether a program holds it and no person.
    pub const fn is_system(self) -> bool {
        matches!(self, Self::EnterpriseSystem | Self::OfficeSystem)
    }

    /// Whether it is one of the three that run the system and do no business (三员,
    /// GB/T 22239-2019 8.1.5.1 to 8.1.5.3).
    pub const fn is_administrator(self) -> bool {
        matches!(self, Self::Administrator | Self::SecurityAdministrator | Self::SecurityAuditor)
    }

    /// Whether the role may be shown such a number: finance pays to accounts and needs no others.
    pub const fn may_reveal(self, number: RevealedNumber) -> bool {
        let pays =
            matches!(self, Self::FinanceMaker | Self::FinanceChecker | Self::FinanceApprover);
        self.may(Act::RevealNumbers) && (!pays || matches!(number, RevealedNumber::Account))
    }

    /// Whether whoever holds it must have a second factor where that is required: everybody in an
    /// office, with money or with rights to give (GB/T 22239-2019 8.1.4.1 d).
    pub const fn needs_second_factor(self) -> bool {
        !self.is_of_enterprise() && !self.is_system()
    }

    /// Whose deeds this role reads in the log: the security administrator those of ordinary users,
    /// the security auditor those of the two others, so that nobody reads about themselves. An
    /// auditor of the business reads everything.
    pub const fn reads_log_of(self) -> LogOf {
        match self {
            Self::SecurityAdministrator => LogOf::AllBut(&Self::ADMINISTRATORS),
            Self::SecurityAuditor => {
                LogOf::Only(&[Self::Administrator, Self::SecurityAdministrator])
            }
            Self::Auditor => LogOf::AllBut(&[]),
            _ => LogOf::Only(&[]),
        }
    }

    /// The three administrators, in the order in which a new installation needs them.
    pub const ADMINISTRATORS: [Self; 3] =
        [Self::Administrator, Self::SecurityAdministrator, Self::SecurityAuditor];

    /// The stored text.
    pub fn as_code(self) -> &'static str {
        self.code()
    }
}

/// Whose deeds somebody reads in the log, by the role in which they were done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogOf {
    /// Those of everybody, people and programs, but these roles.
    AllBut(&'static [Role]),
    /// Those of these roles.
    Only(&'static [Role]),
}

/// Which people and enterprises an account sees: every query carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// The whole province.
    Province,
    /// A city-level unit, by code; Pingtan is one.
    City(String),
    /// A county, by division code.
    County(String),
    /// One enterprise: its own people only.
    Enterprise(i64),
    /// One person: the person's own record, whole. No account has it.
    Person(i64),
    /// No business data.
    Nothing,
}

impl Scope {
    /// The scope of an organisation: its enterprise, or its division's level.
    pub fn of(role: Role, division: &str, enterprise_id: Option<i64>) -> Self {
        match (role, enterprise_id) {
            (role, _) if role.is_administrator() => Self::Nothing,
            (role, Some(id)) if role.is_of_enterprise() => Self::Enterprise(id),
            (role, None) if role.is_of_enterprise() => Self::Nothing,
            _ if division == super::region::PROVINCE => Self::Province,
            _ if super::region::city_unit(division) == division => Self::City(division.to_owned()),
            _ => Self::County(division.to_owned()),
        }
    }

    /// Whether an office of this scope takes the steps of county and city together.
    pub fn takes_both_steps(&self) -> bool {
        matches!(self, Self::City(unit) if super::region::takes_both_steps(unit))
    }

    /// Whether an enterprise in `division` is inside.
    pub fn covers(&self, enterprise_id: i64, division: &str) -> bool {
        match self {
            Self::Province => true,
            Self::City(unit) => super::region::city_unit(division) == *unit,
            Self::County(county) => county == division,
            Self::Enterprise(own) => *own == enterprise_id,
            Self::Person(_) | Self::Nothing => false,
        }
    }
}
