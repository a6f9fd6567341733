//! Samples, their items, and proposals to suspend a pilot.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;

use super::pages::{CheckList, CheckSample, ItemRow, RiskRow, SampleRow, SuspensionRow};
use crate::domain::registry::Code;
use crate::domain::spot_check::{Drawing, FEWEST_CHECKED, POINTS_SOURCE};
use crate::service::Error;
use crate::service::spot_check::{
    self as service, Asked, Decided, ITEMS_A_PAGE, ItemLine, RiskLine, SampleLine, SuspensionLine,
};
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::listing::{day, minute, offset, pager};
use crate::web::once::once;
use crate::web::page::Page;
use crate::web::send::{Filed, XLSX, done, download};
use crate::web::session::SignedIn;
use crate::web::site::Site;

const HERE: &str = "/checks";

async fn page(
    site: &Site,
    who: &SignedIn,
    form: Option<FormState>,
    decision: FormState,
) -> Result<CheckList, Error> {
    let found = service::overview(&site.app, &who.actor).await?;
    let usual = || FormState::new("draw").with("percent", "10").with("drawing", "risk");
    let drawing = |drawing: &Drawing| (drawing.code(), drawing.label());
    Ok(CheckList {
        frame: who.frame(site, HERE).await?,
        samples: found.samples.into_iter().map(sample_row).collect(),
        risks: found.risks.into_iter().map(risk_row).collect(),
        points_source: POINTS_SOURCE,
        suspensions: found.suspensions.into_iter().map(suspension_row).collect(),
        form: found.may_draw.then(|| form.unwrap_or_else(usual)),
        drawings: Choice::list(&Drawing::ALL.iter().map(drawing).collect::<Vec<_>>()),
        decision,
    })
}

fn sample_row(line: SampleLine) -> SampleRow {
    SampleRow {
        no: line.no,
        drawing: line.drawing.to_owned(),
        of: if line.enterprise.is_empty() { "全部".to_owned() } else { line.enterprise },
        seed: line.seed,
        population: line.population,
        size: line.size,
        checked: line.record.checked,
        errors: line.record.hits,
        drawn: format!("{} {}", minute(line.drawn_at), line.drawn_by),
        state: if line.record.checked < line.size { "进行中" } else { "已核查" }.to_owned(),
    }
}

fn risk_row(line: RiskLine) -> RiskRow {
    let few = line.record.checked < FEWEST_CHECKED;
    RiskRow {
        label: line.risk.label().to_owned(),
        base: line.risk.base_points(),
        checked: line.record.checked,
        errors: line.record.hits,
        rate: if few {
            format!("不足 {FEWEST_CHECKED} 人")
        } else {
            format!("{}%", line.record.hit_percent())
        },
        points: line.points,
    }
}

fn suspension_row(line: SuspensionLine) -> SuspensionRow {
    SuspensionRow {
        id: line.id,
        enterprise: line.enterprise,
        errors: format!("{}/{}", line.record.hits, line.record.checked),
        proposed: format!("{} {}", minute(line.proposed_at), line.proposed_by),
        state: line.state.to_owned(),
        decided: line.decided,
        may_decide: line.may_decide,
    }
}

pub(super) async fn list(State(site): State<Site>, who: SignedIn) -> Answer {
    let decision = FormState::new("decision");
    Ok(Page::ok(page(&site, &who, None, decision).await?).into_response())
}

/// `POST /checks`.
pub(super) async fn draw(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let text = |field: &str| filed.text(field).to_owned();
    let asked = Asked {
        drawing: text("drawing"),
        percent: text("percent"),
        uscc: text("uscc"),
        seed: text("seed"),
    };
    let effect = async {
        let no = service::draw(&site.app, &who.actor, &asked).await?;
        Ok((format!("{HERE}/{no}"), format!("抽查 {no} 已抽取，请逐项核查")))
    };
    match once(&site, &who, &filed, effect).await {
        Ok(answer) => Ok(answer),
        Err(error) => {
            let form = back_to_form(filed.state("draw"), error)?;
            let page = page(&site, &who, Some(form), FormState::new("decision")).await?;
            Ok(Page::retry(page).into_response())
        }
    }
}

/// Each row has a form of its own, so what is wrong is told above them all.
fn of_row(error: Error) -> Error {
    match error {
        Error::Invalid(_) => Error::Refused(error.to_string()),
        other => other,
    }
}

/// `POST /checks/suspensions/{id}`.
pub(super) async fn decide(
    State(site): State<Site>,
    who: SignedIn,
    Path(id): Path<i64>,
    filed: Filed,
) -> Answer {
    let decided = match filed.text("decision") {
        "suspend" => Some((Decided::Suspended, "试点已中止一年")),
        "dismiss" => Some((Decided::Dismissed, "已决定不予中止")),
        _ => None,
    };
    let wrong = |form: FormState| async {
        Ok(Page::retry(page(&site, &who, None, form).await?).into_response())
    };
    let Some((decided, told)) = decided else {
        return wrong(filed.state("decision").refused("请选择中止或不予中止")).await;
    };
    let choice = (decided, filed.text("document_no"));
    match service::decide_suspension(&site.app, &who.actor, id, choice).await {
        Ok(()) => Ok(done(HERE, told)),
        Err(error) => wrong(back_to_form(filed.state("decision"), of_row(error))?).await,
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    page: Option<u64>,
}

async fn items(
    site: &Site,
    who: &SignedIn,
    no: &str,
    from: u64,
    form: FormState,
) -> Result<CheckSample, Error> {
    let found = service::sample_page(&site.app, &who.actor, no, from).await?;
    let may_check = found.may_check;
    let total = u64::try_from(found.line.size).unwrap_or(0);
    let path = format!("{HERE}/{no}");
    Ok(CheckSample {
        frame: who.frame(site, HERE).await?,
        hash: found.line.population_hash.clone(),
        sample: sample_row(found.line),
        points: found.points.into_iter().map(|(r, n)| (r.label().to_owned(), n)).collect(),
        pager: pager((&path, &[]), total, (from, ITEMS_A_PAGE, found.items.len())),
        items: found.items.into_iter().map(|item| item_row(item, may_check)).collect(),
        form,
    })
}

fn item_row(line: ItemLine, may_check: bool) -> ItemRow {
    let risks: Vec<&str> = line.risks.iter().map(|risk| risk.label()).collect();
    ItemRow {
        seq: line.seq,
        person_no: line.person_no,
        name: line.name,
        enterprise: line.enterprise,
        risks: risks.join("、"),
        points: line.points,
        state: line.finding.map_or("待核查", Code::label).to_owned(),
        remark: line.remark,
        checked: line
            .checked_at
            .map_or_else(String::new, |at| format!("{} {}", day(at), line.checked_by)),
        may_check: may_check && line.finding.is_none(),
    }
}

pub(super) async fn sample(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let from = offset(wanted.page, ITEMS_A_PAGE);
    let form = FormState::new("finding");
    Ok(Page::ok(items(&site, &who, &no, from, form).await?).into_response())
}

/// `GET /checks/{no}/table.xlsx`.
pub(super) async fn table(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
) -> Answer {
    let (name, bytes) = service::export(&site.app, &who.actor, &no).await?;
    Ok(download(&name, XLSX, bytes))
}

/// `POST /checks/{no}/items/{seq}`.
pub(super) async fn record(
    State(site): State<Site>,
    who: SignedIn,
    Path((no, seq)): Path<(String, i64)>,
    filed: Filed,
) -> Answer {
    let number = u64::try_from(seq).unwrap_or(1).saturating_sub(1) / ITEMS_A_PAGE + 1;
    let to = format!("{HERE}/{no}?page={number}");
    let found = (filed.text("finding"), filed.text("remark"));
    match service::record(&site.app, &who.actor, (&no, seq), found).await {
        Ok(true) => {
            let text =
                "核查结果已登记。该企业抽查差错率超过10%，已提出中止试点一年的建议，待另一人决定";
            Ok(done(&to, text))
        }
        Ok(false) => Ok(Redirect::to(&to).into_response()),
        Err(error) => {
            let form = filed.state("finding").with("seq", seq.to_string());
            let form = back_to_form(form, of_row(error))?;
            let from = offset(Some(number), ITEMS_A_PAGE);
            Ok(Page::retry(items(&site, &who, &no, from, form).await?).into_response())
        }
    }
}
