//! What programs are refused, each with the right problem, and nothing is kept.

use axum::http::Method;
use juncai::service::{account, machine};
use serde_json::{Value, json};

use super::caller::{ID, Office, Program, engineer, first};
use crate::browser_like::authorise_all;
use crate::imports::ground::persons;
use crate::on_both;
use crate::world::World;

on_both! {
    every_class_of_error_has_its_problem => classes;
    a_token_that_is_over_revoked_or_of_a_disabled_account_opens_nothing => tokens;
    a_request_that_is_wrong_anywhere_keeps_nothing_and_names_each_field => fields;
}

async fn classes(world: World) {
    let office = Office::new(world).await;
    let mut program = office.own_program().await;
    let mut reader = office.program("reader", &office.clerk, &["read"], "600").await;
    let mut nobody = Program::new(&office.world, "");
    let json_kind = ("content-type", "application/json");
    let key = ("idempotency-key", "k");
    let rows = json!({ "engineers": [first()] });

    for path in ["/token", "/engineers", "/quotas", "/enterprises", "/entitlements"] {
        let told = nobody.get(path).await;
        assert_eq!(told.problem(), (401, "unauthorized"), "{path}");
        assert_eq!(told.seen.headers["www-authenticate"], "Bearer");
    }
    assert_eq!(reader.post("/engineers", "k", &rows).await.problem(), (403, "scope"));
    assert_eq!(reader.post("/evidence", "k", &json!({})).await.problem(), (403, "scope"));
    assert_eq!(program.get("/engineers/E999999").await.problem(), (404, "not-found"));
    assert_eq!(program.get("/cases/RC999999").await.problem(), (404, "not-found"));
    assert_eq!(program.get("/imports/IM999999").await.problem(), (404, "not-found"));
    assert_eq!(program.get("/engineers/a%00b").await.problem(), (404, "not-found"));
    assert_eq!(program.get("/nothing/here").await.problem(), (404, "not-found"));
    let method = program.send(Method::DELETE, "/engineers", None, &[]).await;
    assert_eq!(method.problem(), (405, "method-not-allowed"));
    assert!(method.seen.headers["allow"].to_str().unwrap().contains("POST"));
    let send = async |program: &mut Program, body: &str, headers: &[(&str, &str)]| {
        program.send(Method::POST, "/engineers", Some(body.to_owned()), headers).await
    };
    let text = rows.to_string();
    let told = send(&mut program, &text, &[json_kind]).await;
    assert_eq!(told.problem(), (400, "key-missing"));
    let told = send(&mut program, &text, &[json_kind, ("idempotency-key", "a b")]).await;
    assert_eq!(told.problem(), (400, "key-missing"));
    let told = send(&mut program, &text, &[("content-type", "text/csv"), key]).await;
    assert_eq!(told.problem(), (415, "media-type"));
    let told = send(&mut program, "{\"engineers\":", &[json_kind, key]).await;
    assert_eq!(told.problem(), (400, "bad-request"));
    let told = send(&mut program, "[]", &[json_kind, key]).await;
    assert_eq!(told.problem(), (422, "invalid"));
    let large = format!("{{\"x\":\"{}\"}}", "a".repeat(1 << 20));
    assert_eq!(send(&mut program, &large, &[json_kind, key]).await.problem(), (413, "too-large"));
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("year=26", "year"),
        ("after=%00", "after"),
        ("after=E999999", "after"),
        ("q=x", "q"),
        ("limit=1&limit=2", "limit"),
    ] {
        let told = program.get(&format!("/engineers?{query}")).await;
        assert_eq!((told.problem().0, told.fields()), (422, vec![field]), "{query}");
    }
    assert_eq!(program.get("/enterprises?on=2026-02-30").await.fields(), ["on"]);
    assert_eq!(persons(&office.world).await, 0, "nothing was kept");
}

async fn tokens(world: World) {
    let mut office = Office::new(world).await;
    let mut program = office.own_program().await;
    assert_eq!(program.get("/token").await.status, 200);
    let bent = Program::new(&office.world, &format!("{}x", program.secret)).get("/token").await;
    assert_eq!(bent.problem(), (401, "unauthorized"));

    let (app, admin) = (&office.world.app, &office.admin);
    let id = machine::system_accounts(app, admin).await.unwrap()[0].id;
    account::disable(app, admin, id).await.unwrap();
    assert_eq!(program.get("/token").await.problem(), (401, "unauthorized"));
    account::ask_to_enable(app, admin, id).await.unwrap();
    assert_eq!(program.get("/token").await.problem(), (401, "unauthorized"), "asked for only");
    authorise_all(app).await;
    assert_eq!(program.get("/token").await.status, 200);
    assert!(account::ask_for_password(app, admin, id).await.is_err(), "a program has none");
    let clerk = machine::revoke(app, &office.clerk, "AT000001").await;
    assert!(clerk.is_err(), "only the administrator of accounts");
    machine::revoke(app, admin, "AT000001").await.unwrap();
    assert_eq!(program.get("/token").await.problem(), (401, "unauthorized"));
    assert!(machine::revoke(app, admin, "AT000001").await.is_err(), "once");

    let second = office.program("second", &office.clerk, &["read"], "60").await;
    office.world.set_time("2026-12-31T23:59:00+08:00");
    assert_eq!(Program::new(&office.world, &second.secret).get("/token").await.status, 200);
    office.world.set_time("2027-01-01T00:00:00+08:00");
    let over = Program::new(&office.world, &second.secret).get("/token").await;
    assert_eq!(over.problem(), (401, "unauthorized"));
}

async fn fields(world: World) {
    let office = Office::new(world).await;
    let mut program = office.own_program().await;
    let with = |field: &str, value: Value| {
        let mut row = first();
        row[field] = value;
        row
    };
    for (field, value) in [
        ("document_no", json!("350102199003079980")),
        ("document_no", json!(350_102_199_003_079_981_i64)),
        ("document_type", json!("居民身份证")),
        ("mobile", json!("123")),
        ("post", json!("  ")),
        ("post", json!("岗\n位")),
        ("post", json!("岗".repeat(201))),
        ("hired_on", json!("2023-6-27")),
        ("hired_on", json!("2026-02-30")),
        ("rostered_on", json!("2022-01-01")),
        ("rostered_on", json!("2025-12-31")),
        ("full_time", json!("是")),
        ("account_no", json!("62a")),
        ("cnaps", json!("1")),
        ("amount", json!(1)),
    ] {
        let good = engineer("李四", "350203198512319979", "6222021402000000346");
        let rows = json!({ "engineers": [good, with(field, value.clone())] });
        let told = program.post("/engineers", "k", &rows).await;
        assert_eq!(told.problem(), (422, "invalid"), "{field} {value}");
        assert_eq!(told.fields(), [format!("engineers[1].{field}")], "{value}");
        assert!(!told.seen.body().contains(ID), "no number comes back");
    }
    let twice = json!({ "engineers": [first(), first()] });
    assert_eq!(
        program.post("/engineers", "k", &twice).await.fields(),
        ["engineers[1].document_no"]
    );
    for bad in [json!({}), json!({ "engineers": [] }), json!({ "engineers": [1] })] {
        assert_eq!(
            program.post("/engineers", "k", &bad).await.problem(),
            (422, "invalid"),
            "{bad}"
        );
    }
    let path = "/engineers/E000001/departure";
    let told = program.post(path, "k", &json!({ "last_day": "x", "reason": "y" })).await;
    assert_eq!(told.fields(), ["last_day", "reason", "document_no"]);
    assert_eq!(persons(&office.world).await, 0);
}
