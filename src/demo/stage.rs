//! The stage: a clock that is set by the story, and the people who act on it.

use crate::vault::kind;
use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use crate::app::App;
use crate::clock::Clock;
use crate::domain::registry::Code;
use crate::file::form::ImportKind;
use crate::service::{Actor, Error, import, password};
use crate::store::{account, audit, registry, roster};

use super::cast::{Member, PASSWORD};
use super::plan::Life;

/// The application of the moment, and what the story has counted so far.
pub(super) struct Stage {
    pub(super) app: App,
    actors: BTreeMap<String, Actor>,
    pub(super) rows_imported: i64,
    pub(super) imports: usize,
}

impl Stage {
    pub(super) fn new(app: App) -> Self {
        Self { app, actors: BTreeMap::new(), rows_imported: 0, imports: 0 }
    }

    /// Moves the clock to 10:00 in China of a day; it never runs back.
    pub(super) fn on(&mut self, day: NaiveDate) {
        let morning = day.and_hms_opt(2, 0, 0).expect("two o'clock exists").and_utc();
        self.app.clock = Clock::Fixed(morning.max(self.app.clock.now()));
    }

    /// Lets some minutes pass, as work takes them.
    pub(super) fn later(&mut self, minutes: i64) {
        let now: DateTime<Utc> = self.app.clock.now();
        self.app.clock = Clock::Fixed(now + chrono::Duration::minutes(minutes));
    }

    /// Gives people their accounts, all with one password: hashing it once is enough here.
    pub(super) async fn hire(&mut self, members: &[Member]) -> Result<(), Error> {
        let hash = password::hash(PASSWORD).await?;
        let at = self.app.clock.now();
        let tx = self.app.db.begin().await?;
        for member in members {
            let enterprise_id = match &member.office.uscc {
                Some(uscc) => registry::enterprises_by_uscc(&tx, &[uscc]).await?.get(uscc).copied(),
                None => None,
            };
            let office = account::NewOrganisation {
                code: &member.office.code,
                kind: member.office.kind,
                name: &member.office.name,
                division: &member.office.division,
                enterprise_id,
            };
            let organisation_id = account::ensure_organisation(&tx, &office, at).await?;
            let staff_no = format!("DEMO-{}", member.login);
            let holder_id = account::ensure_holder(&tx, &staff_no, &member.name, at).await?;
            let new = account::NewAccount {
                login: &member.login,
                holder_id,
                organisation_id,
                role: member.role.code(),
                password_hash: &hash,
                must_change_password: false,
            };
            account::create(&tx, &new, at).await?;
        }
        tx.commit().await?;
        for member in members {
            let found = account::by_login(self.app.db.read(), &member.login).await?;
            let full = found.ok_or(Error::NotFound("账号"))?;
            self.actors.insert(member.login.clone(), Actor::new(&full, "127.0.0.1")?);
        }
        Ok(())
    }

    /// The person with this sign-in name.
    pub(super) fn actor(&self, login: &str) -> Result<&Actor, Error> {
        self.actors.get(login).ok_or(Error::NotFound("账号"))
    }

    /// Uploads a spreadsheet, looks at the preview, confirms it.
    pub(super) async fn import(
        &mut self,
        login: &str,
        kind: ImportKind,
        name: &str,
        bytes: Vec<u8>,
    ) -> Result<(), Error> {
        let actor = self.actor(login)?.clone();
        let preview = import::preview(&self.app, &actor, kind, None, name, bytes).await?;
        if preview.rows.bad > 0 {
            return Err(Error::Refused(format!(
                "演示文件 {name} 有 {} 行不合格",
                preview.rows.bad
            )));
        }
        import::confirm(&self.app, &actor, &preview.import_no).await?;
        self.imports += 1;
        self.rows_imported += preview.rows.good;
        Ok(())
    }

    /// The registry's number of somebody.
    pub(super) async fn person_no(&self, life: &Life) -> Result<String, Error> {
        let missing = || Error::NotFound("该人员");
        let index = self.app.vault.index(kind::DOCUMENT, &life.document_key().ok_or_else(missing)?);
        let conn = self.app.db.read();
        let found = registry::persons_by_document(conn, &[&index]).await?;
        let ids = found.values().copied().collect();
        let facts = roster::persons(conn, &ids).await?.into_values().next().ok_or_else(missing)?;
        Ok(facts.person_no)
    }

    /// Seals all heads of the log, as the server does every hour.
    pub(super) async fn seal(&self) -> Result<(), Error> {
        let tx = self.app.db.begin().await?;
        audit::seal(&tx, self.app.clock.now()).await?;
        tx.commit().await?;
        Ok(())
    }
}
