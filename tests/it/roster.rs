//! The roster: declared by the enterprise, confirmed by the province, corrected without editing.

mod pages;
mod town;

use juncai::domain::registry::{
    BankAccount, Employment, Exclusion, Listing, RosterEntry, RosterStatus, Suspension,
};
use juncai::domain::roster::DepartureReason;
use juncai::service::Actor;
use juncai::service::Error;
use juncai::service::roster::{
    About, Asked, Change, FactKind, FactRef, Grounds, LastDay, NewAccount, change_bank_account,
    decide_account, decide_change, declarations, end_entry, request_change, waiting,
};
use juncai::store::fact::Versions;
use sea_orm::ConnectionTrait;

use crate::on_both;
use crate::world::{World, at};
use town::{Town, USCC, day, held, spans, wrong_fields};

on_both! {
    what_is_declared_is_listed_with_what_stands_against_it => listed;
    a_departure_shortens_entry_and_employment_and_what_was_known_stays => departure;
    a_departure_is_reported_by_the_employer_or_by_its_office_only => foreign;
    a_correction_is_asked_for_by_one_officer_and_made_by_another => two_officers;
    a_request_that_the_registry_has_overtaken_can_only_be_sent_back => overtaken;
    a_correction_that_breaks_a_rule_is_refused_with_words => overlap;
    the_list_is_corrected_by_the_province_only => list_correction;
    a_changed_account_leaves_the_old_one_as_history => bank_account;
    an_account_of_somebody_else_needs_a_reason => other_holder;
    an_enterprise_taken_off_the_list_stays_listed_through_its_last_day => delisting;
    a_suspension_and_an_exclusion_are_stated_and_can_be_shortened => restrictions;
}

async fn entry_of(world: &World, person: i64) -> i64 {
    held::<RosterEntry>(world, person, Versions::Live).await.last().unwrap().id
}

/// Asks for a change.
async fn ask(world: &World, actor: &Actor, change: Change) -> Result<Asked, Error> {
    request_change(&world.app, actor, &change, &grounds()).await
}

/// One asks for a change and another makes it.
async fn changed(
    world: &World,
    (asks, makes): (&Actor, &Actor),
    change: Change,
) -> Result<Asked, Error> {
    let asked = ask(world, asks, change).await?;
    decide_change(&world.app, makes, &asked.no, (true, "")).await?;
    Ok(asked)
}

fn grounds() -> Grounds {
    Grounds::new("劳动合同首日登记有误", "闽人社更〔2026〕7号")
}

fn left_on(last_day: &str) -> LastDay {
    LastDay {
        last_day: day(last_day),
        reason: DepartureReason::Resigned,
        note: String::new(),
        document_no: "解证2026-031".into(),
    }
}

/// As the offices enter these people on the roster: the declared entries end, confirmed ones take
/// their place.
async fn confirmed(world: &World, town: &Town, people: std::ops::RangeInclusive<i64>) {
    for person in people {
        let entry = held::<RosterEntry>(world, person, Versions::Live).await.pop().unwrap();
        town.confirm(world, &entry).await;
    }
}

async fn listed(mut world: World) {
    let town = Town::new(&world).await;
    town.declared(&world, 1, 11..=12, "2026-01-01..").await;
    town.declared(&world, 2, 13..=13, "2025-11-03..").await;
    let ground = Exclusion { ground: "持股5%以上".into() };
    town.state(&world, 12, "2026-01-01..", ground).await;
    world.set_time("2026-01-20T10:00:00+08:00");

    let page = declarations(&world.app, &town.officer, 1).await.unwrap();
    let row = &page.rows[0];
    assert_eq!((page.total, row.name.as_str(), row.post.as_str()), (3, "张一一", "算法研发"));
    assert_eq!((row.enterprise.as_str(), row.document.as_str()), ("第1企业", "护照 E****011"));
    assert_eq!((row.declared_by.as_str(), row.remarks.as_slice()), ("陈经办", &[][..]));
    let blocked: Vec<bool> = page.rows.iter().map(|row| row.blocked).collect();
    assert_eq!(blocked, [false, true, true], "excluded, and not on the list");
    let own = declarations(&world.app, &town.clerk_in_office, 1).await.unwrap();
    assert!(own.rows[0].blocked, "the clerk who declared it holds an account of the province");
    assert_eq!(waiting(&world.app, &town.officer).await.unwrap(), 3);
    confirmed(&world, &town, 11..=13).await;
    assert_eq!(waiting(&world.app, &town.officer).await.unwrap(), 0);
}

async fn departure(mut world: World) {
    let town = Town::new(&world).await;
    town.declared(&world, 1, 11..=11, "2026-01-01..").await;
    confirmed(&world, &town, 11..=11).await;
    world.set_time("2026-07-03T10:00:00+08:00");
    let no_number = LastDay { document_no: "  ".into(), ..left_on("2026-06-30") };
    let refused = end_entry(&world.app, &town.clerk, "P11", &no_number).await;
    assert_eq!(wrong_fields(refused), ["document_no"]);

    let left = end_entry(&world.app, &town.clerk, "P11", &left_on("2026-06-30")).await.unwrap();
    assert_eq!(
        (left.enterprise.as_str(), left.entry_ended, left.employment_ended),
        ("第1企业", true, true)
    );
    let known = |instant| Versions::KnownAt(at(instant));
    let (before, after) = (known("2026-07-03T09:59:59+08:00"), Versions::Live);
    assert_eq!(spans::<RosterEntry>(&world, 11, before).await, ["2026-01-01.."]);
    assert_eq!(spans::<RosterEntry>(&world, 11, after).await, ["2026-01-01..2026-06-30"]);
    assert_eq!(spans::<Employment>(&world, 11, before).await, ["2024-03-01.."]);
    assert_eq!(spans::<Employment>(&world, 11, after).await, ["2024-03-01..2026-06-30"]);
    let entry = &held::<RosterEntry>(&world, 11, Versions::Live).await[0];
    assert_eq!((entry.fact.status, entry.reason.as_str()), (RosterStatus::Confirmed, "本人辞职"));

    let again = end_entry(&world.app, &town.clerk, "P11", &left_on("2026-06-30")).await;
    assert!(again.unwrap_err().to_string().contains("无需再办"));
    let never = end_entry(&world.app, &town.clerk, "P11", &left_on("2024-02-29")).await;
    assert!(never.unwrap_err().to_string().contains("不在职"));
}

async fn foreign(mut world: World) {
    let town = Town::new(&world).await;
    town.declared(&world, 1, 11..=11, "2026-01-01..").await;
    confirmed(&world, &town, 11..=11).await;
    world.set_time("2026-07-03T10:00:00+08:00");
    let fact = FactRef { kind: FactKind::RosterEntry, id: entry_of(&world, 11).await };
    let new = account("张一一", "6222021402000000346");
    for actor in [&town.other_clerk, &town.xiamen] {
        let left = end_entry(&world.app, actor, "P11", &left_on("2026-06-30")).await;
        assert!(matches!(left, Err(Error::NotFound(_))), "{left:?}");
        let changed = change_bank_account(&world.app, actor, "P11", &new).await;
        assert!(matches!(changed, Err(Error::NotFound(_))), "{changed:?}");
    }
    let change = Change::Correct(fact, (day("2026-02-01"), None));
    let corrected = ask(&world, &town.xiamen, change.clone()).await;
    assert!(matches!(corrected, Err(Error::NotFound(_))), "{corrected:?}");
    let by_clerk = ask(&world, &town.clerk, change).await;
    assert!(matches!(by_clerk, Err(Error::Forbidden(_))), "{by_clerk:?}");
    assert_eq!(spans::<RosterEntry>(&world, 11, Versions::All).await.len(), 2, "nothing changed");

    end_entry(&world.app, &town.officer, "P11", &left_on("2026-06-30")).await.unwrap();
    assert_eq!(spans::<RosterEntry>(&world, 11, Versions::Live).await, ["2026-01-01..2026-06-30"]);
}

async fn two_officers(mut world: World) {
    let town = Town::new(&world).await;
    town.declared(&world, 1, 11..=11, "2026-01-01..").await;
    confirmed(&world, &town, 11..=11).await;
    world.set_time("2026-07-03T10:00:00+08:00");
    let fact = FactRef { kind: FactKind::RosterEntry, id: entry_of(&world, 11).await };
    assert_eq!(FactRef::parse(&fact.to_string()), Some(fact));

    let to = |first| Change::Correct(fact, (day(first), None));
    let asked = ask(&world, &town.officer, to("2026-02-01")).await.unwrap();
    assert_eq!(asked.about, About::Person("P11".into()));
    let beside = ask(&world, &town.colleague, to("2026-03-01")).await.unwrap_err().to_string();
    assert!(beside.contains(&asked.no), "another request about the same waits: {beside}");
    let live = spans::<RosterEntry>(&world, 11, Versions::Live).await;
    assert_eq!(live, ["2026-01-01.."], "nothing holds before another person looked");

    let decide = async |actor| decide_change(&world.app, actor, &asked.no, (true, "")).await;
    let own = decide(&town.officer).await.unwrap_err().to_string();
    assert!(own.contains("另一人"), "{own}");
    for actor in [&town.xiamen, &town.clerk] {
        let hidden = decide(actor).await;
        assert!(matches!(hidden, Err(Error::NotFound(_) | Error::Forbidden(_))), "{hidden:?}");
    }
    let (one, other) = tokio::join!(decide(&town.colleague), decide(&town.colleague));
    let told = |other: &Result<_, Error>| matches!(other, Err(Error::Stale(_)));
    let one_is_told = (one.is_ok() && told(&other)) || (other.is_ok() && told(&one));
    assert!(one_is_told, "of two who decide at once: {one:?} {other:?}");
    let live = spans::<RosterEntry>(&world, 11, Versions::Live).await;
    assert_eq!(live, ["2026-02-01.."]);
    let late = ask(&world, &town.colleague, to("2026-03-01")).await;
    let Err(Error::Stale(text)) = late else { panic!("from an old page: {late:?}") };
    let was = text.contains("您看到的是2026-01-01起") && text.contains("现为2026-02-01起");
    assert!(was, "{text}");
}

async fn overtaken(mut world: World) {
    let town = Town::new(&world).await;
    town.declared(&world, 1, 11..=11, "2026-01-01..").await;
    confirmed(&world, &town, 11..=11).await;
    world.set_time("2026-07-03T10:00:00+08:00");
    let fact = FactRef { kind: FactKind::RosterEntry, id: entry_of(&world, 11).await };
    let change = Change::Correct(fact, (day("2026-02-01"), None));
    let asked = ask(&world, &town.officer, change.clone()).await.unwrap();
    end_entry(&world.app, &town.clerk, "P11", &left_on("2026-06-30")).await.unwrap();
    let decide = async |actor, accept, note| {
        decide_change(&world.app, actor, &asked.no, (accept, note)).await
    };
    let stale = decide(&town.colleague, true, "").await;
    assert!(matches!(stale, Err(Error::Stale(_))), "the person left meanwhile: {stale:?}");
    assert_eq!(wrong_fields(decide(&town.colleague, false, " ").await), ["note"]);
    decide(&town.officer, false, "已离职").await.expect("one's own can be taken back");
    assert_eq!(spans::<RosterEntry>(&world, 11, Versions::Live).await, ["2026-01-01..2026-06-30"]);

    let fact = FactRef { kind: FactKind::RosterEntry, id: entry_of(&world, 11).await };
    let days = (day("2026-02-01"), Some(day("2026-06-30")));
    let asked = ask(&world, &town.officer, Change::Correct(fact, days)).await.unwrap();
    let alone = "UPDATE change_request SET decided_by = asked_by, decided_holder = asked_holder, \
        decided_at = asked_at, accepted = true WHERE decided_at IS NULL";
    let alone = world.app.db.read().execute_raw(statement(&world, alone)).await;
    let error = alone.unwrap_err().to_string();
    assert!(error.contains("change_request_two_people"), "the database refuses too: {error}");
    decide_change(&world.app, &town.colleague, &asked.no, (true, "")).await.unwrap();
}

async fn overlap(world: World) {
    let town = Town::new(&world).await;
    town.declared(&world, 1, 11..=11, "2026-02-01..").await;
    let earlier = RosterEntry { enterprise_id: 2, status: RosterStatus::Confirmed };
    town.state(&world, 11, "2025-12-01..2025-12-31", earlier).await;
    let entry = held::<RosterEntry>(&world, 11, Versions::Live).await;
    let fact = FactRef { kind: FactKind::RosterEntry, id: entry[0].id };
    let try_days = async |from: &str, through: Option<&str>, grounds: Grounds| {
        let change = Change::Correct(fact, (day(from), through.map(day)));
        request_change(&world.app, &town.officer, &change, &grounds).await
    };
    let nothing = try_days("2026-03-01", Some("2026-02-01"), Grounds::default()).await;
    assert_eq!(wrong_fields(nothing), ["reason", "document_no", "until"]);
    let refused = try_days("2025-12-15", None, grounds()).await.unwrap_err().to_string();
    assert!(refused.contains("在2025-12-01至2025-12-31已有名册记录"), "{refused}");
    let same = try_days("2026-02-01", None, grounds()).await.unwrap_err().to_string();
    assert!(same.contains("没有需要更正的内容"), "{same}");
    let change = Change::Correct(fact, (day("2026-01-01"), None));
    changed(&world, (&town.colleague, &town.officer), change).await.unwrap();

    // Whoever corrected a declaration does not enter it, nor does whoever made it.
    for (actor, blocked) in
        [(&town.officer, true), (&town.clerk_in_office, true), (&town.colleague, false)]
    {
        let page = declarations(&world.app, actor, 1).await.unwrap();
        assert_eq!(page.rows[0].blocked, blocked, "{}", actor.login);
    }
    confirmed(&world, &town, 11..=11).await;
    let fact = FactRef { kind: FactKind::RosterEntry, id: entry_of(&world, 11).await };
    let unlisted = Change::Correct(fact, (day("2025-11-03"), Some(day("2025-11-30"))));
    let refused = ask(&world, &town.officer, unlisted).await;
    assert!(refused.unwrap_err().to_string().contains("不在骨干企业清单内"));
    let two = (&town.officer, &town.colleague);
    changed(&world, two, Change::Withdraw(fact)).await.unwrap();
    assert_eq!(spans::<RosterEntry>(&world, 11, Versions::Live).await, ["2025-12-01..2025-12-31"]);
    let again = ask(&world, &town.officer, Change::Withdraw(fact)).await;
    assert!(matches!(again, Err(Error::Stale(_))), "{again:?}");
}

async fn list_correction(world: World) {
    let town = Town::new(&world).await;
    let listing = held::<Listing>(&world, 2, Versions::Live).await[0].id;
    let fact = FactRef { kind: FactKind::Listing, id: listing };
    let change = Change::Correct(fact, (day("2025-11-04"), Some(day("2026-12-31"))));
    let by_city = ask(&world, &town.xiamen, change.clone()).await;
    assert!(matches!(by_city, Err(Error::Forbidden(_))), "{by_city:?}");
    let done = changed(&world, (&town.officer, &town.colleague), change).await.unwrap();
    assert_eq!(done.about, About::Enterprise(USCC[1].into()));
    assert_eq!(spans::<Listing>(&world, 2, Versions::Live).await, ["2025-11-04..2026-12-31"]);
}

fn account(name: &str, number: &str) -> NewAccount {
    NewAccount {
        account_name: name.into(),
        account_number: number.into(),
        bank_name: "建设银行福州分行".into(),
        cnaps: "105403099941".into(),
        from: day("2026-06-01"),
        reason: String::new(),
        document_no: String::new(),
    }
}

async fn bank_account(mut world: World) {
    let town = Town::new(&world).await;
    town.declared(&world, 1, 11..=11, "2026-01-01..").await;
    world.set_time("2026-06-10T10:00:00+08:00");
    let wrong = NewAccount {
        account_number: "62170000".into(),
        bank_name: String::new(),
        cnaps: "105403099942".into(),
        from: day("2026-06-11"),
        ..account("张", "")
    };
    let refused = change_bank_account(&world.app, &town.clerk, "P11", &wrong).await;
    let all = ["account_name", "account_number", "bank_name", "cnaps", "from"];
    assert_eq!(wrong_fields(refused), all);

    let new = account("张 一一", "6222 0214 0200 0000 346");
    let done = change_bank_account(&world.app, &town.clerk, "P11", &new).await.unwrap();
    assert_eq!((done.last_four.as_str(), done.warning), ("0346", None));
    assert_eq!(spans::<BankAccount>(&world, 11, Versions::Live).await, ["2024-03-01.."]);
    let no = done.filing.expect("another number waits for another person");
    decide_account(&world.app, &town.officer, &no, (true, "")).await.unwrap();
    let before = Versions::KnownAt(at("2026-06-10T09:59:59+08:00"));
    assert_eq!(spans::<BankAccount>(&world, 11, before).await, ["2024-03-01.."]);
    let live = held::<BankAccount>(&world, 11, Versions::Live).await;
    let days = spans::<BankAccount>(&world, 11, Versions::Live).await;
    assert_eq!(days, ["2024-03-01..2026-05-31", "2026-06-01.."]);
    assert_eq!(
        (live[0].fact.last_four.as_str(), live[1].fact.last_four.as_str()),
        ("0011", "0346")
    );
    assert_eq!(live[1].fact.account_name, "张一一");
    let sealed = &live[1].fact.account_cipher;
    let number = world.app.vault.open_text("bank_account.account_cipher", sealed).unwrap();
    assert_eq!(number.as_str(), "6222021402000000346");
    let log = "SELECT detail FROM audit_event WHERE action = 'bank_account.changed'";
    let told = world.app.db.read().query_all_raw(statement(&world, log)).await.unwrap();
    let told: String = told[0].try_get("", "detail").unwrap();
    assert!(told.contains("0346") && !told.contains("2021402"), "{told}");
    assert!(told.contains("\"before\":{\"last_four\":\"0011\""), "old beside new: {told}");

    let same = change_bank_account(&world.app, &town.clerk, "P11", &new).await;
    assert!(same.unwrap_err().to_string().contains("完全相同"));
    end_entry(&world.app, &town.clerk, "P11", &left_on("2026-06-09")).await.unwrap();
    let former = change_bank_account(&world.app, &town.clerk, "P11", &account("张一一", "")).await;
    assert_eq!(wrong_fields(former), ["account_number"]);
    let third = account("张一一", "6214830000000785");
    let former = change_bank_account(&world.app, &town.clerk, "P11", &third).await;
    assert!(former.unwrap_err().to_string().contains("已离开本企业"));
}

fn statement(world: &World, sql: &str) -> sea_orm::Statement {
    sea_orm::Statement::from_string(world.app.db.read().get_database_backend(), sql)
}

async fn other_holder(mut world: World) {
    let town = Town::new(&world).await;
    town.declared(&world, 1, 11..=12, "2026-01-01..").await;
    world.set_time("2026-06-10T10:00:00+08:00");
    let change =
        async |new: NewAccount| change_bank_account(&world.app, &town.officer, "P11", &new).await;
    let heir = account("李四", "6222021402000000346");
    assert_eq!(wrong_fields(change(heir.clone()).await), ["account_name"]);
    let spouse = "6217000000000000012";
    assert_eq!(wrong_fields(change(account("张一一", spouse)).await), ["account_number"]);
    let proven = NewAccount { reason: "继承人，公证书2026-88".into(), ..heir };
    let no = change(proven).await.unwrap().filing.expect("it waits");
    decide_account(&world.app, &town.colleague, &no, (true, "")).await.unwrap();
    let live = held::<BankAccount>(&world, 11, Versions::Live).await;
    let last = live.last().unwrap();
    assert_eq!(
        (last.fact.account_name.as_str(), last.reason.as_str()),
        ("李四", "继承人，公证书2026-88")
    );
}

async fn delisting(mut world: World) {
    let town = Town::new(&world).await;
    town.declared(&world, 1, 11..=11, "2026-07-01..").await;
    world.set_time("2026-07-10T10:00:00+08:00");
    let end = async |actor, uscc: &str, last_day: &str| {
        let change = Change::Delist(uscc.to_owned(), day(last_day));
        changed(&world, (actor, &town.colleague), change).await
    };
    let by_city = end(&town.xiamen, USCC[1], "2026-06-30").await;
    assert!(matches!(by_city, Err(Error::Forbidden(_))), "{by_city:?}");
    let unknown = end(&town.officer, "91350100MAFAKE999X", "2026-06-30").await;
    assert!(matches!(unknown, Err(Error::NotFound(_))), "{unknown:?}");
    let too_early = end(&town.officer, USCC[0], "2025-11-03").await.unwrap_err();
    assert!(too_early.to_string().contains("不在清单内"), "{too_early}");

    let done = end(&town.officer, USCC[0], "2026-06-30").await.unwrap();
    assert_eq!(done.about, About::Enterprise(USCC[0].into()));
    let known = Versions::KnownAt(at("2026-07-10T09:59:59+08:00"));
    assert_eq!(spans::<Listing>(&world, 1, known).await, ["2025-11-04.."]);
    assert_eq!(spans::<Listing>(&world, 1, Versions::Live).await, ["2025-11-04..2026-06-30"]);
    let page = declarations(&world.app, &town.officer, 1).await.unwrap();
    assert!(page.rows[0].blocked, "nobody enters the roster after the removal");
}

async fn restrictions(mut world: World) {
    let town = Town::new(&world).await;
    town.declared(&world, 1, 11..=11, "2026-01-01..").await;
    world.set_time("2026-06-10T10:00:00+08:00");
    let may = |through| Change::Suspend("P11".into(), (day("2026-05-01"), Some(day(through))));
    let early = ask(&world, &town.officer, may("2026-05-31")).await;
    assert!(early.unwrap_err().to_string().contains("没有已确认的名册记录"));
    confirmed(&world, &town, 11..=11).await;
    let by_clerk = ask(&world, &town.clerk, may("2026-05-31")).await;
    assert!(matches!(by_clerk, Err(Error::Forbidden(_))), "{by_clerk:?}");
    let reversed = ask(&world, &town.officer, may("2026-04-30")).await;
    assert_eq!(wrong_fields(reversed), ["until"]);

    let two = (&town.officer, &town.colleague);
    changed(&world, two, may("2026-05-31")).await.unwrap();
    let twice = ask(&world, &town.colleague, may("2026-05-15")).await;
    assert!(twice.unwrap_err().to_string().contains("已有相同记录"));
    let id = held::<Suspension>(&world, 11, Versions::Live).await[0].id;
    let fact = FactRef { kind: FactKind::Suspension, id };
    let shorter = Change::Correct(fact, (day("2026-05-01"), Some(day("2026-05-20"))));
    changed(&world, (&town.colleague, &town.officer), shorter).await.unwrap();
    assert_eq!(spans::<Suspension>(&world, 11, Versions::Live).await, ["2026-05-01..2026-05-20"]);

    let open =
        |ground: &str| Change::Exclude("P11".into(), (day("2026-05-01"), None), ground.to_owned());
    assert_eq!(wrong_fields(ask(&world, &town.officer, open(" ")).await), ["ground"]);
    changed(&world, two, open("失信被执行人")).await.unwrap();
    assert_eq!(spans::<Exclusion>(&world, 11, Versions::Live).await, ["2026-05-01.."]);
}
