//! Whom some enterprise registered: a live roster entry or employment, wherever it is.

use sea_orm::sea_query::{Expr, UnionType};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select};

use super::engineers::of_person;

/// A live roster entry of the person at hand.
fn on_roster() -> Select<entity::roster_entry::Entity> {
    use entity::roster_entry::{Column, Entity};
    let live = Entity::find().select_only().column(Column::Id);
    live.filter(Column::SupersededAt.is_null()).filter(of_person(Column::PersonId))
}

/// A live employment of the person at hand.
fn employed() -> Select<entity::employment::Entity> {
    use entity::employment::{Column, Entity};
    let live = Entity::find().select_only().column(Column::Id);
    live.filter(Column::SupersededAt.is_null()).filter(of_person(Column::PersonId))
}

/// The person at hand has one of both. One probe: of two, PostgreSQL would rather make lists of
/// everybody.
pub(super) fn by_somebody() -> Expr {
    let mut either = on_roster().into_query();
    either.union(UnionType::All, employed().into_query());
    Expr::exists(either)
}

/// The person at hand has one of both at an employer that counts, by the same way.
pub(super) fn by_one_of(on_the_roster: Condition, at_work: Condition) -> Expr {
    let mut either = on_roster().filter(on_the_roster).into_query();
    either.union(UnionType::All, employed().filter(at_work).into_query());
    Expr::exists(either)
}

/// Persons who have neither.
pub(super) fn by_nobody() -> Select<entity::person::Entity> {
    entity::person::Entity::find()
        .filter(Expr::not_exists(on_roster().into_query()))
        .filter(Expr::not_exists(employed().into_query()))
}
