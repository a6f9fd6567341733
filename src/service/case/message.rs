//! Messages that stay with a file, between the office that has it and the enterprise it belongs
//! to. They are never changed and hold no full number; what an office notes for itself is not here.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::mandate::{self, IN_NAME_OF};
use super::view::found;
use super::{Submitted, of_kind, recusal, state_label};
use crate::app::App;
use crate::domain::authority::{Act, Role};
use crate::domain::identity::disclosure;
use crate::domain::lifecycle::{
    AgreementTranche, AutonomousRecognition, CaseKind, CoreEngineerEntry, ExpertFunding, Hand,
    KeyEnterprise, Lifecycle, Objection, Recovery, YearlyEntitlement,
};
use crate::domain::registry::Code;
use crate::service::{Actor, Error, invalid, log, notification};
use crate::store::case::{self as cases, CaseRow, StepRow, message as store};
use crate::store::db::Tx;
use crate::store::{account, account_list, directory};

/// Most characters of a message.
pub const MOST_CHARACTERS: usize = 500;
/// Most messages of one account on one file within an hour.
const MOST_AN_HOUR: u64 = 30;
const OFFICE: &str = "office";
const ENTERPRISE: &str = "enterprise";

/// A message as its readers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageLine {
    /// When.
    pub at: DateTime<Utc>,
    /// Name of whoever wrote it, and in whose name.
    pub who: String,
    /// Organisation.
    pub organisation: String,
    /// Whether an enterprise wrote it, and not an office.
    pub by_enterprise: bool,
    /// In their words.
    pub text: String,
}

/// The messages of a file, and in which capacities the reader can add one.
#[derive(Debug, Clone, Default)]
pub struct Talk {
    /// Oldest first.
    pub lines: Vec<MessageLine>,
    /// Delegation and whose name; `None` for the reader's own. Empty when the reader only reads.
    pub capacities: Vec<Option<(i64, String)>>,
}

/// The messages of a file that the actor sees.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`] outside the scope.
pub async fn talk(app: &App, actor: &Actor, case_no: &str) -> Result<Talk, Error> {
    actor.must(Act::ReadCases)?;
    let tx = app.db.begin_read().await?;
    let row = found(app, &tx, actor, case_no).await?;
    let steps = cases::steps(&tx, row.id).await?;
    let mut capacities = Vec::new();
    if fault(app, &tx, actor, (&row, &steps)).await?.is_none() {
        capacities.push(None);
    }
    for mandate in mandate::held(app, &tx, actor).await? {
        let acting = &mandate.acting;
        let may =
            mandate.covers(row.id) && fault(app, &tx, acting, (&row, &steps)).await?.is_none();
        if may {
            capacities.push(Some((mandate.id, mandate.whose.clone())));
        }
    }
    let lines = lines(&tx, row.id).await?;
    tx.rollback().await?;
    Ok(Talk { lines, capacities })
}

async fn lines(tx: &Tx, case_id: i64) -> Result<Vec<MessageLine>, Error> {
    let rows = store::of_case(tx, case_id).await?;
    let accounts: Vec<i64> =
        rows.iter().flat_map(|row| [Some(row.account_id), row.for_account_id]).flatten().collect();
    let names = directory::account_names(tx, &accounts).await?;
    let offices = rows.iter().map(|row| row.organisation_id).collect();
    let organisations = store::organisation_names(tx, offices).await?;
    let name = |id: i64| names.get(&id).cloned().unwrap_or_default();
    let line = |row: store::MessageRow| MessageLine {
        at: row.at,
        who: match row.for_account_id {
            Some(behalf) => format!("{}（代{}）", name(row.account_id), name(behalf)),
            None => name(row.account_id),
        },
        organisation: organisations.get(&row.organisation_id).cloned().unwrap_or_default(),
        by_enterprise: row.side == ENTERPRISE,
        text: row.text,
    };
    Ok(rows.into_iter().map(line).collect())
}

/// The roles that a file waits for, by the codes of its kind and state.
fn waits_for(row: &CaseRow) -> Vec<Role> {
    fn of<L: Lifecycle>(state: &str) -> Vec<Hand> {
        L::State::from_code(state).map(L::hands_of).unwrap_or_default()
    }
    let hands = of_kind!(&row.kind, Vec::new(), of(&row.state));
    let role = |hand: Hand| match hand {
        Hand::Role(role) => Some(role),
        _ => None,
    };
    hands.into_iter().filter_map(role).collect()
}

fn hands(steps: &[StepRow]) -> Vec<i64> {
    steps.iter().flat_map(|step| [step.account_id, step.for_account_id]).flatten().collect()
}

/// Why somebody in this capacity writes no message on a file; `None` when they may. The enterprise
/// may always; an office while the file waits for it, or once it acted on it. An objection and
/// a recovery are not the enterprise's to know of, so nobody writes on them.
async fn fault(
    app: &App,
    tx: &Tx,
    acting: &Actor,
    (row, steps): (&CaseRow, &[StepRow]),
) -> Result<Option<String>, Error> {
    let told = |text: &str| Ok(Some(text.to_owned()));
    if !acting.role.may(Act::WorkCases) || acting.role.is_system() {
        return told("您只能查看本件，不能留言");
    }
    let sealed = [CaseKind::Objection, CaseKind::Recovery].map(Code::code);
    if sealed.contains(&row.kind.as_str()) || row.enterprise_id.is_none() {
        return told("本件不向企业公开，不能留言");
    }
    if cases::by_no(tx, &acting.scope, &row.case_no).await?.is_none() {
        return told("本件不在您的管理范围内");
    }
    if let Some(why) = recusal::ground(tx, app.clock.today(), acting.holder_id, row).await? {
        return Ok(Some(format!("{why}，须回避，由其他人留言")));
    }
    if acting.role.is_of_enterprise() || waits_for(row).contains(&acting.role) {
        return Ok(None);
    }
    let acted = store::of_organisation(tx, acting.organisation_id, &hands(steps)).await?;
    if acted > 0 {
        Ok(None)
    } else {
        told("本件现在不由您所在单位办理，不能留言")
    }
}

fn check(text: &str) -> Result<&str, Error> {
    let text = text.trim();
    let wrong = |told: String| Err(Error::Invalid(vec![invalid("text", told)]));
    if text.is_empty() || text.chars().count() > MOST_CHARACTERS {
        return wrong(format!("请填写留言，最多 {MOST_CHARACTERS} 个字"));
    }
    if let Some(found) = disclosure(text) {
        let found = found.label();
        return wrong(format!("留言不能含有{found}，请改写为编号、姓名或后四位"));
    }
    Ok(text)
}

/// Writes a message on a file, in the actor's own name or, with the identity of a delegation, in
/// that of somebody. The other side is told.
///
/// # Errors
/// [`Error::Invalid`] for `text`; [`Error::Refused`] for those whose turn it is not;
/// [`Error::NotFound`] outside the scope.
pub async fn write(
    app: &App,
    actor: &Actor,
    case_no: &str,
    (text, in_name_of): (&str, &str),
) -> Result<(), Error> {
    actor.must(Act::ReadCases)?;
    let text = check(text)?;
    let tx = app.db.begin().await?;
    let row = found(app, &tx, actor, case_no).await?;
    let row = cases::lock(&tx, row.id).await?;
    let steps = cases::steps(&tx, row.id).await?;
    let fields = BTreeMap::from([(IN_NAME_OF.to_owned(), in_name_of.to_owned())]);
    let sent = Submitted { fields, ..Submitted::default() };
    let (acting, mandate) = mandate::acting(app, &tx, actor, &sent).await?;
    if mandate.is_some_and(|mandate| !mandate.covers(row.id)) {
        return Err(Error::NotFound("这个办件"));
    }
    if let Some(why) = fault(app, &tx, &acting, (&row, &steps)).await? {
        return Err(Error::Refused(why));
    }
    let now = app.clock.now();
    let lately = now - TimeDelta::hours(1);
    if store::count_since(&tx, (row.id, actor.account_id), lately).await? >= MOST_AN_HOUR {
        return Err(Error::Refused("一小时内留言过多，请稍后合并为一条再写".to_owned()));
    }
    let by_enterprise = acting.role.is_of_enterprise();
    let behalf = acting.behalf.as_ref();
    let new = store::NewMessage {
        case_id: row.id,
        side: if by_enterprise { ENTERPRISE } else { OFFICE },
        organisation_id: acting.organisation_id,
        by: (actor.account_id, actor.holder_id),
        behalf: behalf.map(|behalf| (behalf.account_id, behalf.holder_id)),
        text,
        at: now,
    };
    let id = store::write(&tx, &new).await?;
    let readers = other_side(&tx, &row, &steps, by_enterprise).await?;
    let told = (id, state_label(&row.kind, &row.state));
    notification::message(app, &tx, actor, &row, (readers, told)).await?;
    let detail = match behalf {
        Some(behalf) => json!({ "in_name_of": behalf.login }),
        None => json!({}),
    };
    log(app, &tx, &acting, "case.message_written", ("case", case_no), &detail).await?;
    Ok(tx.commit().await?)
}

/// Accounts of the other side that may have to answer; whether each sees the file is looked at
/// when it is told.
async fn other_side(
    tx: &Tx,
    row: &CaseRow,
    steps: &[StepRow],
    by_enterprise: bool,
) -> Result<BTreeSet<i64>, Error> {
    if !by_enterprise {
        let enterprise = row.enterprise_id.unwrap_or_default();
        return Ok(account_list::ids_of_enterprise(tx, enterprise).await?.into_iter().collect());
    }
    let offices: Vec<&str> = waits_for(row)
        .into_iter()
        .filter(|role| !role.is_of_enterprise())
        .map(|role| role.code())
        .collect();
    let mut readers: BTreeSet<i64> = BTreeSet::new();
    for full in account_list::active_in_roles(tx, &offices).await? {
        readers.insert(full.account.id);
    }
    for id in hands(steps) {
        let full = account::by_id(tx, id).await?;
        let office = full.filter(|full| full.organisation.enterprise_id.is_none());
        readers.extend(office.map(|full| full.account.id));
    }
    Ok(readers)
}
