//! The policy texts as pages show them: every parameter with its source.

use chrono::{DateTime, Utc};

use super::policy::{CORE_ENGINEER, parse};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::edition::{Parameter, Policy, Version};
use crate::domain::period::Period;
use crate::service::{Actor, Error};
use crate::store::stipend::{self as store, PolicyDocument};
use crate::store::{policy as drafts, source};

/// Name of the set of default assumptions in the shipped text (domain.md 8.1).
pub const DEFAULT_RULES: &str = "RS-1";

/// The clause of the notice that the stipend rests on (section 9).
const CLAUSE: &str = "建立人工智能骨干企业清单，试点开展省级高层次人才自主认定，建立核心工程师名册，\
给予每人每年20万元奖补。";

/// A policy in the list.
#[derive(Debug, Clone)]
pub struct PolicyLine {
    /// Identifier.
    pub id: String,
    /// Title.
    pub title: String,
    /// Document and clause that the amount rests on.
    pub document: String,
    /// Days in force over all versions.
    pub valid: Period,
    /// Parameters that no document fixes.
    pub defaults: usize,
}

/// A loaded text of a policy.
#[derive(Debug, Clone)]
pub struct LoadedText {
    /// Its place among the texts of the policy, oldest 1.
    pub number: usize,
    /// Title.
    pub title: String,
    /// Days in force over all versions.
    pub valid: Period,
    /// When it was loaded.
    pub recorded_at: DateTime<Utc>,
    /// SHA-256 of the content.
    pub sha256: String,
    /// Document that decided it; empty for a text that comes with the program.
    pub document: String,
    /// The proposal it was, if it was one.
    pub draft_no: Option<String>,
    /// Whether runs apply it now.
    pub is_current: bool,
}

/// A parameter of a dated version.
#[derive(Debug, Clone)]
pub struct PolicyParameter {
    /// Name.
    pub name: String,
    /// Value in Chinese.
    pub value: String,
    /// Days on which the version is in force.
    pub valid: Period,
    /// Document and clause; empty for a default assumption.
    pub basis: String,
    /// Whether no document fixes it.
    pub is_default: bool,
}

/// A policy with its parameters.
#[derive(Debug, Clone)]
pub struct PolicyPage {
    /// Summary of the current text.
    pub line: PolicyLine,
    /// All loaded texts, the one that applies first.
    pub texts: Vec<LoadedText>,
    /// The parameters of the current text, version by version.
    pub parameters: Vec<PolicyParameter>,
    /// The clause itself.
    pub clause: String,
}

/// The policies that are loaded, with the text that applies now.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn policies(app: &App, actor: &Actor) -> Result<Vec<PolicyLine>, Error> {
    actor.must(Act::ReadEntitlements)?;
    let mut documents = store::policies(app.db.read()).await?;
    documents.dedup_by(|later, first| later.programme == first.programme);
    documents.iter().map(|document| Ok(line(&parse(&document.content)?))).collect()
}

/// One policy with every parameter and its source.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`].
pub async fn policy_page(app: &App, actor: &Actor, id: &str) -> Result<PolicyPage, Error> {
    actor.must(Act::ReadEntitlements)?;
    let documents = store::policies_of(app.db.read(), id).await?;
    let current = documents.first().ok_or(Error::NotFound("这项政策"))?;
    let policy = parse(&current.content)?;
    let count = documents.len();
    let proposed = drafts::drafts(app.db.read(), id).await?;
    let sources: Vec<i64> = proposed.iter().map(|draft| draft.source_id).collect();
    let sources = source::by_ids(app.db.read(), &sources).await?;
    let text = |(at, document): (usize, &PolicyDocument)| {
        let draft = proposed.iter().find(|d| d.policy_document_id == Some(document.id));
        let source = draft.and_then(|draft| sources.iter().find(|s| s.id == draft.source_id));
        Ok(LoadedText {
            document: source.map_or_else(String::new, |s| format!("{} {}", s.title, s.document_no)),
            draft_no: draft.map(|draft| draft.draft_no.clone()),
            number: count - at,
            title: document.title.clone(),
            valid: valid(&parse(&document.content)?),
            recorded_at: document.recorded_at,
            sha256: document.sha256.clone(),
            is_current: at == 0,
        })
    };
    let texts = documents.iter().enumerate().map(text).collect::<Result<_, Error>>()?;
    let clause = if id == CORE_ENGINEER { CLAUSE.to_owned() } else { String::new() };
    let parameters = policy.versions().iter().flat_map(parameters).collect();
    Ok(PolicyPage { line: line(&policy), texts, parameters, clause })
}

/// The parameters of a dated version.
pub(super) fn parameters(version: &Version) -> Vec<PolicyParameter> {
    let shown = version.parameters().into_iter();
    let shown =
        shown.filter(|view| !matches!(view.parameter, Parameter::From | Parameter::Through));
    shown
        .map(|view| PolicyParameter {
            name: view.parameter.label().to_owned(),
            value: view.value,
            valid: *version.period(),
            basis: if view.is_default_assumption { String::new() } else { view.basis },
            is_default: view.is_default_assumption,
        })
        .collect()
}

fn line(policy: &Policy) -> PolicyLine {
    let defaults = policy.versions().iter().flat_map(parameters).filter(|p| p.is_default).count();
    let basis = policy.versions().last().and_then(|version| version.basis(Parameter::Amount));
    PolicyLine {
        id: policy.id().to_string(),
        title: policy.title().to_owned(),
        document: basis.unwrap_or_default().to_owned(),
        valid: valid(policy),
        defaults,
    }
}

fn valid(policy: &Policy) -> Period {
    let versions = policy.versions();
    let from = versions.first().map(Version::from).unwrap_or_default();
    Period { from, through: versions.last().map(Version::through) }
}
