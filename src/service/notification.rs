//! What people are told about their files: at once with the act that caused it, or when a day
//! comes near. Each occasion is told an account once.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;

use super::case::{list::last_soon, must_withdraw, waiting_anywhere, waiting_roles};
use super::{Actor, Error, calendar};
use crate::app::App;
use crate::domain::authority::{Act, Role, Scope};
use crate::domain::lifecycle::CaseKind;
use crate::domain::notification::{MailRhythm, NotificationKind as Kind, is_escalated};
use crate::domain::region;
use crate::domain::registry::{Code, EnterpriseDivision};
use crate::store::account::{self, AccountInFull};
use crate::store::account_list;
use crate::store::case::{self as cases, CaseRow, Desk, Filter, StepRow};
use crate::store::db::Tx;
use crate::store::fact::{Versions, facts_of};
use crate::store::mail;
use crate::store::notification::{self as store, NewNotification, Notification};

/// Messages a page.
pub const MESSAGES_A_PAGE: u64 = 50;
/// Files that one round looks at.
const MOST_FILES: u64 = 5_000;

/// Something that happened to a file.
#[derive(Debug, Clone)]
pub(super) struct News<'a> {
    pub(super) kind: Kind,
    pub(super) row: &'a CaseRow,
    /// How many more files the same happened to.
    pub(super) more: usize,
    /// The state it stands in now, in words.
    pub(super) state: &'a str,
    /// Told once an account under this name.
    pub(super) occasion: String,
}

impl News<'_> {
    /// What the program shows; only those who may see the file read it.
    fn title(&self) -> String {
        let CaseRow { case_no, about, .. } = self.row;
        let more = match self.more {
            0 => String::new(),
            more => format!(" 等 {} 件", more + 1),
        };
        format!("{case_no} {about}{more}：{}，现为“{}”", self.kind.label(), self.state)
    }

    /// What goes out by mail: numbers and states, never a name.
    fn letter(&self, site: &str) -> (String, String) {
        let CaseRow { case_no, kind, due_on, .. } = self.row;
        let kind = CaseKind::from_code(kind).map_or("办件", Code::label);
        let due = due_on.map_or(String::new(), |day| format!("，办理期限 {day}"));
        let said = self.kind.label();
        let state = self.state;
        let subject = format!("骏才：{case_no} {said}");
        let body = format!(
            "办件 {case_no}（{kind}）{said}，现为“{state}”{due}。\n请登录后查看：{site}/cases/{case_no}\n\n\
             本邮件由系统发出，不含个人信息。可在“我的账号”中更改邮件提醒。\n"
        );
        (subject, body)
    }
}

/// Tells everybody who had a hand in files, or has to mend or prove something, what one act brought about: each
/// account once, of the first of its files and how many more there are.
pub(super) async fn after_steps(
    app: &App,
    tx: &Tx,
    actor: Option<&Actor>,
    files: &[(&CaseRow, &[StepRow])],
    (kind, state): (Kind, &str),
) -> Result<(), Error> {
    let mut concerned: BTreeMap<i64, Vec<&CaseRow>> = BTreeMap::new();
    let mut staff: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    let is_for_enterprise =
        matches!(kind, Kind::Returned | Kind::Suspended | Kind::RemovalAnnounced);
    for (row, steps) in files {
        let mut ids = vec![row.opened_by];
        ids.extend(steps.iter().flat_map(|step| [step.account_id, step.for_account_id]).flatten());
        if let Some(enterprise) = row.enterprise_id.filter(|_| is_for_enterprise) {
            let staff = match staff.entry(enterprise) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(free) => {
                    free.insert(account_list::ids_of_enterprise(tx, enterprise).await?)
                }
            };
            ids.extend(staff.iter());
        }
        ids.sort_unstable();
        ids.dedup();
        for id in ids {
            concerned.entry(id).or_default().push(row);
        }
    }
    if let Some(actor) = actor {
        concerned.remove(&actor.account_id);
    }
    for (id, rows) in concerned {
        let Some((first, more)) = rows.split_first() else { continue };
        let Some(full) = account::by_id(tx, id).await? else { continue };
        let reader = Actor::new(&full, "")?;
        let sees = reader.role.may(Act::ReadCases)
            && cases::by_no(tx, &reader.scope, &first.case_no).await?.is_some();
        if sees && full.account.disabled_at.is_none() {
            let occasion = format!("{}:{}:{}", kind.code(), first.id, first.steps + 1);
            let news = News { kind, row: first, more: more.len(), state, occasion };
            tell(app, tx, id, &news).await?;
        }
    }
    Ok(())
}

/// Tells an account, in the program and by mail if it wants that at once.
async fn tell(app: &App, tx: &Tx, account_id: i64, news: &News<'_>) -> Result<bool, Error> {
    if store::is_told(tx, account_id, &news.occasion).await? {
        return Ok(false);
    }
    let wanted = mail::preference(tx, account_id).await?;
    let rhythm = wanted.as_ref().and_then(|wanted| MailRhythm::from_code(&wanted.rhythm));
    let new = NewNotification {
        account_id,
        kind: news.kind.code(),
        case_id: Some(news.row.id),
        occasion: &news.occasion,
        title: &news.title(),
        at: app.clock.now(),
        digested: rhythm != Some(MailRhythm::Daily),
    };
    store::tell(tx, &new).await?;
    if let Some(wanted) = wanted.filter(|_| rhythm == Some(MailRhythm::Each) && app.post.is_on()) {
        let (subject, body) = news.letter(app.post.site());
        mail::write(tx, &wanted, (&subject, &body), app.clock.machine_now()).await?;
    }
    Ok(true)
}

/// Tells accounts, but for the writer, that a message was written on a file; those who do not see
/// the file, must withdraw from it or are disabled are left out.
pub(super) async fn message(
    app: &App,
    tx: &Tx,
    writer: &Actor,
    row: &CaseRow,
    (readers, (id, state)): (BTreeSet<i64>, (i64, &str)),
) -> Result<(), Error> {
    let (kind, today) = (Kind::Message, app.clock.today());
    for account_id in readers.into_iter().filter(|id| *id != writer.account_id) {
        let Some(full) = account::by_id(tx, account_id).await? else { continue };
        let reader = Actor::new(&full, "")?;
        let sees = reader.role.may(Act::ReadCases)
            && !reader.role.is_system()
            && full.account.disabled_at.is_none()
            && cases::by_no(tx, &reader.scope, &row.case_no).await?.is_some();
        if sees && !must_withdraw(tx, today, reader.holder_id, row).await? {
            let occasion = format!("{}:{id}", kind.code());
            tell(app, tx, account_id, &News { kind, row, more: 0, state, occasion }).await?;
        }
    }
    Ok(())
}

/// Tells an account of signatures on a file: that its own is asked for, or that those it asked for
/// are decided. `occasion` is the request and how it stands.
pub(super) async fn cosign(
    app: &App,
    tx: &Tx,
    account_id: i64,
    (kind, occasion): (Kind, &str),
    row: &CaseRow,
) -> Result<(), Error> {
    let occasion = format!("{}:{occasion}", kind.code());
    let state = super::case::state_label(&row.kind, &row.state);
    tell(app, tx, account_id, &News { kind, row, more: 0, state, occasion }).await?;
    Ok(())
}

/// Tells an account that somebody lets it act in their name. Known in the program only.
pub(super) async fn delegated(
    app: &App,
    tx: &Tx,
    account_id: i64,
    (delegation_id, case_id): (i64, Option<i64>),
    title: &str,
) -> Result<(), Error> {
    let new = NewNotification {
        account_id,
        kind: Kind::Delegated.code(),
        case_id,
        occasion: &format!("delegated:{delegation_id}"),
        title,
        at: app.clock.now(),
        digested: true,
    };
    Ok(store::tell(tx, &new).await?)
}

/// What an account is told that is about no file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plain<'a> {
    pub(super) account_id: i64,
    pub(super) kind: Kind,
    /// Told once under this name.
    pub(super) occasion: &'a str,
    /// What the program shows; names nobody.
    pub(super) title: &'a str,
    /// What the mail is about: a number.
    pub(super) subject: &'a str,
    /// Address of the page that says more.
    pub(super) page: &'a str,
}

/// Tells an account something about no file, in the program and by mail if it wants that at once.
pub(super) async fn plain(app: &App, tx: &Tx, told: &Plain<'_>) -> Result<(), Error> {
    let Plain { account_id, kind, occasion, title, subject, page } = *told;
    if store::is_told(tx, account_id, occasion).await? {
        return Ok(());
    }
    let wanted = mail::preference(tx, account_id).await?;
    let rhythm = wanted.as_ref().and_then(|wanted| MailRhythm::from_code(&wanted.rhythm));
    let new = NewNotification {
        account_id,
        kind: kind.code(),
        case_id: None,
        occasion,
        title,
        at: app.clock.now(),
        digested: rhythm != Some(MailRhythm::Daily),
    };
    store::tell(tx, &new).await?;
    if let Some(wanted) = wanted.filter(|_| rhythm == Some(MailRhythm::Each) && app.post.is_on()) {
        let subject = format!("骏才：{subject} {}", kind.label());
        let body = format!(
            "{title}\n请登录后查看：{}{page}\n\n\
             本邮件由系统发出，不含个人信息。可在“我的账号”中更改邮件提醒。\n",
            app.post.site()
        );
        mail::write(tx, &wanted, (&subject, &body), app.clock.machine_now()).await?;
    }
    Ok(())
}

/// Tells those for whom files wait of what is due within three working days and what is overdue, and
/// the next level of the same line of what is long overdue; once for each stay of a file in a state.
/// Returns how many were told. Sent again, it does nothing.
///
/// # Errors
/// When the database fails.
pub async fn remind_due(app: &App) -> Result<u64, Error> {
    let (read, today) = (app.db.read(), app.clock.today());
    let desk = Desk { scope: Scope::Province, any_of: None, case_id: None, signer: None };
    let due_before = last_soon(app).await?.succ_opt();
    let among = Some(waiting_anywhere());
    let filter = Filter { desks: vec![desk], among, due_before, ..Filter::default() };
    let calendar = calendar::known(app).await?;
    let mut round = Round::new(app).await?;
    let mut told = 0;
    for row in cases::list(read, &filter, 0, MOST_FILES).await? {
        let overdue = row.due_on.is_some_and(|last| last < today);
        let kind = if overdue { Kind::Overdue } else { Kind::DueSoon };
        told += round.tell(app, &row, kind).await?;
        if row.due_on.is_some_and(|last| is_escalated(last, today, &calendar)) {
            told += round.tell(app, &row, Kind::Escalated).await?;
        }
    }
    Ok(told)
}

/// Who is there in a round of reminders.
struct Round {
    accounts: Vec<(Actor, AccountInFull)>,
    divisions: HashMap<i64, Vec<String>>,
}

impl Round {
    async fn new(app: &App) -> Result<Self, Error> {
        let working = Role::ALL.iter().filter(|role| role.may(Act::WorkCases));
        let roles: Vec<&str> = working.map(|role| role.code()).collect();
        let mut accounts = Vec::new();
        for full in account_list::active_in_roles(app.db.read(), &roles).await? {
            accounts.push((Actor::new(&full, "")?, full));
        }
        Ok(Self { accounts, divisions: HashMap::new() })
    }

    /// Tells of a file everybody who has not been told yet; how many.
    async fn tell(&mut self, app: &App, row: &CaseRow, kind: Kind) -> Result<u64, Error> {
        let news = News {
            kind,
            state: super::case::state_label(&row.kind, &row.state),
            occasion: format!("{}:{}:{}", kind.code(), row.id, row.steps),
            more: 0,
            row,
        };
        let mut fresh = Vec::new();
        for account_id in self.readers(app, app.clock.today(), row, kind).await? {
            if !store::is_told(app.db.read(), account_id, &news.occasion).await? {
                fresh.push(account_id);
            }
        }
        if fresh.is_empty() {
            return Ok(0);
        }
        let tx = app.db.begin().await?;
        let mut told = 0;
        for account_id in fresh {
            told += u64::from(tell(app, &tx, account_id, &news).await?);
        }
        tx.commit().await?;
        Ok(told)
    }

    /// Those for whom a file waits, or the next level above them, who need not withdraw from it.
    async fn readers(
        &mut self,
        app: &App,
        today: NaiveDate,
        row: &CaseRow,
        kind: Kind,
    ) -> Result<Vec<i64>, Error> {
        let read = app.db.read();
        let enterprise = row.enterprise_id.unwrap_or_default();
        let divisions = match self.divisions.get(&enterprise).cloned() {
            Some(known) => known,
            None => {
                let lies = facts_of::<EnterpriseDivision>(read, enterprise, Versions::Live).await?;
                let codes: Vec<String> =
                    lies.into_iter().map(|stated| stated.fact.division).collect();
                self.divisions.insert(enterprise, codes.clone());
                codes
            }
        };
        let joint = divisions.iter().any(|code| region::takes_both_steps(code));
        let mut roles = waiting_roles(&row.kind, &row.state, joint);
        if kind == Kind::Escalated {
            let above: Vec<Role> = roles.iter().filter_map(|role| role.overseer()).collect();
            // Whom the file waits for already is told as one of those.
            roles = above.into_iter().filter(|role| !roles.contains(role)).collect();
        }
        let mut readers = Vec::new();
        for (reader, full) in &self.accounts {
            let covers = match &reader.scope {
                Scope::Province => true,
                scope => divisions.iter().any(|code| scope.covers(enterprise, code)),
            };
            if roles.contains(&reader.role)
                && covers
                && !must_withdraw(read, today, full.holder.id, row).await?
            {
                readers.push(full.account.id);
            }
        }
        Ok(readers)
    }
}

/// How many messages the actor has not read.
///
/// # Errors
/// When the database fails.
pub async fn unread(app: &App, actor: &Actor) -> Result<i64, Error> {
    let count = store::count_unread(app.db.read(), actor.account_id).await?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

/// A message as pages show it.
#[derive(Debug, Clone)]
pub struct Message {
    /// The row.
    pub told: Notification,
    /// Number of the file that it is about.
    pub case_no: Option<String>,
}

/// What the actor was told, the latest first; only what is unread if wanted. How many there are,
/// and those of a page.
///
/// # Errors
/// When the database fails.
pub async fn messages(
    app: &App,
    actor: &Actor,
    only_unread: bool,
    offset: u64,
) -> Result<(u64, Vec<Message>), Error> {
    let read = app.db.read();
    let page = (offset, MESSAGES_A_PAGE);
    let (total, rows) = store::page(read, actor.account_id, only_unread, page).await?;
    let ids: Vec<i64> = rows.iter().filter_map(|row| row.case_id).collect();
    let files = cases::by_ids(read, &ids).await?;
    let numbers: HashMap<i64, String> =
        files.into_iter().map(|row| (row.id, row.case_no)).collect();
    let message = |told: Notification| Message {
        case_no: told.case_id.and_then(|id| numbers.get(&id).cloned()),
        told,
    };
    Ok((total, rows.into_iter().map(message).collect()))
}

/// Notes that the actor read a message, or all of them.
///
/// # Errors
/// When the database fails.
pub async fn mark_read(app: &App, actor: &Actor, id: Option<i64>) -> Result<u64, Error> {
    let tx = app.db.begin().await?;
    let count = store::mark_read(&tx, actor.account_id, id, app.clock.now()).await?;
    tx.commit().await?;
    Ok(count)
}
