//! The policy texts of the two streams of visits: the same text, kept once for each.

use chrono::NaiveDate;

use super::{ALLOWANCE, TRAVEL};
use crate::app::App;
use crate::domain::travel::Policy;
use crate::service::policy::{Shipped, keep_policy_once};
use crate::service::{Actor, Error};
use crate::store::db::Tx;
use crate::store::stipend;

/// The text and the cases that come with the program.
pub(in crate::service) const TEXT: Shipped = Shipped {
    programme: ALLOWANCE,
    text: include_str!("../../../policies/overseas-visit.toml"),
    cases: Some(include_str!("../../../policies/overseas-visit.cases.toml")),
};
/// What users call the stream of travel costs.
const TRAVEL_TITLE: &str = "海外人工智能青年人才国际差旅补贴";

/// What decides a visit.
#[derive(Debug)]
pub(in crate::service) struct Texts {
    /// The policy.
    pub(in crate::service) policy: Policy,
    /// Its text as the stream of allowances keeps it.
    pub(in crate::service) allowance: i64,
    /// As the stream of travel costs keeps it.
    pub(in crate::service) travel: i64,
}

fn read(text: &str) -> Result<Policy, Error> {
    Policy::parse(text, ALLOWANCE).map_err(|error| Error::Internal(error.to_string()))
}

/// The texts by which a visit was begun.
pub(in crate::service) async fn texts(tx: &Tx, allowance: i64) -> Result<Texts, Error> {
    let missing = || Error::Internal(format!("policy document {allowance}"));
    let document = stipend::policy(tx, allowance).await?.ok_or_else(missing)?;
    let twins = stipend::policies_of(tx, TRAVEL).await?;
    let twin = twins.iter().find(|twin| twin.sha256 == document.sha256).ok_or_else(missing)?;
    Ok(Texts { policy: read(&document.content)?, allowance, travel: twin.id })
}

/// The texts of a visit that begins now: those that apply.
pub(super) async fn applying(app: &App, tx: &Tx, actor: &Actor) -> Result<Texts, Error> {
    let allowance = TEXT.ensure(app, tx, actor).await?;
    let missing = || Error::Internal(format!("policy document {allowance}"));
    let document = stipend::policy(tx, allowance).await?.ok_or_else(missing)?;
    let travel = keep_twin(app, tx, actor, &document.content).await?;
    Ok(Texts { policy: read(&document.content)?, allowance, travel })
}

/// Keeps a text of the stream of allowances as the one of travel costs too; gives its identity.
pub(in crate::service) async fn keep_twin(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    content: &str,
) -> Result<i64, Error> {
    keep_policy_once(app, tx, actor, (TRAVEL, TRAVEL_TITLE, content)).await
}

/// Why an employer in a division has no visit that begins on a day: the version of that day is not
/// followed there. Nothing where no version is in force, of which the engine speaks.
pub(in crate::service) fn not_followed(
    policy: &Policy,
    arrival: NaiveDate,
    division: &str,
) -> Option<String> {
    let version = policy.version_on(arrival).filter(|version| !version.participates(division));
    version.map(|_| format!("单位所在地区在 {arrival} 没有参照执行本政策，不能申报"))
}
