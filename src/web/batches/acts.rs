//! Moving a batch on.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;

use super::actions::{path, typed};
use super::fill::minute;
use super::handlers::filled;
use crate::domain::authority::Act;
use crate::domain::payment::Action;
use crate::domain::registry::Code;
use crate::file::form::ImportKind;
use crate::service::batch_pages::moved_since;
use crate::service::payment::{self, Approval, ReturnFile};
use crate::service::{Error, import};
use crate::web::errors::pages::Trouble;
use crate::web::failure::Answer;
use crate::web::form::FormState;
use crate::web::page::Page;
use crate::web::send::{Filed, FiledWithFile, XLSX, done, download};
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::step_up::ConfirmedByCode;

/// The version that the page showed; 0, which no batch has, when the form has none.
pub(super) fn version(filed: &Filed) -> i64 {
    filed.text("version").parse().unwrap_or(0)
}

/// What to answer after an act on a batch: on to its page with a message, the form again with its
/// faults, or who was faster.
pub(super) async fn answer(
    site: &Site,
    who: &SignedIn,
    no: &str,
    action: Action,
    filed: &Filed,
    outcome: Result<String, Error>,
) -> Answer {
    let page = format!("/batches/{no}");
    let error = match outcome {
        Ok(text) => return Ok(done(&page, &text)),
        Err(error) => error,
    };
    match error {
        Error::Invalid(faults) => {
            let typed = FormState { prefix: path(action).to_owned(), ..filed.state("act") };
            let typed =
                faults.into_iter().fold(typed, |form, (field, text)| form.wrong(&field, text));
            let batch = filled(site, who, no, 0, Some((action, typed))).await?;
            Ok(Page(StatusCode::UNPROCESSABLE_ENTITY, batch).into_response())
        }
        Error::Refused(_) | Error::Stale(_) => {
            match moved_since(&site.app, &who.actor, no, version(filed)).await? {
                // The same form again: what it asked for is done.
                Some(step) if step.is_own && step.action == Some(action) => {
                    Ok(done(&page, &format!("“{}”已经办理，没有重复办理。", action.label())))
                }
                Some(step) if !filed.text("version").is_empty() => {
                    let what = step.action.map_or("更新", Code::label);
                    let typed = typed(action, filed);
                    let who = if step.is_own { "您本人" } else { step.who.as_str() };
                    let text =
                        format!("批次 {no} 已于 {} 由{who}办理“{what}”。{typed}", minute(step.at));
                    Err(Trouble::of(409).because(text).offering("查看最新内容", &page).into())
                }
                _ => Err(error.into()),
            }
        }
        other => Err(other.into()),
    }
}

pub(super) async fn freeze(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let frozen = payment::freeze(&site.app, &who.actor, &no, version(&filed)).await;
    let text = frozen.map(|batch| {
        format!(
            "已冻结 {} 笔，合计 {} 元，请交复核人复核。",
            batch.line_count,
            batch.total.grouped()
        )
    });
    answer(&site, &who, &no, Action::Freeze, &filed, text).await
}

pub(super) async fn approve(
    State(site): State<Site>,
    Path(no): Path<String>,
    ConfirmedByCode { who, filed }: ConfirmedByCode,
) -> Answer {
    let typed = Approval { total: filed.text("total"), password: filed.text("password") };
    let approved = payment::approve(&site.app, &who.actor, &no, version(&filed), typed).await;
    let text = approved.map(|_| "已审批并签名，可以生成银行文件。".to_owned());
    answer(&site, &who, &no, Action::Approve, &filed, text).await
}

pub(super) async fn send_back(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let reason = filed.text("reason");
    let back = payment::send_back(&site.app, &who.actor, &no, version(&filed), reason).await;
    let text = back.map(|_| "已退回编制，金额已解冻。".to_owned());
    answer(&site, &who, &no, Action::SendBack, &filed, text).await
}

pub(super) async fn cancel(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let reason = filed.text("reason");
    let cancelled = payment::cancel(&site.app, &who.actor, &no, version(&filed), reason).await;
    let text = cancelled.map(|_| "批次已撤销，金额已回到待付。".to_owned());
    answer(&site, &who, &no, Action::Cancel, &filed, text).await
}

pub(super) async fn issue(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let form = filed.text("profile");
    let issued = payment::issue_file(&site.app, &who.actor, &no, version(&filed), form).await;
    let text = issued.map(|_| "银行文件已生成，请在“文件”中下载。".to_owned());
    answer(&site, &who, &no, Action::IssueFile, &filed, text).await
}

pub(super) async fn sent(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let voucher = filed.text("voucher_no");
    let sent = payment::mark_sent(&site.app, &who.actor, &no, version(&filed), voucher).await;
    let text = sent.map(|_| "已登记送银行，收到回单后请上传。".to_owned());
    answer(&site, &who, &no, Action::MarkSent, &filed, text).await
}

pub(super) async fn load_return(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: FiledWithFile,
) -> Answer {
    let loaded = match filed.file() {
        Some(file) => {
            let bank_no = filed.text("bank_no");
            let file = ReturnFile { name: &file.name, bytes: &file.bytes, bank_no };
            payment::load_return(&site.app, &who.actor, &no, &file).await
        }
        None => Err(Error::Invalid(vec![("file".to_owned(), "请选择银行回单文件".to_owned())])),
    };
    let text = loaded.map(|loaded| {
        let before = match loaded.already_loaded {
            true => "这份回单已经载入过，没有重复办理",
            false => "回单已载入",
        };
        let waiting = match loaded.waiting {
            0 => String::new(),
            rows => format!("，银行处理中 {rows} 行"),
        };
        format!(
            "{before}：编号 {}，匹配 {} 行，重复 {} 行，待查 {} 行{waiting}。请另一人确认后生效。",
            loaded.return_no, loaded.matched, loaded.repeated, loaded.suspense
        )
    });
    answer(&site, &who, &no, Action::LoadReturn, &filed, text).await
}

pub(super) async fn confirm_return(
    State(site): State<Site>,
    who: SignedIn,
    Path((no, return_no)): Path<(String, String)>,
    filed: Filed,
) -> Answer {
    let confirmed = payment::confirm_return(&site.app, &who.actor, &return_no).await;
    let text = confirmed.map(|confirmed| {
        format!(
            "回单已确认：{} 笔已付，{} 笔失败或退回，{} 行待查。",
            confirmed.settled, confirmed.failed, confirmed.suspense
        )
    });
    answer(&site, &who, &no, Action::ConfirmReturn, &filed, text).await
}

pub(super) async fn close(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let receipts = filed.text("receipts");
    let closed = payment::close(&site.app, &who.actor, &no, version(&filed), receipts).await;
    let text = closed.map(|_| "批次已关闭。".to_owned());
    answer(&site, &who, &no, Action::Close, &filed, text).await
}

/// `GET /batches/templates/returns.xlsx` or `.csv`: the neutral form of a bank's answer.
pub(super) async fn template(who: SignedIn, Path(file): Path<String>) -> Answer {
    who.actor.must(Act::ReadBatches)?;
    let (as_csv, kind) = match file.as_str() {
        "returns.xlsx" => (false, XLSX),
        "returns.csv" => (true, "text/csv; charset=utf-8"),
        _ => return Err(Error::NotFound("模板").into()),
    };
    let (name, bytes) = import::template(ImportKind::BankReturn, as_csv)?;
    Ok(download(&name, kind, bytes))
}
