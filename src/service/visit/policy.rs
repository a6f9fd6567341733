//! The policy texts of the two streams of visits: the same text, kept once for each.

use super::{ALLOWANCE, TRAVEL};
use crate::app::App;
use crate::domain::travel::Policy;
use crate::service::stipend::keep_policy_once;
use crate::service::{Actor, Error};
use crate::store::db::Tx;
use crate::store::stipend;

/// The text that comes with the program.
const SHIPPED: &str = include_str!("../../../policies/overseas-visit.toml");
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

/// Loads the text that comes with the program unless it is loaded.
pub(super) async fn ensure(app: &App, tx: &Tx, actor: &Actor) -> Result<Texts, Error> {
    let policy = read(SHIPPED)?;
    let allowance = keep_policy_once(app, tx, actor, (ALLOWANCE, policy.title(), SHIPPED)).await?;
    let travel = keep_policy_once(app, tx, actor, (TRAVEL, TRAVEL_TITLE, SHIPPED)).await?;
    Ok(Texts { policy, allowance, travel })
}
