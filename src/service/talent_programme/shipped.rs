//! The two programmes that the notice names, kept from the start of an installation (S1). Their places,
//! and who runs them where that changes, are for the province to put down.

use serde_json::json;

use crate::app::App;
use crate::service::{Error, PROGRAM, log_apart};
use crate::store::account;
use crate::store::db::Tx;
use crate::store::talent_programme::{self as store, NewProgramme};

/// Name and owner; their money is provincial money for talent.
const SHIPPED: [(&str, &str); 2] =
    [("省引才“百人计划”", "福建省委组织部"), ("“八闽英才”培养计划", "福建省委组织部")];
const GROUP: &str = "provincial-talent";

/// Keeps those of the two that are not kept, in a transaction of its own.
///
/// # Errors
/// When the database refuses.
pub async fn keep_shipped(app: &App) -> Result<(), Error> {
    let tx = app.db.begin().await?;
    ensure_shipped(app, &tx).await?;
    Ok(tx.commit().await?)
}

/// Keeps those of the two that are not kept, under the program's own account.
///
/// # Errors
/// When the database refuses.
pub(in crate::service) async fn ensure_shipped(app: &App, tx: &Tx) -> Result<(), Error> {
    let known = store::all(tx).await?;
    let at = app.clock.now();
    for (name, owner) in SHIPPED {
        if known.iter().any(|programme| programme.name == name) {
            continue;
        }
        let by = account::of_program(tx, at).await?;
        let new = NewProgramme { name, owner, group_code: GROUP, by, at };
        let no = store::add(tx, &new).await?;
        let detail = json!({ "name": name, "group": GROUP });
        log_apart(app, tx, PROGRAM, "programme.added", ("programme", &no), &detail).await?;
    }
    Ok(())
}
