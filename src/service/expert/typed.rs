//! An appointment as it is typed, and what is wrong with it.

use crate::domain::expert::ExpertKind;
use crate::domain::identity::Uscc;
use crate::domain::money::Fen;
use crate::domain::period::Period;
use crate::domain::registry::Code;
use crate::service::payment::text_or_fault;
use crate::service::training::days;
use crate::service::{Error, invalid};

const FIELD_MAX: usize = 60;
const NAME_MAX: usize = 100;

/// An appointment as it is typed.
#[derive(Debug, Clone, Default)]
pub struct TypedAppointment {
    /// Number of the person.
    pub person: String,
    /// Code of [`ExpertKind`].
    pub kind: String,
    /// Professional field.
    pub field: String,
    /// Name of the expert's employer.
    pub employer: String,
    /// Its unified social credit code, if it is in Fujian; may be empty.
    pub employer_uscc: String,
    /// Code of the host institution, registered as an enterprise.
    pub enterprise: String,
    /// First day.
    pub from: String,
    /// Last day.
    pub through: String,
    /// Number of the document.
    pub document_no: String,
    /// Body that appoints.
    pub body: String,
    /// Funding of the term in yuan; 0 for none.
    pub funding: String,
}

/// What was typed, read.
pub(super) struct Read {
    pub(super) kind: ExpertKind,
    pub(super) field: String,
    pub(super) employer: (String, String),
    pub(super) period: Period,
    pub(super) document_no: String,
    pub(super) body: String,
    pub(super) funding: Fen,
}

pub(super) fn read(typed: &TypedAppointment) -> Result<Read, Error> {
    let mut faults = Vec::new();
    let kind = ExpertKind::from_code(typed.kind.trim());
    if kind.is_none() {
        faults.push(invalid("kind", "请选择特聘专家或顾问科学家"));
    }
    let field = text_or_fault(&mut faults, ("field", "专业领域"), &typed.field, FIELD_MAX);
    let employer = text_or_fault(&mut faults, ("employer", "工作单位"), &typed.employer, NAME_MAX);
    let mut code = String::new();
    if !typed.employer_uscc.trim().is_empty() {
        match Uscc::parse(&typed.employer_uscc) {
            Ok(read) => code = read.value.as_str().to_owned(),
            Err(error) => faults.push(invalid("employer_uscc", format!("{error}，请核对"))),
        }
    }
    let period = days(&typed.from, &typed.through, &mut faults);
    let document_no =
        text_or_fault(&mut faults, ("document_no", "聘任文号"), &typed.document_no, NAME_MAX);
    let body = text_or_fault(&mut faults, ("body", "聘任机构"), &typed.body, NAME_MAX);
    let funding = Fen::typed(&typed.funding).ok().filter(|amount| *amount >= Fen::ZERO);
    if funding.is_none() {
        faults.push(invalid("funding", "请填写聘期经费（元），没有经费的填 0"));
    }
    match (kind, period, funding, faults.is_empty()) {
        (Some(kind), Some(period), Some(funding), true) => {
            let employer = (employer, code);
            Ok(Read { kind, field, employer, period, document_no, body, funding })
        }
        _ => Err(Error::Invalid(faults)),
    }
}
