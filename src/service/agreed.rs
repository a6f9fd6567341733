//! Policy texts of streams whose amounts are agreed and not computed: who pays, and from when to
//! when.

use super::stipend::{hold_policies, keep_policy};
use super::{Actor, Error};
use crate::app::App;
use crate::domain::agreed::AgreedPolicy;
use crate::file::hash::sha256_hex;
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
        hold_policies(tx).await?;
        let sha256 = sha256_hex(self.shipped.as_bytes());
        let loaded = stipend::policies_of(tx, self.programme).await?;
        if let Some(document) = loaded.iter().find(|document| document.sha256 == sha256) {
            return Ok(document.id);
        }
        let policy = self.read(self.shipped)?;
        keep_policy(app, tx, actor, (self.programme, policy.title(), self.shipped)).await
    }
}
