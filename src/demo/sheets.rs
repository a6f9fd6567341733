//! The spreadsheets that the demonstration's offices and enterprises hand in.

use chrono::{NaiveDate, NaiveDateTime};

use crate::domain::money::Fen;
use crate::file::workbook::{CellOut, ColumnKind, ColumnSpec, Table, WriteError, write_xlsx};

use super::enterprises::{Enterprise, place};
use super::people::Engineer;

/// A month of social insurance or tax of a person.
#[derive(Debug, Clone)]
pub(super) struct MonthPaid {
    pub(super) name: String,
    pub(super) document_type: &'static str,
    pub(super) document_no: String,
    /// `YYYY-MM`.
    pub(super) month: String,
    pub(super) payer_uscc: String,
    pub(super) kind: &'static str,
    pub(super) paid_late: bool,
}

/// Money that a person has from another programme.
#[derive(Debug, Clone)]
pub(super) struct Award {
    pub(super) name: String,
    pub(super) document_type: &'static str,
    pub(super) document_no: String,
    pub(super) programme: &'static str,
    pub(super) group: &'static str,
    pub(super) amount: Fen,
    pub(super) granted_by: &'static str,
    pub(super) decision_no: String,
}

/// 骨干企业清单.
pub(super) fn enterprise_list(enterprises: &[Enterprise]) -> Result<Vec<u8>, WriteError> {
    let columns = [
        "企业名称",
        "统一社会信用代码",
        "区划代码",
        "所在地",
        "行业领域",
        "列入批次",
        "列入日期",
        "有效期至",
        "自主认定名额",
        "核心工程师名额",
        "联系人",
        "联系电话",
    ];
    let rows = enterprises.iter().enumerate().map(|(i, e)| {
        let quota = i64::try_from(3 + i % 6).expect("a small number");
        vec![
            text(&e.name),
            text(&e.uscc),
            text(e.division),
            text(&place(e.division)),
            text(e.industry),
            text("2026年第一批"),
            CellOut::Date(day(2026, 1, 1)),
            CellOut::Date(day(2028, 12, 31)),
            CellOut::Integer(quota),
            CellOut::Integer(30),
            text(&e.contact),
            text(&e.phone),
        ]
    });
    write("骨干企业清单", &columns, rows)
}

/// 核心工程师申报 of one enterprise.
pub(super) fn engineers(engineers: &[Engineer]) -> Result<Vec<u8>, WriteError> {
    let columns = [
        "姓名",
        "证件类型",
        "证件号码",
        "手机号码",
        "工作岗位",
        "职称",
        "学历",
        "入职日期",
        "是否全职",
        "入册日期",
        "开户银行",
        "联行号",
        "银行账号",
    ];
    let rows = engineers.iter().map(|e| {
        vec![
            text(&e.name),
            text(e.document_type),
            text(&e.document_no),
            text(&e.mobile),
            text(e.post),
            text(e.professional_title),
            text(e.education),
            CellOut::Date(e.employed_from),
            text("是"),
            CellOut::Date(e.rostered_from),
            text(e.bank.name),
            text(&e.bank.cnaps),
            text(&e.account_no),
        ]
    });
    write("核心工程师申报", &columns, rows)
}

/// 社保个税月份.
pub(super) fn evidence(months: &[MonthPaid]) -> Result<Vec<u8>, WriteError> {
    let columns =
        ["姓名", "证件类型", "证件号码", "月份", "单位统一社会信用代码", "来源", "缴费状态"];
    let rows = months.iter().map(|m| {
        vec![
            text(&m.name),
            text(m.document_type),
            text(&m.document_no),
            text(&m.month),
            text(&m.payer_uscc),
            text(m.kind),
            text(if m.paid_late { "补缴" } else { "正常" }),
        ]
    });
    write("社保个税月份", &columns, rows)
}

/// 其他奖补.
pub(super) fn other_awards(awards: &[Award]) -> Result<Vec<u8>, WriteError> {
    let columns = [
        "姓名",
        "证件类型",
        "证件号码",
        "奖补项目",
        "类别",
        "所属年度",
        "金额",
        "发放单位",
        "文号",
    ];
    let rows = awards.iter().map(|a| {
        vec![
            text(&a.name),
            text(a.document_type),
            text(&a.document_no),
            text(a.programme),
            text(a.group),
            CellOut::Integer(2026),
            CellOut::Amount(a.amount),
            text(a.granted_by),
            text(&a.decision_no),
        ]
    });
    write("其他奖补", &columns, rows)
}

fn write(
    title: &str,
    columns: &[&str],
    rows: impl Iterator<Item = Vec<CellOut>>,
) -> Result<Vec<u8>, WriteError> {
    let table = Table {
        title: title.to_owned(),
        columns: columns
            .iter()
            .map(|name| ColumnSpec {
                name: (*name).to_owned(),
                width: 18.0,
                kind: ColumnKind::Text,
            })
            .collect(),
        total_row: false,
        comment: "演示数据，均为虚构".to_owned(),
        created_at: NaiveDateTime::new(day(2026, 1, 5), chrono::NaiveTime::MIN),
    };
    write_xlsx(&table, rows)
}

fn text(value: &str) -> CellOut {
    CellOut::Text(value.to_owned())
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a date in the calendar")
}
