//! Reads an upload in chunks on a thread of its own, so that parsing runs beside the database and
//! memory does not grow with the number of rows.

use std::ops::ControlFlow;
use std::sync::Arc;

use rayon::prelude::*;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::file::form::{CellIssue, FormRow, Parsed, Parser, bind_header};
use crate::file::reader::{Limits, ReadError, read_table};
use crate::file::table::Row;
use crate::file::workbook::ERROR_COLUMN;
use crate::service::Error;

use super::bad_file;
use super::issue::Issue;

/// Rows that are checked and written together.
const CHUNK: usize = 1_000;

/// An uploaded file.
#[derive(Debug, Clone)]
pub(super) struct Upload {
    pub(super) name: String,
    pub(super) bytes: Arc<Vec<u8>>,
}

impl Upload {
    pub(super) fn new(name: &str, bytes: Vec<u8>) -> Self {
        Self { name: name.to_owned(), bytes: Arc::new(bytes) }
    }
}

/// A row that its form accepts, with the keyed hashes by which the registry finds it.
#[derive(Debug)]
pub(super) struct Line<R, K> {
    pub(super) row: u32,
    pub(super) record: R,
    pub(super) keys: K,
}

/// Some rows of an upload, in order.
#[derive(Debug)]
pub(super) struct Chunk<R, K> {
    pub(super) lines: Vec<Line<R, K>>,
    /// Of rows that the form refuses, and warnings.
    pub(super) issues: Vec<Issue>,
    /// Rows that the form refuses.
    pub(super) refused: usize,
}

/// The chunks of an upload as they are read.
pub(super) struct Chunks<R, K> {
    receiver: mpsc::Receiver<Chunk<R, K>>,
    reader: Option<JoinHandle<Result<(), Error>>>,
}

impl<R, K> Chunks<R, K>
where
    R: FormRow + Send + Sync + 'static,
    K: Send + Sync + 'static,
{
    /// Begins to read; `keys` computes the hashes of a record.
    pub(super) fn of(upload: Upload, keys: impl Fn(&R) -> K + Send + Sync + 'static) -> Self {
        let (sender, receiver) = mpsc::channel(2);
        let reader = tokio::task::spawn_blocking(move || {
            read(&upload, &keys, &mut |chunk| sender.blocking_send(chunk).is_ok())
        });
        Self { receiver, reader: Some(reader) }
    }

    /// The next chunk, `None` after the last.
    ///
    /// # Errors
    /// When the file cannot be read to its end or does not fit the form.
    pub(super) async fn next(&mut self) -> Result<Option<Chunk<R, K>>, Error> {
        if let Some(chunk) = self.receiver.recv().await {
            return Ok(Some(chunk));
        }
        if let Some(reader) = self.reader.take() {
            reader
                .await
                .map_err(|fault| Error::Internal(format!("the reader died: {fault}")))??;
        }
        Ok(None)
    }
}

/// Reads a whole upload chunk by chunk until it ends or `take` refuses one.
pub(super) fn read<R, K>(
    upload: &Upload,
    keys: &(impl Fn(&R) -> K + Sync),
    take: &mut dyn FnMut(Chunk<R, K>) -> bool,
) -> Result<(), Error>
where
    R: FormRow + Send + Sync,
    K: Send,
{
    let mut state = Reading { parser: None, pending: Vec::new(), chunk: empty() };
    let mut fault = None;
    let on_row = &mut |row: Row| {
        if state.parser.is_none() {
            return match state.bind(&row) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    fault = Some(error);
                    ControlFlow::Break(())
                }
            };
        }
        state.row(&row);
        if state.rows() < CHUNK || take(state.finish(keys)) {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    };
    let summary = read_table(&upload.bytes, &upload.name, &Limits::default(), on_row);
    let summary = summary.map_err(|error: ReadError| bad_file(error))?;
    if let Some(error) = fault {
        return Err(error);
    }
    if summary.data_rows == 0 {
        return Err(bad_file("文件里只有表头，没有数据行；请填写后再上传"));
    }
    if !summary.stopped {
        take(state.finish(keys));
    }
    Ok(())
}

struct Reading<R, K> {
    parser: Option<Parser<R>>,
    pending: Vec<(u32, R)>,
    chunk: Chunk<R, K>,
}

const fn empty<R, K>() -> Chunk<R, K> {
    Chunk { lines: Vec::new(), issues: Vec::new(), refused: 0 }
}

impl<R: FormRow + Send + Sync, K: Send> Reading<R, K> {
    fn bind(&mut self, header: &Row) -> Result<(), Error> {
        let binding = bind_header(R::KIND, &header.cells).map_err(|issues| {
            let texts: Vec<String> = issues.iter().map(ToString::to_string).collect();
            bad_file(texts.join("；"))
        })?;
        for name in binding.unknown().iter().filter(|name| name.trim() != ERROR_COLUMN) {
            self.chunk.issues.push(Issue {
                row: header.number,
                column: name.clone(),
                is_error: false,
                reason: "模板里没有这一列，内容未读取".to_owned(),
                fix: String::new(),
                shown: String::new(),
            });
        }
        self.parser = Some(Parser::new(binding));
        Ok(())
    }

    fn rows(&self) -> usize {
        self.pending.len() + self.chunk.refused
    }

    fn row(&mut self, row: &Row) {
        let Some(parser) = &mut self.parser else { return };
        let parsed: Parsed<R> = parser.parse(row);
        match parsed {
            Ok((record, warnings)) => {
                self.pending.push((row.number, record));
                self.chunk.issues.extend(warnings.into_iter().map(Issue::from));
            }
            Err(issues) => {
                self.chunk.refused += 1;
                self.chunk.issues.extend(issues.into_iter().map(|issue: CellIssue| issue.into()));
            }
        }
    }

    fn finish(&mut self, keys: &(impl Fn(&R) -> K + Sync)) -> Chunk<R, K> {
        let pending = std::mem::take(&mut self.pending);
        let mut chunk = std::mem::replace(&mut self.chunk, empty());
        chunk.lines = pending
            .into_par_iter()
            .map(|(row, record)| Line { row, keys: keys(&record), record })
            .collect();
        chunk
    }
}
