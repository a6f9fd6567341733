//! What stands beside a case: files, defects told point by point, and who must withdraw from it.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use axum::extract::{Path, State};

use super::cosign::{self, CosignPanel, WrongCosign};
use super::handlers;
use super::talk::{self, TalkPanel};
use crate::service::attachment::Subject;
use crate::service::case::{self, CaseView, defect, mandate};
use crate::service::{Actor, Error};
use crate::web::attachments::{self, AttachmentPanel};
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::send::{Filed, done};
use crate::web::session::SignedIn;
use crate::web::site::Site;

/// What stands beside a case.
#[derive(Debug, Clone, Default)]
pub struct CaseBeside {
    pub attachments: AttachmentPanel,
    /// What the office and the enterprise wrote to each other.
    pub talk: TalkPanel,
    /// Signatures that were asked for.
    pub cosign: CosignPanel,
    /// Why the reader must not act on it.
    pub recused: String,
    /// Who may instead, in the same office and role.
    pub colleagues: String,
    /// Whether the reader may hand it over without a relation.
    pub may_hand_over: bool,
    /// Fields: taker; reason, where no relation is the reason.
    pub hand_over: FormState,
    /// What has to be mended: name of the field and what is wrong.
    pub defects: Vec<(String, String)>,
    /// What a defect can be about.
    pub defect_fields: Vec<Choice>,
    /// Names of the form's fields of each point: what it is about, what is wrong.
    pub points: Vec<(usize, String, String)>,
}

impl CaseBeside {
    /// Whether a form has to be corrected.
    pub fn has_errors(&self) -> bool {
        self.attachments.has_errors()
            || self.hand_over.has_errors()
            || self.talk.form.has_errors()
            || self.cosign.has_errors()
    }

    /// What is told about a field or document of this name.
    pub fn defects_of(&self, label: impl AsRef<str>) -> Vec<&str> {
        let about = |(name, _): &&(String, String)| name == label.as_ref();
        self.defects.iter().filter(about).map(|(_, text)| text.as_str()).collect()
    }

    /// Names of the fields of the points of a form.
    pub fn point_names() -> Vec<(usize, String, String)> {
        (1..=defect::POINTS).map(|n| (n, defect::field_of(n), defect::text_of(n))).collect()
    }
}

/// A form that came back: about attachments, handing over or signatures, or a message.
#[derive(Debug, Clone, Default)]
pub(super) struct Wrong {
    pub(super) attachment: Option<attachments::Wrong>,
    pub(super) hand_over: Option<FormState>,
    pub(super) message: Option<FormState>,
    pub(super) cosign: Option<WrongCosign>,
}

pub(super) async fn fill(
    site: &Site,
    actor: &Actor,
    found: &CaseView,
    wrong: Wrong,
) -> Result<CaseBeside, Error> {
    let subject = Subject::case(found.id, &found.line.no);
    let mut panel = attachments::panel(site, actor, &subject, wrong.attachment).await?;
    for row in &mut panel.rows {
        let code = format!("attachment:{}", row.id);
        let about = found.beside.defects.iter().filter(|defect| defect.field == code);
        row.defects = about.map(|defect| defect.text.clone()).collect();
    }
    let recused = found.beside.recused.as_ref();
    let choice =
        |(value, label): &(String, String)| Choice { value: value.clone(), label: label.clone() };
    Ok(CaseBeside {
        talk: talk::panel(site, actor, &found.line.no, wrong.message).await?,
        cosign: cosign::panel(site, actor, &found.line.no, wrong.cosign).await?,
        attachments: panel,
        may_hand_over: recused.is_none() && !found.acts.is_empty(),
        recused: recused.map(|recused| recused.why.clone()).unwrap_or_default(),
        colleagues: recused.map(|recused| recused.colleagues.join("、")).unwrap_or_default(),
        hand_over: wrong.hand_over.unwrap_or_else(|| FormState::new("hand-over")),
        defects: (found.beside.defects.iter())
            .map(|defect| (defect.label.clone(), defect.text.clone()))
            .collect(),
        defect_fields: found.beside.defect_fields.iter().map(choice).collect(),
        points: CaseBeside::point_names(),
    })
}

/// `POST /cases/{no}/hand-over`. Fields: taker, reason.
pub(super) async fn hand_over(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let to = (filed.text("taker"), filed.text("reason"));
    match mandate::hand_over(&site.app, &who.actor, &no, to).await {
        Ok(()) => Ok(done(&format!("/cases/{no}"), "已转由所选人员办理，转办记录保留可查。")),
        Err(error) => {
            let form = back_to_form(filed.state("hand-over"), error)?;
            let found = case::case_view(&site.app, &who.actor, &no).await?;
            let wrong = Wrong { hand_over: Some(form), ..Wrong::default() };
            handlers::retry(&site, &who, found, wrong).await
        }
    }
}
