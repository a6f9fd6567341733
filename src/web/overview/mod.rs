//! Figures for looking at, and the lists behind them.

pub mod chart;
pub mod pages;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;

use self::chart::Drawn;
use self::pages::{CellView, FigureView, LineView, OverviewPage, RowsPage};
use crate::domain::registry::Code;
use crate::service::Error;
use crate::service::overview::{
    self as service, Bar, Behind, Cell, Conditions, Figure, ROWS_A_PAGE, Rows,
};
use crate::web::failure::{Answer, Failure};
use crate::web::listing::{offset, pager};
use crate::web::page::Page;
use crate::web::send::{XLSX, download};
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::{Yuan, count};

const HERE: &str = "/overview";

/// The addresses of this area.
pub fn routes() -> Router<Site> {
    Router::new().route(HERE, get(show)).route("/overview/{list}", get(list))
}

async fn show(State(site): State<Site>, who: SignedIn) -> Answer {
    let figures = service::overview(&site.app, &who.actor).await?;
    let frame = who.frame(&site, HERE).await?;
    let day = site.app.clock.today().to_string();
    let figures = figures.into_iter().map(figure).collect();
    Ok(Page::ok(OverviewPage { frame, day, figures }).into_response())
}

#[derive(Debug, Default, Deserialize)]
struct Paged {
    page: Option<u64>,
}

/// A list, or the whole of it as a workbook when its address ends so.
async fn list(
    State(site): State<Site>,
    who: SignedIn,
    Path(name): Path<String>,
    Query(wanted): Query<Conditions>,
    Query(paged): Query<Paged>,
) -> Answer {
    let (code, as_table) = match name.strip_suffix(".xlsx") {
        Some(code) => (code, true),
        None => (name.as_str(), false),
    };
    let what = Behind::from_code(code).ok_or(Error::NotFound("这份明细"))?;
    if as_table {
        return table(&site, &who, what, &wanted).await;
    }
    let from = offset(paged.page, ROWS_A_PAGE);
    let rows = service::behind(&site.app, &who.actor, what, &wanted, (from, ROWS_A_PAGE)).await?;
    let frame = who.frame(&site, HERE).await?;
    let path = format!("{HERE}/{}", what.code());
    let Rows { title, columns, rows, total } = rows;
    let page = RowsPage {
        frame,
        title,
        day: site.app.clock.today().to_string(),
        export_href: (total > 0).then(|| address(&format!("{path}.xlsx"), &wanted)),
        pager: pager((&path, &wanted.pairs()), total, (from, ROWS_A_PAGE, rows.len())),
        rows: rows.into_iter().map(|row| cells(&columns, row)).collect(),
        columns,
    };
    Ok(Page::ok(page).into_response())
}

async fn table(
    site: &Site,
    who: &SignedIn,
    what: Behind,
    wanted: &Conditions,
) -> Result<Response, Failure> {
    let (title, bytes) = service::export(&site.app, &who.actor, what, wanted).await?;
    Ok(download(&format!("{title}-{}.xlsx", site.app.clock.today()), XLSX, bytes))
}

fn address(path: &str, wanted: &Conditions) -> String {
    match wanted.pairs().as_slice() {
        [] => path.to_owned(),
        pairs => format!("{path}?{}", serde_urlencoded::to_string(pairs).unwrap_or_default()),
    }
}

fn link((what, wanted): &(Behind, Conditions)) -> String {
    address(&format!("{HERE}/{}", what.code()), wanted)
}

fn figure(figure: Figure) -> FigureView {
    let drawn: Vec<Drawn> = figure.bars.iter().map(draw).collect();
    let svg = chart::bars(&format!("figure-{}", figure.id), figure.title, &figure.about, &drawn);
    let line = |bar: Bar| LineView {
        label: bar.label,
        group: bar.group,
        href: bar.behind.as_ref().map(link),
        cells: cells(figure.columns.get(1..).unwrap_or_default(), bar.cells),
    };
    FigureView {
        id: figure.id,
        title: figure.title,
        about: figure.about,
        svg,
        series: figure.series,
        whole: figure.whole.as_ref().map(link),
        lines: figure.bars.into_iter().map(line).collect(),
        columns: figure.columns,
    }
}

fn draw(bar: &Bar) -> Drawn {
    let value = plain(&bar.value);
    Drawn {
        label: bar.label.clone(),
        group: bar.group.to_owned(),
        parts: bar.parts.clone(),
        value: if bar.note.is_empty() { value } else { format!("{value}　{}", bar.note) },
        href: bar.behind.as_ref().map(link),
    }
}

/// A cell as text.
fn plain(cell: &Cell) -> String {
    match cell {
        Cell::None => String::new(),
        Cell::Text(text) | Cell::Case(text) => text.clone(),
        Cell::State(word) => (*word).to_owned(),
        Cell::Person(no, name) if name.is_empty() => no.clone(),
        Cell::Person(_, name) | Cell::Enterprise(_, name) => name.clone(),
        Cell::Count(number) => count(*number),
        Cell::Money(amount) => Yuan::from(*amount).to_string(),
        Cell::Day(day) => day.to_string(),
    }
}

fn cells(columns: &[&'static str], row: Vec<Cell>) -> Vec<CellView> {
    let view = |(cell, column): (Cell, &&'static str)| CellView {
        column,
        text: plain(&cell),
        kind: match cell {
            Cell::Count(_) | Cell::Money(_) => "num",
            Cell::Day(_) => "date",
            Cell::State(_) => "tag",
            _ => "",
        },
        href: match cell {
            Cell::Person(no, _) => Some(format!("/engineers/{no}")),
            Cell::Enterprise(uscc, _) => Some(format!("/enterprises/{uscc}")),
            Cell::Case(no) => Some(format!("/cases/{no}")),
            _ => None,
        },
    };
    row.into_iter().zip(columns).map(view).collect()
}
