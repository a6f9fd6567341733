//! The messages of a case.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use axum::extract::{Path, State};

use super::beside::Wrong;
use super::handlers;
use crate::service::case::mandate::IN_NAME_OF;
use crate::service::case::message::{self, MessageLine};
use crate::service::{Actor, Error, case};
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::listing::minute;
use crate::web::once::once;
use crate::web::send::Filed;
use crate::web::session::SignedIn;
use crate::web::site::Site;

/// A message.
#[derive(Debug, Clone, Default)]
pub struct MessageRow {
    pub at: String,
    pub who: String,
    pub organisation: String,
    /// 企业 or 机关.
    pub side: &'static str,
    pub text: String,
}

/// What was written to each other.
#[derive(Debug, Clone, Default)]
pub struct TalkPanel {
    pub rows: Vec<MessageRow>,
    /// In whose name one can be added: delegation, empty in one's own, and the words for it.
    pub capacities: Vec<Choice>,
    /// Fields: text, in_name_of.
    pub form: FormState,
}

impl TalkPanel {
    /// For samples of pages.
    pub fn sample() -> Self {
        let row = |who: &str, organisation: &str, side, text: &str| MessageRow {
            at: "2026-11-18 10:20".into(),
            who: who.into(),
            organisation: organisation.into(),
            side,
            text: text.into(),
        };
        Self {
            rows: vec![
                row(
                    "林晓岚",
                    "福州市鼓楼区人力资源和社会保障局",
                    "机关",
                    "请说明 3 月社保中断的原因。",
                ),
                row(
                    "陈某（代王某）",
                    "福州某某智能科技有限公司",
                    "企业",
                    "3 月为异地转移，\n已补传凭证。",
                ),
            ],
            capacities: Choice::list(&[("", "本人"), ("4", "代 林某（县区人社审核）")]),
            form: FormState::new("message"),
        }
    }
}

/// The messages, with the form as it came back.
pub(super) async fn panel(
    site: &Site,
    actor: &Actor,
    no: &str,
    wrong: Option<FormState>,
) -> Result<TalkPanel, Error> {
    let talk = message::talk(&site.app, actor, no).await?;
    let capacity = |capacity: &Option<(i64, String)>| match capacity {
        Some((id, whose)) => Choice { value: id.to_string(), label: format!("代 {whose}") },
        None => Choice { value: String::new(), label: "本人".to_owned() },
    };
    Ok(TalkPanel {
        rows: talk.lines.into_iter().map(row).collect(),
        capacities: talk.capacities.iter().map(capacity).collect(),
        form: wrong.unwrap_or_else(|| FormState::new("message")),
    })
}

fn row(line: MessageLine) -> MessageRow {
    MessageRow {
        at: minute(line.at),
        who: line.who,
        organisation: line.organisation,
        side: if line.by_enterprise { "企业" } else { "机关" },
        text: line.text,
    }
}

/// `POST /cases/{no}/messages`. Fields: text, in_name_of.
pub(super) async fn write(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let typed = (filed.text("text"), filed.text(IN_NAME_OF));
    let effect = async {
        message::write(&site.app, &who.actor, &no, typed).await?;
        Ok((format!("/cases/{no}#messages"), "留言已发出，对方会收到消息提醒。".to_owned()))
    };
    match once(&site, &who, &filed, effect).await {
        Ok(answer) => Ok(answer),
        Err(error) => {
            let form = back_to_form(filed.state("message"), error)?;
            let found = case::case_view(&site.app, &who.actor, &no).await?;
            handlers::retry(&site, &who, found, Wrong { message: Some(form), ..Wrong::default() })
                .await
        }
    }
}
