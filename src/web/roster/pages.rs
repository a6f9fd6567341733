//! Roster entries that await confirmation.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::FormState;
use crate::web::frame::Frame;
use crate::web::words::Pager;

/// An entry as the enterprise declared it.
#[derive(Debug, Clone, Default)]
pub struct Declaration {
    pub id: i64,
    pub name: String,
    pub document: String,
    pub enterprise: String,
    pub post: String,
    pub starts_on: String,
    pub declared_at: String,
    /// Remarks of the automatic checks; empty when all passed.
    pub remarks: Vec<String>,
    /// A check forbids confirmation.
    pub blocked: bool,
}

/// What became of one entry.
#[derive(Debug, Clone, Default)]
pub struct ConfirmationResult {
    pub name: String,
    pub enterprise: String,
    pub done: bool,
    /// Number of the engineer, or why it was not confirmed.
    pub text: String,
}

/// `/roster/declarations`.
#[derive(Debug, Clone, Template)]
#[template(path = "roster/declarations.html")]
pub struct RosterDeclarations {
    pub frame: Frame,
    /// Fields: document_no. Chosen entries are sent as repeated `entry`.
    pub form: FormState,
    pub rows: Vec<Declaration>,
    pub pager: Pager,
    /// Results of the confirmation just sent, row by row.
    pub results: Vec<ConfirmationResult>,
}

impl RosterDeclarations {
    /// Waiting, cleared, refused, and the results of a confirmation.
    pub fn samples() -> Vec<Self> {
        let row = |id, name: &str, remarks: &[&str], blocked| Declaration {
            id,
            name: name.into(),
            document: "身份证 3501**********1234".into(),
            enterprise: "福州某某智能科技有限公司".into(),
            post: "算法研发".into(),
            starts_on: "2026-11-01".into(),
            declared_at: "2026-11-18 09:12".into(),
            remarks: remarks.iter().map(|r| (*r).to_owned()).collect(),
            blocked,
        };
        let rows = vec![
            row(11, "张小北", &[], false),
            row(12, "欧阳明月", &["入册日期早于劳动合同起始日 3 天"], false),
            row(
                13,
                "李思源",
                &["该证件已在其他企业名册中（2026-03-01 起），请先由原企业办理离职"],
                true,
            ),
        ];
        let page = |rows: Vec<Declaration>, form| Self {
            frame: Frame::sample_hr("/roster/declarations"),
            form,
            pager: Pager::single(i64::try_from(rows.len()).unwrap_or(0)),
            rows,
            results: vec![],
        };
        let mut done = page(rows[2..].to_vec(), FormState::new("confirm"));
        let result = |name: &str, done, text: &str| ConfirmationResult {
            name: name.into(),
            enterprise: "福州某某智能科技有限公司".into(),
            done,
            text: text.into(),
        };
        done.results = vec![
            result("张小北", true, "编号 E001285，自 2026-11-01 起在册"),
            result("欧阳明月", false, "该企业自 2026-11-15 起不在清单，不能入册"),
        ];
        let none = FormState::new("confirm").refused("没有选择任何人员，请先勾选要确认的人员。");
        vec![
            page(rows.clone(), FormState::new("confirm")),
            page(vec![], FormState::new("confirm")),
            page(rows, none.wrong("document_no", "请填写名册确认书编号")),
            done,
        ]
    }
}
