//! Why an amount is what it is: facts and dates, clauses, arithmetic, who certified it, the batch
//! and the bank's answer, on one page.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::deeds::{Deed, deeds};
use super::inputs::{Input, inputs};
use super::ledger::state_of;
use super::own_part::{Extent, narrow};
use super::payments::ExplainedPayment;
use super::policy::{CORE_ENGINEER, parse};
use super::replay::{before, dossier, reproduces};
use super::words::{self, Figures};
use crate::app::App;
use crate::domain::adjustment::LedgerState;
use crate::domain::authority::{Act, Scope};
use crate::domain::determine::{Determination, Step, Trace};
use crate::domain::dossier::EnterpriseRecord;
use crate::domain::edition::{Policy, Version};
use crate::domain::money::Fen;
use crate::domain::yearly::Money;
use crate::file::hash::sha256_hex;
use crate::service::catalogue::Group;
use crate::service::policy::{PolicyParameter, parameters};
use crate::service::seen::{self, SeenKind};
use crate::service::{Actor, Error, catalogue};
use crate::store::directory::own_enterprise;
use crate::store::stipend::explain as store;
use crate::store::stipend::ledger::money_of;
use crate::store::stipend::result::{Entitlement, Year};
use crate::store::stipend::{self as stipend_store, facts};
use crate::store::{merge, recovery};

/// One month of the year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainedMonth {
    /// 1 to 12.
    pub number: u8,
    /// Whether it counts.
    pub counted: bool,
    /// Eligible days.
    pub days: u8,
    /// Name of the enterprise that it belongs to; empty when it does not count.
    pub enterprise: String,
    /// Why days are missing; empty when none is.
    pub reason: String,
}

/// One step of the calculation, enough to redo it by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainedStep {
    /// Name of the rule.
    pub rule: String,
    /// The calculation in words and figures, a line each.
    pub lines: Vec<String>,
    /// What came out.
    pub result: String,
    /// Legal basis of the parameters that the rule reads.
    pub basis: String,
}

/// A part of the amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainedShare {
    /// Its identity; never shown.
    pub enterprise_id: i64,
    /// Name of the enterprise.
    pub enterprise: String,
    /// Who pays.
    pub source: String,
    /// Months that belong to the enterprise.
    pub months: i64,
    /// The part.
    pub amount: Fen,
}

/// A version of the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainedVersion {
    /// Its number, from 1.
    pub version_no: i64,
    /// When it was stored.
    pub computed_at: DateTime<Utc>,
    /// It rests on the facts as known then.
    pub known_at: DateTime<Utc>,
    /// Net amount.
    pub net: Fen,
    /// Difference to the version before; zero for the first.
    pub change: Fen,
    /// Why it differs.
    pub reason: String,
    /// Whether it stands now.
    pub is_standing: bool,
    /// Whether it is the one explained.
    pub is_shown: bool,
}

/// Everything about one version of a person's year.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// Name of the person.
    pub name: String,
    /// Number of the person.
    pub person_no: String,
    /// Award year.
    pub year: i32,
    /// Whether only the part of one of several employers is told.
    pub is_part: bool,
    /// The net amount, or the part of it.
    pub net: Fen,
    /// Where the money of the year stands.
    pub state: LedgerState,
    /// The answer in one sentence.
    pub sentence: String,
    /// Whether some parameter rests on a default assumption.
    pub uses_defaults: bool,
    /// The policy text and its dated version.
    pub edition: String,
    /// Parameters of the version that decided.
    pub parameters: Vec<PolicyParameter>,
    /// The facts that went in.
    pub inputs: Vec<Input>,
    /// Twelve months; none when no version was in force.
    pub months: Vec<ExplainedMonth>,
    /// The steps.
    pub steps: Vec<ExplainedStep>,
    /// What other awards take away, in one sentence.
    pub offset: Option<String>,
    /// The parts of the net amount.
    pub shares: Vec<ExplainedShare>,
    /// All versions, the last first.
    pub versions: Vec<ExplainedVersion>,
    /// What the difference to frozen money came to.
    pub adjustment: Option<String>,
    /// Payments and the bank's answers.
    pub payments: Vec<ExplainedPayment>,
    /// Who did what.
    pub deeds: Vec<Deed>,
    /// Hash of result and steps as stored.
    pub hash: String,
    /// Whether computing again from the facts known then gives the same to the last step.
    pub is_reproduced: bool,
}

/// Explains a version of a person's year, the standing one unless another is named.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`] for a person outside the actor's scope, a year that
/// was not computed or a version that does not exist.
pub async fn explanation(
    app: &App,
    actor: &Actor,
    person_no: &str,
    year: i32,
    version_no: Option<i64>,
) -> Result<Explanation, Error> {
    actor.must(Act::ReadEntitlements)?;
    let told = explain(app, &actor.scope, person_no, year, version_no).await?;
    seen::note_one(app, actor, SeenKind::Year, person_no).await?;
    Ok(told)
}

/// The same for whoever sees `scope`, a person's own record included.
///
/// # Errors
/// As [`explanation`].
pub(in crate::service) async fn explain(
    app: &App,
    scope: &Scope,
    person_no: &str,
    year: i32,
    version_no: Option<i64>,
) -> Result<Explanation, Error> {
    let read = app.db.read();
    let person = store::person(read, scope, person_no).await?;
    let person = person.ok_or(Error::NotFound("这位工程师"))?;
    let programme = Year { programme: CORE_ENGINEER, award_year: year };
    let versions = store::versions(read, programme, person).await?;
    let shown = versions.iter().find(|version| match version_no {
        Some(number) => version.version_no == number,
        None => version.superseded_at.is_none(),
    });
    let shown = shown.ok_or(Error::NotFound("该年度的核定结果"))?;
    let stored = |_| Error::Internal(format!("entitlement {} does not read back", shown.id));
    let determination: Determination =
        serde_json::from_str(&shown.determination).map_err(stored)?;
    let trace: Trace = serde_json::from_str(&shown.trace).map_err(stored)?;
    let document = stipend_store::policy(read, shown.policy_document_id).await?;
    let document = document.ok_or(Error::NotFound("政策文件"))?;
    let relations = catalogue::relations(read, year, shown.facts_known_at).await?;
    let policy = parse(&catalogue::over(&document.content, &relations)?)?;
    let (number, version) = deciding(&policy, &trace);
    let dossier = dossier(app, shown).await?;
    let extent = Extent::of(scope, &dossier, year)?;
    let named: Vec<i64> = dossier.enterprises().into_iter().collect();
    let names = Names::load(app, &named, own_enterprise(scope)).await?;
    let money = money_of(read, &[person]).await?;
    let money = money.get(&(person, i64::from(year))).copied().unwrap_or_default();
    let merges = merge::merges_about(read, &[person], None).await?;
    let group = merges.group(person);
    let payments = store::payments(read, programme, &group).await?;
    let entries = recovery::of_year(read, (CORE_ENGINEER, year.into()), &group).await?;
    let parameters = version.map(|version| parameters(version.into())).unwrap_or_default();
    let person_name = store::person_names(read, &[person]).await?.remove(&person);
    let whole = Explanation {
        is_part: false,
        net: determination.net,
        name: person_name.unwrap_or_default(),
        person_no: person_no.to_owned(),
        year,
        state: state_of(&shown.status, shown.net_fen, money),
        sentence: sentence(&determination, &trace),
        uses_defaults: parameters.iter().any(|parameter| parameter.is_default),
        edition: format!("{}，第 {number} 版参数", document.title),
        parameters,
        inputs: inputs(app, scope, person_no, &names.by_id, shown).await?,
        months: months(&trace, &names),
        steps: trace.steps.iter().map(|step| explained(step, &names)).collect(),
        offset: offset(&determination),
        shares: shares(app, shown, &determination, &names).await?,
        versions: listed(&versions, shown.version_no),
        adjustment: adjustment(money),
        deeds: deeds(app, scope, shown, &payments).await?,
        payments: super::payments::payments(payments, entries),
        hash: sha256_hex(format!("{}\n{}", shown.determination, shown.trace).as_bytes()),
        is_reproduced: reproduces(app, person_no, shown, before(&versions, shown), &dossier)
            .await?,
    };
    let Extent::Part(own) = extent else { return Ok(whole) };
    let own = (own, names.by_id.get(&own).map_or("", String::as_str));
    narrow(app, whole, own, (&dossier, &trace, &versions)).await
}

/// The dated version that decided, with its number; without an eligible day the last one of the
/// year, and failing that the last of all.
fn deciding<'p>(policy: &'p Policy, trace: &Trace) -> (usize, Option<&'p Version>) {
    let number = trace.steps.iter().find_map(|step| match step {
        Step::InForce { inputs, result, .. } => {
            result.last_version.or(inputs.versions.last().map(|version| version.version))
        }
        _ => None,
    });
    let number = number.map_or(policy.versions().len(), usize::from);
    (number, number.checked_sub(1).and_then(|at| policy.versions().get(at)))
}

/// Enterprises by name, for people.
struct Names {
    by_id: HashMap<i64, String>,
    by_uscc: Vec<(String, String)>,
    /// Codes of employers of other years, of which an enterprise is not told.
    hidden: Vec<String>,
    /// Codes and names of the groups of awards; `None` for an enterprise, which is told no award.
    groups: Option<Vec<Group>>,
}

impl Names {
    async fn load(app: &App, ids: &[i64], own: Option<i64>) -> Result<Self, Error> {
        let read = app.db.read();
        let by_id = store::enterprise_names(read, ids).await?;
        let records = facts::enterprises(read, app.clock.now(), Some(ids)).await?;
        let is_hidden = |record: &&EnterpriseRecord| own.is_some_and(|own| record.id != own);
        let hidden = records.iter().filter(is_hidden).map(|record| record.uscc.clone()).collect();
        let named = records.into_iter().filter_map(|record| {
            let name = by_id.get(&record.id)?;
            Some((record.uscc, name.clone()))
        });
        let by_uscc = named.collect();
        let groups = match own {
            None => Some(catalogue::groups(read).await?),
            Some(_) => None,
        };
        Ok(Self { by_id, by_uscc, hidden, groups })
    }

    fn of(&self, uscc: &str) -> String {
        let known = self.by_uscc.iter().find(|(known, _)| known == uscc);
        known.map_or_else(|| uscc.to_owned(), |(_, name)| name.clone())
    }

    /// The lines of a text with names in the place of codes, without those about hidden ones.
    fn in_lines(&self, text: &str) -> Vec<String> {
        let shown = |line: &&str| !self.hidden.iter().any(|uscc| line.contains(uscc.as_str()));
        let named = |line: &str| {
            self.by_uscc.iter().fold(line.to_owned(), |text, (uscc, name)| text.replace(uscc, name))
        };
        text.lines().filter(shown).map(named).collect()
    }

    /// The step about other awards: each by the name of its group, or what they come to alone.
    fn of_awards(&self, text: &str) -> Vec<String> {
        let Some(groups) = &self.groups else {
            // Of a single award the sum would tell the amount.
            let rest = text.split_once("，扣减").map_or(text, |(_, rest)| rest);
            return vec![format!("同类奖补扣减{rest}")];
        };
        let named = groups.iter().fold(text.to_owned(), |text, group| {
            text.replace(&format!("；{} ", group.code), &format!("；{} ", group.name))
        });
        vec![named]
    }
}

fn sentence(determination: &Determination, trace: &Trace) -> String {
    let year = determination.year;
    if !determination.reasons.is_empty() {
        let reasons: Vec<&str> = determination.reasons.iter().map(|r| r.label()).collect();
        let minimum = trace.steps.iter().find_map(|step| match step {
            Step::Gross { inputs, .. } if inputs.reached < inputs.minimum => {
                Some(format!("（计入 {}，最低 {}）", inputs.reached, inputs.minimum))
            }
            _ => None,
        });
        return format!(
            "{year} 年度不予发放：{}{}。",
            reasons.join("、"),
            minimum.unwrap_or_default()
        );
    }
    let gross = determination.gross.grouped();
    let mut text = format!(
        "{year} 年度合格 {} 天，计入 {} 个月，应计 {gross} 元",
        determination.eligible_days, determination.counted_months
    );
    if determination.offset > Fen::ZERO {
        let (offset, net) = (determination.offset.grouped(), determination.net.grouped());
        text.push_str(&format!("，抵扣同类奖补 {offset} 元后为 {net} 元"));
    }
    text.push('。');
    text
}

fn months(trace: &Trace, names: &Names) -> Vec<ExplainedMonth> {
    let month = |line: &crate::domain::determine::MonthLine| {
        let missing = line.missing.iter().map(|(reason, days)| {
            if line.eligible_days == 0 {
                reason.label().to_owned()
            } else {
                format!("{} {days} 天", reason.label())
            }
        });
        ExplainedMonth {
            number: line.month,
            counted: line.counted,
            days: line.eligible_days,
            enterprise: line.enterprise.as_ref().map_or_else(String::new, |uscc| names.of(uscc)),
            reason: missing.collect::<Vec<_>>().join("、"),
        }
    };
    trace.months().iter().map(month).collect()
}

fn explained(step: &Step, names: &Names) -> ExplainedStep {
    let yuan = |amount: Fen| format!("{} 元", amount.grouped());
    let result = match step {
        Step::InForce { result, .. } => format!("{} 天", result.days),
        Step::EligibleDays { result, .. } => format!("{} 天", result.own),
        Step::CountedMonths { result, .. } => format!("{} 个月", result.counted_months),
        Step::Gross { result, .. } => yuan(result.gross),
        Step::Offset { result, .. } => yuan(result.net),
        Step::Portions { inputs, .. } => yuan(inputs.net),
        Step::Funding { inputs, .. } => yuan(inputs.amount),
        Step::Adjustment { result, .. } => yuan(result.adjustment),
        Step::Reasons { .. } => yuan(Fen::ZERO),
    };
    ExplainedStep {
        rule: step.rule().label().to_owned(),
        lines: match step {
            Step::Offset { .. } => names.of_awards(&step.describe()),
            _ => names.in_lines(&step.describe()),
        },
        result,
        basis: step.describe_basis(),
    }
}

fn offset(determination: &Determination) -> Option<String> {
    let offset = determination.offset;
    (offset > Fen::ZERO).then(|| {
        format!("同一年度已有同类省级以上奖补，按就高不重复抵扣 {} 元。", offset.grouped())
    })
}

async fn shares(
    app: &App,
    shown: &Entitlement,
    determination: &Determination,
    names: &Names,
) -> Result<Vec<ExplainedShare>, Error> {
    let stored = store::shares(app.db.read(), shown.id).await?;
    // The stored shares stand in the order of the portions and of their sources.
    let months = determination
        .portions
        .iter()
        .flat_map(|portion| portion.funding.iter().map(|_| i64::from(portion.months)));
    let share = |(share, months): (stipend_store::result::Share, i64)| ExplainedShare {
        enterprise_id: share.enterprise_id,
        enterprise: names.by_id.get(&share.enterprise_id).cloned().unwrap_or_default(),
        source: words::payer_label(&share.source, &share.payer_division),
        months,
        amount: Fen::new(share.amount_fen),
    };
    Ok(stored.into_iter().zip(months).map(share).collect())
}

fn listed(versions: &[Entitlement], shown: i64) -> Vec<ExplainedVersion> {
    let figures = |version: &Entitlement| Figures {
        months: version.counted_months,
        offset: version.offset_fen,
        net: version.net_fen,
    };
    let one = |version: &Entitlement| {
        let old = before(versions, version);
        let change = old.map_or(0, |old| version.net_fen.saturating_sub(old.net_fen));
        let reason = old.map_or_else(
            || "首次核定".to_owned(),
            |old| words::difference(figures(old), figures(version), &version.reasons),
        );
        ExplainedVersion {
            version_no: version.version_no,
            computed_at: version.recorded_at,
            known_at: version.facts_known_at,
            net: Fen::new(version.net_fen),
            change: Fen::new(change),
            reason,
            is_standing: version.superseded_at.is_none(),
            is_shown: version.version_no == shown,
        }
    };
    versions.iter().map(one).collect()
}

fn adjustment(money: Money) -> Option<String> {
    let frozen = money.in_batch.checked_add(money.paid)?;
    let rest = money.pending.checked_add(money.payable)?;
    if money.recovery > Fen::ZERO {
        return Some(format!(
            "已进入批次或已发放 {} 元，超出现行核定，待追回 {} 元。",
            frozen.grouped(),
            money.recovery.grouped()
        ));
    }
    (frozen > Fen::ZERO && rest > Fen::ZERO).then(|| {
        let waits = if money.pending > Fen::ZERO { "待批准" } else { "待付" };
        let (frozen, rest) = (frozen.grouped(), rest.grouped());
        format!("已进入批次或已发放 {frozen} 元，其余 {rest} 元列为补发，{waits}。")
    })
}
