//! A money month over HTTP: whatever state the registry is in, what is to be done next is done by
//! the person who may, until everybody is paid. What was answered is remembered.

use std::collections::BTreeMap;

use crate::Outcome;
use crate::database::Db;
use crate::invariants;
use crate::machine::now;
use crate::seed::Chance;
use crate::visitor::{Filled, Halt, PASSWORD, Visitor, fill, fill_check, fill_file};

/// The batch that the demonstration leaves frozen: the month begins with it.
const FIRST: &str = "B2027-0004";
/// Batches of the province's finance office that the month is about.
const OURS: &str = "batch_id IN (SELECT id FROM batch WHERE batch_no >= 'B2027-0004' \
    AND source = 'province')";
const NEW: &str = "/batches/new?programme=core-engineer&award_year=2026&source=province\
    &payer_division=350000&max_lines=";

/// The three people of a finance office.
#[derive(Debug, Clone, Copy)]
enum Who {
    Maker,
    Checker,
    Approver,
}

/// A form on its way, whose answer is awaited.
#[derive(Debug, Clone)]
struct Sent {
    who: Who,
    form: Filled,
    batch_no: String,
    action: &'static str,
}

/// A form that is filled in and was not sent yet.
#[derive(Debug, Clone)]
pub struct Ready {
    /// Who sends it: [`Month::person`].
    pub who: usize,
    /// The form.
    pub form: Filled,
    /// The batch; empty for a new one.
    pub batch_no: String,
    /// What it does.
    pub action: &'static str,
}

/// What is next.
#[derive(Debug)]
struct Task {
    batch_no: String,
    batch_id: String,
    action: &'static str,
    total_fen: i64,
    return_no: String,
}

/// A step that the program has answered for.
#[derive(Debug)]
struct Answered {
    /// Seconds since 1970.
    at: f64,
    batch_no: String,
    action: &'static str,
}

/// The month and how far it is.
#[derive(Debug)]
pub struct Month {
    people: [Visitor; 3],
    seed: u64,
    lines_per_batch: u64,
    persons: i64,
    sum_fen: i64,
    /// Steps that were answered for.
    answered: Vec<Answered>,
    awaited: Option<Sent>,
    /// What is left may not be paid now: an employer is suspended.
    is_over: bool,
    /// Steps that were answered for.
    pub steps: u32,
    /// Forms sent a second time because no answer came, by what the second answer was.
    pub resent: BTreeMap<String, u32>,
}

impl Month {
    /// Signs the three people in and looks at what is to be paid.
    ///
    /// # Errors
    /// When nobody is let in, or this is no demonstration.
    pub async fn begin(site: &str, db: &Db, seed: u64) -> Outcome<Self> {
        let people = office(site).await?;
        let of_first = format!(
            "FROM batch_line l JOIN batch b ON b.id = l.batch_id WHERE b.batch_no = '{FIRST}' AND l.live"
        );
        let persons = db.number(&format!("SELECT COUNT(*) {of_first}")).await?;
        let sum = format!("SELECT CAST(COALESCE(SUM(l.amount_fen), 0) AS BIGINT) {of_first}");
        let sum_fen = db.number(&sum).await?;
        if persons == 0 {
            return Err(format!("{FIRST} of the demonstration is empty"));
        }
        Ok(Self {
            people,
            seed,
            lines_per_batch: 2 + Chance::new(seed, "lines").below(3),
            persons,
            sum_fen,
            answered: Vec::new(),
            awaited: None,
            is_over: false,
            steps: 0,
            resent: BTreeMap::new(),
        })
    }

    /// The same month on another registry that has come as far or less: the three people sign in
    /// anew, nothing was answered for yet.
    ///
    /// # Errors
    /// When nobody is let in.
    pub async fn again(&self, site: &str) -> Outcome<Self> {
        Ok(Self {
            people: office(site).await?,
            seed: self.seed,
            lines_per_batch: self.lines_per_batch,
            persons: self.persons,
            sum_fen: self.sum_fen,
            answered: Vec::new(),
            awaited: None,
            is_over: false,
            steps: 0,
            resent: BTreeMap::new(),
        })
    }

    /// Goes on at the restarted server: cookies and forms are still the same.
    ///
    /// # Errors
    /// When the client cannot be made.
    pub fn move_to(&mut self, site: &str) -> Outcome<()> {
        for person in &mut self.people {
            *person = person.at(site)?;
        }
        Ok(())
    }

    /// How many payments it makes.
    pub const fn persons(&self) -> i64 {
        self.persons
    }

    /// Somebody who may read.
    pub const fn reader(&mut self) -> &mut Visitor {
        &mut self.people[0]
    }

    /// Sends the form that was not answered again, as somebody would who presses the button twice.
    /// The status, or nothing when no form was on its way.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn resend(&mut self) -> Result<Option<u16>, Halt> {
        let Some(sent) = self.awaited.clone() else { return Ok(None) };
        let reply = self.people[sent.who as usize].send(&sent.form).await?;
        self.awaited = None;
        let outcome = match reply.status {
            303 => "done once".to_owned(),
            status => format!("{} {status}", sent.action),
        };
        *self.resent.entry(outcome).or_default() += 1;
        if reply.status == 303 {
            self.acknowledge(&sent, &reply.location);
        }
        Ok(Some(reply.status))
    }

    /// Takes the next step; the action, or nothing when the month is over.
    ///
    /// # Errors
    /// When the server does not answer, or not as it should.
    pub async fn step(&mut self, db: &Db) -> Result<Option<&'static str>, Halt> {
        let Some(task) = self.next(db).await.map_err(Halt::Odd)? else { return Ok(None) };
        let action = task.action;
        let Some(sent) = self.prepare(&task, db).await? else {
            self.is_over = true;
            return Ok(None);
        };
        self.awaited = Some(sent.clone());
        let reply = self.people[sent.who as usize].send(&sent.form).await?;
        if reply.status != 303 {
            let what = format!("{} {action}", task.batch_no);
            return Err(Halt::Refused(what, Box::new(reply)));
        }
        self.awaited = None;
        self.acknowledge(&sent, &reply.location);
        Ok(Some(action))
    }

    /// Fills the next form in and sends nothing: it is then the form that is awaited. Nothing when
    /// the month is over.
    ///
    /// # Errors
    /// When a page is not as expected.
    pub async fn ready(&mut self, db: &Db) -> Result<Option<Ready>, Halt> {
        let Some(task) = self.next(db).await.map_err(Halt::Odd)? else { return Ok(None) };
        let Some(sent) = self.prepare(&task, db).await? else {
            self.is_over = true;
            return Ok(None);
        };
        self.awaited = Some(sent.clone());
        let Sent { who, form, batch_no, action } = sent;
        Ok(Some(Ready { who: who as usize, form, batch_no, action }))
    }

    /// The next form as a colleague with the same role fills it in.
    ///
    /// # Errors
    /// When a page is not as expected.
    pub async fn ready_for(&mut self, who: &mut Visitor, db: &Db) -> Result<Option<Filled>, Halt> {
        let Some(task) = self.next(db).await.map_err(Halt::Odd)? else { return Ok(None) };
        let desk = desk(&task) as usize;
        std::mem::swap(&mut self.people[desk], who);
        let sent = self.prepare(&task, db).await;
        std::mem::swap(&mut self.people[desk], who);
        Ok(sent?.map(|sent| sent.form))
    }

    /// Somebody of the office, by the number in [`Ready`].
    pub fn person(&self, number: usize) -> &Visitor {
        &self.people[number]
    }

    /// The form that is awaited was answered for.
    pub fn answered_for(&mut self, location: &str) {
        if let Some(sent) = self.awaited.take() {
            self.acknowledge(&sent, location);
        }
    }

    /// What comes next without doing it: for faults that are meant for one action.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn upcoming(&self, db: &Db) -> Outcome<Option<&'static str>> {
        Ok(self.next(db).await?.map(|task| task.action))
    }

    fn acknowledge(&mut self, sent: &Sent, location: &str) {
        let batch_no = match sent.action {
            "create" => location.trim_start_matches("/batches/").to_owned(),
            _ => sent.batch_no.clone(),
        };
        self.steps += 1;
        self.answered.push(Answered { at: now(), batch_no, action: sent.action });
    }

    async fn next(&self, db: &Db) -> Outcome<Option<Task>> {
        let open = db
            .rows(
                "SELECT batch_no, CAST(id AS TEXT), state, CAST(total_fen AS TEXT) FROM batch \
                 WHERE source = 'province' AND state NOT IN ('closed', 'cancelled') ORDER BY id",
            )
            .await?;
        let Some([batch_no, batch_id, state, total]) = open.first().map(Vec::as_slice) else {
            let left = format!("SELECT COUNT(*) {}", left());
            let create = Task {
                batch_no: String::new(),
                batch_id: String::new(),
                action: "create",
                total_fen: 0,
                return_no: String::new(),
            };
            return Ok((!self.is_over && db.number(&left).await? > 0).then_some(create));
        };
        let loaded = format!(
            "SELECT return_no FROM bank_return WHERE batch_id = {batch_id} AND confirmed_by IS NULL"
        );
        let loaded = db.rows(&loaded).await?.into_iter().flatten().next().unwrap_or_default();
        let action = match state.as_str() {
            "draft" => "freeze",
            "frozen" => "check",
            "checked" => "approve",
            "approved" => "issue_file",
            "file_issued" => "mark_sent",
            "settled" => "close",
            _ if loaded.is_empty() => "load_return",
            _ => "confirm_return",
        };
        Ok(Some(Task {
            batch_no: batch_no.clone(),
            batch_id: batch_id.clone(),
            action,
            total_fen: total.parse().unwrap_or(0),
            return_no: loaded,
        }))
    }

    /// The form of a task, filled in; nothing when nobody is left who may be paid.
    async fn prepare(&mut self, task: &Task, db: &Db) -> Result<Option<Sent>, Halt> {
        let no = &task.batch_no;
        let own = format!("/batches/{no}");
        let at = |part: &str| format!("{own}/{part}");
        let who = desk(task);
        let path = match task.action {
            "create" => format!("{NEW}{}", self.lines_per_batch),
            "check" => at("check"),
            _ => own.clone(),
        };
        let page = self.people[who as usize].page(&path).await?;
        if task.action == "create" && !page.contains("action=\"/batches\"") {
            return Ok(None);
        }
        let form = match task.action {
            "create" => fill(&page, "/batches", &[]),
            "freeze" => fill(&page, &at("freeze"), &[]),
            "check" => fill_check(&page, &at("check")),
            "approve" => {
                let total = yuan(task.total_fen);
                fill(&page, &at("approve"), &[("total", &total), ("password", PASSWORD)])
            }
            "issue_file" => fill(&page, &at("file"), &[("profile", "neutral")]),
            "mark_sent" => fill(&page, &at("sent"), &[("voucher_no", &format!("V-{no}"))]),
            "load_return" => {
                let file = self.bank_file(task, db, &today(&page)?).await.map_err(Halt::Odd)?;
                fill_file(&page, &at("returns"), &[], (&format!("return-{no}.csv"), &file))
            }
            "confirm_return" => {
                fill(&page, &at(&format!("returns/{}/confirmation", task.return_no)), &[])
            }
            _ => fill(&page, &at("close"), &[("receipts", "2027-记-0315")]),
        }?;
        Ok(Some(Sent { who, form, batch_no: no.clone(), action: task.action }))
    }

    /// What the bank answers: by the seed, half of the payments fail at the first attempt.
    async fn bank_file(&self, task: &Task, db: &Db, day: &str) -> Outcome<String> {
        let lines = format!(
            "SELECT l.line_ref, CAST(l.amount_fen - l.tax_fen AS TEXT), \
                 CAST(l.payment_line_id AS TEXT), CAST((SELECT COUNT(*) FROM batch_line o \
                     WHERE o.payment_line_id = l.payment_line_id AND o.{OURS}) AS TEXT) \
             FROM batch_line l WHERE l.batch_id = {} AND l.outcome = 'pending' ORDER BY l.seq",
            task.batch_id
        );
        let mut file =
            "\u{feff}line_id,status,paid_amount,bank_serial,paid_at,reason_code,reason_text\r\n"
                .to_owned();
        for line in db.rows(&lines).await? {
            let [reference, amount, payment, attempts] = line.as_slice() else { continue };
            let fails = Chance::new(self.seed, &format!("payment {payment}")).coin();
            let row = if fails && attempts == "1" {
                format!("{reference},F,0.00,S{reference},{day},account_closed,账户已销户\r\n")
            } else {
                let amount = yuan(amount.parse().map_err(|_| format!("amount {amount}"))?);
                format!("{reference},S,{amount},S{reference},{day},,\r\n")
            };
            file.push_str(&row);
        }
        Ok(file)
    }

    /// What is wrong with a registry in the middle of the month: broken invariants, steps that
    /// were answered for and are not on record, steps that are on record twice.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn faults(&self, db: &Db) -> Outcome<Vec<String>> {
        self.faults_at(db, f64::INFINITY).await
    }

    /// The same for a registry that ended at an instant, in seconds since 1970: what was answered
    /// for before it has to be there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn faults_at(&self, db: &Db, ended: f64) -> Outcome<Vec<String>> {
        let mut faults = invariants::broken(db).await?;
        let kept = db
            .rows(
                "SELECT b.batch_no, s.action, CAST(COUNT(*) AS TEXT) FROM batch_step s \
                 JOIN batch b ON b.id = s.batch_id GROUP BY b.batch_no, s.action",
            )
            .await?;
        let mut on_record = BTreeMap::new();
        for row in kept {
            if let [batch_no, action, count] = row.as_slice() {
                let count: i64 = count.parse().map_err(|_| format!("count {count}"))?;
                if batch_no.as_str() >= FIRST && count > 1 {
                    faults.push(format!("{batch_no} {action} happened {count} times"));
                }
                on_record.insert((batch_no.clone(), action.clone()), count);
            }
        }
        for told in self.answered.iter().filter(|told| told.at <= ended) {
            let key = (told.batch_no.clone(), told.action.to_owned());
            if !on_record.contains_key(&key) {
                let Answered { batch_no, action, .. } = told;
                faults.push(format!("{batch_no} {action} was answered for and is lost"));
            }
        }
        Ok(faults)
    }

    /// What is wrong with a registry at the end of the month.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn faults_at_end(&self, db: &Db) -> Outcome<Vec<String>> {
        let mut faults = self.faults(db).await?;
        let settled = format!("FROM batch_line l WHERE l.outcome = 'settled' AND l.{OURS}");
        let count = db.number(&format!("SELECT COUNT(*) {settled}")).await?;
        let sum = format!("SELECT CAST(COALESCE(SUM(l.amount_fen), 0) AS BIGINT) {settled}");
        let sum = db.number(&sum).await?;
        let left_count = db.number(&format!("SELECT COUNT(*) {}", left())).await?;
        let left = format!("SELECT CAST(COALESCE(SUM(p.amount_fen), 0) AS BIGINT) {}", left());
        let left = db.number(&left).await?;
        if (count + left_count, sum + left) != (self.persons, self.sum_fen) {
            let (persons, wanted) = (self.persons, self.sum_fen);
            faults.push(format!(
                "{count} payments of {sum} fen and {left} fen left instead of {persons} of {wanted}"
            ));
        }
        Ok(faults)
    }
}

/// Whose task it is.
fn desk(task: &Task) -> Who {
    match task.action {
        "check" | "confirm_return" => Who::Checker,
        "approve" | "close" => Who::Approver,
        _ => Who::Maker,
    }
}

/// Payments of ours that a bank sent back and that are in no batch.
fn left() -> String {
    format!(
        "FROM payment_line p WHERE p.state = 'payable' AND EXISTS \
         (SELECT 1 FROM batch_line l WHERE l.payment_line_id = p.id AND l.{OURS})"
    )
}

/// The three people, signed in.
async fn office(site: &str) -> Outcome<[Visitor; 3]> {
    let visitor = || Visitor::new(site, false);
    let mut people = [visitor()?, visitor()?, visitor()?];
    let logins = ["finance-maker", "finance-checker", "finance-approver"];
    for (person, login) in people.iter_mut().zip(logins) {
        person.sign_in(login).await.map_err(|halt| halt.told())?;
    }
    Ok(people)
}

/// An amount as people write it.
fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

/// The program's own date, which stands at the foot of its pages before the day of the week.
///
/// # Errors
/// When the page has none.
pub fn today(page: &str) -> Result<String, Halt> {
    let before = page.split_once(" 星期").map(|(before, _)| before);
    let day = before.and_then(|before| before.get(before.len().checked_sub(10)?..));
    day.map(str::to_owned).ok_or_else(|| Halt::Odd("the page has no date".to_owned()))
}
