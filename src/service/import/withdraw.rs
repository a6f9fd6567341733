//! Undoing a whole import by decision.

use serde_json::json;

use crate::app::App;
use crate::domain::registry::{
    BankAccount, Code, Employment, EnterpriseDivision, EnterpriseName, EnterpriseProfile,
    EvidenceMonth, Listing, OtherAward, PersonContact, PersonDocument, PersonName, RosterEntry,
};
use crate::file::form::ImportKind;
use crate::service::case::roster_entry;
use crate::service::{Actor, Error, log, roster, webhook};
use crate::store::db::{StoreError, Tx};
use crate::store::fact::{self, FactTable};
use crate::store::import::{self, Decision};
use crate::store::registry::{self, Restored};
use crate::store::source::{self, NewSource};

use super::{ImportState, kind_of, may_import, state_of};

/// What a withdrawal did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Withdrawn {
    /// Facts of the import that no longer hold.
    pub withdrawn: u64,
    /// Earlier facts that the import had replaced and that hold again.
    pub restored: u64,
}

/// Ends the recorded time of all facts that an import stated, and states again what it had
/// replaced. What the import said, and that it was withdrawn, stays readable.
///
/// An import of which anything was confirmed or corrected since is not withdrawn as a whole: those
/// facts were decided on by somebody else, and are corrected one by one.
///
/// # Errors
/// [`Error::Invalid`] with field `reason` when there is none, [`Error::Refused`] when it does not
/// hold or was built on, [`Error::NotFound`] outside the actor's scope.
pub async fn withdraw(
    app: &App,
    actor: &Actor,
    import_no: &str,
    reason: &str,
) -> Result<Withdrawn, Error> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > 200 {
        let text = "请写明撤销原因，不超过200个字".to_owned();
        return Err(Error::Invalid(vec![("reason".to_owned(), text)]));
    }
    let tx = app.db.begin().await?;
    let import = import::lock(&tx, import_no, &actor.scope).await?;
    let import = import.ok_or(Error::NotFound("导入"))?;
    let kind = kind_of(&import.kind)?;
    may_import(actor, kind)?;
    if state_of(&import.state)? != ImportState::Confirmed {
        return Err(Error::Refused("只有已导入的文件可以撤销".to_owned()));
    }
    let at = app.clock.now();
    let title = format!("撤销导入 {import_no}");
    let decision = NewSource {
        kind: "decision",
        title: &title,
        document_no: "",
        import_id: None,
        recorded_by: actor.account_id,
        recorded_at: at,
    };
    let mut done = Withdrawn { withdrawn: 0, restored: 0 };
    if let Some(source_id) = import::source_of(&tx, import.id).await? {
        let built_on = built_on(&tx, kind, source_id).await?;
        if built_on > 0 {
            return Err(Error::Refused(format!(
                "本次导入的内容有{built_on}条已被确认或更正，不能整体撤销；请对有误的人员逐一更正"
            )));
        }
        if kind == ImportKind::Engineers {
            roster_entry::withdraw_declared(app, &tx, source_id).await?;
            roster::withdraw_of_import(app, &tx, actor, source_id).await?;
        }
        let by_source = source::record(&tx, &decision).await?;
        done.withdrawn = fact::withdraw_source(&tx, source_id, at, by_source).await?;
        let restored = Restored { source_id: by_source, by: actor.account_id, at, reason };
        done.restored = restore(&tx, kind, source_id, &restored).await?;
    }
    let decision = Decision {
        state: ImportState::Withdrawn.code(),
        by: actor.account_id,
        at,
        ..Decision::default()
    };
    import::decide(&tx, &import, &decision).await?;
    webhook::filing_decided(app, &tx, (import_no, decision.state)).await?;
    let detail = json!({
        "kind": kind.code(), "reason": reason, "facts": done.withdrawn, "restored": done.restored,
    });
    log(app, &tx, actor, "import.withdrawn", ("import", import_no), &detail).await?;
    tx.commit().await?;
    Ok(done)
}

/// How many facts of the import were ended by somebody else since.
pub(super) async fn built_on(
    tx: &impl registry::Readable,
    kind: ImportKind,
    source: i64,
) -> Result<u64, StoreError> {
    use registry::ended_by_others as ended;
    Ok(match kind {
        ImportKind::KeyEnterprises => {
            ended::<EnterpriseName>(tx, source).await?
                + ended::<EnterpriseDivision>(tx, source).await?
                + ended::<EnterpriseProfile>(tx, source).await?
                + ended::<Listing>(tx, source).await?
        }
        ImportKind::Engineers => {
            ended::<PersonDocument>(tx, source).await?
                + ended::<PersonName>(tx, source).await?
                + ended::<PersonContact>(tx, source).await?
                + ended::<BankAccount>(tx, source).await?
                + ended::<Employment>(tx, source).await?
                + ended::<RosterEntry>(tx, source).await?
        }
        ImportKind::Evidence => ended::<EvidenceMonth>(tx, source).await?,
        ImportKind::OtherAwards => ended::<OtherAward>(tx, source).await?,
        ImportKind::BankReturn | ImportKind::ExchangeRates => 0,
    })
}

async fn restore(
    tx: &Tx,
    kind: ImportKind,
    withdrawn: i64,
    under: &Restored<'_>,
) -> Result<u64, StoreError> {
    async fn of<T: FactTable>(tx: &Tx, from: i64, under: &Restored<'_>) -> Result<u64, StoreError> {
        registry::restore::<T>(tx, from, under).await
    }
    Ok(match kind {
        ImportKind::KeyEnterprises => {
            of::<EnterpriseName>(tx, withdrawn, under).await?
                + of::<EnterpriseDivision>(tx, withdrawn, under).await?
                + of::<EnterpriseProfile>(tx, withdrawn, under).await?
                + of::<Listing>(tx, withdrawn, under).await?
        }
        ImportKind::Engineers => {
            of::<PersonName>(tx, withdrawn, under).await?
                + of::<PersonContact>(tx, withdrawn, under).await?
                + of::<BankAccount>(tx, withdrawn, under).await?
                + of::<Employment>(tx, withdrawn, under).await?
                + of::<RosterEntry>(tx, withdrawn, under).await?
        }
        ImportKind::Evidence => of::<EvidenceMonth>(tx, withdrawn, under).await?,
        ImportKind::OtherAwards => of::<OtherAward>(tx, withdrawn, under).await?,
        ImportKind::BankReturn | ImportKind::ExchangeRates => 0,
    })
}
