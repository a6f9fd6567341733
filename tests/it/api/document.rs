//! The document says what the router does, and the page of tokens works in a browser.

use std::collections::BTreeSet;

use juncai::domain::authority::Role;
use juncai::domain::registry::Code;
use juncai::domain::webhook::{EventKind, TEST_KIND};
use juncai::service::machine::{ENGINEER_FIELDS, EVIDENCE_FIELDS, Field};
use juncai::web::api::{ADDRESSES, ROOT, document};
use sea_orm::EntityTrait;
use serde_json::Value;

use super::caller::{Office, Program};
use crate::browser_like::{Visitor, authorise_all};
use crate::on_both;
use crate::world::World;

on_both! {
    the_administrator_makes_shows_once_and_revokes_a_token => pages;
}

fn described() -> Value {
    serde_json::to_value(document()).unwrap()
}

#[test]
fn the_document_lists_exactly_the_addresses_of_the_router() {
    let document = described();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"), "{}", document["openapi"]);
    assert_eq!(document["servers"][0]["url"], ROOT);
    let mut listed = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            listed.insert((method.clone(), path.clone()));
            let responses = operation["responses"].as_object().unwrap();
            assert!(responses.contains_key("401"), "{method} {path} says who may");
            if method == "post" {
                let parameters = operation["parameters"].as_array().unwrap();
                let key = |p: &&Value| p["name"] == "Idempotency-Key" && p["required"] == true;
                assert!(parameters.iter().any(|p| key(&p)), "{path} asks for a key");
            }
        }
    }
    let routed = ADDRESSES.iter().map(|(method, path)| ((*method).into(), (*path).into()));
    assert_eq!(listed, routed.collect::<BTreeSet<(String, String)>>());
}

#[test]
fn the_document_describes_the_fields_that_are_read() {
    let document = described();
    let check = |schema: &str, fields: &[Field]| {
        let schema = &document["components"]["schemas"][schema];
        let named: BTreeSet<&str> =
            schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(named, fields.iter().map(|field| field.name).collect());
        let required: BTreeSet<&str> =
            schema["required"].as_array().unwrap().iter().map(|n| n.as_str().unwrap()).collect();
        let must = fields.iter().filter(|field| field.required).map(|field| field.name);
        assert_eq!(required, must.collect());
        assert_eq!(schema["additionalProperties"], false);
    };
    check("NewEngineer", ENGINEER_FIELDS);
    check("NewEvidenceMonth", EVIDENCE_FIELDS);
}

#[test]
fn the_document_describes_every_event_that_is_sent() {
    let document = described();
    let mut kinds: BTreeSet<&str> = EventKind::ALL.iter().map(|kind| kind.code()).collect();
    kinds.insert(TEST_KIND);
    let webhooks = document["webhooks"].as_object().unwrap();
    assert_eq!(webhooks.keys().map(String::as_str).collect::<BTreeSet<_>>(), kinds);
    for (kind, item) in webhooks {
        let headers: Vec<&str> = item["post"]["parameters"]
            .as_array()
            .unwrap()
            .iter()
            .map(|header| header["name"].as_str().unwrap())
            .collect();
        assert_eq!(headers, ["webhook-id", "webhook-timestamp", "webhook-signature"], "{kind}");
        let body = &item["post"]["requestBody"]["content"]["application/json"]["schema"];
        assert_eq!(body["$ref"], "#/components/schemas/Event");
    }
    let event = document["components"]["schemas"]["Event"]["properties"].as_object().unwrap();
    let named: BTreeSet<&str> = event.keys().map(String::as_str).collect();
    let sent = ["id", "type", "occurred_at", "object", "number", "state", "url"];
    assert_eq!(named, sent.into_iter().collect());
}

async fn pages(world: World) {
    let office = Office::new(world).await;
    let app = &office.world.app;
    let mut admin = Visitor::signed_in(app, "admin").await;
    let list = admin.get("/accounts/systems").await;
    assert!(list.text().contains("还没有系统账号"), "{}", list.text());
    let organisation = office.clerk.organisation_id.to_string();
    let fields =
        [("login", "hr-system"), ("name", "人力资源系统"), ("organisation", organisation.as_str())];
    let made = admin.post("/accounts/systems", &fields).await;
    assert!(made.text().contains("安全管理员授权后"), "{}", made.text());
    let again = admin.post("/accounts/systems", &fields).await;
    assert!(again.texts("title")[0].starts_with("错误："), "the name is taken");

    let waits = admin.get("/accounts/systems").await;
    assert!(waits.attributes("select[name=account] option", "value").is_empty(), "not yet");
    authorise_all(app).await;
    let id =
        admin.get("/accounts/systems").await.attributes("select[name=account] option", "value");
    let account = id.last().unwrap().clone();
    let token = [
        ("account", account.as_str()),
        ("scopes", "read"),
        ("valid_through", "2026-12-31"),
        ("per_minute", "60"),
    ];
    let told = admin.post("/accounts/systems/tokens", &token).await;
    let half = told.texts("p.note code")[0].clone();
    assert!(half.starts_with("jc_") && half.len() == 34, "{half}");
    assert_eq!(Program::new(&office.world, &half).get("/token").await.status, 401);
    let secret = half + &authorise_all(app).await.concat();
    assert_eq!(secret.len(), 67);
    assert_eq!(Program::new(&office.world, &secret).get("/token").await.status, 200);
    let list = admin.get("/accounts/systems").await;
    assert!(!list.body().contains(&secret), "it is shown once");
    let stored = entity::api_token::Entity::find().all(app.db.read()).await.unwrap();
    assert!(stored.iter().all(|row| !row.token_hash.contains(&secret)));

    let bad = admin.post("/accounts/systems/tokens", &[("account", &account)]).await;
    assert_eq!(bad.status, 422);
    admin.get("/accounts/systems").await;
    let done = admin.post("/accounts/systems/tokens/AT000001/revocation", &[]).await;
    assert!(done.text().contains("立即失效"), "{}", done.text());
    let gone = Program::new(&office.world, &secret).get("/token").await;
    assert_eq!(gone.problem(), (401, "unauthorized"));
    let mut hr = Visitor::with_role(app, "hr2", Role::HrProvince, "350000").await;
    assert_eq!(hr.get("/accounts/systems").await.status, 403);
    let documented = Visitor::new(app).peek("/api/v1/openapi.json").await;
    assert_eq!(documented.status, 200);
}
