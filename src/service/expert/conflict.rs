//! Where an expert's own employer is on the key-enterprise list within the term: asked of the
//! registry whenever it is shown, never stored.

use std::collections::HashMap;

use crate::domain::expert::{Conflict, Employer, EmployerSource, Term, conflicts};
use crate::domain::period::Period;
use crate::domain::registry::{Employment, Listing};
use crate::service::Error;
use crate::store::db::Connection;
use crate::store::expert::Appointment;
use crate::store::fact::{Versions, facts_among};
use crate::store::{merge, registry};

/// The person who leads this one now, and everybody who is the same person.
pub(in crate::service) async fn leading(
    conn: &impl Connection,
    person: i64,
) -> Result<(i64, Vec<i64>), Error> {
    let merges = merge::merges_about(conn, &[person], None).await?;
    Ok((merges.leading(person), merges.group(person)))
}

/// The conflicts of an appointment within its term.
pub(super) async fn of(
    conn: &impl Connection,
    row: &Appointment,
    term: &Term,
) -> Result<Vec<Conflict>, Error> {
    let mut employers: Vec<Employer> = Vec::new();
    if !row.employer_uscc.is_empty() {
        let named = registry::enterprises_by_uscc(conn, &[row.employer_uscc.as_str()]).await?;
        employers.extend(named.into_values().map(|id| (id, term.held(), EmployerSource::Named)));
    }
    let (_, group) = leading(conn, row.person_id).await?;
    for employment in
        facts_among::<Employment>(conn, &group, Versions::Live).await?.into_values().flatten()
    {
        let enterprise = employment.fact.enterprise_id;
        employers.push((enterprise, employment.period, EmployerSource::Registered));
    }
    let ids: Vec<i64> = employers.iter().map(|(id, ..)| *id).collect();
    let listings = facts_among::<Listing>(conn, &ids, Versions::Live).await?;
    let listed: HashMap<i64, Vec<Period>> = listings
        .into_iter()
        .map(|(id, stated)| (id, stated.iter().map(|one| one.period).collect()))
        .collect();
    Ok(conflicts(term.held(), &employers, |id| listed.get(&id).map_or(&[], Vec::as_slice)))
}
