//! What machines hand in goes the way of a spreadsheet: the rows become a file of the same form,
//! checked by the same rules and stated by the same confirmation. So there is one door.

use super::Caller;
use crate::app::App;
use crate::domain::machine::ApiScope;
use crate::file::form::ImportKind;
use crate::file::workbook::plain_csv;
use crate::service::import::{self, ImportPreview, ImportState};
use crate::service::{Actor, Error};
use crate::store::db::StoreError;
use crate::store::directory;
use crate::store::registry;
use crate::vault::kind;

/// Most rows of one request.
pub const MOST_ROWS: usize = 500;

/// A field of a row as machines name it, and the column of the form that it fills.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Name in JSON.
    pub name: &'static str,
    /// Header of the column.
    pub column: &'static str,
    /// Whether it must be there.
    pub required: bool,
}

const fn field(name: &'static str, column: &'static str, required: bool) -> Field {
    Field { name, column, required }
}

/// Fields of a registration.
pub const ENGINEER_FIELDS: &[Field] = &[
    field("name", "姓名", true),
    field("document_type", "证件类型", true),
    field("document_no", "证件号码", true),
    field("mobile", "手机号码", true),
    field("post", "工作岗位", true),
    field("professional_title", "职称", false),
    field("education", "学历", false),
    field("hired_on", "入职日期", true),
    field("full_time", "是否全职", true),
    field("rostered_on", "入册日期", true),
    field("bank_name", "开户银行", true),
    field("cnaps", "联行号", true),
    field("account_no", "银行账号", true),
];

/// Fields of an evidence month. The payer is the enterprise itself.
pub const EVIDENCE_FIELDS: &[Field] = &[
    field("name", "姓名", true),
    field("document_type", "证件类型", true),
    field("document_no", "证件号码", true),
    field("month", "月份", true),
    field("source", "来源", true),
    field("paid_late", "缴费状态", false),
];

/// What became of a request that hands in rows.
#[derive(Debug)]
pub enum Filed {
    /// Every row is good and the file is kept.
    Taken {
        /// Official number of the import.
        import_no: String,
        /// Where it stands.
        state: ImportState,
        /// Rows, and those of them that the registry knew already.
        rows: (i64, i64),
        /// Official numbers of the persons, row by row; empty where nothing is stated yet.
        persons: Vec<String>,
    },
    /// Some row is wrong, and nothing is kept: row from 0, field, what is wrong.
    Wrong(Vec<(usize, String, String)>),
}

/// Registers engineers of the caller's enterprise: all rows, or none. Each row has a text for each
/// of [`ENGINEER_FIELDS`], in that order.
///
/// # Errors
/// As the import of the form; [`Error::Stale`] when the registry moved meanwhile.
pub async fn register(app: &App, caller: &Caller, rows: &[Vec<String>]) -> Result<Filed, Error> {
    let actor = &caller.actor;
    debug_assert!(caller.scopes.contains(&ApiScope::Register));
    let kind = ImportKind::Engineers;
    let bytes = table(ENGINEER_FIELDS, &[], rows);
    let checked = import::look(app, actor, kind, bytes.clone()).await?;
    if checked.rows.bad > 0 {
        return Ok(wrong(&checked, ENGINEER_FIELDS));
    }
    let name = file_name(caller);
    let preview = import::preview(app, actor, kind, None, &name, bytes).await?;
    let confirmed = match import::confirm(app, actor, &preview.import_no).await {
        Ok(confirmed) => confirmed,
        Err(error) => {
            import::discard(app, actor, &preview.import_no).await?;
            return Err(error);
        }
    };
    Ok(Filed::Taken {
        persons: numbers(app, rows).await?,
        import_no: preview.import_no,
        state: ImportState::Confirmed,
        rows: (confirmed.rows_good, confirmed.rows_known),
    })
}

/// Hands in evidence months of the caller's own people. They count once the HR office of the
/// province has confirmed the import: nobody vouches for himself.
///
/// # Errors
/// As the import of the form.
pub async fn file_evidence(
    app: &App,
    caller: &Caller,
    rows: &[Vec<String>],
) -> Result<Filed, Error> {
    let actor = &caller.actor;
    debug_assert!(caller.scopes.contains(&ApiScope::Evidence));
    let uscc = own_uscc(app, actor).await?;
    let bytes = table(EVIDENCE_FIELDS, &[("单位统一社会信用代码", &uscc)], rows);
    let (checked, kept) = import::propose_evidence(app, actor, &file_name(caller), bytes).await?;
    if !kept {
        return Ok(wrong(&checked, EVIDENCE_FIELDS));
    }
    Ok(Filed::Taken {
        import_no: checked.import_no,
        state: ImportState::Previewed,
        rows: (checked.rows.good, checked.rows.known),
        persons: Vec::new(),
    })
}

fn file_name(caller: &Caller) -> String {
    format!("接口报送-{}.csv", caller.token_no)
}

fn table(fields: &[Field], constant: &[(&str, &str)], rows: &[Vec<String>]) -> Vec<u8> {
    let header: Vec<&str> =
        fields.iter().map(|field| field.column).chain(constant.iter().map(|(c, _)| *c)).collect();
    let rows = rows.iter().map(|row| {
        let given = row.iter().map(String::as_str);
        given.chain(constant.iter().map(|(_, value)| *value)).collect::<Vec<_>>()
    });
    plain_csv(&header, rows)
}

/// The header is row 1 of the file, and no row is blank.
fn wrong(checked: &ImportPreview, fields: &[Field]) -> Filed {
    let fault = |issue: &import::Issue| {
        let row = usize::try_from(issue.row).unwrap_or(0).saturating_sub(2);
        let field = fields.iter().find(|field| field.column == issue.column);
        let text = match issue.fix.as_str() {
            "" => issue.reason.clone(),
            fix => format!("{}；{fix}", issue.reason),
        };
        (row, field.map_or_else(String::new, |field| field.name.to_owned()), text)
    };
    Filed::Wrong(checked.errors().map(fault).collect())
}

async fn own_uscc(app: &App, actor: &Actor) -> Result<String, Error> {
    let missing = Error::Forbidden(crate::domain::authority::Act::FileEngineers);
    let Some(own) = directory::own_enterprise(&actor.scope) else { return Err(missing) };
    registry::uscc_of(app.db.read(), own).await?.ok_or(missing)
}

/// The official numbers of those who were just registered, row by row.
async fn numbers(app: &App, rows: &[Vec<String>]) -> Result<Vec<String>, Error> {
    let place = |name: &str| ENGINEER_FIELDS.iter().position(|field| field.name == name);
    let (document_type, document_no) = (place("document_type"), place("document_no"));
    let text = |row: &'_ Vec<String>, at: Option<usize>| {
        at.and_then(|at| row.get(at)).cloned().unwrap_or_default()
    };
    let index = |row: &Vec<String>| {
        use crate::domain::identity::{DocumentType, IdentityDocument};
        let document_type = DocumentType::from_label(&text(row, document_type))?;
        let document = IdentityDocument::parse(document_type, &text(row, document_no)).ok()?;
        Some(app.vault.index(kind::DOCUMENT, &document.value.identity_key()))
    };
    let indexes: Vec<Option<String>> = rows.iter().map(index).collect();
    let read = app.db.read();
    let asked: Vec<&str> = indexes.iter().flatten().map(String::as_str).collect();
    let found = registry::persons_by_document(read, &asked).await?;
    let mut numbers = Vec::with_capacity(rows.len());
    for index in &indexes {
        let id = index.as_ref().and_then(|index| found.get(index));
        let id = id.ok_or_else(|| StoreError::RecordNotFound("person just made".to_owned()))?;
        numbers.push(directory::person_no(read, *id).await?.unwrap_or_default());
    }
    Ok(numbers)
}
