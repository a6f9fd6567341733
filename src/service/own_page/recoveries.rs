//! What the person is to pay back, and what the person says of it (domain.md 7.11).

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::json;

use super::{Myself, note};
use crate::app::App;
use crate::domain::lifecycle::{
    Evidence, Hand, Lifecycle, Recovery, RecoveryAct as A, RecoveryState as S,
};
use crate::domain::money::Fen;
use crate::domain::registry::Code;
use crate::service::budget::{payer_name, source_name};
use crate::service::case::act_by_person;
use crate::service::case::recovery::liable_name;
use crate::service::recovery::outstanding;
use crate::service::{Error, invalid};
use crate::store::recovery as store;

/// Most characters of what is said.
const MAX_STATEMENT: usize = 1_000;

/// A recovery as its person sees it: from the day the facts were told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnRecovery {
    /// Number.
    pub no: String,
    /// Year the money was for.
    pub year: i64,
    /// Source and payer, in words.
    pub payer: String,
    /// To come back.
    pub amount: Fen,
    /// Not yet back.
    pub outstanding: Fen,
    /// Where it stands.
    pub state: &'static str,
    /// Last day there.
    pub due_on: Option<NaiveDate>,
    /// The enterprise that pays it back instead of the person.
    pub liable: Option<String>,
    /// Whether the person can speak now.
    pub may_plead: bool,
}

/// The recoveries that the person was told of, the last first.
///
/// # Errors
/// When the database fails.
pub async fn own_recoveries(app: &App, myself: &Myself) -> Result<Vec<OwnRecovery>, Error> {
    let read = app.db.read();
    let found = store::of_person(read, myself.id).await?;
    let ids: Vec<i64> = found.iter().map(|(_, row)| row.id).collect();
    let mut accounts = store::accounts(read, &ids).await?;
    let mut own = Vec::new();
    for (file, row) in found {
        let state = S::from_code(&file.state)
            .ok_or_else(|| Error::Internal(format!("state of case {}", file.case_no)))?;
        if state == S::Opened {
            continue;
        }
        let account = accounts.remove(&row.id).unwrap_or_default();
        own.push(OwnRecovery {
            year: row.award_year,
            payer: format!("{}（{}）", payer_name(&row.payer_division), source_name(&row.source)),
            amount: Fen::new(row.amount_fen),
            outstanding: outstanding(&row, &account),
            state: state.label(),
            due_on: file.due_on,
            liable: liable_name(read, &row).await?,
            may_plead: Recovery::acts_of(state, Hand::Person).contains(&A::Plead),
            no: file.case_no,
        });
    }
    Ok(own)
}

/// Takes what the person says of the facts that were told: the office then decides.
///
/// # Errors
/// [`Error::Invalid`] (`statement`); [`Error::NotFound`] for another person's recovery;
/// [`Error::Refused`] before the facts were told and after the time to speak.
pub async fn plead(app: &App, myself: &Myself, no: &str, statement: &str) -> Result<(), Error> {
    let statement = statement.trim();
    let fault = match statement.chars().count() {
        0 => Some("请写明您的陈述和申辩".to_owned()),
        length if length > MAX_STATEMENT => Some(format!("最多 {MAX_STATEMENT} 个字，请缩短")),
        _ => None,
    };
    if let Some(text) = fault {
        return Err(Error::Invalid(vec![invalid("statement", text)]));
    }
    let tx = app.db.begin().await?;
    let found = store::of_person(&tx, myself.id).await?.into_iter();
    let found = found.map(|(file, _)| file).find(|file| file.case_no == no);
    let file = found.ok_or(Error::NotFound("这项追回"))?;
    let fields = BTreeMap::from([(Evidence::PartyHeard.code().to_owned(), statement.to_owned())]);
    act_by_person::<Recovery>(app, &tx, file.id, A::Plead, fields).await?;
    let who = (myself.no.as_str(), myself.address.as_str());
    note(app, &tx, who, "own_page.pleaded", &json!({ "case": no })).await?;
    Ok(tx.commit().await?)
}
