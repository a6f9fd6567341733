//! The list of key enterprises and the record of one.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::engineers::pages::{EngineerRow, FactVersion};
use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::words::{Pager, Yuan};

/// A line of the list.
#[derive(Debug, Clone, Default)]
pub struct EnterpriseRow {
    pub name: String,
    pub uscc: String,
    pub region: String,
    pub field: String,
    /// 在清单, 已移出 or 未列入.
    pub listing: String,
    pub valid: String,
    pub engineers: i64,
    pub entitled: Yuan,
}

/// `/enterprises`.
#[derive(Debug, Clone, Template)]
#[template(path = "enterprises/list.html")]
pub struct EnterpriseList {
    pub frame: Frame,
    /// Fields: q, city, listing, account.
    pub filter: FormState,
    pub cities: Vec<Choice>,
    pub listings: Vec<Choice>,
    pub accounts: Vec<Choice>,
    pub rows: Vec<EnterpriseRow>,
    pub pager: Pager,
    pub may_import: bool,
}

impl EnterpriseList {
    /// Whether any condition is set.
    pub fn is_filtered(&self) -> bool {
        self.filter.values.values().any(|value| !value.is_empty())
    }

    /// Many, none found, none yet.
    pub fn samples() -> Vec<Self> {
        let page = |rows: Vec<EnterpriseRow>, filter, pager| Self {
            frame: Frame::sample_hr("/enterprises"),
            filter,
            cities: Choice::list(&[
                ("350100", "福州市"),
                ("350200", "厦门市"),
                ("350500", "泉州市"),
            ]),
            listings: Choice::list(&[("listed", "在清单"), ("ended", "已移出或到期")]),
            accounts: Choice::list(&[("waiting", "待确认")]),
            rows,
            pager,
            may_import: true,
        };
        let pager = Pager {
            total: 63,
            is_more: false,
            first: 1,
            last: 4,
            previous: None,
            next: Some("/enterprises?after=4".into()),
        };
        vec![
            page(sample_rows(), FormState::new("filter"), pager),
            page(vec![], FormState::new("filter").with("q", "某某"), Pager::default()),
            page(vec![], FormState::new("filter"), Pager::default()),
        ]
    }
}

fn sample_rows() -> Vec<EnterpriseRow> {
    let row = |cells: [&str; 6], engineers, yuan| {
        let [name, uscc, region, field, listing, valid] = cells.map(str::to_owned);
        EnterpriseRow {
            name,
            uscc,
            region,
            field,
            listing,
            valid,
            engineers,
            entitled: Yuan::whole(yuan),
        }
    };
    vec![
        row(
            [
                "福州某某智能科技有限公司",
                "91350100MA2XNQ4T3K",
                "福州市 · 鼓楼区",
                "大模型",
                "在清单",
                "2025-11-04 至 2026-12-31",
            ],
            46,
            9_150_000,
        ),
        row(
            [
                "福建省海峡两岸融合发展人工智能与数字经济产业技术创新研究院（集团）股份有限公司",
                "91350000MA31TT9Q0B",
                "平潭综合实验区",
                "具身智能",
                "在清单",
                "2026-01-01 至 2027-12-31",
            ],
            512,
            102_400_000,
        ),
        row(
            [
                "厦门鹭江视觉科技有限公司",
                "91350200MA8RFE1D5H",
                "厦门市 · 思明区",
                "机器视觉",
                "即将到期",
                "2025-11-04 至 2026-12-31",
            ],
            28,
            0,
        ),
        row(
            [
                "泉州海丝人工智能研究院有限公司",
                "91350500MA2YKQ8X1C",
                "泉州市 · 丰泽区",
                "智能制造",
                "已移出",
                "2025-11-04 至 2026-06-30",
            ],
            0,
            1_300_000,
        ),
    ]
}

/// A version of the name, or of the division.
#[derive(Debug, Clone, Default)]
pub struct NameVersion {
    pub name: String,
    pub valid: String,
    pub recorded_at: String,
    pub document: String,
}

/// A stretch on the list.
#[derive(Debug, Clone, Default)]
pub struct ListingVersion {
    pub state: String,
    pub edition: String,
    pub valid: String,
    pub recorded_at: String,
    pub document: String,
    pub reason: String,
    /// `table:id` when it may be corrected.
    pub fact: Option<String>,
}

/// `/enterprises/{uscc}`.
#[derive(Debug, Clone, Template)]
#[template(path = "enterprises/enterprise.html")]
pub struct EnterpriseDetail {
    pub frame: Frame,
    pub facts: EnterpriseRow,
    /// Up to when knowledge is used, as a sentence.
    pub known_at: String,
    pub names: Vec<NameVersion>,
    pub divisions: Vec<NameVersion>,
    /// What was stated once and corrected later.
    pub superseded: Vec<FactVersion>,
    pub listings: Vec<ListingVersion>,
    pub engineers: Vec<EngineerRow>,
    pub pager: Pager,
    /// Its file: number, state, since, until when.
    pub file: Option<(String, &'static str, String, String)>,
    /// Whether the reader may make one.
    pub may_take_over: bool,
    /// Bank and last four characters of the account that it is paid back to.
    pub account: Option<(String, String)>,
    /// Whether another account waits for confirmation.
    pub account_waits: bool,
    /// Number and act of the change requests that wait.
    pub changes: Vec<(String, &'static str)>,
    /// Fields: last_day, reason, document_no. `None` when the person may not do it.
    pub delisting: Option<FormState>,
}

impl EnterpriseDetail {
    /// Whether a form on the page has to be corrected.
    pub fn has_errors(&self) -> bool {
        self.delisting.as_ref().is_some_and(FormState::has_errors)
    }

    /// Renamed with engineers; removed from the list without any.
    pub fn samples() -> Vec<Self> {
        let rows = sample_rows();
        let page = |facts: &EnterpriseRow, engineers: Vec<EngineerRow>| Self {
            frame: Frame::sample_auditor("/enterprises"),
            facts: facts.clone(),
            known_at: "按截至 2026-11-24 10:02 已记录的信息显示。".into(),
            names: vec![
                NameVersion {
                    name: facts.name.clone(),
                    valid: "2026-06-15 至今".into(),
                    recorded_at: "2026-06-18 09:11".into(),
                    document: "市场监管变更登记".into(),
                },
                NameVersion {
                    name: "福州某某网络技术有限公司".into(),
                    valid: "2019-03-02 至 2026-06-14".into(),
                    recorded_at: "2025-11-06 14:30".into(),
                    document: "营业执照".into(),
                },
            ],
            divisions: vec![NameVersion {
                name: facts.region.clone(),
                valid: "2019-03-02 至今".into(),
                recorded_at: "2025-11-06 14:30".into(),
                document: "营业执照".into(),
            }],
            superseded: vec![],
            account: None,
            account_waits: false,
            changes: vec![("BG000003".into(), "移出清单")],
            delisting: None,
            file: None,
            may_take_over: false,
            listings: vec![ListingVersion {
                state: facts.listing.clone(),
                edition: "首批清单".into(),
                valid: facts.valid.clone(),
                recorded_at: "2025-11-06 14:30".into(),
                document: "闽工信人工智能〔2025〕12 号".into(),
                reason: "首次列入".into(),
                fact: None,
            }],
            pager: Pager::single(i64::try_from(engineers.len()).unwrap_or(0)),
            engineers,
        };
        let engineer = EngineerRow {
            name: "张三".into(),
            no: "E000127".into(),
            document_kind: "身份证".into(),
            document_masked: "3501**********1234".into(),
            post: "算法研发".into(),
            roster_state: "在册".into(),
            joined_on: "2025-11-10".into(),
            months: Some(12),
            entitled: Some(Yuan::whole(200_000)),
            status: "已付".into(),
            ..EngineerRow::default()
        };
        let mut filed = page(&rows[1], vec![engineer]);
        filed.file =
            Some(("QY2026-00007".into(), "年度核查", "2026-04-02".into(), "2026-06-30".into()));
        filed.account = Some(("兴业银行福州五一支行".into(), "5678".into()));
        filed.account_waits = true;
        let mut bare = page(&rows[3], vec![]);
        bare.may_take_over = true;
        vec![filed, bare]
    }
}
