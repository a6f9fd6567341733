//! An enterprise keeps its own accounts.

use juncai::domain::authority::Role;
use juncai::domain::registry::Code;
use juncai::file::form::ImportKind;
use juncai::service::account::{Invitation, Standing, colleagues, hand_over, invite, take_back};
use juncai::service::{Actor, Error};
use juncai::store::account;
use sea_orm::EntityTrait;

use crate::browser_like::{Visitor, make_account};
use crate::imports::ground::{E1, engineer, look, two_enterprises};
use crate::on_both;
use crate::world::World;

on_both! {
    a_head_invites_hands_over_and_disables_within_the_enterprise => work;
    the_page_invites_and_hands_over => page;
}

async fn head(world: &World, clerk: &Actor) -> Actor {
    let enterprise = match clerk.scope {
        juncai::domain::authority::Scope::Enterprise(id) => id,
        _ => panic!("a clerk of an enterprise"),
    };
    let office = account::NewOrganisation {
        code: E1,
        kind: "enterprise",
        name: E1,
        division: "350102",
        enterprise_id: Some(enterprise),
    };
    make_account(&world.app, "head", Role::EnterpriseHead, &office).await;
    make_account(&world.app, "seal", Role::EnterpriseSignatory, &office).await;
    crate::imports::ground::actor(world, "head").await
}

fn invitation<'a>(login: &'a str, role: Role) -> Invitation<'a> {
    Invitation { login, name: "林晓", role: role.code(), person_key: login }
}

async fn work(world: World) {
    let (_, clerk, other) = two_enterprises(&world).await;
    let head = head(&world, &clerk).await;
    let app = &world.app;
    let row = engineer("张三", "350102199003079981", "2023-06-27", "2026-01-05");
    look(&world, &clerk, ImportKind::Engineers, &[&row]).await.unwrap();

    let made = invite(app, &head, &invitation("lin", Role::EnterpriseClerk)).await.unwrap();
    assert_eq!(made.first_password.len(), 19);
    let all = colleagues(app, &head).await.unwrap();
    let of = |login: &str| all.iter().find(|c| c.line.login == login).unwrap().clone();
    assert_eq!(all.len(), 4, "clerk, head, seal and the new one; nobody of the other enterprise");
    assert_eq!((of(E1).open_imports, of("lin").open_imports), (1, 0));
    assert_eq!(of("lin").line.standing, Standing::Fresh);

    for (role, field) in [(Role::HrProvince, "role"), (Role::EnterpriseSystem, "role")] {
        match invite(app, &head, &invitation("bad", role)).await {
            Err(Error::Invalid(fields)) => assert_eq!(fields[0].0, field),
            other => panic!("{other:?}"),
        }
    }
    let by_clerk = invite(app, &clerk, &invitation("bad", Role::EnterpriseClerk)).await;
    assert!(matches!(by_clerk, Err(Error::Forbidden(_))));

    let waits = hand_over(app, &head, clerk.account_id, "").await;
    assert!(matches!(waits, Err(Error::Invalid(_))), "work waits: {waits:?}");
    let seal = of("seal").line.id;
    let last = hand_over(app, &head, seal, "").await;
    assert!(matches!(last, Err(Error::Refused(_))), "the last holder of the seal: {last:?}");
    let foreign = hand_over(app, &head, other.account_id, "").await;
    assert!(matches!(foreign, Err(Error::NotFound(_))), "another enterprise's: {foreign:?}");
    let own = hand_over(app, &head, head.account_id, "").await;
    assert!(matches!(own, Err(Error::Refused(_))));
    let wrong = hand_over(app, &head, clerk.account_id, &seal.to_string()).await;
    assert!(matches!(wrong, Err(Error::Invalid(_))), "another role cannot go on");
    hand_over(app, &head, clerk.account_id, &made.id.to_string()).await.unwrap();
    let left = account::by_id(app.db.read(), clerk.account_id).await.unwrap().unwrap();
    assert!(left.account.disabled_at.is_some());
    let heir = crate::imports::ground::actor(&world, "lin").await;
    let (rows, _) = juncai::service::import::list(app, &heir, 0, 10).await.unwrap();
    juncai::service::import::confirm(app, &heir, &rows[0].import_no).await.unwrap();

    let second =
        invite(app, &head, &invitation("seal-2", Role::EnterpriseSignatory)).await.unwrap();
    let waits = hand_over(app, &head, seal, "").await;
    assert!(matches!(waits, Err(Error::Invalid(_))), "the confirmed entry waits: {waits:?}");
    hand_over(app, &head, seal, &second.id.to_string()).await.unwrap();
    take_back(app, &head, seal).await.unwrap();
    let events = entity::audit_event::Entity::find().all(app.db.read()).await.unwrap();
    let over = events.iter().filter(|event| event.action == "account.handed_over");
    assert_eq!(over.count(), 2);
}

async fn page(world: World) {
    let (_, clerk, _) = two_enterprises(&world).await;
    head(&world, &clerk).await;
    let mut head = Visitor::signed_in(&world.app, "head").await;
    let list = head.get("/colleagues").await;
    assert!(list.text().contains("邀请同事"), "{}", list.text());
    let fields =
        [("login", "lin"), ("name", "林晓"), ("role", "enterprise_clerk"), ("person_key", "0017")];
    let made = head.post("/colleagues", &fields).await;
    assert_eq!(made.texts("p.note code")[0].len(), 19);
    let wrong = head.post("/colleagues", &fields).await;
    assert!(wrong.texts("title")[0].starts_with("错误："));
    let seal = account::by_login(world.app.db.read(), "seal").await.unwrap().unwrap().account.id;
    head.get("/colleagues").await;
    let refused = head.post(&format!("/colleagues/{seal}/handover"), &[]).await;
    assert!(refused.text().contains("最后一位授权签字人"), "{}", refused.text());
    head.get("/colleagues").await;
    let done = head.post(&format!("/colleagues/{}/handover", clerk.account_id), &[]).await;
    assert!(done.text().contains("账号已停用"), "{}", done.text());
}
