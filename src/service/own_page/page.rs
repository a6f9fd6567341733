//! What the person reads: the same record and the same explanations as the offices, whole.

use chrono::{DateTime, Utc};

use super::Myself;
use super::declaration::{OwnFile, own_files};
use super::recoveries::{OwnRecovery, own_recoveries};
use super::said::{Said, said};
use crate::app::App;
use crate::domain::authority::Scope;
use crate::domain::region;
use crate::domain::roster::span;
use crate::service::Error;
use crate::service::directory::{
    EngineerRecord, FactLine, GrantLine, PersonMoney, grants_of, own_money, own_record,
};
use crate::service::seen::{self, SeenLine};
use crate::service::stipend::{Explanation, explain};
use crate::store::fact::Versions;
use crate::store::own_page::{self as store, Subject};
use crate::store::{account, directory};

/// Something filed about the person, and what the person said of it last.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Names it in a form (`entry:id` or `account:id`).
    pub subject: String,
    /// 名册 or 账户, in words.
    pub content: String,
    /// When it held or holds.
    pub period: String,
    /// Who filed it.
    pub filed_by: String,
    /// The person's last word.
    pub said: Option<Said>,
}

/// Where to turn with an objection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Office {
    /// Enterprise that it concerns.
    pub enterprise: String,
    /// Division the enterprise lies in.
    pub division: String,
    /// Name of the office.
    pub name: String,
}

/// Everything the person's page shows.
#[derive(Debug, Clone)]
pub struct OwnPage {
    /// The record.
    pub record: EngineerRecord,
    /// The years, the last first.
    pub years: Vec<Explanation>,
    /// What files of other streams granted, the last year first.
    pub grants: Vec<GrantLine>,
    /// The files of the years, the last first.
    pub files: Vec<OwnFile>,
    /// What the person is to pay back.
    pub recoveries: Vec<OwnRecovery>,
    /// What can be confirmed or disputed.
    pub statements: Vec<Statement>,
    /// What the person objected to about amounts, by award year, the last first.
    pub year_disputes: Vec<(i64, Said)>,
    /// Where to turn.
    pub offices: Vec<Office>,
    /// Who looked at the record, the last first.
    pub seen: Vec<SeenLine>,
    /// When the passphrase was chosen.
    pub passphrase_since: Option<DateTime<Utc>>,
}

/// The person's page.
///
/// # Errors
/// When the database fails.
pub async fn page(app: &App, myself: &Myself) -> Result<OwnPage, Error> {
    let record = own_record(app, myself.id, &myself.no).await?;
    let mut years = Vec::with_capacity(record.years.len());
    for line in &record.years {
        years.push(year(app, myself, line.year, None).await?);
    }
    let statements = statements(app, myself, &record).await?;
    let access = store::access(app.db.read(), myself.id).await?;
    Ok(OwnPage {
        years,
        grants: grants_of(app, (&Scope::Person(myself.id), false), record.person_id).await?,
        files: own_files(app, myself).await?,
        recoveries: own_recoveries(app, myself).await?,
        year_disputes: super::year_disputes_of(app, myself.id).await?,
        statements,
        offices: offices(app, myself).await?,
        seen: seen::of_person(app, myself.id).await?,
        passphrase_since: access.map(|access| access.changed_at),
        record,
    })
}

/// Why a year of the person came to what it did, the standing version unless another is named.
///
/// # Errors
/// [`Error::NotFound`] for a year or version that does not exist.
pub async fn year(
    app: &App,
    myself: &Myself,
    year: i32,
    version: Option<i64>,
) -> Result<Explanation, Error> {
    explain(app, &Scope::Person(myself.id), &myself.no, year, version).await
}

/// All money of the person from all streams, by year.
///
/// # Errors
/// When the database fails.
pub async fn money(app: &App, myself: &Myself) -> Result<PersonMoney, Error> {
    own_money(app, myself.id, &myself.no).await
}

/// What the person can speak of: roster entries and accounts held now.
pub(super) fn subject_of(line: &FactLine) -> Option<Subject> {
    match line.subject {
        _ if line.superseded_at.is_some() => None,
        "名册" => Some(Subject::RosterEntry(line.id)),
        "账户" => Some(Subject::BankAccount(line.id)),
        _ => None,
    }
}

async fn statements(
    app: &App,
    myself: &Myself,
    record: &EngineerRecord,
) -> Result<Vec<Statement>, Error> {
    let known = store::confirmations(app.db.read(), myself.id).await?;
    let statement = |line: &FactLine| {
        let subject = subject_of(line)?;
        let last = known.iter().find(|said| said.subject == subject);
        Some(Statement {
            subject: super::said::subject_code(subject),
            content: format!("{}：{}", line.subject, line.content),
            period: span(&line.period),
            filed_by: line.who.clone(),
            said: last.map(|last| said(last, String::new())),
        })
    };
    Ok(record.versions.iter().filter_map(statement).collect())
}

/// The offices of the places of the person's employers, the present employer's first.
async fn offices(app: &App, myself: &Myself) -> Result<Vec<Office>, Error> {
    let (read, today) = (app.db.read(), app.clock.today());
    let person = directory::Person { id: myself.id, no: myself.no.clone() };
    let scope = Scope::Person(myself.id);
    let files = directory::cards(read, &scope, vec![person], Versions::Live).await?;
    let mut employers: Vec<_> = files
        .iter()
        .flat_map(|file| &file.employments)
        .map(|job| (job.period.from, job.fact.enterprise_id))
        .collect();
    employers.sort_unstable_by_key(|(from, _)| std::cmp::Reverse(*from));
    let ids: Vec<i64> = employers.into_iter().map(|(_, id)| id).collect();
    let enterprises = directory::enterprise_files(read, &ids, Versions::Live).await?;
    let organisations = account::organisations(read).await?;
    let mut offices: Vec<Office> = Vec::new();
    for id in ids {
        let Some(file) = enterprises.get(&id) else { continue };
        let place = crate::domain::roster::current(&file.divisions, today);
        let Some(place) = place.map(|place| place.fact.division.as_str()) else { continue };
        let name = crate::domain::roster::current(&file.names, today);
        let division = region::full_name(place).unwrap_or(place).to_owned();
        let office = organisations.iter().find(|o| o.kind == "hr_office" && o.division == place);
        let office = Office {
            enterprise: name.map(|name| name.fact.name.clone()).unwrap_or_default(),
            name: office
                .map_or_else(|| format!("{division}人力资源和社会保障部门"), |o| o.name.clone()),
            division,
        };
        if !offices.contains(&office) {
            offices.push(office);
        }
    }
    Ok(offices)
}
