//! Money that came back without an owner.

use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;

use super::fill::{minute, pager};
use super::handlers::page_number;
use super::pages::{ClassRow, SuspenseList, SuspenseRow};
use crate::domain::payment::QueryClass;
use crate::domain::registry::Code;
use crate::service::Error;
use crate::service::batch_pages::{self, ClassCount};
use crate::service::payment::{self, Resolution};
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::page::Page;
use crate::web::send::{Filed, done};
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::Yuan;

/// Which rows to show.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SuspenseQuery {
    page: String,
    class: String,
}

pub(super) async fn list(
    State(site): State<Site>,
    who: SignedIn,
    Query(query): Query<SuspenseQuery>,
) -> Answer {
    let place = (QueryClass::from_code(&query.class), page_number(&query.page));
    Ok(Page::ok(filled(&site, &who, place, None).await?).into_response())
}

async fn filled(
    site: &Site,
    who: &SignedIn,
    (class, page): (Option<QueryClass>, i64),
    typed: Option<(i64, FormState)>,
) -> Result<SuspenseList, Error> {
    let found = batch_pages::suspense(&site.app, &who.actor, class, page).await?;
    let code = class.map_or("", Code::code);
    let rest = if code.is_empty() { String::new() } else { format!("class={code}&") };
    let counted = |(class, count): (Option<QueryClass>, ClassCount)| ClassRow {
        label: class.map_or("未分类", Code::label),
        code: class.map_or("", Code::code),
        open: count.open,
        open_sum: Yuan(count.open_sum),
        explained: count.explained,
    };
    Ok(SuspenseList {
        filter: FormState::new("filter").with("class", code),
        choices: Choice::of::<QueryClass>(),
        classes: found.classes.into_iter().map(counted).collect(),
        frame: who.frame(site, "/suspense").await?,
        rows: found.rows.iter().map(|row| shown(row, typed.as_ref())).collect(),
        total: Yuan(found.open_sum),
        pager: pager(found.total, (page, batch_pages::PAGE), found.rows.len(), "/suspense", &rest),
    })
}

fn shown(found: &batch_pages::SuspenseRow, typed: Option<&(i64, FormState)>) -> SuspenseRow {
    let row = &found.row;
    let solved = row.resolved_at.zip(row.resolver.as_ref());
    let form = match typed {
        Some((id, form)) if *id == row.id => form.clone(),
        _ => FormState::new(&prefix(row.id)),
    };
    let said = match row.reason_text.as_str() {
        "" => found.word.label().to_owned(),
        text => format!("{}：{text}", found.word.label()),
    };
    let waiting = if row.confirmed_at.is_none() { "（回单还没有确认）" } else { "" };
    SuspenseRow {
        id: row.id,
        batch_no: row.batch_no.clone(),
        place: format!("回单 {} 第 {} 行", row.return_no, row.row_no),
        line_ref: row.line_ref.clone(),
        received_on: minute(row.loaded_at),
        payee: row.payee_name.clone().unwrap_or_else(|| "对不上收款人".to_owned()),
        account_last4: row.last_four.clone().unwrap_or_else(|| "—".to_owned()),
        amount: Yuan::of(row.paid_fen),
        bank_text: said,
        class: QueryClass::from_code(&row.query_class).map_or("", Code::label),
        problem: format!("{}{waiting}", row.query),
        state: if solved.is_some() { "已处理" } else { "待处理" }.to_owned(),
        resolution: solved.map_or_else(String::new, |(at, who)| {
            format!("{}（{who}，{}）", row.resolution, minute(at))
        }),
        form: found.may_resolve.then_some(form),
    }
}

fn prefix(id: i64) -> String {
    format!("suspense-{id}")
}

pub(super) async fn resolve(
    State(site): State<Site>,
    who: SignedIn,
    Path(id): Path<i64>,
    filed: Filed,
) -> Answer {
    let line = filed.text("line");
    let resolved = match line.parse::<i64>() {
        Ok(seq) if seq >= 0 => {
            let reason = filed.text("reason").to_owned();
            let resolution = Resolution { line_seq: (seq > 0).then_some(seq), reason };
            payment::resolve_suspense(&site.app, &who.actor, id, &resolution).await
        }
        _ => {
            let text = "请填写批次明细中的序号；不属于本批次的填 0".to_owned();
            Err(Error::Invalid(vec![("line".to_owned(), text)]))
        }
    };
    match resolved {
        Ok(_) => Ok(done("/suspense", "处理结果已登记。")),
        Err(error @ Error::Invalid(_)) => {
            let typed = back_to_form(filed.state(&prefix(id)), error)?;
            let page = filled(&site, &who, (None, 0), Some((id, typed))).await?;
            Ok(Page::retry(page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}
