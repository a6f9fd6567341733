//! What the benches share.

use juncai::app::App;
use juncai::domain::authority::Role;
use juncai::domain::registry::Code;
use juncai::service::Actor;
use juncai::store::account::{self, NewAccount, NewOrganisation};

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
