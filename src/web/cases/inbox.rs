//! The list of files: filters that the address holds, kept filters, one act on many.

use std::collections::BTreeMap;

use axum::extract::{Path, Query, RawQuery, State};
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;

use super::HERE;
use super::pages::{BulkPage, BulkResult, BulkTools, CaseList, Kept};
use super::row;
use crate::domain::authority::{Act, Role};
use crate::domain::export::ExportList;
use crate::domain::lifecycle::CaseKind;
use crate::domain::region;
use crate::domain::registry::Code;
use crate::service::Error;
use crate::service::case::bulk::{self, BulkSent};
use crate::service::case::list::{self, FilterAct};
use crate::service::case::{self, CASES_A_PAGE, CaseQuery, Chosen, MOST_AT_ONCE};
use crate::web::exports;
use crate::web::failure::{Answer, Failure, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::listing::{offset, pager_of, query_of};
use crate::web::page::Page;
use crate::web::send::{Filed, XLSX, done, download};
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::extent;

/// What the address asks for; it holds the whole state of the list.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    show: String,
    kind: String,
    state: String,
    enterprise: String,
    division: String,
    overdue: String,
    /// `all`: every box of the page is ticked.
    pick: String,
    page: Option<u64>,
}

impl Wanted {
    fn conditions(&self) -> [(&'static str, &str); 6] {
        [
            ("show", &self.show),
            ("kind", &self.kind),
            ("state", &self.state),
            ("enterprise", &self.enterprise),
            ("division", &self.division),
            ("overdue", &self.overdue),
        ]
    }

    /// The conditions as a part of an address; what is not asked for is left out.
    fn query(&self) -> String {
        query_of(self.conditions())
    }

    fn read(&self) -> CaseQuery {
        CaseQuery::read(&self.conditions())
    }

    /// From the text of an address; what is unknown in it is left out.
    fn parse(conditions: &str) -> Self {
        Self { page: None, ..serde_urlencoded::from_str(conditions).unwrap_or_default() }
    }
}

pub(super) async fn list(
    State(site): State<Site>,
    who: SignedIn,
    RawQuery(raw): RawQuery,
    Query(wanted): Query<Wanted>,
) -> Answer {
    if raw.is_none_or(|raw| raw.is_empty()) {
        let kept = list::saved_filters(&site.app, &who.actor).await?;
        if let Some(default) = kept.iter().find(|filter| filter.is_default) {
            return Ok(Redirect::to(&format!("{HERE}?{}", default.conditions)).into_response());
        }
    }
    let page = page(&site, &who, &wanted, FormState::new("bulk"), &[]).await?;
    Ok(Page::ok(page).into_response())
}

/// The list; `form` is that of the act on many, `ticked` the files chosen for it.
async fn page(
    site: &Site,
    who: &SignedIn,
    wanted: &Wanted,
    form: FormState,
    ticked: &[String],
) -> Result<CaseList, Failure> {
    let (app, actor) = (&site.app, &who.actor);
    let query = wanted.read();
    let found = case::cases(app, actor, &query, wanted.page.unwrap_or(1)).await?;
    let conditions = wanted.conditions();
    let mut filter = FormState::new("filter");
    for (field, value) in conditions {
        filter = filter.with(field, value);
    }
    let from = offset(wanted.page, CASES_A_PAGE);
    let state = |(kind, code, label): &(CaseKind, &str, &str)| Choice {
        value: (*code).to_owned(),
        label: format!("{} · {label}", kind.label()),
    };
    let chosen = |no: &str| wanted.pick == "all" || ticked.iter().any(|ticked| ticked == no);
    let mut kinds: Vec<CaseKind> = Vec::new();
    for (kind, _, _) in &found.states {
        if !kinds.contains(kind) {
            kinds.push(*kind);
        }
    }
    let kinds: Vec<_> = kinds.into_iter().map(|kind| (kind.code(), kind.label())).collect();
    let (text, today) = (wanted.query(), app.clock.today());
    Ok(CaseList {
        frame: who.frame(site, HERE).await?,
        filter,
        kinds: Choice::list(&kinds),
        states: found.states.iter().map(state).collect(),
        divisions: divisions(),
        counts: list::counts(app, actor).await?.into(),
        kept: kept(site, who).await?,
        keep: FormState::new("keep"),
        export_href: format!("/cases.xlsx?{text}"),
        columns_href: exports::ask_href(ExportList::Cases, &conditions),
        pick_href: format!("{HERE}?{}", with_all_picked(&conditions, wanted.page)),
        conditions: text,
        pager: pager_of((HERE, &conditions), found.extent, (from, CASES_A_PAGE, found.rows.len())),
        bulk: tools(who, form),
        rows: found
            .rows
            .into_iter()
            .map(|line| {
                let chosen = chosen(&line.no);
                super::pages::CaseRow { chosen, ..row(line, today) }
            })
            .collect(),
        waiting: !query.all,
        may_open: actor.role.may(Act::FileRecognitions),
        may_take_over: actor.role == Role::EnterpriseSignatory,
    })
}

fn with_all_picked(conditions: &[(&str, &str)], page: Option<u64>) -> String {
    let page = page.map(|page| page.to_string()).unwrap_or_default();
    let more = [("page", page.as_str()), ("pick", "all")];
    query_of(conditions.iter().copied().chain(more))
}

/// City units, each followed by its counties.
fn divisions() -> Vec<Choice> {
    let mut choices = Vec::new();
    for (unit, name) in region::city_units() {
        choices.push(Choice { value: unit.clone(), label: name.clone() });
        for division in region::pickable(Some(unit)).filter(|division| division.code != *unit) {
            let (value, label) = (division.code.clone(), format!("　{}", division.full_name));
            choices.push(Choice { value, label });
        }
    }
    choices
}

/// The kept filters with how many files each finds.
async fn kept(site: &Site, who: &SignedIn) -> Result<Vec<Kept>, Error> {
    let mut kept = Vec::new();
    for filter in list::saved_filters(&site.app, &who.actor).await? {
        let query = Wanted::parse(&filter.conditions).read();
        let found = list::length(&site.app, &who.actor, &query).await?;
        kept.push(Kept {
            id: filter.id,
            href: format!("{HERE}?{}", filter.conditions),
            name: filter.name,
            count: extent(found),
            is_default: filter.is_default,
        });
    }
    Ok(kept)
}

/// The acts that can be done on many files, each once.
fn tools(who: &SignedIn, form: FormState) -> BulkTools {
    let mut acts: Vec<Choice> = Vec::new();
    let mut evidence: Vec<(&'static str, &'static str)> = Vec::new();
    if who.actor.role.may(Act::WorkCases) {
        for act in bulk::bulk_acts(&who.actor) {
            if !acts.iter().any(|known| known.value == act.act) {
                acts.push(Choice { value: act.act.to_owned(), label: act.label.to_owned() });
            }
            for field in act.evidence {
                if !evidence.contains(&field) {
                    evidence.push(field);
                }
            }
        }
    }
    BulkTools { acts, evidence, form, most: MOST_AT_ONCE }
}

/// `GET /cases.xlsx`: what the list finds.
pub(super) async fn xlsx(
    State(site): State<Site>,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let words = described(&wanted);
    let found = list::export(&site.app, &who.actor, &wanted.read(), &words).await?;
    let Some(bytes) = found else {
        return Ok(exports::ask_instead(ExportList::Cases, &wanted.conditions()));
    };
    Ok(download(&format!("办件-{}.xlsx", site.app.clock.today()), XLSX, bytes))
}

fn described(wanted: &Wanted) -> String {
    const NAMES: [&str; 6] = ["范围", "类型", "状态", "企业", "地区", "期限"];
    let texts = wanted.conditions().into_iter().zip(NAMES);
    let kept = texts.filter(|((_, value), _)| !value.is_empty());
    kept.map(|((_, value), name)| format!("{name}={value}")).collect::<Vec<_>>().join("；")
}

/// `POST /cases/bulk`. Fields: act, remark, evidence, conditions, extent (all), and `file`
/// (number:steps) often.
pub(super) async fn bulk(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let chosen: Vec<Chosen> = (filed.all("file").into_iter())
        .filter_map(|text| text.rsplit_once(':'))
        .filter_map(|(no, steps)| {
            Some(Chosen { no: no.to_owned(), seen_steps: Some(steps.parse().ok()?) })
        })
        .collect();
    let wanted = Wanted::parse(filed.text("conditions"));
    let tools = tools(&who, FormState::new("bulk"));
    let evidence: BTreeMap<String, String> = (tools.evidence.iter())
        .map(|(code, _)| ((*code).to_owned(), filed.text(code).to_owned()))
        .collect();
    let sent = BulkSent {
        act: filed.text("act").to_owned(),
        remark: filed.text("remark").to_owned(),
        evidence,
        chosen,
        everything: (filed.text("extent") == "all").then(|| wanted.read()),
    };
    match bulk::bulk(&site.app, &who.actor, &sent).await {
        Ok(rows) => {
            let label = tools.acts.into_iter().find(|act| act.value == sent.act);
            let result = |row: case::RowOutcome| match row.done {
                true => BulkResult { no: row.no, state: row.text, fault: String::new() },
                false => BulkResult { no: row.no, state: String::new(), fault: row.text },
            };
            let rows: Vec<BulkResult> = rows.into_iter().map(result).collect();
            let page = BulkPage {
                frame: who.frame(&site, HERE).await?,
                act: label.map(|act| act.label).unwrap_or_default(),
                done: rows.iter().filter(|row| row.fault.is_empty()).count(),
                rows,
                back_href: format!("{HERE}?{}", back(&wanted)),
            };
            Ok(Page::ok(page).into_response())
        }
        Err(error) => {
            let form = back_to_form(filed.state("bulk"), error)?;
            let ticked: Vec<String> = sent.chosen.into_iter().map(|chosen| chosen.no).collect();
            let page = page(&site, &who, &wanted, form, &ticked).await?;
            Ok(Page::retry(page).into_response())
        }
    }
}

/// Never an empty query: that would open the default filter.
fn back(wanted: &Wanted) -> String {
    let query = wanted.query();
    if query.is_empty() { "show=mine".to_owned() } else { query }
}

/// `POST /cases/filters`. Fields: name, conditions, default.
pub(super) async fn save_filter(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let wanted = Wanted::parse(filed.text("conditions"));
    let conditions = back(&wanted);
    let named = (filed.text("name"), conditions.as_str());
    match list::save_filter(&site.app, &who.actor, named, filed.text("default") == "yes").await {
        Ok(()) => Ok(done(&format!("{HERE}?{conditions}"), "筛选已保存。")),
        Err(error) => {
            let keep = back_to_form(filed.state("keep"), error)?;
            let mut page = page(&site, &who, &wanted, FormState::new("bulk"), &[]).await?;
            page.keep = keep;
            Ok(Page::retry(page).into_response())
        }
    }
}

/// `POST /cases/filters/{id}`. Fields: change (default, plain, forget), conditions.
pub(super) async fn change_filter(
    State(site): State<Site>,
    who: SignedIn,
    Path(id): Path<i64>,
    filed: Filed,
) -> Answer {
    let (act, text) = match filed.text("change") {
        "default" => (FilterAct::MakeDefault, "已设为默认筛选，打开办件时先显示它。"),
        "plain" => (FilterAct::EndDefault, "已取消默认筛选。"),
        "forget" => (FilterAct::Forget, "筛选已删除。"),
        _ => return Err(Error::NotFound("这项操作").into()),
    };
    list::change_filter(&site.app, &who.actor, id, act).await?;
    let wanted = Wanted::parse(filed.text("conditions"));
    Ok(done(&format!("{HERE}?{}", back(&wanted)), text))
}
