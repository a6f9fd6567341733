//! What every row of an import is checked against: the day, the keys, the enterprise.

use chrono::NaiveDate;

use crate::app::App;
use crate::domain::authority::Scope;
use crate::domain::identity::{IdentityDocument, PersonName, Uscc};
use crate::domain::registry::{Listing, PersonName as NameFact, Stated};
use crate::file::form::ImportKind;
use crate::service::{Actor, Error, key_enterprise};
use crate::store::registry::{self, Readable};
use crate::vault::Vault;

use super::issue::Notes;
use super::timeline::live;
use super::{act_of, may_import};

/// What a file is checked against.
#[derive(Debug, Clone)]
pub(super) struct Ground {
    pub(super) today: NaiveDate,
    pub(super) vault: Vault,
    /// Whose engineers they are.
    pub(super) enterprise: Option<Enterprise>,
}

/// An enterprise that files its engineers.
#[derive(Debug, Clone)]
pub(super) struct Enterprise {
    pub(super) id: i64,
    pub(super) uscc: String,
    pub(super) listings: Vec<Stated<Listing>>,
    /// Engineers on its roster today or later.
    pub(super) rostered: u64,
}

impl Ground {
    pub(super) fn new(app: &App, enterprise: Option<Enterprise>) -> Self {
        Self { today: app.clock.today(), vault: app.vault.clone(), enterprise }
    }

    /// The enterprise of an import of engineers.
    pub(super) fn enterprise(&self) -> Result<&Enterprise, Error> {
        self.enterprise
            .as_ref()
            .ok_or_else(|| Error::Internal("engineers are imported for an enterprise".to_owned()))
    }
}

impl Enterprise {
    pub(super) async fn load(
        conn: &impl Readable,
        id: i64,
        today: NaiveDate,
    ) -> Result<Option<Self>, Error> {
        let Some(uscc) = registry::uscc_of(conn, id).await? else { return Ok(None) };
        let mut listings = registry::histories::<Listing>(conn, &[id]).await?;
        let mut listings = listings.remove(&id).unwrap_or_default();
        listings.retain(Stated::is_live);
        let rostered = registry::roster_size(conn, id, today).await?;
        Ok(Some(Self { id, uscc, listings, rostered }))
    }

    /// The enterprise with this code; `None` when it is not registered or the text is no code.
    pub(super) async fn by_uscc(
        conn: &impl Readable,
        uscc: &str,
        today: NaiveDate,
    ) -> Result<Option<Self>, Error> {
        let Ok(code) = Uscc::parse(uscc) else { return Ok(None) };
        let code = code.value;
        let found = registry::enterprises_by_uscc(conn, &[code.as_str()]).await?;
        match found.get(code.as_str()) {
            Some(id) => Self::load(conn, *id, today).await,
            None => Ok(None),
        }
    }

    /// The place on the list that it has on `day`.
    pub(super) fn listing_on(&self, day: NaiveDate) -> Option<&Stated<Listing>> {
        self.listings.iter().find(|listing| listing.period.covers(day))
    }
}

/// Refuses what the actor may not import, and finds the enterprise that engineers are filed for:
/// always the actor's own.
pub(super) async fn admit(
    app: &App,
    actor: &Actor,
    kind: ImportKind,
    enterprise_uscc: Option<&str>,
) -> Result<Ground, Error> {
    if let Some(page) = kind.own_page() {
        return Err(Error::Invalid(vec![("kind".to_owned(), page.to_owned())]));
    }
    may_import(actor, kind)?;
    if kind != ImportKind::Engineers {
        return Ok(Ground::new(app, None));
    }
    let Scope::Enterprise(own) = actor.scope else { return Err(Error::Forbidden(act_of(kind))) };
    let today = app.clock.today();
    let enterprise = Enterprise::load(app.db.read(), own, today).await?;
    let enterprise = enterprise.ok_or(Error::NotFound("企业"))?;
    if let Some(why) = key_enterprise::filing_fault(app.db.read(), own, today).await? {
        return Err(Error::Refused(why));
    }
    if let Some(text) = enterprise_uscc.map(str::trim).filter(|text| !text.is_empty()) {
        let named = Uscc::parse(text).map_err(|error| {
            Error::Invalid(vec![("enterprise".to_owned(), format!("统一社会信用代码{error}"))])
        })?;
        if named.value.as_str() != enterprise.uscc {
            return Err(Error::NotFound("企业"));
        }
    }
    Ok(Ground::new(app, Some(enterprise)))
}

/// A row about a person whom the registry does not know.
pub(super) fn unknown_person(notes: &mut Notes, document: &IdentityDocument) {
    notes.error(
        "证件号码",
        document.masked(),
        "该证件没有登记的人员",
        "请核对证件类型和号码；尚未登记的，先由企业申报核心工程师",
    );
}

/// Whether a document and a name belong together: a name that the person ever had will do.
pub(super) fn check_name(notes: &mut Notes, name: &PersonName, history: &[Stated<NameFact>]) {
    let names = live(history);
    if names.iter().any(|stated| stated.fact.name == name.as_str()) {
        return;
    }
    let registered = names.last().map(|stated| stated.fact.name.as_str());
    another_name(notes, name, registered.unwrap_or_default());
}

/// A document that is registered under another name.
pub(super) fn another_name(notes: &mut Notes, name: &PersonName, registered: &str) {
    let masked = crate::domain::identity::mask_name(registered);
    notes.error(
        "姓名",
        name.as_str(),
        format!("该证件号码登记的姓名是“{masked}”"),
        "请核对姓名和证件号码；本人改名的，请联系人社部门更正登记",
    );
}
