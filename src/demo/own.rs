//! A way into the page of one invented engineer, to try it out.

use super::{DemoError, cast};
use crate::app::App;
use crate::domain::registry::PersonDocument;
use crate::service::directory::{EngineerQuery, Start, engineers};
use crate::service::own_page::make_code;
use crate::service::{Actor, Error};
use crate::store::account;
use crate::store::directory;
use crate::store::fact::{Versions, facts_of};
use crate::vault::{VaultError, place};

/// What an invented engineer types at the first visit.
#[derive(Debug, Clone)]
pub struct Activation {
    /// Name.
    pub name: String,
    /// Number of the invented identity document.
    pub document_no: String,
    /// The employer's code.
    pub code: String,
}

/// Lets an enterprise's clerk make a code for the first engineer who works there now. Called after
/// the sums were printed: it adds one event to the log. `None` when nobody does.
///
/// # Errors
/// When the database fails.
pub async fn activation(app: &App) -> Result<Option<Activation>, DemoError> {
    let app = app.clone().as_installed().await?;
    let read = app.db.read();
    for (_, login) in cast::printed() {
        let Some(full) = account::by_login(read, login).await? else { continue };
        let actor = Actor::new(&full, "127.0.0.1")?;
        let Some(own) = directory::own_enterprise(&actor.scope) else { continue };
        let query = EngineerQuery::default();
        let page =
            engineers(&app, &actor, &query, app.clock.award_year(), &Start::Offset(0)).await?;
        for row in page.rows {
            let made = match make_code(&app, &actor, &row.no).await {
                Ok(made) => made,
                Err(Error::Refused(_)) => continue,
                Err(error) => return Err(error.into()),
            };
            let scope = crate::domain::authority::Scope::Enterprise(own);
            let Some(person) = directory::engineer(read, &scope, &row.no).await? else { continue };
            let held = facts_of::<PersonDocument>(read, person.id, Versions::Live).await?;
            let Some(document) = held.first() else { continue };
            let number = app.vault.open_text(place::DOCUMENT, &document.fact.number_cipher)?;
            let document_no = number.to_string();
            return Ok(Some(Activation { name: made.name, document_no, code: made.code }));
        }
    }
    Ok(None)
}

impl From<VaultError> for DemoError {
    fn from(error: VaultError) -> Self {
        Self(error.to_string())
    }
}
