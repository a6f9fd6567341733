//! Import of workbooks: upload, look, confirm, withdraw.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::FormState;
use crate::web::frame::Frame;
use crate::web::words::Pager;

/// A line of the list.
#[derive(Debug, Clone, Default)]
pub struct ImportRow {
    /// Official number, as in addresses.
    pub no: String,
    pub kind: String,
    pub file_name: String,
    pub enterprise: String,
    pub good: i64,
    pub bad: i64,
    /// 待导入, 已导入, 已撤销, 作废 or 有误.
    pub state: String,
    pub who: String,
    pub uploaded_at: String,
}

/// `/imports`.
#[derive(Debug, Clone, Template)]
#[template(path = "imports/list.html")]
pub struct ImportList {
    pub frame: Frame,
    pub rows: Vec<ImportRow>,
    pub pager: Pager,
}

impl ImportList {
    /// Some and none.
    pub fn samples() -> Vec<Self> {
        let row = |no: &str, state: &str, bad| ImportRow {
            no: no.into(),
            kind: "核心工程师申报".into(),
            file_name: "福州某某_核心工程师名册_2026年11月_最终版_盖章版(3).xlsx".into(),
            enterprise: "福州某某智能科技有限公司".into(),
            good: 46,
            bad,
            state: state.into(),
            who: "林晓岚".into(),
            uploaded_at: "2026-11-24 09:12".into(),
        };
        let page = |rows: Vec<ImportRow>| Self {
            frame: Frame::sample_hr("/imports"),
            pager: Pager::single(i64::try_from(rows.len()).unwrap_or(0)),
            rows,
        };
        vec![
            page(vec![
                row("IM000119", "待导入", 3),
                row("IM000118", "已导入", 0),
                row("IM000117", "已撤销", 0),
                row("IM000116", "作废", 0),
            ]),
            page(vec![]),
        ]
    }
}

/// A kind of workbook that can be imported.
#[derive(Debug, Clone, Default)]
pub struct ImportKind {
    /// Part of the address of the templates.
    pub code: String,
    pub label: String,
    pub description: String,
}

/// `/imports/new`.
#[derive(Debug, Clone, Template)]
#[template(path = "imports/new.html")]
pub struct ImportNew {
    pub frame: Frame,
    /// Fields: kind, file.
    pub form: FormState,
    /// Those that the role may import.
    pub kinds: Vec<ImportKind>,
    /// Limits in one sentence.
    pub limits: String,
}

impl ImportNew {
    /// Untouched and refused.
    pub fn samples() -> Vec<Self> {
        let kind = |code: &str, label: &str, description: &str| ImportKind {
            code: code.into(),
            label: label.into(),
            description: description.into(),
        };
        let page = |form| Self {
            frame: Frame::sample_hr("/imports"),
            form,
            kinds: vec![
                kind(
                    "enterprises",
                    "骨干企业清单",
                    "企业名称、信用代码、地区、领域、列入日期和有效期",
                ),
                kind("evidence", "社保个税月份", "每人每月的缴纳单位，用于逐月认定"),
                kind("other-awards", "其他奖补", "同一年度已享受的其他奖补，用于抵扣"),
            ],
            limits: "Excel 工作簿（.xlsx）或 CSV（UTF-8、GB18030），不超过 20 MB、100,000 行"
                .into(),
        };
        vec![
            page(FormState::new("import")),
            page(
                FormState::new("import")
                    .with("kind", "evidence")
                    .wrong("file", "文件带有打开密码，请去掉密码后重新上传"),
            ),
        ]
    }
}

/// A cell that cannot be imported.
#[derive(Debug, Clone, Default)]
pub struct BadCell {
    /// Row number as the workbook shows it.
    pub row: i64,
    pub column: String,
    /// Masked when it identifies a person or an account.
    pub value: String,
    pub reason: String,
    pub remedy: String,
    /// 有误 or 提醒.
    pub severity: String,
}

/// `/imports/{id}`: what would happen, or what did.
#[derive(Debug, Clone, Template)]
#[template(path = "imports/preview.html")]
pub struct ImportPreview {
    pub frame: Frame,
    pub facts: ImportRow,
    /// Good rows that the registry holds already.
    pub known: i64,
    pub warnings: i64,
    pub cells: Vec<BadCell>,
    /// More cells than shown.
    pub more_cells: i64,
    /// Column names of the sample.
    pub columns: Vec<String>,
    /// A few good rows, masked.
    pub sample: Vec<Vec<String>>,
    /// When and as what the same file was imported before.
    pub same_file: Option<String>,
    /// Whether the annotated file can be downloaded.
    pub annotated: bool,
    /// Confirmation and discarding; no fields. `None` when it cannot be confirmed.
    pub confirmation: Option<FormState>,
    /// Fields: reason. `None` when it cannot be withdrawn.
    pub withdrawal: Option<FormState>,
    /// What the import did, once done.
    pub result: Option<String>,
    pub file_hash: String,
}

impl ImportPreview {
    /// Whether a form on the page has to be corrected.
    pub fn has_errors(&self) -> bool {
        [&self.confirmation, &self.withdrawal].into_iter().flatten().any(FormState::has_errors)
    }

    /// With mistakes, clean, imported, withdrawal without reason.
    pub fn samples() -> Vec<Self> {
        let columns = ["姓名", "证件", "岗位", "任职起", "入册日期"].map(str::to_owned).to_vec();
        let good = ["张小北", "3501**********1234", "算法研发", "2026-10-08", "2026-11-01"]
            .map(str::to_owned)
            .to_vec();
        let page = |state: &str, cells: Vec<BadCell>| Self {
            frame: Frame::sample_hr("/imports"),
            facts: ImportRow {
                no: "IM000119".into(),
                kind: "核心工程师申报".into(),
                file_name: "福州某某_核心工程师名册_2026年11月.xlsx".into(),
                enterprise: "福州某某智能科技有限公司".into(),
                good: 46,
                bad: if cells.is_empty() { 0 } else { 3 },
                state: state.into(),
                who: "林晓岚".into(),
                uploaded_at: "2026-11-24 09:12".into(),
            },
            known: 1,
            warnings: 5,
            cells,
            more_cells: 0,
            columns: columns.clone(),
            sample: vec![good.clone(), good.clone()],
            same_file: None,
            annotated: true,
            confirmation: None,
            withdrawal: None,
            result: None,
            file_hash: "9b74c9897bac770ffc029102a200c5de".into(),
        };
        let mut bad = page("待导入", bad_cells());
        bad.confirmation = Some(FormState::new("confirm"));
        bad.same_file = Some(
            "同一文件已于 2026-11-20 16:40 导入（IM000112），再次导入不会产生重复记录。".into(),
        );
        let mut clean = page("待导入", vec![]);
        clean.confirmation = Some(FormState::new("confirm"));
        let mut done = page("已导入", vec![]);
        done.result =
            Some("已导入 46 行（其中 5 行登记中已有），写入 246 条记录，等待名册确认。".into());
        done.withdrawal = Some(FormState::new("withdraw"));
        let mut wrong = done.clone();
        wrong.withdrawal = Some(FormState::new("withdraw").wrong("reason", "请写明撤销原因"));
        vec![bad, clean, done, wrong]
    }
}

fn bad_cells() -> Vec<BadCell> {
    let cell =
        |row, column: &str, value: &str, reason: &str, remedy: &str, severity: &str| BadCell {
            row,
            column: column.into(),
            value: value.into(),
            reason: reason.into(),
            remedy: remedy.into(),
            severity: severity.into(),
        };
    vec![
        cell(
            17,
            "证件号码",
            "3501**********123?",
            "第 18 位应为 X",
            "核对证件后更正第 18 位",
            "有误",
        ),
        cell(23, "任职止", "2026-02-30", "该日期不存在", "填写存在的日期，例如 2026-02-28", "有误"),
        cell(31, "收款账号", "6217****9", "位数不足 12 位", "核对银行卡后填写完整账号", "有误"),
        cell(40, "证件号码", "3501**********1234", "与第12行证件号码重复", "删除其中一行", "有误"),
    ]
}
