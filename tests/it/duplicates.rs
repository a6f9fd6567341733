//! Persons registered twice: found, called different, made one by two people, and taken back.

mod files;
mod money;
mod pages;

use std::collections::BTreeSet;

use juncai::domain::duplicate::{PairState, Reason, Strength};
use juncai::domain::registry::{BankAccount, PersonContact, PersonDocument, PersonName};
use juncai::service::duplicate::{self, DuplicateQuery, NewMerge};
use juncai::service::roster::Grounds;
use juncai::service::{Actor, Error};
use juncai::store::merge::{self as store, NewMerge as Row};

use crate::on_both;
use crate::town::{Town, actor, person_no};
use crate::world::World;

on_both! {
    each_reason_finds_its_pair_and_only_live_facts_count => reasons;
    a_passport_and_a_residence_card_of_one_name_and_nationality_are_told_of => namesakes;
    a_dismissed_pair_comes_back_for_a_new_reason_only => dismissed;
    an_office_is_told_of_pairs_that_it_sees_both_of => scope;
    two_people_merge_and_two_people_take_it_back => two_people;
    of_two_officers_who_confirm_at_once_one_wins => race;
    overlapping_entries_are_corrected_first_and_none_comes_in_later => overlap;
    no_chain_is_ever_stored => chains;
    an_office_finds_the_number_that_leads_one_of_its_own => found_by_search;
}

/// Permanent residence cards, old and new, of one holder born on 3 July 1990.
const OLD_CARD: &str = "USA350190070403";
const NEW_CARD: &str = "935840199007049981";

async fn document(town: &Town, person: i64, kind: &str, number: &str) {
    let vault = &town.world.app.vault;
    let document = PersonDocument {
        document_type: kind.to_owned(),
        country: "USA".to_owned(),
        number_index: vault.index("document", &format!("{kind}:{number}")),
        number_cipher: vault.seal("person_document.number_cipher", number.as_bytes()).unwrap(),
        number_masked: format!("{}****{}", &number[..2], &number[number.len() - 2..]),
    };
    town.state(person, "2020-01-01", None, document).await;
}

async fn mobile(town: &Town, person: i64, number: &str) {
    let vault = &town.world.app.vault;
    let contact = PersonContact {
        mobile_cipher: vault.seal("person_contact.mobile_cipher", number.as_bytes()).unwrap(),
        mobile_masked: "138****0001".to_owned(),
    };
    town.state(person, "2020-01-01", None, contact).await;
}

async fn account(town: &Town, person: i64, number: &str) {
    let vault = &town.world.app.vault;
    let account = BankAccount {
        account_name: format!("工程师{person}"),
        account_index: vault.index("account", number),
        account_cipher: vault.seal("bank_account.account_cipher", number.as_bytes()).unwrap(),
        last_four: number[number.len() - 4..].to_owned(),
        bank_name: "兴业银行福州五一支行".to_owned(),
        cnaps: "309391000011".to_owned(),
    };
    town.state(person, "2020-01-01", None, account).await;
}

/// Gives a person another name from the beginning.
async fn renamed(town: &Town, person: i64, name: &str) {
    let tx = town.world.app.db.begin().await.unwrap();
    let live = juncai::store::fact::Versions::Live;
    let old = juncai::store::fact::facts_of::<PersonName>(&tx, person, live).await.unwrap()[0].id;
    let new = town.stated(person, "2020-01-01", None, PersonName { name: name.to_owned() });
    juncai::store::fact::correct(&tx, old, new).await.unwrap();
    tx.commit().await.unwrap();
}

/// The pairs that an actor is shown: (numbers, reasons, strength, state).
async fn seen(
    town: &Town,
    actor: &Actor,
    query: DuplicateQuery,
) -> Vec<(i64, i64, BTreeSet<Reason>, Strength, PairState)> {
    let page = duplicate::duplicates(&town.world.app, actor, query, 0).await.unwrap();
    assert_eq!(page.total as usize, page.rows.len());
    let id = |no: &str| no.trim_start_matches('E').parse::<i64>().unwrap();
    let row = |line: duplicate::DuplicateLine| {
        let reasons = line.reasons.into_iter().collect();
        (id(&line.one.no), id(&line.other.no), reasons, line.strength, line.state)
    };
    page.rows.into_iter().map(row).collect()
}

fn set(reasons: &[Reason]) -> BTreeSet<Reason> {
    reasons.iter().copied().collect()
}

fn open() -> DuplicateQuery {
    DuplicateQuery { reason: None, state: Some(PairState::Open) }
}

/// Persons 1 to `count`, each at enterprise 1 in a month of its own, so that nothing overlaps.
async fn people(world: World, count: i64) -> Town {
    let town = Town::new(world).await;
    for person in 1..=count {
        town.person(person).await;
        let (from, through) = (format!("2026-{person:02}-01"), format!("2026-{person:02}-20"));
        town.engineer(person, 1, &from, Some(&through)).await;
    }
    town
}

async fn second(town: &Town) -> Actor {
    actor(&town.world, "hr2", "hr_province", "350000", None).await
}

fn grounds() -> Grounds {
    Grounds::new("证件换发，系同一人", "闽人社函〔2026〕8号")
}

async fn propose(town: &Town, leading: i64, merged: i64) -> Result<String, Error> {
    let new = NewMerge {
        one: person_no(leading),
        other: person_no(merged),
        leading: person_no(leading),
        grounds: grounds(),
    };
    duplicate::propose(&town.world.app, &town.hr, &new).await
}

/// Merges a person into another: `hr` proposes, `hr2` confirms. Returns the number.
async fn merge(town: &Town, officer: &Actor, leading: i64, merged: i64) -> String {
    let no = propose(town, leading, merged).await.unwrap();
    duplicate::confirm(&town.world.app, officer, &no).await.unwrap();
    no
}

async fn undo(town: &Town, officer: &Actor, no: &str) {
    let app = &town.world.app;
    let request = duplicate::propose_undo(app, &town.hr, no, &grounds()).await.unwrap();
    duplicate::confirm(app, officer, &request).await.unwrap();
}

fn refusal(result: Result<impl std::fmt::Debug, Error>) -> String {
    match result.unwrap_err() {
        Error::Refused(text) | Error::Stale(text) => text,
        other => panic!("{other:?}"),
    }
}

async fn reasons(world: World) {
    let town = people(world, 6).await;
    renamed(&town, 1, "约翰·史密斯").await;
    renamed(&town, 2, "约翰 • 史密斯").await;
    renamed(&town, 3, "约翰史密").await;
    document(&town, 1, "permanent_residence", OLD_CARD).await;
    document(&town, 2, "permanent_residence", NEW_CARD).await;
    document(&town, 3, "passport", "C01X00T47").await;
    mobile(&town, 3, "13800000001").await;
    mobile(&town, 4, "13800000001").await;
    account(&town, 5, "6228480012349999").await;
    account(&town, 6, "6228480012349999").await;

    let expected = vec![
        (1, 2, set(&[Reason::Identity]), Strength::High, PairState::Open),
        (5, 6, set(&[Reason::Account]), Strength::Middle, PairState::Open),
        (3, 4, set(&[Reason::Mobile]), Strength::Low, PairState::Open),
    ];
    assert_eq!(seen(&town, &town.hr, open()).await, expected);
    for (at, reason) in [(0, Reason::Identity), (1, Reason::Account), (2, Reason::Mobile)] {
        let query = DuplicateQuery { reason: Some(reason), state: None };
        assert_eq!(seen(&town, &town.hr, query).await, [expected[at].clone()]);
    }
    let sheet = duplicate::export(&town.world.app, &town.hr, open()).await.unwrap();
    assert!(sheet.starts_with(b"PK"), "a workbook");
    let sql = "SELECT clue FROM person_clue WHERE clue <> '' AND (clue LIKE '%1990%' \
               OR clue LIKE '%1380000%')";
    assert!(town.texts(sql).await.is_empty(), "clues are keyed hashes");

    // The cause is mended: the pair is gone without anybody's doing.
    renamed(&town, 2, "约翰·史密森").await;
    assert_eq!(seen(&town, &town.hr, open()).await, expected[1..]);
}

async fn namesakes(world: World) {
    let town = people(world, 5).await;
    for person in 1..=5 {
        renamed(&town, person, "John Smith").await;
    }
    document(&town, 1, "passport", "C01X00T47").await;
    document(&town, 2, "permanent_residence", NEW_CARD).await;
    // Nobody of another nationality, and no Chinese of one name.
    for (person, country) in [(3, "CAN"), (4, "CHN"), (5, "CHN")] {
        let document = PersonDocument {
            document_type: "passport".to_owned(),
            country: country.to_owned(),
            number_index: format!("index-{person}"),
            number_cipher: town
                .world
                .app
                .vault
                .seal("person_document.number_cipher", format!("E1234567{person}").as_bytes())
                .unwrap(),
            number_masked: "E1****".to_owned(),
        };
        town.state(person, "2020-01-01", None, document).await;
    }
    let found = seen(&town, &town.hr, open()).await;
    let told = (1, 2, set(&[Reason::Namesake]), Strength::Middle, PairState::Open);
    assert_eq!(found, std::slice::from_ref(&told));
    let query = DuplicateQuery { reason: Some(Reason::Namesake), state: None };
    assert_eq!(seen(&town, &town.hr, query).await, [told]);
    // With one account more it is as good as certain.
    account(&town, 1, "6228480012349999").await;
    account(&town, 2, "6228480012349999").await;
    let both = set(&[Reason::Namesake, Reason::Account]);
    let certain = (1, 2, both, Strength::High, PairState::Open);
    assert_eq!(seen(&town, &town.hr, open()).await, [certain]);
}

async fn dismissed(world: World) {
    let town = people(world, 2).await;
    let app = &town.world.app;
    mobile(&town, 1, "13800000001").await;
    mobile(&town, 2, "13800000001").await;
    let (one, other) = (person_no(1), person_no(2));
    let mistyped = duplicate::dismiss(app, &town.hr, &one, &other, " ").await;
    assert!(matches!(mistyped, Err(Error::Invalid(_))));
    duplicate::dismiss(app, &town.hr, &other, &one, "夫妻共用手机").await.unwrap();
    assert!(seen(&town, &town.hr, open()).await.is_empty());
    assert!(
        refusal(duplicate::dismiss(app, &town.hr, &one, &other, "夫妻").await).contains("已排除")
    );
    let query = DuplicateQuery { reason: None, state: Some(PairState::Dismissed) };
    assert_eq!(seen(&town, &town.hr, query).await.len(), 1);

    account(&town, 1, "6228480012349999").await;
    account(&town, 2, "6228480012349999").await;
    let back = (1, 2, set(&[Reason::Mobile, Reason::Account]), Strength::High, PairState::Open);
    assert_eq!(seen(&town, &town.hr, open()).await, [back]);
    let view = duplicate::pair(app, &town.hr, &one, &other).await.unwrap();
    assert_eq!(view.dismissals[0].explanation, "夫妻共用手机");
    assert_eq!(view.dismissals[0].reasons, [Reason::Mobile]);
}

async fn scope(world: World) {
    let town = people(world, 3).await;
    town.engineer(3, 2, "2026-06-01", None).await;
    town.left(2, "2026-02-15").await;
    for person in 1..=3 {
        mobile(&town, person, "13800000001").await;
    }
    town.person(4).await;
    town.engineer(4, 2, "2026-06-01", None).await;
    mobile(&town, 4, "13800000001").await;
    let county = actor(&town.world, "county", "hr_county", "350102", None).await;
    let xiamen = actor(&town.world, "xiamen", "hr_city", "350200", None).await;
    let pairs = |rows: Vec<(i64, i64, BTreeSet<Reason>, Strength, PairState)>| {
        rows.into_iter().map(|row| (row.0, row.1)).collect::<Vec<_>>()
    };
    assert_eq!(pairs(seen(&town, &county, open()).await), [(1, 2), (1, 3), (2, 3)]);
    assert_eq!(pairs(seen(&town, &xiamen, open()).await), [(3, 4)]);
    assert_eq!(seen(&town, &town.hr, open()).await.len(), 6);
    let app = &town.world.app;
    let outside = duplicate::pair(app, &xiamen, &person_no(1), &person_no(3)).await;
    assert!(matches!(outside, Err(Error::NotFound(_))));
    let outside = duplicate::dismiss(app, &xiamen, &person_no(1), &person_no(3), "不是").await;
    assert!(matches!(outside, Err(Error::NotFound(_))));
    let new = NewMerge::default();
    assert!(matches!(duplicate::propose(app, &county, &new).await, Err(Error::Forbidden(_))));
}

async fn two_people(world: World) {
    let mut town = people(world, 2).await;
    let officer = second(&town).await;
    town.at("2026-08-01T09:00:00+08:00");
    let no = propose(&town, 1, 2).await.unwrap();
    assert_eq!(no, "HB000001");
    let app = &town.world.app;
    assert!(refusal(propose(&town, 2, 1).await).contains("HB000001"), "one proposal at a time");
    assert!(refusal(duplicate::confirm(app, &town.hr, &no).await).contains("另一位"));
    let own = "UPDATE merge_request SET state = 'confirmed', decided_holder = proposed_holder";
    assert!(town.try_sql(own).await.is_err(), "the database refuses it as well");
    assert!(store::merges(app.db.read(), None).await.unwrap().leaders().next().is_none());

    duplicate::confirm(app, &officer, &no).await.unwrap();
    assert!(refusal(duplicate::confirm(app, &officer, &no).await).contains("办结"));
    let merges = store::merges(app.db.read(), None).await.unwrap();
    assert_eq!((merges.leading(2), merges.group(1)), (1, vec![1, 2]));
    let before = juncai::store::merge::merges(
        app.db.read(),
        Some(crate::world::at("2026-07-31T23:59:59+08:00")),
    );
    assert_eq!(before.await.unwrap().leading(2), 2, "as known before the merge they are two");

    town.at("2026-09-01T09:00:00+08:00");
    let app = &town.world.app;
    let request = duplicate::propose_undo(app, &officer, &no, &grounds()).await.unwrap();
    assert!(refusal(duplicate::confirm(app, &officer, &request).await).contains("另一位"));
    duplicate::reject(app, &officer, &request, "填错了文号").await.unwrap();
    assert!(refusal(duplicate::confirm(app, &town.hr, &request).await).contains("办结"));
    undo(&town, &officer, &no).await;
    let now = store::merges(app.db.read(), None).await.unwrap();
    assert_eq!(now.leading(2), 2);
    let then = Some(crate::world::at("2026-08-15T00:00:00+08:00"));
    assert_eq!(store::merges(app.db.read(), then).await.unwrap().leading(2), 1);
    let erase = town.try_sql("DELETE FROM person_merge").await;
    assert!(erase.is_err(), "a merge that was undone stays on record");
    let view = duplicate::merge_view(app, &town.hr, &no).await.unwrap();
    assert_eq!(view.state, duplicate::MergeState::Undone);
    assert_eq!(view.steps.len(), 6, "three requests, each proposed and decided");
    merge(&town, &officer, 2, 1).await;
}

async fn race(world: World) {
    let town = people(world, 2).await;
    let (one, other) =
        (second(&town).await, actor(&town.world, "hr3", "hr_province", "350000", None).await);
    let no = propose(&town, 1, 2).await.unwrap();
    let app = &town.world.app;
    let (first, last) =
        tokio::join!(duplicate::confirm(app, &one, &no), duplicate::confirm(app, &other, &no));
    let lost = match (first, last) {
        (Ok(()), lost) | (lost, Ok(())) => lost,
        both => panic!("nobody won: {both:?}"),
    };
    assert!(matches!(lost, Err(Error::Stale(_))), "{lost:?}");
    assert_eq!(store::all(app.db.read()).await.unwrap().len(), 1);
}

async fn overlap(world: World) {
    let mut town = people(world, 3).await;
    let officer = second(&town).await;
    town.person(4).await;
    town.engineer(4, 2, "2026-03-10", None).await;
    let text = refusal(propose(&town, 4, 3).await);
    for words in
        ["名册", "全职任职", "E000004", "2026-03-10起", "E000003", "2026-03-01至2026-03-20"]
    {
        assert!(text.contains(words), "{words} is missing in {text}");
    }
    // The clash comes in between proposal and confirmation.
    let no = propose(&town, 1, 4).await.unwrap();
    town.engineer(1, 3, "2026-04-01", None).await;
    let late = duplicate::confirm(&town.world.app, &officer, &no).await;
    assert!(refusal(late).contains("2026-04-01起"));
    town.at("2026-05-01T09:00:00+08:00");
    town.left(4, "2026-03-25").await;
    duplicate::confirm(&town.world.app, &officer, &no).await.unwrap();

    // Whoever states an entry later, under whichever number: they are one person.
    let insert = "INSERT INTO roster_entry (person_id, enterprise_id, status, valid_from, \
        recorded_at, recorded_by, source_id, reason) SELECT 4, 2, 'declared', '2026-06-01', \
        recorded_at, recorded_by, source_id, '' FROM roster_entry WHERE person_id = 1 \
        AND superseded_at IS NULL AND enterprise_id = 3";
    let error = town.try_sql(insert).await.unwrap_err();
    assert!(error.contains("merged_roster_overlap"), "{error}");
    undo(&town, &officer, &no).await;
    town.try_sql(insert).await.unwrap();
}

async fn chains(world: World) {
    let town = people(world, 4).await;
    let officer = second(&town).await;
    merge(&town, &officer, 1, 2).await;
    assert!(refusal(propose(&town, 3, 2).await).contains("已并入"));
    assert!(refusal(propose(&town, 2, 3).await).contains("已并入"));
    assert!(refusal(propose(&town, 3, 1).await).contains("只能作为主编号"));
    merge(&town, &officer, 1, 4).await;

    // The database refuses them without the service.
    let app = &town.world.app;
    for (number, (leading_id, merged_id)) in [(3, 2), (2, 3), (3, 1)].into_iter().enumerate() {
        let tx = app.db.begin().await.unwrap();
        let row = Row {
            merge_no: &format!("X{number}"),
            leading_id,
            merged_id,
            reason: "",
            source_id: 1,
            recorded_by: officer.account_id,
            recorded_at: app.clock.now(),
        };
        let stored = store::record(&tx, &row).await;
        assert!(stored.is_err(), "{merged_id} into {leading_id}");
    }
}

async fn found_by_search(world: World) {
    let mut town = Town::new(world).await;
    for (person, enterprise, month) in [(1, 2, 1), (2, 1, 2)] {
        town.person(person).await;
        let (from, through) = (format!("2026-{month:02}-01"), format!("2026-{month:02}-20"));
        town.engineer(person, enterprise, &from, Some(&through)).await;
    }
    let officer = second(&town).await;
    let fuzhou = actor(&town.world, "fuzhou", "hr_city", "350100", None).await;
    let xiamen = actor(&town.world, "xiamen", "hr_city", "350200", None).await;
    town.at("2026-08-01T09:00:00+08:00");
    let typed = juncai::domain::search::Typed::of("工程师1");
    let numbers = async |town: &Town, who: &Actor| {
        let found = juncai::service::search::search(&town.world.app, who, &typed, 2026).await;
        let rows = found.unwrap().engineers.rows.into_iter();
        rows.map(|line| line.no).collect::<Vec<_>>()
    };
    assert_eq!(numbers(&town, &fuzhou).await, Vec::<String>::new(), "somebody else's so far");
    merge(&town, &officer, 1, 2).await;
    assert_eq!(numbers(&town, &fuzhou).await, [person_no(1)]);
    assert_eq!(numbers(&town, &xiamen).await, [person_no(1)]);
}
