//! 其他奖补: money that a person has from other programmes.

use super::cell::{self, Problem};
use super::{Fields, FormRow, ImportKind, Seen};
use crate::domain::identity::{IdentityDocument, PersonName};
use crate::domain::money::Fen;
use crate::file::table::Cell;

crate::code_list! {
    /// Groups of the conflict catalogue that come with the program.
    AwardGroup {
        /// Provincial money for talent.
        ProvincialTalent = "provincial-talent", "省级人才奖补";
        /// City money for talent.
        CityTalent = "city-talent", "市级人才奖补";
        /// Anything else.
        Other = "other", "其他";
    }
}

/// One award from another programme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherAwardRow {
    /// Name as on the document.
    pub name: PersonName,
    /// Identity document.
    pub document: IdentityDocument,
    /// The programme.
    pub programme: String,
    /// What the group of the conflict catalogue is called; whether it is one, the registry knows.
    pub group: String,
    /// Year the award is for.
    pub year: i32,
    /// Amount.
    pub amount: Fen,
    /// Who granted it.
    pub granted_by: String,
    /// Document number; may be empty.
    pub document_no: String,
}

impl FormRow for OtherAwardRow {
    const KIND: ImportKind = ImportKind::OtherAwards;

    fn read(fields: &mut Fields<'_>, seen: &mut Seen) -> Option<Self> {
        let (name, document) = fields.person();
        let programme = fields.words("奖补项目");
        let group = fields.value("类别", cell::text);
        let year = fields.value("所属年度", read_year);
        let amount = fields.value("金额", cell::amount);
        let granted_by = fields.words("发放单位");
        let document_no = fields.words("文号");
        let record = Self {
            name: name?,
            document: document?,
            programme: programme?,
            group: group?,
            year: year?,
            amount: amount?,
            granted_by: granted_by?,
            document_no: document_no?,
        };
        let key = format!(
            "{} {} {} {}",
            record.document.identity_key(),
            record.year,
            record.programme,
            record.document_no
        );
        if let Some(first) = seen.earlier(key, fields.row_number()) {
            let reason = format!("与第{first}行同一人同年度同项目重复");
            fields.refuse("奖补项目", Problem::new(reason, "请合并金额或删除多余的行"));
        }
        Some(record)
    }
}

fn read_year(cell: &Cell) -> Result<i32, Problem> {
    let text = cell::short_code(cell)?;
    let digits = text.strip_suffix("年度").or_else(|| text.strip_suffix('年')).unwrap_or(&text);
    digits
        .parse()
        .ok()
        .filter(|year| digits.len() == 4 && (2000..2100).contains(year))
        .ok_or_else(|| Problem::new("所属年度应为四位年份", "例如 2026"))
}
