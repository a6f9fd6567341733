//! What pages show of imports.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use crate::app::App;
use crate::domain::registry::{Code, EnterpriseName, Stated};
use crate::file::form::{
    ColumnKind as FormColumn, EngineerRow, EnterpriseRow, EvidenceRow, FormRow, ImportKind,
    OtherAwardRow,
};
use crate::file::reader::Limits;
use crate::file::workbook::{
    AnnotateError, ColumnKind, RowIssue, TemplateColumn, annotate, template as write_template,
    template_csv,
};
use crate::service::{Actor, Error};
use crate::store::account;
use crate::store::import::{self, RowCounts, StoredImport, StoredIssue};
use crate::store::registry::{self, Readable};

use super::confirm::open_upload;
use super::issue::Issue;
use super::read::{Upload, read};
use super::timeline::live;
use super::withdraw::built_on;
use super::{ImportState, kind_of, may_import, may_look, state_of};

/// Issues shown on a page; the annotated file has all.
const SHOWN_ISSUES: u64 = 200;
/// Good rows shown as an example.
const SHOWN_ROWS: usize = 5;

/// An import as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportSummary {
    /// Official number.
    pub import_no: String,
    /// The form.
    pub kind: ImportKind,
    /// Name of the file.
    pub file_name: String,
    /// Current name of the enterprise it is about; empty for lists of the province.
    pub enterprise: String,
    /// Where it stands.
    pub state: ImportState,
    /// What its rows are.
    pub rows: RowCounts,
    /// Facts that the confirmation stated.
    pub facts_added: i64,
    /// Name of who uploaded it.
    pub uploaded_by: String,
    /// When.
    pub uploaded_at: DateTime<Utc>,
    /// When it was confirmed, discarded or withdrawn.
    pub decided_at: Option<DateTime<Utc>>,
    /// SHA-256 of the file in hexadecimal.
    pub sha256: String,
}

/// An import with everything its page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportPage {
    /// The import.
    pub summary: ImportSummary,
    /// The first wrong and doubtful cells.
    pub issues: Vec<Issue>,
    /// How many more there are.
    pub more_issues: u64,
    /// How many cells are pointed out without being wrong.
    pub warnings: u64,
    /// Headers of the example.
    pub columns: Vec<&'static str>,
    /// A few good rows, numbers masked.
    pub sample: Vec<Vec<String>>,
    /// Another import of the same file that holds.
    pub same_file: Option<ImportSummary>,
    /// Whether the actor may confirm or discard it.
    pub may_decide: bool,
    /// Whether the actor may withdraw it.
    pub may_withdraw: bool,
    /// Whether the actor may have the file with full numbers.
    pub may_download: bool,
}

/// The imports within the actor's scope, the newest first, and how many there are.
///
/// # Errors
/// [`Error::Forbidden`] when the actor may not import anything.
pub async fn list(
    app: &App,
    actor: &Actor,
    offset: u64,
    limit: u64,
) -> Result<(Vec<ImportSummary>, u64), Error> {
    may_look(actor)?;
    let (rows, total) = import::page(app.db.read(), &actor.scope, offset, limit).await?;
    Ok((summaries(app, rows).await?, total))
}

/// Up to `limit` imports within the actor's scope whose number begins so; none for those who do not
/// work with imports.
pub(in crate::service) async fn numbered(
    app: &App,
    actor: &Actor,
    beginning: &str,
    limit: u64,
) -> Result<Vec<ImportSummary>, Error> {
    if may_look(actor).is_err() {
        return Ok(Vec::new());
    }
    summaries(app, import::numbered(app.db.read(), &actor.scope, beginning, limit).await?).await
}

/// One import.
///
/// # Errors
/// [`Error::NotFound`] outside the actor's scope.
pub async fn page(app: &App, actor: &Actor, import_no: &str) -> Result<ImportPage, Error> {
    may_look(actor)?;
    let conn = app.db.read();
    let stored = import::by_no(conn, import_no, &actor.scope).await?;
    let stored = stored.ok_or(Error::NotFound("导入"))?;
    let (kind, state) = (kind_of(&stored.kind)?, state_of(&stored.state)?);
    let (errors, warnings) = import::issue_counts(conn, stored.id).await?;
    let issues = import::issues(conn, stored.id, Some(SHOWN_ISSUES)).await?;
    let issues: Vec<Issue> = issues.into_iter().map(Issue::from).collect();
    let (columns, sample) = match state {
        ImportState::Discarded => (Vec::new(), Vec::new()),
        _ => {
            let refused: HashSet<u32> =
                issues.iter().filter(|issue| issue.is_error).map(|issue| issue.row).collect();
            let upload = open_upload(app, conn, &stored).await?;
            let sampling = tokio::task::spawn_blocking(move || sample(kind, &upload, &refused));
            sampling.await.map_err(|fault| Error::Internal(format!("no sample: {fault}")))??
        }
    };
    let same_file = match state {
        ImportState::Previewed => import::same_file(conn, &stored).await?,
        _ => None,
    };
    let allowed = may_import(actor, kind).is_ok();
    let may_withdraw = allowed
        && state == ImportState::Confirmed
        && match import::source_of(conn, stored.id).await? {
            Some(source) => built_on(conn, kind, source).await? == 0,
            None => true,
        };
    let more_issues = (errors + warnings).saturating_sub(issues.len() as u64);
    let mut both = summaries(app, std::iter::once(stored).chain(same_file).collect()).await?;
    let same_file = if both.len() > 1 { both.pop() } else { None };
    let summary = both.pop().ok_or(Error::NotFound("导入"))?;
    let may_decide = allowed && state == ImportState::Previewed;
    Ok(ImportPage {
        summary,
        issues,
        more_issues,
        warnings,
        columns,
        sample,
        same_file,
        may_decide,
        may_withdraw,
        may_download: allowed && state != ImportState::Discarded,
    })
}

/// The uploaded table as a workbook with what is wrong beside each row: (file name, bytes). It
/// holds full numbers, so only those may have it who may import the form.
///
/// # Errors
/// [`Error::NotFound`] outside the actor's scope, [`Error::Refused`] when the file was given up.
pub async fn annotated(
    app: &App,
    actor: &Actor,
    import_no: &str,
) -> Result<(String, Vec<u8>), Error> {
    let conn = app.db.read();
    let stored = import::by_no(conn, import_no, &actor.scope).await?;
    let stored = stored.ok_or(Error::NotFound("导入"))?;
    may_import(actor, kind_of(&stored.kind)?)?;
    let upload = open_upload(app, conn, &stored).await?;
    let issues = import::issues(conn, stored.id, None).await?;
    let stem = stored.file_name.rsplit_once('.').map_or(&*stored.file_name, |(stem, _)| stem);
    let name = format!("{stem}-标注.xlsx");
    let annotating = tokio::task::spawn_blocking(move || {
        let issues: Vec<RowIssue> = issues.into_iter().map(row_issue).collect();
        annotate(&upload.bytes, &upload.name, &Limits::default(), &issues)
    });
    let bytes = annotating.await.map_err(|fault| Error::Internal(format!("annotate: {fault}")))?;
    let bytes = bytes.map_err(|error: AnnotateError| Error::Refused(error.to_string()))?;
    Ok((name, bytes))
}

/// The template of a form: (file name, bytes), as a workbook or as CSV.
///
/// # Errors
/// [`Error::Internal`] when it cannot be written.
pub fn template(kind: ImportKind, as_csv: bool) -> Result<(String, Vec<u8>), Error> {
    let columns: Vec<TemplateColumn<'_>> = kind
        .columns()
        .iter()
        .map(|column| TemplateColumn {
            name: column.name,
            hint: column.hint,
            required: column.required,
            choices: match column.kind {
                FormColumn::Choice(values) => values,
                _ => &[],
            },
            example: column.example,
            kind: match column.kind {
                FormColumn::Date => ColumnKind::Date,
                FormColumn::Amount => ColumnKind::Amount,
                FormColumn::Integer => ColumnKind::Integer,
                _ => ColumnKind::Text,
            },
        })
        .collect();
    if as_csv {
        return Ok((format!("{}模板.csv", kind.title()), template_csv(&columns)));
    }
    let mut help = vec![
        "红色表头为必填列；请勿改动表头文字，列的顺序可以调整。",
        "上传后先检查，有误的行会逐一指出；确认之后才会生效。",
    ];
    if kind.columns().iter().any(|column| column.kind == FormColumn::Identifier) {
        help.push(
            "证件号码、银行账号、联行号等长号码须为文本格式，本模板已设好；粘贴时请选择“只粘贴文本”。",
        );
    }
    let bytes = write_template(kind.title(), &columns, &help)
        .map_err(|error| Error::Internal(format!("template: {error}")))?;
    Ok((format!("{}模板.xlsx", kind.title()), bytes))
}

fn row_issue(stored: StoredIssue) -> RowIssue {
    RowIssue {
        row: u32::try_from(stored.row_no).unwrap_or(0),
        column: stored.column_name,
        reason: stored.reason,
        fix: stored.fix,
    }
}

impl From<StoredIssue> for Issue {
    fn from(stored: StoredIssue) -> Self {
        Self {
            row: u32::try_from(stored.row_no).unwrap_or(0),
            column: stored.column_name,
            is_error: stored.severity == "error",
            reason: stored.reason,
            fix: stored.fix,
            shown: stored.shown_value,
        }
    }
}

pub(super) async fn summaries(
    app: &App,
    rows: Vec<StoredImport>,
) -> Result<Vec<ImportSummary>, Error> {
    let conn = app.db.read();
    let enterprises = enterprise_names(conn, &rows).await?;
    let people = uploaders(conn, &rows).await?;
    rows.into_iter()
        .map(|row| {
            let enterprise = row.enterprise_id.and_then(|id| enterprises.get(&id));
            Ok(ImportSummary {
                kind: kind_of(&row.kind)?,
                state: state_of(&row.state)?,
                enterprise: enterprise.cloned().unwrap_or_default(),
                rows: RowCounts {
                    total: row.rows_total,
                    good: row.rows_good,
                    bad: row.rows_bad,
                    known: row.rows_known,
                },
                uploaded_by: people.get(&row.uploaded_by).cloned().unwrap_or_default(),
                import_no: row.import_no,
                file_name: row.file_name,
                facts_added: row.facts_added,
                uploaded_at: row.uploaded_at,
                decided_at: row.decided_at,
                sha256: row.sha256,
            })
        })
        .collect()
}

async fn enterprise_names(
    conn: &impl Readable,
    rows: &[StoredImport],
) -> Result<HashMap<i64, String>, Error> {
    let mut ids: Vec<i64> = rows.iter().filter_map(|row| row.enterprise_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let names = registry::histories::<EnterpriseName>(conn, &ids).await?;
    let last = |(id, history): (i64, Vec<Stated<EnterpriseName>>)| {
        live(&history).last().map(|stated| (id, stated.fact.name.clone()))
    };
    Ok(names.into_iter().filter_map(last).collect())
}

async fn uploaders(
    conn: &impl Readable,
    rows: &[StoredImport],
) -> Result<HashMap<i64, String>, Error> {
    let mut people = HashMap::new();
    for row in rows {
        if let Entry::Vacant(unknown) = people.entry(row.uploaded_by) {
            let found = account::by_id(conn, row.uploaded_by).await?;
            unknown.insert(found.map(|a| a.holder.name).unwrap_or_default());
        }
    }
    Ok(people)
}

type Sample = (Vec<&'static str>, Vec<Vec<String>>);

/// The first good rows, without what identifies a person to somebody who looks over a shoulder.
fn sample(kind: ImportKind, upload: &Upload, refused: &HashSet<u32>) -> Result<Sample, Error> {
    match kind {
        ImportKind::Engineers => {
            let columns = ["姓名", "证件号码", "工作岗位", "入职日期", "入册日期", "银行账号"];
            rows_of(upload, refused, &columns, |row: &EngineerRow| {
                vec![
                    row.name.as_str().to_owned(),
                    row.document.masked(),
                    row.post.clone(),
                    row.hired.to_string(),
                    row.rostered.to_string(),
                    row.account.masked(),
                ]
            })
        }
        ImportKind::KeyEnterprises => {
            let columns = ["企业名称", "统一社会信用代码", "区划代码", "列入日期", "有效期至"];
            rows_of(upload, refused, &columns, |row: &EnterpriseRow| {
                let through = row.listed_through.map(|day| day.to_string());
                vec![
                    row.name.clone(),
                    row.uscc.as_str().to_owned(),
                    row.division.clone(),
                    row.listed_from.to_string(),
                    through.unwrap_or_else(|| "长期".to_owned()),
                ]
            })
        }
        ImportKind::Evidence => {
            let columns = ["姓名", "证件号码", "月份", "单位统一社会信用代码", "来源"];
            rows_of(upload, refused, &columns, |row: &EvidenceRow| {
                vec![
                    row.name.as_str().to_owned(),
                    row.document.masked(),
                    row.month.format("%Y-%m").to_string(),
                    row.payer.as_str().to_owned(),
                    row.source.label().to_owned(),
                ]
            })
        }
        ImportKind::OtherAwards => {
            let columns = ["姓名", "证件号码", "奖补项目", "类别", "所属年度", "金额"];
            rows_of(upload, refused, &columns, |row: &OtherAwardRow| {
                vec![
                    row.name.as_str().to_owned(),
                    row.document.masked(),
                    row.programme.clone(),
                    row.group.clone(),
                    row.year.to_string(),
                    row.amount.grouped(),
                ]
            })
        }
        ImportKind::BankReturn | ImportKind::ExchangeRates => Ok((Vec::new(), Vec::new())),
    }
}

fn rows_of<R: FormRow + Send + Sync>(
    upload: &Upload,
    refused: &HashSet<u32>,
    columns: &[&'static str],
    show: impl Fn(&R) -> Vec<String>,
) -> Result<Sample, Error> {
    let mut sample = Vec::new();
    read(upload, &|_: &R| (), &mut |chunk| {
        let good = chunk.lines.iter().filter(|line| !refused.contains(&line.row));
        let room = SHOWN_ROWS.saturating_sub(sample.len());
        sample.extend(good.take(room).map(|line| show(&line.record)));
        sample.len() < SHOWN_ROWS
    })?;
    Ok((columns.to_vec(), sample))
}
