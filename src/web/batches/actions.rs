//! Where each action of a batch is sent, what has to be typed, and what it says it does.

use super::pages::{ActionField, BatchAction};
use crate::domain::payment::Action;
use crate::domain::registry::Code;
use crate::file::bank::{NEUTRAL, profiles};
use crate::service::batch_pages::Offer;
use crate::web::form::{Choice, FormState};
use crate::web::send::Filed;

/// The last part of the address that an action is sent to.
pub(super) const fn path(action: Action) -> &'static str {
    match action {
        Action::Freeze => "freeze",
        Action::Check => "check",
        Action::Approve => "approve",
        Action::SendBack => "return-to-maker",
        Action::Cancel => "cancel",
        Action::IssueFile => "file",
        Action::MarkSent => "sent",
        Action::LoadReturn => "returns",
        Action::ConfirmReturn => "confirmation",
        Action::ResolveSuspense => "resolution",
        Action::Close => "close",
    }
}

/// What the page says an action does.
const fn hint(action: Action) -> &'static str {
    match action {
        Action::Freeze => "固定人员、账户、金额和校验值，占用指标，此后不能改动",
        Action::Check => "核对合计、大写和抽取的账户，再确认内容校验值",
        Action::Approve => "审批后可生成银行文件",
        Action::SendBack => "退回后金额解冻，校验值作废",
        Action::Cancel => "撤销后金额回到待付，本批次不能再办理",
        Action::IssueFile => "生成代发文件，同一批次的文件内容永不改变",
        Action::MarkSent => "文件送达银行或上传网银后登记",
        Action::LoadReturn => "按行标识逐笔匹配；载入后由另一人确认才生效",
        Action::ConfirmReturn => "确认后成功的记为已付，失败的回到待付",
        Action::ResolveSuspense => "说明这一行退款是怎么回事",
        Action::Close => "对账无误后关闭，此后只登记迟到的退款",
    }
}

fn fields(action: Action) -> Vec<ActionField> {
    let field = |name, label, hint: &str, is_long| ActionField {
        name,
        label,
        hint: hint.to_owned(),
        is_long,
        is_secret: false,
        choices: vec![],
    };
    match action {
        Action::Approve => {
            let hint = "请对照纸质审批表重新输入，不要从页面复制";
            let total = field("total", "合计金额（元）", hint, false);
            let hint = "审批即以您的名义对冻结内容作电子签名";
            let password = field("password", "您的登录密码", hint, false);
            vec![total, ActionField { is_secret: true, ..password }]
        }
        Action::SendBack => vec![field("reason", "退回原因", "", true)],
        Action::Cancel => vec![field("reason", "撤销原因", "", true)],
        Action::MarkSent => vec![field("voucher_no", "支付凭证号", "", false)],
        Action::Close => {
            let hint = "银行电子回单在会计档案中的编号，例如 2027-记-0315";
            vec![field("receipts", "电子回单的归档编号", hint, false)]
        }
        Action::IssueFile => vec![ActionField {
            choices: profiles()
                .iter()
                .map(|form| Choice { value: form.name().into(), label: form.title().into() })
                .collect(),
            ..field("profile", "银行格式", "格式表示不了的姓名会停下并逐笔指出，不会替换", false)
        }],
        _ => vec![],
    }
}

/// What somebody typed for an action that came too late, to be read again; no password.
pub(super) fn typed(action: Action, filed: &Filed) -> String {
    let line = |field: ActionField| {
        let value = filed.text(field.name);
        let chosen = field.choices.iter().find(|choice| choice.value == value);
        let shown = chosen.map_or(value, |choice| choice.label.as_str());
        (!field.is_secret && !shown.is_empty()).then(|| format!("{}：{shown}", field.label))
    };
    let lines: Vec<String> = fields(action).into_iter().filter_map(line).collect();
    if lines.is_empty() {
        String::new()
    } else {
        format!("您填写的内容：{}。", lines.join("；"))
    }
}

/// The form of an action as it is first shown.
pub(super) fn fresh(action: Action) -> FormState {
    let form = FormState::new(path(action));
    if action == Action::IssueFile { form.with("profile", NEUTRAL) } else { form }
}

/// An offer as the page shows it. `typed` is the form that has to be corrected, with its action.
pub(super) fn shown(
    batch_no: &str,
    offer: &Offer,
    typed: Option<&(Action, FormState)>,
) -> BatchAction {
    let action = offer.action;
    let part = path(action);
    let (label, href, key) = match &offer.return_no {
        Some(no) => (
            format!("{} {no}", action.label()),
            format!("/batches/{batch_no}/returns/{no}/{part}"),
            format!("{part}-{no}"),
        ),
        None => (action.label().to_owned(), format!("/batches/{batch_no}/{part}"), part.to_owned()),
    };
    let form = match typed {
        Some((of, form)) if *of == action => form.clone(),
        _ => FormState { prefix: key.clone(), ..fresh(action) },
    };
    BatchAction {
        label,
        href,
        key,
        hint: hint(action).to_owned(),
        why_not: offer.why_not.clone(),
        fields: fields(action),
        form,
        is_page: action == Action::Check,
        is_main: offer.is_next,
        is_danger: matches!(action, Action::SendBack | Action::Cancel),
    }
}
