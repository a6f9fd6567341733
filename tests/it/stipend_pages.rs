//! What was computed, as people read it: explained, replayed, listed within a scope, on pages.

use juncai::app::App;
use juncai::domain::adjustment::LedgerState;
use juncai::domain::authority::Role;
use juncai::domain::registry::BankAccount;
use juncai::service::stipend::{self, Form, Ledger, LedgerQuery, LedgerStart};
use juncai::service::{Actor, Error};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, EntityTrait};

use crate::browser_like::Visitor;
use crate::on_both;
use crate::town::{FUZHOU, PINGTAN, Town, XIAMEN, actor, person_no};
use crate::world::{World, at};

on_both! {
    a_sum_is_explained_so_that_a_person_can_redo_it => explained;
    every_version_comes_out_again_unless_history_was_rewritten => replayed;
    nobody_sees_results_outside_their_scope => scoped;
    the_ledger_filters_and_sums_over_everything => filtered;
    the_batch_and_the_answer_of_the_bank_stand_beside_the_sum => paid;
    a_year_is_computed_through_the_pages => pages;
}

async fn explained(world: World) {
    let mut town = Town::new(world).await;
    // Case 6 of the design: enterprise 1 to 10 May, enterprise 3 from 25 May.
    town.person(1).await;
    town.engineer(1, 1, "2025-12-01", Some("2026-05-10")).await;
    town.engineer(1, 3, "2026-05-25", None).await;
    town.insured(1, 2026, 1..=12).await;
    town.award(1, "city", 5_000_000).await;
    town.at("2027-01-15T09:20:00+08:00");
    town.compute(2026).await;
    let app = &town.world.app;
    let page = stipend::explanation(app, &town.hr, "E000001", 2026, None).await.unwrap();
    assert_eq!((page.name.as_str(), page.state), ("工程师1", LedgerState::Pending));
    assert_eq!(page.sentence, "2026 年度合格 351 天，计入 12 个月，应计 200,000.00 元。");
    let shares: Vec<_> = page
        .shares
        .iter()
        .map(|s| (s.enterprise.as_str(), s.source.as_str(), s.months, s.amount.get()))
        .collect();
    let expected = [("企业1", "省级财政", 5, 8_333_333), ("企业3", "省级财政", 7, 11_666_667)];
    assert_eq!(shares, expected);
    let may = &page.months[4];
    assert_eq!((may.days, may.counted, may.enterprise.as_str()), (17, true, "企业1"));
    let rules: Vec<&str> = page.steps.iter().map(|step| step.rule.as_str()).collect();
    assert_eq!(rules[0], "适用版本");
    let gross = page.steps.iter().find(|step| step.rule == "应计金额").unwrap();
    assert!(gross.lines[0].contains("200,000.00 元 × 12 ÷ 12 = 200,000.00 元"), "{gross:?}");
    assert!(gross.basis.contains("第九条") && gross.basis.contains("默认参数"));
    let split = page.steps.iter().find(|step| step.rule == "按企业分摊").unwrap();
    assert!(split.lines[0].starts_with("企业1：200,000.00 元 × 5 个月 ÷ 12 = 83,333.33 元"));
    let fact = |subject: &str| page.inputs.iter().find(|i| i.subject == subject).unwrap();
    assert_eq!(fact("任职").content, "企业1（全职）");
    assert_eq!(fact("任职").period, "2025-12-01 至 2026-05-10");
    assert_eq!(fact("任职").source, "登记决定 闽测〔2026〕1号");
    assert!(fact("社保").content.starts_with("12 个月：1、2"));
    assert!(fact("其他奖补").content.contains("50,000.00 元"));
    assert_eq!(fact("企业所在地").content, "企业1，福州市鼓楼区");
    assert_eq!(page.deeds[0].who, "hr · 省级人社审核");
    assert_eq!(page.deeds[0].what, "2026 年度核定（HD2026-001）");
    assert!(page.is_reproduced && page.uses_defaults);
    let unknown = stipend::explanation(app, &town.hr, "E000001", 2025, None).await;
    assert!(matches!(unknown, Err(Error::NotFound(_))));
}

async fn replayed(world: World) {
    let mut town = Town::new(world).await;
    town.full_year(1, 1).await;
    town.at("2027-01-15T09:20:00+08:00");
    town.compute(2026).await;
    town.at("2027-02-15T09:20:00+08:00");
    town.left(1, "2026-10-31").await;
    town.compute(2026).await;
    town.at("2027-03-15T09:20:00+08:00");
    town.left(1, "2026-11-30").await;
    let again = async |town: &Town, version| {
        stipend::replay(&town.world.app, &town.hr, "E000001", 2026, version).await.unwrap()
    };
    assert!(again(&town, 1).await && again(&town, 2).await);
    let app = &town.world.app;
    let first = stipend::explanation(app, &town.hr, "E000001", 2026, Some(1)).await.unwrap();
    assert_eq!(first.net.get(), 20_000_000);
    let versions: Vec<_> = first
        .versions
        .iter()
        .map(|v| (v.version_no, v.change.get(), v.is_standing, v.is_shown, v.reason.as_str()))
        .collect();
    let expected = [
        (2, -3_333_333, true, false, "计入月数由 12 个月变为 10 个月"),
        (1, 0, false, true, "首次核定"),
    ];
    assert_eq!(versions, expected);
    let missing = stipend::replay(app, &town.hr, "E000001", 2026, 3).await;
    assert!(matches!(missing, Err(Error::NotFound(_))));

    // A fact with a forged time of recording: the registry did not know it then.
    town.at("2027-02-01T09:20:00+08:00");
    town.suspend(1, "2026-03-01", Some("2026-03-31")).await;
    assert!(again(&town, 1).await, "the first version rests on earlier facts");
    assert!(!again(&town, 2).await);
}

/// One engineer each in Fuzhou, Xiamen and Pingtan, and one in Fuzhou to whom nothing is due.
async fn four(world: World) -> Town {
    let mut town = Town::new(world).await;
    for person in 1..=3 {
        town.full_year(person, person).await;
    }
    town.person(4).await;
    town.engineer(4, 1, "2025-12-01", None).await;
    town.at("2027-01-15T09:20:00+08:00");
    town.compute(2026).await;
    town
}

/// The first page.
async fn ledger(app: &App, who: &Actor, query: &LedgerQuery) -> Result<Ledger, Error> {
    stipend::entitlements(app, who, query, LedgerStart::Offset(0), false).await
}

async fn numbers(town: &Town, who: &juncai::service::Actor, query: &LedgerQuery) -> Vec<String> {
    let page = ledger(&town.world.app, who, query).await.unwrap();
    assert_eq!(page.sums.unwrap().rows, page.rows.len() as i64);
    page.rows.into_iter().map(|(_, row)| row.person_no).collect()
}

async fn scoped(world: World) {
    let town = four(world).await;
    let everyone = LedgerQuery::default();
    let of = |ids: &[i64]| ids.iter().map(|id| person_no(*id)).collect::<Vec<_>>();
    for (login, role, division, enterprise, seen) in [
        ("p", "auditor", "350000", None, of(&[1, 2, 3, 4])),
        ("fz", "hr_city", "350100", None, of(&[1, 4])),
        ("xm", "finance_maker", "350200", None, of(&[2])),
        ("pt", "hr_city", "350128", None, of(&[3])),
        ("gl", "hr_county", "350102", None, of(&[1, 4])),
        ("e2", "enterprise_clerk", "350203", Some(2), of(&[2])),
    ] {
        let who = actor(&town.world, login, role, division, enterprise).await;
        assert_eq!(numbers(&town, &who, &everyone).await, seen, "{login}");
        for id in 1..=4 {
            let no = person_no(id);
            let page = stipend::explanation(&town.world.app, &who, &no, 2026, None).await;
            let replay = stipend::replay(&town.world.app, &who, &no, 2026, 1).await;
            if seen.contains(&no) {
                assert!(page.is_ok() && replay.is_ok(), "{login} {no}");
            } else {
                assert!(matches!(page, Err(Error::NotFound(_))), "{login} {no}");
                assert!(matches!(replay, Err(Error::NotFound(_))), "{login} {no}");
            }
        }
        let foreign = LedgerQuery { enterprise: Some(PINGTAN.to_owned()), ..Default::default() };
        let pingtan = numbers(&town, &who, &foreign).await;
        assert_eq!(pingtan.is_empty(), !seen.contains(&person_no(3)), "{login}");
    }
    let administrator = actor(&town.world, "adm", "administrator", "350000", None).await;
    let refused = ledger(&town.world.app, &administrator, &everyone).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))));
}

async fn filtered(world: World) {
    let mut town = four(world).await;
    town.release().await;
    town.sql("UPDATE payment_line SET state = 'in_batch' WHERE person_id < 3").await;
    town.sql("UPDATE payment_line SET state = 'paid' WHERE person_id = 1").await;
    let app = &town.world.app;
    let all = ledger(app, &town.hr, &LedgerQuery::default()).await.unwrap();
    let states: Vec<LedgerState> = all.rows.iter().map(|(_, row)| row.state).collect();
    use LedgerState::{InBatch, Ineligible, Paid, Payable, Recovery, Zero};
    assert_eq!(states, [Paid, InBatch, Payable, Ineligible]);
    let sums = all.sums.unwrap();
    let fen = [sums.gross, sums.offset, sums.net, sums.paid, sums.open].map(|fen| fen.get());
    assert_eq!(fen, [60_000_000, 0, 60_000_000, 20_000_000, 40_000_000]);
    let named = |list: &[stipend::NamedSum]| {
        list.iter().map(|s| (s.name.clone(), s.persons, s.amount.get())).collect::<Vec<_>>()
    };
    let each = |name: &str, persons, fen| (name.to_owned(), persons, fen);
    let cities = [
        each("福州市", 1, 20_000_000),
        each("平潭综合实验区", 1, 20_000_000),
        each("厦门市", 1, 20_000_000),
    ];
    let (by_city, by_source) =
        stipend::entitlement_sums(app, &town.hr, &LedgerQuery::default()).await.unwrap();
    assert_eq!(named(&by_city), cities);
    let sources = [each("市级财政（厦门市）", 1, 20_000_000), each("省级财政", 2, 40_000_000)];
    assert_eq!(named(&by_source), sources);

    let query = |year: &str, state: &str, city: &str, enterprise: &str, reason: &str| {
        LedgerQuery::from_texts(year, state, city, enterprise, reason)
    };
    for (asked, found) in [
        (query("2026", "", "", "", ""), vec![1, 2, 3, 4]),
        (query("2025", "", "", "", ""), vec![]),
        (query("", "paid", "", "", ""), vec![1]),
        (query("", "in_batch", "", "", ""), vec![2]),
        (query("", "payable", "", "", ""), vec![3]),
        (query("", "ineligible", "", "", ""), vec![4]),
        (query("", "", "350100", "", ""), vec![1, 4]),
        (query("", "", "", XIAMEN, ""), vec![2]),
        (query("", "", "", FUZHOU, "no_evidence"), vec![4]),
        (query("", "", "", "nobody", ""), vec![]),
        (query("", "", "", "", "excluded"), vec![]),
    ] {
        let expected: Vec<String> = found.into_iter().map(person_no).collect();
        assert_eq!(numbers(&town, &town.hr, &asked).await, expected, "{asked:?}");
    }
    let asked = query("", "paid", "", "", "");
    let csv = stipend::export_entitlements(app, &town.hr, &asked, Form::Csv);
    let csv = String::from_utf8(csv.await.unwrap().expect("few rows")).unwrap();
    assert!(
        csv.contains("工程师1,E000001,2026,企业1,12,200000.00,0.00,200000.00,200000.00,0.00,已付")
    );

    // The states after a correction: the word on the page and the filter agree on each row.
    town.at("2027-02-15T09:20:00+08:00");
    town.left(1, "2026-10-31").await;
    town.award(3, "provincial-talent", 90_000_000).await;
    town.compute(2026).await;
    let all = ledger(&town.world.app, &town.hr, &LedgerQuery::default()).await;
    let rows = all.unwrap().rows;
    let states: Vec<LedgerState> = rows.iter().map(|(_, row)| row.state).collect();
    assert_eq!(states, [Recovery, InBatch, Zero, Ineligible]);
    for (_, row) in rows {
        let asked = LedgerQuery { state: Some(row.state), ..Default::default() };
        assert_eq!(numbers(&town, &town.hr, &asked).await, [row.person_no]);
    }
}

/// The one payment line, frozen in a batch and sent back by the bank.
async fn failed_in_a_batch(town: &Town) {
    let conn = town.world.app.db.read();
    let line = entity::payment_line::Entity::find().one(conn).await.unwrap().unwrap();
    let bank_account = entity::bank_account::Entity::find().one(conn).await.unwrap().unwrap();
    let text = |text: &str| Set(text.to_owned());
    let batch = entity::batch::ActiveModel {
        batch_no: text("B2027-001"),
        programme: text("core-engineer"),
        award_year: Set(2026),
        budget_year: Set(2027),
        source: text("province"),
        payer_division: text("350000"),
        payer_account: text(""),
        purpose: text(""),
        max_lines: Set(10),
        state: text("frozen"),
        revision: Set(1),
        line_count: Set(1),
        total_fen: Set(line.amount_fen),
        content_hash: text(""),
        made_by: Set(town.hr.holder_id),
        file_sha256: text(""),
        voucher_no: text(""),
        created_at: Set(at("2027-05-18T10:06:00+08:00")),
        version: Set(1),
        ..Default::default()
    };
    let batch = batch.insert(conn).await.unwrap();
    let step = entity::batch_step::ActiveModel {
        batch_id: Set(batch.id),
        revision: Set(1),
        action: text("freeze"),
        from_state: text("draft"),
        to_state: text("frozen"),
        account_id: Set(town.hr.account_id),
        holder_id: Set(town.hr.holder_id),
        at: Set(at("2027-05-18T10:06:00+08:00")),
        reason: text(""),
        content_hash: text(""),
        ..Default::default()
    };
    step.insert(conn).await.unwrap();
    let batch_line = entity::batch_line::ActiveModel {
        line_ref: text("R1"),
        batch_id: Set(batch.id),
        revision: Set(1),
        seq: Set(1),
        payment_line_id: Set(line.id),
        payee_name: text("工程师1"),
        bank_account_id: Set(bank_account.id),
        last_four: text("6217"),
        amount_fen: Set(line.amount_fen),
        live: Set(false),
        outcome: text("failed"),
        reason_code: text("NAME"),
        reason_text: text("户名不符"),
        bank_serial: text(""),
        paid_at: Set(None),
        ..Default::default()
    };
    batch_line.insert(conn).await.unwrap();
}

async fn paid(world: World) {
    let mut town = Town::new(world).await;
    town.full_year(1, 1).await;
    let account = BankAccount {
        account_name: "工程师1".to_owned(),
        account_index: "index".to_owned(),
        account_cipher: vec![1],
        last_four: "6217".to_owned(),
        bank_name: "某银行".to_owned(),
        cnaps: "000000000000".to_owned(),
    };
    town.state(1, "2026-01-01", None, account).await;
    town.at("2027-01-15T09:20:00+08:00");
    town.compute(2026).await;
    failed_in_a_batch(&town).await;
    let page = stipend::explanation(&town.world.app, &town.hr, "E000001", 2026, None).await;
    let page = page.unwrap();
    let payment = &page.payments[0];
    assert_eq!((payment.batch_no.as_str(), payment.amount.get()), ("B2027-001", 20_000_000));
    assert_eq!((payment.state, payment.bank_reply.as_str()), ("退票", "户名不符"));
    assert_eq!(payment.last_four, "6217");
    let deeds: Vec<&str> = page.deeds.iter().map(|deed| deed.what.as_str()).collect();
    assert_eq!(deeds, ["2026 年度核定（HD2026-001）", "批次 B2027-001 编制并冻结"]);
}

/// When the second loses half, then the next run names him among those with less; and the one after
/// it gives it back.
async fn less_and_more(town: &Town, officer: &mut Visitor) {
    town.award(2, "provincial-talent", 10_000_000).await;
    town.compute(2026).await;
    let (gain, loss) = ("/runs/HD2026-002?which=gain", "/runs/HD2026-002?which=loss");
    let less = officer.get(loss).await;
    assert!(less.text().contains("E000002") && less.text().contains("-100,000.00"));
    assert!(officer.get(gain).await.text().contains("没有这样的变化"));
    let file = officer.get("/runs/HD2026-002/changes.xlsx?which=loss").await;
    assert_eq!((file.status.as_u16(), &file.bytes[..2]), (200, &b"PK"[..]));
    town.sql(
        "UPDATE other_award SET superseded_at = recorded_at, superseded_source_id = source_id",
    )
    .await;
    town.compute(2026).await;
}

async fn pages(world: World) {
    let mut town = Town::new(world).await;
    town.full_year(1, 1).await;
    town.full_year(2, 2).await;
    town.at("2027-01-15T09:20:00+08:00");
    let app = &town.world.app;
    let mut officer = Visitor::signed_in(app, "hr").await;
    let seen = officer.get("/runs").await;
    assert!(seen.text().contains("还没有核定过"));
    let wrong = officer.post("/runs", &[("year", "2024")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text().contains("政策适用于 2025 至 2028 年度"), "{}", wrong.text());
    let typed = officer.post("/runs", &[("year", "二〇二六")]).await;
    assert!(typed.text().contains("请填写四位数的年度"));
    officer.post("/runs", &[("year", "2026")]).await;
    assert_eq!(officer.at, "/runs/HD2026-001");
    let mut asked = 0;
    let ended = loop {
        let answer = officer.peek("/runs/HD2026-001/progress").await;
        let now: serde_json::Value = serde_json::from_slice(&answer.bytes).unwrap();
        if now["state"] == "completed" {
            break now;
        }
        asked += 1;
        assert!(asked < 10_000, "{now}");
        tokio::task::yield_now().await;
    };
    assert_eq!((&ended["done"], &ended["eligible"]), (&2.into(), &2.into()));
    let run = officer.get("/runs/HD2026-001").await.text();
    for said in ["400,000.00", "按 RS-1 默认参数试算", "福州市", "市级财政（厦门市）"]
    {
        assert!(run.contains(said), "{said}: {run}");
    }
    less_and_more(&town, &mut officer).await;
    let ledger = officer.get("/entitlements?year=2026&city=350200").await.text();
    assert!(ledger.contains("工程师2") && !ledger.contains("工程师1"));
    let summed = officer.get("/entitlements?summary=1").await;
    assert_eq!(summed.texts("main h2"), ["按设区市", "按资金来源"], "of the year of the page");
    assert!(summed.text().contains("福州市") && summed.text().contains("400,000.00"));
    let csv = officer.peek("/entitlements.csv?year=2026").await;
    assert!(csv.status == 200 && csv.body().contains("E000001"));
    assert_eq!(officer.peek("/entitlements.xlsx").await.status, 200);
    let why = officer.get("/engineers/E000001/years/2026").await.text();
    for said in ["为什么是 200,000.00 元", "默认假设，待主管部门确定", "结果与存档逐步一致"]
    {
        assert!(why.contains(said), "{said}: {why}");
    }
    let policies = officer.get("/policies").await;
    assert!(policies.links().contains(&"/policies/core-engineer".to_owned()));
    let policy = officer.get("/policies/core-engineer").await.text();
    for said in ["奖补标准（每人每年）", "200,000.00 元", "第九条", "默认假设，待主管部门确定"]
    {
        assert!(policy.contains(said), "{said}: {policy}");
    }
    assert_eq!(officer.get("/policies/none").await.status, 404);
    assert_eq!(officer.get("/runs/HD2026-009").await.status, 404);
    let mut other = Visitor::with_role(app, "xm", Role::HrCity, "350200").await;
    assert_eq!(other.get("/engineers/E000001/years/2026").await.status, 404);
    assert_eq!(other.get("/engineers/E000002/years/2026").await.status, 200);
    assert_eq!(other.get("/runs").await.status, 403);
}
