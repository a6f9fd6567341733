//! What the person declares for a year: account, other awards, an undertaking (domain.md 7.7).

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::json;

use super::{Myself, note};
use crate::app::App;
use crate::domain::lifecycle::{
    EntitlementAct as A, EntitlementState as S, Evidence, Hand, Lifecycle, YearlyEntitlement,
};
use crate::domain::registry::Code;
use crate::service::case::act_by_person;
use crate::service::{Error, invalid};
use crate::store::case::{self as cases};
use crate::store::yearly_file as store;

/// Most characters of what is declared.
const MAX_AWARDS: usize = 500;
/// What the person signs.
const UNDERTAKING: &str =
    "本人确认收款账户为本人所有，所申报的其他奖补真实、完整，如有不实愿退回奖补并承担责任";

/// The file of a year as its person sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnFile {
    /// Award year.
    pub year: i64,
    /// Number.
    pub case_no: String,
    /// Where it stands.
    pub state: &'static str,
    /// When the person declared for the last time.
    pub declared_on: Option<NaiveDate>,
    /// Whether the person can declare now.
    pub may_declare: bool,
}

/// The files of the person's years, the last year first.
///
/// # Errors
/// When the database fails.
pub async fn own_files(app: &App, myself: &Myself) -> Result<Vec<OwnFile>, Error> {
    let read = app.db.read();
    let files = store::of_person(read, myself.id).await?;
    let ids: Vec<i64> = files.iter().map(|(_, row)| row.id).collect();
    let steps = cases::steps_of(read, &ids).await?;
    let mut own = Vec::with_capacity(files.len());
    for (file, row) in files {
        let state = S::from_code(&row.state)
            .ok_or_else(|| Error::Internal(format!("state of case {}", row.case_no)))?;
        let mut declared = steps.get(&row.id).into_iter().flatten().rev();
        own.push(OwnFile {
            year: file.award_year,
            state: state.label(),
            declared_on: declared
                .find(|step| step.act == A::DeclareSelf.code())
                .map(|step| step.on_day),
            may_declare: YearlyEntitlement::acts_of(state, Hand::Person).contains(&A::DeclareSelf),
            case_no: row.case_no,
        });
    }
    Ok(own)
}

/// Writes down what the person declares for a year: all awards of the year, or that there were
/// none, and that the account is theirs. A later declaration stands beside the earlier one.
///
/// # Errors
/// [`Error::Invalid`] (`awards`, `undertaking`); [`Error::NotFound`] without a file of the year;
/// [`Error::Refused`] when an office has the file already, or without an account.
pub async fn declare(
    app: &App,
    myself: &Myself,
    year: i64,
    (awards, undertaking): (&str, bool),
) -> Result<(), Error> {
    let awards = awards.trim();
    let mut wrong = Vec::new();
    if awards.is_empty() {
        wrong.push(invalid("awards", "请写明当年获得的其他奖补；没有的请填“无”"));
    }
    if awards.chars().count() > MAX_AWARDS {
        wrong.push(invalid("awards", format!("最多 {MAX_AWARDS} 个字，请缩短")));
    }
    if !undertaking {
        wrong.push(invalid("undertaking", "请确认承诺内容"));
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let tx = app.db.begin().await?;
    let files = store::of_person(&tx, myself.id).await?;
    let found = files.into_iter().find(|(file, _)| file.award_year == year);
    let (_, row) = found.ok_or(Error::NotFound("该年度"))?;
    let fields = BTreeMap::from([
        (Evidence::AwardDeclaration.code().to_owned(), awards.to_owned()),
        (Evidence::Undertaking.code().to_owned(), UNDERTAKING.to_owned()),
    ]);
    act_by_person::<YearlyEntitlement>(app, &tx, row.id, A::DeclareSelf, fields).await?;
    let who = (myself.no.as_str(), myself.address.as_str());
    note(app, &tx, who, "own_page.declared", &json!({ "case": row.case_no })).await?;
    Ok(tx.commit().await?)
}
