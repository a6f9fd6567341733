//! What is handed in with acts, and what must hold for them.

use crate::code_list;

code_list! {
    /// A document or statement that goes with an act; the file keeps its number or wording.
    Evidence {
        /// Main business in artificial intelligence.
        BusinessStatement = "business_statement", "人工智能主营业务说明";
        /// Credit report.
        CreditReport = "credit_report", "信用报告";
        /// Accounts of three years.
        ThreeYearAccounts = "three_year_accounts", "近三年财务报表";
        /// Ledger of research spending.
        ResearchLedger = "research_ledger", "研发费用台账";
        /// What is missing, told once.
        DefectList = "defect_list", "一次性补正清单";
        /// What was supplied.
        Supplement = "supplement", "补正说明";
        /// Record of a visit, signed by two inspectors.
        SiteCheck = "site_check", "现场核查记录（两名核查人）";
        /// Ranking or opinion of an office.
        Opinion = "opinion", "审核意见";
        /// Score sheets of the experts.
        ScoreSheets = "score_sheets", "专家评分表";
        /// Declarations of experts' conflicts of interest.
        ConflictDeclarations = "conflict_declarations", "专家回避声明";
        /// Credit, safety, environment and tax.
        JointCheck = "joint_check", "信用、安全、环保、税务联审结果";
        /// Consent of the HR office.
        HrConsent = "hr_consent", "人社部门会签";
        /// Consent of the finance office.
        FinanceConsent = "finance_consent", "财政部门会签";
        /// Consent of the industry office.
        IndustryConsent = "industry_consent", "工信部门会签";
        /// The document that decides.
        DecisionDocument = "decision_document", "决定文号";
        /// The document of the list.
        ListDocument = "list_document", "清单文号";
        /// Report of the year.
        YearReport = "year_report", "年度报告";
        /// Order to set right.
        RectificationOrder = "rectification_order", "整改通知书";
        /// Report on what was set right.
        RectificationReport = "rectification_report", "整改报告";
        /// Why.
        Ground = "ground", "事由";
        /// Outcome of an investigation.
        InvestigationResult = "investigation_result", "调查结论";
        /// Signed minutes of the committee.
        Minutes = "minutes", "评审会纪要";
        /// Contract of employment.
        Contract = "contract", "劳动合同";
        /// Post and duties.
        Post = "post", "岗位说明";
        /// Achievements.
        Achievements = "achievements", "业绩材料";
        /// Record of the notice inside the enterprise.
        InternalNotice = "internal_notice", "企业内部公示记录";
        /// Comparison with other recognitions and awards.
        CrossCheck = "cross_check", "与其他认定和奖补的比对结果";
        /// Result of the sample audit.
        SampleAudit = "sample_audit", "抽查结果（写明抽查编号）";
        /// Offer or record of a hearing.
        Hearing = "hearing", "听证告知或笔录";
        /// The new employer's confirmation.
        EmployerConfirmation = "employer_confirmation", "接收企业确认函";
        /// Consent of the person.
        PersonConsent = "person_consent", "本人同意书（个人信息、收款账户）";
        /// Identity, insurance, tax and overlap looked at.
        EvidenceCheck = "evidence_check", "身份、社保、个税、重复登记核查";
        /// Proof of the months that were missing.
        MonthProof = "month_proof", "社保或个税补充证明";
        /// All awards of the year declared.
        AwardDeclaration = "award_declaration", "当年全部奖补申报";
        /// The person's undertaking.
        Undertaking = "undertaking", "本人承诺书";
        /// How the award is taxed.
        TaxTreatment = "tax_treatment", "税务处理";
        /// Number of the payment batch.
        BatchNumber = "batch_number", "发放批次号";
        /// The two who handle it.
        Handlers = "handlers", "两名经办人";
        /// What the other party said.
        PartyHeard = "party_heard", "当事人陈述";
        /// Answer to whoever objected.
        Answer = "answer", "答复";
        /// What the party was told of the facts.
        FactsNotice = "facts_notice", "事实告知书文号";
        /// Proof that the party has the decision.
        DeliveryReceipt = "delivery_receipt", "送达回证";
        /// What the treasury gave for money.
        TreasuryReceipt = "treasury_receipt", "国库收款凭证号";
        /// What was agreed about repaying by instalments.
        RepaymentPlan = "repayment_plan", "分期归还协议文号";
        /// The person agrees in writing to a set-off.
        OffsetConsent = "offset_consent", "本人书面抵扣同意书";
        /// Asked once more to repay.
        Reminder = "reminder", "催告书文号";
        /// Handed over to the court or the credit record.
        ReferralDocument = "referral_document", "移送文书";
        /// Why it cannot be had any more.
        LegalProof = "legal_proof", "核销的法律证明";
        /// Letter of invitation.
        Invitation = "invitation", "邀请函文号";
        /// The visitor's curriculum vitae.
        CurriculumVitae = "curriculum_vitae", "来访人简历";
        /// What was found about export control and secrecy.
        ExportCheck = "export_check", "出口管制和保密审查意见";
        /// The foreign affairs office was told.
        ForeignAffairsNotice = "foreign_affairs_notice", "函告外事部门文号";
        /// What came of the visit.
        ResultsReport = "results_report", "来访成果报告";
        /// What an expert did in the term.
        ServiceReport = "service_report", "聘期服务报告";
    }
}

code_list! {
    /// What must hold in the registry for an act.
    Guard {
        /// The code of the enterprise is valid.
        UsccValid = "uscc_valid", "统一社会信用代码有效";
        /// It is registered in the province.
        RegisteredHere = "registered_here", "在福建省登记";
        /// Applications are called for.
        CallOpen = "call_open", "在申报期内";
        /// It lies where county and city steps are one.
        JointStep = "joint_step", "县区、市级合并办理的地区";
        /// At least five experts, an odd number.
        ExpertsOdd = "experts_odd", "专家不少于五人且为单数";
        /// The public notice has run to its end.
        NoticeOver = "notice_over", "公示期满";
        /// Nobody's objection is open.
        NoOpenObjection = "no_open_objection", "没有未办结的异议";
        /// The objection was dismissed.
        ObjectionDismissed = "objection_dismissed", "异议不成立";
        /// The objection was upheld.
        ObjectionUpheld = "objection_upheld", "异议成立";
        /// An objection was accepted.
        ObjectionAccepted = "objection_accepted", "异议已受理";
        /// The term is over.
        TermOver = "term_over", "有效期届满";
        /// The time for supplying is over.
        SupplementOverdue = "supplement_overdue", "补正期已过";
        /// The person is identified, and is nobody twice.
        PersonIdentified = "person_identified", "人员身份已核实";
        /// The enterprise may recognise on that day.
        PilotAuthorised = "pilot_authorised", "企业在自主认定试点期内";
        /// The enterprise decides and files for the record.
        ByFiling = "by_filing", "按备案形式办理";
        /// The enterprise recommends and the office decides.
        ByRecommendation = "by_recommendation", "按举荐形式办理";
        /// And this class.
        ClassInScope = "class_in_scope", "认定类别在试点范围内";
        /// Its standard is filed.
        StandardFiled = "standard_filed", "认定标准已备案";
        /// Committee of at least five, quorum kept.
        CommitteeQuorum = "committee_quorum", "评审会不少于五人且达到法定人数";
        /// Relatives withdrew.
        RecusalsObserved = "recusals_observed", "应回避的人员已回避";
        /// Not one of the three largest shareholders.
        NotMajorShareholder = "not_major_shareholder", "不属于前三大股东";
        /// The enterprise's own notice has run to its end.
        InternalNoticeOver = "internal_notice_over", "企业内部公示期满";
        /// A place of the year and class is left; the act takes it.
        QuotaLeft = "quota_left", "当年该类别名额有余";
        /// The person works full-time at a listed enterprise, which has confirmed to want them where it
        /// is another one than before.
        ListedEmployer = "listed_employer", "现任职企业在清单内，变更的已确认转入";
        /// The one that confirms is that listed enterprise, and another one than before.
        NewEmployer = "new_employer", "本人在本企业全职任职，本企业在清单内";
        /// Not later than six months after the suspension.
        TransferInTime = "transfer_in_time", "在暂停后六个月内";
        /// A recognition of a higher class stands.
        HigherClass = "higher_class", "已获更高类别认定";
        /// The enterprise is on the list on that day.
        Listed = "listed", "企业在清单内";
        /// The contract lasts as long as the policy asks.
        ContractLongEnough = "contract_long_enough", "劳动合同期限符合要求";
        /// In the window of the month.
        MonthlyWindow = "monthly_window", "在每月申报窗口内";
        /// No other live entry.
        NoOverlap = "no_overlap", "没有重复的名册记录";
        /// Not before the listing, not before the policy.
        EffectiveDate = "effective_date", "生效日不早于入清单日和政策实施日";
        /// Nothing proves two months in a row that had to be proved by now.
        EvidenceMissing = "evidence_missing", "连续两个月没有社保、个税或工作许可记录";
        /// Another key enterprise's entry of the person ended a short while ago.
        TransferGap = "transfer_gap", "从另一骨干企业转入且间隔在规定天数内";
        /// The year is computed.
        Computed = "computed", "已核定";
        /// Nothing is due.
        NothingDue = "nothing_due", "核定为零";
        /// In the window of declarations.
        DeclarationOpen = "declaration_open", "在申报期内";
        /// The window of declarations is over.
        DeclarationOver = "declaration_over", "申报期已过";
        /// The account is verified.
        AccountVerified = "account_verified", "收款账户已核实";
        /// Money waits for the decision that more is due.
        SupplementDue = "supplement_due", "有待补发金额";
        /// A recovery is proposed.
        RecoveryDue = "recovery_due", "有待追回金额";
        /// Nothing is to come back any more.
        RecoveryOver = "recovery_over", "没有待追回金额";
        /// The bank answered so.
        BankAnswer = "bank_answer", "银行回单";
        /// In the period of the notice.
        InNoticePeriod = "in_notice_period", "在公示期内";
        /// Handled by nobody who reviewed the case.
        NotReviewer = "not_reviewer", "不是该件的审核人";
        /// An office above the challenged reviewer handles it.
        LevelAbove = "level_above", "由被异议审核机关的上一级办理";
        /// Within ten working days of the answer.
        ReviewWindow = "review_window", "在申请复核的期限内";
        /// Whoever decides had no hand in the payment.
        NotInPaymentChain = "not_in_payment_chain", "未参与原核定和发放的审批";
        /// Not more than is owed.
        WithinClaim = "within_claim", "金额不超过应追回余额";
        /// Money was noted that nobody has confirmed.
        ReceiptWaits = "receipt_waits", "有待确认的归还登记";
        /// Nothing noted waits for confirmation.
        NoReceiptWaits = "no_receipt_waits", "没有待确认的归还登记";
        /// Something is owed afterwards.
        SomethingLeft = "something_left", "办理后仍有余额";
        /// Nothing is owed afterwards.
        NothingLeft = "nothing_left", "办理后没有余额";
        /// The person has money to come from the same source.
        PayableOfSource = "payable_of_source", "有同一来源的待付金额";
        /// Not more parts and no other days than the rules allow.
        PlanFits = "plan_fits", "分期期数和日期符合要求";
        /// A part of the plan was not repaid in time.
        InstalmentMissed = "instalment_missed", "有分期款项逾期";
        /// The time to repay is over.
        RepaymentOver = "repayment_over", "归还期限已过";
        /// The party was asked once more, and the time is over.
        RemindedInVain = "reminded_in_vain", "已催告且期限已过";
        /// At least ten working days before the arrival that is planned.
        LeadTime = "lead_time", "距计划入境不少于十个工作日";
        /// Neither on a roster nor employed in the province during the trip.
        NotHereAlready = "not_here_already", "行程期间不在名册且未在闽任职";
        /// Young enough, and with a post or doctorate overseas.
        YoungFromOverseas = "young_from_overseas", "符合青年和海外条件";
        /// Allowance days of the year are left.
        DaysLeft = "days_left", "当年津贴天数有余";
        /// The day of arrival is over and lies near the planned one.
        ArrivalFits = "arrival_fits", "入境日期已到且不早于同意邀请";
        /// Days, costs and accounts are complete.
        ClaimComplete = "claim_complete", "申报内容完整";
        /// Not later than the policy allows after the exit.
        ClaimInTime = "claim_in_time", "在离境后的申报期限内";
        /// The time to claim is over, and nobody did.
        ClaimOver = "claim_over", "申报期限已过";
        /// The policy grants it.
        ClaimEligible = "claim_eligible", "符合补贴条件";
        /// A sample of the enterprise or its place was drawn and checked to the last person.
        SampleChecked = "sample_checked", "抽查已核查完";
        /// No cost was cut.
        NothingCut = "nothing_cut", "没有核减";
        /// A cost was cut.
        SomethingCut = "something_cut", "已登记核减";
    }
}

impl Guard {
    /// Whether time alone makes it hold: what waits for it can be done without anybody's act.
    pub const fn ripens(self) -> bool {
        matches!(
            self,
            Self::TermOver
                | Self::SupplementOverdue
                | Self::DeclarationOver
                | Self::RepaymentOver
                | Self::InstalmentMissed
                | Self::ClaimOver
                | Self::EvidenceMissing
        )
    }
}
