//! The workplace.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::frame::Frame;
use crate::web::words::{Deed, Yuan};

/// Something that waits for the person signed in.
#[derive(Debug, Clone)]
pub struct Waiting {
    pub label: String,
    pub count: i64,
    /// What is expected and until when.
    pub hint: String,
    pub href: String,
    /// Late, or close to it.
    pub urgent: bool,
}

/// Totals of the year shown, within what the person may see.
#[derive(Debug, Clone, Default)]
pub struct YearFigures {
    pub enterprises: i64,
    pub engineers: i64,
    pub entitled: Yuan,
    pub paid: Yuan,
    pub in_transit: Yuan,
    pub returned: Yuan,
    /// Whole per cent of the entitled amount that is paid, 0 to 100.
    pub paid_percent: i64,
}

/// `/`.
#[derive(Debug, Clone, Template)]
#[template(path = "home/home.html")]
pub struct Home {
    pub frame: Frame,
    pub waiting: Vec<Waiting>,
    /// `None` for those who see no business data.
    pub figures: Option<YearFigures>,
    pub events: Vec<Deed>,
    /// The next date that matters, shown when nothing waits.
    pub next_date: Option<String>,
    pub may_import: bool,
    /// Whether the events of the office are shown: administrators do not read here about each other.
    pub shows_events: bool,
}

impl Home {
    /// A busy day, an empty installation, a finance desk with nine-digit sums.
    pub fn samples() -> Vec<Self> {
        let mut security = Self::empty();
        security.frame = Frame::sample_security("/");
        (security.may_import, security.shows_events) = (false, false);
        vec![Self::busy(), Self::finance(), Self::empty(), security]
    }

    fn busy() -> Self {
        let wait = |label: &str, count, hint: &str, href: &str, urgent| Waiting {
            label: label.into(),
            count,
            hint: hint.into(),
            href: href.into(),
            urgent,
        };
        let figures = YearFigures {
            enterprises: 63,
            engineers: 1_284,
            entitled: Yuan::whole(231_450_000),
            paid: Yuan::whole(168_200_000),
            in_transit: Yuan::whole(60_000_000),
            returned: Yuan::whole(600_000),
            paid_percent: 73,
        };
        let events = vec![
            Deed::new(
                "今天 09:42",
                "陈国栋 · 财务复核",
                "批次 2026-FJ-003 已复核，300 笔",
                Some("/batches/2026-FJ-003"),
            ),
            Deed::new(
                "今天 09:15",
                "福州某某智能科技有限公司",
                "导入名册 46 行，新增 41 人",
                Some("/imports/118"),
            ),
            Deed::new(
                "昨天 17:20",
                "林晓岚 · 人社经办",
                "张三办理离职，最后在职日 2026-11-20",
                Some("/engineers/E000127"),
            ),
            Deed::new("昨天 16:03", "系统", "2026 年度第 4 次核定完成，1,284 人", Some("/runs/4")),
        ];
        Self {
            frame: Frame::sample_hr("/").in_demonstration().saying("good", "名册 12 条已确认。"),
            waiting: vec![
                wait(
                    "名册待确认",
                    26,
                    "最早提交于 11-18，办理时限还剩 3 个工作日（周五 11-27）",
                    "/roster/declarations",
                    false,
                ),
                wait(
                    "导入有误待更正",
                    3,
                    "福州、泉州两家企业的名册文件",
                    "/imports?state=errors",
                    false,
                ),
                wait(
                    "证据月份断档",
                    7,
                    "连续 2 个月没有社保记录，逾期将暂停",
                    "/engineers?gap=2",
                    true,
                ),
            ],
            figures: Some(figures),
            events,
            next_date: None,
            may_import: true,
            shows_events: true,
        }
    }

    fn finance() -> Self {
        let mut page = Self::busy();
        page.frame = Frame::sample_finance("/");
        page.waiting.truncate(1);
        page.waiting = vec![Waiting {
            label: "批次待复核".into(),
            count: 2,
            hint: "合计 60,200,000.00 元，时限还剩 1 个工作日（周三 11-25）".into(),
            href: "/batches?state=frozen".into(),
            urgent: true,
        }];
        page
    }

    fn empty() -> Self {
        Self {
            frame: Frame::sample_hr("/"),
            waiting: vec![],
            figures: None,
            events: vec![],
            next_date: Some("年度续报 2027-01-04（星期一）开始".into()),
            may_import: true,
            shows_events: true,
        }
    }
}
