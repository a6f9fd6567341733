//! A filed engineer on the way through the offices onto the roster, and off it again.

use std::collections::BTreeMap;

use juncai::domain::authority::Role;
use juncai::domain::lifecycle::{CaseKind, Evidence};
use juncai::domain::registry::{Code, Exclusion, RosterEntry, RosterStatus, Suspension};
use juncai::domain::roster::DepartureReason;
use juncai::file::form::ImportKind;
use juncai::service::case::{
    CaseQuery, Chosen, RowOutcome, Submitted, act_on_many, case_view, cases,
};
use juncai::service::import::withdraw;
use juncai::service::notice::{Draft, publish};
use juncai::service::roster::{LastDay, end_entry};
use juncai::service::{Actor, Error};
use juncai::store::account::NewOrganisation;
use juncai::store::audit;

use super::ground::*;
use crate::browser_like::make_account;
use crate::on_both;
use crate::world::World;

on_both! {
    an_entry_goes_through_all_offices_onto_the_roster => whole_way;
    of_many_files_each_is_judged_by_itself => many;
    who_comes_from_another_key_enterprise_needs_no_second_notice => transfer;
    a_suspension_ends_and_a_departure_closes_the_file => afterwards;
    an_entry_that_was_false_from_the_start_is_struck => void;
}

const KIND: ImportKind = ImportKind::Engineers;
const ZHANG: &str = "350102199003079981";
const CHEN: &str = "350203198512319979";

/// Everybody who moves roster files of E1 and E2.
struct Desks {
    hr: Actor,
    clerk: Actor,
    other_clerk: Actor,
    head: Actor,
    other_head: Actor,
    county: Actor,
    city: Actor,
    approver: Actor,
    xiamen_county: Actor,
    xiamen_city: Actor,
}

async fn hire(world: &World, login: &str, role: Role, place: (&str, &str)) -> Actor {
    let (code, division) = place;
    let (kind, enterprise_id) = if role.is_of_enterprise() {
        let codes = [code];
        let known = juncai::store::registry::enterprises_by_uscc(world.app.db.read(), &codes);
        ("enterprise", known.await.unwrap().get(code).copied())
    } else {
        ("hr_office", None)
    };
    let office = NewOrganisation { code, kind, name: code, division, enterprise_id };
    make_account(&world.app, login, role, &office).await;
    actor(world, login).await
}

impl Desks {
    async fn new(world: &World) -> Self {
        let (hr, clerk, other_clerk) = two_enterprises(world).await;
        Self {
            hr,
            clerk,
            other_clerk,
            head: hire(world, "head", Role::EnterpriseHead, (E1, "350102")).await,
            other_head: hire(world, "head2", Role::EnterpriseHead, (E2, "350203")).await,
            county: hire(world, "county", Role::HrCounty, ("HR-350102", "350102")).await,
            city: hire(world, "city", Role::HrCity, ("HR-350100", "350100")).await,
            approver: hire(world, "approver", Role::HrProvinceApprover, ("HR-350000", "350000"))
                .await,
            xiamen_county: hire(world, "siming", Role::HrCounty, ("HR-350203", "350203")).await,
            xiamen_city: hire(world, "xiamen", Role::HrCity, ("HR-350200", "350200")).await,
        }
    }
}

async fn waiting(world: &World, actor: &Actor, state: &str) -> Vec<String> {
    let query = CaseQuery {
        all: true,
        kind: Some(CaseKind::RosterEntry),
        state: Some(state.into()),
        ..CaseQuery::default()
    };
    let found = cases(&world.app, actor, &query, 1).await.unwrap();
    found.rows.into_iter().map(|row| row.no).collect()
}

/// Does an act on everything in a state that the actor sees, with all evidence.
async fn all(world: &World, actor: &Actor, state: &str, act: &str) -> Vec<RowOutcome> {
    all_with(world, actor, (state, act), &[]).await
}

async fn all_with(
    world: &World,
    actor: &Actor,
    (state, act): (&str, &str),
    more: &[(&str, &str)],
) -> Vec<RowOutcome> {
    let said = |kind: &Evidence| (kind.code().to_owned(), "闽测1号".to_owned());
    let mut fields: BTreeMap<String, String> = Evidence::ALL.iter().map(said).collect();
    fields.extend(more.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())));
    let sent = Submitted { act: act.into(), fields, ..Submitted::default() };
    let chosen: Vec<Chosen> = waiting(world, actor, state)
        .await
        .into_iter()
        .map(|no| Chosen { no, seen_steps: None })
        .collect();
    if chosen.is_empty() {
        return Vec::new();
    }
    act_on_many(&world.app, actor, &chosen, &sent).await.unwrap()
}

fn texts(outcomes: &[RowOutcome]) -> Vec<&str> {
    outcomes.iter().map(|outcome| outcome.text.as_str()).collect()
}

async fn announce(world: &World, hr: &Actor) {
    let draft = Draft {
        title: "核心工程师名册公示".into(),
        basis: "闽人社文〔2026〕1号".into(),
        contact: "0591-00000000".into(),
        working_days: "5".into(),
        case_nos: waiting(world, hr, "prov_confirm").await,
        kind: CaseKind::RosterEntry.code().into(),
        evidence: BTreeMap::from([("cross_check".to_owned(), "无重复".to_owned())]),
        ..Draft::default()
    };
    publish(&world.app, hr, &draft).await.unwrap();
}

/// From the enterprise to the province.
async fn through_offices(world: &World, desks: &Desks) {
    for (actor, state, act) in [
        (&desks.head, "draft", "confirm"),
        (&desks.county, "ent_confirmed", "accept"),
        (&desks.county, "county_check", "pass_county"),
        (&desks.city, "city_check", "pass_city"),
    ] {
        let outcomes = all(world, actor, state, act).await;
        assert!(outcomes.iter().all(|outcome| outcome.done), "{act}: {outcomes:?}");
    }
}

async fn whole_way(mut world: World) {
    let desks = Desks::new(&world).await;
    world.set_time("2026-01-11T09:00:00+08:00");
    let row = engineer("张三", ZHANG, "2024-03-01", "2026-01-01");
    let import_no = look(&world, &desks.clerk, KIND, &[&row]).await.unwrap().import_no;
    juncai::service::import::confirm(&world.app, &desks.clerk, &import_no).await.unwrap();
    let no = waiting(&world, &desks.head, "draft").await.pop().expect("a file");

    let late = all(&world, &desks.head, "draft", "confirm").await;
    assert_eq!(texts(&late), ["每月 1 日至 10 日提交"], "the window is over");
    world.set_time("2026-02-02T09:00:00+08:00");
    let bare = [("contract", "")];
    let bare = all_with(&world, &desks.head, ("draft", "confirm"), &bare).await;
    assert_eq!(texts(&bare), ["请填写劳动合同"]);
    through_offices(&world, &desks).await;

    // What an office looks at stays as it is.
    let other_date = engineer("张三", ZHANG, "2024-03-01", "2026-02-01");
    let again = look(&world, &desks.clerk, KIND, &[&other_date]).await.unwrap();
    assert_eq!(errors(&again), ["2,入册日期,自2026-01-01起入册的申报正在审核"]);
    let back = withdraw(&world.app, &desks.clerk, &import_no, "填错").await;
    assert!(back.unwrap_err().to_string().contains("正在审核"));

    announce(&world, &desks.hr).await;
    world.set_time("2026-02-09T23:00:00+08:00");
    let early = all(&world, &desks.approver, "notice", "activate").await;
    assert!(early[0].text.contains("公示到 2026-02-09 为止"), "{early:?}");
    let publisher = all(&world, &desks.hr, "notice", "activate").await;
    assert!(publisher[0].text.contains("由省级人社审批办理"), "{publisher:?}");
    world.set_time("2026-02-10T09:00:00+08:00");
    assert_eq!(texts(&all(&world, &desks.approver, "notice", "activate").await), ["在册"]);

    let entries = live::<RosterEntry>(&world).await;
    assert_eq!(periods(&entries), ["2026-01-01.."]);
    assert_eq!(entries[0].fact.status, RosterStatus::Confirmed);
    let view = case_view(&world.app, &desks.clerk, &no).await.unwrap();
    let acts: Vec<&str> = view.steps.iter().map(|step| step.act.as_str()).collect();
    let expected =
        ["企业审核并提交", "受理", "县区审核通过", "市级审核通过", "发布公示", "确认入册"];
    assert_eq!(acts, expected);
    let stranger = case_view(&world.app, &desks.other_clerk, &no).await;
    assert!(matches!(stranger, Err(Error::NotFound(_))), "{stranger:?}");
    assert!(audit::verify(world.app.db.read()).await.unwrap().breaks.is_empty());
}

async fn many(mut world: World) {
    let desks = Desks::new(&world).await;
    world.set_time("2026-02-02T09:00:00+08:00");
    let rows = [
        engineer("张三", ZHANG, "2024-03-01", "2026-01-01"),
        engineer("陈四", CHEN, "2024-03-01", "2026-01-01"),
    ];
    import(&world, &desks.clerk, KIND, &[&rows[0], &rows[1]]).await.unwrap();
    let entries = live::<RosterEntry>(&world).await;
    let tx = world.app.db.begin().await.unwrap();
    let source_id = decision(&tx, &desks.hr, world.app.clock.now()).await;
    let excluded = juncai::domain::registry::Stated {
        id: 0,
        about: entries[1].about,
        period: entries[1].period,
        fact: Exclusion { ground: "持股5%以上".into() },
        recorded_at: world.app.clock.now(),
        recorded_by: desks.hr.account_id,
        source_id,
        reason: String::new(),
        supersedes: None,
        superseded_at: None,
    };
    juncai::store::fact::state(&tx, vec![excluded]).await.unwrap();
    tx.commit().await.unwrap();
    all(&world, &desks.head, "draft", "confirm").await;
    let foreign = all(&world, &desks.xiamen_county, "ent_confirmed", "accept").await;
    assert!(foreign.is_empty(), "another county sees nothing");
    all(&world, &desks.county, "ent_confirmed", "accept").await;
    let before = events(&world).await;

    let outcomes = all(&world, &desks.county, "county_check", "pass_county").await;

    assert_eq!(outcomes[0].text, "市级审核中");
    assert!(!outcomes[1].done && outcomes[1].text.contains("排除名单"), "{outcomes:?}");
    assert_eq!(events(&world).await, before + 1, "one act, one event");
    let refused = all(&world, &desks.county, "county_check", "reject").await;
    assert_eq!(texts(&refused), ["不予入册"]);
    assert_eq!(live::<RosterEntry>(&world).await.len(), 1, "its declaration holds no longer");
}

async fn events(world: &World) -> usize {
    use sea_orm::{EntityTrait, PaginatorTrait};
    let count = entity::audit_event::Entity::find().count(world.app.db.read()).await.unwrap();
    usize::try_from(count).unwrap()
}

/// On the roster of E1 from 2026-01-01.
async fn on_the_roster(world: &mut World, desks: &Desks) {
    world.set_time("2026-02-02T09:00:00+08:00");
    let row = engineer("张三", ZHANG, "2024-03-01", "2026-01-01");
    import(world, &desks.clerk, KIND, &[&row]).await.unwrap();
    through_offices(world, desks).await;
    announce(world, &desks.hr).await;
    world.set_time("2026-02-10T09:00:00+08:00");
    assert_eq!(texts(&all(world, &desks.approver, "notice", "activate").await), ["在册"]);
}

async fn leave(world: &World, clerk: &Actor, last_day: &str) {
    let person_no = juncai::store::roster::persons(
        world.app.db.read(),
        &live::<RosterEntry>(world).await.iter().map(|entry| entry.about).collect(),
    )
    .await
    .unwrap()
    .into_values()
    .next()
    .unwrap()
    .person_no;
    let end = LastDay {
        last_day: last_day.parse().unwrap(),
        reason: DepartureReason::Transferred,
        note: String::new(),
        document_no: "离1号".into(),
    };
    end_entry(&world.app, clerk, &person_no, &end).await.unwrap();
}

async fn transfer(mut world: World) {
    let desks = Desks::new(&world).await;
    on_the_roster(&mut world, &desks).await;
    world.set_time("2026-05-08T09:00:00+08:00");
    leave(&world, &desks.clerk, "2026-05-07").await;
    let row = engineer("张三", ZHANG, "2026-05-08", "2026-05-08");
    import(&world, &desks.other_clerk, KIND, &[&row]).await.unwrap();
    for (actor, state, act) in [
        (&desks.other_head, "draft", "confirm"),
        (&desks.xiamen_county, "ent_confirmed", "accept"),
        (&desks.xiamen_county, "county_check", "pass_county"),
        (&desks.xiamen_city, "city_check", "pass_city"),
    ] {
        let outcomes = all(&world, actor, state, act).await;
        assert!(outcomes.iter().all(|outcome| outcome.done), "{act}: {outcomes:?}");
    }
    let done = all(&world, &desks.approver, "prov_confirm", "transfer_in").await;
    assert_eq!(texts(&done), ["在册"]);
    let mut entries = live::<RosterEntry>(&world).await;
    entries.sort_by_key(|entry| entry.period.from);
    assert_eq!(periods(&entries), ["2026-01-01..2026-05-07", "2026-05-08.."]);
}

async fn afterwards(mut world: World) {
    let desks = Desks::new(&world).await;
    on_the_roster(&mut world, &desks).await;
    let days = [("suspended_from", "2026-03-01")];
    let done = all_with(&world, &desks.city, ("active", "suspend"), &days).await;
    assert_eq!(texts(&done), ["暂停"]);
    assert_eq!(periods(&live::<Suspension>(&world).await), ["2026-03-01.."]);
    let days = [("resumes_on", "2026-04-01")];
    let done = all_with(&world, &desks.city, ("suspended", "reinstate"), &days).await;
    assert_eq!(texts(&done), ["在册"]);
    assert_eq!(periods(&live::<Suspension>(&world).await), ["2026-03-01..2026-03-31"]);
    let wrong = [("suspended_from", "三月")];
    let wrong = try_all(&world, &desks.city, "active", "suspend", &wrong).await;
    assert!(matches!(wrong, Err(Error::Invalid(_))), "{wrong:?}");

    world.set_time("2026-05-08T09:00:00+08:00");
    leave(&world, &desks.clerk, "2026-05-07").await;
    assert_eq!(waiting(&world, &desks.clerk, "ended").await.len(), 1);
    assert!(waiting(&world, &desks.clerk, "active").await.is_empty());
}

async fn try_all(
    world: &World,
    actor: &Actor,
    state: &str,
    act: &str,
    more: &[(&str, &str)],
) -> Result<Vec<RowOutcome>, Error> {
    let mut fields: BTreeMap<String, String> =
        Evidence::ALL.iter().map(|kind| (kind.code().to_owned(), "闽测1号".to_owned())).collect();
    fields.extend(more.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())));
    let sent = Submitted { act: act.into(), fields, ..Submitted::default() };
    let found = waiting(world, actor, state).await;
    let chosen: Vec<Chosen> = found.into_iter().map(|no| Chosen { no, seen_steps: None }).collect();
    act_on_many(&world.app, actor, &chosen, &sent).await
}

async fn void(mut world: World) {
    let desks = Desks::new(&world).await;
    on_the_roster(&mut world, &desks).await;
    assert_eq!(texts(&all(&world, &desks.hr, "active", "void").await), ["作废"]);
    assert!(live::<RosterEntry>(&world).await.is_empty());
    assert_eq!(versions::<RosterEntry>(&world).await, 2, "declared, confirmed: both stay readable");
}
