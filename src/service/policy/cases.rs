//! Golden cases: which belong to a text, how they come out, adding one, changing what one expects.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use serde_json::json;

use super::keep::{applying, hold, known, parse};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::edition::Kind;
use crate::domain::golden::{Case as GoldenCase, TypedCase, TypedExpectation, TypedTrip};
use crate::domain::policy_text::PolicyText;
use crate::service::payment::required_text;
use crate::service::{Actor, Error, log};
use crate::store::db::Connection;
use crate::store::directory;
use crate::store::number;
use crate::store::policy::{self as store, Case, Draft, NewCase, With};

/// Longest reason, in characters.
const REASON_MAX: usize = 200;

/// A step of the engine.
#[derive(Debug, Clone)]
pub struct CaseStep {
    /// Rule.
    pub rule: &'static str,
    /// What it found.
    pub text: String,
}

/// A case, run under a text.
#[derive(Debug, Clone)]
pub struct CaseLine {
    /// Number in the policy.
    pub no: i64,
    /// Version of its expectation.
    pub version: i64,
    /// What it shows.
    pub name: String,
    /// Award year.
    pub year: i32,
    /// The facts in words.
    pub facts: Vec<String>,
    /// What it must give.
    pub expected: String,
    /// What came out; empty when the engine refuses the facts.
    pub found: String,
    /// What differs; empty when the case holds.
    pub differences: Vec<String>,
    /// The steps.
    pub steps: Vec<CaseStep>,
    /// Whether the text that is shown brought this version of it.
    pub is_of_draft: bool,
    /// Why the expectation was changed; may be empty.
    pub reason: String,
}

/// Every case of a policy and the texts they came with.
pub(super) struct CaseBook {
    cases: Vec<Case>,
    drafts: Vec<Draft>,
}

impl CaseBook {
    pub(super) async fn read(conn: &impl Connection, id: &str) -> Result<Self, Error> {
        known(id)?;
        let (cases, drafts) = (store::cases(conn, id).await?, store::drafts(conn, id).await?);
        Ok(Self { cases, drafts })
    }

    pub(super) fn draft(&self, draft_no: &str) -> Result<&Draft, Error> {
        let found = self.drafts.iter().find(|draft| draft.draft_no == draft_no);
        found.ok_or(Error::NotFound("这份政策草稿"))
    }

    /// The last version of every case that a loaded text has: those it was published with, and
    /// those carried over from the text before.
    pub(super) fn of_document(&self, document: i64) -> Vec<&Case> {
        let mut path = Vec::new();
        let mut root = document;
        while let Some(draft) = self.drafts.iter().find(|d| d.policy_document_id == Some(root)) {
            path.push(draft.id);
            root = draft.base_document_id;
        }
        self.standing(|case| {
            case.policy_document_id == Some(root)
                || case.draft_id.is_some_and(|id| path.contains(&id))
        })
    }

    /// The same of a proposed text.
    pub(super) fn of_draft(&self, draft: &Draft) -> Vec<&Case> {
        let carried: Vec<i64> =
            self.of_document(draft.base_document_id).iter().map(|case| case.id).collect();
        self.standing(|case| carried.contains(&case.id) || case.draft_id == Some(draft.id))
    }

    fn standing(&self, belongs: impl Fn(&Case) -> bool) -> Vec<&Case> {
        let mut last: BTreeMap<i64, &Case> = BTreeMap::new();
        for case in self.cases.iter().filter(|case| belongs(case)) {
            // By version: a later one takes the place of the one before.
            last.insert(case.case_no, case);
        }
        last.into_values().collect()
    }

    /// Runs cases under a policy.
    pub(super) fn lines(
        &self,
        policy: &PolicyText,
        standing: Vec<&Case>,
        draft: Option<i64>,
    ) -> Result<Vec<CaseLine>, Error> {
        standing.into_iter().map(|case| line(policy, case, draft)).collect()
    }
}

fn read(kind: Kind, case: &Case) -> Result<GoldenCase, Error> {
    GoldenCase::read(kind, &case.content)
        .map_err(|error| Error::Internal(format!("golden case {}: {error}", case.id)))
}

fn line(policy: &PolicyText, row: &Case, draft: Option<i64>) -> Result<CaseLine, Error> {
    let case = read(policy.kind(), row)?;
    let outcome = case.check(policy);
    let step = |(rule, text)| CaseStep { rule, text };
    Ok(CaseLine {
        no: row.case_no,
        version: row.version,
        name: case.name().to_owned(),
        year: case.year(),
        facts: case.lines(),
        expected: case.expectation(),
        found: outcome.found,
        differences: outcome.differences,
        steps: outcome.steps.into_iter().map(step).collect(),
        is_of_draft: draft.is_some() && row.draft_id == draft,
        reason: row.reason.clone(),
    })
}

/// The cases that do not hold, by name with what differs.
pub(super) fn failing(lines: &[CaseLine]) -> Vec<String> {
    let wrong = lines.iter().filter(|line| !line.differences.is_empty());
    wrong.map(|line| format!("“{}”（{}）", line.name, line.differences.join("，"))).collect()
}

/// The cases of the text in force.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`].
pub async fn cases_in_force(app: &App, actor: &Actor, id: &str) -> Result<Vec<CaseLine>, Error> {
    actor.must(Act::ReadEntitlements)?;
    let book = CaseBook::read(app.db.read(), id).await?;
    match applying(app.db.read(), id).await? {
        Some(document) => {
            book.lines(&parse(&document.content)?, book.of_document(document.id), None)
        }
        None => Ok(Vec::new()),
    }
}

/// A version of a case.
#[derive(Debug, Clone)]
pub struct CaseVersion {
    /// Number.
    pub version: i64,
    /// What it must give.
    pub expected: String,
    /// Why it was changed; empty for the first.
    pub reason: String,
    /// Who recorded it, and when.
    pub recorded: (String, DateTime<Utc>),
    /// The proposed text it came with; `None` for a case that comes with the program.
    pub draft_no: Option<String>,
}

/// One case of a proposed text, with all its versions.
#[derive(Debug, Clone)]
pub struct CaseHistory {
    /// How it stands.
    pub line: CaseLine,
    /// What it expects as the form takes it, by field.
    pub typed: Vec<(&'static str, String)>,
    /// All versions, the last first.
    pub versions: Vec<CaseVersion>,
}

/// One case under a proposed text.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`].
pub async fn case_history(
    app: &App,
    actor: &Actor,
    (id, draft_no): (&str, &str),
    case_no: i64,
) -> Result<CaseHistory, Error> {
    super::must_see(actor)?;
    let book = CaseBook::read(app.db.read(), id).await?;
    let draft = book.draft(draft_no)?;
    let standing = book.of_draft(draft).into_iter().find(|case| case.case_no == case_no);
    let standing = standing.ok_or(Error::NotFound("这个算例"))?;
    let policy = parse(&draft.content)?;
    let rows: Vec<&Case> = book.cases.iter().filter(|case| case.case_no == case_no).collect();
    let people: Vec<i64> = rows.iter().map(|row| row.recorded_by).collect();
    let names: HashMap<i64, String> = directory::account_names(app.db.read(), &people).await?;
    let version = |row: &&Case| {
        let of = book.drafts.iter().find(|draft| Some(draft.id) == row.draft_id);
        Ok(CaseVersion {
            version: row.version,
            expected: read(policy.kind(), row)?.expectation(),
            reason: row.reason.clone(),
            recorded: (names.get(&row.recorded_by).cloned().unwrap_or_default(), row.recorded_at),
            draft_no: of.map(|draft| draft.draft_no.clone()),
        })
    };
    let versions: Result<Vec<CaseVersion>, Error> = rows.iter().rev().map(version).collect();
    Ok(CaseHistory {
        line: line(&policy, standing, Some(draft.id))?,
        typed: read(policy.kind(), standing)?.typed(),
        versions: versions?,
    })
}

fn must_be_open(draft: &Draft) -> Result<(), Error> {
    match draft.decided_at {
        None => Ok(()),
        Some(_) => Err(Error::Stale("这份草稿已办结，算例不能再改；请提出新的草稿".to_owned())),
    }
}

/// A case as it is typed into the form of a kind of policy.
#[derive(Debug, Clone)]
pub enum Typed<'a> {
    /// A year of an engineer.
    Year(TypedCase<'a>),
    /// A visit.
    Trip(TypedTrip<'a>),
}

/// The kind of a policy, which says how a case of it is typed.
///
/// # Errors
/// [`Error::NotFound`].
pub fn kind_of_cases(id: &str) -> Result<Kind, Error> {
    let shipped = known(id)?;
    let kind = parse(shipped.text)?.kind();
    shipped.cases.map(|_| kind).ok_or(Error::NotFound("这项政策的算例"))
}

/// Adds a case to a proposed text; returns its number.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`], also where amounts are agreed; [`Error::Invalid`] with
/// the fields of [`TypedCase`] or [`TypedTrip`]; [`Error::Stale`] when the text is decided.
pub async fn add_case(
    app: &App,
    actor: &Actor,
    (id, draft_no): (&str, &str),
    typed: &Typed<'_>,
) -> Result<i64, Error> {
    actor.must(Act::DraftPolicies)?;
    let case = match (kind_of_cases(id)?, typed) {
        (Kind::AnnualStipend, Typed::Year(typed)) => typed.read().map(GoldenCase::from),
        (Kind::TravelSubsidy, Typed::Trip(typed)) => typed.read().map(GoldenCase::from),
        _ => return Err(Error::NotFound("这项政策的算例")),
    };
    let case = case.map_err(Error::Invalid)?;
    let tx = app.db.begin().await?;
    hold(&tx).await?;
    let draft = store::lock_draft(&tx, id, draft_no).await?;
    let draft = draft.ok_or(Error::NotFound("这份政策草稿"))?;
    must_be_open(&draft)?;
    let case_no = number::allocate(&tx, &series(id), 1).await?;
    let (content, at) = (text_of(&case)?, app.clock.now());
    let new = NewCase {
        programme: id,
        number: (case_no, 1),
        with: With::Draft(draft.id),
        content: &content,
        reason: "",
        by: (actor.account_id, actor.holder_id),
        at,
    };
    store::add_cases(&tx, &[new]).await?;
    let detail = json!({ "case_no": case_no, "name": case.name(), "now": case.expectation() });
    log(app, &tx, actor, "policy.case_added", ("policy_draft", draft_no), &detail).await?;
    tx.commit().await?;
    Ok(case_no)
}

/// The series of numbers of a policy's cases.
pub(super) fn series(id: &str) -> String {
    format!("policy_case-{id}")
}

/// The text to keep.
pub(super) fn text_of(case: &GoldenCase) -> Result<String, Error> {
    case.text().map_err(|error| Error::Internal(error.to_string()))
}

/// Changes what a case must give under a proposed text: a new version of the case, with the reason.
/// Whoever does it does not publish the text.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Invalid`] with the fields of
/// [`TypedExpectation`] and `reason`; [`Error::Stale`] when the text is decided.
pub async fn change_case(
    app: &App,
    actor: &Actor,
    (id, draft_no): (&str, &str),
    case_no: i64,
    (expectation, reason): (&TypedExpectation<'_>, &str),
) -> Result<(), Error> {
    actor.must(Act::DraftPolicies)?;
    let reason = required_text("reason", "修改预期的理由", reason, REASON_MAX);
    let tx = app.db.begin().await?;
    hold(&tx).await?;
    let book = CaseBook::read(&tx, id).await?;
    let draft = book.draft(draft_no)?;
    must_be_open(draft)?;
    let standing = book.of_draft(draft).into_iter().find(|case| case.case_no == case_no);
    let kind = parse(&draft.content)?.kind();
    let old = read(kind, standing.ok_or(Error::NotFound("这个算例"))?)?;
    let case = match (old.expecting(expectation), reason.as_ref()) {
        (Ok(case), Ok(_)) => case,
        (Ok(_), Err(_)) => return Err(reason.err().unwrap_or(Error::Invalid(Vec::new()))),
        (Err(mut faults), reason) => {
            if let Err(Error::Invalid(more)) = reason {
                faults.extend(more.clone());
            }
            return Err(Error::Invalid(faults));
        }
    };
    let reason = reason?;
    if case.is_as(&old) {
        let field = old.typed().first().map_or("amount", |(field, _)| *field);
        let text = "预期没有变化，不需要修改".to_owned();
        return Err(Error::Invalid(vec![(field.to_owned(), text)]));
    }
    let versions = book.cases.iter().filter(|row| row.case_no == case_no).map(|row| row.version);
    let content = text_of(&case)?;
    let new = NewCase {
        programme: id,
        number: (case_no, versions.max().unwrap_or(0) + 1),
        with: With::Draft(draft.id),
        content: &content,
        reason: &reason,
        by: (actor.account_id, actor.holder_id),
        at: app.clock.now(),
    };
    store::add_cases(&tx, &[new]).await?;
    let detail = json!({
        "case_no": case_no, "name": old.name(), "before": old.expectation(),
        "after": case.expectation(), "reason": reason,
    });
    log(app, &tx, actor, "policy.case_changed", ("policy_draft", draft_no), &detail).await?;
    tx.commit().await?;
    Ok(())
}
