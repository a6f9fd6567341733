//! Which personal information the tables hold, of what class, for what, on which ground, how it is
//! kept and for how long: the record of processing that the Personal Information Protection Law (PIPL)
//! asks for in articles 17, 51 and 55, made from the same names as the schema. The test suite
//! compares it with the schema of both databases.

use crate::code_list;

code_list! {
    /// A kind of personal information.
    PersonalKind {
        /// Names, nationality, birth date.
        Identity = "identity", "姓名、国籍和出生日期";
        /// Numbers of identity documents.
        Document = "document", "证件号码";
        /// Mobile numbers and addresses for mail.
        Contact = "contact", "联系方式";
        /// Bank accounts.
        Account = "account", "银行账户";
        /// Employment, posts, education, titles, recognitions.
        Career = "career", "任职、学历和认定";
        /// Months of social insurance and tax, travel, training.
        Evidence = "evidence", "社保和个税月份、行程、培训";
        /// Amounts that are due and paid.
        Money = "money", "奖补和支付";
        /// What somebody wrote or had written about them.
        Statement = "statement", "申请、意见和异议";
        /// Uploaded papers and tables.
        Paper = "paper", "上传的材料";
        /// Who signed in from where and did what.
        Trace = "trace", "登录和操作记录";
        /// Passwords, codes and tokens, as hashes or sealed.
        Credential = "credential", "登录凭据";
    }
}

code_list! {
    /// How personal information is classed (PIPL article 28; GB/T 35273-2020 annex B).
    PersonalClass {
        /// Sensitive: its leak can harm somebody's dignity or property.
        Sensitive = "sensitive", "敏感个人信息";
        /// Other personal information.
        Ordinary = "ordinary", "一般个人信息";
    }
}

/// What holds for a kind of personal information.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handling {
    /// Its class.
    pub class: PersonalClass,
    /// For what it is used.
    pub purpose: &'static str,
    /// Why it may be.
    pub basis: &'static str,
    /// How it is kept.
    pub kept: &'static str,
    /// For how long.
    pub retention: &'static str,
}

const DUTY: &str = "履行法定职责（个人信息保护法第十三条第三项、第三十四条）";
const ARCHIVE: &str = "随会计档案保存，至少 30 年（会计档案管理办法）；期满由主管部门决定销毁";
const LOGS: &str = "至少 3 年（个人信息保护法第五十六条）";

impl PersonalKind {
    /// What holds for it.
    pub const fn handling(self) -> Handling {
        let (class, purpose, kept) = match self {
            Self::Identity => {
                (PersonalClass::Ordinary, "识别认定和发放的对象，公示", "公示和列表只显示部分姓名")
            }
            Self::Document => (
                PersonalClass::Sensitive,
                "确认是同一人，防止重复认定和重复发放",
                "加密，另存检索值；页面只显示部分，查看完整号码须说明用途并告知本人",
            ),
            Self::Contact => {
                (PersonalClass::Ordinary, "通知本人，核对重复登记", "加密；页面只显示部分")
            }
            Self::Account => {
                (PersonalClass::Sensitive, "发放奖补、津贴和差旅补贴", "加密；页面只显示尾号")
            }
            Self::Career => {
                (PersonalClass::Ordinary, "判断是否符合认定和在册条件", "分单位、分地区授权查看")
            }
            Self::Evidence => {
                (PersonalClass::Sensitive, "核验任职月份和应发金额", "分单位、分地区授权查看")
            }
            Self::Money => (
                PersonalClass::Sensitive,
                "核定、发放、对账和审计",
                "分单位、分地区授权查看；写入后不可更改",
            ),
            Self::Statement => (
                PersonalClass::Ordinary,
                "办理申请、异议和申述",
                "异议人、举报人姓名和联系方式加密，只有指定人员可打开",
            ),
            Self::Paper => {
                (PersonalClass::Sensitive, "证明填报的内容", "加密保存，只提供下载，按办件授权")
            }
            Self::Trace => {
                (PersonalClass::Ordinary, "安全审计，告知本人谁查看过", "链式日志，不含证件和账号")
            }
            Self::Credential => {
                (PersonalClass::Sensitive, "确认登录的是本人", "口令只存散列值；两步验证密钥加密")
            }
        };
        let basis = match self {
            Self::Trace | Self::Credential => "网络安全法第二十三条、等级保护要求",
            _ => DUTY,
        };
        let retention = match self {
            Self::Trace => LOGS,
            Self::Credential => "账号停用即失效；会话最长 12 小时",
            _ => ARCHIVE,
        };
        Handling { class, purpose, basis, kept, retention }
    }
}

/// Personal information in the columns of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// The table.
    pub table: &'static str,
    /// What its columns hold.
    pub kind: PersonalKind,
    /// The columns; none when the rows as a whole tell of a person.
    pub columns: &'static [&'static str],
}

const fn held(
    table: &'static str,
    kind: PersonalKind,
    columns: &'static [&'static str],
) -> Holding {
    Holding { table, kind, columns }
}

use PersonalKind::{
    Account, Career, Contact, Credential, Document, Evidence, Identity, Money, Paper, Statement,
    Trace,
};

/// Everything that is held of persons. A table may stand here more than once.
pub const INVENTORY: &[Holding] = &[
    held("account", Trace, &["login"]),
    held("account", Credential, &["password_hash"]),
    held(
        "account_filing",
        Account,
        &["account_name", "account_index", "account_cipher", "last_four", "bank_name"],
    ),
    held("account_holder", Identity, &["name", "staff_no"]),
    held("account_request", Credential, &["password_hash", "half_cipher"]),
    held("agreement_member", Career, &[]),
    held("api_token", Credential, &["token_hash"]),
    held("attachment", Paper, &["file_name"]),
    held("audit_event", Trace, &["login", "address", "detail"]),
    held(
        "bank_account",
        Account,
        &["account_name", "account_index", "account_cipher", "last_four", "bank_name"],
    ),
    held("bank_return_row", Account, &["payee_name", "account_index"]),
    held("batch_line", Money, &["payee_name", "last_four", "amount_fen"]),
    held("batch_sample", Statement, &["finding", "note"]),
    held("batch_signature", Trace, &[]),
    held("batch_step", Trace, &["reason"]),
    held("case_agreement", Statement, &["title", "subject", "terms", "note"]),
    held("case_defect", Statement, &["text"]),
    held("case_file", Career, &["about"]),
    held("case_message", Statement, &["text"]),
    held("case_step", Statement, &["remark", "evidence"]),
    held("change_request", Statement, &["ground", "reason", "note"]),
    held("check_item", Statement, &["risks", "finding", "remark"]),
    held("cosign_answer", Statement, &["opinion"]),
    held("cosign_request", Statement, &["question", "note"]),
    held("cosign_signer", Trace, &[]),
    held("declared_relation", Statement, &["relation", "note"]),
    held("delegation", Trace, &["reason"]),
    held("dispute_answer", Statement, &["note"]),
    held("duplicate_dismissal", Statement, &["explanation"]),
    held("earlier_password", Credential, &["password_hash"]),
    held("employment", Career, &["post", "professional_title", "education"]),
    held("enterprise_profile", Contact, &["contact_name", "contact_phone"]),
    held("entitlement", Money, &["net_fen", "trace", "determination"]),
    held("evidence_month", Evidence, &[]),
    held("exclusion", Career, &["ground", "reason"]),
    held("expert_appointment", Career, &["employer", "note"]),
    held("expert_end", Career, &["reason"]),
    held("expert_service", Career, &["content"]),
    held("export_job", Trace, &["conditions", "purpose"]),
    held("export_template", Trace, &["name"]),
    held("form_draft", Statement, &["content_cipher"]),
    held("idempotency_key", Trace, &["body"]),
    held("import", Paper, &["file_name", "content"]),
    held("import_issue", Paper, &["shown_value"]),
    held("mail_outbox", Contact, &["address_cipher", "subject", "body"]),
    held("mail_preference", Contact, &["address_cipher"]),
    held("merge_request", Statement, &["reason"]),
    held("nomination", Career, &["nominee", "title"]),
    held("nomination_member", Career, &[]),
    held("nomination_result", Career, &["outcome", "reason"]),
    held("notification", Trace, &["title"]),
    held("objection_file", Statement, &["objector_cipher", "contact_cipher", "content"]),
    held("other_award", Money, &["amount_fen", "granted_by"]),
    held("payment_hold", Money, &["reason", "release_reason"]),
    held("payment_line", Money, &["amount_fen"]),
    held("person", Identity, &["person_no"]),
    held("person_access", Trace, &[]),
    held("person_activation", Credential, &["code_hash"]),
    held("person_clue", Identity, &["clue"]),
    held("person_confirmation", Statement, &["note"]),
    held("person_contact", Contact, &["mobile_cipher", "mobile_masked"]),
    held("person_document", Document, &["number_index", "number_cipher", "number_masked"]),
    held("person_merge", Identity, &["reason"]),
    held("person_name", Identity, &["name"]),
    held("person_session", Trace, &["address", "user_agent"]),
    held("placement", Career, &[]),
    held("programme_places", Career, &["nominee"]),
    held("public_notice_entry", Identity, &["name_masked", "detail"]),
    held("recognition", Career, &["class", "certificate_no"]),
    held("recognition_decision", Career, &["recused"]),
    held("recognition_file", Career, &["grounds"]),
    held("record_view", Trace, &[]),
    held("recovery", Money, &[]),
    held("recovery_code", Credential, &["code_hash"]),
    held("reveal", Trace, &["purpose", "note"]),
    held("roster_entry", Career, &[]),
    held("saved_filter", Trace, &["name", "conditions"]),
    held("scenario_change", Money, &[]),
    held("search_gram", Identity, &["gram"]),
    held("second_factor", Credential, &["secret_cipher"]),
    held("session", Trace, &["address", "user_agent"]),
    held("setup_link", Credential, &["token_hash"]),
    held("sign_in_attempt", Trace, &["address"]),
    held("suspension", Career, &["reason"]),
    held("tip", Statement, &["informant_cipher", "contact_cipher", "content"]),
    held("training_attendance", Evidence, &[]),
    held("visit", Evidence, &[]),
    held("visit_claim", Evidence, &["origin"]),
    held("visit_day", Evidence, &[]),
    held("visit_line", Evidence, &["expense", "ticket_key", "passenger"]),
    held("visit_number", Evidence, &["number_key"]),
    held("visit_plan", Evidence, &["origin", "purpose", "overseas_detail"]),
    held("webhook_endpoint", Credential, &["secret_cipher", "old_secret_cipher"]),
    held("year_dispute", Statement, &["note", "answer"]),
    held("year_report", Statement, &["statement"]),
    held("yearly_file", Money, &[]),
];
