//! A change of facts: the document it is made under, who makes it, when and why.

use chrono::{DateTime, Utc};

use super::{Actor, Error};
use crate::app::App;
use crate::domain::period::Period;
use crate::domain::registry::Stated;
use crate::store::account;
use crate::store::db::Tx;
use crate::store::source::{self, NewSource};

/// The document that a change is made under, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decree<'a> {
    pub(super) source_id: i64,
    pub(super) at: DateTime<Utc>,
    account_id: i64,
    reason: &'a str,
}

impl<'a> Decree<'a> {
    /// Records the document.
    pub(super) async fn record(
        app: &App,
        tx: &Tx,
        actor: &Actor,
        (kind, title): (&'static str, &str),
        document_no: &str,
        reason: &'a str,
    ) -> Result<Self, Error> {
        Self::under(app, tx, actor.account_id, (kind, title), document_no, reason).await
    }

    /// The same for what the program decides because time has run: it stands under the program's
    /// own account, and no document has a number.
    pub(super) async fn of_program(
        app: &App,
        tx: &Tx,
        title: &str,
        reason: &'a str,
    ) -> Result<Self, Error> {
        let account = account::of_program(tx, app.clock.now()).await?;
        Self::under(app, tx, account, ("decision", title), "", reason).await
    }

    async fn under(
        app: &App,
        tx: &Tx,
        account_id: i64,
        (kind, title): (&'static str, &str),
        document_no: &str,
        reason: &'a str,
    ) -> Result<Self, Error> {
        let at = app.clock.now();
        let document = NewSource {
            kind,
            title,
            document_no,
            import_id: None,
            recorded_by: account_id,
            recorded_at: at,
        };
        let source_id = source::record(tx, &document).await?;
        Ok(Self { source_id, at, account_id, reason })
    }

    /// A fact as this document states it.
    pub(super) fn states<T>(
        &self,
        about: i64,
        period: Period,
        fact: T,
        supersedes: Option<i64>,
    ) -> Stated<T> {
        Stated {
            id: 0,
            about,
            period,
            fact,
            recorded_at: self.at,
            recorded_by: self.account_id,
            source_id: self.source_id,
            reason: self.reason.to_owned(),
            supersedes,
            superseded_at: None,
        }
    }
}
