//! Entitlements of a year.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::policies::notes::PolicyNotes;
use crate::web::runs::pages::NamedSum;
use crate::web::words::{Pager, Yuan};

/// A line of the list.
#[derive(Debug, Clone, Default)]
pub struct EntitlementRow {
    pub name: String,
    pub no: String,
    pub year: i64,
    pub enterprise: String,
    /// `None` when only one enterprise's part of the year is told.
    pub months: Option<i64>,
    pub gross: Yuan,
    pub offset: Yuan,
    pub net: Yuan,
    /// `None` as `months`.
    pub paid: Option<Yuan>,
    /// To be paid when positive, to be clawed back when negative; `None` as `months`.
    pub open: Option<Yuan>,
    pub status: String,
    pub reason: String,
}

/// Sums over everything that matches, not only the page shown.
#[derive(Debug, Clone, Default)]
pub struct EntitlementSums {
    pub gross: Yuan,
    pub offset: Yuan,
    pub net: Yuan,
    pub paid: Yuan,
    pub open: Yuan,
}

/// `/entitlements`.
#[derive(Debug, Clone, Template)]
#[template(path = "entitlements/list.html")]
pub struct EntitlementList {
    pub frame: Frame,
    /// What is to be said of the policy.
    pub notes: PolicyNotes,
    /// Fields: year, status, city, enterprise, reason.
    pub filter: FormState,
    pub years: Vec<Choice>,
    pub statuses: Vec<Choice>,
    pub cities: Vec<Choice>,
    pub enterprises: Vec<Choice>,
    pub reasons: Vec<Choice>,
    pub rows: Vec<EntitlementRow>,
    /// Over everything that matches; none of a long list unless they were asked for.
    pub sums: Option<EntitlementSums>,
    /// Address with the sums below.
    pub summary_href: String,
    /// Over everything that matches, when asked for, by city-level unit.
    pub by_city: Vec<NamedSum>,
    /// By who pays.
    pub by_source: Vec<NamedSum>,
    pub pager: Pager,
    pub export_href: String,
    /// Where columns are chosen.
    pub columns_href: String,
    pub csv_href: String,
}

impl EntitlementRow {
    fn sample(
        (name, no): (&str, &str),
        (months, net, paid): (i64, i64, i64),
        (status, reason): (&str, &str),
    ) -> Self {
        Self {
            name: name.into(),
            no: no.into(),
            year: 2026,
            enterprise: "福州某某智能科技有限公司".into(),
            months: Some(months),
            gross: Yuan::whole(net),
            offset: Yuan::default(),
            net: Yuan::whole(net),
            paid: Some(Yuan::whole(paid)),
            open: Some(Yuan::whole(net - paid)),
            status: status.into(),
            reason: reason.into(),
        }
    }
}

impl EntitlementList {
    /// Many with nine-digit sums, none.
    pub fn samples() -> Vec<Self> {
        let row = |name: &str, no: &str, months, net, paid, status: &str, reason: &str| {
            EntitlementRow::sample((name, no), (months, net, paid), (status, reason))
        };
        let sum = |name: &str, persons: i64| NamedSum {
            name: name.into(),
            persons,
            amount: Yuan::whole(persons * 180_000),
        };
        let page = |rows: Vec<EntitlementRow>, sums, pager| Self {
            frame: Frame::sample_finance("/entitlements"),
            notes: PolicyNotes::sample(),
            filter: FormState::new("filter").with("year", "2026"),
            years: Choice::list(&[("2026", "2026 年度"), ("2025", "2025 年度")]),
            statuses: Choice::list(&[("payable", "待付"), ("paid", "已付")]),
            cities: Choice::list(&[("350100", "福州市")]),
            enterprises: Choice::list(&[("91350100MA2XNQ4T3K", "福州某某智能科技有限公司")]),
            reasons: Choice::list(&[("below_min_months", "计入月数不足")]),
            rows,
            sums: Some(sums),
            by_city: vec![sum("福州市", 684), sum("平潭综合实验区", 600)],
            by_source: vec![sum("省级财政", 1_284)],
            pager,
            summary_href: "/entitlements?year=2026&summary=1".into(),
            export_href: "/entitlements.xlsx?year=2026".into(),
            columns_href: "/exports/new?list=entitlements&year=2026".into(),
            csv_href: "/entitlements.csv?year=2026".into(),
        };
        let sums = EntitlementSums {
            gross: Yuan::whole(231_850_000),
            offset: Yuan::whole(400_000),
            net: Yuan::whole(231_450_000),
            paid: Yuan::whole(168_200_000),
            open: Yuan::whole(63_250_000),
        };
        let rows = vec![
            row("张三", "E000127", 12, 200_000, 200_000, "已付", "全年计入"),
            row("李思源", "E000131", 9, 150_000, 0, "待付", "4 月 10 日入册"),
            row("王五", "E000166", 5, 0, 100_000, "待追回", "更正最后在职日后计入月数不足"),
            row("阿卜杜勒·热合曼·买买提艾力", "E000140", 12, 200_000, 0, "在途", "全年计入"),
        ];
        let pager = Pager {
            total: 1_284,
            is_more: false,
            first: 1,
            last: 50,
            previous: None,
            next: Some("/entitlements?after=50".into()),
        };
        let long = Pager { total: 2_000, is_more: true, ..pager.clone() };
        let long = Self {
            sums: None,
            by_city: vec![],
            by_source: vec![],
            ..page(rows.clone(), EntitlementSums::default(), long)
        };
        let none = page(vec![], EntitlementSums::default(), Pager::default());
        vec![page(rows, sums, pager), long, none]
    }
}
