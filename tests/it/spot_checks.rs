//! Samples that offices check: who is drawn, what is found, and what follows.

use std::collections::BTreeSet;

use juncai::domain::authority::Role;
use juncai::domain::registry::{BankAccount, LegalForm, PilotAuthorisation, TalentClass};
use juncai::domain::spot_check::Risk;
use juncai::service::notice;
use juncai::service::spot_check::{
    Asked, Decided, decide_suspension, draw, export, overview, record, replay, sample_page,
};
use juncai::service::{Actor, Error};
use juncai::store::fact::{Versions, facts_of};

use crate::browser_like::Visitor;
use crate::on_both;
use crate::recognitions::{draft, offices};
use crate::town::{Town, actor, day};
use crate::world::World;

on_both! {
    a_sample_is_drawn_within_the_scope_and_drawn_again_from_its_seed => drawn;
    risks_are_told_and_what_was_found_weighs_the_next_sample => risks;
    too_many_errors_propose_a_suspension_that_a_second_person_decides => suspension;
    an_office_draws_checks_and_exports_on_the_pages => pages;
    a_recognition_goes_into_notice_on_a_sample_that_covers_it_and_is_complete => named;
}

/// A town in November with twenty engineers at the first enterprise and two at the second.
async fn town(world: World) -> Town {
    let mut town = Town::new(world).await;
    town.at("2026-02-01T09:00:00+08:00");
    for person in 1..=20 {
        town.person(person).await;
        town.engineer(person, 1, "2026-02-01", None).await;
    }
    town.at("2026-02-02T09:00:00+08:00");
    for person in 21..=22 {
        town.person(person).await;
        town.engineer(person, 2, "2026-02-01", None).await;
        town.insured(person, 2026, 1..=10).await;
    }
    town.at("2026-11-24T09:00:00+08:00");
    town
}

fn asked(drawing: &str, percent: &str, seed: &str) -> Asked {
    Asked {
        drawing: drawing.to_owned(),
        percent: percent.to_owned(),
        uscc: String::new(),
        seed: seed.to_owned(),
    }
}

async fn officer(town: &Town, login: &str, role: &str, division: &str) -> Actor {
    actor(&town.world, login, role, division, None).await
}

async fn drawn(world: World) {
    let town = town(world).await;
    let app = &town.world.app;
    let city = officer(&town, "xiamen", "hr_city", "350200").await;

    let no = draw(app, &town.hr, &asked("random", "20", "42")).await.unwrap();
    let page = sample_page(app, &town.hr, &no, 0).await.unwrap();
    assert_eq!((page.line.population, page.line.size, page.line.seed), (22, 5, 42));
    let drawn: BTreeSet<String> = page.items.iter().map(|item| item.person_no.clone()).collect();
    assert_eq!(drawn.len(), 5, "each once");
    let again = draw(app, &town.hr, &asked("random", "20", "42")).await.unwrap();
    let same = sample_page(app, &town.hr, &again, 0).await.unwrap();
    assert_eq!(same.items.len(), 5);
    assert!(same.items.iter().all(|item| drawn.contains(&item.person_no)));
    let replayed = replay(app, &town.hr, &no).await.unwrap().expect("nothing has changed");
    assert_eq!(replayed.len(), 5);
    town.person(30).await;
    town.engineer(30, 1, "2026-11-01", None).await;
    assert_eq!(replay(app, &town.hr, &no).await.unwrap(), None, "the population has changed");

    let own = draw(app, &city, &asked("risk", "100", "")).await.unwrap();
    let page = sample_page(app, &city, &own, 0).await.unwrap();
    let people: Vec<_> = page.items.iter().map(|item| item.enterprise.as_str()).collect();
    assert_eq!(people, ["企业2", "企业2"], "a city draws among its own");
    let foreign = sample_page(app, &city, &no, 0).await;
    assert!(matches!(foreign, Err(Error::NotFound(_))), "another office's");
    let clerk = actor(&town.world, "clerk", "enterprise_clerk", "350102", Some(1)).await;
    assert!(matches!(overview(app, &clerk).await, Err(Error::Forbidden(_))));

    for (bad, field) in [
        (asked("", "10", ""), "drawing"),
        (asked("risk", "9", ""), "percent"),
        (asked("risk", "10", "-1"), "seed"),
        (Asked { uscc: "91".to_owned(), ..asked("risk", "10", "") }, "uscc"),
    ] {
        match draw(app, &town.hr, &bad).await {
            Err(Error::Invalid(fields)) => assert_eq!(fields[0].0, field),
            other => panic!("{other:?}"),
        }
    }
}

async fn risks(world: World) {
    let town = town(world).await;
    let app = &town.world.app;
    for person in [1, 2] {
        let account = BankAccount {
            account_name: format!("工程师{person}"),
            account_index: "same".to_owned(),
            account_cipher: vec![1],
            last_four: "0000".to_owned(),
            bank_name: "中国银行".to_owned(),
            cnaps: "104391000010".to_owned(),
        };
        town.state(person, "2026-02-01", None, account).await;
    }
    let no = draw(app, &town.hr, &asked("risk", "100", "7")).await.unwrap();
    let page = sample_page(app, &town.hr, &no, 0).await.unwrap();
    let risks_of = |no: &str| {
        let item = page.items.iter().find(|item| item.person_no == no).unwrap();
        (item.risks.clone(), item.points)
    };
    use Risk::*;
    let many = |extra: &[Risk]| {
        let mut all = vec![ManyAtOnce];
        all.extend(extra);
        all
    };
    // Listed since 2025-11-04, more than a year ago; no month has evidence.
    assert_eq!(risks_of("E000001"), (many(&[SharedAccount, ShortInsurance]), 90));
    assert_eq!(risks_of("E000003"), (many(&[ShortInsurance]), 50));
    assert_eq!(risks_of("E000021"), (vec![], 0), "evidence for every month");

    for item in &page.items {
        let wrong = item.person_no == "E000001" || item.person_no == "E000002";
        let found = if wrong { ("error", "账户不是本人的") } else { ("clean", "") };
        record(app, &town.hr, (&no, item.seq), found).await.unwrap();
    }
    let told = overview(app, &town.hr).await.unwrap();
    let risk = |risk: Risk| {
        let line = told.risks.iter().find(|line| line.risk == risk).unwrap();
        (line.record.checked, line.record.hits, line.points)
    };
    assert_eq!(risk(SharedAccount), (2, 2, 40), "two are too few to tell");
    assert_eq!(risk(ManyAtOnce), (20, 2, 20), "one in ten changes nothing");
    assert_eq!(risk(NewEmployer), (0, 0, 20));
    assert_eq!((told.samples[0].record.checked, told.samples[0].record.hits), (22, 2));

    let first = &page.items[0];
    let twice = record(app, &town.hr, (&no, first.seq), ("clean", "")).await;
    assert!(matches!(twice, Err(Error::Stale(_))), "{twice:?}");
    let second = draw(app, &town.hr, &asked("risk", "10", "1")).await.unwrap();
    let silent = record(app, &town.hr, (&second, 1), ("error", " ")).await;
    assert!(matches!(silent, Err(Error::Invalid(_))), "an error needs its words");
}

async fn suspension(world: World) {
    let town = town(world).await;
    let app = &town.world.app;
    let pilot =
        PilotAuthorisation { legal_form: LegalForm::Filing, quota_a: 1, quota_b: 2, quota_c: 3 };
    town.state(1, "2026-01-01", Some("2028-12-31"), pilot).await;
    let one = Asked { uscc: crate::town::FUZHOU.to_owned(), ..asked("random", "50", "3") };
    let no = draw(app, &town.hr, &one).await.unwrap();
    let mut proposed = Vec::new();
    for seq in 1..=10 {
        let found = if seq <= 2 { ("error", "不在岗") } else { ("clean", "") };
        proposed.push(record(app, &town.hr, (&no, seq), found).await.unwrap());
    }
    assert_eq!(proposed.iter().filter(|told| **told).count(), 1);
    assert!(proposed[9], "once the last one is checked");

    let approver = officer(&town, "approver", "hr_province_approver", "350000").await;
    let line = overview(app, &approver).await.unwrap().suspensions.remove(0);
    assert_eq!((line.record.hits, line.record.checked, line.state), (2, 10, "待决定"));
    assert!(line.may_decide);
    let choice = (Decided::Suspended, "闽人社〔2026〕9号");
    let own = decide_suspension(app, &town.hr, line.id, choice).await;
    assert!(matches!(own, Err(Error::Forbidden(_))), "{own:?}");
    let bare = decide_suspension(app, &approver, line.id, (Decided::Suspended, " ")).await;
    assert!(matches!(bare, Err(Error::Invalid(_))));
    decide_suspension(app, &approver, line.id, choice).await.unwrap();
    let again = decide_suspension(app, &approver, line.id, choice).await;
    assert!(matches!(again, Err(Error::Stale(_))), "{again:?}");

    let read = app.db.read();
    let held = facts_of::<PilotAuthorisation>(read, 1, Versions::Live).await.unwrap();
    let covered = |text: &str| held.iter().any(|stated| stated.period.covers(day(text)));
    assert!(covered("2026-11-23") && !covered("2026-11-24") && !covered("2027-11-23"));
    assert!(covered("2027-11-24") && covered("2028-12-31"), "it goes on after a year");
    let same_person =
        town.try_sql("UPDATE pilot_suspension SET decider_holder = proposer_holder").await;
    assert!(same_person.is_err(), "the database holds it too");
}

async fn pages(world: World) {
    let town = town(world).await;
    let app = &town.world.app;
    let mut hr = Visitor::with_role(app, "officer", Role::HrProvince, "350000").await;
    let list = hr.get("/checks").await;
    assert!(list.text().contains("还没有抽查"), "{}", list.text());
    let bad = hr.post("/checks", &[("drawing", "risk"), ("percent", "5")]).await;
    assert!(bad.texts("title")[0].starts_with("错误："));
    hr.get("/checks").await;
    let made =
        hr.post("/checks", &[("drawing", "random"), ("percent", "10"), ("seed", "42")]).await;
    assert!(made.text().contains("22 人中抽 3 人"), "{}", made.text());
    let action = "/checks/SC000001/items/1";
    let silent = hr.post(action, &[("finding", "error")]).await;
    assert!(silent.text().contains("请写明哪里有误"), "{}", silent.text());
    hr.get("/checks/SC000001").await;
    let done = hr.post(action, &[("finding", "clean")]).await;
    assert!(done.texts("span.tag").contains(&"属实".to_owned()));
    let file = hr.peek("/checks/SC000001/table.xlsx").await;
    assert_eq!(&file.bytes[..2], b"PK");
    let (name, bytes) = export(app, &town.hr, "SC000001").await.unwrap();
    assert!(name.ends_with(".xlsx") && !bytes.is_empty());
    let mut auditor = Visitor::with_role(app, "auditor", Role::Auditor, "350000").await;
    let read = auditor.get("/checks/SC000001").await;
    assert!(read.form("/checks/SC000001/items/2").is_none(), "auditors only read");
}

async fn named(world: World) {
    let mut offices = offices(world).await;
    offices.town.person(3).await;
    offices.town.engineer(3, 2, "2026-02-01", None).await;
    let no = offices.through_own_notice(1, TalentClass::C).await;
    let later = offices.through_own_notice(2, TalentClass::B).await;
    offices.through_checks(&no).await;
    offices.through_checks(&later).await;
    let app = offices.town.world.app.clone();
    let hr = offices.town.hr.clone();
    let said = async |sample: &str| {
        notice::publish(&app, &hr, &draft(&[&no], sample)).await.unwrap_err().to_string()
    };
    let typed = said("抽查2件，均符合").await;
    assert!(typed.contains("写明已核查完的抽查编号"), "{typed}");
    assert!(said("SC000099").await.contains("没有编号为 SC000099 的抽查"));
    let xiamen = officer(&offices.town, "xiamen", "hr_city", "350200").await;
    let elsewhere = draw(&app, &xiamen, &asked("random", "10", "1")).await.unwrap();
    assert!(said(&elsewhere).await.contains("不含本件的企业"));
    let of_other = Asked { uscc: crate::town::XIAMEN.to_owned(), ..asked("random", "10", "1") };
    let of_other = draw(&app, &hr, &of_other).await.unwrap();
    assert!(said(&of_other).await.contains("不含本件的企业"));
    // The city draws both of the enterprise; the second one is still to be looked at.
    let city = &offices.city;
    let own = draw(&app, city, &asked("random", "100", "1")).await.unwrap();
    record(&app, city, (&own, 1), ("clean", "")).await.unwrap();
    let open = said(&own).await;
    assert!(open.contains(&format!("抽查 {own} 还有 1 人没有核查完")), "{open}");
    record(&app, city, (&own, 2), ("error", "没有劳动合同")).await.unwrap();
    let named = format!("市级抽查{}，有误 1 人", own.to_lowercase());
    notice::publish(&app, &hr, &draft(&[&no], &named)).await.unwrap();
    // Nobody is left whom a sample could be drawn from.
    offices.town.left(1, "2026-06-08").await;
    offices.town.left(2, "2026-06-08").await;
    notice::publish(&app, &hr, &draft(&[&later], "企业没有可抽查的人员")).await.unwrap();
}
