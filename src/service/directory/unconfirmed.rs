//! Who has not confirmed yet what the employer filed and where the money goes.

use std::collections::HashMap;

use serde_json::json;

use super::engineers::lines;
use super::{EngineerLine, PAGE_SIZE};
use crate::app::App;
use crate::clock::china_time;
use crate::domain::authority::Act;
use crate::domain::registry::Code;
use crate::file::workbook::{CellOut, ColumnKind, ColumnSpec, Table, write_xlsx};
use crate::service::{Actor, Error, log, seen};
use crate::store::directory::{self as store, EngineerFilter, Missing, Unconfirmed};
use crate::store::own_page::{self, Filed, Subject};

/// Rows of an exported table.
const MAX_EXPORT: i64 = 20_000;
const CHUNK: u64 = 500;

/// What is asked of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmationQuery {
    /// Part of a name, or a whole official number.
    pub text: String,
    /// Code of an enterprise.
    pub uscc: String,
    /// City-level unit of an enterprise.
    pub city: String,
    /// What is not confirmed.
    pub what: Unconfirmed,
}

/// What a person says of what is filed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// Nothing is filed.
    NothingFiled,
    /// Nothing yet, of some of it at least.
    Open,
    /// Some of it is wrong.
    Disputed,
    /// All of it is right.
    Confirmed,
}

impl Word {
    /// What users read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::NothingFiled => "未登记",
            Self::Open => "待本人确认",
            Self::Disputed => "本人有异议",
            Self::Confirmed => "本人已确认",
        }
    }

    fn of<'a>(filed: impl Iterator<Item = &'a Filed>) -> Self {
        let said: Vec<Option<bool>> = filed.map(|filed| filed.agrees).collect();
        match said.as_slice() {
            [] => Self::NothingFiled,
            all if all.contains(&Some(false)) => Self::Disputed,
            all if all.contains(&None) => Self::Open,
            _ => Self::Confirmed,
        }
    }
}

/// Somebody who has not confirmed everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnconfirmedLine {
    /// The line of the list of engineers.
    pub engineer: EngineerLine,
    /// Whether the person has opened the own page.
    pub has_access: bool,
    /// What the person says of the employer's filing.
    pub filing: Word,
    /// What the person says of the account.
    pub account: Word,
}

/// A page of the list.
#[derive(Debug, Clone, Default)]
pub struct UnconfirmedPage {
    /// Rows.
    pub rows: Vec<UnconfirmedLine>,
    /// How many match.
    pub total: u64,
}

fn may_read(actor: &Actor) -> Result<(), Error> {
    let may = actor.role.may(Act::FileEngineers) || actor.role.may(Act::CorrectFacts);
    if may { Ok(()) } else { Err(Error::Forbidden(Act::CorrectFacts)) }
}

fn filter(app: &App, query: &ConfirmationQuery) -> EngineerFilter {
    let given = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
    EngineerFilter {
        text: given(&query.text),
        uscc: given(&query.uscc),
        city: given(&query.city),
        missing: Some(Missing::Confirmation(query.what)),
        ..EngineerFilter::all(app.clock.today(), i64::from(app.clock.award_year()))
    }
}

/// Those in the actor's scope who are on the roster and have not confirmed what is asked for,
/// [`PAGE_SIZE`] from `offset`.
///
/// # Errors
/// [`Error::Forbidden`] for those who neither file nor correct what is filed.
pub async fn unconfirmed(
    app: &App,
    actor: &Actor,
    query: &ConfirmationQuery,
    offset: u64,
) -> Result<UnconfirmedPage, Error> {
    may_read(actor)?;
    let filter = filter(app, query);
    let total = store::count_engineers(app.db.read(), &actor.scope, &filter).await?;
    let rows = rows(app, actor, &filter, (offset, PAGE_SIZE)).await?;
    Ok(UnconfirmedPage { rows, total: u64::try_from(total).unwrap_or(0) })
}

async fn rows(
    app: &App,
    actor: &Actor,
    filter: &EngineerFilter,
    (offset, limit): (u64, u64),
) -> Result<Vec<UnconfirmedLine>, Error> {
    let read = app.db.read();
    let people =
        store::engineers(read, &actor.scope, filter, &store::Start::Offset(offset), limit).await?;
    let ids: Vec<i64> = people.iter().map(|person| person.id).collect();
    let mut filed: HashMap<i64, Vec<Filed>> = HashMap::new();
    for row in own_page::filed_now(read, &actor.scope, filter.today, &ids).await? {
        filed.entry(row.person_id).or_default().push(row);
    }
    let access = own_page::with_access(read, &ids).await?;
    let uscc = filter.uscc.as_deref().unwrap_or_default();
    let lines = lines(app, actor, people, uscc, app.clock.award_year()).await?;
    let row = |(id, engineer): (&i64, EngineerLine)| {
        let of = filed.get(id).map_or(&[][..], Vec::as_slice);
        let is_entry = |filed: &&Filed| matches!(filed.subject, Subject::RosterEntry(_));
        UnconfirmedLine {
            engineer,
            has_access: access.contains(id),
            filing: Word::of(of.iter().filter(is_entry)),
            account: Word::of(of.iter().filter(|filed| !is_entry(filed))),
        }
    };
    Ok(ids.iter().zip(lines).map(row).collect())
}

/// Everybody who matches, as a workbook. The export is logged with its conditions.
///
/// # Errors
/// As [`unconfirmed`]; [`Error::Refused`] above 20,000 rows.
pub async fn export_unconfirmed(
    app: &App,
    actor: &Actor,
    query: &ConfirmationQuery,
) -> Result<Vec<u8>, Error> {
    may_read(actor)?;
    let filter = filter(app, query);
    let matching = store::count_engineers(app.db.read(), &actor.scope, &filter).await?;
    if matching > MAX_EXPORT {
        return Err(Error::Refused(format!(
            "共 {matching} 人，超过一次导出的 {MAX_EXPORT} 人，请缩小筛选范围"
        )));
    }
    let mut cells = Vec::new();
    loop {
        let offset = u64::try_from(cells.len()).unwrap_or(u64::MAX);
        let found = rows(app, actor, &filter, (offset, CHUNK)).await?;
        let numbers: Vec<&str> = found.iter().map(|row| row.engineer.no.as_str()).collect();
        seen::note_exported(app, actor, &numbers).await?;
        let is_last = found.len() < usize::try_from(CHUNK).unwrap_or(usize::MAX);
        cells.extend(found.iter().map(cells_of));
        if is_last {
            break;
        }
    }
    let count = cells.len();
    let written = write_xlsx(&table(app, actor), cells);
    let bytes = written.map_err(|error| Error::Refused(error.to_string()))?;
    let tx = app.db.begin().await?;
    // The conditions without the text: it is a name.
    let detail = json!({ "rows": count, "uscc": query.uscc, "division": query.city });
    log(app, &tx, actor, "confirmations.exported", ("roster_list", ""), &detail).await?;
    tx.commit().await?;
    Ok(bytes)
}

fn table(app: &App, actor: &Actor) -> Table {
    let column = |(name, width): (&str, f64)| ColumnSpec {
        name: name.to_owned(),
        width,
        kind: ColumnKind::Text,
    };
    let columns = [
        ("姓名", 14.0),
        ("编号", 12.0),
        ("企业", 36.0),
        ("统一社会信用代码", 22.0),
        ("岗位", 16.0),
        ("名册状态", 10.0),
        ("本人页面", 12.0),
        ("企业申报", 14.0),
        ("收款账户", 14.0),
    ];
    Table {
        title: "本人确认情况".to_owned(),
        columns: columns.into_iter().map(column).collect(),
        total_row: false,
        comment: format!("导出人：{}（{}）", actor.name, actor.organisation),
        created_at: china_time(app.clock.now()).naive_local(),
    }
}

/// How it is said that the own page is open.
const fn access_label(has_access: bool) -> &'static str {
    if has_access { "已开通" } else { "未开通" }
}

fn cells_of(row: &UnconfirmedLine) -> Vec<CellOut> {
    let engineer = &row.engineer;
    let standing = engineer.standing.map_or("", |standing| standing.label());
    [
        engineer.name.as_str(),
        &engineer.no,
        &engineer.enterprise,
        &engineer.uscc,
        &engineer.post,
        standing,
        access_label(row.has_access),
        row.filing.label(),
        row.account.label(),
    ]
    .iter()
    .map(|text| CellOut::Text((*text).to_owned()))
    .collect()
}
