//! One of those who were overpaid repays a part; the other recoveries wait at their first step.

use std::collections::BTreeMap;

use super::stage::Stage;
use crate::service::Error;
use crate::service::case::Submitted;
use crate::service::recovery;
use crate::store::case as store;

/// The first recovery that was opened.
const NO: &str = "ZH000001";
/// An approver who had no hand in the payment: those who had decide no recovery of it.
const DECIDER: &str = "hr-province-4";

/// From the notice of facts to the first money back.
pub(super) async fn play(stage: &mut Stage) -> Result<(), Error> {
    let ground = ("ground", "发放后查明 2026 年度另有同类奖补 80,000.00 元，就高不重复");
    let facts = [ground, ("facts_notice", "闽人社追告〔2027〕1号")];
    act(stage, "hr-province", "notify", &facts).await?;
    let heard = [("party_heard", "本人认可，先归还一部分")];
    act(stage, "hr-province", "hear", &heard).await?;
    let decision = [
        ("investigation_result", "另一项奖补的决定文书和到账凭证已核对"),
        ("decision_document", "闽人社追决〔2027〕1号"),
        ("liable", "本人"),
        ("person_fraud", "no"),
        ("fraud_enterprise", "无"),
    ];
    act(stage, DECIDER, "decide", &decision).await?;
    act(stage, "hr-province", "serve", &[("delivery_receipt", "邮寄回证 EMS20270517")]).await?;
    let day = stage.app.clock.today().to_string();
    let money = [("treasury_receipt", "GK2027-0118"), ("amount", "10000.00"), ("on_day", &day)];
    act(stage, "finance-maker", "receive", &money).await?;
    act(stage, "finance-checker", "confirm_part", &[]).await
}

async fn act(
    stage: &mut Stage,
    login: &str,
    act: &str,
    fields: &[(&str, &str)],
) -> Result<(), Error> {
    stage.later(45);
    let row = store::by_no(stage.app.db.read(), &crate::domain::authority::Scope::Province, NO);
    let row = row.await?.ok_or(Error::NotFound("这项追回"))?;
    let fields: BTreeMap<String, String> =
        fields.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let sent =
        Submitted { act: act.to_owned(), remark: String::new(), seen_steps: row.steps, fields };
    let actor = stage.actor(login)?.clone();
    recovery::act(&stage.app, &actor, NO, &sent).await?;
    Ok(())
}
