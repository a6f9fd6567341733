//! The overview of finance and the forecast.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::overview::chart::{Drawing, burn_up};
use crate::web::policies::notes::PolicyNotes;
use crate::web::words::Yuan;

/// Money by where it stands.
#[derive(Debug, Clone, Default)]
pub struct StandingRow {
    pub name: String,
    /// Payer, or source.
    pub of: String,
    /// Under [`MoneyPage::HEADS`].
    pub figures: [Yuan; 10],
}

impl StandingRow {
    /// Each figure with its head.
    pub fn cells(&self) -> impl Iterator<Item = (&'static str, &Yuan)> {
        MoneyPage::HEADS.into_iter().zip(&self.figures)
    }
}

/// The end of a month.
#[derive(Debug, Clone, Default)]
pub struct MonthView {
    pub month: u32,
    pub allotted: Yuan,
    pub paid: Yuan,
    pub left: Yuan,
}

/// Waiting payments of one kind by age: how many, how much.
#[derive(Debug, Clone, Default)]
pub struct AgeRow {
    pub name: &'static str,
    pub ages: [(i64, Yuan); 4],
}

impl AgeRow {
    /// Each age with its head.
    pub fn cells(&self) -> impl Iterator<Item = (&'static str, &(i64, Yuan))> {
        MoneyPage::AGES.into_iter().zip(&self.ages)
    }
}

/// Failed payments by what the bank said.
#[derive(Debug, Clone, Default)]
pub struct ReasonRow {
    pub reason: String,
    pub lines: i64,
    pub sum: Yuan,
}

/// A payment that waits.
#[derive(Debug, Clone, Default)]
pub struct WaitingRow {
    pub kind: &'static str,
    pub no: String,
    pub name: String,
    pub year: i64,
    pub payer: String,
    /// Batch that tried to pay it; empty for what is held.
    pub batch_no: String,
    pub reason: String,
    pub days: i64,
    pub amount: Yuan,
}

/// `/budget/overview`.
#[derive(Debug, Clone, Template)]
#[template(path = "budget/overview.html")]
pub struct MoneyPage {
    pub frame: Frame,
    /// Fields: year; source, of the months.
    pub filter: FormState,
    pub years: Vec<Choice>,
    pub sources: Vec<Choice>,
    pub year: i64,
    pub payer: String,
    pub by_source: Vec<StandingRow>,
    pub sums: [Yuan; 10],
    pub by_city: Vec<StandingRow>,
    pub budget_year: i64,
    pub picture: Drawing,
    pub months: Vec<MonthView>,
    pub ages: Vec<AgeRow>,
    pub reasons: Vec<ReasonRow>,
    pub oldest: Vec<WaitingRow>,
}

impl MoneyPage {
    /// The heads of the figures.
    pub const HEADS: [&'static str; 10] = [
        "核验中",
        "待付",
        "暂缓",
        "退票待重发",
        "批次占用",
        "在途",
        "已付",
        "缴回国库",
        "应追回",
        "已追回",
    ];
    /// The heads of the ages.
    pub const AGES: [&'static str; 4] = ["7 天内", "8 至 30 天", "31 至 90 天", "90 天以上"];

    /// Each sum with its head.
    pub fn totals(&self) -> impl Iterator<Item = (&'static str, &Yuan)> {
        Self::HEADS.into_iter().zip(&self.sums)
    }

    /// A year with money, one without.
    pub fn samples() -> Vec<Self> {
        let figures =
            [0, 400_000, 200_000, 116_667, 0, 600_000, 46_666_667, 150_000, 33_333, 16_667];
        let row = |name: &str, of: &str| StandingRow {
            name: name.into(),
            of: of.into(),
            figures: figures.map(Yuan::whole),
        };
        let months: Vec<MonthView> = (1..=4)
            .map(|month| MonthView {
                month,
                allotted: Yuan::whole(50_000_000),
                paid: Yuan::whole(i64::from(month) * 10_000_000),
                left: Yuan::whole(50_000_000 - i64::from(month) * 10_000_000),
            })
            .collect();
        let points: Vec<_> = (1..=4).map(|m| (m.to_string(), m * 200, 1000)).collect();
        let waiting = WaitingRow {
            kind: "退票",
            no: "E000127".into(),
            name: "张三".into(),
            year: 2026,
            payer: "福建省财政".into(),
            batch_no: "B2027-0001".into(),
            reason: "户名不符".into(),
            days: 41,
            amount: Yuan::whole(116_667),
        };
        let age = |name, lines| AgeRow {
            name,
            ages: [0, 0, lines, 0].map(|lines| (lines, Yuan::whole(lines * 116_667))),
        };
        let full = Self {
            frame: Frame::sample_finance("/budget"),
            filter: FormState::new("filter").with("year", "2026"),
            years: Choice::list(&[("2026", "2026 年度")]),
            sources: Choice::list(&[("province", "省级财政")]),
            year: 2026,
            payer: "福建省财政".into(),
            by_source: vec![row("省级财政", "福建省财政")],
            sums: figures.map(Yuan::whole),
            by_city: vec![row("福州市", "省级财政"), row("平潭综合实验区", "省级财政")],
            budget_year: 2027,
            picture: burn_up("burn-up", "2027 年指标与支付", "柱为已付", &points),
            months,
            ages: vec![age("退票待重发", 1), age("暂缓发放", 0)],
            reasons: vec![ReasonRow {
                reason: "户名不符".into(),
                lines: 1,
                sum: Yuan::whole(116_667),
            }],
            oldest: vec![waiting],
        };
        let none = Self {
            by_source: vec![],
            by_city: vec![],
            sums: Default::default(),
            picture: Drawing::default(),
            months: vec![],
            ages: vec![age("退票待重发", 0), age("暂缓发放", 0)],
            reasons: vec![],
            oldest: vec![],
            ..full.clone()
        };
        vec![full, none]
    }
}

/// What money is needed for now.
#[derive(Debug, Clone, Default)]
pub struct ReservedRow {
    pub source: String,
    pub payer: String,
    pub available: Yuan,
    pub reserved: Yuan,
    pub free: Yuan,
}

/// What an award year costs.
#[derive(Debug, Clone, Default)]
pub struct CostRow {
    pub year: i64,
    pub source: String,
    pub payer: String,
    pub paid: Yuan,
    pub reserved: Yuan,
    pub pending: Yuan,
    pub projected: Yuan,
    /// Persons of the projection.
    pub persons: i64,
    pub total: Yuan,
}

/// `/budget/forecast`.
#[derive(Debug, Clone, Template)]
#[template(path = "budget/forecast.html")]
pub struct ForecastPage {
    pub frame: Frame,
    /// What is to be said of the policy.
    pub notes: PolicyNotes,
    pub policy: String,
    pub day: String,
    pub budget_year: i64,
    pub reserved: Vec<ReservedRow>,
    pub years: Vec<CostRow>,
    pub total: Yuan,
}

impl ForecastPage {
    /// With a lack, and with nothing known.
    pub fn samples() -> Vec<Self> {
        let cost = |year, paid, projected| CostRow {
            year,
            source: "省级财政".into(),
            payer: "福建省财政".into(),
            paid: Yuan::whole(paid),
            reserved: Yuan::whole(0),
            pending: Yuan::whole(0),
            projected: Yuan::whole(projected),
            persons: projected / 200_000,
            total: Yuan::whole(paid + projected),
        };
        let full = Self {
            frame: Frame::sample_finance("/budget"),
            notes: PolicyNotes::sample(),
            policy: "核心工程师年度奖补".into(),
            day: "2027-04-20".into(),
            budget_year: 2027,
            reserved: vec![ReservedRow {
                source: "省级财政".into(),
                payer: "福建省财政".into(),
                available: Yuan::whole(400_000),
                reserved: Yuan::whole(600_000),
                free: Yuan::whole(-200_000),
            }],
            years: vec![cost(2026, 46_666_667, 0), cost(2027, 0, 60_000_000)],
            total: Yuan::whole(106_666_667),
        };
        let none = Self { reserved: vec![], years: vec![], total: Yuan::default(), ..full.clone() };
        vec![full, none]
    }
}
