//! What a payer could pay now, by programme, year and source, and drawing all of it up at once.

use std::collections::BTreeMap;

use chrono::Datelike;

use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::money::Fen;
use crate::file::bank::MAX_PURPOSE;
use crate::service::payment::{Criteria, create_found, preview};
use crate::service::{Actor, Error, budget};
use crate::store::money_view as store;

/// Payments of a batch unless somebody says otherwise: banks take files of this size.
pub const USUAL_LINES: i64 = 5_000;

/// Payments that are alike in programme, year and source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadyLine {
    /// Programme: code and title.
    pub programme: (String, String),
    /// Year the money is for.
    pub award_year: i64,
    /// Code of the source.
    pub source: String,
    /// Payments that wait for a batch.
    pub lines: i64,
    /// Their sum.
    pub amount: Fen,
    /// Of them, held back by somebody.
    pub held: i64,
    /// Free in the budget of this calendar year.
    pub available: Fen,
}

/// What payees read unless somebody writes something else: the year and the programme.
pub fn usual_purpose(award_year: &str, title: &str) -> String {
    format!("{award_year}{title}").chars().take(MAX_PURPOSE).collect()
}

/// What the actor's office could pay now.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::MakeBatch`].
pub async fn ready(app: &App, actor: &Actor) -> Result<Vec<ReadyLine>, Error> {
    actor.must(Act::MakeBatch)?;
    let titles = budget::programmes(app).await?;
    let available: BTreeMap<(String, String), Fen> = budget::available(app, actor).await?;
    let line = |group: store::PayableGroup| {
        let key = (group.programme.clone(), group.source.clone());
        let title = titles.get(&group.programme).cloned().unwrap_or_default();
        ReadyLine {
            available: available.get(&key).copied().unwrap_or_default(),
            programme: (group.programme, title),
            award_year: group.award_year,
            source: group.source,
            lines: group.lines,
            amount: Fen::new(group.amount_fen),
            held: group.held,
        }
    };
    let found = store::payable_groups(app.db.read(), &actor.division).await?;
    Ok(found.into_iter().map(line).collect())
}

/// Draws up drafts for everything that the actor's office could pay now, split by programme, year
/// and source, each of at most [`USUAL_LINES`]; returns their numbers. Who is left out stays out.
///
/// # Errors
/// As those of [`crate::service::payment::create_all`]; [`Error::Refused`] when nobody can be paid.
pub async fn create_ready(
    app: &App,
    actor: &Actor,
    payer_account: &str,
) -> Result<Vec<String>, Error> {
    let budget_year = i64::from(app.clock.today().year());
    let mut made = Vec::new();
    for line in ready(app, actor).await? {
        let (programme, title) = line.programme;
        let criteria = Criteria {
            purpose: usual_purpose(&line.award_year.to_string(), &title),
            programme,
            award_year: line.award_year,
            budget_year,
            source: line.source,
            payer_division: actor.division.clone(),
            city_unit: String::new(),
            enterprise_uscc: String::new(),
            payer_account: payer_account.to_owned(),
            max_lines: USUAL_LINES,
        };
        let found = preview(app, actor, &criteria).await?;
        if found.lines > 0 {
            made.extend(create_found(app, actor, criteria, &found).await?);
        }
    }
    if made.is_empty() {
        return Err(Error::Refused("现在没有可以编制的待付款项".to_owned()));
    }
    Ok(made)
}
