//! Policy texts: proposed by one person of the province, published by another, and never while a
//! golden case fails.

use axum::http::StatusCode;
use juncai::domain::golden::TypedExpectation;
use juncai::service::policy::{self, NewText, Verdict};
use juncai::service::{Actor, Error, stipend};

use crate::browser_like::Visitor;
use crate::on_both;
use crate::town::{Town, actor};
use crate::world::World;

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n%%EOF\n";

on_both! {
    a_text_applies_to_new_runs_once_another_person_has_published_it => published;
    no_text_is_published_while_a_case_fails => failing;
    what_a_draft_and_its_cases_were_is_never_overwritten => kept;
    whatever_is_wrong_with_a_text_is_told_by_line_and_kept_as_typed => mistyped;
}

const ID: &str = "core-engineer";
const SHIPPED: &str = include_str!("../../policies/core-engineer.toml");
const AT: &str = "/policies/core-engineer";

/// The shipped text with one parameter changed.
pub fn text_with(old: &str, new: &str) -> String {
    assert!(SHIPPED.contains(old), "{old}");
    SHIPPED.replacen(old, new, 1)
}

/// Twelve months pay 240,000 yuan: every case with money changes.
pub fn more_money() -> String {
    text_with("amount = \"200000.00\"", "amount = \"240000.00\"")
}

/// A later end, which no case asks about but the one of 2029.
fn longer() -> String {
    text_with("through = 2028-12-31", "through = 2028-12-31 # 待延长")
}

fn with_text(text: String) -> NewText {
    NewText {
        text,
        document_title: "关于调整核心工程师奖补口径的通知（虚构）".to_owned(),
        document_no: "闽人社〔2027〕0号".to_owned(),
        reason: "按文件调整".to_owned(),
    }
}

fn told<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
    outcome.expect_err("a refusal").to_string()
}

/// The place, a second person of the province, and the shipped text with its cases.
async fn town(world: World) -> (Town, Actor) {
    let town = Town::new(world).await;
    let second = actor(&town.world, "hr2", "hr_province", "350000", None).await;
    stipend::ensure_shipped_policy(&town.world.app, &town.hr).await.unwrap();
    (town, second)
}

async fn published(world: World) {
    let (mut town, second) = town(world).await;
    town.full_year(1, 1).await;
    town.at("2027-01-15T09:20:00+08:00");
    let first = town.compute(2026).await;
    let app = town.world.app.clone();
    let mut hr = Visitor::signed_in(&app, "hr").await;
    hr.get("/policies/core-engineer/drafts/new").await;
    let text = longer();
    let fields = [
        ("title", "关于明确核心工程师奖补有效期的通知（虚构）"),
        ("document_no", "闽人社〔2027〕1号"),
        ("reason", "补一行说明"),
        ("text", text.as_str()),
    ];
    let seen = hr.post_file("/policies/core-engineer/drafts", &fields, ("file", "", b"")).await;
    let at = hr.at.clone();
    assert_eq!(at, format!("{AT}/drafts/ZC00001"), "{}", seen.text());
    assert!(
        seen.text().contains("个全部通过") && seen.text().contains("待发布"),
        "{}",
        seen.text()
    );
    // The document itself is put beside the text by whoever proposes it, and read by the other.
    let files = "/policies/drafts/ZC00001/attachments".to_owned();
    hr.post_file(&files, &[("note", "通知原文")], ("file", "notice.pdf", PDF)).await;
    let current = async || policy::policy_page(&app, &second, ID).await.unwrap().texts[0].clone();
    assert_eq!(current().await.number, 1, "one person alone publishes nothing");

    // When who proposed it publishes it under a second account, then it is refused all the same.
    let decision = format!("{at}/decision");
    let own = hr.post(&decision, &[("verdict", "publish")]).await;
    assert_eq!(own.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(own.text().contains("须由另一人发布"), "{}", own.text());
    let mut other = Visitor::signed_in(&app, "hr2").await;
    let home = other.get("/").await;
    assert!(home.text().contains("政策草稿待发布"), "{}", home.text());
    let page = other.get(&at).await;
    let file = page.links().into_iter().find(|to| to.starts_with(&files)).expect("the document");
    assert_eq!(other.peek(&file).await.bytes, PDF);
    let silent = other.post(&decision, &[("verdict", "refuse")]).await;
    assert!(silent.text().contains("请填写说明"), "{}", silent.text());
    let done = other.post(&decision, &[("verdict", "publish"), ("note", "与文件一致")]).await;
    assert!(done.text().contains("已发布"), "{}", done.text());
    let now = current().await;
    assert_eq!((now.number, now.draft_no.as_deref()), (2, Some("ZC00001")));
    assert!(now.document.contains("闽人社〔2027〕1号"));
    let again = policy::decide(&app, &second, (ID, "ZC00001"), (Verdict::Publish, "")).await;
    assert!(matches!(again, Err(Error::Stale(_))), "{again:?}");

    // Then the next run applies it, and what was computed before comes out again as it was.
    town.at("2027-02-15T09:20:00+08:00");
    let app = town.world.app.clone();
    assert!(stipend::replay(&app, &town.hr, "E000001", 2026, 1).await.unwrap());
    town.compute(2026).await;
    for version in [1, 2] {
        assert!(stipend::replay(&app, &town.hr, "E000001", 2026, version).await.unwrap());
    }
    let used = "SELECT DISTINCT CAST(policy_document_id AS TEXT) FROM compute_run ORDER BY 1";
    assert_eq!(town.texts(used).await.len(), 2, "each run keeps its own text");
    assert_eq!(first.eligible, 1);
    for action in ["policy.drafted", "policy.published"] {
        let told = format!("SELECT object_no FROM audit_event WHERE action = '{action}'");
        assert_eq!(town.texts(&told).await, ["ZC00001"]);
    }
    // And a new program does not undo what the province published.
    stipend::ensure_shipped_policy(&app, &town.hr).await.unwrap();
    let texts = policy::policy_page(&app, &second, ID).await.unwrap().texts;
    assert_eq!((texts.len(), texts[0].draft_no.is_some()), (2, true));
}

async fn failing(world: World) {
    let (town, second) = town(world).await;
    let app = town.world.app.clone();
    let text = text_with("min_months = 6", "min_months = 5");
    let no = policy::propose(&app, &town.hr, ID, &with_text(text)).await.unwrap();
    let of = (ID, no.as_str());
    let page = policy::draft_page(&app, &second, of).await.unwrap();
    let wrong: Vec<_> = page.cases.iter().filter(|case| !case.differences.is_empty()).collect();
    assert_eq!(wrong.len(), 1, "five months");
    let (case, name) = (wrong[0].no, wrong[0].name.clone());
    let publish = async |who: &Actor| policy::decide(&app, who, of, (Verdict::Publish, "")).await;
    let refused = told(publish(&second).await);
    assert!(refused.contains(&name) && refused.contains("83,333.33"), "{refused}");
    assert_eq!(policy::policy_page(&app, &second, ID).await.unwrap().texts.len(), 1);

    // When the expectation is changed without a reason, or to what it was, then it is not.
    let mut hr = Visitor::signed_in(&app, "hr").await;
    let at = format!("{AT}/drafts/{no}/cases/{case}");
    hr.get(&at).await;
    let silent = hr.post(&at, &[("amount", "83333.33"), ("months", "5"), ("reason", "")]).await;
    assert!(silent.text().contains("请填写修改预期的理由"), "{}", silent.text());
    let why = "文件第二条：最低五个月";
    let done = hr.post(&at, &[("amount", "83,333.33"), ("months", "5"), ("reason", why)]).await;
    assert!(done.text().contains("第 2 版") && done.text().contains("第 1 版"), "{}", done.text());
    assert!(done.text().contains(why), "{}", done.text());

    // And when a case is added that fails, then that one is named.
    hr.get(&format!("{AT}/drafts/{no}/cases/new")).await;
    let mut fields = vec![
        ("name", "三月中旬入册的平潭工程师"),
        ("year", "2026"),
        ("division", "350128"),
        ("listed_from", "2025-11-04"),
        ("employed_from", "2026-03-15"),
        ("rostered_from", "2026-03-15"),
        ("evidence", "1-12"),
        ("amount", "150000"),
        ("months", ""),
    ];
    let to = format!("{AT}/drafts/{no}/cases");
    hr.post(&to, &fields).await;
    let refused = told(publish(&second).await);
    assert!(refused.contains("三月中旬入册") && refused.contains("166,666.67"), "{refused}");
    let added = policy::draft_page(&app, &second, of).await.unwrap().cases.pop().unwrap();
    let right = TypedExpectation { amount: "166666.67", months: "10", ..Default::default() };
    policy::change_case(&app, &second, of, added.no, (&right, "算错了月份")).await.unwrap();

    // Then whoever changed an expectation does not publish by it; a third person does.
    let refused = told(publish(&second).await);
    assert!(refused.contains("改动过本稿算例"), "{refused}");
    let third = actor(&town.world, "approver", "hr_province_approver", "350000", None).await;
    publish(&third).await.unwrap();
    let cases = policy::cases_in_force(&app, &third, ID).await.unwrap();
    assert!(cases.iter().all(|case| case.differences.is_empty()));
    // And the next draft carries them over as they are now.
    let next = text_with("min_months = 6", "min_months = 5 # 同前");
    let next = policy::propose(&app, &town.hr, ID, &with_text(next)).await.unwrap();
    let carried = policy::draft_page(&app, &third, (ID, &next)).await.unwrap().cases;
    assert_eq!(carried.len(), cases.len());
    let five = carried.iter().find(|line| line.no == case).unwrap();
    assert!(five.differences.is_empty() && !five.is_of_draft && five.version == 2);
    fields[0].1 = "办结以后";
    hr.get(&format!("{AT}/drafts/{no}/cases/new")).await;
    let late = hr.post(&to, &fields).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(late.text().contains("已办结"), "{}", late.text());
}

async fn kept(world: World) {
    let (town, second) = town(world).await;
    let app = town.world.app.clone();
    let first = policy::propose(&app, &town.hr, ID, &with_text(longer())).await.unwrap();
    let twice = policy::propose(&app, &second, ID, &with_text(longer())).await;
    assert!(told(twice).contains(&first));
    let other = text_with("rounding = \"fen\"", "rounding = \"fen\" # 到分");
    let other = policy::propose(&app, &second, ID, &with_text(other)).await.unwrap();
    let refuse = (Verdict::Refuse, "文号不对");
    let own = policy::decide(&app, &town.hr, (ID, &first), refuse).await;
    assert!(told(own).contains("请选择撤回"));
    let foreign = policy::decide(&app, &second, (ID, &first), (Verdict::Withdraw, "撤")).await;
    assert!(told(foreign).contains("只能由提出人撤回"));
    policy::decide(&app, &second, (ID, &first), (Verdict::Publish, "")).await.unwrap();
    // When another text was published since, then what started from the one before is not.
    let stale = policy::decide(&app, &town.hr, (ID, &other), (Verdict::Publish, "")).await;
    assert!(matches!(stale, Err(Error::Stale(_))), "{stale:?}");
    policy::decide(&app, &town.hr, (ID, &other), refuse).await.unwrap();
    let same = policy::propose(&app, &second, ID, &with_text(SHIPPED.to_owned())).await;
    assert!(matches!(same, Err(Error::Invalid(_))), "{same:?}");
    for statement in [
        "UPDATE policy_draft SET content = 'x'",
        "UPDATE policy_draft SET note = 'x'",
        "DELETE FROM policy_draft",
        "UPDATE policy_case SET content = 'x'",
        "DELETE FROM policy_case",
        "UPDATE policy_document SET content = 'x'",
    ] {
        let refused = town.try_sql(statement).await.unwrap_err();
        assert!(refused.contains("append_only"), "{refused}");
    }
    let late = "INSERT INTO policy_case (programme, case_no, version, draft_id, content, reason, \
                recorded_by, recorded_holder, recorded_at) \
                SELECT programme, 999, 1, 1, 'x', '', recorded_by, recorded_holder, recorded_at \
                FROM policy_case WHERE case_no = 1 AND version = 1";
    assert!(town.try_sql(late).await.unwrap_err().contains("policy_case_draft_is_open"));
    let third = text_with("min_days = 0", "min_days = 1");
    policy::propose(&app, &second, ID, &with_text(third)).await.unwrap();
    let alone = "UPDATE policy_draft SET decided_by = proposed_by, decided_holder = proposed_holder, \
                 decided_at = proposed_at, verdict = 'published', note = '', policy_document_id = 1 \
                 WHERE decided_at IS NULL";
    assert!(town.try_sql(alone).await.unwrap_err().contains("policy_two_people"));
}

async fn mistyped(world: World) {
    let (town, second) = town(world).await;
    let app = town.world.app.clone();
    let mut hr = Visitor::signed_in(&app, "hr").await;
    hr.get("/policies/core-engineer/drafts/new").await;
    let text = text_with("proration = \"monthly\"", "proration = \"weekly\"");
    let fields = [("title", ""), ("document_no", ""), ("reason", ""), ("text", text.as_str())];
    let wrong = hr.post_file("/policies/core-engineer/drafts", &fields, ("file", "", b"")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    for said in [
        "依据文件的标题",
        "依据文件的文号",
        "修改理由",
        "第 18 行 version.proration",
        "none、monthly、daily",
    ] {
        assert!(wrong.text().contains(said), "{said}: {}", wrong.text());
    }
    assert!(wrong.texts("textarea").concat().contains("weekly"), "kept as typed");
    let foreign = with_text(text_with("id = \"core-engineer\"", "id = \"other\""));
    let foreign = policy::propose(&app, &second, ID, &foreign).await;
    assert!(matches!(foreign, Err(Error::Invalid(_))), "{foreign:?}");

    // And enterprises and cities read what is in force, not what is proposed.
    let no = policy::propose(&app, &second, ID, &with_text(more_money())).await.unwrap();
    let at = format!("{AT}/drafts/{no}");
    let page = hr.get(&at).await;
    assert!(page.text().contains("240,000.00 元") && page.text().contains("200,000.00 元"));
    assert!(page.text().contains("第九条"), "with its basis: {}", page.text());
    let city = actor(&town.world, "fz", "hr_city", "350100", None).await;
    let clerk = actor(&town.world, "e1", "enterprise_clerk", "350102", Some(1)).await;
    for who in [&city, &clerk] {
        let drafts = policy::drafts(&app, who, ID).await;
        assert!(matches!(drafts, Err(Error::Forbidden(_))), "{drafts:?}");
        assert!(policy::cases_in_force(&app, who, ID).await.unwrap().len() >= 20);
        let mut visitor = Visitor::signed_in(&app, &who.login).await;
        assert_eq!(visitor.get(AT).await.status, StatusCode::OK);
        assert_eq!(visitor.get(&format!("{AT}/cases")).await.status, StatusCode::OK);
        assert_eq!(visitor.get(&at).await.status, StatusCode::FORBIDDEN);
    }
    let auditor = actor(&town.world, "audit", "auditor", "350000", None).await;
    let mut reader = Visitor::signed_in(&app, &auditor.login).await;
    assert_eq!(reader.get(&at).await.status, StatusCode::OK);
    let published = policy::decide(&app, &auditor, (ID, &no), (Verdict::Publish, "")).await;
    assert!(matches!(published, Err(Error::Forbidden(_))), "{published:?}");
}
