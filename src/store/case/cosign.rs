//! Signatures that were asked for on files: requests, whom they went to, and their answers.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, JoinType, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, RelationDef,
};

use crate::store::db::{expect_rows, insert_all, rows_per_statement};

pub use entity::cosign_answer::Model as AnswerRow;
pub use entity::cosign_request::Model as RequestRow;
pub use entity::cosign_signer::Model as SignerRow;

/// A signer with the answer, where there is one.
pub type Signer = (SignerRow, Option<AnswerRow>);

/// A request to keep.
#[derive(Debug, Clone)]
pub struct NewRequest<'a> {
    /// On which file.
    pub case_id: i64,
    /// Steps that the file had.
    pub step_no: i64,
    /// Where it stood.
    pub state: &'a str,
    /// What is asked.
    pub question: &'a str,
    /// How many of the signers must agree.
    pub needed: u32,
    /// Last day to answer, inclusive; `None` where the calendar does not reach.
    pub due_on: Option<NaiveDate>,
    /// By whom: account and natural person.
    pub by: (i64, i64),
    /// In whose name: account and natural person; `None` in one's own.
    pub behalf: Option<(i64, i64)>,
    /// For which office.
    pub organisation_id: i64,
    /// When.
    pub at: DateTime<Utc>,
}

/// Whom a request goes to: account, natural person, office.
pub type NewSigner = (i64, i64, i64);

/// Keeps a request with its signers; returns its identity.
///
/// # Errors
/// When the file has an open one, or a natural person is asked twice.
pub async fn ask(
    tx: &DatabaseTransaction,
    new: &NewRequest<'_>,
    signers: &[NewSigner],
) -> Result<i64, DbErr> {
    let row = entity::cosign_request::ActiveModel {
        case_id: Set(new.case_id),
        step_no: Set(new.step_no),
        state: Set(new.state.to_owned()),
        question: Set(new.question.to_owned()),
        signers: Set(i64::try_from(signers.len()).unwrap_or(i64::MAX)),
        needed: Set(i64::from(new.needed)),
        due_on: Set(new.due_on),
        asked_by: Set(new.by.0),
        asked_holder: Set(new.by.1),
        for_account_id: Set(new.behalf.map(|(account, _)| account)),
        for_holder_id: Set(new.behalf.map(|(_, holder)| holder)),
        organisation_id: Set(new.organisation_id),
        asked_at: Set(new.at),
        ended_at: Set(None),
        ending: Set(None),
        ended_by: Set(None),
        note: Set(String::new()),
        ..Default::default()
    };
    let made = entity::cosign_request::Entity::insert(row).exec(tx).await?.last_insert_id;
    let signer = |(account, holder, office): &NewSigner| entity::cosign_signer::ActiveModel {
        request_id: Set(made),
        account_id: Set(*account),
        holder_id: Set(*holder),
        organisation_id: Set(*office),
        ..Default::default()
    };
    insert_all(tx, signers.iter().map(signer)).await?;
    Ok(made)
}

/// The open request of each of these files that has one, by file.
///
/// # Errors
/// When the database fails.
pub async fn open_among(
    conn: &impl ConnectionTrait,
    case_ids: &[i64],
) -> Result<HashMap<i64, RequestRow>, DbErr> {
    use entity::cosign_request::{Column, Entity};
    let mut open = HashMap::new();
    for ids in case_ids.chunks(rows_per_statement(1)) {
        let of = Entity::find().filter(Column::CaseId.is_in(ids.iter().copied()));
        let rows = of.filter(Column::EndedAt.is_null()).all(conn).await?;
        open.extend(rows.into_iter().map(|row| (row.case_id, row)));
    }
    Ok(open)
}

/// All requests on a file, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn of_case(conn: &impl ConnectionTrait, case_id: i64) -> Result<Vec<RequestRow>, DbErr> {
    use entity::cosign_request::{Column, Entity};
    Entity::find().filter(Column::CaseId.eq(case_id)).order_by_desc(Column::Id).all(conn).await
}

/// The signers of requests with what each answered, by account.
///
/// # Errors
/// When the database fails.
pub async fn signers(
    conn: &impl ConnectionTrait,
    request_ids: &[i64],
) -> Result<Vec<Signer>, DbErr> {
    use entity::{cosign_answer, cosign_signer};
    let mut signers = Vec::new();
    for ids in request_ids.chunks(rows_per_statement(1)) {
        let of = cosign_signer::Column::RequestId.is_in(ids.iter().copied());
        let rows = cosign_signer::Entity::find().filter(of);
        signers.extend(rows.order_by_asc(cosign_signer::Column::Id).all(conn).await?);
    }
    let mut answers: HashMap<i64, AnswerRow> = HashMap::new();
    let ids: Vec<i64> = signers.iter().map(|signer: &SignerRow| signer.id).collect();
    for ids in ids.chunks(rows_per_statement(1)) {
        let of = cosign_answer::Column::SignerId.is_in(ids.iter().copied());
        let rows = cosign_answer::Entity::find().filter(of).all(conn).await?;
        answers.extend(rows.into_iter().map(|answer| (answer.signer_id, answer)));
    }
    let with_answer = |signer: SignerRow| {
        let answer = answers.remove(&signer.id);
        (signer, answer)
    };
    Ok(signers.into_iter().map(with_answer).collect())
}

/// Keeps the answer of a signer.
///
/// # Errors
/// When the signer answered before, or the request has ended.
pub async fn answer(
    tx: &DatabaseTransaction,
    signer_id: i64,
    (agrees, opinion): (bool, &str),
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let row = entity::cosign_answer::ActiveModel {
        signer_id: Set(signer_id),
        agrees: Set(agrees),
        opinion: Set(opinion.to_owned()),
        at: Set(at),
        ..Default::default()
    };
    entity::cosign_answer::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Ends open requests: how, by whose account (`None` by the program), and in which words.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when one of them has ended.
pub async fn end(
    tx: &DatabaseTransaction,
    ids: &[i64],
    (ending, by, note): (&str, Option<i64>, &str),
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    use entity::cosign_request::{Column, Entity};
    for ids in ids.chunks(rows_per_statement(1)) {
        let done = Entity::update_many()
            .col_expr(Column::EndedAt, Expr::value(at))
            .col_expr(Column::Ending, Expr::value(ending))
            .col_expr(Column::EndedBy, Expr::value(by))
            .col_expr(Column::Note, Expr::value(note))
            .filter(Column::Id.is_in(ids.iter().copied()))
            .filter(Column::EndedAt.is_null())
            .exec(tx)
            .await?;
        expect_rows(done.rows_affected, ids.len())?;
    }
    Ok(())
}

fn request_of_signer() -> RelationDef {
    entity::cosign_signer::Entity::belongs_to(entity::cosign_request::Entity)
        .from(entity::cosign_signer::Column::RequestId)
        .to(entity::cosign_request::Column::Id)
        .into()
}

fn answer_of_signer() -> RelationDef {
    entity::cosign_signer::Entity::belongs_to(entity::cosign_answer::Entity)
        .from(entity::cosign_signer::Column::Id)
        .to(entity::cosign_answer::Column::SignerId)
        .into()
}

/// Where any of these natural persons agreed on these files: file and state in which it was asked.
///
/// # Errors
/// When the database fails.
pub async fn agreed(
    conn: &impl ConnectionTrait,
    case_ids: &[i64],
    holders: &[i64],
) -> Result<Vec<(i64, String)>, DbErr> {
    use entity::{cosign_answer, cosign_request, cosign_signer};
    let mut found = Vec::new();
    for ids in case_ids.chunks(rows_per_statement(1) / 2) {
        let rows: Vec<(i64, String)> = cosign_signer::Entity::find()
            .select_only()
            .columns([cosign_request::Column::CaseId, cosign_request::Column::State])
            .join(JoinType::InnerJoin, request_of_signer())
            .join(JoinType::InnerJoin, answer_of_signer())
            .filter(cosign_signer::Column::HolderId.is_in(holders.iter().copied()))
            .filter(cosign_answer::Column::Agrees.eq(true))
            .filter(cosign_request::Column::CaseId.is_in(ids.iter().copied()))
            .into_tuple()
            .all(conn)
            .await?;
        found.extend(rows);
    }
    Ok(found)
}

/// The open requests that wait for an account's answer.
fn waiting_for(account_id: i64) -> sea_orm::Select<entity::cosign_signer::Entity> {
    use entity::{cosign_answer, cosign_request, cosign_signer};
    cosign_signer::Entity::find()
        .select_only()
        .join(JoinType::InnerJoin, request_of_signer())
        .join(JoinType::LeftJoin, answer_of_signer())
        .filter(cosign_signer::Column::AccountId.eq(account_id))
        .filter(cosign_request::Column::EndedAt.is_null())
        .filter(cosign_answer::Column::Id.is_null())
}

/// The files on which an account is asked to sign and did not answer; only those to be answered
/// before a day, if given. A query for a condition on the file's identity.
pub(in crate::store) fn asked(account_id: i64, due_before: Option<NaiveDate>) -> SelectStatement {
    use entity::cosign_request::Column;
    let mut waiting = waiting_for(account_id).column(Column::CaseId);
    if let Some(day) = due_before {
        waiting = waiting.filter(Column::DueOn.lt(day));
    }
    waiting.into_query()
}

/// Since when and until which day an account is asked to sign, by file, among these.
///
/// # Errors
/// When the database fails.
pub async fn asked_on(
    conn: &impl ConnectionTrait,
    account_id: i64,
    case_ids: &[i64],
) -> Result<HashMap<i64, (DateTime<Utc>, Option<NaiveDate>)>, DbErr> {
    use entity::cosign_request::Column;
    let rows: Vec<(i64, DateTime<Utc>, Option<NaiveDate>)> = waiting_for(account_id)
        .columns([Column::CaseId, Column::AskedAt, Column::DueOn])
        .filter(Column::CaseId.is_in(case_ids.iter().copied()))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|(id, at, due_on)| (id, (at, due_on))).collect())
}
