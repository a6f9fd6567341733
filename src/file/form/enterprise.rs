//! 骨干企业清单.

use chrono::NaiveDate;

use super::cell::{self, Problem};
use super::{Fields, FormRow, ImportKind, Seen};
use crate::domain::identity::{IdentityError, Mobile, PersonName, Uscc, compact};
use crate::domain::region;
use crate::file::table::Cell;

/// One listed enterprise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnterpriseRow {
    /// Registered name.
    pub name: String,
    /// Unified social credit code.
    pub uscc: Uscc,
    /// County-level division in use, six digits.
    pub division: String,
    /// Field of business; may be empty.
    pub industry: String,
    /// Batch of the list.
    pub list_batch: String,
    /// First day on the list.
    pub listed_from: NaiveDate,
    /// Last day on the list, inclusive; `None` is open.
    pub listed_through: Option<NaiveDate>,
    /// Recognitions it may make a year.
    pub recognition_quota: u32,
    /// Core engineers it may register.
    pub engineer_quota: u32,
    /// Contact person.
    pub contact_name: Option<PersonName>,
    /// Contact telephone, mobile or landline; may be empty.
    pub contact_phone: String,
}

impl FormRow for EnterpriseRow {
    const KIND: ImportKind = ImportKind::KeyEnterprises;

    fn read(fields: &mut Fields<'_>, seen: &mut Seen) -> Option<Self> {
        let name = fields.words("企业名称");
        let uscc = fields.checked("统一社会信用代码", cell::identifier, Uscc::parse);
        let earlier = uscc
            .as_ref()
            .and_then(|uscc| seen.earlier(uscc.as_str().to_owned(), fields.row_number()));
        if let Some(first) = earlier {
            let reason = format!("与第{first}行统一社会信用代码重复");
            let problem = Problem::new(reason, "同一企业只保留一行，请删除多余的行");
            fields.refuse("统一社会信用代码", problem);
        }
        let division = fields.value("区划代码", read_division);
        compare_place(fields, division.as_deref());
        let industry = fields.words("行业领域");
        let list_batch = fields.words("列入批次");
        let listed_from = fields.value("列入日期", cell::date);
        let listed_through = fields.value("有效期至", cell::date);
        if listed_through.zip(listed_from).is_some_and(|(last, first)| last < first) {
            let problem = Problem::new("有效期至早于列入日期", "请核对两个日期");
            fields.refuse("有效期至", problem);
        }
        let recognition_quota = fields.value("自主认定名额", cell::integer);
        let engineer_quota = fields.value("核心工程师名额", cell::integer);
        let contact_name = fields.checked("联系人", cell::text, PersonName::parse);
        let contact_phone = fields.value("联系电话", read_phone);
        Some(Self {
            name: name?,
            uscc: uscc?,
            division: division?,
            industry: industry?,
            list_batch: list_batch?,
            listed_from: listed_from?,
            listed_through,
            recognition_quota: recognition_quota?,
            engineer_quota: engineer_quota?,
            contact_name,
            contact_phone: contact_phone.unwrap_or_default(),
        })
    }
}

/// A county-level division of Fujian in use.
fn read_division(cell: &Cell) -> Result<String, Problem> {
    let code = compact(&cell::short_code(cell)?);
    if code.len() != 6 || !code.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Problem::new("区划代码应为6位数字", "例如福州市鼓楼区为350102"));
    }
    let Some(division) = region::division(&code) else {
        return Err(Problem::new("区划代码不在福建省区划内", "请填写注册地的县级区划代码"));
    };
    if division.until.is_some() {
        let fix = match &division.successor {
            Some(successor) => format!("该区划已并入或改为{successor}"),
            None => "请填写注册地现行的县级区划代码".to_owned(),
        };
        return Err(Problem::new("区划代码已停用", fix));
    }
    if code.ends_with("00") {
        return Err(Problem::new("应填写县级区划代码", "例如福州市鼓楼区为350102"));
    }
    Ok(code)
}

/// The place in words is only there to notice a mistyped code.
fn compare_place(fields: &mut Fields<'_>, division: Option<&str>) {
    let Some(place) = fields.words("所在地").filter(|place| !place.is_empty()) else {
        return;
    };
    let Some(division) = division.and_then(region::division) else {
        return;
    };
    let place = compact(&place);
    let short = place.strip_prefix("福建省").unwrap_or(&place);
    if short != division.full_name && short != division.name {
        let (code, name) = (&division.code, &division.full_name);
        fields.warn("所在地", format!("与区划代码不一致：{code}是{name}"));
    }
}

/// A mobile number, or a landline with its area code.
fn read_phone(cell: &Cell) -> Result<String, Problem> {
    let text = cell::short_code(cell)?;
    let digits = compact(&text);
    let landline = digits.starts_with('0')
        && !digits.starts_with("00")
        && (10..=12).contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_digit());
    if landline {
        return Ok(digits);
    }
    match Mobile::parse(&text) {
        Ok(checked) => Ok(checked.value.as_str().to_owned()),
        Err(error @ IdentityError::MobileLength) if digits.starts_with('1') => Err(error.into()),
        Err(_) => Err(Problem::new("联系电话格式错误", "请填写手机号码，或带区号的固定电话")),
    }
}
