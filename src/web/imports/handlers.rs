//! From requests to the use cases of importing, and back to pages.

use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::pages::{
    BadCell, ImportKind as KindChoice, ImportList, ImportNew, ImportPreview, ImportRow,
};
use crate::clock::china_time;
use crate::domain::registry::Code;
use crate::file::form::ImportKind;
use crate::service::import::{self, ImportPage, ImportState, ImportSummary, Issue};
use crate::service::{Actor, Error};
use crate::web::failure::{Answer, Failure};
use crate::web::form::FormState;
use crate::web::frame::Frame;
use crate::web::page::Page;
use crate::web::send::{Filed, FiledWithFile, XLSX, done, download};
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::{Pager, count};

const MENU: &str = "/imports";
const PAGE_SIZE: u64 = 50;
const LIMITS: &str = "Excel 工作簿（.xlsx）或 CSV（UTF-8、GB18030），不超过 20 MB、100,000 行";

#[derive(Debug, Deserialize)]
pub(super) struct ListQuery {
    page: Option<u64>,
}

pub(super) async fn list(
    State(site): State<Site>,
    who: SignedIn,
    Query(query): Query<ListQuery>,
) -> Answer {
    let page = query.page.unwrap_or(1).clamp(1, 1_000_000);
    let offset = (page - 1) * PAGE_SIZE;
    let (rows, total) = import::list(&site.app, &who.actor, offset, PAGE_SIZE).await?;
    let shown = rows.len() as u64;
    let at = |page: u64| format!("/imports?page={page}");
    let pager = Pager {
        total: whole(total),
        is_more: false,
        first: if shown == 0 { 0 } else { whole(offset + 1) },
        last: whole(offset + shown),
        previous: (page > 1).then(|| at(page - 1)),
        next: (offset + shown < total).then(|| at(page + 1)),
    };
    let rows = rows.into_iter().map(row_of).collect();
    let frame = who.frame(&site, MENU).await?;
    Ok(Page::ok(ImportList { frame, rows, pager }).into_response())
}

pub(super) async fn new(State(site): State<Site>, who: SignedIn) -> Answer {
    let kinds = import::kinds_for(&who.actor);
    let mut form = FormState::new("import");
    if let [only] = kinds[..] {
        form = form.with("kind", only.code());
    }
    Ok(Page::ok(upload_page(who.frame(&site, MENU).await?, &who.actor, form)?).into_response())
}

fn upload_page(frame: Frame, actor: &Actor, form: FormState) -> Result<ImportNew, Error> {
    let kinds = import::kinds_for(actor);
    if kinds.is_empty() {
        return Err(Error::Forbidden(crate::domain::authority::Act::ImportRegistry));
    }
    let kinds = kinds
        .into_iter()
        .map(|kind| KindChoice {
            code: kind.code().to_owned(),
            label: kind.title().to_owned(),
            description: describe(kind).to_owned(),
        })
        .collect();
    Ok(ImportNew { frame, form, kinds, limits: LIMITS.to_owned() })
}

const fn describe(kind: ImportKind) -> &'static str {
    match kind {
        ImportKind::KeyEnterprises => "企业名称、信用代码、地区、领域、列入日期和有效期",
        ImportKind::Engineers => "本企业的姓名、证件、岗位、入职与入册日期、收款账户",
        ImportKind::Evidence => "每人每月的缴纳单位，用于逐月认定",
        ImportKind::OtherAwards => "同一年度已享受的其他奖补，用于抵扣",
        ImportKind::BankReturn => "银行对每笔发放的处理结果",
        ImportKind::ExchangeRates => "外币按日的现汇卖出价",
    }
}

pub(super) async fn upload(
    State(site): State<Site>,
    who: SignedIn,
    filed: FiledWithFile,
) -> Answer {
    let mut form = filed.state("import");
    let kind = ImportKind::from_code(filed.text("kind"));
    if kind.is_none() {
        form = form.wrong("kind", "请选择导入什么");
    }
    let file = filed.file();
    if file.is_none() {
        form = form.wrong("file", "请选择要上传的文件");
    }
    if let Some((kind, file)) = kind.zip(file) {
        let bytes = file.bytes.clone();
        match import::preview(&site.app, &who.actor, kind, None, &file.name, bytes).await {
            Ok(found) => {
                let text = match found.rows.bad {
                    0 => "已检查，没有发现错误；请核对后确认导入".to_owned(),
                    bad => format!("已检查，有 {bad} 行需要更正"),
                };
                return Ok(done(&format!("/imports/{}", found.import_no), &text));
            }
            Err(Error::Invalid(fields)) => {
                for (field, message) in fields {
                    form = form.wrong(&field, message);
                }
            }
            Err(other) => return Err(Failure::from(other)),
        }
    }
    Ok(Page::retry(upload_page(who.frame(&site, MENU).await?, &who.actor, form)?).into_response())
}

pub(super) async fn page(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
) -> Answer {
    let page = import::page(&site.app, &who.actor, &no).await?;
    let withdrawal = page.may_withdraw.then(|| FormState::new("withdraw"));
    Ok(Page::ok(preview_page(who.frame(&site, MENU).await?, page, withdrawal)).into_response())
}

fn preview_page(frame: Frame, page: ImportPage, withdrawal: Option<FormState>) -> ImportPreview {
    let same_file = page.same_file.as_ref().map(|same| {
        format!(
            "同一文件已于 {} 导入（{}），再次导入不会产生重复记录。",
            minute(same.decided_at.unwrap_or(same.uploaded_at)),
            same.import_no
        )
    });
    let summary = page.summary;
    ImportPreview {
        frame,
        known: summary.rows.known,
        warnings: whole(page.warnings),
        cells: page.issues.into_iter().map(cell_of).collect(),
        more_cells: whole(page.more_issues),
        columns: page.columns.into_iter().map(str::to_owned).collect(),
        sample: page.sample,
        same_file,
        annotated: page.may_download,
        confirmation: page.may_decide.then(|| FormState::new("confirm")),
        withdrawal,
        result: result_of(&summary),
        file_hash: summary.sha256.clone(),
        facts: row_of(summary),
    }
}

fn result_of(summary: &ImportSummary) -> Option<String> {
    let rows = summary.rows;
    match summary.state {
        ImportState::Previewed => None,
        ImportState::Discarded => Some("这次上传已作废，没有写入任何内容，文件也没有保留。".into()),
        ImportState::Withdrawn => Some("本次导入已撤销，写入的内容不再有效，记录保留可查。".into()),
        ImportState::Confirmed => {
            let mut text = format!(
                "已导入 {} 行（其中 {} 行登记中已有），写入 {} 条记录。",
                count(rows.good),
                count(rows.known),
                count(summary.facts_added)
            );
            if rows.bad > 0 {
                text.push_str(&format!("有误的 {} 行没有导入。", count(rows.bad)));
            }
            if summary.kind == ImportKind::Engineers && summary.facts_added > 0 {
                text.push_str("等待人社部门确认名册。");
            }
            Some(text)
        }
    }
}

fn row_of(summary: ImportSummary) -> ImportRow {
    let nothing_good = summary.state == ImportState::Previewed && summary.rows.good == 0;
    let state = if nothing_good { "有误" } else { summary.state.label() };
    ImportRow {
        no: summary.import_no,
        kind: summary.kind.title().to_owned(),
        file_name: summary.file_name,
        enterprise: summary.enterprise,
        good: summary.rows.good,
        bad: summary.rows.bad,
        state: state.to_owned(),
        who: summary.uploaded_by,
        uploaded_at: minute(summary.uploaded_at),
    }
}

fn cell_of(issue: Issue) -> BadCell {
    BadCell {
        row: i64::from(issue.row),
        column: issue.column,
        value: issue.shown,
        reason: issue.reason,
        remedy: issue.fix,
        severity: if issue.is_error { "有误" } else { "提醒" }.to_owned(),
    }
}

pub(super) async fn confirm(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    _filed: Filed,
) -> Answer {
    let to = format!("/imports/{no}");
    match import::confirm(&site.app, &who.actor, &no).await {
        Ok(saved) => Ok(done(&to, &format!("已导入 {} 行", count(saved.rows_good)))),
        Err(refused @ Error::Refused(_)) => {
            // Sent twice: the first sending did it, and that is what the user wants to see.
            let page = import::page(&site.app, &who.actor, &no).await?;
            match page.summary.state {
                ImportState::Confirmed => Ok(done(&to, "这次导入已经完成，没有重复写入")),
                _ => Err(Failure::from(refused)),
            }
        }
        Err(other) => Err(Failure::from(other)),
    }
}

pub(super) async fn discard(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    _filed: Filed,
) -> Answer {
    import::discard(&site.app, &who.actor, &no).await?;
    Ok(done("/imports", "这次上传已作废，没有写入任何内容"))
}

pub(super) async fn withdraw(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    match import::withdraw(&site.app, &who.actor, &no, filed.text("reason")).await {
        Ok(ended) => {
            let text = format!("已撤销，{} 条记录不再有效", ended.withdrawn);
            Ok(done(&format!("/imports/{no}"), &text))
        }
        Err(Error::Invalid(fields)) => {
            let mut form = filed.state("withdraw");
            for (field, message) in fields {
                form = form.wrong(&field, message);
            }
            let page = import::page(&site.app, &who.actor, &no).await?;
            let frame = who.frame(&site, MENU).await?;
            Ok(Page::retry(preview_page(frame, page, Some(form))).into_response())
        }
        Err(other) => Err(Failure::from(other)),
    }
}

pub(super) async fn annotated(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
) -> Answer {
    let (name, bytes) = import::annotated(&site.app, &who.actor, &no).await?;
    Ok(download(&name, XLSX, bytes))
}

pub(super) async fn template(who: SignedIn, Path(file): Path<String>) -> Answer {
    let (code, extension) = file.rsplit_once('.').unwrap_or((&file, ""));
    let kind = ImportKind::from_code(code).filter(|_| matches!(extension, "xlsx" | "csv"));
    let kind = kind.filter(|kind| import::kinds_for(&who.actor).contains(kind));
    let kind = kind.ok_or(Error::NotFound("模板"))?;
    let as_csv = extension == "csv";
    let (name, bytes) = import::template(kind, as_csv)?;
    Ok(download(&name, if as_csv { "text/csv; charset=utf-8" } else { XLSX }, bytes))
}

fn minute(instant: DateTime<Utc>) -> String {
    china_time(instant).format("%Y-%m-%d %H:%M").to_string()
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
