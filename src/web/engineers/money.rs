//! All money of one person from all streams, by year.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};

use super::pages::YearAmount;
use super::record::year as year_amount;
use crate::domain::edition::Stacking;
use crate::domain::registry::Code;
use crate::service::directory::{self, PersonMoney};
use crate::web::failure::Answer;
use crate::web::frame::{Frame, OwnFrame};
use crate::web::page::Page;
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::Yuan;

/// An award of another programme.
#[derive(Debug, Clone, Default)]
pub struct AwardRow {
    pub programme: String,
    pub group: String,
    pub relation: String,
    /// Empty where the policy text decides.
    pub basis: String,
    pub amount: Yuan,
    pub granted_by: String,
    pub document_no: String,
}

/// What a file of another stream granted.
#[derive(Debug, Clone, Default)]
pub struct GrantRow {
    pub year: i32,
    pub stream: String,
    /// How it stands to the stipend, and by which entry; empty where that is not told.
    pub relation: String,
    pub file_no: String,
    /// Address of the file; `None` for those who do not open it.
    pub href: Option<String>,
    pub amount: Yuan,
    pub paid: Option<Yuan>,
    pub state: &'static str,
}

/// A year.
#[derive(Debug, Clone, Default)]
pub struct MoneyPart {
    pub year: i32,
    /// An enterprise is not told of other awards.
    pub sees_awards: bool,
    pub stipend: Option<YearAmount>,
    /// How the offset came about, and on what basis.
    pub offset: Option<(String, String)>,
    pub awards: Vec<AwardRow>,
    pub awarded: Yuan,
    pub grants: Vec<GrantRow>,
    pub granted: Yuan,
    pub total: Yuan,
}

/// `/engineers/{no}/money`.
#[derive(Debug, Clone, Template)]
#[template(path = "engineers/money.html")]
pub struct MoneyOverview {
    pub frame: Frame,
    pub name: String,
    pub no: String,
    /// Address before `/years/`.
    pub base: String,
    pub parts: Vec<MoneyPart>,
}

/// `/me/money`.
#[derive(Debug, Clone, Template)]
#[template(path = "me/money.html")]
pub struct OwnMoney {
    pub frame: OwnFrame,
    pub base: String,
    pub parts: Vec<MoneyPart>,
}

impl MoneyOverview {
    /// Some years, none.
    pub fn samples() -> Vec<Self> {
        let page = |parts| Self {
            frame: Frame::sample_hr("/engineers"),
            name: "张三".into(),
            no: "E000127".into(),
            base: "/engineers/E000127".into(),
            parts,
        };
        vec![page(samples()), page(Vec::new())]
    }
}

impl OwnMoney {
    /// Some years, none.
    pub fn samples() -> Vec<Self> {
        let page = |parts| Self { frame: OwnFrame::sample(), base: "/me".into(), parts };
        vec![page(samples()), page(Vec::new())]
    }
}

fn samples() -> Vec<MoneyPart> {
    let award = AwardRow {
        programme: "省引才百人计划".into(),
        group: "省级人才奖补".into(),
        relation: "就高补差".into(),
        amount: Yuan::whole(80_000),
        granted_by: "福建省人力资源和社会保障厅".into(),
        document_no: "闽人社〔2026〕1号".into(),
        ..AwardRow::default()
    };
    let by_entry = AwardRow {
        basis: "省级人才专项资金管理办法第十二条（闽人社〔2027〕3号，冲突目录 CT00003）".into(),
        relation: "可叠加".into(),
        document_no: String::new(),
        ..award.clone()
    };
    let stipend = YearAmount {
        year: 2026,
        months: Some(12),
        gross: Yuan::whole(200_000),
        offset: Yuan::whole(80_000),
        net: Yuan::whole(120_000),
        paid: Some(Yuan::whole(120_000)),
        status: "已付".into(),
        reason: None,
        version: 1,
    };
    let sentence = "就高补差；省级人才奖补 80,000.00 元（同类）。同类合计 80,000.00 元。";
    vec![
        MoneyPart { year: 2027, sees_awards: true, awards: vec![by_entry], ..MoneyPart::default() },
        MoneyPart {
            year: 2025,
            stipend: Some(stipend.clone()),
            grants: sample_grants(),
            granted: Yuan::whole(1_500_000),
            ..MoneyPart::default()
        },
        MoneyPart {
            year: 2026,
            sees_awards: true,
            stipend: Some(stipend),
            offset: Some((sentence.into(), "同类奖补目录：默认参数".into())),
            awards: vec![award],
            awarded: Yuan::whole(80_000),
            grants: sample_grants(),
            granted: Yuan::whole(1_500_000),
            total: Yuan::whole(1_700_000),
        },
    ]
}

/// One paid and one that waits, the second without a way to its file.
pub(crate) fn sample_grants() -> Vec<GrantRow> {
    let paid = GrantRow {
        year: 2026,
        stream: "领军人才和团队一事一议支持".into(),
        relation: "可叠加，按政策正文".into(),
        file_no: "YK2026-00001".into(),
        href: Some("/cases/YK2026-00001".into()),
        amount: Yuan::whole(1_000_000),
        paid: Some(Yuan::whole(1_000_000)),
        state: "已付",
    };
    let waits = GrantRow {
        file_no: "YK2026-00002".into(),
        href: None,
        amount: Yuan::whole(500_000),
        paid: None,
        state: "待付",
        ..paid.clone()
    };
    vec![paid, waits]
}

/// A grant in the words of the pages.
pub(crate) fn grant(line: directory::GrantLine) -> GrantRow {
    GrantRow {
        year: line.year,
        stream: line.stream,
        relation: line.relation.map(relation).unwrap_or_default(),
        href: line.opens.then(|| format!("/cases/{}", line.file_no)),
        file_no: line.file_no,
        amount: line.amount.into(),
        paid: line.paid.map(Yuan::from),
        state: line.state.label(),
    }
}

fn relation((stacking, basis): (Stacking, String)) -> String {
    match basis.as_str() {
        "" => format!("{}，按政策正文", stacking.label()),
        _ => format!("{}，按{basis}", stacking.label()),
    }
}

/// The years in the words of the pages.
pub(crate) fn parts(found: PersonMoney) -> Vec<MoneyPart> {
    let award = |award: directory::AwardLine| AwardRow {
        programme: award.programme,
        group: award.group,
        relation: award.stacking.label().to_owned(),
        basis: award.basis,
        amount: award.amount.into(),
        granted_by: award.granted_by,
        document_no: award.document_no,
    };
    let sees_awards = found.sees_awards;
    let part = |year: directory::MoneyYear| MoneyPart {
        year: year.year,
        sees_awards,
        stipend: year.stipend.map(year_amount),
        offset: year.offset,
        awards: year.awards.into_iter().map(award).collect(),
        awarded: year.awarded.into(),
        grants: year.grants.into_iter().map(grant).collect(),
        granted: year.granted.into(),
        total: year.total.into(),
    };
    found.years.into_iter().map(part).collect()
}

pub(super) async fn money(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
) -> Answer {
    if let Some(leading) = directory::leading(&site.app, &who.actor, &no, None).await? {
        return Ok(Redirect::to(&format!("/engineers/{leading}/money")).into_response());
    }
    let found = directory::person_money(&site.app, &who.actor, &no).await?;
    let page = MoneyOverview {
        frame: who.frame(&site, "/engineers").await?,
        name: found.name.clone(),
        base: format!("/engineers/{}", found.no),
        no: found.no.clone(),
        parts: parts(found),
    };
    Ok(Page::ok(page).into_response())
}
