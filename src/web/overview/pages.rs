//! The overview and the lists behind it.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use super::chart::{self, Drawing, Drawn};
use crate::web::frame::Frame;
use crate::web::words::Pager;

/// A cell of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CellView {
    pub column: &'static str,
    pub text: String,
    /// `num`, `date`, `tag` or nothing.
    pub kind: &'static str,
    pub href: Option<String>,
}

/// A line of a figure's table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineView {
    pub label: String,
    pub group: &'static str,
    pub href: Option<String>,
    pub cells: Vec<CellView>,
}

/// A drawing and its table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FigureView {
    pub id: &'static str,
    pub title: &'static str,
    pub about: String,
    pub svg: Drawing,
    pub series: Vec<&'static str>,
    pub columns: Vec<&'static str>,
    pub lines: Vec<LineView>,
    /// The whole list.
    pub whole: Option<String>,
}

impl FigureView {
    /// Whether a column, counted with that of the labels, holds numbers.
    pub fn is_number(&self, column: &usize) -> bool {
        let cells = self.lines.first().map(|line| &line.cells);
        let cell = column.checked_sub(1).and_then(|at| cells?.get(at));
        cell.is_some_and(|cell| cell.kind == "num")
    }
}

/// `/overview`.
#[derive(Debug, Clone, Template)]
#[template(path = "overview/overview.html")]
pub struct OverviewPage {
    pub frame: Frame,
    pub day: String,
    pub figures: Vec<FigureView>,
}

impl OverviewPage {
    /// With figures, and an empty one.
    pub fn samples() -> Vec<Self> {
        let href = || Some("/overview/cases?state=county_check".to_owned());
        let drawn = Drawn {
            label: "县区审核中".into(),
            group: "自主认定".into(),
            parts: vec![700, 300],
            value: "10　中位 4 天".into(),
            href: href(),
        };
        let cell =
            |column, text: &str, kind| CellView { column, text: text.into(), kind, href: None };
        let pipeline = FigureView {
            id: "pipeline",
            title: "各环节在办办件",
            about: "每个环节正在等待办理的件数。".into(),
            svg: chart::bars("figure-pipeline", "各环节在办办件", "每个环节的件数。", &[drawn]),
            series: vec!["期限内", "已逾期"],
            columns: vec!["环节", "等待办理", "件数"],
            lines: vec![LineView {
                label: "县区审核中".into(),
                group: "自主认定",
                href: href(),
                cells: vec![cell("等待办理", "县区人社", ""), cell("件数", "10", "num")],
            }],
            whole: Some("/overview/cases".into()),
        };
        let empty = FigureView {
            id: "departures",
            title: "迟报离职",
            about: "本年登记的离职。".into(),
            ..FigureView::default()
        };
        let frame = Frame::sample_hr("/overview");
        vec![Self { frame, day: "2026-11-24".into(), figures: vec![pipeline, empty] }]
    }
}

/// `/overview/{list}`.
#[derive(Debug, Clone, Template)]
#[template(path = "overview/rows.html")]
pub struct RowsPage {
    pub frame: Frame,
    pub title: String,
    pub day: String,
    pub columns: Vec<&'static str>,
    pub rows: Vec<Vec<CellView>>,
    pub export_href: Option<String>,
    pub pager: Pager,
}

impl RowsPage {
    /// Whether a column holds numbers.
    pub fn is_number(&self, column: &usize) -> bool {
        let cell = self.rows.first().and_then(|row| row.get(*column));
        cell.is_some_and(|cell| cell.kind == "num")
    }

    /// With rows and without.
    pub fn samples() -> Vec<Self> {
        let cell = |column, text: &str, kind, href: Option<&str>| CellView {
            column,
            text: text.into(),
            kind,
            href: href.map(str::to_owned),
        };
        let page = |rows: Vec<Vec<CellView>>, export_href: Option<String>| Self {
            frame: Frame::sample_hr("/overview"),
            title: "在册工程师：福州市".into(),
            day: "2026-11-24".into(),
            columns: vec!["姓名", "企业", "清单状态", "在册自"],
            pager: Pager::single(i64::try_from(rows.len()).unwrap_or(0)),
            rows,
            export_href,
        };
        let row = vec![
            cell("姓名", "林晓岚", "", Some("/engineers/E000318")),
            cell("企业", "福州闽江智能科技有限公司", "", Some("/enterprises/91350100MAFAKE000K")),
            cell("清单状态", "在清单内", "tag", None),
            cell("在册自", "2026-01-01", "date", None),
        ];
        vec![page(vec![row], Some("/overview/roster.xlsx?unit=350100".into())), page(vec![], None)]
    }
}
