//! What the person reads and says.

use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;

use super::pages::{Me, OfficeRow, OwnYear, RepayRow, SeenRow, StatementRow, YearPart};
use super::session::{Own, OwnFiled};
use crate::domain::registry::Code;
use crate::service::Error;
use crate::service::certificate;
use crate::service::directory::AccountFiling;
use crate::service::own_page::{self, OwnData, OwnPage, OwnRecovery, Said};
use crate::service::seen::SeenLine;
use crate::service::stipend::Explanation;
use crate::web::certificates::pages::OwnCertificate;
use crate::web::certificates::sheet;
use crate::web::engineers::money::{OwnMoney, grant, parts};
use crate::web::engineers::pages::Saying;
use crate::web::engineers::record::{certificates, saying, timeline, year as year_amount};
use crate::web::engineers::rows::fact_version;
use crate::web::entitlements::explanation::{month, payment, told, version};
use crate::web::failure::{Answer, Failure, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::frame::{Frame, OwnFrame};
use crate::web::listing::minute;
use crate::web::page::Page;
use crate::web::send::{XLSX, done, download};
use crate::web::site::Site;
use crate::web::words::Yuan;

pub(super) async fn me(State(site): State<Site>, own: Own) -> Answer {
    let found = own_page::page(&site.app, &own.myself).await?;
    let page = page(own.frame(&site)?, found, None);
    Ok(Page::ok(page).into_response())
}

/// `wrong` is the form that has to be corrected, of one statement or year: (subject, form).
fn page(frame: OwnFrame, found: OwnPage, wrong: Option<(&str, &FormState)>) -> Me {
    let record = found.record;
    let head = &record.head;
    let standing = head.standing.map_or("未入册", Code::label);
    let sentence = match (head.enterprise.as_str(), found.years.first()) {
        ("", _) => "您目前没有任职企业的登记。如有疑问请联系所在企业或县区人社部门。".to_owned(),
        (at, None) => format!("您在{at}登记，名册状态为“{standing}”，还没有核定过奖补。"),
        (at, Some(year)) => format!(
            "您在{at}登记，名册状态为“{standing}”。{}{}",
            year.sentence,
            match year.state.label() {
                "零额" => String::new(),
                state => format!("目前状态：{state}。"),
            }
        ),
    };
    let row = |(number, statement): (usize, own_page::Statement)| {
        let form = match wrong {
            Some((subject, form)) if subject == statement.subject => {
                FormState { prefix: format!("say-{number}"), ..form.clone() }
            }
            _ => FormState::new(&format!("say-{number}")),
        };
        StatementRow {
            form,
            subject: statement.subject,
            content: statement.content,
            period: statement.period,
            filed_by: statement.filed_by,
            said: statement.said.map(saying),
        }
    };
    let office = |office: own_page::Office| OfficeRow {
        enterprise: office.enterprise,
        division: office.division,
        name: office.name,
    };
    let amounts = record.years.clone().into_iter().map(year_amount);
    Me {
        document: head.document.clone(),
        enterprise: head.enterprise.clone(),
        post: head.post.clone(),
        roster_state: standing.to_owned(),
        joined_on: head.joined_on.map_or_else(|| "无".to_owned(), |day| day.to_string()),
        account: head.account.as_ref().map(|a| (a.bank.clone(), a.last_four.clone())),
        account_note: record.account_change.as_ref().map(account_note).unwrap_or_default(),
        passphrase_since: found.passphrase_since.map(minute).unwrap_or_default(),
        certificates: certificates(&record.history),
        timeline: timeline(&record.history, record.on),
        years: (found.years.into_iter().zip(amounts))
            .map(|(year, sum)| YearPart {
                disputes: of_year(&found.year_disputes, year.year),
                dispute: dispute_form(&found.year_disputes, year.year, wrong),
                ..part(year, sum, &found.files, wrong)
            })
            .collect(),
        grants: found.grants.into_iter().map(grant).collect(),
        recoveries: found.recoveries.into_iter().map(|own| repay(own, wrong)).collect(),
        statements: found.statements.into_iter().enumerate().map(row).collect(),
        verdicts: Choice::list(&[("yes", "属实"), ("no", "不属实")]),
        offices: found.offices.into_iter().map(office).collect(),
        versions: record.versions.into_iter().map(|line| fact_version(line, None)).collect(),
        seen: found.seen.into_iter().map(seen).collect(),
        has_errors: wrong.is_some(),
        frame,
        sentence,
    }
}

/// What the person is told about a change of the account: nobody else would notice a wrong one.
fn account_note(change: &AccountFiling) -> String {
    let (who, at) = (&change.filed.0, minute(change.filed.1));
    let new = format!("{} 尾号 {} 的账户", change.account.bank_name, change.account.last_four);
    match &change.decided {
        None => format!(
            "收款账户正在变更：{who}于 {at} 填报了{new}，尚待另一人确认。不是您本人提供的，请立即联系下面列出的部门。"
        ),
        Some((by, on, ..)) => format!(
            "收款账户已变更为{new}：{who}填报，{by}于 {} 确认。不是您本人提供的，请在“核对企业为我申报的内容”里对账户选择“不属实”；答复以前不会向该账户付款。",
            minute(*on)
        ),
    }
}

fn repay(own: OwnRecovery, wrong: Option<(&str, &FormState)>) -> RepayRow {
    let prefix = format!("plead-{}", own.no);
    let form = || match wrong {
        Some((subject, form)) if subject == prefix => form.clone(),
        _ => FormState::new(&prefix),
    };
    RepayRow {
        form: own.may_plead.then(form),
        year: own.year,
        liable: own.liable.unwrap_or_default(),
        payer: own.payer,
        amount: Yuan(own.amount),
        outstanding: Yuan(own.outstanding),
        state: own.state,
        due_on: own.due_on.map(|day| day.to_string()).unwrap_or_default(),
        no: own.no,
    }
}

fn seen(line: SeenLine) -> SeenRow {
    SeenRow {
        day: line.day.to_string(),
        organisation: line.organisation,
        role: line.role.to_owned(),
        kind: line.kind,
    }
}

fn part(
    year: Explanation,
    sum: crate::web::engineers::pages::YearAmount,
    files: &[own_page::OwnFile],
    wrong: Option<(&str, &FormState)>,
) -> YearPart {
    let file = files.iter().find(|file| file.year == i64::from(year.year));
    let prefix = format!("declare-{}", year.year);
    let form = || match wrong {
        Some((subject, form)) if subject == prefix => form.clone(),
        _ => FormState::new(&prefix),
    };
    YearPart {
        sum,
        sentence: year.sentence,
        months: year.months.into_iter().map(month).collect(),
        versions: year.versions.into_iter().map(version).collect(),
        payments: year.payments.into_iter().map(payment).collect(),
        file: file.map(|f| (f.state.to_owned(), f.case_no.clone())).unwrap_or_default(),
        declared_on: file
            .and_then(|file| file.declared_on)
            .map(|day| day.to_string())
            .unwrap_or_default(),
        declaration: file.filter(|file| file.may_declare).map(|_| form()),
        ..YearPart::default()
    }
}

fn of_year(disputes: &[(i64, Said)], year: i32) -> Vec<Saying> {
    let of = disputes.iter().filter(|(of, _)| *of == i64::from(year));
    of.map(|(_, said)| saying(said.clone())).collect()
}

/// The form of an objection to the amount of a year, unless one waits for its answer.
fn dispute_form(
    disputes: &[(i64, Said)],
    year: i32,
    wrong: Option<(&str, &FormState)>,
) -> Option<FormState> {
    let waits = |(of, said): &(i64, Said)| *of == i64::from(year) && said.answer.is_none();
    if disputes.iter().any(waits) {
        return None;
    }
    let prefix = format!("dispute-{year}");
    let typed = wrong.filter(|(subject, _)| *subject == prefix).map(|(_, form)| form.clone());
    Some(typed.unwrap_or_else(|| FormState::new(&prefix)))
}

/// `POST /me/years/{year}/dispute`. Field: note.
pub(super) async fn dispute(
    State(site): State<Site>,
    own: Own,
    Path(year): Path<String>,
    OwnFiled(filed): OwnFiled,
) -> Answer {
    let year = year.parse::<i32>().map_err(|_| Failure::from(Error::NotFound("该年度")))?;
    match own_page::dispute_year(&site.app, &own.myself, year, filed.text("note")).await {
        Ok(()) => Ok(done("/me", "异议已提交，核实后的答复会显示在该年度下。")),
        Err(error) => {
            let prefix = format!("dispute-{year}");
            let form = back_to_form(filed.state(&prefix), error)?;
            let found = own_page::page(&site.app, &own.myself).await?;
            let page = page(own.frame(&site)?, found, Some((&prefix, &form)));
            Ok(Page::retry(page).into_response())
        }
    }
}

/// `POST /me/years/{year}/declaration`. Fields: awards, undertaking (yes).
pub(super) async fn declare(
    State(site): State<Site>,
    own: Own,
    Path(year): Path<i64>,
    OwnFiled(filed): OwnFiled,
) -> Answer {
    let sent = (filed.text("awards"), filed.text("undertaking") == "yes");
    match own_page::declare(&site.app, &own.myself, year, sent).await {
        Ok(()) => Ok(done("/me", "已提交您的年度申报，企业和人社部门可以看到。")),
        Err(error) => {
            let prefix = format!("declare-{year}");
            let form = back_to_form(filed.state(&prefix), error)?;
            let found = own_page::page(&site.app, &own.myself).await?;
            let page = page(own.frame(&site)?, found, Some((&prefix, &form)));
            Ok(Page::retry(page).into_response())
        }
    }
}

/// `POST /me/recoveries/{no}/statement`. Field: statement.
pub(super) async fn plead(
    State(site): State<Site>,
    own: Own,
    Path(no): Path<String>,
    OwnFiled(filed): OwnFiled,
) -> Answer {
    match own_page::plead(&site.app, &own.myself, &no, filed.text("statement")).await {
        Ok(()) => Ok(done("/me#recoveries", "已提交您的陈述申辩，人社部门据此作出决定。")),
        Err(error) => {
            let prefix = format!("plead-{no}");
            let form = back_to_form(filed.state(&prefix), error)?;
            let found = own_page::page(&site.app, &own.myself).await?;
            let page = page(own.frame(&site)?, found, Some((&prefix, &form)));
            Ok(Page::retry(page).into_response())
        }
    }
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    version: Option<i64>,
}

pub(super) async fn year(
    State(site): State<Site>,
    own: Own,
    Path(year): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let year = year.parse::<i32>().map_err(|_| Failure::from(Error::NotFound("该年度")))?;
    let found = own_page::year(&site.app, &own.myself, year, wanted.version).await?;
    let told = told(Frame::default(), found, true);
    Ok(Page::ok(OwnYear { frame: own.frame(&site)?, told }).into_response())
}

pub(super) async fn money(State(site): State<Site>, own: Own) -> Answer {
    let parts = parts(own_page::money(&site.app, &own.myself).await?);
    let page = OwnMoney { frame: own.frame(&site)?, base: "/me".to_owned(), parts };
    Ok(Page::ok(page).into_response())
}

pub(super) async fn certificate(
    State(site): State<Site>,
    own: Own,
    Path(no): Path<String>,
) -> Answer {
    let found = certificate::own(&site.app, &own.myself, &no).await?;
    Ok(Page::ok(OwnCertificate { frame: own.frame(&site)?, sheet: sheet(found) }).into_response())
}

pub(super) async fn data_json(State(site): State<Site>, own: Own) -> Answer {
    let OwnData { bytes, name } = own_page::data_json(&site.app, &own.myself).await?;
    Ok(download(&name, "application/json", bytes))
}

pub(super) async fn data_xlsx(State(site): State<Site>, own: Own) -> Answer {
    let OwnData { bytes, name } = own_page::data_xlsx(&site.app, &own.myself).await?;
    Ok(download(&name, XLSX, bytes))
}

pub(super) async fn confirm(
    State(site): State<Site>,
    own: Own,
    OwnFiled(filed): OwnFiled,
) -> Answer {
    let (subject, agrees) = (filed.text("subject"), filed.text("agrees"));
    let said = own_page::confirm(&site.app, &own.myself, subject, agrees, filed.text("note"));
    match said.await {
        Ok(()) if agrees == "yes" => Ok(done("/me#statements", "已记录您的确认。")),
        Ok(()) => Ok(done("/me#statements", "已记录您的异议，人社部门会核实后更正或答复。")),
        Err(error) => {
            let form = back_to_form(filed.state("say"), error)?;
            let found = own_page::page(&site.app, &own.myself).await?;
            let page = page(own.frame(&site)?, found, Some((subject, &form)));
            Ok(Page::retry(page).into_response())
        }
    }
}
