//! What pages show of the registry, to whom, and as of when.

mod scope;

use juncai::domain::money::Fen;
use juncai::domain::registry::{
    BankAccount, Code, PersonDocument, RosterEntry, RosterStatus, Stated,
};
use juncai::domain::roster::Standing;
use juncai::service::directory::{self, AsOf, EngineerQuery, Gap, LaneKind, ListingState, Start};
use juncai::service::{Actor, Error};
use juncai::store::fact::{self, Versions};

use crate::on_both;
use crate::town::{FUZHOU, Town, XIAMEN, actor, day, employment, person_no};
use crate::world::{World, at};

on_both! {
    a_record_answers_for_any_day_and_any_knowledge => any_pair;
    a_move_between_employers_is_one_history_with_its_gap => two_employers;
    a_year_shows_what_was_due_and_paid_and_what_was_known_before => years;
    an_account_is_shown_by_its_last_four_digits_from_its_first_day => account;
    every_state_of_the_filter_finds_the_rows_that_show_it => states;
    a_page_by_its_link_is_the_page_by_its_number => links;
    what_is_missing_is_found => missing;
    enterprises_are_found_by_what_they_are_called_and_where_they_stand => enterprises;
    an_enterprise_keeps_what_was_corrected => enterprise_record;
}

/// The resident number of the standard's own example.
pub const RESIDENT: &str = "11010519491231002X";

/// States an identity document of a person.
pub async fn document(town: &Town, person: i64, kind: &str, country: &str, number: &str) {
    let vault = &town.world.app.vault;
    let key = format!("{kind}:{country}:{number}");
    let document = PersonDocument {
        document_type: kind.to_owned(),
        country: country.to_owned(),
        number_index: vault.index("document", &key),
        number_cipher: vault.seal("person_document.number_cipher", number.as_bytes()).unwrap(),
        number_masked: format!("{}****{}", &number[..2], &number[number.len() - 2..]),
    };
    town.state(person, "2020-01-01", None, document).await;
}

/// States an account to pay to.
async fn pay_to(town: &Town, person: i64, from: &str, through: Option<&str>, number: &str) {
    let vault = &town.world.app.vault;
    let account = BankAccount {
        account_name: format!("工程师{person}"),
        account_index: vault.index("account", number),
        account_cipher: vault.seal("bank_account.account_cipher", number.as_bytes()).unwrap(),
        last_four: number[number.len() - 4..].to_owned(),
        bank_name: "兴业银行福州五一支行".to_owned(),
        cnaps: "309391000011".to_owned(),
    };
    town.state(person, from, through, account).await;
}

async fn declare(town: &Town, person: i64, enterprise_id: i64, from: &str) {
    town.state(person, from, None, employment(enterprise_id)).await;
    let entry = RosterEntry { enterprise_id, status: RosterStatus::Declared };
    town.state(person, from, None, entry).await;
}

/// Person 1 stays with enterprise 1, person 2 with enterprise 2; person 3 goes from 1 to 2.
async fn three_engineers(town: &Town) {
    for person in 1..=3 {
        town.person(person).await;
    }
    town.engineer(1, 1, "2025-12-01", None).await;
    town.engineer(2, 2, "2025-12-01", None).await;
    town.engineer(3, 1, "2025-12-01", Some("2026-05-10")).await;
    town.engineer(3, 2, "2026-05-25", None).await;
}

/// The record of a person as of a day, as known at an instant.
async fn seen(
    town: &Town,
    actor: &Actor,
    person: i64,
    on: &str,
    known: &str,
) -> directory::EngineerRecord {
    let as_of = AsOf { on: Some(day(on)), known_at: Some(at(known)) };
    let app = &town.world.app;
    directory::engineer(app, actor, &person_no(person), as_of).await.unwrap()
}

async fn any_pair(world: World) {
    let mut town = Town::new(world).await;
    town.person(1).await;
    town.engineer(1, 1, "2026-01-01", None).await;
    town.at("2026-04-10T09:00:00+08:00");
    town.left(1, "2026-03-31").await;
    town.at("2026-06-01T09:00:00+08:00");

    let (before, first, last, after) = (
        "2026-01-05T08:59:59+08:00",
        "2026-01-05T09:00:00+08:00",
        "2026-04-10T08:59:59+08:00",
        "2026-04-10T09:00:00+08:00",
    );
    let (active, ended) = (Some(Standing::Active), Some(Standing::Ended));
    for (on, known, standing, versions) in [
        ("2026-02-01", before, None, 0),
        ("2026-02-01", first, active, 2),
        ("2026-05-01", first, active, 2),
        ("2026-05-01", last, active, 2),
        ("2026-05-01", after, ended, 4),
        ("2026-03-31", after, active, 4),
        ("2026-04-01", after, ended, 4),
    ] {
        let record = seen(&town, &town.hr, 1, on, known).await;
        let of_work = record.versions.iter().filter(|v| ["任职", "名册"].contains(&v.subject));
        let found = (record.head.standing, of_work.count());
        assert_eq!(found, (standing, versions), "as of {on}, known at {known}");
        assert!(record.is_past && record.deeds == directory::Deeds::default());
    }
    let corrected = |record: &directory::EngineerRecord| {
        record.versions.iter().filter(|version| version.superseded_at.is_some()).count()
    };
    assert_eq!(corrected(&seen(&town, &town.hr, 1, "2026-05-01", last).await), 0);
    assert_eq!(corrected(&seen(&town, &town.hr, 1, "2026-05-01", after).await), 2);

    let now = directory::engineer(&town.world.app, &town.hr, "E000001", AsOf::default()).await;
    let now = now.unwrap();
    assert_eq!((now.is_past, now.head.standing), (false, ended));
    assert_eq!(now.correctable.len(), 2, "the two versions that hold now");
    let stated = fact::facts_of::<RosterEntry>(town.world.app.db.read(), 1, Versions::Live).await;
    let id = format!("roster_entry:{}", stated.unwrap()[0].id);
    assert!(now.correctable.iter().any(|(fact, _)| *fact == id), "{:?}", now.correctable);
}

async fn two_employers(world: World) {
    let mut town = Town::new(world).await;
    three_engineers(&town).await;
    town.insured(3, 2026, [1, 2, 3, 6]).await;
    town.at("2026-08-01T09:00:00+08:00");
    let record = directory::engineer(&town.world.app, &town.hr, "E000003", AsOf::default()).await;
    let record = record.unwrap();
    assert_eq!((record.head.enterprise.as_str(), record.head.uscc.as_str()), ("企业2", XIAMEN));
    assert_eq!(record.head.joined_on, Some(day("2026-05-25")));
    let lane = |label: &str| {
        let lane = record.history.lanes.iter().find(|lane| lane.label == label).unwrap();
        let text = |s: &directory::Stretch| format!("{} {} {:?}", s.period.from, s.label, s.kind);
        lane.stretches.iter().map(text).collect::<Vec<_>>()
    };
    let work = ["2025-12-01 企业1 Work", "2026-05-11 未任职 14 天 Gap", "2026-05-25 企业2 Work"];
    assert_eq!(lane("任职"), work);
    assert_eq!(lane("名册")[1], "2026-05-11 不在册 14 天 Gap");
    assert_eq!(lane("清单"), ["2025-12-01 首批 Listed", "2026-05-25 首批 Listed"]);
    let proven = [
        "2025-12-01 缺 1 个月 Gap",
        "2026-01-01 社保 3 个月 Evidence",
        "2026-04-01 缺 2 个月 Gap",
        "2026-06-01 社保 1 个月 Evidence",
        "2026-07-01 缺 1 个月 Gap",
    ];
    assert_eq!(lane("社保个税"), proven);
    assert_eq!((record.history.first_year, record.history.last_year), (2025, 2026));
    let gaps = record.history.lanes.iter().flat_map(|lane| &lane.stretches);
    assert_eq!(gaps.filter(|s| s.kind == LaneKind::Gap).count(), 5);
}

async fn years(world: World) {
    let mut town = Town::new(world).await;
    town.full_year(1, 1).await;
    town.at("2027-01-15T09:00:00+08:00");
    town.compute(2026).await;
    town.freeze_all("paid").await;
    town.at("2027-02-01T09:00:00+08:00");
    town.left(1, "2026-10-31").await;
    town.compute(2026).await;

    let now = directory::engineer(&town.world.app, &town.hr, "E000001", AsOf::default()).await;
    let years = now.unwrap().years;
    let [year] = years.as_slice() else { panic!("one year: {years:?}") };
    assert_eq!((year.year, year.version, year.months), (2026, 2, Some(10)));
    assert_eq!((year.net, year.paid), (Fen::new(16_666_667), Some(Fen::new(20_000_000))));
    assert_eq!(year.state.label(), "待追回");

    let then = seen(&town, &town.hr, 1, "2027-01-20", "2027-01-20T09:00:00+08:00").await.years;
    assert_eq!((then[0].version, then[0].net), (1, Fen::new(20_000_000)));
    let earlier = seen(&town, &town.hr, 1, "2027-01-20", "2027-01-15T08:59:59+08:00").await;
    assert!(earlier.years.is_empty(), "nothing was decided then");
}

async fn account(world: World) {
    let mut town = Town::new(world).await;
    three_engineers(&town).await;
    pay_to(&town, 1, "2026-01-01", Some("2026-02-28"), "6228480012345678").await;
    pay_to(&town, 1, "2026-03-01", None, "6228480087654321").await;
    town.at("2026-08-01T09:00:00+08:00");
    let known = "2026-08-01T09:00:00+08:00";
    for (on, last_four) in
        [("2025-12-31", None), ("2026-02-28", Some("5678")), ("2026-03-01", Some("4321"))]
    {
        let record = seen(&town, &town.hr, 1, on, known).await;
        let shown = record.head.account.map(|account| account.last_four);
        assert_eq!(shown.as_deref(), last_four, "on {on}");
        assert!(!format!("{:?}", record.versions).contains("622848"), "only the last four");
    }
}

/// Names in the list that a query finds, with the state each row shows.
async fn found(town: &Town, query: &EngineerQuery) -> Vec<(String, Option<Standing>)> {
    let page = directory::engineers(&town.world.app, &town.hr, query, 2026, &Start::Offset(0))
        .await
        .unwrap();
    assert_eq!(page.extent.rows, page.rows.len() as u64, "{query:?}");
    page.rows.into_iter().map(|row| (row.name, row.standing)).collect()
}

async fn states(world: World) {
    let mut town = Town::new(world).await;
    three_engineers(&town).await;
    for person in 4..=8 {
        town.person(person).await;
    }
    town.engineer(4, 1, "2025-12-01", None).await;
    town.suspend(4, "2026-07-01", None).await;
    declare(&town, 5, 1, "2026-07-01").await;
    town.engineer(6, 1, "2025-12-01", Some("2026-06-30")).await;
    town.state(7, "2025-12-01", None, employment(1)).await;
    town.at("2026-08-01T09:00:00+08:00");

    let all = found(&town, &EngineerQuery::default()).await;
    assert_eq!(all.len(), 7, "person 8 is known but was never with anybody: {all:?}");
    for standing in Standing::ALL {
        let query = EngineerQuery { standing: Some(*standing), ..EngineerQuery::default() };
        let expected: Vec<_> = all.iter().filter(|row| row.1 == Some(*standing)).cloned().collect();
        assert!(!expected.is_empty(), "{standing:?} occurs");
        assert_eq!(found(&town, &query).await, expected, "{standing:?}");
    }
    // Seen from the enterprise that person 3 left, the same person has left.
    let there = EngineerQuery { uscc: FUZHOU.to_owned(), ..EngineerQuery::default() };
    let ended = EngineerQuery { standing: Some(Standing::Ended), ..there.clone() };
    let left = [
        ("工程师3".to_owned(), Some(Standing::Ended)),
        ("工程师6".to_owned(), Some(Standing::Ended)),
    ];
    assert_eq!(found(&town, &ended).await, left);
    let names = |rows: Vec<(String, _)>| rows.into_iter().map(|row| row.0).collect::<Vec<_>>();
    let xiamen = EngineerQuery { city: "350200".to_owned(), ..EngineerQuery::default() };
    assert_eq!(names(found(&town, &xiamen).await), ["工程师2", "工程师3"]);
    for (text, expected) in
        [("程师3", vec!["工程师3"]), ("e000006", vec!["工程师6"]), ("%", vec![]), ("_程", vec![])]
    {
        let query = EngineerQuery { text: text.to_owned(), ..EngineerQuery::default() };
        assert_eq!(names(found(&town, &query).await), expected, "{text}");
    }
}

async fn links(world: World) {
    use juncai::service::directory::PAGE_SIZE;
    let town = Town::new(world).await;
    for person in 1..=130 {
        town.person(person).await;
        // Every seventh was never with anybody.
        if person % 7 != 0 {
            town.engineer(person, 1, "2025-12-01", None).await;
        }
    }
    let query = EngineerQuery::default();
    let page = async |start: Start| {
        let found = directory::engineers(&town.world.app, &town.hr, &query, 2026, &start).await;
        found.unwrap().rows.into_iter().map(|row| row.no).collect::<Vec<_>>()
    };
    let first = page(Start::Offset(0)).await;
    let second = page(Start::After(first.last().unwrap().clone())).await;
    let third = page(Start::After(second.last().unwrap().clone())).await;
    assert_eq!((first.len(), second.len(), third.len()), (50, 50, 12));
    for (number, by_link) in [&first, &second, &third].into_iter().enumerate() {
        assert_eq!(page(Start::Offset(number as u64 * PAGE_SIZE)).await, *by_link);
    }
    assert_eq!(page(Start::Before(third[0].clone())).await, second);
    assert_eq!(page(Start::Before(second[0].clone())).await, first);
    assert_eq!(page(Start::Before(first[0].clone())).await, Vec::<String>::new());
    assert_eq!(page(Start::After("E'999".to_owned())).await, Vec::<String>::new());
}

async fn missing(world: World) {
    let mut town = Town::new(world).await;
    three_engineers(&town).await;
    town.insured(2, 2026, [7]).await;
    pay_to(&town, 1, "2026-01-01", None, "6228480012345678").await;
    town.at("2026-08-15T09:00:00+08:00");
    let lacking = async |gap| {
        let query = EngineerQuery { gap: Some(gap), ..EngineerQuery::default() };
        found(&town, &query).await.into_iter().map(|row| row.0).collect::<Vec<_>>()
    };
    assert_eq!(lacking(Gap::Evidence).await, ["工程师1", "工程师3"]);
    assert_eq!(lacking(Gap::Account).await, ["工程师2", "工程师3"]);
}

async fn enterprises(world: World) {
    let mut town = Town::new(world).await;
    three_engineers(&town).await;
    town.full_year(4, 1).await;
    town.at("2027-01-15T09:00:00+08:00");
    town.compute(2026).await;
    let rows = async |query: directory::EnterpriseQuery| {
        let page = directory::enterprises(&town.world.app, &town.hr, &query, 2026, 0).await;
        page.unwrap().rows
    };
    let query = directory::EnterpriseQuery::default;
    let all = rows(query()).await;
    assert_eq!(all.iter().map(|row| row.engineers).collect::<Vec<_>>(), [2, 2, 0]);
    let entitled: Vec<_> = all.iter().map(|row| row.entitled.get()).collect();
    assert_eq!(entitled, [20_000_000, 0, 0]);
    assert_eq!(all[0].place, "福州市鼓楼区");
    for (query, expected) in [
        (directory::EnterpriseQuery { text: "业2".to_owned(), ..query() }, vec![XIAMEN]),
        (directory::EnterpriseQuery { text: XIAMEN.to_owned(), ..query() }, vec![XIAMEN]),
        (directory::EnterpriseQuery { city: "350100".to_owned(), ..query() }, vec![FUZHOU]),
        (directory::EnterpriseQuery { text: "无此".to_owned(), ..query() }, vec![]),
    ] {
        let found = rows(query.clone()).await;
        assert_eq!(
            found.iter().map(|r| r.uscc.as_str()).collect::<Vec<_>>(),
            expected,
            "{query:?}"
        );
    }
}

async fn enterprise_record(world: World) {
    let mut town = Town::new(world).await;
    three_engineers(&town).await;
    town.at("2026-08-01T09:00:00+08:00");
    let app = town.world.app.clone();
    let tx = app.db.begin().await.unwrap();
    use juncai::domain::registry::Listing;
    let live = fact::facts_of::<Listing>(&tx, 1, Versions::Live).await.unwrap();
    let old: &Stated<Listing> = &live[0];
    let ended = town.stated(1, "2025-11-04", Some("2026-06-30"), old.fact.clone());
    fact::correct(&tx, old.id, ended).await.unwrap();
    tx.commit().await.unwrap();

    let record = directory::enterprise(&app, &town.hr, FUZHOU, 2026, 0).await.unwrap();
    assert_eq!(record.line.listing, ListingState::Removed);
    assert!(!record.may_delist, "it is off the list already");
    let listing = &record.listings[0];
    assert_eq!(listing.fact.period.through, Some(day("2026-06-30")));
    assert_eq!(record.superseded.len(), 1);
    assert_eq!((record.superseded[0].subject, record.superseded[0].period.through), ("清单", None));
    assert_eq!(listing.fact.document, "登记决定（闽测〔2026〕1号）");
    assert_eq!(record.engineers.rows.len(), 2, "also who left");
    let xiamen = directory::enterprise(&app, &town.hr, XIAMEN, 2026, 0).await.unwrap();
    assert_eq!((xiamen.line.listing, xiamen.may_delist), (ListingState::Listed, true));
}
