//! The other half of a year in the browser: the roster, the computation, the declaration, the offices,
//! up to the money that finance can pay.

use std::ops::ControlFlow;

use fantoccini::Locator;
use juncai::file::reader::{Limits, read_table};
use juncai::file::table::Cell;

use super::window::{said, send};
use super::year::{USCC, Year, sample};
use crate::calendars::year_of_2027;

const PASSPHRASE: &str = "闽江口的潮水每天都来两次";

/// The enterprise hands in, county and city look, the province publishes and enters.
pub(super) async fn roster(year: &mut Year) {
    year.on("2026-03-09").await;
    year.many("head", "roster_entry", "confirm").await;
    year.many("county", "roster_entry", "accept").await;
    year.many("county", "roster_entry", "pass_county").await;
    year.many("city", "roster_entry", "pass_city").await;
    year.publish("roster_entry", "2026年第一批核心工程师名册公示").await;
    year.on("2026-03-17").await;
    year.many("province2", "roster_entry", "activate").await;
}

/// Name, type and number of document of everybody in the enterprise's file.
fn people() -> Vec<[String; 3]> {
    let name = format!("核心工程师申报-{USCC}.xlsx");
    let bytes = std::fs::read(sample(&name)).expect("a sample");
    let mut people = Vec::new();
    read_table(&bytes, &name, &Limits::default(), &mut |row| {
        let text = |at: usize| match row.cells.get(at) {
            Some(Cell::Text(text)) => text.clone(),
            _ => String::new(),
        };
        people.push([text(0), text(1), text(2)]);
        ControlFlow::Continue(())
    })
    .expect("a readable sample");
    people.split_off(1)
}

/// The working days of the next year, the months that insurance and tax prove, and the run.
pub(super) async fn compute(year: &mut Year) {
    year.on("2026-12-01").await;
    let next = year_of_2027();
    let arrangement = [
        ("year", next.year.as_str()),
        ("title", next.title.as_str()),
        ("document_no", next.document_no.as_str()),
        ("announced_on", next.announced_on.as_str()),
        ("days", next.days.as_str()),
    ];
    year.step("province", ("/calendars", "form[action='/calendars']"), &arrangement).await;
    let decision = ("/calendars/2027", "form[action='/calendars/2027/decisions']");
    year.step("province2", decision, &[("verdict", "accept")]).await;

    year.on("2027-01-08").await;
    let mut rows = "姓名,证件类型,证件号码,月份,单位统一社会信用代码,来源,缴费状态\n".to_owned();
    for [name, kind, number] in people() {
        for month in 1..=12 {
            let source = if kind == "居民身份证" { "社保" } else { "工作许可" };
            rows += &format!("{name},{kind},{number},2026-{month:02},{USCC},{source},正常\n");
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("社保个税月份.csv");
    std::fs::write(&file, rows).expect("a written file");
    let told = year.import("province", "evidence", &file).await;
    assert!(told.text.contains("已导入"), "{}", told.text);

    year.on("2027-01-15").await;
    let browser = year.visit("province").await;
    year.goto(&browser, "/runs").await;
    send(&browser, "form[action='/runs']", &[("year", "2026")]).await;
    // The run goes on behind the page, which is read until it says so.
    let mut asked = 0;
    while !said(&browser).await.contains("完成") {
        asked += 1;
        assert!(asked < 500, "{}", said(&browser).await);
        year.goto(&browser, "/runs/HD2026-001").await;
    }
    year.leave("province", browser).await;
}

/// One engineer declares on their own page, the enterprise for all.
pub(super) async fn declare(year: &mut Year) {
    year.on("2027-03-02").await;
    let [name, _, number] = people().swap_remove(1);
    let browser = year.visit("clerk").await;
    year.goto(&browser, &format!("/search?q={name}")).await;
    let person = browser.find(Locator::Css("main a[href^='/engineers/E']")).await.unwrap();
    let page = person.attr("href").await.unwrap().expect("an address");
    year.goto(&browser, &page).await;
    send(&browser, "#own-page", &[]).await;
    let code = browser.find(Locator::Css("dd.code.big")).await.unwrap().text().await.unwrap();
    year.leave("clerk", browser).await;

    let own = year.driver.browser().await;
    year.goto(&own, "/me/activation").await;
    let visit = [
        ("document_no", number.as_str()),
        ("code", code.as_str()),
        ("password", PASSPHRASE),
        ("password_again", PASSPHRASE),
    ];
    send(&own, "main form", &visit).await;
    let declared = [("awards", "无"), ("undertaking", "yes")];
    send(&own, "form[action$='/declaration']", &declared).await;
    let told = year.leave("the engineer", own).await;
    assert!(told.text.contains("您已于 2027-03-02 提交本人申报"), "{}", told.text);
    year.many("signatory", "entitlement", "declare").await;
}

/// Three offices verify, the notice runs, somebody else releases the money.
pub(super) async fn verify(year: &mut Year) {
    year.on("2027-03-03").await;
    year.many("county", "entitlement", "verify_county").await;
    year.many("city", "entitlement", "verify_city").await;
    year.many("province", "entitlement", "approve").await;
    year.publish("entitlement", "2026年度核心工程师奖补公示").await;
    year.on("2027-03-11").await;
    year.many("province2", "entitlement", "release").await;
    let browser = year.visit("province").await;
    year.goto(&browser, "/entitlements?year=2026&status=payable").await;
    let told = year.leave("province", browser).await;
    assert!(told.text.contains("待付") && told.text.contains("200,000.00"), "{}", told.text);
}
