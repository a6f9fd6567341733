//! What the benches share.

#![allow(dead_code, reason = "no bench uses all of it")]

use juncai::app::App;
use juncai::domain::authority::Role;
use juncai::domain::registry::Code;
use juncai::service::Actor;
use juncai::store::account::{self, NewAccount, NewOrganisation};
use sea_orm::{ConnectionTrait, Database};

/// A number from the environment.
pub fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|number| number.parse().ok()).unwrap_or(otherwise)
}

/// Measures on a new SQLite file and, when `JUNCAI_TEST_POSTGRES` names a server, in a new database
/// there: what it is called, and its address.
pub fn on_both<F: Future<Output = ()>>(bench: &str, measure: impl Fn(&'static str, String) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("juncai.db");
        measure("SQLite", format!("sqlite://{}", file.display())).await;
        let Ok(server) = std::env::var("JUNCAI_TEST_POSTGRES") else { return };
        let name = format!("juncai_bench_{bench}_{}", std::process::id());
        let admin = Database::connect(format!("{server}/postgres")).await.expect("a server");
        admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.expect("a database");
        measure("PostgreSQL", format!("{server}/{name}")).await;
        admin.execute_unprepared(&format!("DROP DATABASE {name}")).await.expect("dropped");
    });
}

/// Somebody of a role, in an office of their own or in an enterprise.
pub async fn actor(app: &App, login: &str, role: Role, division: &str, own: Option<i64>) -> Actor {
    let at = app.clock.now();
    let tx = app.db.begin().await.expect("a transaction");
    let kind = if own.is_some() { "enterprise" } else { "hr_office" };
    let office = NewOrganisation { code: login, kind, name: login, division, enterprise_id: own };
    let organisation_id = account::ensure_organisation(&tx, &office, at).await.expect("an office");
    let holder_id = account::ensure_holder(&tx, login, login, at).await.expect("a holder");
    let new = NewAccount {
        login,
        holder_id,
        organisation_id,
        role: role.code(),
        password_hash: "none",
        must_change_password: false,
    };
    let id = account::create(&tx, &new, at).await.expect("an account");
    let full = account::by_id(&tx, id).await.expect("a database").expect("the account");
    tx.commit().await.expect("committed");
    Actor::new(&full, "127.0.0.1").expect("an actor")
}
