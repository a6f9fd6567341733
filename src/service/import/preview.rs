//! The upload: everything is checked, nothing is stated.

use serde_json::json;

use crate::app::App;
use crate::domain::exchange_rate::Quotation;
use crate::file::form::{
    EngineerRow, EnterpriseRow, EvidenceRow, FormRow, ImportKind, OtherAwardRow, ReturnRow,
};
use crate::file::hash::sha256_hex;
use crate::service::{Actor, Error, log};
use crate::store::import::{self, NewImport, NewIssue, RowCounts};
use crate::vault::place;

use super::ground::{Enterprise, Ground, admit};
use super::issue::Issue;
use super::read::{Upload, read};
use super::run::{Tally, walk};

/// What a file came to before anybody confirms it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportPreview {
    /// Official number of the import; empty when the file was only checked.
    pub import_no: String,
    /// What its rows are.
    pub rows: RowCounts,
    /// Wrong and doubtful cells, by row and column.
    pub issues: Vec<Issue>,
    /// Issues that were too many to list.
    pub unlisted: usize,
}

impl ImportPreview {
    pub(super) fn of(import_no: String, tally: Tally) -> Self {
        let Tally { rows, issues, unlisted, .. } = tally;
        Self { import_no, rows, issues, unlisted }
    }

    /// The cells for which rows are refused.
    pub fn errors(&self) -> impl Iterator<Item = &Issue> {
        self.issues.iter().filter(|issue| issue.is_error)
    }
}

/// Checks an upload against its form and the registry, and keeps the sealed file with its issues
/// until somebody confirms or discards it. `enterprise_uscc` may name the actor's own enterprise.
///
/// # Errors
/// [`Error::Invalid`] with field `file` when the file as a whole cannot be read or does not fit
/// the form, with `kind` or `enterprise` when those are wrong; [`Error::Forbidden`] when the actor
/// may not import the form; [`Error::NotFound`] for an enterprise that is not the actor's.
pub async fn preview(
    app: &App,
    actor: &Actor,
    kind: ImportKind,
    enterprise_uscc: Option<&str>,
    file_name: &str,
    bytes: Vec<u8>,
) -> Result<ImportPreview, Error> {
    let ground = admit(app, actor, kind, enterprise_uscc).await?;
    let upload = Upload::new(&plain_name(file_name), bytes);
    let tally = walk(kind, &ground, upload.clone(), app.db.read(), None).await?;
    keep(app, actor, kind, &ground, upload, tally).await
}

/// Keeps the sealed file of an upload with its issues until somebody decides.
pub(super) async fn keep(
    app: &App,
    actor: &Actor,
    kind: ImportKind,
    ground: &Ground,
    upload: Upload,
    tally: Tally,
) -> Result<ImportPreview, Error> {
    let sha256 = sha256_hex(&upload.bytes);
    let new = NewImport {
        kind: kind.code(),
        organisation_id: actor.organisation_id,
        enterprise_id: ground.enterprise.as_ref().map(|enterprise| enterprise.id),
        file_name: &upload.name,
        sha256: &sha256,
        content: app.vault.seal(place::UPLOAD, &upload.bytes)?,
        rows: tally.rows,
        uploaded_by: actor.account_id,
        uploaded_at: app.clock.now(),
    };
    let issues: Vec<NewIssue> = tally.issues.iter().map(NewIssue::from).collect();
    let tx = app.db.begin().await?;
    let (id, import_no) = import::create(&tx, new).await?;
    import::add_issues(&tx, id, &issues).await?;
    let rows = tally.rows;
    let detail = json!({
        "kind": kind.code(), "sha256": sha256, "rows": rows.total, "good": rows.good,
        "bad": rows.bad, "known": rows.known,
    });
    log(app, &tx, actor, "import.previewed", ("import", &import_no), &detail).await?;
    tx.commit().await?;
    Ok(ImportPreview::of(import_no, tally))
}

/// Checks a file against its form and the registry and keeps nothing: what an operator of the
/// machine asks on the command line. Engineers of an enterprise that is not registered are checked
/// against the form only; the answer says whether the registry was asked.
///
/// # Errors
/// As [`preview`], but for who asks.
pub async fn check(
    app: &App,
    kind: ImportKind,
    enterprise_uscc: Option<&str>,
    file_name: &str,
    bytes: Vec<u8>,
) -> Result<(ImportPreview, bool), Error> {
    let today = app.clock.today();
    let enterprise = match (kind, enterprise_uscc) {
        (ImportKind::Engineers, Some(uscc)) => {
            Enterprise::by_uscc(app.db.read(), uscc, today).await?
        }
        _ => None,
    };
    let lacks_enterprise = kind == ImportKind::Engineers && enterprise.is_none();
    if lacks_enterprise || kind.own_page().is_some() {
        return Ok((check_form(kind, file_name, bytes)?, false));
    }
    let ground = Ground::new(app, enterprise);
    let upload = Upload::new(file_name, bytes);
    let tally = walk(kind, &ground, upload, app.db.read(), None).await?;
    Ok((ImportPreview::of(String::new(), tally), true))
}

/// Checks a file against its form alone, without any database.
///
/// # Errors
/// [`Error::Invalid`] when the file as a whole cannot be read or does not fit the form.
pub fn check_form(
    kind: ImportKind,
    file_name: &str,
    bytes: Vec<u8>,
) -> Result<ImportPreview, Error> {
    let upload = Upload::new(file_name, bytes);
    let tally = match kind {
        ImportKind::KeyEnterprises => of_form::<EnterpriseRow>(&upload),
        ImportKind::Engineers => of_form::<EngineerRow>(&upload),
        ImportKind::Evidence => of_form::<EvidenceRow>(&upload),
        ImportKind::OtherAwards => of_form::<OtherAwardRow>(&upload),
        ImportKind::BankReturn => of_form::<ReturnRow>(&upload),
        ImportKind::ExchangeRates => of_form::<Quotation>(&upload),
    }?;
    Ok(ImportPreview::of(String::new(), tally))
}

fn of_form<R: FormRow + Send + Sync>(upload: &Upload) -> Result<Tally, Error> {
    let mut tally = Tally::default();
    read(upload, &|_: &R| (), &mut |chunk| {
        tally.count(chunk.lines.len(), chunk.refused);
        tally.note(R::KIND, chunk.issues);
        true
    })?;
    Ok(tally)
}

/// The records of a file whose form has a page of its own, by row, and what is wrong with the other
/// rows.
///
/// # Errors
/// As [`check_form`].
pub(in crate::service) async fn records<R: FormRow + Send + Sync + 'static>(
    file_name: &str,
    bytes: Vec<u8>,
) -> Result<(Vec<(u32, R)>, Vec<Issue>), Error> {
    let upload = Upload::new(file_name, bytes);
    let reading = tokio::task::spawn_blocking(move || {
        let (mut records, mut issues) = (Vec::new(), Vec::new());
        read(&upload, &|_: &R| (), &mut |chunk| {
            records.extend(chunk.lines.into_iter().map(|line| (line.row, line.record)));
            issues.extend(chunk.issues);
            true
        })?;
        Ok((records, issues))
    });
    reading.await.map_err(|fault| Error::Internal(format!("the reader died: {fault}")))?
}

/// The name without folders and control characters, at most 120 characters.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let plain: String = last.chars().filter(|c| !c.is_control()).take(120).collect();
    if plain.trim().is_empty() { "未命名".to_owned() } else { plain }
}

#[cfg(test)]
mod tests {
    use super::plain_name;

    #[test]
    fn a_file_name_keeps_neither_folders_nor_control_characters() {
        assert_eq!(plain_name("C:\\桌面\\名册.xlsx"), "名册.xlsx");
        assert_eq!(plain_name("../../名\r\n册.csv"), "名册.csv");
        assert_eq!(plain_name("/"), "未命名");
        assert_eq!(plain_name(&"册".repeat(200)).chars().count(), 120);
    }
}
