//! Letters to the party, as pages to print.

use axum::extract::{Path, State};
use axum::response::IntoResponse;

use super::handlers::row;
use super::pages::LetterPage;
use crate::code_list;
use crate::domain::lifecycle::{Evidence, RecoveryAct};
use crate::domain::registry::Code;
use crate::service::Error;
use crate::service::recovery::{self, RecoveryView};
use crate::web::failure::Answer;
use crate::web::page::Page;
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::Yuan;

code_list! {
    /// A letter of a recovery.
    Letter {
        /// What was found, and how to answer.
        Facts = "facts", "追回事实告知书";
        /// What is to be repaid, until when, and what can be done against it.
        Decision = "decision", "追回决定书";
        /// Asked once more.
        Reminder = "reminder", "催告书";
    }
}

impl Letter {
    /// The act with which it is sent, and what names it there.
    const fn sent_by(self) -> (RecoveryAct, Evidence) {
        match self {
            Self::Facts => (RecoveryAct::Notify, Evidence::FactsNotice),
            Self::Decision => (RecoveryAct::Decide, Evidence::DecisionDocument),
            Self::Reminder => (RecoveryAct::Remind, Evidence::Reminder),
        }
    }
}

/// `GET /recoveries/{no}/letters/{kind}`.
pub(super) async fn view(
    State(site): State<Site>,
    who: SignedIn,
    Path((no, kind)): Path<(String, String)>,
) -> Answer {
    let letter = Letter::from_code(&kind).ok_or(Error::NotFound("这种文书"))?;
    let found = recovery::view(&site.app, &who.actor, &no).await?;
    let (act, evidence) = letter.sent_by();
    let number = evidence_of(&found, act, evidence);
    let ground = evidence_of(&found, RecoveryAct::Notify, Evidence::Ground);
    let findings = evidence_of(&found, RecoveryAct::Decide, Evidence::InvestigationResult);
    let reckoning = found.reckoning;
    Ok(Page::ok(LetterPage {
        frame: who.frame(&site, "/recoveries").await?,
        letter: letter.code(),
        title: letter.label(),
        number: number.unwrap_or_default(),
        ground: ground.unwrap_or_default(),
        findings: findings.unwrap_or_default(),
        bans: found.bans,
        sentence: found.sentence,
        capital: found.capital,
        paid: Yuan(reckoning.paid),
        due: Yuan(reckoning.due),
        before: Yuan(reckoning.before),
        row: row(found.line),
    })
    .into_response())
}

/// What an act that was done handed in.
fn evidence_of(found: &RecoveryView, act: RecoveryAct, evidence: Evidence) -> Option<String> {
    let step = found.file.steps.iter().rev().find(|step| step.act == act.label())?;
    let given = step.evidence.iter().find(|(name, _)| *name == evidence.label());
    given.map(|(_, text)| text.clone())
}
