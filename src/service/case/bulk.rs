//! One act on many files. Each file is a transaction of its own: what stands against one does not
//! hold up the others, and each is in the log by itself.

use std::collections::BTreeMap;

use super::{CaseWork, Submitted, act, mandate};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::lifecycle::{
    AutonomousRecognition, CaseKind, CoreEngineerEntry, Evidence, Guard, Hand, KeyEnterprise,
    Objection,
};
use crate::domain::registry::Code;
use crate::service::{Actor, Error, invalid};

/// Files at once.
pub const MOST_FILES: usize = 100;
/// Evidence that is the same for all files of one decision.
const COMMON: &[Evidence] = &[
    Evidence::DecisionDocument,
    Evidence::ListDocument,
    Evidence::EvidenceCheck,
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
    /// Number of each file, and how many steps it had when the user looked.
    pub files: Vec<(String, i64)>,
}

/// What became of one file.
#[derive(Debug, Clone)]
pub struct BulkRow {
    /// Number.
    pub no: String,
    /// The state it was led to, or why nothing happened.
    pub outcome: Result<&'static str, String>,
}

/// Does one act on each of the files; says of each what came of it.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Invalid`] for no file, more than a hundred, or an act that has to
/// be done one by one. What stands against single files is told in their rows.
pub async fn bulk(app: &App, actor: &Actor, sent: &BulkSent) -> Result<Vec<BulkRow>, Error> {
    actor.must(Act::WorkCases)?;
    let mut files = sent.files.clone();
    files.sort();
    files.dedup_by(|one, other| one.0 == other.0);
    let mut wrong = Vec::new();
    let acts = bulk_acts(actor);
    let chosen = acts.iter().find(|act| act.act == sent.act);
    if chosen.is_none() {
        wrong.push(invalid("act", "请选择要批量办理的事项"));
    }
    if files.is_empty() {
        wrong.push(invalid("file", "请至少勾选一件"));
    }
    if files.len() > MOST_FILES {
        wrong.push(invalid("file", format!("一次最多办理 {MOST_FILES} 件，请分批勾选")));
    }
    for (code, label) in chosen.iter().flat_map(|act| &act.evidence) {
        if sent.evidence.get(*code).is_none_or(|text| text.trim().is_empty()) {
            wrong.push(invalid(code, format!("请填写{label}")));
        }
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let mut rows = Vec::with_capacity(files.len());
    for (no, seen_steps) in files {
        let mut fields = sent.evidence.clone();
        fields.remove(mandate::IN_NAME_OF);
        let one =
            Submitted { act: sent.act.clone(), remark: sent.remark.clone(), seen_steps, fields };
        let outcome = match act(app, actor, &no, &one).await {
            Ok(state) => Ok(state),
            Err(error) => {
                if let Error::Internal(inside) = &error {
                    tracing::error!(%inside, case = %no, "one of many files failed");
                }
                Err(error.to_string())
            }
        };
        rows.push(BulkRow { no, outcome });
    }
    Ok(rows)
}
