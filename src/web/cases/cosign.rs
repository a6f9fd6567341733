//! The signatures of a case (会签): what was asked and answered, and the forms about it.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use axum::extract::{Path, State};

use super::beside::Wrong;
use super::handlers;
use crate::domain::cosign::{Demand, Standing};
use crate::service::case::cosign::{self, NewRequest, Panel, RequestLine, SignerLine};
use crate::service::case::mandate::IN_NAME_OF;
use crate::service::{Actor, Error, case};
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::listing::minute;
use crate::web::once::once;
use crate::web::send::Filed;
use crate::web::session::SignedIn;
use crate::web::site::Site;

/// A signer.
#[derive(Debug, Clone, Default)]
pub struct SignerRow {
    pub name: String,
    pub office: String,
    /// 同意, 不同意 or 未答复.
    pub answer: &'static str,
    pub opinion: String,
    pub at: String,
}

/// A request.
#[derive(Debug, Clone, Default)]
pub struct RequestRow {
    pub question: String,
    pub asker: String,
    pub asked_at: String,
    pub needed: String,
    /// Last day, or how it is said that there is none.
    pub due: String,
    pub overdue: bool,
    pub state: &'static str,
    /// When and by whom it ended, and why; empty while it is open.
    pub ended: String,
    pub signers: Vec<SignerRow>,
}

/// Somebody who can be asked.
#[derive(Debug, Clone, Default)]
pub struct CandidateRow {
    pub id: i64,
    pub label: String,
    pub chosen: bool,
}

/// The signatures of a case.
#[derive(Debug, Clone, Default)]
pub struct CosignPanel {
    pub rows: Vec<RequestRow>,
    pub candidates: Vec<CandidateRow>,
    pub demands: Vec<Choice>,
    /// Fields: signers, demand, needed, question, in_name_of. Sent in vain, it says why even to
    /// whoever cannot ask.
    pub ask: Option<FormState>,
    /// In whose name it can be asked: delegation, empty in one's own, and the words for it. None
    /// when the reader cannot ask.
    pub askers: Vec<Choice>,
    /// Fields: agrees, opinion.
    pub answer: Option<FormState>,
    /// Whether the reader is asked and has not answered.
    pub may_answer: bool,
    /// Fields: reason, in_name_of.
    pub close: Option<FormState>,
    /// In whose name it can be ended. None when the reader cannot end it.
    pub closers: Vec<Choice>,
}

impl CosignPanel {
    /// Whether a form has to be corrected.
    pub fn has_errors(&self) -> bool {
        let forms = [&self.ask, &self.answer, &self.close];
        forms.into_iter().flatten().any(FormState::has_errors)
    }

    /// Whether there is anything to show.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.askers.is_empty() && !self.has_errors()
    }

    fn sample_row() -> RequestRow {
        let signer = |name: &str, answer, opinion: &str| SignerRow {
            name: name.into(),
            office: "福州市人力资源和社会保障局".into(),
            answer,
            opinion: opinion.into(),
            at: if answer == "未答复" { String::new() } else { "2026-11-19 15:30".into() },
        };
        RequestRow {
            question: "社保由关联公司缴纳，是否认可？".into(),
            asker: "林晓岚 · 福州市鼓楼区人力资源和社会保障局".into(),
            asked_at: "2026-11-18 10:20".into(),
            needed: "3 人中 2 人同意".into(),
            due: "2026-11-25".into(),
            overdue: true,
            state: "会签中",
            ended: String::new(),
            signers: vec![
                signer("陈某", "同意", ""),
                signer("王某", "不同意", "需先补劳务派遣协议"),
                signer("吴某", "未答复", ""),
            ],
        }
    }

    /// For samples of pages: one open that waits for the reader, who could also end it.
    pub fn sample() -> Self {
        let over = RequestRow {
            state: "已撤销",
            overdue: false,
            ended: "2026-11-17 09:00 林晓岚：改为电话征询".into(),
            ..Self::sample_row()
        };
        Self {
            rows: vec![Self::sample_row(), over],
            may_answer: true,
            answer: Some(FormState::new("cosign-answer").wrong("opinion", "请填写不同意的意见")),
            close: Some(FormState::new("cosign-close")),
            closers: Choice::list(&[("", "本人"), ("4", "代 林某（县区人社审核）")]),
            ..Self::default()
        }
    }

    /// For samples of pages: nothing asked yet.
    pub fn sample_ask() -> Self {
        let candidate = |id, label: &str| CandidateRow { id, label: label.into(), chosen: id == 7 };
        Self {
            candidates: vec![
                candidate(7, "陈某（市级人社审核）· 福州市人力资源和社会保障局"),
                candidate(8, "王某（省级人社审核）· 福建省人力资源和社会保障厅"),
            ],
            demands: demands(),
            ask: Some(FormState::new("cosign").wrong("signers", "请选择 1 至 7 位会签人")),
            askers: Choice::list(&[("", "本人")]),
            ..Self::default()
        }
    }
}

fn demands() -> Vec<Choice> {
    Choice::of::<Demand>()
}

/// A form about signatures that came back, and the accounts that were ticked.
#[derive(Debug, Clone)]
pub(super) enum WrongCosign {
    Ask(FormState, Vec<String>),
    Answer(FormState),
    Close(FormState),
}

/// The signatures, with the forms as they came back.
pub(super) async fn panel(
    site: &Site,
    actor: &Actor,
    no: &str,
    wrong: Option<WrongCosign>,
) -> Result<CosignPanel, Error> {
    let Panel { requests, may_ask, candidates, may_answer, may_close } =
        cosign::panel(&site.app, actor, no).await?;
    let (mut ask, mut answer, mut close, mut ticked) = (None, None, None, Vec::new());
    match wrong {
        Some(WrongCosign::Ask(form, chosen)) => (ask, ticked) = (Some(form), chosen),
        Some(WrongCosign::Answer(form)) => answer = Some(form),
        Some(WrongCosign::Close(form)) => close = Some(form),
        None => {}
    }
    // What came back says why, even to whoever cannot send it again.
    let open = |may: bool, came_back: Option<FormState>, prefix: &str| {
        came_back.or_else(|| may.then(|| FormState::new(prefix)))
    };
    let candidate = |found: cosign::Candidate| CandidateRow {
        id: found.account_id,
        chosen: ticked.contains(&found.account_id.to_string()),
        label: found.label,
    };
    Ok(CosignPanel {
        rows: requests.into_iter().map(row).collect(),
        candidates: candidates.into_iter().map(candidate).collect(),
        demands: demands(),
        ask: open(!may_ask.is_empty(), ask, "cosign"),
        askers: may_ask.iter().map(capacity).collect(),
        answer: open(may_answer, answer, "cosign-answer"),
        may_answer,
        close: open(!may_close.is_empty(), close, "cosign-close"),
        closers: may_close.iter().map(capacity).collect(),
    })
}

fn capacity(capacity: &Option<(i64, String)>) -> Choice {
    match capacity {
        Some((id, whose)) => Choice { value: id.to_string(), label: format!("代 {whose}") },
        None => Choice { value: String::new(), label: "本人".to_owned() },
    }
}

fn row(line: RequestLine) -> RequestRow {
    let (needed, of) = line.needed;
    let ended = line.ended.map(|(at, who, note)| {
        let colon = if note.is_empty() { "" } else { "：" };
        format!("{} {who}{colon}{note}", minute(at))
    });
    RequestRow {
        question: line.question,
        asker: line.asker,
        asked_at: minute(line.asked_at),
        needed: match needed == of {
            true => format!("{of} 人全部同意"),
            false => format!("{of} 人中 {needed} 人同意"),
        },
        due: line.due_on.map_or_else(|| "—".to_owned(), |day| day.to_string()),
        overdue: line.overdue,
        state: line.state,
        ended: ended.unwrap_or_default(),
        signers: line.signers.into_iter().map(signer).collect(),
    }
}

fn signer(line: SignerLine) -> SignerRow {
    let (name, office) = (line.name, line.office);
    match line.answer {
        None => SignerRow { name, office, answer: "未答复", ..SignerRow::default() },
        Some((agrees, opinion, at)) => SignerRow {
            name,
            office,
            answer: if agrees { "同意" } else { "不同意" },
            opinion,
            at: minute(at),
        },
    }
}

async fn again(site: &Site, who: &SignedIn, no: &str, wrong: WrongCosign) -> Answer {
    let found = case::case_view(&site.app, &who.actor, no).await?;
    let wrong = Wrong { cosign: Some(wrong), ..Wrong::default() };
    handlers::retry(site, who, found, wrong).await
}

/// `POST /cases/{no}/cosign`. Fields: signers (often), demand, needed, question, in_name_of,
/// seen_steps.
pub(super) async fn ask(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let signers: Vec<String> = filed.all("signers").into_iter().map(str::to_owned).collect();
    let new = NewRequest {
        signers: signers.clone(),
        demand: filed.text("demand").to_owned(),
        needed: filed.text("needed").to_owned(),
        question: filed.text("question").to_owned(),
        in_name_of: filed.text(IN_NAME_OF).to_owned(),
        seen_steps: filed.text("seen_steps").parse().unwrap_or(-1),
    };
    let effect = async {
        cosign::ask(&site.app, &who.actor, &no, &new).await?;
        Ok((format!("/cases/{no}#cosign"), "已发起会签，会签人会收到消息提醒。".to_owned()))
    };
    match once(&site, &who, &filed, effect).await {
        Ok(answer) => Ok(answer),
        Err(error) => {
            let form = back_to_form(filed.state("cosign"), error)?;
            again(&site, &who, &no, WrongCosign::Ask(form, signers)).await
        }
    }
}

/// `POST /cases/{no}/cosign/answer`. Fields: agrees (yes, no), opinion.
pub(super) async fn answer(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let typed = (filed.text("agrees"), filed.text("opinion"));
    let effect = async {
        let standing = cosign::answer(&site.app, &who.actor, &no, typed).await?;
        let text = match standing {
            Standing::Met => "会签意见已记录，会签已达成。".to_owned(),
            Standing::Impossible => "会签意见已记录，会签已不能达成，已通知发起人。".to_owned(),
            Standing::Open { missing } => format!("会签意见已记录，还须 {missing} 人同意。"),
        };
        Ok((format!("/cases/{no}#cosign"), text))
    };
    match once(&site, &who, &filed, effect).await {
        Ok(answer) => Ok(answer),
        Err(error) => {
            let form = back_to_form(filed.state("cosign-answer"), error)?;
            again(&site, &who, &no, WrongCosign::Answer(form)).await
        }
    }
}

/// `POST /cases/{no}/cosign/close`. Fields: reason, in_name_of.
pub(super) async fn close(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let typed = (filed.text("reason"), filed.text(IN_NAME_OF));
    let effect = async {
        cosign::close(&site.app, &who.actor, &no, typed).await?;
        Ok((format!("/cases/{no}#cosign"), "会签已结束，可以继续办理。".to_owned()))
    };
    match once(&site, &who, &filed, effect).await {
        Ok(answer) => Ok(answer),
        Err(error) => {
            let form = back_to_form(filed.state("cosign-close"), error)?;
            again(&site, &who, &no, WrongCosign::Close(form)).await
        }
    }
}
