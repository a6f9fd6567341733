//! Who may import what, and what happens when two enterprises file the same person.

use juncai::domain::registry::{Employment, PersonDocument, RosterEntry};
use juncai::file::form::ImportKind;
use juncai::service::import::{annotated, confirm, kinds_for, list, page, preview};
use juncai::service::{Actor, Error};

use super::ground::*;
use crate::on_both;
use crate::world::World;

on_both! {
    everyone_imports_only_what_is_theirs => authority;
    the_same_document_is_the_same_person_whichever_enterprise_files_it => one_person;
    nobody_is_filed_by_two_enterprises_at_once => conflicts;
    a_document_belongs_to_one_name_and_an_account_to_one_person => mistaken_identity;
    an_engineer_is_filed_for_days_on_which_the_enterprise_is_listed => listed_days;
    what_changed_between_preview_and_confirmation_is_seen_before_it_is_saved => stale;
}

const ZHANG: &str = "350102199003079981";
const CHEN: &str = "350203198512319979";
const LIN: &str = "350582199311079821";

async fn authority(world: World) {
    let (hr, first, second) = two_enterprises(&world).await;
    let file = |kind| csv(kind, &[]);
    let refused = async |actor: &Actor, kind: ImportKind, uscc: Option<&str>| {
        preview(&world.app, actor, kind, uscc, "表.csv", file(kind)).await.unwrap_err()
    };
    for kind in [ImportKind::KeyEnterprises, ImportKind::Evidence, ImportKind::OtherAwards] {
        assert!(matches!(refused(&first, kind, None).await, Error::Forbidden(_)));
    }
    assert!(matches!(refused(&hr, ImportKind::Engineers, Some(E1)).await, Error::Forbidden(_)));
    let other = refused(&first, ImportKind::Engineers, Some(E2)).await;
    assert!(matches!(other, Error::NotFound(_)), "{other}");
    assert!(matches!(refused(&hr, ImportKind::BankReturn, None).await, Error::Invalid(_)));
    assert_eq!(kinds_for(&first), [ImportKind::Engineers]);
    assert_eq!(kinds_for(&hr).len(), 3);

    let row = engineer("张三", ZHANG, "2024-03-01", "2026-01-01");
    let found = look(&world, &first, ImportKind::Engineers, &[&row]).await.unwrap();
    let no = found.import_no.as_str();
    assert!(matches!(page(&world.app, &second, no).await, Err(Error::NotFound(_))));
    assert!(matches!(annotated(&world.app, &second, no).await, Err(Error::NotFound(_))));
    assert!(matches!(confirm(&world.app, &second, no).await, Err(Error::NotFound(_))));
    assert_eq!(list(&world.app, &second, 0, 10).await.unwrap().1, 0);
    // The province sees that it was handed in, masked; the file with full numbers it does not get.
    assert!(!page(&world.app, &hr, no).await.unwrap().may_decide);
    assert!(matches!(annotated(&world.app, &hr, no).await, Err(Error::Forbidden(_))));
    assert!(matches!(confirm(&world.app, &hr, no).await, Err(Error::Forbidden(_))));
}

async fn one_person(mut world: World) {
    let (hr, first, second) = two_enterprises(&world).await;
    let row = engineer("张三", ZHANG, "2024-03-01", "2026-01-01");
    import(&world, &first, ImportKind::Engineers, &[&row]).await.unwrap();
    world.set_time("2026-05-18T09:00:00+08:00");
    depart(&world, &hr, "2026-05-15").await;

    let row = engineer("张三", ZHANG, "2026-05-16", "2026-05-16");
    let done = import(&world, &second, ImportKind::Engineers, &[&row]).await.unwrap();

    assert_eq!((persons(&world).await, versions::<PersonDocument>(&world).await), (1, 1));
    assert_eq!(done.facts_added, 2, "an employment and a roster entry, nothing else is new");
    let expected = ["2024-03-01..2026-05-15", "2026-05-16.."];
    assert_eq!(periods(&live::<Employment>(&world).await), expected);
    let expected = ["2026-01-01..2026-05-15", "2026-05-16.."];
    assert_eq!(periods(&live::<RosterEntry>(&world).await), expected);

    // The first enterprise hands in its old file again: the departure stands.
    let row = engineer("张三", ZHANG, "2024-03-01", "2026-01-01");
    let done = import(&world, &first, ImportKind::Engineers, &[&row]).await.unwrap();
    assert_eq!((done.rows_known, done.facts_added), (1, 0));
}

async fn conflicts(world: World) {
    let (_, first, second) = two_enterprises(&world).await;
    let full = engineer("张三", ZHANG, "2024-03-01", "2026-01-01");
    let mut part = engineer("陈四", CHEN, "2024-03-01", "2026-01-01");
    part[8] = "否";
    import(&world, &first, ImportKind::Engineers, &[&full, &part]).await.unwrap();

    let full = engineer("张三", ZHANG, "2026-02-01", "2026-03-01");
    let part = engineer("陈四", CHEN, "2026-02-01", "2026-03-01");
    let good = engineer("林五", LIN, "2026-02-01", "2026-03-01");
    let rows: [&[&str]; 3] = [&full, &part, &good];
    let found = look(&world, &second, ImportKind::Engineers, &rows).await.unwrap();

    assert_eq!(
        errors(&found),
        [
            "2,入职日期,该人员2024-03-01起已在另一家企业全职任职",
            "2,入册日期,该人员自2026-01-01起已由另一家企业列入名册",
            "3,入册日期,该人员自2026-01-01起已由另一家企业列入名册",
        ]
    );
    let done = confirm(&world.app, &second, &found.import_no).await.unwrap();
    assert_eq!((done.rows_good, done.rows_bad, done.facts_added), (1, 2, 6));
    assert_eq!(persons(&world).await, 3);
}

async fn mistaken_identity(world: World) {
    let (_, first, second) = two_enterprises(&world).await;
    let row = engineer("张三", ZHANG, "2024-03-01", "2026-01-01");
    import(&world, &first, ImportKind::Engineers, &[&row]).await.unwrap();

    let mut wrong_document = engineer("陈四", ZHANG, "2024-03-01", "2026-01-01");
    wrong_document[12] = "6222021402000000346";
    let mut wrong_account = engineer("林五", LIN, "2024-03-01", "2026-01-01");
    wrong_account[12] = "6217000000000000129";
    let rows: [&[&str]; 2] = [&wrong_document, &wrong_account];
    let found = look(&world, &first, ImportKind::Engineers, &rows).await.unwrap();
    assert_eq!(
        errors(&found),
        ["2,姓名,该证件号码登记的姓名是“张*”", "3,银行账号,该账号已登记在另一人名下"]
    );
    assert!(found.issues.iter().all(|issue| !issue.shown.contains("6217000000000000129")));

    let mut shared = engineer("林五", LIN, "2024-03-01", "2026-01-01");
    shared[12] = "6222021402000000346";
    let chen = engineer("陈四", CHEN, "2024-03-01", "2026-01-01");
    let rows: [&[&str]; 2] = [&chen, &shared];
    let found = look(&world, &second, ImportKind::Engineers, &rows).await.unwrap();
    assert_eq!(errors(&found), ["3,银行账号,与第2行银行账号重复"]);
}

async fn listed_days(world: World) {
    let hr = hr(&world).await;
    let mut row = listed("甲公司", E1, "350102", ["一", "2026-03-01", "2026-12-31"]);
    row[9] = "1";
    import(&world, &hr, ImportKind::KeyEnterprises, &[&row]).await.unwrap();
    let clerk = clerk(&world, E1).await;
    let before = engineer("张三", ZHANG, "2024-03-01", "2026-02-28");
    let inside = engineer("陈四", CHEN, "2024-03-01", "2026-03-01");
    let beyond = engineer("林五", LIN, "2024-03-01", "2026-12-31");
    let rows: [&[&str]; 3] = [&before, &inside, &beyond];

    let found = look(&world, &clerk, ImportKind::Engineers, &rows).await.unwrap();

    assert_eq!(errors(&found), ["2,入册日期,企业在该日不在骨干企业清单内"]);
    let over = "4,入册日期,名册人数将超过企业的核心工程师名额（1人）";
    assert_eq!(warnings(&found), [over], "a quota is pointed out: the office decides");
}

async fn stale(world: World) {
    let (_, first, second) = two_enterprises(&world).await;
    let zhang = engineer("张三", ZHANG, "2026-02-01", "2026-03-01");
    let lin = engineer("林五", LIN, "2026-02-01", "2026-03-01");
    let rows: [&[&str]; 2] = [&zhang, &lin];
    let found = look(&world, &second, ImportKind::Engineers, &rows).await.unwrap();
    assert_eq!((found.rows.good, found.rows.bad), (2, 0));
    let row = engineer("张三", ZHANG, "2024-03-01", "2026-01-01");
    import(&world, &first, ImportKind::Engineers, &[&row]).await.unwrap();

    let refused = confirm(&world.app, &second, &found.import_no).await;

    let Err(Error::Stale(text)) = refused else { panic!("{refused:?}") };
    assert!(text.contains("第2行入职日期"), "{text}");
    assert_eq!(persons(&world).await, 1, "not even the good row is saved");
    let shown = page(&world.app, &second, &found.import_no).await.unwrap();
    assert_eq!((shown.summary.rows.good, shown.issues.len()), (1, 2));
    let done = confirm(&world.app, &second, &found.import_no).await.unwrap();
    assert_eq!((done.rows_good, done.rows_bad), (1, 1), "seen and then confirmed");
}
