//! Experts and advisory scientists.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::drafts::DraftNote;
use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::words::Yuan;

/// An appointment.
#[derive(Debug, Clone, Default)]
pub struct ExpertRow {
    pub no: String,
    pub kind: &'static str,
    pub name: String,
    pub person_no: String,
    pub field: String,
    pub employer: String,
    pub host: String,
    pub days: String,
    /// Last day after an early end; empty when there is none.
    pub ended_on: String,
    /// `None` for readers whom it does not concern.
    pub funding: Option<Yuan>,
    pub state: &'static str,
    pub services: i64,
    pub hours: String,
}

/// `/experts`.
#[derive(Debug, Clone, Template)]
#[template(path = "experts/list.html")]
pub struct Experts {
    pub frame: Frame,
    /// Fields: kind, state, year.
    pub filter: FormState,
    pub kinds: Vec<Choice>,
    pub states: Vec<Choice>,
    pub rows: Vec<ExpertRow>,
    /// `None` outside the province.
    pub export_href: Option<String>,
    pub may_appoint: bool,
}

/// `/experts/new`.
#[derive(Debug, Clone, Template)]
#[template(path = "experts/new.html")]
pub struct ExpertNew {
    pub frame: Frame,
    /// Fields: person, kind, field, employer, employer_uscc, enterprise, from, through, document_no,
    /// body, funding.
    pub form: FormState,
    pub draft: DraftNote,
    pub kinds: Vec<Choice>,
}

/// Days on which the expert's employer is on the list.
#[derive(Debug, Clone, Default)]
pub struct ConflictRow {
    pub enterprise: String,
    pub source: &'static str,
    pub from: String,
    pub through: String,
}

/// Confirmed services of a group.
#[derive(Debug, Clone, Default)]
pub struct SumRow {
    pub name: String,
    pub services: i64,
    pub hours: String,
}

/// A record of a service.
#[derive(Debug, Clone, Default)]
pub struct ServiceRow {
    pub no: String,
    pub enterprise: String,
    pub served_on: String,
    pub kind: &'static str,
    pub hours: String,
    pub content: String,
    pub side: &'static str,
    pub state: &'static str,
    pub in_conflict: bool,
    pub recorded: String,
    /// When and by whom; empty while it waits.
    pub decided: String,
    pub note: String,
    /// Number of the record that it corrects; empty when it corrects none.
    pub corrects: String,
}

/// `/experts/{no}`.
#[derive(Debug, Clone, Template)]
#[template(path = "experts/expert.html")]
pub struct ExpertPage {
    pub frame: Frame,
    pub facts: ExpertRow,
    pub employer_uscc: String,
    pub opens_person: bool,
    pub body: String,
    pub document_no: String,
    /// Empty before it is accepted.
    pub certificate_no: String,
    /// Document and reason of an early end; empty when there is none.
    pub end_reason: String,
    pub conflicts: Vec<ConflictRow>,
    pub services: Vec<ServiceRow>,
    pub by_kind: Vec<SumRow>,
    pub by_enterprise: Vec<SumRow>,
    /// Number of the file of the funding; empty when there is none.
    pub file: String,
    pub file_state: &'static str,
    pub proposed: String,
    pub decided: String,
    pub note: String,
    /// The reader put it down, and nobody has decided.
    pub waits_for_another: bool,
    pub kinds: Vec<Choice>,
    /// Whether the form of a service asks for the enterprise.
    pub names_enterprise: bool,
    /// Fields: verdict, note. `None` when decided or not allowed.
    pub decision: Option<FormState>,
    /// Fields: uscc, served_on, kind, hours, content. `None` when not allowed.
    pub service: Option<FormState>,
    /// Fields: last_day, document_no, reason. `None` when not allowed.
    pub ending: Option<FormState>,
}

impl ExpertPage {
    /// Whether something has to be corrected.
    pub fn has_errors(&self) -> bool {
        self.decision.iter().chain(&self.service).chain(&self.ending).any(FormState::has_errors)
    }

    /// The sums, by what they are grouped.
    pub fn groups(&self) -> [(&'static str, &[SumRow]); 2] {
        [("按类型", &self.by_kind), ("按企业", &self.by_enterprise)]
    }
}

/// `/expert-services/{no}`.
#[derive(Debug, Clone, Template)]
#[template(path = "experts/service.html")]
pub struct ServicePage {
    pub frame: Frame,
    pub row: ServiceRow,
    pub expert: String,
    pub appointment_no: String,
    pub kinds: Vec<Choice>,
    /// Fields: verdict, note. `None` when decided or not allowed.
    pub decision: Option<FormState>,
    /// Fields: served_on, kind, hours, content. `None` when not allowed.
    pub correction: Option<FormState>,
}

impl ServicePage {
    /// Whether something has to be corrected.
    pub fn has_errors(&self) -> bool {
        self.decision.iter().chain(&self.correction).any(FormState::has_errors)
    }
}

/// `/experts/{no}/certificate`.
#[derive(Debug, Clone, Template)]
#[template(path = "experts/certificate.html")]
pub struct CertificatePage {
    pub frame: Frame,
    pub no: String,
    pub certificate_no: String,
    pub name: String,
    pub kind: &'static str,
    pub field: String,
    pub from: String,
    pub through: String,
    pub body: String,
    pub document_no: String,
    /// Last day after an early end; empty when there is none.
    pub ended_on: String,
}
