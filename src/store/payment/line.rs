//! Money that can be paid once, and the batch lines that hold it.

use chrono::NaiveDate;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{LockType, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Value,
};

use super::{Batch, PaymentLine, execute, query};
use crate::domain::payment::{Outcome, PaymentState};
use crate::domain::registry::{BankAccount, Code, EnterpriseAccount, Stated};
use crate::store::db::{expect_rows, insert_all};
use crate::store::fact::{self, Versions};

/// Which money a batch is about: one programme, year, source and payer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Programme.
    pub programme: String,
    /// Year the money is for.
    pub award_year: i64,
    /// Funding source.
    pub source: String,
    /// Who pays.
    pub payer_division: String,
    /// City-level unit of the work that the money is for; empty for all.
    pub city_unit: String,
    /// Code of the enterprise of that work; empty for all.
    pub enterprise_uscc: String,
}

impl Scope {
    /// The money that a batch is about.
    pub fn of(batch: &Batch) -> Self {
        Self {
            programme: batch.programme.clone(),
            award_year: batch.award_year,
            source: batch.source.clone(),
            payer_division: batch.payer_division.clone(),
            city_unit: batch.city_unit.clone(),
            enterprise_uscc: batch.enterprise_uscc.clone(),
        }
    }

    /// The versions with a share of this money for work there; `None` when all count.
    fn versions(&self) -> Option<SelectStatement> {
        use entity::enterprise::{Column as Enterprise, Entity as Enterprises};
        use entity::entitlement_share::{Column as Share, Entity as Shares};
        if self.city_unit.is_empty() && self.enterprise_uscc.is_empty() {
            return None;
        }
        let named = Enterprises::find()
            .select_only()
            .column(Enterprise::Id)
            .filter(Enterprise::Uscc.eq(self.enterprise_uscc.as_str()));
        let city = (!self.city_unit.is_empty()).then(|| Share::CityUnit.eq(&*self.city_unit));
        let enterprise = (!self.enterprise_uscc.is_empty())
            .then(|| Share::EnterpriseId.in_subquery(named.into_query()));
        let there = Shares::find()
            .select_only()
            .column(Share::EntitlementId)
            .filter(Share::Source.eq(self.source.as_str()))
            .filter(Share::PayerDivision.eq(self.payer_division.as_str()))
            .filter(Condition::all().add_option(city).add_option(enterprise));
        Some(there.into_query())
    }

    fn filter(&self) -> Condition {
        use entity::payment_line::Column;
        Condition::all()
            .add_option(self.versions().map(|list| Column::EntitlementId.in_subquery(list)))
            .add(Column::Programme.eq(self.programme.as_str()))
            .add(Column::AwardYear.eq(self.award_year))
            .add(Column::Source.eq(self.source.as_str()))
            .add(Column::PayerDivision.eq(self.payer_division.as_str()))
    }

    fn values(&self) -> Vec<Value> {
        vec![
            self.programme.as_str().into(),
            self.award_year.into(),
            self.source.as_str().into(),
            self.payer_division.as_str().into(),
        ]
    }
}

/// The payable lines, oldest first. `lock` keeps them from changing for the rest of an open
/// transaction.
///
/// # Errors
/// When the database fails.
pub async fn payable(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    lock: bool,
) -> Result<Vec<PaymentLine>, DbErr> {
    use entity::payment_line::{Column, Entity};
    let mut select = Entity::find()
        .filter(scope.filter())
        .filter(Column::State.eq(PaymentState::Payable.code()))
        .order_by_asc(Column::Id);
    if lock {
        select = select.lock(LockType::Update);
    }
    select.all(conn).await
}

/// Everything the registry ever held about the accounts of the persons with payable lines, in
/// order of the persons.
///
/// # Errors
/// When the database fails.
pub async fn accounts_of(
    conn: &impl ConnectionTrait,
    scope: &Scope,
) -> Result<Vec<Stated<BankAccount>>, DbErr> {
    use entity::payment_line::{Column, Entity};
    let persons = Entity::find()
        .select_only()
        .column(Column::PersonId)
        .filter(scope.filter())
        .filter(Column::State.eq(PaymentState::Payable.code()));
    let filter = entity::bank_account::Column::PersonId.in_subquery(persons.into_query());
    fact::facts_where(conn, filter, Versions::All).await
}

/// The same of the enterprises that payable lines are paid to, in order of the enterprises.
///
/// # Errors
/// When the database fails.
pub async fn enterprise_accounts_of(
    conn: &impl ConnectionTrait,
    scope: &Scope,
) -> Result<Vec<Stated<BankAccount>>, DbErr> {
    use entity::payment_line::{Column, Entity};
    let enterprises = Entity::find()
        .select_only()
        .column(Column::PayeeEnterpriseId)
        .filter(scope.filter())
        .filter(Column::PayeeEnterpriseId.is_not_null())
        .filter(Column::State.eq(PaymentState::Payable.code()));
    let filter =
        entity::enterprise_account::Column::EnterpriseId.in_subquery(enterprises.into_query());
    let found = fact::facts_where::<EnterpriseAccount>(conn, filter, Versions::All).await?;
    Ok(found.into_iter().map(|account| account.map(BankAccount::from)).collect())
}

#[derive(Debug, FromQueryResult)]
struct Person {
    person_id: i64,
}

/// The persons whose live lines add up to more than their live entitlement grants: the
/// entitlement was lowered after lines were made from it. Also those of whom a merge was decided
/// or undone that no run of the year has taken into account: what they are owed together is not
/// known yet. Ascending.
///
/// # Errors
/// When the database fails.
pub async fn lowered_persons(
    conn: &impl ConnectionTrait,
    scope: &Scope,
) -> Result<Vec<i64>, DbErr> {
    let sql = "SELECT l.person_id FROM payment_line l \
        WHERE l.programme = $1 AND l.award_year = $2 AND l.source = $3 \
          AND l.payer_division = $4 AND l.state <> 'void' \
        GROUP BY l.person_id \
        HAVING SUM(l.amount_fen) > COALESCE(( \
            SELECT SUM(s.amount_fen) FROM entitlement_share s \
            JOIN entitlement e ON e.id = s.entitlement_id \
            WHERE e.person_id = l.person_id AND e.programme = $1 AND e.award_year = $2 \
              AND e.superseded_at IS NULL AND s.source = $3 AND s.payer_division = $4), 0) \
        UNION \
        SELECT p.id FROM person p \
        JOIN person_merge m ON m.leading_id = p.id OR m.merged_id = p.id \
        WHERE EXISTS (SELECT 1 FROM compute_run c WHERE c.programme = $1 AND c.award_year = $2) \
          AND NOT EXISTS ( \
            SELECT 1 FROM compute_run r WHERE r.programme = $1 AND r.award_year = $2 \
              AND r.state = 'completed' \
              AND r.facts_known_at >= COALESCE(m.undone_at, m.recorded_at)) \
        ORDER BY 1";
    let rows: Vec<Person> = query(conn, sql, scope.values()).await?;
    Ok(rows.into_iter().map(|row| row.person_id).collect())
}

/// The persons whose live entitlement is for time at an enterprise whose place on the list is
/// suspended on a day: their money waits. Ascending.
///
/// # Errors
/// When the database fails.
pub async fn held_persons(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    day: NaiveDate,
) -> Result<Vec<i64>, DbErr> {
    let sql = "SELECT DISTINCT e.person_id FROM entitlement e \
        JOIN entitlement_share s ON s.entitlement_id = e.id \
        JOIN enterprise_hold h ON h.enterprise_id = s.enterprise_id \
        WHERE e.programme = $1 AND e.award_year = $2 AND e.superseded_at IS NULL \
          AND s.source = $3 AND s.payer_division = $4 AND h.superseded_at IS NULL \
          AND h.valid_from <= $5 AND (h.valid_to IS NULL OR h.valid_to > $5) \
        ORDER BY 1";
    let mut values = scope.values();
    values.push(day.into());
    let rows: Vec<Person> = query(conn, sql, values).await?;
    Ok(rows.into_iter().map(|row| row.person_id).collect())
}

/// A batch line to add.
#[derive(Debug, Clone)]
pub struct NewBatchLine {
    /// Identity that goes to the bank.
    pub line_ref: String,
    /// Position, from 1.
    pub seq: i64,
    /// Payment line.
    pub payment_line_id: i64,
    /// Name of the account's holder.
    pub payee_name: String,
    /// Version of the account.
    pub bank_account_id: i64,
    /// Last four digits of the account.
    pub last_four: String,
    /// Amount in fen.
    pub amount_fen: i64,
    /// What is withheld of it, in fen.
    pub tax_fen: i64,
}

/// Puts lines into the current revision of a batch and takes their payment lines out of what is
/// payable.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when one of them is no longer payable.
pub async fn hold(
    tx: &DatabaseTransaction,
    batch: &Batch,
    lines: &[NewBatchLine],
) -> Result<(), DbErr> {
    let rows: Vec<_> = lines
        .iter()
        .map(|line| entity::batch_line::ActiveModel {
            line_ref: Set(line.line_ref.clone()),
            batch_id: Set(batch.id),
            revision: Set(batch.revision),
            seq: Set(line.seq),
            payment_line_id: Set(line.payment_line_id),
            payee_name: Set(line.payee_name.clone()),
            bank_account_id: Set(line.bank_account_id),
            last_four: Set(line.last_four.clone()),
            amount_fen: Set(line.amount_fen),
            tax_fen: Set(line.tax_fen),
            live: Set(true),
            outcome: Set(Outcome::Pending.code().to_owned()),
            reason_code: Set(String::new()),
            reason_text: Set(String::new()),
            bank_serial: Set(String::new()),
            paid_at: Set(None),
            ..Default::default()
        })
        .collect();
    insert_all(tx, rows).await?;
    let sql = "UPDATE payment_line SET state = 'in_batch' WHERE state = 'payable' AND id IN \
               (SELECT payment_line_id FROM batch_line \
                WHERE batch_id = $1 AND revision = $2 AND live)";
    let moved = execute(tx, sql, [batch.id.into(), batch.revision.into()]).await?;
    expect_rows(moved, lines.len())
}

/// Gives the money of the current revision back: its lines are released, its payment lines
/// payable.
///
/// # Errors
/// When the database refuses.
pub async fn release(tx: &DatabaseTransaction, batch: &Batch) -> Result<(), DbErr> {
    let values = || -> [Value; 2] { [batch.id.into(), batch.revision.into()] };
    let free = "UPDATE payment_line SET state = 'payable' WHERE state = 'in_batch' AND id IN \
                (SELECT payment_line_id FROM batch_line \
                 WHERE batch_id = $1 AND revision = $2 AND live)";
    let freed = execute(tx, free, values()).await?;
    let end = "UPDATE batch_line SET live = FALSE, outcome = 'released' \
               WHERE batch_id = $1 AND revision = $2 AND live";
    let ended = execute(tx, end, values()).await?;
    if freed == ended { Ok(()) } else { Err(DbErr::RecordNotUpdated) }
}

/// A line of a batch with the payment line and account behind it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct FrozenLine {
    /// Identity of the batch line.
    pub id: i64,
    /// Identity that goes to the bank.
    pub line_ref: String,
    /// Position.
    pub seq: i64,
    /// Name of the account's holder.
    pub payee_name: String,
    /// Amount that the batch holds.
    pub amount_fen: i64,
    /// What is withheld of it.
    pub tax_fen: i64,
    /// What became of it.
    pub outcome: String,
    /// Serial number of the payment.
    pub bank_serial: String,
    /// When it was paid.
    pub paid_at: Option<chrono::DateTime<chrono::Utc>>,
    /// Code of why it failed; may be empty.
    pub reason_code: String,
    /// Why it failed; may be empty.
    pub reason_text: String,
    /// Number of the payment line.
    pub line_no: String,
    /// Its amount.
    pub payable_fen: i64,
    /// Its state.
    pub payment_state: String,
    /// Who is paid.
    pub person_id: i64,
    /// Keyed hash of the account number.
    pub account_index: String,
    /// Sealed account number.
    pub account_cipher: Vec<u8>,
    /// Bank.
    pub bank_name: String,
    /// Bank code.
    pub cnaps: String,
    /// Version of the bank account.
    pub bank_account_id: i64,
    /// Account that recorded the bank account.
    pub account_recorded_by: i64,
    /// Since when the registry no longer holds this version of the account.
    pub account_superseded_at: Option<chrono::DateTime<chrono::Utc>>,
}

/// The lines of the current revision, by position, whatever became of them. Released lines are
/// none of it.
///
/// # Errors
/// When the database fails.
pub async fn frozen_lines(
    conn: &impl ConnectionTrait,
    batch: &Batch,
) -> Result<Vec<FrozenLine>, DbErr> {
    let sql = "SELECT b.id, b.line_ref, b.seq, b.payee_name, b.amount_fen, b.tax_fen, b.outcome, \
            b.bank_serial, b.paid_at, b.reason_code, b.reason_text, p.line_no, p.amount_fen AS payable_fen, \
            p.state AS payment_state, p.person_id, a.account_index, a.account_cipher, \
            a.bank_name, a.cnaps, a.id AS bank_account_id, \
            a.recorded_by AS account_recorded_by, \
            a.superseded_at AS account_superseded_at \
        FROM batch_line b JOIN payment_line p ON p.id = b.payment_line_id \
        JOIN bank_account a ON a.id = b.bank_account_id \
        WHERE b.batch_id = $1 AND b.revision = $2 AND b.outcome <> 'released' ORDER BY b.seq";
    query(conn, sql, [batch.id.into(), batch.revision.into()]).await
}

#[derive(Debug, FromQueryResult)]
struct AccountHolder {
    id: i64,
    holder_id: i64,
}

/// The natural persons behind accounts: (account, person).
///
/// # Errors
/// When the database fails.
pub async fn holders_of(
    conn: &impl ConnectionTrait,
    accounts: impl IntoIterator<Item = i64>,
) -> Result<Vec<(i64, i64)>, DbErr> {
    use entity::account::{Column, Entity};
    let rows = Entity::find()
        .select_only()
        .columns([Column::Id, Column::HolderId])
        .filter(Column::Id.is_in(accounts))
        .into_model::<AccountHolder>()
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.holder_id)).collect())
}
