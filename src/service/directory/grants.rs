//! What files of other streams granted to a person: agreements and whatever else pays by a file.

use crate::app::App;
use crate::domain::adjustment::LedgerState;
use crate::domain::authority::Scope;
use crate::domain::edition::Stacking;
use crate::domain::money::Fen;
use crate::domain::yearly::Money;
use crate::service::{Error, budget};
use crate::store::benefit::{self, Granted};
use crate::store::{case as cases, directory as store, merge};

use super::money::beyond;

/// What a file granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantLine {
    /// Year the money is for.
    pub year: i32,
    /// Code of the stream.
    pub programme: String,
    /// Name of the stream.
    pub stream: String,
    /// How it stands to the stipend of the year by what is known now, with the document of the entry
    /// that says so, which is empty where the policy text decides; `None` where that is not told, and
    /// for costs that are paid back.
    pub relation: Option<(Stacking, String)>,
    /// Number of the file.
    pub file_no: String,
    /// Whether the reader can open the file.
    pub opens: bool,
    /// Amount; for an enterprise what it comes to for the time there.
    pub amount: Fen,
    /// Paid of it; `None` when only a part may be seen.
    pub paid: Option<Fen>,
    /// Where the money stands.
    pub state: LedgerState,
}

/// What stands for a person, under all numbers of the person, the last year first. An enterprise
/// sees what is about itself. The caller has the person from a reader with a scope.
pub(in crate::service) async fn grants_of(
    app: &App,
    (scope, opens_files): (&Scope, bool),
    person_id: i64,
) -> Result<Vec<GrantLine>, Error> {
    let read = app.db.read();
    let numbers = merge::merges_about(read, &[person_id], None).await?.group(person_id);
    let found = benefit::granted_to(read, &numbers).await?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let streams = budget::programmes(app).await?;
    let files: Vec<&str> = found.iter().map(|granted| granted.subject_no.as_str()).collect();
    let open =
        if opens_files { cases::visible_among(read, scope, &files).await? } else { Vec::new() };
    let own = store::own_enterprise(scope);
    let mut lines = Vec::with_capacity(found.len());
    for granted in found {
        let stream = streams.get(&granted.programme).unwrap_or(&granted.programme).clone();
        let opens = open.contains(&granted.subject_no);
        lines.extend(line(granted, own, (stream, opens))?);
    }
    Ok(lines)
}

fn line(
    granted: Granted,
    own: Option<i64>,
    (stream, opens): (String, bool),
) -> Result<Option<GrantLine>, Error> {
    let sum = |only: Option<i64>| {
        let parts = granted.parts.iter();
        let seen = parts.filter(|(about, _)| only.is_none_or(|own| own == *about));
        Fen::checked_sum(seen.map(|(_, amount)| *amount)).ok_or_else(beyond)
    };
    let (whole, amount) = (sum(None)?, sum(own)?);
    if amount == Fen::ZERO {
        return Ok(None);
    }
    let in_state = |state: &str| {
        let lines = granted.lines.iter().filter(|line| line.0 == state);
        Fen::checked_sum(lines.map(|line| line.1)).ok_or_else(beyond)
    };
    let money = Money {
        pending: in_state("pending")?,
        payable: in_state("payable")?,
        in_batch: in_state("in_batch")?,
        paid: in_state("paid")?,
        ..Money::default()
    };
    Ok(Some(GrantLine {
        year: i32::try_from(granted.award_year).map_err(|_| beyond())?,
        paid: (amount == whole).then_some(money.paid),
        state: LedgerState::of(true, whole, money),
        file_no: granted.subject_no,
        programme: granted.programme,
        relation: None,
        stream,
        opens,
        amount,
    }))
}
