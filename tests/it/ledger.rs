//! The books: what every act moves, year ends, and what the database refuses.

use juncai::domain::ledger::{Account, BudgetAct, Event};
use juncai::domain::money::Fen;
use juncai::domain::registry::Code;
use juncai::service::budget::{self, BudgetFilter, BudgetKey, MonthLine, YearEndForm};
use juncai::service::{Error, ledger};
use juncai::store::ledger::{NewEntry, post};
use sea_orm::ConnectionTrait;

use crate::browser_like::Visitor;
use crate::fixture_payment::{Office, PROVINCE, RETURN_HEADER, failed, paid, sent_back};
use crate::on_both;
use crate::world::World;

on_both! {
    every_act_on_a_batch_moves_its_money_in_the_books => batch;
    a_month_begins_where_the_one_before_ended => months;
    a_year_that_is_over_gives_its_rest_on_or_back => year_end;
    the_database_lets_no_account_give_more_than_it_has => overdrawn;
    books_that_somebody_else_wrote_in_stop_every_act => tampered;
}

/// What the accounts hold that are not empty, in yuan, by their words.
async fn held(office: &Office, year: i64) -> Vec<(&'static str, String)> {
    let filter = BudgetFilter { budget_year: Some(year), ..BudgetFilter::default() };
    let balances = budget::balances(&office.world.app, &office.maker, filter).await.unwrap();
    let full = balances.into_iter().filter(|(_, amount)| *amount != Fen::ZERO);
    full.map(|(account, amount)| (account.label(), amount.to_string())).collect()
}

fn yuan<const N: usize>(list: [(&'static str, &str); N]) -> Vec<(&'static str, String)> {
    list.into_iter().map(|(name, amount)| (name, amount.to_owned())).collect()
}

async fn months(world: World) {
    let mut office = Office::new(world).await;
    office.payees(1, &[20_000_000, 15_000_000, 15_000_000]).await;
    office.allot(60_000_000).await;
    let no = office.sent_batch().await;
    office.world.set_time("2027-04-02T09:00:00+08:00");
    let line = |seq: i64| format!("{no}-1-{seq:05}");
    let rows = [
        paid(&line(1), "200000.00", "S1"),
        paid(&line(2), "150000.00", "S2"),
        failed(&line(3), "户名不符"),
    ];
    office.answer(&no, &format!("{RETURN_HEADER}{}", rows.concat())).await;
    let of = async |office: &Office, month: &str| {
        let report = budget::month_report(&office.world.app, &office.maker, month).await.unwrap();
        let yuan = |line: &MonthLine| {
            let parts = [line.allotted, line.frozen, line.failed, line.set_off, line.carried];
            let moved = Fen::checked_sum(parts).unwrap();
            assert_eq!(line.opening.checked_add(moved), Some(line.closing), "it adds up");
            [line.opening, line.allotted, line.frozen, line.failed, line.closing, line.paid]
                .map(|fen| fen.to_string())
        };
        report.lines.iter().map(yuan).collect::<Vec<_>>()
    };
    let march = ["0.00", "600000.00", "-500000.00", "0.00", "100000.00", "0.00"];
    let april = ["100000.00", "0.00", "0.00", "150000.00", "250000.00", "350000.00"];
    assert_eq!(of(&office, "2027-03").await, [march]);
    assert_eq!(of(&office, "2027-04").await, [april]);
    assert_eq!(of(&office, "").await, [april], "this month");
    assert_eq!(of(&office, "2027-02").await, Vec::<[String; 6]>::new());
    let mut maker = Visitor::signed_in(&office.world.app, "maker").await;
    let page = maker.get("/budget/monthly?month=2027-04").await;
    assert!(page.text().contains("250,000.00"), "{}", page.text());
}

async fn batch(world: World) {
    let mut office = Office::new(world).await;
    office.payees(1, &[20_000_000, 15_000_000, 15_000_000]).await;
    office.allot(60_000_000).await;
    assert_eq!(held(&office, 2027).await, yuan([("下达", "-600000.00"), ("余额", "600000.00")]));

    let no = office.draft().await;
    office.freeze(&no).await.unwrap();
    let frozen = yuan([("下达", "-600000.00"), ("余额", "100000.00"), ("占用", "500000.00")]);
    assert_eq!(held(&office, 2027).await, frozen);
    office.check(&no).await.unwrap();
    assert_eq!(held(&office, 2027).await, frozen, "a check moves nothing");
    office.approve(&no).await.unwrap();
    office.issue(&no).await.unwrap();
    office.send(&no).await.unwrap();
    let sent = yuan([("下达", "-600000.00"), ("余额", "100000.00"), ("在途", "500000.00")]);
    assert_eq!(held(&office, 2027).await, sent);

    // Case 32 of domain.md 8.2, and a row about a line that nobody knows.
    let line = |seq: i64| format!("{no}-1-{seq:05}");
    let rows = [
        paid(&line(1), "200000.00", "S1"),
        paid(&line(2), "150000.00", "S2"),
        failed(&line(3), "户名不符"),
        paid("B2026-9999-1-00001", "70.00", "S9"),
    ];
    office.answer(&no, &format!("{RETURN_HEADER}{}", rows.concat())).await;
    let answered = yuan([
        ("下达", "-600000.00"),
        ("余额", "250000.00"),
        ("已付", "350000.00"),
        ("待查来源", "-70.00"),
        ("待查", "70.00"),
    ]);
    assert_eq!(held(&office, 2027).await, answered);

    // Money that comes back after the year is the treasury's; the line is payable again.
    office.world.set_time("2028-01-10T09:00:00+08:00");
    let back = sent_back(&line(2), "150000.00", "S2");
    office.answer(&no, &format!("{RETURN_HEADER}{back}")).await;
    let figures = held(&office, 2027).await;
    assert!(figures.contains(&("缴回国库", "150000.00".to_owned())), "{figures:?}");
    assert!(figures.contains(&("已付", "200000.00".to_owned())), "{figures:?}");
    assert!(figures.contains(&("余额", "250000.00".to_owned())), "{figures:?}");
    assert_eq!(office.states().await, ["paid", "payable", "payable"]);

    let all = BudgetFilter::default();
    let (entries, total) = budget::entries(&office.world.app, &office.maker, all, 0).await.unwrap();
    assert_eq!(total, 7);
    let paid = entries.iter().find(|entry| entry.event == Event::Settled).unwrap();
    let years = (paid.award_year, paid.budget_year, paid.paid_on.map(|day| day.to_string()));
    assert_eq!(years, (Some(2026), 2027, Some("2027-03-02".to_owned())), "three years");
    assert_eq!(ledger::disagreements(&office.world.app).await.unwrap(), []);
}

fn rest<'a>(how: BudgetAct, amount: &'a str) -> YearEndForm<'a> {
    YearEndForm {
        programme: "core-engineer",
        source: "province",
        budget_year: "2027",
        how: Some(how),
        amount,
        document_no: "闽财指〔2028〕3号",
    }
}

async fn year_end(world: World) {
    let mut office = Office::new(world).await;
    office.allot(60_000_000).await;
    let close = async |office: &Office, how, amount| {
        let app = &office.world.app;
        let no = budget::propose_year_end(app, &office.maker, &rest(how, amount)).await?;
        budget::decide_request(app, &office.approver, &no, (true, "")).await
    };
    let early = close(&office, BudgetAct::CarryOver, "1").await;
    let told = |result: Result<(), Error>| match result {
        Err(Error::Invalid(faults)) => faults[0].1.clone(),
        other => panic!("{other:?}"),
    };
    assert!(told(early).contains("已经结束的预算年度"));

    office.world.set_time("2028-01-10T09:00:00+08:00");
    let much = close(&office, BudgetAct::CarryOver, "600,000.01").await;
    assert_eq!(told(much), "2027 年度可处理的余额为 600,000.00 元");
    close(&office, BudgetAct::CarryOver, "400,000.00").await.unwrap();
    close(&office, BudgetAct::Lapse, "150000").await.unwrap();
    let over = yuan([("下达", "-450000.00"), ("结转", "400000.00"), ("余额", "50000.00")]);
    assert_eq!(held(&office, 2027).await, over);
    assert_eq!(held(&office, 2028).await, yuan([("结转", "-400000.00"), ("余额", "400000.00")]));

    // What was carried over can be spent.
    office.payees(1, &[20_000_000]).await;
    let next = juncai::service::payment::Criteria {
        budget_year: 2028,
        ..crate::fixture_payment::criteria()
    };
    let app = &office.world.app;
    let no = juncai::service::payment::create(app, &office.maker, next).await.unwrap();
    office.freeze(&no).await.unwrap();
    assert!(held(&office, 2028).await.contains(&("占用", "200000.00".to_owned())));
}

async fn overdrawn(world: World) {
    let office = Office::new(world).await;
    office.allot(100).await;
    let app = &office.world.app;
    let key = BudgetKey {
        programme: "core-engineer".to_owned(),
        source: "province".to_owned(),
        payer_division: PROVINCE.to_owned(),
        budget_year: 2027,
    };
    let entry = |from, to, fen| NewEntry {
        key: &key,
        event: Event::Frozen,
        path: (from, to),
        amount: Fen::new(fen),
        award_year: Some(2026),
        paid_on: None,
        about: ("batch", "B"),
        recorded_by: office.maker.account_id,
        recorded_at: app.clock.now(),
    };
    use Account::{Budget, Committed, InTransit};
    for (entries, stands) in [
        (vec![entry(Budget, Committed, 101)], false),
        (vec![entry(InTransit, Budget, 1)], false),
        (vec![entry(Budget, Committed, 60), entry(Budget, Committed, 41)], false),
        (vec![entry(Budget, Committed, 60), entry(Budget, Committed, 40)], true),
        (vec![entry(Budget, Committed, 1)], false),
        (vec![entry(Committed, Budget, 100)], true),
    ] {
        let tx = app.db.begin().await.unwrap();
        let posted = post(&tx, &entries).await;
        assert_eq!(posted.is_ok(), stands, "{entries:?}: {posted:?}");
        match posted {
            Ok(()) => tx.commit().await.unwrap(),
            Err(error) => assert!(error.to_string().contains("ledger_overdrawn"), "{error}"),
        }
    }
    let conn = app.db.read();
    for edit in ["UPDATE ledger_entry SET amount_fen = 1", "DELETE FROM ledger_entry"] {
        let refused = conn.execute_unprepared(edit).await.unwrap_err().to_string();
        assert!(refused.contains("ledger_entry_is_append_only"), "{refused}");
    }
}

async fn tampered(world: World) {
    let office = Office::new(world).await;
    office.payees(1, &[20_000_000]).await;
    office.allot(60_000_000).await;
    let no = office.draft().await;
    office.freeze(&no).await.unwrap();
    // Somebody with the database's password frees money that a batch holds.
    office
        .sql(
            "INSERT INTO ledger_entry (event, from_account, to_account, programme, source, \
             payer_division, budget_year, amount_fen, object_kind, object_no, recorded_at) \
             SELECT 'withdrawn', 'committed', 'budget', programme, source, payer_division, \
             budget_year, 500, 'batch', object_no, recorded_at FROM ledger_entry \
             WHERE event = 'frozen'",
        )
        .await;
    let wrong = ledger::disagreements(&office.world.app).await.unwrap();
    assert_eq!(wrong.len(), 1);
    assert_eq!(wrong[0].what, "“占用”账面 199995.00 元，按支付明细应为 200000.00 元");
    let refused = office.check(&no).await;
    assert!(matches!(refused, Err(Error::Internal(_))), "{refused:?}");
    assert_eq!(office.batch(&no).await.state, "frozen", "nothing of it stays");
}
