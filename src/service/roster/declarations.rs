//! What waits for confirmation, with what the checks say about each.

use crate::vault::place;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};

use super::enterprise_name;
use crate::app::App;
use crate::domain::identity::{DocumentType, IdentityDocument};
use crate::domain::lifecycle::{CaseKind, RosterState};
use crate::domain::registry::{
    Code, EvidenceMonth, PersonDocument, RosterEntry, RosterStatus, Stated,
};
use crate::domain::roster::{Action, Author, Candidate, Finding, Proof, current, proof, review};
use crate::service::{Actor, Error, case};
use crate::store::case as cases;
use crate::store::fact::{Versions, facts_among};
use crate::store::registry::Readable;
use crate::store::roster::{self, EnterpriseFacts, PersonFacts, Recorder};

/// Rows of one page.
pub const PAGE_SIZE: u64 = 50;

/// A roster entry that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// Number of its file; empty without one.
    pub case_no: String,
    /// Where the file stands.
    pub state: &'static str,
    /// Official number of the person.
    pub person_no: String,
    /// Name.
    pub name: String,
    /// Kind of document and masked number.
    pub document: String,
    /// Name of the enterprise.
    pub enterprise: String,
    /// Its code.
    pub uscc: String,
    /// Post.
    pub post: String,
    /// First day on the roster.
    pub starts_on: NaiveDate,
    /// When it was declared.
    pub declared_at: DateTime<Utc>,
    /// Who declared it.
    pub declared_by: String,
    /// What the checks say; empty when there is nothing to look at.
    pub remarks: Vec<String>,
    /// Whether one of them forbids it to be entered on the roster.
    pub blocked: bool,
}

/// A page of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declarations {
    /// Rows, the longest waiting first.
    pub rows: Vec<Declaration>,
    /// How many wait.
    pub total: u64,
    /// Number of this page, from 1.
    pub page: u64,
}

/// What waits for confirmation within the actor's scope; `page` counts from 1.
///
/// # Errors
/// When the role confirms nothing, or the database fails.
pub async fn declarations(app: &App, actor: &Actor, page: u64) -> Result<Declarations, Error> {
    actor.must_be_able(Action::Confirm)?;
    let (page, today) = (page.max(1), app.clock.today());
    let conn = app.db.read();
    let offset = (page - 1).saturating_mul(PAGE_SIZE).min(i64::MAX as u64);
    let (entries, total) = roster::declared(conn, &actor.scope, today, offset, PAGE_SIZE).await?;
    let files = Files::load(conn, &entries).await?;
    let enterprises = files.enterprises.keys().copied().collect();
    let confirmed = roster::confirmed_counts(conn, &enterprises, today).await?;
    let open = open_cases(conn, &entries).await?;
    let mut rows = Vec::with_capacity(entries.len());
    for entry in &entries {
        let mut findings = files.review(app, actor.author(), entry)?;
        let count = confirmed.get(&entry.fact.enterprise_id).copied().unwrap_or(0);
        findings.extend(files.over_quota(entry, count));
        let case = open.get(&(entry.about, entry.fact.enterprise_id)).cloned().unwrap_or_default();
        rows.push(files.row(entry, case, &findings, today));
    }
    Ok(Declarations { rows, total, page })
}

/// The open file of each declaration, with its state, by person and enterprise.
async fn open_cases(
    conn: &impl Readable,
    entries: &[Stated<RosterEntry>],
) -> Result<BTreeMap<(i64, i64), (String, &'static str)>, Error> {
    let persons: Vec<i64> = entries.iter().map(|entry| entry.about).collect();
    let mut states = case::roster_entry::under_review().to_vec();
    states.push(RosterState::Draft.code());
    let kind = CaseKind::RosterEntry.code();
    let rows = cases::about_persons(conn, kind, &states, &persons).await?;
    let file = |row: cases::CaseRow| {
        let state = case::state_label(&row.kind, &row.state);
        Some(((row.person_id?, row.enterprise_id?), (row.case_no, state)))
    };
    Ok(rows.into_iter().filter_map(file).collect())
}

/// How many declarations wait within the actor's scope; 0 for whoever confirms nothing.
///
/// # Errors
/// When the database fails.
pub async fn waiting(app: &App, actor: &Actor) -> Result<u64, Error> {
    if !Action::Confirm.is_open_to(actor.role) {
        return Ok(0);
    }
    let (_, total) = roster::declared(app.db.read(), &actor.scope, app.clock.today(), 0, 1).await?;
    Ok(total)
}

/// Whom and what a set of entries is about.
#[derive(Debug, Default)]
struct Ids {
    persons: BTreeSet<i64>,
    enterprises: BTreeSet<i64>,
    accounts: BTreeSet<i64>,
}

impl Ids {
    fn of(entries: &[Stated<RosterEntry>], authors: &BTreeMap<i64, BTreeSet<i64>>) -> Self {
        let accounts = authors.values().flatten().copied().collect();
        let mut ids = Self { accounts, ..Self::default() };
        for entry in entries {
            ids.persons.insert(entry.about);
            ids.enterprises.insert(entry.fact.enterprise_id);
        }
        ids
    }
}

/// The facts that a set of entries is checked against.
#[derive(Debug, Default)]
pub(in crate::service) struct Files {
    persons: BTreeMap<i64, PersonFacts>,
    enterprises: BTreeMap<i64, EnterpriseFacts>,
    recorders: BTreeMap<i64, Recorder>,
    evidence: HashMap<i64, Vec<Stated<EvidenceMonth>>>,
    /// Accounts that declared each entry or corrected the declaration.
    authors: BTreeMap<i64, BTreeSet<i64>>,
}

impl Files {
    /// Reads what these entries are checked against.
    pub(in crate::service) async fn load(
        conn: &impl Readable,
        entries: &[Stated<RosterEntry>],
    ) -> Result<Self, Error> {
        let authors = roster::entry_authors(conn, entries).await?;
        let ids = Ids::of(entries, &authors);
        let persons: Vec<i64> = ids.persons.iter().copied().collect();
        Ok(Self {
            evidence: facts_among::<EvidenceMonth>(conn, &persons, Versions::Live).await?,
            persons: roster::persons(conn, &ids.persons).await?,
            enterprises: roster::enterprises(conn, &ids.enterprises).await?,
            recorders: roster::recorders(conn, &ids.accounts).await?,
            authors,
        })
    }

    /// The last day of the confirmed entry at another enterprise that came before this one, if
    /// that enterprise was on the list on that day.
    pub(in crate::service) fn left_before(&self, entry: &Stated<RosterEntry>) -> Option<NaiveDate> {
        let person = self.persons.get(&entry.about)?;
        let earlier = person.entries.iter().filter(|old| {
            old.is_live()
                && old.fact.status == RosterStatus::Confirmed
                && old.fact.enterprise_id != entry.fact.enterprise_id
        });
        earlier.filter_map(|old| old.period.through).filter(|last| *last < entry.period.from).max()
    }

    /// The last day of the full-time employment that the entry begins in; `None` when it is open.
    pub(in crate::service) fn employment_ends(
        &self,
        entry: &Stated<RosterEntry>,
    ) -> Option<NaiveDate> {
        let person = self.persons.get(&entry.about)?;
        let there = person.employments.iter().find(|job| {
            job.is_live()
                && job.fact.enterprise_id == entry.fact.enterprise_id
                && job.period.covers(entry.period.from)
        });
        there?.period.through
    }

    /// What stands against an entry that the actor is to confirm, and what deserves a look.
    pub(in crate::service) fn review(
        &self,
        app: &App,
        decider: Author,
        entry: &Stated<RosterEntry>,
    ) -> Result<Vec<Finding>, Error> {
        let missing =
            || Error::Internal(format!("nothing is loaded for roster entry {}", entry.id));
        let person = self.persons.get(&entry.about).ok_or_else(missing)?;
        let enterprise = self.enterprises.get(&entry.fact.enterprise_id).ok_or_else(missing)?;
        let author = |account_id: &i64| {
            let recorder = self.recorders.get(account_id)?;
            Some(Author { account_id: *account_id, holder_id: recorder.holder_id })
        };
        let accounts = self.authors.get(&entry.id).ok_or_else(missing)?;
        let declared_by: Option<Vec<Author>> = accounts.iter().map(author).collect();
        let declared_by = declared_by.ok_or_else(missing)?;
        let candidate = Candidate {
            entry,
            declared_by: &declared_by,
            listings: &enterprise.listings,
            employments: &person.employments,
            entries: &person.entries,
            exclusions: &person.exclusions,
            suspensions: &person.suspensions,
            born_on: born_on(app, &person.documents)?,
            has_account: !person.accounts.is_empty(),
        };
        Ok(review(&candidate, decider))
    }

    /// What imported months say about whoever an entry is about.
    pub(in crate::service) fn proof(&self, entry: &Stated<RosterEntry>) -> Proof {
        let evidence = self.evidence.get(&entry.about).map(Vec::as_slice);
        let posts = self.persons.get(&entry.about).map(|person| person.employments.as_slice());
        let enterprise = self.enterprises.get(&entry.fact.enterprise_id);
        let at = (entry.fact.enterprise_id, enterprise.map_or("", |facts| facts.uscc.as_str()));
        proof(evidence.unwrap_or_default(), posts.unwrap_or_default(), at, entry.period.from)
    }

    /// Whether one more confirmed entry passes what the list grants; 0 is taken for "not stated".
    fn over_quota(&self, entry: &Stated<RosterEntry>, confirmed: i64) -> Option<Finding> {
        let enterprise = self.enterprises.get(&entry.fact.enterprise_id)?;
        let listing = enterprise.listings.iter().find(|l| l.period.covers(entry.period.from))?;
        let (quota, with_this) = (listing.fact.engineer_quota, confirmed.saturating_add(1));
        (quota > 0 && with_this > quota).then_some(Finding::OverQuota { quota, with_this })
    }

    fn person_name(&self, entry: &Stated<RosterEntry>, today: NaiveDate) -> String {
        self.persons
            .get(&entry.about)
            .and_then(|person| current(&person.names, today))
            .map(|name| name.fact.name.clone())
            .unwrap_or_default()
    }

    fn row(
        &self,
        entry: &Stated<RosterEntry>,
        (case_no, state): (String, &'static str),
        found: &[Finding],
        today: NaiveDate,
    ) -> Declaration {
        let person = self.persons.get(&entry.about);
        let enterprise = self.enterprises.get(&entry.fact.enterprise_id);
        let there: Vec<_> = person
            .map(|person| &person.employments)
            .into_iter()
            .flatten()
            .filter(|employment| employment.fact.enterprise_id == entry.fact.enterprise_id)
            .cloned()
            .collect();
        Declaration {
            case_no,
            state,
            person_no: person.map(|person| person.person_no.clone()).unwrap_or_default(),
            name: self.person_name(entry, today),
            document: person
                .and_then(|person| current(&person.documents, today))
                .map(|document| shown(&document.fact))
                .unwrap_or_default(),
            enterprise: enterprise_name(enterprise, today),
            uscc: enterprise.map(|enterprise| enterprise.uscc.clone()).unwrap_or_default(),
            post: current(&there, entry.period.from)
                .map(|employment| employment.fact.post.clone())
                .unwrap_or_default(),
            starts_on: entry.period.from,
            declared_at: entry.recorded_at,
            declared_by: self
                .recorders
                .get(&entry.recorded_by)
                .map(|recorder| recorder.name.clone())
                .unwrap_or_default(),
            remarks: (found.iter().map(ToString::to_string))
                .chain(
                    Some(self.proof(entry)).filter(Proof::deserves_a_look).map(|p| p.to_string()),
                )
                .collect(),
            blocked: found.iter().any(Finding::blocks),
        }
    }
}

fn shown(document: &PersonDocument) -> String {
    let kind = DocumentType::from_code(&document.document_type).map_or("证件", DocumentType::label);
    format!("{kind} {}", document.number_masked)
}

/// The birth date that one of the documents tells, if one does.
fn born_on(app: &App, documents: &[Stated<PersonDocument>]) -> Result<Option<NaiveDate>, Error> {
    for document in documents {
        let Some(kind) = DocumentType::from_code(&document.fact.document_type) else { continue };
        let number = app.vault.open_text(place::DOCUMENT, &document.fact.number_cipher)?;
        let born = IdentityDocument::parse(kind, &number).ok().and_then(|d| d.value.birth_date());
        if born.is_some() {
            return Ok(born);
        }
    }
    Ok(None)
}
