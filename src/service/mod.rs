//! THE VERBS. One function is one use case, one transaction and one audit event.

pub mod account;
mod agreed;
pub mod agreement;
pub mod annual_check;
pub mod attachment;
pub mod audit;
pub mod backup;
pub mod batch_pages;
mod benefit;
pub mod budget;
pub mod calendar;
pub mod case;
pub mod catalogue;
pub mod certificate;
mod changed;
mod decree;
pub mod directory;
pub mod draft;
pub mod duplicate;
pub mod evidence;
pub mod exchange_rate;
pub mod expert;
pub mod export;
pub mod freeze;
pub mod heads;
pub mod hr_institution;
pub mod import;
pub mod key_enterprise;
pub mod keys;
pub mod ledger;
pub mod machine;
pub mod mail;
pub mod measure;
pub mod notice;
pub mod notification;
pub mod objection;
pub mod once;
pub mod overview;
pub mod own_page;
pub mod password;
pub mod payment;
pub mod pilot;
pub mod policy;
pub mod presence;
pub mod program;
mod proposal;
pub mod reconciliation;
pub mod recovery;
pub mod reveal;
pub mod roster;
pub mod scenario;
pub mod search;
pub mod second_factor;
pub mod seen;
pub mod session;
pub mod setup;
mod sheet;
pub mod spot_check;
pub mod stipend;
pub mod talent_programme;
pub mod tax;
pub mod tip;
pub mod training;
pub mod visit;
mod visitor;
pub mod webhook;

use std::fmt;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::app::App;
use crate::domain::authority::{Act, Role, Scope};
use crate::domain::registry::Code;
use crate::store::account::{self as accounts, AccountInFull};
use crate::store::audit as chain;
use crate::store::db::{StoreError, Tx, is_unique_violation};
pub use crate::store::extent::Extent;
pub use crate::store::outage::Outage;
use crate::store::outage::outage;
use crate::vault::VaultError;

/// Who acts: an account, in its role, with its scope.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Account.
    pub account_id: i64,
    /// The natural person behind it: separation of duties compares persons, not accounts.
    pub holder_id: i64,
    /// Organisation, whose audit chain tells of the act.
    pub organisation_id: i64,
    /// Sign-in name.
    pub login: String,
    /// Name of the person.
    pub name: String,
    /// Name of the organisation.
    pub organisation: String,
    /// Division the organisation works for; finance offices pay for it.
    pub division: String,
    /// Role.
    pub role: Role,
    /// What it sees.
    pub scope: Scope,
    /// Network address of the request.
    pub address: String,
    /// Until when it is certain who sits there; `None` without a session that says so.
    pub stepped_up_until: Option<DateTime<Utc>>,
    /// In whose name, while somebody stands in for somebody: role, organisation and scope are then
    /// that person's, account, holder and names those of whoever acts.
    pub behalf: Option<Behalf>,
}

/// In whose name somebody acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behalf {
    /// Account.
    pub account_id: i64,
    /// Natural person.
    pub holder_id: i64,
    /// Sign-in name.
    pub login: String,
    /// Name.
    pub name: String,
    /// Only this file, handed over by an official who must not act on it.
    pub case_id: Option<i64>,
}

impl Actor {
    /// The actor that a signed-in account is.
    ///
    /// # Errors
    /// When the account's role is unknown to this program.
    pub fn new(full: &AccountInFull, address: &str) -> Result<Self, Error> {
        let role = Role::from_code(&full.account.role).ok_or_else(|| {
            Error::Internal(format!("unknown role of account {}", full.account.id))
        })?;
        let organisation = &full.organisation;
        Ok(Self {
            account_id: full.account.id,
            holder_id: full.holder.id,
            organisation_id: organisation.id,
            login: full.account.login.clone(),
            name: full.holder.name.clone(),
            organisation: organisation.name.clone(),
            division: organisation.division.clone(),
            role,
            scope: Scope::of(role, &organisation.division, organisation.enterprise_id),
            address: address.to_owned(),
            stepped_up_until: None,
            behalf: None,
        })
    }

    /// Refuses unless the role may do `act`.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn must(&self, act: Act) -> Result<(), Error> {
        if self.role.may(act) { Ok(()) } else { Err(Error::Forbidden(act)) }
    }
}

/// Why a use case did not happen. Nothing was saved, except that after an [`Error::Outage`] nobody
/// knows whether a commit arrived whose answer did not.
#[derive(Debug)]
pub enum Error {
    /// The role may not do this.
    Forbidden(Act),
    /// There is no such thing within the actor's scope.
    NotFound(&'static str),
    /// A rule of the workflow forbids it; the text tells the user why and what to do.
    Refused(String),
    /// Somebody else changed it first.
    Stale(String),
    /// A field of the form is wrong: (field name, what is wrong and how to fix it).
    Invalid(Vec<(String, String)>),
    /// Nothing can be done at the moment; the text is for the log only.
    Outage(Outage, String),
    /// A fault that the user cannot mend; the text is for the log only.
    Internal(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forbidden(_) => f.write_str("当前角色无权办理此事项"),
            Self::NotFound(what) => write!(f, "没有找到{what}，或不在您的管理范围内"),
            Self::Refused(why) | Self::Stale(why) => f.write_str(why),
            Self::Invalid(fields) => {
                let texts: Vec<&str> = fields.iter().map(|(_, text)| text.as_str()).collect();
                f.write_str(&texts.join("；"))
            }
            Self::Outage(outage, _) => f.write_str(match outage {
                Outage::Unreachable => "数据库暂时连不上，没有办成",
                Outage::Full => "服务器磁盘已满，没有办成",
                Outage::Disk => "服务器磁盘出错，没有办成",
            }),
            Self::Internal(_) => f.write_str("系统内部错误，未保存任何更改"),
        }
    }
}

impl std::error::Error for Error {}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        if matches!(error, StoreError::RecordNotUpdated) {
            return Self::Stale("该记录已被他人更改，请刷新后再办".to_owned());
        }
        if let Some(outage) = outage(&error) {
            return Self::Outage(outage, error.to_string());
        }
        if let Some(rule) = broken_rule(&error) {
            return rule;
        }
        Self::Internal(error.to_string())
    }
}

impl From<VaultError> for Error {
    fn from(error: VaultError) -> Self {
        Self::Internal(error.to_string())
    }
}

const USED_NUMBER: &str = "客票或票据号码已在另一件来访申报中使用，同一张票据只能申报一次";

/// The database's own guards, in the user's words. They are the last line: use cases check first
/// and say more.
const RULES: &[(&str, &str)] = &[
    ("roster_entry_overlap", "该人员在这段时间已有名册记录，不能重复入册"),
    ("employment_overlap", "该人员在这段时间已有全职任职记录"),
    ("listing_overlap", "该企业在这段时间已在清单内"),
    ("evidence_month_overlap", "该月份的证明已登记"),
    ("bank_account_overlap", "该人员在这段时间已有收款账户"),
    ("bank_account_enterprise_overlap", "该企业在这段时间已有收款账户"),
    ("visit_day_once", "该来访人有一天的工作津贴已由另一件来访申报发放，请重新核验"),
    ("visit_day.person_id", "该来访人有一天的工作津贴已由另一件来访申报发放，请重新核验"),
    ("visit_number_once", USED_NUMBER),
    ("visit_number.number_key", USED_NUMBER),
    ("visit_line.ticket_key", "客票号码已在另一件来访申报中使用，同一客票只能申报一次"),
    ("visit_line_one_ticket", "客票号码已在另一件来访申报中使用，同一客票只能申报一次"),
    ("payment_line_overpaid", "该笔资金将超过核定金额，已阻止"),
    ("batch_three_people", "经办、复核、审批必须由三个人分别办理"),
    ("batch_line_one_live", "有资金已在另一批次中，已阻止重复发放"),
    ("person_document_one_person", "该证件已登记在另一人名下"),
    (
        "merged_roster_overlap",
        "该人员在这段时间已有名册记录（登记在合并的另一编号下），不能重复入册",
    ),
    ("merged_employment_overlap", "该人员在这段时间已有全职任职记录（登记在合并的另一编号下）"),
    ("person_merge_once", "该编号已并入另一编号，不能再次合并"),
    ("person_merge_chain", "其中一个编号已参与另一合并，请先撤销那次合并"),
    ("person_merge.merged_id", "该编号已并入另一编号，不能再次合并"),
    ("merge_request.merged_id", "该编号已有待确认的合并申请，请先办结"),
    ("merge_request_one_open", "该编号已有待确认的合并申请，请先办结"),
    ("case_file_one_place", "该企业已有在办或在清单内的骨干企业档案"),
    ("case_file.enterprise_id", "该企业已有在办或在清单内的骨干企业档案"),
    ("merge_two_people", "提出人和确认人必须是两个人"),
    ("calendar_two_people", "录入人和确认人必须是两个人"),
    ("case_agreement_two_people", "录入人和确认人必须是两个人"),
    ("account_filing_two_people", "填报人和确认人必须是两个人"),
    ("account_filing_one_open", "已有一项账户待确认，请先确认或退回"),
    ("account_filing.person_id", "已有一项账户待确认，请先确认或退回"),
    ("account_filing.enterprise_id", "已有一项账户待确认，请先确认或退回"),
    ("change_request_two_people", "申请人和确认人必须是两个人"),
    ("change_request_one_open", "已有同一事项的变更申请待核对，请先确认或退回"),
    ("change_request.", "已有同一事项的变更申请待核对，请先确认或退回"),
    ("expert_appointment_two_people", "录入人和确认人必须是两个人"),
    ("expert_appointment_overlap", "该人员在这段时间已有同类聘任"),
    ("expert_end_in_term", "提前结束的最后一日须在聘期之内，早于原定的最后一日"),
    ("expert_service_two_people", "登记人和确认人必须是两个人"),
    ("expert_service_in_term", "服务日期不在聘期内"),
    ("expert_service_one_correction", "这条服务记录已有更正，请刷新后再看"),
    ("expert_service.supersedes_id", "这条服务记录已有更正，请刷新后再看"),
    ("budget_request_two_people", "经办人和确认人必须是两个人"),
    ("exchange_rate_two_people", "录入人和确认人必须是两个人"),
    ("policy_two_people", "提出人和发布人必须是两个人"),
    ("catalogue_two_people", "提出人和确认人必须是两个人"),
    ("policy_case_draft_is_open", "这份草稿已办结，算例不能再改"),
    ("cosign_request_one_open", "本件已有一项会签正在进行，请先等它结束"),
    ("cosign_request.case_id", "本件已有一项会签正在进行，请先等它结束"),
    ("cosign_answer.signer_id", "您已答复过这项会签，答复不能更改"),
    ("cosign_answer_signer_id", "您已答复过这项会签，答复不能更改"),
    ("cosign_answer_in_time", "这项会签已经结束，不需要再答复"),
    (
        "account_one_administrator",
        "系统管理员、安全管理员、安全审计员由不同的人担任，也不能兼任业务岗位",
    ),
    ("account_not_authorised", "该账号尚未经安全管理员授权，不能启用"),
    ("account_request_two_people", "申请人、授权人和账号本人必须是不同的人"),
    ("account_request_one_open", "该账号已有一项同类申请待授权，请等它办结"),
    ("account_request.account_id", "该账号已有一项同类申请待授权，请等它办结"),
    ("work_calendar_one_open", "该年度已有一份待确认的安排，请先确认或退回"),
    ("work_calendar.calendar_year", "该年度已有一份待确认的安排，请先确认或退回"),
];

fn broken_rule(error: &StoreError) -> Option<Error> {
    let text = error.to_string();
    if let Some((_, message)) = RULES.iter().find(|(name, _)| text.contains(name)) {
        return Some(Error::Refused((*message).to_owned()));
    }
    is_unique_violation(error)
        .then(|| Error::Stale("相同的记录刚刚已由他人保存，请刷新后再办".to_owned()))
}

/// What is wrong with a field of a form: its name, and how to mend it.
fn invalid(field: &str, text: impl Into<String>) -> (String, String) {
    (field.to_owned(), text.into())
}

/// The program itself, as the log names it: sign-in name and role.
const PROGRAM: (&str, &str) = ("program", "system");
/// Somebody from the public, as the log names them.
const PUBLIC: (&str, &str) = ("public", "person");

/// Tells the chain of the administration what somebody did who belongs to no organisation: the
/// program, or one from the public. No act is without its log.
///
/// # Errors
/// As [`log`].
async fn log_apart(
    app: &App,
    tx: &Tx,
    (login, role): (&str, &str),
    action: &str,
    object: (&str, &str),
    detail: &Value,
) -> Result<(), Error> {
    let event = chain::Event {
        organisation_id: keeper(tx).await?,
        at: app.clock.now(),
        login,
        role,
        address: "",
        action,
        object_kind: object.0,
        object_no: object.1,
        detail,
    };
    Ok(chain::append(tx, &event).await?)
}

/// The organisation whose chain tells of those who belong to none.
async fn keeper(tx: &Tx) -> Result<i64, Error> {
    let office = match accounts::administration(tx).await? {
        Some(office) => Some(office),
        None => accounts::organisations(tx).await?.into_iter().next(),
    };
    let office = office.ok_or_else(|| Error::Internal("no organisation keeps a log".to_owned()))?;
    Ok(office.id)
}

/// Tells the actor's chain what happened to an object. `detail` holds no identity or account
/// number.
///
/// # Errors
/// When the log cannot be written; then the change must not happen either.
pub async fn log(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    action: &str,
    object: (&str, &str),
    detail: &Value,
) -> Result<(), Error> {
    let event = chain::Event {
        organisation_id: actor.organisation_id,
        at: app.clock.now(),
        login: &actor.login,
        role: actor.role.code(),
        address: &actor.address,
        action,
        object_kind: object.0,
        object_no: object.1,
        detail,
    };
    Ok(chain::append(tx, &event).await?)
}
