//! The person's own page: a code from the employer opens it once, a passphrase from then on. The
//! person reads everything the registry holds about them, takes a copy along, and says whether
//! what others filed is right.

mod access;
mod activation;
mod data;
mod declaration;
mod page;
mod recoveries;
mod said;
mod year_dispute;

use serde_json::Value;

use super::Error;
use crate::app::App;
use crate::store::audit;
use crate::store::db::Tx;
use crate::store::own_page::Who;

pub use access::{
    Attempt, FirstVisit, NewPassphrase, Opened, Recognised, activate, change_passphrase, recognise,
    sign_in, sign_out, touch,
};
pub use activation::{ActivationCode, make_code};
pub use data::{OwnData, data_json, data_xlsx};
pub use declaration::{OwnFile, declare};
pub use page::{Office, OwnPage, Statement, money, page, year};
pub use recoveries::{OwnRecovery, plead};
pub use said::{OpenDispute, Said, answer_dispute, confirm, open_disputes, said_of};
pub use year_dispute::{answer_year_dispute, dispute_year, year_disputes_of};

/// Role under which the log tells of a person's own acts.
pub const PERSON_ROLE: &str = "person";

/// The person who looks at their own record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Myself {
    /// Identity.
    pub id: i64,
    /// Official number.
    pub no: String,
    /// Name.
    pub name: String,
    /// Network address of the request.
    pub address: String,
}

impl Myself {
    fn new(who: Who, address: &str) -> Self {
        Self { id: who.id, no: who.no, name: who.name, address: address.to_owned() }
    }
}

/// Tells the chain of the administration what a person did, or that somebody was refused; `no` is
/// empty when nobody knows who it was. Persons belong to no organisation with a chain of its own.
async fn note(
    app: &App,
    tx: &Tx,
    (no, address): (&str, &str),
    action: &str,
    detail: &Value,
) -> Result<(), Error> {
    let event = audit::Event {
        organisation_id: super::keeper(tx).await?,
        at: app.clock.now(),
        login: no,
        role: PERSON_ROLE,
        address,
        action,
        object_kind: "engineer",
        object_no: no,
        detail,
    };
    Ok(audit::append(tx, &event).await?)
}
