//! The overview of finance says what the lines and the books say, what waits and for how long, what
//! money is reserved for and what the years to the policy's end cost.

use axum::http::StatusCode;
use juncai::domain::money::Fen;
use juncai::file::reader::Limits;
use juncai::service::budget::{
    self, AllocationForm, MoneyOverview, forecast, money_overview, month_report,
};
use juncai::service::payment;
use juncai::service::{Error, tax};

use crate::browser_like::Visitor;
use crate::budget_pages::allot;
use crate::fixture_payment::{
    Office, PROGRAMME, PROVINCE, RETURN_HEADER, failed, held, paid, sent_back,
};
use crate::on_both;
use crate::world::World;
use crate::yearly::year;

on_both! {
    every_fen_of_a_year_stands_in_one_place => places;
    what_waits_grows_older => ageing;
    money_that_is_reserved_is_not_taken_back => reserved;
    the_years_to_come_are_forecast_by_the_engine => to_come;
    reports_are_taken_away_as_workbooks => workbooks;
}

async fn of_2026(office: &Office) -> MoneyOverview {
    money_overview(&office.world.app, &office.maker, ("2026", "")).await.unwrap()
}

fn yuan(yuan: i64) -> Fen {
    Fen::new(yuan * 100)
}

/// Five payments: paid, failed, on its way, paid and sent back, and one that is held.
async fn five(world: World) -> (Office, String) {
    let office = Office::new(world).await;
    office.payees(1, &[20_000_000, 15_000_000, 10_000_000, 11_666_667, 13_333_333]).await;
    office.allot(100_000_000).await;
    let app = &office.world.app;
    payment::hold(app, &office.maker, held("E000005"), "账户持有人待核实").await.unwrap();
    let no = office.sent_batch().await;
    let line = |seq: i64| format!("{no}-1-{seq:05}");
    let csv = [
        RETURN_HEADER.to_owned(),
        paid(&line(1), "200000.00", "S1"),
        failed(&line(2), "户名不符"),
        paid(&line(4), "116666.67", "S4"),
    ];
    office.answer(&no, &csv.concat()).await;
    let csv = [RETURN_HEADER.to_owned(), sent_back(&line(4), "116666.67", "S4")].concat();
    office.answer(&no, &csv).await;
    (office, no)
}

async fn places(world: World) {
    let (mut office, no) = five(world).await;
    let found = of_2026(&office).await;
    let of = found.by_source[&("province".to_owned(), PROVINCE.to_owned())];
    assert_eq!(
        (of.paid, of.in_transit, of.held),
        (yuan(200_000), yuan(100_000), Fen::new(13_333_333))
    );
    assert_eq!((of.failed, of.payable, of.in_batch), (Fen::new(26_666_667), Fen::ZERO, Fen::ZERO));
    assert_eq!(of.returned, Fen::ZERO, "it came back within the year");
    let lines = office.lines().await;
    let all: i64 = lines.iter().map(|(_, fen)| fen).sum();
    let standing =
        [of.pending, of.payable, of.held, of.failed, of.in_batch, of.in_transit, of.paid];
    assert_eq!(Fen::checked_sum(standing), Some(Fen::new(all)));
    let fuzhou = found.by_city[&("350100".to_owned(), "province".to_owned())];
    assert_eq!(fuzhou.all(), of.all(), "all of it was earned in one city");
    let ends: Vec<_> = found.months.iter().map(|end| (end.month, end.allotted, end.paid)).collect();
    let (all, none) = (yuan(1_000_000), Fen::ZERO);
    assert_eq!(ends, [(1, none, none), (2, none, none), (3, all, yuan(200_000))]);
    assert_eq!(found.reasons["户名不符"], (1, yuan(150_000)));
    // Of a source without money, the months are empty.
    let app = &office.world.app;
    let county = money_overview(app, &office.maker, ("2026", "county")).await.unwrap();
    assert!(county.months.iter().all(|end| end.allotted == none && end.paid == none));
    assert_eq!(county.by_source, found.by_source);

    let mut maker = Visitor::signed_in(&office.world.app, "maker").await;
    let page = maker.get("/budget").await;
    for href in ["/budget/overview", "/budget/forecast", "/budget/monthly"] {
        assert!(page.links().contains(&href.to_owned()), "{href}");
        assert_eq!(maker.get(href).await.status, StatusCode::OK, "{href}");
    }
    let page = maker.get("/budget/overview").await;
    for text in ["266,666.67", "133,333.33", "户名不符", "福州市"] {
        assert!(page.text().contains(text), "{text}: {}", page.text());
    }
    let mut hr = Visitor::signed_in(&office.world.app, "hr").await;
    assert_eq!(hr.get("/budget/overview").await.status, StatusCode::FORBIDDEN);
    // What a bank answers after the end of the year is the treasury's, of the city as well.
    office.world.set_time("2028-01-10T09:00:00+08:00");
    let csv = [RETURN_HEADER.to_owned(), failed(&format!("{no}-1-00003"), "销户")].concat();
    office.answer(&no, &csv).await;
    let later = of_2026(&office).await;
    let of = later.by_source[&("province".to_owned(), PROVINCE.to_owned())];
    assert_eq!(of.returned, yuan(100_000));
    assert_eq!(later.by_city[&("350100".to_owned(), "province".to_owned())].all(), of.all());
}

async fn ageing(world: World) {
    let (mut office, _) = five(world).await;
    let found = of_2026(&office).await;
    assert_eq!((found.failed.lines, found.held.lines), ([2, 0, 0, 0], [1, 0, 0, 0]));
    assert_eq!(found.failed.sums[0], Fen::new(26_666_667));
    for (day, failed) in [
        ("2027-03-08", [2, 0, 0, 0]),
        ("2027-03-09", [0, 2, 0, 0]),
        ("2027-03-31", [0, 2, 0, 0]),
        ("2027-04-01", [0, 0, 2, 0]),
        ("2027-06-30", [0, 0, 0, 2]),
    ] {
        office.world.set_time(&format!("{day}T09:00:00+08:00"));
        assert_eq!(of_2026(&office).await.failed.lines, failed, "{day}");
    }
    let oldest = of_2026(&office).await.oldest;
    assert_eq!(oldest.iter().map(|waiting| waiting.days).collect::<Vec<_>>(), [121; 3]);
    // Paid by a later batch, it waits no longer.
    let no = office.sent_batch().await;
    let line = |seq: i64| format!("{no}-1-{seq:05}");
    let csv = [
        RETURN_HEADER.to_owned(),
        paid(&line(1), "150000.00", "T1"),
        paid(&line(2), "116666.67", "T2"),
    ];
    office.answer(&no, &csv.concat()).await;
    assert_eq!(of_2026(&office).await.failed.lines, [0; 4]);
}

fn taken_back(amount: &str) -> AllocationForm<'_> {
    AllocationForm {
        programme: PROGRAMME,
        source: "province",
        payer_division: PROVINCE,
        budget_year: "2027",
        amount,
        document_no: "闽财指〔2027〕99 号",
        ..AllocationForm::default()
    }
}

async fn reserved(world: World) {
    let office = Office::new(world).await;
    office.payees(1, &[20_000_000, 15_000_000]).await;
    office.allot(50_000_000).await;
    let app = &office.world.app;
    let line = || async { forecast(app, &office.maker).await.unwrap().reserved.remove(0) };
    let before = line().await;
    assert_eq!(
        (before.available, before.reserved, before.free),
        (yuan(500_000), yuan(350_000), yuan(150_000))
    );
    let refused = budget::propose_allocation(app, &office.maker, &taken_back("-150000.01")).await;
    match refused {
        Err(Error::Invalid(faults)) => {
            assert!(faults[0].1.contains("350,000.00 元已核定待付"), "{faults:?}");
            assert!(faults[0].1.contains("可冲减 150,000.00 元"), "{faults:?}");
        }
        other => panic!("{other:?}"),
    }
    allot(app, (&office.maker, &office.approver), &taken_back("-150000.00")).await;
    // A batch takes what is reserved out of what is free; sent back, it is reserved again.
    let no = office.draft().await;
    office.freeze(&no).await.unwrap();
    let frozen = line().await;
    assert_eq!((frozen.available, frozen.reserved), (Fen::ZERO, Fen::ZERO));
    let version = office.batch(&no).await.version;
    payment::send_back(app, &office.checker, &no, version, "再核").await.unwrap();
    let back = line().await;
    assert_eq!((back.reserved, back.free), (yuan(350_000), Fen::ZERO));
    // More certified than there is: the lack is shown.
    office.payees(3, &[10_000_000]).await;
    assert_eq!(line().await.free, yuan(-100_000));
    let known = forecast(app, &office.maker).await.unwrap().years;
    let cost = &known[&(2026, "province".to_owned(), PROVINCE.to_owned())];
    assert_eq!(cost.reserved, yuan(450_000));
}

async fn to_come(world: World) {
    let year = year(world).await;
    let (app, maker) = (&year.offices.town.world.app, &year.finance[0]);
    let found = forecast(app, maker).await.unwrap();
    let of =
        |award_year| found.years.get(&(award_year, "province".to_owned(), PROVINCE.to_owned()));
    let known = of(2026).expect("2026 was computed");
    assert_eq!(known.projected, Fen::ZERO);
    let next = of(2027).expect("a forecast of 2027");
    assert_eq!(next.projected, Fen::new(20_000_000 * next.persons), "a whole year each");
    assert!(next.persons > 0 && next.total() == Some(next.projected));
    assert_eq!(of(2028).map(|cost| cost.persons), Some(next.persons));
    assert!(found.years.keys().all(|(award_year, ..)| *award_year <= 2028), "to the policy's end");
}

async fn workbooks(world: World) {
    let (office, _) = five(world).await;
    let app = &office.world.app;
    let month = month_report(app, &office.maker, "2027-03").await.unwrap();
    let whole = month_report(app, &office.maker, "2027").await.unwrap();
    assert_eq!(
        (month.title(), whole.title()),
        ("2027 年 3 月资金月报".into(), "2027 年资金年报".into())
    );
    assert_eq!(month.lines, whole.lines, "nothing moved in another month");
    let mut maker = Visitor::signed_in(app, "maker").await;
    for at in ["/budget/monthly.xlsx?month=2027", "/tax/list.xlsx?month=2027-03"] {
        let sheet = maker.peek(at).await;
        assert_eq!(sheet.status, StatusCode::OK, "{at}");
        assert!(sheet.bytes.starts_with(b"PK"), "{at}");
    }
    let (name, bytes) = tax::workbook(app, &office.maker, "2027-03").await.unwrap();
    assert_eq!(name, "2027-03 代扣个税清单.xlsx");
    let mut cells = String::new();
    let mut take = |row: juncai::file::table::Row| {
        cells.push_str(&format!("{row:?}"));
        std::ops::ControlFlow::Continue(())
    };
    juncai::file::reader::read_table(&bytes, &name, &Limits::default(), &mut take).unwrap();
    assert!(cells.contains("工程师1") && !cells.contains("工程师2"), "only what is paid: {cells}");
    assert!(!cells.contains("6217000"), "no account: {cells}");
}
