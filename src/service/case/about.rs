//! What a file is about, line by line, for its page.

use super::{Desk, expert_funding, key_enterprise, recovery, roster_entry, tranche, visit, yearly};
use crate::domain::lifecycle::CaseKind;
use crate::domain::registry::Code;
use crate::service::{Error, duplicate, notice};

/// A fact about a file, as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFact {
    /// What it is called.
    pub name: &'static str,
    /// What it says.
    pub text: String,
    /// Address of the page about it, where there is one.
    pub href: Option<String>,
}

impl From<(&'static str, String)> for CaseFact {
    fn from((name, text): (&'static str, String)) -> Self {
        Self { name, text, href: None }
    }
}

/// What a file is about, line by line.
pub(super) async fn facts(desk: &Desk<'_>) -> Result<Vec<CaseFact>, Error> {
    let mut facts = own_facts(desk).await?;
    let kind = CaseKind::from_code(&desk.row.kind);
    let is_of_person = matches!(kind, Some(CaseKind::Recognition | CaseKind::RosterEntry));
    if let Some((reader, person)) = desk.actor.zip(desk.row.person_id).filter(|_| is_of_person) {
        facts.extend(duplicate::suspicions(desk.tx, reader, person).await?);
    }
    let announced = notice::NoticeStanding::load(desk.tx, &[desk.row.id]).await?;
    if let Some((no, from, through)) = announced.of(desk.row.id) {
        facts.push(("公示", format!("{no}，{from} 至 {through}")).into());
    }
    Ok(facts)
}

async fn own_facts(desk: &Desk<'_>) -> Result<Vec<CaseFact>, Error> {
    let plain = match CaseKind::from_code(&desk.row.kind) {
        Some(CaseKind::Recognition) => super::recognition::facts(desk).await,
        Some(CaseKind::RosterEntry) => roster_entry::facts(desk).await,
        Some(CaseKind::KeyEnterprise) => key_enterprise::facts(desk).await,
        Some(CaseKind::Objection) => notice::objection_facts(desk.tx, desk.row.id).await,
        Some(CaseKind::Entitlement) => yearly::facts(desk).await,
        Some(CaseKind::Recovery) => recovery::facts(desk).await,
        Some(CaseKind::AgreementTranche) => return tranche::facts(desk).await,
        Some(CaseKind::OverseasVisit) => return visit::facts(desk).await,
        Some(CaseKind::ExpertFunding) => return expert_funding::facts(desk).await,
        None => Ok(Vec::new()),
    }?;
    Ok(plain.into_iter().map(CaseFact::from).collect())
}
