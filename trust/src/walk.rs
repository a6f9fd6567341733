//! People who go through a registry by chance: links, forms with something typed into them, steps
//! of the money month, and a program that registers people. The same seed walks the same way
//! through registries that answer the same.

use serde_json::json;

use crate::Outcome;
use crate::anyform::{Form, forms, links, words};
use crate::database::Db;
use crate::month::Month;
use crate::program::Program;
use crate::seed::Chance;
use crate::visitor::{Halt, Reply, Visitor};

/// Who walks, one for most of the roles; the province's finance office plays its month.
pub const WALKERS: [&str; 15] = [
    "clerk-01",
    "head-01",
    "sign-01",
    "clerk-02",
    "hr-gulou",
    "hr-fuzhou",
    "hr-fuzhou-2",
    "hr-province",
    "hr-province-3",
    "gx-gulou",
    "gx-province",
    "xiamen-maker",
    "xiamen-checker",
    "xiamen-approver",
    "auditor",
];
/// Where forms are left alone: they end sessions, show secrets once, or start work beside the
/// requests, whose moments nobody decides.
const LEFT_ALONE: [&str; 11] = [
    "/sign-out",
    "/account",
    "/me",
    "/authorisations",
    "/activation",
    "/runs",
    "/exports",
    "/scenarios",
    "/drafts",
    "/reveal",
    "/search",
];

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What was done.
    pub what: String,
    /// Its status; 0 where there was none.
    pub status: u16,
    /// Where it led.
    pub location: String,
    /// What the page says.
    pub words: String,
}

/// The people on their way through one registry.
#[derive(Debug)]
pub struct Walk {
    people: Vec<(Visitor, String)>,
    month: Month,
    program: Program,
    serial: u64,
    db: Db,
}

impl Walk {
    /// Signs everybody in.
    ///
    /// # Errors
    /// When somebody is not let in.
    pub async fn begin(site: &str, db: Db, seed: u64) -> Outcome<Self> {
        let mut people = Vec::with_capacity(WALKERS.len());
        for login in WALKERS {
            let mut person = Visitor::new(site, false)?;
            person.sign_in(login).await.map_err(|halt| halt.told())?;
            people.push((person, String::new()));
        }
        let program = Program::authorised(site, &db).await?;
        let month = Month::begin(site, &db, seed).await?;
        Ok(Self { people, month, program, serial: 0, db })
    }

    /// Carries out the next command that chance gives.
    ///
    /// # Errors
    /// When nothing answers.
    pub async fn command(&mut self, mut chance: Chance) -> Outcome<Told> {
        match chance.below(20) {
            0 | 1 => self.pay().await,
            2 => self.register(&mut chance).await,
            _ => self.wander(&mut chance).await,
        }
    }

    /// A step of the money month.
    async fn pay(&mut self) -> Outcome<Told> {
        match self.month.step(&self.db).await {
            Ok(action) => Ok(told(format!("pay {}", action.unwrap_or("over")), None)),
            Err(Halt::Refused(what, reply)) => Ok(told(format!("pay {what}"), Some(&reply))),
            Err(Halt::Odd(why)) => {
                let why = why.split(':').next().unwrap_or_default();
                Ok(told(format!("pay: {why}"), None))
            }
            Err(halt) => Err(halt.told()),
        }
    }

    /// An enterprise's program registers somebody, sometimes twice, sometimes wrongly.
    async fn register(&mut self, chance: &mut Chance) -> Outcome<Told> {
        if !chance.coin() || self.serial == 0 {
            self.serial += 1;
        }
        let number = resident_number(self.serial, chance.below(10) == 0);
        let account = bank_account(self.serial);
        let row = json!({ "engineers": [{
            "name": format!("测试人{}", self.serial), "document_type": "resident_id",
            "document_no": number, "mobile": "13800000000", "post": "算法工程师",
            "professional_title": "高级工程师", "education": "硕士研究生",
            "hired_on": "2023-06-27", "full_time": true, "rostered_on": "2027-01-05",
            "bank_name": "中国银行", "cnaps": "105391000010", "account_no": account,
        }] });
        let key = format!("walk-{}", self.serial);
        let answer = self.program.post("/engineers", &key, row.to_string()).await?;
        // The number of the request is another every time.
        let body = answer.body.split("urn:juncai:request").next().unwrap_or_default().to_owned();
        Ok(Told {
            what: format!("register {key}"),
            status: answer.status,
            location: String::new(),
            words: body,
        })
    }

    /// Somebody follows a link of the page before them, or fills in a form of it.
    async fn wander(&mut self, chance: &mut Chance) -> Outcome<Told> {
        let who = usize::try_from(chance.below(self.people.len() as u64)).unwrap_or(0);
        let (person, page) = &mut self.people[who];
        let login = WALKERS[who];
        let open = forms(page);
        let open: Vec<&Form> = open.iter().filter(|form| may_send(form)).collect();
        if !open.is_empty() && chance.below(3) != 0 {
            let form = open[usize::try_from(chance.below(open.len() as u64)).unwrap_or(0)];
            let filled = form.typed(chance);
            let reply = person.send(&filled).await.map_err(|halt| halt.told())?;
            let told = told(format!("{login} sends {}", form.action), Some(&reply));
            *page = match reply.status {
                303 => person.get(&reply.location).await.map_err(|halt| halt.told())?.body,
                _ => reply.body,
            };
            return Ok(told);
        }
        let ways = links(page);
        let at = usize::try_from(chance.below(ways.len().max(1) as u64)).unwrap_or(0);
        let way = ways.get(at).cloned().unwrap_or_else(|| "/".to_owned());
        let reply = person.get(&way).await.map_err(|halt| halt.told())?;
        let told = told(format!("{login} opens {way}"), Some(&reply));
        *page = if reply.status == 200 { reply.body } else { String::new() };
        Ok(told)
    }
}

fn may_send(form: &Form) -> bool {
    !form.has_file && !LEFT_ALONE.iter().any(|part| form.action.contains(part))
}

fn told(what: String, reply: Option<&Reply>) -> Told {
    let (status, location, words) = match reply {
        Some(reply) => (reply.status, reply.location.clone(), words(&reply.body)),
        None => (0, String::new(), String::new()),
    };
    Told { what, status, location, words }
}

/// A resident identity number of Fuzhou with its check digit (ISO 7064, MOD 11-2), or a wrong one.
fn resident_number(serial: u64, is_wrong: bool) -> String {
    const WEIGHTS: [u64; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let (month, day) = (1 + serial / 28 % 12, 1 + serial % 28);
    let number =
        format!("35010219{:02}{month:02}{day:02}{:03}", 70 + serial / 336 % 30, serial % 999);
    let digits = number.chars().filter_map(|c| c.to_digit(10)).map(u64::from);
    let sum: u64 = digits.zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    let check = (12 - sum % 11) % 11 + u64::from(is_wrong);
    let check = if check % 11 == 10 { "X".to_owned() } else { (check % 11).to_string() };
    number + &check
}

/// A number of a bank account with its check digit (Luhn).
fn bank_account(serial: u64) -> String {
    let number = format!("621700{:012}", 5_000_000 + serial);
    let digits = number.chars().rev().filter_map(|c| c.to_digit(10)).enumerate();
    let doubled = digits.map(|(place, digit)| match (place % 2, digit * 2) {
        (0, twice) if twice > 9 => twice - 9,
        (0, twice) => twice,
        _ => digit,
    });
    let check = (10 - doubled.sum::<u32>() % 10) % 10;
    format!("{number}{check}")
}

#[cfg(test)]
mod tests {
    use super::{bank_account, resident_number};

    #[test]
    fn numbers_have_their_check_digits() {
        assert_eq!(resident_number(0, false).len(), 18);
        assert_ne!(resident_number(5, false), resident_number(5, true));
        assert_eq!(bank_account(1).len(), 19);
    }
}
