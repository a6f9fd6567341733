//! 核心工程师申报.

use chrono::NaiveDate;

use super::cell::{self, Problem};
use super::columns::YES_NO;
use super::{Fields, FormRow, ImportKind, Seen};
use crate::domain::identity::{BankAccountNo, Cnaps, IdentityDocument, Mobile, PersonName};

/// One declared engineer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineerRow {
    /// Name as on the document.
    pub name: PersonName,
    /// Identity document.
    pub document: IdentityDocument,
    /// Mobile number.
    pub mobile: Mobile,
    /// Post.
    pub post: String,
    /// Professional title (职称); may be empty.
    pub professional_title: String,
    /// Highest education; may be empty.
    pub education: String,
    /// First day of the employment.
    pub hired: NaiveDate,
    /// Full-time.
    pub full_time: bool,
    /// First day on the roster; never before `hired`.
    pub rostered: NaiveDate,
    /// Bank, as the enterprise names it.
    pub bank_name: String,
    /// Bank code (联行号).
    pub cnaps: Cnaps,
    /// Account the person is paid to.
    pub account: BankAccountNo,
}

impl FormRow for EngineerRow {
    const KIND: ImportKind = ImportKind::Engineers;

    fn read(fields: &mut Fields<'_>, seen: &mut Seen) -> Option<Self> {
        let (name, document) = fields.person();
        let earlier = document
            .as_ref()
            .and_then(|document| seen.earlier(document.identity_key(), fields.row_number()));
        if let Some(first) = earlier {
            let reason = format!("与第{first}行证件号码重复");
            fields.refuse("证件号码", Problem::new(reason, "同一人只保留一行，请删除多余的行"));
        }
        let mobile = fields.checked("手机号码", cell::short_code, Mobile::parse);
        let post = fields.words("工作岗位");
        let professional_title = fields.words("职称");
        let education = fields.words("学历");
        let hired = fields.value("入职日期", cell::date);
        let full_time = fields.choice("是否全职", YES_NO).map(|answer| answer == "是");
        let rostered = fields.value("入册日期", cell::date);
        if rostered.zip(hired).is_some_and(|(rostered, hired)| rostered < hired) {
            let problem = Problem::new("入册日期早于入职日期", "入册日期应在入职当日或之后");
            fields.refuse("入册日期", problem);
        }
        let bank_name = fields.words("开户银行");
        let cnaps = fields.checked("联行号", cell::identifier, Cnaps::parse);
        let account = fields.checked("银行账号", cell::identifier, BankAccountNo::parse);
        Some(Self {
            name: name?,
            document: document?,
            mobile: mobile?,
            post: post?,
            professional_title: professional_title?,
            education: education?,
            hired: hired?,
            full_time: full_time?,
            rostered: rostered?,
            bank_name: bank_name?,
            cnaps: cnaps?,
            account: account?,
        })
    }
}
