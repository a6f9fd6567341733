//! Who pays a recovery back, and that it bears no interest (domain.md 7.11: recover from whoever
//! received; principal only).

use super::{Desk, ExtraField, FieldKind};
use crate::service::{Error, invalid};
use crate::store::db;
use crate::store::recovery::{self as store, RecoveryRow};
use crate::store::stipend::explain::enterprise_names;

/// What is written where the person pays back.
const PERSON: &str = "本人";

/// Asked with the decision.
pub(super) const FIELD: ExtraField = ExtraField {
    name: "liable",
    label: "归还责任人（由本人归还填“本人”，由企业归还填其统一社会信用代码）",
    kind: FieldKind::Line,
};

/// The enterprise that is to pay back, as the decision says; `None` for the person.
///
/// # Errors
/// [`Error::Invalid`] (`liable`) for anybody else than the person and the enterprises at which the
/// money was earned.
pub(super) async fn read(desk: &Desk<'_>, row: &RecoveryRow) -> Result<Option<i64>, Error> {
    let named = desk.sent.text(FIELD.name);
    if named == PERSON {
        return Ok(None);
    }
    let earners = store::earners(desk.tx, row).await?;
    if let Some(earner) = earners.iter().find(|earner| earner.uscc == named) {
        return Ok(Some(earner.id));
    }
    let known: Vec<&str> = earners.iter().map(|earner| earner.uscc.as_str()).collect();
    let text = format!("请填“本人”，或涉及企业的代码：{}", known.join("、"));
    Err(Error::Invalid(vec![invalid(FIELD.name, text)]))
}

/// The name of the enterprise that pays a recovery back; `None` while it is the person's.
///
/// # Errors
/// When the database fails.
pub(in crate::service) async fn liable_name(
    conn: &impl db::Connection,
    row: &RecoveryRow,
) -> Result<Option<String>, Error> {
    let Some(id) = row.liable_enterprise_id else { return Ok(None) };
    Ok(enterprise_names(conn, &[id]).await?.remove(&id))
}
