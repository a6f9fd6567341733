//! Which engineers a list shows.

use chrono::NaiveDate;
use sea_orm::sea_query::{Expr, ExprTrait, IntoCondition, SelectStatement, UnionType};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect,
    QueryTrait,
};

use super::engineers::{contains, covers, of_person};
use super::unconfirmed::{self, Unconfirmed};
use super::{registered, scope};
use crate::domain::authority::Scope;
use crate::domain::registry::{Code, RosterStatus};
use crate::domain::roster::Standing;
use crate::store::extent::{COUNTED, are_many};
use crate::store::search::{Named, among_pairs};
use crate::store::stipend::OF_A_RUN;

/// What the year came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AmountFilter {
    /// Something is due.
    Some,
    /// Decided: nothing is due.
    Zero,
    /// Not decided yet.
    Undecided,
}

/// What is missing of a person on the roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// No evidence of work from one day up to another (exclusive), though on the roster all along.
    Evidence {
        /// First day.
        from: NaiveDate,
        /// Day after the last.
        to: NaiveDate,
    },
    /// No account to pay to.
    Account,
    /// The person's own confirmation.
    Confirmation(Unconfirmed),
}

/// Conditions of a list. `None` does not restrict.
#[derive(Debug, Clone)]
pub struct EngineerFilter {
    /// Day on which states are judged.
    pub today: NaiveDate,
    /// Year of `amount`.
    pub year: i64,
    /// Part of a name, or a whole official number.
    pub text: Option<String>,
    /// Code of an enterprise that the person is or was with; states are then those with it.
    pub uscc: Option<String>,
    /// City-level unit where the enterprise lies.
    pub city: Option<String>,
    /// State on the roster, as [`Standing::of`] tells it of the entry that matters most: confirmed
    /// before declared before ended.
    pub standing: Option<Standing>,
    /// What the year came to.
    pub amount: Option<AmountFilter>,
    /// What is missing.
    pub missing: Option<Missing>,
    /// Whether each person is probed for the scope, instead of making a list of everybody in it;
    /// [`quicker`](Self::quicker) finds out.
    pub probes: bool,
    /// Who has the name or number, when they are few; [`quicker`](Self::quicker) finds out.
    pub named: Option<Vec<i64>>,
}

impl EngineerFilter {
    /// Everybody, judged on `today` for `year`.
    pub const fn all(today: NaiveDate, year: i64) -> Self {
        Self {
            today,
            year,
            text: None,
            uscc: None,
            city: None,
            standing: None,
            amount: None,
            missing: None,
            probes: false,
            named: None,
        }
    }

    /// The same filter, asked the quicker way: where very many are in scope, or few have the name, a
    /// page is full after some probes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn quicker(&self, conn: &impl ConnectionTrait, scope: &Scope) -> Result<Self, DbErr> {
        let named = match &self.text {
            Some(text) if text.chars().count() > 1 => few_named(conn, text).await?,
            _ => None,
        };
        let probes = match (&self.text, self.standing, self.is_narrow(scope)) {
            (_, _, false) | (_, Some(_), _) => false,
            (Some(_), None, true) => named.is_some(),
            (None, None, true) => {
                use entity::roster_entry::{Column, Entity};
                let there = Entity::find()
                    .filter(Column::SupersededAt.is_null())
                    .filter(self.employers(scope, Column::EnterpriseId));
                are_many(conn, there, Column::PersonId).await?
            }
        };
        Ok(Self { probes, named, ..self.clone() })
    }

    /// Which employers' facts count: those in scope, narrowed by the filter.
    fn employers(&self, scope: &Scope, id: impl ColumnTrait) -> Condition {
        use entity::{enterprise, enterprise_division as division};
        let named = self.uscc.as_ref().map(|uscc| {
            let select = enterprise::Entity::find()
                .select_only()
                .column(enterprise::Column::Id)
                .filter(enterprise::Column::Uscc.eq(uscc.as_str()));
            id.in_subquery(select.into_query())
        });
        let there = self.city.as_ref().map(|unit| {
            let select = division::Entity::find()
                .select_only()
                .column(division::Column::EnterpriseId)
                .filter(division::Column::SupersededAt.is_null())
                .filter(division::Column::CityUnit.eq(unit.as_str()))
                .filter(covers(division::Column::ValidFrom, division::Column::ValidTo, self.today));
            id.in_subquery(select.into_query())
        });
        scope::enterprises(scope, id).add_option(named).add_option(there)
    }

    /// The same of the employer that a row at hand names: probes instead of lists.
    fn employer_of<E: EntityTrait>(&self, scope: &Scope, row: (E, E::Column)) -> Condition {
        use entity::{enterprise, enterprise_division as division};
        let named = self.uscc.as_ref().map(|uscc| {
            let select = enterprise::Entity::find()
                .select_only()
                .column(enterprise::Column::Id)
                .filter(enterprise::Column::Id.into_expr().equals(row))
                .filter(enterprise::Column::Uscc.eq(uscc.as_str()));
            scope::probe(select)
        });
        let there = self.city.as_ref().map(|unit| {
            let select = division::Entity::find()
                .select_only()
                .column(division::Column::Id)
                .filter(division::Column::EnterpriseId.into_expr().equals(row))
                .filter(division::Column::SupersededAt.is_null())
                .filter(division::Column::CityUnit.eq(unit.as_str()))
                .filter(covers(division::Column::ValidFrom, division::Column::ValidTo, self.today));
            scope::probe(select)
        });
        scope::lies_there(scope, row).add_option(named).add_option(there)
    }

    pub(super) fn condition(&self, scope: &Scope) -> Condition {
        Condition::all()
            .add_option(self.engaged(scope))
            .add_option(self.text.as_deref().map(|text| match &self.named {
                Some(few) => {
                    Condition::all().add(entity::person::Column::Id.is_in(few.iter().copied()))
                }
                None => named(text),
            }))
            .add_option(self.standing.map(|standing| self.stands(scope, standing)))
            .add_option(self.amount.map(|amount| self.came_to(scope, amount)))
            .add_option(self.missing.map(|missing| self.lacks(scope, missing)))
    }

    /// Whether only some of all persons are with employers that count. Then a list of them is the
    /// quicker way; else nearly everybody is, and a probe of each is.
    fn is_narrow(&self, scope: &Scope) -> bool {
        self.uscc.is_some() || self.city.is_some() || *scope != Scope::Province
    }

    /// Registered by some enterprise that counts, hence in scope; `None` where another condition
    /// asks for more.
    fn engaged(&self, scope: &Scope) -> Option<Condition> {
        use entity::{employment, person, roster_entry};
        if self.standing.is_some() {
            return None;
        }
        if self.probes {
            let probe = registered::by_one_of(
                self.employer_of(scope, (roster_entry::Entity, roster_entry::Column::EnterpriseId)),
                self.employer_of(scope, (employment::Entity, employment::Column::EnterpriseId)),
            );
            return Some(probe.into_condition());
        }
        if self.is_narrow(scope) {
            return Some(Condition::all().add(person::Column::Id.in_subquery(scope::engaged(
                self.employers(scope, roster_entry::Column::EnterpriseId),
                self.employers(scope, employment::Column::EnterpriseId),
            ))));
        }
        Some(registered::by_somebody().into_condition())
    }

    /// Whether the filter lets everybody through who is registered.
    pub(super) fn is_open(&self, scope: &Scope) -> bool {
        let asks = self.text.is_some()
            || self.standing.is_some()
            || self.amount.is_some()
            || self.missing.is_some();
        !asks && !self.is_narrow(scope)
    }

    /// The person has a live roster entry that satisfies `which`, at an employer that counts.
    fn has_entry(&self, scope: &Scope, which: Condition) -> Condition {
        use entity::roster_entry::{Column, Entity};
        if self.is_narrow(scope) {
            let list = self.entries(scope, which);
            return Condition::all().add(entity::person::Column::Id.in_subquery(list));
        }
        let probe = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::SupersededAt.is_null())
            .filter(of_person(Column::PersonId))
            .filter(which);
        Condition::all().add(Expr::exists(probe.into_query()))
    }

    /// Persons with a live roster entry that satisfies `which`, at an employer that counts.
    fn entries(&self, scope: &Scope, which: Condition) -> SelectStatement {
        use entity::roster_entry::{Column, Entity};
        Entity::find()
            .select_only()
            .column(Column::PersonId)
            .filter(Column::SupersededAt.is_null())
            .filter(self.employers(scope, Column::EnterpriseId))
            .filter(which)
            .into_query()
    }

    fn confirmed_today(&self) -> Condition {
        use entity::roster_entry::Column;
        covers(Column::ValidFrom, Column::ValidTo, self.today)
            .add(Column::Status.eq(RosterStatus::Confirmed.code()))
    }

    fn stands(&self, scope: &Scope, standing: Standing) -> Condition {
        use entity::roster_entry::Column;
        use entity::suspension as held;
        let person = entity::person::Column::Id;
        let holds = |status: RosterStatus| {
            let lasting = Column::ValidTo.is_null().or(Column::ValidTo.gt(self.today));
            let which = Condition::all().add(Column::Status.eq(status.code())).add(lasting);
            self.has_entry(scope, which)
        };
        let confirmed = || holds(RosterStatus::Confirmed);
        let declared = || holds(RosterStatus::Declared);
        let suspended = held::Entity::find()
            .select_only()
            .column(held::Column::PersonId)
            .filter(held::Column::SupersededAt.is_null())
            .filter(covers(held::Column::ValidFrom, held::Column::ValidTo, self.today))
            .into_query();
        let all = Condition::all();
        match standing {
            Standing::Active => all.add(confirmed()).add(person.not_in_subquery(suspended)),
            Standing::Suspended => all.add(confirmed()).add(person.in_subquery(suspended)),
            Standing::Declared => all.add(declared()).add(confirmed().not()),
            Standing::Ended => all
                .add(self.has_entry(scope, Condition::all()))
                .add(confirmed().not())
                .add(declared().not()),
        }
    }

    fn came_to(&self, scope: &Scope, amount: AmountFilter) -> Condition {
        use entity::{entitlement as decided, entitlement_share as share};
        let person = entity::person::Column::Id;
        let live = decided::Entity::find()
            .select_only()
            .column(decided::Column::PersonId)
            .filter(decided::Column::SupersededAt.is_null())
            .filter(decided::Column::SubjectNo.eq(OF_A_RUN))
            .filter(decided::Column::AwardYear.eq(self.year));
        let condition = match amount {
            AmountFilter::Undecided => person.not_in_subquery(live.into_query()),
            AmountFilter::Zero => {
                person.in_subquery(live.filter(decided::Column::NetFen.eq(0)).into_query())
            }
            AmountFilter::Some => {
                let shares = share::Entity::find()
                    .select_only()
                    .column(share::Column::EntitlementId)
                    .filter(share::Column::AmountFen.gt(0))
                    .filter(self.employers(scope, share::Column::EnterpriseId));
                let paid = live.filter(decided::Column::Id.in_subquery(shares.into_query()));
                person.in_subquery(paid.into_query())
            }
        };
        condition.into_condition()
    }

    fn lacks(&self, scope: &Scope, missing: Missing) -> Condition {
        use entity::{bank_account, evidence_month, roster_entry::Column};
        let person = entity::person::Column::Id;
        match missing {
            Missing::Evidence { from, to } => {
                let throughout = Condition::all()
                    .add(Column::Status.eq(RosterStatus::Confirmed.code()))
                    .add(Column::ValidFrom.lte(from))
                    .add(Column::ValidTo.is_null().or(Column::ValidTo.gte(to)));
                let proven = evidence_month::Entity::find()
                    .select_only()
                    .column(evidence_month::Column::PersonId)
                    .filter(evidence_month::Column::SupersededAt.is_null())
                    .filter(evidence_month::Column::ValidFrom.gte(from))
                    .filter(evidence_month::Column::ValidFrom.lt(to));
                Condition::all()
                    .add(person.in_subquery(self.entries(scope, throughout)))
                    .add(person.not_in_subquery(proven.into_query()))
            }
            Missing::Confirmation(which) => {
                unconfirmed::condition(which, self.today, |held| self.entries(scope, held))
            }
            Missing::Account => {
                use bank_account::Column as Account;
                let has = bank_account::Entity::find()
                    .select_only()
                    .column(Account::PersonId)
                    .filter(Account::SupersededAt.is_null())
                    .filter(covers(Account::ValidFrom, Account::ValidTo, self.today));
                Condition::all()
                    .add(person.in_subquery(self.entries(scope, self.confirmed_today())))
                    .add(person.not_in_subquery(has.into_query()))
            }
        }
    }
}

/// The persons of whom [`named`] is true, when they are no more than a list counts.
async fn few_named(conn: &impl ConnectionTrait, text: &str) -> Result<Option<Vec<i64>>, DbErr> {
    use entity::person::{Column, Entity};
    let found = Entity::find().select_only().column(Column::Id).filter(named(text));
    let ids: Vec<i64> = found.limit(COUNTED + 1).into_tuple().all(conn).await?;
    Ok((ids.len() as u64 <= COUNTED).then_some(ids))
}

/// Once had a name that contains `text`, or has it as official number. Two characters or more are
/// found through the index; a single one stands in too many names for that to help.
fn named(text: &str) -> Condition {
    use entity::{person, person_name};
    let indexed = among_pairs(Named::Person, text, person_name::Column::PersonId);
    let names = person_name::Entity::find()
        .select_only()
        .column(person_name::Column::PersonId)
        .filter(person_name::Column::SupersededAt.is_null())
        .filter(Condition::all().add_option(indexed))
        .filter(contains(person_name::Column::Name, text));
    // One list of both, which a database can walk: of two conditions it would try everybody.
    let numbered = person::Entity::find()
        .select_only()
        .column(person::Column::Id)
        .filter(person::Column::PersonNo.eq(text.to_uppercase()));
    let mut found = names.into_query();
    found.union(UnionType::Distinct, numbered.into_query());
    Condition::all().add(person::Column::Id.in_subquery(found))
}
