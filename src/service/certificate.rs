//! Certificates: what is printed, and what anybody may ask of one.

use chrono::NaiveDate;

use super::{Actor, Error, visitor};
use crate::app::App;
use crate::domain::authority::{Act, Scope};
use crate::domain::certificate::{Printed, holds, normalised};
use crate::domain::identity::mask_name;
use crate::domain::period::Period;
use crate::domain::registry::{Code, LegalForm, PersonName, Recognition, Stated, TalentClass};
use crate::service::own_page::Myself;
use crate::store::db::Connection;
use crate::store::fact::Versions;
use crate::store::{directory, recognition, source, stipend};
use crate::vault::kind;

/// A certificate as it is printed.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// What is signed.
    pub printed: Printed,
    /// Number of the person.
    pub person_no: String,
    /// Kind of document and masked number; empty when none is known.
    pub document: String,
    /// Enterprise that recognised; empty when an office did.
    pub enterprise: String,
    /// The listed enterprise to which it went since then; empty when it did not.
    pub employer: String,
    /// Whether the enterprise recommended and an office decided.
    pub recommended: bool,
    /// Number of the decision.
    pub decision_no: String,
    /// Whether it holds today.
    pub valid: bool,
    /// Mark against alteration.
    pub mark: String,
    /// Address that the QR code leads to; `None` while the address of the public site is not set.
    pub address: Option<String>,
}

/// The certificate with this number.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadRegistry`]; [`Error::NotFound`] outside the scope, the
/// same as for one that does not exist.
pub async fn certificate(app: &App, actor: &Actor, no: &str) -> Result<Certificate, Error> {
    actor.must(Act::ReadRegistry)?;
    in_scope(app, &actor.scope, no).await
}

/// The person's own certificate.
///
/// # Errors
/// [`Error::NotFound`] for somebody else's.
pub async fn own(app: &App, myself: &Myself, no: &str) -> Result<Certificate, Error> {
    in_scope(app, &Scope::Person(myself.id), no).await
}

async fn in_scope(app: &App, scope: &Scope, no: &str) -> Result<Certificate, Error> {
    let missing = || Error::NotFound("这份证书");
    let read = app.db.read();
    let people = directory::persons_by_certificate(read, scope, no, 2).await?;
    let files = directory::files(read, scope, people, Versions::Live).await?;
    let today = app.clock.today();
    for file in files {
        let seen: Vec<i64> = under(&file.recognitions, no).iter().map(|part| part.id).collect();
        if seen.is_empty() {
            continue;
        }
        // Whoever sees a part of it reads what is printed: the days of all of it, and its mark.
        let whole = vec![file.person.clone()];
        let whole = directory::files(read, &Scope::Province, whole, Versions::Live).await?.pop();
        let Some(whole) = whole else { continue };
        let facts = under(&whole.recognitions, no);
        let name = crate::domain::roster::current(&file.names, today).or(file.names.last());
        let name = name.map(|stated| stated.fact.name.as_str()).unwrap_or_default();
        let Some(printed) = Printed::of(name, &facts) else { continue };
        let document = file.documents.last();
        let (enterprise, employer) = enterprises(read, &facts).await?;
        // The old employer is not told where the person went.
        let last = facts.iter().max_by_key(|part| part.period.from);
        let knows = last.is_some_and(|last| seen.contains(&last.id));
        let sources: Vec<i64> = facts.first().map(|stated| stated.source_id).into_iter().collect();
        let decision = source::by_ids(read, &sources).await?.pop();
        let mark = app.vault.mark(kind::CERTIFICATE, &printed.signed_text());
        return Ok(Certificate {
            person_no: file.person.no.clone(),
            document: document.map(|stated| stated.fact.number_masked.clone()).unwrap_or_default(),
            enterprise,
            employer: if knows { employer } else { String::new() },
            recommended: is_recommended(read, &facts).await?,
            decision_no: decision.map(|document| document.document_no).unwrap_or_default(),
            valid: holds(&facts, today),
            address: address(&app.public_address, &printed, &mark),
            mark,
            printed,
        });
    }
    Err(missing())
}

fn under<'a>(facts: &'a [Stated<Recognition>], no: &str) -> Vec<&'a Stated<Recognition>> {
    facts.iter().filter(|stated| stated.fact.certificate_no == no).collect()
}

/// Names of the enterprise that recognised and, when it went to another one, of that.
async fn enterprises(
    conn: &impl Connection,
    facts: &[&Stated<Recognition>],
) -> Result<(String, String), Error> {
    let first = facts.iter().min_by_key(|stated| stated.period.from);
    let last = facts.iter().max_by_key(|stated| stated.period.from);
    let ids = [first, last].map(|stated| stated.and_then(|stated| stated.fact.enterprise_id));
    let known: Vec<i64> = ids.iter().copied().flatten().collect();
    let names = stipend::explain::enterprise_names(conn, &known).await?;
    let [first, last] = ids.map(|id| id.and_then(|id| names.get(&id).cloned()).unwrap_or_default());
    let moved = ids[0] != ids[1];
    Ok((first, if moved { last } else { String::new() }))
}

/// Whether the file that a certificate came from was a recommendation; it is the reason of its facts.
async fn is_recommended(
    conn: &impl Connection,
    facts: &[&Stated<Recognition>],
) -> Result<bool, Error> {
    let Some(first) = facts.first() else { return Ok(false) };
    let asked = recognition::file_of(conn, &first.reason).await?;
    Ok(asked.is_some_and(|asked| asked.form == LegalForm::Recommendation))
}

/// Everything that is signed but the name: whoever asks types it, so that no address names anybody.
fn address(base: &str, printed: &Printed, mark: &str) -> Option<String> {
    if base.is_empty() {
        return None;
    }
    let from = printed.period.from.to_string();
    let through = printed.period.through.map(|last| last.to_string()).unwrap_or_default();
    let fields = [
        ("no", printed.no.as_str()),
        ("class", printed.class.code()),
        ("from", &from),
        ("through", &through),
        ("code", mark),
    ];
    let query = serde_urlencoded::to_string(fields).ok()?;
    Some(format!("{base}/public/verify?{query}"))
}

/// What somebody from the public says of a certificate; everything but number and name may be empty.
#[derive(Debug, Clone, Default)]
pub struct Claim {
    /// Number.
    pub no: String,
    /// Name.
    pub name: String,
    /// Code of the class.
    pub class: String,
    /// First day.
    pub from: String,
    /// Last day.
    pub through: String,
    /// Mark.
    pub mark: String,
}

/// What the public may see of a certificate that holds: what its public notice showed before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Number.
    pub no: String,
    /// Masked name.
    pub name_masked: String,
    /// Class.
    pub class: TalentClass,
    /// First day and last.
    pub period: Period,
    /// Enterprise.
    pub enterprise: String,
    /// Whether it recommended and an office decided.
    pub recommended: bool,
}

/// Says whether a certificate holds today; `None` when it does not, whatever the reason: unknown
/// number, another name, altered data, or a recognition without force are one answer.
///
/// # Errors
/// [`Error::Invalid`] without number or name; [`Error::Refused`] after too many wrong tries.
pub async fn verify(app: &App, address: &str, claim: &Claim) -> Result<Option<Verified>, Error> {
    let no = claim.no.trim().to_uppercase();
    let mut faults = Vec::new();
    if no.is_empty() {
        faults.push(super::invalid("no", "请填写证书编号"));
    }
    if claim.name.trim().is_empty() {
        faults.push(super::invalid("name", "请填写证书上的姓名"));
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let attempt = visitor::admit(app, "certificate", &no, address).await?;
    let found = verified(app, &no, claim).await?;
    if found.is_some() {
        visitor::succeeded(app, attempt).await?;
    }
    Ok(found)
}

async fn verified(app: &App, no: &str, claim: &Claim) -> Result<Option<Verified>, Error> {
    let read = app.db.read();
    let today = app.clock.today();
    let people = directory::persons_by_certificate(read, &Scope::Province, no, 2).await?;
    let files = directory::files(read, &Scope::Province, people, Versions::Live).await?;
    let typed = normalised(&claim.name);
    for file in files {
        let facts = under(&file.recognitions, no);
        let known = |stated: &Stated<PersonName>| normalised(&stated.fact.name) == typed;
        let Some(printed) = Printed::of(&typed, &facts) else { continue };
        let genuine = file.names.iter().any(known) && holds(&facts, today);
        if !genuine || !agrees(app, &printed, claim) {
            continue;
        }
        let (enterprise, _) = enterprises(read, &facts).await?;
        return Ok(Some(Verified {
            name_masked: mask_name(&printed.name),
            no: printed.no,
            class: printed.class,
            period: printed.period,
            enterprise,
            recommended: is_recommended(read, &facts).await?,
        }));
    }
    Ok(None)
}

/// Whether what was said of a certificate is what is printed on it, and its mark is genuine.
fn agrees(app: &App, printed: &Printed, claim: &Claim) -> bool {
    let same_day = |text: &str, day: Option<NaiveDate>| {
        text.trim().is_empty() || text.trim().parse().ok() == day
    };
    let class = claim.class.trim();
    (class.is_empty() || class == printed.class.code())
        && same_day(&claim.from, Some(printed.period.from))
        && same_day(&claim.through, printed.period.through)
        && (claim.mark.trim().is_empty()
            || app.vault.is_mark(kind::CERTIFICATE, &printed.signed_text(), &claim.mark))
}
