//! Policy texts of streams whose amounts are agreed and not computed: who pays, and from when to
//! when.

use super::stipend::keep_policy_once;
use super::{Actor, Error};
use crate::app::App;
use crate::domain::agreed::AgreedPolicy;
use crate::store::db::{Connection, Tx};
use crate::store::stipend;

/// A stream and the text that comes with the program for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct AgreedText {
    /// Stream.
    pub(super) programme: &'static str,
    /// As the program brings it.
    pub(super) shipped: &'static str,
}

impl AgreedText {
    /// The text with this identity.
    pub(super) async fn policy(
        &self,
        conn: &impl Connection,
        id: i64,
    ) -> Result<AgreedPolicy, Error> {
        let missing = || Error::Internal(format!("policy document {id}"));
        let document = stipend::policy(conn, id).await?.ok_or_else(missing)?;
        self.read(&document.content)
    }

    fn read(&self, content: &str) -> Result<AgreedPolicy, Error> {
        AgreedPolicy::parse(content, self.programme)
            .map_err(|error| Error::Internal(error.to_string()))
    }

    /// Loads the text that comes with the program unless it is loaded; gives its identity.
    pub(super) async fn ensure(&self, app: &App, tx: &Tx, actor: &Actor) -> Result<i64, Error> {
        let policy = self.read(self.shipped)?;
        keep_policy_once(app, tx, actor, (self.programme, policy.title(), self.shipped)).await
    }
}
