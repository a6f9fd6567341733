//! Return rows that matched nothing.

use super::super::budget::visible_payer;
use super::super::{Actor, Error};
use super::{PAGE, rows, window};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::money::Fen;
use crate::domain::payment::{Action, BankWord, QueryClass};
use crate::domain::registry::Code;

/// A row in suspense.
#[derive(Debug, Clone)]
pub struct SuspenseRow {
    /// The row.
    pub row: rows::Suspense,
    /// What the bank says.
    pub word: BankWord,
    /// Whether this actor may explain it now: by role, and because another person loaded the file.
    pub may_resolve: bool,
}

/// A page of rows in suspense, open ones first.
#[derive(Debug, Clone)]
pub struct SuspensePage {
    /// The rows.
    pub rows: Vec<SuspenseRow>,
    /// How many there are, explained ones included.
    pub total: i64,
    /// How many nobody explained.
    pub open: i64,
    /// Their sum as the bank states it.
    pub open_sum: Fen,
    /// All rows by class, whatever is asked for: `None` for rows older than the classes.
    pub classes: Vec<(Option<QueryClass>, ClassCount)>,
}

/// Rows in suspense of one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClassCount {
    /// Those nobody explained.
    pub open: i64,
    /// Their sum as the bank states it.
    pub open_sum: Fen,
    /// Those that were explained.
    pub explained: i64,
}

/// The rows of return files of the actor's payer that matched nothing, of one class when one is
/// asked for. `page` counts from 0.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadBatches`].
pub async fn suspense(
    app: &App,
    actor: &Actor,
    class: Option<QueryClass>,
    page: i64,
) -> Result<SuspensePage, Error> {
    actor.must(Act::ReadBatches)?;
    let offset = i64::try_from(window(page).0).unwrap_or(0);
    let read = app.db.read();
    let of = (visible_payer(actor), class.map_or("", Code::code));
    let (found, total) = rows::suspense(read, of, offset, PAGE).await?;
    let classes = rows::suspense_classes(read, visible_payer(actor)).await?;
    let counted = |class: rows::SuspenseClass| {
        let count = ClassCount {
            open: class.open,
            open_sum: Fen::new(class.open_fen),
            explained: class.explained,
        };
        (QueryClass::from_code(&class.query_class), count)
    };
    let row = |row: rows::Suspense| {
        let word = BankWord::from_code(&row.status)
            .ok_or_else(|| Error::Internal(format!("unknown status in return row {}", row.id)))?;
        let may_resolve = row.resolved_at.is_none()
            && row.confirmed_at.is_some()
            && row.loaded_by != actor.holder_id
            && actor.role.may_move_batch(Action::ResolveSuspense);
        Ok(SuspenseRow { row, word, may_resolve })
    };
    Ok(SuspensePage {
        rows: found.into_iter().map(row).collect::<Result<_, Error>>()?,
        total: total.rows,
        open: total.open,
        open_sum: Fen::new(total.open_fen),
        classes: classes.into_iter().map(counted).collect(),
    })
}
