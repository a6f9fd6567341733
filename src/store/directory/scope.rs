//! Scope as conditions: the only place where it is decided which rows an account sees.

use sea_orm::sea_query::{Expr, ExprTrait, IntoCondition, SelectStatement, UnionType};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select};

use super::person::PersonFile;
use crate::domain::authority::Scope;
use crate::domain::period::Period;
use crate::domain::registry::Stated;

/// The enterprise whose people an account sees, when it sees only one enterprise's.
pub const fn own_enterprise(scope: &Scope) -> Option<i64> {
    match scope {
        Scope::Enterprise(id) => Some(*id),
        _ => None,
    }
}

/// A condition that no row satisfies.
fn nothing() -> Condition {
    Condition::all().add(Expr::val(1).eq(0))
}

/// The enterprises in scope, as a condition on a column that holds their identities. A region
/// keeps seeing an enterprise that moved away: what it decided then stays readable to it.
pub(in crate::store) fn enterprises(scope: &Scope, id: impl ColumnTrait) -> Condition {
    use entity::enterprise_division::{Column, Entity};
    let lies_in = |place: Condition| {
        let select = Entity::find()
            .select_only()
            .column(Column::EnterpriseId)
            .filter(Column::SupersededAt.is_null())
            .filter(place);
        Condition::all().add(id.in_subquery(select.into_query()))
    };
    match scope {
        Scope::Province => Condition::all(),
        Scope::City(unit) => lies_in(Column::CityUnit.eq(unit.as_str()).into_condition()),
        Scope::County(county) => lies_in(Column::Division.eq(county.as_str()).into_condition()),
        Scope::Enterprise(own) => Condition::all().add(id.eq(*own)),
        Scope::Person(_) | Scope::Nothing => nothing(),
    }
}

/// The persons in scope, as a condition on a column that holds their identities: those with a
/// live employment or roster entry, of any time, at an enterprise in scope, and those who lead
/// such a person's number.
pub(in crate::store) fn persons(scope: &Scope, id: impl ColumnTrait) -> Condition {
    use entity::person_merge::{Column as Merged, Entity as Merges};
    match scope {
        Scope::Province => Condition::all(),
        Scope::Nothing => nothing(),
        Scope::Person(own) => Condition::all().add(id.eq(*own)),
        _ => {
            // One list, so that a database can walk it. The merges are few: each is probed.
            let mut all = engaged(
                enterprises(scope, entity::roster_entry::Column::EnterpriseId),
                enterprises(scope, entity::employment::Column::EnterpriseId),
            );
            let leading = Merges::find()
                .select_only()
                .column(Merged::LeadingId)
                .filter(Merged::UndoneAt.is_null())
                .filter(engaged_row(scope, (Merges, Merged::MergedId)));
            all.union(UnionType::Distinct, leading.into_query());
            Condition::all().add(id.in_subquery(all))
        }
    }
}

/// The enterprise that a row at hand names is in scope: one probe. A list of the enterprises would
/// tempt SQLite to try the row with each of them.
pub(in crate::store) fn lies_there<E: EntityTrait>(
    scope: &Scope,
    (row, id): (E, E::Column),
) -> Condition {
    use entity::enterprise_division::{Column, Entity};
    let place = match scope {
        Scope::Province => return Condition::all(),
        Scope::Person(_) | Scope::Nothing => return nothing(),
        Scope::Enterprise(own) => return Condition::all().add(id.eq(*own)),
        Scope::City(unit) => Column::CityUnit.eq(unit.as_str()),
        Scope::County(county) => Column::Division.eq(county.as_str()),
    };
    let there = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::EnterpriseId.into_expr().equals((row, id)))
        .filter(Column::SupersededAt.is_null())
        .filter(place);
    Condition::all().add(probe(there))
}

/// Whether there is any such row, asked by itself. The offset, which passes nothing over, keeps PostgreSQL
/// from joining everything that lies there instead.
pub(super) fn probe<E: EntityTrait>(rows: Select<E>) -> Expr {
    Expr::exists(rows.limit(1).offset(0).into_query())
}

/// The same as [`persons`], for a row of `person` that is already at hand.
pub(super) fn person_row(scope: &Scope) -> Condition {
    person_named(scope, (entity::person::Entity, entity::person::Column::Id))
}

/// The same as [`persons`], for a row at hand that names a person: a few probes of it instead of a
/// list of everybody in scope.
pub(in crate::store) fn person_named<E: EntityTrait>(
    scope: &Scope,
    row: (E, E::Column),
) -> Condition {
    use entity::person_merge::{Column as Merged, Entity as Merges};
    match scope {
        Scope::Province => return Condition::all(),
        Scope::Nothing => return nothing(),
        Scope::Person(own) => return Condition::all().add(row.1.eq(*own)),
        _ => {}
    }
    let leads = Merges::find()
        .select_only()
        .column(Merged::Id)
        .filter(Merged::LeadingId.into_expr().equals(row))
        .filter(Merged::UndoneAt.is_null())
        .filter(engaged_row(scope, (Merges, Merged::MergedId)));
    engaged_row(scope, row).add(Expr::exists(leads.into_query()))
}

/// The person or the enterprise that a row at hand names, one of the two, is in scope: for tables of
/// few rows, each of which is probed.
pub(in crate::store) fn owner_named<E: EntityTrait>(
    scope: &Scope,
    row: E,
    (person, enterprise): (E::Column, E::Column),
) -> Condition {
    let persons =
        Condition::all().add(person.is_not_null()).add(person_named(scope, (row, person)));
    let enterprises =
        Condition::all().add(enterprise.is_not_null()).add(lies_there(scope, (row, enterprise)));
    Condition::any().add(persons).add(enterprises)
}

/// The person that a row at hand names has a live roster entry or employment in scope: two probes.
fn engaged_row<E: EntityTrait>(scope: &Scope, (row, id): (E, E::Column)) -> Condition {
    use entity::{employment, roster_entry};
    let same = |column: Expr| column.equals((row, id));
    let on_roster = roster_entry::Entity::find()
        .select_only()
        .column(roster_entry::Column::Id)
        .filter(same(roster_entry::Column::PersonId.into_expr()))
        .filter(roster_entry::Column::SupersededAt.is_null())
        .filter(lies_there(scope, (roster_entry::Entity, roster_entry::Column::EnterpriseId)));
    let employed = employment::Entity::find()
        .select_only()
        .column(employment::Column::Id)
        .filter(same(employment::Column::PersonId.into_expr()))
        .filter(employment::Column::SupersededAt.is_null())
        .filter(lies_there(scope, (employment::Entity, employment::Column::EnterpriseId)));
    Condition::any()
        .add(Expr::exists(on_roster.into_query()))
        .add(Expr::exists(employed.into_query()))
}

/// The persons with a live employment or roster entry at an enterprise that touches a period, as a
/// condition on a column that holds their identities.
pub(in crate::store) fn there_in(own: i64, period: &Period, id: impl ColumnTrait) -> Condition {
    use entity::employment::Column as Job;
    use entity::roster_entry::Column as Entry;
    Condition::all().add(id.in_subquery(engaged(
        touches(Entry::ValidFrom, Entry::ValidTo, period).add(Entry::EnterpriseId.eq(own)),
        touches(Job::ValidFrom, Job::ValidTo, period).add(Job::EnterpriseId.eq(own)),
    )))
}

/// The valid period of a row has a day in common with a period.
fn touches(from: impl ColumnTrait, to: impl ColumnTrait, period: &Period) -> Condition {
    Condition::all()
        .add_option(period.through.map(|last| from.lte(last)))
        .add(to.is_null().or(to.gt(period.from)))
}

/// The persons with a live roster entry or employment that satisfies its condition.
pub(super) fn engaged(on_roster: Condition, employed: Condition) -> SelectStatement {
    use entity::{employment, roster_entry};
    let employed = employment::Entity::find()
        .select_only()
        .column(employment::Column::PersonId)
        .filter(employment::Column::SupersededAt.is_null())
        .filter(employed)
        .into_query();
    let mut all = roster_entry::Entity::find()
        .select_only()
        .column(roster_entry::Column::PersonId)
        .filter(roster_entry::Column::SupersededAt.is_null())
        .filter(on_roster)
        .into_query();
    all.union(UnionType::Distinct, employed);
    all
}

/// Takes out of a person's file what is not about the one enterprise that an account belongs to:
/// the dealings of other employers, and facts about the person from outside the time there.
pub(super) fn narrow(file: &mut PersonFile, own: i64, own_uscc: &str) {
    file.roster.retain(|stated| stated.fact.enterprise_id == own);
    file.employments.retain(|stated| stated.fact.enterprise_id == own);
    file.evidence.retain(|stated| stated.fact.payer_uscc == own_uscc);
    file.exclusions.clear();
    file.awards.clear();
    let live = |superseded: bool, period: Period| (!superseded).then_some(period);
    let there: Vec<Period> = (file.roster.iter().filter_map(|s| live(!s.is_live(), s.period)))
        .chain(file.employments.iter().filter_map(|s| live(!s.is_live(), s.period)))
        .collect();
    let during = |period: &Period| there.iter().any(|time| time.overlaps(period));
    file.recognitions.retain(|stated| {
        stated.fact.enterprise_id == Some(own)
            || (stated.fact.enterprise_id.is_none() && during(&stated.period))
    });
    retain_during(&mut file.names, during);
    retain_during(&mut file.documents, during);
    retain_during(&mut file.contacts, during);
    retain_during(&mut file.accounts, during);
    retain_during(&mut file.suspensions, during);
}

fn retain_during<T>(facts: &mut Vec<Stated<T>>, during: impl Fn(&Period) -> bool) {
    facts.retain(|stated| during(&stated.period));
}
