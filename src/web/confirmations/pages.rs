//! Who has not confirmed yet what is filed about them.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::words::Pager;

/// Somebody.
#[derive(Debug, Clone, Default)]
pub struct UnconfirmedRow {
    pub no: String,
    pub name: String,
    pub enterprise: String,
    pub uscc: String,
    pub roster_state: String,
    pub has_access: bool,
    /// What the person says, as status words.
    pub filing: &'static str,
    pub account: &'static str,
}

/// `/confirmations`.
#[derive(Debug, Clone, Template)]
#[template(path = "confirmations/list.html")]
pub struct Unconfirmed {
    pub frame: Frame,
    /// Fields: q, what, enterprise, city.
    pub filter: FormState,
    pub whats: Vec<Choice>,
    pub enterprises: Vec<Choice>,
    pub cities: Vec<Choice>,
    /// Whether only one enterprise's people are shown.
    pub own: bool,
    pub rows: Vec<UnconfirmedRow>,
    pub pager: Pager,
    pub export_href: Option<String>,
}

impl Unconfirmed {
    /// Whether a condition is given.
    pub fn is_filtered(&self) -> bool {
        self.filter.values.values().any(|value| !value.is_empty())
    }

    /// An enterprise, a region with a filter, nobody left.
    pub fn samples() -> Vec<Self> {
        let row = |no: &str, name: &str, filing, account| UnconfirmedRow {
            no: no.into(),
            name: name.into(),
            enterprise: "福州某某智能科技有限公司".into(),
            uscc: "91350100MA2XNQ4T3K".into(),
            roster_state: "在册".into(),
            has_access: no == "E000127",
            filing,
            account,
        };
        let page = |rows: Vec<UnconfirmedRow>, own, filter| Self {
            frame: Frame::sample_hr("/confirmations"),
            filter,
            whats: Choice::list(&[("filing", "企业申报"), ("account", "收款账户")]),
            enterprises: Choice::list(&[("91350100MA2XNQ4T3K", "福州某某智能科技有限公司")]),
            cities: Choice::list(&[("350100", "福州市")]),
            own,
            pager: Pager {
                total: i64::try_from(rows.len()).unwrap_or(0),
                is_more: false,
                first: 1,
                last: 2,
                previous: None,
                next: None,
            },
            export_href: (!rows.is_empty()).then(|| "/confirmations.xlsx?".to_owned()),
            rows,
        };
        let rows = || {
            vec![
                row("E000127", "张三", "本人有异议", "本人已确认"),
                row("E000128", "阿卜杜拉·买买提", "待本人确认", "未登记"),
            ]
        };
        let filter = || FormState::new("filter");
        vec![
            page(rows(), true, filter()),
            page(rows(), false, filter().with("city", "350100")),
            page(vec![], true, filter()),
            page(vec![], false, filter().with("q", "李")),
        ]
    }
}
