//! Reads a policy file by hand over the spanned tree, so that every error names line and key.

use std::ops::Range;

use chrono::NaiveDate;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::parameter::{BasisTable, Parameter};
use super::value::{
    Condition, Conditions, FundingRule, GroupRelation, Kind, Percent, Proration, Rounding, Share,
    Stacking,
};
use super::{Policy, PolicyError, Version};
use crate::domain::determine::{Text, is_division};
use crate::domain::money::Fen;
use crate::domain::period::Period;

type Value<'a> = Spanned<DeValue<'a>>;
type Parsed<T> = Result<T, PolicyError>;

/// The file, for error messages.
#[derive(Clone, Copy)]
struct Source<'a> {
    text: &'a str,
    file: &'a str,
}

impl Source<'_> {
    fn error(self, at: usize, key: &str, message: impl Into<String>) -> PolicyError {
        let before = self.text.as_bytes().get(..at).unwrap_or(self.text.as_bytes());
        PolicyError {
            file: self.file.to_owned(),
            line: before.iter().filter(|byte| **byte == b'\n').count() + 1,
            key: key.to_owned(),
            message: message.into(),
        }
    }
}

/// One table: its keys are known to be allowed ones.
struct Table<'a, 't> {
    source: Source<'a>,
    path: &'static str,
    span: Range<usize>,
    table: &'t DeTable<'a>,
}

/// A value with the name of its key.
struct Entry<'a, 't> {
    source: Source<'a>,
    key: String,
    value: &'t Value<'a>,
}

impl<'a, 't> Table<'a, 't> {
    fn new(
        source: Source<'a>,
        path: &'static str,
        span: Range<usize>,
        table: &'t DeTable<'a>,
        allowed: &[&str],
    ) -> Parsed<Self> {
        let this = Self { source, path, span, table };
        for key in table.keys() {
            if !allowed.contains(&key.get_ref().as_ref()) {
                let name = this.name(key.get_ref());
                let fix = format!("未知的键，请改为其中之一：{}", allowed.join("、"));
                return Err(source.error(key.span().start, &name, fix));
            }
        }
        Ok(this)
    }

    fn name(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn get(&self, key: &str) -> Option<Entry<'a, 't>> {
        let value = self.table.get(key)?;
        Some(Entry { source: self.source, key: self.name(key), value })
    }

    fn need(&self, key: &str) -> Parsed<Entry<'a, 't>> {
        self.get(key).ok_or_else(|| {
            self.source.error(
                self.span.start,
                &self.name(key),
                format!("缺少必填项，请补上“{key} = …”"),
            )
        })
    }

    fn or<T>(&self, key: &str, default: T, read: impl Fn(Entry<'a, 't>) -> Parsed<T>) -> Parsed<T> {
        self.get(key).map_or(Ok(default), read)
    }
}

impl<'a, 't> Entry<'a, 't> {
    fn error(&self, message: impl Into<String>) -> PolicyError {
        self.source.error(self.value.span().start, &self.key, message)
    }

    fn string(&self) -> Parsed<&'t str> {
        self.value.get_ref().as_str().ok_or_else(|| self.error("应为文字（用双引号括起）"))
    }

    fn text(&self) -> Parsed<Text> {
        match self.string()? {
            "" => Err(self.error("不能为空")),
            text => Ok(Text::from(text)),
        }
    }

    /// One of a few words; `allowed` says in the message what it may be.
    fn word<T>(&self, find: impl Fn(&str) -> Option<T>, allowed: &str) -> Parsed<T> {
        let word = self.string()?;
        find(word).ok_or_else(|| self.error(format!("未知的取值 {word:?}，应为：{allowed}")))
    }

    fn integer<T: TryFrom<i64>>(&self, range: std::ops::RangeInclusive<i64>) -> Parsed<T> {
        let number = self
            .value
            .get_ref()
            .as_integer()
            .and_then(|integer| i64::from_str_radix(integer.as_str(), integer.radix()).ok());
        number
            .filter(|number| range.contains(number))
            .and_then(|number| T::try_from(number).ok())
            .ok_or_else(|| self.error(format!("应为 {} 至 {} 的整数", range.start(), range.end())))
    }

    fn date(&self) -> Parsed<NaiveDate> {
        let date = self.value.get_ref().as_datetime().filter(|datetime| datetime.time.is_none());
        date.and_then(|datetime| datetime.date)
            .and_then(|date| {
                NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())
            })
            .ok_or_else(|| self.error("应为日期，例如 2025-11-04（不加引号）"))
    }

    fn amount(&self) -> Parsed<Fen> {
        let text = self.string()?;
        if text.starts_with('-') {
            return Err(self.error("金额不能为负"));
        }
        text.parse()
            .map_err(|error: crate::domain::money::AmountError| self.error(error.to_string()))
    }

    fn list(&self) -> Parsed<Vec<Entry<'a, 't>>> {
        let array = self.value.get_ref().as_array().ok_or_else(|| self.error("应为列表"))?;
        let (source, key) = (self.source, &self.key);
        Ok(array.iter().map(|value| Entry { source, key: key.clone(), value }).collect())
    }

    fn texts(&self) -> Parsed<Vec<Text>> {
        self.list()?.iter().map(Entry::text).collect()
    }

    fn divisions(&self) -> Parsed<Vec<Text>> {
        self.list()?.iter().map(Entry::division).collect()
    }

    fn division(&self) -> Parsed<Text> {
        let text = self.string()?;
        if is_division(text) {
            return Ok(Text::from(text));
        }
        Err(self.error("行政区划代码应为 2 至 6 位数字"))
    }

    fn table(&self, path: &'static str, allowed: &[&str]) -> Parsed<Table<'a, 't>> {
        let table = self.value.get_ref().as_table().ok_or_else(|| self.error("应为表"))?;
        Table::new(self.source, path, self.value.span(), table, allowed)
    }
}

pub(super) fn policy(text: &str, file: &str) -> Parsed<Policy> {
    let source = Source { text, file };
    let tree = DeTable::parse(text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        let key = text.get(span.clone()).and_then(|part| part.lines().next()).unwrap_or("").trim();
        source.error(span.start, key, format!("不是有效的 TOML：{}", error.message()))
    })?;
    let allowed = ["id", "title", "kind", "first_award_year", "version"];
    let root = Table::new(source, "", 0..0, tree.get_ref(), &allowed)?;
    let id = root.need("id")?.text()?;
    let kind = root.need("kind")?.word(Kind::from_word, &Kind::words())?;
    let title = root.or("title", id.to_string(), |entry| entry.string().map(str::to_owned))?;
    let first_award_year =
        root.or("first_award_year", None, |entry| entry.integer(1..=9999).map(Some))?;
    let list = root.need("version")?;
    let entries = list.list()?;
    if entries.is_empty() {
        return Err(list.error("至少需要一个版本"));
    }
    let mut versions = entries
        .iter()
        .map(|entry| Ok((version(entry, first_award_year)?, entry)))
        .collect::<Parsed<Vec<_>>>()?;
    versions.sort_by_key(|(version, _)| version.period.from);
    if let Some(pair) = versions.windows(2).find(|pair| pair[1].0.from() <= pair[0].0.through()) {
        let table = pair[1].1.table("version", KEYS)?;
        return Err(table.need("from")?.error("与另一版本的有效期重叠"));
    }
    let versions = versions.into_iter().map(|(version, _)| version).collect();
    Ok(Policy { id, title, kind, first_award_year, versions })
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

fn version(entry: &Entry<'_, '_>, first_award_year: Option<i32>) -> Parsed<Version> {
    let table = entry.table("version", KEYS)?;
    let from = table.need("from")?.date()?;
    let end = table.need("through")?;
    let through = end.date()?;
    let period = Period::new(from, Some(through)).ok_or_else(|| end.error("早于生效日期"))?;
    let classes = || ["A", "B", "C"].map(Text::from).to_vec();
    Ok(Version {
        period,
        through,
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
        basis: table.get("basis").map_or_else(|| Ok(BasisTable::new(&[])), |e| basis(&e))?,
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

fn funding(entry: &Entry<'_, '_>) -> Parsed<Vec<FundingRule>> {
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

fn basis(entry: &Entry<'_, '_>) -> Parsed<BasisTable> {
    let allowed: Vec<&str> = Parameter::ALL.iter().map(|parameter| parameter.key()).collect();
    let table = entry.table("version.basis", &allowed)?;
    let mut given = Vec::new();
    for parameter in Parameter::ALL {
        if let Some(value) = table.get(parameter.key()) {
            given.push((*parameter, value.text()?.to_string()));
        }
    }
    Ok(BasisTable::new(&given))
}
