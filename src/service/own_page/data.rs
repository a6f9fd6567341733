//! The copy of their own data that a person takes along.

use serde_json::{Value, json};

use super::{Myself, OwnPage, note, page};
use crate::app::App;
use crate::clock::china_time;
use crate::domain::money::Fen;
use crate::domain::registry::Code;
use crate::file::workbook::{CellOut, ColumnKind, ColumnSpec, Table, write_xlsx};
use crate::service::Error;
use crate::service::directory::{FactLine, GrantLine};
use crate::service::stipend::Explanation;

/// A file to take along.
#[derive(Debug, Clone)]
pub struct OwnData {
    /// Its content.
    pub bytes: Vec<u8>,
    /// Its name.
    pub name: String,
}

/// Everything about the person as JSON.
///
/// # Errors
/// When the database fails.
pub async fn data_json(app: &App, myself: &Myself) -> Result<OwnData, Error> {
    let page = page(app, myself).await?;
    let content = json!({
        "编号": myself.no,
        "姓名": page.record.head.name,
        "证件": page.record.head.document,
        "导出时间": china_time(app.clock.now()).to_rfc3339(),
        "事实": page.record.versions.iter().map(fact).collect::<Vec<_>>(),
        "年度": page.years.iter().map(year).collect::<Vec<_>>(),
        "其他项目资金": page.grants.iter().map(grant).collect::<Vec<_>>(),
        "查看记录": page.seen.iter().map(|seen| json!({
            "日期": seen.day.to_string(),
            "单位": seen.organisation,
            "岗位": seen.role,
            "内容": seen.kind,
        })).collect::<Vec<_>>(),
        "本人意见": page.statements.iter().filter_map(|statement| {
            let said = statement.said.as_ref()?;
            Some(json!({
                "事项": statement.content,
                "属实": said.agrees,
                "说明": said.note,
                "时间": said.at.to_rfc3339(),
                "答复": said.answer.as_ref().map(|(_, _, text)| text),
            }))
        }).collect::<Vec<_>>(),
    });
    let bytes = serde_json::to_vec_pretty(&content).map_err(|e| Error::Internal(e.to_string()))?;
    taken(app, myself, "json").await?;
    Ok(OwnData { bytes, name: format!("{}-本人数据.json", myself.no) })
}

fn fact(line: &FactLine) -> Value {
    json!({
        "类别": line.subject,
        "内容": line.content,
        "首日": line.period.from.to_string(),
        "末日": line.period.through.map(|day| day.to_string()),
        "记录时间": line.recorded_at.to_rfc3339(),
        "被取代时间": line.superseded_at.map(|at| at.to_rfc3339()),
        "来源文件": line.document,
        "登记单位": line.who,
        "原因": line.reason,
    })
}

fn grant(grant: &GrantLine) -> Value {
    json!({
        "年度": grant.year,
        "项目": grant.stream,
        "办件": grant.file_no,
        "金额（分）": grant.amount.get(),
        "状态": grant.state.label(),
    })
}

fn year(year: &Explanation) -> Value {
    let months = year.months.iter().map(|month| {
        json!({
            "月": month.number,
            "计入": month.counted,
            "天数": month.days,
            "企业": month.enterprise,
            "原因": month.reason,
        })
    });
    let versions = year.versions.iter().map(|version| {
        json!({
            "版本": version.version_no,
            "核定时间": version.computed_at.to_rfc3339(),
            "净额（分）": version.net.get(),
            "原因": version.reason,
        })
    });
    let payments = year.payments.iter().map(|payment| {
        json!({
            "批次": payment.batch_no,
            "金额（分）": payment.amount.get(),
            "账户尾号": payment.last_four,
            "状态": payment.state,
            "银行回单": payment.bank_reply,
            "时间": payment.paid_at.map(|at| at.to_rfc3339()),
        })
    });
    json!({
        "年度": year.year,
        "净额（分）": year.net.get(),
        "说明": year.sentence,
        "逐月": months.collect::<Vec<_>>(),
        "版本": versions.collect::<Vec<_>>(),
        "发放": payments.collect::<Vec<_>>(),
    })
}

/// Everything about the person as a workbook.
///
/// # Errors
/// When the database fails.
pub async fn data_xlsx(app: &App, myself: &Myself) -> Result<OwnData, Error> {
    let page = page(app, myself).await?;
    let column = ColumnSpec::new;
    let table = Table {
        title: "本人数据".to_owned(),
        columns: vec![
            column("部分", 10.0, ColumnKind::Text),
            column("类别", 14.0, ColumnKind::Text),
            column("内容", 60.0, ColumnKind::Text),
            column("首日", 12.0, ColumnKind::Date),
            column("末日", 12.0, ColumnKind::Date),
            column("金额（元）", 16.0, ColumnKind::Amount),
            column("记录时间", 18.0, ColumnKind::Text),
            column("来源或状态", 40.0, ColumnKind::Text),
        ],
        total_row: false,
        comment: format!("本人导出：{}（{}）；证件和账号已遮盖", myself.name, myself.no),
        created_at: china_time(app.clock.now()).naive_local(),
    };
    let bytes = write_xlsx(&table, rows(&page)).map_err(|e| Error::Refused(e.to_string()))?;
    taken(app, myself, "xlsx").await?;
    Ok(OwnData { bytes, name: format!("{}-本人数据.xlsx", myself.no) })
}

fn rows(page: &OwnPage) -> Vec<Vec<CellOut>> {
    let text = |text: &str| CellOut::Text(text.to_owned());
    let time = |at| CellOut::Text(china_time(at).format("%Y-%m-%d %H:%M").to_string());
    let mut rows = Vec::new();
    for line in &page.record.versions {
        let held = if line.superseded_at.is_none() { "现行" } else { "已更正" };
        rows.push(vec![
            text("事实"),
            text(line.subject),
            text(&line.content),
            CellOut::Date(line.period.from),
            line.period.through.map_or(CellOut::Empty, CellOut::Date),
            CellOut::Empty,
            time(line.recorded_at),
            text(&format!("{held} · {} · {}", line.document, line.who)),
        ]);
    }
    let money = |part: &str, kind: &str, content: &str, amount: Fen, at, state: &str| {
        let (empty, amount) = (CellOut::Empty, CellOut::Amount(amount));
        vec![text(part), text(kind), text(content), empty.clone(), empty, amount, at, text(state)]
    };
    for year in &page.years {
        let title = format!("{} 年度", year.year);
        rows.push(money("年度", &title, &year.sentence, year.net, CellOut::Empty, ""));
        for month in &year.months {
            let counted = if month.counted { "计入" } else { "不计" };
            let why = if month.counted { &month.enterprise } else { &month.reason };
            let content = format!("{} 月 {counted}，{} 天，{why}", month.number, month.days);
            let empty = || CellOut::Empty;
            rows.push(vec![
                text("逐月"),
                text(&title),
                text(&content),
                empty(),
                empty(),
                empty(),
                empty(),
                empty(),
            ]);
        }
        for version in &year.versions {
            let content = format!("第 {} 版：{}", version.version_no, version.reason);
            let at = time(version.computed_at);
            rows.push(money("版本", &title, &content, version.net, at, ""));
        }
        for payment in &year.payments {
            let content = format!("批次 {}，账户尾号 {}", payment.batch_no, payment.last_four);
            let at = payment.paid_at.map_or(CellOut::Empty, time);
            let state = format!("{} {}", payment.state, payment.bank_reply);
            rows.push(money("发放", &title, &content, payment.amount, at, &state));
        }
    }
    for grant in &page.grants {
        let (title, content) = (format!("{} 年度", grant.year), &grant.stream);
        let state = format!("{} {}", grant.state.label(), grant.file_no);
        rows.push(money("其他资金", &title, content, grant.amount, CellOut::Empty, &state));
    }
    rows
}

async fn taken(app: &App, myself: &Myself, form: &str) -> Result<(), Error> {
    let tx = app.db.begin().await?;
    let at = (myself.no.as_str(), myself.address.as_str());
    note(app, &tx, at, "own_page.data_taken", &json!({ "form": form })).await?;
    Ok(tx.commit().await?)
}
