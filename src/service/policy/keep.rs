//! Texts that come with the program, and which text of a policy applies.

use serde_json::json;

use super::cases::{series, text_of};
use crate::app::App;
use crate::domain::edition::PolicyError;
use crate::domain::golden::Case;
use crate::domain::policy_text::PolicyText;
use crate::file::hash::sha256_hex;
use crate::service::{Actor, Error, agreement, expert, log, stipend, visit};
use crate::store::db::{Connection, Tx};
use crate::store::number;
use crate::store::policy::{self as drafts, NewCase, With};
use crate::store::stipend::{self as store, PolicyDocument};

/// The text of a policy as the program brings it.
#[derive(Debug, Clone, Copy)]
pub(in crate::service) struct Shipped {
    /// Identifier of the policy.
    pub(in crate::service) programme: &'static str,
    /// The text.
    pub(in crate::service) text: &'static str,
    /// Its golden cases; `None` where amounts are agreed and not computed.
    pub(in crate::service) cases: Option<&'static str>,
}

/// The policies whose texts are kept, proposed and published here.
pub(super) const SHIPPED: [Shipped; 4] =
    [stipend::TEXT, visit::TEXT, agreement::TEXT, expert::TEXT];

impl Shipped {
    /// Loads the text with its cases unless it is loaded, or the province has published one of its
    /// own, which a new program does not undo; gives the identity of the text that applies. The
    /// transaction is alone in loading texts from here on.
    pub(in crate::service) async fn ensure(
        &self,
        app: &App,
        tx: &Tx,
        actor: &Actor,
    ) -> Result<i64, Error> {
        hold(tx).await?;
        let published = drafts::drafts(tx, self.programme).await?;
        if !published.iter().any(|draft| draft.policy_document_id.is_some()) {
            let title = parse(self.text)?.title().to_owned();
            let document = keep_once(app, tx, actor, (self.programme, &title, self.text)).await?;
            self.ensure_cases(app, tx, actor, document).await?;
        }
        let applies = store::policies_of(tx, self.programme).await?.into_iter().next();
        applies.map(|document| document.id).ok_or(Error::NotFound("政策文件"))
    }

    /// Keeps the cases with the text, unless they are.
    async fn ensure_cases(
        &self,
        app: &App,
        tx: &Tx,
        actor: &Actor,
        document: i64,
    ) -> Result<(), Error> {
        let Some(cases) = self.cases else { return Ok(()) };
        let kept = drafts::cases(tx, self.programme).await?;
        if kept.iter().any(|case| case.policy_document_id == Some(document)) {
            return Ok(());
        }
        let cases = Case::read_all(parse(self.text)?.kind(), cases)
            .map_err(|error| Error::Internal(error.to_string()))?;
        let texts: Vec<String> = cases.iter().map(text_of).collect::<Result<_, Error>>()?;
        let count = i64::try_from(texts.len()).unwrap_or(0);
        let first = number::allocate(tx, &series(self.programme), count).await?;
        let (by, at) = ((actor.account_id, actor.holder_id), app.clock.now());
        let mut new = Vec::with_capacity(texts.len());
        for (case_no, content) in (first..).zip(&texts) {
            new.push(NewCase {
                programme: self.programme,
                number: (case_no, 1),
                with: With::Document(document),
                content,
                reason: "",
                by,
                at,
            });
        }
        Ok(drafts::add_cases(tx, &new).await?)
    }
}

/// Keeps a text of a programme, with its title, unless it is kept; gives its identity. The transaction
/// is alone in loading texts from here on.
pub(in crate::service) async fn keep_once(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    (programme, title, content): (&str, &str, &str),
) -> Result<i64, Error> {
    hold(tx).await?;
    let sha256 = sha256_hex(content.as_bytes());
    let loaded = store::policies_of(tx, programme).await?;
    if let Some(document) = loaded.iter().find(|document| document.sha256 == sha256) {
        return Ok(document.id);
    }
    let new = store::NewPolicyDocument {
        programme,
        title,
        sha256: &sha256,
        content,
        recorded_by: actor.account_id,
        recorded_at: app.clock.now(),
    };
    let document = store::add_policy(tx, &new).await?;
    let detail = json!({ "title": title, "sha256": sha256 });
    log(app, tx, actor, "policy.loaded", ("policy", programme), &detail).await?;
    Ok(document)
}

/// Alone in loading texts, keeping cases and starting runs until the transaction ends.
pub(in crate::service) async fn hold(tx: &Tx) -> Result<(), Error> {
    // Taking no number still holds the counter: two cannot load the text at once.
    number::allocate(tx, "policy", 0).await?;
    Ok(())
}

/// The policy with this identifier, if its texts are kept here.
pub(super) fn known(id: &str) -> Result<&'static Shipped, Error> {
    SHIPPED.iter().find(|shipped| shipped.programme == id).ok_or(Error::NotFound("这项政策"))
}

/// The text that applies now: the one loaded last. `None` before the first is loaded.
pub(super) async fn applying(
    conn: &impl Connection,
    id: &str,
) -> Result<Option<PolicyDocument>, Error> {
    known(id)?;
    Ok(store::policies_of(conn, id).await?.into_iter().next())
}

/// A kept text was read before it was kept, so it can be read again.
pub(in crate::service) fn parse(content: &str) -> Result<PolicyText, Error> {
    let unreadable = |error: PolicyError| Error::Internal(error.to_string());
    PolicyText::parse(content, "policy").map_err(unreadable)
}
