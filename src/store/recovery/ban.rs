//! Who files nothing for a time because money was got by deceit.

use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, FromQueryResult};

use super::RecoveryRow;
use crate::domain::registry::{ApplicationBan, Exclusion, Stated};
use crate::store::db::query;
use crate::store::fact::{Versions, facts_where};

/// An enterprise at which money was earned.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Earner {
    /// Identity.
    pub id: i64,
    /// Its code.
    pub uscc: String,
}

/// The enterprises at which the money was earned that was paid and is to come back.
///
/// # Errors
/// When the database fails.
pub async fn earners(conn: &impl ConnectionTrait, row: &RecoveryRow) -> Result<Vec<Earner>, DbErr> {
    let sql = "SELECT DISTINCT e.id, e.uscc FROM payment_line l \
               JOIN entitlement_share s ON s.entitlement_id = l.entitlement_id \
                    AND s.source = l.source AND s.payer_division = l.payer_division \
               JOIN enterprise e ON e.id = s.enterprise_id \
               WHERE l.person_id = $1 AND l.programme = $2 AND l.award_year = $3 \
                 AND l.source = $4 AND l.payer_division = $5 AND l.state <> 'void' ORDER BY e.uscc";
    let values = [
        row.person_id.into(),
        row.programme.as_str().into(),
        row.award_year.into(),
        row.source.as_str().into(),
        row.payer_division.as_str().into(),
    ];
    query(conn, sql, values).await
}

/// What a recovery forbids for a time.
#[derive(Debug, Clone, Default)]
pub struct Bans {
    /// To enterprises.
    pub enterprises: Vec<Stated<ApplicationBan>>,
    /// To the person.
    pub persons: Vec<Stated<Exclusion>>,
}

/// What stands of it, by the number of the recovery and the words of the exclusion.
///
/// # Errors
/// When the database fails or holds an inconsistent row.
pub async fn bans(
    conn: &impl ConnectionTrait,
    row: &RecoveryRow,
    ground: &str,
) -> Result<Bans, DbErr> {
    use entity::{application_ban, exclusion};
    let of_file = application_ban::Column::CaseNo.eq(row.recovery_no.as_str());
    let of_person =
        exclusion::Column::PersonId.eq(row.person_id).and(exclusion::Column::Ground.eq(ground));
    Ok(Bans {
        enterprises: facts_where::<ApplicationBan>(conn, of_file, Versions::Live).await?,
        persons: facts_where::<Exclusion>(conn, of_person, Versions::Live).await?,
    })
}
