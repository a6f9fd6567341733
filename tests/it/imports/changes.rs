//! What a later file changes, what it must not bring back, and undoing a whole import.

use juncai::domain::registry::{
    BankAccount, Employment, EnterpriseDivision, EnterpriseName, EvidenceMonth, Listing,
    OtherAward, PersonContact, PersonName, RosterEntry,
};
use juncai::file::form::ImportKind;
use juncai::service::Error;
use juncai::service::catalogue::{self, EntryForm, NEW_GROUP};
use juncai::service::import::{confirm, page, withdraw};
use juncai::store::audit;
use sea_orm::ConnectionTrait;

use super::ground::*;
use juncai::service::roster::decide_account;

use crate::on_both;
use crate::world::World;

on_both! {
    a_changed_value_holds_from_the_day_it_is_filed => changed_values;
    an_entry_that_is_not_confirmed_may_be_filed_again_with_another_date => changed_dates;
    a_new_list_renames_moves_and_relists_with_dates => changed_list;
    a_confirmation_saves_everything_or_nothing => all_or_nothing;
    a_withdrawn_import_leaves_what_was_before_and_can_be_imported_again => withdrawal;
    evidence_is_taken_for_registered_persons_and_corrected_by_a_later_file => evidence;
    other_awards_are_corrected_by_a_later_file => awards;
    a_group_that_the_catalogue_adds_is_taken_from_then_on => added_group;
}

const ZHANG: &str = "350102199003079981";
const CHEN: &str = "350203198512319979";
const KIND: ImportKind = ImportKind::Engineers;

async fn changed_values(mut world: World) {
    let (hr, clerk, _) = two_enterprises(&world).await;
    let old = engineer("张三", ZHANG, "2024-03-01", "2026-01-01");
    import(&world, &clerk, KIND, &[&old]).await.unwrap();
    world.set_time("2026-06-10T09:00:00+08:00");
    let mut new = old.clone();
    (new[3], new[4], new[12]) = ("15600000002", "首席架构师", "6231660000000000568");

    let done = import(&world, &clerk, KIND, &[&new]).await.unwrap();

    let dated = ["2024-03-01..2026-06-09", "2026-06-10.."];
    assert_eq!(done.facts_added, 5, "two periods of each of two values, and an account that waits");
    assert_eq!(periods(&live::<PersonContact>(&world).await), dated);
    // Another number is paid to only once another person has looked at it.
    assert_eq!(periods(&live::<BankAccount>(&world).await), ["2024-03-01.."]);
    let found = look(&world, &clerk, KIND, &[&new]).await.unwrap();
    assert!(warnings(&found)[0].contains("该账户已填报，正等待另一人确认"), "{found:?}");
    let mut third = new.clone();
    third[12] = "6217000000000000012";
    let found = look(&world, &clerk, KIND, &[&third]).await.unwrap();
    assert!(warnings(&found)[0].contains("已有另一账户（尾号0568）待确认"), "{found:?}");
    let own = decide_account(&world.app, &clerk, "DZ000001", (true, "")).await;
    assert!(matches!(own, Err(Error::Refused(_))), "{own:?}");
    decide_account(&world.app, &hr, "DZ000001", (true, "")).await.unwrap();
    let accounts = live::<BankAccount>(&world).await;
    assert_eq!(periods(&accounts), dated);
    assert_eq!((&*accounts[0].fact.last_four, &*accounts[1].fact.last_four), ("0129", "0568"));
    let employments = live::<Employment>(&world).await;
    assert_eq!(periods(&employments), dated);
    assert_eq!(employments[1].fact.post, "首席架构师");
    assert_eq!(periods(&live::<RosterEntry>(&world).await), ["2026-01-01.."]);

    for row in [&old, &new] {
        let found = look(&world, &clerk, KIND, &[row]).await.unwrap();
        let done = confirm(&world.app, &clerk, &found.import_no).await.unwrap();
        assert_eq!(done.facts_added, 0, "neither file says anything new");
        assert_eq!(warnings(&found).len(), if row == &old { 3 } else { 0 }, "{found:?}");
    }

    // Another name on the person's own account is a new name, not another person.
    let mut renamed = new.clone();
    renamed[0] = "张三丰";
    let found = look(&world, &clerk, KIND, &[&renamed]).await.unwrap();
    assert_eq!(warnings(&found), ["2,姓名,登记姓名将由“张*”改为本行填写的姓名"]);
    confirm(&world.app, &clerk, &found.import_no).await.unwrap();
    assert_eq!(periods(&live::<PersonName>(&world).await), dated);
    assert_eq!(persons(&world).await, 1);
}

async fn changed_dates(world: World) {
    let (hr, clerk, _) = two_enterprises(&world).await;
    let row = |hired, rostered| engineer("张三", ZHANG, hired, rostered);
    import(&world, &clerk, KIND, &[&row("2024-03-01", "2026-03-01")]).await.unwrap();

    let done = import(&world, &clerk, KIND, &[&row("2023-05-01", "2026-02-01")]).await.unwrap();
    assert_eq!(done.facts_added, 2);
    assert_eq!(periods(&live::<Employment>(&world).await), ["2023-05-01.."]);
    assert_eq!(periods(&live::<RosterEntry>(&world).await), ["2026-02-01.."]);
    let again = import(&world, &clerk, KIND, &[&row("2024-03-01", "2026-03-01")]).await.unwrap();
    assert_eq!(again.facts_added, 0, "the older file does not bring the older dates back");

    let later = row("2025-01-01", "2026-02-01");
    let found = look(&world, &clerk, KIND, &[&later]).await.unwrap();
    assert_eq!(errors(&found), ["2,入职日期,与登记的入职日期2023-05-01不一致"]);
    confirm_roster(&world, &hr).await;
    let found = look(&world, &clerk, KIND, &[&row("2023-05-01", "2026-01-01")]).await.unwrap();
    assert_eq!(errors(&found), ["2,入册日期,名册已确认自2026-02-01起入册"]);
    let same = import(&world, &clerk, KIND, &[&row("2023-05-01", "2026-02-01")]).await.unwrap();
    assert_eq!((same.rows_known, same.facts_added), (1, 0), "a confirmed entry stays confirmed");
}

async fn changed_list(mut world: World) {
    let (hr, _, _) = two_enterprises(&world).await;
    let kind = ImportKind::KeyEnterprises;
    let first = listed("甲公司", E1, "350102", ["2026年第一批", "2026-01-01", "2028-12-31"]);
    world.set_time("2026-12-20T09:00:00+08:00");
    let next = listed("甲智能公司", E1, "350105", ["2027年第一批", "2027-01-01", "2027-12-31"]);

    let done = import(&world, &hr, kind, &[&next]).await.unwrap();

    assert_eq!(done.facts_added, 6);
    let of_first = |periods: Vec<String>| periods[..2].to_vec();
    let dated = ["2026-01-01..2026-12-31", "2027-01-01.."];
    assert_eq!(of_first(periods(&live::<EnterpriseName>(&world).await)), dated);
    let places = live::<EnterpriseDivision>(&world).await;
    assert_eq!((&*places[0].fact.division, &*places[1].fact.division), ("350102", "350105"));
    let listings = live::<Listing>(&world).await;
    let expected = ["2026-01-01..2026-12-31", "2027-01-01..2027-12-31"];
    assert_eq!(of_first(periods(&listings)), expected);
    for row in [&first, &next] {
        let done = import(&world, &hr, kind, &[row]).await.unwrap();
        assert_eq!((done.rows_known, done.facts_added), (1, 0), "both lists are known");
    }

    // The same list handed in again with an earlier last day ends the listing.
    let ended = listed("甲智能公司", E1, "350105", ["2027年第一批", "2027-01-01", "2027-06-30"]);
    assert_eq!(import(&world, &hr, kind, &[&ended]).await.unwrap().facts_added, 1);
    assert_eq!(periods(&live::<Listing>(&world).await)[1], "2027-01-01..2027-06-30");
    let found = look(&world, &hr, kind, &[&next]).await.unwrap();
    assert_eq!(warnings(&found), ["2,列入日期,这段清单期间已在其后更正，本行不再更改"]);
}

async fn all_or_nothing(world: World) {
    let (_, clerk, _) = two_enterprises(&world).await;
    let guard = if world.app.db.is_postgres() {
        "ALTER TABLE roster_entry ADD CONSTRAINT no_march CHECK (valid_from <> '2026-03-01')"
    } else {
        "CREATE TRIGGER no_march BEFORE INSERT ON roster_entry WHEN NEW.valid_from = '2026-03-01' \
         BEGIN SELECT RAISE(ABORT, 'no_march'); END"
    };
    world.app.db.read().execute_unprepared(guard).await.unwrap();
    let good = engineer("张三", ZHANG, "2024-03-01", "2026-01-01");
    let bad = engineer("陈四", CHEN, "2024-03-01", "2026-03-01");
    let found = look(&world, &clerk, KIND, &[&good, &bad]).await.unwrap();
    assert_eq!(found.rows.good, 2);
    let (documents, events) = (sources(&world).await, events(&world).await);

    let refused = confirm(&world.app, &clerk, &found.import_no).await;

    assert!(matches!(refused, Err(Error::Internal(_))), "{refused:?}");
    assert_eq!(persons(&world).await, 0);
    assert_eq!(versions::<PersonName>(&world).await, 0);
    assert_eq!(sources(&world).await, documents);
    assert_eq!(self::events(&world).await, events, "no event tells of what did not happen");
    let shown = page(&world.app, &clerk, &found.import_no).await.unwrap();
    assert!(shown.may_decide, "it can be confirmed later");
}

async fn events(world: &World) -> i64 {
    let verified = audit::verify(world.app.db.read()).await.unwrap();
    assert_eq!(verified.breaks, []);
    verified.chains.iter().map(|(_, links)| links).sum()
}

async fn withdrawal(mut world: World) {
    let (hr, clerk, _) = two_enterprises(&world).await;
    let old = engineer("张三", ZHANG, "2024-03-01", "2026-01-01");
    let mut new = old.clone();
    (new[3], new[12]) = ("15600000002", "6231660000000000568");
    let chen = engineer("陈四", CHEN, "2024-03-01", "2026-01-01");
    import(&world, &clerk, KIND, &[&old]).await.unwrap();
    world.set_time("2026-06-10T09:00:00+08:00");
    let rows: [&[&str]; 2] = [&new, &chen];
    let found = look(&world, &clerk, KIND, &rows).await.unwrap();
    confirm(&world.app, &clerk, &found.import_no).await.unwrap();

    let unsaid = withdraw(&world.app, &clerk, &found.import_no, " ").await;
    assert!(matches!(unsaid, Err(Error::Invalid(_))), "{unsaid:?}");
    let done = withdraw(&world.app, &clerk, &found.import_no, "交错了表").await.unwrap();

    assert_eq!((done.withdrawn, done.restored), (8, 1));
    let late = decide_account(&world.app, &hr, "DZ000001", (true, "")).await;
    assert!(matches!(late, Err(Error::Stale(_))), "the account went with its import: {late:?}");
    assert_eq!(periods(&live::<PersonContact>(&world).await), ["2024-03-01.."]);
    assert_eq!(live::<PersonName>(&world).await.len(), 1);
    let twice = withdraw(&world.app, &clerk, &found.import_no, "再来").await;
    assert!(matches!(twice, Err(Error::Refused(_))), "{twice:?}");

    // The same file once more: the same persons, and everything is stated again.
    let again = import(&world, &clerk, KIND, &rows).await.unwrap();
    assert_eq!((again.rows_known, again.facts_added), (0, 9));
    assert_eq!(persons(&world).await, 2);

    // What others decided on is not withdrawn from under them.
    confirm_roster(&world, &hr).await;
    let first = entity::import::Model::clone(&newest_import(&world).await);
    let refused = withdraw(&world.app, &clerk, &first.import_no, "交错了表").await;
    let Err(Error::Refused(text)) = refused else { panic!("{refused:?}") };
    assert!(text.contains("1条已被确认或更正"), "{text}");
    assert!(!page(&world.app, &clerk, &first.import_no).await.unwrap().may_withdraw);
}

async fn newest_import(world: &World) -> entity::import::Model {
    use sea_orm::{EntityTrait, QueryOrder};
    let newest = entity::import::Entity::find().order_by_desc(entity::import::Column::Id);
    newest.one(world.app.db.read()).await.unwrap().expect("an import")
}

async fn evidence(mut world: World) {
    let (hr, clerk, _) = two_enterprises(&world).await;
    let row = engineer("张三", ZHANG, "2024-03-01", "2026-01-01");
    import(&world, &clerk, KIND, &[&row]).await.unwrap();
    world.set_time("2026-03-10T09:00:00+08:00");
    let kind = ImportKind::Evidence;
    let month = |name, id, month, state| vec![name, "居民身份证", id, month, E1, "社保", state];
    let normal = month("张三", ZHANG, "2026-01", "正常");
    let rows = [
        normal.clone(),
        month("张三", ZHANG, "2026-02", ""),
        month("陈四", CHEN, "2026-01", ""),
        month("张四", ZHANG, "2026-03", ""),
        month("张三", ZHANG, "2026-04", ""),
    ];
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();

    let found = look(&world, &hr, kind, &rows).await.unwrap();

    assert_eq!(
        errors(&found),
        [
            "4,证件号码,该证件没有登记的人员",
            "5,姓名,该证件号码登记的姓名是“张*”",
            "6,月份,月份还没有到",
        ]
    );
    let done = confirm(&world.app, &hr, &found.import_no).await.unwrap();
    assert_eq!((done.rows_good, done.facts_added), (2, 2));
    let months = live::<EvidenceMonth>(&world).await;
    assert_eq!(periods(&months), ["2026-01-01..2026-01-31", "2026-02-01..2026-02-28"]);

    let late = month("张三", ZHANG, "2026-01", "补缴");
    assert_eq!(import(&world, &hr, kind, &[&late]).await.unwrap().facts_added, 1);
    let months = live::<EvidenceMonth>(&world).await;
    assert_eq!((months.len(), months[0].fact.paid_late), (2, true));
    for row in [&normal, &late] {
        let done = import(&world, &hr, kind, &[row]).await.unwrap();
        assert_eq!((done.rows_known, done.facts_added), (1, 0));
    }
    assert_eq!(versions::<EvidenceMonth>(&world).await, 3);
}

async fn awards(world: World) {
    let (hr, clerk, _) = two_enterprises(&world).await;
    let row = engineer("张三", ZHANG, "2024-03-01", "2026-01-01");
    import(&world, &clerk, KIND, &[&row]).await.unwrap();
    let award = |group, amount| {
        vec!["张三", "居民身份证", ZHANG, "百人计划", group, "2026", amount, "省人社厅", "1号"]
    };
    let kind = ImportKind::OtherAwards;
    let first = award("其他", "80000.00");
    assert_eq!(import(&world, &hr, kind, &[&first]).await.unwrap().facts_added, 1);

    let corrected = award("省级人才奖补", "90000.00");
    assert_eq!(import(&world, &hr, kind, &[&corrected]).await.unwrap().facts_added, 1);

    let awards = live::<OtherAward>(&world).await;
    assert_eq!(periods(&awards), ["2026-01-01..2026-12-31"]);
    let award = &awards[0].fact;
    assert_eq!(award.amount_fen.get(), 9_000_000);
    assert_eq!((&*award.exclusive_group, award.award_year), ("provincial-talent", 2026));
    for row in [&first, &corrected] {
        assert_eq!(import(&world, &hr, kind, &[row]).await.unwrap().facts_added, 0);
    }
}

async fn added_group(world: World) {
    let (hr, clerk, _) = two_enterprises(&world).await;
    let row = engineer("张三", ZHANG, "2024-03-01", "2026-01-01");
    import(&world, &clerk, KIND, &[&row]).await.unwrap();
    let row = vec![
        "张三",
        "居民身份证",
        ZHANG,
        "启明计划",
        "国家级人才奖补",
        "2026",
        "1.00",
        "科技部",
        "1号",
    ];
    let kind = ImportKind::OtherAwards;
    let told = look(&world, &hr, kind, &[&row]).await.unwrap();
    let issue = &told.issues[0];
    assert_eq!((&*issue.column, &*issue.reason), ("类别", "冲突目录中没有这一类别"));
    assert!(issue.fix.contains("省级人才奖补、市级人才奖补、其他"), "{}", issue.fix);

    let form = EntryForm {
        year: "2026",
        group: NEW_GROUP,
        new_name: "国家级人才奖补",
        new_code: "national-talent",
        counterpart: "core-engineer",
        relation: "exclude",
        basis: "第三条（虚构）",
        document_no: "闽人社〔2026〕0号",
    };
    let no = catalogue::propose(&world.app, &hr, &form).await.unwrap();
    let waits = look(&world, &hr, kind, &[&row]).await.unwrap();
    assert_eq!(waits.rows.bad, 1, "nobody has decided it");
    let second = crate::town::actor(&world, "hr2", "hr_province_approver", "350000", None).await;
    catalogue::decide(&world.app, &second, &no, (true, "")).await.unwrap();
    assert_eq!(import(&world, &hr, kind, &[&row]).await.unwrap().facts_added, 1);
    assert_eq!(live::<OtherAward>(&world).await[0].fact.exclusive_group, "national-talent");
}
