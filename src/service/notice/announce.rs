//! Which files are announced by whom, and what the public reads of them.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::{Draft, MOST_LINES};
use crate::app::App;
use crate::domain::authority::{Act, Role};
use crate::domain::identity::mask_name;
use crate::domain::lifecycle::{
    AutonomousRecognition, CaseKind, CoreEngineerEntry, Evidence, Hand, KeyEnterprise, Lifecycle,
    YearlyEntitlement,
};
use crate::domain::region;
use crate::domain::registry::{Code, LegalForm};
use crate::domain::roster::current;
use crate::service::case::{Chosen, Submitted, act_on_all, roster_entry, yearly};
use crate::service::{Actor, Error};
use crate::store::case::{self as cases, CaseRow};
use crate::store::db::Tx;
use crate::store::notice::NewEntry;
use crate::store::{recognition, roster, stipend};

/// A kind of file that is announced before it is decided, as its table says.
#[derive(Debug, Clone)]
pub struct Announced {
    /// Kind.
    pub kind: CaseKind,
    /// What goes with the publication into every file.
    pub evidence: &'static [Evidence],
    states: Vec<&'static str>,
    hands: &'static [Hand],
}

/// Code of the act that publishes, in every table.
const PUBLISH: &str = "publish";

impl Announced {
    fn of<L: Lifecycle>() -> Option<Self> {
        let line = L::MOVES.iter().find(|line| line.act.code() == PUBLISH)?;
        let states = line.from.iter().map(|state| state.code()).collect();
        Some(Self { kind: L::KIND, evidence: line.evidence, states, hands: line.by })
    }
}

/// The kinds of files that a role announces.
pub fn announced_by(role: Role) -> Vec<Announced> {
    let all = [
        Announced::of::<AutonomousRecognition>(),
        Announced::of::<CoreEngineerEntry>(),
        Announced::of::<KeyEnterprise>(),
        Announced::of::<YearlyEntitlement>(),
    ];
    all.into_iter().flatten().filter(|kind| kind.hands.contains(&Hand::Role(role))).collect()
}

/// The kind with this code, when the actor announces it; without a code the first one.
pub(super) fn announced(actor: &Actor, code: &str) -> Result<Announced, Error> {
    actor.must(Act::PublishNotices)?;
    let mut kinds = announced_by(actor.role).into_iter();
    let found = kinds.find(|announced| code.is_empty() || announced.kind.code() == code);
    found.ok_or(Error::Forbidden(Act::PublishNotices))
}

/// A file that waits for a notice.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Number.
    pub no: String,
    /// As the public will read it.
    pub name_masked: String,
    /// Enterprise.
    pub enterprise: String,
    /// What is to be decided.
    pub detail: String,
}

fn filter(actor: &Actor, announced: &Announced) -> cases::Filter {
    let desk = cases::Desk {
        scope: actor.scope.clone(),
        any_of: Some(vec![(announced.kind.code(), announced.states.clone())]),
        case_id: None,
        signer: None,
    };
    cases::Filter { desks: vec![desk], ..cases::Filter::default() }
}

/// The files of a kind that wait for a notice, and the kind.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn candidates(
    app: &App,
    actor: &Actor,
    kind: &str,
) -> Result<(Announced, Vec<Candidate>), Error> {
    let announced = announced(actor, kind)?;
    let tx = app.db.begin_read().await?;
    let rows = cases::list(&tx, &filter(actor, &announced), 0, MOST_LINES as u64).await?;
    let entries = entries_for(&tx, &rows, app.clock.today()).await?;
    tx.rollback().await?;
    let candidate = |(row, entry): (CaseRow, NewEntry)| Candidate {
        no: row.case_no,
        name_masked: entry.name_masked,
        enterprise: entry.enterprise,
        detail: entry.detail,
    };
    Ok((announced, rows.into_iter().zip(entries).map(candidate).collect()))
}

/// What the public reads of files.
async fn entries_for(tx: &Tx, rows: &[CaseRow], today: NaiveDate) -> Result<Vec<NewEntry>, Error> {
    let persons: Vec<i64> = rows.iter().filter_map(|row| row.person_id).collect();
    let names = stipend::explain::person_names(tx, &persons).await?;
    let ids = rows.iter().filter_map(|row| row.enterprise_id).collect();
    let enterprises = roster::enterprises(tx, &ids).await?;
    let of = |kind: CaseKind| {
        let rows = rows.iter().filter(move |row| row.kind == kind.code());
        rows.map(|row| row.id).collect::<Vec<i64>>()
    };
    let mut details = HashMap::new();
    for (case, asked) in recognition::files(tx, &of(CaseKind::Recognition)).await? {
        let class = asked.class.label();
        let detail = match asked.form {
            LegalForm::Filing => format!("省级高层次人才 {class}"),
            LegalForm::Recommendation => format!("省级高层次人才 {class}（企业举荐，待审定）"),
        };
        details.insert(case, detail);
    }
    details.extend(roster_entry::announced(tx, &of(CaseKind::RosterEntry)).await?);
    let mut amounts = HashMap::new();
    for (case, text, amount) in yearly::announced(tx, &of(CaseKind::Entitlement)).await? {
        details.insert(case, text);
        amounts.insert(case, amount);
    }
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows {
        let enterprise = row.enterprise_id.and_then(|id| enterprises.get(&id));
        let name = row.person_id.and_then(|id| names.get(&id));
        let place = enterprise
            .and_then(|facts| current(&facts.divisions, today))
            .and_then(|stated| region::full_name(&stated.fact.division));
        entries.push(match CaseKind::from_code(&row.kind) {
            // The name of an enterprise is public.
            Some(CaseKind::KeyEnterprise) => NewEntry {
                case_id: row.id,
                name_masked: row.about.clone(),
                enterprise: place.unwrap_or_default().to_owned(),
                detail: "列入骨干企业清单".to_owned(),
                amount: None,
            },
            _ => NewEntry {
                case_id: row.id,
                name_masked: name.map(|name| mask_name(name)).unwrap_or_default(),
                enterprise: enterprise
                    .and_then(|facts| current(&facts.names, today))
                    .map(|stated| stated.fact.name.clone())
                    .unwrap_or_default(),
                detail: details.remove(&row.id).unwrap_or_default(),
                amount: amounts.remove(&row.id),
            },
        });
    }
    Ok(entries)
}

/// Moves the files into the notice; all of them or none.
pub(super) async fn publish_files(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    draft: &Draft,
    kind: CaseKind,
) -> Result<Vec<NewEntry>, Error> {
    let numbers: Vec<&str> = draft.case_nos.iter().map(String::as_str).collect();
    let mut found = cases::lock_by_no(tx, &actor.scope, &numbers).await?;
    let mut rows = Vec::with_capacity(numbers.len());
    for no in numbers {
        let row = found.remove(no).ok_or(Error::NotFound("这个办件"))?;
        if row.kind != kind.code() {
            return Err(Error::Refused(format!("办件 {no} 不能与其他类型的办件同批公示")));
        }
        rows.push(row);
    }
    let entries = entries_for(tx, &rows, app.clock.today()).await?;
    let fields = draft.evidence.clone();
    let sent = Submitted { act: PUBLISH.to_owned(), fields, ..Submitted::default() };
    let chosen = |row: &CaseRow| Chosen { no: row.case_no.clone(), seen_steps: Some(row.steps) };
    let chosen: Vec<Chosen> = rows.iter().map(chosen).collect();
    let outcomes = act_on_all(app, tx, actor, &chosen, &sent).await?;
    for (row, outcome) in rows.iter().zip(outcomes) {
        outcome.map_err(|error| match error {
            Error::Refused(why) => Error::Refused(format!("{}：{why}", row.case_no)),
            other => other,
        })?;
    }
    Ok(entries)
}
