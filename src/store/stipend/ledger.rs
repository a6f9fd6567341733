//! The ledger of entitlements: filtered by scope, a page at a time, with sums over everything.

use std::collections::HashMap;

use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, JoinType, QueryFilter,
    QueryOrder, QuerySelect,
};

use entity::entitlement::{Column, Entity};
use entity::{entitlement_share, payment_line, recovery};

use super::OF_A_RUN;
use super::paid::{paid_in_all, paid_of_matching, paid_of_version};
use super::result::to_entitlement;
use super::seen::Seen;
use crate::domain::adjustment::LedgerState;
use crate::domain::authority::Scope;
use crate::domain::money::Fen;
use crate::domain::period::Period;
use crate::domain::yearly::Money;
use crate::store::db::sum_fen;
use crate::store::directory::own_enterprise;
use crate::store::directory::scope::{enterprises, person_named, persons, there_in};
use crate::store::extent::are_many;
use crate::store::merge;

/// Which standing versions to read; `None` leaves a column open.
#[derive(Debug, Clone)]
pub struct Filter {
    /// What the reader may see.
    pub scope: Scope,
    /// Award year.
    pub year: Option<i64>,
    /// Where the money stands.
    pub state: Option<LedgerState>,
    /// City-level unit of an employer.
    pub city: Option<String>,
    /// Employer.
    pub enterprise_id: Option<i64>,
    /// Code of a reason why nothing is due.
    pub reason: Option<String>,
    /// The years that were ever computed, for a reader who sees one enterprise.
    pub known_years: Vec<i64>,
    /// Whether each person is probed for scope and city, instead of making lists of everybody there;
    /// [`quicker`](Self::quicker) finds out.
    pub probes: bool,
}

impl Filter {
    /// Everything that a scope covers.
    pub fn all(scope: Scope) -> Self {
        Self {
            scope,
            year: None,
            state: None,
            city: None,
            enterprise_id: None,
            reason: None,
            known_years: Vec::new(),
            probes: false,
        }
    }

    /// What the reader may see of each amount.
    pub(super) fn seen(&self) -> Seen {
        Seen { own: own_enterprise(&self.scope) }
    }

    /// Whether the reader sees the people of one enterprise only.
    fn is_of_few(&self) -> bool {
        own_enterprise(&self.scope).is_some()
    }

    /// Whether every standing version is let through, of one year or of all.
    fn is_everyone(&self) -> bool {
        self.scope == Scope::Province
            && self.city.is_none()
            && self.enterprise_id.is_none()
            && self.reason.is_none()
            && self.state.is_none()
    }

    pub(super) fn condition(&self) -> Condition {
        // Whoever sees one city only needs no second list of its people.
        let city = self.city.clone().map(Scope::City).filter(|city| *city != self.scope);
        // Of an enterprise's few people each is probed for the rest.
        let persons =
            |scope: &Scope, id| match self.probes || *scope != self.scope && self.is_of_few() {
                true => person_named(scope, (Entity, id)),
                false => persons(scope, id),
            };
        let enterprise = self.enterprise_id.map(Scope::Enterprise);
        let reason =
            self.reason.as_ref().map(|code| Column::Reasons.contains(format!("\"{code}\"")));
        Condition::all()
            .add(Column::SupersededAt.is_null())
            .add(Column::SubjectNo.eq(OF_A_RUN))
            .add(persons(&self.scope, Column::PersonId))
            .add_option(own_enterprise(&self.scope).map(|own| self.years_at(own)))
            .add_option(self.year.map(|year| Column::AwardYear.eq(year)))
            .add_option(city.map(|scope| persons(&scope, Column::PersonId)))
            .add_option(enterprise.map(|scope| persons(&scope, Column::PersonId)))
            .add_option(reason)
            .add_option(self.state.map(in_state))
    }
}

impl Filter {
    /// The same filter, asked the quicker way: where very many have a part in scope, a page is full
    /// after some probes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn quicker(&self, conn: &impl ConnectionTrait) -> Result<Self, DbErr> {
        use entitlement_share::{Column as S, Entity as Shares};
        let plain = self.state.is_none() && self.reason.is_none() && self.enterprise_id.is_none();
        let place = match (&self.scope, &self.city) {
            (Scope::Province, Some(city)) => Scope::City(city.clone()),
            (Scope::City(own), Some(city)) if own == city => self.scope.clone(),
            (Scope::City(_) | Scope::County(_), None) => self.scope.clone(),
            _ => return Ok(self.clone()),
        };
        if !plain {
            return Ok(self.clone());
        }
        let shares = Shares::find()
            .join(JoinType::InnerJoin, to_entitlement())
            .filter(enterprises(&place, S::EnterpriseId))
            .filter(Column::SupersededAt.is_null())
            .filter(Column::SubjectNo.eq(OF_A_RUN))
            .filter(Condition::all().add_option(self.year.map(|year| Column::AwardYear.eq(year))));
        let probes = are_many(conn, shares, S::EntitlementId).await?;
        Ok(Self { probes, ..self.clone() })
    }

    /// Years in which the person was with an enterprise.
    fn years_at(&self, own: i64) -> Condition {
        let there = |year: &i64| {
            let period = i32::try_from(*year).ok().and_then(Period::year)?;
            let year = Condition::all().add(Column::AwardYear.eq(*year));
            Some(year.add(there_in(own, &period, Column::PersonId)))
        };
        let asked = |year: &&i64| self.year.is_none_or(|asked| asked == **year);
        let mut years: Vec<Condition> =
            self.known_years.iter().filter(asked).filter_map(there).collect();
        // The only year stands by itself: within an alternative the list could not be joined.
        match (years.pop(), years.is_empty()) {
            (None, _) => Condition::all().add(Expr::val(1).eq(0)),
            (Some(only), true) => only,
            (Some(last), false) => {
                years.into_iter().fold(Condition::any().add(last), Condition::add)
            }
        }
    }
}

/// The same distinction as [`LedgerState::of`], as the database asks it.
fn in_state(state: LedgerState) -> Condition {
    let line = |word: &str| {
        Expr::exists(lines_of_version().and_where(payment_line::Column::State.eq(word)).to_owned())
    };
    let recovery = || Expr::exists(recoveries_of_version());
    let due = || {
        Condition::all()
            .add(Column::Status.eq("eligible"))
            .add(Column::NetFen.gt(0))
            .add(recovery().not())
    };
    match state {
        LedgerState::Recovery => Condition::all().add(recovery()),
        LedgerState::Ineligible => {
            Condition::all().add(Column::Status.eq("ineligible")).add(recovery().not())
        }
        LedgerState::Zero => Condition::all()
            .add(Column::Status.eq("eligible"))
            .add(Column::NetFen.eq(0))
            .add(recovery().not()),
        LedgerState::Payable => due().add(line("payable")),
        LedgerState::InBatch => due().add(line("payable").not()).add(line("in_batch")),
        LedgerState::Pending => {
            due().add(line("payable").not()).add(line("in_batch").not()).add(line("pending"))
        }
        LedgerState::Paid => {
            due().add(line("payable").not()).add(line("in_batch").not()).add(line("pending").not())
        }
    }
}

pub(super) fn lines_of_version() -> SelectStatement {
    use payment_line::{Column as L, Entity as Lines};
    Query::select()
        .expr(Expr::val(1))
        .from(Lines)
        .and_where(Expr::col((Lines, L::PersonId)).equals((Entity, Column::PersonId)))
        .and_where(Expr::col((Lines, L::Programme)).equals((Entity, Column::Programme)))
        .and_where(Expr::col((Lines, L::AwardYear)).equals((Entity, Column::AwardYear)))
        .to_owned()
}

fn recoveries_of_version() -> SelectStatement {
    use recovery::{Column as R, Entity as Recoveries};
    Query::select()
        .expr(Expr::val(1))
        .from(Recoveries)
        .and_where(Expr::col((Recoveries, R::PersonId)).equals((Entity, Column::PersonId)))
        .and_where(Expr::col((Recoveries, R::Programme)).equals((Entity, Column::Programme)))
        .and_where(Expr::col((Recoveries, R::AwardYear)).equals((Entity, Column::AwardYear)))
        .and_where(R::State.is_in(["proposed", "claimed"]))
        .to_owned()
}

/// Sums over everything that a filter lets through, fen.
#[derive(Debug, Clone, Copy, Default, FromQueryResult)]
pub struct Sums {
    /// Rows.
    pub rows: i64,
    /// Amounts before other awards.
    pub gross: i64,
    /// What other awards take away.
    pub offset: i64,
    /// What is left.
    pub net: i64,
    /// What is left where the whole year is seen.
    pub whole: i64,
    /// What was paid of that.
    pub paid: i64,
}

/// The sums of the ledger.
///
/// # Errors
/// When the database fails.
pub async fn sums(conn: &impl ConnectionTrait, filter: &Filter) -> Result<Sums, DbErr> {
    let seen = filter.seen();
    // Whoever sees whole years reads what was paid as one sum; of an enterprise's, each version is
    // asked for its own, since others may share it.
    let apart = seen.own.is_none();
    let paid = if apart { Expr::val(0_i64) } else { paid_of_version() };
    let found: Option<Sums> = Entity::find()
        .select_only()
        .column_as(Column::Id.count(), "rows")
        .column_as(sum_fen(seen.part_or(Column::GrossFen)), "gross")
        .column_as(sum_fen(seen.zero_or(Column::OffsetFen)), "offset")
        .column_as(sum_fen(seen.part_or(Column::NetFen)), "net")
        .column_as(sum_fen(seen.zero_or(Column::NetFen)), "whole")
        .column_as(sum_fen(seen.whole_or_zero(paid)), "paid")
        .filter(filter.condition())
        .into_model()
        .one(conn)
        .await?;
    let mut sums = found.unwrap_or_default();
    if filter.is_everyone() {
        sums.paid = paid_in_all(conn, filter.year).await?;
    } else if apart {
        sums.paid = paid_of_matching(conn, filter).await?;
    }
    Ok(sums)
}

/// A sum with what it is for.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Group {
    /// City-level unit.
    pub city_unit: String,
    /// Funding source.
    pub source: String,
    /// Division of the office that pays.
    pub payer_division: String,
    /// Persons.
    pub persons: i64,
    /// Sum, fen.
    pub amount: i64,
}

/// Sums by city-level unit, source and payer.
///
/// # Errors
/// When the database fails.
pub async fn groups(conn: &impl ConnectionTrait, filter: &Filter) -> Result<Vec<Group>, DbErr> {
    let own = own_enterprise(&filter.scope);
    let mine = own.map(|own| entitlement_share::Column::EnterpriseId.eq(own));
    groups_of(conn, filter.condition().add_option(mine)).await
}

/// The same sums over the versions that satisfy a condition.
///
/// # Errors
/// When the database fails.
pub(super) async fn groups_of(
    conn: &impl ConnectionTrait,
    versions: Condition,
) -> Result<Vec<Group>, DbErr> {
    use entitlement_share::{Column as S, Entity as Shares};
    Shares::find()
        .select_only()
        .columns([S::CityUnit, S::Source, S::PayerDivision])
        .column_as(Expr::col((Entity, Column::PersonId)).count_distinct(), "persons")
        .column_as(sum_fen(Expr::col((Shares, S::AmountFen))), "amount")
        .join(JoinType::InnerJoin, to_entitlement())
        .filter(versions)
        .group_by(S::CityUnit)
        .group_by(S::Source)
        .group_by(S::PayerDivision)
        .order_by_asc(S::CityUnit)
        .order_by_asc(S::Source)
        .order_by_asc(S::PayerDivision)
        .into_model()
        .all(conn)
        .await
}

fn add(sum: &mut Money, other: Money) {
    for (sum, more) in [
        (&mut sum.pending, other.pending),
        (&mut sum.payable, other.payable),
        (&mut sum.in_batch, other.in_batch),
        (&mut sum.paid, other.paid),
        (&mut sum.recovery, other.recovery),
        (&mut sum.claimed, other.claimed),
    ] {
        *sum = Fen::new(sum.get().saturating_add(more.get()));
    }
}

/// The money of persons, by person and year. What belongs to a merged number is the leading
/// person's.
///
/// # Errors
/// When the database fails.
pub async fn money_of(
    conn: &impl ConnectionTrait,
    persons: &[i64],
) -> Result<HashMap<(i64, i64), Money>, DbErr> {
    let merges = merge::merges_about(conn, persons, None).await?;
    let merged = merges.leaders().flat_map(|leading| merges.merged_into(leading).to_vec());
    let mut numbers: Vec<i64> = persons.iter().copied().chain(merged).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let mut found: HashMap<(i64, i64), Money> = HashMap::new();
    for ((number, year), money) in money_of_numbers(conn, &numbers).await? {
        add(found.entry((merges.leading(number), year)).or_default(), money);
    }
    Ok(found)
}

async fn money_of_numbers(
    conn: &impl ConnectionTrait,
    persons: &[i64],
) -> Result<HashMap<(i64, i64), Money>, DbErr> {
    let mut found: HashMap<(i64, i64), Money> = HashMap::new();
    for persons in persons.chunks(crate::store::db::rows_per_statement(1)) {
        use payment_line::{Column as L, Entity as Lines};
        let lines: Vec<(i64, i64, String, i64)> = Lines::find()
            .select_only()
            .columns([L::PersonId, L::AwardYear, L::State])
            .column_as(sum_fen(Expr::col((Lines, L::AmountFen))), "amount")
            .filter(L::PersonId.is_in(persons.iter().copied()))
            .filter(L::SubjectNo.eq(OF_A_RUN))
            .filter(L::State.ne("void"))
            .group_by(L::PersonId)
            .group_by(L::AwardYear)
            .group_by(L::State)
            .into_tuple()
            .all(conn)
            .await?;
        for (person, year, state, amount) in lines {
            let money = found.entry((person, year)).or_default();
            let amount = Fen::new(amount);
            match state.as_str() {
                "pending" => money.pending = amount,
                "payable" => money.payable = amount,
                "in_batch" => money.in_batch = amount,
                _ => money.paid = amount,
            }
        }
        use recovery::{Column as R, Entity as Recoveries};
        let back: Vec<(i64, i64, i64)> = Recoveries::find()
            .select_only()
            .columns([R::PersonId, R::AwardYear])
            .column_as(sum_fen(Expr::col((Recoveries, R::AmountFen))), "amount")
            .filter(R::PersonId.is_in(persons.iter().copied()))
            .filter(R::State.eq("proposed"))
            .group_by(R::PersonId)
            .group_by(R::AwardYear)
            .into_tuple()
            .all(conn)
            .await?;
        for (person, year, amount) in back {
            found.entry((person, year)).or_default().recovery = Fen::new(amount);
        }
        for (person, year, left) in crate::store::recovery::outstanding(conn, persons).await? {
            let claimed = &mut found.entry((person, year)).or_default().claimed;
            *claimed = Fen::new(claimed.get().saturating_add(left.get()));
        }
    }
    Ok(found)
}

/// The employers of versions that a reader may see, in the order of their shares:
/// (version, enterprise).
///
/// # Errors
/// When the database fails.
pub async fn employers_of(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    versions: &[i64],
) -> Result<Vec<(i64, i64)>, DbErr> {
    use entitlement_share::{Column as S, Entity as Shares};
    let own = own_enterprise(scope);
    let mut all = Vec::new();
    for versions in versions.chunks(crate::store::db::rows_per_statement(1)) {
        let found: Vec<(i64, i64)> = Shares::find()
            .select_only()
            .columns([S::EntitlementId, S::EnterpriseId])
            .filter(S::EntitlementId.is_in(versions.iter().copied()))
            .filter(Condition::all().add_option(own.map(|own| S::EnterpriseId.eq(own))))
            .order_by_asc(S::Id)
            .into_tuple()
            .all(conn)
            .await?;
        all.extend(found);
    }
    Ok(all)
}

/// The award years with standing versions, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn years(conn: &impl ConnectionTrait) -> Result<Vec<i64>, DbErr> {
    use entity::compute_run::{Column as R, Entity as Runs};
    Runs::find()
        .select_only()
        .column(R::AwardYear)
        .distinct()
        .order_by_desc(R::AwardYear)
        .into_tuple()
        .all(conn)
        .await
}
