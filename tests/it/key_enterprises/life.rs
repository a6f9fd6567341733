//! What the acts bring about in the registry.

use juncai::domain::payment::Ineligible;
use juncai::domain::registry::{Employment, EnterpriseDivision, Listing, RosterEntry, TalentClass};
use juncai::file::form::ImportKind;
use juncai::service::case::{self, NewRecognition};
use juncai::service::key_enterprise;
use juncai::service::notice::{self, NewObjectionText};
use juncai::service::payment::{self, Criteria};
use juncai::service::program;
use juncai::service::roster::{Grounds, end_listing};
use juncai::service::{Actor, Error, import};
use juncai::store::fact::{Versions, facts_of};

use super::{APPLICANT, Offices, enterprise_account, offices, told};
use crate::on_both;
use crate::town::{FUZHOU, PINGTAN, actor, day, person_no};
use crate::world::World;

on_both! {
    an_application_goes_from_the_draft_to_the_list => journey;
    pingtan_takes_county_and_city_step_together => joint;
    an_objection_sends_an_application_back_before_the_notice => objection;
    a_suspended_enterprise_files_nothing_and_its_peoples_money_waits => suspension;
    a_removal_ends_listing_and_roster_on_the_same_day => removal;
    a_file_expires_with_the_listing => expiry;
}

async fn journey(world: World) {
    let mut offices = offices(world).await;
    // Outside a call nobody begins; a revoked call is none.
    assert!(told(offices.apply(&offices.clerk).await).contains("申报期"));
    let call = offices.call().await;
    key_enterprise::revoke_call(offices.app(), &offices.province, &call).await.unwrap();
    assert!(told(offices.apply(&offices.clerk).await).contains("申报期"));
    let by_city = key_enterprise::revoke_call(offices.app(), &offices.city, &call).await;
    assert!(matches!(by_city, Err(Error::Forbidden(_))));
    offices.call().await;
    let no = offices.apply(&offices.clerk).await.unwrap();
    assert!(told(offices.apply(&offices.signatory).await).contains(&no), "one file at a time");

    let by_clerk = told(offices.act(&offices.clerk, &no, "submit", &[]).await);
    assert!(by_clerk.contains("企业授权签字人"), "{by_clerk}");
    let bare = offices.act(&offices.signatory, &no, "submit", &[("credit_report", "")]).await;
    assert!(matches!(&bare, Err(Error::Invalid(f)) if f[0].0 == "credit_report"), "{bare:?}");
    offices.town.at("2026-07-01T09:00:00+08:00");
    let late = told(offices.act(&offices.signatory, &no, "submit", &[]).await);
    assert!(late.contains("申报期"), "{late}");
    offices.town.at("2026-06-30T09:00:00+08:00");
    for (who, act) in [
        (&offices.signatory, "submit"),
        (&offices.county, "accept"),
        (&offices.county, "pass_county"),
        (&offices.city, "pass_city"),
    ] {
        offices.act(who, &no, act, &[]).await.unwrap();
    }
    let even = [("experts", "6"), ("sheets", "6")];
    let told_even = told(offices.act(&offices.province, &no, "propose", &even).await);
    assert!(told_even.contains("单数"), "{told_even}");
    offices.act(&offices.province, &no, "propose", &[]).await.unwrap();
    let notice_no = offices.publish(&no).await;
    let public = notice::notice(offices.app(), &notice_no).await.unwrap();
    assert_eq!(public.entries[0].name, APPLICANT.2, "an enterprise is not masked");

    // Five working days after 30 June: through 7 July.
    offices.town.at("2026-07-07T09:00:00+08:00");
    let early = told(offices.act(&offices.province, &no, "list", &[]).await);
    assert!(early.contains("2026-07-07"), "{early}");
    offices.town.at("2026-07-08T09:00:00+08:00");
    let long = [("listed_through", "2029-01-01")];
    let long = offices.act(&offices.province, &no, "list", &long).await;
    assert!(matches!(&long, Err(Error::Invalid(f)) if f[0].0 == "listed_through"), "{long:?}");
    assert_eq!(offices.act(&offices.province, &no, "list", &[]).await.unwrap(), "在清单内");

    let read = offices.app().db.read();
    let listed = facts_of::<Listing>(read, APPLICANT.0, Versions::Live).await.unwrap();
    assert_eq!(listed[0].period.from, day("2026-07-01"), "as the document says");
    assert_eq!(listed[0].period.through, Some(day("2028-12-31")));
    assert_eq!((listed[0].fact.recognition_quota, listed[0].fact.engineer_quota), (3, 20));
    let place = facts_of::<EnterpriseDivision>(read, APPLICANT.0, Versions::Live).await.unwrap();
    assert_eq!(place[0].fact.city_unit, "350100", "as it declared");
    assert!(told(offices.apply(&offices.clerk).await).contains(&no));
}

async fn joint(world: World) {
    let offices = offices(world).await;
    offices.call().await;
    let app = offices.app();
    // The applicant of Fuzhou: its city cannot take the county's step as well.
    let no = offices.apply(&offices.clerk).await.unwrap();
    offices.act(&offices.signatory, &no, "submit", &[]).await.unwrap();
    let apart = told(offices.act(&offices.city, &no, "accept_jointly", &[]).await);
    assert!(apart.contains("分别办理"), "{apart}");
    let other = actor(&offices.town.world, "gx-pingtan", "industry_city", "350128", None).await;
    let foreign = case::case_view(app, &other, &no).await;
    assert!(matches!(foreign, Err(Error::NotFound(_))), "outside its region");

    // One of Pingtan, whose place is known only from its account.
    let pingtan = (10, "91350128MADEMQ020X", "海坛智能科技有限公司");
    offices
        .town
        .sql(
            "INSERT INTO enterprise (id, uscc, created_at) SELECT 10, \
        '91350128MADEMQ020X', created_at FROM enterprise WHERE id = 1",
        )
        .await;
    let world = &offices.town.world;
    let sign = ("pt-sign", "enterprise_signatory");
    let sign = enterprise_account(world, pingtan, "350128", sign).await;
    let no = offices.apply(&sign).await.unwrap();
    offices.act(&sign, &no, "submit", &[]).await.unwrap();
    let jointly = offices.act(&other, &no, "accept_jointly", &[]).await.unwrap();
    assert_eq!(jointly, "市级审核中");
}

async fn objection(world: World) {
    let mut offices = offices(world).await;
    let no = offices.through_review().await;
    let notice_no = offices.publish(&no).await;
    let text = NewObjectionText {
        seq: "1".to_owned(),
        name: "王某某".to_owned(),
        contact: "13800000000".to_owned(),
        content: "该企业主营业务并非人工智能，附近两年审计报告编号，请予核查。".to_owned(),
    };
    let objection = notice::object(offices.app(), &notice_no, &text).await.unwrap().no;
    let hr = offices.town.hr.clone();
    assert_eq!(offices.act(&hr, &objection, "accept", &[]).await.unwrap(), "已受理");
    offices.town.at("2026-06-15T09:00:00+08:00");
    let held = told(offices.act(&offices.province, &no, "list", &[]).await);
    assert!(held.contains("异议处理"), "{held}");
    let open = told(offices.act(&offices.province, &no, "dismiss", &[]).await);
    assert!(open.contains("尚未办结"), "{open}");
    offices.act(&hr, &objection, "investigate", &[]).await.unwrap();
    offices.act(&hr, &objection, "dismiss", &[]).await.unwrap();
    assert_eq!(offices.act(&offices.province, &no, "dismiss", &[]).await.unwrap(), "拟入选");
    // The notice runs again from its first day.
    offices.publish(&no).await;
    let again = told(offices.act(&offices.province, &no, "list", &[]).await);
    assert!(again.contains("公示到"), "{again}");
}

async fn of_fuzhou(offices: &Offices, login: &str, role: &str) -> Actor {
    let office = (1, "ENT-FUZHOU", "企业1");
    enterprise_account(&offices.town.world, office, "350102", (login, role)).await
}

/// While its enterprise is suspended under `no`, a clerk files nothing new.
async fn files_nothing(offices: &Offices, no: &str) {
    let clerk = of_fuzhou(offices, "fz-clerk", "enterprise_clerk").await;
    let engineers = ImportKind::Engineers;
    let filed = import::preview(offices.app(), &clerk, engineers, None, "x.xlsx", vec![1]).await;
    assert!(told(filed).contains(no));
    let recognition = NewRecognition {
        person_no: person_no(1),
        class: TalentClass::C,
        grounds: "主持省级重点研发项目，符合标准".to_owned(),
    };
    let file = case::open_recognition(offices.app(), &clerk, &recognition).await.unwrap();
    let told_held = told(offices.act(&clerk, &file, "submit", &[]).await);
    assert!(told_held.contains("暂停"), "{told_held}");
}

async fn suspension(world: World) {
    let mut offices = offices(world).await;
    for (person, enterprise) in [(1, 1), (3, 3)] {
        offices.town.full_year(person, enterprise).await;
    }
    let maker = actor(&offices.town.world, "maker", "finance_maker", "350000", None).await;
    offices.town.at("2027-01-20T09:00:00+08:00");
    offices.town.compute(2026).await;
    offices.town.release().await;
    let no = key_enterprise::take_over(offices.app(), &offices.city, FUZHOU).await.unwrap();
    let again = key_enterprise::take_over(offices.app(), &offices.city, FUZHOU).await.unwrap();
    assert_eq!(no, again, "one file");
    let foreign = key_enterprise::take_over(offices.app(), &offices.city, PINGTAN).await;
    assert!(matches!(foreign, Err(Error::NotFound(_))), "outside its region");
    let view = case::case_view(offices.app(), &offices.city, &no).await.unwrap();
    let step = &view.steps[0];
    assert_eq!((step.act.as_str(), step.state), ("按清单文件接管", "在清单内"));
    assert_eq!(step.evidence, [("清单文号", "闽测〔2026〕1号".to_owned())]);
    assert!(step.who.contains("系统"), "{}", step.who);

    let ground = [("ground", "重大安全事故，调查期间")];
    let suspended = offices.act(&offices.province, &no, "suspend", &ground).await.unwrap();
    assert_eq!(suspended, "暂停");
    let criteria = Criteria {
        programme: "core-engineer".to_owned(),
        award_year: 2026,
        budget_year: 2027,
        source: "province".to_owned(),
        payer_division: "350000".to_owned(),
        city_unit: String::new(),
        enterprise_uscc: String::new(),
        purpose: "2026核心工程师奖补".to_owned(),
        payer_account: "福建省财政厅零余额账户".to_owned(),
        max_lines: 1000,
    };
    let held = async |app: &juncai::app::App| {
        let preview = payment::preview(app, &maker, &criteria).await.unwrap();
        let of = |reason| {
            let same = preview.excluded.iter().find(|left| left.reason == reason);
            same.map_or(0, |left| left.persons)
        };
        (of(Ineligible::EmployerHeld), of(Ineligible::NoAccount))
    };
    assert_eq!(held(offices.app()).await, (1, 1), "only its own people wait");

    files_nothing(&offices, &no).await;

    // Months go on counting: the year computed again is the same.
    let nets = "SELECT CAST(SUM(net_fen) AS TEXT) FROM entitlement WHERE superseded_at IS NULL";
    let before = offices.town.texts(nets).await;
    offices.town.compute(2026).await;
    assert_eq!(offices.town.texts(nets).await, before);

    // Thirty days more, once; then the result.
    assert_eq!(offices.act(&offices.province, &no, "extend", &[]).await.unwrap(), "暂停");
    assert!(told(offices.act(&offices.province, &no, "extend", &[]).await).contains("一次"));
    let due = case::case_view(offices.app(), &offices.city, &no).await.unwrap().line.due_on;
    assert_eq!(due, Some(day("2027-04-20")), "60 and 30 days");
    offices.town.at("2027-02-10T09:00:00+08:00");
    offices.act(&offices.province, &no, "reinstate", &[]).await.unwrap();
    assert_eq!(held(offices.app()).await, (0, 2), "nothing but the account is missing");
    let spans = "SELECT CAST(valid_from AS TEXT) || '..' || CAST(valid_to AS TEXT) \
                 FROM enterprise_hold WHERE superseded_at IS NULL";
    assert_eq!(offices.town.texts(spans).await, ["2027-01-20..2027-02-10"]);
}

async fn removal(world: World) {
    let mut offices = offices(world).await;
    offices.town.full_year(1, 1).await;
    offices.town.full_year(3, 3).await;
    offices.town.at("2026-06-20T09:00:00+08:00");
    let no = key_enterprise::take_over(offices.app(), &offices.province, FUZHOU).await.unwrap();
    let grounds = Grounds::new("年度评估未达标", "移1号");
    let hr = &offices.town.hr;
    let beside = end_listing(offices.app(), hr, FUZHOU, day("2026-06-30"), &grounds).await;
    assert!(told(beside).contains(&no), "the file decides");
    for (case_no, person, enterprise) in [("MC-1", 1, 1), ("MC-3", 3, 3)] {
        offices.town.roster_file(case_no, (person, enterprise), 5).await;
    }
    let blank = offices.act(&offices.province, &no, "remove", &[]).await;
    assert!(matches!(&blank, Err(Error::Invalid(f)) if f[0].0 == "last_day"), "{blank:?}");
    let given = [("last_day", "2026-06-30"), ("ground", "迁出福建省")];
    assert_eq!(offices.act(&offices.province, &no, "remove", &given).await.unwrap(), "已移出");
    let read = offices.app().db.read();
    let listing = facts_of::<Listing>(read, 1, Versions::Live).await.unwrap();
    assert_eq!(listing[0].period.through, Some(day("2026-06-30")));
    let entry = facts_of::<RosterEntry>(read, 1, Versions::Live).await.unwrap();
    assert_eq!(entry[0].period.through, Some(day("2026-06-30")), "on the same day");
    assert_eq!(entry[0].reason, "企业移出清单：迁出福建省");
    let other = facts_of::<RosterEntry>(read, 3, Versions::Live).await.unwrap();
    assert_eq!(other[0].period.through, None, "another enterprise's people stay");
    let files = "SELECT case_no || ' ' || state FROM case_file WHERE kind = 'roster_entry' ORDER BY case_no";
    assert_eq!(offices.town.texts(files).await, ["MC-1 ended", "MC-3 active"], "so do the files");
    let step = "SELECT evidence FROM case_step WHERE act = 'end'";
    assert!(offices.town.texts(step).await[0].contains("企业移出清单：迁出福建省"));
}

async fn expiry(world: World) {
    let mut offices = offices(world).await;
    let listing =
        Listing { list_batch: "首批".to_owned(), recognition_quota: 1, engineer_quota: 1 };
    offices.town.enterprise(20, "913501000000000020", Some(("350102", "350100"))).await;
    offices
        .town
        .sql(
            "UPDATE listing SET superseded_at = recorded_at, \
        superseded_source_id = source_id WHERE enterprise_id = 20",
        )
        .await;
    offices.town.state(20, "2026-01-01", Some("2026-12-31"), listing).await;
    for (person, enterprise, through) in [(5, 20, None), (6, 20, Some("2026-12-31")), (7, 1, None)]
    {
        offices.town.person(person).await;
        offices.town.engineer(person, enterprise, "2026-02-01", through).await;
        offices.town.roster_file(&format!("MC-{person}"), (person, enterprise), 5).await;
    }
    let city = &offices.city;
    let no = key_enterprise::take_over(offices.app(), city, "913501000000000020").await.unwrap();
    let stays = key_enterprise::take_over(offices.app(), city, FUZHOU).await.unwrap();
    offices.town.at("2026-12-31T23:00:00+08:00");
    let round = async |app: &juncai::app::App| program::round(app).await.unwrap().done.len();
    assert_eq!(round(offices.app()).await, 0);
    offices.town.at("2027-01-01T00:00:00+08:00");
    assert_eq!(round(offices.app()).await, 1);
    assert_eq!(round(offices.app()).await, 0, "once");
    let state = async |no: &str| {
        case::case_view(offices.app(), &offices.city, no).await.unwrap().line.state
    };
    assert_eq!((state(&no).await, state(&stays).await), ("已到期", "在清单内"));

    // Who is on its roster leaves it with the last day of the listing, and stays employed.
    let files = "SELECT case_no || ' ' || state FROM case_file WHERE kind = 'roster_entry' ORDER BY case_no";
    assert_eq!(offices.town.texts(files).await, ["MC-5 ended", "MC-6 ended", "MC-7 active"]);
    let read = offices.app().db.read();
    let entry = facts_of::<RosterEntry>(read, 5, Versions::Live).await.unwrap();
    assert_eq!(entry[0].period.through, Some(day("2026-12-31")));
    assert_eq!(entry[0].reason, "企业清单有效期于 2026-12-31 届满");
    let other = facts_of::<RosterEntry>(read, 7, Versions::Live).await.unwrap();
    assert_eq!(other[0].period.through, None);
    let job = facts_of::<Employment>(read, 5, Versions::Live).await.unwrap();
    assert_eq!(job[0].period.through, None);
    let who = "SELECT a.login FROM source_document d JOIN account a ON a.id = d.recorded_by \
               WHERE d.title = '骨干企业清单到期'";
    assert_eq!(offices.town.texts(who).await, ["system:program"], "nobody else decided it");
}
