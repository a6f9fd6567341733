//! The policy texts as pages show them: every parameter with its source.

use chrono::{DateTime, NaiveDate, Utc};

use super::keep::{SHIPPED, applying, known, parse};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::period::Period;
use crate::domain::policy_text::{Ending, PolicyText, ShownParameter, ShownVersion};
use crate::service::stipend::CORE_ENGINEER;
use crate::service::visit::{ALLOWANCE, TRAVEL};
use crate::service::{Actor, Error};
use crate::store::stipend::{self as store, PolicyDocument};
use crate::store::{policy as drafts, source};

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
    /// Its end, once it is near.
    pub ending: Option<Ending>,
}

/// What is to be said of the stipend's text wherever amounts are shown.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// Whether parameters rest on default assumptions.
    pub uses_defaults: bool,
    /// That it is near its end, or past it.
    pub ending: Option<String>,
}

/// How the text of the stipend stands today; as nothing to be said before one is loaded.
///
/// # Errors
/// When the database fails.
pub async fn standing(app: &App) -> Result<Standing, Error> {
    let Some(document) = applying(app.db.read(), CORE_ENGINEER).await? else {
        return Ok(Standing::default());
    };
    let text = parse(&document.content)?;
    let line = line(&text, (&document.programme, &document.title), app.clock.today());
    Ok(Standing {
        uses_defaults: line.defaults > 0,
        ending: line.ending.map(|ending| ending.words()),
    })
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
    /// All loaded texts, the one that applies first; empty while the stream has not begun.
    pub texts: Vec<LoadedText>,
    /// The policy whose text this one has: changes are proposed there.
    pub changed_at: Option<&'static str>,
    /// Whether golden cases belong to its texts.
    pub has_cases: bool,
    /// The parameters of the current text, version by version.
    pub parameters: Vec<PolicyParameter>,
    /// The clause itself.
    pub clause: String,
}

/// The policies of all streams, with the text that applies now. One whose stream has not begun has the
/// text that comes with the program.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn policies(app: &App, actor: &Actor) -> Result<Vec<PolicyLine>, Error> {
    actor.must(Act::ReadEntitlements)?;
    let mut documents = store::policies(app.db.read()).await?;
    documents.dedup_by(|later, first| later.programme == first.programme);
    let today = app.clock.today();
    let loaded = |document: &PolicyDocument| {
        let text = parse(&document.content)?;
        Ok(line(&text, (&document.programme, &document.title), today))
    };
    let mut all: Vec<PolicyLine> = documents.iter().map(loaded).collect::<Result<_, Error>>()?;
    for shipped in SHIPPED {
        if !all.iter().any(|line| line.id == shipped.programme) {
            let text = parse(shipped.text)?;
            all.push(line(&text, (shipped.programme, text.title()), today));
        }
    }
    all.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(all)
}

/// One policy with every parameter and its source.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`].
pub async fn policy_page(app: &App, actor: &Actor, id: &str) -> Result<PolicyPage, Error> {
    actor.must(Act::ReadEntitlements)?;
    let documents = store::policies_of(app.db.read(), id).await?;
    let (text, title) = match documents.first() {
        Some(current) => (parse(&current.content)?, current.title.clone()),
        None => {
            let text = parse(known(id)?.text)?;
            let title = text.title().to_owned();
            (text, title)
        }
    };
    Ok(PolicyPage {
        line: line(&text, (id, &title), app.clock.today()),
        texts: loaded_texts(app, id, &documents).await?,
        changed_at: (id == TRAVEL).then_some(ALLOWANCE),
        has_cases: known(id).is_ok_and(|shipped| shipped.cases.is_some()),
        parameters: text.versions().into_iter().flat_map(parameters).collect(),
        clause: if id == CORE_ENGINEER { CLAUSE.to_owned() } else { String::new() },
    })
}

async fn loaded_texts(
    app: &App,
    id: &str,
    documents: &[PolicyDocument],
) -> Result<Vec<LoadedText>, Error> {
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
            valid: parse(&document.content)?.valid(),
            recorded_at: document.recorded_at,
            sha256: document.sha256.clone(),
            is_current: at == 0,
        })
    };
    documents.iter().enumerate().map(text).collect()
}

/// The parameters of a dated version.
pub(in crate::service) fn parameters(version: ShownVersion) -> Vec<PolicyParameter> {
    let valid = version.valid;
    let row = |parameter: ShownParameter| PolicyParameter {
        name: parameter.name.to_owned(),
        value: parameter.value,
        valid,
        basis: parameter.basis,
        is_default: parameter.is_default,
    };
    version.parameters.into_iter().map(row).collect()
}

fn line(text: &PolicyText, (id, title): (&str, &str), today: NaiveDate) -> PolicyLine {
    let defaults = |version: &ShownVersion| {
        version.parameters.iter().filter(|parameter| parameter.is_default).count()
    };
    let valid = text.valid();
    PolicyLine {
        id: id.to_owned(),
        title: title.to_owned(),
        document: text.basis().to_owned(),
        valid,
        defaults: text.versions().iter().map(defaults).sum(),
        ending: Ending::near(&valid, today),
    }
}
