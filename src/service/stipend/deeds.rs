//! Who computed, checked, approved and sent on the way to the money.

use chrono::{DateTime, Utc};

use crate::app::App;
use crate::domain::authority::{Role, Scope};
use crate::domain::registry::Code;
use crate::service::Error;
use crate::store::account;
use crate::store::stipend::result::Entitlement;
use crate::store::stipend::{self as stipend_store, explain as store};

/// Who did what on the way to the money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// When.
    pub at: DateTime<Utc>,
    /// Name and role; to the person paid the role only.
    pub who: String,
    /// What.
    pub what: String,
}

/// What was done, oldest first. The person paid is told the posts, not the names of officers.
pub(super) async fn deeds(
    app: &App,
    scope: &Scope,
    shown: &Entitlement,
    payments: &[store::Payment],
) -> Result<Vec<Deed>, Error> {
    let read = app.db.read();
    let mut deeds = Vec::new();
    let who = |name: &str, role: &str| {
        let role = Role::from_code(role).map_or("", Code::label);
        if matches!(scope, Scope::Person(_)) {
            role.to_owned()
        } else {
            format!("{name} · {role}")
        }
    };
    let run = match shown.run_id {
        Some(id) => stipend_store::run::by_id(read, id).await?,
        None => None,
    };
    if let Some(run) = run {
        let starter = account::by_id(read, run.started_by).await?;
        deeds.extend(starter.map(|full| Deed {
            at: shown.recorded_at,
            who: who(&full.holder.name, &full.account.role),
            what: format!("{} 年度核定（{}）", run.award_year, run.run_no),
        }));
    }
    let mut batches: Vec<i64> = payments.iter().map(|payment| payment.batch_id).collect();
    batches.dedup();
    for step in store::batch_steps(read, &batches).await? {
        let batch = payments.iter().find(|payment| payment.batch_id == step.batch_id);
        let batch_no = batch.map_or("", |batch| batch.batch_no.as_str());
        deeds.extend(batch_deed(&step.to_state).map(|what| Deed {
            at: step.at,
            who: who(&step.name, &step.role),
            what: format!("批次 {batch_no} {what}"),
        }));
    }
    deeds.sort_by_key(|deed| deed.at);
    Ok(deeds)
}

/// What leading a batch to a state is called.
fn batch_deed(to_state: &str) -> Option<&'static str> {
    match to_state {
        "frozen" => Some("编制并冻结"),
        "checked" => Some("复核通过"),
        "approved" => Some("审批通过"),
        "file_issued" => Some("生成代发文件"),
        "sent" => Some("送交银行"),
        "part_returned" | "settled" => Some("确认银行回单"),
        "closed" => Some("办结"),
        "cancelled" => Some("取消"),
        _ => None,
    }
}
