//! Trying a measure out on its page: figures in, amount, steps and basis out, nothing stored.

use axum::http::StatusCode;
use juncai::domain::authority::Role;
use sea_orm::EntityTrait;

use crate::browser_like::Visitor;
use crate::on_both;
use crate::world::World;

on_both! {
    an_enterprise_sees_amount_steps_and_basis_and_nothing_is_stored => trial;
    what_is_mistyped_comes_back_with_every_fault => mistyped;
}

async fn trial(world: World) {
    let app = &world.app;
    let mut clerk =
        Visitor::of_new_enterprise(app, "clerk", Role::EnterpriseClerk, "91350100000000001A").await;
    let list = clerk.get("/measures").await;
    assert_eq!(list.texts("tbody tr").len(), 6, "{}", list.text());
    assert!(list.links().contains(&"/measures/compute-voucher".to_owned()));
    let events = || entity::audit_event::Entity::find().all(app.db.read());
    let before = events().await.unwrap().len();

    let figures = "day=2026-12-31&division=350100&figure=333,333.33&stage=&before=&trial=yes";
    let seen = clerk.get(&format!("/measures/compute-voucher?{figures}")).await;
    assert_eq!(seen.status, StatusCode::OK);
    assert_eq!(seen.texts(".big"), ["166,666.66"]);
    let steps = seen.texts("ol.steps li").join("\n");
    assert!(steps.contains("333333.33 元 × 50%，舍去不足一分的部分 = 166666.66 元"), "{steps}");
    assert!(steps.contains("第七条") && steps.contains("默认参数"), "{steps}");

    // When: the same enterprise was paid for that year before.
    let again = figures.replace("before=", "before=2026-06-30+20000.00");
    let seen = clerk.get(&format!("/measures/compute-voucher?{again}")).await;
    assert_eq!(seen.texts(".big"), ["0.00"]);
    assert!(seen.text().contains("已经发放过，不重复发放"), "{}", seen.text());

    // And: a fixed amount asks for no figure.
    let seen = clerk.get("/measures/quality-product").await;
    assert!(seen.attributes("form[method=get] input", "name").iter().all(|name| name != "figure"));
    let fixed = "day=2026-12-31&division=350500&before=&trial=yes";
    let seen = clerk.get(&format!("/measures/quality-product?{fixed}")).await;
    assert_eq!(seen.texts(".big"), ["500,000.00"]);
    assert_eq!(events().await.unwrap().len(), before);
    assert_eq!(clerk.get("/measures/nothing").await.status, StatusCode::NOT_FOUND);
}

async fn mistyped(world: World) {
    let mut officer = Visitor::with_role(&world.app, "hr", Role::HrProvince, "350000").await;
    let figures = "day=2026-02-30&division=&figure=-1&before=2026-01-01+x%0A%0Ay&trial=yes";
    let seen = officer.get(&format!("/measures/compute-voucher?{figures}")).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    let errors = seen.texts("[data-errors] li");
    assert_eq!(errors.len(), 5, "{errors:?}");
    assert!(errors[3].contains("第 1 行") && errors[4].contains("第 3 行"), "{errors:?}");
    assert!(seen.texts(".big").is_empty());
    assert_eq!(seen.attributes("#measure-figure", "value"), ["-1"]);

    // And: what the measure itself misses.
    let none = "day=2026-12-31&division=350100&figure=&before=&trial=yes";
    let seen = officer.get(&format!("/measures/compute-voucher?{none}")).await;
    assert_eq!(seen.texts("[data-errors] li"), ["请填写当年实际购买算力服务费用"]);
}
