//! Places where one office takes the steps of county and city together (domain.md 1.3).

use std::collections::BTreeSet;

use super::Desk;
use crate::app::App;
use crate::domain::region;
use crate::domain::registry::EnterpriseDivision;
use crate::domain::roster::current;
use crate::service::Error;
use crate::store::case::CaseRow;
use crate::store::db::Tx;
use crate::store::fact::{Versions, facts_of};

/// Why the office of county and city does not take both steps of a file.
pub(super) fn fault(joint: bool) -> Option<String> {
    (!joint).then(|| "该企业所在地区由县区、市级分别办理".to_owned())
}

/// Whether the enterprise of a file lies today where one office takes both steps.
pub(super) async fn is_joint(desk: &Desk<'_>) -> Result<bool, Error> {
    lies_there(desk.app, desk.tx, desk.row).await
}

/// The same without anybody who acts.
pub(super) async fn lies_there(app: &App, tx: &Tx, row: &CaseRow) -> Result<bool, Error> {
    let Some(enterprise) = row.enterprise_id else { return Ok(false) };
    let lies = facts_of::<EnterpriseDivision>(tx, enterprise, Versions::Live).await?;
    let today = current(&lies, app.clock.today());
    Ok(today.is_some_and(|stated| region::takes_both_steps(&stated.fact.division)))
}

/// The enterprises of files that lie there.
pub(super) async fn enterprises(desks: &[Desk<'_>]) -> Result<BTreeSet<i64>, Error> {
    let (mut asked, mut found) = (BTreeSet::new(), BTreeSet::new());
    for desk in desks {
        let Some(enterprise) = desk.row.enterprise_id else { continue };
        if asked.insert(enterprise) && is_joint(desk).await? {
            found.insert(enterprise);
        }
    }
    Ok(found)
}

/// [`fault`] of a file, with what [`enterprises`] found.
pub(super) fn fault_among(joint: &BTreeSet<i64>, desk: &Desk<'_>) -> Option<String> {
    fault(desk.row.enterprise_id.is_some_and(|id| joint.contains(&id)))
}
