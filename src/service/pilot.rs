//! Who may recognise talent itself, how many a year, and by which standard.

use chrono::{Datelike, NaiveDate};
use serde_json::json;

use super::decree::Decree;
use super::{Actor, Error, invalid, log};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::period::Period;
use crate::domain::registry::{
    Code, LegalForm, PilotAuthorisation, RecognitionStandard, TalentClass,
};
use crate::store::db::Tx;
use crate::store::directory::own_enterprise;
use crate::store::fact::{self, FactTable, Versions, facts_among, facts_of};
use crate::store::recognition;
use crate::store::stipend::explain;

/// An enterprise in the pilot.
#[derive(Debug, Clone)]
pub struct PilotLine {
    /// Name.
    pub enterprise: String,
    /// Code.
    pub uscc: String,
    /// What its recognitions are in law.
    pub legal_form: &'static str,
    /// First day.
    pub from: NaiveDate,
    /// Last day; `None` while open.
    pub through: Option<NaiveDate>,
    /// Class, places taken this year, places a year.
    pub places: Vec<(&'static str, i64, i64)>,
    /// The standard that holds today; empty without one.
    pub standard: String,
}

/// The enterprises in the pilot, as far as the reader may see them.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn pilots(app: &App, actor: &Actor) -> Result<Vec<PilotLine>, Error> {
    actor.must(Act::ReadCases)?;
    let (read, today) = (app.db.read(), app.clock.today());
    let enterprises = explain::enterprises_in(read, &actor.scope).await?;
    let ids: Vec<i64> = enterprises.iter().map(|(id, ..)| *id).collect();
    let mut held = facts_among::<PilotAuthorisation>(read, &ids, Versions::Live).await?;
    let mut standards = facts_among::<RecognitionStandard>(read, &ids, Versions::Live).await?;
    let taken = recognition::taken_in(read, i64::from(today.year())).await?;
    let mut lines = Vec::new();
    for (id, uscc, enterprise) in enterprises {
        let Some(pilot) = held.remove(&id).and_then(|held| held.into_iter().next_back()) else {
            continue;
        };
        let standards = standards.remove(&id).unwrap_or_default();
        let standard = standards.into_iter().find(|stated| stated.period.covers(today));
        let places = TalentClass::ALL.iter().map(|class| {
            let taken = taken.get(&(id, class.code().to_owned())).copied().unwrap_or(0);
            (class.label(), taken, pilot.fact.quota(*class))
        });
        let places = places.collect();
        lines.push(PilotLine {
            enterprise,
            uscc,
            legal_form: pilot.fact.legal_form.label(),
            from: pilot.period.from,
            through: pilot.period.through,
            places,
            standard: standard
                .map(|stated| format!("{} {}", stated.fact.title, stated.fact.standard_no))
                .unwrap_or_default(),
        });
    }
    Ok(lines)
}

/// A pilot as it is typed.
#[derive(Debug, Clone, Default)]
pub struct NewPilot {
    /// Code of the enterprise.
    pub uscc: String,
    /// Code of the legal form.
    pub legal_form: String,
    /// Places of A, B and C a year.
    pub quotas: [String; 3],
    /// First day.
    pub from: String,
    /// Last day.
    pub through: String,
    /// Document.
    pub document_no: String,
}

/// Authorises an enterprise. A new authorisation of the same days takes the place of the old one.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Invalid`] with the fields.
pub async fn grant(app: &App, actor: &Actor, new: &NewPilot) -> Result<(), Error> {
    actor.must(Act::GrantPilots)?;
    let known = explain::enterprises_in(app.db.read(), &actor.scope).await?;
    let mut faults = Vec::new();
    let enterprise = known.iter().find(|(_, uscc, _)| uscc == new.uscc.trim());
    if enterprise.is_none() {
        faults.push(invalid("uscc", "没有这家企业，请核对统一社会信用代码"));
    }
    let legal_form = LegalForm::from_code(&new.legal_form);
    if legal_form.is_none() {
        faults.push(invalid("legal_form", "请选择备案或举荐"));
    }
    let mut quotas = [0_i64; 3];
    for ((text, place), field) in new.quotas.iter().zip(&mut quotas).zip(QUOTAS) {
        match text.trim().parse() {
            Ok(count) if (0..=1_000).contains(&count) => *place = count,
            _ => faults.push(invalid(field, "请填写 0 至 1000 的名额数")),
        }
    }
    let day = |text: &str| text.trim().parse::<NaiveDate>().ok();
    let period = day(&new.from).and_then(|from| Period::new(from, Some(day(&new.through)?)));
    if period.is_none() {
        faults.push(invalid("from", "请填写首日和末日，末日不能早于首日"));
    }
    if new.document_no.trim().is_empty() {
        faults.push(invalid("document_no", "请填写授权文件编号"));
    }
    let (Some((id, uscc, _)), Some(legal_form), Some(period), true) =
        (enterprise, legal_form, period, faults.is_empty())
    else {
        return Err(Error::Invalid(faults));
    };
    let [quota_a, quota_b, quota_c] = quotas;
    let tx = app.db.begin().await?;
    let title = ("decision", "自主认定试点授权");
    let decree = Decree::record(app, &tx, actor, title, new.document_no.trim(), "").await?;
    let fact = PilotAuthorisation { legal_form, quota_a, quota_b, quota_c };
    replace(&tx, &decree, *id, (period, fact)).await?;
    let detail = json!({ "quotas": quotas, "from": period.from, "through": period.through });
    log(app, &tx, actor, "pilot.granted", ("enterprise", uscc), &detail).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes the days from `from` up to `resumes` (exclusive) out of the authorisations of an
/// enterprise.
pub(super) async fn interrupt(
    tx: &Tx,
    decree: &Decree<'_>,
    enterprise: i64,
    (from, resumes): (NaiveDate, NaiveDate),
) -> Result<(), Error> {
    for old in facts_of::<PilotAuthorisation>(tx, enterprise, Versions::Live).await? {
        if old.period.through.is_some_and(|last| last < from) {
            continue;
        }
        let before = from.pred_opt().and_then(|last| Period::new(old.period.from, Some(last)));
        let after = Period::new(resumes.max(old.period.from), old.period.through);
        let (id, fact) = (old.id, old.fact);
        match before.into_iter().chain(after).collect::<Vec<_>>().as_slice() {
            [] => {
                fact::supersede::<PilotAuthorisation>(tx, id, decree.at, decree.source_id).await?
            }
            [kept, rest @ ..] => {
                fact::correct(tx, id, decree.states(enterprise, *kept, fact.clone(), Some(id)))
                    .await?;
                let states =
                    |period: &Period| decree.states(enterprise, *period, fact.clone(), None);
                fact::state(tx, rest.iter().map(states).collect()).await?;
            }
        }
    }
    Ok(())
}

/// Names of the fields of the quotas.
pub const QUOTAS: [&str; 3] = ["quota_a", "quota_b", "quota_c"];

/// A standard as it is typed.
#[derive(Debug, Clone, Default)]
pub struct NewStandard {
    /// Title.
    pub title: String,
    /// Number.
    pub standard_no: String,
    /// What it asks for.
    pub content: String,
}

/// Files the enterprise's standard, from today.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Invalid`] with the fields.
pub async fn file_standard(app: &App, actor: &Actor, new: &NewStandard) -> Result<(), Error> {
    actor.must(Act::FileStandards)?;
    let own = own_enterprise(&actor.scope).ok_or(Error::Forbidden(Act::FileStandards))?;
    let (title, no, content) = (new.title.trim(), new.standard_no.trim(), new.content.trim());
    let mut faults = Vec::new();
    if title.is_empty() {
        faults.push(invalid("title", "请填写标准名称"));
    }
    if no.is_empty() {
        faults.push(invalid("standard_no", "请填写标准编号"));
    }
    if content.chars().count() < 20 {
        faults.push(invalid("content", "请按类别写明认定条件，不少于20个字"));
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let tx = app.db.begin().await?;
    let decree = Decree::record(app, &tx, actor, ("decision", title), no, "").await?;
    let period = Period { from: app.clock.today(), through: None };
    let fact = RecognitionStandard {
        title: title.to_owned(),
        standard_no: no.to_owned(),
        content: content.to_owned(),
    };
    replace(&tx, &decree, own, (period, fact)).await?;
    log(app, &tx, actor, "standard.filed", ("standard", no), &json!({})).await?;
    tx.commit().await?;
    Ok(())
}

/// States a fact of an enterprise; live ones that overlap end the day before, or altogether.
async fn replace<T: FactTable>(
    tx: &Tx,
    decree: &Decree<'_>,
    enterprise: i64,
    (period, fact): (Period, T),
) -> Result<(), Error> {
    for old in facts_of::<T>(tx, enterprise, Versions::Live).await? {
        if !old.period.overlaps(&period) {
            continue;
        }
        let before = period.from.pred_opt();
        match before.and_then(|last| Period::new(old.period.from, Some(last))) {
            Some(kept) => {
                let left = decree.states(enterprise, kept, old.fact, Some(old.id));
                fact::correct(tx, old.id, left).await?;
            }
            None => fact::supersede::<T>(tx, old.id, decree.at, decree.source_id).await?,
        }
    }
    Ok(fact::state(tx, vec![decree.states(enterprise, period, fact, None)]).await?)
}
