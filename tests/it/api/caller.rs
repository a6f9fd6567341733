//! A program with a token.

use axum::http::{Method, StatusCode};
use juncai::domain::authority::Role;
use juncai::service::machine::{self, NewToken, SystemForm};
use juncai::store::{account, account_list};
use serde_json::{Value, json};

use crate::browser_like::{Seen, Visitor, authorise_all, make_account};
use crate::imports::ground::{E1, two_enterprises};
use crate::world::World;

pub const ID: &str = "350102199003079981";

/// An answer.
#[derive(Debug)]
pub struct Told {
    pub status: StatusCode,
    pub seen: Seen,
    pub body: Value,
}

impl Told {
    pub fn text(&self, field: &str) -> &str {
        self.body[field].as_str().unwrap_or_default()
    }

    /// The last part of the type of a problem, when it is one as the standard wants it.
    pub fn problem(&self) -> (u16, &str) {
        let kind = self.seen.headers["content-type"].to_str().unwrap();
        assert_eq!(kind, "application/problem+json", "{:?}", self.body);
        assert_eq!(self.body["status"], json!(self.status.as_u16()));
        assert!(!self.text("title").is_ascii(), "{:?}", self.body);
        assert!(self.text("instance").starts_with("urn:juncai:request:"), "{:?}", self.body);
        let name = self.text("type").strip_prefix("urn:juncai:problem:").unwrap();
        (self.status.as_u16(), name)
    }

    /// Fields of a problem.
    pub fn fields(&self) -> Vec<&str> {
        let errors = self.body["errors"].as_array().unwrap();
        errors.iter().map(|error| error["field"].as_str().unwrap()).collect()
    }
}

/// A program.
pub struct Program {
    visitor: Visitor,
    pub secret: String,
}

impl Program {
    pub fn new(world: &World, secret: &str) -> Self {
        Self { visitor: Visitor::new(&world.app), secret: secret.to_owned() }
    }

    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Option<String>,
        headers: &[(&str, &str)],
    ) -> Told {
        let path = format!("/api/v1{path}");
        let bearer = format!("Bearer {}", self.secret);
        let mut all = headers.to_vec();
        if !self.secret.is_empty() {
            all.push(("authorization", &bearer));
        }
        let seen = self.visitor.send(method, &path, body.map(String::into_bytes), &all).await;
        let body = serde_json::from_slice(&seen.bytes).unwrap_or_default();
        assert!(seen.headers.get("set-cookie").is_none(), "no cookies here");
        Told { status: seen.status, seen, body }
    }

    pub async fn get(&mut self, path: &str) -> Told {
        self.send(Method::GET, path, None, &[]).await
    }

    pub async fn post(&mut self, path: &str, key: &str, body: &Value) -> Told {
        let headers = [("content-type", "application/json"), ("idempotency-key", key)];
        self.send(Method::POST, path, Some(body.to_string()), &headers).await
    }
}

/// E1 and E2 with their clerks, an administrator, and a token of E1's system account.
pub struct Office {
    pub world: World,
    pub hr: juncai::service::Actor,
    pub clerk: juncai::service::Actor,
    pub other: juncai::service::Actor,
    pub admin: juncai::service::Actor,
}

impl Office {
    pub async fn new(mut world: World) -> Self {
        world.set_time("2026-02-05T09:00:00+08:00");
        let (hr, clerk, other) = two_enterprises(&world).await;
        let office = account::NewOrganisation {
            code: "ADMIN",
            kind: "administration",
            name: "福建省数据管理中心",
            division: "350000",
            enterprise_id: None,
        };
        make_account(&world.app, "admin", Role::Administrator, &office).await;
        let admin = crate::imports::ground::actor(&world, "admin").await;
        Self { world, hr, clerk, other, admin }
    }

    /// A program of the organisation of `of`, with scopes and a rate.
    pub async fn program(
        &self,
        login: &str,
        of: &juncai::service::Actor,
        scopes: &[&str],
        per_minute: &str,
    ) -> Program {
        let organisation = of.organisation_id.to_string();
        let form = SystemForm { login, name: "人力资源系统", organisation: &organisation };
        let app = &self.world.app;
        let id = machine::make_account(app, &self.admin, &form).await.unwrap();
        authorise_all(app).await;
        let new = NewToken {
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            valid_through: "2026-12-31".to_owned(),
            per_minute: per_minute.to_owned(),
        };
        let half = machine::make_token(app, &self.admin, id, &new).await.unwrap();
        let secret = half + &authorise_all(app).await.concat();
        Program::new(&self.world, &secret)
    }

    /// A program of E1 that may do everything.
    pub async fn own_program(&self) -> Program {
        let all = ["read", "register", "evidence"];
        let program = self.program("hr-system", &self.clerk, &all, "600").await;
        let found =
            account_list::organisation(self.world.app.db.read(), self.clerk.organisation_id);
        assert_eq!(found.await.unwrap().unwrap().code, E1);
        program
    }
}

/// One engineer as a program registers them.
pub fn engineer(name: &str, document_no: &str, account_no: &str) -> Value {
    json!({
        "name": name,
        "document_type": "resident_id",
        "document_no": document_no,
        "mobile": "13800000000",
        "post": "算法工程师",
        "professional_title": "高级工程师",
        "education": "硕士研究生",
        "hired_on": "2023-06-27",
        "full_time": true,
        "rostered_on": "2026-01-05",
        "bank_name": "中国银行",
        "cnaps": "105391000010",
        "account_no": account_no,
    })
}

/// The first of them.
pub fn first() -> Value {
    engineer("张三", ID, "6217000000000000129")
}
