//! A decision of a file on paper: what it says, to whom, why, and what can be done against it.

use chrono::NaiveDate;

use super::view::case_view;
use crate::app::App;
use crate::clock::china_time;
use crate::domain::lifecycle::{CaseKind, Evidence, LETTER_BASIS};
use crate::domain::registry::Code;
use crate::service::{Actor, Error};
use crate::store::{case as store, directory};

/// What the paper gives as reasons, of what the act was done on. What the other party of an
/// objection said is not for whoever objected.
const REASONS: &[Evidence] = &[
    Evidence::Ground,
    Evidence::Hearing,
    Evidence::InvestigationResult,
    Evidence::Opinion,
    Evidence::Answer,
];
/// What holds the number of the document.
const NUMBERS: &[Evidence] = &[Evidence::DecisionDocument, Evidence::ListDocument];
/// Facts of the file that are printed, by name.
const PRINTED: &[&str] = &["认定类别", "办理形式", "入册首日", "针对", "异议内容", "公示"];

/// A decision on paper.
#[derive(Debug, Clone)]
pub struct CaseLetter {
    /// Number of the file.
    pub case_no: String,
    /// Title.
    pub title: &'static str,
    /// Whom it is for.
    pub to: String,
    /// What the file is about.
    pub about: String,
    /// What is decided.
    pub decides: &'static str,
    /// Number of the document; empty when the act has none.
    pub number: String,
    /// What it rests on.
    pub basis: &'static str,
    /// Name and text of each reason.
    pub reasons: Vec<(&'static str, String)>,
    /// Name and text of what is known of the file, while the decision stands.
    pub facts: Vec<(&'static str, String)>,
    /// The state that the file has come to since; empty while the decision stands.
    pub since: &'static str,
    /// What can be done against it.
    pub remedy: &'static str,
    /// The office that decided; empty when it was the program.
    pub office: String,
    /// Day of the decision.
    pub on: NaiveDate,
}

/// The paper of the step with this place in the history, counted from one.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`] outside the scope, and for a step that is no decision.
pub async fn case_letter(
    app: &App,
    actor: &Actor,
    case_no: &str,
    place: usize,
) -> Result<CaseLetter, Error> {
    let none = || Error::NotFound("这份文书");
    let view = case_view(app, actor, case_no).await?;
    let at = place.checked_sub(1).ok_or_else(none)?;
    let step = view.steps.get(at).ok_or_else(none)?;
    let letter = step.letter.ok_or_else(none)?;
    let rows = store::steps(app.db.read(), view.id).await?;
    let decider = rows.get(at).and_then(|row| row.for_account_id.or(row.account_id));
    let decider: Vec<i64> = decider.into_iter().collect();
    let offices = directory::account_offices(app.db.read(), &decider).await?;
    let given = |wanted: &[Evidence]| -> Vec<(&'static str, String)> {
        let is_wanted = |name: &str| wanted.iter().any(|evidence| evidence.label() == name);
        step.evidence.iter().filter(|(name, _)| is_wanted(name)).cloned().collect()
    };
    let stands = view.line.state == step.state;
    let mut facts: Vec<(&'static str, String)> = Vec::new();
    if stands {
        let known = view.facts.into_iter().filter(|fact| PRINTED.contains(&fact.name));
        facts.extend(known.map(|fact| (fact.name, fact.text)));
        facts.extend(view.certificate_no.map(|no| ("证书编号", no)));
    }
    let is_objection = view.line.kind == CaseKind::Objection.label();
    Ok(CaseLetter {
        title: letter.title,
        to: if is_objection {
            format!("{case_no} 号异议提出人")
        } else {
            view.line.enterprise
        },
        about: view.line.about,
        decides: letter.decides,
        number: given(NUMBERS).pop().map(|(_, text)| text).unwrap_or_default(),
        basis: LETTER_BASIS,
        reasons: given(REASONS),
        facts,
        since: if stands { "" } else { view.line.state },
        remedy: letter.remedy.words(),
        office: offices.into_values().next().unwrap_or_default(),
        on: china_time(step.at).date_naive(),
        case_no: view.line.no,
    })
}
