//! The same acts through the pages.

use axum::http::StatusCode;
use juncai::domain::registry::{BankAccount, Listing, RosterEntry};
use juncai::store::fact::Versions;

use super::town::{Town, USCC, held, spans};
use super::{confirmed, entry_of};
use crate::browser_like::Visitor;
use crate::on_both;
use crate::world::World;

on_both! {
    the_list_of_declarations_leads_to_the_people => listed;
    a_declaration_is_sent_back_with_a_reason => sent_back;
    a_departure_comes_back_with_what_to_correct_and_then_is_recorded => departure;
    a_correction_from_an_old_page_is_stopped_and_says_what_holds_now => stale_correction;
    an_account_number_never_comes_back_in_a_page => account;
    what_is_out_of_reach_answers_no_without_a_trace => out_of_reach;
    an_enterprise_is_taken_off_the_list_from_its_page => delisting;
}

/// Another officer makes the change that waits, from the list.
async fn made(world: &World, town: &Town) {
    let mut colleague = Visitor::signed_in(&world.app, &town.colleague.login).await;
    let list = colleague.get("/change-requests").await;
    let wait = list.attributes("tbody th a", "href");
    let [request] = wait.as_slice() else { panic!("one waits: {wait:?}") };
    colleague.get(request).await;
    let to = format!("{request}/decisions");
    let blank = colleague.post(&to, &[("verdict", "refuse")]).await;
    assert_eq!(blank.texts(".field-error"), ["错误：请填写退回原因"], "{}", blank.text());
    colleague.post(&to, &[("verdict", "accept")]).await;
    assert_eq!(colleague.at, "/change-requests");
    let decided = colleague.get("/change-requests?state=decided").await;
    assert_eq!(decided.attributes("tbody th a", "href")[0], *request);
}

async fn listed(world: World) {
    let town = Town::new(&world).await;
    town.declared(&world, 1, 11..=12, "2026-01-01..").await;
    town.declared(&world, 2, 13..=13, "2025-11-03..").await;
    let mut officer = Visitor::signed_in(&world.app, &town.officer.login).await;
    let list = officer.get("/roster/declarations").await;
    assert_eq!(list.texts("tbody th"), ["张一一", "张一二", "张一三"]);
    assert!(list.links().iter().any(|link| link == "/engineers/P12"), "{:?}", list.links());
    assert!(list.text().contains("清单内，不能入册"), "{}", list.text());
}

async fn sent_back(world: World) {
    let town = Town::new(&world).await;
    town.declared(&world, 1, 11..=11, "2026-01-01..").await;
    let mut officer = Visitor::signed_in(&world.app, &town.officer.login).await;
    let link = format!("/roster/withdrawals/roster_entry:{}", entry_of(&world, 11).await);
    let form = officer.get(&link).await;
    assert_eq!(form.texts(".sub"), ["张一一：名册2026-01-01起"]);
    let blank = officer.post(&link, &[]).await;
    assert_eq!(blank.texts(".field-error").len(), 2, "{}", blank.text());
    officer.post(&link, &[("reason", "非核心岗位"), ("document_no", "退1号")]).await;
    let waits = officer.get("/engineers/P11").await;
    assert!(waits.text().contains("待另一人核对"), "{}", waits.text());
    assert_eq!(officer.get("/change-requests").await.texts("tbody th small"), ["本人提出"]);
    assert_eq!(spans::<RosterEntry>(&world, 11, Versions::Live).await, ["2026-01-01.."]);
    made(&world, &town).await;
    assert_eq!(spans::<RosterEntry>(&world, 11, Versions::Live).await, [""; 0]);
    let again = officer.get(&link).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.text().contains("已被撤销"), "{}", again.text());
}

async fn departure(mut world: World) {
    let town = Town::new(&world).await;
    town.declared(&world, 1, 11..=11, "2026-01-01..").await;
    confirmed(&world, &town, 11..=11).await;
    world.set_time("2026-07-03T10:00:00+08:00");
    let mut clerk = Visitor::signed_in(&world.app, &town.clerk.login).await;
    let to = "/engineers/P11/departures";
    clerk.get(to).await;

    let wrong = clerk.post(to, &[("last_day", "2026-06-31"), ("note", "已办交接")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let errors = wrong.texts(".errors li");
    let expected =
        ["日期格式应为2026-06-30，且须是存在的日子", "请选择离职原因", "请填写依据文件编号"];
    assert_eq!(errors, expected);
    assert_eq!(wrong.texts("textarea[name=note]"), ["已办交接"]);

    let early = [("last_day", "2024-02-01"), ("reason", "resigned"), ("document_no", "解1号")];
    let refused = clerk.post(to, &early).await;
    assert!(refused.texts(".errors li")[0].contains("在2024-02-01不在职"));
    assert_eq!(refused.attributes("input[name=document_no]", "value"), ["解1号"]);

    clerk.post(to, &[("last_day", "2026-06-30")]).await;
    assert_eq!(clerk.at, "/engineers/P11", "the rest was kept in the form");
    assert_eq!(spans::<RosterEntry>(&world, 11, Versions::Live).await, ["2026-01-01..2026-06-30"]);
}

async fn stale_correction(mut world: World) {
    let town = Town::new(&world).await;
    town.declared(&world, 1, 11..=11, "2026-01-01..").await;
    confirmed(&world, &town, 11..=11).await;
    world.set_time("2026-07-03T10:00:00+08:00");
    let fact = format!("roster_entry:{}", entry_of(&world, 11).await);
    let mut officer = Visitor::signed_in(&world.app, &town.officer.login).await;
    let mut colleague = Visitor::signed_in(&world.app, &town.colleague.login).await;
    let to = "/engineers/P11/corrections";
    let fields = |from: &'static str, reason: &'static str| {
        vec![("from", from), ("reason", reason), ("document_no", "更1号")]
    };
    for visitor in [&mut officer, &mut colleague] {
        visitor.get("/engineers/P11/departures").await;
    }
    let mut first = fields("2026-02-01", "");
    first.push(("fact", &fact));
    let wrong = officer.post(to, &first).await;
    assert_eq!(wrong.texts(".sub"), ["张一一：名册2026-01-01起"]);
    assert_eq!(wrong.attributes("input[name=fact]", "value"), [fact.as_str()]);
    officer.post(to, &[("reason", "首日登记有误")]).await;
    made(&world, &town).await;
    assert_eq!(spans::<RosterEntry>(&world, 11, Versions::Live).await, ["2026-02-01.."]);

    let mut second = fields("2026-03-01", "首日登记有误");
    second.push(("fact", &fact));
    let stale = colleague.post(to, &second).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.text().contains("现为2026-02-01起"), "{}", stale.text());
    assert_eq!(spans::<RosterEntry>(&world, 11, Versions::Live).await, ["2026-02-01.."]);
}

async fn account(mut world: World) {
    let town = Town::new(&world).await;
    town.declared(&world, 1, 11..=11, "2026-01-01..").await;
    world.set_time("2026-06-10T10:00:00+08:00");
    let mut clerk = Visitor::signed_in(&world.app, &town.clerk.login).await;
    let to = "/engineers/P11/bank-account";
    clerk.get(to).await;
    let (number, spaced) = ("6222021402000000346", "6222 0214 0200 0000 346");
    let typed = [
        ("account_name", "李四"),
        ("account_number", number),
        ("account_number_again", "6222021402000000345"),
        ("bank_name", "建设银行福州分行"),
        ("cnaps", "105403099941"),
        ("from", "2026-06-01"),
    ];
    let differ = clerk.post(to, &typed).await;
    assert_eq!(differ.texts(".field-error"), ["错误：两次输入的账号不一致，请重新输入"]);
    let body = differ.body();
    assert!(!body.contains(number) && !body.contains("6222021402000000345"));
    let both = [("account_number", spaced), ("account_number_again", number)];
    let other = clerk.post(to, &both).await;
    assert!(other.texts(".field-error")[0].contains("户名与姓名（张一一）不一致"));
    let right = [both[0], both[1], ("account_name", "张一一")];
    clerk.post(to, &right).await;
    assert_eq!(clerk.at, "/engineers/P11");
    let days = spans::<BankAccount>(&world, 11, Versions::Live).await;
    assert_eq!(days, ["2024-03-01.."], "another person confirms it first");
}

async fn out_of_reach(world: World) {
    let town = Town::new(&world).await;
    town.declared(&world, 1, 11..=11, "2026-01-01..").await;
    let fact = format!("roster_entry:{}", entry_of(&world, 11).await);
    let withdrawal = format!("/roster/withdrawals/{fact}");
    let mut stranger = Visitor::signed_in(&world.app, &town.other_clerk.login).await;
    let mut xiamen = Visitor::signed_in(&world.app, &town.xiamen.login).await;
    for path in
        ["/engineers/P11/departures", "/engineers/P11/bank-account", "/engineers/P0/departures"]
    {
        let seen = stranger.get(path).await;
        assert_eq!(seen.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!seen.text().contains("张一一"));
    }
    let grounds = [("reason", "登记有误"), ("document_no", "更1号"), ("last_day", "2026-01-04")];
    let leaving = [&grounds[..], &[("from", "2026-02-01"), ("fact", fact.as_str())]].concat();
    let forbidden = StatusCode::FORBIDDEN;
    let missing = StatusCode::NOT_FOUND;
    xiamen.get("/no/such/page").await;
    for (visitor, path, expected) in [
        (&stranger, "/engineers/P11/corrections", forbidden),
        (&xiamen, "/engineers/P11/corrections", missing),
        (&xiamen, withdrawal.as_str(), missing),
        (&xiamen, "/engineers/P11/suspensions", forbidden),
    ] {
        let seen = visitor.clone().post(path, &leaving).await;
        assert_eq!(seen.status, expected, "{path}: {}", seen.text());
    }
    assert_eq!(spans::<RosterEntry>(&world, 11, Versions::All).await, ["2026-01-01.."]);
}

async fn delisting(mut world: World) {
    let town = Town::new(&world).await;
    world.set_time("2026-07-10T10:00:00+08:00");
    let mut officer = Visitor::signed_in(&world.app, &town.officer.login).await;
    let to = format!("/enterprises/{}/delisting", USCC[0]);
    officer.get("/roster/declarations").await;
    let wrong = officer.post(&to, &[("last_day", "2026-06-30")]).await;
    assert_eq!(wrong.texts(".field-error").len(), 2, "{}", wrong.text());
    officer.post(&to, &[("reason", "年度检查不合格"), ("document_no", "移1号")]).await;
    assert_eq!(officer.at, format!("/enterprises/{}", USCC[0]));
    made(&world, &town).await;
    assert_eq!(spans::<Listing>(&world, 1, Versions::Live).await, ["2025-11-04..2026-06-30"]);

    let id = held::<Listing>(&world, 1, Versions::Live).await[0].id;
    let form = format!("/roster/corrections/listing:{id}");
    let asked = officer.get(&form).await;
    assert_eq!(asked.attributes("input[name=until]", "value"), ["2026-06-30"]);
    let grounds = [("until", "2026-07-31"), ("reason", "移出日期有误"), ("document_no", "移2号")];
    officer.post(&form, &grounds).await;
    made(&world, &town).await;
    assert_eq!(spans::<Listing>(&world, 1, Versions::Live).await, ["2025-11-04..2026-07-31"]);
}
