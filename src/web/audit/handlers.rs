//! Reading and verifying the log.

use axum::extract::{Query, State};
use axum::response::IntoResponse;
use chrono::NaiveDate;
use serde::Deserialize;

use super::pages::{AuditLog, AuditRow, AuditVerification, ChainResult, Seal};
use super::words;
use crate::domain::authority::{Act, Role};
use crate::service::audit::{self, Chain, Filter, Line, Log};
use crate::web::failure::Answer;
use crate::web::form::{Choice, FormState};
use crate::web::listing::{minute, offset, pager, second};
use crate::web::page::Page;
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::count;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    who: String,
    action: String,
    object: String,
    from: String,
    until: String,
    page: Option<u64>,
}

pub(super) async fn log(
    State(site): State<Site>,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let mut form = FormState::new("filter");
    let mut day = |field: &'static str, text: &str| -> Option<NaiveDate> {
        let day = text.parse().ok();
        if day.is_none() && !text.is_empty() {
            form = std::mem::take(&mut form).wrong(field, "日期写作 2026-11-24 的形式，请更正");
        }
        day
    };
    let filter = Filter {
        from: day("from", &wanted.from),
        until: day("until", &wanted.until),
        who: wanted.who.clone(),
        action: wanted.action.clone(),
        object: wanted.object.clone(),
    };
    let start = offset(wanted.page, audit::PAGE);
    let found = audit::list(&site.app, &who.actor, &filter, start).await?;
    let conditions = [
        ("who", wanted.who.as_str()),
        ("action", wanted.action.as_str()),
        ("object", wanted.object.as_str()),
        ("from", wanted.from.as_str()),
        ("until", wanted.until.as_str()),
    ];
    for (field, value) in conditions {
        form = form.with(field, value);
    }
    let shown = (start, audit::PAGE, found.lines.len());
    let follows = who.actor.role.may(Act::ReadAudit);
    let page = AuditLog {
        frame: who.frame(&site, "/audit").await?,
        filter: form,
        actions: actions(&found),
        pager: pager(("/audit", &conditions), found.total, shown),
        sealed: sealed(&found),
        about: about(who.actor.role).to_owned(),
        rows: found.lines.into_iter().map(|line| row(line, follows)).collect(),
    };
    Ok(Page::ok(page).into_response())
}

fn actions(found: &Log) -> Vec<Choice> {
    let mut codes: Vec<&str> = found.actions.iter().map(String::as_str).collect();
    codes.sort_by_key(|code| words::order(code));
    let pairs: Vec<(&str, &str)> = codes.iter().map(|code| (*code, words::action(code))).collect();
    Choice::list(&pairs)
}

fn sealed(found: &Log) -> String {
    let when = found
        .sealed_at
        .map_or_else(|| "尚未封存".to_owned(), |at| format!("最近一次封存于 {}", minute(at)));
    format!("各机构共 {} 条，{when}。", count(found.records))
}

/// Whose deeds somebody reads who does not read everybody's.
const fn about(role: Role) -> &'static str {
    match role {
        Role::SecurityAdministrator => {
            "这里只列业务用户和程序的操作，管理员的操作由安全审计员查看。"
        }
        Role::SecurityAuditor => "这里只列系统管理员和安全管理员的操作。",
        _ => "",
    }
}

/// A line; its object is a link for those who may `follow` it.
fn row(line: Line, follow: bool) -> AuditRow {
    let who = match (line.name.as_str(), line.login.as_str()) {
        (_, "") => "不存在的账号".to_owned(),
        ("", login) => login.to_owned(),
        (name, login) => format!("{name}（{login}）"),
    };
    let refused = words::is_refusal(&line.action);
    AuditRow {
        seq: line.seq,
        at: second(line.at),
        who,
        role: line.role,
        organisation: line.organisation,
        action: words::action(&line.action).to_owned(),
        object: words::object(&line.object_kind, &line.object_no),
        object_href: words::object_href(&line.object_kind, &line.object_no).filter(|_| follow),
        outcome: if refused { "失败" } else { "成功" }.to_owned(),
        detail: words::detail(&line.detail),
        address: line.address,
    }
}

pub(super) async fn verification(State(site): State<Site>, who: SignedIn) -> Answer {
    let found = audit::verify(&site.app, &who.actor).await?;
    let state = |holds| if holds { "完整" } else { "校验失败" }.to_owned();
    let chain = |chain: Chain| ChainResult {
        state: state(chain.first_bad.is_none()),
        problem: match (chain.first_bad, chain.is_cut) {
            (None, _) => String::new(),
            (Some(_), false) => "记录被改动、删除、插入或换序".to_owned(),
            (Some(_), true) => "封存时的记录已不存在，尾部被截断或重写".to_owned(),
        },
        organisation: chain.organisation,
        records: chain.records,
        first_bad: chain.first_bad,
        head: chain.head,
    };
    let seal = |seal: audit::Seal| Seal {
        at: minute(seal.at),
        records: seal.records,
        hash: seal.hash,
        state: state(seal.holds),
    };
    let page = AuditVerification {
        frame: who.frame(&site, "/audit/verification").await?,
        checked_at: second(found.at),
        chains: found.chains.into_iter().map(chain).collect(),
        seals: found.seals.into_iter().map(seal).collect(),
        all_whole: found.is_whole,
    };
    Ok(Page::ok(page).into_response())
}
