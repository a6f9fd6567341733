//! What signatures mean for acts: which wait, which end a request, and who is no second person.

use std::collections::HashMap;

use serde_json::json;

use super::{answers_to, standing_of};
use crate::domain::cosign::{Ending, Standing, signed_before, waits};
use crate::domain::lifecycle::{Done, Hand, Lifecycle, Move};
use crate::domain::registry::Code;
use crate::service::case::Desk;
use crate::service::{Error, PROGRAM, PUBLIC, log, log_apart};
use crate::store::case::cosign::{self as store, RequestRow};
use crate::store::db::Tx;
use crate::store::directory;

/// The open requests of some files, and where whoever acts agreed on them.
pub(in crate::service::case) struct Signatures {
    open: HashMap<i64, (RequestRow, String)>,
    signed: HashMap<i64, Vec<String>>,
}

impl Signatures {
    /// Reads what matters for acts of one actor on some files.
    pub(in crate::service::case) async fn load(desks: &[Desk<'_>]) -> Result<Self, Error> {
        let mut found = Self { open: HashMap::new(), signed: HashMap::new() };
        let Some(first) = desks.first() else { return Ok(found) };
        let ids: Vec<i64> = desks.iter().map(|desk| desk.row.id).collect();
        let open = store::open_among(first.tx, &ids).await?;
        found.open = told(first.tx, open).await?;
        let behalf = first.behalf().map(|behalf| behalf.holder_id);
        let own = first.actor.map(|actor| actor.holder_id);
        let holders: Vec<i64> = own.into_iter().chain(behalf).collect();
        if !holders.is_empty() {
            for (case_id, state) in store::agreed(first.tx, &ids, &holders).await? {
                found.signed.entry(case_id).or_default().push(state);
            }
        }
        Ok(found)
    }

    /// Why an act waits: signatures are missing, or whoever acts signed what they would check.
    pub(in crate::service::case) fn fault<L: Lifecycle>(
        &self,
        desk: &Desk<'_>,
        line: &Move<L::State, L::Act>,
        (hand, here, done): (Hand, L::State, &[Done<L>]),
    ) -> Option<String> {
        if let Some((_, why)) = self.open.get(&desk.row.id).filter(|_| waits::<L>(line, hand)) {
            return Some(why.clone());
        }
        let signed: Vec<&str> = self.signed.get(&desk.row.id)?.iter().map(String::as_str).collect();
        let before = signed_before::<L>(line, done, here, &signed);
        before.then(|| "您已在会签中同意本件，这一步须由另一人复核办理".to_owned())
    }

    /// Ends the requests of files that moved elsewhere.
    pub(in crate::service::case) async fn lapse(
        &self,
        moved: &[Desk<'_>],
        hand: Hand,
    ) -> Result<(), Error> {
        let over: Vec<(&Desk<'_>, i64)> = moved
            .iter()
            .filter_map(|desk| Some((desk, self.open.get(&desk.row.id)?.0.id)))
            .collect();
        let Some((first, _)) = over.first() else { return Ok(()) };
        let ids: Vec<i64> = over.iter().map(|(_, id)| *id).collect();
        let by = first.actor.map(|actor| actor.account_id);
        let end = (Ending::Lapsed.code(), by, "");
        store::end(first.tx, &ids, end, first.app.clock.now()).await?;
        for (desk, _) in over {
            let (app, tx, object) = (desk.app, desk.tx, ("case", desk.row.case_no.as_str()));
            let (action, detail) = ("cosign.lapsed", json!({ "act": desk.sent.act }));
            match (desk.actor, hand) {
                (Some(actor), _) => log(app, tx, actor, action, object, &detail).await?,
                (None, Hand::Person) => log_apart(app, tx, PUBLIC, action, object, &detail).await?,
                (None, _) => log_apart(app, tx, PROGRAM, action, object, &detail).await?,
            }
        }
        Ok(())
    }
}

/// Says of each open request why acts wait for it.
async fn told(
    tx: &Tx,
    open: HashMap<i64, RequestRow>,
) -> Result<HashMap<i64, (RequestRow, String)>, Error> {
    if open.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<i64> = open.values().map(|request| request.id).collect();
    let signers = store::signers(tx, &ids).await?;
    let accounts: Vec<i64> = (signers.iter().map(|(signer, _)| signer.account_id))
        .chain(open.values().map(|request| request.asked_by))
        .collect();
    let names = directory::account_names(tx, &accounts).await?;
    let name = |id: i64| names.get(&id).cloned().unwrap_or_default();
    let words = |request: &RequestRow| {
        let own = || signers.iter().filter(|(signer, _)| signer.request_id == request.id);
        match standing_of(request, &answers_to(request, &signers)) {
            Standing::Impossible => format!(
                "会签未达成（{} 人中须 {} 人同意），须由发起人{}说明原因结束会签后才能继续；也可以退回或不予通过",
                request.signers,
                request.needed,
                name(request.asked_by)
            ),
            _ => {
                let missing: Vec<String> = own()
                    .filter(|(_, answer)| answer.is_none())
                    .map(|(signer, _)| name(signer.account_id))
                    .collect();
                format!(
                    "会签未完成（{} 人中须 {} 人同意），还缺{}的意见；可以退回、不予通过，或由发起人{}结束会签",
                    request.signers,
                    request.needed,
                    missing.join("、"),
                    name(request.asked_by)
                )
            }
        }
    };
    let with_words = |(id, request): (i64, RequestRow)| {
        let words = words(&request);
        (id, (request, words))
    };
    Ok(open.into_iter().map(with_words).collect())
}
