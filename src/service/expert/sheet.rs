//! Appointments and services as workbooks, for the province.

use serde_json::json;

use super::view::{all_services, experts};
use super::{ExpertLine, Filter, ServiceLine, is_of_province};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::expert::hours;
use crate::domain::registry::Code;
use crate::file::workbook::{CellOut, ColumnKind};
use crate::service::seen::{SeenKind, note_ids_exported, note_many};
use crate::service::{Actor, Error, log, sheet};
use crate::store::db::Tx;

const APPOINTMENTS: &[sheet::Column] = &[
    ("聘任编号", ColumnKind::Text, 12.0),
    ("类别", ColumnKind::Text, 12.0),
    ("姓名", ColumnKind::Text, 12.0),
    ("人员编号", ColumnKind::Text, 12.0),
    ("专业领域", ColumnKind::Text, 24.0),
    ("工作单位", ColumnKind::Text, 30.0),
    ("依托单位", ColumnKind::Text, 30.0),
    ("首日", ColumnKind::Date, 12.0),
    ("末日", ColumnKind::Date, 12.0),
    ("提前结束", ColumnKind::Date, 12.0),
    ("聘期经费", ColumnKind::Amount, 16.0),
    ("状态", ColumnKind::Text, 10.0),
    ("服务次数", ColumnKind::Integer, 10.0),
    ("服务小时", ColumnKind::Text, 10.0),
];
const SERVICES: &[sheet::Column] = &[
    ("记录编号", ColumnKind::Text, 12.0),
    ("聘任编号", ColumnKind::Text, 12.0),
    ("姓名", ColumnKind::Text, 12.0),
    ("服务企业", ColumnKind::Text, 30.0),
    ("日期", ColumnKind::Date, 12.0),
    ("类型", ColumnKind::Text, 12.0),
    ("小时", ColumnKind::Text, 8.0),
    ("内容", ColumnKind::Text, 40.0),
    ("登记方", ColumnKind::Text, 8.0),
    ("状态", ColumnKind::Text, 10.0),
    ("更正的记录", ColumnKind::Text, 12.0),
    ("利益冲突提示", ColumnKind::Text, 14.0),
];

fn must_export(actor: &Actor) -> Result<(), Error> {
    if is_of_province(actor) { Ok(()) } else { Err(Error::Forbidden(Act::AppointExperts)) }
}

fn cells(line: &ExpertLine) -> Vec<CellOut> {
    let agreed = line.term.agreed;
    vec![
        CellOut::Text(line.no.clone()),
        CellOut::Text(line.kind.label().to_owned()),
        CellOut::Text(line.name.clone()),
        CellOut::Text(line.person_no.clone()),
        CellOut::Text(line.field.clone()),
        CellOut::Text(line.employer.0.clone()),
        CellOut::Text(line.host.clone()),
        CellOut::Date(agreed.from),
        agreed.through.map_or(CellOut::Empty, CellOut::Date),
        line.term.ended_on.map_or(CellOut::Empty, CellOut::Date),
        line.funding.map_or(CellOut::Empty, CellOut::Amount),
        CellOut::Text(line.state.label().to_owned()),
        CellOut::Integer(line.served.0),
        CellOut::Text(hours(line.served.1)),
    ]
}

/// The appointments that fit as a workbook, with its name.
///
/// # Errors
/// [`Error::Forbidden`] outside the province.
pub async fn sheet(app: &App, actor: &Actor, filter: &Filter) -> Result<(String, Vec<u8>), Error> {
    must_export(actor)?;
    let found = experts(app, actor, filter).await?;
    let bytes = sheet::workbook(app, actor, "专家聘任", APPOINTMENTS, found.iter().map(cells))?;
    let tx = app.db.begin().await?;
    let persons: Vec<&str> = found.iter().map(|line| line.person_no.as_str()).collect();
    note_many(app, &tx, actor, (SeenKind::Exported, &persons)).await?;
    exported(app, tx, actor, "expert.exported", found.len()).await?;
    Ok(("专家聘任.xlsx".to_owned(), bytes))
}

/// All records of services as a workbook, with its name.
///
/// # Errors
/// [`Error::Forbidden`] outside the province.
pub async fn sheet_of_services(app: &App, actor: &Actor) -> Result<(String, Vec<u8>), Error> {
    must_export(actor)?;
    super::must_look(actor)?;
    let found = all_services(app).await?;
    let cells = |(_, name, line): &(i64, String, ServiceLine)| {
        let mark = if line.in_conflict { "是" } else { "" };
        vec![
            CellOut::Text(line.no.clone()),
            CellOut::Text(line.appointment_no.clone()),
            CellOut::Text(name.clone()),
            CellOut::Text(line.enterprise.clone()),
            CellOut::Date(line.served_on),
            CellOut::Text(line.kind.label().to_owned()),
            CellOut::Text(hours(line.hours_tenths)),
            CellOut::Text(line.content.clone()),
            CellOut::Text(line.side.label().to_owned()),
            CellOut::Text(line.state.label().to_owned()),
            line.corrects.clone().map_or(CellOut::Empty, CellOut::Text),
            CellOut::Text(mark.to_owned()),
        ]
    };
    let bytes = sheet::workbook(app, actor, "专家服务", SERVICES, found.iter().map(cells))?;
    let tx = app.db.begin().await?;
    note_ids_exported(app, &tx, actor, found.iter().map(|line| line.0).collect()).await?;
    exported(app, tx, actor, "expert_service.exported", found.len()).await?;
    Ok(("专家服务.xlsx".to_owned(), bytes))
}

async fn exported(
    app: &App,
    tx: Tx,
    actor: &Actor,
    action: &str,
    rows: usize,
) -> Result<(), Error> {
    log(app, &tx, actor, action, ("expert", ""), &json!({ "rows": rows })).await?;
    Ok(tx.commit().await?)
}
