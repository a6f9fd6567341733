//! Which kinds of files are announced, by whom, and how the public reads them.

use chrono::NaiveDate;

use crate::domain::authority::{Act, Role};
use crate::domain::identity::mask_name;
use crate::domain::lifecycle::{
    AutonomousRecognition, CaseKind, Evidence, Hand, KeyEnterprise, Lifecycle,
};
use crate::domain::region;
use crate::domain::registry::{Code, EnterpriseDivision, PersonName};
use crate::domain::roster::current;
use crate::service::{Actor, Error};
use crate::store::case::CaseRow;
use crate::store::db::Tx;
use crate::store::fact::{Versions, facts_of};
use crate::store::notice::NewEntry;
use crate::store::{recognition, stipend};

/// A kind of file that is announced before it is decided, as its table says.
#[derive(Debug, Clone)]
pub struct Announced {
    /// Kind.
    pub kind: CaseKind,
    /// What goes with the publication into every file.
    pub evidence: &'static [Evidence],
    pub(super) states: Vec<&'static str>,
    hands: &'static [Hand],
}

/// Code of the act that publishes, in every table.
pub(super) const PUBLISH: &str = "publish";

impl Announced {
    fn of<L: Lifecycle>() -> Option<Self> {
        let line = L::MOVES.iter().find(|line| line.act.code() == PUBLISH)?;
        let states = line.from.iter().map(|state| state.code()).collect();
        Some(Self { kind: L::KIND, evidence: line.evidence, states, hands: line.by })
    }
}

/// The kinds of files that a role announces.
pub fn announced_by(role: Role) -> Vec<Announced> {
    let all = [Announced::of::<AutonomousRecognition>(), Announced::of::<KeyEnterprise>()];
    all.into_iter().flatten().filter(|kind| kind.hands.contains(&Hand::Role(role))).collect()
}

/// The kind with this code, when the actor announces it; without a code the first one.
pub(super) fn announced(actor: &Actor, code: &str) -> Result<Announced, Error> {
    actor.must(Act::PublishNotices)?;
    let mut kinds = announced_by(actor.role).into_iter();
    let found = kinds.find(|announced| code.is_empty() || announced.kind.code() == code);
    found.ok_or(Error::Forbidden(Act::PublishNotices))
}

/// A file as the public reads it.
pub(super) async fn entry_for(tx: &Tx, row: &CaseRow, today: NaiveDate) -> Result<NewEntry, Error> {
    match CaseKind::from_code(&row.kind) {
        Some(CaseKind::KeyEnterprise) => enterprise_entry(tx, row, today).await,
        _ => recognition_entry(tx, row).await,
    }
}

/// The name of an enterprise is public.
async fn enterprise_entry(tx: &Tx, row: &CaseRow, today: NaiveDate) -> Result<NewEntry, Error> {
    let id = row.enterprise_id.unwrap_or_default();
    let divisions = facts_of::<EnterpriseDivision>(tx, id, Versions::Live).await?;
    let place = current(&divisions, today).map(|stated| stated.fact.division.clone());
    let place = place.as_deref().and_then(region::full_name).unwrap_or_default();
    Ok(NewEntry {
        case_id: row.id,
        name_masked: row.about.clone(),
        enterprise: place.to_owned(),
        detail: "列入骨干企业清单".to_owned(),
    })
}

async fn recognition_entry(tx: &Tx, row: &CaseRow) -> Result<NewEntry, Error> {
    let name = match row.person_id {
        Some(id) => facts_of::<PersonName>(tx, id, Versions::Live).await?.pop(),
        None => None,
    };
    let ids: Vec<i64> = row.enterprise_id.into_iter().collect();
    let mut enterprises = stipend::explain::enterprise_names(tx, &ids).await?;
    let class = recognition::file(tx, row.id).await?.class;
    Ok(NewEntry {
        case_id: row.id,
        name_masked: name.map(|stated| mask_name(&stated.fact.name)).unwrap_or_default(),
        enterprise: ids.first().and_then(|id| enterprises.remove(id)).unwrap_or_default(),
        detail: format!("省级高层次人才 {}", class.label()),
    })
}
