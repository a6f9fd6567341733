//! What can be asked.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

use super::asked::{Access, Asked, Number};
use super::document::Failures;
use super::params::{OfYear, Person, Piece};
use super::problem::Problem;
use super::schema::{
    CaseStanding, Engineer, EngineerPage, Enterprise, EnterprisePage, Filing, Money, Quota,
    QuotaLine, Quotas, TokenStanding, YearResult,
};
use crate::domain::machine::ApiScope;
use crate::domain::money::Fen;
use crate::domain::registry::Code;
use crate::service::directory::{EngineerLine, YearLine};
use crate::service::machine::{self, CaseStatus, EngineerPiece};
use crate::service::pilot;
use crate::web::site::Site;

type Answer<T> = Result<Json<T>, Problem>;

fn iso(day: NaiveDate) -> String {
    day.to_string()
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn money(amount: Fen) -> Money {
    Money { fen: amount.get(), yuan: amount.to_string().replace(',', "") }
}

fn year_result(line: YearLine) -> YearResult {
    YearResult {
        year: line.year,
        months: line.months,
        net: money(line.net),
        paid: line.paid.map(money),
        state: line.state.label().to_owned(),
        reason: line.reason,
        version: line.version,
    }
}

fn engineer_of(line: EngineerLine) -> Engineer {
    Engineer {
        person_no: line.no,
        name: line.name,
        document_type: line.document_kind,
        document_masked: line.document_masked,
        uscc: line.uscc,
        enterprise: line.enterprise,
        post: line.post,
        standing: line.standing.map(|standing| standing.code().to_owned()),
        rostered_on: line.joined_on.map(iso),
        year: line.year.map(year_result),
    }
}

fn page_of(piece: EngineerPiece) -> EngineerPage {
    EngineerPage { items: piece.rows.into_iter().map(engineer_of).collect(), next: piece.next }
}

/// 当前令牌的权限和期限。
#[utoipa::path(
    get,
    path = "/token",
    operation_id = "token",
    responses((status = 200, description = "令牌", body = TokenStanding), Failures)
)]
pub(super) async fn token(access: Access, asked: Asked) -> Answer<TokenStanding> {
    asked.only(&[])?;
    let caller = access.0;
    Ok(Json(TokenStanding {
        token_no: caller.token_no,
        account: caller.actor.login,
        organisation: caller.actor.organisation,
        scopes: caller.scopes.iter().map(|scope| scope.code().to_owned()).collect(),
        valid_through: iso(caller.valid_through),
        per_minute: caller.per_minute,
    }))
}

/// 范围内的工程师，按登记先后分批读取。企业只见现在或曾经在本企业的人员。
#[utoipa::path(
    get,
    path = "/engineers",
    operation_id = "list_engineers",
    params(Piece, OfYear),
    responses((status = 200, description = "一批工程师", body = EngineerPage), Failures)
)]
pub(super) async fn engineers(
    State(site): State<Site>,
    access: Access,
    asked: Asked,
) -> Answer<EngineerPage> {
    people(&site, &access, &asked, false).await
}

/// 某年度已核定的应发，按登记先后分批读取。企业只见在本企业任职的部分。
#[utoipa::path(
    get,
    path = "/entitlements",
    operation_id = "list_entitlements",
    params(Piece, OfYear),
    responses((status = 200, description = "一批工程师及其年度结果", body = EngineerPage), Failures)
)]
pub(super) async fn entitlements(
    State(site): State<Site>,
    access: Access,
    asked: Asked,
) -> Answer<EngineerPage> {
    people(&site, &access, &asked, true).await
}

async fn people(
    site: &Site,
    access: &Access,
    asked: &Asked,
    decided: bool,
) -> Answer<EngineerPage> {
    access.must(ApiScope::Read)?;
    asked.only(&["after", "limit", "year"])?;
    let year = asked.year(site.app.clock.award_year())?;
    let (after, limit) = (asked.after()?, asked.limit()?);
    let piece =
        machine::engineer_piece(&site.app, &access.0, (year, decided), after.as_deref(), limit)
            .await?;
    let list = if decided { "entitlements" } else { "engineers" };
    machine::note_read(&site.app, &access.0, list, piece.rows.len()).await?;
    Ok(Json(page_of(piece)))
}

/// 一名工程师的名册状态和年度结果。
#[utoipa::path(
    get,
    path = "/engineers/{person_no}",
    operation_id = "engineer",
    params(Person, OfYear),
    responses((status = 200, description = "工程师", body = Engineer), Failures)
)]
pub(super) async fn engineer(
    State(site): State<Site>,
    access: Access,
    Number(no): Number,
    asked: Asked,
) -> Answer<Engineer> {
    access.must(ApiScope::Read)?;
    asked.only(&["year"])?;
    let year = asked.year(site.app.clock.award_year())?;
    let line = machine::engineer_status(&site.app, &access.0, &no, year).await?;
    Ok(Json(engineer_of(line)))
}

/// 一次导入或报送的状态。
#[utoipa::path(
    get,
    path = "/imports/{import_no}",
    operation_id = "filing",
    params(("import_no" = String, Path, description = "导入编号", example = "IM000001", pattern = "^[A-Za-z0-9-]{1,40}$")),
    responses((status = 200, description = "状态", body = Filing), Failures)
)]
pub(super) async fn filing(
    State(site): State<Site>,
    access: Access,
    Number(no): Number,
    asked: Asked,
) -> Answer<Filing> {
    access.must(ApiScope::Read)?;
    asked.only(&[])?;
    let summary = machine::filing_status(&site.app, &access.0, &no).await?;
    Ok(Json(Filing {
        import_no: summary.import_no,
        kind: summary.kind.code().to_owned(),
        state: summary.state.code().to_owned(),
        rows: summary.rows.total,
        rows_good: summary.rows.good,
        rows_bad: summary.rows.bad,
        rows_known: summary.rows.known,
        facts_added: summary.facts_added,
        filed_at: instant(summary.uploaded_at),
        decided_at: summary.decided_at.map(instant),
    }))
}

/// 一件办件的状态。
#[utoipa::path(
    get,
    path = "/cases/{case_no}",
    operation_id = "case",
    params(("case_no" = String, Path, description = "办件编号", pattern = "^[A-Za-z0-9-]{1,40}$")),
    responses((status = 200, description = "状态", body = CaseStanding), Failures)
)]
pub(super) async fn case(
    State(site): State<Site>,
    access: Access,
    Number(no): Number,
    asked: Asked,
) -> Answer<CaseStanding> {
    access.must(ApiScope::Read)?;
    asked.only(&[])?;
    let CaseStatus { line, person_no, waits_for } =
        CaseStatus::of(&site.app, &access.0, &no).await?;
    Ok(Json(CaseStanding {
        case_no: line.no,
        kind: line.kind.to_owned(),
        person_no,
        state: line.state.to_owned(),
        since: iso(line.since),
        due_on: line.due_on.map(iso),
        overdue: line.overdue,
        waits_for: waits_for.into_iter().map(str::to_owned).collect(),
    }))
}

/// 自主认定授权和今年的名额。
#[utoipa::path(
    get,
    path = "/quotas",
    operation_id = "quotas",
    responses((status = 200, description = "名额", body = Quotas), Failures)
)]
pub(super) async fn quotas(
    State(site): State<Site>,
    access: Access,
    asked: Asked,
) -> Answer<Quotas> {
    access.must(ApiScope::Read)?;
    asked.only(&[])?;
    let lines = pilot::pilots(&site.app, &access.0.actor).await?;
    let quota = |line: pilot::PilotLine| Quota {
        uscc: line.uscc,
        legal_form: line.legal_form.to_owned(),
        from: iso(line.from),
        through: line.through.map(iso),
        places: line
            .places
            .into_iter()
            .map(|(class, taken, granted)| QuotaLine { class: class.to_owned(), granted, taken })
            .collect(),
    };
    Ok(Json(Quotas { items: lines.into_iter().map(quota).collect() }))
}

/// 某日在骨干企业清单内的企业，限本账号范围，按登记先后分批读取。
#[utoipa::path(
    get,
    path = "/enterprises",
    operation_id = "list_enterprises",
    params(
        ("on" = Option<String>, Query, description = "日期，默认今天", nullable = false, format = Date),
        Piece,
    ),
    responses((status = 200, description = "一批企业", body = EnterprisePage), Failures)
)]
pub(super) async fn enterprises(
    State(site): State<Site>,
    access: Access,
    asked: Asked,
) -> Answer<EnterprisePage> {
    access.must(ApiScope::Read)?;
    asked.only(&["on", "after", "limit"])?;
    let day = asked.day("on", site.app.clock.today())?;
    let (after, limit) = (asked.after()?, asked.limit()?);
    let piece =
        machine::enterprise_piece(&site.app, &access.0, day, after.as_deref(), limit).await?;
    machine::note_read(&site.app, &access.0, "enterprises", piece.rows.len()).await?;
    let row = |row: machine::ListedEnterprise| Enterprise {
        uscc: row.uscc,
        name: row.name,
        division: row.division,
        list_batch: row.list_batch,
        listed_from: iso(row.period.from),
        listed_through: row.period.through.map(iso),
    };
    Ok(Json(EnterprisePage { items: piece.rows.into_iter().map(row).collect(), next: piece.next }))
}
