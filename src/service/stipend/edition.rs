//! The policy texts as pages show them: every parameter with its source.

use chrono::{DateTime, Utc};

use super::policy::{CORE_ENGINEER, parse};
use crate::app::App;
use crate::domain::agreed::{self, AgreedPolicy, AgreedVersion};
use crate::domain::authority::Act;
use crate::domain::edition::{Kind, Parameter, ParameterView, PolicyError, Version, kind_of};
use crate::domain::period::Period;
use crate::domain::travel;
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
    documents.iter().map(|document| Ok(Shown::read(&document.content)?.line(document))).collect()
}

/// One policy with every parameter and its source.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`].
pub async fn policy_page(app: &App, actor: &Actor, id: &str) -> Result<PolicyPage, Error> {
    actor.must(Act::ReadEntitlements)?;
    let documents = store::policies_of(app.db.read(), id).await?;
    let current = documents.first().ok_or(Error::NotFound("这项政策"))?;
    let shown = Shown::read(&current.content)?;
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
            valid: Shown::read(&document.content)?.valid,
            recorded_at: document.recorded_at,
            sha256: document.sha256.clone(),
            is_current: at == 0,
        })
    };
    let texts = documents.iter().enumerate().map(text).collect::<Result<_, Error>>()?;
    let clause = if id == CORE_ENGINEER { CLAUSE.to_owned() } else { String::new() };
    Ok(PolicyPage { line: shown.line(current), texts, parameters: shown.parameters, clause })
}

/// The parameters of a dated version.
pub(super) fn parameters(version: &Version) -> Vec<PolicyParameter> {
    rows(*version.period(), version.parameters(), |one| (one.key(), one.label()))
}

/// Key and name of a parameter of a kind of policy.
type Named<P> = fn(P) -> (&'static str, &'static str);

/// The parameters of a version of any kind, without its days, which each row has.
fn rows<P: Copy>(
    valid: Period,
    views: Vec<ParameterView<P>>,
    named: Named<P>,
) -> Vec<PolicyParameter> {
    let row = |view: ParameterView<P>| {
        let (key, name) = named(view.parameter);
        (!["from", "through"].contains(&key)).then(|| PolicyParameter {
            name: name.to_owned(),
            value: view.value,
            valid,
            basis: if view.is_default_assumption { String::new() } else { view.basis },
            is_default: view.is_default_assumption,
        })
    };
    views.into_iter().filter_map(row).collect()
}

/// What pages show of a text of any kind.
struct Shown {
    /// Document and clause that it rests on.
    document: String,
    /// Days in force over all versions.
    valid: Period,
    parameters: Vec<PolicyParameter>,
}

impl Shown {
    fn of(document: &str, versions: Vec<(Period, Vec<PolicyParameter>)>) -> Self {
        let from = versions.first().map(|(period, _)| period.from).unwrap_or_default();
        let through = versions.last().and_then(|(period, _)| period.through);
        Self {
            document: document.to_owned(),
            valid: Period { from, through },
            parameters: versions.into_iter().flat_map(|(_, rows)| rows).collect(),
        }
    }

    /// Reads a kept text by its own kind.
    fn read(content: &str) -> Result<Self, Error> {
        let unreadable = |error: PolicyError| Error::Internal(error.to_string());
        match kind_of(content, "policy").map_err(unreadable)? {
            Kind::AnnualStipend => {
                let policy = parse(content)?;
                let basis = policy.versions().last().and_then(|v| v.basis(Parameter::Amount));
                let of = |version: &Version| (*version.period(), parameters(version));
                Ok(Self::of(basis.unwrap_or_default(), policy.versions().iter().map(of).collect()))
            }
            Kind::TravelSubsidy => {
                let policy = travel::Policy::parse(content, "policy").map_err(unreadable)?;
                let of = |version: &travel::Version| {
                    let named: Named<travel::Parameter> = |one| (one.key(), one.label());
                    (*version.period(), rows(*version.period(), version.parameters(), named))
                };
                let basis = policy.versions().last().and_then(|v| v.basis(travel::Parameter::From));
                Ok(Self::of(basis.unwrap_or_default(), policy.versions().iter().map(of).collect()))
            }
            Kind::AgreedAmount => {
                let policy = AgreedPolicy::parse(content, "policy").map_err(unreadable)?;
                let of = |version: &AgreedVersion| {
                    let named: Named<agreed::Parameter> = |one| (one.key(), one.label());
                    (*version.period(), rows(*version.period(), version.parameters(), named))
                };
                let basis = policy.versions().last().and_then(|v| v.basis(agreed::Parameter::From));
                Ok(Self::of(basis.unwrap_or_default(), policy.versions().iter().map(of).collect()))
            }
            // Measures are tried out and pay nothing: no text of theirs is kept.
            Kind::Measure => Err(Error::Internal("a measure is kept as a policy".to_owned())),
        }
    }

    fn line(&self, document: &PolicyDocument) -> PolicyLine {
        PolicyLine {
            id: document.programme.clone(),
            title: document.title.clone(),
            document: self.document.clone(),
            valid: self.valid,
            defaults: self.parameters.iter().filter(|one| one.is_default).count(),
        }
    }
}
