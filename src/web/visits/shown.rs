//! Visits in the words of their pages.

use chrono::NaiveDate;

use super::pages::{CostFields, CostRow, DueRow, GrantRow, PlanRow, StepRow, VisitPage, VisitRow};
use crate::domain::money::Fen;
use crate::domain::registry::Code;
use crate::domain::travel::FARE_CLASSES;
use crate::domain::travel::{Determination, Fault, Trace};
use crate::domain::visit::{VisitClaim, read_days};
use crate::service::visit::{ALLOWANCE, CostLine, GrantLine, PlanLine, VisitLine, VisitView};
use crate::web::form::FormState;
use crate::web::frame::Frame;
use crate::web::listing::minute;
use crate::web::words::Yuan;

pub(super) fn row(line: VisitLine) -> VisitRow {
    VisitRow {
        no: line.no,
        visitor_no: line.visitor.0,
        visitor: line.visitor.1,
        enterprise: line.enterprise,
        about: line.about,
        state: line.state.label(),
        due_on: line.due_on.map(|day| day.to_string()).unwrap_or_default(),
        overdue: line.overdue,
    }
}

fn plan_row(line: &PlanLine) -> PlanRow {
    let (plan, fact) = (&line.plan, &line.plan.fact);
    PlanRow {
        days: plan.period.words(),
        origin: fact.origin.clone(),
        purpose: fact.purpose.clone(),
        overseas: format!("{}：{}", fact.overseas_basis.label(), fact.overseas_detail),
        budget: Yuan(fact.budget_fen),
        at: minute(plan.recorded_at),
        state: if plan.is_live() { "现行" } else { "已被替代" },
    }
}

fn cost_row(line: CostLine) -> CostRow {
    let cost = line.cost;
    let class = FARE_CLASSES.iter().find(|(code, _)| *code == cost.class);
    let rate = cost.rate.map(|rate| match line.is_bank_rate {
        true => format!("{rate}（银行对账单）"),
        false => rate.to_string(),
    });
    let missing = if cost.currency == "CNY" { "—" } else { "没有牌价" };
    CostRow {
        seq: line.seq,
        what: match class {
            Some((_, label)) => format!("{}（{label}）", cost.expense.label()),
            None => cost.expense.label().to_owned(),
        },
        route: line.route.lines().map(str::to_owned).collect(),
        passenger: line.passenger,
        amount: format!("{} {}", cost.currency, cost.amount),
        refund: match cost.refunded {
            Fen::ZERO => String::new(),
            back => format!("{back}（{}）", line.refund_no),
        },
        economy: cost.documented_economy.map(|fare| fare.to_string()).unwrap_or_default(),
        paid_on: line.paid_on.to_string(),
        rate: rate.unwrap_or_else(|| missing.to_owned()),
        document_no: line.document_no,
        original_no: line.original_no,
        accepted: if cost.is_cut() { cost.accepted.to_string() } else { String::new() },
        reason: line.reason,
    }
}

fn grant_row(line: GrantLine) -> GrantRow {
    GrantRow {
        what: if line.programme == ALLOWANCE { "工作津贴" } else { "差旅补贴" },
        to: if line.to_employer { "用人单位" } else { "来访人" },
        amount: Yuan(line.amount),
        state: match line.state.as_str() {
            "payable" => "待付",
            "paid" => "已付",
            _ => "在途",
        },
    }
}

fn due_row(due: Result<(Determination, Trace), Vec<Fault>>) -> DueRow {
    match due {
        Err(faults) => DueRow {
            wrong: faults.into_iter().map(|fault| fault.message).collect(),
            ..DueRow::default()
        },
        Ok((due, trace)) => DueRow {
            wrong: Vec::new(),
            reasons: due.reasons.iter().map(|one| one.label()).collect::<Vec<_>>().join("、"),
            subsidy: Yuan(due.subsidy),
            allowance: Yuan(due.allowance),
            allowance_days: due.allowance_days,
            total: Yuan(due.total),
            steps: trace
                .steps
                .iter()
                .map(|step| StepRow {
                    rule: step.rule().label().to_owned(),
                    lines: step.describe().lines().map(str::to_owned).collect(),
                    basis: step.describe_basis(),
                })
                .collect(),
        },
    }
}

/// The page of a visit; `wrong` is the form that has to be corrected.
pub(super) fn filled(
    frame: Frame,
    view: VisitView,
    wrong: Option<FormState>,
    today: NaiveDate,
) -> VisitPage {
    let form =
        |name: &str, allowed: bool| allowed.then(|| FormState::new(name).or_typed(wrong.as_ref()));
    let claim = view.claim.as_ref();
    VisitPage {
        frame,
        passport: view.passport,
        birth: view.birth.to_string(),
        age: age_on(view.birth, today),
        plans: view.plans.iter().map(plan_row).collect(),
        arrived_on: view.arrived_on.map(|day| day.to_string()).unwrap_or_default(),
        trip: claim.map(|(period, _)| period.words()).unwrap_or_default(),
        work_days: claim.map(|(_, claim)| work_days(claim)).unwrap_or_default(),
        costs_by: claim.map(|(_, claim)| claim.costs_by.label()).unwrap_or_default(),
        other_payer: claim.map(|(_, claim)| Yuan(claim.other_payer_fen)).unwrap_or_default(),
        claimed_at: view.claimed_at.map(minute).unwrap_or_default(),
        costs: view.costs.into_iter().map(cost_row).collect(),
        due: view.due.map(due_row),
        differences: view.differences,
        late: view.late.unwrap_or_default(),
        grants: view.grants.into_iter().map(grant_row).collect(),
        account: view
            .account
            .map(|(bank, last)| format!("{bank}，尾号 {last}"))
            .unwrap_or_default(),
        may_plan: view.may_plan,
        may_claim: view.may_claim,
        cut: form("cut", view.may_cut),
        pay: form("account", view.may_pay),
        facts: row(view.line),
    }
}

fn age_on(birth: NaiveDate, day: NaiveDate) -> u32 {
    day.years_since(birth).unwrap_or(0)
}

/// Days in a row as one.
fn work_days(claim: &VisitClaim) -> String {
    let days: Vec<NaiveDate> = read_days(&claim.work_days).into_iter().collect();
    let runs = days.chunk_by(|a, b| a.succ_opt() == Some(*b)).map(|run| match run {
        [first, .., last] => format!("{first} 至 {last}"),
        _ => run.first().map(NaiveDate::to_string).unwrap_or_default(),
    });
    let runs: Vec<String> = runs.collect();
    format!("{}（{} 天）", runs.join("、"), days.len())
}

/// The form of the plan with what is planned.
pub(super) fn plan_form(view: &VisitView) -> FormState {
    let form = FormState::new("visit");
    let Some(PlanLine { plan }) = view.plans.first() else { return form };
    let fact = &plan.fact;
    form.with("origin", &fact.origin)
        .with("arrival", plan.period.from.to_string())
        .with("exit", plan.period.through.map(|day| day.to_string()).unwrap_or_default())
        .with("purpose", &fact.purpose)
        .with("basis", fact.overseas_basis.code())
        .with("detail", &fact.overseas_detail)
        .with("budget", fact.budget_fen.to_string())
}

/// Empty when nothing came back.
fn refund(back: Fen) -> String {
    if back == Fen::ZERO { String::new() } else { back.to_string() }
}

/// The form of the claim with what is claimed, or what the plan suggests.
pub(super) fn claim_form(view: &VisitView) -> FormState {
    let form = FormState::new("claim");
    let Some((period, claim)) = &view.claim else {
        let Some(PlanLine { plan }) = view.plans.first() else { return form };
        let exit = plan.period.through.map(|day| day.to_string()).unwrap_or_default();
        return form.with("origin", &plan.fact.origin).with("exit", exit);
    };
    let days = read_days(&claim.work_days);
    let days: Vec<String> = days.iter().map(NaiveDate::to_string).collect();
    let mut form = form
        .with("origin", &claim.origin)
        .with("exit", period.through.map(|day| day.to_string()).unwrap_or_default())
        .with("work_days", days.join(" "))
        .with("other_payer", claim.other_payer_fen.to_string())
        .with("costs_by", claim.costs_by.code());
    for (number, line) in (1..).zip(&view.costs) {
        let (names, cost) = (CostFields::of(number), &line.cost);
        let rate = cost.rate.filter(|_| line.is_bank_rate).map(|rate| rate.to_string());
        let economy = cost.documented_economy.map(|fare| fare.to_string());
        form = form
            .with(&names.expense, cost.expense.word())
            .with(&names.class, &cost.class)
            .with(&names.route, &line.route)
            .with(&names.amount, cost.amount.to_string())
            .with(&names.currency, &cost.currency)
            .with(&names.paid, line.paid_on.to_string())
            .with(&names.rate, rate.unwrap_or_default())
            .with(&names.economy, economy.unwrap_or_default())
            .with(&names.document, &line.document_no)
            .with(&names.passenger, &line.passenger)
            .with(&names.original, &line.original_no)
            .with(&names.refund, refund(cost.refunded))
            .with(&names.refund_no, &line.refund_no);
    }
    form
}
