//! Fetching a file, whole or a part of it: a broken download goes on where it stopped.

use serde_json::json;

use super::write::depot;
use super::{line, seen_as};
use crate::app::App;
use crate::domain::export::{ExportState, Part, part_of};
use crate::domain::registry::Code;
use crate::service::{Actor, Error, log};
use crate::store::export as store;

/// Bytes of a sealed piece before sealing.
pub(super) const PIECE_BYTES: usize = 128 << 10;
/// What sealing adds to a piece: the mark of the format, the nonce, the tag.
const SEAL_BYTES: u64 = 1 + 12 + 16;

/// The place for which a piece is sealed: exchanged pieces do not open.
pub(super) fn place(name: &str, index: u64) -> String {
    format!("export_job.file/{name}/{index}")
}

/// A file that is being fetched.
#[derive(Debug)]
pub struct Taken {
    app: App,
    store_name: String,
    /// Name to keep it under.
    pub name: String,
    /// Size of the whole in bytes.
    pub size: u64,
    /// SHA-256 of the whole in hexadecimal.
    pub sha256: String,
    /// The part that was asked for; `None` for the whole.
    pub part: Option<Part>,
    next: u64,
    end: u64,
}

/// Takes a file of one's own; the download is logged. `range` is the header of that name.
///
/// # Errors
/// [`Error::NotFound`] for a file of somebody else; [`Error::Forbidden`] and [`Error::Refused`] when
/// the list may not be seen any more as it was; [`Error::Refused`] while there is no file;
/// [`Error::Invalid`] with the field `range` for a part behind the end.
pub async fn take(
    app: &App,
    actor: &Actor,
    export_no: &str,
    range: Option<&str>,
) -> Result<Taken, Error> {
    let found = store::by_no(app.db.read(), actor.account_id, export_no).await?;
    let job = found.ok_or(Error::NotFound("这个导出"))?;
    let (was, store_name) = (job.seen_as.clone(), job.store_name.clone());
    let line = line(job)?;
    actor.must(line.list.needs())?;
    if seen_as(actor) != was {
        let text = "您的角色或管理范围已变更，原来的文件不能再下载，请重新导出";
        return Err(Error::Refused(text.to_owned()));
    }
    let over = line.expires_at.is_some_and(|end| end <= app.clock.machine_now());
    let (Some(store_name), Some(size), ExportState::Ready, false) =
        (store_name, line.size.and_then(|size| u64::try_from(size).ok()), line.state, over)
    else {
        let text = match line.state {
            ExportState::Ready | ExportState::Expired => "文件已过保留期，请重新导出",
            ExportState::Failed => "没有生成文件，请重新申请",
            ExportState::Queued | ExportState::Running => "文件还没有生成，完成后会通知您",
        };
        return Err(Error::Refused(text.to_owned()));
    };
    let behind = |()| Error::Invalid(vec![("range".to_owned(), format!("bytes */{size}"))]);
    let part = part_of(range, size).map_err(behind)?;
    let whole = Part { from: 0, through: size.saturating_sub(1) };
    let Part { from, through } = part.unwrap_or(whole);
    let detail = json!({
        "list": line.list.code(), "rows": line.rows.1, "hash": line.sha256,
        "from": from, "through": through,
    });
    let tx = app.db.begin().await?;
    log(app, &tx, actor, "export.downloaded", ("export", export_no), &detail).await?;
    tx.commit().await?;
    Ok(Taken {
        app: app.clone(),
        store_name,
        name: format!("{}-{export_no}.xlsx", line.list.label()),
        size,
        sha256: line.sha256,
        part,
        next: from,
        end: size.min(through + 1),
    })
}

impl Taken {
    /// The next bytes; `None` at the end.
    ///
    /// # Errors
    /// When the store of files fails, or a piece was changed.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, Error> {
        if self.next >= self.end {
            return Ok(None);
        }
        let piece_bytes = PIECE_BYTES as u64;
        let index = self.next / piece_bytes;
        let begins = index * piece_bytes;
        let plain = piece_bytes.min(self.size - begins);
        let sealed_from = index * (piece_bytes + SEAL_BYTES);
        let range = sealed_from..sealed_from + plain + SEAL_BYTES;
        let sealed = self.app.files.part(&self.store_name, range).await.map_err(depot)?;
        let opened = self.app.vault.open(&place(&self.store_name, index), &sealed)?;
        let (from, through) = (self.next - begins, self.end.min(begins + plain) - begins);
        let within = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
        let piece = opened.get(within(from)..within(through)).map(<[u8]>::to_vec);
        self.next = begins + through;
        piece.map(Some).ok_or_else(|| Error::Internal(format!("piece {index}")))
    }
}
