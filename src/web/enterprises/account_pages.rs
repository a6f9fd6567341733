//! The account of an enterprise.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::engineers::pages::FactVersion;
use crate::web::form::FormState;
use crate::web::frame::Frame;

/// An account, masked.
#[derive(Debug, Clone, Default)]
pub struct AccountView {
    pub account_name: String,
    pub last4: String,
    pub bank: String,
    pub cnaps: String,
    pub from: String,
}

/// An account as somebody put it down.
#[derive(Debug, Clone, Default)]
pub struct FilingRow {
    pub no: String,
    pub account: AccountView,
    pub document_no: String,
    pub reason: String,
    pub state: &'static str,
    /// When and by whom.
    pub filed: String,
    /// The same; empty while it waits.
    pub decided: String,
    pub note: String,
    /// Whether the reader may confirm it; whoever put it down may only take it back.
    pub may_confirm: bool,
}

/// `/enterprises/{uscc}/account`.
#[derive(Debug, Clone, Template)]
#[template(path = "enterprises/account.html")]
pub struct EnterpriseAccountPage {
    pub frame: Frame,
    pub name: String,
    pub uscc: String,
    /// Whether it is paid to today, or why not.
    pub state: &'static str,
    pub account: Option<AccountView>,
    /// Whether the full number can be shown to the reader.
    pub may_reveal: bool,
    pub open: Option<FilingRow>,
    /// Fields: verdict, note. `None` when the reader decides nothing.
    pub decision: Option<FormState>,
    pub decided: Vec<FilingRow>,
    pub versions: Vec<FactVersion>,
    /// Fields: account_name, account_number, account_number_again, bank_name, cnaps, from, reason,
    /// document_no. `None` when the reader may put none down now.
    pub form: Option<FormState>,
    /// Why something was not done whose form is no longer on the page.
    pub late: Option<FormState>,
}

impl EnterpriseAccountPage {
    /// Whether a form has to be corrected.
    pub fn has_errors(&self) -> bool {
        let forms = self.form.iter().chain(&self.decision).chain(&self.late);
        forms.into_iter().any(FormState::has_errors)
    }

    /// None yet, one in force with a change that waits, a wrong form, read only.
    pub fn samples() -> Vec<Self> {
        let empty = || Self {
            frame: Frame::sample_hr("/enterprises"),
            name: "福州某某智能科技有限公司".into(),
            uscc: "91350100MA2XNQ4T3K".into(),
            state: "未登记",
            account: None,
            may_reveal: false,
            open: None,
            decision: None,
            decided: vec![],
            versions: vec![],
            form: Some(FormState::new("account").with("from", "2026-11-24")),
            late: None,
        };
        let mut changing = held(empty());
        changing.open = Some(FilingRow {
            account: AccountView { last4: "9012".into(), from: "2026-11-20".into(), ..account() },
            may_confirm: true,
            ..filing("DZ000003", "待确认")
        });
        changing.decision = Some(FormState::new("DZ000003"));
        changing.form = None;
        let mut taken_back = changing.clone();
        taken_back.open.iter_mut().for_each(|open| open.may_confirm = false);
        taken_back.decision = Some(FormState::new("DZ000003").wrong("note", "退回时请写明原因"));
        let mut wrong = empty();
        wrong.form = wrong.form.map(|form| {
            form.with("account_name", "某某公司")
                .wrong("account_name", "户名与企业名称（福州某某智能科技有限公司）不一致")
                .wrong("cnaps", "校验位不符，请向开户银行查询12位联行号")
        });
        let mut read_only = held(empty());
        read_only.frame = Frame::sample_finance("/enterprises");
        read_only.state = "变更未满5个工作日";
        read_only.form = None;
        read_only.late = Some(FormState::new("DZ000002").refused("这项单位账户已由他人办理"));
        vec![empty(), changing, taken_back, wrong, read_only]
    }
}

fn account() -> AccountView {
    AccountView {
        account_name: "福州某某智能科技有限公司".into(),
        last4: "5678".into(),
        bank: "兴业银行福州五一支行".into(),
        cnaps: "309391000011".into(),
        from: "2026-03-01".into(),
    }
}

fn filing(no: &str, state: &'static str) -> FilingRow {
    FilingRow {
        no: no.into(),
        account: account(),
        document_no: "基本存款账户信息 3910000123".into(),
        state,
        filed: "2026-11-24 09:12 陈经办".into(),
        ..FilingRow::default()
    }
}

fn held(page: EnterpriseAccountPage) -> EnterpriseAccountPage {
    let decided = || "2026-11-24 10:02 王审核".to_owned();
    EnterpriseAccountPage {
        state: "可付款",
        account: Some(account()),
        may_reveal: true,
        decided: vec![
            FilingRow { decided: decided(), ..filing("DZ000002", "已确认") },
            FilingRow {
                decided: decided(),
                note: "开户行与证明文件不符".into(),
                reason: "原账户撤销".into(),
                ..filing("DZ000001", "已退回")
            },
        ],
        versions: vec![FactVersion {
            subject: "单位账户".into(),
            content: "兴业银行福州五一支行 · 尾号 5678".into(),
            valid_from: "2026-03-01".into(),
            valid_until: "至今".into(),
            recorded_at: "2026-11-24 10:02".into(),
            document: "单位账户变更（基本存款账户信息 3910000123）".into(),
            who: "王审核".into(),
            ..FactVersion::default()
        }],
        ..page
    }
}
