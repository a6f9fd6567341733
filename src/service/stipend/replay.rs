//! Computing a stored version again from the facts as they were known then.

use super::decide::{Ground, add_before, fingerprint};
use super::execute::prepare;
use super::policy::CORE_ENGINEER;
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::determine::{PersonFacts, Run};
use crate::domain::dossier::Dossier;
use crate::domain::money::Fen;
use crate::service::{Actor, Error};
use crate::store::merge;
use crate::store::stipend::result::{Entitlement, Year};
use crate::store::stipend::{self as store, explain, facts};

/// Whether a stored version comes out again, to the fen and to the last step, from the facts known
/// when it was computed.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`] for a person outside the actor's scope or a version
/// that does not exist.
pub async fn replay(
    app: &App,
    actor: &Actor,
    person_no: &str,
    year: i32,
    version_no: i64,
) -> Result<bool, Error> {
    actor.must(Act::ReadEntitlements)?;
    let read = app.db.read();
    let person = explain::person(read, &actor.scope, person_no).await?;
    let person = person.ok_or(Error::NotFound("这位工程师"))?;
    let programme = Year { programme: CORE_ENGINEER, award_year: year };
    let versions = explain::versions(read, programme, person).await?;
    let version = versions.iter().find(|version| version.version_no == version_no);
    let version = version.ok_or(Error::NotFound("这一版核定结果"))?;
    let dossier = dossier(app, version).await?;
    reproduces(app, person_no, version, before(&versions, version), &dossier).await
}

/// The version before, if there is one.
pub(super) fn before<'a>(
    versions: &'a [Entitlement],
    version: &Entitlement,
) -> Option<&'a Entitlement> {
    versions.iter().find(|other| other.version_no == version.version_no - 1)
}

/// Everything that was known of the person when a version was computed, under all its numbers.
pub(super) async fn dossier(app: &App, version: &Entitlement) -> Result<Dossier, Error> {
    let range = version.person_id..=version.person_id;
    let (known_at, year) = (version.facts_known_at, year_of(version)?);
    let merges = merge::merges_about(app.db.read(), &[version.person_id], Some(known_at)).await?;
    let of = (known_at, year);
    let mut found = facts::dossiers_as_one(app.db.read(), range, of, &merges).await?;
    Ok(found.remove(&version.person_id).unwrap_or_default())
}

/// The year of a version.
pub(super) fn year_of(version: &Entitlement) -> Result<i32, Error> {
    let year = i32::try_from(version.award_year);
    year.map_err(|_| Error::Internal(format!("year of entitlement {}", version.id)))
}

/// Computes a version again and compares.
pub(super) async fn reproduces(
    app: &App,
    person_no: &str,
    version: &Entitlement,
    before: Option<&Entitlement>,
    dossier: &Dossier,
) -> Result<bool, Error> {
    let document = store::policy(app.db.read(), version.policy_document_id).await?;
    let document = document.ok_or(Error::NotFound("政策文件"))?;
    let year = year_of(version)?;
    let named: Vec<i64> = dossier.enterprises().into_iter().collect();
    let ground = prepare(app, &document, year, version.facts_known_at, Some(&named)).await?;
    let Some(mut facts) = facts_behind(&ground, person_no, version, dossier) else {
        return Ok(false);
    };
    if let Some(before) = before {
        add_before(&mut facts, year, Fen::new(before.net_fen));
    }
    Ok(decided_again(&ground, &facts).is_some_and(|(determination, trace)| {
        determination == version.determination && trace == version.trace
    }))
}

/// The facts that give the fingerprint of a version. One that was computed before computations read
/// what other streams granted has the fingerprint of the facts without it.
fn facts_behind(
    ground: &Ground,
    person_no: &str,
    version: &Entitlement,
    dossier: &Dossier,
) -> Option<PersonFacts> {
    let before = (!dossier.grants.is_empty()).then(|| dossier.without_grants());
    std::iter::once(dossier).chain(&before).find_map(|dossier| {
        let facts = dossier.facts(person_no, &ground.enterprises).ok()?;
        let found = fingerprint(ground, dossier, &facts).ok()?;
        (found == version.fingerprint).then_some(facts)
    })
}

/// The stored form of what the engine says now; `None` when it says nothing.
fn decided_again(ground: &Ground, facts: &PersonFacts) -> Option<(String, String)> {
    let enterprises = &ground.enterprises;
    let run =
        Run::new(&ground.policy, enterprises.facts(), enterprises.year(), Some(ground.known_at));
    let (determination, trace) = run.ok()?.explain(facts).ok()?;
    Some((serde_json::to_string(&determination).ok()?, serde_json::to_string(&trace).ok()?))
}
