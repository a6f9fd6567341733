//! Policy texts of streams whose amounts are agreed and not computed: who pays, and from when to
//! when.

use super::Error;
use crate::domain::agreed::AgreedPolicy;
use crate::domain::policy_text::PolicyText;
use crate::service::policy::parse_text;
use crate::store::db::Connection;
use crate::store::stipend;

/// The text with this identity.
///
/// # Errors
/// When the database fails; [`Error::Internal`] for a text of another kind.
pub(super) async fn agreed_policy(conn: &impl Connection, id: i64) -> Result<AgreedPolicy, Error> {
    let wrong = || Error::Internal(format!("policy document {id}"));
    let document = stipend::policy(conn, id).await?.ok_or_else(wrong)?;
    match parse_text(&document.content)? {
        PolicyText::Agreed(policy) => Ok(policy),
        PolicyText::Stipend(_) | PolicyText::Travel(_) => Err(wrong()),
    }
}
