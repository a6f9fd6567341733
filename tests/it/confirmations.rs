//! Who has not confirmed yet what is filed about them.

use juncai::domain::authority::Role;
use juncai::domain::registry::{BankAccount, RosterEntry};
use juncai::service::Error;
use juncai::service::directory::{ConfirmationQuery, Unconfirmed, Word, home, unconfirmed};
use juncai::store::fact::{Versions, facts_of};
use juncai::store::own_page::{Subject, record_confirmation};
use juncai::vault::{kind, place};

use crate::browser_like::Visitor;
use crate::on_both;
use crate::town::{Town, actor};
use crate::world::World;

on_both! {
    whoever_confirmed_leaves_the_list_and_whoever_disputes_stays => list;
    an_enterprise_finds_the_list_from_its_home_page_and_takes_it_away => page;
}

/// Persons 1 and 2 at enterprise 1, both with an account; person 3 at enterprise 2, without one.
async fn town(world: World) -> Town {
    let town = Town::new(world).await;
    for (person, enterprise) in [(1, 1), (2, 1), (3, 2)] {
        town.full_year(person, enterprise).await;
    }
    let vault = &town.world.app.vault;
    for person in [1, 2] {
        let number = format!("622202000000000000{person}");
        let account = BankAccount {
            account_name: format!("工程师{person}"),
            account_cipher: vault.seal(place::ACCOUNT, number.as_bytes()).unwrap(),
            account_index: vault.index(kind::ACCOUNT, &number),
            last_four: "0000".to_owned(),
            bank_name: "兴业银行".to_owned(),
            cnaps: "309391000011".to_owned(),
        };
        town.state(person, "2026-01-01", None, account).await;
    }
    town
}

async fn subjects(town: &Town, person: i64) -> (Subject, Option<Subject>) {
    let read = town.world.app.db.read();
    let entries = facts_of::<RosterEntry>(read, person, Versions::Live).await.unwrap();
    let accounts = facts_of::<BankAccount>(read, person, Versions::Live).await.unwrap();
    let account = accounts.first().map(|stated| Subject::BankAccount(stated.id));
    (Subject::RosterEntry(entries[0].id), account)
}

async fn says(town: &Town, person: i64, subject: Subject, agrees: bool) {
    let tx = town.world.app.db.begin().await.unwrap();
    let now = town.world.app.clock.now();
    record_confirmation(&tx, person, subject, (agrees, "说明"), now).await.unwrap();
    tx.commit().await.unwrap();
}

fn asking(what: Unconfirmed) -> ConfirmationQuery {
    ConfirmationQuery { text: String::new(), uscc: String::new(), city: String::new(), what }
}

async fn list(world: World) {
    let town = town(world).await;
    let app = &town.world.app;
    let clerk = actor(&town.world, "clerk", "enterprise_clerk", "350102", Some(1)).await;
    let county = actor(&town.world, "siming", "hr_county", "350203", None).await;
    let (entry, account) = subjects(&town, 1).await;
    says(&town, 1, entry, false).await;
    says(&town, 1, entry, true).await;
    says(&town, 1, account.unwrap(), true).await;
    let (entry, account) = subjects(&town, 2).await;
    says(&town, 2, entry, true).await;
    says(&town, 2, entry, false).await;

    let seen = async |who, what| unconfirmed(app, who, &asking(what), 0).await.unwrap();
    let numbers = async |who, what| {
        let page = seen(who, what).await;
        page.rows.iter().map(|row| row.engineer.no.clone()).collect::<Vec<_>>()
    };
    let page = seen(&clerk, Unconfirmed::Either).await;
    assert_eq!(page.total, 1, "who confirmed both is done; the other enterprise is not seen");
    let row = &page.rows[0];
    assert_eq!(row.engineer.no, "E000002");
    assert_eq!((row.filing, row.account, row.has_access), (Word::Disputed, Word::Open, false));
    says(&town, 2, account.unwrap(), true).await;
    assert_eq!(numbers(&clerk, Unconfirmed::Account).await, [""; 0]);
    assert_eq!(numbers(&clerk, Unconfirmed::Filing).await, ["E000002"], "the last word counts");

    let there = seen(&county, Unconfirmed::Either).await;
    assert_eq!(there.rows.len(), 1, "a county sees its own");
    assert_eq!((there.rows[0].filing, there.rows[0].account), (Word::Open, Word::NothingFiled));
    assert_eq!(numbers(&town.hr, Unconfirmed::Filing).await, ["E000002", "E000003"]);
    let named = ConfirmationQuery { text: "E000003".into(), ..asking(Unconfirmed::Either) };
    assert_eq!(unconfirmed(app, &town.hr, &named, 0).await.unwrap().total, 1);

    let finance = actor(&town.world, "finance", "finance_maker", "350000", None).await;
    let refused = unconfirmed(app, &finance, &asking(Unconfirmed::Either), 0).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))));
    let desk = home(app, &clerk, 2026).await.unwrap();
    let task = desk.tasks.iter().find(|task| task.href == "/confirmations").expect("a task");
    assert_eq!(task.count, 1);
}

async fn page(world: World) {
    let town = town(world).await;
    let app = &town.world.app;
    let mut clerk = Visitor::of_enterprise(app, "clerk", Role::EnterpriseClerk, 1).await;
    let desk = clerk.get("/").await;
    assert!(desk.links().iter().any(|link| link == "/confirmations"));
    let list = clerk.get("/confirmations?what=filing").await;
    assert_eq!(list.texts("tbody th").len(), 2, "{}", list.text());
    assert!(list.text().contains("共 2 人"), "{}", list.text());
    assert!(!list.body().contains("E000003"), "another enterprise's people");
    let file = clerk.get("/confirmations.xlsx?what=filing").await;
    assert!(file.bytes.starts_with(b"PK"));
    let mut finance = Visitor::with_role(app, "finance", Role::FinanceMaker, "350000").await;
    assert_eq!(finance.get("/confirmations").await.status, 403);
    let events = town.texts("SELECT action FROM audit_event WHERE action LIKE 'confirm%'").await;
    assert_eq!(events, ["confirmations.exported"]);
}
