//! 社保个税月份.

use chrono::NaiveDate;

use super::cell::{self, Problem};
use super::columns::{PAYMENT_STATES, SOURCES};
use super::{Fields, FormRow, ImportKind, Seen};
use crate::domain::identity::{IdentityDocument, PersonName, Uscc};
use crate::domain::registry::{Code, EvidenceKind};

/// One month of one person that an employer vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceRow {
    /// Name as on the document.
    pub name: PersonName,
    /// Identity document.
    pub document: IdentityDocument,
    /// First day of the month.
    pub month: NaiveDate,
    /// Who paid or withheld.
    pub payer: Uscc,
    /// What proves it.
    pub source: EvidenceKind,
    /// Paid after the month (补缴).
    pub paid_late: bool,
}

impl FormRow for EvidenceRow {
    const KIND: ImportKind = ImportKind::Evidence;

    fn read(fields: &mut Fields<'_>, seen: &mut Seen) -> Option<Self> {
        let (name, document) = fields.person();
        let month = fields.value("月份", cell::month);
        let payer = fields.checked("单位统一社会信用代码", cell::identifier, Uscc::parse);
        let source = fields
            .choice("来源", SOURCES)
            .and_then(|label| EvidenceKind::ALL.iter().copied().find(|kind| kind.label() == label));
        let paid_late = fields.choice("缴费状态", PAYMENT_STATES) == Some("补缴");
        let record = Self {
            name: name?,
            document: document?,
            month: month?,
            payer: payer?,
            source: source?,
            paid_late,
        };
        let key = format!(
            "{} {} {} {}",
            record.document.identity_key(),
            record.month,
            record.payer,
            record.source.code()
        );
        if let Some(first) = seen.earlier(key, fields.row_number()) {
            let reason = format!("与第{first}行同一人同月份重复");
            fields.refuse("月份", Problem::new(reason, "请删除多余的行"));
        }
        Some(record)
    }
}
