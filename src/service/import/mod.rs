//! Spreadsheets in: upload, look, confirm, withdraw.
//!
//! An upload is read row by row, each row is checked against its form and against the registry,
//! and what is wrong is told cell by cell. Until somebody confirms, only the sealed file and its
//! issues exist. A confirmation reads and checks the file again and states all facts of its good
//! rows under one source document in one transaction. What the registry holds already is not
//! stated twice, and what was corrected since the same was filed before is never revived.

mod award;
mod confirm;
mod engineer;
mod enterprise;
mod evidence;
mod ground;
mod issue;
mod pages;
mod preview;
mod proposed;
mod read;
mod run;
mod timeline;
mod withdraw;

use crate::domain::authority::{Act, Scope};
use crate::domain::registry::Code;
use crate::file::form::ImportKind;

use super::{Actor, Error};

pub use confirm::{Confirmed, confirm, discard};
pub use issue::Issue;
pub(super) use pages::numbered;
pub use pages::{ImportPage, ImportSummary, annotated, list, page, template};
pub(super) use preview::records;
pub use preview::{ImportPreview, check, check_form, preview};
pub(super) use proposed::{look, propose_evidence, status};
pub use withdraw::{Withdrawn, withdraw};

pub use crate::store::import::RowCounts;

crate::code_list! {
    /// Where an import stands.
    ImportState {
        /// Kept with its issues; nothing stated.
        Previewed = "previewed", "待导入";
        /// Its facts are stated.
        Confirmed = "confirmed", "已导入";
        /// Given up before it was confirmed.
        Discarded = "discarded", "作废";
        /// Its facts were withdrawn by decision.
        Withdrawn = "withdrawn", "已撤销";
    }
}

/// What it takes to import a form.
const fn act_of(kind: ImportKind) -> Act {
    match kind {
        ImportKind::Engineers => Act::FileEngineers,
        ImportKind::BankReturn | ImportKind::ExchangeRates => Act::MakeBatch,
        ImportKind::KeyEnterprises | ImportKind::Evidence | ImportKind::OtherAwards => {
            Act::ImportRegistry
        }
    }
}

/// The forms that this actor may import here.
pub fn kinds_for(actor: &Actor) -> Vec<ImportKind> {
    ImportKind::ALL
        .into_iter()
        .filter(|kind| kind.own_page().is_none() && may_import(actor, *kind).is_ok())
        .collect()
}

/// Engineers are filed by their own enterprise, everything else by an office of the province.
fn may_import(actor: &Actor, kind: ImportKind) -> Result<(), Error> {
    let act = act_of(kind);
    actor.must(act)?;
    let fits = match kind {
        ImportKind::Engineers => matches!(actor.scope, Scope::Enterprise(_)),
        _ => actor.scope == Scope::Province,
    };
    if fits { Ok(()) } else { Err(Error::Forbidden(act)) }
}

/// Looking at imports takes what importing some form takes.
fn may_look(actor: &Actor) -> Result<(), Error> {
    if kinds_for(actor).is_empty() { Err(Error::Forbidden(Act::ImportRegistry)) } else { Ok(()) }
}

fn kind_of(code: &str) -> Result<ImportKind, Error> {
    ImportKind::from_code(code).ok_or_else(|| Error::Internal(format!("unknown form {code}")))
}

fn state_of(code: &str) -> Result<ImportState, Error> {
    ImportState::from_code(code).ok_or_else(|| Error::Internal(format!("unknown state {code}")))
}

/// A refusal of the file as a whole, shown beside the file field.
fn bad_file(why: impl ToString) -> Error {
    Error::Invalid(vec![("file".to_owned(), why.to_string())])
}
