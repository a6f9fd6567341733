//! One way to state, correct and read every fact of the registry.
//!
//! A fact table is described once, by `fact_tables!`; everything else here is generic.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr,
    EntityTrait, QueryFilter, QueryOrder, Select,
};

use crate::domain::money::Fen;
use crate::domain::period::Period;
use crate::domain::registry::{
    ApplicationBan, BankAccount, Code, DeclaredRelation, Employment, EnterpriseAccount,
    EnterpriseDivision, EnterpriseHold, EnterpriseName, EnterpriseProfile, EvidenceKind,
    EvidenceMonth, Exclusion, LegalForm, Listing, OtherAward, PersonContact, PersonDocument,
    PersonName, PilotAuthorisation, Recognition, RecognitionStandard, RelationKind, RosterEntry,
    RosterStatus, Stated, Suspension, TalentClass,
};
use crate::domain::talent_programme::{NominationResult, Nominee, Outcome, ProgrammePlaces};
use crate::domain::training::{InstitutionLicence, Placement, TrainingAttendance, TrainingPlan};
use crate::domain::visit::{CostBearer, OverseasBasis, VisitClaim, VisitPlan};

use super::db::{expect_one_row, expect_rows, insert_all, rows_per_statement};
use super::search::{self, Named};

/// A fact type and the table that holds it.
pub trait FactTable: Sized + Clone + Send + Sync + 'static {
    /// Its entity.
    type Entity: EntityTrait<
            Column: Send + Sync,
            Model: Send + Sync,
            ActiveModel: ActiveModelTrait<Entity = Self::Entity> + Send,
        >;
    /// Its table's name.
    const TABLE: &'static str;
    /// The column of this name; every fact table has the common ones.
    fn column(name: CommonColumn) -> <Self::Entity as EntityTrait>::Column;
    /// The row to insert.
    fn to_row(stated: Stated<Self>) -> <Self::Entity as EntityTrait>::ActiveModel;
    /// The stated fact of a row.
    ///
    /// # Errors
    /// When a column holds what the program never writes.
    fn from_row(model: <Self::Entity as EntityTrait>::Model) -> Result<Stated<Self>, DbErr>;
    /// The name under which the search box finds whom the fact is about, and among what.
    fn found_by(&self) -> Option<(Named, &str)> {
        None
    }
}

/// Columns that every fact table has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommonColumn {
    /// Row identity.
    Id,
    /// Person or enterprise.
    About,
    /// First day.
    ValidFrom,
    /// Day after the last.
    ValidTo,
    /// Known from.
    RecordedAt,
    /// Document.
    SourceId,
    /// Known until.
    SupersededAt,
    /// Document that ended it.
    SupersededSourceId,
}

/// How a domain value stands in a column.
trait Stored: Sized {
    type Raw;
    fn raw(self) -> Self::Raw;
    fn stored(raw: Self::Raw) -> Option<Self>;
}

macro_rules! stored_as_is {
    ($($kind:ty),+) => { $(impl Stored for $kind {
        type Raw = Self;
        fn raw(self) -> Self { self }
        fn stored(raw: Self) -> Option<Self> { Some(raw) }
    })+ };
}
stored_as_is!(String, i64, bool, Vec<u8>, Option<i64>);

macro_rules! stored_as_code {
    ($($kind:ty),+) => { $(impl Stored for $kind {
        type Raw = String;
        fn raw(self) -> String { self.code().to_owned() }
        fn stored(raw: String) -> Option<Self> { Self::from_code(&raw) }
    })+ };
}
stored_as_code!(
    RosterStatus,
    EvidenceKind,
    TalentClass,
    LegalForm,
    RelationKind,
    Nominee,
    Outcome,
    OverseasBasis,
    CostBearer
);

impl Stored for Fen {
    type Raw = i64;
    fn raw(self) -> i64 {
        self.get()
    }
    fn stored(raw: i64) -> Option<Self> {
        Some(Self::new(raw))
    }
}

fn inconsistent(table: &str, id: i64) -> DbErr {
    DbErr::Custom(format!("inconsistent row {id} in {table}"))
}

macro_rules! fact_tables {
    ($($fact:ident in $table:ident about $about:ident / $about_column:ident
       { $($field:ident),* } $(found among $among:ident by $text:ident)?;)+) => { $(
        impl FactTable for $fact {
            type Entity = entity::$table::Entity;
            const TABLE: &'static str = stringify!($table);

            fn column(name: CommonColumn) -> entity::$table::Column {
                use entity::$table::Column;
                match name {
                    CommonColumn::Id => Column::Id,
                    CommonColumn::About => Column::$about_column,
                    CommonColumn::ValidFrom => Column::ValidFrom,
                    CommonColumn::ValidTo => Column::ValidTo,
                    CommonColumn::RecordedAt => Column::RecordedAt,
                    CommonColumn::SourceId => Column::SourceId,
                    CommonColumn::SupersededAt => Column::SupersededAt,
                    CommonColumn::SupersededSourceId => Column::SupersededSourceId,
                }
            }

            fn to_row(stated: Stated<Self>) -> entity::$table::ActiveModel {
                let valid_to = stated.period.stored_to();
                let Self { $($field),* } = stated.fact;
                entity::$table::ActiveModel {
                    id: NotSet,
                    $about: Set(stated.about),
                    $($field: Set($field.raw()),)*
                    valid_from: Set(stated.period.from),
                    valid_to: Set(valid_to),
                    recorded_at: Set(stated.recorded_at),
                    recorded_by: Set(stated.recorded_by),
                    source_id: Set(stated.source_id),
                    reason: Set(stated.reason),
                    supersedes_id: Set(stated.supersedes),
                    superseded_at: Set(None),
                    superseded_source_id: Set(None),
                }
            }

            fn from_row(row: entity::$table::Model) -> Result<Stated<Self>, DbErr> {
                let id = row.id;
                let wrong = || inconsistent(Self::TABLE, id);
                Ok(Stated {
                    id,
                    about: row.$about,
                    period: Period::from_stored(row.valid_from, row.valid_to).ok_or_else(wrong)?,
                    fact: Self { $($field: Stored::stored(row.$field).ok_or_else(wrong)?,)* },
                    recorded_at: row.recorded_at,
                    recorded_by: row.recorded_by,
                    source_id: row.source_id,
                    reason: row.reason,
                    supersedes: row.supersedes_id,
                    superseded_at: row.superseded_at,
                })
            }

            $(fn found_by(&self) -> Option<(Named, &str)> {
                Some((Named::$among, &self.$text))
            })?
        }
    )+
        /// Withdraws everything that came from one source document, in every fact table.
        /// Returns how many facts were live and are now superseded.
        ///
        /// # Errors
        /// When the database refuses.
        pub async fn withdraw_source(
            tx: &DatabaseTransaction,
            source_id: i64,
            at: DateTime<Utc>,
            by_source: i64,
        ) -> Result<u64, DbErr> {
            let mut withdrawn = 0;
            $(withdrawn += supersede_where::<$fact>(
                tx,
                <$fact as FactTable>::column(CommonColumn::SourceId).eq(source_id),
                at,
                by_source,
            ).await?;)+
            Ok(withdrawn)
        }
    };
}

fact_tables! {
    PersonDocument in person_document about person_id / PersonId
        { document_type, country, number_index, number_cipher, number_masked };
    PersonName in person_name about person_id / PersonId { name } found among Person by name;
    PersonContact in person_contact about person_id / PersonId { mobile_cipher, mobile_masked };
    BankAccount in bank_account about person_id / PersonId
        { account_name, account_index, account_cipher, last_four, bank_name, cnaps };
    EnterpriseAccount in enterprise_account about enterprise_id / EnterpriseId
        { account_name, account_index, account_cipher, last_four, bank_name, cnaps };
    EnterpriseName in enterprise_name about enterprise_id / EnterpriseId { name }
        found among Enterprise by name;
    EnterpriseDivision in enterprise_division about enterprise_id / EnterpriseId
        { division, city_unit };
    EnterpriseProfile in enterprise_profile about enterprise_id / EnterpriseId
        { industry, contact_name, contact_phone };
    Listing in listing about enterprise_id / EnterpriseId
        { list_batch, recognition_quota, engineer_quota };
    EnterpriseHold in enterprise_hold about enterprise_id / EnterpriseId { case_no };
    ApplicationBan in application_ban about enterprise_id / EnterpriseId { case_no };
    PilotAuthorisation in pilot_authorisation about enterprise_id / EnterpriseId
        { legal_form, quota_a, quota_b, quota_c };
    RecognitionStandard in recognition_standard about enterprise_id / EnterpriseId
        { title, standard_no, content };
    Employment in employment about person_id / PersonId
        { enterprise_id, full_time, post, professional_title, education };
    RosterEntry in roster_entry about person_id / PersonId { enterprise_id, status };
    Recognition in recognition about person_id / PersonId
        { enterprise_id, class, certificate_no };
    EvidenceMonth in evidence_month about person_id / PersonId
        { month, payer_uscc, evidence_kind, paid_late };
    Suspension in suspension about person_id / PersonId {};
    Exclusion in exclusion about person_id / PersonId { ground };
    OtherAward in other_award about person_id / PersonId
        { programme, exclusive_group, award_year, amount_fen, granted_by, document_no };
    DeclaredRelation in declared_relation about holder_id / HolderId
        { relation, enterprise_id, person_id, note };
    ProgrammePlaces in programme_places about programme_id / ProgrammeId
        { award_year, nominee, places, ai_group, target_permille };
    NominationResult in nomination_result about nomination_id / NominationId
        { outcome, document_no };
    TrainingPlan in training_plan about training_id / TrainingId
        { organiser, occupation, division, seats };
    TrainingAttendance in training_attendance about training_id / TrainingId
        { enterprise_id, person_id, persons, passed };
    InstitutionLicence in institution_licence about institution_id / InstitutionId
        { name, licence_no, division, services };
    Placement in placement about institution_id / InstitutionId
        { enterprise_id, person_id, persons };
    VisitPlan in visit_plan about visit_id / VisitId
        { origin, purpose, overseas_basis, overseas_detail, budget_fen };
    VisitClaim in visit_claim about visit_id / VisitId
        { origin, work_days, other_payer_fen, costs_by };
}

/// Which versions of facts a reader wants.
#[derive(Debug, Clone, Copy)]
pub enum Versions {
    /// What the registry holds now.
    Live,
    /// What it held at an instant.
    KnownAt(DateTime<Utc>),
    /// Everything it ever held.
    All,
}

fn select<T: FactTable>(versions: Versions) -> Select<T::Entity> {
    let recorded = T::column(CommonColumn::RecordedAt);
    let superseded = T::column(CommonColumn::SupersededAt);
    let select = T::Entity::find();
    match versions {
        Versions::Live => select.filter(superseded.is_null()),
        Versions::KnownAt(instant) => select
            .filter(recorded.lte(instant))
            .filter(Condition::any().add(superseded.is_null()).add(superseded.gt(instant))),
        Versions::All => select,
    }
}

async fn fetch<T: FactTable>(
    conn: &impl ConnectionTrait,
    select: Select<T::Entity>,
) -> Result<Vec<Stated<T>>, DbErr> {
    select
        .order_by_asc(T::column(CommonColumn::About))
        .order_by_asc(T::column(CommonColumn::ValidFrom))
        .order_by_asc(T::column(CommonColumn::Id))
        .all(conn)
        .await?
        .into_iter()
        .map(T::from_row)
        .collect()
}

/// The facts about one person or enterprise, by first valid day.
///
/// # Errors
/// When the database fails or holds an inconsistent row.
pub async fn facts_of<T: FactTable>(
    conn: &impl ConnectionTrait,
    about: i64,
    versions: Versions,
) -> Result<Vec<Stated<T>>, DbErr> {
    fetch(conn, select::<T>(versions).filter(T::column(CommonColumn::About).eq(about))).await
}

/// The facts about a run of persons or enterprises, in order of whom they are about.
///
/// # Errors
/// As [`facts_of`].
pub async fn facts_in<T: FactTable>(
    conn: &impl ConnectionTrait,
    about: RangeInclusive<i64>,
    versions: Versions,
) -> Result<Vec<Stated<T>>, DbErr> {
    let column = T::column(CommonColumn::About);
    fetch(conn, select::<T>(versions).filter(column.between(*about.start(), *about.end()))).await
}

/// The facts about these persons or enterprises, by whom they are about, each in order of their
/// first day. Statements by the thousand, not by the one.
///
/// # Errors
/// As [`facts_of`].
pub async fn facts_among<T: FactTable>(
    conn: &impl ConnectionTrait,
    about: &[i64],
    versions: Versions,
) -> Result<HashMap<i64, Vec<Stated<T>>>, DbErr> {
    let mut out: HashMap<i64, Vec<Stated<T>>> = HashMap::new();
    for ids in about.chunks(rows_per_statement(1)) {
        let among = T::column(CommonColumn::About).is_in(ids.iter().copied());
        for stated in facts_where::<T>(conn, among, versions).await? {
            out.entry(stated.about).or_default().push(stated);
        }
    }
    Ok(out)
}

/// The facts that satisfy `filter`, for instance by a keyed hash.
///
/// # Errors
/// As [`facts_of`].
pub async fn facts_where<T: FactTable>(
    conn: &impl ConnectionTrait,
    filter: impl sea_orm::sea_query::IntoCondition,
    versions: Versions,
) -> Result<Vec<Stated<T>>, DbErr> {
    fetch(conn, select::<T>(versions).filter(filter.into_condition())).await
}

/// One version by its identity.
///
/// # Errors
/// As [`facts_of`].
pub async fn fact<T: FactTable>(
    conn: &impl ConnectionTrait,
    id: i64,
) -> Result<Option<Stated<T>>, DbErr> {
    let found = T::Entity::find().filter(T::column(CommonColumn::Id).eq(id)).one(conn).await?;
    found.map(T::from_row).transpose()
}

/// States new facts, in few statements. Names enter the index of the search box as well.
///
/// # Errors
/// When a constraint refuses one, none is stored.
pub async fn state<T: FactTable>(
    tx: &DatabaseTransaction,
    facts: Vec<Stated<T>>,
) -> Result<(), DbErr> {
    let found_by = |stated: &Stated<T>| {
        stated.fact.found_by().map(|(among, name)| (among, stated.about, name.to_owned()))
    };
    let names: Vec<_> = facts.iter().filter_map(found_by).collect();
    insert_all(tx, facts.into_iter().map(T::to_row)).await?;
    search::index(tx, &names).await
}

/// Ends the recorded time of one live version.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it is no longer live: somebody else corrected it first.
pub async fn supersede<T: FactTable>(
    tx: &DatabaseTransaction,
    id: i64,
    at: DateTime<Utc>,
    by_source: i64,
) -> Result<(), DbErr> {
    let filter = T::column(CommonColumn::Id).eq(id);
    expect_one_row(supersede_where::<T>(tx, filter, at, by_source).await?)
}

/// Ends the recorded time of exactly these live versions.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when one of them is no longer live.
pub async fn supersede_all<T: FactTable>(
    tx: &DatabaseTransaction,
    ids: &[i64],
    at: DateTime<Utc>,
    by_source: i64,
) -> Result<(), DbErr> {
    for ids in ids.chunks(rows_per_statement(1)) {
        let filter = T::column(CommonColumn::Id).is_in(ids.iter().copied());
        expect_rows(supersede_where::<T>(tx, filter, at, by_source).await?, ids.len())?;
    }
    Ok(())
}

/// Ends the recorded time of every live version that satisfies `filter`.
///
/// # Errors
/// When the database refuses.
pub async fn supersede_where<T: FactTable>(
    tx: &DatabaseTransaction,
    filter: impl sea_orm::sea_query::IntoCondition,
    at: DateTime<Utc>,
    by_source: i64,
) -> Result<u64, DbErr> {
    let superseded = T::column(CommonColumn::SupersededAt);
    let result = T::Entity::update_many()
        .col_expr(superseded, sea_orm::sea_query::Expr::value(at))
        .col_expr(
            T::column(CommonColumn::SupersededSourceId),
            sea_orm::sea_query::Expr::value(by_source),
        )
        .filter(superseded.is_null())
        .filter(filter.into_condition())
        .exec(tx)
        .await?;
    Ok(result.rows_affected)
}

/// Replaces a live version by a corrected one, in the same recorded instant.
///
/// # Errors
/// As [`supersede`] and [`state`].
pub async fn correct<T: FactTable>(
    tx: &DatabaseTransaction,
    old_id: i64,
    mut corrected: Stated<T>,
) -> Result<(), DbErr> {
    supersede::<T>(tx, old_id, corrected.recorded_at, corrected.source_id).await?;
    corrected.supersedes = Some(old_id);
    state(tx, vec![corrected]).await
}
