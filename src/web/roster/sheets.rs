//! What the forms about engineers and enterprises ask for.

use axum::response::IntoResponse;

use super::pages::{Field, FormPage, Kind};
use crate::domain::registry::Code;
use crate::domain::roster::DepartureReason;
use crate::service::{Error, roster};
use crate::web::failure::{Answer, Failure};
use crate::web::form::{Choice, FormState};
use crate::web::page::Page;
use crate::web::send::Filed;
use crate::web::session::SignedIn;
use crate::web::site::Site;

/// What a form looks like and where it goes.
pub(super) struct Sheet {
    pub(super) title: &'static str,
    pub(super) note: &'static str,
    pub(super) submit: &'static str,
    /// Last part of the address, and name of the form.
    pub(super) name: &'static str,
    pub(super) fields: Vec<Field>,
}

/// Whom a form is about.
pub(super) struct Subject {
    pub(super) about: String,
    pub(super) back: String,
    pub(super) action: String,
    pub(super) menu: &'static str,
}

impl Subject {
    pub(super) fn engineer(no: &str, name: &str, form: &str) -> Self {
        let no = no.trim();
        let about = if name.is_empty() { no.to_owned() } else { format!("{name}（{no}）") };
        let back = format!("/engineers/{no}");
        Self { about, action: format!("{back}/{form}"), back, menu: "/engineers" }
    }
}

fn grounds_fields() -> [Field; 2] {
    [
        Field::new("reason", "原因", Kind::Words).hint("写明情况和依据"),
        Field::new("document_no", "依据文件编号", Kind::Line),
    ]
}

pub(super) fn departure_sheet() -> Sheet {
    let pick = |reason: &DepartureReason| (reason.code(), reason.label());
    let reasons: Vec<_> = DepartureReason::ALL.iter().map(pick).collect();
    Sheet {
        title: "办理离职",
        note: "最后在职日当天仍计入；名册和任职同日结束。",
        submit: "办理离职",
        name: "departures",
        fields: vec![
            Field::new("last_day", "最后在职日", Kind::Day),
            Field::new("reason", "离职原因", Kind::Pick(Choice::list(&reasons))),
            Field::new("note", "说明", Kind::Words).optional(),
            Field::new("document_no", "证明文件编号", Kind::Line)
                .hint("解除或终止劳动合同证明的编号"),
        ],
    }
}

pub(super) fn account_sheet() -> Sheet {
    Sheet {
        title: "变更收款账户",
        note: "原账户保留可查，新账户从生效日起使用。",
        submit: "保存新账户",
        name: "bank-account",
        fields: vec![
            Field::new("account_name", "户名", Kind::Line),
            Field::new("account_number", "账号", Kind::Line).hint("可含空格，保存后只显示尾号四位"),
            Field::new("account_number_again", "再次输入账号", Kind::Line),
            Field::new("bank_name", "开户行", Kind::Line),
            Field::new("cnaps", "联行号", Kind::Line).hint("12 位数字"),
            Field::new("from", "生效日", Kind::Day),
            Field::new("reason", "变更原因", Kind::Words)
                .hint("户名不是本人，或与他人共用账号时必填")
                .optional(),
            Field::new("document_no", "依据文件编号", Kind::Line).optional(),
        ],
    }
}

pub(super) fn correction_sheet() -> Sheet {
    let [reason, document_no] = grounds_fields();
    Sheet {
        title: "更正一段事实",
        note: "由另一人核对确认后生效：新增一个版本，原版本保留可查；已核定年度会重新计算差额。",
        submit: "申请更正",
        name: "corrections",
        fields: vec![
            Field::new("fact", "", Kind::Hidden),
            Field::new("from", "正确的首日", Kind::Day),
            Field::new("until", "正确的末日", Kind::Day).hint("至今有效的留空").optional(),
            reason,
            document_no,
        ],
    }
}

pub(super) fn suspension_sheet() -> Sheet {
    Sheet {
        title: "暂停名册",
        note: "由另一人核对确认后生效；暂停期间的日子不计入，查明后可以更正或撤销。",
        submit: "申请暂停",
        name: "suspensions",
        fields: restriction_fields("暂停首日", "暂停末日"),
    }
}

pub(super) fn exclusion_sheet() -> Sheet {
    let mut fields = restriction_fields("首日", "末日");
    fields.insert(0, Field::new("ground", "排除情形", Kind::Line).hint("例如：失信被执行人"));
    Sheet {
        title: "列入排除名单",
        note: "由另一人核对确认后生效；列入期间不计入，也不能入册；情形消除后可以更正末日。",
        submit: "申请列入",
        name: "exclusions",
        fields,
    }
}

fn restriction_fields(first: &'static str, last: &'static str) -> Vec<Field> {
    let [reason, document_no] = grounds_fields();
    vec![
        Field::new("from", first, Kind::Day),
        Field::new("until", last, Kind::Day).hint("尚不确定的留空").optional(),
        reason,
        document_no,
    ]
}

pub(super) fn delisting_sheet() -> Sheet {
    let [reason, document_no] = grounds_fields();
    Sheet {
        title: "移出清单",
        note: "由另一人核对确认后生效；最后有效日当天仍在清单内，其后该企业人员不再计入。",
        submit: "申请移出",
        name: "delisting",
        fields: vec![Field::new("last_day", "最后有效日", Kind::Day), reason, document_no],
    }
}

pub(super) fn withdrawal_sheet() -> Sheet {
    Sheet {
        title: "撤销记录",
        note: "由另一人核对确认后生效；撤销后这段记录不再有效，原记录保留可查。",
        submit: "申请撤销",
        name: "withdrawals",
        fields: grounds_fields().to_vec(),
    }
}

impl Sheet {
    pub(super) async fn page(
        self,
        site: &Site,
        who: &SignedIn,
        subject: Subject,
        form: FormState,
    ) -> Result<FormPage, Failure> {
        Ok(FormPage {
            frame: who.frame(site, subject.menu).await?,
            title: self.title,
            back_label: subject.about.clone(),
            about: subject.about,
            back: subject.back,
            action: subject.action,
            note: self.note,
            submit: self.submit,
            fields: self.fields,
            form,
        })
    }

    /// A fresh form about an engineer.
    pub(super) async fn ask(self, site: &Site, who: &SignedIn, no: &str) -> Answer {
        let name = roster::person_name(&site.app, &who.actor, no).await?;
        let subject = Subject::engineer(no, &name, self.name);
        let form = FormState::new(self.name);
        Ok(Page::ok(self.page(site, who, subject, form).await?).into_response())
    }

    /// The form again, when it is to be corrected; any other failure is a page of its own.
    pub(super) async fn again(
        self,
        site: &Site,
        who: &SignedIn,
        subject: Subject,
        filed: &Filed,
        error: Error,
    ) -> Answer {
        let mut form = filed.state(self.name);
        // A number that was typed is never sent back: it could stay in a cache or on a screen.
        form.values.retain(|name, _| !name.starts_with("account_number"));
        form = match error {
            Error::Invalid(faults) => {
                faults.into_iter().fold(form, |form, (field, text)| form.wrong(&field, text))
            }
            Error::Refused(text) => form.refused(text),
            other => return Err(who.fail(site, other)),
        };
        Ok(Page::retry(self.page(site, who, subject, form).await?).into_response())
    }
}
