//! What the search box found.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::FormState;
use crate::web::frame::Frame;

/// One object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchRow {
    pub href: String,
    pub name: String,
    pub no: String,
    pub detail: String,
    pub state: String,
}

/// Objects of one kind, never none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchSection {
    /// Element id.
    pub id: &'static str,
    pub title: &'static str,
    /// How many, or at least how many.
    pub count: String,
    /// The whole list, when not all are shown.
    pub all_href: Option<String>,
    pub rows: Vec<SearchRow>,
}

/// `/search`.
#[derive(Debug, Clone, Template)]
#[template(path = "search/found.html")]
pub struct SearchPage {
    pub frame: Frame,
    /// What was searched for; empty when it must not be shown.
    pub query: String,
    /// Whether what was typed looked like the number of a document.
    pub is_private: bool,
    /// Fields: document_no. Sent by POST to `/engineers/lookup`.
    pub exact: FormState,
    pub sections: Vec<SearchSection>,
}

impl SearchPage {
    /// Several kinds, nothing, nothing typed, a number of a document, nobody who holds it.
    pub fn samples() -> Vec<Self> {
        let page = |query: &str, is_private, sections| Self {
            frame: Frame::sample_hr(""),
            query: query.into(),
            is_private,
            exact: FormState::new("exact"),
            sections,
        };
        let nobody = Self {
            exact: FormState::new("exact")
                .wrong("document_no", "管理范围内没有持有该证件的人员，请核对号码"),
            ..page("", true, vec![])
        };
        vec![
            page("智能", false, sample_sections()),
            page("查无此人", false, vec![]),
            page("", false, vec![]),
            page("", true, vec![]),
            nobody,
        ]
    }
}

fn sample_sections() -> Vec<SearchSection> {
    let row = |href: &str, name: &str, no: &str, detail: &str, state: &str| SearchRow {
        href: href.into(),
        name: name.into(),
        no: no.into(),
        detail: detail.into(),
        state: state.into(),
    };
    vec![
        SearchSection {
            id: "engineers",
            title: "核心工程师",
            count: "至少 20 人".into(),
            all_href: Some("/engineers?q=%E6%99%BA%E8%83%BD".into()),
            rows: vec![
                row("/engineers/E000318", "林智能", "E000318", "福州闽江智能科技有限公司", "在册"),
                row("/engineers/E000007", "吴智能", "E000007", "厦门鹭岛智算有限公司", "出册"),
            ],
        },
        SearchSection {
            id: "enterprises",
            title: "骨干企业",
            count: "1 家".into(),
            all_href: None,
            rows: vec![row(
                "/enterprises/91350100MAFAKE000K",
                "福州闽江智能科技有限公司",
                "91350100MAFAKE000K",
                "福州市鼓楼区",
                "在清单",
            )],
        },
    ]
}
