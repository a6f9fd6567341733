//! An account that takes the place of another number: one person files it, another confirms it, and
//! the holder is told.

use axum::http::StatusCode;
use juncai::domain::authority::Role;
use juncai::domain::registry::BankAccount;
use juncai::service::roster::{NewAccount, change_bank_account};
use juncai::store::fact::{Versions, facts_of};
use juncai::vault::{kind, place};

use crate::browser_like::{Seen, Visitor};
use crate::me::{NUMBER, code, first_visit, identify};
use crate::on_both;
use crate::town::{Town, actor, person_no};
use crate::world::World;

on_both! {
    another_person_confirms_a_changed_account_and_the_holder_is_told => told;
    accounts_are_confirmed_together_and_what_stands_against_one_is_said => together;
}

const NEW: &str = "6222021402000000346";

/// Persons 1 and 2 at enterprise 1 with an account each, person 3 at enterprise 2.
async fn town(world: World) -> Town {
    let mut town = Town::new(world).await;
    for (person, enterprise) in [(1, 1), (2, 1), (3, 2)] {
        town.full_year(person, enterprise).await;
        let vault = &town.world.app.vault;
        let number = crate::fixture_payment::account_number(person);
        let account = BankAccount {
            account_name: format!("工程师{person}"),
            account_cipher: vault.seal(place::ACCOUNT, number.as_bytes()).unwrap(),
            account_index: vault.index(kind::ACCOUNT, &number),
            last_four: number[number.len() - 4..].to_owned(),
            bank_name: "兴业银行".to_owned(),
            cnaps: "309391000011".to_owned(),
        };
        town.state(person, "2026-01-01", None, account).await;
    }
    town.at("2027-01-05T09:00:00+08:00");
    town
}

async fn fours(town: &Town, person: i64) -> Vec<String> {
    let read = town.world.app.db.read();
    let held = facts_of::<BankAccount>(read, person, Versions::Live).await.unwrap();
    held.into_iter().map(|stated| stated.fact.last_four).collect()
}

fn says(seen: &Seen, text: &str) {
    assert!(seen.text().contains(text), "{text}: {}", seen.text());
}

async fn told(world: World) {
    let mut town = town(world).await;
    identify(&town, 1, NUMBER).await;
    let app = town.world.app.clone();
    let mut clerk = Visitor::of_enterprise(&app, "clerk", Role::EnterpriseClerk, 1).await;
    let mut head = Visitor::of_enterprise(&app, "head", Role::EnterpriseHead, 1).await;
    let valid = code(&mut clerk, "E000001").await;
    let mut person = Visitor::new(&app);
    assert!(!first_visit(&mut person, NUMBER, &valid).await.text().contains("收款账户正在变更"));

    // When the clerk files another number, then the account before is still the one paid to.
    let at = format!("/engineers/{}", person_no(1));
    clerk.get(&at).await;
    let typed = [
        ("account_name", "工程师1"),
        ("account_number", NEW),
        ("account_number_again", NEW),
        ("bank_name", "建设银行福州分行"),
        ("cnaps", "105403099941"),
        ("from", "2027-01-05"),
        ("reason", "原账户已销户"),
    ];
    let page = clerk.post(&format!("{at}/bank-account"), &typed).await;
    says(&page, "已填报 DZ000001，由另一人确认后改用新账户（尾号0346）");
    says(&page, "改为尾号 0346");
    let before = fours(&town, 1).await;
    assert_eq!(before.len(), 1);

    // Then the holder reads it, the clerk cannot confirm it, and nobody elsewhere finds it.
    says(&person.get("/me").await, "收款账户正在变更：");
    let (filing, decision) = ("/account-filings/DZ000001", "/account-filings/DZ000001/decisions");
    let own = clerk.get(filing).await;
    assert!(own.texts("button[value=accept]").is_empty(), "{}", own.text());
    let refused = clerk.post(decision, &[("verdict", "accept")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&refused, "您提出的账户须由另一人确认或退回");
    let mut stranger = Visitor::of_enterprise(&app, "other", Role::EnterpriseHead, 2).await;
    assert_eq!(stranger.get(filing).await.status, StatusCode::NOT_FOUND);
    says(&stranger.get("/account-filings").await, "没有待确认的账户变更");
    assert_eq!(
        stranger.post(decision, &[("verdict", "accept")]).await.status,
        StatusCode::NOT_FOUND
    );

    // When the head confirms it, then it is paid to from its first day, and the holder reads that.
    says(&head.get("/").await, "收款账户待确认");
    says(&head.get("/account-filings").await, "尾号 0346");
    let shown = head.get(filing).await;
    says(&shown, "建设银行福州分行");
    assert!(!shown.body().contains(NEW));
    assert_eq!(
        head.post(decision, &[("verdict", "refuse")]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    says(&head.post(decision, &[("verdict", "accept")]).await, "已确认");
    assert_eq!(fours(&town, 1).await, [before[0].as_str(), "0346"]);
    says(&person.get("/me").await, "收款账户已变更为建设银行福州分行 尾号 0346 的账户");
    says(&head.get("/account-filings?state=decided").await, "DZ000001");
    town.at("2027-01-06T09:00:00+08:00");
    assert_eq!(head.post(decision, &[("verdict", "accept")]).await.status, StatusCode::CONFLICT);
}

async fn together(world: World) {
    let town = town(world).await;
    let app = &town.world.app;
    let county = actor(&town.world, "county", "hr_county", "350102", None).await;
    let other = actor(&town.world, "other", "hr_county", "350102", None).await;
    for (person, number) in [(1, NEW), (2, "6231660000000000568")] {
        let who = if person == 1 { &county } else { &other };
        let new = NewAccount {
            account_name: format!("工程师{person}"),
            account_number: number.to_owned(),
            bank_name: "建设银行福州分行".to_owned(),
            cnaps: "105403099941".to_owned(),
            from: app.clock.today(),
            reason: "原账户已销户".to_owned(),
            document_no: String::new(),
        };
        change_bank_account(app, who, &person_no(person), &new).await.unwrap();
        let again = change_bank_account(app, who, &person_no(person), &new).await.unwrap_err();
        assert!(again.to_string().contains("已有一项账户待确认"), "{again}");
    }
    let mut visitor = Visitor::signed_in(app, "county").await;
    visitor.get("/account-filings").await;
    let both = [("filing", "DZ000001"), ("filing", "DZ000002")];
    let done = visitor.post("/account-filings/confirmations", &both).await;
    says(&done, "已确认 1 项；1 项未确认：DZ000001：您提出的账户须由另一人确认或退回");
    assert_eq!((fours(&town, 1).await.len(), fours(&town, 2).await.len()), (1, 2));
    // A former employer reads it and has no say.
    town.left(1, "2026-12-31").await;
    let mut head = Visitor::of_enterprise(app, "head", Role::EnterpriseHead, 1).await;
    head.get("/account-filings/DZ000001").await;
    let late = head.post("/account-filings/DZ000001/decisions", &[("verdict", "accept")]).await;
    says(&late, "该人员已离开本企业");
    let none = visitor.post("/account-filings/confirmations", &[]).await;
    says(&none, "没有选择账户");
}
