//! Walks through an upload: reads a chunk, asks the registry about it, decides each row and, when
//! it is a confirmation, states what the rows say.

use std::future::Future;

use chrono::{DateTime, Utc};

use crate::domain::period::Period;
use crate::domain::registry::Stated;
use crate::file::form::{FormRow, ImportKind};
use crate::service::Error;
use crate::store::db::Tx;
use crate::store::fact::{self, FactTable};
use crate::store::import::RowCounts;
use crate::store::registry::Readable;
use crate::store::source;
use crate::vault::Vault;

use super::award::OtherAwards;
use super::engineer::Engineers;
use super::enterprise::Enterprises;
use super::evidence::Evidences;
use super::ground::Ground;
use super::issue::Issue;
use super::read::{Chunks, Line, Upload};
use super::timeline::Change;

/// Issues beyond this many are counted but not kept: nobody reads them, and memory stays flat.
const MAX_ISSUES: usize = 50_000;

/// How the rows of one form meet the registry.
pub(super) trait Form: Send + Sized {
    /// A row that its form accepts.
    type Row: FormRow + Send + Sync + 'static;
    /// Keyed hashes by which the registry finds what a row is about.
    type Keys: Send + Sync + 'static;
    /// What a good row does.
    type Plan: Send + Sync;

    /// Begins one file.
    fn new(ground: &Ground) -> Result<Self, Error>;

    /// The keyed hashes of a row.
    fn keys(row: &Self::Row, vault: &Vault) -> Self::Keys;

    /// Decides rows by what the registry holds.
    fn decide<C: Readable>(
        &mut self,
        conn: &C,
        lines: &[Line<Self::Row, Self::Keys>],
    ) -> impl Future<Output = Result<Vec<Verdict<Self::Plan>>, Error>> + Send;

    /// States what good rows say; returns how many facts.
    fn write(
        &mut self,
        stamp: &Stamp<'_>,
        rows: Vec<(Line<Self::Row, Self::Keys>, Self::Plan)>,
    ) -> impl Future<Output = Result<u64, Error>> + Send;
}

/// What became of one row.
#[derive(Debug)]
pub(super) struct Verdict<P> {
    /// Issues, errors or not.
    pub(super) issues: Vec<Issue>,
    /// What the row does; `None` when it is refused.
    pub(super) plan: Option<P>,
    /// Whether a good row adds nothing.
    pub(super) is_known: bool,
}

/// What an upload came to.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) rows: RowCounts,
    pub(super) issues: Vec<Issue>,
    /// Issues that were counted only.
    pub(super) unlisted: usize,
    pub(super) facts: u64,
}

impl Tally {
    /// Counts rows that their form accepts or refuses.
    pub(super) fn count(&mut self, good: usize, bad: usize) {
        self.rows.good += counted(good);
        self.rows.bad += counted(bad);
        self.rows.total += counted(good) + counted(bad);
    }

    /// Keeps issues in the order of rows and columns.
    pub(super) fn note(&mut self, kind: ImportKind, mut issues: Vec<Issue>) {
        let columns = kind.columns();
        let place = |name: &str| columns.iter().position(|column| column.name == name);
        issues.sort_by_cached_key(|issue| (issue.row, place(&issue.column)));
        let room = MAX_ISSUES.saturating_sub(self.issues.len());
        self.unlisted += issues.len().saturating_sub(room);
        self.issues.extend(issues.into_iter().take(room));
    }
}

/// How facts of one confirmation are stamped.
#[derive(Debug)]
pub(super) struct Stamp<'a> {
    pub(super) tx: &'a Tx,
    pub(super) at: DateTime<Utc>,
    pub(super) by: i64,
    pub(super) source_id: i64,
}

impl Stamp<'_> {
    /// A fact to state.
    pub(super) fn stated<T>(
        &self,
        about: i64,
        period: Period,
        supersedes: Option<i64>,
        fact: T,
    ) -> Stated<T> {
        Stated {
            id: 0,
            about,
            period,
            fact,
            recorded_at: self.at,
            recorded_by: self.by,
            source_id: self.source_id,
            reason: String::new(),
            supersedes,
            superseded_at: None,
        }
    }

    /// Carries out changes: each with whom it is about and the new value, if it states one.
    /// Returns how many facts were stated.
    pub(super) async fn apply<T: FactTable>(
        &self,
        changes: impl IntoIterator<Item = (i64, Change<T>, Option<T>)>,
    ) -> Result<u64, Error> {
        let (mut ends, mut states) = (Vec::new(), Vec::new());
        for (about, change, fact) in changes {
            ends.extend(change.ends);
            states.extend(
                change
                    .moved
                    .into_iter()
                    .map(|moved| self.stated(about, moved.period, moved.supersedes, moved.fact)),
            );
            if let Some(((period, supersedes), fact)) = change.new.zip(fact) {
                states.push(self.stated(about, period, supersedes, fact));
            }
        }
        fact::supersede_all::<T>(self.tx, &ends, self.at, self.source_id).await?;
        let count = states.len() as u64;
        fact::state(self.tx, states).await?;
        Ok(count)
    }
}

/// A confirmation in its transaction; the source document is recorded with the first fact.
#[derive(Debug)]
pub(super) struct Writing<'a> {
    pub(super) tx: &'a Tx,
    pub(super) source: source::NewSource<'a>,
    pub(super) source_id: Option<i64>,
}

impl Writing<'_> {
    async fn stamp(&mut self) -> Result<Stamp<'_>, Error> {
        let source_id = match self.source_id {
            Some(id) => id,
            None => source::record(self.tx, &self.source).await?,
        };
        self.source_id = Some(source_id);
        let (at, by) = (self.source.recorded_at, self.source.recorded_by);
        Ok(Stamp { tx: self.tx, at, by, source_id })
    }
}

/// Checks a whole upload of some form, and states what it says when it is `writing`.
pub(super) async fn walk<C: Readable>(
    kind: ImportKind,
    ground: &Ground,
    upload: Upload,
    conn: &C,
    writing: Option<&mut Writing<'_>>,
) -> Result<Tally, Error> {
    match kind {
        ImportKind::KeyEnterprises => {
            through::<Enterprises, C>(ground, upload, conn, writing).await
        }
        ImportKind::Engineers => through::<Engineers, C>(ground, upload, conn, writing).await,
        ImportKind::Evidence => through::<Evidences, C>(ground, upload, conn, writing).await,
        ImportKind::OtherAwards => through::<OtherAwards, C>(ground, upload, conn, writing).await,
        ImportKind::BankReturn | ImportKind::ExchangeRates => {
            Err(Error::Internal("the form has a page of its own".to_owned()))
        }
    }
}

async fn through<F: Form, C: Readable>(
    ground: &Ground,
    upload: Upload,
    conn: &C,
    mut writing: Option<&mut Writing<'_>>,
) -> Result<Tally, Error> {
    let mut form = F::new(ground)?;
    let mut tally = Tally::default();
    let vault = ground.vault.clone();
    let mut chunks = Chunks::of(upload, move |row: &F::Row| F::keys(row, &vault));
    while let Some(chunk) = chunks.next().await? {
        let verdicts = form.decide(conn, &chunk.lines).await?;
        let good = verdicts.iter().filter(|verdict| verdict.plan.is_some()).count();
        tally.count(good, verdicts.len() - good + chunk.refused);
        let (mut issues, mut rows) = (chunk.issues, Vec::new());
        for (line, verdict) in chunk.lines.into_iter().zip(verdicts) {
            issues.extend(verdict.issues);
            match verdict.plan {
                Some(_) if verdict.is_known => tally.rows.known += 1,
                Some(plan) if writing.is_some() => rows.push((line, plan)),
                _ => {}
            }
        }
        tally.note(F::Row::KIND, issues);
        if let Some(writing) = writing.as_deref_mut().filter(|_| !rows.is_empty()) {
            tally.facts += form.write(&writing.stamp().await?, rows).await?;
        }
    }
    Ok(tally)
}

fn counted(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
