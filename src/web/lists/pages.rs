//! Versions of lists, compared.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::words::Pager;

/// A difference.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VersionLine {
    pub change: &'static str,
    pub href: String,
    pub name: String,
    pub no: String,
    pub before: String,
    pub after: String,
    pub city: String,
}

/// Differences of a city, in the order of the kinds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CityRow {
    pub city: String,
    pub counts: [i64; 3],
}

/// `/lists/enterprises` and `/lists/roster`.
#[derive(Debug, Clone, Template)]
#[template(path = "lists/versions.html")]
pub struct ListPage {
    pub frame: Frame,
    pub title: &'static str,
    pub here: &'static str,
    pub is_roster: bool,
    /// The other list between the same dates.
    pub other_href: String,
    /// This list between the same dates without a filter.
    pub all_href: String,
    pub export_href: Option<String>,
    /// Fields: from, from_known, to, to_known, change, city.
    pub form: FormState,
    pub changes: Vec<Choice>,
    pub change_names: [&'static str; 3],
    pub cities: Vec<Choice>,
    pub before: String,
    pub after: String,
    pub size_before: i64,
    pub size_after: i64,
    pub by_city: Vec<CityRow>,
    pub rows: Vec<VersionLine>,
    pub pager: Pager,
}

impl ListPage {
    /// Whether differences are left out.
    pub fn is_filtered(&self) -> bool {
        !self.form.value("change").is_empty() || !self.form.value("city").is_empty()
    }

    /// Differences of either list, none, a mistyped date.
    pub fn samples() -> Vec<Self> {
        let none = Self { rows: vec![], by_city: vec![], export_href: None, ..sample() };
        let wrong = Self {
            form: FormState::new("versions")
                .with("from", "2026-02-30")
                .wrong("from", "日期格式应为2026-06-30，且须是存在的日子"),
            ..none.clone()
        };
        let roster = Self {
            title: "核心工程师名册",
            here: "/lists/roster",
            is_roster: true,
            other_href: "/lists/enterprises".into(),
            change_names: ["新增", "离开", "变更单位"],
            rows: vec![VersionLine {
                change: "变更单位",
                href: "/engineers/E000318".into(),
                name: "林晓岚".into(),
                no: "E000318".into(),
                before: "福州闽江智能科技有限公司".into(),
                after: "厦门鹭岛智算有限公司".into(),
                city: "厦门市".into(),
            }],
            ..sample()
        };
        vec![sample(), roster, none, wrong]
    }
}

fn sample() -> ListPage {
    ListPage {
        frame: Frame::sample_hr("/lists/enterprises"),
        title: "骨干企业清单",
        here: "/lists/enterprises",
        is_roster: false,
        other_href: "/lists/roster".into(),
        all_href: "/lists/enterprises".into(),
        export_href: Some("/lists/enterprises.xlsx?from=2026-01-01".into()),
        form: FormState::new("versions").with("from", "2026-01-01").with("to", "2026-11-24"),
        changes: Choice::list(&[("added", "新增"), ("removed", "移出"), ("renamed", "更名")]),
        change_names: ["新增", "移出", "更名"],
        cities: Choice::list(&[("350100", "福州市"), ("350200", "厦门市")]),
        before: "2026-01-01（截至 2026-11-24 10:00:00 已记录）".into(),
        after: "2026-11-24（截至 2026-11-24 10:00:00 已记录）".into(),
        size_before: 58,
        size_after: 63,
        by_city: vec![
            CityRow { city: "福州市".into(), counts: [4, 1, 1] },
            CityRow { city: "厦门市".into(), counts: [2, 0, 0] },
        ],
        rows: vec![VersionLine {
            change: "更名",
            href: "/enterprises/91350100MAFAKE000K".into(),
            name: "福州闽江智能科技股份有限公司".into(),
            no: "91350100MAFAKE000K".into(),
            before: "福州闽江智能科技有限公司".into(),
            after: "福州闽江智能科技股份有限公司".into(),
            city: "福州市".into(),
        }],
        pager: Pager::single(1),
    }
}
