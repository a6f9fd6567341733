//! A form that is sent twice has its effect once, for as long as anybody may send it again.

use juncai::service::once::{Submission, Taken, forget_old, release, settle, take};

use crate::on_both;
use crate::town::actor;
use crate::world::World;

on_both! {
    a_second_submission_is_led_to_where_the_first_led => twice;
    a_submission_without_effect_may_be_sent_again => released;
    old_submissions_are_forgotten_and_young_ones_are_not => forgotten;
}

async fn twice(world: World) {
    let clerk = actor(&world, "hr", "hr_province", "350000", None).await;
    let form = Submission::new(&clerk, "key", "reason=1");
    assert_eq!(take(&world.app, &form).await.unwrap(), Taken::New);
    assert!(take(&world.app, &form).await.is_err(), "it is still under way");
    settle(&world.app, &form, "/runs/1").await.unwrap();
    let again = take(&world.app, &form).await.unwrap();
    assert_eq!(again, Taken::Earlier("/runs/1".to_owned()));
    let changed = Submission::new(&clerk, "key", "reason=2");
    assert_eq!(take(&world.app, &changed).await.unwrap(), Taken::New);
}

async fn released(world: World) {
    let clerk = actor(&world, "hr", "hr_province", "350000", None).await;
    let form = Submission::new(&clerk, "key", "");
    take(&world.app, &form).await.unwrap();
    release(&world.app, &form).await.unwrap();
    assert_eq!(take(&world.app, &form).await.unwrap(), Taken::New);
}

async fn forgotten(mut world: World) {
    let clerk = actor(&world, "hr", "hr_province", "350000", None).await;
    let (old, young) = (Submission::new(&clerk, "a", ""), Submission::new(&clerk, "b", ""));
    world.set_time("2026-03-01T09:00:00+08:00");
    take(&world.app, &old).await.unwrap();
    world.set_time("2026-03-20T09:00:00+08:00");
    take(&world.app, &young).await.unwrap();
    settle(&world.app, &young, "/").await.unwrap();
    world.set_time("2026-04-01T09:00:00+08:00");
    assert_eq!(forget_old(&world.app).await.unwrap(), 1);
    assert_eq!(take(&world.app, &old).await.unwrap(), Taken::New);
    let kept = take(&world.app, &young).await.unwrap();
    assert_eq!(kept, Taken::Earlier("/".to_owned()));
}
