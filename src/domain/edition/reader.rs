//! Reads a policy file by hand over the spanned tree, so that every error names line and key. All
//! kinds of policies are read through this: an identifier, a title, and dated versions whose
//! parameters name their basis.

use std::ops::Range;

use chrono::NaiveDate;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::PolicyError;
use super::basis::Keyed;
use super::value::Kind;
use crate::domain::determine::{Text, is_division};
use crate::domain::money::Fen;
use crate::domain::period::Period;

type Value<'a> = Spanned<DeValue<'a>>;

/// A value, or where the file is wrong.
pub(crate) type Parsed<T> = Result<T, PolicyError>;

/// The file, for error messages.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
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
pub(crate) struct Table<'a, 't> {
    source: Source<'a>,
    path: &'static str,
    span: Range<usize>,
    table: &'t DeTable<'a>,
}

/// A value with the name of its key.
pub(crate) struct Entry<'a, 't> {
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

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<Entry<'a, 't>> {
        let value = self.table.get(key)?;
        Some(Entry { source: self.source, key: self.name(key), value })
    }

    /// The value of a key that must be there.
    pub(crate) fn need(&self, key: &str) -> Parsed<Entry<'a, 't>> {
        self.get(key).ok_or_else(|| {
            self.source.error(
                self.span.start,
                &self.name(key),
                format!("缺少必填项，请补上“{key} = …”"),
            )
        })
    }

    /// The value of a key, or what holds without it.
    pub(crate) fn or<T>(
        &self,
        key: &str,
        default: T,
        read: impl Fn(Entry<'a, 't>) -> Parsed<T>,
    ) -> Parsed<T> {
        self.get(key).map_or(Ok(default), read)
    }
}

impl<'a, 't> Entry<'a, 't> {
    /// An error at this value.
    pub(crate) fn error(&self, message: impl Into<String>) -> PolicyError {
        self.source.error(self.value.span().start, &self.key, message)
    }

    /// Text, perhaps empty.
    pub(crate) fn string(&self) -> Parsed<&'t str> {
        self.value.get_ref().as_str().ok_or_else(|| self.error("应为文字（用双引号括起）"))
    }

    /// Text that is not empty.
    pub(crate) fn text(&self) -> Parsed<Text> {
        match self.string()? {
            "" => Err(self.error("不能为空")),
            text => Ok(Text::from(text)),
        }
    }

    /// One of a few words; `allowed` says in the message what it may be.
    pub(crate) fn word<T>(&self, find: impl Fn(&str) -> Option<T>, allowed: &str) -> Parsed<T> {
        let word = self.string()?;
        find(word).ok_or_else(|| self.error(format!("未知的取值 {word:?}，应为：{allowed}")))
    }

    /// A whole number within a range.
    pub(crate) fn integer<T: TryFrom<i64>>(
        &self,
        range: std::ops::RangeInclusive<i64>,
    ) -> Parsed<T> {
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

    /// A day.
    pub(crate) fn date(&self) -> Parsed<NaiveDate> {
        let date = self.value.get_ref().as_datetime().filter(|datetime| datetime.time.is_none());
        date.and_then(|datetime| datetime.date)
            .and_then(|date| {
                NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())
            })
            .ok_or_else(|| self.error("应为日期，例如 2025-11-04（不加引号）"))
    }

    /// Yuan, never negative.
    pub(crate) fn amount(&self) -> Parsed<Fen> {
        let text = self.string()?;
        if text.starts_with('-') {
            return Err(self.error("金额不能为负"));
        }
        text.parse()
            .map_err(|error: crate::domain::money::AmountError| self.error(error.to_string()))
    }

    /// The values of a list.
    pub(crate) fn list(&self) -> Parsed<Vec<Entry<'a, 't>>> {
        let array = self.value.get_ref().as_array().ok_or_else(|| self.error("应为列表"))?;
        let (source, key) = (self.source, &self.key);
        Ok(array.iter().map(|value| Entry { source, key: key.clone(), value }).collect())
    }

    /// A list of texts.
    pub(crate) fn texts(&self) -> Parsed<Vec<Text>> {
        self.list()?.iter().map(Entry::text).collect()
    }

    /// A list of division prefixes.
    pub(crate) fn divisions(&self) -> Parsed<Vec<Text>> {
        self.list()?.iter().map(Entry::division).collect()
    }

    /// A division prefix.
    pub(crate) fn division(&self) -> Parsed<Text> {
        let text = self.string()?;
        if is_division(text) {
            return Ok(Text::from(text));
        }
        Err(self.error("行政区划代码应为 2 至 6 位数字"))
    }

    /// A table with these keys and no others.
    pub(crate) fn table(&self, path: &'static str, allowed: &[&str]) -> Parsed<Table<'a, 't>> {
        let table = self.value.get_ref().as_table().ok_or_else(|| self.error("应为表"))?;
        Table::new(self.source, path, self.value.span(), table, allowed)
    }
}

/// What every policy begins with.
pub(crate) struct Head {
    /// Identifier.
    pub(crate) id: Text,
    /// Title; the identifier where the file gives none.
    pub(crate) title: String,
}

/// The days on which a version is in force.
#[derive(Debug, Clone, Copy)]
pub(crate) struct InForce {
    /// The days.
    pub(crate) period: Period,
    /// The last of them.
    pub(crate) through: NaiveDate,
}

impl InForce {
    fn read(table: &Table<'_, '_>) -> Parsed<Self> {
        let from = table.need("from")?.date()?;
        let end = table.need("through")?;
        let through = end.date()?;
        let period = Period::new(from, Some(through)).ok_or_else(|| end.error("早于生效日期"))?;
        Ok(Self { period, through })
    }
}

fn tree<'a>(source: Source<'a>) -> Parsed<Spanned<DeTable<'a>>> {
    DeTable::parse(source.text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        let key = source.text.get(span.clone()).and_then(|part| part.lines().next()).unwrap_or("");
        let message = format!("不是有效的 TOML：{}", error.message());
        source.error(span.start, key.trim(), message)
    })
}

/// The kind that a policy file says it is of.
pub(super) fn kind(text: &str, file: &str) -> Parsed<Kind> {
    let source = Source { text, file };
    let tree = tree(source)?;
    // A key that no kind knows may well be the misspelt kind.
    let known = ["id", "title", "kind", "first_award_year", "version"];
    let root = Table::new(source, "", 0..0, tree.get_ref(), &known)?;
    root.need("kind")?.word(Kind::from_word, &Kind::words())
}

/// Reads a policy file of one kind; `more` are keys that the kind allows beside those of all.
pub(crate) fn document<T>(
    (text, file): (&str, &str),
    kind: Kind,
    more: &[&str],
    read: impl FnOnce(Head, &Table<'_, '_>) -> Parsed<T>,
) -> Parsed<T> {
    let source = Source { text, file };
    let tree = tree(source)?;
    let allowed: Vec<&str> =
        ["id", "title", "kind", "version"].iter().chain(more).copied().collect();
    let root = Table::new(source, "", 0..0, tree.get_ref(), &allowed)?;
    let id = root.need("id")?.text()?;
    let only = |word: &str| Kind::from_word(word).filter(|found| *found == kind);
    root.need("kind")?.word(only, kind.word())?;
    let title = root.or("title", id.to_string(), |entry| entry.string().map(str::to_owned))?;
    read(Head { id, title }, &root)
}

/// The versions of a policy, oldest first; never none, never two on a day.
pub(crate) fn versions<'a, 't, V>(
    root: &Table<'a, 't>,
    keys: &[&str],
    read: impl Fn(&Table<'a, 't>, InForce) -> Parsed<V>,
) -> Parsed<Vec<V>> {
    let list = root.need("version")?;
    let mut found = Vec::new();
    for entry in list.list()? {
        let table = entry.table("version", keys)?;
        let in_force = InForce::read(&table)?;
        let version = read(&table, in_force)?;
        found.push((in_force, table, version));
    }
    if found.is_empty() {
        return Err(list.error("至少需要一个版本"));
    }
    found.sort_by_key(|(in_force, ..)| in_force.period.from);
    if let Some(pair) = found.windows(2).find(|pair| pair[1].0.period.from <= pair[0].0.through) {
        return Err(pair[1].1.need("from")?.error("与另一版本的有效期重叠"));
    }
    Ok(found.into_iter().map(|(.., version)| version).collect())
}

/// What the table `basis` of a version says, by parameter.
pub(crate) fn basis<P: Keyed>(table: &Table<'_, '_>) -> Parsed<Vec<(P, Text)>> {
    let Some(entry) = table.get("basis") else { return Ok(Vec::new()) };
    let allowed: Vec<&str> = P::ALL.iter().map(|parameter| parameter.key()).collect();
    let table = entry.table("version.basis", &allowed)?;
    let mut given = Vec::new();
    for parameter in P::ALL {
        if let Some(value) = table.get(parameter.key()) {
            given.push((*parameter, value.text()?));
        }
    }
    Ok(given)
}
