//! Reads the policy of an annual stipend.

use super::basis::BasisTable;
use super::reader::{Entry, InForce, Parsed, Table, basis, document, versions};
use super::value::{
    Condition, Conditions, FundingRule, GroupRelation, Kind, Percent, Proration, Rounding, Share,
    Stacking,
};
use super::{Policy, Rule, Version};
use crate::domain::determine::Text;

pub(super) fn policy(text: &str, file: &str) -> Parsed<Policy> {
    let kind = Kind::AnnualStipend;
    document((text, file), kind, &["first_award_year"], |head, root| {
        let first_award_year =
            root.or("first_award_year", None, |entry| entry.integer(1..=9999).map(Some))?;
        let versions =
            versions(root, KEYS, |table, in_force| version(table, in_force, first_award_year))?;
        Ok(Policy { id: head.id, title: head.title, kind, first_award_year, versions })
    })
}

const KEYS: &[&str] = &[
    "from",
    "through",
    "amount",
    "conditions",
    "excluded_divisions",
    "recognition_classes",
    "proration",
    "month_min_days",
    "min_months",
    "min_days",
    "rounding",
    "stacking",
    "exclusive_groups",
    "relation",
    "funding",
    "basis",
];

fn version(
    table: &Table<'_, '_>,
    in_force: InForce,
    first_award_year: Option<i32>,
) -> Parsed<Version> {
    let classes = || ["A", "B", "C"].map(Text::from).to_vec();
    Ok(Version {
        in_force,
        amount: table.need("amount")?.amount()?,
        conditions: conditions(&table.need("conditions")?)?,
        excluded_divisions: table.or("excluded_divisions", Vec::new(), |e| e.divisions())?,
        recognition_classes: table.or("recognition_classes", classes(), |e| e.texts())?,
        proration: table.need("proration")?.word(Proration::from_word, &Proration::words())?,
        month_min_days: table.or("month_min_days", 15, |e| e.integer(0..=31))?,
        min_months: table.or("min_months", 0, |e| e.integer(0..=12))?,
        min_days: table.or("min_days", 0, |e| e.integer(0..=366))?,
        rounding: table
            .or("rounding", Rounding::Fen, |e| e.word(Rounding::from_word, &Rounding::words()))?,
        stacking: table
            .or("stacking", Stacking::Stack, |e| e.word(Stacking::from_word, &Stacking::words()))?,
        exclusive_groups: table.or("exclusive_groups", Vec::new(), |e| e.texts())?,
        relations: table.or("relation", Vec::new(), |e| relations(&e))?,
        funding: funding(&table.need("funding")?)?,
        first_award_year,
        basis: BasisTable::new(basis(table)?, Rule::ALL.iter().map(|rule| rule.parameters())),
    })
}

fn conditions(entry: &Entry<'_, '_>) -> Parsed<Conditions> {
    let mut conditions = Conditions::default();
    for item in entry.list()? {
        conditions = conditions.with(item.word(Condition::from_word, &Condition::words())?);
    }
    if !conditions.has(Condition::Employed) && !conditions.has(Condition::Rostered) {
        return Err(entry.error("至少应包含 employed 或 rostered"));
    }
    Ok(conditions)
}

/// Who pays, by division: each once, shares that sum to 100.
pub(crate) fn funding(entry: &Entry<'_, '_>) -> Parsed<Vec<FundingRule>> {
    let mut rules: Vec<FundingRule> = Vec::new();
    for item in entry.list()? {
        let table = item.table("version.funding", &["division", "shares"])?;
        let name = table.need("division")?;
        let division = name.division()?;
        if rules.iter().any(|rule| rule.division == division) {
            return Err(name.error(format!("行政区划 {division} 重复")));
        }
        rules.push(FundingRule { division, shares: shares(&table.need("shares")?)? });
    }
    if rules.is_empty() {
        return Err(entry.error("至少需要一条资金分担规则"));
    }
    Ok(rules)
}

fn relations(entry: &Entry<'_, '_>) -> Parsed<Vec<GroupRelation>> {
    let mut relations: Vec<GroupRelation> = Vec::new();
    for item in entry.list()? {
        let table = item.table("version.relation", &["group", "stacking", "basis"])?;
        let name = table.need("group")?;
        let group = name.text()?;
        if relations.iter().any(|relation| relation.group == group) {
            return Err(name.error(format!("类别 {group} 重复")));
        }
        let stacking = table.need("stacking")?.word(Stacking::from_word, &Stacking::words())?;
        relations.push(GroupRelation { group, stacking, basis: table.need("basis")?.text()? });
    }
    Ok(relations)
}

fn shares(entry: &Entry<'_, '_>) -> Parsed<Vec<Share>> {
    let mut shares = Vec::new();
    for item in entry.list()? {
        let table = item.table("version.funding.shares", &["source", "percent"])?;
        let source = table.need("source")?.text()?;
        let percent =
            table.need("percent")?.word(Percent::parse, "0 至 100 的数字，最多十二位小数")?;
        shares.push(Share::new(source, percent));
    }
    let sum: u128 = shares.iter().map(|share| u128::from(share.percent.units())).sum();
    if sum != u128::from(Percent::HUNDRED.units()) {
        return Err(entry.error("各来源比例之和应正好为 100"));
    }
    Ok(shares)
}
