//! Who on the roster has not confirmed what is filed about them.

use chrono::NaiveDate;
use entity::{bank_account, person, person_confirmation as said, roster_entry};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use super::engineers::covers;
use crate::domain::registry::{Code, RosterStatus};

/// What somebody has not confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unconfirmed {
    /// The filing of the employer or the account to be paid to.
    Either,
    /// The filing of the employer.
    Filing,
    /// The account to be paid to.
    Account,
}

/// The person's agreement with a row at hand, where it is the person's last word of it.
fn agreement<E: EntityTrait>(
    subject: said::Column,
    (row, id, person): (E, E::Column, E::Column),
) -> SelectStatement {
    let later = Alias::new("later");
    let mine = |column: said::Column| Expr::col((said::Entity, column));
    let theirs = |column: said::Column| Expr::col((later.clone(), column));
    let spoke_again = Query::select()
        .expr(Expr::val(1))
        .from_as(said::Entity, later.clone())
        .and_where(theirs(said::Column::PersonId).eq(mine(said::Column::PersonId)))
        .and_where(theirs(subject).eq(mine(subject)))
        .and_where(theirs(said::Column::Id).gt(mine(said::Column::Id)))
        .to_owned();
    said::Entity::find()
        .select_only()
        .column(said::Column::Id)
        .filter(said::Column::PersonId.into_expr().equals((row, person)))
        .filter(subject.into_expr().equals((row, id)))
        .filter(said::Column::Agrees.eq(true))
        .filter(Expr::exists(spoke_again).not())
        .into_query()
}

/// Declared or confirmed, and not over on a day.
pub(in crate::store) fn lasting(today: NaiveDate) -> Condition {
    use roster_entry::Column;
    let held = [RosterStatus::Declared.code(), RosterStatus::Confirmed.code()];
    Condition::all()
        .add(Column::Status.is_in(held))
        .add(Column::ValidTo.is_null().or(Column::ValidTo.gt(today)))
}

/// The condition on a row of `person`; `entries` selects the persons with a live roster entry that
/// satisfies a condition.
pub(super) fn condition(
    which: Unconfirmed,
    today: NaiveDate,
    entries: impl Fn(Condition) -> SelectStatement,
) -> Condition {
    let person = person::Column::Id;
    let filing = || {
        let (id, of) = (roster_entry::Column::Id, roster_entry::Column::PersonId);
        let agreed = agreement(said::Column::RosterEntryId, (roster_entry::Entity, id, of));
        person.in_subquery(entries(lasting(today).add(Expr::exists(agreed).not())))
    };
    let account = || {
        use bank_account::{Column, Entity};
        let row = (Entity, Column::Id, Column::PersonId);
        let open = Entity::find()
            .select_only()
            .column(Column::PersonId)
            .filter(Column::SupersededAt.is_null())
            .filter(covers(Column::ValidFrom, Column::ValidTo, today))
            .filter(Expr::exists(agreement(said::Column::BankAccountId, row)).not());
        Condition::all()
            .add(person.in_subquery(entries(lasting(today))))
            .add(person.in_subquery(open.into_query()))
    };
    match which {
        Unconfirmed::Filing => Condition::all().add(filing()),
        Unconfirmed::Account => account(),
        Unconfirmed::Either => Condition::any().add(filing()).add(account()),
    }
}
