//! Reading programmes, nominating, recording results.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde::Deserialize;

use super::pages::{
    MemberRow, NominationPage, NominationRow, PlacesRow, ProgrammeList, ProgrammePage,
    ProgrammeRow, RuledRow, RulingRow, VersionRow,
};
use crate::domain::registry::Code;
use crate::domain::talent_programme::{Nominee, Outcome, percent};
use crate::service::Error;
use crate::service::talent_programme::{
    self as programme, Entered, Filter, NewPlaces, NewProgramme, NewTeam, NominationLine,
    PlacesLine, PlacesVersion, ProgrammeLine, ROWS_A_PAGE, RuledLine, RulingLine, may_keep,
    may_nominate,
};
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::listing::{minute, offset, pager, query_of};
use crate::web::once::once;
use crate::web::page::Page;
use crate::web::send::{Filed, FiledWithFile, XLSX, done, download};
use crate::web::session::SignedIn;
use crate::web::site::Site;

const HERE: &str = "/programmes";

/// The addresses of this area.
pub fn routes() -> Router<Site> {
    Router::new()
        .route(HERE, get(list).post(add))
        .route("/programmes/{no}", get(read))
        .route("/programmes/{no}/places", post(set_places))
        .route("/programmes/{no}/nominations", post(nominate))
        .route("/programmes/{no}/nominations.xlsx", get(xlsx))
        .route("/programmes/{no}/results", post(results))
        .route("/programmes/{no}/results/{ruling}", post(decide_results))
        .route("/nominations/{no}", get(nomination))
        .route("/nominations/{no}/result", post(judge))
        .route("/nominations/{no}/withdrawal", post(withdraw))
}

async fn list(State(site): State<Site>, who: SignedIn) -> Answer {
    let fresh = FormState::new("programme");
    Ok(Page::ok(list_page(&site, &who, fresh).await?).into_response())
}

async fn list_page(site: &Site, who: &SignedIn, form: FormState) -> Result<ProgrammeList, Error> {
    let (lines, groups) = programme::overview(&site.app, &who.actor).await?;
    let choice =
        |group: crate::service::catalogue::Group| Choice { value: group.code, label: group.name };
    Ok(ProgrammeList {
        frame: who.frame(site, HERE).await?,
        rows: lines.into_iter().map(programme_row).collect(),
        groups: groups.into_iter().map(choice).collect(),
        form: may_keep(&who.actor).then_some(form),
    })
}

fn programme_row(line: ProgrammeLine) -> ProgrammeRow {
    let no = line.no.clone();
    ProgrammeRow {
        name: line.name,
        owner: line.owner,
        group: line.group,
        waiting: line.waiting,
        places: line.places.into_iter().map(|places| places_row(&no, places)).collect(),
        no: line.no,
    }
}

fn places_row(no: &str, places: PlacesLine) -> PlacesRow {
    let year = places.year.to_string();
    let href = |outcome: &str| {
        let fields =
            [("year", year.as_str()), ("nominee", places.nominee.code()), ("outcome", outcome)];
        format!("{HERE}/{no}?{}", query_of(fields))
    };
    PlacesRow {
        year: places.year,
        nominee: places.nominee.label().to_owned(),
        places: places.places.map(|places| places.to_string()).unwrap_or_default(),
        ai_group: places.ai_group,
        target: places.target_permille.map(percent).unwrap_or_default(),
        nominated: places.nominated,
        nominated_href: href(""),
        selected: places.selected,
        selected_href: href(Outcome::Selected.code()),
        actual: places.actual_permille.map(percent).unwrap_or_default(),
    }
}

/// `POST /programmes`. Fields: name, owner, group.
async fn add(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let new = NewProgramme {
        name: filed.text("name"),
        owner: filed.text("owner"),
        group: filed.text("group"),
    };
    let effect = async {
        let no = programme::add(&site.app, &who.actor, &new).await?;
        Ok((format!("{HERE}/{no}"), format!("已登记项目 {no}。")))
    };
    match once(&site, &who, &filed, effect).await {
        Ok(response) => Ok(response),
        Err(error) => {
            let form = back_to_form(filed.state("programme"), error)?;
            Ok(Page::retry(list_page(&site, &who, form).await?).into_response())
        }
    }
}

/// What is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    year: String,
    nominee: String,
    outcome: String,
    page: Option<u64>,
}

impl Wanted {
    fn filter(&self) -> Filter {
        Filter {
            year: self.year.clone(),
            nominee: self.nominee.clone(),
            outcome: self.outcome.clone(),
        }
    }
}

async fn read(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Answer {
    Ok(Page::ok(page(&site, &who, &no, &wanted, None).await?).into_response())
}

/// The page; `wrong` is the form that has to be corrected.
async fn page(
    site: &Site,
    who: &SignedIn,
    no: &str,
    wanted: &Wanted,
    wrong: Option<FormState>,
) -> Result<ProgrammePage, Error> {
    let from = offset(wanted.page, ROWS_A_PAGE);
    let filter = wanted.filter();
    let place = (from, ROWS_A_PAGE);
    let found = programme::detail(&site.app, &who.actor, no, &filter, place).await?;
    let year = found.year.to_string();
    let conditions = [
        ("year", year.as_str()),
        ("nominee", wanted.nominee.as_str()),
        ("outcome", wanted.outcome.as_str()),
    ];
    let here = format!("{HERE}/{no}");
    let shown = (from, ROWS_A_PAGE, found.nominations.len());
    let form = |name: &str, allowed: bool| {
        allowed.then(|| FormState::new(name).with("year", &year).or_typed(wrong.as_ref()))
    };
    let (keeps, nominates) = (may_keep(&who.actor), may_nominate(&who.actor));
    let mut outcomes = Choice::list(&[("open", "待结果")]);
    outcomes.extend(Choice::of::<Outcome>());
    let export = || format!("{here}/nominations.xlsx?{}", query_of(conditions));
    Ok(ProgrammePage {
        frame: who.frame(site, HERE).await?,
        line: programme_row(found.line),
        year: found.year,
        filter: FormState::filter(&conditions),
        nominees: Choice::of::<Nominee>(),
        outcomes,
        yes_no: Choice::list(&[("yes", "是"), ("no", "否")]),
        versions: found.history.into_iter().map(version_row).collect(),
        rows: found.nominations.into_iter().map(|line| nomination_row(line, false)).collect(),
        pager: pager((&here, &conditions), found.total, shown),
        export_href: if keeps { export() } else { String::new() },
        places_form: form("places", keeps),
        results_form: form("results", keeps),
        rulings: found.rulings.into_iter().map(|line| ruling_row(line, wrong.as_ref())).collect(),
        nomination_form: form("nomination", nominates),
    })
}

fn ruling_row(line: RulingLine, wrong: Option<&FormState>) -> RulingRow {
    let result = |one: RuledLine| RuledRow {
        nomination_no: one.nomination_no,
        outcome: one.outcome.label(),
        document_no: one.document_no,
        money: one.money.into_iter().map(|(who, fen)| (who, fen.into())).collect(),
    };
    let said = |(name, at): (String, _)| format!("{} {name}", minute(at));
    let state = match &line.decided {
        None => "待确认",
        Some((_, _, true)) => "已确认",
        Some((_, _, false)) => "已退回",
    };
    RulingRow {
        decision: line.may_decide.then(|| FormState::new(&line.no).or_typed(wrong)),
        results: line.results.into_iter().map(result).collect(),
        sum: line.sum.into(),
        proposed: said(line.proposed),
        decided: line.decided.map(|(name, at, _)| said((name, at))).unwrap_or_default(),
        note: line.note,
        state,
        no: line.no,
    }
}

fn version_row(version: PlacesVersion) -> VersionRow {
    let fact = version.fact;
    let group = if fact.ai_group { "单设分组" } else { "不单设分组" };
    let target = fact.target_permille.map(|target| format!("，目标 {}", percent(target)));
    let state = if version.superseded_at.is_none() { "现行" } else { "已被替代" };
    VersionRow {
        year: fact.award_year,
        nominee: fact.nominee.label().to_owned(),
        said: format!("单列 {} 个，{group}{}", fact.places, target.unwrap_or_default()),
        document: version.document,
        since: minute(version.recorded_at),
        state: state.to_owned(),
    }
}

fn nomination_row(line: NominationLine, is_withdrawn: bool) -> NominationRow {
    let member = |member: programme::MemberLine| MemberRow {
        field: format!("money-{}", member.no),
        label: format!("{} {}的个人资金（元）", member.no, member.name),
        no: member.no,
        name: member.name,
        is_leader: member.is_leader,
        money: member.money.map(Into::into),
    };
    let (state, document) = match line.result {
        _ if is_withdrawn => ("已撤回", String::new()),
        Some((outcome, document)) => (outcome.label(), document),
        None => ("待结果", String::new()),
    };
    NominationRow {
        no: line.no,
        nominee: line.nominee.label().to_owned(),
        title: line.title,
        enterprise: line.enterprise,
        members: line.members.into_iter().map(member).collect(),
        at: minute(line.at),
        state: state.to_owned(),
        document,
        former: line.former,
    }
}

/// `POST /programmes/{no}/places`. Fields: year, nominee, places, ai_group, target, document_no.
async fn set_places(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let new = NewPlaces {
        year: filed.text("year"),
        nominee: filed.text("nominee"),
        places: filed.text("places"),
        ai_group: filed.text("ai_group"),
        target: filed.text("target"),
        document_no: filed.text("document_no"),
    };
    match programme::set_places(&site.app, &who.actor, &no, &new).await {
        Ok(()) => {
            Ok(done(&format!("{HERE}/{no}?year={}", new.year), "已登记指标，原来的指标留存。"))
        }
        Err(error) => {
            let form = back_to_form(filed.state("places"), error)?;
            let page = page(&site, &who, &no, &Wanted::default(), Some(form)).await?;
            Ok(Page::retry(page).into_response())
        }
    }
}

/// `POST /programmes/{no}/nominations`. Fields: year, nominee, title, members.
async fn nominate(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let new = NewTeam {
        year: filed.text("year"),
        nominee: filed.text("nominee"),
        title: filed.text("title"),
        members: filed.text("members"),
    };
    let effect = async {
        let filed = programme::nominate(&site.app, &who.actor, &no, &new).await?;
        Ok((format!("/nominations/{filed}"), format!("已申报 {filed}。")))
    };
    match once(&site, &who, &filed, effect).await {
        Ok(response) => Ok(response),
        Err(error) => {
            let form = back_to_form(filed.state("nomination"), error)?;
            let page = page(&site, &who, &no, &Wanted::default(), Some(form)).await?;
            Ok(Page::retry(page).into_response())
        }
    }
}

/// `GET /programmes/{no}/nominations.xlsx`.
async fn xlsx(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let (name, bytes) = programme::sheet(&site.app, &who.actor, &no, &wanted.filter()).await?;
    Ok(download(&name, XLSX, bytes))
}

/// `POST /programmes/{no}/results`. Field: file.
async fn results(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: FiledWithFile,
) -> Answer {
    let read = match filed.table() {
        Ok(file) => programme::import(&site.app, &who.actor, &no, file).await,
        Err(error) => Err(error),
    };
    match read {
        Ok((ruling, count)) => {
            let here = format!("{HERE}/{no}?year={}", filed.text("year"));
            Ok(done(
                &here,
                &format!("已读入 {count} 件申报的结果（{ruling}），由另一人确认后生效。"),
            ))
        }
        Err(error) => {
            let form = back_to_form(filed.state("results"), error)?;
            let page = page(&site, &who, &no, &Wanted::default(), Some(form)).await?;
            Ok(Page::retry(page).into_response())
        }
    }
}

/// `POST /programmes/{no}/results/{ruling}`. Fields: verdict (`accept` or `refuse`), note.
async fn decide_results(
    State(site): State<Site>,
    who: SignedIn,
    Path((no, ruling)): Path<(String, String)>,
    filed: Filed,
) -> Answer {
    let verdict = (filed.text("verdict") == "accept", filed.text("note"));
    match programme::decide_results(&site.app, &who.actor, &ruling, verdict).await {
        Ok(()) => {
            let said = if verdict.0 { "已确认" } else { "已退回" };
            Ok(done(&format!("{HERE}/{no}"), &format!("{said} {ruling}。")))
        }
        Err(error) => {
            let form = back_to_form(filed.state(&ruling), error)?;
            let page = page(&site, &who, &no, &Wanted::default(), Some(form)).await?;
            Ok(Page::retry(page).into_response())
        }
    }
}

async fn nomination(State(site): State<Site>, who: SignedIn, Path(no): Path<String>) -> Answer {
    Ok(Page::ok(nomination_page(&site, &who, &no, None).await?).into_response())
}

async fn nomination_page(
    site: &Site,
    who: &SignedIn,
    no: &str,
    wrong: Option<FormState>,
) -> Result<NominationPage, Error> {
    let found = programme::nomination(&site.app, &who.actor, no).await?;
    let form =
        |name: &str, allowed: bool| allowed.then(|| FormState::new(name).or_typed(wrong.as_ref()));
    let (programme_no, programme) = found.programme;
    Ok(NominationPage {
        frame: who.frame(site, HERE).await?,
        programme_no,
        programme,
        year: found.year,
        outcomes: Choice::of::<Outcome>(),
        waits: found.waits.unwrap_or_default(),
        form: form("result", found.can_judge),
        withdrawal: form("withdrawal", found.can_withdraw),
        row: nomination_row(found.line, found.is_withdrawn),
    })
}

/// `POST /nominations/{no}/result`. Fields: outcome, document_no, and `money-` with the number of
/// each member.
async fn judge(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let money: Vec<(&str, &str)> = filed
        .pairs()
        .filter_map(|(field, value)| Some((field.strip_prefix("money-")?, value)))
        .collect();
    let entered = Entered {
        outcome: filed.text("outcome"),
        document_no: filed.text("document_no"),
        money: &money,
    };
    match programme::record(&site.app, &who.actor, &no, &entered).await {
        Ok(ruling) => {
            let said = format!("已登记结果（{ruling}），由另一人确认后生效。");
            Ok(done(&format!("/nominations/{no}"), &said))
        }
        Err(error) => {
            let form = back_to_form(filed.state("result"), error)?;
            let page = nomination_page(&site, &who, &no, Some(form)).await?;
            Ok(Page::retry(page).into_response())
        }
    }
}

/// `POST /nominations/{no}/withdrawal`.
async fn withdraw(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    match programme::withdraw(&site.app, &who.actor, &no).await {
        Ok(()) => Ok(done(&format!("/nominations/{no}"), "已撤回。")),
        Err(error) => {
            let form = back_to_form(filed.state("withdrawal"), error)?;
            let page = nomination_page(&site, &who, &no, Some(form)).await?;
            Ok(Page::retry(page).into_response())
        }
    }
}
