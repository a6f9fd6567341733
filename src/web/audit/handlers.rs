//! Reading and verifying the log.

use axum::extract::{Query, State};
use axum::response::IntoResponse;
use chrono::NaiveDate;
use serde::Deserialize;

use super::pages::{AuditLog, AuditRow, AuditVerification, ChainResult, HeadsPanel, Seal};
use super::words;
use crate::domain::authority::{Act, Role};
use crate::service::audit::{self, Chain, Filter, Harm, Line, Log};
use crate::service::heads::{self, Standing};
use crate::web::failure::Answer;
use crate::web::form::{Choice, FormState};
use crate::web::listing::{minute, offset, pager, second};
use crate::web::page::Page;
use crate::web::send::download;
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
        head: found.heads.sealed.as_ref().map_or_else(String::new, |last| last.hash.clone()),
        alarm: alarm(&found.heads),
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
    let last = found.heads.sealed.as_ref();
    let when = last.map_or_else(
        || "尚未封存".to_owned(),
        |last| format!("最近一次封存：第 {} 号，{}", count(last.seal), minute(last.at)),
    );
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
    let standing = heads::standing(&site.app, &who.actor).await?;
    let state = |holds| if holds { "完整" } else { "校验失败" }.to_owned();
    let chain = |chain: Chain| ChainResult {
        state: state(chain.first_bad.is_none()),
        problem: chain.first_bad.map_or_else(String::new, |(seq, harm)| problem(seq, harm)),
        organisation: chain.organisation,
        records: chain.records,
        first_bad: chain.first_bad.map(|(seq, _)| seq),
        head: chain.head,
    };
    let seal = |seal: audit::Seal| Seal {
        no: seal.seq,
        at: minute(seal.at),
        records: seal.records,
        hash: seal.hash,
        state: state(seal.holds),
    };
    let mut faults: Vec<String> = found.file_fault.into_iter().collect();
    faults.extend(
        found.bad_seal.map(|seq| format!("第 {seq} 号封存点起不成立，或与已经导出的封存值不符")),
    );
    let page = AuditVerification {
        frame: who.frame(&site, "/audit/verification").await?,
        checked_at: second(found.at),
        chains: found.chains.into_iter().map(chain).collect(),
        seals: found.seals.into_iter().map(seal).collect(),
        all_whole: found.is_whole,
        faults,
        heads: panel(&standing, found.exported),
    };
    Ok(Page::ok(page).into_response())
}

fn problem(seq: i64, harm: Harm) -> String {
    match harm {
        Harm::Changed => "记录被改动、删除、插入或换序".to_owned(),
        Harm::Cut => "封存时的记录已不存在，尾部被截断".to_owned(),
        Harm::Rewritten(through) => {
            format!("第 {seq} 至 {through} 条之间被改写，与当时的封存值不符")
        }
        Harm::Looks => format!("第 {seq} 号封存点所载的查看记录被改动、删除或插入"),
    }
}

/// What must be looked after before anything else; empty when nothing must.
fn alarm(standing: &Standing) -> String {
    match (&standing.failure, standing.late_since) {
        (Some(failure), _) => format!("封存值没有导出：{failure}"),
        (None, Some(since)) => format!(
            "自 {} 起的日志还没有导出封存值，已超过两小时：请系统管理员检查服务是否运行、导出文件夹是否可写",
            minute(since)
        ),
        (None, None) => String::new(),
    }
}

fn panel(standing: &Standing, held: usize) -> HeadsPanel {
    let exported = standing.exported.as_ref();
    HeadsPanel {
        is_on: standing.is_on,
        alarm: alarm(standing),
        exported: exported.map(|last| (last.seal, minute(last.at), last.hash.clone())),
        held: i64::try_from(held).unwrap_or(i64::MAX),
        key: standing.public_key.clone(),
    }
}

/// `GET /audit/heads`: the file of signed heads, to be kept elsewhere.
pub(super) async fn heads_file(State(site): State<Site>, who: SignedIn) -> Answer {
    let text = heads::take(&site.app, &who.actor).await?;
    Ok(download("heads.jsonl", "application/jsonl", text.into_bytes()))
}

/// `GET /audit/key`: the public key as a file, for those who check without the server.
pub(super) async fn public_key(State(site): State<Site>, who: SignedIn) -> Answer {
    let standing = heads::standing(&site.app, &who.actor).await?;
    let text = format!("{}\n", standing.public_key);
    Ok(download("juncai-public-key.txt", "text/plain; charset=utf-8", text.into_bytes()))
}
