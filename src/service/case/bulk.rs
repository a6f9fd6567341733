//! One act on many files, as the list of files offers it.

use std::collections::BTreeMap;

use super::perform::MOST_AT_ONCE;
use super::{CaseQuery, CaseWork, Chosen, RowOutcome, Submitted, act_on_many, list, mandate};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::lifecycle::{
    AutonomousRecognition, CaseKind, CoreEngineerEntry, Evidence, Guard, Hand, KeyEnterprise,
    Objection, Recovery, YearlyEntitlement,
};
use crate::domain::registry::Code;
use crate::service::{Actor, Error, invalid};

/// Evidence that is the same for all files of one decision.
const COMMON: &[Evidence] = &[
    Evidence::DecisionDocument,
    Evidence::ListDocument,
    Evidence::EvidenceCheck,
    Evidence::CrossCheck,
    Evidence::HrConsent,
    Evidence::IndustryConsent,
    Evidence::FinanceConsent,
    Evidence::TaxTreatment,
    Evidence::AwardDeclaration,
    Evidence::Undertaking,
    Evidence::Contract,
    Evidence::PersonConsent,
];

/// An act that can be done on many files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkAct {
    /// Kind of file.
    pub kind: CaseKind,
    /// Code.
    pub act: &'static str,
    /// Label.
    pub label: &'static str,
    /// Evidence that is given once: code and name.
    pub evidence: Vec<(&'static str, &'static str)>,
}

/// The acts that somebody can do on many files: those that ask for nothing that differs from file to
/// file. Acts that nobody waits for, as a withdrawal, are done one by one.
pub fn bulk_acts(actor: &Actor) -> Vec<BulkAct> {
    let mut acts = of::<AutonomousRecognition>(actor);
    acts.extend(of::<Objection>(actor));
    acts.extend(of::<CoreEngineerEntry>(actor));
    acts.extend(of::<KeyEnterprise>(actor));
    acts.extend(of::<YearlyEntitlement>(actor));
    acts.extend(of::<Recovery>(actor));
    acts
}

fn of<L: CaseWork>(actor: &Actor) -> Vec<BulkAct> {
    let mut acts: Vec<BulkAct> = Vec::new();
    for line in L::MOVES {
        let plain = L::fields(line.act).is_empty() && L::elsewhere(line.act).is_none();
        let common = line.evidence.iter().all(|evidence| COMMON.contains(evidence));
        let open = line.by.contains(&Hand::Role(actor.role)) && !line.aside;
        let here = actor.scope.takes_both_steps() || !line.guards.contains(&Guard::JointStep);
        let act = BulkAct {
            kind: L::KIND,
            act: line.act.code(),
            label: line.act.label(),
            evidence: line.evidence.iter().map(|e| (e.code(), e.label())).collect(),
        };
        if plain && common && open && here && !acts.contains(&act) {
            acts.push(act);
        }
    }
    acts
}

/// One act on many files, as it was sent.
#[derive(Debug, Clone, Default)]
pub struct BulkSent {
    /// Code of the act.
    pub act: String,
    /// One remark for all.
    pub remark: String,
    /// Evidence by code, given once for all.
    pub evidence: BTreeMap<String, String>,
    /// The files that were ticked.
    pub chosen: Vec<Chosen>,
    /// Everything that this finds, instead of what was ticked.
    pub everything: Option<CaseQuery>,
}

/// Does one act on each of the files; says of each what came of it. What stands against one does
/// not hold up the others; all that is done is one transaction.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Invalid`] for no file, too many, or an act that has to be done one
/// by one. What stands against single files is told in their rows.
pub async fn bulk(app: &App, actor: &Actor, sent: &BulkSent) -> Result<Vec<RowOutcome>, Error> {
    actor.must(Act::WorkCases)?;
    let mut chosen = match &sent.everything {
        Some(query) => list::numbers(app, actor, query, MOST_AT_ONCE as u64 + 1).await?,
        None => sent.chosen.clone(),
    };
    chosen.sort_by(|one, other| one.no.cmp(&other.no));
    chosen.dedup_by(|one, other| one.no == other.no);
    let mut wrong = Vec::new();
    let acts = bulk_acts(actor);
    let act = acts.iter().find(|act| act.act == sent.act);
    if act.is_none() {
        wrong.push(invalid("act", "请选择要批量办理的事项"));
    }
    if chosen.is_empty() {
        wrong.push(invalid("file", "请至少勾选一件"));
    }
    if chosen.len() > MOST_AT_ONCE {
        wrong
            .push(invalid("file", format!("一次最多办理 {MOST_AT_ONCE} 件，请用筛选条件分批办理")));
    }
    for (code, label) in act.iter().flat_map(|act| &act.evidence) {
        if sent.evidence.get(*code).is_none_or(|text| text.trim().is_empty()) {
            wrong.push(invalid(code, format!("请填写{label}")));
        }
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let mut fields = sent.evidence.clone();
    fields.remove(mandate::IN_NAME_OF);
    let (act, remark) = (sent.act.clone(), sent.remark.clone());
    act_on_many(app, actor, &chosen, &Submitted { act, remark, seen_steps: 0, fields }).await
}
