//! One box that finds persons, enterprises, batches, imports, runs and certificates. Reads only,
//! within the actor's scope; numbers of documents never come here.

use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::money::Fen;
use crate::domain::payment::State;
use crate::domain::registry::Code;
use crate::domain::search::{Typed, folded};
use crate::service::budget::visible_payer;
use crate::service::case::case_view;
use crate::service::directory::{EngineerLine, EnterpriseLine, engineer_lines, enterprise_heads};
use crate::service::import::{self, ImportSummary};
use crate::service::stipend::RunState;
use crate::service::{Actor, Error, recovery};
use crate::store::batch_view;
use crate::store::directory::{self as store, Person};
use crate::store::fact::Versions;
use crate::store::stipend::run;

/// Rows of one kind that are shown; more are only said to be there.
pub const SHOWN: usize = 20;
/// The same and one, to know whether there are more.
const ASKED: u64 = 21;
/// A code of an enterprise is searched for by so many of its first characters.
const LEAST_OF_CODE: usize = 4;

/// An object that an official number names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Person by number.
    Engineer(String),
    /// Enterprise by code.
    Enterprise(String),
    /// Batch by number.
    Batch(String),
    /// Import by number.
    Import(String),
    /// Run by number.
    Run(String),
    /// File by number.
    File(String),
    /// Recovery by number, for who reads it as money.
    Recovery(String),
}

/// Rows of one kind.
#[derive(Debug, Clone)]
pub struct Hits<T> {
    /// The first of them, at most [`SHOWN`].
    pub rows: Vec<T>,
    /// Whether there are more.
    pub has_more: bool,
}

impl<T> Default for Hits<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), has_more: false }
    }
}

impl<T> Hits<T> {
    /// From one row more than is shown.
    fn of(mut rows: Vec<T>) -> Self {
        let has_more = rows.len() > SHOWN;
        rows.truncate(SHOWN);
        Self { rows, has_more }
    }
}

/// A payment batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchHit {
    /// Official number.
    pub no: String,
    /// Year the money is for.
    pub award_year: i64,
    /// Payments.
    pub lines: i64,
    /// Their sum.
    pub total: Fen,
    /// Where it stands.
    pub state: State,
}

/// A run of a year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunHit {
    /// Official number.
    pub no: String,
    /// Award year.
    pub year: i64,
    /// Where it stands.
    pub state: RunState,
}

/// What was found, by kind.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Persons by name or number.
    pub engineers: Hits<EngineerLine>,
    /// Persons by certificate number.
    pub certificates: Hits<EngineerLine>,
    /// Enterprises by name or code.
    pub enterprises: Hits<EnterpriseLine>,
    /// Batches by number.
    pub batches: Hits<BatchHit>,
    /// Imports by number.
    pub imports: Hits<ImportSummary>,
    /// Runs by number.
    pub runs: Hits<RunHit>,
    /// A file by number.
    pub file: Option<Target>,
}

impl Found {
    /// The one object found under an official number, when it was exactly one.
    pub fn target(&self, typed: &Typed) -> Option<Target> {
        match typed {
            Typed::Person(no) => self.engineers.rows.first().map(|_| Target::Engineer(no.clone())),
            Typed::Enterprise(uscc) => {
                self.enterprises.rows.first().map(|_| Target::Enterprise(uscc.clone()))
            }
            Typed::Batch(no) => self.batches.rows.first().map(|_| Target::Batch(no.clone())),
            Typed::Import(no) => self.imports.rows.first().map(|_| Target::Import(no.clone())),
            Typed::Run(no) => self.runs.rows.first().map(|_| Target::Run(no.clone())),
            Typed::File(_) => self.file.clone(),
            _ => None,
        }
    }
}

/// What the actor may see under what was typed; amounts and months are those of `year`.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadRegistry`].
pub async fn search(app: &App, actor: &Actor, typed: &Typed, year: i32) -> Result<Found, Error> {
    actor.must(Act::ReadRegistry)?;
    let mut found = Found::default();
    match typed {
        Typed::Nothing | Typed::Private | Typed::MaybePrivate => {}
        Typed::Person(no) => {
            let people = store::engineer(app.db.read(), &actor.scope, no).await?;
            found.engineers = engineers(app, actor, people.into_iter().collect(), year).await?;
        }
        Typed::Enterprise(uscc) => {
            let key = store::enterprise(app.db.read(), &actor.scope, uscc).await?;
            let keys: Vec<_> = key.into_iter().collect();
            found.enterprises = Hits::of(enterprise_heads(app, &keys).await?);
        }
        Typed::Batch(no) => found.batches = batches(app, actor, no).await?,
        Typed::Import(no) => found.imports = imports(app, actor, no).await?,
        Typed::Run(no) => found.runs = runs(app, actor, no).await?,
        Typed::File(no) => found.file = file(app, actor, no).await?,
        Typed::Text(text) => return by_text(app, actor, text, year).await,
    }
    Ok(found)
}

/// A file that the actor may see, where the actor sees it.
async fn file(app: &App, actor: &Actor, no: &str) -> Result<Option<Target>, Error> {
    if actor.role.may(Act::ReadBatches) && is_shown(recovery::view(app, actor, no).await)? {
        return Ok(Some(Target::Recovery(no.to_owned())));
    }
    let is_seen = actor.role.may(Act::ReadCases) && is_shown(case_view(app, actor, no).await)?;
    Ok(is_seen.then(|| Target::File(no.to_owned())))
}

/// Whether there was something to see; what may not be seen is not there.
fn is_shown<T>(seen: Result<T, Error>) -> Result<bool, Error> {
    match seen {
        Ok(_) => Ok(true),
        Err(Error::NotFound(_) | Error::Forbidden(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

async fn by_text(app: &App, actor: &Actor, text: &str, year: i32) -> Result<Found, Error> {
    let read = app.db.read();
    let people = store::persons_named(read, &actor.scope, text, SHOWN + 1).await?;
    let people = known_by_name(app, actor, people, text).await?;
    let mut keys = store::enterprises_named(read, &actor.scope, text, SHOWN + 1).await?;
    let upper = text.to_ascii_uppercase();
    let is_code = upper.len() >= LEAST_OF_CODE && upper.bytes().all(|b| b.is_ascii_alphanumeric());
    let (mut batch, mut import, mut run) = (Hits::default(), Hits::default(), Hits::default());
    if is_code {
        let coded = store::enterprises_by_code(read, &actor.scope, &upper, ASKED).await?;
        keys.extend(coded.into_iter().filter(|key| !keys.contains(key)).collect::<Vec<_>>());
    }
    if upper.len() >= LEAST_OF_CODE && upper.is_ascii() {
        batch = batches(app, actor, &upper).await?;
        import = imports(app, actor, &upper).await?;
        run = runs(app, actor, &upper).await?;
    }
    Ok(Found {
        engineers: engineers(app, actor, people, year).await?,
        enterprises: Hits::of(enterprise_heads(app, &keys).await?),
        batches: batch,
        imports: import,
        runs: run,
        certificates: certificates(app, actor, text, year).await?,
        file: None,
    })
}

/// Those whom the actor may know under this part of a name: an enterprise does not learn what its
/// people were called while they were elsewhere.
async fn known_by_name(
    app: &App,
    actor: &Actor,
    people: Vec<Person>,
    part: &str,
) -> Result<Vec<Person>, Error> {
    if store::own_enterprise(&actor.scope).is_none() {
        return Ok(people);
    }
    let part = folded(part);
    let files = store::cards(app.db.read(), &actor.scope, people, Versions::Live).await?;
    let named = |file: &store::PersonFile| {
        file.names.iter().any(|stated| folded(&stated.fact.name).contains(&part))
    };
    Ok(files.into_iter().filter(named).map(|file| file.person).collect())
}

/// Persons under a certificate number, exactly. An enterprise sees certificates of its own time.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadRegistry`].
pub async fn certificates(
    app: &App,
    actor: &Actor,
    text: &str,
    year: i32,
) -> Result<Hits<EngineerLine>, Error> {
    actor.must(Act::ReadRegistry)?;
    let read = app.db.read();
    let people = store::persons_by_certificate(read, &actor.scope, text.trim(), ASKED).await?;
    let files = store::files(read, &actor.scope, people, Versions::Live).await?;
    let holds = |file: &store::PersonFile| {
        file.recognitions.iter().any(|stated| stated.fact.certificate_no == text.trim())
    };
    let people = files.into_iter().filter(holds).map(|file| file.person).collect();
    engineers(app, actor, people, year).await
}

async fn engineers(
    app: &App,
    actor: &Actor,
    people: Vec<Person>,
    year: i32,
) -> Result<Hits<EngineerLine>, Error> {
    Ok(Hits::of(engineer_lines(app, actor, people, "", year).await?))
}

async fn batches(app: &App, actor: &Actor, beginning: &str) -> Result<Hits<BatchHit>, Error> {
    if !actor.role.may(Act::ReadBatches) {
        return Ok(Hits::default());
    }
    let payer = visible_payer(actor);
    let rows = batch_view::numbered(app.db.read(), payer, beginning, ASKED).await?;
    let hit = |row: batch_view::Batch| {
        let state = State::from_code(&row.state)
            .ok_or_else(|| Error::Internal(format!("unknown state of batch {}", row.id)))?;
        Ok(BatchHit {
            no: row.batch_no,
            award_year: row.award_year,
            lines: row.line_count,
            total: Fen::new(row.total_fen),
            state,
        })
    };
    Ok(Hits::of(rows.into_iter().map(hit).collect::<Result<_, Error>>()?))
}

async fn imports(app: &App, actor: &Actor, beginning: &str) -> Result<Hits<ImportSummary>, Error> {
    Ok(Hits::of(import::numbered(app, actor, beginning, ASKED).await?))
}

async fn runs(app: &App, actor: &Actor, beginning: &str) -> Result<Hits<RunHit>, Error> {
    if !actor.role.may(Act::Compute) {
        return Ok(Hits::default());
    }
    let rows = run::numbered(app.db.read(), beginning, ASKED).await?;
    let hit = |row: run::Run| {
        let state = RunState::from_code(&row.state)
            .ok_or_else(|| Error::Internal(format!("unknown state of run {}", row.run_no)))?;
        Ok(RunHit { no: row.run_no, year: row.award_year, state })
    };
    Ok(Hits::of(rows.into_iter().map(hit).collect::<Result<_, Error>>()?))
}
