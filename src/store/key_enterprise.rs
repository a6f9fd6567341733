//! Calls for applications, applications, what experts said, reports of years, and whose place on
//! the list is suspended.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter,
    QueryOrder,
};

use super::db::{expect_one_row, rows_per_statement};
use super::fact::{self, CommonColumn, FactTable, Versions};
use crate::domain::key_enterprise::{Application, ExpertReview, YearReport};
use crate::domain::registry::{ApplicationBan, EnterpriseHold, Stated};

pub use entity::application_call::Model as CallRow;
pub use entity::year_report::Model as ReportRow;

/// A call to be published.
#[derive(Debug, Clone)]
pub struct NewCall<'a> {
    /// Official number.
    pub call_no: &'a str,
    /// Title.
    pub title: &'a str,
    /// Number of the document.
    pub document_no: &'a str,
    /// First day.
    pub opens_on: NaiveDate,
    /// Last day.
    pub closes_on: NaiveDate,
    /// Account.
    pub published_by: i64,
    /// When.
    pub published_at: DateTime<Utc>,
}

/// Publishes a call.
///
/// # Errors
/// When the database refuses.
pub async fn publish_call(tx: &DatabaseTransaction, new: &NewCall<'_>) -> Result<(), DbErr> {
    let row = entity::application_call::ActiveModel {
        call_no: Set(new.call_no.to_owned()),
        title: Set(new.title.to_owned()),
        document_no: Set(new.document_no.to_owned()),
        opens_on: Set(new.opens_on),
        closes_on: Set(new.closes_on),
        published_by: Set(new.published_by),
        published_at: Set(new.published_at),
        revoked_by: Set(None),
        revoked_at: Set(None),
        ..Default::default()
    };
    entity::application_call::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Revokes a call.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when there is none that holds.
pub async fn revoke_call(
    tx: &DatabaseTransaction,
    call_no: &str,
    by: i64,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    use entity::application_call::{Column, Entity};
    let revoked = Entity::update_many()
        .col_expr(Column::RevokedBy, Expr::value(by))
        .col_expr(Column::RevokedAt, Expr::value(at))
        .filter(Column::CallNo.eq(call_no))
        .filter(Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    expect_one_row(revoked.rows_affected)
}

/// All calls, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn calls(conn: &impl ConnectionTrait) -> Result<Vec<CallRow>, DbErr> {
    use entity::application_call::{Column, Entity};
    Entity::find().order_by_desc(Column::OpensOn).order_by_desc(Column::Id).all(conn).await
}

/// A call that holds on a day.
///
/// # Errors
/// When the database fails.
pub async fn open_call(
    conn: &impl ConnectionTrait,
    day: NaiveDate,
) -> Result<Option<CallRow>, DbErr> {
    use entity::application_call::{Column, Entity};
    Entity::find()
        .filter(Column::RevokedAt.is_null())
        .filter(Column::OpensOn.lte(day))
        .filter(Column::ClosesOn.gte(day))
        .order_by_desc(Column::ClosesOn)
        .one(conn)
        .await
}

/// Keeps what an enterprise says of itself.
///
/// # Errors
/// When the database refuses.
pub async fn apply(
    tx: &DatabaseTransaction,
    case_id: i64,
    application: &Application,
) -> Result<(), DbErr> {
    let row = entity::enterprise_application::ActiveModel {
        case_id: Set(case_id),
        industry: Set(application.industry.clone()),
        main_business: Set(application.main_business.clone()),
        staff: Set(application.staff),
        research_staff: Set(application.research_staff),
        ..Default::default()
    };
    entity::enterprise_application::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// What the enterprise of a file says of itself; `None` for one that was taken over.
///
/// # Errors
/// When the database fails.
pub async fn application(
    conn: &impl ConnectionTrait,
    case_id: i64,
) -> Result<Option<Application>, DbErr> {
    use entity::enterprise_application::{Column, Entity};
    let found = Entity::find().filter(Column::CaseId.eq(case_id)).one(conn).await?;
    Ok(found.map(|row| Application {
        industry: row.industry,
        main_business: row.main_business,
        staff: row.staff,
        research_staff: row.research_staff,
    }))
}

/// Keeps what the experts did.
///
/// # Errors
/// When the database refuses.
pub async fn judge(
    tx: &DatabaseTransaction,
    case_id: i64,
    review: &ExpertReview,
) -> Result<(), DbErr> {
    let row = entity::expert_review::ActiveModel {
        case_id: Set(case_id),
        experts: Set(review.experts),
        score_sheets: Set(review.score_sheets),
        in_favour: Set(review.in_favour),
        withdrew: Set(review.withdrew.clone()),
        ..Default::default()
    };
    entity::expert_review::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// What the experts did; `None` before.
///
/// # Errors
/// When the database fails.
pub async fn judged(
    conn: &impl ConnectionTrait,
    case_id: i64,
) -> Result<Option<ExpertReview>, DbErr> {
    use entity::expert_review::{Column, Entity};
    let found = Entity::find().filter(Column::CaseId.eq(case_id)).one(conn).await?;
    Ok(found.map(|row| ExpertReview {
        experts: row.experts,
        score_sheets: row.score_sheets,
        in_favour: row.in_favour,
        withdrew: row.withdrew,
    }))
}

/// Who hands in a report, and when.
#[derive(Debug, Clone, Copy)]
pub struct Filing<'a> {
    /// Official number.
    pub report_no: &'a str,
    /// Enterprise.
    pub enterprise_id: i64,
    /// How many of the year there were before, plus one.
    pub revision: i64,
    /// Account.
    pub by: i64,
    /// When.
    pub at: DateTime<Utc>,
}

/// Keeps the report of a year; an earlier one of the same year stays.
///
/// # Errors
/// A unique violation when somebody else handed one in meanwhile.
pub async fn report(
    tx: &DatabaseTransaction,
    filing: Filing<'_>,
    report: &YearReport,
) -> Result<(), DbErr> {
    let row = entity::year_report::ActiveModel {
        report_no: Set(filing.report_no.to_owned()),
        enterprise_id: Set(filing.enterprise_id),
        report_year: Set(report.year.into()),
        revision: Set(filing.revision),
        staff: Set(report.staff),
        research_staff: Set(report.research_staff),
        insured: Set(report.insured),
        research_fen: Set(report.research.get()),
        still_ai: Set(report.still_ai),
        statement: Set(report.statement.clone()),
        filed_by: Set(filing.by),
        filed_at: Set(filing.at),
        ..Default::default()
    };
    entity::year_report::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The reports of a year of these enterprises, by enterprise, the first one first.
///
/// # Errors
/// When the database fails.
pub async fn reports(
    conn: &impl ConnectionTrait,
    year: i32,
    enterprises: &[i64],
) -> Result<HashMap<i64, Vec<ReportRow>>, DbErr> {
    use entity::year_report::{Column, Entity};
    let mut found: HashMap<i64, Vec<ReportRow>> = HashMap::new();
    for ids in enterprises.chunks(rows_per_statement(1)) {
        let rows = Entity::find()
            .filter(Column::ReportYear.eq(i64::from(year)))
            .filter(Column::EnterpriseId.is_in(ids.iter().copied()))
            .order_by_asc(Column::Revision)
            .all(conn)
            .await?;
        for row in rows {
            found.entry(row.enterprise_id).or_default().push(row);
        }
    }
    Ok(found)
}

/// The time in which an enterprise files nothing because of deceit, if a day lies in one: the one
/// that ends last.
///
/// # Errors
/// When the database fails or holds an inconsistent row.
pub async fn ban_on(
    conn: &impl ConnectionTrait,
    enterprise: i64,
    day: NaiveDate,
) -> Result<Option<Stated<ApplicationBan>>, DbErr> {
    let bans = fact::facts_of::<ApplicationBan>(conn, enterprise, Versions::Live).await?;
    let covering = bans.into_iter().filter(|ban| ban.period.covers(day));
    Ok(covering.max_by_key(|ban| (ban.period.through.is_none(), ban.period.through)))
}

/// The suspensions of these enterprises that hold on a day, by enterprise.
///
/// # Errors
/// When the database fails or holds an inconsistent row.
pub async fn holds_on(
    conn: &impl ConnectionTrait,
    enterprises: &[i64],
    day: NaiveDate,
) -> Result<HashMap<i64, Stated<EnterpriseHold>>, DbErr> {
    let mut found = HashMap::new();
    for ids in enterprises.chunks(rows_per_statement(3)) {
        let to = EnterpriseHold::column(CommonColumn::ValidTo);
        let holds = Condition::all()
            .add(EnterpriseHold::column(CommonColumn::About).is_in(ids.iter().copied()))
            .add(EnterpriseHold::column(CommonColumn::ValidFrom).lte(day))
            .add(Condition::any().add(to.is_null()).add(to.gt(day)));
        for stated in fact::facts_where::<EnterpriseHold>(conn, holds, Versions::Live).await? {
            found.insert(stated.about, stated);
        }
    }
    Ok(found)
}
