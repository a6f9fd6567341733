//! Asking what a text would change.

use chrono::Datelike;
use serde_json::json;

use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::edition::{Overlay, Proration, Stacking};
use crate::domain::money::Fen;
use crate::service::payment::text_or_fault;
use crate::service::stipend::{current_policy, ensure_policy, parse_policy, within_policy};
use crate::service::{Actor, Error, invalid, log};
use crate::store::policy as drafts;
use crate::store::scenario as store;
use crate::store::stipend::facts;

/// Longest name, in characters.
const NAME_MAX: usize = 60;
/// Scenarios of one account that are under way at a time.
const MOST_OPEN: u64 = 3;

/// What is typed. Empty parameters stay as they are in the text that is tried.
#[derive(Debug, Clone, Default)]
pub struct NewScenario<'a> {
    /// What it is called.
    pub name: &'a str,
    /// Award year.
    pub year: &'a str,
    /// Number of the proposed text to be tried; empty for the one in force.
    pub draft: &'a str,
    /// Amount per person and year, yuan.
    pub amount: &'a str,
    /// Least counted months.
    pub min_months: &'a str,
    /// Word of the pricing.
    pub proration: &'a str,
    /// Word of what other awards do.
    pub stacking: &'a str,
    /// Percents of province, city and county outside Xiamen.
    pub shares: [&'a str; 3],
}

/// The sources whose shares can be typed, in the order of the fields.
const SOURCES: [&str; 3] = ["province", "city", "county"];
const SHARE_FIELDS: [&str; 3] = ["share_province", "share_city", "share_county"];

fn overlay(new: &NewScenario<'_>, faults: &mut Vec<(String, String)>) -> Overlay {
    let mut wrong = |field: &str, text: &str| faults.push(invalid(field, text));
    let mut overlay = Overlay::default();
    match (new.amount.trim(), Fen::typed(new.amount)) {
        ("", _) => {}
        (_, Ok(amount)) if amount > Fen::ZERO => overlay.amount = Some(amount),
        _ => wrong("amount", "请填写大于零的金额（元），最多两位小数"),
    }
    match (new.min_months.trim(), new.min_months.trim().parse::<u8>()) {
        ("", _) => {}
        (_, Ok(months)) if months <= 12 => overlay.min_months = Some(months),
        _ => wrong("min_months", "应为 0 至 12"),
    }
    if !new.proration.is_empty() {
        overlay.proration = Proration::from_word(new.proration);
        if overlay.proration.is_none() {
            wrong("proration", "请选择折算方式");
        }
    }
    if !new.stacking.is_empty() {
        overlay.stacking = Stacking::from_word(new.stacking);
        if overlay.stacking.is_none() {
            wrong("stacking", "请选择与其他奖补的关系");
        }
    }
    let typed = SOURCES.into_iter().zip(new.shares).filter(|(_, text)| !text.trim().is_empty());
    let shares: Vec<_> = typed.map(|(source, text)| (source, text.trim().to_owned())).collect();
    overlay.shares = (!shares.is_empty()).then_some(shares);
    overlay
}

/// What differs, in words.
fn words(draft: &str, overlay: &Overlay) -> String {
    let mut parts = Vec::new();
    if !draft.is_empty() {
        parts.push(format!("草稿 {draft}"));
    }
    if let Some(amount) = overlay.amount {
        parts.push(format!("每人每年 {} 元", amount.grouped()));
    }
    if let Some(months) = overlay.min_months {
        parts.push(format!("最低 {months} 个月"));
    }
    parts.extend(overlay.proration.map(|found| found.label().to_owned()));
    parts.extend(overlay.stacking.map(|found| format!("其他奖补{}", found.label())));
    if let Some(shares) = &overlay.shares {
        let share = |(source, percent): &(&str, String)| {
            format!("{} {percent}%", crate::domain::edition::source_label(source))
        };
        parts.push(shares.iter().map(share).collect::<Vec<_>>().join("＋"));
    }
    if parts.is_empty() { "与现行正文相同".to_owned() } else { parts.join("；") }
}

/// The field beside which a text that is no policy is told of: only shares can make one.
fn blamed(new: &NewScenario<'_>) -> &'static str {
    let typed = SHARE_FIELDS.iter().zip(new.shares).find(|(_, typed)| !typed.is_empty());
    typed.map_or("amount", |(field, _)| field)
}

/// Asks for a scenario with the facts as known now; returns its number. It is worked out beside the
/// requests.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Invalid`] with the fields;
/// [`Error::Refused`] with too many others under way.
pub async fn ask(
    app: &App,
    actor: &Actor,
    id: &str,
    new: &NewScenario<'_>,
) -> Result<String, Error> {
    actor.must(Act::DraftPolicies)?;
    super::must_be_stipend(id)?;
    let mut faults = Vec::new();
    let name = text_or_fault(&mut faults, ("name", "情景名称"), new.name, NAME_MAX);
    let overlay = overlay(new, &mut faults);
    let year: i32 = new.year.trim().parse().unwrap_or(0);
    let tx = app.db.begin().await?;
    ensure_policy(app, &tx, actor).await?;
    let (base, policy) = current_policy(&tx).await?;
    if let Err(Error::Invalid(more)) = within_policy(&policy, year, app.clock.today().year()) {
        faults.extend(more);
    }
    let draft = match new.draft {
        "" => None,
        no => {
            let found = drafts::draft(&tx, id, no).await?;
            if found.is_none() {
                faults.push(invalid("draft", "请选择一份草稿，或留空按现行正文"));
            }
            found
        }
    };
    let text = draft.as_ref().map_or(&base.content, |draft| &draft.content);
    let content = overlay.over(text).unwrap_or_else(|error| {
        faults.push(invalid(blamed(new), error.message));
        String::new()
    });
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    parse_policy(&content)?;
    if store::count_open(&tx, actor.account_id).await? >= MOST_OPEN {
        let text = format!("已有 {MOST_OPEN} 个情景在排队或计算，请等其中一个完成");
        return Err(Error::Refused(text));
    }
    let now = app.clock.now();
    let total = facts::count_persons(&tx, now).await?;
    let conditions = words(new.draft, &overlay);
    let scenario = store::NewScenario {
        programme: id,
        award_year: year,
        name: &name,
        conditions: &conditions,
        draft_id: draft.as_ref().map(|draft| draft.id),
        base_document_id: base.id,
        content: &content,
        facts_known_at: now,
        asked_by: actor.account_id,
        asked_at: now,
        lease_until: app.clock.machine_now(),
        total: i64::try_from(total).unwrap_or(i64::MAX),
    };
    let no = store::ask(&tx, &scenario).await?;
    let detail = json!({ "year": year, "name": name, "conditions": conditions, "persons": total });
    log(app, &tx, actor, "policy.scenario_asked", ("scenario", &no), &detail).await?;
    tx.commit().await?;
    Ok(no)
}
