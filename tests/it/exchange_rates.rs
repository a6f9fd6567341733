//! Exchange rates: read in from a file by one person of the province's finance office, confirmed by
//! another, corrected without being overwritten, looked up by day.

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use juncai::domain::money::Fen;
use juncai::file::workbook::{CellOut, ColumnKind, ColumnSpec, Table, write_xlsx};
use juncai::service::exchange_rate::{self, Filter, Rates, decide, propose, rate_on, rates};
use juncai::service::{Actor, Error};

use crate::browser_like::Visitor;
use crate::on_both;
use crate::town::{Town, actor, day};
use crate::world::World;

on_both! {
    a_rate_holds_once_two_people_read_it_in_and_a_correction_supersedes_it => journey;
    whatever_is_wrong_with_a_file_is_told_by_row_and_nothing_is_kept => wrong_rows;
    who_may_read_in_and_confirm => hands;
    rates_are_uploaded_confirmed_and_filtered_on_their_pages => pages;
    a_workbook_is_read_like_a_text_file_and_a_spoiled_row_keeps_it_out => workbook;
}

const SOURCE: &str = "中国银行外汇牌价";
/// A Friday and a Monday.
const MAY: &str = "币种,报价日期,现汇卖出价\nUSD,2026-05-08,710.50\nusd,2026-05-11,711.2\nJPY,2026-05-08,4.8525\n";

struct Office {
    town: Town,
    maker: Actor,
    checker: Actor,
}

async fn office(world: World) -> Office {
    let mut town = Town::new(world).await;
    town.at("2026-06-01T09:00:00+08:00");
    let maker = actor(&town.world, "maker", "finance_maker", "350000", None).await;
    let checker = actor(&town.world, "checker", "finance_checker", "350000", None).await;
    Office { town, maker, checker }
}

impl Office {
    async fn propose(&self, text: &str) -> Result<String, Error> {
        let file = Some(("牌价.csv", text.as_bytes().to_vec()));
        propose(&self.town.world.app, &self.maker, SOURCE, file).await
    }

    async fn confirmed(&self, text: &str) -> String {
        let no = self.propose(text).await.unwrap();
        decide(&self.town.world.app, &self.checker, &no, true, "").await.unwrap();
        no
    }

    /// Day and rate that apply, as known then or now.
    async fn applies(&self, on: &str, known_at: Option<DateTime<Utc>>) -> Option<(String, String)> {
        let read = self.town.world.app.db.read();
        let found = rate_on(read, "USD", day(on), known_at).await.unwrap();
        found.map(|line| (line.quoted_on.to_string(), line.rate.to_string()))
    }

    async fn listed(&self, filter: &Filter) -> Rates {
        rates(&self.town.world.app, &self.town.hr, filter, 0).await.unwrap()
    }
}

fn told(outcome: Result<impl std::fmt::Debug, Error>) -> Vec<String> {
    match outcome {
        Err(Error::Invalid(faults)) => faults.into_iter().map(|(_, text)| text).collect(),
        other => panic!("{other:?}"),
    }
}

fn rate(on: &str, rate: &str) -> Option<(String, String)> {
    Some((on.to_owned(), rate.to_owned()))
}

async fn journey(world: World) {
    let mut office = office(world).await;
    let app = office.town.world.app.clone();
    let no = office.propose(MAY).await.unwrap();
    assert_eq!(office.applies("2026-05-11", None).await, None, "one person alone loads nothing");
    let own = decide(&app, &office.maker, &no, true, "").await;
    assert!(matches!(own, Err(Error::Refused(_))), "{own:?}");
    decide(&app, &office.checker, &no, true, "").await.unwrap();
    let late = decide(&app, &office.checker, &no, true, "").await;
    assert!(matches!(late, Err(Error::Stale(_))), "{late:?}");

    // Then: the day itself, the last day before it, and nothing before the first.
    assert_eq!(office.applies("2026-05-11", None).await, rate("2026-05-11", "711.20"));
    assert_eq!(office.applies("2026-05-10", None).await, rate("2026-05-08", "710.50"));
    assert_eq!(office.applies("2026-12-31", None).await, rate("2026-05-11", "711.20"));
    assert_eq!(office.applies("2026-05-07", None).await, None);

    // When: a later file corrects one of them, repeats another and adds a third.
    let then = app.clock.now();
    office.town.at("2026-06-02T09:00:00+08:00");
    let app = office.town.world.app.clone();
    let twice = office.propose(MAY).await;
    assert!(matches!(twice, Err(Error::Refused(_))), "{twice:?}");
    let changed =
        MAY.replace("711.2", "711.3").replace("JPY,2026-05-08,4.8525", "EUR,2026-05-08,825");
    let second = office.propose(&changed).await.unwrap();
    let (_, beside) = exchange_rate::upload(&app, &office.checker, &second).await.unwrap();
    let live: Vec<_> = beside.iter().map(|row| row.live.map(|rate| rate.to_string())).collect();
    assert_eq!(live, [Some("710.50".into()), Some("711.20".into()), None]);
    decide(&app, &office.checker, &second, true, "").await.unwrap();
    assert_eq!(office.applies("2026-05-11", None).await, rate("2026-05-11", "711.30"));
    let known = office.applies("2026-05-11", Some(then)).await;
    assert_eq!(known, rate("2026-05-11", "711.20"), "what was known before stays known");
    assert_eq!(office.listed(&Filter::default()).await.total, 4);
    let history = Filter { history: true, ..Filter::default() };
    assert_eq!(office.listed(&history).await.total, 5, "the corrected one is kept");

    // And: nobody rewrites it.
    for statement in [
        "UPDATE exchange_rate SET rate_millionths = 1 WHERE currency = 'JPY'",
        "UPDATE exchange_rate SET superseded_at = recorded_at WHERE superseded_at IS NOT NULL",
        "DELETE FROM exchange_rate WHERE currency = 'JPY'",
        "UPDATE exchange_rate_upload SET quotations = '[]' WHERE id = 1",
    ] {
        let refused = office.town.try_sql(statement).await.unwrap_err();
        assert!(refused.contains("append_only"), "{refused}");
    }
}

async fn wrong_rows(world: World) {
    let office = office(world).await;
    let app = &office.town.world.app;
    let file = "币种,报价日期,现汇卖出价\nUSD,2026-05-08,0\nCNY,2026-05-08,100\nUSD,2026-02-30,7\n\
                EUR,2026-06-02,825\nUSD,2026-05-09,7.1234567\nUSD,2026-05-10,710.5\nusd,2026-05-10,711\n\
                GBP,,910\n";
    let faults = told(office.propose(file).await);
    let places: Vec<&str> =
        faults.iter().map(|text| text.split('：').next().unwrap_or(text)).collect();
    let expected = [
        "第 2 行 现汇卖出价",
        "第 3 行 币种",
        "第 4 行 报价日期",
        "第 5 行 报价日期",
        "第 6 行 现汇卖出价",
        "第 8 行 报价日期",
        "第 9 行 报价日期",
    ];
    assert_eq!(places, expected, "{faults:#?}");
    let headless = told(office.propose("币种,现汇卖出价\nUSD,7\n").await);
    assert!(headless.concat().contains("报价日期"), "{headless:?}");
    let none = told(propose(app, &office.maker, " ", None).await);
    assert_eq!(none.len(), 2, "{none:?}");
    assert!(exchange_rate::uploads(app, &office.maker).await.unwrap().is_empty());
    assert_eq!(office.listed(&Filter { history: true, ..Filter::default() }).await.total, 0);
}

async fn hands(world: World) {
    let office = office(world).await;
    let app = &office.town.world.app;
    let city = actor(&office.town.world, "city", "finance_maker", "350100", None).await;
    let file = || Some(("牌价.csv", MAY.as_bytes().to_vec()));
    let outcome = propose(app, &city, SOURCE, file()).await;
    assert!(matches!(outcome, Err(Error::Refused(_))), "{outcome:?}");
    for stranger in [&office.checker, &office.town.hr] {
        let outcome = propose(app, stranger, SOURCE, file()).await;
        assert!(matches!(outcome, Err(Error::Forbidden(_))), "{outcome:?}");
    }
    let no = office.propose(MAY).await.unwrap();
    for stranger in [&city, &office.town.hr] {
        let outcome = decide(app, stranger, &no, true, "").await;
        assert!(matches!(outcome, Err(Error::Forbidden(_))), "{outcome:?}");
    }
    let silent = decide(app, &office.checker, &no, false, " ").await;
    assert!(matches!(silent, Err(Error::Invalid(_))), "{silent:?}");
    // Who read it in may take it back, and the same file may then be read in again.
    decide(app, &office.maker, &no, false, "传错了文件").await.unwrap();
    office.confirmed(MAY).await;
    assert_eq!(office.listed(&Filter::default()).await.total, 3);
}

async fn pages(world: World) {
    let office = office(world).await;
    let app = &office.town.world.app;
    let mut maker = Visitor::signed_in(app, "maker").await;
    let start = maker.get("/exchange-rates").await;
    assert!(start.text().contains("没有符合条件的牌价"), "{}", start.text());
    let template = maker.get("/exchange-rates/templates/rates.csv").await;
    assert!(template.body().contains("币种"), "{}", template.body());
    assert_eq!(maker.get("/exchange-rates/templates/rates.xlsx").await.status, StatusCode::OK);

    maker.get("/exchange-rates").await;
    let action = "/exchange-rates/uploads";
    let bad = MAY.replace("710.50", "-1");
    let fields = [("source", SOURCE)];
    let seen = maker.post_file(action, &fields, ("file", "rates.csv", bad.as_bytes())).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(seen.text().contains("第 2 行 现汇卖出价：汇率应大于零"), "{}", seen.text());
    assert_eq!(seen.attributes("#upload-source", "value"), [SOURCE], "kept as typed");
    let seen = maker.post_file(action, &fields, ("file", "rates.csv", MAY.as_bytes())).await;
    let at = maker.at.clone();
    assert_eq!(seen.texts("tbody tr").len(), 3, "{}", seen.text());
    assert!(seen.texts("button[value=accept]").is_empty(), "one's own is confirmed by another");

    let mut checker = Visitor::signed_in(app, "checker").await;
    checker.get(&at).await;
    let done = checker.post(&format!("{at}/decisions"), &[("verdict", "accept")]).await;
    assert!(done.text().contains("已确认"), "{}", done.text());
    let mut reader = Visitor::signed_in(app, "hr").await;
    let seen = reader.get("/exchange-rates?currency=USD").await;
    assert_eq!(seen.texts("section:first-of-type tbody tr").len(), 2, "{}", seen.text());
    assert!(seen.texts("form[method=post] input[type=file]").is_empty());
    let seen = reader.get("/exchange-rates?currency=usd&day=2026-05-10").await;
    assert!(seen.text().contains("适用 2026-05-08 的现汇卖出价"), "{}", seen.text());
    let seen = reader.get("/exchange-rates?currency=USD&day=2026-05-01").await;
    assert!(seen.text().contains("及以前没有报价"), "{}", seen.text());
    let wrong = reader.get("/exchange-rates?currency=dollar&day=2026-02-30").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(wrong.texts("[data-errors] li").len(), 2);
}

/// A workbook of quotations: days as dates, rates as amounts or as text.
fn book(rows: &[(&str, CellOut, CellOut)]) -> Vec<u8> {
    let table = Table {
        title: "牌价".to_owned(),
        columns: vec![
            ColumnSpec::new("币种", 10.0, ColumnKind::Text),
            ColumnSpec::new("报价日期", 14.0, ColumnKind::Date),
            ColumnSpec::new("现汇卖出价", 14.0, ColumnKind::Amount),
        ],
        total_row: false,
        comment: String::new(),
        created_at: day("2026-05-11").and_hms_opt(0, 0, 0).unwrap(),
    };
    let row = |(currency, on, rate): &(&str, CellOut, CellOut)| {
        vec![CellOut::Text((*currency).to_owned()), on.clone(), rate.clone()]
    };
    write_xlsx(&table, rows.iter().map(row)).unwrap()
}

async fn workbook(world: World) {
    let office = office(world).await;
    let app = &office.town.world.app;
    let (on, text) = (|on| CellOut::Date(day(on)), |text: &str| CellOut::Text(text.to_owned()));
    let friday = ("USD", on("2026-05-08"), CellOut::Amount(Fen::new(71_050)));
    let monday = ("usd", on("2026-05-11"), text("７１１．２"));
    let yen = ("JPY", text("2026-05-08"), text("4.8525"));
    let mut maker = Visitor::signed_in(app, "maker").await;
    maker.get("/exchange-rates").await;
    let (action, fields) = ("/exchange-rates/uploads", [("source", SOURCE)]);

    // One spoiled row is told by its number and keeps the others out.
    let spoiled = [friday.clone(), ("USD", text("2026-05-32"), text("约七百")), monday.clone()];
    let file = book(&spoiled);
    let seen = maker.post_file(action, &fields, ("file", "牌价.xlsx", &file)).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", seen.text());
    let faults = seen.texts("[data-errors] li");
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults[0].contains("第 3 行") && faults[1].contains("第 3 行"), "{faults:?}");
    assert_eq!(exchange_rate::uploads(app, &office.maker).await.unwrap().len(), 0);

    // The mended one is read in, confirmed by another person, and holds.
    let file = book(&[friday, monday, yen]);
    let seen = maker.post_file(action, &fields, ("file", "牌价.xlsx", &file)).await;
    let at = maker.at.clone();
    assert_eq!(seen.texts("tbody tr").len(), 3, "{}", seen.text());
    let mut checker = Visitor::signed_in(app, "checker").await;
    checker.get(&at).await;
    let done = checker.post(&format!("{at}/decisions"), &[("verdict", "accept")]).await;
    assert!(done.text().contains("已确认"), "{}", done.text());
    assert_eq!(office.applies("2026-05-10", None).await, rate("2026-05-08", "710.50"));
    assert_eq!(office.applies("2026-05-11", None).await, rate("2026-05-11", "711.20"));
    assert_eq!(office.listed(&Filter::default()).await.total, 3);

    // The same quotations again, as the very same file, are refused.
    maker.get("/exchange-rates").await;
    let again = maker.post_file(action, &fields, ("file", "牌价.xlsx", &file)).await;
    assert!(again.text().contains("已录入过"), "{}", again.text());
}
