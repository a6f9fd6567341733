//! Requests that are sent twice or too often.

use axum::http::Method;
use serde_json::json;

use super::caller::{Office, Program, engineer, first};
use crate::imports::ground::persons;
use crate::on_both;
use crate::world::World;

on_both! {
    the_same_key_with_the_same_content_is_answered_the_same => replay;
    many_at_once_under_one_key_have_one_effect => parallel;
    a_token_that_asks_too_often_waits => rate;
}

async fn replay(world: World) {
    let office = Office::new(world).await;
    let mut program = office.own_program().await;
    let rows = json!({ "engineers": [first()] });
    let told = program.post("/engineers", "key-1", &rows).await;
    let again = program.post("/engineers", "key-1", &rows).await;
    assert_eq!((told.status, &told.body), (again.status, &again.body));
    assert!(told.seen.headers.get("idempotency-replayed").is_none());
    assert_eq!(again.seen.headers["idempotency-replayed"], "true");
    assert_eq!(again.seen.headers["content-type"], "application/json");

    let other = engineer("李四", "350203198512319979", "6222021402000000346");
    let other = json!({ "engineers": [other] });
    let reused = program.post("/engineers", "key-1", &other).await;
    assert_eq!(reused.problem(), (422, "key-reused"));
    assert_eq!(persons(&office.world).await, 1);

    // What was refused had no effect, so the key is free for the corrected request.
    let wrong = json!({ "engineers": [engineer("李四", "1", "2")] });
    assert_eq!(program.post("/engineers", "key-2", &wrong).await.problem(), (422, "invalid"));
    assert_eq!(program.post("/engineers", "key-2", &other).await.status, 201);

    // Keys of one account mean nothing to another.
    let mut stranger = office.program("other", &office.other, &["register"], "60").await;
    let row = engineer("王五", "350582199311079821", "6231660000000000568");
    let own = stranger.post("/engineers", "key-1", &json!({ "engineers": [row] })).await;
    assert_eq!(own.status, 201, "{:?}", own.body);
}

async fn parallel(world: World) {
    let office = Office::new(world).await;
    let program = office.own_program().await;
    let rows = json!({ "engineers": [first()] });
    let mut work = tokio::task::JoinSet::new();
    for _ in 0..12 {
        let mut program = Program::new(&office.world, &program.secret);
        let rows = rows.clone();
        work.spawn(async move { program.post("/engineers", "one", &rows).await });
    }
    let told = work.join_all().await;
    let done = told.iter().filter(|told| told.status == 201).count();
    let waiting = told.iter().filter(|told| told.status == 409);
    assert!(waiting.clone().all(|told| told.problem() == (409, "under-way")));
    assert!(done >= 1 && done + waiting.count() == 12, "{told:?}");
    assert_eq!(persons(&office.world).await, 1);
    let answers: Vec<_> =
        told.iter().filter(|told| told.status == 201).map(|told| &told.body).collect();
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
}

async fn rate(world: World) {
    let mut office = Office::new(world).await;
    let mut program = office.program("slow", &office.clerk, &["read"], "2").await;
    let mut other = office.program("quick", &office.clerk, &["read"], "2").await;
    assert_eq!(program.get("/token").await.status, 200);
    assert_eq!(program.send(Method::HEAD, "/token", None, &[]).await.status, 200);
    let told = program.get("/token").await;
    assert_eq!(told.problem(), (429, "too-many-requests"));
    assert_eq!(told.seen.headers["retry-after"], "60");
    assert_eq!(other.get("/token").await.status, 200, "others are not held up");
    office.world.set_time("2026-02-05T09:01:00+08:00");
    let mut later = Program::new(&office.world, &program.secret);
    assert_eq!(later.get("/token").await.status, 200);
}
