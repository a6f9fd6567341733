//! A new installation: the one-time link and the first administrator.

use super::Error;
use crate::app::App;
use crate::store::account;

/// Whether the database answers.
///
/// # Errors
/// When it does not.
pub async fn answers(app: &App) -> Result<(), Error> {
    account::count(app.db.read()).await?;
    Ok(())
}
