//! A sample that somebody names as the one that was looked at before a decision (domain.md 7.5).

use chrono::NaiveDate;

use crate::domain::authority::{Role, Scope};
use crate::domain::registry::EnterpriseDivision;
use crate::domain::roster::current;
use crate::domain::spot_check::number_in;
use crate::service::Error;
use crate::store::account_list;
use crate::store::db::Tx;
use crate::store::fact::{Versions, facts_of};
use crate::store::spot_check::{self as store, Sample};

/// Why what is said names no sample that covers an enterprise and is complete. Nothing has to be
/// named while nobody is registered whom a sample could be drawn from.
pub(in crate::service) async fn named_fault(
    tx: &Tx,
    enterprise_id: i64,
    said: &str,
    today: NaiveDate,
) -> Result<Option<String>, Error> {
    let Some(no) = number_in(said) else {
        let all = store::registered(tx, &Scope::Province, Some(enterprise_id), today).await?;
        let why = "请在抽查结果中写明已核查完的抽查编号（如 SC000001），抽查在“抽查核实”页面办理";
        return Ok((!all.is_empty()).then(|| why.to_owned()));
    };
    let Some(sample) = store::sample(tx, None, &no).await? else {
        return Ok(Some(format!("没有编号为 {no} 的抽查，请核对")));
    };
    if !covers(tx, &sample, enterprise_id, today).await? {
        return Ok(Some(format!("抽查 {no} 的范围不含本件的企业，请写明本企业或所在地区的抽查")));
    }
    let progress = store::progress(tx, &[sample.id]).await?;
    let checked = progress.get(&sample.id).map_or(0, |record| record.checked);
    let left = sample.size - checked;
    Ok((left > 0).then(|| format!("抽查 {no} 还有 {left} 人没有核查完")))
}

/// Whether a sample could draw persons of an enterprise.
async fn covers(
    tx: &Tx,
    sample: &Sample,
    enterprise_id: i64,
    today: NaiveDate,
) -> Result<bool, Error> {
    if let Some(only) = sample.enterprise_id {
        return Ok(only == enterprise_id);
    }
    let Some(office) = account_list::organisation(tx, sample.organisation_id).await? else {
        return Ok(false);
    };
    let places = facts_of::<EnterpriseDivision>(tx, enterprise_id, Versions::Live).await?;
    let division = current(&places, today).map_or("", |place| place.fact.division.as_str());
    let scope = Scope::of(Role::HrProvince, &office.division, office.enterprise_id);
    Ok(scope.covers(enterprise_id, division))
}
